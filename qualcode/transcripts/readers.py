"""One interview file in, a Transcript out, by the reader of its format.

A new format is one small module that gives a ``Source``, and one line in ``READERS``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.model import Transcript, TurnRole
from qualcode.transcripts.captions import read_srt, read_vtt
from qualcode.transcripts.files import (
    check_kind,
    file_bytes,
    plain_name,
    shown_name,
    stem_and_ending,
    too_large,
    unknown_format,
)
from qualcode.transcripts.odt import read_odt
from qualcode.transcripts.pdf import read_pdf
from qualcode.transcripts.rtf import read_rtf
from qualcode.transcripts.sheets import read_sheet
from qualcode.transcripts.source import CONTROLS, MAX_FILE_BYTES, Source
from qualcode.transcripts.turns import lay_out
from qualcode.transcripts.txt import read_markdown, read_txt
from qualcode.transcripts.web import read_html
from qualcode.transcripts.word import read_word

READERS: dict[str, Callable[[bytes, str], Source]] = {
    "txt": read_txt,
    "md": read_markdown,
    "docx": read_word,
    "odt": read_odt,
    "rtf": read_rtf,
    "pdf": read_pdf,
    "html": read_html,
    "csv": read_sheet,
    "tsv": read_sheet,
    "xlsx": read_sheet,
    "vtt": read_vtt,
    "srt": read_srt,
}
FORMATS: tuple[str, ...] = tuple(READERS)
TURN_ROLES = ("participant", "interviewer", "other")
LONGEST_TITLE = 200


def read_transcript(
    source: str | Path,
    data: bytes | None = None,
    *,
    title: str | None = None,
    participant: str | None = None,
    roles: Mapping[str, TurnRole] | None = None,
) -> Transcript:
    """One interview file as a transcript.

    Parameters
    ----------
    source
        The path of the file, or the name of an upload when ``data`` is given.
    title
        The file's name without its ending, unless another is given.
    roles
        Who interviews and who answers, by label, instead of what is proposed. A label named here
        counts as one even if it stands only once; names that do not occur are passed over.

    Examples
    --------
    >>> transcript = read_transcript("P01.txt", b"I: Why?\\nP: I stay late.\\nI forget.\\n")
    >>> [(turn.speaker, turn.role, transcript.text[turn.span.slice]) for turn in transcript.turns]
    [('I', 'interviewer', 'Why?'), ('P', 'participant', 'I stay late.\\nI forget.')]
    """
    name = plain_name(source)
    ending = stem_and_ending(name)[1]
    content = data if data is not None else file_bytes(Path(source), name)
    if ending not in READERS:
        raise unknown_format(name, ending, content, list(FORMATS))
    if len(content) > MAX_FILE_BYTES:
        raise too_large(name)
    if not content.strip():
        raise UnreadableFile(f"{shown_name(name)} is empty. Check that it was saved.")
    check_kind(name, ending, content)
    read = READERS[ending](content, shown_name(name))
    digest = hashlib.sha256(content).hexdigest()
    return transcript_of(read, name, digest, title=title, participant=participant, roles=roles)


def transcript_of(
    source: Source,
    name: str,
    digest: str,
    *,
    title: str | None = None,
    participant: str | None = None,
    roles: Mapping[str, TurnRole] | None = None,
) -> Transcript:
    """The transcript of what a reader gave; ``digest`` is what the same file is known by."""
    roles = roles or {}
    for label, role in roles.items():
        if role not in TURN_ROLES:
            raise BadCommand(f"{label} cannot be “{role}”: a role is {', '.join(TURN_ROLES)}.")
    name = plain_name(name)
    stem, ending = stem_and_ending(name)
    shown = shown_name(name)
    layout = lay_out(source, roles, shown)
    if not layout.turns:
        raise UnreadableFile(
            f"{shown} holds no words that were spoken. Check that it is the right file."
        )
    return Transcript(
        title=(title if title is not None else stem)[:LONGEST_TITLE],
        text=layout.text,
        turns=layout.turns,
        source_name=name,
        source_format=ending,
        source_sha256=digest,
        participant=participant,
        removals=layout.removals,
        facts=layout.facts,
    )


def with_roles(transcript: Transcript, roles: Mapping[str, TurnRole]) -> Transcript:
    """The transcript with the roles a person set, by speaker; text and turns stay.

    >>> transcript = read_transcript("P01.txt", b"Ana: Why?\\nBen: I stay.\\n" * 2)
    >>> [turn.role for turn in with_roles(transcript, {"Ben": "other"}).turns]
    ['interviewer', 'other', 'interviewer', 'other']
    """
    turns = tuple(
        replace(turn, role=roles.get(turn.speaker, turn.role)) for turn in transcript.turns
    )
    return replace(transcript, turns=turns)


def account(source: str, transcript: Transcript) -> dict[str, int]:
    """The characters of a file's text that are neither in the transcript nor reported as left out.

    White space and control characters are not counted; an empty answer means that all is there.
    Characters that came from nowhere have negative counts.
    """
    given = Counter(CONTROLS.sub("", source))
    given.subtract(transcript.text)
    for removal in transcript.removals:
        if removal.reason != "control characters":
            given.subtract(removal.text)
    return {sign: count for sign, count in given.items() if count and not sign.isspace()}
