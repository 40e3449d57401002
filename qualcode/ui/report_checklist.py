"""The checklists on the report page: items with their answers, and what no record can tell."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from qualcode.checklists import load_checklist
from qualcode.reports import FORM_FIELDS, TEAM_FIELDS, Report
from qualcode.store import Study
from qualcode.ui import parts

CHECKLISTS = {"coreq": "COREQ checklist", "srqr": "SRQR checklist"}
STATUSES = {
    "": "As the study answers it",
    "reported": "Reported, in my words",
    "not_applicable": "Not applicable, because …",
    "not_done": "Not done, because …",
}


def room(study: Study, kind: str, report: Report) -> None:
    """One checklist: its items, and for who may answer them the facts to be typed once."""
    checklist(study, kind, report)
    if study.seat is None or study.seat.roles & {"lead", "author"}:
        with st.expander("Facts about the study, typed once for all checklists"):
            facts(study)


def checklist(study: Study, kind: str, report: Report) -> None:
    records = list(report.records)
    answered = sum(record["status"] != "missing" for record in records)
    st.progress(answered / len(records), f"{answered} of {len(records)} items answered")
    only_open = st.toggle("Only open items", key=f"report.open.{kind}")
    shown = [r for r in records if not only_open or r["status"] == "missing"]
    if not shown:
        parts.note("No item is open.")
        return
    event = st.dataframe(
        pd.DataFrame(
            [
                {
                    "No.": record["number"],
                    "Topic": record["topic"],
                    "State": "open" if record["status"] == "missing" else record["source"],
                    "Location": record["location"],
                    "Response": record["response"],
                }
                for record in shown
            ]
        ),
        hide_index=True,
        height=420,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key=f"report.items.{kind}.{only_open}",
        column_config={
            "No.": st.column_config.TextColumn(width="small"),
            "Response": st.column_config.TextColumn(width="large"),
        },
        alt="The items of the checklist with their answers",
    )
    rows = event.selection.rows
    record = shown[rows[0]] if rows and rows[0] < len(shown) else shown[0]
    item(study, kind, record)


def item(study: Study, kind: str, record: dict[str, str]) -> None:
    """One item: its question, the present answer, and the author's own words."""
    found = next(i for i in load_checklist(kind).items if i.number == record["number"])
    with st.container(border=True):
        st.html(f'<p class="ui-kicker">Item {found.number}</p>')
        st.markdown(f"**{parts.plain(found.topic)}**  \n{parts.plain(found.guide_question)}")
        parts.note(record["response"] or "No answer yet.")
        if study.seat is not None and not study.seat.roles & {"lead", "author"}:
            return
        own = study.answers(kind).get(found.id, {})
        key = f"report.{kind}.{found.id}"
        with st.form(key, border=False):
            status = st.selectbox(
                "Status",
                list(STATUSES),
                list(STATUSES).index(own.get("status", "")),
                format_func=STATUSES.get,
            )
            response = st.text_area("In your words", own.get("response", ""), height=90)
            location = st.text_input(
                "Reported on page or section",
                own.get("location", ""),
                help="As in the manuscript: 5, lines 83-84, Title page, Table 1.",
            )
            if st.form_submit_button("Save"):
                study.settings.answer(
                    kind, found.id, status=status, location=location, response=response
                )
                parts.told(f"Item {found.number} was saved.")
                st.rerun()


def facts(study: Study) -> None:
    """The form: what no record can tell, typed once for all checklists."""
    team = pd.DataFrame(study.team(), columns=list(TEAM_FIELDS)).fillna("").astype(str)
    st.markdown("**Researchers**")
    edited = st.data_editor(
        team,
        num_rows="dynamic",
        hide_index=True,
        key="report.team",
        column_config={
            key: st.column_config.TextColumn(field.label, help=field.help or None)
            for key, field in TEAM_FIELDS.items()
        },
        alt="The researchers as the report names them",
    )
    if st.button("Save the researchers", key="report.team.save"):
        study.settings.set_team(edited.fillna("").astype(str).to_dict("records"))
        parts.told("The researchers were saved.")
        st.rerun()
    with st.form("report.facts"):
        st.markdown("**Facts about the study**")
        values = {
            key: st.text_area(
                field.label,
                study.setting(key),
                height=68,
                help=field.help,
                key=f"report.fact.{key}",
            )
            for key, field in FORM_FIELDS.items()
        }
        if st.form_submit_button("Save the facts", type="primary"):
            study.settings.change({key: value.strip() for key, value in values.items()})
            parts.told("The facts were saved.")
            st.rerun()
