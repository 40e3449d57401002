"""A written file read again: its words as whoever opens it reads them, and its formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser

from qualcode.reports.plain import FORMULA


def words_of(name: str, content: bytes) -> list[str]:
    """Every line of text in a file of this name, each once, in order; its own name last.

    >>> words_of("a.csv", b"who,said\\r\\nP01,yes")
    ['who,said', 'P01,yes', 'a csv']
    """
    ending = name.rpartition(".")[2].lower()
    readers = {"docx": _of_word, "xlsx": _of_sheets, "html": _of_web, "pdf": _of_pdf}
    read = readers.get(ending, _of_text)
    lines = [" ".join(line.split()) for part in read(content) for line in part.splitlines()]
    beside = " ".join(name.replace("_", " ").replace("-", " ").replace(".", " ").split())
    return list(dict.fromkeys(filter(None, [*lines, beside])))


def formulas(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """(where, what) of each cell that a spreadsheet would take for a formula."""
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        text = content.decode("utf-8-sig", errors="replace")
        for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            for cell in row:
                if cell.lstrip().startswith(FORMULA) and not _is_number(cell):
                    yield f"line {number}", cell
    elif ending == "xlsx":
        from openpyxl import load_workbook  # type: ignore[import-untyped]

        for sheet in load_workbook(io.BytesIO(content)):
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        yield f"{sheet.title}, {cell.coordinate}", str(cell.value)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _of_text(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8-sig", errors="replace")


def _of_word(content: bytes) -> Iterator[str]:
    """Each paragraph of the text, tables, heads, feet, notes and pictures' descriptions."""
    import zipfile

    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in sorted(package.namelist()):
            if not part.endswith(".xml") or not part.startswith(("word/", "docProps/")):
                continue
            if part in ("word/styles.xml", "word/settings.xml", "word/fontTable.xml"):
                continue
            if "theme" in part or "numbering" in part:
                continue
            tree = fromstring(package.read(part))
            for element in tree.iter():
                if element.tag.endswith("}p"):
                    yield "".join(
                        "\t" if text.tag.endswith("}tab") else text.text or ""
                        for text in element.iter()
                        if text.tag.rpartition("}")[2] in ("t", "tab", "delText")
                    )
                elif described := element.attrib.get("descr"):
                    yield described


def _of_sheets(content: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    for sheet in load_workbook(io.BytesIO(content), read_only=True):
        yield sheet.title
        for row in sheet.iter_rows(values_only=True):
            yield from (str(value) for value in row if isinstance(value, str))


class _Words(HTMLParser):
    """The words of a web page, a line each block; no styles."""

    SILENT = frozenset({"style", "script"})
    INLINE = frozenset({"a", "b", "em", "i", "span", "strong", "sub", "sup", "cite", "q", "mark"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        if tag not in self.INLINE:
            self.lines.append("")
        self.lines += [value or "" for key, value in attrs if key in ("alt", "title", "aria-label")]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.lines[-1] += data


def _of_web(content: bytes) -> Iterator[str]:
    page = _Words()
    page.feed(content.decode("utf-8", errors="replace"))
    yield from page.lines


def _of_pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    for page in PdfReader(io.BytesIO(content)).pages:
        yield page.extract_text()
