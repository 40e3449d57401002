"""Agreement by code as a supplement: counts beside coefficients, before discussion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Any

from qualcode.reports.analysis import agreement_sentence
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Page,
    Paragraph,
    Report,
    Row,
    Table,
    Value,
    counted,
    listed,
    number,
)
from qualcode.reports.facts import StudyFacts, StudyLike, gather

COLUMNS = (
    *("code", "name", "units", "both", "a_only", "b_only", "neither", "observed", "kappa"),
    *("alpha", "alpha_low", "alpha_high", "positive_agreement", "undefined_because"),
)
FEW = 5
REASONS = {
    "code_not_used": "not used",
    "no_variation": "nothing varies",
    "only_in_masked_text": "only in the interviewer’s turns",
    "no_pairable_text": "no text to compare",
}


def agreement_report(study: StudyLike, *, date: Date | None = None) -> Report:
    """The agreement supplement: one row a code, the pooled table last."""
    facts = gather(study)
    figures = facts.agreement
    day = date or Date.today()
    return Report(
        kind="agreement",
        title="Agreement by code",
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}. "
            f"Codebook version {facts.codebook.version}.",
        ),
        blocks=(Page(landscape=True), *(_blocks(facts, figures) if figures else _closed(facts))),
        date=day,
        columns=COLUMNS,
        records=tuple(_record(figures, code) for code in figures["codes"]) if figures else (),
        data={"study": facts.title, "snapshot": facts.snapshot, "agreement": figures},
    )


def _closed(facts: StudyFacts) -> tuple[Block, ...]:
    if facts.codings.open:
        return (Paragraph("Agreement opens when everybody has submitted."),)
    return (Paragraph("No transcript was coded by two people, so there is nothing to compare."),)


def _blocks(facts: StudyFacts, figures: Mapping[str, Any]) -> tuple[Block, ...]:
    unit = "participant turn" if figures["unit"] == "turn" else str(figures["unit"])
    names = [facts.label(coder) for coder in figures["coders"]]
    texts = counted(figures["n_transcripts"], "transcript")
    opening = [
        f"Blind codings before discussion, main round, codebook version {facts.codebook.version}: "
        f"{counted(figures['n_units'], unit)} in {texts}, "
        f"coded by {listed(names)}.",
        agreement_sentence(figures),
    ]
    if facts.is_reflexive:
        opening.append(
            "Reflexive thematic analysis does not ask for agreement; if these figures are "
            "reported, say what they are for."
        )
    if facts.coding_is_open:
        opening.append(
            f"Coding is not finished: {len(facts.closed)} of "
            f"{counted(len(facts.transcripts), 'transcript')} count here."
        )
    notes = [
        "Observed: share of units on which the coders did the same. Positive agreement: twice the "
        "units both marked, divided by all marks; it does not count the units that nobody marked. "
        f"† Fewer than {FEW} units marked by both: read the counts rather than the coefficient. "
        "“Undefined” is neither 0 nor 1: the coefficient cannot be computed.",
        str(figures.get("methods", "")),
    ]
    pair = len(names) == 2
    first, second = (f"{name} only" for name in names) if pair else ("First only", "Second only")
    return (
        *(Paragraph(line) for line in opening if line),
        Table(
            caption=f"Agreement by code, {unit}s, before discussion",
            columns=(
                Column("Code", 6.5),
                Column("Units", 1.4, numeric=True),
                Column("Both", 1.4, numeric=True),
                Column(first, 1.8, numeric=True),
                Column(second, 1.8, numeric=True),
                Column("Neither", 1.8, numeric=True),
                Column("Observed", 2.2, numeric=True),
                Column("Positive agreement", 2.4, numeric=True),
                Column("Cohen’s kappa", 2.8, numeric=True),
                Column("Krippendorff’s alpha (95 % interval)", 4, numeric=True),
            ),
            rows=(*(_row(code) for code in figures["codes"]), _pooled(figures)),
        ),
        *(Paragraph(note, small=True) for note in notes if note),
    )


def _row(code: Mapping[str, Any]) -> Row:
    mark = "†" if code["both"] < FEW and code["kappa"] is not None else ""
    return Row(
        (
            Cell(code["name"], note=code["code"] if code["code"] != code["name"] else ""),
            Cell(f"{_units(code):,}"),
            Cell(f"{code['both']:,}"),
            Cell(f"{code['only_a']:,}"),
            Cell(f"{code['only_b']:,}"),
            Cell(f"{code['neither']:,}"),
            Cell(_value(_observed(code), code, 3)),
            Cell(_value(code["f1"], code)),
            Cell(_value(code["kappa"], code) + mark),
            Cell(_value(code["alpha"], code) + _interval(code)),
        )
    )


def _pooled(figures: Mapping[str, Any]) -> Row:
    total = {
        key: sum(code[key] for code in figures["codes"])
        for key in ("both", "only_a", "only_b", "neither")
    }
    units = sum(total.values())
    marks = 2 * total["both"] + total["only_a"] + total["only_b"]
    observed = (total["both"] + total["neither"]) / units if units else None
    cells = [
        "All codes in one table",
        *(f"{units:,}", *(f"{total[key]:,}" for key in total)),
        number(observed, 3),
        number(2 * total["both"] / marks if marks else None),
        number(figures["pooled"]["kappa"]),
        number(figures["pooled"]["alpha"]),
    ]
    return Row(tuple(Cell(cell, strong=True) for cell in cells))


def _record(figures: Mapping[str, Any], code: Mapping[str, Any]) -> dict[str, Value]:
    return {
        "code": code["code"],
        "name": code["name"],
        "units": _units(code),
        "both": code["both"],
        "a_only": code["only_a"],
        "b_only": code["only_b"],
        "neither": code["neither"],
        "observed": _rounded(_observed(code)),
        "kappa": _rounded(code["kappa"]),
        "alpha": _rounded(code["alpha"]),
        "alpha_low": _rounded(code["low"]),
        "alpha_high": _rounded(code["high"]),
        "positive_agreement": _rounded(code["f1"]),
        "undefined_because": REASONS.get(code["reason"] or "", code["reason"] or ""),
    }


def _units(code: Mapping[str, Any]) -> int:
    return int(code["both"] + code["only_a"] + code["only_b"] + code["neither"])


def _observed(code: Mapping[str, Any]) -> float | None:
    units = _units(code)
    return (code["both"] + code["neither"]) / units if units else None


def _value(value: float | None, code: Mapping[str, Any], digits: int = 2) -> str:
    why = REASONS.get(code["reason"] or "", "cannot be computed")
    return number(value, digits, undefined=f"undefined ({why})")


def _interval(code: Mapping[str, Any]) -> str:
    if code["alpha"] is None or code["low"] is None or code["high"] is None:
        return ""
    return f" ({number(code['low'])} to {number(code['high'])})"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
