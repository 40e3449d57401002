"""Versions of texts."""

from __future__ import annotations

import re

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m004_texts(db: Database) -> None:
    """Versions of a text: what may move with it, and only while its revision is being made."""
    # ``opened`` points to no transcript until it is taken back to NULL, and the key is looked at
    # when the transaction ends: so no revision stays open, and its rows come and go with it.
    db.execute(
        """CREATE TABLE revisions (
            transcript TEXT NOT NULL REFERENCES transcripts(id), number INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL, reason TEXT NOT NULL,
            before_sha256 TEXT NOT NULL, after_sha256 TEXT NOT NULL,
            before_source TEXT NOT NULL, edits TEXT NOT NULL, old TEXT,
            places TEXT NOT NULL DEFAULT '[]', taken TEXT NOT NULL DEFAULT '[]',
            opened TEXT REFERENCES transcripts(id) DEFERRABLE INITIALLY DEFERRED,
            PRIMARY KEY (transcript, number)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE touched (
            transcript TEXT NOT NULL, number INTEGER NOT NULL, coding TEXT NOT NULL,
            round TEXT NOT NULL, coder TEXT NOT NULL, confirmed_by TEXT, confirmed_at TEXT,
            PRIMARY KEY (transcript, number, coding),
            FOREIGN KEY (transcript, number) REFERENCES revisions(transcript, number)
        ) STRICT"""
    )
    _promises_of_texts(db)


def _promises_of_texts(db: Database) -> None:
    """A text, and what is sealed on it, changes by places alone and inside a revision."""

    def forbid(name: str, act: str, table: str, when: str, words: str) -> None:
        db.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

    def same(*columns: str) -> str:
        return " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in columns)

    def allow(name: str, when: str) -> None:
        """Whatever a trigger forbids by now, it forbids no more where this holds."""
        (sql,) = db.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", [name]
        ).fetchone()
        found = re.fullmatch(r"(?s)(CREATE .+?)(?:\s+WHEN\s+(.+?))?\s+(BEGIN\s.+)", sql)
        assert found is not None  # every trigger of these steps reads like this
        begin, forbidden, act = found.groups(default="TRUE")
        db.execute(f"DROP TRIGGER {name}")
        db.execute(f"{begin} WHEN ({forbidden}) AND NOT ({when}) {act}")

    here = (
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.transcript AND opened IS NOT NULL)"
    )
    codings = same(
        "id", "round", "transcript", "coder", "code", "memo", "codebook_version", "made_at",
        "uncertain",
    )  # fmt: skip
    submissions = same(
        "round", "transcript", "coder", "submitted_at", "reopened_by", "reopened_at", "reason"
    )
    settled = same("id", "decision", "transcript", "code", "came_from")
    allow("codings_sealed_update", f"{here} AND {codings}")
    allow("codings_sealed_delete", here)
    allow("consensus_codings_no_update", f"{here} AND {settled}")
    allow("consensus_codings_no_delete", here)
    allow("submissions_no_update", f"{here} AND {submissions}")
    allow(
        "transcripts_text_fixed",
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.id AND opened IS NOT NULL "
        "AND after_sha256 = NEW.sha256)",
    )
    kept = same(
        "transcript", "number", "made_by", "made_at", "reason", "before_sha256", "after_sha256",
        "edits",
    )  # fmt: skip
    withdrew = (
        "EXISTS (SELECT 1 FROM transcripts t JOIN participants p ON p.id = t.participant "
        "WHERE t.id = OLD.transcript AND p.status = 'withdrew') AND NEW.old IS NULL"
    )
    forbid(
        "revisions_no_update",
        "UPDATE",
        "revisions",
        f"NOT (({here} OR {withdrew}) AND {kept})",
        "append only",
    )
    forbid("revisions_no_delete", "DELETE", "revisions", "TRUE", "append only")
    forbid(
        "revisions_taken",
        "INSERT",
        "revisions",
        "EXISTS (SELECT 1 FROM revisions "
        "WHERE transcript = NEW.transcript AND number = NEW.number)",
        "append only",
    )
    kept = same("transcript", "number", "coding", "round", "coder")
    forbid(
        "touched_no_update",
        "UPDATE",
        "touched",
        f"NOT (OLD.confirmed_by IS NULL AND {kept})",
        "append only",
    )
    forbid("touched_no_delete", "DELETE", "touched", "TRUE", "append only")
    forbid(
        "touched_taken",
        "INSERT",
        "touched",
        "EXISTS (SELECT 1 FROM touched WHERE transcript = NEW.transcript "
        "AND number = NEW.number AND coding = NEW.coding)",
        "append only",
    )
