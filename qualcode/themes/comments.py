"""Theme candidates of survey comments: a table's comments in; suggestions for a person out.

A table of comments is no study: nobody codes it blind, so nothing has to be sealed before it is
looked through. Each row is taken for a respondent of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qualcode.model import ThemeCandidate
from qualcode.spans import Span
from qualcode.themes.clusters import one_thread
from qualcode.themes.passages import Passage, pieces
from qualcode.themes.space import require_seed, space_of_passages
from qualcode.themes.suggestions import (
    RESAMPLES,
    ThemeSuggestions,
    require_resamples,
    suggested,
)
from qualcode.themes.tongues import language_of_table
from qualcode.themes.work import Cancelled, Progress, work
from qualcode.transcripts.comments import Comment


def suggest_from_comments(
    comments: Sequence[Comment],
    *,
    clusters: int | None = None,
    seed: int = 1,
    resamples: int = RESAMPLES,
    dask: str | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ThemeSuggestions:
    """Group comments into theme candidates; the options are those of ``suggest_themes``.

    A passage is a comment, or a part of a very long one; where a candidate names a transcript and
    a participant, both are the number of the comment's row.
    """
    require_seed(seed)
    require_resamples(resamples)
    tag = language_of_table([comment.text for comment in comments])
    found = [
        Passage(str(comment.row), span, str(comment.row), comment.text[span.slice], tag)
        for comment in comments
        for span in pieces(comment.text, Span(0, len(comment.text)), tag)
    ]
    with (
        one_thread(),
        work(dask=dask, folder=folder, progress=progress, cancelled=cancelled) as at,
    ):
        space = space_of_passages(found, seed=seed, work=at)
        return suggested(
            space,
            [frozenset()] * len(space.units),
            clusters=clusters,
            seed=seed,
            resamples=resamples,
            work=at,
        )


@dataclass(frozen=True)
class GroupCount:
    """``n`` of the ``of`` comments of a group are in a candidate; "" where no group is known."""

    group: str
    n: int
    of: int


def rows_of(candidate: ThemeCandidate) -> list[int]:
    """The rows of a candidate's comments, in the order of the table."""
    return sorted({int(row) for row, _ in candidate.passages})


def group_counts(
    candidate: ThemeCandidate, comments: Sequence[Comment], *, of: Mapping[str, int] | None = None
) -> tuple[GroupCount, ...]:
    """How many comments of each group are in the candidate, of how many in the table.

    ``of`` is ``group_sizes(comments)``, where it is at hand.
    """
    sizes = of or group_sizes(comments)
    inside = set(rows_of(candidate))
    here = Counter(comment.group for comment in comments if comment.row in inside)
    return tuple(GroupCount(group, here[group], size) for group, size in sizes.items())


def group_sizes(comments: Iterable[Comment]) -> dict[str, int]:
    """How many comments each group has, by the alphabet; those without a group come last."""
    counted = Counter(comment.group for comment in comments)
    return {group: counted[group] for group in sorted(counted, key=lambda g: (g == "", g))}
