"""Reports as a word-processor file: real headings and tables, nothing about who made it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Mm, Pt, RGBColor

from qualcode.reports import word_fields as fields
from qualcode.reports.document import (
    Block,
    Bullets,
    Contents,
    Figure,
    Heading,
    Layout,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Row,
    Table,
    clean,
)

FONT = "Calibri"
INK, QUIET = RGBColor(0, 0, 0), RGBColor(0x50, 0x50, 0x50)
DOMAIN, SECTION, HEAD, OPEN = "D9D9D9", "F2F2F2", "E7E7E7", "FFF2A8"
PAPER = {"A4": (Mm(210), Mm(297)), "Letter": (Inches(8.5), Inches(11))}
SHORT_TABLE = 12
FEW_LETTERS = 1_500
"""Rows and characters up to which a table is kept on one page."""
LONG_CELL = 900
"""Characters from which a row may run over to the next page."""
EDGES, LINE = ("top", "left", "bottom", "right", "insideH", "insideV"), "7F7F7F"
# The template that python-docx brings holds these; a report does not need them.
SPARE_PARTS = ("/customXml", "/docProps/thumbnail", "/word/stylesWithEffects")
PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"><Application>qualcode</Application></Properties>'
)


def word_document(report: Report) -> bytes:
    """The report as DOCX: the same report gives the same bytes, and no name stands in it."""
    document, layout = docx.Document(), report.layout
    _styles(document, layout)
    _settings(document)
    blocks = list(report.blocks)
    landscape = bool(blocks) and isinstance(blocks[0], Page) and blocks[0].landscape
    _page(document.sections[0], landscape, layout)
    _header_and_footer(document.sections[0], layout.short_title or report.title)
    document.add_paragraph(clean(report.title), style="Title")
    for line in report.subtitle:
        last = document.add_paragraph(clean(line), style="Subtitle")
    if report.subtitle:
        last.paragraph_format.space_after = Pt(10)
    for place, block in enumerate(blocks):
        if isinstance(block, Page) and place == 0:
            continue
        _block(document, block, report)
    _core(document, report)
    return _package(document, report)


def _block(document: Any, block: Block, report: Report) -> None:
    if isinstance(block, Heading):
        made = document.add_paragraph(style=f"Heading {block.level}")
        place = next(n for n, held in enumerate(report.headings) if held is block)
        with fields.bookmark(document, made, f"_h_{place}"):
            made.add_run(clean(block.text))
    elif isinstance(block, Paragraph):
        made = document.add_paragraph(style="Table note" if block.small else "Normal")
        fields.prose(made, block.text, report.labels)
    elif isinstance(block, Bullets):
        style = "List Number" if block.numbered else "List Bullet"
        restart = fields.numbered_anew(document) if block.numbered else None
        for item in block.items:
            made = document.add_paragraph(style=style)
            fields.prose(made, item, report.labels)
            if restart is not None:
                made._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = restart
    elif isinstance(block, Quote):
        document.add_paragraph(f"{clean(block.text)} {clean(block.attribution)}", style="Quote")
    elif isinstance(block, Placeholder):
        document.add_paragraph(clean(block.shown), style="Placeholder")
    elif isinstance(block, Table):
        _table(document, block)
    elif isinstance(block, Figure):
        section = document.sections[-1]
        room = section.page_width - section.left_margin - section.right_margin
        fields.figure(document, block, room)
    elif isinstance(block, Contents):
        fields.contents(document, block, report)
    else:
        _page(document.add_section(), block.landscape, report.layout)


def _styles(document: Any, layout: Layout) -> None:
    styles = document.styles
    used = {"Normal Table", "Table Grid"}
    for element in list(styles.element):
        name = element.find(qn("w:name"))
        if element.get(qn("w:type")) == "table" and name.get(qn("w:val")) not in used:
            styles.element.remove(element)
    for edge in styles["Table Grid"].element.iter(*(qn(f"w:{side}") for side in EDGES)):
        edge.set(qn("w:color"), LINE)
    for element in list(styles.element.iter(qn("w:rsid"))):
        element.getparent().remove(element)  # marks of the machine that made the template
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), layout.language)
    normal = _style(styles["Normal"], layout.letters, after=6)
    normal.paragraph_format.line_spacing = layout.spacing
    normal.paragraph_format.widow_control = True
    title = _style(styles["Title"], 16, bold=True, after=4)
    borders = title.element.pPr.find(qn("w:pBdr"))
    if borders is not None:
        title.element.pPr.remove(borders)
    _style(styles["Subtitle"], 10, color=QUIET, after=1)
    _style(
        styles["Heading 1"], 14, bold=True, before=16, after=4
    ).paragraph_format.keep_with_next = True
    _style(styles["Heading 2"], 12, bold=True, before=12, after=3)
    _style(styles["Heading 3"], 11, bold=True, italic=True, before=8, after=2)
    for level in (1, 2, 3):
        styles[f"Heading {level}"].paragraph_format.line_spacing = 1.15
    for name in ("List Bullet", "List Number"):
        _style(styles[name], layout.letters, after=3)
    quote = _style(styles["Quote"], layout.letters, before=3, after=6)
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Mm(8)
    quote.paragraph_format.keep_together = True
    caption = _style(styles["Caption"], 10, bold=True, before=8, after=3)
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.line_spacing = 1.0
    for name, size, color, after in (
        ("Table text", 9, INK, 0),
        ("Table source", 8, QUIET, 0),
        ("Table note", 9, QUIET, 4),
        ("Placeholder", 11, INK, 6),
    ):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        _style(made, size, color=color, after=after, italic=name == "Table source")
        made.paragraph_format.line_spacing = 1.0
    for name, indent in (("Contents 1", 0), ("Contents 2", 6), ("Contents 3", 12)):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        _style(made, 10.5, after=2)
        made.paragraph_format.left_indent = Mm(indent)
        made.paragraph_format.line_spacing = 1.0
    heading = styles.add_style("Contents title", WD_STYLE_TYPE.PARAGRAPH)
    heading.base_style = normal
    _style(heading, 14, bold=True, before=16, after=4)
    drawn = styles.add_style("Figure", WD_STYLE_TYPE.PARAGRAPH)
    drawn.base_style = normal
    _style(drawn, 11, before=8)
    drawn.paragraph_format.keep_with_next = True
    drawn.paragraph_format.line_spacing = 1.0
    _shade(styles["Placeholder"].element.get_or_add_pPr(), OPEN)


def _style(
    style: Any,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    color: RGBColor = INK,
    before: float = 0,
    after: float = 0,
) -> Any:
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, Pt(size), bold, italic
    font.color.rgb = color
    fonts = style.element.rPr.rFonts
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), FONT)
    for spare in ("w:spacing", "w:kern"):
        found = style.element.rPr.find(qn(spare))
        if found is not None:
            style.element.rPr.remove(found)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def _settings(document: Any) -> None:
    settings = document.settings.element
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    compat = settings.find(qn("w:compat"))
    for setting in list(compat):
        if setting.tag == qn("w:useFELayout"):
            compat.remove(setting)
        elif setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")  # 14 opens in compatibility mode
    for spare in ("w:rsids", "w:savePreviewPicture", "w:proofState"):
        found = settings.find(qn(spare))
        if found is not None:
            settings.remove(found)


def _page(section: Any, landscape: bool, layout: Layout) -> None:
    short, long = PAPER[layout.paper]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    margin = Mm(18) if landscape else Mm(layout.margin)
    section.left_margin = section.right_margin = margin
    section.top_margin = section.bottom_margin = Mm(20) if landscape else Mm(layout.margin)
    section.header_distance = section.footer_distance = Mm(10)
    if layout.line_numbers:
        fields.line_numbers(section)


def _header_and_footer(section: Any, title: str) -> None:
    header = section.header.paragraphs[0]
    header.style = "Table source"
    header.text = clean(title)[:90]
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = section.footer.paragraphs[0]
    footer.style = "Table text"
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("Page ")
    fields.simple_field(footer, "PAGE")
    footer.add_run(" of ")
    fields.simple_field(footer, "NUMPAGES")


def _table(document: Any, table: Table) -> None:
    if table.title:
        fields.caption(document, table)
    made = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    made.autofit = False
    section = document.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    total = sum(column.width for column in table.columns)
    widths = [int(room * column.width / total) for column in table.columns]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    _margins(made)
    head = made.add_row()
    mark = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    head._tr.trPr.append(mark)
    # One look at the cells of a row: asking python-docx for each cell walks the whole table.
    for cell, column, width in zip(head.cells, table.columns, widths, strict=True):
        cell.width = width
        _shade(cell._tc.get_or_add_tcPr(), HEAD)
        paragraph = _fill(cell, column.title, bold=True)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.numeric else None
    for row in table.rows:
        _row(made, table, row, widths)
    words = sum(len(cell.text) + len(cell.note) for line in table.rows for cell in line.cells)
    if len(table.rows) <= SHORT_TABLE and words <= FEW_LETTERS:
        _together(made)
    after = document.add_paragraph(style="Table note")
    after.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    after.paragraph_format.line_spacing = Pt(4)


def _together(made: Any) -> None:
    """A short table stays on one page: each row with the next."""
    for line in made.rows[:-1]:
        for cell in line.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _row(made: Any, table: Table, row: Row, widths: list[int]) -> None:
    new = made.add_row()
    if all(len(cell.text) + len(cell.note) < LONG_CELL for cell in row.cells):
        new._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells = new.cells
    if row.kind != "row":
        whole = cells[0].merge(cells[-1])
        domain = row.kind == "domain"
        _shade(whole._tc.get_or_add_tcPr(), DOMAIN if domain else SECTION)
        for spare in whole.paragraphs[1:]:
            spare._p.getparent().remove(spare._p)
        paragraph = _fill(whole, row.cells[0].text, bold=domain, italic=not domain)
        paragraph.paragraph_format.keep_with_next = True
        return
    for cell, content, column, width in zip(cells, row.cells, table.columns, widths, strict=True):
        cell.width = width
        paragraph = _fill(cell, content.text, bold=content.strong)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.numeric else None
        if content.ask:
            _shade(cell._tc.get_or_add_tcPr(), OPEN)
            if content.text:
                paragraph = cell.add_paragraph()
                paragraph._p.style = _id("Table text")
            paragraph.add_run(clean(content.ask)).bold = True
        if content.note:
            cell.add_paragraph(clean(content.note))._p.style = _id("Table source")


def _id(style: str) -> str:
    # Given by its name, a style is looked for among all of them, for each cell of a long table.
    return style.replace(" ", "")


def _fill(cell: Any, text: str, *, bold: bool = False, italic: bool = False) -> Any:
    paragraph = cell.paragraphs[0]
    paragraph._p.style = _id("Table text")
    if text:
        run = paragraph.add_run(clean(text))
        run.bold, run.italic = bold or None, italic or None
    return paragraph


def _margins(made: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", 40), ("left", 85), ("bottom", 40), ("right", 85)):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(width))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    look = made._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(margins)
    else:
        made._tbl.tblPr.append(margins)


def _shade(properties: Any, color: str) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), color)
    if properties.tag == qn("w:pPr"):
        # The schema has an order: shading stands before spacing, indents and alignment.
        later = ("w:spacing", "w:ind", "w:jc", "w:rPr", "w:tabs")
        for name in later:
            found = properties.find(qn(name))
            if found is not None:
                found.addprevious(shade)
                return
    properties.append(shade)


def _core(document: Any, report: Report) -> None:
    core = document.core_properties
    core.title = clean(report.title)[:255]
    core.author = core.last_modified_by = core.comments = core.keywords = core.category = ""
    core.subject = ""
    core.language = report.layout.language
    core.revision = 1
    day = datetime(report.date.year, report.date.month, report.date.day, tzinfo=UTC)
    core.created = core.modified = day
    core.last_printed = day


def _package(document: Any, report: Report) -> bytes:
    package = document.part.package
    for part in (document.part, document.part.numbering_part):
        for element in part.element.iter():
            for name in [name for name in element.attrib if "}rsid" in name]:
                del element.attrib[name]
    for holder in (package, document.part):
        for key, relation in list(holder.rels.items()):
            if str(relation.target_part.partname).startswith(SPARE_PARTS):
                del holder.rels[key]
    raw = io.BytesIO()
    document.save(raw)
    made = io.BytesIO()
    # Every member is dated with the report, or two saves of one report would differ.
    year = max(report.date.year, 1980)
    stamp = (year, report.date.month, report.date.day, 0, 0, 0)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = PROPERTIES if name == "docProps/app.xml" else old.read(name)
            member = zipfile.ZipInfo(name, date_time=stamp)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return made.getvalue()
