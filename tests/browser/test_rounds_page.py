"""Rounds in a real browser: planned, given out, submitted with the list of what is left, reopened;
and a package taken away, coded in elsewhere, and brought back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qualcode.codebook import Codebook
from qualcode.model import Member, Seat, new_id
from qualcode.store import Study, open_study
from qualcode.store.accounts import open_accounts

from ..conftest import ANA, CODES, LEA, WORDS, add, interview

APP = Path(__file__).parents[2] / "app.py"
PASSWORD = "four plain words here"
READY = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="module")
def server(serve: Any, folder: Path) -> Any:
    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    for name in ("lea", "ana", "ben"):
        accounts.add_user(name, PASSWORD, name.title())
    return serve(APP, env={"QUALCODE_FOLDER": str(folder)})


@pytest.fixture
def path(folder: Path) -> Path:
    """A study of three interviews with a lead and two coders, nothing coded."""
    path = folder / f"s{new_id()}.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        for name, roles in (("lea", LEA.roles), ("ana", ANA.roles), ("ben", ANA.roles)):
            study.add_member(Member(name, roles, name.title()))
        study.set_codebook(Codebook(CODES))
        study.add(*[interview(title) for title in WORDS])
    return path


@pytest.fixture
def seat(server: Any, folder: Path, page: Any) -> Any:
    """``seat("ana", "rounds", path)`` signs in and opens a page of the study."""
    accounts = open_accounts(folder / ".accounts" / "accounts.db")

    def sit(name: str, where: str, path: Path) -> None:
        page.context.clear_cookies()
        token = accounts.sign_in(name, PASSWORD)
        page.context.add_cookies([{"name": "qc_session", "value": token, "url": server.url}])
        page.goto(f"{server.url}/{where}?study={path.stem}")
        page.wait_for_selector("[data-testid=stMainBlockContainer] h1, .qc-root")
        settled(page)

    page.set_default_timeout(30_000)
    return sit


def settled(page: Any) -> None:
    page.wait_for_timeout(300)  # until Streamlit has taken notice
    page.wait_for_selector(READY)


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def submitted(path: Path, seat: Seat, *titles: str, round: str = "main") -> None:
    with open_study(path, seat=seat) as study:
        study.submit(*titles, round=round)


def choose_row(page: Any, number: int) -> None:
    """Tick a row of the table of transcripts, which is drawn on a canvas."""
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 36 + 35 * number + 17)
    settled(page)


def read(path: Path) -> Study:
    return open_study(path, seat=LEA)


def test_a_coder_is_shown_what_is_left_and_says_what_was_discussed(
    seat: Any, page: Any, path: Path
) -> None:
    with open_study(path, seat=ANA) as study:
        act = add(study.transcript("P02"), 11, 22)
        act["coding"]["uncertain"] = True
        study.apply("P02", [act])
    seat("ana", "code", path)
    button(page, "Submit…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Marked as uncertain (1)").wait_for()
    dialog.get_by_text("We have talked about this transcript before submitting").click()
    settled(page)
    button(dialog, "Submit and seal").click()
    page.get_by_text("P02 was submitted.").wait_for()
    with read(path) as study:
        assert list(study.codings().not_blind.values()) == ["discussed before submitting"]


def test_a_lead_reopens_with_a_reason_and_the_pair_is_marked(
    seat: Any, page: Any, path: Path
) -> None:
    for coder in (ANA, Seat("ben", ANA.roles)):
        submitted(path, coder, *WORDS)
    seat("lea", "rounds", path)
    choose_row(page, 0)
    button(page, "Reopen…").click()
    dialog = page.get_by_role("dialog")
    button(dialog, "Reopen").click()
    dialog.get_by_text("Reopening needs a reason").wait_for()
    dialog.get_by_label("Reason").fill("A page had been left out")
    dialog.get_by_label("Reason").press("Tab")
    settled(page)
    button(dialog, "Reopen").click()
    page.get_by_text("P01 is open again for Ana.").wait_for()
    with read(path) as study:
        assert list(study.codings().not_blind.values()) == [
            "reopened after the comparison was open"
        ]


def test_the_consensus_is_locked_and_read_by_an_author(seat: Any, page: Any, path: Path) -> None:
    for coder in (ANA, Seat("ben", ANA.roles)):
        with open_study(path, seat=coder) as study:
            study.apply("P01", [add(study.transcript("P01"), 15, 28, "C3")])
        submitted(path, coder, *WORDS)
    seat("lea", "rounds", path)
    choose_row(page, 0)
    button(page, "Lock the consensus").click()
    page.get_by_text("The consensus of P01 is locked.").wait_for()
    with read(path) as study:
        study.set_roles("ben", {"author"})
    seat("ben", "transcripts", path)
    text = page.locator("[data-testid=stMainBlockContainer]")
    assert "late most" in text.inner_text(), "what is locked may be read"
    assert "mentor noticed" not in text.inner_text(), "the rest is kept back"
    with open_study(path, seat=Seat("ben", frozenset({"author"}))) as study:
        assert [coding.coder for coding in study.codings()] == ["consensus"]


def test_a_package_goes_and_comes_back_by_the_page(
    seat: Any, page: Any, path: Path, tmp_path: Path
) -> None:
    seat("ana", "rounds", path)
    page.get_by_text("Work without the network").click()
    button(page, "Make my package").click()
    page.get_by_text("The package is ready").wait_for()
    with page.expect_download() as found:
        button(page, "Download the package").click()
    package = tmp_path / "mine.qualcode"
    found.value.save_as(package)
    with open_study(package, seat=ANA) as study:
        study.apply("P01", [add(study.transcript("P01"), 11, 22)])
        study.submit("P02")
    page.set_input_files("[data-testid=stFileUploader] input[type=file]", package)
    page.get_by_text("Submitted in the package: P02.").wait_for()
    button(page, "Take it in").click()
    page.get_by_text("Your package is back.").wait_for()
    with open_study(path, seat=ANA) as study:
        assert len(study.codings()) == 1
        assert [a.state for a in study.assignments() if a.coder == "ana"] == [
            "in_progress", "submitted", "assigned",
        ]  # fmt: skip
        assert study.check() == []
