"""The ledger as an audit appendix: complete, in every format, and silent where it has to be."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode import cli
from qualcode.model import TRUE_DIFFERENCE, CodebookIssue, Participant, Seat
from qualcode.reconciliation import find_passages, latest, settle, undo
from qualcode.reports import FORMATS, audit_report
from qualcode.store import Study, open_study
from tests.report_study import words_of_docx, words_of_xlsx

LEA = Seat("lea", frozenset({"lead"}))


@pytest.fixture
def settled_study(sample: Path) -> Path:
    """The sample with all kinds of decisions, one replaced, one undone."""
    with open_study(sample, seat=LEA) as study:
        passages = find_passages(study.codings(), study.coders(), transcripts=study.titles())
        for number, passage in enumerate(passages):
            reason = f"{TRUE_DIFFERENCE}: both can be heard" if number == 4 else "slip"
            outcome = ("a", "b", "both", "neither", "defer")[number % 5]
            study.decide(
                settle(passage, outcome, reason=reason, decided_by="", blind=number == 3)  # type: ignore[arg-type]
            )
        first, second, third = study.decisions()[:3]
        study.decide(
            settle(passages[0], "neither", reason="text problem", decided_by=""),
            replacing=first.id,
        )
        study.decide(*undo(second, study.decisions(), decided_by=""), replacing=second.id)
        text = study.transcript(passages[2].transcript).text[passages[2].span.slice]
        new = (passages[2].span, passages[0].codes[0], text)
        study.decide(
            settle(passages[2], "other", new=new, reason="slip", decided_by=""),
            replacing=third.id,
        )
        codes = (passages[0].codes[0],)
        study.decide_issue(CodebookIssue(codes, "Sharpen it", "Only lived schemes", 3))
    return sample


def test_every_decision_stands_in_the_appendix(settled_study: Path) -> None:
    with open_study(settled_study, seat=LEA) as study:
        report, decisions = audit_report(study), study.decisions()
        codings = {coding.id: coding for coding in study.codings()}
        titles = study.titles()
    assert len(report.records) == len(decisions) == 19
    holding = {decision.id for decision in latest(decisions).values()}
    for decision, record in zip(decisions, report.records, strict=True):
        assert record["id"] == decision.id
        assert record["decided_by"] == "Lea"
        assert record["decided_at"] == decision.decided_at
        assert record["transcript"] == titles[decision.transcript]
        assert record["outcome"] == decision.outcome
        assert (record["reason"], record["memo"]) == (decision.reason_kind, decision.memo)
        assert record["codebook_version"] == decision.version != ""
        assert record["coding_ids"] == ", ".join(decision.settles)
        assert len(str(record["from_codings"]).split("\n")) == len(decision.settles)
        for id in decision.settles:
            place = codings[id].span
            assert f"{place.start}–{place.end}" in str(record["from_codings"])
        assert record["holds"] == ("yes" if decision.id in holding else "no")
        assert record["who_was_hidden"] == ("yes" if decision.blind else "no")
    assert [record["holds"] for record in report.records].count("no") == 3


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"pdf"}))
def test_the_appendix_is_written_in_every_format(settled_study: Path, format: str) -> None:
    with open_study(settled_study, seat=LEA) as study:
        report, number = audit_report(study), len(study.decisions())
    content = report.to_bytes(format)
    if format == "csv":
        assert len(list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))) == number
        return
    words = {"docx": words_of_docx, "xlsx": words_of_xlsx}.get(format, bytes.decode)(content)
    assert "both can be heard" in words
    assert "Only lived schemes" in words
    if format == "json":
        assert json.loads(content)["decisions"] == number


def test_a_true_difference_of_reading_is_kept_for_the_report(settled_study: Path) -> None:
    with open_study(settled_study, seat=LEA) as study:
        words = audit_report(study).to_bytes("md").decode()
    found = words.split("True differences of reading")[1]
    assert "both can be heard" in found


def test_words_of_who_is_not_quoted_are_not_printed(settled_study: Path) -> None:
    with open_study(settled_study, seat=LEA) as study:
        whole = audit_report(study)
        quoted = next(r for r in whole.records if "“" in str(r["from_codings"]))
        person = study.transcript(str(quoted["transcript"])).participant
    assert not any("Okafor" in str(record) for record in whole.records), "looks like a name"

    class Silent(Study):
        def participants(self) -> tuple[Participant, ...]:
            return tuple(
                replace(p, quote_consent="no") if p.id == person else p
                for p in super().participants()
            )

    with open_study(settled_study, seat=LEA) as study:
        report = audit_report(Silent(study._db, study.path, study.seat))
    for record in report.records:
        if record["transcript"] == quoted["transcript"]:
            assert "“" not in str(record["from_codings"])
            assert "“" not in str(record["result"])


def test_the_command_writes_it(settled_study: Path, tmp_path: Path) -> None:
    target = tmp_path / "decisions.docx"
    assert cli.main(["report", str(settled_study), "audit", str(target)]) == 0
    assert "Decisions on differences" in words_of_docx(target.read_bytes())


def test_a_study_without_decisions_says_so(sample: Path) -> None:
    with open_study(sample, seat=LEA) as study:
        assert "no decision to show" in audit_report(study).to_bytes("md").decode()
