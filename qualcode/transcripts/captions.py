"""Captions (vtt, srt) in, the lines of a Source out.

Cue numbers, cue times, notes and mark-up are reported; the lines of cues are joined by a space.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.decoding import decode
from qualcode.transcripts.files import check_plain
from qualcode.transcripts.source import CONTROLS, LINE_ENDS, Line, Source, normalise

SHORTEST, LONGEST = 5.0, 240.0
"""Minutes between which the first and last cue are taken for the length of the interview."""

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?", re.ASCII)
_BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(\.[^\s>]{0,40})?[ \t]([^<>]{1,200})>")
_TAG = re.compile(
    r"</?(?:b|i|u|s|c|v|rt|ruby|lang|font|br)(?:[.\s/][^<>]{0,200})?>"
    r"|<\d{2}:\d{2}[\d:.]{0,10}>|\{\\[^{}]{1,40}\}",
    re.IGNORECASE,
)
# Automatic captions of some video sites carry a time in every line and repeat the line before.
_INLINE_TIME = re.compile(r"<\d{2}:\d{2}:\d{2}\.\d{3}>")


def read_vtt(data: bytes, name: str) -> Source:
    """The lines of a WebVTT file."""
    return _read(data, name, entities=True)


def read_srt(data: bytes, name: str) -> Source:
    """The lines of a SubRip file."""
    return _read(data, name, entities=False)


def _read(data: bytes, name: str, *, entities: bool) -> Source:
    check_plain(data, name)
    text, encoding = decode(data, name)
    text, found = normalise(text, name)
    removals = list(found)
    rows = text.split("\n")
    cues = list(_cues(rows, removals))
    if not any(_TIMES.fullmatch(row) for row in rows):
        raise UnreadableFile(
            f"{name} has no cue times (00:00:01.000 --> 00:00:04.000). "
            "If it is plain text, name it txt."
        )
    if _INLINE_TIME.search(text):
        cues = list(_without_repeats(cues, removals))
    lines = [line for cue in cues for line in _speech(cue, removals, entities=entities)]
    facts = {"encoding": encoding, **_duration(cues)}
    return Source(lines, tuple(removals), facts, joiner=" ", captions=True)


def _cues(rows: list[str], removals: list[Removal]) -> Iterator[Line]:
    """The lines of speech with the times of their cue; all else is reported."""
    at = until = None
    block: list[str] = []
    reason = "caption header"
    empty = first = True
    for row, following in zip(rows, [*rows[1:], ""], strict=True):
        times = _TIMES.fullmatch(row)
        if not row.strip() or times:
            if block:
                removals.append(Removal("\n".join(block), reason))
                block = []
            if times:
                removals.append(Removal(row.strip(), "cue times"))
                at, until = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
                first = True
        elif block:
            block.append(row.strip())
        elif _TIMES.fullmatch(following) and (empty or row.strip().isdecimal()):
            removals.append(Removal(row.strip(), "cue numbers"))
        elif empty and _BLOCK.match(row):
            block, reason = [row.strip()], "caption note"
        elif at is None:
            block, reason = [row.strip()], "caption header"
        else:
            yield Line(row, at=at, until=until, gap=first)
            first = False
        empty = not row.strip()
    if block:
        removals.append(Removal("\n".join(block), reason))


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, parts = clock
    fraction = float(f"0.{parts}") if parts else 0.0
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + fraction


def _without_repeats(cues: list[Line], removals: list[Removal]) -> Iterator[Line]:
    """The lines without those that only show the line before once more."""
    last = ""
    for cue in cues:
        words = _TAG.sub("", cue.text).strip()
        if words and words == last:
            removals.append(Removal(cue.text.strip(), "repeated caption line"))
        else:
            yield cue
        last = words or last


def _speech(cue: Line, removals: list[Removal], *, entities: bool) -> Iterator[Line]:
    """A line cut at its voice tags (``<v Name>``) and without mark-up."""
    start = 0
    label: str | None = None
    for voice in _VOICE.finditer(cue.text):
        yield from _plain(cue, cue.text[start : voice.start()], label, removals, entities)
        label = " ".join(_unescaped(voice.group(2), entities).split()) or None
        if label is None or voice.group(1):
            removals.append(Removal(voice.group(1) or voice.group(), "caption markup"))
        start = voice.end()
    yield from _plain(cue, cue.text[start:], label, removals, entities)


def _plain(
    cue: Line, text: str, label: str | None, removals: list[Removal], entities: bool
) -> Iterator[Line]:
    removals += [Removal(tag, "caption markup") for tag in _TAG.findall(text)]
    words = _unescaped(_TAG.sub("", text), entities)
    if label is not None or words.strip():
        yield replace(cue, text=words, label=label)


def _unescaped(text: str, entities: bool) -> str:
    """Characters for their names in WebVTT (``&amp;``), never a new line end or control."""
    if not entities or "&" not in text:
        return text
    return CONTROLS.sub("", LINE_ENDS.sub(" ", html.unescape(text)).replace("\n", " "))


def _duration(cues: list[Line]) -> dict[str, str]:
    """The minutes from the first cue to the end of the last, where that can be an interview."""
    starts = [cue.at for cue in cues if cue.at is not None]
    ends = [cue.until for cue in cues if cue.until is not None]
    if not starts or not ends:
        return {}
    minutes = round((max(ends) - min(starts)) / 60, 1)
    if not SHORTEST <= minutes <= LONGEST:
        return {}
    return {"duration_min": f"{minutes:g}", "duration_source": "timestamps"}
