"""Lenses: passages that say nearly the same, and codes that two coders put on one and not another.

Sealed codings in, pairs of passages out, the nearest first. What a pair means is for people to
say: a repeated answer, a phrase of a guide, a definition that two people read in two ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

import numpy as np

from qualcode.errors import BadCommand
from qualcode.model import CONSENSUS, CodingSet, Transcript
from qualcode.themes.clusters import one_thread
from qualcode.themes.codes import codes_of_passages
from qualcode.themes.graph import Rows
from qualcode.themes.passages import Passage, in_order
from qualcode.themes.space import Space, require_sealed, require_seed, space_of
from qualcode.themes.work import Cancelled, Progress, Work

NEARLY_THE_SAME = 0.85
VERY_ALIKE = 0.7
"""From which cosine of their meaning two passages are shown, unless somebody asks for another."""
MOST = 1000
_AT_ONCE = 500  # rows compared with all others in one go


@dataclass(frozen=True)
class Twins:
    """Two passages, of different people or interviews, and the cosine of their meaning."""

    one: Passage
    other: Passage
    similarity: float


@dataclass(frozen=True)
class Contradiction:
    """``put_by`` put the code on ``put``, and ``left_by`` left it off ``left``.

    Mostly both are the same passage, and ``similarity`` is 1; they are two very similar ones where
    nobody but one of the coders read each. ``near`` tells how near ``left`` lies to the code: its
    cosine with the nearest other passage that anybody put the code on, or 0 where there is none.
    ``precedent`` is the nearest passage on which ``left_by`` did put the code, if it is very
    similar.
    """

    code: str
    put: Passage
    put_by: str
    left: Passage
    left_by: str
    similarity: float
    near: float
    precedent: Passage | None = None

    @property
    def same_passage(self) -> bool:
        return (self.put.transcript, self.put.span) == (self.left.transcript, self.left.span)


T = TypeVar("T", Twins, Contradiction)


@dataclass(frozen=True)
class Lens(Sequence[T], Generic[T]):
    """What a lens shows: the first ``limit`` of ``total`` pairs, and how they were found."""

    pairs: tuple[T, ...]
    total: int
    parameters: Mapping[str, str | int | float | None]

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.pairs[index]

    def __len__(self) -> int:
        return len(self.pairs)


def near_duplicates(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    *,
    least: float = NEARLY_THE_SAME,
    limit: int = 50,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Lens[Twins]:
    """Passages of different people, or of different interviews, that say nearly the same.

    ``progress`` is told how far the reading is, and ``cancelled`` asked whether to stop.

    Raises
    ------
    StillBlind
        A transcript is not submitted by everybody who codes it, or by nobody at all.
    BadCommand
        There is too little text, or a number makes no sense.
    Stopped
        ``cancelled`` said so.
    """
    texts = _opened(transcripts, codings, least, limit, seed)
    with one_thread():
        at = Work(progress=progress, cancelled=cancelled)
        space = space_of(texts, seed=seed, work=at)
        found = [
            Twins(space.units[one], space.units[other], similarity)
            for one, other, similarity in _near(space.meaning, least)
            if one < other and _apart(space.units[one], space.units[other])
        ]
    found.sort(key=lambda twins: -twins.similarity)
    return Lens(
        tuple(found[:limit]), len(found), _parameters("near duplicates", space, least, seed)
    )


def contradictions(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    *,
    code: str | None = None,
    least: float = VERY_ALIKE,
    limit: int = 50,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Lens[Contradiction]:
    """Where one coder put a code, and another left it off the same passage or one very like it.

    Those nearest to the code come first: there a reader would have expected it. Only codings of
    transcripts that were submitted count, and settled ones play no part. With ``code`` only that
    code is looked at. ``progress`` is told how far the reading is, and ``cancelled`` asked whether
    to stop.

    Raises
    ------
    StillBlind
        A transcript is not submitted by everybody who codes it, or by nobody at all.
    BadCommand
        Fewer than two coders have submitted, there is too little text, or a number makes no sense.
    Stopped
        ``cancelled`` said so.
    """
    texts = _opened(transcripts, codings, least, limit, seed)
    read = _read_by(codings)
    if texts and len(read) < 2:
        raise BadCommand(
            "Contradictions are between two coders: at least two must have submitted a transcript."
        )
    with one_thread():
        at = Work(progress=progress, cancelled=cancelled)
        space = space_of(texts, seed=seed, work=at)
        layers = {
            coder: codes_of_passages(space.units, [c for c in codings if c.coder == coder])
            for coder in read
        }
        used = sorted({c for layer in layers.values() for codes in layer for c in codes})
        found = [
            contradiction
            for its in used
            if code in (None, its)
            for contradiction in _of_code(its, space, layers, read, least)
        ]
    found.sort(key=lambda c: (-c.near, -c.similarity))
    return Lens(
        tuple(found[:limit]),
        len(found),
        {**_parameters("contradictions", space, least, seed), "code": code},
    )


def _of_code(
    code: str,
    space: Space,
    layers: Mapping[str, Sequence[frozenset[str]]],
    read: Mapping[str, frozenset[str]],
    least: float,
) -> Iterator[Contradiction]:
    """All pairs of coders; for each passage one of them left, the one that tells most."""
    units, numbers = space.units, range(len(space.units))
    put_on = {coder: [n for n in numbers if code in layers[coder][n]] for coder in layers}
    with_it = sorted({n for own in put_on.values() for n in own})
    for left_by, seen in read.items():
        own = put_on[left_by]
        for left in numbers:
            if units[left].transcript not in seen or left in own:
                continue
            for put_by in (coder for coder in read if coder != left_by):
                if left in put_on[put_by]:
                    put, similarity = left, 1.0
                else:
                    # What both read is told by the passage itself.
                    alone = [] if units[left].transcript in read[put_by] else [
                        n for n in put_on[put_by] if units[n].transcript not in seen
                    ]  # fmt: skip
                    similarity, put = _nearest(space.meaning, left, alone)
                if similarity >= least:
                    near, _ = _nearest(space.meaning, left, with_it)
                    alike, precedent = _nearest(space.meaning, left, own)
                    yield Contradiction(
                        code, units[put], put_by, units[left], left_by, similarity, near,
                        units[precedent] if alike >= least else None,
                    )  # fmt: skip


def _nearest(rows: Rows, number: int, among: Sequence[int]) -> tuple[float, int]:
    """How near the nearest of these rows is, itself not counted, and which; 0 where none is."""
    others = [n for n in among if n != number]
    if not others:
        return 0.0, number
    alike = np.round(rows[others] @ rows[number], 4)
    best = int(alike.argmax())
    return min(1.0, float(alike[best])), others[best]


def _read_by(codings: CodingSet) -> dict[str, frozenset[str]]:
    """Which transcripts each person has submitted, people in order."""
    read: defaultdict[str, set[str]] = defaultdict(set)
    for coder, transcript in codings.sealed:
        if coder != CONSENSUS:
            read[coder].add(transcript)
    return {coder: frozenset(read[coder]) for coder in sorted(read)}


def _near(rows: Rows, least: float) -> Iterator[tuple[int, int, float]]:
    """Each pair of different rows that are at least so alike, in both directions."""
    for first in range(0, len(rows), _AT_ONCE):
        alike = np.round(rows[first : first + _AT_ONCE] @ rows.T, 4)
        for one, other in zip(*np.nonzero(alike >= least), strict=True):
            if first + one != other:
                yield int(first + one), int(other), min(1.0, float(alike[one, other]))


def _apart(one: Passage, other: Passage) -> bool:
    return one.participant != other.participant or one.transcript != other.transcript


def _opened(
    transcripts: Iterable[Transcript], codings: object, least: float, limit: object, seed: object
) -> tuple[Transcript, ...]:
    texts = in_order(transcripts)
    require_sealed(texts, codings)
    require_seed(seed)
    if not 0.3 <= least <= 1:
        raise BadCommand("How alike passages must be is a number from 0.3 to 1.")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise BadCommand(f"Between 1 and {MOST} pairs can be asked for.")
    return texts


def _parameters(
    method: str, space: Space, least: float, seed: int
) -> dict[str, str | int | float | None]:
    return {
        "method": method,
        "least": least,
        "seed": seed,
        "vectors": space.vectors,
        "language": space.language,
        "passages": len(space.units),
    }
