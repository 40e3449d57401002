"""A coder's acts, as the browser sends them: checked one by one, kept all in one transaction.

Each act carries an id, so that one sent twice is done once. What does not fit is refused with a
sentence and leaves nothing behind; the others of the same parcel are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from qualcode.errors import BadCoding, Sealed
from qualcode.model import MAIN, Transcript
from qualcode.spans import Span
from qualcode.store import history, memos, proposals, searches

MAX_MEMO = 20_000
MAX_ID = 64
TOUCHED = ("assignments", "codings", "memos", "proposals")
"""The sealed tables that acts can change; with a code made at once, others too."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Applied:
    """What became of the acts: ids acknowledged, and {"op_id", "reason"} of those refused.

    ``coded`` says that one of them changed a coding.
    """

    acknowledged: tuple[str, ...]
    rejected: tuple[dict[str, str], ...]
    coded: bool = False


@dataclass(frozen=True)
class Desk:
    """Where the acts are done: one coder at one transcript under one codebook version.

    ``closed`` is why nothing can be changed any more, in a sentence.
    """

    db: Database
    coder: str
    transcript: Transcript
    codes: Mapping[str, str]
    version: str
    round: str
    closed: str = ""

    def apply(self, operations: Sequence[object]) -> Applied:
        """Do the acts in order; called inside a transaction."""
        acknowledged: list[str] = []
        rejected: list[dict[str, str]] = []
        coded = False
        for operation in operations:
            try:
                if not isinstance(operation, Mapping):
                    raise BadCoding("An act is malformed; reload the page.")
                op_id = _short_text(operation.get("op_id"), "id")
            except BadCoding as error:
                rejected.append({"op_id": "", "reason": str(error)})
                continue
            try:
                if operation.get("op") == "seen":
                    self._seen(operation)  # reading is no act of the record
                elif not self._done_before(op_id):
                    if self.closed:
                        raise Sealed(self.closed)
                    self._do(operation)
                    coded = True
                    self.db.execute(
                        "INSERT INTO operations (id, coder, at) VALUES (?, ?, ?)",
                        [op_id, self.coder, history.now()],
                    )
                acknowledged.append(op_id)
            except (BadCoding, Sealed) as error:
                rejected.append({"op_id": op_id, "reason": str(error)})
        return Applied(tuple(acknowledged), tuple(rejected), coded)

    def _done_before(self, op_id: str) -> bool:
        row = self.db.execute(
            "SELECT 1 FROM operations WHERE coder = ? AND id = ?", [self.coder, op_id]
        ).fetchone()
        return row is not None

    def _do(self, operation: Mapping[str, Any]) -> None:
        match operation.get("op"):
            case "add":
                self._add(operation)
            case "remove":
                self._remove(operation)
            case "memo":
                self._memo(operation)
            case "doubt":
                self._doubt(operation)
            case "note" | "note_text" | "unnote":
                memos.carry_out(self, operation)
            case "search":
                on = bool(_flag(operation.get("on")))
                searches.switch(self.db, self.coder, self.round, operation.get("id"), on=on)
            case "propose":
                self._propose(operation)
            case "unpropose":
                asked = _coding_id(operation.get("id"))
                proposals.take_back(self.db, self.coder, self.round, self.transcript, asked)
            case _:
                raise BadCoding("This act is not known here; reload the page.")

    def _add(self, operation: Mapping[str, Any]) -> None:
        coding = operation.get("coding")
        if not isinstance(coding, Mapping):
            raise BadCoding("The coding is incomplete; select the passage again.")
        coding_id = _coding_id(coding.get("id"))
        span, quote = self.passage(coding, operation.get("quote"))
        start, end = span.start, span.end
        code = coding.get("code")
        if not isinstance(code, str) or code not in self.codes:
            raise BadCoding("This code is not in the codebook, or may not be put on text.")
        memo = _memo_text(coding.get("memo", ""))
        uncertain = _flag(coding.get("uncertain", False))
        search = coding.get("search", "")
        if search and not (
            isinstance(search, str)
            and searches.is_of(self.db, self.coder, self.round, self.transcript.id, search)
        ):
            raise BadCoding("The search of this coding is not among yours; reload the page.")
        if self._row("SELECT 1 FROM codings WHERE id = ?", coding_id):
            raise BadCoding("A coding with this id is there already; reload the page.")
        if self._row(
            "SELECT 1 FROM codings WHERE round = ? AND transcript = ? AND coder = ? "
            'AND code = ? AND start = ? AND "end" = ?',
            self.round,
            self.transcript.id,
            self.coder,
            code,
            start,
            end,
        ):
            raise BadCoding(f"This passage carries “{self.codes[code]}” already.")
        self.db.execute(
            'INSERT INTO codings (id, transcript, coder, code, start, "end", quote, memo, '
            "codebook_version, made_at, round, uncertain, search) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                coding_id,
                self.transcript.id,
                self.coder,
                code,
                start,
                end,
                quote,
                memo,
                self.version,
                history.now(),
                self.round,
                uncertain,
                search,
            ],
        )
        told = {"code": code, "start": start, "end": end}
        self._tell("code_add", coding_id, told | ({"search": search} if search else {}))

    def _propose(self, operation: Mapping[str, Any]) -> None:
        told = operation.get("proposal")
        if not isinstance(told, Mapping):
            raise BadCoding("The proposal is incomplete; select the passage again.")
        _coding_id(told.get("id"))
        span, _ = self.passage(told, operation.get("quote"))
        proposals.propose(self.db, self.coder, self.round, self.transcript, told, span)

    def passage(self, place: Mapping[str, Any], quote: object) -> tuple[Span, str]:
        """The span of an act and its words, which have to be those that the browser has."""
        start, end = _offset(place.get("start")), _offset(place.get("end"))
        text = self.transcript.text
        if not start < end <= len(text):
            raise BadCoding(
                f"The passage {start} to {end} is not inside {self.transcript.title} "
                f"(0 to {len(text)}); select it again."
            )
        if quote != text[start:end]:
            raise BadCoding(
                f"The quotation differs from the text of {self.transcript.title} at {start}; "
                "reload the page and select the passage again."
            )
        return Span(start, end), text[start:end]

    def known_id(self, value: object) -> str:
        return _coding_id(value)

    def _remove(self, operation: Mapping[str, Any]) -> None:
        coding_id = _coding_id(operation.get("id"))
        row = self._own(coding_id)
        if row is None and not self._removed_before(coding_id):
            raise BadCoding("This coding is not among yours on this transcript; reload the page.")
        if row is not None:
            self.db.execute("DELETE FROM codings WHERE id = ?", [coding_id])
            code, start, end = row
            self._tell("code_remove", coding_id, {"code": code, "start": start, "end": end})

    def _memo(self, operation: Mapping[str, Any]) -> None:
        coding_id = _coding_id(operation.get("id"))
        memo = _memo_text(operation.get("memo"))
        if self._own(coding_id) is None:
            raise BadCoding("The coding of this memo is not among yours; reload the page.")
        self.db.execute("UPDATE codings SET memo = ? WHERE id = ?", [memo, coding_id])
        self._tell("memo", coding_id, {"characters": len(memo)})

    def _doubt(self, operation: Mapping[str, Any]) -> None:
        coding_id = _coding_id(operation.get("id"))
        uncertain = _flag(operation.get("uncertain"))
        if self._own(coding_id) is None:
            raise BadCoding("The coding of this doubt is not among yours; reload the page.")
        self.db.execute("UPDATE codings SET uncertain = ? WHERE id = ?", [uncertain, coding_id])
        self._tell("doubt", coding_id, {"uncertain": bool(uncertain)})

    def _seen(self, operation: Mapping[str, Any]) -> None:
        """Participant turns that have been on the coder's screen, for their own list and for how
        far the lead sees them to be.
        """
        turns = operation.get("turns")
        participant = {
            n for n, turn in enumerate(self.transcript.turns) if turn.role == "participant"
        }
        if not isinstance(turns, Sequence) or isinstance(turns, str | bytes):
            raise BadCoding("What was seen is no list of turns; reload the page.")
        numbers = {_offset(turn) for turn in turns[: len(self.transcript.turns)]}
        if self.closed or not numbers <= set(range(len(self.transcript.turns))):
            return
        place = [self.round, self.transcript.id, self.coder]
        where = "WHERE round = ? AND transcript = ? AND coder = ?"
        (kept,) = self._row(f"SELECT seen FROM assignments {where}", *place)
        before = set(json.loads(kept))
        after = before | (numbers & participant)
        if not before and after:
            self._tell("open_transcript", self.transcript.id, {})
        if after != before:
            self.db.execute(
                f"UPDATE assignments SET seen = ? {where}", [json.dumps(sorted(after)), *place]
            )

    def _own(self, coding_id: str) -> Any:
        """The coder's own coding of this id; another's is as if it were not there."""
        return self._row(
            'SELECT code, start, "end" FROM codings '
            "WHERE id = ? AND coder = ? AND transcript = ? AND round = ?",
            coding_id,
            self.coder,
            self.transcript.id,
            self.round,
        )

    def _removed_before(self, coding_id: str) -> bool:
        row = self._row(
            "SELECT 1 FROM history WHERE subject = ? AND who = ? AND act = 'code_remove'",
            coding_id,
            self.coder,
        )
        return row is not None or searches.has_put(self.db, self.coder, coding_id)

    def _row(self, query: str, *values: object) -> Any:
        return self.db.execute(query, list(values)).fetchone()

    def _tell(self, act: str, subject: str, details: Mapping[str, Any]) -> None:
        where = {"transcript": self.transcript.id}
        if self.round != MAIN:  # lines of the main round read as they did before there were others
            where["round"] = self.round
        history.write(self.db, self.coder, act, subject, {**where, **details})


def codes_at_once(operations: Sequence[object], acknowledged: Sequence[str]) -> list[str]:
    """Ids of the proposals among these acts that are to become codes at once, where one may."""
    return [
        str(each["proposal"]["id"])
        for each in operations
        if isinstance(each, Mapping)
        and each.get("op") == "propose"
        and each.get("at_once") is True
        and each.get("op_id") in acknowledged
        and isinstance(each.get("proposal"), Mapping)
    ]


def _short_text(value: object, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID or not value.isprintable():
        raise BadCoding(f"The {what} of this act is missing or malformed; reload the page.")
    return value


def _coding_id(value: object) -> str:
    # Ids are UUIDs, which nobody can guess: the refusal of one that is taken tells nobody anything.
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise BadCoding("The coding's id is missing or malformed; reload the page.")
    return value


def _offset(value: object) -> int:
    # The browser has one kind of number: 12.0 is a whole number there, True is not a number here.
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise BadCoding("The passage has no proper beginning and end; select it again.")
    return value


def _memo_text(value: object) -> str:
    if not isinstance(value, str):
        raise BadCoding("The memo is not text; type it again.")
    if len(value) > MAX_MEMO:
        raise BadCoding(f"A memo has at most {MAX_MEMO:,} characters; this one has {len(value):,}.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadCoding("The memo holds half a character, which cannot be kept; type it again.")
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _flag(value: object) -> int:
    if not isinstance(value, bool):
        raise BadCoding("A doubt is marked with yes or no; reload the page.")
    return int(value)
