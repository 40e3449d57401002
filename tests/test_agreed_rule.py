"""What comes over by the rule, the rule changed and changed back, and who may decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import BadCommand, NotAllowed, NotInStudy
from qualcode.model import AgreedRule, Coding, CodingSet, Kept, Member, Seat
from qualcode.reconciliation import (
    agreed_passages,
    consensus,
    find_passages,
    kept_of,
    overlap_of,
    settle,
    undo,
)
from qualcode.spans import Span
from qualcode.store import Study, open_study
from tests.conftest import ANA, BEN, LEA, coded

TEXT = "".join(chr(97 + number % 26) for number in range(300))
COLE = Seat("cole", frozenset({"coder"}))


def coding(coder: str, start: int, end: int, code: str = "C1") -> Coding:
    return Coding("T", coder, code, Span(start, end), TEXT[start:end], id=f"{coder}-{start}-{end}")


def two(*made: Coding, rule: AgreedRule) -> CodingSet:
    return CodingSet(made, frozenset({("ana", "T"), ("ben", "T")}), rule=rule)


@pytest.mark.parametrize(
    ("keep", "span"),
    [
        ("all", Span(0, 100)),
        ("shared", Span(4, 98)),
        ("longest", Span(0, 98)),
        ("shortest", Span(4, 100)),
    ],
)
def test_the_rule_says_which_span_is_kept(keep: Kept, span: Span) -> None:
    codings = two(coding("ana", 0, 98), coding("ben", 4, 100), rule=AgreedRule(keep=keep))
    (kept,) = consensus(codings)
    assert kept.span == span
    assert kept.quote == TEXT[span.slice]
    assert {*kept.came_from} == {c.id for c in codings}


def test_a_stricter_rule_makes_a_difference_of_it_and_the_old_one_takes_it_back() -> None:
    made = coding("ana", 0, 98), coding("ben", 4, 100)
    usual, strict = (two(*made, rule=AgreedRule(same)) for same in (0.9, 1.0))
    assert find_passages(usual) == ()
    (agreed,) = agreed_passages(usual)
    assert agreed.types == ("agreed",)
    assert overlap_of(agreed) == 0.94
    assert kept_of(agreed.codings, usual.rule).span == Span(0, 100)
    (parted,) = find_passages(strict)
    assert (parted.types, agreed_passages(strict), consensus(strict)) == (("boundary",), (), ())
    assert parted.id == agreed.id, "a decision about it is known under either rule"


def test_an_agreed_item_is_decided_otherwise_and_given_back_to_the_rule() -> None:
    codings = two(coding("ana", 0, 98), coding("ben", 4, 100), rule=AgreedRule())
    (passage,) = agreed_passages(codings)
    nothing = settle(passage, "neither", reason="slip", decided_by="lea")
    assert consensus(codings, [nothing]) == ()
    mine = settle(passage, "a", reason="slip", decided_by="lea")
    assert [c.span for c in consensus(codings, [mine])] == [Span(0, 98)]
    ledger = [nothing, *undo(nothing, [nothing], decided_by="lea")]
    assert [c.span for c in consensus(codings, ledger)] == [Span(0, 100)]


def test_a_rule_out_of_reason_is_refused() -> None:
    with pytest.raises(BadCommand, match="between 50 and 100"):
        AgreedRule(0.3)
    with pytest.raises(BadCommand, match="no span to keep"):
        AgreedRule(keep="mine")  # type: ignore[arg-type]


def test_the_rule_is_the_leads_and_stands_in_the_history(sample: Path) -> None:
    with open_study(sample) as study:
        lead, ana = study.seated(LEA), study.seated(ANA)
        assert lead.agreed_rule() == AgreedRule()
        n = len(agreed_passages(lead.codings()))
        assert n == 60
        lead.set_agreed_rule(same=1.0, keep="longest")
        assert lead.codings().rule == AgreedRule(1.0, "longest")
        assert len(agreed_passages(lead.codings())) <= n
        with pytest.raises(NotAllowed):
            ana.set_agreed_rule(same=0.8)
        author = study.seated(Seat("nia", frozenset({"author", "coder"})))
        with pytest.raises(NotAllowed):
            author.settings.change({"reconcile.deciders": '["nia"]'})
        assert lead.history(act="settings_change")[-1]["details"]["keys"] == [
            "reconcile.keep",
            "reconcile.same",
        ]
        lead.set_agreed_rule(same=0.9, keep="all")
        assert len(agreed_passages(lead.codings())) == n
        assert study.check() == []


@pytest.fixture
def parted(two_coders: Study) -> Study:
    """Ana and Ben part on P01; Cole joins afterwards and has coded nothing."""
    study = two_coders
    coded(study, ANA, "P01", 11, 22)
    for seat in (ANA, BEN):
        study.seated(seat).submit("P01", "P02", "P03")
    study.add_member(Member("cole", COLE.roles, "Cole"))
    return study


def test_a_third_coder_decides_what_they_did_not_code_if_the_lead_says_so(parted: Study) -> None:
    cole, lead = parted.seated(COLE), parted.seated(LEA)
    (passage,) = find_passages(cole.codings(), cole.coders())
    decision = settle(passage, "a", reason="slip", decided_by="")
    with pytest.raises(NotAllowed, match="Only the study lead"):
        cole.decide(decision)
    with pytest.raises(NotAllowed):
        cole.set_deciders(["cole"])
    with pytest.raises(NotInStudy, match="not a coder"):
        lead.set_deciders(["zoe"])
    lead.set_deciders(["cole", "ana"])
    assert cole.may_decide(passage.transcript)
    cole.decide(decision)
    assert [d.decided_by for d in lead.decisions()] == ["cole"]
    ana = parted.seated(ANA)
    assert not ana.may_decide(passage.transcript)
    with pytest.raises(NotAllowed, match="coded this transcript yourself"):
        ana.decide(settle(passage, "b", reason="slip", decided_by=""), replacing=decision.id)
    lead.set_deciders([])
    with pytest.raises(NotAllowed):
        cole.decide(settle(passage, "b", reason="slip", decided_by=""), replacing=decision.id)
    assert parted.check() == []


def test_the_marks_change_with_what_they_stand_for(parted: Study) -> None:
    lead = parted.seated(LEA)
    codings, decisions = lead.marks()
    (passage,) = find_passages(lead.codings(), lead.coders())
    lead.decide(settle(passage, "a", reason="slip", decided_by=""))
    assert lead.marks()[0] == codings
    assert lead.marks()[1] != decisions
    lead.set_agreed_rule(same=1.0)
    assert lead.marks()[0] != codings
    kept = lead.marks()
    lead.reopen("P01", "ana", reason="a slip of the pen")
    assert lead.marks()[0] != kept[0]
    assert parted.seated(ANA).marks() != lead.marks()
