"""The page for coding as a whole, in the app itself: what axe says of it in both themes, with every
window open that it has.
"""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .test_rounds_page import button, folder, path, seat, server, settled  # noqa: F401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_and_in_its_windows(
    seat: Any, page: Any, path: Path, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    seat("ana", "code", path)
    page.locator(".qc-status", has_text="All saved").wait_for()

    def clean(where: str) -> None:
        page.wait_for_timeout(300)
        response = axe.run(page).response
        assert len(response["passes"]) > 10, "axe has looked"
        said = [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in response["violations"]
            for node in one["nodes"]
        ]
        assert said == [], where

    keys = page.keyboard.press
    clean("nothing coded")
    page.locator(".qc-scroller").focus()
    for key in ("n", "s", "1", "Escape", "]"):
        keys(key)
    page.get_by_role("tooltip").wait_for()
    clean("a coding in focus")
    keys("x")
    page.get_by_role("dialog", name="Another code for this coding").wait_for()
    clean("another code for a coding")
    keys("Escape")
    page.locator(".qc-scroller").focus()
    keys("z")
    clean("the text alone")
    keys("z")
    keys("f")
    page.get_by_role("textbox", name="Search for").fill("we")
    keys("Enter")
    settled(page)
    page.get_by_text("places in").first.wait_for()
    clean("a search over all transcripts")
    keys("Escape")
    page.get_by_role("textbox", name="Search for").wait_for(state="hidden")
    button(page, "Submit…").click()
    page.get_by_role("button", name="Submit and seal").wait_for()
    clean("before submitting")
