"""The checklists on the report page: items with their answers, and what no record can tell."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from qualcode.reports import FORM_FIELDS, Report
from qualcode.reports.answered import Answer
from qualcode.reports.records import Link
from qualcode.store import Study
from qualcode.store.history import now
from qualcode.ui import aside, making, parts, report_gate, state

CHECKLISTS = {"coreq": "COREQ checklist", "srqr": "SRQR checklist"}
ELSEWHERE = frozenset(
    {
        *("recruitment.channels", "recruitment.approached", "recruitment.declined"),
        *("recruitment.declined_reasons", "recruitment.no_reply", "recruitment.ineligible"),
        *("recruitment.withdrew", "transcripts.places", "transcripts.recording"),
        *("guide.version", "guide.questions", "guide.text", "guide.pilot", "field_notes.count"),
        *("transcripts_returned.count", "transcripts_returned.corrections"),
        *("member_check.sent", "member_check.replied", "member_check.changes"),
    }
)
"""Fields that records answer by now; what was typed in them before can still be changed."""
SHOWN = {
    "reported": "reported",
    "not_applicable": "not applicable",
    "not_done": "not done",
    "missing": "missing",
}
STATUSES = {
    "": "As the study answers it",
    "reported": "Reported, in my words",
    "not_applicable": "Not applicable, because …",
    "not_done": "Not done, because …",
}


def room(study: Study, kind: str) -> None:
    """One checklist: the way out, its items, and for who may answer them the facts to be typed
    once.
    """
    report = aside.made(making.report, study.path, study.seat, kind)
    report_gate.downloads(study, kind, report)
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
                    "State": SHOWN[record["status"]],
                    "From": record["source"],
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
    item(study, kind, record["number"], *aside.made(making.answers, study.path, study.seat, kind))


def item(study: Study, kind: str, number: str, filled: tuple[Answer, ...], snapshot: str) -> None:
    """One item: its question, the present answer with its records, and the author's own words."""
    answer = next(each for each in filled if each.item.number == number)
    found, evidence = answer.item, answer.evidence
    with st.container(border=True):
        st.html(f'<p class="ui-kicker">Item {html.escape(found.number)}</p>')
        st.markdown(f"**{parts.plain(found.topic)}**  \n{parts.plain(found.guide_question)}")
        if answer.out_of_date:
            st.warning(
                "Out of date: the records have changed since these words were typed. "
                f"Today the study says: {parts.plain(evidence.sentence or 'nothing')}",
                icon=":material/history:",
            )
        parts.note(answer.text or "No answer yet.")
        for note in evidence.notes:
            parts.note(f"To look at: {note}")
        for source, words in answer.suggestions:
            if answer.source == "author" or answer.is_open:
                parts.note(f"{source} says: {words}")
        records(evidence.links, f"report.{kind}.{found.id}")
        if study.seat is not None and not study.seat.roles & {"lead", "author"}:
            return
        own = study.answers(kind).get(found.id, {})
        with st.form(f"report.{kind}.{found.id}", border=False):
            parts.note(
                "Left empty, the answer is what the study says. What you type is never overwritten."
            )
            status = st.selectbox(
                "Status",
                list(STATUSES),
                list(STATUSES).index(own.get("status", "")),
                format_func=STATUSES.get,
            )
            response = st.text_area(
                "In your words",
                own.get("response", ""),
                height=90,
                placeholder=evidence.sentence,
            )
            location = st.text_input(
                "Reported on page or section",
                own.get("location", ""),
                placeholder=evidence.location,
                help="As in the manuscript: 5, 5-6, lines 83-84, Title page, Table 1, "
                "Supplementary file 2, Methods, N/A.",
            )
            if st.form_submit_button("These words still hold" if answer.out_of_date else "Save"):
                study.settings.answer(
                    kind,
                    found.id,
                    status=status,
                    location=location,
                    response=response,
                    based_on=evidence.basis(snapshot, now()),
                )
                parts.told(f"Item {found.number} was saved.")
                st.rerun()
        if own.get("edited_by"):
            parts.note(f"Last typed by {own['edited_by']}, {own['edited_at'][:10]}.")


def records(links: tuple[Link, ...], key: str) -> None:
    """The records that an answer comes from, each a way to them."""
    if not links:
        return
    with st.container(horizontal=True, gap="small", key=f"{key}.records"):
        for place, link in enumerate(links):
            if st.button(
                link.label,
                key=f"{key}.record.{place}",
                type="tertiary",
                icon=":material/arrow_forward:",
            ):
                st.session_state[state.RECORD] = link.record
                st.switch_page(parts.page(link.page))


def facts(study: Study) -> None:
    """The form: what no record can tell, typed once for all checklists."""
    parts.note(
        "The researchers and the interview guide are on the study page, member checks and the "
        "recruitment log on the page of people, facts of an interview with its transcript."
    )
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
            if key not in ELSEWHERE or study.setting(key)
        }
        if st.form_submit_button("Save the facts", type="primary"):
            study.settings.change({key: value.strip() for key, value in values.items()})
            parts.told("The facts were saved.")
            st.rerun()
