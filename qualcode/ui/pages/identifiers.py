"""Identifiers: every place that may tell who somebody is, decided by keys; texts released.

P replaces with what is proposed, O with other words, K keeps, X takes out; S does the same with all
of the same words. The arrows go through what is shown, U undoes.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from qualcode.deidentification import decide, same_words
from qualcode.errors import BadCommand, NotAllowed, NotInStudy, UnreadableFile
from qualcode.privacy import KINDS, Hit
from qualcode.privacy.pseudonyms import REMOVED, Action
from qualcode.ui import identifier_views, keys, parts, state
from qualcode.ui.identifier_views import LAYER_NAMES, Table

AT, SAME, OTHER, MADE = (
    "identifiers.at", "identifiers.same", "identifiers.other", "identifiers.made",
)  # fmt: skip
VIEWS = {
    "decide": "Decide",
    "write": "Write and release",
    "names": "Names",
    "key": "Key and copies",
}


def shown(table: Table) -> list[Hit]:
    """The hits that are asked for; drawn inside the line of steps."""
    show = st.segmented_control(
        "Show", ["Undecided", "Decided", "All"], default="Undecided", required=True,
        key="identifiers.show", label_visibility="collapsed",
    )  # fmt: skip
    there = table.hits
    with st.popover("Filter", icon=":material/filter_list:"):
        where = st.selectbox(
            "Transcript",
            ["", *dict.fromkeys(hit.transcript for hit in there)],
            format_func=lambda place: table.titles.get(place, "All transcripts"),
            key="identifiers.where",
        )
        kinds = st.multiselect(
            "Kind",
            [kind for kind in KINDS if any(hit.kind == kind for hit in there)],
            format_func=lambda kind: f"{kind} {KINDS[kind]}",
            key="identifiers.kinds",
        )
        layers = st.pills(
            "Found by",
            [layer for layer in LAYER_NAMES if any(hit.layer == layer for hit in there)],
            selection_mode="multi",
            format_func=LAYER_NAMES.get,
            key="identifiers.layers",
        )
    kept = table.key.kept
    return [
        hit
        for hit in there
        if (show == "All" or (hit.id in kept) == (show == "Decided"))
        and where in ("", hit.transcript)
        and (not kinds or hit.kind in kinds)
        and (not layers or hit.layer in layers)
    ]


def go(id: str | None) -> None:
    """Look at this hit; what was begun on another is forgotten."""
    st.session_state[AT] = id
    st.session_state.pop(OTHER, None)


def step(chosen: Sequence[Hit]) -> int:
    """The place of the hit that is looked at, with the arrows that change it."""
    at = st.session_state.get(AT)
    place = next((n for n, hit in enumerate(chosen) if hit.id == at), 0)
    last = len(chosen) - 1
    st.button(
        "Previous", icon=":material/chevron_left:", disabled=place == 0, shortcut="Left",
        on_click=go, args=(chosen[max(0, place - 1)].id,), key="identifiers.previous",
    )  # fmt: skip
    st.markdown(f"{place + 1} of {len(chosen)}", width="content")
    st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", shortcut="Right",
        disabled=place == last, on_click=go, args=(chosen[min(last, place + 1)].id,),
        key="identifiers.next",
    )  # fmt: skip
    return place


def undo(table: Table) -> None:
    if st.session_state.get(MADE) and st.button(
        "Undo", icon=":material/undo:", shortcut="U", key="identifiers.undo"
    ):
        before = st.session_state[MADE].pop()
        table.key.keep(before)
        go(next(iter(before)))
        parts.told("Undone.")
        st.rerun()


def settle(
    table: Table, hits: Sequence[Hit], action: Action, after: str | None, exactly: str = ""
) -> None:
    """Keep the decision in the key file and go on."""
    before = identifier_views.kept_before(table.key, hits)
    decide(table.key, hits, action, who=table.study.who, at=keys.now(), exactly=exactly)
    st.session_state.setdefault(MADE, []).append(before)
    st.session_state.pop(SAME, None)
    go(after)
    if len(hits) > 1:
        parts.told(f"{len(hits)} places decided.")
    st.rerun()


def look(table: Table, chosen: Sequence[Hit], place: int) -> None:
    """One hit with its words, and the keys that decide it."""
    hit = chosen[place]
    st.session_state[AT] = hit.id
    alike = same_words(hit, table.hits)
    same = bool(st.session_state.get(SAME)) and len(alike) > 1
    hits = alike if same else (hit,)
    left_over = {each.id for each in hits}
    # The first that is not decided with this one, behind it or from the beginning.
    following = [*chosen[place + 1 :], *chosen[:place]]
    after = next((each.id for each in following if each.id not in left_over), None)
    left, right = st.columns([5, 4], gap="large")
    with left:
        identifier_views.words(table, hit)
    with right:
        identifier_views.about(hit)
        if hit.id in table.key.kept:
            parts.note(f"Decided: {table.told(hit)}.")
        proposed = table.proposed(hit)
        with st.container(horizontal=True, gap="small", key="identifiers_outcomes"):
            if st.button(
                f"Replace with {parts.plain(proposed)}", shortcut="P", type="primary",
                key="identifiers.replace",
            ):  # fmt: skip
                settle(table, hits, "replace", after)
            if st.button("Other words", shortcut="O", key="identifiers.words"):
                st.session_state[OTHER] = not st.session_state.get(OTHER)
                st.rerun()
            if st.button("Keep, it is none", shortcut="K", key="identifiers.keep"):
                settle(table, hits, "keep", after)
            if st.button(
                f"Take out {parts.plain(REMOVED)}", shortcut="X", key="identifiers.remove"
            ):
                settle(table, hits, "remove", after)
        if len(alike) > 1:
            st.button(
                f"Same for all {len(alike)} places with these words",
                key="identifiers.same.button",
                icon=":material/check_box:" if same else ":material/check_box_outline_blank:",
                shortcut="S",
                on_click=lambda: st.session_state.update({SAME: not same}),
            )
        if st.session_state.get(OTHER):
            with st.form(f"identifiers.exactly.{hit.id}", border=False):
                words = st.text_input(
                    "What stands there instead", key=f"identifiers.typed.{hit.id}", max_chars=120,
                    placeholder="[a large hospital]",
                ).strip()  # fmt: skip
                if st.form_submit_button("Replace", shortcut="Ctrl+Enter"):
                    if not words:
                        raise BadCommand("Type the words that are to stand there.")
                    settle(table, hits, "replace", after, words)


def deciding(table: Table) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="identifiers.steps"):
        chosen = shown(table)
        place = step(chosen) if chosen else 0
        undo(table)
    if chosen:
        look(table, chosen, place)
    else:
        everything = all(hit.id in table.key.kept for hit in table.hits)
        with st.container(border=True):
            parts.note(
                "Everything that was found is decided. Read the texts as well: the scan misses "
                "what only a person can know. Then write the replacements, and release."
                if everything
                else "Nothing fits these filters."
            )
    identifier_views.recogniser_note()
    identifier_views.by_transcript(table)
    with st.expander(f"List of {len(chosen)} places"):
        st.dataframe(
            identifier_views.frame(table, chosen),
            hide_index=True,
            key="identifiers.list",
            alt="The places found",
        )
    waiting = [hit for hit in chosen if hit.id not in table.key.kept]
    if len(waiting) > 1:
        with st.popover(f"Decide all {len(waiting)} shown at once"):
            parts.note("All that is shown by the filters becomes what is proposed for it.")
            if st.button("Replace all as proposed", type="primary", key="identifiers.all"):
                settle(table, waiting, "replace", None)


def page(table: Table) -> None:
    done = sum(each.decided for each in table.progress())
    total = len(table.hits)
    if not table.found:
        parts.nothing_yet("There are no transcripts yet.", parts.page("transcripts"), "Transcripts")
        return
    st.progress(done / total if total else 1.0, f"{done} of {total} decided")
    view = st.segmented_control(
        "View", list(VIEWS), format_func=VIEWS.get, default="decide", required=True,
        key="identifiers.view", label_visibility="collapsed",
    )  # fmt: skip
    with parts.problems():
        if view == "decide":
            deciding(table)
        elif view == "write":
            identifier_views.by_transcript(table)
            identifier_views.writing(table)
            identifier_views.releasing(table)
        elif view == "names":
            identifier_views.names(table)
        else:
            identifier_views.key_view(table)
            identifier_views.copies(table)


with state.current_study() as study:
    parts.head(
        "Identifiers",
        "Places that may tell who somebody is. A person decides on each; the texts are then "
        "pseudonymised, and released to the coders.",
    )
    if not study.reads_names:
        waiting = study.kept_back()
        parts.nothing_yet(
            "Names and places are looked after by the data steward of the study."
            + (f" {parts.count(waiting, 'transcript')} not released yet." if waiting else "")
        )
    else:
        try:
            key = keys.opened(study)
            if key is not None:
                page(identifier_views.read(study, key))
        except (NotAllowed, NotInStudy, UnreadableFile):
            keys.close()  # the key changed under this session: it is asked for anew
            raise
