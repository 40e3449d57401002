"""Codings that a search put, and codes that coders propose."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m012_machine_coding(db: Database) -> None:
    """The searches whose hits were accepted, one row a transcript, and proposals of codes."""
    db.execute("ALTER TABLE codings ADD COLUMN search TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE rounds ADD COLUMN autocoding INTEGER NOT NULL DEFAULT 1")
    db.execute(
        """CREATE TABLE searches (
            id TEXT NOT NULL, transcript TEXT NOT NULL REFERENCES transcripts(id),
            round TEXT NOT NULL, coder TEXT NOT NULL REFERENCES members(name),
            code TEXT NOT NULL, words TEXT NOT NULL, kind TEXT NOT NULL, snap TEXT NOT NULL,
            version TEXT NOT NULL, found INTEGER NOT NULL, codings TEXT NOT NULL,
            sha256 TEXT NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (id, transcript)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE proposals (
            id TEXT PRIMARY KEY, transcript TEXT NOT NULL REFERENCES transcripts(id),
            round TEXT NOT NULL, coder TEXT NOT NULL REFERENCES members(name),
            name TEXT NOT NULL, definition TEXT NOT NULL, start INTEGER NOT NULL,
            "end" INTEGER NOT NULL, quote TEXT NOT NULL, made_at TEXT NOT NULL,
            state TEXT NOT NULL, answer TEXT NOT NULL, code TEXT NOT NULL,
            answered_by TEXT NOT NULL, answered_at TEXT NOT NULL
        ) STRICT"""
    )
    db.table("codings").create_index(["search"])
    held = [row[1] for row in db.execute("PRAGMA table_info(searches)").fetchall()]
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in held if column != "words")
    # What somebody typed may be a name: it can be put out, when a text's words are.
    db.execute(
        f"CREATE TRIGGER searches_no_update BEFORE UPDATE ON searches WHEN NOT ({same} "
        "AND NEW.words = '') BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        "CREATE TRIGGER searches_no_delete BEFORE DELETE ON searches "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        "CREATE TRIGGER searches_taken BEFORE INSERT ON searches WHEN EXISTS (SELECT 1 FROM "
        "searches WHERE id = NEW.id AND transcript = NEW.transcript) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
