"""Two coders, one code: four counts in, coefficients out.

Where a coefficient has no value, because nothing varies or nothing was compared, it is None:
0 divided by 0 is neither 0 nor 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from qualcode.agreement.coefficients import Kappa, kappa_of_table


@dataclass(frozen=True)
class Cells:
    """Units that both coders marked, only the first, only the second, and neither.

    >>> Cells(20, 5, 10, 15).n
    50
    """

    both: float
    only_a: float
    only_b: float
    neither: float

    @property
    def n(self) -> float:
        return self.both + self.only_a + self.only_b + self.neither

    def __add__(self, other: Cells) -> Cells:
        return Cells(
            self.both + other.both,
            self.only_a + other.only_a,
            self.only_b + other.only_b,
            self.neither + other.neither,
        )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _corrected(observed: float | None, expected: float | None) -> float | None:
    """Agreement beyond chance as a share of what is possible beyond chance."""
    if observed is None or expected is None or expected >= 1:
        return None
    return (observed - expected) / (1 - expected)


def percent(cells: Cells) -> float | None:
    """Share of units on which the two coders say the same.

    The worked example of the NVivo help: 1,000 characters, 50 by both, 150 by one only.

    >>> percent(Cells(50, 100, 50, 800))
    0.85
    """
    return _share(cells.both + cells.neither, cells.n)


def kappa_expected(cells: Cells) -> float | None:
    """Agreement expected if each coder marked at their own rate, independently (Cohen)."""
    if not cells.n:
        return None
    first, second = cells.both + cells.only_a, cells.both + cells.only_b
    # Whole numbers until the last step: one coder who never used a code gives exactly 0.
    return (first * second + (cells.n - first) * (cells.n - second)) / cells.n**2


def kappa(cells: Cells) -> float | None:
    """Cohen's kappa of two coders on one code.

    Parameters
    ----------
    cells
        Units marked by both, by one only and by neither.

    Returns
    -------
    float or None
        1 for full agreement, 0 for chance given each coder's own rate; None without variation.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement, 20, 37-46.

    Examples
    --------
    The grant readers of Wikipedia's article on Cohen's kappa:

    >>> round(kappa(Cells(20, 5, 10, 15)), 4)
    0.4
    """
    if not cells.n:
        return None
    first, second = cells.both + cells.only_a, cells.both + cells.only_b
    chance = first * second + (cells.n - first) * (cells.n - second)
    room = cells.n**2 - chance
    return ((cells.both + cells.neither) * cells.n - chance) / room if room else None


def kappa_maximum(cells: Cells) -> float | None:
    """The highest kappa that the two coders' rates allow.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement, 20, 37-46.

    Examples
    --------
    One coder marked 25 of 50, the other 30: at best they part on five.

    >>> kappa_maximum(Cells(20, 5, 10, 15))
    0.8
    """
    return _kappa(cells).maximum


def kappa_se(cells: Cells) -> float | None:
    """Large-sample standard error of kappa, for units that have nothing to do with each other.

    Right for whole documents; for turns of one interview it is too small, for characters senseless.

    References
    ----------
    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin, 72, 323-327.

    Examples
    --------
    >>> round(kappa_se(Cells(20, 5, 10, 15)), 3)
    0.127
    """
    return _kappa(cells).se


def kappa_se_null(cells: Cells) -> float | None:
    """Standard error of kappa if the two coders agreed by chance alone, for a test against 0.

    References
    ----------
    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin, 72, 323-327.

    Examples
    --------
    >>> round(kappa_se_null(Cells(20, 5, 10, 15)), 3)
    0.139
    """
    return _kappa(cells).se_null


def _kappa(cells: Cells) -> Kappa:
    table = [[cells.both, cells.only_a], [cells.only_b, cells.neither]]
    return kappa_of_table(np.array(table, dtype=float))


def pi(cells: Cells) -> float | None:
    """Scott's pi: chance from the rate of both coders together.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. Public Opinion Quarterly, 19, 321-325.

    Examples
    --------
    Data set A of Krippendorff (1995), 24 characters:

    >>> round(pi(Cells(6, 8, 0, 10)), 3)
    0.314
    """
    if not cells.n:
        return None
    rate = (2 * cells.both + cells.only_a + cells.only_b) / (2 * cells.n)
    return _corrected(percent(cells), rate**2 + (1 - rate) ** 2) if 0 < rate < 1 else None


def alpha(cells: Cells) -> float | None:
    """Krippendorff's alpha for one code marked or not, two coders, in closed form.

    Parameters
    ----------
    cells
        Units marked by both, by one only and by neither; for characters, characters.

    Returns
    -------
    float or None
        1 - (2n - 1)(b + c) / (n1 n0); None where nothing varies.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability, section A.

    Examples
    --------
    The ten segments of Krippendorff (2004), p. 224:

    >>> round(alpha(Cells(1, 1, 3, 5)), 3)
    0.095
    """
    marked = 2 * cells.both + cells.only_a + cells.only_b
    unmarked = 2 * cells.n - marked
    if not marked or not unmarked:
        return None
    return 1 - (2 * cells.n - 1) * (cells.only_a + cells.only_b) / (marked * unmarked)


def f1(cells: Cells) -> float | None:
    """Positive agreement: of what either coder marked, how much did both (Dice, F1, Holsti).

    >>> round(f1(Cells(2, 4, 0, 66)), 4)
    0.5
    """
    return _share(2 * cells.both, 2 * cells.both + cells.only_a + cells.only_b)


def iou(cells: Cells) -> float | None:
    """Jaccard: units marked by both over units marked by anyone.

    >>> round(iou(Cells(50, 100, 50, 800)), 4)
    0.25
    """
    return _share(cells.both, cells.both + cells.only_a + cells.only_b)


def negative_agreement(cells: Cells) -> float | None:
    """Negative agreement: of what either coder left unmarked, how much did both.

    The skewed table of Feinstein & Cicchetti (1990):

    >>> round(negative_agreement(Cells(80, 10, 5, 5)), 4)
    0.4
    """
    return _share(2 * cells.neither, 2 * cells.neither + cells.only_a + cells.only_b)


def prevalence(cells: Cells) -> float | None:
    """How often the code is marked, as the mean of the two coders' rates.

    >>> prevalence(Cells(80, 10, 5, 5))
    0.875
    """
    return _share(2 * cells.both + cells.only_a + cells.only_b, 2 * cells.n)


def prevalence_index(cells: Cells) -> float | None:
    """Prevalence index, |both - neither| / n: near 1, kappa is low however well people agree.

    Byrt, Bishop & Carlin (1993):

    >>> prevalence_index(Cells(80, 10, 5, 5))
    0.75
    """
    return _share(abs(cells.both - cells.neither), cells.n)


def bias_index(cells: Cells) -> float | None:
    """Bias index, |only the first - only the second| / n: how far the two rates lie apart.

    Byrt, Bishop & Carlin (1993):

    >>> bias_index(Cells(80, 10, 5, 5))
    0.05
    """
    return _share(abs(cells.only_a - cells.only_b), cells.n)


def ac1(cells: Cells) -> float | None:
    """Gwet's AC1 for one code marked or not.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. British Journal of Mathematical and Statistical Psychology, 61, 29-48.

    Examples
    --------
    The skewed table of Feinstein & Cicchetti (1990), where kappa is .32:

    >>> round(ac1(Cells(80, 10, 5, 5)), 2)
    0.81
    """
    if not cells.n:
        return None
    rate = (2 * cells.both + cells.only_a + cells.only_b) / (2 * cells.n)
    return _corrected(percent(cells), 2 * rate * (1 - rate))


def pabak(cells: Cells) -> float | None:
    """Kappa adjusted for prevalence and bias: 2 p_o - 1 (Bennett's S, Brennan & Prediger).

    References
    ----------
    Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and kappa. Journal of Clinical
    Epidemiology, 46, 423-429.

    Examples
    --------
    >>> round(pabak(Cells(80, 10, 5, 5)), 4)
    0.7
    """
    observed = percent(cells)
    return None if observed is None else 2 * observed - 1


def kappa_de_vries(tables: Iterable[Cells]) -> float | None:
    """Pooled kappa over codes: from the mean observed and the mean expected agreement.

    References
    ----------
    De Vries, H., Elliott, M. N., Kanouse, D. E., & Teleki, S. S. (2008). Using pooled kappa to
    summarize interrater agreement across many items. Field Methods, 20, 272-282.

    Examples
    --------
    One code alone gives its own kappa:

    >>> round(kappa_de_vries([Cells(20, 5, 10, 15)]), 4)
    0.4
    """
    pairs = [
        (observed, expected)
        for cells in tables
        if (observed := percent(cells)) is not None
        and (expected := kappa_expected(cells)) is not None
    ]
    if not pairs:
        return None
    observed = sum(pair[0] for pair in pairs) / len(pairs)
    return _corrected(observed, sum(pair[1] for pair in pairs) / len(pairs))


COEFFICIENTS: dict[str, Callable[[Cells], float | None]] = {
    "percent": percent,
    "kappa": kappa,
    "pi": pi,
    "alpha": alpha,
    "f1": f1,
    "iou": iou,
    "ac1": ac1,
    "pabak": pabak,
    "negative_agreement": negative_agreement,
    "prevalence_index": prevalence_index,
    "bias_index": bias_index,
}
"""Every coefficient of one code and two coders, by the name it has in the results."""
