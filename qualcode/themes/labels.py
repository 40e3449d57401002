"""What a candidate is about: its passages in; terms, a label and quotations out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.themes.clusters import Labels
from qualcode.themes.language import Word, phrases
from qualcode.themes.vectors import Rows

TERMS = 10
IN_LABEL = 3
QUOTES = 4

Lemmas = tuple[str, ...]


@dataclass(frozen=True)
class _Uses:
    """In which passages and by which people each phrase is used, and how it mostly reads."""

    passages: Mapping[Lemmas, frozenset[int]]
    surface: Mapping[Lemmas, str]


def terms_of_groups(
    words: Sequence[Sequence[Word]], people: Sequence[str], labels: Labels
) -> list[tuple[tuple[str, float], ...]]:
    """For each group the phrases that set it apart, strongest first (c-TF-IDF).

    Weight of phrase t in group T: the share of T's passages that use t, times log(1 + A / f),
    where f is in how many passages t is used and A how many phrases a group uses on average
    (Grootendorst, 2022, counting passages), times the root of the share of T's people who use it,
    so that the pet word of one person does not become the name of many.
    """
    uses = _uses(words)
    groups = int(labels.max()) + 1
    members = [frozenset(np.flatnonzero(labels == group).tolist()) for group in range(groups)]
    average = sum(map(len, uses.passages.values())) / groups
    found = []
    for inside in members:
        crowd = {people[number] for number in inside}
        weights: dict[Lemmas, float] = {}
        for phrase, where in uses.passages.items():
            here = where & inside
            users = {people[number] for number in here}
            if not here or (len(phrase) > 1 and len(here) < 2) or len(users) < min(2, len(crowd)):
                continue
            weights[phrase] = (
                len(here) / len(inside)
                * math.log(1 + average / len(where))
                * math.sqrt(len(users) / len(crowd))
                * math.sqrt(len(phrase))
            )  # fmt: skip
        found.append(_strongest(weights, uses.surface))
    return found


def _uses(words: Sequence[Sequence[Word]]) -> _Uses:
    where: defaultdict[Lemmas, set[int]] = defaultdict(set)
    reads: defaultdict[Lemmas, Counter[str]] = defaultdict(Counter)
    for number, row in enumerate(words):
        for phrase in phrases(row):
            where[phrase.lemmas].add(number)
            reads[phrase.lemmas][phrase.surface] += 1
    return _Uses(
        {phrase: frozenset(numbers) for phrase, numbers in where.items()},
        {
            # The commonest form; of two as common the shorter, then by the alphabet.
            phrase: min(forms, key=lambda form: (-forms[form], len(form), form))
            for phrase, forms in reads.items()
        },
    )


def _strongest(
    weights: Mapping[Lemmas, float], surface: Mapping[Lemmas, str]
) -> tuple[tuple[str, float], ...]:
    """The heaviest phrases, none made of words that a heavier one has said."""
    said: set[str] = set()
    terms: list[tuple[str, float]] = []
    for phrase in sorted(weights, key=lambda p: (-round(weights[p], 9), p)):
        if said.isdisjoint(phrase):
            terms.append((surface[phrase], round(weights[phrase], 4)))
            said.update(phrase)
            if len(terms) == TERMS:
                break
    return tuple(terms)


def label(terms: Sequence[tuple[str, float]]) -> str:
    """The first three terms, or words that say there are none.

    >>> label([("mentor", 0.9), ("trust", 0.5), ("coffee", 0.4), ("call", 0.2)])
    'mentor, trust, coffee'
    """
    return ", ".join(term for term, _ in terms[:IN_LABEL]) or "no common words"


def typical_first(rows: Rows, belonging: Rows, labels: Labels, group: int) -> list[int]:
    """The group's passages, the most typical first and the ones at its edge last.

    Typical is what falls with the others in most draws and lies near the middle of the group.
    """
    inside = np.flatnonzero(labels == group)
    middle = rows[inside].mean(axis=0)
    middle /= np.linalg.norm(middle) or 1.0
    typical = np.round(belonging[inside, group] + rows[inside] @ middle, 9)
    return [int(inside[n]) for n in np.lexsort((inside, -typical))]


def quotes(ordered: Sequence[int], people: Sequence[str], texts: Sequence[str]) -> list[int]:
    """Typical passages, each of another person while there is one, never the same words twice."""
    said: set[str] = set()
    different: list[int] = []
    for number in ordered:
        words = " ".join(texts[number].casefold().split())
        if words not in said:
            said.add(words)
            different.append(number)
    chosen: list[int] = []
    for number in different:
        if people[number] not in {people[other] for other in chosen}:
            chosen.append(number)
    rest = [number for number in different if number not in chosen]
    return (chosen + rest)[:QUOTES]
