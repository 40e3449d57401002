"""What the Reconcile page shows of agreed items: the rule, the list, and what holds of each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from qualcode.model import KEPT, Kept
from qualcode.reconciliation import Passage, kept_of, overlap_of
from qualcode.ui import parts, reconcile_views, state
from qualcode.ui.reconcile_views import Desk

KEPT_NAMES: dict[Kept, str] = {
    "all": "From anybody’s first word to the last",
    "shared": "Only the words that all marked",
    "longest": "The longest span of one coder",
    "shortest": "The shortest span of one coder",
}
SHARES = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5]


def rule(desk: Desk) -> None:
    """The rule in words, and for the lead the way to change it."""
    held = desk.study.agreed_rule()
    n = len(desk.agreed)
    otherwise = sum(desk.overruled(passage) for passage in desk.agreed)
    share = "the same words" if held.same == 1 else f"at least {held.same:.0%} of their words"
    words = (
        f"{parts.count(n, 'item')} came over as consensus without a decision, since the same code "
        f"stands on {share}. Kept: {KEPT_NAMES[held.keep].lower()}."
    )
    if otherwise:
        words += f" {parts.count(otherwise, 'item')} of them are decided otherwise."
    parts.note(words)
    if not desk.leads:
        return
    with st.popover("Change the rule", icon=":material/rule:"):
        shares = sorted({*SHARES, held.same}, reverse=True)
        same = st.selectbox(
            "Counts as agreed",
            shares,
            shares.index(held.same),
            format_func=lambda s: (
                "Identical spans only" if s == 1 else f"{s:.0%} in common or more"
            ),
            key="agreed.same",
            help="The part of the words of both spans together that they have in common.",
        )
        keep = st.selectbox(
            "Which span is kept",
            list(KEPT),
            KEPT.index(held.keep),
            format_func=KEPT_NAMES.get,
            key="agreed.keep",
        )
        parts.note(
            "Another rule makes other differences. Decisions hold, the coders’ codings stay as "
            "they are, and the rule can be changed back."
        )
        if st.button(
            "Use this rule", key="agreed.use", disabled=(same, keep) == (held.same, held.keep)
        ):
            desk.study.set_agreed_rule(same=same, keep=keep)
            parts.told("The rule was changed.")
            st.rerun()


def chosen(desk: Desk) -> Passage | None:
    """The list of what is agreed; the one whose row is chosen."""
    if not desk.agreed:
        parts.note("Nothing is agreed by this rule.")
        return None
    held = desk.study.agreed_rule()
    rows = [
        {
            "Transcript": desk.titles[passage.transcript],
            "Code": desk.code(passage.codes[0]),
            "Kept": reconcile_views.short(kept_of(passage.codings, held).quote),
            "In common": overlap_of(passage),
            "Stands": "; ".join(desk.outcome(d, passage) for d in desk.last(passage))
            if desk.overruled(passage)
            else "by the rule",
        }
        for passage in desk.agreed
    ]
    found = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(390, 40 + 35 * len(rows)),
        column_config={"In common": st.column_config.NumberColumn(format="percent")},
        key="agreed.table",
        alt="What the coders agree on, and what is kept of it",
    )
    places = found.selection.rows
    if not places or places[0] >= len(desk.agreed):
        parts.note("Choose a row to read it in its place, and to decide it otherwise.")
        return None
    passage = desk.agreed[places[0]]
    st.session_state[state.DIFFERENCE] = passage.id
    return passage


def standing(desk: Desk, passage: Passage) -> None:
    """What holds for this item now."""
    with st.container(key="agreed_standing"):
        st.html(parts.chip(desk.codes.get(passage.codes[0]), passage.codes[0]))
    if desk.overruled(passage):
        parts.note("Decided in place of the rule; taking it back lets the rule hold again.")
        return
    kept = kept_of(passage.codings, desk.study.agreed_rule())
    parts.note("By the rule, this is consensus:")
    parts.quotation(kept.quote, desk.titles[passage.transcript])
