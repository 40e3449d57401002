"""The codes that coders propose, for the lead: taken into the codebook, or declined in words."""

from __future__ import annotations

import html

import streamlit as st

from qualcode.codebook import Codebook
from qualcode.store import Study
from qualcode.store.proposals import LONGEST_NAME, LONGEST_TEXT, OPEN, Proposal
from qualcode.ui import parts, state

ANSWERS = {"accepted": "accepted", "declined": "declined"}


def proposals(study: Study) -> None:
    """The proposals this seat may see; nothing where there are none."""
    found = study.proposals()
    waiting = [each for each in found if each.state == OPEN]
    answered = [each for each in found if each.state != OPEN]
    if not found:
        return
    lead = study.seat is None or study.seat.is_lead
    names, titles = parts.coder_labels(study), study.titles()
    book = study.codebook()
    title = f"Proposed codes ({len(waiting)} waiting)" if waiting else "Proposed codes"
    with st.expander(title, expanded=bool(waiting) and lead, icon=":material/lightbulb:"):
        for each in waiting:
            with st.container(border=True, key=f"codebook.proposal.{each.id}"):
                _card(each, names, titles)
                if lead:
                    _answers(each, book)
        for each in answered:
            code = f" as “{book[each.code].name}”" if each.code in book else ""
            reason = f": {each.answer}" if each.answer else ""
            parts.note(
                f"“{each.name}” by {names.get(each.coder, each.coder)} was "
                f"{ANSWERS[each.state]}{code}{reason}"
            )


def _card(each: Proposal, names: dict[str, str], titles: dict[str, str]) -> None:
    st.markdown(f"**{parts.plain(each.name)}**")
    if each.definition:
        st.markdown(parts.plain(each.definition))
    who = names.get(each.coder, each.coder)
    parts.quotation(each.quote, f"{titles.get(each.transcript, '')}, proposed by {who}")


def _answers(each: Proposal, book: Codebook) -> None:
    with st.container(horizontal=True):
        if st.button("Take in…", icon=":material/add:", key=f"codebook.accept.{each.id}"):
            _accept(each, book)
        if st.button("Decline…", key=f"codebook.decline.{each.id}", type="tertiary"):
            _decline(each)


@st.dialog("Take this code into the codebook?")
def _accept(each: Proposal, book: Codebook) -> None:
    with st.form("codebook.accept", border=False):
        name = st.text_input("Name", each.name, max_chars=LONGEST_NAME)
        definition = st.text_area("In brief", each.definition, max_chars=LONGEST_TEXT)
        above = {"": "At the top"} | {code.id: code.name for code in book.codes}
        parent = st.selectbox("Stands under", list(above), format_func=lambda key: above[key])
        parts.note("Rounds that are held to a version keep theirs; the code is in the next one.")
        if st.form_submit_button("Take it in", type="primary"):
            with parts.problems():
                with state.current_study() as study:
                    code = study.accept_proposal(
                        each.id, name=name, definition=definition, parent=parent or None
                    )
                parts.told(f"“{code.name}” is in the codebook.")
                st.rerun()


@st.dialog("Decline this proposal?")
def _decline(each: Proposal) -> None:
    st.html(f"<p>{html.escape(each.name)}</p>")
    reason = st.text_area(
        "Why, for the coder who proposed it", max_chars=LONGEST_TEXT, key="codebook.decline.reason"
    )
    if st.button("Decline", type="primary", key="codebook.decline.do"):
        with parts.problems():
            with state.current_study() as study:
                study.decline_proposal(each.id, reason=reason)
            parts.told("The proposal is declined; its coder reads why.")
            st.rerun()
