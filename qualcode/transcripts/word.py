"""A Word file (docx) in, the lines of a Source out.

The document is walked element by element, because inserted text, content controls and text boxes
stand where a plain list of paragraphs does not show them. Insertions are taken, deletions left
out and reported; headers, footers, notes, comments, text boxes and hidden text are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.package import open_package
from qualcode.transcripts.source import MAX_LINES, Line, Source, check_length, normalise

DELETED = "deleted in tracked changes"
MOVED = "moved away in tracked changes"
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LEFT_OUT = {
    "header": "page header",
    "footer": "page footer",
    "footnotes": "footnote",
    "endnotes": "endnote",
    "comments": "comment",
}
_HEADINGS = re.compile(r"(heading\s*\d*|title|subtitle)", re.IGNORECASE)


@dataclass
class _Paragraph:
    """The runs of one paragraph while it is read: each a text and whether it is bold."""

    runs: list[tuple[str, bool]] = field(default_factory=list)
    heading: bool = False
    goes_on: bool = False


@dataclass
class _Walk:
    """One walk over a document: the paragraphs found, and what was left out."""

    headings: frozenset[str]
    bold_styles: frozenset[str]
    paragraphs: list[_Paragraph] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    insertions: int = 0
    deletions: int = 0

    def leave_out(self, text: str, reason: str) -> None:
        """Report a piece; pieces that touch and share a reason are one."""
        if self.left_out and self.left_out[-1][1] == reason:
            self.left_out[-1] = (self.left_out[-1][0] + text, reason)
        else:
            self.close_removal()
            self.left_out.append((text, reason))

    def close_removal(self) -> None:
        for text, reason in self.left_out:
            if text.strip():
                self.removals.append(Removal(text.strip(), reason))
        self.left_out.clear()


def read_word(data: bytes, name: str) -> Source:
    """The lines of a docx, tables row by row in reading order."""
    package = open_package(data, name)
    headings, bold_styles = _styles(package.roots("styles"))
    walk = _Walk(headings, bold_styles)
    for root in package.roots("document"):
        for body in root:
            if _tag(body) == "body":
                _blocks(body, walk)
    walk.close_removal()
    check_length(sum(len(text) for p in walk.paragraphs for text, _ in p.runs), name)
    lines, dirty = _lines(walk.paragraphs, name)
    removals = [*dirty, *walk.removals]
    for kind, reason in _LEFT_OUT.items():
        for root in package.roots(kind):
            removals += [Removal(text, reason) for text in _stories(root, kind)]
    facts = {"encoding": "Word (docx)"}
    if walk.insertions or walk.deletions:
        facts["tracked_changes"] = (
            f"insertions taken: {walk.insertions}, deletions left out: {walk.deletions}"
        )
    return Source(lines, tuple(removals), facts)


def _tag(element: Element) -> str:
    """The element's name without its namespace: Word has two namespaces for the same things."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: Element, key: str = "val") -> str:
    for name, value in element.items():
        if name.rpartition("}")[2] == key:
            return value
    return ""


def _child(element: Element | None, *path: str) -> Element | None:
    """The first child of this name, and its child of the next, or None."""
    for step in path:
        if element is None:
            return None
        element = next((child for child in element if _tag(child) == step), None)
    return element


def _on(element: Element | None) -> bool:
    """Whether a switch such as bold stands and is not turned off."""
    return element is not None and _value(element).casefold() not in ("0", "false", "off", "none")


def _styles(roots: list[Element]) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the styles that are headings, and of those that are bold."""
    headings: set[str] = set()
    bold: set[str] = set()
    for root in roots:
        for style in root:
            if _tag(style) != "style":
                continue
            named = _child(style, "name")
            key = _value(style, "styleId")
            if named is not None and _HEADINGS.fullmatch(_value(named)):
                headings.add(key)
            if _value(style, "type") == "character" and _on(_child(style, "rPr", "b")):
                bold.add(key)
    return frozenset(headings), frozenset(bold)


def _blocks(parent: Element, walk: _Walk) -> None:
    """Paragraphs and tables in reading order, through whatever wraps them."""
    for element in parent:
        tag = _tag(element)
        if tag == "p":
            walk.close_removal()
            walk.paragraphs.append(_paragraph(element, walk))
        elif tag == "tbl":
            _table(element, walk)
        elif tag == "altChunk":
            walk.leave_out("a document embedded by Word", "embedded document, not read")
        elif tag not in ("sectPr", "tblPr", "tblGrid", "trPr", "tcPr"):
            _blocks(element, walk)


def _table(table: Element, walk: _Walk) -> None:
    """Each row one line with a tab between its cells; a longer last cell goes on below."""
    for row in _within(table, "tr"):
        cells: list[list[_Paragraph]] = []
        for cell in _within(row, "tc"):
            inner = replace(walk, paragraphs=[])
            _blocks(cell, inner)
            walk.insertions, walk.deletions = inner.insertions, inner.deletions
            filled = [p for p in inner.paragraphs if any(text.strip() for text, _ in p.runs)]
            if filled:
                cells.append(filled)
        if any(len(cell) > 1 for cell in cells[:-1]):
            walk.paragraphs += [paragraph for filled in cells for paragraph in filled]
        elif cells:
            first = _Paragraph(list(cells[0][0].runs), cells[0][0].heading)
            for filled in cells[1:]:
                first.runs += [("\t", False), *filled[0].runs]
            walk.paragraphs += [first, *cells[-1][1:]]


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also inside content controls."""
    for element in parent:
        if _tag(element) == tag:
            yield element
        elif _tag(element) in ("sdt", "sdtContent", "customXml", "ins", "bookmarkStart"):
            yield from _within(element, tag)


def _paragraph(element: Element, walk: _Walk) -> _Paragraph:
    properties = _child(element, "pPr")
    style = _child(properties, "pStyle")
    paragraph = _Paragraph(
        heading=style is not None and _value(style) in walk.headings,
        # A paragraph whose end was deleted goes on with the next one.
        goes_on=_child(properties, "rPr", "del") is not None,
    )
    _inline(element, walk, paragraph, "")
    return paragraph


def _inline(parent: Element, walk: _Walk, paragraph: _Paragraph, gone: str) -> None:
    """The runs of a paragraph; ``gone`` is the reason why this stretch is not text, if any."""
    for element in parent:
        tag = _tag(element)
        if tag == "r":
            _run(element, walk, paragraph, gone)
        elif tag in ("del", "moveFrom"):
            walk.deletions += 1
            _inline(element, walk, paragraph, DELETED if tag == "del" else MOVED)
        elif tag in ("ins", "moveTo"):
            walk.insertions += 1
            _inline(element, walk, paragraph, gone)
        elif tag == "t":
            _put(element.text or "", False, walk, paragraph, gone)
        elif tag not in ("pPr", "sdtPr", "Fallback"):
            _inline(element, walk, paragraph, gone)


def _run(run: Element, walk: _Walk, paragraph: _Paragraph, gone: str) -> None:
    properties = _child(run, "rPr")
    style = _child(properties, "rStyle")
    bold = _on(_child(properties, "b")) or (style is not None and _value(style) in walk.bold_styles)
    if _on(_child(properties, "vanish")):
        gone = gone or "hidden text"
    _run_content(run, walk, paragraph, gone, bold)


def _run_content(
    parent: Element, walk: _Walk, paragraph: _Paragraph, gone: str, bold: bool
) -> None:
    for element in parent:
        tag = _tag(element)
        if tag == "t":
            _put(element.text or "", bold, walk, paragraph, gone)
        elif tag == "delText":
            _put(element.text or "", bold, walk, paragraph, gone or DELETED)
        elif tag in ("instrText", "delInstrText"):
            walk.removals.append(Removal((element.text or "").strip(), "field codes"))
        elif tag == "sym":
            walk.removals.append(
                Removal(f"{_value(element, 'font')} {_value(element, 'char')}", "symbol, not read")
            )
        elif tag in _BREAKS:
            _put(_BREAKS[tag], bold, walk, paragraph, gone)
        elif tag == "txbxContent":
            _text_box(element, walk)
        elif tag == "docPr":
            seen = _value(element, "descr") or _value(element, "name")
            walk.removals.append(Removal(seen or "without a description", "picture or shape"))
        elif tag == "rt":
            walk.leave_out("".join(_texts(element)), "reading aid over a word")
        elif tag == "r":
            _run(element, walk, paragraph, gone)
        elif tag not in ("rPr", "Fallback"):
            _run_content(element, walk, paragraph, gone, bold)


def _put(text: str, bold: bool, walk: _Walk, paragraph: _Paragraph, gone: str) -> None:
    if gone:
        walk.leave_out(text, gone)
    elif text:
        walk.close_removal()
        # A line end inside the XML is only its layout; line breaks have an element of their own.
        clean = text if text == "\n" else re.sub(r"[\r\n]+", " ", text)
        paragraph.runs.append((clean, bold))


def _text_box(box: Element, walk: _Walk) -> None:
    text = "\n".join("".join(_texts(part)) for part in box.iter() if _tag(part) == "p")
    if text.strip():
        walk.removals.append(Removal(text.strip(), "text box"))


def _texts(element: Element) -> Iterator[str]:
    for part in element.iter():
        if _tag(part) in ("t", "delText", "instrText"):
            yield part.text or ""
        elif _tag(part) in _BREAKS:
            yield " "


def _stories(root: Element, kind: str) -> Iterator[str]:
    """The words of a header, or of each note or comment."""
    parts = [root] if kind in ("header", "footer") else list(root)
    for part in parts:
        text = "\n".join("".join(_texts(p)) for p in part.iter() if _tag(p) == "p")
        if text.strip():
            yield text.strip()


def _lines(paragraphs: list[_Paragraph], name: str) -> tuple[list[Line], tuple[Removal, ...]]:
    """The paragraphs as lines: a line break inside a paragraph begins a new line."""
    lines: list[Line] = []
    removals: list[Removal] = []
    gap = False
    runs: list[tuple[str, bool]] = []
    for paragraph in paragraphs:
        runs += paragraph.runs
        if paragraph.goes_on and paragraph is not paragraphs[-1]:
            continue
        for row in _rows(runs):
            text = "".join(piece for piece, _ in row)
            lead = _lead(row)
            clean, removed = normalise(text, name)
            removals += removed
            if not clean.strip():
                gap = True
                continue
            row_text = clean.replace("\n", " ")
            lines.append(Line(row_text, lead=lead, gap=gap, heading=paragraph.heading))
            gap = False
        runs = []
        if len(lines) > MAX_LINES:
            raise UnreadableFile(
                f"{name} has more than {MAX_LINES:,} paragraphs: that is not one "
                "interview. Split it into one file an interview."
            )
    return lines, tuple(removals)


def _rows(runs: list[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    """The runs, cut at every line break."""
    row: list[tuple[str, bool]] = []
    for text, bold in runs:
        first, *others = text.split("\n")
        row.append((first, bold))
        for other in others:
            yield row
            row = [(other, bold)]
    yield row


def _lead(row: list[tuple[str, bool]]) -> str:
    """The bold beginning of a line, as far as it is bold."""
    lead = ""
    for text, bold in row:
        if not bold and text.strip():
            break
        lead += text
    return lead.strip() if any(bold and text.strip() for text, bold in row) else ""
