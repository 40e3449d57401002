"""What a reader of one format hands on: the lines of a file, and what it left out.

Every reader gives a ``Source``; ``turns`` makes a transcript's turns of it. White space is not
accounted for: ends of lines become one newline, a tab becomes one space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.errors import UnreadableFile
from qualcode.model import Removal

MAX_FILE_BYTES = 50 * 1024 * 1024
"""The largest file that is opened; ten thousand words are about 60 kB."""
MAX_TEXT = 20_000_000
"""The most characters of text: some two hundred interviews of an hour."""
MAX_LINES = 60_000
"""More lines than this are not one interview."""

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters, the invisible byte-order mark, and what no XML or HTML file may hold.
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
COLLECTED = frozenset(
    {
        "control characters",
        "cue numbers",
        "cue times",
        "caption markup",
        "field codes",
        "hyphens at the end of a line",
        "line numbers",
        "page number",
        "Markdown marks",
        "speaker labels",
        "time stamps",
    }
)
"""Reasons whose many small pieces become one removal, a piece a line."""


@dataclass(frozen=True)
class Line:
    """A line, paragraph or line of a caption, as its format gives it.

    ``label`` is a speaker the format itself names, ``lead`` the bold beginning of a paragraph,
    ``at`` and ``until`` the seconds of its caption; ``gap`` says that an empty line stands before
    it or that it begins a caption, ``begins`` that the format begins a paragraph here, ``heading``
    that the format marks it as one. ``mark`` is how the label is written in the file, where it is
    not a voice tag.
    """

    text: str
    label: str | None = None
    lead: str = ""
    at: float | None = None
    until: float | None = None
    gap: bool = False
    heading: bool = False
    begins: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Source:
    """The lines of one file, what its format left out, and facts about it.

    ``joiner`` stands between the lines of one turn; ``wrapped`` says that the lines were broken
    to a width, so that only an empty line ends a paragraph.
    """

    lines: Sequence[Line]
    removals: tuple[Removal, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    joiner: str = "\n"
    wrapped: bool = False
    captions: bool = False


def normalise(text: str, name: str) -> tuple[str, tuple[Removal, ...]]:
    """The text with one kind of line end and without control characters, and what was taken out.

    >>> normalise("I stay.\\r\\nLate.\\x07", "a.txt")
    ('I stay.\\nLate.', (Removal(text='U+0007 × 1', reason='control characters'),))
    """
    check_length(len(text), name)
    text = LINE_ENDS.sub("\n", text)
    if text.count("\n") > MAX_LINES:
        raise UnreadableFile(
            f"{name} has more than {MAX_LINES:,} lines: that is not one interview. "
            "Split it into one file an interview."
        )
    found = Counter(CONTROLS.findall(text))
    if not found:
        return text, ()
    listed = ", ".join(f"U+{ord(sign):04X} × {count}" for sign, count in sorted(found.items()))
    return CONTROLS.sub("", text), (Removal(listed, "control characters"),)


def check_length(characters: int, name: str) -> None:
    """Refuse more text than an interview can hold."""
    if characters > MAX_TEXT:
        raise UnreadableFile(
            f"{name} holds more than {MAX_TEXT // 1_000_000} million characters (about "
            f"{MAX_TEXT // 1_000_000} MB) of text: that is not one interview. "
            "Split it into one file an interview."
        )


def collected(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """The removals in order, with the many small ones of one reason as one removal."""
    pieces: dict[str, list[str]] = {}
    others: list[Removal] = []
    for removal in removals:
        if removal.reason in COLLECTED:
            pieces.setdefault(removal.reason, []).append(removal.text)
        else:
            others.append(removal)
    return (*others, *(Removal("\n".join(texts), reason) for reason, texts in pieces.items()))
