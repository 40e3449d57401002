"""A real server and a real browser: ``serve`` starts an app, ``page`` opens it in Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

CHROMIUM = os.environ.get("QUALCODE_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name is looked up, whoever in the browser asks for one.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One Streamlit server; it can be killed and started again on the same port."""

    def __init__(self, app: Path, *, env: dict[str, str], log: Path) -> None:
        self.app = app
        self.env = env
        self.log = log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        command = [
            *(sys.executable, "-m", "streamlit", "run", str(self.app)),
            *("--server.port", str(self.port), "--server.address", "127.0.0.1"),
            *("--server.headless", "true", "--server.fileWatcherType", "none"),
            *("--browser.gatherUsageStats", "false", "--logger.hideWelcomeMessage", "true"),
            *("--client.toolbarMode", "minimal"),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, **self.env}, stdout=log, stderr=log
            )
        self.wait()
        return self

    def wait(self) -> None:
        """Until the server answers; its log is the message if it does not."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.read() == b"ok":
                        return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"The server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """At once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def start_server(app: Path, *, env: dict[str, str], log: Path) -> Server:
    """Start an app and wait until it answers; the caller stops it."""
    return Server(app, env=env, log=log).start()


Serve = Callable[..., Server]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """``serve(app, env={...})`` gives a running Server; all are stopped at the end."""
    servers: list[Server] = []

    def start(app: Path, *, env: dict[str, str] | None = None) -> Server:
        log = tmp_path_factory.mktemp("server") / "server.log"
        server = start_server(app, env=env or {}, log=log)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed; QUALCODE_CHROMIUM can name it")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def watched(page: sync_api.Page) -> sync_api.Page:
    """Remembers script errors and requests that leave this machine; ``page`` asserts on both."""
    page.errors = []  # type: ignore[attr-defined]
    page.foreign = []  # type: ignore[attr-defined]
    here = ("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:", "about:")
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.on(
        "request",
        lambda request: request.url.startswith(here) or page.foreign.append(request.url),  # type: ignore[attr-defined]
    )
    return page


@pytest.fixture
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A page of its own, 1440 × 900; fails the test on a script error or a request to elsewhere."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = watched(context.new_page())
    page.set_default_timeout(15_000)
    yield page
    errors, foreign = page.errors, page.foreign  # type: ignore[attr-defined]
    context.close()
    assert errors == [], "errors in the page's scripts"
    assert foreign == [], "requests that left this machine"
