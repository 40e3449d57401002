"""Tables of survey comments: read whole or refused in a sentence; candidates straight from them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from qualcode.cli import main
from qualcode.errors import BadCommand, UnreadableFile
from qualcode.themes.comments import group_counts, rows_of, suggest_from_comments
from qualcode.transcripts import Comment, read_comments
from tests.test_theme_scale import comments


def table(rows, **options) -> bytes:
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return out.getvalue().encode()


def survey(path: Path, number: int = 60) -> Path:
    rows = [["id", "ward", "comment"], *([c.row, c.group, c.text] for c in comments(number))]
    path.write_bytes(table(rows))
    return path


def workbook(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- reading -------------------------------------------------------------------------------------


def test_a_row_keeps_the_number_a_spreadsheet_shows_whatever_stands_between() -> None:
    data = b'id,said\r\n1,"Two\r\nlines, here"\r\n\r\n3,\r\n4,Last\r\n'
    found = read_comments("a.csv", "said", data=data)
    assert found.comments == (Comment(2, "Two\r\nlines, here"), Comment(5, "Last"))
    assert found.empty == 1
    data = workbook(["said"], ["One"], [None], ["Three"])
    assert [c.row for c in read_comments("a.xlsx", "said", data=data).comments] == [2, 4]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "ward,said\nA,Zu spät – “sehr”\n".encode()),
        ("a.csv", "ward;said\nA;Zu spät – “sehr”\n".encode("utf-8-sig")),
        ("a.csv", "sep=|\nward|said\nA|Zu spät – “sehr”\n".encode("utf-16")),
        ("a.csv", "ward,said\nA,Zu spät – “sehr”\n".encode("cp1252")),
        ("a.tsv", "ward\tsaid\nA\tZu spät – “sehr”\n".encode()),
        ("a.xlsx", workbook(["ward", "said"], ["A", "Zu spät – “sehr”"])),
        ("a.jsonl", '{"ward": "A", "said": "Zu spät – “sehr”"}\n'.encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_table_gives_the_same_comment(name: str, data: bytes) -> None:
    [found] = read_comments(name, "said", group="ward", data=data).comments
    assert (found.text, found.group) == ("Zu spät – “sehr”", "A")


def test_a_name_fits_whatever_its_case_and_a_missing_one_is_told_with_those_there_are() -> None:
    data = table([["Ward", "What was\ngood?"], ["A", "All"]])
    assert read_comments("a.csv", "what was good?", data=data).comments[0].text == "All"
    with pytest.raises(BadCommand, match=r"no column “bad” in a\.csv; there are Ward, What was"):
        read_comments("a.csv", "bad", data=data)
    with pytest.raises(BadCommand, match=r"2 columns of a\.csv are called “x”"):
        read_comments("a.csv", "x", data=table([["x", "x"], ["1", "2"]]))
    with pytest.raises(BadCommand, match="no column “team”"):
        read_comments("a.csv", "ward", group="team", data=data)


def test_an_empty_column_and_one_that_is_no_group_are_told() -> None:
    data = table([["id", "said"], *([str(n), ""] for n in range(70))])
    with pytest.raises(BadCommand, match=r"“said” of a\.csv is empty in all 70 rows"):
        read_comments("a.csv", "said", data=data)
    data = table([["id", "said"], *([str(n), "Words"] for n in range(70))])
    with pytest.raises(BadCommand, match="70 different values, too many for groups"):
        read_comments("a.csv", "said", group="id", data=data)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.docx", b"PK", "no table of comments"),
        ("a.csv", b"  \n", "is empty"),
        ("a.csv", b"said,id\nNot quoted, so it is cut,1\n", "Row 2 of a.csv has 3 cells"),
        ("a.csv", b"said\nA null \x00 here\n", "null character"),
        ("a.csv", b"<html><table>", "HTML"),
        ("a.csv", workbook(["said"], ["x"]), "another ending"),
        ("a.xlsx", b"said\nx\n", "not a xlsx file"),
        ("a.jsonl", b'{"said": "x"}\n[1]\n', "Line 2 of a.jsonl is no JSON object"),
        ("a.jsonl", b"[" * 100_000, "Line 1 of a.jsonl is no JSON object"),
        ("a.jsonl", b'{"said": 1' + b"0" * 5000 + b"}", "Line 1 of a.jsonl is no JSON object"),
        ("a.csv", ",".join(f"c{n}" for n in range(400)).encode(), "more than 300 columns"),
        ("a.csv", b'said\n"' + b"x" * 500_000 + b'"\n', "Row 2 of a.csv holds 500,000 characters"),
    ],
)
def test_what_cannot_be_read_whole_is_a_sentence(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        read_comments(name, "said", data=data)


def test_a_workbook_that_is_too_long_is_sent_to_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("grids", "comments"):
        monkeypatch.setattr(f"qualcode.transcripts.{module}.MAX_ROWS", 20)
    data = workbook(["said"], *(["x"] for _ in range(21)))
    with pytest.raises(UnreadableFile, match="Save it as csv, which may be longer"):
        read_comments("a.xlsx", "said", data=data)


def test_signs_that_steer_a_terminal_are_gone_from_texts_groups_and_names() -> None:
    data = table([["wa\x1b[2Jrd", "said"], ["\x1b]0;x\x07A", "Red \x1b[31malert"]])
    [found] = read_comments("a.csv", "said", group="wa[2Jrd", data=data).comments
    assert "\x1b" not in found.text + found.group
    with pytest.raises(BadCommand) as refusal:
        read_comments("a.csv", "other", data=data)
    assert "\x1b" not in str(refusal.value)


def test_a_hundred_thousand_comments_are_read() -> None:
    data = table([["said"], *([f"Comment number {n}, with words"] for n in range(100_000))])
    found = read_comments("a.csv", "said", data=data)
    assert len(found.comments) == 100_000
    assert found.comments[-1].row == 100_001


# -- candidates ----------------------------------------------------------------------------------


def test_candidates_count_comments_by_group_and_name_rows() -> None:
    given = comments(60)
    found = suggest_from_comments(given, clusters=3)
    by_row = {comment.row: comment for comment in given}
    assert len(found) == 3
    for candidate in found:
        rows = rows_of(candidate)
        assert len({row % 3 for row in rows}) == 1, "one matter"
        counts = group_counts(candidate, given)
        assert [count.group for count in counts] == ["A", "B"]
        assert sum(count.n for count in counts) == len(rows)
        assert sum(count.of for count in counts) == 60
        for row, span in candidate.quotes:
            assert by_row[int(row)].text[span.slice]
    assert sorted(row for c in found for row in rows_of(c)) == [c.row for c in given]


def test_the_command_prints_candidates_of_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(survey(tmp_path / "survey.csv"))
    asked = ["themes", path, "--column", "Comment", "--clusters", "3"]
    assert main([*asked, "--group", "ward"]) == 0
    told = capsys.readouterr()
    assert "survey.csv: 60 comments. MiniLM" in told.out
    assert "A 10 of 30, B 10 of 30" in told.out
    assert "row " in told.out
    assert told.err == ""
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["comments"] == 60
    assert [row["comments"] for row in found["candidates"]] == [20, 20, 20]
    assert {q["row"] for q in found["candidates"][0]["quotes"]} <= set(
        found["candidates"][0]["rows"]
    )
    assert found["computed_on"] == "this machine"


def test_a_cell_that_begins_like_a_formula_is_harmless_in_the_csv(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["ward", "comment"], *(["=1+1", c.text] for c in comments(30))]
    (tmp_path / "survey.csv").write_bytes(table(rows))
    asked = ["themes", str(tmp_path / "survey.csv"), "--column", "comment", "--group", "ward"]
    assert main([*asked, "--csv", "--clusters", "3"]) == 0
    found = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert "'=1+1 (of 30)" in found[0]
    assert [row[2] for row in found[1:]] == ["10", "10", "10"]
    assert not any(cell.startswith(("=", "+", "@")) for row in found for cell in row)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["survey.csv"], "say which column holds the comments"),
        (["survey.csv", "--column", "nothing"], "There is no column “nothing” in survey.csv"),
        (["gone.csv", "--column", "comment"], "There is no file gone.csv"),
        (["survey.csv", "--column", "id"], "too little text for themes"),
        (["study.qualcode", "--group", "ward"], "go with a table of comments"),
        (["survey.csv", "--column", "comment", "--dask", "x"], "not the address of a Dask cluster"),
        (["survey.csv", "--column", "comment", "--work", "survey.csv"], "No parts can be kept"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    given: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    survey(tmp_path / "survey.csv")
    monkeypatch.chdir(tmp_path)
    assert main(["themes", *given]) == 1
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_the_command_goes_on_after_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(survey(tmp_path / "survey.csv"))
    asked = ["themes", path, "--column", "comment", "--work", str(tmp_path / "parts")]
    with monkeypatch.context() as stopped:

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        stopped.setattr("qualcode.themes.clusters.communities", interrupt)
        assert main(asked) == 130
    told = capsys.readouterr()
    assert told.out == ""
    assert "Stopped; no candidates were made. Finished parts are kept" in told.err
    assert list((tmp_path / "parts").iterdir())
    assert main(asked) == 0
    again = capsys.readouterr().out
    assert main(asked[:-2]) == 0
    assert capsys.readouterr().out == again


def test_a_table_of_one_column_is_not_cut_at_a_sign_that_some_comments_hold() -> None:
    from qualcode.transcripts.grids import delimiter_of

    rows = ["comment", '"Kind, and quick."', "The wait was long; I was in pain.", "Thank you all."]
    assert delimiter_of("\n".join(rows)) == ","
    assert delimiter_of("id;comment\n1;Kind\n2;Quick, too\n") == ";"
