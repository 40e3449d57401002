"""Makes the pictures of the README from the app itself: ``python -m docs.pictures``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, start_server

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 760}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(
            HERE.parent / "app.py",
            env={**os.environ, "QUALCODE_FOLDER": folder},
            log=Path(folder) / "log",
        )
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            page = browser.new_context(viewport=SIZE).new_page()
            page.goto(server.url)
            page.get_by_role("button", name="Open the sample study").click()
            page.get_by_role("heading", name="Study", exact=True).wait_for()
            take(page, "Ana · coder", "Code", "code.png", turn=14)
            take(page, "Lea · lead", "Agreement", "agreement.png")
            take(page, "Lea · lead", "Reconcile", "reconcile.png")
        finally:
            browser.close()
            server.stop()


def take(page: Page, seat: str, name: str, picture: str, *, turn: int = 0) -> None:
    page.get_by_role("radio", name=seat).click()
    page.wait_for_timeout(2500)
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_timeout(4000)
    if turn:
        page.locator(".qc-turn").nth(turn).evaluate(
            "t => { const s = t.closest('.qc-scroller');"
            " s.scrollTop += t.getBoundingClientRect().top - s.getBoundingClientRect().top - 12; }"
        )
        page.wait_for_timeout(800)
    page.screenshot(path=HERE / picture)


if __name__ == "__main__":
    main()
