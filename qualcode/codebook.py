"""Codebooks: a tree of codes with their rules; CSV in, a Codebook out, and back again unchanged.

A code has the six fields of MacQueen, McLellan, Kay and Milstein (1998): name, brief definition,
full definition, when to use, when not to use, example. Themes group codes; their colour is their
codes' colour.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NoReturn

from qualcode.errors import BadCodebook, UnreadableFile
from qualcode.languages import count
from qualcode.model import Code

COLUMNS = (
    "code_id",
    "parent_id",
    "name",
    "kind",
    "codable",
    "brief_definition",
    "full_definition",
    "when_to_use",
    "when_not_to_use",
    "example",
    "origin",
    "source_note",
    "facets",
    "color",
    "sort_order",
)
STATUS = "status"
"""A column that only a codebook with codes in the making or retired has."""
RULE_FIELDS = (
    "brief_definition",
    "full_definition",
    "when_to_use",
    "when_not_to_use",
    "example",
)
MEANING = RULE_FIELDS[:-1]
"""The fields of a code whose change may change what is coded; an example does not."""
MAX_BYTES = 5_000_000
MAX_DEPTH = 4
LONGEST = {"id": 60, "name": 120}
LONGEST_TEXT = 20_000
KINDS = ("theme", "category", "code")
ORIGINS = ("a_priori", "from_data", "from_guide", "machine_suggested")
STATUSES = ("draft", "active", "retired")
MANY_CODES = 40
"""More codes than these, coders cannot hold in mind."""
EXAMPLE_WORDS = (8, 60)
# Eight hues that stay apart for colour-blind readers too: Tableau 10 without its grey and yellow.
PALETTE = (
    "#4E79A7",
    "#59A14F",
    "#F28E2B",
    "#E15759",
    "#B07AA1",
    "#76B7B2",
    "#9C755F",
    "#D37295",
)
_FIELD_OF = {
    "code_id": "id",
    "parent_id": "parent",
    "sort_order": "order",
}


@dataclass(frozen=True)
class Codebook:
    """The codes of a study at one version; refuses a tree that is none.

    Codes stand in reading order: each theme followed by its codes. Their texts have no blanks
    around them and plain line ends; a code without a colour has that of its theme.
    """

    codes: tuple[Code, ...] = ()
    version: str = "0.1"

    def __post_init__(self) -> None:
        codes = tuple(_tidy(code) for code in self.codes)
        for code in codes:
            _refuse_bad_code(code, None)
        _refuse_bad_tree(codes, {})
        object.__setattr__(self, "codes", _reading_order(_coloured(codes)))

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code_id: object) -> bool:
        return any(code.id == code_id for code in self.codes)

    def __getitem__(self, code_id: str) -> Code:
        for code in self.codes:
            if code.id == code_id:
                return code
        raise BadCodebook(f"The codebook has no code “{code_id}”.")

    @property
    def codable(self) -> tuple[Code, ...]:
        """The codes that may be put on text: themes only group, retired codes are history."""
        return tuple(code for code in self.codes if code.usable)

    @property
    def themes(self) -> tuple[Code, ...]:
        """The codes at the top of the tree."""
        return tuple(code for code in self.codes if code.parent is None)

    def children(self, code_id: str | None) -> tuple[Code, ...]:
        return tuple(code for code in self.codes if code.parent == code_id)

    def path(self, code_id: str) -> tuple[Code, ...]:
        """From the top of the tree down to this code, both included."""
        up = [self[code_id]]
        while up[-1].parent is not None:
            up.append(self[up[-1].parent])
        return tuple(reversed(up))

    def depth(self, code_id: str) -> int:
        return len(self.path(code_id))

    def with_code(self, *codes: Code) -> Codebook:
        """This codebook with codes added, or replaced where the id is known."""
        by_id = {code.id: code for code in codes}
        kept = tuple(by_id.pop(code.id, code) for code in self.codes)
        return replace(self, codes=(*kept, *by_id.values()))

    def to_csv(self) -> str:
        """CSV with the columns of :data:`COLUMNS`; reading it again gives the same codebook.

        A codebook whose codes are all in use has no column of their status.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        plain = all(code.status == "active" for code in self.codes)
        columns = COLUMNS if plain else (*COLUMNS, STATUS)
        writer.writerow(columns)
        for code in self.codes:
            writer.writerow([_cell(code, column) for column in columns])
        return out.getvalue()

    def notes(self) -> tuple[str, ...]:
        """What coders may find hard about it, each in a sentence; none of it is an error."""
        found = []
        if len(self.codable) > MANY_CODES:
            found.append(
                f"{len(self.codable)} codes may be put on text; coders hold about {MANY_CODES} "
                "in mind."
            )
        bare = [code.name for code in self.codable if not code.when_not_to_use]
        if bare:
            found.append(f"“When not to use” is empty: {_named(bare)}.")
        least, most = EXAMPLE_WORDS
        odd = [code.name for code in self.codable if not least <= count(code.example).total <= most]
        if odd:
            found.append(
                f"An example of {least} to {most} words, real or made up, is missing: "
                f"{_named(odd)}."
            )
        return tuple(found)


def means_the_same(before: Code, after: Code) -> bool:
    """True where the change cannot change what is coded: of name, colour, place or example."""
    return before.usable == after.usable and all(
        getattr(before, rule) == getattr(after, rule) for rule in MEANING
    )


def changes_coding(before: Codebook, after: Codebook) -> bool:
    """True where what is coded may change: a code comes, goes, or has another rule."""
    old = {code.id: code for code in before.codable}
    new = {code.id: code for code in after.codable}
    return old.keys() != new.keys() or not all(means_the_same(old[id], new[id]) for id in old)


def read_codebook(source: str | Path, data: bytes | None = None) -> Codebook:
    """Read a codebook from CSV; an error names its line and column.

    Only ``code_id`` (or ``name``) is needed; ``codable`` is yes/no. Columns that are not known
    here are kept in ``source_note``. ``source`` is a path, or the name of the file whose bytes are
    given.

    Raises
    ------
    UnreadableFile
        The file is missing, too large, empty or not text.
    BadCodebook
        A row breaks a rule: unknown parent, a code under itself, a name used twice.
    """
    name = Path(source).name
    if data is None:
        try:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UnreadableFile(
                f"{name} cannot be opened ({error.strerror}); check its name and place."
            ) from error
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"{name} is larger than 5 MB, which no codebook is; check the file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                f"{name} is not text in UTF-8; save it as “CSV UTF-8” and try again."
            ) from error
    if not text.strip() or "\x00" in text:
        raise UnreadableFile(f"{name} holds no codes; save the codebook as “CSV UTF-8”.")
    return _from_rows(name, text)


def _from_rows(name: str, text: str) -> Codebook:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    first = lines.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(lines, newline="\n"), delimiter=max(",;\t", key=first.count), strict=True
    )
    codes: list[Code] = []
    line_of: dict[str, int] = {}
    line = 1
    try:
        header = _header(name, next(reader))
        line = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                code = _code(_cells(header, row, line), line=line, order=len(codes))
                if code.id in line_of:
                    raise BadCodebook(
                        f"the code “{code.id}” stands on line {line_of[code.id]} already; "
                        "give each code an id of its own.",
                        line=line,
                        column="code_id",
                    )
                line_of[code.id] = line
                codes.append(code)
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadCodebook(
            f"the CSV cannot be read ({error}); look for a quotation mark without its pair.",
            line=line,
        ) from error
    if not codes:
        raise UnreadableFile(f"{name} holds no codes below its first line.")
    _refuse_bad_tree(codes, line_of)
    return Codebook(tuple(codes))


def _header(name: str, row: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in row]
    if "code_id" not in header and "name" not in header:
        raise BadCodebook(
            f"{name} has no column “code_id” or “name”; its first line must name the columns "
            f"({', '.join(COLUMNS[:4])}, …).",
            line=1,
        )
    twice = [column for column, n in Counter(header).items() if n > 1 and column]
    if twice:
        raise BadCodebook("there are two columns of this name.", line=1, column=twice[0])
    return header


def _cells(header: list[str], row: list[str], line: int) -> dict[str, str]:
    """The row's texts by column; what stands outside the columns is refused, not dropped."""
    outside = [
        cell
        for place, cell in enumerate(row)
        if cell.strip() and (place >= len(header) or not header[place])
    ]
    if outside:
        raise BadCodebook(
            f"“{outside[0][:40]}” stands in a cell that has no column "
            f"({len(row)} cells, {len(header)} columns); "
            "put quotation marks around text that holds a comma.",
            line=line,
        )
    return {column: _plain(cell) for column, cell in zip(header, row, strict=False) if column}


def _code(cells: Mapping[str, str], *, line: int, order: int) -> Code:
    kind = cells.get("kind", "").lower() or "code"
    codable = cells.get("codable", "").lower() or ("no" if kind == "theme" else "yes")
    if codable not in ("yes", "no"):
        raise BadCodebook(f"“{codable[:40]}” is not one of yes, no.", line=line, column="codable")
    try:
        position = int(cells.get("sort_order") or order)
    except ValueError as error:
        raise BadCodebook(
            f"“{cells['sort_order'][:40]}” is not a whole number.", line=line, column="sort_order"
        ) from error
    name = cells.get("name") or cells.get("code_id", "")
    unknown = [
        f"{column}: {text}"
        for column, text in cells.items()
        if text and column not in (*COLUMNS, STATUS)
    ]
    code = Code(
        id=cells.get("code_id") or name,
        name=name,
        parent=cells.get("parent_id") or None,
        kind=kind,  # type: ignore[arg-type]
        codable=codable == "yes",
        brief_definition=cells.get("brief_definition", ""),
        full_definition=cells.get("full_definition", ""),
        when_to_use=cells.get("when_to_use", ""),
        when_not_to_use=cells.get("when_not_to_use", ""),
        example=cells.get("example", ""),
        origin=cells.get("origin", "").lower() or "a_priori",  # type: ignore[arg-type]
        source_note="\n".join(note for note in (cells.get("source_note", ""), *unknown) if note),
        facets=cells.get("facets", ""),
        color=cells.get("color", ""),
        order=position,
        status=cells.get(STATUS, "").lower() or "active",  # type: ignore[arg-type]
    )
    _refuse_bad_code(code, line)
    return code


def _tidy(code: Code) -> Code:
    """The code with its texts as a file keeps them: no blanks around, plain line ends."""
    texts = {
        field.name: value.replace("\r\n", "\n").replace("\r", "\n").strip()
        for field in fields(Code)
        if isinstance(value := getattr(code, field.name), str)
    }
    tidy = replace(code, **texts)  # type: ignore[arg-type]
    return replace(tidy, parent=tidy.parent or None)


def _refuse_bad_code(code: Code, line: int | None) -> None:
    """What a code by itself can have wrong; ``line`` is where it stands in a file."""

    def refuse(message: str, column: str) -> NoReturn:
        if line is None:
            raise BadCodebook(f"In “{code.name[:40] or code.id[:40]}”, {column}: {message}")
        raise BadCodebook(message, line=line, column=column)

    for column in (*COLUMNS, STATUS):
        field = _FIELD_OF.get(column, column)
        value = getattr(code, field)
        if not isinstance(value, str):
            continue
        longest = LONGEST.get(field, LONGEST_TEXT)
        if len(value) > longest:
            refuse(f"the text has {len(value)} characters; {longest} is the most.", column)
        if re.search("[\x00\ud800-\udfff]", value):
            refuse("the text holds a null or half a character; type it again.", column)
    if not code.id:
        refuse("the code has no id.", "code_id")
    if not code.name:
        refuse("the code has no name.", "name")
    for column, value, allowed in (
        ("kind", code.kind, KINDS),
        ("origin", code.origin, ORIGINS),
        (STATUS, code.status, STATUSES),
    ):
        if value not in allowed:
            refuse(f"“{value[:40]}” is not one of {', '.join(allowed)}.", column)
    if code.color and not re.fullmatch(r"#[0-9A-Fa-f]{6}", code.color):
        refuse(f"“{code.color[:40]}” is not a colour; write it as #4E79A7.", "color")


def _refuse_bad_tree(codes: Iterable[Code], line_of: Mapping[str, int]) -> None:
    codes = tuple(codes)
    by_id = {code.id: code for code in codes}
    twice = [code_id for code_id, n in Counter(code.id for code in codes).items() if n > 1]
    if twice:
        raise BadCodebook(f"The id “{twice[0]}” is given to two codes; ids are used once.")
    names: dict[str, Code] = {}
    for code in codes:
        line = line_of.get(code.id)
        key = code.name.casefold().strip()
        if code.status == "retired":
            pass  # its name may be given again
        elif key in names:
            raise BadCodebook(
                f"the name “{code.name}” is used by {names[key].id} and {code.id}; "
                "rename one of them.",
                line=line,
                column="name" if line else None,
            )
        else:
            names[key] = code
        if code.parent is not None and code.parent not in by_id:
            raise BadCodebook(
                f"“{code.name}” stands under “{code.parent}”, which is not in the codebook.",
                line=line,
                column="parent_id" if line else None,
            )
        above = [code.id]
        parent = code.parent
        while parent is not None:
            if parent in above:
                raise BadCodebook(
                    f"the code “{by_id[parent].name}” stands under itself "
                    f"({' → '.join([*above, parent])}); give one of them another parent.",
                    line=line,
                    column="parent_id" if line else None,
                )
            above.append(parent)
            parent = by_id[parent].parent if parent in by_id else None
        over = by_id[code.parent] if code.parent is not None else None
        if over is not None and over.status == "retired" and code.status != "retired":
            raise BadCodebook(
                f"“{code.name}” stands under “{over.name}”, which is retired; move it elsewhere, "
                "or retire it too.",
                line=line,
                column="parent_id" if line else None,
            )
        if len(above) > MAX_DEPTH:
            raise BadCodebook(
                f"“{code.name}” is {len(above)} levels deep; {MAX_DEPTH} is the most.",
                line=line,
                column="parent_id" if line else None,
            )


def _reading_order(codes: Iterable[Code]) -> tuple[Code, ...]:
    below: dict[str | None, list[Code]] = {}
    for code in sorted(codes, key=lambda code: code.order):
        below.setdefault(code.parent, []).append(code)
    ordered: list[Code] = []

    def walk(parent: str | None) -> None:
        for code in below.get(parent, []):
            ordered.append(code)
            walk(code.id)

    walk(None)
    return tuple(ordered)


def _coloured(codes: tuple[Code, ...]) -> Iterable[Code]:
    """Codes without a colour take that of the theme they stand under."""
    by_id = {code.id: code for code in codes}
    tops = {
        code_id: place
        for place, code_id in enumerate(code.id for code in codes if code.parent is None)
    }

    def color(code: Code) -> str:
        while not code.color and code.parent is not None:
            code = by_id[code.parent]
        return code.color or PALETTE[tops[code.id] % len(PALETTE)]

    return [replace(code, color=color(code)) for code in codes]


# A spreadsheet runs what begins like this; an apostrophe before it is what spreadsheets themselves
# put. A text that begins with apostrophes of its own gets one more, so that it comes back whole.
_FORMULA = re.compile(r"'*[=+\-@]")


def _plain(cell: str) -> str:
    """A cell as it was meant: the apostrophe that :func:`_cell` puts before a formula goes."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _cell(code: Code, column: str) -> str:
    value = getattr(code, _FIELD_OF.get(column, column))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    text = value or ""
    return "'" + text if _FORMULA.match(text) else text


def _named(names: Sequence[str], most: int = 5) -> str:
    """Some names, and how many more there are."""
    told = ", ".join(names[:most])
    return f"{told} and {len(names) - most} more" if len(names) > most else told


assert {_FIELD_OF.get(column, column) for column in (*COLUMNS, STATUS)} == {
    f.name for f in fields(Code)
}
