"""One's own account: change the password, sign out everywhere."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qualcode.errors import BadCommand, QualcodeError
from qualcode.store.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD, User
from qualcode.ui import places
from qualcode.ui.server import cookies
from qualcode.ui.server.forms import Field, Form, form_page, page
from qualcode.ui.server.posted import (
    DIFFERENT,
    EXPIRED,
    ask,
    fields,
    form_token,
    is_ours,
    too_large,
)

PASSWORD = "/password"
START_PAGE = '<a href="/">Back to the start page</a>'
CHANGED = "Your password is changed. You are signed out everywhere but here."


async def password(request: Request) -> Response:
    """``GET`` shows the account of whoever is signed in; ``POST`` changes their password."""
    accounts, session = places.accounts(), request.cookies.get(cookies.SESSION, "")
    name = await ask(accounts.who, session)
    user = await ask(accounts.user, name) if name else None
    if user is None:
        return RedirectResponse(f"/login?next={PASSWORD}", 303)
    if request.method != "POST":
        return _account(request, user)
    form = await fields(request)
    if form is None:
        return too_large()
    if not is_ours(request, form):
        return _account(request, user, wrong=EXPIRED, status=403)
    try:
        if form.get("password", "") != form.get("again", ""):
            raise BadCommand(DIFFERENT)
        await ask(
            accounts.change_password,
            user.name,
            form.get("old", ""),
            form.get("password", ""),
            session=session,
        )
    except QualcodeError as error:
        return _account(request, user, wrong=str(error), status=400)
    return _account(request, user, done=CHANGED)


def _account(
    request: Request, user: User, *, wrong: str = "", done: str = "", status: int = 200
) -> Response:
    shown = f"{user.display} ({user.name})" if user.display else user.name
    token = form_token(request)
    everywhere = Form(
        "/logout",
        "Sign out everywhere",
        hidden={"everywhere": "1", "form": token},
        quiet=True,
    )
    more = (
        "<h2>All your browsers</h2><p>Signs you out on every computer, this one too. What you have "
        f"coded stays.</p>{everywhere.html(wrong=False)}"
    )
    if not user.has_password:
        answer = page(
            "Your account",
            lede=f"{shown}. You sign in with your institution, and change your password there; "
            "none is kept here.",
            body=more,
            foot=START_PAGE,
        )
    else:
        answer = form_page(
            "Your account",
            _password_form(user.name, token),
            lede=f"{shown}. Choose a new password that nobody else knows.",
            wrong=wrong,
            done=done,
            more=more,
            foot=f"Signed in as {escape(shown)}. {START_PAGE}" if wrong else START_PAGE,
            status=status,
        )
    cookies.keep_form(request, answer, token)
    return answer


def _password_form(name: str, token: str) -> Form:
    def line(field: str, label: str, kind: str, hint: str = "") -> Field:
        return Field(
            field,
            label,
            kind="password",
            autocomplete=f"{kind}-password",
            hint=hint,
            longest=LONGEST_PASSWORD,
        )

    return Form(
        PASSWORD,
        "Change the password",
        (
            line("old", "Present password", "current"),
            line(
                "password",
                "New password",
                "new",
                f"At least {SHORTEST_PASSWORD} characters; four words do well.",
            ),
            line("again", "New password again", "new"),
        ),
        {"username": name, "form": token},
    )
