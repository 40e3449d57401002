"""Finding words in transcripts: a search and transcripts in, every place of it out, in order.

Words and phrases are found whatever their case and accents. A pattern is a regular expression of
the ``regex`` library; every search has a time limit, since a pattern can be written that no
machine ever finishes.
"""

from __future__ import annotations

import time
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import regex

from qualcode.errors import BadCommand
from qualcode.languages import count, sentences, words
from qualcode.model import Transcript, Turn
from qualcode.spans import Span

SearchKind = Literal["words", "inside", "pattern"]
Snap = Literal["words", "sentence", "turn"]
KINDS: tuple[SearchKind, ...] = ("words", "inside", "pattern")
SNAPS: tuple[Snap, ...] = ("words", "sentence", "turn")
_BEYOND_ASCII = regex.compile(r"[^\x00-\x7f]+")
LONGEST = 300
MOST_HITS = 2_000
SECONDS = 3.0
TOO_SLOW = (
    "The pattern takes too long on these transcripts; make it simpler, without a repetition inside "
    "a repetition, or choose fewer transcripts."
)


@dataclass(frozen=True)
class Search:
    """What is looked for: whole words in a row (``words``), the same also ``inside`` longer words,
    or a ``pattern``; and what of the text a hit takes: its ``words``, its sentence or its turn.
    """

    text: str
    kind: SearchKind = "words"
    snap: Snap = "words"

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.snap not in SNAPS:
            raise BadCommand("A search is for words, inside words or by a pattern; choose one.")
        if not self.text.strip():
            raise BadCommand("Type what to search for.")
        if len(self.text) > LONGEST:
            raise BadCommand(f"A search has at most {LONGEST} characters; shorten it.")
        _compiled(self.text, self.kind)


@dataclass(frozen=True)
class Hit:
    """One place: the characters ``found``, the ``span`` it takes, the number of its turn."""

    transcript: str
    turn: int
    found: Span
    span: Span


@dataclass(frozen=True)
class Hits:
    """The places of a search in order; ``cut`` where there are more than are kept."""

    hits: tuple[Hit, ...]
    cut: bool = False


def find(
    search: Search,
    transcripts: Iterable[Transcript],
    *,
    everybody: bool = False,
    seconds: float = SECONDS,
) -> Hits:
    """Every place of the search, each inside one turn of a participant (or of ``everybody``).

    Hits that take the same words, as two in one sentence, are one.

    Raises
    ------
    BadCommand
        Matching alone took longer than ``seconds``.

    Examples
    --------
    >>> text = "Mentors met. A mentor café."
    >>> one = Transcript("P01", text, (Turn("P", "participant", Span(0, len(text))),), id="t")
    >>> [text[hit.span.slice] for hit in find(Search("mentor"), [one]).hits]
    ['mentor']
    >>> [text[hit.span.slice] for hit in find(Search("mentor", "inside"), [one]).hits]
    ['Mentors', 'mentor']
    >>> [text[hit.span.slice] for hit in find(Search("MENTOR CAFE", snap="sentence"), [one]).hits]
    ['A mentor café.']
    """
    budget = _Budget(seconds)
    found: list[Hit] = []
    for transcript in transcripts:
        taken: set[Span] = set()
        for number, turn in enumerate(transcript.turns):
            if not everybody and turn.role != "participant":
                continue
            for hit in _in_turn(search, transcript, number, turn, budget):
                if hit.span in taken:
                    continue
                if len(found) == MOST_HITS:
                    return Hits(tuple(found), cut=True)
                taken.add(hit.span)
                found.append(hit)
    return Hits(tuple(found))


def _in_turn(
    search: Search, transcript: Transcript, number: int, turn: Turn, budget: _Budget
) -> Iterator[Hit]:
    text = transcript.text[turn.span.slice]
    stretches: list[Span] = []
    starts: list[int] = []
    for place in _places(search, text, budget):
        if not stretches:
            stretches = _stretches(search.snap, text, transcript.facts.get("language", ""))
            starts = [stretch.start for stretch in stretches]
        first = stretches[max(0, bisect_right(starts, place.start) - 1)]
        last = stretches[max(0, bisect_right(starts, place.end - 1) - 1)]
        span = Span(min(first.start, place.start), max(last.end, place.end))
        start = turn.span.start
        yield Hit(
            transcript.id,
            number,
            Span(start + place.start, start + place.end),
            Span(start + span.start, start + span.end),
        )


@dataclass
class _Budget:
    """Seconds left for matching; what is made of the matches does not count."""

    left: float

    def matches(self, pattern: Any, text: str) -> list[tuple[int, int]]:
        """Where the pattern matches in the text."""
        began = time.monotonic()
        try:
            if self.left <= 0:
                raise TimeoutError
            # Concurrent: others go on working while a slow pattern is tried.
            found = pattern.finditer(text, timeout=self.left, concurrent=True)
            return [match.span() for match in found]
        except TimeoutError as error:
            raise BadCommand(TOO_SLOW) from error
        finally:
            self.left -= time.monotonic() - began


def _places(search: Search, text: str, budget: _Budget) -> Iterator[Span]:
    """Where the search matches, white space at both ends left out; what matches nothing is none."""
    folded, at = (text, None) if search.kind == "pattern" else _folded(text)
    for start, end in budget.matches(_compiled(search.text, search.kind), folded):
        first, last = (start, end) if at is None else (at[start], at[end])
        words = text[first:last]
        first, last = last - len(words.lstrip()), first + len(words.rstrip())
        if first < last:
            yield Span(first, last)


@cache
def _fold(character: str) -> str:
    """A letter without its accents and case.

    >>> _fold("É"), _fold("ß"), _fold("李")
    ('e', 'ss', '李')
    """
    split = unicodedata.normalize("NFD", character)
    bare = "".join(part for part in split if not unicodedata.combining(part)) if split else ""
    return unicodedata.normalize("NFC", bare.casefold())


def _folded(text: str) -> tuple[str, list[int] | None]:
    """The text without accents and case, and for each place in it the place in the text."""
    if text.isascii():
        return text.lower(), None
    parts: list[str] = []
    at: list[int] = []
    done = 0
    for letters in _BEYOND_ASCII.finditer(text):  # most of a text is not, and quickly done
        parts.append(text[done : letters.start()].lower())
        at += range(done, letters.start())
        for position, character in enumerate(letters.group(), start=letters.start()):
            made = _fold(character)
            parts.append(made)
            at += [position] * len(made)
        done = letters.end()
    parts.append(text[done:].lower())
    at += range(done, len(text))
    return "".join(parts), [*at, len(text)]


@lru_cache(maxsize=64)
def _compiled(text: str, kind: SearchKind) -> Any:
    if kind == "pattern":
        try:
            return regex.compile(text, regex.IGNORECASE | regex.VERSION1)
        except regex.error as error:
            raise BadCommand(
                f"The pattern cannot be read: {error}. Mend it, or search for words instead."
            ) from error
        except (RecursionError, OverflowError, MemoryError) as error:
            raise BadCommand("The pattern is too deep to be read; make it simpler.") from error
    wanted = [_folded(word)[0] for word in text.split()]
    body = r"\s+".join(regex.escape(word, special_only=True) for word in wanted)
    if kind == "inside" or count(text).characters:  # such scripts do not part their words
        return regex.compile(body)
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}_]){body}(?![\p{{L}}\p{{N}}_])")


def _stretches(snap: Snap, text: str, language: str) -> list[Span]:
    """What a turn is made of, by what a hit takes."""
    if snap == "turn":
        inner = text.strip()
        start = text.index(inner)
        return [Span(start, start + len(inner))]
    if snap == "sentence":
        tag = language or ("und" if count(text).characters else "en")
        return list(sentences(text, tag))
    found, start = [], 0
    for word in words(text):
        if not word.isspace():
            found.append(Span(start, start + len(word)))
        start += len(word)
    return found


def places(
    search: Search, texts: Iterable[str], *, seconds: float = SECONDS
) -> list[tuple[Span, ...]]:
    """For each text every place where the search matches, however many there are.

    >>> places(Search("cafe"), ["A café.", "No.", "Café, CAFE"])
    [(Span(start=2, end=6),), (), (Span(start=0, end=4), Span(start=6, end=10))]
    """
    budget = _Budget(seconds)
    return [tuple(_places(search, text, budget)) for text in texts]
