"""What the Codebook page shows: the tree, a code's rule, and versions side by side."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Mapping

import pandas as pd
import streamlit as st

from qualcode.changes import changes_between, sentence, word_diff
from qualcode.codebook import Codebook
from qualcode.model import Code
from qualcode.store import Study
from qualcode.store.codebooks import VersionChange
from qualcode.ui import parts

FIELDS = (
    ("brief_definition", "In brief", 68),
    ("full_definition", "Full definition", 130),
    ("when_to_use", "When to use", 100),
    ("when_not_to_use", "When not to use", 100),
    ("example", "Example", 100),
)
STATES = {
    "draft": "draft: no round is held to it yet",
    "frozen": "frozen: a round is coded under it",
    "superseded": "superseded by a later version",
}
STATUS_WORDS = {"retired": "retired", "draft": "in the making"}
RETIRED = "codebook.retired"


def size(book: Codebook) -> str:
    """How many themes and codes; what may be put on text counts as a code, also at the top."""
    themes = sum(not theme.codable and theme.status != "retired" for theme in book.themes)
    return f"{parts.count(themes, 'theme')}, {parts.count(len(book.codable), 'code')}"


def state_of(study: Study, version: str) -> str:
    """The state of a version in words."""
    found = {row["version"]: row["state"] for row in study.versions()}
    return STATES.get(found.get(version, ""), "")


def tree(book: Codebook, marks: Mapping[str, str]) -> Code | None:
    """The codes in their tree, the retired ones folded away; the one that is chosen.

    ``marks`` tells of codes with changes that are not saved what they are.
    """
    retired = [code for code in book.codes if code.status == "retired"]
    shown = book.codes
    if retired and not st.toggle(
        f"Show {parts.count(len(retired), 'retired code')}", key=RETIRED, value=False
    ):
        shown = tuple(code for code in book.codes if code.status != "retired" or code.id in marks)
    if not shown:
        parts.note("All codes are retired.")
        return None
    table = pd.DataFrame([_line(book, code, marks) for code in shown])
    if not marks:
        table = table.drop(columns="Not saved")
    colors = [
        f"color: {code.color if code.status == 'active' else '#7a8491'}; "
        f"font-weight: {500 if code.codable else 700}"
        for code in shown
    ]
    event = st.dataframe(
        table.style.apply(lambda _: colors, subset=["Code"]),
        hide_index=True,
        height=min(640, 38 + 35 * len(shown)),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [min(1, len(shown) - 1)]}},
        key="codebook.tree",
        column_config={
            "Code": st.column_config.TextColumn(width="medium"),
            "In brief": st.column_config.TextColumn(width="medium"),
            "Id": st.column_config.TextColumn(width="small"),
        },
        alt="The codes of the codebook in their tree",
    )
    rows = event.selection.rows
    return shown[rows[0]] if rows and rows[0] < len(shown) else None


def _line(book: Codebook, code: Code, marks: Mapping[str, str]) -> dict[str, str]:
    status = STATUS_WORDS.get(code.status)
    return {
        "Code": "   " * (book.depth(code.id) - 1) + code.name + (f" ({status})" if status else ""),
        "Not saved": marks.get(code.id, ""),
        "In brief": code.brief_definition,
        "Id": code.id,
    }


def show(book: Codebook, code: Code) -> None:
    st.html(
        parts.chip(code, note=f"({STATUS_WORDS[code.status]})" if code.status != "active" else "")
    )
    above = [step.name for step in book.path(code.id)[:-1]]
    alone = code.codable and not book.children(code.id)
    parts.note(
        " › ".join(above)
        or ("A code that stands under no theme." if alone else "A theme: it groups codes.")
    )
    if code.status == "retired":
        parts.note("Put on text no more. What was coded with it is kept and not counted.")
    for field, label, _ in FIELDS:
        if value := getattr(code, field):
            st.markdown(f"**{label}**  \n{parts.plain(value)}")
    for label, value in (("Origin", code.origin.replace("_", " ")), ("Source", code.source_note)):
        if value:
            parts.note(f"{label}: {value}")


def hard_to_use(book: Codebook) -> None:
    """What coders may find hard about the codebook; none of it is an error."""
    if found := book.notes():
        with st.expander(f"{parts.count(len(found), 'note')} on this codebook"):
            for note in found:
                parts.note(note)


# -- versions ----------------------------------------------------------------------------------


def difference(before: Code, after: Code, only: Collection[str] = ()) -> str:
    """The fields of a code that differ, as HTML: what went out struck, what came in underlined."""
    rows = [
        f'<p class="ui-kicker">{html.escape(label)}</p>'
        f'<p class="ui-passage ui-words" dir="auto">{_pieces(old, new)}</p>'
        for field, label in (("name", "Name"), *((field, label) for field, label, _ in FIELDS))
        if (not only or field in only)
        and (old := getattr(before, field)) != (new := getattr(after, field))
    ]
    return "".join(rows)


def _pieces(before: str, after: str) -> str:
    tags = {"out": "<del>{}</del>", "in": "<ins>{}</ins>", "same": "{}"}
    return "".join(
        tags[kind].format(html.escape(words)) for kind, words in word_diff(before, after)
    )


def versions(study: Study) -> None:
    """The versions with their states, and what differs between any two of them."""
    found = study.versions()
    told = study.codebook_changes()
    labels = parts.coder_labels(study) | {"owner": "Owner of the file"}
    made: dict[str, int] = {}
    for change in told:
        made[change.version] = made.get(change.version, 0) + 1
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Version": row["version"],
                    "State": STATES[row["state"]].capitalize(),
                    "Changes": str(made.get(row["version"], 0)) if number else "–",
                    "Kept": row["made_at"][:10],
                    "By": labels.get(row["made_by"], row["made_by"]),
                    "Note": row["note"],
                }
                for number, row in enumerate(found)
            ][::-1]
        ),
        hide_index=True,
        key="codebook.versions",
        alt="The versions of the codebook",
    )
    held = [held for held in study.rounds() if not held.is_closed and held.version]
    behind = [held for held in held if held.version != found[-1]["version"]]
    for round_ in behind:
        parts.note(f"{round_.name} goes on under version {round_.version}.")
    if behind and (study.seat is None or study.seat.is_lead):
        st.page_link(
            parts.page("rounds"), label="Choose the version of a round", icon=":material/flag:"
        )
    if len(found) < 2:
        parts.note("With a second version, what differs between the two is shown here.")
        return
    names = [row["version"] for row in found]
    left, right, _ = st.columns([1, 1, 3])
    first = left.selectbox("From version", names[:-1], len(names) - 2, key="codebook.from")
    later = names[names.index(first) + 1 :]
    second = right.selectbox("To version", later, len(later) - 1, key="codebook.to")
    between(
        study.codebook(first),
        study.codebook(second),
        [c for c in told if names.index(first) < names.index(c.version) <= names.index(second)],
    )


def between(before: Codebook, after: Codebook, told: Iterable[VersionChange]) -> None:
    """What differs between two versions, code by code, with what was said of it."""
    told = tuple(told)
    several = len({change.version for change in told}) > 1
    said: dict[str, list[str]] = {}
    for one in told:
        words = sentence(one.change, before, after)
        note = f" {one.change.note}" if one.change.note else ""
        said.setdefault(one.change.code, []).append(
            f"{f'Version {one.version}: ' if several else ''}{words}{note}"
        )
    if not said:
        said = {
            change.code: [sentence(change, before, after)]
            for change in changes_between(before, after)
        }
    if not said:
        parts.note("These two say the same.")
        return
    order = [code.id for code in (*after.codes, *before.codes)]
    for number, code_id in enumerate(code for code in dict.fromkeys(order) if code in said):
        book = after if code_id in after else before
        with st.container(border=True, key=f"codebook_rule_{number}"):
            st.html(parts.chip(book[code_id]))
            for words in dict.fromkeys(said[code_id]):
                parts.note(words)
            if code_id in before and code_id in after:
                if words := difference(before[code_id], after[code_id]):
                    st.html(words)
            elif code_id in after and (brief := after[code_id].brief_definition):
                st.html(f'<p class="ui-passage ui-words"><ins>{html.escape(brief)}</ins></p>')
