"""Two layers of codings: one coder at two times, or a person against the consensus; figures out.

``compare_layers(transcripts, first, second, labels=("Ana, second pass", "Ana, first pass"), *,
both=None, unit, codes, codebook, mask, level, rollup, seed, resamples) -> LayerAgreement``, an
`Agreement` whose ``coders`` are the labels and whose sentences never speak of coders that agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import Agreement, Coverage, counted
from qualcode.agreement.units import Mask, Unit
from qualcode.errors import BadCommand
from qualcode.model import MAIN, Code, Coding, CodingSet, Transcript

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
        total = counted(self.coverage.total, "transcript")
        line = f"{self.compared}: {self.n_transcripts} of {total} in both"
        not_counted = [*self.coverage.single, *_titles(self.coverage)]
        if not_counted:
            line += f"; {', '.join(title for _, title in not_counted)} not counted"
        return f"{line}. {self.units_counted}."

    @property
    def overall_sentence(self) -> str:
        if self.overall.reason == "no_pairable_text":
            return f"{self.compared}: {NOTHING_SHARED}."
        return f"{self.compared}. {super().overall_sentence}"

    @property
    def methods_sentence(self) -> str:
        """How the figures were made; it says that they are no intercoder reliability."""
        return (
            f"The codings of {self.coders[0]} were compared with those of {self.coders[1]} on "
            f"{self._compared_on}; the two are not independent coders, and this is not a measure "
            f"of intercoder reliability. {self._computed}"
        )

    @property
    def _compared_on(self) -> str:
        return f"{self.n_transcripts} of {counted(self.coverage.total, 'interview')}"

    @property
    def _computed(self) -> str:
        """The part of the methods that says how, not who."""
        _, computed, rest = super().methods_sentence.partition("Agreement was computed")
        return computed + rest

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

    For a person against the consensus (the lead's own check), or for any two layers that do not
    come from independent coders. Who made a coding does not matter here: all codings of a layer
    count as one. A coder against themselves later is `compare_with_oneself`, a group of coders
    against another `compare_groups`.

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
    names = _two(labels)
    covered = None if both is None else frozenset(both)
    agreed = compare_coders(
        transcripts,
        merged_layers((_layer(first, names[0], covered), _layer(second, names[1], covered))),
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
    return LayerAgreement(**values(agreed))


def _two(labels: tuple[str, str]) -> tuple[str, str]:
    names = (labels[0].strip(), labels[1].strip())
    if not all(names) or names[0].casefold() == names[1].casefold():
        raise BadCommand("Two layers need two different labels, as “Lea” and “consensus”.")
    return names


def values(agreed: Agreement) -> dict[str, Any]:
    """The parts of an agreement, to say the same in other words."""
    return {part.name: getattr(agreed, part.name) for part in fields(agreed)}


def merged_layers(layers: Sequence[CodingSet]) -> CodingSet:
    """Layers under their own names as one coding set."""
    tree = {code.id: code for layer in layers for code in layer.codes}
    blind = {transcript: why for layer in layers for transcript, why in layer.not_blind.items()}
    return CodingSet(
        codings=tuple(coding for layer in layers for coding in layer),
        sealed=frozenset(pair for layer in layers for pair in layer.sealed),
        codes=tuple(tree.values()),
        not_blind=blind,
    )


def _titles(coverage: Coverage) -> list[tuple[str, str]]:
    """A layer is complete or not; only what else keeps a transcript out is worth a word."""
    return [(row.transcript, str(row) if row.reason else row.title) for row in coverage.not_counted]


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
        # Layers may be of two rounds and two codebook versions: that is what is compared.
        codings=tuple(replace(c, coder=name, round=MAIN, codebook_version="") for c in made),
        sealed=frozenset((name, transcript) for transcript in complete),
        codes=getattr(codings, "codes", ()),
    )
