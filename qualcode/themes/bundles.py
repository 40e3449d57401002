"""Very many passages in small bundles of near ones: rows in; each one's bundle, and centres, out.

Each part of the rows is bundled by itself, the centres of all parts are brought together by their
weights, and every row then goes to the nearest centre: the cost grows with the rows and no faster.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.vectors import unit
from qualcode.themes.work import Arrays, Work

A_PART = 4000
"""Rows bundled in one go."""
FEWEST_OF_A_PART = 250
"""Centres that a part gives at least, if it has twice as many rows."""
_BATCH = 1024


def bundles(
    rows: NDArray[Any], most: int, *, seed: int, work: Work
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each row the number of its bundle, and the centre of each, of length one.

    At most ``most`` bundles, none of them empty.
    """
    parts = [rows[first : first + A_PART] for first in range(0, len(rows), A_PART)]
    each = max(FEWEST_OF_A_PART, -(-2 * most // len(parts)))
    found = work.each("bundles", bundle_part, parts, (each, seed))
    centres = np.vstack([own for own, _ in found])
    weights = np.concatenate([counts for _, counts in found])
    work.check()
    if len(centres) > most:
        centres = _together(centres, weights, most, seed)[0]
    centres = np.asarray(unit(centres), rows.dtype)
    nearest = [own for (own,) in work.each("bundles", nearest_part, parts, (centres,))]
    used, bundle = np.unique(np.concatenate(nearest), return_inverse=True)
    return bundle.astype(np.int64), centres[used].astype(np.float64)


def bundle_part(shared: tuple[int, int], part: NDArray[Any]) -> Arrays:
    """The centres of a part's bundles, and how many rows each has."""
    each, seed = shared
    wanted = min(each, max(1, len(part) // 2))
    return _together(part, np.ones(len(part)), wanted, seed)


def nearest_part(shared: tuple[NDArray[Any]], part: NDArray[Any]) -> Arrays:
    """For each row of a part the number of the centre nearest to it."""
    return ((part @ shared[0].T).argmax(axis=1).astype(np.int32),)


def _together(rows: NDArray[Any], weights: NDArray[Any], number: int, seed: int) -> Arrays:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    # Centres begin at rows drawn by weight: so many of them leave little for a careful start.
    means = MiniBatchKMeans(
        number, init="random", n_init=1, random_state=seed, batch_size=_BATCH, max_iter=20
    )
    with warnings.catch_warnings():  # rows that are all alike make fewer bundles, as they should
        warnings.simplefilter("ignore", ConvergenceWarning)
        means.fit(rows, sample_weight=weights)
    counts = np.bincount(means.labels_, weights=weights, minlength=number)
    return means.cluster_centers_[counts > 0], counts[counts > 0]
