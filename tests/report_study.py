"""A study made of values for the tests of reports: the sample, to change one thing of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import docx
import openpyxl
from pypdf import PdfReader

from qualcode.claims import ThemeWork
from qualcode.codebook import Codebook
from qualcode.memos import Memo
from qualcode.model import (
    MAIN,
    Approach,
    Attribute,
    CodebookIssue,
    Coding,
    CodingSet,
    Consent,
    Decision,
    Member,
    Outcome,
    Participant,
    Role,
    Round,
    Theme,
    Transcript,
)
from qualcode.reconciliation import decide, find_differences
from qualcode.reports import FORM_FIELDS
from qualcode.reports.document import Report
from qualcode.store import Study
from qualcode.store.collecting import Guide, MemberCheck
from qualcode.store.likenesses import LikenessGiven
from qualcode.store.suggesting import MachineHelp

DAY = date(2025, 6, 30)
# Where the coders part, the codings that stand in the planned consensus.
SETTLED = {
    *(("P01-S04", "MEN-09"), ("P01-S10", "MEN-14"), ("P01-S11", "MEN-23"), ("P02-S11", "MEN-23")),
    *(("P02-S12", "MEN-09"), ("P03-S07", "MEN-24"), ("P03-S09", "MEN-10"), ("P04-S06", "MEN-19")),
    *(("P05-S06", "MEN-19"), ("P05-S10", "MEN-14"), ("P05-S11", "MEN-23"), ("P06-S05", "MEN-08")),
}


@dataclass
class FakeStudy:
    """What a report asks of a study, without a file."""

    title: str = "Mentorship needs assessment (sample)"
    form: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: tuple[Participant, ...] = ()
    texts: tuple[Transcript, ...] = ()
    book: Codebook = field(default_factory=Codebook)
    coded: CodingSet = field(default_factory=CodingSet)
    settled: tuple[Decision, ...] = ()
    made: tuple[Theme, ...] = ()
    researchers: Sequence[Mapping[str, str]] = ()
    others: tuple[tuple[Round, CodingSet], ...] = ()
    asked: tuple[Approach, ...] = ()
    worked: ThemeWork = field(default_factory=ThemeWork)
    asked_of_people: tuple[Attribute, ...] = ()
    guide: tuple[Guide, ...] = ()
    checked: tuple[MemberCheck, ...] = ()
    noted: tuple[Memo, ...] = ()

    def setting(self, key: str, default: str = "") -> str:
        return self.form.get(key, default)

    def answers(self, checklist: str) -> Mapping[str, Mapping[str, str]]:
        return self.typed

    def team(self) -> Sequence[Mapping[str, str]]:
        return self.researchers

    def members(self) -> tuple[Member, ...]:
        coder: frozenset[Role] = frozenset({"coder"})
        return (Member("ana", coder, "Ana"), Member("ben", coder, "Ben"))

    def coders(self) -> tuple[str, ...]:
        return tuple(sorted({coder for coder, _ in self.coded.sealed | self.coded.open}))

    def transcripts(self) -> tuple[Transcript, ...]:
        return self.texts

    def participants(self) -> tuple[Participant, ...]:
        return self.people

    def consents(self) -> Mapping[str, Consent]:
        return {}

    def recruitment(self) -> tuple[Approach, ...]:
        return self.asked

    def attributes(self) -> tuple[Attribute, ...]:
        return self.asked_of_people

    def guides(self) -> tuple[Guide, ...]:
        return self.guide

    def member_checks(self) -> tuple[MemberCheck, ...]:
        return self.checked

    def codebook(self) -> Codebook:
        return self.book

    def rounds(self) -> tuple[Round, ...]:
        return (Round(MAIN, "Main round", "main"), *(held for held, _ in self.others))

    def codings(self, *, round: str = MAIN) -> CodingSet:
        others = {held.id: coded for held, coded in self.others}
        return self.coded if round == MAIN else others[round]

    def decisions(self) -> tuple[Decision, ...]:
        return self.settled

    def current_codings(self) -> CodingSet:
        return self.coded

    def current_decisions(self) -> tuple[Decision, ...]:
        return self.settled

    def codebook_issues(self) -> tuple[CodebookIssue, ...]:
        return ()

    def themes(self) -> tuple[Theme, ...]:
        return self.made

    def theme_work(self) -> ThemeWork:
        return self.worked

    def history(self) -> list[dict[str, Any]]:
        return []

    def memos(self) -> tuple[Memo, ...]:
        return self.noted

    def machine_help(self) -> MachineHelp:
        return MachineHelp()

    def likenesses(self) -> tuple[LikenessGiven, ...]:
        return ()

    def published(self, key: str) -> str:
        return ""


def settled_sample(kept: Study) -> FakeStudy:
    """The sample study as values, every difference settled as planned, no theme accepted."""
    coded = kept.codings()
    return FakeStudy(
        title=kept.title,
        form={key: kept.setting(key) for key in FORM_FIELDS}
        | {"analysis.settling": "by discussion"},
        people=kept.participants(),
        texts=kept.transcripts(),
        book=kept.codebook(),
        coded=coded,
        settled=as_planned(coded, {t.id: t for t in kept.transcripts()}),
        researchers=kept.team(),
        asked=kept.recruitment(),
        asked_of_people=kept.attributes(),
        guide=kept.guides(),
        checked=kept.member_checks(),
    )


def sample_with_themes(sample: FakeStudy) -> FakeStudy:
    """The same with the groups of its codebook accepted as themes."""
    themes = tuple(
        Theme(
            code.name,
            code.brief_definition,
            tuple(c.id for c in sample.book.children(code.id)),
            id=code.id,
        )
        for code in sample.book.themes
    )
    return replace(sample, made=themes)


def as_planned(coded: CodingSet, texts: Mapping[str, Transcript]) -> tuple[Decision, ...]:
    """Decisions that lead to the planned consensus (transcripts_sample/README.md)."""

    def planned(coding: Coding | None) -> bool:
        if coding is None:
            return False
        text = texts[coding.transcript]
        spans = [turn.span for turn in text.participant_turns]
        answer = next(n for n, span in enumerate(spans, start=1) if span.overlap(coding.span))
        return (f"{text.title}-S{answer:02}", coding.code) in SETTLED

    made = []
    for difference in find_differences(coded, ("ana", "ben")):
        a, b = planned(difference.a), planned(difference.b)
        outcome: Outcome = "both" if a and b and difference.kind == "choice" else "neither"
        outcome = outcome if outcome == "both" else "b" if b else "a" if a else "neither"
        made.append(decide(difference, outcome, reason="as planned", decided_by="lea"))
    return tuple(made)


def rows_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.to_bytes("csv").decode("utf-8-sig"))))


def item(report: Report, number: int) -> dict[str, str]:
    return next(line for line in rows_of(report) if line["number"] == str(number))


def words_of_pdf(content: bytes) -> str:
    """The words in one line: where a line of print ends says nothing."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def words_of_docx(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for line in table.rows for cell in line.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def words_of_xlsx(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line]
    return "\n".join(str(cell) for cell in cells if cell is not None)
