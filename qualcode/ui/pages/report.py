"""Reports: what the study answers by itself, what is still to be typed, and the files.

Each kind of report is a room: a function over the study, its kind and the report. A room that
makes its report itself stands in ``ROOMS`` and not in ``REPORTS``.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from qualcode.reports import REPORTS
from qualcode.store import Study
from qualcode.ui import aside, making, parts, report_checklist, report_full, report_gate, state

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


def document(study: Study, kind: str) -> None:
    """The way out for a report, and the report as it will be read."""
    report, page = aside.made(making.report_to_read, study.path, study.seat, kind)
    report_gate.downloads(study, kind, report)
    st.iframe(page, height=640)


ROOMS: dict[str, Callable[[Study, str], None]] = {
    **dict.fromkeys(REPORTS, document),
    **dict.fromkeys(report_checklist.CHECKLISTS, report_checklist.room),
    **dict.fromkeys(report_full.NAMES, report_full.room),
}


with state.current_study() as study:
    parts.head("Report", "Answered from the study where it can be; what is open is counted.")
    kind = st.segmented_control(
        "Report", list(NAMES), format_func=NAMES.get, default="coreq", required=True,
        key="report.kind", label_visibility="collapsed",
    )  # fmt: skip
    ROOMS[kind](study, kind)
