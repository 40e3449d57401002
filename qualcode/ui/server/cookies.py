"""The two cookies of the sign-in pages, and how they are set."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from qualcode.store.accounts import SESSION_SECONDS

SESSION = "qc_session"
"""The session's token, which no script of a page can read."""
FORM = "qc_form"
"""What a form must send back, so that only a form that we showed is taken."""


def is_https(request: Request) -> bool:
    """True where the browser speaks https, also through a proxy that ends it before us."""
    origin = request.headers.get("origin", "")
    return request.url.scheme == "https" or origin.startswith("https://")


def keep_session(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        SESSION,
        token,
        max_age=SESSION_SECONDS,
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
