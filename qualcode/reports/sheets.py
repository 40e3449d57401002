"""Reports as a workbook: one sheet a table, numbers as numbers, nothing about who made it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from qualcode.reports.document import (
    Bullets,
    Cell,
    Figure,
    Heading,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Row,
    Table,
    Value,
    clean,
)
from qualcode.reports.plain import FORMULA

LONGEST_CELL = 32_767
LONGEST_NAME = 31
NARROW, WIDE = 8, 60
NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?")
# "_x0041_" stands for a letter in a workbook; typed as it stands it must stay what it is.
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
HEAD = PatternFill("solid", fgColor="E7E7E7")
BOLD = Font(bold=True)
TOP = Alignment(vertical="top", wrap_text=True)
CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    '<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    "</cp:coreProperties>"
)
PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    'extended-properties"><Application>qualcode</Application></Properties>'
)


def workbook(report: Report) -> bytes:
    """The report as XLSX: its words on the first sheet, then one sheet a table.

    Words are never taken for a formula; the same report gives the same bytes.
    """
    book = Workbook()
    book.remove(book.active)
    _sheet(book, "About", (), [[line] for line in _words(report)])
    if report.sheets:
        for sheet in report.sheets:
            rows = [[record.get(name) for name in sheet.columns] for record in sheet.records]
            _sheet(book, sheet.name, sheet.columns, rows)
    else:
        if report.records:
            rows = [[record.get(name) for name in report.columns] for record in report.records]
            _sheet(book, report.kind, report.columns, rows)
        for table in report.tables:
            head = [column.title for column in table.columns]
            _sheet(book, table.title or "Table", head, [_printed(row, table) for row in table.rows])
    return _package(book, report)


def _words(report: Report) -> list[str]:
    """What is not in a table: title, lines under it, running text."""
    lines = [report.title, *report.subtitle]
    for block in report.blocks:
        if isinstance(block, Heading | Paragraph):
            lines.append(block.text)
        elif isinstance(block, Bullets):
            lines += block.items
        elif isinstance(block, Figure):
            lines.append(f"{block.label}. {block.caption} {block.alt}".strip())
        elif isinstance(block, Placeholder):
            lines.append(block.shown)
        elif isinstance(block, Quote):
            lines.append(f"{block.text} {block.attribution}")
    return lines


def _printed(row: Row, table: Table) -> list[Value]:
    """A row of a printed table; what is printed as a number is one again."""
    return [
        _number(cell.text) if place < len(table.columns) and table.columns[place].numeric
        else _joined(cell)
        for place, cell in enumerate(row.cells)
    ]  # fmt: skip


def _joined(cell: Cell) -> str:
    return "\n".join(part for part in (cell.text, cell.ask, cell.note) if part)


def _number(text: str) -> Value:
    """A printed figure as a number, or its words where it is none.

    >>> _number("1,480"), _number("−0.05"), _number("undefined (not used)")
    (1480, -0.05, 'undefined (not used)')
    """
    if not NUMBER.fullmatch(text):
        return text
    plain = text.replace(",", "").replace("−", "-")
    return float(plain) if "." in plain else int(plain)


def _sheet(book: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.create_sheet(_name(name, book.sheetnames))
    lines = [*([list(head)] if head else []), *rows]
    for number, line in enumerate(lines, start=1):
        for place, value in enumerate(line, start=1):
            if value is not None:
                _fill(sheet.cell(number, place), value)
    if head:
        for cell in sheet[1]:
            cell.font, cell.fill = BOLD, HEAD
        sheet.freeze_panes = "A2"
    else:
        sheet["A1"].font = BOLD
    for place in range(1, max((len(line) for line in lines), default=0) + 1):
        longest = max(
            (len(part) for line in lines if len(line) >= place
             for part in str(line[place - 1] if line[place - 1] is not None else "").split("\n")),
            default=0,
        )  # fmt: skip
        width = 100 if not head else min(max(longest + 2, NARROW), WIDE)
        sheet.column_dimensions[get_column_letter(place)].width = width


def _fill(cell: Any, value: Value) -> None:
    cell.alignment = TOP
    if isinstance(value, bool) or not isinstance(value, str):
        cell.value = value
        return
    text = clean(value)
    if len(text) > LONGEST_CELL:
        mark = " … (cut: a cell holds no more)"
        text = text[: LONGEST_CELL - len(mark)] + mark
    cell.value = ESCAPE.sub("_x005F_", text)
    # A string, whatever it looks like, and one that stays a string when somebody edits it.
    cell.data_type = "s"
    cell.quotePrefix = text.lstrip().startswith(FORMULA)


def _name(name: str, taken: Sequence[str]) -> str:
    """A sheet's name as a workbook allows it, and no other sheet's.

    >>> _name("Agreement by code: turns/all", [])
    'Agreement by code turns all'
    >>> _name("codes", ["Codes"])
    'codes 2'
    """
    plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(name)).split()).strip("'")
    plain = plain[:LONGEST_NAME].strip("' ") or "Sheet"
    used, found, number = {one.casefold() for one in taken}, plain, 1
    while found.casefold() in used or found.casefold() == "history":
        number += 1
        end = f" {number}"
        found = plain[: LONGEST_NAME - len(end)].rstrip() + end
    return found


def _package(book: Any, report: Report) -> bytes:
    """The file, dated with the report alone."""
    raw, made = io.BytesIO(), io.BytesIO()
    book.save(raw)
    year = max(report.date.year, 1980)
    own = {
        "docProps/core.xml": CORE.format(day=report.date.isoformat()).encode(),
        "docProps/app.xml": PROPERTIES.encode(),
    }
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, (year, report.date.month, report.date.day, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, own.get(name) or old.read(name))
    return made.getvalue()
