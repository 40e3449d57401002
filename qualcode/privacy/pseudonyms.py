"""Names taken out: hits and decisions in; a revised transcript and the key's new entries out.

What comes out is pseudonymised: whoever holds the key can say who is meant, and so may people who
know the study (GDPR Art. 4(5)). The same person has one replacement in all transcripts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import regex

from qualcode.errors import BadCommand
from qualcode.model import Transcript
from qualcode.privacy.hits import Hit, word_lists
from qualcode.privacy.keyfile import Entry
from qualcode.privacy.names import folded, untitled
from qualcode.revision import Edit, Revision, revise

Style = Literal["bracket", "pseudonym"]
STYLES: tuple[Style, ...] = ("bracket", "pseudonym")
Action = Literal["replace", "remove", "keep"]
ACTIONS: tuple[Action, ...] = ("replace", "remove", "keep")
REMOVED = "[...]"


@dataclass(frozen=True)
class Decision:
    """What a person decided on one hit.

    ``label`` is the word for it (“mentor”) where the suggestion does not fit; ``subject`` says who
    is meant where the program could not know; ``exactly`` is a replacement typed by hand.
    """

    hit: Hit
    action: Action = "replace"
    label: str = ""
    subject: str = ""
    exactly: str = ""
    who: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise BadCommand(f"“{self.action}” is no decision; write {', '.join(ACTIONS)}.")
        if regex.search(r"[\n\[\]]", self.label) or "\n" in self.exactly:
            raise BadCommand("A replacement is a word or a few, without a new line in it.")
        if folded(self.hit.text)[0].strip() == folded(self.exactly)[0].strip():
            raise BadCommand("A replacement cannot be the name itself.")

    @property
    def meant(self) -> str:
        """Who or what is meant, before people with one name are brought together."""
        return self.subject or self.hit.subject


def assigned(
    decisions: Iterable[Decision],
    *,
    style: Style = "bracket",
    known: Mapping[str, str] | None = None,
    avoid: Iterable[str] = (),
) -> dict[str, str]:
    """Who or what is meant → its replacement; what is known already stays as it is.

    People are numbered in the order in which they are decided on: [colleague 1], [colleague 2].
    A surname or a given name alone is the person who has it, where only one has.

    Parameters
    ----------
    known
        The replacements made before, as `KeyFile.replacements` gives them.
    avoid
        Texts and names in which no pseudonym may stand already.
    """
    if style not in STYLES:
        raise BadCommand(f"“{style}” is no style of replacement; write {' or '.join(STYLES)}.")
    made = dict(known or {})
    wanted = [each for each in decisions if each.action == "replace" and each.meant]
    same = same_people([*made, *(each.meant for each in wanted)])
    taken = {value.casefold() for value in made.values()}
    free = _free_pseudonyms(avoid, taken) if style == "pseudonym" else []
    people = {
        **{same.get(e.meant, e.meant): e.exactly for e in reversed(wanted) if e.exactly},
        **{same.get(subject, subject): text for subject, text in reversed(made.items())},
    }
    for each in wanted:
        person = same.get(each.meant, each.meant)
        if person not in people:
            if style == "pseudonym" and each.hit.kind == "A":
                people[person] = _next_pseudonym(free, taken)
            else:
                people[person] = _numbered(each.label or each.hit.suggestion, taken)
            taken.add(people[person].casefold())
        made.setdefault(each.meant, people[person])
    return made


def same_people(subjects: Iterable[str]) -> dict[str, str]:
    """One name alone → the full name it is a part of, where there is only one such name.

    >>> same_people(["okafor", "helen okafor", "ben okoro", "ben lee", "ben"])
    {'okafor': 'helen okafor'}
    """
    ordered = dict.fromkeys(subjects)
    full: dict[str, list[str]] = defaultdict(list)
    for subject in ordered:
        words = subject.split()
        if len(words) > 1 and ":" not in subject:
            for word in dict.fromkeys((words[0], words[-1])):
                full[word].append(subject)
    return {
        subject: full[subject][0]
        for subject in ordered
        if " " not in subject and len(full[subject]) == 1
    }


def pseudonymise(
    transcript: Transcript,
    decisions: Sequence[Decision],
    *,
    style: Style = "bracket",
    known: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
) -> Revision:
    """The transcript with every name that was decided on replaced, and nothing else changed.

    Only the characters of the hits change: a possessive stays, and an ordinary word that looks
    like a name stays, for it is no hit. For one replacement a person across the study give the
    same ``known`` to every transcript, as `assigned` makes it of all decisions.

    >>> from qualcode.privacy import Rules, find_identifiers
    >>> text = Transcript("P01", "Dr. Okafor's list. Will you mark it?", (), id="P01")
    >>> hits = find_identifiers(text, rules=Rules(entities=False))
    >>> pseudonymise(text, [Decision(hit) for hit in hits]).after.text
    "[colleague 1]'s list. Will you mark it?"
    """
    replacements = assigned(decisions, style=style, known=known)
    _refuse_strangers(transcript, decisions)
    revision = revise(
        transcript,
        [
            Edit(each.hit.span.start, each.hit.span.end, replacement(each, replacements, style))
            for each in decisions
            if each.action != "keep"
        ],
    )
    labels = speakers or {}
    turns = tuple(
        replace(turn, speaker=labels.get(turn.speaker, turn.speaker))
        for turn in revision.after.turns
    )
    return replace(revision, after=replace(revision.after, turns=turns))


def log(
    transcript: Transcript,
    decisions: Iterable[Decision],
    replacements: Mapping[str, str],
    *,
    style: Style = "bracket",
) -> tuple[Entry, ...]:
    """What the key file must remember of these decisions: `KeyFile.add` takes it."""
    return tuple(
        Entry(
            subject=each.meant,
            name=each.hit.text,
            replacement=replacement(each, replacements, style),
            kind=each.hit.kind,
            who=each.who,
            at=each.at,
            transcript=transcript.id,
            start=each.hit.span.start,
            end=each.hit.span.end,
            text_sha256=transcript.sha256,
        )
        for each in decisions
        if each.action != "keep"
    )


def replacement(decision: Decision, replacements: Mapping[str, str], style: Style) -> str:
    """What stands in the text for one hit."""
    if decision.action == "remove":
        return REMOVED
    if decision.exactly:
        return decision.exactly
    if not decision.meant:
        return f"[{decision.label or decision.hit.suggestion}]"
    if decision.meant not in replacements:
        raise BadCommand(
            "A decision has no replacement yet; make the replacements of all decisions first."
        )
    found = replacements[decision.meant]
    title = untitled(decision.hit.text)[0]
    # “[colleague 1]” stands for the title too; a pseudonym keeps it, as people speak.
    return f"{title}{found}" if title and style == "pseudonym" and found[0] != "[" else found


def _refuse_strangers(transcript: Transcript, decisions: Iterable[Decision]) -> None:
    for each in decisions:
        hit = each.hit
        if hit.transcript != transcript.id or transcript.text[hit.span.slice] != hit.text:
            raise BadCommand(
                f"A decision is about other words than stand in {transcript.title}; "
                "look for identifiers again."
            )


def _numbered(label: str, taken: set[str]) -> str:
    number = 1
    while f"[{label} {number}]".casefold() in taken:
        number += 1
    return f"[{label} {number}]"


def _free_pseudonyms(avoid: Iterable[str], taken: set[str]) -> list[str]:
    """Pseudonyms that nobody in these texts has, the next one last."""
    there = {word for text in avoid for word in regex.findall(r"\p{L}+", folded(text)[0])}
    names = word_lists()["pseudonyms"]
    return [name for name in names if name.casefold() not in there | taken][::-1]


def _next_pseudonym(free: list[str], taken: set[str]) -> str:
    return free.pop() if free else _numbered("person", taken)
