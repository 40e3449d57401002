"""Memos and the threads that start from them."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import study_file


@study_file()
def m009_memos(db: Database) -> None:
    """Notes on anything, the answers to them, and who declined to write one when asked.

    What a coder noted on a passage while coding is sealed with the codings: its words and its
    place change no more, but for a revision of the text, and a withdrawal takes it out.
    """
    db.execute(
        """CREATE TABLE memos (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, subject TEXT NOT NULL,
            transcript TEXT REFERENCES transcripts(id), round TEXT NOT NULL,
            in_layer INTEGER NOT NULL,
            start INTEGER, "end" INTEGER, quote TEXT NOT NULL, author TEXT NOT NULL,
            text TEXT NOT NULL, moment TEXT NOT NULL, shared INTEGER NOT NULL,
            may_be_reported INTEGER NOT NULL, made_at TEXT NOT NULL, changed_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE INDEX idx_memos_transcript ON memos (transcript)")
    db.execute(
        """CREATE TABLE memos_declined (
            author TEXT NOT NULL, moment TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (author, moment)
        ) STRICT"""
    )
    sealed = (
        "{0}.in_layer = 1 AND EXISTS (SELECT 1 FROM assignments a "
        "WHERE a.round = {0}.round AND a.transcript = {0}.transcript AND a.coder = {0}.author "
        "AND a.state = 'submitted')"
    )
    moving = (
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.transcript AND opened IS NOT NULL) "
        "AND NEW.id = OLD.id AND NEW.text = OLD.text AND NEW.author = OLD.author "
        "AND NEW.round = OLD.round AND NEW.transcript = OLD.transcript AND NEW.about = OLD.about "
        "AND NEW.in_layer = OLD.in_layer AND NEW.made_at = OLD.made_at"
    )
    withdrew = (
        "EXISTS (SELECT 1 FROM transcripts t JOIN participants p ON p.id = t.participant "
        "WHERE t.id = OLD.transcript AND p.status = 'withdrew')"
    )
    for name, act, when in (
        ("insert", "INSERT", sealed.format("NEW")),
        (
            "update",
            "UPDATE OF id, about, subject, transcript, round, in_layer, start, "
            '"end", quote, author, text, made_at',
            f"({sealed.format('OLD')} OR {sealed.format('NEW')}) AND NOT ({moving})",
        ),
        ("delete", "DELETE", f"{sealed.format('OLD')} AND NOT {withdrew}"),
    ):
        db.execute(
            f"CREATE TRIGGER memos_sealed_{name} BEFORE {act} ON memos WHEN {when} "
            "BEGIN SELECT RAISE(ABORT, 'sealed'); END"
        )
    db.execute(
        "CREATE TRIGGER memos_taken BEFORE INSERT ON memos "
        "WHEN EXISTS (SELECT 1 FROM memos WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
