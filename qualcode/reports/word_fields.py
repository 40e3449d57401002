"""What a word processor counts and leads to by itself: captions, references, contents, lists.

Each field holds the value that it will come to, so that the file reads right before it is updated.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from qualcode.reports.document import Contents, Figure, Report, Table, anchor, cited, clean

LABEL = re.compile(r"(.*?)(\d+)$", re.DOTALL)


def simple_field(paragraph: Any, code: str, shown: str = "1") -> Any:
    """A field with the value it shows until it is updated."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    field.append(_run(shown))
    paragraph._p.append(field)
    return field


def _run(text: str) -> Any:
    run, words = OxmlElement("w:r"), OxmlElement("w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    return run


@contextmanager
def bookmark(document: Any, paragraph: Any, name: str) -> Iterator[None]:
    """What is added to the paragraph inside the block can be led to by this name."""
    number = str(len(document.element.body.findall(f".//{qn('w:bookmarkStart')}")) + 1)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), number)
    start.set(qn("w:name"), name)
    paragraph._p.append(start)
    yield
    paragraph._p.append(end)


def place_of(label: str) -> str:
    """The bookmark over a caption's number; the underscore keeps it out of the reader's list."""
    return f"_{anchor(label).replace('-', '_')}"


def caption(document: Any, block: Table | Figure) -> Any:
    """“Table 2. …”, counted by the word processor and with a bookmark over its number."""
    made = document.add_paragraph(style="Caption")
    found = LABEL.match(block.label)
    if found is None:
        made.add_run(clean(block.caption))
        return made
    series, count = found.groups()
    with bookmark(document, made, place_of(block.label)):
        made.add_run(series)
        name = series.strip().replace(" ", "_")
        simple_field(made, f"SEQ {name} \\* ARABIC", count)
    made.add_run(f". {clean(block.caption)}")
    return made


def prose(paragraph: Any, text: str, labels: tuple[str, ...]) -> None:
    """Running text; where it cites a table or a figure it leads there."""
    for part, label in cited(clean(text), labels):
        if label:
            simple_field(paragraph, f"REF {place_of(label)} \\h", label)
        else:
            paragraph.add_run(part)


def figure(document: Any, block: Figure, room: int) -> None:
    """A picture in the line of the text, with its alternative text; the caption stands below."""
    made = document.add_paragraph(style="Figure")
    shape = made.add_run().add_picture(
        io.BytesIO(block.drawing.png()), width=int(room * block.width)
    )
    properties = shape._inline.docPr
    properties.set("name", clean(block.label) or "Figure")
    properties.set("descr", clean(block.alt))
    words = caption(document, block)
    words.paragraph_format.space_before, words.paragraph_format.space_after = Pt(4), Pt(12)
    words.paragraph_format.keep_with_next = False


def contents(document: Any, block: Contents, report: Report) -> None:
    """The headings as a field that can be updated; each line leads to its heading.

    No page numbers stand in it: only the word processor knows the pages, and gives the number at
    the foot of each.
    """
    wanted = [
        (place, heading)
        for place, heading in enumerate(report.headings)
        if heading.level <= block.levels
    ]
    document.add_paragraph(clean(block.title), style="Contents title")
    lines = []
    for place, heading in wanted:
        line = document.add_paragraph(style=f"Contents {heading.level}")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"_h_{place}")
        link.set(qn("w:history"), "1")
        link.append(_run(clean(heading.text)))
        line._p.append(link)
        lines.append(line)
    if lines:
        _around(lines[0], lines[-1], f'TOC \\o "1-{block.levels}" \\n \\h \\z')


def _around(first: Any, last: Any, code: str) -> None:
    """One field from before the first paragraph's words to after the last one's."""
    begin, instruction, separate, end = (OxmlElement("w:r") for _ in range(4))
    for run, kind in ((begin, "begin"), (separate, "separate"), (end, "end")):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run.append(mark)
    words = OxmlElement("w:instrText")
    words.text = f" {code} "
    words.set(qn("xml:space"), "preserve")
    instruction.append(words)
    properties = first._p.find(qn("w:pPr"))
    for run in (separate, instruction, begin):
        properties.addnext(run)
    last._p.append(end)


def numbered_anew(document: Any) -> int:
    """The id of a numbering that begins at one, for one list."""
    numbering = document.part.numbering_part.element
    style = document.styles["List Number"].element
    base = style.pPr.numPr.numId.val
    num = numbering.num_having_numId(base)
    made = numbering.add_num(num.abstractNumId.val)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def line_numbers(section: Any) -> None:
    """Numbers at the edge of each line, on through the whole document."""
    properties = section._sectPr
    for old in properties.findall(qn("w:lnNumType")):
        properties.remove(old)
    mark = OxmlElement("w:lnNumType")
    mark.set(qn("w:countBy"), "1")
    mark.set(qn("w:restart"), "continuous")
    properties.find(qn("w:pgMar")).addnext(mark)
