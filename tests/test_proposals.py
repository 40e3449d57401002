"""Codes that coders propose: seen by the lead alone while a round is open, answered once."""

from __future__ import annotations

from typing import Any

import pytest

from qualcode.errors import AlreadyInStudy, BadCodebook, BadCommand, NotAllowed, NotInStudy
from qualcode.model import Member, Seat, new_id
from qualcode.revision import Edit, revise
from qualcode.store import Study

from .conftest import ANA, BEN, LEA, coded

BOTH = Seat("lea", frozenset({"lead", "coder"}))


def proposed(study: Study, seat: Seat, title: str, words: str, **more: Any) -> str:
    """Propose a code named like these words of a transcript; the proposal's id."""
    text = study.transcript(title).text
    start = text.index(words)
    proposal = {"id": new_id(), "start": start, "end": start + len(words), "name": words,
                "definition": "As they say it.", **more}  # fmt: skip
    act = {"op": "propose", "op_id": new_id(), "quote": words, "proposal": proposal}
    applied = study.seated(seat).apply(title, [act])
    if applied.rejected:
        raise BadCommand(applied.rejected[0]["reason"])
    return str(proposal["id"])


def test_a_proposal_is_seen_by_its_coder_and_the_lead_alone(two_coders: Study) -> None:
    made = proposed(two_coders, ANA, "P01", "stay late")
    for seat in (ANA, LEA, None):
        assert [p.id for p in two_coders.seated(seat).proposals()] == [made]
    for roles in ("coder", "author", "steward", "auditor"):
        other = Seat("ben", frozenset({roles}))  # type: ignore[arg-type]
        assert two_coders.seated(other).proposals() == ()
    assert len(two_coders.codebook()) == 5, "the codebook stays as it is"
    assert "stay late" not in str(two_coders.history("propose"))
    two_coders.set_roles("lea", ("lead", "coder"))
    assert two_coders.seated(BOTH).proposals() == (), "a lead who codes is a coder"
    assert two_coders.seated(BEN).history("propose") == []


def test_an_accepted_proposal_is_a_code_of_the_next_version(two_coders: Study) -> None:
    made, other = (proposed(two_coders, ANA, "P01", w) for w in ("stay late", "every Friday"))
    lead = two_coders.seated(LEA)
    with pytest.raises(NotAllowed):
        two_coders.seated(ANA).accept_proposal(made)
    code = lead.accept_proposal(made, name="Long days", parent="T2")
    assert (code.name, code.parent, code.origin) == ("Long days", "T2", "from_data")
    assert code.brief_definition == "As they say it."
    assert code.color == "#59A14F"
    assert lead.codebook().version == "0.2"
    assert code.id in lead.codebook()
    with pytest.raises(AlreadyInStudy):
        lead.decline_proposal(made, reason="No.")
    with pytest.raises(BadCodebook, match="long days"):
        lead.accept_proposal(other, name="long days")
    with pytest.raises(BadCommand):
        lead.decline_proposal(other, reason=" ")
    lead.decline_proposal(other, reason="It is Regular meetings.")
    seen = {p.id: (p.state, p.answer, p.code) for p in two_coders.seated(ANA).proposals()}
    assert seen[made] == ("accepted", "", code.id)
    assert seen[other] == ("declined", "It is Regular meetings.", "")
    assert two_coders.check() == []


def test_a_proposal_is_taken_back_until_it_is_answered(two_coders: Study) -> None:
    made = proposed(two_coders, ANA, "P01", "stay late")
    back = {"op": "unpropose", "op_id": new_id(), "id": made}
    assert two_coders.seated(BEN).apply("P01", [{**back, "op_id": new_id()}]).rejected
    assert two_coders.seated(ANA).apply("P01", [back]).rejected == ()
    assert two_coders.proposals() == ()
    with pytest.raises(NotInStudy):
        two_coders.seated(LEA).accept_proposal(made)
    assert proposed(two_coders, ANA, "P01", "stay late", id=made) == made  # redo
    two_coders.seated(LEA).decline_proposal(made, reason="No.")
    assert two_coders.seated(ANA).apply("P01", [{**back, "op_id": new_id()}]).rejected
    assert two_coders.check() == []


@pytest.mark.parametrize(
    "more",
    [{"name": " "}, {"name": "x" * 61}, {"name": 3}, {"definition": "x" * 2_001}, {"id": "x"},
     {"start": 0}, {"end": 99_999}, {"name": "half \ud800"}],
)  # fmt: skip
def test_a_proposal_that_makes_no_sense_is_refused(two_coders: Study, more: Any) -> None:
    with pytest.raises(BadCommand):
        proposed(two_coders, ANA, "P01", "stay late", **more)
    assert two_coders.proposals() == ()


def test_a_lead_who_codes_alone_makes_the_code_at_once(two_coders: Study) -> None:
    two_coders.set_roles("lea", ("lead", "coder"))
    words, text = "stay late", two_coders.transcript("P01").text
    at = {"id": new_id(), "start": text.index(words), "end": text.index(words) + len(words)}
    proposal = {**at, "name": words, "definition": ""}
    act = {"op": "propose", "op_id": new_id(), "proposal": proposal, "quote": words}
    lead = two_coders.seated(BOTH)
    assert lead.apply("P01", [act | {"at_once": True}]).rejected == ()
    (coding,) = lead.codings(coders=["lea"])
    assert coding.quote == words
    assert lead.codebook()[coding.code].name == words
    lead.apply("P01", [act | {"at_once": True}])
    assert len(lead.codings(coders=["lea"])) == 1, "once, however often it arrives"
    two_coders.seated(BOTH).hold_round("main", lead.codebook().version)
    again = {
        "id": new_id(),
        **{k: at[k] for k in ("start", "end")},
        "name": "Late",
        "definition": "",
    }
    held = {**act, "op_id": new_id(), "proposal": again, "at_once": True}
    lead.apply("P01", [held])
    assert [p.state for p in lead.proposals()] == ["accepted", "open"], "the round is held"
    assert two_coders.check() == []


def test_a_proposal_moves_and_goes_with_its_words(two_coders: Study) -> None:
    made = proposed(two_coders, ANA, "P01", "every Friday")
    lead = two_coders.seated(LEA)
    text = two_coders.transcript("P01")
    at = text.text.index("stay")
    lead.revise(revise(text, [Edit(at, at + 4, "am there")]), reason="Heard again")
    (moved,) = two_coders.proposals()
    assert moved.quote == "every Friday"
    assert two_coders.transcript("P01").text[moved.span.slice] == "every Friday"
    lead.withdraw("P01", reason="by telephone")
    (gone,) = [p for p in two_coders.proposals() if p.id == made]
    assert set(gone.quote) == {"·"}
    assert "Friday" not in gone.name + gone.definition
    assert two_coders.check() == []


def test_a_new_member_has_no_proposals(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 11, 22)
    proposed(two_coders, ANA, "P01", "stay late")
    two_coders.add_member(Member("cleo", frozenset({"coder"}), "Cleo"))
    assert two_coders.seated(Seat("cleo", frozenset({"coder"}))).proposals() == ()
