"""Agreement on all codes of a unit at once: sets of codes in, alpha with a set distance out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.agreement.coefficients import Floats
from qualcode.agreement.distances import distance_sums, masi_from
from qualcode.agreement.units import Bools, Ints, UnitTable

Labels = Collection[Hashable]


def jaccard_distance(a: Labels, b: Labels) -> float:
    """1 - shared / all; two empty sets agree.

    >>> jaccard_distance({"A", "B"}, {"B", "C"})
    0.6666666666666667
    """
    first, second = set(a), set(b)
    return 1 - len(first & second) / len(first | second) if first | second else 0.0


def masi_distance(a: Labels, b: Labels) -> float:
    """How far two sets of codes are apart, milder where one set holds the other.

    Parameters
    ----------
    a, b
        The codes that two coders put on one unit; the empty set means "no code".

    Returns
    -------
    float
        1 - J M: J is Jaccard's index; M is 1 for equal sets, 2/3 where one contains the other,
        1/3 where they overlap, 0 where they share nothing. Two empty sets agree (distance 0).

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic
    annotation. LREC 2006.

    Examples
    --------
    >>> round(masi_distance({1, 2}, {1, 2, 3, 4}), 4)
    0.6667
    """
    first, second = set(a), set(b)
    if first == second:
        return 0.0
    shared = first & second
    if not shared:
        return 1.0
    monotonicity = 2 / 3 if first <= second or second <= first else 1 / 3
    return 1 - len(shared) / len(first | second) * monotonicity


def nominal_distance(a: Labels, b: Labels) -> float:
    """0 for equal sets, 1 for any difference."""
    return float(set(a) != set(b))


def set_alpha(
    ratings: Sequence[Sequence[Labels | None]],
    distance: Callable[[Labels, Labels], float] = masi_distance,
) -> float | None:
    """Krippendorff's alpha where each value is a set of codes.

    Parameters
    ----------
    ratings
        One row a coder, one column a unit; None where the coder skipped the unit.
    distance
        `masi_distance`, `jaccard_distance` or `nominal_distance`.

    Returns
    -------
    float or None
        None where nothing was compared or nothing varies.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability; Passonneau (2006) for the
    distance.

    Examples
    --------
    >>> ana, ben = [{"A"}, {"A", "B"}, set()], [{"A"}, {"A"}, set()]
    >>> round(set_alpha([ana, ben]), 4)
    0.6667
    """
    observed = 0.0
    values: list[Labels] = []
    for unit in zip(*ratings, strict=True):
        given = [labels for labels in unit if labels is not None]
        if len(given) < 2:
            continue
        values += given
        observed += sum(distance(a, b) for a in given for b in given) / (len(given) - 1)
    n = len(values)
    expected = sum(distance(a, b) for a in values for b in values)
    return 1 - (n - 1) * observed / expected if expected else None


@dataclass(frozen=True, eq=False)
class SetSums:
    """What set alpha needs of each cluster, so that resampling clusters costs almost nothing.

    ``observed`` and ``n`` are sums per cluster; ``expected[s, t]`` is the sum of distances between
    the values of two clusters.
    """

    observed: Floats
    n: Floats
    expected: Floats

    def alpha(self, weights: Floats | None = None) -> Floats:
        """Alpha of the clusters as drawn; NaN where it is undefined.

        ``weights`` has one row a resample; without it, every cluster counts once.
        """
        drawn = np.ones((1, len(self.n))) if weights is None else weights
        n = drawn @ self.n
        observed = drawn @ self.observed
        expected = np.einsum("rs,rs->r", drawn @ self.expected, drawn)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan)


def set_sums(table: UnitTable, clusters: Ints, count: int) -> SetSums:
    """The sums for MASI alpha on the label sets of a unit table.

    ``clusters`` gives each row's cluster (0 to ``count`` - 1), usually its transcript. Rows of
    characters weigh as many as they hold.
    """
    coders, rows, codes = table.marks.shape
    present = table.present
    if not rows:
        return SetSums(np.zeros(count), np.zeros(count), np.zeros((count, count)))
    packed = np.packbits(table.marks.reshape(coders * rows, codes), axis=1)
    if not packed.shape[1]:
        packed = np.zeros((coders * rows, 1), dtype=np.uint8)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
    sets = table.marks.reshape(coders * rows, codes)[firsts]
    number = numbers.reshape(coders, rows)
    raters = present.sum(axis=0)

    held = np.zeros((count, len(sets)))
    observed = np.zeros(count)
    for first in range(coders):
        np.add.at(held, (clusters, number[first]), table.weight * present[first])
        for second in range(first):
            both = present[first] & present[second] & (number[first] != number[second])
            apart = _masi(sets[number[first][both]], sets[number[second][both]])
            share = 2 * apart * table.weight[both] / (raters[both] - 1)
            observed += np.bincount(clusters[both], weights=share, minlength=count)

    return SetSums(observed, held.sum(axis=1), distance_sums(sets, held))


def _masi(a: Bools, b: Bools) -> Floats:
    """MASI distance row by row of two tables of marks."""
    return masi_from((a & b).sum(axis=1), a.sum(axis=1), b.sum(axis=1))
