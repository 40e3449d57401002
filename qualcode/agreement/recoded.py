"""Agreement before and after recoding: each version's layers in, the figures side by side out.

``side_by_side(transcripts, layers, *, unit, coders, round) -> SideBySide``; a `SideBySide` has
``lines`` (`RecodedLine`: version, agreement), ``changed`` codes, ``sentence`` and ``to_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import Agreement, counted, point
from qualcode.agreement.units import Unit
from qualcode.errors import BadCommand
from qualcode.model import CodingSet, Round, Transcript


@dataclass(frozen=True)
class RecodedLine:
    """The figures under one version, on the transcripts that every version has."""

    version: str
    agreement: Agreement


@dataclass(frozen=True)
class SideBySide:
    """The same transcripts under each version, oldest first; ``left_out`` are titles of those that
    are not current under one of them, or were answered in sight of each other.
    """

    lines: tuple[RecodedLine, ...]
    changed: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The figures in words, with what they are evidence of."""
        if len(self.lines) < 2:
            return ""
        said = "; ".join(
            f"{line.version}: "
            + ("undefined" if line.agreement.overall.value is None else
               point(line.agreement.overall.value))
            for line in self.lines
        )  # fmt: skip
        first = self.lines[0].agreement
        more = f" Not counted: {', '.join(self.left_out)}." if self.left_out else ""
        return (
            f"Overall alpha by codebook version, on the same "
            f"{counted(first.n_transcripts, 'transcript')}: {said}. The first is of blind coding. "
            "Later ones are of what each coder answered when a code had changed, without sight of "
            f"the others’ answers but after the first comparison was open.{more}"
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "lines": [
                {
                    "version": line.version,
                    "transcripts": list(line.agreement.coverage.counted),
                    "n_units": line.agreement.n_units,
                    "alpha": line.agreement.overall.value,
                    "low": line.agreement.overall.low,
                    "high": line.agreement.overall.high,
                    "kappa": line.agreement.pooled.kappa,
                    "codes": [
                        {"code": c.code, "n1": c.n1, "n2": c.n2, "both": c.both,
                         "alpha": c.alpha, "kappa": c.kappa}
                        for c in line.agreement.codes
                    ],
                }
                for line in self.lines
            ],
            "changed": list(self.changed),
            "left_out": list(self.left_out),
            "sentence": self.sentence,
        }  # fmt: skip


def side_by_side(
    transcripts: Iterable[Transcript],
    layers: Iterable[tuple[str, CodingSet]],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    round: Round | None = None,
) -> SideBySide:
    """Agreement under each version, on the transcripts that count under all of them.

    ``layers`` are the versions with what the coders' layers are under each, oldest first.
    """
    texts, given = tuple(transcripts), tuple(layers)
    found = [
        (version, codings, _compared(texts, codings, unit, coders, round))
        for version, codings in given
    ]
    there = [(v, c, a) for v, c, a in found if a is not None and a.n_transcripts]
    common = set.intersection(*(set(a.coverage.counted) for _, _, a in there)) if there else set()
    if len(there) < 2 or not common:
        return SideBySide((), ())
    same = [text for text in texts if text.id in common]
    lines = []
    for version, codings, agreed in there:
        if set(agreed.coverage.counted) != common:
            again = _compared(same, codings, unit, coders, round)
            assert again is not None
            agreed = again
        lines.append(RecodedLine(version, agreed))
    anywhere = set().union(*(a.coverage.counted for _, _, a in there))
    return SideBySide(
        tuple(lines),
        _changed(lines),
        tuple(text.title for text in texts if text.id in anywhere - common),
    )


def _compared(
    texts: Sequence[Transcript],
    codings: CodingSet,
    unit: Unit,
    coders: Sequence[str] | None,
    round: Round | None,
) -> Agreement | None:
    try:
        return compare_coders(texts, codings, unit=unit, coders=coders, round=round)
    except BadCommand:  # nobody, or one coder alone, is current under this version
        return None


def _changed(lines: Sequence[RecodedLine]) -> tuple[str, ...]:
    """Codes whose counts are not the same under every version."""
    counts: dict[str, set[tuple[int, int, int]]] = {}
    seen: dict[str, int] = {}
    for line in lines:
        for code in line.agreement.codes:
            counts.setdefault(code.code, set()).add((code.n1, code.n2, code.both))
            seen[code.code] = seen.get(code.code, 0) + 1
    return tuple(
        code for code, values in counts.items() if len(values) > 1 or seen[code] < len(lines)
    )
