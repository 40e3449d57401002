"""Rounds of blind coding: who was given what, how far it is, and what may be compared when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy, Sealed
from qualcode.model import (
    CONSENSUS,
    MAIN,
    Assignment,
    Coding,
    CodingSet,
    Round,
    RoundKind,
    Seat,
    new_id,
)
from qualcode.store import history, rows
from qualcode.store.access import Blindness, blindness, require

if TYPE_CHECKING:
    from qualcode.store.study import Study

PairState = Literal[
    "waiting",
    "both_submitted",
    "compared",
    "reconciling",
    "consensus_locked",
    "stale",
    "recoding",
]
IN_PILOT = "coded together in the pilot"


@dataclass(frozen=True)
class Pair:
    """One transcript in one round, and how far its comparison is (domain: pair of layers)."""

    round: str
    transcript: str
    coders: tuple[str, ...]
    state: PairState
    not_blind: str = ""


class Rounds:
    """The rounds of one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- rounds --------------------------------------------------------------------------------

    def rounds(self) -> tuple[Round, ...]:
        return tuple(
            rows.round_(row) for row in self._db.query("SELECT * FROM rounds ORDER BY position")
        )

    def round(self, round_: str) -> Round:
        """The round of this id or name."""
        for held in self.rounds():
            if round_ in (held.id, held.name):
                return held
        raise NotInStudy(f"There is no round “{str(round_)[:60]}” in {self._study.title}.")

    def add(self, name: str, kind: RoundKind, version: str) -> Round:
        require(self._study.seat, "plan rounds")
        if kind == "main":
            raise BadCommand("Every study has its one main round; plan a pilot or a repeat.")
        version = version or self.newest()
        held = Round(new_id(), " ".join(name.split()), kind, version=version, made_at=history.now())
        with self._study._change("round_add", held.id) as details:
            self._study.codebook(version or None)  # refuses a version that is not there
            if held.name.casefold() in {known.name.casefold() for known in self.rounds()}:
                raise AlreadyInStudy(f"There is a round “{held.name}” already; name it otherwise.")
            self._db.table("rounds").insert(
                rows.round_row(held, position=self._study._next("rounds"), by=self._study.who)
            )
            details |= {"name": held.name, "kind": kind, "version": version}
        return held

    def close(self, round_: str, note: str) -> None:
        """End a round: nothing in it is coded or reopened any more."""
        require(self._study.seat, "close a round")
        note = note.strip()
        with self._study._writing():
            held = self.round(round_)
            if held.is_closed:
                raise AlreadyInStudy(f"{held.name} is closed already.")
            open_ = [a for a in self.all_assignments(held.id) if a.is_open]
            if open_:
                raise NotAllowed(
                    f"{len(open_)} of the transcripts given out in {held.name} are not submitted; "
                    "wait for them, or take them back."
                )
            changed = self.newest() != held.version
            if held.kind == "pilot" and not changed and not note:
                raise BadCommand(
                    "A pilot ends with a change of the codebook or with a note of why none was "
                    "needed; write the note."
                )
            with self._study._change("round_close", held.id) as details:
                self._db.execute("UPDATE rounds SET closed_note = ? WHERE id = ?", [note, held.id])
                details["changed_codebook"] = changed

    def hold(self, round_: str, version: str) -> None:
        """Let a round go on under another version of the codebook."""
        require(self._study.seat, "choose the codebook of a round")
        with self._study._writing():
            held = self.round(round_)
            if held.is_closed:
                raise NotAllowed(f"{held.name} is closed; its codebook stays as it is.")
            self.freeze(held, self._study.codebook(version).version)

    def freeze(self, held: Round, version: str) -> None:
        """Hold a round to a version: when it is planned, or from the first submission on.

        Not from the first coding: that somebody has begun is for nobody else to see.
        """
        if held.version == version:  # also where there is no codebook yet
            return
        with self._study._change("version_freeze", held.id) as details:
            self._db.execute("UPDATE rounds SET version = ? WHERE id = ?", [version, held.id])
            details |= {"version": version, "before": held.version}

    def newest(self) -> str:
        """The newest version of the codebook, or "" before there is one."""
        row = self._db.execute(
            "SELECT version FROM codebook_versions ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return str(row[0]) if row else ""

    # -- who codes what ------------------------------------------------------------------------

    def all_assignments(self, round_: str | None = None) -> tuple[Assignment, ...]:
        """Assignments as the file has them, of one round or of all."""
        found = rows.whole(
            self._db,
            "SELECT a.*, t.position AS place, ifnull(said.turns, 0) AS turns, "
            "ifnull((SELECT group_concat(reason, '; ') FROM (SELECT DISTINCT reason FROM marks "
            "WHERE round = a.round AND transcript = a.transcript)), '') AS not_blind "
            "FROM assignments a JOIN transcripts t ON t.id = a.transcript "
            "JOIN participants p ON p.id = t.participant JOIN members m ON m.name = a.coder "
            "JOIN rounds r ON r.id = a.round "
            "LEFT JOIN (SELECT transcript, count(*) AS turns FROM turns "
            "WHERE role = 'participant' GROUP BY transcript) said "
            "ON said.transcript = a.transcript "
            "WHERE p.status <> 'withdrew' AND a.round = ifnull(?, a.round) "
            "ORDER BY r.position, t.position, m.position",
            [round_],
        )
        return tuple(rows.assignment(row) for row in found)

    def assignments(self, round_: str | None) -> tuple[Assignment, ...]:
        """Assignments for this seat: of another's open work a coder learns only that it is open."""
        seat = self._study.seat
        sees_progress = seat is None or (seat.is_lead and not seat.is_coder)
        hidden = self._study._hidden()
        return tuple(
            a
            if sees_progress or a.state == "submitted" or (seat and seat.name == a.coder)
            else replace(a, state="withdrawn" if a.state == "withdrawn" else "assigned", seen=0)
            for a in self.all_assignments(round_)
            if a.transcript not in hidden
        )

    def sight(self, held: Round | None = None) -> Blindness:
        return self._of_released(blindness(self._study.seat, self.all_assignments(), held))

    def _of_released(self, sight: Blindness) -> Blindness:
        """Without what waits to be released: its codings quote words that this seat may not
        read.
        """
        hidden = self._study._hidden()
        return replace(sight, closed=sight.closed - hidden, held_back=hidden)

    def sights(self) -> dict[str, Blindness]:
        """What the seat may compare, round by round."""
        everything = self.all_assignments()
        return {
            held.id: self._of_released(blindness(self._study.seat, everything, held))
            for held in self.rounds()
        }

    def give_new(self, *, transcripts: Iterable[str] = (), coder: str = "") -> None:
        """Give new transcripts to all coders, or a new coder what is not closed or in a pilot.

        Called inside a change; rounds that the lead has planned are left as they are.
        """
        for held in self.rounds():
            if not held.gives_all or held.is_closed:
                continue
            order = list(enumerate(self._study._shelf.titles(held_back=True)))
            if coder:
                kept = self._in_pilots() | self._closed_to_newcomers(held.id)
                new = [(n, place) for n, place in order if place not in kept]
            else:
                added = set(transcripts)
                new = [(n, place) for n, place in order if place in added]
            for person in [coder] if coder else self._study.coders():
                self._insert(held.id, person, new)

    def _closed_to_newcomers(self, round_: str) -> set[str]:
        """What two people have submitted is compared: a third would close it to them again."""
        states: dict[str, list[bool]] = {}
        for a in self.all_assignments(round_):
            if a.state != "withdrawn":
                states.setdefault(a.transcript, []).append(a.is_open)
        return {place for place, open_ in states.items() if len(open_) > 1 and not any(open_)}

    def _in_pilots(self) -> set[str]:
        pilots = {held.id for held in self.rounds() if held.kind == "pilot"}
        return {a.transcript for a in self.all_assignments() if a.round in pilots}

    def give(
        self, given: Mapping[str, Sequence[str]], round_: str, how: Mapping[str, Any], only: bool
    ) -> None:
        """Give each coder these transcripts, in this order; with ``only``, take back all others
        that nobody has begun.
        """
        require(self._study.seat, "give out transcripts")
        with self._study._change("assign", round_) as details:
            held = self.round(round_)
            if held.is_closed:
                raise NotAllowed(f"{held.name} is closed; plan another round.")
            coders = set(self._study.coders())
            for coder in given:
                if coder not in coders:
                    raise NotInStudy(f"{coder} is not a coder of {self._study.title}.")
            places = {
                coder: [self._study._shelf.place(transcript) for transcript in transcripts]
                for coder, transcripts in given.items()
            }
            if only:
                self._db.execute(
                    "DELETE FROM assignments WHERE round = ? AND state = 'assigned' "
                    "AND offline IS NULL AND seen = '[]' "
                    "AND transcript NOT IN (SELECT value FROM json_each(?))",
                    [held.id, rows.to_json(sorted(self._study._hidden()))],
                )
                self._db.execute("UPDATE rounds SET gives_all = 0 WHERE id = ?", [held.id])
            known = {(a.coder, a.transcript) for a in self.all_assignments(held.id)}
            for coder, transcripts in places.items():
                self._insert(held.id, coder, enumerate(transcripts))
            if held.kind == "pilot":
                self._out_of_main({place for order in places.values() for place in order})
            elif held.kind == "main":
                self._mark_piloted(places, known)
            details |= {"round": held.id, "given": places, **how}
        if not held.version:
            self.freeze(held, self.newest())

    def _insert(self, round_: str, coder: str, order: Iterable[tuple[int, str]]) -> None:
        """Give these transcripts at these places of the coder's list; what was taken back counts
        as not given.
        """
        for position, place in order:
            self._db.execute(
                "INSERT INTO assignments (round, transcript, coder, state, position) "
                "SELECT ?, ?, ?, 'assigned', ? WHERE NOT EXISTS (SELECT 1 FROM assignments "
                "WHERE round = ? AND transcript = ? AND coder = ? AND state <> 'withdrawn') "
                "ON CONFLICT DO UPDATE SET state = 'assigned'",
                [round_, place, coder, position, round_, place, coder],
            )
            self._db.execute(
                "UPDATE assignments SET position = ? WHERE round = ? AND transcript = ? "
                "AND coder = ? AND state <> 'submitted'",
                [position, round_, place, coder],
            )

    def _out_of_main(self, places: set[str]) -> None:
        """What is coded in a pilot and talked about is not coded blind in the main round."""
        for place in places:
            self._db.execute(
                "DELETE FROM assignments WHERE round = ? AND transcript = ? "
                "AND state = 'assigned' AND offline IS NULL",
                [MAIN, place],
            )

    def _mark_piloted(
        self, places: Mapping[str, Sequence[str]], known: set[tuple[str, str]]
    ) -> None:
        piloted = self._in_pilots()
        for coder, transcripts in places.items():
            for place in transcripts:
                if place in piloted and (coder, place) not in known:
                    self.mark(MAIN, place, coder, IN_PILOT)

    def take_back(self, transcript: str, coder: str, round_: str, reason: str) -> None:
        """Take an open transcript from a coder; what they made of it is kept and never counted."""
        require(self._study.seat, "take transcripts back")
        reason = reason.strip()
        if not reason:
            raise BadCommand("Taking a transcript back needs a reason: it stands in the record.")
        with self._study._writing():
            held = self.round(round_)
            place = self._study._shelf.place(transcript)
            state = self._db.execute(
                "SELECT state FROM assignments WHERE round = ? AND transcript = ? AND coder = ?",
                [held.id, place, coder],
            ).fetchone()
            title = self._study.titles()[place]
            if state is None or state[0] == "withdrawn":
                raise NotInStudy(f"{title} is not given to {coder} in {held.name}.")
            if state[0] == "submitted":
                raise Sealed(f"{coder} has submitted {title}; what is sealed stays.")
            with self._study._change("withdraw_assignment", place) as details:
                self._db.execute(
                    "UPDATE assignments SET state = 'withdrawn', offline = NULL "
                    "WHERE round = ? AND transcript = ? AND coder = ?",
                    [held.id, place, coder],
                )
                details |= {"round": held.id, "coder": coder, "reason": reason}
            self.tell_unblinded(held, place)

    def begun(self, coder: str | None = None) -> bool:
        """True once this coder, or anybody, has coded or submitted anything in any round."""
        row = self._db.execute(
            "SELECT 1 FROM assignments WHERE (state <> 'assigned' OR offline IS NOT NULL) "
            "AND coder = ifnull(?, coder) LIMIT 1",
            [coder],
        ).fetchone()
        return row is not None

    def unassign(self, coder: str) -> None:
        """Take back everything that was given to a coder who has not begun it."""
        self._db.execute("DELETE FROM assignments WHERE coder = ? AND state = 'assigned'", [coder])

    # -- blind or not --------------------------------------------------------------------------

    def mark(self, round_: str, place: str, coder: str, reason: str) -> None:
        """Mark the pair as not coded blind, for good; called inside a change."""
        self._db.table("marks").insert(
            {
                "round": round_,
                "transcript": place,
                "coder": coder,
                "reason": reason,
                "at": history.now(),
            }
        )

    def seen_already(self, coder: str, place: str, held: Round) -> str:
        """What this coder, or who could tell them, may have seen of others' work; or nothing."""
        everything = [a for a in self.all_assignments() if a.state != "withdrawn"]
        here = [a for a in everything if a.round == held.id]
        team = [a for a in here if a.transcript == place]
        if len(team) > 1 and not any(a.is_open for a in team):
            return "the comparison was open"
        own = blindness(Seat(coder, frozenset({"coder"})), everything, held)
        others = {a.transcript for a in here if a.coder != coder}
        return "other comparisons were open to the coder" if own.closed & others else ""

    def tell_unblinded(self, held: Round, place: str) -> None:
        """The moment at which a comparison opens stands in the history; called inside a change."""
        given = [
            a
            for a in self.all_assignments(held.id)
            if a.transcript == place and a.state != "withdrawn"
        ]
        if len(given) > 1 and not any(a.is_open for a in given):
            with self._study._change("unblind", place) as details:
                details |= {"round": held.id, "coders": sorted(a.coder for a in given)}

    # -- comparing and locking -----------------------------------------------------------------

    def compared(self, round_: str) -> None:
        """Keep that figures or differences of this round were shown, for what is new in it."""
        held = self.round(round_)
        closed = self.sight(held).closed
        known = {
            row["transcript"]
            for row in self._db.query(
                "SELECT transcript FROM pairs WHERE round = ? AND compared_at IS NOT NULL",
                [held.id],
            )
        }
        given: dict[str, int] = {}
        for a in self.all_assignments(held.id):
            given[a.transcript] = given.get(a.transcript, 0) + (a.state != "withdrawn")
        new = sorted(place for place in closed - known if given.get(place, 0) > 1)
        if not new:
            return
        with self._study._change("compare", held.id) as details:
            for place in new:
                self._db.execute(
                    "INSERT INTO pairs (round, transcript, compared_by, compared_at) "
                    "VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "compared_by = excluded.compared_by, compared_at = excluded.compared_at",
                    [held.id, place, self._study.who, history.now()],
                )
            details |= {"round": held.id, "transcripts": new}

    def lock(self, consensus: Mapping[str, Sequence[Coding]], round_: str) -> None:
        """Lock the consensus of transcripts whose differences are settled, as it stands."""
        require(self._study.seat, "lock the consensus")
        with self._study._writing():
            held = self.round(round_)
            closed = self.sight(held).closed
            for transcript, codings in consensus.items():
                place = self._study._shelf.place(transcript)
                title = self._study.titles()[place]
                if place not in closed:
                    raise NotAllowed(f"{title} is not submitted by everybody; it cannot be locked.")
                if self._locked(held.id, place):
                    raise AlreadyInStudy(f"The consensus of {title} is locked already.")
                with self._study._change("consensus_lock", place) as details:
                    self._db.execute(
                        "INSERT INTO pairs (round, transcript, locked_by, locked_at, consensus) "
                        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                        "locked_by = excluded.locked_by, locked_at = excluded.locked_at, "
                        "consensus = excluded.consensus",
                        [
                            held.id,
                            place,
                            self._study.who,
                            history.now(),
                            rows.to_json([rows.coding_row(coding) for coding in codings]),
                        ],
                    )
                    details |= {"round": held.id, "codings": len(codings)}

    def unlock(self, transcript: str, round_: str, reason: str) -> None:
        require(self._study.seat, "unlock the consensus")
        reason = reason.strip()
        if not reason:
            raise BadCommand("Unlocking needs a reason: it stands in the record.")
        with self._study._writing():
            held = self.round(round_)
            place = self._study._shelf.place(transcript)
            if not self._locked(held.id, place):
                raise BadCommand("The consensus of this transcript is not locked.")
            with self._study._change("consensus_unlock", place) as details:
                self._db.execute(
                    "UPDATE pairs SET locked_by = NULL, locked_at = NULL, consensus = NULL "
                    "WHERE round = ? AND transcript = ?",
                    [held.id, place],
                )
                details |= {"round": held.id, "reason": reason}

    def refuse_locked(self, round_: str, place: str, title: str) -> None:
        if self._locked(round_, place):
            raise Sealed(f"The consensus of {title} is locked; unlock it first, with a reason.")

    def _locked(self, round_: str, place: str) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM pairs WHERE round = ? AND transcript = ? AND locked_at IS NOT NULL",
            [round_, place],
        ).fetchone()
        return row is not None

    def locked_consensus(self, held: Round) -> CodingSet:
        """The consensus as it was locked, as codings of one layer: all that an author reads."""
        found = self._db.query(
            "SELECT p.* FROM pairs p JOIN transcripts t ON t.id = p.transcript "
            "JOIN participants q ON q.id = t.participant "
            "WHERE p.round = ? AND p.locked_at IS NOT NULL AND q.status <> 'withdrew' "
            "ORDER BY t.position",
            [held.id],
        )
        locked = {row["transcript"]: json.loads(row["consensus"]) for row in found}
        for place in self._study._hidden():
            locked.pop(place, None)
        return CodingSet(
            codings=tuple(rows.coding(row) for codings in locked.values() for row in codings),
            sealed=frozenset((CONSENSUS, place) for place in locked),
            codes=self._study.codebook().codes,
        )

    def pairs(self, round_: str) -> tuple[Pair, ...]:
        """How far each transcript of a round is; of what is closed to the seat only “waiting”."""
        held = self.round(round_)
        given: dict[str, list[Assignment]] = {}
        for a in self.assignments(held.id):
            if a.state != "withdrawn":
                given.setdefault(a.transcript, []).append(a)
        sight = self.sight(held)
        kept = {
            row["transcript"]: row
            for row in self._db.query("SELECT * FROM pairs WHERE round = ?", [held.id])
        }
        decided = {row[0] for row in self._db.execute("SELECT DISTINCT transcript FROM decisions")}
        stale, recoding = self._study.stale(round=held.id), self._recoding(held)
        if any(row.done for row in self._study.recode_progress(round=held.id)):
            recoding |= stale.keys()
        found = []
        for place, group in given.items():
            state: PairState = "waiting"
            if place in sight.closed:
                row = kept.get(place)
                if place in recoding:
                    state = "recoding"
                elif place in stale:
                    state = "stale"
                elif row and row["locked_at"]:
                    state = "consensus_locked"
                elif held.kind != "pilot" and place in decided:
                    state = "reconciling"
                else:
                    state = "compared" if row and row["compared_at"] else "both_submitted"
            found.append(
                Pair(held.id, place, tuple(a.coder for a in group), state, group[0].not_blind)
            )
        return tuple(found)

    def _recoding(self, held: Round) -> set[str]:
        """Transcripts that are being coded anew in a repeat round."""
        repeats = {r.id for r in self.rounds() if r.kind == "repeat" and r.id != held.id}
        return {a.transcript for a in self.all_assignments() if a.round in repeats and a.is_open}

    # -- away in a package ---------------------------------------------------------------------

    def set_offline(self, coder: str, places: Iterable[str], round_: str, at: str | None) -> None:
        """Keep that a coder took these transcripts away, or brought them back (``at`` None)."""
        with self._study._change("offline", coder) as details:
            for place in places:
                self._db.execute(
                    "UPDATE assignments SET offline = ? "
                    "WHERE round = ? AND transcript = ? AND coder = ? AND state <> 'submitted'",
                    [at, round_, place, coder],
                )
            details |= {"round": round_, "transcripts": list(places), "away": at is not None}
