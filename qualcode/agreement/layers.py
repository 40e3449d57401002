"""Two layers of codings: one coder at two times, or a person against the consensus; figures out.

``compare_layers(transcripts, first, second, labels=("Ana, second pass", "Ana, first pass"), *,
both=None, unit, codes, codebook, mask, level, rollup, seed, resamples) -> LayerAgreement``, an
`Agreement` whose ``coders`` are the labels and whose sentences never speak of coders that agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import Agreement, counted
from qualcode.agreement.units import Mask, Unit
from qualcode.errors import BadCommand
from qualcode.model import Code, Coding, CodingSet, Transcript

Codings = CodingSet | Iterable[Coding]
NOTHING_SHARED = "no text is complete in both, so there is nothing to compare"


@dataclass(frozen=True)
class LayerAgreement(Agreement):
    """How far two layers of codings agree; it is no agreement between independent coders.

    It is an `Agreement`, so that every table and page can show it, but each of its sentences says
    what it compares.
    """

    def __str__(self) -> str:
        """The figures, with what they compare in front.

        The last part of the usual line, the number of coders, would not be true here.
        """
        if self.overall.reason == "no_pairable_text":
            return f"{self.compared}: {NOTHING_SHARED}"
        return f"{self.compared}: {super().__str__().rpartition(', ')[0]}"

    @property
    def compared(self) -> str:
        return f"{self.coders[0]} against {self.coders[1]}"

    @property
    def coverage_sentence(self) -> str:
        total = self.n_transcripts + len(self.coverage.not_counted)
        line = f"{self.compared}: {self.n_transcripts} of {counted(total, 'transcript')} in both"
        if self.coverage.not_counted:
            titles = ", ".join(row.title for row in self.coverage.not_counted)
            line += f"; {titles} not counted"
        return f"{line}. {self.units_counted}."

    @property
    def overall_sentence(self) -> str:
        if self.overall.reason == "no_pairable_text":
            return f"{self.compared}: {NOTHING_SHARED}."
        return f"{self.compared}. {super().overall_sentence}"

    @property
    def methods_sentence(self) -> str:
        """How the figures were made; it says that they are no intercoder reliability."""
        _, computed, rest = super().methods_sentence.partition("Agreement was computed")
        total = self.n_transcripts + len(self.coverage.not_counted)
        return (
            f"The codings of {self.coders[0]} were compared with those of {self.coders[1]} on "
            f"{self.n_transcripts} of {counted(total, 'interview')}; the two are not independent "
            f"coders, and this is not a measure of intercoder reliability. {computed}{rest}"
        )

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "compared": "layers"}


def compare_layers(
    transcripts: Iterable[Transcript],
    first: Codings,
    second: Codings,
    labels: tuple[str, str] = ("first", "second"),
    *,
    both: Iterable[str] | None = None,
    unit: Unit = "turn",
    codes: Iterable[str | Code] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    level: int | None = None,
    rollup: bool = False,
    seed: int = 1,
    resamples: int = 1000,
) -> LayerAgreement:
    """How far two sets of codings of the same transcripts agree.

    For a coder against themselves later (stability), a group of coders against another, or a
    person against the consensus (the lead's own check). Who made a coding does not matter here: all
    codings of a layer count as one.

    Parameters
    ----------
    first, second
        The two layers. Of a `CodingSet` the sealed transcripts are complete; of other codings those
        where the layer holds at least one.
    labels
        What the layers are called: "Lea", "consensus".
    both
        Ids of the transcripts that both layers cover, where the codings alone do not tell: a
        transcript that the consensus leaves without any coding.
    """
    names = (labels[0].strip(), labels[1].strip())
    if not all(names) or names[0].casefold() == names[1].casefold():
        raise BadCommand("Two layers need two different labels, as “Lea” and “consensus”.")
    covered = None if both is None else frozenset(both)
    layers = [
        _layer(layer, name, covered) for layer, name in zip((first, second), names, strict=True)
    ]
    tree = {code.id: code for layer in layers for code in layer.codes}
    agreed = compare_coders(
        transcripts,
        CodingSet(
            codings=tuple(coding for layer in layers for coding in layer),
            sealed=frozenset(pair for layer in layers for pair in layer.sealed),
            codes=tuple(tree.values()),
        ),
        unit=unit,
        coders=names,
        codes=codes,
        codebook=codebook,
        mask=mask,
        level=level,
        rollup=rollup,
        seed=seed,
        resamples=resamples,
    )
    return LayerAgreement(**{part.name: getattr(agreed, part.name) for part in fields(agreed)})


def _layer(codings: Codings, name: str, covered: frozenset[str] | None) -> CodingSet:
    """The codings as those of one coder of this name, complete where the layer is."""
    if isinstance(codings, CodingSet):
        made = [c for c in codings if (c.coder, c.transcript) in codings.sealed]
        complete = {transcript for _, transcript in codings.sealed}
        complete = complete if covered is None else complete & covered
    else:
        made = list(codings)
        complete = {coding.transcript for coding in made} if covered is None else set(covered)
    return CodingSet(
        codings=tuple(replace(coding, coder=name) for coding in made),
        sealed=frozenset((name, transcript) for transcript in complete),
        codes=getattr(codings, "codes", ()),
    )
