"""``qualcode identifiers``: who might be told from the texts, listed by transcript."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualcode.cli.tables import as_json, show
from qualcode.errors import UnreadableFile
from qualcode.model import Transcript
from qualcode.privacy import (
    KINDS,
    Hit,
    KnownName,
    Rules,
    find_identifiers,
    names_elsewhere,
    names_from,
    said,
)
from qualcode.store import open_study

Arguments = argparse.Namespace
AROUND = 30  # characters of context on either side


def identifiers(options: Arguments) -> None:
    names = _names(options.names)
    language = options.language or "en"
    rules = Rules(language=language, entities=not options.no_recogniser)
    with open_study(options.study) as study:
        found = [
            row
            for transcript in study.transcripts()
            if options.transcript in (None, transcript.title, transcript.id)
            for row in hits(
                transcript,
                names,
                options.allow or (),
                replace(rules, language=transcript.language or language),
            )
        ]
        if options.transcript is not None:
            study.transcript(options.transcript)  # one that is not there is said to be none
    if options.json:
        as_json(found)
        return
    show(options, found, only=("transcript", "start", "found", "what", "by", "context"))
    print(
        "\nThe scan is an aid: what it misses a person must find, and a person decides on each."
        + ("" if options.no_recogniser else f" {said(language)}"),
        file=sys.stderr,
    )


def hits(
    transcript: Transcript, names: Iterable[KnownName], allow: Iterable[str], rules: Rules
) -> list[dict[str, Any]]:
    """The hits of one transcript in the order of its text, then what stands beside it."""
    names, allow = tuple(names), tuple(allow)
    rows = [
        _row(transcript, hit)
        for hit in find_identifiers(transcript, names=names, allow=allow, rules=rules)
    ]
    for beside in names_elsewhere(transcript, names=names, allow=allow, rules=rules):
        rows.append(
            {
                "transcript": transcript.title,
                "start": None,
                "end": None,
                "found": beside.text,
                "kind": "A",
                "what": KINDS["A"],
                "by": beside.where,
                "suggestion": "",
                "reason": f"beside the text: {beside.where}",
                "confidence": None,
                "context": "",
            }
        )
    return rows


def _row(transcript: Transcript, hit: Hit) -> dict[str, Any]:
    text, span = transcript.text, hit.span
    before = text[max(0, span.start - AROUND) : span.start]
    after = text[span.end : span.end + AROUND]
    return {
        "transcript": transcript.title,
        "start": span.start,
        "end": span.end,
        "found": hit.text,
        "kind": hit.kind,
        "what": KINDS[hit.kind],
        "by": hit.layer,
        "suggestion": hit.suggestion,
        "reason": hit.reason,
        "confidence": hit.confidence,
        "context": f"{before}{hit.text}{after}",
    }


def _names(file: str | None) -> tuple[KnownName, ...]:
    if file is None:
        return ()
    try:
        return names_from(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{file} is not UTF-8 text; save the list of names as plain text in UTF-8."
        ) from error
