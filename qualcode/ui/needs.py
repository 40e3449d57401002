"""The needs register: each need with its evidence, ratings and next step; what comes first."""

from __future__ import annotations

import html
from collections.abc import Mapping

import streamlit as st

from qualcode.claims import SCALE, Need
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Findings, NeedFinding
from qualcode.reports.needs import by_priority, evidence_in_two, grid
from qualcode.store import Study
from qualcode.ui import parts

CHOSEN = "needs.chosen"
RATINGS = {None: "not rated", **{value: str(value) for value in SCALE}}


def may_keep(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "author"})


def room(study: Study, facts: StudyFacts, found: Findings) -> None:
    st.subheader("Needs", anchor=False)
    parts.note(
        "What participants lack, on whose words it rests, and what could be done. Each need rests "
        "on a theme or a code, or is marked as the team’s judgement."
    )
    numbered = list(enumerate(by_priority(found), start=1))
    if numbered:
        register(numbered, len(found.participants))
        st.markdown("**What comes first**")
        grid_of(numbered)
    else:
        parts.nothing_yet("No need is in the register yet.")
    if may_keep(study):
        form(study, facts, found, numbered)


def register(numbered: list[tuple[int, NeedFinding]], of: int) -> None:
    """The register as a table whose words can be read whole."""
    heads = ("No.", "Need", "State", "Evidence", "Importance", "Feasibility", "What happens")
    rows = []
    for number, need in numbered:
        kept = need.need
        words, themes = evidence_in_two(need, of)
        by = f"by {kept.importance_by}" if kept.importance is not None else ""
        when = f"By {kept.by_when}." if kept.by_when else ""
        cells = (
            (str(number),),
            (f"<b>{html.escape(kept.need)}</b>", _line("Gap", kept.gap)),
            (html.escape(kept.present), _line("Wished", kept.wished)),
            (html.escape(words), _small(themes), _small(_quoted(need))),
            (RATINGS[kept.importance], _small(by)),
            (RATINGS[kept.feasibility],),
            (html.escape(kept.owner), _small(" ".join(filter(None, (kept.first_step, when))))),
        )
        rows.append(
            "<tr>"
            + "".join(
                f'<td data-head="{head}">{"".join(cell)}</td>'
                for head, cell in zip(heads, cells, strict=True)
            )
            + "</tr>"
        )
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    widths = "".join(f'<col style="width:{share}%">' for share in (4, 18, 20, 26, 10, 9, 13))
    st.html(
        '<table class="ui-register"><caption>The needs by importance times feasibility</caption>'
        f"<colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _small(words: str) -> str:
    return f"<small>{html.escape(words)}</small>" if words else ""


def _line(name: str, words: str) -> str:
    return _small(f"{name}: {words}") if words else ""


def _quoted(need: NeedFinding) -> str:
    people = sorted({quote.participant for quote in need.quotations})
    return f"Quoted: {', '.join(people)}" if people else ""


def grid_of(numbered: list[tuple[int, NeedFinding]]) -> None:
    """Importance upwards, feasibility to the right; the numbers are those of the register."""
    held = grid(numbered)
    names = {number: need.need.need for number, need in numbered}
    rows = []
    for importance in reversed(SCALE):
        cells = "".join(
            f'<td class="ui-p{_step(importance * feasibility)}">'
            + " ".join(
                f'<b title="{html.escape(names[number])}">{number}</b>'
                for number in held.get((importance, feasibility), ())
            )
            + "</td>"
            for feasibility in SCALE
        )
        rows.append(f'<tr><th scope="row">{importance}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{value}</th>' for value in SCALE)
    st.html(
        '<table class="ui-grid"><caption>Importance (up) by feasibility (to the right)</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    open_ = [number for number, need in numbered if need.priority is None]
    if open_:
        parts.note(f"Not rated yet: {', '.join(map(str, open_))}.")


def _step(priority: int) -> int:
    """Three tints: what is both important and feasible stands out."""
    return 3 if priority >= 15 else 2 if priority >= 8 else 1


def form(
    study: Study, facts: StudyFacts, found: Findings, numbered: list[tuple[int, NeedFinding]]
) -> None:
    kept = {need.need.id: need for _, need in numbered}
    names = {"": "A new need"} | {need.need.id: f"{n}. {need.need.need}" for n, need in numbered}
    chosen = st.selectbox("Write", list(names), format_func=names.get, key=CHOSEN)
    held = kept[chosen].need if chosen in kept else None
    themes = {theme.id: theme.name for theme in facts.themes}
    codes = {code.id: code.name for code in facts.codebook.codable}
    quotes: Mapping[str, str] = {
        quote.id: f"{quote.shown} {quote.attribution}" for quote in found.quotations if quote.chosen
    }
    with st.form(f"needs.form.{chosen}.{held.changed_at if held else len(kept)}"):
        need = st.text_input("Need", held.need if held else "", max_chars=600)
        left, middle, right = st.columns(3)
        present = left.text_area("Present state", held.present if held else "", height=90)
        wished = middle.text_area("Wished state", held.wished if held else "", height=90)
        gap = right.text_area("Gap", held.gap if held else "", height=90)
        on_themes = st.multiselect(
            "Rests on themes", list(themes),
            [t for t in held.themes if t in themes] if held else [], format_func=themes.get,
        )  # fmt: skip
        on_codes = st.multiselect(
            "and on codes", list(codes), [c for c in held.codes if c in codes] if held else [],
            format_func=codes.get,
        )  # fmt: skip
        judgement = st.checkbox(
            "Team judgement", held.judgement if held else False,
            help="The participants did not say it; the team concludes it.",
        )  # fmt: skip
        quoted = st.multiselect(
            "Quotations", list(quotes), [q for q in held.quotations if q in quotes] if held else [],
            format_func=quotes.get,
        )  # fmt: skip
        one, two, three = st.columns(3)
        importance = one.selectbox(
            "Importance", list(RATINGS), list(RATINGS).index(held.importance if held else None),
            format_func=RATINGS.get,
        )  # fmt: skip
        by = two.text_input("Rated by", held.importance_by if held else "", max_chars=200)
        feasibility = three.selectbox(
            "Feasibility", list(RATINGS), list(RATINGS).index(held.feasibility if held else None),
            format_func=RATINGS.get,
        )  # fmt: skip
        owner = one.text_input("Owner", held.owner if held else "", max_chars=200)
        step = two.text_input("First step", held.first_step if held else "", max_chars=1000)
        when = three.text_input("By when", held.by_when if held else "", max_chars=200)
        pressed = st.form_submit_button("Keep the need", type="primary")
    if pressed:
        with parts.problems():
            more = {"id": held.id} if held else {}
            study.keep_need(
                Need(
                    need, present, wished, gap, tuple(on_themes), tuple(on_codes), judgement,
                    tuple(quoted), importance, by, feasibility, owner, step, when, **more,
                )
            )  # fmt: skip
            parts.told("The need was kept.")
            st.rerun()
    if held:
        drop(study, held)


def drop(study: Study, need: Need) -> None:
    with st.popover("Drop this need"):
        reason = st.text_input("Reason", key=f"needs.why.{need.id}")
        if st.button("Drop it", key=f"needs.drop.{need.id}"):
            with parts.problems():
                study.drop_need(need.id, reason=reason)
                st.rerun()
