"""The set of steps of a study file, and what several of them need."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x51434F44  # "QCOD": by this the file is known as a study
study_file = Migrations("qualcode.study")


def forbid_but_putting_out(
    db: Database, trigger: str, table: str, otherwise: str, emptied: dict[str, str], words: str
) -> None:
    """The trigger made anew: it lets the words of who has withdrawn be emptied, and no more."""
    is_text = table == "transcripts"
    held = [row[1] for row in db.execute(f"PRAGMA table_info({table})").fetchall()]
    kept = ["id", "sha256"] if is_text else [name for name in held if name not in emptied]
    same = " AND ".join([f'NEW."{name}" IS OLD."{name}"' for name in kept] + list(emptied.values()))
    gone = (
        "EXISTS (SELECT 1 FROM transcripts t JOIN participants p ON p.id = t.participant "
        f"WHERE t.id = OLD.{'id' if is_text else 'transcript'} AND p.status = 'withdrew')"
    )
    db.execute(f"DROP TRIGGER {trigger}")
    db.execute(
        f"CREATE TRIGGER {trigger} BEFORE UPDATE {'OF text, sha256 ' if is_text else ''}"
        f"ON {table} WHEN {otherwise} AND NOT ({gone} AND {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
