"""Whose file is it: a browser gets the files, the uploads and the session that are its own.

Streamlit hands a file of the app (a report, a picture) to anybody who has its address, takes an
upload into any session whose id is named, and lets a session be taken up again by whoever names
it. Here each browser carries a cookie of its own, each connection is marked with the browser and
the person signed in, and files, uploads and sessions are given to the same mark only. The sample
study needs no account, so there the browser alone counts.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from qualcode.errors import QualcodeError
from qualcode.ui import places
from qualcode.ui.server.cookies import SESSION

BROWSER = "qc_browser"
"""The cookie by which a browser is known again; it opens nothing by itself."""
BROWSER_SECONDS = 30 * 24 * 3600
HEADER = "x-qualcode-visitor"
"""Set on each connection by us, never taken from outside; config.toml hands it to Streamlit, which
gives a session back to the same visitor only."""
KEY = "visitor"
MEDIA = "/media/"
UPLOAD = "/_stcore/upload_file/"
UPLOADS_HELD = 4
"""So many files of the largest size may one session hold in memory."""

NOT_YOURS = "This file was made for another browser, or before a sign-out; open its page anew.\n"
NOT_YOUR_SESSION = "This page is of another visit; open it anew and choose the file again.\n"
TOO_MANY = "This page holds as many files as it can; add these to the study first.\n"


class Visitors:
    """Middleware behind the gate: marks each connection, and gives to each its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            mark = await run_in_threadpool(visitor, cookies_of(scope))
            MutableHeaders(scope=scope)[HEADER] = mark
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = await self._refusal(scope)
            await (refusal or self.app)(scope, receive, self._knowing_again(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        path = scope["path"]
        if path.startswith(MEDIA):
            mark = await run_in_threadpool(visitor, cookies_of(scope))
            if not files.belong(path, mark):
                return PlainTextResponse(NOT_YOURS, 403)
        elif path.startswith(UPLOAD) and scope["method"] != "OPTIONS":
            session = path.removeprefix(UPLOAD).split("/")[0]
            mark = await run_in_threadpool(visitor, cookies_of(scope))
            if mark == STRANGER or visitor_at(session) != mark:
                return PlainTextResponse(NOT_YOUR_SESSION, 403)
            if scope["method"] == "PUT" and not has_room(session, Headers(scope=scope)):
                return PlainTextResponse(TOO_MANY, 413)
        return None

    def _knowing_again(self, scope: Scope, send: Send) -> Send:
        """Gives a browser that opens a page its cookie, if it has none."""
        if browser_of(cookies_of(scope)):
            return send

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append(
                        "set-cookie",
                        f"{BROWSER}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax; "
                        f"Max-Age={BROWSER_SECONDS}",
                    )
            await send(message)

        return send_with_cookie


# -- who asks ------------------------------------------------------------------------------------

STRANGER = ""
"""The mark of a browser without a cookie of ours: nothing is its own."""


def cookies_of(scope: Scope) -> Mapping[str, str]:
    """The cookies of a request, read as Streamlit reads them."""
    return cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))


def browser_of(cookies: Mapping[str, str]) -> str:
    """The browser's own token, or nothing where it has none of the form we give."""
    token = cookies.get(BROWSER, "")
    return token if re.fullmatch(r"[\w-]{32}", token, re.ASCII) else ""


def person_of(cookies: Mapping[str, str]) -> str:
    """Who is signed in by these cookies, or nobody."""
    try:
        return places.accounts().who(cookies.get(SESSION)) or ""
    except QualcodeError:
        return ""


def visitor(cookies: Mapping[str, str]) -> str:
    """The mark of a browser and the person at it: ``browser.person``, both as digests."""
    browser = browser_of(cookies)
    if not browser:
        return STRANGER
    person = person_of(cookies)
    return f"{_digest(browser)}.{_digest(person) if person else ''}"


def visitor_at(session: str) -> str | None:
    """The mark of the connection that a session of Streamlit's has now."""
    client = runtime.get_instance().get_client(session)
    if client is None:
        return None
    return next((v for name, v in client.client_context.headers if name.lower() == HEADER), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# -- what is theirs ------------------------------------------------------------------------------


class Files:
    """Which visitors the files of the app were made for; noted when the app makes them."""

    def __init__(self) -> None:
        self._made_for: defaultdict[str, set[str]] = defaultdict(set)
        self._promised_to: dict[str, str] = {}
        self._lock = Lock()  # each session's script runs in a thread of its own

    def watch(self, manager: Any) -> None:
        """Note from now on what is given to Streamlit's keeper of files, and for whom."""
        add, promise, keep_promise = manager.add, manager.add_deferred, manager.execute_deferred

        def added(*given: Any, **named: Any) -> str:
            address = str(add(*given, **named))
            self._note(manager, address, self._at_work())
            return address

        def promised(*given: Any, **named: Any) -> str:
            key = str(promise(*given, **named))
            with self._lock:
                for gone in self._promised_to.keys() - manager._deferred_callables.keys():
                    del self._promised_to[gone]
                self._promised_to[key] = self._at_work()
            return key

        def kept(key: str) -> str:
            address = str(keep_promise(key))
            self._note(manager, address, self._promised_to.get(key, STRANGER))
            return address

        manager.add, manager.add_deferred, manager.execute_deferred = added, promised, kept

    def belong(self, path: str, mark: str) -> bool:
        """Whether the file at this address was made for this visitor.

        What was made before a person signed in stays with the browser; what was made for a person
        is closed by the sign-out.
        """
        owners = self._made_for.get(_file_of(path), set())
        browser = mark.partition(".")[0]
        return mark != STRANGER and (mark in owners or f"{browser}." in owners)

    def is_promised_to_another(self, key: str, mark: str) -> bool:
        """Whether a file that is written on demand was offered to somebody else."""
        return self._promised_to.get(key, mark) != mark

    def _note(self, manager: Any, address: str, mark: str) -> None:
        with self._lock:
            for gone in self._made_for.keys() - manager._file_metadata.keys():
                del self._made_for[gone]
            self._made_for[_file_of(address)].add(mark)

    @staticmethod
    def _at_work() -> str:
        """The mark of the session whose script runs here."""
        context = get_script_run_ctx(suppress_warning=True)
        return str((context.user_info.get(KEY) if context else None) or STRANGER)


files = Files()


def _file_of(address: str) -> str:
    """The file in an address, as Streamlit finds it: the last part without its ending."""
    return os.path.splitext(urlsplit(address).path.removeprefix(MEDIA))[0]


def has_room(session: str, headers: Headers) -> bool:
    """Whether a session may hold one more upload, by what it holds and what is announced."""
    held = runtime.get_instance().uploaded_file_mgr.file_storage.get(session, {})
    announced = headers.get("content-length", "0")
    size = sum(len(file.data) for file in list(held.values()))
    size += int(announced) if announced.isdecimal() else 0
    return size <= UPLOADS_HELD * st.get_option("server.maxUploadSize") * 2**20
