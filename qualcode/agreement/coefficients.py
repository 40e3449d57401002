"""Agreement on units with any number of values: ratings in, one coefficient out.

Ratings are rows of coders and columns of units; None stands for a unit that a coder skipped.
A coefficient without a value (nothing compared, nothing varies) is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ratings = Sequence[Sequence[Hashable | None]]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["identity", "linear", "quadratic"]


def value_counts(
    ratings: Ratings, categories: Iterable[Hashable] | None = None
) -> tuple[Floats, list[Any]]:
    """How many coders gave each value to each unit, and the values in order.

    ``categories`` declares values, so that one nobody used has its column too; they stand first,
    in the order declared, which is the order of words for weights.

    >>> counts, values = value_counts([["a", "b", None], ["a", "a", "b"]])
    >>> counts.tolist(), values
    ([[2.0, 0.0], [1.0, 1.0], [0.0, 1.0]], ['a', 'b'])
    """
    declared: list[Any] = list(dict.fromkeys(categories or ()))
    found = {value for row in ratings for value in row if value is not None}
    others: list[Any] = list(found.difference(declared))
    try:
        others.sort()
    except TypeError:
        others.sort(key=repr)
    values = [*declared, *others]
    column = {value: number for number, value in enumerate(values)}
    counts = np.zeros((len(ratings[0]) if ratings else 0, len(values)))
    for row in ratings:
        for unit, value in enumerate(row):
            if value is not None:
                counts[unit, column[value]] += 1
    return counts, values


def krippendorff_alpha(ratings: Ratings, level: Level = "nominal") -> float | None:
    """Krippendorff's alpha for any number of coders, allowing for units that a coder skipped.

    Parameters
    ----------
    ratings
        One row a coder, one column a unit; None where the coder skipped the unit.
    level
        "nominal" for codes; "ordinal", "interval" or "ratio" for weights given as numbers.

    Returns
    -------
    float or None
        1 for full agreement, 0 for what chance gives; None where nothing varies.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability.

    Examples
    --------
    The four observers and twelve units of Krippendorff (2011), section C:

    >>> ratings = [
    ...     [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    ...     [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    ...     [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    ...     [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ... ]
    >>> round(krippendorff_alpha(ratings), 3), round(krippendorff_alpha(ratings, "interval"), 3)
    (0.743, 0.849)
    """
    import krippendorff

    counts, values = value_counts(ratings)
    counts = counts[counts.sum(axis=1) >= 2]
    used = np.flatnonzero(counts.sum(axis=0))
    if len(used) < 2:
        return None
    # Nominal values go in as numbers: the package takes a code named "nan" for a missing one.
    domain = list(range(len(used))) if level == "nominal" else [values[n] for n in used]
    alpha = krippendorff.alpha(
        value_counts=counts[:, used].astype(np.int64),
        value_domain=domain,
        level_of_measurement=level,
    )
    return float(alpha)


def alpha_draws(counts: Floats, weights: Floats) -> Floats:
    """Nominal alpha of resampled units: one value a row of ``weights``, NaN where undefined."""
    raters = counts.sum(axis=1)
    pairable = raters >= 2
    same = (counts * (counts - 1)).sum(axis=1)
    apart = np.where(pairable, (raters * (raters - 1) - same) / np.maximum(raters - 1, 1), 0)
    margins = weights @ (counts * pairable[:, None])
    n = margins.sum(axis=1)
    room = n**2 - (margins**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room > 0, 1 - (n - 1) * (weights @ apart) / room, np.nan)


@dataclass(frozen=True)
class Estimate:
    """A coefficient with Gwet's linearised standard error over units.

    The error holds for independent units: whole documents, not turns of one interview.
    """

    value: float
    se: float | None


def percent_agreement(ratings: Ratings) -> Estimate | None:
    """Mean over units of the share of pairs of coders who say the same.

    >>> round(percent_agreement([["a", "a", "b"], ["a", "b", "b"]]).value, 4)
    0.6667
    """
    return _estimated(ratings, None, "identity", lambda weights, shares: 0.0, None)


def fleiss_kappa(ratings: Ratings, weights: Weights = "identity") -> Estimate | None:
    """Fleiss' kappa for any number of coders, generalised to skipped units and to weights.

    Parameters
    ----------
    ratings
        One row a coder, one column a unit; who of the coders said what does not matter.
    weights
        "identity", or "linear" or "quadratic" for ordered numbers.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin, 76, 378-382; Gwet, K. L. (2014). Handbook of inter-rater reliability, 4th ed.

    Examples
    --------
    The first example of Randolph (2005):

    >>> round(fleiss_kappa(["YYNN", "YYNN", "YNYN"]).value, 2)
    0.33
    """
    return _estimated(
        ratings,
        None,
        weights,
        lambda table, shares: float(shares @ table @ shares),
        lambda table, shares, rates: rates @ ((table + table.T) @ shares / 2),
    )


def fleiss_category(ratings: Ratings, category: Hashable) -> float | None:
    """Fleiss' kappa of one category against all others, all units rated by all coders."""
    counts, values = value_counts(ratings)
    if category not in values or not len(counts):
        return None
    m = counts.sum(axis=1)[0]
    r = counts[:, values.index(category)]
    rate = float(r.sum() / (len(r) * m))
    room = len(r) * m * (m - 1) * rate * (1 - rate)
    return 1 - float((r * (m - r)).sum()) / room if room else None


def gwet_ac(
    ratings: Ratings,
    weights: Weights = "identity",
    categories: Iterable[Hashable] | None = None,
) -> Estimate | None:
    """Gwet's AC1, or AC2 with weights: chance agreement that stays small for rare values.

    Parameters
    ----------
    ratings
        One row a coder, one column a unit; None where the coder skipped the unit.
    weights
        "identity" gives AC1, "linear" and "quadratic" AC2 for ordered numbers.
    categories
        All declared values: one that nobody used changes the coefficient.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. British Journal of Mathematical and Statistical Psychology, 61, 29-48.

    Examples
    --------
    Two coders, 100 units, the skewed table of Feinstein & Cicchetti (1990):

    >>> first = ["yes"] * 90 + ["no"] * 10
    >>> second = ["yes"] * 80 + ["no"] * 10 + ["yes"] * 5 + ["no"] * 5
    >>> round(gwet_ac([first, second]).value, 2)
    0.81
    """

    def scale(table: Floats) -> float:
        q = len(table)
        return float(table.sum() / (q * (q - 1))) if q > 1 else 0.0

    return _estimated(
        ratings,
        categories,
        weights,
        lambda table, shares: scale(table) * float(shares @ (1 - shares)),
        lambda table, shares, rates: scale(table) * (rates @ (1 - shares)),
    )


def brennan_prediger(
    ratings: Ratings,
    weights: Weights = "identity",
    categories: Iterable[Hashable] | None = None,
) -> Estimate | None:
    """Agreement beyond the chance of a blind draw among the categories.

    Also called Bennett's S, PABAK (two categories) and free-marginal kappa (many coders).

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: some uses, misuses, and
    alternatives. Educational and Psychological Measurement, 41, 687-699.

    Examples
    --------
    The first example of Randolph (2005):

    >>> round(brennan_prediger(["YYNN", "YYNN", "YNYN"]).value, 2)
    0.33
    """
    return _estimated(
        ratings,
        categories,
        weights,
        lambda table, shares: float(table.sum() / len(table) ** 2),
        None,
    )


def _estimated(
    ratings: Ratings,
    categories: Iterable[Hashable] | None,
    weights: Weights,
    chance: Callable[[Floats, Floats], float],
    chance_of_unit: Callable[[Floats, Floats, Floats], Floats] | None,
) -> Estimate | None:
    """Observed against chance agreement with the linearised error of Gwet (2014), ch. 5.

    ``chance_of_unit`` gives each unit's part in the chance agreement, where chance depends on the
    data.
    """
    counts, values = value_counts(ratings, categories)
    counts = counts[counts.sum(axis=1) >= 1]
    raters = counts.sum(axis=1)
    pairable = raters >= 2
    n = len(counts)
    if not pairable.any():
        return None
    table = _weights(values, weights)
    rates = counts / raters[:, None]
    shares = rates.mean(axis=0)
    agree = (counts * (counts @ table.T - 1)).sum(axis=1)
    observed_of_unit = np.where(pairable, agree / np.where(pairable, raters * (raters - 1), 1), 0)
    observed = float(observed_of_unit.sum() / pairable.sum())
    expected = chance(table, shares)
    if expected >= 1:
        return None
    value = (observed - expected) / (1 - expected)
    if n < 2:
        return Estimate(value, None)
    part = n / pairable.sum() * (observed_of_unit - expected * pairable) / (1 - expected)
    if chance_of_unit is not None:
        drift = chance_of_unit(table, shares, rates) - expected
        part = part - 2 * (1 - value) * drift / (1 - expected)
    return Estimate(value, math.sqrt(float(((part - value) ** 2).sum() / (n * (n - 1)))))


def _weights(values: Sequence[Any], weights: Weights) -> Floats:
    """How near two values are: 1 for the same, 0 for the two ends; words count by their order."""
    if weights == "identity":
        return np.eye(len(values))
    numbers = all(isinstance(value, int | float) for value in values)
    scale = np.array(values if numbers else range(len(values)), dtype=float)
    spread = float(scale.max() - scale.min()) or 1.0
    apart = np.abs(scale[:, None] - scale[None, :]) / spread
    return np.asarray(1 - (apart if weights == "linear" else apart**2))


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two coders with what belongs to it.

    ``se`` is the error of Fleiss, Cohen & Everitt (1969), ``se_null`` the one for a test against 0;
    both hold for independent units only. ``maximum`` is what the two coders' rates allow; with
    weights there is none.
    """

    value: float | None
    observed: float
    expected: float
    maximum: float | None = None
    se: float | None = None
    se_null: float | None = None


def cohen_kappa(
    first: Sequence[Hashable | None],
    second: Sequence[Hashable | None],
    weights: Weights = "identity",
    categories: Iterable[Hashable] | None = None,
) -> Kappa:
    """Cohen's kappa for two coders and any number of values, on the units that both rated.

    Parameters
    ----------
    first, second
        The two coders' values, unit by unit; None where a coder skipped the unit.
    weights
        "identity"; "linear" or "quadratic" for ordered values, where a near miss is a smaller one.
    categories
        All declared values in their order: words have no other, and an unused end of the scale
        changes the weights.

    Returns
    -------
    Kappa
        ``value`` is None where both coders gave one and the same value to everything.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement, 20, 37-46; Cohen, J. (1968). Weighted kappa. Psychological Bulletin, 70, 213-220;
    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin, 72, 323-327.

    Examples
    --------
    The 50 grant proposals of Wikipedia's article:

    >>> found = cohen_kappa("y" * 25 + "n" * 25, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    >>> round(found.value, 2), found.observed, found.expected
    (0.4, 0.7, 0.5)

    The 100 patients of Fleiss (1981), table 13.1, and the same values taken as ordered:

    >>> first = [1] * 80 + [2] * 10 + [3] * 10
    >>> second = [1] * 75 + [2] + [3] * 4 + [1] * 5 + [2] * 4 + [3] + [3] * 10
    >>> found = cohen_kappa(first, second)
    >>> round(found.value, 2), round(found.se_null, 3)
    (0.68, 0.076)
    >>> round(cohen_kappa(first, second, "linear").value, 3)
    0.722
    """
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    _, values = value_counts([[value for pair in both for value in pair]], categories)
    number = {value: at for at, value in enumerate(values)}
    table = np.zeros((len(values), len(values)))
    for a, b in both:
        table[number[a], number[b]] += 1
    return kappa_of_table(table, None if weights == "identity" else _weights(values, weights))


def kappa_of_table(table: Floats, weights: Floats | None = None) -> Kappa:
    """Cohen's kappa of a square table: the first coder's values in rows, the second's in columns.

    ``weights`` says how near two values are, 1 on the diagonal. With the rates p of the two coders
    and s_ij the mean weight of row i plus that of column j, the variances are
    {Σ p_ij [w_ij - s_ij (1 - κ)]² - [κ - p_e (1 - κ)]²} / [n (1 - p_e)²] and, for κ = 0,
    {Σ p_i. p_.j (w_ij - s_ij)² - p_e²} / [n (1 - p_e)²].

    The 200 cases of Cohen (1960), p. 45, and the most that the two coders' rates allow:

    >>> found = kappa_of_table(np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]]))
    >>> round(found.value, 3), round(found.maximum, 3), round(found.se, 3)
    (0.492, 0.831, 0.051)
    """
    n = float(table.sum())
    if not n:
        return Kappa(None, math.nan, math.nan)
    weight = np.eye(len(table)) if weights is None else weights
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    # Whole numbers until the last step, where the weights are 0 and 1.
    chance, same = float(rows @ weight @ columns), float((weight * table).sum())
    observed, expected = same / n, chance / n**2
    if chance >= n * n:
        return Kappa(None, observed, expected)
    value = (same * n - chance) / (n * n - chance)
    maximum = None
    if weights is None:
        maximum = (float(np.minimum(rows, columns).sum()) / n - expected) / (1 - expected)
    share, given = table / n, np.outer(rows, columns) / n**2
    mean = ((weight @ columns)[:, None] + (rows @ weight)[None, :]) / n
    spread = (share * (weight - mean * (1 - value)) ** 2).sum()
    spread -= (value - expected * (1 - value)) ** 2
    null = (given * (weight - mean) ** 2).sum() - expected**2
    scale = math.sqrt(n) * (1 - expected)
    return Kappa(
        value,
        observed,
        expected,
        maximum,
        math.sqrt(max(float(spread), 0)) / scale,
        math.sqrt(max(float(null), 0)) / scale,
    )


def light_kappa(ratings: Ratings) -> float | None:
    """Mean of Cohen's kappa over all pairs of coders; pairs without a value are left out.

    References
    ----------
    Light, R. J. (1971). Measures of response agreement for qualitative data. Psychological
    Bulletin, 76, 365-377.

    Examples
    --------
    >>> light_kappa([[1, 0, 1, 0], [1, 0, 1, 0], [1, 0, 1, 0]])
    1.0
    """
    found = [cohen_kappa(a, b).value for a, b in combinations(ratings, 2)]
    known = [value for value in found if value is not None]
    return fmean(known) if known else None


def scott_pi(first: Sequence[Hashable | None], second: Sequence[Hashable | None]) -> float | None:
    """Scott's pi of two coders and any number of values.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. Public Opinion Quarterly, 19, 321-325.

    Examples
    --------
    >>> scott_pi("aabb", "aabb")
    1.0
    """
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not both:
        return None
    found = fleiss_kappa([[a for a, _ in both], [b for _, b in both]])
    return None if found is None else found.value


def holsti(agreements: int, first: int, second: int) -> float | None:
    """Holsti's coefficient: 2 M / (N1 + N2), agreements over applications of codes.

    References
    ----------
    Holsti, O. R. (1969). Content analysis for the social sciences and humanities.

    Examples
    --------
    >>> round(holsti(7, 10, 12), 4)
    0.6364
    """
    return 2 * agreements / (first + second) if first + second else None
