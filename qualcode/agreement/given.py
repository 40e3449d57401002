"""What is given to a comparison: transcripts and codings in, who, where and which codes out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qualcode.agreement.units import (
    MASKS,
    UNITS,
    Layout,
    Mask,
    Passages,
    Unit,
    UnitTable,
    character_table,
    layout,
    passages,
    unit_table,
)
from qualcode.errors import BadCommand
from qualcode.model import CONSENSUS, MAIN, Code, Coding, CodingSet, Transcript

Pairs = Collection[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Tables:
    """One unit table, the characters under it, and the columns that any coder used."""

    units: UnitTable
    characters: UnitTable
    used: frozenset[int]


@dataclass(frozen=True, eq=False)
class Given:
    """One comparison before any figure: ``place`` holds the transcripts that two completed.

    ``listed`` are the codes to compare, ``used`` those that a coder used where they were complete,
    ``tree`` every code that is known, by id. ``given_to`` tells for each transcript which of the
    coders were given it, where that is known; ``left_out`` why a transcript does not count though
    it was submitted. ``round`` is the round whose codings these are.
    """

    texts: tuple[Transcript, ...]
    codings: tuple[Coding, ...]
    coders: tuple[str, ...]
    complete: Pairs
    pending: Pairs
    tree: Mapping[str, Code]
    listed: tuple[str, ...]
    used: frozenset[str]
    place: Layout
    unit: Unit
    mask: Mask
    level: int | None = None
    read_to: Mapping[tuple[str, str], int] | None = None
    given_to: Mapping[str, frozenset[str]] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    round: str = MAIN

    @property
    def participants_only(self) -> bool:
        """Whether no turn but the participants' counts."""
        texts = self.place.transcripts
        return self.mask == "interviewer" and all(
            turn.role != "other" for text in texts for turn in text.turns
        )

    def plain(self) -> Tables:
        """The marks of the listed codes, each coding counted once."""
        return self.tables(self.listed, rolled=False)

    def tables(self, shown: Sequence[str], *, rolled: bool) -> Tables:
        """The marks of these codes; ``rolled`` gives each what stands below it too."""
        spans = self._passages(shown, rolled=rolled)
        characters = self._table("character", spans, len(shown))
        units = characters
        if self.unit != "character":
            units = self._table(self.unit, spans, len(shown))
        return Tables(units, characters, frozenset(spans.code.tolist()))

    def marks(self, extra: Iterable[Coding] = ()) -> UnitTable:
        """The marks of the listed codes alone, with further codings laid over those given."""
        spans = replace(self, codings=(*self.codings, *extra))._passages(self.listed, rolled=False)
        return self._table(self.unit, spans, len(self.listed))

    def _passages(self, shown: Sequence[str], *, rolled: bool) -> Passages:
        carries = self._carries(shown, rolled=rolled)
        return passages(self.codings, self.place, self.coders, carries, self.complete)

    def _table(self, unit: Unit, spans: Passages, columns: int) -> UnitTable:
        if unit == "character":
            return character_table(
                self.place, spans, self.mask, coders=self.coders, codes=columns,
                complete=self.complete, read_to=self.read_to,
            )  # fmt: skip
        return unit_table(
            self.place, spans, unit, coders=self.coders, codes=columns,
            complete=self.complete, read_to=self.read_to,
        )  # fmt: skip

    def _carries(self, shown: Sequence[str], *, rolled: bool) -> dict[str, tuple[int, ...]]:
        """For each used code the columns it counts for."""
        column = {code: number for number, code in enumerate(shown)}
        carries: dict[str, tuple[int, ...]] = {}
        for code in self.used:
            above = line(code, self.tree)
            counts_for = above if rolled else self.stands_for(code)
            carries[code] = tuple(column[part] for part in counts_for if part in column)
        return carries

    def stands_for(self, code: str) -> list[str]:
        """The code that this one counts for: itself, or its ancestor at the level compared."""
        return [code] if self.level is None else line(code, self.tree)[: self.level + 1][-1:]


def take(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    codes: Iterable[str | Code] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    level: int | None = None,
    read_to: Mapping[tuple[str, str], int] | None = None,
) -> Given:
    """Sort out who is compared on what; the words mean what they mean in `compare_coders`."""
    if unit not in UNITS:
        raise BadCommand(f"“{unit}” is not a unit; choose one of {', '.join(UNITS)}.")
    if mask not in MASKS:
        raise BadCommand(f"“{mask}” is not a mask; choose one of {', '.join(MASKS)}.")
    texts = tuple(transcripts)
    given = tuple(codings)
    sealed, pending = _completion(codings, given)
    names = _coders(coders, sealed, pending, given)
    ids = {transcript.id for transcript in texts}
    submitted = {pair for pair in sealed if pair[0] in names and pair[1] in ids}
    left_out = _left_out(codings, given, submitted)
    complete = {pair for pair in submitted if pair[1] not in left_out}
    paired = [text for text in texts if sum((name, text.id) in complete for name in names) >= 2]

    tree = {code.id: code for code in getattr(codings, "codes", ())}
    tree |= {code.id: code for code in codebook or ()}
    wanted = None if codes is None else list(codes)
    tree |= {code.id: code for code in wanted or () if isinstance(code, Code)}
    used = {coding.code for coding in given if (coding.coder, coding.transcript) in complete}
    listed = _listed(codings, wanted, used)
    if tree and (unknown := [code for code in listed if code not in tree and code not in used]):
        raise BadCommand(f"“{unknown[0]}” is not a code of this codebook.")
    if level is not None:
        listed = list(dict.fromkeys(line(code, tree)[: level + 1][-1] for code in listed))
    return Given(
        texts=texts,
        codings=given,
        coders=names,
        complete=complete,
        pending=pending,
        tree=tree,
        listed=tuple(listed),
        used=frozenset(used),
        place=layout(paired, unit, mask),
        unit=unit,
        mask=mask,
        level=level,
        read_to=read_to,
        given_to=_given_to(codings, names),
        left_out=left_out,
        round=_round(given),
    )


def meaning(version: str) -> str:
    """What of a codebook version tells whether the codes mean the same.

    From 1.0 on only a new major number changes what is coded; of a draft, 0.1 or 0.2, every
    version may, but for one that was reworded while a round was held to it, as 0.1.1.

    >>> meaning("1.4"), meaning("0.4"), meaning("0.4.1")
    ('1', '0.4', '0.4')
    """
    major, dot, rest = version.partition(".")
    if not dot or not major.isdigit():
        return version
    return major if int(major) else f"0.{rest.partition('.')[0]}"


def _left_out(codings: object, given: Sequence[Coding], submitted: Pairs) -> dict[str, str]:
    """Why transcripts do not count: not coded blind, or not under one codebook version."""
    versions: dict[str, set[str]] = {}
    for coding in given:
        if coding.codebook_version and (coding.coder, coding.transcript) in submitted:
            versions.setdefault(coding.transcript, set()).add(coding.codebook_version)
    found = {
        transcript: f"coded under codebook versions {' and '.join(in_order(known))}"
        for transcript, known in versions.items()
        if len({meaning(version) for version in known}) > 1
    }
    return found | dict(codings.not_blind if isinstance(codings, CodingSet) else {})


def in_order(versions: Iterable[str]) -> list[str]:
    """Versions by their numbers: 0.2 before 0.10; words after numbers.

    >>> in_order({"0.10", "0.2"})
    ['0.2', '0.10']
    """
    return sorted(versions, key=by_number)


def by_number(version: str) -> list[tuple[int, str]]:
    """By what versions are put in order."""
    parts = re.findall(r"\d+|\D+", version)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _given_to(codings: object, names: Sequence[str]) -> dict[str, frozenset[str]] | None:
    """Which of the coders were given each transcript; None where codings alone are known."""
    if not isinstance(codings, CodingSet):
        return None
    found: dict[str, set[str]] = {}
    for coder, transcript in (*codings.sealed, *codings.open):
        if coder in names:
            found.setdefault(transcript, set()).add(coder)
    return {transcript: frozenset(coders) for transcript, coders in found.items()}


def _round(given: Sequence[Coding]) -> str:
    """The round that these codings are of."""
    found = sorted({coding.round for coding in given})
    if len(found) > 1:
        raise BadCommand(
            f"These codings are of different rounds ({', '.join(found)}); "
            "compare one round at a time, as study.codings(round=…) gives it."
        )
    return found[0] if found else MAIN


def line(code: str, tree: Mapping[str, Code]) -> list[str]:
    """A code's ancestors from the root down to itself."""
    found = [code]
    while (known := tree.get(found[0])) and known.parent and known.parent not in found:
        found.insert(0, known.parent)
    return found


def _completion(codings: object, given: Sequence[Coding]) -> tuple[Pairs, Pairs]:
    """The (coder, transcript) pairs that are complete and those still being coded."""
    if isinstance(codings, CodingSet):
        return codings.sealed, codings.open
    return {(coding.coder, coding.transcript) for coding in given}, frozenset()


def _coders(
    coders: Sequence[str] | None, sealed: Pairs, pending: Pairs, given: Sequence[Coding]
) -> tuple[str, ...]:
    if isinstance(coders, str):
        raise BadCommand("Name the coders as a list of two or more names.")
    if coders is None:
        found = {pair[0] for pair in (*sealed, *pending)} | {coding.coder for coding in given}
        names = tuple(sorted(found - {CONSENSUS}))
    else:
        names = tuple(dict.fromkeys(coders))
    if len(names) < 2:
        who = f"here is only {names[0]}" if names else "nobody has coded here yet"
        raise BadCommand(f"Agreement needs two coders; {who}.")
    return names


def _listed(
    codings: object, wanted: Sequence[str | Code] | None, used: Collection[str]
) -> list[str]:
    """The codes to show: those asked for, or all codable ones and whatever else was used.

    Themes that only group codes come in with ``level`` and ``rollup``, as ancestors.
    """
    if wanted is not None:
        return list(dict.fromkeys(c.id if isinstance(c, Code) else c for c in wanted))
    codes = codings.codes if isinstance(codings, CodingSet) else ()
    known = [code.id for code in codes if code.usable]
    return list(dict.fromkeys([*known, *sorted(used)]))
