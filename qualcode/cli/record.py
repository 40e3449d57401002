"""The record of a study: its history, its copies, and putting one back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qualcode.cli.tables import as_json, show
from qualcode.reports.record import history_csv, history_rows
from qualcode.store import backups, folders, open_study, restore

Arguments = argparse.Namespace


def history(options: Arguments) -> None:
    with open_study(options.study) as study:
        lines = study.history(
            options.act, who=options.who, subject=options.subject, since=options.since
        )
        titles = study.titles()
    if options.json:
        as_json(lines)
    elif options.csv:
        print(history_csv(history_rows(lines, titles)), end="")
    else:
        show(options, history_rows(lines, titles), hide=("id", "version"))


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
        open_study(study).close()  # what is no study, or none any more, has its own sentence
        print(f"There are no copies of {study.name} yet. {backups.RULE}")


def listed(study: Path) -> list[restore.Listed]:
    """The copies, also of a study that cannot be opened any more."""
    if restore.opens(study):
        with open_study(study) as opened:
            return opened.copies()
    return restore.listed(study, lambda line: False)


def last_line(copy: restore.Listed) -> str:
    """The last line of a copy's history that the reader may see."""
    if not copy.readable:
        return "cannot be read"
    if copy.last is None:
        return "not shown"
    return f"{copy.last['at'][:16].replace('T', ' ')} {copy.last['who']} {copy.last['act']}"


def warn(study: Path, called: str = "") -> None:
    """Say on standard error if a study, or a folder of them, lies in a synced folder."""
    words = folders.synced(study, called=called)
    if words:
        print(f"Warning: {words}", file=sys.stderr)
