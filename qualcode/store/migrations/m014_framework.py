"""Written summaries of a framework matrix, the passages they rest on, and how they stood before."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m014_framework(db: Database) -> None:
    """One summary a cell: of a participant, or of one interview of theirs, and a theme or code.

    Versions are only added, until the participant withdraws.
    """
    db.execute(
        """CREATE TABLE framework_summaries (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            participant TEXT NOT NULL REFERENCES participants(id), transcript TEXT NOT NULL,
            kind TEXT NOT NULL, target TEXT NOT NULL, text TEXT NOT NULL,
            version INTEGER NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL,
            UNIQUE (participant, transcript, kind, target)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE framework_versions (
            summary TEXT NOT NULL, number INTEGER NOT NULL, participant TEXT NOT NULL,
            text TEXT NOT NULL, links INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (summary, number)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE framework_links (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            summary TEXT NOT NULL REFERENCES framework_summaries(id),
            transcript TEXT NOT NULL REFERENCES transcripts(id),
            start INTEGER NOT NULL, "end" INTEGER NOT NULL, text_version INTEGER NOT NULL,
            quote TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL
        ) STRICT"""
    )
    db.table("framework_links").create_index(["summary"])
    db.table("framework_links").create_index(["transcript"])
    db.execute(
        "CREATE TRIGGER framework_versions_no_update BEFORE UPDATE ON framework_versions "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
    db.execute(
        "CREATE TRIGGER framework_versions_no_delete BEFORE DELETE ON framework_versions "
        "WHEN NOT EXISTS (SELECT 1 FROM participants p WHERE p.id = OLD.participant "
        "AND p.status = 'withdrew') BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
