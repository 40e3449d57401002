"""What a candidate is about: its passages in; terms, a label and quotations out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from qualcode.themes.graph import Labels
from qualcode.themes.language import Word, phrases
from qualcode.themes.vectors import Rows

TERMS = 10
IN_LABEL = 3
QUOTES = 4
NOT_NOUN = 0.75
"""What a verb or an adjective weighs as a name, beside a noun."""

Lemmas = tuple[str, ...]


@dataclass(frozen=True)
class _Uses:
    """In which passages each phrase is used, how it mostly reads, whether it is mostly a noun."""

    passages: Mapping[Lemmas, frozenset[int]]
    surface: Mapping[Lemmas, str]
    nouns: frozenset[Lemmas]


def terms_of_groups(
    words: Sequence[Sequence[Word]], people: Sequence[str], labels: Labels
) -> list[tuple[tuple[str, float], ...]]:
    """For each group the phrases that set it apart, strongest first.

    The weight follows c-TF-IDF (Grootendorst, 2022), counted in passages so that nobody's
    repeating adds to it. For phrase t in group T it is the share of T's passages that use t, less
    the share elsewhere, times log(1 + A / f): f is in how many passages t is used, A how many
    phrases a group has on average. It is multiplied by the root of the share of T's people who
    use t, so that the pet word of one does not name what many say; by the root of t's length in
    words; and by ``NOT_NOUN`` where t has no noun in it.
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
            share = len(here) / len(inside)
            elsewhere = (len(where) - len(here)) / max(1, len(words) - len(inside))
            if share <= elsewhere:
                continue
            weights[phrase] = (
                (share - elsewhere)
                * math.log(1 + average / len(where))
                * math.sqrt(len(users) / len(crowd))
                * math.sqrt(len(phrase))
                * (1.0 if phrase in uses.nouns else NOT_NOUN)
            )  # fmt: skip
        found.append(_strongest(weights, uses.surface))
    return found


def _uses(words: Sequence[Sequence[Word]]) -> _Uses:
    where: defaultdict[Lemmas, set[int]] = defaultdict(set)
    reads: defaultdict[Lemmas, Counter[str]] = defaultdict(Counter)
    nouns: Counter[Lemmas] = Counter()
    for number, row in enumerate(words):
        for phrase in phrases(row):
            where[phrase.lemmas].add(number)
            reads[phrase.lemmas][phrase.surface] += 1
            nouns[phrase.lemmas] += phrase.noun
    return _Uses(
        {phrase: frozenset(numbers) for phrase, numbers in where.items()},
        {
            # The commonest form; of two as common the shorter, then by the alphabet.
            phrase: min(forms, key=lambda form: (-forms[form], len(form), form))
            for phrase, forms in reads.items()
        },
        frozenset(phrase for phrase, forms in reads.items() if 2 * nouns[phrase] >= forms.total()),
    )


def _strongest(
    weights: Mapping[Lemmas, float], surface: Mapping[Lemmas, str]
) -> tuple[tuple[str, float], ...]:
    """The heaviest phrases, none made of words that a heavier one has said."""
    said: list[str] = []
    terms: list[tuple[str, float]] = []
    for phrase in sorted(weights, key=lambda p: (-round(weights[p], 9), p)):
        if not any(_kin(word, other) for word in phrase for other in said):
            terms.append((surface[phrase], round(weights[phrase], 4)))
            said.extend(phrase)
            if len(terms) == TERMS:
                break
    return tuple(terms)


def _kin(one: str, other: str) -> bool:
    """The same word, or of one stem by their looks.

    >>> _kin("mentor", "mentorship"), _kin("credit", "credential")
    (True, False)
    """
    both = zip(one, other, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
    return one == other or shared >= max(5, 0.6 * max(len(one), len(other)))


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
    chosen: list[int] = []
    said: set[str] = set()
    for another_person in (True, False):
        for number in ordered:
            if len(chosen) == QUOTES:
                return chosen
            words = " ".join(texts[number].casefold().split())
            heard = people[number] in {people[other] for other in chosen}
            if words not in said and not (another_person and heard):
                chosen.append(number)
                said.add(words)
    return chosen
