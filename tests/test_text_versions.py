"""A changed text in a study: everything moves with it, or is listed; seals can still be shown."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import Codebook
from qualcode.errors import AlreadyInStudy, BadCoding, BadCommand, NotAllowed, NotInStudy, Sealed
from qualcode.model import Coding, Decision, Member, Seat, Theme, Transcript, Turn, difference_id
from qualcode.revision import Edit, Revision, compared, edited, revise
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.packages import look_into, take_away

from .conftest import ANA, BEN, CODES, LEA, coded, interview
from .test_revision import TEXTS, edits_of

STEVE = Seat("steve", frozenset({"steward"}))


@pytest.fixture
def closed(two_coders: Study) -> Study:
    """P01 coded and submitted by both, one difference settled, locked, a theme made."""
    study, lead = two_coders, two_coders.seated(LEA)
    study.add_member(Member("steve", STEVE.roles))
    first = coded(study, ANA, "P01", 11, 22)  # “I stay late”
    coded(study, ANA, "P01", 60, 72)
    second = coded(study, BEN, "P01", 11, 22, "C2")
    for seat in (ANA, BEN):
        study.seated(seat).submit("P01")
    text = study.transcript("P01")
    settled = Coding(text.id, "consensus", "C1", Span(11, 22), text.text[11:22], came_from=(first,))
    pair = (first, second)
    lead.decide(Decision(difference_id(pair), text.id, "choice", "a", "", pair, (settled,)))
    lead.add_theme(Theme("Late", codes=("C1",), excerpts=((text.id, Span(11, 22)),)))
    lead.lock_consensus({text.id: [settled]})
    return study


def change(study: Study, title: str, old: str, new: str) -> Revision:
    text = study.transcript(title)
    start = text.text.index(old)
    return revise(text, [Edit(start, start + len(old), new)])


def places(study: Study) -> dict[str, tuple[Span, str]]:
    return {c.id: (c.span, c.quote) for c in study.codings()}


# -- what moves --------------------------------------------------------------------------------


def test_sealed_codings_move_with_the_words_before_them(closed: Study) -> None:
    before = places(closed)
    revision = change(closed, "P01", "How is it?", "How has it been of late?")
    lead = closed.seated(LEA)
    assert lead.touched(revision) == ()
    assert lead.revise(revision, reason="Heard again") == 2
    text = closed.transcript("P01")
    assert text.text.startswith("How has it been of late?\nI stay late")
    for id_, (span, quote) in places(closed).items():
        assert quote == before[id_][1] == text.text[span.slice]
        assert span == Span(before[id_][0].start + 14, before[id_][0].end + 14)
    (decision,) = closed.decisions()
    assert decision.result[0].span == Span(25, 36)
    assert closed.themes()[0].excerpts == ((text.id, Span(25, 36)),)
    author = closed.seated(Seat("aud", frozenset({"author"})))
    assert [c.quote for c in author.codings()] == ["I stay late"]
    assert author.codings()[0].span == Span(25, 36)
    assert [turn.span.start for turn in text.turns] == [0, 25]
    assert closed.check() == []


def test_changed_words_are_confirmed_one_by_one_or_nothing_is_changed(closed: Study) -> None:
    lead, before = closed.seated(LEA), places(closed)
    revision = change(closed, "P01", "I stay late", "I stayed very late")
    asked = lead.touched(revision)
    assert {t.old_words for t in asked} == {"I stay late"}
    assert len(asked) == 2
    with pytest.raises(BadCommand, match="2 codings stand on changed words"):
        lead.revise(revision, reason="Heard again")
    one = {asked[0].coding.id: asked[0].where}
    with pytest.raises(BadCommand, match="1 coding stands on changed words"):
        lead.revise(revision, reason="Heard again", confirmed=one)
    with pytest.raises(NotInStudy, match="does not stand on changed words"):
        lead.revise(
            revision, reason="x", confirmed={"x": None} | {t.coding.id: None for t in asked}
        )
    nowhere = Span(10, 11)
    with pytest.raises(BadCoding, match="no words"):
        lead.revise(revision, reason="x", confirmed={t.coding.id: nowhere for t in asked})
    assert places(closed) == before
    assert closed.text_versions("P01")[-1].number == 1
    lead.revise(revision, reason="Heard again", confirmed={t.coding.id: t.where for t in asked})
    assert sorted(c.quote for c in closed.codings()) == sorted(
        ["I stayed very late", "I stayed very late", before[_other(before, asked)][1]]
    )
    assert closed.decisions()[0].result[0].quote == "I stayed very late"
    assert closed.check() == []
    assert closed.unconfirmed() == ()


def _other(before: dict[str, tuple[Span, str]], asked: tuple) -> str:
    (other,) = set(before) - {t.coding.id for t in asked}
    return other


def test_a_coding_may_be_taken_out_and_what_rested_on_it_goes_too(closed: Study) -> None:
    lead = closed.seated(LEA)
    revision = change(closed, "P01", "I stay late most days. ", "")
    asked = lead.touched(revision)
    assert [t.where for t in asked] == [None, None]
    lead.revise(revision, reason="Not said", confirmed={t.coding.id: None for t in asked})
    assert len(closed.codings()) == 1
    assert closed.decisions()[0].result == ()
    assert closed.themes()[0].excerpts == ()
    assert closed.check() == []
    kept = json.loads(closed._db.execute("SELECT taken FROM revisions").fetchone()[0])
    assert {row.get("quote") for row in kept if "coder" in row} == {"I stay late"}


def test_two_codings_of_one_code_that_would_stand_on_the_same_words_both_stay(
    closed: Study,
) -> None:
    study, lead = closed, closed.seated(LEA)
    first = coded(study, ANA, "P02", 11, 17)
    second = coded(study, ANA, "P02", 18, 21)
    study.seated(ANA).submit("P02")
    study.seated(BEN).submit("P02")
    revision = change(study, "P02", "Nobody has", "[name]")
    asked = lead.touched(revision)
    (where,) = {each.where for each in asked}
    assert where is not None
    lead.revise(
        revision,
        reason="Names replaced",
        confirmed={each.coding.id: where for each in asked},
        deidentified=True,
    )
    there = {c.id: c for c in study.codings(transcript="P02")}
    assert there.keys() == {first, second}
    assert there[first].quote == "[name]"
    assert there[second].span != there[first].span
    assert there[second].span.contains(there[first].span)
    (waiting,) = lead.unconfirmed()  # nobody has said that it goes there
    assert waiting.coding.id == second
    assert study.check() == []
    lead.confirm(second)
    assert lead.unconfirmed() == ()


# -- what is blind -----------------------------------------------------------------------------


def test_work_going_on_is_moved_and_marked_for_its_coder(two_coders: Study) -> None:
    study, lead = two_coders, two_coders.seated(LEA)
    stay = coded(study, ANA, "P01", 11, 22)
    gone = coded(study, ANA, "P01", 34, 39, "C2")  # the emoji
    apart = coded(study, ANA, "P01", 60, 70)
    study.seated(ANA).apply("P01", [{"op": "seen", "op_id": "1", "turns": [1]}])
    words = {c.id: c.quote for c in study.seated(ANA).codings()}
    text = study.transcript("P01")
    revision = revise(text, [Edit(11, 22, "I stayed late"), Edit(34, 39, "")])
    assert lead.touched(revision) == ()
    lead.revise(revision, reason="Heard again")
    after = {c.id: c for c in study.seated(ANA).codings()}
    assert after[stay].quote == "I stayed late"
    assert after[stay].uncertain
    assert after[gone].uncertain
    assert after[gone].quote.strip()
    assert after[apart].quote == words[apart]
    assert not after[apart].uncertain
    left = study.seated(ANA).unfinished("P01")
    assert left.unopened == (1,)
    assert {c.id for c in left.doubts} == {stay, gone}
    study.seated(ANA).submit("P01")
    assert study.check() == []


def test_what_is_submitted_but_closed_waits_until_the_lead_may_see_it(two_coders: Study) -> None:
    study, lead = two_coders, two_coders.seated(LEA)
    study.add_member(Member("steve", STEVE.roles))
    coding = coded(study, ANA, "P01", 11, 22)
    study.seated(ANA).submit("P01")
    revision = change(study, "P01", "I stay late", "I stayed late")
    steward = study.seated(STEVE)
    assert steward.touched(revision) == () == lead.touched(revision)
    steward.revise(revision, reason="Heard again")
    assert study.check() == []
    assert lead.unconfirmed() == steward.unconfirmed() == ()
    with pytest.raises(NotInStudy, match="does not wait"):
        lead.confirm(coding)
    study.seated(BEN).submit("P01")
    (waiting,) = lead.unconfirmed()
    assert (waiting.coding.quote, waiting.old_words) == ("I stayed late", "I stay late")
    with pytest.raises(NotAllowed):
        study.seated(ANA).confirm(coding)
    lead.confirm(coding)
    assert lead.unconfirmed() == ()
    assert study.check() == []


def test_the_line_of_history_tells_nothing_of_the_codings(closed: Study) -> None:
    lead = closed.seated(LEA)
    lead.revise(change(closed, "P01", "How is it?", "How was it?"), reason="Heard again")
    (line,) = closed.seated(ANA).history("revise")
    assert set(line["details"]) == {"number", "before", "after", "changes", "old_kept"}


# -- who may, and when not ---------------------------------------------------------------------


def test_coders_change_no_text_and_read_no_old_one(closed: Study) -> None:
    revision = change(closed, "P01", "How", "So how")
    for act in (
        lambda: closed.seated(ANA).revise(revision, reason="x"),
        lambda: closed.seated(ANA).touched(revision),
        lambda: closed.seated(ANA).earlier_text("P01", 1),
        lambda: closed.seated(LEA).earlier_text("P01", 1),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_steward_reads_the_old_text(closed: Study) -> None:
    old = closed.transcript("P01").text
    closed.seated(LEA).revise(change(closed, "P01", "How", "So how"), reason="Heard again")
    steward = closed.seated(STEVE)
    assert steward.earlier_text("P01", 1) == old
    first, second = steward.text_versions("P01")
    assert (first.number, first.sha256) == (1, replace_text(old).sha256)
    assert (second.number, second.made_by, second.reason) == (2, "lea", "Heard again")
    assert second.sha256 == closed.transcript("P01").sha256
    with pytest.raises(NotInStudy, match="no earlier version 2"):
        steward.earlier_text("P01", 2)


def replace_text(text: str) -> Transcript:
    return Transcript("x", text, ())


def test_names_are_in_no_version_and_in_no_byte_of_the_file(two_coders: Study) -> None:
    study = two_coders
    study.add_member(Member("steve", STEVE.roles))
    answer = "Then Helen Okafor came. " + "And so it went on. " * 400 + "Okafor was kind."
    study.add(interview("P07", answer))
    text = study.transcript("P07")
    at = text.text.index("Okafor was")
    coded(study, ANA, "P07", at, at + 10)
    steward = study.seated(STEVE)
    steward.revise(change(study, "P07", "so it went", "so we went"), reason="Heard again")
    assert "Okafor" in steward.earlier_text("P07", 1)
    text = study.transcript("P07")
    first, second = text.text.index("Helen Okafor"), text.text.index("Okafor was")
    edits = [Edit(first, first + 12, "[colleague]"), Edit(second, second + 6, "[colleague]")]
    steward.revise(revise(text, edits), reason="Names taken out", keep_old=False)
    for number in (1, 2):
        with pytest.raises(NotInStudy, match="identify somebody"):
            steward.earlier_text("P07", number)
    assert [c.quote for c in study.seated(ANA).codings()] == ["[colleague] was"]
    assert study.check() == []
    found = {
        file.name
        for file in study.path.parent.glob(study.path.name + "*")
        if file.is_file() and b"Okafor" in file.read_bytes()
    }
    assert found == set()


def test_a_text_changed_meanwhile_is_looked_at_again(closed: Study) -> None:
    lead = closed.seated(LEA)
    late = change(closed, "P01", "Friday", "Monday")
    lead.revise(change(closed, "P01", "How", "So how"), reason="Heard again")
    with pytest.raises(BadCommand, match="changed in the meantime"):
        lead.revise(late, reason="Heard again")


@pytest.mark.parametrize(
    ("new", "reason", "words"),
    [(None, "x", "Nothing in P03 would change"), ("So how", "  ", "needs a reason")],
)
def test_a_revision_says_something(closed: Study, new: str | None, reason: str, words: str) -> None:
    with pytest.raises(BadCommand, match=words):
        closed.seated(LEA).revise(change(closed, "P03", "How", new or "How"), reason=reason)


def test_a_text_is_not_made_another_interviews(closed: Study) -> None:
    revision = compared(closed.transcript("P02"), closed.transcript("P03"))
    with pytest.raises(AlreadyInStudy, match="that of P03"):
        closed.seated(LEA).revise(revision, reason="Wrong file")


def test_an_old_version_is_not_added_as_another_interview(closed: Study) -> None:
    old = closed.transcript("P03")
    closed.seated(LEA).revise(change(closed, "P03", "How", "So how"), reason="Heard again")
    with pytest.raises(AlreadyInStudy, match="as P03"):
        closed.add(Transcript("P03 again", old.text, old.turns))


def test_a_package_comes_back_before_its_text_is_changed(closed: Study, tmp_path: Path) -> None:
    take_away(closed, tmp_path / "ana.qualcode", coder="ana")
    lead = closed.seated(LEA)
    revision = change(closed, "P02", "How", "So how")
    with pytest.raises(NotAllowed, match="took P02 away"):
        lead.revise(revision, reason="Heard again")
    lead.take_back("P02", "ana", reason="The laptop is lost")
    lead.revise(revision, reason="Heard again")
    with pytest.raises(NotAllowed):
        look_into(closed, tmp_path / "ana.qualcode")


# -- promises of the file ----------------------------------------------------------------------


def test_what_is_sealed_moves_only_inside_a_revision_that_ends(closed: Study) -> None:
    db = closed._db
    with pytest.raises(sqlite3.IntegrityError, match="sealed"):
        db.execute("UPDATE codings SET start = 12 WHERE start = 11")
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        db.execute("UPDATE transcripts SET text = 'x'")
    opened = (
        "INSERT INTO revisions (transcript, number, made_by, made_at, reason, before_sha256, "
        "after_sha256, before_source, edits, opened) "
        "SELECT id, 2, 'eve', '', '', sha256, 'x', '', '[]', '' FROM transcripts "
        "WHERE title = 'P01'"
    )
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute(opened)  # its own transaction: it may not stay open
    db.execute("BEGIN")
    db.execute(opened)
    db.execute("UPDATE codings SET start = 12 WHERE start = 11")
    for act in (
        "UPDATE codings SET memo = 'x'",
        "UPDATE codings SET code = 'C3'",
        "UPDATE transcripts SET text = 'x', sha256 = 'y' WHERE title = 'P01'",
        "UPDATE consensus_codings SET code = 'C3'",
        "DELETE FROM revisions",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"sealed|append only"):
            db.execute(act)
    db.execute("ROLLBACK")
    assert closed.check() == []


def test_the_earlier_words_of_who_withdraws_can_be_put_out(closed: Study) -> None:
    lead = closed.seated(LEA)
    revision = change(closed, "P01", "I stay late most days. ", "")
    asked = {t.coding.id: None for t in lead.touched(revision)}
    lead.revise(revision, reason="Not said", confirmed=asked)
    place = closed.transcript("P01").id
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        closed._texts.put_out(place)
    (person,) = [p for p in closed.participants() if p.id == "P01"]
    closed.add(replace(person, status="withdrew"))
    with closed._change("withdraw", place):
        closed._texts.put_out(place)
    old, taken = closed._db.execute("SELECT old, taken FROM revisions").fetchone()
    assert old is None
    assert "late" not in taken
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        closed._db.execute("UPDATE revisions SET reason = 'x'")
    assert closed.check() == []


def test_the_seal_told_at_the_submission_is_worked_out_again(closed: Study) -> None:
    lead = closed.seated(LEA)
    for old, new in (("How is it?", "How was it?"), ("I stay late", "I stayed late"), ("How", "")):
        revision = change(closed, "P01", old, new)
        asked = {t.coding.id: t.where for t in lead.touched(revision)}
        lead.revise(revision, reason="Heard again", confirmed=asked)
    assert [v.number for v in closed.text_versions("P01")] == [1, 2, 3, 4]
    assert closed.check() == []
    other = sqlite3.connect(closed.path, isolation_level=None)
    for (name,) in other.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        other.execute(f"DROP TRIGGER {name}")
    other.execute("UPDATE revisions SET places = '[]' WHERE number = 2")
    other.close()
    found = closed.check()
    assert "The codings on P01 are not those that the history tells of." in found
    assert any("Text version 2 of P01 (revisions) was altered" in fault for fault in found)


def test_a_reopened_transcript_goes_on_from_the_new_text(closed: Study) -> None:
    lead = closed.seated(LEA)
    lead.unlock_consensus("P01", reason="Look again")
    lead.reopen("P01", "ana", reason="A passage was missed")
    revision = change(closed, "P01", "I stay late", "I stayed so late")
    asked = {t.coding.id: t.where for t in lead.touched(revision)}
    lead.revise(revision, reason="Heard again", confirmed=asked)
    (kept,) = closed._db.execute("SELECT codings FROM submissions").fetchone()
    assert "I stayed so late" in {row["quote"] for row in json.loads(kept)}
    closed.seated(ANA).submit("P01")
    assert closed.check() == []
    with pytest.raises(Sealed):
        closed.seated(ANA).apply("P01", [{"op": "remove", "op_id": "1", "id": "x"}])


# -- any text, any edits -----------------------------------------------------------------------


@st.composite
def cases(draw):
    text = draw(TEXTS.filter(str.strip))
    spans = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["ana", "ben"]),
                st.sampled_from(["C1", "C2"]),
                st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True).map(
                    sorted
                ),
            ),
            max_size=8,
            unique_by=lambda case: (case[0], case[1], *case[2]),
        )
    )
    return (
        text,
        spans,
        [draw(edits_of(text)) for _ in range(1)],
        draw(st.booleans()),
        draw(st.sets(st.sampled_from(["ana", "ben"]))),
    )


@settings(max_examples=60)
@given(cases(), st.data())
def test_through_the_store_nothing_else_moves_by_one_character(case, data) -> None:
    """Random texts with emoji, combining marks, right-to-left and unspaced scripts."""
    text, spans, (edits,), keep, submitted = case
    with (
        tempfile.TemporaryDirectory() as folder,
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        study.add(Transcript("P01", text, (Turn("P", "participant", Span(0, len(text))),)))
        for coder, code, (start, end) in spans:
            coded(study, ANA if coder == "ana" else BEN, "P01", start, end, code)
        for coder in submitted:
            study.seated(Seat(coder, frozenset({"coder"}))).submit("P01")
        for _ in range(2):
            before = study.transcript("P01")
            if not edited(before.text, edits).strip():
                return
            after = edited(before.text, edits)
            whole = Turn("P", "participant", Span(0, len(after)))
            revision = compared(before, replace(before, text=after, turns=(whole,)))
            layers = every_coding(study)
            lead = study.seated(LEA)
            if after == before.text:
                return
            asked = {t.coding.id: t.where for t in lead.touched(revision)}
            if submitted != {"ana", "ben"}:
                assert asked == {}
            try:
                lead.revise(revision, reason="Heard again", confirmed=asked, keep_old=keep)
            except BadCoding:
                assert len(asked) > 1  # two would stand at one place
                asked = dict.fromkeys(asked)
                lead.revise(revision, reason="Heard again", confirmed=asked, keep_old=keep)
            now = every_coding(study)
            assert study.check() == []
            assert study.transcript("P01").text == after
            for id_, row in layers.items():
                moved = revision.moved(row.span)
                if moved is not None:
                    assert now[id_] == replace(row, span=moved)
                    assert after[moved.slice] == row.quote
                elif id_ in asked and asked[id_] is None:
                    assert id_ not in now
                elif id_ in now:
                    assert now[id_].quote == after[now[id_].span.slice] != ""
                    assert now[id_].uncertain == (row.uncertain or row.coder not in submitted)
            edits = data.draw(edits_of(after))


def every_coding(study: Study) -> dict[str, Coding]:
    return {coding.id: coding for coding in study._texts._codings(study._shelf.place("P01"))}
