"""Texts released to the coders."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m006_releases(db: Database) -> None:
    """Who signed that a version of a text may be read by the coders; a row is never changed."""
    db.execute(
        """CREATE TABLE releases (
            transcript TEXT NOT NULL REFERENCES transcripts (id), number INTEGER NOT NULL,
            signed TEXT NOT NULL, released_by TEXT NOT NULL, released_at TEXT NOT NULL,
            found INTEGER NOT NULL, carried INTEGER NOT NULL,
            PRIMARY KEY (transcript, number)
        ) STRICT"""
    )
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER releases_no_{act.lower()} BEFORE {act} ON releases "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    db.execute(
        "CREATE TRIGGER releases_taken BEFORE INSERT ON releases "
        "WHEN EXISTS (SELECT 1 FROM releases WHERE transcript = NEW.transcript "
        "AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
