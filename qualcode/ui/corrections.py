"""A transcript corrected after coding: a file handed in, its changes shown, then put in place.

Nothing is changed before each coding on changed words that the person may see has its answer.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

import streamlit as st

from qualcode.errors import BadCommand
from qualcode.model import CONSENSUS, Transcript
from qualcode.revision import Edit, Revision, Touched, compared
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.transcripts import FORMATS, MAX_FILE_BYTES, with_roles
from qualcode.ui import parts
from qualcode.ui.uploads import read

MOST_CHANGES = 60
AROUND = 40
GOES, OUT = "Goes to the new words", "Is taken out"


def may_correct(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "steward"})


def correct(study: Study, transcript: Transcript) -> None:
    """Hand in a corrected file for this transcript."""
    turned = st.session_state.get(f"corrections.done.{transcript.id}", 0)
    with st.expander("Correct this transcript"):
        parts.note(
            "A corrected text is a new version. Every coding moves with its words, those that were "
            "submitted too; where the words of a coding changed you are asked first."
        )
        _versions(study, transcript)
        file = st.file_uploader(
            "Corrected file",
            type=list(FORMATS),
            max_upload_size=MAX_FILE_BYTES // 2**20,
            key=f"corrections.file.{transcript.id}.{turned}",
            help="The whole interview once more, in any format that can be added.",
        )
        if file is None:
            return
        with parts.problems():
            revision = _compared(transcript, file.name, file.getvalue())
            if _show(study, revision, f"{transcript.id}.{file.file_id}"):
                st.session_state[f"corrections.done.{transcript.id}"] = turned + 1
                st.rerun()


def _versions(study: Study, transcript: Transcript) -> None:
    """The versions there are, and for a steward the words of the earlier ones."""
    versions = study.text_versions(transcript.id)
    if len(versions) == 1:
        return
    st.dataframe(
        [
            {
                "Version": v.number,
                "Made by": v.made_by or "–",
                "When": v.made_at[:16].replace("T", " "),
                "Why": v.reason or "as it was added",
            }
            for v in versions
        ],
        hide_index=True,
        alt="The versions of this text",
    )
    if study.seat is not None and "steward" not in study.seat.roles:
        return
    earlier = st.selectbox(
        "Read an earlier version",
        [v.number for v in versions[:-1]],
        None,
        format_func=lambda number: f"Version {number}",
        key=f"corrections.earlier.{transcript.id}",
        width=260,
    )
    if earlier is not None:
        with parts.problems():
            text = study.earlier_text(transcript.id, earlier)
            st.html(
                '<div class="ui-scroll" role="region" tabindex="0" '
                f'aria-label="Version {earlier}"><p class="ui-passage" dir="auto">'
                f"{html.escape(text)}</p></div>"
            )


def _compared(transcript: Transcript, name: str, data: bytes) -> Revision:
    """The corrected file beside the text; speakers known here keep their roles."""
    found = read(name, data, {})
    if isinstance(found, str):
        raise BadCommand(found)
    if len(found.transcripts) != 1:
        raise BadCommand(
            f"{name} holds {parts.count(len(found.transcripts), 'interview')}; hand in a file "
            f"with {transcript.title} alone."
        )
    (corrected,) = found.transcripts
    roles = {turn.speaker: turn.role for turn in transcript.turns}
    speakers = {turn.speaker for turn in corrected.turns}
    if known := {speaker: roles[speaker] for speaker in speakers & roles.keys()}:
        corrected = with_roles(corrected, known)
    return compared(transcript, corrected)


def _show(study: Study, revision: Revision, key: str) -> bool:
    """The changes, what they touch, and the button; True once the text is in its place."""
    before, after = revision.before, revision.after
    if before.text == after.text and before.turns == after.turns:
        st.info("This file says the same as the text here; there is nothing to correct.")
        return False
    places = parts.count(len(revision.edits), "changed place")
    st.markdown(f"**{places}**, version {len(study.text_versions(before.id)) + 1}")
    if len(before.turns) != len(after.turns):
        parts.note(f"There are {len(after.turns)} turns where there were {len(before.turns)}.")
    if _much_is_new(revision):
        st.warning(
            "Most of the text would change. Is this the file of another interview?",
            icon=":material/warning:",
        )
    st.html(
        '<div class="ui-scroll" role="region" tabindex="0" aria-label="Changed places">'
        + "".join(
            f'<p class="ui-passage" dir="auto">{change}</p>'
            for change in changes(revision, revision.edits[:MOST_CHANGES])
        )
        + "</div>"
    )
    if len(revision.edits) > MOST_CHANGES:
        parts.note(f"The first {MOST_CHANGES} are shown.")
    touched = study.touched(revision)
    answers = _answers(study, touched, key)
    parts.note(
        "Work that is not open to you moves to the nearest place without being shown: a coder at "
        "work finds it marked as uncertain, and what was submitted waits here to be confirmed."
    )
    if study.holds_texts_back:
        parts.note(
            "Coders read released texts only: the corrected text waits on the page Identifiers to "
            "be released again."
        )
    reason = st.text_input("Why it is corrected", max_chars=500, key=f"corrections.why.{key}")
    names = st.checkbox(
        "The old words identify somebody: keep no earlier version of this text",
        key=f"corrections.names.{key}",
        help="Copies of the study made before still hold them, until the rule takes those away.",
    )
    undecided = len(touched) - len(answers)
    if undecided:
        parts.note(f"{parts.count(undecided, 'coding')} still to be decided.")
    pressed = st.button(
        "Put the corrected text in place",
        type="primary",
        disabled=bool(undecided) or not reason.strip(),
        key=f"corrections.go.{key}",
    )
    if not pressed:
        return False
    number = study.revise(revision, reason=reason, confirmed=answers, keep_old=not names)
    parts.told(f"{after.title} is at version {number}; every coding moved with it.")
    return True


def _much_is_new(revision: Revision) -> bool:
    changed = sum(edit.end - edit.start for edit in revision.edits)
    return changed > len(revision.before.text) / 2


def changes(revision: Revision, edits: Iterable[Edit]) -> Iterable[str]:
    """Each change with the words around it, as HTML."""
    text = revision.before.text
    for edit in edits:
        # Cut at a space where there is one, so that no word stands there by half.
        before = text[max(0, edit.start - AROUND) : edit.start]
        before = before.partition(" ")[2] or before
        after = text[edit.end : edit.end + AROUND]
        after = after.rpartition(" ")[0] or after
        old, new = text[edit.start : edit.end], edit.text
        yield (
            f"… {html.escape(before)}"
            + (f"<del>{html.escape(old)}</del>" if old else "")
            + (f"<ins>{html.escape(new)}</ins>" if new else "")
            + f"{html.escape(after)} …"
        )


def between(old: str, new: str) -> str:
    """The words of a coding before and after as one passage, with what changed marked in it."""
    pieces, end = [], 0
    for edit in compared(Transcript("old", old, ()), Transcript("new", new, ())).edits:
        pieces.append(html.escape(old[end : edit.start]))
        if edit.end > edit.start:
            pieces.append(f"<del>{html.escape(old[edit.start : edit.end])}</del>")
        if edit.text:
            pieces.append(f"<ins>{html.escape(edit.text)}</ins>")
        end = edit.end
    pieces.append(html.escape(old[end:]))
    return f'<p class="ui-passage" dir="auto">{"".join(pieces)}</p>'


def _answers(study: Study, touched: Iterable[Touched], key: str) -> dict[str, Span | None]:
    """Coding id → what was decided, for those decided on."""
    touched = tuple(touched)
    if not touched:
        return {}
    codes = {code.id: code for code in study.codebook().codes}
    labels = {**parts.coder_labels(study), CONSENSUS: "Consensus"}
    st.markdown(f"**{parts.count(len(touched), 'coding')} on changed words**")
    answers: dict[str, Span | None] = {}
    for each in touched:
        coding = each.coding
        with st.container(border=True):
            st.html(
                parts.chip(codes.get(coding.code), coding.code, labels.get(coding.coder, ""))
                + between(each.old_words, each.new_words)
                + ("" if each.where else '<p class="ui-note">Nothing is left of these words.</p>')
            )
            answer = st.radio(
                "This coding",
                [GOES, OUT] if each.where else [OUT],
                index=None,
                horizontal=True,
                key=f"corrections.answer.{key}.{coding.id}",
            )
            if answer is not None:
                answers[coding.id] = each.where if answer == GOES else None
    return answers


def waiting(study: Study) -> None:
    """Submitted codings that were moved unseen: somebody looks at them when the round is open."""
    if study.seat is not None and not study.seat.is_lead:
        return
    found = study.unconfirmed()
    if not found:
        return
    codes = {code.id: code for code in study.codebook().codes}
    labels, titles = parts.coder_labels(study), study.titles()
    with st.expander(f"Codings on changed words, to be confirmed: {len(found)}"):
        parts.note(
            "A correction moved these while they were closed, or another coding of the same code "
            "stood where they would have gone. If one does not hold, reopen the transcript for "
            "its coder."
        )
        for each in found:
            coding = each.coding
            with st.container(border=True):
                st.html(
                    parts.chip(codes.get(coding.code), coding.code, labels.get(coding.coder, ""))
                    + f'<p class="ui-note">{html.escape(titles[coding.transcript])}, '
                    f"version {each.number}</p>"
                    + between(each.old_words or coding.quote, coding.quote)
                )
                key = f"corrections.holds.{coding.id}.{each.number}"
                if st.button("It holds", key=key):
                    with parts.problems():
                        study.confirm(coding.id)
                        parts.told("Confirmed.")
                        st.rerun()
