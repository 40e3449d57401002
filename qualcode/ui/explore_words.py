"""Words of the participants: how often, by group, and each where it was said."""

from __future__ import annotations

import html

import streamlit as st

from qualcode.queries.words import Frequencies, Spoken, WordCount, concordance, frequencies
from qualcode.reports.across import View, words_report
from qualcode.store import Study
from qualcode.ui import explore_charts, explore_files, explore_passages, explore_view, parts

MOST_ROWS = 400
MOST_BARS = 25
A_PAGE = 20


def room(study: Study, view: View) -> None:
    """The list of words, its picture, and the places of a word."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = st.segmented_control(
            "Words", ["Base forms", "As said"], default="Base forms", required=True,
            key="explore.words.how",
            help="Base forms put “mentor” and “mentors” together; for English texts.",
        )  # fmt: skip
        by = explore_view.attribute(view, "explore.words.by", label="By group", none="not by group")
        key = None
        if by is not None:
            values = view.corpus.values(by)
            key = st.selectbox(
                "What sets apart", [None, *values], key=f"explore.words.key.{by.of}.{by.name}",
                format_func=lambda v: "all together" if v is None else v, width=220,
                help="Words that are more frequent in one group than in the others come first.",
            )  # fmt: skip
        wanted = st.text_input(
            "Only words with", key="explore.words.wanted", max_chars=60, width=180
        )
        look = st.segmented_control(
            "Look", ["Table", "Bars"], default="Table", required=True, key="explore.words.look"
        )
    spoken, told = explore_view.spoken(view.corpus, lemmas=how == "Base forms")
    found = frequencies(spoken, attribute=by, key=key)
    if not found.words:
        parts.nothing_yet("There are no words of participants here to count.")
        return
    words = [w for w in found.words if wanted.strip().casefold() in w.word]
    if key is not None:
        words.sort(key=lambda w: -(w.keyness or 0.0))
    if not words:
        parts.note("No word is like this.")
        return
    parts.note(
        f"{found.total:,} words, {len(found.words):,} different; stop words and interviewers left "
        f"out; {told}."
    )
    chosen = bars(words) if look == "Bars" else table(words[:MOST_ROWS], found)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.note(
            "Click a word to read it where it was said."
            + (
                " Keyness is the log-likelihood G²: it sorts what sets a group apart, and tests "
                "nothing."
                if key is not None
                else ""
            )
        )
        st.space("stretch")
        explore_files.ways_out(study, "across-words", lambda: words_report(view, found, told))
    if chosen:
        places(study, view, spoken, chosen)


def table(words: list[WordCount], found: Frequencies) -> str:
    """The words; the one that was chosen."""
    rows = [
        {
            "Word": word.word,
            "Count": word.count,
            "Passages": word.passages,
            "Participants": word.participants,
            **{value or "missing": n for value, n in zip(found.values, word.groups, strict=True)},
            **({"Keyness": word.keyness} if found.key is not None else {}),
        }
        for word in words
    ]
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"explore.words.table.{hash((found.key, found.values))}", height=380,
        alt="Words by how often they were said",
        column_config={"Keyness": st.column_config.NumberColumn(format="%.1f")},
    )  # fmt: skip
    rows_ = event["selection"]["rows"]
    return words[rows_[0]].word if rows_ and rows_[0] < len(words) else ""


def bars(words: list[WordCount]) -> str:
    """The first words as bars; the one that was clicked."""
    rows = [{"word": w.word, "times": w.count} for w in words[:MOST_BARS]]
    return explore_charts.bars(
        rows, "word", "times", "explore.words.bars",
        "How often each word was said: " + "; ".join(f"{r['word']} {r['times']}" for r in rows),
    )  # fmt: skip


def places(study: Study, view: View, spoken: Spoken, word: str) -> None:
    """A concordance: each place of a word with what stands around it, and the way to it."""
    lines = concordance(spoken, word)
    people = len({line.passage.participant for line in lines})
    st.subheader(parts.plain(word), anchor=False)
    parts.note(f"{parts.count(len(lines), 'place')} of {parts.count(people, 'participant')}.")
    first = 0
    if len(lines) > A_PAGE:
        pages = -(-len(lines) // A_PAGE)
        first = (st.pagination(pages, key=f"explore.words.page.{word}") - 1) * A_PAGE
    number = {passage: n for n, passage in enumerate(view.corpus.passages)}
    for place, line in enumerate(lines[first : first + A_PAGE], start=first):
        where = explore_passages.place_of(view, number[line.passage])
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"explore_kwic_{place}", gap="small"
        ):
            st.html(
                f'<div class="ui-kwic"><span dir="auto">{html.escape(line.left)}</span>'
                f"<b>{html.escape(line.word)}</b>"
                f'<span dir="auto">{html.escape(line.right)}</span></div>'
            )
            if st.button(
                parts.plain(where), key=f"explore.words.open.{place}", type="tertiary",
                icon=":material/open_in_full:",
            ):  # fmt: skip
                explore_passages.opened(
                    line.passage.transcript, line.passage.span, (line.span,), "#4E79A7"
                )
