"""Agreement on where passages begin and end: spans of each coder in, a unitizing alpha out.

These coefficients compare stretches of a continuum, not given units. The spans of one coder must
not overlap, so take one code at a time, or codes that exclude each other; what no span covers is
gap. Spans that touch stay two units.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Literal

import numpy as np

from qualcode.agreement.coefficients import Floats
from qualcode.errors import BadCommand
from qualcode.spans import Span

Valued = tuple[Span, Hashable]
"""A span with its value: a code."""

Continua = Sequence[tuple[int, Mapping[str, Sequence[Valued]]]]
"""One pair a document: its length, and each coder's spans with their values."""

_Piece = tuple[int, int, int]  # start, end, column of the value; column 0 is gap


@dataclass(frozen=True)
class Unitizing:
    """The alphas of unitizing with the share of text that each of them judges.

    ``u`` takes values and boundaries, ``binary`` (|u) only what is coded against gap, ``coded``
    (cu) only values where both coded, ``by_value`` ((k)u) one value. The last two are defined for
    two coders; for more, each is the mean over the pairs of coders that have a value.
    """

    u: float | None
    binary: float | None
    coded: float | None
    coverage: float | None
    by_value: Mapping[Hashable, float | None]
    coverage_by_value: Mapping[Hashable, float | None]


def unitizing_alpha(continua: Continua) -> Unitizing:
    """Krippendorff's family of alphas for unitizing.

    Parameters
    ----------
    continua
        One pair a document: its length, and each coder's spans with their values. Documents are
        added up.

    Returns
    -------
    Unitizing
        Each value is None where nothing varies.

    References
    ----------
    Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of
    unitizing textual continua: further developments. Quality & Quantity, 50, 2347-2364;
    Krippendorff, K. (2019). Content analysis, 4th ed., section 12.6.

    Examples
    --------
    The spans of code k in Krippendorff (2004), figure 2, where both coders agree:

    >>> spans = [(Span(30, 90), "k"), (Span(150, 200), "k")]
    >>> unitizing_alpha([(300, {"i": spans, "j": spans})]).u
    1.0
    """
    column: dict[Hashable, int] = {}
    documents: list[list[list[_Piece]]] = []
    for length, coders in continua:
        documents.append([_partition(length, spans, column) for spans in coders.values()])
    size = len(column) + 1
    shared, self_pairs = np.zeros((size, size)), np.zeros(size)
    coded, coded_self = np.zeros((size, size)), np.zeros(size)
    for coders_pieces in documents:
        if len(coders_pieces) < 2:
            continue
        for number, own in enumerate(coders_pieces):
            others = coders_pieces[:number] + coders_pieces[number + 1 :]
            for start, end, value in own:
                # A gap pairs with itself only character by character.
                self_pairs[value] += (end - start) ** (2 if value else 1)
            for other in others:
                _add(own, other, 1 / len(others), shared, coded, coded_self)
    by_value, coverage_by_value = _by_value(shared, coded, coded_self, column)
    whole = float(shared.sum())
    both_coded = _alpha(coded, coded_self)
    if any(len(coders_pieces) > 2 for coders_pieces in documents):
        both_coded, by_value = _mean_of_pairs(continua, list(column))
    return Unitizing(
        _alpha(shared, self_pairs),
        _alpha_binary(shared, self_pairs),
        both_coded,
        float(coded.sum()) / whole if whole else None,
        by_value,
        coverage_by_value,
    )


def _mean_of_pairs(
    continua: Continua, values: Sequence[Hashable]
) -> tuple[float | None, dict[Hashable, float | None]]:
    """cu- and (k)u-alpha of more than two coders: the means over pairs where they are defined."""
    names = list(dict.fromkeys(coder for _, coders in continua for coder in coders))
    found = [
        unitizing_alpha(
            [
                (length, {coder: coders[coder] for coder in pair})
                for length, coders in continua
                if all(coder in coders for coder in pair)
            ]
        )
        for pair in combinations(names, 2)
    ]

    def mean(given: Sequence[float | None]) -> float | None:
        known = [value for value in given if value is not None]
        return fmean(known) if known else None

    by_value = {value: mean([pair.by_value.get(value) for pair in found]) for value in values}
    return mean([pair.coded for pair in found]), by_value


def binary_u_alpha(continua: Continua) -> float | None:
    """|u-alpha: what is coded at all against gap, whatever the value.

    Two coders agree on what matters and not on its name:

    >>> ana, ben = [(Span(10, 40), "trust")], [(Span(10, 40), "time")]
    >>> binary_u_alpha([(100, {"ana": ana, "ben": ben})])
    1.0
    """
    return unitizing_alpha(continua).binary


def cu_alpha(continua: Continua) -> float | None:
    """cu-alpha: the values alone, on the text that both coders coded; see `unitizing_alpha`.

    >>> c, k = "c", "k"
    >>> i = [(Span(75, 145), c), (Span(150, 200), k), (Span(220, 250), c), (Span(260, 280), k)]
    >>> j = [(Span(70, 145), c), (Span(150, 205), k), (Span(205, 225), c), (Span(250, 270), k)]
    >>> j.append((Span(272, 280), c))
    >>> round(cu_alpha([(300, {"i": i, "j": j})]), 3)
    0.908
    """
    return unitizing_alpha(continua).coded


def ku_alpha(continua: Continua, value: Hashable) -> float | None:
    """(k)u-alpha: one value against the other values, on the text that both coders coded.

    >>> c, k = "c", "k"
    >>> i = [(Span(75, 145), c), (Span(150, 200), k), (Span(220, 250), c), (Span(260, 280), k)]
    >>> j = [(Span(70, 145), c), (Span(150, 205), k), (Span(205, 225), c), (Span(250, 270), k)]
    >>> j.append((Span(272, 280), c))
    >>> round(ku_alpha([(300, {"i": i, "j": j})], "k"), 3)
    0.904
    """
    return unitizing_alpha(continua).by_value.get(value)


def u_alpha(continua: Sequence[tuple[int, Mapping[str, Sequence[Span]]]]) -> float | None:
    """Unitizing alpha of one code: where coders begin and end its passages.

    Data set B of Krippendorff (1995) under the definition of 2016:

    >>> pieces = [Span(0, 2), *[Span(n, n + 1) for n in range(2, 6)], Span(6, 9), Span(9, 10)]
    >>> round(u_alpha([(24, {"1": [Span(0, 18)], "2": pieces})]), 3)
    0.422
    """
    return unitizing_alpha(
        [
            (length, {coder: [(span, 1) for span in spans] for coder, spans in coders.items()})
            for length, coders in continua
        ]
    ).u


def _partition(length: int, spans: Sequence[Valued], column: dict[Hashable, int]) -> list[_Piece]:
    """Units and gaps of one coder from 0 to the end."""
    pieces: list[_Piece] = []
    end = 0
    for span, value in sorted(spans, key=lambda valued: valued[0]):
        if span.start < end or span.end > length:
            raise BadCommand(
                "Unitizing needs spans of one coder that do not overlap and stay inside the text; "
                "compare one code at a time, with its overlapping spans united."
            )
        if span.start > end:
            pieces.append((end, span.start, 0))
        pieces.append((span.start, span.end, column.setdefault(value, len(column) + 1)))
        end = span.end
    if end < length:
        pieces.append((end, length, 0))
    return pieces


def _add(
    own: Sequence[_Piece],
    other: Sequence[_Piece],
    share: float,
    shared: Floats,
    coded: Floats,
    coded_self: Floats,
) -> None:
    """Add the intersections of two coders' pieces, in one sweep over both."""
    at = 0
    for start, end, value in own:
        while at < len(other) and other[at][1] <= start:
            at += 1
        pairable, next_at = 0, at
        while next_at < len(other) and other[next_at][0] < end:
            left, right, theirs = other[next_at]
            length = min(end, right) - max(start, left)
            shared[value, theirs] += length * share
            if value and theirs:
                coded[value, theirs] += length * share
                pairable += length
            next_at += 1
        coded_self[value] += pairable**2 * share


def _expected(table: Floats, self_pairs: Floats) -> Floats | None:
    """Coincidences expected by chance, less those of a unit with itself."""
    whole, corrected = float(table.sum()), float(table.sum() ** 2 - self_pairs.sum())
    if not whole or not corrected:
        return None
    margins = table.sum(axis=1)
    return np.asarray(whole * (np.outer(margins, margins) - np.diag(self_pairs)) / corrected)


def _alpha(table: Floats, self_pairs: Floats) -> float | None:
    expected = _expected(table, self_pairs)
    if expected is None:
        return None
    room = float(expected.sum() - np.trace(expected))
    return 1 - float(table.sum() - np.trace(table)) / room if room > 1e-12 else None


def _alpha_binary(table: Floats, self_pairs: Floats) -> float | None:
    """Relevant against gap: |u-alpha."""
    expected = _expected(table, self_pairs)
    if expected is None:
        return None
    room = float(expected[0].sum() - expected[0, 0])
    return 1 - float(table[0].sum() - table[0, 0]) / room if room > 1e-12 else None


def _by_value(
    shared: Floats, coded: Floats, coded_self: Floats, column: Mapping[Hashable, int]
) -> tuple[dict[Hashable, float | None], dict[Hashable, float | None]]:
    """(k)u-alpha of each value, and the share of its text that both coders coded."""
    expected = _expected(coded, coded_self)
    alphas: dict[Hashable, float | None] = {}
    coverage: dict[Hashable, float | None] = {}
    for value, at in column.items():
        row, whole = float(coded[at].sum()), float(shared[at].sum())
        coverage[value] = row / whole if whole else None
        alphas[value] = None
        if expected is None or not row:
            continue
        chance = float(expected[at].sum())
        room = chance - float(expected[at, at])
        if room > 1e-12:
            alphas[value] = 1 - chance / row * (row - float(coded[at, at])) / room
    return alphas, coverage


def alpha_unitizing_2004(length: int, coders: Sequence[Sequence[Span]]) -> float | None:
    """The unitizing alpha of 1995 and 2004, only for comparison with old reports.

    Its authors have replaced it: with more than two coders it behaves unexpectedly.

    Parameters
    ----------
    length
        Characters of the continuum.
    coders
        One sequence of spans a coder, of one code, not overlapping.

    References
    ----------
    Krippendorff, K. (2004). Measuring the reliability of qualitative text analysis data. Quality &
    Quantity, 38, 787-800.

    Examples
    --------
    Code c of figure 2 there:

    >>> i = [Span(75, 145), Span(220, 250)]
    >>> j = [Span(70, 150), Span(205, 225), Span(250, 270)]
    >>> round(alpha_unitizing_2004(300, [i, j]), 4)
    0.7286
    """
    column: dict[Hashable, int] = {}
    partitions = [_partition(length, [(span, 1) for span in spans], column) for spans in coders]
    m = len(partitions)
    observed = float(
        sum(
            _apart(g, h)
            for number, own in enumerate(partitions)
            for other in partitions[:number] + partitions[number + 1 :]
            for g in own
            for h in other
        )
    ) / (m * (m - 1) * length**2)
    units = [end - start for own in partitions for start, end, value in own if value]
    gaps = [end - start for own in partitions for start, end, value in own if not value]
    total = 0.0
    for unit in units:
        total += (len(units) - 1) / 3 * (2 * unit**3 - 3 * unit**2 + unit)
        total += unit**2 * sum(gap - unit + 1 for gap in gaps if gap >= unit)
    room = m * length * (m * length - 1) - sum(unit * (unit - 1) for unit in units)
    expected = 2 / length * total / room if room else 0.0
    return 1 - observed / expected if expected else None


def _apart(g: _Piece, h: _Piece) -> int:
    """Squared difference of two pieces: of their ends, or the length of a unit inside a gap."""
    if min(g[1], h[1]) <= max(g[0], h[0]):
        return 0
    if g[2] and h[2]:
        return (g[0] - h[0]) ** 2 + (g[1] - h[1]) ** 2
    unit, gap = (g, h) if g[2] else (h, g)
    inside = unit[2] and not gap[2] and gap[0] <= unit[0] and unit[1] <= gap[1]
    return (unit[1] - unit[0]) ** 2 if inside else 0


SegmentRule = Literal["iou", "overlap"]


def segment_f1(
    first: Sequence[Span],
    second: Sequence[Span],
    *,
    threshold: float = 0.5,
    rule: SegmentRule = "iou",
) -> float | None:
    """Segment F1: of all passages of a code, how many find a partner of the other coder.

    Parameters
    ----------
    first, second
        The passages of one code by two coders.
    threshold
        From which overlap on two passages are partners.
    rule
        "iou" measures the overlap against the union, "overlap" against the longer passage.

    Returns
    -------
    float or None
        2 T / (n1 + n2), T partners matched one to one by falling overlap; None without passages.

    References
    ----------
    The matching rule is our own: those of other tools are not documented.

    Examples
    --------
    >>> first = [Span(0, 100), Span(200, 260), Span(300, 400)]
    >>> second = [Span(5, 100), Span(230, 260), Span(320, 400), Span(500, 520)]
    >>> round(segment_f1(first, second), 4)
    0.8571
    """
    if not first and not second:
        return None

    def closeness(a: Span, b: Span) -> float:
        return a.iou(b) if rule == "iou" else a.overlap(b) / max(a.length, b.length)

    close = sorted(
        (-closeness(a, b), a, b, x, y)
        for x, a in enumerate(first)
        for y, b in enumerate(second)
        if a.overlap(b)
    )
    used_first: set[int] = set()
    used_second: set[int] = set()
    partners = 0
    for negative, _, _, x, y in close:
        if -negative >= threshold and x not in used_first and y not in used_second:
            used_first.add(x)
            used_second.add(y)
            partners += 1
    return 2 * partners / (len(first) + len(second))
