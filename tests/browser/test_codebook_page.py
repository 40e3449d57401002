"""The codebook changed in a real browser: edited, merged, looked at, saved; versions compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qualcode.codebook import Codebook
from qualcode.model import Member, Seat
from qualcode.store import open_study
from qualcode.store.accounts import open_accounts

from ..conftest import ANA, BEN, CODES, LEA, WORDS, coded, interview

APP = Path(__file__).parents[2] / "app.py"
PASSWORD = "four plain words here"
READY = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ana and Ben have coded two interviews with Trust, and submitted."""
    accounts = open_accounts(tmp_path / ".accounts" / "accounts.db")
    path = tmp_path / "nurses.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        for seat in (LEA, ANA, BEN):
            accounts.add_user(seat.name, PASSWORD, seat.name.title())
            study.add_member(Member(seat.name, seat.roles, seat.name.title()))
        study.set_codebook(Codebook(CODES))
        study.add(*[interview(title) for title in WORDS])
        for seat in (ANA, BEN):
            for title in ("P01", "P02"):
                coded(study, seat, title, 12, 20, "C1")
            study.seated(seat).submit(*WORDS)
    return path


def settled(page: Any) -> None:
    page.wait_for_timeout(300)
    page.wait_for_selector(READY)
    page.wait_for_timeout(300)


def visit(page: Any, url: str, folder: Path, seat: Seat) -> None:
    token = open_accounts(folder / ".accounts" / "accounts.db").sign_in(seat.name, PASSWORD)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "qc_session", "value": token, "url": url}])
    page.goto(f"{url}/codebook?study=nurses")
    page.get_by_role("heading", name="Codebook").wait_for()
    settled(page)


def choose(page: Any, view: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(view).click()
    settled(page)


def test_changes_are_gathered_looked_at_and_saved_as_one_version(
    serve: Any, page: Any, path: Path
) -> None:
    url = serve(APP, env={"QUALCODE_FOLDER": str(path.parent)}).url
    visit(page, url, path.parent, LEA)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("In brief").fill("Trust that was lived")
    page.get_by_role("button", name="Note this change").click()
    page.get_by_text("1 change is not saved.").wait_for()
    settled(page)
    page.get_by_role("button", name="Merge").click()
    page.get_by_label("They become").click()
    page.get_by_role("option", name="Staying late").click()
    settled(page)
    preview = "4 codings of 2 coders on 2 transcripts: counted as the new code from now on."
    page.get_by_text(preview).wait_for()
    page.keyboard.press("Escape")
    settled(page)
    page.get_by_role("button", name="Look and save").click()
    page.get_by_text("Say of each changed definition").wait_for()
    page.get_by_label("The definition is").click()
    page.get_by_role("option", name="Narrowed: covers less than before").click()
    page.get_by_text(
        "4 codings of 2 coders on 2 transcripts: to be confirmed or removed."
    ).wait_for()
    page.get_by_label("Note for this version").fill("after the pilot talk")
    page.get_by_label("Note for this version").press("Enter")
    settled(page)
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_label("From version").wait_for()
    assert page.locator("ins").all_inner_texts() == ["Trust that was lived"]
    with open_study(path) as study:
        (change,) = study.codebook_changes()
        assert (change.version, change.change.kind) == ("1.0", "narrow")
        assert study.versions()[-1]["note"] == "after the pilot talk"
        assert len(study.codings()) == 4
        assert study.check() == []
    visit(page, url, path.parent, ANA)
    assert page.get_by_role("button", name="Edit").count() == 0
    choose(page, "Versions")
    page.get_by_text("“Trust” is narrowed.").wait_for()
