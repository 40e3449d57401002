"""The room of lenses: passages that say nearly the same, and codes that one coder put and another
left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import streamlit as st

from qualcode.model import CodingSet
from qualcode.reconciliation import find_passages
from qualcode.reconciliation.passages import Passage as Differing
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.themes import Contradiction, Lens, Passage, Twins
from qualcode.themes.versions import versions_of
from qualcode.ui import aside, making, parts, reconcile_views, running
from qualcode.ui import candidate_cards as cards
from qualcode.ui.candidate_cards import Desk
from qualcode.ui.candidate_views import seen

KEY = "themes.lens"
RUN = "themes.lens.run"
AT_FIRST = 10
DUPLICATES, CONTRADICTIONS = "Near-duplicates", "Contradictions"
TOLD = {
    CONTRADICTIONS: "Where one coder put a code and another left it off the same passage, or off "
    "one very like it; those that lie nearest to the code come first.",
    DUPLICATES: "Passages of different people, or of different interviews, that say nearly the "
    "same: a repeated answer, a phrase of the guide, or one thought in two mouths.",
}


def room(study: Study) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="themes.lenses"):
        chosen = str(
            st.segmented_control(
                "Lens", list(TOLD), default=CONTRADICTIONS, required=True, key="themes.lens.which",
                label_visibility="collapsed",
            )
        )  # fmt: skip
        pressed = st.button("Look through it", type="primary", key="themes.lens.look")
    parts.note(TOLD[chosen])
    texts, codings = study.sealed_work()
    asked_all = st.session_state.setdefault(RUN, {})
    if pressed:
        asked_all[chosen] = {}
    asked = asked_all.get(chosen)
    if asked is None:
        return
    key = (chosen, seen(texts, codings))
    through = making.contradictory if chosen == CONTRADICTIONS else making.alike
    look = partial(aside.watched, through, texts, codings)
    job = running.watched(KEY, key, look, anew=pressed, steps=running.READING)
    if job is None:
        asked_all.pop(chosen)
        parts.note(running.STOPPED)
        return
    if not job.ended.is_set():
        return
    found = cast("Lens[Any]", running.result_of(job))
    if asked.get("key") != hash(key):
        study.keep_run(
            "contradictions" if chosen == CONTRADICTIONS else "near duplicates",
            found.parameters,
            found=found.total,
            versions=versions_of(found.parameters),
        )
        asked["key"] = hash(key)
    desk = cards.desk(study, texts, None)
    parts.note(
        f"{parts.count(found.total, 'pair')} among {found.parameters['passages']:,} passages, "
        f"compared by {found.parameters['vectors']}"
        + (f"; the first {len(found)} are here." if found.total > len(found) else ".")
    )
    if not found:
        parts.note("Nothing shows through this lens.")
        return
    most = st.session_state.get(f"{KEY}.most.{chosen}", AT_FIRST)
    differing = _differing(study, codings) if chosen == CONTRADICTIONS else ()
    for number, pair in enumerate(found[:most]):
        if isinstance(pair, Contradiction):
            contradiction(study, pair, desk, differing, number)
        else:
            twins(pair, desk, number)
    if len(found) > most and st.button(
        f"Show {min(AT_FIRST * 2, len(found) - most)} more", key="themes.lens.more"
    ):
        st.session_state[f"{KEY}.most.{chosen}"] = most + AT_FIRST * 2
        st.rerun()


def twins(pair: Twins, desk: Desk, number: int) -> None:
    with st.container(border=True, key=f"themes_twins_{number}"):
        st.html(f'<p class="ui-kicker">Pair {number + 1} · likeness {pair.similarity:.2f}</p>')
        left, right = st.columns(2, gap="large")
        for side, column, passage in (("a", left, pair.one), ("b", right, pair.other)):
            with column:
                cards.quoted(_place(passage), desk, f"themes.twins.{number}.{side}")


def contradiction(
    study: Study, pair: Contradiction, desk: Desk, differing: Sequence[Differing], number: int
) -> None:
    labels = parts.coder_labels(study)
    put, left = (labels.get(who, who) for who in (pair.put_by, pair.left_by))
    code = desk.codes.get(pair.code)
    with st.container(border=True, key=f"themes_contradiction_{number}"):
        near = f" · nearness to the code {pair.near:.2f}" if pair.near else ""
        st.html(
            f'<p class="ui-kicker">Contradiction {number + 1}{near}</p>'
            + parts.chip(code, fallback=pair.code)
        )
        sides = [(f"{put} put the code, {left} left it", pair.left)]
        if not pair.same_passage:
            sides = [(f"{put} put the code here", pair.put), (f"{left} left it here", pair.left)]
        if pair.precedent is not None:
            sides.append((f"{left} put the code on this one, which is much alike", pair.precedent))
        for column, (told, passage), place in zip(
            st.columns(len(sides), gap="large"), sides, "abc", strict=False
        ):
            with column:
                parts.note(told)
                cards.quoted(_place(passage), desk, f"themes.contradiction.{number}.{place}")
        here = _difference(pair, differing)
        if here and st.button(
            "To the difference", icon=":material/compare_arrows:", key=f"themes.difference.{number}"
        ):
            reconcile_views.go_to(here)
            st.switch_page(parts.page("reconcile"))


def _place(passage: Passage) -> tuple[str, Span]:
    return passage.transcript, passage.span


def _differing(study: Study, codings: CodingSet) -> tuple[Differing, ...]:
    """The differences that Reconcile lists, so that a pair leads to its own."""
    return find_passages(codings, study.coders(), codes=codings.codes)


def _difference(pair: Contradiction, differing: Sequence[Differing]) -> str:
    """The id of the difference at this passage about this code, or ""."""
    places: Mapping[str, Span] = {
        passage.transcript: passage.span for passage in (pair.put, pair.left)
    }
    for found in differing:
        span = places.get(found.transcript)
        if (
            span is not None
            and found.span.overlap(span) > 0
            and any(coding.code == pair.code for coding in found.codings)
        ):
            return found.id
    return ""
