"""Memos: one's own and those that are open, found again, shared, answered, taken along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import partial

import streamlit as st

from qualcode.memos import Memo
from qualcode.reports.memos import memo_report
from qualcode.reports.record import export_details
from qualcode.ui import aside, making, memo_views, parts, reflexivity, state
from qualcode.ui.memo_views import ABOUT_NAMES, KIND_NAMES, Desk

FILES = {
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "md": ("Markdown", "text/markdown"),
    "csv": ("CSV", "text/csv"),
}
AT_ONCE = 15
SHOWN = "memos.shown"
WHOSE = {"all": "All I may read", "own": "My own", "shared": "Shared by others"}


def filtered(desk: Desk) -> list[Memo]:
    """The memos that fit the filters, the newest first."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="memos.filters"):
        words = st.text_input(
            "Search", key="memos.search", placeholder="Words of a memo or passage", width=260
        )
        whose = st.selectbox("Whose", list(WHOSE), format_func=WHOSE.get, key="memos.whose",
                             width=180)  # fmt: skip
        kind = st.selectbox(
            "Kind",
            [k for k in KIND_NAMES if any(m.kind == k for m in desk.memos)],
            None,
            format_func=KIND_NAMES.get,
            placeholder="all",
            key="memos.kind",
            width=150,
        )
        about = st.selectbox(
            "About",
            [a for a in ABOUT_NAMES if any(m.about == a for m in desk.memos)],
            None,
            format_func=ABOUT_NAMES.get,
            placeholder="all",
            key="memos.about",
            width=150,
        )
        author = st.selectbox(
            "Author",
            sorted({m.author for m in desk.memos}),
            None,
            format_func=desk.name,
            placeholder="all",
            key="memos.author",
            width=150,
        )
    asked = words.casefold().split()

    def fits(memo: Memo) -> bool:
        said = " ".join(
            [memo.text, memo.quote, desk.place(memo)]
            + [answer.text for answer in desk.threads.get(memo.id, ())]
        ).casefold()
        return (
            all(word in said for word in asked)
            and (whose == "all" or desk.is_own(memo) == (whose == "own"))
            and (kind is None or memo.kind == kind)
            and (about is None or memo.about == about)
            and (author is None or memo.author == author)
        )

    return [memo for memo in reversed(desk.memos) if fits(memo)]


def downloads(desk: Desk, found: Sequence[Memo]) -> None:
    """The memos that are shown as a file, with the answers to them; a line tells that it left."""
    shown = {memo.id for memo in found}
    chosen = [m for m in desk.memos if m.id in shown]
    chosen += [answer for memo in list(chosen) for answer in desk.threads.get(memo.id, ())]
    report = memo_report(
        desk.study.title,
        chosen,
        places={memo.id: desk.place(memo) for memo in chosen},
        names=desk.names,
    )
    title = re.sub(r"[^\w]+", "-", desk.study.title.lower()).strip("-")[:40] or "study"
    with st.popover("Download", icon=":material/download:", disabled=not found):
        parts.note("What the filters show, with its threads.")
        for ending, (label, mime) in FILES.items():
            if st.download_button(
                label,
                data=partial(aside.made, making.written, report, ending),
                file_name=f"memos_{title}_{date.today().isoformat()}.{ending}",
                mime=mime,
                key=f"memos.file.{ending}",
            ):
                desk.study.log("export", export_details(desk.study, "memos", ending))


def show(desk: Desk) -> None:
    found = filtered(desk)
    with st.container(horizontal=True, vertical_alignment="center", key="memos.tools"):
        if st.button("New memo", type="primary", icon=":material/add:", key="memos.new"):
            memo_views.new(desk)
        downloads(desk, found)
        memo_views.bring_back(desk.study)
        st.caption(
            parts.count(len(found), "memo")
            if len(found) == len(desk.memos)
            else f"{len(found)} of {parts.count(len(desk.memos), 'memo')}"
        )
    if not found:
        parts.nothing_yet("No memo fits these filters.")
    many = int(st.session_state.get(SHOWN, AT_ONCE))
    for memo in found[:many]:
        memo_views.card(desk, memo)
    if len(found) > many and st.button(f"Show more of {len(found)}", key="memos.more"):
        st.session_state[SHOWN] = many + AT_ONCE
        st.rerun()


with state.current_study() as study:
    parts.head("Memos", "Yours until you share them; those on passages open with the codings.")
    reflexivity.ask(study, "memos")
    desk = memo_views.read(study)
    if desk.memos:
        show(desk)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="memos.tools"):
            if st.button("New memo", type="primary", icon=":material/add:", key="memos.new"):
                memo_views.new(desk)
            memo_views.bring_back(study)
        coder = study.seat is not None and study.seat.is_coder
        parts.nothing_yet(
            "There are no memos that you may read yet. While coding, W writes one on the words "
            "selected or on the interview; here you write about the study, a code or a theme."
            if coder
            else "There are no memos that you may read yet. Write one about the study, an "
            "interview, a code or a theme; coders’ memos on passages open when all have submitted.",
            parts.page("code") if coder else "",
            "Go on coding" if coder else "",
        )
