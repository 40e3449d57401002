"""One way of grouping passages in a process of its own: vectors and texts in, group numbers out.

``PYTHON -m benchmarks.grouping METHOD GIVEN ANSWER SEEDS`` is started by ``benchmarks.corpora``
for each method, so that the peak of its memory is its own. Seconds are those of the processor,
from vectors or texts to groups; qualcode's take naming the groups in, as BERTopic's do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Method = Callable[[int], Sequence[int]]
QUALCODE = ("qualcode, MiniLM", "qualcode, static table", "qualcode, words alone")
OTHERS = (
    "k-means, MiniLM",
    "k-means, static table",
    "LDA",
    "NMF",
    "TF-IDF and k-means",
)
RESAMPLES = 60


def method_of(name: str, told: Any) -> Method:
    """The method as a function of the seed."""
    number, texts = int(told["number"]), [str(text) for text in told["texts"]]
    kind, _, tier = name.partition(", ")
    if kind == "qualcode":
        return qualcode(told[tier], number, json.loads(str(told["words"])))
    if kind == "k-means":
        return means(told[tier], number)
    return by_words(name, texts, number)


def qualcode(rows: np.ndarray, number: int, told: Sequence[Sequence[Sequence[Any]]]) -> Method:
    from qualcode.themes.clusters import Together, one_thread
    from qualcode.themes.labels import names_of_groups
    from qualcode.themes.language import Word

    words = [tuple(Word(*word) for word in row) for row in told]
    people = [str(n) for n in range(len(words))]

    def grouped(seed: int) -> Sequence[int]:
        with one_thread():
            found = Together(rows, number, seed=seed, resamples=RESAMPLES).groups(number)
            names = names_of_groups(words, people, found)
        if len({name.label for name in names}) != len(names):
            raise SystemExit("Two groups were given one label.")
        return list(found)

    return grouped


def means(rows: np.ndarray, number: int) -> Method:
    from sklearn.cluster import KMeans

    return lambda seed: list(KMeans(number, n_init=1, random_state=seed).fit_predict(rows))


def by_words(name: str, texts: Sequence[str], number: int) -> Method:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import NMF, LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    def lda(seed: int) -> Sequence[int]:
        counts = CountVectorizer(stop_words="english", min_df=2).fit_transform(texts)
        model = LatentDirichletAllocation(number, random_state=seed)
        return list(model.fit_transform(counts).argmax(axis=1))

    def nmf(seed: int) -> Sequence[int]:
        weights = TfidfVectorizer(stop_words="english", min_df=2).fit_transform(texts)
        model = NMF(number, init="nndsvdar", random_state=seed, max_iter=400)
        return list(model.fit_transform(weights).argmax(axis=1))

    def words(seed: int) -> Sequence[int]:
        weights = TfidfVectorizer(stop_words="english", min_df=2).fit_transform(texts)
        return list(KMeans(number, n_init=1, random_state=seed).fit_predict(weights))

    return {"LDA": lda, "NMF": nmf, "TF-IDF and k-means": words}[name]


def main(name: str, given: str, answer: str, seeds: str) -> None:
    with np.load(given) as told:
        method = method_of(name, told)
    runs, seconds = [], []
    for seed in map(int, seeds.split(",")):
        begun = time.process_time()
        runs.append([int(group) for group in method(seed)])
        seconds.append(time.process_time() - begun)
    first = int(seeds.split(",")[0])
    told = {
        "runs": runs,
        "again": [int(group) for group in method(first)],
        "seconds": float(np.median(seconds)),
        "megabytes": peak(),
        "torch": "torch" in sys.modules,
    }
    Path(answer).write_text(json.dumps(told))


def peak() -> float:
    """The most memory this process has held, in megabytes; what its parent held does not count."""
    [line] = [x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x]
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main(*sys.argv[1:5])
