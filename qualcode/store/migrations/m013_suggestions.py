"""What a machine suggested and what people made of it."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m013_suggestions(db: Database) -> None:
    """Runs, the answers to what they proposed, and passages that looked like a code's own."""
    db.execute(
        """CREATE TABLE suggestion_runs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, parameters TEXT NOT NULL,
            versions TEXT NOT NULL, found INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE suggestion_answers (
            run TEXT NOT NULL REFERENCES suggestion_runs(id), view TEXT NOT NULL,
            number INTEGER NOT NULL, answer TEXT NOT NULL, reason TEXT NOT NULL,
            theme TEXT NOT NULL, code TEXT NOT NULL, proposal TEXT NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (run, view, number)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE likenesses (
            id TEXT PRIMARY KEY, act TEXT NOT NULL,
            transcript TEXT NOT NULL REFERENCES transcripts(id), round TEXT NOT NULL,
            coder TEXT NOT NULL REFERENCES members(name), code TEXT NOT NULL,
            start INTEGER NOT NULL, "end" INTEGER NOT NULL, answer TEXT NOT NULL,
            version TEXT NOT NULL, sha256 TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.table("likenesses").create_index(["coder", "round"])
    db.table("likenesses").create_index(["act"])
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER suggestion_runs_no_{act.lower()} BEFORE {act} ON suggestion_runs "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
