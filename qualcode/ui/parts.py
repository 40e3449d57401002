"""Pieces that several pages show: heads, empty places, passages, problems.

Titles, names and texts come from people: ``plain`` takes the meaning of Markdown out of them, and
``html.escape`` that of HTML, before Streamlit sees them.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.model import Code, Transcript
from qualcode.spans import Span
from qualcode.store import Study

_ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)|@(?=\w)", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:])")

STYLE = Path(__file__).with_name("style.css")


def plain(text: object) -> str:
    """Text that Markdown shows as it stands.

    >>> plain("P[01]: *x*")
    'P\\\\[01\\\\]\\\\: \\\\*x\\\\*'
    """
    # An invisible word joiner keeps addresses from becoming links, which no escape prevents.
    unlinked = _ADDRESS.sub("\\g<0>\u2060", " ".join(str(text).split()))
    return _MARKDOWN.sub(r"\\\1", unlinked)


def head(title: str, lede: str = "") -> None:
    """The one heading of a page, and one sentence of what it is for."""
    st.title(title, anchor=False)
    if lede:
        st.html(f'<p class="ui-lede">{html.escape(lede)}</p>')


def note(text: str) -> None:
    st.html(f'<p class="ui-note">{html.escape(text)}</p>')


def problem(error: Exception) -> None:
    """A problem of the user's, in its one sentence."""
    st.error(plain(error), icon=":material/error:")


@contextmanager
def problems() -> Iterator[None]:
    """Show a problem where it was made; a dialog does not even reach the one place for errors."""
    try:
        yield
    except QualcodeError as error:
        problem(error)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its word.

    >>> count(1, "turn"), count(2, "turn"), count(0, "match", "matches")
    ('1 turn', '2 turns', '0 matches')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def told(message: str) -> None:
    """Keep a line to show after the next run, when a page draws itself anew."""
    st.session_state["told"] = message


def tell() -> None:
    if message := st.session_state.pop("told", None):
        st.toast(plain(message), icon=":material/check:")


def nothing_yet(message: str, page: str = "", label: str = "") -> None:
    """An empty place that says what is missing and leads there."""
    with st.container(border=True):
        note(message)
        if page:
            st.page_link(page, label=label, icon=":material/arrow_forward:")


def held_back(waiting: int) -> str:
    """How many transcripts are not there yet for this seat, and why.

    >>> held_back(1)
    '1 transcript is not released yet; it comes here when somebody has looked for names in it.'
    """
    is_are, it, they = ("is", "it", "it comes") if waiting == 1 else ("are", "them", "they come")
    return (
        f"{count(waiting, 'transcript')} {is_are} not released yet; "
        f"{they} here when somebody has looked for names in {it}."
    )


def coder_labels(study: Study, taken: Iterable[str] = ()) -> dict[str, str]:
    """Sign-in name → the name shown; told apart where two are alike or a column is called so."""
    members = study.members()
    seen = Counter(member.label for member in members)
    seen.update(taken)
    return {m.name: m.label if seen[m.label] == 1 else f"{m.label} ({m.name})" for m in members}


def comparable(study: Study, closed: str, *, everything: bool = False) -> bool:
    """Whether this seat may compare (``everything``: all transcripts); if not, it is told why."""
    sight = study.sight()
    if sight.coders > 1 and sight.closed and not (everything and sight.waiting):
        return True
    nothing_yet(
        f"{closed} {sight.sentence}", page("code") if sight.own_open else "", "Go on coding"
    )
    return False


def page(name: str) -> str:
    """The script of a page, as ``st.page_link`` wants it."""
    return f"pages/{name}.py"


def chip(code: Code | None, fallback: str = "", note: str = "") -> str:
    """A code's name with its colour, as HTML; ``note`` stands behind it."""
    name, hue = (code.name, code.color) if code else (fallback, "#8a94a3")
    label = html.escape(f"{name} {note}".strip())
    return f'<span class="ui-chip" style="--ui-hue:{_hue(hue)}"><i></i>{label}</span>'


def chips(codes: Iterable[Code]) -> None:
    st.html("".join(chip(code) for code in codes))


def quotation(text: str, source: str, hue: str = "#8a94a3") -> None:
    """A quotation with where it comes from."""
    st.html(
        f'<blockquote class="ui-quote" dir="auto" style="--ui-hue:{_hue(hue)}">{html.escape(text)}'
        f"<cite>{html.escape(source)}</cite></blockquote>"
    )


def passage(
    transcript: Transcript,
    around: Span,
    marks: Sequence[tuple[Span, str]],
    hue: str,
) -> None:
    """The turns around a span, with marks: class ``ui-a`` for one coder, ``ui-b`` the other."""
    shown = [
        (number, turn)
        for number, turn in enumerate(transcript.turns)
        if turn.span.overlap(around) > 0
    ]
    if not shown:
        st.html(
            f'<p class="ui-passage" dir="auto">{html.escape(transcript.text[around.slice])}</p>'
        )
        return
    first = max(0, shown[0][0] - 1)
    rows = []
    for turn in transcript.turns[first : shown[-1][0] + 1]:
        when = f" · {turn.at}" if turn.at else ""
        rows.append(f'<p class="ui-who">{html.escape(turn.speaker or "Speaker")}{when}</p>')
        body = _marked(transcript.text, turn.span, marks)
        rows.append(f'<p class="ui-passage" dir="auto">{body}</p>')
    st.html(f'<div style="--ui-hue:{_hue(hue)}">{"".join(rows)}</div>')


def _marked(text: str, within: Span, marks: Sequence[tuple[Span, str]]) -> str:
    cuts = {within.start, within.end}
    for span, _ in marks:
        cuts |= {p for p in (span.start, span.end) if within.start < p < within.end}
    edges = sorted(cuts)
    out = []
    for start, end in pairwise(edges):
        kinds = sorted({kind for span, kind in marks if span.start <= start and end <= span.end})
        words = html.escape(text[start:end])
        name = "ui-ab" if len(kinds) > 1 else (kinds[0] if kinds else "")
        out.append(f'<mark class="{name}">{words}</mark>' if name else words)
    return "".join(out)


def _hue(color: str) -> str:
    return color if re.fullmatch(r"#[0-9A-Fa-f]{6}", color) else "#8a94a3"
