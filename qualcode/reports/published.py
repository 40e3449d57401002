"""What the lead hands to the authors: the final agreement table and the sentence about coding.

An author reads the consensus and no coder's own layer, so what rests on the layers is kept as it
stood when the lead published it, and printed from there.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date as Date
from typing import Any

from qualcode.reports.analysis import coders
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Row,
    Sheet,
    Table,
)
from qualcode.reports.facts import PUBLISHED, StudyLike, gather

KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (Heading, Paragraph, Quote, Placeholder, Page)
}


def publish(study: Any, report: Report) -> None:
    """Keep this agreement report, and the sentence about the coders, for the authors."""
    sentence = coders(gather(study)).sentence
    study.publish(PUBLISHED, json.dumps({"sentence": sentence, "report": _told(report)}))


def published_report(study: StudyLike) -> Report | None:
    """The agreement report as the lead published it, or None."""
    kept = study.published(PUBLISHED)
    return _report(json.loads(kept)["report"]) if kept else None


def _told(report: Report) -> dict[str, Any]:
    said = asdict(report)
    said["date"] = report.date.isoformat()
    for block, told in zip(report.blocks, said["blocks"], strict=True):
        told["is"] = type(block).__name__
    return said


def _report(said: dict[str, Any]) -> Report:
    return Report(
        kind=said["kind"],
        title=said["title"],
        subtitle=tuple(said["subtitle"]),
        blocks=tuple(_block(told) for told in said["blocks"]),
        date=Date.fromisoformat(said["date"]),
        columns=tuple(said["columns"]),
        records=tuple(said["records"]),
        data=said["data"],
        sheets=tuple(
            Sheet(sheet["name"], tuple(sheet["columns"]), tuple(sheet["records"]))
            for sheet in said["sheets"]
        ),
    )


def _block(told: dict[str, Any]) -> Block:
    kind = told.pop("is")
    if kind != "Table":
        block: Block = KINDS[kind](**told)
        return block
    return Table(
        told["caption"],
        tuple(Column(**column) for column in told["columns"]),
        tuple(
            Row(tuple(Cell(**cell) for cell in row["cells"]), row["kind"]) for row in told["rows"]
        ),
    )
