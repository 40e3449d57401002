"""Choosing quotations: candidates in an order of spread, display edits, and the rules live."""

from __future__ import annotations

import streamlit as st

from qualcode.claims import ChosenQuotation
from qualcode.errors import BadCommand
from qualcode.model import Theme
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Finding, Findings, passages_of
from qualcode.reports.quotes import Quotation, candidates, may_be_quoted
from qualcode.reports.rules import Checked, check
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.ui import parts

RULES = [f"Q{number}" for number in range(1, 11)]
FIRST = 5
MARKS = {"E": ":material/error:", "W": ":material/warning:", "I": ":material/info:"}


def may_choose(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "author"})


def room(study: Study, facts: StudyFacts, found: Findings) -> None:
    """All quotations of the study: the rules above, then one theme at a time."""
    st.subheader("Quotations", anchor=False)
    parts.note(
        "Quotations illustrate a claim; they do not prove it. Each is a place in a transcript: "
        "[...] and [word] are the only changes in print."
    )
    rules(facts, found)
    names = {finding.id: finding.name for finding in found.themes}
    chosen = st.selectbox("Theme", list(names), format_func=names.get, key="quotations.theme")
    finding = next(one for one in found.themes if one.id == chosen)
    theme = next(one for one in facts.themes if one.id == chosen)
    of_theme(study, facts, found, finding, theme)


def rules(facts: StudyFacts, found: Findings) -> None:
    """What the ten rules say of the quotations as they stand now."""
    told = check(Checked(facts, found), RULES)
    chosen = [quote for quote in found.quotations if quote.chosen]
    people = len({quote.participant for quote in chosen})
    parts.note(
        f"{parts.count(len(chosen), 'quotation')} chosen, of {people} of "
        f"{parts.count(len(facts.participants), 'participant')}."
    )
    if not told:
        st.markdown(":material/check_circle: All ten rules hold.")
    for finding in told:
        st.markdown(f"{MARKS[finding.severity]} **{finding.id}** {parts.plain(finding.sentence)}")


def of_theme(
    study: Study, facts: StudyFacts, found: Findings, finding: Finding, theme: Theme
) -> None:
    chosen = [quote for quote in finding.quotations if quote.chosen]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Chosen**")
        if not chosen:
            parts.note(
                "None yet. Until somebody chooses, the report takes up to three by itself; two to "
                "four of different people illustrate a major theme."
            )
        for quote in chosen:
            one_chosen(study, finding, quote)
        gone = [
            kept
            for kept in facts.work.quotations
            if kept.theme == theme.id and kept.id not in {quote.id for quote in chosen}
        ]
        for kept in gone:
            refused(study, facts, kept)
    with right:
        st.markdown("**Candidates**")
        offered(study, facts, found, theme)


def one_chosen(study: Study, finding: Finding, quote: Quotation) -> None:
    claims = {claim.id: claim.sentence for claim in finding.claims}
    with st.container(border=True):
        if quote.introduction:
            parts.note(quote.introduction)
        parts.quotation(quote.shown, quote.attribution)
        if quote.sense:
            parts.note(quote.sense)
        if quote.look_again:
            st.caption(":material/warning: The text under it was corrected; read it again.")
        if quote.claim in claims:
            st.caption(f"For: {parts.plain(claims[quote.claim])}")
        if may_choose(study):
            with st.container(horizontal=True):
                edit(study, finding, quote)
                if st.button("Take out", key=f"quotations.drop.{quote.id}", type="tertiary"):
                    with parts.problems():
                        study.drop_quotation(quote.id)
                        st.rerun()


def refused(study: Study, facts: StudyFacts, kept: ChosenQuotation) -> None:
    """One that was chosen before its speaker said no."""
    person = (
        facts.transcript[kept.transcript].participant if kept.transcript in facts.transcript else ""
    )
    with st.container(border=True):
        parts.note(
            f"A quotation of {person or 'somebody'} is kept here and not printed: they have not "
            "agreed to be quoted."
        )
        if may_choose(study) and st.button("Take out", key=f"quotations.drop.{kept.id}"):
            with parts.problems():
                study.drop_quotation(kept.id)
                st.rerun()


def edit(study: Study, finding: Finding, quote: Quotation) -> None:
    claims = {"": "no claim"} | {claim.id: claim.sentence for claim in finding.claims}
    with st.popover("Edit"), st.form(f"quotations.edit.{quote.id}", border=False):
        shown = st.text_area(
            "As printed",
            quote.shown[1:-1],
            height=140,
            help="Cut with [...], put in with [word]. Everything else stays word for word.",
        )
        introduction = st.text_area("The claim before it", quote.introduction, height=70)
        sense = st.text_area("What follows from it", quote.sense, height=70)
        ids = list(claims)
        claim = st.selectbox(
            "For the claim", ids, ids.index(quote.claim) if quote.claim in claims else 0,
            format_func=claims.get,
        )  # fmt: skip
        if st.form_submit_button("Keep", type="primary"):
            with parts.problems():
                study.choose_quotation(
                    ChosenQuotation(
                        finding.id, quote.transcript, quote.span, claim=claim,
                        introduction=introduction, sense=sense, id=quote.id,
                    ),
                    shown=shown,
                )  # fmt: skip
                parts.told("The quotation was kept.")
                st.rerun()


def offered(study: Study, facts: StudyFacts, found: Findings, theme: Theme) -> None:
    """What may be quoted, in an order of spread and not of drama."""
    passages = passages_of(facts, theme)
    chosen = [quote for quote in found.quotations if quote.chosen]
    said = {
        person.id: sum(quote.participant == person.id for quote in chosen)
        for person in facts.participants
    }
    found_here = candidates(facts, passages, chosen)
    silent = sorted(
        {
            facts.transcript[passage.transcript].participant or ""
            for passage in passages
            if not may_be_quoted(facts, facts.transcript[passage.transcript].participant)
        }
    )
    note = "Those quoted least so far come first, then groups and codes not heard yet."
    if silent:
        note += (
            f" {', '.join(silent)} {'has' if len(silent) == 1 else 'have'} not agreed to be "
            "quoted: counted, never offered; say it in your own words."
        )
    parts.note(note)
    if may_choose(study):
        own_words(study, facts, theme)
    key = f"quotations.more.{theme.id}"
    many = st.session_state.get(key, FIRST)
    names = {code.id: code.name for code in facts.codebook.codes}
    for quote in found_here[:many]:
        with st.container(border=True):
            parts.quotation(quote.shown, quote.attribution)
            codes = ", ".join(names.get(code, code) for code in quote.codes)
            st.caption(parts.plain(f"{codes} · quoted {said[quote.participant]} times so far"))
            if may_choose(study) and st.button(
                "Choose", key=f"quotations.add.{theme.id}.{quote.transcript}.{quote.span.start}"
            ):
                with parts.problems():
                    study.choose_quotation(ChosenQuotation(theme.id, quote.transcript, quote.span))
                    parts.told(
                        "Chosen. Say before it what it illustrates, and after it what follows."
                    )
                    st.rerun()
    if not found_here:
        parts.note("No other passage of this theme can be quoted.")
    if len(found_here) > many and st.button(
        f"Show {min(FIRST, len(found_here) - many)} more of {len(found_here) - many}",
        key=f"{key}.b",
    ):
        st.session_state[key] = many + FIRST
        st.rerun()


def own_words(study: Study, facts: StudyFacts, theme: Theme) -> None:
    """Other words than those offered, by typing or pasting them."""
    titles = {
        transcript.id: transcript.title
        for transcript in facts.closed
        if may_be_quoted(facts, transcript.participant)
    }
    number = sum(kept.theme == theme.id for kept in facts.work.quotations)
    with st.popover("Quote other words", icon=":material/format_quote:"), st.form(
        f"quotations.own.{theme.id}.{number}", border=False
    ):  # fmt: skip
        place = st.selectbox("From", list(titles), format_func=titles.get)
        words = st.text_area("The words as they stand there", height=110)
        if not st.form_submit_button("Choose them", type="primary"):
            return
        with parts.problems():
            if place is None:
                raise BadCommand("Nobody here may be quoted.")
            span = stretch(facts.transcript[place].text, words)
            study.choose_quotation(ChosenQuotation(theme.id, place, span))
            st.rerun()


def stretch(text: str, words: str) -> Span:
    """Where typed words stand in a text, once."""
    wanted = words.strip()
    if not wanted or text.count(wanted) != 1:
        raise BadCommand(
            "These words do not stand just once in the transcript; copy a whole sentence from it."
        )
    start = text.index(wanted)
    return Span(start, start + len(wanted))
