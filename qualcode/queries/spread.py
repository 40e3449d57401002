"""Codes or themes by an attribute: how many participants of each group have a passage, n of N.

People are counted, not passages; who has no value stands in a column of its own; nothing is tested.
For print, cells that few people stand behind are masked, so that nobody can be worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import BadCommand
from qualcode.model import Attribute
from qualcode.queries.corpus import Corpus, Flags, Group

MISSING = ""
"""The value of who has none."""
PERCENT_FROM = 20
"""Below so many participants there are no shares."""
MOST_VALUES = 30


@dataclass(frozen=True)
class SpreadCell:
    """The participants of one value who have a passage, and how many passages these are."""

    participants: tuple[str, ...] = ()
    passages: int = 0

    @property
    def n(self) -> int:
        return len(self.participants)


@dataclass(frozen=True)
class SpreadRow:
    """A code or theme: a cell for each value, and all of it together."""

    group: Group
    cells: tuple[SpreadCell, ...]
    total: SpreadCell


@dataclass(frozen=True)
class Spread:
    """A table of participants: ``values`` are its columns, ``sizes`` the N of each.

    ``total`` is the N of all; ``shared`` are people whose interviews differ in the attribute, who
    stand in more than one column.
    """

    attribute: Attribute
    values: tuple[str, ...]
    sizes: tuple[int, ...]
    total: int
    rows: tuple[SpreadRow, ...]
    shared: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The heads of the columns in words."""
        return tuple(value or "missing" for value in self.values)

    def share(self, cell: SpreadCell, size: int) -> float | None:
        """The part of a column's people, or None where they are too few for a share."""
        return cell.n / size if size >= PERCENT_FROM else None

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """Participants, a row a code or theme and a column a value."""
        return np.array(
            [[cell.n for cell in row.cells] for row in self.rows], dtype=np.int64
        ).reshape(len(self.rows), len(self.values))


def spread(corpus: Corpus, attribute: Attribute, groups: Iterable[Group] | None = None) -> Spread:
    """How many participants of each value of ``attribute`` have a passage of each code or theme.

    Raises
    ------
    BadCommand
        The attribute has more values than a table can show.
    """
    values = corpus.values(attribute)
    if len(values) > MOST_VALUES:
        raise BadCommand(
            f"{attribute.name} has {len(values)} different values, and a table shows "
            f"{MOST_VALUES}; make it a band of values on the page People."
        )
    of = {t.id: corpus.value(attribute, t) for t in corpus.transcripts}
    if MISSING in of.values():
        values = (*values, MISSING)
    people = {
        value: dict.fromkeys(t.person for t in corpus.transcripts if of[t.id] == value)
        for value in values
    }
    in_value = {value: _passages_of(corpus, of, value) for value in values}
    rows = []
    for group in corpus.code_groups if groups is None else groups:
        carried = corpus.with_any(group.codes)
        rows.append(
            SpreadRow(
                group,
                tuple(_cell(corpus, carried & in_value[value]) for value in values),
                _cell(corpus, carried),
            )
        )
    held = [person for value in values for person in people[value]]
    return Spread(
        attribute,
        values,
        tuple(len(people[value]) for value in values),
        len(corpus.people),
        tuple(rows),
        tuple(person for person in corpus.people if held.count(person) > 1),
    )


def _passages_of(corpus: Corpus, of: dict[str, str], value: str) -> Flags:
    found = np.zeros(len(corpus.passages), dtype=np.bool_)
    for id_, own in of.items():
        if own == value:
            found[list(corpus.passages_of[id_])] = True
    return found


def _cell(corpus: Corpus, passages: Flags) -> SpreadCell:
    return SpreadCell(corpus.people_in(passages), int(passages.sum()))


def masked(table: Spread, least: int) -> tuple[tuple[bool, ...], ...]:
    """Which cells are not printed: for each row one mark a value, and a last one for its total.

    A cell is masked where its group, or those counted in it, are fewer than ``least`` people. Where
    that leaves one cell of a row that its total would give away, the smallest other is masked too,
    or the total.

    >>> from qualcode.queries.corpus import Group
    >>> cells = tuple(SpreadCell(tuple("abcdefghijkl"[:n])) for n in (2, 7, 9))
    >>> row = SpreadRow(Group("C", "C", frozenset()), cells, SpreadCell(tuple("abcdefghijklmno")))
    >>> masked(Spread(Attribute("site"), ("A", "B", "C"), (12, 12, 12), 36, (row,)), 5)
    ((True, True, False, False),)
    """
    return tuple(_masked_row(row, table.sizes, least) for row in table.rows)


def _masked_row(row: SpreadRow, sizes: Sequence[int], least: int) -> tuple[bool, ...]:
    numbers = [cell.n for cell in row.cells]
    hidden = [size < least or 0 < n < least for n, size in zip(numbers, sizes, strict=True)]
    total = 0 < row.total.n < least
    if sum(hidden) == 1 and not total:
        others = [(n, place) for place, n in enumerate(numbers) if not hidden[place] and n]
        if others:
            hidden[min(others)[1]] = True
        else:
            total = True
    return (*hidden, total)
