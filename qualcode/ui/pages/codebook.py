"""The codebook: its codes with their rules, changes before they are saved, versions, issues."""

from __future__ import annotations

import streamlit as st

from qualcode.codebook import Codebook
from qualcode.model import Code
from qualcode.reconciliation import find_issues
from qualcode.store import Study
from qualcode.ui import codebook_changes as changes
from qualcode.ui import codebook_issues, codebook_views, parts, reconcile_views, state


def tools(study: Study, draft: changes.Draft, chosen: Code | None) -> None:
    """What can be done with the codebook and with the chosen code."""
    book = draft.book
    lead = study.seat is None or study.seat.is_lead
    with st.container(horizontal=True, vertical_alignment="center", key="codebook.tools"):
        if lead and st.button("Add a code", icon=":material/add:", key="codebook.add"):
            changes.edit(changes.blank(book, chosen))
        if lead and chosen:
            of_one(study, draft, chosen)
        saved = study.codebook()
        if len(saved):
            st.download_button(
                "Download CSV",
                "\ufeff" + saved.to_csv(),
                "codebook.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="codebook.download",
            )
        if lead:
            with st.popover("Import CSV", icon=":material/upload:"), parts.problems():
                changes.import_file(study, draft)


def of_one(study: Study, draft: changes.Draft, chosen: Code) -> None:
    """What the lead can do with the chosen code."""
    if chosen.status == "retired":
        if st.button("Bring back", icon=":material/restore_from_trash:", key="codebook.restore"):
            with parts.problems():
                changes.bring_back(study, draft, chosen)
        return
    if st.button("Edit", icon=":material/edit:", key="codebook.change"):
        changes.edit(chosen)
    if st.button("Move", icon=":material/low_priority:", key="codebook.move"):
        changes.move(chosen)
    if chosen.usable:
        if st.button("Merge", icon=":material/call_merge:", key="codebook.merge"):
            changes.merge(chosen)
        if st.button("Split", icon=":material/call_split:", key="codebook.split"):
            changes.divide(chosen)
    if st.button("Retire", icon=":material/archive:", key="codebook.retire"):
        changes.retire(chosen)


def codes(study: Study, draft: changes.Draft) -> None:
    book = draft.book
    if not len(book):
        tools(study, draft, None)
        parts.nothing_yet(
            "The codebook is empty. Import a CSV, or add themes and codes one by one."
            if study.seat is None or study.seat.is_lead
            else "The codebook is empty; the study lead writes or imports it."
        )
        return
    codebook_views.hard_to_use(book)
    top = st.container()
    left, right = st.columns([3, 2], gap="large")
    with left:
        chosen = codebook_views.tree(book, changes.marks(study, draft))
    with right:
        if chosen is not None:
            codebook_views.show(book, chosen)
    with top:
        tools(study, draft, chosen)


def issues(study: Study) -> None:
    if parts.comparable(study, "Codebook issues come from settled differences."):
        desk = reconcile_views.read(study)
        found = find_issues(desk.passages, desk.decisions, study.codebook_issues())
        codebook_issues.show(desk, found)


def view(study: Study, lead: bool, noted: int) -> str:
    """Which part of the page is looked at."""
    if shown := st.session_state.pop(changes.SHOW, None):
        st.session_state[changes.VIEW] = shown
    views = {"codes": "Codes"}
    if lead:
        views["changes"] = f"Changes ({noted})" if noted else "Changes"
    if len(study.codebook()):
        views |= {"versions": "Versions"}
    if study.seat is None or study.seat.is_lead or study.seat.is_coder:
        views |= {"issues": "Issues"}
    if len(views) == 1:
        return "codes"
    if st.session_state.get(changes.VIEW) not in views:
        st.session_state.pop(changes.VIEW, None)
    chosen = st.segmented_control(
        "View", list(views), format_func=views.get, default="codes", required=True,
        key=changes.VIEW, label_visibility="collapsed",
    )  # fmt: skip
    return str(chosen)


def wanted(draft: changes.Draft) -> None:
    """A change that another page leads to."""
    asked = st.session_state.pop(state.TO_CODE, None)
    if not isinstance(asked, codebook_issues.Wanted):
        return
    if asked.code in draft.book and draft.book[asked.code].status != "retired":
        changes.edit(draft.book[asked.code], wanted=asked)
    elif not asked.code:
        changes.edit(changes.blank(draft.book, None), wanted=asked)


def about(study: Study, book: Codebook) -> None:
    if len(book):
        parts.note(
            f"Version {book.version}, {codebook_views.state_of(study, book.version)}. "
            f"{codebook_views.size(book)}."
        )


with state.current_study() as study:
    parts.head("Codebook", "What each code means, when to use it and when not to.")
    lead = study.seat is None or study.seat.is_lead
    about(study, study.codebook())
    draft = changes.draft_of(study)
    noted = changes.noted(study, draft) if lead else 0
    shown = view(study, lead, noted)
    if noted and shown != "changes":
        changes.bar(noted)
    if shown == "changes":
        changes.review(study, draft)
    elif shown == "versions":
        codebook_views.versions(study)
    elif shown == "issues":
        issues(study)
    else:
        codes(study, draft)
    if lead:
        wanted(draft)
