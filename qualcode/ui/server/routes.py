"""The sign-in pages: a form comes in, the accounts are asked, a cookie or a sentence goes out.

That a form was sent from our own page is seen twice: by its origin, in the gate, and here by a
token that stands in the form and in a cookie.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from qualcode.errors import BadCommand, QualcodeError
from qualcode.store.accounts import (
    LONGEST_DISPLAY,
    LONGEST_PASSWORD,
    NO_INVITATION,
    SHORTEST_PASSWORD,
    Invitation,
)
from qualcode.ui import places
from qualcode.ui.server import cookies
from qualcode.ui.server.forms import ICON, Field, form_page, message_page

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_BODY = 32 * 1024
EXPIRED = "This form had run out; it is fresh now, send it again."
START_PAGE = '<a href="/">Back to the start page</a>'

# One password check takes 64 MB and a core for a moment: those who wait, wait in a queue and not
# in the threads that serve everybody else.
_at_work = anyio.CapacityLimiter(2)


async def _ask(question: Callable[P, T], *values: P.args, **options: P.kwargs) -> T:
    """Ask the accounts, away from the loop that serves the app."""
    return await anyio.to_thread.run_sync(lambda: question(*values, **options), limiter=_at_work)


# -- sign in and out -----------------------------------------------------------------------------


async def login(request: Request) -> Response:
    """``GET`` shows the form, or leads on who is signed in; ``POST`` signs in."""
    accounts = places.accounts()
    if request.method != "POST":
        onward = own_path(request.query_params.get("next", ""))
        if await _ask(accounts.who, request.cookies.get(cookies.SESSION)):
            return RedirectResponse(onward, 303)
        return _login_form(request, onward, first=not await _ask(accounts.has_users))
    form = await _form(request)
    if form is None:
        return _too_large()
    onward, name = own_path(form.get("next", "")), form.get("name", "")
    if not _is_ours(request, form):
        return _login_form(request, onward, name=name, wrong=EXPIRED, status=403)
    try:
        token = await _ask(accounts.sign_in, name, form.get("password", ""))
    except QualcodeError as error:
        return _login_form(request, onward, name=name, wrong=str(error), status=401)
    await _ask(accounts.sign_out, request.cookies.get(cookies.SESSION))
    response = RedirectResponse(onward, 303)
    cookies.keep_session(request, response, token)
    return response


async def logout(request: Request) -> Response:
    """End the session here and now, in every tab."""
    await _ask(places.accounts().sign_out, request.cookies.get(cookies.SESSION))
    response = RedirectResponse("/", 303)
    cookies.drop_session(response)
    return response


def _login_form(
    request: Request,
    onward: str,
    *,
    name: str = "",
    wrong: str = "",
    first: bool = False,
    status: int = 200,
) -> Response:
    lede = "There is no account yet: make the first one with the one-time link in the terminal."
    page = form_page(
        "Sign in",
        action="/login",
        button="Sign in",
        lede=lede if first else "",
        wrong=wrong,
        fields=(
            Field("name", "Name", name[:100], autocomplete="username"),
            Field(
                "password",
                "Password",
                kind="password",
                autocomplete="current-password",
                longest=LONGEST_PASSWORD,
            ),
        ),
        hidden={"next": onward, "form": _form_token(request)},
        foot=f"No account? The lead of your study sends you a link. {START_PAGE}",
        status=status,
    )
    cookies.keep_form(request, page, _form_token(request))
    return page


# -- join ----------------------------------------------------------------------------------------


async def join(request: Request) -> Response:
    """An invited person, or the first one, chooses a password and is signed in."""
    accounts = places.accounts()
    if request.method != "POST":
        token = _token_in(request.query_params.get("token", ""))
        if not token:
            return _code_form()
        invitation = await _ask(accounts.invitation, token)
        return _join_form(request, token, invitation) if invitation else _no_invitation()
    form = await _form(request)
    if form is None:
        return _too_large()
    token = form.get("token", "")
    invitation = await _ask(accounts.invitation, token)
    if invitation is None:
        return _no_invitation()
    typed = replace(
        invitation,
        name=invitation.name or form.get("name", "")[:100],
        display=form.get("display", "")[:LONGEST_DISPLAY],
    )
    if not _is_ours(request, form):
        return _join_form(request, token, invitation, typed, EXPIRED, 403)
    try:
        if form.get("password", "") != form.get("again", ""):
            raise BadCommand("The two passwords differ; type them again.")
        session = await _ask(
            accounts.accept_invitation, token, form.get("password", ""), typed.name, typed.display
        )
    except QualcodeError as error:
        return _join_form(request, token, invitation, typed, str(error), 400)
    response = RedirectResponse("/", 303)
    cookies.keep_session(request, response, session)
    return response


def _join_form(
    request: Request,
    token: str,
    invitation: Invitation,
    typed: Invitation | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    typed = typed or invitation
    first = invitation.is_first
    page = form_page(
        "Make the first account" if first else "Make your account",
        action="/join",
        button="Make the account",
        lede="It is kept on this machine only. Whoever has it can start studies and invite others."
        if first
        else "You were invited to work here. Choose a password that nobody else knows.",
        wrong=wrong,
        fields=(
            Field(
                "name",
                "Sign-in name",
                typed.name,
                autocomplete="username",
                hint="Letters, digits and . @ + - _" if first else "",
                fixed=not first,
                longest=60,
            ),
            Field(
                "display",
                "Your name as others see it",
                typed.display,
                autocomplete="name",
                hint="May stay empty: then it is the sign-in name.",
                required=False,
                longest=LONGEST_DISPLAY,
            ),
            Field(
                "password",
                "Password",
                kind="password",
                autocomplete="new-password",
                hint=f"At least {SHORTEST_PASSWORD} characters; four words do well.",
                longest=LONGEST_PASSWORD,
            ),
            Field(
                "again",
                "Password again",
                kind="password",
                autocomplete="new-password",
                longest=LONGEST_PASSWORD,
            ),
        ),
        hidden={"token": token, "form": _form_token(request)},
        foot=f'Is there an account already? <a href="/login">Sign in</a>. {START_PAGE}',
        status=status,
    )
    cookies.keep_form(request, page, _form_token(request))
    return page


def _code_form() -> HTMLResponse:
    return form_page(
        "Open an invitation",
        action="/join",
        method="get",
        button="Go on",
        fields=(
            Field(
                "token",
                "Link or code",
                hint="From the study lead; for the first account it stands in the terminal.",
                longest=500,
            ),
        ),
        foot=START_PAGE,
    )


def _no_invitation() -> HTMLResponse:
    return message_page(
        "This link does not work",
        wrong=NO_INVITATION,
        foot="The lead of your study can send a new one; the link for the first account is new "
        'each time qualcode starts. <a href="/login">Sign in</a> if you have an account. '
        + START_PAGE,
        status=410,
    )


# -- forms ---------------------------------------------------------------------------------------


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form, or None where it is larger than any form of ours."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_BODY:
                return None
    except ClientDisconnect:
        return None
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), True, max_num_fields=20)
    except ValueError:
        return None
    return dict(pairs)


def _too_large() -> Response:
    return PlainTextResponse("This form is larger than any form of qualcode.\n", 413)


def _form_token(request: Request) -> str:
    """The token of this browser's forms; one for all its tabs, so that none runs out another."""
    kept = request.cookies.get(cookies.FORM, "")
    if not hasattr(request.state, "form_token"):
        is_token = re.fullmatch(r"[\w-]{32}", kept)
        request.state.form_token = kept if is_token else secrets.token_urlsafe(24)
    return str(request.state.form_token)


def _is_ours(request: Request, form: dict[str, str]) -> bool:
    sent, kept = form.get("form", ""), request.cookies.get(cookies.FORM, "")
    return bool(kept) and hmac.compare_digest(sent.encode(), kept.encode())


def own_path(path: str) -> str:
    """The path to go on to, if it is one of this server's pages; the start page otherwise.

    >>> own_path("/code?study=nurses"), own_path("//evil.example"), own_path("https://evil.example")
    ('/code?study=nurses', '/', '/')
    """
    if not re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}", path):
        return "/"
    split = urlsplit(path)
    if split.scheme or split.netloc or split.path in ("/login", "/logout", "/join"):
        return "/"
    return path


def _token_in(text: str) -> str:
    """The token in what a person pastes: the code, or the whole link around it."""
    found = re.search(r"(?:token=|^)([\w-]{20,100})(?:$|[&#\s])", text.strip())
    return found.group(1) if found else text.strip()


async def icon(_request: Request) -> Response:
    """The icon of the tab, in the place where Streamlit's page looks for it."""
    headers = {"cache-control": "public, max-age=86400"}
    return Response(ICON, media_type="image/svg+xml", headers=headers)


ROUTES = [
    Route("/favicon.png", icon),
    Route("/login", login, methods=["GET", "POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/join", join, methods=["GET", "POST"]),
]
