"""From which address a request comes, as far as attempts to sign in are counted by it."""

from __future__ import annotations

import ipaddress
import os

from starlette.requests import Request

TRUST = "QUALCODE_TRUST_PROXY"
"""``1`` says: every request comes through our own proxy, which writes X-Forwarded-For.

uvicorn reads that header from a proxy on this machine; the addresses of proxies elsewhere stand in
its own variable, FORWARDED_ALLOW_IPS."""
FORWARDED = "x-forwarded-for"
UNDECLARED = "forwarded"


def address(request: Request) -> str:
    """The address to count by; an IPv6 customer has a whole /64, which counts as one.

    Where no proxy was declared, nobody chooses an address by writing a header: all requests that
    carry one are counted together.
    """
    if FORWARDED in request.headers and os.environ.get(TRUST) != "1":
        return UNDECLARED
    host = request.client.host if request.client else ""
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped:
            return str(number.ipv4_mapped)
        return str(ipaddress.IPv6Network((number, 64), strict=False).network_address)
    return str(number)
