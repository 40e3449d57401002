"""How sure a coefficient is: sums per transcript in, an interval by resampling transcripts out.

A resample is a row of counts, how often each transcript was drawn; because every coefficient here
is made of sums over transcripts, a thousand resamples are one matrix product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qualcode.agreement.coefficients import Floats, Ratings, alpha_draws, value_counts

THRESHOLDS = (0.667, 0.800)
"""Krippendorff's lines: tentative conclusions from .667, reliable from .800."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, the shares of resamples below the thresholds, and what was left out.

    ``undefined`` is the share of resamples that had no value; from one half on, no interval is
    given.
    """

    low: float | None = None
    high: float | None = None
    q_667: float | None = None
    q_800: float | None = None
    undefined: float | None = None


NO_INTERVAL = Interval()


def draws(clusters: int, resamples: int, seed: int) -> Floats:
    """How often each cluster is drawn in each resample; every row sums to ``clusters``.

    >>> draws(3, 2, seed=1).sum(axis=1).tolist()
    [3.0, 3.0]
    """
    generator = np.random.default_rng(seed)
    shares = np.full(clusters, 1 / clusters)
    return generator.multinomial(clusters, shares, size=resamples).astype(np.float64)


def expanded_tail(clusters: int, level: float = 0.95) -> float:
    """The tail cut off at each side so that few clusters do not make the interval too narrow.

    Parameters
    ----------
    clusters
        How many transcripts (or turns) were resampled; at least 2.
    level
        What the interval should cover.

    Returns
    -------
    float
        Phi(-sqrt(n / (n - 1)) t), with t of n - 1 degrees of freedom.

    References
    ----------
    Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American
    Statistician, 69, 371-386 (expanded percentile interval).

    Examples
    --------
    With 14 transcripts 1.25 % are cut at each side instead of 2.5 %:

    >>> round(expanded_tail(14), 4)
    0.0125
    """
    # scipy.stats takes half a second to import; these two functions are all it is needed for.
    from scipy.special import ndtr, stdtrit

    t = float(stdtrit(clusters - 1, 1 - (1 - level) / 2))
    return float(ndtr(-math.sqrt(clusters / (clusters - 1)) * t))


def percentile_interval(values: Floats, tail: float) -> Interval:
    """The interval between two tails of resampled values; NaN stands for a resample without value.

    >>> import numpy as np
    >>> found = percentile_interval(np.linspace(0, 1, 101), 0.05)
    >>> round(found.low, 2), round(found.high, 2), round(found.q_800, 2)
    (0.05, 0.95, 0.79)
    """
    known = np.sort(values[~np.isnan(values)])
    undefined = 1 - len(known) / len(values) if len(values) else 1.0
    if undefined >= 0.5:
        return Interval(undefined=undefined)
    low, high = np.quantile(known, [tail, 1 - tail])
    below = [float(np.mean(known < threshold)) for threshold in THRESHOLDS]
    return Interval(float(low), float(high), below[0], below[1], undefined)


def expanded_interval(values: Floats, clusters: int) -> Interval:
    """The expanded percentile interval of values resampled from this many clusters."""
    return percentile_interval(values, expanded_tail(clusters))


def kalpha_interval(ratings: Ratings, *, seed: int = 1, resamples: int = 10_000) -> Interval:
    """Krippendorff's own bootstrap of nominal alpha: pairs of values drawn, chance fixed.

    Only for comparison with reports made by KALPHA or the R package icr: it takes the pairs of one
    unit as independent and comes out too narrow.

    Parameters
    ----------
    ratings
        One row a coder, one column a unit; None where the coder skipped the unit.

    References
    ----------
    Hayes, A. F., & Krippendorff, K. (2007). Answering the call for a standard reliability measure
    for coding data. Communication Methods and Measures, 1, 77-89.
    """
    apart: list[bool] = []
    slots: list[float] = []
    margins: Counter[Hashable] = Counter()
    for unit in zip(*ratings, strict=True):
        given = [value for value in unit if value is not None]
        if len(given) >= 2:
            margins.update(given)
            pairs = list(combinations(given, 2))
            apart += [a != b for a, b in pairs]
            slots += [1 / (len(given) - 1)] * len(pairs)
    n = margins.total()
    room = n**2 - sum(count**2 for count in margins.values())
    if not room:
        return Interval(undefined=1.0)
    # 2 / (n D_e): what one pair apart takes off alpha in a unit of two coders.
    cost = 2 * (n - 1) / room
    drawn = np.random.default_rng(seed).integers(len(apart), size=(resamples, len(apart)))
    values = 1 - cost * (np.array(apart, dtype=float)[drawn] @ np.array(slots))
    return percentile_interval(values[values >= -1], 0.025)


def unit_interval(ratings: Ratings, *, seed: int = 1, resamples: int = 1000) -> Interval:
    """Percentile interval of nominal alpha with the units resampled, which takes them as unrelated.

    For units that are whole documents; turns of one interview hang together, and there transcripts
    are resampled instead.
    """
    counts, _ = value_counts(ratings)
    return percentile_interval(alpha_draws(counts, draws(len(counts), resamples, seed)), 0.025)
