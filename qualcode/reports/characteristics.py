"""The characteristics of the sample in figures, each attribute by its kind; COREQ 16 and 10.

A number or a date is told by its middle and range, a choice or a band by its counts in their
order. A value that one or two people share can point at them, and is not named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date as Date
from statistics import median
from typing import Any

from qualcode.model import LONGEST_ATTRIBUTE, Attribute
from qualcode.reports.document import counted, listed
from qualcode.reports.facts import StudyFacts

SMALLEST_GROUP = 3
PERCENT_FROM = 20


def figures(attribute: Attribute, given: Sequence[str]) -> dict[str, Any]:
    """One attribute in figures; ``given`` are the values that are known.

    >>> figures(Attribute("age", "number"), ["31", "44", "52"])
    {'kind': 'number', 'median': 44.0, 'range': [31.0, 52.0], 'n': 3}
    >>> figures(Attribute("site", "choice", ("B", "A")), ["A", "B", "A", "A", "B", "B", "C"])
    {'kind': 'choice', 'counts': {'B': 3, 'A': 3}, 'others': 1, 'small': ['C'], 'n': 7}
    """
    kind = attribute.kind
    if kind in ("text", "number") and (numbers := _numbers(given)):
        enough = len(numbers) >= SMALLEST_GROUP and len(set(numbers)) > 2
        if enough:
            middle = median(numbers)
            low, high = numbers[0], numbers[-1]
            return {"kind": "number", "median": middle, "range": [low, high], "n": len(given)}
    if kind == "date" and (days := _days(given)) and len(days) >= SMALLEST_GROUP:
        # The month is enough; a day can tell who somebody is.
        months = [f"{day:%Y-%m}" for day in days]
        return {
            "kind": "date",
            "median": months[len(months) // 2],
            "range": [months[0], months[-1]],
            "n": len(given),
        }
    counts = Counter(given)
    order = [v for v in attribute.values if v in counts]
    order += sorted(value for value in counts if value not in order)
    shown = {v: counts[v] for v in order if counts[v] >= SMALLEST_GROUP}
    return {
        "kind": kind,
        "counts": shown,
        "others": len(given) - sum(shown.values()),
        "small": [v for v in order if counts[v] < SMALLEST_GROUP],
        "n": len(given),
    }


def in_words(row: dict[str, Any], total: int) -> str:
    """The figures of an attribute in a sentence; percentages only of twenty people and more."""
    if "median" in row:
        low, high = row["range"]
        if row["kind"] == "date":
            return f"median {row['median']} (range {low} to {high})"
        return f"median {row['median']:g} (range {low:g}–{high:g})"
    counts = dict(row["counts"])
    if counts and row["others"]:
        counts["other"] = row["others"]
    return ", ".join(
        f"{value} {n}" + (f" ({100 * n / total:.0f} %)" if total >= PERCENT_FROM else "")
        for value, n in counts.items()
    )


def asked_of(facts: StudyFacts) -> tuple[Attribute, ...]:
    """The attributes of participants as the study defines them, then what is known besides."""
    defined = [a for a in facts.attributes if a.of == "participant"]
    names = {attribute.name for attribute in defined}
    known = {n for p in facts.participants for n in p.attributes if len(n) <= LONGEST_ATTRIBUTE}
    others = sorted(known - names)
    return (*defined, *(Attribute(name) for name in others))


def achieved(facts: StudyFacts) -> tuple[str, list[str], dict[str, dict[str, int]]]:
    """What the sampling was to vary: a sentence, attributes without data, and the counts."""
    wanted = [
        word.strip()
        for word in re.split(r"[;,\n]", facts.form.get("study.sampling_attributes", ""))
        if word.strip()
    ]
    known = {attribute.name.casefold(): attribute for attribute in asked_of(facts)}
    bare: list[str] = []
    cells: dict[str, dict[str, int]] = {}
    for name in wanted:
        found = known.get(name.casefold()) or known.get(name.casefold().replace(" ", "_"))
        values = (
            [p.attributes.get(found.name, "").strip() for p in facts.participants]
            if (found)
            else []
        )
        counts = Counter(filter(None, values))
        if not counts or found is None:
            bare.append(name)
            continue
        cells[found.name] = dict(sorted(counts.items()))
    parts = [
        f"{name.replace('_', ' ')}: {counted(len(counts), 'value')} among "
        f"{counted(sum(counts.values()), 'participant')}"
        for name, counts in cells.items()
    ]
    return (f"Achieved variation: {listed(parts)}." if parts else ""), bare, cells


def _numbers(given: Sequence[str]) -> list[float]:
    try:
        return sorted(float(value) for value in given)
    except ValueError:
        return []


def _days(given: Sequence[str]) -> list[Date]:
    try:
        return sorted(Date.fromisoformat(value) for value in given)
    except ValueError:
        return []
