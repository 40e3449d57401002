"""Who is at the browser: the sign-in cookie, asked of the accounts on every run."""

from __future__ import annotations

import html
from urllib.parse import quote

import streamlit as st

from qualcode.ui import places
from qualcode.ui.server.cookies import SESSION

# Streamlit's own buttons cannot send a form to another page; this one looks like them.
_STYLE = """<style>
.qc-door { display: inline-flex; align-items: center; gap: .7em; margin: 0; font-size: .93rem; }
.qc-door :is(button, a) { font: inherit; color: inherit; background: none; text-decoration: none;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 6px;
  padding: .32em .9em; cursor: pointer; }
.qc-door :is(button, a):hover { border-color: currentColor; }
.qc-door :is(button, a):focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
</style>"""


def signed_in() -> str | None:
    """The name of the person signed in, or None.

    The browser's cookie is fixed when the page is loaded; whether it still counts is asked anew,
    so that a sign-out in another tab or a closed account is noticed with the next click.
    """
    return places.accounts().who(st.context.cookies.get(SESSION))


def display(name: str) -> str:
    """How the screen names this person."""
    user = places.accounts().user(name)
    return user.display if user and user.display else name


def sign_out_form(label: str = "Sign out") -> None:
    """A button that signs out, in all tabs; nothing where nobody is signed in."""
    if signed_in() is not None:
        st.html(
            f'{_STYLE}<form class="qc-door" method="post" action="/logout">'
            f'<button type="submit">{html.escape(label)}</button></form>',
            width="content",
        )


def sign_in_link(label: str = "Sign in", then: str = "/") -> None:
    """A link to the sign-in page in this same tab, from which one comes back to ``then``."""
    door(label, f"/login?next={quote(then, safe='')}")


def door(label: str, address: str) -> None:
    """A link to one of the server's own pages, in this same tab."""
    st.html(
        f'{_STYLE}<span class="qc-door"><a target="_self" href="{html.escape(address)}">'
        f"{html.escape(label)}</a></span>",
        width="content",
    )
