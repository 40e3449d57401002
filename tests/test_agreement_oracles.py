"""Each measure against another package on random codings, where that package is right.

krippendorff, scikit-learn, statsmodels and NLTK are asked here. irrCAC cannot be: it asks for an
old SciPy that qualcode does not run with. What it gave for random ratings is kept in
``golden/irrcac`` together with the script that asked it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import fields
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nltk.metrics import agreement as nltk_agreement
from nltk.metrics import distance as nltk_distance
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    f1_score,
    jaccard_score,
)
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss_of_statsmodels

from qualcode.agreement import COEFFICIENTS, DATA, Cells, CodeAgreement
from qualcode.agreement import cells as of
from qualcode.agreement.coefficients import (
    alpha_draws,
    brennan_prediger,
    cohen_kappa,
    fleiss_category,
    fleiss_kappa,
    gwet_ac,
    holsti,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    scott_pi,
    value_counts,
)
from qualcode.agreement.sets import jaccard_distance, masi_distance, set_alpha
from qualcode.agreement.sums import AlphaSums
from qualcode.agreement.unitizing import cu_alpha, ku_alpha, u_alpha, unitizing_alpha
from qualcode.spans import Span, merged

GOLDEN = Path(__file__).parent / "golden"
SCALE = (0, 1, 2, 3)
MORE = settings(max_examples=60, deadline=None)
NEAR_ZERO = 1e-9
ROOTS = pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")
"""statsmodels takes the root of a variance that is zero but for rounding."""


def close(value):
    return pytest.approx(value, rel=1e-9, abs=NEAR_ZERO)


def varied(ratings):
    return len({value for row in ratings for value in row if value is not None}) > 1


marks = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60)
two_rows = st.integers(2, 50).flatmap(
    lambda n: st.tuples(*[st.lists(st.sampled_from(SCALE), min_size=n, max_size=n)] * 2)
)


def rows(coders, values, most=25):
    return st.tuples(st.integers(2, most), st.integers(*coders)).flatmap(
        lambda size: st.lists(
            st.lists(values, min_size=size[0], max_size=size[0]),
            min_size=size[1],
            max_size=size[1],
        )
    )


complete = rows((2, 5), st.sampled_from(SCALE))
with_gaps = rows((2, 4), st.sampled_from((*SCALE, None)))


def counted(pairs):
    count = Counter(pairs)
    return Cells(*(count[pair] for pair in ((1, 1), (1, 0), (0, 1), (0, 0))))


def task(ratings, distance=nltk_distance.binary_distance):
    """The same codings as NLTK takes them: coder, unit, value; skipped units are not there."""
    return nltk_agreement.AnnotationTask(
        data=[
            (f"coder {coder}", unit, value)
            for coder, row in enumerate(ratings)
            for unit, value in enumerate(row)
            if value is not None
        ],
        distance=distance,
    )


# --- two coders, one code: scikit-learn and statsmodels ---------------------------------------


@MORE
@given(marks)
def test_the_coefficients_of_one_code_equal_scikit_learn(pairs):
    first, second = [int(a) for a, _ in pairs], [int(b) for _, b in pairs]
    cells = counted(zip(first, second, strict=True))
    assert of.percent(cells) == close(accuracy_score(first, second))
    if varied([first, second]):
        assert of.kappa(cells) == close(cohen_kappa_score(first, second))
    if any(first) or any(second):
        assert of.f1(cells) == close(f1_score(first, second, zero_division=0))
        assert of.iou(cells) == close(jaccard_score(first, second, zero_division=0))
        found = holsti(cells.both, sum(first), sum(second))
        assert found == close(f1_score(first, second, zero_division=0))
    if not all(first) or not all(second):
        other = f1_score(first, second, pos_label=0, zero_division=0)
        assert of.negative_agreement(cells) == close(other)


@MORE
@given(st.lists(marks, min_size=1, max_size=6))
def test_pooled_kappa_equals_the_means_from_scikit_learn(codes):
    observed, expected = [], []
    for pairs in codes:
        first, second = zip(*pairs, strict=True)
        assume(varied([first, second]))
        kappa = cohen_kappa_score(first, second)
        observed.append(accuracy_score(first, second))
        # p_e from p_o and kappa; where kappa is 1, from the rates.
        rates = np.mean(first), np.mean(second)
        by_rates = rates[0] * rates[1] + (1 - rates[0]) * (1 - rates[1])
        solved = (observed[-1] - kappa) / (1 - kappa) if kappa < 1 else by_rates
        expected.append(solved)
    pooled = (np.mean(observed) - np.mean(expected)) / (1 - np.mean(expected))
    assert of.kappa_de_vries([counted(pairs) for pairs in codes]) == close(pooled)


@MORE
@given(two_rows)
def test_weighted_kappa_equals_scikit_learn(both):
    first, second = both
    assume(varied(both))
    for weights in ("identity", "linear", "quadratic"):
        other = cohen_kappa_score(
            first, second, labels=SCALE, weights=None if weights == "identity" else weights
        )
        assert cohen_kappa(first, second, weights, SCALE).value == close(other), weights


@MORE
@given(two_rows)
def test_words_in_their_declared_order_weigh_as_numbers_do(both):
    words = ("never", "a little", "much", "always")
    named = [[words[value] for value in row] for row in both]
    for weights in ("linear", "quadratic"):
        found, expected = cohen_kappa(*named, weights, words), cohen_kappa(*both, weights, SCALE)
        assert found.value == (None if expected.value is None else close(expected.value))
        assert found.se == (None if expected.se is None else close(expected.se))


@ROOTS
@MORE
@given(two_rows)
def test_the_errors_of_kappa_equal_statsmodels(both):
    assume(varied(both))
    table = np.zeros((4, 4))
    for a, b in zip(*both, strict=True):
        table[a, b] += 1
    for weights in ("identity", "linear", "quadratic"):
        found = cohen_kappa(*both, weights, SCALE)
        other = cohens_kappa(table, wt=None if weights == "identity" else weights)
        assert found.value == close(other.kappa), weights
        assert found.se**2 == pytest.approx(max(other.var_kappa, 0), abs=1e-12), weights
        assert found.se_null**2 == pytest.approx(max(other.var_kappa0, 0), abs=1e-12), weights
        if weights == "identity":
            assert found.maximum == close(other.kappa_max)
        else:
            assert found.maximum is None


@ROOTS
@MORE
@given(marks)
def test_the_errors_and_the_maximum_of_one_code_equal_statsmodels(pairs):
    first, second = [int(a) for a, _ in pairs], [int(b) for _, b in pairs]
    cells = counted(zip(first, second, strict=True))
    if not varied([first, second]):
        assert of.kappa_se(cells) is of.kappa_se_null(cells) is of.kappa_maximum(cells) is None
        return
    other = cohens_kappa([[cells.both, cells.only_a], [cells.only_b, cells.neither]])
    assert of.kappa_se(cells) ** 2 == pytest.approx(max(other.var_kappa, 0), abs=1e-12)
    assert of.kappa_se_null(cells) ** 2 == pytest.approx(max(other.var_kappa0, 0), abs=1e-12)
    assert of.kappa_maximum(cells) == close(other.kappa_max)


# --- any number of coders: statsmodels and NLTK -----------------------------------------------


@MORE
@given(complete)
def test_fleiss_and_brennan_prediger_equal_statsmodels(ratings):
    counts, _ = value_counts(ratings, SCALE)
    if varied(ratings):
        assert fleiss_kappa(ratings).value == close(fleiss_of_statsmodels(counts))
    other = fleiss_of_statsmodels(counts, method="randolph")
    assert brennan_prediger(ratings, categories=SCALE).value == close(other)
    for value in SCALE:
        column = counts[:, [SCALE.index(value)]]
        found = fleiss_category(ratings, value)
        if 0 < column.sum() < counts.sum():
            against_the_rest = np.hstack([column, counts.sum(axis=1, keepdims=True) - column])
            assert found == close(fleiss_of_statsmodels(against_the_rest))
        else:
            assert found is None


@MORE
@given(complete)
def test_percent_light_scott_and_bennett_equal_nltk(ratings):
    assume(varied(ratings))
    other = task(ratings)
    assert percent_agreement(ratings).value == close(other.avg_Ao())
    used = {value for row in ratings for value in row}
    assert brennan_prediger(ratings, categories=used).value == close(other.S())
    if all(varied(pair) for pair in combinations(ratings, 2)):
        assert light_kappa(ratings) == close(other.kappa())
    first_two = ratings[:2]
    if varied(first_two):
        assert scott_pi(*first_two) == close(task(first_two).pi())
        cells = counted([(int(a > 0), int(b > 0)) for a, b in zip(*first_two, strict=True)])
        raised = [[value > 0 for value in row] for row in first_two]
        if varied(raised):
            assert of.pi(cells) == close(task(raised).pi())
        assert of.pabak(cells) == close(2 * task(raised).avg_Ao() - 1)


def ordinal(ratings):
    """The ordinal distance from the values of all pairable units, as it is written."""
    margins = Counter(
        value
        for unit in zip(*ratings, strict=True)
        if sum(value is not None for value in unit) >= 2
        for value in unit
        if value is not None
    )

    def distance(a, b):
        low, high = min(a, b), max(a, b)
        between = sum(margins[value] for value in SCALE if low <= value <= high)
        return (between - (margins[a] + margins[b]) / 2) ** 2 if a != b else 0.0

    return distance


def ratio(a, b):
    return ((a - b) / (a + b)) ** 2 if a + b else 0.0


@MORE
@given(with_gaps)
def test_alpha_on_every_level_equals_nltk(ratings):
    found = krippendorff_alpha(ratings)
    pairable = [unit for unit in zip(*ratings, strict=True) if sum(v is not None for v in unit) > 1]
    if not varied(pairable):
        assert found is None
        return
    ratings = list(zip(*pairable, strict=True))
    assert found == close(task(ratings).alpha())
    distances = {
        "interval": nltk_distance.interval_distance,
        "ordinal": ordinal(ratings),
        "ratio": ratio,
    }
    for level, distance in distances.items():
        assert krippendorff_alpha(ratings, level) == close(task(ratings, distance).alpha()), level


# --- our own sums, which intervals are made of: krippendorff ----------------------------------


@MORE
@given(with_gaps, st.randoms(use_true_random=False))
def test_alpha_of_units_drawn_again_equals_krippendorff_on_those_units(ratings, chance):
    counts, _ = value_counts(ratings, SCALE)
    times = np.array([chance.randint(0, 3) for _ in counts])
    found = alpha_draws(counts, times[None].astype(float))[0]
    repeated = np.repeat(counts, times, axis=0)
    repeated = repeated[repeated.sum(axis=1) >= 2]
    if np.count_nonzero(repeated.sum(axis=0)) < 2:
        assert math.isnan(found)
        return
    other = krippendorff.alpha(
        value_counts=repeated.astype(int), level_of_measurement="nominal", value_domain=SCALE
    )
    assert found == close(other)


@MORE
@given(rows((2, 4), st.sampled_from((0, 1, None))), st.randoms(use_true_random=False))
def test_alpha_of_transcripts_drawn_again_equals_krippendorff(ratings, chance):
    units = [[v for v in unit if v is not None] for unit in zip(*ratings, strict=True)]
    units = [unit for unit in units if len(unit) >= 2]
    sums = AlphaSums(
        np.array([[sum(unit)] for unit in units], dtype=float).reshape(-1, 1),
        np.array([len(unit) for unit in units], dtype=float),
        np.array([[sum(u) * (len(u) - sum(u)) / (len(u) - 1)] for u in units], dtype=float).reshape(
            -1, 1
        ),
    )
    times = np.array([chance.randint(0, 3) for _ in units], dtype=int)
    found = sums.alpha(times[None].astype(float))[0, 0]
    drawn = [unit for unit, often in zip(units, times, strict=True) for _ in range(often)]
    if len({value for unit in drawn for value in unit}) < 2:
        assert math.isnan(found)
        return
    table = np.array([[unit.count(0), unit.count(1)] for unit in drawn])
    other = krippendorff.alpha(
        value_counts=table, level_of_measurement="nominal", value_domain=[0, 1]
    )
    assert found == close(other)


# --- sets of codes: NLTK ----------------------------------------------------------------------

some_codes = st.frozensets(st.sampled_from("abcde"), min_size=1, max_size=4)


def test_this_nltk_has_the_constants_of_the_paper():
    """Before 2026 it had .67 and .33, with which nothing here would agree."""
    assert nltk_distance.masi_distance({1, 2}, {1, 2, 3, 4}) == close(2 / 3)


@MORE
@given(some_codes, some_codes)
def test_distances_of_sets_equal_nltk(first, second):
    assert masi_distance(first, second) == close(nltk_distance.masi_distance(first, second))
    assert jaccard_distance(first, second) == close(nltk_distance.jaccard_distance(first, second))


@MORE
@given(rows((2, 3), st.one_of(some_codes, st.none()), most=12))
def test_alpha_on_sets_of_codes_equals_nltk(ratings):
    pairable = [unit for unit in zip(*ratings, strict=True) if sum(v is not None for v in unit) > 1]
    if not varied(pairable):
        assert set_alpha(ratings) is None
        return
    kept = list(zip(*pairable, strict=True))
    assert set_alpha(ratings) == close(task(kept, nltk_distance.masi_distance).alpha())
    other = task(kept, nltk_distance.jaccard_distance).alpha()
    assert set_alpha(ratings, jaccard_distance) == close(other)


# --- with errors: irrCAC ----------------------------------------------------------------------

IRRCAC = json.loads((GOLDEN / "irrcac" / "irrcac.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(IRRCAC["tables"])))
def test_gwet_brennan_prediger_and_fleiss_with_errors_equal_irrcac(number):
    """What irrCAC 0.4.4 gave for random ratings, with values that nobody used and gaps."""
    table = IRRCAC["tables"][number]
    ratings, scale = list(zip(*table["ratings"], strict=True)), table["scale"]
    for weights, expected in table["expected"].items():
        found_here = {
            "gwet": gwet_ac(ratings, weights, scale),
            "brennan_prediger": brennan_prediger(ratings, weights, scale),
        }
        # Fleiss' kappa knows no declared values: weights span those that were given.
        if weights == "identity" or {value for row in ratings for value in row} >= set(scale):
            found_here["fleiss"] = fleiss_kappa(ratings, weights)
        for name, found in found_here.items():
            assert found.value == pytest.approx(expected[name]["value"], abs=1e-10)
            assert found.se == pytest.approx(expected[name]["se"], abs=1e-10)


def test_ac1_of_two_coders_and_one_code_equals_irrcac():
    """The same figure by its closed form, where two coders left no gap and there are two values."""
    compared = 0
    for table in IRRCAC["tables"]:
        rows = table["ratings"]
        if table["scale"] != [1, 2] or any(len(row) != 2 or None in row for row in rows):
            continue
        found = Counter(map(tuple, rows))
        cells = Cells(found[2, 2], found[2, 1], found[1, 2], found[1, 1])
        expected = table["expected"]["identity"]
        assert of.ac1(cells) == pytest.approx(expected["gwet"]["value"], abs=1e-10)
        assert of.pabak(cells) == pytest.approx(expected["brennan_prediger"]["value"], abs=1e-10)
        compared += 1
    assert compared >= 3


def test_what_irrcac_gave_is_of_every_kind():
    """The kept tables hold two to four coders, gaps, and values that nobody used."""
    tables = IRRCAC["tables"]
    given = [[value for row in table["ratings"] for value in row] for table in tables]
    assert {len(table["ratings"][0]) for table in tables} == {2, 3, 4}
    assert any(None in values for values in given)
    unused = [set(t["scale"]) - set(v) for t, v in zip(tables, given, strict=True)]
    assert any(unused)


# --- unitizing: no package is right, so character by character --------------------------------

passages = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=6).map(
    lambda found: merged(Span(start, min(start + length, 60)) for start, length in found)
)


@MORE
@given(st.lists(passages, min_size=2, max_size=4))
def test_u_alpha_of_one_code_equals_its_closed_form_on_characters(coders):
    m, length = len(coders), 60
    text = [[any(s.start <= at < s.end for s in own) for at in range(length)] for own in coders]
    whole = m * length
    coded = sum(map(sum, text))
    apart = sum(
        Fraction(sum(a != b for a, b in zip(x, y, strict=True)), m - 1)
        for x, y in combinations(text, 2)
    )
    squares = sum(span.length**2 for own in coders for span in own)
    room = coded * (whole - coded)
    found = u_alpha([(length, {str(n): own for n, own in enumerate(coders)})])
    if not room:
        assert found is None
        return
    expected = 1 - apart * (whole**2 - (whole - coded) - squares) / (whole * room)
    assert found == close(float(expected))


@MORE
@given(st.lists(passages, min_size=3, max_size=3))
def test_cu_alpha_of_three_coders_is_the_mean_of_the_pairs(coders):
    def valued(own):
        return [(span, "even" if span.start % 2 == 0 else "odd") for span in own]

    given_ = {str(n): valued(own) for n, own in enumerate(coders)}
    pairs = [[(60, {coder: given_[coder] for coder in pair})] for pair in combinations(given_, 2)]
    for function in (cu_alpha, lambda found: ku_alpha(found, "even")):
        known = [value for pair in pairs if (value := function(pair)) is not None]
        found = function([(60, given_)])
        assert found == (close(sum(known) / len(known)) if known else None)
    assert unitizing_alpha(pairs[0]).coded == cu_alpha(pairs[0])


# --- the table of coefficients ----------------------------------------------------------------


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_every_coefficient_says_what_it_is(name):
    known = COEFFICIENTS[name]
    assert known.label
    assert known.formula
    assert known.source
    assert known.data in DATA
    assert known.meaning.endswith((".", ":"))
    assert callable(known.function)


def test_every_coefficient_of_one_code_stands_in_the_table():
    assert set(of.COEFFICIENTS) <= set(COEFFICIENTS)
    for name, function in of.COEFFICIENTS.items():
        assert COEFFICIENTS[name].function is function


def test_every_figure_of_a_code_explains_itself():
    figures = {field.name for field in fields(CodeAgreement) if field.type == "float | None"}
    about_the_interval = {"low", "high", "undefined_resamples"}
    assert figures - about_the_interval <= set(COEFFICIENTS)
    assert {"kappa", "alpha", "kappa_de_vries", "mean_kappa", "alpha_masi"} <= set(COEFFICIENTS)
