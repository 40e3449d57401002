"""The codebook as an appendix: every code with its rule, at the version that was used."""

from __future__ import annotations

from datetime import date as Date

from qualcode.model import Code
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Page,
    Paragraph,
    Report,
    Row,
    Table,
    counted,
)
from qualcode.reports.facts import StudyLike

FIELDS = (
    *("id", "parent", "name", "kind", "codable", "brief_definition", "full_definition"),
    *("when_to_use", "when_not_to_use", "example", "origin", "source_note", "facets", "status"),
)
ORIGINS = {
    "a_priori": "set in advance",
    "from_data": "from the data",
    "from_guide": "from the interview guide",
    "machine_suggested": "proposed by software, accepted by a researcher",
}


def codebook_report(study: StudyLike, *, date: Date | None = None) -> Report:
    """The codebook with the six fields of MacQueen et al. (1998) and the origin of each code."""
    book = study.codebook()
    day = date or Date.today()
    themes = sum(code.kind == "theme" for code in book.codes)
    blocks: tuple[Block, ...] = (Page(landscape=True),)
    if book.codes:
        blocks += (
            Paragraph(f"{counted(themes, 'theme')}, {counted(len(book.codable), 'code')}."),
            Table(
                caption=f"Codebook, version {book.version}",
                columns=(
                    Column("Code", 3.4),
                    Column("Definition", 6),
                    Column("When to use", 5),
                    Column("When not to use", 5),
                    Column("Example", 5),
                    Column("Origin", 2.2),
                ),
                rows=tuple(_row(code) for code in book.codes),
            ),
        )
    else:
        blocks += (Paragraph("This study has no codebook yet."),)
    return Report(
        kind="codebook",
        title="Codebook",
        subtitle=(
            f"Study: {study.title}",
            f"{day.day} {day:%B %Y}. Version {book.version}.",
        ),
        blocks=blocks,
        date=day,
        columns=FIELDS,
        records=tuple(_record(code) for code in book.codes),
        data={"study": study.title, "version": book.version},
    )


def _row(code: Code) -> Row:
    if code.kind == "theme" and not code.codable:
        definition = f": {code.brief_definition}" if code.brief_definition else ""
        return Row((Cell(f"{code.name}{definition}"),), "domain")
    if not code.codable:
        return Row((Cell(code.name),), "section")
    definition = "\n".join(filter(None, (code.brief_definition, code.full_definition)))
    return Row(
        (
            Cell(code.name, note=_note(code), strong=True),
            Cell(definition),
            Cell(code.when_to_use),
            Cell(code.when_not_to_use),
            Cell(code.example),
            Cell(ORIGINS[code.origin]),
        )
    )


def _note(code: Code) -> str:
    """The id of a code, and what it is but for one in use."""
    said = {"retired": "retired, not counted", "draft": "in the making"}.get(code.status)
    return f"{code.id}, {said}" if said else code.id


def _record(code: Code) -> dict[str, str]:
    record = {name: str(getattr(code, name) or "") for name in FIELDS}
    return record | {"codable": "yes" if code.codable else "no"}
