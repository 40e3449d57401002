"""The room with the map of codes and themes, and the map as a file."""

from __future__ import annotations

import base64
import hashlib
import html
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st

from qualcode.model import Seat
from qualcode.reports.facts import StudyFacts, gather
from qualcode.reports.findings import Findings, findings
from qualcode.reports.record import export_details
from qualcode.reports.release import file_name
from qualcode.reports.theme_map import map_of
from qualcode.store import Study, open_study
from qualcode.store.exports import Export
from qualcode.ui import parts

FILES = {"svg": ("SVG", "image/svg+xml"), "png": ("PNG", "image/png")}
KIND = "theme-map"


def room(study: Study, facts: StudyFacts, found: Findings) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        together = st.toggle(
            "Codes on the same turns",
            True,
            key="map.together",
            help="A broken line joins two codes that stand on the same turns, the thicker the more "
            "turns; of many pairs those most often together.",
        )
        st.space("stretch")
        for ending, (label, mime) in FILES.items():
            st.download_button(
                label,
                data=partial(_file, study.path, study.seat, ending, together),
                file_name=file_name(study.title, KIND, ending, date.today()),
                mime=mime,
                icon=":material/download:",
                help="A draft, marked as one by its name. It is kept in the register of exports.",
                key=f"map.file.{ending}",
            )
    made = map_of(facts, found, together=together)
    drawn = made.svg(dark=st.context.theme.type == "dark")
    data = base64.b64encode(drawn.encode()).decode()
    st.html(
        '<div class="ui-map" tabindex="0" role="group" aria-label="Map of themes and codes">'
        f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(made.alt)}"></div>'
    )
    parts.note(
        f"In brackets and on the cards participants of {made.total}, from the consensus codings; a "
        "line is the thicker the more of them have the code."
    )


def _file(path: Path, seat: Seat | None, ending: Literal["svg", "png"], together: bool) -> bytes:
    """The map, written and registered when it is asked for."""
    with open_study(path) as opened:
        study = opened.seated(seat)
        facts = gather(study)
        made = map_of(facts, findings(facts, every=True), together=together)
        content = made.png() if ending == "png" else made.svg().encode()
        study.record_export(
            Export(
                kind=KIND,
                format=ending,
                name=file_name(study.title, KIND, ending, date.today()),
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
                snapshot=facts.snapshot,
                codebook_version=facts.codebook.version,
                participants=tuple(export_details(study, KIND, ending)["participants"]),
            )
        )
        return content
