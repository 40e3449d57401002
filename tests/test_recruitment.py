"""The recruitment log and the consents: kept, told to whom they are for, used by the reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from qualcode.errors import BadCommand, NotAllowed, NotInStudy
from qualcode.model import Approach, Consent, Seat
from qualcode.reports import coreq_report
from qualcode.store import Study

from .conftest import ANA, LEA, interview

LOG = (
    Approach("e-mail", "completed", participant="P01", id="a1", date="2025-03-01"),
    Approach("e-mail", "completed", participant="P02", id="a2"),
    Approach("telephone", "completed", participant="P03", id="a3"),
    Approach("e-mail", "declined", "workload", id="a4"),
    Approach("e-mail", "declined", id="a5"),
    Approach("e-mail", "no_reply", id="a6"),
    Approach("notice", "ineligible", id="a7"),
    Approach("e-mail", "withdrew_before", "moved away", id="a8"),
)


def answer(study: Study, number: str) -> tuple[str, list[str]]:
    """The response to a COREQ item, and what the authors should check of it."""
    report = coreq_report(study)
    (row,) = [row for row in report.records if row["number"] == number]
    return str(row["response"]), list(report.data["to_check"].get(f"COREQ-{number:0>2}", []))


def test_the_log_answers_who_was_approached_and_what_came_of_it(two_coders: Study) -> None:
    two_coders.set_recruitment(*LOG)
    assert answer(two_coders, "11") == (
        "8 people were approached by e-mail (6), notice (1) and telephone (1).",
        [],
    )
    assert answer(two_coders, "13") == (
        "Of 8 people approached, 2 declined (workload 1, no reason given 1), 1 did not reply, "
        "1 was not eligible, 1 withdrew before the interview (moved away 1) and 3 were "
        "interviewed; 0 withdrew after the interview, and 3 were analysed.",
        ["1 refusal without a reason in the log."],
    )


def test_a_withdrawal_changes_the_numbers_of_the_flow(two_coders: Study) -> None:
    two_coders.set_recruitment(*LOG)
    two_coders.set_consent(Consent("P02", "yes", "yes", "yes", "v2", "2025-03-01"))
    two_coders.withdraw("P02", reason="asked")
    words, notes = answer(two_coders, "13")
    assert "3 were interviewed; 1 withdrew after the interview, and 2 were analysed." in words
    assert notes == ["1 refusal without a reason in the log."]
    assert answer(two_coders, "12")[0].startswith("2 participants took part in 2 interviews")
    assert two_coders.consents()["P02"] == Consent("P02", "no", "no", "no", "v2", "2025-03-01")
    assert two_coders.check() == []


def test_a_log_that_does_not_add_up_says_so(two_coders: Study) -> None:
    two_coders.set_recruitment(*LOG[1:])
    two_coders.settings.change({"recruitment.approached": "8", "recruitment.declined": "3"})
    assert answer(two_coders, "11")[1] == ["8 typed as approached, 7 in the recruitment log."]
    assert answer(two_coders, "13")[1] == [
        "The numbers do not add up: 2 completed in the recruitment log, 3 analysed.",
        "1 refusal without a reason in the log.",
        "3 typed as declined, 2 in the recruitment log.",
    ]


def test_without_a_log_the_form_answers(two_coders: Study) -> None:
    two_coders.settings.change({"recruitment.channels": "e-mail", "recruitment.approached": "5"})
    assert answer(two_coders, "11")[0] == "5 people were approached by e-mail."


def test_rows_of_the_log_are_added_changed_and_taken_out(two_coders: Study) -> None:
    lead = two_coders.seated(LEA)
    lead.set_recruitment(*LOG[:2])
    two_coders.set_recruitment(LOG[2])
    changed = replace(LOG[0], outcome="withdrew_after")
    lead.set_recruitment(changed, without=["a2", "not there"])
    assert two_coders.recruitment() == (changed, LOG[2])
    assert lead.history("recruitment_change")[-1]["details"] == {"kept": 1, "taken_out": 1}
    before = two_coders.last_hash()
    lead.set_recruitment(changed)
    assert two_coders.last_hash() == before
    assert two_coders.check() == []


def test_a_consent_is_kept_and_the_history_tells_what_changed_only(two_coders: Study) -> None:
    given = Consent("P01", record="yes", recontact="no", form="v2", signed_on="2025-03-01")
    two_coders.set_consent(given)
    two_coders.set_consent(replace(given, share="no"))
    assert two_coders.consents() == {"P01": replace(given, share="no")}
    lines = two_coders.history("consent_change")
    assert [line["details"]["keys"] for line in lines] == [
        ["form", "recontact", "record", "signed_on"],
        ["share"],
    ]
    with pytest.raises(NotInStudy):
        two_coders.set_consent(Consent("P77"))
    two_coders.withdraw("P01", reason="asked")
    with pytest.raises(BadCommand, match="has withdrawn"):
        two_coders.set_consent(given)


def test_what_was_refused_and_done_all_the_same_is_to_be_checked(two_coders: Study) -> None:
    two_coders.set_consent(Consent("P01", record="no", recontact="no"))
    two_coders.set_consent(Consent("P02", record="no", recontact="no"))
    for title, recording, returned in (
        ("P01", "audio", "yes"), ("P02", "notes only", "no"), ("P03", "audio", "yes"),
    ):  # fmt: skip
        two_coders.set_facts(title, {"recording": recording, "returned": returned})
    two_coders.settings.change({"member_check.sent": "2"})
    assert (
        "P01: the participant refused to be recorded, yet “recording” is audio."
        in (answer(two_coders, "19")[1])
    )
    assert answer(two_coders, "23")[1] == [
        "P01: the participant refused to be contacted again, yet “returned” is yes."
    ]
    assert answer(two_coders, "28")[1] == [
        "2 sent, yet only 1 of 3 participants did not refuse to be contacted again."
    ]


def test_who_may_not_read_people_reads_neither(two_coders: Study) -> None:
    two_coders.set_recruitment(*LOG)
    two_coders.set_consent(Consent("P01", record="yes"))
    auditor = two_coders.seated(Seat("eve", frozenset({"auditor"})))
    assert (auditor.consents(), auditor.recruitment()) == ({}, ())
    assert len(two_coders.seated(ANA).recruitment()) == 8
    two_coders.settings.change({"coding.hide_attributes": "yes"})
    ana = two_coders.seated(ANA)
    assert (ana.consents(), ana.recruitment()) == ({}, ())
    for act in (
        lambda: ana.set_consent(Consent("P01")),
        lambda: ana.set_recruitment(LOG[0]),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Consent("P01", record="perhaps"),  # type: ignore[arg-type]
        lambda: Consent("P01", signed_on="4.3.2025"),
        lambda: Consent("P01", form="x" * 101),
        lambda: Approach("", "completed"),
        lambda: Approach("e-mail", "lost"),  # type: ignore[arg-type]
        lambda: Approach("e-mail", "declined", "x" * 301),
        lambda: Approach("e-mail", "declined", date="yesterday"),
    ],
)
def test_nonsense_is_refused_when_it_is_made(make: Callable[[], object]) -> None:
    with pytest.raises(BadCommand):
        make()


def test_two_interviews_with_one_person_are_one_participant(two_coders: Study) -> None:
    two_coders.add(replace(interview("P01 again", "Other words."), participant="P01"))
    assert answer(two_coders, "12")[0].startswith("3 participants took part in 4 interviews")
