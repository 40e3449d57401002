"""Codes that meet in a turn or on the same words: pairs, a heat map, and the passages of a pair."""

from __future__ import annotations

import streamlit as st

from qualcode.queries.cooccurrence import BYS, Cooccurrence, cooccurrence
from qualcode.reports.across import View, cooccurrence_report, heat_of
from qualcode.store import Study
from qualcode.ui import explore_charts, explore_files, explore_passages, parts

WHERE = {"turn": "in one turn", "overlap": "on the same words"}


def room(study: Study, view: View) -> None:
    """The pairs, their picture, and the passages of a pair."""
    if not view.corpus.codings:
        parts.nothing_yet("There are no codings in this layer yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Codes meet", list(BYS), format_func=WHERE.get, default="turn", required=True,
            key="explore.together.by",
        )  # fmt: skip
        look = st.segmented_control(
            "Look", ["Table", "Heat map"], default="Table", required=True,
            key="explore.together.look",
        )  # fmt: skip
    found = cooccurrence(view.corpus, by=by or "turn")
    if not found.pairs:
        parts.nothing_yet(f"No two codes meet {WHERE[found.by]}.")
        return
    pair = heat(found) if look == "Heat map" else table(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.note(
            "Jaccard is passages with both over passages with either. Codes that meet need not "
            "cause each other. Click a row or a cell to read the passages."
        )
        st.space("stretch")
        explore_files.ways_out(study, "across-codes", lambda: cooccurrence_report(view, found))
    if pair is not None:
        one, other = (found.groups[n] for n in pair)
        explore_passages.panel(
            study, view, found.places.get(pair, ()), "explore.together.panel",
            heading=f"{one.name} · {other.name}",
        )  # fmt: skip


def table(found: Cooccurrence) -> tuple[int, int] | None:
    """The pairs; the two codes of the row that was chosen."""
    pairs = found.pairs
    event = st.dataframe(
        [
            {
                "Code": pair.one.name,
                "Meets": pair.other.name,
                "Passages": pair.both,
                "Participants": pair.participants,
                "Jaccard": pair.jaccard,
            }
            for pair in pairs
        ],
        hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"explore.together.table.{found.by}", height=explore_charts.height(len(pairs), 420),
        alt=f"Pairs of codes that meet {WHERE[found.by]}",
        column_config={"Jaccard": st.column_config.NumberColumn(format="%.2f")},
    )  # fmt: skip
    rows = event["selection"]["rows"]
    if not rows or rows[0] >= len(pairs):
        return None
    number = {group.id: n for n, group in enumerate(found.groups)}
    pair = pairs[rows[0]]
    return _ordered(number[pair.one.id], number[pair.other.id])


def heat(found: Cooccurrence) -> tuple[int, int] | None:
    """The codes that meet most as a square; the two of the cell that was clicked."""
    drawn = heat_of(found)
    rows = [
        {"code": one, "other": other, "passages": float(value or 0), "both": label.strip("·")}
        for one, values, labels in zip(drawn.rows, drawn.values, drawn.labels, strict=True)
        for other, value, label in zip(drawn.columns, values, labels, strict=True)
    ]
    shown = sum(group.name in drawn.rows for group in found.groups)
    one, other = explore_charts.heat(
        rows, "code", "other", shade="passages", number="both",
        orders=(drawn.rows, drawn.columns), key=f"explore.together.heat.{found.by}",
        words=f"Passages with both of two codes, for the {shown} codes that meet most; the table "
        "names each pair.",
    )  # fmt: skip
    number = {group.name: n for n, group in enumerate(found.groups)}
    if one not in number or other not in number or one == other:
        return None
    return _ordered(number[one], number[other])


def _ordered(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
