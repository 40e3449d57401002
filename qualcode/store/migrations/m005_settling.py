"""Settling differences."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import forbid_but_putting_out, study_file


@study_file()
def m005_settling(db: Database) -> None:
    """What a decision is about besides its first difference, and what was done about a code."""
    for column in (
        "also TEXT NOT NULL DEFAULT '[]'",
        "coders TEXT NOT NULL DEFAULT '[]'",
        "blind INTEGER NOT NULL DEFAULT 0",
        "version TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE decisions ADD COLUMN {column}")
    forbid_but_putting_out(
        db, "decisions_no_update", "decisions", "TRUE", {"reason": "NEW.reason = ''"}, "append only"
    )
    db.execute(
        """CREATE TABLE codebook_issues (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, codes TEXT NOT NULL,
            decision TEXT NOT NULL, wording TEXT NOT NULL, differences INTEGER NOT NULL,
            decided_by TEXT NOT NULL, decided_at TEXT NOT NULL, version TEXT NOT NULL
        ) STRICT"""
    )
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER codebook_issues_no_{act.lower()} BEFORE {act} ON codebook_issues "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    db.execute(
        "CREATE TRIGGER codebook_issues_taken BEFORE INSERT ON codebook_issues "
        "WHEN EXISTS (SELECT 1 FROM codebook_issues WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
