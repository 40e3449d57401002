"""What a checklist says of a study: each number is its query's, the authors' words stand."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.checklists import Checklist, ChecklistItem, checklist_names, load_checklist
from qualcode.model import Approach, Attribute, Participant, Transcript, Turn
from qualcode.reports import checklist_report, coreq_report
from qualcode.reports.answered import Answer, checklist_answers
from qualcode.reports.coreq import filled
from qualcode.reports.evidence import EVIDENCE
from qualcode.reports.facts import StudyFacts, gather
from qualcode.reports.records import LINKS
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.collecting import Guide, MemberCheck
from tests.report_study import FakeStudy

DAY = date(2025, 6, 30)
COREQ = load_checklist("coreq")


@pytest.fixture(scope="module")
def facts(finished_file: Path) -> Iterator[StudyFacts]:
    with open_study(finished_file) as study:
        yield gather(study)


@pytest.fixture
def own(finished_file: Path, tmp_path: Path) -> Iterator[Study]:
    path = tmp_path / "own.qualcode"
    shutil.copy(finished_file, path)
    with open_study(path) as study:
        yield study


def interview(name: str, **known: str) -> Transcript:
    return Transcript(f"Interview {name}", f"Words of {name}.", (), participant=name, facts=known)


def said(study: FakeStudy, key: str) -> tuple[str, dict[str, Any], str]:
    """(sentence, value, notes and needs) of one key of the registry."""
    answer = EVIDENCE[key](gather(study))
    return answer.sentence, dict(answer.value), " ".join((*answer.notes, answer.needs))


def item(study: Study, number: str, name: str = "coreq") -> Answer:
    answers = filled(study, gather(study), load_checklist(name))
    return next(answer for answer in answers if answer.item.number == number)


# -- every number is its query's -----------------------------------------------------------------


def numbers_of(value: Any) -> set[str]:
    """Every number of a value as it could be printed; the length of a list is one too."""
    if isinstance(value, Mapping):
        return set().union(*(numbers_of(v) | numbers_of(k) for k, v in value.items()), set())
    if isinstance(value, list | tuple):
        return set().union(*(numbers_of(part) for part in value), {str(len(value))})
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        forms = {f"{value:g}", f"{value:.2f}", f"{100 * value:.1f}", f"{100 * value:.0f}"}
        return forms | {str(value)}
    return set(re.findall(r"\d+(?:\.\d+)*", str(value)))


def strange_numbers(answer: Answer, facts: StudyFacts) -> set[str]:
    """Numbers of a response that neither its query nor what the authors typed holds."""
    typed = [*facts.form.values(), *(g.pilot for g in facts.guides)]
    typed += [a.reason for a in facts.recruitment]
    text = answer.evidence.sentence
    for words in sorted(typed, key=len, reverse=True):
        if not words.isdigit() and len(words) > 3:
            text = text.replace(words.rstrip("."), "")
    text = text.replace("Guest et al. 2020", "")
    printed = {n.replace(",", "") for n in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)*", text)}
    return {n.rstrip(".") for n in printed} - numbers_of(answer.evidence.value)


# Numbers that a sentence gives as they are defined, not counted: which interviews are the run.
DEFINED = {"saturation": {"5", "6"}, "sample.table1": {"3", "2025"}}


@pytest.mark.parametrize("name", checklist_names())
def test_every_number_of_the_sample_is_that_of_the_query_it_names(
    facts: StudyFacts, name: str
) -> None:
    for answer in checklist_answers(facts, load_checklist(name), {}):
        assert answer.evidence.query == answer.item.evidence
        if answer.evidence.source == "data":
            strange = strange_numbers(answer, facts) - DEFINED.get(answer.evidence.query, set())
            if answer.item.id in ("S8", "S10", "S12"):
                strange -= {"3", "5", "6", "2025"}  # several queries in one answer
            assert strange == set(), (answer.item.id, answer.evidence.sentence)


WORDS = st.sampled_from(["", "no", "yes", "unknown"])
INTERVIEWS = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.integers(1, 6),
            "duration_min": st.one_of(st.just(""), st.integers(0, 300).map(str)),
            "mode": st.sampled_from(["", "video", "in person", "telephone"]),
            "others_present": st.sampled_from(["", "no", "yes: a colleague"]),
            "recording": st.sampled_from(["", "audio", "notes only"]),
            "field_notes": WORDS,
            "returned": st.sampled_from(["", "yes", "yes, corrected", "no", "refused"]),
            "prior_relationship": st.sampled_from(["", "none", "colleague", "supervisor"]),
            "interviewer": st.sampled_from(["", "AD", "LB", "AD and LB"]),
            "wave": st.sampled_from(["", "1", "2"]),
            "interview_date": st.integers(0, 400).map(
                lambda n: (date(2024, 1, 1) + timedelta(days=n)).isoformat()
            ),
        }
    ),
    min_size=1,
    max_size=9,
)
OUTCOMES = st.lists(
    st.sampled_from(
        ["completed", "declined", "no_reply", "ineligible", "withdrew_before", "withdrew_after"]
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(INTERVIEWS, OUTCOMES)
def test_every_number_of_any_study_is_that_of_its_query(
    rows: list[dict[str, Any]], outcomes: list[Any]
) -> None:
    texts = tuple(
        Transcript(
            f"T{n}",
            f"Words {n}.",
            (),
            participant=f"P{row['person']}",
            facts={k: v for k, v in row.items() if k != "person" and v},
        )
        for n, row in enumerate(rows)
    )
    people = tuple(Participant(p) for p in sorted({f"P{row['person']}" for row in rows}))
    log = tuple(Approach("e-mail", outcome, id=str(n)) for n, outcome in enumerate(outcomes))
    study = FakeStudy(texts=texts, people=people, asked=log)
    facts = gather(study)
    answers = {a.item.number: a for a in checklist_answers(facts, COREQ, {})}
    for answer in answers.values():
        strange = strange_numbers(answer, facts) - DEFINED.get(answer.evidence.query, set())
        strange -= {"2024"} if answer.item.number == "16" else set()
        assert strange == set(), (answer.item.id, answer.evidence.sentence)
    # The queries against a count of the raw rows.
    minutes = sorted(float(row["duration_min"]) for row in rows if row["duration_min"])
    if minutes:
        told = answers["21"].evidence.value
        assert told["median"] == median(minutes)
        assert told["range"] == [minutes[0], minutes[-1]]
        assert told["total"] == sum(minutes)
        assert f"{sum(minutes):g} minutes" in answers["21"].response
    assert answers["12"].evidence.value["participants"] == len(people)
    assert answers["12"].evidence.value["interviews"] == len(rows)
    if outcomes:
        flow = answers["13"].evidence.value
        parts = ("declined", "no_reply", "ineligible", "withdrew_before", "interviewed")
        assert flow["approached"] == sum(flow[part] for part in parts) == len(outcomes)
    modes = answers["14"].evidence.value.get("modes", {})
    assert sum(modes.values()) == sum(bool(row["mode"]) for row in rows)


# -- what the sample was planned with ------------------------------------------------------------


def test_all_32_items_of_the_finished_sample_are_answered(facts: StudyFacts) -> None:
    answers = checklist_answers(facts, COREQ, {})
    fills: dict[str, set[str]] = {}
    for answer in answers:
        assert answer.status == "reported"
        fills.setdefault(answer.item.fill, set()).add(answer.source)
    assert fills["auto"] == {"data"}
    assert sum(a.item.fill in ("auto", "semi") and bool(a.response) for a in answers) == 25


@pytest.mark.parametrize(
    ("number", "key", "value"),
    [
        (12, "participants", 6),
        (13, "approached", 10),
        (13, "withdrew", 1),
        (13, "analysed", 6),
        (21, "median", 43),
        (21, "range", [35, 51]),
        (21, "total", 257),
        (24, "coders", ["AD", "BW"]),
        (24, "blind", 6),
        (25, "codes", 24),
        (25, "themes", 5),
        (25, "levels", 2),
        (28, "sent", 5),
        (28, "replied", 3),
        (28, "changes", 1),
        (23, "returned", 5),
        (23, "corrections", 1),
        (20, "made", 4),
    ],
)
def test_the_planted_facts_are_there(
    facts: StudyFacts, number: int, key: str, value: object
) -> None:
    answers = {a.item.number: a for a in checklist_answers(facts, COREQ, {})}
    assert answers[str(number)].evidence.value[key] == value


def test_the_agreement_sentence_is_that_of_the_table(facts: StudyFacts) -> None:
    answers = {a.item.number: a for a in checklist_answers(facts, COREQ, {})}
    assert facts.agreement is not None
    told = answers["24"].evidence.value["agreement"]
    assert (told["both"], told["one"], told["decisions"]) == (61, 21, 1728)
    assert told["pooled"] == facts.agreement["pooled"]["kappa"]


# -- authors' words ------------------------------------------------------------------------------


def typed(study: Study, number: str, **words: str) -> None:
    answer = item(study, number)
    study.settings.answer(
        "coreq",
        answer.item.id,
        **words,  # type: ignore[arg-type]
        based_on=answer.evidence.basis("snapshot", "2025-06-30T10:00:00Z"),
    )


def test_an_authors_words_stand_and_are_marked_when_the_data_move_on(own: Study) -> None:
    typed(own, "12", response="Six people talked to us.")
    assert not item(own, "12").out_of_date
    own.settings.change({"study.aims": "Something else"})
    assert not item(own, "12").out_of_date  # another item's data
    own.withdraw("P01", reason="by e-mail")
    answer = item(own, "12")
    assert (answer.response, answer.out_of_date) == ("Six people talked to us.", True)
    assert "5 participants" in answer.evidence.sentence
    report = coreq_report(own, date=DAY)
    assert report.data["out_of_date"] == ["12"]
    assert "Out of date: the records have changed" in report.to_bytes("md").decode()
    typed(own, "12", response="Six people talked to us.")  # looked at again: it holds
    assert not item(own, "12").out_of_date


def test_the_basis_tells_value_sentence_query_snapshot_and_time(own: Study) -> None:
    typed(own, "21", response="Forty-three minutes.")
    kept = json.loads(own.answers("coreq")["COREQ-21"]["based_on"])
    assert kept["query_id"] == "transcripts.duration"
    assert (kept["value"]["median"], kept["snapshot_id"]) == (43, "snapshot")
    assert kept["sentence"].startswith("Median duration was 43")


def test_words_from_before_there_was_a_basis_are_not_called_late(own: Study) -> None:
    own.settings.answer("coreq", "COREQ-12", response="Six.")
    own.withdraw("P01", reason="by e-mail")
    assert not item(own, "12").out_of_date


@pytest.mark.parametrize("status", ["not_applicable", "not_done"])
def test_not_done_because_is_an_answer(own: Study, status: str) -> None:
    own.settings.answer("coreq", "COREQ-28", status=status, response="Too short a time to ask")
    assert item(own, "28").status == status
    own.settings.answer("coreq", "COREQ-28", status=status, response="Too late")
    assert (item(own, "28").status, item(own, "28").is_open) == ("missing", True)


def test_coreq_fills_srqr_where_it_was_typed_once(own: Study) -> None:
    before = item(own, "S6", "srqr")
    assert before.source != "author"
    own.settings.answer("coreq", "COREQ-08", response="The interviewers wished it to work.")
    answer = item(own, "S6", "srqr")
    assert "The interviewers wished it to work." in answer.response
    assert answer.source.startswith("from COREQ 2")
    assert {source for source, _ in answer.suggestions} >= {"COREQ 2", "COREQ 8"}
    own.settings.answer("srqr", "S6", response="In our own words.")
    assert item(own, "S6", "srqr").response == "In our own words."
    rows = checklist_report(own, "srqr", date=DAY).records
    assert next(row for row in rows if row["number"] == "S6")["source"] == "author"


def test_the_crosswalk_is_that_of_the_two_lists() -> None:
    crossed: dict[str, list[str]] = {}
    srqr = {each.id for each in load_checklist("srqr").items}
    for each in COREQ.items:
        for name in each.crosswalk.get("srqr", ()):
            assert name in srqr
            crossed.setdefault(name, []).append(each.number)
    assert crossed["S6"] == ["2", "3", "4", "5", "6", "7", "8"]
    assert crossed["S15"] == ["23", "24", "28"]
    assert crossed["S16"] == ["30", "31", "32"]


# -- a new checklist, records, gaps --------------------------------------------------------------


def test_an_unknown_key_means_the_form_with_a_note(facts: StudyFacts) -> None:
    new = ChecklistItem("X-1", "1", "D", "S", "T", "What?", evidence="made.up")
    (answer,) = checklist_answers(facts, Checklist("x", "1", "T", "C", (new,)), {})
    assert answer.is_open
    assert answer.evidence.notes == (
        "The evidence “made.up” is not known here, so the answer is typed.",
    )
    own = {"X-1": {"status": "", "location": "", "response": "Because."}}
    (typed,) = checklist_answers(facts, Checklist("x", "1", "T", "C", (new,)), own)
    assert (typed.status, typed.response) == ("reported", "Because.")


def test_an_answer_leads_to_its_records() -> None:
    texts = (interview("P01", mode="video"), interview("P02"), interview("P03", mode="video"))
    study = FakeStudy(texts=texts, people=tuple(Participant(f"P0{n}") for n in (1, 2, 3)))
    answers = {a.item.number: a for a in checklist_answers(gather(study), COREQ, {})}
    assert answers["14"].evidence.links[0].address == "/transcripts?record=Interview+P02"
    assert answers["13"].evidence.links[0].address == "/people?record=recruitment"
    assert set(LINKS) <= set(EVIDENCE)


# -- each record ---------------------------------------------------------------------------------


def test_the_guide_tells_versions_pilot_and_what_is_not_said() -> None:
    first = Guide("1.0", "What?\n  prompt\nWhy?", "2025-01-10", "yes", "One colleague")
    study = FakeStudy(guide=(first,), texts=(interview("P01", interview_date="2025-03-01"),))
    sentence, value, _ = said(study, "guide.versions")
    assert sentence == (
        "An interview guide was used (version 1.0, 2 questions). Pilot test: One colleague."
    )
    assert value["versions"] == ["1.0"]
    late = replace(study, guide=(first, Guide("1.1", "What?", "2025-04-01")))
    sentence, value, notes = said(late, "guide.versions")
    assert "It was revised once." in sentence
    assert "Version 1.1 came into use after the first interview, and no note says" in notes
    assert (
        "whether the guide was pilot tested"
        in said(replace(study, guide=(Guide("1"),)), "guide.versions")[2]
    )
    refused = replace(study, guide=(Guide("1", "What?", piloted="no", pilot="No time was left"),))
    assert "It was not piloted: No time was left." in said(refused, "guide.versions")[0]
    strange = replace(study, texts=(interview("P01", guide_version="2.0"),))
    assert "not kept: 2.0" in said(strange, "guide.versions")[2]


def test_member_checks_are_counted_by_person() -> None:
    checks = (
        MemberCheck("P01", replied="yes", comment="Fine", changed="A word"),
        MemberCheck("P02", replied="no"),
        MemberCheck("P03"),
    )
    sentence, value, notes = said(FakeStudy(checked=checks), "member_checks")
    assert sentence == (
        "A summary of the findings was sent to 3 participants; 1 replied, and 1 change was made."
    )
    assert (value["comments"], value["changes"]) == (1, 1)
    assert "Whether P03 replied is not recorded." in notes


def test_minutes_come_from_time_marks_where_none_are_typed() -> None:
    turns = (
        Turn("I", "interviewer", Span(0, 5), "00:01:00"),
        Turn("P", "participant", Span(6, 9), "00:31:00"),
    )
    timed = replace(interview("P01"), turns=turns)
    study = FakeStudy(texts=(timed, interview("P02", duration_min="50")))
    sentence, value, notes = said(study, "transcripts.duration")
    assert (value["median"], value["sources"]) == (40, {"times": 1, "typed": 1})
    assert "from the first to the last time mark" in notes
    assert "Median duration was 40 minutes" in sentence
    _, _, notes = said(
        FakeStudy(texts=(interview("P01", duration_min="3"),)), "transcripts.duration"
    )
    assert "Look again at the duration of Interview P01." in notes


def test_attributes_are_told_by_their_kind_and_small_groups_stay_unnamed() -> None:
    asked = (
        Attribute("age", "number"),
        Attribute("site", "choice", ("B", "A", "C")),
        Attribute("since", "date"),
    )
    people = tuple(
        Participant(
            f"P{n}", {"age": str(20 + n), "site": "AAABBBBC"[n], "since": f"2020-0{n + 1}-04"}
        )
        for n in range(8)
    )
    texts = tuple(interview(p.id) for p in people)
    study = FakeStudy(people=people, texts=texts, asked_of_people=asked)
    sentence, value, notes = said(study, "sample.table1")
    assert "Age: median 23.5 (range 20–27)" in sentence
    assert "site: B 4, A 3, other 1" in sentence  # in the order of the study
    assert "since: median 2020-05 (range 2020-01 to 2020-08)" in sentence
    assert "%" not in sentence
    assert value["attributes"]["site"]["small"] == ["C"]
    many = tuple(Participant(f"P{n}", {"site": "A" if n % 2 else "B"}) for n in range(20))
    study = FakeStudy(
        people=many, texts=tuple(interview(p.id) for p in many), asked_of_people=asked
    )
    assert "A 10 (50 %)" in said(study, "sample.table1")[0]
    assert "without a date" in notes


def test_the_sampling_tells_what_was_achieved_and_what_has_no_data() -> None:
    study = FakeStudy(
        form={"study.sampling": "Purposive", "study.sampling_attributes": "site, years band, mood"},
        people=(
            Participant("P01", {"site": "A", "years_band": "0-4"}),
            Participant("P02", {"site": "B"}),
        ),
        texts=(interview("P01"), interview("P02")),
    )
    sentence, value, notes = said(study, "study.sampling")
    assert "site: 2 values among 2 participants" in sentence
    assert value["achieved"]["years_band"] == {"0-4": 1}
    assert "mood, of which nothing is recorded" in notes


def test_waves_are_told_from_repeated_interviews() -> None:
    twice = [interview(p, wave=w) for p in ("P01", "P02") for w in ("1", "2")]
    twice = [replace(t, title=f"{t.title} {n}", id=str(n)) for n, t in enumerate(twice)]
    people = (Participant("P01"), Participant("P02"))
    sentence, *_ = said(FakeStudy(texts=tuple(twice), people=people), "sample.repeat_interviews")
    assert "2 of 2 participants were interviewed once at each of 2 planned waves" in sentence
    half = [replace(t, facts={} if n == 3 else t.facts) for n, t in enumerate(twice)]
    _, _, notes = said(FakeStudy(texts=tuple(half), people=people), "sample.repeat_interviews")
    assert "may be mixed up" in notes


def test_two_interviewers_of_one_interview_and_one_who_is_no_author() -> None:
    study = FakeStudy(
        texts=(interview("P01", interviewer="AD and LB"), interview("P02", interviewer="AD")),
        researchers=({"initials": "AD", "author": "no"}, {"initials": "BW", "author": "yes"}),
    )
    sentence, value, notes = said(study, "interviewers")
    assert value["interviewers"] == {"AD": 2, "LB": 1}
    assert "LB conducted interviews and stands not on the team page." in notes
    assert "AD conducted interviews and is no author" in notes
    assert sentence == "Interviews were conducted by AD (n = 2) and LB (n = 1)."


def test_an_occupation_has_its_date() -> None:
    study = FakeStudy(
        texts=(interview("P01", interview_date="2025-03-01"),),
        researchers=({"initials": "AD", "occupation": "nurse", "as_of": "2019"},),
    )
    sentence, _, notes = said(study, "team.occupation")
    assert sentence == "AD: nurse (as of 2019)."
    assert "dated outside the interviews: AD (2019)" in notes


def test_who_settled_and_what_was_not_blind_is_told(facts: StudyFacts) -> None:
    one = facts.transcripts[0]
    seen = replace(facts, codings=replace(facts.codings, not_blind={one.id: "discussed"}))
    answer = EVIDENCE["coders"](seen)
    assert answer.value["blind"] == 5
    assert "coded 5 of 6 transcripts independently" in answer.sentence
    assert any(f"{one.title} was not coded blind" in note for note in answer.notes)
    judged = replace(facts, decisions=tuple(replace(d, decided_by="ana") for d in facts.decisions))
    notes = " ".join(EVIDENCE["coders"](judged).notes)
    assert "AD coded and also settled differences" in notes
