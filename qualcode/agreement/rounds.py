"""Rounds: the codings of each in, one line of agreement a round out.

``by_round(transcripts, rounds, *, unit, coders, mask) -> Rounds``; a `Rounds` has ``lines``
(`RoundAgreement`), ``sentence`` and ``to_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import Overall, Pooled
from qualcode.agreement.units import Mask, Unit
from qualcode.model import CodingSet, Round, Transcript


@dataclass(frozen=True)
class RoundAgreement:
    """One round's overall figures; rounds are never taken together."""

    round: Round
    coders: tuple[str, ...]
    n_units: int
    titles: tuple[str, ...]
    overall: Overall
    pooled: Pooled
    sentence: str

    @property
    def name(self) -> str:
        """The round's name with its kind, where it is not the main one."""
        kind = self.round.kind
        return self.round.name if kind == "main" else f"{self.round.name} ({kind} round)"

    def to_dict(self) -> dict[str, Any]:
        return {
            "round": self.round.id,
            "name": self.round.name,
            "kind": self.round.kind,
            "version": self.round.version,
            "coders": list(self.coders),
            "titles": list(self.titles),
            "n_transcripts": len(self.titles),
            "n_units": self.n_units,
            "alpha": self.overall.value,
            "low": self.overall.low,
            "high": self.overall.high,
            "kappa": self.pooled.kappa,
            "reason": self.overall.reason,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Rounds:
    """Agreement round by round."""

    unit: Unit
    lines: tuple[RoundAgreement, ...]

    @property
    def sentence(self) -> str:
        kinds = {line.round.kind for line in self.lines}
        parts = ["Each round has its own figures; none of them is taken together with another."]
        if "pilot" in kinds:
            parts.append("Those of a pilot round are not the main study’s.")
        if "repeat" in kinds:
            parts.append("A repeat round is of transcripts that were coded before.")
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        return {"lines": [line.to_dict() for line in self.lines], "sentence": self.sentence}


def by_round(
    transcripts: Iterable[Transcript],
    rounds: Iterable[tuple[Round, CodingSet]],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    mask: Mask = "interviewer",
    seed: int = 1,
    resamples: int = 1000,
) -> Rounds:
    """Overall agreement of each round in which two coders have submitted something."""
    texts = tuple(transcripts)
    titles = {text.id: text.title for text in texts}
    lines = []
    for each, codings in rounds:
        team = {name for name, _ in codings.sealed}
        names = tuple(name for name in coders if name in team) if coders else tuple(sorted(team))
        if len(names) < 2:
            continue
        found = compare_coders(
            texts, codings, unit=unit, coders=names, mask=mask, round=each,
            seed=seed, resamples=resamples,
        )  # fmt: skip
        lines.append(
            RoundAgreement(
                round=each,
                coders=found.coders,
                n_units=found.n_units,
                titles=tuple(titles[id] for id in found.coverage.counted),
                overall=found.overall,
                pooled=found.pooled,
                sentence=found.overall_sentence,
            )
        )
    return Rounds(unit, tuple(lines))
