"""Servers and a Chromium for benchmarks; whatever happens, they are gone at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, Server

__all__ = ["Server", "chromium", "serving", "settled", "visitor"]

PROBE = Path(__file__).with_name("probe.js")
PATIENCE = 60_000  # ms, for a busy machine


@contextmanager
def serving(app: Path, *, log: Path, env: Mapping[str, str]) -> Iterator[Server]:
    """``streamlit run`` with this app, answering."""
    server = Server(app, env=dict(env), log=log)
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(
    browser: Browser, *, signed_in: StorageState | None = None, script: str = ""
) -> Iterator[Page]:
    """A page in a browser that has nothing in its cache; it measures with ``bench`` of probe.js.

    ``script`` runs at the beginning of every document, after the probe.
    """
    context: BrowserContext = browser.new_context(
        viewport={"width": 1440, "height": 900}, storage_state=signed_in
    )
    try:
        context.add_init_script(PROBE.read_text(encoding="utf-8") + script)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
    finally:
        context.close()


def settled(page: Page) -> None:
    """Until Streamlit has drawn what was asked for, and a moment of rest."""
    page.wait_for_timeout(250)
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(150)
