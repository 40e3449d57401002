"""What the board is told: a study's facts in, codes, themes and candidates as plain cards out.

People and turns are numbers that stand for them, so that the browser can count a theme of any codes
without a word of the interviews.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.claims import ThemeWork
from qualcode.model import Code, Coding, Theme, ThemeCandidate
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Spread, spread_of, spread_of_excerpts


@dataclass(frozen=True)
class Cards:
    """What stays as it is while codes and themes are moved about.

    ``excerpts`` maps a theme to the people and turns of the passages that a candidate brought.
    """

    people: int
    codes: tuple[Mapping[str, Any], ...]
    candidates: tuple[Mapping[str, Any], ...]
    excerpts: Mapping[str, tuple[list[int], list[int]]]


def cards_of(
    facts: StudyFacts, people: Sequence[str], candidates: Iterable[ThemeCandidate] = ()
) -> Cards:
    """The cards of a study; ``people`` are the N of every “n of N”."""
    numbered = _Numbers(people)
    by_code: dict[str, list[Coding]] = {}
    for coding in facts.settled:
        by_code.setdefault(coding.code, []).append(coding)
    held = {code for theme in facts.themes for code in theme.codes}
    shown = [
        code for code in facts.codebook.codes if code.id in held or (code.codable and code.usable)
    ]
    return Cards(
        people=len(people),
        codes=tuple(_code(facts, code, by_code, numbered) for code in shown),
        candidates=tuple(
            {
                "number": candidate.number,
                "label": candidate.label,
                "people": len(candidate.participants),
                "passages": len(candidate.passages),
            }
            for candidate in candidates
        ),
        excerpts={
            theme.id: numbered.of(spread_of_excerpts(facts, theme))
            for theme in facts.themes
            if theme.excerpts
        },
    )


class _Numbers:
    """Participants and turns → numbers."""

    def __init__(self, people: Sequence[str]) -> None:
        self.people = {person: number for number, person in enumerate(people)}
        self.places: dict[object, int] = {}

    def of(self, spread: Spread) -> tuple[list[int], list[int]]:
        people = sorted(self.people[p] for p in spread.participants if p in self.people)
        ordered = sorted(spread.places)
        return people, [self.places.setdefault(place, len(self.places)) for place in ordered]


def _code(
    facts: StudyFacts, code: Code, by_code: Mapping[str, list[Coding]], numbered: _Numbers
) -> dict[str, Any]:
    under = facts.codes_under(code.id)
    codings = [coding for one in under for coding in by_code.get(one.id, ())]
    people, places = numbered.of(spread_of(facts, codings))
    return {
        "id": code.id,
        "name": code.name,
        "color": code.color,
        "codable": code.codable and code.usable,
        "groups": _groups(facts, code),
        "people": people,
        "places": places,
        "codings": len(codings),
    }


def _groups(facts: StudyFacts, code: Code) -> list[str]:
    """The groups of the codebook that a code stands under."""
    by_id = {each.id: each for each in facts.codebook.codes}
    found: list[str] = []
    above = by_id.get(code.parent or "")
    while above is not None and above.id not in found:
        found.append(above.id)
        above = by_id.get(above.parent or "")
    return found


def theme_cards(themes: Sequence[Theme], work: ThemeWork, cards: Cards) -> list[dict[str, Any]]:
    """The themes as they stand now, in their order."""
    shown = []
    for theme in themes:
        people, places = cards.excerpts.get(theme.id, ([], []))
        shown.append(
            {
                "id": theme.id,
                "name": theme.name,
                "parent": theme.parent,
                "state": theme.state,
                "version": theme.version,
                "codes": list(theme.codes),
                "people": people,
                "places": places,
                "claims": sum(claim.theme == theme.id for claim in work.claims),
                "divergent": sum(
                    excerpt.theme == theme.id and excerpt.role == "divergent"
                    for excerpt in work.excerpts
                ),
            }
        )
    return shown
