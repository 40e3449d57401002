"""A transcript in, what the page shows before it is added out: speakers, counts, what was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qualcode.languages import count
from qualcode.model import Transcript, TurnRole
from qualcode.transcripts.decoding import ASSUMED
from qualcode.transcripts.labels import key_of
from qualcode.transcripts.roles import UNCLEAR
from qualcode.transcripts.turns import BEFORE


@dataclass(frozen=True)
class SpeakerPreview:
    """One speaker of a transcript, with the role that was proposed."""

    label: str
    role: TurnRole
    turns: int
    words: int


@dataclass(frozen=True)
class Preview:
    """What a person checks before a transcript is added.

    ``left_out`` gives the pieces that did not become text by their reason, ``notes`` the
    sentences that ask for a look.
    """

    title: str
    speakers: tuple[SpeakerPreview, ...]
    turns: int
    participant_turns: int
    words: int
    participant_words: int
    left_out: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def preview(transcript: Transcript) -> Preview:
    """Speakers, counts, what was left out and what to look at, in one transcript."""
    turns: dict[tuple[str, TurnRole], list[int]] = {}
    for turn in transcript.turns:
        words = count(transcript.text[turn.span.slice]).total
        turns.setdefault((turn.speaker, turn.role), []).append(words)
    speakers = tuple(
        SpeakerPreview(label, role, len(words), sum(words))
        for (label, role), words in turns.items()
    )
    left_out: dict[str, list[str]] = {}
    for removal in transcript.removals:
        left_out.setdefault(removal.reason, []).append(removal.text)
    answering = [speaker for speaker in speakers if speaker.role == "participant"]
    return Preview(
        title=transcript.title,
        speakers=speakers,
        turns=len(transcript.turns),
        participant_turns=sum(speaker.turns for speaker in answering),
        words=transcript.words,
        participant_words=sum(speaker.words for speaker in answering),
        left_out={reason: tuple(texts) for reason, texts in left_out.items()},
        notes=tuple(_notes(transcript, speakers)),
    )


def _notes(transcript: Transcript, speakers: tuple[SpeakerPreview, ...]) -> list[str]:
    facts = transcript.facts
    notes: list[str] = []
    encoding = facts.get("encoding", "")
    if encoding in ASSUMED:
        notes.append(
            f"The file does not say in which encoding it was saved; {encoding} was assumed: look "
            "at the special letters."
        )
    if "sheet" in facts:
        notes.append(f"The sheet was read as {facts['sheet']}: {facts.get('columns', '')}.")
    if "joined_words" in facts:
        notes.append(f"Words broken at the end of a line were joined: {facts['joined_words']}.")
    unread = [r.text for r in transcript.removals if r.reason == "picture of a page, not read"]
    if unread:
        notes.append(f"These pages are pictures and were not read: {', '.join(unread[:20])}.")
    if "turns" in facts:
        notes.append(f"The turns were made {facts['turns']}.")
    if facts.get("roles_from") == UNCLEAR:
        notes.append(
            "Who interviews is not clear, so everybody is taken for a participant: "
            "set the roles below."
        )
    if not any(speaker.role == "participant" for speaker in speakers):
        notes.append("No turn is a participant's, so there is nothing to code: set the roles.")
    before = sum(count(r.text).total for r in transcript.removals if r.reason == BEFORE)
    if before > 0.2 * transcript.words:
        notes.append(f"{before:,} words stand before the first speaker and were left out.")
    if "labels_kept_as_text" in facts:
        notes.append(
            f"This stands only once at the start of a line and was kept as text: "
            f"{facts['labels_kept_as_text']}."
        )
    if "tracked_changes" in facts:
        notes.append(f"The file holds tracked changes: {facts['tracked_changes']}.")
    if "\ufffd" in transcript.text:
        notes.append("The text holds the sign �: it was saved in a wrong encoding before.")
    alike = _alike(speakers)
    if alike:
        notes.append(f"These may be one speaker written in two ways: {alike}.")
    return notes


def _alike(speakers: tuple[SpeakerPreview, ...]) -> str:
    """Two labels that begin alike, such as I and Interviewer, both proposed as interviewers."""
    asking = [speaker.label for speaker in speakers if speaker.role == "interviewer"]
    if len(asking) > 10:
        return ""
    for short in asking:
        for long in asking:
            if short != long and key_of(long).startswith(key_of(short)):
                if key_of(long)[len(key_of(short)) :].strip(" #-_").isdecimal():
                    continue
                return f"{short} and {long}"
    return ""
