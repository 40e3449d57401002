"""The gate: every request passes here before Streamlit or a sign-in page sees it.

A browser sends its cookies to this machine also when another site, or another program's page on
another port, asks it to. The gate lets through only what our own page asks for, under a name that
is ours, and says to the browser what our pages may load.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_NAMES = ("localhost", "127.0.0.1", "::1")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Control of the app by programs, and counts of its visitors: not offered here.
NOT_SERVED = ("/_stcore/agent", "/_stcore/metrics", "/_stcore/script-health-check")
KEPT_BY_BROWSERS = ("/static/", "/component/", "/_stcore/bidi-components/", "/favicon.png")
MEDIA = "/media/"
YEAR = 365 * 24 * 3600

PLAIN_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# A file to download is not a page of ours: opened by itself it may show, and do nothing.
MEDIA_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"


class Gate:
    """Middleware in front of everything: own names, own origin, and the headers of safety."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = ()) -> None:
        self.app = app
        self.hosts = tuple(hosts) or OWN_NAMES
        self.policy = content_policy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, self._with_headers(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if (
            is_own_host(headers.get("host"), self.hosts)
            and same_origin(headers)
            and not scope["path"].startswith(NOT_SERVED)
        ):
            await self.app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        refusal = None
        if not is_own_host(headers.get("host"), self.hosts):
            refusal = PlainTextResponse(
                "qualcode is not served under this name; use the address from its terminal, "
                "or start it with the name allowed.\n",
                421,
            )
        elif scope["path"].startswith(NOT_SERVED):
            refusal = PlainTextResponse("There is nothing here.\n", 404)
        elif scope["method"] not in READING and not same_origin(headers):
            refusal = PlainTextResponse(
                "This came from another site; open qualcode and try again from there.\n", 403
            )
        await (refusal or self.app)(scope, receive, send)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        path, asked = scope["path"], Headers(scope=scope)
        policy = MEDIA_POLICY if path.startswith(MEDIA) else self.policy
        https = is_https(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", policy)
                for name, value in PLAIN_HEADERS.items():
                    headers.setdefault(name, value)
                if not path.startswith(KEPT_BY_BROWSERS):
                    headers["cache-control"] = "no-store"  # interviews stay on no other disk
                if https:
                    _keep_to_https(message, is_named(asked.get("host")))
            await send(message)

        return send_with_headers


def is_https(scope: Scope) -> bool:
    """True where the browser speaks https.

    A proxy that ends it before us says so in ``X-Forwarded-Proto``, which counts from the addresses
    in ``FORWARDED_ALLOW_IPS`` only; a form says it by its origin.
    """
    origin = Headers(scope=scope).get("origin", "")
    return scope.get("scheme") in ("https", "wss") or origin.startswith("https://")


def _keep_to_https(message: Message, named: bool) -> None:
    """Cookies go over https only, those of Streamlit too; so does the next visit under a name.

    Browsers take no such promise for a number; for localhost it would bind other programs there.
    """
    message["headers"] = [
        (name, value + b"; Secure")
        if name.lower() == b"set-cookie" and b"; secure" not in value.lower()
        else (name, value)
        for name, value in message["headers"]
    ]
    if named:
        headers = MutableHeaders(scope=message)
        headers.setdefault("strict-transport-security", f"max-age={YEAR}")


def is_named(host: str | None) -> bool:
    """True for a name that is not this machine's own for itself, and no number.

    >>> is_named("team.example.org:443"), is_named("192.0.2.7"), is_named("localhost:8501")
    (True, False, False)
    """
    name = (urlsplit(f"//{host or ''}").hostname or "").rstrip(".")
    with suppress(ValueError):
        ip_address(name)
        return False
    return bool(name) and name != "localhost" and not name.endswith(".localhost")


def same_origin(headers: Headers) -> bool:
    """True where the page that asks is one of this server: same name and same port.

    Browsers name the page's origin on every websocket and every writing request; who names none
    is no page of ours.
    """
    origin, host = headers.get("origin"), headers.get("host")
    if not origin or not host or len(headers.getlist("origin")) > 1:
        return False
    scheme, separator, place = origin.partition("://")
    return bool(separator) and scheme in ("http", "https") and place.lower() == host.lower()


def is_own_host(host: str | None, hosts: Sequence[str]) -> bool:
    """True where the browser used a name of ours: a foreign name may point here to steal (DNS
    rebinding). ``*.example.org`` allows names under it, ``*`` any name.

    >>> is_own_host("127.0.0.1:8501", ["127.0.0.1"]), is_own_host("evil.example", ["127.0.0.1"])
    (True, False)
    """
    try:
        split = urlsplit(f"//{host or ''}")
        name, _ = (split.hostname or "").rstrip("."), split.port
    except ValueError:
        return False
    if not name or split.path or split.query or split.fragment or "@" in split.netloc:
        return False
    for allowed in (entry.strip().lower().strip("[]").rstrip(".") for entry in hosts):
        if allowed in ("*", name) or (allowed.startswith("*.") and name.endswith(allowed[1:])):
            return True
    return False


def content_policy() -> str:
    """What Streamlit's page may load: its own files and nothing from elsewhere.

    Styles are written into the page by Streamlit itself; scripts come from files, but for the one
    in its index page, which is known by its digest.
    """
    index = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    known = "".join(f" 'sha256-{digest}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{known}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
