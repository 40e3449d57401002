"""Who may see what: the blindness of a round is decided here and nowhere else.

A transcript is *closed* when everybody who was given it has submitted it. Until then each coder
has their own codings only, and the lead has none. A coder who has transcripts of their own still
open sees nothing of another's work, on any transcript: what Ben made of P01 would colour how Ana
reads P02.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qualcode.errors import NotAllowed, StillBlind
from qualcode.model import Assignment, Seat

READERS_OF_CODINGS = frozenset({"lead", "coder"})
ABOUT_CODINGS = frozenset({"code_add", "code_remove", "memo", "submit", "resolve"})
"""Acts whose line of history tells of somebody's codings of one transcript."""
OPEN_TO_ALL = frozenset(
    {"study_create", "member_add", "import", "codebook_change", "settings_change", "checklist_edit"}
)
"""Acts whose line tells nothing of what the interviews hold."""
KEPT_BY_THE_STUDY = ABOUT_CODINGS | OPEN_TO_ALL | {"theme_change", "theme_drop"}
"""Acts whose line is written together with the change itself, and never without it."""


@dataclass(frozen=True)
class Blindness:
    """What a seat may compare, and what is still awaited.

    ``closed`` are the transcripts whose codings this seat may see of everybody; ``waiting`` tells
    for each coder how many transcripts are not submitted; ``own_open`` how many of the seat's own.
    """

    closed: frozenset[str]
    waiting: tuple[tuple[str, int], ...]
    own_open: int
    coders: int

    @property
    def sentence(self) -> str:
        """Why comparing is closed, or how much of it is open."""
        if self.coders < 2:
            return "Comparing needs two coders; add another coder to the study."
        if self.own_open:
            return (
                f"You have {_transcripts(self.own_open)} left to submit. "
                "Comparison opens for you when all of yours are submitted."
            )
        if not self.waiting:
            return "Everybody has submitted."
        who = ", ".join(f"{name} ({_transcripts(n)})" for name, n in self.waiting)
        return f"Still to be submitted: {who}."

    def require(self, what: str) -> None:
        """Raise :class:`StillBlind` unless this seat may compare at least one transcript."""
        if self.coders < 2 or not self.closed:
            raise StillBlind(f"{what} opens when both coders have submitted. {self.sentence}")


def blindness(seat: Seat | None, assignments: Iterable[Assignment]) -> Blindness:
    """What ``seat`` may compare; None is the owner of the file at the command line."""
    assignments = tuple(assignments)
    unfinished = [a for a in assignments if a.state != "submitted"]
    open_transcripts = {a.transcript for a in unfinished}
    waiting: dict[str, int] = {}
    for assignment in unfinished:
        waiting[assignment.coder] = waiting.get(assignment.coder, 0) + 1
    own_open = waiting.get(seat.name, 0) if seat is not None else 0
    closed = frozenset(a.transcript for a in assignments) - open_transcripts
    if own_open or (seat is not None and not seat.roles & READERS_OF_CODINGS):
        closed = frozenset()
    return Blindness(
        closed=closed,
        waiting=tuple(sorted(waiting.items())),
        own_open=own_open,
        coders=len({a.coder for a in assignments}),
    )


def may_read_codings(seat: Seat | None, *, coder: str, transcript: str, sight: Blindness) -> bool:
    """True where this seat may read this coder's codings and memos of this transcript."""
    own = seat is not None and seat.name == coder and seat.is_coder
    return own or transcript in sight.closed


def may_read_line(line: Mapping[str, Any], *, who: str, sight: Blindness) -> bool:
    """True where this line of history tells ``who`` nothing that is still closed to them."""
    if line["who"] == who:
        return True
    if line["act"] in ABOUT_CODINGS:
        return line["details"].get("transcript", line["subject"]) in sight.closed
    # Themes, suggestions and reports rest on submitted codings: not for whoever still codes.
    return line["act"] in OPEN_TO_ALL or not sight.own_open


def require_lead(seat: Seat | None, what: str) -> None:
    """Raise :class:`NotAllowed` unless the seat is a lead's (or the owner's)."""
    if seat is not None and not seat.is_lead:
        raise NotAllowed(f"Only the study lead can {what}; ask them to do it.")


def _transcripts(n: int) -> str:
    return f"{n} transcript" if n == 1 else f"{n} transcripts"
