"""The page of identifiers through AppTest: the key, the keys, a decision that outlives a reload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Member, Seat
from qualcode.privacy import KeyFile, keyfile
from qualcode.store import Study, open_study
from tests.test_pages import app, folder, sample, signed_in, sound  # noqa: F401

PASSPHRASE = "four walnuts under a blue hat"
LEA = Seat("lea", frozenset({"lead"}))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    monkeypatch.setattr(keyfile, "LANES", 1)
    # The same hits on every machine, whatever pipelines are installed.
    monkeypatch.setattr("qualcode.privacy.identifiers.recogniser", lambda language: None)


@pytest.fixture
def study(sample: Path) -> Iterator[Study]:  # noqa: F811
    with open_study(sample, seat=LEA) as study:
        yield study


def page(seat: str = "lea") -> AppTest:
    opened = app("sample", seat)
    opened.switch_page("pages/identifiers.py").run()
    sound(opened)
    return opened


def opened(at: AppTest, passphrase: str = PASSPHRASE) -> AppTest:
    """The key made, or opened where there is one."""
    boxes = [box for box in at.text_input if box.label != "Your name"]
    for box in boxes:
        box.input(passphrase)
    at.button[-1].click().run()
    return at


def press(at: AppTest, *keys: str) -> AppTest:
    for key in keys:
        at.button(key=f"identifiers.{key}").click().run()
        sound(at)
    return at


def key_of(path: Path) -> KeyFile:
    return KeyFile.open(
        path.with_suffix(".qualcodekey"), PASSPHRASE, who="test", at="now"
    )  # fmt: skip


def words(at: AppTest) -> str:
    return " ".join(str(getattr(element, "proto", "")) for element in at.main)


def test_the_key_is_made_once_and_asked_for_in_each_session(sample: Path) -> None:  # noqa: F811
    at = page()
    at.text_input[0].input(PASSPHRASE)
    at.text_input[1].input("something else entirely")
    at.button[-1].click().run()
    (error,) = at.error
    assert "The two passphrases are not the same" in error.value, error.value
    at = opened(page())
    sound(at)
    assert "0 of 15 decided" in words(at)
    at = page()
    assert at.text_input[0].label == "Passphrase of the key file"
    at = opened(at, "four walnuts under a red hat")
    (error,) = at.error
    assert "does not open sample" in error.value
    sample.with_suffix(".qualcodekey").write_bytes(b"no key")
    at = opened(page())
    (error,) = at.error
    assert "is no key file of qualcode" in error.value


def test_a_decision_is_kept_outlives_a_reload_and_is_undone(
    sample: Path,  # noqa: F811
    study: Study,
) -> None:
    at = press(opened(page()), "keep", "replace", "remove")
    assert "3 of 15 decided" in words(at)
    kept = key_of(sample).kept
    assert sorted(each.action for each in kept.values()) == ["keep", "remove", "replace"]
    assert study.history("revise") == []
    again = opened(page())
    assert "3 of 15 decided" in words(again)
    press(at, "undo")
    assert "2 of 15 decided" in words(at)
    assert sorted(each.action for each in key_of(sample).kept.values()) == ["keep", "replace"]


def test_other_words_are_typed_and_the_study_does_not_change(study: Study, sample: Path) -> None:  # noqa: F811
    before = {text.title: text.text for text in study.transcripts()}
    at = press(opened(page()), "words")
    (box,) = [box for box in at.text_input if box.label == "What stands there instead"]
    box.input("[a rare specialist]")
    next(button for button in at.button if button.label == "Replace").click().run()
    sound(at)
    (kept,) = key_of(sample).kept.values()
    assert (kept.action, kept.exactly) == ("replace", "[a rare specialist]")
    assert {text.title: text.text for text in study.transcripts()} == before


def test_all_is_decided_written_held_back_signed_and_read(study: Study, sample: Path) -> None:  # noqa: F811
    at = press(opened(page()), "all")
    assert "15 of 15 decided" in words(at)
    at.segmented_control(key="identifiers.view").set_value("write").run()
    sound(at)
    next(b for b in at.button if b.label.startswith("Write into")).click().run()
    sound(at)
    assert study.transcript("P01").text.count("[hospital") == 1
    assert {t.speaker for t in study.transcript("P06").turns} == {"Interviewer", "P06"}
    at.toggle(key="identifiers.hold.False").set_value(True).run()
    sound(at)
    assert study.seated(Seat("ana", frozenset({"coder"}))).titles() == {}
    next(b for b in at.button if b.label == "Sign and release").click().run()
    assert "A release is signed with the name" in at.error[0].value
    at.text_input(key="identifiers.signed").input("Lea Brandt")
    next(b for b in at.button if b.label == "Sign and release").click().run()
    sound(at)
    assert len(study.seated(Seat("ana", frozenset({"coder"}))).titles()) == 6
    assert {r.signed for r in study.releases().values()} == {"Lea Brandt"}
    assert study.check() == []


def test_a_list_of_names_is_kept_in_the_key_and_finds_more(sample: Path, study: Study) -> None:  # noqa: F811
    at = opened(page())
    at.segmented_control(key="identifiers.view").set_value("names").run()
    sound(at)
    at.text_area[0].input("Tuesday list; clinic; B")
    at.button[-1].click().run()
    sound(at)
    assert key_of(sample).names == "Tuesday list; clinic; B"
    assert "0 of 16 decided" in words(at)
    assert b"Tuesday list; clinic" not in sample.read_bytes()
    at.text_area[0].input("; ; ;")
    at.button[-1].click().run()
    assert "Line 1 of the list of names" in at.error[0].value


def test_coders_and_a_lead_beside_a_steward_see_no_identifiers(
    sample: Path,  # noqa: F811
    study: Study,
) -> None:
    at = page("ana")
    assert "looked after by the data steward" in words(at)
    assert not at.text_input
    study.add_member(Member("sue", frozenset({"steward"}), "Sue"))
    assert "looked after by the data steward" in words(page("lea"))
    assert page("sue").text_input[0].label == "New passphrase"


def test_another_seat_asks_for_the_passphrase_anew(sample: Path, study: Study) -> None:  # noqa: F811
    at = opened(page())
    at.session_state["seat"] = "ana"
    at.run()
    assert "looked after by the data steward" in words(at)
    study.add_member(Member("sue", frozenset({"steward"}), "Sue"))
    at.session_state["seat"] = "sue"
    at.run()
    assert at.text_input[0].label == "Passphrase of the key file"
