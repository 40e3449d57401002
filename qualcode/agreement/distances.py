"""Distances between sets of codes: every two sets of every two clusters in, their sums out.

Two ways to one result. Held one against another, n sets make n² / 2 distances; that is quick up to
a few thousand. Beyond, most pairs share few codes, and those need not be looked at one by one: how
many pairs share a code, two or three follows from how often each code, pair and triple of codes
occurs. Only pairs that share more are taken singly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.agreement.coefficients import Floats
from qualcode.agreement.units import Bools, Ints

_TILE = (256, 1024)  # sets in one step of the distance table, small enough for the cache
_FEW = 2000  # sets that are quicker held one against another
_ROOM = 4_000_000  # numbers in one table of subsets: 32 megabytes
_SLOWER = 40  # how much longer it takes to look at a pair singly than in a tile
_ROUNDING = 1e-14


def masi_from(
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


def distance_sums(sets: Bools, held: Floats) -> Floats:
    """Distances between the values of every two clusters, added up: clusters x clusters.

    Parameters
    ----------
    sets
        One row a set, no two alike; one column a code.
    held
        How often each cluster holds each set: clusters x sets.
    """
    if len(sets) > _FEW:
        holdings = Holdings.of(sets, held)
        for order in (3, 2, 1):
            if holdings.tables(order) > _ROOM:
                continue
            if _SLOWER * holdings.beyond(order) > len(sets) ** 2:
                break
            found = by_subsets(holdings, order, most=len(sets) ** 2 // _SLOWER)
            return one_by_one(sets, held) if found is None else found
    return one_by_one(sets, held)


def one_by_one(sets: Bools, held: Floats) -> Floats:
    """Every set held against every other, a tile of sets at a time."""
    lengths, size = np.unique(sets.sum(axis=1), return_inverse=True)
    # All distances there can be, by the two sizes and what is shared: looking up beats computing.
    shared = np.arange(lengths.max(initial=0) + 1)
    distances = masi_from(shared, lengths[:, None, None], lengths[None, :, None]).ravel()
    # One product gives the place in that table: (size x sizes + size) x counts + shared.
    exact = np.float32 if len(distances) < 2**24 else np.float64
    ones = np.ones((len(sets), 1), dtype=exact)
    of_size = (size[:, None] * len(shared)).astype(exact)
    marks = sets.astype(exact)
    rows = np.hstack([marks, of_size * len(lengths), ones])
    columns = np.hstack([marks, ones, of_size]).T
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


@dataclass(frozen=True, eq=False)
class Holdings:
    """What each cluster holds, by falling into line: one entry a cluster and set, small sets first.

    ``codes`` are the codes of all entries, one after the other; ``words`` the same as bits.
    """

    clusters: int
    columns: int
    cluster: Ints
    weight: Floats
    size: Ints
    codes: Ints
    words: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, sets: Bools, held: Floats) -> Holdings:
        cluster, number = np.nonzero(held)
        size = sets.sum(axis=1)[number]
        order = np.argsort(size, kind="stable")
        cluster, number, size = cluster[order], number[order], size[order]
        packed = np.packbits(sets, axis=1)
        words = np.zeros((len(sets), -(-max(packed.shape[1], 1) // 8) * 8), dtype=np.uint8)
        words[:, : packed.shape[1]] = packed
        return cls(
            len(held),
            sets.shape[1],
            cluster,
            held[cluster, number],
            size,
            np.nonzero(sets[number])[1],
            words.view(np.uint64)[number],
        )

    @cached_property
    def sizes(self) -> int:
        """One more than the size of the largest set."""
        return int(self.size.max(initial=0)) + 1

    def tables(self, order: int) -> int:
        """How many numbers a table of all subsets of so many codes holds."""
        return self.clusters * self.sizes * comb(self.columns, order)

    def beyond(self, order: int) -> int:
        """How many subsets with one code more the entries have."""
        entries = np.bincount(self.size).tolist()
        return sum(many * comb(size, order + 1) for size, many in enumerate(entries))

    def subsets(self, count: int) -> tuple[Ints, Ints]:
        """Every subset of so many codes of every entry: its entry's number, and its own rank."""
        chosen = [
            np.array([comb(code, place + 1) for code in range(self.columns)])
            for place in range(count)
        ]
        firsts = np.concatenate(([0], np.cumsum(self.size)))
        bounds = np.searchsorted(self.size, np.arange(self.sizes + 1))
        entries, ranks = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for size in range(count, self.sizes):
            low, high = bounds[size], bounds[size + 1]
            codes = self.codes[firsts[low] : firsts[high]].reshape(high - low, size)
            picks = np.array(list(combinations(range(size), count)))
            # The combinatorial number system: each subset has one number, from 0, without a gap.
            rank = sum(of[codes][:, picks[:, place]] for place, of in enumerate(chosen))
            entries.append(np.repeat(np.arange(low, high), len(picks)))
            ranks.append(np.asarray(rank).ravel())
        return np.concatenate(entries), np.concatenate(ranks)


def by_subsets(holdings: Holdings, order: int, most: int | None = None) -> Floats | None:
    """The same sums from how often subsets of up to ``order`` codes occur.

    The likeness of two sets of sizes i and j that share k codes, J M, is written as
    Σ c_t(i, j) C(k, t), exact up to k = ``order``; Σ C(k, t) over all pairs of sets is the product
    of how often each subset of t codes stands in sets of the one size and of the other. What is
    lacking for pairs that share more is added pair by pair; they are found by the subsets of
    ``order`` + 1 codes that they have in common, each of C(k, ``order`` + 1) times.

    None where more than ``most`` pairs would have to be looked at.
    """
    entry, rank = _in_order(*holdings.subsets(order + 1))
    alike = np.unique_counts(rank).counts
    if most is not None and int((alike * (alike - 1) // 2).sum()) > most:
        return None
    sizes, clusters = holdings.sizes, holdings.clusters
    likeness = _likeness(sizes)
    steps = _steps(likeness, order)
    found = _together(holdings, steps, order)
    told = sum(
        steps[count][:, :, None] * np.array([comb(k, count) for k in range(sizes)])
        for count in range(1, order + 1)
    )
    lacking = likeness - told
    lacking[:, :, : order + 1] = 0
    found += _pairs_sharing_more(holdings, lacking, order, entry, rank)

    empty = np.bincount(
        holdings.cluster, weights=holdings.weight * (holdings.size == 0), minlength=clusters
    )
    n = np.bincount(holdings.cluster, weights=holdings.weight, minlength=clusters)
    pairs = np.outer(n, n)
    apart = pairs - found - np.outer(empty, empty)  # two empty sets agree
    # A cluster in which nothing varies has 0 to the last digit, or its alpha would look defined.
    return np.where(apart < _ROUNDING * pairs, 0.0, apart)


def _together(holdings: Holdings, steps: list[Floats], order: int) -> Floats:
    """What the subsets of up to ``order`` codes tell of every two clusters."""
    sizes, clusters = holdings.sizes, holdings.clusters
    found = np.zeros((clusters, clusters))
    group = holdings.cluster * sizes + holdings.size
    for count in range(1, order + 1):
        entry, rank = holdings.subsets(count)
        columns = comb(holdings.columns, count)
        table = np.bincount(
            group[entry] * columns + rank,
            weights=holdings.weight[entry],
            minlength=clusters * sizes * columns,
        ).reshape(clusters * sizes, columns)
        together = (table @ table.T).reshape(clusters, sizes, clusters, sizes)
        found += np.einsum("cidj,ij->cd", together, steps[count])
    return found


def _likeness(sizes: int) -> Floats:
    """1 less the MASI distance by the sizes of two sets and what they share; 0 for nothing."""
    first, second, shared = np.ogrid[:sizes, :sizes, :sizes]
    found = 1 - masi_from(np.minimum(shared, np.minimum(first, second)), first, second)
    return np.where(shared == 0, 0.0, found)


def _steps(likeness: Floats, order: int) -> list[Floats]:
    """The coefficients c_t of C(k, t): the differences of the likeness at k = 0."""
    at = [
        likeness[:, :, k] if k < likeness.shape[2] else np.zeros(likeness.shape[:2])
        for k in range(order + 1)
    ]
    return [
        np.asarray(sum((-1) ** (t - k) * comb(t, k) * at[k] for k in range(t + 1)))
        for t in range(order + 1)
    ]


def _in_order(entry: Ints, rank: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(rank)
    return entry[order], rank[order]


def _pairs_sharing_more(
    holdings: Holdings, lacking: Floats, order: int, entry: Ints, rank: Ints
) -> Floats:
    """What is lacking for pairs of entries that share more than ``order`` codes.

    ``entry`` and ``rank`` are the subsets of one code more, alike ones together.
    """
    clusters, cluster = holdings.clusters, holdings.cluster
    weight, size = holdings.weight, holdings.size
    share = lacking / np.maximum([comb(k, order + 1) for k in range(holdings.sizes)], 1)
    total = np.zeros(clusters * clusters)
    step = 1
    at = np.flatnonzero(rank[1:] == rank[:-1])
    while len(at):
        one, other = entry[at], entry[at + step]
        shared = np.bitwise_count(holdings.words[one] & holdings.words[other]).sum(axis=1)
        total += np.bincount(
            cluster[one] * clusters + cluster[other],
            weights=share[size[one], size[other], shared] * weight[one] * weight[other],
            minlength=len(total),
        )
        step += 1
        at = at[at + step < len(rank)]
        at = at[rank[at] == rank[at + step]]
    found = total.reshape(clusters, clusters)
    found = found + found.T
    np.add.at(found, (cluster, cluster), lacking[size, size, size] * weight**2)
    return found
