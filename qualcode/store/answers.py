"""Rows of ``recodings`` and the codings that follow from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from qualcode.recoding import Recoding, derived
from qualcode.spans import Span
from qualcode.store import rows


def recoding_row(said: Recoding, position: int) -> dict[str, Any]:
    return {
        "id": said.id,
        "position": position,
        "round": said.round,
        "version": said.version,
        "coder": said.coder,
        "transcript": said.transcript,
        "coding": said.coding,
        "outcome": said.outcome,
        "codes": rows.to_json(list(said.codes)),
        "start": said.span.start if said.span else None,
        "end": said.span.end if said.span else None,
        "quote": said.quote,
        "made_by": said.made_by,
        "made_at": said.made_at,
        "blind": int(said.blind),
        "undoes": said.undoes,
    }


def recoding(row: Mapping[str, Any]) -> Recoding:
    return Recoding(
        outcome=row["outcome"],
        version=row["version"],
        coder=row["coder"],
        transcript=row["transcript"],
        coding=row["coding"],
        codes=tuple(json.loads(row["codes"])),
        span=None if row["start"] is None else Span(row["start"], row["end"]),
        quote=row["quote"],
        round=row["round"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        blind=bool(row["blind"]),
        undoes=row["undoes"],
        id=row["id"],
    )


def made_by_answers(db: Database) -> dict[str, str]:
    """The ids of codings that answers made, those taken back too, with their transcripts."""
    found: dict[str, str] = {}
    for id, place, coding, outcome, codes in db.execute(
        "SELECT id, transcript, coding, outcome, codes FROM recodings "
        "WHERE outcome IN ('add', 'choose', 'allocate')"
    ).fetchall():
        if outcome == "add":
            found[id] = place
            continue
        try:
            chosen = json.loads(codes)
        except ValueError:
            continue
        found |= {derived(coding, str(code)): place for code in chosen}
    return found
