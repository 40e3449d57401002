"""The theme board: codes and candidates become themes, by drag or by keyboard.

A page calls :func:`theme_board` and nothing else of this package's browser half.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.ui.board.cards import Cards
from qualcode.ui.board.session import Exchange, OpenStudy
from qualcode.ui.coder import kick
from qualcode.ui.coder.serving import component

__all__ = ["exchange", "theme_board"]


def theme_board(
    open_study: OpenStudy, cards: Cards, *, readonly: bool, key: str = "themes.board"
) -> dict[str, Any] | None:
    """Show the board and keep what is done on it; the window of the page that was asked for.

    Call it from the body of a page, outside any fragment: an act reruns only the fragment inside.
    ``open_study`` opens the study for one use and is called again for each act.
    """
    kick(key=f"{key}.kick")
    told = exchange(key)
    wish, told.wish, told.needs_page = told.wish, None, False
    told.is_page_run = True
    _surface(open_study, cards, readonly, key)
    return wish


@st.fragment
def _surface(open_study: OpenStudy, cards: Cards, readonly: bool, key: str) -> None:
    told = exchange(key)
    if told.wish is not None or told.needs_page:
        st.rerun()
    try:
        with open_study() as study:
            data = told.answer(study, cards, readonly=readonly)
    except QualcodeError:
        if told.is_page_run:
            raise
        st.rerun()  # the app shows errors in one place, which this fragment alone does not reach
    component("theme_board")(
        key=key,
        data=data,
        on_ops_change=lambda: exchange(key).take(open_study, _sent(key, "ops")),
        on_wish_change=lambda: exchange(key).wished(_sent(key, "wish")),
    )


def exchange(key: str = "themes.board") -> Exchange:
    """This session's conversation with the browser about the board."""
    found: Exchange = st.session_state.setdefault(f"{key}.exchange", Exchange())
    return found


def _sent(key: str, event: str) -> dict[str, Any]:
    sent = st.session_state.get(key)
    payload = sent.get(event) if sent is not None else None
    return payload if isinstance(payload, dict) else {}
