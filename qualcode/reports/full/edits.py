"""The authors' own words in a report, and whether the study has moved on since.

They are kept with the study as answers under :data:`SHELF`, with the values of the fields that
they were based on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qualcode.reports.facts import StudyLike
from qualcode.reports.full.fields import Draft
from qualcode.reports.full.profiles import Ask

SHELF = "report"
State = Literal["from data", "edited", "out of date", "to write"]


@dataclass(frozen=True)
class Words:
    """What the authors wrote at one place, and what it was based on."""

    text: str
    basis: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """One paragraph that may be edited: as drafted, as written, and how the two stand."""

    id: str
    section: str
    state: State
    draft: str = ""
    text: str = ""
    ask: str = ""
    basis: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    bullets: bool = False

    @property
    def shown(self) -> str:
        return self.text or self.draft


def written(study: StudyLike) -> dict[str, Words]:
    """The authors' words by the place where they stand."""
    kept = {}
    for place, answer in study.answers(SHELF).items():
        if text := answer.get("response", "").strip():
            kept[place] = Words(text, _basis(answer.get("based_on", "")))
    return kept


def _basis(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    values = found.get("value") if isinstance(found, dict) else None
    return {str(k): str(v) for k, v in values.items()} if isinstance(values, dict) else {}


def based_on(one: Place) -> dict[str, object]:
    """What the words of a place are kept with: the values of its fields, and the draft itself."""
    return {"value": dict(sorted(one.basis.items())), "sentence": one.draft}


def place(one: Draft | Ask, section: str, kept: Mapping[str, Words]) -> Place:
    """How a paragraph stands: drafted, edited, out of date, or still to be written."""
    own = kept.get(one.id)
    if isinstance(one, Ask):
        if own is None:
            return Place(one.id, section, "to write", ask=one.words, bullets=one.bullets)
        return Place(one.id, section, "edited", text=own.text, ask=one.words, bullets=one.bullets)
    if own is None:
        return Place(one.id, section, "from data", one.text, basis=one.basis, bullets=one.bullets)
    changed = tuple(
        f"{query}: {own.basis[query]}, now {one.basis.get(query, 'not known')}"
        for query in own.basis
        if query in own.basis and one.basis.get(query) != own.basis[query]
        and not query.startswith("cite(")
    )  # fmt: skip
    state: State = "out of date" if changed else "edited"
    return Place(one.id, section, state, one.text, own.text, "", one.basis, changed, one.bullets)
