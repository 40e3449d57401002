"""Texts held back: before the release nothing that a seat can read depends on their words."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import Codebook
from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    Sealed,
)
from qualcode.model import Member, Seat
from qualcode.revision import Edit, revise
from qualcode.store import Study, backups, history, open_study
from qualcode.store.packages import bring_back, take_away

from .conftest import ANA, BEN, CODES, LEA, WORDS, add, coded, interview
from .test_blindness import READINGS, seen

SUE = Seat("sue", frozenset({"steward"}))
PAUL = Seat("paul", frozenset({"author"}))
AUDITOR = Seat("aud", frozenset({"auditor"}))
BOTH = Seat("lea", frozenset({"lead", "coder"}))


@pytest.fixture
def held(two_coders: Study) -> Study:
    """Three interviews held back from Ana and Ben; Sue is the steward, Lea the lead."""
    two_coders.add_member(Member("sue", SUE.roles, "Sue"))
    two_coders.hold_texts_back(True)
    return two_coders


# -- the property --------------------------------------------------------------------------------


@contextmanager
def built(words: str, title: str, *, lead: Seat) -> Iterator[Study]:
    """A study with one text released and another, of these words, held back."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(history, "now", lambda: "2026-01-01T00:00:00.000Z"),
        patch.object(backups, "clock", lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for seat in (lead, ANA, BEN, SUE, PAUL, AUDITOR):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        study.add(
            replace(interview("P01"), id="one"),
            replace(interview(title, words), id="two", participant=f"{title} of two"[:40]),
        )
        study.hold_texts_back(True)
        study.release("P01", signed="Sue", found=0)
        yield study


def refusals(study: Study) -> dict[str, object]:
    """What the text held back says for itself, by its id and by a title that it may have."""
    found = {}
    for title in ("two", "P02"):
        for name in ("transcript", "text_versions", "unfinished", "seen"):
            with pytest.raises(QualcodeError) as refused:
                getattr(study, name)(title)
            found[f"{name} {title}"] = str(refused.value)
    return found


@settings(max_examples=8)
@given(st.sampled_from([ANA, PAUL, AUDITOR]), st.text("abc ", min_size=5, max_size=30))
def test_what_is_held_back_changes_nothing_that_a_seat_can_read(seat: Seat, words: str) -> None:
    with built("Helen Okafor came late.", "P02", lead=LEA) as study:
        study = study.seated(seat)
        first = seen(study, ("P01",)) | refusals(study)
    with built(f"{words}x.", "Helen’s interview", lead=LEA) as study:
        study = study.seated(seat)
        second = seen(study, ("P01",)) | refusals(study)
    for reading in first:
        if reading not in ("history", "last_hash", "copies"):
            assert first[reading] == second[reading], reading
    # The history tells of the texts by their digests, and of nothing else that parts the two.
    assert [line["act"] for line in first["history"]] == [  # type: ignore[attr-defined]
        line["act"]
        for line in second["history"]  # type: ignore[attr-defined]
    ]
    assert {"releases", "kept_back", "unreleased"} <= READINGS


# -- who reads what ------------------------------------------------------------------------------


def test_a_text_is_there_for_the_coders_when_it_is_released_and_not_before(held: Study) -> None:
    for seat in (ANA, LEA, PAUL, AUDITOR, BOTH):
        seated = held.seated(seat)
        assert seated.titles() == {}
        assert seated.transcripts() == ()
        assert seated.assignments() == ()
        assert seated.kept_back() == 3
        with pytest.raises(NotInStudy, match="or it is not released yet"):
            seated.transcript("P01")
        assert bool(seated.participants()) == seat.is_lead
    for seat in (SUE, None):
        assert list(held.seated(seat).titles().values()) == list(WORDS)
        assert held.seated(seat).kept_back() == 0
    assert held.seated(SUE).release("P01", signed="Sue Stern", found=3) == 1
    assert list(held.seated(ANA).titles().values()) == ["P01"]
    assert held.seated(ANA).transcript("P01").text == held.transcript("P01").text
    assert [a.transcript for a in held.seated(LEA).assignments()] == [held.transcript("P01").id] * 2
    assert held.seated(ANA).releases()[held.transcript("P01").id].signed == "Sue Stern"
    assert held.check() == []


def test_without_a_steward_the_lead_reads_the_names_and_codes_no_text_before_its_release(
    two_coders: Study,
) -> None:
    two_coders.set_roles("lea", {"lead", "coder"})
    two_coders.hold_texts_back(True)
    lea = two_coders.seated(BOTH)
    text = lea.transcript("P01")
    with pytest.raises(Sealed, match="P01 is not released yet"):
        lea.apply("P01", [add(text, 0, 3)])
    with pytest.raises(Sealed, match="P01 is not released yet"):
        lea.submit("P01")
    lea.release("P01", signed="Lea Brandt", found=0)
    assert lea.apply("P01", [add(text, 0, 3)]).rejected == ()
    two_coders.add_member(Member("sue", SUE.roles))
    assert list(lea.titles().values()) == ["P01"]


def test_only_who_reads_the_names_may_let_them_go(held: Study) -> None:
    for seat in (ANA, LEA, PAUL, AUDITOR, BOTH):
        with pytest.raises(NotAllowed, match="Only a data steward of the study can release texts"):
            held.seated(seat).release("P01", signed="Me", found=0)
        with pytest.raises(NotAllowed, match="decide whether texts are held back"):
            held.seated(seat).hold_texts_back(False)
    with pytest.raises(BadCommand, match="said by a steward"):
        held.seated(LEA).settings.change({"release.required": "no"})
    assert held.holds_texts_back


def test_a_release_is_signed_and_blocked_while_a_hit_is_undecided(held: Study) -> None:
    sue = held.seated(SUE)
    with pytest.raises(BadCommand, match="signed with the name"):
        sue.release("P01", signed="  ", found=0)
    with pytest.raises(NotAllowed, match="P01 has 2 identifiers that nobody has decided on"):
        sue.release("P01", signed="Sue", found=1, undecided=2)
    sue.release("P01", signed="Sue", found=1)
    with pytest.raises(AlreadyInStudy, match="P01 is released as it stands"):
        sue.release("P01", signed="Sue", found=1)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        held._db.execute("UPDATE releases SET signed = 'Eve'")
    (line,) = held.history("release")
    assert line["subject"] == held.transcript("P01").id
    assert line["details"] == {"number": 1, "found": 1}


def test_nobody_takes_away_what_is_not_released(held: Study, tmp_path: Path) -> None:
    with pytest.raises(NotInStudy, match="nothing here that could be taken away"):
        take_away(held.seated(ANA), tmp_path / "ana.qualcode", coder="ana")
    held.seated(SUE).release("P02", signed="Sue", found=0)
    taken = take_away(held.seated(ANA), tmp_path / "ana.qualcode", coder="ana")
    assert taken == ("P02",)
    data = (tmp_path / "ana.qualcode").read_bytes()
    assert WORDS["P02"].encode() in data
    assert b"I stay late most days" not in data
    with open_study(tmp_path / "ana.qualcode", seat=ANA) as package:
        coded(package, ANA, "P02", 12, 18)
    assert bring_back(held.seated(ANA), tmp_path / "ana.qualcode").acts == {"P02": 1}
    assert held.check() == []


# -- versions ------------------------------------------------------------------------------------


def test_a_correction_waits_for_a_new_release_and_its_codings_with_it(held: Study) -> None:
    for title in WORDS:
        held.seated(SUE).release(title, signed="Sue", found=0)
    coded(held, ANA, "P02", 12, 18)
    for seat in (ANA, BEN):
        held.seated(seat).submit("P02")
    text = held.transcript("P02")
    at = text.text.index("minutes")
    revision = revise(text, [Edit(at, at + 7, "Helen Okafor")])
    held.revise(revision, reason="Heard again", confirmed={}, keep_old=False)
    ana, lead = held.seated(ANA), held.seated(LEA)
    assert list(ana.titles().values()) == ["P01", "P03"]
    assert list(ana.codings(coders=["ana"])) == []
    assert list(lead.codings()) == []
    assert text.id not in lead.sight().closed
    assert held.seated(SUE).release("P02", signed="Sue", found=1) == 2
    assert [c.quote for c in lead.codings()] == [text.text[12:18]]
    assert held.check() == []


def test_a_version_in_which_names_were_replaced_keeps_its_release(held: Study) -> None:
    held.seated(SUE).release("P02", signed="Sue Stern", found=0)
    text = held.transcript("P02")
    at = text.text.index("minutes")
    revision = revise(text, [Edit(at, at + 7, "[name]")])
    held.seated(SUE).revise(revision, reason="Names replaced", deidentified=True)
    kept = held.seated(ANA).releases()[text.id]
    assert (kept.number, kept.signed, kept.carried) == (2, "Sue Stern", True)
    assert "[name]" in held.seated(ANA).transcript("P02").text
    with pytest.raises(NotInStudy, match="is not kept in the study"):
        held.seated(SUE).earlier_text("P02", 1)
    # What was not released before is not released by it either.
    text = held.transcript("P03")
    held.seated(SUE).revise(
        revise(text, [Edit(0, 3, "Why")]), reason="Names replaced", deidentified=True
    )
    assert list(held.seated(ANA).titles().values()) == ["P02"]


def test_a_lead_who_adds_a_text_gives_it_to_the_coders_for_the_day_of_its_release(
    held: Study,
) -> None:
    held.seated(LEA).add(interview("P04", "Nobody asked me."))
    assert held.seated(LEA).titles() == {}
    held.seated(SUE).release("P04", signed="Sue", found=0)
    given = held.seated(ANA).assignments()
    assert {a.coder for a in given} == {"ana", "ben"}
    assert held.seated(LEA).kept_back() == 3


def test_old_studies_and_the_sample_hold_nothing_back(two_coders: Study, sample: Path) -> None:
    assert not two_coders.holds_texts_back
    assert list(two_coders.seated(ANA).titles().values()) == list(WORDS)
    with open_study(sample, seat=ANA) as study:
        assert not study.holds_texts_back
        assert (len(study.titles()), study.kept_back()) == (6, 0)
