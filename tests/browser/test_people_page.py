"""The people of a study in a real browser: a table brought in, somebody withdrawn for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qualcode.model import Approach, Attribute
from qualcode.store import open_study

from .test_rounds_page import (  # noqa: F401
    button,
    choose_row,
    folder,
    path,
    read,
    seat,
    server,
    settled,
)

TABLE = b"id,quote_consent,site,ward\nP01,yes,A,north\nP07,id_only,B,south\n"


@pytest.fixture
def people(path: Path) -> Path:  # noqa: F811
    with open_study(path) as study:
        study.set_attributes(Attribute("site", "choice", ("A", "B")))
        study.set_recruitment(Approach("e-mail", "completed", participant="P02"))
        study.log("export", {"report": "themes", "format": "docx", "participants": ["P02"]})
    return path


def test_a_table_is_shown_first_and_then_kept(
    seat: Any,  # noqa: F811
    page: Any,
    people: Path,
) -> None:
    seat("lea", "people", people)
    page.get_by_text("Import or export a table").click()
    chosen = page.locator("[data-testid=stFileUploader] input[type=file]")
    wrong = TABLE.replace(b"P07,id_only", b"Jane Smith,")
    chosen.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": wrong})
    page.get_by_text("Row 3, column id: this looks like a real name").wait_for()
    page.get_by_text("Row 3, column quote_consent: whether Jane Smith may be").wait_for()
    chosen.set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": TABLE})
    page.get_by_text("1 new, 1 changed, 0 as they are. New attributes, as text: ward.").wait_for()
    button(page, "Keep these participants").click()
    page.get_by_text("2 participants kept.").wait_for()
    with read(people) as study:
        kept = {person.id: person for person in study.participants()}
        assert kept["P07"].attributes == {"site": "B", "ward": "south"}
        assert study.check() == []


def test_somebody_is_withdrawn_after_the_last_word(
    seat: Any,  # noqa: F811
    page: Any,
    people: Path,
) -> None:
    seat("lea", "people", people)
    choose_row(page, 1)
    button(page, "Withdraw P02 …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Reports that left the study before").wait_for()
    button(dialog, "Withdraw for good").click()
    dialog.get_by_text("A withdrawal needs a word on how it was asked for").wait_for()
    dialog.get_by_role("textbox", name="How it was asked for").fill("by e-mail")
    button(dialog, "Withdraw for good").click()
    page.get_by_text("P02 has withdrawn", exact=True).wait_for()
    with read(people) as study:
        assert list(study.titles().values()) == ["P01", "P03"]
        assert [approach.outcome for approach in study.recruitment()] == ["withdrew_after"]
        assert study.history("withdraw")[0]["who"] == "lea"
        assert study.check() == []
    assert b"Nobody has ten minutes" not in people.read_bytes()
