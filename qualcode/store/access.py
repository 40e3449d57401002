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
- everybody: their own memos; of others a lead and a coder what is shared or opened with its layer,
  an author what may be reported.
- auditor: codings without words and memos, figures, decisions and the history where closed.

Who has several roles has what any of them has; but a lead who codes is blind like any coder.

Where the study holds texts back (``store.releases``), a text that nobody has released is there for
a steward alone, or for the lead of a study without a steward; for all others it is not there yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qualcode.errors import NotAllowed, StillBlind
from qualcode.memos import Memo
from qualcode.model import MAIN, Assignment, Role, Round, Seat

READERS_OF_CODINGS = frozenset({"lead", "coder", "auditor"})
READERS_OF_RESULTS = READERS_OF_CODINGS | {"author"}
READERS_OF_WORDS = frozenset({"lead", "coder", "steward"})
READERS_OF_MEMOS = frozenset({"lead", "coder"})
READERS_OF_PEOPLE = READERS_OF_WORDS | {"author"}

MAY: Mapping[str, frozenset[Role]] = {
    "add transcripts": frozenset({"lead", "steward"}),
    "describe the interviews": frozenset({"lead", "steward"}),
    "define attributes": frozenset({"lead", "steward"}),
    "record consent": frozenset({"lead", "steward"}),
    "keep the recruitment log": frozenset({"lead", "steward"}),
    "withdraw a participant": frozenset({"lead", "steward"}),
    "correct transcripts": frozenset({"lead", "steward"}),
    "see the copies of the study": frozenset({"lead", "steward"}),
    "change the team page": frozenset({"lead", "author"}),
    "answer the checklist": frozenset({"lead", "author"}),
    "change the study's settings": frozenset({"lead", "author"}),
    "keep the interview guide": frozenset({"lead", "author"}),
    "keep the member checks": frozenset({"lead", "steward"}),
    "release a report": frozenset({"lead", "author"}),
    "agree to a theme": frozenset({"lead", "coder"}),
    "write summaries": frozenset({"lead", "coder"}),
    "choose quotations": frozenset({"lead", "author"}),
    "keep the needs register": frozenset({"lead", "author"}),
}
"""What others than the lead may do; everything that is not named here is the lead's."""

ABOUT_CODINGS = frozenset(
    {
        "code_add",
        "code_remove",
        "autocode",
        "autocode_undo",
        "like_reject",
        "like_reopen",
        "propose",
        "propose_undo",
        "memo",
        "doubt",
        "open_transcript",
        "submit",
        "resolve",
        "confirm",
        "recode",
    }
)
"""Acts whose line of history tells of somebody's codings of one transcript."""
ABOUT_MEMOS = frozenset({"memo_write", "memo_change", "memo_delete", "memo_share", "memo_answer"})
"""Acts whose line tells of a memo: its details say whether it is private, or of a coder's layer."""
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
        "round_autocoding",
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
        "recode_submit",
        "recode_blind",
        "guide_change",
        "member_check_change",
        "release",
        "copies_delete",
        "memo_decline",
    }
)
"""Acts whose line tells nothing of what the interviews hold."""
KEPT_BY_THE_STUDY = (
    ABOUT_CODINGS
    | ABOUT_MEMOS
    | OPEN_TO_ALL
    | {
        "theme_change",
        "theme_drop",
        "theme_agree",
        "theme_order",
        "theme_merge",
        "theme_split",
        "theme_back",
        "claim_change",
        "claim_drop",
        "excerpt_link",
        "excerpt_unlink",
        "quotation_choose",
        "quotation_drop",
        "summary_change",
        "need_change",
        "need_drop",
        "compare",
        "consensus_lock",
        "consensus_unlock",
        "publish",
        "issue_decide",
        "proposal_answer",
        "suggestion_run",
        "suggestion_accept",
        "suggestion_reject",
        "suggestion_reopen",
    }
)
"""Acts whose line is written together with the change itself, and never without it."""


@dataclass(frozen=True)
class Blindness:
    """What a seat may compare in one round, and what is still awaited.

    ``closed`` are the transcripts whose codings this seat may see of everybody; ``waiting`` tells
    for each coder how many transcripts are not submitted; ``own_open`` how many of the seat's own
    keep comparing closed to it; ``at_work`` the (round, transcript) pairs open to the seat;
    ``held_back`` the transcripts that are not there yet for the seat, not even its own work on
    them.
    """

    closed: frozenset[str]
    waiting: tuple[tuple[str, int], ...]
    own_open: int
    coders: int
    at_work: frozenset[tuple[str, str]] = frozenset()
    held_back: frozenset[str] = frozenset()

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
    if transcript in sight.held_back:
        return False
    if seat is not None and seat.name == coder and seat.is_coder:
        return not sight.coded_anew(round_, transcript)
    reader = seat is None or bool(seat.roles & READERS_OF_CODINGS)
    return reader and transcript in sight.closed


def may_read_line(
    line: Mapping[str, Any],
    *,
    seat: Seat | None,
    who: str,
    sights: Mapping[str, Blindness],
    recoded: Collection[tuple[str, str]] = (),
) -> bool:
    """True where this line of history tells the seat nothing that is closed to it.

    ``sights`` has what the seat may compare in each round; those of a seat agree on ``at_work``.
    ``recoded`` are the (round, version) pairs whose answers are open.
    """
    if line["act"] == "recode" and line["who"] != who:
        answered = (line["details"].get("round", MAIN), line["details"].get("version", ""))
        if answered not in recoded:
            return False
    details = line["details"]
    if line["act"] in ABOUT_MEMOS:
        return _may_read_memo_line(line, seat=seat, who=who, sights=sights)
    about = line["act"] in ABOUT_CODINGS
    round_ = details.get("round", MAIN)
    transcript = details.get("transcript", line["subject"])
    if transcript in sights[MAIN].held_back and line["act"] not in OPEN_TO_ALL:
        return False
    if line["who"] == who:
        return not (about and sights[MAIN].coded_anew(round_, transcript))
    if about:
        reader = seat is None or bool(seat.roles & READERS_OF_CODINGS)
        return reader and round_ in sights and transcript in sights[round_].closed
    # Themes, suggestions and reports rest on submitted codings: not for whoever still codes.
    return line["act"] in OPEN_TO_ALL or not sights[MAIN].own_open


def may_read_names(seat: Seat | None, *, stewards: int) -> bool:
    """True where this seat may read texts as they came, with the names in them: a data steward,
    or the lead of a study that has none.
    """
    if seat is None or "steward" in seat.roles:
        return True
    return seat.is_lead and not stewards


def may_read_memo(
    memo: Memo,
    *,
    seat: Seat | None,
    who: str,
    sights: Mapping[str, Blindness],
    submitted: Collection[tuple[str, str, str]],
) -> bool:
    """True where this seat may read this memo.

    One's own, unless its transcript is coded anew. Of others, what belongs to a coder's layer
    once that is ``submitted`` (round, transcript, coder) and closed; of the rest what is shared,
    and, where it is on a transcript, closed; nothing for whoever still codes. None on a transcript
    that is held back from the seat.
    """
    if memo.transcript in sights[MAIN].held_back:
        return False
    if memo.author == who:
        home = sights.get(memo.round, sights[MAIN])
        return not home.coded_anew(memo.round or MAIN, memo.transcript)
    reader = seat is None or bool(seat.roles & READERS_OF_MEMOS)
    if not reader and not (memo.may_be_reported and seat and "author" in seat.roles):
        return False
    if memo.in_layer and (memo.round, memo.transcript, memo.author) not in submitted:
        return False
    return (memo.in_layer or memo.shared) and is_open_to(memo.round, memo.transcript, sights)


def is_open_to(round_: str, transcript: str, sights: Mapping[str, Blindness]) -> bool:
    """Whether what others say of this transcript, or of nothing in particular ("", ""), is open."""
    if transcript and round_ in sights:
        return transcript in sights[round_].closed
    return not sights[MAIN].own_open


def _may_read_memo_line(
    line: Mapping[str, Any], *, seat: Seat | None, who: str, sights: Mapping[str, Blindness]
) -> bool:
    details = line["details"]
    round_, transcript = details.get("round", ""), details.get("transcript", "")
    if transcript in sights[MAIN].held_back:
        return False
    if line["who"] == who:
        return not sights.get(round_, sights[MAIN]).coded_anew(round_ or MAIN, transcript)
    reader = seat is None or bool(seat.roles & READERS_OF_CODINGS)
    return reader and not details.get("private") and is_open_to(round_, transcript, sights)


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
