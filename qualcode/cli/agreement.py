"""What ``qualcode agreement`` prints: the figures as a sentence and a table, or all as JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualcode.cli.tables import as_json, show
from qualcode.errors import BadCommand
from qualcode.model import CodingSet, Decision, Transcript

Arguments = argparse.Namespace
Figures = Mapping[str, Any]

CODES = (
    "code",
    "name",
    "n1",
    "n2",
    "both",
    "percent",
    "kappa",
    "alpha",
    "low",
    "high",
    "f1",
    "verdict",
    "reason",
)
TABLES = ("code", "theme", "transcript", "pair", "version", "difference", "confusion")


def show_agreement(
    options: Arguments, transcripts: Sequence[Transcript], codings: CodingSet
) -> None:
    from qualcode.reports.figures import agreement_figures

    figures = agreement_figures(transcripts, codings, unit=options.unit, coders=options.coders)
    if options.json:
        as_json(figures)
        return
    print(figures["summary"])
    rows, only = _table(figures, options.by)
    show(options, rows, only=only)


def show_against_consensus(
    options: Arguments,
    transcripts: Sequence[Transcript],
    codings: CodingSet,
    decisions: Sequence[Decision],
) -> None:
    """One coder against what was settled, on the transcripts where nothing is left to settle."""
    from qualcode.agreement import compare_layers
    from qualcode.reconciliation import consensus
    from qualcode.reports.figures import settled_transcripts

    coder = options.against_consensus
    if coder not in {name for name, _ in codings.sealed}:
        raise BadCommand(f"{coder} has submitted nothing here; name one of the coders.")
    settled, waiting = settled_transcripts(transcripts, codings, decisions)
    both = [text.id for text in settled if (coder, text.id) in codings.sealed]
    if not both:
        raise BadCommand(
            f"No transcript of {coder} is settled yet; settle its differences, then ask again."
        )
    found = compare_layers(
        transcripts,
        [coding for coding in codings if coding.coder == coder],
        consensus(codings, decisions),
        (coder, "the consensus"),
        both=both,
        codebook=codings.codes,
        codes=[code.id for code in codings.codes if code.codable],
        unit=options.unit,
    )
    if waiting:
        print(f"Not counted, as differences are open: {_titles(waiting)}.", file=sys.stderr)
    figures = found.to_dict()
    if options.json:
        as_json(figures)
        return
    print(found)
    show(options, figures["codes"], only=CODES)


def _titles(transcripts: Iterable[Transcript]) -> str:
    return ", ".join(transcript.title for transcript in transcripts)


def _table(figures: Figures, by: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The rows of one table and the columns that a terminal shows."""
    if by == "theme":
        return list(figures["themes"]), CODES
    if by == "transcript":
        return [
            {**row, "alpha so far": row["so_far"]["alpha"]}
            for row in figures["drift"]["interviews"]
        ], ("title", "date", "n_units", "percent", "alpha", "alpha so far")
    if by == "pair":
        return [{**row, "coders": " and ".join(row["coders"])} for row in figures["pairs"]], (
            "coders",
            "n_units",
            "percent",
            "kappa",
            "alpha",
        )
    if by == "version":
        return [
            {**row, "transcripts": ", ".join(row["titles"])}
            for row in figures["codebook_versions"]["lines"]
        ], ("version", "transcripts", "n_units", "percent", "alpha")
    if by == "difference":
        return list(figures["costs"]["codes"]), (
            *("code", "name", "kind", "cases", "units", "alpha", "resolved", "gain"),
        )
    if by == "confusion":
        return list(figures["confusions"]), (
            *("code", "name", "other_code", "other_name", "count", "sibling"),
        )
    return list(figures["codes"]), CODES
