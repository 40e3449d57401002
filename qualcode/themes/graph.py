"""A graph of near passages, and how it falls apart: rows in; edges, and group numbers, out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.work import Arrays, Work

Rows = NDArray[np.float64]
Labels = NDArray[np.int64]
Graph = Any
"""A symmetric ``scipy.sparse.csr_matrix``, a row a passage, its weights from 0 to 1."""

NEIGHBOURS = 12
FINEST, COARSEST = 40.0, 0.01
"""Between these resolutions a graph of passages falls into one group or into very many."""
_HALVINGS = 18
_A_PART = 1000
"""Rows whose neighbours are looked for in one go."""


def neighbours(rows: Rows, count: int = NEIGHBOURS, *, work: Work | None = None) -> Graph:
    """Each row tied to its nearest by cosine; a tie holds both ways. Rows are of length one."""
    from scipy.sparse import csr_matrix

    count = min(count, len(rows) - 1)
    parts = [(first, min(first + _A_PART, len(rows))) for first in range(0, len(rows), _A_PART)]
    found = (work or Work()).each("graph", near_part, parts, (rows, count + 1))
    far = np.vstack([distances for distances, _ in found])
    near = np.vstack([numbers for _, numbers in found])
    own = np.repeat(np.arange(len(rows)), count + 1)
    # Passages with the same words may stand before the passage itself: it is taken out by number.
    other = near.ravel() != own
    alike = np.clip(1 - far.ravel() ** 2 / 2, 0.01, None)[other]
    ties = csr_matrix((alike, (own[other], near.ravel()[other])), shape=(len(rows), len(rows)))
    return ties.maximum(ties.T).tocsr()


def near_part(shared: tuple[Rows, int], part: tuple[int, int]) -> Arrays:
    """How far the nearest of all rows are from each row of the part, and their numbers."""
    from sklearn.neighbors import NearestNeighbors

    rows, count = shared
    found = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(rows)
    far, near = found.kneighbors(rows[slice(*part)])
    return far, near


def plain(graph: Graph) -> Arrays:
    """A graph as arrays, which travel and can be told apart by their bytes."""
    return graph.data, graph.indices, graph.indptr


def as_graph(data: Rows, indices: Labels, indptr: Labels) -> Graph:
    from scipy.sparse import csr_matrix

    rows = len(indptr) - 1
    return csr_matrix((data, indices, indptr), shape=(rows, rows))


def communities(graph: Graph, resolution: float, seed: int) -> Labels:
    """A group number a row, by the Louvain method (Blondel et al., 2008), rows in a drawn order.

    Leiden of the same library draws from the C library whatever its seed, and so answers
    differently each time; on labelled passages the two are equally good.
    """
    from sknetwork.clustering import Louvain

    method = Louvain(resolution=resolution, random_state=seed, shuffle_nodes=True)
    return np.asarray(method.fit_predict(graph), np.int64)


def cut(
    graph: Graph, groups: int, seed: int, check: Callable[[], None] = lambda: None
) -> tuple[Labels, float]:
    """The graph in as near to ``groups`` groups as a resolution gives, and that resolution.

    ``check`` is called before each try, and may stop the search by raising.
    """
    low, high = COARSEST, FINEST
    best: tuple[int, Labels, float] | None = None
    for _ in range(_HALVINGS):
        check()
        resolution = float((low * high) ** 0.5)
        labels = communities(graph, resolution, seed)
        made = int(labels.max()) + 1
        if best is None or abs(made - groups) < best[0]:
            best = (abs(made - groups), labels, resolution)
        if made == groups:
            break
        low, high = (resolution, high) if made < groups else (low, resolution)
    assert best is not None
    return best[1], best[2]
