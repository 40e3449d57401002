"""What the page of identifiers shows: a hit in its words, the lists of names, releases, copies."""

from __future__ import annotations

import hashlib
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from qualcode.deidentification import (
    REASON,
    Progress,
    Scan,
    beside_id,
    open_beside,
    progress,
    proposed_beside,
    release,
    replacements,
    scan,
    write,
)
from qualcode.errors import BadCommand
from qualcode.languages import direction
from qualcode.privacy import KINDS, Elsewhere, Hit, Kept, KeyFile, names_from, said
from qualcode.privacy.pseudonyms import REMOVED
from qualcode.store import Study, backups
from qualcode.ui import keys, parts, state

LAYER_NAMES = {
    "list": "the study’s list",
    "pattern": "a pattern",
    "entity": "the name recogniser",
}
STYLE_NAMES = {
    "bracket": "A word in brackets, as [colleague 1]",
    "pseudonym": "Pseudonyms for people, brackets for all else",
}
SCANS = "identifiers.scans"
AROUND = 420


@dataclass(frozen=True)
class Table:
    """What is on the table: the study, its key, what was found, what would stand in its place."""

    study: Study
    key: KeyFile
    found: tuple[Scan, ...]
    known: dict[str, str]

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(hit for each in self.found for hit in each.hits)

    @property
    def titles(self) -> dict[str, str]:
        return {each.transcript.id: each.transcript.title for each in self.found}

    def of(self, hit: Hit) -> Scan:
        return next(each for each in self.found if each.transcript.id == hit.transcript)

    def progress(self) -> list[Progress]:
        return [progress(each, self.key) for each in self.found]

    def proposed(self, hit: Hit) -> str:
        """What would stand in place of this hit."""
        return self.known.get(hit.subject, "") or f"[{hit.suggestion}]"

    def told(self, hit: Hit) -> str:
        """What was decided on it, in words."""
        kept = self.key.kept.get(hit.id)
        if kept is None:
            return "–"
        if kept.action == "keep":
            return "stays"
        return REMOVED if kept.action == "remove" else kept.exactly or self.proposed(hit)


def read(study: Study, key: KeyFile) -> Table:
    """Look into all texts; what was looked into in this session is not looked into again."""
    transcripts = study.transcripts()
    before = st.session_state.get(SCANS, {})
    asked = repr((key.names, key.allowed, sorted({e.replacement for e in key.entries})))
    now: dict[str, Scan] = {}
    new = []
    for transcript in transcripts:
        words = repr((transcript, sorted(transcript.facts.items()), asked))
        mark = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
        if mark in before:
            now[mark] = before[mark]
        else:
            new.append((mark, transcript))
            now[mark] = Scan(transcript, (), ())
    if new:
        bar = st.progress(0.0, "Looking for identifiers")
        for number, (mark, transcript) in enumerate(new, start=1):
            now[mark] = scan(transcript, key)
            bar.progress(number / len(new), f"{number} of {len(new)} transcripts looked into")
        bar.empty()
    st.session_state[SCANS] = now
    found = tuple(now.values())
    return Table(study, key, found, replacements(found, key))


# -- a hit -------------------------------------------------------------------------------------


def words(table: Table, hit: Hit) -> None:
    """The hit in its turn, with the words around it."""
    transcript = table.of(hit).transcript
    turn = next((t for t in transcript.turns if t.span.overlap(hit.span) > 0), None)
    within = turn.span if turn else None
    start = max(within.start if within else 0, hit.span.start - AROUND)
    end = min(within.end if within else len(transcript.text), hit.span.end + AROUND)
    before, after = transcript.text[start : hit.span.start], transcript.text[hit.span.end : end]
    if within and start > within.start:
        before = "… " + (before.partition(" ")[2] or before)
    if within and end < within.end:
        after = (after.rpartition(" ")[0] or after) + " …"
    # The stretch may begin with a word of another script; the whole turn tells its direction.
    way = direction(transcript.text[within.slice] if within else transcript.text)
    # Who spoke may be a name of its own; it is decided on beside the text.
    speaker = html.escape(turn.speaker if turn and turn.speaker else "Speaker")
    st.html(
        f'<p class="ui-kicker">{html.escape(transcript.title)}</p>'
        f'<p class="ui-who">{speaker}</p>'
        f'<p class="ui-passage" dir="{way}" style="--ui-hue:#b3541e">{html.escape(before)}'
        f"<mark><bdi>{html.escape(hit.text)}</bdi></mark>{html.escape(after)}</p>"
    )


def about(hit: Hit) -> None:
    """What kind it is by the safe-harbour list, and which layer found it."""
    sure = "" if hit.confidence >= 0.7 else " It may well be none."
    st.html(
        f'<p class="ui-identifier"><b>{hit.kind}</b> {html.escape(KINDS[hit.kind])}</p>'
        f'<p class="ui-note">Found by {LAYER_NAMES[hit.layer]}: '
        f"<bdi>{html.escape(hit.reason)}</bdi>.{sure}</p>"
    )


def frame(table: Table, hits: Sequence[Hit]) -> pd.DataFrame:
    titles = table.titles
    return pd.DataFrame(
        [
            {
                "Transcript": titles[hit.transcript],
                "Words": hit.text,
                "Kind": f"{hit.kind} {KINDS[hit.kind]}",
                "Found by": LAYER_NAMES[hit.layer],
                "Decision": table.told(hit),
            }
            for hit in hits
        ],
        columns=["Transcript", "Words", "Kind", "Found by", "Decision"],
    )


def state_of(table: Table, each: Progress) -> str:
    """Where a transcript is on its way to the coders, in words."""
    released = table.study.releases().get(each.transcript)
    if not each.is_clean:
        to_do = [
            f"{each.undecided} to decide" if each.undecided else "",
            f"{each.unwritten} to write" if each.unwritten else "",
            f"{each.beside} beside the text" if each.beside else "",
        ]
        words = ", ".join(filter(None, to_do))
        return f"{words} (released)" if released else words
    if released is None:
        return "ready to be released" if table.study.holds_texts_back else "clean"
    return f"released by {released.signed}, {released.released_at[:10]}"


def by_transcript(table: Table) -> None:
    """Progress, a line a transcript."""
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Transcript": each.title,
                    "Decided": (
                        each.decided / (each.decided + each.undecided) if each.decided else 0.0
                    )
                    if each.decided + each.undecided
                    else 1.0,
                    "Places": each.decided + each.undecided,
                    "State": state_of(table, each),
                }
                for each in table.progress()
            ]
        ),
        hide_index=True,
        column_config={
            "Decided": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1, width="small"
            ),
            "State": st.column_config.TextColumn(width="large"),
        },
        key="identifiers.progress",
        alt="How far each transcript is",
    )


# -- names and style ---------------------------------------------------------------------------


def names(table: Table) -> None:
    """The study's own list, kept in the key and nowhere else."""
    key = table.key
    turn = st.session_state.get("identifiers.names.turn", 0)
    file = st.file_uploader(
        "A list of names as a text file",
        type=["txt", "csv"],
        max_upload_size=2,
        key=f"identifiers.names.file.{turn}",
        help="It is read into the box below and kept when you save; the file itself is not kept.",
    )
    begun = key.names
    if file is not None:
        try:
            begun = "\n".join([*key.names.splitlines(), *_lines(file.getvalue(), key.names)])
        except UnicodeDecodeError as error:
            raise BadCommand(
                f"{file.name} is not UTF-8 text; save the list of names as plain text in UTF-8."
            ) from error
    with st.form(f"identifiers.names.{turn}.{file.file_id if file else ''}", border=False):
        typed = st.text_area(
            "The study’s own list",
            begun,
            height=220,
            max_chars=200_000,
            placeholder="Helen Okafor; mentor\nSt. Brendan’s; hospital; B; Brendan’s, SBH",
            help="A name a line, then, where needed: a word for it; the kind (A to R); other forms "
            "with commas between. Team, participants, mentors, chiefs, sites.",
        )
        allowed = st.text_area(
            "Words that are no identifiers here",
            "\n".join(key.allowed),
            height=120,
            max_chars=50_000,
            placeholder="Tuesday list\nRiver Room",
            help="A word or phrase a line; they are not shown any more.",
        )
        style = st.radio(
            "People become",
            list(STYLE_NAMES),
            list(STYLE_NAMES).index(key.style) if key.style in STYLE_NAMES else 0,
            format_func=STYLE_NAMES.get,
            help="One person has one replacement in all transcripts; who has one keeps it.",
        )
        if st.form_submit_button("Save", type="primary"):
            count = len(names_from(typed))
            key.set_names(typed, allowed=allowed)
            if style != key.style:
                key.set_style(style)
            st.session_state["identifiers.names.turn"] = turn + 1
            parts.told(f"{parts.count(count, 'name')} on the list; the texts are read again.")
            st.rerun()
    parts.note("The list is kept in the key file, encrypted, and never in the study.")


def _lines(data: bytes, known: str) -> list[str]:
    there = {line.strip() for line in known.splitlines()}
    return [
        line.strip()
        for line in data.decode("utf-8-sig").splitlines()
        if line.strip() and line.strip() not in there
    ]


# -- writing and releasing ---------------------------------------------------------------------


def writing(table: Table) -> None:
    """Names beside the texts, and the button that puts the replacements in."""
    ready = [
        each for each in table.progress() if not each.undecided and (each.unwritten or each.beside)
    ]
    waiting = [each for each in table.progress() if each.undecided]
    st.subheader("Write the replacements", anchor=False)
    if not ready:
        parts.note(
            f"{parts.count(len(waiting), 'transcript')} still with something to decide."
            if waiting
            else "Everything that was decided stands in the texts."
        )
        return
    with st.form("identifiers.write", border=False):
        said_of = {each.transcript: _beside(table, each) for each in ready}
        parts.note(
            "A new text version is made of each transcript; no earlier words of it stay in the "
            "study. Codings on replaced words go with them. The names go into the key first."
        )
        label = f"Write into {parts.count(len(ready), 'transcript')}"
        if not st.form_submit_button(label, type="primary"):
            return
    found = {each.transcript.id: each for each in table.found}
    for each in ready:
        write(
            table.study,
            table.key,
            found[each.transcript],
            known=table.known,
            beside=said_of[each.transcript],
        )
    parts.told(f"{parts.count(len(ready), 'transcript')} rewritten.")
    st.rerun()


def _beside(table: Table, each: Progress) -> dict[Elsewhere, str]:
    """What stands in place of the names beside one text, as typed."""
    found = next(scan for scan in table.found if scan.transcript.id == each.transcript)
    there = open_beside(found, table.key)
    answers: dict[Elsewhere, str] = {}
    if not there:
        return answers
    st.markdown(f"**{parts.plain(each.title)}: names beside the text**")
    for beside in there:
        proposed = proposed_beside(found.transcript, beside)
        name = f"identifiers.beside.{beside_id(found.transcript, beside)}"
        if beside.where == "left out":
            shown = " ".join(beside.text.split())[:60]
            stays = st.checkbox(
                f"Keep what was left out of the text: “{parts.plain(shown)}…”", key=name
            )
            answers[beside] = beside.text if stays else REMOVED
        else:
            where = beside.where.removeprefix("fact ").replace("_", " ")
            answers[beside] = st.text_input(
                f"{parts.plain(where.capitalize())} “{parts.plain(beside.text)}” becomes",
                proposed,
                key=name,
                max_chars=200,
                width=420,
                help="Left as it is, it stays.",
            ).strip() or ("" if where != "title" else beside.text)
    return answers


def releasing(table: Table) -> None:
    """The setting, and the signature under what is ready."""
    study = table.study
    st.subheader("Release to the coders", anchor=False)
    holds = st.toggle(
        "Coders read released texts only",
        study.holds_texts_back,
        key=f"identifiers.hold.{study.holds_texts_back}",
        help="Kept back by the study itself: on all pages, in packages, searches and downloads.",
    )
    if holds != study.holds_texts_back:
        study.hold_texts_back(holds)
        st.rerun()
    if not study.holds_texts_back:
        parts.note("Texts are not held back: coders read every transcript as it stands now.")
        return
    waiting = study.unreleased()
    ready = {
        each.transcript: each.title
        for each in table.progress()
        if each.transcript in waiting and each.is_clean
    }
    if not ready:
        left = len(waiting)
        parts.note(
            f"{parts.count(left, 'transcript')} not ready: something is to be decided or written."
            if left
            else "All transcripts are released as they stand."
        )
        return
    with st.form("identifiers.release", border=False):
        chosen = st.multiselect(
            "Transcripts", list(ready), default=list(ready), format_func=ready.get,
            key=f"identifiers.release.which.{len(ready)}",
        )  # fmt: skip
        signed = st.text_input("Your name", max_chars=120, width=420, key="identifiers.signed")
        parts.note(
            "The scan is an aid: what it misses a person must find. With your name you say that "
            "you have read these texts and that they may go to the coders. A text that is "
            "corrected later waits to be released again; one in which only names were replaced "
            "does not."
        )
        if not st.form_submit_button("Sign and release", type="primary"):
            return
    if not chosen:
        raise BadCommand("Choose at least one transcript to release.")
    found = {each.transcript.id: each for each in table.found}
    for place in chosen:
        release(study, table.key, found[place], signed=signed)
    parts.told(f"{parts.count(len(chosen), 'transcript')} released.")
    st.rerun()


# -- the key and the copies --------------------------------------------------------------------


def key_view(table: Table) -> None:
    """What the key holds, who opened it, and a copy of it to keep elsewhere."""
    key = table.key
    made = Counter(entry.replacement for entry in key.entries)
    parts.note(
        f"{parts.count(len(made), 'replacement')} of "
        f"{parts.count(len(key.entries), 'place')} written down; opened "
        f"{parts.count(len(key.openings), 'time')}, last by {key.openings[-1].who}."
    )
    if key.entries:
        titles = table.titles
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Name": entry.name,
                        "Replacement": entry.replacement,
                        "Kind": entry.kind,
                        "Transcript": titles.get(entry.transcript, "not here any more"),
                        "By": entry.who,
                        "When (UTC)": entry.at[:16].replace("T", " "),
                    }
                    for entry in key.entries[::-1]
                ]
            ),
            hide_index=True,
            key="identifiers.log",
            alt="The replacements that were made",
        )
    with st.container(horizontal=True):
        st.download_button(
            "Copy of the key file",
            data=key.path.read_bytes(),
            file_name=key.path.name,
            mime="application/octet-stream",
            icon=":material/download:",
            key="identifiers.key.download",
            help="Encrypted as it is; keep it apart from the study and its copies.",
            on_click=tell_download,
        )
        if st.button("Close the key", icon=":material/lock:", key="identifiers.close"):
            keys.close()
            st.rerun()


def tell_download() -> None:
    """A download of the key is an export: the history tells of it, without a name."""
    with state.current_study() as study:
        study.log("export", {"report": "key file", "format": "qualcodekey"})


def copies(table: Table) -> None:
    """What still holds the names: copies from before, exports from before."""
    study = table.study
    st.subheader("Copies from before", anchor=False)
    last = max(
        (
            version.made_at
            for place in study.titles()
            for version in study.text_versions(place)
            if version.reason == REASON
        ),
        default="",
    )
    if not last:
        parts.note("No name was replaced yet; every copy of the study holds the texts as they are.")
        return
    old = [copy for copy in study.copies() if f"{copy.at:%Y-%m-%dT%H:%M:%S}" <= last[:19]]
    exported = [line for line in study.history("export") if line["at"] <= last]
    if exported:
        parts.note(
            f"{parts.count(len(exported), 'file')} exported before the last replacement still "
            "hold what stood in the texts then; the record tells which."
        )
    if not old:
        parts.note("No copy of the study here is older than the last replacement.")
        return
    parts.note(
        f"{parts.count(len(old), 'copy', 'copies')} of the study were made before the last "
        "replacement and still hold names. They are taken away by the rule of copies in time, or "
        "here at once."
    )
    st.dataframe(
        pd.DataFrame(
            [{"Copy": backups.told(copy.at), "Kind": copy.kind, "Name": copy.name} for copy in old]
        ),
        hide_index=True,
        key="identifiers.copies",
        alt="Copies that still hold names",
    )
    with st.form("identifiers.copies.delete", border=False):
        sure = st.checkbox(
            "I know that the study cannot be brought back to these copies any more.",
            key=f"identifiers.copies.sure.{len(old)}",
        )
        if st.form_submit_button("Delete them for good"):
            if not sure:
                raise BadCommand("Tick that the study cannot be brought back to these copies.")
            study.make_copy()
            study.delete_copies(*(copy.name for copy in old))
            parts.told(f"{parts.count(len(old), 'copy', 'copies')} deleted; a new one was made.")
            st.rerun()


def recogniser_note() -> None:
    """What the third layer can do on this machine."""
    parts.note(said("en"))


def kept_before(key: KeyFile, hits: Sequence[Hit]) -> dict[str, Kept | None]:
    """What was decided on these hits until now: what an undo lays back."""
    return {hit.id: key.kept.get(hit.id) for hit in hits}
