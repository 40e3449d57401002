"""Pieces of the cards on which the machine's candidates are laid out for judgement."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from qualcode.model import Attribute, Code, Participant, ThemeCandidate, Transcript
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.themes import LIGHTS, LeftOut, Light, light_of, spread
from qualcode.ui import parts, state

TERMS = 8
CODES = 6
AT_ONCE = 10
"""Passages of a candidate that are shown on one page of its window."""
LEFT_AT_ONCE = 50
SHAPES = {"steady": "●", "fair": "◐", "shaky": "○"}
"""A shape for each light: nobody has to tell the colours apart."""
Place = tuple[str, Span]


@dataclass(frozen=True)
class Desk:
    """What the cards need to know of the study."""

    texts: Mapping[str, Transcript]
    codes: Mapping[str, Code]
    people: tuple[Participant, ...]
    attribute: Attribute | None
    heard: tuple[str, ...] = ()

    def source(self, transcript: str) -> str:
        """Whose words these are, as the cards name them."""
        text = self.texts[transcript]
        person = text.participant or text.title
        return person if person == text.title else f"{person}, {text.title}"

    def words(self, place: Place) -> str:
        return self.texts[place[0]].text[place[1].slice]

    def there(self, places: Iterable[Place]) -> list[Place]:
        return [place for place in places if place[0] in self.texts]


def desk(study: Study, texts: Iterable[Transcript], attribute: Attribute | None) -> Desk:
    return Desk(
        texts={text.id: text for text in texts},
        codes={code.id: code for code in study.codebook().codes},
        people=study.participants(),
        attribute=attribute,
    )


def by_group(study: Study, key: str) -> Attribute | None:
    """The attribute by which participants are counted, as it is chosen; None for none."""
    asked = {a.name: a for a in study.attributes() if a.of == "participant"}
    for person in study.participants() if study.shows_people else ():
        for name in person.attributes:
            asked.setdefault(name, Attribute(name, "text"))
    if not asked or not study.shows_people:
        return None
    chosen = st.selectbox(
        "Count people by",
        ["", *asked],
        index=(["", *asked].index("group") if "group" in asked else 0),
        format_func=lambda name: name or "no attribute",
        key=f"{key}.attribute",
        width=190,
    )
    return asked.get(chosen)


def light_mark(light: Light) -> str:
    """A light as HTML: its shape, its word and its colour, and what it means where one points."""
    return (
        f'<span class="ui-light ui-light-{light.name}" tabindex="0" role="note" '
        f'title="{html.escape(light.sentence)}" '
        f'aria-label="{html.escape(light.sentence)}">'
        f'<i aria-hidden="true">{SHAPES[light.name]}</i>{light.name}</span>'
    )


def lights_explained() -> None:
    """The line above the cards: what each light was worth where people had coded."""
    told = " ".join(
        f"{light_mark(light)} <span>{light.purity:.0%}</span>" for light in LIGHTS
    )  # fmt: skip
    st.html(
        f'<p class="ui-lights">{told} <span class="ui-note">of the passages carried one and the '
        "same human code, on average, in groups as stable as this (measured on three coded "
        "corpora).</span></p>"
    )


def terms(candidate: ThemeCandidate) -> None:
    """The terms as small bars, the strongest first."""
    shown = candidate.terms[:TERMS]
    if not shown:
        return
    most = max(weight for _, weight in shown) or 1.0
    rows = "".join(
        f'<li><span>{html.escape(term)}</span><b style="width:{max(2, round(100 * w / most))}%">'
        f"</b><em>{w:.2f}</em></li>"
        for term, w in shown
    )
    st.html(f'<ul class="ui-terms" aria-label="Terms and their weights">{rows}</ul>')


def reach(candidate: ThemeCandidate, desk: Desk) -> str:
    """n of N participants, and of each group."""
    heard = set(desk.heard)
    known = {person.id for person in desk.people}
    among: list[Participant | str] = [p for p in desk.people if not heard or p.id in heard]
    among += [person for person in desk.heard if person not in known]
    found = spread(candidate, among, desk.attribute)
    told = [f"{found.n} of {parts.count(found.of, 'participant')}"]
    told += [
        f"{group.value or 'not known'} {group.n} of {group.of}"
        for group in found.groups
        if group.of
    ]
    told.append(parts.count(len(candidate.passages), "passage"))
    # Each figure keeps to its word at the end of a line.
    return " · ".join(words.replace(" ", "\u00a0") for words in told)


def overlap(candidate: ThemeCandidate, desk: Desk) -> None:
    """The codes it overlaps, and how far: the share of its passages that carry each."""
    touched = [(desk.codes[c], share) for c, share in candidate.codes if c in desk.codes]
    if not touched:
        parts.note("No code stands on these passages.")
        return
    rows = "".join(
        f"<div>{parts.chip(code, note=f'{share:.0%}')}</div>" for code, share in touched[:CODES]
    )
    more = len(touched) - CODES
    rest = f'<p class="ui-note">and {parts.count(more, "more code")}</p>' if more > 0 else ""
    st.html(f'<p class="ui-note">Codes on these passages</p>{rows}{rest}')


def head(candidate: ThemeCandidate, kicker: str, *, badges: Sequence[str] = ()) -> None:
    marks = light_mark(light_of(candidate.stability))
    if len(candidate.participants) == 1:
        marks += '<span class="ui-voice">one person’s voice</span>'
    marks += "".join(f'<span class="ui-voice">{html.escape(badge)}</span>' for badge in badges)
    st.html(
        f'<p class="ui-kicker">{html.escape(kicker)}</p>'
        f'<h4 class="ui-label">{html.escape(candidate.label)}</h4><p class="ui-marks">{marks}</p>'
    )


def quotations(candidate: ThemeCandidate, desk: Desk, key: str) -> None:
    """Typical words and words at the edge, each with whose they are and the way to its place."""
    groups = (
        ("Typical", desk.there(candidate.quotes)[:3]),
        ("At the edge", desk.there(candidate.edge)),
    )
    for name, places in groups:
        if not places:
            continue
        st.html(f'<p class="ui-kicker">{name}</p>')
        for number, place in enumerate(places):
            quoted(place, desk, f"{key}.{name[:2].lower()}.{number}")


def quoted(place: Place, desk: Desk, key: str) -> None:
    with st.container(gap=None, key=f"{key.replace('.', '_')}_quote"):
        st.html(
            '<blockquote class="ui-quote" dir="auto">'
            f"<span>{html.escape(desk.words(place))}</span>"
            f"<cite>({html.escape(desk.source(place[0]))})</cite></blockquote>"
        )
        if st.button(
            "In the interview", icon=":material/format_quote:", type="tertiary", key=f"{key}.go"
        ):
            place_window(place, desk)


@st.dialog("In the interview", width="large")
def place_window(place: Place, desk: Desk) -> None:
    """The passage where it was said, and the way to the whole interview."""
    text = desk.texts[place[0]]
    st.markdown(f"**{parts.plain(text.title)}**")
    around(text, place[1])
    if st.button("Open the whole interview", icon=":material/arrow_forward:", key="themes.whole"):
        st.session_state[state.RECORD] = text.title
        st.switch_page(parts.page("transcripts"))


def around(text: Transcript, span: Span) -> None:
    """A passage in the words around it: its turn, cut where the turn is long, and the question."""
    numbers = [n for n, turn in enumerate(text.turns) if turn.span.overlap(span) > 0]
    if not numbers:
        parts.passage(text, span, [(span, "ui-a")], "#4E79A7")
        return
    rows = []
    for turn in text.turns[max(0, numbers[0] - 1) : numbers[-1] + 1]:
        rows.append(f'<p class="ui-who">{html.escape(turn.speaker or "Speaker")}</p>')
        rows.append(f'<p class="ui-passage" dir="auto">{_marked(text.text, turn.span, span)}</p>')
    st.html(
        '<div class="ui-around" role="region" tabindex="0" style="--ui-hue:#4E79A7" '
        f'aria-label="{html.escape(text.title)}">{"".join(rows)}</div>'
    )


AROUND = 400
"""Characters before and after a passage that are shown of a long turn."""
WORD = 30
"""Characters that the longest word may have, so that a turn is not cut inside one."""


def _marked(text: str, turn: Span, span: Span) -> str:
    inside = turn.overlap(span) > 0
    first = max(turn.start, span.start - AROUND) if inside else max(turn.start, turn.end - AROUND)
    last = min(turn.end, span.end + AROUND) if inside else turn.end
    # Whole words, where words are parted by spaces.
    if turn.start < first and (cut := text.find(" ", first, first + WORD)) >= 0:
        first = cut + 1
    if last < turn.end and (cut := text.rfind(" ", last - WORD, last)) >= 0:
        last = cut
    start, end = max(first, min(span.start, last)), min(last, max(span.end, first))
    before, words, after = text[first:start], text[start:end], text[end:last]
    if not inside:
        before, words, after = text[first:last], "", ""
    mark = f'<mark class="ui-a">{html.escape(words)}</mark>' if words else ""
    return (
        ("… " if first > turn.start else "")
        + html.escape(before)
        + mark
        + html.escape(after)
        + (" …" if last < turn.end else "")
    )


@st.dialog("All passages", width="large")
def passages_window(candidate: ThemeCandidate, desk: Desk) -> None:
    """Every passage of a candidate, the most typical first, some at a time."""
    places = desk.there(candidate.passages)
    st.markdown(f"**{parts.plain(candidate.label)}**")
    pages = max(1, -(-len(places) // AT_ONCE))
    page = 1
    if pages > 1:
        page = int(
            st.number_input(
                f"Page, of {pages}", 1, pages, 1, key=f"themes.page.{candidate.number}", width=140
            )
        )
    first = (page - 1) * AT_ONCE
    parts.note(
        f"{first + 1:,} to {min(first + AT_ONCE, len(places)):,} of "
        f"{parts.count(len(places), 'passage')}, the most typical first."
    )
    for place in places[first : first + AT_ONCE]:
        parts.quotation(desk.words(place), f"({desk.source(place[0])})")


def left_over(left: Sequence[LeftOut], desk: Desk, key: str) -> None:
    """What stands in no candidate, openable, with the reason of each."""
    known = [each for each in left if each.transcript in desk.texts]
    if not known:
        parts.note("Every passage stands in a candidate.")
        return
    with st.expander(f"In no candidate: {parts.count(len(known), 'passage')}"):
        reasons: dict[str, int] = {}
        for each in known:
            reasons[each.reason] = reasons.get(each.reason, 0) + 1
        parts.note(
            "; ".join(f"{n:,} {reason}" for reason, n in sorted(reasons.items(), key=_most)) + "."
        )
        pages = max(1, -(-len(known) // LEFT_AT_ONCE))
        page = 1
        if pages > 1:
            page = int(
                st.number_input(f"Page, of {pages}", 1, pages, 1, key=f"{key}.left", width=140)
            )
        st.dataframe(
            [
                {
                    "Interview": desk.texts[each.transcript].title,
                    "Words": " ".join(desk.words((each.transcript, each.span)).split()),
                    "Why it stands in none": each.reason,
                }
                for each in known[(page - 1) * LEFT_AT_ONCE : page * LEFT_AT_ONCE]
            ],
            hide_index=True,
            column_config={
                "Interview": st.column_config.TextColumn(width="small"),
                "Words": st.column_config.TextColumn(width="large"),
                "Why it stands in none": st.column_config.TextColumn(width="medium"),
            },
            alt="Passages that stand in no candidate, each with the reason",
        )


def _most(found: tuple[str, int]) -> tuple[int, str]:
    return -found[1], found[0]
