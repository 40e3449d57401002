"""Files brought to the transcripts page: read, shown, corrected, and only then added together."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.languages import NAMES, proposed_language
from qualcode.model import TURN_ROLES, Participant, Transcript
from qualcode.store import Study
from qualcode.transcripts import (
    FORMATS,
    MAX_FILE_BYTES,
    PARTS,
    Batch,
    sheet_columns,
    with_roles,
)
from qualcode.transcripts import preview as looked_over
from qualcode.ui import aside, making, parts

CONSENT = {"no": "Not agreed, or not asked", "yes": "Yes", "id_only": "Yes, by id only"}
STRICT_FIRST = ("no", "id_only", "yes")
SHEETS = ("csv", "tsv", "xlsx")
ENDINGS = (*FORMATS, "htm", "zip")
MOST_SPEAKERS = 12
FEW, MANY = 3, 40
"""So many transcripts are shown open; more are a table, with each one to be opened; of very many
only those are opened that need a look."""
KEPT_READ = 64
KEPT_MINUTES = 30


@dataclass(frozen=True)
class Item:
    """One transcript of an upload: ``key`` is the upload's id, and its place in a zip."""

    key: str
    transcript: Transcript
    person: Participant | None = None


# A page runs anew at every click: what was read stays for this visitor alone, and not for long.
@st.cache_data(scope="session", max_entries=KEPT_READ, ttl=60 * KEPT_MINUTES, show_spinner=False)
def read(name: str, data: bytes, columns: dict[str, str]) -> Batch | str:
    """What a file holds, or the sentence that says why it cannot be read."""
    try:
        return aside.made(making.interviews, name, data, columns)
    except QualcodeError as error:
        return str(error)


def upload(study: Study) -> None:
    """Ask for files, show what is in them, and add it when somebody says so."""
    batch = st.session_state.get("transcripts.batch", 0)
    files = st.file_uploader(
        "Interview files",
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key=f"transcripts.files.{batch}",
        help="Many at once, or a zip of them. Each is shown here first; nothing is kept until you "
        "say so.",
    )
    if not files:
        return
    items, refused, passed_over = _read_all(files)
    known = {t.source_sha256: t.title for t in study.transcripts()}
    new = [item for item in items if item.transcript.source_sha256 not in known]
    for sentence in refused:
        st.error(parts.plain(sentence), icon=":material/error:")
    if passed_over:
        parts.note(f"Passed over, as they are no interviews: {', '.join(passed_over)}.")
    if again := [item.transcript.source_name for item in items if item not in new]:
        parts_of = parts.count(len(again), "file")
        st.info(
            parts.plain(
                f"In the study already, and not added again: {parts_of}, {', '.join(again)}."
            ),
            icon=":material/check:",
        )
    if len(new) > FEW:
        _overview(new)
    shown = _shown(new)
    kept = [
        _look(study, item, open_=len(new) <= FEW) if item in shown else _as_read(study, item)
        for item in new
    ]
    many = parts.count(len(new), "transcript")
    if st.button(
        f"Add {many} to the study", type="primary", disabled=not new, key="transcripts.add"
    ):
        with parts.problems():
            study.add(*_once([person for person, _ in kept]), *[text for _, text in kept])
            st.session_state["transcripts.batch"] = batch + 1
            parts.told(f"{many} added.")
            st.rerun()


def _read_all(files: list) -> tuple[list[Item], list[str], list[str]]:
    """Every file read, with a bar while there is more than one."""
    items: list[Item] = []
    refused: list[str] = []
    passed_over: list[str] = []
    seen: dict[str, str] = {}
    bar = st.progress(0.0) if len(files) > 1 else None
    for number, file in enumerate(files):
        if bar is not None:
            bar.progress(number / len(files), text=parts.plain(f"Reading {file.name}"))
        data = file.getvalue()
        found = read(file.name, data, _columns(file.file_id, file.name, data))
        if isinstance(found, str):
            refused.append(found)
            continue
        people = {person.id: person for person in found.participants}
        refused += [refusal.sentence for refusal in found.refused]
        passed_over += found.passed_over
        for place, transcript in enumerate(found.transcripts):
            if transcript.source_sha256 in seen:
                first = seen[transcript.source_sha256]
                refused.append(f"{file.name} holds the same as {first}, and is not added twice.")
                continue
            seen[transcript.source_sha256] = file.name
            person = people.get(transcript.participant or "")
            items.append(Item(f"{file.file_id}.{place}", transcript, person))
    if bar is not None:
        bar.empty()
    return items, refused, passed_over


def _columns(upload: str, name: str, data: bytes) -> dict[str, str]:
    """What the columns of a sheet hold, as proposed and as a person corrects it."""
    if name.rpartition(".")[2].casefold() not in SHEETS:
        return {}
    try:
        columns = sheet_columns(data, name)
    except QualcodeError:
        return {}  # the reader says the same sentence in its place
    chosen: dict[str, str] = {}
    with (
        st.expander(f"Columns of {parts.plain(name)}", expanded=True),
        st.container(horizontal=True),
    ):
        for column in columns:
            part = st.selectbox(
                parts.plain(column.name[:60]),
                PARTS,
                PARTS.index(column.part),
                key=f"transcripts.column.{upload}.{column.name}",
                help=parts.plain(" · ".join(cell[:40] for cell in column.cells[:3])) or None,
                width=180,
            )
            if part != column.part:
                chosen[column.name] = part
    return chosen


def _overview(items: list[Item]) -> None:
    """Every transcript a row, before each is looked at."""
    rows = []
    for item in items:
        found = looked_over(item.transcript)
        asking = [speaker.label for speaker in found.speakers if speaker.role == "interviewer"]
        rows.append(
            {
                "Title": item.transcript.title,
                "Words": found.words,
                "Turns": found.turns,
                "Speakers": ", ".join(s.label or "no label" for s in found.speakers[:6]),
                "Interviewer": ", ".join(asking) or "not clear",
                "Left out": len(item.transcript.removals),
                "To look at": " ".join(found.notes),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="The transcripts that were read")


def _shown(items: list[Item]) -> list[Item]:
    """The transcripts that can be looked at one by one: all, or of very many the doubtful ones."""
    if len(items) <= MANY:
        return items
    doubtful = [i for i in items if i.person is None and looked_over(i.transcript).notes][:MANY]
    parts.note(
        f"There are more than {MANY} transcripts: those to look at are shown below, the others are "
        "added as the table says."
    )
    return doubtful


def _as_read(study: Study, item: Item) -> tuple[Participant, Transcript]:
    """One transcript as it was read, and its participant, who is not quoted unless known to be."""
    name = item.transcript.person
    known = {person.id: person for person in study.participants()}
    before = known.get(name, Participant(name, quote_consent="no"))
    attributes = item.person.attributes if item.person is not None else {}
    kept = _in_language(item.transcript, proposed_language(item.transcript.text))
    return replace(before, attributes={**attributes, **before.attributes}), kept


def _look(study: Study, item: Item, *, open_: bool) -> tuple[Participant, Transcript]:
    """One transcript as it would be kept; title, participant and roles can be corrected."""
    transcript, key = item.transcript, item.key
    found = looked_over(transcript)
    label = (
        f"**{parts.plain(transcript.title)}** · {parts.count(found.turns, 'turn')} · "
        f"{parts.count(found.words, 'word')}{' · look at this one' if found.notes else ''}"
    )
    with st.expander(label, expanded=open_, key=f"transcripts.look.{key}"):
        known = {person.id: person for person in study.participants()}
        a, b, c = st.columns(3)
        title = a.text_input("Title", transcript.title, key=f"transcripts.title.{key}")
        person = b.text_input(
            "Participant (pseudonym)",
            transcript.person,
            key=f"transcripts.person.{key}",
            help="Two interviews with one person carry the same pseudonym.",
        )
        consent = c.selectbox(
            "May be quoted",
            list(CONSENT),
            list(CONSENT).index(known[person].quote_consent if person in known else "no"),
            format_func=CONSENT.get,
            key=f"transcripts.consent.{key}.{person}",
            help="What the participant agreed to; without it no report quotes them.",
        )
        transcript = _roles(transcript, key)
        tag = language(transcript, f"transcripts.language.{key}", proposed=True)
        transcript = _in_language(transcript, tag)
        found = looked_over(transcript)
        parts.note(
            f"{parts.count(found.words, 'word')}, {parts.count(found.turns, 'turn')}, "
            f"{found.participant_turns} of them the participant’s."
        )
        for sentence in found.notes:
            parts.note(sentence)
        if not transcript.participant_turns:
            st.warning("No turn is a participant’s, so nothing could be coded or compared.")
        if item.person is not None and item.person.attributes:
            told = "; ".join(f"{name}: {value}" for name, value in item.person.attributes.items())
            parts.note(f"Kept with the participant: {told}.")
        left_out(transcript, f"transcripts.left.{key}")
        first = st.toggle("All turns", key=f"transcripts.turns.{key}")
        st.html(
            '<div class="ui-scroll" role="region" tabindex="0" aria-label="Turns">'
            f"{turns_shown(transcript, None if first else 8)}</div>"
        )
    person = person.strip() or transcript.person
    kept = replace(transcript, title=title.strip() or transcript.source_name, participant=person)
    before = known.get(person, Participant(person))
    attributes = item.person.attributes if item.person is not None else {}
    before = replace(before, attributes={**attributes, **before.attributes})
    return replace(before, quote_consent=consent), kept


def language(transcript: Transcript, key: str, *, proposed: bool = False) -> str:
    """The language of a text, chosen from a list; with ``proposed`` as the text itself says."""
    seems = proposed_language(transcript.text)
    now = transcript.language or (seems if proposed else "")
    options = list(dict.fromkeys(["", *sorted(NAMES, key=NAMES.__getitem__), now]))
    unsaid = f"not said; it looks like {NAMES[seems]}" if seems and not now else "not said"
    return st.selectbox(
        "Language",
        options,
        options.index(now),
        format_func=lambda tag: NAMES.get(tag, tag) or unsaid,
        key=key,
        width=220,
        help="By it sentences are told apart, and names looked for.",
    )


def _in_language(transcript: Transcript, tag: str) -> Transcript:
    facts = {name: value for name, value in transcript.facts.items() if name != "language"}
    return replace(transcript, facts={**facts, **({"language": tag} if tag else {})})


def _roles(transcript: Transcript, key: str) -> Transcript:
    """The transcript with the role of each speaker, as proposed or as chosen."""
    speakers = {turn.speaker: turn.role for turn in transcript.turns}
    roles = {}
    with st.container(horizontal=True):
        for speaker, role in list(speakers.items())[:MOST_SPEAKERS]:
            count = sum(turn.speaker == speaker for turn in transcript.turns)
            roles[speaker] = st.selectbox(
                f"{parts.plain(speaker or 'No label')} ({parts.count(count, 'turn')})",
                TURN_ROLES,
                TURN_ROLES.index(role),
                key=f"transcripts.role.{key}.{speaker}",
                width=220,
            )
    return with_roles(transcript, roles)


def _once(people: list[Participant]) -> list[Participant]:
    """Each person once: with all attributes, and quoted only where every interview allows it."""
    once: dict[str, Participant] = {}
    for person in people:
        first = once.get(person.id, person)
        consent = min(first.quote_consent, person.quote_consent, key=STRICT_FIRST.index)
        attributes = {**first.attributes, **person.attributes}
        once[person.id] = replace(person, attributes=attributes, quote_consent=consent)
    return list(once.values())


def left_out(transcript: Transcript, key: str | None = None) -> None:
    """What did not become text, and why."""
    if not transcript.removals:
        return
    with st.expander(f"Left out of the text: {len(transcript.removals)}", key=key):
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
