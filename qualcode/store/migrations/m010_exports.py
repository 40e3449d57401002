"""The register of exports, the versions of the interview guide, member checks, and what an
author's words on a checklist were based on.
"""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m010_exports(db: Database) -> None:
    """Tables of what left the study and of how the data were collected."""
    db.execute(
        """CREATE TABLE exports (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, at TEXT NOT NULL, made_by TEXT NOT NULL,
            kind TEXT NOT NULL, purpose TEXT NOT NULL, format TEXT NOT NULL, name TEXT NOT NULL,
            final INTEGER NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
            snapshot TEXT NOT NULL, codebook_version TEXT NOT NULL, recipient TEXT NOT NULL,
            released_by TEXT NOT NULL, participants TEXT NOT NULL, accepted TEXT NOT NULL
        ) STRICT"""
    )
    # What has left stays told. Only the reasons of who let something stand can be put out, since
    # they may speak of a person who withdraws later.
    held = [row[1] for row in db.execute("PRAGMA table_info(exports)").fetchall()]
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in held if name != "accepted")
    db.execute(
        "CREATE TRIGGER exports_no_update BEFORE UPDATE ON exports "
        f"WHEN NOT ({same} AND NEW.accepted = '[]') "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        "CREATE TRIGGER exports_no_delete BEFORE DELETE ON exports "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        "CREATE TRIGGER exports_taken BEFORE INSERT ON exports "
        "WHEN EXISTS (SELECT 1 FROM exports WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        """CREATE TABLE guides (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, version TEXT NOT NULL,
            used_from TEXT NOT NULL, questions TEXT NOT NULL, piloted TEXT NOT NULL,
            pilot TEXT NOT NULL, note TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE member_checks (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, participant TEXT NOT NULL,
            sent_on TEXT NOT NULL, replied TEXT NOT NULL, comment TEXT NOT NULL,
            changed TEXT NOT NULL
        ) STRICT"""
    )
    for column in ("based_on", "edited_by", "edited_at"):
        db.execute(f"ALTER TABLE answers ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
