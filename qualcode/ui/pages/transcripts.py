"""Transcripts: files read and previewed before they are kept; those kept, and what was left out."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from qualcode.errors import BadCommand, QualcodeError
from qualcode.model import Participant, Transcript
from qualcode.store import Study
from qualcode.transcripts import FORMATS, MAX_FILE_BYTES, read_transcript
from qualcode.transcripts import preview as looked_over
from qualcode.ui import parts, state

ROLES = ("participant", "interviewer", "other")
FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "interview_date": ("Date (2025-03-04)", ()),
    "interviewer": ("Interviewer (initials)", ()),
    "mode": ("Mode", ("in person", "video", "telephone")),
    "duration_min": ("Minutes", ()),
    "prior_relationship": (
        "Known to the interviewer",
        ("none", "colleague", "supervisor", "clinical", "other"),
    ),
    "others_present": ("Anyone else present", ("no", "yes")),
    "recording": ("Recorded", ("audio", "video", "notes only")),
    "field_notes": ("Field notes", ("yes", "no")),
    "returned": ("Transcript returned", ("yes", "no")),
}
ATTRIBUTES = ("role", "group", "site")
CONSENT = {"no": "Not agreed, or not asked", "yes": "Yes", "id_only": "Yes, by id only"}


def upload(study: Study) -> None:
    files = st.file_uploader(
        "Interview files",
        type=[ending.lstrip(".") for ending in FORMATS],
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key=f"transcripts.files.{st.session_state.get('transcripts.batch', 0)}",
        help="Each file is shown here first; nothing is kept until you say so.",
    )
    read: list[Transcript | Participant] = []
    for file in files:
        with st.container(border=True):
            try:
                read += preview(study, file.file_id, file.name, file.getvalue())
            except QualcodeError as error:
                parts.problem(error)
    if files:
        count = sum(isinstance(item, Transcript) for item in read)
        many = parts.count(count, "transcript")
        if st.button(
            f"Add {many} to the study",
            type="primary",
            disabled=not read,
            key="transcripts.add",
        ):
            study.add(*read)
            st.session_state["transcripts.batch"] = st.session_state.get("transcripts.batch", 0) + 1
            parts.told(f"{many} added.")
            st.rerun()


def preview(
    study: Study, upload: str, name: str, data: bytes
) -> tuple[Transcript | Participant, ...]:
    """One file as it would be kept; title, participant and who interviews can be corrected.

    ``upload`` is the id of this upload: what was typed stays with its file when another is removed.
    """
    transcript = read_transcript(name, data)
    st.markdown(f"**{parts.plain(name)}**")
    a, b, c = st.columns(3)
    title = a.text_input("Title", transcript.title, key=f"transcripts.title.{upload}")
    person = b.text_input(
        "Participant (pseudonym)",
        transcript.person,
        key=f"transcripts.person.{upload}",
        help="Two interviews with one person carry the same pseudonym.",
    )
    known = {participant.id: participant for participant in study.participants()}
    consent = c.selectbox(
        "May be quoted",
        list(CONSENT),
        list(CONSENT).index(known[person].quote_consent if person in known else "no"),
        format_func=CONSENT.get,
        key=f"transcripts.consent.{upload}.{person}",
        help="What the participant agreed to; without it no report quotes them.",
    )
    speakers = {turn.speaker: turn.role for turn in transcript.turns}
    roles = {}
    with st.container(horizontal=True):
        for speaker, role in list(speakers.items())[:12]:
            count = sum(turn.speaker == speaker for turn in transcript.turns)
            roles[speaker] = st.selectbox(
                f"{parts.plain(speaker or 'No label')} ({parts.count(count, 'turn')})",
                ROLES,
                ROLES.index(role),
                key=f"transcripts.role.{upload}.{speaker}",
                width=220,
            )
    if roles != {speaker: speakers[speaker] for speaker in roles}:
        transcript = read_transcript(name, data, roles={**speakers, **roles})
    found = looked_over(transcript)
    parts.note(
        f"{parts.count(transcript.words, 'word')}, {parts.count(len(transcript.turns), 'turn')}, "
        f"{len(transcript.participant_turns)} of them the participant’s."
    )
    for sentence in found.notes:
        parts.note(sentence)
    if not transcript.participant_turns:
        st.warning("No turn is a participant’s, so nothing could be coded or compared.")
    left_out(transcript)
    with st.expander("First turns"):
        st.html(turns_shown(transcript, 8))
    person = person.strip() or transcript.person
    kept = replace(transcript, title=title.strip() or name, participant=person)
    before = known.get(person, Participant(person))
    return (replace(before, quote_consent=consent), kept)


def left_out(transcript: Transcript) -> None:
    if not transcript.removals:
        return
    with st.expander(f"Left out of the text: {len(transcript.removals)}"):
        st.dataframe(
            pd.DataFrame(
                [{"Why": removal.reason, "What": removal.text} for removal in transcript.removals]
            ),
            hide_index=True,
        )


def turns_shown(transcript: Transcript, most: int | None = None) -> str:
    """The turns with their speakers, as HTML."""
    return "".join(
        f'<p class="ui-who">{html.escape(turn.speaker or "Speaker")}'
        f"{' · ' + turn.at if turn.at else ''}"
        f"{' · interviewer' if turn.role == 'interviewer' != turn.speaker.lower() else ''}</p>"
        f'<p class="ui-passage" dir="auto">{html.escape(transcript.text[turn.span.slice])}</p>'
        for turn in transcript.turns[:most]
    )


def kept(study: Study) -> None:
    transcripts = study.transcripts()
    if not transcripts:
        parts.nothing_yet(
            "There are no transcripts yet. Word, text, Markdown and caption files (docx, txt, md, "
            "vtt, srt) can be read; each turn of a speaker stays a turn."
            if study.seat is None or study.seat.is_lead
            else "There are no transcripts yet; the study lead adds them."
        )
        return
    table = pd.DataFrame(
        [
            {
                "Title": t.title,
                "Participant": t.participant,
                "Words": t.words,
                "Turns": len(t.turns),
                "Participant’s": len(t.participant_turns),
                "Minutes": t.duration_minutes,
                "Format": t.source_format,
                "Left out": len(t.removals),
            }
            for t in transcripts
        ]
    )
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key="transcripts.table",
        column_config={"Minutes": st.column_config.NumberColumn(format="%d")},
        placeholder="–",
        alt="The transcripts of the study",
    )
    chosen = transcripts[event.selection.rows[0] if event.selection.rows else 0]
    st.subheader(parts.plain(chosen.title), anchor=False)
    left_out(chosen)
    if study.seat is None or study.seat.is_lead:
        about(study, chosen)
    st.html(
        '<div class="ui-scroll" role="region" tabindex="0" '
        f'aria-label="{html.escape(chosen.title)}">'
        f"{turns_shown(chosen)}</div>"
    )


def about(study: Study, transcript: Transcript) -> None:
    """What the report needs to know of the interview and the person, typed by the lead."""
    person = next(p for p in study.participants() if p.id == transcript.person)
    with (
        st.expander("About the interview and the participant"),
        st.form(f"transcripts.about.{transcript.id}", border=False),
    ):
        facts = {}
        asked = study.attributes()
        with st.container(horizontal=True):
            for key, (label, choices) in FACTS.items():
                facts[key] = entry(label, transcript.facts.get(key, ""), choices)
            for attribute in asked:
                if attribute.of == "transcript" and attribute.name not in facts:
                    facts[attribute.name] = entry(
                        attribute.name.replace("_", " ").capitalize(),
                        transcript.facts.get(attribute.name, ""),
                        attribute.values,
                    )
        st.markdown(f"**{parts.plain(person.id)}**")
        choices_of = {a.name: a.values for a in asked if a.of == "participant"}
        attributes = dict(person.attributes)
        with st.container(horizontal=True):
            if study.shows_people:
                attributes = {
                    key: entry(
                        key.replace("_", " ").capitalize(),
                        person.attributes.get(key, ""),
                        choices_of.get(key, ()),
                    )
                    for key in dict.fromkeys([*(choices_of or ATTRIBUTES), *person.attributes])
                }
            consent = st.selectbox(
                "May be quoted",
                list(CONSENT),
                list(CONSENT).index(person.quote_consent),
                format_func=CONSENT.get,
                width=220,
            )
        pressed = st.form_submit_button("Save")
        with parts.problems():
            if not pressed:
                return
            refuse_what_no_report_can_read(facts)
            study.set_facts(transcript.id, facts)
            kept = {key: value.strip() for key, value in attributes.items() if value.strip()}
            if study.shows_people:  # else what is kept back here would be lost
                study.add(replace(person, attributes=kept, quote_consent=consent))
            parts.told("Saved.")
            st.rerun()


def refuse_what_no_report_can_read(facts: dict[str, str]) -> None:
    minutes, day = facts["duration_min"].strip(), facts["interview_date"].strip()
    if minutes and not re.fullmatch(r"[0-9]{1,4}([.][0-9]+)?", minutes):
        raise BadCommand("Minutes are a number, such as 43; nothing was saved.")
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as error:
        raise BadCommand(
            f"“{day}” is not a day; write it as 2025-03-04. Nothing was saved."
        ) from error


def entry(label: str, value: str, choices: tuple[str, ...]) -> str:
    """A fact to choose or to type; what was kept before is never taken away by the choices."""
    if not choices:
        return st.text_input(label, value, width=200, max_chars=200)
    options = list(dict.fromkeys(["", *choices, value]))
    return st.selectbox(
        label, options, options.index(value), format_func=lambda o: o or "not known", width=200
    )


with state.current_study() as study:
    parts.head(
        "Transcripts", "The interviews as they are coded: text and turns never change again."
    )
    if study.seat is None or study.seat.is_lead:
        upload(study)
    kept(study)
