"""From a question to its place in the interview, and from a cell to a summary, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.store import open_study
from tests.browser.conftest import Serve
from tests.browser.test_main_job import settled

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, finished_file: Path) -> Path:
    sample = tmp_path / "studies" / ".sample" / "sample-finished.qualcode"
    sample.parent.mkdir(parents=True)
    sample.write_bytes(finished_file.read_bytes())
    return tmp_path / "studies"


def room(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def click_cell(page: Page, row: int, share: float) -> None:
    """A cell of the table, which is drawn on a canvas: its row, and where it is across."""
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + HEAD + ROW * row + ROW / 2)
    settled(page)


HEAD, ROW = 36, 56


def test_a_question_leads_to_the_place_and_a_cell_to_a_summary(
    serve: Serve, page: Page, folder: Path, tmp_path: Path
) -> None:
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})
    page.set_default_timeout(60_000)
    page.goto(f"{server.url}/explore?study=sample-finished&seat=lea")
    page.get_by_text("Look across the interviews").wait_for()
    settled(page)

    # A query with NEAR, and the place it leads to.
    page.get_by_text("Type a query", exact=True).click()
    query = page.get_by_role("textbox", name="Query")
    query.fill('code:"Protected time" AND clinic NEAR/10 time')
    query.press("Enter")
    page.get_by_text("1 passage of 1 of 6 participants").wait_for()
    page.get_by_role("button", name="Open the place").click()
    place = page.get_by_role("dialog")
    place.get_by_text("turn 20 of 24").wait_for()
    expect(place.locator("mark", has_text="clinic")).to_have_count(1)
    place.get_by_text("To the transcript").click()
    page.get_by_role("heading", name="P04").wait_for()

    # A cell of the matrix, its passages, and a summary with a link.
    page.get_by_role("link", name="Explore").first.click()
    page.get_by_text("Look across the interviews").wait_for()
    settled(page)
    room(page, "Matrix")
    click_cell(page, 0, 0.27)
    page.get_by_role("heading", name="P01 ·").wait_for()
    page.get_by_text("2 passages of 1 participant.").wait_for()
    page.get_by_role("textbox", name="Summary").fill("The word means what the committee wants.")
    page.get_by_text("P01, turn 8:").click()
    page.get_by_role("button", name="Keep the summary").click()
    page.get_by_text("rests on 1 passage").wait_for()

    # Saturation by group, and the curve as a file.
    room(page, "Saturation")
    page.get_by_text("is reached at interview 6").first.wait_for()
    page.get_by_role("combobox", name="Curves by").click()
    page.get_by_role("option", name="group", exact=True).click()
    page.get_by_text("managerial (3 interviews)").first.wait_for()
    settled(page)
    page.get_by_text("Take it out").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Picture as SVG").click()
    got.value.save_as(tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_bytes().startswith(b"<?xml")

    with open_study(folder / ".sample" / "sample-finished.qualcode") as study:
        (summary,) = study.summaries()
        assert (summary.participant, summary.text, summary.version, summary.made_by) == (
            "P01", "The word means what the committee wants.", 1, "lea",
        )  # fmt: skip
        assert len(summary.links) == 1
        assert [export.kind for export in study.exports()][-1:] == ["across-saturation"]
        assert study.check() == []
