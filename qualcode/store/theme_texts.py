"""What a changed text and a withdrawal do to what themes point to in the texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from qualcode.claims import ChosenQuotation, display_edits
from qualcode.errors import BadCommand
from qualcode.spans import Span
from qualcode.store import rows, theme_rows
from qualcode.store.moves import Moves


def moved(db: Any, place: str, number: int, moves: Moves) -> None:
    """Carry what points into a text to its new version; a quotation keeps what edits still fit."""
    for table in ("theme_excerpts", "theme_quotations"):
        what = table.removeprefix("theme_").removesuffix("s")
        for row in list(db.query(f"SELECT * FROM {table} WHERE transcript = ?", [place])):
            before = Span(row["start"], row["end"])
            span = moves.of("", before)
            if span is None:
                moves.take_out({what: row["id"], "start": before.start, "end": before.end})
                db.execute(f"DELETE FROM {table} WHERE id = ?", [row["id"]])
                continue
            moves.tell(what, row["id"], before, span)
            new: dict[str, Any] = {
                "start": span.start,
                "end": span.end,
                "quote": moves.words(span),
                "text_version": number,
            }
            if what == "quotation" and new["quote"] != row["quote"]:
                new |= _edited_again(theme_rows.quotation(row), new["quote"])
            db.table(table).update(row["id"], new)


def _edited_again(quotation: ChosenQuotation, words: str) -> dict[str, Any]:
    try:
        edits = display_edits(words, quotation.printed)
    except BadCommand:
        edits = ()
    return {"edits": rows.to_json([asdict(edit) for edit in edits]), "look_again": 1}


def put_out(db: Any, place: str) -> None:
    """Take out everything that points to a text whose speaker withdraws."""
    for table in ("theme_excerpts", "theme_quotations"):
        db.execute(f"DELETE FROM {table} WHERE transcript = ?", [place])


def themes_touched(db: Any, places: Iterable[str]) -> frozenset[str]:
    """Ids of the themes that hold an excerpt or a quotation of these transcripts."""
    found: set[str] = set()
    for place in places:
        for table in ("theme_excerpts", "theme_quotations"):
            held = db.execute(f"SELECT theme FROM {table} WHERE transcript = ?", [place])
            found |= {theme for (theme,) in held.fetchall()}
    return frozenset(found)
