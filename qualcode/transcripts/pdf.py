"""A PDF with a text layer in, the lines of a Source out.

A PDF knows places on pages, not paragraphs: pieces on one height become a line, lines further
apart than the others begin a paragraph. Running headers and footers, page numbers and numbers in
the margin are taken out and reported; words broken at the end of a line are joined.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from statistics import median
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.paragraphs import lead_of
from qualcode.transcripts.source import Line, Source, check_length, normalise

MAX_PAGES = 1_000
MAX_STEPS = 400_000
"""Drawing steps of all pages; an interview of an hour takes some 60,000."""
LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 8_000_000,
    "run_length_maximum_output_length": 8_000_000,
    "zlib_maximum_output_length": 8_000_000,
    "zlib_maximum_recovery_input_length": 1_000_000,
    "stream_decoding_work_maximum_length": 20_000_000,
    "stream_parsing_work_maximum_count": 300_000,
    "page_tree_maximum_entries": 5_000,
    "page_tree_maximum_page_entries": 50_000,
    "xform_maximum_invocations_per_extraction": 500,
}
LEAST_TEXT = 10
"""With fewer characters a page than this, and pictures, a PDF is a scan."""
EDGE = 3
"""So many lines at the top and the bottom of a page can be headers and footers."""
WIDER = 1.35
"""A distance so many times the usual one begins a paragraph."""
FEWEST_NUMBERS = 5
MARGIN_WIDTH = 20.0
"""Points within which the numbers of lines stand one below the other."""

_SAVE = "Save the text as docx or txt from the program it was written in"
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|p\.|pg\.?|seite|página|pagina|sida|strona|str\.|第)?\s*\d{1,4}"
    r"(?:\s*(?:/|of|von|de|di|av|z|sur|\|)\s*\d{1,4})?\s*(?:页|頁|ページ)?\W*",
    re.IGNORECASE,
)
# What is wrong with a PDF is said in a sentence of our own, not in the terminal.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class _Piece:
    """Text in one place of a page: ``x`` and ``y`` in points from the lower left corner."""

    text: str
    x: float
    y: float
    size: float
    bold: bool


@dataclass(frozen=True)
class _Row:
    """The pieces on one height of a page, from left to right."""

    pieces: tuple[_Piece, ...]
    page: int

    @property
    def text(self) -> str:
        return " ".join("".join(text for text, _ in self.runs).split())

    @property
    def runs(self) -> list[tuple[str, bool]]:
        runs: list[tuple[str, bool]] = []
        for before, piece in zip((None, *self.pieces), self.pieces, strict=False):
            apart = before is not None and before.text[-1:].strip() and piece.text[:1].strip()
            far = apart and before is not None and piece.x - before.x > _width(before)
            runs.append(((" " if far else "") + piece.text, piece.bold))
        return runs

    @property
    def y(self) -> float:
        return self.pieces[0].y

    @property
    def x(self) -> float:
        return min(piece.x for piece in self.pieces)

    @property
    def size(self) -> float:
        return max(piece.size for piece in self.pieces)


def read_pdf(data: bytes, name: str) -> Source:
    """The lines of a PDF, page by page."""
    with apply_configuration(**LIMITS):
        pages, pictures = _pages(data, name)
    rows = [row for page in pages for row in page]
    length = sum(len(row.text) for row in rows)
    if length < LEAST_TEXT * len(pages):
        if pictures:
            raise UnreadableFile(
                f"{name} is a scan: it holds pictures of pages and no text. Let a program "
                "recognise its text (OCR), check it, and add it as docx or txt."
            )
        if not length:
            raise UnreadableFile(f"{name} holds no text. {_SAVE}.")
    check_length(length, name)
    removals: list[Removal] = [
        Removal(f"page {number + 1}", "picture of a page, not read")
        for number in pictures
        if not pages[number]
    ]
    pages = _without_margin_numbers(pages, removals)
    pages = _without_running_lines(pages, removals)
    lines = list(_lines(pages, name, removals))
    joined = _join_words(lines, removals)
    facts = {"encoding": "PDF with text", **({"joined_words": joined} if joined else {})}
    return Source(lines, tuple(removals), facts, wrapped=True)


# -- out of the file -------------------------------------------------------------------------


def _pages(data: bytes, name: str) -> tuple[list[list[_Row]], list[int]]:
    """The rows of every page, and the numbers of the pages that hold a picture."""
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            raise _TooMuch

    pages: list[list[_Row]] = []
    pictures: list[int] = []
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Locked
        if len(reader.pages) > MAX_PAGES:
            raise _TooMuch
        for number, page in enumerate(reader.pages):
            pieces: list[_Piece] = []
            page.extract_text(
                orientations=(0, 90, 180, 270),
                visitor_operand_before=count,
                visitor_text=lambda *seen, kept=pieces: _keep(kept, *seen),
            )
            pages.append(_rows(pieces, number))
            if _has_picture(page):
                pictures.append(number)
    except (_Locked, DependencyError) as error:
        raise UnreadableFile(
            f"{name} is protected by a password. Open it, take the protection off, or save its "
            "text as docx or txt."
        ) from error
    except (_TooMuch, LimitReachedError) as error:
        raise UnreadableFile(
            f"{name} is longer or more intricate than any interview. {_SAVE}."
        ) from error
    except MemoryError:
        raise
    except Exception as error:
        # A damaged PDF can break pypdf anywhere; whatever it says, the file cannot be read.
        raise UnreadableFile(f"{name} is a damaged PDF. {_SAVE}.") from error
    return pages, pictures


class _Locked(Exception):
    """The PDF asks for a password."""


class _TooMuch(Exception):
    """The PDF has more pages or drawing steps than an interview can have."""


def _keep(pieces: list[_Piece], text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
    """One piece of text with its place, as pypdf shows it."""
    clean = text.replace("\n", " ").replace("\t", " ")
    if not clean.strip():
        if clean and pieces and not pieces[-1].text.endswith(" "):
            pieces[-1] = replace(pieces[-1], text=pieces[-1].text + " ")
        return
    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
    scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[2]) or 1.0
    base = str(font.get("/BaseFont", "")) if font else ""
    bold = re.search("bold|black|heavy", base, re.IGNORECASE) is not None
    pieces.append(_Piece(clean, float(x), float(y), float(size or 1) * scale, bold))


def _width(piece: _Piece) -> float:
    """About how wide a piece is: half its height a letter."""
    return 0.4 * piece.size * len(piece.text.rstrip())


def _has_picture(page: Any) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return False
    return any(
        objects.get_object()[key].get_object().get("/Subtype") == "/Image"
        for key in list(objects.get_object())[:50]
    )


# -- rows of a page --------------------------------------------------------------------------


def _rows(pieces: list[_Piece], page: int) -> list[_Row]:
    """The pieces as rows from top to bottom; two columns stay in the order they were drawn."""
    drawn: list[list[_Piece]] = []
    for piece in pieces:
        if drawn and _one_height(drawn[-1][-1], piece):
            drawn[-1].append(piece)
        else:
            drawn.append([piece])
    high = sorted(drawn, key=lambda row: -row[0].y)
    merged: list[list[_Piece]] = []
    for row in high:
        if merged and _one_height(merged[-1][0], row[0]):
            merged[-1] = [*merged[-1], *row]
        else:
            merged.append(row)
    in_columns = len(drawn) >= 10 and len(drawn) - len(merged) > 0.3 * len(drawn)
    numbered = sum(len(row) == 1 and row[0].text.strip().isdecimal() for row in drawn)
    if in_columns and numbered < 0.3 * len(drawn):
        return [_Row(tuple(row), page) for row in drawn]
    return [_Row(tuple(sorted(row, key=lambda piece: piece.x)), page) for row in merged]


def _one_height(a: _Piece, b: _Piece) -> bool:
    return abs(a.y - b.y) < 0.4 * max(min(a.size, b.size), 1.0)


def _without_margin_numbers(pages: list[list[_Row]], removals: list[Removal]) -> list[list[_Row]]:
    """The rows without the numbers of lines that stand left of them."""
    numbers: list[_Piece] = []
    lefts: list[float] = []
    for row in (row for page in pages for row in page):
        if row.pieces[0].text.strip().isdecimal():
            numbers.append(row.pieces[0])
            lefts += [piece.x for piece in row.pieces[1:2]]
        else:
            lefts.append(row.x)
    if len(numbers) < FEWEST_NUMBERS or not lefts:
        return pages
    column, text = median(piece.x for piece in numbers), median(lefts)
    margin = {
        id(piece) for piece in numbers if piece.x < text and abs(piece.x - column) <= MARGIN_WIDTH
    }
    values = [int(piece.text) for piece in numbers if id(piece) in margin and len(piece.text) < 8]
    rising = sum(after - before in (1, 5) for before, after in pairwise(sorted(set(values))))
    if len(margin) < FEWEST_NUMBERS or rising < 0.6 * (len(set(values)) - 1):
        return pages
    kept: list[list[_Row]] = []
    for page in pages:
        rows = []
        for row in page:
            gone = [piece for piece in row.pieces if id(piece) in margin]
            removals += [Removal(piece.text.strip(), "line numbers") for piece in gone]
            rest = tuple(piece for piece in row.pieces if id(piece) not in margin)
            if rest:
                rows.append(_Row(rest, row.page))
        kept.append(rows)
    return kept


def _without_running_lines(pages: list[list[_Row]], removals: list[Removal]) -> list[list[_Row]]:
    """The rows without what comes back at the edge of the pages, and without page numbers."""
    seen: Counter[tuple[str, str, int]] = Counter()
    for page in pages:
        seen.update({_key(edge, row) for edge, row in _edges(page)})
    often = max(2, len([page for page in pages if page]) // 2)
    kept: list[list[_Row]] = []
    for page in pages:
        gone: dict[int, str] = {}
        for edge, row in _edges(page):
            outermost = row is page[0] or row is page[-1]
            number = _PAGE_NUMBER.fullmatch(row.text) is not None
            if seen[_key(edge, row)] >= often or (number and outermost and len(page) > 1):
                gone[id(row)] = "page number" if number else f"running {edge}"
        removals += [Removal(row.text, gone[id(row)]) for row in page if id(row) in gone]
        kept.append([row for row in page if id(row) not in gone])
    return kept


def _edges(page: list[_Row]) -> Iterator[tuple[str, _Row]]:
    half = len(page) // 2
    yield from (("header", row) for row in page[: min(EDGE, len(page) - half)])
    yield from (("footer", row) for row in page[max(len(page) - EDGE, len(page) - half) :])


def _key(edge: str, row: _Row) -> tuple[str, str, int]:
    """Running lines are alike but for their numbers, and stand on one height."""
    return edge, re.sub(r"\d+", "#", row.text), round(row.y / 8)


# -- lines of the text -----------------------------------------------------------------------


def _lines(pages: list[list[_Row]], name: str, removals: list[Removal]) -> Iterator[Line]:
    """The rows as lines; one further below, or set in, begins a paragraph."""
    steps = [
        above.y - below.y for page in pages for above, below in pairwise(page) if above.y > below.y
    ]
    usual = median(steps) if steps else 0.0
    lefts = Counter(round(row.x) for page in pages for row in page)
    left = lefts.most_common(1)[0][0] if lefts else 0
    above: _Row | None = None
    for page in pages:
        for row in page:
            text, found = normalise("".join(text for text, _ in row.runs), name)
            removals += found
            clean = " ".join(text.split())
            if not clean:
                continue
            same_page = above is not None and above.page == row.page
            gap = above is None or (same_page and above.y - row.y > WIDER * usual)
            inset = row.x > left + row.size and (above is None or above.x <= left + row.size / 2)
            lead = " ".join(lead_of(row.runs).split())
            yield Line(clean, lead=lead, gap=gap, begins=gap or inset)
            above = row


def _join_words(lines: list[Line], removals: list[Removal]) -> str:
    """Put together words that were broken at the end of a line; which, is the answer.

    A hyphen stays where the same word has one in the middle of a line (well-known).
    """
    whole = " ".join(line.text for line in lines).casefold()
    joined: list[str] = []
    for number in range(len(lines) - 1):
        text, following = lines[number].text, lines[number + 1].text
        end = re.search(r"([^\W\d_]{2,})([-\u00ad\u2010])$", text)
        start = re.match(r"([^\W\d_]+)(\S*)\s*", following)
        if not end or not start or not start.group(1)[0].islower():
            continue
        if not following[start.end() :] and number + 2 == len(lines):
            continue
        kept = end.group(2) == "-" and f"{end.group(1)}-{start.group(1)}".casefold() in whole
        stem = text if kept else text[:-1]
        if not kept:
            removals.append(Removal(end.group(2), "hyphens at the end of a line"))
            joined.append(end.group(1) + start.group(1))
        lines[number] = replace(lines[number], text=stem + start.group(1) + start.group(2))
        lines[number + 1] = replace(lines[number + 1], text=following[start.end() :])
    lines[:] = [line for line in lines if line.text.strip()]
    if not joined:
        return ""
    return ", ".join(joined[:20]) + (f" and {len(joined) - 20} more" if len(joined) > 20 else "")
