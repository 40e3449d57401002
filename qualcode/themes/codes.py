"""Which codes a passage carries: codings in; code ids for each passage out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from qualcode.model import CONSENSUS, Coding
from qualcode.themes.passages import Passage


def codes_of_passages(
    found: Sequence[Passage], codings: Iterable[Coding]
) -> tuple[frozenset[str], ...]:
    """The codes on each passage: the settled ones where there are any, else those of every coder.

    A passage carries a code when at least half of the shorter of the two, passage or coding, is
    shared: a code on one sentence of a turn counts, one that spills over from the turn before
    does not.
    """
    by_transcript: defaultdict[str, list[Coding]] = defaultdict(list)
    for coding in codings:
        by_transcript[coding.transcript].append(coding)
    for transcript, own in by_transcript.items():
        settled = [coding for coding in own if coding.coder == CONSENSUS]
        by_transcript[transcript] = settled or own
    return tuple(
        frozenset(
            coding.code
            for coding in by_transcript.get(passage.transcript, ())
            if 2 * passage.span.overlap(coding.span) >= min(passage.span.length, coding.span.length)
        )
        for passage in found
    )


def shares(
    members: Sequence[int], carried: Sequence[frozenset[str]]
) -> tuple[tuple[str, float], ...]:
    """Each code on these passages with the share of them that carries it, greatest first."""
    counts = Counter(code for number in members for code in carried[number])
    return tuple(
        (code, round(count / len(members), 4))
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
