"""The supplements: the study's other reports, taken in whole, and lists of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from qualcode.checklists import load_checklist
from qualcode.reports.agreement import agreement_report
from qualcode.reports.audit import audit_report
from qualcode.reports.codebook import codebook_report
from qualcode.reports.coreq import checklist_report
from qualcode.reports.document import (
    Block,
    Bullets,
    Column,
    Heading,
    Page,
    Paragraph,
    Quote,
    Report,
    Row,
    Table,
    row,
)
from qualcode.reports.full.fields import Draft
from qualcode.reports.full.material import Material
from qualcode.reports.full.profiles import Ask
from qualcode.reports.full.results import software as software_lines

Item = Draft | Ask | Block
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}\n")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}, ")
MOST_MARKS = 20
"""Participants up to which each has a column of her own."""


def whole(report: Report) -> list[Block]:
    """The blocks of another report, its headings one level down."""
    return [
        replace(block, level=min(block.level + 1, 3)) if isinstance(block, Heading) else block
        for block in report.blocks
    ]


def checklist(m: Material) -> Iterable[Item]:
    made = checklist_report(m.study, m.profile.checklist)
    blocks = _after_page(whole(made))
    # What is to be checked is the authors' own list, not the journal's.
    notes = [n for n, block in enumerate(blocks) if isinstance(block, Heading)]
    blocks = blocks[: notes[0]] if notes else blocks
    return [Paragraph(f"{made.title}. {made.subtitle[-1]}", small=True), *blocks]


def guide(m: Material) -> Iterable[Item]:
    about = []
    if m.ask("guide.version"):
        about.append(m.draft("supplement.guide.version", "Version {guide.version}."))
    if not m.questions:
        return [*about, Ask("supplement.guide", "the questions of the guide", bullets=True)]
    return [*about, Bullets(m.questions, numbered=True)]


def codebook(m: Material) -> Iterable[Item]:
    return _after_page(whole(codebook_report(m.study)))


def agreement(m: Material) -> Iterable[Item]:
    return _after_page(whole(agreement_report(m.study)))


def agreement_of(m: Material) -> object:
    """The figures behind the agreement supplement, where the report holds it."""
    if "supplement.agreement" not in m.numbers:
        return None
    return agreement_report(m.study).data.get("agreement")


def audit(m: Material) -> Iterable[Item]:
    """Who decided and why; the day and the hour of each decision stay in the study’s own list."""
    return [
        replace(
            block,
            columns=tuple(
                replace(column, title="Who") if column.title == "When and who" else column
                for column in block.columns
            ),
            rows=tuple(_undated(line) for line in block.rows),
        )
        if isinstance(block, Table)
        else replace(block, text=DAY.sub("", block.text))
        if isinstance(block, Paragraph)
        else block
        for block in _after_page(whole(audit_report(m.study)))
    ]


def _undated(line: Row) -> Row:
    return replace(
        line, cells=tuple(replace(cell, text=MOMENT.sub("", cell.text)) for cell in line.cells)
    )


def _after_page(blocks: list[Block]) -> list[Block]:
    """Without the page it begins with: the supplement's own heading stands on it."""
    return blocks[1:] if blocks and isinstance(blocks[0], Page) else blocks


def quotations(m: Material) -> Iterable[Item]:
    """More of each theme by the rules of the text, and who voiced which theme."""
    items: list[Item] = []
    for theme, more in zip(m.found.themes, m.more_quotations, strict=True):
        items.append(Heading(theme.name, 2))
        items += [Quote(quote.shown, quote.attribution) for quote in more[1:]]
        if not more[1:]:
            items.append(Paragraph("No further passage of this theme can be quoted.", small=True))
    if m.found.themes and m.of <= MOST_MARKS:
        items += [_marks(m), Paragraph("A dot: the participant voiced the theme.", small=True)]
    return items or [Paragraph("There is no theme to quote from yet.")]


def _marks(m: Material) -> Table:
    people = m.found.participants
    return Table(
        "Themes by participant",
        (Column("Theme", 5), *(Column(person, 1) for person in people)),
        tuple(
            row(theme.name, *("●" if person in theme.participants else "" for person in people))
            for theme in m.found.themes
        ),
    )


def software(m: Material) -> Iterable[Item]:
    return [m.draft("supplement.software", *software_lines(m))]


def _checklist_title(m: Material) -> str:
    return f"{load_checklist(m.profile.checklist).id.upper()} checklist"


SUPPLEMENTS: dict[str, tuple[Callable[[Material], str], bool, Callable[[Material], Iterable[Item]]]]
SUPPLEMENTS = {
    # name → title, whether its pages lie on their side, and what it holds
    "supplement.checklist": (_checklist_title, True, checklist),
    "supplement.guide": (lambda m: "Interview guide", False, guide),
    "supplement.codebook": (lambda m: "Codebook", True, codebook),
    "supplement.agreement": (lambda m: "Agreement by code", True, agreement),
    "supplement.quotations": (lambda m: "More quotations", False, quotations),
    "supplement.software": (lambda m: "Software and machine help", False, software),
    "supplement.audit": (lambda m: "Decisions on differences", True, audit),
}


def is_due(m: Material, name: str) -> bool:
    """Whether a report holds this supplement: nothing is announced that is not there."""
    if name == "supplement.agreement":
        return not m.facts.is_reflexive and bool(m.facts.twice or m.facts.is_consensus_only)
    if name == "supplement.audit":
        return bool(m.facts.decisions)
    if name == "supplement.checklist":
        return bool(m.profile.checklist)
    return True
