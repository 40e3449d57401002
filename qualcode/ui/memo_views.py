"""What the Memos page shows of a memo: where it belongs, its words, its thread, who may read it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from qualcode.memos import LONGEST_MEMO, MEMO_KINDS, About, Memo, MemoKind
from qualcode.model import Code, Coding
from qualcode.store import Study
from qualcode.ui import parts, state
from qualcode.ui.reconcile_views import go_to

KIND_NAMES: dict[MemoKind, str] = {
    "note": "Note",
    "analytic": "Analytic",
    "method": "Method",
    "reflexivity": "Reflexivity",
    "difference": "Difference",
}
ABOUT_NAMES: dict[About, str] = {
    "study": "The study",
    "transcript": "Interviews",
    "passage": "Passages",
    "coding": "Codings",
    "code": "Codes",
    "theme": "Themes",
    "difference": "Differences",
}
DELETED = "memos.deleted"
GREY = "#8a94a3"


@dataclass(frozen=True)
class Desk:
    """The memos that one run of the page may show, and what they are about."""

    study: Study
    memos: tuple[Memo, ...]
    threads: Mapping[str, Sequence[Memo]]
    codes: Mapping[str, Code]
    codings: Mapping[str, Coding]
    titles: Mapping[str, str]
    themes: Mapping[str, str]
    names: Mapping[str, str]
    rounds: Mapping[str, str]
    decided: frozenset[str]
    sealed: frozenset[tuple[str, str]]

    def name(self, who: str) -> str:
        return self.names.get(who, who)

    def is_own(self, memo: Memo) -> bool:
        return memo.author == self.study.who

    def may_change(self, memo: Memo) -> bool:
        return self.is_own(memo) and memo.about != "coding" and memo.id not in self.decided

    def is_sealed(self, memo: Memo) -> bool:
        return memo.in_layer and (memo.round, memo.transcript) in self.sealed

    def place(self, memo: Memo) -> str:
        """What a memo is about, in words."""
        title = self.titles.get(memo.transcript, "")
        if memo.about == "code":
            code = self.codes.get(memo.subject)
            return f"Code: {code.name if code else memo.subject}"
        if memo.about == "theme":
            return f"Theme: {self.themes.get(memo.subject, 'taken out')}"
        if memo.about == "coding":
            coding = self.codings.get(memo.subject)
            code = self.codes.get(coding.code) if coding else None
            return f"{title} · coded {code.name if code else ''}".rstrip()
        if memo.about == "difference":
            return f"{title} · difference"
        if memo.about == "passage":
            return f"{title} · passage"
        return f"{title} · interview" if title else "The study"


def read(study: Study) -> Desk:
    everything = study.memos()
    codings = [c for held in study.rounds() for c in study.codings(round=held.id)]
    threads: dict[str, list[Memo]] = {}
    for memo in everything:
        if memo.about == "reply":
            threads.setdefault(memo.subject, []).append(memo)
    return Desk(
        study=study,
        memos=tuple(memo for memo in everything if memo.about != "reply"),
        threads=threads,
        codes={code.id: code for code in study.codebook().codes},
        codings={coding.id: coding for coding in codings},
        titles=study.titles(),
        themes={theme.id: theme.name for theme in study.themes()},
        names=parts.coder_labels(study),
        rounds={held.id: held.name for held in study.rounds()},
        decided=frozenset(decision.id for decision in study.decisions()),
        sealed=frozenset(
            (a.round, a.transcript)
            for a in study.assignments(round=None)
            if a.coder == study.who and a.state == "submitted"
        ),
    )


def told_status(memo: Memo) -> str:
    """Who may read it, in the words of the page."""
    if memo.may_be_reported:
        return "may be reported"
    if memo.in_layer:
        return "noted while coding"
    return "shared" if memo.shared else "private"


def card(desk: Desk, memo: Memo) -> None:
    """One memo with what can be done about it."""
    with st.container(border=True, gap="small", key=f"memos_card_{memo.id}"):
        kicker = f"{KIND_NAMES[memo.kind]} · {desk.place(memo)}"
        st.html(f'<p class="ui-kicker">{html.escape(kicker)}</p>')
        if memo.quote:
            code = (
                desk.codes.get(desk.codings[memo.subject].code) if memo.about == "coding" else None
            )
            parts.quotation(_short(memo.quote), "", code.color if code else GREY)
        st.html(f'<p class="ui-memo" dir="auto">{html.escape(memo.text)}</p>')
        changed = ", changed since" if memo.changed_at else ""
        parts.note(f"{desk.name(memo.author)}, {memo.made_at[:10]}{changed} · {told_status(memo)}")
        if memo.about in ("code", "theme", "difference") or desk.is_own(memo):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _lead_there(desk, memo)
                if desk.may_change(memo):
                    _change(desk, memo)
        _thread(desk, memo)


def _short(quote: str) -> str:
    return quote if len(quote) <= 240 else f"{quote[:236].rsplit(None, 1)[0]} …"


def _lead_there(desk: Desk, memo: Memo) -> None:
    """The way to the place that a memo is about."""
    key = f"memos.go.{memo.id}"
    own_layer = memo.round and any(
        (a.round, a.transcript) == (memo.round, memo.transcript)
        for a in desk.study.assignments(round=None)
        if a.coder == desk.study.who and a.state != "withdrawn"
    )
    if memo.about in ("passage", "coding", "transcript") and own_layer and desk.is_own(memo):
        if st.button("Go there", key=key, icon=":material/arrow_forward:"):
            st.session_state[state.CODING] = f"{memo.round}.{memo.transcript}"
            st.session_state[state.LOOK_AT] = memo.id
            st.switch_page(parts.page("code"))
    elif memo.about == "difference" and memo.subject:
        if st.button("Go to the difference", key=key, icon=":material/arrow_forward:"):
            go_to(memo.subject)
            st.switch_page(parts.page("reconcile"))
    elif memo.about == "code":
        st.page_link(parts.page("codebook"), label="Codebook", icon=":material/arrow_forward:")
    elif memo.about == "theme":
        st.page_link(parts.page("themes"), label="Themes", icon=":material/arrow_forward:")


def _change(desk: Desk, memo: Memo) -> None:
    """What its author can do with a memo."""
    if st.button("Edit", key=f"memos.edit.{memo.id}", icon=":material/edit:"):
        edit(memo, sealed=desk.is_sealed(memo))
    if (
        not memo.shared
        and not memo.in_layer
        and st.button(
            "Share",
            key=f"memos.share.{memo.id}",
            icon=":material/group:",
            help="The team can read it, coders when they have submitted. That is not taken back.",
        )
    ):
        desk.study.share_memo(memo.id)
        parts.told("Shared with the team.")
        st.rerun()
    if not desk.is_sealed(memo) and st.button(
        "Delete", key=f"memos.delete.{memo.id}", type="tertiary", icon=":material/delete:"
    ):
        with parts.problems():
            desk.study.delete_memo(memo.id)
            st.session_state[DELETED] = memo
            parts.told("The memo is deleted.")
            st.rerun()


def bring_back(study: Study) -> None:
    """The way back after a deletion, as long as the page's session lasts."""
    memo = st.session_state.get(DELETED)
    if isinstance(memo, Memo) and st.button(
        "Undo the deletion", icon=":material/undo:", key="memos.undo"
    ):
        with parts.problems():
            study.write_memo(memo)
            del st.session_state[DELETED]
            parts.told("The memo is back.")
            st.rerun()


def _thread(desk: Desk, memo: Memo) -> None:
    """The answers to a memo, and one's own."""
    answers = desk.threads.get(memo.id, ())
    is_open = memo.shared or (memo.in_layer and not desk.is_own(memo)) or _is_closed(desk, memo)
    if not answers and not is_open:
        return
    label = f"Thread ({len(answers)})" if answers else "Answer"
    with st.expander(label, expanded=False):
        for answer in answers:
            st.html(
                f'<p class="ui-answer" dir="auto"><b>{html.escape(desk.name(answer.author))}</b> '
                f"{html.escape(answer.made_at[:10])}<br>{html.escape(answer.text)}</p>"
            )
            if desk.is_own(answer) and st.button(
                "Take back", key=f"memos.answer.delete.{answer.id}", type="tertiary"
            ):
                desk.study.delete_memo(answer.id)
                st.rerun()
        if is_open:
            answer_form(desk.study, memo.id, f"memos.answer.{memo.id}")


def _is_closed(desk: Desk, memo: Memo) -> bool:
    if not memo.in_layer:
        return memo.shared
    return memo.transcript in desk.study.sight(round=memo.round).closed


def answer_form(study: Study, memo: str, key: str) -> None:
    with st.form(key, border=False, clear_on_submit=True):
        text = st.text_area("Your answer", height=80, max_chars=LONGEST_MEMO)
        if st.form_submit_button("Answer"):
            with parts.problems():
                study.answer_memo(memo, text)
                st.rerun()


@st.dialog("Memo", width="medium")
def edit(memo: Memo, *, sealed: bool) -> None:
    with st.form("memos.edit.form", border=False):
        text = st.text_area("Memo", memo.text, height=220, max_chars=LONGEST_MEMO, disabled=sealed)
        if sealed:
            parts.note("Its words are sealed with your codings; its kind can still be changed.")
        kind = st.selectbox(
            "Kind", MEMO_KINDS, MEMO_KINDS.index(memo.kind), format_func=KIND_NAMES.get
        )
        reported = st.checkbox(
            "May be reported",
            memo.may_be_reported,
            help="It is shared with the team and may be quoted in the report.",
        )
        if st.form_submit_button("Keep", type="primary"):
            with parts.problems():
                with state.current_study() as study:
                    study.change_memo(
                        memo.id,
                        text=None if sealed else text,
                        kind=kind,
                        may_be_reported=reported,
                    )
                parts.told("The memo is kept.")
                st.rerun()


@st.dialog("New memo", width="medium")
def new(desk: Desk) -> None:
    """A memo on the study, an interview, a code or a theme."""
    options: dict[str, Memo] = {"The study": Memo(" ", "study")}
    reads = desk.study.seat is None or bool(desk.study.seat.roles & {"lead", "coder", "steward"})
    if reads:
        for id, title in desk.titles.items():
            options[f"Interview: {title}"] = Memo(" ", "transcript", "", id)
    for code in desk.codes.values():
        options.setdefault(f"Code: {code.name}", Memo(" ", "code", code.id))
    for id, name in desk.themes.items():
        options.setdefault(f"Theme: {name}", Memo(" ", "theme", id))
    with st.form("memos.new.form", border=False):
        about = st.selectbox("About", list(options))
        kind = st.selectbox("Kind", [k for k in MEMO_KINDS if k != "difference"],
                            format_func=KIND_NAMES.get)  # fmt: skip
        text = st.text_area("Memo", height=200, max_chars=LONGEST_MEMO)
        shared = st.checkbox(
            "Share it with the team", help="Coders read it when they have submitted."
        )
        reported = st.checkbox(
            "May be reported", help="It is shared, and may be quoted in the report."
        )
        if st.form_submit_button("Keep", type="primary"):
            with parts.problems():
                with state.current_study() as study:
                    study.write_memo(
                        replace(
                            options[about],
                            text=text,
                            kind=kind,
                            shared=shared or reported,
                            may_be_reported=reported,
                        )
                    )
                parts.told("The memo is kept.")
                st.rerun()
