"""Theme candidates of 1,000 to 100,000 survey comments, each size in a process of its own.

``python -m benchmarks.scaling [FOLDER] [--most N]`` prints seconds, processor seconds and memory
beside scikit-learn's TF-IDF, LSA and mini-batch k-means on the same comments, the most comments
once more on a Dask cluster of two processes that it starts, and what a million would cost by the
slope. The comments are made of real ones: sentences of comments with one label, drawn anew. The
folder holds the real ones as ``*.jsonl`` (text, label); without it they are the sample study's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import BenchmarkFailed, Comparison, Times, require
from qualcode.themes import ThemeSuggestions, suggest_from_comments
from qualcode.transcripts import Comment

SIZES = (1_000, 10_000, 100_000)
PAPER = 1_000_000
SEED = 1
WORKERS = 2
LEAST = 10
"""A label with fewer comments or sentences than this is left out."""


@dataclass(frozen=True)
class Run:
    """What one process took, how well its groups match the labels, and a digest of the groups."""

    seconds: float
    cpu: float
    megabytes: float
    ami: float
    groups: int
    digest: str
    told: str


# -- the comments --------------------------------------------------------------------------------


def real_sentences(folder: Path | None) -> dict[str, list[str]]:
    """Sentences of at least two words by the label a person gave their comment."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    comments: Counter[str] = Counter()
    for text, label in _labelled(folder):
        comments[label] += 1
        found[label] += [
            sentence.strip()
            for sentence in re.split(r"(?<=[.!?])\s+", text)
            if len(sentence.split()) >= 2
        ]
    kept = {
        label: sentences
        for label, sentences in sorted(found.items())
        if comments[label] >= LEAST and len(sentences) >= LEAST
    }
    require(len(kept) > 1, f"there are no labelled comments in {folder}")
    return kept


def _labelled(folder: Path | None) -> Iterator[tuple[str, str]]:
    if folder is not None:
        path = folder / "nhs_fft.jsonl"
        for file in [path] if path.exists() else sorted(folder.glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                yield row["text"], row["label"]
        return
    from qualcode.sample import build_sample

    with (
        tempfile.TemporaryDirectory() as place,
        build_sample(Path(place) / "sample.qualcode") as study,
    ):
        texts = {transcript.id: transcript for transcript in study.transcripts()}
        for coding in study.codings():
            text = texts[coding.transcript]
            turn = text.turn_at(coding.span.start)
            if turn is not None:
                yield text.text[turn.span.slice], coding.code


def made(folder: Path | None, number: int) -> tuple[list[Comment], list[str]]:
    """So many comments, each of one to three sentences of one label, and their labels."""
    sentences = real_sentences(folder)
    labels = list(sentences)
    weights = np.asarray([len(sentences[label]) for label in labels], np.float64)
    chance = np.random.default_rng(0)
    truth = [labels[n] for n in chance.choice(len(labels), number, p=weights / weights.sum())]
    comments = []
    for row, label in enumerate(truth, start=2):
        own = sentences[label]
        drawn = chance.integers(len(own), size=int(chance.integers(1, 4)))
        comments.append(Comment(row, " ".join(own[n] for n in drawn.tolist())))
    return comments, truth


# -- one process ---------------------------------------------------------------------------------


def ours(comments: Sequence[Comment], dask: str | None) -> tuple[list[int], str, str]:
    found = suggest_from_comments(comments, seed=SEED, dask=dask)
    return _groups(found, comments), f"{found.vectors}; {found.where}", _digest(found)


def reference(comments: Sequence[Comment], groups: int) -> tuple[list[int], str, str]:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2).fit_transform(
        [comment.text for comment in comments]
    )
    rows = TruncatedSVD(100, random_state=SEED).fit_transform(weights)
    means = MiniBatchKMeans(groups, random_state=SEED, n_init=3)
    return [int(group) + 1 for group in means.fit_predict(rows)], "", ""


def _groups(found: ThemeSuggestions, comments: Sequence[Comment]) -> list[int]:
    """The candidate of each comment, 0 for those in none."""
    number = {row: candidate.number for candidate in found for row, _ in candidate.passages}
    return [number.get(str(comment.row), 0) for comment in comments]


def _digest(found: ThemeSuggestions) -> str:
    """All that was found, in all views, to the last label, quotation and figure."""
    seen = repr((found.coarse, found.candidates, found.fine, found.left_out))
    return hashlib.sha256(seen.encode()).hexdigest()


def one(given: dict[str, Any]) -> Run:
    """What a process that is asked for this size and this method takes."""
    from sklearn.metrics import adjusted_mutual_info_score

    comments, truth = made(Path(given["folder"]) if given["folder"] else None, given["number"])
    began, worked = time.perf_counter(), time.process_time()
    if given["groups"]:
        groups, told, digest = reference(comments, given["groups"])
    else:
        groups, told, digest = ours(comments, given["dask"])
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    # As in the other comparisons, what is in no group counts as one group.
    ami = float(adjusted_mutual_info_score(truth, groups))
    return Run(seconds, cpu, _peak(), ami, len(set(groups) - {0}), digest, told)


def _peak() -> float:
    """The most memory this process ever had, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def apart(folder: Path | None, number: int, *, groups: int = 0, dask: str | None = None) -> Run:
    """The same in a new process, so that its memory is its own."""
    given = {
        "folder": str(folder.resolve()) if folder else None,
        "number": number,
        "groups": groups,
        "dask": dask,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scaling", "--one", json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "QUALCODE_DASK"},
    )
    if done.returncode:
        raise BenchmarkFailed(f"{number:,} comments: {done.stderr.strip()[-500:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


# -- the cluster ---------------------------------------------------------------------------------


def _used() -> tuple[float, float]:
    return time.process_time(), _peak()


def on_cluster(folder: Path | None, number: int) -> tuple[Run, list[tuple[float, float]]]:
    """A run whose heavy steps two processes do; what each took in processor seconds and MB."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster,
        Client(cluster.scheduler_address, set_as_default=False) as client,
    ):
        before = client.run(_used)
        found = apart(folder, number, dask=cluster.scheduler_address)
        after = client.run(_used)
    return found, [(after[w][0] - before[w][0], after[w][1]) for w in sorted(after)]


# -- the figures ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    number: int
    ours: Run
    beside: Run


def sizes(folder: Path | None, most: int) -> Iterator[Size]:
    for number in SIZES:
        if number <= most:
            found = apart(folder, number)
            require(found.groups > 1, f"there should be candidates of {number:,} comments")
            yield Size(number, found, apart(folder, number, groups=found.groups))


def run() -> Iterator[Comparison]:
    """All sizes and the cluster; from the field data where their folder is named."""
    named = os.environ.get("QUALCODE_FIELD_DATA")
    folder = Path(named) / "themes" if named else None
    last: Size | None = None
    for last in sizes(folder, max(SIZES)):
        yield from compared(last)
    assert last is not None
    there, workers = on_cluster(folder, last.number)
    require(there.digest == last.ours.digest, "the cluster gave another answer")
    what = f"{last.number:,} comments, a Dask cluster of {WORKERS} processes"
    here = "the same on one process"
    yield Comparison(what, _seconds(there.seconds), here, _seconds(last.ours.seconds))
    most = max(there.megabytes, *(memory for _, memory in workers))
    yield Comparison(
        f"{what}, the most memory of one of its processes",
        Times((most,)),
        here,
        Times((last.ours.megabytes,)),
        unit="MB",
    )


def compared(size: Size) -> Iterator[Comparison]:
    what, beside = f"{size.number:,} comments", f"TF-IDF, LSA, k-means, {size.beside.groups} groups"
    yield Comparison(what, _seconds(size.ours.seconds), beside, _seconds(size.beside.seconds))
    yield Comparison(
        f"{what}, processor", _seconds(size.ours.cpu), beside, _seconds(size.beside.cpu)
    )
    yield Comparison(
        f"{what}, memory of the process at its peak",
        Times((size.ours.megabytes,)),
        beside,
        Times((size.beside.megabytes,)),
        goal=4000,
        unit="MB",
    )


def _seconds(value: float) -> Times:
    return Times((1000 * value,))


def on_paper(smaller: Size, larger: Size) -> str:
    """What a million comments would cost if each more costs what it did between two sizes."""
    more = larger.number - smaller.number

    def at(first: float, second: float) -> float:
        return second + (second - first) / more * (PAPER - larger.number)

    seconds = at(smaller.ours.seconds, larger.ours.seconds)
    cpu = at(smaller.ours.cpu, larger.ours.cpu)
    memory = at(smaller.ours.megabytes, larger.ours.megabytes)
    return (
        f"{PAPER:,} comments, on paper by the slope from {smaller.number:,} to "
        f"{larger.number:,}: {seconds:,.0f} s, {cpu:,.0f} processor s, {memory:,.0f} MB."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    asked.add_argument("folder", type=Path, nargs="?", help="labelled comments as *.jsonl")
    asked.add_argument("--most", type=int, default=max(SIZES), help="no more comments than this")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    options = asked.parse_args(arguments)
    if options.one:
        print(json.dumps(vars(one(json.loads(options.one)))))
        return 0
    print(f"{'comments':>9}  {'method':<36}{'s':>8}{'CPU s':>8}{'MB':>7}   AMI  groups  what ran")
    done: list[Size] = []
    try:
        for size in sizes(options.folder, options.most):
            done.append(size)
            _line(size.number, "qualcode", size.ours)
            _line(size.number, "TF-IDF, LSA, mini-batch k-means", size.beside)
            ratios = (
                size.ours.seconds / size.beside.seconds, size.ours.cpu / size.beside.cpu,
                size.ours.megabytes / size.beside.megabytes,
            )  # fmt: skip
            print(f"{'':>9}  {'ratio':<36}{ratios[0]:8.1f}{ratios[1]:8.1f}{ratios[2]:7.1f}")
        there, workers = on_cluster(options.folder, done[-1].number)
    except BenchmarkFailed as error:
        print(error, file=sys.stderr)
        return 1
    _line(done[-1].number, "qualcode on Dask, its own process", there)
    for number, (cpu, memory) in enumerate(workers, start=1):
        print(f"{'':>9}  {f'worker {number}':<36}{'':>8}{cpu:8.1f}{memory:7.0f}")
    if there.digest != done[-1].ours.digest:
        print("The cluster gave another answer.", file=sys.stderr)
        return 1
    print("The cluster gave the same candidates, labels, quotations and figures.")
    if len(done) > 1:
        print(on_paper(done[-2], done[-1]))
    return 0


def _line(number: int, method: str, found: Run) -> None:
    print(
        f"{number:>9,}  {method:<36}{found.seconds:8.1f}{found.cpu:8.1f}{found.megabytes:7.0f}"
        f" {found.ami:5.3f}  {found.groups:>6}  {found.told}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
