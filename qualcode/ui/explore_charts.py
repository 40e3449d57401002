"""The pictures of the page Explore: numbers in, charts out that read well on either ground.

Each has its numbers in it and words for who does not see it; a click on a bar or a cell is told to
the page by the names of what was clicked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

ROW_HEIGHT = 34
MOST_IN_FULL = 12
LABELS = 220
HUE = "#4E79A7"
PICKED = "picked"


def height(rows: int, most: int = 460) -> int | str:
    """How high a table stands: in full when it is short."""
    return "content" if rows <= MOST_IN_FULL else most


def ink() -> str:
    """The colour of letters on the ground that the reader has chosen."""
    theme = getattr(st.context, "theme", None)
    return "#e6e8ea" if getattr(theme, "type", "light") == "dark" else "#11161d"


def bars(rows: Sequence[Mapping[str, Any]], what: str, of: str, key: str, words: str) -> str:
    """Bars of ``of`` by ``what``; the name of the bar that was clicked, or ""."""
    if not rows:
        return ""
    frame = pd.DataFrame(rows)
    order = [str(row[what]) for row in rows]
    pick = alt.selection_point(name=PICKED, fields=[what])
    axis = alt.Axis(labelLimit=LABELS, title=None, labelFontSize=12, labelOverlap=False)
    base = alt.Chart(frame).encode(y=alt.Y(f"{what}:N", sort=order, axis=axis))
    whole = alt.Axis(title=of, tickMinStep=1, format="d")
    bar = base.mark_bar(color=HUE, cornerRadiusEnd=2, cursor="pointer").encode(
        x=alt.X(f"{of}:Q", axis=whole), opacity=alt.condition(pick, alt.value(1), alt.value(0.45)),
        tooltip=list(frame.columns),
    )  # fmt: skip
    number = base.mark_text(align="left", dx=4, fontSize=12, color=ink()).encode(
        x=alt.X(f"{of}:Q"), text=alt.Text(f"{of}:Q")
    )
    chart = alt.layer(bar.add_params(pick), number).properties(
        height=ROW_HEIGHT * len(rows) + 10, width="container"
    )
    event = st.altair_chart(chart, key=key, on_select="rerun", selection_mode=PICKED, alt=words)
    return str(_picked(event).get(what, ""))


def heat(
    rows: Sequence[Mapping[str, Any]],
    down: str,
    across: str,
    *,
    shade: str,
    number: str,
    orders: tuple[Sequence[str], Sequence[str]],
    key: str,
    words: str,
) -> tuple[str, str]:
    """Cells of ``down`` by ``across``, darker with ``shade``, with ``number`` in each; the names of
    the cell that was clicked, or two empty ones.
    """
    frame = pd.DataFrame(rows)
    pick = alt.selection_point(name=PICKED, fields=[down, across])
    upright = len(orders[1]) > 6
    x = alt.X(
        f"{across}:N", sort=list(orders[1]),
        axis=alt.Axis(orient="top", title=None, labelAngle=-60 if upright else 0,
                      labelLimit=150, labelFontSize=12, labelOverlap=False),
    )  # fmt: skip
    y = alt.Y(
        f"{down}:N",
        sort=list(orders[0]),
        axis=alt.Axis(title=None, labelLimit=LABELS, labelFontSize=12, labelOverlap=False),
    )
    top = max([float(row[shade]) for row in rows] or [1.0]) or 1.0
    base = alt.Chart(frame).encode(x=x, y=y)
    # Shades of one hue by their opacity, so that an empty cell is the ground, dark or light.
    cell = base.mark_rect(color=HUE, cursor="pointer").encode(
        opacity=alt.Opacity(
            f"{shade}:Q", scale=alt.Scale(domain=[0, top], range=[0.06, 0.85]), legend=None
        ),
        stroke=alt.condition(pick, alt.value("#8a94a3"), alt.value(None)),
        tooltip=[down, across, number],
    )
    text = base.mark_text(fontSize=12, fontWeight=600, color=ink()).encode(
        text=alt.Text(f"{number}:N")
    )
    layers = [cell.add_params(pick), text]
    chart = alt.layer(*layers).properties(
        height=ROW_HEIGHT * max(1, len(orders[0])) + 10, width="container"
    )
    event = st.altair_chart(chart, key=key, on_select="rerun", selection_mode=PICKED, alt=words)
    found = _picked(event)
    return str(found.get(down, "")), str(found.get(across, ""))


def curves(
    lines: Sequence[Mapping[str, Any]],
    band: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    edges: Sequence[float],
    words: str,
) -> None:
    """Curves of codes by interview, over the band of random orders and the bars of new codes."""
    layers: list[Any] = []
    last = max(int(row["place"]) for row in lines)
    x = alt.X(
        "place:Q",
        axis=alt.Axis(title="Interviews in order", tickMinStep=1, format="d"),
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
    )
    if band:
        frame = pd.DataFrame(band)
        layers.append(
            alt.Chart(frame)
            .mark_area(opacity=0.22, color="#8a94a3")
            .encode(x=x, y=alt.Y("low:Q", title="Codes"), y2="high:Q")
        )
        layers.append(
            alt.Chart(frame)
            .mark_line(strokeDash=[2, 3], color="#8a94a3")
            .encode(x=x, y=alt.Y("mean:Q", title="Codes"))
        )
    if new:
        layers.append(
            alt.Chart(pd.DataFrame(new))
            .mark_bar(color="#F28E2B", opacity=0.8, size=18 if len(new) < 25 else 6)
            .encode(x=x, y=alt.Y("new:Q", title="Codes"), tooltip=["interview", "new"])
        )
    frame = pd.DataFrame(lines)
    many = frame["who"].nunique() > 1
    line = alt.Chart(frame).encode(
        x=x, y=alt.Y("codes:Q", title="Codes"),
        color=alt.Color("who:N", legend=alt.Legend(title=None, orient="top") if many else None),
        strokeDash=alt.StrokeDash("who:N", legend=None),
        tooltip=["who", "interview", "codes"],
    )  # fmt: skip
    layers += [line.mark_line(strokeWidth=2.5), line.mark_point(filled=True, size=60, opacity=1)]
    if edges:
        layers.append(
            alt.Chart(pd.DataFrame({"edge": list(edges)}))
            .mark_rule(strokeDash=[5, 4], color="#8a94a3")
            .encode(x="edge:Q")
        )
    st.altair_chart(
        alt.layer(*layers).properties(height=320, width="container"), alt=words, width="stretch"
    )


def _picked(event: Any) -> Mapping[str, Any]:
    """What was clicked, by the names of its fields."""
    found = (event.get("selection") or {}).get(PICKED) or []
    return found[0] if found and isinstance(found[0], Mapping) else {}
