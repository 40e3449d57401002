"""Theme candidates of the sample study beside TF-IDF and k-means alone on the same passages.

The reference groups once and says nothing about how stable its groups are; qualcode groups sixty
draws, with meanings besides words, and names what it finds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.results import Comparison, in_turn, require, timed
from qualcode.sample import build_sample
from qualcode.themes import ThemeSuggestions, suggest_themes

SEED = 1


def run() -> Iterator[Comparison]:
    with (
        tempfile.TemporaryDirectory() as folder,
        build_sample(Path(folder) / "sample.qualcode") as study,
    ):
        transcripts, codings = study.transcripts(), study.codings()

    def suggest() -> ThemeSuggestions:
        return suggest_themes(transcripts, codings, seed=SEED)

    found, first = timed(suggest)
    require(len(found) > 1, "there should be candidates")
    texts = [passage.text for passage in found.units]

    def reference_groups() -> list[int]:
        return plain_groups(texts, len(found))

    _, first_reference = timed(reference_groups)
    (again, ours), (groups, reference) = in_turn(suggest, reference_groups, times=7)
    require(found == again, "the same seed gave two answers")
    require(len(set(groups)) == len(found), "the reference should make as many groups")
    what = f"candidates from {len(texts)} passages"
    beside = f"TfidfVectorizer and KMeans, {len(found)} groups"
    yield Comparison(f"{what}, the first time", first, f"{beside}, the first time", first_reference)
    yield Comparison(what, ours, beside, reference)


def plain_groups(texts: list[str], groups: int) -> list[int]:
    """A group number for each text, by its words alone."""
    weights = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts)
    return [int(label) for label in KMeans(groups, random_state=SEED).fit_predict(weights)]
