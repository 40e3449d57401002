"""Figures of groups of transcripts: what is compared in, overall values for any grouping out.

The distances between sets of codes are computed once; each group is then one row of weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.agreement.cells import Cells, percent
from qualcode.agreement.coefficients import Floats
from qualcode.agreement.given import Given
from qualcode.agreement.report import REASONS, Reason, point
from qualcode.agreement.sets import SetSums, set_sums
from qualcode.agreement.summaries import defined
from qualcode.agreement.sums import cell_sums, cells, pairs, per_cluster
from qualcode.model import Transcript


@dataclass(frozen=True)
class GroupFigures:
    """The overall alpha (sets of codes, MASI) and percent agreement of some transcripts."""

    n_units: int
    alpha: float | None
    percent: float | None
    reason: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "n_units": self.n_units,
            "alpha": self.alpha,
            "percent": self.percent,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """The value as a sentence needs it."""
        if self.alpha is None:
            return f"undefined ({REASONS[self.reason or 'no_variation']})"
        return point(self.alpha)


@dataclass(frozen=True, eq=False)
class TranscriptSums:
    """What the overall figures need of each compared transcript, in the order given."""

    transcripts: tuple[Transcript, ...]
    units: Floats
    sets: SetSums
    counts: Floats

    @classmethod
    def of(cls, given: Given) -> TranscriptSums:
        table, count = given.marks(), len(given.place.transcripts)
        by_pair = [cell_sums(table, pair, count).sum(axis=1) for pair in pairs(len(given.coders))]
        return cls(
            given.place.transcripts,
            per_cluster(table.weight[:, None], table.cluster, count)[:, 0],
            set_sums(table, table.cluster, count),
            np.sum(by_pair, axis=0),
        )

    @property
    def compared(self) -> tuple[Transcript, ...]:
        """The transcripts that hold text to compare."""
        return tuple(t for t, units in zip(self.transcripts, self.units, strict=True) if units)

    def figures(self, groups: Iterable[Collection[str]]) -> list[GroupFigures]:
        """Figures of each group of transcript ids; a transcript may stand in several."""
        wanted = [frozenset(group) for group in groups]
        weights = np.array(
            [[float(text.id in group) for text in self.transcripts] for group in wanted]
        ).reshape(len(wanted), len(self.transcripts))
        alphas = self.sets.alpha(weights)
        return [
            _figures(row, alpha, self) for row, alpha in zip(weights, alphas.tolist(), strict=True)
        ]


def _figures(weights: Floats, alpha: float, sums: TranscriptSums) -> GroupFigures:
    units, value = int(weights @ sums.units), defined(alpha)
    found: Cells = cells(weights @ sums.counts)
    reason: Reason | None = None
    if value is None:
        reason = "no_variation" if units else "no_pairable_text"
    return GroupFigures(units, value, percent(found), reason)
