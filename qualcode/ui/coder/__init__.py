"""The coding component: a page gives a transcript and a coder in, codings arrive in the study.

A page calls :func:`coding_surface` and nothing else of this package.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from qualcode.errors import QualcodeError
from qualcode.model import Code
from qualcode.ui.coder.bundle import bundle, named
from qualcode.ui.coder.session import CodingStudy, Exchange, OpenStudy

__all__ = ["CodingStudy", "OpenStudy", "coding_surface", "kick", "transcript_coder"]

PROJECT = "qualcode"
FRONTEND = Path(__file__).with_name("frontend")
COMPONENTS = {"transcript_coder": ("coder.js", "coder.css"), "kick": ("kick.js", None)}
_putting_together = threading.Lock()


def coding_surface(
    open_study: OpenStudy,
    transcript: str,
    *,
    coder: str,
    codes: Sequence[Code],
    readonly_reason: str | None = None,
    code_interviewer: bool = False,
    look: str = "",
    propose: Literal["proposal", "code"] = "proposal",
    arrivals: Mapping[str, Any] | None = None,
    key: str = "code.coder",
) -> str | None:
    """Show a transcript with this coder's codings and keep what the coder does.

    Call it from the body of a page, outside any fragment: each run of the page then brings the
    browser up to date, and an edit reruns only the fragment inside.

    Parameters
    ----------
    open_study
        Opens the study for one use, ``with open_study() as study``; it is called again for each
        edit, so it must not keep a connection.
    transcript
        The id of the transcript.
    coder
        Whose codings are shown; nobody else's are read.
    codes
        The codebook in its order; codes that are not codable are shown on old codings only.
    readonly_reason
        A sentence that says why nothing can be changed, such as that the coding was submitted.
    code_interviewer
        Whether the interviewer's words may be coded too.
    look
        The id of the coding or memo that is brought into view.
    propose
        What becomes of a code in the coder's own words: a proposal, or a code at once.
    arrivals
        ``goto`` {id, start, end} leads to a passage, ``searched`` {id, codings} is a search whose
        hits were coded and which undo takes back; each is done once for its id.

    Returns
    -------
    str | None
        The words that the coder has just asked to search for in all transcripts; None where they
        have not.
    """
    asked = kick(key=f"{key}.kick")
    _exchange(key).turn_to(transcript, look, arrivals)
    _surface(open_study, coder, tuple(codes), readonly_reason, code_interviewer, propose, key)
    words = asked.get("find") if isinstance(asked, dict) else None
    return words if isinstance(words, str) else None


@st.fragment
def _surface(
    open_study: OpenStudy,
    coder: str,
    codes: tuple[Code, ...],
    readonly_reason: str | None,
    code_interviewer: bool,
    propose: str,
    key: str,
) -> None:
    exchange = _exchange(key)
    is_page_run = exchange.is_page_run
    try:
        data = exchange.answer(
            open_study,
            coder=coder,
            codes=codes,
            readonly_reason=readonly_reason,
            code_interviewer=code_interviewer,
            propose=propose,
        )
    except QualcodeError:
        # The app shows errors in one place, which a run of this fragment alone does not reach.
        if is_page_run:
            raise
        st.rerun()
    transcript_coder(
        data,
        key=key,
        on_ops=lambda: _exchange(key).take(open_study, _sent(key, "ops")),
        on_need_snapshot=lambda: _exchange(key).asked(_sent(key, "need_snapshot")),
    )


def _exchange(key: str) -> Exchange:
    exchange: Exchange = st.session_state.setdefault(f"{key}.exchange", Exchange())
    return exchange


def _sent(key: str, event: str) -> dict[str, Any]:
    sent = st.session_state.get(key)  # gone where the page was changed in the same message
    payload = sent.get(event) if sent is not None else None
    return payload if isinstance(payload, dict) else {}


def transcript_coder(
    data: dict[str, Any],
    *,
    key: str,
    on_ops: Callable[[], None],
    on_need_snapshot: Callable[[], None],
) -> None:
    """Mount the component with the data of :meth:`Exchange.answer` and its two events."""
    _component("transcript_coder")(
        key=key, data=data, on_ops_change=on_ops, on_need_snapshot_change=on_need_snapshot
    )


def kick(*, key: str = "kick") -> object:
    """Mount the invisible component by which the browser can ask for a run of the whole app; what
    it sent with that, in the run that follows.

    It must stand outside every fragment: a server that was restarted knows no fragments.
    """
    result: object = _component("kick")(key=key, on_kick_change=lambda: None).kick
    return result


def _component(name: str) -> Callable[..., Any]:
    file = _served(name)
    # Without a shadow root: inside one, Chromium does not tell which words are selected.
    return st.components.v2.component(f"{PROJECT}.{name}", js=file, isolate_styles=False)


def _served(name: str) -> str:
    """The name of a component's file, which lies where Streamlit serves it.

    It is looked for at each run: what cleans a machine's temporary files may take it from a server
    that runs for weeks.
    """
    file, text = _put_together(name)
    manager = get_bidi_component_manager()
    with _putting_together:
        folder = manager.get_component_asset_root(f"{PROJECT}.{name}")
        if folder is None or not (folder / file).exists():
            folder = Path(tempfile.mkdtemp(prefix="qualcode-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            (folder / file).write_text(text, encoding="utf-8")
            component = ComponentConfig(name=name, asset_dir=folder.name)
            manifest = ComponentManifest(name=PROJECT, version="0", components=[component])
            manager.register_from_manifest(manifest, folder.parent)
    return file


@cache
def _put_together(name: str) -> tuple[str, str]:
    entry, styles = COMPONENTS[name]
    text = bundle(FRONTEND, entry, styles)
    return named(text, name), text
