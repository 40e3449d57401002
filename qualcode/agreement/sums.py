"""Sums per cluster: a table of marks in, what every coefficient of one code is made of out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qualcode.agreement.cells import Cells
from qualcode.agreement.coefficients import Floats
from qualcode.agreement.units import Ints, UnitTable


def per_cluster(values: Floats | Ints, clusters: Ints, count: int) -> Floats:
    """Rows added up within each cluster; clusters stand in order, some may have no rows.

    >>> per_cluster(np.array([[1.0], [2.0], [5.0]]), np.array([0, 0, 2]), 3).ravel().tolist()
    [3.0, 0.0, 5.0]
    """
    total = np.zeros((count, values.shape[1]))
    if len(values):
        present, heads = np.unique(clusters, return_index=True)
        total[present] = np.add.reduceat(values, heads, axis=0)
    return total


@dataclass(frozen=True, eq=False)
class AlphaSums:
    """What alpha of a code marked or not needs of each cluster and code, for any number of coders.

    ``marked`` and ``n`` count pairable values, ``apart`` is the sum of r (m - r) / (m - 1).
    """

    marked: Floats
    n: Floats
    apart: Floats

    def alpha(self, weights: Floats | None = None) -> Floats:
        """Alpha per resample and code; NaN where nothing varies."""
        drawn = np.ones((1, len(self.n))) if weights is None else weights
        marked = drawn @ self.marked
        n = drawn @ self.n[:, None]
        room = marked * (n - marked)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(room > 0, 1 - (n - 1) * (drawn @ self.apart) / room, np.nan)

    def pooled(self) -> AlphaSums:
        """All codes in one table."""
        codes = self.marked.shape[1]
        return AlphaSums(
            self.marked.sum(axis=1, keepdims=True),
            self.n * codes,
            self.apart.sum(axis=1, keepdims=True),
        )


def alpha_sums(table: UnitTable, clusters: Ints, count: int) -> AlphaSums:
    """The sums for alpha of every code; ``clusters`` gives each row's cluster."""
    weight = table.weight[:, None]
    raters = table.present.sum(axis=0)[:, None]
    marked = table.marks.sum(axis=0)
    apart = weight * marked * (raters - marked) / np.maximum(raters - 1, 1)
    return AlphaSums(
        per_cluster(weight * marked, clusters, count),
        per_cluster(weight * raters, clusters, count)[:, 0],
        per_cluster(apart, clusters, count),
    )


def pairs(coders: int) -> list[tuple[int, int]]:
    """Every pair of coders, the first two first.

    >>> pairs(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    return list(combinations(range(coders), 2))


def cell_sums(table: UnitTable, pair: tuple[int, int], count: int) -> Floats:
    """Counts of both, only first, only second, neither: transcripts x codes x 4, for two coders."""
    first, second = pair
    shared = table.present[first] & table.present[second]
    weight = (table.weight * shared)[:, None]
    a, b = table.marks[first], table.marks[second]
    both = per_cluster(weight * (a & b), table.cluster, count)
    only_a = per_cluster(weight * a, table.cluster, count) - both
    only_b = per_cluster(weight * b, table.cluster, count) - both
    total = per_cluster(weight, table.cluster, count)
    return np.stack([both, only_a, only_b, total - both - only_a - only_b], axis=2)


def cells(counts: Floats) -> Cells:
    """Four sums as `Cells`, in whole numbers."""
    both, only_a, only_b, neither = (round(float(value)) for value in counts)
    return Cells(both, only_a, only_b, neither)


def occasions(table: UnitTable, *, by_turn: bool = False) -> Ints:
    """Per code, in how many units (or turns) anyone marked it."""
    marked = np.asarray(table.marks.any(axis=0))
    if by_turn and len(marked):
        _, heads = np.unique(table.turn, return_index=True)
        marked = np.logical_or.reduceat(marked, heads, axis=0)
    return np.asarray(marked.sum(axis=0), dtype=np.int64)


def overlap_where_both(
    units: UnitTable, characters: UnitTable, *, whole_documents: bool = False
) -> list[float | None]:
    """Per code, character IoU inside the units that two coders both marked.

    The characters are cut along the same pieces as the units. With more than two coders, sums over
    pairs of coders.
    """
    unit_of, row_of = units.piece, characters.piece
    if whole_documents:
        unit_of, row_of = units.cluster, characters.cluster
    codes = units.marks.shape[2]
    shared, union = np.zeros(codes), np.zeros(codes)
    size = int(max(unit_of.max(initial=-1), row_of.max(initial=-1))) + 1
    weight = characters.weight[:, None]
    for first, second in pairs(len(units.marks)):
        both = np.zeros((size, codes), dtype=bool)
        both[unit_of] = units.marks[first] & units.marks[second]
        inside = both[row_of]
        a, b = characters.marks[first] & inside, characters.marks[second] & inside
        shared += (weight * (a & b)).sum(axis=0)
        union += (weight * (a | b)).sum(axis=0)
    return [
        float(part / whole) if whole else None for part, whole in zip(shared, union, strict=True)
    ]
