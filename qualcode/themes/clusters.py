"""Passages that keep falling together: vectors in; how often each pair does, and groups out.

Evidence accumulation (Fred & Jain, 2005): k-means on many random draws of the passages, the share
of the draws in which two passages fall together, and average linkage on that share. The same
numbers tell how stable each group is.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.vectors import Rows, unit

SHARE = 0.8
"""How much of the passages each draw takes."""
AT_ONCE = 3000
"""With more passages than this, small bundles of them are drawn: memory stays bounded."""
BUNDLES = 2000

Labels = NDArray[np.int64]
Pairs = NDArray[np.float32]


_one_at_a_time = threading.Lock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that the answer is the same on one core and on many.

    The limit holds for the whole process, so runs of several people wait for each other.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with _one_at_a_time, threadpool_limits(limits=1):
        yield


def usual_number(passages: int) -> int:
    """How many candidates are asked for when nobody says.

    One for nine passages until there are eight, then half the root of the passages.

    >>> [usual_number(n) for n in (10, 40, 72, 250, 1000)]
    [2, 4, 8, 8, 16]
    """
    return max(2, min(8, passages // 9), min(40, round(0.5 * math.sqrt(passages))))


class Together:
    """How often passages fall together in draws; rows may be bundles of near passages.

    ``bundle`` says for each passage which row of ``shares`` it is, ``weights`` how many passages
    each row holds.
    """

    def __init__(self, rows: Rows, clusters: int, *, seed: int, resamples: int) -> None:
        self.bundle, centres = _bundles(rows, seed)
        self.weights = np.bincount(self.bundle, minlength=len(centres)).astype(np.float64)
        self.shares = _shares(centres, self.weights, clusters, seed=seed, resamples=resamples)

    def groups(self, clusters: int) -> Labels:
        """A group number for each passage: average linkage, then each where it falls most."""
        from sklearn.cluster import AgglomerativeClustering

        clusters = min(clusters, len(self.shares))
        linkage = AgglomerativeClustering(clusters, metric="precomputed", linkage="average")
        labels = linkage.fit_predict(1 - self.shares).astype(np.int64)
        for _ in range(20):
            moved = self.belonging(labels).argmax(axis=1)
            if (moved == labels).all():
                break
            labels = moved
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)[self.bundle]

    def belonging(self, labels: Labels) -> Rows:
        """Mean share of draws in which each row falls with each group, itself not counted."""
        member = np.eye(int(labels.max()) + 1)[labels]
        weighted = member * self.weights[:, None]
        # A bundle is together with the rest of itself, a single passage has no rest.
        total = self.shares @ weighted - member
        others = weighted.sum(axis=0)[None, :] - member
        return np.asarray(total / np.maximum(others, 1), dtype=np.float64)

    def of_passages(self, labels: Labels) -> Rows:
        """The same for each passage, from the group numbers of the passages."""
        rows = np.zeros(len(self.shares), dtype=np.int64)
        rows[self.bundle] = labels
        return self.belonging(rows)[self.bundle]


def stabilities(belonging: Rows, labels: Labels) -> list[float]:
    """For each group, the mean share within it less the mean share with passages outside."""
    found = []
    for group in range(belonging.shape[1]):
        inside = labels == group
        within = float(belonging[inside, group].mean())
        outside = float(belonging[~inside, group].mean()) if not inside.all() else 0.0
        found.append(within - outside)
    return found


def _bundles(rows: Rows, seed: int) -> tuple[Labels, Rows]:
    """Which bundle each passage is in, and the bundles' vectors; each its own while few."""
    if len(rows) <= AT_ONCE:
        return np.arange(len(rows)), rows
    from sklearn.cluster import MiniBatchKMeans

    near = MiniBatchKMeans(BUNDLES, n_init=1, random_state=seed, batch_size=4096).fit(rows)
    used, bundle = np.unique(near.labels_, return_inverse=True)
    return bundle.astype(np.int64), unit(near.cluster_centers_[used])


def _shares(
    rows: Rows, weights: NDArray[np.float64], clusters: int, *, seed: int, resamples: int
) -> Pairs:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    chance = np.random.default_rng(seed)
    together = np.zeros((len(rows), len(rows)), dtype=np.float32)
    drawn = np.zeros_like(together)
    size = max(2, round(SHARE * len(rows)))
    for _ in range(resamples):
        draw = np.sort(chance.choice(len(rows), size, replace=False))
        means = KMeans(min(clusters, size), n_init=1, random_state=int(chance.integers(2**31)))
        with warnings.catch_warnings():
            # Passages with the same words make fewer groups than asked for; that is no fault.
            warnings.simplefilter("ignore", ConvergenceWarning)
            labels = means.fit(rows[draw], sample_weight=weights[draw]).labels_
        member = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]
        together[np.ix_(draw, draw)] += member @ member.T
        drawn[np.ix_(draw, draw)] += 1
    shares = (together / np.maximum(drawn, 1)).astype(np.float32)
    np.fill_diagonal(shares, 1.0)
    return shares
