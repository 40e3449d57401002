"""The room of gaps: what the codebook does not cover yet, the newest matter first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

import streamlit as st

from qualcode.model import Transcript
from qualcode.store import Study
from qualcode.store.suggesting import Answered
from qualcode.themes import Gap, Gaps
from qualcode.themes.versions import versions_of
from qualcode.ui import aside, making, parts, running, set_aside
from qualcode.ui import candidate_cards as cards
from qualcode.ui.candidate_cards import Desk
from qualcode.ui.candidate_views import AT_FIRST, seen

KEY = "themes.gaps"
RUN = "themes.gaps.run"


def room(study: Study) -> None:
    parts.note(
        "Passages that carry no code, grouped and ranked by how far they lie from everything "
        "coded: a code that is missing shows here early. Whether it is worth one is for you to say."
    )
    texts, codings = study.sealed_work()
    pressed = st.button("Look for gaps", type="primary", key="themes.gaps.look")
    if pressed:
        st.session_state[RUN] = {}
    asked = st.session_state.get(RUN)
    if asked is None:
        return
    key = ("gaps", seen(texts, codings))
    look = partial(aside.watched, making.gaps, texts, codings)
    job = running.watched(KEY, key, look, anew=pressed, steps=running.READING)
    if job is None:
        st.session_state.pop(RUN)
        parts.note(running.STOPPED)
        return
    if not job.ended.is_set():
        return
    with parts.problems():
        found = cast(Gaps, running.result_of(job))
        if asked.get("key") != hash(key):
            run = study.keep_run(
                "gaps", found.parameters, found=len(found), versions=versions_of(found.parameters)
            )
            asked |= {"key": hash(key), "id": run.id}
        show(study, found, asked["id"], texts)


def show(study: Study, found: Gaps, run: str, texts: tuple[Transcript, ...]) -> None:
    if found.warning:
        st.warning(parts.plain(found.warning), icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="bottom", key="themes.gaps.views"):
        attribute = cards.by_group(study, KEY)
    desk = cards.desk(study, texts, attribute)
    parts.note(
        f"{found.uncoded:,} of {found.passages:,} passages carry no code; compared by "
        f"{found.parameters['vectors']}."
    )
    cards.lights_explained()
    answers = {e.number: e for e in study.machine_help().answers if e.run == run}
    open_ = [g for g in found if _answer(answers, g) != "rejected"]
    most = st.session_state.get(f"{KEY}.most", AT_FIRST)
    for gap in open_[:most]:
        card(study, gap, desk, run, answers.get(gap.candidate.number))
    if len(open_) > most and st.button(
        f"Show {parts.count(len(open_) - most, 'more gap')}", key="themes.gaps.more"
    ):
        st.session_state[f"{KEY}.most"] = len(open_)
        st.rerun()
    rejected = [gap.candidate for gap in found if _answer(answers, gap) == "rejected"]
    set_aside.folded(study, rejected, run, answers, view="", key=KEY)
    cards.left_over(found.left_out, desk, KEY)


def _answer(answers: Mapping[int, Answered], gap: Gap) -> str:
    given = answers.get(gap.candidate.number)
    return given.answer if given else ""


def card(study: Study, gap: Gap, desk: Desk, run: str, answer: Answered | None) -> None:
    candidate = gap.candidate
    key = f"{KEY}.{candidate.number}"
    came_to = _came_to(study, answer)
    with st.container(border=True, key=f"themes_gap_{candidate.number}"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            cards.head(
                candidate,
                f"Gap {candidate.number} · novelty {gap.novelty:.2f}",
                badges=[came_to] if came_to else [],
            )
            parts.note(cards.reach(candidate, desk))
            parts.note(gap.sentence)
            if candidate.why:
                parts.note(candidate.why)
            cards.terms(candidate)
        with right:
            cards.quotations(candidate, desk, key)
        with st.container(horizontal=True, key=f"{key}.acts"):
            if st.button(
                f"All {parts.count(len(candidate.passages), 'passage')}", key=f"{key}.passages"
            ):
                cards.passages_window(candidate, desk)
            st.space("stretch")
            if not came_to:
                propose(study, gap, run)
            if answer is None and (study.seat is None or study.seat.is_lead):
                set_aside.button(study, gap.candidate, run, view="", key=KEY)


def _came_to(study: Study, answer: Answered | None) -> str:
    if answer is None or answer.answer != "accepted":
        return ""
    if answer.code:
        names = {code.id: code.name for code in study.codebook().codes}
        name = names.get(answer.code)
        return f"became the code “{name}”" if name else "became a code"
    name = next((p.name for p in study.proposals() if p.id == answer.proposal), None)
    return f"proposed as “{name}”" if name else "proposed as a code"


def propose(study: Study, gap: Gap, run: str) -> None:
    """A code for a gap: into the codebook by the lead, as a proposal by a coder."""
    lead = study.seat is None or study.seat.is_lead
    book = study.codebook()
    with st.popover("Propose a code", icon=":material/add:"), st.form(
        f"themes.gap.form.{gap.candidate.number}", border=False
    ):  # fmt: skip
        parts.note(
            "The code goes into the next version of the codebook; codings stay as they are."
            if lead
            else "The lead reads your proposal on the Codebook page and answers it."
        )
        name = st.text_input("Name", max_chars=60)
        definition = st.text_area("Definition", height=90, max_chars=2_000)
        above = {code.id: code.name for code in book.codes if code.kind == "theme"}
        parent = None
        if lead and above:
            parent = st.selectbox("Under", list(above), None, format_func=above.get)
        if st.form_submit_button(
            "Take it into the codebook" if lead else "Propose it", type="primary"
        ):
            with parts.problems():
                made = study.code_from_gap(
                    run,
                    gap.candidate.number,
                    name=name,
                    definition=definition,
                    passages=gap.candidate.passages,
                    parent=parent,
                )
                parts.told(
                    "The code is in the codebook." if made else "The code was proposed to the lead."
                )
                st.rerun()
