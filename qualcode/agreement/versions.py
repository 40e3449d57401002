"""Codebook versions: codings in, agreement under each version of the codebook out.

``by_version(transcripts, codings, *, unit, coders, mask, read_to) -> Versions``; a `Versions` has
``lines`` (`VersionAgreement`: version, versions, transcripts, titles, figures), ``differ``,
``sentence`` and ``to_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.agreement.given import Given, by_number, take
from qualcode.agreement.groups import GroupFigures, TranscriptSums
from qualcode.agreement.report import counted
from qualcode.agreement.units import Mask, Unit
from qualcode.model import Coding, CodingSet, Transcript

MIXED = "mixed"
NO_CODINGS = "no codings"
NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class VersionAgreement:
    """The transcripts coded under one version, with their figures.

    ``version`` is the version's name, or "mixed" where a transcript holds codings of several
    ``versions``, "not recorded" where its codings name none, "no codings" where there are none.
    """

    version: str
    versions: tuple[str, ...]
    transcripts: tuple[str, ...]
    titles: tuple[str, ...]
    figures: GroupFigures


@dataclass(frozen=True)
class Versions:
    """Agreement split by codebook version; the versions in order, then what has none or several.

    ``left_out`` names, with the versions, transcripts that were not coded under one version: where
    the codes may have changed their meaning in between, they are in no line.
    """

    coders: tuple[str, ...]
    unit: Unit
    lines: tuple[VersionAgreement, ...]
    left_out: tuple[str, ...] = ()

    @property
    def found(self) -> tuple[str, ...]:
        """Every version that is in the figures."""
        return tuple(
            sorted({version for line in self.lines for version in line.versions}, key=_in_order)
        )

    @property
    def differ(self) -> bool:
        """Whether the codings were made under more than one version."""
        return len(self.found) > 1

    @property
    def sentence(self) -> str:
        """Which versions are in the figures; said with every overall value."""
        if self.left_out:
            return f"{self._said} Not counted: {'; '.join(self.left_out)}."
        return self._said

    @property
    def _said(self) -> str:
        if not self.found:
            return "No coding is in these figures, so no codebook version is."
        if not self.differ:
            (version,) = self.found
            if version == NOT_RECORDED:
                return "The codebook version of these codings is not recorded."
            return f"All codings were made under codebook version {version}."
        named = [
            f"{line.version} ({counted(len(line.transcripts), 'transcript')})"
            if line.version != MIXED
            else f"mixed within {', '.join(line.titles)} ({', '.join(line.versions)})"
            for line in self.lines
        ]
        return (
            f"The codings were made under different codebook versions: {'; '.join(named)}. The "
            "overall value takes them together; read the lines by version beside it."
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "lines": [
                {
                    "version": line.version,
                    "versions": list(line.versions),
                    "transcripts": list(line.transcripts),
                    "titles": list(line.titles),
                    **line.figures.to_dict(),
                }
                for line in self.lines
            ],
            "differ": self.differ,
            "left_out": list(self.left_out),
            "sentence": self.sentence,
        }


def by_version(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    mask: Mask = "interviewer",
    read_to: Mapping[tuple[str, str], int] | None = None,
) -> Versions:
    """Overall agreement under each codebook version.

    Each transcript stands in one line: that of the version under which all its compared codings
    were made, or "mixed".
    """
    given = take(transcripts, codings, unit=unit, coders=coders, mask=mask, read_to=read_to)
    sums = TranscriptSums.of(given)
    versions = _versions(given)
    groups: dict[str, list[Transcript]] = {}
    for text in sums.compared:
        groups.setdefault(_name(versions.get(text.id, ())), []).append(text)
    names = sorted(groups, key=_in_order)
    figures = sums.figures([text.id for text in groups[name]] for name in names)
    return Versions(
        coders=given.coders,
        unit=unit,
        lines=tuple(
            VersionAgreement(
                version=name,
                versions=tuple(
                    sorted(
                        {v for text in groups[name] for v in versions.get(text.id, ())},
                        key=_in_order,
                    )
                ),
                transcripts=tuple(text.id for text in groups[name]),
                titles=tuple(text.title for text in groups[name]),
                figures=found,
            )
            for name, found in zip(names, figures, strict=True)
        ),
        left_out=tuple(
            f"{text.title} ({given.left_out[text.id]})"
            for text in given.texts
            if text.id in given.left_out
        ),
    )


def _versions(given: Given) -> dict[str, set[str]]:
    """The versions under which each transcript's compared codings were made."""
    found: dict[str, set[str]] = {}
    for coding in given.codings:
        if (coding.coder, coding.transcript) in given.complete:
            version = coding.codebook_version or NOT_RECORDED
            found.setdefault(coding.transcript, set()).add(version)
    return found


def _name(versions: Iterable[str]) -> str:
    named = sorted(versions)
    return MIXED if len(named) > 1 else named[0] if named else NO_CODINGS


def _in_order(version: str) -> tuple[int, list[tuple[int, str]]]:
    """0.2 before 0.10; words after numbers."""
    return {NOT_RECORDED: 1, MIXED: 2, NO_CODINGS: 3}.get(version, 0), by_number(version)
