"""How many interviews to code twice: the plan against fresh studies whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from qualcode.agreement import compare_coders, plan_interviews
from qualcode.agreement.intervals import draws, expanded_interval
from qualcode.agreement.planner import TRIED, planned_widths
from qualcode.agreement.sets import SetSums
from qualcode.errors import BadCommand
from qualcode.model import CodingSet, Round
from tests.sample_key import codings, transcripts
from tests.test_agreement_coverage import alphas, drawn

TEXTS = transcripts()
BOTH = codings(TEXTS)
PREVALENCE, FRESH = 0.15, 300
PILOT = Round("r1", "Trying out", "pilot")


def sums(counts) -> SetSums:
    """One code as sets of codes, {} or {code}: two values are 0 or 1 apart."""
    marked, n = 2 * counts[:, 0] + counts[:, 1], 2 * counts.sum(axis=1)
    apart = np.outer(marked, n - marked)
    return SetSums(2 * counts[:, 1], n, apart + apart.T)


@cache
def fresh_widths(interviews: int):
    """Widths of the interval in new studies of so many interviews, all drawn from the truth."""
    chance = np.random.default_rng(99)
    weights = draws(interviews, 400, 7)
    found = []
    for _ in range(FRESH):
        values = alphas(drawn(chance, interviews, PREVALENCE), weights)
        interval = expanded_interval(values, interviews)
        found.append(interval.high - interval.low)
    return np.array(found)


def plan(pilot: int, seed: int, tried=TRIED, studies=40, resamples=300):
    counts = drawn(np.random.default_rng(seed), pilot, PREVALENCE)
    return planned_widths(sums(counts), tried=tried, studies=studies, resamples=resamples)


def test_the_sums_of_this_simulation_are_those_of_alpha():
    counts = drawn(np.random.default_rng(1), 5, PREVALENCE)
    assert sums(counts).alpha()[0] == pytest.approx(alphas(counts.sum(axis=0, keepdims=True))[0])


def test_the_expected_width_is_that_of_fresh_studies():
    """Over pilots of twelve interviews, the plan's median width is theirs within a tenth."""
    tried = (6, 14, 30)
    plans = [plan(12, seed, tried) for seed in range(24)]
    for place, interviews in enumerate(tried):
        planned = np.median([found[place].expected for found in plans])
        assert planned == pytest.approx(np.median(fresh_widths(interviews)), rel=0.1)


def test_a_small_pilot_plans_right_on_the_average_and_roughly_each_time():
    """Four interviews tell little of how interviews differ, as the plan's assumptions say."""
    plans = [plan(4, seed, (14,))[0].expected for seed in range(40)]
    truth = np.median(fresh_widths(14))
    assert np.median(plans) == pytest.approx(truth, rel=0.2)
    assert np.std(plans) > 0.1 * truth, "one small pilot may be far off"


def test_the_number_found_gives_the_wanted_width_as_often_as_it_promises():
    wanted = 0.16
    expected, surely = [], []
    for seed in range(11):
        found = plan(12, seed, range(8, 60, 2))
        expected.append(next(r.interviews for r in found if r.expected <= wanted))
        surely.append(next(r.interviews for r in found if r.pessimistic <= wanted))
    half = np.mean(fresh_widths(int(np.median(expected))) <= wanted)
    most = np.mean(fresh_widths(int(np.median(surely))) <= wanted)
    assert 0.3 < half < 0.7
    assert 0.8 < most < 0.98


def test_more_interviews_make_the_interval_narrower():
    found = plan(8, 3)
    widths = [row.expected for row in found if row.interviews >= 4]
    assert widths[-1] < widths[0] / 2
    assert all(late < early * 1.06 for early, late in pairwise(widths))
    assert all(row.pessimistic >= row.expected for row in found)


# --- from transcripts -----------------------------------------------------------------------


@cache
def sample_plan(width=0.2):
    return plan_interviews(TEXTS, BOTH, width=width)


def test_a_plan_from_the_sample_says_how_many_and_what_it_assumes():
    found = sample_plan()
    agreed = compare_coders(TEXTS, BOTH)
    assert found.alpha == pytest.approx(agreed.overall.value)
    assert found.resampled == "transcripts"
    assert found.interviews in TRIED
    assert found.surely >= found.interviews
    assert found.expected(found.interviews).expected <= 0.2
    now = agreed.overall.high - agreed.overall.low
    assert found.expected(6).expected == pytest.approx(now, rel=0.35)
    assert found.sentence.startswith(f"{found.interviews} interviews coded twice give a 95 % ")
    assert "Judged by 6 transcripts with an overall alpha of .81." in found.sentence
    said = " ".join(found.assumptions)
    for word in ("same people", "same codebook", "only 6 of them", "√(6/5)", "not other coders"):
        assert word in said
    assert all(sentence.endswith(".") for sentence in found.assumptions)


def test_the_same_seed_gives_the_same_plan():
    assert plan_interviews(TEXTS, BOTH, width=0.2) == sample_plan()
    assert plan_interviews(TEXTS, BOTH, width=0.2, seed=2).widths != sample_plan().widths
    json.dumps(sample_plan().to_dict(), allow_nan=False)


def test_a_narrow_interval_may_be_out_of_reach():
    found = plan_interviews(TEXTS, BOTH, width=0.01)
    assert (found.interviews, found.surely) == (None, None)
    assert found.sentence.startswith("Even 100 interviews coded twice do not give")


def test_from_one_transcript_turns_are_drawn_and_the_plan_says_so():
    found = plan_interviews(TEXTS[:1], BOTH, width=0.3)
    assert found.resampled == "turns"
    assert any("Only one transcript was coded twice: its 12 turns" in s for s in found.assumptions)
    assert found.interviews is not None


def test_two_transcripts_that_happen_to_be_alike_do_not_promise_a_narrow_interval():
    """Their values lie close together, but turns alone make more difference than that."""
    two = plan_interviews(TEXTS[:2], BOTH, width=0.1)
    assert two.interviews is None or two.interviews > 8
    assert two.expected(14).expected > 0.5 * plan_interviews(TEXTS, BOTH).expected(14).expected
    assert any("alike by chance" in sentence for sentence in two.assumptions)
    assert not any("alike by chance" in sentence for sentence in sample_plan().assumptions)


def test_a_plan_from_a_pilot_names_it():
    pilot = replace(BOTH, codings=tuple(replace(c, round="r1") for c in BOTH))
    found = plan_interviews(TEXTS[:3], pilot, width=0.2, round=PILOT)
    assert "of the pilot round “Trying out”" in found.sentence
    assert found.to_dict()["round_kind"] == "pilot"
    with pytest.raises(BadCommand, match="of the round r1"):
        plan_interviews(TEXTS, pilot)


def test_what_cannot_be_planned_from_is_refused_in_a_sentence():
    with pytest.raises(BadCommand, match=r"such as 0\.1"):
        plan_interviews(TEXTS, BOTH, width=0)
    nothing = CodingSet((), BOTH.sealed, codes=BOTH.codes)
    with pytest.raises(BadCommand, match="hold a pilot round first"):
        plan_interviews(TEXTS, nothing)
    told = replace(BOTH, not_blind={text.id: "discussed" for text in TEXTS})
    with pytest.raises(BadCommand, match="hold a pilot round first"):
        plan_interviews(TEXTS, told)
