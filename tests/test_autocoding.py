"""Searching the study and coding what is found: one act, of machine origin, only where one may."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from qualcode.errors import BadCommand, NotAllowed, NotInStudy, Sealed
from qualcode.model import Seat, Transcript, Turn, new_id
from qualcode.revision import Edit, revise
from qualcode.searching import Search, find
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.store.autocoding import by_search
from qualcode.store.packages import bring_back, take_away

from .conftest import ANA, BEN, LEA, coded, interview


def single(text: str, role: str = "participant") -> Transcript:
    return Transcript("T", text, (Turn("P", role, Span(0, len(text))),), id="t")  # type: ignore[arg-type]


def quotes(search: Search, text: str) -> list[str]:
    return [text[hit.span.slice] for hit in find(search, [single(text)]).hits]


# -- finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "text", "found"),
    [
        (Search("trust"), "Trust, trusted, TRUST", ["Trust", "TRUST"]),
        (Search("trust", "inside"), "Trust, mistrusted", ["Trust", "mistrusted"]),
        (Search("ten  minutes"), "Ten\nminutes or ten minutes", ["Ten\nminutes", "ten minutes"]),
        (Search("cafe"), "the café and the cafe\u0301s", ["café"]),
        (Search("naive"), "NAÏVE", ["NAÏVE"]),
        (Search("strasse"), "Die Straße.", ["Straße"]),
        (Search("加班"), "我常常加班到很晚。", ["加班"]),
        (Search("العمل"), "بيئة العمل جيدة", ["العمل"]),
        (Search(r"\b(no|not)\b", "pattern"), "No, I did not.", ["No", "not"]),
        (Search(r"men\w", "pattern"), "a mentoring", ["mentoring"]),
        (Search("no", snap="sentence"), "I said no. Why? No, no!", ["I said no.", "No, no!"]),
        (Search("no", "words", "turn"), "  I said no. No!\n", ["I said no. No!"]),
        (Search(r"x*", "pattern"), "nothing here", []),
        (Search("👩", "inside"), "👩🏽‍⚕️ and 👩", ["👩🏽‍⚕️", "👩"]),
    ],
)  # fmt: skip
def test_words_phrases_and_patterns_are_found(search: Search, text: str, found: list[str]) -> None:
    assert quotes(search, text) == found


def test_an_interviewers_words_are_found_for_reading_only() -> None:
    text = interview("P01", "We trust.", "Trust?")
    assert [hit.turn for hit in find(Search("trust"), [text]).hits] == [1]
    assert [hit.turn for hit in find(Search("trust"), [text], everybody=True).hits] == [0, 1]


def test_a_pattern_without_end_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(BadCommand, match="takes too long"):
        find(Search(r"(\w+\s*)+\d", "pattern"), [single("word " * 5_000)], seconds=0.3)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("pattern", ["(", "[a", "(?P<x", "*a", r"\p{Nonsense}", "(?<!a{1,"])
def test_a_pattern_that_cannot_be_read_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(BadCommand, match="cannot be read"):
        Search(pattern, "pattern")


@pytest.mark.parametrize(("text", "kind"), [("", "words"), ("  ", "words"), ("x" * 301, "words")])
def test_a_search_has_words_and_not_too_many(text: str, kind: str) -> None:
    with pytest.raises(BadCommand):
        Search(text, kind)  # type: ignore[arg-type]


def test_more_hits_than_anybody_reads_are_cut() -> None:
    assert find(Search("a"), [single("a " * 3_000)]).cut


# -- coding ------------------------------------------------------------------------------------


def test_all_hits_are_coded_in_one_act_and_taken_back_in_one(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    done = ana.autocode(Search("with", "inside"), "C2", transcripts=["P01", "P02", "P03"])
    assert done.codings == 1  # “with” of P02; the question is the interviewer's
    done = ana.autocode(Search("e", "inside", "sentence"), "C1", transcripts=["P01", "P02"])
    mine = [c for c in ana.codings() if c.search == done.search]
    assert len(mine) == done.codings > 2
    assert {c.transcript for c in mine} == {ana.transcript(t).id for t in ("P01", "P02")}
    assert all(c.coder == "ana" and c.code == "C1" for c in mine)
    lines = [line for line in ana.history("autocode") if line["subject"] == done.search]
    assert len(lines) == 2
    assert sum(len(line["details"]["codings"]) for line in lines) == len(mine)
    assert "sentence" not in str(lines), "no words in the history"
    ana.undo_search(done.search)
    assert not [c for c in ana.codings() if c.search == done.search]
    ana.undo_search(done.search, again=True)
    assert {c.id for c in ana.codings() if c.search == done.search} == {c.id for c in mine}
    assert two_coders.check() == []


def test_some_hits_are_coded_and_those_that_carry_the_code_are_left(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    text = ana.transcript("P02")
    hits = [h for h in ana.find(Search("e", "inside"), transcripts=["P02"]).hits if h.turn == 1]
    chosen = [(h.transcript, h.span) for h in hits[:2]]
    coded(two_coders, ANA, "P02", hits[0].span.start, hits[0].span.end)
    done = ana.autocode(Search("e", "inside"), "C1", transcripts=["P02"], accepted=chosen)
    assert (done.codings, done.there) == (1, 1)
    (made,) = [c for c in ana.codings() if c.search]
    assert made.span == hits[1].span
    assert made.quote == text.text[made.span.slice]
    with pytest.raises(BadCommand, match="not found any more"):
        ana.autocode(Search("e"), "C1", transcripts=["P02"], accepted=[(text.id, Span(0, 3))])
    with pytest.raises(BadCommand, match="Nothing is found"):
        ana.autocode(Search("zebra"), "C1", transcripts=["P02"])


def test_browser_acts_undo_and_redo_a_search_once(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    done = ana.autocode(Search("i"), "C1", transcripts=["P01", "P02"])
    off = {"op": "search", "op_id": new_id(), "id": done.search, "on": False}
    assert ana.apply("P01", [off]).acknowledged == (off["op_id"],)
    assert len(ana.codings()) == 0
    on = {**off, "op_id": new_id(), "on": True}
    ana.apply("P01", [off, on])
    assert len(ana.codings()) == done.codings
    foreign = {**off, "op_id": new_id()}
    assert (
        "cannot be changed" in two_coders.seated(BEN).apply("P01", [foreign]).rejected[0]["reason"]
    )
    one = ana.codings()[0]
    remove = {"op": "remove", "op_id": new_id(), "id": one.id}
    back = {"op": "add", "op_id": new_id(), "quote": one.quote,
            "coding": {"id": one.id, "start": one.span.start, "end": one.span.end,
                       "code": one.code, "search": one.search}}  # fmt: skip
    title = {t.id: t.title for t in ana.transcripts()}[one.transcript]
    assert ana.apply(title, [remove, back]).rejected == ()
    assert one.id in {c.id for c in ana.codings() if c.search == one.search}
    forged = {**back, "op_id": new_id(), "coding": {**back["coding"], "id": new_id(),  # type: ignore[dict-item]
                                                   "code": "C2", "search": new_id()}}  # fmt: skip
    assert "not among yours" in ana.apply(title, [forged]).rejected[0]["reason"]
    assert two_coders.check() == []


def test_only_own_open_work_of_a_round_that_allows_it_is_coded(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    with pytest.raises(NotAllowed):
        lead.autocode(Search("i"), "C1", transcripts=["P01"])
    ana.submit("P01")
    with pytest.raises(Sealed):
        ana.autocode(Search("i", "inside"), "C1", transcripts=["P01"])
    with pytest.raises(NotAllowed, match="lead"):
        ana.allow_autocoding("main", False)
    lead.allow_autocoding("main", False)
    with pytest.raises(NotAllowed, match="coded by hand"):
        ana.autocode(Search("i", "inside"), "C1", transcripts=["P02"])
    assert ana.find(Search("i", "inside")).hits, "a search still leads to each place"
    lead.allow_autocoding("main", True)
    assert ana.autocode(Search("i", "inside"), "C1", transcripts=["P02"]).codings
    with pytest.raises(NotAllowed):
        two_coders.seated(Seat("x", frozenset({"author"}))).find(Search("i"))
    with pytest.raises(NotInStudy):
        ana.find(Search("i"), transcripts=["P99"])
    assert two_coders.check() == []


def test_what_a_search_put_is_counted_when_the_round_is_closed(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    done = ana.autocode(Search("trust"), "C1", transcripts=["P02"])
    assert [each.words for each in ana.searches()] == ["trust"]
    assert lead.searches() == ()
    assert two_coders.seated(BEN).searches() == ()
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01", "P02", "P03")
    (told,) = lead.searches()
    assert (told.id, told.codings, told.found) == (done.search, 1, 1)
    assert by_search(lead.codings()) == {done.search: 1}


def test_a_search_travels_in_a_package(two_coders: Study, tmp_path: Path) -> None:
    from qualcode.store import open_study

    ana = two_coders.seated(ANA)
    first = ana.autocode(Search("trust"), "C1", transcripts=["P02"])
    take_away(ana, tmp_path / "ana.qualcode", coder="ana")
    with open_study(tmp_path / "ana.qualcode", seat=ANA) as away:
        assert {c.search for c in away.codings()} == {first.search}
        second = away.autocode(Search("we"), "C2", transcripts=["P01", "P03"])
        assert away.check() == []
    bring_back(ana, tmp_path / "ana.qualcode")
    assert {c.search for c in ana.codings()} == {first.search, second.search}
    assert two_coders.check() == []
    ana.undo_search(second.search)
    assert {c.search for c in ana.codings()} == {first.search}


def test_words_searched_for_go_with_the_words_found(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    ana.autocode(Search("something that matters"), "C1", transcripts=["P02"])
    lead.withdraw("P02", reason="by telephone")
    assert {row["words"] for row in two_coders._db.query("SELECT words FROM searches")} == {""}
    assert two_coders.check() == []
    assert b"something that matters" not in two_coders.path.read_bytes()
    other = ana.autocode(Search("stay late"), "C1", transcripts=["P01"])
    text = two_coders.transcript("P01")
    at = text.text.index("late")
    lead.revise(revise(text, [Edit(at, at + 4, "long")]), reason="name", keep_old=False)
    assert {row["words"] for row in two_coders._db.query("SELECT words FROM searches")} == {""}
    assert [c.quote for c in ana.codings() if c.search == other.search] == ["stay long"]
    assert two_coders.check() == []


def test_the_reports_say_how_many_codings_a_search_put(two_coders: Study) -> None:
    from qualcode.reports.analysis import software
    from qualcode.reports.facts import gather

    two_coders.seated(ANA).autocode(Search("we"), "C1", transcripts=["P01", "P03"])
    coded(two_coders, BEN, "P01", 11, 22)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01", "P02", "P03")
    told = software(gather(two_coders.seated(LEA)))
    assert (told.value["codings_by_search"], told.value["codings"]) == (2, 3)
    assert "2 of 3 codings were put by text searches" in told.sentence
