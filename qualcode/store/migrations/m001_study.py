"""The study file of version 0.1."""

from __future__ import annotations

from sqlite_utils import Database

from qualcode.store.migrations.steps import APPLICATION_ID, study_file


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
