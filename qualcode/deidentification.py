"""From hits to released texts: what is decided on each, written into the study, and signed.

The way is one: find (`scan`), decide (the key file keeps each decision), write (`write`), release
(`release`). Nothing that tells who somebody is goes into the study on that way; the decisions and
the log are in the key file, and the log is written before the text, so that a name taken out of a
text is never lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import regex

from qualcode.errors import BadCommand, NotAllowed
from qualcode.model import Removal, Transcript
from qualcode.privacy import (
    Decision,
    Elsewhere,
    Entry,
    Hit,
    Kept,
    KeyFile,
    Rules,
    assigned,
    find_identifiers,
    log,
    names_elsewhere,
    names_from,
    pseudonymise,
)
from qualcode.privacy.keyfile import ENDING as KEY_ENDING
from qualcode.privacy.names import folded, untitled
from qualcode.privacy.pseudonyms import REMOVED, STYLES, Action, Style
from qualcode.revision import Revision
from qualcode.store import Study

REASON = "Names replaced"
"""The reason of a text version that this module makes; it stands in the record."""


@dataclass(frozen=True)
class Scan:
    """What was found in one transcript: hits in its text, and names that stand beside it."""

    transcript: Transcript
    hits: tuple[Hit, ...]
    beside: tuple[Elsewhere, ...]


@dataclass(frozen=True)
class Progress:
    """How far one transcript is.

    ``undecided`` and ``decided`` are hits in the text, ``unwritten`` those of the decided that are
    to be replaced; ``beside`` are names beside the text that nobody has seen to.
    """

    transcript: str
    title: str
    undecided: int
    decided: int
    unwritten: int
    beside: int

    @property
    def is_clean(self) -> bool:
        """True where nothing is left to decide or to write: the text can be released."""
        return not (self.undecided or self.unwritten or self.beside)


def key_path(study: Study) -> tuple[str, str]:
    """The folder and the name of a study's key file: beside it, under its name."""
    whole = study.path.resolve()
    return str(whole.parent), f"{whole.stem}{KEY_ENDING}"


def scan(transcript: Transcript, key: KeyFile, *, entities: bool = True) -> Scan:
    """What in this transcript, and beside it, may tell who somebody is.

    What stands there as a replacement already is no hit.
    """
    names = names_from(key.names)
    rules = Rules(language=transcript.language or "en", entities=entities)
    # Names decided on beside the list, so that Helen in P05 is found once Helen Okafor is known.
    made = {folded(entry.replacement)[0] for entry in key.entries}
    hits = tuple(
        hit
        for hit in find_identifiers(transcript, names=names, allow=key.allowed, rules=rules)
        if folded(untitled(hit.text)[1])[0] not in made and folded(hit.text)[0] not in made
    )
    beside = names_elsewhere(transcript, names=names, allow=key.allowed, rules=rules)
    return Scan(transcript, hits, beside)


def beside_id(transcript: Transcript, beside: Elsewhere) -> str:
    """By which the key file knows that a name beside a text may stay."""
    parts = ("beside", transcript.id, beside.where, beside.text)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def progress(found: Scan, key: KeyFile) -> Progress:
    """How far this transcript is."""
    kept = key.kept
    done = [kept[hit.id] for hit in found.hits if hit.id in kept]
    return Progress(
        transcript=found.transcript.id,
        title=found.transcript.title,
        undecided=len(found.hits) - len(done),
        decided=len(done),
        unwritten=sum(each.action != "keep" for each in done),
        beside=len(open_beside(found, key)),
    )


def open_beside(found: Scan, key: KeyFile) -> tuple[Elsewhere, ...]:
    """Names beside the text that nobody has said may stay."""
    return tuple(each for each in found.beside if beside_id(found.transcript, each) not in key.kept)


# -- deciding ----------------------------------------------------------------------------------


def same_words(hit: Hit, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits of this kind with the same words, capitals and accents aside, this one included."""
    words = folded(hit.text)[0]
    return tuple(each for each in hits if each.kind == hit.kind and folded(each.text)[0] == words)


def decide(
    key: KeyFile,
    hits: Iterable[Hit],
    action: Action,
    *,
    who: str,
    at: str,
    label: str = "",
    exactly: str = "",
) -> None:
    """Keep one decision for these hits in the key file; nonsense is refused before."""
    decided: dict[str, Kept | None] = {}
    for hit in hits:
        Decision(hit, action, label=label, exactly=exactly)
        decided[hit.id] = Kept(
            transcript=hit.transcript,
            start=hit.span.start,
            text=hit.text,
            action=action,
            label=label,
            exactly=exactly,
            who=who,
            at=at,
        )
    key.keep(decided)


def decisions(found: Sequence[Scan], key: KeyFile) -> list[Decision]:
    """What is decided on the hits of these transcripts, the first decided first."""
    kept = key.kept
    made = [_decision(hit, kept[hit.id]) for each in found for hit in each.hits if hit.id in kept]
    return sorted(made, key=lambda decision: decision.at)


def _decision(hit: Hit, kept: Kept) -> Decision:
    action: Action = "keep"
    if kept.action in ("replace", "remove"):
        action = "replace" if kept.action == "replace" else "remove"
    return Decision(
        hit, action, kept.label, kept.subject, kept.exactly, who=kept.who, at=kept.at
    )  # fmt: skip


def style_of(key: KeyFile) -> Style:
    """How this study replaces people."""
    return next((style for style in STYLES if style == key.style), "bracket")


def replacements(found: Sequence[Scan], key: KeyFile) -> dict[str, str]:
    """Who or what is meant → what will stand in its place, the same in all transcripts.

    What was decided comes first; hits that are undecided follow as they would be replaced.
    """
    kept = key.kept
    waiting = [Decision(hit) for each in found for hit in each.hits if hit.id not in kept]
    return assigned(
        [*decisions(found, key), *waiting],
        style=style_of(key),
        known=key.replacements,
        avoid=[key.names, *(each.transcript.text for each in found)],
    )


# -- writing -----------------------------------------------------------------------------------


def write(
    study: Study,
    key: KeyFile,
    found: Scan,
    *,
    known: Mapping[str, str],
    beside: Mapping[Elsewhere, str] | None = None,
) -> int | None:
    """Put what was decided into the text of one transcript; its new version, None if all stays.

    The key file has the names before the text loses them. Codings on replaced words go with them.

    Parameters
    ----------
    known
        The replacements of the whole study, as `replacements` gives them.
    beside
        What stands in place of names beside the text; equal words say that a name may stay.

    Raises
    ------
    BadCommand
        Hits are undecided, or the text was changed in the meantime.
    """
    transcript, said = found.transcript, dict(beside or {})
    if undecided := progress(found, key).undecided:
        raise BadCommand(
            f"{transcript.title} has {undecided} "
            f"{'identifier' if undecided == 1 else 'identifiers'} that nobody has decided on; "
            "decide on each first."
        )
    made = decisions([found], key)
    style = style_of(key)
    speakers = {e.text: words for e, words in said.items() if e.where == "speaker" and words}
    revision = pseudonymise(transcript, made, style=style, known=known, speakers=speakers)
    revision = replace(revision, after=_beside_put(revision.after, found, said))
    entries = [
        *log(transcript, made, known, style=style),
        *(_entry(transcript, e, words, made) for e, words in said.items() if words != e.text),
    ]
    there = {_place(entry) for entry in key.entries}
    if new := [entry for entry in entries if _place(entry) not in there]:
        key.add(new)
    number = None
    if revision.after != transcript or dict(revision.after.facts) != dict(transcript.facts):
        confirmed = {each.coding.id: each.where for each in study.touched(revision)}
        number = study.revise(revision, reason=REASON, confirmed=confirmed, deidentified=True)
    key.keep(_kept_after(revision, made, said))
    return number


def _beside_put(after: Transcript, found: Scan, said: Mapping[Elsewhere, str]) -> Transcript:
    """The transcript with the names beside its text replaced; its speakers are done already."""
    changed = {e: words for e, words in said.items() if words != e.text}
    out = {each.text for each in changed if each.where == "left out"}
    # A label that is replaced also stands in what the reader left out.
    labels = [each.text for each in changed if each.where == "speaker"]
    out |= {
        removal.text
        for removal in after.removals
        if any(label and label in removal.text for label in labels)
        or any(hit.text in removal.text for hit in found.hits)
    }
    facts = dict(after.facts)
    title, source = after.title, after.source_name
    for each, words in changed.items():
        if each.where == "title":
            title = words or title
        elif each.where == "file name":
            source = words
        elif each.where.startswith("fact "):
            facts[each.where.removeprefix("fact ")] = words
    return replace(
        after,
        title=title,
        source_name=source,
        facts={name: value for name, value in facts.items() if value},
        removals=tuple(
            Removal(REMOVED, each.reason) if each.text in out else each for each in after.removals
        ),
    )


def _entry(
    transcript: Transcript, beside: Elsewhere, words: str, made: Iterable[Decision]
) -> Entry:
    last = next(iter(made), None)
    return Entry(
        subject=f"{beside.where}: {folded(beside.text)[0]}",
        name=beside.text,
        replacement=words,
        kind="A",
        who=last.who if last else "",
        at=last.at if last else "",
        transcript=transcript.id,
        start=0,
        end=0,
        text_sha256=transcript.sha256,
    )


def _place(entry: Entry) -> tuple[object, ...]:
    return (entry.transcript, entry.start, entry.end, entry.text_sha256, entry.name)


def _kept_after(
    revision: Revision, made: Iterable[Decision], said: Mapping[Elsewhere, str]
) -> dict[str, Kept | None]:
    """The decisions as they are known on the new text: what stays, stays decided."""
    laid: dict[str, Kept | None] = {}
    for each in made:
        laid[each.hit.id] = None
    for each in made:
        moved = revision.moved(each.hit.span)
        if each.action == "keep" and moved is not None:
            hit = replace(each.hit, span=moved)
            laid[hit.id] = Kept(
                hit.transcript, moved.start, hit.text, "keep", who=each.who, at=each.at
            )
    for beside, words in said.items():
        if words == beside.text:
            laid[beside_id(revision.after, beside)] = Kept(
                revision.after.id, -1, beside.text, "keep"
            )
    return laid


def proposed_beside(transcript: Transcript, beside: Elsewhere) -> str:
    """What would stand in place of a name beside the text; “” takes it out."""
    if beside.where == "speaker":
        roles = {turn.speaker: turn.role for turn in transcript.turns}
        role = roles.get(beside.text, "other")
        alike = [speaker for speaker, each in roles.items() if each == role]
        if role == "participant" and len(alike) == 1 and not _names(transcript.person, beside):
            return transcript.person
        number = f" {alike.index(beside.text) + 1}" if len(alike) > 1 else ""
        return f"{'Speaker' if role == 'other' else role.capitalize()}{number}"
    if beside.where == "file name":
        title = "interview" if _names(beside.text, beside) and _names(
            transcript.title, Elsewhere("", untitled(beside.text)[1])
        ) else transcript.title  # fmt: skip
        return f"{title}.{transcript.source_format}" if transcript.source_format else title
    if beside.where == "title":
        return transcript.person if transcript.person != beside.text else ""
    return "" if beside.where.startswith("fact ") else REMOVED


def _names(words: str, beside: Elsewhere) -> bool:
    """Whether some word of a name stands in these words."""
    there = set(regex.findall(r"\p{L}{2,}", folded(words)[0]))
    return bool(there & set(regex.findall(r"\p{L}{2,}", folded(beside.text)[0])))


# -- releasing ---------------------------------------------------------------------------------


def release(study: Study, key: KeyFile, found: Scan, *, signed: str) -> int:
    """Sign one transcript for the coders; the number of the version released.

    Raises
    ------
    NotAllowed
        Something is undecided, or decided and not written into the text.
    """
    now = progress(found, key)
    if now.unwritten or now.beside:
        raise NotAllowed(
            f"{now.title} has {now.unwritten + now.beside} "
            f"{'name' if now.unwritten + now.beside == 1 else 'names'} still to be replaced, in "
            "its text or beside it; write the replacements before it is released."
        )
    written = {_place(e) for e in key.entries if e.transcript == found.transcript.id}
    return study.release(
        found.transcript.id,
        signed=signed,
        found=len(written) + now.decided,
        undecided=now.undecided,
    )
