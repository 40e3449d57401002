"""The tables of the agreement supplement: figures in, printed tables and full records out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualcode.reports.document import Cell, Column, Row, Sheet, Table, Value, listed, number

Figures = Mapping[str, Any]
FEW = 5
REASONS = {
    "code_not_used": "not used",
    "no_variation": "nothing varies",
    "only_in_masked_text": "only in the interviewer’s turns",
    "no_pairable_text": "no text to compare",
}
VERDICTS = {
    "reliable": "reliable",
    "tentative": "tentative",
    "not_reliable": "not reliable",
    "worse_than_chance": "worse than chance",
    "too_rare": "too rare to judge",
}
CLASSES = {
    "boundary": ("Boundary", "Same code, passages of different extent: rule on extent."),
    "choice": ("Choice of code", "Same passage, different codes: sharpen the two definitions."),
    "omission": ("Omission", "Coded by one only: attention, or the scope of the code."),
}
ALPHA = "Krippendorff’s alpha (95 % interval)"
PROVENANCE = (
    *("coders", "unit", "mask", "rule", "level", "seed", "resamples", "resampled"),
    *("version", "codebook_versions", "round", "round_kind", "n_units", "n_transcripts"),
)


def provenance(figures: Figures, names: Sequence[str]) -> dict[str, Value]:
    """What every export says of how its figures were made."""
    versions = figures["codebook_versions"]["lines"]
    found: dict[str, Value] = {key: figures[key] for key in PROVENANCE if key in figures}
    return {
        **found,
        "coders": "; ".join(names),
        "level": "codes" if figures["level"] is None else figures["level"],
        "resampled": figures["resampled"] or "nothing",
        "codebook_versions": "; ".join(
            dict.fromkeys(version for line in versions for version in line["versions"])
        ),
    }


def code_table(figures: Figures, names: Sequence[str]) -> Table:
    """One row a code, the pooled table last."""
    return Table(
        caption=f"Agreement by code, {figures['unit_noun']}s, before discussion",
        columns=(
            Column("Code", 6.2),
            Column("Units", 1.4, numeric=True),
            *_count_columns(names),
            Column("Observed", 2.2, numeric=True),
            Column("Positive agreement", 2.4, numeric=True),
            Column("Cohen’s kappa", 2.6, numeric=True),
            Column(ALPHA, 3.8, numeric=True),
            Column("Verdict", 2.4),
        ),
        rows=(*(_code(code, names) for code in figures["codes"]), _pooled(figures, names)),
    )


def theme_table(figures: Figures, names: Sequence[str]) -> Table:
    return Table(
        caption="Agreement by theme: a unit with any code of the theme counts for it",
        columns=(
            Column("Theme", 6.2),
            *_count_columns(names),
            Column("Positive agreement", 2.4, numeric=True),
            Column("Cohen’s kappa", 2.6, numeric=True),
            Column(ALPHA, 3.8, numeric=True),
            Column("Verdict", 2.4),
        ),
        rows=tuple(
            Row(
                (
                    Cell(row["name"]),
                    *_counts(row, names),
                    Cell(value(row["f1"], row)),
                    Cell(value(row["kappa"], row)),
                    Cell(value(row["alpha"], row) + _interval(row)),
                    Cell(verdict(row)),
                )
            )
            for row in figures["themes"]
        ),
    )


def transcript_table(figures: Figures) -> Table:
    """The interviews in their order: each alone, and all up to it."""
    pooled = {row["transcript"]: row for row in figures["transcripts"]}
    return Table(
        caption="Agreement by transcript, in the order of the interviews",
        columns=(
            Column("Transcript", 4),
            Column("Units", 1.6, numeric=True),
            Column("Observed", 2, numeric=True),
            Column("Pooled kappa", 2, numeric=True),
            Column("Overall alpha", 2, numeric=True),
            Column("Overall alpha over all so far", 2.6, numeric=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(row["title"]),
                    Cell(f"{row['n_units']:,}"),
                    Cell(number(row["percent"], 3)),
                    Cell(number(pooled[row["transcript"]]["kappa"])),
                    Cell(number(row["alpha"])),
                    Cell(number(row["so_far"]["alpha"])),
                )
            )
            for row in figures["drift"]["interviews"]
        ),
    )


def pair_table(figures: Figures, labels: Mapping[str, str]) -> Table:
    return Table(
        caption="Agreement by pair of coders, all codes in one table",
        columns=(
            Column("Coders", 5),
            Column("Units", 1.6, numeric=True),
            Column("Observed", 2, numeric=True),
            Column("Pooled kappa", 2, numeric=True),
            Column("Pooled alpha", 2, numeric=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(listed([labels[coder] for coder in row["coders"]])),
                    Cell(f"{row['n_units']:,}"),
                    Cell(number(row["percent"], 3)),
                    Cell(number(row["kappa"])),
                    Cell(number(row["alpha"])),
                )
            )
            for row in figures["pairs"]
        ),
    )


def class_table(figures: Figures) -> Table:
    """Where the coders part, by class, and what each class costs."""
    codes = {(row["code"], row["kind"]): row for row in figures["costs"]["codes"]}
    rows = []
    for row in figures["costs"]["classes"]:
        kind = row["kind"]
        title, meaning = CLASSES[kind]
        dear = [codes[code, kind] for code in figures["costs"]["costliest"][kind]]
        named = [f"{each['name']} (alpha +{each['gain']:.2f})" for each in dear]
        rows.append(
            Row(
                (
                    Cell(title, note=meaning),
                    Cell(f"{row['cases']:,}"),
                    Cell(number(row["resolved"]) if row["cases"] else "–"),
                    Cell("; ".join(named) or "–"),
                )
            )
        )
    return Table(
        caption="Where the coders part",
        columns=(
            Column("Class", 5),
            Column("Differences", 2, numeric=True),
            Column("Overall alpha if all were resolved", 3, numeric=True),
            Column("Codes that would gain most", 9),
        ),
        rows=tuple(rows),
    )


def confusion_table(figures: Figures) -> Table:
    return Table(
        caption="Codes chosen one for the other",
        columns=(
            Column("Code", 6),
            Column("Other code", 6),
            Column("Times", 1.6, numeric=True),
            Column("Where they stand", 4),
        ),
        rows=tuple(
            Row(
                (
                    Cell(row["name"], note=_id(row["code"], row["name"])),
                    Cell(row["other_name"], note=_id(row["other_code"], row["other_name"])),
                    Cell(f"{row['count']:,}"),
                    Cell("under one theme" if row["sibling"] else "apart in the codebook"),
                )
            )
            for row in figures["confusions"]
        ),
    )


def version_table(figures: Figures) -> Table:
    return Table(
        caption="Agreement by codebook version",
        columns=(
            Column("Codebook version", 4),
            Column("Transcripts", 6),
            Column("Units", 1.6, numeric=True),
            Column("Observed", 2, numeric=True),
            Column("Overall alpha", 2, numeric=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        row["version"],
                        note=", ".join(row["versions"]) if len(row["versions"]) > 1 else "",
                    ),
                    Cell(", ".join(row["titles"])),
                    Cell(f"{row['n_units']:,}"),
                    Cell(number(row["percent"], 3)),
                    Cell(number(row["alpha"])),
                )
            )
            for row in figures["codebook_versions"]["lines"]
        ),
    )


def round_table(figures: Figures, labels: Mapping[str, str]) -> Table:
    """One line a round; a pilot's says so."""
    return Table(
        caption="Agreement by round; rounds are never taken together",
        columns=(
            Column("Round", 5),
            Column("Coders", 4),
            Column("Transcripts", 5),
            Column("Units", 1.6, numeric=True),
            Column("Pooled kappa", 2, numeric=True),
            Column("Overall alpha (95 % interval)", 4, numeric=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(row["name"], note="" if row["kind"] == "main" else f"{row['kind']} round"),
                    Cell(listed([labels.get(coder, coder) for coder in row["coders"]])),
                    Cell(", ".join(row["titles"])),
                    Cell(f"{row['n_units']:,}"),
                    Cell(number(row["kappa"])),
                    Cell(value(row["alpha"], row) + _interval(row)),
                )
            )
            for row in figures["rounds"]["lines"]
        ),
    )


def sheets(
    figures: Figures,
    labels: Mapping[str, str],
    columns: tuple[str, ...],
    records: Iterable[Mapping[str, Value]],
) -> tuple[Sheet, ...]:
    """Every table in full for a workbook, with how the figures were made before all."""
    names = [labels[coder] for coder in figures["coders"]]
    overall = {f"overall_{key}": found for key, found in figures["overall"].items()}
    pooled = {f"pooled_{key}": found for key, found in figures["pooled"].items()}
    told = {**overall, **pooled, **provenance(figures, names)}
    own = tuple(name for name in columns if name not in PROVENANCE)
    gone = ("marked", "undefined_resamples", "uncertain", "reason", "note")
    made = [
        Sheet(
            "Overall",
            ("figure", "value"),
            tuple({"figure": key, "value": rounded(found)} for key, found in told.items()),
        ),
        Sheet("Codes", own, tuple(records)),
        _records(
            "Themes", [{**row, "verdict": verdict(row)} for row in figures["themes"]], leave=gone
        ),
        _records(
            "Transcripts",
            [
                {**row, "alpha_so_far": row["so_far"]["alpha"]}
                for row in figures["drift"]["interviews"]
            ],
            leave=("so_far", "transcript"),
        ),
        _records(
            "Pairs",
            [
                {**row, "coders": listed([labels[coder] for coder in row["coders"]])}
                for row in figures["pairs"]
            ],
        ),
        _records("Differences", figures["costs"]["classes"]),
        _records("Cost by code", figures["costs"]["codes"]),
        _records("Confusions", figures["confusions"]),
        _records(
            "Codebook versions",
            [
                {**row, "versions": ", ".join(row["versions"]), "titles": ", ".join(row["titles"])}
                for row in figures["codebook_versions"]["lines"]
            ],
            leave=("transcripts",),
        ),
        _records(
            "Rounds",
            [
                {
                    **row,
                    "coders": listed([labels.get(coder, coder) for coder in row["coders"]]),
                    "titles": ", ".join(row["titles"]),
                }
                for row in figures["rounds"]["lines"]
            ],
            leave=("sentence",),
        ),
    ]
    return tuple(sheet for sheet in made if sheet.records)


def _records(name: str, rows: Sequence[Mapping[str, Any]], *, leave: Sequence[str] = ()) -> Sheet:
    columns = tuple(key for key in (rows[0] if rows else ()) if key not in leave)
    return Sheet(name, columns, tuple({key: rounded(row[key]) for key in columns} for row in rows))


def rounded(found: Any) -> Value:
    """A figure with the digits that mean something; words and counts as they are."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    return round(found, 4) if isinstance(found, float) else found


def verdict(row: Figures) -> str:
    """The verdict in print; "uncertain" where the interval crosses its line."""
    words = VERDICTS.get(row["verdict"] or "", REASONS.get(row["reason"] or "", ""))
    if row["uncertain"] and row["verdict"] != "too_rare":
        words += ", uncertain"
    return words


def value(found: float | None, row: Figures, digits: int = 2) -> str:
    why = REASONS.get(row["reason"] or "", "cannot be computed")
    return number(found, digits, undefined=f"undefined ({why})")


def units(code: Figures) -> int:
    """Units that the first two coders both read."""
    return int(code["both"] + code["only_a"] + code["only_b"] + code["neither"])


def _code(code: Figures, names: Sequence[str]) -> Row:
    few = code["both"] < FEW if len(names) == 2 else code["verdict"] == "too_rare"
    mark = "†" if few and code["kappa"] is not None else ""
    return Row(
        (
            Cell(code["name"], note=_id(code["code"], code["name"])),
            Cell(f"{units(code):,}"),
            *_counts(code, names),
            Cell(value(code["percent"], code, 3)),
            Cell(value(code["f1"], code)),
            Cell(value(code["kappa"], code) + mark),
            Cell(value(code["alpha"], code) + _interval(code)),
            Cell(verdict(code)),
        )
    )


def _count_columns(names: Sequence[str]) -> tuple[Column, ...]:
    if len(names) > 2:
        return tuple(Column(f"Marked by {name}", 1.8, numeric=True) for name in names)
    return (
        Column("Both", 1.4, numeric=True),
        *(Column(f"{name} only", 1.8, numeric=True) for name in names),
        Column("Neither", 1.8, numeric=True),
    )


def _counts(row: Figures, names: Sequence[str]) -> tuple[Cell, ...]:
    if len(names) > 2:
        return tuple(Cell(f"{count:,}") for count in row["marked"])
    return tuple(Cell(f"{row[key]:,}") for key in ("both", "only_a", "only_b", "neither"))


def _pooled(figures: Figures, names: Sequence[str]) -> Row:
    codes = figures["codes"]
    total = {
        key: sum(code[key] for code in codes) for key in ("both", "only_a", "only_b", "neither")
    }
    marked = zip(*(code["marked"] for code in codes), strict=True)
    counts = _counts({**total, "marked": [sum(found) for found in marked]}, names)
    marks = 2 * total["both"] + total["only_a"] + total["only_b"]
    observed = [code["percent"] for code in codes if code["percent"] is not None]
    f1 = 2 * total["both"] / marks if marks else None
    cells = [
        "All codes in one table",
        f"{sum(units(code) for code in codes):,}",
        *(cell.text for cell in counts),
        # Every code has the same units, so the mean over codes is the share of all decisions.
        number(sum(observed) / len(observed) if observed else None, 3),
        number(f1) if len(names) == 2 else "–",
        number(figures["pooled"]["kappa"]),
        number(figures["pooled"]["alpha"]),
        "",
    ]
    return Row(tuple(Cell(cell, strong=True) for cell in cells))


def _interval(row: Figures) -> str:
    if row["alpha"] is None or row["low"] is None or row["high"] is None:
        return ""
    return f" ({number(row['low'])} to {number(row['high'])})"


def _id(code: str, name: str) -> str:
    return code if code != name else ""
