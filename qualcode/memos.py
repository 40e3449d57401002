"""Memos: what somebody notes while they work, on anything in the study.

A memo on a coding is part of the coding; one on a passage made while coding belongs to the coder's
layer like it. All others are their author's own until they are shared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qualcode.errors import BadCommand
from qualcode.model import new_id
from qualcode.spans import Span

MemoKind = Literal["analytic", "method", "reflexivity", "difference", "note"]
MEMO_KINDS: tuple[MemoKind, ...] = ("note", "analytic", "method", "reflexivity", "difference")
About = Literal[
    "study", "code", "theme", "transcript", "passage", "coding", "difference", "reply"
]  # fmt: skip
ABOUTS: tuple[About, ...] = (
    "study", "code", "theme", "transcript", "passage", "coding", "difference", "reply"
)  # fmt: skip
Moment = Literal["start", "pilot", "themes"]
MOMENTS: tuple[Moment, ...] = ("start", "pilot", "themes")
"""When everybody is asked for a word on themselves: before coding, after a pilot, before themes."""
LONGEST_MEMO = 20_000


@dataclass(frozen=True)
class Memo:
    """A note on anything, by one person.

    ``subject`` is the id of what it is about, where that is a coding, code, theme or difference,
    and of a reply the id of the memo or coding that is answered; ``transcript``, ``span`` and
    ``quote`` are its place in a text, where it has one. ``round`` is the round of coding that a
    transcript was in as it was made, or "". ``in_layer`` is true for what opens, and is sealed,
    with its coder's codings. ``moment`` tells of a reflexivity memo when it was asked for.
    """

    text: str
    about: About = "study"
    subject: str = ""
    transcript: str = ""
    span: Span | None = None
    quote: str = ""
    kind: MemoKind = "note"
    author: str = ""
    shared: bool = False
    may_be_reported: bool = False
    moment: str = ""
    round: str = ""
    in_layer: bool = False
    made_at: str = ""
    changed_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.about not in ABOUTS:
            raise BadCommand(f"“{self.about}” is nothing that a memo can be about.")
        if self.kind not in MEMO_KINDS:
            raise BadCommand(
                f"“{self.kind}” is no kind of memo; the kinds are {', '.join(MEMO_KINDS)}."
            )
        if self.moment not in ("", *MOMENTS):
            raise BadCommand(f"“{self.moment}” is no moment at which a memo is asked for.")
        if self.span is not None and len(self.quote) != self.span.length:
            raise BadCommand(
                "The words of this memo are not those of its place; select them again."
            )
