"""All codes in one table: marks in, pooled figures per study, transcript and pair of coders out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from qualcode.agreement import cells as of
from qualcode.agreement.cells import Cells
from qualcode.agreement.coefficients import Floats
from qualcode.agreement.report import PairAgreement, Pooled, TranscriptAgreement
from qualcode.agreement.sums import AlphaSums, alpha_sums, cell_sums, cells, pairs
from qualcode.agreement.units import Layout, UnitTable

NOTHING = Cells(0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Summed:
    """A table of marks added up by transcript, once for every summary.

    ``pairs`` has for each pair of coders their counts: transcripts x codes x 4.
    """

    table: UnitTable
    place: Layout
    alphas: AlphaSums
    pairs: tuple[Floats, ...]

    @classmethod
    def of(cls, table: UnitTable, place: Layout) -> Summed:
        count = len(place.transcripts)
        return cls(
            table,
            place,
            alpha_sums(table, table.cluster, count),
            tuple(cell_sums(table, pair, count) for pair in pairs(len(table.marks))),
        )


def pooled(summed: Summed) -> Pooled:
    """All codes times all units in one table."""
    per_pair = [[cells(row) for row in counts.sum(axis=0)] for counts in summed.pairs]
    used = [
        number
        for number, tables in enumerate(zip(*per_pair, strict=True))
        if any(t.both + t.only_a + t.only_b for t in tables)
    ]
    kappas = [
        value
        for number in used
        if (value := mean([of.kappa(tables[number]) for tables in per_pair])) is not None
    ]
    return Pooled(
        kappa=mean([of.kappa(sum(tables, NOTHING)) for tables in per_pair]),
        alpha=defined(summed.alphas.pooled().alpha()[0, 0]),
        kappa_de_vries=mean(
            [of.kappa_de_vries([tables[number] for number in used]) for tables in per_pair]
        ),
        mean_kappa=mean(kappas),
        codes_in_mean=len(kappas),
    )


def per_transcript(summed: Summed) -> tuple[TranscriptAgreement, ...]:
    """Each transcript over all codes in one table."""
    table, place = summed.table, summed.place
    count = len(place.transcripts)
    pooled = summed.alphas.pooled().alpha(np.eye(count))[:, 0]
    per_pair = [counts.sum(axis=1) for counts in summed.pairs]
    units = np.bincount(table.cluster, weights=table.weight, minlength=count)
    rows = []
    for number in np.flatnonzero(units):
        by_pair = [cells(counts[number]) for counts in per_pair]
        first, transcript = by_pair[0], place.transcripts[number]
        rows.append(
            TranscriptAgreement(
                transcript.id,
                transcript.title,
                int(units[number]),
                int(first.both),
                int(first.only_a),
                int(first.only_b),
                int(first.neither),
                of.percent(sum(by_pair, NOTHING)),
                mean([of.kappa(each) for each in by_pair]),
                defined(pooled[number]),
            )
        )
    return tuple(rows)


def per_pair(summed: Summed, names: Sequence[str]) -> tuple[PairAgreement, ...]:
    """Each pair of coders over all codes in one table, on what both of them read."""
    table = summed.table
    rows = []
    for (first, second), counts in zip(pairs(len(names)), summed.pairs, strict=True):
        total = cells(counts.sum(axis=(0, 1)))
        shared = table.present[first] & table.present[second]
        rows.append(
            PairAgreement(
                (names[first], names[second]),
                int(table.weight[shared].sum()),
                of.percent(total),
                of.kappa(total),
                of.alpha(total),
            )
        )
    return tuple(rows)


def defined(value: float) -> float | None:
    """The value, or None for NaN."""
    return None if np.isnan(value) else float(value)


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are defined."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
