"""Passages as units: codings in, how many passages of one coder find a partner of the other out.

``by_segment(transcripts, codings, *, coders, mask, overlap=0.5, round) -> tuple`` of
`SegmentAgreement`, one for each pair of coders.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from qualcode.agreement.given import Given, take
from qualcode.agreement.report import counted, point
from qualcode.agreement.unitizing import segment_f1
from qualcode.agreement.units import Mask
from qualcode.model import Coding, CodingSet, Transcript
from qualcode.spans import Span, merged


@dataclass(frozen=True)
class SegmentAgreement:
    """Two coders' passages of all codes, matched one to one within each code and transcript.

    ``first`` and ``second`` are how many passages each has, ``matched`` how many pairs share at
    least ``overlap`` of the longer one. There is no correction for chance: nothing stands for
    "neither".
    """

    coders: tuple[str, str]
    first: int
    second: int
    matched: int
    overlap: float

    @property
    def f1(self) -> float | None:
        """2 T / (n1 + n2); None without passages."""
        total = self.first + self.second
        return 2 * self.matched / total if total else None

    @property
    def sentence(self) -> str:
        if self.f1 is None:
            return "Nobody coded a passage, so none can find a partner."
        return (
            f"Segment F1 {point(self.f1)}: of {counted(self.first + self.second, 'passage')}, "
            f"{2 * self.matched:,} have a partner of the same code that shares at least "
            f"{self.overlap:.0%} of the longer one; chance is not corrected for."
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"f1": self.f1, "coders": list(self.coders)}


def by_segment(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    coders: Sequence[str] | None = None,
    mask: Mask = "interviewer",
    overlap: float = 0.5,
) -> tuple[SegmentAgreement, ...]:
    """Segment F1 of every pair of coders, over the passages in text that is compared."""
    given = take(transcripts, codings, unit="document", coders=coders, mask=mask)
    shelf = _passages(given)
    texts = [text.id for text in given.place.transcripts]
    rows = []
    for pair in combinations(given.coders, 2):
        shared = [t for t in texts if all((coder, t) in given.complete for coder in pair)]
        first = second = matched = 0
        for transcript in shared:
            for code in given.listed:
                one, other = (shelf.get((coder, transcript, code), ()) for coder in pair)
                found = segment_f1(one, other, threshold=overlap, rule="overlap")
                first, second = first + len(one), second + len(other)
                matched += round((found or 0) * (len(one) + len(other)) / 2)
        rows.append(SegmentAgreement((pair[0], pair[1]), first, second, matched, overlap))
    return tuple(rows)


def _passages(given: Given) -> dict[tuple[str, str, str], tuple[Span, ...]]:
    """Each coder's passages of each code, united, where they touch text that is not masked."""
    compared = {
        text.id: [
            turn.span for turn in text.turns if given.mask == "none" or turn.role != "interviewer"
        ]
        or [Span(0, len(text.text))]
        for text in given.place.transcripts
    }
    spans: dict[tuple[str, str, str], list[Span]] = {}
    for coding in given.codings:
        where = compared.get(coding.transcript)
        if where is None or (coding.coder, coding.transcript) not in given.complete:
            continue
        if any(coding.span.overlap(span) for span in where):
            key = (coding.coder, coding.transcript, coding.code)
            spans.setdefault(key, []).append(coding.span)
    return {key: tuple(merged(found)) for key, found in spans.items()}
