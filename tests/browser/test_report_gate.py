"""The report page in a real browser: a final file through the gate, records opened, words kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.sample import build_sample
from qualcode.store import open_study
from tests.browser.conftest import Serve
from tests.conftest import LEA

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=40_000)  # the gate reads the whole file, and a machine may be busy


@pytest.fixture
def address(serve: Serve, tmp_path: Path) -> tuple[str, Path]:
    sample = tmp_path / ".sample" / "sample.qualcode"
    sample.parent.mkdir()
    build_sample(sample, finished=True).close()
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(tmp_path)})
    return server.url, sample


def test_a_final_file_goes_through_the_gate(
    address: tuple[str, Path], page: Page, tmp_path: Path
) -> None:
    url, sample = address
    page.set_default_timeout(40_000)
    page.goto(f"{url}/report?study=sample&seat=lea")
    page.get_by_role("button", name="Release a final file").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nothing is in the way of a final file.")).to_be_visible()
    expect(dialog.get_by_text("Still to type: who gets it and your name.")).to_be_visible()
    dialog.get_by_role("textbox", name="Names that must not be in it").fill("workload")
    dialog.get_by_label("Who gets it").fill("The journal")
    expect(dialog.get_by_text("1 point in the way of a final file")).to_be_visible()
    dialog.get_by_label("Let it stand, because").fill("It is a reason, and nobody's name")
    dialog.get_by_label("Released by").fill("Lea Brandt")
    dialog.get_by_label("Who gets it").press("Tab")
    expect(dialog.get_by_text("It is kept in the register of exports")).to_be_visible()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Release and download").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.startswith("Supplementary_COREQ_mentorship-needs-assessment")
    with open_study(sample, seat=LEA) as study:
        (kept,) = study.exports()
        assert kept.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (kept.final, kept.recipient, kept.released_by) == (True, "The journal", "Lea Brandt")
        assert [each.rule for each in kept.accepted] == ["G4"]
    page.goto(f"{url}/people?study=sample&seat=lea&record=P03")
    page.get_by_role("button", name="Withdraw P03").click()
    expect(page.get_by_text("Reports that left the study before")).to_be_visible()


def test_an_item_keeps_the_authors_words_and_says_when_they_are_late(
    address: tuple[str, Path], page: Page
) -> None:
    url, sample = address
    page.set_default_timeout(40_000)
    page.goto(f"{url}/report?study=sample&seat=lea")
    page.get_by_label("In your words").fill("Two of us asked the questions.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Item 1 was saved.")).to_be_visible()
    with open_study(sample, seat=LEA) as study:
        study.set_facts("P01", {"interviewer": "LB"})
    page.reload()
    expect(page.get_by_text("Out of date: the records have changed")).to_be_visible()
    expect(page.get_by_label("In your words")).to_have_value("Two of us asked the questions.")
    page.get_by_role("button", name="These words still hold").click()
    expect(page.get_by_text("Out of date: the records have changed")).to_have_count(0)
    page.get_by_role("button", name="Transcripts", exact=True).click()
    expect(page.get_by_role("heading", name="Transcripts")).to_be_visible()
