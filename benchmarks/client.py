"""A coder's browser without a screen: it speaks Streamlit's websocket as the coding page does.

:class:`Tab` follows ``docs/coding-protocol.md`` and ``outbox.js``: one request at a time carries
all edits of one transcript that have no answer yet, and they are sent again until the server
answers. :class:`LiveServer` is ``qualcode serve`` as a person starts it, and can be killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
START_SECONDS = 90
PATIENCE = 120.0  # seconds, for a busy machine
RETRY_SECONDS = 3.0
ANSWERED_WITHIN = 30.0
MOST_AT_ONCE = 500
CODER = "qualcode.transcript_coder"
COOKIE = "qc_session"

Operation = dict[str, Any]


# -- the server ----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """``qualcode serve`` on one folder, always on the same port."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"The server ended:\n{self.said()}")
            if time.monotonic() > until:
                raise AssertionError(f"The server did not start:\n{self.said()}")
            time.sleep(0.02)

    def launch(self) -> None:
        """Start it and do not wait."""
        command = [sys.executable, "-m", "qualcode", "serve", "--folder", str(self.folder)]
        command += ["--port", str(self.port), "--no-browser"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a process group of its own, to be killed whole
            )

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://{HOST}:{self.port}/_stcore/health", timeout=2
            ) as a:
                return bool(a.read() == b"ok")
        except OSError:
            return False

    def kill(self) -> None:
        """End it and whatever it started at once, as a power cut would end a program."""
        if self.process is None:
            return
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait(30)
        self.process = None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def processor_seconds(self) -> float | None:
        """The processor time it has taken so far; None where the system does not tell."""
        stat = Path(f"/proc/{self.process.pid if self.process else 0}/stat")
        if not stat.exists():
            return None
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def megabytes(self, peak: bool = False) -> float | None:
        """The memory it holds, or held at most; None where the system does not tell."""
        return _megabytes(self.process.pid if self.process else 0, peak)

    def megabytes_of_helpers(self, peak: bool = False) -> float:
        """The memory of the processes beside it, where the system tells."""
        if self.process is None:
            return 0
        beside = psutil.Process(self.process.pid).children(recursive=True)
        return sum(_megabytes(one.pid, peak) or 0 for one in beside)


def _megabytes(process: int, peak: bool) -> float | None:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    name = "VmHWM:" if peak else "VmRSS:"
    (line,) = (line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6


# -- what is on its way, and what a coder was told -----------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A coding as both sides know it."""

    transcript: str
    code: str
    start: int
    end: int
    quote: str
    memo: str


@dataclass
class Outbox:
    """Edits without an answer, and the state of the study that the answers so far tell of.

    ``told`` are the codings that were acknowledged; ``acts`` counts acknowledged edits as
    (act, coding id) → times; ``waits`` are seconds from an edit to its answer.
    """

    waiting: dict[str, tuple[str, Operation]] = field(default_factory=dict)
    told: dict[str, Kept] = field(default_factory=dict)
    acts: dict[tuple[str, str], int] = field(default_factory=dict)
    rejected: list[dict[str, str]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    since: dict[str, float] = field(default_factory=dict)

    def add(self, transcript: str, operation: Operation) -> None:
        self.waiting[operation["op_id"]] = (transcript, operation)
        self.since[operation["op_id"]] = time.perf_counter()

    def parcel(self) -> tuple[str, list[Operation]] | None:
        """The transcript of the oldest waiting edit, and all waiting edits of it."""
        for transcript, _ in self.waiting.values():
            return transcript, [op for place, op in self.waiting.values() if place == transcript]
        return None

    def settle(self, acknowledged: list[str], rejected: list[dict[str, str]]) -> None:
        now = time.perf_counter()
        done = set(acknowledged)
        # In the order of the edits, which is the order in which the study did them.
        for op_id in [op_id for op_id in self.waiting if op_id in done]:
            transcript, operation = self.waiting.pop(op_id)
            self.waits.append(now - self.since.pop(op_id))
            self._note(transcript, operation)
        for refusal in rejected:
            if self.waiting.pop(refusal["op_id"], None):
                self.rejected.append(refusal)

    def _note(self, transcript: str, operation: Operation) -> None:
        act, coding_id = act_of(operation)
        self.acts[act, coding_id] = self.acts.get((act, coding_id), 0) + 1
        after(self.told, transcript, operation)


def act_of(operation: Operation) -> tuple[str, str]:
    """The history's word for an edit, and the coding it is about."""
    if operation["op"] == "add":
        return "code_add", operation["coding"]["id"]
    return {"remove": "code_remove", "memo": "memo"}[operation["op"]], operation["id"]


def after(codings: dict[str, Kept], transcript: str, operation: Operation) -> None:
    """Do an edit to the codings that there are."""
    if operation["op"] == "add":
        made = operation["coding"]
        codings[made["id"]] = Kept(
            transcript, made["code"], made["start"], made["end"], operation["quote"], made["memo"]
        )
    elif operation["op"] == "remove":
        codings.pop(operation["id"], None)
    else:
        old = codings[operation["id"]]
        codings[operation["id"]] = Kept(
            old.transcript, old.code, old.start, old.end, old.quote, operation["memo"]
        )


# -- the tab -------------------------------------------------------------------------------------


class Tab:
    """One tab with the Code page of one study open; use it with ``async with``.

    ``data`` is what the coding component was last given, ``text`` the transcript it shows;
    ``faults`` are exceptions and tracebacks that reached this browser, ``alerts`` its red boxes,
    ``trouble`` why the study could not keep the last edits.
    """

    def __init__(
        self, port: int, *, study: str, token: str, retry: float = RETRY_SECONDS, extra: str = ""
    ) -> None:
        self.port, self.token, self.retry = port, token, retry
        self.query = urlencode({"study": study}) + extra
        self.outbox = Outbox()
        self.data: dict[str, Any] = {}
        self.doc: dict[str, Any] = {}
        self.answers = 0
        self.connections = 0
        self.alerts: list[str] = []
        self.faults: list[str] = []
        self.trouble = ""
        self.refusals: list[dict[str, str]] = []
        self._unanswered = 0
        self._way = httpx.AsyncClient(
            base_url=f"http://{HOST}:{port}",
            cookies={COOKIE: token},
            headers={"origin": f"http://{HOST}:{port}"},
            timeout=ANSWERED_WITHIN,
            trust_env=False,
        )
        self._request: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._ids: dict[str, str] = {}
        self._fragment = ""
        self._page = ""
        self._session = ""
        self._box: tuple[str, list[str]] = ("", [])
        self._chosen: tuple[str, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self._live())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in filter(None, (self._life, self._request)):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._way.aclose()

    @property
    def is_offline(self) -> bool:
        """True once the connection is gone and no answer can come any more."""
        return self._socket is None and self._request is None

    # -- what a coder does -------------------------------------------------------------------

    async def open(self) -> None:
        """Wait until the page shows a transcript."""
        await self.until(lambda: "text" in self.doc, "the Code page to show a transcript")

    async def choose(self, title: str) -> None:
        """Turn the page to the transcript of this title, by its selection box."""
        name, options = self._box
        (option,) = (option for option in options if f" {title} · " in option)
        self._chosen = name, option
        await self._send(self._rerun())
        await self.until(lambda: self.doc["title"] == title, f"the page to turn to {title}")

    def edit(self, transcript: str, operation: Operation) -> None:
        """Do an edit; it is sent at once together with all others that wait."""
        self.outbox.add(transcript, operation)
        self.flush()

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Wait until no edit waits for its answer."""
        await self.until(lambda: not self.outbox.waiting, "every edit to be answered", seconds)

    async def trigger(self, event: str, value: object) -> dict[str, Any]:
        """Fire a trigger of the component with any value at all; the answer to it."""
        before = self.answers
        await self.fire(event, json.dumps(value))
        await self.until(lambda: self.answers > before, f"an answer to {event}")
        return self.data

    async def fire(self, event: str, value: str) -> None:
        """Fire a trigger with what calls itself JSON, and wait for nothing."""
        name, _ = self._trigger(event, None)
        text = f'[{{"event": {json.dumps(event)}, "value": {value}}}]'
        await self._send(self._rerun((name, text), fragment=self._fragment))

    async def post(self, value: object) -> dict[str, Any]:
        """Send any value at all as edits, beside the outbox; the answer to it."""
        response = await self.post_raw(json.dumps(value).encode())
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def post_raw(self, body: bytes, **more: Any) -> httpx.Response:
        """Send bytes that call themselves edits."""
        headers = {"content-type": "application/json"} | more.pop("headers", {})
        return await self._way.post(self.data["edits"], content=body, headers=headers, **more)

    async def until(
        self, holds: Callable[[], object], what: str, seconds: float = PATIENCE
    ) -> None:
        """Wait for something that an answer of the server brings."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise AssertionError(
                f"Waited {seconds:.0f} s for {what}; alerts {self.alerts[-3:]}, "
                f"faults {self.faults[-3:]}, trouble {self.trouble!r}, "
                f"{len(self.outbox.waiting)} edits waiting."
            ) from error

    # -- outbox.js ---------------------------------------------------------------------------

    def flush(self) -> None:
        if self._request is None and self.outbox.parcel() is not None:
            self._request = asyncio.create_task(self._send_edits())

    async def _send_edits(self) -> None:
        """Send what waits until nothing new is left; what had no answer is tried again later."""
        answered = True
        sent: set[str] = set()
        try:
            while answered and (parcel := self.outbox.parcel()):
                transcript, operations = parcel
                if sent >= {operation["op_id"] for operation in operations}:
                    break  # the study could not keep them
                operations = operations[:MOST_AT_ONCE]
                sent |= {operation["op_id"] for operation in operations}
                answered = await self._send_parcel(transcript, operations)
        finally:
            self._request = None
            self._changed.set()
        if self.outbox.waiting:
            wait = min(self.retry * 2 ** max(0, self._unanswered - 2), self.retry * 8)
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(wait, self.flush)

    async def _send_parcel(self, transcript: str, operations: list[Operation]) -> bool:
        edits = {
            "coder": self.data["me"], "transcript": transcript,
            "sha": self.doc.get("sha", ""), "ops": operations,
        }  # fmt: skip
        try:
            response = await self.post_raw(json.dumps(edits).encode())
        except httpx.TransportError:
            self._unanswered += 1
            return False
        if response.status_code != 200:
            self.faults.append(f"{response.status_code}: {response.text[:200]}")
            return False
        answer = response.json()
        self._unanswered = 0
        self.trouble = answer["trouble"]
        self.refusals += answer["rejected"]
        self.outbox.settle(answer["ack"], answer["rejected"])
        self._changed.set()
        return True

    # -- the wire ----------------------------------------------------------------------------

    async def _live(self) -> None:
        """Connected, and connected again whenever the server was gone."""
        while True:
            try:
                async with connect(
                    f"ws://{HOST}:{self.port}/_stcore/stream",
                    origin=f"http://{HOST}:{self.port}",  # type: ignore[arg-type]
                    additional_headers={"Cookie": f"{COOKIE}={self.token}"},
                    subprotocols=["streamlit", "placeholder", *filter(None, [self._session])],  # type: ignore[list-item]
                    max_size=None,
                    ping_interval=None,
                    proxy=None,
                ) as connection:
                    self._socket = connection
                    self.connections += 1
                    self._changed.set()
                    if "text" not in self.doc:
                        await self._send(self._rerun())
                    async for frame in connection:
                        self._read(frame if isinstance(frame, bytes) else frame.encode())
            except (OSError, WebSocketException, EOFError):
                pass
            finally:
                self._socket = None
            self._changed.set()
            await asyncio.sleep(0.1)

    async def _send(self, message: BackMsg) -> None:
        if self._socket is not None:
            with suppress(OSError, WebSocketException):  # not connected: it is sent again
                await self._socket.send(message.SerializeToString())

    def _trigger(self, event: str, value: object) -> tuple[str, str]:
        name = f"$$STREAMLIT_INTERNAL_KEY_{self._ids.get(CODER, '')}__events"
        return name, json.dumps([{"event": event, "value": value}])

    def _rerun(self, trigger: tuple[str, str] | None = None, *, fragment: str = "") -> BackMsg:
        state = ClientState(
            query_string=self.query,
            page_script_hash=self._page,
            page_name="" if self._page else "code",
            fragment_id=fragment,
        )
        if self._chosen is not None:
            widget = state.widget_states.widgets.add()
            widget.id, widget.string_value = self._chosen
        if trigger is not None:
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_trigger_value = trigger
        return BackMsg(rerun_script=state)

    def _read(self, frame: bytes) -> None:
        if b"Traceback" in frame:
            self.faults.append(frame[frame.index(b"Traceback") :][:2000].decode("utf-8", "replace"))
        message = ForwardMsg()
        message.ParseFromString(frame)
        match message.WhichOneof("type"):
            case "new_session":
                self._page = message.new_session.page_script_hash or self._page
                self._session = message.new_session.initialize.session_id or self._session
            case "navigation":
                self._page = message.navigation.page_script_hash or self._page
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._element(message)
        self._changed.set()

    def _element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "bidi_component":
                component = element.bidi_component
                self._ids[component.component_name] = component.id
                if component.component_name == CODER:
                    self._fragment = message.delta.fragment_id
                    self._take(json.loads(component.json))
            case "selectbox" if "code.pick." in element.selectbox.id:
                self._box = element.selectbox.id, list(element.selectbox.options)
                if self._chosen is not None and self._chosen[0] != self._box[0]:
                    self._chosen = None  # another box, which begins where this one stood
            case "alert":
                self.alerts.append(element.alert.body)
            case "exception":
                self.faults.append(f"{element.exception.type}: {element.exception.message}")

    def _take(self, data: dict[str, Any]) -> None:
        self.data = data
        self.answers += 1
        same = data["doc"].get("id") == self.doc.get("id")
        self.doc = {**self.doc, **data["doc"]} if same else data["doc"]
