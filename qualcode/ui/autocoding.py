"""Search over the study in a window: each place in its context, to go to or to put a code on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from qualcode.model import Assignment, Code, Transcript, new_id
from qualcode.searching import MOST_HITS, Hit, Hits, Search
from qualcode.store import Study
from qualcode.store.autocoding import FORBIDDEN
from qualcode.ui import parts, state, windows
from qualcode.ui.coder.rounds import name_of

GOTO = "code.goto"
SEARCHED = "code.searched"
TURNED = "code.turned"
WINDOW = "search"
CONTEXT = 46
KIND_WORDS = {
    "words": "Whole words",
    "inside": "Also inside words",
    "pattern": "Pattern",
}
SNAP_WORDS = {
    "words": "the words found",
    "sentence": "their sentence",
    "turn": "their turn",
}


@dataclass(frozen=True)
class Shown:
    """A hit as a row of the table."""

    hit: Hit
    title: str
    speaker: str
    before: str
    words: str
    after: str
    mine: bool


@st.dialog("Search the transcripts", width="large", on_dismiss=windows.close)
def search_window(given: Mapping[str, Assignment], at: Assignment, codes: Sequence[Code]) -> None:
    """What is typed here is looked for in all transcripts of the study, or in those chosen.

    ``given`` are the coder's assignments by key (``ROUND.ID``); codes are put on the open ones of
    the round ``at`` is of.
    """
    with state.current_study() as study, parts.problems():
        titles = study.titles()
        open_ = {
            a.transcript: a
            for a in given.values()
            if a.round == at.round and a.is_open and not a.offline
        }
        search, places = ask(titles)
        if search is None:
            parts.note("Words are found whatever their case and accents.")
            return
        found = study.find(search, transcripts=places or None)
        rows = listed(study, found, open_)
        if not rows:
            parts.note("Nothing is found. Try fewer words, or “also inside words”.")
            return
        chosen = table(rows, found)
        go(chosen, given, at)
        held = study.round(at.round)
        if not open_:
            return
        if not held.autocoding:
            parts.note(FORBIDDEN.format(held.name))
            return
        accept(search, rows, chosen, at, [code for code in codes if code.codable])


def ask(titles: Mapping[str, str]) -> tuple[Search | None, list[str]]:
    """The fields of the search, and what was typed into them."""
    words = st.text_input(
        "Search for",
        key="code.find.words",
        placeholder="A word, a phrase or a pattern, then Enter",
        label_visibility="collapsed",
        max_chars=300,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="code.find.how"):
        kind = st.segmented_control(
            "Find",
            list(KIND_WORDS),
            default="words",
            required=True,
            format_func=lambda key: KIND_WORDS[key],
            key="code.find.kind",
            help="A pattern is a regular expression, as in “mentor(s|ing)?” or “\\bno\\b”.",
        )
        snap = st.selectbox(
            "A code takes",
            list(SNAP_WORDS),
            format_func=lambda key: SNAP_WORDS[key],
            key="code.find.snap",
            width=170,
        )
        places = st.multiselect(
            "In",
            list(titles),
            format_func=lambda place: titles[place],
            placeholder="All transcripts",
            key="code.find.places",
        )
    return (Search(words, kind, snap) if words.strip() else None), places


def listed(study: Study, found: Hits, open_: Mapping[str, Assignment]) -> list[Shown]:
    texts: dict[str, Transcript] = {}
    rows = []
    for hit in found.hits:
        text = texts.get(hit.transcript) or study.transcript(hit.transcript)
        texts[hit.transcript] = text
        turn = text.turns[hit.turn]
        start = max(turn.span.start, hit.found.start - CONTEXT)
        end = min(turn.span.end, hit.found.end + CONTEXT)
        rows.append(
            Shown(
                hit,
                text.title,
                turn.speaker,
                ("…" if start > turn.span.start else "") + text.text[start : hit.found.start],
                text.text[hit.found.slice],
                text.text[hit.found.end : end] + ("…" if end < turn.span.end else ""),
                hit.transcript in open_ and turn.role == "participant",
            )
        )
    return rows


def table(rows: Sequence[Shown], found: Hits) -> list[Shown]:
    """Every hit in its context; those the coder has ticked."""
    many = len({row.hit.transcript for row in rows})
    more = f" These are the first {MOST_HITS:,}; make the search narrower." if found.cut else ""
    parts.note(
        f"{parts.count(len(rows), 'place')} in {parts.count(many, 'transcript')}.{more} "
        "Tick one to go there, or those that are to be coded."
    )
    event = st.dataframe(
        pd.DataFrame(
            [
                {
                    "Transcript": row.title,
                    "Speaker": row.speaker,
                    "Before": " ".join(row.before.split()),
                    "Found": " ".join(row.words.split()),
                    "After": " ".join(row.after.split()),
                }
                for row in rows
            ]
        ),
        hide_index=True,
        height=min(360, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="multi-row",
        key="code.find.hits",
        column_config={
            "Transcript": st.column_config.TextColumn(width="small"),
            "Speaker": st.column_config.TextColumn(width="small"),
            "Before": st.column_config.TextColumn(width="medium", alignment="right"),
            "Found": st.column_config.TextColumn(width="small"),
            "After": st.column_config.TextColumn(width="medium"),
        },
        alt="Every place of the search, with the words before and after it",
    )
    return [rows[number] for number in event.selection.rows if number < len(rows)]


def go(chosen: Sequence[Shown], given: Mapping[str, Assignment], at: Assignment) -> None:
    """The way to the one place that is ticked."""
    if len(chosen) != 1:
        return
    (row,) = chosen
    places = [key for key, a in given.items() if a.transcript == row.hit.transcript]
    here = [key for key in places if given[key].round == at.round]
    if not places:
        parts.note(f"{row.title} was not given to you; read it on the Transcripts page.")
    elif st.button(f"Go to this place in {row.title}", icon=":material/arrow_forward:"):
        span = row.hit.found
        key = (here or places)[0]
        st.session_state["code.assignment"] = key
        st.session_state[TURNED] = st.session_state.get(TURNED, 0) + 1
        name = name_of(given[key].round, row.hit.transcript)
        st.session_state[GOTO] = {
            "id": new_id(),
            "transcript": name,
            "start": span.start,
            "end": span.end,
        }
        windows.close()
        st.rerun()


def accept(
    search: Search,
    rows: Sequence[Shown],
    chosen: Sequence[Shown],
    at: Assignment,
    codes: Sequence[Code],
) -> None:
    """Put a code on the hits ticked, or on all that may be coded."""
    able = [row for row in rows if row.mine]
    ticked = [row for row in chosen if row.mine]
    if not able:
        parts.note("None of these is a participant’s words in your open work of this round.")
        return
    names = {code.id: code.name for code in codes}
    with st.container(horizontal=True, vertical_alignment="bottom", key="code.find.accept"):
        code = st.selectbox(
            "Put a code on them",
            list(names),
            index=None,
            format_func=lambda key: names[key],
            placeholder="Choose a code",
            key="code.find.code",
        )
        label = f"Code the {len(ticked)} ticked" if ticked else f"Code all {len(able)}"
        wanted = ticked or able
        do = st.button(label, type="primary", disabled=code is None, key="code.find.do")
    left = len(rows) - len(able)
    not_able = (
        f"{parts.count(left, 'place')} of an interviewer, or in transcripts that are not open to "
        "you, cannot be coded. "
    )
    parts.note(
        f"{not_able if left and not ticked else ''}The codings are recorded as found by a search, "
        "the reports count them as such, and Undo takes them back all together."
    )
    if do and code is not None:
        with state.current_study() as study:
            done = study.autocode(
                search,
                code,
                transcripts=list(dict.fromkeys(row.hit.transcript for row in wanted)),
                accepted=[(row.hit.transcript, row.hit.span) for row in wanted],
                round=at.round,
            )
        if done.search:
            st.session_state[SEARCHED] = {"id": done.search, "codings": done.codings}
        else:
            parts.told("All of these carry the code already.")
        windows.close()
        st.rerun()


def open_with(words: str) -> None:
    """Begin with these words in the field."""
    st.session_state["code.find.words"] = words[:300]


def arrivals() -> dict[str, object]:
    """What the coding surface is told of the last search: where to go, what was coded."""
    kept = {"goto": st.session_state.get(GOTO), "searched": st.session_state.get(SEARCHED)}
    return {key: value for key, value in kept.items() if value}


def round_switch(study: Study, round_: str) -> None:
    """For the lead: whether coders of a round may code what a search finds."""
    held = study.round(round_)
    allowed = st.toggle(
        "Coders may code what a search finds",
        held.autocoding,
        key=f"rounds.autocoding.{held.id}",
        help="And passages that look like a code’s own. Such codings are marked as found by a "
        "machine, and the reports count them.",
    )
    if allowed != held.autocoding:
        with parts.problems():
            study.allow_autocoding(held.id, allowed)
