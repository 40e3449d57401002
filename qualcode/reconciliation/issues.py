"""Codebook issues: decisions whose reason is a definition in, the codes to be looked at out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualcode.model import DEFINITION_REASONS, CodebookIssue, Decision
from qualcode.reconciliation.decisions import standing
from qualcode.reconciliation.passages import Passage

ENOUGH = 3
"""So many differences for reasons of definition open an issue (domain 2.6)."""


@dataclass(frozen=True)
class Issue:
    """A code, or a pair of codes, that parted the coders because of its definition.

    ``decided`` is what the team did about it, if anything; ``since`` how many differences have
    come after that.
    """

    codes: tuple[str, ...]
    passages: tuple[Passage, ...]
    decided: CodebookIssue | None = None

    @property
    def since(self) -> int:
        return max(0, len(self.passages) - (self.decided.differences if self.decided else 0))

    @property
    def is_open(self) -> bool:
        """Whether something is to be decided: nothing was yet, or as many more have come."""
        return self.decided is None or self.since >= ENOUGH


def find_issues(
    passages: Iterable[Passage],
    decisions: Iterable[Decision],
    decided: Iterable[CodebookIssue] = (),
) -> tuple[Issue, ...]:
    """The issues that the standing decisions open, those with most passages first.

    A passage counts for the pair of codes chosen one for the other, otherwise for its code; a code
    is listed by itself for passages that do not speak of a listed pair already.
    """
    held = standing(decisions)
    speaking = [
        passage
        for passage in passages
        if any(id in held and held[id].reason_kind in DEFINITION_REASONS for id in passage.ids)
    ]
    pairs: dict[tuple[str, ...], list[Passage]] = {}
    for passage in speaking:
        for pair in {_pair(d.a.code, d.b.code) for d in passage.differences if d.a and d.b}:
            if len(pair) > 1:
                pairs.setdefault(pair, []).append(passage)
    found = {pair: own for pair, own in pairs.items() if len(own) >= ENOUGH}
    told = {passage.id for own in found.values() for passage in own}
    single: dict[tuple[str, ...], list[Passage]] = {}
    for passage in speaking:
        for code in passage.codes if passage.id not in told else ():
            single.setdefault((code,), []).append(passage)
    found |= {code: own for code, own in single.items() if len(own) >= ENOUGH}
    last = {tuple(sorted(one.codes)): one for one in decided}
    return tuple(
        Issue(codes, tuple(own), last.get(codes))
        for codes, own in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _pair(one: str, other: str) -> tuple[str, ...]:
    return tuple(sorted({one, other}))
