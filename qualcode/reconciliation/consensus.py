"""The consensus: the coders' codings and the decisions about them in, the settled codings out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from qualcode.model import CONSENSUS, Coding, CodingSet, Decision, difference_id
from qualcode.reconciliation.agreed import kept_of
from qualcode.reconciliation.decisions import standing
from qualcode.reconciliation.differences import (
    order_of,
    pair_of,
    rule_of,
    shelf_of,
    team_of,
    teams_of,
    united,
)
from qualcode.reconciliation.passages import parted
from qualcode.reconciliation.settled import merged, union


def consensus(
    codings: CodingSet | Iterable[Coding],
    decisions: Iterable[Decision] = (),
    coders: Sequence[str] | None = None,
    *,
    transcripts: Iterable[str] | None = None,
    same: float | None = None,
) -> tuple[Coding, ...]:
    """The settled codings: what all coders agree on, and what was decided where they parted.

    An agreed group becomes one coding, with the span that the coding set's rule keeps; it does not
    matter who is named first. A decision about it takes the place of the rule. Of several
    decisions on one difference the latest holds; a decision about codings that are no longer there
    does not count. A difference that nobody has settled gives nothing yet. Codings of one code that
    overlap become one. A transcript that was given to one coder only, and sealed, keeps that
    coder's codings.

    The ids follow from the content: the same codings and decisions make the same consensus.
    Without ``coders`` each transcript takes all who coded it; with them, these two.
    """
    pair = None if coders is None else pair_of(coders)
    rule = rule_of(codings, same)
    given = tuple(c for c in codings if c.coder != CONSENSUS and (not pair or c.coder in pair))
    order = order_of(given, transcripts)
    shelf = shelf_of(given)
    teams = teams_of(codings, shelf)
    there = {coding.id for coding in given}
    held = {
        id: decision
        for id, decision in standing(decisions).items()
        if there.issuperset(decision.settles) and decision.transcript in order
    }
    kept = [coding for decision in held.values() for coding in decision.result]
    for transcript in order:
        team = team_of(teams, transcript, pair)
        if len(team) == 1:
            kept += [union([own]) for own in united(shelf.get((transcript, team[0]), ()))]
        elif team:
            _, groups = parted(transcript, shelf, team, rule.same, {})
            kept += [
                kept_of(group, rule)
                for group in groups
                if not any(
                    difference_id([one.id, other.id]) in held
                    for one, other in combinations(group, 2)
                )
            ]
    place = {transcript: number for number, transcript in enumerate(order)}
    return tuple(
        sorted(
            merged(kept),
            key=lambda coding: (place[coding.transcript], coding.span, coding.code),
        )
    )
