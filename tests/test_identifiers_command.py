"""``qualcode identifiers``: what was planted is listed by transcript; the study is only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import BadCommand
from qualcode.privacy import KnownName, names_from
from qualcode.store import open_study

from .conftest import interview
from .test_cli import Out, as_json, run
from .test_identifiers import PHRASES, PLANTED


def test_the_planted_identifiers_of_the_sample_are_listed(sample: Path, capsys: Out) -> None:
    before = sample.read_bytes()
    found = as_json(capsys, "identifiers", sample, "--no-recogniser")
    hits = [(row["transcript"], row["found"], row["kind"]) for row in found if row["start"]]
    assert sorted(hits) == sorted([*PLANTED, *PHRASES])
    beside = {(row["transcript"], row["by"], row["found"]) for row in found if not row["start"]}
    assert {("P06", "speaker", "Lea Brandt"), ("P06", "speaker", "Sam")} <= beside
    assert sample.read_bytes() == before
    with open_study(sample) as study:
        for row in found:
            if row["start"]:
                text = study.transcript(row["transcript"]).text
                assert text[row["start"] : row["end"]] == row["found"]
                assert row["found"] in row["context"]


def test_the_studys_own_names_are_read_from_a_file_and_kept_nowhere(
    tmp_path: Path, capsys: Out
) -> None:
    path, names = tmp_path / "a.qualcode", tmp_path / "names.txt"
    run(capsys, "new", path, "--title", "A")
    with open_study(path) as study:
        study.add(interview("P01", "Then zelda rang, and Zelda’s ward was full. Quillfeather."))
        study.add(interview("P02", "Nobody came."))
    names.write_text("\ufeff# staff\nZelda Quillfeather; mentor\n", encoding="utf-8")
    found = as_json(capsys, "identifiers", path, "--names", names, "--no-recogniser")
    assert [(row["found"], row["by"], row["suggestion"]) for row in found] == [
        ("zelda", "list", "mentor"), ("Zelda", "list", "mentor"), ("Quillfeather", "list", "mentor")
    ]  # fmt: skip
    assert b"Zelda Quillfeather" not in path.read_bytes()
    less = ("--names", names, "--allow", "zelda", "--no-recogniser")
    assert [row["found"] for row in as_json(capsys, "identifiers", path, *less)] == ["Quillfeather"]
    assert as_json(capsys, "identifiers", path, *less, "--transcript", "P02") == []
    shown = run(capsys, "identifiers", path, "--names", names)
    assert shown.splitlines()[0].split() == [
        "transcript",
        "start",
        "found",
        "what",
        "by",
        "context",
    ]


def test_what_cannot_be_read_is_said(tmp_path: Path, sample: Path, capsys: Out) -> None:
    names = tmp_path / "names.txt"
    assert "cannot be read" in run(capsys, "identifiers", sample, "--names", names, status=1)
    names.write_bytes("Lévesque".encode("cp1252"))
    assert "not UTF-8" in run(capsys, "identifiers", sample, "--names", names, status=1)
    names.write_text("Ann; mentor; Z\n")
    assert "Line 1" in run(capsys, "identifiers", sample, "--names", names, status=1)
    assert "P99" in run(capsys, "identifiers", sample, "--transcript", "P99", status=1)


def test_a_list_of_names() -> None:
    assert names_from("\n# x\n Ann Lee ; mentor ; ; Annie, A. Lee\nSite One;;b\n") == (
        KnownName("Ann Lee", "A", "mentor", ("Annie", "A. Lee")),
        KnownName("Site One", "B"),
    )
    for line in ("; mentor", "Ann; a; A; b; c", "Ann;;;...", "Ann;; AB"):
        with pytest.raises(BadCommand, match="Line 1"):
            names_from(line)
