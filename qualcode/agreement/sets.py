"""Agreement on all codes of a unit at once: sets of codes in, alpha with a set distance out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.agreement.coefficients import Floats
from qualcode.agreement.units import Ints, UnitTable

Labels = Collection[Hashable]
_TILE = (256, 1024)  # sets in one step of the distance table, small enough for the cache


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
    sets = table.marks.reshape(coders * rows, codes)[firsts].astype(np.float32)
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

    return SetSums(observed, held.sum(axis=1), _expected(sets, held))


def _expected(sets: npt.NDArray[np.float32], held: Floats) -> Floats:
    """Distances between the values of every two clusters, added up, a tile of sets at a time."""
    lengths, size = np.unique(sets.sum(axis=1).astype(np.int64), return_inverse=True)
    # All distances there can be, by the two sizes and what is shared: looking up beats computing.
    shared = np.arange(lengths.max(initial=0) + 1)
    distances = _masi_from(shared, lengths[:, None, None], lengths[None, :, None]).ravel()
    # One product gives the place in that table: (size x sizes + size) x counts + shared.
    exact = np.float32 if len(distances) < 2**24 else np.float64
    ones = np.ones((len(sets), 1), dtype=exact)
    of_size = (size[:, None] * len(shared)).astype(exact)
    rows = np.hstack([sets, of_size * len(lengths), ones])
    columns = np.hstack([sets, ones, of_size]).T
    expected = np.zeros((len(held), len(held)))
    for top in range(0, len(sets), _TILE[0]):
        bottom = top + _TILE[0]
        for left in range(top, len(sets), _TILE[1]):
            right = left + _TILE[1]
            at = (rows[top:bottom] @ columns[:, left:right]).astype(np.intp)
            apart = held[:, top:bottom] @ distances.take(at)
            partial = apart @ held[:, left:right].T
            expected += partial + partial.T
            if left == top:  # on the diagonal each pair stands twice already
                expected -= apart[:, : _TILE[0]] @ held[:, top:bottom].T
    return expected


def _masi(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> Floats:
    """MASI distance row by row of two tables of marks."""
    return _masi_from(np.einsum("ij,ij->i", a, b), a.sum(axis=1), b.sum(axis=1))


def _masi_from(
    shared: npt.NDArray[Any], first: npt.NDArray[Any], second: npt.NDArray[Any]
) -> Floats:
    """MASI distance from the sizes of two sets and of what they share; broadcasts."""
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    union = (first + second - shared).astype(np.float64)
    monotonicity = np.where(shared == smaller, 2 / 3, 1 / 3)
    monotonicity = np.where(shared == larger, 1.0, monotonicity)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(union > 0, shared / union, 1.0)
    return 1 - index * monotonicity
