"""Correcting a transcript on its page: changes shown, codings confirmed, then put in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Member, Seat
from qualcode.revision import Edit, revise
from qualcode.store import open_study
from qualcode.transcripts import read_transcript

from .conftest import CODES, coded
from .test_pages import app, empty_study, folder, sample, signed_in, sound  # noqa: F401

TEXT = (
    "I: How was the week?\n\nP: Long. I stayed late 🙂 again.\n\nI: And?\n\nP: A mentor called.\n"
)
ANA, BEN = (Seat(name, frozenset({"coder"})) for name in ("ana", "ben"))


@pytest.fixture
def coded_study(empty_study: Path) -> Path:  # noqa: F811
    """P01 coded and submitted by Ana; Ben has not."""
    from qualcode.codebook import Codebook

    with open_study(empty_study) as study:
        for seat in (ANA, BEN):
            study.add_member(Member(seat.name, seat.roles, seat.name.title()))
        study.add_member(Member("steve", frozenset({"steward"}), "Steve"))
        study.set_codebook(Codebook(CODES))
        study.add(read_transcript("P01.txt", TEXT.encode()))
        at = study.transcript("P01").text.index("I stayed late")
        coded(study, ANA, "P01", at, at + 13)
        study.seated(ANA).submit("P01")
    return empty_study


def corrected(at: AppTest, words: str) -> AppTest:
    (uploader,) = [u for u in at.get("file_uploader") if u.label == "Corrected file"]
    uploader.set_value(("P01 corrected.txt", words.encode(), "text/plain")).run()
    return at


def shown(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def page(seat: str | None = None) -> AppTest:
    at = app("nurses", seat)
    at.switch_page("pages/transcripts.py").run()
    sound(at)
    return at


def test_a_changed_coding_is_decided_before_the_text_is_put_in_place(coded_study: Path) -> None:
    with open_study(coded_study) as study:
        study.seated(BEN).submit("P01")
    at = corrected(page(), TEXT.replace("stayed late", "stayed very late"))
    sound(at)
    assert "Long. I stayed <ins>very </ins>late 🙂 again." in shown(at)
    assert '<p class="ui-passage" dir="auto">I stayed <ins>very </ins>late</p>' in shown(at)
    (button,) = [b for b in at.button if b.label == "Put the corrected text in place"]
    assert button.disabled
    at.text_input[-1].set_value("Heard again").run()
    (button,) = [b for b in at.button if b.label == "Put the corrected text in place"]
    assert button.disabled
    next(r for r in at.radio if r.label == "This coding").set_value("Goes to the new words").run()
    (button,) = [b for b in at.button if b.label == "Put the corrected text in place"]
    button.click().run()
    sound(at)
    with open_study(coded_study) as study:
        assert [c.quote for c in study.codings()] == ["I stayed very late"]
        assert study.text_versions("P01")[-1].reason == "Heard again"
        assert study.check() == []
    assert "as it was added" in str(at.dataframe[-1].value)


def test_a_steward_is_shown_no_codings_and_the_lead_confirms_later(
    coded_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "steve")
    at = corrected(page(), TEXT.replace("stayed late", "stayed very late"))
    assert not [r for r in at.radio if r.label == "This coding"]
    assert "on changed words" not in str([m.value for m in at.markdown])
    at.text_input[-1].set_value("Heard again").run()
    next(b for b in at.button if b.label == "Put the corrected text in place").click().run()
    sound(at)
    signed_in(monkeypatch, "lea")
    assert not [b for b in page().button if b.label == "It holds"]
    with open_study(coded_study) as study:
        study.seated(BEN).submit("P01")
    at = page()
    next(b for b in at.button if b.label == "It holds").click().run()
    sound(at)
    with open_study(coded_study) as study:
        assert study.unconfirmed() == ()
        assert study.check() == []


def test_the_same_text_and_another_interviews_are_told(coded_study: Path) -> None:
    at = corrected(page(), TEXT)
    assert "nothing to correct" in at.info[-1].value
    at = corrected(page(), "I: Who?\n\nP: Somebody else altogether, of another ward.\n")
    assert "another interview" in at.warning[-1].value


def test_a_coder_is_offered_no_correction(
    coded_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "ana")
    at = page()
    assert "Correct this transcript" not in [e.label for e in at.expander]


def test_a_name_taken_out_is_in_no_version(coded_study: Path) -> None:
    with open_study(coded_study) as study:
        text = study.transcript("P01")
        at = text.text.index("A mentor")
        study.revise(revise(text, [Edit(at, at + 8, "Zelda")]), reason="Heard again")
    found = corrected(page(), TEXT)
    found.text_input[-1].set_value("A name").run()
    next(c for c in found.checkbox if c.label.startswith("The old words")).check().run()
    next(b for b in found.button if b.label == "Put the corrected text in place").click().run()
    sound(found)
    assert b"Zelda" not in coded_study.read_bytes()
