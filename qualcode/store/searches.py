"""Codings that a search put, or that a machine found alike (`store.likenesses`), as rows: taken
back all together, and put again.

Called inside a transaction; each function writes its line of history, one a transcript.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from qualcode.errors import BadCoding
from qualcode.model import MAIN, Transcript
from qualcode.searching import Search
from qualcode.spans import Span
from qualcode.store import history

OPEN = (
    "EXISTS (SELECT 1 FROM assignments a JOIN rounds r ON r.id = a.round "
    "WHERE a.round = s.round AND a.transcript = s.transcript AND a.coder = s.coder "
    "AND a.state IN ('assigned', 'in_progress', 'reopened') AND a.offline IS NULL "
    "AND r.closed_note IS NULL) "
    "AND NOT (EXISTS (SELECT 1 FROM settings WHERE key = 'release.required' AND value = 'yes') "
    "AND NOT EXISTS (SELECT 1 FROM releases w WHERE w.transcript = s.transcript AND w.number = "
    "(SELECT ifnull(max(number), 1) FROM revisions WHERE transcript = s.transcript)))"
)
"""Where codings of a search ``s`` may change: open work of its coder, on a text not held back."""
PUT = (
    "(SELECT id, transcript, round, coder, code, version, found, codings, sha256, 1 AS a_search "
    "FROM searches UNION ALL "
    "SELECT act, transcript, round, coder, code, min(version), count(*), "
    'json_group_array(json_array(id, start, "end")), sha256, 0 '
    "FROM likenesses WHERE answer = 'accepted' "
    "GROUP BY act, transcript, round, coder, code, sha256)"
)
"""What put codings at one go, in SQL: searches, and passages accepted as being alike."""


def keep(
    db: Database,
    search: Search,
    *,
    id: str,
    transcript: Transcript,
    round_: str,
    coder: str,
    code: str,
    version: str,
    found: int,
    spans: Mapping[str, Span],
) -> None:
    """Put a code on the accepted hits of one transcript; ``spans`` is new coding id → span."""
    db.table("searches").insert(
        {
            "id": id,
            "transcript": transcript.id,
            "round": round_,
            "coder": coder,
            "code": code,
            "words": search.text,
            "kind": search.kind,
            "snap": search.snap,
            "version": version,
            "found": found,
            "codings": json.dumps([[key, s.start, s.end] for key, s in spans.items()]),
            "sha256": transcript.sha256,
            "made_at": history.now(),
        }
    )
    row = next(_rows(db, "s.id = ? AND s.transcript = ?", [id, transcript.id]))
    _put(db, row, transcript.text)


def switch(db: Database, coder: str, round_: str, search: object, *, on: bool) -> None:
    """Take back all codings of a search that are there, or put back those that are gone.

    Transcripts that were submitted since are left as they are.

    Raises
    ------
    BadCoding
        This coder has made no such search in this round, or nothing of it can be changed.
    """
    found = list(
        _rows(
            db,
            f"s.id = ? AND s.coder = ? AND s.round = ? AND {OPEN}",
            [search if isinstance(search, str) else "", coder, round_],
        )
    )
    if not found:
        raise BadCoding("The codings of this search cannot be changed any more; reload the page.")
    for row in found:
        if on:
            (text, sha) = db.execute(
                "SELECT text, sha256 FROM transcripts WHERE id = ?", [row["transcript"]]
            ).fetchone()
            if sha == row["sha256"]:  # on a corrected text the words stand elsewhere
                _put(db, row, text)
        else:
            _take_back(db, row)


def is_of(db: Database, coder: str, round_: str, transcript: str, search: str) -> bool:
    """Whether this coder has accepted hits of this search, or passages of this act, here."""
    row = db.execute(
        f"SELECT 1 FROM {PUT} WHERE id = ? AND coder = ? AND round = ? AND transcript = ?",
        [search, coder, round_, transcript],
    ).fetchone()
    return row is not None


def has_put(db: Database, coder: str, coding: str) -> bool:
    """Whether a search or a likeness of this coder's has put this coding, there now or not."""
    row = db.execute(
        f"SELECT 1 FROM {PUT} s, json_each(s.codings) c "
        "WHERE s.coder = ? AND json_extract(c.value, '$[0]') = ?",
        [coder, coding],
    ).fetchone()
    return row is not None


def put_one(db: Database, likeness: Mapping[str, Any], text: str) -> None:
    """The coding of one passage that was accepted as being alike, with its line of history."""
    _put(db, _as_put(likeness), text)


def take_back_one(db: Database, likeness: Mapping[str, Any]) -> None:
    """Take the coding of such a passage back, if it is still there."""
    if db.execute("SELECT 1 FROM codings WHERE id = ?", [likeness["id"]]).fetchone():
        db.execute("DELETE FROM codings WHERE id = ?", [likeness["id"]])
        row = _as_put(likeness)
        _tell(db, "autocode_undo", row, json.loads(row["codings"]))


def _as_put(likeness: Mapping[str, Any]) -> Mapping[str, Any]:
    place = [likeness["id"], likeness["start"], likeness["end"]]
    told = {"id": likeness["act"], "found": 1, "codings": json.dumps([place]), "a_search": 0}
    return {**likeness, **told}


def _rows(db: Database, where: str, values: Sequence[object]) -> Any:
    return db.query(f"SELECT s.* FROM {PUT} s WHERE {where} ORDER BY s.transcript", values)


def _put(db: Database, row: Mapping[str, Any], text: str) -> None:
    """The codings of a row of ``searches`` that are not there; one line of history."""
    there = {
        (start, end)
        for start, end in db.execute(
            'SELECT start, "end" FROM codings '
            "WHERE round = ? AND transcript = ? AND coder = ? AND code = ?",
            [row["round"], row["transcript"], row["coder"], row["code"]],
        )
    }
    put = [each for each in json.loads(row["codings"]) if (each[1], each[2]) not in there]
    at = history.now()
    db.table("codings").insert_all(
        {
            "id": id,
            "transcript": row["transcript"],
            "coder": row["coder"],
            "code": row["code"],
            "start": start,
            "end": end,
            "quote": text[start:end],
            "memo": "",
            "codebook_version": row["version"],
            "made_at": at,
            "round": row["round"],
            "uncertain": 0,
            "search": row["id"],
        }
        for id, start, end in put
    )
    kind = {} if row["a_search"] else {"alike": True}
    _tell(db, "autocode", row, put, code=row["code"], found=row["found"], **kind)


def _take_back(db: Database, row: Mapping[str, Any]) -> None:
    where = "search = ? AND round = ? AND transcript = ? AND coder = ?"
    key = [row["id"], row["round"], row["transcript"], row["coder"]]
    there = db.execute(
        f'SELECT id, start, "end" FROM codings WHERE {where} ORDER BY start, "end"', key
    ).fetchall()
    if there:
        db.execute(f"DELETE FROM codings WHERE {where}", key)
        _tell(db, "autocode_undo", row, [list(each) for each in there])


def _tell(
    db: Database, act: str, row: Mapping[str, Any], codings: Sequence[Sequence[Any]], **more: Any
) -> None:
    if not codings:
        return
    where = {"transcript": row["transcript"]}
    if row["round"] != MAIN:
        where["round"] = row["round"]
    told = {**where, "codings": [list(each) for each in codings], **more}
    history.write(db, row["coder"], act, row["id"], told)
