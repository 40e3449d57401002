"""Which study is open, through whose seat: names and ids only, asked of the store on every run.

The choice lives in the session and in the address (``?study=…``), so that a reload finds it again.
Both come from the browser; what they may open is decided here from the file and the sign-in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from qualcode.errors import NotInStudy, QualcodeError
from qualcode.store import Study, open_study
from qualcode.store.file import ENDING
from qualcode.ui import places, seats, who
from qualcode.ui.coder.edits import EDITS
from qualcode.ui.seats import PACKAGE, SAMPLES

STUDY, SEAT = "study", "seat"
RECORD = "open.record"
"""The record of a page that a link asks for (``?record=P03``): a title, an id, a part of a page."""
DIFFERENCE = "reconcile.position"
"""The id of the difference that is looked at; the agreement page leads there too."""
TO_ISSUE = "reconcile.to_issue"
"""The codes of the codebook issue that another page leads to."""
TO_CODE = "codebook.to_code"
"""What another page wants changed in the codebook: see ``ui.codebook_changes.Wanted``."""
CODING = "code.assignment"
"""What is coded: a round and a transcript."""
LOOK_AT = "code.look"
"""The id of the coding or memo that the coding surface shows first."""


def chosen_study() -> str | None:
    """The name of the study this session has open: a file's stem, or ``sample``."""
    if STUDY not in st.session_state:
        st.session_state[STUDY] = st.query_params.get(STUDY)
        st.session_state[SEAT] = st.query_params.get(SEAT)
    return st.session_state[STUDY] or None


def choose_study(name: str | None, seat: str | None = None) -> None:
    """Open a study in this session (None closes it) and forget what pages kept of another."""
    for key in list(st.session_state):
        del st.session_state[key]
    st.session_state[STUDY] = name
    st.session_state[SEAT] = seat
    st.query_params.clear()


def keep_address() -> None:
    """Write the choice into the address, which a change of page has cleared."""
    if record := st.query_params.get("record"):
        st.session_state[RECORD] = record[:200]
    kept = {key: st.session_state[key] for key in (STUDY, SEAT) if st.session_state.get(key)}
    if st.query_params.to_dict() != kept:
        st.query_params.from_dict(kept)  # at once: each change is a step of the browser's “back”


def wanted_record(page: str) -> str:
    """The record of this page that a link asked for last, or ""."""
    if RECORD in st.session_state:
        st.session_state[f"{page}.record"] = st.session_state.pop(RECORD)
    return str(st.session_state.get(f"{page}.record", ""))


@dataclass(frozen=True)
class OwnStudy:
    """A study of the person signed in; one that does not open has a ``fault`` and no title."""

    name: str
    title: str = ""
    roles: str = ""
    fault: str = ""


def my_studies() -> list[OwnStudy]:
    """The studies that the person signed in belongs to; one study's fault does not touch another.

    A file that does not open says nothing of its members: who belonged to it when it last opened
    well is told of it, and nobody else.
    """
    name = who.signed_in()
    if name is None:
        return []
    found = []
    for path in sorted(places.studies_folder().glob(f"*{ENDING}")):
        try:
            with open_study(path) as study:
                seats.remember_members(study, path)
                member = study.member(name)
                title = study.title
            if member is not None:
                found.append(OwnStudy(path.stem, title, ", ".join(sorted(member.roles))))
        except (QualcodeError, sqlite3.Error):
            if path.stem in places.accounts().files_of(name):
                found.append(OwnStudy(path.stem, fault=fault(path.name)))
    return found


def fault(file: str) -> str:
    return (
        f"The study file {file} cannot be opened. Whoever runs this server can look at it with "
        f"“qualcode check {file}”, and put a backup of it in its place."
    )


@contextmanager
def current_study() -> Iterator[Study]:
    """The study of this session, opened for one run through the seat of the person at it."""
    name = chosen_study()
    if name is None:
        raise NotInStudy("No study is open; choose one on the start page.")
    with seats.opened(name, person=who.signed_in, chosen=_chosen_seat()) as study:
        yield study


def edits_address() -> str:
    """Where the coding surface sends what is done in the study of this session."""
    return f"{EDITS}?{urlencode({STUDY: chosen_study() or '', SEAT: _chosen_seat()})}"


def _chosen_seat() -> str:
    return str(st.session_state.get(SEAT) or "")


def address() -> str:
    """Where the browser found this app, without the page."""
    return who.address()


def is_sample() -> bool:
    return chosen_study() in SAMPLES


def in_package() -> bool:
    """True where a coder's package is open: one person, no account, nothing but coding."""
    return chosen_study() == PACKAGE and places.package_path() is not None
