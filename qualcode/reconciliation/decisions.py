"""Decisions: a passage and an outcome in; what is kept, what holds, and what an undo does, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qualcode.errors import BadCommand
from qualcode.model import (
    LETTERS,
    OUTCOMES,
    UNSETTLED,
    Coding,
    Decision,
    Difference,
    Outcome,
    new_id,
)
from qualcode.reconciliation.passages import Passage
from qualcode.reconciliation.settled import merged, settled_coding, sources_of, union
from qualcode.spans import Span

New = tuple[Span, str, str]
"""A passage of one's own: where, which code, and the words."""


def settle(
    passage: Passage,
    outcome: Outcome,
    *,
    reason: str = "",
    new: New | None = None,
    decided_by: str,
    decided_at: str = "",
    blind: bool = False,
) -> Decision:
    """Decide one passage; the decision holds the consensus codings that follow from it.

    A letter keeps what that coder has there ("a" is the first of ``passage.coders``), which may be
    nothing. "both" keeps what anybody has there; spans of one code that overlap become one, from
    the first character to the last. "neither" keeps nothing. "new" and "other" take the (span,
    code, quotation) given as ``new``: other words, or another code on these words. "code_needed"
    and "defer" keep nothing and leave the passage open, as "undone" does.
    """
    if outcome not in OUTCOMES:
        raise BadCommand(f"“{outcome}” is not an outcome; choose one of {', '.join(OUTCOMES)}.")
    if (outcome in ("new", "other")) != (new is not None):
        raise BadCommand(
            "A new coding needs its span, code and quotation, and outcome “new” or “other”."
        )
    return Decision(
        difference=passage.id,
        transcript=passage.transcript,
        kind=passage.differences[0].kind,
        outcome=outcome,
        reason=reason,
        settles=sources_of(passage.codings),
        result=tuple(_kept(passage, outcome, new)),
        decided_by=decided_by,
        decided_at=decided_at,
        also=passage.ids[1:],
        coders=passage.coders,
        blind=blind,
    )


def decide(
    difference: Difference,
    outcome: Outcome,
    *,
    reason: str = "",
    new: New | None = None,
    decided_by: str,
    decided_at: str = "",
) -> Decision:
    """Decide one difference between two coders by itself; the outcomes are those of `settle`."""
    sides = tuple((side,) if side else () for side in (difference.a, difference.b))
    alone = Passage(difference.transcript, difference.coders, (difference,), sides, ())
    return settle(
        alone, outcome, reason=reason, new=new, decided_by=decided_by, decided_at=decided_at
    )


def _kept(passage: Passage, outcome: Outcome, new: New | None) -> list[Coding]:
    if new is not None:
        span, code, quote = new
        return [settled_coding(passage.transcript, code, span, quote, passage.codings)]
    if outcome == "both":
        return merged(union([coding]) for coding in passage.codings)
    if outcome in LETTERS:
        place = LETTERS.index(outcome)
        if place >= len(passage.coders):
            raise BadCommand(
                f"There is no coder “{outcome}” here: {len(passage.coders)} have coded it."
            )
        return [union([coding]) for coding in passage.sides[place]]
    return []


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The last word about each difference, be it that a decision was undone.

    A decision about several differences holds as a whole: a later one about any of them takes its
    place for all.
    """
    held: dict[str, Decision] = {}
    for decision in decisions:
        for id in decision.covers:
            before = held.get(id)
            for gone in before.covers if before else ():
                held.pop(gone, None)
        held |= dict.fromkeys(decision.covers, decision)
    return held


def standing(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The decision that holds for each difference, those put off included."""
    return {id: d for id, d in latest(decisions).items() if d.outcome != "undone"}


def settled(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The decision by which each difference is settled; what was put off is not."""
    return {id: d for id, d in latest(decisions).items() if d.outcome not in UNSETTLED}


def progress(
    found: Iterable[Difference | Passage], decisions: Iterable[Decision]
) -> tuple[int, int]:
    """How many of these differences or passages are settled, and how many there are."""
    held = settled(decisions)
    places = list(found)
    return sum(is_settled(place, held) for place in places), len(places)


def is_settled(place: Difference | Passage, held: Mapping[str, Decision]) -> bool:
    """Whether all of it is in ``held``."""
    ids = place.ids if isinstance(place, Passage) else (place.id,)
    return all(id in held for id in ids)


def undo(
    decision: Decision, decisions: Sequence[Decision], *, decided_by: str
) -> tuple[Decision, ...]:
    """What puts things back to before this decision: new decisions, as none is ever taken out.

    What held before is decided once more in the same words; what was open is open again.
    """
    now = latest(decisions)
    if any(now.get(id) is None or now[id].id != decision.id for id in decision.covers):
        raise BadCommand("This decision does not hold any more; look at the one that does.")
    place = [d.id for d in decisions].index(decision.id)
    before = standing(decisions[:place])
    held = {before[id].id: before[id] for id in decision.covers if id in before}
    again = tuple(
        replace(old, id=new_id(), decided_by=decided_by, decided_at="", version="")
        for old in held.values()
    )
    covered = {id for old in again for id in old.covers}
    open_ = tuple(id for id in decision.covers if id not in covered)
    if not open_:
        return again
    undone = replace(
        decision,
        difference=open_[0],
        also=open_[1:],
        outcome="undone",
        reason="",
        result=(),
        decided_by=decided_by,
        decided_at="",
        version="",
        id=new_id(),
    )
    return (*again, undone)
