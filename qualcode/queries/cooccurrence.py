"""Codes that stand together: in how many passages, and of how many participants, two codes meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qualcode.queries.corpus import Corpus, Group

By = Literal["turn", "overlap"]
BYS: tuple[By, ...] = ("turn", "overlap")
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two codes that meet: passages with both, with one or both, and whose they are."""

    one: Group
    other: Group
    both: int
    either: int
    participants: int

    @property
    def jaccard(self) -> float | None:
        """The part of the passages with either that have both; None where there is none."""
        return self.both / self.either if self.either else None


@dataclass(frozen=True)
class Cooccurrence:
    """Two codes by two: ``passages`` and ``participants`` are square, as ``groups`` are in order.

    On the diagonal stands in how many each code is at all. ``places`` are the numbers of the
    passages in which two codes meet, by the numbers of the two, the smaller first.
    """

    by: By
    groups: tuple[Group, ...]
    passages: Numbers
    participants: Numbers
    places: dict[tuple[int, int], tuple[int, ...]]

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Passages with both over those with either; not a number where there is neither."""
        alone = np.diag(self.passages)
        either = alone[:, None] + alone[None, :] - self.passages
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(either > 0, self.passages / either, np.nan)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs that meet, the most passages first."""
        found = []
        for one, other in zip(*np.triu(self.passages, 1).nonzero(), strict=True):
            both = int(self.passages[one, other])
            either = int(self.passages[one, one] + self.passages[other, other]) - both
            people = int(self.participants[one, other])
            found.append(Pair(self.groups[one], self.groups[other], both, either, people))
        return tuple(sorted(found, key=lambda p: (-p.both, -p.participants)))


def cooccurrence(
    corpus: Corpus, *, by: By = "turn", groups: Sequence[Group] | None = None
) -> Cooccurrence:
    """How often two codes meet: in one passage (``turn``), or on the same words (``overlap``).

    A passage is counted once for two codes, however many codings of theirs meet in it.
    """
    rows = tuple(corpus.code_groups if groups is None else groups)
    inside = _in_turns(corpus, rows) if by == "turn" else _on_words(corpus, rows)
    size = len(rows)
    passages = np.zeros((size, size), dtype=np.int64)
    participants = np.zeros((size, size), dtype=np.int64)
    for (one, other), places in inside.items():
        passages[one, other] = passages[other, one] = len(places)
        people = len(np.unique(corpus.person_of[list(places)]))
        participants[one, other] = participants[other, one] = people
    return Cooccurrence(by, rows, passages, participants, inside)


def _in_turns(corpus: Corpus, rows: Sequence[Group]) -> dict[tuple[int, int], tuple[int, ...]]:
    carried: defaultdict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(rows):
        for place in np.flatnonzero(corpus.with_any(group.codes)).tolist():
            carried[place].append(row)
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for place in sorted(carried):
        own = carried[place]
        for n, one in enumerate(own):
            for other in own[n:]:
                found[one, other].append(place)
    return {pair: tuple(places) for pair, places in found.items()}


def _on_words(corpus: Corpus, rows: Sequence[Group]) -> dict[tuple[int, int], tuple[int, ...]]:
    of: defaultdict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(rows):
        for code in group.codes:
            of[code].append(row)
    found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for place, codings in corpus.codings_on.items():
        for n, coding in enumerate(codings):
            for other in codings[n:]:
                if other.span.start >= coding.span.end:
                    break  # in order: what follows begins later still
                for one in of[coding.code]:
                    for two in of[other.code]:
                        found[min(one, two), max(one, two)].add(place)
    return {pair: tuple(sorted(places)) for pair, places in found.items()}
