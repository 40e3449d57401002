"""The thread around a difference on the Reconcile page: memos on its words, and what was said."""

from __future__ import annotations

import html

import streamlit as st

from qualcode.memos import LONGEST_MEMO, Memo
from qualcode.model import Transcript
from qualcode.reconciliation import Passage
from qualcode.ui import parts
from qualcode.ui.reconcile_views import Desk


def around(desk: Desk, passage: Passage, transcript: Transcript) -> None:
    """What the team has noted and said about this passage, and a place to say more.

    Where who coded what is hidden, coders are called by the letter of their reading.
    """
    seat = desk.study.seat
    if seat is not None and not seat.roles & {"lead", "coder"}:
        return
    found = entries(desk, passage)
    label = f"Thread ({len(found)})" if found else "Thread"
    with st.expander(label, icon=":material/forum:", expanded=bool(found)):
        for memo in found:
            with st.container(gap=None):
                st.html(
                    f'<p class="ui-answer" dir="auto"><b>{html.escape(_who(desk, passage, memo))}'
                    f"</b> {html.escape(memo.made_at[:10])}{_on(memo)}<br>"
                    f"{html.escape(memo.text)}</p>"
                )
                if (
                    memo.author == desk.study.who
                    and not memo.in_layer
                    and st.button(
                        "Take back", key=f"reconcile.thread.back.{memo.id}", type="tertiary"
                    )
                ):
                    with parts.problems():
                        desk.study.delete_memo(memo.id)
                        st.rerun()
        with st.form(f"reconcile.thread.{passage.id}", border=False, clear_on_submit=True):
            text = st.text_area(
                "What do you make of this difference?", height=80, max_chars=LONGEST_MEMO
            )
            if st.form_submit_button("Say it"):
                with parts.problems():
                    desk.study.write_memo(
                        Memo(
                            text,
                            "difference",
                            passage.id,
                            transcript.id,
                            passage.span,
                            transcript.text[passage.span.slice],
                            kind="difference",
                        )
                    )
                    st.rerun()


def entries(desk: Desk, passage: Passage) -> list[Memo]:
    """Memos on the words of a passage, on its differences, and answers; decisions stand apart."""
    codings = {coding.id for coding in passage.codings}
    said = desk.study.memos(transcript=passage.transcript, decided=False)
    here = [
        memo
        for memo in said
        if (
            (memo.about == "difference" and memo.subject in passage.ids)
            or (
                memo.about == "passage"
                and memo.span is not None
                and memo.span.overlap(passage.span) > 0
            )
            or (memo.about == "reply" and memo.subject in codings)
        )
    ]
    there = {memo.id for memo in here} | {decision.id for decision in desk.last(passage)}
    answers = [memo for memo in said if memo.about == "reply" and memo.subject in there]
    return sorted({m.id: m for m in [*here, *answers]}.values(), key=lambda m: (m.made_at, m.id))


def _who(desk: Desk, passage: Passage, memo: Memo) -> str:
    if memo.author in passage.coders:
        return desk.name(passage, memo.author)
    return desk.names.get(memo.author, memo.author)


def _on(memo: Memo) -> str:
    return ", on its words" if memo.about == "passage" else ""
