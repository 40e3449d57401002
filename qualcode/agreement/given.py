"""What is given to a comparison: transcripts and codings in, who, where and which codes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
from qualcode.model import CONSENSUS, Code, Coding, CodingSet, Transcript

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
    ``tree`` every code that is known, by id.
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
    complete = {pair for pair in sealed if pair[0] in names and pair[1] in ids}
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
    )


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
    known = [code.id for code in codes if code.codable]
    return list(dict.fromkeys([*known, *sorted(used)]))
