"""``qualcode agreement`` and ``qualcode plan``: a sentence and a table, or all as JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qualcode.cli.tables import as_json, show
from qualcode.errors import BadCommand
from qualcode.model import MAIN, CodingSet, Round, Transcript
from qualcode.store import Study, open_study

if TYPE_CHECKING:
    from qualcode.agreement import LayerAgreement

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
TABLES = ("code", "theme", "transcript", "pair", "version", "round", "difference", "confusion")
_SHOWN = (*range(2, 11), 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, *range(50, 101, 10))


def agreement(options: Arguments) -> None:
    """The figures of one round, or what else was asked to be compared."""
    if sum(map(bool, (options.against_consensus, options.self, options.group))) > 1:
        raise BadCommand("Ask for one of --self, --group and --against-consensus at a time.")
    with open_study(options.study) as study:
        held = study.round(options.round)
        study.sight(round=held.id).require("Agreement")
        transcripts = study.transcripts()
        if options.against_consensus:
            _against_consensus(options, transcripts, study.codings(round=held.id), study)
        elif options.self:
            _with_oneself(options, transcripts, study, held)
        elif options.group:
            _groups(options, transcripts, study.codings(round=held.id), held)
        else:
            codings = study.codings(coders=options.coders, round=held.id)
            layers = study.codings_by_version(round=held.id)
            _show_agreement(options, transcripts, codings, held, every_round(study), layers)


def plan(options: Arguments) -> None:
    """How many interviews to code twice for an interval of the wanted width."""
    from qualcode.agreement import plan_interviews

    with open_study(options.study) as study:
        held = study.round(options.round) if options.round else _to_plan_from(study)
        study.sight(round=held.id).require("Planning")
        found = plan_interviews(
            study.transcripts(),
            study.codings(round=held.id),
            width=options.width,
            round=held,
            unit=options.unit,
            seed=options.seed,
        )
    if options.json:
        as_json(found.to_dict())
        return
    print(found.sentence)
    show(options, [vars(row) for row in found.widths if row.interviews in _SHOWN])
    print("\n".join(["This takes for granted:", *(f"- {line}" for line in found.assumptions)]))


def every_round(study: Study) -> list[tuple[Round, CodingSet]]:
    """The rounds that may be compared, each with its codings."""
    return [
        (held, study.codings(round=held.id))
        for held in study.rounds()
        if study.sight(round=held.id).closed
    ]


def _to_plan_from(study: Study) -> Round:
    """A pilot round that may be compared, the latest; without one, the main round."""
    pilots = [held for held, _ in every_round(study) if held.kind == "pilot"]
    return pilots[-1] if pilots else study.round(MAIN)


def _show_agreement(
    options: Arguments,
    transcripts: Sequence[Transcript],
    codings: CodingSet,
    held: Round,
    rounds: Sequence[tuple[Round, CodingSet]],
    layers: Sequence[tuple[str, CodingSet]],
) -> None:
    from qualcode.reports.figures import agreement_figures

    figures = agreement_figures(
        transcripts, codings, unit=options.unit, coders=options.coders, round=held, rounds=rounds,
        layers=layers,
    )  # fmt: skip
    if options.json:
        as_json(figures)
        return
    print(figures["summary"])
    if figures["recoded"]["lines"]:
        print(figures["recoded"]["sentence"])
    rows, only = _table(figures, options.by)
    show(options, rows, only=only)


def _against_consensus(
    options: Arguments, transcripts: Sequence[Transcript], codings: CodingSet, study: Study
) -> None:
    """One coder against what was settled, on the transcripts where nothing is left to settle."""
    from qualcode.reports.figures import against_consensus

    coder = options.against_consensus
    if coder not in {name for name, _ in codings.sealed}:
        raise BadCommand(f"{coder} has submitted nothing here; name one of the coders.")
    found, waiting = against_consensus(
        transcripts, codings, study.decisions(), coder, unit=options.unit
    )
    if found is None:
        raise BadCommand(
            f"No transcript of {coder} is settled yet; settle its differences, then ask again."
        )
    if waiting:
        print(f"Not counted, as differences are open: {_titles(waiting)}.", file=sys.stderr)
    _show_layers(options, found, str(found))


def _with_oneself(
    options: Arguments, transcripts: Sequence[Transcript], study: Study, first: Round
) -> None:
    """A coder's first pass against the one of the latest repeat round they submitted."""
    from qualcode.agreement import compare_with_oneself

    passes = [
        codings
        for held, codings in every_round(study)
        if held.kind == "repeat" and options.self in {name for name, _ in codings.sealed}
    ]
    if not passes:
        raise BadCommand(
            f"{options.self} has submitted nothing in a repeat round that may be compared; "
            "plan one on the page of the rounds."
        )
    found = compare_with_oneself(
        transcripts,
        study.codings(round=first.id),
        passes[-1],
        coder=options.self,
        unit=options.unit,
        codes=[code.id for code in passes[-1].codes if code.codable],
        codebook=passes[-1].codes,
    )
    _show_layers(options, found, found.sentence)


def _groups(
    options: Arguments, transcripts: Sequence[Transcript], codings: CodingSet, held: Round
) -> None:
    """Two groups of coders, each taken as one."""
    from qualcode.agreement import compare_groups

    if len(options.group) != 2:
        raise BadCommand("Name two groups: --group ana,cem --group ben.")
    first, second = (
        [name.strip() for name in group.split(",") if name.strip()] for group in options.group
    )
    found = compare_groups(
        transcripts, codings, first, second, round=held, unit=options.unit,
        codes=[code.id for code in codings.codes if code.codable], codebook=codings.codes,
    )  # fmt: skip
    _show_layers(options, found, str(found))


def _show_layers(options: Arguments, found: LayerAgreement, summary: str) -> None:
    figures = found.to_dict()
    if options.json:
        as_json(figures)
        return
    print(summary)
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
    if by == "version" and figures["recoded"]["lines"]:
        return [
            {**row, "transcripts": len(row["transcripts"])} for row in figures["recoded"]["lines"]
        ], ("version", "transcripts", "n_units", "kappa", "alpha", "low", "high")
    if by == "version":
        return [
            {**row, "transcripts": ", ".join(row["titles"])}
            for row in figures["codebook_versions"]["lines"]
        ], ("version", "transcripts", "n_units", "percent", "alpha")
    if by == "round":
        return [
            {**row, "transcripts": ", ".join(row["titles"])} for row in figures["rounds"]["lines"]
        ], ("name", "kind", "transcripts", "n_units", "kappa", "alpha", "low", "high")
    if by == "difference":
        return list(figures["costs"]["codes"]), (
            *("code", "name", "kind", "cases", "units", "alpha", "resolved", "gain"),
        )
    if by == "confusion":
        return list(figures["confusions"]), (
            *("code", "name", "other_code", "other_name", "count", "sibling"),
        )
    return list(figures["codes"]), CODES
