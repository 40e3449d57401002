"""Recoding after a change of the codebook."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file

LEADS = "('allocate', 'fits', 'misfits')"


@study_file()
def m008_recoding(db: Database) -> None:
    """What coders say of their earlier codings under a later version: appended, never altered.

    A coder takes an answer back by another row, until it is handed in; the words of an added
    passage move with a corrected text and go with who withdraws.
    """
    db.execute("ALTER TABLE rounds ADD COLUMN recode_blind INTEGER NOT NULL DEFAULT 1")
    db.execute(
        """CREATE TABLE recodings (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL,
            round TEXT NOT NULL REFERENCES rounds (id),
            version TEXT NOT NULL REFERENCES codebook_versions (version),
            coder TEXT NOT NULL REFERENCES members (name), transcript TEXT NOT NULL,
            coding TEXT NOT NULL, outcome TEXT NOT NULL, codes TEXT NOT NULL,
            start INTEGER, "end" INTEGER, quote TEXT NOT NULL, made_by TEXT NOT NULL,
            made_at TEXT NOT NULL, blind INTEGER NOT NULL, undoes TEXT NOT NULL
        ) STRICT"""
    )
    kept = " AND ".join(
        f'NEW."{name}" IS OLD."{name}"'
        for name in (
            *("id", "position", "round", "version", "coder", "transcript", "coding", "outcome"),
            *("codes", "made_by", "made_at", "blind", "undoes"),
        )
    )
    revised = (
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.transcript AND opened IS NOT NULL)"
    )
    withdrew = (
        'NEW.start IS OLD.start AND NEW."end" IS OLD."end" AND EXISTS (SELECT 1 FROM transcripts t '
        "JOIN participants p ON p.id = t.participant "
        "WHERE t.id = OLD.transcript AND p.status = 'withdrew')"
    )
    for name, when, words in (
        ("no_update BEFORE UPDATE", f"NOT ({kept} AND ({revised} OR {withdrew}))", "append only"),
        ("no_delete BEFORE DELETE", f"NOT {revised}", "append only"),
        (
            "taken BEFORE INSERT",
            "EXISTS (SELECT 1 FROM recodings WHERE id = NEW.id)",
            "append only",
        ),
        (
            "sealed BEFORE INSERT",
            "NEW.outcome = 'undone' AND EXISTS (SELECT 1 FROM recodings o JOIN recodings s "
            "ON s.outcome = 'submit' AND s.round = o.round AND s.version = o.version "
            "AND s.coder = o.coder AND s.position > o.position "
            f"WHERE o.id = NEW.undoes AND o.outcome NOT IN {LEADS})",
            "sealed",
        ),
    ):
        db.execute(
            f"CREATE TRIGGER recodings_{name} ON recodings WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
