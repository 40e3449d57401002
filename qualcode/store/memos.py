"""Memos in a study: written by anybody, read as blindness allows, answered once that is over.

A memo on a coding is a column of the coding, one of a decision its reason; both are read here
beside the others, so that whoever asks for memos has them all. What a coder notes on a passage
while coding arrives with the acts of the coding surface (:func:`carry_out`) and is sealed with the
codings.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from qualcode.errors import BadCoding, BadCommand, NotAllowed, NotInStudy, Sealed, StillBlind
from qualcode.memos import LONGEST_MEMO, MOMENTS, Memo, MemoKind, Moment
from qualcode.model import MAIN, TRUE_DIFFERENCE, Coding, new_id
from qualcode.spans import Span
from qualcode.store import history
from qualcode.store.access import (
    READERS_OF_MEMOS,
    READERS_OF_WORDS,
    Blindness,
    is_open_to,
    may_read_memo,
)
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.store.operations import Desk
    from qualcode.store.study import Study

NOT_YOURS = "This memo is not among yours; reload the page."
COLUMNS = (
    *("id", "kind", "about", "subject", "transcript", "round", "in_layer", "start", "end", "quote"),
    *("author", "text", "moment", "shared", "may_be_reported", "made_at", "changed_at"),
)


class Memos(Opened):
    """What a study can do with memos, through the seat of the person at it."""

    # -- reading -------------------------------------------------------------------------------

    def memos(
        self,
        *,
        transcript: str | None = None,
        author: str | None = None,
        kind: MemoKind | None = None,
        decided: bool = True,
    ) -> tuple[Memo, ...]:
        """All memos that this seat may read, oldest first: on codings, in decisions, on all else.

        ``transcript`` is an id; without ``decided`` the words of decisions are left out. Replies
        come with what they answer.
        """
        sights = _whole(self)._rounds.sights()
        codings = self._codings(transcript)
        found = [*self._kept(sights), *(_of_coding(c) for c in codings if c.memo.strip())]
        found += self._in_decisions() if decided else []
        there = {memo.id for memo in found} | {coding.id for coding in codings}
        return tuple(
            sorted(
                (
                    memo
                    for memo in found
                    if (transcript is None or memo.transcript == transcript)
                    and (author is None or memo.author == author)
                    and (kind is None or memo.kind == kind)
                    and (memo.about != "reply" or memo.subject in there or not decided)
                ),
                key=lambda memo: (memo.made_at, memo.id),
            )
        )

    def noted(self, transcript: str, *, round: str = MAIN) -> tuple[Memo, ...]:
        """One's own memos beside a transcript at coding: on its passages and on itself as made in
        this round, and on the codes.
        """
        place = _whole(self)._shelf.place(transcript)
        return tuple(
            memo
            for memo in self._kept(_whole(self)._rounds.sights())
            if memo.author == self.who
            and (
                memo.about == "code"
                or (
                    memo.about in ("passage", "transcript")
                    and (memo.transcript, memo.round) == (place, round)
                )
            )
        )

    def moments_due(self) -> tuple[Moment, ...]:
        """The moments at which this seat is asked for a word on itself and has not answered yet."""
        seat = self.seat
        if seat is None or not seat.roles & READERS_OF_MEMOS:
            return ()
        answered = {memo.moment for memo in self._rows("WHERE author = ?", [self.who])}
        answered |= set(self.declined().get(self.who, ()))
        return tuple(m for m in MOMENTS if m not in answered and self._has_come(m))

    def declined(self) -> dict[str, tuple[str, ...]]:
        """Name → the moments at which that person declined to write a memo on themselves."""
        found: dict[str, tuple[str, ...]] = {}
        for author, moment in self._db.execute(
            "SELECT author, moment FROM memos_declined ORDER BY author, at, moment"
        ).fetchall():
            found[author] = (*found.get(author, ()), moment)
        return found

    # -- writing -------------------------------------------------------------------------------

    def write_memo(self, memo: Memo) -> Memo:
        """Keep a memo of one's own, as whoever sits here; one taken out may be kept again.

        Raises
        ------
        BadCommand, BadCoding
            It says nothing, or its words are not those of its place.
        NotInStudy
            What it is about is not there, or not open to this seat.
        """
        with self._writing():
            kept = self._placed(memo)
            with self._change("memo_write", kept.id) as details:
                insert(self._db, kept)
                details |= told(kept)
        return kept

    def change_memo(
        self,
        memo: str,
        *,
        text: str | None = None,
        kind: MemoKind | None = None,
        may_be_reported: bool | None = None,
    ) -> Memo:
        """Say a memo of one's own differently; the words of one that was sealed stay.

        What may be reported is shared by that.
        """
        with self._writing():
            before = self._own(memo)
            after = replace(
                before,
                text=memo_text(text) if text is not None else before.text,
                kind=kind or before.kind,
                may_be_reported=(
                    before.may_be_reported if may_be_reported is None else may_be_reported
                ),
            )
            after = replace(after, shared=before.shared or after.may_be_reported)
            if after == before:
                return before
            act = "memo_change" if after.shared == before.shared else "memo_share"
            after = replace(after, changed_at=history.now())
            with self._change(act, memo) as details:
                changes: dict[str, Any] = {
                    "kind": after.kind,
                    "may_be_reported": int(after.may_be_reported),
                }
                changes |= {"shared": int(after.shared), "changed_at": after.changed_at}
                if after.text != before.text:
                    changes["text"] = after.text
                self._db.table("memos").update(memo, changes)
                details |= told(after)
        return after

    def share_memo(self, memo: str) -> None:
        """Let the team read a memo of one's own; that is not taken back."""
        with self._writing():
            before = self._own(memo)
            if before.shared:
                return
            with self._change("memo_share", memo) as details:
                self._db.execute("UPDATE memos SET shared = 1 WHERE id = ?", [memo])
                details |= told(replace(before, shared=True))

    def delete_memo(self, memo: str) -> None:
        """Take out a memo of one's own; that it was there stands in the history."""
        with self._writing():
            before = self._own(memo)
            with self._change("memo_delete", memo) as details:
                take_out(self._db, before)
                details |= told(before)

    def answer_memo(self, memo: str, text: str, *, id: str = "") -> Memo:
        """Answer a memo, or a coding, once its transcript is open to everybody who coded it.

        ``id`` is that of an answer taken out, to be kept again.

        Raises
        ------
        NotInStudy
            There is nothing of this id that this seat may read.
        StillBlind
            The transcript is not submitted by everybody yet.
        NotAllowed
            The memo is not shared.
        """
        with self._writing():
            answered = self._answerable(memo)
            if not answered.in_layer and not answered.shared:
                raise NotAllowed("This memo is your own; share it before it can be answered.")
            if not is_open_to(answered.round, answered.transcript, _whole(self)._rounds.sights()):
                raise StillBlind(
                    "Threads open when everybody has submitted this transcript, and for you when "
                    "all of yours are submitted."
                )
            reply = Memo(
                memo_text(text),
                "reply",
                answered.subject if answered.about == "reply" else answered.id,
                answered.transcript,
                kind=answered.kind,
                author=self.who,
                shared=True,
                round=answered.round,
                made_at=history.now(),
                id=id or new_id(),
            )
            with self._change("memo_answer", reply.id) as details:
                insert(self._db, reply)
                details |= told(reply)
        return reply

    def decline_memo(self, moment: Moment) -> None:
        """Keep that this person would not write a memo on themselves at this moment."""
        if moment not in MOMENTS:
            raise BadCommand(f"“{moment}” is no moment at which a memo is asked for.")
        if self.seat is None:
            raise NotAllowed("Declining needs a seat in the study.")
        if moment in self.declined().get(self.who, ()):
            return
        with self._change("memo_decline", self.who) as details:
            self._db.table("memos_declined").insert(
                {"author": self.who, "moment": moment, "at": history.now()}
            )
            details["moment"] = moment

    # -- inside --------------------------------------------------------------------------------

    def _rows(self, where: str, values: Iterable[object]) -> list[Memo]:
        return [
            memo_of(row)
            for row in self._db.query(f"SELECT * FROM memos {where}", list(values))
        ]  # fmt: skip

    def _kept(self, sights: Mapping[str, Blindness]) -> list[Memo]:
        submitted = {
            tuple(row)
            for row in self._db.execute(
                "SELECT round, transcript, coder FROM assignments WHERE state = 'submitted'"
            )
        }
        return [
            memo
            for memo in self._rows("ORDER BY made_at, id", [])
            if may_read_memo(
                memo, seat=self.seat, who=self.who, sights=sights, submitted=submitted
            )
        ]  # fmt: skip

    def _reads_memos(self) -> bool:
        return self.seat is None or bool(self.seat.roles & READERS_OF_MEMOS)

    def _codings(self, transcript: str | None = None) -> list[Coding]:
        study = _whole(self)
        if not self._reads_memos():
            return []
        return [
            coding
            for held in study.rounds()
            for coding in study.codings(transcript=transcript, round=held.id)
        ]

    def _in_decisions(self) -> list[Memo]:
        """The words of the decisions that hold; those on a true difference are findings."""
        if not self._reads_memos():
            return []
        last = {id: d for d in _whole(self).decisions() for id in d.covers}
        held = {decision.id: decision for decision in last.values()}
        return [
            Memo(
                d.memo,
                "difference",
                d.difference,
                d.transcript,
                kind="difference",
                author=d.decided_by,
                shared=True,
                may_be_reported=d.reason_kind == TRUE_DIFFERENCE,
                round=MAIN,
                made_at=d.decided_at,
                id=d.id,
            )
            for d in held.values()
            if d.memo and d.outcome != "undone"
        ]

    def _own(self, memo: str) -> Memo:
        for found in self._rows("WHERE id = ? AND author = ?", [memo, self.who]):
            home = _whole(self)._rounds.sights().get(found.round)
            if found.transcript in _whole(self)._hidden():
                continue
            if home is None or not home.coded_anew(found.round, found.transcript):
                return found
        raise NotInStudy(NOT_YOURS)

    def _answerable(self, id: str) -> Memo:
        for memo in self.memos():
            if memo.id == id:
                return memo
        for coding in self._codings():
            if coding.id == id:
                return _of_coding(coding)
        raise NotInStudy("There is no memo here that could be answered; reload the page.")

    def _placed(self, memo: Memo) -> Memo:
        """The memo as it is kept: whose it is, when, in which round; refused if about nothing."""
        study, seat = _whole(self), self.seat
        kept = replace(
            memo,
            text=memo_text(memo.text),
            author=self.who,
            shared=memo.shared or memo.may_be_reported or memo.about == "difference",
            made_at=memo.made_at or history.now(),
            round="",
            in_layer=False,
        )
        if memo.about in ("coding", "reply"):
            raise BadCommand("A memo on a coding is kept with the coding, an answer with its memo.")
        if memo.about in ("study", "code", "theme"):
            self._refuse_unknown(memo)
            return replace(kept, transcript="", span=None, quote="")
        if seat is not None and not seat.roles & READERS_OF_WORDS:
            raise NotAllowed("Memos on interviews are written by those who read them.")
        text = study.transcript(memo.transcript)
        round_, at_work = self._round_of(text.id)
        kept = replace(kept, transcript=text.id, round=round_)
        if memo.about == "transcript":
            return replace(kept, span=None, quote="", subject="")
        if memo.about == "difference":
            if not self._reads_memos() or text.id not in study.sight().closed:
                raise NotInStudy("There is no difference here that is open to you.")
            kept = replace(kept, round=MAIN)
        elif memo.span is None:
            raise BadCoding("The passage of this memo is missing; select it again.")
        if memo.span is not None:
            quote = text.text[memo.span.slice]
            if memo.span.end > len(text.text) or memo.quote != quote:
                raise BadCoding(
                    f"The quotation differs from the text of {text.title}; select it again."
                )
        if memo.about == "passage" and at_work:
            held = study._rounds.round(round_)
            if closed := study._layers._why_closed(self.who, text, held):
                raise Sealed(closed)
            return replace(kept, in_layer=True)
        return kept

    def _round_of(self, transcript: str) -> tuple[str, bool]:
        """The round that a memo on this transcript is of; whether the seat is at work there."""
        study = _whole(self)
        given = [
            a
            for a in study._rounds.all_assignments()
            if a.transcript == transcript and a.state != "withdrawn"
        ]
        own = [a.round for a in given if a.coder == self.who and a.is_open]
        if own and self.seat is not None and self.seat.is_coder:
            return own[0], True
        rounds = {a.round for a in given}
        return (MAIN if MAIN in rounds else next(iter(sorted(rounds)), "")), False

    def _refuse_unknown(self, memo: Memo) -> None:
        study = _whole(self)
        if memo.about == "study" and memo.subject:
            raise BadCommand("A memo on the study is about all of it.")
        if memo.about == "code" and not is_code(self._db, memo.subject):
            raise NotInStudy("This code is not in the codebook; choose another.")
        if memo.about == "theme" and memo.subject not in {t.id for t in study.themes()}:
            raise NotInStudy("This theme is not there any more; choose another.")

    def _has_come(self, moment: Moment) -> bool:
        study = _whole(self)
        if moment == "start":
            return True
        everything = study._rounds.all_assignments()
        if moment == "themes":
            sight = study.sight()
            return bool(sight.closed) and not sight.waiting and not sight.own_open
        pilots = {held.id for held in study.rounds() if held.kind == "pilot"}
        given = [a for a in everything if a.round in pilots and a.state != "withdrawn"]
        return bool(given) and not any(a.is_open for a in given)


def _whole(study: Memos) -> Study:
    """The study that this is a part of."""
    return cast("Study", study)


# -- acts of the coding surface ----------------------------------------------------------------


def carry_out(desk: Desk, operation: Mapping[str, Any]) -> None:
    """One act of a coder on their own memos: note, note_text or unnote.

    Called inside a transaction.

    Raises
    ------
    BadCoding
        It does not fit; nothing is left of it.
    """
    if operation.get("op") == "note":
        memo = _noted(desk, operation)
        insert(desk.db, memo)
        history.write(desk.db, desk.coder, "memo_write", memo.id, told(memo))
        return
    id = operation.get("id")
    found = [
        memo_of(row)
        for row in desk.db.query(
            "SELECT * FROM memos WHERE id = ? AND author = ? AND (about = 'code' OR "
            "(about IN ('passage', 'transcript') AND transcript = ? AND round = ?))",
            [str(id), desk.coder, desk.transcript.id, desk.round],
        )
    ]
    if operation.get("op") == "unnote":
        if found:
            take_out(desk.db, found[0])
            history.write(desk.db, desk.coder, "memo_delete", found[0].id, told(found[0]))
        elif not _deleted_before(desk, id):
            raise BadCoding(NOT_YOURS)
        return
    if not found:
        raise BadCoding(NOT_YOURS)
    after = replace(found[0], text=memo_text(operation.get("text")))
    desk.db.execute(
        "UPDATE memos SET text = ?, changed_at = ? WHERE id = ?", [after.text, history.now(), id]
    )
    history.write(desk.db, desk.coder, "memo_change", after.id, told(after))


def _noted(desk: Desk, operation: Mapping[str, Any]) -> Memo:
    """The memo of an act, checked against the text and the codebook."""
    note = operation.get("note")
    if not isinstance(note, Mapping):
        raise BadCoding("The memo is incomplete; write it again.")
    id = desk.known_id(note.get("id"))
    if desk.db.execute("SELECT 1 FROM memos WHERE id = ?", [id]).fetchone():
        raise BadCoding("A memo with this id is there already; reload the page.")
    text, about = memo_text(note.get("text")), note.get("about")
    made = history.now()
    if about == "code":
        subject = note.get("code")
        if not isinstance(subject, str) or not is_code(desk.db, subject):
            raise BadCoding("The code of this memo is not in the codebook; choose another.")
        return Memo(text, "code", subject, author=desk.coder, made_at=made, id=id)
    if about == "transcript":
        return Memo(
            text, "transcript", transcript=desk.transcript.id, author=desk.coder,
            round=desk.round, made_at=made, id=id,
        )  # fmt: skip
    if about != "passage":
        raise BadCoding("The memo is about nothing that is known here; reload the page.")
    span, quote = desk.passage(note, operation.get("quote"))
    return Memo(
        text, "passage", transcript=desk.transcript.id, span=span, quote=quote, author=desk.coder,
        round=desk.round, in_layer=True, made_at=made, id=id,
    )  # fmt: skip


def _deleted_before(desk: Desk, id: object) -> bool:
    row = desk.db.execute(
        "SELECT 1 FROM history WHERE subject = ? AND who = ? AND act = 'memo_delete'",
        [str(id), desk.coder],
    ).fetchone()
    return row is not None


# -- rows --------------------------------------------------------------------------------------


def memo_of(row: Mapping[str, Any]) -> Memo:
    return Memo(
        text=row["text"],
        about=row["about"],
        subject=row["subject"],
        transcript=row["transcript"] or "",
        span=Span(row["start"], row["end"]) if row["start"] is not None else None,
        quote=row["quote"],
        kind=row["kind"],
        author=row["author"],
        shared=bool(row["shared"]),
        may_be_reported=bool(row["may_be_reported"]),
        moment=row["moment"],
        round=row["round"],
        in_layer=bool(row["in_layer"]),
        made_at=row["made_at"],
        changed_at=row["changed_at"],
        id=row["id"],
    )


def memo_row(memo: Memo) -> dict[str, Any]:
    span = memo.span
    row = {name: getattr(memo, name) for name in COLUMNS if name not in ("start", "end")}
    return row | {
        "transcript": memo.transcript or None,
        "start": span.start if span else None,
        "end": span.end if span else None,
        "shared": int(memo.shared),
        "may_be_reported": int(memo.may_be_reported),
        "in_layer": int(memo.in_layer),
    }


def memo_text(value: object) -> str:
    """The words of a memo as they are kept, with one kind of line end."""
    if not isinstance(value, str) or not value.strip():
        raise BadCoding("A memo needs words; write it again.")
    if len(value) > LONGEST_MEMO:
        raise BadCoding(
            f"A memo has at most {LONGEST_MEMO:,} characters; this one has {len(value):,}."
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadCoding("The memo holds half a character, which cannot be kept; type it again.")
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def told(memo: Memo) -> dict[str, Any]:
    """What the history tells of a memo: never its words, and of a private one nobody else."""
    found: dict[str, Any] = {"about": memo.about, "kind": memo.kind, "characters": len(memo.text)}
    if not memo.in_layer and not memo.shared:
        found["private"] = True
    if memo.transcript:
        found |= {"transcript": memo.transcript, "round": memo.round}
    if memo.may_be_reported:
        found["may_be_reported"] = True
    return found


def insert(db: Any, memo: Memo) -> None:
    row = memo_row(memo)
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("?" for _ in row)
    try:
        db.execute(f"INSERT INTO memos ({names}) VALUES ({places})", list(row.values()))
    except sqlite3.IntegrityError as error:
        if "append only" in str(error):
            raise BadCoding("A memo with this id is there already; reload the page.") from error
        raise


def take_out(db: Any, memo: Memo) -> None:
    """A memo and its author's own answers to it; what others have answered stays."""
    answers = "FROM memos WHERE about = 'reply' AND subject = ?"
    authors = {author for (author,) in db.execute(f"SELECT author {answers}", [memo.id])}
    if authors - {memo.author}:
        raise BadCoding("Others have answered this memo, so it stays.")
    db.execute(f"DELETE {answers}", [memo.id])
    db.execute("DELETE FROM memos WHERE id = ?", [memo.id])


def _of_coding(coding: Coding) -> Memo:
    return Memo(
        coding.memo,
        "coding",
        coding.id,
        coding.transcript,
        coding.span,
        coding.quote,
        author=coding.coder,
        round=coding.round,
        in_layer=True,
        made_at=coding.made_at,
        id=coding.id,
    )


def is_code(db: Any, code: str) -> bool:
    return db.execute("SELECT 1 FROM codes WHERE id = ?", [code]).fetchone() is not None
