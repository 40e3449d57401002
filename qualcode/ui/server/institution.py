"""Sign-in with an institution, by OpenID Connect: where it is set up, and the way there and back.

``[auth]`` in .streamlit/secrets.toml says with whom, as for ``st.login`` (docs/sign-in.md). The way
there and back is Streamlit's own: it asks, and it checks state, signature, issuer, audience, nonce
and time. But what it would do then is kept from the browser: its cookie holds the person's claims
for thirty days and cannot be revoked. The claims are read here, once, in the answer that would set
it, and become a session of ours, which the accounts are asked for on every run like any other.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from streamlit import auth_util
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from qualcode.store.identity import Identity, identity_of

WITH = "/login/institution"
"""Our own address that leads there."""
THERE = "/auth/login"
BACK = "/oauth2callback"
DOMAINS = "QUALCODE_SIGNIN_DOMAINS"
"""The environment variable with the e-mail domains that may come in, as ``uni.no,hospital.no``."""
DEFAULT = "default"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Institution:
    """One institution that people can sign in with: ``key`` in secrets.toml, ``label`` shown."""

    key: str
    label: str
    trusts_email: bool = False


def institutions() -> tuple[Institution, ...]:
    """Those that are set up, in the order of the file; the terminal is told what is amiss."""
    section = auth_util.get_secrets_auth_section()
    found = []
    for key, entry in _entries(section).items():
        try:
            auth_util.validate_auth_credentials(key)
        except StreamlitAuthError as error:
            _complain(" ".join(str(error).split()))
            continue
        label = str(entry.get("label") or ("your institution" if key == DEFAULT else key))
        found.append(Institution(key, label, entry.get("trust_email") is True))
    return tuple(found)


def _entries(section: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    named = {key: value for key, value in section.items() if isinstance(value, Mapping)}
    named.pop("client_kwargs", None)
    return ({DEFAULT: section} if "client_id" in section else {}) | named


@cache
def _complain(sentence: str) -> None:
    """Once each: the terminal is no place for the same line at every sign-in."""
    log.warning("Sign-in with an institution is not offered: %s", sentence)


def domains() -> tuple[str, ...]:
    """The e-mail domains that may come in; none named is any."""
    named = os.environ.get(DOMAINS, "").lower().replace(",", " ").split()
    return tuple(name.lstrip("@") for name in named)


def owns(name: str) -> bool:
    """True where this sign-in name is an e-mail address by which an institution lets people in.

    Nobody gets such an account by an invitation: whoever holds the link could be anybody.
    """
    _, at, domain = name.strip().lower().rpartition("@")
    return bool(at and institutions() and (not domains() or domain in domains()))


def address(institution: Institution, onward: str = "/") -> str:
    """Where a link leads that signs in with this institution and then goes on."""
    return f"{WITH}?{urlencode({'with': institution.key, 'next': onward})}"


def is_https() -> bool:
    """True where browsers come back to us by https."""
    return (auth_util.get_origin_from_redirect_uri() or "").startswith("https:")


async def lead_there(request: Request, institution: Institution) -> Response | None:
    """The answer that leads to the institution's page, or None where it cannot be reached."""
    token = auth_util.encode_provider_token(institution.key)
    query = urlencode({"provider": token}).encode()
    scope = {**request.scope, "path": THERE, "query_string": query}
    answer: Response = await _streamlit(THERE)(Request(scope, request.receive))
    return answer if 300 <= answer.status_code < 400 else None


async def come_back(request: Request) -> Identity | None:
    """The person who comes back from the institution; None where they were not signed in there.

    Raises
    ------
    NotAllowed
        They were, but may not come in; the sentence says why.
    """
    claims = _claims(await _streamlit(BACK)(request))
    if claims is None:
        return None
    known = {institution.key: institution for institution in institutions()}
    institution = known.get(str(claims.get("provider")))
    if institution is None:
        return None
    return identity_of(claims, domains=domains(), trusts_email=institution.trusts_email)


def _streamlit(path: str) -> Any:
    """Streamlit's own answer at this address; ours stands before it."""
    return {route.path: route.endpoint for route in create_auth_routes("")}[path]


def _claims(answer: Response) -> dict[str, Any] | None:
    """What the institution said, from the cookie that Streamlit would set with this answer."""
    cookies: dict[str, str] = {}
    for header in answer.headers.getlist("set-cookie"):
        try:
            cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            continue

    def value(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, ""))

    kept = auth_util.get_cookie_with_chunks(value, USER_COOKIE_NAME)
    claims = json.loads(kept) if kept else None
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else None
