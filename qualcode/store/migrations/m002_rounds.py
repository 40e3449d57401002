"""Rounds of coding."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m002_rounds(db: Database) -> None:
    """Rounds beside the main one; doubts; what was submitted before a reopening; locks, marks."""
    for name in (
        "codings_sealed_insert",
        "codings_sealed_update",
        "codings_sealed_delete",
        "assignments_sealed_insert",
        "assignments_sealed_update",
        "assignments_sealed_delete",
    ):
        db.execute(f"DROP TRIGGER {name}")
    db.execute(
        """CREATE TABLE rounds (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL,
            kind TEXT NOT NULL, version TEXT NOT NULL, gives_all INTEGER NOT NULL,
            closed_note TEXT, made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        "INSERT INTO rounds VALUES ('main', 1, 'Main round', 'main', '', 1, NULL, 'owner', '')"
    )
    for column in (
        "position INTEGER NOT NULL DEFAULT 0",
        "seen TEXT NOT NULL DEFAULT '[]'",
        "offline TEXT",
    ):
        db.execute(f"ALTER TABLE assignments ADD COLUMN {column}")
    db.execute(
        "UPDATE assignments SET position = "
        "(SELECT position FROM transcripts WHERE id = assignments.transcript)"
    )
    db.execute("ALTER TABLE codings ADD COLUMN round TEXT NOT NULL DEFAULT 'main'")
    db.execute("ALTER TABLE codings ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0")
    for index in ("idx_codings_transcript_coder", "idx_codings_transcript_coder_code_start_end"):
        db.execute(f"DROP INDEX {index}")
    db.table("codings").create_index(["round", "transcript", "coder"])
    db.table("codings").create_index(
        ["round", "transcript", "coder", "code", "start", "end"], unique=True
    )
    key = "round TEXT NOT NULL, transcript TEXT NOT NULL REFERENCES transcripts(id)"
    db.execute(
        f"""CREATE TABLE submissions (
            {key}, coder TEXT NOT NULL REFERENCES members(name), submitted_at TEXT NOT NULL,
            reopened_by TEXT NOT NULL, reopened_at TEXT NOT NULL, reason TEXT NOT NULL,
            codings TEXT NOT NULL, PRIMARY KEY (round, transcript, coder, submitted_at)
        ) STRICT"""
    )
    db.execute(
        f"""CREATE TABLE marks (
            id INTEGER PRIMARY KEY, {key}, coder TEXT NOT NULL, reason TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        f"""CREATE TABLE pairs (
            {key}, compared_by TEXT, compared_at TEXT, locked_by TEXT, locked_at TEXT,
            consensus TEXT, PRIMARY KEY (round, transcript)
        ) STRICT"""
    )
    db.execute("DROP INDEX idx_transcripts_sha256")  # two respondents may say the same words
    db.table("transcripts").create_index(["sha256"])
    _promises_of_rounds(db)


def _promises_of_rounds(db: Database) -> None:
    """Sealing holds in each round by itself; a reopening keeps what had been submitted."""

    def forbid(name: str, act: str, table: str, when: str, words: str) -> None:
        db.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

    given = (
        "EXISTS (SELECT 1 FROM assignments WHERE round = {0}.round AND transcript = {0}.transcript "
        "AND coder = {0}.coder AND state {1})"
    )
    closed = "IN ('submitted', 'withdrawn')"
    old, new = given.format("OLD", closed), given.format("NEW", closed)
    forbid("codings_sealed_insert", "INSERT", "codings", new, "sealed")
    forbid("codings_sealed_update", "UPDATE", "codings", f"{old} OR {new}", "sealed")
    forbid("codings_sealed_delete", "DELETE", "codings", old, "sealed")
    not_given = "NOT " + given.format("NEW", "IS NOT NULL")
    forbid("codings_given_insert", "INSERT", "codings", not_given, "not given")
    same = "NEW.round = OLD.round AND NEW.transcript = OLD.transcript AND NEW.coder = OLD.coder"
    kept = (
        "EXISTS (SELECT 1 FROM submissions WHERE round = OLD.round AND transcript = OLD.transcript "
        "AND coder = OLD.coder AND submitted_at = OLD.submitted_at)"
    )
    forbid(
        "assignments_sealed_insert",
        "INSERT",
        "assignments",
        given.format("NEW", "= 'submitted'"),
        "sealed",
    )
    forbid(
        "assignments_sealed_update",
        "UPDATE",
        "assignments",
        f"OLD.state = 'submitted' AND NOT (NEW.state = 'reopened' AND {same} AND {kept})",
        "sealed",
    )
    forbid(
        "assignments_sealed_delete", "DELETE", "assignments", "OLD.state = 'submitted'", "sealed"
    )
    fixed = {
        "submissions": "round = NEW.round AND transcript = NEW.transcript AND coder = NEW.coder "
        "AND submitted_at = NEW.submitted_at",
        "marks": "id = NEW.id",
    }
    for table, taken in fixed.items():
        for act in ("UPDATE", "DELETE"):
            forbid(f"{table}_no_{act.lower()}", act, table, "TRUE", "append only")
        again = f"EXISTS (SELECT 1 FROM {table} WHERE {taken})"
        forbid(f"{table}_taken", "INSERT", table, again, "append only")
