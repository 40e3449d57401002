"""The start of the server: what is loaded beforehand, and what the terminal says."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from streamlit import net_util, runtime
from streamlit.runtime.pages_manager import PagesManager

from qualcode.errors import BadCommand
from qualcode.ui import aside, places
from qualcode.ui.server.gate import OWN_NAMES
from qualcode.ui.server.visitors import files

OPEN = "QUALCODE_OPEN"
"""The environment variable that names the page to open first, as ``/?study=sample``."""
SWITCH_SECONDS = 0.0005
"""How long a session at work keeps the others waiting for their turn. An act asks the study's file
some fifty times and waits for its turn after each: by Python's own 5 ms that adds up in company."""
ANYWHERE = ("0.0.0.0", "::", "")


def stay_home() -> None:
    """Streamlit asks a server on the internet for this machine's address; it shall not."""
    net_util.get_external_ip = lambda: None


def at_the_root() -> None:
    """The gate and the sign-in pages know their addresses from the root on; others pass them by.

    Raises
    ------
    BadCommand
        Streamlit was told to serve the app under a path.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    if base:
        raise BadCommand(
            f"qualcode cannot be served under the path /{base}; give it a name of its own, "
            "as qualcode.example.org, and leave server.baseUrlPath empty."
        )


def own_navigation() -> None:
    """Streamlit runs a folder called ``pages`` by itself, past ``main.py``; it shall not.

    Otherwise whoever comes first after a start, by the address of a page, gets it without
    navigation and without the place that shows errors.
    """
    PagesManager.uses_pages_directory = False


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Around the life of the server."""
    own_navigation()
    files.watch(runtime.get_instance().media_file_mgr)
    sys.setswitchinterval(SWITCH_SECONDS)
    answer_at_once()
    aside.start()
    _load_beforehand()
    token = places.accounts().first_token()
    link = f"{address()}/join?token={token}" if token else None
    for line in announcement(link):
        print(line, flush=True)
    if not st.get_option("server.headless"):
        page = os.environ.get(OPEN)
        _open_browser(f"{address()}{page}" if page else link or address())
    try:
        yield {}
    finally:
        aside.end()


def answer_at_once() -> int:
    """Let no answer wait until the browser has confirmed the one before; how many sockets it took.

    An answer of several parts, such as a head and a body, would do so for 40 ms: asyncio spares
    that only those connections whose socket says its protocol (``proto``), and the one that
    Streamlit listens at, from which they take it over, does not. See uvicorn's issue 3149.
    """
    listening = [
        one
        for one in gc.get_objects()
        if isinstance(one, socket.socket) and one.fileno() >= 0 and _is_listening(one)
    ]
    for one in listening:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(listening)


def _is_listening(one: socket.socket) -> bool:
    if one.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    try:
        return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _load_beforehand() -> None:
    """Load what every page needs and take it out of the garbage collector's rounds.

    Streamlit collects after every run; with pandas loaded each round would stop all sessions for
    50 ms.
    """
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401

    gc.collect()
    gc.freeze()


def address(place: str | None = None) -> str:
    """Where a browser on this machine finds the app, or under another name of it."""
    if place is None:
        place = str(st.get_option("server.address") or "")
        place = "127.0.0.1" if place in ANYWHERE else place
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    name = f"[{place}]" if ":" in place else place
    return f"{scheme}://{name}:{st.get_option('server.port')}"


def announcement(link: str | None) -> list[str]:
    """The lines for the terminal."""
    lines = [
        f"qualcode is at {address()}{os.environ.get(OPEN, '')}  (Ctrl+C stops it)",
        f"Studies are in {places.studies_folder()}",
    ]
    others = [name for name in st.get_option("server.allowedHosts") if name not in OWN_NAMES]
    if others and str(st.get_option("server.address")) in OWN_NAMES:
        lines.append(f"A proxy on this machine may serve it as {', '.join(others)}.")
    elif others:
        lines.append(f"Others reach it at {', '.join(map(address, others))}")
        if not st.get_option("server.sslCertFile"):
            lines.append("Passwords and interviews cross the network unprotected without https.")
    if link:
        lines.append(f"No account yet. Make the first one here, once: {link}")
    return lines


def _open_browser(url: str) -> None:
    # The server begins to answer when this start is over; a moment later it surely does.
    loop = asyncio.get_running_loop()
    loop.call_later(1, lambda: loop.run_in_executor(None, webbrowser.open, url))
