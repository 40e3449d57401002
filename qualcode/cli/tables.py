"""Rows on the terminal: as a table, as JSON, or as CSV."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

Arguments = argparse.Namespace


def show(
    options: Arguments,
    found: Sequence[Mapping[str, Any]],
    *,
    hide: Iterable[str] = (),
    only: Sequence[str] = (),
) -> None:
    """Rows as JSON, CSV or a table."""
    if getattr(options, "json", False):
        as_json(list(found))
    elif getattr(options, "csv", False):
        as_csv(found, sys.stdout)
    elif found:
        columns = [c for c in (only or found[0]) if c in found[0] and c not in set(hide)]
        cells = [columns, *[[cell(row.get(c)) for c in columns] for row in found]]
        widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
        for line in cells:
            print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())
    else:
        print("None.")


def cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}"
    return short(str(value), 70)


def short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def as_csv(found: Sequence[Mapping[str, Any]], out: TextIO) -> None:
    if not found:
        return
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_harmless, found[0]))
    for row in found:
        writer.writerow(map(_harmless, row.values()))


def _harmless(value: Any) -> Any:
    """A value for a cell: a spreadsheet would run one that begins like a formula."""
    return "'" + value if isinstance(value, str) and value and value[0] in "=+-@\t" else value


def as_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
