"""The coders' layers: codings in, sealed on submitting, and out to those who may see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import BadCodebook, BadCoding, BadCommand, NotAllowed, NotInStudy, Sealed
from qualcode.model import MAIN, Coding, CodingSet, Round, Transcript, new_id, sealed_digest
from qualcode.spans import Span
from qualcode.store import history, rows
from qualcode.store.access import may_read_codings
from qualcode.store.operations import TOUCHED, Applied, Desk, codes_at_once
from qualcode.store.proposals import OPEN

if TYPE_CHECKING:
    from qualcode.store.study import Study

DISCUSSED = "discussed before submitting"
PLACEHOLDER = "·"


@dataclass(frozen=True)
class Unfinished:
    """What a coder may want to look at before submitting.

    ``unopened`` are numbers of participant turns, from 0 in the transcript's turns, that have not
    been on the coder's screen; ``doubts`` the coder's own codings marked as uncertain.
    """

    unopened: tuple[int, ...]
    doubts: tuple[Coding, ...]


class Layers:
    """Blind coding in one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- codings out ---------------------------------------------------------------------------

    def codings(
        self, coders: Iterable[str] | None, transcript: str | None, round_: str
    ) -> CodingSet:
        """The codings of one round that this seat may see, with what of them is sealed."""
        rounds, seat = self._study._rounds, self._study.seat
        held = rounds.round(round_)
        if seat is not None and seat.reads_only_results:
            return rounds.locked_consensus(held)
        sight = rounds.sight(held)
        hidden = self._study._hidden()
        here = [
            a
            for a in rounds.all_assignments(held.id)
            if a.state != "withdrawn" and a.transcript not in hidden
        ]
        wanted = set(coders) if coders is not None else {a.coder for a in here}
        unknown = wanted - set(self._study.coders()) - {a.coder for a in here}
        if unknown:
            raise NotInStudy(f"{sorted(unknown)[0]} is not a coder of {self._study.title}.")
        place = self._study._shelf.place(transcript) if transcript is not None else None
        pairs = [a for a in here if a.coder in wanted and place in (None, a.transcript)]
        visible = {
            (a.coder, a.transcript)
            for a in pairs
            if may_read_codings(
                seat, coder=a.coder, round_=held.id, transcript=a.transcript, sight=sight
            )
        }
        sealed = frozenset(
            (a.coder, a.transcript)
            for a in pairs
            if a.state == "submitted" and (a.coder, a.transcript) in visible
        )
        return CodingSet(
            codings=tuple(
                _for_eyes_of(seat, coding)
                for coding in self._read(held.id, place)
                if (coding.coder, coding.transcript) in visible
            ),
            sealed=sealed,
            open=frozenset((a.coder, a.transcript) for a in pairs) - sealed,
            # What came into the codebook later is no part of what was compared blind.
            codes=self._study.codebook(held.version or None).codes,
            rule=self._study.agreed_rule(),
            not_blind={a.transcript: a.not_blind for a in pairs if a.not_blind},
        )

    def _read(self, round_: str, place: str | None, coder: str | None = None) -> list[Coding]:
        found = rows.whole(
            self._db,
            "SELECT c.* FROM codings c JOIN transcripts t ON t.id = c.transcript "
            "WHERE c.round = ? AND c.transcript = ifnull(?, c.transcript) "
            "AND c.coder = ifnull(?, c.coder) "
            'ORDER BY t.position, c.start, c."end", c.code, c.coder, c.id',
            [round_, place, coder],
        )
        return [rows.coding(row) for row in found]

    # -- codings in ----------------------------------------------------------------------------

    def apply(self, transcript: str, operations: Sequence[object], round_: str) -> Applied:
        """Do a coder's acts on a transcript, all in one transaction."""
        coder = self._coder()
        text = self._study.transcript(transcript)
        if not isinstance(operations, Sequence) or isinstance(operations, str | bytes):
            raise BadCoding("What was sent holds no list of acts; reload the page.")
        # A code that is made at once changes the codebook too.
        at_once = any(isinstance(each, Mapping) and each.get("at_once") for each in operations)
        with self._study._writing(only=None if at_once else TOUCHED):
            held = self._study._rounds.round(round_)
            closed = self._why_closed(coder, text, held)
            codebook = self._study.codebook(held.version or None)
            codes = {code.id: code.name for code in codebook.codable}
            desk = Desk(self._db, coder, text, codes, codebook.version, held.id, closed)
            applied = desk.apply(operations)
            if closed and not applied.acknowledged:
                raise Sealed(closed)
            if applied.coded:
                self._begun(held.id, text.id, coder)
            if not held.version and self._study.seat is not None and self._study.seat.is_lead:
                for asked in codes_at_once(operations, applied.acknowledged):
                    self._code_at_once(asked, text, held.id)
        return applied

    def _code_at_once(self, asked: str, text: Transcript, round_: str) -> None:
        """A lead's own proposal in a round that follows the codebook is a code, on its passage."""
        made = next((p for p in self._study.proposals() if p.id == asked), None)
        if made is None or made.state != OPEN:
            return
        with suppress(BadCodebook):  # a name that is taken: it stays a proposal
            code = self._study.accept_proposal(asked)
            book = self._study.codebook()
            desk = Desk(self._db, self._coder(), text, {code.id: code.name}, book.version, round_)
            at = {"id": new_id(), "start": made.span.start, "end": made.span.end, "code": code.id}
            desk.apply([{"op": "add", "op_id": new_id(), "coding": at, "quote": made.quote}])

    def _begun(self, round_: str, place: str, coder: str) -> None:
        self._db.execute(
            "UPDATE assignments SET state = 'in_progress' WHERE round = ? "
            "AND transcript = ? AND coder = ? AND state = 'assigned'",
            [round_, place, coder],
        )

    def _why_closed(self, coder: str, transcript: Transcript, held: Round) -> str:
        """Why nothing can be changed here, in a sentence; empty where coding goes on."""
        row = self._row(coder, transcript, held)
        if row["state"] == "submitted":
            return f"You have submitted {transcript.title}; its codings stay as they are."
        if held.is_closed:
            return f"{held.name} is closed; {transcript.title} can only be looked at."
        if transcript.id in self._study.unreleased():
            return f"{transcript.title} is not released yet; a data steward lets it go."
        if row["offline"]:
            return (
                f"You took {transcript.title} away in a package; "
                "it can be coded here again when the package is back."
            )
        return ""

    def seen(self, transcript: str, round_: str) -> tuple[int, ...]:
        """Numbers of the turns of one's own transcript that have been on the screen."""
        coder, text = self._coder(), self._study.transcript(transcript)
        row = self._row(coder, text, self._study._rounds.round(round_))
        return tuple(json.loads(row["seen"]))

    # -- submitting ----------------------------------------------------------------------------

    def unfinished(self, transcript: str, round_: str) -> Unfinished:
        """What of one's own work on a transcript is not looked at, or in doubt."""
        coder, text = self._coder(), self._study.transcript(transcript)
        held = self._study._rounds.round(round_)
        seen = set(self.seen(transcript, round_))
        anew = self._study._rounds.sight(held).coded_anew(held.id, text.id)
        return Unfinished(
            unopened=tuple(
                number
                for number, turn in enumerate(text.turns)
                if turn.role == "participant" and number not in seen
            ),
            doubts=tuple(
                c for c in self._read(held.id, text.id, coder) if c.uncertain and not anew
            ),
        )

    def submit(self, transcripts: Iterable[str], round_: str, discussed: bool) -> None:
        """Seal one's own codings of these transcripts, of all or of none."""
        coder = self._coder()
        chosen = [self._study.transcript(transcript) for transcript in transcripts]
        with self._study._writing():
            held = self._study._rounds.round(round_)
            for transcript in chosen:
                self._submit(coder, transcript, held, discussed)
            if not held.version:
                self._study._rounds.freeze(held, self._study._rounds.newest())

    def _submit(self, coder: str, transcript: Transcript, held: Round, discussed: bool) -> None:
        if closed := self._why_closed(coder, transcript, held):
            raise Sealed(closed)
        with self._study._change("submit", transcript.id) as details:
            codings = self._read(held.id, transcript.id, coder)
            self._db.execute(
                "UPDATE assignments SET state = 'submitted', submitted_at = ? "
                "WHERE round = ? AND transcript = ? AND coder = ?",
                [history.now(), held.id, transcript.id, coder],
            )
            details["codings"] = len(codings)
            details["sealed"] = sealed_digest(codings)
            if held.id != MAIN:
                details["round"] = held.id
            if discussed:
                self._study._rounds.mark(held.id, transcript.id, coder, DISCUSSED)
                details["discussed"] = True
        self._study._rounds.tell_unblinded(held, transcript.id)

    # -- reopening -----------------------------------------------------------------------------

    def reopen(self, transcript: str, coder: str, round_: str, reason: str) -> None:
        """Let a coder change what they had submitted; what it was is kept aside for good."""
        rounds, text = self._study._rounds, self._study.transcript(transcript)
        reason = reason.strip()
        if not reason:
            raise BadCommand("Reopening needs a reason: it stands in the record.")
        with self._study._writing():
            held = rounds.round(round_)
            row = self._row(coder, text, held)
            if row["state"] != "submitted":
                raise BadCommand(f"{coder} has not submitted {text.title}; there is no seal on it.")
            if held.is_closed:
                raise NotAllowed(f"{held.name} is closed; nothing in it can be reopened.")
            rounds.refuse_locked(held.id, text.id, text.title)
            seen = rounds.seen_already(coder, text.id, held)
            with self._study._change("reopen", text.id) as details:
                self._db.table("submissions").insert(
                    {
                        "round": held.id,
                        "transcript": text.id,
                        "coder": coder,
                        "submitted_at": row["submitted_at"],
                        "reopened_by": self._study.who,
                        "reopened_at": history.now(),
                        "reason": reason,
                        "codings": rows.to_json(
                            [rows.coding_row(c) for c in self._read(held.id, text.id, coder)]
                        ),
                    }
                )
                self._db.execute(
                    "UPDATE assignments SET state = 'reopened', submitted_at = NULL "
                    "WHERE round = ? AND transcript = ? AND coder = ?",
                    [held.id, text.id, coder],
                )
                if seen:
                    rounds.mark(held.id, text.id, coder, f"reopened after {seen}")
                details |= {"round": held.id, "coder": coder, "blind": not seen}

    def _coder(self) -> str:
        seat = self._study.seat
        if seat is None or not seat.is_coder:
            raise NotAllowed("Coding needs a coder's seat; ask the study lead for that role.")
        return seat.name

    def _row(self, coder: str, transcript: Transcript, held: Round) -> Any:
        row = next(
            self._db.query(
                "SELECT * FROM assignments WHERE round = ? AND transcript = ? AND coder = ?",
                [held.id, transcript.id, coder],
            ),
            None,
        )
        if row is None or row["state"] == "withdrawn":
            mine = self._study.seat is not None and self._study.seat.name == coder
            whom = "you; ask the study lead" if mine else f"{coder}; look at the round's plan"
            raise NotAllowed(f"{transcript.title} was not given to {whom}.")
        return row


def _for_eyes_of(seat: Any, coding: Coding) -> Coding:
    """An auditor follows codings by their ids; the words and the memos are not theirs to read."""
    if seat is None or seat.roles & {"lead", "coder"}:
        return coding
    return replace(coding, quote=veiled(coding.quote), memo="")


def veiled(text: str, shown: Iterable[Span] = ()) -> str:
    """The text with each letter put out but for the spans shown; lengths and spaces stay.

    >>> veiled("I stay late.", [Span(2, 6)])
    '· stay ·····'
    """
    open_ = [False] * len(text)
    for span in shown:
        open_[span.slice] = [True] * len(text[span.slice])
    return "".join(
        letter if seen or letter.isspace() else PLACEHOLDER
        for letter, seen in zip(text, open_, strict=True)
    )
