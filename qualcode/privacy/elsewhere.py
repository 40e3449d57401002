"""Names that stand beside a text: its speakers' labels, title, file name, facts, what was left out.

A text without names is of no use if its speakers are still called by theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import regex

from qualcode.model import Transcript
from qualcode.privacy.hits import Rules
from qualcode.privacy.identifiers import find_identifiers
from qualcode.privacy.names import KnownName

# Labels that say what somebody does there, and ids: “I”, “P03”, “Interviewer 1”, “INT2”.
_GENERIC = regex.compile(
    r"(?-i:\p{Lu}{1,2}|\p{Lu}{1,5}[ \-_]?\d{1,4}|\d{1,4}|INT|INTV|RES)|"
    r"(?:(?:interviewer|interviewee|participant|respondent|moderator|facilitator|speaker|unknown"
    r"|person|voice|researcher|transcriber|observer|translator|interpreter|all|group|coder|patient"
    r"|nurse|doctor|manager|male|female|man|woman|befragte[rn]?|interviewerin|enqu[êe]teur)"
    r"(?:[ \-_]?(?:\d{1,4}|\p{L}))?)",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class Elsewhere:
    """A name that stands beside the text: where, and the words that hold it."""

    where: str
    text: str


def names_elsewhere(
    transcript: Transcript,
    *,
    names: Iterable[KnownName] = (),
    allow: Iterable[str] = (),
    rules: Rules | None = None,
) -> tuple[Elsewhere, ...]:
    """Where else this transcript may name somebody; a person looks at each.

    A speaker's label counts unless it is an id or a role. The other places are read by the same
    list and patterns as the text, but not by the recogniser.
    """
    known, allowed = tuple(names), tuple(allow)
    asked = replace(rules or Rules(), entities=False)
    speakers = dict.fromkeys(turn.speaker for turn in transcript.turns)
    found = [
        Elsewhere("speaker", label)
        for label in speakers
        if label.strip() and label not in allowed and not _GENERIC.fullmatch(label.strip())
    ]
    for where, words in _beside(transcript):
        parts = regex.sub(r"[_\-.]+", " ", words) if where == "file name" else words
        for read in dict.fromkeys((words, parts)):
            text = Transcript("beside the text", read, (), id=transcript.id)
            if find_identifiers(text, names=known, allow=allowed, rules=_off(asked, where)):
                found.append(Elsewhere(where, words))
                break
    return tuple(found)


def _beside(transcript: Transcript) -> Iterator[tuple[str, str]]:
    yield "title", transcript.title
    yield "file name", transcript.source_name
    for name, value in transcript.facts.items():
        if name != "interview_date":  # a report needs it, and asks for it by name
            yield f"fact {name}", value
    for removal in transcript.removals:
        yield "left out", removal.text


def _off(rules: Rules, where: str) -> Rules:
    """The ending of a file's name is not the recording itself."""
    if where != "file name":
        return rules
    return replace(rules, off=rules.off | {"recording", "photograph", "domain"})
