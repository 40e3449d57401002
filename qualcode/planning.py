"""Who codes what: transcripts and coders in, each coder's list in its order out.

Nothing here is left to chance that cannot be had again: a draw is the order of digests over the
seed, so the same seed gives the same plan on every machine and in every later version.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.errors import BadCommand
from qualcode.model import Transcript


@dataclass(frozen=True)
class Plan:
    """Who is given what, in which order.

    ``given`` has each coder's transcripts (ids) in the order to be coded; ``double`` those that
    two or more coders are given; ``share`` and ``share_of_words`` what part of all transcripts
    and of all their words that is, from 0 to 1. ``how`` says in words how it came about.
    """

    given: Mapping[str, tuple[str, ...]] = field(hash=False)
    double: frozenset[str]
    share: float
    share_of_words: float
    how: str


def plan_round(
    transcripts: Sequence[Transcript],
    coders: Sequence[str],
    *,
    double: Collection[str] | None = None,
    share: float = 1.0,
    seed: int = 1,
    shuffled: bool = True,
) -> Plan:
    """Give every transcript to somebody, and some of them to all coders.

    Parameters
    ----------
    transcripts
        What is given out; ids must differ.
    coders
        Names of those who code, at least one; those who double-code are all of them.
    double
        Ids of the transcripts that all coders code; without it they are drawn by ``share``.
    share
        Part of the transcripts that all coders code, from 0 to 1, rounded up to whole ones.
    seed
        Of the draw and of the orders.
    shuffled
        Each coder has an order of their own, so that tiredness does not fall on the same
        interviews; otherwise all have the order given.

    Raises
    ------
    BadCommand
        There is nobody to code, the share is not from 0 to 1, or a listed transcript is unknown.

    Examples
    --------
    >>> four = [Transcript(f"P{n}", "Yes. " * n, (), id=f"P{n}") for n in range(1, 5)]
    >>> plan = plan_round(four, ["ana", "ben"], share=0.5, seed=7)
    >>> len(plan.double), sorted(map(len, plan.given.values()))
    (2, [3, 3])
    """
    if not coders:
        raise BadCommand("There is no coder to give transcripts to; add one to the study first.")
    if not 0 <= share <= 1:
        raise BadCommand(f"The share to be coded by all is {share:g}; it goes from 0 to 1.")
    ids = [transcript.id for transcript in transcripts]
    if double is None:
        number = math.ceil(share * len(ids) - 1e-9)
        chosen = frozenset(_drawn(ids, f"{seed}:double")[:number])
        how = f"{number} of {len(ids)} drawn at random (seed {seed}) for all coders"
    else:
        unknown = set(double) - set(ids)
        if unknown:
            raise BadCommand(f"“{sorted(unknown)[0][:60]}” is not among the transcripts.")
        chosen = frozenset(double)
        how = f"{len(chosen)} of {len(ids)} listed for all coders"
    words = {transcript.id: transcript.words for transcript in transcripts}
    given = {coder: [place for place in ids if place in chosen] for coder in coders}
    load = {coder: sum(words[place] for place in given[coder]) for coder in coders}
    alone = _drawn([place for place in ids if place not in chosen], f"{seed}:alone")
    for place in sorted(alone, key=lambda place: -words[place]):  # the long ones first
        coder = min(coders, key=lambda name: (load[name], len(given[name]), coders.index(name)))
        given[coder].append(place)
        load[coder] += words[place]
    if alone:
        how += "; the others to one coder each, so that all have about as many words"
    if shuffled:
        how += f"; in an order of each coder’s own (seed {seed})"
    whole = sum(words.values())
    return Plan(
        given={
            coder: tuple(
                _drawn(given[coder], f"{seed}:{coder}")
                if shuffled
                else [place for place in ids if place in given[coder]]
            )
            for coder in coders
        },
        double=chosen if len(coders) > 1 else frozenset(),
        share=len(chosen) / len(ids) if ids else 0.0,
        share_of_words=sum(words[place] for place in chosen) / whole if whole else 0.0,
        how=how,
    )


def _drawn(places: Sequence[str], seed: str) -> list[str]:
    """These ids in an order that only the seed decides."""
    return sorted(places, key=lambda place: hashlib.sha256(f"{seed}:{place}".encode()).digest())
