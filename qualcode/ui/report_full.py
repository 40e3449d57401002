"""The report that is handed in, on the report page: read it whole, write what only people can."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from qualcode.model import Seat
from qualcode.reports import Report
from qualcode.reports.full import SHELF, load_profile, profile_names
from qualcode.store import Study
from qualcode.ui import aside, making, parts, report_gate

NAMES = {name: load_profile(name).name for name in profile_names()}
READ, WRITE = "Read", "Write"
STATES = {
    "to write": "to write",
    "out of date": "out of date",
    "from data": "from data",
    "edited": "in your words",
}
EVERYTHING = "all"
EXCERPT = 110


def room(study: Study, kind: str) -> None:
    """One profile: the way out, how far it is, the pages, and each paragraph to edit."""
    seat = study.seat
    who = f"{seat.name} {sorted(seat.roles)}" if seat is not None else ""
    state = study.last_hash()
    report, page = _made(str(study.path), state, who, kind, date.today(), seat)
    parts.note(load_profile(kind).description)
    report_gate.downloads(study, kind, report)
    _progress(kind, report.data)
    if not _may_write(study):
        _read(page)
        return
    view = st.segmented_control(
        "View", [READ, WRITE], default=READ, required=True, key=f"report.view.{kind}",
        label_visibility="collapsed",
    )  # fmt: skip
    if view == READ:
        _read(page)
    else:
        _write(study, kind, report.data["places"])


# A report takes a second to make. The last line of the history tells one state of a study from
# another, and the seat what may be seen of it.
@st.cache_resource(ttl=300, max_entries=4, show_spinner="Setting the report …")
def _made(
    path: str, state: str, who: str, kind: str, day: date, _seat: Seat | None
) -> tuple[Report, str]:
    return aside.made(making.report_to_read, Path(path), _seat, kind)


def _may_write(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "author"})


def _read(page: str) -> None:
    st.iframe(page, height=720)


def _progress(kind: str, data: Mapping[str, Any]) -> None:
    """How many places are written, and the words against the limits of the profile."""
    places, waiting = data["places"], data["to_write"]
    done = len(places) - len(waiting)
    st.progress(
        done / max(len(places), 1),
        f"{done} of {parts.count(len(places), 'paragraph')} written, {len(waiting)} to write",
    )
    profile, words = load_profile(kind), data["words"]
    told = [
        _limit("Abstract", words["abstract"], profile.abstract_words),
        _limit("Main text", words["main"], profile.main_words),
        parts.count(len([t for t in data["tables"] if not t["label"].startswith("Table S")]),
                    "table"),
        parts.count(len(data["figures"]), "figure"),
    ]  # fmt: skip
    if stale := data["out_of_date"]:
        told.append(f"**{parts.count(len(stale), 'paragraph')} out of date**")
    st.caption(" · ".join(told))


def _limit(what: str, count: int, most: int | None) -> str:
    words = f"{what} {parts.count(count, 'word')}"
    return words if most is None else f"{words} of at most {most:,}"


def _write(study: Study, kind: str, places: list[dict[str, Any]]) -> None:
    counts = Counter(place["state"] for place in places)
    held = [state for state in STATES if counts[state]]
    chosen = st.segmented_control(
        "Which paragraphs", [EVERYTHING, *held], default=held[0], required=True,
        format_func=lambda s: f"All {len(places)}" if s == EVERYTHING
        else f"{STATES[s].capitalize()} {counts[s]}",
        key=f"report.which.{kind}.{'.'.join(held)}",
    )  # fmt: skip
    shown = [p for p in places if chosen in (EVERYTHING, p["state"])]
    event = st.dataframe(
        pd.DataFrame(
            [
                {
                    "State": STATES[place["state"]],
                    "Section": place["section"],
                    "Paragraph": _excerpt(place["text"] or place["asked"]),
                }
                for place in shown
            ]
        ),
        hide_index=True,
        height=min(36 * (len(shown) + 1) + 2, 330),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key=f"report.places.{kind}.{chosen}",
        column_config={
            "State": st.column_config.TextColumn(width="small"),
            "Section": st.column_config.TextColumn(width="medium"),
            "Paragraph": st.column_config.TextColumn(width="large"),
        },
        alt="The paragraphs of the report with their state",
    )
    rows = event.selection.rows
    _place(study, kind, shown[rows[0]] if rows and rows[0] < len(shown) else shown[0])


def _excerpt(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= EXCERPT else f"{plain[:EXCERPT].rsplit(None, 1)[0]} …"


def _place(study: Study, kind: str, place: dict[str, Any]) -> None:
    """One paragraph: what is asked for or drafted, and the authors' own words."""
    key = f"report.{kind}.place.{place['place']}"
    own = study.answers(SHELF).get(place["place"], {}).get("response", "")
    with st.container(border=True):
        st.html(f'<p class="ui-kicker">{html.escape(place["section"])}</p>')
        if place["asked"]:
            st.markdown(f"**{parts.plain(place['asked'][:1].upper() + place['asked'][1:])}**")
        if place["state"] == "out of date":
            changed = "; ".join(place["changed"])
            st.warning(
                f"The data have changed since you wrote this ({parts.plain(changed)}). Look at the "
                "draft below, then save your words again.",
                icon=":material/update:",
            )
        with st.form(key, border=False):
            lines = " One line each." if place["a_line_each"] else ""
            words = st.text_area(
                "Your words",
                own or place["draft"],
                height=150,
                # A box keeps what stood in it first; other words to begin with are another box.
                key=f"{key}.{crc32((own or place['draft']).encode())}",
                help=f"Numbers are no longer filled in once you change the paragraph.{lines}"
                if place["draft"]
                else lines.strip() or None,
            )
            left, right = st.columns([1, 4]) if own else (st.container(), None)
            saved = left.form_submit_button("Save", type="primary")
            back = right is not None and right.form_submit_button(
                "Back to the draft" if place["draft"] else "Take the words out"
            )
        if own and place["draft"]:
            with st.expander("The draft as the data give it now"):
                parts.note(place["draft"])
        if place["based_on"]:
            with st.expander("What the numbers rest on"):
                st.dataframe(
                    pd.DataFrame([{"Query": q, "Value": v} for q, v in place["based_on"].items()]),
                    hide_index=True,
                    alt="The values in the draft and the query each comes from",
                )
    if saved:
        _save(study, place, words, own)
    if back:
        study.settings.answer(SHELF, place["place"])
        parts.told("The draft stands again." if place["draft"] else "The words were taken out.")
        st.rerun()


def _save(study: Study, place: dict[str, Any], words: str, own: str) -> None:
    """Keep the words with what they rest on; the untouched draft stays one that refreshes."""
    if words.strip() == place["draft"].strip() and not own:
        parts.told("The paragraph stands as drafted and follows the data.")
    else:
        based_on = {"value": place["based_on"], "sentence": place["draft"]}
        study.settings.answer(SHELF, place["place"], response=words, based_on=based_on)
        parts.told("Your words were saved.")
    st.rerun()
