"""Agreement by theme: transcripts and codings in, one row of figures a theme out.

``by_theme(transcripts, codings, *, level=0, …) -> tuple[CodeAgreement, ...]``
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import CodeAgreement
from qualcode.agreement.units import Mask, Unit
from qualcode.model import Code, Coding, CodingSet, Round, Transcript


def by_theme(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    level: int = 0,
    read_to: Mapping[tuple[str, str], int] | None = None,
    round: Round | None = None,
    seed: int = 1,
    resamples: int = 1000,
) -> tuple[CodeAgreement, ...]:
    """Each theme as the union of its codes: a unit with any of them counts for the theme.

    Two coders who chose different codes of one theme agree on the theme. Children are never
    averaged. Empty where no code stands under another, as there the codes are the whole table.
    """
    agreed = compare_coders(
        transcripts,
        codings,
        unit=unit,
        coders=coders,
        codebook=codebook,
        mask=mask,
        level=level,
        read_to=read_to,
        round=round,
        seed=seed,
        resamples=resamples,
    )
    tree = {code.id: code for code in getattr(codings, "codes", ())}
    tree |= {code.id: code for code in codebook or ()}
    above = {code.parent for code in tree.values() if code.parent in tree}
    return agreed.codes if above else ()
