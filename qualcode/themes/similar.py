"""More like this: a code's own passages in; uncoded ones that look the same out, ranked.

Four judges are added up, each in standard deviations: a logistic regression of the examples
against passages drawn from the rest; nearness to the middle of the examples; a random walk from
the examples over the graph of near passages; and nearness to the code's name. Accepted passages
join the examples, rejected ones stand against them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from qualcode.errors import BadCommand
from qualcode.model import Coding, Transcript
from qualcode.spans import Span
from qualcode.themes.clusters import one_thread
from qualcode.themes.codes import codes_of_passages
from qualcode.themes.graph import Graph, Rows, neighbours
from qualcode.themes.passages import LeftOut, Passage, in_order
from qualcode.themes.space import Space, require_seed, space_of
from qualcode.themes.vectors import meaning_of, unit

Scores = np.ndarray[Any, np.dtype[np.float64]]
Place = tuple[str, Span]

FEWEST_EXAMPLES = 2
MOST = 1000
AGAINST = 200
"""Passages drawn from the rest, taken as not the code: few of them can be."""
FAR = 0.8
"""They are drawn from this share of the rest that lies farthest from the examples."""
WORDS_WEIGHT = 0.5
MIDDLE_WEIGHT, WALK_WEIGHT, NAME_WEIGHT = 0.5, 1.5, 0.5
_STAY, _STEPS = 0.3, 20


@dataclass(frozen=True)
class Likeness:
    """An uncoded passage and how alike it is; scores say an order and nothing absolute.

    ``nearest`` is the example that lies nearest to it, and ``likeness`` the cosine of the two.
    """

    passage: Passage
    score: float
    nearest: Place
    likeness: float


@dataclass(frozen=True)
class Similar(Sequence[Likeness]):
    """Passages that look like the code's own, the most alike first.

    ``left_out`` are those too short to be compared.
    """

    found: tuple[Likeness, ...]
    examples: int
    parameters: Mapping[str, str | int | float | None]
    left_out: tuple[LeftOut, ...] = ()
    warning: str = ""

    @overload
    def __getitem__(self, index: int) -> Likeness: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Likeness, ...]: ...
    def __getitem__(self, index: int | slice) -> Likeness | tuple[Likeness, ...]:
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)


def more_like_this(
    transcripts: Iterable[Transcript],
    codings: Iterable[Coding],
    code: str,
    *,
    name: str = "",
    rejected: Collection[Place] = (),
    limit: int = 20,
    seed: int = 1,
) -> Similar:
    """Passages without this code that look like those with it.

    Parameters
    ----------
    transcripts
        Where to look.
    codings
        One person's own codings, or the settled ones; what they may see is for the caller.
    code, name
        The code's id, and its name, which helps where it says what the code is about.
    rejected
        Passages (transcript id, span) that were looked at and are not the code.

    Raises
    ------
    BadCommand
        The code has fewer than two passages to learn from, or there is too little text.
    """
    require_seed(seed)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise BadCommand(f"Between 1 and {MOST} passages can be asked for.")
    with one_thread():
        space = space_of(in_order(transcripts), seed=seed)
        carried = codes_of_passages(space.units, codings)
        examples = [number for number, codes in enumerate(carried) if code in codes]
        if len(examples) < FEWEST_EXAMPLES:
            raise BadCommand(
                f"“{name or code}” stands on too few passages to learn from: code at least "
                f"{FEWEST_EXAMPLES} passages with it first."
            )
        places = {(unit.transcript, unit.span): n for n, unit in enumerate(space.units)}
        against = sorted(places[place] for place in set(rejected) if place in places)
        order = Ranking(space).scores(examples, against, name=name, seed=seed)
    taken = {*examples, *against}
    ranked = sorted(
        (n for n in range(len(space.units)) if n not in taken),
        key=lambda n: (-round(float(order[n]), 9), n),
    )
    return Similar(
        found=tuple(_likeness(space, examples, n, float(order[n])) for n in ranked[:limit]),
        examples=len(examples),
        parameters={
            "method": "more like this",
            "code": code,
            "seed": seed,
            "vectors": space.vectors,
            "language": space.language,
            "examples": len(examples),
            "rejected": len(against),
        },
        left_out=space.left_out,
        warning=space.warning,
    )


def _likeness(space: Space, examples: Sequence[int], number: int, score: float) -> Likeness:
    alike = np.round(space.meaning[list(examples)] @ space.meaning[number], 4)
    nearest = examples[int(alike.argmax())]
    [place] = space.places([nearest])
    return Likeness(space.units[number], round(score, 4), place, float(alike.max()))


class Ranking:
    """What is the same for every code of one space: the words, the graph."""

    def __init__(self, space: Space) -> None:
        from scipy import sparse
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.space = space
        lemmas = [[word.lemma for word in row] for row in space.words]
        words = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(lemmas)
        meaning = sparse.csr_matrix(space.meaning)
        self._features = sparse.hstack([meaning, WORDS_WEIGHT * words]).tocsr()
        self._graph = neighbours(space.rows)

    def scores(
        self, examples: Sequence[int], against: Sequence[int], *, name: str = "", seed: int = 1
    ) -> Scores:
        """One number a passage, the higher the more it is like the examples."""
        space = self.space
        middle = unit(space.rows[list(examples)].mean(axis=0)[None])[0]
        near = np.asarray(space.rows @ middle, dtype=np.float64)
        total = _standard(self._learned(examples, against, near, seed))
        total = total + MIDDLE_WEIGHT * _standard(near)
        total = total + WALK_WEIGHT * _standard(_walk(self._graph, examples))
        named = meaning_of([name]) if name.strip() else None
        if named is not None and named.shape[1] == space.meaning.shape[1]:
            total = total + NAME_WEIGHT * _standard(space.meaning @ unit(named)[0])
        return np.asarray(total, dtype=np.float64)

    def _learned(
        self, examples: Sequence[int], against: Sequence[int], near: Scores, seed: int
    ) -> Scores:
        from sklearn.linear_model import LogisticRegression

        rest = np.setdiff1d(np.arange(len(self.space.units)), [*examples, *against])
        # What lies nearest to the examples may well be the code, so nothing is learned from it.
        rest = rest[np.argsort(np.round(near[rest], 9), kind="stable")]
        rest = np.sort(rest[: math.ceil(FAR * len(rest))])
        drawn = np.random.default_rng(seed).choice(rest, min(AGAINST, len(rest)), replace=False)
        chosen = [*examples, *against, *np.sort(drawn).tolist()]
        if len(chosen) == len(examples):
            return np.zeros(len(self.space.units))
        truth = [1] * len(examples) + [0] * (len(chosen) - len(examples))
        # A rejected passage is known not to be the code, a drawn one only likely not to be.
        sure = [1.0] * len(examples) + [3.0] * len(against) + [1.0] * len(drawn)
        judge = LogisticRegression(C=10, class_weight="balanced", max_iter=500)
        judge.fit(self._features[chosen], truth, sample_weight=sure)
        return np.asarray(judge.decision_function(self._features), dtype=np.float64)


def _walk(graph: Graph, examples: Sequence[int]) -> Scores:
    """The log of how often a walk that keeps coming back to the examples is at each passage."""
    from scipy import sparse

    degree = np.asarray(graph.sum(axis=1)).ravel()
    step = (sparse.diags(1 / degree) @ graph).T
    home = np.zeros(len(degree))
    home[list(examples)] = 1 / len(examples)
    here = home
    for _ in range(_STEPS):
        here = _STAY * home + (1 - _STAY) * (step @ here)
    return np.asarray(np.log(here / degree + 1e-9), dtype=np.float64)


def _standard(scores: Scores | Rows) -> Scores:
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0), dtype=np.float64)
