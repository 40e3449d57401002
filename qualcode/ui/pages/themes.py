"""Themes: candidates from the participants' words, and the themes that people made of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import Seat, Theme, ThemeCandidate, Transcript
from qualcode.store import Study
from qualcode.themes import ThemeSuggestions
from qualcode.ui import aside, making, parts, reflexivity, state, theme_list

RUN = "themes.run"


def candidate_card(
    study: Study, candidate: ThemeCandidate, texts: dict[str, Transcript], people: int
) -> None:
    codes = {code.id: code for code in study.codebook().codes}
    touched = [(codes[c], share) for c, share in candidate.codes if c in codes][:5]
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="large")
        with left:
            st.html(f'<p class="ui-kicker">Candidate {candidate.number}</p>')
            st.markdown(f"**{parts.plain(candidate.label)}**")
            n = len(candidate.participants)
            voice = " · one person’s voice" if n == 1 else ""
            parts.note(
                f"{n} of {people} participants · {len(candidate.passages)} passages · "
                f"stability {candidate.stability:.2f}{voice}"
            )
            parts.note(" · ".join(term for term, _ in candidate.terms[:10]))
            if touched:
                st.html(
                    '<p class="ui-note">Codes it touches</p>'
                    + "".join(
                        f"<div>{parts.chip(code, note=f'{share:.0%}')}</div>"
                        for code, share in touched
                    )
                )
            if study.seat is None or study.seat.is_lead:
                accept(study, candidate, [code.id for code, share in touched if share >= 0.1])
        with right:
            for transcript, span in candidate.quotes[:3]:
                text = texts[transcript]
                parts.quotation(text.text[span.slice], f"({text.participant or text.title})")


def accept(study: Study, candidate: ThemeCandidate, codes: list[str]) -> None:
    with st.popover("Make a theme of it", icon=":material/add:"), st.form(
        f"themes.form.{candidate.number}", border=False
    ):  # fmt: skip
        parts.note("A theme is a pattern of meaning: say what the participants say about it.")
        name = st.text_input("Name", placeholder="A statement, not a topic", max_chars=200)
        definition = st.text_area("Definition", height=90)
        names = {code.id: code.name for code in study.codebook().codable}
        chosen = st.multiselect("Codes in it", list(names), codes, format_func=names.get)
        pressed = st.form_submit_button("Keep the theme", type="primary")
        with parts.problems():
            if not pressed:
                return
            if not name.strip():
                raise BadCommand("Give the theme a name of your own.")
            study.add_theme(
                Theme(
                    name=name,
                    definition=definition.strip(),
                    codes=tuple(chosen),
                    excerpts=candidate.quotes,
                    origin="machine_suggested",
                )
            )
            study.log("suggestion_accept", {"candidate": candidate.number})
            parts.told("The theme was kept.")
            st.rerun()


def from_codes(study: Study) -> None:
    with st.popover("Make a theme from codes", icon=":material/add:"), st.form(
        f"themes.own.{len(study.themes())}", border=False  # empty again when a theme was kept
    ):  # fmt: skip
        name = st.text_input("Name", placeholder="A statement, not a topic", max_chars=200)
        definition = st.text_area("Definition", height=90)
        names = {code.id: code.name for code in study.codebook().codable}
        chosen = st.multiselect("Codes in it", list(names), format_func=names.get)
        pressed = st.form_submit_button("Keep the theme", type="primary")
        with parts.problems():
            if not pressed:
                return
            if not name.strip() or not chosen:
                raise BadCommand("Give the theme a name and at least one code.")
            study.add_theme(Theme(name=name, definition=definition.strip(), codes=tuple(chosen)))
            parts.told("The theme was kept.")
            st.rerun()


def candidates_of(study: Study, run: dict[str, int | None]) -> ThemeSuggestions:
    """The candidates of this run; looked for again only when texts, codings or wishes differ."""
    transcripts, codings = study.transcripts(), study.codings()
    seen = (
        tuple((transcript.id, transcript.sha256) for transcript in transcripts),
        tuple(coding.id for coding in codings),
        codings.open,
    )
    return _suggest(str(study.path), seen, run["clusters"], run["seed"], study.seat)


@st.cache_data(max_entries=8, show_spinner=False)
def _suggest(
    path: str, seen: object, clusters: int | None, seed: int, _seat: Seat | None
) -> ThemeSuggestions:
    return aside.made(making.candidates, Path(path), _seat, clusters, seed)


def kept_run(study: Study) -> tuple[ThemeCandidate, ...]:
    """The candidates looked at in this session; none before they are asked for."""
    run = st.session_state.get(RUN)
    return tuple(candidates_of(study, run)) if run else ()


def candidates(study: Study) -> None:
    st.subheader("Candidates", anchor=False)
    parts.note(
        "Passages that share words and meaning, grouped by the machine: something to think with, "
        "never an assignment. The same seed gives the same answer."
    )
    lead = study.seat is None or study.seat.is_lead
    with st.container(horizontal=True, vertical_alignment="bottom", key="themes.options"):
        clusters = st.number_input(
            "How many", min_value=2, max_value=40, value=None, placeholder="automatic",
            key="themes.clusters", width=150,
        )  # fmt: skip
        seed = st.number_input("Seed", min_value=0, value=1, key="themes.seed", width=110)
        pressed = st.button("Look for candidates", type="primary", key="themes.look")
        if lead:
            from_codes(study)
    if pressed:
        st.session_state[RUN] = {"clusters": clusters, "seed": int(seed)}
    run = st.session_state.get(RUN)
    if run is None:
        return
    with st.spinner("Reading the participants’ turns…"):
        found = candidates_of(study, run)
    if pressed:
        study.log("suggestion_run", {**found.parameters, "candidates": len(found)})
    if found.warning:
        st.warning(parts.plain(found.warning))
    texts = {transcript.id: transcript for transcript in study.transcripts()}
    people = len({transcript.participant for transcript in texts.values()})
    for candidate in found:
        candidate_card(study, candidate, texts, people)
    if found.left_out:
        parts.note(f"In no candidate: {len(found.left_out)} passages, most of them too short.")
    st.caption(parts.plain(found.sentence))


with state.current_study() as study:
    parts.head("Themes", "Candidates are read, named and kept by people.")
    closed = (
        "Theme candidates stay closed until every coder has submitted every transcript, so that "
        "nothing machine-made colours the coding."
    )
    if parts.comparable(study, closed, everything=True):
        reflexivity.ask(study, "themes", "themes")
        if theme_list.room(study, lambda: kept_run(study)):
            candidates(study)
