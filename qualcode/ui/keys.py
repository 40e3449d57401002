"""The key file at the screen: made or opened with its passphrase, once a session, never stored.

What is kept in the session is the opened file, bound to the study and to who sits there: another
seat or another study asks for the passphrase anew. It is gone with the session.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from qualcode.deidentification import key_path
from qualcode.errors import BadCommand
from qualcode.privacy import KeyFile
from qualcode.privacy.keyfile import SHORTEST_PASSPHRASE
from qualcode.store import Study
from qualcode.ui import parts

KEY = "identifiers.opened"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def opened(study: Study) -> KeyFile | None:
    """The key of this study, if it is open in this session; else the form that opens it."""
    whose = (str(study.path.resolve()), study.who)
    kept = st.session_state.get(KEY)
    if kept is not None and kept[0] == whose:
        if kept[1].path.exists():
            key: KeyFile = kept[1]
            return key
        st.session_state.pop(KEY)
    folder, name = key_path(study)
    path = Path(folder, name)
    if path.exists():
        _open(study, path, whose)
    else:
        _make(study, path, whose)
    return None


def close() -> None:
    """Forget the key: the next look asks for the passphrase."""
    for key in list(st.session_state):
        if str(key).startswith("identifiers."):
            del st.session_state[key]


def _open(study: Study, path: Path, whose: tuple[str, str]) -> None:
    parts.note(
        f"The key file {path.name} stands beside the study. It holds the list of names, what was "
        "decided and every replacement, encrypted; each opening is written down in it."
    )
    with st.form("identifiers.open", border=False), parts.problems():
        passphrase = st.text_input("Passphrase of the key file", type="password", width=420)
        if st.form_submit_button("Open the key", type="primary"):
            if not passphrase:
                raise BadCommand("Type the passphrase of the key file.")
            _keep(
                whose,
                KeyFile.open(path, passphrase, who=study.who, at=now(), study=study.setting("id")),
            )


def _make(study: Study, path: Path, whose: tuple[str, str]) -> None:
    replaced = any(len(study.text_versions(place)) > 1 for place in study.titles())
    if replaced:
        parts.note(
            f"There is no key file {path.name} beside this study. If names were replaced before, "
            "put the key file back there first: a new one does not know who is who."
        )
    else:
        parts.note(
            "Names are replaced with the help of a key: a file of its own beside the study, "
            f"{path.name}, encrypted with a passphrase that is kept nowhere. Without the "
            "passphrase nobody can say any more which name stands behind a replacement; keep it "
            "where the study file is not."
        )
    with st.form("identifiers.make", border=False), parts.problems():
        first = st.text_input(
            "New passphrase", type="password", width=420,
            help=f"At least {SHORTEST_PASSPHRASE} characters; a few words are best.",
        )  # fmt: skip
        again = st.text_input("The same once more", type="password", width=420)
        if st.form_submit_button("Make the key", type="primary"):
            if first != again:
                raise BadCommand("The two passphrases are not the same; type them again.")
            _keep(
                whose,
                KeyFile.create(path, first, who=study.who, at=now(), study=study.setting("id")),
            )


def _keep(whose: tuple[str, str], key: KeyFile) -> None:
    st.session_state[KEY] = (whose, key)
    st.rerun()
