"""``qualcode explore``: what is looked across, as rows on the terminal or as a draft in a file."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from qualcode.cli import main
from qualcode.store import open_study

from .conftest import ANA, BEN, coded

Out = pytest.CaptureFixture[str]


@pytest.fixture
def finished(finished_file: Path, tmp_path: Path) -> str:
    return str(shutil.copy(finished_file, tmp_path / "finished.qualcode"))


def run(capsys: Out, *arguments: str, status: int = 0) -> str:
    assert main(["explore", *arguments]) == status
    told = capsys.readouterr()
    return told.err if status else told.out


def as_json(capsys: Out, *arguments: str) -> Any:
    return json.loads(run(capsys, *arguments, "--json"))


def test_a_query_prints_its_passages(finished: str, capsys: Out) -> None:
    query = 'code:"Protected time" AND group:managerial AND clinic NEAR/10 time'
    found = as_json(capsys, finished, "passages", query)
    (row,) = found["rows"]
    assert (row["participant"], row["turn"], row["codes"]) == ("P04", 20, "Protected time")
    assert found["layer"] == "consensus"
    assert found["said"] == ["1 passage of 1 of 6 participants, in 1 interview."]
    printed = run(capsys, finished, "passages", query)
    assert printed.splitlines()[-1] == found["said"][0]


def test_groups_print_n_and_everybody(finished: str, capsys: Out) -> None:
    rows = as_json(capsys, finished, "groups", "--by", "group")["rows"]
    found = {row["code"]: (row["clinical"], row["managerial"], row["all"]) for row in rows}
    assert found["Protected time"] == (3, 2, 5)
    assert found["QI and CPD seen as separate"] == (0, 1, 1)
    told = run(capsys, finished, "groups", "--by", "site", "--themes", "--csv")
    lines = list(csv.DictReader(io.StringIO(told)))
    assert [line["passages"] for line in lines] == ["10", "13", "19", "16", "8"]
    assert {line["all"] for line in lines} == {"6"}


def test_codes_and_words_print_as_rows(finished: str, capsys: Out) -> None:
    assert len(as_json(capsys, finished, "codes")["rows"]) == 4
    overlap = as_json(capsys, finished, "codes", "--overlap")["rows"]
    assert len(overlap) <= 4
    said = as_json(capsys, finished, "words", "--as-said", "--most", "3")["rows"]
    assert len(said) == 3
    key = as_json(
        capsys, finished, "words", "--as-said", "--by", "group", "--key", "clinical"
    )["rows"]  # fmt: skip
    assert key[0]["keyness"] > 0
    places = as_json(capsys, finished, "words", "clinic", "--as-said")["rows"]
    assert {row["word"].casefold() for row in places} == {"clinic"}


def test_saturation_prints_what_it_hangs_on(finished: str, capsys: Out) -> None:
    found = as_json(capsys, finished, "saturation")
    assert [row["codes_so_far"] for row in found["rows"]] == [12, 18, 22, 22, 23, 23]
    assert [row["new_codes"] for row in found["rows"]] == [12, 6, 4, 0, 1, 0]
    assert "(4.5 %): “4+2 at 5 %” is reached at interview 6" in found["said"][0]
    strict = as_json(capsys, finished, "saturation", "--threshold", "0")
    assert "“4+2 at 0 %” is not reached" in strict["said"][0]
    other = as_json(capsys, finished, "saturation", "--order", "P06,P05,P04,P03,P02,P01")
    assert other["rows"][0]["interview"] == "P06"
    assert "shows when each was first used" in " ".join(found["said"])


def test_a_file_is_a_draft_in_the_register(finished: str, capsys: Out, tmp_path: Path) -> None:
    target = tmp_path / "groups.csv"
    told = run(capsys, finished, "groups", "--file", str(target))
    assert "kept in the register of exports" in told
    assert "draft" in target.read_text(encoding="utf-8-sig")
    with open_study(finished) as study:
        assert [(e.kind, e.format, e.final) for e in study.exports()] == [
            ("across-groups", "csv", False)
        ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["passages"], "Say what to look for"),
        (["passages", "code:Trst"], "At character 6: there is no code “Trst”"),
        (["passages", "(a"], "At character 1: the bracket is never closed"),
        (["groups", "--by", "shoe"], "There is no attribute “shoe”"),
        (["words", "--key", "x"], "give both"),
        (["words", "--by", "group", "--key", "x"], "is never “x”; there is clinical, managerial"),
        (["saturation", "--base", "0"], "at least one interview"),
        (["saturation", "--order", "P01"], "is not in the order"),
        (["codes", "--layer", "eve"], "There is no layer “eve”"),
        (["codes", "--file", "x.tiff"], "cannot be written as “tiff”"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    finished: str, capsys: Out, arguments: list[str], words: str
) -> None:
    told = run(capsys, finished, *arguments, status=1)
    assert words in told
    assert told.count("\n") == 1


def test_the_owner_sees_no_codings_before_they_are_submitted(two_coders: Any, capsys: Out) -> None:
    for seat in (ANA, BEN):
        coded(two_coders, seat, "P01", 13, 34)
    two_coders.close()
    path = str(two_coders.path)
    found = as_json(capsys, path, "passages", "late")
    assert found["layer"] == "words"
    assert as_json(capsys, path, "passages", "code:*")["rows"] == []
    assert "no layer “ana”" in run(capsys, path, "codes", "--layer", "ana", status=1)
