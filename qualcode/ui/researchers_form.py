"""The researchers and the interview guide, typed where the study is: COREQ 1 to 5, 8 and 17."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from qualcode.model import new_id
from qualcode.reports import TEAM_FIELDS
from qualcode.store import Study
from qualcode.store.collecting import Guide
from qualcode.ui import parts

PILOTED = {"": "Not said", "yes": "Yes", "no": "No"}


def may_type(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "author"})


def researchers(study: Study, *, opened: bool = False) -> None:
    """Who did the research, as the report names them; dated, since occupations change."""
    people = study.team()
    with (
        st.expander(f"Researchers, as the report names them ({len(people)})", expanded=opened),
        st.form("study.researchers", border=False),
    ):
        parts.note(
            "Initials as they stand with the interviews. Names are not printed; they are looked "
            "for before a report leaves. A field that somebody declines: “not stated”."
        )
        edited = st.data_editor(
            pd.DataFrame(people, columns=list(TEAM_FIELDS), dtype=object).fillna("").astype(str),
            num_rows="dynamic",
            hide_index=True,
            key=f"study.researchers.table.{len(people)}",
            column_config={
                key: st.column_config.SelectboxColumn(
                    field.label, help=field.help or None, options=["", "yes", "no"]
                )
                if key == "author"
                else st.column_config.TextColumn(field.label, help=field.help or None)
                for key, field in TEAM_FIELDS.items()
            },
            alt="The researchers as the report names them",
        )
        with parts.problems():
            if st.form_submit_button("Save the researchers"):
                study.settings.set_team(edited.fillna("").astype(str).to_dict("records"))
                parts.told("The researchers were saved.")
                st.rerun()


def guide(study: Study, *, opened: bool = False) -> None:
    """The versions of the interview guide, each with its questions, pilot and note."""
    held = study.guides()
    newest = f"version {held[-1].version}" if held else "none yet"
    with st.expander(f"Interview guide ({newest})", expanded=opened):
        for version in held:
            with st.form(f"study.guide.{version.id}"):
                changed = _fields(version)
                kept, gone = st.columns([1, 1])
                with parts.problems():
                    if kept.form_submit_button("Save"):
                        study.set_guides(changed)
                        parts.told("Saved.")
                        st.rerun()
                    if gone.form_submit_button("Take out", type="tertiary"):
                        study.set_guides(without=[version.id])
                        parts.told("Taken out.")
                        st.rerun()
        with st.form(f"study.guide.new.{len(held)}"):
            st.markdown("**Add a version**")
            with parts.problems():
                added = _typed({"id": new_id()})
                if st.form_submit_button("Add the version"):
                    study.set_guides(Guide(**added))
                    parts.told("The version was added.")
                    st.rerun()


def _fields(version: Guide) -> Guide:
    st.markdown(f"**Version {parts.plain(version.version)}**")
    return Guide(**_typed({**vars(version)}))


def _typed(known: dict[str, Any]) -> dict[str, Any]:
    """The fields of a version as they are typed."""
    with st.container(horizontal=True):
        version = st.text_input(
            "Version", known.get("version", ""), max_chars=40, width=120,
            key=f"guide.version.{known['id']}",
        )  # fmt: skip
        day = known.get("used_from", "")
        since = st.date_input(
            "Used from", date.fromisoformat(day) if day else None, width=160,
            key=f"guide.from.{known['id']}",
        )  # fmt: skip
        piloted = st.selectbox(
            "Piloted", list(PILOTED), list(PILOTED).index(known.get("piloted", "")),
            format_func=PILOTED.get, width=140, key=f"guide.piloted.{known['id']}",
        )  # fmt: skip
    questions = st.text_area(
        "Questions, one a line; a prompt is indented",
        known.get("questions", ""),
        height=140,
        key=f"guide.questions.{known['id']}",
    )
    pilot = st.text_input(
        "With whom it was piloted and what came of it; or why it was not",
        known.get("pilot", ""),
        key=f"guide.pilot.{known['id']}",
    )
    note = st.text_input(
        "What changed against the version before",
        known.get("note", ""),
        key=f"guide.note.{known['id']}",
    )
    return {
        "version": version.strip() or known.get("version", ""),
        "questions": questions,
        "used_from": since.isoformat() if since else "",
        "piloted": piloted,
        "pilot": pilot.strip(),
        "note": note.strip(),
        "id": known["id"],
    }
