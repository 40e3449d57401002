"""Gamma: units of several coders aligned as well as they can be, and no better by chance.

An extra beside the alphas, never a headline: the value depends on three weights and on how chance
is drawn, so every report of it has to name them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

import numpy as np

from qualcode.agreement.coefficients import Floats
from qualcode.errors import BadCommand
from qualcode.spans import Span

_Units = tuple[Floats, list[Hashable]]  # starts and ends, values


def gamma(
    coders: Mapping[str, Sequence[tuple[Span, Hashable]]],
    *,
    empty: float = 1.0,
    place: float = 3.0,
    value: float = 1.0,
    seed: int = 1,
    samples: int = 200,
) -> float | None:
    """Gamma of spans with values, for a few dozen spans a coder.

    Parameters
    ----------
    coders
        Each coder's spans with their values; spans may overlap.
    empty
        What a unit without a partner costs (delta empty).
    place, value
        What a difference of place and of value cost (alpha and beta of the authors).
    seed, samples
        Of the draws that give the disorder expected by chance: each takes a real coder's units and
        moves them round by a random distance.

    Returns
    -------
    float or None
        1 - observed / expected disorder; None without units of two coders.

    References
    ----------
    Mathet, Y., Widlöcher, A., & Métivier, J.-P. (2015). The unified and holistic method gamma for
    inter-annotator agreement measure and alignment. Computational Linguistics, 41, 437-479.

    Examples
    --------
    >>> units = [(Span(0, 10), "a"), (Span(20, 30), "b")]
    >>> gamma({"ana": units, "ben": units}, samples=10)
    1.0
    """
    continuum = [_units(units) for units in coders.values()]
    if len(continuum) < 2 or not any(len(values) for _, values in continuum):
        return None
    generator = np.random.default_rng(seed)
    drawn = [_disorder(_moved(continuum, generator), empty, place, value) for _ in range(samples)]
    expected = float(np.mean(drawn))
    return 1 - _disorder(continuum, empty, place, value) / expected if expected else None


def disorder(
    coders: Mapping[str, Sequence[tuple[Span, Hashable]]],
    *,
    empty: float = 1.0,
    place: float = 3.0,
    value: float = 1.0,
) -> float:
    """Disorder of the best alignment: 0 where all coders have the same units.

    >>> disorder({"ana": [(Span(0, 10), "a")], "ben": [(Span(0, 10), "b")]})
    1.0
    """
    return _disorder([_units(units) for units in coders.values()], empty, place, value)


def _units(units: Sequence[tuple[Span, Hashable]]) -> _Units:
    ordered = sorted(units, key=lambda unit: unit[0])
    places = np.array([(span.start, span.end) for span, _ in ordered], dtype=np.float64)
    return places.reshape(-1, 2), [value for _, value in ordered]


def _disorder(continuum: Sequence[_Units], empty: float, place: float, value: float) -> float:
    """The least disorder of all alignments, found as a whole-number programme."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    count = len(continuum)
    sizes = [len(values) for _, values in continuum]
    total = np.zeros([size + 1 for size in sizes])
    if total.size > 2_000_000:
        raise BadCommand("Gamma takes a few dozen spans a coder; compare shorter stretches.")
    for first, second in combinations(range(count), 2):
        shape = [1] * count
        shape[first], shape[second] = sizes[first] + 1, sizes[second] + 1
        between = _between(continuum[first], continuum[second], empty, place, value)
        total = total + between.reshape(shape)
    cost = (total / (count * (count - 1) / 2)).ravel()
    members = np.stack(np.unravel_index(np.arange(cost.size), total.shape), axis=1)
    real = members < np.array(sizes)
    # Units that cost more together than alone are never aligned.
    kept = np.flatnonzero(real.any(axis=1) & (cost <= empty * real.sum(axis=1)))
    offsets = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    columns, coder = np.nonzero(real[kept])
    rows = (members[kept] + offsets)[columns, coder]
    once = csr_array((np.ones(len(rows)), (rows, columns)), shape=(sum(sizes), len(kept)))
    found = milp(
        cost[kept],
        constraints=LinearConstraint(once, 1, 1),
        integrality=np.ones(len(kept)),
        bounds=Bounds(0, 1),
    )
    return float(found.fun) / (sum(sizes) / count)


def _between(first: _Units, second: _Units, empty: float, place: float, value: float) -> Floats:
    """Cost of every pair of units; the last row and column are "no unit"."""
    table = np.full((len(first[1]) + 1, len(second[1]) + 1), empty)
    if first[1] and second[1]:
        a, b = first[0][:, None, :], second[0][None, :, :]
        lengths = (a[..., 1] - a[..., 0]) + (b[..., 1] - b[..., 0])
        apart = (np.abs(a - b).sum(axis=2) / lengths) ** 2
        other = np.array([[x != y for y in second[1]] for x in first[1]], dtype=float)
        table[:-1, :-1] = empty * (place * apart + value * other)
    return table


def _moved(continuum: Sequence[_Units], generator: np.random.Generator) -> list[_Units]:
    """Chance: for each coder, some real coder's units, moved round by a distance of its own.

    Two distances keep half a mean unit apart, so that no coder is compared with themself.
    """
    places = np.concatenate([units for units, _ in continuum])
    start, end = float(places[:, 0].min()), float(places[:, 1].max())
    apart = float((places[:, 1] - places[:, 0]).mean()) / 2
    free = [(start, end)]
    moved: list[_Units] = []
    for _ in continuum:
        low, high = start, end
        if free:
            lengths = np.array([right - left for left, right in free])
            low, high = free[generator.choice(len(free), p=lengths / lengths.sum())]
        by = float(int(generator.uniform(low, high)))
        free = [
            piece
            for left, right in free
            for piece in ((left, min(right, by - apart)), (max(left, by + apart), right))
            if piece[1] > piece[0]
        ]
        units, values = continuum[int(generator.integers(len(continuum)))]
        shift = np.where(units[:, :1] + by > end, by + start - end, by)
        moved.append((units + shift, values))
    return moved
