"""Passages as vectors: texts and their lemmas in; one row of numbers a passage out.

The meaning comes from the first tier that is there (``MEANINGS``), the study's own vocabulary
from latent semantic analysis of the lemmas; the two stand side by side. What one person's passages
have in common is then taken off each of them: candidates are wanted by matter, not by voice.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.minilm import SentenceModel
from qualcode.themes.wordpiece import WordPieces
from qualcode.themes.work import Arrays, Work

Rows = NDArray[np.float64]
LSA_WEIGHT = 0.3
"""What the study's own vocabulary weighs beside the meaning."""
LSA_DIMENSIONS = 100
"""At most; with few passages a fourth of their number, so that near words share a dimension."""
VOICE_PRIOR = 3.0
"""How many passages a person needs before half of what they share is taken off."""

A_PART = 128
"""Texts turned into vectors in one go: a second's work, so that it can be stopped."""

STATIC_FILE = "static_en_256.npz"
STATIC_SHA256 = "3053d3b3c1c575b2f60a303303eb59bcf80cadbe9c88a1458de3916abee312b2"


class Meaning(Protocol):
    """A tier: knows what it is called, and gives one row a text, or None where it is not there."""

    name: str

    def __call__(self, texts: Sequence[str]) -> Rows | None: ...


class StaticTable:
    """The mean of the word pieces' vectors in the table that ships with qualcode."""

    name = "static word vectors"

    def __call__(self, texts: Sequence[str]) -> Rows | None:
        table = _static_table()
        if table is None:
            return None
        pieces, numbers, scales = table
        rows = np.zeros((len(texts), numbers.shape[1]))
        for row, text in enumerate(texts):
            found = pieces(text)
            if found:
                rows[row] = (numbers[found] * scales[found]).mean(axis=0)
        return rows


MEANINGS: tuple[Meaning, ...] = (SentenceModel(), StaticTable())


@dataclass(frozen=True)
class Vectors:
    """One unit row a passage for grouping, one of its meaning alone, and what made them."""

    rows: Rows
    meaning: Rows
    name: str


@lru_cache(maxsize=1)
def _static_table() -> tuple[WordPieces, NDArray[Any], NDArray[Any]] | None:
    """Vocabulary, whole numbers and their scales; None unless the file is the one we shipped."""
    try:
        raw = files("qualcode.themes").joinpath("data", STATIC_FILE).read_bytes()
    except OSError:
        return None
    if hashlib.sha256(raw).hexdigest() != STATIC_SHA256:
        return None
    with np.load(io.BytesIO(raw), allow_pickle=False) as table:
        vocabulary = table["vocabulary"].tobytes().decode("utf-8").split("\n")
        return WordPieces(vocabulary), table["numbers"], table["scales"]


def passage_vectors(
    texts: Sequence[str],
    lemmas: Sequence[Sequence[str]],
    people: Sequence[str],
    *,
    seed: int,
    meanings: Sequence[Meaning] = MEANINGS,
    work: Work | None = None,
) -> Vectors:
    """Vectors of the passages by the first tier that is there, else from their lemmas alone."""
    work = work or Work()
    words = lsa(lemmas, seed=seed)
    for tier in meanings:
        if tier([]) is None:
            continue
        parts = [tuple(texts[first : first + A_PART]) for first in range(0, len(texts), A_PART)]
        found = np.vstack(
            [rows for (rows,) in work.each("vectors", meaning_part, parts, tier.name)]
        )
        mixed = unit(np.hstack([centred(found), LSA_WEIGHT * words]))
        name = f"{tier.name} and TF-IDF LSA"
        return Vectors(without_voice(mixed, people), unit(found), name)
    return Vectors(without_voice(centred(words), people), words, "TF-IDF LSA")


def meaning_part(tier: str, part: Sequence[str]) -> Arrays:
    """The rows of some texts by the tier of this name."""
    rows = next(one for one in MEANINGS if one.name == tier)(part)
    assert rows is not None, "a tier that was there is gone"
    return (rows,)


def lsa(lemmas: Sequence[Sequence[str]], *, seed: int) -> Rows:
    """Latent semantic analysis of TF-IDF weights of the lemmas (Deerwester et al., 1990)."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    documents = [list(row) for row in lemmas]
    if not any(documents):
        return np.zeros((len(documents), 1))
    for least in (2, 1):
        weighing = TfidfVectorizer(
            analyzer=lambda row: row,
            sublinear_tf=True,
            min_df=least,
            max_df=0.5 if least > 1 else 1.0,
        )
        try:
            weights = weighing.fit_transform(documents)
        except ValueError:  # No word stands in two passages: take them all.
            continue
        break
    dimensions = min(
        LSA_DIMENSIONS, max(8, len(documents) // 4), len(documents) - 1, weights.shape[1] - 1
    )
    if dimensions < 2:
        return unit(weights.toarray())
    return unit(TruncatedSVD(dimensions, n_iter=7, random_state=seed).fit_transform(weights))


def unit(rows: Rows) -> Rows:
    """Rows of length one; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 1e-9, lengths, 1))


def centred(rows: Rows) -> Rows:
    rows = unit(rows)
    return unit(rows - rows.mean(axis=0))


def without_voice(rows: Rows, people: Sequence[str]) -> Rows:
    """Take off each row what its person's rows share, the less of it the fewer they are."""
    _, who = np.unique(np.asarray(people), return_inverse=True)
    counts = np.bincount(who)
    if counts.max() == 1:
        return rows  # a row shares all it is with itself: its direction stays
    order = np.argsort(who, kind="stable")
    sums = np.add.reduceat(rows[order], np.concatenate([[0], np.cumsum(counts)[:-1]]), axis=0)
    return unit(rows - (sums / (counts + VOICE_PRIOR)[:, None])[who])


def meaning_of(texts: Sequence[str], meanings: Sequence[Meaning] = MEANINGS) -> Rows | None:
    """Rows of meaning by the tier that passages get too; None where there is none."""
    for tier in meanings:
        rows = tier(texts)
        if rows is not None:
            return rows
    return None
