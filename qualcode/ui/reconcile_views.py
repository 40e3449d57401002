"""What the Reconcile page shows of a passage, of the queue and of the codebook issues."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
import streamlit as st

from qualcode.agreement import costs_of_differences
from qualcode.errors import NotInStudy
from qualcode.model import (
    LETTERS,
    Code,
    CodebookIssue,
    Coding,
    CodingSet,
    Decision,
    Outcome,
    Transcript,
)
from qualcode.reconciliation import (
    Issue,
    Passage,
    PassageType,
    agreed_passages,
    find_issues,
    find_passages,
    latest,
    settled,
)
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.ui import codebook_issues, parts, state
from qualcode.ui.codebook_issues import Wanted, go_to_change

TYPE_NAMES: dict[PassageType, str] = {
    "boundary": "Boundary",
    "split": "Split or merged",
    "sibling": "Sibling codes",
    "level": "Parent or child",
    "distant": "Distant codes",
    "omission": "Omission",
    "extra": "Extra code",
    "version": "Other codebook version",
    "agreed": "Agreed",
}
OUTCOME_NAMES: dict[Outcome, str] = {
    "both": "Keep all",
    "neither": "Code nothing",
    "new": "New passage",
    "other": "Other code",
    "code_needed": "New code needed",
    "defer": "Put off",
    "undone": "Undone",
}
MARKS = ("ui-a", "ui-b", "ui-c", "ui-c", "ui-c", "ui-c")
GREY = "#8a94a3"
BLIND = "reconcile.blind"
"""The setting by which this page does not tell who coded what ("yes")."""
VIEW, ISSUE, SHOW = "reconcile.view", "reconcile.issue", "reconcile.show"
TYPES, WHERE, CODE, WHO = (f"reconcile.{name}" for name in ("types", "transcript", "code", "who"))
SHOWN = 55


@dataclass(frozen=True)
class Desk:
    """What there is to settle, as one run of the page reads it."""

    study: Study
    codings: CodingSet
    passages: tuple[Passage, ...]
    decisions: tuple[Decision, ...]
    codes: dict[str, Code]
    titles: dict[str, str]
    names: dict[str, str]
    blind: bool
    latest: dict[str, Decision]
    settled: dict[str, Decision]
    marked: str = ""
    """Changes with the codings (``Study.marks``)."""
    mark: str = ""
    """Changes with the decisions (``Study.marks``)."""
    earlier: tuple[Passage, ...] = ()
    """Where the coders parted before a changed codebook was asked about."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Transcripts that are not current → how many questions about them are open."""

    @property
    def leads(self) -> bool:
        return self.study.seat is None or self.study.seat.is_lead

    def may_decide(self, transcript: str) -> bool:
        return self.study.may_decide(transcript)

    @cached_property
    def agreed(self) -> tuple[Passage, ...]:
        """What came over by the rule; asked for only where it is shown."""
        return _agreed(self, str(self.study.path), self.marked)

    def overruled(self, passage: Passage) -> bool:
        """Whether a decision holds in place of the rule on an agreed passage."""
        return any(decision.outcome != "undone" for decision in self.last(passage))

    def is_settled(self, passage: Passage) -> bool:
        return all(id in self.settled for id in passage.ids)

    def last(self, passage: Passage) -> tuple[Decision, ...]:
        """The last decisions about this passage: one, or one for each of its pieces."""
        found = (self.latest[id] for id in passage.ids if id in self.latest)
        return tuple({decision.id: decision for decision in found}.values())

    def shown(self, passage: Passage) -> tuple[str, ...]:
        """Its coders in the order of the screen: mixed where who is who is hidden."""
        if not self.blind:
            return passage.coders

        def mixed(coder: str) -> str:
            return hashlib.sha256(f"{passage.id} {coder}".encode()).hexdigest()

        return tuple(sorted(passage.coders, key=mixed))

    def name(self, passage: Passage, coder: str) -> str:
        if not self.blind:
            return self.names.get(coder, coder)
        return f"Reading {LETTERS[self.shown(passage).index(coder)].upper()}"

    def code(self, code: str) -> str:
        return self.codes[code].name if code in self.codes else code

    def told(self, passage: Passage, coder: str) -> str:
        """The codes that a coder put there, in words."""
        return ", ".join(dict.fromkeys(self.code(c.code) for c in passage.of(coder))) or "–"

    def outcome(self, decision: Decision, passage: Passage) -> str:
        if decision.outcome not in LETTERS:
            words = OUTCOME_NAMES[decision.outcome]
            if decision.outcome in ("new", "other") and decision.result:
                words += f": {self.code(decision.result[0].code)}"
            return words
        coders = decision.coders or passage.coders
        at = LETTERS.index(decision.outcome)
        return f"{self.name(passage, coders[at])}" if at < len(coders) else decision.outcome


def read(study: Study) -> Desk:
    path, (of_codings, of_decisions) = str(study.path), study.marks()
    codings, passages = _found(study, path, of_codings)
    earlier, waiting = _earlier(study, path, of_codings)
    decisions, last, held = _decided(study, path, of_decisions)
    return Desk(
        study=study,
        codings=codings,
        passages=passages,
        decisions=decisions,
        codes={code.id: code for code in codings.codes},
        titles=study.titles(),
        names=parts.coder_labels(study, taken=("Transcript", "Type", "Passage", "Decision")),
        blind=study.setting(BLIND) == "yes",
        latest=last,
        settled=held,
        marked=of_codings,
        mark=of_decisions,
        earlier=earlier,
        waiting=waiting,
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(_study: Study, path: str, mark: str) -> tuple[CodingSet, tuple[Passage, ...]]:
    """The codings and where they part; kept, as no key that is pressed here changes them."""
    codings = _study.current_codings()
    return codings, find_passages(codings, _study.coders(), transcripts=_study.titles())


@st.cache_resource(max_entries=8, show_spinner=False)
def _earlier(_study: Study, path: str, mark: str) -> tuple[tuple[Passage, ...], dict[str, int]]:
    """Where the coders parted at first, and the transcripts that are not current."""
    first = _study.codings()
    waiting = _study.stale()
    if first.codings == _study.current_codings().codings:
        return (), waiting
    return find_passages(first, _study.coders(), transcripts=_study.titles()), waiting


@st.cache_resource(max_entries=8, show_spinner=False)
def _decided(
    _study: Study, path: str, mark: str
) -> tuple[tuple[Decision, ...], dict[str, Decision], dict[str, Decision]]:
    decisions = _study.current_decisions()
    return decisions, latest(decisions), settled(decisions)


@st.cache_resource(max_entries=8, show_spinner=False)
def _agreed(_desk: Desk, path: str, mark: str) -> tuple[Passage, ...]:
    return agreed_passages(_desk.codings, _desk.study.coders(), transcripts=_desk.titles)


@st.cache_resource(max_entries=8, show_spinner=False)
def _issues(_desk: Desk, path: str, mark: str, decided: int) -> tuple[Issue, ...]:
    everywhere = {passage.id: passage for passage in (*_desk.earlier, *_desk.passages)}
    told = _desk.study.decisions()
    return find_issues(everywhere.values(), told, _desk.study.codebook_issues())


def issues(desk: Desk) -> tuple[Issue, ...]:
    """The codebook issues that the decisions open."""
    decided = len(desk.study.codebook_issues())
    return _issues(desk, str(desk.study.path), desk.mark, decided)


def costs(desk: Desk) -> dict[tuple[str, str], float]:
    """What each code's alpha would gain; decisions do not change it, so it is kept."""
    key = (desk.study.path, hash(tuple(passage.id for passage in desk.passages)))
    kept = st.session_state.get("reconcile.costs")
    if kept is None or kept[0] != key:
        found = costs_of_differences(
            desk.study.transcripts(),
            desk.codings,
            [difference for passage in desk.passages for difference in passage.differences],
            codebook=desk.codes.values(),
            overall=False,
        )
        kept = (key, {(row.code, row.kind): row.gain or 0.0 for row in found.codes})
        st.session_state["reconcile.costs"] = kept
    return kept[1]


def passage_of(desk: Desk, id: str) -> Passage:
    """The passage of this id, a difference or an agreed one.

    Raises
    ------
    NotInStudy
        It is there no more: the codings or the rule have changed since it was drawn.
    """
    found = next((p for p in desk.passages if p.id == id), None)
    if found is None:  # what is agreed is worked out only where it is asked for
        found = next((p for p in desk.agreed if p.id == id), None)
    if found is not None:
        return found
    raise NotInStudy("This passage is not what it was; look at it again before you decide.")


def go_to(difference: str) -> None:
    """Look at this difference, whatever the filters were."""
    st.session_state[state.DIFFERENCE] = difference
    st.session_state[VIEW] = "differences"
    st.session_state[SHOW] = "All"
    for key in (TYPES, WHERE, CODE, WHO):
        st.session_state.pop(key, None)


def listed(desk: Desk, chosen: Sequence[Passage]) -> None:
    """All passages that fit the filters, in a table; choosing a row goes there."""
    key = "reconcile.list"

    def go() -> None:
        if rows := st.session_state[key].selection.rows:
            st.session_state[state.DIFFERENCE] = chosen[rows[0]].id

    with st.expander(f"List of {len(chosen)} differences", on_change="rerun") as box:
        if not box.open:
            return
        st.dataframe(
            table(desk, chosen),
            hide_index=True,
            on_select=go,
            selection_mode="single-row",
            key=key,
            alt="The differences between the coders",
        )


def table(desk: Desk, chosen: Sequence[Passage]) -> pd.DataFrame:
    """One row a passage: where, what kind, what each coder has there, what was decided."""
    return pd.DataFrame(
        [
            {
                "Transcript": desk.titles[passage.transcript],
                "Type": types(passage),
                "Passage": short(passage.codings[0].quote),
                **{
                    desk.name(passage, coder): desk.told(passage, coder)
                    for coder in desk.shown(passage)
                },
                "Decision": "; ".join(desk.outcome(d, passage) for d in desk.last(passage)),
            }
            for passage in chosen
        ]
    )


def types(passage: Passage) -> str:
    return " · ".join(TYPE_NAMES[type] for type in passage.types)


def short(quote: str) -> str:
    """A passage by its first and last words; the whole of it is marked in the text beside."""
    if len(quote) <= 2 * SHOWN:
        return quote
    return f"{quote[:SHOWN].rsplit(None, 1)[0]} … {quote[-SHOWN:].split(None, 1)[-1]}"


def words(desk: Desk, passage: Passage, transcript: Transcript) -> None:
    """The passage in its context, every coder's spans drawn over the same words."""
    left_out = [] if desk.blind else [desk.names.get(c, c) for c in passage.left_out_by]
    kicker = f"{types(passage)} · {transcript.title}"
    kicker += f" · not coded by {' and '.join(left_out)}" if left_out else ""
    first = passage.codings[0].code
    marks = [
        (coding.span, mark)
        for coder, mark in zip(desk.shown(passage), MARKS, strict=False)
        for coding in passage.of(coder)
    ]
    st.html(f'<p class="ui-kicker">{html.escape(kicker)}</p>')
    parts.passage(
        transcript, passage.span, marks, desk.codes[first].color if first in desk.codes else GREY
    )
    styles = ("solid", "dashed", *["dotted"] * 4)
    told = ", ".join(
        f"{desk.name(passage, coder)} {style}"
        for coder, style in zip(desk.shown(passage), styles, strict=False)
    )
    parts.note(f"Underlined: {told}, words of several double.")


def side(desk: Desk, passage: Passage, coder: str) -> None:
    """What one coder has there, with the definitions and the memos."""
    own = passage.of(coder)
    st.html(f"<b>{html.escape(desk.name(passage, coder))}</b>")
    if not own:
        st.html(parts.chip(None, "no code here"))
    for coding in own:
        _coding(desk, coding, with_definition=coding is own[0] or coding.code != own[0].code)
    if "version" in passage.types and own:
        parts.note(f"Coded under version {own[0].codebook_version}.")


def _coding(desk: Desk, coding: Coding, *, with_definition: bool) -> None:
    code = desk.codes.get(coding.code)
    st.html(parts.chip(code, coding.code))
    parts.quotation(short(coding.quote), "", code.color if code else GREY)
    if code is not None and with_definition:
        definition(code)
    if coding.memo:
        parts.note(f"Memo: {coding.memo}")


def definition(code: Code) -> None:
    parts.note(code.brief_definition)
    if code.when_to_use:
        parts.note(f"When: {code.when_to_use}")
    if code.when_not_to_use:
        parts.note(f"Not when: {code.when_not_to_use}")


def new_passage(
    passage: Passage, transcript: Transcript, codes: Mapping[str, Code]
) -> tuple[Span, str, str] | None:
    """The words and the code of a new passage, within the turns of the difference."""
    around = [t.span for t in transcript.turns if t.span.overlap(passage.span)]
    within = Span(around[0].start, around[-1].end) if around else passage.span
    typed = st.text_area(
        "Keep only the words that should be coded",
        transcript.text[within.slice],
        height=140,
        key=f"reconcile.new.{passage.id}",
    ).strip()
    code = code_choice(f"reconcile.newcode.{passage.id}", codes)
    found = places_of(typed, transcript.text, within)
    if typed and not found:
        st.warning("These words do not stand in the passage; delete words, but do not change any.")
        return None
    chosen = found[0] if found else None
    if len(found) > 1:
        chosen = st.selectbox(
            f"These words stand there {len(found)} times; which ones are meant?",
            found,
            format_func=lambda span: around_of(transcript.text, span, within),
            index=None,
            key=f"reconcile.newplace.{passage.id}.{len(typed)}",
        )
    if chosen is None or code is None:
        return None
    st.html('<p class="ui-kicker">What will be coded</p>')
    parts.passage(transcript, chosen, [(chosen, "ui-a")], codes[code].color)
    return chosen, code, typed


def places_of(words: str, text: str, within: Span) -> list[Span]:
    """Every place within a stretch of text where these words stand.

    >>> places_of("we", "we said what we said", Span(0, 20))
    [Span(start=0, end=2), Span(start=13, end=15)]
    """
    found: list[Span] = []
    start = text.find(words, within.start, within.end) if words else -1
    while start >= 0:
        found.append(Span(start, start + len(words)))
        start = text.find(words, start + 1, within.end)
    return found


def around_of(text: str, span: Span, within: Span, most: int = 40) -> str:
    """Words with those before and after them, by which one place is told from another."""
    start, end = max(within.start, span.start - most), min(within.end, span.end + most)
    before = ("… " if start > within.start else "") + text[start : span.start]
    after = text[span.end : end] + (" …" if end < within.end else "")
    return " ".join(f"{before}[{short(text[span.slice])}]{after}".split())


def code_choice(key: str, codes: Mapping[str, Code]) -> str | None:
    return st.selectbox(
        "Code",
        [code.id for code in codes.values() if code.usable],
        format_func=lambda code: codes[code].name,
        index=None,
        key=key,
    )


# -- what the decisions say of the codebook -----------------------------------------------------


def asked_codes(desk: Desk) -> list[Passage]:
    """Passages for which a code was asked that the codebook has not."""
    return [p for p in desk.passages if any(d.outcome == "code_needed" for d in desk.last(p))]


def show_asked(desk: Desk) -> None:
    asked = asked_codes(desk)
    if not asked:
        parts.note("No decision asks for a new code.")
        return
    parts.note("These passages wait for a code that the codebook does not have.")
    for passage in asked:
        with st.container(border=True):
            for decision in desk.last(passage):
                who = desk.names.get(decision.decided_by, decision.decided_by)
                parts.note(f"{who} asks for: {decision.reason}")
                if desk.may_decide and st.button(
                    "Add this code", icon=":material/add:", key=f"reconcile.add.{decision.id}"
                ):
                    go_to_change(Wanted("", why=f"{who} asks for: {decision.memo}"))
            _passage_line(desk, passage, "asked")


def _passage_line(desk: Desk, passage: Passage, where: str) -> None:
    told = " against ".join(desk.told(passage, coder) for coder in desk.shown(passage))
    parts.quotation(short(passage.codings[0].quote), f"{desk.titles[passage.transcript]} · {told}")
    if memo := "; ".join(d.reason for d in desk.last(passage) if d.reason):
        parts.note(memo)
    if passage not in desk.passages:
        parts.note("Recoded since: the coders do not part here any more.")
        return
    st.button(
        "Go to this difference",
        key=f"reconcile.go.{where}.{passage.id}",
        icon=":material/arrow_forward:",
        on_click=go_to,
        args=(passage.id,),
    )


def show_issues(desk: Desk, issues: Sequence[Issue]) -> None:
    """Codes and pairs that three or more decisions call unclear, and what is done about them."""
    if not issues:
        parts.note(
            "No code has three differences yet whose reason is a definition; such codes and pairs "
            "are listed here."
        )
        return
    at = st.session_state.get(ISSUE)
    for issue in issues:
        title = " and ".join(desk.code(code) for code in issue.codes)
        mark = "" if issue.is_open else " · decided"
        label = f"{parts.plain(title)} · {len(issue.passages)} differences{mark}"
        with st.expander(label, expanded=at == issue.codes or len(issues) == 1):
            _issue(desk, issue)


def _issue(desk: Desk, issue: Issue) -> None:
    for column, code in zip(st.columns(len(issue.codes), gap="medium"), issue.codes, strict=True):
        with column:
            if code in desk.codes:
                st.html(parts.chip(desk.codes[code]))
                definition(desk.codes[code])
    for kept in [issue.decided] if issue.decided else []:
        who = desk.names.get(kept.decided_by, kept.decided_by)
        parts.note(f"{who}, {kept.decided_at[:10]}: {kept.decision}")
        if kept.wording:
            parts.note(f"Proposed wording: {kept.wording}")
        if issue.since:
            parts.note(f"{parts.count(issue.since, 'difference')} came after this.")
    for told in codebook_issues.since(desk, issue):
        parts.note(told)
    with st.container(horizontal=True):
        codebook_issues.change_buttons(desk, issue, "reconcile")
    key = ".".join(issue.codes)
    for passage in issue.passages:
        _passage_line(desk, passage, f"issue.{key}")
    if not desk.leads:
        return
    with st.form(f"reconcile.issue.{key}", border=False):
        decision = st.text_input(
            "What is done", max_chars=2000, placeholder="Sharpen both definitions in version 0.2"
        )
        wording = st.text_area("Proposed wording", height=90, max_chars=4000)
        if st.form_submit_button("Keep this decision", type="primary"):
            desk.study.decide_issue(
                CodebookIssue(issue.codes, decision, wording, len(issue.passages))
            )
            parts.told("The decision about the codebook is kept.")
            st.rerun()
