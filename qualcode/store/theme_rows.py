"""Rows of claims, excerpts, quotations and needs ↔ their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qualcode.claims import ChosenQuotation, Claim, DisplayEdit, Excerpt, Need, ThemeVersion
from qualcode.model import Theme
from qualcode.spans import Span
from qualcode.store.rows import to_json

Row = Mapping[str, Any]
FIELDS = (*("name", "definition", "scope_in", "scope_out", "kind", "codes", "parent", "relations"),)
"""What makes a new version of a theme when it changes."""


def differing(before: Theme, after: Theme) -> list[str]:
    """Which of the fields of a version are others."""
    return [name for name in FIELDS if getattr(after, name) != getattr(before, name)]


def put_version(db: Any, theme: Theme) -> None:
    """Keep how a theme stands under its number."""
    fields = {name: getattr(theme, name) for name in FIELDS} | {"codes": list(theme.codes)}
    db.table("theme_versions").insert(
        {
            "theme": theme.id,
            "number": theme.version,
            "made_by": theme.changed_by or theme.made_by,
            "made_at": theme.changed_at or theme.made_at,
            "fields": to_json(fields),
        }
    )


def version(row: Row) -> ThemeVersion:
    return ThemeVersion(
        row["theme"], row["number"], row["made_by"], row["made_at"], json.loads(row["fields"])
    )


def claim_row(claim: Claim, position: int) -> dict[str, Any]:
    return {**asdict(claim), "position": position}


def claim(row: Row) -> Claim:
    return Claim(**{key: row[key] for key in row if key != "position"})


def excerpt_row(excerpt: Excerpt, position: int) -> dict[str, Any]:
    return {**_pointer_row(excerpt), "position": position}


def excerpt(row: Row) -> Excerpt:
    kept = {key: row[key] for key in row if key not in ("position", "start", "end")}
    return Excerpt(**kept, span=Span(row["start"], row["end"]))


def quotation_row(quotation: ChosenQuotation, position: int) -> dict[str, Any]:
    return {
        **_pointer_row(quotation),
        "edits": to_json([asdict(edit) for edit in quotation.edits]),
        "look_again": int(quotation.look_again),
        "position": position,
    }


def quotation(row: Row) -> ChosenQuotation:
    kept = {key: row[key] for key in row if key not in ("position", "start", "end")}
    kept["edits"] = tuple(DisplayEdit(**edit) for edit in json.loads(row["edits"]))
    kept["look_again"] = bool(row["look_again"])
    return ChosenQuotation(**kept, span=Span(row["start"], row["end"]))


def _pointer_row(pointer: Excerpt | ChosenQuotation) -> dict[str, Any]:
    row = asdict(pointer)
    del row["span"]
    return {**row, "start": pointer.span.start, "end": pointer.span.end}


def need_row(need: Need, position: int) -> dict[str, Any]:
    lists = {key: to_json(list(getattr(need, key))) for key in ("themes", "codes", "quotations")}
    return {
        **asdict(need),
        **lists,
        "judgement": int(need.judgement),
        "position": position,
        "dropped_reason": None,
    }


def need(row: Row) -> Need:
    kept = {key: row[key] for key in row if key not in ("position", "dropped_reason")}
    for key in ("themes", "codes", "quotations"):
        kept[key] = tuple(json.loads(row[key]))
    return Need(**kept | {"judgement": bool(row["judgement"])})
