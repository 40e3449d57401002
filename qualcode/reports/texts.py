"""The words of a report as a reader meets them: its own sentences, its tables, its quotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qualcode.reports.answered import Answer
from qualcode.reports.document import (
    Bullets,
    Figure,
    Heading,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Table,
)


def printed(report: Report | None, answers: Sequence[Answer] = ()) -> Iterator[str]:
    """What the authors say in running text and in the items of a checklist; nobody’s quotation."""
    for answer in answers:
        yield answer.response
    for block in report.blocks if report else ():
        if isinstance(block, Paragraph | Heading | Placeholder):
            yield block.text
        elif isinstance(block, Bullets):
            yield from block.items


def everything(report: Report) -> Iterator[tuple[str, str]]:
    """(where, text) of every letter of a report: titles, prose, quotations, cells and records."""
    yield "title", report.title
    for line in report.subtitle:
        yield "title", line
    under = ""
    for block in report.blocks:
        if isinstance(block, Heading):
            under = block.text
        if isinstance(block, Paragraph | Heading | Placeholder):
            yield under, block.text
        elif isinstance(block, Quote):
            yield under, f"{block.text} {block.attribution}"
        elif isinstance(block, Bullets):
            for item in block.items:
                yield under, item
        elif isinstance(block, Figure):
            yield block.caption, f"{block.caption} {block.alt}"
        elif isinstance(block, Table):
            yield under, block.caption
            for row in block.rows:
                for cell in row.cells:
                    yield block.caption, " ".join(filter(None, (cell.text, cell.note, cell.ask)))
    for sheet in report.sheets:
        for record in sheet.records:
            for value in record.values():
                if isinstance(value, str):
                    yield sheet.name, value
    for record in report.records:
        for value in record.values():
            if isinstance(value, str):
                yield "records", value
