"""The history as a table: for the screen, the terminal and a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from qualcode.reports.facts import StudyLike
from qualcode.reports.plain import csv_cell

COLUMNS = ("number", "at", "who", "role", "act", "about", "details", "id", "version")


def history_rows(
    lines: Iterable[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One row a line, in the columns of :data:`COLUMNS`; transcripts by their title."""
    rows = []
    for line in lines:
        details = dict(line["details"])
        place = titles.get(line["subject"]) or titles.get(details.get("transcript", ""))
        if place:
            details.pop("transcript", None)
        if isinstance(details.get("codings"), list):  # of a search: their ids tell a reader nothing
            details["codings"] = len(details["codings"])
        rows.append(
            {
                "number": line["id"],
                "at": line["at"],
                "who": line["who"],
                "role": line["role"],
                "act": line["act"],
                "about": place or line["subject"],
                "details": "; ".join(
                    f"{key}: {_words(value, titles)}" for key, value in details.items()
                ),
                "id": line["subject"],
                "version": line["version"],
            }
        )
    return rows


def export_details(study: StudyLike, report: str, format: str) -> dict[str, Any]:
    """What the history keeps of a report that left the study: which, and who was in it, by id.

    A codebook holds nobody's words; of every other report everybody who was interviewed is part,
    if only of its counts.
    """
    present = {t.participant for t in study.transcripts()}
    held = [person.id for person in study.participants() if person.id in present]
    return {
        "report": report,
        "format": format,
        "participants": [] if report == "codebook" else held,
    }


def history_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as CSV; no cell is taken for a formula by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([csv_cell(row[column]) for column in COLUMNS])
    return out.getvalue()


def _words(value: Any, titles: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return titles.get(value, value)
    if isinstance(value, list):
        return ", ".join(_words(part, titles) for part in value) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {_words(part, titles)}" for key, part in value.items())
    return "–" if value is None else str(value)
