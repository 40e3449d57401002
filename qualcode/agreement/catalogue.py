"""What each coefficient is: its name in, what a reader may ask about the number out.

A page shows a figure under its name in the results; this table says what it means, how it is
computed and where that is written. The counts of two coders on one code are a (both marked the
unit), b (only the first), c (only the second), d (neither); n is their sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from qualcode.agreement import (
    cells,
    coefficients,
    intervals,
    sets,
    summaries,
    sums,
    unitizing,
)
from qualcode.agreement.gamma import gamma

Data = Literal["counts", "tables", "values", "sets", "passages", "resamples"]

DATA: dict[Data, str] = {
    "counts": "units that both, one or none of two coders marked",
    "tables": "those counts for each of several codes",
    "values": "each coder's value for each unit",
    "sets": "each coder's set of codes for each unit",
    "passages": "where each coder's passages begin and end",
    "resamples": "the same coefficient from transcripts drawn again and again",
}
"""What a coefficient is computed from."""


@dataclass(frozen=True)
class Coefficient:
    """A coefficient as it is named, computed and published.

    >>> print(COEFFICIENTS["pi"])
    Scott's pi: (p_o - p_e) / (1 - p_e), p_e = p² + (1 - p)², p = (2a + b + c) / 2n. Scott (1955)
    """

    label: str
    function: Callable[..., Any]
    formula: str
    source: str
    data: Data = "counts"

    @property
    def meaning(self) -> str:
        """The first sentence of what is written at the function.

        >>> COEFFICIENTS["f1"].meaning
        'Positive agreement: of what either coder marked, how much did both (Dice, F1, Holsti).'
        """
        function = self.function
        if isinstance(function, partial):
            function = function.func
        return (function.__doc__ or "").strip().splitlines()[0]

    def __str__(self) -> str:
        return f"{self.label}: {self.formula}. {self.source}"


_GWET = "Gwet (2008); Gwet (2014), Handbook of inter-rater reliability, 4th ed."
_UNITIZING = (
    "Krippendorff, Mathet, Bouvry & Widlöcher (2016); Krippendorff (2019), Content analysis, "
    "4th ed., section 12.6"
)
_KRIPPENDORFF = "Krippendorff (2011), Computing Krippendorff's alpha-reliability"
_HAYES = "Hayes & Krippendorff (2007)"
_FLEISS_COHEN_EVERITT = "Fleiss, Cohen & Everitt (1969)"
_BYRT = "Byrt, Bishop & Carlin (1993)"
_DRAWN = "share of resamples below"
_ALPHA = "1 - D_o / D_e"
_DISTANCES: dict[coefficients.Level, str] = {
    "nominal": "d = 0 for the same value, else 1",
    "ordinal": "d = (Σ n_g from c to k - (n_c + n_k) / 2)²",
    "interval": "d = (c - k)²",
    "ratio": "d = ((c - k) / (c + k))²",
}
_WEIGHTED = "κ_w = (Σ w p_ij - Σ w p_i. p_.j) / (1 - Σ w p_i. p_.j)"

COEFFICIENTS: dict[str, Coefficient] = {
    "percent": Coefficient(
        "Percent agreement", cells.percent, "p_o = (a + d) / n", "the share itself; no correction"
    ),
    "kappa": Coefficient(
        "Cohen's kappa",
        cells.kappa,
        "κ = (p_o - p_e) / (1 - p_e), p_e = [(a + b)(a + c) + (c + d)(b + d)] / n²",
        "Cohen (1960)",
    ),
    "kappa_maximum": Coefficient(
        "Maximum of kappa",
        cells.kappa_maximum,
        "(Σ min(p_k., p_.k) - p_e) / (1 - p_e)",
        "Cohen (1960)",
    ),
    "kappa_se": Coefficient(
        "Standard error of kappa, independent units",
        cells.kappa_se,
        "√({Σ p_ij [w_ij - s_ij (1 - κ)]² - [κ - p_e (1 - κ)]²} / n) / (1 - p_e), "
        "s_ij = w̄_i. + w̄_.j",
        _FLEISS_COHEN_EVERITT,
    ),
    "kappa_se_null": Coefficient(
        "Standard error of kappa under chance, independent units",
        cells.kappa_se_null,
        "√({Σ p_i. p_.j (w_ij - s_ij)² - p_e²} / n) / (1 - p_e)",
        _FLEISS_COHEN_EVERITT,
    ),
    "kappa_linear": Coefficient(
        "Weighted kappa, linear",
        partial(coefficients.cohen_kappa, weights="linear"),
        f"{_WEIGHTED}, w = 1 - |i - j| / (max - min)",
        "Cohen (1968)",
        "values",
    ),
    "kappa_quadratic": Coefficient(
        "Weighted kappa, quadratic",
        partial(coefficients.cohen_kappa, weights="quadratic"),
        f"{_WEIGHTED}, w = 1 - (i - j)² / (max - min)²",
        "Cohen (1968); Fleiss & Cohen (1973)",
        "values",
    ),
    "light_kappa": Coefficient(
        "Mean pairwise kappa (Light)",
        coefficients.light_kappa,
        "mean of Cohen's κ over pairs of coders with a κ",
        "Light (1971)",
        "values",
    ),
    "kappa_de_vries": Coefficient(
        "Pooled kappa",
        cells.kappa_de_vries,
        "(mean p_o - mean p_e) / (1 - mean p_e), means over codes",
        "De Vries, Elliott, Kanouse & Teleki (2008)",
        "tables",
    ),
    "mean_kappa": Coefficient(
        "Mean kappa over codes",
        summaries.mean,
        "mean of κ over the codes that have one",
        "a plain mean; codes without a κ are left out",
        "tables",
    ),
    "pi": Coefficient(
        "Scott's pi",
        cells.pi,
        "(p_o - p_e) / (1 - p_e), p_e = p² + (1 - p)², p = (2a + b + c) / 2n",
        "Scott (1955)",
    ),
    "pabak": Coefficient(
        "PABAK (Bennett's S, Brennan-Prediger)",
        cells.pabak,
        "2 p_o - 1",
        f"{_BYRT}; Brennan & Prediger (1981); Bennett, Alpert & Goldstein (1954)",
    ),
    "ac1": Coefficient(
        "Gwet's AC1",
        cells.ac1,
        "(p_o - p_e) / (1 - p_e), p_e = 2p (1 - p), p = (2a + b + c) / 2n",
        "Gwet (2008)",
    ),
    "alpha": Coefficient(
        "Krippendorff's alpha",
        cells.alpha,
        f"{_ALPHA} = 1 - (2n - 1)(b + c) / (n₁ n₀), n₁ = 2a + b + c, n₀ = 2d + b + c",
        _KRIPPENDORFF,
    ),
    "f1": Coefficient(
        "F1 (positive agreement, Dice, Holsti)",
        cells.f1,
        "2a / (2a + b + c)",
        "Dice (1945); Holsti (1969)",
    ),
    "iou": Coefficient("Overlap (Jaccard)", cells.iou, "a / (a + b + c)", "Jaccard (1912)"),
    "passage_overlap": Coefficient(
        "Passage overlap",
        sums.overlap_where_both,
        "a / (a + b + c) in characters, inside the units that both marked",
        "our own, so that boundaries stay visible beside decisions",
        "passages",
    ),
    "positive_agreement": Coefficient(
        "Positive agreement", cells.f1, "2a / (2a + b + c)", "Feinstein & Cicchetti (1990)"
    ),
    "negative_agreement": Coefficient(
        "Negative agreement",
        cells.negative_agreement,
        "2d / (2d + b + c)",
        "Feinstein & Cicchetti (1990)",
    ),
    "prevalence": Coefficient("Prevalence", cells.prevalence, "(2a + b + c) / 2n", _BYRT),
    "prevalence_index": Coefficient(
        "Prevalence index", cells.prevalence_index, "|a - d| / n", _BYRT
    ),
    "bias_index": Coefficient("Bias index", cells.bias_index, "|b - c| / n", _BYRT),
    "holsti": Coefficient(
        "Holsti's coefficient", coefficients.holsti, "2M / (N₁ + N₂)", "Holsti (1969)"
    ),
    "percent_agreement": Coefficient(
        "Percent agreement, any number of coders",
        coefficients.percent_agreement,
        "mean over units of the share of pairs of coders who say the same",
        "Fleiss (1971)",
        "values",
    ),
    "scott_pi": Coefficient(
        "Scott's pi, any number of values",
        coefficients.scott_pi,
        "(p_o - p_e) / (1 - p_e), p_e = Σ p̄_k²",
        "Scott (1955)",
        "values",
    ),
    "fleiss_kappa": Coefficient(
        "Fleiss' kappa",
        coefficients.fleiss_kappa,
        "(p_o - p_e) / (1 - p_e), p_e = Σ p̄_k², p_o the mean pairwise agreement",
        "Fleiss (1971)",
        "values",
    ),
    "fleiss_category": Coefficient(
        "Fleiss' kappa of one category",
        coefficients.fleiss_category,
        "1 - Σ r (m - r) / [N m (m - 1) p̄ (1 - p̄)]",
        "Fleiss (1971)",
        "values",
    ),
    "brennan_prediger": Coefficient(
        "Brennan-Prediger (free-marginal kappa)",
        coefficients.brennan_prediger,
        "(p_o - p_e) / (1 - p_e), p_e = Σ w / q², q declared categories",
        "Brennan & Prediger (1981); Randolph (2005)",
        "values",
    ),
    "gwet_ac1": Coefficient(
        "Gwet's AC1, any number of coders",
        coefficients.gwet_ac,
        "(p_o - p_e) / (1 - p_e), p_e = Σ π_k (1 - π_k) / (q - 1)",
        _GWET,
        "values",
    ),
    "gwet_ac2": Coefficient(
        "Gwet's AC2, quadratic weights",
        partial(coefficients.gwet_ac, weights="quadratic"),
        "(p_o - p_e) / (1 - p_e), p_e = [Σ w / (q (q - 1))] Σ π_k (1 - π_k)",
        _GWET,
        "values",
    ),
    **{
        f"alpha_{level}": Coefficient(
            f"Krippendorff's alpha, {level}",
            partial(coefficients.krippendorff_alpha, level=level),
            f"{_ALPHA}, {distance}",
            _KRIPPENDORFF,
            "values",
        )
        for level, distance in _DISTANCES.items()
    },
    "alpha_masi": Coefficient(
        "Krippendorff's alpha on sets of codes (MASI)",
        sets.set_alpha,
        f"{_ALPHA}, d = 1 - J M; J = shared / all; M = 1 equal, 2/3 one within the other, "
        "1/3 overlapping, 0 apart",
        "Passonneau (2006); Krippendorff (2011)",
        "sets",
    ),
    "alpha_jaccard": Coefficient(
        "Krippendorff's alpha on sets of codes (Jaccard)",
        partial(sets.set_alpha, distance=sets.jaccard_distance),
        f"{_ALPHA}, d = 1 - shared / all",
        "Passonneau (2006); Krippendorff (2011)",
        "sets",
    ),
    "u_alpha": Coefficient(
        "u-alpha",
        unitizing.u_alpha,
        "1 - (l.. - Σ l_cc) / (e.. - Σ e_cc)",
        _UNITIZING,
        "passages",
    ),
    "binary_u_alpha": Coefficient(
        "|u-alpha, coded against gap",
        unitizing.binary_u_alpha,
        "1 - (l_φ. - l_φφ) / (e_φ. - e_φφ)",
        _UNITIZING,
        "passages",
    ),
    "cu_alpha": Coefficient(
        "cu-alpha, values where both coded (more than two coders: mean over pairs)",
        unitizing.cu_alpha,
        "1 - (l*.. - Σ l*_cc) / (e*.. - Σ e*_cc)",
        _UNITIZING,
        "passages",
    ),
    "ku_alpha": Coefficient(
        "(k)u-alpha, one value where both coded (more than two coders: mean over pairs)",
        unitizing.ku_alpha,
        "1 - (e*_k. / l*_k.)(l*_k. - l*_kk) / (e*_k. - e*_kk)",
        _UNITIZING,
        "passages",
    ),
    "segment_f1": Coefficient(
        "Segment F1 at a chosen overlap",
        unitizing.segment_f1,
        "2T / (n₁ + n₂), T partners matched one to one by falling overlap",
        "our own: the matching rules of other tools are not documented",
        "passages",
    ),
    "gamma": Coefficient(
        "Gamma",
        gamma,
        "1 - observed disorder / disorder expected by chance, both of the best alignment",
        "Mathet, Widlöcher & Métivier (2015)",
        "passages",
    ),
    "interval": Coefficient(
        "95 % interval",
        intervals.expanded_interval,
        "percentiles of the resamples, Φ(-√(n / (n - 1)) t) cut off at each side",
        "Hesterberg (2015)",
        "resamples",
    ),
    "q_667": Coefficient(
        "q(.667)", intervals.expanded_interval, f"{_DRAWN} .667", _HAYES, "resamples"
    ),
    "q_800": Coefficient(
        "q(.800)", intervals.expanded_interval, f"{_DRAWN} .800", _HAYES, "resamples"
    ),
}
"""Every coefficient by the name it has in the results or as a function."""
