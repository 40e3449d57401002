"""All codes in one table: marks in, pooled figures per study, transcript and pair of coders out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np

from qualcode.agreement import cells as of
from qualcode.agreement.cells import Cells
from qualcode.agreement.report import PairAgreement, Pooled, TranscriptAgreement
from qualcode.agreement.sums import alpha_sums, cell_sums, cells, pairs
from qualcode.agreement.units import Layout, UnitTable

NOTHING = Cells(0, 0, 0, 0)


def pooled(table: UnitTable, place: Layout) -> Pooled:
    """All codes times all units in one table."""
    per_pair = [
        [cells(row) for row in cell_sums(table, pair, len(place.transcripts)).sum(axis=0)]
        for pair in pairs(len(table.marks))
    ]
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
        alpha=_pooled_alpha(table),
        kappa_de_vries=mean(
            [of.kappa_de_vries([tables[number] for number in used]) for tables in per_pair]
        ),
        mean_kappa=mean(kappas),
        codes_in_mean=len(kappas),
    )


def _pooled_alpha(table: UnitTable) -> float | None:
    one = np.zeros(len(table.weight), dtype=np.int64)
    return defined(alpha_sums(table, one, 1).pooled().alpha()[0, 0])


def per_transcript(table: UnitTable, place: Layout) -> tuple[TranscriptAgreement, ...]:
    """Each transcript over all codes in one table."""
    count = len(place.transcripts)
    pooled = alpha_sums(table, table.cluster, count).pooled().alpha(np.eye(count))[:, 0]
    per_pair = [cell_sums(table, pair, count).sum(axis=1) for pair in pairs(len(table.marks))]
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


def per_pair(table: UnitTable, names: Sequence[str], place: Layout) -> tuple[PairAgreement, ...]:
    """Each pair of coders over all codes in one table, on what both of them read."""
    rows = []
    for first, second in pairs(len(names)):
        counts = cell_sums(table, (first, second), len(place.transcripts))
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
