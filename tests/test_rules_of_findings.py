"""Q1 to Q10 and T1 to T3: each trips on a study broken in that one place, and the sample passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualcode.claims import DisplayEdit
from qualcode.model import Participant
from qualcode.reports.facts import StudyFacts, gather
from qualcode.reports.findings import Findings, findings
from qualcode.reports.quotes import Quotation
from qualcode.reports.rules import RULES, Checked
from qualcode.spans import Span
from qualcode.store import open_study

OURS = (*(f"Q{n}" for n in range(1, 11)), "T1", "T2", "T3")


@pytest.fixture(scope="module")
def facts(finished_file: Path) -> Iterator[StudyFacts]:
    with open_study(finished_file) as study:
        yield gather(study)


@pytest.fixture(scope="module")
def shown(facts: StudyFacts) -> Findings:
    return findings(facts)


def found(rule: str, facts: StudyFacts, shown: Findings) -> list[str]:
    return [finding.sentence for finding in RULES[rule].check(Checked(facts, shown))]


def with_quotation(shown: Findings, change: Callable[[Quotation], Quotation]) -> Findings:
    """The same findings with the first quotation of the first theme changed."""
    first, *rest = shown.themes
    quotations = (change(first.quotations[0]), *first.quotations[1:])
    return replace(shown, themes=(replace(first, quotations=quotations), *rest))


def with_theme(shown: Findings, **changes: Any) -> Findings:
    first, *rest = shown.themes
    return replace(shown, themes=(replace(first, **changes), *rest))


def without_attribute(facts: StudyFacts, person: str) -> StudyFacts:
    people = tuple(
        Participant(p.id, {**p.attributes, "group": "other"}, p.quote_consent)
        if p.id == person
        else p
        for p in facts.participants
    )
    return replace(facts, participants=people)


def quote_at(facts: StudyFacts, quote: Quotation, words: str, **more: Any) -> Quotation:
    """The same quotation on other words of its transcript."""
    text = facts.transcript[quote.transcript].text
    start = text.index(words)
    return replace(quote, text=words, span=Span(start, start + len(words)), **more)


@pytest.mark.parametrize("rule", OURS)
def test_the_finished_sample_passes_each_rule(
    rule: str, facts: StudyFacts, shown: Findings
) -> None:
    sentences = found(rule, facts, shown)
    if rule == "T3":  # planted: one code of one person, one that nobody used
        assert sentences == [
            "Found in one participant only: QI and CPD seen as separate (P05).",
            "In the codebook and never used: Peer and two-way mentoring.",
        ]
    else:
        assert sentences == []


def test_q1_a_quotation_without_a_participant(facts: StudyFacts, shown: Findings) -> None:
    (sentence,) = found("Q1", facts, with_quotation(shown, lambda q: replace(q, attribution="()")))
    assert "no participant’s id" in sentence


def test_q2_a_quotation_in_other_words(facts: StudyFacts, shown: Findings) -> None:
    broken = with_quotation(shown, lambda q: replace(q, text=q.text.replace("same", "very same")))
    (sentence,) = found("Q2", facts, broken)
    assert "not word for word" in sentence
    silent = with_quotation(shown, lambda q: replace(q, cut_after=True, span=Span(0, 20)))
    assert len(found("Q2", facts, silent)) == 1


def test_q2_a_kept_quotation_whose_words_slipped(facts: StudyFacts, shown: Findings) -> None:
    first, *rest = facts.work.quotations
    slipped = replace(first, span=Span(first.span.start + 1, first.span.end + 1))
    broken = replace(facts, work=replace(facts.work, quotations=(slipped, *rest)))
    (sentence,) = found("Q2", broken, shown)
    assert "does not stand so in the transcript any more" in sentence


def test_q3_a_quotation_of_somebody_who_refused(facts: StudyFacts, shown: Findings) -> None:
    people = tuple(
        replace(person, quote_consent="no") if person.id == "P02" else person
        for person in facts.participants
    )
    broken = replace(facts, participants=people)
    sentences = found("Q3", broken, shown)
    assert len(sentences) == 8  # four in the findings as they were, four chosen
    again = findings(broken)
    assert "P02" not in again.quoted
    assert all("P02" in sentence for sentence in found("Q3", broken, again))
    assert len(found("Q3", broken, again)) == 4


def test_q4_a_name_in_a_quotation(facts: StudyFacts, shown: Findings) -> None:
    words = (
        "sitting beside Dr. Helen Okafor, from St. Brendan's Hospital, and she starts telling me"
    )
    broken = with_quotation(shown, lambda q: named(facts, q, words))
    (sentence,) = found("Q4", facts, broken)
    assert "looks like a name" in sentence
    start, end = words.index("Dr."), words.index(", and she")
    edits = (DisplayEdit(start, end, "[a colleague]"),)
    mended = with_quotation(shown, lambda q: replace(named(facts, q, words), edits=edits))
    assert found("Q4", facts, mended) == []


def named(facts: StudyFacts, quote: Quotation, words: str) -> Quotation:
    (place,) = (t.id for t in facts.transcripts if t.title == "P01")
    return quote_at(facts, replace(quote, transcript=place, participant="P01"), words)


def test_q5_a_major_theme_with_one_quotation(facts: StudyFacts, shown: Findings) -> None:
    one = shown.themes[0].quotations[:1]
    (sentence,) = found("Q5", facts, with_theme(shown, quotations=one))
    assert "1 quotation of 1 participant" in sentence
    assert found("Q5", facts, with_theme(shown, quotations=one, kind="minor")) == []
    (sentence,) = found("Q5", facts, with_theme(shown, quotations=(), kind="minor"))
    assert "has no quotation" in sentence


def test_q6_one_participant_everywhere(facts: StudyFacts, shown: Findings) -> None:
    broken = replace(
        shown,
        themes=tuple(
            replace(
                theme,
                quotations=tuple(replace(q, participant="P05") for q in theme.quotations),
            )
            for theme in shown.themes[:2]
        )
        + shown.themes[2:],
    )
    (sentence,) = found("Q6", facts, broken)
    assert sentence.startswith("P05 gives 8 of 17 quotations")


def test_q7_few_participants_and_a_group_unheard(facts: StudyFacts, shown: Findings) -> None:
    broken = replace(
        shown,
        themes=tuple(
            replace(
                theme,
                quotations=tuple(q for q in theme.quotations if q.participant in {"P01", "P02"}),
            )
            for theme in shown.themes
        ),
    )
    few, group = found("Q7", facts, broken)
    assert few.startswith("2 of 6 participants are quoted")
    assert group == "Nobody of the group “managerial” is quoted."


def test_q8_too_short_too_long_or_twice(facts: StudyFacts, shown: Findings) -> None:
    short = with_quotation(shown, lambda q: quote_at(facts, q, "never the same thing twice"))
    (sentence,) = found("Q8", facts, short)
    assert "has 5 words" in sentence
    turns = facts.transcript[shown.themes[0].quotations[0].transcript].participant_turns
    text = facts.transcript[shown.themes[0].quotations[0].transcript].text
    long = with_quotation(shown, lambda q: quote_at(facts, q, text[turns[2].span.slice]))
    assert "words; 8 to 100" in found("Q8", facts, long)[0]
    first, second, *rest = shown.themes
    twice = replace(second, quotations=(*second.quotations, first.quotations[0]))
    (sentence,) = found("Q8", facts, replace(shown, themes=(first, twice, *rest)))
    assert f"repeats words quoted under “{first.name}”" in sentence


def test_q9_the_interviewer_in_the_quotation(facts: StudyFacts, shown: Findings) -> None:
    quote = shown.themes[0].quotations[0]
    transcript = facts.transcript[quote.transcript]
    asked = transcript.turns[0].span
    words = transcript.text[asked.start : transcript.turns[1].span.end]
    (sentence,) = found("Q9", facts, with_quotation(shown, lambda q: quote_at(facts, q, words)))
    assert "words of the interviewer" in sentence
    edits = (DisplayEdit(0, asked.length, "[...]"),)
    marked = with_quotation(shown, lambda q: quote_at(facts, q, words, edits=edits))
    assert found("Q9", facts, marked) == []


def test_q10_an_attribution_of_two(facts: StudyFacts, shown: Findings) -> None:
    broken = without_attribute(facts, "P01")
    sentences = found("Q10", broken, shown)
    assert sentences
    assert all("give the id only" in sentence for sentence in sentences)
    assert found("Q10", broken, findings(broken)) == []  # the report itself gives the id only


def test_t1_a_topic_without_definition(facts: StudyFacts, shown: Findings) -> None:
    (sentence,) = found("T1", facts, with_theme(shown, name="Trust", definition=" ", codes=()))
    assert sentence == (
        "The theme “Trust” has no definition, no code and a topic for a name, and no statement."
    )


def test_t2_two_themes_on_the_same_passages(facts: StudyFacts, shown: Findings) -> None:
    first, second, *rest = shown.themes
    broken = replace(shown, themes=(first, replace(second, places=first.places), *rest))
    (sentence,) = found("T2", facts, broken)
    assert "rest on the same passages: 10 of 10" in sentence
    part = replace(second, places=first.places, parent=first.name)
    assert found("T2", facts, replace(shown, themes=(first, part, *rest))) == []


def test_t3_a_code_of_one_person(facts: StudyFacts, shown: Findings) -> None:
    first = shown.themes[0]
    codes = tuple(replace(line, participants=("P01",)) for line in first.codes)
    sentences = found("T3", facts, with_theme(shown, codes=codes))
    assert sentences[0].count("(P01)") == 4
