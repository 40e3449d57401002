"""The sign-in pages: a form comes in, the accounts are asked, a cookie or a sentence goes out."""

from __future__ import annotations

import re
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from qualcode.errors import BadCommand, NotAllowed, QualcodeError
from qualcode.store.accounts import (
    LONGEST_PASSWORD,
    NO_INVITATION,
    SHORTEST_PASSWORD,
    Invitation,
)
from qualcode.store.identity import LONGEST_DISPLAY
from qualcode.ui import places
from qualcode.ui.coder.edits import EDITS
from qualcode.ui.server import clients, cookies, institution
from qualcode.ui.server.account import PASSWORD, password
from qualcode.ui.server.edits import edits
from qualcode.ui.server.forms import ICON, Field, Form, form_page, page
from qualcode.ui.server.posted import (
    DIFFERENT,
    EXPIRED,
    ask,
    fields,
    form_token,
    is_ours,
    own_path,
    too_large,
)

OTHER_NAME = "If that is not you, ask your lead to add you under a name without @."
START_PAGE = '<a href="/">Back to the start page</a>'


# -- sign in and out -----------------------------------------------------------------------------


async def login(request: Request) -> Response:
    """``GET`` shows the form, or leads on who is signed in; ``POST`` signs in."""
    accounts = places.accounts()
    if request.method != "POST":
        onward = own_path(request.query_params.get("next", ""))
        if await ask(accounts.who, request.cookies.get(cookies.SESSION)):
            return RedirectResponse(onward, 303)
        return _login_form(request, onward, first=not await ask(accounts.has_users))
    form = await fields(request)
    if form is None:
        return too_large()
    onward, name = own_path(form.get("next", "")), form.get("name", "")
    if not is_ours(request, form):
        return _login_form(request, onward, name=name, wrong=EXPIRED, status=403)
    browser = request.cookies.get(cookies.BROWSER)
    try:
        token = await ask(
            accounts.sign_in,
            name,
            form.get("password", ""),
            address=clients.address(request),
            browser=browser,
        )
    except QualcodeError as error:
        return _login_form(request, onward, name=name, wrong=str(error), status=401)
    await ask(accounts.sign_out, request.cookies.get(cookies.SESSION))
    response = RedirectResponse(onward, 303)
    cookies.keep_session(request, response, token)
    person = await ask(accounts.who, token)
    if person:
        cookies.keep_browser(request, response, await ask(accounts.know_browser, person, browser))
    return response


async def logout(request: Request) -> Response:
    """End the session, in every tab; ``everywhere=1`` ends all of this person's."""
    accounts, token = places.accounts(), request.cookies.get(cookies.SESSION)
    form = await fields(request)
    if form is None:
        return too_large()
    name = await ask(accounts.who, token)
    if name and form.get("everywhere") and is_ours(request, form):
        await ask(accounts.sign_out_everywhere, name)
    await ask(accounts.sign_out, token)
    user = await ask(accounts.user, name) if name else None
    response = RedirectResponse("/", 303) if not user or user.has_password else _signed_out()
    cookies.drop_session(response)
    return response


def _signed_out() -> Response:
    return page(
        "You are signed out",
        lede="You are signed out of qualcode. In this browser you may still be signed in with your "
        "institution; on a computer that others use, sign out there too.",
        foot=START_PAGE,
    )


def _login_form(
    request: Request,
    onward: str,
    *,
    name: str = "",
    wrong: str = "",
    first: bool = False,
    status: int = 200,
) -> Response:
    ways = {
        f"Sign in with {way.label}": institution.address(way, onward)
        for way in institution.institutions()
    }
    lede = "There is no account yet: make the first one with the one-time link in the terminal."
    form = Form(
        "/login",
        "Sign in",
        (
            Field("name", "Name", name[:100], autocomplete="username"),
            Field(
                "password",
                "Password",
                kind="password",
                autocomplete="current-password",
                longest=LONGEST_PASSWORD,
            ),
        ),
        {"next": onward, "form": form_token(request)},
        quiet=bool(ways),
    )
    answer = form_page(
        "Sign in",
        form,
        doors=ways,
        lede=lede if first and not ways else "",
        wrong=wrong,
        foot=f"No account? {_HOW_TO_GET_ONE[bool(ways)]} {START_PAGE}",
        status=status,
    )
    cookies.keep_form(request, answer, form_token(request))
    return answer


_HOW_TO_GET_ONE = {
    False: "The lead of your study sends you a link.",
    True: "You get one when you first sign in with your institution; the lead of your study adds "
    "you by your e-mail address there.",
}


# -- with an institution -------------------------------------------------------------------------


async def sign_in_with(request: Request) -> Response:
    """Lead to the institution's own page, and remember where to go on afterwards."""
    known = {way.key: way for way in institution.institutions()}
    way = known.get(request.query_params.get("with", ""))
    if way is None:
        return RedirectResponse("/login", 303)
    answer = await institution.lead_there(request, way)
    if answer is None:
        return _not_arrived(
            f"The sign-in of {way.label} does not answer; try again in a few minutes, or ask "
            "whoever runs this server.",
            502,
        )
    cookies.keep_onward(request, answer, own_path(request.query_params.get("next", "")))
    return answer


async def come_back(request: Request) -> Response:
    """Somebody comes back from their institution, and is signed in here or told why not."""
    accounts = places.accounts()
    try:
        person = await institution.come_back(request)
        if person is None:
            raise NotAllowed("You were not signed in with your institution; try again.")
        token = await ask(accounts.arrive, person)
    except QualcodeError as error:
        return _not_arrived(str(error), 403)
    await ask(accounts.sign_out, request.cookies.get(cookies.SESSION))
    response = RedirectResponse(own_path(cookies.onward(request)), 303)
    cookies.keep_session(request, response, token)
    cookies.drop_onward(response)
    return response


def _not_arrived(sentence: str, status: int) -> Response:
    return page(
        "You are not signed in",
        wrong=sentence,
        foot=f'<a href="/login">Sign in another way, or try again</a>. {START_PAGE}',
        status=status,
    )


# -- join ----------------------------------------------------------------------------------------


async def join(request: Request) -> Response:
    """An invited person, or the first one, chooses a password and is signed in."""
    accounts = places.accounts()
    if request.method != "POST":
        token = _token_in(request.query_params.get("token", ""))
        if not token:
            return _code_form()
        invitation = await ask(accounts.invitation, token)
        return _join_form(request, token, invitation) if invitation else _no_invitation()
    form = await fields(request)
    if form is None:
        return too_large()
    token = form.get("token", "")
    invitation = await ask(accounts.invitation, token)
    if invitation is None:
        return _no_invitation()
    typed = replace(
        invitation,
        name=invitation.name or form.get("name", "")[:100],
        display=form.get("display", "")[:LONGEST_DISPLAY],
    )
    if not is_ours(request, form):
        return _join_form(request, token, invitation, typed, EXPIRED, 403)
    try:
        if form.get("password", "") != form.get("again", ""):
            raise BadCommand(DIFFERENT)
        if institution.owns(typed.name):
            raise BadCommand(
                f"{typed.name} is an e-mail address of an institution: its person signs in there. "
                + ("Choose a name without @." if invitation.is_first else OTHER_NAME)
            )
        session = await ask(
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
    form = Form(
        "/join",
        "Make the account",
        (
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
        {"token": token, "form": form_token(request)},
    )
    answer = form_page(
        "Make the first account" if first else "Make your account",
        form,
        lede="It is kept on this machine only. Whoever has it can start studies and invite others."
        if first
        else "You were invited to work here. Choose a password that nobody else knows.",
        wrong=wrong,
        foot=f'Is there an account already? <a href="/login">Sign in</a>. {START_PAGE}',
        status=status,
    )
    cookies.keep_form(request, answer, form_token(request))
    return answer


def _code_form() -> Response:
    hint = "From the study lead; for the first account it stands in the terminal."
    code = Field("token", "Link or code", hint=hint, longest=500)
    form = Form("/join", "Go on", (code,), method="get")
    return form_page("Open an invitation", form, foot=START_PAGE)


def _no_invitation() -> Response:
    return page(
        "This link does not work",
        wrong=NO_INVITATION,
        foot="The lead of your study can send a new one; the link for the first account is new "
        'each time qualcode starts. <a href="/login">Sign in</a> if you have an account. '
        + START_PAGE,
        status=410,
    )


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
    Route(EDITS, edits, methods=["POST"]),
    Route("/login", login, methods=["GET", "POST"]),
    Route(institution.WITH, sign_in_with, methods=["GET"]),
    Route(institution.BACK, come_back, methods=["GET"]),
    Route("/logout", logout, methods=["POST"]),
    Route(PASSWORD, password, methods=["GET", "POST"]),
    Route("/join", join, methods=["GET", "POST"]),
]
