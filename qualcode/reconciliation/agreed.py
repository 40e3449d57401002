"""What is agreed by the rule: codings in; items that need no decision, and may have one, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from qualcode.model import AgreedRule, Coding, CodingSet, Difference
from qualcode.reconciliation.differences import order_of, rule_of, shelf_of, team_of, teams_of
from qualcode.reconciliation.passages import Passage, ordered_team, parted
from qualcode.reconciliation.settled import settled_coding, union
from qualcode.spans import Span


def agreed_passages(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str] | None = None,
    *,
    transcripts: Iterable[str] | None = None,
    same: float | None = None,
) -> tuple[Passage, ...]:
    """Every place where all coders of a transcript put one code on the same words, or nearly.

    They come over as consensus without a decision, and are of type "agreed". A decision on one
    takes the rule's place there, and undoing it brings the rule back.
    """
    given = tuple(codings)
    rule = rule_of(codings, same)
    shelf = shelf_of(given)
    teams = teams_of(codings, shelf)
    found = []
    for transcript in order_of(given, transcripts):
        team = ordered_team(team_of(teams, transcript, None), coders)
        if len(team) > 1:
            _, groups = parted(transcript, shelf, team, rule.same, {})
            found += sorted(
                (_passage(transcript, team, group) for group in groups),
                key=lambda p: (p.span, p.id),
            )
    return tuple(found)


def _passage(transcript: str, team: tuple[str, ...], group: Sequence[Coding]) -> Passage:
    place = {coder: number for number, coder in enumerate(team)}
    ordered = sorted(group, key=lambda coding: (place[coding.coder], coding.span))
    return Passage(
        transcript,
        team,
        tuple(
            Difference(transcript, "boundary", (one.coder, other.coder), one, other)
            for one, other in combinations(ordered, 2)
        ),
        tuple(tuple(c for c in ordered if c.coder == coder) for coder in team),
        ("agreed",),
    )


def kept_of(group: Sequence[Coding], rule: AgreedRule) -> Coding:
    """The consensus coding that agreed codings of one code make by the rule."""
    whole = union(group)
    if rule.keep == "all" or len(group) == 1:
        return whole
    spans = [coding.span for coding in group]
    if rule.keep == "shared":
        start, end = max(s.start for s in spans), min(s.end for s in spans)
        if start >= end:  # of three spans that follow one another not all share a word
            return whole
        span = Span(start, end)
    else:
        pick = max if rule.keep == "longest" else min
        span = pick(sorted(spans), key=lambda s: s.length)
    at = whole.span.start
    words = whole.quote[span.start - at : span.end - at]
    return settled_coding(whole.transcript, whole.code, span, words, group)


def overlap_of(passage: Passage) -> float:
    """The least part of their union that any two spans of an agreed passage share."""
    return min(
        difference.a.span.iou(difference.b.span)
        for difference in passage.differences
        if difference.a is not None and difference.b is not None
    )
