"""The study at a glance: what to do next, how far each coder is, who belongs to it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed
from qualcode.model import Member, Seat, as_role
from qualcode.reconciliation import find_passages, progress
from qualcode.store import Study
from qualcode.ui import (
    aside,
    making,
    parts,
    places,
    reflexivity,
    researchers_form,
    seats,
    state,
    who,
)

PRACTICE = "P06"
ROLES = {
    "lead": "lead: plans, settles, makes themes",
    "coder": "coder: codes blind",
    "author": "author: writes the report from the locked consensus",
    "steward": "steward: looks after transcripts and people",
    "auditor": "auditor: follows the record without the words",
}
ROLES_HELP = "  \n".join(f"**{name}**{words[len(name) :]}" for name, words in ROLES.items())


def next_step(study: Study) -> tuple[str, str, str]:
    """(sentence, page, label) of what this seat would do next."""
    seat, sight = study.seat, study.sight()
    lead = seat is None or seat.is_lead
    if seat is not None and not seat.roles & {"lead", "coder"}:
        return next_of_others(seat)
    if not study.titles():
        if lead:
            return "Begin by reading in the interviews.", "transcripts", "Add transcripts"
        return "The lead has not added transcripts yet.", "codebook", "Read the codebook"
    if not len(study.codebook()):
        return "Coding needs a codebook: import one or write its codes.", "codebook", "Codebook"
    if lead and len(study.coders()) < 2:
        return "Blind double coding needs two coders. Add them below.", "study", ""
    if sight.own_open:
        return sight.sentence, "code", "Go on coding"
    if not sight.closed:
        return sight.sentence, "codebook", "Look at the codebook meanwhile"
    mine = [t for t in study.recode_tasks() if seat is not None and t.coder == seat.name]
    if left := sum(task.is_open for task in mine):
        return f"The codebook has changed: {left} questions about your codings.", "recode", "Recode"
    if any(not row.handed_in for row in study.recode_progress() if mine and row.coder == study.who):
        return "You have answered what the new codebook asks: hand it in.", "recode", "Hand in"
    if lead and (waiting := study.stale()):
        return (
            f"{len(waiting)} transcripts are not current: coders are asked what the changed "
            "codebook touches.",
            "recode",
            "How far they are",
        )
    settled, total = progress(
        find_passages(study.current_codings(), study.coders()), study.current_decisions()
    )
    if settled < total:
        return f"{total - settled} of {total} differences are open.", "reconcile", "Settle them"
    if not study.themes():
        return "All differences are settled. Look for themes.", "themes", "Theme candidates"
    return "Themes stand. Complete and download the report.", "report", "Report"


def next_of_others(seat: Seat) -> tuple[str, str, str]:
    """What an author, a steward or an auditor comes for."""
    if "author" in seat.roles:
        return "The report draws on the consensus that the lead has locked.", "report", "Report"
    if "steward" in seat.roles:
        return "Look after the interviews and the people.", "transcripts", "Transcripts"
    return "Follow the record and the figures.", "agreement", "Agreement"


def figures(study: Study) -> None:
    transcripts = study.transcripts()
    people = {transcript.participant for transcript in transcripts}
    with st.container(horizontal=True, gap="medium", key="study.figures"):
        st.metric("Transcripts", len(transcripts), width="content")
        st.metric("Participants", len(people), width="content")
        st.metric("Words", f"{sum(t.words for t in transcripts):,}", width="content")
        st.metric("Codes", len(study.codebook().codable), width="content")
        st.metric("Coders", len(study.coders()), width="content")


def progress_table(study: Study) -> None:
    """One line a round and coder; who codes what stands on the page of the rounds."""
    st.subheader("Progress", anchor=False)
    given = [a for a in study.assignments(round=None) if a.state != "withdrawn"]
    if not given:
        parts.note("Who has coded what stands here once there are transcripts and coders.")
        return
    names = parts.coder_labels(study)
    rounds = {held.id: held for held in study.rounds()}
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for a in given:
        row = rows.setdefault(
            (a.round, a.coder),
            {"Round": rounds[a.round].name, "Coder": names[a.coder], "Given": 0, "Submitted": 0},
        )
        row["Given"] += 1
        row["Submitted"] += a.state == "submitted"
    shown = pd.DataFrame(list(rows.values()))
    shown["Done"] = shown["Submitted"] / shown["Given"]
    st.dataframe(
        shown.drop(columns=["Round"] if len(rounds) == 1 else []),
        hide_index=True,
        key="study.progress",
        column_config={
            "Done": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
        },
        alt="How many of their transcripts each coder has submitted",
    )
    st.page_link(parts.page("rounds"), label="Who codes what", icon=":material/assignment_ind:")


def team(study: Study) -> None:
    st.subheader("Team", anchor=False)
    invites = not state.is_sample() and study.seat is not None and study.seat.is_lead
    for member in study.members():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{parts.plain(member.label)}** · {', '.join(sorted(member.roles))}",
                width="content",
            )
            if (
                invites
                and who.needs_link(member.name)
                and st.button(
                    "New link",
                    key=f"study.link.{member.name}",
                    type="tertiary",
                    icon=":material/link:",
                    help="Has no account yet. A new link makes the one sent before void.",
                )
            ):
                invite(member.name, member.display)
            if invites and st.button(
                "Roles…",
                key=f"study.roles.{member.name}",
                type="tertiary",
                icon=":material/badge:",
            ):
                change_roles(member.name, member.label, sorted(member.roles))
            if (
                invites
                and member.name != study.who
                and st.button(
                    "Remove",
                    key=f"study.remove.{member.name}",
                    type="tertiary",
                    icon=":material/person_remove:",
                    help="Takes out somebody who has not begun to code.",
                )
            ):
                with parts.problems():
                    study.remove_member(member.name)
                    parts.told(f"{member.label} was taken out.")
                    st.rerun()
    if not invites:
        return
    if invitation := st.session_state.get("study.invitation"):
        label, link = invitation
        parts.note(f"Send this one-time link to {label} yourself; it is valid for seven days:")
        st.code(link, language=None, wrap_lines=True)
    with st.form(f"study.invite.{len(study.members())}"):  # empty again when somebody was added
        st.markdown("**Add somebody**")
        name = st.text_input(
            "Sign-in name",
            max_chars=60,
            placeholder="ben@example.org" if who.institutions() else "ben",
        )
        display = st.text_input("Name on screen", max_chars=60, placeholder="Ben Ito")
        roles = st.multiselect("Roles", list(ROLES), default=["coder"], help=ROLES_HELP)
        if st.form_submit_button("Add to the study"):
            with parts.problems():
                add_person(study, name.strip(), display.strip(), roles)


@st.dialog("Change roles")
def change_roles(name: str, label: str, roles: list[str]) -> None:
    st.markdown(f"What **{parts.plain(label)}** may do in this study.")
    chosen = st.multiselect(
        "Roles", list(ROLES), roles, format_func=ROLES.get, key=f"study.roles.{name}.chosen"
    )
    if "coder" in roles and "coder" not in chosen:
        parts.note(
            "Their open transcripts are taken back; what they made of them is kept and never "
            "counted. What they have submitted stays."
        )
    if st.button("Save", type="primary", key=f"study.roles.{name}.save"):
        with parts.problems():
            with state.current_study() as study:
                study.set_roles(name, [as_role(role) for role in chosen])
            parts.told(f"The roles of {label} were changed.")
            st.rerun()


def add_person(study: Study, name: str, display: str, roles: list[str]) -> None:
    name = who.sign_in_name(name)
    if not name:
        raise BadCommand("Give the person a sign-in name.")
    study.add_member(Member(name, frozenset(as_role(role) for role in roles), display))
    st.session_state.pop("study.invitation", None)
    try:
        invite(name, display)
    except AlreadyInStudy:
        parts.told(f"{display or name} was added and can sign in as before.")
    except NotAllowed as error:
        parts.told(f"{display or name} was added. {error}")
    st.rerun()


def invite(name: str, display: str) -> None:
    """Keep a new link for this person to be shown; one sent before is void."""
    link = who.invite(name, display)
    if link is None:
        parts.told(f"{display or name} was added and signs in with their institution.")
        return
    st.session_state["study.invitation"] = (display or name, link)
    parts.told(f"{display or name} was added.")


def practice(study: Study) -> None:
    """In the sample only: code one interview oneself, or put the finished study back."""
    if state.chosen_study() == seats.FINISHED:
        finished_sample()
        return
    finished = not study.sight().waiting and all(
        a.state == "submitted" for a in study.assignments() if a.state != "withdrawn"
    )
    with st.container(border=True):
        st.markdown("**Try the coding yourself**")
        if finished:
            parts.note(
                f"{PRACTICE} can be set back to uncoded for both coders: code it as Ana, submit, "
                "code it as Ben, submit, and watch the comparison open."
            )
            label, uncoded = f"Set {PRACTICE} back to uncoded", (PRACTICE,)
        else:
            parts.note("Some of the sample is open for coding. Its finished state can be put back.")
            label, uncoded = "Put the finished sample back", ()
        if st.button(label, key="study.practice"):
            path = places.sample_path()
            aside.made(making.sample, path, uncoded=uncoded, replace_existing=True)
            state.choose_study(seats.SAMPLE, "ana" if uncoded else "lea")
            st.rerun()


def finished_sample() -> None:
    with st.container(border=True):
        st.markdown("**This is the sample at its end**")
        parts.note(
            "Every difference is settled, and themes, quotations and needs are there. Change what "
            "you like; it can be built anew."
        )
        if st.button("Build it anew", key="study.practice"):
            path = places.sample_path(seats.FINISHED)
            aside.made(making.sample, path, replace_existing=True, finished=True)
            state.choose_study(seats.FINISHED, "lea")
            st.rerun()


with state.current_study() as study:
    parts.head("Study", "")
    sentence, page, label = next_step(study)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="study.next"):
        st.markdown(f"**Next:** {parts.plain(sentence)}", width="content")
        if label:
            st.page_link(parts.page(page), label=label, icon=":material/arrow_forward:")
    reflexivity.ask(study, "study", "start", "pilot")
    figures(study)
    record = state.wanted_record("study")
    left, right = st.columns([3, 2], gap="large")
    with left:
        progress_table(study)
        if researchers_form.may_type(study):
            st.subheader("What the report asks about the study", anchor=False)
            researchers_form.researchers(study, opened=record == "team")
            researchers_form.guide(study, opened=record == "guide")
        if study.is_sample:
            practice(study)
    with right:
        team(study)
