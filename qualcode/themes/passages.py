"""What is compared: transcripts in; passages of participants out, and what was left out.

A passage is a participant's turn; a turn of more than ``LONGEST`` words is cut at the ends of
sentences into pieces of about equal length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qualcode import languages
from qualcode.model import Transcript, Turn
from qualcode.spans import Span
from qualcode.themes.language import sentences
from qualcode.themes.tongues import ENGLISH, UNKNOWN, languages_of

LONGEST = 200
SHORTEST = 4
"""Words in the longest passage, content words in the shortest."""
PARAGRAPH = 40


@dataclass(frozen=True)
class Passage:
    """A stretch of one participant's talk; ``text`` is the transcript's text at ``span``.

    ``language`` is the tag of the language it is in, "" where that is not known.
    """

    transcript: str
    span: Span
    participant: str
    text: str
    language: str = ENGLISH


@dataclass(frozen=True)
class LeftOut:
    """A passage that stands in no candidate, and why."""

    transcript: str
    span: Span
    reason: str


def in_order(transcripts: Iterable[Transcript]) -> tuple[Transcript, ...]:
    """Each transcript once, in an order that does not hang on how they were handed over."""
    once = {transcript.id: transcript for transcript in transcripts}
    return tuple(sorted(once.values(), key=lambda t: (t.title, t.sha256, t.id)))


def passages(transcripts: Iterable[Transcript]) -> tuple[Passage, ...]:
    """The participants' passages of the transcripts, in the order of the text."""
    texts = tuple(transcripts)
    tags = languages_of(texts)
    return tuple(
        Passage(text.id, span, _person(text, turn), text.text[span.slice], tags[text.id])
        for text in texts
        for turn in text.participant_turns
        for span in pieces(text.text, turn.span, tags[text.id])
    )


def split_short(
    found: Sequence[Passage], words: Iterable[int]
) -> tuple[list[int], tuple[LeftOut, ...]]:
    """The numbers of the passages that say enough to be compared, and the others with a reason.

    ``words`` is how many content words each has.
    """
    long_enough: list[int] = []
    short: list[LeftOut] = []
    reason = f"fewer than {SHORTEST} content words"
    for number, (passage, count) in enumerate(zip(found, words, strict=True)):
        if count >= SHORTEST:
            long_enough.append(number)
        else:
            short.append(LeftOut(passage.transcript, passage.span, reason))
    return long_enough, tuple(short)


def _person(transcript: Transcript, turn: Turn) -> str:
    """Who speaks: the transcript's participant, or each speaker of a group without one."""
    if transcript.participant is not None:
        return transcript.participant
    if len({turn.speaker for turn in transcript.participant_turns}) > 1:
        return f"{transcript.title}: {turn.speaker}"
    return transcript.person


def pieces(text: str, turn: Span, language: str = "") -> Iterator[Span]:
    """The turn without white space around it, cut where it is long."""
    said = text[turn.slice]
    words = [
        Span(turn.start + word.start, turn.start + word.end) for word in languages.counted(said)
    ]
    if not words:
        return
    if len(words) <= LONGEST:
        yield Span(words[0].start, words[-1].end)
        return
    ends = {turn.start + sentence.end for sentence in _sentences(said, language)}
    gaps = (text[before.end : after.start] for before, after in pairwise(words))
    paragraphs = {number for number, gap in enumerate(gaps, start=1) if "\n" in gap}
    borders = _borders(words, ends, paragraphs)
    for first, after in pairwise([0, *borders, len(words)]):
        yield Span(words[first].start, words[after - 1].end)


def _sentences(text: str, language: str) -> Sequence[Span]:
    """By the rules of the language where it is known, else by those of English."""
    if language not in (ENGLISH, UNKNOWN):
        return languages.sentences(text, language)
    return sentences(text)


def _borders(words: Sequence[Span], ends: set[int], paragraphs: set[int]) -> list[int]:
    """Before which words to cut: near equal parts, at the end of a sentence where one is near.

    The end of a paragraph, a line's end, is worth ``PARAGRAPH`` words of unequal length.
    """
    parts = -(-len(words) // LONGEST)
    borders: list[int] = []
    first = 0
    for left in range(parts, 1, -1):
        aim = first + (len(words) - first) // left
        # No part may be longer than LONGEST, nor leave too much for those that follow.
        low = max(first + 1, len(words) - LONGEST * (left - 1))
        high = min(first + LONGEST, len(words) - (left - 1))
        stops = [n for n in range(low, high + 1) if words[n - 1].end in ends]
        first = min(stops or [aim], key=lambda n: abs(n - aim) - PARAGRAPH * (n in paragraphs))
        borders.append(first)
    return borders
