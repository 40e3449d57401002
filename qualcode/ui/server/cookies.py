"""The cookies of the sign-in pages, and how they are set; no script of a page can read them."""

from __future__ import annotations

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from qualcode.store.accounts import SESSION_SECONDS
from qualcode.store.attempts import KNOWN_SECONDS
from qualcode.ui.server import institution

SESSION = "qc_session"
"""The session's token."""
FORM = "qc_form"
"""What a form must send back, so that only a form that we showed is taken."""
BROWSER = "qc_known"
"""Shows that somebody has signed in here before; it lets nobody in (see store/attempts.py)."""
ONWARD = "qc_onward"
"""Where to go on after the way over the institution's pages."""
ONWARD_SECONDS = 15 * 60


def is_https(request: Request) -> bool:
    """True where the browser speaks https, also through a proxy that ends it before us.

    A browser names its origin with a form; when it comes back from the institution it names none,
    but the address to come back to is known.
    """
    origin = request.headers.get("origin", "")
    return (
        request.url.scheme == "https"
        or origin.startswith("https://")
        or (request.url.path == institution.BACK and institution.is_https())
    )


def keep_session(request: Request, response: Response, token: str) -> None:
    _keep(request, response, SESSION, token, SESSION_SECONDS)


def keep_browser(request: Request, response: Response, token: str) -> None:
    _keep(request, response, BROWSER, token, KNOWN_SECONDS)


def keep_onward(request: Request, response: Response, path: str) -> None:
    _keep(request, response, ONWARD, quote(path, safe=""), ONWARD_SECONDS)


def onward(request: Request) -> str:
    return unquote(request.cookies.get(ONWARD, ""))


def drop_onward(response: Response) -> None:
    response.delete_cookie(ONWARD, path="/", httponly=True, samesite="lax")


def _keep(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response) -> None:
    response.delete_cookie(SESSION, path="/", httponly=True, samesite="lax")


def keep_form(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        FORM, token, path="/", secure=is_https(request), httponly=True, samesite="strict"
    )
