"""Reports set in pages by LibreOffice: they open clean, every page has something on it."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from qualcode.errors import BadCommand
from qualcode.reports import REPORTS, Report, full_report
from qualcode.reports import pdf as pages
from qualcode.reports.metadata import told_beside
from qualcode.sample import build_sample
from qualcode.store import Study
from tests.report_study import DAY

needs_libreoffice = pytest.mark.skipif(
    pages.libreoffice() is None or shutil.which("pdftoppm") is None,
    reason="LibreOffice or pdftoppm is not on this machine; tests/run.py installs both",
)
RESOLUTION = 40
EMPTY, FULL = 0.002, 0.6
"""Shares of dark points between which a page of text, tables or figures lies."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    path = tmp_path_factory.mktemp("pages") / "sample.qualcode"
    with build_sample(path, finished=True) as kept:
        yield kept


def made(study: Study, kind: str) -> Report:
    return REPORTS[kind](study, date=DAY)  # type: ignore[call-arg]


@needs_libreoffice
@pytest.mark.parametrize("kind", ["journal", "decision", "coreq", "themes", "needs", "agreement"])
def test_a_report_is_set_in_pages_that_hold_something(
    study: Study, tmp_path: Path, kind: str
) -> None:
    report = made(study, kind)
    content = report.to_bytes("pdf")
    reader = PdfReader(io.BytesIO(content))
    words = [page.extract_text() for page in reader.pages]
    assert reader.metadata is not None
    assert reader.metadata.author is None
    assert reader.metadata.title == report.title
    assert not list(told_beside("report.pdf", content))
    for number, text in enumerate(words, start=1):
        assert f"Page {number} of {len(words)}" in " ".join(text.split())
        assert len(text.split()) > 12, f"page {number} of {kind} stands nearly empty"
    for heading in report.headings:
        assert any(_plain(heading.text) in _plain(text) for text in words), heading.text
    shown = pictures(content, tmp_path)
    assert len(shown) == len(words)
    for number, picture in enumerate(shown, start=1):
        share = sum(picture.histogram()[:128]) / (picture.width * picture.height)
        assert EMPTY < share < FULL, f"page {number} of {kind}: {share:.3f}"
        left = picture.crop((0, 0, picture.width // 25, picture.height))
        assert left.getextrema()[0] > 200, f"page {number} of {kind} runs over its edge"


def _plain(text: str) -> str:
    return "".join(text.split())


def pictures(content: bytes, folder: Path) -> list[Image.Image]:
    (folder / "report.pdf").write_bytes(content)
    subprocess.run(
        ["pdftoppm", "-r", str(RESOLUTION), "-gray", "-png", "report.pdf", "page"],
        cwd=folder, check=True,
    )  # fmt: skip
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page-*.png"))]


@needs_libreoffice
def test_one_page_of_messages_then_three_of_summary_then_the_report(study: Study) -> None:
    content = made(study, "decision").to_bytes("pdf")
    words = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    starts = {
        title: next(n for n, text in enumerate(words) if f"\n{title}\n" in f"\n{text}\n")
        for title in ("Main messages", "Summary", "The report")
    }
    assert starts["Main messages"] == 0
    assert starts["Summary"] == 1
    assert starts["The report"] - starts["Summary"] <= 4, "three pages and the contents"
    assert len(words) - starts["The report"] <= 25


@needs_libreoffice
def test_the_same_report_is_the_same_pdf(study: Study) -> None:
    report = made(study, "coreq")
    assert report.to_bytes("pdf") == report.to_bytes("pdf")


def test_without_libreoffice_a_pdf_is_refused_in_words(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PROGRAMS", ())
    monkeypatch.delenv("QUALCODE_LIBREOFFICE", raising=False)
    with pytest.raises(BadCommand, match="none on this machine"):
        full_report(study, "decision", date=DAY).to_bytes("pdf")
