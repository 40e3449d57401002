"""Reports as one web page: complete in itself, for eyes, screen readers, dark screens and paper."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from qualcode.reports.document import (
    Bullets,
    Cell,
    Contents,
    Figure,
    Heading,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Row,
    Table,
    anchor,
    cited,
    clean,
)

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --line: #8a8a8a; --quiet: #595959;
  --domain: #d9d9d9; --section: #f2f2f2; --open: #fff2a8; --open-ink: #3d3000;
  --link: #1d4f91; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181c; --line: #6f757d; --quiet: #b3b9c1;
    --domain: #383d45; --section: #24282e; --open: #4d4200; --open-ink: #fff3bf;
    --link: #9cc4ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 75rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, "Segoe UI", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; } h3 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; }
p, blockquote, h2, h3 { max-width: 48rem; overflow-wrap: anywhere; }
.line { margin: 0; color: var(--quiet); } .small { font-size: .875rem; color: var(--quiet); }
blockquote { margin: .75rem 0 .75rem 1.25rem; padding-left: .9rem;
  border-left: 3px solid var(--line); white-space: pre-line; }
.placeholder, .open { background: var(--open); color: var(--open-ink); }
.placeholder { padding: .4rem .6rem; border: 1px dashed currentColor; }
.table { overflow-x: auto; margin: 1rem 0; } .table:focus-visible { outline: 3px solid #2b6cb0; }
table { border-collapse: collapse; width: 100%; min-width: 42rem; font-size: .9rem;
  table-layout: fixed; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { border: 1px solid var(--line); padding: .4rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; white-space: pre-line; }
td { hyphens: auto; }
thead th { background: var(--section); overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.domain th { background: var(--domain); }
.section th { background: var(--section); font-style: italic;
  font-weight: 400; }
tbody th[scope=row] { font-weight: 600; }
.note { display: block; margin-top: .2rem; font-size: .8rem; font-style: italic;
  color: var(--quiet); }
.open { padding: 0 .2rem; font-weight: 600; }
figure { margin: 1.25rem 0; max-width: 52rem; } figcaption { font-weight: 600; margin-top: .5rem; }
figure img { display: block; max-width: 100%; height: auto; background: #fff; padding: .5rem;
  border: 1px solid var(--line); border-radius: 4px; }
main > ul, main > ol, nav ul { max-width: 48rem; padding-left: 1.4rem; } li { margin: .2rem 0; }
nav.contents { margin: 1.5rem 0; } nav.contents ul { list-style: none; padding: 0; }
nav.contents p { font-size: 1.3rem; font-weight: 700; margin: 0 0 .4rem; }
nav.contents .deep { padding-left: 1.25rem; }
a { color: var(--link); } :target { scroll-margin-top: 1rem; }
@page { size: A4; margin: 18mm; } @page wide { size: A4 landscape; margin: 15mm; }
@media print {
  :root { --ink: #000; --paper: #fff; --line: #777; --quiet: #444; --domain: #d9d9d9;
    --section: #f2f2f2; --open: #fff2a8; --open-ink: #000; }
  body { padding: 0; max-width: none; font-size: 10pt; } .wide { page: wide; }
  .table { overflow: visible; } table { font-size: 8.5pt; min-width: 0; }
  thead { display: table-header-group; } tr, blockquote, figure { break-inside: avoid; }
  figure img { border: 0; padding: 0; max-height: 200mm; } a { color: inherit; }
  h2, h3, caption, .domain, .section { break-after: avoid; }
  th, .open, .placeholder { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
NUMBER, DEEP = ' class="number"', ' class="deep"'


def web_page(report: Report) -> bytes:
    """The report as one HTML file; every word of the study is escaped."""
    out = [
        "<!DOCTYPE html>",
        f'<html lang="{report.layout.language}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(report.title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        "<header>",
        f"<h1>{_text(report.title)}</h1>",
        *(f'<p class="line">{_text(line)}</p>' for line in report.subtitle),
        "</header>",
    ]
    wide, labels = False, report.labels
    numbers = {id(heading): n for n, heading in enumerate(report.headings)}
    for block in report.blocks:
        if isinstance(block, Page):
            if wide != block.landscape:
                out.append('<div class="wide">' if block.landscape else "</div>")
            wide = block.landscape
        elif isinstance(block, Heading):
            place = f' id="section-{numbers[id(block)]}"'
            out.append(f"<h{block.level + 1}{place}>{_text(block.text)}</h{block.level + 1}>")
        elif isinstance(block, Paragraph):
            kind = ' class="small"' if block.small else ""
            out.append(f"<p{kind}>{_prose(block.text, labels)}</p>")
        elif isinstance(block, Bullets):
            tag = "ol" if block.numbered else "ul"
            items = "".join(f"<li>{_prose(item, labels)}</li>" for item in block.items)
            out.append(f"<{tag}>{items}</{tag}>")
        elif isinstance(block, Figure):
            out.append(_figure(block))
        elif isinstance(block, Contents):
            out.append(_contents(block, report))
        elif isinstance(block, Quote):
            out.append(
                f'<blockquote><p dir="auto">{_text(block.text)} '
                f"{_text(block.attribution)}</p></blockquote>"
            )
        elif isinstance(block, Placeholder):
            out.append(f'<p class="placeholder">{_text(block.shown)}</p>')
        elif isinstance(block, Table):
            out.append(_table(block))
    out += ["</div>" if wide else "", "</main>", "</body>", "</html>", ""]
    return "\n".join(part for part in out if part).encode("utf-8")


def _text(text: str) -> str:
    return escape(clean(text))


def _prose(text: str, labels: tuple[str, ...]) -> str:
    return "".join(
        f'<a href="#{anchor(label)}">{_text(part)}</a>' if label else _text(part)
        for part, label in cited(text, labels)
    )


def _figure(figure: Figure) -> str:
    data = b64encode(figure.drawing.png()).decode("ascii")
    number = f"{_text(figure.label)}. " if figure.label else ""
    place = f' id="{anchor(figure.label)}"' if figure.label else ""
    return (
        f'<figure{place}><img alt="{escape(clean(figure.alt))}" '
        f'src="data:image/png;base64,{data}">'
        f"<figcaption>{number}{_text(figure.caption)}</figcaption></figure>"
    )


def _contents(block: Contents, report: Report) -> str:
    lines = "".join(
        f'<li{DEEP if heading.level > 1 else ""}><a href="#section-{n}">{_text(heading.text)}</a>'
        "</li>"
        for n, heading in enumerate(report.headings)
        if heading.level <= block.levels
    )
    title = _text(block.title)
    return f'<nav class="contents" aria-label="{title}"><p>{title}</p><ul>{lines}</ul></nav>'


def _cell(cell: Cell, numeric: bool, first: bool) -> str:
    text = _text(cell.text)
    if cell.strong and text:
        text = f"<strong>{text}</strong>"
    if cell.ask:
        text = f'{text} <span class="open">{_text(cell.ask)}</span>'.strip()
    note = f'<span class="note">{_text(cell.note)}</span>' if cell.note else ""
    tag, scope = ("th", ' scope="row"') if first else ("td", "")
    return f"<{tag}{scope}{NUMBER if numeric else ''}>{text}{note}</{tag}>"


def _row(table: Table, row: Row) -> str:
    if row.kind != "row":
        # A header over a group of rows: a screen reader says it with each of them.
        span = len(table.columns)
        text = _text(row.cells[0].text)
        return f'<tr class="{row.kind}"><th scope="rowgroup" colspan="{span}">{text}</th></tr>'
    cells = "".join(
        _cell(cell, column.numeric, place == 0)
        for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True))
    )
    return f"<tr>{cells}</tr>"


def _table(table: Table) -> str:
    total = sum(column.width for column in table.columns)
    columns = "".join(
        f'<col style="width:{100 * column.width / total:.1f}%">' for column in table.columns
    )
    head = "".join(
        f'<th scope="col"{NUMBER if column.numeric else ""}>{_text(column.title)}</th>'
        for column in table.columns
    )
    groups: list[list[str]] = [[]]
    for row in table.rows:
        if row.kind != "row" and groups[-1] and not groups[-1][-1].startswith('<tr class="domain"'):
            groups.append([])
        groups[-1].append(_row(table, row))
    body = "\n".join("<tbody>" + "\n".join(group) + "</tbody>" for group in groups if group)
    caption = _text(table.title)
    place = f' id="{anchor(table.label)}"' if table.label else ""
    return (
        f'<div class="table"{place} role="region" tabindex="0" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><colgroup>{columns}</colgroup>"
        f"<thead><tr>{head}</tr></thead>\n{body}</table></div>"
    )
