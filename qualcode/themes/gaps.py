"""Gaps: what participants say that no code covers yet; sealed codings in, ranked candidates out.

Uncoded passages are grouped as theme candidates are, more finely, and the groups are ranked by
how much nearer their passages lie to each other than to anything coded.
"""

from __future__ import annotations

import math
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
from qualcode.themes.passages import LeftOut, in_order
from qualcode.themes.space import FEWEST, Space, require_sealed, require_seed, space_of
from qualcode.themes.suggestions import SMALLEST, candidate_of, wording_of
from qualcode.themes.work import Cancelled, Progress, Work

RESAMPLES = 30
A_GROUP = 10
"""Passages in a group on average: a code that is missing is mostly a rare one."""
NEAREST = 5
MUCH = 0.1
"""A difference of cosines from which a gap is told as much nearer to itself than to the coded."""
_AT_ONCE = 500  # rows compared with all others in one go


@dataclass(frozen=True)
class Gap:
    """Uncoded passages that belong together; ``novelty`` is the higher the less is coded near.

    Novelty is the mean, over the passages, of the cosine with their five nearest uncoded
    neighbours (``among``) less that with their five nearest coded ones (``coded``), times the root
    of their number; where nothing is coded yet, ``coded`` is None.
    """

    candidate: ThemeCandidate
    novelty: float
    among: float = 0.0
    coded: float | None = None

    @property
    def sentence(self) -> str:
        """How new this is, in words."""
        if self.coded is None:
            return "Nothing is coded yet, so everything that is said here is new."
        beside = f"(likeness {self.among:.2f} to uncoded passages, {self.coded:.2f} to coded ones)"
        if self.among - self.coded >= MUCH:
            return f"New: these lie much nearer to each other than to what is coded {beside}."
        if self.among > self.coded:
            return f"Partly new: these lie nearer to each other than to what is coded {beside}."
        return f"Hardly new: what is coded lies as near to these as they do {beside}."


@dataclass(frozen=True)
class Gaps(Sequence[Gap]):
    """Gaps, the newest matter first, and how many passages stand uncoded of how many.

    ``left_out`` are the uncoded passages that are in no gap, and those too short to be compared.
    """

    gaps: tuple[Gap, ...]
    uncoded: int
    passages: int
    parameters: Mapping[str, str | int | float | None]
    left_out: tuple[LeftOut, ...] = ()
    warning: str = ""

    @overload
    def __getitem__(self, index: int) -> Gap: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Gap, ...]: ...
    def __getitem__(self, index: int | slice) -> Gap | tuple[Gap, ...]:
        return self.gaps[index]

    def __len__(self) -> int:
        return len(self.gaps)


def find_gaps(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    *,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Gaps:
    """Groups among the passages that carry no code, those furthest from all coded ones first.

    ``progress`` is told how far the reading is, and ``cancelled`` asked whether to stop.

    Raises
    ------
    StillBlind
        A transcript is not submitted by everybody who codes it, or by nobody at all.
    BadCommand
        There is too little text that no code covers, which may be good news.
    Stopped
        ``cancelled`` said so.
    """
    texts = in_order(transcripts)
    require_sealed(texts, codings)
    require_seed(seed)
    with one_thread():
        at = Work(progress=progress, cancelled=cancelled)
        space = space_of(texts, seed=seed, work=at)
        carried = codes_of_passages(space.units, codings)
        uncoded = [number for number, codes in enumerate(carried) if not codes]
        if len(uncoded) < FEWEST:
            raise BadCommand(
                f"Only {len(uncoded)} of {len(space.units)} passages carry no code: too few to "
                f"look for gaps among them, for which {FEWEST} are needed."
            )
        gaps = _ranked(texts, space, carried, uncoded, seed)
        shown = {place for gap in gaps for place in gap.candidate.passages}
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
        left_out=space.left_out
        + tuple(
            LeftOut(unit.transcript, unit.span, f"uncoded, with fewer than {SMALLEST - 1} others")
            for unit in (space.units[number] for number in uncoded)
            if (unit.transcript, unit.span) not in shown
        ),
        warning=space.warning,
    )


def _ranked(
    transcripts: Sequence[Transcript],
    space: Space,
    carried: Sequence[frozenset[str]],
    uncoded: Sequence[int],
    seed: int,
) -> tuple[Gap, ...]:
    rows = space.rows[np.asarray(uncoded)]
    coded = space.rows[np.flatnonzero([bool(codes) for codes in carried])]
    people = [space.units[number].participant for number in uncoded]
    groups, together = novel_groups(rows, seed)
    belonging = together.of_passages(groups)
    among, outside = nearness(rows, rows, itself=True), nearness(rows, coded, itself=False)
    stable = stabilities(belonging, groups)
    found = []
    for group in range(len(stable)):
        ordered = naming.typical_first(rows, belonging, groups, group)
        if len(ordered) >= SMALLEST:
            near = float(among[ordered].mean()), float(outside[ordered].mean())
            found.append((worth(*near, len(ordered)), group, ordered, near))
    found.sort(key=lambda gap: (-gap[0], gap[2]))
    of_all = np.full(len(space.units), int(groups.max()) + 1)
    of_all[list(uncoded)] = groups
    names = naming.names_of_groups(
        [space.words[n] for n in uncoded],
        people,
        groups,
        wording_of(transcripts, space, of_all),
        [group for _, group, _, _ in found],
    )
    return tuple(
        Gap(
            candidate_of(
                number, space, carried, [uncoded[n] for n in ordered], names[group], stable[group]
            ),
            novelty,
            round(near[0], 4),
            round(near[1], 4) if len(coded) else None,
        )
        for number, (novelty, group, ordered, near) in enumerate(found, start=1)
    )


def novel_groups(rows: Rows, seed: int) -> tuple[np.ndarray, Together]:
    """The uncoded rows in small groups, and what grouped them."""
    wanted = max(2, len(rows) // A_GROUP)
    together = Together(rows, wanted, seed=seed, resamples=RESAMPLES)
    return together.groups(wanted), together


def worth(among: float, outside: float, passages: int) -> float:
    """The novelty of a group with these mean cosines and so many passages."""
    return round((among - outside) * math.sqrt(passages), 4)


def nearness(rows: Rows, others: Rows, *, itself: bool) -> Rows:
    """The mean cosine of each row with its nearest others; 0 where there are none."""
    count = min(NEAREST, len(others) - itself)
    found = np.zeros(len(rows))
    if count < 1:
        return found
    for first in range(0, len(rows), _AT_ONCE):
        alike = rows[first : first + _AT_ONCE] @ others.T
        if itself:
            alike[np.arange(len(alike)), np.arange(first, first + len(alike))] = -2.0
        found[first : first + len(alike)] = np.sort(alike, axis=1)[:, -count:].mean(axis=1)
    return found
