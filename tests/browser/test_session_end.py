"""A session that ends while somebody codes: nothing that was coded is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qualcode.codebook import Codebook
from qualcode.model import Member, Seat
from qualcode.store import open_study
from qualcode.store.accounts import IDLE_SECONDS, open_accounts
from tests.browser.test_sign_in import APP, PASSWORD
from tests.conftest import CODES, interview


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_accounts(tmp_path / ".accounts" / "accounts.db").add_user("ana", PASSWORD)
    with open_study(tmp_path / "nurses.qualcode", create=True, title="Nurses") as study:
        study.add_member(Member("ana", frozenset({"coder"}), "Ana"))
        study.set_codebook(Codebook(CODES))
        study.add(interview("P01"))
    return tmp_path


def codings(folder: Path) -> list[str]:
    with open_study(folder / "nurses.qualcode") as study:
        seat = Seat("ana", frozenset({"coder"}))
        return [coding.code for coding in study.seated(seat).codings(coders=["ana"])]


def code(page: Any, name: str) -> None:
    """The code of this name on the first words of the participant's."""
    box = page.locator(".qc-words").nth(1).bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 14, steps=4)
    page.mouse.move(box["x"] + 140, box["y"] + 14, steps=4)
    page.mouse.up()
    page.get_by_role("combobox", name="Find a code").fill(name)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("end", ["unused", "elsewhere"])
def test_what_was_coded_after_the_end_is_kept_until_one_is_back(
    serve: Any, page: Any, folder: Path, end: str
) -> None:
    server = serve(APP, env={"QUALCODE_FOLDER": str(folder)})
    page.goto(f"{server.url}/login?next=/code?study=nurses")
    page.get_by_label("Name", exact=True).fill("ana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".qc-words")
    code(page, "Trust")
    page.locator(".qc-status", has_text="All saved").wait_for()
    assert codings(folder) == ["C1"]

    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    if end == "unused":
        with accounts._file.changing() as db:
            db.execute("UPDATE sessions SET seen = seen - ?", [IDLE_SECONDS])
    else:
        accounts.sign_out_everywhere("ana")
    code(page, "Staying late")
    page.locator(".qc-status", has_text="1 kept: You are signed out").wait_for()
    assert codings(folder) == ["C1"]

    page.goto(f"{server.url}/login?next=/code?study=nurses")
    page.get_by_label("Name", exact=True).fill("ana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".qc-words")
    page.locator(".qc-status", has_text="All saved").wait_for()
    assert codings(folder) == ["C1", "C3"]
