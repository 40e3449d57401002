"""The gate before an export: what is found in the file as it would leave, and what it then does."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest

from qualcode.errors import BadCommand, NotReleased
from qualcode.model import Participant, Seat
from qualcode.privacy import KnownName
from qualcode.reports import FORMATS, REPORTS, checklist_report, coreq_report
from qualcode.reports.document import Cell, Column, Paragraph, Quote, Report, Row, Table
from qualcode.reports.gate import Gate, as_draft, look_over
from qualcode.reports.metadata import told_beside
from qualcode.reports.release import file_name, let_out
from qualcode.reports.written import formulas, words_of
from qualcode.store import Study, open_study
from tests.report_study import words_of_docx, words_of_pdf, words_of_xlsx

DAY = date(2025, 6, 30)
TO = {"recipient": "The journal", "released_by": "Lea Brandt"}
LEA = Seat("lea", frozenset({"lead"}))


@pytest.fixture(scope="module")
def finished(finished_file: Path) -> Iterator[Study]:
    with open_study(finished_file) as study:
        yield study


@pytest.fixture
def own(finished_file: Path, tmp_path: Path) -> Iterator[Study]:
    """A copy of the finished sample to change."""
    path = tmp_path / "own.qualcode"
    shutil.copy(finished_file, path)
    with open_study(path) as study:
        yield study


def report(*blocks: Paragraph | Quote | Table, kind: str = "journal") -> Report:
    return Report(kind, "A report", (), blocks, DAY)


def found(study: Study, given: Report, name: str = "report.docx", **more: object) -> Gate:
    return look_over(study, given, name, **more)  # type: ignore[arg-type]


def of(gate: Gate, id: str) -> list[str]:
    return [finding.sentence for finding in gate.findings if finding.id == id]


# -- the looks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["coreq", "srqr", "themes", "needs", "codebook", "agreement"])
@pytest.mark.parametrize("format", ["docx", "xlsx", "html", "csv", "md", "json"])
def test_nothing_keeps_the_finished_sample_from_being_final(
    finished: Study, kind: str, format: str
) -> None:
    gate = found(finished, REPORTS[kind](finished), f"{kind}.{format}")
    assert gate.blocking == ()


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("She rang 416-555-0134 that day.", "G1"),
        ("Write to j.mori@example.org about it.", "G1"),
        ("It was on 14 March 2021.", "G1"),
        ("The chart said MRN 00482913.", "G1"),
        ("Dr. Helen Okafor opened doors for me.", "G4"),
        ("As Ana Duarte wrote in her notes.", "G4"),  # of the team page
    ],
)
def test_an_identifier_anywhere_in_the_file_blocks(finished: Study, words: str, id: str) -> None:
    table = Table("A table", (Column("Said"),), (Row((Cell("one"),)), Row((Cell("", note=words),))))
    for block in (Paragraph(words), Quote(words, "(P01)"), table):
        assert of(found(finished, report(block)), id), block
    code = replace(report(), columns=("example",), records=({"example": words},))
    assert of(found(finished, code, "codes.csv"), id)


def test_a_name_of_the_list_is_found_and_an_allowed_phrase_is_not(finished: Study) -> None:
    said = report(Paragraph("The Riverdale project came to nothing."))
    assert not of(found(finished, said), "G4") + of(found(finished, said), "G1")
    known = found(finished, said, names=[KnownName("Riverdale", "R")])
    assert "[Riverdale]" in of(known, "G1")[0]
    assert found(finished, said, names=[KnownName("Riverdale")], allow=["Riverdale"]).blocking == ()


def test_the_name_of_the_file_is_read_too(finished: Study) -> None:
    gate = found(finished, report(Paragraph("Nothing.")), "coreq_Helen-Okafor_final.docx",
                 names=[KnownName("Helen Okafor")])  # fmt: skip
    assert of(gate, "G4")


def test_whoever_did_not_agree_is_not_quoted_anywhere(finished: Study) -> None:
    said = next(t for t in finished.transcripts() if t.title == "P04")
    words = said.text[said.participant_turns[3].span.slice].split()
    one = report(Paragraph("She said: " + " ".join(words[4:18]).upper()))
    (sentence,) = of(found(finished, one), "G2")
    assert sentence.startswith("The file quotes P04, who did not agree to be quoted")
    gate = found(finished, one)
    assert gate.left({"G2": "She would not mind at all"})  # not to be let stand
    assert of(found(finished, report(Paragraph(" ".join(words[:5])))), "G2") == []


def test_who_agreed_by_id_alone_has_no_role_behind(finished: Study) -> None:
    assert of(found(finished, report(Quote("“Well.”", "(P06, managerial)"))), "G2")
    assert not of(found(finished, report(Quote("“Well.”", "(P06)"))), "G2")


def test_p04_is_never_quoted_and_p06_by_id_only(finished: Study) -> None:
    for kind in REPORTS:
        if kind == "audit":
            continue  # it holds no words of participants for whoever may not read them
        gate = found(finished, REPORTS[kind](finished))
        assert "P04" not in gate.contents.quoted
        assert of(gate, "G2") == []
    themes = words_of_docx(REPORTS["themes"](finished).to_bytes("docx"))
    assert "(P06)" in themes
    assert "(P06," not in themes


def test_small_groups_are_pointed_at(finished: Study) -> None:
    gate = found(finished, coreq_report(finished, date=DAY))
    assert any(s.startswith("Group: clinical and managerial are groups") for s in of(gate, "G3"))
    assert not of(found(finished, report(Paragraph("Nobody is counted."))), "G3")


def test_a_formula_is_found_and_ours_hold_none(finished: Study, tmp_path: Path) -> None:
    assert list(formulas("a.csv", b"x,=1+1\r\n")) == [("line 1", "=1+1")]
    assert list(formulas("a.csv", b"x,-0.5,'=1\r\n")) == []
    book = openpyxl.Workbook()
    book.active["B2"] = "=SUM(A1:A9)"
    book.save(tmp_path / "a.xlsx")
    cells = list(formulas("a.xlsx", (tmp_path / "a.xlsx").read_bytes()))
    assert cells == [("Sheet, B2", "=SUM(A1:A9)")]
    wild = replace(report(), columns=("a",), records=({"a": "=HYPERLINK(1)"}, {"a": "@cmd"}))
    for name in ("a.csv", "a.xlsx"):
        assert of(found(finished, wild, name), "G6") == []


def test_comments_tracked_changes_and_paths_are_told(tmp_path: Path) -> None:
    made = docx.Document()
    run = made.add_paragraph("Words").runs[0]
    made.add_comment(run, text="Is this Helen?", author="Lea", initials="L")
    made.save(tmp_path / "a.docx")
    told = list(told_beside("a.docx", (tmp_path / "a.docx").read_bytes()))
    assert ("a comment in", "word/comments.xml") in told
    assert list(told_beside("a.html", b"<meta name='author' content='Lea'>")) == [
        ("the author", "Lea")
    ]
    assert list(told_beside("a.md", b"see C:\\Users\\lea\\x.docx")) == [
        ("a path", "C:\\Users\\lea\\x.docx")
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_ours_tells_nothing_beside_its_text(finished: Study, format: str) -> None:
    for kind in ("coreq", "themes"):
        content = REPORTS[kind](finished).to_bytes(format)
        assert list(told_beside(f"a.{format}", content)) == []


@pytest.mark.parametrize("format", ["docx", "xlsx", "html", "md", "csv", "json"])
def test_every_word_of_a_report_is_read_again(finished: Study, format: str) -> None:
    lines = "\n".join(words_of(f"a.{format}", coreq_report(finished, date=DAY).to_bytes(format)))
    for words in ("Interviews were conducted by AD (n = 4) and LB (n = 2).", "Sample size"):
        assert words in lines


# -- drafts and final files ----------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_a_draft_carries_its_mark_in_every_format(own: Study, format: str) -> None:
    out = let_out(own, coreq_report(own, date=DAY), format)
    own_way = {"docx": words_of_docx, "xlsx": words_of_xlsx, "pdf": words_of_pdf}
    read = own_way.get(format, bytes.decode)
    assert "draft" in read(out.content).casefold()
    assert out.export.name.startswith("DRAFT_")
    (kept,) = own.exports()
    assert (kept.final, kept.format, kept.kind) == (False, format, "coreq")
    assert kept.sha256 == hashlib.sha256(out.content).hexdigest()


def test_a_draft_has_the_rows_of_the_report(own: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(
        let_out(own, coreq_report(own, date=DAY), "csv").content.decode("utf-8-sig"))))  # fmt: skip
    assert len(rows) == 32
    assert {row["state"] for row in rows} == {"draft"}


def test_a_final_file_is_the_report_and_names_who_and_whom(own: Study) -> None:
    made = coreq_report(own, date=DAY)
    out = let_out(own.seated(LEA), made, "docx", final=True, **TO)  # type: ignore[arg-type]
    assert out.content == made.to_bytes("docx")
    (kept,) = own.exports()
    assert (kept.final, kept.recipient, kept.released_by, kept.made_by) == (
        *(True, "The journal", "Lea Brandt", "lea"),
    )
    assert kept.name == "Supplementary_COREQ_mentorship-needs-assessment-sample_2025-06-30.docx"
    assert kept.participants == ("P01", "P02", "P03", "P04", "P05", "P06")
    assert kept.snapshot == made.data["snapshot"]
    assert own.withdrawal("P03").exports[0].recipient == "The journal"
    with pytest.raises(BadCommand, match="names who releases it"):
        let_out(own, made, "docx", final=True)
    assert len(own.exports()) == 1


def test_what_blocks_is_let_stand_by_name_and_with_a_reason_or_not_at_all(own: Study) -> None:
    made = report(Paragraph("Dr. Helen Okafor said so."))
    with pytest.raises(NotReleased, match=r"1 point keeps this from being final. G4"):
        let_out(own, made, "docx", final=True, accepted={"G4": "  "}, **TO)  # type: ignore[arg-type]
    assert own.exports() == ()
    let_out(own, made, "docx", final=True, accepted={"G4": "She is fictional"}, **TO)  # type: ignore[arg-type]
    (kept,) = own.exports()
    assert [(each.rule, each.count, each.reason) for each in kept.accepted] == [
        ("G4", 1, "She is fictional")
    ]
    own.settings.answer("coreq", "COREQ-23", status="not_done", response="No time")
    with pytest.raises(NotReleased, match="C2"):
        let_out(
            own, coreq_report(own, date=DAY), "docx", final=True, accepted={"C2": "No reason"},
            **TO,  # type: ignore[arg-type]
        )  # fmt: skip


def test_the_mark_of_a_draft_counts_what_is_in_the_way(finished: Study) -> None:
    made = report(Paragraph("Dr. Helen Okafor said so."))
    drafted = as_draft(made, found(finished, made))
    assert drafted.subtitle[0] == "DRAFT, not released. 1 point keeps it from being final."


def test_a_codebook_holds_nobody(finished: Study) -> None:
    gate = found(finished, REPORTS["codebook"](finished))
    assert gate.contents.participants == ()


def test_who_has_withdrawn_is_in_no_file_that_leaves_afterwards(own: Study) -> None:
    own.add(replace(own.participants()[0], attributes={}))
    own.withdraw("P01", reason="by e-mail")
    out = let_out(own, coreq_report(own, date=DAY), "csv")
    assert "P01" not in out.export.participants
    assert isinstance(own.participants()[0], Participant)


def test_a_file_name_tells_no_person() -> None:
    assert file_name("Ätna: Ström", "srqr", "csv", DAY, final=True) == (
        "Supplementary_SRQR_ätna-ström_2025-06-30.csv"
    )


# -- the same data twice -------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["coreq", "srqr"])
def test_the_same_data_twice_give_the_same_checklist(
    finished_file: Path, tmp_path: Path, name: str, format: str
) -> None:
    copy = tmp_path / "moved.qualcode"
    shutil.copy(finished_file, copy)
    made = []
    for path in (finished_file, copy):
        with open_study(path) as study:
            made.append(checklist_report(study, name, date=DAY).to_bytes(format))
    assert made[0] == made[1]


def test_only_the_date_differs_between_two_days(finished: Study) -> None:
    one = json.loads(checklist_report(finished, "coreq", date=DAY).to_bytes("json"))
    two = json.loads(checklist_report(finished, "coreq", date=date(2025, 7, 1)).to_bytes("json"))
    assert one != two
    text = json.dumps(two).replace("2025-07-01", "2025-06-30").replace("1 July", "30 June")
    assert json.loads(text) == one
