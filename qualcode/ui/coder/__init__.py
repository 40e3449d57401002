"""The coding component: a page gives a transcript and a coder in, codings arrive in the study.

A page calls :func:`coding_surface` and nothing else of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from qualcode.errors import QualcodeError
from qualcode.model import Code
from qualcode.ui.coder.session import CodingStudy, Exchange, OpenStudy

__all__ = ["CodingStudy", "OpenStudy", "coding_surface", "kick", "transcript_coder"]

PROJECT = "qualcode"
PACKAGE = Path(__file__).parents[2]
FRONTEND = "ui/coder/frontend"
COMPONENTS = ("transcript_coder", "kick")


def coding_surface(
    open_study: OpenStudy,
    transcript: str,
    *,
    coder: str,
    codes: Sequence[Code],
    readonly_reason: str | None = None,
    code_interviewer: bool = False,
    key: str = "code.coder",
) -> None:
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
    """
    kick(key=f"{key}.kick")
    _exchange(key).turn_to(transcript)
    _surface(open_study, coder, tuple(codes), readonly_reason, code_interviewer, key)


@st.fragment
def _surface(
    open_study: OpenStudy,
    coder: str,
    codes: tuple[Code, ...],
    readonly_reason: str | None,
    code_interviewer: bool,
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
    payload = st.session_state[key][event]
    return payload if isinstance(payload, dict) else {}


def transcript_coder(
    data: dict[str, Any],
    *,
    key: str,
    on_ops: Callable[[], None],
    on_need_snapshot: Callable[[], None],
) -> None:
    """Mount the component with the data of :meth:`Exchange.answer` and its two events."""
    _component("transcript_coder", js="coder.js", css="coder.css")(
        key=key, data=data, on_ops_change=on_ops, on_need_snapshot_change=on_need_snapshot
    )


def kick(*, key: str = "kick") -> None:
    """Mount the invisible component by which the browser can ask for a run of the whole app.

    It must stand outside every fragment: a server that was restarted knows no fragments.
    """
    _component("kick", js="kick.js")(key=key, on_kick_change=lambda: None)


def _component(name: str, *, js: str, css: str | None = None) -> Callable[..., Any]:
    _point_to_files()
    # Without a shadow root: inside one, Chromium does not tell which words are selected.
    return st.components.v2.component(f"{PROJECT}.{name}", js=js, css=css, isolate_styles=False)


def _point_to_files() -> None:
    """Tell Streamlit where the files are if qualcode runs from its folder without being installed.

    Streamlit finds them by the pyproject.toml of an installed distribution, once at its start.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{PROJECT}.{COMPONENTS[0]}") is None:
        components = [ComponentConfig(name=name, asset_dir=FRONTEND) for name in COMPONENTS]
        manifest = ComponentManifest(name=PROJECT, version="0", components=components)
        manager.register_from_manifest(manifest, PACKAGE)
