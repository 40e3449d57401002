"""Reports: what the study answers by itself, what is still to be typed, and the files.

Each kind of report is a room: a function over the study, its kind and the report. A room that
makes its report itself stands in ``ROOMS`` and not in ``REPORTS``.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from qualcode.reports import REPORTS, Report
from qualcode.store import Study
from qualcode.ui import parts, report_checklist, report_full, report_gate, state

NAMES = {
    **report_full.NAMES,
    "coreq": "COREQ checklist",
    "themes": "Theme summary",
    "needs": "Needs register",
    "agreement": "Agreement supplement",
    "codebook": "Codebook",
    "audit": "Decisions",
    "srqr": "SRQR checklist",
}


def document(study: Study, kind: str, report: Report) -> None:
    """A report as it will be read."""
    st.iframe(report.to_bytes("html").decode("utf-8"), height=640)


def made(show: Callable[[Study, str, Report], None]) -> Callable[[Study, str], None]:
    """A room of a report that ``REPORTS`` makes: the way out above, the report below."""

    def room(study: Study, kind: str) -> None:
        report = REPORTS[kind](study)
        report_gate.downloads(study, kind, report)
        show(study, kind, report)

    return room


ROOMS: dict[str, Callable[[Study, str], None]] = {
    **{kind: made(document) for kind in REPORTS},
    **{kind: made(report_checklist.room) for kind in report_checklist.CHECKLISTS},
    **dict.fromkeys(report_full.NAMES, report_full.room),
}


with state.current_study() as study:
    parts.head("Report", "Answered from the study where it can be; what is open is counted.")
    kind = st.segmented_control(
        "Report", list(NAMES), format_func=NAMES.get, default="coreq", required=True,
        key="report.kind", label_visibility="collapsed",
    )  # fmt: skip
    ROOMS[kind](study, kind)
