"""What is compared: transcripts and codings in, one table of units and marks out.

A unit is a turn, a sentence, a paragraph, a character or a whole document; a mark says that a coder
put a code on it. Characters are never laid out one by one: the text is cut at every end of a span,
and each stretch between two cuts is one row that weighs as many characters as it is long.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from qualcode import languages
from qualcode.errors import BadCoding
from qualcode.model import Coding, Transcript
from qualcode.spans import Span

Unit = Literal["turn", "sentence", "paragraph", "character", "document"]
UNITS: tuple[Unit, ...] = ("turn", "sentence", "paragraph", "character", "document")
Mask = Literal["interviewer", "none"]
MASKS: tuple[Mask, ...] = ("interviewer", "none")

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "e.g", "i.e", "cf", "vs", "approx", "fig")
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’)]*|\n")


def sentences(text: str) -> tuple[Span, ...]:
    """Sentences of a text by a plain rule, the same on every machine and in every version.

    A sentence ends at ``.``, ``!``, ``?`` or ``…`` (with closing quotes and brackets) before white
    space, at their East Asian kin, and at a line's end. A full stop after a single letter or a
    common abbreviation (Dr., e.g.) ends nothing. White space around belongs to no sentence.

    >>> text = "Dr. Lee said no. Why? She had “reasons.” Fine"
    >>> [text[sentence.slice] for sentence in sentences(text)]
    ['Dr. Lee said no.', 'Why?', 'She had “reasons.”', 'Fine']
    """
    ends: list[int] = []
    for match in _END.finditer(text):
        if match.group() == ".":
            before = text[: match.start()].rsplit(maxsplit=1)
            word = before[-1].lstrip("\"'“‘«([").lower() if before else ""
            if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i"):
                continue
        ends.append(match.end())
    return tuple(_stretches(text, ends))


def paragraphs(text: str) -> tuple[Span, ...]:
    """Lines of a text that hold more than white space.

    >>> paragraphs("One.\\n\\nTwo.")
    (Span(start=0, end=4), Span(start=6, end=10))
    """
    return tuple(_stretches(text, [match.end() for match in re.finditer(r"\n", text)]))


def _stretches(text: str, ends: Sequence[int]) -> Iterator[Span]:
    start = 0
    for end in [*ends, len(text)]:
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, start + len(piece.rstrip()))
        start = end


@dataclass(frozen=True)
class Piece:
    """One stretch that may become a unit; ``turn`` is its turn's place in the transcript."""

    span: Span
    masked: bool
    turn: int


def pieces(transcript: Transcript, unit: Unit, mask: Mask = "interviewer") -> tuple[Piece, ...]:
    """The stretches of a transcript that are compared; the interviewer's are masked.

    Without turns a transcript has no turns to compare, but the other units take its whole text.
    """
    turns = [
        (turn.span, mask == "interviewer" and turn.role == "interviewer")
        for turn in transcript.turns
    ]
    if not turns and unit != "turn" and transcript.text:
        turns = [(Span(0, len(transcript.text)), False)]
    if unit not in ("sentence", "paragraph"):
        return tuple(Piece(span, masked, number) for number, (span, masked) in enumerate(turns))
    return tuple(
        Piece(Span(span.start + part.start, span.start + part.end), masked, number)
        for number, (span, masked) in enumerate(turns)
        for part in _split(transcript.text[span.slice], unit, transcript.language)
    )


def _split(text: str, unit: Unit, language: str) -> tuple[Span, ...]:
    """Paragraphs, or sentences by the rules of the language where the transcript has one said."""
    if unit == "paragraph":
        return paragraphs(text)
    if language and not language.casefold().startswith("en"):
        return languages.sentences(text, language)
    return sentences(text)


@dataclass(frozen=True, eq=False)
class Layout:
    """All pieces of all transcripts on one long line, so that one search finds any place in it."""

    transcripts: tuple[Transcript, ...]
    offset: Ints
    length: Ints
    start: Ints
    end: Ints
    masked: Bools
    cluster: Ints
    turn: Ints


def layout(transcripts: Iterable[Transcript], unit: Unit, mask: Mask) -> Layout:
    """Lay transcripts out one after the other, with a gap between, in the order given."""
    kept = tuple(transcripts)
    offsets: list[int] = []
    rows: list[tuple[int, int, bool, int, int]] = []
    offset = turns = 0
    for number, transcript in enumerate(kept):
        offsets.append(offset)
        found = pieces(transcript, unit, mask)
        rows += [
            (
                offset + piece.span.start,
                offset + piece.span.end,
                piece.masked,
                number,
                turns + piece.turn,
            )
            for piece in found
        ]
        turns += len(transcript.turns) or 1
        offset += len(transcript.text) + 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Layout(
        kept,
        np.array(offsets, dtype=np.int64),
        np.array([len(transcript.text) for transcript in kept], dtype=np.int64),
        table[:, 0],
        table[:, 1],
        table[:, 2].astype(bool),
        table[:, 3],
        table[:, 4],
    )


@dataclass(frozen=True, eq=False)
class Passages:
    """Codings as arrays on the layout's line, united per coder and code."""

    coder: Ints
    code: Ints
    start: Ints
    end: Ints


def passages(
    codings: Iterable[Coding],
    place: Layout,
    coders: Sequence[str],
    carries: Mapping[str, Collection[int]],
    complete: Collection[tuple[str, str]],
) -> Passages:
    """The union of each coder's spans of each code; ``carries`` gives the columns of a code.

    A code that is rolled up carries its parents' columns too. Codings of a coder who has not
    completed the transcript are left out: missing is not "no".
    """
    # A plain number a lookup: many codings pass here, and an array gives its numbers up slowly.
    offsets, lengths = place.offset.tolist(), place.length.tolist()
    at = {
        (coder, transcript.id): (number, row)
        for number, coder in enumerate(coders)
        for row, transcript in enumerate(place.transcripts)
        if (coder, transcript.id) in complete
    }
    rows: list[tuple[int, int, int, int]] = []
    for coding in codings:
        if (found := at.get((coding.coder, coding.transcript))) is None:
            continue
        (coder, row), span = found, coding.span
        if span.end > lengths[row]:
            raise BadCoding(
                f"A coding of {coding.coder} ends at character {span.end}, but "
                f"{place.transcripts[row].title} has {lengths[row]}; run qualcode check."
            )
        start, end = offsets[row] + span.start, offsets[row] + span.end
        for column in carries.get(coding.code, ()):
            rows.append((coder, column, start, end))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return _united(table[np.lexsort(table.T[::-1])])


def _united(table: Ints) -> Passages:
    """Merge spans of one coder and code that overlap or touch; rows are sorted."""
    coder, code, start, end = table.T
    if not len(table):
        return Passages(coder, code, start, end)
    lane = coder * (int(code.max()) + 1) + code
    # Every lane gets a stretch of its own, so that a running maximum never leaks into the next.
    far = int(end.max()) + 2
    reach = np.maximum.accumulate(lane * far + end)
    first = np.concatenate(([True], (lane * far + start)[1:] > reach[:-1]))
    heads = np.flatnonzero(first)
    return Passages(coder[heads], code[heads], start[heads], np.maximum.reduceat(end, heads))


def applied_units(spans: Passages, place: Layout) -> tuple[Ints, Ints]:
    """Which pieces each passage marks: two arrays, passage number and piece number.

    A passage marks a piece if they share at least half of the piece or half of the passage; if
    that marks none, the piece it shares most with. A passage that leaks a few characters into the
    next turn does not mark that turn.
    """
    low = np.searchsorted(place.end, spans.start, side="right")
    high = np.searchsorted(place.start, spans.end, side="left")
    count = np.maximum(high - low, 0)
    touching = np.flatnonzero(count)
    if not len(touching):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    count = count[touching]
    heads = np.concatenate(([0], np.cumsum(count)[:-1]))
    passage = np.repeat(touching, count)
    piece = np.arange(len(passage)) - np.repeat(heads, count) + np.repeat(low[touching], count)
    shared = np.minimum(spans.end[passage], place.end[piece]) - np.maximum(
        spans.start[passage], place.start[piece]
    )
    enough = (2 * shared >= place.end[piece] - place.start[piece]) | (
        2 * shared >= spans.end[passage] - spans.start[passage]
    )
    lacking = np.repeat(~np.logical_or.reduceat(enough, heads), count)
    most = shared == np.repeat(np.maximum.reduceat(shared, heads), count)
    for_lack = np.flatnonzero(lacking & most)
    # The first of equals.
    _, firsts = np.unique(passage[for_lack], return_index=True)
    chosen = enough.copy()
    chosen[for_lack[firsts]] = True
    return passage[chosen], piece[chosen]


@dataclass(frozen=True, eq=False)
class UnitTable:
    """Marks per unit: ``marks[coder, row, code]``, with ``present[coder, row]`` where a coder read.

    ``weight`` is the number of characters of a row, or 1; ``cluster`` the row's transcript,
    ``turn`` its turn and ``piece`` its piece in the layout. Only rows that two coders read are
    here.
    """

    weight: Ints
    cluster: Ints
    turn: Ints
    piece: Ints
    marks: Bools
    present: Bools


def unit_table(
    place: Layout,
    spans: Passages,
    unit: Unit,
    *,
    coders: Sequence[str],
    codes: int,
    complete: Collection[tuple[str, str]],
    read_to: Mapping[tuple[str, str], int] | None = None,
) -> UnitTable:
    """Marks on turns, sentences, paragraphs or documents; for characters see `character_table`.

    With ``read_to`` a unit counts as read by a coder when it ends at that position or before.
    """
    passage, piece = applied_units(spans, place)
    marks = np.zeros((len(coders), len(place.start), codes), dtype=bool)
    marks[spans.coder[passage], piece, spans.code[passage]] = True
    kept = np.flatnonzero(~place.masked)
    marks = marks[:, kept]
    limit = _limits(place, coders, complete, read_to)
    if unit == "document" and len(kept):
        cluster, heads = np.unique(place.cluster[kept], return_index=True)
        lasts = np.append(heads[1:], len(kept)) - 1
        present = limit[:, cluster] >= place.end[kept[lasts]]
        marks = np.logical_or.reduceat(marks, heads, axis=1)
        kept = kept[heads]
    else:
        present = limit[:, place.cluster[kept]] >= place.end[kept]
    return _pairable(
        np.ones(len(kept), dtype=np.int64), place.cluster[kept], place.turn[kept], kept, marks,
        present,
    )  # fmt: skip


def character_table(
    place: Layout,
    spans: Passages,
    mask: Mask,
    *,
    coders: Sequence[str],
    codes: int,
    complete: Collection[tuple[str, str]],
    read_to: Mapping[tuple[str, str], int] | None = None,
) -> UnitTable:
    """Marks on stretches between cuts: the same sums as one row a character, in a few rows.

    With the interviewer masked only text inside the other pieces counts; without a mask, all text.
    """
    limit = _limits(place, coders, complete, read_to)
    ends = place.offset + place.length
    stops = limit[(limit >= place.offset) & (limit < ends)]
    cuts = np.unique(
        np.concatenate(
            (spans.start, spans.end, place.start, place.end, place.offset, ends, stops)
        ).astype(np.int64)
    )
    change = np.zeros((len(coders), len(cuts), codes), dtype=np.int8)
    change[spans.coder, np.searchsorted(cuts, spans.start), spans.code] += 1
    change[spans.coder, np.searchsorted(cuts, spans.end), spans.code] -= 1
    marks = np.cumsum(change, axis=1, dtype=np.int8)[:, :-1].astype(bool)
    start, weight = cuts[:-1], np.diff(cuts)
    cluster = np.searchsorted(place.offset, start, side="right") - 1
    piece = np.searchsorted(place.start, start, side="right") - 1
    inside = (piece >= 0) & (start < ends[cluster]) if len(cluster) else np.zeros(0, dtype=bool)
    if mask != "none" and len(place.start):
        at = np.maximum(piece, 0)
        inside &= (start < place.end[at]) & ~place.masked[at]
    kept = np.flatnonzero(inside)
    present = limit[:, cluster[kept]] >= start[kept] + weight[kept]
    turn = place.turn[piece[kept]]
    return _pairable(weight[kept], cluster[kept], turn, piece[kept], marks[:, kept], present)


def _limits(
    place: Layout,
    coders: Sequence[str],
    complete: Collection[tuple[str, str]],
    read_to: Mapping[tuple[str, str], int] | None,
) -> Ints:
    """How far on the line each coder read each transcript; -1 where it is not complete."""
    limit = np.full((len(coders), len(place.transcripts)), -1, dtype=np.int64)
    for row, coder in enumerate(coders):
        for column, transcript in enumerate(place.transcripts):
            if (coder, transcript.id) in complete:
                read = (read_to or {}).get((coder, transcript.id), len(transcript.text))
                limit[row, column] = place.offset[column] + read
    return limit


def _pairable(
    weight: Ints, cluster: Ints, turn: Ints, piece: Ints, marks: Bools, present: Bools
) -> UnitTable:
    """Only rows that at least two coders read; what a coder did not read is not marked."""
    kept = np.flatnonzero(present.sum(axis=0) >= 2)
    return UnitTable(
        weight[kept],
        cluster[kept],
        turn[kept],
        piece[kept],
        marks[:, kept] & present[:, kept, None],
        present[:, kept],
    )
