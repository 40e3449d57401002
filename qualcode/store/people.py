"""The people of a study: who withdraws, and everything made of what they said.

A withdrawal is one transaction. The person stays in the list by pseudonym, so that the flow of
participants adds up; every letter of theirs is put out in the file, in the transcript, the codings
of all rounds, memos, what was submitted before a reopening, decisions and the locked consensus.
Places and codes stay, unread and uncounted, so that the history can still be checked; memos on
their interviews are taken out whole, with the answers to them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.errors import BadCommand, NotInStudy
from qualcode.model import Participant
from qualcode.store import backups, history, proposals, theme_texts
from qualcode.store.access import require
from qualcode.store.collecting import take_out_checks
from qualcode.store.exports import put_out_reasons
from qualcode.store.settings import PUBLISHED

if TYPE_CHECKING:
    from qualcode.store.study import Study

LONGEST_REASON = 500
OUT = "·"
"""What stands in place of each character that was taken out."""
WITHDRAW = "withdraw a participant"


@dataclass(frozen=True)
class PastExport:
    """A file that left the study: when, by whom, what; ``certain`` where the history tells that
    this person was in it, and not only that they were in the study. ``recipient`` and ``sha256``
    are those of the register of exports, "" for a file from before there was one.
    """

    at: str
    who: str
    report: str
    format: str
    certain: bool
    final: bool = False
    recipient: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal takes out of the study, and where else the person's words still are.

    ``transcripts`` and ``themes`` are titles and names; ``away`` the coders who have the text in
    a package; ``copies`` the names of copies of the study from before.
    """

    participant: str
    done: bool
    transcripts: tuple[str, ...]
    themes: tuple[str, ...]
    exports: tuple[PastExport, ...]
    away: tuple[str, ...]
    copies: tuple[str, ...]


class People:
    """Withdrawing from one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    def withdrawal(self, participant: str) -> Withdrawal:
        """What withdrawing this participant takes out, or took out; nothing is changed."""
        require(self._study.seat, WITHDRAW)
        person = self._person(participant)
        texts = self._texts(person.id)
        at = self._withdrawn_at(person.id)
        done = person.status == "withdrew" and all(_is_out(text["text"]) for text in texts)
        places, hidden = {text["id"] for text in texts}, self._study._hidden()
        return Withdrawal(
            participant=person.id,
            done=done,
            transcripts=tuple(
                "a text that is not released" if text["id"] in hidden else text["title"]
                for text in texts
            ),
            themes=self._themes(places),
            exports=self._exports(person.id, texts, at),
            away=self._away(places),
            copies=tuple(
                copy.name
                for copy in backups.copies(self._study.path)
                if not at or f"{copy.at:%Y-%m-%dT%H:%M:%S}" <= at
            ),
        )

    def withdraw(self, participant: str, reason: str) -> Withdrawal:
        """Take out everything of this participant, for good."""
        require(self._study.seat, WITHDRAW)
        reason = reason.strip()
        if not reason:
            raise BadCommand("A withdrawal needs a word on how it was asked for: it is recorded.")
        if len(reason) > LONGEST_REASON:
            raise BadCommand(f"A reason has at most {LONGEST_REASON} characters; shorten it.")
        # What is overwritten leaves no trace in the free places of the file.
        self._db.execute("PRAGMA secure_delete = ON")
        with self._study._writing():
            before = self.withdrawal(participant)
            if before.done:
                raise BadCommand(f"{participant} has withdrawn already; nothing was changed.")
            with self._study._change("withdraw", before.participant) as details:
                details["transcripts"] = self._take_out(before.participant)
                details["reason"] = reason
        self.sweep()
        return Withdrawal(**{**vars(before), "done": True, "copies": self._copies()})

    def refuse_return(self, person: Participant) -> None:
        """Who has withdrawn is not put back by a form that was open before."""
        row = self._db.execute(
            "SELECT status FROM participants WHERE id = ?", [person.id]
        ).fetchone()
        if row and row[0] == "withdrew" and person.status != "withdrew":
            raise BadCommand(
                f"{person.id} has withdrawn, which is not taken back; nothing was changed."
            )

    # -- what is known -------------------------------------------------------------------------

    def _person(self, participant: str) -> Participant:
        for person in self._study._shelf.participants():
            if person.id == participant:
                return person
        raise NotInStudy(
            f"There is no participant “{str(participant)[:60]}” in {self._study.title}."
        )

    def _texts(self, person: str) -> list[dict[str, Any]]:
        return list(
            self._db.query(
                "SELECT * FROM transcripts WHERE participant = ? ORDER BY position", [person]
            )
        )

    def _withdrawn_at(self, person: str) -> str:
        row = self._db.execute(
            "SELECT at FROM history WHERE act = 'withdraw' AND subject = ? ORDER BY id LIMIT 1",
            [person],
        ).fetchone()
        return str(row[0]) if row else ""

    def _away(self, places: set[str]) -> tuple[str, ...]:
        found = self._db.execute(
            "SELECT DISTINCT transcript, coder FROM assignments WHERE offline IS NOT NULL "
            "ORDER BY coder"
        ).fetchall()
        return tuple(dict.fromkeys(coder for place, coder in found if place in places))

    def _themes(self, places: set[str]) -> tuple[str, ...]:
        touched = theme_texts.themes_touched(self._db, places)
        return tuple(
            theme.name
            for theme in self._study.themes()
            if theme.id in touched or any(place in places for place, _ in theme.excerpts)
        )

    def _copies(self) -> tuple[str, ...]:
        return tuple(copy.name for copy in backups.copies(self._study.path))

    def _exports(self, person: str, texts: list[dict[str, Any]], at: str) -> tuple[PastExport, ...]:
        """Exports from between the person's first transcript and their withdrawal.

        All of them, whoever asks: that a file was written tells nothing of anybody's codings.
        """
        if not texts:
            return ()
        first = min(text["added_at"] for text in texts)
        register = {
            row["id"]: row
            for row in self._db.query("SELECT id, final, recipient, sha256 FROM exports")
        }
        found = []
        for line in history.read(self._db, "export"):
            told, kept = line["details"], register.get(line["subject"], {})
            held = told.get("participants")
            if line["at"] < first or (at and line["at"] > at):
                continue
            if isinstance(held, list) and person not in held:
                continue
            found.append(
                PastExport(
                    at=line["at"],
                    who=line["who"],
                    report=str(told.get("report", "")),
                    format=str(told.get("format", "")),
                    certain=isinstance(held, list),
                    final=bool(kept.get("final", 0)),
                    recipient=str(kept.get("recipient", "")),
                    sha256=str(kept.get("sha256", "")),
                )
            )
        return tuple(found)

    # -- taking out ----------------------------------------------------------------------------

    def _take_out(self, person: str) -> list[str]:
        """Put out the person and all words of theirs; ids of their transcripts."""
        # First the person: the file lets the words of nobody else be put out.
        self._db.table("participants").update(
            person, {"attributes": "{}", "quote_consent": "no", "status": "withdrew"}
        )
        self._study._recruitment.withdrawn(person)
        take_out_checks(self._db, person)
        put_out_reasons(self._db, person)
        texts = self._texts(person)
        for text in texts:
            self._put_out(text, person)
        if texts:
            # Published tables count the person; the lead publishes them anew.
            self._db.execute("DELETE FROM settings WHERE key LIKE ?", [f"{PUBLISHED}%"])
        return [text["id"] for text in texts]

    def _put_out(self, text: Mapping[str, Any], person: str) -> None:
        place = text["id"]
        self._db.table("transcripts").update(
            place,
            {
                "text": OUT * len(text["text"]),
                "title": f"{person}, withdrawn ({text['position']})",
                "source_name": "",
                "removals": "[]",
                "facts": "{}",
            },
        )
        self._db.execute("UPDATE turns SET speaker = '', at = NULL WHERE transcript = ?", [place])
        # One statement a row: the file lets the words go only all together.
        for table, also in (
            ("codings", ", memo = ''"),
            ("consensus_codings", ""),
            ("recodings", ""),
        ):
            held = self._db.execute(
                f"SELECT rowid, length(quote) FROM {table} WHERE transcript = ?", [place]
            ).fetchall()
            for row, length in held:
                self._db.execute(
                    f"UPDATE {table} SET quote = ?{also} WHERE rowid = ?", [OUT * length, row]
                )
        for act in (
            "UPDATE decisions SET reason = '' WHERE transcript = ?",
            "UPDATE submissions SET codings = '[]' WHERE transcript = ?",
            "DELETE FROM memos WHERE transcript = ?",
            "UPDATE pairs SET consensus = '[]' WHERE transcript = ? AND consensus IS NOT NULL",
        ):
            self._db.execute(act, [place])
        proposals.put_out(self._db, place, OUT)
        self._study._texts.put_out(place)
        theme_texts.put_out(self._db, place)

    def sweep(self) -> None:
        """Empty what SQLite still holds of earlier pages, unless somebody is reading just now."""
        for act in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            with suppress(sqlite3.OperationalError):
                self._db.execute(act).fetchall()


def _is_out(text: str) -> bool:
    return not text.strip(OUT)


def is_taken_out(db: Any, place: str) -> bool:
    """True for a transcript whose participant withdrew and whose words are put out."""
    row = db.execute(
        "SELECT t.text FROM transcripts t JOIN participants p ON p.id = t.participant "
        "WHERE t.id = ? AND p.status = 'withdrew'",
        [place],
    ).fetchone()
    return row is not None and _is_out(row[0])
