"""Who is at the browser: the sign-in cookie, asked of the accounts on every run."""

from __future__ import annotations

import html
from urllib.parse import quote, urlsplit

import streamlit as st

from qualcode.ui import places
from qualcode.ui.server import institution
from qualcode.ui.server.account import PASSWORD
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
    """One's account, and a button that signs out in all tabs; nothing where nobody is signed in."""
    if signed_in() is not None:
        st.html(
            f'{_STYLE}<form class="qc-door" method="post" action="/logout">'
            f'<a target="_self" href="{PASSWORD}">Account</a>'
            f'<button type="submit">{html.escape(label)}</button></form>',
            width="content",
        )


def sign_in_link(label: str = "Sign in", then: str = "/") -> None:
    """A link to the sign-in page in this same tab, from which one comes back to ``then``."""
    door(label, f"/login?next={quote(then, safe='')}")


def institutions() -> bool:
    """True where people can sign in with an institution."""
    return bool(institution.institutions())


def institution_links(then: str = "/") -> None:
    """A link for each institution that people can sign in with."""
    for way in institution.institutions():
        door(f"Sign in with {way.label}", institution.address(way, then))


def sign_in_name(typed: str) -> str:
    """The sign-in name that a lead means: an institution's e-mail address is kept in small letters.

    Call it before a member is added, so that the member's name is that of the account.
    """
    name = typed.strip()
    return name.lower() if institution.owns(name) else name


def needs_link(name: str) -> bool:
    """True where somebody cannot sign in yet without a link from their lead."""
    return not institution.owns(name) and places.accounts().user(name) is None


def invite(name: str, display: str) -> str | None:
    """A one-time link for this person, or None where they sign in with their institution.

    Raises
    ------
    AlreadyInStudy
        They have an account and sign in as before.
    NotAllowed
        Somebody else has invited them.
    """
    if institution.owns(name):
        return None
    token = places.accounts().invite(name, display, by=signed_in() or "")
    return f"{address()}/join?token={token}"


def address() -> str:
    """Where the browser found this app, without the page."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def door(label: str, address: str) -> None:
    """A link to one of the server's own pages, in this same tab."""
    st.html(
        f'{_STYLE}<span class="qc-door"><a target="_self" href="{html.escape(address)}">'
        f"{html.escape(label)}</a></span>",
        width="content",
    )
