"""Rich text (rtf) in, the lines of a Source out.

Word processors write rich text for each other: what it says of fonts, styles and pictures is
passed over; headers, footers, notes, comments, text boxes, hidden and deleted text are reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from qualcode.errors import UnreadableFile
from qualcode.transcripts.paragraphs import DELETED, LeftOut, Paragraph, lines_of, row_of
from qualcode.transcripts.source import MAX_TEXT, Source, check_length
from qualcode.transcripts.words import words

MAX_TOKENS = 400_000
"""More control words than any interview has, even out of Word."""
MAX_DEPTH = 500
_SAVE = "Open it in Word or LibreOffice and save it as docx"

_TOKEN = re.compile(
    rb"(?P<text>[^\\{}\r\n]+)|(?P<brace>[{}])|(?P<layout>[\r\n]+)"
    rb"|\\(?P<word>[a-zA-Z]{1,40})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<sign>[^a-zA-Z])|\\"
)
_CODE_PAGES = {
    **{
        0: "cp1252",
        77: "mac_roman",
        78: "cp932",
        79: "cp949",
        80: "gb18030",
        81: "big5",
        85: "mac_greek",
    },
    **{128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5", 161: "cp1253"},
    **{162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251"},
    **{222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850"},
}
"""The encodings of the character sets that fonts name."""
_SKIP = words(
    "fonttbl colortbl stylesheet info filetbl revtbl listtable listoverridetable rsidtbl generator",
    "themedata colorschememapping datastore latentstyles mmathPr pgdsctbl objdata shprslt",
    "nonshppict nonesttables xe tc upr ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn bkmkstart",
    "bkmkend atnid atnauthor atndate atnref atrfstart atrfend atnparent",
)
_LEFT_OUT = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "page header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "page footer"),
    "footnote": "footnote",
    "annotation": "comment",
    "fldinst": "field codes",
    "shptxt": "text box",
    "listtext": "list number",
    "pntext": "list number",
}
_SIGNS = {
    "tab": "\t",
    "line": "\n",
    "softline": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "emspace": "\u2003",
    "enspace": "\u2002",
    "qmspace": "\u2005",
    "zwj": "\u200d",
    "zwnj": "\u200c",
    "ltrmark": "\u200e",
    "rtlmark": "\u200f",
    "nestcell": "\t",
    "chdate": "",
}
_BREAKS = frozenset(("par", "sect", "page", "pagebb", "column", "nestrow"))


@dataclass(frozen=True)
class _State:
    """What holds inside a group: where its text goes, and how it is written."""

    goes: str = ""  # "" for text, "skip", or the reason why it is left out
    outer: str = ""
    bold: bool = False
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    heading: bool = False
    skips: int = 1
    code_page: str = ""


@dataclass
class _Walk:
    """One walk over the file: the paragraphs found, and what was left out."""

    name: str
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    current: Paragraph = field(default_factory=Paragraph)
    cell: list[Paragraph] = field(default_factory=list)
    cells: list[list[Paragraph]] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    default_font: int = 0
    code_page: str = "cp1252"
    raw: bytearray = field(default_factory=bytearray)
    units: list[int] = field(default_factory=list)
    pending: int = 0
    starred: bool = False
    length: int = 0
    insertions: int = 0
    deletions: int = 0

    # -- characters ------------------------------------------------------------------------

    def put(self, text: str) -> None:
        state = self.state
        if not text or state.goes == "skip":
            return
        self.length += len(text)
        if self.length > MAX_TEXT:
            check_length(self.length, self.name)
        gone = state.goes or (DELETED if state.deleted else "hidden text" if state.hidden else "")
        if gone:
            self.left_out.add(text, gone)
        else:
            self.left_out.close()
            self.current.runs.append((text, state.bold))
            self.current.heading = self.current.heading or state.heading

    def flush(self) -> None:
        """The bytes and code units that wait become characters: some take more than one."""
        if self.raw:
            raw, self.raw = bytes(self.raw), bytearray()
            page = self.state.code_page or self.fonts.get(self.default_font) or self.code_page
            self.put(raw.decode(page, errors="replace"))
        if self.units:
            units, self.units = self.units, []
            pair = b"".join(unit.to_bytes(2, "little") for unit in units)
            self.put(pair.decode("utf-16-le", errors="replace"))

    def take(self, data: bytes) -> None:
        """Bytes of text, without those that stand in for a character just given by number."""
        if self.pending:
            skipped = min(self.pending, len(data))
            self.pending -= skipped
            data = data[skipped:]
        if data and self.state.goes != "skip":
            if self.units:
                self.flush()
            self.raw += data

    # -- structure -------------------------------------------------------------------------

    def open(self) -> None:
        self.flush()
        if len(self.stack) >= MAX_DEPTH:
            raise UnreadableFile(f"{self.name} is built deeper than any interview. {_SAVE}.")
        self.stack.append(self.state)
        self.pending, self.starred = 0, False

    def shut(self) -> None:
        self.flush()
        if not self.stack:
            return
        before, self.state = self.state, self.stack.pop()
        if before.goes not in ("", "skip") and before.goes != self.state.goes:
            self.left_out.close()
        self.pending, self.starred = 0, False

    def end_paragraph(self) -> None:
        self.flush()
        if self.state.goes == "skip":
            return
        if self.state.goes:
            self.left_out.add("\n", self.state.goes)
            return
        (self.cell if self.state.in_table else self.paragraphs).append(self.current)
        self.current = Paragraph()

    def end_cell(self) -> None:
        self.flush()
        if self.state.goes:
            self.put("\t")
            return
        self.cells.append([*self.cell, self.current])
        self.cell, self.current = [], Paragraph()

    def end_row(self) -> None:
        self.flush()
        self.paragraphs += row_of([*self.cells, self.cell])
        self.cells, self.cell = [], []

    def close(self) -> None:
        self.flush()
        self.end_row()
        self.paragraphs.append(self.current)
        self.left_out.close()


def read_rtf(data: bytes, name: str) -> Source:
    """The lines of a rich text, tables row by row."""
    walk = _Walk(name)
    position = tokens = 0
    while position < len(data):
        token = _TOKEN.match(data, position)
        if token is None:
            break
        position = token.end()
        tokens += 1
        if tokens > MAX_TOKENS:
            raise UnreadableFile(f"{name} is built wider than any interview. {_SAVE}.")
        position += _step(walk, token)
    walk.close()
    if not any(paragraph.text.strip() for paragraph in walk.paragraphs) and walk.stack:
        raise UnreadableFile(f"{name} is a damaged rich text. {_SAVE}.")
    lines, dirty = lines_of(walk.paragraphs, name)
    facts = {"encoding": "rich text (rtf)"}
    if walk.insertions or walk.deletions:
        facts["tracked_changes"] = (
            f"insertions taken: {walk.insertions}, deletions left out: {walk.deletions}"
        )
    return Source(lines, (*dirty, *walk.left_out.removals), facts)


def _step(walk: _Walk, token: re.Match[bytes]) -> int:
    """Take one token in; the answer is how many bytes after it are no text (a picture)."""
    if (text := token["text"]) is not None:
        walk.take(text)
    elif (brace := token["brace"]) is not None:
        if brace == b"{":
            walk.open()
        else:
            walk.shut()
    elif (code := token["hex"]) is not None:
        walk.take(bytes([int(code, 16)]))
    elif (sign := token["sign"]) is not None:
        _sign(walk, sign)
    elif (word := token["word"]) is not None:
        number = int(token["number"]) if token["number"] else None
        if word == b"bin":
            return max(number or 0, 0)
        _word(walk, word.decode("ascii"), number)
    return 0


def _sign(walk: _Walk, sign: bytes) -> None:
    if sign == b"*":
        walk.starred = True
    elif sign in b"\r\n":
        walk.end_paragraph()
    elif sign in b"\\{}":
        walk.take(sign)
    elif sign in b"~_":
        walk.flush()
        walk.put("\u00a0" if sign == b"~" else "-")


def _word(walk: _Walk, word: str, number: int | None) -> None:
    """One control word: a sign, an end, a place for text, or a way of writing."""
    if word == "u":
        _unicode(walk, number or 0)
    elif walk.pending:
        walk.pending -= 1
    elif word in _SIGNS:
        walk.flush()
        walk.put(_SIGNS[word])
    elif word in _BREAKS:
        walk.end_paragraph()
    elif word == "cell":
        walk.end_cell()
    elif word == "row":
        walk.end_row()
    else:
        walk.flush()
        if not _destination(walk, word):
            _writing(walk, word, number)
    walk.starred = False


def _unicode(walk: _Walk, number: int) -> None:
    if walk.raw:
        walk.flush()
    if number > 0xFFFF:  # no program should, and some do
        walk.flush()
        walk.put(chr(number) if number <= 0x10FFFF else "\ufffd")
    elif walk.state.goes != "skip":
        walk.units.append(number & 0xFFFF)
    walk.pending = walk.state.skips


def _destination(walk: _Walk, word: str) -> bool:
    """Whether the word says where the text of its group goes."""
    state = walk.state
    if word in _LEFT_OUT:
        skipped = state.goes == "skip" and word not in ("shptxt", "fldinst")
        walk.state = replace(state, goes="skip" if skipped else _LEFT_OUT[word], in_table=False)
    elif word == "ftnalt" and state.goes == "footnote":
        walk.state = replace(state, goes="endnote")
    elif word in ("result", "ud"):
        walk.state = replace(state, goes=state.outer)
    elif word in ("pict", "object"):
        if state.goes != "skip":
            walk.left_out.put("without a description", "picture or shape")
        walk.state = replace(state, goes="skip", outer=state.goes)
    elif word in _SKIP or (walk.starred and word not in ("cs", "nesttableprops")):
        outer = state.outer if state.goes == "skip" else state.goes
        walk.state = replace(state, goes="skip", outer=outer)
    else:
        return False
    return True


def _writing(walk: _Walk, word: str, number: int | None) -> None:
    """How the text that follows is written."""
    state, on = walk.state, number != 0
    if word == "b":
        walk.state = replace(state, bold=on)
    elif word == "v":
        walk.state = replace(state, hidden=on)
    elif word == "deleted":
        walk.deletions += on
        walk.state = replace(state, deleted=on)
    elif word == "revised":
        walk.insertions += on
    elif word == "plain":
        walk.state = replace(state, bold=False, hidden=False, deleted=False, code_page="")
    elif word == "pard":
        walk.state = replace(state, in_table=False, heading=False)
    elif word == "intbl":
        walk.state = replace(state, in_table=True)
    elif word == "outlinelevel":
        walk.state = replace(state, heading=True)
    elif word == "uc":
        walk.state = replace(state, skips=min(max(number or 0, 0), 10))
    elif word == "f":
        walk.font = number or 0
        walk.state = replace(state, code_page=walk.fonts.get(walk.font, ""))
    elif word == "deff":
        walk.default_font = number or 0
    elif word == "fcharset":
        walk.fonts[walk.font] = _CODE_PAGES.get(number or 0, "")
    elif word == "ansicpg" and number:
        walk.code_page = _known(f"cp{number}")
    elif word in ("mac", "pc", "pca"):
        walk.code_page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]


def _known(code_page: str) -> str:
    """The encoding of this code page, or that of Western Europe if Python has none for it."""
    page = {"cp936": "gb18030", "cp10000": "mac_roman", "cp65001": "utf-8"}.get(
        code_page, code_page
    )
    try:
        return page if b"a".decode(page) == "a" else "cp1252"
    except (LookupError, UnicodeError):
        return "cp1252"
