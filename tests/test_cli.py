"""The command line: what each command prints, writes and answers, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualcode import __version__
from qualcode.cli import main
from qualcode.codebook import read_codebook
from qualcode.model import Seat
from qualcode.store import open_study

from .conftest import interview

GOLDEN = Path(__file__).parent / "golden" / "sample" / "expected_agreement.csv"
Out = pytest.CaptureFixture[str]


def run(out: Out, *arguments: object, status: int = 0) -> str:
    """What a command prints; it ends with this status, and is silent elsewhere."""
    out.readouterr()
    found = main([str(argument) for argument in arguments])
    captured = out.readouterr()
    assert found == status, captured.err
    if status:
        assert re.fullmatch(r"qualcode: [^\n]+\n", captured.err), captured.err
        return captured.err
    return captured.out


def as_json(out: Out, *arguments: object) -> Any:
    return json.loads(run(out, *arguments, "--json"))


@pytest.fixture
def new(tmp_path: Path, capsys: Out) -> Path:
    """A study just started on the command line."""
    path = tmp_path / "nurses.qualcode"
    run(capsys, "new", path, "--title", "Nurses", "--template", "mentorship_needs_assessment")
    return path


def a_text(folder: Path, name: str, answer: str = "I stay late most days.") -> Path:
    path = folder / name
    path.write_text(f"Interviewer: How is it?\n\nParticipant: {answer}\n", encoding="utf-8")
    return path


# -- the sample and its figures ----------------------------------------------------------------


def test_the_agreement_of_the_sample_is_the_expected(sample: Path, capsys: Out) -> None:
    found = as_json(capsys, "agreement", sample, "--unit", "turn")
    codes = {code["code"]: code for code in found["codes"]}
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        expected = {row["code"]: row for row in csv.DictReader(file)}
    pooled = expected.pop("POOLED")
    assert codes.keys() == expected.keys()
    for name, row in expected.items():
        code = codes[name]
        both, a_only, b_only = (int(row[key]) for key in ("both", "a_only", "b_only"))
        assert (code["both"], code["n1"], code["n2"]) == (both, both + a_only, both + b_only), name
        figures = (
            ("percent", "observed_agreement"),
            ("kappa", "cohen_kappa"),
            ("alpha", "krippendorff_alpha_binary"),
            ("f1", "positive_agreement"),
        )
        for key, column in figures:
            value = float(row[column]) if row[column] else None
            got = code[key] if code[key] is None else round(code[key], 4)
            assert got == value, (name, key)
    assert round(found["pooled"]["kappa"], 4) == float(pooled["cohen_kappa"]) == 0.8468
    assert round(found["pooled"]["alpha"], 4) == float(pooled["krippendorff_alpha_binary"])
    assert codes["MEN-22"]["kappa"] is codes["MEN-22"]["alpha"] is None
    assert codes["MEN-22"]["reason"] == "code_not_used"
    assert (found["n_units"], found["n_transcripts"]) == (72, 6)
    assert found["coders"] == ["ana", "ben"]
    assert found["unit"] == "turn"
    assert found["mask"] == "interviewer"
    assert found["version"] == __version__
    assert found["differences"] == {"boundary": 1, "choice": 6, "omission": 9}
    assert {"measure", "value", "low", "high", "q_667", "q_800"} <= found["overall"].keys()


def test_the_sample_is_built_by_one_command(tmp_path: Path, capsys: Out) -> None:
    path = tmp_path / "sample.qualcode"
    assert "6 transcripts, coded by ana and ben" in run(capsys, "sample", path)
    assert as_json(capsys, "check", path)["faults"] == []
    assert "choose another name" in run(capsys, "sample", path, status=1)
    finished = tmp_path / "finished.qualcode"
    assert "16 differences settled, 5 themes, 17 quotations, 5 needs" in run(
        capsys, "sample", finished, "--finished"
    )
    needs = tmp_path / "needs.csv"
    run(capsys, "report", finished, "needs", needs)
    assert needs.read_text(encoding="utf-8-sig").count("Team judgement") == 1
    run(capsys, "sample", tmp_path / "none" / "sample.qualcode", status=1)


@pytest.mark.parametrize("unit", ["turn", "sentence", "paragraph", "character", "document"])
def test_agreement_is_told_at_each_unit(sample: Path, capsys: Out, unit: str) -> None:
    found = as_json(capsys, "agreement", sample, "--unit", unit)
    assert found["unit"] == unit
    assert found["n_units"] > 0
    assert len(found["codes"]) == 24


def test_agreement_on_a_terminal_is_a_sentence_and_a_table(sample: Path, capsys: Out) -> None:
    lines = run(capsys, "agreement", sample).splitlines()
    assert lines[0].startswith("α = ")
    assert "72 participant turns, 6 transcripts, 2 coders" in lines[0]
    assert lines[1].split()[:2] == ["code", "name"]
    assert len(lines) == 2 + 24
    (unused,) = (line for line in lines if line.startswith("MEN-22"))
    assert unused.endswith("code_not_used")


def test_agreement_refuses_coders_it_cannot_compare(sample: Path, capsys: Out) -> None:
    assert "zoe is not a coder" in run(
        capsys, "agreement", sample, "--coders", "ana", "zoe", status=1
    )
    assert "two coders" in run(capsys, "agreement", sample, "--coders", "ana", status=1)
    found = as_json(capsys, "agreement", sample, "--coders", "ben", "ana")
    assert round(found["pooled"]["kappa"], 4) == 0.8468


def test_differences_are_those_that_agreement_counts(sample: Path, capsys: Out) -> None:
    found = as_json(capsys, "differences", sample)
    assert Counter(row["kind"] for row in found) == {"omission": 9, "choice": 6, "boundary": 1}
    assert all(row["decision"] is None for row in found)
    assert len({row["id"] for row in found}) == 16
    assert len(run(capsys, "differences", sample).splitlines()) == 1 + 16


def test_themes_are_the_same_for_the_same_seed(sample: Path, capsys: Out) -> None:
    first = as_json(capsys, "themes", sample, "--seed", "3", "--clusters", "5")
    again = as_json(capsys, "themes", sample, "--seed", "3", "--clusters", "5")
    assert first == again
    assert len(first["candidates"]) == 5
    candidate = first["candidates"][0]
    assert candidate.keys() >= {"label", "participants", "stability", "codes", "terms", "quotes"}
    told = run(capsys, "themes", sample)
    assert "Candidates are suggestions" in told
    with open_study(sample) as study:
        runs = study.history("suggestion_run")
        assert len(runs) == 3
        assert runs[0]["details"]["candidates"] == 5
        assert study.themes() == ()
    for wrong in (("--clusters", "0"), ("--clusters", "9999"), ("--seed", "-1")):
        run(capsys, "themes", sample, *wrong, status=1)


# -- reports -----------------------------------------------------------------------------------


def test_the_coreq_report_has_its_32_rows(sample: Path, tmp_path: Path, capsys: Out) -> None:
    docx = pytest.importorskip("docx")
    path = tmp_path / "coreq.csv"
    assert run(capsys, "report", sample, "coreq", path) == f"Written: {path}\n"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 32
    run(capsys, "report", sample, "coreq", tmp_path / "coreq.docx")
    text = [
        row.cells[0].text
        for table in docx.Document(str(tmp_path / "coreq.docx")).tables
        for row in table.rows
    ]
    assert len({cell.strip() for cell in text if cell.strip().rstrip(".").isdigit()}) == 32
    with open_study(sample) as study:
        assert [line["details"]["report"] for line in study.history("export")] == ["coreq"] * 2


@pytest.mark.parametrize("kind", ["coreq", "srqr", "themes", "codebook", "agreement"])
@pytest.mark.parametrize("form", ["docx", "html", "md", "csv", "json"])
def test_every_report_is_written_in_every_form(
    sample: Path, tmp_path: Path, capsys: Out, kind: str, form: str
) -> None:
    path = tmp_path / f"report.{form}"
    run(capsys, "report", sample, kind, path)
    assert path.stat().st_size > 100
    if form == "json":
        json.loads(path.read_text(encoding="utf-8"))


def test_a_report_that_cannot_be_written_is_refused(
    sample: Path, tmp_path: Path, capsys: Out
) -> None:
    for kind, name in (
        ("poem", "poem.md"),
        ("coreq", "coreq.xyz"),
        ("coreq", "coreq"),
        ("coreq", "none/coreq.md"),
    ):
        run(capsys, "report", sample, kind, tmp_path / name, status=1)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.qualcode"]
    with open_study(sample) as study:
        assert study.history("export") == []


# -- a study of one's own ----------------------------------------------------------------------


def test_a_study_starts_from_a_template(new: Path, capsys: Out) -> None:
    with open_study(new) as study:
        assert study.title == "Nurses"
        assert len(study.codebook().codable) == 24
        assert "improvement" in study.setting("guide.text")
    assert as_json(capsys, "check", new)["faults"] == []


@pytest.mark.parametrize(
    "arguments", [("--title", ""), ("--title", "x" * 201), ("--title", "A", "--template", "none")]
)
def test_a_study_that_cannot_start_leaves_no_file(
    tmp_path: Path, capsys: Out, arguments: tuple[str, ...]
) -> None:
    run(capsys, "new", tmp_path / "a.qualcode", *arguments, status=1)
    assert list(tmp_path.iterdir()) == []


def test_transcripts_are_added_all_or_none(new: Path, tmp_path: Path, capsys: Out) -> None:
    first, second = a_text(tmp_path, "P01.txt"), a_text(tmp_path, "P02.txt", "We meet on Fridays.")
    run(capsys, "add", new, first, tmp_path / "none.txt", status=1)
    with open_study(new) as study:
        assert study.titles() == {}
    (row, other) = as_json(capsys, "add", new, first, second)
    assert (row["title"], row["participant turns"], other["title"]) == ("P01", 1, "P02")
    assert "in the study already" in run(capsys, "add", new, second, status=1)
    assert "P03" in run(capsys, "add", new, a_text(tmp_path, "P03.txt", "Never."))


def test_what_participants_agreed_to_is_kept(new: Path, tmp_path: Path, capsys: Out) -> None:
    run(capsys, "add", new, a_text(tmp_path, "P01.txt"))
    run(capsys, "add", new, a_text(tmp_path, "P02.txt", "Other words."), "--quote", "id_only")
    with open_study(new) as study:
        assert [p.quote_consent for p in study.participants()] == ["no", "id_only"]


def test_a_known_participant_keeps_their_attributes(new: Path, tmp_path: Path, capsys: Out) -> None:
    from qualcode.model import Participant

    with open_study(new) as study:
        study.add(
            Participant("P01", {"site": "A"}, quote_consent="yes"),
            Participant("P02", {"site": "B"}),
            Participant("P03", status="withdrew"),
        )
    run(capsys, "add", new, a_text(tmp_path, "P01.txt"))
    run(capsys, "add", new, a_text(tmp_path, "P02.txt", "Other words."), "--quote", "no")
    with open_study(new) as study:
        first, second, third = study.participants()
        assert (first.attributes, first.quote_consent) == ({"site": "A"}, "yes")
        assert (second.attributes, second.quote_consent) == ({"site": "B"}, "no")
        assert third.status == "withdrew"
    assert "withdrawn" in run(
        capsys, "add", new, a_text(tmp_path, "P03.txt", "More."), "--quote", "yes", status=1
    )


def test_a_folder_and_a_sheet_are_added_in_one_go(new: Path, tmp_path: Path, capsys: Out) -> None:
    folder = tmp_path / "interviews"
    folder.mkdir()
    a_text(folder, "P01.txt")
    a_text(folder, "P02.txt", "Other words.")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    sheet = tmp_path / "survey.csv"
    sheet.write_text("id,role,Why do you stay?\nS1,nurse,Because of them all.\n", "utf-8")
    assert main(["add", str(new), str(folder)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Not read: old.doc")
    assert said[1] == "Passed over: .DS_Store"
    assert said[2].endswith("--skip-unreadable.")
    with open_study(new) as study:
        assert study.transcripts() == ()
    skipping = ["add", str(new), str(folder), "--skip-unreadable", "--json"]
    assert main(["add", str(new), str(sheet), *skipping[2:], "--quote", "yes"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in rows] == ["survey S1", "P01", "P02"]
    with open_study(new) as study:
        people = {person.id: person for person in study.participants()}
    assert people["S1"].attributes == {"role": "nurse"}
    assert people["S1"].quote_consent == "yes"
    assert main(skipping) == 1
    assert "in the study already" in capsys.readouterr().err
    a_text(folder, "P03.txt", "New words.")
    assert main(skipping) == 0
    said = capsys.readouterr()
    assert [row["title"] for row in json.loads(said.out)] == ["P03"]
    assert "In the study already: P01.txt" in said.err


def test_members_are_added_and_listed(new: Path, capsys: Out) -> None:
    run(capsys, "member", new, "ana", "--display", "Ana Silva")
    run(capsys, "member", new, "lea", "--role", "lead", "--role", "coder")
    assert as_json(capsys, "member", new) == [
        {"name": "ana", "shown as": "Ana Silva", "roles": "coder"},
        {"name": "lea", "shown as": "lea", "roles": "coder, lead"},
    ]
    assert run(capsys, "member", new).splitlines()[0].split() == ["name", "shown", "as", "roles"]
    for wrong in (("ana",), ("a b",), ("zoe", "--role", "king"), ("owner",)):
        run(capsys, "member", new, *wrong, status=1)


def test_a_codebook_goes_out_and_in_again(new: Path, tmp_path: Path, capsys: Out) -> None:
    printed = run(capsys, "codebook", new)
    path = tmp_path / "book.csv"
    path.write_text(printed, encoding="utf-8")
    assert "24 codes, version 0.1." in run(capsys, "codebook", new, path)
    path.write_text(printed + "MEN-25,MEN-T1,Humour\n", encoding="utf-8")
    assert "25 codes, version 0.2." in run(capsys, "codebook", new, path)
    assert read_codebook("b.csv", run(capsys, "codebook", new).encode())["MEN-25"].name == "Humour"
    assert len(as_json(capsys, "codebook", new)) == 30
    path.write_text("code_id,parent_id,name\nA,B,a\n", encoding="utf-8")
    assert "Line 2, column parent_id" in run(capsys, "codebook", new, path, status=1)
    run(capsys, "codebook", new, tmp_path / "none.csv", status=1)


def test_codings_are_listed_for_one_coder_as_json_and_csv(sample: Path, capsys: Out) -> None:
    both = as_json(capsys, "codings", sample)
    ana = as_json(capsys, "codings", sample, "--coder", "ana")
    assert {row["coder"] for row in both} == {"ana", "ben"}
    assert {row["coder"] for row in ana} == {"ana"}
    assert 0 < len(ana) < len(both)
    rows = list(csv.DictReader(io.StringIO(run(capsys, "codings", sample, "--csv"))))
    assert [row["id"] for row in rows] == [row["id"] for row in both]
    for row in both:
        assert len(row["quote"]) == row["end"] - row["start"]
    assert len(run(capsys, "codings", sample).splitlines()) == 1 + len(both)
    consensus = as_json(capsys, "codings", sample, "--consensus")
    assert {row["coder"] for row in consensus} == {"consensus"}
    assert "not a coder" in run(capsys, "codings", sample, "--coder", "zoe", status=1)


def test_a_csv_cell_that_looks_like_a_formula_is_quoted(new: Path, capsys: Out) -> None:
    text = interview("P01", "=1+1 is what he said.")
    ana = Seat("ana", frozenset({"coder"}))
    run(capsys, "member", new, "ana")
    with open_study(new) as study:
        study.add(text)
        seated = study.seated(ana)
        start = text.text.index("=")
        operation = {
            "op": "add",
            "op_id": "1",
            "quote": text.text[start : start + 4],
            "coding": {
                "id": "00000000-0000-4000-8000-000000000000",
                "start": start,
                "end": start + 4,
                "code": "MEN-01",
            },
        }
        assert seated.apply("P01", [operation]).rejected == ()
        seated.submit("P01")
    (row,) = csv.DictReader(io.StringIO(run(capsys, "codings", new, "--csv")))
    assert row["quote"] == "'=1+1"


def test_what_is_open_is_named_and_not_shown(new: Path, tmp_path: Path, capsys: Out) -> None:
    for name in ("ana", "ben"):
        run(capsys, "member", new, name)
    run(capsys, "add", new, a_text(tmp_path, "P01.txt"))
    assert main(["codings", str(new)]) == 0
    told = capsys.readouterr()
    assert told.out == "None.\n"
    assert told.err == "Not shown: P01, until everybody has submitted them.\n"
    for command in (
        ("agreement",),
        ("differences",),
        ("themes",),
        ("codings", "--consensus"),
    ):
        told_ = run(capsys, command[0], new, *command[1:], status=1)
        assert "opens when both coders have submitted" in told_
        assert "ana (1 transcript), ben (1 transcript)" in told_


def test_themes_leave_out_what_is_not_submitted(tmp_path: Path, capsys: Out) -> None:
    from qualcode.sample import build_sample

    path = tmp_path / "s.qualcode"
    build_sample(path, uncoded=["P06"]).close()
    found = as_json(capsys, "themes", path)
    shown = json.dumps(found)
    assert found["candidates"]
    assert "P06" not in shown


# -- care of the file --------------------------------------------------------------------------


def test_a_damaged_study_is_told_by_check(sample: Path, capsys: Out) -> None:
    assert "is sound" in run(capsys, "check", sample)
    other = sqlite3.connect(sample)
    for (name,) in other.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        other.execute(f"DROP TRIGGER {name}")
    other.execute("UPDATE codings SET start = start + 1 WHERE rowid = 1")
    other.execute("UPDATE history SET at = '' WHERE id = 5")
    other.commit()
    other.close()
    assert main(["check", str(sample), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["sound"]
    assert "Line 5 of the history was altered." in found["faults"]
    assert any("does not stand where its words are" in fault for fault in found["faults"])
    assert main(["check", str(sample)]) == 1


def test_a_backup_is_a_study(sample: Path, tmp_path: Path, capsys: Out) -> None:
    copy = tmp_path / "copy.qualcode"
    run(capsys, "backup", sample, copy)
    assert as_json(capsys, "codings", copy) == as_json(capsys, "codings", sample)
    run(capsys, "backup", sample, copy, status=1)
    run(capsys, "backup", sample, tmp_path / "none" / "copy.qualcode", status=1)


# -- wrong calls -------------------------------------------------------------------------------


COMMANDS = (
    "new", "sample", "add", "member", "codebook", "codings", "agreement", "differences", "themes",
    "report", "check", "backup", "restore", "history", "serve", "user", "plan", "rounds",
    "take-away", "bring-back", "explore",
)  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["new"],
        ["new", "a.qualcode"],
        ["add", "a.qualcode"],
        ["agreement", "a.qualcode", "--unit", "word"],
        ["themes", "a.qualcode", "--clusters", "many"],
        ["report", "a.qualcode", "coreq"],
        ["codings", "a.qualcode", "--colour"],
        ["user", "remove", "ana"],
        ["serve", "--port", "http"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_status_2(
    arguments: list[str], capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: qualcode" in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_sentence_of_help_and_an_example(command: str, capsys: Out) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"Example: qualcode {command}" in capsys.readouterr().out.replace("\n", " ")


def test_the_list_of_commands_is_whole(capsys: Out) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^    {command}\s", told, re.MULTILINE), command


def test_the_version_is_told(capsys: Out) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"qualcode {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        ["add", "P01.txt"],
        ["member"],
        ["codebook"],
        ["codings"],
        ["agreement"],
        ["plan"],
        ["differences"],
        ["themes"],
        ["report", "coreq", "coreq.md"],
        ["check"],
        ["backup", "copy.qualcode"],
        ["restore"],
        ["history"],
    ],
    ids=" ".join,
)
def test_a_study_that_is_not_there_or_is_none_is_told_by_every_command(
    command: list[str], tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_text(tmp_path, "P01.txt")
    name, *rest = command
    assert "qualcode new none.qualcode" in run(capsys, name, "none.qualcode", *rest, status=1)
    assert "is not a qualcode study" in run(capsys, name, "P01.txt", *rest, status=1)
    assert [path.name for path in tmp_path.iterdir()] == ["P01.txt"]


def test_an_account_needs_a_password_from_somewhere(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("qualcode.ui.places")
    folder = tmp_path / "studies"
    monkeypatch.setenv("QUALCODE_FOLDER", str(folder))
    monkeypatch.setenv("QUALCODE_PASSWORD", "four plain words here")
    assert "can sign in" in run(capsys, "user", "add", "ana", "--folder", folder)
    run(capsys, "user", "add", "ana", "--folder", folder, status=1)
    monkeypatch.delenv("QUALCODE_PASSWORD")

    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    assert "QUALCODE_PASSWORD" in run(capsys, "user", "add", "zoe", "--folder", folder, status=1)


def test_two_versions_of_a_codebook_are_told_apart(new: Path, tmp_path: Path, capsys: Out) -> None:
    with open_study(new) as study:
        book = study.codebook()
    changed = book.with_code(replace(book["MEN-01"], name="QI is unclear", brief_definition="New"))
    file = tmp_path / "book.csv"
    file.write_text(changed.to_csv(), encoding="utf-8")
    told = run(capsys, "codebook", new, file)
    assert "24 codes, version 0.2." in told
    assert "“QI meaning unclear” is renamed “QI is unclear”." in told
    shown = run(capsys, "codebook", new, "--diff", "0.1", "0.2")
    assert "0.2: “QI meaning unclear” has another meaning." in shown
    assert "MEN-01 name: QI [-meaning-]{+is+} unclear" in shown
    changes = as_json(capsys, "codebook", new, "--diff", "0.1", "0.2")
    assert [(one["kind"], one["version"]) for one in changes] == [
        ("rename", "0.2"),
        ("redefine", "0.2"),
    ]
    run(capsys, "codebook", new, "--diff", "0.2", "0.1", status=1)
    run(capsys, "codebook", new, "--diff", "0.1", "9", status=1)
