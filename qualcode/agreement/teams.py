"""Groups of coders: their codings in, how far one group agrees with another out.

``compare_groups(transcripts, codings, first, second, labels, *, unit, …) -> GroupAgreement``
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.layers import LayerAgreement, merged_layers, values
from qualcode.agreement.units import Mask, Unit
from qualcode.errors import BadCommand
from qualcode.model import Code, CodingSet, Round, Transcript


@dataclass(frozen=True)
class GroupAgreement(LayerAgreement):
    """How far two groups of coders agree, each group taken as one coder."""

    @property
    def methods_sentence(self) -> str:
        return (
            f"The codings of {self.coders[0]}, taken together, were compared with those of "
            f"{self.coders[1]} on {self._compared_on}; a passage counts for a group where any of "
            f"its members coded it. {self._computed}"
        )

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "compared": "groups"}


def compare_groups(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    first: Sequence[str],
    second: Sequence[str],
    *,
    labels: Mapping[str, str] | None = None,
    unit: Unit = "turn",
    codes: Iterable[str | Code] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    round: Round | None = None,
    seed: int = 1,
    resamples: int = 1000,
) -> GroupAgreement:
    """How far one group of coders agrees with another.

    A group has what any of its members coded, and has read a transcript that one of them submitted,
    as in NVivo's groups of users. Members who part among themselves are not seen in the value.

    Parameters
    ----------
    first, second
        Names of the coders of each group; nobody is in both.
    labels
        What each coder is called in the sentences, by name.
    """
    groups = [tuple(dict.fromkeys(group)) for group in (first, second)]
    known = {name for name, _ in (*codings.sealed, *codings.open)}
    for group in groups:
        if not group:
            raise BadCommand("Each of the two groups needs at least one coder.")
        if unknown := [name for name in group if name not in known]:
            raise BadCommand(f"{unknown[0]} has coded nothing here; name coders of this round.")
    if twice := set(groups[0]) & set(groups[1]):
        raise BadCommand(f"{min(twice)} is in both groups; a coder stands in one of them.")
    names = tuple(" and ".join((labels or {}).get(name, name) for name in g) for g in groups)
    agreed = compare_coders(
        transcripts,
        merged_layers([_group(codings, g, name) for g, name in zip(groups, names, strict=True)]),
        unit=unit,
        coders=names,
        codes=codes,
        codebook=codebook,
        mask=mask,
        round=round,
        seed=seed,
        resamples=resamples,
    )
    return GroupAgreement(**values(agreed))


def _group(codings: CodingSet, group: Sequence[str], name: str) -> CodingSet:
    """What the members coded, as of one coder of this name."""
    sealed = {pair for pair in codings.sealed if pair[0] in group}
    return replace(
        codings,
        codings=tuple(replace(c, coder=name) for c in codings if (c.coder, c.transcript) in sealed),
        sealed=frozenset((name, transcript) for _, transcript in sealed),
        open=frozenset(),
    )
