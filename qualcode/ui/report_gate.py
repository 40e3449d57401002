"""The way out for a report: its files, and the line of history that each leaves."""

from __future__ import annotations

import re
from datetime import date
from functools import partial

import streamlit as st

from qualcode.reports import Report
from qualcode.reports.record import export_details
from qualcode.store import Study

FILES = {
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "html": ("HTML", "text/html"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "md": ("Markdown", "text/markdown"),
    "csv": ("CSV", "text/csv"),
}


def file_name(study: Study, kind: str, ending: str) -> str:
    """A name that tells the study and the day: ``coreq_nurses_2025-03-04.docx``."""
    title = re.sub(r"[^\w]+", "-", study.title.lower()).strip("-")[:40] or "study"
    return f"{kind}_{title}_{date.today().isoformat()}.{ending}"


def downloads(study: Study, kind: str, report: Report) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="report.files"):
        for ending, (label, mime) in FILES.items():
            if st.download_button(
                label,
                data=partial(report.to_bytes, ending),  # written when it is asked for
                file_name=file_name(study, kind, ending),
                mime=mime,
                icon=":material/download:",
                type="primary" if ending == "docx" else "secondary",
                key=f"report.file.{kind}.{ending}",
            ):
                study.log("export", export_details(study, kind, ending))
