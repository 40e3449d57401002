"""Gaps: what participants say that no code covers yet; sealed codings in, ranked candidates out.

Uncoded passages are grouped as theme candidates are, more finely, and the groups are ranked by
how much nearer their passages lie to each other than to anything coded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from qualcode.errors import BadCommand
from qualcode.model import CodingSet, ThemeCandidate, Transcript
from qualcode.themes import labels as naming
from qualcode.themes.clusters import Together, one_thread, stabilities
from qualcode.themes.codes import codes_of_passages
from qualcode.themes.graph import Rows
from qualcode.themes.passages import in_order
from qualcode.themes.space import FEWEST, Space, require_sealed, require_seed, space_of
from qualcode.themes.suggestions import SMALLEST, candidate_of

RESAMPLES = 30
A_GROUP = 10
"""Passages in a group on average: a code that is missing is mostly a rare one."""
NEAREST = 5
_AT_ONCE = 500  # rows compared with all others in one go


@dataclass(frozen=True)
class Gap:
    """Uncoded passages that belong together; ``novelty`` is the higher the less is coded near.

    Novelty is the mean, over the passages, of the cosine with their five nearest uncoded
    neighbours less that with their five nearest coded ones, times the root of their number.
    """

    candidate: ThemeCandidate
    novelty: float


@dataclass(frozen=True)
class Gaps(Sequence[Gap]):
    """Gaps, the newest matter first, and how many passages stand uncoded of how many."""

    gaps: tuple[Gap, ...]
    uncoded: int
    passages: int
    parameters: Mapping[str, str | int | float | None]

    @overload
    def __getitem__(self, index: int) -> Gap: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Gap, ...]: ...
    def __getitem__(self, index: int | slice) -> Gap | tuple[Gap, ...]:
        return self.gaps[index]

    def __len__(self) -> int:
        return len(self.gaps)


def find_gaps(
    transcripts: Iterable[Transcript], codings: CodingSet, *, seed: int = 1
) -> Gaps:  # fmt: skip
    """Groups among the passages that carry no code, those furthest from all coded ones first.

    Raises
    ------
    StillBlind
        A transcript is not submitted by everybody who codes it, or by nobody at all.
    BadCommand
        There is too little text that no code covers, which may be good news.
    """
    texts = in_order(transcripts)
    require_sealed(texts, codings)
    require_seed(seed)
    with one_thread():
        space = space_of(texts, seed=seed)
        carried = codes_of_passages(space.units, codings)
        uncoded = [number for number, codes in enumerate(carried) if not codes]
        if len(uncoded) < FEWEST:
            raise BadCommand(
                f"Only {len(uncoded)} of {len(space.units)} passages carry no code: too few to "
                f"look for gaps among them, for which {FEWEST} are needed."
            )
        gaps = _ranked(space, carried, uncoded, seed)
    return Gaps(
        gaps=gaps,
        uncoded=len(uncoded),
        passages=len(space.units),
        parameters={
            "method": "gaps by novelty",
            "seed": seed,
            "resamples": RESAMPLES,
            "vectors": space.vectors,
            "language": space.language,
            "passages": len(space.units),
            "uncoded": len(uncoded),
        },
    )


def _ranked(
    space: Space, carried: Sequence[frozenset[str]], uncoded: Sequence[int], seed: int
) -> tuple[Gap, ...]:
    rows = space.rows[np.asarray(uncoded)]
    coded = np.flatnonzero([bool(codes) for codes in carried])
    people = [space.units[number].participant for number in uncoded]
    groups, together = novel_groups(rows, seed)
    belonging = together.of_passages(groups)
    new = novelty(rows, space.rows[coded])
    terms = naming.terms_of_groups([space.words[n] for n in uncoded], people, groups)
    stable = stabilities(belonging, groups)
    found = []
    for group in range(len(stable)):
        ordered = naming.typical_first(rows, belonging, groups, group)
        if len(ordered) >= SMALLEST:
            worth = float(new[ordered].mean()) * len(ordered) ** 0.5
            found.append((round(worth, 4), group, [uncoded[n] for n in ordered]))
    found.sort(key=lambda gap: (-gap[0], gap[2]))
    return tuple(
        Gap(candidate_of(number, space, carried, ordered, terms[group], stable[group]), worth)
        for number, (worth, group, ordered) in enumerate(found, start=1)
    )


def novel_groups(rows: Rows, seed: int) -> tuple[np.ndarray, Together]:
    """The uncoded rows in small groups, and what grouped them."""
    wanted = max(2, len(rows) // A_GROUP)
    together = Together(rows, wanted, seed=seed, resamples=RESAMPLES)
    return together.groups(wanted), together


def novelty(uncoded: Rows, coded: Rows) -> np.ndarray:
    """For each uncoded row, how much nearer the uncoded lie to it than the coded; -2 to 2."""
    if not len(coded):
        return np.ones(len(uncoded))
    among, outside = (
        _nearness(uncoded, uncoded, itself=True),
        _nearness(uncoded, coded, itself=False),
    )
    return np.asarray(among - outside)


def _nearness(rows: Rows, others: Rows, *, itself: bool) -> np.ndarray:
    """The mean cosine of each row with its nearest others."""
    count = min(NEAREST, len(others) - itself)
    found = np.zeros(len(rows))
    for first in range(0, len(rows), _AT_ONCE):
        alike = rows[first : first + _AT_ONCE] @ others.T
        if itself:
            alike[np.arange(len(alike)), np.arange(first, first + len(alike))] = -2.0
        found[first : first + len(alike)] = np.sort(alike, axis=1)[:, -count:].mean(axis=1)
    return found
