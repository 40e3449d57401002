"""Summaries of a framework matrix: written, kept as versions, linked, moved and put out."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    StillBlind,
)
from qualcode.model import Member, Participant, Seat, Theme
from qualcode.revision import Edit, revise
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.framework import LONGEST_SUMMARY, MOST_LINKS, Summary, SummaryLink

from .conftest import ANA, BEN, LEA, WORDS, coded, interview

AUTHOR = Seat("pam", frozenset({"author"}))
AUDITOR = Seat("ida", frozenset({"auditor"}))
STEWARD = Seat("sue", frozenset({"steward"}))


@pytest.fixture
def closed(two_coders: Study) -> Study:
    """Three interviews coded by both and submitted, with one theme."""
    for title in WORDS:
        turn = two_coders.transcript(title).participant_turns[0].span
        for seat in (ANA, BEN):
            coded(two_coders, seat, title, turn.start, turn.end)
            two_coders.seated(seat).submit(title)
    two_coders.seated(LEA).add_theme(Theme("Mentors notice", "x", ("C1",), id="theme"))
    return two_coders


def place(study: Study, title: str, phrase: str) -> SummaryLink:
    text = study.transcript(title)
    start = text.text.index(phrase)
    return SummaryLink(text.id, Span(start, start + len(phrase)))


def written(study: Study, text: str = "Stays late; a mentor saw it.") -> Summary:
    link = place(study, "P01", "My mentor noticed it")
    return study.keep_summary(Summary("P01", "theme", "theme", text, links=(link,)))


# -- written and read --------------------------------------------------------------------------


def test_a_summary_is_kept_with_the_words_it_rests_on(closed: Study) -> None:
    kept = written(closed.seated(LEA))
    (found,) = closed.summaries()
    assert found == kept
    assert (found.version, found.made_by) == (1, "lea")
    assert [link.quote for link in found.links] == ["My mentor noticed it"]
    assert closed.check() == []


def test_each_change_is_a_version_with_who_and_when(closed: Study) -> None:
    first = written(closed.seated(LEA))
    second = closed.seated(ANA).keep_summary(replace(first, text="Seen by a mentor."))
    assert (second.version, second.made_by, second.id) == (2, "ana", first.id)
    gone = closed.seated(LEA).keep_summary(replace(second, text="  "))
    assert (gone.text, gone.links) == ("", ())
    versions = closed.summary_versions(first.id)
    assert [(v.number, v.text, v.links, v.made_by) for v in versions] == [
        (1, "Stays late; a mentor saw it.", 1, "lea"),
        (2, "Seen by a mentor.", 1, "ana"),
        (3, "", 0, "lea"),
    ]
    again = closed.keep_summary(replace(gone, text="Back again."))
    assert (again.version, len(closed.summaries())) == (4, 1)
    assert closed.check() == []


def test_the_history_tells_of_a_summary_without_its_words(closed: Study) -> None:
    kept = written(closed.seated(LEA), "SECRET words of a summary")
    closed.keep_summary(replace(kept, text="SECRET again"))
    lines = closed.history("summary_change")
    assert [line["details"]["version"] for line in lines] == [1, 2]
    assert all(line["subject"] == kept.id for line in lines)
    assert "SECRET" not in str(closed.history())
    assert "mentor noticed" not in str(closed.history())
    with pytest.raises(BadCommand, match="written by the study itself"):
        closed.log("summary_change", {})


def test_a_code_and_an_interview_have_cells_of_their_own(closed: Study) -> None:
    text = closed.transcript("P01").id
    for summary in (
        Summary("P01", "code", "C1", "One"),
        Summary("P01", "code", "C1", "Two", transcript=text),
        Summary("P01", "theme", "theme", "Three"),
        Summary("P01", "theme", "T1", "Four"),  # the codebook's own group
    ):
        closed.keep_summary(summary)
    assert [s.text for s in closed.summaries()] == ["One", "Two", "Three", "Four"]
    assert closed.check() == []


def test_two_people_do_not_write_over_each_other(closed: Study) -> None:
    first = written(closed.seated(LEA))
    closed.seated(ANA).keep_summary(replace(first, text="Ana's."))
    with pytest.raises(AlreadyInStudy, match="changed in the meantime by ana"):
        closed.seated(BEN).keep_summary(replace(first, text="Ben's."))
    with pytest.raises(AlreadyInStudy, match="in the meantime"):
        closed.seated(BEN).keep_summary(Summary("P01", "theme", "theme", "New"))
    assert [s.text for s in closed.summaries()] == ["Ana's."]


# -- what is refused ---------------------------------------------------------------------------


def test_what_cannot_be_a_summary_is_refused_whole(closed: Study) -> None:
    far, other = Span(0, 999), place(closed, "P02", "I would trust her")
    text, own = closed.transcript("P01").id, place(closed, "P01", "late")
    kept = written(closed)
    before = (closed.summaries(), closed.last_hash())
    for summary, error, words in (
        (Summary("P09", "code", "C1", "x"), NotInStudy, "participant is not"),
        (Summary("P02", "code", "C1", "x", transcript=text), NotInStudy, "not one of the"),
        (Summary("P01", "code", "C9", "x"), NotInStudy, "code is not in the study"),
        (Summary("P01", "code", "theme", "x"), NotInStudy, "code is not in the study"),
        (Summary("P01", "theme", "x", "x"), NotInStudy, "theme is not in the study"),
        (Summary("P01", "code", "C1", " "), BadCommand, "Write what was said"),
        (Summary("P01", "code", "C1", "x", links=(other,)), BadCommand, "its own row"),
        (Summary("P01", "code", "C1", "x", links=(SummaryLink(text, far),)), BadCommand, "inside"),
        (kept, BadCommand, "Nothing of this summary"),
        (Summary("P02", "code", "C1", "x", links=(own,)), BadCommand, "its own row"),
    ):
        with pytest.raises(error, match=words):
            closed.keep_summary(summary)
    assert (closed.summaries(), closed.last_hash()) == before
    with pytest.raises(BadCommand, match="theme or of a code"):
        Summary("P01", "need", "C1")  # type: ignore[arg-type]
    with pytest.raises(BadCommand, match="at most"):
        Summary("P01", "code", "C1", "x" * (LONGEST_SUMMARY + 1))
    with pytest.raises(BadCommand, match="at most"):
        Summary("P01", "code", "C1", "x", links=(own,) * (MOST_LINKS + 1))


def test_the_same_passage_is_linked_once(closed: Study) -> None:
    link = place(closed, "P01", "late")
    kept = closed.keep_summary(
        Summary("P01", "code", "C1", "x", links=(link, replace(link, id="other")))
    )
    assert len(kept.links) == 1


# -- who may, and who sees ---------------------------------------------------------------------


def test_summaries_wait_for_the_coding(two_coders: Study) -> None:
    for seat in (LEA, ANA, None):
        with pytest.raises(StillBlind, match="Summaries are written once coding is submitted"):
            two_coders.seated(seat).keep_summary(Summary("P01", "code", "C1", "x"))
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01")
    two_coders.seated(LEA).keep_summary(Summary("P01", "code", "C1", "SECRET"))
    with pytest.raises(StillBlind, match="its summary waits"):
        two_coders.seated(LEA).keep_summary(Summary("P02", "code", "C1", "x"))
    for seat in (ANA, BEN):  # both still code P02 and P03
        study = two_coders.seated(seat)
        assert study.summaries() == ()
        assert study.history("summary_change") == []
        with pytest.raises(StillBlind):
            study.keep_summary(Summary("P01", "code", "C1", "x"))
    two_coders.seated(ANA).submit("P02", "P03")
    assert [s.text for s in two_coders.seated(ANA).summaries()] == ["SECRET"]


def test_a_study_of_one_coder_has_summaries_too(study: Study) -> None:
    from qualcode.codebook import Codebook

    from .conftest import CODES

    for seat in (LEA, ANA):
        study.add_member(Member(seat.name, seat.roles))
    study.set_codebook(Codebook(CODES))
    study.add(interview("P01"))
    with pytest.raises(StillBlind, match="Nobody has submitted"):
        study.keep_summary(Summary("P01", "code", "C1", "x"))
    study.seated(ANA).submit("P01")
    assert study.seated(ANA).keep_summary(Summary("P01", "code", "C1", "x")).version == 1


def test_who_reads_how_much_of_a_summary(closed: Study) -> None:
    kept = written(closed)
    (author,) = closed.seated(AUTHOR).summaries()
    assert author.text == kept.text
    assert "mentor" not in author.links[0].quote
    (auditor,) = closed.seated(AUDITOR).summaries()
    assert "late" not in auditor.text
    assert "mentor" not in auditor.links[0].quote
    assert "late" not in closed.seated(AUDITOR).summary_versions(kept.id)[0].text
    assert closed.seated(STEWARD).summaries() == ()
    assert closed.seated(STEWARD).summary_versions(kept.id) == ()
    for seat in (AUTHOR, AUDITOR, STEWARD):
        with pytest.raises(NotAllowed, match="Only the study lead can write summaries"):
            closed.seated(seat).keep_summary(replace(kept, text="x"))


def test_what_rests_on_a_text_held_back_is_not_there(closed: Study) -> None:
    kept = written(closed)
    closed.hold_texts_back(True)
    closed.add_member(Member("sue", STEWARD.roles))
    for seat in (LEA, ANA):
        assert closed.seated(seat).summaries() == ()
        with pytest.raises(QualcodeError):
            closed.seated(seat).keep_summary(replace(kept, text="x"))
    closed.release("P01", signed="Sue Stern", found=0)
    assert [s.id for s in closed.seated(ANA).summaries()] == [kept.id]


# -- what becomes of them ----------------------------------------------------------------------


def test_a_revised_text_moves_the_links(closed: Study) -> None:
    lead = closed.seated(LEA)
    kept = written(lead)
    text = closed.transcript("P01")
    revision = revise(text, [Edit(0, 3, "And how"), *_edit(text.text, "mentor", "tutor")])
    asked = {each.coding.id: each.where for each in lead.touched(revision)}
    lead.revise(revision, reason="Heard again", confirmed=asked)
    (moved,) = closed.summaries()
    (link,) = moved.links
    after = closed.transcript("P01").text
    assert after[link.span.slice] == link.quote == "My tutor noticed it"
    assert (link.text_version, link.id, moved.version) == (2, kept.links[0].id, 1)
    assert closed.check() == []


def _edit(text: str, old: str, new: str) -> list[Edit]:
    at = text.index(old)
    return [Edit(at, at + len(old), new)]


def test_a_withdrawal_takes_the_participant_s_row_out(closed: Study) -> None:
    kept = written(closed, "SECRET summary")
    closed.keep_summary(replace(kept, text="SECRET version"))
    closed.keep_summary(Summary("P02", "theme", "theme", "Nobody has time."))
    closed.withdraw("P01", reason="asked by e-mail")
    assert [s.participant for s in closed.summaries()] == ["P02"]
    assert closed.summary_versions(kept.id) == ()
    with pytest.raises(NotInStudy):
        closed.keep_summary(Summary("P01", "theme", "theme", "x"))
    assert closed.check() == []
    closed.close()
    found = b"".join(p.read_bytes() for p in closed.path.parent.iterdir() if p.is_file())
    assert b"SECRET" not in found
    assert b"mentor noticed" not in found


def test_versions_are_not_altered_by_another_hand(closed: Study) -> None:
    written(closed)
    other = sqlite3.connect(closed.path, isolation_level=None)
    for act in ("UPDATE framework_versions SET text = 'x'", "DELETE FROM framework_versions"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            other.execute(act)
    other.close()


def test_a_dropped_theme_leaves_its_summaries_in_the_file(closed: Study) -> None:
    written(closed)
    closed.drop_theme("theme", reason="merged")
    assert len(closed.summaries()) == 1
    assert closed.check() == []


def test_a_package_and_a_backup_hold_what_they_should(closed: Study, tmp_path: Path) -> None:
    from qualcode.store.packages import take_away

    written(closed, "SECRET summary")
    closed.backup(tmp_path / "copy.qualcode")
    with open_study(tmp_path / "copy.qualcode") as copy:
        assert copy.summaries() == closed.summaries()
        assert copy.check() == []
    closed.add(Participant("P04"), interview("P04", "A fourth answer."))
    take_away(closed.seated(ANA), tmp_path / "ana.qualcode", coder="ana")
    assert b"SECRET" not in (tmp_path / "ana.qualcode").read_bytes()


def test_a_file_from_before_has_no_summaries_and_takes_them(closed: Study) -> None:
    closed.close()
    raw = sqlite3.connect(closed.path, isolation_level=None)
    raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm014_framework'")
    for table in ("links", "versions", "summaries"):
        raw.execute(f"DROP TABLE framework_{table}")
    raw.close()
    with open_study(closed.path) as again:
        assert again.summaries() == ()
        assert written(again).version == 1
        assert again.check() == []
