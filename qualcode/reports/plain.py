"""Reports as text: Markdown for reading, CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import csv
import io
import json
import re

from qualcode.reports.document import (
    Bullets,
    Cell,
    Contents,
    Figure,
    Heading,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Table,
    Value,
    clean,
)

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARKS = re.compile(r"([\\`*_\[\]|~])")
LINE_MARK = re.compile(r"^(\s*)([#>+\-=]|\d+[.)])(?=\s|$|[#>+\-=])", re.MULTILINE)


def markdown(report: Report) -> bytes:
    """The report as Markdown; what the study's words look like is never taken for markup."""
    parts = [f"# {_inline(report.title)}", "  \n".join(_inline(line) for line in report.subtitle)]
    for block in report.blocks:
        if isinstance(block, Heading):
            parts.append(f"{'#' * (block.level + 1)} {_inline(block.text)}")
        elif isinstance(block, Paragraph):
            parts.append(_prose(block.text))
        elif isinstance(block, Quote):
            parts.append(f"> {_inline(block.text)} {_inline(block.attribution)}")
        elif isinstance(block, Placeholder):
            parts.append(f"**{_inline(block.shown)}**")
        elif isinstance(block, Table):
            parts.append(_table(block))
        elif isinstance(block, Bullets):
            parts.append(_list(block))
        elif isinstance(block, Figure):
            number = f"{_inline(block.label)}. " if block.label else ""
            parts.append(f"**{number}{_inline(block.caption)}**\n\n{_prose(block.alt)}")
        elif isinstance(block, Page | Contents):
            continue
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def csv_table(report: Report) -> bytes:
    """The report's records as CSV with a byte-order mark, by which a spreadsheet knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([csv_cell(name) for name in report.columns])
    for record in report.records:
        writer.writerow([csv_cell(record.get(name)) for name in report.columns])
    return out.getvalue().encode("utf-8-sig")


def json_document(report: Report) -> bytes:
    """The report's records and figures as JSON; what is undefined is null."""
    content = {
        "report": report.kind,
        "title": report.title,
        "date": report.date.isoformat(),
        **report.data,
        "rows": [{name: record.get(name) for name in report.columns} for record in report.records],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
    return (text + "\n").encode("utf-8", errors="replace")


def csv_cell(value: Value) -> str:
    """A value as a spreadsheet may open it: words are never taken for a formula.

    >>> csv_cell("=1+1"), csv_cell(-0.5), csv_cell(None)
    ("'=1+1", '-0.5', '')
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    # Before and after cleaning: a control character must not hide a formula behind it.
    text = clean(value)
    formula = value.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if formula else text


def _inline(text: str) -> str:
    marked = MARKS.sub(r"\\\1", " ".join(clean(text).split()))
    return marked.replace("&", "&amp;").replace("<", "&lt;")


def _prose(text: str) -> str:
    return LINE_MARK.sub(r"\1\\\2", _inline(text))


def _list(block: Bullets) -> str:
    marks = [f"{n}." if block.numbered else "-" for n in range(1, len(block.items) + 1)]
    return "\n".join(
        f"{mark} {_prose(item)}" for mark, item in zip(marks, block.items, strict=True)
    )


def _cell(cell: Cell) -> str:
    text = _inline(cell.text)
    parts = [f"**{text}**" if cell.strong and text else text]
    parts += [f"**{_inline(cell.ask)}**"] if cell.ask else []
    parts += [f"*({_inline(cell.note)})*"] if cell.note else []
    return " ".join(filter(None, parts))


def _table(table: Table) -> str:
    width = len(table.columns)
    lines = [
        "| " + " | ".join(_inline(column.title) for column in table.columns) + " |",
        "|" + "|".join(" ---: " if column.numeric else " --- " for column in table.columns) + "|",
    ]
    for row in table.rows:
        cells = [_cell(cell) for cell in row.cells]
        if row.kind != "row":
            mark = "**" if row.kind == "domain" else "*"
            cells = [f"{mark}{cells[0]}{mark}"]
        lines.append("| " + " | ".join(cells + [""] * (width - len(cells))) + " |")
    caption = f"**{_inline(table.title)}**\n\n" if table.title else ""
    return caption + "\n".join(lines)
