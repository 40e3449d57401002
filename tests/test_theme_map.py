"""The map of codes and themes: the same each time, nothing on another, every name escaped."""

from __future__ import annotations

from itertools import combinations

from defusedxml.ElementTree import fromstring

from qualcode.reports.facts import gather
from qualcode.reports.findings import findings
from qualcode.reports.lettering import width_of
from qualcode.reports.theme_map import (
    Box,
    MapCode,
    MapTheme,
    ThemeMap,
    _drawn,
    map_of,
)
from qualcode.store import Study

LONG = "Time is promised in every speech and given by rank, and nobody who asks for it twice " * 2
SVG = "{http://www.w3.org/2000/svg}"


def big(*, name: str = LONG[:120]) -> ThemeMap:
    """Twelve themes, two of them parts; sixty codes, some in two themes and some in none."""
    themes = tuple(
        MapTheme(f"t{n}", f"{name} {n}", 8 - n % 3, {4: "t3", 8: "t7"}.get(n, ""))
        for n in range(12)
    )
    codes = tuple(
        MapCode(
            f"c{n}",
            f"{name if n % 5 == 0 else 'Time'} {n}",
            "#4E79A7",
            n % 9,
            () if n % 13 == 12 else (f"t{n % 13}", *(["t11"] if n < 3 else [])),
        )
        for n in range(60)
    )
    return ThemeMap(themes, codes, 8, (("c0", "c1", 9), ("c0", "c7", 3), ("c12", "c5", 2)))


def overlapping(boxes: list[Box]) -> list[tuple[Box, Box]]:
    return [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    ]


def test_no_box_lies_on_another_and_all_lie_in_the_picture() -> None:
    for graph in (big(), big(name="x" * 120), big(name="質的研究" * 30)):
        picture = _drawn(graph)
        assert len(picture.boxes) == 12 + 60 + 1
        assert overlapping(picture.boxes) == []
        for box in picture.boxes:
            assert 0 <= box.x < box.x + box.width <= picture.width
            assert 0 <= box.y < box.y + box.height <= picture.height
            assert all(
                width_of(line, box.size, bold=box.bold) <= box.width - 18 for line in box.lines
            )
    assert overlapping([picture.boxes[0], picture.boxes[0]]), "the test can see one that does"


def test_a_line_goes_from_each_code_to_each_of_its_themes_by_its_participants() -> None:
    graph = big()
    curves = _drawn(graph).curves
    solid = [curve for curve in curves if not curve.broken]
    assert len(solid) == sum(len(code.themes) for code in graph.codes)
    assert len(curves) - len(solid) == 3
    assert max(curve.width for curve in solid) == 0.8 + 3.4
    assert min(curve.width for curve in solid) == 0.8


def test_the_same_study_gives_the_same_map(finished: Study) -> None:
    facts = gather(finished)
    one, two = (map_of(facts, findings(facts, every=True)) for _ in range(2))
    assert one == two
    assert one.svg() == two.svg()
    assert one.png() == two.png()
    assert one.png().startswith(b"\x89PNG")
    assert one.svg() != one.svg(dark=True)
    assert {len(one.themes), one.total} == {5, 6}
    support = next(theme for theme in one.themes if theme.name.startswith("Support is promised"))
    assert support.count == 6
    assert "Protected time (5)" in one.alt
    counts = {code.name: code.count for code in one.codes}
    assert (counts["QI meaning unclear"], counts["Protected time"]) == (4, 5)


def test_names_stay_words() -> None:
    name = '</text><script>alert(1)</script> & "quoted" \x07'
    drawn = big(name=name).svg()
    tree = fromstring(drawn)
    assert tree.find(f".//{SVG}script") is None
    assert {child.tag.removeprefix(SVG) for child in tree.iter()} <= {
        "svg", "title", "desc", "rect", "path", "text",
    }  # fmt: skip
    odd = ThemeMap((), (MapCode("c", "x", 'red" onload="alert(1)', 1),), 1)
    assert "onload" not in odd.svg()
    fromstring(odd.svg())


def test_an_empty_map_is_a_picture_too() -> None:
    empty = ThemeMap((), (), 0)
    fromstring(empty.svg())
    assert empty.png().startswith(b"\x89PNG")
