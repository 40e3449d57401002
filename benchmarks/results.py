"""Times in; a comparison with its reference out, as a line of a table or as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

T = TypeVar("T")
HEADINGS = ("what", "n", "p50 / p95", "beside", "p50 / p95", "ratio of p50 / p95", "goal")
IN_WORDS = {0, 3, 6}
"""The columns that are words; the others are figures and stand to the right."""


class BenchmarkFailed(Exception):
    """What was measured did not do what it should, so its time means nothing."""


def require(condition: object, sentence: str) -> None:
    """Stop the benchmark with this sentence unless the condition holds."""
    if not condition:
        raise BenchmarkFailed(sentence)


@dataclass(frozen=True)
class Times:
    """Milliseconds of the same act done several times; or megabytes, where a comparison says so.

    >>> Times((10.0, 12.0, 11.0)).p50
    11.0
    """

    milliseconds: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.milliseconds)

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.milliseconds, share))

    @property
    def p50(self) -> float:
        return self.percentile(50)

    @property
    def p95(self) -> float:
        return self.percentile(95)


@dataclass(frozen=True)
class Comparison:
    """One act of qualcode beside a reference.

    ``times`` is how often the reference would have to run to do the same work; it ran once, so
    above 1 the ratio is extrapolated, and is printed as such. ``goal`` is the most that the median
    may be, or what ``goal_of`` names: the 95th percentile, or the longest of all.
    """

    what: str
    ours: Times
    beside: str
    reference: Times
    times: int = 1
    goal: float | None = None
    unit: str = "ms"
    goal_of: Literal["p50", "p95", "longest"] = "p50"

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else self.held_to_it <= self.goal

    @property
    def held_to_it(self) -> float:
        """The figure that the goal is of."""
        return self.ours.percentile({"p50": 50, "p95": 95, "longest": 100}[self.goal_of])

    @property
    def ratio_p50(self) -> float:
        return self.ours.p50 / (self.reference.p50 * self.times)

    @property
    def ratio_p95(self) -> float | None:
        """None where it says nothing: extrapolated, or from a single time."""
        if self.times > 1 or min(len(self.ours), len(self.reference)) < 2:
            return None
        return self.ours.p95 / self.reference.p95

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            f"ours_{self.unit}": [round(value, 2) for value in self.ours.milliseconds],
            f"ours_p50_{self.unit}": round(self.ours.p50, 2),
            f"ours_p95_{self.unit}": round(self.ours.p95, 2),
            "beside": self.beside,
            f"reference_{self.unit}": [round(value, 2) for value in self.reference.milliseconds],
            f"reference_p50_{self.unit}": round(self.reference.p50, 2),
            f"reference_p95_{self.unit}": round(self.reference.p95, 2),
            "extrapolated_times": self.times,
            "ratio_p50": self.ratio_p50,
            "ratio_p95": self.ratio_p95,
            "goal": self.goal,
            "goal_of": self.goal_of,
            "met": self.met,
        }

    def cells(self) -> tuple[str, ...]:
        """The line of the table, under ``HEADINGS``."""
        extrapolated = f" (× {self.times:,}, extrapolated)" if self.times > 1 else ""
        ratios = (self.ratio_p50, self.ratio_p95)
        return (
            self.what,
            str(len(self.ours)),
            figures(self.ours, self.unit),
            self.beside + extrapolated,
            figures(self.reference, self.unit),
            " / ".join(ratio(value) for value in ratios if value is not None),
            self._goal(),
        )

    def _goal(self) -> str:
        if self.goal is None:
            return ""
        of = "" if self.goal_of == "p50" else f"{self.goal_of} "
        longest = f" ({self.held_to_it:,.0f})" if self.goal_of == "longest" else ""
        return f"{of}≤ {self.goal:,.0f} {self.unit}: {'met' if self.met else 'missed'}{longest}"


def figures(times: Times, unit: str = "ms") -> str:
    """Median and 95th percentile as printed; of a single time there is only itself.

    >>> figures(Times((7.24, 7.24))), figures(Times((1234.5,))), figures(Times((187.2,)), "MB")
    ('7.2 / 7.2 ms', '1,234 ms', '187 MB')
    """
    values = (times.p50, times.p95) if len(times) > 1 else (times.p50,)
    return " / ".join(f"{v:.1f}" if v < 100 else f"{v:,.0f}" for v in values) + f" {unit}"


def ratio(value: float) -> str:
    """Ours divided by the reference, with as many digits as say something.

    >>> ratio(0.00042), ratio(0.25), ratio(3.14), ratio(31.4)
    ('0.0004', '0.25', '3.1', '31')
    """
    if value < 0.1:
        return np.format_float_positional(value, precision=1, fractional=False)
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as a Markdown table that can be read as it stands."""
    rows = [HEADINGS, *(comparison.cells() for comparison in comparisons)]
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(HEADINGS))]
    rule = [
        "-" * width if n in IN_WORDS else "-" * (width - 1) + ":" for n, width in enumerate(widths)
    ]
    lines = [_line(row, widths) for row in (rows[0], rule, *rows[1:])]
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        row[n].ljust(width) if n in IN_WORDS else row[n].rjust(width)
        for n, width in enumerate(widths)
    ]
    return f"| {' | '.join(cells)} |"


def timed(act: Callable[[], T]) -> tuple[T, Times]:
    """What the act gives, and how long it took this once."""
    began = time.perf_counter()
    given = act()
    return given, Times((1000 * (time.perf_counter() - began),))


def in_turn(*acts: Callable[[], Any], times: int = 15) -> list[tuple[Any, Times]]:
    """What each act gives, and how long it took each time; a first time is not counted.

    One act follows the other, again and again, so that all meet the same machine.
    """
    found = [[timed(act) for act in acts] for _ in range(times + 1)]
    return [
        (column[-1][0], Times(tuple(once.p50 for _, once in column[1:])))
        for column in zip(*found, strict=True)
    ]
