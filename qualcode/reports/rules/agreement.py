"""A1 to A3: is agreement told with what it needs to be read, and of the right round?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qualcode.reports.document import Table, counted, listed
from qualcode.reports.rules.base import Checked, Found, Rule
from qualcode.reports.texts import printed

BEFORE = "before discussion"
PAGE = "/agreement"


def provenance(checked: Checked) -> Iterator[Found]:
    """A1: unit, number of units, codebook version, round, and “before discussion”."""
    figures, tables = _figures(checked), _tables(checked)
    if figures is None and not tables:
        return
    told = figures or {}
    versions = told.get("codebook_versions") or {}
    there = {
        "the unit": told.get("unit"),
        "the number of units": told.get("n_units"),
        "the codebook version": versions.get("lines") or versions.get("sentence"),
        "the round": told.get("round"),
        f"“{BEFORE}”": _says_before(checked),
    }
    if missing := [words for words, value in there.items() if not value]:
        yield Found(
            f"The agreement table does not tell {listed(missing)}: without it nobody can read "
            "the figures. Make it anew from the agreement page.",
            PAGE,
        )


def few_units(checked: Checked) -> Iterator[Found]:
    """A2: kappa of codes that both together marked in fewer than five units."""
    figures, least = _figures(checked), checked.limits.agreement_units
    rare = [
        f"{code['name']} ({code['units_marked']})"
        for code in (figures or {}).get("codes", ())
        if code["kappa"] is not None and code["units_marked"] < least
    ]
    if rare:
        yield Found(
            f"The kappa of {counted(len(rare), 'code')} rests on fewer than {least} marked units; "
            f"read the counts and positive agreement instead: {listed(rare)}.",
            PAGE,
        )


def of_a_pilot(checked: Checked) -> Iterator[Found]:
    """A3: the study’s agreement is not that of a pilot round."""
    figures = _figures(checked)
    if figures and figures.get("round_kind") == "pilot":
        yield Found(
            "The agreement told is that of a pilot round; that of the main round is the study’s.",
            PAGE,
        )


def _figures(checked: Checked) -> Mapping[str, Any] | None:
    """The figures behind the agreement that the report prints; None where it prints none."""
    told = checked.report.data.get("agreement") if checked.report else None
    return told if isinstance(told, Mapping) else None


def _says_before(checked: Checked) -> bool:
    """True where a caption of such a table, or the text about it, says when the figures are of."""
    captions = [table.caption for table in _tables(checked)]
    texts = [*captions, *printed(checked.report)]
    return any(BEFORE in text.casefold() for text in texts)


def _tables(checked: Checked) -> list[Table]:
    tables = checked.report.tables if checked.report else ()
    return [t for t in tables if any("kappa" in c.title.casefold() for c in t.columns)]


RULES = (
    Rule("A1", "E", "an agreement table that cannot be read", provenance),
    Rule("A2", "W", "kappa of a code that hardly occurs", few_units),
    Rule("A3", "W", "agreement of a pilot round", of_a_pilot),
)
