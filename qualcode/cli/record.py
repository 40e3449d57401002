"""The record of a study: its history, its copies, and putting one back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qualcode.cli.tables import as_json, show
from qualcode.store import backups, folders, open_study, restore

Arguments = argparse.Namespace


def history(options: Arguments) -> None:
    with open_study(options.study) as study:
        lines = study.history(
            options.act, who=options.who, subject=options.subject, since=options.since
        )
        titles = study.titles()
    show(options, [row(line, titles) for line in lines], hide=("version",))


def row(line: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """A line of history as the lists and the CSV show it."""
    return {
        "number": line["id"],
        "at": line["at"],
        "who": line["who"],
        "role": line["role"],
        "act": line["act"],
        "subject": titles.get(line["subject"], line["subject"]),
        "details": "; ".join(f"{key}: {value}" for key, value in line["details"].items()),
        "version": line["version"],
    }


def restore_copy(options: Arguments) -> None:
    study = Path(options.study)
    if options.copy is None:
        _list(options, study)
        return
    found = restore.restore(study, restore.find(study, options.copy))
    print(f"{study.name} is as it was at {backups.told(found.copy.at)} (copy {found.copy.name}).")
    if found.aside is not None:
        print(f"What stood there before is kept as {found.aside}.")


def _list(options: Arguments, study: Path) -> None:
    rows = [
        {
            "copy": copy.name,
            "made": backups.told(copy.at),
            "why": copy.kind,
            "size": f"{copy.bytes / 1e6:.1f} MB",
            "last line": last_line(copy),
        }
        for copy in listed(study)
    ]
    if options.json:
        as_json(rows)
    elif rows:
        show(options, rows)
        print(f"\nPut one back with: qualcode restore {study} {rows[0]['copy']}")
    else:
        print(f"There are no copies of {study.name} yet. {backups.RULE}")


def listed(study: Path) -> list[restore.Listed]:
    """The copies, also of a study that cannot be opened any more."""
    if restore.opens(study):
        with open_study(study) as opened:
            return opened.copies()
    return restore.listed(study, lambda line: False, coarse=True)


def last_line(copy: restore.Listed) -> str:
    """The last line of a copy's history that the reader may see."""
    if not copy.readable:
        return "cannot be read"
    if copy.last is None:
        return "not shown"
    return f"{copy.last['at'][:16].replace('T', ' ')} {copy.last['who']} {copy.last['act']}"


def warn(*studies: Path) -> None:
    """Say on standard error which of these studies lie in a synced folder."""
    for study in studies:
        words = folders.synced(study)
        if words:
            print(f"Warning: {words}", file=sys.stderr)
