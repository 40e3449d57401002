"""Reconcile: each difference with its passage, both codings, and a decision with its reason."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import Code, Coding, Decision, Difference, Outcome, Transcript
from qualcode.reconciliation import decide, find_differences, progress
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.ui import parts, state

KINDS = {"boundary": "Boundary", "choice": "Code choice", "omission": "Omission"}
REASONS = (
    "slip",
    "definition unclear",
    "definitions overlap",
    "context needed",
    "true difference of reading",
    "unit problem",
    "text problem",
)
SHOWN = 55


def listed(
    chosen: list[Difference],
    settled: dict[str, Decision],
    titles: dict[str, str],
    names: tuple[str, str],
    codes: dict[str, Code],
) -> None:
    """All differences that fit the filters, in a table; choosing a row goes there."""
    key = "reconcile.list"

    def go() -> None:
        if rows := st.session_state[key].selection.rows:
            st.session_state[state.DIFFERENCE] = chosen[rows[0]].id

    def name(coding: Coding | None) -> str:
        if coding is None:
            return "–"
        return codes[coding.code].name if coding.code in codes else coding.code

    with st.expander(f"List of {len(chosen)} differences"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Transcript": titles[d.transcript],
                        "Kind": KINDS[d.kind],
                        names[0]: name(d.a),
                        names[1]: name(d.b),
                        "Decision": outcomes(d, names).get(settled[d.id].outcome, "")
                        if d.id in settled
                        else "",
                    }
                    for d in chosen
                ]
            ),
            hide_index=True,
            on_select=go,
            selection_mode="single-row",
            key=key,
            alt="The differences between the coders",
        )


def queue(
    differences: tuple[Difference, ...],
    settled: dict[str, Decision],
    titles: dict[str, str],
    names: tuple[str, str],
    codes: dict[str, Code],
) -> Difference | None:
    """The difference that is being looked at, chosen with filters and arrows."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="reconcile.filters"):
        show = st.segmented_control(
            "Show", ["Open", "All"], default="Open", required=True, key="reconcile.show"
        )
        kinds = st.pills(
            "Kind",
            [kind for kind in KINDS if any(d.kind == kind for d in differences)],
            selection_mode="multi",
            format_func=KINDS.get,
            key="reconcile.kinds",
        )
        where = st.selectbox(
            "Transcript",
            ["", *dict.fromkeys(d.transcript for d in differences)],
            format_func=lambda t: titles.get(t, "All transcripts"),
            key="reconcile.transcript",
            width=220,
        )
    chosen = [
        d
        for d in differences
        if (show == "All" or d.id not in settled)
        and (not kinds or d.kind in kinds)
        and where in ("", d.transcript)
    ]
    if not chosen:
        return None
    listed(chosen, settled, titles, names, codes)
    ids = [d.id for d in chosen]
    at = st.session_state.get(state.DIFFERENCE)
    place = ids.index(at) if at in ids else 0
    with st.container(horizontal=True, vertical_alignment="center", key="reconcile.steps"):
        if st.button("Previous", icon=":material/chevron_left:", disabled=place == 0):
            st.session_state[state.DIFFERENCE] = ids[place - 1]
            st.rerun()
        st.markdown(f"{place + 1} of {len(ids)}", width="content")
        if st.button(
            "Next", icon=":material/chevron_right:", icon_position="right",
            disabled=place == len(ids) - 1,
        ):  # fmt: skip
            st.session_state[state.DIFFERENCE] = ids[place + 1]
            st.rerun()
    return chosen[place]


def side(name: str, coding: Coding | None, codes: dict[str, Code]) -> None:
    code = codes.get(coding.code) if coding is not None else None
    label = parts.chip(code, coding.code) if coding is not None else "no code here"
    st.html(f"<b>{html.escape(name)}</b><br>{label}")
    if coding is None:
        return
    parts.quotation(short(coding.quote), "", code.color if code else "#8a94a3")
    if code is not None:
        parts.note(code.brief_definition)
        if code.when_not_to_use:
            parts.note(f"Not when: {code.when_not_to_use}")
    if coding.memo:
        parts.note(f"Memo: {coding.memo}")


def short(quote: str) -> str:
    """A passage by its first and last words; the whole of it is marked in the text beside."""
    if len(quote) <= 2 * SHOWN:
        return quote
    return f"{quote[:SHOWN].rsplit(None, 1)[0]} … {quote[-SHOWN:].split(None, 1)[-1]}"


def outcomes(difference: Difference, names: tuple[str, str]) -> dict[Outcome, str]:
    a, b = names
    if difference.kind == "omission":
        who = a if difference.a is not None else b
        keep: Outcome = "a" if difference.a is not None else "b"
        return {keep: f"Keep {who}’s", "neither": "Code nothing", "new": "New passage"}
    both = "Join both" if difference.kind == "boundary" else "Keep both"
    return {"a": f"{a}’s", "b": f"{b}’s", "both": both, "neither": "Neither", "new": "New passage"}


def settle(
    study: Study,
    difference: Difference,
    transcript: Transcript,
    codes: dict[str, Code],
    names: tuple[str, str],
    before: Decision | None,
) -> None:
    key = difference.id
    choices = outcomes(difference, names)
    outcome = st.segmented_control(
        "Decision",
        list(choices),
        format_func=lambda o: parts.plain(choices[o]),
        default=before.outcome if before and before.outcome in choices else None,
        key=f"reconcile.outcome.{key}",
    )
    new = None
    if outcome == "new":
        new = new_passage(difference, transcript, codes)
    kind = st.selectbox(
        "Reason",
        REASONS,
        index=None,
        key=f"reconcile.reason.{key}",
        placeholder="Choose, or write below",
    )
    words = st.text_input(
        "In your words", key=f"reconcile.words.{key}", max_chars=2000,
        help="A true difference of reading needs a few words: they are findings.",
    )  # fmt: skip
    if st.button(
        "Change the decision" if before else "Decide",
        type="primary",
        disabled=outcome is None,
        key=f"reconcile.decide.{key}",
    ):
        if not kind and not words.strip():
            raise BadCommand("Give the decision a reason: choose one, or write it.")
        if kind == REASONS[4] and not words.strip():
            raise BadCommand("A true difference of reading needs a few words of what it is.")
        if outcome == "new" and new is None:
            raise BadCommand("A new passage needs its words and its code.")
        reason = ": ".join(part for part in (kind, words.strip()) if part)
        decision = decide(
            difference,
            outcome,
            reason=reason,
            new=new,
            decided_by=study.who,
        )
        study.decide(decision, replacing=before.id if before else None)
        st.session_state.pop(state.DIFFERENCE, None)
        parts.told("Decided.")
        st.rerun()


def new_passage(
    difference: Difference, transcript: Transcript, codes: dict[str, Code]
) -> tuple[Span, str, str] | None:
    """The words and the code of a new passage, within the turns of the difference."""
    around = [t.span for t in transcript.turns if t.span.overlap(difference.span)]
    within = Span(around[0].start, around[-1].end) if around else difference.span
    words = st.text_area(
        "Keep only the words that should be coded",
        transcript.text[within.slice],
        height=140,
        key=f"reconcile.new.{difference.id}",
    ).strip()
    code = st.selectbox(
        "Code",
        [code.id for code in codes.values() if code.codable],
        format_func=lambda code: codes[code].name,
        index=None,
        key=f"reconcile.newcode.{difference.id}",
    )
    start = transcript.text.find(words, within.start, within.end) if words else -1
    if words and start < 0:
        st.warning("These words do not stand in the passage; delete words, but do not change any.")
        return None
    if not words or code is None:
        return None
    return Span(start, start + len(words)), code, words


def look(study: Study) -> None:
    codings = study.codings()
    coders = study.coders()
    differences = find_differences(codings, (coders[0], coders[1]))
    settled = {decision.difference: decision for decision in study.decisions()}
    done, total = progress(differences, study.decisions())
    if not total:
        parts.nothing_yet("The coders do not part anywhere.", parts.page("themes"), "On to themes")
        return
    st.progress(done / total, f"{done} of {total} settled")
    titles = study.titles()
    labels = parts.coder_labels(study, taken=("Transcript", "Kind", "Decision"))
    names = (labels[coders[0]], labels[coders[1]])
    codes = {code.id: code for code in codings.codes}
    if len(coders) > 2:
        parts.note(
            f"The consensus is settled between the first two coders, {names[0]} and {names[1]}. "
            "The differences with the others are listed by the agreement report."
        )
    difference = queue(differences, settled, titles, names, codes)
    if difference is None:
        parts.nothing_yet(
            "Nothing is open here." if done == total else "No difference fits these filters.",
            parts.page("themes") if done == total else "",
            "On to themes",
        )
        return
    transcript = study.transcript(difference.transcript)
    before = settled.get(difference.id)
    first = difference.a or difference.b
    hue = codes[first.code].color if first and first.code in codes else "#8a94a3"
    marks = [
        (coding.span, mark)
        for coding, mark in ((difference.a, "ui-a"), (difference.b, "ui-b"))
        if coding is not None
    ]
    words, judgement = st.columns([5, 4], gap="large")
    with words:
        kind = KINDS[difference.kind] + (" · sibling codes" if difference.sibling else "")
        st.html(f'<p class="ui-kicker">{kind} · {html.escape(transcript.title)}</p>')
        parts.passage(transcript, difference.span, marks, hue)
        parts.note(f"Underlined: {names[0]} solid, {names[1]} dashed, both double.")
    with judgement:
        if before:
            parts.note(
                f"Decided by {labels.get(before.decided_by, before.decided_by)}: "
                f"{outcomes(difference, names).get(before.outcome, before.outcome)}. "
                f"Reason: {before.reason}"
            )
        with st.container(key="reconcile_sides"):
            left, right = st.columns(2, gap="medium")
            with left:
                side(names[0], difference.a, codes)
            with right:
                side(names[1], difference.b, codes)
        if study.seat is None or study.seat.is_lead:
            settle(study, difference, transcript, codes, names, before)
        else:
            parts.note("The study lead settles differences; what is decided is shown here.")


with state.current_study() as study:
    parts.head(
        "Reconcile", "Differences are settled on the record; the coders’ own codings never change."
    )
    if parts.comparable(study, "Differences can be settled when both coders have submitted."):
        study.compared()
        look(study)
