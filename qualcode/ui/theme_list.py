"""The themes of a study as cards: what each says, who voiced it, how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import Theme, ThemeCandidate
from qualcode.reports.facts import StudyFacts, gather
from qualcode.reports.findings import Finding, Findings, findings
from qualcode.store import Study
from qualcode.ui import needs, parts, quotations, theme_board, theme_map, theme_review

OPEN = "themes.open"
"""The id of the theme that is looked at."""
ROOM = "themes.room"
ROOMS = ["Themes", "Board", "Map", "Quotations", "Needs"]
"""Without a theme there are the first two."""
STATES = {
    "candidate": ("candidate", "gray"),
    "reviewed": ("reviewed", "blue"),
    "defined": ("defined", "violet"),
    "in_report": ("in the report", "green"),
}


def room(study: Study, candidates: Callable[[], Sequence[ThemeCandidate]] = lambda: ()) -> bool:
    """The themes kept and what is done with them; True where candidates may follow below.

    ``candidates`` gives those of the machine's that are looked at in this session, for the board.
    """
    facts = gather(study)
    found = findings(facts, every=True)
    opened = st.session_state.get(OPEN)
    theme = next((one for one in facts.themes if one.id == opened), None)
    if theme is not None:
        if st.button(
            "All themes", icon=":material/arrow_back:", key="themes.back", type="tertiary"
        ):
            st.session_state.pop(OPEN)
            st.rerun()
        theme_review.room(study, facts, found, theme)
        return False
    chosen = st.segmented_control(
        "Room",
        ROOMS if facts.themes else ROOMS[:2],
        default="Themes",
        required=True,
        key=ROOM,
        label_visibility="collapsed",
    )
    if chosen == "Board":
        if wanted := theme_board.room(study, facts, found, candidates()):
            st.session_state[OPEN] = wanted
            st.rerun()
    elif chosen == "Map":
        theme_map.room(study, facts, found)
    elif chosen == "Quotations":
        quotations.room(study, facts, found)
    elif chosen == "Needs":
        needs.room(study, facts, found)
    elif facts.themes:
        cards(study, facts, found)
    return chosen == "Themes"


def cards(study: Study, facts: StudyFacts, found: Findings) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        marked = sum(theme.state == "in_report" for theme in facts.themes)
        told = f"{parts.count(len(facts.themes), 'theme')}, {marked} of them in the report."
        st.markdown(told, width="content")
        st.space("stretch")
        if study.seat is None or study.seat.is_lead:
            move_a_code(study)
    themes = {theme.id: theme for theme in facts.themes}
    for finding in found.themes:
        card(study, facts, found, finding, themes[finding.id])


def card(study: Study, facts: StudyFacts, found: Findings, finding: Finding, theme: Theme) -> None:
    codes = {code.id: code for code in facts.codebook.codes}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{parts.plain(theme.name)}**", width="content")
            label, color = STATES[theme.state]
            st.badge(label, color=color)
            if theme.kind == "minor":
                st.badge("minor", color="gray")
            if theme.origin == "machine_suggested":
                st.badge("from a candidate", color="gray")
            st.space("stretch")
            if st.button("Review", key=f"themes.review.{theme.id}", icon=":material/edit_note:"):
                st.session_state[OPEN] = theme.id
                st.rerun()
            if study.seat is None or study.seat.is_lead:
                drop(study, theme)
        if finding.parent:
            parts.note(f"Part of “{finding.parent}”")
        if theme.definition:
            parts.note(theme.definition)
        parts.chips([codes[code] for code in theme.codes if code in codes])
        parts.note(spread(found, finding))
        if not theme.codes:
            for transcript, span in theme.excerpts[:2]:
                if transcript in facts.transcript:
                    text = facts.transcript[transcript]
                    parts.quotation(text.text[span.slice], f"({text.participant})")


def spread(found: Findings, finding: Finding) -> str:
    """Who voiced a theme and what stands under it, in one line."""
    told = [f"{len(finding.participants)} of {parts.count(len(found.participants), 'participant')}"]
    told += [f"{group} {n} of {of}" for group, (n, of) in finding.groups.items()]
    told.append(parts.count(finding.passages, "passage"))
    told.append(parts.count(len(finding.claims), "claim"))
    chosen = sum(quote.chosen for quote in finding.quotations)
    told.append(f"{parts.count(chosen, 'quotation')} chosen")
    if finding.divergent:
        told.append(parts.count(len(finding.divergent), "divergent case"))
    # Each figure keeps to its word at the end of a line.
    return " · ".join(words.replace(" ", "\u00a0") for words in told)


def drop(study: Study, theme: Theme) -> None:
    with st.popover("Drop"):
        reason = st.text_input("Reason", key=f"themes.why.{theme.id}")
        if st.button("Drop the theme", key=f"themes.drop.{theme.id}"):
            with parts.problems():
                study.drop_theme(theme.id, reason=reason)
                st.session_state.pop(OPEN, None)
                st.rerun()


def move_a_code(study: Study) -> None:
    """A code from one theme to another; the counts follow at once."""
    themes = {theme.id: theme for theme in study.themes()}
    with st.popover("Move a code", icon=":material/drive_file_move:"), st.form(
        f"themes.move.{sum(theme.version for theme in themes.values())}", border=False
    ):  # fmt: skip
        names = {code.id: code.name for code in study.codebook().codable}
        code = st.selectbox("Code", list(names), None, format_func=names.get)
        target = st.selectbox(
            "Into", [*themes, ""], None,
            format_func=lambda id_: themes[id_].name if id_ else "no theme",
        )  # fmt: skip
        if not st.form_submit_button("Move it", type="primary"):
            return
        with parts.problems():
            if code is None or target is None:
                raise BadCommand("Choose a code and the theme it goes to.")
            moved = 0
            for theme in themes.values():
                rest = tuple(held for held in theme.codes if held != code)
                codes = (*rest, code) if theme.id == target else rest
                if set(codes) != set(theme.codes):
                    study.change_theme(replace(theme, codes=codes))
                    moved += 1
            if not moved:
                raise BadCommand("The code stands there already.")
            parts.told(f"“{names[code]}” was moved.")
            st.rerun()
