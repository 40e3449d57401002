"""The needs register: what people lack, on whose words that rests, and what comes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

from qualcode.claims import SCALE
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Layout,
    Page,
    Paragraph,
    Quote,
    Report,
    Sheet,
    Table,
    Value,
    counted,
    row,
)
from qualcode.reports.facts import StudyLike, gather
from qualcode.reports.findings import Findings, NeedFinding, findings

COLUMNS = (
    *("number", "need", "present", "wished", "gap", "themes", "codes", "judgement"),
    *("participants", "of", "groups", "quotations", "importance", "importance_by"),
    *("feasibility", "priority", "owner", "first_step", "by_when"),
)
JUDGEMENT = "Team judgement"
EVIDENCE = (
    "Evidence counts participants with a consensus coding of the code, or of the theme where no "
    "code is named; it shows how widely a need was voiced, not how important it is."
)
GRID = (
    "Importance and feasibility were rated by people from 1 to 5; the product only orders the "
    "list. The numbers are those of the register."
)


def needs_report(study: StudyLike, *, date: Date | None = None) -> Report:
    """The needs of a study by priority, each with its evidence or marked as team judgement."""
    facts = gather(study)
    found = findings(facts)
    numbered = list(enumerate(by_priority(found), start=1))
    day = date or Date.today()
    records = tuple(_record(number, need, found) for number, need in numbered)
    return Report(
        kind="needs",
        title="Needs register",
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}. "
            f"Codebook version {facts.codebook.version}.",
        ),
        blocks=_blocks(numbered, found),
        date=day,
        layout=Layout(spacing=1.0, letters=10),
        columns=COLUMNS,
        records=records,
        data={
            "study": facts.title,
            "snapshot": facts.snapshot,
            "participants": len(found.participants),
            "needs": [dict(record) for record in records],
        },
        sheets=(
            Sheet("Needs", COLUMNS, records),
            Sheet(
                "Evidence",
                ("need", "rests_on", "kind", "participants", "of", "groups"),
                tuple(_evidence_records(numbered, found)),
            ),
            Sheet(
                "Priority grid",
                ("importance", *(f"feasibility {value}" for value in SCALE)),
                tuple(_grid_records(numbered)),
            ),
        ),
    )


def by_priority(found: Findings) -> list[NeedFinding]:
    """What matters most and can be done comes first; what nobody rated yet comes last."""
    return sorted(
        found.needs,
        key=lambda need: (-(need.priority or 0), -(need.need.importance or 0), need.need.need),
    )


def grid(numbered: list[tuple[int, NeedFinding]]) -> dict[tuple[int, int], list[int]]:
    """(importance, feasibility) → the numbers of the needs rated so."""
    found: dict[tuple[int, int], list[int]] = {}
    for number, need in numbered:
        if need.need.importance is not None and need.need.feasibility is not None:
            found.setdefault((need.need.importance, need.need.feasibility), []).append(number)
    return found


def evidence_of(need: NeedFinding, of: int) -> str:
    """The evidence in one line: “Data support: 3 of 6 (clinical 1 of 3, managerial 2 of 3)”."""
    if not need.evidence:
        return JUDGEMENT if need.need.judgement else "No theme or code of it is in the report"
    lines = [
        f"{line.name}: {len(line.participants)} of {of}{_groups(line.groups)}"
        for line in need.evidence
    ]
    return "; ".join(lines) + (f". {JUDGEMENT} besides" if need.need.judgement else "")


def evidence_in_two(need: NeedFinding, of: int) -> tuple[str, str]:
    """The codes a need rests on, and the themes in short; the themes where it names no code."""
    codes = [line for line in need.evidence if line.kind == "code"]
    themes = [line for line in need.evidence if line.kind == "theme"]
    if not codes:
        return evidence_of(need, of), ""
    told = [f"{c.name}: {len(c.participants)} of {of}{_groups(c.groups)}" for c in codes]
    if need.need.judgement:
        told.append(f"{JUDGEMENT} besides")
    return "; ".join(told), "; ".join(
        f"Theme “{theme.name}”: {len(theme.participants)} of {of}" for theme in themes
    )


def _evidence(need: NeedFinding, of: int) -> Cell:
    words, note = evidence_in_two(need, of)
    return Cell(words, note=note)


def _groups(groups: Mapping[str, tuple[int, int]]) -> str:
    told = ", ".join(f"{group} {n} of {total}" for group, (n, total) in groups.items())
    return f" ({told})" if told else ""


def _blocks(numbered: list[tuple[int, NeedFinding]], found: Findings) -> tuple[Block, ...]:
    if not numbered:
        return (Paragraph("No need is in the register yet. Write the first on the page Needs."),)
    of = len(found.participants)
    judged = sum(not need.evidence for _, need in numbered)
    opening = (
        f"{counted(len(numbered), 'need')}, from the interviews of {counted(of, 'participant')}."
    )
    if judged:
        verb = "rests" if judged == 1 else "rest"
        opening += f" {judged} of them {verb} on the team’s judgement alone, and says so."
    return (
        Page(landscape=True),
        Paragraph(opening),
        _register(numbered, of),
        Paragraph(EVIDENCE, small=True),
        _grid(numbered),
        Paragraph(GRID, small=True),
        *_words(numbered),
    )


def _register(numbered: list[tuple[int, NeedFinding]], of: int) -> Table:
    return Table(
        caption="Needs, by importance times feasibility",
        columns=(
            Column("No.", 1.2, numeric=True),
            Column("Need", 4),
            Column("Present and wished state", 5.5),
            Column("Gap", 3),
            Column("Evidence", 5),
            Column("Importance", 3),
            Column("Feasibility", 3),
            Column("Who, first step, by when", 4.5),
        ),
        rows=tuple(
            row(
                str(number),
                Cell(need.need.need, strong=True),
                _states(need),
                need.need.gap,
                _evidence(need, of),
                Cell(
                    _rated(need.need.importance),
                    note=f"by {need.need.importance_by}" * (need.need.importance is not None),
                ),
                _rated(need.need.feasibility),
                Cell(
                    need.need.owner,
                    note=" ".join(
                        part
                        for part in (
                            need.need.first_step,
                            f"By {need.need.by_when}." if need.need.by_when else "",
                        )
                        if part
                    ),
                ),
            )
            for number, need in numbered
        ),
    )


def _states(need: NeedFinding) -> Cell:
    wished = f"Wished: {need.need.wished}" if need.need.wished else ""
    return Cell(need.need.present, note=wished)


def _rated(value: int | None) -> str:
    return "not rated" if value is None else str(value)


def _grid(numbered: list[tuple[int, NeedFinding]]) -> Table:
    held = grid(numbered)
    return Table(
        caption="Priority grid: numbers of the needs by importance and feasibility",
        columns=(
            Column("Importance", 3),
            *(Column(f"Feasibility {value}", 3) for value in SCALE),
        ),
        rows=tuple(
            row(
                Cell(str(importance), strong=True),
                *(
                    ", ".join(map(str, held.get((importance, feasibility), ())))
                    for feasibility in SCALE
                ),
            )
            for importance in reversed(SCALE)
        ),
    )


def _words(numbered: list[tuple[int, NeedFinding]]) -> list[Block]:
    told = [(number, need) for number, need in numbered if need.quotations]
    if not told:
        return []
    blocks: list[Block] = [Heading("In participants’ words")]
    for number, need in told:
        blocks.append(Paragraph(f"{number}. {need.need.need}"))
        blocks += [Quote(quote.shown, quote.attribution) for quote in need.quotations]
    return blocks


def _record(number: int, need: NeedFinding, found: Findings) -> dict[str, Value]:
    kept = need.need
    return {
        "number": number,
        "need": kept.need,
        "present": kept.present,
        "wished": kept.wished,
        "gap": kept.gap,
        "themes": "; ".join(need.themes),
        "codes": "; ".join(code.name for code in need.codes),
        "judgement": JUDGEMENT if kept.judgement else "",
        "participants": len(need.participants) if need.evidence else None,
        "of": len(found.participants),
        "groups": _groups(need.groups).strip(" ()") if need.evidence else "",
        "quotations": " ".join(f"{q.shown} {q.attribution}" for q in need.quotations),
        "importance": kept.importance,
        "importance_by": kept.importance_by,
        "feasibility": kept.feasibility,
        "priority": need.priority,
        "owner": kept.owner,
        "first_step": kept.first_step,
        "by_when": kept.by_when,
    }


def _evidence_records(
    numbered: list[tuple[int, NeedFinding]], found: Findings
) -> list[dict[str, Value]]:
    return [
        {
            "need": number,
            "rests_on": line.name,
            "kind": line.kind,
            "participants": len(line.participants),
            "of": len(found.participants),
            "groups": _groups(line.groups).strip(" ()"),
        }
        for number, need in numbered
        for line in need.evidence
    ]


def _grid_records(numbered: list[tuple[int, NeedFinding]]) -> list[dict[str, Value]]:
    held = grid(numbered)
    return [
        {
            "importance": importance,
            **{
                f"feasibility {feasibility}": ", ".join(
                    map(str, held.get((importance, feasibility), ()))
                )
                for feasibility in SCALE
            },
        }
        for importance in reversed(SCALE)
    ]
