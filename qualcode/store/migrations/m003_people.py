"""People, their consents, and withdrawal."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import forbid_but_putting_out, study_file


@study_file()
def m003_people(db: Database) -> None:
    """Typed attributes, consent and recruitment; only who withdraws can be put out."""
    db.execute(
        """CREATE TABLE attributes (
            name TEXT PRIMARY KEY, position INTEGER NOT NULL, kind TEXT NOT NULL,
            allowed TEXT NOT NULL, held_by TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE consents (
            participant TEXT PRIMARY KEY REFERENCES participants(id), record TEXT NOT NULL,
            share TEXT NOT NULL, recontact TEXT NOT NULL, form TEXT NOT NULL,
            signed_on TEXT NOT NULL, deadline TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE recruitment (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, channel TEXT NOT NULL,
            outcome TEXT NOT NULL, reason TEXT NOT NULL, date TEXT NOT NULL,
            participant TEXT NOT NULL
        ) STRICT"""
    )
    _promises_of_withdrawing(db)


def _promises_of_withdrawing(db: Database) -> None:
    """The words of who has withdrawn may be put out; nothing else of a fixed row changes."""
    given = (
        "EXISTS (SELECT 1 FROM assignments WHERE round = {0}.round AND transcript = {0}.transcript "
        "AND coder = {0}.coder AND state IN ('submitted', 'withdrawn'))"
    )
    sealed = f"({given.format('OLD')} OR {given.format('NEW')})"
    out = "trim(NEW.{}, '·') = ''"
    # Trigger, table, when it forbids otherwise, what may become empty and how, its words.
    allowed = (
        ("codings_sealed_update", "codings", sealed,
         {"quote": out.format("quote"), "memo": "NEW.memo = ''"}, "sealed"),
        ("consensus_codings_no_update", "consensus_codings", "TRUE",
         {"quote": out.format("quote")}, "append only"),
        ("decisions_no_update", "decisions", "TRUE", {"reason": "NEW.reason = ''"}, "append only"),
        ("submissions_no_update", "submissions", "TRUE",
         {"codings": "NEW.codings = '[]'"}, "append only"),
        ("transcripts_text_fixed", "transcripts", "TRUE",
         {"text": out.format("text")}, "append only"),
    )  # fmt: skip
    for trigger, table, otherwise, emptied, words in allowed:
        forbid_but_putting_out(db, trigger, table, otherwise, emptied, words)
