"""Tables of survey comments in; each comment with its row and its group out.

One row a respondent, with the comment in a column that is named: csv, tsv, xlsx or jsonl. A table
may hold a million comments, where a sheet of interviews is refused long before.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.transcripts.decoding import decode
from qualcode.transcripts.files import (
    MEGABYTE,
    check_kind,
    check_plain,
    file_bytes,
    plain_name,
    shown_name,
    stem_and_ending,
)
from qualcode.transcripts.grids import MAX_COLUMNS, MAX_ROWS, delimiter_of, read_xlsx_rows
from qualcode.transcripts.source import CONTROLS

MAX_TABLE_BYTES = 512 * MEGABYTE
MAX_COMMENTS = 2_000_000
LONGEST_COMMENT = 400_000
MOST_GROUPS = 50
"""A column with more different values than this tells respondents apart, not groups of them."""

Cells = Sequence[str]
Row = tuple[int, Cells]
"""The number of a row, as a spreadsheet shows it, and its cells."""


@dataclass(frozen=True)
class Comment:
    """What one respondent wrote; ``row`` is its number in the table as a spreadsheet shows it, or
    its line in a jsonl file."""

    row: int
    text: str
    group: str = ""


@dataclass(frozen=True)
class Comments:
    """The comments of a table in their order, and how many rows held none."""

    name: str
    comments: tuple[Comment, ...]
    empty: int
    encoding: str


def read_comments(
    source: str | Path, column: str, *, group: str | None = None, data: bytes | None = None
) -> Comments:
    """The comments in a column of a table, with the value of another column as their group.

    >>> table = read_comments("a.csv", "said", group="ward", data=b"ward,said\\nA,Too late.\\n")
    >>> table.comments
    (Comment(row=2, text='Too late.', group='A'),)

    Raises
    ------
    UnreadableFile
        The file is no table that can be read whole.
    BadCommand
        There is no such column, it is empty, or the groups are as many as the respondents.
    """
    path = plain_name(source)
    name, ending = shown_name(path), stem_and_ending(path)[1]
    if ending not in TABLES:
        known = f"{', '.join(list(TABLES)[:-1])} and {list(TABLES)[-1]}"
        raise UnreadableFile(
            f"{name} is no table of comments that is known here: {known} are. Save it as csv."
        )
    content = data if data is not None else file_bytes(Path(source), path, MAX_TABLE_BYTES)
    if len(content) > MAX_TABLE_BYTES:
        raise UnreadableFile(
            f"{name} is larger than {MAX_TABLE_BYTES // MEGABYTE} MB. Split it, or save the "
            "columns you need alone."
        )
    if not content.strip():
        raise UnreadableFile(f"{name} is empty. Check that it was saved.")
    if ending != "jsonl":
        check_kind(path, ending, content)
    titles, rows, encoding = TABLES[ending](content, name)
    names = [" ".join(CONTROLS.sub("", title).split()) for title in titles]
    place = _place(names, column, name)
    by = None if group is None else _place(names, group, name)
    comments: list[Comment] = []
    seen = 0
    for number, cells in rows:
        seen += 1
        if seen > MAX_COMMENTS:
            raise UnreadableFile(
                f"{name} has more than {MAX_COMMENTS:,} rows. Split it, or draw some of them."
            )
        text = CONTROLS.sub("", cells[place]).strip() if place < len(cells) else ""
        if len(text) > LONGEST_COMMENT:
            raise UnreadableFile(
                f"Row {number} of {name} holds {len(text):,} characters in “{names[place]}”, more "
                "than one comment can be. Check that quotation marks in the table are closed."
            )
        if text:
            value = cells[by] if by is not None and by < len(cells) else ""
            comments.append(Comment(number, text, " ".join(CONTROLS.sub("", value).split())[:200]))
    if not comments:
        raise BadCommand(
            f"The column “{names[place]}” of {name} is empty in all {seen:,} rows. Name the column "
            "that holds the comments."
        )
    different = {comment.group for comment in comments}
    if len(different) > MOST_GROUPS:
        raise BadCommand(
            f"The column “{group}” of {name} has {len(different):,} different values, too many for "
            f"groups: name one with {MOST_GROUPS} or fewer."
        )
    return Comments(name, tuple(comments), seen - len(comments), encoding)


def _place(names: Cells, asked: str, name: str) -> int:
    """Which column has this name; small letters and blanks make no difference where one fits."""
    for plainly in (str, lambda text: " ".join(text.casefold().split())):
        places = [n for n, title in enumerate(names) if plainly(title) == plainly(asked)]
        if len(places) == 1:
            return places[0]
        if places:
            raise BadCommand(f"{len(places)} columns of {name} are called “{asked}”: rename one.")
    there = [title[:60] for title in names if title]
    more = f" and {len(there) - 20} more" if len(there) > 20 else ""
    raise BadCommand(
        f"There is no column “{asked}” in {name}; there are {', '.join(there[:20])}{more}."
    )


def _csv(data: bytes, name: str) -> tuple[Cells, Iterator[Row], str]:
    check_plain(data, name)
    text, encoding = decode(data, name)
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    given = re.fullmatch(r"sep=(.)", first.strip("\r"))
    if given:  # Excel writes the divider into a line of its own
        text = rest
    divider = given.group(1) if given else delimiter_of(text)
    rows = _written(csv.reader(io.StringIO(text, newline=""), delimiter=divider), name)
    _, names = next(rows, (0, ()))
    _require_columns(names, name)
    return names, rows, encoding


def _written(cells: Iterator[list[str]], name: str) -> Iterator[Row]:
    """The rows that hold something by their number; one with cells to spare is refused."""
    width = 0
    number = 0
    while True:
        number += 1
        try:
            row = next(cells, None)
        except csv.Error as error:
            raise UnreadableFile(
                f"Row {number} of {name} cannot be read. Check that quotation marks are closed, or "
                "open it in Excel or LibreOffice and save it again."
            ) from error
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        width = width or len(row)
        if any(cell.strip() for cell in row[width:]):
            raise UnreadableFile(
                f"Row {number} of {name} has {len(row)} cells and the first row {width}. A comment "
                "that holds the dividing sign stands in quotation marks: open the table in Excel "
                "or LibreOffice and save it again."
            )
        yield number, row


def _xlsx(data: bytes, name: str) -> tuple[Cells, Iterator[Row], str]:
    try:
        rows = iter(read_xlsx_rows(data, name))
    except UnreadableFile as error:
        if f"{MAX_ROWS:,}" not in str(error) and "MB" not in str(error):
            raise
        raise UnreadableFile(
            f"{name} holds more cells than are read from a workbook ({MAX_ROWS:,} rows). Save it "
            "as csv, which may be longer."
        ) from error
    _, names = next(rows, (0, []))
    while names and not names[-1].strip():  # a workbook gives more cells than a row has
        names = names[:-1]
    _require_columns(names, name)
    return names, rows, "Excel (xlsx)"


def _jsonl(data: bytes, name: str) -> tuple[Cells, Iterator[Row], str]:
    text, encoding = decode(data, name)
    names: dict[str, int] = {}
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise UnreadableFile(
                f"Line {number} of {name} is no JSON object. A jsonl file has one a line, such as "
                '{"comment": "…"}.'
            )
        cells = [""] * len(names)
        for key, value in found.items():
            at = names.setdefault(key, len(names))
            cells += [""] * (at + 1 - len(cells))
            cells[at] = value if isinstance(value, str) else _number(value)
        _require_columns(tuple(names), name)
        rows.append((number, cells))
    return tuple(names), iter(rows), encoding


def _number(value: object) -> str:
    """A number or a truth as text; lists and objects are no cells."""
    return str(value) if isinstance(value, bool | int | float) else ""


def _require_columns(names: Cells, name: str) -> None:
    if not names:
        raise UnreadableFile(f"{name} holds no cells. Check that it was saved.")
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has more than {MAX_COLUMNS} columns. Save those you need alone."
        )


TABLES: dict[str, Callable[[bytes, str], tuple[Cells, Iterator[Row], str]]] = {
    "csv": _csv,
    "tsv": _csv,
    "xlsx": _xlsx,
    "jsonl": _jsonl,
}
"""For each ending what reads it: the names of the columns, the rows below them, the encoding."""
