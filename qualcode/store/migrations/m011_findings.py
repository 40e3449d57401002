"""What stands around themes: their scope and versions, claims, excerpts, quotations, needs."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m011_findings(db: Database) -> None:
    """A theme as the report tells it. One that had a definition before counts as defined."""
    for column in (
        "scope_in TEXT NOT NULL DEFAULT ''",
        "scope_out TEXT NOT NULL DEFAULT ''",
        "kind TEXT NOT NULL DEFAULT 'major'",
        "state TEXT NOT NULL DEFAULT 'candidate'",
        "parent TEXT NOT NULL DEFAULT ''",
        "relations TEXT NOT NULL DEFAULT ''",
        "version INTEGER NOT NULL DEFAULT 1",
        "changed_by TEXT NOT NULL DEFAULT ''",
        "changed_at TEXT NOT NULL DEFAULT ''",
        "agreed TEXT NOT NULL DEFAULT '[]'",
    ):
        db.execute(f"ALTER TABLE themes ADD COLUMN {column}")
    db.execute("UPDATE themes SET state = 'defined' WHERE trim(definition) <> ''")
    db.execute(
        """CREATE TABLE theme_versions (
            theme TEXT NOT NULL REFERENCES themes(id), number INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL, fields TEXT NOT NULL,
            PRIMARY KEY (theme, number)
        ) STRICT"""
    )
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER theme_versions_no_{act.lower()} BEFORE {act} ON theme_versions "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    db.execute(
        """CREATE TABLE theme_claims (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            theme TEXT NOT NULL REFERENCES themes(id), sentence TEXT NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE theme_excerpts (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            theme TEXT NOT NULL REFERENCES themes(id), claim TEXT NOT NULL, role TEXT NOT NULL,
            transcript TEXT NOT NULL REFERENCES transcripts(id),
            start INTEGER NOT NULL, "end" INTEGER NOT NULL, text_version INTEGER NOT NULL,
            quote TEXT NOT NULL, note TEXT NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE theme_quotations (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            theme TEXT NOT NULL REFERENCES themes(id), claim TEXT NOT NULL,
            transcript TEXT NOT NULL REFERENCES transcripts(id),
            start INTEGER NOT NULL, "end" INTEGER NOT NULL, text_version INTEGER NOT NULL,
            quote TEXT NOT NULL, edits TEXT NOT NULL, introduction TEXT NOT NULL,
            sense TEXT NOT NULL, look_again INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE needs (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, need TEXT NOT NULL,
            present TEXT NOT NULL, wished TEXT NOT NULL, gap TEXT NOT NULL,
            themes TEXT NOT NULL, codes TEXT NOT NULL, judgement INTEGER NOT NULL,
            quotations TEXT NOT NULL, importance INTEGER, importance_by TEXT NOT NULL,
            feasibility INTEGER, owner TEXT NOT NULL, first_step TEXT NOT NULL,
            by_when TEXT NOT NULL, changed_by TEXT NOT NULL, changed_at TEXT NOT NULL,
            dropped_reason TEXT
        ) STRICT"""
    )
