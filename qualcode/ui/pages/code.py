"""Coding: one's own codings on one transcript, then submitting it for good."""

from __future__ import annotations

import streamlit as st

from qualcode.model import Assignment
from qualcode.store import Study
from qualcode.ui import parts, state
from qualcode.ui.coder import coding_surface

CHOICE = "code.transcript"
# Nothing between these two: a coding that is kept does not draw the page anew.
STATES = {
    "assigned": "○ {} · to code",
    "in_progress": "○ {} · to code",
    "submitted": "● {} · submitted",
}


def mine(study: Study) -> dict[str, Assignment]:
    name = study.seat.name if study.seat else ""
    return {a.transcript: a for a in study.assignments() if a.coder == name}


@st.dialog("Submit this transcript?")
def confirm(transcript: str, title: str, uncoded: int, turns: int) -> None:
    st.markdown(
        f"Your codings of **{parts.plain(title)}** are sealed: they can be looked at, but never "
        "changed again. The comparison opens when the other coder has submitted too."
    )
    if uncoded:
        parts.note(
            f"Participant turns without a code: {uncoded} of {turns}. That is a result too, if it "
            "is what you mean."
        )
    with st.container(horizontal=True):
        if st.button("Submit and seal", type="primary", key="code.seal"):
            with parts.problems():
                with state.current_study() as study:
                    study.submit(transcript)
                parts.told(f"{title} was submitted.")
                st.rerun()
        if st.button("Not yet", key="code.notyet"):
            st.rerun()


def uncoded_turns(study: Study, transcript: str) -> tuple[int, int]:
    """(participant turns without a code of one's own, participant turns)."""
    name = study.seat.name if study.seat else ""
    spans = [coding.span for coding in study.codings(coders=[name], transcript=transcript)]
    turns = study.transcript(transcript).participant_turns
    empty = sum(not any(turn.span.overlap(span) for span in spans) for turn in turns)
    return empty, len(turns)


def open_next(given: dict[str, Assignment]) -> str:
    """The transcript to begin with: the one in work, else the first not submitted."""
    order = sorted(
        given.values(), key=lambda a: ("in_progress", "assigned", "submitted").index(a.state)
    )
    return order[0].transcript


with state.current_study() as study:
    seat = study.seat
    given = mine(study)
    titles = study.titles()
    codes = study.codebook().codes
    if seat is None or not seat.is_coder:
        parts.head("Code", "Coders work here, each in their own layer.")
        parts.nothing_yet(
            "Your seat is not a coder’s. Of open coding a lead sees how far it is, not what it is.",
            parts.page("study"),
            "See the progress",
        )
    elif not given or not codes:
        parts.head("Code", "")
        parts.nothing_yet(
            "There are no transcripts to code yet." if not given else "The codebook is empty.",
            parts.page("transcripts" if not given else "codebook"),
            "Transcripts" if not given else "Codebook",
        )
    else:
        st.html('<span class="ui-wide"></span>')
        chosen = st.session_state.get(CHOICE)
        if chosen not in given:
            chosen = open_next(given)
        with st.container(horizontal=True, vertical_alignment="center", key="code.bar"):
            chosen = st.selectbox(
                "Transcript",
                list(given),
                list(given).index(chosen),
                format_func=lambda t: STATES[given[t].state].format(titles[t]),
                # The browser keeps showing the words it has until the box is another one; it is
                # another one only when the words are, or the choice just made would be lost.
                key="code.pick." + "".join(STATES[a.state][0] for a in given.values()),
                label_visibility="collapsed",
                width=360,
            )
            st.session_state[CHOICE] = chosen
            done = sum(a.state == "submitted" for a in given.values())
            st.caption(f"{done} of {len(given)} submitted")
            st.space("stretch")
            sealed = given[chosen].state == "submitted"
            if sealed:
                st.badge("Submitted", icon=":material/lock:", color="gray")
            elif st.button("Submit…", icon=":material/lock:", key="code.submit"):
                confirm(chosen, titles[chosen], *uncoded_turns(study, chosen))
        coding_surface(
            state.current_study,
            chosen,
            coder=seat.name,
            codes=codes,
            readonly_reason=(
                f"You have submitted {titles[chosen]}; your codings stay as they are."
                if sealed
                else None
            ),
        )
