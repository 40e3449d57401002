"""The steps that bring a study file forward; a released step is never edited."""

from __future__ import annotations

import re

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x51434F44  # "QCOD": by this the file is known as a study
study_file = Migrations("qualcode.study")


@study_file()
def m001_study(db: Database) -> None:
    """Settings, people, transcripts, codebook, assignments, codings, decisions, themes, history."""

    def create(
        table: str,
        columns: dict[str, type],
        pk: str | tuple[str, ...],
        foreign_keys: list[tuple[str, str, str]] | None = None,
        nullable: tuple[str, ...] = (),
    ) -> None:
        keys = (pk,) if isinstance(pk, str) else pk
        db.table(table).create(
            columns,
            pk=pk,
            foreign_keys=foreign_keys,
            not_null=set(columns) - set(nullable) - set(keys),
            strict=True,
        )

    create("settings", {"key": str, "value": str}, "key")
    create("members", {"name": str, "display": str, "roles": str, "position": int}, "name")
    create("team", {"position": int, "facts": str}, "position")
    create(
        "participants",
        {"id": str, "attributes": str, "quote_consent": str, "status": str, "position": int},
        "id",
    )
    create(
        "transcripts",
        {
            "id": str,
            "title": str,
            "text": str,
            "sha256": str,
            "source_name": str,
            "source_format": str,
            "source_sha256": str,
            "participant": str,
            "removals": str,
            "facts": str,
            "position": int,
            "added_at": str,
        },
        "id",
        [("participant", "participants", "id")],
    )
    db.table("transcripts").create_index(["title"], unique=True)
    db.table("transcripts").create_index(["sha256"], unique=True)
    create(
        "turns",
        {
            "transcript": str,
            "number": int,
            "speaker": str,
            "role": str,
            "start": int,
            "end": int,
            "at": str,
        },
        ("transcript", "number"),
        [("transcript", "transcripts", "id")],
        nullable=("at",),
    )
    create(
        "codebook_versions",
        {"version": str, "position": int, "made_by": str, "made_at": str, "note": str},
        "version",
    )
    create(
        "codes",
        {"version": str, "id": str, "position": int, "fields": str},
        ("version", "id"),
        [("version", "codebook_versions", "version")],
    )
    create(
        "assignments",
        {"round": str, "transcript": str, "coder": str, "state": str, "submitted_at": str},
        ("round", "transcript", "coder"),
        [("transcript", "transcripts", "id"), ("coder", "members", "name")],
        nullable=("submitted_at",),
    )
    create(
        "codings",
        {
            "id": str,
            "transcript": str,
            "coder": str,
            "code": str,
            "start": int,
            "end": int,
            "quote": str,
            "memo": str,
            "codebook_version": str,
            "made_at": str,
        },
        "id",
        [
            ("transcript", "transcripts", "id"),
            ("coder", "members", "name"),
            ("codebook_version", "codebook_versions", "version"),
        ],
    )
    db.table("codings").create_index(["transcript", "coder"])
    db.table("codings").create_index(["transcript", "coder", "code", "start", "end"], unique=True)
    create("operations", {"id": str, "coder": str, "at": str}, ("coder", "id"))
    create(
        "decisions",
        {
            "id": str,
            "position": int,
            "difference": str,
            "transcript": str,
            "kind": str,
            "outcome": str,
            "reason": str,
            "settles": str,
            "decided_by": str,
            "decided_at": str,
        },
        "id",
        [("transcript", "transcripts", "id")],
    )
    db.table("decisions").create_index(["difference"])
    create(
        "consensus_codings",
        {
            "id": str,
            "decision": str,
            "transcript": str,
            "code": str,
            "start": int,
            "end": int,
            "quote": str,
            "came_from": str,
        },
        ("decision", "id"),
        [("decision", "decisions", "id"), ("transcript", "transcripts", "id")],
    )
    create(
        "themes",
        {
            "id": str,
            "position": int,
            "name": str,
            "definition": str,
            "codes": str,
            "excerpts": str,
            "origin": str,
            "made_by": str,
            "made_at": str,
            "dropped_reason": str,
        },
        "id",
        nullable=("dropped_reason",),
    )
    create(
        "answers",
        {"checklist": str, "item": str, "status": str, "location": str, "response": str},
        ("checklist", "item"),
    )
    create(
        "history",
        {
            "id": int,
            "at": str,
            "who": str,
            "act": str,
            "subject": str,
            "details": str,
            "previous": str,
            "hash": str,
        },
        "id",
    )
    _promises(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _promises(db: Database) -> None:
    """What no page and no call can get round: sealed codings and the past stay as they are."""

    def forbid(name: str, act: str, table: str, when: str, words: str) -> None:
        db.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

    submitted = (
        "EXISTS (SELECT 1 FROM assignments WHERE transcript = {0}.transcript "
        "AND coder = {0}.coder AND state = 'submitted')"
    )
    old, new = submitted.format("OLD"), submitted.format("NEW")
    # INSERT OR REPLACE takes a row out without asking a DELETE trigger, so a taken id is refused.
    taken = "EXISTS (SELECT 1 FROM {0} WHERE {1})"
    forbid("codings_sealed_insert", "INSERT", "codings", new, "sealed")
    forbid("codings_sealed_update", "UPDATE", "codings", f"{old} OR {new}", "sealed")
    forbid("codings_sealed_delete", "DELETE", "codings", old, "sealed")
    forbid(
        "codings_taken", "INSERT", "codings", taken.format("codings", "id = NEW.id"), "append only"
    )
    forbid("assignments_sealed_insert", "INSERT", "assignments", new, "sealed")
    for act in ("UPDATE", "DELETE"):
        forbid(
            f"assignments_sealed_{act.lower()}",
            act,
            "assignments",
            "OLD.state = 'submitted'",
            "sealed",
        )
    fixed = {
        "history": "id = NEW.id",
        "decisions": "id = NEW.id",
        "consensus_codings": "decision = NEW.decision AND id = NEW.id",
        "codebook_versions": "version = NEW.version",
        "codes": "version = NEW.version AND id = NEW.id",
    }
    for table, same in fixed.items():
        for act in ("UPDATE", "DELETE"):
            forbid(f"{table}_no_{act.lower()}", act, table, "TRUE", "append only")
        forbid(f"{table}_taken", "INSERT", table, taken.format(table, same), "append only")
    forbid(
        "transcripts_taken",
        "INSERT",
        "transcripts",
        taken.format("transcripts", "id = NEW.id"),
        "append only",
    )
    db.execute(
        """CREATE TRIGGER transcripts_text_fixed BEFORE UPDATE OF text, sha256 ON transcripts
        BEGIN SELECT RAISE(ABORT, 'append only'); END"""
    )


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
        _forbid_but_putting_out(db, trigger, table, otherwise, emptied, words)


def _forbid_but_putting_out(
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


@study_file()
def m004_texts(db: Database) -> None:
    """Versions of a text: what may move with it, and only while its revision is being made."""
    # ``opened`` points to no transcript until it is taken back to NULL, and the key is looked at
    # when the transaction ends: so no revision stays open, and its rows come and go with it.
    db.execute(
        """CREATE TABLE revisions (
            transcript TEXT NOT NULL REFERENCES transcripts(id), number INTEGER NOT NULL,
            made_by TEXT NOT NULL, made_at TEXT NOT NULL, reason TEXT NOT NULL,
            before_sha256 TEXT NOT NULL, after_sha256 TEXT NOT NULL,
            before_source TEXT NOT NULL, edits TEXT NOT NULL, old TEXT,
            places TEXT NOT NULL DEFAULT '[]', taken TEXT NOT NULL DEFAULT '[]',
            opened TEXT REFERENCES transcripts(id) DEFERRABLE INITIALLY DEFERRED,
            PRIMARY KEY (transcript, number)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE touched (
            transcript TEXT NOT NULL, number INTEGER NOT NULL, coding TEXT NOT NULL,
            round TEXT NOT NULL, coder TEXT NOT NULL, confirmed_by TEXT, confirmed_at TEXT,
            PRIMARY KEY (transcript, number, coding),
            FOREIGN KEY (transcript, number) REFERENCES revisions(transcript, number)
        ) STRICT"""
    )
    _promises_of_texts(db)


def _promises_of_texts(db: Database) -> None:
    """A text, and what is sealed on it, changes by places alone and inside a revision."""

    def forbid(name: str, act: str, table: str, when: str, words: str) -> None:
        db.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

    def same(*columns: str) -> str:
        return " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in columns)

    def allow(name: str, when: str) -> None:
        """Whatever a trigger forbids by now, it forbids no more where this holds."""
        (sql,) = db.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", [name]
        ).fetchone()
        found = re.fullmatch(r"(?s)(CREATE .+?)(?:\s+WHEN\s+(.+?))?\s+(BEGIN\s.+)", sql)
        assert found is not None  # every trigger of these steps reads like this
        begin, forbidden, act = found.groups(default="TRUE")
        db.execute(f"DROP TRIGGER {name}")
        db.execute(f"{begin} WHEN ({forbidden}) AND NOT ({when}) {act}")

    here = (
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.transcript AND opened IS NOT NULL)"
    )
    codings = same(
        "id", "round", "transcript", "coder", "code", "memo", "codebook_version", "made_at",
        "uncertain",
    )  # fmt: skip
    submissions = same(
        "round", "transcript", "coder", "submitted_at", "reopened_by", "reopened_at", "reason"
    )
    settled = same("id", "decision", "transcript", "code", "came_from")
    allow("codings_sealed_update", f"{here} AND {codings}")
    allow("codings_sealed_delete", here)
    allow("consensus_codings_no_update", f"{here} AND {settled}")
    allow("consensus_codings_no_delete", here)
    allow("submissions_no_update", f"{here} AND {submissions}")
    allow(
        "transcripts_text_fixed",
        "EXISTS (SELECT 1 FROM revisions WHERE transcript = OLD.id AND opened IS NOT NULL "
        "AND after_sha256 = NEW.sha256)",
    )
    kept = same(
        "transcript", "number", "made_by", "made_at", "reason", "before_sha256", "after_sha256",
        "edits",
    )  # fmt: skip
    withdrew = (
        "EXISTS (SELECT 1 FROM transcripts t JOIN participants p ON p.id = t.participant "
        "WHERE t.id = OLD.transcript AND p.status = 'withdrew') AND NEW.old IS NULL"
    )
    forbid(
        "revisions_no_update",
        "UPDATE",
        "revisions",
        f"NOT (({here} OR {withdrew}) AND {kept})",
        "append only",
    )
    forbid("revisions_no_delete", "DELETE", "revisions", "TRUE", "append only")
    forbid(
        "revisions_taken",
        "INSERT",
        "revisions",
        "EXISTS (SELECT 1 FROM revisions "
        "WHERE transcript = NEW.transcript AND number = NEW.number)",
        "append only",
    )
    kept = same("transcript", "number", "coding", "round", "coder")
    forbid(
        "touched_no_update",
        "UPDATE",
        "touched",
        f"NOT (OLD.confirmed_by IS NULL AND {kept})",
        "append only",
    )
    forbid("touched_no_delete", "DELETE", "touched", "TRUE", "append only")
    forbid(
        "touched_taken",
        "INSERT",
        "touched",
        "EXISTS (SELECT 1 FROM touched WHERE transcript = NEW.transcript "
        "AND number = NEW.number AND coding = NEW.coding)",
        "append only",
    )


@study_file()
def m005_settling(db: Database) -> None:
    """What a decision is about besides its first difference, and what was done about a code."""
    for column in (
        "also TEXT NOT NULL DEFAULT '[]'",
        "coders TEXT NOT NULL DEFAULT '[]'",
        "blind INTEGER NOT NULL DEFAULT 0",
        "version TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE decisions ADD COLUMN {column}")
    _forbid_but_putting_out(
        db, "decisions_no_update", "decisions", "TRUE", {"reason": "NEW.reason = ''"}, "append only"
    )
    db.execute(
        """CREATE TABLE codebook_issues (
            id TEXT PRIMARY KEY, position INTEGER NOT NULL, codes TEXT NOT NULL,
            decision TEXT NOT NULL, wording TEXT NOT NULL, differences INTEGER NOT NULL,
            decided_by TEXT NOT NULL, decided_at TEXT NOT NULL, version TEXT NOT NULL
        ) STRICT"""
    )
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER codebook_issues_no_{act.lower()} BEFORE {act} ON codebook_issues "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    db.execute(
        "CREATE TRIGGER codebook_issues_taken BEFORE INSERT ON codebook_issues "
        "WHEN EXISTS (SELECT 1 FROM codebook_issues WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
