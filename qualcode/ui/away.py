"""A coder's package on the page of the rounds: taken away, kept for download, brought back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from qualcode.model import Coding
from qualcode.store import Study
from qualcode.store.file import remove_study
from qualcode.store.packages import (
    Choice,
    Conflict,
    bring_back,
    call_back,
    look_into,
    take_away,
)
from qualcode.ui import parts, places, state

SIDES = {"study": "as it is here", "package": "as it is in the package"}


def package_path(study: Study, coder: str) -> Path:
    """Where a coder's package is kept for download until it comes back."""
    return places.packages_folder() / f"{study.path.stem}-{coder}.qualcode"


def away(study: Study, coder: str) -> None:
    """Take one's work away, or bring it back."""
    given = [a for a in study.assignments(round=None) if a.coder == coder]
    titles = study.titles()
    out = [titles[a.transcript] for a in given if a.offline]
    path = package_path(study, coder)
    if not out:
        open_ = sum(a.is_open for a in given)
        if not open_:
            parts.note("Nothing of yours is open, so there is nothing to take away.")
            return
        parts.note(
            f"A package holds {parts.count(open_, 'transcript')}, the codebook and your own "
            "codings, and opens on any computer with qualcode: qualcode serve --package FILE. "
            "While it is away, these transcripts are closed for coding here."
        )
        if st.button("Make my package", key="rounds.away.make", icon=":material/luggage:"):
            with parts.problems():
                remove_study(path)
                take_away(study, path, coder=coder)
                parts.told("The package is ready to be downloaded.")
                st.rerun()
        return
    parts.note(f"Away in your package: {', '.join(out)}.")
    with st.container(horizontal=True):
        if path.exists():
            st.download_button(
                "Download the package",
                path.read_bytes(),
                path.name,
                mime="application/vnd.sqlite3",
                icon=":material/download:",
                key="rounds.away.download",
            )
        if st.button("Code here again without it…", key="rounds.away.call", type="tertiary"):
            without(coder)
    back(study, coder)


@st.dialog("Code here again without the package?")
def without(coder: str) -> None:
    st.markdown(
        "The package can still be brought back later. What you change in both places will then be "
        "shown to you, to choose from."
    )
    if st.button("Open my transcripts here", type="primary", key="rounds.away.call.do"):
        with parts.problems():
            with state.current_study() as study:
                call_back(study, coder)
            parts.told("Your transcripts are open here again.")
            st.rerun()


def back(study: Study, coder: str) -> None:
    """Bring a package back: what it holds is seen, and what is in doubt decided, before."""
    sent = st.file_uploader(
        "Bring the package back", type="qualcode", key="rounds.away.file", max_upload_size=200
    )
    if sent is None:
        return
    with tempfile.TemporaryDirectory() as folder, parts.problems():
        package = Path(folder) / "package.qualcode"
        package.write_bytes(sent.getvalue())
        package.chmod(0o600)
        returning = look_into(study, package)
        if returning.acts:
            st.dataframe(
                pd.DataFrame(list(returning.acts.items()), columns=["Transcript", "Changes"]),
                hide_index=True,
                width=420,
                key="rounds.away.acts",
                alt="How many changes the package brings to each transcript",
            )
        else:
            parts.note("The package brings no changes to your codings.")
        if returning.memos:
            parts.note(f"Memos that it changes: {returning.memos}. No word of either side is lost.")
        if returning.submitted:
            parts.note(f"Submitted in the package: {', '.join(returning.submitted)}.")
        choices = {c.id: chosen(study, c) for c in returning.conflicts if not c.sealed}
        for conflict in returning.conflicts:
            if conflict.sealed:
                described(study, conflict)
        if st.button("Take it in", type="primary", key="rounds.away.in"):
            bring_back(study, package, choices=choices)
            remove_study(package_path(study, coder))
            parts.told("Your package is back.")
            st.rerun()


def described(study: Study, conflict: Conflict) -> None:
    st.markdown(f"**{parts.plain(conflict.title)}** · {conflict.sentence}")
    for side, coding in (("Here", conflict.here), ("In the package", conflict.there)):
        parts.note(f"{side}: {in_words(study, coding)}")


def chosen(study: Study, conflict: Conflict) -> Choice:
    with st.container(border=True):
        described(study, conflict)
        side: Choice = st.radio(
            "Which holds?",
            list(SIDES),
            format_func=SIDES.get,
            horizontal=True,
            key=f"rounds.away.{conflict.id}",
        )
    return side


def in_words(study: Study, coding: Coding | None) -> str:
    if coding is None:
        return "removed"
    book = study.codebook()
    name = book[coding.code].name if coding.code in book else coding.code
    words = coding.quote if len(coding.quote) < 120 else coding.quote[:118] + "…"
    memo = f" Memo: {coding.memo}" if coding.memo else ""
    return f"{name}, “{words}”{', uncertain' if coding.uncertain else ''}.{memo}"
