"""Reports as files: the same bytes every time, no name in them, hostile words stay words."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from qualcode import __version__
from qualcode.errors import BadCommand
from qualcode.model import (
    Theme,
)
from qualcode.reports import (
    FORMATS,
    REPORTS,
    agreement_report,
    coreq_report,
    theme_summary,
)
from qualcode.reports.document import (
    Cell,
    Column,
    Heading,
    Page,
    Paragraph,
    Report,
    Row,
    Sheet,
    Table,
    row,
)
from qualcode.reports.plain import csv_cell
from qualcode.reports.sheets import LONGEST_CELL, LONGEST_NAME
from qualcode.sample import build_sample
from qualcode.store import Study
from tests.report_study import (
    DAY,
    FakeStudy,
    rows_of,
    sample_with_themes,
    settled_sample,
    words_of_docx,
    words_of_xlsx,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """The sample study as a file: both coders sealed, nothing settled, no theme accepted."""
    with build_sample(tmp_path_factory.mktemp("reports") / "sample.qualcode") as study:
        yield study


@pytest.fixture(scope="module")
def sample(kept: Study) -> FakeStudy:
    return settled_sample(kept)


@pytest.fixture(scope="module")
def with_themes(sample: FakeStudy) -> FakeStudy:
    return sample_with_themes(sample)


# -- documents ------------------------------------------------------------------------------------


OWN = [name for name in FORMATS if name != "pdf"]  # pages are set by LibreOffice: test_report_pages


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("format", OWN)
def test_the_same_study_gives_the_same_bytes(
    with_themes: FakeStudy, kind: str, format: str
) -> None:
    again = replace(with_themes)
    assert REPORTS[kind](with_themes).to_bytes(format) == REPORTS[kind](again).to_bytes(format)


@pytest.mark.parametrize("kind", REPORTS)
def test_a_word_file_says_nothing_about_who_made_it(with_themes: FakeStudy, kind: str) -> None:
    content = REPORTS[kind](with_themes).to_bytes("docx")
    core = docx.Document(io.BytesIO(content)).core_properties
    assert (core.author, core.last_modified_by, core.comments, core.keywords) == ("", "", "", "")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        everything = b"".join(package.read(name) for name in names)
        assert len({entry.date_time for entry in package.infolist()}) == 1
    assert not [name for name in names if "custom" in name.casefold() or "thumbnail" in name]
    assert b"python-docx" not in everything
    assert b"rsid" not in everything
    assert b"/tmp" not in everything


def test_the_header_row_repeats_and_rows_stay_whole(sample: FakeStudy) -> None:
    document = docx.Document(io.BytesIO(coreq_report(sample, date=DAY).to_bytes("docx")))
    (table,) = document.tables
    assert table.rows[0]._tr.xpath("w:trPr/w:tblHeader")
    assert all(line._tr.xpath("w:trPr/w:cantSplit") for line in table.rows)
    (section,) = document.sections
    assert section.page_width > section.page_height
    assert "PAGE" in section.footer._element.xml
    headings = [p.style.name for p in document.paragraphs]
    assert "Title" in headings


NASTY = [
    "<script>alert(1)</script>",
    "=HYPERLINK(\"http://x\")",
    "+1",
    "@SUM(A1)",
    "-2+3",
    "\t=1",
    "\x00\x0b\x1f=1",
    "a|b\\|c",
    "]]>&amp;<b>",
    "# not a heading",
    "line\r\nbreak",
    "x" * 5_000,
    "é 🎈 \u202e rtl",
    "\ud800 lone",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_hostile_words_stay_words(sample: FakeStudy, text: str) -> None:
    study = replace(
        sample,
        title=text,
        typed={"COREQ-12": {"response": text}, "COREQ-21": {"location": text}},
        made=(Theme(text[:150], text, ("MEN-01",)),),
    )
    for report in (coreq_report(study, date=DAY), theme_summary(study, date=DAY)):
        document = docx.Document(io.BytesIO(report.to_bytes("docx")))
        assert document.tables
        html = report.to_bytes("html").decode()
        assert "<script" not in html
        assert balanced(html)
        for line in csv.reader(io.StringIO(report.to_bytes("csv").decode("utf-8-sig"))):
            assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in line)
        json.loads(report.to_bytes("json"))
        assert not formulas(report.to_bytes("xlsx"))
        lines = report.to_bytes("md").decode().split("\n")
        assert all(len(re.findall(r"(?<!\\)\|", x)) == 6 for x in lines if x.startswith("| 12 |"))
    assert len(rows_of(coreq_report(study, date=DAY))) == 32


def formulas(content: bytes) -> list[str]:
    """Cells of a workbook that a spreadsheet would compute."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    return [cell.coordinate for cell in cells if cell.data_type == "f"]


def balanced(html: str) -> bool:
    """Whether every element that opens is closed, and in order."""
    stack: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in {"meta", "col", "br"}:
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert stack.pop() == tag

    Reader().feed(html)
    return not stack


def test_numbers_below_zero_stay_numbers_in_the_csv() -> None:
    assert csv_cell(-0.25) == "-0.25"
    assert csv_cell("-0.25") == "'-0.25"


def test_the_page_can_be_read_by_a_screen_reader_and_alone(sample: FakeStudy) -> None:
    html = coreq_report(sample, date=DAY).to_bytes("html").decode()
    assert '<html lang="en-GB">' in html
    assert html.count('<th scope="col">') == 5
    assert "<caption>COREQ 2007: 32 items</caption>" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert not re.search(r"(src|href)=", html)


def test_a_report_is_written_by_its_ending(tmp_path: Path, sample: FakeStudy) -> None:
    report = coreq_report(sample, date=DAY)
    for ending in OWN:
        path = report.save(tmp_path / f"coreq.{ending.upper()}")
        assert path.read_bytes() == report.to_bytes(ending)
    with pytest.raises(BadCommand, match="docx, html, md, csv, json, xlsx, pdf"):
        report.save(tmp_path / "coreq.odt")
    with pytest.raises(BadCommand, match="cannot be written"):
        report.save(tmp_path / "nowhere" / "coreq.docx")


def test_pages_turn_where_the_report_says_so() -> None:
    table = Table("T", (Column("a"), Column("b", numeric=True)), (row("x", "1"),))
    blocks = (Paragraph("p"), Page(landscape=True), table, Page(), Heading("h", 2))
    report = Report("x", "Title", (), blocks, DAY)
    sections = docx.Document(io.BytesIO(report.to_bytes("docx"))).sections
    assert [s.page_width > s.page_height for s in sections] == [False, True, False]
    assert balanced(report.to_bytes("html").decode())


# -- workbooks ------------------------------------------------------------------------------------


def opened(report: Report) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(report.to_bytes("xlsx")))


def sheet(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    head, *lines = book[name].iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.mark.parametrize("kind", REPORTS)
def test_a_workbook_says_nothing_about_who_made_it(with_themes: FakeStudy, kind: str) -> None:
    content = REPORTS[kind](with_themes, date=DAY).to_bytes("xlsx") if kind != "srqr" else (
        REPORTS[kind](with_themes).to_bytes("xlsx")
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
        assert len({entry.date_time for entry in package.infolist()}) == 1
        core = package.read("docProps/core.xml")
    assert b"creator" not in core
    assert b"lastModifiedBy" not in core
    assert b"openpyxl" not in everything
    assert b"/tmp" not in everything


@pytest.mark.parametrize("kind", REPORTS)
def test_every_table_of_a_report_is_a_sheet_with_its_head_frozen(
    with_themes: FakeStudy, kind: str
) -> None:
    report = REPORTS[kind](with_themes)
    book = opened(report)
    first, *tables = book.worksheets
    assert first["A1"].value == report.title
    assert len(tables) == len(report.sheets) or len(tables) == 1 + len(report.tables)
    for each in tables:
        assert each.freeze_panes == "A2"
        assert each["A1"].font.bold
        assert each.column_dimensions["A"].width >= 8
        assert len(each.title) <= LONGEST_NAME


@pytest.mark.parametrize("text", [*NASTY, "-0.25", "_x0041_", "'quoted", "x" * 40_000])
def test_words_in_a_workbook_stay_the_words_they_were(text: str) -> None:
    table = Table(text[:90], (Column("a"), Column("b", numeric=True)), (row(text, text),))
    report = Report("x", "Title", (), (Paragraph(text), table), DAY, ("a",), ({"a": text},))
    content = report.to_bytes("xlsx")
    assert not formulas(content)
    found = openpyxl.load_workbook(io.BytesIO(content))["x"]["A2"]
    kept = re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff]", "", text.replace("\r\n", "\n"))
    if len(text) < LONGEST_CELL:
        assert unescape(found.value) == kept
    else:
        assert found.value.endswith("(cut: a cell holds no more)")
    assert found.data_type == "s"
    assert found.quotePrefix is kept.lstrip().startswith(("=", "+", "-", "@")) or "\t" in text


def test_figures_are_numbers_in_a_workbook_and_sheets_have_names_of_their_own() -> None:
    table = Table("Same: name/of all?", (Column("n", numeric=True),), (row("1,480"), row("−0.05")))
    cell = Row((Cell("undefined (not used)"),))
    report = Report("x", "T", (), (table, table, replace(table, rows=(cell,))), DAY)
    book = opened(report)
    assert book.sheetnames == [
        "About",
        "Same name of all",
        "Same name of all 2",
        "Same name of all 3",
    ]
    assert [line["n"] for line in sheet(book, "Same name of all")] == [1480, -0.05]
    assert sheet(book, "Same name of all 3") == [{"n": "undefined (not used)"}]
    empty = Report("x", "Nothing here", (), (), DAY, sheets=(Sheet("Own", ("a",), ()),))
    assert opened(empty).sheetnames == ["About", "Own"]


# -- the agreement supplement ---------------------------------------------------------------------

MADE = ("unit", "mask", "rule", "seed", "resamples", "version")


def test_the_supplement_tells_coverage_first_then_one_value(sample: FakeStudy) -> None:
    report = agreement_report(sample, date=DAY)
    said = [block.text for block in report.blocks if isinstance(block, Paragraph)]
    assert said[0] == "6 of 6 transcripts coded by both. 72 participant turns."
    assert "All codings were made under codebook version 0.1." in said[1]
    assert re.match(r"Overall alpha \.81 \(95 % interval .* below \.667 in", said[2])
    assert said[3].startswith("Of 24 codes: 23 too rare to judge, 1 not used.")
    assert "Agreement was computed per participant turn" in said[-2]
    captions = [table.caption for table in report.tables]
    assert [caption.split(":")[0].split(",")[0] for caption in captions] == [
        "Agreement by code",
        "Agreement by theme",
        "Agreement by transcript",
        "Where the coders part",
        "Codes chosen one for the other",
    ]


@pytest.mark.parametrize("format", OWN)
def test_every_export_of_agreement_says_how_it_was_made(sample: FakeStudy, format: str) -> None:
    report = agreement_report(sample, date=DAY)
    content = report.to_bytes(format)
    read = {"docx": words_of_docx, "xlsx": words_of_xlsx}.get(format, bytes.decode)
    text = read(content).replace("\\", "")
    for words in ("at least half of the passage", "interviewer", "1000", "seed", __version__):
        assert words in text.replace("1,000", "1000"), words
    if format == "csv":
        assert all(line[name] for line in rows_of(report) for name in MADE)
    if format == "json":
        assert set(MADE) <= json.loads(content)["agreement"].keys()
    if format == "xlsx":
        made = {line["figure"]: line["value"] for line in sheet(opened(report), "Overall")}
        assert [made[name] for name in ("unit", "mask", "seed", "resamples")] == [
            "turn", "interviewer", 1, 1000,
        ]  # fmt: skip


def test_no_interview_day_and_no_sign_in_name_stands_in_the_supplement(sample: FakeStudy) -> None:
    report = agreement_report(sample, date=DAY)
    text = words_of_xlsx(report.to_bytes("xlsx")) + words_of_docx(report.to_bytes("docx"))
    assert "2025-03-0" not in text + report.to_bytes("json").decode()
    assert not re.search(r"\b(ana|ben)\b", text + report.to_bytes("csv").decode())


def test_the_supplement_in_a_workbook_has_every_table_in_full(sample: FakeStudy) -> None:
    book = opened(agreement_report(sample, date=DAY))
    codes = {line["code"]: line for line in sheet(book, "Codes")}
    assert len(codes) == 24
    assert codes["MEN-22"]["alpha"] is None
    assert codes["MEN-22"]["undefined_because"] == "not used"
    assert codes["MEN-19"]["kappa"] == 0.4783
    assert [line["kind"] for line in sheet(book, "Differences")] == [
        "boundary", "choice", "omission",
    ]  # fmt: skip
    assert [line["cases"] for line in sheet(book, "Differences")] == [1, 6, 9]
    assert len(sheet(book, "Themes")) == 5
    assert [line["title"] for line in sheet(book, "Transcripts")] == [
        f"P0{number}" for number in range(1, 7)
    ]


def test_the_coverage_line_names_what_does_not_count_and_why(sample: FakeStudy) -> None:
    p06, p05 = sample.texts[5].id, sample.texts[4].id
    coded = replace(
        sample.coded,
        sealed=sample.coded.sealed - {("ana", p05), ("ana", p06)},
        open=frozenset({("ana", p06)}),
    )
    report = agreement_report(replace(sample, coded=coded), date=DAY)
    first = next(block.text for block in report.blocks if isinstance(block, Paragraph))
    assert first.startswith(
        "4 of 6 transcripts coded by both; not counted: P05 (coded by one person), "
        "P06 (coding not finished). 48 participant turns."
    )
    assert "Coding is not finished: 5 of 6 transcripts count here." in first


def test_three_coders_have_a_table_of_pairs_and_their_own_counts(sample: FakeStudy) -> None:
    third = tuple(replace(c, coder="cleo", id=f"cleo-{c.id}") for c in sample.coded
                  if c.coder == "ben")  # fmt: skip
    sealed = sample.coded.sealed | {("cleo", text.id) for text in sample.texts}
    coded = replace(sample.coded, codings=(*sample.coded, *third), sealed=frozenset(sealed))
    report = agreement_report(replace(sample, coded=coded), date=DAY)
    pairs = next(table for table in report.tables if table.caption.startswith("Agreement by pair"))
    assert len(pairs.rows) == 3
    codes = report.tables[0]
    assert sum(column.title.startswith("Marked by") for column in codes.columns) == 3
    assert all(len(line.cells) == len(codes.columns) for line in codes.rows)
    assert report.to_bytes("docx")


def test_codings_under_two_versions_are_told_and_shown_apart(sample: FakeStudy) -> None:
    late = {sample.texts[4].id, sample.texts[5].id}
    codings = tuple(
        replace(c, codebook_version="0.2") if c.transcript in late else c for c in sample.coded
    )
    report = agreement_report(
        replace(sample, coded=replace(sample.coded, codings=codings)), date=DAY
    )
    text = report.to_bytes("md").decode()
    assert "different codebook versions: 0.1 (4 transcripts); 0.2 (2 transcripts)" in text
    assert "Agreement by codebook version" in text
