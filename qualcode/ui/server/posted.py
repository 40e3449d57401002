"""What a form sent: read, known as ours, and where it may lead on to.

That a form was sent from our own page is seen twice: by its origin, in the gate, and here by a
token that stands in the form and in a cookie.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from qualcode.ui.server import cookies

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_BODY = 32 * 1024
EXPIRED = "This form had run out; it is fresh now, send it again."
DIFFERENT = "The two passwords differ; type them again."
OURS = ("/login", "/logout", "/join", "/oauth2callback", "/auth")

# One password check takes 64 MB and a core for a moment: those who wait, wait in a queue and not
# in the threads that serve everybody else.
_at_work = anyio.CapacityLimiter(2)


async def ask(question: Callable[P, T], *values: P.args, **options: P.kwargs) -> T:
    """Ask the accounts, away from the loop that serves the app."""
    return await anyio.to_thread.run_sync(lambda: question(*values, **options), limiter=_at_work)


async def fields(request: Request) -> dict[str, str] | None:
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


def too_large() -> Response:
    return PlainTextResponse("This form is larger than any form of qualcode.\n", 413)


def form_token(request: Request) -> str:
    """The token of this browser's forms; one for all its tabs, so that none runs out another."""
    kept = request.cookies.get(cookies.FORM, "")
    if not hasattr(request.state, "form_token"):
        is_token = re.fullmatch(r"[\w-]{32}", kept)
        request.state.form_token = kept if is_token else secrets.token_urlsafe(24)
    return str(request.state.form_token)


def is_ours(request: Request, form: dict[str, str]) -> bool:
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
    if split.scheme or split.netloc or f"{split.path}/".startswith(tuple(f"{p}/" for p in OURS)):
        return "/"
    return path
