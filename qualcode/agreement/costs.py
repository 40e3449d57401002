"""What differences cost: codings and typed differences in, alpha with them resolved out.

``costs_of_differences(transcripts, codings, differences, *, unit, coders, codebook, mask, level,
read_to, overall=True) -> Costs``; a `Costs` has ``codes`` (`CodeCost`: code, name, kind, cases,
units, alpha, resolved, gain; the dearest first), ``classes`` (`ClassCost`: kind, cases, alpha,
resolved, gain, of the overall value), ``of(code, kind)``, ``costliest(kind, count=3)``,
``sentence`` and ``to_dict()``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from qualcode.agreement.given import Given, take
from qualcode.agreement.report import point
from qualcode.agreement.sets import set_sums
from qualcode.agreement.summaries import defined
from qualcode.agreement.sums import alpha_sums
from qualcode.agreement.units import Ints, Mask, Unit, UnitTable
from qualcode.model import Code, Coding, CodingSet, Difference, DifferenceKind, Transcript

KINDS: tuple[DifferenceKind, ...] = ("boundary", "choice", "omission")
_WORDS: dict[str, tuple[str, str]] = {
    "boundary": ("boundary case", "boundary cases"),
    "choice": ("choice between codes", "choices between codes"),
    "omission": ("omission", "omissions"),
}


def _gain(alpha: float | None, resolved: float | None) -> float | None:
    return None if alpha is None or resolved is None else resolved - alpha


@dataclass(frozen=True)
class CodeCost:
    """One code and one class of difference.

    ``cases`` are the differences of this class that touch the code, ``units`` the units on which
    the coders would no longer part, ``alpha`` the code's value now and ``resolved`` with all the
    cases resolved. A case may cost nothing: a boundary within one turn leaves the turn as it was.
    """

    code: str
    name: str
    kind: DifferenceKind
    cases: int
    units: int
    alpha: float | None
    resolved: float | None

    @property
    def gain(self) -> float | None:
        """How much alpha would rise; None where it is undefined before or after."""
        return _gain(self.alpha, self.resolved)


@dataclass(frozen=True)
class ClassCost:
    """One class of difference and the overall value: alpha on sets of codes, MASI distance."""

    kind: DifferenceKind
    cases: int
    alpha: float | None
    resolved: float | None

    @property
    def gain(self) -> float | None:
        return _gain(self.alpha, self.resolved)


@dataclass(frozen=True)
class Costs:
    """What each class of difference costs, overall and code by code."""

    coders: tuple[str, ...]
    unit: Unit
    classes: tuple[ClassCost, ...]
    codes: tuple[CodeCost, ...]

    def of(self, code: str, kind: DifferenceKind) -> CodeCost | None:
        """The cost of one class for one code, or None without a case."""
        return next((row for row in self.codes if (row.code, row.kind) == (code, kind)), None)

    def costliest(self, kind: DifferenceKind | None = None, count: int = 3) -> tuple[CodeCost, ...]:
        """The codes that would gain most, of one class or of all; those that gain nothing not."""
        rows = [row for row in self.codes if kind in (None, row.kind) and (row.gain or 0) > 0]
        return tuple(rows[:count])

    @property
    def sentence(self) -> str:
        """What resolving each class would do to the overall value."""
        told = [row for row in self.classes if row.cases and row.alpha is not None]
        if not told:
            return ""
        parts = []
        for row in told:
            noun = _WORDS[row.kind][row.cases != 1]
            all_of = "" if row.cases == 1 else "all "
            if row.gain is not None and abs(row.gain) < 0.005:
                effect = "would leave it as it is"
            elif row.resolved is None:
                effect = "would leave nothing that varies"
            else:
                effect = f"would take it to {point(row.resolved)}"
            parts.append(f"resolving {all_of}{row.cases} {noun} {effect}")
        return f"Overall alpha is {point(told[0].alpha or 0.0)}: {'; '.join(parts)}."

    def to_dict(self) -> dict[str, Any]:
        return {
            "classes": [asdict(row) | {"gain": row.gain} for row in self.classes],
            "codes": [asdict(row) | {"gain": row.gain} for row in self.codes],
            "sentence": self.sentence,
        }


def costs_of_differences(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    differences: Iterable[Difference],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    level: int | None = None,
    read_to: Mapping[tuple[str, str], int] | None = None,
    overall: bool = True,
) -> Costs:
    """How much alpha would rise if all differences of a class were resolved.

    Resolved means that what one of the two coders has there, the other has too: of a boundary both
    have the whole passage, of a choice both codes, of an omission the coding. Every difference is
    resolved in favour of the code, so that the classes can be compared with each other; what the
    team decides may be otherwise.

    Parameters
    ----------
    differences
        Typed differences of these coders on these transcripts; others are left aside.
    overall
        Whether the overall value is computed for each class too; it takes most of the time.

    Examples
    --------
    Of four turns, ana coded two and ben one of them: his omission is all that parts them.

    >>> from qualcode.model import Turn
    >>> from qualcode.spans import Span
    >>> spans = [Span(n, n + 1) for n in (0, 2, 4, 6)]
    >>> turns = tuple(Turn("P", "participant", span) for span in spans)
    >>> text = Transcript("P01", "a b c d", turns, id="P01")
    >>> def coding(coder, span):
    ...     return Coding("P01", coder, "A", span, text.text[span.slice])
    >>> ana = [coding("ana", spans[0]), coding("ana", spans[1])]
    >>> missed = Difference("P01", "omission", ("ana", "ben"), ana[1], None)
    >>> found = costs_of_differences([text], [*ana, coding("ben", spans[0])], [missed])
    >>> row, = found.codes
    >>> row.cases, row.units, round(row.alpha, 4), row.resolved
    (1, 1, 0.5333, 1.0)
    """
    given = take(
        transcripts,
        codings,
        unit=unit,
        coders=coders,
        codebook=codebook,
        mask=mask,
        level=level,
        read_to=read_to,
    )
    places = {text.id for text in given.place.transcripts}
    counted = [
        difference
        for difference in differences
        if difference.transcript in places and set(difference.coders) <= set(given.coders)
    ]
    now = given.marks()
    alphas, apart = _alphas(now), _apart(now)
    whole = _overall(now) if overall else None
    classes: list[ClassCost] = []
    rows: list[CodeCost] = []
    for kind in KINDS:
        cases = [difference for difference in counted if difference.kind == kind]
        after = given.marks(_shared(cases)) if cases else now
        if cases:
            rows += _rows(given, kind, cases, (alphas, _alphas(after)), apart - _apart(after))
        resolved = whole if after is now or not overall else _overall(after)
        classes.append(ClassCost(kind, len(cases), whole, resolved))
    rows.sort(key=lambda row: (-(row.gain or 0.0), -row.cases, row.code, KINDS.index(row.kind)))
    return Costs(given.coders, unit, tuple(classes), tuple(rows))


def _shared(cases: Iterable[Difference]) -> list[Coding]:
    """Each coder's part of these differences, given to the other coder."""
    made = []
    for case in cases:
        first, second = case.coders
        made += [replace(case.a, coder=second)] if case.a else []
        made += [replace(case.b, coder=first)] if case.b else []
    return made


def _rows(
    given: Given,
    kind: DifferenceKind,
    cases: Iterable[Difference],
    alphas: tuple[list[float | None], list[float | None]],
    settled: Ints,
) -> list[CodeCost]:
    touching: Counter[str] = Counter()
    for case in cases:
        sides = (coding for coding in (case.a, case.b) if coding is not None)
        touching.update({code for side in sides for code in given.stands_for(side.code)})
    column = {code: place for place, code in enumerate(given.listed)}
    before, after = alphas
    return [
        CodeCost(
            code=code,
            name=given.tree[code].name if code in given.tree else code,
            kind=kind,
            cases=count,
            units=int(settled[column[code]]),
            alpha=before[column[code]],
            resolved=after[column[code]],
        )
        for code, count in touching.items()
        if code in column
    ]


def _alphas(table: UnitTable) -> list[float | None]:
    one = np.zeros(len(table.weight), dtype=np.int64)
    return [defined(value) for value in alpha_sums(table, one, 1).alpha()[0]]


def _overall(table: UnitTable) -> float | None:
    one = np.zeros(len(table.weight), dtype=np.int64)
    return defined(set_sums(table, one, 1).alpha()[0])


def _apart(table: UnitTable) -> Ints:
    """Per code, how many units some coders marked and others did not."""
    marked = table.marks.sum(axis=0)
    parted = (marked > 0) & (marked < table.present.sum(axis=0)[:, None])
    return np.asarray(table.weight @ parted, dtype=np.int64)
