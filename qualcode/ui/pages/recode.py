"""Recode: after a change of the codebook each coder is asked about what it touches, and no more.

One key answers and leads to the next; what is answered can be taken back until it is handed in.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from qualcode.model import MAIN, Transcript
from qualcode.recoding import Recoding, RecodingOutcome, Task, places_to_look, standing
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.ui import parts, recode_views, reconcile_views, state
from qualcode.ui.recode_views import Queue

AT, SHOW, PLACE = "recode.at", "recode.show", "recode.place"


def read(study: Study) -> Queue:
    """The tasks of whoever is here, with the codebooks that they speak of."""
    own = study.seat.name if study.seat is not None and study.seat.is_coder else ""
    tasks = tuple(task for task in study.recode_tasks() if task.coder == own)
    version = study.codebook().version
    bases = {version, *(task.base for task in tasks)}
    return Queue(
        study=study,
        tasks=tasks,
        answers=tuple(
            said
            for said in standing(study.recodings())
            if said.made_by == own and said.version == version
        ),
        version=version,
        books={
            name: study.codebook(name) if study.versions() else study.codebook()
            for name in sorted(bases, reverse=True)
        },
        titles=study.titles(),
    )


def go(id: str | None) -> None:
    st.session_state[AT] = id
    st.session_state.pop(PLACE, None)


def after(following: str | None, told: str) -> None:
    go(following)
    parts.told(told)
    st.rerun()


def say(
    queue: Queue,
    task: Task,
    outcome: RecodingOutcome,
    following: str | None,
    codes: Sequence[str] = (),
) -> None:
    """Keep one answer and go on."""
    queue.study.recode(
        Recoding(
            outcome,
            task.version,
            task.coder,
            transcript=task.transcript,
            coding=task.coding.id if task.coding else "",
            codes=tuple(codes),
        )
    )
    after(following, "Answered.")


def take_back(queue: Queue, said: Recoding, task: Task | None) -> None:
    queue.study.undo_recoding(said.id)
    after(task.id if task else None, "Taken back.")


def task_of(queue: Queue, said: Recoding) -> Task | None:
    """The task that an answer was given to."""
    for task in queue.tasks:
        if task.answer is not None and task.answer.id == said.id:
            return task
    return next(
        (t for t in queue.tasks if (t.transcript, t.code) == (said.transcript, *said.codes[:1])),
        None,
    )


def steps(queue: Queue, handed_in: bool) -> tuple[list[Task], int]:
    """The tasks to be gone through and the place among them; drawn inside the line of steps."""
    show = st.segmented_control(
        "Show", ["Open", "All"], default="Open", required=True, key=SHOW,
        label_visibility="collapsed",
    )  # fmt: skip
    at = st.session_state.get(AT)
    shown = [t for t in queue.tasks if show == "All" or t.is_open]
    if not shown:
        return [], 0
    place = next((n for n, t in enumerate(shown) if t.id == at), 0)
    last = len(shown) - 1
    st.button(
        "Previous", icon=":material/chevron_left:", disabled=place == 0, shortcut="Left",
        on_click=go, args=(shown[max(0, place - 1)].id,),
    )  # fmt: skip
    st.markdown(f"{place + 1} of {len(shown)}", width="content")
    st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", shortcut="Right",
        disabled=place == last, on_click=go, args=(shown[min(last, place + 1)].id,),
    )  # fmt: skip
    return shown, place


def undo_button(queue: Queue, handed_in: bool) -> None:
    last = [said for said in queue.answers if said.outcome != "submit"][-1:]
    if not last or handed_in:
        return
    if st.button("Undo the last answer", icon=":material/undo:", shortcut="U", key="recode.undo"):
        take_back(queue, last[0], task_of(queue, last[0]))


def answer_buttons(queue: Queue, task: Task, following: str | None) -> None:
    """A key for each answer to a question about a coding."""
    if task.kind == "confirm":
        choices = [("Keep it", "1", "keep", ()), ("Remove it", "2", "remove", ())]
    else:
        options = list(task.options)
        choices = [
            (queue.name(code), str(n), "choose", (code,)) for n, code in enumerate(options, 1)
        ]
        if len(options) > 1:
            several = "Both" if len(options) == 2 else "All of them"
            choices.append((several, str(len(options) + 1), "choose", tuple(options)))
        choices.append(("Neither", "0", "choose", ()))
    with st.container(horizontal=True, gap="small", key="recode_answers"):
        for label, key, outcome, codes in choices:
            if st.button(
                parts.plain(label),
                key=f"recode.answer.{key}",
                shortcut=key if int(key) < 10 else None,
            ):
                say(queue, task, outcome, following, codes)  # type: ignore[arg-type]
    if task.kind == "choose" and len(task.options) > 2:
        some = st.multiselect(
            "Some of them", task.options, format_func=queue.name, key=f"recode.some.{task.id}"
        )
        if some and st.button("Keep these", key="recode.some.keep"):
            say(queue, task, "choose", following, some)


def look_again(queue: Queue, task: Task, transcript: Transcript, following: str | None) -> None:
    """The whole interview beside the places where the code may belong."""
    study = queue.study
    code = queue.code(task.code)
    assert code is not None
    own = [
        coding
        for coding in study.codings_at()
        if coding.coder == task.coder and coding.code == task.code
    ]
    near = places_to_look(transcript, code, own)
    left, right = st.columns([5, 4], gap="large")
    with left:
        recode_views.whole_text(
            transcript, [c for c in own if c.transcript == transcript.id], near, code.color
        )
    with right:
        st.markdown(f"**{parts.plain(recode_views.asked(task, queue))}**")
        recode_views.what_changed(task, queue)
        for said in queue.added(task):
            parts.quotation(reconcile_views.short(said.quote), "added", code.color)
            if task.is_open and st.button(
                "Take out again", key=f"recode.out.{said.id}", icon=":material/undo:"
            ):
                take_back(queue, said, task)
        if not task.is_open:
            return
        add_here(queue, task, transcript, near)
        if st.button(
            "Looked at it; nothing more" if not queue.added(task) else "Looked at it; that is all",
            type="primary",
            shortcut="D",
            key="recode.looked",
        ):
            say(queue, task, "looked", following, (task.code,))


def add_here(queue: Queue, task: Task, transcript: Transcript, near: Sequence[Span]) -> None:
    """Put the code on words of a suggested turn, or of any other."""
    if near:
        parts.note("Places that share words with the code, marked with dots on the left:")
    with st.container(gap="xxsmall", key="recode_places"):
        for number, span in enumerate(near, start=1):
            st.button(
                parts.plain(reconcile_views.short(transcript.text[span.slice])),
                key=f"recode.near.{number}",
                shortcut=str(number),
                on_click=lambda span=span: st.session_state.update({PLACE: span.start}),
                type="tertiary",
            )
    turns = {turn.span.start: turn.span for turn in transcript.participant_turns}
    at = st.session_state.get(PLACE)
    chosen = st.selectbox(
        "The code belongs here",
        list(turns),
        list(turns).index(at) if at in turns else None,
        format_func=lambda start: reconcile_views.short(transcript.text[turns[start].slice]),
        placeholder="Choose a turn of the interview",
        key=f"recode.turn.{task.id}.{at}",
    )
    if chosen is None:
        return
    within = turns[chosen]
    typed = st.text_area(
        "Keep only the words that should be coded",
        transcript.text[within.slice],
        height=140,
        key=f"recode.words.{task.id}.{chosen}",
    ).strip()
    found = reconcile_views.places_of(typed, transcript.text, within)
    if typed and not found:
        st.warning("These words do not stand in the turn; delete words, but do not change any.")
    span = found[0] if found else None
    if len(found) > 1:
        span = st.selectbox(
            f"These words stand there {len(found)} times; which ones are meant?",
            found,
            format_func=lambda s: reconcile_views.around_of(transcript.text, s, within),
            index=None,
            key=f"recode.which.{task.id}.{chosen}.{len(typed)}",
        )
    if st.button(
        "Add this passage", key="recode.add", shortcut="Ctrl+Enter", disabled=span is None
    ):
        assert span is not None
        queue.study.recode(
            Recoding(
                "add",
                task.version,
                task.coder,
                transcript=task.transcript,
                codes=(task.code,),
                span=span,
                quote=transcript.text[span.slice],
            )
        )
        after(task.id, "Added.")


def one(queue: Queue, task: Task, following: str | None, handed_in: bool) -> None:
    """One question with the passage, the definitions and the answers."""
    transcript = queue.study.transcript(task.transcript)
    if task.kind == "look":
        look_again(queue, task, transcript, following)
        left = right = None
    else:
        left, right = st.columns([5, 4], gap="large")
        with left:
            recode_views.passage(task, transcript, queue)
        with right:
            st.markdown(f"**{parts.plain(recode_views.asked(task, queue))}**")
            if task.is_open:
                answer_buttons(queue, task, following)
            recode_views.what_changed(task, queue)
    if task.answer is not None:
        parts.note(f"Answered: {queue.answer(task.answer)}.")
        if not handed_in and st.button("Take back", icon=":material/undo:", key="recode.back"):
            take_back(queue, task.answer, task)


def hand_in(queue: Queue, waiting: Sequence[str]) -> None:
    """All is answered: the coder seals it."""
    with st.container(border=True):
        st.markdown("**Everything is answered.**")
        parts.note(
            "Hand it in: from here on your answers stay as they are. Look through them with “All” "
            "first, if you want to."
        )
        if st.button("Hand in", type="primary", icon=":material/lock:", key="recode.submit"):
            queue.study.submit_recoding()
            parts.told("Handed in.")
            st.rerun()


def own_queue(queue: Queue) -> None:
    """What the coder in this seat is asked."""
    rows = {row.coder: row for row in queue.study.recode_progress()}
    mine = rows.get(queue.tasks[0].coder)
    handed_in = mine is not None and mine.handed_in
    done = sum(not task.is_open for task in queue.tasks)
    changed = recode_views.changes_of(queue.tasks)
    st.progress(done / len(queue.tasks), f"{done} of {len(queue.tasks)} answered")
    parts.note(
        f"Version {queue.version} changes {parts.count(len(changed), 'code')} in a way that "
        "touches your work. Your first codings stay as you submitted them."
    )
    waiting = [row.coder for row in rows.values() if not row.handed_in and row is not mine]
    if handed_in:
        after_all(queue, waiting)
    elif done == len(queue.tasks):
        hand_in(queue, waiting)
    with st.container(horizontal=True, vertical_alignment="center", key="recode.steps"):
        shown, place = steps(queue, handed_in)
        undo_button(queue, handed_in)
    if not shown:
        return
    task = shown[place]
    st.session_state[AT] = task.id
    one(queue, task, shown[place + 1].id if place + 1 < len(shown) else None, handed_in)


def after_all(queue: Queue, waiting: Sequence[str]) -> None:
    names = parts.coder_labels(queue.study)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if waiting:
            who = " and ".join(names.get(coder, coder) for coder in waiting)
            parts.note(f"You have handed this in. Agreement opens when {who} has too.")
        else:
            parts.note("Everybody has handed in.")
            st.page_link(
                parts.page("agreement"), label="Agreement by version", icon=":material/balance:"
            )


# -- the lead ----------------------------------------------------------------------------------


def for_the_lead(study: Study) -> None:
    """How far everybody is, whether they are blind to each other, and what is the lead's to say."""
    found = study.recode_progress()
    if not found:
        return
    names = parts.coder_labels(study)
    st.subheader("How far the coders are", anchor=False)
    recode_views.progress_table(found, names)
    held = study.round(MAIN)
    blind = st.toggle(
        "Blind: nobody sees another’s answers before all have handed in",
        held.recode_blind,
        key="recode.blind",
        help="Agreement under the new version counts only what was answered blind.",
    )
    if blind != held.recode_blind:
        study.set_recode_blind(blind)
        st.rerun()
    still = study.stale()
    titles = study.titles()
    if still:
        parts.note(f"Not current yet: {', '.join(titles[p] for p in titles if p in still)}.")
    else:
        parts.note("Every transcript is current: nothing older than this version is open.")
        st.page_link(
            parts.page("agreement"), label="Agreement by version", icon=":material/balance:"
        )
    leads_part(study)


def leads_part(study: Study) -> None:
    """A tenth of what a merge moved is looked at; what a retired code leaves may find another."""
    moved, kept_out = study.to_check()
    if not moved and not kept_out:
        return
    titles, codes = study.titles(), {code.id: code for code in study.codebook().codes}
    said = {r.coding: r for r in standing(study.recodings()) if r.outcome in ("fits", "misfits")}
    now = {coding.id: coding for coding in study.codings_at()}
    if moved:
        st.subheader("Spot check of what was merged", anchor=False)
        checked = [c for c in moved if c.id in said]
        wrong = sum(said[c.id].outcome == "misfits" for c in checked)
        parts.note(
            f"{len(checked)} of {len(moved)} looked at (a tenth of what was moved, drawn by lot); "
            f"{wrong} {'does' if wrong == 1 else 'do'} not fit."
        )
        for coding in [c for c in moved if c.id not in said][:1]:
            to = now[coding.id].code if coding.id in now else coding.code
            names = [codes[c].name if c in codes else c for c in (coding.code, to)]
            parts.quotation(coding.quote, f"{titles[coding.transcript]} · {' → '.join(names)}")
            with st.container(horizontal=True):
                for label, outcome, key in (
                    ("Fits", "fits", "F"),
                    ("Does not fit", "misfits", "X"),
                ):
                    if st.button(label, key=f"recode.check.{outcome}", shortcut=key):
                        study.check_recoding(Recoding(outcome, "", coding.coder, coding=coding.id))  # type: ignore[arg-type]
                        st.rerun()
        if wrong:
            parts.note(
                "What does not fit speaks against the merge: say so in a codebook issue, or take "
                "the merge back with another version."
            )
    given = {r.coding for r in standing(study.recodings()) if r.outcome == "allocate"}
    if kept_out:
        st.subheader("Kept out with retired codes", anchor=False)
        parts.note(
            "These codings stay in the record and out of the counts. A passage that belongs to "
            "another code can be given to it; it is no evidence of agreement."
        )
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Transcript": titles[c.transcript],
                        "Was": codes[c.code].name if c.code in codes else c.code,
                        "Passage": reconcile_views.short(c.quote),
                        "Now": "given to another code" if c.id in given else "kept out",
                    }
                    for c in kept_out
                ]
            ),
            hide_index=True,
            key="recode.out.table",
            alt="Codings of retired codes",
        )
        left = {c.id: c for c in kept_out if c.id not in given}
        if left:
            with st.form("recode.allocate", border=False):
                which = st.selectbox(
                    "Passage",
                    list(left),
                    format_func=lambda id: reconcile_views.short(left[id].quote),
                )
                code = st.selectbox(
                    "Give it to",
                    [c.id for c in codes.values() if c.usable],
                    index=None,
                    format_func=lambda id: codes[id].name,
                )
                if st.form_submit_button("Give it to this code"):
                    with parts.problems():
                        study.check_recoding(
                            Recoding(
                                "allocate",
                                "",
                                left[which].coder,
                                coding=which,
                                codes=(code,) if code else (),
                            )
                        )
                        parts.told("Given to this code.")
                        st.rerun()


with state.current_study() as study:
    parts.head(
        "Recode", "When a code has changed, only what it touches is asked again; nothing is lost."
    )
    seat = study.seat
    leads = seat is None or seat.is_lead
    queue = read(study)
    if queue.tasks:
        own_queue(queue)
    if leads:
        for_the_lead(study)
    if not queue.tasks and not (leads and study.recode_progress()):
        parts.nothing_yet(
            "No change of the codebook asks anything here. When a code is narrowed, broadened, "
            "split or added after coding, its passages are listed here for those who coded them.",
            parts.page("codebook"),
            "Codebook",
        )
