"""Each rule of a report: a study broken in one place trips it, and the finished sample does not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest

from qualcode.checklists import load_checklist
from qualcode.errors import BadCommand, UnreadableFile
from qualcode.model import Participant
from qualcode.reports import REPORTS
from qualcode.reports.answered import Answer
from qualcode.reports.coreq import answers_report, filled
from qualcode.reports.document import Heading, Paragraph, Report, Table
from qualcode.reports.facts import StudyFacts, gather
from qualcode.reports.findings import findings
from qualcode.reports.rules import RULES, Checked, check, read_thresholds, thresholds
from qualcode.store import open_study

DAY = date(2025, 6, 30)
HERE = ("C1", "C2", "C3", "C4", "C5", "C6", "N1", "N2", "N3", "A1", "A2", "A3",
        "O1", "O2", "W1", "W2", "W3", "P1")  # fmt: skip
INFORMS = ("C6", "A2")
"""What the finished sample is told although nothing is wrong with it."""


@pytest.fixture(scope="module")
def sample(finished_file: Path) -> Iterator[Checked]:
    """The finished sample with its COREQ checklist as it would be written."""
    with open_study(finished_file) as study:
        facts = gather(study)
        coreq = load_checklist("coreq")
        answers = filled(study, facts, coreq)
        report = answers_report(facts, coreq, answers, DAY)
        yield Checked(facts, findings(facts), coreq, answers, report)


@pytest.fixture(scope="module")
def agreement(finished_file: Path, sample: Checked) -> Checked:
    """The agreement supplement of the same study."""
    with open_study(finished_file) as study:
        return replace(sample, report=REPORTS["agreement"](study), answers=(), checklist=None)


def found(rule: str, checked: Checked) -> list[str]:
    return [finding.sentence for finding in RULES[rule].check(checked)]


def with_answer(checked: Checked, number: str, **changes: Any) -> Checked:
    """The same with one item changed."""
    return replace(
        checked,
        answers=tuple(
            replace(answer, **changes) if answer.item.number == number else answer
            for answer in checked.answers
        ),
    )


def with_facts(checked: Checked, **changes: Any) -> Checked:
    facts: StudyFacts = replace(checked.facts, **changes)
    return replace(checked, facts=facts)


def with_text(checked: Checked, *texts: str) -> Checked:
    blocks = tuple(Paragraph(text) for text in texts)
    return replace(checked, report=Report("journal", "T", (), blocks, DAY), answers=())


def test_every_rule_of_the_list_is_there() -> None:
    letters = {"C": 6, "N": 3, "Q": 10, "T": 3, "A": 3, "O": 2, "W": 3, "P": 1}
    wanted = {f"{letter}{n}" for letter, most in letters.items() for n in range(1, most + 1)}
    assert set(RULES) == wanted
    severe = {id for id, rule in RULES.items() if rule.severity == "E"}
    assert severe == {"C2", "N1", "N2", "Q1", "Q2", "Q3", "Q4", "A1", "P1"}
    assert {id for id, rule in RULES.items() if rule.severity == "I"} == {
        *("C6", "T3", "O1", "O2", "W3"),
    }


@pytest.mark.parametrize("rule", HERE)
def test_the_finished_sample_passes_each_rule(rule: str, sample: Checked) -> None:
    assert bool(found(rule, sample)) == (rule == "C6")


def test_c1_an_item_is_missing(sample: Checked) -> None:
    broken = with_answer(sample, "7", location="", response="", status="missing", needs="a word")
    assert found("C1", broken) == [
        "Item 7 (Participant knowledge of the interviewer) is missing: a word."
    ]


@pytest.mark.parametrize("claim", ["not_applicable", "not_done"])
def test_c2_no_reason(sample: Checked, claim: str) -> None:
    broken = with_answer(sample, "23", claim=claim, words="Too much work")
    (said,) = found("C2", broken)
    assert "without a reason of at least 5 words" in said


def test_c2_a_reason_of_five_words_is_one(sample: Checked) -> None:
    right = with_answer(sample, "23", claim="not_done", words="Nobody wished to read it")
    assert found("C2", right) == []


def test_c3_a_place_that_is_none(sample: Checked) -> None:
    assert "“over there”" in found("C3", with_answer(sample, "3", location="over there"))[0]
    right = "5; 5-6; p. 5; lines 83-84; Title page; Table 1; N/A; Methods; Supplementary file 2"
    for place in (*right.split("; "), "Methods, page 5; Table 2", "Results, Participants"):
        assert found("C3", with_answer(sample, "3", location=place)) == [], place


def test_c4_too_short_or_too_long(sample: Checked) -> None:
    assert "1 word;" in found("C4", with_answer(sample, "5", response="None"))[0]
    assert "121 words" in found("C4", with_answer(sample, "5", response="word " * 121))[0]


def test_c5_the_records_moved_on(sample: Checked) -> None:
    assert "out of date" in found("C5", with_answer(sample, "12", out_of_date=True))[0]


def test_c6_tells_how_complete_each_domain_is(sample: Checked) -> None:
    assert found("C6", sample) == [
        "Domain 1: Research team and reflexivity: 8 reported.",
        "Domain 2: Study design: 15 reported.",
        "Domain 3: Analysis and findings: 9 reported.",
    ]
    one = with_answer(sample, "28", status="not_done")
    assert found("C6", one)[2].endswith("8 reported and 1 not done.")


def test_n1_the_flow_has_other_people_than_the_table(sample: Checked) -> None:
    log = tuple(a for a in sample.facts.recruitment if a.participant != "P01")
    (said,) = found("N1", with_facts(sample, recruitment=log))
    assert "the sample size has 6" in said
    assert "the flow has 5" in said


def test_n2_more_people_than_there_are(sample: Checked) -> None:
    first, *rest = sample.shown.themes
    more = replace(first, participants=(*first.participants, "P99"))
    broken = replace(sample, shown=replace(sample.shown, themes=(more, *rest)))
    assert "in 7 of 6 participants" in found("N2", broken)[0]


def test_n2_differences_that_are_not_settled(sample: Checked) -> None:
    (said,) = found("N2", with_facts(sample, decisions=sample.facts.decisions[:-1]))
    assert "not settled" in said


def test_n3_percentages_of_six_people(sample: Checked) -> None:
    assert found("N3", with_answer(sample, "12", response="Two of three (67 %) were women."))
    assert found("N3", with_text(sample, "Half of them (50%) had no mentor."))
    assert not found("N3", with_text(sample, "The coders agreed on 98.8 % of 1,728 decisions."))
    many = tuple(Participant(f"P{n}") for n in range(20))
    assert not found("N3", with_facts(with_text(sample, "10 (50%) had none."), participants=many))


@pytest.mark.parametrize("gone", ["unit", "n_units", "round"])
def test_a1_an_agreement_table_that_cannot_be_read(agreement: Checked, gone: str) -> None:
    assert found("A1", agreement) == []
    assert agreement.report is not None
    figures = {k: v for k, v in agreement.report.data["agreement"].items() if k != gone}
    told = {**agreement.report.data, "agreement": figures}
    (said,) = found("A1", replace(agreement, report=replace(agreement.report, data=told)))
    assert "does not tell" in said


def test_a1_an_agreement_table_without_before_discussion(agreement: Checked) -> None:
    assert agreement.report is not None
    blocks = tuple(
        replace(block, caption="Agreement") if isinstance(block, Table) else block
        for block in agreement.report.blocks
        if not isinstance(block, Paragraph)
    )
    (said,) = found("A1", replace(agreement, report=replace(agreement.report, blocks=blocks)))
    assert "“before discussion”" in said


def test_a2_kappa_of_a_code_that_hardly_occurs(agreement: Checked) -> None:
    (said,) = found("A2", agreement)
    assert said.startswith("The kappa of 18 codes rests on fewer than 5 marked units")
    assert (
        found("A2", replace(agreement, limits=replace(agreement.limits, agreement_units=0))) == []
    )


def test_a3_agreement_of_a_pilot(agreement: Checked) -> None:
    assert found("A3", agreement) == []
    assert agreement.report is not None
    figures = {**agreement.report.data["agreement"], "round_kind": "pilot"}
    told = {**agreement.report.data, "agreement": figures}
    assert found("A3", replace(agreement, report=replace(agreement.report, data=told)))


def reflexive(checked: Checked) -> Checked:
    return with_facts(checked, form={**checked.facts.form, "study.approach": "reflexive"})


def test_o1_agreement_in_a_reflexive_analysis(sample: Checked) -> None:
    assert "does not ask for agreement" in found("O1", reflexive(sample))[0]
    assert found("O1", with_text(reflexive(sample), "We talked until we saw it anew.")) == []


def test_o2_saturation_in_a_reflexive_analysis(sample: Checked) -> None:
    claimed = with_text(reflexive(sample), "Saturation was reached after ten interviews.")
    assert "information power" in found("O2", claimed)[0]
    not_claimed = with_text(reflexive(sample), "We did not seek saturation but information power.")
    assert found("O2", not_claimed) == []


def test_w1_longer_than_the_journal_takes(sample: Checked) -> None:
    blocks = (Heading("Abstract"), Paragraph("word " * 30), Heading("Methods"),
              Paragraph("word " * 90), Heading("References"), Paragraph("word " * 900))  # fmt: skip
    report = Report("journal", "T", (), blocks, DAY)
    limits = replace(thresholds(), abstract_words=20, main_words=80, tables=1)
    broken = replace(sample, report=report, limits=limits)
    assert found("W1", broken) == [
        "The abstract has 30 words; the journal takes 20.",
        "The main text has 90 words; the journal takes 80.",
    ]


def test_w2_words_for_numbers_without_their_key(sample: Checked) -> None:
    told = "Most participants wished for time; a few of the clinicians had it."
    (said,) = found("W2", with_text(sample, told))
    assert "“a few”, “most”" in said
    assert found("W2", with_text(sample, told, "“Most” is more than half of them.")) == []


def test_w3_themes_do_not_emerge(sample: Checked) -> None:
    assert "“themes emerged”" in found("W3", with_text(sample, "Five themes emerged from it."))[0]
    assert found("W3", with_text(sample, "We developed five themes.")) == []


def test_p1_a_file_that_tells_who_wrote_it_or_was_not_scanned(sample: Checked) -> None:
    made, out = docx.Document(), io.BytesIO()
    made.core_properties.author = "Lea Brandt"
    made.core_properties.comments = "from /home/lea/study.qualcode"
    made.save(out)
    told = replace(sample, written={"coreq.docx": out.getvalue()}, scanned=True)
    words = " ".join(found("P1", told))
    assert "the author “Lea Brandt”" in words
    assert "a path “/home/lea/study.qualcode" in words
    assert sample.report is not None
    ours = {"coreq.docx": sample.report.to_bytes("docx")}
    assert found("P1", replace(sample, written=ours, scanned=True)) == []
    assert "was not scanned" in found("P1", replace(sample, written=ours))[0]


def test_what_blocks_comes_first_and_an_unknown_rule_is_refused(sample: Checked) -> None:
    broken = with_answer(sample, "23", claim="not_done", words="No")
    assert [finding.severity for finding in check(broken, ["C6", "C2"])] == ["E", "I", "I", "I"]
    with pytest.raises(BadCommand, match="no rule “C9”"):
        check(sample, ["C9"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reason_words = 5", "“response_shortest” is missing"),
        ("{all}\nodd = 1", "“odd” is not known"),
        ("{all}", "“reason_words” should be a whole number"),
        ("no TOML", "is not a TOML file"),
    ],
)
def test_a_slip_in_the_thresholds_is_named(tmp_path: Path, text: str, words: str) -> None:
    held = "\n".join(f"{name} = {value}" for name, value in vars(thresholds()).items())
    if words.startswith("“reason"):
        held = held.replace("reason_words = 5", 'reason_words = "five"')
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("{all}", held), encoding="utf-8")
    with pytest.raises((BadCommand, UnreadableFile), match=r"mine\.toml") as refused:
        read_thresholds(path)
    assert words in str(refused.value)


def test_an_answer_is_known_by_its_item(sample: Checked) -> None:
    assert all(isinstance(answer, Answer) and answer.evidence.query for answer in sample.answers)
