"""Memos: one's own until they are shared or their layer opens; answered once all have submitted."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import Codebook
from qualcode.errors import BadCoding, BadCommand, NotAllowed, NotInStudy, QualcodeError, StillBlind
from qualcode.memos import LONGEST_MEMO, Memo
from qualcode.model import Code, Member, Seat, Theme, Transcript, new_id
from qualcode.reconciliation import decide, find_differences
from qualcode.revision import Edit, revise
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.packages import bring_back, call_back, look_into, take_away

from .conftest import ANA, BEN, CODES, LEA, WORDS, add, coded, interview

PAUL = Seat("paul", frozenset({"author"}))
SUE = Seat("sue", frozenset({"steward", "auditor"}))


def note(text: Transcript, start: int, end: int, words: str = "Why here?", **more: Any) -> Any:
    """The act of a browser that puts a memo on a passage."""
    return {
        "op": "note",
        "op_id": more.get("op_id", new_id()),
        "quote": text.text[start:end],
        "note": {
            "id": more.get("id", new_id()),
            "about": "passage",
            "start": start,
            "end": end,
            "text": words,
        },
    }


def on(about: str, words: str, **more: Any) -> Any:
    return {
        "op": "note",
        "op_id": new_id(),
        "note": {"id": new_id(), "about": about, "text": words, **more},
    }


def act(op: str, id: str, **more: Any) -> Any:
    return {"op": op, "op_id": new_id(), "id": id, **more}


def words(study: Study, seat: Seat | None, **asked: Any) -> list[str]:
    return [memo.text for memo in study.seated(seat).memos(**asked)]


@pytest.fixture
def noted(two_coders: Study) -> Study:
    """Ana has a memo on a passage, on P01, on a code and on a coding; nobody has submitted."""
    ana, text = two_coders.seated(ANA), two_coders.transcript("P01")
    coding = add(text, 30, 40, memo="on a coding")
    acts = [
        note(text, 11, 22, "on a passage"),
        on("transcript", "on P01"),
        on("code", "on trust", code="C1"),
        coding,
    ]
    assert ana.apply("P01", acts).rejected == ()
    return two_coders


def submit(study: Study, *titles: str) -> None:
    for seat in (ANA, BEN):
        study.seated(seat).submit(*(titles or WORDS))


# -- who reads what ----------------------------------------------------------------------------


def test_memos_are_their_author_s_while_coding_goes_on(noted: Study) -> None:
    mine = {"on a passage", "on P01", "on trust", "on a coding"}
    assert set(words(noted, ANA)) == mine
    for seat in (None, LEA, BEN, PAUL, SUE):
        assert words(noted, seat) == []
        assert not [ln for ln in noted.seated(seat).history() if ln["act"].startswith("memo")]
    assert {m.text for m in noted.seated(ANA).noted("P01")} == mine - {"on a coding"}
    assert {m.text for m in noted.seated(ANA).noted("P02")} == {"on trust"}
    assert noted.seated(BEN).noted("P01") == ()
    assert noted.check() == []


def test_those_of_the_layer_open_with_it_the_others_when_they_are_shared(noted: Study) -> None:
    noted.seated(ANA).submit("P01")
    assert words(noted, LEA) == []
    noted.seated(BEN).submit("P01")
    assert set(words(noted, LEA)) == {"on a passage", "on a coding"}
    assert words(noted, BEN) == [], "who still codes is told nothing"
    noted.seated(ANA).submit("P02", "P03")
    noted.seated(BEN).submit("P02", "P03")
    assert set(words(noted, BEN)) == {"on a passage", "on a coding"}
    assert words(noted, SUE) == words(noted, PAUL) == []
    ana = noted.seated(ANA)
    for memo in ana.memos():
        if not memo.in_layer:
            ana.share_memo(memo.id)
    assert len(words(noted, BEN)) == len(words(noted, None)) == 4
    assert [ln["act"] for ln in noted.seated(BEN).history("memo_share")] == ["memo_share"] * 2
    assert noted.check() == []


def test_what_is_shared_while_a_round_is_open_reaches_no_coder_at_work(noted: Study) -> None:
    ana = noted.seated(ANA)
    for memo in ana.memos():
        if memo.about in ("code", "transcript"):
            ana.share_memo(memo.id)
    assert words(noted, BEN) == []
    assert words(noted, LEA) == ["on trust"], "on a transcript only when that is closed"
    assert noted.seated(BEN).history("memo_share") == []


def test_a_transcript_coded_once_more_shows_nobody_what_they_noted_before(noted: Study) -> None:
    submit(noted)
    lead = noted.seated(LEA)
    held = lead.add_round("Again", kind="repeat")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=held.id)
    assert words(noted, ANA) == ["on trust"]
    assert words(noted, BEN) == []
    memo = next(m for m in lead.memos() if m.text == "on a passage")
    for change in (
        lambda: noted.seated(ANA).delete_memo(memo.id),
        lambda: noted.seated(ANA).answer_memo(memo.id, "Yes"),
    ):
        with pytest.raises(NotInStudy):
            change()


def test_what_may_be_reported_is_shared_and_read_by_authors(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    memo = ana.write_memo(Memo("I am a nurse.", kind="reflexivity", moment="start"))
    assert words(two_coders, PAUL) == words(two_coders, LEA) == []
    assert ana.change_memo(memo.id, may_be_reported=True).shared
    assert words(two_coders, PAUL) == words(two_coders, LEA) == ["I am a nurse."]
    assert words(two_coders, SUE) == []
    ana.change_memo(memo.id, may_be_reported=False)
    assert words(two_coders, PAUL) == []
    assert words(two_coders, LEA) == ["I am a nurse."]


def test_the_history_holds_no_word_of_a_memo(noted: Study) -> None:
    ana = noted.seated(ANA)
    memo = ana.write_memo(Memo("SECRET words", "study"))
    ana.change_memo(memo.id, text="Other SECRET words")
    ana.delete_memo(memo.id)
    found = str(list(noted._db.execute("SELECT details FROM history")))
    assert "SECRET" not in found
    assert "on trust" not in found
    acts = [line["act"] for line in ana.history(subject=memo.id)]
    assert acts == ["memo_write", "memo_change", "memo_delete"]
    for seat in (None, LEA, BEN):
        assert noted.seated(seat).history(subject=memo.id) == []
    assert noted.check() == []


# -- writing -----------------------------------------------------------------------------------


def test_nobody_changes_another_s_memo(noted: Study) -> None:
    for memo in noted.seated(ANA).memos():
        for seat in (None, LEA, BEN):
            study = noted.seated(seat)
            for change in (
                lambda s=study, m=memo: s.change_memo(m.id, text="mine"),
                lambda s=study, m=memo: s.share_memo(m.id),
                lambda s=study, m=memo: s.delete_memo(m.id),
                lambda s=study, m=memo: s.answer_memo(m.id, "Yes"),
            ):
                with pytest.raises(NotInStudy):
                    change()
    ben = noted.seated(BEN)
    for op in ("unnote", "note_text"):
        for memo in noted.seated(ANA).memos():
            known, unknown = (
                ben.apply("P01", [act(op, id, text="x")]).rejected[0]["reason"]
                for id in (memo.id, new_id())
            )
            assert known == unknown
    assert len(noted.seated(ANA).memos()) == 4


@pytest.mark.parametrize(
    ("memo", "refusal"),
    [
        (Memo("  "), BadCoding),
        (Memo("x" * (LONGEST_MEMO + 1)), BadCoding),
        (Memo("half \ud83d"), BadCoding),
        (Memo("x", "code", "C99"), NotInStudy),
        (Memo("x", "theme", "t"), NotInStudy),
        (Memo("x", "transcript", "", "nowhere"), NotInStudy),
        (Memo("x", "study", "y"), BadCommand),
        (Memo("x", "coding", "y"), BadCommand),
        (Memo("x", "reply", "y"), BadCommand),
    ],
    ids=lambda value: value.about + value.text[:5] if isinstance(value, Memo) else "",
)
def test_a_memo_about_nothing_is_refused(
    two_coders: Study, memo: Memo, refusal: type[QualcodeError]
) -> None:
    before = two_coders.history()
    with pytest.raises(refusal):
        two_coders.seated(ANA).write_memo(memo)
    assert two_coders.history() == before


def test_a_memo_of_no_kind_is_refused() -> None:
    for wrong in ({"about": "x"}, {"kind": "x"}, {"moment": "x"}, {"span": Span(0, 3)}):
        with pytest.raises(BadCommand):
            Memo("x", **wrong)


def test_the_words_of_a_passage_have_to_be_those_of_the_text(two_coders: Study) -> None:
    text = two_coders.transcript("P01")
    wrong = Memo("x", "passage", "", text.id, Span(0, 3), "Who")
    with pytest.raises(BadCoding, match="differs"):
        two_coders.seated(ANA).write_memo(wrong)
    with pytest.raises(BadCoding, match="missing"):
        two_coders.seated(ANA).write_memo(Memo("x", "passage", "", text.id))
    ana = two_coders.seated(ANA)
    bad = [
        note(text, 11, 22) | {"quote": "other words"},
        note(text, 11, 9000),
        note(text, 11, 22, ""),
        note(text, 11, 22, id="no id"),
        on("song", "x"),
        on("code", "x", code="C99"),
        on("code", "x"),
        {"op": "note", "op_id": new_id()},
        act("note_text", new_id(), text="x"),
        act("unnote", new_id()),
    ]
    applied = ana.apply("P01", bad)
    assert len(applied.rejected) == len(bad)
    assert ana.memos() == ()
    assert two_coders.check() == []


def test_an_author_writes_of_the_study_and_not_of_interviews(two_coders: Study) -> None:
    paul = two_coders.seated(PAUL)
    paul.write_memo(Memo("I edit the journal.", kind="reflexivity"))
    with pytest.raises(NotAllowed):
        paul.write_memo(Memo("x", "transcript", "", two_coders.transcript("P01").id))


def test_a_deleted_memo_can_be_kept_again(noted: Study) -> None:
    ana = noted.seated(ANA)
    memo = next(m for m in ana.memos() if m.about == "code")
    ana.delete_memo(memo.id)
    assert memo not in ana.memos()
    assert ana.write_memo(memo) == memo
    assert memo in ana.memos()
    with pytest.raises(BadCoding, match="there already"):
        ana.write_memo(memo)
    assert noted.check() == []


def test_an_act_sent_twice_is_done_once_and_undone_by_its_inverse(two_coders: Study) -> None:
    ana, text = two_coders.seated(ANA), two_coders.transcript("P01")
    one = note(text, 11, 22)
    id = one["note"]["id"]
    assert ana.apply("P01", [one, one]).acknowledged == (one["op_id"],) * 2
    assert len(ana.memos()) == 1
    away = act("unnote", id)
    assert ana.apply("P01", [away, act("unnote", id)]).rejected == ()
    assert ana.memos() == ()
    again = one | {"op_id": new_id()}
    ana.apply("P01", [again, act("note_text", id, text="more")])
    assert [m.text for m in ana.memos()] == ["more"]
    assert two_coders.check() == []


def test_memos_on_passages_are_sealed_with_the_codings(noted: Study) -> None:
    ana = noted.seated(ANA)
    memo = next(m for m in ana.memos() if m.about == "passage")
    ana.submit("P01")
    for change in (
        lambda: ana.change_memo(memo.id, text="other"),
        lambda: ana.delete_memo(memo.id),
        lambda: ana.apply("P01", [note(noted.transcript("P01"), 11, 14)]),
        lambda: ana.apply("P01", [act("unnote", memo.id)]),
    ):
        with pytest.raises(QualcodeError, match="submitted"):
            change()
    assert ana.change_memo(memo.id, kind="analytic").kind == "analytic"
    beside = ana.write_memo(replace(memo, id=new_id(), text="a later thought"))
    assert not beside.in_layer
    submit(noted, "P02", "P03")
    noted.seated(BEN).submit("P01")
    assert "a later thought" not in words(noted, LEA)
    assert noted.check() == []


# -- threads -----------------------------------------------------------------------------------


def test_threads_open_when_everybody_has_submitted(noted: Study) -> None:
    ana = noted.seated(ANA)
    for memo in [m for m in ana.memos() if m.in_layer]:
        with pytest.raises(StillBlind, match="Threads open"):
            ana.answer_memo(memo.id, "To myself")
    with pytest.raises(NotAllowed, match="share"):
        ana.answer_memo(next(m for m in ana.memos() if m.about == "code").id, "x")
    submit(noted)
    lead, ben = noted.seated(LEA), noted.seated(BEN)
    memo = next(m for m in ben.memos() if m.text == "on a passage")
    first = ben.answer_memo(memo.id, "I read it as a joke.")
    second = lead.answer_memo(first.id, "So did I.")
    assert first.subject == second.subject == memo.id
    coding = next(m for m in ben.memos() if m.about == "coding")
    lead.answer_memo(coding.id, "Say more.")
    assert len(words(noted, ANA)) == 4 + 3
    assert words(noted, PAUL) == []
    shared = ana.write_memo(Memo("on all of it", shared=True))
    answer = lead.answer_memo(shared.id, "Yes")
    with pytest.raises(BadCoding, match="Others have answered"):
        ana.delete_memo(shared.id)
    lead.delete_memo(answer.id)
    assert lead.answer_memo(shared.id, "Yes", id=answer.id).id == answer.id
    lead.delete_memo(answer.id)
    ana.delete_memo(shared.id)
    lead.delete_memo(second.id)
    ben.delete_memo(first.id)
    assert noted.check() == []


def test_a_coding_without_a_memo_can_be_answered_too(noted: Study) -> None:
    coding = coded(noted, BEN, "P01", 0, 3)
    submit(noted)
    noted.seated(ANA).answer_memo(coding, "Why this?")
    assert "Why this?" in words(noted, BEN)
    with pytest.raises(NotInStudy):
        noted.seated(ANA).answer_memo(new_id(), "x")


def test_a_thread_closes_again_with_its_transcript(noted: Study) -> None:
    submit(noted)
    memo = next(m for m in noted.seated(BEN).memos() if m.text == "on a passage")
    noted.seated(LEA).answer_memo(memo.id, "an answer")
    noted.seated(LEA).reopen("P01", "ana", reason="A turn was left out")
    for seat in (LEA, BEN):
        assert "on a passage" not in words(noted, seat)
    assert "an answer" not in words(noted, BEN)


def test_around_a_difference_everything_is_shared(noted: Study) -> None:
    submit(noted)
    text = noted.transcript("P01")
    memo = Memo("Is it a joke?", "difference", "d1", text.id, kind="difference")
    noted.seated(ANA).write_memo(memo)
    assert "Is it a joke?" in words(noted, BEN, kind="difference")
    with pytest.raises(NotInStudy):
        noted.seated(PAUL.__class__("max", frozenset({"steward"}))).write_memo(
            replace(memo, id=new_id())
        )


def test_a_memo_on_a_difference_waits_for_the_transcript(noted: Study) -> None:
    memo = Memo("x", "difference", "d1", noted.transcript("P01").id, kind="difference")
    for seat in (ANA, LEA, None):
        with pytest.raises(NotInStudy, match="open to you"):
            noted.seated(seat).write_memo(memo)


def test_the_words_of_a_true_difference_are_a_finding(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 11, 22)
    coded(two_coders, BEN, "P01", 11, 22, "C3")
    submit(two_coders)
    lead = two_coders.seated(LEA)
    (difference,) = find_differences(lead.codings(), ("ana", "ben"))
    lead.decide(
        decide(
            difference, "a", reason="true difference of reading: it may be a joke", decided_by=""
        )
    )
    (memo,) = lead.memos(kind="difference")
    assert (memo.text, memo.may_be_reported, memo.subject) == (
        "it may be a joke", True, difference.id
    )  # fmt: skip
    assert words(two_coders, BEN) == ["it may be a joke"]
    answer = two_coders.seated(BEN).answer_memo(memo.id, "It was not.")
    assert answer.subject == memo.id
    assert words(two_coders, SUE) == []


# -- reflexivity -------------------------------------------------------------------------------


def test_everybody_is_asked_for_themselves_at_three_moments(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    assert ana.moments_due() == lead.moments_due() == ("start",)
    assert two_coders.seated(None).moments_due() == two_coders.seated(PAUL).moments_due() == ()
    ana.write_memo(Memo("I am a nurse.", kind="reflexivity", moment="start"))
    lead.decline_memo("start")
    lead.decline_memo("start")
    assert ana.moments_due() == lead.moments_due() == ()
    assert ana.declined() == {"lea": ("start",)}
    pilot = lead.add_round("Pilot", kind="pilot")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=pilot.id)
    assert ana.moments_due() == ()
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01", round=pilot.id)
    assert ana.moments_due() == lead.moments_due() == ("pilot",)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P02", "P03")
    assert lead.moments_due() == ("pilot", "themes")
    assert len(lead.history("memo_decline")) == 1
    with pytest.raises(BadCommand):
        lead.decline_memo("never")  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        two_coders.decline_memo("start")
    assert two_coders.check() == []


# -- with the text, out of the study, away -----------------------------------------------------


def test_a_withdrawal_takes_the_memos_on_an_interview_with_it(noted: Study) -> None:
    submit(noted)
    memo = next(m for m in noted.seated(LEA).memos() if m.about == "passage")
    noted.seated(LEA).answer_memo(memo.id, "ANSWER to it")
    noted.seated(ANA).write_memo(Memo("on P02", "transcript", "", noted.transcript("P02").id))
    noted.seated(LEA).withdraw("P01", reason="By letter")
    assert set(words(noted, ANA)) == {"on trust", "on P02"}
    noted.close()
    raw = noted.path.read_bytes()
    for gone in (b"on a passage", b"on P01", b"ANSWER to it", b"on a coding"):
        assert gone not in raw
    with open_study(noted.path) as again:
        assert again.check() == []


def test_a_package_carries_the_coder_s_own_memos(noted: Study, tmp_path: Path) -> None:
    """Taken away, changed on both sides, brought back: no word is lost."""
    noted.seated(BEN).write_memo(Memo("Ben's own"))
    package, text = tmp_path / "ana.qualcode", noted.transcript("P01")
    ana = noted.seated(ANA)
    ids = {m.text: m.id for m in ana.memos()}
    take_away(ana, package, coder="ana")
    with open_study(package, seat=ANA) as away:
        assert set(words(away, ANA)) == {"on a passage", "on P01", "on trust", "on a coding"}
        assert words(away, BEN) == []
        changes = [
            note(text, 0, 3, "made away"),
            act("note_text", ids["on a passage"], text="changed away"),
            act("note_text", ids["on trust"], text="changed away too"),
            act("unnote", ids["on P01"]),
        ]
        assert away.apply("P01", changes).rejected == ()
        assert away.check() == []
    ana.change_memo(ids["on trust"], text="changed here")
    assert look_into(ana, package).memos == 4
    bring_back(ana, package)
    assert sorted(words(noted, ANA)) == sorted(
        ["changed away", "changed here", "changed away too", "made away", "on a coding"]
    )
    assert words(noted, BEN) == ["Ben's own"]
    assert noted.check() == []
    assert [m.in_layer for m in ana.memos() if m.text == "made away"] == [True]


def test_what_was_noted_away_stays_beside_what_was_sealed_here(
    noted: Study, tmp_path: Path
) -> None:
    package, text, ana = tmp_path / "ana.qualcode", noted.transcript("P01"), noted.seated(ANA)
    take_away(ana, package, coder="ana")
    with open_study(package, seat=ANA) as away:
        away.apply("P01", [note(text, 0, 3, "made away")])
    call_back(ana, "ana")
    ana.submit("P01")
    bring_back(ana, package)
    (memo,) = [m for m in ana.memos() if m.text == "made away"]
    assert not memo.in_layer
    noted.seated(BEN).submit("P01")
    assert "made away" not in words(noted, LEA)
    assert noted.check() == []


WORD = st.text("ab é👩🏽‍⚕️日 \n", min_size=1, max_size=12)


@settings(max_examples=60)
@given(st.data())
def test_whatever_becomes_of_a_text_a_memo_keeps_its_words(data: st.DataObject) -> None:
    """Random edits of words: a memo on unchanged words keeps every character, sealed or not; all
    others stand on words of the new text, and none is lost.
    """
    text = interview("P01")
    begin = text.turns[1].span.start
    with (
        tempfile.TemporaryDirectory() as folder,
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        study.add(text)
        places = data.draw(
            st.lists(st.tuples(st.integers(begin, len(text.text) - 2), st.integers(1, 20)),
                     min_size=1, max_size=6)
        )  # fmt: skip
        for start, length in places:
            end = min(start + length, len(text.text))
            assert study.seated(ANA).apply("P01", [note(text, start, end)]).rejected == ()
        if data.draw(st.booleans()):
            submit(study, "P01")
        before = {m.id: m for m in study.seated(ANA).memos()}
        cuts = sorted(
            data.draw(
                st.lists(
                    st.integers(begin, len(text.text) - 1), min_size=2, max_size=6, unique=True
                )
            )
        )
        edits = [
            Edit(start, end, data.draw(WORD) + "x")
            for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        revision = revise(text, edits)
        study.seated(LEA).revise(revision, reason="Heard again")
        after = {m.id: m for m in study.seated(ANA).memos()}
        assert after.keys() == before.keys()
        now = study.transcript("P01").text
        for id, memo in after.items():
            assert memo.span is not None
            assert now[memo.span.slice] == memo.quote != ""
            where = revision.moved(before[id].span)  # type: ignore[arg-type]
            if where is not None:
                assert (memo.span, memo.quote) == (where, before[id].quote)
        assert study.check() == []


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=25))
def test_any_sequence_of_acts_leaves_a_sound_study(steps: list[tuple[int, int]]) -> None:
    """Writing, changing, sharing, answering, deleting, submitting, reopening, in any order; what is
    refused changes nothing, and nobody reads what is closed to them.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        study.add(interview("P01"), interview("P02"))
        text = study.transcript("P01")
        for number, which in steps:
            seat = (LEA, ANA, BEN)[which % 3]
            here = study.seated(seat)
            seen = here.memos()
            some = seen[which % len(seen)].id if seen else new_id()
            try:
                match number:
                    case 0:
                        here.write_memo(Memo(f"{seat.name} on the study"))
                    case 1:
                        quote = text.text[11 : 12 + which]
                        span = Span(11, 12 + which)
                        here.write_memo(Memo(f"{seat.name}", "passage", "", text.id, span, quote))
                    case 2:
                        here.write_memo(Memo("a word", "code", "C1", shared=which > 2))
                    case 3:
                        here.change_memo(some, text="said differently", may_be_reported=which > 3)
                    case 4:
                        here.share_memo(some)
                    case 5:
                        here.answer_memo(some, "an answer")
                    case 6:
                        here.delete_memo(some)
                    case 7:
                        here.submit(("P01", "P02")[which % 2])
                    case 8:
                        study.seated(LEA).reopen("P01", "ana", reason="again")
                    case 9:
                        study.seated(LEA).add_theme(Theme(f"Theme {which}"))
            except QualcodeError:
                pass
            for other in (LEA, ANA, BEN):
                for memo in study.seated(other).memos():
                    assert memo.author == other.name or memo.shared or memo.in_layer
        assert study.check() == []


def test_a_code_that_is_retired_keeps_its_memo(noted: Study) -> None:
    book = noted.codebook()
    noted.seated(LEA).set_codebook(Codebook((*book.codes, Code("C9", "New"))))
    assert "on trust" in words(noted, ANA)
    assert noted.check() == []
