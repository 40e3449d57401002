"""Passages behind a cell, a row or a query: who said them, their codes, the way to the place."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from qualcode.errors import NotInStudy
from qualcode.model import Code, Transcript
from qualcode.reports.across import View
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.ui import parts, state

A_PAGE = 6
LONGEST = 700
AROUND = 260
TURNS_AROUND = 3


def panel(
    study: Study,
    view: View,
    numbers: Sequence[int],
    key: str,
    *,
    heading: str = "",
    marks: Mapping[int, Sequence[Span]] | None = None,
) -> None:
    """The passages of these numbers, a page at a time; ``marks`` are what to mark in them."""
    corpus = view.corpus
    people = len({corpus.passages[n].participant for n in numbers})
    if heading:
        st.subheader(parts.plain(heading), anchor=False)
    if not numbers:
        parts.note("No passage stands behind it.")
        return
    parts.note(f"{parts.count(len(numbers), 'passage')} of {parts.count(people, 'participant')}.")
    first = 0
    if len(numbers) > A_PAGE:
        pages = -(-len(numbers) // A_PAGE)
        first = (st.pagination(pages, key=f"{key}.page.{hash(tuple(numbers))}") - 1) * A_PAGE
    codes = {code.id: code for code in corpus.codes}
    for number in numbers[first : first + A_PAGE]:
        one(study, view, number, codes, key, list((marks or {}).get(number, ())))


def one(
    study: Study,
    view: View,
    number: int,
    codes: Mapping[str, Code],
    key: str,
    marks: Sequence[Span] = (),
) -> None:
    """A passage with its codes and the button that opens its place."""
    corpus = view.corpus
    passage = corpus.passages[number]
    codings = corpus.codings_on.get(number, ())
    held = [codes[c] for c in dict.fromkeys(coding.code for coding in codings) if c in codes]
    spans = list(marks) or [coding.span for coding in codings]
    hue = held[0].color if held else "#4E79A7"
    text = corpus.transcript[passage.transcript]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<p class="ui-who">{html.escape(place_of(view, number))}</p>', width="content")
            st.space("stretch")
            if st.button(
                "Open the place", key=f"{key}.open.{number}", type="tertiary",
                icon=":material/open_in_full:",
            ):  # fmt: skip
                opened(passage.transcript, passage.span, tuple(spans), hue)
        if held:
            parts.chips(held)
        st.html(marked(text, passage.span, spans, hue))


def place_of(view: View, number: int) -> str:
    """Where a passage stands: “P01, turn 8”, with the interview where a person gave several."""
    passage = view.corpus.passages[number]
    title = view.corpus.transcript[passage.transcript].title
    where = f", turn {passage.turn}" if passage.turn else ""
    inside = f" · {title}" if title != passage.participant else ""
    return f"{passage.participant}{where}{inside}"


def marked(transcript: Transcript, span: Span, marks: Sequence[Span], hue: str) -> str:
    """The words of a passage with marks, a long one cut to what is around the first mark."""
    shown = span
    inner = [m for m in marks if m.overlap(span)]
    if span.length > LONGEST:
        at = inner[0].start if inner else span.start
        start = max(span.start, at - AROUND)
        end = min(span.end, start + LONGEST)
        gap = transcript.text.rfind(" ", start, end)
        if end < span.end and gap > start + LONGEST // 2:
            end = gap  # between two words, where there are any
        shown = Span(start, end)
    before = "… " if shown.start > span.start else ""
    after = " …" if shown.end < span.end else ""
    body = _with_marks(transcript.text, shown, inner)
    return (
        f'<p class="ui-passage" dir="auto" style="--ui-hue:{parts._hue(hue)}">'
        f"{before}{body}{after}</p>"
    )


def _with_marks(text: str, within: Span, marks: Sequence[Span]) -> str:
    whole = len(marks) == 1 and marks[0].start <= within.start and within.end <= marks[0].end
    kinds = [] if whole else [(mark, "ui-a") for mark in marks]
    return parts._marked(text, within, kinds)


@st.dialog("The place in the interview", width="large", position="right")
def opened(transcript: str, span: Span, marks: tuple[Span, ...], hue: str) -> None:
    """A passage among the turns around it, or in the whole interview; and the way there."""
    with parts.problems(), state.current_study() as study:
        text = next((t for t in study.transcripts() if t.id == transcript), None)
        if text is None:
            raise NotInStudy("This interview is not in the study any more; load the page again.")
        number = next(
            (n for n, t in enumerate(text.turns) if t.span.start <= span.start < t.span.end), None
        )
        where = f", turn {number + 1} of {len(text.turns)}" if number is not None else ""
        st.markdown(f"**{parts.plain(text.title)}**{parts.plain(where)}")
        whole = st.toggle("The whole interview", key="explore.whole")
        around = span
        if whole:
            around = Span(0, len(text.text))
        elif number is not None:
            first = text.turns[max(0, number - TURNS_AROUND + 1)]
            last = text.turns[min(len(text.turns) - 1, number + TURNS_AROUND)]
            around = Span(first.span.start, last.span.end)
        parts.passage(text, around, [(mark, "ui-a") for mark in marks or (span,)], hue)
        with st.container(horizontal=True):
            st.page_link(
                parts.page("transcripts"), label="To the transcript",
                icon=":material/description:", query_params={"record": text.title},
            )  # fmt: skip
            to_coding(study, text.id, span)


def to_coding(study: Study, transcript: str, span: Span) -> None:
    """The way of a coder to the place on the coding surface, where a coding of theirs stands."""
    seat = study.seat
    if seat is None or not seat.is_coder:
        return
    own = [
        coding
        for coding in study.codings(coders=[seat.name], transcript=transcript)
        if coding.span.overlap(span)
    ]
    if own and st.button("To my coding", icon=":material/ink_highlighter:", key="explore.code"):
        st.session_state[state.CODING] = f"{own[0].round}.{transcript}"
        st.session_state[state.LOOK_AT] = own[0].id
        st.switch_page(parts.page("code"))
