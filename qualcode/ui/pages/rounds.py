"""Rounds: who codes what, how far everybody is, and what the lead can do about it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from qualcode.model import MAIN, Assignment, Round
from qualcode.planning import Plan, plan_round
from qualcode.reconciliation import consensus, find_passages, progress
from qualcode.store import Study
from qualcode.store.study import HIDE_ATTRIBUTES
from qualcode.ui import aside, autocoding, making, parts, state
from qualcode.ui.away import away

CHOICE = "rounds.round"
KINDS = {
    "pilot": "Pilot: try the codebook on two or three varied interviews, then talk",
    "repeat": "Repeat: code again, to see drift or to follow a changed definition",
}
NAMES = {"pilot": "Pilot", "main": "Main", "repeat": "Repeat"}
STATES = {
    "assigned": "not begun",
    "in_progress": "coding",
    "submitted": "submitted",
    "reopened": "reopened",
    "withdrawn": "taken back",
}
PAIRS = {
    "waiting": "waiting",
    "both_submitted": "ready to compare",
    "compared": "compared",
    "reconciling": "settling",
    "consensus_locked": "consensus locked",
    "stale": "codebook has moved on",
    "recoding": "being coded again",
}


def how_far(assignment: Assignment, hidden: bool) -> str:
    if hidden:
        return "not submitted"
    words = STATES[assignment.state]
    if assignment.state in ("in_progress", "assigned", "reopened") and assignment.seen:
        words += f" · {round(100 * assignment.seen / assignment.turns)} % seen"
    return words + (" · away in a package" if assignment.offline else "")


def table(study: Study, held: Round) -> str | None:
    """The transcripts of a round against its coders; the id of the one that is chosen."""
    given = study.assignments(round=held.id)
    titles, seat = study.titles(), study.seat
    names = parts.coder_labels(study, taken=["Transcript", "Comparison", "Blind"])
    pairs = {pair.transcript: pair for pair in study.pairs(round=held.id)}
    hides = seat is not None and (seat.is_coder or not seat.is_lead)
    rows: dict[str, dict[str, str]] = {}
    for a in given:
        hidden = hides and a.coder != (seat.name if seat else "") and a.is_open
        row = rows.setdefault(a.transcript, {"Transcript": titles[a.transcript]})
        row[names[a.coder]] = how_far(a, hidden)
    for place, row in rows.items():
        pair = pairs.get(place)
        twice = pair is not None and len(pair.coders) > 1
        row["Comparison"] = PAIRS[pair.state] if pair and twice else "one coder"
        if any(p.not_blind for p in pairs.values()):
            row["Blind"] = (pair.not_blind if pair else "") or "yes"
    left = [title for place, title in titles.items() if place not in rows]
    if not rows:
        parts.note("Nothing is given out in this round yet.")
        return None
    found = st.dataframe(
        pd.DataFrame(list(rows.values())).fillna("—"),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"rounds.table.{held.id}",
        alt=f"How far each coder is with each transcript of {held.name}",
    )
    if left and held.kind == "main":
        parts.note(f"Not given to anybody here: {', '.join(left)}.")
    chosen = found.selection.rows
    return list(rows)[chosen[0]] if chosen and chosen[0] < len(rows) else None


def about(study: Study, held: Round, lead: bool) -> None:
    """What the round is, which codebook it is held to, and its end."""
    newest = study.codebook().version
    if held.is_closed:
        words = f"Closed. {held.closed_note}".strip()
    elif held.version:
        words = f"Held to codebook version {held.version}."
    else:
        words = "Follows the newest codebook until the first transcript is submitted."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(NAMES[held.kind], color="blue" if held.kind == "main" else "gray")
        st.markdown(parts.plain(words), width="content")
        st.space("stretch")
        if not lead or held.is_closed:
            return
        if newest and newest != held.version:
            label = f"Hold to version {newest}" if not held.version else f"Go on with {newest}"
            if st.button(label, key="rounds.hold", icon=":material/lock_clock:"):
                with parts.problems():
                    study.hold_round(held.id, newest)
                    parts.told(f"{held.name} is held to version {newest}.")
                    st.rerun()
        if st.button("Close round…", key="rounds.close", type="tertiary"):
            close(held.id, held.name, held.kind)
    autocoding.round_switch(study, held.id)


@st.dialog("Close this round?")
def close(round_: str, name: str, kind: str) -> None:
    st.markdown(f"Nothing in **{parts.plain(name)}** can be coded or reopened afterwards.")
    if kind == "pilot":
        parts.note(
            "A pilot ends with a change of the codebook, or with a note of why none was due."
        )
    note = st.text_area("Note", key="rounds.close.note", max_chars=2000)
    if st.button("Close the round", type="primary", key="rounds.close.do"):
        with parts.problems():
            with state.current_study() as study:
                study.close_round(round_, note=note)
            parts.told(f"{name} was closed.")
            st.rerun()


def actions(study: Study, held: Round, place: str) -> None:
    """What the lead can do about one transcript."""
    title = study.titles()[place]
    labels = parts.coder_labels(study)
    given = [a for a in study.assignments(round=held.id) if a.transcript == place]
    sealed = [a.coder for a in given if a.state == "submitted"]
    open_ = [a.coder for a in given if a.is_open]
    (pair,) = [p for p in study.pairs(round=held.id) if p.transcript == place] or [None]
    with st.container(border=True, key="rounds.actions"):
        st.markdown(f"**{parts.plain(title)}**")
        if pair and pair.not_blind:
            parts.note(f"Not counted as coded blind: {pair.not_blind}.")
        with st.container(horizontal=True):
            if sealed and st.button("Reopen…", key="rounds.reopen", icon=":material/lock_open:"):
                reopen(held.id, place, title, sealed, labels)
            if open_ and st.button("Take back…", key="rounds.takeback", icon=":material/undo:"):
                take_back(held.id, place, title, open_, labels)
            if held.id == MAIN and pair:
                lock_button(study, place, title, pair.state)


def lock_button(study: Study, place: str, title: str, at: str) -> None:
    if at == "consensus_locked":
        if st.button("Unlock the consensus…", key="rounds.unlock", icon=":material/lock_open:"):
            unlock(place, title)
        return
    if at not in ("compared", "reconciling", "both_submitted", "stale"):
        return
    codings, decisions = study.current_codings(), study.current_decisions()
    done, total = progress(find_passages(codings, transcripts=[place]), decisions)
    if st.button(
        "Lock the consensus",
        key="rounds.lock",
        icon=":material/lock:",
        disabled=done < total,
        help="Keeps the settled codings as they stand; authors read and quote from them."
        if done == total
        else f"{total - done} of {total} differences are still open.",
    ):
        with parts.problems():
            settled = consensus(codings, decisions)
            study.lock_consensus({place: [c for c in settled if c.transcript == place]})
            parts.told(f"The consensus of {title} is locked.")
            st.rerun()


@st.dialog("Reopen a submitted transcript?")
def reopen(
    round_: str, place: str, title: str, coders: Sequence[str], labels: dict[str, str]
) -> None:
    st.markdown(
        f"The coder can change **{parts.plain(title)}** again. What was submitted is kept. If the "
        "comparison was open already, the transcript is marked and no longer counted as coded "
        "blind."
    )
    coder = st.selectbox("Coder", coders, format_func=labels.get, key="rounds.reopen.coder")
    reason = st.text_input("Reason", key="rounds.reopen.reason", max_chars=500)
    if st.button("Reopen", type="primary", key="rounds.reopen.do"):
        with parts.problems():
            with state.current_study() as study:
                study.reopen(place, coder, reason=reason, round=round_)
            parts.told(f"{title} is open again for {labels[coder]}.")
            st.rerun()


@st.dialog("Take this transcript back?")
def take_back(
    round_: str, place: str, title: str, coders: Sequence[str], labels: dict[str, str]
) -> None:
    st.markdown(
        f"What the coder made of **{parts.plain(title)}** is kept in the file and never counted."
    )
    coder = st.selectbox("Coder", coders, format_func=labels.get, key="rounds.takeback.coder")
    reason = st.text_input("Reason", key="rounds.takeback.reason", max_chars=500)
    if st.button("Take back", type="primary", key="rounds.takeback.do"):
        with parts.problems():
            with state.current_study() as study:
                study.take_back(place, coder, reason=reason, round=round_)
            parts.told(f"{title} was taken back from {labels[coder]}.")
            st.rerun()


@st.dialog("Unlock the consensus?")
def unlock(place: str, title: str) -> None:
    st.markdown(f"Differences on **{parts.plain(title)}** can be settled otherwise again.")
    reason = st.text_input("Reason", key="rounds.unlock.reason", max_chars=500)
    if st.button("Unlock", type="primary", key="rounds.unlock.do"):
        with parts.problems():
            with state.current_study() as study:
                study.unlock_consensus(place, reason=reason)
            parts.told(f"The consensus of {title} is open again.")
            st.rerun()


def give_out(study: Study, held: Round) -> None:
    """The plan: who is given what; seen whole before it is kept."""
    labels, titles = parts.coder_labels(study), study.titles()
    everybody = [m.name for m in study.members() if "coder" in m.roles]
    if not everybody or not titles:
        parts.note("Add transcripts and coders first.")
        return
    key = f"rounds.plan.{held.id}"
    with st.container(horizontal=True):
        coders = st.multiselect(
            "Coders", everybody, everybody, format_func=labels.get, key=f"{key}.coders", width=320
        )
        chosen = st.multiselect(
            "Transcripts",
            list(titles),
            list(titles) if held.kind == "main" else [],
            format_func=titles.get,
            key=f"{key}.transcripts",
            width=420,
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Coded by all", ["Everything", "A share", "A list"], default="Everything",
            required=True, key=f"{key}.by",
        )  # fmt: skip
        share, double = 1.0, None
        if by == "A share":
            share = (
                st.number_input("Share in %", 0, 100, 20, 5, key=f"{key}.share", width=130) / 100
            )
        elif by == "A list":
            double = st.multiselect(
                "These by all", chosen, format_func=titles.get, key=f"{key}.double", width=320
            )
        seed = st.number_input(
            "Seed", 0, 2**31, 1, key=f"{key}.seed", width=110,
            help="The same seed gives the same draw and the same orders again.",
        )  # fmt: skip
        shuffled = st.checkbox(
            "An order of each coder’s own", True, key=f"{key}.order",
            help="So that tiredness and learning do not fall on the same interviews.",
        )  # fmt: skip
    if not coders or not chosen:
        parts.note("Choose coders and transcripts.")
        return
    texts = [transcript for transcript in study.transcripts() if transcript.id in chosen]
    with parts.problems():
        plan = plan_round(
            texts, coders, double=double, share=share, seed=int(seed), shuffled=shuffled
        )
        show(plan, titles, labels, {t.id: t.words for t in texts})
        st.caption(
            "What nobody has begun is given out anew; what was begun or submitted stays as it is."
            if held.kind == "main"
            else "What the round has already stays as it is."
        )
        if st.button("Give out like this", type="primary", key=f"{key}.do"):
            study.give(
                plan.given, round=held.id, only=held.kind == "main", seed=int(seed), how=plan.how
            )
            parts.told(f"{held.name} was given out.")
            st.rerun()


def show(plan: Plan, titles: dict[str, str], labels: dict[str, str], words: dict[str, int]) -> None:
    rows = [
        {
            "Coder": labels[coder],
            "Transcripts": len(places),
            "Words": sum(words[place] for place in places),
            "In this order": ", ".join(
                titles[p] + (" (all)" if p in plan.double else "") for p in places
            ),
        }
        for coder, places in plan.given.items()
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Words": st.column_config.NumberColumn(format="localized")},
        key="rounds.plan.preview",
        alt="What each coder would be given",
    )
    parts.note(
        f"Coded by all: {plan.share:.0%} of the transcripts, {plan.share_of_words:.0%} of their "
        f"words. {plan.how[:1].upper()}{plan.how[1:]}."
    )


def how_many(study: Study) -> None:
    """How many interviews to code twice, judged by a round that is submitted."""
    judged = {
        held.id: held
        for held in study.rounds()
        if study.sight(round=held.id).closed and study.sight(round=held.id).coders > 1
    }
    if not judged:
        parts.note("This is judged by interviews that two have coded: a pilot, or the first ones.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Judged by",
            list(judged),
            format_func=lambda r: judged[r].name,
            key="rounds.planner.round",
            width=260,
        )
        width = st.number_input(
            "Wanted width", 0.02, 0.6, 0.1, 0.02, key="rounds.planner.width", width=150,
            help="Of the 95 % interval of overall alpha: 0.10 is from .70 to .80.",
        )  # fmt: skip
        wanted = st.button("Simulate", key="rounds.planner.do", icon=":material/casino:")
    if not wanted:
        return
    with parts.problems(), st.spinner("Drawing studies from these interviews…"):
        plan = aside.made(
            making.plan,
            study.path,
            study.seat,
            chosen,
            float(width),
            parts.coder_labels(study),
        )
        st.markdown(f"**{parts.plain(plan.sentence)}**")
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Interviews coded twice": row.interviews,
                        "Usual width": row.expected,
                        "Width in the worst tenth": row.pessimistic,
                    }
                    for row in plan.widths
                ]
            ),
            hide_index=True,
            height=245,
            column_config={
                key: st.column_config.NumberColumn(format="%.2f")
                for key in ("Usual width", "Width in the worst tenth")
            },
            key="rounds.planner.widths",
            alt="How wide the interval comes out with so many interviews coded twice",
        )
        for assumption in plan.assumptions:
            parts.note(assumption)


def hidden_people(study: Study) -> None:
    """Whether coders at work are told who the participants are."""
    kept = study.setting(HIDE_ATTRIBUTES) == "yes"
    chosen = st.checkbox(
        "Keep participants’ attributes from coders at work",
        kept,
        key="rounds.hide",
        help="A role or a group can colour how an interview is read.",
    )
    if chosen != kept:
        study.settings.change({HIDE_ATTRIBUTES: "yes" if chosen else "no"})
        st.rerun()


def another(study: Study) -> None:
    with st.form("rounds.new", clear_on_submit=True):
        name = st.text_input("Name", placeholder="Pilot 1", max_chars=100)
        kind = st.radio("Kind", list(KINDS), format_func=KINDS.get)
        versions = [v["version"] for v in reversed(study.versions())]
        version = st.selectbox("Codebook version", versions) if versions else ""
        if st.form_submit_button("Plan this round"):
            with parts.problems():
                held = study.add_round(name, kind=kind, version=version or "")
                st.session_state[CHOICE] = held.id
                parts.told(f"{held.name} was planned: give out its transcripts below.")
                st.rerun()


def choose(study: Study) -> Round:
    rounds = study.rounds()
    if len(rounds) == 1:
        return rounds[0]
    by_id = {held.id: held for held in rounds}
    kept = st.session_state.get(CHOICE)
    chosen = st.segmented_control(
        "Round",
        list(by_id),
        default=kept if kept in by_id else MAIN,
        format_func=lambda r: parts.plain(by_id[r].name),
        required=True,
        key=f"rounds.pick.{len(by_id)}.{kept}",
        label_visibility="collapsed",
    )
    st.session_state[CHOICE] = chosen
    return by_id[chosen]


with state.current_study() as study:
    parts.head("Rounds", "Who codes what, blind, and how far everybody is.")
    lead = study.seat is None or study.seat.is_lead
    held = choose(study)
    about(study, held, lead)
    place = table(study, held)
    if lead and place:
        actions(study, held, place)
    elif lead and study.assignments(round=held.id):
        st.caption("Choose a row to reopen a transcript, take it back or lock its consensus.")
    seat = study.seat
    if seat is not None and seat.is_coder and not state.is_sample():
        with st.expander("Work without the network", icon=":material/luggage:"):
            away(study, seat.name)
    if lead:
        if not held.is_closed:
            with st.expander("Give out transcripts", icon=":material/assignment_ind:"):
                give_out(study, held)
        with st.expander("How many interviews to code twice?", icon=":material/straighten:"):
            how_many(study)
        with st.expander("Plan another round", icon=":material/add_circle:"):
            another(study)
        hidden_people(study)
