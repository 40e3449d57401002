"""An OpenDocument text (odt) in, the lines of a Source out.

It is read like a Word file: insertions are taken, deletions left out and reported; headers,
footers, notes, comments, text boxes and hidden text are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from qualcode.errors import UnreadableFile
from qualcode.model import Removal
from qualcode.transcripts.package import Archive, open_archive
from qualcode.transcripts.paragraphs import DELETED, LeftOut, Paragraph, lines_of, row_of
from qualcode.transcripts.source import Source, check_length
from qualcode.transcripts.words import words

_SPACE = re.compile(r"[ \t\r\n]+")
_SPACES = 1_000
"""So many spaces an element may stand for."""
_NO_TEXT = words(
    "sequence-decls variable-decls user-field-decls forms table-column scripts",
    "dde-connection-decls alphabetical-index-auto-mark-file",
)
_STORIES = {"header": "page header", "footer": "page footer"}
_INDEXES = words("table-of-content illustration-index table-index alphabetical-index bibliography")


@dataclass
class _Walk:
    """One walk over a document: the paragraphs found, and what was left out."""

    bold: frozenset[str]
    hidden: frozenset[str]
    paragraphs: list[Paragraph] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)


def read_odt(data: bytes, name: str) -> Source:
    """The lines of an odt, tables row by row in reading order."""
    archive = open_archive(
        data, name, "OpenDocument text", "Open it in LibreOffice and save it again as odt or docx"
    )
    _check_open(archive)
    content = archive.tree("content.xml")
    styles = archive.tree("styles.xml") if "styles.xml" in archive.parts else Element("none")
    walk = _Walk(*_styles([styles, content]))
    insertions = deletions = 0
    for body in (part for part in content.iter() if _tag(part) == "text" and _is_office(part)):
        insertions += sum(_tag(part) == "insertion" for part in body.iter())
        deletions += sum(_tag(part) == "deletion" for part in body.iter())
        _blocks(body, walk)
    walk.left_out.close()
    check_length(sum(len(paragraph.text) for paragraph in walk.paragraphs), name)
    lines, dirty = lines_of(walk.paragraphs, name)
    removals = [*dirty, *walk.left_out.removals, *_stories(styles)]
    facts = {"encoding": "OpenDocument (odt)"}
    if insertions or deletions:
        facts["tracked_changes"] = (
            f"insertions taken: {insertions}, deletions left out: {deletions}"
        )
    return Source(lines, tuple(removals), facts)


def _check_open(archive: Archive) -> None:
    """Refuse a file with a password: its parts are there, but in secret writing."""
    parts = archive.parts
    locked = "encrypted-package" in parts
    if "META-INF/manifest.xml" in parts:
        manifest = archive.read("META-INF/manifest.xml")
        locked = locked or b"encryption-data" in manifest
    if locked:
        raise UnreadableFile(
            f"{archive.name} is protected by a password. Open it in LibreOffice, take the "
            "password off, and save it again."
        )
    if "content.xml" not in parts:
        raise archive.damaged()


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _is_office(element: Element) -> bool:
    return "office" in element.tag.partition("}")[0]


def _value(element: Element, key: str) -> str:
    for name, value in element.items():
        if name.rpartition("}")[2] == key:
            return value
    return ""


def _styles(roots: list[Element]) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the styles that are bold, and of those that are hidden."""
    bold: set[str] = set()
    hidden: set[str] = set()
    for root in roots:
        for style in root.iter():
            if _tag(style) != "style":
                continue
            if _value(style, "parent-style-name") in bold:
                bold.add(_value(style, "name"))
            for text in style:
                if _tag(text) != "text-properties":
                    continue
                weight = _value(text, "font-weight")
                if weight in ("bold", "600", "700", "800", "900"):
                    bold.add(_value(style, "name"))
                elif weight:
                    bold.discard(_value(style, "name"))
                if _value(text, "display") == "none":
                    hidden.add(_value(style, "name"))
    return frozenset(bold), frozenset(hidden)


def _blocks(parent: Element, walk: _Walk) -> None:
    """Paragraphs and tables in reading order, through whatever wraps them."""
    for element in parent:
        tag = _tag(element)
        if tag in ("p", "h"):
            walk.left_out.close()
            paragraph = Paragraph(heading=tag == "h")
            walk.paragraphs.append(paragraph)
            _inline(element, walk, paragraph, _style(element, walk), "")
        elif tag == "table":
            _table(element, walk)
        elif tag == "tracked-changes":
            _changes(element, walk)
        elif tag in _INDEXES:
            walk.left_out.put(_story(element), "table of contents")
        elif tag == "frame":
            _frame(element, walk)
        elif tag not in _NO_TEXT:
            _blocks(element, walk)


def _changes(changes: Element, walk: _Walk) -> None:
    for region in changes:
        for change in region:
            if _tag(change) == "deletion":
                walk.left_out.put(_story(change), DELETED)


def _table(table: Element, walk: _Walk) -> None:
    for row in _within(table, "table-row"):
        cells: list[list[Paragraph]] = []
        for cell in row:
            if _tag(cell) == "table-cell":
                inner = replace(walk, paragraphs=[])
                _blocks(cell, inner)
                cells.append(inner.paragraphs)
        walk.paragraphs += row_of(cells)


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """The rows of a table, also inside groups of rows."""
    for element in parent:
        if _tag(element) == tag:
            yield element
        elif _tag(element) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _within(element, tag)


def _style(element: Element, walk: _Walk) -> bool:
    return _value(element, "style-name") in walk.bold


def _inline(parent: Element, walk: _Walk, paragraph: Paragraph, bold: bool, gone: str) -> None:
    """The text of a paragraph; ``gone`` is the reason why this stretch is not text, if any."""
    _put(parent.text, walk, paragraph, bold, gone)
    for element in parent:
        tag = _tag(element)
        if tag == "s":
            count = _value(element, "c") or "1"
            spaces = min(int(count), _SPACES) if count.isdecimal() and len(count) < 7 else 1
            _put_raw(" " * spaces, walk, paragraph, bold, gone)
        elif tag == "tab":
            _put_raw("\t", walk, paragraph, bold, gone)
        elif tag == "line-break":
            _put_raw("\n", walk, paragraph, bold, gone)
        elif tag == "annotation":
            walk.left_out.put(_story(element, skip=("creator", "date")), "comment")
        elif tag == "note":
            kind = "endnote" if _value(element, "note-class") == "endnote" else "footnote"
            walk.left_out.put(_story(element, skip=("note-citation",)), kind)
        elif tag == "frame" or tag.startswith("custom-shape"):
            _frame(element, walk)
        elif tag == "ruby":
            _ruby(element, walk, paragraph, bold, gone)
        elif tag in ("hidden-text", "hidden-paragraph"):
            text = _value(element, "string-value") or "".join(element.itertext())
            walk.left_out.put(text, "hidden text")
        else:
            own = _style(element, walk) if tag == "span" else bold
            hides = tag == "span" and _value(element, "style-name") in walk.hidden
            _inline(element, walk, paragraph, own or bold, gone or ("hidden text" * hides))
        _put(element.tail, walk, paragraph, bold, gone)


def _ruby(element: Element, walk: _Walk, paragraph: Paragraph, bold: bool, gone: str) -> None:
    for part in element:
        if _tag(part) == "ruby-text":
            walk.left_out.put("".join(part.itertext()), "reading aid over a word")
        else:
            _inline(part, walk, paragraph, bold, gone)


def _frame(frame: Element, walk: _Walk) -> None:
    """A text box with its words, or a picture with its description."""
    inside = _story(frame, skip=("title", "desc"))
    walk.left_out.put(inside, "text box")
    if not inside.strip():
        seen = [part.text or "" for part in frame.iter() if _tag(part) in ("title", "desc")]
        shown = " ".join(filter(None, seen)) or _value(frame, "name") or "without a description"
        walk.left_out.put(shown, "picture or shape")


def _put(text: str | None, walk: _Walk, paragraph: Paragraph, bold: bool, gone: str) -> None:
    if text:
        _put_raw(_SPACE.sub(" ", text), walk, paragraph, bold, gone)


def _put_raw(text: str, walk: _Walk, paragraph: Paragraph, bold: bool, gone: str) -> None:
    if gone:
        walk.left_out.add(text, gone)
    else:
        walk.left_out.close()
        paragraph.runs.append((text, bold))


def _story(root: Element, skip: tuple[str, ...] = ()) -> str:
    """The words of a note, comment, box or header, a paragraph a line."""
    pieces: list[str] = []

    def walk(element: Element) -> None:
        pieces.append(_SPACE.sub(" ", element.text or ""))
        for part in element:
            if _tag(part) in ("p", "h", "line-break"):
                pieces.append("\n")
            elif _tag(part) in ("tab", "s"):
                pieces.append(" ")
            if _tag(part) not in skip:
                walk(part)
            pieces.append(_SPACE.sub(" ", part.tail or ""))

    walk(root)
    return "\n".join(line.strip() for line in "".join(pieces).split("\n") if line.strip())


def _stories(styles: Element) -> Iterator[Removal]:
    """The headers and footers of the pages."""
    for element in styles.iter():
        reason = _STORIES.get(re.sub("-(left|first)$", "", _tag(element)))
        story = _story(element) if reason else ""
        if reason and story:
            yield Removal(story, reason)
