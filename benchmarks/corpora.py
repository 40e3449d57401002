"""How well passages are grouped: labelled corpora in, a table of methods and their goals out.

``python -m benchmarks.corpora FOLDER [--bertopic PYTHON]`` reads every ``*.jsonl`` of a folder (a
line a passage: text, label, doc) and groups its passages by each method, with the number of labels
where a method takes a number. All that take vectors get the same ones; making them is timed by
itself. Each method runs in a process of its own. BERTopic runs in an environment of its own, whose
Python is named; without it its rows are left out and this is said.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from benchmarks.grouping import OTHERS, QUALCODE
from benchmarks.labelled import TIERS, Corpus, read_corpora, space, words_of
from benchmarks.lenses import gaps_found, groups_by_light, precision
from benchmarks.results import BenchmarkFailed, require
from qualcode.themes.lights import LIGHTS, light_of
from qualcode.themes.space import Space

SEEDS = (1, 2, 3, 4, 5)
FORMS = ("as it comes", "with k-means", "outliers re-assigned")
INTERVIEW_SIZE = 400
OURS, WORDS, STATIC = QUALCODE[0], QUALCODE[2], QUALCODE[1]
AS_IT_COMES = f"BERTopic {FORMS[0]}"
WITHOUT_VECTORS = ("LDA", "NMF", "TF-IDF and k-means")


@dataclass(frozen=True)
class Result:
    """A method on a corpus: adjusted mutual information and Rand index with the labels (means over
    seeds), the Rand index between seeds, the share of passages in some group, processor seconds
    from vectors to groups (median of the seeds), the peak of its process in megabytes.
    """

    corpus: str
    method: str
    ami: float
    ari: float
    stability: float
    coverage: float
    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Goal:
    """What a figure should reach, and whether it does."""

    what: str
    figure: float
    aim: float
    most: bool = False
    """Whether the aim is the most that the figure may be, not the least."""

    @property
    def met(self) -> bool:
        return self.figure <= self.aim if self.most else self.figure >= self.aim

    def __str__(self) -> str:
        told = f"{'at most' if self.most else 'at least'} {self.aim:.3f}"
        return f"{'met    ' if self.met else 'NOT MET'}  {self.what}: {self.figure:.3f} ({told})"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--bertopic", metavar="PYTHON", help="an interpreter that has bertopic")
    options = asked.parse_args(arguments)
    corpora = read_corpora(options.folder)
    if not corpora:
        print(f"There is no *.jsonl in {options.folder}.", file=sys.stderr)
        return 1
    try:
        goals = report(corpora, options.bertopic)
    except BenchmarkFailed as failure:
        print(f"The benchmark stopped: {failure}", file=sys.stderr)
        return 1
    print("\nGoals")
    for goal in goals:
        print(goal)
    if not options.bertopic:
        print("BERTopic was not measured: name its interpreter with --bertopic.")
    return 0


def report(corpora: Sequence[Corpus], python: str | None) -> list[Goal]:
    found: list[Result] = []
    spaces: dict[str, Space] = {}
    for corpus in corpora:
        print(f"{corpus.name}: {len(corpus.texts)} passages, {corpus.number} labels", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder) / "given.npz"
            spaces[corpus.name] = prepared(corpus, given)
            for name in (*QUALCODE, *OTHERS):
                command = [sys.executable, "-m", "benchmarks.grouping", name]
                found.append(measured(corpus, name, command, given))
            for form in FORMS if python else ():
                script = Path(__file__).with_name("bertopic_runs.py")
                command = [str(python), str(script), form]
                found.append(measured(corpus, f"BERTopic {form}", command, given))
    means = list(mean_results(found))
    table([*found, *means])
    sizes = {corpus.name: len(corpus.texts) for corpus in corpora}
    return [*goals_of_groups(found, means, sizes), *lenses(corpora, spaces)]


def prepared(corpus: Corpus, given: Path) -> Space:
    """The vectors of every tier in a file; how long they took is printed."""
    begun = time.process_time()
    words = words_of(corpus)
    print(f"  words by spaCy: {time.process_time() - begun:.1f} CPU s", flush=True)
    rows: dict[str, np.ndarray] = {}
    spaces: dict[str, Space] = {}
    for tier, meanings in TIERS.items():
        begun = time.process_time()
        spaces[tier] = space(corpus, meanings, words)
        rows[tier] = spaces[tier].rows
        print(f"  vectors, {tier}: {time.process_time() - begun:.1f} CPU s", flush=True)
    told = [[(w.lemma, w.surface, w.place, w.part) for w in row] for row in words]
    np.savez(
        given,
        texts=np.asarray(corpus.texts),
        number=corpus.number,
        words=np.asarray(json.dumps(told)),
        meaning=spaces["MiniLM"].meaning,
        **rows,
    )
    return spaces["MiniLM"]


def measured(corpus: Corpus, name: str, command: Sequence[str], given: Path) -> Result:
    """The method in a fresh process, over all seeds; passages left out are a group of their own."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    answer = given.with_name("answer.json")
    arguments = [str(given), str(answer), ",".join(map(str, SEEDS))]
    ended = subprocess.run([*command, *arguments], capture_output=True, text=True)
    require(ended.returncode == 0, f"{name} on {corpus.name} ended with: {ended.stderr[-800:]}")
    told = json.loads(answer.read_text())
    runs = told["runs"]
    require(
        len(runs) == len(SEEDS) and all(len(run) == len(corpus.labels) for run in runs),
        f"{name} on {corpus.name} did not give each passage one group for each seed",
    )
    if name in QUALCODE:
        require(told["again"] == runs[0], f"{name} on {corpus.name}: one seed gave two answers")
        require(not told["torch"], f"{name} loaded torch")
    return Result(
        corpus.name,
        name,
        float(np.mean([adjusted_mutual_info_score(corpus.labels, run) for run in runs])),
        float(np.mean([adjusted_rand_score(corpus.labels, run) for run in runs])),
        float(np.mean([adjusted_rand_score(*pair) for pair in itertools.combinations(runs, 2)])),
        float(np.mean([np.mean(np.asarray(run) >= 0) for run in runs])),
        told["seconds"],
        told["megabytes"],
    )


def mean_results(found: Sequence[Result]) -> Iterator[Result]:
    for name in dict.fromkeys(result.method for result in found):
        rows = [astuple(result)[2:] for result in found if result.method == name]
        yield Result("mean", name, *np.mean(rows, axis=0))


def table(found: Sequence[Result]) -> None:
    print(f"\n{'corpus':<11}{'method':<34}  AMI   ARI  seeds  in groups   CPU s  peak MB")
    for r in found:
        print(
            f"{r.corpus:<11}{r.method:<34}{r.ami:5.3f} {r.ari:5.3f}  {r.stability:5.3f}"
            f"      {r.coverage:5.2f}  {r.seconds:6.1f}   {r.megabytes:6.0f}"
        )


def goals_of_groups(
    found: Sequence[Result], means: Sequence[Result], sizes: dict[str, int]
) -> Iterator[Goal]:
    by_name = {result.method: result for result in means}
    ours = by_name[OURS]
    yield Goal("stability over five seeds", ours.stability, 0.85)
    yield Goal("share of passages in a group", ours.coverage, 1.0)
    best = max(by_name[name].ami for name in WITHOUT_VECTORS)
    yield Goal("AMI of words alone ÷ the best of LDA, NMF, TF-IDF", by_name[WORDS].ami / best, 1.0)
    best = max(best, by_name["k-means, static table"].ami)
    yield Goal(
        "AMI of the static table ÷ the best without sentence vectors",
        by_name[STATIC].ami / best,
        1.0,
    )
    if AS_IT_COMES not in by_name:
        return
    theirs = by_name[AS_IT_COMES]
    best = max(by_name[f"BERTopic {form}"].ami for form in FORMS)
    yield Goal("AMI ÷ BERTopic as it comes", ours.ami / theirs.ami, 1.05)
    yield Goal("AMI ÷ BERTopic's best form", ours.ami / best, 1.0)
    yield Goal("ARI ÷ BERTopic as it comes", ours.ari / theirs.ari, 1.5)
    yield Goal("CPU ÷ BERTopic as it comes", ours.seconds / theirs.seconds, 0.6, most=True)
    small = [name for name, size in sizes.items() if size <= INTERVIEW_SIZE]
    if small:
        amis = {
            method: np.mean([r.ami for r in found if r.method == method and r.corpus in small])
            for method in (OURS, AS_IT_COMES)
        }
        what = f"AMI ÷ BERTopic as it comes, sets of {INTERVIEW_SIZE} passages or fewer"
        yield Goal(what, float(amis[OURS] / amis[AS_IT_COMES]), 2.0)


def lenses(corpora: Sequence[Corpus], spaces: dict[str, Space]) -> Iterator[Goal]:
    hits = cases = 0
    ratios = []
    print()
    for corpus in corpora:
        found, of = gaps_found(corpus, spaces[corpus.name])
        ratios.append(found / of)
        hits, cases = hits + found, cases + of
        print(
            f"Gaps, {corpus.name}: the hidden code leads one of the first five in {found} of {of}"
        )
    told = [precision(corpus, spaces[corpus.name]) for corpus in corpora]
    for corpus, p in zip(corpora, told, strict=True):
        print(
            f"More like this, {corpus.name}: precision at 10 from five examples {p.ours:.3f}; "
            f"without the code's name {p.unnamed:.3f}; nearest to the centroid {p.plain:.3f}"
        )
    lights(corpora, spaces)
    ours = float(np.mean([p.ours for p in told]))
    plain = float(np.mean([p.plain for p in told]))
    yield Goal("gaps: share of all cases", hits / cases, 0.75)
    yield Goal("gaps: share of cases, mean of the corpora", float(np.mean(ratios)), 0.75)
    yield Goal("more like this: precision at 10", ours, 0.5)
    yield Goal("more like this ÷ nearest to the centroid", ours / plain, 1.2)
    unnamed = float(np.mean([p.unnamed for p in told]))
    yield Goal("the same without the code's name", unnamed / plain, 1.2)


def lights(corpora: Sequence[Corpus], spaces: dict[str, Space]) -> None:
    """What each light was worth, by which ``qualcode.themes.lights`` is set."""
    groups = {c.name: list(groups_by_light(c, spaces[c.name])) for c in corpora}
    for light in LIGHTS:
        purities = [
            [purity for stability, purity in found if light_of(stability) == light]
            for found in groups.values()
        ]
        pooled = [purity for found in purities for purity in found]
        apart = ", ".join(
            f"{name} {np.mean(found):.2f} of {len(found)}" if found else f"{name} none"
            for name, found in zip(groups, purities, strict=True)
        )
        told = f"{np.mean(pooled):.2f}" if pooled else "none"
        print(f"Light {light.name} (from {light.least:.2f}): mean purity {told} ({apart})")


if __name__ == "__main__":
    sys.exit(main())
