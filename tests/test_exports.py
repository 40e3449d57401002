"""What left a study stands in a register that a withdrawal can ask, and that nobody changes."""

from __future__ import annotations

import sqlite3

import pytest

from qualcode.errors import BadCommand, NotAllowed, NotInStudy
from qualcode.model import Member, Participant, Seat
from qualcode.store import Study
from qualcode.store.collecting import Guide, MemberCheck
from qualcode.store.exports import Accepted, Export

from .conftest import ANA, BEN, LEA, WORDS

ZOE = Seat("zoe", frozenset({"author"}))
SUE = Seat("sue", frozenset({"steward"}))


def written(**changed: object) -> Export:
    kept: dict[str, object] = {
        "kind": "coreq",
        "format": "docx",
        "name": "coreq.docx",
        "sha256": "ab" * 32,
        "size": 9,
        "snapshot": "123456789abc",
        "participants": ("P01", "P02"),
    }
    return Export(**{**kept, **changed})  # type: ignore[arg-type]


def final(**changed: object) -> Export:
    return written(final=True, recipient="The journal", released_by="Lea Brandt", **changed)


def test_an_export_is_kept_with_who_and_when_and_its_line_of_history(two_coders: Study) -> None:
    kept = two_coders.seated(LEA).record_export(final())
    assert (kept.made_by, kept.at[:2]) == ("lea", "20")
    assert two_coders.exports() == (kept,)
    (line,) = two_coders.history("export")
    assert (line["subject"], line["details"]["report"]) == (kept.id, "coreq")
    assert line["details"]["participants"] == ["P01", "P02"]
    assert "journal" not in str(line)  # whom it went to stands in the register alone
    assert two_coders.check() == []


def test_a_withdrawal_names_the_past_files_with_the_person(two_coders: Study) -> None:
    lead = two_coders.seated(LEA)
    one = lead.record_export(final())
    lead.record_export(written(kind="codebook", participants=()))
    lead.log("export", {"report": "themes", "format": "html"})  # from before the register
    found = lead.withdrawal("P01").exports
    assert [(e.report, e.certain, e.final, e.recipient) for e in found] == [
        ("coreq", True, True, "The journal"),
        ("themes", False, False, ""),
    ]
    assert found[0].sha256 == one.sha256
    assert lead.exports("P01") == (one,)
    assert lead.exports("P03") == ()


def test_a_withdrawal_puts_out_the_reasons_and_leaves_the_register(two_coders: Study) -> None:
    lead = two_coders.seated(LEA)
    lead.record_export(final(accepted=(Accepted("Q4", 1, "P02 calls her hospital so"),)))
    lead.set_member_checks(MemberCheck("P02", replied="yes", comment="SAID-BY-P02"))
    lead.withdraw("P02", reason="by e-mail")
    (kept,) = lead.exports()
    assert (kept.participants, kept.accepted) == (("P01", "P02"), ())
    assert lead.member_checks() == ()
    assert lead.check() == []
    assert b"SAID-BY-P02" not in two_coders.path.read_bytes()


def test_the_register_is_never_changed(two_coders: Study) -> None:
    two_coders.seated(LEA).record_export(final())
    for act in ("DELETE FROM exports", "UPDATE exports SET recipient = 'nobody'"):
        with pytest.raises(sqlite3.DatabaseError, match="append only"):
            two_coders._db.execute(act)


def test_a_final_file_has_a_name_and_a_recipient_and_comes_from_lead_or_author(
    two_coders: Study,
) -> None:
    two_coders.add_member(Member("zoe", ZOE.roles))
    for changed in ({"recipient": " "}, {"released_by": ""}):
        with pytest.raises(BadCommand, match="names who releases it"):
            written(**{"final": True, "recipient": "R", "released_by": "L", **changed})
    with pytest.raises(BadCommand, match="needs a reason"):
        final(accepted=(Accepted("N1", 1, " "),))
    with pytest.raises(BadCommand, match="no kind of export"):
        written(purpose="sale")
    with pytest.raises(NotAllowed, match="release a report"):
        two_coders.seated(ANA).record_export(final())
    assert two_coders.exports() == ()
    two_coders.seated(ZOE).record_export(final())
    two_coders.seated(ANA).record_export(written())
    assert len(two_coders.exports()) == 2


def test_who_still_codes_does_not_read_the_register(two_coders: Study) -> None:
    two_coders.seated(LEA).record_export(final())
    assert two_coders.seated(ANA).exports() == ()
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    assert len(two_coders.seated(ANA).exports()) == 1


def test_guide_versions_are_kept_changed_and_taken_out(two_coders: Study) -> None:
    lead = two_coders.seated(LEA)
    first, second = Guide("1.0", "What?\n  a prompt\n\nWhy?"), Guide("1.1", note="Why first")
    lead.set_guides(first, second)
    assert [guide.version for guide in lead.guides()] == ["1.0", "1.1"]
    assert lead.guides()[0].asked == ("What?", "Why?")
    lead.set_guides(Guide("1.2", id=second.id), without=[first.id])
    assert [guide.version for guide in lead.guides()] == ["1.2"]
    assert [line["act"] for line in lead.history("guide_change")] == ["guide_change"] * 2
    with pytest.raises(BadCommand, match="one name"):
        lead.set_guides(Guide("1.2"))
    with pytest.raises(BadCommand, match="is not a day"):
        Guide("2", used_from="May")
    with pytest.raises(NotAllowed, match="keep the interview guide"):
        two_coders.seated(ANA).set_guides(first)


def test_member_checks_are_of_people_who_take_part(two_coders: Study) -> None:
    two_coders.add_member(Member("sue", SUE.roles))
    two_coders.add(Participant("P09", status="withdrew"))
    steward = two_coders.seated(SUE)
    steward.set_member_checks(MemberCheck("P01", "2025-05-02", "yes", "Agrees", "A word"))
    assert steward.member_checks()[0].changed == "A word"
    assert "Agrees" not in str(steward.history())
    with pytest.raises(NotInStudy, match="no participant"):
        steward.set_member_checks(MemberCheck("P77"))
    with pytest.raises(BadCommand, match="has withdrawn"):
        steward.set_member_checks(MemberCheck("P09"))
    with pytest.raises(NotAllowed, match="keep the member checks"):
        two_coders.seated(BEN).set_member_checks(MemberCheck("P01"))


def test_what_an_answer_rests_on_is_kept_and_closed_to_who_still_codes(two_coders: Study) -> None:
    basis = {"value": {"kappa": 0.85}, "sentence": "They agreed.", "query": "coders"}
    lead = two_coders.seated(LEA)
    lead.settings.answer("coreq", "COREQ-24", response="Two coded.", based_on=basis)
    kept = lead.answers("coreq")["COREQ-24"]
    assert '"kappa": 0.85' in kept["based_on"]
    assert kept["edited_by"] == "lea"
    assert "based_on" not in two_coders.seated(ANA).answers("coreq")["COREQ-24"]
    lead.settings.answer("coreq", "COREQ-24", response="Two coded.", based_on=basis)
    assert len(lead.history("checklist_edit")) == 1  # nothing new to keep
    lead.settings.answer("coreq", "COREQ-24", response="Two coded.", based_on={"sentence": "Now"})
    assert len(lead.history("checklist_edit")) == 2
