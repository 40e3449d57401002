"""From the finished sample to a quotation, a need and two files, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from qualcode.store import open_study
from tests.browser.conftest import Serve
from tests.browser.test_main_job import settled

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "studies"


def test_a_visitor_goes_from_the_finished_sample_to_its_files(
    serve: Serve, page: Page, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir()
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})
    page.set_default_timeout(60_000)
    page.goto(server.url)
    page.get_by_role("button", name="See it finished").click()
    page.get_by_text("This is the sample at its end").wait_for()
    page.get_by_role("link", name="Themes").first.click()
    page.get_by_role("button", name="Review").nth(2).click()
    page.get_by_text("Against a claim", exact=True).wait_for()
    expect(page.locator("[data-testid=stMetric]").first).to_contain_text("6 of 6")

    page.get_by_text("Quotations", exact=True).last.click()
    page.get_by_text("P04 has not agreed to be quoted").wait_for()
    page.get_by_role("button", name="Edit").first.click()
    settled(page)
    shown = page.get_by_role("textbox", name="As printed")
    shown.fill("Other words than were said.")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("a quotation is word for word").wait_for()
    shown.fill("If you want to know what a department thinks a thing is worth, look at the [hour].")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("look at the [hour].”").first.wait_for()

    page.get_by_role("button", name="All themes").click()
    page.get_by_text("Needs", exact=True).first.click()
    page.get_by_text("The needs by importance times feasibility").wait_for()
    settled(page)  # a form that is drawn again would forget what is typed
    page.get_by_role("textbox", name="Need", exact=True).fill("A bench by the coffee machine")
    page.get_by_text("Team judgement", exact=True).last.click()
    page.get_by_role("button", name="Keep the need").click()
    page.get_by_text("Not rated yet: 6.").wait_for()

    page.get_by_role("link", name="Report").first.click()
    for label, name in (("Theme summary", "themes"), ("Needs register", "needs")):
        page.get_by_text(label, exact=True).first.click()
        word = page.get_by_role("button", name="Word")
        word.wait_for()
        settled(page)  # a file that is made anew ends the download of the one before
        with page.expect_download() as got:
            word.click()
        path = tmp_path / f"{name}.docx"
        got.value.save_as(path)
        document = Document(str(path))
        words = [p.text for p in document.paragraphs]
        words += [cell.text for t in document.tables for row in t.rows for cell in row.cells]
        wanted = "look at the [hour]" if name == "themes" else "A bench by the coffee machine"
        assert any(wanted in text for text in words)
    with open_study(folder / ".sample" / "sample-finished.qualcode") as study:
        assert study.check() == []
        assert len(study.theme_work().needs) == 6
