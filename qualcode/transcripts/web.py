"""A web page (html) in, the lines of a Source out.

Only what stands in the file is read: no picture, style or frame is fetched. Scripts, styles,
comments, menus and the title of the page are reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from qualcode.errors import UnreadableFile
from qualcode.transcripts.decoding import decode, decode_declared
from qualcode.transcripts.paragraphs import DELETED, LeftOut, Paragraph, lines_of, row_of
from qualcode.transcripts.source import Source, check_length, normalise
from qualcode.transcripts.words import words

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.I)
_SPACE = re.compile(r"[ \t\r\n]+")
_BLOCKS = words(
    "address article aside blockquote body dd div dl dt fieldset figcaption figure footer form h1",
    "h2 h3 h4 h5 h6 header hr html legend li main ol p pre section summary table caption tbody",
    "tfoot thead tr ul center dir details",
)
_LEFT_OUT = {
    "script": "script or style",
    "style": "script or style",
    "template": "script or style",
    "noscript": "script or style",
    "title": "title of the page",
    "nav": "menu of the page",
    "del": DELETED,
    "rt": "reading aid over a word",
    "rp": "reading aid over a word",
    "select": "form of the page",
    "button": "form of the page",
    "textarea": "form of the page",
}
_EMPTY = words("br hr img input meta link area base col embed source track wbr param")
MAX_DEPTH = 250
_PIECE = 64 * 1024


@dataclass
class _Walk:
    """What a page gives while its tags go by; lxml calls ``start``, ``end`` and ``data``."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    open: list[tuple[str, str]] = field(default_factory=list)
    bold: int = 0
    breaks: int = 0
    rows: list[list[list[Paragraph]]] = field(default_factory=list)
    insertions: int = 0
    deletions: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br":
            self.data("\n", raw=True)
        elif tag == "img":
            self.left_out.put(attributes.get("alt") or "without a description", "picture or shape")
        elif not tag.isalnum() and "-" not in tag:
            self.left_out.put(f"<{tag}>", "mark-up that is not HTML")
        if tag in _EMPTY:
            return
        reason = _LEFT_OUT.get(tag, "")
        if not reason and _is_hidden(attributes):
            reason = "hidden text"
        if len(self.open) >= MAX_DEPTH:
            raise _TooDeep
        self.insertions += tag == "ins"
        self.deletions += tag == "del"
        if reason:
            self.left_out.close()
        self.open.append((tag, reason))
        self.bold += tag in ("b", "strong", "th")
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._open_cell()
        elif tag in _BLOCKS:
            self._break(heading=bool(re.fullmatch("h[1-6]", tag)))

    def end(self, tag: str) -> None:
        if tag in _EMPTY or not any(tag == name for name, _ in self.open):
            return
        while self.open:
            name, _ = self.open.pop()
            self.bold -= name in ("b", "strong", "th")
            if name == "tr" and self.rows:
                self._close_row()
            elif name in _BLOCKS:
                self._break()
            if name == tag:
                break

    def data(self, text: str, raw: bool = False) -> None:
        reason = next((reason for _, reason in reversed(self.open) if reason), "")
        if reason:
            self.left_out.add(text, reason)
            return
        self.left_out.close()
        if not raw and not any(name in ("pre",) for name, _ in self.open[-4:]):
            text = _SPACE.sub(" ", text)
        self._paragraph().runs.append((text, self.bold > 0))

    def comment(self, text: str) -> None:
        self.left_out.put(text, "comment in the page")

    def close(self) -> None:
        self.left_out.close()
        while self.rows:
            self._close_row()

    def _paragraph(self) -> Paragraph:
        here = self.rows[-1][-1] if self.rows and self.rows[-1] else self.paragraphs
        if not here:
            here.append(Paragraph())
        return here[-1]

    def _break(self, heading: bool = False) -> None:
        here = self.rows[-1][-1] if self.rows and self.rows[-1] else self.paragraphs
        if here and not here[-1].text.strip() and not here[-1].heading and not heading:
            return
        here.append(Paragraph(heading=heading))

    def _open_cell(self) -> None:
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append([Paragraph()])

    def _close_row(self) -> None:
        cells = self.rows.pop()
        here = self.rows[-1][-1] if self.rows and self.rows[-1] else self.paragraphs
        here += row_of(cells)
        here.append(Paragraph())


class _TooDeep(Exception):
    """The page nests its elements deeper than any page a person wrote."""


def read_html(data: bytes, name: str) -> Source:
    """The lines of a web page, a block a line."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        text, encoding = decode_declared(data, declared.group(1).decode("ascii"), name)
    else:
        text, encoding = decode(data, name)
    text, removals = normalise(text, name)
    walk = _Walk()
    parser = etree.HTMLParser(
        target=walk, no_network=True, recover=True, huge_tree=False, remove_pis=True
    )
    try:
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
        parser.close()
    except _TooDeep as error:
        raise UnreadableFile(
            f"{name} is built deeper than any interview. Open it in a browser, copy the text into "
            "Word and save it as docx."
        ) from error
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFile(
            f"{name} is a damaged web page. Open it in a browser, copy the text into Word and save "
            "it as docx."
        ) from error
    check_length(sum(len(paragraph.text) for paragraph in walk.paragraphs), name)
    lines, dirty = lines_of(walk.paragraphs, name)
    facts = {"encoding": encoding}
    if walk.insertions or walk.deletions:
        facts["tracked_changes"] = (
            f"insertions taken: {walk.insertions}, deletions left out: {walk.deletions}"
        )
    return Source(lines, (*removals, *dirty, *walk.left_out.removals), facts)


def _is_hidden(attributes: dict[str, str]) -> bool:
    style = attributes.get("style", "").replace(" ", "").casefold()
    return "hidden" in attributes or "display:none" in style
