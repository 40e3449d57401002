"""Nothing leaves this machine: an attempt to reach beyond it or to ask a name fails and is told.

Python announces what it is about to do (PEP 578); here that is looked at before it happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

REACHING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
ASKING = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)


def watch(tell: Callable[[str], None]) -> None:
    """From now on in this process, for good: forbid it and ``tell`` of it."""

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event in REACHING:
            home = stays_home(given[1])
        elif event in ASKING:
            home = is_number(given[0])
        else:
            return
        if not home:
            tell(f"{event} {given[-1 if event in REACHING else 0]!r}")
            raise PermissionError(f"{event}: nothing leaves this machine")

    sys.addaudithook(hook)


def stays_home(address: Any) -> bool:
    """True for this machine: a path or number of a local socket, or a loopback address."""
    if not isinstance(address, tuple):
        return True  # AF_UNIX, AF_NETLINK, or a socket that is connected already
    if isinstance(address[0], int):
        return True
    return is_number(address[0]) and (
        address[0] in ("localhost", "") or ip_address(_text(address[0])).is_loopback
    )


def is_number(host: Any) -> bool:
    """True where no resolver has to be asked."""
    if isinstance(host, tuple):
        host = host[0]
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        ip_address(_text(host))
    except ValueError:
        return False
    return True


def _text(host: str | bytes) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return text.partition("%")[0]
