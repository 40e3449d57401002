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

from qualcode.model import Removal
from qualcode.transcripts.package import open_package
from qualcode.transcripts.paragraphs import (
    DELETED,
    MOVED,
    LeftOut,
    Paragraph,
    lines_of,
    one_line,
    row_of,
)
from qualcode.transcripts.source import Source, check_length

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
class _Walk:
    """One walk over a document: the paragraphs found, and what was left out."""

    headings: frozenset[str]
    bold_styles: frozenset[str]
    paragraphs: list[Paragraph] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    insertions: int = 0
    deletions: int = 0


def read_word(data: bytes, name: str) -> Source:
    """The lines of a docx, tables row by row in reading order."""
    package = open_package(data, name)
    headings, bold_styles = _styles(package.roots("styles"))
    walk = _Walk(headings, bold_styles)
    for root in package.roots("document"):
        for body in root:
            if _tag(body) == "body":
                _blocks(body, walk)
    walk.left_out.close()
    check_length(sum(len(text) for p in walk.paragraphs for text, _ in p.runs), name)
    lines, dirty = lines_of(walk.paragraphs, name)
    removals = [*dirty, *walk.left_out.removals]
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
            walk.left_out.close()
            walk.paragraphs.append(_paragraph(element, walk))
        elif tag == "tbl":
            _table(element, walk)
        elif tag == "altChunk":
            walk.left_out.add("a document embedded by Word", "embedded document, not read")
        elif tag not in ("sectPr", "tblPr", "tblGrid", "trPr", "tcPr"):
            _blocks(element, walk)


def _table(table: Element, walk: _Walk) -> None:
    """Each row one line with a tab between its cells; a longer last cell goes on below."""
    for row in _within(table, "tr"):
        cells: list[list[Paragraph]] = []
        for cell in _within(row, "tc"):
            inner = replace(walk, paragraphs=[])
            _blocks(cell, inner)
            walk.insertions, walk.deletions = inner.insertions, inner.deletions
            cells.append(inner.paragraphs)
        walk.paragraphs += row_of(cells)


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also inside content controls."""
    for element in parent:
        if _tag(element) == tag:
            yield element
        elif _tag(element) in ("sdt", "sdtContent", "customXml", "ins", "bookmarkStart"):
            yield from _within(element, tag)


def _paragraph(element: Element, walk: _Walk) -> Paragraph:
    properties = _child(element, "pPr")
    style = _child(properties, "pStyle")
    paragraph = Paragraph(
        heading=style is not None and _value(style) in walk.headings,
        # A paragraph whose end was deleted goes on with the next one.
        goes_on=_child(properties, "rPr", "del") is not None,
    )
    _inline(element, walk, paragraph, "")
    return paragraph


def _inline(parent: Element, walk: _Walk, paragraph: Paragraph, gone: str) -> None:
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


def _run(run: Element, walk: _Walk, paragraph: Paragraph, gone: str) -> None:
    properties = _child(run, "rPr")
    style = _child(properties, "rStyle")
    bold = _on(_child(properties, "b")) or (style is not None and _value(style) in walk.bold_styles)
    if _on(_child(properties, "vanish")):
        gone = gone or "hidden text"
    _run_content(run, walk, paragraph, gone, bold)


def _run_content(parent: Element, walk: _Walk, paragraph: Paragraph, gone: str, bold: bool) -> None:
    for element in parent:
        tag = _tag(element)
        if tag == "t":
            _put(element.text or "", bold, walk, paragraph, gone)
        elif tag == "delText":
            _put(element.text or "", bold, walk, paragraph, gone or DELETED)
        elif tag in ("instrText", "delInstrText"):
            walk.left_out.put(element.text or "", "field codes")
        elif tag == "sym":
            walk.left_out.put(
                f"{_value(element, 'font')} {_value(element, 'char')}", "symbol, not read"
            )
        elif tag in _BREAKS:
            _put(_BREAKS[tag], bold, walk, paragraph, gone)
        elif tag == "txbxContent":
            _text_box(element, walk)
        elif tag == "docPr":
            seen = _value(element, "descr") or _value(element, "name")
            walk.left_out.put(seen or "without a description", "picture or shape")
        elif tag == "rt":
            walk.left_out.add("".join(_texts(element)), "reading aid over a word")
        elif tag == "r":
            _run(element, walk, paragraph, gone)
        elif tag not in ("rPr", "Fallback"):
            _run_content(element, walk, paragraph, gone, bold)


def _put(text: str, bold: bool, walk: _Walk, paragraph: Paragraph, gone: str) -> None:
    if gone:
        walk.left_out.add(text, gone)
    elif text:
        walk.left_out.close()
        paragraph.runs.append((text if text == "\n" else one_line(text), bold))


def _text_box(box: Element, walk: _Walk) -> None:
    text = "\n".join("".join(_texts(part)) for part in box.iter() if _tag(part) == "p")
    walk.left_out.put(text, "text box")


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
