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
import pytest

from qualcode.errors import BadCommand
from qualcode.model import (
    Theme,
)
from qualcode.reports import (
    FORMATS,
    REPORTS,
    coreq_report,
    theme_summary,
)
from qualcode.reports.document import Column, Heading, Page, Paragraph, Report, Table, row
from qualcode.reports.plain import csv_cell
from qualcode.sample import build_sample
from qualcode.store import Study
from tests.report_study import DAY, FakeStudy, rows_of, sample_with_themes, settled_sample


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


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("format", FORMATS)
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
        lines = report.to_bytes("md").decode().split("\n")
        assert all(len(re.findall(r"(?<!\\)\|", x)) == 6 for x in lines if x.startswith("| 12 |"))
    assert len(rows_of(coreq_report(study, date=DAY))) == 32


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
    assert '<html lang="en">' in html
    assert html.count('<th scope="col">') == 5
    assert "<caption>COREQ 2007: 32 items</caption>" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert not re.search(r"(src|href)=", html)


def test_a_report_is_written_by_its_ending(tmp_path: Path, sample: FakeStudy) -> None:
    report = coreq_report(sample, date=DAY)
    for ending in FORMATS:
        path = report.save(tmp_path / f"coreq.{ending.upper()}")
        assert path.read_bytes() == report.to_bytes(ending)
    with pytest.raises(BadCommand, match="docx, html, md, csv, json"):
        report.save(tmp_path / "coreq.pdf")
    with pytest.raises(BadCommand, match="cannot be written"):
        report.save(tmp_path / "nowhere" / "coreq.docx")


def test_pages_turn_where_the_report_says_so() -> None:
    table = Table("T", (Column("a"), Column("b", numeric=True)), (row("x", "1"),))
    blocks = (Paragraph("p"), Page(landscape=True), table, Page(), Heading("h", 2))
    report = Report("x", "Title", (), blocks, DAY)
    sections = docx.Document(io.BytesIO(report.to_bytes("docx"))).sections
    assert [s.page_width > s.page_height for s in sections] == [False, True, False]
    assert balanced(report.to_bytes("html").decode())
