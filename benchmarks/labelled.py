"""Labelled corpora: a folder of ``*.jsonl`` in; passages with the labels that people gave, out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qualcode.spans import Span
from qualcode.themes.language import Word, language, spoken
from qualcode.themes.minilm import SentenceModel
from qualcode.themes.passages import Passage
from qualcode.themes.space import Space
from qualcode.themes.vectors import Meaning, StaticTable, passage_vectors

MOST = 2000
TIERS: dict[str, tuple[Meaning, ...]] = {
    "MiniLM": (SentenceModel(),),
    "static table": (StaticTable(),),
    "words alone": (),
}


@dataclass(frozen=True)
class Corpus:
    """Passages in one order: the label each has (its first), all its labels, whose it is."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    all_labels: tuple[frozenset[str], ...]
    docs: tuple[str, ...]

    @property
    def number(self) -> int:
        return len(set(self.labels))


def read_corpora(folder: Path) -> list[Corpus]:
    """Every corpus of a folder: each text once, labels of ten passages (five where they are few),
    at most 2,000 passages drawn by one seed.
    """
    return [_corpus(path) for path in sorted(folder.glob("*.jsonl"))]


def _corpus(path: Path) -> Corpus:
    once: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        once.setdefault(" ".join(row["text"].split()).lower(), row)
    rows = list(once.values())
    counts = Counter(row["label"] for row in rows)
    least = 5 if len(rows) < 400 else 10
    rows = [row for row in rows if counts[row["label"]] >= least]
    if len(rows) > MOST:
        drawn = np.random.default_rng(0).choice(len(rows), MOST, replace=False)
        rows = [rows[number] for number in sorted(drawn)]
    return Corpus(
        path.stem,
        tuple(row["text"] for row in rows),
        tuple(row["label"] for row in rows),
        tuple(frozenset([row["label"], *row.get("labels", ())]) for row in rows),
        tuple(str(row["doc"]) for row in rows),
    )


def words_of(corpus: Corpus) -> tuple[tuple[Word, ...], ...]:
    return tuple(language().words(corpus.texts))


def space(
    corpus: Corpus, meanings: Sequence[Meaning], words: Sequence[tuple[Word, ...]] | None = None
) -> Space:
    """The corpus as the product sees it, with the vectors of one tier."""
    words = words_of(corpus) if words is None else words
    vectors = passage_vectors(
        [spoken(text) for text in corpus.texts],
        [[word.lemma for word in row] for row in words],
        # A survey's comments are of many people, or of nobody known: no voice is taken off.
        [str(number) for number in range(len(corpus.texts))],
        seed=1,
        meanings=meanings,
    )
    units = tuple(
        Passage(str(number), Span(0, max(1, len(text))), doc, text)
        for number, (text, doc) in enumerate(zip(corpus.texts, corpus.docs, strict=True))
    )
    return Space(units, tuple(words), vectors.rows, vectors.meaning, (), vectors.name, "")
