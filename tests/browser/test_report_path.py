"""A new user's way: from the first page to a journal report and a COREQ file on their own disk."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from playwright.sync_api import Locator, Page, expect

from qualcode.reports import REPORTS
from qualcode.sample import build_sample
from tests.browser.conftest import Serve

ROOT = Path(__file__).parents[2]
FEWER_THAN = 10
PATIENCE = 60_000
"""Milliseconds: the sample is built and a report set on a machine that does other things."""


class Hand:
    """A hand that counts what it clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def take(self, name: str, kind: str, folder: Path) -> Path:
        """Choose a report and download it as a Word file."""
        self.click(self.page.get_by_role("radio", name=name, exact=True))
        button = self.page.locator(f".st-key-report-file-{kind}-docx").get_by_role(
            "button", name="Word"
        )
        expect(button).to_be_enabled(timeout=PATIENCE)
        with self.page.expect_download() as download:
            self.click(button)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture
def url(serve: Serve, tmp_path: Path) -> str:
    return serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(tmp_path / "studies")}).url


def test_from_the_finished_sample_to_a_journal_report_and_coreq_in_few_clicks(
    url: str, page: Page, tmp_path: Path
) -> None:
    page.set_default_timeout(120_000)
    hand = Hand(page)
    page.goto(url)
    hand.click(page.get_by_role("button", name="See it finished"))
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    hand.click(page.get_by_role("link", name="Report", exact=True).first)
    page.get_by_role("heading", name="Report", exact=True).wait_for()
    journal = hand.take("Journal report", "journal", tmp_path)
    coreq = hand.take("COREQ checklist", "coreq", tmp_path)
    assert hand.clicks < FEWER_THAN
    assert "journal" in journal.name
    text = "\n".join(p.text for p in docx.Document(str(journal)).paragraphs)
    assert "Of 10 people approached, 2 declined" in text.replace("\u00a0", " ")
    table = max(docx.Document(str(coreq)).tables, key=lambda one: len(one.rows))
    assert sum(row.cells[0].text.isdigit() for row in table.rows) == 32


def test_a_paragraph_is_written_and_goes_back_to_the_draft(
    url: str, page: Page, tmp_path: Path
) -> None:
    page.set_default_timeout(120_000)
    page.goto(url)
    page.get_by_role("button", name="See it finished").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    page.get_by_role("link", name="Report", exact=True).first.click()
    page.get_by_role("radio", name="Journal report", exact=True).click()
    page.get_by_role("radio", name="Write", exact=True).click()
    page.get_by_role("radio", name="From data").click()
    box = page.get_by_role("textbox", name="Your words")
    title = "Mentorship needs assessment (sample): a codebook thematic analysis of interviews"
    expect(box).to_have_value(title, timeout=PATIENCE)
    box.fill("What mentors need")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your words were saved.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radio", name="In your words 1").click()
    expect(page.get_by_role("textbox", name="Your words")).to_have_value(
        "What mentors need", timeout=PATIENCE
    )
    page.get_by_role("button", name="Back to the draft").click()
    expect(page.get_by_text("The draft stands again.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("radio", name="In your words")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.parametrize("kind", ["journal", "decision"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_that_a_report_is(
    page: Page, tmp_path: Path, kind: str, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    with build_sample(tmp_path / "sample.qualcode", finished=True) as study:
        html = REPORTS[kind](study).to_bytes("html").decode()
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)
    response = axe.run(page).response
    assert len(response["passes"]) > 10, "axe has looked"
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in response["violations"]] == []
