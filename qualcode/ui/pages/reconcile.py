"""Reconcile: each passage with its readings, and a decision with its reason in two or three keys.

First the outcome (A, B, O, N …), then the reason (1 to 7), and the next passage stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from qualcode.errors import AlreadyInStudy, BadCommand, QualcodeError
from qualcode.model import LETTERS, REASONS, TRUE_DIFFERENCE, Decision, Outcome, Transcript
from qualcode.reconciliation import (
    TYPES,
    Issue,
    Passage,
    PassageType,
    alike,
    in_order,
    progress,
    settle,
    undo,
)
from qualcode.reconciliation.decisions import New
from qualcode.reconciliation.passages import Order
from qualcode.ui import agreed_views, parts, reconcile_views, state, threads
from qualcode.ui.reconcile_views import BLIND, OUTCOME_NAMES, SHOW, TYPE_NAMES, VIEW, Desk

ORDER_NAMES = {
    "transcript": "As they stand in the texts",
    "cost": "Costliest codes first",
    "type": "By type",
}
LETTER_KEYS = ("A", "B", "E", "F", "G", "H")  # C is kept by Streamlit for itself, as R is
KEYS: dict[Outcome, str] = {
    "both": "O",
    "neither": "N",
    "new": "P",
    "other": "K",
    "code_needed": "M",
    "defer": "D",
}
OVERRULING: tuple[Outcome, ...] = (*LETTERS, "both", "neither", "new", "other")
"""What may be decided where the coders agree; putting off or asking for a code has no sense."""
AT_ONCE: tuple[Outcome, ...] = (*LETTERS, "both", "neither")
"""What needs nothing but its reason."""
FOR_THE_REST = (*LETTERS, "both", "neither", "other")
CHOSEN, REASON, REST = "reconcile.chosen", "reconcile.reason", "reconcile.rest"
SEEN, MADE, LOOK = "reconcile.seen", "reconcile.made", "reconcile.look"
REFUSED = "reconcile.refused"


def filtered(desk: Desk) -> list[Passage]:
    """The passages that are asked for, in the order asked for; drawn inside the line of steps."""
    show = st.segmented_control(
        "Show", ["Open", "Put off", "All"], default="Open", required=True, key=SHOW,
        label_visibility="collapsed",
    )  # fmt: skip
    with st.popover("Filter and order", icon=":material/filter_list:"):
        by, where, code, who, types = filters(desk)
    kept = held(desk)
    chosen = [
        p
        for p in desk.passages
        if p is kept
        or (
            (show == "All" or not desk.is_settled(p))
            and (show != "Put off" or any(d.outcome != "undone" for d in desk.last(p)))
            and (not types or set(types) & set(p.types))
            and where in ("", p.transcript)
            and (not code or code in p.codes)
            and (not who or who in p.left_out_by)
        )
    ]
    return list(in_order(chosen, by, reconcile_views.costs(desk) if by == "cost" else None))


def filters(desk: Desk) -> tuple[Order, str, str, str, list[PassageType]]:
    """The order, a transcript, a code, who left it out, the types; empty where all are meant."""
    by = st.selectbox(
        "Order",
        list(ORDER_NAMES),
        format_func=ORDER_NAMES.get,
        key="reconcile.order",
        on_change=go,
        args=(None,),
    )
    types = st.pills(
        "Type",
        [type for type in TYPES if any(type in p.types for p in desk.passages)],
        selection_mode="multi",
        format_func=TYPE_NAMES.get,
        key=reconcile_views.TYPES,
    )
    where = st.selectbox(
        "Transcript",
        ["", *dict.fromkeys(p.transcript for p in desk.passages)],
        format_func=lambda t: desk.titles.get(t, "All transcripts"),
        key=reconcile_views.WHERE,
    )
    used = {code for passage in desk.passages for code in passage.codes}
    code = st.selectbox(
        "Code",
        ["", *(code for code in desk.codes if code in used)],
        format_func=lambda c: desk.code(c) if c else "All codes",
        key=reconcile_views.CODE,
    )
    who = ""
    if not desk.blind:
        who = st.selectbox(
            "Left out by",
            ["", *dict.fromkeys(c for p in desk.passages for c in p.left_out_by)],
            format_func=lambda c: desk.names.get(c, c) if c else "Anybody",
            key=reconcile_views.WHO,
        )
    return by, where, code, who, types


def go(id: str | None) -> None:
    """Look at this passage; what was begun on another is forgotten."""
    st.session_state[state.DIFFERENCE] = id
    for key in (CHOSEN, REASON, REST, LOOK):
        st.session_state.pop(key, None)


def held(desk: Desk) -> Passage | None:
    """The passage that stays on the screen although it may be settled by now: one that is being
    decided, or that somebody else has decided in the meantime.
    """
    at = st.session_state.get(state.DIFFERENCE)
    if not (st.session_state.get(CHOSEN) or st.session_state.get(LOOK) == at):
        return None
    return next((p for p in desk.passages if at in p.ids), None)


def step(chosen: Sequence[Passage]) -> int:
    """The place of the passage that is looked at, with the arrows that change it."""
    at = st.session_state.get(state.DIFFERENCE)
    place = next((n for n, p in enumerate(chosen) if at in p.ids), 0)
    last = len(chosen) - 1
    st.button(
        "Previous", icon=":material/chevron_left:", disabled=place == 0, shortcut="Left",
        on_click=go, args=(chosen[max(0, place - 1)].id,),
    )  # fmt: skip
    st.markdown(f"{place + 1} of {len(chosen)}", width="content")
    st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", shortcut="Right",
        disabled=place == last, on_click=go, args=(chosen[min(last, place + 1)].id,),
    )  # fmt: skip
    return place


def undo_button() -> bool:
    """Whether the last decision of this session is to be undone."""
    return bool(st.session_state.get(MADE)) and st.button(
        "Undo the last decision", icon=":material/undo:", shortcut="U", key="reconcile.undo"
    )


def take_back(desk: Desk, ids: Iterable[str]) -> None:
    """Undo these decisions; each is replaced by what held before it."""
    wanted = set(ids)
    back = [d for d in desk.decisions if d.id in wanted]
    made = [new for d in back for new in undo(d, desk.decisions, decided_by=desk.study.who)]
    desk.study.decide(*made, replacing=wanted)
    go(back[0].difference if back else None)
    parts.told("Taken back.")
    st.rerun()


def choose(outcome: Outcome) -> None:
    st.session_state[CHOSEN] = outcome
    st.session_state.pop(REASON, None)


def outcome_buttons(desk: Desk, passage: Passage) -> Outcome | None:
    """A button with its key for each outcome; the one chosen, if any."""
    chosen: Outcome | None = st.session_state.get(CHOSEN)
    labels: list[tuple[Outcome, str, str]] = [
        (LETTERS[passage.coders.index(coder)], desk.name(passage, coder), key)
        for coder, key in zip(desk.shown(passage), LETTER_KEYS, strict=False)
    ]
    coded = len(passage.coders) - len(passage.left_out_by)
    labels += [
        (outcome, OUTCOME_NAMES[outcome], key)
        for outcome, key in KEYS.items()
        if outcome != "both" or coded > 1
    ]
    if passage.types == ("agreed",):
        labels = [label for label in labels if label[0] in OVERRULING]
    with st.container(horizontal=True, gap="small", key="reconcile_outcomes"):
        for outcome, label, key in labels:
            st.button(
                parts.plain(label),
                key=f"reconcile.outcome.{outcome}",
                shortcut=key,
                type="primary" if outcome == chosen else "secondary",
                on_click=choose,
                args=(outcome,),
            )
    return chosen


def decide(desk: Desk, passage: Passage, transcript: Transcript, following: str | None) -> None:
    """The outcome, what belongs to it, and the reason by which it is saved."""
    seen = seen_before(desk, passage)
    outcome = outcome_buttons(desk, passage)
    if outcome is None:
        parts.note("Choose what should be coded here; then the reason, which saves it.")
        return
    rest: tuple[Passage, ...] = ()
    new: New | None = None
    if outcome == "defer":
        keep(desk, [settle(passage, "defer", decided_by=desk.study.who, blind=desk.blind)], seen)
        after(following, "Put off; it stays open.")
    elif outcome == "new":
        new = reconcile_views.new_passage(passage, transcript, desk.codes)
    elif outcome == "other":
        code = reconcile_views.code_choice(f"reconcile.other.{passage.id}", desk.codes)
        new = (passage.span, code, transcript.text[passage.span.slice]) if code else None
    if outcome in FOR_THE_REST and passage.types != ("agreed",):
        rest = for_the_rest(desk, passage)
    at_once = outcome in AT_ONCE
    reason = given_reason(passage, outcome, following if at_once else None, at_once=at_once)
    if reason is None:
        return
    if outcome in ("new", "other") and new is None:
        raise BadCommand("A new coding needs its words and its code; choose them first.")
    made = [decision_of(desk, passage, outcome, reason, new)]
    for other in rest:
        made.append(decision_of(desk, other, outcome, reason, moved(desk, new, other)))
        seen |= {d.id for d in desk.last(other)}
    keep(desk, made, seen)
    told = f"{parts.count(len(made), 'difference')} decided." if rest else "Decided."
    after(following, told)


def decision_of(
    desk: Desk, passage: Passage, outcome: Outcome, reason: str, new: New | None
) -> Decision:
    return settle(
        passage, outcome, reason=reason, new=new, decided_by=desk.study.who, blind=desk.blind
    )


def moved(desk: Desk, new: New | None, passage: Passage) -> New | None:
    """Another code for the rest of a kind stands on each passage's own words."""
    if new is None:
        return None
    text = desk.study.transcript(passage.transcript).text
    return passage.span, new[1], text[passage.span.slice]


def seen_before(desk: Desk, passage: Passage) -> set[str]:
    """The decisions that were on the screen when this run was asked for.

    What somebody else has decided since then is not among them, so that saving tells of it.
    """
    now = {decision.id for decision in desk.last(passage)}
    at, seen = st.session_state.get(SEEN, (None, now))
    st.session_state[SEEN] = (passage.id, now)
    return set(seen if at == passage.id else now)


def keep(desk: Desk, made: Sequence[Decision], seen: Iterable[str]) -> None:
    try:
        desk.study.decide(*made, replacing=seen)
    except AlreadyInStudy:
        st.session_state[LOOK] = made[0].difference
        raise
    finally:
        for key in (CHOSEN, REASON, REST):
            st.session_state.pop(key, None)
    st.session_state.setdefault(MADE, []).append(tuple(decision.id for decision in made))


def after(following: str | None, told: str) -> None:
    go(following)
    parts.told(told)
    st.rerun()


def for_the_rest(desk: Desk, passage: Passage) -> tuple[Passage, ...]:
    """The other open passages of this kind, if the same decision is wanted for them."""
    open_ = [p for p in desk.passages if not desk.is_settled(p)]
    others = alike(passage, open_)
    if not others:
        return ()
    wanted = bool(st.session_state.get(REST))
    st.button(
        f"Same for {parts.count(len(others), 'other')} of this kind",
        key="reconcile.same",
        icon=":material/check_box:" if wanted else ":material/check_box_outline_blank:",
        shortcut="S",
        on_click=lambda: st.session_state.update({REST: not wanted}),
    )
    if not wanted:
        return ()
    st.dataframe(
        reconcile_views.table(desk, others).drop(columns="Decision"),
        hide_index=True,
        height=min(210, 40 + 35 * len(others)),
        key="reconcile.rest.table",
        alt="The passages for which the same is decided",
    )
    return others


def keep_now(id: str, outcome: Outcome, reason: str, following: str | None) -> None:
    """Keep what needs nothing but its reason before anything is drawn: a callback of the reason's
    key, so that the decision is in the file at once and the page is drawn once.
    """
    words = st.session_state.get(f"reconcile.words.{id}", "").strip()
    if reason == TRUE_DIFFERENCE and not words:
        st.session_state[REASON] = reason
        return
    try:
        with state.current_study() as study:
            desk = reconcile_views.read(study)
            passage = reconcile_views.passage_of(desk, id)
            at, seen = st.session_state.get(SEEN, (None, set()))
            known = set(seen if at == id else (d.id for d in desk.last(passage)))
            wanted = passage.types != ("agreed",) and st.session_state.get(REST)
            open_ = [p for p in desk.passages if not desk.is_settled(p)] if wanted else []
            places = [passage, *alike(passage, open_)]
            why = f"{reason}: {words}" if words else reason
            made = [decision_of(desk, place, outcome, why, None) for place in places]
            keep(desk, made, known | {d.id for place in places[1:] for d in desk.last(place)})
        go(following)
        parts.told(
            f"{parts.count(len(made), 'difference')} decided." if len(made) > 1 else "Decided."
        )
    except QualcodeError as error:
        st.session_state[REFUSED] = str(error)


def given_reason(
    passage: Passage, outcome: Outcome, following: str | None, *, at_once: bool
) -> str | None:
    """The reason once it was chosen, with the words where the rules ask for them.

    None as well where choosing it keeps the decision ``at_once``.
    """
    needed = outcome == "code_needed"
    asked = st.session_state.get(REASON)
    words = st.text_input(
        "Which code is needed, and why" if needed else "In your words",
        key=f"reconcile.words.{passage.id}",
        max_chars=2000,
        help="A true difference of reading needs a few words: they are findings.",
    ).strip()
    if needed:
        if st.button("Ask for this code", type="primary", shortcut="Ctrl+Enter"):
            if not words:
                raise BadCommand("Say in a few words which code is needed.")
            return words
        return None
    with st.container(horizontal=True, gap="small", key="reconcile_reasons"):
        for number, reason in enumerate(REASONS, start=1):
            if (
                st.button(
                    reason.capitalize(),
                    key=f"reconcile.reason.{number}",
                    shortcut=str(number),
                    type="primary" if reason == asked else "secondary",
                    on_click=keep_now if at_once else None,
                    args=(passage.id, outcome, reason, following),
                )
                and not at_once
            ):
                asked = reason
                st.session_state[REASON] = reason
                if reason != TRUE_DIFFERENCE or words:
                    return f"{reason}: {words}" if words else reason
    if asked == TRUE_DIFFERENCE:
        parts.note("A true difference of reading is a finding: say in a few words what it is.")
        if st.button(
            "Decide",
            type="primary",
            shortcut="Ctrl+Enter",
            on_click=keep_now if at_once else None,
            args=(passage.id, outcome, TRUE_DIFFERENCE, following),
        ) and not (at_once and words):
            if not words:
                raise BadCommand("A true difference of reading needs a few words of what it is.")
            return f"{TRUE_DIFFERENCE}: {words}"
    return None


def decided(desk: Desk, passage: Passage) -> None:
    """What was decided here, and the way back."""
    for decision in desk.last(passage):
        who = desk.names.get(decision.decided_by, decision.decided_by)
        what = desk.outcome(decision, passage)
        blind = ", not told who coded what" if decision.blind else ""
        version = f" under version {decision.version}" if decision.version else ""
        why = f" Reason: {decision.reason}" if decision.reason else ""
        parts.note(f"{who}, {decision.decided_at[:10]}{version}{blind}: {what}.{why}")
        if (
            desk.may_decide(passage.transcript)
            and decision.outcome != "undone"
            and st.button("Take back", key=f"reconcile.back.{decision.id}", icon=":material/undo:")
        ):
            take_back(desk, [decision.id])


def issue_of(passage: Passage, issues: Sequence[Issue]) -> None:
    """From a difference to the codebook issue that it belongs to."""

    def open_issue(codes: tuple[str, ...]) -> None:
        st.session_state[VIEW] = "issues"
        st.session_state[reconcile_views.ISSUE] = codes

    for issue in issues:
        if passage.id in {other.id for other in issue.passages}:
            st.button(
                "Part of a codebook issue",
                key=f"reconcile.toissue.{'.'.join(issue.codes)}",
                icon=":material/menu_book:",
                on_click=open_issue,
                args=(issue.codes,),
            )


def differences(desk: Desk, issues: Sequence[Issue]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="reconcile.steps"):
        chosen = filtered(desk)
        place = step(chosen) if chosen else 0
        if undo_button():
            take_back(desk, st.session_state[MADE].pop())
    if not chosen:
        everything = all(desk.is_settled(passage) for passage in desk.passages)
        parts.nothing_yet(
            "Nothing is open here." if everything else "No difference fits these filters.",
            parts.page("themes") if everything else "",
            "On to themes",
        )
        return
    passage = chosen[place]
    st.session_state[state.DIFFERENCE] = passage.id
    after_it = chosen[place + 1].id if place + 1 < len(chosen) else None
    transcript = desk.study.transcript(passage.transcript)
    left, right = st.columns([5, 4], gap="large")
    with left:
        reconcile_views.words(desk, passage, transcript)
    with right:
        decided(desk, passage)
        with st.container(key="reconcile_sides"):
            shown = desk.shown(passage)
            for column, coder in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
                with column:
                    reconcile_views.side(desk, passage, coder)
        decide_or_read(desk, passage, transcript, after_it)
        issue_of(passage, issues)
        threads.around(desk, passage, transcript)
    reconcile_views.listed(desk, chosen)


def decide_or_read(
    desk: Desk, passage: Passage, transcript: Transcript, following: str | None
) -> None:
    """The outcomes for whoever may settle this transcript; for others, who does."""
    study = desk.study
    if desk.may_decide(passage.transcript):
        decide(desk, passage, transcript, following)
    elif study.who in study.deciders():
        parts.note("You have coded this transcript; the lead or another decider settles it.")
    else:
        parts.note("The study lead settles differences; what is decided is shown here.")


def agreed_items(desk: Desk) -> None:
    """What came over by the rule, the rule itself, and any of it decided otherwise."""
    agreed_views.rule(desk)
    passage = agreed_views.chosen(desk)
    if passage is None:
        return
    transcript = desk.study.transcript(passage.transcript)
    left, right = st.columns([5, 4], gap="large")
    with left:
        reconcile_views.words(desk, passage, transcript)
    with right:
        agreed_views.standing(desk, passage)
        decided(desk, passage)
        decide_or_read(desk, passage, transcript, passage.id)


def blind_switch(desk: Desk) -> None:
    """The lead's switch: this page does not tell who coded what."""
    if not desk.leads:
        if desk.blind:
            parts.note("The lead has hidden on this page who coded what.")
        return
    wanted = st.toggle(
        "Hide who coded what",
        desk.blind,
        key="reconcile.blind.switch",
        help="On this page and for everybody. Each decision keeps whether it was made like this.",
    )
    if wanted != desk.blind:
        desk.study.settings.change({BLIND: "yes" if wanted else "no"})
        st.rerun()


def deciders(desk: Desk) -> None:
    """The lead lets coders settle what they have not coded themselves."""
    study = desk.study
    everybody = [m.name for m in study.members() if "coder" in m.roles]
    if not desk.leads or not everybody:
        return
    kept = study.deciders()
    with st.popover("Who decides", icon=":material/gavel:"):
        parts.note("The lead decides. A coder named here decides too, on what they did not code.")
        chosen = st.multiselect(
            "Coders who also decide",
            everybody,
            list(kept),
            format_func=lambda c: desk.names.get(c, c),
            key="reconcile.deciders",
        )
        if set(chosen) != set(kept):
            study.set_deciders(chosen)
            st.rerun()


def look(desk: Desk) -> None:
    done, total = progress(desk.passages, desk.decisions)
    if not total:
        parts.nothing_yet("The coders do not part anywhere.", parts.page("themes"), "On to themes")
        return
    issues = reconcile_views.issues(desk)
    st.progress(done / total, f"{done} of {total} settled")
    if desk.waiting:
        version = desk.study.codebook().version
        titles = ", ".join(t for place, t in desk.titles.items() if place in desk.waiting)
        parts.note(
            f"Waiting to be recoded under version {version}: {titles}. Until then their "
            "differences stand as they were first coded; what is settled there may be asked again."
        )
    views = {
        "differences": "Differences",
        "issues": f"Codebook issues ({sum(issue.is_open for issue in issues)})",
        "asked": f"New codes ({len(reconcile_views.asked_codes(desk))})",
        "agreed": "Agreed",
    }
    with st.container(horizontal=True, vertical_alignment="center", key="reconcile.top"):
        view = st.segmented_control(
            "View", list(views), format_func=views.get, default="differences", required=True,
            key=VIEW, label_visibility="collapsed",
        )  # fmt: skip
        blind_switch(desk)
        deciders(desk)
    if view == "issues":
        reconcile_views.show_issues(desk, issues)
    elif view == "asked":
        reconcile_views.show_asked(desk)
    elif view == "agreed":
        agreed_items(desk)
    else:
        differences(desk, issues)


with state.current_study() as study:
    parts.head(
        "Reconcile", "Differences are settled on the record; the coders’ own codings never change."
    )
    if asked := st.session_state.pop(state.TO_ISSUE, None):  # from the Codebook page
        st.session_state[VIEW], st.session_state[reconcile_views.ISSUE] = "issues", asked
    if parts.comparable(study, "Differences can be settled when both coders have submitted."):
        if refused := st.session_state.pop(REFUSED, ""):
            st.error(parts.plain(refused), icon=":material/error:")
        study.compared()
        look(reconcile_views.read(study))
