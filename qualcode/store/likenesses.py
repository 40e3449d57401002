"""More like this: passages that look like a code's own, accepted or rejected by the coder.

Only in one's own open layer, only where the round allows a machine's help. What is accepted is a
coding like any other that knows where it came from; accepting a row of passages is one act, which
undo takes back (`store.searches`). What is rejected is not offered again to this coder for this
code in this round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from qualcode.errors import AlreadyInStudy, BadCodebook, BadCommand, NotAllowed, NotInStudy
from qualcode.model import MAIN, Coding, Round, Transcript, new_id
from qualcode.spans import Span
from qualcode.store import history, searches
from qualcode.store.access import may_read_codings
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.store.moves import Moves
    from qualcode.store.study import Study

FORBIDDEN = (
    "{} is coded by hand: its lead has closed coding with a machine’s help, so no passages are "
    "suggested."
)
LikenessAnswer = Literal["accepted", "rejected"]


@dataclass(frozen=True)
class OwnWork:
    """What a coder may look for more in: their texts of a round and their own codings of them.

    ``open`` are the ids of the transcripts that can still be coded; ``version`` is the codebook's.
    """

    transcripts: tuple[Transcript, ...]
    codings: tuple[Coding, ...]
    open: frozenset[str]
    version: str


@dataclass(frozen=True)
class LikenessGiven:
    """A coder's answer to a passage that looked like a code's own.

    ``id`` is that of the coding where it was accepted; ``act`` names all that was answered in one
    sitting.
    """

    id: str
    act: str
    transcript: str
    round: str
    coder: str
    code: str
    span: Span
    answer: LikenessAnswer
    made_at: str


class Likenesses(Opened):
    """Passages alike in one study."""

    def own_work(self, *, round: str = MAIN) -> OwnWork:
        """One's own texts and codings of a round, to look for more passages in.

        Raises
        ------
        NotAllowed
            The seat is no coder's, or the round is coded by hand.
        """
        study = cast("Study", self)
        coder = study._layers._coder()
        held = study.round(round)
        _refuse_by_hand(held)
        hidden = study._hidden()
        given = {
            a.transcript: a
            for a in study._rounds.all_assignments(held.id)
            if a.coder == coder and a.state != "withdrawn" and a.transcript not in hidden
        }
        return OwnWork(
            transcripts=tuple(text for text in study.transcripts() if text.id in given),
            codings=study.codings(coders=[coder], round=held.id).codings if given else (),
            open=frozenset(
                place
                for place in given
                if not study._layers._why_closed(coder, study._shelf.transcript(place), held)
            ),
            version=held.version,
        )

    def answer_likeness(
        self,
        code: str,
        transcript: str,
        span: Span,
        *,
        accept: bool,
        act: str,
        round: str = MAIN,
    ) -> LikenessGiven:
        """Put a code on a passage that was suggested, or keep that it is not this code.

        ``act`` is an id for all that is answered in one sitting: undo takes back by it.

        Raises
        ------
        NotAllowed
            The round is coded by hand, or the transcript was not given to this coder.
        Sealed
            The transcript is submitted, closed or away.
        AlreadyInStudy
            The passage carries the code, or was rejected for it.
        """
        study = cast("Study", self)
        coder = study._layers._coder()
        text = study.transcript(transcript)
        if not act or len(act) > 64 or not act.isprintable():
            raise BadCommand("This sitting has no name; begin it anew.")
        if not text.text[span.slice].strip() or span.end > len(text.text):
            raise BadCommand(f"This passage is not inside {text.title}; look for more anew.")
        with study._writing():
            held = study.round(round)
            _refuse_by_hand(held)
            book = study.codebook(held.version or None)
            if code not in {each.id for each in book.codable}:
                raise BadCodebook("This code is not in the codebook, or may not be put on text.")
            study._refuse_closed(coder, text, held)
            self._refuse_taken_act(act, coder, held.id, code)
            standing = study._layers._read(held.id, text.id, coder)
            if any(c.code == code and c.span == span for c in standing):
                raise AlreadyInStudy("This passage carries the code already.")
            if self._rejected(held.id, text.id, coder, code, span):
                raise AlreadyInStudy("This passage was rejected for this code already.")
            row = {
                "id": new_id(),
                "act": act,
                "transcript": text.id,
                "round": held.id,
                "coder": coder,
                "code": code,
                "start": span.start,
                "end": span.end,
                "answer": "accepted" if accept else "rejected",
                "version": book.version,
                "sha256": text.sha256,
                "made_at": history.now(),
            }
            study._db.table("likenesses").insert(row)
            if accept:
                searches.put_one(study._db, row, text.text)
                study._layers._begun(held.id, text.id, coder)
            else:
                _tell(study._db, "like_reject", row)
        return _given(row)

    def take_back_likeness(self, likeness: str, *, round: str = MAIN) -> None:
        """Take one's own last answer to a passage back: its coding goes, or it is offered again."""
        study = cast("Study", self)
        coder = study._layers._coder()
        with study._writing():
            held = study.round(round)
            row = next(
                study._db.query(
                    "SELECT * FROM likenesses WHERE id = ? AND coder = ? AND round = ?",
                    [likeness, coder, held.id],
                ),
                None,
            )
            if row is None:
                raise NotInStudy("This answer is not among yours; look for more anew.")
            study._refuse_closed(coder, study.transcript(row["transcript"]), held)
            study._db.execute("DELETE FROM likenesses WHERE id = ?", [likeness])
            if row["answer"] == "accepted":
                searches.take_back_one(study._db, row)
            else:
                _tell(study._db, "like_reopen", row)

    def likenesses(self, *, round: str = MAIN) -> tuple[LikenessGiven, ...]:
        """The answers in a round that this seat may see, oldest first; as closed as codings."""
        study = cast("Study", self)
        held = study.round(round)
        sight = study._rounds.sight(held)
        return tuple(
            _given(row)
            for row in study._db.query(
                "SELECT * FROM likenesses WHERE round = ? ORDER BY rowid", [held.id]
            )
            if may_read_codings(
                study.seat,
                coder=row["coder"],
                round_=held.id,
                transcript=row["transcript"],
                sight=sight,
            )
        )

    def _rejected(self, round_: str, place: str, coder: str, code: str, span: Span) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM likenesses WHERE round = ? AND transcript = ? AND coder = ? "
            "AND code = ? AND start = ? AND \"end\" = ? AND answer = 'rejected'",
            [round_, place, coder, code, span.start, span.end],
        ).fetchone()
        return row is not None

    def _refuse_taken_act(self, act: str, coder: str, round_: str, code: str) -> None:
        """One act is one coder's, in one round, for one code; and no search's."""
        held = self._db.execute(
            "SELECT coder, round, code FROM likenesses WHERE act = ? LIMIT 1", [act]
        ).fetchone()
        search = self._db.execute("SELECT 1 FROM searches WHERE id = ?", [act]).fetchone()
        if search or (held and tuple(held) != (coder, round_, code)):
            raise BadCommand("This sitting has a name that is taken; begin it anew.")


def move(db: Any, place: str, moves: Moves) -> None:
    """Carry the passages answered to a text's new version, so that they are known there."""
    for row in list(db.query("SELECT * FROM likenesses WHERE transcript = ?", [place])):
        span = moves.of("", Span(row["start"], row["end"]), may_go=False)
        assert span is not None  # nothing may go
        if (span.start, span.end) != (row["start"], row["end"]):
            db.table("likenesses").update(row["id"], {"start": span.start, "end": span.end})


def _refuse_by_hand(held: Round) -> None:
    if not held.autocoding:
        raise NotAllowed(FORBIDDEN.format(held.name))


def _given(row: Any) -> LikenessGiven:
    return LikenessGiven(
        **{key: row[key] for key in ("id", "act", "transcript", "round", "coder", "code")},
        span=Span(row["start"], row["end"]),
        answer=row["answer"],
        made_at=row["made_at"],
    )


def _tell(db: Any, act: str, row: Any) -> None:
    where = {"transcript": row["transcript"]}
    if row["round"] != MAIN:
        where["round"] = row["round"]
    history.write(db, row["coder"], act, row["act"], {**where, "code": row["code"]})
