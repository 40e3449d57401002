"""Passages of two or more coders, every outcome, undoing, and what the ledger keeps of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.agreement import compare_coders, costs_of_differences
from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.model import (
    CONSENSUS,
    LETTERS,
    REASONS,
    TRUE_DIFFERENCE,
    Code,
    CodebookIssue,
    Coding,
    CodingSet,
    Decision,
    Member,
    Seat,
)
from qualcode.reconciliation import (
    ORDERS,
    alike,
    confusions,
    consensus,
    counts,
    decide,
    find_differences,
    find_issues,
    find_passages,
    in_order,
    latest,
    progress,
    settle,
    settled,
    undo,
)
from qualcode.spans import Span
from qualcode.store import Study, open_study
from tests.conftest import ANA, BEN, LEA, coded

TEXT = "".join(chr(97 + number % 26) for number in range(1000))
CODES = (Code("1", "one"), Code("1.1", "a", "1"), Code("1.2", "b", "1"), Code("2", "two"))
COLE = Seat("cole", frozenset({"coder"}))
THREE = ("ana", "ben", "cole")


def coding(coder: str, code: str, start: int, end: int, **more: str) -> Coding:
    place = Span(start, end)
    return Coding(
        "T", coder, code, place, TEXT[start:end], id=f"{coder}-{code}-{start}-{end}", **more
    )


def made_by(coders: tuple[str, ...], *made: tuple[str, str, int, int]) -> CodingSet:
    sealed = frozenset((coder, "T") for coder in coders)
    return CodingSet(tuple(coding(*one) for one in made), sealed, codes=CODES)


def two(*made: tuple[str, str, int, int]) -> CodingSet:
    return made_by(("ana", "ben"), *made)


def three(*made: tuple[str, str, int, int]) -> CodingSet:
    return made_by(THREE, *made)


def said(codings: object) -> list[tuple[str, int, int]]:
    return [(c.code, c.span.start, c.span.end) for c in codings]  # type: ignore[attr-defined]


# -- one passage is one decision ----------------------------------------------------------------


def test_a_code_that_one_of_three_gave_is_one_decision() -> None:
    codings = three(("ana", "2", 0, 50))
    (passage,) = find_passages(codings)
    assert {d.coders for d in passage.differences} == {("ana", "ben"), ("ana", "cole")}
    assert passage.left_out_by == ("ben", "cole")
    decision = settle(passage, "a", decided_by="lea")
    assert said(consensus(codings, [decision])) == [("2", 0, 50)]
    assert progress([passage], [decision]) == (1, 1)


def test_a_third_coder_who_parts_is_asked_and_can_be_kept() -> None:
    codings = three(("ana", "2", 0, 50), ("ben", "2", 0, 50), ("cole", "1.1", 0, 50))
    (passage,) = find_passages(codings, THREE)
    assert passage.coders == THREE
    assert passage.types == ("distant",)
    assert consensus(codings) == (), "two of three is no agreement"
    for outcome, kept in (
        ("a", [("2", 0, 50)]),
        ("c", [("1.1", 0, 50)]),
        ("both", [("1.1", 0, 50), ("2", 0, 50)]),
        ("neither", []),
    ):
        decision = settle(passage, outcome, decided_by="lea")  # type: ignore[arg-type]
        assert said(consensus(codings, [decision])) == kept


def test_what_all_three_agree_on_is_consensus_of_all() -> None:
    codings = three(("ana", "2", 0, 100), ("ben", "2", 0, 98), ("cole", "2", 2, 100))
    assert find_passages(codings) == ()
    (one,) = consensus(codings)
    assert one.span == Span(0, 100)
    assert {*one.came_from} == {c.id for c in codings}


def test_a_decision_between_the_first_two_stays_valid_beside_a_third() -> None:
    """Made when only two were settled: it holds for its difference, and the passage is open."""
    codings = three(("ana", "2", 0, 50))
    old = decide(find_differences(codings, ("ana", "ben"))[0], "a", decided_by="lea")
    (passage,) = find_passages(codings)
    assert progress([passage], [old]) == (0, 1)
    assert said(consensus(codings, [old])) == [("2", 0, 50)]
    new = settle(passage, "neither", decided_by="lea")
    assert consensus(codings, [old, new]) == ()


def test_too_many_coders_of_one_transcript_are_told_so() -> None:
    many = tuple("abcdefg")
    with pytest.raises(BadCommand, match="7 coders"):
        find_passages(made_by(many, ("a", "2", 0, 5)))
    (passage,) = find_passages(made_by(many, ("a", "2", 0, 5)), many[:6])
    assert len(passage.coders) == len(LETTERS)


def test_the_pieces_of_a_split_passage_are_one_decision() -> None:
    codings = two(("ana", "2", 0, 100), ("ben", "2", 0, 60), ("ben", "2", 65, 100))
    (passage,) = find_passages(codings)
    assert passage.types == ("split",)
    assert len(passage.ids) == 2
    pieces = settle(passage, "b", decided_by="lea")
    assert said(consensus(codings, [pieces])) == [("2", 0, 60), ("2", 65, 100)]
    whole = settle(passage, "both", decided_by="lea")
    assert said(consensus(codings, [pieces, whole])) == [("2", 0, 100)]


@pytest.mark.parametrize(
    ("made", "types"),
    [
        ([("ana", "2", 0, 50), ("ben", "2", 20, 50)], ("boundary",)),
        ([("ana", "1.1", 0, 50), ("ben", "1.2", 0, 50)], ("sibling",)),
        ([("ana", "1", 0, 50), ("ben", "1.2", 0, 50)], ("level",)),
        ([("ana", "2", 0, 50), ("ben", "1.2", 0, 50)], ("distant",)),
        ([("ana", "2", 0, 50)], ("omission",)),
        ([("ana", "2", 0, 50), ("ana", "1", 0, 50), ("ben", "2", 0, 50)], ("extra",)),
    ],
)
def test_the_type_says_how_they_part(
    made: list[tuple[str, str, int, int]], types: tuple[str, ...]
) -> None:
    (passage,) = find_passages(two(*made))
    assert passage.types == types


def test_codings_under_two_codebooks_are_marked() -> None:
    codings = CodingSet(
        (
            coding("ana", "2", 0, 50, codebook_version="0.1"),
            coding("ben", "2", 20, 50, codebook_version="0.2"),
        ),
        frozenset({("ana", "T"), ("ben", "T")}),
        codes=CODES,
    )
    (passage,) = find_passages(codings)
    assert passage.types == ("boundary", "version")


def test_passages_stand_in_three_orders() -> None:
    codings = two(
        ("ana", "2", 0, 50),
        ("ana", "1.1", 100, 150),
        ("ben", "1.2", 100, 150),
        ("ana", "1.1", 200, 250),
    )
    found = find_passages(codings)
    types = {by: [p.types[0] for p in in_order(found, by)] for by in ORDERS}
    assert types["transcript"] == ["omission", "sibling", "omission"]
    assert types["type"] == ["sibling", "omission", "omission"]
    dearest = in_order(found, "cost", {("1.1", "omission"): 0.3, ("2", "omission"): 0.1})
    assert [p.codes for p in dearest] == [("1.1",), ("2",), ("1.1", "1.2")]


def test_the_rest_of_a_kind_has_the_same_codes_by_the_same_coders() -> None:
    codings = two(
        *[("ana", "1.1", at, at + 50) for at in (0, 100, 200)],
        *[("ben", "1.2", at, at + 50) for at in (0, 100)],
        ("ben", "2", 200, 250),
    )
    first, second, third = find_passages(codings)
    assert alike(first, (first, second, third)) == (second,)


# -- outcomes and undoing -----------------------------------------------------------------------


def test_what_is_put_off_or_waits_for_a_code_is_not_settled() -> None:
    codings = two(("ana", "2", 0, 50))
    (passage,) = find_passages(codings)
    for outcome in ("defer", "code_needed", "undone"):
        decision = settle(passage, outcome, reason="later", decided_by="lea")  # type: ignore[arg-type]
        assert decision.result == ()
        assert progress([passage], [decision]) == (0, 1)
        assert consensus(codings, [decision]) == ()


def test_another_code_stands_on_the_same_words() -> None:
    (passage,) = find_passages(two(("ana", "1.1", 0, 50), ("ben", "1.2", 0, 50)))
    new = (passage.span, "2", TEXT[passage.span.slice])
    decision = settle(passage, "other", new=new, decided_by="lea")
    assert said(decision.result) == [("2", 0, 50)]
    assert {*decision.result[0].came_from} == {c.id for c in passage.codings}
    with pytest.raises(BadCommand, match="new coding"):
        settle(passage, "other", decided_by="lea")
    with pytest.raises(BadCommand, match="no coder"):
        settle(passage, "c", decided_by="lea")


def test_undoing_goes_back_to_what_held_before() -> None:
    codings = two(("ana", "2", 0, 50))
    (passage,) = find_passages(codings)
    first = settle(passage, "a", reason="slip", decided_by="lea")
    second = settle(passage, "neither", reason="text problem", decided_by="lea")
    ledger = [first, second]
    ledger += undo(second, ledger, decided_by="lea")
    assert said(consensus(codings, ledger)) == [("2", 0, 50)]
    assert latest(ledger)[passage.id].reason == "slip"
    ledger += undo(latest(ledger)[passage.id], ledger, decided_by="lea")
    assert latest(ledger)[passage.id].outcome == "neither"
    with pytest.raises(BadCommand, match="does not hold any more"):
        undo(first, ledger, decided_by="lea")


def test_undoing_a_first_decision_opens_the_passage_again() -> None:
    codings = two(("ana", "2", 0, 50))
    (passage,) = find_passages(codings)
    first = settle(passage, "a", decided_by="lea")
    ledger = [first, *undo(first, [first], decided_by="lea")]
    assert settled(ledger) == {}
    assert consensus(codings, ledger) == ()


def test_undoing_one_decision_on_a_split_brings_back_the_two_before() -> None:
    codings = two(("ana", "2", 0, 100), ("ben", "2", 0, 60), ("ben", "2", 65, 100))
    (passage,) = find_passages(codings)
    old = [decide(d, "b", decided_by="lea") for d in passage.differences]
    whole = settle(passage, "a", decided_by="lea")
    ledger = [*old, whole]
    assert said(consensus(codings, ledger)) == [("2", 0, 100)]
    ledger += undo(whole, ledger, decided_by="lea")
    assert said(consensus(codings, ledger)) == [("2", 0, 60), ("2", 65, 100)]


# -- the ledger ---------------------------------------------------------------------------------


@pytest.fixture
def trio(two_coders: Study) -> Study:
    """P01 coded by three: Ana and Ben part in one place, Cole has left out another."""
    study = two_coders
    study.add_member(Member("cole", COLE.roles, "Cole"))
    for seat in (ANA, BEN, COLE):
        coded(study, seat, "P01", 11, 22, "C1" if seat is ANA else "C2")
        if seat is not COLE:
            coded(study, seat, "P01", 30, 40, "C3")
        study.seated(seat).submit("P01", "P02", "P03")
    return study


def test_three_coders_are_settled_in_the_study(trio: Study) -> None:
    lead = trio.seated(LEA)
    before = list(trio._db.query("SELECT * FROM codings ORDER BY id"))
    first, second = find_passages(lead.codings(), lead.coders())
    lead.decide(settle(first, "b", reason="slip", decided_by=""))
    lead.decide(settle(second, "neither", reason="slip", decided_by="", blind=True))
    kept = lead.decisions()
    assert [len(d.covers) for d in kept] == [2, 2]
    assert [d.coders for d in kept] == [THREE, THREE]
    assert [d.blind for d in kept] == [False, True]
    assert {d.version for d in kept} == {"0.1"}
    assert [c.code for c in consensus(lead.codings(), kept)] == ["C2"]
    assert list(trio._db.query("SELECT * FROM codings ORDER BY id")) == before
    assert trio.check() == []


def test_two_people_at_once_see_each_other(trio: Study) -> None:
    lead = trio.seated(LEA)
    passage = find_passages(lead.codings(), lead.coders())[0]
    lead.decide(settle(passage, "a", decided_by=""))
    with open_study(trio.path, seat=LEA) as other:
        single = decide(passage.differences[-1], "b", decided_by="")
        for late in (settle(passage, "b", decided_by=""), single):
            with pytest.raises(AlreadyInStudy, match="lea has settled"):
                other.decide(late)
        other.decide(single, replacing=[lead.decisions()[0].id])
    assert len(lead.decisions()) == 2
    assert set(latest(lead.decisions())) == {single.difference}, "the older one holds no more"


def test_the_rules_of_a_decision_are_kept_by_the_store(trio: Study) -> None:
    lead = trio.seated(LEA)
    passage = find_passages(lead.codings(), lead.coders())[0]
    with pytest.raises(BadCommand, match="true difference"):
        lead.decide(settle(passage, "a", reason=TRUE_DIFFERENCE, decided_by=""))
    with pytest.raises(BadCommand, match="which code"):
        lead.decide(settle(passage, "code_needed", decided_by=""))
    put_off = replace(settle(passage, "a", decided_by=""), outcome="defer")
    with pytest.raises(BadCommand, match="stays open"):
        lead.decide(put_off)
    with pytest.raises(NotAllowed):
        trio.seated(ANA).decide(settle(passage, "a", decided_by=""))
    assert lead.decisions() == ()
    told = f"{TRUE_DIFFERENCE}: she may mean either"
    lead.decide(settle(passage, "a", reason=told, decided_by=""))
    (kept,) = lead.decisions()
    assert (kept.reason_kind, kept.memo) == (TRUE_DIFFERENCE, "she may mean either")


def test_the_reason_of_an_old_decision_is_read_as_it_stands() -> None:
    old = Decision("d", "t", "choice", "a", "we talked: slip", (), ())
    assert (old.reason_kind, old.memo) == ("", "we talked: slip")
    assert (replace(old, reason="slip").reason_kind, replace(old, reason="slip").memo) == (
        "slip",
        "",
    )


# -- codebook issues ----------------------------------------------------------------------------


def issue_study() -> tuple[CodingSet, list[Decision]]:
    made = [("ana", "1.1", at, at + 50) for at in (0, 100, 200)]
    made += [("ben", "1.2", at, at + 50) for at in (0, 100, 200)]
    made += [("ana", "2", at, at + 50) for at in (300, 400, 500, 600)]
    codings = two(*made)
    reasons = ["definitions overlap", "definition unclear: which?", "definitions overlap: again"]
    reasons += ["definition unclear"] * 3 + ["slip"]
    pairs = zip(find_passages(codings), reasons, strict=True)
    return codings, [settle(p, "a", reason=reason, decided_by="lea") for p, reason in pairs]


def test_three_reasons_of_definition_open_an_issue_of_the_pair_or_the_code() -> None:
    codings, decisions = issue_study()
    passages = find_passages(codings)
    pair, single = find_issues(passages, decisions)
    assert pair.codes == ("1.1", "1.2")
    assert single.codes == ("2",)
    assert len(pair.passages) == len(single.passages) == 3
    assert pair.is_open
    assert find_issues(passages, decisions[:2]) == ()
    decided = CodebookIssue(("1.2", "1.1"), "Sharpen both", differences=3)
    assert not find_issues(passages, decisions, [decided])[0].is_open
    undone = undo(decisions[0], decisions, decided_by="lea")
    assert [i.codes for i in find_issues(passages, [*decisions, *undone])] == [("2",)]


def test_the_decision_about_an_issue_is_kept_with_its_version(trio: Study) -> None:
    lead = trio.seated(LEA)
    lead.decide_issue(CodebookIssue(("C2", "C1"), " Sharpen both. ", "Trust: lived", 3))
    (kept,) = lead.codebook_issues()
    assert kept.codes == ("C1", "C2")
    assert (kept.decision, kept.version, kept.decided_by) == ("Sharpen both.", "0.1", "lea")
    assert trio.history(act="issue_decide")[0]["details"] == {
        "codes": ["C1", "C2"],
        "differences": 3,
    }
    for issue, error in (
        (CodebookIssue(("C1",), " "), BadCommand),
        (CodebookIssue(("C9",), "x"), NotInStudy),
    ):
        with pytest.raises(error):
            lead.decide_issue(issue)
    with pytest.raises(NotAllowed):
        trio.seated(ANA).decide_issue(CodebookIssue(("C1",), "x"))
    assert trio.check() == []


# -- the sample study (domain 6.4) --------------------------------------------------------------


def test_the_sample_has_its_classes_and_its_worst_pairs(sample: Path) -> None:
    with open_study(sample) as study:
        texts, codings = study.transcripts(), study.codings()
        passages = find_passages(codings, study.coders(), transcripts=study.titles())
        found = [d for p in passages for d in p.differences]
        assert len(passages) == len(found) == 16
        assert counts(found) == {"boundary": 1, "choice": 6, "omission": 9}
        names = {c.id: c.id.rsplit("-", 1)[-1] for c in codings.codes}
        worst = confusions(found)
        assert [(names[a], names[b], n) for (a, b), n in worst] == [
            ("19", "23", 3),
            ("08", "14", 2),
            ("18", "24", 1),
        ]
        types = [p.types[0] for p in passages]
        assert {t: types.count(t) for t in set(types)} == {
            "boundary": 1,
            "distant": 6,
            "omission": 4,
            "extra": 5,
        }
        cost = costs_of_differences(texts, codings, found, overall=False)
        gains = {(row.code, row.kind): row.gain or 0.0 for row in cost.codes}
        first = in_order(passages, "cost", gains)[0]
        assert {names[code] for code in first.codes} <= {"08", "14", "19", "23"}
        kappa = {names[c.code]: c.kappa for c in compare_coders(texts, codings).codes}
        assert [round(kappa[code] or 0, 4) for code in ("19", "23", "08", "14", "09")] == [
            0.4783,
            0.64,
            0.3864,
            0.6538,
            0.6538,
        ]


def test_settling_the_sample_changes_no_coding_and_no_figure(sample: Path) -> None:
    lead = Seat("lea", frozenset({"lead"}))

    def rows() -> list[tuple[object, ...]]:
        with sqlite3.connect(sample) as db:
            return db.execute("SELECT * FROM codings ORDER BY id").fetchall()

    before = rows()
    with open_study(sample, seat=lead) as study:
        figures = compare_coders(study.transcripts(), study.codings()).to_dict()
        for passage in find_passages(study.codings(), study.coders()):
            study.decide(settle(passage, "both", reason="slip", decided_by=""))
        assert compare_coders(study.transcripts(), study.codings()).to_dict() == figures
        assert progress(find_passages(study.codings()), study.decisions()) == (16, 16)
        assert study.check() == []
    assert rows() == before


# -- any sequence of acts -----------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(
            ["a", "b", "c", "both", "neither", "other", "code_needed", "defer", "undo"]
        ),
        st.sampled_from(REASONS),
        st.booleans(),
    ),
    max_size=12,
)
PLACES = st.lists(
    st.tuples(
        st.sampled_from([ANA, BEN, COLE]),
        st.integers(0, 40),
        st.integers(3, 20),
        st.sampled_from(["C1", "C2", "C3"]),
    ),
    min_size=1,
    max_size=10,
    unique=True,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES, ACTS)
def test_any_decisions_and_undos_leave_a_sound_and_traceable_study(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[tuple[Seat, int, int, str]],
    acts: list[tuple[int, str, str, bool]],
) -> None:
    from qualcode.codebook import Codebook
    from tests.conftest import CODES as BOOK
    from tests.conftest import interview

    path = tmp_path_factory.mktemp("any") / "any.qualcode"
    with open_study(path, create=True, title="Any") as study:
        for seat in (LEA, ANA, BEN, COLE):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(BOOK))
        study.add(interview("P01"))
        known = set()
        for seat, start, length, code in places:
            if (seat.name, start, length, code) not in known:
                known.add((seat.name, start, length, code))
                coded(study, seat, "P01", start, start + length, code)
        for seat in (ANA, BEN, COLE):
            study.seated(seat).submit("P01")
        lead = study.seated(LEA)
        before = list(study._db.query("SELECT * FROM codings ORDER BY id"))
        text = study.transcript("P01").text
        passages = find_passages(lead.codings(), lead.coders())
        number = 0
        for at, outcome, reason, blind in acts if passages else ():
            ledger, passage = lead.decisions(), passages[at % len(passages)]
            last = [latest(ledger)[id] for id in passage.ids if id in latest(ledger)]
            if outcome == "undo":
                made = undo(last[0], ledger, decided_by="lea") if last else ()
            else:
                span = passage.span
                new = (span, "C1", text[span.slice]) if outcome == "other" else None
                made = (
                    settle(
                        passage,
                        outcome,  # type: ignore[arg-type]
                        reason=f"{reason}: because",
                        new=new,
                        decided_by="lea",
                        blind=blind,
                    ),
                )
            lead.decide(*made, replacing=[d.id for d in last])
            number += len(made)
        assert len(lead.decisions()) == number, "nothing is ever taken out"
        assert study.check() == []
        assert list(study._db.query("SELECT * FROM codings ORDER BY id")) == before
        ids = {row["id"] for row in before}
        for one in consensus(lead.codings(), lead.decisions()):
            assert one.coder == CONSENSUS
            assert one.came_from
            assert set(one.came_from) <= ids
            assert text[one.span.slice] == one.quote
