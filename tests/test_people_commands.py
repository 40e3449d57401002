"""``qualcode people``, ``withdraw`` and ``release``: what they say, and what they leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.cli import main
from qualcode.deidentification import decide, key_path, replacements, scan, write
from qualcode.model import Seat
from qualcode.privacy import KeyFile, keyfile
from qualcode.store import Study, open_study
from tests.conftest import interview

PASSPHRASE = "four walnuts under a blue hat"
ANA = Seat("ana", frozenset({"coder"}))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    monkeypatch.setattr(keyfile, "LANES", 1)
    monkeypatch.setenv("QUALCODE_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("qualcode.privacy.identifiers.recogniser", lambda language: None)


def test_a_table_of_people_is_kept_and_printed(
    two_coders: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("id,quote_consent,ward\nP01,yes,north\nP07,id_only,south\n", encoding="utf-8")
    assert main(["people", str(two_coders.path), str(table)]) == 0
    assert capsys.readouterr().out == "1 new, 1 changed; new attributes, as text: ward.\n"
    assert main(["people", str(two_coders.path)]) == 0
    assert "P07,id_only" in capsys.readouterr().out
    assert two_coders.history("export")[-1]["details"]["report"] == "participants"
    table.write_text("id,quote_consent\nJane Smith,yes\n", encoding="utf-8")
    assert main(["people", str(two_coders.path), str(table)]) == 1
    assert "looks like a real name" in capsys.readouterr().err


def test_a_withdrawal_is_shown_first_and_done_with_a_yes_and_a_reason(
    two_coders: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    two_coders.log("export", {"report": "themes", "format": "docx", "participants": ["P02"]})
    path = str(two_coders.path)
    assert main(["withdraw", path, "P02"]) == 0
    out = capsys.readouterr().out
    assert "Withdrawing P02 takes out: P02." in out
    assert "themes (docx)" in out
    assert "P02" in two_coders.titles().values()
    assert main(["withdraw", path, "P02", "--yes"]) == 1
    assert "needs a word on how it was asked for" in capsys.readouterr().err
    assert main(["withdraw", path, "P02", "--reason", "by e-mail", "--yes"]) == 0
    assert "P02" not in two_coders.titles().values()
    assert b"Nobody has ten minutes" not in two_coders.path.read_bytes()
    assert main(["withdraw", path, "P99"]) == 1
    assert "There is no participant “P99”" in capsys.readouterr().err


def test_a_release_at_the_command_line_waits_for_every_decision(
    two_coders: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_coders.add(interview("P04", "Dr. Helen Okafor is here."))
    path = str(two_coders.path)
    assert main(["release", path, "--signed", "Sue"]) == 1
    out, err = capsys.readouterr()
    assert "P04 waits" in out
    assert "P01 is released." in out
    assert "1 not released" in err
    assert "P04" not in two_coders.seated(ANA).titles().values()
    assert main(["release", path, "P04", "--signed", "Sue"]) == 1
    assert "P04 has 1 identifier that nobody has decided on" in capsys.readouterr().err
    file = Path(*key_path(two_coders))
    key = KeyFile.open(file, PASSPHRASE, who="sue", at="2025")
    found = scan(two_coders.transcript("P04"), key)
    decide(key, found.hits, "replace", who="sue", at="2025")
    write(two_coders, key, found, known=replacements([found], key))
    assert main(["release", path, "P04", "--signed", "Sue Stern"]) == 0
    with open_study(path, seat=ANA) as study:
        assert "[colleague 1] is here" in study.transcript("P04").text
    monkeypatch.setenv("QUALCODE_PASSPHRASE", "something else entirely")
    assert main(["release", path, "--signed", "Sue"]) == 1
    assert "does not open" in capsys.readouterr().err
