"""What the Recode page shows: what changed in words, the passage, the suggested places."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from qualcode.changes import WORDS, CodeChange, word_diff
from qualcode.codebook import Codebook
from qualcode.model import Code, Coding, Transcript
from qualcode.recoding import Recoding, Task
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.store.recodings import RecodeProgress
from qualcode.ui import parts

FIELDS = {
    "brief_definition": "In short",
    "full_definition": "In full",
    "when_to_use": "When",
    "when_not_to_use": "Not when",
}
ANSWERS = {
    "keep": "Kept",
    "remove": "Removed",
    "choose": "Chosen",
    "looked": "Looked at",
    "allocate": "Given to another code",
}
GREY = "#8a94a3"


@dataclass(frozen=True)
class Queue:
    """What one run of the page reads: the coder's tasks, codebooks by version, and names."""

    study: Study
    tasks: tuple[Task, ...]
    answers: tuple[Recoding, ...]
    version: str
    books: Mapping[str, Codebook]
    titles: Mapping[str, str]

    def code(self, code: str, version: str = "") -> Code | None:
        """A code as a version has it; of a code that it has not, as any later one does."""
        for name in (version or self.version, *self.books):
            if code in self.books[name]:
                return self.books[name][code]
        return None

    def name(self, code: str, version: str = "") -> str:
        found = self.code(code, version)
        return found.name if found else code

    def answer(self, said: Recoding | None) -> str:
        """An answer in words."""
        if said is None:
            return ""
        if said.outcome == "choose":
            return " and ".join(self.name(code) for code in said.codes) or "Neither"
        return ANSWERS[said.outcome]

    def added(self, task: Task) -> tuple[Recoding, ...]:
        """Passages added while looking at a transcript again."""
        return tuple(
            said
            for said in self.answers
            if said.outcome == "add"
            and (said.transcript, said.codes) == (task.transcript, (task.code,))
            and said.version == task.version
        )


def asked(task: Task, queue: Queue) -> str:
    """What is asked, in a sentence."""
    if task.kind == "look":
        what = "is new" if task.changes[-1].kind == "add" else "takes in more than before"
        return f"“{queue.name(task.code)}” {what}: is there something of it in this interview?"
    if task.kind == "choose":
        return f"“{queue.name(task.changes[-1].code)}” was split: what fits these words now?"
    return f"Does “{queue.name(task.code)}” still fit these words, as it is defined now?"


def what_changed(task: Task, queue: Queue) -> None:
    """The old and the new words of the code, or of the codes that came in its place."""
    for change in task.changes:
        told = WORDS[change.kind]
        st.html(f'<p class="ui-kicker">{html.escape(f"{told} · {task.base} → {task.version}")}</p>')
        if change.note:
            parts.note(change.note)
    code = task.changes[-1].code
    if task.kind == "choose":
        _definition(queue.code(code, task.base), "– until now")
        for number, option in enumerate(task.options, start=1):
            _definition(queue.code(option), f"– key {number}")
        return
    before = queue.code(task.coding.code if task.coding else code, task.base)
    after = queue.code(task.code)
    if task.kind == "look" and (before is None or task.changes[-1].kind == "add"):
        _definition(after, "– new")
        return
    if before is not None and after is not None:
        difference(before, after)


def _definition(code: Code | None, note: str) -> None:
    if code is None:
        return
    st.html(parts.chip(code, note=note))
    rows = [
        f"<dt>{label}</dt><dd dir='auto'>{html.escape(words)}</dd>"
        for field, label in FIELDS.items()
        if (words := getattr(code, field))
    ]
    st.html(f'<dl class="ui-diff">{"".join(rows)}</dl>' if rows else "<p>No definition yet.</p>")


def difference(before: Code, after: Code) -> None:
    """Two versions of a code in one text: what went out struck through, what came in marked."""
    st.html(parts.chip(after))
    if before.name != after.name:
        parts.note(f"Named “{before.name}” before.")
    rows = []
    for field, label in FIELDS.items():
        old, new = getattr(before, field), getattr(after, field)
        if not old and not new:
            continue
        kind = "" if old == new else ' class="changed"'
        rows.append(f"<dt{kind}>{label}</dt><dd dir='auto'>{_diff(old, new)}</dd>")
    st.html(f'<dl class="ui-diff">{"".join(rows)}</dl>')


def _diff(old: str, new: str) -> str:
    tags = {"same": "", "out": "del", "in": "ins"}
    out = []
    for kind, words in word_diff(old, new):
        tag, said = tags[kind], html.escape(words)
        out.append(f"<{tag}>{said}</{tag}>" if tag else said)
    return "".join(out)


def passage(task: Task, transcript: Transcript, queue: Queue) -> None:
    """The coding in its place, with the turn before it."""
    assert task.coding is not None
    code = queue.code(task.coding.code, task.base)
    st.html(f'<p class="ui-kicker">{html.escape(transcript.title)} · your coding</p>')
    parts.passage(
        transcript,
        task.coding.span,
        [(task.coding.span, "ui-a")],
        code.color if code else GREY,
    )
    if task.coding.memo:
        parts.note(f"Your memo: {task.coding.memo}")


def whole_text(
    transcript: Transcript, marks: Iterable[Coding], near: Iterable[Span], hue: str
) -> None:
    """The whole interview: what carries the code already is marked, what may is dotted."""
    spans = [(coding.span, "ui-a") for coding in marks] + [(span, "ui-c") for span in near]
    whole = Span(0, max(1, len(transcript.text)))
    st.html(f'<p class="ui-kicker">{html.escape(transcript.title)} · the whole interview</p>')
    with st.container(height=560, border=True):
        parts.passage(transcript, whole, spans, hue)


def progress_table(found: Iterable[RecodeProgress], names: Mapping[str, str]) -> None:
    """How far each coder is; what they answered is not in it."""
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Coder": names.get(row.coder, row.coder),
                    "Asked": row.total,
                    "Answered": row.done,
                    "Handed in": "yes" if row.handed_in else "not yet",
                    "Done": None if row.done is None else row.done / row.total,
                }
                for row in found
            ]
        ),
        hide_index=True,
        column_config={
            "Done": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
        },
        key="recode.progress",
        alt="How many of their questions each coder has answered",
    )


def changes_of(tasks: Iterable[Task]) -> tuple[CodeChange, ...]:
    """What the tasks come from, each once."""
    return tuple(dict.fromkeys(change for task in tasks for change in task.changes))
