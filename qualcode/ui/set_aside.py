"""What the machine suggested and somebody set aside: with a reason, folded away, never gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from qualcode.model import ThemeCandidate
from qualcode.store import Study
from qualcode.store.suggesting import Answered
from qualcode.themes import View
from qualcode.ui import parts

Of = View | Literal[""]
"""The view of a candidate; a gap is of none."""


def button(study: Study, candidate: ThemeCandidate, run: str, *, view: Of, key: str) -> None:
    """Set a candidate or a gap aside."""
    with st.popover("Set aside", icon=":material/close:"), st.form(
        f"{key}.reject.{candidate.number}", border=False
    ):  # fmt: skip
        reason = st.text_input("Reason, if you like", max_chars=2_000)
        if st.form_submit_button("Set it aside", type="primary"):
            with parts.problems():
                study.reject_suggestion(run, candidate.number, view=view, reason=reason)
                kind = "candidate" if view else "gap"
                parts.told(f"The {kind} was set aside; it stands at the end of the list.")
                st.rerun()


def folded(
    study: Study,
    rejected: Sequence[ThemeCandidate],
    run: str,
    answers: Mapping[int, Answered],
    *,
    view: Of,
    key: str,
) -> None:
    """Those that were set aside, with who and why; the lead takes them up again."""
    if not rejected:
        return
    lead = study.seat is None or study.seat.is_lead
    labels = parts.coder_labels(study)
    with st.expander(f"Set aside ({len(rejected)})", icon=":material/close:"):
        for candidate in rejected:
            answer = answers[candidate.number]
            who = labels.get(answer.made_by, answer.made_by)
            why = f": {answer.reason}" if answer.reason else ""
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{candidate.number}. **{parts.plain(candidate.label)}** · "
                    f"{parts.plain(f'set aside by {who}{why}')}",
                    width="content",
                )
                st.space("stretch")
                if lead and st.button("Take it up again", key=f"{key}.again.{candidate.number}"):
                    with parts.problems():
                        study.reopen_suggestion(run, candidate.number, view=view)
                        st.rerun()
