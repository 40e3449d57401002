"""Changing the codebook: changes are gathered, looked at with what they touch, and saved as one
version.

What is gathered belongs to the person and not yet to the study: it stands in the session alone,
and rests on the version that was the newest when it was begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from qualcode.changes import (
    OF_MEANING,
    WORDS,
    ChangeKind,
    CodeChange,
    changes_between,
    keeping_all,
    merged,
    sentence,
    split,
    without,
)
from qualcode.codebook import MEANING, PALETTE, Codebook, read_codebook
from qualcode.errors import BadCodebook
from qualcode.model import Code, new_id
from qualcode.store import Study
from qualcode.store.codebooks import Effected
from qualcode.ui import codebook_views, parts, state
from qualcode.ui.codebook_issues import Wanted
from qualcode.ui.codebook_views import FIELDS

DRAFT, VIEW, SHOW = "codebook.draft", "codebook.view", "codebook.show"
BATCH = "codebook.batch"
MEANS: dict[ChangeKind, str] = {
    "narrow": "Narrowed: covers less than before",
    "broaden": "Broadened: covers more than before",
    "reword": "Only reworded: means the same",
    "redefine": "Another meaning: covers less and more",
}
KEPT, LEFT_OUT = "Retire them", "Take them out"


@dataclass(frozen=True)
class Draft:
    """Changes that are not saved yet: the codebook they make, on which version, and what is said
    of them.
    """

    study: str
    on: str
    book: Codebook
    said: tuple[CodeChange, ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    """Code → what led to its change, as from a codebook issue."""

    def reason(self, code: str) -> str:
        return dict(self.why).get(code, "")


def draft_of(study: Study) -> Draft:
    """The changes begun on this study in this session, or none."""
    kept = st.session_state.get(DRAFT)
    if isinstance(kept, Draft) and kept.study == str(study.path):
        return kept
    book = study.codebook()
    return Draft(str(study.path), book.version if len(book) else "", book)


def base_of(study: Study, draft: Draft) -> Codebook:
    """The version that the changes rest on."""
    return study.codebook(draft.on) if draft.on else Codebook()


def noted(study: Study, draft: Draft) -> int:
    """How many changes are not saved; of a first version, how many codes."""
    base = base_of(study, draft)
    if draft.book.codes == base.codes:
        return 0
    return len(changes_between(base, draft.book, draft.said)) or len(draft.book)


def gather(
    study: Study, draft: Draft, book: Codebook, said: Iterable[CodeChange] = (), told: str = ""
) -> None:
    """Take this into the changes, if it makes a codebook; what is said later replaces what was."""
    new = tuple(said)
    kept = tuple(
        one
        for one in draft.said
        if not any(
            one.code == other.code
            and (one.kind == other.kind or {one.kind, other.kind} <= {*OF_MEANING})
            for other in new
        )
    )
    both = (*kept, *new)
    # A code that was only noted, and is merged, split or retired again, never was.
    base = base_of(study, draft)
    ghosts = {c.id for c in book.codes if c.id not in base and c.status == "retired"}
    book = replace(book, codes=tuple(c for c in book.codes if c.id not in ghosts))
    both = tuple(one for one in both if one.code not in ghosts)
    both = tuple(replace(one, note=one.note or draft.reason(one.code)) for one in both)
    changes_between(base, book, both)
    st.session_state[DRAFT] = replace(draft, book=book, said=both)
    parts.told(told or "Noted. It is not saved yet.")
    st.rerun()


def forget() -> None:
    st.session_state.pop(DRAFT, None)


def marks(study: Study, draft: Draft) -> dict[str, str]:
    """Code → what of it is changed and not saved."""
    base = base_of(study, draft)
    if draft.book.codes == base.codes:
        return {}
    found: dict[str, list[str]] = {}
    for change in changes_between(base, draft.book, draft.said):
        words = "Changed" if change.kind in OF_MEANING else WORDS[change.kind]
        found.setdefault(change.code, []).append(words)
    return {code: ", ".join(words) for code, words in found.items()}


# -- one code ----------------------------------------------------------------------------------


def blank(book: Codebook, beside: Code | None) -> Code:
    """A new code under the theme of the one that is looked at."""
    top = beside and (beside.parent or beside.id)
    if top and book[top].status == "retired":
        top = None
    color = book[top].color if top else PALETTE[len(book.themes) % len(PALETTE)]
    order = max((code.order for code in book.codes), default=0) + 10
    return Code(id=new_id()[:8], name="", parent=top, color=color, order=order, origin="from_data")


@st.dialog("Code", width="medium", position="right")
def edit(code: Code, *, wanted: Wanted | None = None) -> None:
    """One code with all its fields; what is changed is noted and saved later with the rest."""
    with state.current_study() as study:
        draft = draft_of(study)
        book, base = draft.book, base_of(study, draft)
        if wanted is not None and wanted.wording:
            parts.note("Proposed wording, to be taken over by hand:")
            parts.quotation(wanted.wording, wanted.why)
        elif wanted is not None:
            parts.note(wanted.why)
        with st.form("codebook.edit", border=False):
            name = st.text_input("Name", code.name, max_chars=60)
            parents = {None: "At the top"} | {
                other.id: other.name
                for other in book.codes
                if other.id != code.id and (other.status != "retired" or other.id == code.parent)
            }
            parent = st.selectbox(
                "Stands under",
                list(parents),
                list(parents).index(code.parent) if code.parent in parents else 0,
                format_func=lambda key: parents[key],
            )
            codable = st.checkbox("May be put on text", code.codable)
            making = False
            if code.id not in base or code.status == "draft":
                making = st.checkbox(
                    "Still in the making: not put on text yet", code.status == "draft"
                )
            values = {
                field: st.text_area(label, getattr(code, field), height=height)
                for field, label, height in FIELDS
            }
            means = None
            if code.id in base and base[code.id].usable:
                means = st.selectbox(
                    "If the definition changes, it is",
                    OF_MEANING,
                    index=None,
                    format_func=lambda kind: MEANS[kind],
                    placeholder="Say it here or before saving",
                )
            color = st.color_picker("Colour", code.color)
            if not st.form_submit_button("Note this change", type="primary"):
                return
            with parts.problems():
                changed = replace(
                    code,
                    name=name.strip(),
                    parent=parent,
                    kind="theme" if parent is None and not codable else "code",
                    codable=codable,
                    status="draft" if making else "active",
                    color=color,
                    **{field: value.strip() for field, value in values.items()},
                )
                if code.kind == "category" and not codable:
                    changed = replace(changed, kind="category")
                if not changed.name:
                    raise BadCodebook("Give the code a name.")
                if wanted is not None:
                    draft = replace(draft, why=(*draft.why, (code.id, wanted.why)))
                said = [CodeChange(means, code.id)] if means else []
                gather(study, draft, book.with_code(changed), said)


@st.dialog("Move", width="small")
def move(code: Code) -> None:
    """Another parent, or another place among its neighbours."""
    with state.current_study() as study:
        draft = draft_of(study)
        book = draft.book
        parents = {None: "At the top"} | {
            other.id: other.name
            for other in book.codes
            if other.status != "retired" and code.id not in {c.id for c in book.path(other.id)}
        }
        parent = st.selectbox(
            "Stands under",
            list(parents),
            list(parents).index(code.parent) if code.parent in parents else 0,
            format_func=lambda key: parents[key],
            key="codebook.move.parent",
        )
        beside = [c for c in book.children(parent) if c.id != code.id and c.status != "retired"]
        before = [c.id for c in book.children(parent)]
        at = before.index(code.id) if code.id in before else len(beside)
        place = st.selectbox(
            "Place",
            range(len(beside) + 1),
            min(at, len(beside)),
            format_func=lambda n: f"After {beside[n - 1].name}" if n else "First",
            key=f"codebook.move.place.{parent}",
        )
        if st.button("Note this move", type="primary", key="codebook.move.do"):
            with parts.problems():
                gather(study, draft, moved(book, code, parent, place))


def moved(book: Codebook, code: Code, parent: str | None, place: int) -> Codebook:
    """The codebook with a code at this place among the children of a parent."""
    beside = [c for c in book.children(parent) if c.id != code.id and c.status != "retired"]
    left = beside[place - 1].order if place else None
    right = beside[place].order if place < len(beside) else None
    if left is None:
        order: int | None = right - 10 if right is not None else code.order
    elif right is None:
        order = left + 10
    else:
        order = (left + right) // 2 if right - left > 1 else None
    if order is not None:
        return book.with_code(replace(code, parent=parent, order=order))
    row = [*beside[:place], code, *beside[place:]]  # no room between the two: all are numbered anew
    return book.with_code(
        *(replace(c, parent=parent, order=10 * n) for n, c in enumerate(row, start=1))
    )


# -- several codes -----------------------------------------------------------------------------


def in_use(book: Codebook) -> dict[str, str]:
    return {code.id: code.name for code in book.codable}


def preview(study: Study, draft: Draft, book: Codebook, said: Sequence[CodeChange]) -> None:
    """What these changes would touch, before they are noted."""
    base = base_of(study, draft)
    about = {(change.kind, change.code) for change in said}
    for effected in study.effects(book, (*draft.said, *said)):
        if (effected.change.kind, effected.change.code) in about:
            parts.note(f"{sentence(effected.change, base, book)} {effected.sentence}")


@st.dialog("Merge codes", width="medium", position="right")
def merge(code: Code) -> None:
    with state.current_study() as study:
        draft = draft_of(study)
        book, names = draft.book, in_use(draft.book)
        sources = st.multiselect(
            "Codes that become one", list(names), [code.id] if code.id in names else [],
            format_func=lambda c: names[c], key="codebook.merge.codes",
        )  # fmt: skip
        into = st.selectbox(
            "They become", ["", *names], format_func=lambda c: names.get(c, "A new code"),
            key="codebook.merge.into",
        )  # fmt: skip
        name = ""
        if not into:
            name = st.text_input("Its name", max_chars=60, key="codebook.merge.name").strip()
        ready = bool(sources) and bool(into or name)
        if not ready:
            parts.note("What was coded with the merged codes counts as the new one from then on.")
        with parts.problems():
            if ready:
                first = book[sources[0]]
                new = replace(
                    blank(book, first), name=name, parent=first.parent, color=first.color,
                    order=first.order,
                )  # fmt: skip
                after, said = merged(book, sources, into or new)
                preview(study, draft, after, said)
            if st.button(
                "Note this merge", type="primary", disabled=not ready, key="codebook.merge.do"
            ):
                gather(study, draft, after, said)


@st.dialog("Split a code", width="medium", position="right")
def divide(code: Code) -> None:
    with state.current_study() as study:
        draft = draft_of(study)
        book = draft.book
        names = {id: name for id, name in in_use(book).items() if id != code.id}
        st.html(parts.chip(code))
        typed = st.text_area(
            "New codes, one on a line", height=90, key="codebook.split.new",
            placeholder="Protected time, lived\nProtected time, wished for",
        )  # fmt: skip
        others = st.multiselect(
            "Codes that are there already", list(names), format_func=lambda c: names[c],
            key="codebook.split.others",
        )  # fmt: skip
        fresh = [" ".join(line.split()) for line in typed.splitlines() if line.strip()]
        ready = bool(fresh or others)
        if not ready:
            parts.note("For each passage that was coded with it, its coder chooses which fit.")
        with parts.problems():
            if ready:
                new = [
                    replace(blank(book, code), name=name, parent=code.parent, color=code.color,
                            order=code.order)
                    for name in fresh
                ]  # fmt: skip
                after, said = split(book, code.id, (*new, *others))
                preview(study, draft, after, said)
            if st.button(
                "Note this split", type="primary", disabled=not ready, key="codebook.split.do"
            ):
                gather(study, draft, after, said)


@st.dialog("Retire or take out", width="small")
def retire(code: Code) -> None:
    """A code that is put on text no more; in a codebook nobody has used it may leave."""
    with state.current_study() as study:
        draft = draft_of(study)
        book = draft.book
        st.html(parts.chip(code))
        under = {c.id for c in book.codes if code.id in {above.id for above in book.path(c.id)}}
        gone = [c for c in book.codes if c.id in under and c.status != "retired"]
        after = book.with_code(*(replace(c, status="retired") for c in gone))
        if len(gone) > 1:
            parts.note(f"With it go {parts.count(len(gone) - 1, 'code')} that stand under it.")
        why = st.text_input("Why", max_chars=300, key="codebook.retire.why").strip()
        said = [CodeChange("retire", c.id, note=why) for c in gone]
        preview(study, draft, after, said)
        with st.container(horizontal=True), parts.problems():
            if st.button("Retire", type="primary", key="codebook.retire.do"):
                gather(study, draft, after, said)
            untouched = study.versions()[-1]["state"] == "draft" if draft.on else True
            if (untouched or code.id not in base_of(study, draft)) and st.button(
                "Take out",
                key="codebook.retire.out",
                help="The next version has it no more; possible until coding begins.",
            ):
                left = replace(book, codes=tuple(c for c in book.codes if c.id not in under))
                gather(study, draft, left)


def bring_back(study: Study, draft: Draft, code: Code) -> None:
    over = [c for c in draft.book.path(code.id) if c.status == "retired"]
    gather(study, draft, draft.book.with_code(*(replace(c, status="active") for c in over)))


# -- a file ------------------------------------------------------------------------------------


def import_file(study: Study, draft: Draft) -> None:
    """A codebook file as the next version, its differences looked at first."""
    file = st.file_uploader(
        "Codebook as CSV",
        type=["csv"],
        key=f"codebook.file.{st.session_state.get(BATCH, 0)}",
        help="The columns are those of the CSV that can be downloaded here.",
    )
    if file is None:
        return
    base, read = base_of(study, draft), read_codebook(file.name, file.getvalue())
    missing = [code for code in base.codes if code.id not in read]
    if missing and st.radio(
        f"{parts.count(len(missing), 'code is', 'codes are')} not in the file",
        [KEPT, LEFT_OUT],
        key="codebook.file.missing",
        help="Once coding has begun, codes are retired and stay in the codebook.",
    ) == KEPT:  # fmt: skip
        read = keeping_all(base, read)
    book = replace(read, version=base.version)
    found = changes_between(base, book)
    parts.note(f"{codebook_views.size(book)}; {parts.count(len(found), 'change')}.")
    if noted(study, draft):
        parts.note("Your changes that are not saved are replaced by those of the file.")
    if st.button("Look at the changes", type="primary", key="codebook.import"):
        st.session_state[BATCH] = st.session_state.get(BATCH, 0) + 1
        st.session_state[SHOW] = "changes"
        note = f"read from {file.name[:80]}"
        st.session_state["codebook.note"] = note
        gather(study, replace(draft, said=()), book, told="Read. Nothing is saved yet.")


# -- looked at and saved -----------------------------------------------------------------------


def bar(number: int) -> None:
    """On every view: that there are changes, and the way to them."""
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key="codebook_bar"
    ):
        words = parts.count(number, "change is", "changes are")
        st.markdown(f"{words} not saved.", width="content")
        st.space("stretch")
        st.button(
            "Look and save", icon=":material/preview:", type="primary", key="codebook.look",
            on_click=lambda: st.session_state.update({VIEW: "changes"}),
        )  # fmt: skip


def review(study: Study, draft: Draft) -> None:
    """The change table with what each change touches; saved as one version, or dropped."""
    base = base_of(study, draft)
    if draft.book.codes == base.codes:
        parts.nothing_yet(
            "Nothing is changed. Edit, add, merge, split, move or retire codes under “Codes”, or "
            "import a changed file; what it touches is shown here before it is saved."
        )
        return
    newest = study.codebook().version
    if draft.on and newest != draft.on:
        st.warning(
            f"Version {newest} was kept meanwhile. Your changes rest on version {draft.on}: note "
            "them, drop them, and make them anew."
        )
    found = () if draft.on and newest != draft.on else study.effects(draft.book, draft.said)
    unsaid = [e.change.code for e in found if is_unsaid(draft, e.change)]
    if found:
        parts.note(
            f"{parts.count(len(found), 'change')} against version {draft.on}, saved together as "
            "one version."
        )
    if unseen := max((e.unseen for e in found), default=0):
        parts.note(
            f"Not counted: what is on {parts.count(unseen, 'transcript')} that somebody still "
            "codes, since it is closed to you."
        )
    for number, effected in enumerate(found):
        row(study, draft, base, effected, number)
    if not len(base):
        parts.note(f"The first version: {codebook_views.size(draft.book)}.")
    save(study, draft, found, unsaid)


def is_unsaid(draft: Draft, change: CodeChange) -> bool:
    """Whether a definition changed of which nobody has said what became of it."""
    told = {one.code for one in draft.said if one.kind in OF_MEANING}
    usable = {code.id for code in draft.book.codable}
    return change.kind == "redefine" and change.code in usable - told


def row(study: Study, draft: Draft, base: Codebook, effected: Effected, number: int) -> None:
    """One change: what, the words, what it touches, what it is, and the way to take it back."""
    change = effected.change
    with st.container(border=True, key=f"codebook_change_{number}"):
        left, right = st.columns([5, 4], gap="large")
        with left:
            head = "" if is_unsaid(draft, change) else sentence(change, base, draft.book)
            name = draft.book[change.code].name if change.code in draft.book else change.code
            st.markdown(f"**{parts.plain(head or f'“{name}” has another definition.')}**")
            if note := change.note or draft.reason(change.code):
                parts.note(note)
            fields = {"look": ("example",)}.get(change.kind, MEANING)
            if change.kind == "look" or change.kind in OF_MEANING:
                words = codebook_views.difference(
                    base[change.code], draft.book[change.code], fields
                )
                if words:
                    st.html(words)
        with right:
            if change.kind in OF_MEANING and draft.book[change.code].usable:
                say(study, draft, change)
            parts.note(effected.sentence)
            for theme in effected.themes:
                parts.note(f"Used by the theme “{theme}”.")
            key = f"codebook.back.{number}"
            if st.button("Take back", key=key, icon=":material/undo:", type="tertiary"):
                with parts.problems():
                    book, said = without(base, draft.book, draft.said, change)
                    gather(study, replace(draft, said=()), book, said, "Taken back.")


def say(study: Study, draft: Draft, change: CodeChange) -> None:
    """What a changed definition is; each answer shows at once what it touches."""
    answer = st.selectbox(
        "The definition is",
        OF_MEANING,
        None if is_unsaid(draft, change) else OF_MEANING.index(change.kind),
        format_func=lambda kind: MEANS[kind],
        placeholder="Say what became of it",
        key=f"codebook.means.{change.code}.{change.kind}",
    )
    if answer and (answer != change.kind or is_unsaid(draft, change)):
        with parts.problems():
            told = CodeChange(answer, change.code, note=draft.reason(change.code))
            gather(study, draft, draft.book, [told], WORDS[answer] + ".")


def save(study: Study, draft: Draft, found: Sequence[Effected], unsaid: Sequence[str]) -> None:
    going = {
        theme
        for effected in found
        if effected.change.kind in ("retire", "split")
        for theme in effected.themes
    }
    meant = False
    if going:
        names = " and ".join(f"“{theme}”" for theme in sorted(going))
        meant = st.checkbox(
            f"The code may go although it is used by {parts.plain(names)}", key="codebook.despite"
        )
    note = st.text_input(
        "Note for this version", max_chars=300, key="codebook.note",
        placeholder="Why it was changed",
    ).strip()  # fmt: skip
    if unsaid:
        parts.note("Say of each changed definition what became of it; then it can be saved.")
    with st.container(horizontal=True):
        wanted = st.button(
            "Save as a new version",
            type="primary",
            key="codebook.save",
            disabled=bool(unsaid) or bool(going and not meant),
        )
        if st.button("Drop all changes", key="codebook.drop", type="tertiary"):
            forget()
            parts.told("Dropped.")
            st.rerun()
    with parts.problems():
        if wanted:
            kept = study.set_codebook(
                draft.book, note=note, changes=draft.said, on=draft.on, despite_themes=meant
            )
            forget()
            st.session_state[SHOW] = "versions" if draft.on else "codes"
            st.session_state.pop("codebook.tree", None)
            parts.told(f"Saved as version {kept.version}.")
            st.rerun()
