"""Coding: one's own codings on one transcript, then submitting it for good."""

from __future__ import annotations

import streamlit as st

from qualcode.model import MAIN, Assignment
from qualcode.store import Study, Unfinished
from qualcode.ui import autocoding, parts, similar_views, state, windows
from qualcode.ui.coder import coding_surface
from qualcode.ui.coder.rounds import in_rounds, name_of

CHOICE = state.CODING
# Nothing between these two: a coding that is kept does not draw the page anew.
STATES = {
    "assigned": "○ {} · to code",
    "in_progress": "○ {} · to code",
    "reopened": "○ {} · reopened",
    "submitted": "● {} · submitted",
}
MOST_LISTED = 8
SUBMIT = "submit"
FIND = "code.find"


def mine(study: Study) -> dict[str, Assignment]:
    """What the coder was given: key → assignment, in the order of their own list."""
    name = study.seat.name if study.seat else ""
    closed = {held.id for held in study.rounds() if held.is_closed}
    given = [a for a in study.assignments(round=None) if a.coder == name and a.state in STATES]
    given.sort(key=lambda a: (a.round in closed, a.round == MAIN, a.position))
    return {f"{a.round}.{a.transcript}": a for a in given}


@st.dialog("Submit this transcript?", on_dismiss=windows.close)
def confirm(given: Assignment, title: str, left: Unfinished, uncoded: int, turns: int) -> None:
    st.markdown(
        f"Your codings of **{parts.plain(title)}** are sealed: they can be looked at, but never "
        "changed again. The comparison opens when the other coder has submitted too."
    )
    if left.unopened:
        shown = ", ".join(str(number + 1) for number in left.unopened[:MOST_LISTED])
        more = len(left.unopened) - MOST_LISTED
        parts.note(
            f"Turns that have not been on your screen: {shown}"
            f"{f' and {more} more' if more > 0 else ''}."
        )
    if left.doubts:
        st.markdown(f"Marked as uncertain ({len(left.doubts)}):")
        for coding in left.doubts[:MOST_LISTED]:
            words = coding.quote if len(coding.quote) < 90 else coding.quote[:88] + "…"
            parts.note(f"“{words}”")
    if uncoded:
        parts.note(
            f"Participant turns without a code: {uncoded} of {turns}. That is a result too, if it "
            "is what you mean."
        )
    discussed = st.checkbox(
        "We have talked about this transcript before submitting",
        key="code.discussed",
        help="Then it is marked, and not counted as coded blind.",
    )
    with st.container(horizontal=True):
        if st.button("Submit and seal", type="primary", key="code.seal"):
            with parts.problems():
                with state.current_study() as study:
                    study.submit(given.transcript, round=given.round, discussed=discussed)
                parts.told(f"{title} was submitted.")
                windows.close()
                st.rerun()
        if st.button("Not yet", key="code.notyet", on_click=windows.close):
            st.rerun()


def uncoded_turns(study: Study, given: Assignment) -> tuple[int, int]:
    """(participant turns without a code of one's own, participant turns)."""
    mine = study.codings(coders=[given.coder], transcript=given.transcript, round=given.round)
    spans = [coding.span for coding in mine]
    turns = study.transcript(given.transcript).participant_turns
    empty = sum(not any(turn.span.overlap(span) for span in spans) for turn in turns)
    return empty, len(turns)


def open_next(given: dict[str, Assignment]) -> str:
    """What to begin with: the transcript in work, else the first not submitted."""
    order = ("reopened", "in_progress", "assigned", "submitted")
    return min(given, key=lambda key: order.index(given[key].state))


def why_readonly(study: Study, given: Assignment, title: str) -> str | None:
    if given.state == "submitted":
        return f"You have submitted {title}; your codings stay as they are."
    held = study.round(given.round)
    if held.is_closed:
        return f"{held.name} is closed; {title} can only be looked at."
    if given.offline:
        return f"You took {title} away in a package; bring the package back to go on here."
    return None


def work(study: Study, given: dict[str, Assignment]) -> None:
    titles = study.titles()
    rounds = {held.id: held for held in study.rounds()}
    several = len({a.round for a in given.values()}) > 1

    def label(key: str) -> str:
        a = given[key]
        words = STATES[a.state].format(titles[a.transcript])
        return f"{words} · {rounds[a.round].name}" if several else words

    st.html('<span class="ui-wide"></span>')
    if FIND not in st.session_state:  # the page is opened, anew or for the first time
        windows.close()
    chosen = st.session_state.get(CHOICE)
    if chosen not in given:
        chosen = open_next(given)
    with st.container(horizontal=True, vertical_alignment="center", key="code.bar"):
        chosen = st.selectbox(
            "Transcript",
            list(given),
            list(given).index(chosen),
            format_func=label,
            # The browser keeps showing the words it has until the box is another one; it is
            # another one only when the words are, or the choice just made would be lost.
            # So too where a search leads to another transcript.
            key="code.pick."
            + "".join(STATES[a.state].split("· ")[1][0] for a in given.values())
            + str(st.session_state.get(autocoding.TURNED, 0)),
            label_visibility="collapsed",
            width=360,
        )
        st.session_state[CHOICE] = chosen
        at = given[chosen]
        title = titles[at.transcript]
        done = sum(a.state == "submitted" for a in given.values())
        waiting = study.kept_back()
        st.caption(
            f"{done} of {len(given)} submitted" + (f" · {waiting} not released" if waiting else "")
        )
        st.space("stretch")
        readonly = why_readonly(study, at, title)
        find = st.button("Search…", icon=":material/search:", key=FIND, help="Key F")
        more = st.button(
            "More like this…", icon=":material/playlist_add_check:", key="code.like",
            help="Passages that look like a code’s own", shortcut="Alt+L",
        )  # fmt: skip
        if at.state == "submitted":
            st.badge("Submitted", icon=":material/lock:", color="gray")
        elif readonly is None and st.button("Submit…", icon=":material/lock:", key="code.submit"):
            windows.open_(SUBMIT)
    held, codes = rounds[at.round], study.codebook(rounds[at.round].version or None).codes
    is_lead = study.seat is not None and study.seat.is_lead
    asked = coding_surface(
        in_rounds(state.current_study),
        name_of(at.round, at.transcript),
        coder=at.coder,
        edits=state.edits_address(),
        codes=codes,
        readonly_reason=readonly,
        look=st.session_state.pop(state.LOOK_AT, ""),
        propose="code" if is_lead and not held.version else "proposal",
        arrivals=autocoding.arrivals(),
    )
    if asked is not None:
        autocoding.open_with(asked)
    if asked is not None or find:
        windows.open_(autocoding.WINDOW)
    elif more:
        similar_views.begin()
        windows.open_(similar_views.WINDOW)
    if windows.is_open(autocoding.WINDOW):
        autocoding.search_window(given, at, codes)
    elif windows.is_open(similar_views.WINDOW):
        similar_views.more_window(at, codes)
    elif windows.is_open(SUBMIT) and readonly is None:
        left = study.unfinished(at.transcript, round=at.round)
        confirm(at, title, left, *uncoded_turns(study, at))


with state.current_study() as study:
    seat = study.seat
    given = mine(study)
    if seat is None or not seat.is_coder:
        parts.head("Code", "Coders work here, each in their own layer.")
        parts.nothing_yet(
            "Your seat is not a coder’s. Of open coding a lead sees how far it is, not what it is.",
            parts.page("rounds"),
            "See the progress",
        )
    elif not given or not study.codebook().codes:
        parts.head("Code", "")
        waiting = study.kept_back()
        parts.nothing_yet(
            (
                "There are no transcripts for you to code yet."
                + (f" {parts.held_back(waiting)}" if waiting else "")
            )
            if not given
            else "The codebook is empty.",
            parts.page("transcripts" if not given else "codebook"),
            "Transcripts" if not given else "Codebook",
        )
    else:
        work(study, given)
