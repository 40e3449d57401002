"""Passages: everything that parts the coders at one place, to be settled by one decision.

Of two coders a passage is one difference, or the pieces of a split or merged one. Of more than two
it is all that hangs together between any two of them: one coder's extra code is a difference with
each of the others, and still one decision.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

from qualcode.errors import BadCommand
from qualcode.model import LETTERS, Code, Coding, CodingSet, Difference
from qualcode.reconciliation.differences import (
    Comparison,
    Shelf,
    compare,
    order_of,
    parents_of,
    rule_of,
    shelf_of,
    team_of,
    teams_of,
    typed_differences,
    united,
)
from qualcode.spans import Span

PassageType = Literal[
    "boundary", "split", "sibling", "level", "distant", "omission", "extra", "version", "agreed"
]
TYPES: tuple[PassageType, ...] = (
    *("boundary", "split", "sibling", "level", "distant", "omission", "extra", "version"),
)
"""Domain 2.6 and agreement 7.3: *split* is a boundary of one span against several; *sibling*,
*level* and *distant* are choices between codes of one parent, of parent and child, and of others;
*extra* is an omission where the other has coded these words otherwise; *version* stands beside
another type where the codings were made under different codebooks. A passage of type *agreed* is
no difference: it came over by the rule, and can be decided otherwise (``agreed_passages``)."""
Order = Literal["cost", "transcript", "type"]
ORDERS: tuple[Order, ...] = ("cost", "transcript", "type")


@dataclass(frozen=True)
class Passage:
    """One place where coders part; ``sides`` are the united codings of each of ``coders`` there."""

    transcript: str
    coders: tuple[str, ...]
    differences: tuple[Difference, ...]
    sides: tuple[tuple[Coding, ...], ...]
    types: tuple[PassageType, ...]

    @property
    def id(self) -> str:
        return self.differences[0].id

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of its differences, by which decisions know it."""
        return tuple(difference.id for difference in self.differences)

    @cached_property
    def codings(self) -> tuple[Coding, ...]:
        return tuple(coding for side in self.sides for coding in side)

    @cached_property
    def span(self) -> Span:
        """From the first character to the last that anybody coded."""
        return Span(
            min(coding.span.start for coding in self.codings),
            max(coding.span.end for coding in self.codings),
        )

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes that were put there, in order of their ids."""
        return tuple(sorted({coding.code for coding in self.codings}))

    @cached_property
    def sort(self) -> tuple[object, ...]:
        """What passages of a kind have in common: types, coders and each one's codes."""
        codes = tuple(tuple(sorted({c.code for c in side})) for side in self.sides)
        return self.types, self.coders, codes

    @property
    def left_out_by(self) -> tuple[str, ...]:
        """The coders who have nothing there."""
        return tuple(c for c, side in zip(self.coders, self.sides, strict=True) if not side)

    def of(self, coder: str) -> tuple[Coding, ...]:
        return self.sides[self.coders.index(coder)]


def find_passages(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str] | None = None,
    *,
    transcripts: Iterable[str] | None = None,
    codes: Iterable[Code] | None = None,
    same: float | None = None,
) -> tuple[Passage, ...]:
    """Every place where any of the coders of a transcript part, in the order of the texts.

    ``coders`` gives the order in which each passage names its coders, and leaves others aside;
    without it all are compared, in the order of their names. The differences are those of
    :func:`find_differences` for every two coders.
    """
    given = tuple(codings)
    same = rule_of(codings, same).same
    shelf = shelf_of(given)
    teams = teams_of(codings, shelf)
    parents = parents_of(codings, codes)
    found = []
    for transcript in order_of(given, transcripts):
        team = ordered_team(team_of(teams, transcript, None), coders)
        if len(team) > 1:
            found += parted(transcript, shelf, team, same, parents)[0]
    return tuple(found)


def ordered_team(team: tuple[str, ...], coders: Sequence[str] | None) -> tuple[str, ...]:
    """Those of the team who are asked for, in the order in which they are."""
    return team if coders is None else tuple(coder for coder in coders if coder in team)


def parted(
    transcript: str,
    shelf: Shelf,
    team: tuple[str, ...],
    same: float,
    parents: Mapping[str, str | None],
) -> tuple[list[Passage], list[tuple[Coding, ...]]]:
    """The passages of one transcript, and the groups of codings that all of the team agree on."""
    if len(team) > len(LETTERS):
        raise BadCommand(
            f"{len(team)} coders have coded one transcript; differences are settled between "
            f"{len(LETTERS)} at most. Name those whose consensus is wanted."
        )
    compared = [(pair, compare(transcript, shelf, pair, same)) for pair in combinations(team, 2)]
    differences = [
        difference
        for pair, comparison in compared
        for difference in typed_differences(comparison, pair, parents)
    ]
    codings = {
        coding.id: coding for coder in team for coding in united(shelf.get((transcript, coder), ()))
    }
    roots = _roots(codings, differences, [c for _, c in compared] if len(team) > 2 else [])
    groups: dict[str, list[Difference]] = {}
    for difference in differences:
        one = difference.a or difference.b
        assert one is not None
        groups.setdefault(roots[one.id], []).append(difference)
    members: dict[str, list[Coding]] = {}
    for id, coding in codings.items():
        members.setdefault(roots[id], []).append(coding)
    near = {coder: _Near(shelf.get((transcript, coder), ())) for coder in team}
    passages = [
        _passage(transcript, team, own, members[root], near, parents)
        for root, own in groups.items()
    ]
    passages.sort(key=lambda passage: (passage.span, TYPES.index(passage.types[0]), passage.id))
    if len(team) == 2:
        return passages, list(compared[0][1].agreed)
    return passages, [tuple(own) for root, own in members.items() if root not in groups]


def _roots(
    codings: Mapping[str, Coding],
    differences: Iterable[Difference],
    comparisons: Iterable[Comparison],
) -> dict[str, str]:
    """For each coding one of those that it hangs together with, the same for all of them."""
    above = {id: id for id in codings}

    def root(id: str) -> str:
        while above[id] != id:
            above[id] = above[above[id]]
            id = above[id]
        return id

    links = [(d.a.id, d.b.id) for d in differences if d.a and d.b]
    links += [(a.id, b.id) for comparison in comparisons for a, b in comparison.agreed]
    for one, other in links:
        above[root(one)] = root(other)
    return {id: root(id) for id in codings}


def _passage(
    transcript: str,
    team: tuple[str, ...],
    differences: Sequence[Difference],
    members: Iterable[Coding],
    near: Mapping[str, _Near],
    parents: Mapping[str, str | None],
) -> Passage:
    sides: dict[str, list[Coding]] = {coder: [] for coder in team}
    for coding in sorted(members, key=lambda c: (c.span, c.code, c.id)):
        sides[coding.coder].append(coding)
    types = {_type(difference, near, parents) for difference in differences}
    if "boundary" in types and _is_split(differences):
        types = (types - {"boundary"}) | {"split"}
    versions = {c.codebook_version for own in sides.values() for c in own} - {""}
    if len(versions) > 1:
        types.add("version")
    return Passage(
        transcript,
        team,
        tuple(sorted(differences, key=lambda d: (d.span, d.id))),
        tuple(tuple(own) for own in sides.values()),
        tuple(sorted(types, key=TYPES.index)),
    )


def _type(
    difference: Difference, near: Mapping[str, _Near], parents: Mapping[str, str | None]
) -> PassageType:
    a, b = difference.a, difference.b
    if a is None or b is None:
        missing = difference.coders[0 if a is None else 1]
        return "extra" if near[missing].touches(difference.span) else "omission"
    if difference.kind == "boundary":
        return "boundary"
    if difference.sibling:
        return "sibling"
    return "level" if _under(a.code, b.code, parents) else "distant"


def _under(one: str, other: str, parents: Mapping[str, str | None]) -> bool:
    """Whether one of two codes stands above the other, at any depth."""
    for low, high in ((one, other), (other, one)):
        seen: set[str] = set()
        at = parents.get(low)
        while at is not None and at not in seen:
            if at == high:
                return True
            seen.add(at)
            at = parents.get(at)
    return False


def _is_split(differences: Iterable[Difference]) -> bool:
    """Whether a span of one coder meets several of another."""
    partners = Counter(
        (coding.id, other.coder)
        for d in differences
        if d.kind == "boundary" and d.a and d.b
        for coding, other in ((d.a, d.b), (d.b, d.a))
    )
    return any(count > 1 for count in partners.values())


class _Near:
    """One coder's codings of one transcript, to be asked what they touch."""

    def __init__(self, codings: Iterable[Coding]) -> None:
        spans = sorted(coding.span for coding in codings)
        self._starts = [span.start for span in spans]
        self._ends: list[int] = []
        for span in spans:
            self._ends.append(max(span.end, self._ends[-1] if self._ends else 0))

    def touches(self, span: Span) -> bool:
        before = bisect_left(self._starts, span.end)
        return before > 0 and self._ends[before - 1] > span.start


def in_order(
    passages: Iterable[Passage],
    by: Order,
    costs: Mapping[tuple[str, str], float] | None = None,
) -> tuple[Passage, ...]:
    """The passages as they were found ("transcript"), by type, or the costliest codes first.

    ``costs`` is how much a code's alpha would rise were all its differences of one kind resolved:
    (code, kind) → gain.
    """
    given = tuple(passages)
    if by == "type":
        return tuple(sorted(given, key=lambda p: TYPES.index(p.types[0])))
    if by == "cost":
        known = costs or {}
        return tuple(sorted(given, key=lambda p: -_cost(p, known)))
    return given


def _cost(passage: Passage, costs: Mapping[tuple[str, str], float]) -> float:
    return max(
        costs.get((coding.code, difference.kind), 0.0)
        for difference in passage.differences
        for coding in (difference.a, difference.b)
        if coding is not None
    )


def alike(passage: Passage, passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """The other passages of its kind: the same types, and the same codes by the same coders."""
    return tuple(
        other for other in passages if other.id != passage.id and other.sort == passage.sort
    )
