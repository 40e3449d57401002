"""Distances between sets of codes: both ways of adding them up equal every pair, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.agreement import distances
from qualcode.agreement.distances import Holdings, by_subsets, distance_sums, one_by_one
from qualcode.agreement.sets import masi_distance

MARKS = st.lists(st.frozensets(st.integers(0, 8)), min_size=1, max_size=25, unique=True)


def table(sets, columns=9):
    found = np.zeros((len(sets), columns), dtype=bool)
    for row, codes in enumerate(sets):
        found[row, list(codes)] = True
    return found


def plainly(sets, held):
    """Each value of one cluster beside each value of another."""
    apart = np.array([[masi_distance(a, b) for b in sets] for a in sets])
    return held @ apart @ held.T


@settings(max_examples=80)
@given(MARKS, st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_sums_equal_every_pair_taken_singly(sets, clusters, seed):
    held = np.random.default_rng(seed).integers(0, 60, (clusters, len(sets))).astype(float)
    expected = plainly(sets, held)
    near = pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert one_by_one(table(sets), held) == near
    for order in (1, 2, 3):
        assert by_subsets(Holdings.of(table(sets), held), order) == near


def many(chance, count, columns=40, mean=4):
    sizes = np.minimum(chance.poisson(mean, count), columns)
    sets = [frozenset(chance.choice(columns, size, replace=False).tolist()) for size in sizes]
    return list(dict.fromkeys(sets))


def test_thousands_of_sets_have_the_same_sums_either_way():
    chance = np.random.default_rng(5)
    sets = table(many(chance, 9000), 40)
    held = np.eye(5)[chance.integers(0, 5, len(sets))].T * chance.integers(1, 9, len(sets))
    assert len(sets) > distances._FEW
    assert by_subsets(Holdings.of(sets, held), 3, most=len(sets) ** 2 // 40) is not None
    assert distance_sums(sets, held) == pytest.approx(one_by_one(sets, held), rel=1e-12)


def test_a_cluster_in_which_nothing_varies_has_no_distance_at_all():
    """A distance that is 0 but for rounding would make an undefined alpha look defined."""
    chance = np.random.default_rng(6)
    sets = table(many(chance, 9000), 40)
    largest = int(sets.sum(axis=1).argmax())
    held = np.zeros((2, len(sets)))
    held[0, largest], held[1] = 12_345, 1
    found = by_subsets(Holdings.of(sets, held), 3)
    assert found[0, 0] == 0
    assert found[0, 1] > 0


def test_sets_that_share_most_of_their_codes_are_held_against_each_other():
    """Where every pair would have to be taken singly, the plain way is quicker."""
    chance = np.random.default_rng(7)
    common = frozenset(range(5))
    alike = table([common | codes for codes in many(chance, 2500, 30)], 40)
    held = np.ones((2, len(alike)))
    assert by_subsets(Holdings.of(alike, held), 3, most=len(alike) ** 2 // 40) is None
    assert distance_sums(alike, held) == pytest.approx(one_by_one(alike, held))


def test_a_long_codebook_takes_smaller_subsets():
    chance = np.random.default_rng(8)
    sets = table(many(chance, 5000, 150, mean=3), 150)
    held = np.eye(14)[chance.integers(0, 14, len(sets))].T
    holdings = Holdings.of(sets, held)
    assert holdings.tables(3) > distances._ROOM
    assert holdings.tables(2) <= distances._ROOM
    assert distance_sums(sets, held) == pytest.approx(one_by_one(sets, held), rel=1e-12)
