"""Settling the sample by keyboard in a real browser: two keys a difference, three with undo."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.agreement import compare_coders
from qualcode.model import Seat
from qualcode.reconciliation import (
    Passage,
    consensus,
    find_passages,
    progress,
    settle,
    settled,
)
from qualcode.store import Study, open_study
from tests.browser.conftest import Serve, Server

LEA = Seat("lea", frozenset({"lead"}))
ROOT = Path(__file__).parents[2]


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


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        drawn(page)


def rows(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as db:
        return db.execute("SELECT * FROM codings ORDER BY id").fetchall()


def open_page(page: Page, server: Server) -> Path:
    page.goto(server.url)
    page.get_by_role("button", name="Open the sample study").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    page.goto(f"{server.url}/reconcile?study=sample&seat=lea")
    expect(page.get_by_text("0 of 16 settled")).to_be_visible()
    drawn(page)
    return Path(server.env["folder"]) / ".sample" / "sample.qualcode"


def _deferred(study: Study, passage: Passage) -> bool:
    return any(decision.difference == passage.id for decision in study.decisions())


def test_all_differences_of_the_sample_are_settled_by_keyboard(page: Page, server: Server) -> None:
    path = open_page(page, server)
    before = rows(path)
    with open_study(path) as study:
        figures = compare_coders(study.transcripts(), study.codings()).to_dict()

    for n, keys in enumerate(["a1", "b2", "n3", "a4", "b6", "n7"], start=1):
        press(page, *keys)
        expect(page.get_by_text(f"{n} of 16 settled")).to_be_visible()

    press(page, "u")
    expect(page.get_by_text("5 of 16 settled")).to_be_visible()
    press(page, "a", "1")
    expect(page.get_by_text("6 of 16 settled")).to_be_visible()

    press(page, "d")
    expect(page.get_by_text("6 of 16 settled")).to_be_visible()

    # A true difference asks for words: the key of the reason saves nothing without them.
    press(page, "a", "5")
    expect(page.get_by_text("A true difference of reading is a finding")).to_be_visible()
    expect(page.get_by_text("6 of 16 settled")).to_be_visible()
    page.get_by_label("In your words", exact=True).fill("She may mean either")
    page.keyboard.press("Enter")
    drawn(page)
    press(page, "Control+Enter")
    expect(page.get_by_text("7 of 16 settled")).to_be_visible()

    # Somebody else decides while the reason is being chosen.
    press(page, "a")
    with open_study(path, seat=LEA) as study:
        held = settled(study.decisions())
        waiting = find_passages(study.codings(), study.coders(), transcripts=study.titles())
        other = next(p for p in waiting if p.id not in held and not _deferred(study, p))
        study.decide(settle(other, "neither", reason="slip", decided_by=""))
    press(page, "1")
    expect(page.get_by_text("lea has settled this difference in the meantime")).to_be_visible()
    with open_study(path) as study:
        assert [d.outcome for d in study.decisions() if d.difference == other.id] == ["neither"]
    press(page, "ArrowRight")

    for n in range(9, 17):
        press(page, "a", "1")
        expect(page.get_by_text(f"{n} of 16 settled")).to_be_visible()
    expect(page.get_by_text("Nothing is open here.")).to_be_visible()

    assert rows(path) == before, "the coders' codings are what they were"
    with open_study(path) as study:
        assert study.check() == []
        codings, decisions = study.codings(), study.decisions()
        assert compare_coders(study.transcripts(), codings).to_dict() == figures
        assert progress(find_passages(codings, study.coders()), decisions) == (16, 16)
        assert sum(d.memo == "She may mean either" for d in decisions) == 1
        ids = {row[0] for row in before}
        for coding in consensus(codings, decisions):
            assert coding.came_from
            assert ids.issuperset(coding.came_from)
