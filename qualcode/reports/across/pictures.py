"""The pictures of what is looked across: values in, PNG or SVG out, the same bytes each time.

Drawn in greys, hatches and numbers, as the figures of a report are: nothing is told by colour
alone. Letters of an SVG are drawn as paths, so that no text of anybody is markup.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qualcode.reports.full.drawings import (
    GREYS,
    HATCHES,
    INK,
    LOCK,
    PALE,
    QUIET,
    RESOLUTION,
    STYLE,
    wrapped,
)

Ending = Literal["png", "svg"]
MOST_BARS = 30
MOST_COLUMNS = 26
WIDE = 6.3


def _drawn(
    width: float, height: float, draw: Callable[[Any, Any], None], ending: Ending, mark: str
) -> bytes:
    """The picture of ``draw(figure, axes)``, in inches, with a mark at its foot."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**STYLE, "svg.fonttype": "path", "svg.hashsalt": "qualcode"})
        figure = Figure(figsize=(width, height), dpi=RESOLUTION, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        draw(figure, axes)
        if mark:
            figure.supxlabel(mark, fontsize=7, color=QUIET, x=0.0, ha="left")
        told = {"Software": None} if ending == "png" else {"Date": None, "Creator": None}
        out = io.BytesIO()
        figure.savefig(out, format=ending, metadata=told)
        return out.getvalue()


@dataclass(frozen=True)
class Bars:
    """A bar a row, its number beside it; several series stand side by side."""

    rows: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    axis: str
    labels: tuple[tuple[str, ...], ...] = ()
    """What stands at each bar in place of its number; as long as the series."""

    def png(self) -> bytes:
        return self.bytes("png")

    def bytes(self, ending: Ending, mark: str = "") -> bytes:
        rows, many = self.rows[:MOST_BARS], max(1, len(self.series))
        bar = 0.8 / many

        def draw(figure: Any, axes: Any) -> None:
            for number, (name, values) in enumerate(self.series):
                places = [n + (number - (many - 1) / 2) * bar for n in range(len(rows))]
                axes.barh(
                    places, values[: len(rows)], height=bar * 0.86, edgecolor=INK, lw=0.7,
                    color=GREYS[2] if many == 1 else GREYS[number % len(GREYS)],
                    hatch=HATCHES[number % len(HATCHES)], label=wrapped(name, 30, 1), zorder=2,
                )  # fmt: skip
                told = self.labels[number] if self.labels else [f"{v:g}" for v in values]
                for y, value, words in zip(places, values, told, strict=False):
                    axes.annotate(
                        words, (value, y), (4, 0), textcoords="offset points", va="center",
                        fontsize=7.5,
                    )  # fmt: skip
            axes.set_yticks(range(len(rows)))
            axes.set_yticklabels([wrapped(name, 34, 2) for name in rows], fontsize=8)
            axes.invert_yaxis()
            longest = max([v for _, values in self.series for v in values] or [1])
            axes.set_xlim(0, longest * 1.2 or 1)
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.set_xlabel(self.axis)
            axes.spines[["top", "right"]].set_visible(False)
            if many > 1:
                figure.legend(
                    loc="outside upper center", ncols=min(many, 3), frameon=False, fontsize=8
                )

        return _drawn(WIDE, 1.1 + max(0.3, 0.2 * many) * max(1, len(rows)), draw, ending, mark)


@dataclass(frozen=True)
class Heat:
    """A square or a table of cells, darker where there is more, each with its number."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    """None where the cell is not printed."""
    labels: tuple[tuple[str, ...], ...]
    note: str = ""

    def png(self) -> bytes:
        return self.bytes("png")

    def bytes(self, ending: Ending, mark: str = "") -> bytes:
        rows, columns = self.rows[:MOST_COLUMNS], self.columns[:MOST_COLUMNS]
        top = max([v for line in self.values for v in line if v is not None] or [0]) or 1

        def draw(figure: Any, axes: Any) -> None:
            from matplotlib.patches import Rectangle

            for y, (line, words) in enumerate(zip(self.values, self.labels, strict=True)):
                if y >= len(rows):
                    break
                for x, (value, label) in enumerate(zip(line, words, strict=True)):
                    if x >= len(columns):
                        break
                    dark = 0.0 if value is None else value / top
                    shade = str(1 - 0.72 * dark)
                    edge, hatch = ("#cccccc", "////") if value is None else ("white", "")
                    axes.add_patch(
                        Rectangle(
                            (x - 0.5, y - 0.5), 1, 1, facecolor=shade, edgecolor=edge, lw=1,
                            hatch=hatch,
                        )
                    )  # fmt: skip
                    axes.text(
                        x, y, label, ha="center", va="center", fontsize=7,
                        color="white" if dark > 0.6 else INK,
                    )  # fmt: skip
            axes.set_xlim(-0.5, len(columns) - 0.5)
            axes.set_ylim(len(rows) - 0.5, -0.5)
            axes.set_xticks(range(len(columns)))
            upright = len(columns) > 5
            axes.set_xticklabels(
                [wrapped(name, 26 if upright else 12, 2 if upright else 4) for name in columns],
                rotation=90 if upright else 0, fontsize=7.5,
            )  # fmt: skip
            axes.xaxis.tick_top()
            axes.set_yticks(range(len(rows)))
            axes.set_yticklabels([wrapped(name, 32, 2) for name in rows], fontsize=7.5)
            axes.tick_params(length=0)
            axes.set_facecolor(PALE)
            axes.spines[:].set_visible(False)
            if self.note:
                axes.set_xlabel(wrapped(self.note, 90, 2), fontsize=8, color=QUIET)

        height = 1.9 + 0.27 * max(1, len(rows))
        return _drawn(max(WIDE, 2.6 + 0.36 * len(columns)), height, draw, ending, mark)


@dataclass(frozen=True)
class Line:
    """One curve of codes with its band: (name, codes so far, low, middle, high)."""

    name: str
    distinct: tuple[int, ...]
    low: tuple[float, ...] = ()
    middle: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Curves:
    """Codes met up to each interview, new ones in each, and the band over random orders."""

    interviews: tuple[str, ...]
    new: tuple[int, ...]
    lines: tuple[Line, ...]
    base: int
    run: int
    axis: str = "Interviews in order"

    def png(self) -> bytes:
        return self.bytes("png")

    def bytes(self, ending: Ending, mark: str = "") -> bytes:
        dashes: Sequence[Any] = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (7, 2, 1, 2)))
        signs = "os^Dvx"

        def draw(figure: Any, axes: Any) -> None:
            first = self.lines[0]
            places = list(range(1, len(first.distinct) + 1))
            if len(self.lines) == 1:
                if first.low:
                    axes.fill_between(
                        places, first.low, first.high, color="#dddddd", lw=0, zorder=1,
                        label="Nine of ten random orders",
                    )  # fmt: skip
                    axes.plot(places, first.middle, color=QUIET, ls=":", lw=1.1, zorder=2,
                              label="Mean of random orders")  # fmt: skip
                axes.bar(
                    places, self.new, width=0.5, color="white", edgecolor=INK, hatch="////",
                    lw=0.8, label="New codes in this interview", zorder=2,
                )  # fmt: skip
            for number, line in enumerate(self.lines):
                steps = list(range(1, len(line.distinct) + 1))
                axes.plot(
                    steps, line.distinct, color=INK if not number else GREYS[4],
                    ls=dashes[number % len(dashes)], marker=signs[number % len(signs)], ms=4,
                    lw=1.4, label=wrapped(line.name, 34, 1), zorder=3,
                )  # fmt: skip
            if len(self.lines) == 1:
                for edge in (self.base, self.base + self.run):
                    if edge <= len(places):
                        axes.axvline(edge + 0.5, color=QUIET, ls="--", lw=0.8, zorder=1)
            longest = max(len(line.distinct) for line in self.lines)
            axes.set_xlim(0.4, longest + 0.6)
            axes.set_ylim(0, max([*(d for x in self.lines for d in x.distinct), 1]) * 1.15)
            step = max(1, longest // 12)
            marks = list(range(1, longest + 1, step))
            axes.set_xticks(marks)
            if len(self.lines) == 1:
                names = [wrapped(self.interviews[n - 1], 12, 1) for n in marks]
                axes.set_xticklabels(names, fontsize=7.5)
            axes.set_xlabel(self.axis)
            axes.set_ylabel("Codes")
            axes.spines[["top", "right"]].set_visible(False)
            figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)

        return _drawn(WIDE, 3.8, draw, ending, mark)
