"""The study's history: append-only, each line sealed by a hash over itself and the line before.

Who, when (UTC), act, subject and details; never transcript text, memo text or real names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

GENESIS = "0" * 64


def now() -> str:
    """This moment in UTC, to the millisecond, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write(
    db: Database, who: str, act: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add one line; called inside the transaction of the change that it tells of."""
    last = db.execute("SELECT hash FROM history ORDER BY id DESC LIMIT 1").fetchone()
    line = {
        "at": now(),
        "who": who,
        "act": act,
        "subject": subject,
        "details": json.dumps(details or {}, ensure_ascii=False, sort_keys=True),
        "previous": last[0] if last else GENESIS,
    }
    db.execute(
        "INSERT INTO history (at, who, act, subject, details, previous, hash) "
        "VALUES (:at, :who, :act, :subject, :details, :previous, :hash)",
        {**line, "hash": _hash(line)},
    )


def read(db: Database, act: str | None = None) -> Iterator[dict[str, Any]]:
    """The lines from oldest to newest, details as a dict."""
    where, values = ("WHERE act = ?", [act]) if act else ("", [])
    for row in db.query(
        f"SELECT id, at, who, act, subject, details FROM history {where} ORDER BY id", values
    ):
        yield {**row, "details": json.loads(row["details"])}


def broken_lines(db: Database) -> list[int]:
    """The numbers of lines that were changed, moved or taken out since they were written."""
    broken: list[int] = []
    previous, number = GENESIS, 0
    for row in db.query("SELECT * FROM history ORDER BY id"):
        line = {key: row[key] for key in ("at", "who", "act", "subject", "details", "previous")}
        number += 1
        if row["previous"] != previous or row["hash"] != _hash(line) or row["id"] != number:
            broken.append(int(row["id"]))
        previous, number = row["hash"], row["id"]
    return broken


def codings_told(db: Database) -> dict[str, tuple[str, str, str, int, int]]:
    """The codings there should be: id → transcript, coder, code, start, end."""
    told: dict[str, tuple[str, str, str, int, int]] = {}
    acts = "SELECT * FROM history WHERE act IN ('code_add', 'code_remove') ORDER BY id"
    for row in db.query(acts):
        if row["act"] == "code_remove":
            told.pop(row["subject"], None)
            continue
        where = json.loads(row["details"])
        told[row["subject"]] = (
            where["transcript"],
            row["who"],
            where["code"],
            where["start"],
            where["end"],
        )
    return told


def _hash(line: Mapping[str, str]) -> str:
    return hashlib.sha256(
        json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8")
    ).hexdigest()
