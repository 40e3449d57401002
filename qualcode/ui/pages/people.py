"""People: who took part, and how somebody is taken out again."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from qualcode.model import Participant
from qualcode.store import Study
from qualcode.store.people import LONGEST_REASON, Withdrawal
from qualcode.ui import parts, state

CONSENT = {"no": "No, or not asked", "yes": "Yes", "id_only": "By id only"}
REPORTS = {
    "coreq": "COREQ checklist",
    "themes": "theme summary",
    "agreement": "agreement supplement",
    "codebook": "codebook",
    "srqr": "SRQR checklist",
}


def may_edit(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "steward"})


def table(study: Study) -> Participant | None:
    """The participants; the one that is chosen in the table."""
    people = study.participants()
    if not people:
        parts.nothing_yet(
            "There are no participants yet. Each transcript that is added brings its participant.",
            parts.page("transcripts") if may_edit(study) else "",
            "Add transcripts",
        )
        return None
    interviews: dict[str, int] = {}
    for text in study.transcripts():
        interviews[text.person] = interviews.get(text.person, 0) + 1
    keys = list(dict.fromkeys(key for person in people for key in person.attributes))
    rows = [
        {
            "Participant": person.id,
            "Interviews": interviews.get(person.id, 0),
            **{heading(key): person.attributes.get(key, "") for key in keys},
            "May be quoted": "" if person.status == "withdrew" else CONSENT[person.quote_consent],
            "State": "withdrew" if person.status == "withdrew" else "included",
        }
        for person in people
    ]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key="people.table",
        alt="The participants of the study",
    )
    chosen = event.selection.rows
    return people[chosen[0] if chosen and chosen[0] < len(people) else 0]


def heading(key: str) -> str:
    """An attribute as the head of a column; those of the table itself keep their own."""
    words = key.replace("_", " ").strip()
    label = words[:1].upper() + words[1:]
    taken = {"Participant", "Interviews", "May be quoted", "State"}
    return f"{label} (attribute)" if label in taken else label


def leaving(study: Study, person: Participant) -> None:
    """The way out of the study for one participant, or what is left of it elsewhere."""
    found = study.withdrawal(person.id)
    if found.done:
        with st.container(border=True):
            st.markdown(f"**{parts.plain(person.id)} has withdrawn**")
            parts.note(
                "Nothing they said is in the study any more. What left it before is listed here."
            )
            elsewhere(found)
        return
    if st.button(
        f"Withdraw {parts.plain(person.id)} …",
        icon=":material/person_remove:",
        key=f"people.withdraw.{person.id}",
    ):
        withdraw(person.id)


@st.dialog("Withdraw this participant?", width="medium")
def withdraw(person: str) -> None:
    """What will change and what has left already; then the last word."""
    with parts.problems(), state.current_study() as study:
        found = study.withdrawal(person)
        st.markdown(changes(found))
        elsewhere(found)
        parts.note(
            "This cannot be undone here. Where the protocol keeps the analysis of somebody who "
            "withdraws late, set “May be quoted” to No instead. Codebook examples, definitions and "
            "answers that people typed are not changed: look whether they repeat the words."
        )
        with st.form("people.withdraw", border=False):
            reason = st.text_input(
                "How it was asked for",
                max_chars=LONGEST_REASON,
                placeholder="By e-mail on 4 March",
                help="It stands in the record; nothing that was said in the interview does.",
            )
            if st.form_submit_button("Withdraw for good", type="primary"):
                study.withdraw(person, reason=reason)
                parts.told(f"{person} has withdrawn.")
                st.rerun()


def changes(found: Withdrawal) -> str:
    """What a withdrawal takes out, as Markdown."""
    name = parts.plain(found.participant)
    if not found.transcripts:
        return f"**{name}** has no transcript here; the person is marked as withdrawn."
    titles = ", ".join(parts.plain(title) for title in found.transcripts)
    words = (
        f"The words of **{name}** leave the study: {titles}, with the codings, memos, decisions "
        "and consensus made of them. They are counted nowhere any more; published tables are "
        "taken back, to be published anew."
    )
    if found.themes:
        themes = ", ".join(f"“{parts.plain(theme)}”" for theme in found.themes)
        words += f" Excerpts leave the themes {themes}."
    return words


def elsewhere(found: Withdrawal) -> None:
    """Files that hold the person and that no program can call back."""
    if found.exports:
        st.markdown("**Reports that left the study before**")
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "When (UTC)": export.at[:16].replace("T", " "),
                        "Who": export.who,
                        "Report": f"{REPORTS.get(export.report, export.report)} ({export.format})",
                        "Holds the person": "yes" if export.certain else "likely",
                    }
                    for export in found.exports
                ]
            ),
            hide_index=True,
            height="content",
            alt="Exports that contain the participant",
        )
    else:
        parts.note("No report that left the study is recorded with this participant in it.")
    if found.away:
        parts.note(
            f"Packages with the transcript are with {', '.join(found.away)}: have them deleted."
        )
    if found.copies:
        parts.note(
            f"{parts.count(len(found.copies), 'copy', 'copies')} of the study from before still "
            f"hold{'s' if len(found.copies) == 1 else ''} the words, and restoring one brings them "
            f"back; delete them when the protocol says so: {', '.join(found.copies[:12])}"
            f"{' …' if len(found.copies) > 12 else ''}."
        )


with state.current_study() as study:
    parts.head("People", "Who took part, by pseudonym; two interviews with one person count once.")
    person = table(study)
    if person is not None and may_edit(study):
        leaving(study, person)
