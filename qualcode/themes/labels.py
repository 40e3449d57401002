"""What a candidate is about: its passages in; terms, a label and quotations out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations, takewhile

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.graph import Labels
from qualcode.themes.language import Lemmas, Phrase, Word, light_words, phrases
from qualcode.themes.vectors import Rows

TERMS = 10
IN_LABEL = 3
IN_WHY = 4
QUOTES = 4
NOT_NOUN = 0.75
"""What a verb or an adjective weighs as a name, beside a noun."""
LIGHT = 0.4
"""What a word that fits any matter weighs by itself, as “day” or “people”."""
NO_WORDS = "no common words"


@dataclass(frozen=True)
class Name:
    """What a group is called: (phrase, weight) from strongest to weakest, a label, and why."""

    terms: tuple[tuple[str, float], ...]
    label: str
    why: str


@dataclass(frozen=True)
class _Uses:
    """In which passages each phrase is used, how it mostly reads, whether it is mostly a noun."""

    passages: Mapping[Lemmas, frozenset[int]]
    surface: Mapping[Lemmas, str]
    nouns: frozenset[Lemmas]


@dataclass(frozen=True)
class Wording:
    """What phrases may name a group: ``noun_phrases`` as a parser saw them, ``private`` names.

    ``noun_phrases`` tells of a phrase whether it stood whole in a noun phrase; of those it does
    not know, parts of speech decide. ``private`` are names of people and files, which no label
    says, in small letters. ``counted`` is what the passages are called of which words are counted.
    """

    noun_phrases: Mapping[Lemmas, bool] = field(default_factory=dict)
    private: Set[str] = frozenset()
    counted: str = "passages"


def terms_of_groups(
    words: Sequence[Sequence[Word]],
    people: Sequence[str],
    labels: Labels,
    wording: Wording | None = None,
) -> list[tuple[tuple[str, float], ...]]:
    """For each group the phrases that set it apart, strongest first; see ``names_of_groups``."""
    return [name.terms for name in names_of_groups(words, people, labels, wording)]


def names_of_groups(
    words: Sequence[Sequence[Word]],
    people: Sequence[str],
    labels: Labels,
    wording: Wording | None = None,
    order: Sequence[int] | None = None,
) -> list[Name]:
    """What each group is called; no two labels are alike, those first in ``order`` choosing first.

    The weight of a phrase follows c-TF-IDF (Grootendorst, 2022), counted in passages so that
    nobody's repeating adds to it. For phrase t in group T it is the share of T's passages that use
    t, less the share elsewhere, times log(1 + A / f): f is in how many passages t is used, A how
    many phrases a group has on average. It is multiplied by the root of the share of T's people
    who use t, so that the pet word of one does not name what many say; by the root of t's length
    in words; by ``NOT_NOUN`` where t has no noun in it; and by ``LIGHT`` where it is a single word
    that fits any matter. A word that mostly stands in a longer phrase gives way to that.
    """
    wording = wording or Wording()
    uses = _uses(words, wording)
    groups = int(labels.max()) + 1
    members = [frozenset(np.flatnonzero(labels == group).tolist()) for group in range(groups)]
    average = sum(map(len, uses.passages.values())) / groups
    found: dict[int, Name] = {}
    taken: set[frozenset[str]] = set()
    for group in (*(order or ()), *range(groups)):
        if group not in found:
            weights = _weights(uses, members[group], people, len(words), average)
            found[group] = _named(weights, uses, members[group], taken, wording.counted)
    return [found[group] for group in range(groups)]


def _weights(
    uses: _Uses, inside: frozenset[int], people: Sequence[str], passages: int, average: float
) -> dict[Lemmas, float]:
    crowd, light = {people[number] for number in inside}, light_words()
    weights: dict[Lemmas, float] = {}
    for phrase, where in uses.passages.items():
        here = where & inside
        if not here or (len(phrase) > 1 and len(here) < 2):
            continue
        users = {people[number] for number in here}
        share = len(here) / len(inside)
        elsewhere = (len(where) - len(here)) / max(1, passages - len(inside))
        if share <= elsewhere or len(users) < min(2, len(crowd)):
            continue
        weights[phrase] = (
            (share - elsewhere)
            * math.log(1 + average / len(where))
            * math.sqrt(len(users) / len(crowd))
            * math.sqrt(len(phrase))
            * (1.0 if phrase in uses.nouns else NOT_NOUN)
            * (LIGHT if len(phrase) == 1 and phrase[0] in light else 1.0)
        )  # fmt: skip
    return weights


def _uses(words: Sequence[Sequence[Word]], wording: Wording) -> _Uses:
    where: defaultdict[Lemmas, set[int]] = defaultdict(set)
    reads: defaultdict[Lemmas, Counter[str]] = defaultdict(Counter)
    nouns: Counter[Lemmas] = Counter()
    for number, row in enumerate(words):
        for phrase in phrases(row):
            if _may_name(phrase, wording):
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


def _may_name(phrase: Phrase, wording: Wording) -> bool:
    """A word, or a noun phrase, that names neither a person of the study nor a file."""
    if len(phrase.lemmas) > 1 and not wording.noun_phrases.get(phrase.lemmas, phrase.noun_phrase):
        return False
    if phrase.surface.casefold() in wording.private:
        return False
    return not any(name in wording.private for name in phrase.names)


def _named(
    weights: Mapping[Lemmas, float],
    uses: _Uses,
    inside: frozenset[int],
    taken: set[frozenset[str]],
    counted: str,
) -> Name:
    strongest = _strongest(weights, {phrase: uses.passages[phrase] & inside for phrase in weights})
    terms = tuple((uses.surface[phrase], round(weights[phrase], 4)) for phrase in strongest)
    # Of the strongest, nouns first: a label names a matter.
    heads = sorted(strongest, key=lambda phrase: phrase not in uses.nouns)
    surfaces = [uses.surface[phrase] for phrase in heads]
    shown = strongest[:IN_WHY]
    holding = len(inside & frozenset[int]().union(*(uses.passages[phrase] for phrase in shown)))
    return Name(terms, _unlike(surfaces, taken), why(terms[:IN_WHY], holding, len(inside), counted))


def _strongest(
    weights: Mapping[Lemmas, float], here: Mapping[Lemmas, frozenset[int]]
) -> list[Lemmas]:
    """The heaviest phrases, none made of words that a heavier one has said."""
    said: list[str] = []
    found: list[Lemmas] = []
    for part in sorted(weights, key=lambda p: (-round(weights[p], 9), p)):
        phrase = _whole(part, here)
        if not any(_kin(word, other) for word in phrase for other in said):
            found.append(phrase)
            said.extend(phrase)
            if len(found) == TERMS:
                break
    return sorted(found, key=lambda p: (-round(weights[p], 9), p))


def _whole(part: Lemmas, here: Mapping[Lemmas, frozenset[int]]) -> Lemmas:
    """The longer phrase that one mostly stands in, as “heat shield” for “shield”; or itself."""
    longer = [
        phrase
        for phrase, where in here.items()
        if len(phrase) > len(part)
        and 2 * len(where) >= len(here[part])
        and any(phrase[n : n + len(part)] == part for n in range(len(phrase) - len(part) + 1))
    ]
    return min(longer, key=lambda p: (-len(here[p]), -len(p), p), default=part)


def _unlike(surfaces: Sequence[str], taken: set[frozenset[str]]) -> str:
    """The first three phrases, or the first three that no other label in the view is made of."""
    size = min(IN_LABEL, len(surfaces))
    for chosen in combinations(surfaces, size):
        alike = frozenset(phrase.casefold() for phrase in chosen)
        if chosen and alike not in taken:
            taken.add(alike)
            return ", ".join(chosen)
    told = ", ".join(surfaces[:size]) or NO_WORDS
    number = next(n for n in range(2, len(taken) + 3) if frozenset({told, str(n)}) not in taken)
    if not surfaces and frozenset({told}) not in taken:
        taken.add(frozenset({told}))
        return told
    taken.add(frozenset({told, str(number)}))
    return f"{told} ({number})"


def why(
    terms: Sequence[tuple[str, float]], holding: int, passages: int, counted: str = "passages"
) -> str:
    """One sentence of what passages have in common: their terms, and how many hold one.

    >>> why([("protected time", 0.312), ("clinic", 0.22)], 12, 15)
    'They share “protected time” (weight 0.31) and “clinic” (0.22): 12 of 15 passages hold one of \
these.'
    >>> why([("budget", 0.2)], 3, 9)
    'Some share “budget” (weight 0.20): 3 of 9 passages hold it; the others lie near in meaning.'
    """
    if not terms:
        return f"The {passages} {counted} lie near each other, but no words set them apart."
    told = [f"“{term}” ({weight:.2f})" for term, weight in terms]
    told[0] = f"“{terms[0][0]}” (weight {terms[0][1]:.2f})"
    listed = " and ".join([*([", ".join(told[:-1])] if told[:-1] else []), told[-1]])
    many = 2 * holding >= passages
    return (
        f"{'They' if many else 'Some'} share {listed}: {holding} of {passages} {counted} hold "
        f"{'it' if len(terms) == 1 else 'one of these'}"
        + ("." if many else "; the others lie near in meaning.")
    )


def _kin(one: str, other: str) -> bool:
    """The same word, or of one stem by their looks.

    >>> _kin("mentor", "mentorship"), _kin("credit", "credential")
    (True, False)
    """
    both = zip(one, other, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
    return one == other or shared >= max(5, 0.6 * max(len(one), len(other)))


def typical_first(rows: Rows, belonging: Rows, labels: Labels, group: int) -> list[int]:
    """The group's passages, the most typical first and the ones at its edge last.

    Typical is what falls with the others in most draws and lies near the middle of the group.
    """
    inside = np.flatnonzero(labels == group)
    middle = rows[inside].mean(axis=0)
    middle /= np.linalg.norm(middle) or 1.0
    typical = np.round(belonging[inside, group] + rows[inside] @ middle, 9)
    return [int(inside[n]) for n in np.lexsort((inside, -typical))]


def central(rows: Rows, inside: Sequence[int] | NDArray[np.int64]) -> list[int]:
    """These passages, the nearest to their middle first."""
    numbers = np.asarray(inside)
    middle = rows[numbers].mean(axis=0)
    return [int(n) for n in numbers[np.lexsort((numbers, -np.round(rows[numbers] @ middle, 9)))]]


def quotes(
    ordered: Sequence[int], people: Sequence[str], texts: Sequence[str], most: int = QUOTES
) -> list[int]:
    """Typical passages, of at least two people where there are two.

    From the more typical half each is of another person; what is still to be filled is filled
    with the most typical of which nobody's words stand yet.
    """
    half = ordered[: max(most, len(ordered) // 2)]
    words = {number: " ".join(texts[number].casefold().split()) for number in ordered}
    chosen: list[int] = []

    def unsaid(number: int) -> bool:
        return words[number] not in {words[other] for other in chosen}

    for number in half:
        heard = {people[other] for other in chosen}
        if len(chosen) < most and people[number] not in heard and unsaid(number):
            chosen.append(number)
    others = [number for number in ordered if chosen and people[number] != people[chosen[0]]]
    if len(chosen) == 1 < most and others:
        chosen.append(next(filter(unsaid, others), others[0]))
    for number in ordered:
        if len(chosen) < most and unsaid(number):
            chosen.append(number)
    return chosen
