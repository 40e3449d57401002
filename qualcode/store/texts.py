"""Versions of a text: a revision in; the new text, and everything that stood on the old one moved.

A changed text is a new version, with who made it, when and why. In the same transaction all that
points into the text moves with it: the codings of all coders in all rounds, sealed ones too, what
had been submitted before a reopening, settled and locked consensus, and the passages of themes.
What stands on unchanged words moves by the edits alone and keeps every character. What was sealed
can still be shown: each place before and after stands in the revision, so that the digest told at
the submission is worked out again from it (``store.checks``).

What becomes of a coding whose own words changed hangs on who may see it:

- of a submitted layer open to whoever makes the revision, it is listed (:meth:`Texts.touched`) and
  nothing is changed before each is confirmed: where it goes, or that it is taken out. Where another
  coding of its coder and code stands there already, it takes in the word beside and waits to be
  confirmed like the next;
- of a submitted layer closed to them, it goes to the nearest place and waits to be confirmed until
  the round is open to the lead (:meth:`Texts.unconfirmed`);
- of a layer at work, it goes to the nearest place and is marked as uncertain, so that its coder
  meets it in the list of doubts before submitting.

So a revision tells nobody where a blind coder has coded, nor whether: neither a list, nor a count,
nor a refusal hangs on what is closed to the seat.

The old text is kept for the steward. Where its words are names (``keep_old=False``) neither it nor
any older version stays in the file: the key has what is needed to go back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from qualcode.errors import AlreadyInStudy, BadCoding, BadCommand, NotAllowed, NotInStudy
from qualcode.model import MAIN, Coding, Transcript
from qualcode.revision import Revision, Touched, carry
from qualcode.spans import Span
from qualcode.store import (
    framework,
    history,
    likenesses,
    proposals,
    rows,
    suggesting,
    theme_texts,
)
from qualcode.store.access import may_read_codings, may_read_decisions, require
from qualcode.store.moves import Moves, places, without_words
from qualcode.store.settings import LONGEST
from qualcode.store.shelf import SHEETS

if TYPE_CHECKING:
    from qualcode.store.study import Study

CORRECT = "correct transcripts"
OPEN = ""  # the id of no transcript: what points to it cannot be kept


@dataclass(frozen=True)
class TextVersion:
    """One version of a transcript's text: the first is as it was added."""

    number: int
    sha256: str
    made_by: str
    made_at: str
    reason: str


@dataclass(frozen=True)
class Waiting:
    """A submitted coding that went to the nearest place: it was closed to the reviser, or its like
    stood where they said.

    ``number`` is the text version that moved it; ``old_words`` are empty where the old text is
    not kept.
    """

    coding: Coding
    number: int
    old_words: str


class Texts:
    """The text versions of one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- what there is -------------------------------------------------------------------------

    def versions(self, transcript: str) -> tuple[TextVersion, ...]:
        """The versions of a text, oldest first."""
        place = self._study._shelf.place(transcript)
        added, digest = self._db.execute(
            "SELECT added_at, sha256 FROM transcripts WHERE id = ?", [place]
        ).fetchone()
        found = self._revisions(place)
        first = found[0]["before_sha256"] if found else digest
        return (
            TextVersion(1, first, "", added, ""),
            *(
                TextVersion(r["number"], r["after_sha256"], r["made_by"], r["made_at"], r["reason"])
                for r in found
            ),
        )

    def earlier(self, transcript: str, number: int) -> str:
        """An earlier version of a text, for a steward's eyes."""
        seat = self._study.seat
        if seat is not None and "steward" not in seat.roles:
            raise NotAllowed("Earlier versions of a text are read by a data steward only.")
        place = self._study._shelf.place(transcript)
        title = self._study.titles()[place]
        for revision in self._revisions(place):
            if revision["number"] == number + 1:
                if revision["old"] is None:
                    raise NotInStudy(
                        f"Version {number} of {title} is not kept in the study, because its words "
                        "identify somebody; the key file tells what stood there."
                    )
                return str(json.loads(revision["old"])["text"])
        raise NotInStudy(f"{title} has no earlier version {number}.")

    def touched(self, revision: Revision) -> tuple[Touched, ...]:
        """Codings on changed words that this seat may see: each is confirmed before a revision."""
        require(self._study.seat, CORRECT)
        self._current(revision)
        return tuple(self._listed(revision))

    def unconfirmed(self) -> tuple[Waiting, ...]:
        """Codings that a revision moved unseen and nobody has looked at, where open to the seat."""
        sights = self._study._rounds.sights()
        titles = self._study.titles()
        found = []
        for row in self._db.query(
            "SELECT c.*, t.number AS number, r.old AS old, r.places AS places FROM touched t "
            "JOIN codings c ON c.id = t.coding "
            "JOIN revisions r ON r.transcript = t.transcript AND r.number = t.number "
            "WHERE t.confirmed_by IS NULL ORDER BY t.transcript, c.start"
        ):
            coding = rows.coding(row)
            seat = self._study.seat
            if (
                coding.transcript in titles
                and (seat is None or seat.roles & {"lead", "coder"})
                and may_read_codings(
                    seat,
                    coder=coding.coder,
                    round_=coding.round,
                    transcript=coding.transcript,
                    sight=sights[coding.round],
                )
            ):
                old = json.loads(row["old"])["text"] if row["old"] else ""
                before = next(
                    (p[2] for p in places(row) if p[:2] == ("coding", coding.id)), coding.span
                )
                found.append(Waiting(coding, row["number"], old[before.slice]))
        return tuple(found)

    def confirm(self, codings: Iterable[str]) -> None:
        """Keep that somebody looked at these codings on their new words, and that they hold.

        One that does not hold is changed by its coder, after a reopening.
        """
        require(self._study.seat, "confirm codings on changed words")
        wanted = list(dict.fromkeys(codings))
        with self._study._writing():
            waiting: dict[str, list[Waiting]] = {}
            for each in self.unconfirmed():
                waiting.setdefault(each.coding.id, []).append(each)
            for coding in wanted:
                if coding not in waiting:
                    raise NotInStudy("This coding does not wait to be confirmed; reload the page.")
                place = waiting[coding][0].coding.transcript
                with self._study._change("confirm", place) as details:
                    for each in waiting[coding]:
                        self._db.execute(
                            "UPDATE touched SET confirmed_by = ?, confirmed_at = ? "
                            "WHERE transcript = ? AND number = ? AND coding = ?",
                            [self._study.who, history.now(), place, each.number, coding],
                        )
                    details |= {"coding": coding}
                    if waiting[coding][0].coding.round != MAIN:
                        details["round"] = waiting[coding][0].coding.round

    # -- a new version -------------------------------------------------------------------------

    def revise(
        self,
        revision: Revision,
        reason: str,
        confirmed: Mapping[str, Span | None],
        *,
        keep_old: bool,
        deidentified: bool,
    ) -> int:
        require(self._study.seat, CORRECT)
        reason = reason.strip()
        if not 0 < len(reason) <= LONGEST:
            raise BadCommand(
                f"A changed text needs a reason, of at most {LONGEST:,} characters: "
                "it stands in the record."
            )
        if not keep_old:
            # What SQLite frees it does not overwrite unless told to.
            self._db.conn.execute("PRAGMA secure_delete = ON")
        place = revision.before.id
        with self._study._change("revise", place) as details:
            before = self._current(revision)
            self._refuse(revision)
            listed = self._listed(revision)
            _refuse_unconfirmed(revision, listed, confirmed)
            number = self._open(revision, before, reason, keep_old)
            self._put_text(revision)
            moves = Moves(revision, listed, confirmed)
            self._move_codings(place, number, moves, listed)
            self._move_settled(place, moves)
            self._move_recoded(place, moves)
            self._move_copies(place, moves)
            self._move_themes(place, moves)
            theme_texts.moved(self._db, place, number, moves)
            framework.moved(self._db, place, number, moves)
            self._move_memos(place, moves)
            proposals.move(self._db, place, moves, keep_old=keep_old)
            likenesses.move(self._db, place, moves)
            self._move_seen(revision)
            taken = moves.taken if keep_old else without_words(moves.taken)
            self._db.execute(
                "UPDATE revisions SET places = ?, taken = ?, opened = NULL "
                "WHERE transcript = ? AND number = ?",
                [rows.to_json(moves.places), rows.to_json(taken), place, number],
            )
            details |= {
                "number": number,
                "before": before.sha256,
                "after": revision.after.sha256,
                "changes": len(revision.edits),
                "old_kept": keep_old,
            }
            if deidentified and self._study._carry_release(place, number):
                details["released"] = True
        if not keep_old:
            self._study._people.sweep()
        return number

    def _revisions(self, place: str) -> list[Any]:
        return list(
            self._db.query("SELECT * FROM revisions WHERE transcript = ? ORDER BY number", [place])
        )

    def _current(self, revision: Revision) -> Transcript:
        """The text as it stands; what was made of another version is refused."""
        now = self._study._shelf.transcript(revision.before.id)
        if revision.after.id != now.id:
            raise BadCommand("A revision keeps the id of its transcript.")
        if now.text != revision.before.text:
            raise BadCommand(
                f"{now.title} was changed in the meantime; look at the changes again. "
                "Nothing was changed."
            )
        return now

    def _refuse(self, revision: Revision) -> None:
        after = revision.after
        if after == revision.before and after.facts == revision.before.facts:
            raise BadCommand(f"Nothing in {after.title} would change.")
        if (
            after.title != revision.before.title
            and after.title in self._study._shelf.titles(held_back=True).values()
        ):
            raise AlreadyInStudy(
                f"A transcript called {after.title} is in the study already; "
                "give this one another title. Nothing was changed."
            )
        if not after.text.strip():
            raise BadCommand(f"Nothing would be left of {after.title}; nothing was changed.")
        same = (
            after.source_format not in SHEETS
            and self._db.execute(
                "SELECT title FROM transcripts WHERE sha256 = ? AND id <> ?",
                [after.sha256, after.id],
            ).fetchone()
        )
        if same:
            raise AlreadyInStudy(
                f"The new text is that of {same[0]}; look at which file is whose. "
                "Nothing was changed."
            )
        away = [
            a.coder
            for a in self._study._rounds.all_assignments()
            if a.transcript == after.id and a.is_open and a.offline
        ]
        if away:
            raise NotAllowed(
                f"{', '.join(sorted(set(away)))} took {after.title} away in a package, which fits "
                "the old text only; let it come back first, or take the transcript back."
            )

    def _codings(self, place: str) -> list[Coding]:
        return [
            rows.coding(row)
            for row in self._db.query(
                'SELECT * FROM codings WHERE transcript = ? ORDER BY start, "end", id', [place]
            )
        ]

    def _states(self, place: str) -> dict[tuple[str, str], str]:
        """(round, coder) → how far their work on this transcript is."""
        return {
            (row["round"], row["coder"]): row["state"]
            for row in self._db.query(
                "SELECT round, coder, state FROM assignments WHERE transcript = ?", [place]
            )
        }

    def _listed(self, revision: Revision) -> list[Touched]:
        place, seat = revision.before.id, self._study.seat
        states, sights = self._states(place), self._study._rounds.sights()
        sealed = [
            coding
            for coding in self._codings(place)
            if states.get((coding.round, coding.coder)) == "submitted"
            and may_read_codings(
                seat,
                coder=coding.coder,
                round_=coding.round,
                transcript=place,
                sight=sights[coding.round],
            )
        ]
        known = {(coding.code, coding.span) for coding in sealed}
        settled: dict[tuple[str, Span], Coding] = {}
        if may_read_decisions(seat):
            for round_, coding in chain(self._settled(place), self._locked(place)):
                if place in sights[round_].closed and (coding.code, coding.span) not in known:
                    settled.setdefault((coding.code, coding.span), coding)
        return list(carry([*sealed, *settled.values()], revision).touched)

    def _settled(self, place: str) -> Iterator[tuple[str, Coding]]:
        for row in self._db.query("SELECT * FROM consensus_codings WHERE transcript = ?", [place]):
            span = Span(row["start"], row["end"])
            yield MAIN, Coding(place, "consensus", row["code"], span, row["quote"], id=row["id"])

    def _locked(self, place: str) -> Iterator[tuple[str, Coding]]:
        for round_, kept in self._db.execute(
            "SELECT round, consensus FROM pairs WHERE transcript = ? AND consensus IS NOT NULL",
            [place],
        ).fetchall():
            yield from ((round_, rows.coding(row)) for row in json.loads(kept))

    def _open(self, revision: Revision, before: Transcript, reason: str, keep_old: bool) -> int:
        """The row of the new version, open until all has moved."""
        found = self._revisions(before.id)
        number = found[-1]["number"] + 1 if found else 2
        old = {
            "text": before.text,
            "turns": rows.turn_rows(before),
            "removals": [[removal.text, removal.reason] for removal in before.removals],
            "source_name": before.source_name,
        }
        self._db.execute(
            "INSERT INTO revisions (transcript, number, made_by, made_at, reason, before_sha256, "
            "after_sha256, before_source, edits, old, opened) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                before.id,
                number,
                self._study.who,
                history.now(),
                reason,
                before.sha256,
                revision.after.sha256,
                before.source_sha256,
                rows.to_json([[e.start, e.end, len(e.text)] for e in revision.edits]),
                rows.to_json(old) if keep_old else None,
                OPEN,
            ],
        )
        if not keep_old:
            self.put_out(before.id)
        return number

    def put_out(self, place: str) -> None:
        """Keep no earlier words of a text, and no words of codings taken out of it.

        Called inside a change: names were taken out, or the participant has withdrawn.
        """
        self._db.execute("UPDATE searches SET words = '' WHERE transcript = ?", [place])
        suggesting.put_out(self._db)
        for row in self._revisions(place):
            self._db.execute(
                "UPDATE revisions SET old = NULL, taken = ? WHERE transcript = ? AND number = ?",
                [
                    rows.to_json(without_words(json.loads(row["taken"]))),
                    place,
                    row["number"],
                ],
            )

    def _put_text(self, revision: Revision) -> None:
        after = revision.after
        row = rows.transcript_row(after, position=0, at="")
        kept = ("title", "text", "sha256", "source_name", "source_format", "source_sha256",
                "removals", "facts")  # fmt: skip
        self._db.table("transcripts").update(after.id, {key: row[key] for key in kept})
        if after.turns != revision.before.turns:
            self._db.execute("DELETE FROM turns WHERE transcript = ?", [after.id])
            self._db.table("turns").insert_all(rows.turn_rows(after))

    def _move_codings(
        self, place: str, number: int, moves: Moves, listed: Iterable[Touched]
    ) -> None:
        states = self._states(place)
        codings = self._codings(place)
        spans = moves.of_layers(codings)
        seen = {touched.coding.id for touched in listed} - moves.crowded
        changed = [c for c in codings if spans[c.id] != c.span or c.id in moves.touched]
        for coding in changed:  # out of each other's way first
            self._db.execute(
                'UPDATE codings SET start = -1 - start, "end" = -1 - "end" WHERE id = ?',
                [coding.id],
            )
        for coding in changed:
            span = spans[coding.id]
            state = states.get((coding.round, coding.coder), "")
            if span is None:
                moves.take_out(rows.coding_row(coding))
                self._db.execute("DELETE FROM codings WHERE id = ?", [coding.id])
                continue
            moves.tell("coding", coding.id, coding.span, span)
            doubt = coding.uncertain or (
                coding.id in moves.touched and state not in ("submitted", "withdrawn")
            )
            self._db.execute(
                'UPDATE codings SET start = ?, "end" = ?, quote = ?, uncertain = ? WHERE id = ?',
                [span.start, span.end, moves.words(span), int(doubt), coding.id],
            )
        for coding in changed:
            if coding.id in moves.touched and (
                states.get((coding.round, coding.coder)) == "submitted"
            ):
                by = [self._study.who, history.now()] if coding.id in seen else [None, None]
                self._db.execute(
                    "INSERT INTO touched VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [place, number, coding.id, coding.round, coding.coder, *by],
                )

    def _move_settled(self, place: str, moves: Moves) -> None:
        for row in list(
            self._db.query(
                "SELECT rowid AS row, * FROM consensus_codings WHERE transcript = ?", [place]
            )
        ):
            before = Span(row["start"], row["end"])
            span = moves.of(row["code"], before)
            if span is None:
                moves.take_out({**row, "coder": "consensus"})
                self._db.execute("DELETE FROM consensus_codings WHERE rowid = ?", [row["row"]])
                continue
            moves.tell(f"consensus {row['decision']}", row["id"], before, span)
            if span != before or row["quote"] != moves.words(span):
                self._db.execute(
                    'UPDATE consensus_codings SET start = ?, "end" = ?, quote = ? WHERE rowid = ?',
                    [span.start, span.end, moves.words(span), row["row"]],
                )

    def _move_recoded(self, place: str, moves: Moves) -> None:
        """Passages that a coder added when the codebook had changed."""
        for row in list(
            self._db.query(
                "SELECT rowid AS row, * FROM recodings WHERE transcript = ? AND start IS NOT NULL",
                [place],
            )
        ):
            before = Span(row["start"], row["end"])
            span = moves.of(json.loads(row["codes"])[0], before)
            if span is None:
                moves.take_out(row)
                self._db.execute("DELETE FROM recodings WHERE rowid = ?", [row["row"]])
                continue
            moves.tell("recoding", row["id"], before, span)
            if span != before or row["quote"] != moves.words(span):
                self._db.execute(
                    'UPDATE recodings SET start = ?, "end" = ?, quote = ? WHERE rowid = ?',
                    [span.start, span.end, moves.words(span), row["row"]],
                )

    def _move_copies(self, place: str, moves: Moves) -> None:
        """What stands as JSON: locked consensus, and what was submitted before a reopening."""
        for round_, kept in self._db.execute(
            "SELECT round, consensus FROM pairs WHERE transcript = ? AND consensus IS NOT NULL",
            [place],
        ).fetchall():
            self._db.execute(
                "UPDATE pairs SET consensus = ? WHERE round = ? AND transcript = ?",
                [moves.copy(f"locked {round_}", kept, may_go=True), round_, place],
            )
        for round_, coder, at, kept in self._db.execute(
            "SELECT round, coder, submitted_at, codings FROM submissions WHERE transcript = ?",
            [place],
        ).fetchall():
            what = f"submission {round_} {coder} {at}"
            self._db.execute(
                "UPDATE submissions SET codings = ? WHERE round = ? AND transcript = ? "
                "AND coder = ? AND submitted_at = ?",
                [moves.copy(what, kept, may_go=False), round_, place, coder, at],
            )

    def _move_themes(self, place: str, moves: Moves) -> None:
        for id_, kept in self._db.execute("SELECT id, excerpts FROM themes").fetchall():
            before = json.loads(kept)
            after = []
            for transcript, start, end in before:
                if transcript != place:
                    after.append([transcript, start, end])
                    continue
                span = moves.of("", Span(start, end))
                if span is None:
                    moves.take_out({"theme": id_, "start": start, "end": end})
                else:
                    moves.tell(f"theme {id_}", "", Span(start, end), span)
                    after.append([transcript, span.start, span.end])
            if after != before:
                self._db.execute(
                    "UPDATE themes SET excerpts = ? WHERE id = ?", [rows.to_json(after), id_]
                )

    def _move_memos(self, place: str, moves: Moves) -> None:
        """Memos on passages, sealed ones too: to their words, or to the nearest place."""
        for id_, start, end, quote in self._db.execute(
            'SELECT id, start, "end", quote FROM memos WHERE transcript = ? AND start IS NOT NULL '
            "ORDER BY start, id",
            [place],
        ).fetchall():
            before = Span(start, end)
            span = moves.of("", before, may_go=False)
            assert span is not None  # there is always a nearest place
            moves.tell("memo", id_, before, span)
            if span != before or moves.words(span) != quote:
                self._db.execute(
                    'UPDATE memos SET start = ?, "end" = ?, quote = ? WHERE id = ?',
                    [span.start, span.end, moves.words(span), id_],
                )

    def _move_seen(self, revision: Revision) -> None:
        """Of work going on: a turn whose words changed has not been on the screen yet."""
        place = revision.before.id
        turns = {turn.span: number for number, turn in enumerate(revision.after.turns)}
        there = {
            number: turns[span]
            for number, turn in enumerate(revision.before.turns)
            if turn.span.length
            and (span := revision.moved(turn.span)) is not None
            and span in turns
        }
        for round_, coder, seen in self._db.execute(
            "SELECT round, coder, seen FROM assignments "
            "WHERE transcript = ? AND state IN ('assigned', 'in_progress', 'reopened')",
            [place],
        ).fetchall():
            after = sorted(there[n] for n in json.loads(seen) if n in there)
            self._db.execute(
                "UPDATE assignments SET seen = ? WHERE round = ? AND transcript = ? AND coder = ?",
                [json.dumps(after), round_, place, coder],
            )


def _refuse_unconfirmed(
    revision: Revision, listed: Iterable[Touched], confirmed: Mapping[str, Span | None]
) -> None:
    asked = {touched.coding.id for touched in listed}
    title, text = revision.after.title, revision.after.text
    if missing := len(asked - set(confirmed)):
        raise BadCommand(
            f"In {title} {missing} {'coding stands' if missing == 1 else 'codings stand'} on "
            "changed words: say of each where it goes, or that it is taken out. "
            "Nothing was changed."
        )
    if set(confirmed) - asked:
        raise NotInStudy(
            f"A coding was confirmed that does not stand on changed words of {title}; "
            "look at the changes again. Nothing was changed."
        )
    for span in confirmed.values():
        if span is not None and (span.end > len(text) or not text[span.slice].strip()):
            raise BadCoding(f"A coding would stand on no words of {title}; choose another place.")
