"""Who might be told from a text: a transcript in, every stretch that may identify somebody out.

Three layers look: the study's own list of names, patterns for the eighteen kinds of the
safe-harbour list (45 CFR 164.514(b)(2)), and an entity recogniser where one is installed. The
first two need no model. The scan is an aid: what it misses a person must find, and a person
decides on every hit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

import regex

from qualcode.model import Transcript
from qualcode.privacy.entities import recogniser
from qualcode.privacy.hits import Hit, Rules, resolved, word_lists
from qualcode.privacy.names import KnownName, folded, listed, untitled
from qualcode.privacy.patterns import matched
from qualcode.spans import Span


def find_identifiers(
    transcript: Transcript,
    *,
    names: Iterable[KnownName] = (),
    allow: Iterable[str] = (),
    rules: Rules | None = None,
) -> tuple[Hit, ...]:
    """Every hit in the order of the text; none overlaps another, none leaves its turn.

    Parameters
    ----------
    names
        The study's own list: the team, participants, mentors, chiefs, sites.
    allow
        Words and phrases of this study that are no identifiers, whatever the layers say. A list
        of such phrases that ships with qualcode holds for patterns and entities besides.
    rules
        Which patterns are on, whether entities are looked for, and in which language.

    Examples
    --------
    >>> text = Transcript("P01", "Dr. Helen Okafor rang me on 416-555-0134.", (), id="P01")
    >>> [(hit.text, hit.kind) for hit in find_identifiers(text, rules=Rules(entities=False))]
    [('Dr. Helen Okafor', 'A'), ('416-555-0134', 'D')]
    """
    rules = rules or Rules()
    reader = recogniser(rules.language) if rules.entities else None
    guessed = [
        *matched(transcript, rules),
        *(reader.hits(transcript) if reader is not None else ()),
    ]
    own, shipped = _allowed(transcript.text, allow), _allowed(transcript.text, _shipped())
    free = [hit for hit in guessed if not _inside(hit.span, shipped)]
    hits = [
        hit
        for hit in (*listed(transcript, names), *free)
        if not _inside(hit.span, own) and _in_one_turn(hit.span, transcript)
    ]
    found = resolved(hits, transcript.text)
    return tuple(hit for hit in found if _in_one_turn(hit.span, transcript))


def mentions(
    transcript: Transcript, decided: Iterable[KnownName], *, allow: Iterable[str] = ()
) -> tuple[Hit, ...]:
    """Where names that were decided on elsewhere in the study stand in this transcript."""
    own = _allowed(transcript.text, allow)
    hits = [hit for hit in listed(transcript, decided) if not _inside(hit.span, own)]
    return resolved([hit for hit in hits if _in_one_turn(hit.span, transcript)], transcript.text)


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    return word_lists()["allowed"]


def _allowed(text: str, phrases: Iterable[str]) -> list[Span]:
    """Where allowed phrases stand, with an article before and a possessive or plural behind."""
    wanted = sorted({folded(phrase)[0].strip() for phrase in phrases} - {""}, key=len, reverse=True)
    if not wanted:
        return []
    low, places = folded(text)
    loose = [
        r"[\s\-‐‑]+".join(regex.escape(word) for word in regex.split(r"[\s\-]+", phrase))
        for phrase in wanted
    ]
    expression = regex.compile(rf"(?<!\w)(?:the |a )?(?:{'|'.join(loose)})(?:['’]?s)?(?!\w)")
    return [
        Span(places[match.start()], places[match.end() - 1] + 1)
        for match in expression.finditer(low)
    ]


def _inside(span: Span, allowed: list[Span]) -> bool:
    at = bisect_right(allowed, span.start, key=lambda each: each.start) - 1
    return at >= 0 and allowed[at].contains(span)


def _in_one_turn(span: Span, transcript: Transcript) -> bool:
    turns = transcript.turns
    at = bisect_right(turns, span.start, key=lambda turn: turn.span.start) - 1
    if at >= 0 and span.start < turns[at].span.end:
        return span.end <= turns[at].span.end
    return at + 1 >= len(turns) or span.end <= turns[at + 1].span.start


def labelled(hits: Iterable[Hit]) -> Iterator[KnownName]:
    """The names behind hits on people and places, as a list for the rest of the study."""
    seen: set[str] = set()
    for hit in hits:
        if hit.subject and hit.subject not in seen:
            seen.add(hit.subject)
            yield KnownName(untitled(hit.text)[1], kind=hit.kind, label=hit.suggestion)
