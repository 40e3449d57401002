"""Transcripts: files read and previewed before they are kept; those kept, and what was left out."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import Transcript
from qualcode.store import Study
from qualcode.ui import parts, state
from qualcode.ui.corrections import correct, may_correct, waiting
from qualcode.ui.uploads import CONSENT, left_out, turns_shown, upload

FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "interview_date": ("Date (2025-03-04)", ()),
    "interviewer": ("Interviewer (initials)", ()),
    "mode": ("Mode", ("in person", "video", "telephone")),
    "duration_min": ("Minutes", ()),
    "prior_relationship": (
        "Known to the interviewer",
        ("none", "colleague", "supervisor", "clinical", "other"),
    ),
    "place": ("Place", ("workplace", "home", "clinic", "online", "public place")),
    "others_present": (
        "Anyone else present",
        ("no", "yes: a colleague", "yes: family", "yes: an interpreter", "yes: somebody else"),
    ),
    "recording": ("Recorded", ("audio", "video", "notes only")),
    "transcribed_by": ("Transcribed by", ()),
    "checked_by": ("Checked against the recording by", ()),
    "field_notes": ("Field notes", ("yes", "no")),
    "guide_version": ("Version of the guide", ()),
    "returned": ("Transcript returned", ("yes", "yes, corrected", "no", "refused")),
    "returned_on": ("Returned on (2025-04-02)", ()),
}
ATTRIBUTES = ("role", "group", "site")


def kept(study: Study) -> None:
    transcripts = study.transcripts()
    if not transcripts:
        parts.nothing_yet(
            "There are no transcripts yet. Bring interviews as Word, OpenDocument, rich text, PDF, "
            "plain text, captions or web pages, sheets of turns or of open answers, or a zip of "
            "them; each turn of a speaker stays a turn."
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
        selection_default={"selection": {"rows": [asked_for([t.title for t in transcripts])]}},
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
    if may_correct(study):
        correct(study, chosen)
    st.html(
        '<div class="ui-scroll" role="region" tabindex="0" '
        f'aria-label="{html.escape(chosen.title)}">'
        f"{turns_shown(chosen)}</div>"
    )


def asked_for(titles: list[str]) -> int:
    """The row that a link asked for, else the first."""
    wanted = state.wanted_record("transcripts")
    return titles.index(wanted) if wanted in titles else 0


def about(study: Study, transcript: Transcript) -> None:
    """What the report needs to know of the interview and the person, typed by the lead."""
    person = next(p for p in study.participants() if p.id == transcript.person)
    with (
        st.expander(
            "About the interview and the participant",
            expanded=state.wanted_record("transcripts") == transcript.title,
        ),
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
                        parts.plain(attribute.name.replace("_", " ").capitalize()),
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
                        parts.plain(key.replace("_", " ").capitalize()),
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
        "Transcripts",
        "The interviews as they are coded. A corrected text is a new version, and every coding "
        "moves with it.",
    )
    if study.seat is None or study.seat.is_lead:
        upload(study)
    waiting(study)
    kept(study)
