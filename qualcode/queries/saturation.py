"""Saturation: codes by interview in; how many were new, and how many there may be, out.

Guest's rule looks at the order in which people were asked; Chao's estimate and the coverage ask
how many codes were met in one interview only, whatever the order. Each can say what the other does
not, and neither says that nothing more is to be learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.errors import BadCommand
from qualcode.queries.corpus import Flags

BASE, RUN, THRESHOLD = 4, 2, 0.05
ORDERS = 500
BAND = 0.9
Interview = frozenset[str]


def saturation_curve(
    interviews: Sequence[Interview], *, base: int = BASE, run: int = RUN
) -> dict[str, Any]:
    """New codes by interview, and the first run set against the base (Guest et al. 2020).

    >>> curve = saturation_curve([frozenset("ab"), frozenset("bc"), frozenset("c")], base=2, run=1)
    >>> curve["distinct"], curve["new"], curve["ratio"]
    ([2, 3, 3], [2, 1, 0], 0.0)
    """
    seen: set[str] = set()
    distinct, new = [], []
    for codes in interviews:
        new.append(len(codes - seen))
        seen |= codes
        distinct.append(len(seen))
    enough = len(interviews) >= base + run and distinct[base - 1] > 0
    return {
        "distinct": distinct,
        "new": new,
        "base": base,
        "run": run,
        "new_in_run": sum(new[base : base + run]) if enough else None,
        "ratio": sum(new[base : base + run]) / distinct[base - 1] if enough else None,
    }


@dataclass(frozen=True)
class Step:
    """A run of interviews after the base: from the one of this number (from 1) to that."""

    first: int
    last: int
    new: int
    ratio: float


@dataclass(frozen=True)
class Saturation:
    """A curve with all that it hangs on, so that no figure of it stands alone.

    ``steps`` are the runs, each one interview further, over the codes of the base, which stay the
    same; ``low``, ``middle`` and ``high`` are where the curve runs over random orders.
    """

    interviews: int
    base: int
    run: int
    threshold: float
    distinct: tuple[int, ...]
    new: tuple[int, ...]
    steps: tuple[Step, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    orders: int
    seed: int
    chao2: float | None
    coverage: float | None
    once: int
    twice: int

    @property
    def base_codes(self) -> int:
        """How many codes the base holds, 0 where there are fewer interviews."""
        return self.distinct[self.base - 1] if len(self.distinct) >= self.base else 0

    @property
    def reached(self) -> Step | None:
        """The first run not above the threshold, or None."""
        return next((step for step in self.steps if step.ratio <= self.threshold), None)

    @property
    def notation(self) -> str:
        """As Guest et al. write it: “4+2 at 5 %”."""
        return f"{self.base}+{self.run} at {100 * self.threshold:g} %"

    @property
    def sentence(self) -> str:
        """What the rule says, with everything it was asked."""
        if not self.steps:
            return (
                f"Base {self.base} and run {self.run} need {self.base + self.run} interviews with "
                f"codes; there {_are(self.interviews)}."
            )
        step = self.reached
        shown = step or self.steps[-1]
        told = (
            f"With a base of {self.base} interviews ({_codes(self.base_codes)}) and a run of "
            f"{self.run}, interviews {shown.first} to {shown.last} added {shown.new} "
            f"({100 * shown.ratio:.1f} %)"
        )
        if step is None:
            return f"{told}: “{self.notation}” is not reached in {self.interviews} interviews."
        return f"{told}: “{self.notation}” is reached at interview {step.last}."

    @property
    def beside(self) -> str:
        """The estimate and the coverage, in a sentence."""
        seen = self.distinct[-1] if self.distinct else 0
        if self.chao2 is None or self.coverage is None:
            return "Too few interviews with codes for an estimate of what was not met."
        return (
            f"{_codes(seen)} met, {self.once} of them in one interview only and {self.twice} in "
            f"two: Chao2 estimates {self.chao2:.1f} in all, and the sample covers "
            f"{100 * self.coverage:.1f} % of the codings to expect."
        )


def saturation(
    interviews: Sequence[Interview],
    *,
    base: int = BASE,
    run: int = RUN,
    threshold: float = THRESHOLD,
    orders: int = ORDERS,
    seed: int = 1,
) -> Saturation:
    """The curve in this order, the runs of Guest's rule, and the spread over random orders.

    Parameters
    ----------
    interviews
        For each interview, in order, the codes that it has.
    base, run, threshold
        How many interviews the base and a run hold, and how many new codes in a run, over those of
        the base, are few enough.
    orders, seed
        How many random orders the band is of; the same seed gives the same band.

    References
    ----------
    Guest, G., Namey, E., Chen, M. (2020). A simple method to assess and report thematic saturation
    in qualitative research. PLoS ONE 15(5): e0232076.

    Examples
    --------
    >>> found = saturation([frozenset("abc"), frozenset("bd"), frozenset("ad"), frozenset("ce")],
    ...                    base=2, run=1, threshold=0.2)
    >>> [(step.last, step.new, round(step.ratio, 2)) for step in found.steps]
    [(3, 0, 0.0), (4, 1, 0.25)]
    >>> found.reached.last, found.notation
    (3, '2+1 at 20 %')
    """
    if base < 1 or run < 1 or not 0 <= threshold <= 1 or not 0 <= orders <= 10_000:
        raise BadCommand(
            "A base and a run have at least one interview, and the threshold is between 0 and 1."
        )
    curve = saturation_curve(interviews, base=base, run=run)
    distinct, new = curve["distinct"], curve["new"]
    steps = []
    if curve["ratio"] is not None:
        for first in range(base, len(interviews) - run + 1):
            added = sum(new[first : first + run])
            steps.append(Step(first + 1, first + run, added, added / distinct[base - 1]))
    found = _incidence(interviews)
    low, middle, high = _band(found, orders, seed)
    counts = found.sum(axis=0)
    return Saturation(
        interviews=len(interviews),
        base=base,
        run=run,
        threshold=threshold,
        distinct=tuple(distinct),
        new=tuple(new),
        steps=tuple(steps),
        low=low,
        middle=middle,
        high=high,
        orders=orders,
        seed=seed,
        chao2=chao2(counts.tolist(), len(interviews)),
        coverage=sample_coverage(counts.tolist(), len(interviews)),
        once=int((counts == 1).sum()),
        twice=int((counts == 2).sum()),
    )


def chao2(counts: Sequence[int], interviews: int) -> float | None:
    """How many codes there are at least, with those that no interview has met (Chao 1987).

    ``S + (N − 1)/N · f1(f1 − 1)/(2(f2 + 1))``, the form without bias, of which Chao (2005) says
    that it holds where no code is met twice as well.

    Parameters
    ----------
    counts
        For each code met, in how many interviews it is.
    interviews
        N, the number of interviews.

    Returns
    -------
    float or None
        At least S, the number of codes met; None where no interview has a code.

    References
    ----------
    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal
    catchability. Biometrics 43, 783-791.

    Examples
    --------
    Ten codes met in five interviews, four of them once and two twice: 10 + 4/5 · 4·3/(2·3).

    >>> chao2([1, 1, 1, 1, 2, 2, 3, 4, 5, 5], 5)
    11.6
    >>> chao2([3, 3, 3], 3), chao2([], 5)
    (3.0, None)
    """
    met = [count for count in counts if count > 0]
    if not met or interviews < 1:
        return None
    once, twice = met.count(1), met.count(2)
    more = (interviews - 1) / interviews * once * (once - 1) / (2 * (twice + 1))
    return len(met) + more


def sample_coverage(counts: Sequence[int], interviews: int) -> float | None:
    """Which part of the codes' occurrences is of codes that the interviews have met.

    ``1 − f1/U · (N − 1)f1 / ((N − 1)f1 + 2 f2)`` with U the sum of the counts: the estimate of
    Chao and Jost (2012) for incidence data. It is about how often codes come up, so rare ones weigh
    little: a high coverage leaves room for many rare codes.

    References
    ----------
    Chao, A., Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples
    by completeness rather than size. Ecology 93, 2533-2547.

    Examples
    --------
    U = 25, f1 = 4, f2 = 2, N = 5: 1 − 4/25 · 16/(16 + 4).

    >>> round(sample_coverage([1, 1, 1, 1, 2, 2, 3, 4, 5, 5], 5), 3)
    0.872
    >>> sample_coverage([3, 3, 3], 3), sample_coverage([], 5)
    (1.0, None)
    """
    met = [count for count in counts if count > 0]
    if not met or interviews < 1:
        return None
    once, twice = met.count(1), met.count(2)
    if not once:
        return 1.0
    weight = (interviews - 1) * once
    if not weight and not twice:
        return None  # one interview says nothing about the next
    return 1 - once / sum(met) * weight / (weight + 2 * twice)


def _incidence(interviews: Sequence[Interview]) -> Flags:
    """A row an interview and a column a code: whether it is there."""
    codes = sorted({code for codes in interviews for code in codes})
    place = {code: n for n, code in enumerate(codes)}
    found = np.zeros((len(interviews), len(codes)), dtype=bool)
    for row, own in enumerate(interviews):
        found[row, [place[code] for code in own]] = True
    return found


def _band(
    found: Flags,
    orders: int,
    seed: int,
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Where nine of ten random orders run, and their mean, after each interview."""
    n, codes = found.shape
    if not n or not codes or not orders:
        return (), (), ()
    random = np.random.default_rng(seed)
    curves = np.empty((orders, n))
    for order in range(orders):
        first = found[random.permutation(n)].argmax(axis=0)
        curves[order] = np.cumsum(np.bincount(first, minlength=n))
    low, high = np.quantile(curves, [(1 - BAND) / 2, (1 + BAND) / 2], axis=0)
    return (
        tuple(low.tolist()),
        tuple(np.round(curves.mean(axis=0), 6).tolist()),
        tuple(high.tolist()),
    )


def _codes(n: int) -> str:
    return f"{n} code" if n == 1 else f"{n} codes"


def _are(n: int) -> str:
    return "is 1" if n == 1 else f"are {n}"
