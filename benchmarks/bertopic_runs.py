"""One form of BERTopic, inside an environment that has it: vectors in, group numbers out.

It is no part of qualcode and imports nothing of it: ``PYTHON bertopic_runs.py FORM GIVEN ANSWER
SEEDS``. UMAP, HDBSCAN and c-TF-IDF are inside its seconds, the vectors are not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np


def main(form: str, given: str, answer: str, seeds: str) -> None:
    from bertopic import BERTopic
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    told = np.load(given)
    # BERTopic's own vectors have four bytes a number; UMAP is quicker with them.
    rows = told["meaning"].astype(np.float32)
    texts, number = [str(t) for t in told["texts"]], int(told["number"])

    def model(seed: int, **options: object) -> object:
        # The settings of UMAP are BERTopic's own; only its seed is named.
        near = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine",
                    random_state=seed)  # fmt: skip
        return BERTopic(
            umap_model=near, vectorizer_model=CountVectorizer(stop_words="english"), **options
        )

    def as_it_comes(seed: int) -> list[int]:
        return list(model(seed).fit_transform(texts, rows)[0])

    def with_means(seed: int) -> list[int]:
        means = KMeans(number, n_init=1, random_state=seed)
        return list(model(seed, hdbscan_model=means).fit_transform(texts, rows)[0])

    def reassigned(seed: int) -> list[int]:
        made = model(seed, nr_topics=number)
        topics = made.fit_transform(texts, rows)[0]
        if -1 not in topics or len(set(topics)) < 2:
            return list(topics)
        return list(made.reduce_outliers(texts, topics, strategy="embeddings", embeddings=rows))

    group = {
        "as it comes": as_it_comes,
        "with k-means": with_means,
        "outliers re-assigned": reassigned,
    }[form]
    runs, seconds = [], []
    for seed in map(int, seeds.split(",")):
        begun = time.process_time()
        runs.append([int(topic) for topic in group(seed)])
        seconds.append(time.process_time() - begun)
    told = {
        "runs": runs,
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
