"""The room with the board: codes and candidates become themes, and what was dropped comes back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from qualcode.model import ThemeCandidate
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Findings
from qualcode.store import Study
from qualcode.store.theme_acts import SHARED_CODES
from qualcode.ui import parts, state
from qualcode.ui.board import theme_board
from qualcode.ui.board.cards import cards_of
from qualcode.ui.board.windows import bring_back, window


def room(
    study: Study, facts: StudyFacts, found: Findings, candidates: Sequence[ThemeCandidate]
) -> str:
    """The board; the id of the theme that is to be opened, or ""."""
    lead = study.seat is None or study.seat.is_lead
    shown = cards_of(facts, found.participants, candidates if lead else ())
    st.html('<div class="ui-wide"></div>')
    wish = theme_board(state.current_study, shown, readonly=not lead)
    if wish is not None and wish["what"] == "open":
        return str(wish.get("theme", ""))
    if not lead:
        return ""
    if wish is not None:
        window(facts, wish, candidates)
    with st.container(horizontal=True, vertical_alignment="center"):
        several(study)
        st.space("stretch")
        dropped = len(study.dropped_themes())
        label = f"{parts.count(dropped, 'dropped theme')} …"
        if dropped and st.button(label, icon=":material/restore_from_trash:", key="board.dropped"):
            bring_back()
    return ""


def several(study: Study) -> None:
    """Whether a code may stand in several themes."""
    allowed = study.setting(SHARED_CODES) == "yes"
    chosen = st.toggle(
        "A code may stand in several themes",
        allowed,
        key=f"board.several.{allowed}",
        help="Drop a card with Alt or Shift held, and the code stands here and there.",
    )
    if chosen != allowed:
        with parts.problems():
            study.settings.change({SHARED_CODES: "yes" if chosen else ""})
            st.rerun()
