"""Member checks, typed where the people are: to whom the findings went, and what came back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from qualcode.model import new_id
from qualcode.store import Study
from qualcode.store.collecting import MemberCheck
from qualcode.ui import parts

REPLIED = {"": "Not known", "yes": "Yes", "no": "No"}
COLUMNS = ["Participant", "Sent", "Replied", "Comment", "Changed"]


def member_checks(study: Study) -> None:
    """One row for each person a summary of the findings was sent to (COREQ 28)."""
    known = {check.id: check for check in study.member_checks()}
    replied = sum(check.replied == "yes" for check in known.values())
    parts.note(
        f"Sent to {parts.count(len(known), 'participant')}; {replied} replied."
        if known
        else "Nobody yet. One row for each person a summary of the findings was sent to; if none "
        "was, say why in COREQ item 28."
    )
    people = [person.id for person in study.participants() if person.status != "withdrew"]
    refused = [id for id, consent in study.consents().items() if consent.recontact == "no"]
    if refused:
        parts.note(f"Not to be contacted again: {', '.join(refused)}.")
    with st.form("people.checks", border=False):
        edited = st.data_editor(
            pd.DataFrame(
                [
                    {
                        "id": check.id,
                        "Participant": check.participant,
                        "Sent": date.fromisoformat(check.sent_on) if check.sent_on else None,
                        "Replied": REPLIED[check.replied],
                        "Comment": check.comment,
                        "Changed": check.changed,
                    }
                    for check in known.values()
                ],
                columns=["id", *COLUMNS],
            ).astype({"Sent": "datetime64[ns]"}),
            num_rows="dynamic",
            hide_index=True,
            column_order=COLUMNS,
            column_config={
                "Participant": st.column_config.SelectboxColumn(options=people, required=True),
                "Sent": st.column_config.DateColumn(format="YYYY-MM-DD"),
                "Replied": st.column_config.SelectboxColumn(options=list(REPLIED.values())),
                "Comment": st.column_config.TextColumn(
                    max_chars=2_000, width="medium", help="In your words, without names."
                ),
                "Changed": st.column_config.TextColumn(
                    max_chars=2_000,
                    width="medium",
                    help="What was altered; empty if nothing.",
                ),
            },
            key=f"people.checks.table.{len(known)}",
        )
        with parts.problems():
            if st.form_submit_button("Save the member checks"):
                rows = [check_of(row) for row in edited.to_dict("records")]
                study.set_member_checks(*rows, without=set(known) - {check.id for check in rows})
                parts.told("Saved.")
                st.rerun()


def check_of(row: dict[str, Any]) -> MemberCheck:
    """One row of the edited table; what was left empty is no value."""
    kept = {key: "" if pd.isna(value) else value for key, value in row.items()}
    sent = kept["Sent"]
    answers = {words: value for value, words in REPLIED.items()}
    return MemberCheck(
        participant=str(kept["Participant"]).strip(),
        sent_on=pd.Timestamp(sent).date().isoformat() if sent else "",
        replied=answers.get(kept["Replied"], ""),
        comment=str(kept["Comment"]).strip(),
        changed=str(kept["Changed"]).strip(),
        id=str(kept["id"]) or new_id(),
    )
