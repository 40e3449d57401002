"""Seals: each line of history carries a digest of every row that its change touched.

While a connection writes, triggers of its own (in SQLite's temporary schema, so the file holds
none of them) note which rows were touched; :func:`changed` gives their digests to the line of
history, and :func:`unlike` compares the file with the digests last told. A row that another
program altered, took out or put in is found by its table and its key, until the study itself
changes that row again and seals it as it then stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlite_utils import Database

Digests = dict[str, dict[str, str | None]]
"""Table → key of a row (a JSON list) → its digest, None for a row that was taken out."""
Kind = Literal["altered", "gone", "foreign"]

TOUCHED = "qualcode_touched"
ANCHOR = "history.last"
"""The key of the settings row that repeats the newest line of history; it changes with each."""
LENGTH = 16  # hexadecimal digits: told apart by chance never, and the history stays small
UNSEALED = frozenset({"history", "operations"})
"""The history seals itself; operations are ids of acts done, written after their line."""
GROUPS = {
    "turns": ("transcript",),
    "codes": ("version",),
    "codebook_changes": ("version",),
    "consensus_codings": ("decision",),
}
"""Tables whose rows come and stay together: one digest for all rows of such a key."""
SAME = {("assignments", "state"): {"in_progress": "assigned"}}
"""Values that one table changes between without a line of history."""
UNTOLD = {"assignments": frozenset({"seen"})}
"""Columns of a table that change without a line of history: reading is no act of the record."""


@dataclass(frozen=True)
class Unlike:
    """A row that is not as the history tells; ``key`` are the values that name it."""

    table: str
    key: tuple[Any, ...]
    kind: Kind


def watch(db: Database, only: Iterable[str] | None = None) -> None:
    """Note from here on which rows this connection touches; called just before a change begins.

    Before, not inside: some hundred triggers take a while to make, and nobody should wait for them
    with the right to write. ``only`` names the tables that the change can touch, where its maker
    knows them: a coder's act is done in the time that the others take.
    """
    if _watching(db):
        db.conn.execute(f"DELETE FROM temp.{TOUCHED}")
    there = {
        str(table)
        for (table,) in db.conn.execute(
            "SELECT tbl_name FROM sqlite_temp_master WHERE type = 'trigger'"
        )
    }
    missing = {table: key for table, key in keys(db, only).items() if table not in there}
    if missing:
        db.conn.executescript(_watchers(tuple(missing.items())))


@lru_cache(maxsize=8)
def _watchers(tables: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """The table of touched rows and its triggers, for the tables and keys of a file's schema."""
    made = [f"CREATE TEMP TABLE IF NOT EXISTS {TOUCHED} (name TEXT, key TEXT);"]
    for table, columns in tables:
        for act, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            notes = " ".join(
                f"INSERT INTO {TOUCHED} VALUES ('{table}', {_key(columns, row)});" for row in rows
            )
            made.append(
                f"CREATE TEMP TRIGGER qualcode_{act.lower()}_{table} AFTER {act} "
                f'ON main."{table}" BEGIN {notes} END;'
            )
    return "\n".join(["PRAGMA temp_store = MEMORY;", "BEGIN;", *made, "COMMIT;"])


def changed(db: Database) -> Digests:
    """The digests of the rows touched since the last line of history; then none are."""
    if not _watching(db):
        return {}
    touched = db.conn.execute(f"SELECT DISTINCT name, key FROM temp.{TOUCHED}").fetchall()
    db.conn.execute(f"DELETE FROM temp.{TOUCHED}")
    columns = keys(db, {name for name, _ in touched})
    found: Digests = {}
    for table, key in touched:
        if not _is_anchor(table, key):
            found.setdefault(table, {})[key] = _digest(db, table, columns[table], key)
    return found


def everything(db: Database) -> Digests:
    """The digests of all rows of the file, as the line of a file brought forward tells them."""
    return {
        table: {
            key: _digest(db, table, columns, key)
            for (key,) in db.execute(
                f'SELECT DISTINCT {_key(columns, "main")} FROM "{table}" AS main ORDER BY 1'
            ).fetchall()
            if not _is_anchor(table, key)
        }
        for table, columns in keys(db).items()
    }


def unlike(db: Database, lines: Iterable[Mapping[str, Any]]) -> Iterator[Unlike]:
    """Rows that are not as these lines of history tell.

    ``lines`` are the details of every line, oldest first. A file whose history began before rows
    were sealed is held only to the rows that were told of since.
    """
    told: Digests = {}
    whole = False
    for number, details in enumerate(lines):
        sealed = details.get("rows")
        if not isinstance(sealed, dict):
            continue
        if details.get("all"):
            told, whole = {table: dict(keys) for table, keys in sealed.items()}, True
            continue
        whole = whole or number == 0
        for table, keys in sealed.items():
            told.setdefault(table, {}).update(keys)
    there = everything(db)
    for table in there:
        for key in sorted(there[table].keys() | told.get(table, {}).keys()):
            expected = told.get(table, {}).get(key)
            found = there[table].get(key)
            if found == expected:
                continue
            if key not in told.get(table, {}) and not (whole and table in told):
                continue
            kind: Kind = "gone" if found is None else "foreign" if expected is None else "altered"
            yield Unlike(table, tuple(json.loads(key)), kind)


def _watching(db: Database) -> bool:
    row = db.conn.execute("SELECT 1 FROM sqlite_temp_master WHERE name = ?", [TOUCHED]).fetchone()
    return row is not None


def keys(db: Database, only: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Table → the columns by which its rows are told apart, for all sealed tables."""
    wanted = None if only is None else json.dumps(sorted(only))
    tables = db.execute(
        "SELECT m.name, p.name FROM main.sqlite_master m, pragma_table_info(m.name) p "
        "WHERE m.type = 'table' AND p.pk > 0 AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND m.name NOT LIKE '\\_%' ESCAPE '\\' "
        "AND (? IS NULL OR m.name IN (SELECT value FROM json_each(?))) ORDER BY m.name, p.pk",
        [wanted, wanted],
    ).fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for table, column in tables:
        if table not in UNSEALED:
            found[table] = (*found.get(table, ()), column)
    return {table: GROUPS.get(table, columns) for table, columns in found.items()}


def _key(columns: tuple[str, ...], row: str) -> str:
    return "json_array(" + ", ".join(f'{row}."{column}"' for column in columns) + ")"


def _is_anchor(table: str, key: str) -> bool:
    return table == "settings" and key == json.dumps([ANCHOR])


def _digest(db: Database, table: str, columns: tuple[str, ...], key: str) -> str | None:
    """One digest of the rows of this key; None if there is none."""
    where = " AND ".join(f'"{column}" IS ?' for column in columns)
    cursor = db.execute(f'SELECT * FROM "{table}" WHERE {where}', json.loads(key))
    names = [str(column[0]) for column in cursor.description]
    rows = [
        json.dumps(
            {
                name: SAME.get((table, name), {}).get(value, value)
                for name, value in zip(names, row, strict=True)
                if name not in UNTOLD.get(table, ())
            },
            ensure_ascii=True,
            sort_keys=True,
            default=repr,
        )
        for row in cursor.fetchall()
    ]
    if not rows:
        return None
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()[:LENGTH]
