"""What the lenses find in labelled corpora: gaps, more like this, and what a light is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.labelled import Corpus
from qualcode.themes.clusters import Together, one_thread, stabilities, usual_number
from qualcode.themes.gaps import nearness, novel_groups, worth
from qualcode.themes.similar import Ranking
from qualcode.themes.space import Space
from qualcode.themes.suggestions import SMALLEST
from qualcode.themes.vectors import unit

GAP_SEEDS = (0, 1, 2)
DRAWS = 5
"""How many times examples of a code are drawn for more like this."""


def gaps_found(corpus: Corpus, where: Space, shown: int = 5) -> tuple[int, int]:
    """In how many cases a hidden code is the majority of one of the first gaps, of how many.

    A case hides one label: its passages and three tenths of the rest, drawn, stand uncoded.
    """
    hits = cases = 0
    truth = np.asarray(corpus.labels)
    for seed in GAP_SEEDS:
        chance = np.random.default_rng(seed)
        for hidden in sorted(set(corpus.labels)):
            own, rest = np.flatnonzero(truth == hidden), np.flatnonzero(truth != hidden)
            mixed = chance.choice(rest, round(0.3 * len(rest)), replace=False)
            uncoded = np.sort(np.concatenate([own, mixed]))
            first = first_gaps(where.rows, uncoded, np.setdiff1d(rest, mixed))[:shown]
            cases += 1
            hits += any(2 * (truth[group] == hidden).sum() > len(group) for group in first)
    return hits, cases


def first_gaps(rows: np.ndarray, uncoded: np.ndarray, coded: np.ndarray) -> list[np.ndarray]:
    """The groups that ``find_gaps`` would show, in its order."""
    with one_thread():
        groups, _ = novel_groups(rows[uncoded], 1)
        among = nearness(rows[uncoded], rows[uncoded], itself=True)
        outside = nearness(rows[uncoded], rows[coded], itself=False)
    ranked = []
    for group in range(int(groups.max()) + 1):
        inside = np.flatnonzero(groups == group)
        if len(inside) >= SMALLEST:
            novelty = worth(float(among[inside].mean()), float(outside[inside].mean()), len(inside))
            ranked.append((-novelty, group, uncoded[inside]))
    return [inside for _, _, inside in sorted(ranked, key=lambda gap: gap[:2])]


@dataclass(frozen=True)
class Precision:
    """The share of right ones among the first ten: ours, ours without a name, nearest centroid."""

    ours: float
    unnamed: float
    plain: float


def precision(corpus: Corpus, where: Space, examples: int = 5, first: int = 10) -> Precision:
    """From five passages with a label, found are those that carry it; every label of ten or more.

    Beside it the passages nearest to the middle of the examples, on the same vectors.
    """
    ranking = Ranking(where)
    chance = np.random.default_rng(1)
    found: list[tuple[float, float, float]] = []
    for label in sorted({lab for lab, n in Counter(corpus.labels).items() if n >= 10}):
        carries = np.asarray([label in labels for labels in corpus.all_labels])
        for _ in range(DRAWS):
            shown = chance.choice(np.flatnonzero(carries), examples, replace=False)
            rest = np.setdiff1d(np.arange(len(carries)), shown)
            middle = unit(where.meaning[shown].mean(axis=0)[None])[0]
            known = [int(n) for n in shown]
            ways = (
                ranking.scores(known, [], name=label.replace("_", " ")),
                ranking.scores(known, []),
                where.meaning @ middle,
            )
            best = [rest[np.argsort(-scores[rest], kind="stable")[:first]] for scores in ways]
            found.append(tuple(float(carries[numbers].mean()) for numbers in best))
    return Precision(*np.mean(found, axis=0))


def groups_by_light(corpus: Corpus, where: Space) -> Iterator[tuple[float, float]]:
    """For each group of the three views: its stability, and the share of its commonest label."""
    truth = np.asarray(corpus.labels)
    wanted = usual_number(len(truth))
    with one_thread():
        together = Together(where.rows, wanted, seed=1, resamples=60)
        medium = together.groups(wanted)
        views = (
            together.coarser(medium, max(2, round(wanted / 2))),
            medium,
            together.finer(medium, 2 * wanted),
        )
    for groups in views:
        stable = stabilities(together.of_passages(groups), groups)
        for group, stability in enumerate(stable):
            inside = truth[groups == group]
            if len(inside) >= SMALLEST:
                yield stability, max(Counter(inside).values()) / len(inside)
