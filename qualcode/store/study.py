"""A study: what the team has put in, read and changed through the seat of one person.

Reading goes through ``store.access``; each change is one transaction with its line of history.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from qualcode.codebook import Codebook
from qualcode.errors import (
    AlreadyInStudy,
    BadCodebook,
    BadCommand,
    NotAllowed,
    NotInStudy,
    Sealed,
)
from qualcode.model import (
    CONSENSUS,
    Assignment,
    CodingSet,
    Decision,
    Member,
    Participant,
    Seat,
    Theme,
    Transcript,
    new_id,
)
from qualcode.store import file, history, rows
from qualcode.store.access import Blindness, blindness, may_read_codings, require_lead
from qualcode.store.operations import Applied, Desk
from qualcode.store.settings import Settings

ROUND = "main"
OWNER = "owner"
"""Who the history names when the file is changed from the command line or a notebook."""


def open_study(
    path: str | Path,
    *,
    create: bool = False,
    title: str = "",
    seat: Seat | None = None,
) -> Study:
    """Open a study file, or start one with ``create=True`` and a title.

    ``seat`` is whose eyes are used: without one it is the owner of the file, who sees codings only
    where everybody has submitted.

    Raises
    ------
    NotInStudy
        There is no study at ``path``.
    DamagedStudy
        The file is no study, is damaged, or was written by a later version.
    """
    path = Path(path)
    if create and not title.strip():
        raise BadCommand("A new study needs a title.")
    study = Study(file.open_database(path, create=create), path, seat)
    if create:
        with study._change("study_create") as details:
            study.settings.put({"id": new_id(), "title": title.strip(), "approach": "codebook"})
            details["title"] = title.strip()
    return study


class Study:
    """One study file, opened. Close it, or use it in a ``with`` block."""

    def __init__(self, db: Any, path: Path, seat: Seat | None = None) -> None:
        self._db = db
        self.path = path
        self.seat = seat
        self.settings = Settings(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.conn.close()

    def seated(self, seat: Seat | None) -> Study:
        """The same open file through the eyes of another seat."""
        return Study(self._db, self.path, seat)

    @property
    def who(self) -> str:
        return self.seat.name if self.seat is not None else OWNER

    @contextmanager
    def _change(self, act: str, subject: str = "") -> Iterator[dict[str, Any]]:
        """One transaction with its line of history; the block fills in the details."""
        details: dict[str, Any] = {}
        try:
            with file.immediate(self._db):
                yield details
                history.write(self._db, self.who, act, subject, details)
        except sqlite3.IntegrityError as error:
            if "sealed" in str(error):
                raise Sealed(
                    "This transcript is submitted; its codings stay as they are."
                ) from error
            raise
        except sqlite3.OperationalError as error:
            raise file.translated(error, self.path) from error

    # -- what the study is -------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.settings.get("title")

    @property
    def is_sample(self) -> bool:
        """True for the sample study, which opens without an account."""
        return self.settings.get("sample") == "yes"

    def setting(self, key: str, default: str = "") -> str:
        """An answer typed once for the study, as a form or a command left it."""
        return self.settings.get(key, default)

    def answers(self, checklist: str) -> dict[str, dict[str, str]]:
        """The author's own words on a checklist: item id → status, location, response."""
        return self.settings.answers(checklist)

    def team(self) -> list[dict[str, str]]:
        """The researchers as the report names them."""
        return self.settings.team()

    # -- people ------------------------------------------------------------------------------

    def members(self) -> tuple[Member, ...]:
        """Who belongs to the study, in the order they joined."""
        return tuple(
            rows.member(row) for row in self._db.query("SELECT * FROM members ORDER BY position")
        )

    def member(self, name: str) -> Member | None:
        row = next(self._db.query("SELECT * FROM members WHERE name = ?", [name]), None)
        return rows.member(row) if row else None

    def add_member(self, member: Member) -> None:
        """Take somebody into the team; a coder is given every transcript."""
        require_lead(self.seat, "change the team")
        with self._change("member_add", member.name) as details:
            if self.member(member.name):
                raise AlreadyInStudy(f"{member.label} belongs to the study already.")
            self._db.table("members").insert(
                {
                    "name": member.name,
                    "display": member.display,
                    "roles": rows.to_json(sorted(member.roles)),
                    "position": self._next("members"),
                }
            )
            if "coder" in member.roles:
                self._assign(coders=[member.name])
            details["roles"] = sorted(member.roles)

    def coders(self) -> tuple[str, ...]:
        """Names of those who were given transcripts to code, in the order they joined."""
        return tuple(member.name for member in self.members() if "coder" in member.roles)

    def participants(self) -> tuple[Participant, ...]:
        """The people interviewed (cases), by pseudonym, withdrawn ones included."""
        return tuple(
            rows.participant(row)
            for row in self._db.query("SELECT * FROM participants ORDER BY position")
        )

    # -- text in -----------------------------------------------------------------------------

    def add(self, *items: Transcript | Participant) -> None:
        """Add transcripts and participants, all of them or none.

        A transcript without a participant is taken to be of a participant named like it.

        Raises
        ------
        AlreadyInStudy
            The same file, the same words or the same title is in the study.
        """
        require_lead(self.seat, "add transcripts")
        for item in items:
            if not isinstance(item, Transcript | Participant):
                raise BadCommand(f"A {type(item).__name__} cannot be added to a study.")
        if not items:
            return
        with self._change("import") as details:
            people = [item for item in items if isinstance(item, Participant)]
            for person in people:
                self._put_participant(person)
            transcripts = [item for item in items if isinstance(item, Transcript)]
            for transcript in transcripts:
                self._add_transcript(transcript)
            self._assign(transcripts=[transcript.id for transcript in transcripts])
            details["participants"] = len(people)
            details["transcripts"] = [
                {"id": t.id, "sha256": t.sha256, "source_sha256": t.source_sha256}
                for t in transcripts
            ]

    def _put_participant(self, person: Participant) -> None:
        known = self._db.execute(
            "SELECT position FROM participants WHERE id = ?", [person.id]
        ).fetchone()
        position = known[0] if known else self._next("participants")
        self._db.table("participants").upsert(
            rows.participant_row(person, position=position), pk="id"
        )

    def _add_transcript(self, transcript: Transcript) -> None:
        same = self._db.execute(
            "SELECT title FROM transcripts WHERE sha256 = ? OR (source_sha256 = ? AND ? <> '')",
            [transcript.sha256, transcript.source_sha256, transcript.source_sha256],
        ).fetchone()
        if same:
            raise AlreadyInStudy(
                f"{transcript.source_name or transcript.title} is in the study already, "
                f"as {same[0]}; nothing was added."
            )
        if self._db.execute(
            "SELECT 1 FROM transcripts WHERE title = ?", [transcript.title]
        ).fetchone():
            raise AlreadyInStudy(
                f"A transcript called {transcript.title} is in the study already; "
                "give this one another title. Nothing was added."
            )
        person = transcript.participant or transcript.title[:40]
        if not self._db.execute("SELECT 1 FROM participants WHERE id = ?", [person]).fetchone():
            self._put_participant(Participant(person))
        self._db.table("transcripts").insert(
            rows.transcript_row(
                replace(transcript, participant=person),
                position=self._next("transcripts"),
                at=history.now(),
            )
        )
        self._db.table("turns").insert_all(rows.turn_rows(transcript))

    def transcripts(self) -> tuple[Transcript, ...]:
        """All transcripts in the order they were added; those of people who withdrew left out."""
        turns: dict[str, list[Any]] = {}
        for turn in self._db.query("SELECT * FROM turns ORDER BY transcript, number"):
            turns.setdefault(turn["transcript"], []).append(turn)
        return tuple(
            rows.transcript(row, turns.get(row["id"], []))
            for row in self._db.query(
                "SELECT t.* FROM transcripts t JOIN participants p ON p.id = t.participant "
                "WHERE p.status <> 'withdrew' ORDER BY t.position"
            )
        )

    def titles(self) -> dict[str, str]:
        """Transcript id → title, in order, without reading the texts."""
        return {
            row["id"]: row["title"]
            for row in self._db.query(
                "SELECT t.id, t.title FROM transcripts t JOIN participants p "
                "ON p.id = t.participant WHERE p.status <> 'withdrew' ORDER BY t.position"
            )
        }

    def transcript(self, transcript: str) -> Transcript:
        """The transcript of this id or title."""
        row = next(
            self._db.query(
                "SELECT * FROM transcripts WHERE id = :t OR title = :t", {"t": transcript}
            ),
            None,
        )
        if row is None:
            raise NotInStudy(f"There is no transcript “{transcript}” in {self.title}.")
        turns = self._db.query(
            "SELECT * FROM turns WHERE transcript = ? ORDER BY number", [row["id"]]
        )
        return rows.transcript(row, turns)

    # -- codebook ----------------------------------------------------------------------------

    def codebook(self) -> Codebook:
        """The codebook at its newest version; empty before there is one."""
        row = self._db.execute(
            "SELECT version FROM codebook_versions ORDER BY position DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return Codebook()
        codes = self._db.query("SELECT * FROM codes WHERE version = ? ORDER BY position", [row[0]])
        return Codebook(tuple(rows.code(code) for code in codes), version=row[0])

    def set_codebook(self, codebook: Codebook, *, note: str = "") -> Codebook:
        """Keep this codebook as a new version; once coding has begun no code may leave it.

        Returns
        -------
        Codebook
            The codebook as kept, with its version number.
        """
        require_lead(self.seat, "change the codebook")
        before = self.codebook()
        if codebook.codes == before.codes and len(before):
            return before
        if self._coding_begun():
            gone = [code.name for code in before.codes if code.id not in codebook]
            gone += [
                code.name
                for code in before.codable
                if code.id in codebook and not codebook[code.id].codable
            ]
            if gone:
                raise BadCodebook(
                    f"Coding has begun, so “{gone[0]}” has to stay a code of the codebook; "
                    "codes can be added and reworded. Nothing was changed."
                )
        with self._change("codebook_change") as details:
            position = self._next("codebook_versions")
            kept = replace(codebook, version=f"0.{position}")
            self._db.table("codebook_versions").insert(
                {
                    "version": kept.version,
                    "position": position,
                    "made_by": self.who,
                    "made_at": history.now(),
                    "note": note,
                }
            )
            self._db.table("codes").insert_all(
                rows.code_row(code, version=kept.version, position=number)
                for number, code in enumerate(kept.codes)
            )
            details |= {"version": kept.version, "codes": len(kept.codable)}
        return kept

    def _coding_begun(self) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM assignments WHERE state <> 'assigned' LIMIT 1"
        ).fetchone()
        return row is not None

    # -- coding ------------------------------------------------------------------------------

    def _assign(
        self, *, transcripts: Iterable[str] | None = None, coders: Iterable[str] | None = None
    ) -> None:
        if transcripts is None:
            transcripts = list(self.titles())
        people = list(self.coders()) if coders is None else list(coders)
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

    def assignments(self) -> tuple[Assignment, ...]:
        """Who was given what. Of another's open work a coder learns only that it is open."""
        return tuple(
            a
            if a.state == "submitted"
            or self.seat is None
            or self.seat.name == a.coder
            or (self.seat.is_lead and not self.seat.is_coder)
            else replace(a, state="assigned")
            for a in self._assignments()
        )

    def _assignments(self) -> tuple[Assignment, ...]:
        return tuple(
            Assignment(row["transcript"], row["coder"], row["state"], row["submitted_at"])
            for row in self._db.query(
                "SELECT a.* FROM assignments a JOIN transcripts t ON t.id = a.transcript "
                "JOIN participants p ON p.id = t.participant JOIN members m ON m.name = a.coder "
                "WHERE p.status <> 'withdrew' ORDER BY t.position, m.position"
            )
        )

    def sight(self) -> Blindness:
        """What this seat may compare, and what is still awaited."""
        return blindness(self.seat, self._assignments())

    def codings(
        self, *, coders: Iterable[str] | None = None, transcript: str | None = None
    ) -> CodingSet:
        """The codings this seat may see: its own, and everybody's where all have submitted."""
        sight = self.sight()
        assignments = self._assignments()
        wanted = set(coders) if coders is not None else {a.coder for a in assignments}
        unknown = wanted - set(self.coders())
        if unknown:
            raise NotInStudy(f"{sorted(unknown)[0]} is not a coder of {self.title}.")
        pairs = [a for a in assignments if a.coder in wanted and transcript in (None, a.transcript)]
        visible = {
            (a.coder, a.transcript)
            for a in pairs
            if may_read_codings(self.seat, coder=a.coder, transcript=a.transcript, sight=sight)
        }
        where, values = ("WHERE c.transcript = ?", [transcript]) if transcript else ("", [])
        found = self._db.query(
            f"SELECT c.* FROM codings c JOIN transcripts t ON t.id = c.transcript {where} "
            'ORDER BY t.position, c.start, c."end", c.code, c.coder',
            values,
        )
        sealed = frozenset(
            (a.coder, a.transcript)
            for a in pairs
            if a.state == "submitted" and (a.coder, a.transcript) in visible
        )
        return CodingSet(
            codings=tuple(
                rows.coding(row) for row in found if (row["coder"], row["transcript"]) in visible
            ),
            sealed=sealed,
            open=frozenset((a.coder, a.transcript) for a in pairs) - sealed,
            codes=self.codebook().codes,
        )

    def apply(self, transcript: str, operations: Sequence[object]) -> Applied:
        """Do a coder's acts on a transcript (see :mod:`qualcode.store.operations`)."""
        coder = self._coder()
        text = self.transcript(transcript)
        codebook = self.codebook()
        desk = Desk(
            self._db, coder, text, {code.id: code.name for code in codebook.codable},
            codebook.version,
        )  # fmt: skip
        try:
            with file.immediate(self._db):
                self._require_open(coder, text)
                applied = desk.apply(operations)
                if applied.acknowledged:
                    self._db.execute(
                        "UPDATE assignments SET state = 'in_progress' "
                        "WHERE transcript = ? AND coder = ? AND state = 'assigned'",
                        [text.id, coder],
                    )
        except sqlite3.OperationalError as error:
            raise file.translated(error, self.path) from error
        return applied

    def submit(self, *transcripts: str) -> None:
        """Seal one's own codings of these transcripts: from here on they are never changed."""
        coder = self._coder()
        chosen = [self.transcript(transcript) for transcript in transcripts]
        for transcript in chosen:
            with self._change("submit", transcript.id) as details:
                self._require_open(coder, transcript)
                self._db.execute(
                    "UPDATE assignments SET state = 'submitted', submitted_at = ? "
                    "WHERE transcript = ? AND coder = ?",
                    [history.now(), transcript.id, coder],
                )
                (count,) = self._db.execute(
                    "SELECT count(*) FROM codings WHERE transcript = ? AND coder = ?",
                    [transcript.id, coder],
                ).fetchone()
                details["codings"] = count

    def _coder(self) -> str:
        if self.seat is None or not self.seat.is_coder:
            raise NotAllowed("Coding needs a coder's seat; ask the study lead for that role.")
        return self.seat.name

    def _require_open(self, coder: str, transcript: Transcript) -> None:
        row = self._db.execute(
            "SELECT state FROM assignments WHERE transcript = ? AND coder = ?",
            [transcript.id, coder],
        ).fetchone()
        if row is None:
            raise NotAllowed(f"{transcript.title} was not given to you; ask the study lead.")
        if row[0] == "submitted":
            raise Sealed(f"You have submitted {transcript.title}; its codings stay as they are.")

    # -- settling and themes -----------------------------------------------------------------

    def decisions(self) -> tuple[Decision, ...]:
        """What was settled, oldest first; the latest about a difference is the one that counts."""
        sight = self.sight()
        results: dict[str, list[Any]] = {}
        for row in self._db.query("SELECT * FROM consensus_codings ORDER BY rowid"):
            results.setdefault(row["decision"], []).append(row)
        return tuple(
            rows.decision(row, results.get(row["id"], []), CONSENSUS)
            for row in self._db.query("SELECT * FROM decisions ORDER BY position")
            if row["transcript"] in sight.closed
        )

    def decide(self, *decisions: Decision, replacing: str | None = None) -> None:
        """Keep decisions in the ledger.

        ``replacing`` is the decision that the person saw as current: if somebody else has decided
        in the meantime, nothing is kept and the error says who.
        """
        require_lead(self.seat, "settle differences")
        closed = self.sight().closed
        for decision in decisions:
            if decision.transcript not in closed:
                raise NotAllowed("This transcript is not submitted by everybody yet.")
            with self._change("resolve", decision.difference) as details:
                latest = self._db.execute(
                    "SELECT id, decided_by FROM decisions WHERE difference = ? "
                    "ORDER BY position DESC LIMIT 1",
                    [decision.difference],
                ).fetchone()
                if latest and latest[0] != replacing:
                    raise AlreadyInStudy(
                        f"{latest[1]} has settled this difference in the meantime; "
                        "look at that decision before you change it."
                    )
                kept = replace(decision, decided_by=self.who, decided_at=history.now())
                self._check_result(kept)
                self._db.table("decisions").insert(
                    rows.decision_row(kept, position=self._next("decisions"))
                )
                self._db.table("consensus_codings").insert_all(rows.consensus_rows(kept))
                details |= {
                    "decision": kept.id,
                    "outcome": kept.outcome,
                    "settles": list(kept.settles),
                    "replaces": latest[0] if latest else None,
                }

    def _check_result(self, decision: Decision) -> None:
        text = self.transcript(decision.transcript).text
        codes = {code.id for code in self.codebook().codable}
        for coding in decision.result:
            if text[coding.span.slice] != coding.quote or coding.code not in codes:
                raise BadCommand("The consensus coding does not fit the text or the codebook.")
        for coding_id in decision.settles:
            if not self._db.execute(
                "SELECT 1 FROM codings WHERE id = ? AND transcript = ?",
                [coding_id, decision.transcript],
            ).fetchone():
                raise NotInStudy("The codings of this difference are not in the study.")

    def themes(self) -> tuple[Theme, ...]:
        """The themes that people have made and not dropped."""
        return tuple(
            rows.theme(row)
            for row in self._db.query(
                "SELECT * FROM themes WHERE dropped_reason IS NULL ORDER BY position"
            )
        )

    def add_theme(self, theme: Theme) -> Theme:
        """Keep a theme under the name a person typed."""
        require_lead(self.seat, "make themes")
        self.sight().require("Making themes")
        with self._change("theme_change", theme.id) as details:
            name = theme.name.strip()
            if name.casefold() in {known.name.casefold() for known in self.themes()}:
                raise AlreadyInStudy(f"There is a theme “{name}” already; choose another name.")
            kept = replace(theme, name=name, made_by=self.who, made_at=history.now())
            self._db.table("themes").insert(rows.theme_row(kept, position=self._next("themes")))
            details |= {"name": name, "origin": kept.origin, "codes": list(kept.codes)}
        return kept

    def drop_theme(self, theme: str, *, reason: str) -> None:
        """Take a theme out, with the reason; it stays in the history."""
        require_lead(self.seat, "drop themes")
        if not reason.strip():
            raise BadCommand("Dropping a theme needs a reason.")
        with self._change("theme_drop", theme) as details:
            known = [row for row in self.themes() if row.id == theme]
            if not known:
                raise NotInStudy("This theme is not in the study any more.")
            self._db.table("themes").update(theme, {"dropped_reason": reason.strip()})
            details["reason"] = reason.strip()

    # -- the record --------------------------------------------------------------------------

    def log(self, act: str, details: Mapping[str, Any], subject: str = "") -> None:
        """Keep a line of history for something that changed nothing else (a run, an export)."""
        with self._change(act, subject) as line:
            line.update(details)

    def history(self, act: str | None = None) -> list[dict[str, Any]]:
        """The lines of history, oldest first; while a round is open, of codings only one's own."""
        hidden = {"code_add", "code_remove", "memo", "submit"}
        sight = self.sight()

        def may_read(line: Mapping[str, Any]) -> bool:
            if line["act"] not in hidden or line["who"] == self.who:
                return True
            place = line["details"].get("transcript", line["subject"])
            return place in sight.closed

        return [line for line in history.read(self._db, act) if may_read(line)]

    def check(self) -> list[str]:
        """What is wrong with the file, each in a sentence; empty for a sound study."""
        return file.faults(self._db)

    def backup(self, target: str | Path) -> None:
        """A sound copy of the study, made while others may be working in it."""
        file.copy_database(self._db, Path(target))

    def _next(self, table: str) -> int:
        (last,) = self._db.execute(f"SELECT max(position) FROM {table}").fetchone()
        return int(last or 0) + 1
