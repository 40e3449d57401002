"""A map of codes and themes: a study's facts in, a graph out, drawn as SVG and as PNG.

Themes stand in the middle with their parts in one frame, their codes on both sides; a line is the
thicker the more participants have the code. Codes on the same turns are joined by broken lines.
Nothing is placed by chance and nothing is told by colour alone: the same study gives the same map.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal

from qualcode.reports.document import counted
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Findings, spread_of
from qualcode.reports.lettering import wrapped

Tone = Literal["ink", "quiet", "line", "paper", "pale", "frame"]
LIGHT: dict[Tone, str] = {
    "ink": "#1a1a1a", "quiet": "#565656", "line": "#7d7d7d", "paper": "#ffffff",
    "pale": "#ececec", "frame": "#f7f7f7",
}  # fmt: skip
DARK: dict[Tone, str] = {
    "ink": "#e6e8ea", "quiet": "#b3b9bf", "line": "#8b939b", "paper": "#16191d",
    "pale": "#333a41", "frame": "#1f2429",
}  # fmt: skip
CODE, THEME, GUTTER, MARGIN, ARCS = 232, 268, 104, 16, 58
SMALL, LARGE = 12, 13
CODE_LINE, THEME_LINE = 15.5, 17
MOST_PAIRS = 24
"""Of the codes on the same turns, the pairs most often together are drawn."""
TOGETHER = 2
FONT = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif"
HEX = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class MapCode:
    """A code, with how many participants have it; ``themes`` are the ids of those it stands in."""

    id: str
    name: str
    color: str
    count: int
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapTheme:
    """A theme, with how many participants voiced it, and the id of the one it is a part of."""

    id: str
    name: str
    count: int
    parent: str = ""


@dataclass(frozen=True)
class ThemeMap:
    """The graph. ``pairs`` are (code, code, turns that both stand on)."""

    themes: tuple[MapTheme, ...]
    codes: tuple[MapCode, ...]
    total: int
    pairs: tuple[tuple[str, str, int], ...] = ()

    @property
    def alt(self) -> str:
        """In words what the picture shows."""
        lines = []
        for theme in self.themes:
            held = [f"{code.name} ({code.count})" for code in self.codes if theme.id in code.themes]
            above = next((one.name for one in self.themes if one.id == theme.parent), "")
            part = f", part of {above}" if above else ""
            lines.append(f"{theme.name} ({theme.count}{part}): {', '.join(held) or 'no code'}")
        free = [f"{code.name} ({code.count})" for code in self.codes if not code.themes]
        if free:
            lines.append(f"In no theme: {', '.join(free)}")
        names = {code.id: code.name for code in self.codes}
        if self.pairs:
            told = ", ".join(f"{names[a]} with {names[b]} ({n})" for a, b, n in self.pairs)
            lines.append(f"On the same turns: {told}")
        return (
            f"Map of {counted(len(self.themes), 'theme')} and {counted(len(self.codes), 'code')}; "
            f"in brackets participants of {self.total}. {'. '.join(lines)}."
        )

    def svg(self, *, dark: bool = False) -> str:
        """The map as a drawing for the screen or a file."""
        return "".join(_svg(_drawn(self), DARK if dark else LIGHT, self.alt))

    def png(self) -> bytes:
        """The map as a picture for print."""
        return _png(self)


def map_of(facts: StudyFacts, found: Findings, *, together: bool = True) -> ThemeMap:
    """The map of the themes that ``found`` tells, with the codes in none that were used."""
    kept = {theme.id for theme in found.themes}
    themes = [theme for theme in facts.themes if theme.id in kept]
    by_code: dict[str, list[Any]] = {}
    for coding in facts.settled:
        by_code.setdefault(coding.code, []).append(coding)
    spreads = {code: spread_of(facts, codings) for code, codings in by_code.items()}
    stands: dict[str, list[str]] = {}
    for theme in themes:
        for held in theme.codes:
            for code in facts.codes_under(held):
                if theme.id not in stands.setdefault(code.id, []):
                    stands[code.id].append(theme.id)
    codes = tuple(
        MapCode(
            code.id,
            code.name,
            code.color,
            len(spreads[code.id].participants) if code.id in spreads else 0,
            tuple(stands.get(code.id, ())),
        )
        for code in facts.codebook.codes
        if code.id in stands or code.id in spreads
    )
    counts = {finding.id: len(finding.participants) for finding in found.themes}
    pairs = [
        (one.id, other.id, len(spreads[one.id].places & spreads[other.id].places))
        for one, other in combinations([c for c in codes if c.id in spreads], 2)
    ] if together else []  # fmt: skip
    strong = sorted((p for p in pairs if p[2] >= TOGETHER), key=lambda p: (-p[2], p[0], p[1]))
    return ThemeMap(
        themes=tuple(
            MapTheme(
                theme.id, theme.name, counts[theme.id], theme.parent if theme.parent in kept else ""
            )
            for theme in themes
        ),
        codes=codes,
        total=len(found.participants),
        pairs=tuple(strong[:MOST_PAIRS]),
    )


# -- where everything stands -------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A box with its words; ``bar`` is the colour of a code, on the left or the right side."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    fill: Tone
    size: int = SMALL
    bold: bool = False
    note: str = ""
    bar: str = ""
    bar_right: bool = False
    framed: bool = True

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Curve:
    """A curve with two control points."""

    points: tuple[tuple[float, float], ...]
    width: float
    tone: Tone = "line"
    broken: bool = False


@dataclass
class Picture:
    """What is drawn, in the order in which it lies: frames, curves, boxes."""

    width: float
    height: float = 0
    frames: list[Box] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)


def _drawn(graph: ThemeMap) -> Picture:
    arcs = ARCS if graph.pairs else 0
    left = MARGIN + arcs
    middle = left + CODE + GUTTER
    right = middle + THEME + GUTTER
    picture = Picture(right + CODE + arcs + MARGIN)
    by_theme: dict[str, list[MapCode]] = {}
    for code in graph.codes:
        by_theme.setdefault(code.themes[0] if code.themes else "", []).append(code)
    spots: dict[str, Box] = {}
    at: dict[str, Box] = {}
    y = float(MARGIN)
    for whole in (theme for theme in graph.themes if not theme.parent):
        top, parts = y, [theme for theme in graph.themes if theme.parent == whole.id]
        for theme in (whole, *parts):
            y, box = _theme_row(picture, graph, theme, by_theme.get(theme.id, []), y, spots)
            at[theme.id] = box
        if parts:
            first, last = at[whole.id], at[parts[-1].id]
            picture.frames.append(
                Box(
                    middle - 9, first.y - 9, THEME + 18, last.y + last.height - first.y + 18,
                    (), "frame",
                )
            )  # fmt: skip
        y = max(y, top) + 16
    free = by_theme.get("", [])
    if free:
        y = _in_no_theme(picture, free, graph.total, y, (left, middle, right), spots)
    picture.height = y + MARGIN
    _join(picture, graph, at, spots)
    return picture


def _theme_row(
    picture: Picture,
    graph: ThemeMap,
    theme: MapTheme,
    codes: Sequence[MapCode],
    y: float,
    spots: dict[str, Box],
) -> tuple[float, Box]:
    """A theme in the middle and its own codes beside it; where the next row begins."""
    arcs = ARCS if graph.pairs else 0
    left = MARGIN + arcs
    middle, right = left + CODE + GUTTER, left + CODE + GUTTER + THEME + GUTTER
    lines = wrapped(theme.name, THEME - 20, LARGE, bold=True)
    tall = len(lines) * THEME_LINE + CODE_LINE + 16
    sides: tuple[list[MapCode], list[MapCode]] = ([], [])
    heights = [0.0, 0.0]
    for code in codes:
        side = int(heights[1] < heights[0])
        sides[side].append(code)
        heights[side] += _code_height(code) + 8
    row = max(tall, *(height - 8 for height in heights))
    box = Box(
        middle, y + (row - tall) / 2, THEME, tall, lines, "pale", LARGE, True,
        f"{theme.count} of {counted(graph.total, 'participant')}",
    )  # fmt: skip
    picture.boxes.append(box)
    for side, x in ((0, left), (1, right)):
        down = y + (row - heights[side] + 8) / 2
        for code in sides[side]:
            spots[code.id] = _code_box(code, graph.total, x, down, on_the_left=side == 0)
            picture.boxes.append(spots[code.id])
            down += spots[code.id].height + 8
    return y + row + 16, box


def _in_no_theme(
    picture: Picture,
    codes: Sequence[MapCode],
    total: int,
    y: float,
    columns: tuple[float, float, float],
    spots: dict[str, Box],
) -> float:
    """The codes in no theme, below in three columns; where they end."""
    words = ("Codes in no theme",)
    picture.boxes.append(Box(columns[0] - 8, y, CODE, 22, words, "paper", bold=True, framed=False))
    downs = [y + 28.0] * 3
    for code in codes:
        column = downs.index(min(downs))
        x = columns[column] + ((THEME - CODE) / 2 if column == 1 else 0)
        spots[code.id] = _code_box(code, total, x, downs[column], on_the_left=column == 0)
        picture.boxes.append(spots[code.id])
        downs[column] += spots[code.id].height + 8
    return max(downs)


def _code_height(code: MapCode) -> float:
    return len(wrapped(code.name, CODE - 24, SMALL)) * CODE_LINE + CODE_LINE + 10


def _code_box(code: MapCode, total: int, x: float, y: float, *, on_the_left: bool) -> Box:
    color = code.color if HEX.fullmatch(code.color) else LIGHT["line"]
    return Box(
        x, y, CODE, _code_height(code), wrapped(code.name, CODE - 24, SMALL), "paper",
        note=f"{code.count} of {total}", bar=color, bar_right=on_the_left,
    )  # fmt: skip


def _join(picture: Picture, graph: ThemeMap, at: dict[str, Box], spots: dict[str, Box]) -> None:
    ends: dict[tuple[str, bool], list[tuple[float, MapCode]]] = {}
    for code in graph.codes:
        for theme in code.themes:
            is_left = spots[code.id].x < at[theme].x
            ends.setdefault((theme, is_left), []).append((spots[code.id].middle, code))
    for (theme, is_left), codes in ends.items():
        box = at[theme]
        for place, (_, code) in enumerate(sorted(codes, key=lambda end: end[0]), start=1):
            start = (
                box.x if is_left else box.x + box.width,
                box.y + box.height * place / (len(codes) + 1),
            )
            spot = spots[code.id]
            end = (spot.x + spot.width if is_left else spot.x, spot.middle)
            half = (start[0] + end[0]) / 2
            width = 0.8 + 3.4 * code.count / max(1, graph.total)
            picture.curves.append(
                Curve((start, (half, start[1]), (half, end[1]), end), round(width, 2))
            )
    most = max((n for *_, n in graph.pairs), default=1)
    for one, other, n in graph.pairs:
        a, b = spots[one], spots[other]
        width = round(0.8 + 1.8 * n / most, 2)
        picture.curves.append(Curve(_arc(picture, a, b), width, "quiet", broken=True))


def _arc(picture: Picture, a: Box, b: Box) -> tuple[tuple[float, float], ...]:
    """From one code to another: around the outside on one side, else across behind the themes."""
    if a.x == b.x:
        out = 14 + min(ARCS, abs(a.middle - b.middle) / 9)
        is_left = a.x < picture.width / 3
        x = a.x if is_left else a.x + a.width
        far = x - out if is_left else x + out
        return ((x, a.middle), (far, a.middle), (far, b.middle), (x, b.middle))
    a, b = (a, b) if a.x < b.x else (b, a)
    start, end = a.x + a.width, b.x
    reach = (end - start) / 2
    return (
        (start, a.middle), (start + reach, a.middle), (end - reach, b.middle), (end, b.middle)
    )  # fmt: skip


# -- painting ----------------------------------------------------------------------------------


def _svg(picture: Picture, tones: dict[Tone, str], alt: str) -> Iterator[str]:
    width, height = _number(picture.width), _number(picture.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}">'
        f"<title>Map of themes and codes</title><desc>{_escaped(alt)}</desc>"
        f'<rect width="{width}" height="{height}" fill="{tones["paper"]}"/>'
    )
    for box in picture.frames:
        yield _rect(box, tones, dash=' stroke-dasharray="2 3"')
    for curve in sorted(picture.curves, key=lambda curve: not curve.broken):
        start, *rest = (f"{_number(x)} {_number(y)}" for x, y in curve.points)
        dash = ' stroke-dasharray="5 4"' if curve.broken else ""
        yield (
            f'<path d="M{start} C{", ".join(rest)}" fill="none" stroke="{tones[curve.tone]}" '
            f'stroke-width="{curve.width}"{dash}/>'
        )
    for box in picture.boxes:
        if box.framed:
            yield _rect(box, tones)
        if box.bar:
            x = box.x + box.width - 6 if box.bar_right else box.x
            yield (
                f'<rect x="{_number(x)}" y="{_number(box.y)}" width="6" '
                f'height="{_number(box.height)}" fill="{box.bar}"/>'
            )
        for words, x, y, is_note in _lines(box):
            weight = ' font-weight="bold"' if box.bold and not is_note else ""
            tone = tones["quiet" if is_note else "ink"]
            size = SMALL - 1 if is_note else box.size
            yield (
                f'<text x="{_number(x)}" y="{_number(y)}" font-size="{size}"{weight} '
                f'fill="{tone}">{_escaped(words)}</text>'
            )
    yield "</svg>"


def _rect(box: Box, tones: dict[Tone, str], dash: str = "") -> str:
    return (
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="3" fill="{tones[box.fill]}" '
        f'stroke="{tones["line"]}"{dash}/>'
    )


def _lines(box: Box) -> Iterator[tuple[str, float, float, bool]]:
    """The words of a box, each line with its place; the last one is the note."""
    step = THEME_LINE if box.size == LARGE else CODE_LINE
    x = box.x + (14 if box.bar and not box.bar_right else 9)
    y = box.y + step - (0 if box.size == LARGE else 1) + (3 if box.size == LARGE else 1)
    for line in box.lines:
        yield line, x, y, False
        y += step
    if box.note:
        yield box.note, x, y, True


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _escaped(text: str) -> str:
    """Untrusted words as text of an SVG; characters that XML does not know are left out."""
    return html.escape("".join(c for c in text if c.isprintable() or c == " "))


@lru_cache(maxsize=32)
def _png(graph: ThemeMap) -> bytes:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    from qualcode.reports.full.drawings import LOCK, RESOLUTION, STYLE

    picture = _drawn(graph)
    with LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(picture.width / 96, picture.height / 96), dpi=RESOLUTION)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, picture.width)
        axes.set_ylim(picture.height, 0)

        def box_of(box: Box, dash: Any = "-") -> None:
            axes.add_patch(
                Rectangle(
                    (box.x, box.y), box.width, box.height, facecolor=LIGHT[box.fill],
                    edgecolor=LIGHT["line"], lw=0.75, ls=dash,
                )
            )  # fmt: skip

        for box in picture.frames:
            box_of(box, ":")
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        for curve in sorted(picture.curves, key=lambda curve: not curve.broken):
            axes.add_patch(
                PathPatch(
                    Path(curve.points, codes), facecolor="none", edgecolor=LIGHT[curve.tone],
                    lw=curve.width * 0.75, ls=(0, (4, 3)) if curve.broken else "-",
                )
            )  # fmt: skip
        for box in picture.boxes:
            if box.framed:
                box_of(box)
            if box.bar:
                x = box.x + box.width - 6 if box.bar_right else box.x
                axes.add_patch(Rectangle((x, box.y), 6, box.height, facecolor=box.bar, lw=0))
            for words, x, y, is_note in _lines(box):
                axes.text(
                    x, y, words, va="baseline", ha="left",
                    fontsize=(SMALL - 1 if is_note else box.size) * 0.75,
                    fontweight="bold" if box.bold and not is_note else "normal",
                    color=LIGHT["quiet" if is_note else "ink"],
                )  # fmt: skip
        out = io.BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()
