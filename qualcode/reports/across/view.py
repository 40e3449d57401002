"""What a table looked across tells of itself: study, layer, people; and its frame as a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date

from qualcode.queries import Corpus
from qualcode.reports.across.layers import Layer
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Drawing,
    Figure,
    Layout,
    Page,
    Paragraph,
    Quote,
    Report,
    Row,
    Sheet,
    Table,
    Value,
    counted,
)

KINDS = (
    *("across-passages", "across-groups", "across-codes", "across-matrix", "across-words"),
    "across-saturation",
)
"""The kinds of report that looking across makes; the gate and the register know them by these."""
PRINTED_ROWS = 300
"""A printed table has so many rows at most; a workbook and a CSV have all."""


@dataclass(frozen=True)
class View:
    """A corpus as it is looked at: of which study, whose layer (``label``), which codebook.

    ``group`` is the attribute by which the study tells its participants apart first.
    """

    corpus: Corpus
    layer: Layer
    study: str
    label: str
    version: str
    date: Date
    group: str = "group"

    @property
    def subtitle(self) -> tuple[str, ...]:
        people = counted(len(self.corpus.people), "participant")
        texts = counted(len(self.corpus.transcripts), "interview")
        lines = [
            f"Study: {self.study}",
            f"{self.date.day} {self.date:%B %Y}. {self.label}; {people}, {texts}. Codebook version "
            f"{self.version}.",
        ]
        return (*lines, self.layer.note) if self.layer.note else tuple(lines)

    def may_be_quoted(self, person: str) -> bool:
        """Whether this participant agreed to be quoted word for word."""
        known = self.corpus.known.get(person)
        return known is not None and known.quote_consent != "no"

    def report(
        self,
        kind: str,
        title: str,
        said: Sequence[str],
        table: Table,
        columns: Sequence[str],
        records: Sequence[Mapping[str, Value]],
        *,
        picture: tuple[Drawing, str, str] | None = None,
        sheets: Sequence[Sheet] = (),
        notes: Sequence[str] = (),
        quotes: Sequence[Quote] = (),
        landscape: bool = False,
    ) -> Report:
        """The report around a table: ``picture`` is a drawing, its caption and its words."""
        blocks: list[Block] = [Page(landscape=True)] if landscape else []
        blocks += [Paragraph(line) for line in said if line]
        if picture is not None:
            drawing, caption, alt = picture
            blocks.append(Figure("Figure 1", caption, alt, drawing))
        rows = table.rows[:PRINTED_ROWS]
        blocks.append(Table(table.caption, table.columns, rows, "Table 1"))
        cut = (
            f"The table prints {PRINTED_ROWS} of {len(table.rows):,} rows; the workbook has all."
            if len(rows) < len(table.rows)
            else ""
        )
        blocks += [Paragraph(note, small=True) for note in (cut, *notes) if note]
        blocks += quotes[:PRINTED_ROWS]
        return Report(
            kind=kind,
            title=title,
            subtitle=self.subtitle,
            blocks=tuple(blocks),
            date=self.date,
            columns=tuple(columns),
            records=tuple(records),
            data={"study": self.study, "layer": self.layer.id, "said": list(said)},
            sheets=tuple(sheets),
            layout=Layout(spacing=1.0, letters=10),
        )


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]]) -> Table:
    """A table of plain cells."""
    return Table(
        caption,
        tuple(columns),
        tuple(
            Row(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells))
            for cells in rows
        ),
    )
