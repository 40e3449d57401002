"""How well passages are grouped: labelled corpora in, a table of methods out.

``python -m benchmarks.corpora FOLDER [--bertopic PYTHON]`` reads every ``*.jsonl`` of a folder (a
line a passage: text, label, doc) and groups its passages by each method, with the number of labels
where a method takes a number. All that take vectors get the same ones. BERTopic runs in an
environment of its own, whose Python is named; without it its rows are left out and this is said.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from qualcode.spans import Span
from qualcode.themes.clusters import Together, one_thread, usual_number
from qualcode.themes.gaps import nearness, novel_groups, worth
from qualcode.themes.language import language, spoken
from qualcode.themes.minilm import SentenceModel
from qualcode.themes.passages import Passage
from qualcode.themes.similar import Ranking
from qualcode.themes.space import Space
from qualcode.themes.vectors import Meaning, StaticTable, passage_vectors, unit

SEEDS = (1, 2, 3, 4, 5)
MOST = 2000
TIERS: dict[str, tuple[Meaning, ...]] = {
    "MiniLM": (SentenceModel(),),
    "static table": (StaticTable(),),
    "words alone": (),
}


@dataclass(frozen=True)
class Corpus:
    """Passages with the label a person gave each, in one order."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    docs: tuple[str, ...]

    @property
    def number(self) -> int:
        return len(set(self.labels))


@dataclass(frozen=True)
class Result:
    """A method on a corpus: adjusted mutual information and Rand index with the labels (means over
    seeds), the Rand index between seeds, the share of passages in some group, seconds, megabytes.
    """

    corpus: str
    method: str
    ami: float
    ari: float
    stability: float
    coverage: float
    seconds: float
    megabytes: float


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
        tuple(str(row["doc"]) for row in rows),
    )


def space(corpus: Corpus, meanings: Sequence[Meaning]) -> Space:
    words = language().words(corpus.texts)
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


Method = Callable[[int], Sequence[int]]


def methods(corpus: Corpus) -> Iterator[tuple[str, Method]]:
    """Each method as a function of the seed; -1 is a passage left out."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import NMF, LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    for tier, meanings in TIERS.items():
        rows = space(corpus, meanings).rows

        def ours(seed: int, rows: np.ndarray = rows) -> Sequence[int]:
            with one_thread():
                found = Together(rows, corpus.number, seed=seed, resamples=60)
                return list(found.groups(corpus.number))

        yield f"qualcode, {tier}", ours

        def means(seed: int, rows: np.ndarray = rows) -> Sequence[int]:
            return list(KMeans(corpus.number, n_init=1, random_state=seed).fit_predict(rows))

        if tier != "words alone":
            yield f"k-means, {tier}", means
    counts = CountVectorizer(stop_words="english", min_df=2).fit_transform(corpus.texts)
    weights = TfidfVectorizer(stop_words="english", min_df=2).fit_transform(corpus.texts)

    def lda(seed: int) -> Sequence[int]:
        model = LatentDirichletAllocation(corpus.number, random_state=seed)
        return list(model.fit_transform(counts).argmax(axis=1))

    def nmf(seed: int) -> Sequence[int]:
        model = NMF(corpus.number, init="nndsvdar", random_state=seed, max_iter=400)
        return list(model.fit_transform(weights).argmax(axis=1))

    def words(seed: int) -> Sequence[int]:
        return list(KMeans(corpus.number, n_init=1, random_state=seed).fit_predict(weights))

    yield "LDA", lda
    yield "NMF", nmf
    yield "TF-IDF and k-means", words


def measured(corpus: Corpus, name: str, method: Method) -> Result:
    runs, seconds = [], []
    for seed in SEEDS:
        begun = time.process_time()
        runs.append([int(group) for group in method(seed)])
        seconds.append(time.process_time() - begun)
    memory = psutil.Process().memory_info().rss / 1e6
    return judged(corpus, name, runs, float(np.median(seconds)), memory)


def judged(
    corpus: Corpus, name: str, runs: Sequence[Sequence[int]], seconds: float, megabytes: float
) -> Result:
    """What the groups of each seed are worth; passages left out count as one group of their own."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    pairs = itertools.combinations(runs, 2)
    return Result(
        corpus.name,
        name,
        float(np.mean([adjusted_mutual_info_score(corpus.labels, run) for run in runs])),
        float(np.mean([adjusted_rand_score(corpus.labels, run) for run in runs])),
        float(np.mean([adjusted_rand_score(one, other) for one, other in pairs])),
        float(np.mean([np.mean(np.asarray(run) >= 0) for run in runs])),
        seconds,
        megabytes,
    )


def bertopic(corpus: Corpus, python: str) -> Iterator[Result]:
    """BERTopic as it comes, with k-means, and with outliers re-assigned, on our MiniLM vectors."""
    script = Path(__file__).with_name("bertopic_runs.py")
    rows = space(corpus, TIERS["MiniLM"]).meaning
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given.npz", Path(folder) / "answer.json"
        np.savez(given, rows=rows, texts=np.asarray(corpus.texts), number=corpus.number)
        seeds = ",".join(map(str, SEEDS))
        subprocess.run([python, str(script), str(given), str(answer), seeds], check=True)
        for form, told in json.loads(answer.read_text()).items():
            name = f"BERTopic {form}"
            yield judged(corpus, name, told["runs"], told["seconds"], told["megabytes"])


# -- lenses --------------------------------------------------------------------------------------


def gap_found(corpus: Corpus, shown: int = 5) -> tuple[int, int]:
    """In how many cases a hidden code is the majority of one of the first gaps, of how many.

    A case hides one label: its passages and three tenths of the rest stand uncoded.
    """
    rows = space(corpus, TIERS["MiniLM"]).rows
    truth = np.asarray(corpus.labels)
    chance = np.random.default_rng(0)
    hits = cases = 0
    for hidden in sorted(set(corpus.labels)):
        own, rest = np.flatnonzero(truth == hidden), np.flatnonzero(truth != hidden)
        mixed = chance.choice(rest, round(0.3 * len(rest)), replace=False)
        uncoded = np.sort(np.concatenate([own, mixed]))
        coded = np.setdiff1d(rest, mixed)
        groups, _ = novel_groups(rows[uncoded], 1)
        among = nearness(rows[uncoded], rows[uncoded], itself=True)
        outside = nearness(rows[uncoded], rows[coded], itself=False)
        ranked = sorted(
            (-worth(float(among[inside].mean()), float(outside[inside].mean()), len(inside)), group)
            for group in range(int(groups.max()) + 1)
            if len(inside := np.flatnonzero(groups == group)) >= 3
        )
        cases += 1
        hits += any(
            2 * (truth[uncoded[groups == group]] == hidden).sum() > (groups == group).sum()
            for _, group in ranked[:shown]
        )
    return hits, cases


def precision(corpus: Corpus, examples: int = 5, first: int = 10) -> tuple[float, float]:
    """The mean share of right ones among the first ten: ours, and nearest to the centroid."""
    where = space(corpus, TIERS["MiniLM"])
    ranking, truth = Ranking(where), np.asarray(corpus.labels)
    chance = np.random.default_rng(1)
    ours, plain = [], []
    for label in sorted({lab for lab, n in Counter(corpus.labels).items() if n >= 10}):
        for _ in range(3):
            shown = chance.choice(np.flatnonzero(truth == label), examples, replace=False)
            rest = np.setdiff1d(np.arange(len(truth)), shown)
            middle = unit(where.meaning[shown].mean(axis=0)[None])[0]
            by_name = ranking.scores([int(n) for n in shown], [], name=label)
            for scores, kept in ((by_name, ours), (where.meaning @ middle, plain)):
                best = rest[np.argsort(-scores[rest], kind="stable")[:first]]
                kept.append(float((truth[best] == label).mean()))
    return float(np.mean(ours)), float(np.mean(plain))


def light(corpus: Corpus) -> list[tuple[float, float]]:
    """For each group at the usual number: its stability, and the share of its commonest label."""
    from qualcode.themes.clusters import stabilities

    rows, truth = space(corpus, TIERS["MiniLM"]).rows, np.asarray(corpus.labels)
    wanted = usual_number(len(rows))
    with one_thread():
        together = Together(rows, wanted, seed=1, resamples=60)
        groups = together.groups(wanted)
    stable = stabilities(together.of_passages(groups), groups)
    return [
        (s, max(Counter(truth[groups == group]).values()) / int((groups == group).sum()))
        for group, s in enumerate(stable)
        if (groups == group).sum() >= 3
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--bertopic", metavar="PYTHON", help="an interpreter that has bertopic")
    options = asked.parse_args(arguments)
    corpora = read_corpora(options.folder)
    if not corpora:
        print(f"There is no *.jsonl in {options.folder}.", file=sys.stderr)
        return 1
    found: list[Result] = []
    for corpus in corpora:
        print(f"{corpus.name}: {len(corpus.texts)} passages, {corpus.number} labels", flush=True)
        found += [measured(corpus, name, method) for name, method in methods(corpus)]
        if options.bertopic:
            found += bertopic(corpus, options.bertopic)
    _table(found)
    if not options.bertopic:
        print("\nBERTopic was not measured: name its interpreter with --bertopic.")
    _lenses(corpora)
    return 0


def _table(found: Sequence[Result]) -> None:
    print(f"\n{'corpus':<11}{'method':<34}  AMI   ARI  seeds  in groups   CPU s     MB")
    names = list(dict.fromkeys(result.method for result in found))
    means = [
        Result("mean", name, *np.mean([
            (r.ami, r.ari, r.stability, r.coverage, r.seconds, r.megabytes)
            for r in found if r.method == name
        ], axis=0))
        for name in names
    ]  # fmt: skip
    for r in [*found, *means]:
        print(
            f"{r.corpus:<11}{r.method:<34}{r.ami:5.3f} {r.ari:5.3f}  {r.stability:5.3f}"
            f"      {r.coverage:5.2f}  {r.seconds:6.1f} {r.megabytes:6.0f}"
        )


def _lenses(corpora: Sequence[Corpus]) -> None:
    hits, cases = np.sum([gap_found(corpus) for corpus in corpora], axis=0)
    print(f"\nGaps: the hidden code leads one of the first five in {hits} of {cases} cases.")
    ours, plain = np.mean([precision(corpus) for corpus in corpora], axis=0)
    print(
        f"More like this: precision at 10 from five examples {ours:.3f}; nearest to the centroid "
        f"{plain:.3f}; ratio {ours / plain:.2f}."
    )
    groups = sorted(pair for corpus in corpora for pair in light(corpus))
    third = len(groups) // 3
    for words, part in (
        ("least stable third", groups[:third]),
        ("middle third", groups[third:-third]),
        ("most stable third", groups[-third:]),
    ):
        low, high = part[0][0], part[-1][0]
        purity = float(np.mean([share for _, share in part]))
        print(f"Stability {low:.2f} to {high:.2f} ({words}): mean purity {purity:.2f}")


if __name__ == "__main__":
    sys.exit(main())
