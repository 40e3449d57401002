"""Passages that keep falling together: vectors in; how often they do, and nested groups out.

Sparse consensus: the graph of near passages is cut on many random draws of them, its edges are
weighed anew with the share of the draws in which their two ends fell together, and that graph is
cut into as many groups as are asked for. The same draws tell how stable each group is.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.bundles import bundles
from qualcode.themes.graph import (
    Graph,
    Labels,
    Rows,
    as_graph,
    communities,
    cut,
    neighbours,
    plain,
)
from qualcode.themes.work import Arrays, Work

SHARE = 0.8
"""How much of the passages each draw takes."""
AT_ONCE = 3000
"""With more passages than this, small bundles of them are drawn: memory stays bounded."""
BUNDLES = 2000
DRAWS_A_PART = 4
SPREAD = (0.7, 1.6)
"""Each draw is cut at a resolution of its own, between these times the one that is looked for."""
MOST = 60
"""More groups than this nobody reads."""

_COUNTING = (
    "scipy.sparse.linalg",
    "sklearn.cluster",
    "sklearn.decomposition",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "sknetwork.clustering",
)
_one_at_a_time = threading.Lock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that the answer is the same on one core and on many.

    The limit holds for the whole process, so runs of several people wait for each other. It
    reaches only libraries that are there when it is set, so all that count are loaded before.
    """
    for library in _COUNTING:
        import_module(library)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with _one_at_a_time, threadpool_limits(limits=1):
        yield


@lru_cache(maxsize=1)
def calm() -> None:
    """The same for a process that does nothing else, as a worker: from now on, for good."""
    from threadpoolctl import threadpool_limits

    for library in _COUNTING:
        import_module(library)
    threadpool_limits(limits=1)


def usual_number(passages: int) -> int:
    """How many candidates are asked for when nobody says: half the root of the passages.

    One for nine passages until there are eight, since a small study has more matters than that.

    >>> [usual_number(n) for n in (10, 40, 72, 250, 1000)]
    [2, 4, 8, 8, 16]
    """
    return max(2, min(8, passages // 9), min(MOST, round(0.5 * math.sqrt(passages))))


class Together:
    """How often passages fall together in draws; a row may be a bundle of near passages.

    ``bundle`` says for each passage which row it is, ``weights`` how many passages a row holds,
    ``drawn`` (draws × rows) in which group a row fell, -1 where it was not drawn.
    """

    def __init__(
        self, rows: Rows, clusters: int, *, seed: int, resamples: int, work: Work | None = None
    ) -> None:
        work = work or Work()
        self._seed = seed
        self.bundled = len(rows) > AT_ONCE
        if self.bundled:
            self.bundle, centres = bundles(rows, BUNDLES, seed=seed, work=work)
        else:
            self.bundle, centres = np.arange(len(rows)), np.asarray(rows, np.float64)
        self.weights = np.bincount(self.bundle, minlength=len(centres)).astype(np.float64)
        near = neighbours(centres, work=work)
        self.drawn = _draws(near, clusters, seed=seed, resamples=resamples, work=work)
        self._graph = _weighed(near, self.drawn)

    def groups(self, clusters: int) -> Labels:
        """A group number for each passage: the graph cut, then each where it falls most."""
        labels, _ = cut(self._graph, min(clusters, len(self.weights)), self._seed)
        return self._settled(labels)[self.bundle]

    def finer(self, labels: Labels, clusters: int) -> Labels:
        """The groups of the passages cut further, none across a border of ``labels``."""
        rows = self._of_rows(labels)
        edges = self._graph.tocoo()
        inside = rows[edges.row] == rows[edges.col]
        kept = edges.copy()
        kept.row, kept.col, kept.data = edges.row[inside], edges.col[inside], edges.data[inside]
        found, _ = cut(kept.tocsr(), clusters, self._seed)
        return np.unique(np.stack([rows, found]), axis=1, return_inverse=True)[1].astype(np.int64)[
            self.bundle
        ]

    def coarser(self, labels: Labels, clusters: int) -> Labels:
        """The groups of the passages joined, those first that fall together most."""
        from sklearn.cluster import AgglomerativeClustering

        number = int(labels.max()) + 1
        if number <= clusters:
            return labels
        rows = self._of_rows(labels)
        member = np.eye(number)[rows] * self.weights[:, None]
        shares = (member.T @ self.belonging(rows)) / member.sum(axis=0)[:, None]
        apart = 1 - (shares + shares.T) / 2
        np.fill_diagonal(apart, 0.0)
        joined = AgglomerativeClustering(clusters, metric="precomputed", linkage="average")
        return np.asarray(joined.fit_predict(apart), np.int64)[labels]

    def belonging(self, labels: Labels) -> Rows:
        """Mean share of draws in which each row falls with each group, itself not counted."""
        number = int(labels.max()) + 1
        together = np.zeros((len(labels), number))
        possible = np.zeros_like(together)
        for draw in self.drawn:
            here = np.flatnonzero(draw >= 0)
            cells = draw[here], labels[here]
            counts = np.zeros((int(draw.max()) + 1, number))
            np.add.at(counts, cells, self.weights[here])
            own = np.zeros((len(here), number))
            own[np.arange(len(here)), labels[here]] = 1.0
            together[here] += counts[draw[here]] - own
            possible[here] += counts.sum(axis=0)[None, :] - own
        return np.asarray(together / np.maximum(possible, 1e-9), dtype=np.float64)

    def of_passages(self, labels: Labels) -> Rows:
        """The same for each passage, from the group numbers of the passages."""
        return self.belonging(self._of_rows(labels))[self.bundle]

    def _of_rows(self, labels: Labels) -> Labels:
        rows = np.zeros(len(self.weights), dtype=np.int64)
        rows[self.bundle] = labels
        return rows

    def _settled(self, labels: Labels) -> Labels:
        for _ in range(20):
            moved = self.belonging(labels).argmax(axis=1)
            if (moved == labels).all():
                break
            labels = np.unique(moved, return_inverse=True)[1].astype(np.int64)
        return labels


def stabilities(belonging: Rows, labels: Labels) -> list[float]:
    """For each group, the mean share within it less the mean share with passages outside."""
    found = []
    for group in range(belonging.shape[1]):
        inside = labels == group
        within = float(belonging[inside, group].mean())
        outside = float(belonging[~inside, group].mean()) if not inside.all() else 0.0
        found.append(within - outside)
    return found


def _draws(
    graph: Graph, clusters: int, *, seed: int, resamples: int, work: Work
) -> NDArray[np.int32]:
    """The group of each row in each draw, -1 where it was not drawn."""
    chance = np.random.default_rng(seed)
    rows = graph.shape[0]
    _, resolution = cut(graph, clusters, seed, work.check)
    low, high = np.log(SPREAD)
    # What each draw takes and its own seed are settled here, in one order, wherever it is done.
    draws = [
        (
            np.sort(chance.choice(rows, max(2, round(SHARE * rows)), replace=False)),
            resolution * float(np.exp(chance.uniform(low, high))),
            int(chance.integers(2**31)),
        )
        for _ in range(resamples)
    ]
    parts = [
        tuple(draws[first : first + DRAWS_A_PART]) for first in range(0, resamples, DRAWS_A_PART)
    ]
    return np.vstack([drawn for (drawn,) in work.each("draws", draw_part, parts, plain(graph))])


def draw_part(shared: Arrays, part: Sequence[tuple[Labels, float, int]]) -> Arrays:
    """The groups of a few draws: for each the rows it takes, its resolution, its seed."""
    graph = as_graph(*shared)
    drawn = np.full((len(part), graph.shape[0]), -1, dtype=np.int32)
    for row, (taken, resolution, seed) in zip(drawn, part, strict=True):
        row[taken] = communities(graph[taken][:, taken], resolution, seed)
    return (drawn,)


def _weighed(graph: Graph, drawn: NDArray[np.int32]) -> Graph:
    """The same edges, each with the share of draws in which its ends fell together."""
    edges = graph.tocoo()
    one, other = drawn[:, edges.row], drawn[:, edges.col]
    both = (one >= 0) & (other >= 0)
    # An edge that never held stays, as next to nothing: no passage is cut off from all others.
    shares = ((one == other) & both).sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    edges.data = np.maximum(shares, 1e-3)
    return edges.tocsr()
