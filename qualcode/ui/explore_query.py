"""Passages that fit a query, typed or put together from boxes: by participant, each to open."""

from __future__ import annotations

import streamlit as st

from qualcode.errors import BadQuery
from qualcode.queries.language import And, Field, Near, Not, Or, Term, Within, Words, has_place
from qualcode.queries.retrieval import Retrieved, retrieve
from qualcode.reports.across import View, passages_report
from qualcode.store import Study
from qualcode.ui import explore_charts, explore_files, explore_passages, explore_view, parts

QUERY, ROWS = "explore.query", "explore.rows"
MOST_ROWS = 6
JOINS = {"AND": "and", "OR": "or", "NOT": "and not", "NEAR": "near"}
NEARNESS: dict[str, Within] = {
    "within 5 words": 5,
    "within 10 words": 10,
    "within 20 words": 20,
    "in one turn": "turn",
    "on the same words": "overlap",
}
HOW = """
| | |
| --- | --- |
| `clinic` `"protected time"` `clinic*` | words, a phrase, words that begin so |
| `code:"Protected time"` `code:*` | a code or one below it; any code |
| `theme:"…"` | a code of the theme |
| `participant:P01` `interview:"P01"` | who speaks, in which interview |
| `group:managerial` `group:""` | an attribute; nothing known of it |
| `AND` `OR` `NOT` `( )` | in capitals; side by side means AND |
| `time NEAR/10 clinic` | at most ten words between them, in one turn |
| `NEAR/turn` `NEAR/overlap` | in one turn; on some of the same words |
"""


def room(study: Study, view: View) -> None:
    """Ask, then read what was found."""
    how = st.segmented_control(
        "How to ask", ["Put together", "Type a query"], default="Put together", required=True,
        key="explore.how", label_visibility="collapsed",
    )  # fmt: skip
    with parts.problems():
        found = typed(view) if how == "Type a query" else built(view)
        if found is not None:
            shown(study, view, found)


def typed(view: View) -> Retrieved | None:
    """What a typed query finds; what is wrong with it is told under it, with its place."""
    query = st.text_input(
        "Query", key=QUERY, max_chars=2_000,
        placeholder='code:"Protected time" AND group:managerial AND clinic NEAR/10 time',
    )  # fmt: skip
    with st.expander("What can be asked", icon=":material/help:"):
        st.markdown(HOW)
        if view.corpus.fields:
            names = ", ".join(a.name for a in view.corpus.fields[:40])
            parts.note(f"Attributes here: {names}.")
    if not query.strip():
        parts.note("Type what to look for; every passage that fits is shown with its place.")
        return None
    try:
        return retrieve(view.corpus, query)
    except BadQuery as error:
        if 0 < error.at <= len(query) + 1:
            before, at = query[: error.at - 1], query[error.at - 1 :]
            st.code(f"{before}⟦{at[:1] or ' '}⟧{at[1:]}", language=None, wrap_lines=True)
        raise


def built(view: View) -> Retrieved | None:
    """What a query of boxes finds, and how it would be typed."""
    rows = int(st.session_state.get(ROWS, 1))
    terms: list[tuple[str, Within, Term]] = []
    for number in range(rows):
        one = condition(view, number)
        if one is not None:
            terms.append(one)
    with st.container(horizontal=True):
        if rows < MOST_ROWS and st.button("And another", key="explore.more", icon=":material/add:"):
            st.session_state[ROWS] = rows + 1
            st.rerun()
        if rows > 1 and st.button("One less", key="explore.less", icon=":material/remove:"):
            st.session_state[ROWS] = rows - 1
            st.rerun()
    if not terms:
        parts.note("Choose a code, a theme, words or an attribute; the passages follow.")
        return None
    term = joined(terms)
    st.html('<p class="ui-note">As a query</p>')
    st.code(str(term).removeprefix("(").removesuffix(")") if str(term).startswith("(") else
            str(term), language=None, wrap_lines=True)  # fmt: skip
    return retrieve(view.corpus, term)


def condition(view: View, number: int) -> tuple[str, Within, Term] | None:
    """One row of boxes: how it joins the one before, what it is about, and its value."""
    corpus = view.corpus
    fields = [a for a in corpus.fields if corpus.values(a)]
    kinds = {"words": "Words", "participant": "Participant", "interview": "Interview"}
    kinds |= {str(n): explore_view.named(a).capitalize() for n, a in enumerate(fields)}
    if corpus.codings:
        kinds = {"code": "Code", "theme": "Theme", **kinds}
    within: Within = 10
    join = "AND"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"explore_row_{number}"):
        if number:
            join = st.selectbox(
                "Join", list(JOINS), format_func=lambda j: JOINS[j], key=f"explore.join.{number}",
                width=120,
            )  # fmt: skip
            if join == "NEAR":
                near = st.selectbox(
                    "How near", list(NEARNESS), index=1, key=f"explore.near.{number}", width=180
                )
                within = NEARNESS[near]
        kind = st.selectbox(
            "About", list(kinds), format_func=lambda k: kinds[k], key=f"explore.about.{number}",
            width=200,
        )  # fmt: skip
        key = f"explore.value.{number}.{kind}"
        if kind == "words":
            words = st.text_input(
                "Words", key=key, max_chars=300, placeholder="clinic, or clinic*", width=320
            ).strip()
            start = words.endswith("*")
            words = words.rstrip("*").strip()
            if not any(character.isalnum() for character in words):
                return None
            return join, within, Words(words, start)
        options = values(view, kind, fields)
        value = st.selectbox(
            "Is", list(options), index=None, format_func=lambda v: options[v], key=key,
            placeholder="Choose", width=320,
        )  # fmt: skip
    if value is None:
        return None
    return join, within, Field(fields[int(kind)].name if kind.isdigit() else kind, value)


def values(view: View, kind: str, fields: list) -> dict[str, str]:  # type: ignore[type-arg]
    """What a box offers: value in a query → how it is shown."""
    corpus = view.corpus
    if kind == "code":
        tree = {code.id: code for code in corpus.codes}
        return {"*": "any code"} | {
            code.id: f"— {code.name}" if code.parent in tree else code.name for code in corpus.codes
        }
    if kind == "theme":
        return {group.id: group.name for group in corpus.theme_groups}
    if kind == "participant":
        return {person: person for person in corpus.people}
    if kind == "interview":
        return {t.title: t.title for t in corpus.transcripts}
    found = {value: value for value in corpus.values(fields[int(kind)])}
    return found | {"": "nothing known"}


def joined(terms: list[tuple[str, Within, Term]]) -> Term:
    """The rows as one term, from above to below; what is near belongs to the row before it."""
    groups: list[tuple[str, Term]] = []
    for join, within, term in terms:
        if join == "NEAR" and groups:
            before, held = groups[-1]
            if not (has_place(held) and has_place(term)):
                raise BadQuery("near joins words, codes and themes; choose another way to join")
            groups[-1] = (before, Near(held, term, within))
        else:
            groups.append(("AND" if join == "NEAR" else join, term))
    whole = Not(groups[0][1]) if groups[0][0] == "NOT" else groups[0][1]
    for join, term in groups[1:]:
        if join == "OR":
            whole = Or(whole, term)
        else:
            whole = And(whole, Not(term) if join == "NOT" else term)
    return whole


def shown(study: Study, view: View, found: Retrieved) -> None:
    """How much was found, of whom, and the passages."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{parts.plain(found.sentence)}**", width="content")
        st.space("stretch")
        if found:
            explore_files.ways_out(study, "across-passages", lambda: passages_report(view, found))
    if not found:
        return
    numbers = list(found.numbers)
    rows = [
        {"participant": person, "passages": n} for person, n in found.by_participant.items() if n
    ][:40]
    look = st.segmented_control(
        "Look", ["Passages", "Table", "Bars"], default="Passages", required=True,
        key="explore.look", label_visibility="collapsed",
    )  # fmt: skip
    if look == "Bars":
        person = explore_charts.bars(
            rows, "participant", "passages", "explore.bars",
            "Passages that fit, by participant: "
            + "; ".join(f"{row['participant']} {row['passages']}" for row in rows),
        )  # fmt: skip
        parts.note("Click a bar to read that participant’s passages.")
        if person:
            numbers = [n for n in numbers if view.corpus.passages[n].participant == person]
    elif look == "Table":
        numbers = table(view, found)
    explore_passages.panel(study, view, numbers, "explore.found", marks=found.marks)


def table(view: View, found: Retrieved) -> list[int]:
    """The passages as rows; the one that was chosen, or all."""
    names = {code.id: code.name for code in view.corpus.codes}
    event = st.dataframe(
        [
            {
                "Participant": each.passage.participant,
                "Interview": view.corpus.transcript[each.passage.transcript].title,
                "Turn": each.passage.turn or None,
                "Codes": ", ".join(names.get(code, code) for code in each.codes),
                "Words": " ".join(view.corpus.words[number].split())[:200],
            }
            for number, each in zip(found.numbers, found.found(), strict=True)
        ],
        hide_index=True, on_select="rerun", selection_mode="single-row", key="explore.table",
        height=360, alt="The passages that fit the query",
        column_config={"Words": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(found.numbers):
        return [found.numbers[rows[0]]]
    return list(found.numbers)
