"""Very many passages, and heavy steps elsewhere: the same answer, in parts that can be stopped."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qualcode.errors import BadCommand, NoCluster, Stopped
from qualcode.themes import STEPS, suggest_from_comments, suggest_themes
from qualcode.themes import work as work_of
from qualcode.themes.bundles import bundles
from qualcode.themes.dask_cluster import is_here
from qualcode.themes.language import language
from qualcode.themes.skimming import LightWords, learn
from qualcode.themes.vectors import unit, without_voice
from qualcode.themes.work import Work, digest
from qualcode.transcripts import Comment
from tests.test_themes import TALK, in_words, sealed, study

WORKERS = 2


def comments(number: int = 150) -> tuple[Comment, ...]:
    """Comments on three matters, each of two sentences of one."""
    chance = random.Random(7)
    matters = list(TALK.values())
    return tuple(
        Comment(row, " ".join(chance.sample(matters[row % 3], 2)), "AB"[row % 2])
        for row in range(2, number + 2)
    )


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of passages counts as very many."""
    monkeypatch.setattr("qualcode.themes.space.MANY", 60)
    monkeypatch.setattr("qualcode.themes.clusters.AT_ONCE", 50)
    monkeypatch.setattr("qualcode.themes.clusters.BUNDLES", 30)
    monkeypatch.setattr("qualcode.themes.bundles.A_PART", 40)
    monkeypatch.setattr("qualcode.themes.bundles.FEWEST_OF_A_PART", 12)
    monkeypatch.setattr("qualcode.themes.space.A_LIGHT_PART", 40)
    monkeypatch.setattr("qualcode.themes.skimming.LEARNED", 50)
    monkeypatch.setattr("qualcode.themes.suggestions.NAMED_BY", 60)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Dask cluster of two processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as found:
        yield found.scheduler_address


# -- a Dask cluster ------------------------------------------------------------------------------


def test_a_cluster_gives_the_same_answer_as_this_machine(cluster: str) -> None:
    texts = study()
    here = suggest_themes(texts, sealed(texts), seed=3)
    there = suggest_themes(texts, sealed(texts), seed=3, dask=cluster)
    assert in_words(there, texts) == in_words(here, texts)
    assert there == here
    assert (here.where, there.where) == (
        "this machine", "a Dask cluster of 2 workers on this machine",
    )  # fmt: skip


def test_a_cluster_gives_the_same_answer_for_very_many_passages(
    cluster: str, many: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = suggest_from_comments(comments(), seed=3)
    monkeypatch.setenv(work_of.ADDRESS, cluster)
    there = suggest_from_comments(comments(), seed=3)
    assert there == here
    assert there.where.startswith("a Dask cluster of 2 workers")
    assert len(here) >= 3
    assert capsys.readouterr().err == "", "a cluster on this machine is no news"


def test_without_an_address_nothing_of_dask_is_imported() -> None:
    script = (
        "import sys; from tests.test_themes import *; suggested(study());"
        "print({'dask', 'distributed', 'qualcode.themes.dask_cluster'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "address", ["", "  ", "here", "127.0.0.1", "http://127.0.0.1:1", "tcp://a b:1", "tcp://:8786"]
)
def test_what_is_no_address_of_a_cluster_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(BadCommand, match=r"address .*tcp://127\.0\.0\.1:8786"):
        suggest_from_comments(comments(12), dask=address)


def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.themes.dask_cluster.PATIENCE", 0.5)
    with pytest.raises(NoCluster, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9\."):
        suggest_from_comments(comments(12), dask="tcp://127.0.0.1:9")


def test_a_worker_with_another_qualcode_is_refused(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_of.made_with.cache_clear()
    monkeypatch.setattr(work_of, "__version__", "9.9")
    try:
        with pytest.raises(NoCluster, match=r"has qualcode \S+ and not qualcode 9\.9"):
            suggest_from_comments(comments(12), dask=cluster)
    finally:
        work_of.made_with.cache_clear()


WITHOUT = """
import sys
sys.modules["qualcode"] = None
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, processes=False, protocol="tcp", host="127.0.0.1",
                      dashboard_address="127.0.0.1:0") as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def test_a_worker_without_qualcode_is_told() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with pytest.raises(NoCluster, match=r"worker .*cannot load qualcode.*pip install"):
            suggest_from_comments(comments(12), dask=address)
        process.communicate("")


def test_a_cluster_that_goes_while_it_works_is_told() -> None:
    from distributed import LocalCluster

    found = LocalCluster(
        n_workers=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    )

    def gone(step: str, done: int, of: int) -> None:
        if step == "draws" and done == 0:
            found.close()

    try:
        with pytest.raises(NoCluster, match=r"is gone, and no candidates were made"):
            suggest_from_comments(comments(30), dask=found.scheduler_address, progress=gone)
    finally:
        found.close()


def test_that_words_leave_the_machine_is_said_before_any_are_sent(
    cluster: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("qualcode.themes.dask_cluster.is_here", lambda host: False)
    said: list[str] = []

    def progress(step: str, done: int, of: int) -> None:
        said.append(capsys.readouterr().err)

    found = suggest_from_comments(comments(30), dask=cluster, progress=progress)
    assert "Participants' words leave this machine" in said[0]
    assert cluster in said[0]
    assert found.where == "a Dask cluster of 2 workers beyond this machine"


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.9.9.9", True), ("::1", True), ("localhost", True), ("10.1.2.3", False), ("lab", False)],
)
def test_only_addresses_of_this_machine_are_here(host: str, here: bool) -> None:
    assert is_here(host) == here


# -- progress, a stop, and going on --------------------------------------------------------------


def test_progress_names_each_step_and_ends_with_all_of_its_parts(many: None) -> None:
    told: list[tuple[str, int, int]] = []
    suggest_from_comments(comments(), progress=lambda *one: told.append(one))
    assert list(dict.fromkeys(step for step, _, _ in told)) == list(STEPS)
    for step in STEPS:
        done = [(n, of) for name, n, of in told if name == step]
        assert done[-1][0] == done[-1][1] > 0
    assert all(0 <= done <= of for _, done, of in told)


@pytest.mark.parametrize("step", STEPS)
def test_a_search_that_is_stopped_ends_at_once_and_keeps_nothing(
    step: str, many: None, tmp_path: Path
) -> None:
    now: list[tuple[str, int]] = []

    def progress(name: str, done: int, of: int) -> None:
        now.append((name, done))

    with pytest.raises(Stopped, match="no candidates were made"):
        suggest_from_comments(
            comments(), progress=progress, cancelled=lambda: bool(now) and now[-1][0] == step
        )
    assert now[-1] == (step, 0)


def test_a_search_on_a_cluster_can_be_stopped(cluster: str) -> None:
    now: list[str] = []
    with pytest.raises(Stopped):
        suggest_from_comments(
            comments(),
            dask=cluster,
            progress=lambda step, done, of: now.append(step),
            cancelled=lambda: now[-1:] == ["draws"],
        )


def test_a_search_goes_on_from_kept_parts_and_gives_the_same_answer(
    many: None, tmp_path: Path
) -> None:
    straight = suggest_from_comments(comments(), seed=2)
    assert list(tmp_path.iterdir()) == []
    now: list[tuple[str, int]] = []
    with pytest.raises(Stopped, match="Finished parts are kept"):
        suggest_from_comments(
            comments(),
            seed=2,
            folder=tmp_path / "parts",
            progress=lambda step, done, of: now.append((step, done)),
            cancelled=lambda: now[-1:] == [("draws", 3)],
        )
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "parts").iterdir()}
    assert kept
    first: dict[str, int] = {}
    again = suggest_from_comments(
        comments(),
        seed=2,
        folder=tmp_path / "parts",
        progress=lambda step, done, of: first.setdefault(step, done),
    )
    assert again == straight
    assert first["bundles"] > 0
    assert first["draws"] == 3
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "parts").iterdir()}
    assert kept.items() <= after.items(), "what was kept is not made anew"


def test_parts_made_here_serve_a_cluster_and_those_of_other_texts_do_not(
    cluster: str, many: None, tmp_path: Path
) -> None:
    here = suggest_from_comments(comments(), folder=tmp_path)
    left: list[int] = []
    there = suggest_from_comments(
        comments(),
        folder=tmp_path,
        dask=cluster,
        progress=lambda step, done, of: left.append(of - done),
    )
    assert there == here
    assert set(left) == {0}
    other = suggest_from_comments(comments(149), folder=tmp_path)
    assert other == suggest_from_comments(comments(149))


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_part_is_made_again(damage: str, many: None, tmp_path: Path) -> None:
    straight = suggest_from_comments(comments(), folder=tmp_path)
    for path in sorted(tmp_path.iterdir())[::2]:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(
            {
                "cut": whole[:middle],
                "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
                "empty": b"",
            }[damage]
        )
    assert suggest_from_comments(comments(), folder=tmp_path) == straight


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    suggest_from_comments(comments(30), folder=tmp_path / "parts")
    assert (tmp_path / "parts").stat().st_mode & 0o077 == 0
    assert {p.stat().st_mode & 0o077 for p in (tmp_path / "parts").iterdir()} == {0}


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("taken")
    with pytest.raises(BadCommand, match="name a folder that can be written to"):
        suggest_from_comments(comments(30), folder=tmp_path / "file")


# -- very many passages --------------------------------------------------------------------------


def test_very_many_passages_are_grouped_by_matter_and_it_is_said_how(many: None) -> None:
    given = comments(240)
    found = suggest_from_comments(given, clusters=3)
    for candidate in found:
        assert len({int(row) % 3 for row, _ in candidate.passages}) == 1
        assert "typical passages hold" in candidate.why
        assert len(candidate.quotes) == 4
    assert {row for c in found for row, _ in c.passages} == {str(c.row) for c in given}
    assert "too many for the sentence model" in found.vectors
    assert "what it taught for the others" in found.language
    assert found.parameters["bundles"]
    assert f"near passages in {found.parameters['bundles']} bundles" in found.sentence
    named = " ".join(term for candidate in found for term, _ in candidate.terms[:3])
    assert all(word in named for word in ("mentor", "clinic load", "colleagues"))


def test_a_study_of_very_many_passages_is_looked_through_as_any_other(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.themes.space.MANY", 20)
    monkeypatch.setattr("qualcode.themes.clusters.AT_ONCE", 20)
    texts = study()
    found = suggest_themes(texts, sealed(texts), clusters=3)
    assert "too many for the sentence model" in found.vectors
    assert {p for c in found for p in c.passages} == {(u.transcript, u.span) for u in found.units}
    assert {name for c in found for name in c.participants} == {t.title for t in texts}
    for candidate in (*found.candidates, *found.fine):
        if candidate.within:
            above = found.coarse if candidate in found.candidates else found.candidates
            assert set(candidate.passages) <= set(above[candidate.within - 1].passages)
    again = suggest_themes(texts[::-1], sealed(texts), clusters=3)
    assert in_words(again, texts) == in_words(found, texts)


def test_what_a_model_reads_in_full_is_read_nearly_the_same_by_what_it_taught() -> None:
    texts = [comment.text for comment in comments()]
    learned = learn(texts, seed=1, work=Work(), tier=None)
    light, whole = LightWords(texts, learned.words), language().words(texts)
    pairs = zip(light, whole, strict=True)
    assert np.mean([[w.lemma for w in one] == [w.lemma for w in all_] for one, all_ in pairs]) > 0.8
    assert light[0] == light[:2][0]
    [new] = LightWords(["Um, you know, blorping 3 mentors!"], learned.words)
    assert [(w.lemma, w.surface) for w in new] == [("blorping", "blorping"), ("mentor", "mentors")]


def test_very_many_identical_or_empty_comments_are_a_sentence(many: None) -> None:
    same = [Comment(row, TALK["TIME"][0]) for row in range(2, 102)]
    with pytest.raises(BadCommand, match="same words"):
        suggest_from_comments(same)
    short = [Comment(row, "Good.") for row in range(2, 102)]
    with pytest.raises(BadCommand, match="too little text"):
        suggest_from_comments(short)
    odd = [Comment(row, "一二三四五 😀 12") for row in range(2, 102)]
    with pytest.raises(BadCommand, match="too little text"):
        suggest_from_comments(odd)


# -- the parts -----------------------------------------------------------------------------------


def test_bundles_hold_what_lies_together_and_every_row_is_in_one() -> None:
    chance = np.random.default_rng(0)
    middles = unit(chance.normal(size=(20, 16)))
    truth = np.arange(9000) % 20
    rows = unit(middles[truth] + chance.normal(scale=0.03, size=(9000, 16))).astype(np.float32)
    bundle, centres = bundles(rows, 200, seed=1, work=Work())
    assert len(bundle) == 9000
    assert set(bundle) == set(range(len(centres)))
    assert 100 < len(centres) <= 200
    mixed = sum(len(set(truth[bundle == one])) > 1 for one in range(len(centres)))
    assert mixed <= 2


def test_rows_that_are_all_alike_make_one_bundle() -> None:
    bundle, centres = bundles(np.tile(np.eye(4)[0], (5000, 1)), 100, seed=1, work=Work())
    assert set(bundle) == {0}
    assert centres.shape == (1, 4)


def test_a_voice_is_taken_off_a_row_in_the_measure_of_how_often_it_is_heard() -> None:
    rows = unit(np.random.default_rng(1).normal(size=(40, 5)))
    people = ["A"] * 20 + ["B"] * 19 + ["C"]
    found = without_voice(rows, people)
    for person in "ABC":
        own = np.asarray(people) == person
        shared = rows[own].mean(axis=0) * own.sum() / (own.sum() + 3.0)
        assert np.allclose(found[own], unit(rows[own] - shared))
    alone = without_voice(rows, [str(n) for n in range(40)])
    assert np.allclose(alone, rows)


def test_a_digest_tells_values_apart_that_look_alike() -> None:
    values = [
        ("a", "b"), ("ab",), ("a", ("b",)), (1, 2), (12,), ("1", "2"), (1.0, 2), (True, 2), None,
        np.zeros(3), np.zeros(3, np.float32), np.zeros((3, 1)), b"ab", "",
    ]  # fmt: skip
    assert len({digest(value) for value in values}) == len(values)
