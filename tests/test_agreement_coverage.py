"""How often the 95 % interval holds the true alpha, in studies drawn at random.

A study here has transcripts of 120 turns. Each transcript has its own rate of the code, and its own
chances that a coder sees it and that a coder sees it where it is not. How much transcripts differ
in this was set so that resampling turns fails as often as when the default was chosen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from qualcode.agreement.coefficients import Floats
from qualcode.agreement.intervals import (
    Interval,
    draws,
    expanded_interval,
    percentile_interval,
)
from qualcode.agreement.sums import AlphaSums

TURNS, RESAMPLES, STUDIES, SEED = 120, 1000, 1000, 20
SEEN, SEEN_WRONGLY, CODE_SPREAD, CODER_SPREAD = 0.85, 0.03, 20, 65
EACH = np.eye(RESAMPLES)
MEASURED_IN = 450
"""Studies behind the shares that were measured when the default was chosen: 400 to 500."""


def drawn(chance: np.random.Generator, transcripts: int, prevalence: float) -> Floats:
    """Turns that both coders marked, that one did and that nobody did, transcript by transcript."""

    def own(mean: float, spread: int) -> Floats:
        return chance.beta(mean * spread, (1 - mean) * spread, transcripts)

    rate = own(prevalence, CODE_SPREAD)
    seen, wrongly = own(SEEN, CODER_SPREAD), own(SEEN_WRONGLY, CODER_SPREAD)
    both = rate * seen**2 + (1 - rate) * wrongly**2
    one = 2 * (rate * seen * (1 - seen) + (1 - rate) * wrongly * (1 - wrongly))
    shares = np.stack([both, one, 1 - both - one], axis=1)
    return chance.multinomial(TURNS, shares).astype(np.float64)


def sums(counts: Floats) -> AlphaSums:
    marked = 2 * counts[:, [0]] + counts[:, [1]]
    return AlphaSums(marked, 2 * counts.sum(axis=1), counts[:, [1]])


def alphas(counts: Floats, weights: Floats | None = None) -> Floats:
    return np.asarray(sums(counts).alpha(weights)[:, 0])


@dataclass(frozen=True)
class Coverage:
    """The share of studies whose interval holds the true value, by what was resampled."""

    turns: float
    percentile: float
    expanded: float


@cache
def coverage(transcripts: int, prevalence: float) -> Coverage:
    chance = np.random.default_rng(SEED)
    true = float(alphas(drawn(chance, 200_000, prevalence).sum(axis=0, keepdims=True))[0])

    def holds(interval: Interval) -> bool:
        return interval.low is not None and interval.low <= true <= (interval.high or -1)

    found = np.zeros(3)
    for study in range(STUDIES):
        counts = drawn(chance, transcripts, prevalence)
        values = alphas(counts, draws(transcripts, RESAMPLES, seed=study))
        total = counts.sum(axis=0)
        turns = chance.multinomial(int(total.sum()), total / total.sum(), size=RESAMPLES)
        found += (
            holds(percentile_interval(alphas(turns.astype(np.float64), EACH), 0.025)),
            holds(percentile_interval(values, 0.025)),
            holds(expanded_interval(values, transcripts)),
        )
    return Coverage(*(found / STUDIES).tolist())


def off(measured: float) -> float:
    """How far a share may lie from one measured elsewhere: three errors of both simulations.

    >>> round(off(0.92), 3)
    0.046
    """
    return 3 * math.sqrt(measured * (1 - measured) * (1 / STUDIES + 1 / MEASURED_IN))


@pytest.mark.parametrize(("transcripts", "measured"), [(14, 0.92), (5, 0.92)])
def test_the_expanded_interval_holds_the_true_alpha_as_often_as_was_measured(
    transcripts: int, measured: float
) -> None:
    assert abs(coverage(transcripts, 0.15).expanded - measured) < off(measured)


@pytest.mark.parametrize(("transcripts", "measured"), [(14, 0.915), (5, 0.84)])
def test_the_plain_percentiles_hold_it_less_often(transcripts: int, measured: float) -> None:
    found = coverage(transcripts, 0.15)
    assert abs(found.percentile - measured) < off(measured)
    assert found.percentile < found.expanded


def test_resampling_turns_as_if_unrelated_holds_it_far_too_seldom() -> None:
    found = coverage(14, 0.15)
    assert abs(found.turns - 0.775) < off(0.775)
    # Ten errors apart, so this simulation can tell a good interval from a bad one.
    assert found.expanded - found.turns > 10 * math.sqrt(0.92 * 0.08 / STUDIES)


def test_ninety_five_percent_are_not_reached_with_five_transcripts() -> None:
    """Which is why the sentence beside an interval says how few they are."""
    assert coverage(5, 0.15).expanded < 0.95
