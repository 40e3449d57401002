"""Drift: codings in, agreement interview by interview and over all so far out.

``by_interview(transcripts, codings, *, unit, coders, mask, read_to) -> Drift``; a `Drift` has
``points`` (`DriftPoint`: transcript, title, date, here, so_far), ``halves``, ``sentence`` and
``to_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from qualcode.agreement.given import take
from qualcode.agreement.groups import GroupFigures, TranscriptSums
from qualcode.agreement.report import counted, point
from qualcode.agreement.units import Mask, Unit
from qualcode.model import Coding, CodingSet, Transcript


def in_interview_order(transcripts: Iterable[Transcript]) -> tuple[Transcript, ...]:
    """Transcripts by interview date; those without a date keep their place at the end."""
    return tuple(sorted(transcripts, key=lambda text: text.interview_date or Date.max))


@dataclass(frozen=True)
class DriftPoint:
    """One interview: its own figures, and those of all interviews up to it."""

    transcript: str
    title: str
    date: Date | None
    here: GroupFigures
    so_far: GroupFigures


@dataclass(frozen=True)
class Drift:
    """Agreement in the order of the interviews; ``halves`` are the earlier and the later ones."""

    coders: tuple[str, ...]
    unit: Unit
    points: tuple[DriftPoint, ...]
    halves: tuple[GroupFigures, GroupFigures] | None

    @property
    def sentence(self) -> str:
        """How agreement went over the interviews, without calling it a trend."""
        if self.halves is None:
            return "Drift needs at least two interviews that were compared."
        early, late = self.halves
        half = len(self.points) // 2
        line = (
            f"Overall alpha over the first {counted(half, 'interview')} {early}, "
            f"over the other {len(self.points) - half} {late}"
        )
        known = [(p.here.alpha, p.title) for p in self.points if p.here.alpha is not None]
        if len(known) > 1:
            low, high = min(known), max(known, key=lambda pair: pair[0])
            line += f"; lowest in {low[1]} ({point(low[0])}), highest in {high[1]} "
            line += f"({point(high[0])})"
        undated = sum(p.date is None for p in self.points)
        if undated:
            line += f". {_without_date(undated, len(self.points))}"
        return f"{line}. One interview holds few units: read the values over all so far."

    def to_dict(self) -> dict[str, Any]:
        return {
            "interviews": [
                {
                    "transcript": p.transcript,
                    "title": p.title,
                    "date": p.date.isoformat() if p.date else None,
                    **p.here.to_dict(),
                    "so_far": p.so_far.to_dict(),
                }
                for p in self.points
            ],
            "halves": [half.to_dict() for half in self.halves or ()],
            "sentence": self.sentence,
        }


def _without_date(undated: int, total: int) -> str:
    if undated == total:
        return "No interview has a date, so they stand in the order they were added"
    has, stands = ("has", "stands") if undated == 1 else ("have", "stand")
    return f"{counted(undated, 'interview')} {has} no date and {stands} last"


def by_interview(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    mask: Mask = "interviewer",
    read_to: Mapping[tuple[str, str], int] | None = None,
) -> Drift:
    """Overall agreement in each interview, and over the first one, two, three … of them.

    The order is that of ``facts["interview_date"]``, then of the transcripts given. A value that
    falls late in the study asks for a look at the codebook; one that rises may be training.
    """
    given = take(
        in_interview_order(transcripts),
        codings,
        unit=unit,
        coders=coders,
        mask=mask,
        read_to=read_to,
    )
    sums = TranscriptSums.of(given)
    texts = sums.compared
    ids = [text.id for text in texts]
    so_far = sums.figures(ids[: number + 1] for number in range(len(ids)))
    half = len(ids) // 2
    halves = sums.figures([ids[:half], ids[half:]])
    return Drift(
        coders=given.coders,
        unit=unit,
        points=tuple(
            DriftPoint(text.id, text.title, text.interview_date, here, running)
            for text, here, running in zip(
                texts, sums.figures([id] for id in ids), so_far, strict=True
            )
        ),
        halves=(halves[0], halves[1]) if len(ids) > 1 else None,
    )
