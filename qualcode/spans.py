"""Stretches of text: where a coding begins and ends, and how two of them meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a transcript's text, in characters (Unicode code points); ``end`` is excluded.

    >>> "I stay late."[Span(2, 6).slice]
    'stay'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        for value in (self.start, self.end):
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"a span needs whole numbers, not {value!r}")
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span cannot run from {self.start} to {self.end}")

    @property
    def slice(self) -> slice:
        return slice(self.start, self.end)

    @property
    def length(self) -> int:
        """Characters in the span."""
        return self.end - self.start

    def overlap(self, other: Span) -> int:
        """Characters that both spans hold.

        >>> Span(0, 10).overlap(Span(6, 20))
        4
        """
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def iou(self, other: Span) -> float:
        """Intersection over union of the two spans, 0 to 1.

        >>> Span(0, 10).iou(Span(5, 15))
        0.3333333333333333
        """
        both = self.overlap(other)
        return both / (self.length + other.length - both)

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of spans as the fewest spans in order; touching spans become one.

    >>> merged([Span(5, 9), Span(0, 4), Span(3, 5)])
    (Span(start=0, end=9),)
    """
    union: list[Span] = []
    for span in sorted(spans):
        if union and span.start <= union[-1].end:
            if span.end > union[-1].end:
                union[-1] = Span(union[-1].start, span.end)
        else:
            union.append(span)
    return tuple(union)
