"""Themes: those that people made, and what the machine lays out for them to judge."""

from __future__ import annotations

import streamlit as st

from qualcode.store import Study
from qualcode.store.suggesting import READERS
from qualcode.ui import (
    candidate_views,
    gap_views,
    lens_views,
    parts,
    reflexivity,
    state,
    theme_list,
)

ROOMS = {
    "Candidates": candidate_views.room,
    "Gaps": gap_views.room,
    "Lenses": lens_views.room,
}


def suggestions(study: Study) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Suggestions", anchor=False, width="content")
        st.space("stretch")
        if study.seat is None or study.seat.is_lead:
            candidate_views.from_codes(study)
    if study.seat is not None and not study.seat.roles & READERS:
        parts.note("What the machine suggests is read by the lead and the coders.")
        return
    chosen = st.segmented_control(
        "Suggestions",
        list(ROOMS),
        default="Candidates",
        required=True,
        key="themes.suggestions",
        label_visibility="collapsed",
    )
    with parts.problems():
        ROOMS[chosen](study)


with state.current_study() as study:
    parts.head("Themes", "Candidates are read, named and kept by people.")
    closed = (
        "Theme candidates stay closed until every coder has submitted every transcript, so that "
        "nothing machine-made colours the coding."
    )
    if parts.comparable(study, closed, everything=True):
        reflexivity.ask(study, "themes", "themes")
        if theme_list.room(study, lambda: candidate_views.looked_at(study)):
            suggestions(study)
