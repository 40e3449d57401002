"""The figures of a report: values in, a picture out, the same bytes for the same values.

Drawn by matplotlib, with the font that it brings, in greys, hatches and shapes: nothing is told by
colour alone.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

RESOLUTION = 200
INK, QUIET, FILL, PALE = "#1a1a1a", "#5c5c5c", "#bdbdbd", "#f0f0f0"
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++")
GREYS = ("#4d4d4d", "#e8e8e8", "#a6a6a6", "#ffffff", "#7d7d7d", "#cccccc")
# A dollar sign in a name begins no formula.
STYLE: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,
}
# Its caches are shared by every figure, and the server draws for several people at once.
LOCK = Lock()


def _drawn(width: float, height: float, draw: Callable[[Any, Any], None]) -> bytes:
    """The picture of ``draw(figure, axes)``, in inches."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the reader's own settings for drawing are
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(width, height), dpi=RESOLUTION, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        draw(figure, axes)
        out = io.BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()


def wrapped(text: str, width: int, lines: int = 4) -> str:
    """Text broken into lines for a box; what does not fit is cut with a mark.

    >>> wrapped("one two three four", 8, 2)
    'one two\\nthree …'
    """
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


@dataclass(frozen=True)
class FlowStep:
    """A box of the recruitment flow, and beside it those who left after it, with reasons."""

    label: str
    count: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Flow:
    """Recruitment from those approached to those analysed."""

    steps: tuple[FlowStep, ...]

    def png(self) -> bytes:
        return _flow(self)


@lru_cache(maxsize=64)
def _flow(flow: Flow) -> bytes:
    tall = [0.62 + 0.22 * max(0, len(step.left) - 1) for step in flow.steps]

    def draw(figure: Any, axes: Any) -> None:
        axes.set_axis_off()
        axes.set_xlim(0, 6.3)
        axes.set_ylim(-sum(tall) - 0.05 - 0.45 * (len(tall) - 1), 0.05)
        top = 0.0
        for place, (step, height) in enumerate(zip(flow.steps, tall, strict=True)):
            box = 0.5
            _box(axes, 0.1, top - box, 2.6, box, f"{step.label}\nn = {step.count}")
            following = top - height - 0.45
            if place < len(flow.steps) - 1:
                _arrow(axes, (1.4, top - box), (1.4, following))
            if step.left:
                lines = [f"{name} (n = {count})" for name, count in step.left]
                side = 0.2 + 0.19 * len(lines)
                middle = (top - box + following) / 2
                words = "\n".join(wrapped(line, 44, 1) for line in lines)
                _box(axes, 3.1, middle - side / 2, 3.1, side, words, left=True)
                _arrow(axes, (1.4, middle), (3.1, middle))
            top = following

    return _drawn(6.3, sum(tall) + 0.45 * (len(tall) - 1) + 0.1, draw)


def _box(
    axes: Any, x: float, y: float, width: float, height: float, text: str, *, left: bool = False
) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), width, height, facecolor="white", edgecolor=INK, lw=0.9))
    axes.text(
        x + (0.12 if left else width / 2),
        y + height / 2,
        text,
        ha="left" if left else "center",
        va="center",
        color=INK,
        fontsize=8.5,
        linespacing=1.35,
    )


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", xy=end, xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 0.9, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


@dataclass(frozen=True)
class Branch:
    """A theme of the tree, with how many people voiced it, and the codes under it."""

    name: str
    count: int
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Tree:
    """Themes and their codes, each with the number of participants."""

    title: str
    total: int
    branches: tuple[Branch, ...]

    def png(self) -> bytes:
        return _tree(self)


@lru_cache(maxsize=64)
def _tree(tree: Tree) -> bytes:
    step, gap = 0.235, 0.2
    names = [wrapped(f"{branch.name} ({branch.count})", 33, 4) for branch in tree.branches]
    boxes = [0.12 + 0.165 * (name.count("\n") + 1) for name in names]
    heights = [
        max(box, len(branch.codes) * step) for branch, box in zip(tree.branches, boxes, strict=True)
    ]
    height = sum(heights) + gap * (len(heights) + 1)

    def draw(figure: Any, axes: Any) -> None:
        axes.set_axis_off()
        axes.set_xlim(0, 6.3)
        axes.set_ylim(-height, 0)
        top = -gap
        trunk: list[float] = []
        for branch, tall, name, box in zip(tree.branches, heights, names, boxes, strict=True):
            middle = top - tall / 2
            trunk.append(middle)
            _theme_box(axes, name, middle, box)
            first = top - (tall - len(branch.codes) * step) / 2
            spots = [first - step * (n + 0.5) for n in range(len(branch.codes))]
            if spots:
                axes.plot([3.12, 3.3], [middle, middle], color=INK, lw=0.8)
                axes.plot([3.3, 3.3], [spots[0], spots[-1]], color=INK, lw=0.8)
            for (code, count), y in zip(branch.codes, spots, strict=True):
                unused = count == 0
                axes.plot([3.3, 3.42], [y, y], color=INK, lw=0.8)
                axes.text(
                    3.48, y, f"{wrapped(code, 46, 1)}  ({count})", ha="left", va="center",
                    fontsize=8, color=QUIET if unused else INK,
                    fontstyle="italic" if unused else "normal",
                )  # fmt: skip
            top -= tall + gap
        axes.plot([0.28, 0.28], [trunk[0], trunk[-1]], color=INK, lw=0.8)
        for y in trunk:
            axes.plot([0.28, 0.45], [y, y], color=INK, lw=0.8)
        axes.text(
            0.12, (trunk[0] + trunk[-1]) / 2, wrapped(tree.title, 60, 1), rotation=90,
            ha="center", va="center", fontsize=8.5, color=INK,
        )  # fmt: skip

    return _drawn(6.3, height, draw)


def _theme_box(axes: Any, name: str, middle: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((0.45, middle - height / 2), 2.67, height, facecolor=PALE, edgecolor=INK, lw=0.9)
    )
    axes.text(
        0.55, middle, name, ha="left", va="center", fontsize=8.3, fontweight="bold", color=INK,
        linespacing=1.25,
    )  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """Codes seen up to each interview, and how many of them were new."""

    interviews: tuple[str, ...]
    distinct: tuple[int, ...]
    new: tuple[int, ...]
    base: int
    run: int

    def png(self) -> bytes:
        return _curve(self)


@lru_cache(maxsize=64)
def _curve(curve: Curve) -> bytes:
    places = list(range(1, len(curve.interviews) + 1))

    def draw(figure: Any, axes: Any) -> None:
        axes.bar(
            places, curve.new, width=0.55, color="white", edgecolor=INK, hatch="////", lw=0.8,
            label="New codes in this interview", zorder=2,
        )  # fmt: skip
        axes.plot(
            places, curve.distinct, color=INK, marker="o", ms=5, lw=1.4,
            label="Different codes so far", zorder=3,
        )  # fmt: skip
        many = len(places) > 15
        for x, distinct, new in zip(places, curve.distinct, curve.new, strict=True):
            if many:
                break
            axes.annotate(
                str(distinct), (x, distinct), (0, 6), textcoords="offset points", ha="center",
                fontsize=8,
            )  # fmt: skip
            axes.annotate(
                str(new) if x > 1 else "", (x, new), (0, 2), textcoords="offset points",
                ha="center", fontsize=8,
            )  # fmt: skip
        for edge in (curve.base, curve.base + curve.run):
            if edge <= len(places):
                axes.axvline(edge + 0.5, color=QUIET, ls="--", lw=0.9, zorder=1)
        top = max((*curve.distinct, 1)) * 1.28
        axes.set_ylim(0, top)
        axes.set_xlim(0.4, len(places) + 0.6)
        if len(places) >= curve.base:
            axes.text((curve.base + 1) / 2, top * 0.97, f"Base: {curve.base} interviews",
                      ha="center", va="top", fontsize=8, color=QUIET)  # fmt: skip
        if len(places) >= curve.base + curve.run:
            axes.text(curve.base + (curve.run + 1) / 2, top * 0.97, f"Run: {curve.run}",
                      ha="center", va="top", fontsize=8, color=QUIET)  # fmt: skip
        axes.set_xticks(places if not many else places[::5])
        axes.set_xticklabels(
            [wrapped(name, 14, 1) for name in (curve.interviews if not many
                                               else curve.interviews[::5])]
        )  # fmt: skip
        axes.set_xlabel("Interviews in the order in which they were held")
        axes.set_ylabel("Codes")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)

    return _drawn(6.3, 3.5, draw)


@dataclass(frozen=True)
class Spread:
    """How many of each group voiced each theme: (theme, counts), beside (group, its size)."""

    groups: tuple[tuple[str, int], ...]
    themes: tuple[tuple[str, tuple[int, ...]], ...]

    def png(self) -> bytes:
        return _spread(self)


@lru_cache(maxsize=64)
def _spread(spread: Spread) -> bytes:
    groups = len(spread.groups)
    bar = 0.8 / groups

    def draw(figure: Any, axes: Any) -> None:
        for number, (name, size) in enumerate(spread.groups):
            counts = [values[number] for _, values in spread.themes]
            places = [n + (number - (groups - 1) / 2) * bar for n in range(len(spread.themes))]
            axes.barh(
                places, counts, height=bar * 0.86, color=GREYS[number % len(GREYS)],
                hatch=HATCHES[number % len(HATCHES)], edgecolor=INK, lw=0.7,
                label=f"{wrapped(name, 30, 1)} (N = {size})", zorder=2,
            )  # fmt: skip
            for y, count in zip(places, counts, strict=True):
                axes.annotate(
                    f"{count} of {size}", (count, y), (4, 0), textcoords="offset points",
                    va="center", fontsize=7.5,
                )  # fmt: skip
        axes.set_yticks(range(len(spread.themes)))
        axes.set_yticklabels([wrapped(name, 30, 3) for name, _ in spread.themes])
        axes.invert_yaxis()
        axes.set_xlim(0, max(size for _, size in spread.groups) * 1.18)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("Participants who voiced the theme")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=min(groups, 3), frameon=False, fontsize=8)

    return _drawn(6.3, 1.1 + max(0.5, 0.26 * groups) * len(spread.themes), draw)


@dataclass(frozen=True)
class Grid:
    """Needs by importance and feasibility, each from 1 to 5; (number, importance, feasibility)."""

    needs: tuple[tuple[str, float, float], ...]

    def png(self) -> bytes:
        return _grid(self)


@lru_cache(maxsize=64)
def _grid(grid: Grid) -> bytes:
    def draw(figure: Any, axes: Any) -> None:
        together: dict[tuple[float, float], list[str]] = {}
        for number, importance, feasibility in grid.needs:
            together.setdefault((feasibility, importance), []).append(number)
        axes.axhspan(3, 5.5, xmin=0.5, color=PALE, zorder=0)
        axes.axhline(3, color=QUIET, lw=0.9, ls="--", zorder=1)
        axes.axvline(3, color=QUIET, lw=0.9, ls="--", zorder=1)
        for (x, y), numbers in sorted(together.items()):
            text = ", ".join(numbers)
            axes.text(
                x, y, wrapped(text, 14, 3), ha="center", va="center", fontsize=9,
                fontweight="bold", zorder=3,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": INK},
            )  # fmt: skip
        for x, y, words, ha, va in (
            (5.45, 5.42, "first", "right", "top"), (0.55, 5.42, "plan", "left", "top"),
            (5.45, 0.58, "if easy", "right", "bottom"), (0.55, 0.58, "later", "left", "bottom"),
        ):  # fmt: skip
            axes.text(x, y, words, ha=ha, va=va, fontsize=8, color=QUIET, fontstyle="italic")
        axes.set_xlim(0.5, 5.5)
        axes.set_ylim(0.5, 5.5)
        axes.set_xticks(range(1, 6))
        axes.set_yticks(range(1, 6))
        axes.set_xlabel("Feasibility (1 low, 5 high)")
        axes.set_ylabel("Importance (1 low, 5 high)")
        axes.spines[["top", "right"]].set_visible(False)

    return _drawn(5.2, 4.1, draw)
