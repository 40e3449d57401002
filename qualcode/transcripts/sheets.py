"""Sheets in, interviews out: one row a turn, or one row a respondent with open answers.

What each column holds is proposed from its name and its cells, and said; a person can set it
otherwise. Columns that could tell who somebody is are left out unless they are asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.files import shown_name, stem_and_ending
from qualcode.transcripts.grids import Grid, read_csv_grid, read_xlsx_grid
from qualcode.transcripts.marks import clock_seconds
from qualcode.transcripts.source import Line, Source
from qualcode.transcripts.words import words

Part = Literal[
    "participant", "interview", "speaker", "text", "time", "answer", "attribute", "left out"
]
PARTS: tuple[Part, ...] = (
    "participant",
    "interview",
    "speaker",
    "text",
    "time",
    "answer",
    "attribute",
    "left out",
)
"""What a column can hold. ``text`` is what was said in this row's turn, ``answer`` an open answer
to the question in the column's name, ``interview`` the name that rows of one interview share."""
GRIDS: dict[str, Callable[[bytes, str], Grid]] = {
    "csv": read_csv_grid,
    "tsv": read_csv_grid,
    "xlsx": read_xlsx_grid,
}
QUESTION = "Question"
"""The interviewer's label where the columns' names are the questions."""

_NAMES: dict[Part, frozenset[str]] = {
    "speaker": words(
        "speaker speakers sprecher sprecherin sprechende voice talker locuteur locutrice hablante "
        "orador spreker talare puhuja 发言人 說話者 说话人 講者 讲者 話者"
    ),
    "text": words(
        "text sentence utterance utterances transcript transcription speech words content message "
        "said äußerung beitrag texte texto testo tekst comment comments 内容 內容 文本 發言 发言"
    ),
    "time": words("time timestamp timestamps timecode start begin starttime zeit heure hora tempo"),
    "participant": words(
        "participant participantid respondent respondentid responseid id pid person case caseid "
        "interviewee pseudonym subject subjectid teilnehmer teilnehmerin code participante 編號"
    ),
    "interview": words("interview interviewid file filename transcriptid session document"),
}
_IDENTIFYING = words(
    "name firstname lastname surname fullname username recipientfirstname recipientlastname email "
    "mail emailaddress recipientemail phone telephone mobile tel address street postcode zip "
    "zipcode ip ipaddress birth birthday birthdate dob dateofbirth latitude longitude "
    "locationlatitude locationlongitude ssn nhsnumber mrn"
)
_QUESTION = re.compile(
    r"[?？؟]\s*$|^(?:what|how|why|which|when|where|who|describe|please|tell|explain|was|wie|warum|"
    r"comment|pourquoi|qué|cómo|por qué|come|perché)\b",
    re.IGNORECASE,
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
OPEN_ANSWER = 25
"""An answer column holds so many characters a cell on average (a Chinese sign counts as three),"""
SHORT_ANSWER = 10
"""or so many where its name is a question."""
LONGEST_VALUE = 200
LONGEST_ID = 40
LONGEST_FACT = 400
HEADER_ROWS = 10


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its name, what it is proposed to hold, and its first cells."""

    name: str
    part: Part
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Interview:
    """One interview of a sheet: its lines, and whose it is.

    ``name`` is empty where the sheet is one interview; ``key`` are its cells, by which the same
    interview is known again.
    """

    name: str
    source: Source
    participant: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    is_respondent: bool = False


@dataclass(frozen=True)
class _Table:
    """A grid with its first row taken for the names of its columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    removals: tuple[Removal, ...]
    facts: Mapping[str, str]

    def column(self, number: int) -> list[str]:
        return [row[number].strip() for row in self.rows]


def sheet_columns(
    data: bytes, name: str, columns: Mapping[str, Part] | None = None
) -> tuple[SheetColumn, ...]:
    """The columns of a csv, tsv or xlsx, each with what it is taken to hold.

    >>> found = sheet_columns(b"Speaker,Text\\nI,Why?\\nP,I stay.\\nI,Ah.\\nP,Yes.\\n", "a.csv")
    >>> [(column.name, column.part) for column in found]
    [('Speaker', 'speaker'), ('Text', 'text')]
    """
    table = _table(_grid(data, name), name)
    return tuple(
        SheetColumn(title, part, tuple(cell for cell in table.column(number) if cell)[:5])
        for number, (title, part) in enumerate(
            zip(table.names, _parts(table, columns or {}), strict=True)
        )
    )


def sheet_interviews(
    data: bytes, name: str, columns: Mapping[str, Part] | None = None
) -> tuple[Interview, ...]:
    """The interviews of a sheet, with ``columns`` before what is proposed."""
    table = _table(_grid(data, name), name)
    parts = _parts(table, columns or {})
    if "text" in parts:
        return tuple(_talks(table, parts))
    if "answer" in parts:
        return tuple(_respondents(table, parts, name))
    raise UnreadableFile(
        f"{shown_name(name)} has no column that can be told to hold what people said. Name one "
        "“text” beside a column “speaker”, or give each open question a column of its own."
    )


def read_sheet(data: bytes, name: str) -> Source:
    """The lines of a sheet that is one interview."""
    interviews = sheet_interviews(data, name)
    if len(interviews) != 1:
        raise UnreadableFile(
            f"{shown_name(name)} holds {len(interviews):,} interviews, so it is more than one "
            "transcript. Read it with read_transcripts, or add it with: qualcode add."
        )
    return interviews[0].source


def _grid(data: bytes, name: str) -> Grid:
    return GRIDS[stem_and_ending(name)[1]](data, name)


# -- what the columns hold -------------------------------------------------------------------


def _table(grid: Grid, name: str) -> _Table:
    """The names of the columns and the rows below them."""
    rows, removals = list(grid.rows), list(grid.removals)
    while len(rows) > 2 and _filled(rows[0]) < 2 <= _filled(rows[1]):
        removals.append(Removal(" ".join(rows.pop(0)).strip(), "line above the table"))
    # Survey programs write the questions below short names, and their own marks below those.
    marks = next((n for n, row in enumerate(rows[:4]) if '{"ImportId"' in "".join(row)), 0)
    if marks >= 2:
        above = [*rows[: marks - 1], rows[marks]]
        removals += [
            Removal("\n".join(filter(str.strip, row)), "line above the table") for row in above
        ]
        rows = [rows[marks - 1], *rows[marks + 1 :]]
    if not rows:
        raise UnreadableFile(f"{shown_name(name)} holds no cells. Check that it was saved.")
    if _is_header(rows):
        names = _distinct(rows[0])
        removals.append(Removal("\n".join(filter(str.strip, rows[0])), "names of the columns"))
        rows = rows[1:]
    else:
        names = tuple(f"Column {number + 1}" for number in range(len(rows[0])))
    return _Table(names, tuple(rows), tuple(removals), grid.facts)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: no number, no time, and nothing that comes back."""
    first = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in first if cell]
    if len(rows) < 2 or len(set(filled)) < len(filled):
        return False
    if any(_plain(cell) in _ALL_NAMES for cell in filled):
        return True
    if any(re.fullmatch(r"[\d.,:/ -]+", cell) for cell in filled):
        return False
    return not any(
        cell and cell == row[number].strip()
        for row in rows[1:200]
        for number, cell in enumerate(first)
    )


def _distinct(row: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, each different, those without one by their place."""
    names: list[str] = []
    for number, cell in enumerate(row):
        name = " ".join(cell.split()) or f"Column {number + 1}"
        while name in names:
            name += f" ({number + 1})"
        names.append(name)
    return tuple(names)


def _plain(name: str) -> str:
    """A column's name without blanks and signs, as it is compared.

    >>> _plain("Participant ID")
    'participantid'
    """
    return re.sub(r"[\W_]+", "", name).casefold()


_ALL_NAMES = frozenset().union(*_NAMES.values(), _IDENTIFYING)


def _parts(table: _Table, chosen: Mapping[str, Part]) -> tuple[Part, ...]:
    """What each column holds: as chosen, else as its name and its cells make likely."""
    for name, part in chosen.items():
        if part not in PARTS:
            raise BadCommand(f"A column cannot hold “{part}”: it holds {', '.join(PARTS)}.")
        if name not in table.names:
            raise BadCommand(f"There is no column “{name}”; there are {', '.join(table.names)}.")
    parts = _by_name(table)
    for number, name in enumerate(table.names):
        parts[number] = chosen.get(name, parts[number])
    asked = "text" in chosen.values() or {"speaker", "answer"} & set(parts)
    if "text" in parts and "participant" in parts and not asked:
        parts[parts.index("text")] = "answer"
    if "text" in parts:
        return tuple(
            "left out" if part in ("answer", "attribute") and name not in chosen else part
            for name, part in zip(table.names, parts, strict=True)
        )
    return tuple(
        "left out" if part in ("speaker", "time") and name not in chosen else part
        for name, part in zip(table.names, parts, strict=True)
    )


def _by_name(table: _Table) -> list[Part]:
    """A first proposal for each column; a part that only one column can have goes to the first."""
    parts: list[Part] = []
    for number, name in enumerate(table.names):
        plain, cells = _plain(name), table.column(number)
        filled = [cell for cell in cells if cell]
        part: Part = "attribute"
        if not filled or plain in _IDENTIFYING:
            part = "left out"
        elif plain in _NAMES["time"] and _are_times(filled):
            part = "time"
        elif plain in _NAMES["speaker"]:
            part = "speaker"
        elif plain in _NAMES["text"] and not _are_numbers(filled):
            part = "text"
        elif plain in _NAMES["participant"]:
            part = "participant"
        elif plain in _NAMES["interview"]:
            part = "interview"
        elif _is_open(name, filled):
            part = "answer"
        elif max(map(len, filled)) > LONGEST_VALUE:
            part = "left out"
        single = part in ("speaker", "text", "participant", "interview", "time")
        parts.append("left out" if single and part in parts else part)
    return parts


def _are_numbers(cells: Sequence[str]) -> bool:
    return all(re.fullmatch(r"[-+]?[\d.,]+ ?%?", cell) for cell in cells)


def _are_times(cells: Sequence[str]) -> bool:
    return all(clock_seconds(cell) is not None for cell in cells)


def _is_open(name: str, cells: Sequence[str]) -> bool:
    """Whether cells are answers in somebody's own words and not one of a few choices."""
    if _are_numbers(cells) or all(re.fullmatch(r"[\d/.: -]+", cell) for cell in cells):
        return False
    length = sum(len(cell) + 2 * len(_CJK.findall(cell)) for cell in cells) / len(cells)
    if len(cells) >= 10 and len(set(cells)) < 0.4 * len(cells):
        return False
    return length >= (SHORT_ANSWER if _QUESTION.search(name) else OPEN_ANSWER)


# -- one row a turn --------------------------------------------------------------------------


def _talks(table: _Table, parts: Sequence[Part]) -> Iterator[Interview]:
    """One interview, or as many as a column of interviews or participants names."""
    by = _place(parts, "interview", _place(parts, "participant"))
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in table.rows:
        groups.setdefault(row[by].strip() if by is not None else "", []).append(row)
    if len(groups) == 1 or (
        by is not None and parts[by] == "participant" and _alternates(table, by)
    ):
        groups = {"": list(table.rows)}
    for name, rows in groups.items():
        source = _talk(table, parts, rows)
        person = name if by is not None and parts[by] == "participant" and name else None
        yield Interview(name, source, person, key=_key(rows))


def _alternates(table: _Table, by: int) -> bool:
    """Whether a column changes nearly every row: then it is who speaks, not whose interview."""
    cells = table.column(by)
    changes = sum(a != b for a, b in pairwise(cells))
    return changes > 2 * len(set(cells)) and changes > 0.3 * len(cells)


def _talk(table: _Table, parts: Sequence[Part], rows: Sequence[tuple[str, ...]]) -> Source:
    text, speaker = _place(parts, "text"), _place(parts, "speaker")
    time = _place(parts, "time")
    lines: list[Line] = []
    removals = list(table.removals)
    label, at = "", None
    for row in rows:
        if time is not None and row[time].strip():
            at = clock_seconds(row[time])
            removals.append(Removal(row[time].strip(), "time stamps"))
        if speaker is not None and row[speaker].strip():
            label = " ".join(row[speaker].split())
            if not row[text or 0].strip():
                removals.append(Removal(row[speaker].strip(), "speaker without words"))
        for number, piece in enumerate(row[text or 0].split("\n")):
            if piece.strip():
                written = row[speaker].strip() if speaker is not None and number == 0 else ""
                shown = (label.rstrip(":：") or None) if speaker is not None else None
                first = shown if number == 0 else None
                lines.append(Line(piece, first, at=at, begins=number == 0, mark=written or " "))
    removals += _left_out(table, parts, rows)
    facts = {**table.facts, "sheet": "one row a turn", "columns": _said(table, parts)}
    return Source(lines, tuple(removals), facts)


# -- one row a respondent --------------------------------------------------------------------


def _respondents(table: _Table, parts: Sequence[Part], name: str) -> Iterator[Interview]:
    """Each row an interview: every answered question is a turn, and its answer the next."""
    by = _place(parts, "participant")
    width = len(str(len(table.rows)))
    seen: Counter[str] = Counter()
    for number, row in enumerate(table.rows, start=1):
        lines: list[Line] = []
        removals = list(table.removals)
        for place, part in enumerate(parts):
            question, answer = table.names[place], row[place].strip()
            if part != "answer":
                continue
            if not answer:
                removals.append(Removal(question, "question without an answer"))
                continue
            lines.append(Line(question, QUESTION, begins=True, mark=" "))
            rows = [piece for piece in answer.split("\n") if piece.strip()]
            lines += [
                Line(piece, "Answer" if n == 0 else None, begins=n == 0, mark=" ")
                for n, piece in enumerate(rows)
            ]
        if not any(line.label == "Answer" for line in lines):
            continue
        person = " ".join(row[by].split())[:LONGEST_ID] if by is not None else ""
        person = person or f"R{number:0{width}d}"
        seen[person] += 1
        attributes = {
            table.names[place]: row[place].strip()[:LONGEST_VALUE]
            for place, part in enumerate(parts)
            if part == "attribute" and row[place].strip()
        }
        removals += [
            Removal(f"{key}: {value}", "kept as an attribute of the participant")
            for key, value in attributes.items()
        ]
        removals += _left_out(table, parts, [row])
        if by is not None and row[by].strip():
            removals.append(Removal(row[by].strip(), "participant"))
        facts = {**table.facts, "sheet": "one row a respondent", "columns": _said(table, parts)}
        again = f" {seen[person]}" if seen[person] > 1 else ""
        source = Source(lines, tuple(removals), facts)
        yield Interview(person + again, source, person, attributes, _key([row]), True)


def _place(parts: Sequence[Part], part: Part, otherwise: int | None = None) -> int | None:
    return parts.index(part) if part in parts else otherwise


def _left_out(
    table: _Table, parts: Sequence[Part], rows: Sequence[tuple[str, ...]]
) -> Iterator[Removal]:
    """The cells of the columns that become neither text nor an attribute, a column a piece."""
    kept = ("text", "speaker", "time", "answer", "attribute")
    for place, part in enumerate(parts):
        if part in kept or (part == "participant" and "answer" in parts):
            continue
        cells = [row[place].strip() for row in rows if row[place].strip()]
        if cells:
            yield Removal("\n".join(cells), f"column “{table.names[place][:60]}”")


def _said(table: _Table, parts: Sequence[Part]) -> str:
    """Which column was taken for what, in words."""
    found: dict[str, list[str]] = {}
    for name, part in zip(table.names, parts, strict=True):
        found.setdefault(part, []).append(f"“{name[:40]}”")
    said = "; ".join(f"{part}: {', '.join(names)}" for part, names in found.items())
    return said if len(said) <= LONGEST_FACT else f"{said[: LONGEST_FACT - 1]}…"


def _key(rows: Sequence[Sequence[str]]) -> str:
    return "\x1e".join("\x1f".join(row) for row in rows)
