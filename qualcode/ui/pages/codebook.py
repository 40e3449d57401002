"""The codebook: the tree at the left, the rule of the chosen code at the right."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from qualcode.codebook import PALETTE, Codebook, read_codebook
from qualcode.errors import BadCodebook
from qualcode.model import Code, new_id
from qualcode.store import Study
from qualcode.ui import parts, state
from qualcode.ui.proposals import proposals

FIELDS = (
    ("brief_definition", "In brief", 68),
    ("full_definition", "Full definition", 130),
    ("when_to_use", "When to use", 100),
    ("when_not_to_use", "When not to use", 100),
    ("example", "Example", 100),
)


def tree(book: Codebook) -> Code | None:
    table = pd.DataFrame(
        [
            {
                "Code": "   " * (book.depth(code.id) - 1) + code.name,
                "In brief": code.brief_definition,
                "Id": code.id,
            }
            for code in book.codes
        ]
    )
    colors = [
        f"color: {code.color}; font-weight: {500 if code.codable else 700}" for code in book.codes
    ]
    event = st.dataframe(
        table.style.apply(lambda _: colors, subset=["Code"]),
        hide_index=True,
        height=min(640, 38 + 35 * len(book)),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [min(1, len(book) - 1)]}},
        key="codebook.tree",
        column_config={
            "Code": st.column_config.TextColumn(width="medium"),
            "In brief": st.column_config.TextColumn(width="medium"),
            "Id": st.column_config.TextColumn(width="small"),
        },
        alt="The codes of the codebook in their tree",
    )
    rows = event.selection.rows
    return book.codes[rows[0]] if rows and rows[0] < len(book) else None


def show(book: Codebook, code: Code) -> None:
    st.html(parts.chip(code))
    above = [step.name for step in book.path(code.id)[:-1]]
    alone = code.codable and not book.children(code.id)
    parts.note(
        " › ".join(above)
        or ("A code that stands under no theme." if alone else "A theme: it groups codes.")
    )
    for field, label, _ in FIELDS:
        if value := getattr(code, field):
            st.markdown(f"**{label}**  \n{parts.plain(value)}")
    for label, value in (("Origin", code.origin.replace("_", " ")), ("Source", code.source_note)):
        if value:
            parts.note(f"{label}: {value}")


@st.dialog("Code", width="medium", position="right")
def edit(book: Codebook, code: Code, *, new: bool = False) -> None:
    with st.form("codebook.edit", border=False):
        name = st.text_input("Name", code.name, max_chars=60)
        parents = {None: "At the top, as a theme"} | {
            other.id: other.name for other in book.codes if other.id != code.id
        }
        parent = st.selectbox(
            "Stands under",
            list(parents),
            list(parents).index(code.parent) if code.parent in parents else 0,
            format_func=lambda key: parents[key],
        )
        codable = st.checkbox("May be put on text", code.codable)
        values = {
            field: st.text_area(label, getattr(code, field), height=height)
            for field, label, height in FIELDS
        }
        color = st.color_picker("Colour", code.color)
        if st.form_submit_button("Save", type="primary"):
            changed = replace(
                code,
                name=name.strip(),
                parent=parent,
                kind="theme" if parent is None and not codable else "code",
                codable=codable,
                color=color,
                **{field: value.strip() for field, value in values.items()},
            )
            with parts.problems():
                if not changed.name:
                    raise BadCodebook("Give the code a name.")
                with state.current_study() as study:
                    kept = study.set_codebook(
                        book.with_code(changed), note=f"{'added' if new else 'edited'} {code.id}"
                    )
                parts.told(f"Saved as version {kept.version}.")
                st.rerun()


def size(book: Codebook) -> str:
    """How many themes and codes; what may be put on text counts as a code, also at the top."""
    themes = sum(not theme.codable for theme in book.themes)
    return f"{parts.count(themes, 'theme')}, {parts.count(len(book.codable), 'code')}"


def import_file(study: Study) -> None:
    file = st.file_uploader(
        "Codebook as CSV",
        type=["csv"],
        key=f"codebook.file.{st.session_state.get('codebook.batch', 0)}",
        help="The columns are those of the CSV that can be downloaded here.",
    )
    if file is None:
        return
    book = read_codebook(file.name, file.getvalue())
    before = study.codebook()
    added = [code for code in book.codes if code.id not in before]
    gone = [code for code in before.codes if code.id not in book]
    changed = [c for c in book.codes if c.id in before and c != before[c.id]]
    parts.note(
        f"{size(book)}. Against the present version: "
        f"{len(added)} added, {len(changed)} changed, {len(gone)} gone."
    )
    if st.button("Keep as the next version", type="primary", key="codebook.import"):
        kept = study.set_codebook(book, note=f"read from {file.name[:80]}")
        st.session_state["codebook.batch"] = st.session_state.get("codebook.batch", 0) + 1
        parts.told(f"Kept as version {kept.version}.")
        st.rerun()


def tools(study: Study, book: Codebook, chosen: Code | None) -> None:
    lead = study.seat is None or study.seat.is_lead
    with st.container(horizontal=True, vertical_alignment="center", key="codebook.tools"):
        if lead and st.button("Add a code", icon=":material/add:", key="codebook.add"):
            top = chosen and (chosen.parent or chosen.id)
            color = book[top].color if top else PALETTE[len(book.themes) % len(PALETTE)]
            order = max((code.order for code in book.codes), default=0) + 10
            edit(
                book,
                Code(
                    id=new_id()[:8],
                    name="",
                    parent=top,
                    color=color,
                    order=order,
                    origin="from_data",
                ),
                new=True,
            )
        if lead and chosen and st.button("Edit", icon=":material/edit:", key="codebook.change"):
            edit(book, chosen)
        if len(book):
            st.download_button(
                "Download CSV",
                "\ufeff" + book.to_csv(),
                "codebook.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="codebook.download",
            )
        if lead:
            with st.popover("Import CSV", icon=":material/upload:"), parts.problems():
                import_file(study)


with state.current_study() as study:
    book = study.codebook()
    parts.head("Codebook", "What each code means, when to use it and when not to.")
    if not len(book):
        tools(study, book, None)
        parts.nothing_yet(
            "The codebook is empty. Import a CSV, or add themes and codes one by one."
            if study.seat is None or study.seat.is_lead
            else "The codebook is empty; the study lead writes or imports it."
        )
    else:
        parts.note(f"Version {book.version}: {size(book)}.")
        proposals(study)
        top = st.container()
        left, right = st.columns([3, 2], gap="large")
        with left:
            chosen = tree(book)
        with right:
            if chosen is not None:
                show(book, chosen)
        with top:
            tools(study, book, chosen)
