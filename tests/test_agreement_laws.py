"""Laws of agreement, and the same values from other software and from the plain formulas."""

from __future__ import annotations

from dataclasses import replace

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from qualcode.agreement import Cells, compare_coders
from qualcode.agreement import cells as of
from qualcode.agreement.coefficients import cohen_kappa, gwet_ac, krippendorff_alpha
from qualcode.agreement.intervals import draws, expanded_tail, percentile_interval
from qualcode.agreement.sets import masi_distance, set_alpha, set_sums
from qualcode.agreement.units import layout, passages, unit_table
from qualcode.model import Code, Coding, CodingSet, Transcript, Turn
from qualcode.spans import Span, merged
from tests.sample_key import CODES, codings, transcripts

TEXTS = transcripts()
BOTH = codings(TEXTS)


marks = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)
sizes = st.integers(min_value=0, max_value=500)


@settings(deadline=None)
@given(marks)
def test_kappa_alpha_and_f1_equal_scikit_learn_and_krippendorff(pairs):
    first, second = [int(a) for a, _ in pairs], [int(b) for _, b in pairs]
    cells = Cells(
        sum(a and b for a, b in pairs),
        sum(a and not b for a, b in pairs),
        sum(b and not a for a, b in pairs),
        sum(not a and not b for a, b in pairs),
    )
    varied = len({*first, *second}) > 1
    if varied:
        assert of.kappa(cells) == pytest.approx(cohen_kappa_score(first, second))
        alpha = krippendorff.alpha([first, second], level_of_measurement="nominal")
        assert of.alpha(cells) == pytest.approx(alpha)
    else:
        assert of.kappa(cells) is None
        assert of.alpha(cells) is None
        assert of.pi(cells) is None
    if any(first) or any(second):
        assert of.f1(cells) == pytest.approx(f1_score(first, second, zero_division=0))
    else:
        assert of.f1(cells) is None
    assert of.ac1(cells) == pytest.approx(gwet_ac([first, second], categories=[0, 1]).value)


@settings(deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_coefficients_of_cells_stay_in_their_bounds(both, only_a, only_b, neither):
    cells = Cells(both, only_a, only_b, neither)
    for name, function in of.COEFFICIENTS.items():
        value = function(cells)
        assert value is None or -1.0000001 <= value <= 1.0000001, name
        assert function(Cells(both, only_b, only_a, neither)) == value, name
    if cells.n and not only_a and not only_b:
        assert of.kappa(cells) in (1.0, None)
    if only_a and not both and not only_b and neither:
        assert of.kappa(cells) == 0.0


values = st.lists(
    st.lists(st.sampled_from(["a", "b", "nan", None]), min_size=3, max_size=3),
    min_size=2,
    max_size=30,
)


@settings(deadline=None)
@given(values)
def test_alpha_for_any_coders_and_gaps_equals_the_formula(units):
    ratings = list(zip(*units, strict=True))
    expected = set_alpha(
        [[None if v is None else {v} for v in row] for row in ratings],
        lambda a, b: float(a != b),
    )
    found = krippendorff_alpha(ratings)
    assert found == (None if expected is None else pytest.approx(expected))


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.randoms())
def test_kappa_of_many_values_equals_scikit_learn(first, random):
    second = [random.choice("abc") for _ in first]
    found = cohen_kappa(first, second).value
    if len({*first, *second}) > 1:
        assert found == pytest.approx(cohen_kappa_score(first, second))
    else:
        assert found is None


coded = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben"]),
        st.sampled_from(["x", "y", "z"]),
        st.integers(0, 119),
        st.integers(1, 40),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(coded)
def test_swept_characters_equal_one_row_a_character(drawn):
    text = "x" * 120
    made = [
        Coding(
            "T", coder, code, Span(start, min(start + length, 120)), text[start : start + length]
        )
        for coder, code, start, length in drawn
    ]
    sealed = frozenset({("ana", "T"), ("ben", "T")})
    codes = tuple(Code(code, code) for code in "xyz")
    found = compare_coders(
        [Transcript("T", text, (), id="T")],
        CodingSet(tuple(made), sealed, codes=codes),
        unit="character",
        resamples=0,
    )
    table = {(coder, code): np.zeros(120, dtype=int) for coder in ("ana", "ben") for code in "xyz"}
    for coding in made:
        table[coding.coder, coding.code][coding.span.slice] = 1
    for row in found.codes:
        a, b = table["ana", row.code], table["ben", row.code]
        assert (row.both, row.only_a, row.only_b, row.neither) == (
            int((a & b).sum()),
            int((a & ~b & 1).sum()),
            int((b & ~a & 1).sum()),
            int((1 - (a | b)).sum()),
        )
    sets = [
        [{code for code in "xyz" if table[coder, code][at]} for at in range(120)]
        for coder in ("ana", "ben")
    ]
    expected = set_alpha(sets)
    assert found.overall.value == (None if expected is None else pytest.approx(expected))


@settings(max_examples=40, deadline=None)
@given(coded, st.integers(1, 50))
def test_label_sets_by_array_equal_the_plain_formula(drawn, turn_length):
    text = "x" * 120
    ends = [*range(turn_length, 120, turn_length), 120]
    turns = tuple(
        Turn("P", "participant", Span(start, end))
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    )
    made = tuple(
        Coding(
            "T", coder, code, Span(start, min(start + length, 120)), text[start : start + length]
        )
        for coder, code, start, length in drawn
    )
    sealed = frozenset({("ana", "T"), ("ben", "T")})
    texts = [Transcript("T", text, turns, id="T")]
    found = compare_coders(texts, CodingSet(made, sealed), resamples=0)
    assert found.n_units == len(turns)
    if found.overall.value is not None:
        assert found.overall.value <= 1
        assert found.overall.value == pytest.approx(found_by_rule(made, turns))


def found_by_rule(made, turns):
    rows = []
    for coder in ("ana", "ben"):
        sets = [set() for _ in turns]
        for code in "xyz":
            for span in merged(c.span for c in made if (c.coder, c.code) == (coder, code)):
                shared = [span.overlap(turn.span) for turn in turns]
                hit = [
                    at
                    for at, n in enumerate(shared)
                    if n and (2 * n >= turns[at].span.length or 2 * n >= span.length)
                ]
                for at in hit or [shared.index(max(shared))]:
                    sets[at].add(code)
        rows.append(sets)
    return set_alpha(rows)


def test_masi_is_milder_where_one_set_holds_the_other():
    assert masi_distance(set(), set()) == 0
    assert masi_distance(set(), {1}) == 1
    assert masi_distance({1}, {1, 2}) < masi_distance({1, 3}, {1, 2})


def test_resampled_alpha_is_alpha_of_the_transcripts_drawn():
    """Drawing P01 twice and P02 never gives what a study of P01 twice would give."""
    complete = BOTH.sealed
    place = layout(TEXTS, "turn", "interviewer")
    carries = {code.id: (number,) for number, code in enumerate(CODES)}
    spans = passages(BOTH, place, ("ana", "ben"), carries, complete)
    table = unit_table(place, spans, "turn", coders=("ana", "ben"), codes=24, complete=complete)
    sums = set_sums(table, table.cluster, 6)
    twice = tuple(replace(TEXTS[0], id=f"again-{n}") for n in range(2))
    again = [replace(c, transcript=t.id) for c in BOTH for t in twice if c.transcript == "P01"]
    expected = compare_coders(twice, again, resamples=0).overall.value
    found = sums.alpha(np.array([[2.0, 0, 0, 0, 0, 0]]))[0]
    assert found == pytest.approx(expected)


def test_the_expanded_tail_widens_intervals_of_few_transcripts():
    assert round(expanded_tail(14), 4) == 0.0125
    assert expanded_tail(5) < expanded_tail(14) < expanded_tail(1000) < 0.025


def test_an_interval_is_withheld_when_half_of_the_resamples_have_no_value():
    values = np.array([np.nan] * 50 + [0.5] * 50)
    assert percentile_interval(values, 0.025).low is None
    assert percentile_interval(values, 0.025).undefined == 0.5
    assert percentile_interval(values[1:], 0.025).low == 0.5


def test_each_resample_draws_as_many_transcripts_as_there_are():
    assert (draws(6, 100, seed=3).sum(axis=1) == 6).all()
