"""What changed with each version of the codebook."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m007_changes(db: Database) -> None:
    """The changes that a person told with a version, in order; kept with it and never altered."""
    db.execute(
        """CREATE TABLE codebook_changes (
            version TEXT NOT NULL REFERENCES codebook_versions (version),
            number INTEGER NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL,
            into_codes TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (version, number)
        ) STRICT"""
    )
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER codebook_changes_no_{act.lower()} BEFORE {act} ON codebook_changes "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    db.execute(
        "CREATE TRIGGER codebook_changes_taken BEFORE INSERT ON codebook_changes WHEN EXISTS "
        "(SELECT 1 FROM codebook_changes WHERE version = NEW.version AND number = NEW.number) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
