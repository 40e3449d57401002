"""From a codebook issue to its differences, to the change of the code, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from qualcode.changes import sentence
from qualcode.reconciliation import Issue
from qualcode.ui import parts, state

if TYPE_CHECKING:
    from qualcode.ui.reconcile_views import Desk


@dataclass(frozen=True)
class Wanted:
    """What another page leads to on the Codebook page: a change of this code, or a new one ("").

    ``wording`` is what was proposed; ``why`` stands with the change in the record.
    """

    code: str
    wording: str = ""
    why: str = ""


def show(desk: Desk, found: Iterable[Issue]) -> None:
    """Each issue with the way to its differences and, for the lead, to the change."""
    found = tuple(found)
    if not found:
        parts.nothing_yet(
            "No codebook issue is open. Three differences on one code or pair that are settled "
            "for reasons of definition open one.",
            parts.page("reconcile"),
            "To the differences",
        )
        return
    for number, issue in enumerate(found):
        with st.container(border=True, key=f"codebook_rule_{number}"):
            st.html("".join(parts.chip(desk.codes.get(code), code) for code in issue.codes))
            stands = "open" if issue.is_open else "decided"
            parts.note(f"{parts.count(len(issue.passages), 'difference')}; {stands}.")
            if issue.decided:
                parts.note(f"Decided: {issue.decided.decision}")
                if issue.decided.wording:
                    parts.note(f"Proposed wording: {issue.decided.wording}")
            for words in since(desk, issue):
                parts.note(words)
            with st.container(horizontal=True):
                if st.button(
                    "See its differences",
                    icon=":material/arrow_forward:",
                    key=f"codebook.issue.{'.'.join(issue.codes)}",
                ):
                    st.session_state[state.TO_ISSUE] = issue.codes
                    st.switch_page(parts.page("reconcile"))
                change_buttons(desk, issue, "codebook")


def change_buttons(desk: Desk, issue: Issue, where: str) -> None:
    """For the lead: a button for each code of an issue that opens its change."""
    seat = desk.study.seat
    if seat is not None and not seat.is_lead:
        return
    wording = issue.decided.wording if issue.decided else ""
    names = " and ".join(desk.code(code) for code in issue.codes)
    for code in issue.codes:
        if code not in desk.codes:
            continue
        label = f"Change “{parts.plain(desk.code(code))}”"
        key = f"{where}.change.{'.'.join(issue.codes)}.{code}"
        if st.button(label, icon=":material/edit:", key=key):
            go_to_change(Wanted(code, wording, f"Codebook issue on {names}."))


def go_to_change(wanted: Wanted) -> None:
    """Open this change on the Codebook page."""
    st.session_state[state.TO_CODE] = wanted
    st.switch_page(parts.page("codebook"))


def since(desk: Desk, issue: Issue) -> list[str]:
    """What has become of the codes of an issue since it was decided, version by version."""
    if issue.decided is None:
        return []
    book = desk.study.codebook()
    names = [row["version"] for row in desk.study.versions()]
    at = names.index(issue.decided.version) if issue.decided.version in names else 0
    return [
        f"Version {one.version}: {sentence(one.change, book, book)}"
        for one in desk.study.codebook_changes()
        if one.change.code in issue.codes and names.index(one.version) > at
    ]
