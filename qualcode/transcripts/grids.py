"""Sheets (csv, tsv, xlsx) in, a grid of cells as text out, and what stands beside it."""

from __future__ import annotations

import csv
import datetime
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.decoding import decode
from qualcode.transcripts.files import MEGABYTE, check_plain
from qualcode.transcripts.package import Archive, open_archive
from qualcode.transcripts.source import MAX_TEXT, check_length, normalise

MAX_ROWS = 20_000
MAX_COLUMNS = 300
MAX_SHEET_BYTES = 8 * MEGABYTE
"""The largest sheet or list of its texts; ten interviews of an hour are about 1 MB."""
MAX_OTHER_BYTES = 2 * MEGABYTE
"""The largest part that holds no cells, such as the styles."""
DELIMITERS = (",", ";", "\t", "|")
_SAVE = "Open it in Excel or LibreOffice and save it again as xlsx"
_COMMENTS = re.compile(r"xl/(?:threadedComments/threadedComment|comments/comment|comments)\d*\.xml")
# What a workbook holds beside its cells is not read, and needs no warning in the terminal.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
# One open answer can be longer than the 128 kB that the library allows.
csv.field_size_limit(MAX_TEXT)


@dataclass(frozen=True)
class Grid:
    """The filled rows of a sheet, all of one width; ``facts`` say how it was read."""

    rows: tuple[tuple[str, ...], ...]
    removals: tuple[Removal, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


def read_csv_grid(data: bytes, name: str) -> Grid:
    """The cells of a csv or tsv, with the sign that divides them found out."""
    check_plain(data, name)
    text, encoding = decode(data, name)
    text, removals = normalise(text, name)
    first, _, rest = text.partition("\n")
    given = re.fullmatch(r"sep=(.)", first.strip("\r"))
    if given:  # Excel writes the divider into a line of its own
        text = rest
        removals = (*removals, Removal(first, "line above the table"))
    delimiter = given.group(1) if given else delimiter_of(text)
    try:
        rows = list(_bounded(csv.reader(io.StringIO(text), delimiter=delimiter), name))
    except csv.Error as error:
        raise UnreadableFile(f"{name} is no table that can be read. {_SAVE}.") from error
    return Grid(_even(rows), removals, {"encoding": encoding})


def delimiter_of(text: str) -> str:
    """The sign that cuts most rows into one and the same number of cells."""
    sample = text[: 64 * 1024]
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter)]
        except csv.Error:
            continue
        counted = Counter(width for width in widths if width > 1)
        # A sign that stands in some answers only is part of their words: there is one column.
        if 2 * counted.total() > sum(width > 0 for width in widths):
            width, count = counted.most_common(1)[0]
            best = max(best, (count / len(widths), width, delimiter), key=lambda found: found[:2])
    return best[2]


def read_xlsx_grid(data: bytes, name: str) -> Grid:
    """The cells of the fullest sheet of a workbook; formulas by the value they last had."""
    archive = open_archive(data, name, "Excel file", _SAVE)
    parts = _checked_parts(archive)
    formulas = any(b"<f" in archive.read(part) for part in parts if "worksheets/" in part)
    sheets = _sheets(data, name, values=True)
    chosen = max(sheets, key=lambda title: sum(len(c) for row in sheets[title] for c in row))
    removals = [
        Removal(f"{title}, {len(rows)} rows", "other sheet, not read")
        for title, rows in sheets.items()
        if title != chosen and rows
    ]
    rows = sheets[chosen]
    if formulas:
        written = _sheets(data, name, values=False)[chosen]
        removals += [
            Removal(cell, "formula, read by its last value")
            for row in written
            for cell in row
            if cell
        ]
    for part in sorted(part for part in parts if _COMMENTS.fullmatch(part)):
        for element in archive.tree(part).iter():
            if element.tag.rpartition("}")[2] in ("t", "text") and (element.text or "").strip():
                removals.append(Removal((element.text or "").strip(), "comment"))
    cleaned = []
    for row in rows:
        cells = []
        for cell in row:
            clean, found = normalise(cell, name)
            removals += found
            cells.append(clean)
        cleaned.append(cells)
    check_length(sum(len(cell) for row in cleaned for cell in row), name)
    return Grid(_even(cleaned), tuple(removals), {"encoding": f"Excel (xlsx), sheet {chosen}"})


def read_xlsx_rows(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """The filled rows of the fullest sheet of a workbook, each with the number it shows."""
    _checked_parts(open_archive(data, name, "Excel file", _SAVE))
    sheets = _sheets(data, name, values=True, numbered=True)
    chosen = max(sheets, key=lambda title: sum(len(c) for row in sheets[title] for c in row))
    return [(int(number), cells) for number, *cells in sheets[chosen]]


def _checked_parts(archive: Archive) -> frozenset[str]:
    """The names of the parts, after those that would cost too much were refused."""
    parts = archive.parts
    if any(part.casefold().endswith("vbaproject.bin") for part in parts):
        raise UnreadableFile(
            f"{archive.name} holds macros. Save it in Excel as xlsx, without macros."
        )
    for info in archive.zip.infolist():
        if not info.filename.endswith((".xml", ".rels")):
            continue
        cells = "worksheets/" in info.filename or info.filename.endswith("sharedStrings.xml")
        limit = MAX_SHEET_BYTES if cells else MAX_OTHER_BYTES
        # What a part says of its size can be a lie; reading it within the limit finds out.
        if info.file_size > limit or len(archive.read(info.filename, limit)) > limit:
            raise UnreadableFile(
                f"{archive.name} unpacks to more than {limit // MEGABYTE} MB of cells. Save the "
                "rows you need alone, as xlsx or csv."
            )
        if cells or _COMMENTS.fullmatch(info.filename):
            archive.check(info.filename)
    return parts


def _sheets(
    data: bytes, name: str, *, values: bool, numbered: bool = False
) -> dict[str, list[list[str]]]:
    """The filled rows of each sheet by its title: the values of the cells, or their formulas.

    ``numbered`` puts the number of the row before its cells.
    """
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
        found: dict[str, list[list[str]]] = {}
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
            if values:
                cells = ([_cell(cell.value) for cell in row] for row in rows)
            else:
                cells = (["" if c.data_type != "f" else str(c.value) for c in row] for row in rows)
            found[str(sheet.title)] = list(_bounded(cells, name, numbered))
        book.close()
    except UnreadableFile:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # A damaged workbook can break openpyxl anywhere; whatever it says, it cannot be read.
        raise UnreadableFile(f"{name} is a damaged Excel file. {_SAVE}.") from error
    if not found:
        raise UnreadableFile(f"{name} holds no sheet of cells. {_SAVE}.")
    return found


def _cell(value: Any) -> str:
    """A cell as text: days as 2025-03-04, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", timespec="seconds")
    if isinstance(value, datetime.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _bounded(
    rows: Iterator[Sequence[str]], name: str, numbered: bool = False
) -> Iterator[list[str]]:
    """The rows that hold something, refused when they are too many or too wide."""
    seen = 0
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        seen += 1
        if seen > MAX_ROWS or len(row) > MAX_COLUMNS + 1 or any(row[MAX_COLUMNS:]):
            raise UnreadableFile(
                f"{name} has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns. Save the rows "
                "and columns you need alone, as xlsx or csv."
            )
        yield [*([str(number)] if numbered else []), *row]


def _even(rows: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    """The rows, all as wide as the widest that holds something."""
    width = max((n + 1 for row in rows for n, cell in enumerate(row) if cell.strip()), default=0)
    return tuple((*row[:width], *[""] * (width - len(row))) for row in rows)
