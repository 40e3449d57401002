"""Stretches of text: how they meet, and what they cover together."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.spans import Span, merged

spans = st.builds(
    lambda start, length: Span(start, start + length), st.integers(0, 40), st.integers(1, 15)
)


def characters(*given: Span) -> set[int]:
    return {position for span in given for position in range(span.start, span.end)}


@given(spans, spans)
def test_two_spans_meet_as_their_characters_do(a: Span, b: Span) -> None:
    both, either = characters(a) & characters(b), characters(a) | characters(b)
    assert a.overlap(b) == b.overlap(a) == len(both)
    assert a.iou(b) == b.iou(a) == len(both) / len(either)
    assert a.contains(b) == (characters(b) <= characters(a))
    assert a.length == len(characters(a))


@given(st.lists(spans))
def test_merged_spans_cover_the_same_and_stand_apart(given: list[Span]) -> None:
    union = merged(given)
    assert characters(*union) == characters(*given)
    assert all(left.end < right.start for left, right in pairwise(union))
    assert merged(union) == union


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 0), (5, 3), (-1, 3), (0, -1), (0.0, 3), ("0", 3), (None, 3), (False, True), (0, 2.5)],
)
def test_a_span_that_cannot_be_is_refused(start: Any, end: Any) -> None:
    with pytest.raises(ValueError, match="a span"):
        Span(start, end)
