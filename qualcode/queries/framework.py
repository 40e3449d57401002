"""The framework matrix: people or interviews by themes or codes, with the passages of each cell.

Framework analysis charts the data: a person reads the passages of a cell and writes in a few words
what was said. The words are kept by the study; here stands where there is something to sum up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qualcode.queries.corpus import Corpus, Flags, Group

Rows = Literal["participant", "interview"]
ROWS: tuple[Rows, ...] = ("participant", "interview")


@dataclass(frozen=True)
class MatrixRow:
    """A participant, or one interview: ``transcript`` is "" for a participant's row."""

    participant: str
    transcript: str
    label: str
    passages: tuple[tuple[int, ...], ...]
    """For each column the numbers of the passages."""


@dataclass(frozen=True)
class Matrix:
    """Rows of people or interviews; a column a theme or code."""

    by: Rows
    columns: tuple[Group, ...]
    rows: tuple[MatrixRow, ...]


def matrix(corpus: Corpus, columns: Iterable[Group], *, by: Rows = "participant") -> Matrix:
    """Which passages stand behind each cell."""
    groups = tuple(columns)
    carried = [corpus.with_any(group.codes) for group in groups]
    rows = []
    if by == "participant":
        for number, person in enumerate(corpus.people):
            own = corpus.person_of == number
            rows.append(MatrixRow(person, "", person, _places(carried, own)))
    else:
        for text in corpus.transcripts:
            own = np.zeros(len(corpus.passages), dtype=np.bool_)
            own[list(corpus.passages_of[text.id])] = True
            rows.append(MatrixRow(text.person, text.id, text.title, _places(carried, own)))
    return Matrix(by, groups, tuple(rows))


def _places(carried: Iterable[Flags], own: Flags) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(np.flatnonzero(flags & own).tolist()) for flags in carried)
