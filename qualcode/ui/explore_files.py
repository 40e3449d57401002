"""What is looked across, out of the page: a table or a picture, through the register of exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import streamlit as st

from qualcode.model import Seat
from qualcode.reports import Report
from qualcode.reports.across import let_out_picture
from qualcode.reports.release import file_name, let_out
from qualcode.reports.rules import thresholds
from qualcode.store import Study, open_study
from qualcode.ui import parts, report_gate

TABLES = ("xlsx", "csv", "docx", "html")
PICTURES = {"png": ("PNG", "image/png"), "svg": ("SVG", "image/svg+xml")}


def ways_out(study: Study, kind: str, made: Callable[[], Report]) -> None:
    """A popover with the files of one table; each is made when it is asked for."""
    with st.popover("Take it out", icon=":material/download:"):
        parts.note(
            "Drafts, marked as such and kept in the register. Words of who has not agreed to be "
            f"quoted and cells of fewer than {thresholds().group_in_tables} people are left out."
        )
        with st.container(horizontal=True):
            for ending in TABLES:
                label, mime = report_gate.FILES[ending]
                st.download_button(
                    label,
                    data=partial(_table, study.path, study.seat, made, ending),
                    file_name=file_name(study.title, kind, ending, date.today()),
                    mime=mime,
                    key=f"explore.file.{kind}.{ending}",
                    on_click="ignore",
                )
        with st.container(horizontal=True):
            for ending, (label, mime) in PICTURES.items():
                st.download_button(
                    f"Picture as {label}",
                    data=partial(_picture, study.path, study.seat, made, ending),
                    file_name=file_name(study.title, kind, ending, date.today()),
                    mime=mime,
                    key=f"explore.file.{kind}.{ending}",
                    on_click="ignore",
                )
        if report_gate.may_release(study) and st.button(
            "Release a final file …", icon=":material/verified:", key=f"explore.release.{kind}"
        ):
            report_gate.release(kind, made())


def _table(path: Path, seat: Seat | None, made: Callable[[], Report], ending: str) -> bytes:
    with open_study(path) as study:  # written when it is asked for, after the run of the page
        return let_out(study.seated(seat), made(), ending).content


def _picture(path: Path, seat: Seat | None, made: Callable[[], Report], ending: str) -> bytes:
    with open_study(path) as study:
        return let_out_picture(study.seated(seat), made(), "svg" if ending == "svg" else "png")
