"""A browser without a page: speaks Streamlit's protocol itself, and so says whatever it likes."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE = 60.0


class RawSocket:
    """One connection: ``run`` asks for a run of the script and reads until it is finished.

    A widget's value is a trigger (bool), words, a choice (a tuple) or what a component says (JSON).

    ``seen`` holds every message of the last run, ``words`` its text, ``session`` the id by which
    the server knows this visit. ``host`` is the name asked for, where it is another than the url's.
    """

    def __init__(
        self,
        url: str,
        cookies: Mapping[str, str],
        *,
        origin: str | None = "",
        resume: str = "",
        host: str = "",
        **headers: str,
    ) -> None:
        sent = dict(headers) | {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        there = urlsplit(url)
        opened = connect(
            f"ws://{host or there.netloc}/_stcore/stream",
            sock=socket.create_connection((there.hostname, there.port)),
            origin=url if origin == "" else origin,  # type: ignore[arg-type]
            subprotocols=["streamlit", "x", resume] if resume else ["streamlit"],  # type: ignore[list-item]
            additional_headers=sent,
            max_size=None,
            proxy=None,
        )
        self.stack = ExitStack()
        self.socket: ClientConnection = self.stack.enter_context(opened)
        self.seen: list[ForwardMsg] = []
        self.kept: dict[str, ForwardMsg] = {}
        self.session = self.page = self.page_hash = ""

    def __enter__(self) -> RawSocket:
        return self

    def __exit__(self, *given: object) -> None:
        self.stack.close()

    def run(
        self, page: str = "", query: str = "", *, fragment: str = "", **widgets: Any
    ) -> list[ForwardMsg]:
        """One run of a page (``""`` is the first); ``widgets`` are said by key, see ``widget``."""
        message = self.asking(page, query, fragment)
        asked = message.rerun_script
        for name, value in widgets.items():
            state = asked.widget_states.widgets.add()
            state.id = self.widget(name)
            if isinstance(value, bool):
                state.trigger_value = value
            elif isinstance(value, str):
                state.string_value = value
            elif isinstance(value, tuple):
                state.string_array_value.data.extend(value)
            else:
                state.id = f"$$STREAMLIT_INTERNAL_KEY_{state.id}__events"
                state.json_trigger_value = json.dumps(value)
        self.say(message)
        self.seen = self.read()
        return self.seen

    def asking(self, page: str, query: str = "", fragment: str = "") -> BackMsg:
        """What a browser sends for a run of this page: on the page it is at, by its digest."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id = query, fragment
        if page == self.page:
            asked.page_script_hash = self.page_hash
        else:
            asked.page_name, self.page = page, page
        return message

    def say(self, message: BackMsg) -> None:
        self.socket.send(message.SerializeToString())

    def read(self, until: str = "script_finished") -> list[ForwardMsg]:
        found: list[ForwardMsg] = []
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = ForwardMsg.FromString(self.socket.recv(PATIENCE))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                message = self.kept.get(message.ref_hash, message)
            elif message.metadata.cacheable and message.hash:
                self.kept[message.hash] = message
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id or self.session
            if kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            found.append(message)
            if kind == until:
                return found
        raise AssertionError(f"no {until}: {found[-3:]}")

    def ordered(self, file: str) -> str:
        """Have a file made that is offered; its address, once it is there."""
        message = BackMsg()
        order = message.backend_operation_request
        order.request_id, order.session_id, order.deferred_file.file_id = "1", self.session, file
        self.say(message)
        answer = self.read("backend_operation_response")[-1].backend_operation_response
        return str(answer.deferred_file.url)

    def elements(self, kind: str) -> list[Any]:
        """The elements of one kind that the last run showed."""
        return [
            getattr(m.delta.new_element, kind)
            for m in self.seen
            if m.WhichOneof("type") == "delta" and m.delta.new_element.WhichOneof("type") == kind
        ]

    def widget(self, key: str) -> str:
        """The whole id of the widget with this key (or of the component, for ``coder``)."""
        ids = [
            getattr(getattr(m.delta.new_element, m.delta.new_element.WhichOneof("type")), "id", "")
            for m in self.seen
            if m.WhichOneof("type") == "delta" and m.delta.new_element.WhichOneof("type")
        ]
        return next((i for i in ids if i.endswith(f"-{key}")), key)

    @property
    def words(self) -> str:
        """Everything that came with the last run, as text."""
        return "\n".join(str(message) for message in self.seen)
