"""Codes that coders propose while the codebook stands: at a passage, answered by the lead.

While its transcript is open, a proposal is seen by who made it and by the lead; it changes no
codebook and no coding. Accepted, it is a code of the next version of the codebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlite_utils import Database

from qualcode.codebook import PALETTE
from qualcode.errors import AlreadyInStudy, BadCodebook, BadCoding, BadCommand, NotInStudy
from qualcode.model import MAIN, Code, Transcript, new_id
from qualcode.spans import Span
from qualcode.store import history
from qualcode.store.access import require
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.store.moves import Moves
    from qualcode.store.study import Study

LONGEST_NAME = 60
LONGEST_TEXT = 2_000
OPEN, ACCEPTED, DECLINED, TAKEN_BACK = "open", "accepted", "declined", "taken back"
PUT_OUT = "(put out)"


@dataclass(frozen=True)
class Proposal:
    """A code that a coder proposes, and the passage that asked for it.

    ``state`` is open, accepted or declined; ``answer`` the lead's word on it, ``code`` the id of
    the code that came of it.
    """

    id: str
    transcript: str
    round: str
    coder: str
    name: str
    definition: str
    span: Span
    quote: str
    made_at: str
    state: str
    answer: str = ""
    code: str = ""
    answered_by: str = ""
    answered_at: str = ""


class Proposals(Opened):
    """Proposals of codes in one study."""

    def proposals(self, *, round: str | None = None) -> tuple[Proposal, ...]:
        """The proposals this seat may see, oldest first: one's own, and the lead everybody's.

        A lead who still codes has their own only, like any coder; of what is closed, whoever may
        compare sees all.
        """
        study = cast("Study", self)
        sights, hidden = study._rounds.sights(), study._hidden()
        seat = study.seat
        if seat is not None and not seat.roles & {"lead", "coder"}:
            return ()  # they quote the interview
        is_lead = seat is None or seat.is_lead
        found = []
        for row in study._db.query(
            "SELECT * FROM proposals WHERE state <> ? AND round = ifnull(?, round) "
            "ORDER BY made_at, id",
            [TAKEN_BACK, None if round is None else study.round(round).id],
        ):
            own = seat is not None and seat.is_coder and seat.name == row["coder"]
            sight = sights[row["round"]]
            if row["transcript"] in hidden:
                continue
            if own and sight.coded_anew(row["round"], row["transcript"]):
                continue
            if own or (is_lead and not sight.at_work) or row["transcript"] in sight.closed:
                found.append(_proposal(row))
        return tuple(found)

    def accept_proposal(
        self,
        proposal: str,
        *,
        name: str = "",
        definition: str = "",
        parent: str | None = None,
    ) -> Code:
        """Take a proposed code into the next version of the codebook; rounds keep theirs.

        Raises
        ------
        BadCodebook
            The codebook has a code of this name.
        """
        study = cast("Study", self)
        require(study.seat, "change the codebook")
        with study._writing():
            asked = study._asked(proposal)
            book = study.codebook()
            name = " ".join((name or asked.name).split())
            if name.casefold() in {code.name.casefold() for code in book.codes}:
                raise BadCodebook(
                    f"The codebook has a code “{name}” already; give the new one another name, or "
                    "decline the proposal."
                )
            above = book[parent] if parent else None
            from_gap = study._db.execute(
                "SELECT 1 FROM suggestion_answers WHERE proposal = ?", [proposal]
            ).fetchone()
            code = Code(
                id=new_id()[:8],
                name=name,
                parent=parent,
                brief_definition=definition.strip() or asked.definition,
                origin="machine_suggested" if from_gap else "from_data",
                source_note="proposed by a coder" + (" from a gap" if from_gap else ""),
                color=above.color if above else PALETTE[len(book.themes) % len(PALETTE)],
                order=max((each.order for each in book.codes), default=0) + 10,
            )
            study.set_codebook(book.with_code(code), note=f"accepted a proposal: {code.id}")
            study._answer(asked, ACCEPTED, "", code.id)
        return code

    def decline_proposal(self, proposal: str, *, reason: str) -> None:
        """Decline a proposed code, with the reason, which its coder reads."""
        study = cast("Study", self)
        require(study.seat, "change the codebook")
        reason = reason.strip()
        if not reason:
            raise BadCommand("Write why, for the coder who proposed the code.")
        if len(reason) > LONGEST_TEXT:
            raise BadCommand(f"A reason has at most {LONGEST_TEXT:,} characters; shorten it.")
        with study._writing():
            study._answer(study._asked(proposal), DECLINED, reason, "")

    def _asked(self, proposal: str) -> Proposal:
        study = cast("Study", self)
        for each in study.proposals():
            if each.id == proposal:
                if each.state != OPEN:
                    raise AlreadyInStudy(f"“{each.name}” has its answer already.")
                return each
        raise NotInStudy("This proposal is not there; it may have been taken back.")

    def _answer(self, asked: Proposal, state: str, answer: str, code: str) -> None:
        study = cast("Study", self)
        with study._change("proposal_answer", asked.id) as details:
            study._db.table("proposals").update(
                asked.id,
                {
                    "state": state,
                    "answer": answer,
                    "code": code,
                    "answered_by": study.who,
                    "answered_at": history.now(),
                },
            )
            details |= {"answer": state, "round": asked.round, "transcript": asked.transcript}


# -- rows; called inside a transaction ----------------------------------------------------------


def propose(
    db: Database, coder: str, round_: str, text: Transcript, told: Mapping[str, Any], span: Span
) -> None:
    """Keep a coder's proposal (``told``: id, name, definition), or one taken back once more."""
    name = " ".join(_text(told.get("name"), "name", LONGEST_NAME).split())
    definition = _text(told.get("definition", ""), "definition", LONGEST_TEXT).strip()
    if not name:
        raise BadCoding("Give the proposed code a name.")
    before = _own(db, coder, round_, text, told["id"])
    if before == TAKEN_BACK:
        db.execute("UPDATE proposals SET state = ? WHERE id = ?", [OPEN, told["id"]])
    elif db.execute("SELECT 1 FROM proposals WHERE id = ?", [told["id"]]).fetchone():
        raise BadCoding("A proposal with this id is there already; reload the page.")
    else:
        db.table("proposals").insert(
            {
                "id": told["id"],
                "transcript": text.id,
                "round": round_,
                "coder": coder,
                "name": name,
                "definition": definition,
                "start": span.start,
                "end": span.end,
                "quote": text.text[span.slice],
                "made_at": history.now(),
                "state": OPEN,
                **dict.fromkeys(("answer", "code", "answered_by", "answered_at"), ""),
            }
        )
    _tell(db, coder, "propose", told["id"], round_, text)


def take_back(db: Database, coder: str, round_: str, text: Transcript, proposal: str) -> None:
    """Take one's own proposal back, while it has no answer."""
    state = _own(db, coder, round_, text, proposal)
    if state not in (OPEN, TAKEN_BACK):
        raise BadCoding("This proposal has its answer already, or is not yours; reload the page.")
    if state == OPEN:
        db.execute("UPDATE proposals SET state = ? WHERE id = ?", [TAKEN_BACK, proposal])
        _tell(db, coder, "propose_undo", proposal, round_, text)


def move(db: Database, place: str, moves: Moves, *, keep_old: bool) -> None:
    """The passages of proposals on a changed text; where old words go, none stay in a name."""
    for row in list(db.query("SELECT * FROM proposals WHERE transcript = ?", [place])):
        span = moves.of("", Span(row["start"], row["end"]), may_go=False)
        assert span is not None  # nothing may go
        quote = moves.words(span)
        if quote == row["quote"] and span.start == row["start"]:
            continue
        kept = {"start": span.start, "end": span.end, "quote": quote}
        if not keep_old and quote != row["quote"]:
            kept |= {"name": PUT_OUT, "definition": ""}
        db.table("proposals").update(row["id"], kept)


def put_out(db: Database, place: str, out: str) -> None:
    """Keep no words of a transcript whose participant has withdrawn."""
    for id_, length in db.execute(
        "SELECT id, length(quote) FROM proposals WHERE transcript = ?", [place]
    ).fetchall():
        db.table("proposals").update(
            id_, {"quote": out * length, "name": PUT_OUT, "definition": "", "answer": ""}
        )


def _own(db: Database, coder: str, round_: str, text: Transcript, proposal: str) -> str:
    row = db.execute(
        "SELECT state FROM proposals WHERE id = ? AND coder = ? AND round = ? AND transcript = ?",
        [proposal, coder, round_, text.id],
    ).fetchone()
    return str(row[0]) if row else ""


def _tell(db: Database, coder: str, act: str, id_: str, round_: str, text: Transcript) -> None:
    where = {"transcript": text.id} | ({"round": round_} if round_ != MAIN else {})
    history.write(db, coder, act, id_, where)


def _proposal(row: Mapping[str, Any]) -> Proposal:
    told = {key: row[key] for key in row if key not in ("start", "end")}
    return Proposal(span=Span(row["start"], row["end"]), **told)


def _text(value: object, what: str, most: int) -> str:
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise BadCoding(f"The {what} of the proposed code is not text; type it again.")
    if len(value) > most:
        raise BadCoding(f"The {what} of a proposed code has at most {most:,} characters.")
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
