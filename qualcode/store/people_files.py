"""Tables of participants: a CSV or Excel file read and looked over, kept all or nothing, and out.

One row a participant. ``id`` and ``quote_consent`` (yes, no, id_only) are needed; the columns of
the study's attributes are checked, and any other column becomes an attribute of kind text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from openpyxl import load_workbook  # type: ignore[import-untyped]

from qualcode.errors import BadCommand, NotAllowed, QualcodeError, UnreadableFile
from qualcode.model import Attribute, Participant
from qualcode.store.access import require
from qualcode.store.study import Study

MAX_BYTES = 5_000_000
MAX_UNPACKED = 60_000_000
MAX_ROWS, MAX_COLUMNS = 5_000, 120
MAX_CELL = 500
ID, QUOTE, STATUS = "id", "quote_consent", "status"
CALLED = {
    ID: ("id", "participant", "participant_id", "pseudonym", "case"),
    QUOTE: ("quote_consent", "consent_to_quote", "may_be_quoted"),
    STATUS: ("status", "state"),
}
QUOTES = {
    **{"yes": "yes", "y": "yes", "no": "no", "n": "no"},
    **{"id_only": "id_only", "id only": "id_only", "by id only": "id_only"},
}
STATES = {"": "included", "included": "included", "withdrew": "withdrew", "withdrawn": "withdrew"}
NAME_LIKE = (
    re.compile(r"@"),
    re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|sister)\b", re.IGNORECASE),
    re.compile(r"^[^\W\d_]\.?[ .]+[^\W\d_]{2,}$"),
    re.compile(r"^[^\W\d_][^\W\d_'’-]+(?:[ ,._]+[^\W\d_][^\W\d_'’-]+){1,3}$"),
)
"""An id that looks like somebody's name: an address, a title, an initial and a word, words only."""


@dataclass(frozen=True)
class LookedOver:
    """What keeping a table would do; ``problems`` are sentences with row and column, and where
    there is one nothing can be kept.
    """

    name: str
    participants: tuple[Participant, ...]
    new_attributes: tuple[Attribute, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    problems: tuple[str, ...]


def looks_like_a_name(id: str) -> bool:
    """True for an id that may be somebody's real name.

    >>> [looks_like_a_name(id) for id in ("P01", "Site A", "Jane Smith", "j.smith@ward.org")]
    [False, False, True, True]
    """
    return any(shape.search(id.strip()) for shape in NAME_LIKE)


def look_into(study: Study, name: str, data: bytes) -> LookedOver:
    """Read a table of participants and say what keeping it would do; nothing is changed.

    Raises
    ------
    UnreadableFile
        The file is neither CSV nor xlsx, is too large, or holds no rows.
    """
    require(study.seat, "add transcripts")
    rows = _rows(name, data)
    header = [cell.strip() for cell in rows[0][1]]
    problems = _of_header(header)
    defined = {attribute.name: attribute for attribute in study.attributes()}
    called = {_called(head): n for n, head in enumerate(header) if head}
    if problems:
        return LookedOver(name, (), (), (), (), tuple(problems))
    if not study.shows_people:
        raise NotAllowed("Who the participants are is kept from you while you code.")
    known = {person.id: person for person in study.participants()}
    columns = [head for head in header if head and _called(head) not in CALLED]
    people: list[Participant] = []
    first_row: dict[str, int] = {}
    for row, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        cells = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
        person, found = _person(header, cells, called, defined, known, row)
        problems += found
        if person is None:
            continue
        if person.id in first_row:
            problems.append(
                f"Row {row}, column {header[called[ID]]}: {person.id} stands on row "
                f"{first_row[person.id]} already; give each participant one row."
            )
        first_row.setdefault(person.id, row)
        people.append(person)
    if not people and not problems:
        raise UnreadableFile(f"{name} holds no participants below its first row.")
    return LookedOver(
        name=name,
        participants=tuple(people),
        new_attributes=tuple(Attribute(head) for head in columns if head not in defined),
        added=tuple(person.id for person in people if person.id not in known),
        changed=tuple(p.id for p in people if p.id in known and p != known[p.id]),
        problems=tuple(problems),
    )


def keep(study: Study, looked: LookedOver) -> None:
    """Keep the participants of a table that was looked over, with its new attributes: all, or
    nothing.
    """
    if looked.problems:
        raise BadCommand(f"{looked.name} is not kept: {looked.problems[0]}")
    with study._writing():
        study.set_attributes(*study.attributes(), *looked.new_attributes)
        study.add(*looked.participants)


def people_csv(study: Study) -> str:
    """The participants as CSV, as :func:`look_into` reads them again."""
    names = list(
        dict.fromkeys(
            [
                *(a.name for a in study.attributes() if a.of == "participant"),
                *(key for person in study.participants() for key in person.attributes),
            ]
        )
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(head) for head in (ID, QUOTE, STATUS, *names)])
    for person in study.participants():
        values = [person.attributes.get(name, "") for name in names]
        writer.writerow(
            [_cell(v) for v in (person.id, person.quote_consent, person.status, *values)]
        )
    return out.getvalue()


# -- rows ----------------------------------------------------------------------------------------


def _rows(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    """The rows of the file with their numbers as a spreadsheet shows them, the header first."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"{name} is larger than 5 MB, which no list of people is; check it.")
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "xlsx":
        rows = _from_xlsx(name, data)
    elif ending in ("csv", "tsv", "txt"):
        rows = _from_csv(name, data)
    else:
        raise UnreadableFile(f"{name} is neither CSV nor Excel; save it as csv or xlsx.")
    if not rows or not any(cell.strip() for cell in rows[0][1]):
        raise UnreadableFile(f"{name} has no heads of columns in its first row.")
    if len(rows) > MAX_ROWS or max(len(cells) for _, cells in rows) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns; check the file."
        )
    return rows


def _from_csv(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnreadableFile(f"{name} is not text; save it as “CSV UTF-8” and try again.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark = max(",;\t", key=text.split("\n", 1)[0].count)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=mark, strict=True)
    try:
        for row in reader:
            rows.append((len(rows) + 1, [_plain(cell) for cell in row]))
            if len(rows) > MAX_ROWS:
                break
    except csv.Error as error:
        raise UnreadableFile(
            f"{name} cannot be read at row {len(rows) + 1} ({error}); "
            "look for a quotation mark without its pair."
        ) from error
    return rows


def _from_xlsx(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            if sum(part.file_size for part in parcel.infolist()) > MAX_UNPACKED:
                raise UnreadableFile(f"{name} unpacks to far more than a list of people; check it.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            (number, [_plain(_words(value)) for value in values])
            for number, values in enumerate(
                sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True),
                start=1,
            )
        ]
        book.close()
    except QualcodeError:
        raise
    except Exception as error:  # openpyxl lets the errors of many libraries through
        raise UnreadableFile(
            f"{name} cannot be read as an Excel file; save it again as xlsx, or as CSV."
        ) from error
    width = max((n for _, row in rows for n, cell in enumerate(row, start=1) if cell), default=0)
    return [(number, row[:width]) for number, row in rows]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t]", cell) else cell


def _cell(value: str) -> str:
    return f"'{value}" if value.lstrip()[:1] in ("=", "+", "-", "@") and value.strip() else value


# -- one row -------------------------------------------------------------------------------------


def _called(head: str) -> str:
    """What a column is: one of the table's own, or itself."""
    plain = re.sub(r"[\s-]+", "_", head.strip().casefold())
    return next((own for own, names in CALLED.items() if plain in names), head.strip())


def _of_header(header: Sequence[str]) -> list[str]:
    problems = []
    called = [_called(head) for head in header if head]
    for own in (ID, QUOTE):
        if own not in called:
            meaning = "the pseudonym" if own == ID else "yes, no or id_only"
            problems.append(f"Row 1: there is no column {own}; add it ({meaning}).")
    for n, head in enumerate(called):
        if head in called[:n]:
            problems.append(f"Row 1, column {n + 1}: “{head}” is there twice; name one anew.")
    problems += [
        f"Row 1, column {n}: the head of a column has at most 60 characters."
        for n, head in enumerate(header, start=1)
        if len(head) > 60
    ]
    return problems


def _person(
    header: Sequence[str],
    cells: Sequence[str],
    called: Mapping[str, int],
    defined: Mapping[str, Attribute],
    known: Mapping[str, Participant],
    row: int,
) -> tuple[Participant | None, list[str]]:
    """The participant of one row, and what is wrong with it."""
    problems: list[str] = []

    def wrong(own: str, words: str) -> None:
        problems.append(f"Row {row}, column {header[called[own]]}: {words}")

    id = cells[called[ID]]
    if not id:
        wrong(ID, "there is no id; give the participant a pseudonym such as P01.")
        return None, problems
    if len(id) > 40:
        wrong(ID, "an id has at most 40 characters.")
        return None, problems
    if looks_like_a_name(id):
        wrong(ID, "this looks like a real name; use a pseudonym such as P01.")
    status = STATES.get(cells[called[STATUS]].casefold(), "") if STATUS in called else "included"
    if not status:
        wrong(STATUS, f"“{cells[called[STATUS]][:40]}” is not included or withdrew.")
    before = known.get(id)
    if before is not None and before.status == "withdrew" and status == "included":
        wrong(ID, f"{id} has withdrawn, which is not taken back; take the row out.")
    if before is not None and before.status == "included" and status == "withdrew":
        wrong(STATUS, f"{id} is in the study; withdraw them on the page of people.")
    quote = QUOTES.get(cells[called[QUOTE]].casefold(), "")
    if not quote and not (status == "withdrew" and not cells[called[QUOTE]]):
        given = cells[called[QUOTE]]
        wrong(
            QUOTE,
            f"“{given[:40]}” is not yes, no or id_only."
            if given
            else f"whether {id} may be quoted is missing; write yes, no or id_only.",
        )
    attributes = dict(before.attributes) if before is not None else {}
    for n, head in enumerate(header):
        if not head or _called(head) in CALLED:
            continue
        value = cells[n]
        attribute = defined.get(head)
        if len(value) > MAX_CELL:
            problems.append(f"Row {row}, column {head}: a cell has at most {MAX_CELL} characters.")
        elif attribute is not None and (why := attribute.problem(value)):
            problems.append(f"Row {row}, column {head}: “{value[:60]}” {why}.")
        attributes[head] = value
    person = Participant(
        id,
        {key: value for key, value in attributes.items() if value},
        cast(Any, quote or "no"),
        cast(Any, status or "included"),
    )
    return person, problems
