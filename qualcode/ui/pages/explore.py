"""Explore: one look across all interviews, from a question or a table down to the passages."""

from __future__ import annotations

import streamlit as st

from qualcode.ui import (
    explore_groups,
    explore_matrix,
    explore_query,
    explore_saturation,
    explore_together,
    explore_view,
    explore_words,
    parts,
    state,
)

ROOMS = {
    "Passages": explore_query.room,
    "By group": explore_groups.room,
    "Codes together": explore_together.room,
    "Matrix": explore_matrix.room,
    "Words": explore_words.room,
    "Saturation": explore_saturation.room,
}

with state.current_study() as study:
    parts.head(
        "Explore",
        "Look across the interviews, and from every number down to the words it rests on.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_bar"):
        view = explore_view.chosen(study)
        if view is not None:
            room = st.segmented_control(
                "What to look at", list(ROOMS), default="Passages", required=True,
                key="explore.room",
            )  # fmt: skip
    if view is not None:
        if view.layer.note:
            parts.note(view.layer.note)
        if not view.corpus.transcripts:
            parts.nothing_yet(
                "There is no interview to look across yet.", parts.page("transcripts"),
                "To the transcripts",
            )  # fmt: skip
        else:
            ROOMS.get(room or "", explore_query.room)(study, view)
