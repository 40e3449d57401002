"""People: who took part, what is known of them, and how somebody is taken out again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import (
    APPROACH_OUTCOMES,
    ATTRIBUTE_KINDS,
    Approach,
    ApproachOutcome,
    Attribute,
    Consent,
    Participant,
    new_id,
)
from qualcode.store import Study
from qualcode.store.people import LONGEST_REASON, Withdrawal
from qualcode.store.people_files import keep, look_into, looks_like_a_name, people_csv
from qualcode.ui import parts, state
from qualcode.ui.member_checks import member_checks

CONSENT = {"no": "No, or not asked", "yes": "Yes", "id_only": "By id only"}
PERMITTED = {
    "record": "To be recorded",
    "recontact": "To be contacted again",
    "share": "To share what was said, de-identified",
}
ANSWERS = {"": "Not asked", "yes": "Yes", "no": "No"}
OUTCOMES = {
    "completed": "Interviewed",
    "declined": "Declined",
    "no_reply": "No reply",
    "ineligible": "Not eligible",
    "withdrew_before": "Withdrew before the interview",
    "withdrew_after": "Withdrew after the interview",
}
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
    asked = [attribute.name for attribute in study.attributes() if attribute.of == "participant"]
    keys = list(dict.fromkeys([*asked, *(key for p in people for key in p.attributes)]))
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
        selection_default={"selection": {"rows": [asked_for([p.id for p in people])]}},
        key="people.table",
        alt="The participants of the study",
    )
    chosen = event.selection.rows
    return people[chosen[0] if chosen and chosen[0] < len(people) else 0]


def asked_for(ids: list[str]) -> int:
    """The row that a link asked for, else the first."""
    wanted = state.wanted_record("people")
    return ids.index(wanted) if wanted in ids else 0


def heading(key: str) -> str:
    """An attribute as the head of a column; those of the table itself keep their own."""
    words = key.replace("_", " ").strip()
    label = words[:1].upper() + words[1:]
    taken = {"Participant", "Interviews", "May be quoted", "State"}
    return f"{label} (attribute)" if label in taken else label


def about(study: Study, person: Participant) -> None:
    """What is known of one participant, to be changed."""
    if person.status == "withdrew" or not study.shows_people:
        return
    with (
        st.expander(f"About {parts.plain(person.id)}"),
        st.form(f"people.about.{person.id}", border=False),
    ):
        changed = fields(study, person)
        with parts.problems():
            if st.form_submit_button("Save"):
                study.add(changed)
                parts.told("Saved.")
                st.rerun()


def permissions(study: Study, person: Participant) -> None:
    """What one participant permitted, and what each answer does here."""
    if person.status == "withdrew" or not study.shows_people:
        return
    known = study.consents().get(person.id, Consent(person.id))
    with (
        st.expander(f"Consent of {parts.plain(person.id)}"),
        st.form(f"people.consent.{person.id}", border=False),
    ):
        answers = {}
        with st.container(horizontal=True):
            for name, label in PERMITTED.items():
                value = getattr(known, name)
                answers[name] = st.selectbox(
                    label, list(ANSWERS), list(ANSWERS).index(value), format_func=ANSWERS.get,
                    width=200,
                )  # fmt: skip
        with st.container(horizontal=True):
            form = st.text_input("Version of the form", known.form, max_chars=100, width=200)
            signed = day("Signed on", known.signed_on)
            deadline = day("May withdraw in full until", known.deadline)
        parts.note(
            "To be quoted, and how, stands under “About”: without it no report quotes the person, "
            "and by id only no group is named. A recording, a returned transcript or a member "
            "check against a refusal is pointed out in the COREQ report. The answer on sharing is "
            "kept for an export to a repository, which does not exist yet."
        )
        with parts.problems():
            if st.form_submit_button("Save"):
                study.set_consent(
                    Consent(person.id, **answers, form=form, signed_on=signed, deadline=deadline)
                )
                parts.told("Saved.")
                st.rerun()


def day(label: str, value: str) -> str:
    chosen = st.date_input(label, date.fromisoformat(value) if value else None, width=200)
    return chosen.isoformat() if chosen else ""


def log(study: Study) -> None:
    """Everybody who was asked to take part, as a table to type in."""
    known = {approach.id: approach for approach in study.recruitment()}
    counts = Counter(approach.outcome for approach in known.values())
    told = ", ".join(f"{OUTCOMES[outcome].lower()} {n}" for outcome, n in counts.items())
    parts.note(
        f"{parts.count(len(known), 'person', 'people')} approached: {told}."
        if known
        else "Nobody yet. One row for each person approached, also for those who never took part; "
        "the COREQ report counts them (items 11 and 13)."
    )
    with st.form("people.log", border=False):
        edited = st.data_editor(
            pd.DataFrame(
                [
                    {
                        "id": a.id,
                        "Channel": a.channel,
                        "Date": date.fromisoformat(a.date) if a.date else None,
                        "Outcome": OUTCOMES[a.outcome],
                        "Reason": a.reason,
                        "Participant": a.participant,
                    }
                    for a in known.values()
                ],
                columns=["id", "Channel", "Date", "Outcome", "Reason", "Participant"],
            ).astype({"Date": "datetime64[ns]"}),
            num_rows="dynamic",
            hide_index=True,
            column_order=["Channel", "Date", "Outcome", "Reason", "Participant"],
            column_config={
                "Channel": st.column_config.TextColumn(required=True, max_chars=100),
                "Date": st.column_config.DateColumn(format="YYYY-MM-DD"),
                "Outcome": st.column_config.SelectboxColumn(
                    options=list(OUTCOMES.values()), required=True
                ),
                "Reason": st.column_config.TextColumn(max_chars=300, width="large"),
                "Participant": st.column_config.TextColumn(
                    max_chars=40, help="The pseudonym; never a name."
                ),
            },
            key=f"people.log.table.{len(known)}",
        )
        with parts.problems():
            if st.form_submit_button("Save the log"):
                rows = [approach_of(row) for row in edited.to_dict("records")]
                gone = set(known) - {approach.id for approach in rows}
                study.set_recruitment(*rows, without=gone)
                parts.told("Saved.")
                st.rerun()


def approach_of(row: dict[str, Any]) -> Approach:
    """One row of the edited table; what was left empty is no value."""
    kept = {key: "" if pd.isna(value) else value for key, value in row.items()}
    who = str(kept["Participant"]).strip()
    if looks_like_a_name(who):
        raise BadCommand(f"“{who}” looks like a real name; use a pseudonym such as P01.")
    outcome = next((key for key, words in OUTCOMES.items() if words == kept["Outcome"]), "")
    if not outcome:
        raise BadCommand("Each row of the recruitment log needs an outcome; nothing was saved.")
    return Approach(
        channel=str(kept["Channel"]).strip(),
        outcome=as_outcome(outcome),
        reason=str(kept["Reason"]).strip(),
        date=kept["Date"].date().isoformat() if kept["Date"] else "",
        participant=who,
        id=str(kept["id"]) or new_id(),
    )


def as_outcome(words: str) -> ApproachOutcome:
    return next(outcome for outcome in APPROACH_OUTCOMES if outcome == words)


def fields(study: Study, person: Participant) -> Participant:
    """The participant as the form has them."""
    asked = {a.name: a for a in study.attributes() if a.of == "participant"}
    names = list(dict.fromkeys([*asked, *person.attributes]))
    values = {}
    with st.container(horizontal=True):
        for name in names:
            attribute = asked.get(name, Attribute(name))
            values[name] = entry(attribute, person.attributes.get(name, ""))
        quote = st.selectbox(
            "May be quoted",
            list(CONSENT),
            list(CONSENT).index(person.quote_consent),
            format_func=CONSENT.get,
            width=200,
        )
    kept = {name: value.strip() for name, value in values.items() if value.strip()}
    return replace(person, attributes=kept, quote_consent=quote)


def entry(attribute: Attribute, value: str) -> str:
    """A value to choose or to type, as its kind asks."""
    label = parts.plain(heading(attribute.name))
    if attribute.values:
        options = list(dict.fromkeys(["", *attribute.values, value]))
        return st.selectbox(
            label, options, options.index(value), format_func=lambda o: o or "not known", width=200
        )
    example = {"number": "12", "date": date(2025, 3, 4).isoformat()}.get(attribute.kind)
    return st.text_input(label, value, max_chars=200, placeholder=example, width=200)


def add_one(study: Study) -> None:
    turn = st.session_state.get("people.added", 0)  # an empty form after each that was kept
    with st.expander("Add a participant"), st.form(f"people.add.{turn}", border=False):
        id = st.text_input("Pseudonym", max_chars=40, placeholder="P08", width=200)
        person = fields(study, Participant("new", quote_consent="no"))
        with parts.problems():
            if not st.form_submit_button("Add"):
                return
            id = id.strip()
            if id in {known.id for known in study.participants()}:
                raise BadCommand(f"{id} is in the study already; choose them in the table.")
            if looks_like_a_name(id):
                raise BadCommand(f"“{id}” looks like a real name; use a pseudonym such as P01.")
            study.add(replace(person, id=id))
            st.session_state["people.added"] = turn + 1
            parts.told(f"{id} added.")
            st.rerun()


def tables(study: Study) -> None:
    """A table in, looked over first; and the same table out."""
    with st.expander("Import or export a table"):
        turn = st.session_state.get("people.batch", 0)
        file = st.file_uploader(
            "CSV or Excel, one row a participant",
            type=["csv", "xlsx"],
            max_upload_size=5,
            key=f"people.file.{turn}",
            help="Columns id and quote_consent (yes, no, id_only), and one for each attribute. "
            "Other columns become attributes of kind text. Nothing is kept until you say so.",
        )
        if file is not None:
            with parts.problems():
                looked_over(study, file.name, file.getvalue())
        st.download_button(
            "Export CSV",
            data=people_csv(study).encode("utf-8-sig"),
            file_name="participants.csv",
            mime="text/csv",
            icon=":material/download:",
            key="people.export",
        )


def looked_over(study: Study, name: str, data: bytes) -> None:
    looked = look_into(study, name, data)
    for problem in looked.problems[:20]:
        st.error(parts.plain(problem), icon=":material/error:")
    if looked.problems:
        more = len(looked.problems) - 20
        parts.note((f"{more} more. " if more > 0 else "") + "Nothing is kept until all is right.")
        return
    new = ", ".join(attribute.name for attribute in looked.new_attributes)
    parts.note(
        f"{len(looked.added)} new, {len(looked.changed)} changed, "
        f"{len(looked.participants) - len(looked.added) - len(looked.changed)} as they are."
        + (f" New attributes, as text: {new}." if new else "")
    )
    st.dataframe(
        pd.DataFrame(
            [
                {"Participant": p.id, "May be quoted": CONSENT[p.quote_consent], **p.attributes}
                for p in looked.participants
            ]
        ),
        hide_index=True,
        alt="The participants of the file",
    )
    if st.button("Keep these participants", type="primary", key="people.keep"):
        keep(study, looked)
        st.session_state["people.batch"] = st.session_state.get("people.batch", 0) + 1
        parts.told(f"{parts.count(len(looked.participants), 'participant')} kept.")
        st.rerun()


def definitions(study: Study) -> None:
    """The attributes with their kinds, as a small table to edit."""
    with st.expander("Attributes"), st.form("people.attributes", border=False):
        parts.note(
            "A choice or a band has its values, parted by semicolons. “Of” tells whether it is "
            "known of the participant, or of each interview, such as a wave."
        )
        edited = st.data_editor(
            pd.DataFrame(
                [
                    {"Name": a.name, "Kind": a.kind, "Values": "; ".join(a.values), "Of": a.of}
                    for a in study.attributes()
                ],
                columns=["Name", "Kind", "Values", "Of"],
                dtype="str",
            ),
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "Name": st.column_config.TextColumn(required=True, max_chars=60),
                "Kind": st.column_config.SelectboxColumn(
                    options=list(ATTRIBUTE_KINDS), default="text", required=True
                ),
                "Values": st.column_config.TextColumn(default="", width="large"),
                "Of": st.column_config.SelectboxColumn(
                    options=["participant", "transcript"], default="participant", required=True
                ),
            },
            key="people.attributes.table",
        )
        with parts.problems():
            if st.form_submit_button("Save the attributes"):
                rows = edited.fillna("").to_dict("records")
                study.set_attributes(*[attribute_of(row) for row in rows])
                parts.told("Saved.")
                st.rerun()


def attribute_of(row: dict[str, str]) -> Attribute:
    values = tuple(v.strip() for v in row["Values"].split(";") if v.strip())
    return Attribute(row["Name"].strip(), row["Kind"] or "text", values, row["Of"] or "participant")


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
                        "State": "final" if export.final else "draft",
                        "To": export.recipient,
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
    if may_edit(study):
        if person is not None:
            about(study, person)
            permissions(study, person)
            leaving(study, person)
        if study.shows_people:
            st.subheader("More people", anchor=False)
            add_one(study)
            tables(study)
            definitions(study)
            st.subheader("Recruitment log", anchor=False)
            log(study)
            st.subheader("Member checks", anchor=False)
            member_checks(study)
