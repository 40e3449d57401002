"""The study's history: append-only, each line sealed by a hash over itself and the line before.

Who, in which role, when (UTC), act, subject, details and the program's version; never transcript
text, memo text or real names. Each line also seals the rows it changed (``store.seals``), and the
newest is repeated in the settings, so that lines taken off the end are noticed.

What this shows and what it cannot: a row or a line that was altered, put in or taken out by
another program, by a fault or by hand, is found and named. Nothing here is secret, so somebody who
may write the file and knows this module can write a whole new history with new hashes; then the
copies tell (``store.backups``: the newest is compared), and where those too could be written, only
the hash of the last line kept elsewhere (``qualcode check`` prints it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from qualcode import __version__
from qualcode.errors import BadCommand
from qualcode.model import OWNER
from qualcode.store import moves, seals

GENESIS = "0" * 64
OWN = ("by", "rows", "all", "sealed")
"""Keys of the details that the history writes for itself."""
ABOUT_PLACES = "'code_add', 'code_remove', 'autocode', 'autocode_undo', 'revise'"
"""Acts by which codings come, go and move, as SQL."""
ACTS_OF_THE_FILE = frozenset({"restore", "bring_forward"})
"""Acts whose line is written by the file's own keeping, and by nobody else."""


def now() -> str:
    """This moment in UTC, to the millisecond, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write(
    db: Database, who: str, act: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add one line; called inside the transaction of the change that it tells of."""
    _append(db, who, act, subject, {**(details or {}), "rows": seals.changed(db)})


def write_whole(
    db: Database, who: str, act: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add one line that seals every row of the file anew: it was brought forward or restored."""
    _append(db, who, act, subject, {**(details or {}), "rows": seals.everything(db), "all": True})


def _append(db: Database, who: str, act: str, subject: str, details: Mapping[str, Any]) -> None:
    last = db.execute("SELECT hash FROM history ORDER BY id DESC LIMIT 1").fetchone()
    told = {**details, "by": {"role": _role(db, who), "qualcode": __version__}}
    line = {
        "at": now(),
        "who": who,
        "act": act,
        "subject": subject,
        "details": json.dumps(told, ensure_ascii=False, sort_keys=True),
        "previous": last[0] if last else GENESIS,
    }
    digest = _hash(line)
    number = db.execute(
        "INSERT INTO history (at, who, act, subject, details, previous, hash) "
        "VALUES (:at, :who, :act, :subject, :details, :previous, :hash)",
        {**line, "hash": digest},
    ).lastrowid
    db.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [seals.ANCHOR, f"{number} {digest}"],
    )


def _role(db: Database, who: str) -> str:
    """The roles that this person has as the line is written; empty for who is no member."""
    if who == OWNER:
        return OWNER
    row = db.execute("SELECT roles FROM members WHERE name = ?", [who]).fetchone()
    return ", ".join(sorted(json.loads(row[0]))) if row else ""


def read(db: Database, act: str | None = None) -> Iterator[dict[str, Any]]:
    """The lines from oldest to newest, details as a dict; role and version where they are told."""
    where, values = ("WHERE act = ?", [act]) if act else ("", [])
    for row in db.query(
        f"SELECT id, at, who, act, subject, details FROM history {where} ORDER BY id", values
    ):
        yield _told(row)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    details = json.loads(row["details"])
    by = details.get("by", {})
    return {
        **row,
        "details": {key: value for key, value in details.items() if key not in OWN},
        "role": by.get("role", ""),
        "version": by.get("qualcode", ""),
    }


def last_line(db: Database) -> tuple[int, str]:
    """Number and hash of the newest line; (0, zeros) where there is none."""
    row = db.execute("SELECT id, hash FROM history ORDER BY id DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, GENESIS)


def holds(db: Database, number: int, digest: str) -> bool:
    """True if the line of this number and hash is in this history."""
    row = db.execute("SELECT 1 FROM history WHERE id = ? AND hash = ?", [number, digest]).fetchone()
    return number == 0 or row is not None


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


def is_cut_short(db: Database) -> bool:
    """True if the newest line is not the one that the settings repeat: lines were taken off."""
    anchor = db.execute("SELECT value FROM settings WHERE key = ?", [seals.ANCHOR]).fetchone()
    if anchor is not None:
        number, digest = last_line(db)
        return bool(anchor[0] != f"{number} {digest}")
    # A history of before there were anchors has no line that tells the program's version.
    return any(line["version"] for line in read(db))


def sealed_rows(db: Database) -> Iterator[dict[str, Any]]:
    """The details of every line with the digests in them, oldest first."""
    for (details,) in db.execute("SELECT details FROM history ORDER BY id"):
        yield json.loads(details)


def codings_told(db: Database) -> dict[str, tuple[str, str, str, int, int]]:
    """The codings there should be: id → transcript, coder, code, start, end."""
    told: dict[str, tuple[str, str, str, int, int]] = {}
    acts = f"SELECT * FROM history WHERE act IN ({ABOUT_PLACES}) ORDER BY id"
    for row in db.query(acts):
        if row["act"] == "revise":
            _move_told(db, told, row["subject"], json.loads(row["details"])["number"])
            continue
        if row["act"] == "code_remove":
            told.pop(row["subject"], None)
            continue
        where = json.loads(row["details"])
        if row["act"] in ("autocode", "autocode_undo"):
            for id_, start, end in where["codings"]:
                told.pop(id_, None)
                if row["act"] == "autocode":
                    told[id_] = (where["transcript"], row["who"], where["code"], start, end)
            continue
        told[row["subject"]] = (
            where["transcript"],
            row["who"],
            where["code"],
            where["start"],
            where["end"],
        )
    return told


def _move_told(
    db: Database, told: dict[str, tuple[str, str, str, int, int]], place: str, number: int
) -> None:
    """Where codings stand after a revision; that it was altered, its own seal tells."""
    row = db.execute(
        "SELECT places, taken FROM revisions WHERE transcript = ? AND number = ?", [place, number]
    ).fetchone()
    if row is None:
        return
    kept = {"places": row[0], "taken": row[1]}
    for what, coding, _, span in moves.places(kept):
        if what == "coding" and coding in told:
            told[coding] = (*told[coding][:3], span.start, span.end)
    for each in moves.taken_out(kept):
        told.pop(each.id, None)


def _hash(line: Mapping[str, str]) -> str:
    return hashlib.sha256(
        json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8")
    ).hexdigest()


def wanted(
    *,
    act: str | None = None,
    who: str | None = None,
    subjects: frozenset[str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Callable[[Mapping[str, Any]], bool]:
    """A test of one line: only this act, this person, these subjects, from and to these days.

    Raises
    ------
    BadCommand
        A day is none.
    """
    first, last = _day(since), _day(until, end=True)

    def fits(line: Mapping[str, Any]) -> bool:
        return (
            (act is None or line["act"] == act)
            and (who is None or line["who"] == who)
            and (first is None or line["at"] >= first)
            and (last is None or line["at"] < last)
            and (
                subjects is None
                or line["subject"] in subjects
                or line["details"].get("transcript") in subjects
            )
        )

    return fits


def _day(words: str | None, *, end: bool = False) -> str | None:
    """A day or a moment as the lines write it; the end of a day is the next day's beginning."""
    if not words:
        return None
    try:
        moment = datetime.fromisoformat(words.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if end:
            moment += timedelta(days=1) if len(words.strip()) == 10 else timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise BadCommand(f"“{words[:40]}” is not a day; write it as 2026-11-22.") from error
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
