"""The codebook change demo in a real browser: two coders recode by keyboard, then both versions."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.changes import CodeChange
from qualcode.model import Seat
from qualcode.store import open_study
from tests.browser.conftest import Serve, Server

LEA = Seat("lea", frozenset({"lead"}))
ROOT = Path(__file__).parents[2]
DEMO = ("MEN-19", "MEN-23")


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("studies")
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})
    server.env["folder"] = str(folder)
    return server


def drawn(page: Page) -> None:
    """Until Streamlit has drawn what was asked for."""
    page.wait_for_timeout(150)
    page.locator("[data-test-script-state=notRunning]").wait_for()


def narrowed(path: Path) -> set[str]:
    """Version 1.0 of the sample: 19 for what was lived, 23 for what is wished; what it touches."""
    with open_study(path, seat=LEA) as study:
        book = study.codebook()
        words = ("A scheme that is only wished for.", "A scheme that was lived.")
        new = [
            replace(book[code], when_not_to_use=f"{book[code].when_not_to_use} {more}")
            for code, more in zip(DEMO, words, strict=True)
        ]
        study.set_codebook(
            book.with_code(*new), changes=[CodeChange("narrow", code) for code in DEMO]
        )
        return {c.id for c in study.codings() if c.code in DEMO}


def rows(path: Path, table: str = "codings") -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()


def recode(page: Page, server: Server, coder: str) -> None:
    """All ten questions by one key each, one taken back; then handed in."""
    page.goto(f"{server.url}/recode?study=sample&seat={coder}")
    expect(page.get_by_text("0 of 10 answered")).to_be_visible()
    expect(page.locator(".ui-diff ins").first).to_be_visible()
    for n in range(1, 11):
        page.keyboard.press("1" if n % 4 else "2")
        expect(page.get_by_text(f"{n} of 10 answered")).to_be_visible()
        drawn(page)
        if n == 3:
            page.keyboard.press("u")
            expect(page.get_by_text("2 of 10 answered")).to_be_visible()
            drawn(page)
            page.keyboard.press("1")
            expect(page.get_by_text("3 of 10 answered")).to_be_visible()
            drawn(page)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("anded in").first).to_be_visible()
    drawn(page)


def test_two_coders_recode_and_both_versions_stand_side_by_side(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Open the sample study").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    path = Path(server.env["folder"]) / ".sample" / "sample.qualcode"
    before = rows(path)
    touched = narrowed(path)

    page.goto(f"{server.url}/recode?study=sample&seat=lea")
    expect(page.get_by_text("Not current yet: P01, P02, P03, P04, P05, P06.")).to_be_visible()
    recode(page, server, "ana")
    expect(page.get_by_text("Agreement opens when Ben has too.")).to_be_visible()

    page.goto(f"{server.url}/agreement?study=sample&seat=lea")
    page.get_by_role("tab", name="By codebook version").click()
    expect(page.get_by_text("The codebook has changed since.")).to_be_visible()
    assert rows(path, "recodings"), "Ana's answers are kept, and the lead sees none of them"
    with open_study(path, seat=LEA) as study:
        assert [r for r in study.recodings() if r.transcript] == []

    recode(page, server, "ben")
    expect(page.get_by_text("Everybody has handed in.")).to_be_visible()
    page.goto(f"{server.url}/agreement?study=sample&seat=lea")
    page.get_by_role("tab", name="By codebook version").click()
    expect(
        page.get_by_text("Overall alpha by codebook version, on the same 6 transcripts: 0.1: .81")
    ).to_be_visible()
    expect(page.get_by_text("Codes that are not what they were:")).to_be_visible()

    page.goto(f"{server.url}/recode?study=sample&seat=lea")
    expect(page.get_by_text("Every transcript is current")).to_be_visible()
    assert rows(path) == before, "the first codings are what they were"
    with open_study(path, seat=LEA) as study:
        answered = {r.coding for r in study.recodings() if r.outcome in ("keep", "remove")}
        assert answered == touched
        assert study.stale() == {}
        assert study.check() == []
