"""The windows of the board: merging, splitting, dropping, bringing back, taking a candidate in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from qualcode.claims import ThemeWork
from qualcode.errors import BadCommand
from qualcode.model import Theme, ThemeCandidate
from qualcode.reports.facts import StudyFacts
from qualcode.store import Study
from qualcode.ui import candidate_views, parts, state
from qualcode.ui.board import exchange
from qualcode.ui.board.undoing import Step, versions_before

SHORT = 90
QUOTED = 40
"""Words of a candidate's passages, so that what is asked stays in sight."""


def window(
    facts: StudyFacts, wish: Mapping[str, Any], candidates: Iterable[ThemeCandidate]
) -> None:
    """Open what the browser asked for; a theme that is gone opens nothing."""
    themes = {theme.id: theme for theme in facts.themes}
    theme = themes.get(str(wish.get("theme", "")))
    what = wish.get("what")
    if what == "back":
        bring_back()
    elif theme is None:
        return
    elif what == "merge":
        merge(facts, theme)
    elif what == "split":
        split(facts, theme)
    elif what == "drop":
        drop(theme)
    elif what == "candidate":
        found = [one for one in candidates if one.number == wish.get("candidate")]
        if found:
            take_in(facts, theme, found[0])


def _done(step: Step, words: str) -> None:
    exchange().undoing.did(step)
    parts.told(words)
    st.rerun()


@st.dialog("Merge into another theme")
def merge(facts: StudyFacts, theme: Theme) -> None:
    names = {other.id: other.name for other in facts.themes if other.id != theme.id}
    st.markdown(f"**{parts.plain(theme.name)}**")
    parts.note(
        "Its codes, claims, passages, quotations, divergent cases and needs go to the other theme, "
        "whose new version is asked agreement anew. It can be brought back."
    )
    with st.form("board.merge", border=False):
        into = st.selectbox("Into", list(names), None, format_func=names.get)
        reason = st.text_input("Reason", placeholder="Why they are one pattern", max_chars=500)
        if not st.form_submit_button("Merge them", type="primary"):
            return
        with parts.problems(), state.current_study() as study:
            if into is None:
                raise BadCommand("Choose the theme that it goes into.")
            seen = versions_before(facts.themes, theme.id, into)
            kept = study.merge_themes(theme.id, into, reason=reason, seen=seen)
            _done(
                Step(
                    "merge", f"“{theme.name}” was merged", theme.id, into,
                    then=seen, now={into: kept.version},
                ),
                f"“{theme.name}” was merged into “{kept.name}”.",
            )  # fmt: skip


@st.dialog("Split the theme", width="large")
def split(facts: StudyFacts, theme: Theme) -> None:
    st.markdown(f"**{parts.plain(theme.name)}**")
    parts.note(
        "Choose what goes to a new theme of its own. A claim takes its passages and the quotations "
        "that illustrate it along."
    )
    choices = _parts_of(facts, theme)
    with st.form("board.split", border=False):
        name = st.text_input(
            "Name of the new theme", placeholder="A statement, not a topic", max_chars=200
        )
        definition = st.text_area("Definition, in one sentence", height=80)
        chosen = {
            what: st.multiselect(label, list(held), format_func=held.get, key=f"board.split.{what}")
            for what, label, held in choices
            if held
        }
        if not st.form_submit_button("Split it", type="primary"):
            return
        with parts.problems(), state.current_study() as study:
            if not name.strip():
                raise BadCommand("Give the new theme a name.")
            seen = {theme.id: theme.version}
            passages = [theme.excerpts[number] for number in chosen.pop("passages", [])]
            old, new = study.split_theme(
                theme.id, name, definition=definition, passages=passages, seen=seen, **chosen
            )
            _done(
                Step(
                    "split", f"“{new.name}” was split off", new.id, theme.id,
                    then=seen, now={theme.id: old.version, new.id: new.version},
                ),
                f"“{new.name}” is a theme of its own now.",
            )  # fmt: skip


def _parts_of(facts: StudyFacts, theme: Theme) -> list[tuple[str, str, dict[Any, str]]]:
    """What may go to a new theme: a parameter of ``split_theme``, its label, id → words."""
    work: ThemeWork = facts.work
    codes = {code: facts.codebook[code].name for code in theme.codes if code in facts.codebook}
    claims = {claim.id: claim.sentence for claim in work.claims if claim.theme == theme.id}
    divergent = {
        excerpt.id: _placed(facts, excerpt.transcript, excerpt.quote)
        for excerpt in work.excerpts
        if excerpt.theme == theme.id and not excerpt.claim
    }
    quotations = {
        quote.id: _placed(facts, quote.transcript, quote.quote)
        for quote in work.quotations
        if quote.theme == theme.id
    }
    passages = {
        number: _placed(facts, place, facts.transcript[place].text[span.slice])
        for number, (place, span) in enumerate(theme.excerpts)
        if place in facts.transcript
    }
    return [
        ("codes", "Codes", codes),
        ("claims", "Claims", claims),
        ("excerpts", "Divergent cases", divergent),
        ("quotations", "Quotations", quotations),
        ("passages", "Passages from a candidate", passages),
    ]


def _placed(facts: StudyFacts, transcript: str, words: str) -> str:
    known = facts.transcript.get(transcript)
    text = " ".join(words.split())
    short = text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"
    return f"{(known.participant if known else '') or transcript}: {short}"


@st.dialog("Drop the theme")
def drop(theme: Theme) -> None:
    st.markdown(f"**{parts.plain(theme.name)}**")
    parts.note("Its codes go back to those in no theme. It can be brought back.")
    with st.form("board.drop", border=False):
        reason = st.text_input("Reason", placeholder="Why it holds no longer", max_chars=500)
        if not st.form_submit_button("Drop the theme", type="primary"):
            return
        with parts.problems(), state.current_study() as study:
            study.drop_theme(theme.id, reason=reason)
            _done(
                Step(
                    "drop", f"“{theme.name}” was dropped", theme.id,
                    then={theme.id: theme.version},
                ),
                f"“{theme.name}” was dropped.",
            )  # fmt: skip


@st.dialog("Bring a theme back", width="large")
def bring_back() -> None:
    with state.current_study() as study:
        dropped = study.dropped_themes()
        labels = parts.coder_labels(study)
    parts.note(
        "A theme comes back as it was, and a merged one with what it gave; codes that stand in "
        "another theme by now stay there."
    )
    for one in dropped:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            when = one.at[:10]
            st.markdown(
                f"**{parts.plain(one.name)}**  \n{parts.plain(one.reason)} · "
                f"{parts.plain(labels.get(one.by, one.by))} {when}",
                width="stretch",
            )
            if st.button("Bring it back", key=f"board.back.{one.theme}"):
                with parts.problems(), state.current_study() as study:
                    kept = study.bring_back_theme(one.theme)
                    parts.told(f"“{kept.name}” is back.")
                    st.rerun()


@st.dialog("Take a candidate into a theme", width="large")
def take_in(facts: StudyFacts, theme: Theme, candidate: ThemeCandidate) -> None:
    st.markdown(f"Candidate {candidate.number} into **{parts.plain(theme.name)}**")
    for place, span in candidate.quotes[:3]:
        if place in facts.transcript:
            text = facts.transcript[place]
            words = text.text[span.slice].split()
            shown = " ".join(words[:QUOTED]) + " …" * (len(words) > QUOTED)
            parts.quotation(shown, f"({text.participant or text.title})")
    names = {code.id: code.name for code in facts.codebook.codable}
    touched = {code: share for code, share in candidate.codes if code in names}
    held = {code for other in facts.themes for code in other.codes}
    with st.form("board.candidate", border=False):
        parts.note("These passages are linked to the theme. Which of the codes go with them?")
        codes = st.multiselect(
            "Codes it touches",
            list(touched),
            [code for code, share in touched.items() if share >= 0.1 and code not in held],
            format_func=lambda code: f"{names[code]} ({touched[code]:.0%})",
            help="A code that stands in another theme moves, where a code stands in one only.",
        )
        if not st.form_submit_button("Take it in", type="primary"):
            return
        with parts.problems(), state.current_study() as study:
            before = study.themes()
            seen = {theme.id: theme.version}
            study.take_into_theme(theme.id, candidate.quotes, codes=codes, seen=seen)
            suggestion = candidate_views.taken(study, candidate, theme.id)
            _done(
                replace(_taken(theme, candidate, before, study), suggestion=suggestion),
                f"Candidate {candidate.number} was taken into “{theme.name}”.",
            )


def _taken(theme: Theme, candidate: ThemeCandidate, before: Sequence[Theme], study: Study) -> Step:
    was = {one.id: one.version for one in before}
    now = {one.id: one.version for one in study.themes() if one.version != was.get(one.id)}
    return Step(
        "versions",
        f"candidate {candidate.number} was taken in",
        theme.id,
        then={id_: was[id_] for id_ in now},
        now=now,
        passages=tuple(
            (place, span.start, span.end)
            for place, span in candidate.quotes
            if (place, span) not in theme.excerpts
        ),
    )
