"""Who may see and do what: the blindness of a round is decided here and nowhere else.

A transcript is *closed* in a round when everybody who was given it there has submitted it. Until
then each coder has their own codings only, and the lead has none. A coder who has transcripts of
their own still open sees nothing of another's work, on any transcript: what Ben made of P01 would
colour how Ana reads P02. A pilot is there to be talked about, so it opens when its own transcripts
are submitted. A transcript that is open once more, in a later round, is coded without sight of
what was made of it before, by anybody.

What each role reads:

- lead: all words and people; codings and figures where closed; the whole history that is closed.
- coder: all words; their own codings, others' where closed; attributes of people too, unless the
  study keeps them back from whoever still codes.
- author: of the words what may stand in print (locked consensus and the excerpts of themes), the
  locked consensus, the themes, and the agreement table that the lead published.
- steward: all words and people, no codings.
- auditor: codings without words and memos, figures, decisions and the history where closed.

Who has several roles has what any of them has; but a lead who codes is blind like any coder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qualcode.errors import NotAllowed, StillBlind
from qualcode.model import MAIN, Assignment, Role, Round, Seat

READERS_OF_CODINGS = frozenset({"lead", "coder", "auditor"})
READERS_OF_RESULTS = READERS_OF_CODINGS | {"author"}
READERS_OF_WORDS = frozenset({"lead", "coder", "steward"})
READERS_OF_PEOPLE = READERS_OF_WORDS | {"author"}

MAY: Mapping[str, frozenset[Role]] = {
    "add transcripts": frozenset({"lead", "steward"}),
    "describe the interviews": frozenset({"lead", "steward"}),
    "define attributes": frozenset({"lead", "steward"}),
    "record consent": frozenset({"lead", "steward"}),
    "keep the recruitment log": frozenset({"lead", "steward"}),
    "withdraw a participant": frozenset({"lead", "steward"}),
    "correct transcripts": frozenset({"lead", "steward"}),
    "change the team page": frozenset({"lead", "author"}),
    "answer the checklist": frozenset({"lead", "author"}),
    "change the study's settings": frozenset({"lead", "author"}),
    "keep the interview guide": frozenset({"lead", "author"}),
    "keep the member checks": frozenset({"lead", "steward"}),
    "release a report": frozenset({"lead", "author"}),
    "agree to a theme": frozenset({"lead", "coder"}),
    "choose quotations": frozenset({"lead", "author"}),
    "keep the needs register": frozenset({"lead", "author"}),
}
"""What others than the lead may do; everything that is not named here is the lead's."""

ABOUT_CODINGS = frozenset(
    {
        "code_add",
        "code_remove",
        "memo",
        "doubt",
        "open_transcript",
        "submit",
        "resolve",
        "confirm",
    }
)
"""Acts whose line of history tells of somebody's codings of one transcript."""
OPEN_TO_ALL = frozenset(
    {
        "study_create",
        "member_add",
        "member_remove",
        "member_roles",
        "import",
        "revise",
        "codebook_change",
        "settings_change",
        "checklist_edit",
        "round_add",
        "round_close",
        "version_freeze",
        "assign",
        "withdraw_assignment",
        "reopen",
        "unblind",
        "offline",
        "restore",
        "bring_forward",
        "withdraw",
        "attributes_change",
        "consent_change",
        "recruitment_change",
        "guide_change",
        "member_check_change",
    }
)
"""Acts whose line tells nothing of what the interviews hold."""
KEPT_BY_THE_STUDY = (
    ABOUT_CODINGS
    | OPEN_TO_ALL
    | {
        "theme_change",
        "theme_drop",
        "theme_agree",
        "claim_change",
        "claim_drop",
        "excerpt_link",
        "excerpt_unlink",
        "quotation_choose",
        "quotation_drop",
        "need_change",
        "need_drop",
        "compare",
        "consensus_lock",
        "consensus_unlock",
        "publish",
        "issue_decide",
    }
)
"""Acts whose line is written together with the change itself, and never without it."""


@dataclass(frozen=True)
class Blindness:
    """What a seat may compare in one round, and what is still awaited.

    ``closed`` are the transcripts whose codings this seat may see of everybody; ``waiting`` tells
    for each coder how many transcripts are not submitted; ``own_open`` how many of the seat's own
    keep comparing closed to it; ``at_work`` the (round, transcript) pairs open to the seat.
    """

    closed: frozenset[str]
    waiting: tuple[tuple[str, int], ...]
    own_open: int
    coders: int
    at_work: frozenset[tuple[str, str]] = frozenset()

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

    def coded_anew(self, round_: str, transcript: str) -> bool:
        """True where the seat codes this transcript in another round: then not even its own
        earlier codings are shown.
        """
        return any(r != round_ and t == transcript for r, t in self.at_work)

    def require(self, what: str) -> None:
        """Raise :class:`StillBlind` unless this seat may compare at least one transcript."""
        if self.coders < 2 or not self.closed:
            raise StillBlind(f"{what} opens when both coders have submitted. {self.sentence}")


def blindness(
    seat: Seat | None, assignments: Iterable[Assignment], held: Round | None = None
) -> Blindness:
    """What ``seat`` may compare in the round ``held`` (the main round without one).

    ``assignments`` are those of all rounds; a seat of None is the owner of the file at the command
    line, who sees what the lead sees.
    """
    given = [a for a in assignments if a.state != "withdrawn"]
    here = [a for a in given if a.round == (held.id if held else MAIN)]
    unfinished = [a for a in here if a.is_open]
    waiting: dict[str, int] = {}
    for assignment in unfinished:
        waiting[assignment.coder] = waiting.get(assignment.coder, 0) + 1
    own = [a for a in given if a.is_open and seat is not None and a.coder == seat.name]
    at_work = frozenset((a.round, a.transcript) for a in own)
    if held is not None and held.kind == "pilot":
        own = [a for a in own if a.round == held.id]
    closed = frozenset(a.transcript for a in here) - {a.transcript for a in unfinished}
    closed -= {transcript for _, transcript in at_work}
    if own or (seat is not None and not seat.roles & READERS_OF_RESULTS):
        closed = frozenset()
    return Blindness(
        closed=closed,
        waiting=tuple(sorted(waiting.items())),
        own_open=len(own),
        coders=len({a.coder for a in here}),
        at_work=at_work,
    )


def may_read_codings(
    seat: Seat | None, *, coder: str, round_: str, transcript: str, sight: Blindness
) -> bool:
    """True where this seat may read this coder's codings of this transcript in this round."""
    if seat is not None and seat.name == coder and seat.is_coder:
        return not sight.coded_anew(round_, transcript)
    reader = seat is None or bool(seat.roles & READERS_OF_CODINGS)
    return reader and transcript in sight.closed


def may_read_line(
    line: Mapping[str, Any], *, seat: Seat | None, who: str, sights: Mapping[str, Blindness]
) -> bool:
    """True where this line of history tells the seat nothing that is closed to it.

    ``sights`` has what the seat may compare in each round; those of a seat agree on ``at_work``.
    """
    about = line["act"] in ABOUT_CODINGS
    round_ = line["details"].get("round", MAIN)
    transcript = line["details"].get("transcript", line["subject"])
    if line["who"] == who:
        return not (about and sights[MAIN].coded_anew(round_, transcript))
    if about:
        reader = seat is None or bool(seat.roles & READERS_OF_CODINGS)
        return reader and round_ in sights and transcript in sights[round_].closed
    # Themes, suggestions and reports rest on submitted codings: not for whoever still codes.
    return line["act"] in OPEN_TO_ALL or not sights[MAIN].own_open


def may_read_decisions(seat: Seat | None) -> bool:
    """True where this seat may read, of what is closed, how differences were settled."""
    return seat is None or bool(seat.roles & READERS_OF_CODINGS)


def may_read_people(seat: Seat | None) -> bool:
    """True where this seat may read what is known of the participants."""
    return seat is None or bool(seat.roles & READERS_OF_PEOPLE)


def require(seat: Seat | None, what: str) -> None:
    """Raise :class:`NotAllowed` unless a role of the seat may do this (the owner may all)."""
    if seat is not None and not seat.roles & (MAY.get(what, frozenset()) | {"lead"}):
        raise NotAllowed(f"Only the study lead can {what}; ask them to do it.")


def _transcripts(n: int) -> str:
    return f"{n} transcript" if n == 1 else f"{n} transcripts"
