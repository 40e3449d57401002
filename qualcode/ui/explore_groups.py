"""Codes or themes by an attribute: participants, n of N; each cell leads to its passages."""

from __future__ import annotations

import numpy as np
import streamlit as st

from qualcode.queries.spread import PERCENT_FROM, Spread, SpreadCell, spread
from qualcode.reports.across import View, spread_report
from qualcode.reports.across.reports import SPREAD_NOTE
from qualcode.store import Study
from qualcode.ui import explore_charts, explore_files, explore_passages, explore_view, parts

KINDS = {"theme": "Themes", "code": "Codes"}


def room(study: Study, view: View) -> None:
    """The table, its picture, and the passages of a cell."""
    if not view.corpus.codings:
        parts.nothing_yet("There are no codings to count in this layer yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.segmented_control(
            "Count", list(KINDS), format_func=KINDS.get, default="theme", required=True,
            key="explore.groups.what",
        )  # fmt: skip
        by = explore_view.attribute(view, "explore.groups.by")
        look = st.segmented_control(
            "Look", ["Table", "Heat map"], default="Table", required=True,
            key="explore.groups.look",
        )  # fmt: skip
    if by is None:
        parts.nothing_yet(
            "Nothing is known yet by which to tell participants apart, or it is kept back from "
            "whoever codes.",
            parts.page("people"),
            "To the participants",
        )
        return
    with parts.problems():
        groups = view.corpus.groups(what or "theme")
        if what == "code":
            groups = tuple(g for g in groups if g.codes & view.corpus.carried.keys())
        found = spread(view.corpus, by, groups)
        if not found.rows:
            parts.nothing_yet("There is no theme yet, neither made nor in the codebook.")
            return
        cell = heat(found) if look == "Heat map" else table(found, (what or "theme").capitalize())
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.note(
                f"{SPREAD_NOTE} Click a cell to read its passages."
                + (f" {len(found.shared)} stand in more than one column." if found.shared else "")
            )
            st.space("stretch")
            explore_files.ways_out(
                study, "across-groups", lambda: spread_report(view, found, what or "theme")
            )
        if cell is not None:
            behind(study, view, found, *cell)


def n_of(cell: SpreadCell, size: int) -> str:
    share = f" · {cell.n / size:.0%}" if size >= PERCENT_FROM else ""
    return f"{cell.n} of {size}{share}"


def table(found: Spread, first: str) -> tuple[int, int] | None:
    """The numbers; the row and the column that were clicked (the last column is everybody)."""
    heads = [f"{label} (N = {n})" for label, n in zip(found.labels, found.sizes, strict=True)]
    everybody = f"All (N = {found.total})"
    rows = [
        {first: row.group.name}
        | {
            head: n_of(cell, size)
            for head, cell, size in zip(heads, row.cells, found.sizes, strict=True)
        }
        | {everybody: n_of(row.total, found.total)}
        for row in found.rows
    ]
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-cell",
        key=f"explore.groups.table.{found.attribute.name}.{len(rows)}",
        height=explore_charts.height(len(rows)),
        alt=f"Participants by {found.attribute.name}, n of N",
        column_config={first: st.column_config.TextColumn(width="large", pinned=True)},
    )  # fmt: skip
    cells = event["selection"]["cells"]
    columns = [first, *heads, everybody]
    if not cells or cells[0][0] >= len(rows) or cells[0][1] not in columns:
        return None
    place = columns.index(cells[0][1])
    return cells[0][0], place - 1 if place else len(heads)


def heat(found: Spread) -> tuple[int, int] | None:
    """The same as a heat map; the cell that was clicked."""
    names = [row.group.name for row in found.rows]
    labels = [f"{label} ({size})" for label, size in zip(found.labels, found.sizes, strict=True)]
    rows = [
        {
            "row": row.group.name,
            "column": label,
            "share": cell.n / size if size else 0.0,
            "participants": n_of(cell, size),
        }
        for row in found.rows
        for label, cell, size in zip(labels, row.cells, found.sizes, strict=True)
    ]
    row, column = explore_charts.heat(
        rows, "row", "column", shade="share", number="participants", orders=(names, labels),
        key=f"explore.groups.heat.{found.attribute.name}.{len(names)}",
        words=f"Participants by {found.attribute.name}; the table holds the same numbers.",
    )  # fmt: skip
    if row in names and column in labels:
        return names.index(row), labels.index(column)
    return None


def behind(study: Study, view: View, found: Spread, row: int, column: int) -> None:
    """The passages of a cell."""
    group = found.rows[row].group
    carried = view.corpus.with_any(group.codes)
    label = "everybody"
    if column < len(found.values):
        value, label = found.values[column], found.labels[column]
        wanted = {
            t.id for t in view.corpus.transcripts if view.corpus.value(found.attribute, t) == value
        }
        inside = np.zeros(len(view.corpus.passages), dtype=np.bool_)
        for id_ in wanted:
            inside[list(view.corpus.passages_of[id_])] = True
        carried = carried & inside
    numbers = np.flatnonzero(carried).tolist()
    explore_passages.panel(
        study, view, numbers, "explore.groups.panel", heading=f"{group.name} · {label}"
    )
