"""Plain text and Markdown in, the lines of a Source out."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from qualcode.model import Removal
from qualcode.transcripts.captions import read_srt, read_vtt
from qualcode.transcripts.decoding import decode
from qualcode.transcripts.files import check_plain
from qualcode.transcripts.source import Line, Source, normalise

_MARKS = re.compile(r"[ \t]{0,3}(?:(#{1,6})[ \t]+|(>)[ \t]?)")
_BEGINS = re.compile(r"[\[(#<*_]*(?:\d{1,3}:\d\d|[^\W_][^:：]{0,40}[:：])")
_CAPTIONS = re.compile(
    r"\ufeff?\s*(?:WEBVTT\b|\d{1,6}\s{1,4}\d{1,2}:\d\d:\d\d[.,]\d{3} --> )", re.ASCII
)
NARROW, WIDE = 40, 140


def read_txt(data: bytes, name: str) -> Source:
    """The lines of a plain-text file; captions under its name are read as captions."""
    check_plain(data, name)
    text, encoding = decode(data, name)
    if _CAPTIONS.match(text):
        read = read_vtt if "WEBVTT" in text[:20] else read_srt
        captions = read(data, name)
        return replace(captions, facts={**captions.facts, "lines": "read as captions"})
    text, removals = normalise(text, name)
    rows = text.split("\n")
    wrapped = is_wrapped(rows)
    facts = {"encoding": encoding, **({"lines": "joined into paragraphs"} if wrapped else {})}
    return Source(_lines(rows), removals, facts, wrapped=wrapped)


def read_markdown(data: bytes, name: str) -> Source:
    """The lines of a Markdown file, without the signs for headings and quotations."""
    check_plain(data, name)
    text, encoding = decode(data, name)
    text, removals = normalise(text, name)
    lines: list[Line] = []
    marks: list[Removal] = []
    for line in _lines(text.split("\n")):
        found = _MARKS.match(line.text)
        if found:
            marks.append(Removal(found.group().strip(), "Markdown marks"))
            rest, heading = line.text[found.end() :], found.group(1) is not None
            line = Line(rest, gap=line.gap, heading=heading)
        lines.append(line)
    return Source(lines, (*removals, *marks), {"encoding": encoding})


def _lines(rows: list[str]) -> list[Line]:
    """The lines that hold something; each knows whether an empty one stands before it."""
    lines: list[Line] = []
    gap = False
    for row in rows:
        if row.strip():
            lines.append(Line(row, gap=gap))
        gap = not row.strip()
    return lines


def is_wrapped(rows: list[str]) -> bool:
    """Whether lines were broken to a width: nearly each is as long as the next word allows."""
    width = max((len(row.rstrip()) for row in rows), default=0)
    if not NARROW <= width <= WIDE:
        return False
    pairs = [
        (row.rstrip(), following)
        for row, following in pairwise(rows)
        if row.strip() and following.strip() and not _BEGINS.match(following)
    ]
    full = sum(len(row) + 1 + len(after.split()[0]) > 0.85 * width for row, after in pairs)
    return len(pairs) >= 8 and full >= 0.85 * len(pairs)
