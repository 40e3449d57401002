"""More like this, in a window over one's own open work: passages that look like a code's own, one
after the other, taken or not by a key; the order learns from both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, cast

import streamlit as st

from qualcode.model import Assignment, Code, Transcript, new_id
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.store.likenesses import OwnWork
from qualcode.themes.learning import Learner
from qualcode.themes.similar import FEWEST_EXAMPLES, Likeness
from qualcode.ui import (
    aside,
    autocoding,
    candidate_cards,
    making,
    parts,
    running,
    state,
    windows,
)

SITTING = "code.like.sitting"
"""What is answered in this window: ids, places and numbers."""
WINDOW = "like"
KEY = "code.like"
LEARN_AFTER = 3
NEXT = 4
SHORT = 110


def begin() -> None:
    """A new sitting; what was answered in the one before is kept."""
    st.session_state.pop(SITTING, None)


@st.dialog("More like this", width="large", on_dismiss=windows.close)
def more_window(at: Assignment, codes: Sequence[Code]) -> None:
    """Choose a code, then say yes or no to one passage after the other."""
    with state.current_study() as study, parts.problems():
        work = study.own_work(round=at.round)
        sitting = st.session_state.get(SITTING)
        if sitting is None:
            choose(work, codes, at)
            return
        names = {code.id: code.name for code in codes}
        sit(study, work, sitting, names.get(sitting["code"], sitting["code"]))


def choose(work: OwnWork, codes: Sequence[Code], at: Assignment) -> None:
    counts: dict[str, int] = {}
    for coding in work.codings:
        counts[coding.code] = counts.get(coding.code, 0) + 1
    able = {code.id: code.name for code in codes if code.codable
            and counts.get(code.id, 0) >= FEWEST_EXAMPLES}  # fmt: skip
    if not work.open:
        parts.note("None of your transcripts of this round is open any more.")
        return
    if not able:
        parts.note(
            f"Code at least {FEWEST_EXAMPLES} passages with one code first: the machine learns "
            "from them what to look for."
        )
        return
    parts.note(
        "Passages of your open transcripts that look like those you gave a code. You say of each "
        "whether it is the code; the order learns from every few answers. What you take is marked "
        "as suggested by a machine, the reports count it as such, and Undo takes it back."
    )
    code = st.selectbox(
        "Code",
        list(able),
        None,
        format_func=lambda key: f"{able[key]} ({parts.count(counts[key], 'passage')})",
        placeholder="Choose a code to look for more of it",
        label_visibility="collapsed",
        key="code.like.code",
    )
    if code is not None:
        st.session_state[SITTING] = {
            "act": new_id(), "code": code, "round": at.round, "queue": [], "since": 0,
            "given": [], "skipped": [], "accepted": 0, "rejected": 0,
        }  # fmt: skip
        st.rerun()  # the whole page: the box of the codes would stay here and keep the keys


def sit(study: Study, work: OwnWork, sitting: dict[str, Any], name: str) -> None:
    texts = {text.id: text for text in work.transcripts}
    job = reading(work)
    if job is None:
        begin()
        st.rerun()
    if not job.ended.is_set():
        return
    if not sitting["queue"] or sitting["since"] >= LEARN_AFTER:
        rank(study, work, sitting, name, cast(Learner, running.result_of(job)))
    queue: list[list[Any]] = [one for one in sitting["queue"] if one[0] in work.open]
    where = f"{parts.count(sitting['accepted'], 'passage')} taken, {sitting['rejected']} not"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{parts.plain(name)}** · {where}", width="content")
        st.space("stretch")
        if st.button("Another code", type="tertiary", key="code.like.another"):
            begin()
            st.rerun(scope="fragment")
    if queue:
        passage(queue[0], texts)
    else:
        parts.note("There is no passage left that was not answered or coded.")
    keys(study, sitting, queue)
    following(queue[1:], texts)


def reading(work: OwnWork) -> running.Job | None:
    """The reading of these texts, for whoever codes the very same ones; None where it is stopped.

    It is made beside the page, which goes on keeping what the coder has just done.
    """
    seen = tuple((text.id, text.sha256) for text in work.transcripts)
    look = partial(aside.watched, making.learner, work.transcripts)
    return running.watched(KEY, ("learner", seen), look, steps=running.READING)


def rank(
    study: Study, work: OwnWork, sitting: dict[str, Any], name: str, learner: Learner
) -> None:  # fmt: skip
    """The passages still to be asked about, anew from all answers so far.

    The one on the screen stays there until it is answered.
    """
    rejected = [
        (given.transcript, given.span)
        for given in study.likenesses(round=sitting["round"])
        if given.answer == "rejected" and given.code == sitting["code"] and given.coder == study.who
    ]
    found = learner.ranked(
        work.codings, sitting["code"], name=name, rejected=rejected, within=work.open
    )
    skipped = {tuple(place) for place in sitting["skipped"]}
    sitting["queue"] = [
        _kept(one)
        for one in found
        if (one.passage.transcript, one.passage.span.start) not in skipped
    ]
    sitting["since"] = 0


def _kept(one: Likeness) -> list[Any]:
    place, span = one.nearest
    return [
        one.passage.transcript, one.passage.span.start, one.passage.span.end,
        one.likeness, place, span.start, span.end,
    ]  # fmt: skip


def passage(one: Sequence[Any], texts: Mapping[str, Transcript]) -> None:
    text, span = texts[one[0]], Span(one[1], one[2])
    st.html(f'<p class="ui-kicker">{escape(text.title)} · likeness {one[3]:.2f}</p>')
    candidate_cards.around(text, span)
    near = texts.get(one[4])
    if near is not None:
        words = _short(near.text[one[5] : one[6]])
        parts.note(f"Nearest of your own, in {near.title}: “{words}”")


def keys(study: Study, sitting: dict[str, Any], queue: list[list[Any]]) -> None:
    """Take, leave, skip, back: each by a button and by a key."""
    none = not queue
    with st.container(horizontal=True, vertical_alignment="center", key="code.like.keys"):
        take = st.button(
            "It is the code", type="primary", shortcut="A", disabled=none, key="code.like.take"
        )
        leave = st.button("It is not", shortcut="X", disabled=none, key="code.like.leave")
        skip = st.button("Later", shortcut="Right", disabled=none, key="code.like.skip")
        st.space("stretch")
        back = st.button(
            "Back", icon=":material/undo:", shortcut="Left", disabled=not sitting["given"],
            key="code.like.back",
        )  # fmt: skip
    if take or leave:
        answer(study, sitting, queue[0], accept=take)
    elif skip:
        sitting["queue"].remove(queue[0])
        sitting["skipped"].append([queue[0][0], queue[0][1]])
        st.rerun(scope="fragment")
    elif back:
        take_back(study, sitting)


def answer(study: Study, sitting: dict[str, Any], one: list[Any], *, accept: bool) -> None:
    given = study.answer_likeness(
        sitting["code"], one[0], Span(one[1], one[2]),
        accept=accept, act=sitting["act"], round=sitting["round"],
    )  # fmt: skip
    sitting["queue"].remove(one)
    sitting["given"].append([given.id, accept, one])
    sitting["accepted" if accept else "rejected"] += 1
    sitting["since"] += 1
    tell_surface(sitting)
    st.rerun(scope="fragment")


def take_back(study: Study, sitting: dict[str, Any]) -> None:
    """The last answer is taken back, and its passage is asked about again."""
    id_, accepted, one = sitting["given"].pop()
    sitting["accepted" if accepted else "rejected"] -= 1
    study.take_back_likeness(id_, round=sitting["round"])
    sitting["queue"].insert(0, one)
    sitting["since"] = max(0, sitting["since"] - 1)
    tell_surface(sitting)
    st.rerun(scope="fragment")


def tell_surface(sitting: Mapping[str, Any]) -> None:
    """What the coding surface is told when the window closes: one act, to be undone in one."""
    if sitting["accepted"]:
        st.session_state[autocoding.SEARCHED] = {
            "id": sitting["act"], "codings": sitting["accepted"], "like": True
        }  # fmt: skip
    else:
        st.session_state.pop(autocoding.SEARCHED, None)


def following(queue: Sequence[Sequence[Any]], texts: Mapping[str, Transcript]) -> None:
    """The next ones in their order, so that one sees where the list leads."""
    if not queue:
        return
    rows = "".join(
        f"<li>{escape(_short(texts[one[0]].text[one[1] : one[2]]))} "
        f"<cite>({escape(texts[one[0]].title)})</cite></li>"
        for one in queue[:NEXT]
        if one[0] in texts
    )
    more = len(queue) - NEXT
    rest = f'<p class="ui-note">and {more:,} more, ever less alike</p>' if more > 0 else ""
    st.html(f'<p class="ui-kicker">Then</p><ol class="ui-next">{rows}</ol>{rest}')


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= SHORT else words[: SHORT - 1] + "…"
