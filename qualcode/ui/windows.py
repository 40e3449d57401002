"""Which window stands open over a page: it stands through every run of it, until it is closed.

Streamlit lets a window go in the next run of the whole page that does not call it, and such a run
may come from anywhere: a server that was slow for some seconds is asked for one by the browser.
"""

from __future__ import annotations

import streamlit as st

OPEN = "ui.window"


def open_(name: str) -> None:
    """Let this window stand open, in place of any other."""
    st.session_state[OPEN] = name


def close() -> None:
    """Nothing stands open any more; also what ``on_dismiss`` of a window calls."""
    st.session_state.pop(OPEN, None)


def is_open(name: str) -> bool:
    return bool(st.session_state.get(OPEN) == name)
