"""Paragraphs of runs, as word processors and browsers keep them; the lines of a Source out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.source import MAX_LINES, Line, normalise

DELETED = "deleted in tracked changes"
MOVED = "moved away in tracked changes"


@dataclass
class Paragraph:
    """The runs of one paragraph while it is read: each a text and whether it is bold.

    ``goes_on`` says that its end was deleted, so that the next paragraph is part of it.
    """

    runs: list[tuple[str, bool]] = field(default_factory=list)
    heading: bool = False
    goes_on: bool = False

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


@dataclass
class LeftOut:
    """What a walk over a document leaves out; pieces that touch and share a reason are one."""

    removals: list[Removal] = field(default_factory=list)
    pieces: list[tuple[str, str]] = field(default_factory=list)

    def add(self, text: str, reason: str) -> None:
        if self.pieces and self.pieces[-1][1] == reason:
            self.pieces[-1] = (self.pieces[-1][0] + text, reason)
        else:
            self.close()
            self.pieces.append((text, reason))

    def close(self) -> None:
        """What was left out last is whole: something else follows it."""
        for text, reason in self.pieces:
            self.put(text, reason)
        self.pieces.clear()

    def put(self, text: str, reason: str) -> None:
        """Report a piece that stands for itself."""
        if text.strip():
            self.removals.append(Removal(text.strip(), reason))


def row_of(cells: list[list[Paragraph]]) -> list[Paragraph]:
    """The row of a table as one line, a tab between its cells; a longer last cell goes on below."""
    filled = [kept for cell in cells if (kept := [p for p in cell if p.text.strip()])]
    if any(len(cell) > 1 for cell in filled[:-1]):
        return [paragraph for cell in filled for paragraph in cell]
    if not filled:
        return []
    first = Paragraph(list(filled[0][0].runs), filled[0][0].heading)
    for cell in filled[1:]:
        first.runs += [("\t", False), *cell[0].runs]
    return [first, *filled[-1][1:]]


def lines_of(paragraphs: list[Paragraph], name: str) -> tuple[list[Line], tuple[Removal, ...]]:
    """The paragraphs as lines: a line break inside a paragraph begins a new line."""
    lines: list[Line] = []
    removals: list[Removal] = []
    gap = False
    runs: list[tuple[str, bool]] = []
    for paragraph in paragraphs:
        runs += paragraph.runs
        if paragraph.goes_on and paragraph is not paragraphs[-1]:
            continue
        for number, row in enumerate(_rows(runs)):
            text = "".join(piece for piece, _ in row)
            lead = lead_of(row)
            clean, removed = normalise(text, name)
            removals += removed
            if not clean.strip():
                gap = True
                continue
            row_text = clean.replace("\n", " ")
            lines.append(
                Line(row_text, lead=lead, gap=gap, heading=paragraph.heading, begins=number == 0)
            )
            gap = False
        runs = []
        if len(lines) > MAX_LINES:
            raise UnreadableFile(
                f"{name} has more than {MAX_LINES:,} paragraphs: that is not one "
                "interview. Split it into one file an interview."
            )
    return lines, tuple(removals)


def one_line(text: str) -> str:
    """A line end inside the mark-up is only its layout; line breaks have an element of their own.

    >>> one_line("I stay\\n late.")
    'I stay  late.'
    """
    return re.sub(r"[\r\n]+", " ", text)


def _rows(runs: list[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    """The runs, cut at every line break."""
    row: list[tuple[str, bool]] = []
    for text, bold in runs:
        first, *others = text.split("\n")
        row.append((first, bold))
        for other in others:
            yield row
            row = [(other, bold)]
    yield row


def lead_of(row: list[tuple[str, bool]]) -> str:
    """The bold beginning of a line, as far as it is bold."""
    lead = ""
    for text, bold in row:
        if not bold and text.strip():
            break
        lead += text
    return lead.strip() if any(bold and text.strip() for text, bold in row) else ""
