"""The room of theme candidates: nested views of what the machine grouped, judged by people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import CodingSet, Theme, ThemeCandidate, Transcript
from qualcode.store import Study
from qualcode.store.suggesting import Answered
from qualcode.themes import ThemeSuggestions, View
from qualcode.themes.versions import versions_of
from qualcode.ui import aside, making, parts, running, set_aside
from qualcode.ui import candidate_cards as cards
from qualcode.ui.candidate_cards import Desk

KEY = "themes"
RUN = "themes.run"
"""What was asked for in this session, and under which name the study keeps the run."""
VIEW = "themes.view"
INSIDE = "themes.inside"
"""The view and the number of the candidate whose parts alone are shown."""
VIEWS: tuple[View, ...] = ("coarse", "medium", "fine")
HELD_BY: Mapping[View, View] = {"medium": "coarse", "fine": "medium"}
HOLDS: Mapping[View, View] = {"coarse": "medium", "medium": "fine"}
AT_FIRST = 12
"""Cards that are shown before somebody asks for more."""


def room(study: Study) -> None:
    """The candidates, or why there are none yet; the texts come from the store or not at all."""
    parts.note(
        "Passages that share words and meaning, grouped by the machine: something to think with, "
        "never an assignment. The same seed gives the same answer."
    )
    texts, codings = study.sealed_work()
    asked, pressed = ask()
    if asked is None:
        return
    key = ("candidates", seen(texts, codings), asked["clusters"], asked["seed"])
    look = partial(
        aside.watched, making.candidates, texts, codings, asked["clusters"], asked["seed"]
    )
    job = running.watched(KEY, key, look, anew=pressed)
    if job is None:
        st.session_state.pop(RUN)
        parts.note(running.STOPPED)
        return
    if not job.ended.is_set():
        return
    found = cast(ThemeSuggestions, running.result_of(job))
    if asked.get("key") != hash(key):  # for the first time in this session: it stands on record
        run = study.keep_run(
            "candidates",
            found.parameters,
            found=len(found),
            versions=versions_of(found.parameters),
            where=found.where,
        )
        asked |= {"key": hash(key), "id": run.id}
    show(study, found, asked["id"], texts)


def looked_at(study: Study) -> tuple[ThemeCandidate, ...]:
    """The medium candidates of the run of this session that nobody has answered yet."""
    asked = st.session_state.get(RUN)
    if asked is None or "id" not in asked:
        return ()
    texts, codings = study.sealed_work()
    key = ("candidates", seen(texts, codings), asked["clusters"], asked["seed"])
    job = running.known(key)
    if job is None or job.result is None:
        return ()
    answered = {
        each.number
        for each in study.machine_help().answers
        if (each.run, each.view) == (asked["id"], "medium")
    }
    return tuple(one for one in job.result.candidates if one.number not in answered)


def taken(study: Study, candidate: ThemeCandidate, theme: str) -> tuple[str, int] | None:
    """Keep that a medium candidate of the run of this session went into a theme.

    What the study calls it, to take that back: the run and the number.
    """
    asked = st.session_state.get(RUN)
    if asked is not None and "id" in asked:
        study.take_suggestion(asked["id"], candidate.number, theme)
        return asked["id"], candidate.number
    return None


def ask() -> tuple[dict[str, Any] | None, bool]:
    """The button and its options; what this session has asked for, and whether just now."""
    with st.container(horizontal=True, vertical_alignment="center", key="themes.options"):
        pressed = st.button("Look for candidates", type="primary", key="themes.look")
        with st.popover("Options", icon=":material/tune:"):
            clusters = st.number_input(
                "How many in the medium view", min_value=2, max_value=200, value=None,
                placeholder="automatic", key="themes.clusters",
                help="Without a number it is half the root of the number of passages.",
            )  # fmt: skip
            seed = st.number_input("Seed", min_value=0, max_value=2**32 - 1, value=1,
                                   key="themes.seed")  # fmt: skip
            parts.note("Coarse has half as many, fine up to twice as many.")
    if pressed:
        st.session_state[RUN] = {"clusters": clusters, "seed": int(seed)}
        st.session_state.pop(INSIDE, None)
    return st.session_state.get(RUN), pressed


def seen(texts: tuple[Transcript, ...], codings: CodingSet) -> object:
    """What a look hangs on, beside its options."""
    return (
        tuple((text.id, text.sha256) for text in texts),
        tuple((coding.id, coding.code) for coding in codings),
    )


# -- what was found ----------------------------------------------------------------------------


def show(
    study: Study, found: ThemeSuggestions, run: str, texts: tuple[Transcript, ...]
) -> None:  # fmt: skip
    if found.warning:
        st.warning(parts.plain(found.warning), icon=":material/warning:")
    view = st.session_state.pop(f"{VIEW}.wanted", None)
    if view:
        st.session_state[VIEW] = view
    with st.container(horizontal=True, vertical_alignment="bottom", key="themes.views"):
        view = cast(
            View,
            st.segmented_control(
                "View", VIEWS, default="medium", required=True, key=VIEW,
                format_func=lambda name: f"{name.title()} ({len(found.view(name))})",
                on_change=lambda: st.session_state.pop(INSIDE, None),
            ),
        )  # fmt: skip
        attribute = cards.by_group(study, KEY)
    desk = cards.desk(study, texts, attribute)
    parts.note(
        f"From {found.parameters['passages']:,} passages of "
        f"{parts.count(int(found.parameters['participants'] or 0), 'participant')}, by "
        f"{found.vectors}."
    )
    cards.lights_explained()
    answers = {
        (each.view, each.number): each
        for each in study.machine_help().answers
        if each.run == run
    }  # fmt: skip
    shown = inside(found, view)
    open_ = [one for one in shown if _answer(answers, view, one) != "rejected"]
    put_aside = [one for one in shown if _answer(answers, view, one) == "rejected"]
    most = st.session_state.get(f"{KEY}.most", AT_FIRST)
    for candidate in open_[:most]:
        card(study, found, view, candidate, desk, run, answers.get((view, candidate.number)))
    if len(open_) > most and st.button(
        f"Show {parts.count(len(open_) - most, 'more candidate')}", key="themes.more"
    ):
        st.session_state[f"{KEY}.most"] = len(open_)
        st.rerun()
    given = {number: each for (seen_in, number), each in answers.items() if seen_in == view}
    set_aside.folded(study, put_aside, run, given, view=view, key=f"{KEY}.{view}")
    cards.left_over(found.left_out, desk, KEY)
    st.caption(parts.plain(found.sentence))


def _answer(answers: Mapping[tuple[str, int], Answered], view: str, one: ThemeCandidate) -> str:
    given = answers.get((view, one.number))
    return given.answer if given else ""


def inside(found: ThemeSuggestions, view: View) -> tuple[ThemeCandidate, ...]:
    """The candidates of a view, or those inside the one that was opened."""
    opened = st.session_state.get(INSIDE)
    if opened is None or HOLDS.get(opened[0]) != view:
        return found.view(view)
    above = next((one for one in found.view(opened[0]) if one.number == opened[1]), None)
    if above is None:
        return found.view(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Inside {opened[0]} candidate {above.number}: **{parts.plain(above.label)}**",
            width="content",
        )
        if st.button("Show all", key="themes.all", type="tertiary"):
            st.session_state.pop(INSIDE)
            st.rerun()
    return tuple(one for one in found.view(view) if one.within == above.number)


def card(
    study: Study,
    found: ThemeSuggestions,
    view: View,
    candidate: ThemeCandidate,
    desk: Desk,
    run: str,
    answer: Answered | None,
) -> None:
    key = f"{KEY}.{view}.{candidate.number}"
    lead = study.seat is None or study.seat.is_lead
    kept = _kept_as(study, answer)
    with st.container(border=True, key=f"{KEY}_card_{view}_{candidate.number}"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            cards.head(candidate, _kicker(found, view, candidate), badges=[kept] if kept else [])
            parts.note(cards.reach(candidate, _heard(desk, found)))
            if candidate.why:
                parts.note(candidate.why)
            cards.terms(candidate)
            cards.overlap(candidate, desk)
        with right:
            cards.quotations(candidate, desk, key)
        with st.container(horizontal=True, key=f"{key}.acts"):
            if st.button(
                f"All {parts.count(len(candidate.passages), 'passage')}", key=f"{key}.passages"
            ):
                cards.passages_window(candidate, desk)
            below = parts_of(found, view, candidate)
            if below and st.button(
                f"Open its {parts.count(len(below), f'{HOLDS[view]} candidate')}",
                key=f"{key}.open",
            ):
                st.session_state[INSIDE] = (view, candidate.number)
                st.session_state[f"{VIEW}.wanted"] = HOLDS[view]
                st.rerun()
            if lead:
                st.space("stretch")
                accept(study, candidate, run, view)
                if not answer or not kept:
                    set_aside.button(study, candidate, run, view=view, key=f"{KEY}.{view}")


def _heard(desk: Desk, found: ThemeSuggestions) -> Desk:
    return Desk(desk.texts, desk.codes, desk.people, desk.attribute, found.people)


def _kicker(found: ThemeSuggestions, view: View, candidate: ThemeCandidate) -> str:
    told = f"Candidate {candidate.number}"
    above = HELD_BY.get(view)
    if above is None or not candidate.within:
        return told
    held = next((one for one in found.view(above) if one.number == candidate.within), None)
    return f"{told} · inside {above} {held.number}, {held.label}" if held else told


def parts_of(
    found: ThemeSuggestions, view: View, candidate: ThemeCandidate
) -> list[ThemeCandidate]:
    """The candidates of the next finer view that this one holds, where it holds several."""
    if view not in HOLDS:
        return []
    held = [one for one in found.view(HOLDS[view]) if one.within == candidate.number]
    return held if len(held) > 1 else []


def _kept_as(study: Study, answer: Answered | None) -> str:
    """Under which name a candidate was kept, and empty where it was not."""
    if answer is None or not answer.theme:
        return ""
    name = next((theme.name for theme in study.themes() if theme.id == answer.theme), None)
    return f"kept as “{name}”" if name else "kept as a theme that was dropped since"


def accept(study: Study, candidate: ThemeCandidate, run: str, view: View) -> None:
    codes = {code.id: code.name for code in study.codebook().codable}
    mostly = [code for code, share in candidate.codes if share >= 0.1 and code in codes]
    with st.popover("Make a theme of it", icon=":material/add:"), st.form(
        f"themes.form.{view}.{candidate.number}", border=False
    ):  # fmt: skip
        parts.note("A theme is a pattern of meaning: say what the participants say about it.")
        name = st.text_input("Name", placeholder="A statement, not a topic", max_chars=200)
        definition = st.text_area("Definition", height=90)
        chosen = st.multiselect("Codes in it", list(codes), mostly[:5], format_func=codes.get)
        pressed = st.form_submit_button("Keep the theme", type="primary")
        with parts.problems():
            if not pressed:
                return
            if not name.strip():
                raise BadCommand("Give the theme a name of your own.")
            study.accept_suggestion(
                run,
                candidate.number,
                Theme(
                    name=name,
                    definition=definition.strip(),
                    codes=tuple(chosen),
                    excerpts=candidate.quotes,
                ),
                view=view,
            )
            parts.told("The theme was kept.")
            st.rerun()


def from_codes(study: Study) -> None:
    """A theme made without the machine."""
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
