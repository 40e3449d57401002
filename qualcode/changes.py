"""Changes of a codebook: two versions in, what changed and what it does to earlier codings out.

A comparison tells which codes came, went, moved or have other words; that two codes became one, or
that a definition grew narrower, only a person can say (``said``). The kinds are those of template
analysis: insert, delete, change of scope and of level, merge (King, 2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.distance import LCSseq

from qualcode import languages
from qualcode.codebook import MEANING, Codebook
from qualcode.errors import BadCodebook
from qualcode.model import Code

ChangeKind = Literal[
    "rename", "reword", "add", "narrow", "broaden", "redefine",
    "merge", "split", "move", "retire", "restore", "look",
]  # fmt: skip
Effect = Literal["none", "confirm", "look_again", "choose", "moved", "kept_out"]
PieceKind = Literal["same", "out", "in"]

EFFECTS: Mapping[ChangeKind, Effect] = {
    "rename": "none",
    "reword": "none",
    "add": "look_again",
    "narrow": "confirm",
    "broaden": "look_again",
    "redefine": "confirm",
    "merge": "moved",
    "split": "choose",
    "move": "none",
    "retire": "kept_out",
    "restore": "look_again",
    "look": "none",
}
"""What a change of a code that may be put on text does to the codings made before it."""
WORDS: Mapping[ChangeKind, str] = {
    "rename": "Renamed",
    "reword": "Reworded, same meaning",
    "add": "Added",
    "narrow": "Narrowed",
    "broaden": "Broadened",
    "redefine": "Another meaning",
    "merge": "Merged",
    "split": "Split",
    "move": "Moved",
    "retire": "Retired",
    "restore": "Brought back",
    "look": "Example, colour or order",
}
CONSEQUENCES: Mapping[Effect, str] = {
    "none": "Earlier codings stand as they are.",
    "confirm": "Each earlier coding is confirmed or removed by who made it.",
    "look_again": "Earlier codings stand; earlier transcripts are looked at again for this code.",
    "choose": "For each earlier coding its coder chooses which of the new codes fit.",
    "moved": "Earlier codings count as the new code; what the coders chose is kept.",
    "kept_out": "Earlier codings are kept in the record and no longer counted.",
}
OF_MEANING: tuple[ChangeKind, ...] = ("narrow", "broaden", "reword", "redefine")
"""What a person can say of a definition whose words have changed."""
LOOK_AGAIN: frozenset[ChangeKind] = frozenset({"add", "broaden", "restore", "redefine"})
"""After these, words may have to be coded that were not; a redefined code is confirmed as well."""
_LOOKS = ("kind", "example", "origin", "source_note", "facets", "color")


@dataclass(frozen=True)
class CodeChange:
    """One change of one code; ``into`` the codes that take its place in a merge or a split."""

    kind: ChangeKind
    code: str
    into: tuple[str, ...] = ()
    note: str = ""


def changes_between(
    before: Codebook, after: Codebook, said: Iterable[CodeChange] = ()
) -> tuple[CodeChange, ...]:
    """What changed from one version to the next, in the order of the codebook.

    A definition with other words counts as reworded where only case, blanks or punctuation differ
    and as redefined otherwise, unless ``said`` tells what became of it; where nothing changed,
    nothing can be said. Of a first version there is nothing to tell.

    Raises
    ------
    BadCodebook
        What was said does not fit: an unknown code, a merge into itself, a split into fewer
        than two.
    """
    said = tuple(said)
    _refuse_misfits(before, after, said)
    if not len(before):
        return ()
    told = {change.code: change for change in said if change.kind in OF_MEANING}
    replaced = {change.code for change in said if change.kind in ("merge", "split")}
    taking = {code for change in said if change.kind in ("merge", "split") for code in change.into}
    elsewhere = _out_of_order(before, after)
    found: list[CodeChange] = []
    known = {code.id: code for code in before.codes}
    for code in after.codes:
        old = known.get(code.id)
        if old is None:
            if code.id not in taking:
                found.append(CodeChange("add", code.id, note=_note(said, "add", code.id)))
            continue
        for kind in _kinds(old, code, told.get(code.id), moved=code.id in elsewhere):
            if not (kind == "retire" and code.id in replaced):
                found.append(CodeChange(kind, code.id, note=_note(said, kind, code.id)))
        found += (c for c in said if c.code == code.id and c.kind in ("merge", "split"))
    for code in before.codes:
        if code.id not in after:
            found.append(CodeChange("retire", code.id, note=_note(said, "retire", code.id)))
    return tuple(found)


def effect_of(change: CodeChange, before: Codebook, after: Codebook) -> Effect:
    """What a change does to earlier codings: none where the code was, or is, not put on text."""
    was = change.code in before and before[change.code].usable
    now = change.code in after and after[change.code].usable
    match change.kind:
        case "add" | "restore":
            counts = now
        case "merge" | "split" | "retire":
            counts = was
        case _:
            counts = was and now
    return EFFECTS[change.kind] if counts else "none"


def carried(coding_code: str, changes: Sequence[CodeChange]) -> tuple[str, ...]:
    """The codes that a coding counts as after these changes by itself, oldest change first.

    >>> carried("A", [CodeChange("merge", "A", ("C",)), CodeChange("rename", "C")])
    ('C',)
    >>> carried("A", [CodeChange("retire", "A")])
    ()
    """
    held = {coding_code: True}
    for change in changes:
        if change.code not in held:
            continue
        match change.kind:
            case "merge":
                counts = held.pop(change.code)
                held |= dict.fromkeys(change.into, counts)
            case "retire" | "split":
                held[change.code] = False
            case "restore" | "add":
                held[change.code] = True
    return tuple(code for code, counts in held.items() if counts)


# -- making changes ----------------------------------------------------------------------------


def merged(
    book: Codebook, codes: Iterable[str], into: str | Code
) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """The codebook with these codes merged into one, which may be new, and what is to be said."""
    sources = tuple(dict.fromkeys(codes))
    target = into if isinstance(into, str) else into.id
    if sources == (target,):
        raise BadCodebook(f"“{_name(book, target)}” cannot be merged into itself; choose another.")
    sources = tuple(code for code in sources if code != target)
    if not sources:
        raise BadCodebook("Choose the codes that are merged.")
    retired = [replace(book[code], status="retired") for code in sources]
    new = [] if isinstance(into, str) else [into]
    return (
        book.with_code(*retired, *new),
        tuple(CodeChange("merge", code, (target,)) for code in sources),
    )


def split(
    book: Codebook, code: str, into: Iterable[str | Code]
) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """The codebook with one code split into others, new or there already."""
    parts = tuple(into)
    targets = tuple(dict.fromkeys(part if isinstance(part, str) else part.id for part in parts))
    if code in targets:
        raise BadCodebook(
            f"“{_name(book, code)}” cannot be split into itself; to keep it, narrow it and add the "
            "other code."
        )
    if len(targets) < 2:
        raise BadCodebook(f"Splitting “{_name(book, code)}” needs two codes or more; name another.")
    new = [part for part in parts if isinstance(part, Code)]
    return (
        book.with_code(replace(book[code], status="retired"), *new),
        (CodeChange("split", code, targets),),
    )


def keeping_all(before: Codebook, after: Codebook) -> Codebook:
    """The later codebook with the codes that it left out, retired."""
    left = (replace(code, status="retired") for code in before.codes if code.id not in after)
    return after.with_code(*left)


def without(
    before: Codebook, after: Codebook, said: Iterable[CodeChange], change: CodeChange
) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """The later codebook with one of its changes taken back, and what is still to be said."""
    rest = tuple(
        one
        for one in said
        if not (one.code == change.code and _same_subject(one.kind, change.kind))
    )
    if change.code not in before:
        rest = tuple(one for one in rest if one.code != change.code)
        return _left_out(after, change.code), rest
    if change.code not in after:
        return after.with_code(before[change.code]), rest
    old, new = before[change.code], after[change.code]
    match change.kind:
        case "rename":
            back = replace(new, name=old.name)
        case "move":
            back = replace(new, parent=old.parent, order=old.order)
        case "look":
            back = replace(new, order=old.order, **{field: getattr(old, field) for field in _LOOKS})
        case "narrow" | "broaden" | "reword" | "redefine":
            back = replace(new, **{field: getattr(old, field) for field in MEANING})
        case _:
            back = replace(new, status=old.status, codable=old.codable)
    return after.with_code(back), rest


# -- in words ----------------------------------------------------------------------------------


def sentence(change: CodeChange, before: Codebook, after: Codebook) -> str:
    """A change in a sentence.

    >>> old = Codebook((Code("A", "Trust"), Code("B", "Hope")))
    >>> new, said = merged(old, ["B"], "A")
    >>> sentence(said[0], old, new)
    '“Hope” is merged into “Trust”.'
    """
    name = _name(before if change.code in before else after, change.code)
    into = " and ".join(f"“{_name(after, code)}”" for code in change.into)
    match change.kind:
        case "rename":
            return f"“{name}” is renamed “{_name(after, change.code)}”."
        case "add":
            return f"“{_name(after, change.code)}” is added."
        case "merge":
            return f"“{name}” is merged into {into}."
        case "split":
            return f"“{name}” is split into {into}."
        case "move":
            over = after[change.code].parent
            return f"“{name}” is moved {f'under “{_name(after, over)}”' if over else 'to the top'}."
        case "retire":
            gone = "retired" if change.code in after else "taken out"
            return f"“{name}” is {gone}."
        case "restore":
            return f"“{name}” is brought back."
        case "look":
            return f"“{name}” has another example, colour, order or note."
        case "narrow":
            return f"“{name}” is narrowed."
        case "broaden":
            return f"“{name}” is broadened."
        case "reword":
            return f"“{name}” is reworded and means the same."
        case "redefine":
            return f"“{name}” has another meaning."


def word_diff(before: str, after: str) -> tuple[tuple[PieceKind, str], ...]:
    """What stayed, what went out and what came in, by words.

    The pieces that are not ``in`` make up the text before, those not ``out`` the text after.

    >>> word_diff("a plan or a wish", "a plan, never a wish")
    (('same', 'a plan'), ('out', ' or'), ('in', ', never'), ('same', ' a wish'))
    """
    old, new = languages.words(before), languages.words(after)
    pieces: list[tuple[PieceKind, str]] = []
    steps = list(LCSseq.opcodes(old, new))
    out, into = "", ""
    for number, step in enumerate(steps):
        words = "".join(old[step.src_start : step.src_end])
        if step.tag != "equal":
            out += words if step.tag != "insert" else ""
            into += "".join(new[step.dest_start : step.dest_end]) if step.tag != "delete" else ""
        elif (out or into) and number < len(steps) - 1 and not _has_words(words):
            out, into = out + words, into + words  # a blank between two changes is no landmark
        else:
            pieces += _changed(out, into)
            out, into = "", ""
            pieces.append(("same", words))
    return tuple(pieces + _changed(out, into))


def _changed(out: str, into: str) -> list[tuple[PieceKind, str]]:
    found: list[tuple[PieceKind, str]] = []
    if out:
        found.append(("out", out))
    if into:
        found.append(("in", into))
    return found


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


# -- comparing ---------------------------------------------------------------------------------


def _kinds(old: Code, new: Code, told: CodeChange | None, *, moved: bool) -> Iterable[ChangeKind]:
    if old.name != new.name:
        yield "rename"
    if old.parent != new.parent:
        yield "move"
    if any(getattr(old, field) != getattr(new, field) for field in MEANING):
        yield told.kind if told else _guess(old, new)
    if old.usable and not new.usable:
        yield "retire"
    elif new.usable and not old.usable:
        yield "restore" if old.status == "retired" else "add"
    elif old.status != new.status:
        if "retired" in (old.status, new.status):
            yield "retire" if new.status == "retired" else "restore"
        else:
            yield "look"
            return
    if moved or any(getattr(old, field) != getattr(new, field) for field in _LOOKS):
        yield "look"


def _guess(old: Code, new: Code) -> ChangeKind:
    """Reworded if the same words stand there in the same order, redefined otherwise."""

    def said(code: Code) -> list[list[str]]:
        return [
            [word.casefold() for word in languages.words(getattr(code, field)) if _has_words(word)]
            for field in MEANING
        ]

    return "reword" if said(old) == said(new) else "redefine"


def _out_of_order(before: Codebook, after: Codebook) -> set[str]:
    """Codes that were put elsewhere among those that were beside them before."""
    found: set[str] = set()
    for parent in {code.parent for code in after.codes}:
        old = [code.id for code in before.children(parent) if code.id in after]
        old = [code for code in old if after[code].parent == parent]
        new = [code.id for code in after.children(parent) if code.id in set(old)]
        found |= {one for one, other in zip(old, new, strict=True) if one != other}
    return {code for code in found if after[code].order != before[code].order}


def _note(said: Iterable[CodeChange], kind: ChangeKind, code: str) -> str:
    return next((one.note for one in said if one.code == code and one.kind == kind), "")


def _same_subject(one: ChangeKind, other: ChangeKind) -> bool:
    return one == other or (one in OF_MEANING and other in OF_MEANING)


def _left_out(book: Codebook, code: str) -> Codebook:
    return replace(book, codes=tuple(other for other in book.codes if other.id != code))


def _name(book: Codebook, code: str) -> str:
    return book[code].name if code in book else code


def _refuse_misfits(before: Codebook, after: Codebook, said: Sequence[CodeChange]) -> None:
    """What a person said has to be of these two versions."""
    replaced: set[str] = set()
    for change in said:
        if change.code not in before and change.code not in after:
            raise BadCodebook(f"A change is of “{change.code}”, which is in neither codebook.")
        if change.kind not in ("merge", "split"):
            continue
        name = _name(before if change.code in before else after, change.code)
        if change.code not in before:
            raise BadCodebook(f"“{name}” is new; leave it out instead of merging or splitting it.")
        if change.code in change.into:
            raise BadCodebook(f"“{name}” cannot be put into itself; choose another code.")
        if change.kind == "split" and len(set(change.into)) < 2:
            raise BadCodebook(f"Splitting “{name}” needs two codes or more; name another.")
        if change.kind == "merge" and len(change.into) != 1:
            raise BadCodebook(f"“{name}” is merged into one code; name that code.")
        for code in change.into:
            if code not in after or not after[code].usable:
                raise BadCodebook(
                    f"“{name}” cannot go into “{_name(after, code)}”, which is not put on text; "
                    "choose a code in use."
                )
        if change.code in replaced:
            raise BadCodebook(f"“{name}” is merged or split twice; say one of it.")
        if change.code in after and after[change.code].usable:
            raise BadCodebook(
                f"“{name}” is merged or split and yet in use; it has to be retired with it."
            )
        replaced.add(change.code)
