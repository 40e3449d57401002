"""The lines of a Source in, the turns of a transcript out.

A line with a label begins a turn, a line without one goes on with the turn before it, and turns
of one speaker that follow each other are one turn. Lines before the first label are left out and
reported. Where no labels are found each paragraph is a participant's turn, so that coders still
have something to agree on; where only the interviewer is labelled, so is each other paragraph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qualcode.errors import UnreadableFile
from qualcode.model import Removal, Turn, TurnRole
from qualcode.spans import Span
from qualcode.transcripts.labels import Labels, header_length, key_of, learn, role_word
from qualcode.transcripts.marks import Mark, seconds_clock, unlabelled
from qualcode.transcripts.roles import propose_roles
from qualcode.transcripts.source import Source, collected
from qualcode.transcripts.words import ASKING_WORDS

BEFORE = "before the first speaker"
ONLY_ASKING = "one a paragraph, because only the interviewer's are labelled"
MAX_SPEAKERS = 1_000
PAUSE = 2.0
"""Captions without speakers: a pause of so many seconds begins a new turn,"""
LONG_TURN = 150
"""and so does the next caption after so many words."""
ENOUGH_TURNS = 6
"""With fewer turns than this, more words before them than in them mean that the labels are none."""
LONGEST_HEADING = 12


@dataclass(frozen=True)
class Layout:
    """The text of a transcript with its turns, and all that did not become text."""

    text: str
    turns: tuple[Turn, ...]
    removals: tuple[Removal, ...]
    facts: Mapping[str, str]


@dataclass
class _Draft:
    """A turn while its lines are gathered."""

    label: str
    at: str | None
    pieces: list[str] = field(default_factory=list)

    def add(self, text: str, joiner: str) -> None:
        clean = text.replace("\t", " ").strip()
        if clean:
            self.pieces += [joiner, clean] if self.pieces else [clean]

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def lay_out(source: Source, roles: Mapping[str, TurnRole], name: str) -> Layout:
    """The transcript's text and turns, with ``roles`` before what is proposed."""
    labels = learn(source.lines, roles, captions=source.captions)
    if len(labels.keys) > MAX_SPEAKERS:
        raise UnreadableFile(
            f"{name} seems to have {len(labels.keys):,} different speakers: that is not one "
            "interview. Check that each turn begins with its speaker's name and a colon."
        )
    drafts, removals, facts = _drafts(source, labels)
    preamble = "\n".join(removal.text for removal in removals if removal.reason == BEFORE)
    proposed = propose_roles([(draft.label, draft.text) for draft in drafts], preamble)
    speakers = any(draft.label for draft in drafts)
    if speakers:
        facts["roles_from"] = proposed.ground
    chosen: dict[str, TurnRole] = {
        **proposed.by_key,
        "": "other" if speakers and facts.get("turns") != ONLY_ASKING else "participant",
        **{key_of(label.rstrip(":： ")): role for label, role in roles.items()},
    }
    text, turns = _spans(drafts, chosen)
    facts = {**source.facts, **facts}
    return Layout(text, turns, collected([*source.removals, *removals]), facts)


def _drafts(source: Source, labels: Labels) -> tuple[list[_Draft], list[Removal], dict[str, str]]:
    """The turns by their labels, or without any where the labels make no sense."""
    if labels.keys and not source.captions and _only_asking(source, labels):
        drafts, removals = _by_paragraphs(source, labels)
        return drafts, removals, {"turns": ONLY_ASKING}
    if labels.keys:
        header = 0 if source.captions else header_length(source.lines, labels)
        drafts, removals = _by_speakers(source, labels, header)
        if _sensible(source, drafts, removals, header):
            top = "\n".join(removal.text for removal in removals if removal.reason == BEFORE)
            kept = [label for label in labels.once if label not in top][:5]
            return drafts, removals, {"labels_kept_as_text": ", ".join(kept)} if kept else {}
    if source.captions:
        return _by_pauses(source), [], {"turns": "by pauses, because no speakers were found"}
    drafts, removals = _by_paragraphs(source)
    return drafts, removals, {"turns": "one a paragraph, because no speakers were found"}


def _only_asking(source: Source, labels: Labels) -> bool:
    """Whether only an interviewer is labelled, and most paragraphs are somebody else's."""
    # Keys are in small letters, in which a letter alone is no role.
    if not all(role_word(key.upper(), ASKING_WORDS) for key in labels.keys):
        return False
    marks = [labels.mark(line) for line in source.lines]
    labelled = sum(mark.label is not None for mark in marks)
    return sum(mark.label is None and bool(mark.rest.strip()) for mark in marks) > labelled


def _sensible(source: Source, drafts: list[_Draft], removals: list[Removal], header: int) -> bool:
    """Whether the labels leave the speech in the turns, and not most of it before them."""
    if len(drafts) >= ENOUGH_TURNS:
        return True
    before = sum(len(removal.text.split()) for removal in removals if removal.reason == BEFORE)
    before -= sum(len(line.text.split()) for line in source.lines[:header])
    spoken = sum(len(draft.text.split()) for draft in drafts)
    return (before if len(drafts) > 1 else 5 * before) <= spoken


def _spans(drafts: list[_Draft], roles: Mapping[str, TurnRole]) -> tuple[str, tuple[Turn, ...]]:
    """The turns one below the other, a newline between two, and where each stands."""
    turns: list[Turn] = []
    start = 0
    for draft in drafts:
        end = start + len(draft.text)
        turns.append(Turn(draft.label, roles[key_of(draft.label)], Span(start, end), draft.at))
        start = end + 1
    return "\n".join(draft.text for draft in drafts), tuple(turns)


def _by_speakers(source: Source, labels: Labels, header: int) -> tuple[list[_Draft], list[Removal]]:
    drafts: list[_Draft] = []
    removals: list[Removal] = []
    before: list[str] = []
    spelled: dict[str, str] = {}
    at: str | None = None
    for number, line in enumerate(source.lines):
        mark = labels.mark(line) if number >= header else Mark(line.text)
        if mark.label is None and not drafts and mark.rest.strip() and not source.captions:
            before.append(line.text.strip())
            continue
        removals += [Removal(time, "time stamps") for time in mark.times]
        at = mark.at or at
        if mark.label is not None:
            if mark.label_text.strip():
                removals.append(Removal(mark.label_text, "speaker labels"))
            label = spelled.setdefault(key_of(mark.label), mark.label)
            if not drafts or drafts[-1].label != label:
                drafts.append(_Draft(label, at))
        elif not mark.rest.strip():
            continue
        elif not drafts:
            drafts.append(_Draft("", at))
        elif line.heading and len(mark.rest.split()) <= LONGEST_HEADING:
            removals.append(Removal(mark.rest.strip(), "heading"))
            continue
        goes_on = source.wrapped and not line.gap and not line.begins and mark.label is None
        drafts[-1].add(mark.rest, " " if goes_on else source.joiner)
        at = mark.until
    if before:
        removals.insert(0, Removal("\n".join(before), BEFORE))
    return [draft for draft in drafts if draft.pieces], removals


def _by_paragraphs(
    source: Source, labels: Labels | None = None
) -> tuple[list[_Draft], list[Removal]]:
    """A turn for each paragraph: what stands between empty lines, or each line without them.

    A label, if there are any, is of its own paragraph only.
    """
    drafts: list[_Draft] = []
    removals: list[Removal] = []
    gaps = any(line.gap for line in source.lines[1:])
    at: str | None = None
    for line in source.lines:
        mark = labels.mark(line) if labels is not None else unlabelled(line)
        removals += [Removal(time, "time stamps") for time in mark.times]
        at = mark.at or at
        if mark.label is not None:
            removals.append(Removal(mark.label_text, "speaker labels"))
            drafts.append(_Draft(mark.label, at))
        if not mark.rest.strip():
            continue
        if line.heading and len(mark.rest.split()) <= LONGEST_HEADING:
            removals.append(Removal(mark.rest.strip(), "heading"))
            continue
        begins = not drafts or line.gap or line.begins or not gaps
        if mark.label is None and begins:
            drafts.append(_Draft("", at))
        drafts[-1].add(mark.rest, " " if source.wrapped else "\n")
        at = mark.until
    return [draft for draft in drafts if draft.pieces], removals


def _by_pauses(source: Source) -> list[_Draft]:
    """Captions without speakers: a turn until the next pause, or until it is long."""
    drafts: list[_Draft] = []
    until = 0.0
    words = 0
    for line in source.lines:
        if not line.text.strip():
            continue
        start = line.at or 0.0
        if not drafts or start - until >= PAUSE or (words >= LONG_TURN and start >= until):
            drafts.append(_Draft("", seconds_clock(start)))
            words = 0
        drafts[-1].add(line.text, " ")
        words += len(line.text.split())
        until = line.until or until
    return drafts
