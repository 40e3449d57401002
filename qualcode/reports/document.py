"""A report as one value: blocks in, a document in any of the formats out.

A new format is one module with a function from Report to bytes, and one line in ``FORMATS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

from qualcode.errors import BadCommand

Value = str | int | float | None
# What XML 1.0 cannot hold; a paste from an old word processor may bring it.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Heading:
    """A heading of the text; level 1 stands under the title."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``small`` for notes under a table."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Quote:
    """Somebody's words, and who said them as it may be printed: “(P01, clinical)”."""

    text: str
    attribution: str


@dataclass(frozen=True)
class Placeholder:
    """Space that the authors fill; marked so that nobody sends it off unseen."""

    text: str
    verb: str = "To write"

    @property
    def shown(self) -> str:
        return f"[{self.verb}: {self.text}]"


@dataclass(frozen=True)
class Bullets:
    """Short lines, one under the other."""

    items: tuple[str, ...]
    numbered: bool = False


class Drawing(Protocol):
    """A figure that can be drawn; the same values give the same bytes."""

    def png(self) -> bytes: ...


@dataclass(frozen=True)
class Figure:
    """A picture with its number (“Figure 1”), its caption, and in words what it shows.

    ``width`` is the share of the text's width that it takes.
    """

    label: str
    caption: str
    alt: str
    drawing: Drawing
    width: float = 1.0


@dataclass(frozen=True)
class Contents:
    """The headings of the report, each leading to its place."""

    title: str = "Contents"
    levels: int = 2


@dataclass(frozen=True)
class Column:
    """A column's title, its share of the table's width and how it is set."""

    title: str
    width: float = 1.0
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell's text; ``note`` is a smaller line under it, ``ask`` a marked line to deal with."""

    text: str = ""
    note: str = ""
    ask: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table; a domain or section row has one cell over the whole width."""

    cells: tuple[Cell, ...]
    kind: Literal["row", "domain", "section"] = "row"


@dataclass(frozen=True)
class Table:
    """A table whose header row stands on every page; ``label`` is its number, “Table 2”."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    label: str = ""

    @property
    def title(self) -> str:
        return f"{self.label}. {self.caption}" if self.label else self.caption


@dataclass(frozen=True)
class Page:
    """From here on the pages are upright, or lie on their side for a wide table."""

    landscape: bool = False


Block = Heading | Paragraph | Quote | Placeholder | Bullets | Table | Figure | Contents | Page


@dataclass(frozen=True)
class Layout:
    """How a report is set: paper, lines and language; letters in points, margins in millimetres."""

    paper: Literal["A4", "Letter"] = "A4"
    spacing: float = 1.15
    letters: int = 11
    margin: int = 25
    line_numbers: bool = False
    language: str = "en-GB"
    short_title: str = ""


@dataclass(frozen=True)
class Sheet:
    """Records for a sheet of a workbook, with every digit that a printed table rounds off."""

    name: str
    columns: tuple[str, ...]
    records: tuple[Mapping[str, Value], ...]


@dataclass(frozen=True)
class Report:
    """What is handed in: title, lines under it, blocks; and the same content as plain records.

    ``columns`` and ``records`` are what the CSV holds, one row a record; ``data`` is what the JSON
    holds beside them. ``sheets`` are what a workbook holds; without them it holds the records and
    the tables. ``date`` is the only thing that differs between two reports of one study.
    """

    kind: str
    title: str
    subtitle: tuple[str, ...]
    blocks: tuple[Block, ...]
    date: Date
    columns: tuple[str, ...] = ()
    records: tuple[Mapping[str, Value], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()
    layout: Layout = Layout()

    @property
    def labels(self) -> tuple[str, ...]:
        """The numbers of its tables and figures, longest first, as the text cites them."""
        found = {b.label for b in self.blocks if isinstance(b, Table | Figure) and b.label}
        return tuple(sorted(found, key=lambda label: (-len(label), label)))

    @property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Heading))

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))

    def to_bytes(self, format: str) -> bytes:
        """The report in one of ``FORMATS``; the same report gives the same bytes."""
        name = format.lower().removeprefix(".")
        if name not in FORMATS:
            raise BadCommand(
                f"A report cannot be written as “{format}”: the formats are {', '.join(FORMATS)}."
            )
        module, function = FORMATS[name]
        write: Callable[[Report], bytes] = getattr(import_module(module), function)
        return write(self)

    def save(self, path: str | Path) -> Path:
        """Write the report in the format that the file's ending names."""
        target = Path(path)
        content = self.to_bytes(target.suffix or target.name)
        try:
            target.write_bytes(content)
        except OSError as error:
            raise BadCommand(
                f"{target.name} cannot be written there ({error.strerror}). If it is open in "
                "another program, close it there and try again."
            ) from error
        return target


# Loaded when asked for: python-docx takes a moment that a page of text need not wait for.
FORMATS: dict[str, tuple[str, str]] = {
    "docx": ("qualcode.reports.word", "word_document"),
    "html": ("qualcode.reports.web", "web_page"),
    "md": ("qualcode.reports.plain", "markdown"),
    "csv": ("qualcode.reports.plain", "csv_table"),
    "json": ("qualcode.reports.plain", "json_document"),
    "xlsx": ("qualcode.reports.sheets", "workbook"),
    "pdf": ("qualcode.reports.pdf", "pdf_document"),
}


def clean(text: str) -> str:
    """Text without the control characters that no document format can hold.

    >>> clean("a\\x00b\\x0bc")
    'abc'
    """
    return ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cited(text: str, labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """Text in pieces, each with the label that it cites, or with "" for plain text.

    >>> cited("See Table 1.", ("Table 1",))
    [('See ', ''), ('Table 1', 'Table 1'), ('.', '')]
    """
    if not labels:
        return [(text, "")]
    pattern = re.compile(rf"\b({'|'.join(re.escape(label) for label in labels)})(?!\d)")
    parts = pattern.split(text)
    return [(part, part if place % 2 else "") for place, part in enumerate(parts) if part]


def anchor(label: str) -> str:
    """A name by which a document leads to a table, a figure or a heading.

    >>> anchor("Table S2")
    'table-s2'
    """
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def row(*cells: str | Cell) -> Row:
    """A row of plain cells."""
    return Row(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells))


def number(value: float | None, digits: int = 2, *, undefined: str = "undefined") -> str:
    """A figure as it is printed; what is undefined is never shown as 0 or 1.

    >>> number(0.84678), number(-0.05), number(None)
    ('0.85', '−0.05', 'undefined')
    """
    if value is None:
        return undefined
    return f"{value:.{digits}f}".replace("-", "−")


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Words as a list in a sentence.

    >>> listed(["ana"]), listed(["ana", "ben"]), listed(["a", "b", "c"])
    ('ana', 'ana and ben', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "interview"), counted(6, "interview"), counted(2, "study", "studies")
    ('1 interview', '6 interviews', '2 studies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
