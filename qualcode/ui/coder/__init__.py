"""The coding component: a page gives a transcript and a coder in, codings arrive in the study.

A page calls :func:`coding_surface`, and the server answers the edits by :mod:`.edits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.model import Code
from qualcode.ui.coder.serving import component
from qualcode.ui.coder.session import CodingStudy, Exchange, OpenStudy

__all__ = ["CodingStudy", "OpenStudy", "coding_surface", "kick", "transcript_coder"]


def coding_surface(
    open_study: OpenStudy,
    transcript: str,
    *,
    coder: str,
    edits: str,
    codes: Sequence[Code],
    readonly_reason: str | None = None,
    code_interviewer: bool = False,
    look: str = "",
    propose: Literal["proposal", "code"] = "proposal",
    arrivals: Mapping[str, Any] | None = None,
    key: str = "code.coder",
) -> str | None:
    """Show a transcript with this coder's codings, to be worked on.

    Call it from the body of a page, outside any fragment: each run of the page then brings the
    browser up to date; what the browser asks for between them reruns only the fragment inside.

    Parameters
    ----------
    open_study
        Opens the study for one use, ``with open_study() as study``; it is called again for each
        question of the browser's, so it must not keep a connection.
    transcript
        The id of the transcript.
    coder
        Whose codings are shown; nobody else's are read.
    edits
        The address of this server that keeps what this coder does here: see ``server/edits.py``.
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
    _surface(
        open_study, coder, edits, tuple(codes), readonly_reason, code_interviewer, propose, key
    )
    words = asked.get("find") if isinstance(asked, dict) else None
    return words if isinstance(words, str) else None


@st.fragment
def _surface(
    open_study: OpenStudy,
    coder: str,
    edits: str,
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
            edits=edits,
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
        on_need_snapshot=lambda: _exchange(key).asked(_wish(key)),
    )


def _exchange(key: str) -> Exchange:
    exchange: Exchange = st.session_state.setdefault(f"{key}.exchange", Exchange())
    return exchange


def _wish(key: str) -> dict[str, Any]:
    sent = st.session_state.get(key)  # gone where the page was changed in the same message
    payload = sent.get("need_snapshot") if sent is not None else None
    return payload if isinstance(payload, dict) else {}


def transcript_coder(
    data: dict[str, Any],
    *,
    key: str,
    on_need_snapshot: Callable[[], None],
) -> None:
    """Mount the component with the data of :meth:`Exchange.answer` and its event."""
    component("transcript_coder")(key=key, data=data, on_need_snapshot_change=on_need_snapshot)


def kick(*, key: str = "kick") -> object:
    """Mount the invisible component by which the browser can ask for a run of the whole app; what
    it sent with that, in the run that follows.

    It must stand outside every fragment: a server that was restarted knows no fragments.
    """
    result: object = component("kick")(key=key, on_kick_change=lambda: None).kick
    return result
