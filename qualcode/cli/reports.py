"""``qualcode report`` and ``qualcode exports``: files through the gate, and what has left."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, get_args

from qualcode.cli.tables import as_json, show
from qualcode.errors import BadCommand, UnreadableFile
from qualcode.privacy import KnownName, names_from
from qualcode.reports import FORMATS, Report
from qualcode.reports.release import let_out
from qualcode.store import Study, open_study
from qualcode.store.exports import Purpose

Arguments = argparse.Namespace


def options_of_release(parser: argparse.ArgumentParser) -> None:
    """What tells a final file from a draft, on the command line."""
    parser.add_argument("--final", action="store_true", help="release it; without this, a draft")
    parser.add_argument("--to", default="", metavar="WHOM", help="who gets it")
    parser.add_argument("--by", default="", metavar="NAME", help="who releases it")
    parser.add_argument(
        "--purpose", choices=get_args(Purpose), default="publication", help="what it is for"
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="RULE=REASON",
        help="let what this rule found stand, and why; once for each rule",
    )
    parser.add_argument(
        "--names", type=Path, metavar="FILE", help="names that must not be in it, one a line"
    )


def write(study: Study, report: Report, options: Arguments) -> None:
    """Write a report through the gate; what was found is told beside."""
    path = Path(options.file)
    format = path.suffix.lower().removeprefix(".")
    if format not in FORMATS:
        report.to_bytes(path.suffix or path.name)  # says which formats there are
    if path.is_dir() or not path.parent.is_dir():
        report.save(path)  # says why it cannot be written, before anything is recorded
    released = let_out(
        study,
        report,
        format,
        name=path.name,
        final=options.final,
        recipient=options.to,
        released_by=options.by,
        purpose=options.purpose,
        accepted=_accepted(options.accept),
        names=_names(options.names),
    )
    try:
        path.write_bytes(released.content)
    except OSError as error:
        raise BadCommand(
            f"{path.name} cannot be written there ({error.strerror}). If it is open in another "
            "program, close it there and try again."
        ) from error
    for finding in released.gate.findings:
        if finding.severity != "I":
            mark = "blocks" if finding.blocks else "look"
            print(f"{mark}  {finding.id}  {finding.sentence}", file=sys.stderr)
    if not options.final:
        print("A draft, and marked so. Release it with --final --to WHOM --by NAME.",
              file=sys.stderr)  # fmt: skip
    print(f"Written: {path}")


def exports(options: Arguments) -> None:
    """The register of exports, newest last."""
    with open_study(options.study) as study:
        found = [_row(export) for export in study.exports(options.participant)]
    if options.json:
        as_json(found)
        return
    show(options, found, only=("at", "made_by", "name", "state", "recipient", "released_by"))


def _row(export: Any) -> dict[str, Any]:
    return {
        "at": export.at,
        "made_by": export.made_by,
        "name": export.name,
        "kind": export.kind,
        "format": export.format,
        "state": "final" if export.final else "draft",
        "purpose": export.purpose,
        "recipient": export.recipient,
        "released_by": export.released_by,
        "sha256": export.sha256,
        "size": export.size,
        "snapshot": export.snapshot,
        "codebook_version": export.codebook_version,
        "participants": list(export.participants),
        "accepted": [
            {"rule": each.rule, "count": each.count, "reason": each.reason}
            for each in export.accepted
        ],
    }


def _accepted(given: list[str]) -> dict[str, str]:
    found = {}
    for words in given:
        rule, equals, reason = words.partition("=")
        if not equals or not reason.strip():
            raise BadCommand(f"“{words}” does not say why: write --accept RULE=REASON.")
        found[rule.strip().upper()] = reason.strip()
    return found


def _names(path: Path | None) -> tuple[KnownName, ...]:
    if path is None:
        return ()
    try:
        return names_from(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"The list of names {path.name} cannot be read.") from error
