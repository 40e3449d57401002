"""The record: who did what and when, whether the file is sound, and its copies."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from qualcode.reports.record import history_csv, history_rows
from qualcode.store import Study, backups
from qualcode.store.restore import Listed
from qualcode.ui import aside, making, parts, state

KINDS = {
    "daily": "daily",
    "before-restore": "put aside by a restore",
    "without-names": "made when copies with names were deleted",
}
COLUMNS = {
    "number": "No.", "at": "When (UTC)", "who": "Who", "role": "Role", "act": "What",
    "about": "About", "details": "Details",
}  # fmt: skip
SHOWN = 500


def acts(study: Study) -> None:
    """The history with its filters; what is still closed to this seat is not in it."""
    everything = study.history()
    titles = study.titles()
    with st.container(horizontal=True, vertical_alignment="bottom", key="record.filters"):
        who = choice("Who", sorted({line["who"] for line in everything}), "record.who")
        act = choice("What", sorted({line["act"] for line in everything}), "record.act")
        about = choice("Transcript", list(titles.values()), "record.about")
        since = st.date_input("From (UTC)", None, key="record.since", width=150)
        until = st.date_input("To (UTC)", None, key="record.until", width=150)
    found = study.history(
        act,
        who=who,
        subject=about,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
    )
    rows = history_rows(found[::-1], titles)
    with st.container(horizontal=True, vertical_alignment="center", key="record.lines"):
        parts.note(told(len(rows), len(everything)))
        st.download_button(
            "CSV",
            data=lambda: history_csv(rows).encode("utf-8-sig"),
            file_name=file_name(study),
            mime="text/csv",
            icon=":material/download:",
            key="record.csv",
            disabled=not rows,
        )
    if rows:
        table = pd.DataFrame(rows[:SHOWN])[list(COLUMNS)].rename(columns=COLUMNS)
        table["When (UTC)"] = table["When (UTC)"].str[:19].str.replace("T", " ")
        st.dataframe(
            table,
            hide_index=True,
            height=424 if len(table) > 10 else "auto",
            key="record.history",
            column_config={
                "No.": st.column_config.NumberColumn(width=60),
                "When (UTC)": st.column_config.TextColumn(width=160),
                "Who": st.column_config.TextColumn(width=90),
                "Role": st.column_config.TextColumn(width=90),
                "About": st.column_config.TextColumn(width=120),
                "Details": st.column_config.TextColumn(width="large"),
            },
            alt="The lines of the history, the newest first",
        )


def choice(label: str, options: list[str], key: str) -> str | None:
    return st.selectbox(label, options, None, placeholder="all", key=key, width=170)


def told(found: int, there: int) -> str:
    if found > SHOWN:
        return f"The newest {SHOWN} of {found:,} lines; the CSV holds them all."
    if found < there:
        return f"{found:,} of {parts.count(there, 'line')}."
    return f"{parts.count(there, 'line')}."


def file_name(study: Study) -> str:
    title = re.sub(r"[^\w]+", "-", study.title.lower()).strip("-")[:40] or "study"
    return f"history_{title}_{date.today().isoformat()}.csv"


def soundness(study: Study) -> None:
    st.subheader("Is the file sound?", anchor=False)
    parts.note(
        "The pages of the file, every quotation against its text, every reference, and every row "
        "against the history that tells of it."
    )
    if not st.button("Check this study", icon=":material/verified:", key="record.check"):
        return
    with st.spinner("Reading the whole study…"):
        faults = aside.made(making.faults, study.path, study.seat)
    if faults:
        st.error(
            f"{parts.count(len(faults), 'fault')} found:\n\n"
            + "\n".join(f"- {parts.plain(fault)}" for fault in faults[:50]),
            icon=":material/error:",
        )
        return
    st.success("Sound: every coding stands where its words are.", icon=":material/check:")
    if study.seat is None or study.seat.is_lead:
        parts.note(
            f"The last line of the history is {study.last_hash()}. "
            "Kept elsewhere, it proves later that the history was not rewritten."
        )


def copies(study: Study) -> None:
    st.subheader("Copies", anchor=False)
    parts.note(backups.RULE)
    if study.seat is not None and not study.seat.is_lead:
        parts.note("The study lead sees the copies and can put one back.")
        return
    there = study.copies()
    if not there:
        parts.note("There is none yet; the first is made an hour after the study was started.")
        return
    event = st.dataframe(
        pd.DataFrame([row(copy) for copy in there]),
        hide_index=True,
        height=318 if len(there) > 8 else "auto",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key="record.copies",
        alt="The copies of the study, the newest first",
    )
    rows = event.selection.rows
    chosen = there[rows[0]] if rows and rows[0] < len(there) else there[0]
    if st.button(
        f"Restore the copy of {backups.told(chosen.at)} …",
        icon=":material/history:",
        key="record.restore",
        disabled=not chosen.readable,
    ):
        confirm(chosen.name, backups.told(chosen.at))


def row(copy: Listed) -> dict[str, Any]:
    last = copy.last
    return {
        "Made": backups.told(copy.at),
        "Why": KINDS.get(copy.kind, "before an upgrade"),
        "Size": f"{copy.bytes / 1e6:.1f} MB",
        "Last line of its history": (
            f"{last['at'][:16].replace('T', ' ')} · {last['who']} · {last['act']}"
            if last
            else ("not shown" if copy.readable else "cannot be read")
        ),
    }


@st.dialog("Restore this copy?")
def confirm(name: str, made: str) -> None:
    """The last word before the study is put back."""
    st.markdown(
        f"The study will be as it was at **{parts.plain(made)}**. What everybody has done since "
        "leaves the study; the present file is kept among the copies for a year, and the history "
        "tells of the restore."
    )
    with parts.problems():
        if st.button("Restore", type="primary", key="record.restore.yes"):
            with state.current_study() as study, st.spinner("Restoring…"):
                study.restore(name)
            parts.told(f"The study is as it was at {made}.")
            st.rerun()


with state.current_study() as study:
    parts.head(
        "Record",
        "Who did what and when. No line holds words of an interview or of a memo, and none is "
        "ever changed.",
    )
    for warning in study.warnings():
        st.warning(parts.plain(warning), icon=":material/warning:")
    acts(study)
    soundness(study)
    copies(study)
