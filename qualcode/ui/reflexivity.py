"""The prompts for a word on oneself: at the start, after a pilot, before themes."""

from __future__ import annotations

import streamlit as st

from qualcode.memos import Memo, Moment
from qualcode.store import Study
from qualcode.ui import parts, state

QUESTIONS: dict[Moment, tuple[str, str]] = {
    "start": (
        "Before you begin",
        "Who are you in this study: your work, your ties to the place and the people, and what you "
        "expect to hear?",
    ),
    "pilot": (
        "After the pilot",
        "Where did you read differently from the other, and what of you was in that reading?",
    ),
    "themes": (
        "Before themes",
        "Which story do you hope the interviews tell, and what in them speaks against it?",
    ),
}


def ask(study: Study, place: str, *only: Moment) -> None:
    """Ask whoever sits here for a memo on themselves, if one is due; it can be declined.

    ``place`` begins the keys of the widgets; with ``only`` nothing else is asked for.
    """
    due = [m for m in study.moments_due() if not only or m in only]
    if not due:
        return
    title, question = QUESTIONS[due[0]]
    with st.container(border=True, key=f"{place}.reflexivity"):
        st.html(f'<p class="ui-kicker">{title} · reflexivity</p>')
        st.markdown(parts.plain(question))
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Write a memo", key=f"{place}.reflexivity.write", icon=":material/edit:"):
                write(due[0])
            if st.button(
                "I would rather not",
                key=f"{place}.reflexivity.decline",
                type="tertiary",
                help="That you were asked and declined is kept; you can still write one later.",
            ):
                study.decline_memo(due[0])
                st.rerun()


@st.dialog("About yourself", width="medium")
def write(moment: Moment) -> None:
    title, question = QUESTIONS[moment]
    with st.form("reflexivity.form", border=False):
        text = st.text_area(title, placeholder=question, height=220, max_chars=20_000)
        reported = st.checkbox(
            "May be reported",
            help="Then the team can read it, and it is proposed for the report (COREQ item 8).",
        )
        parts.note("Without that it is yours alone until you share it on the Memos page.")
        if st.form_submit_button("Keep", type="primary"):
            with parts.problems():
                with state.current_study() as study:
                    study.write_memo(
                        Memo(
                            text,
                            kind="reflexivity",
                            moment=moment,
                            may_be_reported=reported,
                            shared=reported,
                        )
                    )
                parts.told("Your memo is kept.")
                st.rerun()
