"""The coding round: who was given what, codings in, codings out to the seats that may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.errors import BadCoding, NotAllowed, NotInStudy, Sealed
from qualcode.model import Assignment, CodingSet, Transcript
from qualcode.store import history, rows
from qualcode.store.access import Blindness, blindness, may_read_codings
from qualcode.store.operations import Applied, Desk

if TYPE_CHECKING:
    from qualcode.store.study import Study

ROUND = "main"


class Round:
    """Blind coding in one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- who codes what ------------------------------------------------------------------------

    def assign(self, *, transcripts: Iterable[str], coders: Iterable[str]) -> None:
        """Give each of these transcripts to each of these coders; called inside a change."""
        people = list(coders)
        self._db.table("assignments").insert_all(
            {
                "round": ROUND,
                "transcript": transcript,
                "coder": coder,
                "state": "assigned",
                "submitted_at": None,
            }
            for transcript in transcripts
            for coder in people
        )

    def begun(self, coder: str | None = None) -> bool:
        """True once this coder, or anybody, has coded or submitted anything."""
        row = self._db.execute(
            "SELECT 1 FROM assignments WHERE state <> 'assigned' AND coder = ifnull(?, coder) "
            "LIMIT 1",
            [coder],
        ).fetchone()
        return row is not None

    def unassign(self, coder: str) -> None:
        """Take back everything that was given to a coder who has not begun."""
        self._db.execute("DELETE FROM assignments WHERE coder = ?", [coder])

    def assignments(self) -> tuple[Assignment, ...]:
        """All assignments, as the file has them."""
        return tuple(
            Assignment(row["transcript"], row["coder"], row["state"], row["submitted_at"])
            for row in self._db.query(
                "SELECT a.* FROM assignments a JOIN transcripts t ON t.id = a.transcript "
                "JOIN participants p ON p.id = t.participant JOIN members m ON m.name = a.coder "
                "WHERE p.status <> 'withdrew' ORDER BY t.position, m.position"
            )
        )

    def visible_assignments(self) -> tuple[Assignment, ...]:
        """All assignments; of another's open work a coder learns only that it is open."""
        seat = self._study.seat
        sees_progress = seat is None or (seat.is_lead and not seat.is_coder)
        return tuple(
            a
            if sees_progress or a.state == "submitted" or (seat and seat.name == a.coder)
            else replace(a, state="assigned")
            for a in self.assignments()
        )

    def sight(self) -> Blindness:
        return blindness(self._study.seat, self.assignments())

    # -- codings out ---------------------------------------------------------------------------

    def codings(self, coders: Iterable[str] | None, transcript: str | None) -> CodingSet:
        """The codings that this seat may see, with what of them is sealed."""
        assignments = self.assignments()
        sight = blindness(self._study.seat, assignments)
        wanted = set(coders) if coders is not None else {a.coder for a in assignments}
        unknown = wanted - set(self._study.coders())
        if unknown:
            raise NotInStudy(f"{sorted(unknown)[0]} is not a coder of {self._study.title}.")
        place = self._study._shelf.place(transcript) if transcript is not None else None
        pairs = [a for a in assignments if a.coder in wanted and place in (None, a.transcript)]
        visible = {
            (a.coder, a.transcript)
            for a in pairs
            if may_read_codings(
                self._study.seat, coder=a.coder, transcript=a.transcript, sight=sight
            )
        }
        sealed = frozenset(
            (a.coder, a.transcript)
            for a in pairs
            if a.state == "submitted" and (a.coder, a.transcript) in visible
        )
        where, values = ("WHERE c.transcript = ?", [place]) if place else ("", [])
        found = self._db.query(
            f"SELECT c.* FROM codings c JOIN transcripts t ON t.id = c.transcript {where} "
            'ORDER BY t.position, c.start, c."end", c.code, c.coder, c.id',
            values,
        )
        return CodingSet(
            codings=tuple(
                rows.coding(row) for row in found if (row["coder"], row["transcript"]) in visible
            ),
            sealed=sealed,
            open=frozenset((a.coder, a.transcript) for a in pairs) - sealed,
            codes=self._study.codebook().codes,
        )

    # -- codings in ----------------------------------------------------------------------------

    def apply(self, transcript: str, operations: Sequence[object]) -> Applied:
        """Do a coder's acts on a transcript, all in one transaction."""
        coder = self._coder()
        text = self._study.transcript(transcript)
        if not isinstance(operations, Sequence) or isinstance(operations, str | bytes):
            raise BadCoding("What was sent holds no list of acts; reload the page.")
        with self._study._writing():
            sealed = self._state(coder, text) == "submitted"
            codebook = self._study.codebook()
            codes = {code.id: code.name for code in codebook.codable}
            applied = Desk(self._db, coder, text, codes, codebook.version, sealed).apply(operations)
            if sealed and not applied.acknowledged:
                raise _sealed(text)
            if applied.acknowledged:
                self._db.execute(
                    "UPDATE assignments SET state = 'in_progress' "
                    "WHERE transcript = ? AND coder = ? AND state = 'assigned'",
                    [text.id, coder],
                )
        return applied

    def submit(self, transcripts: Iterable[str]) -> None:
        """Seal one's own codings of these transcripts, of all or of none."""
        coder = self._coder()
        chosen = [self._study.transcript(transcript) for transcript in transcripts]
        with self._study._writing():
            for transcript in chosen:
                self._submit(coder, transcript)

    def _submit(self, coder: str, transcript: Transcript) -> None:
        with self._study._change("submit", transcript.id) as details:
            if self._state(coder, transcript) == "submitted":
                raise _sealed(transcript)
            self._db.execute(
                "UPDATE assignments SET state = 'submitted', submitted_at = ? "
                "WHERE transcript = ? AND coder = ?",
                [history.now(), transcript.id, coder],
            )
            (details["codings"],) = self._db.execute(
                "SELECT count(*) FROM codings WHERE transcript = ? AND coder = ?",
                [transcript.id, coder],
            ).fetchone()

    def _coder(self) -> str:
        seat = self._study.seat
        if seat is None or not seat.is_coder:
            raise NotAllowed("Coding needs a coder's seat; ask the study lead for that role.")
        return seat.name

    def _state(self, coder: str, transcript: Transcript) -> str:
        row = self._db.execute(
            "SELECT state FROM assignments WHERE transcript = ? AND coder = ?",
            [transcript.id, coder],
        ).fetchone()
        if row is None:
            raise NotAllowed(f"{transcript.title} was not given to you; ask the study lead.")
        return str(row[0])


def _sealed(transcript: Transcript) -> Sealed:
    return Sealed(f"You have submitted {transcript.title}; its codings stay as they are.")
