"""One coder at two times: the codings of two rounds in, how steadily they coded out.

``compare_with_oneself(transcripts, first, again, *, coder, label, unit, …) -> SelfAgreement``
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.given import in_order
from qualcode.agreement.layers import LayerAgreement, merged_layers, values
from qualcode.agreement.report import counted
from qualcode.agreement.units import Mask, Unit
from qualcode.errors import BadCommand
from qualcode.model import MAIN, Code, Coding, CodingSet, Transcript


@dataclass(frozen=True)
class SelfAgreement(LayerAgreement):
    """How far one coder agrees with themselves: stability, no agreement between coders.

    ``days`` tells for each transcript that was compared how many days lie between the last coding
    of the first pass and the last of the second; ``versions`` the codebook versions of each pass.
    """

    coder: str = ""
    days: tuple[tuple[str, int], ...] = ()
    versions: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def between(self) -> str:
        """How long after the first pass the second was."""
        found = [days for _, days in self.days]
        if not found:
            return "When the two passes were made is not recorded."
        if min(found) == max(found):
            return f"{counted(found[0], 'day')} {_lie(found[0])} between the two passes."
        return (
            f"Between the two passes lie {min(found)} to {counted(max(found), 'day')} "
            f"(median {median(found):g})."
        )

    @property
    def under(self) -> str:
        """Whether the two passes were made under one codebook."""
        first, again = self.versions
        if not first or not again or first == again:
            return ""
        return (
            f"The first pass was made under codebook version {' and '.join(first)}, the second "
            f"under {' and '.join(again)}: a change may be the codebook's, not the coder's."
        )

    @property
    def sentence(self) -> str:
        """The value with what it is a value of."""
        parts = ("Within one coder.", self.overall_sentence, self.between, self.under)
        return " ".join(part for part in parts if part)

    @property
    def methods_sentence(self) -> str:
        return (
            f"{self.coder} coded {self._compared_on} a second time. {self.between} Agreement of "
            f"the two passes is within one coder (stability) and not a measure of intercoder "
            f"reliability. {self._computed}"
        )

    def to_dict(self) -> dict[str, Any]:
        first, again = self.versions
        return {
            **super().to_dict(),
            "compared": "within coder",
            "coder": self.coder,
            "days": dict(self.days),
            "codebook_versions": {"first": list(first), "again": list(again)},
            "sentence": self.sentence,
        }


def compare_with_oneself(
    transcripts: Iterable[Transcript],
    first: CodingSet,
    again: CodingSet,
    *,
    coder: str,
    label: str = "",
    unit: Unit = "turn",
    codes: Iterable[str | Code] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    seed: int = 1,
    resamples: int = 1000,
) -> SelfAgreement:
    """How far a coder's second pass agrees with their first, on transcripts submitted in both.

    Parameters
    ----------
    first, again
        The codings of two rounds, as the main round and a repeat round.
    coder
        Whose passes are compared; others' codings are left aside.
    label
        What the coder is called in the sentences; without it, by the name.

    References
    ----------
    Krippendorff, K. (2018). Content analysis, 4th ed., ch. 12: stability, the weakest form of
    reliability.
    """
    passes = []
    for number, codings in enumerate((first, again)):
        if coder not in {name for name, _ in codings.sealed}:
            raise BadCommand(
                f"{coder} has submitted nothing in the {('first', 'second')[number]} of the two "
                "rounds; name a coder who coded in both."
            )
        passes.append(_pass(codings, coder))
    name = label or coder
    names = (f"{name}, first pass", f"{name}, second pass")
    agreed = compare_coders(
        transcripts,
        merged_layers([_named(own, layer) for own, layer in zip(passes, names, strict=True)]),
        unit=unit,
        coders=names,
        codes=codes,
        codebook=codebook,
        mask=mask,
        seed=seed,
        resamples=resamples,
    )
    shared = [own for own in passes if own.sealed]
    last = [_last(own) for own in shared]
    days = tuple(
        (transcript, (last[1][transcript] - last[0][transcript]).days)
        for transcript in agreed.coverage.counted
        if transcript in last[0] and transcript in last[1]
    )
    one, other = (_versions(own, agreed.coverage.counted) for own in passes)
    return SelfAgreement(**values(agreed), coder=name, days=days, versions=(one, other))


def _lie(count: int) -> str:
    return "lies" if count == 1 else "lie"


def _pass(codings: CodingSet, coder: str) -> CodingSet:
    """One coder's submitted codings of a round."""
    sealed = frozenset(pair for pair in codings.sealed if pair[0] == coder)
    own = tuple(c for c in codings if (c.coder, c.transcript) in sealed)
    return replace(codings, codings=own, sealed=sealed, open=frozenset())


def _named(codings: CodingSet, name: str) -> CodingSet:
    return replace(
        codings,
        codings=tuple(replace(c, coder=name, round=MAIN, codebook_version="") for c in codings),
        sealed=frozenset((name, transcript) for _, transcript in codings.sealed),
    )


def _last(codings: Iterable[Coding]) -> dict[str, datetime]:
    """When the last coding of each transcript was made, where that is recorded."""
    found: dict[str, datetime] = {}
    for coding in codings:
        try:
            made = datetime.fromisoformat(coding.made_at).replace(tzinfo=None)
        except ValueError:
            continue
        found[coding.transcript] = max(made, found.get(coding.transcript, made))
    return found


def _versions(codings: Iterable[Coding], transcripts: Iterable[str]) -> tuple[str, ...]:
    wanted = set(transcripts)
    return tuple(
        in_order(
            {c.codebook_version for c in codings if c.transcript in wanted and c.codebook_version}
        )
    )
