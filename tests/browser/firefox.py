"""A Firefox as the system has it, driven by WebDriver BiDi, which it speaks by itself.

Playwright drives builds of its own only; this is as much of the protocol as a coder's main flow
needs: open, look, press keys, drag.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .conftest import free_port

NAMES = ("firefox-esr", "firefox")
START_SECONDS = 60
KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Delete": "\ue017",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Shift": "\ue008",
    "Control": "\ue009",
}
"""Names of keys → the characters that WebDriver has for them."""
PREFERENCES = {
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.region.network.url": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "network.proxy.type": 1,  # nothing but this machine is reached
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost",
}


def installed() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Firefox:
    """One page of a running Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last = 0
        self._ask("session.new", capabilities={})
        self.version = self._ask("session.status").get("message", "")
        made = self._ask("browsingContext.create", type="tab")
        self._page = made["context"]
        size = {"width": 1440, "height": 900}
        self._ask("browsingContext.setViewport", context=self._page, viewport=size)

    def open(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, by way of JSON."""
        answer = self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._page},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def until(self, expression: str, seconds: float = 30) -> Any:
        """Wait until an expression is true; its value."""
        until = time.monotonic() + seconds
        while not (found := self.evaluate(expression)):
            assert time.monotonic() < until, f"never: {expression}"
            time.sleep(0.1)
        return found

    def press(self, *keys: str) -> None:
        """Keys as Playwright names them: "s", "Enter", "Control+z"."""
        for key in keys:
            parts = [KEYS.get(part, part) for part in key.split("+")]
            acts = [{"type": "keyDown", "value": part} for part in parts]
            acts += [{"type": "keyUp", "value": part} for part in reversed(parts)]
            self._perform({"type": "key", "id": "keyboard", "actions": acts})

    def type(self, text: str) -> None:
        self.press(*text)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)

        def move(place: tuple[float, float]) -> dict[str, Any]:
            return {"type": "pointerMove", "x": round(place[0]), "y": round(place[1])}

        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        acts = [move(start), down, move(middle), move(end), up]
        self._perform({"type": "pointer", "id": "mouse", "actions": acts})

    def _perform(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._page, actions=[source])

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") != self._last:
                continue  # an event
            assert answer["type"] == "success", answer
            found: dict[str, Any] = answer["result"]
            return found


@contextmanager
def firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """A Firefox without a window, with a profile of its own; gone at the end."""
    profile.mkdir()
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    port = free_port()
    command = [program, "--headless", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(
        [*command, f"--remote-debugging-port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with _connected(port, process) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _connected(port: int, process: subprocess.Popen[bytes]) -> ClientConnection:
    until = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "Firefox has ended"
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None, proxy=None)
        except OSError:
            assert time.monotonic() < until, "Firefox did not answer"
            time.sleep(0.2)
