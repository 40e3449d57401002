"""The framework matrix: what people wrote of each cell, and the passages that it rests on."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from qualcode.queries import Group, Matrix, matrix
from qualcode.queries.framework import ROWS, MatrixRow
from qualcode.reports.across import View, matrix_report
from qualcode.store import Study
from qualcode.store.framework import LONGEST_SUMMARY, Summary, SummaryLink
from qualcode.ui import explore_charts, explore_files, explore_passages, parts

KINDS = {"theme": "Themes", "code": "Codes"}
MOST_COLUMNS = 12
MOST_TICKS = 10
BY = {"participant": "Participants", "interview": "Interviews"}
Written = Mapping[tuple[str, str, str], Summary]


def room(study: Study, view: View) -> None:
    """The matrix, and the cell that is chosen: its summary, its passages, its versions."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Rows", list(ROWS), format_func=BY.get, default="participant", required=True,
            key="explore.matrix.by",
        )  # fmt: skip
        kind = st.segmented_control(
            "Columns", list(KINDS), format_func=KINDS.get, default="theme", required=True,
            key="explore.matrix.kind",
        )  # fmt: skip
        look = st.segmented_control(
            "Look", ["Table", "Heat map"], default="Table", required=True,
            key="explore.matrix.look",
        )  # fmt: skip
    groups = view.corpus.groups(kind or "theme")
    used = [g for g in groups if g.codes & view.corpus.carried.keys()]
    if not used:
        parts.nothing_yet("Nothing is coded here that could be summed up yet.")
        return
    names = {group.id: group.name for group in groups}
    with st.expander(f"Which {KINDS[kind or 'theme'].lower()}", icon=":material/view_column:"):
        wanted = st.multiselect(
            "Columns", list(names), [g.id for g in used][: 5 if kind == "code" else MOST_COLUMNS],
            format_func=names.get, key=f"explore.matrix.columns.{kind}",
            max_selections=MOST_COLUMNS, label_visibility="collapsed",
        )  # fmt: skip
    columns = [group for group in groups if group.id in wanted]
    if not columns:
        parts.note("Choose at least one column.")
        return
    found = matrix(view.corpus, columns, by=by or "participant")
    written: Written = {
        (s.participant, s.transcript, s.target): s for s in study.summaries() if s.kind == kind
    }
    cell = heat(found) if look == "Heat map" else table(view, found, written)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.note("Click a cell to read its passages and to write in a few words what was said.")
        st.space("stretch")
        explore_files.ways_out(study, "across-matrix", lambda: matrix_report(view, found, written))
    if cell is not None:
        row, column = found.rows[cell[0]], cell[1]
        one_cell(study, view, row, found.columns[column], row.passages[column], written)


def table(view: View, found: Matrix, written: Written) -> tuple[int, int] | None:
    """The matrix; the row and the column that were clicked."""
    heads = _heads(found.columns)
    first = "Participant" if found.by == "participant" else "Interview"
    rows = []
    for line in found.rows:
        shown = {first: line.label}
        for head, group, places in zip(heads, found.columns, line.passages, strict=True):
            summary = written.get((line.participant, line.transcript, group.id))
            text = textwrap.fill(summary.text, 26, max_lines=2, placeholder=" …") if summary else ""
            shown[head] = text or (parts.count(len(places), "passage") if places else "")
        rows.append(shown)
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-cell",
        key=f"explore.matrix.table.{found.by}.{hash(tuple(heads))}", row_height=56,
        height="content" if len(rows) <= 8 else 500, alt="The framework matrix",
        column_config={
            first: st.column_config.TextColumn(pinned=True, width="small"),
            **{head: st.column_config.TextColumn(width="medium") for head in heads},
        },
    )  # fmt: skip
    cells = event["selection"]["cells"]
    if not cells or cells[0][0] >= len(rows) or cells[0][1] not in heads:
        return None
    return cells[0][0], heads.index(cells[0][1])


def heat(found: Matrix) -> tuple[int, int] | None:
    """How many passages stand behind each cell; the cell that was clicked."""
    names, heads = [line.label for line in found.rows], _heads(found.columns)
    rows = [
        {"row": line.label, "column": head, "passages": len(places), "number": len(places) or ""}
        for line in found.rows
        for head, places in zip(heads, line.passages, strict=True)
    ]
    row, column = explore_charts.heat(
        rows, "row", "column", shade="passages", number="number", orders=(names, heads),
        key=f"explore.matrix.heat.{found.by}.{hash(tuple(heads))}",
        words="Passages behind each cell of the framework matrix; the table names them too.",
    )  # fmt: skip
    if row in names and column in heads:
        return names.index(row), heads.index(column)
    return None


def _heads(columns: tuple[Group, ...]) -> list[str]:
    """Names of columns, told apart where two are alike."""
    found: list[str] = []
    for group in columns:
        name = group.name
        while name in found:
            name += " ·"
        found.append(name)
    return found


def one_cell(
    study: Study,
    view: View,
    row: MatrixRow,
    group: Group,
    passages: tuple[int, ...],
    written: Written,
) -> None:
    """The summary of a cell as it stands, to write, and as it stood; the passages beside it."""
    kind = "theme" if group.kind == "theme" else "code"
    summary = written.get((row.participant, row.transcript, group.id)) or Summary(
        row.participant, kind, group.id, transcript=row.transcript
    )
    st.subheader(parts.plain(f"{row.label} · {group.name}"), anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        if study.seat is None or study.seat.roles & {"lead", "coder"}:
            write(study, view, summary, passages)
        elif summary.text:
            st.html(f'<p class="ui-memo">{html.escape(summary.text)}</p>')
        else:
            parts.note("Nobody has summed this up yet.")
        stood(study, summary)
    with right:
        linked = {(link.transcript, link.span) for link in summary.links}
        strangers = linked - {
            (view.corpus.passages[n].transcript, view.corpus.passages[n].span) for n in passages
        }
        if strangers:
            parts.note(
                f"It also rests on {parts.count(len(strangers), 'passage')} that this layer does "
                "not have in the cell."
            )
        explore_passages.panel(study, view, passages, f"explore.matrix.panel.{group.id}")


def write(study: Study, view: View, summary: Summary, passages: tuple[int, ...]) -> None:
    """A form for the summary and the passages that it rests on."""
    corpus = view.corpus
    spots = {f"{n}": (corpus.passages[n].transcript, corpus.passages[n].span) for n in passages}
    linked = {(link.transcript, link.span): link for link in summary.links}
    names = {}
    for key, (place, span) in spots.items():
        words = " ".join(corpus.transcript[place].text[span.slice].split())
        words = textwrap.shorten(words, 60, placeholder=" …")
        names[key] = f"{explore_passages.place_of(view, int(key))}: {words}"
    form = f"explore.summary.{hash(summary.cell)}.{summary.version}"
    with st.form(form):
        text = st.text_area(
            "Summary", summary.text, height=150, max_chars=LONGEST_SUMMARY,
            placeholder="What was said here, in a few words",
        )  # fmt: skip
        held = [key for key, spot in spots.items() if spot in linked]
        if len(spots) <= MOST_TICKS:
            st.html('<p class="ui-who">Rests on</p>')
            chosen = [
                key
                for key in spots
                if st.checkbox(parts.plain(names[key]), key in held, key=f"{form}.{key}")
            ]
        else:
            chosen = st.multiselect("Rests on", list(spots), held, format_func=names.get)
        pressed = st.form_submit_button("Keep the summary", type="primary")
    if not pressed:
        return
    with parts.problems():
        kept = [link for spot, link in linked.items() if spot not in spots.values()]
        kept += [linked.get(spots[key]) or SummaryLink(*spots[key]) for key in chosen]
        study.keep_summary(replace(summary, text=text, links=tuple(kept)))
        parts.told("The summary was kept." if text.strip() else "The summary was taken out.")
        st.rerun()


def stood(study: Study, summary: Summary) -> None:
    """Who wrote it and when, and how it stood before."""
    if not summary.version:
        return
    labels = parts.coder_labels(study)
    versions = study.summary_versions(summary.id)
    when = summary.made_at[:16].replace("T", " ")
    parts.note(
        f"Version {summary.version}, by {labels.get(summary.made_by, summary.made_by)}, {when}; "
        f"rests on {parts.count(len(summary.links), 'passage')}."
    )
    if len(versions) > 1:
        with st.expander(f"{parts.count(len(versions) - 1, 'earlier version')}"):
            for version in reversed(versions[:-1]):
                who = labels.get(version.made_by, version.made_by)
                head = f"{version.number} · {who} · {version.made_at[:16].replace('T', ' ')}"
                st.html(
                    f'<p class="ui-who">{html.escape(head)}</p>'
                    f'<p class="ui-memo">{html.escape(version.text) or "taken out"}</p>'
                )
