"""Planning: what two coders made of a few interviews in, how many more to code twice out.

``plan_interviews(transcripts, codings, *, width=0.1, round, unit, coders, mask, labels, seed) ->
Plan``; a `Plan` has ``interviews``, ``surely``, ``widths``, ``assumptions``, ``sentence`` and
``to_dict()``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from qualcode.agreement.coefficients import Floats
from qualcode.agreement.compare import named_round
from qualcode.agreement.given import take
from qualcode.agreement.intervals import draws, expanded_interval
from qualcode.agreement.report import counted, point, round_label, unit_noun
from qualcode.agreement.sets import SetSums, set_sums
from qualcode.agreement.summaries import defined
from qualcode.agreement.units import Mask, Unit, UnitTable
from qualcode.errors import BadCommand
from qualcode.model import Coding, CodingSet, Round, Transcript

TRIED = (*range(2, 21), *range(22, 41, 2), *range(45, 101, 5))
"""The numbers of interviews that are tried."""
STUDIES, RESAMPLES = 80, 400
FEW, VERY_FEW = 10, 5
"""Below these numbers of transcripts the plan says how little it rests on, and leans on turns."""


@dataclass(frozen=True)
class PlannedWidth:
    """How wide the 95 % interval comes out with so many interviews coded twice.

    ``expected`` is the median over simulated studies, ``pessimistic`` their 90th percentile; None
    where that many studies had no interval.
    """

    interviews: int
    expected: float | None
    pessimistic: float | None


@dataclass(frozen=True)
class Plan:
    """How many interviews to code twice for an interval of overall alpha of a wanted width.

    ``interviews`` is the smallest number whose expected width is at most the wanted one and stays
    so; ``surely`` the same for the pessimistic width; None where no number tried is enough.
    ``alpha`` is the value of the transcripts planned from.
    """

    width: float
    interviews: int | None
    surely: int | None
    widths: tuple[PlannedWidth, ...]
    alpha: float
    coders: tuple[str, ...]
    unit: Unit
    round: Round
    titles: tuple[str, ...]
    resampled: Literal["transcripts", "turns"]
    assumptions: tuple[str, ...]
    seed: int
    studies: int = STUDIES
    resamples: int = RESAMPLES

    @property
    def based_on(self) -> str:
        """What it was planned from."""
        return (
            f"{round_label(self.round)}{counted(len(self.titles), 'transcript')} coded by both, "
            f"overall alpha {point(self.alpha)}"
        )

    @property
    def sentence(self) -> str:
        """The answer in a sentence or two, with what it was judged by."""
        judged = f"Judged by {counted(len(self.titles), 'transcript')}{self._of_the_round()}"
        judged += f" with an overall alpha of {point(self.alpha)}."
        wanted = f"a 95 % interval of overall alpha at most {point(self.width)} wide"
        last = self.widths[-1]
        if self.interviews is None:
            line = f"Even {last.interviews} interviews coded twice do not give {wanted}"
            usual = "" if last.expected is None else f", where {point(last.expected)} is usual"
            return f"{line}{usual}. {judged}"
        line = f"{self.interviews} interviews coded twice give {wanted} in half of all studies"
        if self.surely is None:
            return f"{line}; even {last.interviews} do not give it in nine of ten. {judged}"
        return f"{line}, {self.surely} in nine of ten. {judged}"

    def _of_the_round(self) -> str:
        label = round_label(self.round).removesuffix(": ")
        return f" of the {label[:1].lower()}{label[1:]}" if label else ""

    def expected(self, interviews: int) -> PlannedWidth | None:
        """The widths of so many interviews, where they were tried."""
        return next((row for row in self.widths if row.interviews == interviews), None)

    def to_dict(self) -> dict[str, Any]:
        return {
            "width": self.width,
            "interviews": self.interviews,
            "surely": self.surely,
            "widths": [asdict(row) for row in self.widths],
            "alpha": self.alpha,
            "coders": list(self.coders),
            "unit": self.unit,
            "round": self.round.id,
            "round_kind": self.round.kind,
            "round_name": self.round.name,
            "based_on": list(self.titles),
            "resampled": self.resampled,
            "seed": self.seed,
            "studies": self.studies,
            "resamples": self.resamples,
            "sentence": self.sentence,
            "assumptions": list(self.assumptions),
        }


def plan_interviews(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    width: float = 0.1,
    round: Round | None = None,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    mask: Mask = "interviewer",
    labels: Mapping[str, str] | None = None,
    seed: int = 1,
) -> Plan:
    """How many interviews two coders should both code, judged by those they coded already.

    Studies of n interviews are made by drawing, with replacement, from the transcripts that were
    coded twice; of each the interval of overall alpha is computed as the agreement page does. What
    a transcript counts for is a handful of sums, so that no text is read twice.

    Parameters
    ----------
    width
        The wanted distance between the two ends of the 95 % interval, as 0.1.
    round
        The round that the codings are of, usually a pilot.
    labels
        What the coders are called in the sentences, by name.
    """
    if not 0 < width < 2:
        raise BadCommand("The wanted width of the interval is a number such as 0.1.")
    given = take(transcripts, codings, unit=unit, coders=coders, mask=mask)
    of_round = named_round(given, round)
    table = given.plain().units
    pool = _Pool.of(table)
    alpha = defined(pool.sums.alpha()[0]) if pool.count else None
    if alpha is None or pool.count < 2:
        raise BadCommand(
            "Planning needs at least one transcript that two coders have submitted blind and in "
            "which their codes vary; hold a pilot round first."
        )
    compared = np.unique(table.cluster).tolist()
    titles = tuple(given.place.transcripts[number].title for number in compared)
    widths = planned_widths(pool.sums, length=pool.length, seed=seed)
    turns = _Pool.of_turns(table, len(titles)) if 1 < len(titles) < VERY_FEW else None
    if turns is not None:
        floor = planned_widths(turns.sums, length=turns.length, seed=seed, studies=STUDIES // 2)
        widths = tuple(_wider(row, other) for row, other in zip(widths, floor, strict=True))
    noun = unit_noun(unit, given.participants_only)
    return Plan(
        width=width,
        interviews=_enough(((row.interviews, row.expected) for row in widths), width),
        surely=_enough(((row.interviews, row.pessimistic) for row in widths), width),
        widths=widths,
        alpha=alpha,
        coders=given.coders,
        unit=unit,
        round=of_round,
        titles=titles,
        resampled="transcripts" if pool.length == 1 else "turns",
        assumptions=_assumptions(
            [(labels or {}).get(name, name) for name in given.coders],
            noun,
            pool,
            len(titles),
            floored=turns is not None,
        ),
        seed=seed,
    )


@dataclass(frozen=True, eq=False)
class _Pool:
    """What interviews are drawn from: transcripts, or the turns of a single one.

    ``length`` is how many of them make an interview.
    """

    sums: SetSums
    count: int
    length: int

    @classmethod
    def of(cls, table: UnitTable) -> _Pool:
        clusters = np.unique(table.cluster, return_inverse=True)[1]
        count = int(clusters.max(initial=-1)) + 1
        if count > 1:
            return cls(set_sums(table, clusters, count), count, 1)
        return cls._turns(table, 1)

    @classmethod
    def of_turns(cls, table: UnitTable, transcripts: int) -> _Pool | None:
        """The turns of all transcripts together; None where a transcript has hardly any."""
        found = cls._turns(table, transcripts)
        return found if found.length > 1 else None

    @classmethod
    def _turns(cls, table: UnitTable, transcripts: int) -> _Pool:
        turns = np.unique(table.turn, return_inverse=True)[1]
        count = int(turns.max(initial=-1)) + 1
        return cls(set_sums(table, turns, count), count, count // transcripts)


def planned_widths(
    sums: SetSums,
    *,
    length: int = 1,
    tried: Sequence[int] = TRIED,
    studies: int = STUDIES,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> tuple[PlannedWidth, ...]:
    """The width of the interval for each number of interviews, over simulated studies.

    Parameters
    ----------
    sums
        Of the transcripts (or turns) to draw from: at least two.
    length
        How many of them make one interview: 1 for transcripts.
    """
    generator = np.random.default_rng(seed)
    studies_of = _of_transcripts if length == 1 else _of_turns
    found = studies_of(sums, length, tried, studies, resamples, generator)
    return tuple(
        PlannedWidth(count, _quantile(row, 0.5), _quantile(row, 0.9))
        for count, row in zip(tried, found, strict=True)
    )


def _of_transcripts(
    sums: SetSums,
    length: int,
    tried: Sequence[int],
    studies: int,
    resamples: int,
    generator: np.random.Generator,
) -> Floats:
    """Widths of studies whose interviews are drawn from transcripts: tried x studies."""
    pool = len(sums.n)
    # Interviews drawn from k look more alike than new ones would: their variance is too small by
    # (k - 1) / k, and the width by its root.
    widening = math.sqrt(pool / (pool - 1))
    # A study of n + 1 interviews is that of n with one more, so that chance does not hide what one
    # more interview brings.
    drawn = generator.integers(pool, size=(studies, max(tried)))
    held = np.cumsum(drawn[:, :, None] == np.arange(pool), axis=1)
    found = []
    for count in tried:
        holds = held[:, count - 1]
        again = generator.multinomial(count, (holds / count)[:, None, :], size=(studies, resamples))
        values = sums.alpha(again.reshape(-1, pool).astype(np.float64)).reshape(studies, resamples)
        wide = [widening * _width(row, count) for row in values]
        # One interview again and again is no study.
        found.append(np.where(holds.max(axis=1) == count, np.nan, wide))
    return np.array(found)


def _of_turns(
    sums: SetSums,
    length: int,
    tried: Sequence[int],
    studies: int,
    resamples: int,
    generator: np.random.Generator,
) -> Floats:
    """Widths of studies whose interviews are made of so many turns each: tried x studies."""
    pool = len(sums.n)
    weights = {count: draws(count, resamples, int(generator.integers(2**31))) for count in tried}
    found = np.zeros((len(tried), studies))
    for study in range(studies):
        turns = generator.multinomial(length, np.full(pool, 1 / pool), size=max(tried))
        held = turns.astype(np.float64)
        observed, n, expected = held @ sums.observed, held @ sums.n, held @ sums.expected @ held.T
        for place, count in enumerate(tried):
            part = SetSums(observed[:count], n[:count], expected[:count, :count])
            found[place, study] = _width(part.alpha(weights[count]), count)
    return found


def _width(values: Floats, interviews: int) -> float:
    """The width of the interval; without one it is as wide as can be."""
    interval = expanded_interval(values, interviews)
    if interval.low is None or interval.high is None:
        return math.inf
    return interval.high - interval.low


def _wider(one: PlannedWidth, other: PlannedWidth) -> PlannedWidth:
    """The wider of two widths; none is the widest."""

    def widest(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else max(a, b)

    return PlannedWidth(
        one.interviews,
        widest(one.expected, other.expected),
        widest(one.pessimistic, other.pessimistic),
    )


def _quantile(widths: Floats, share: float) -> float | None:
    """A quantile of the studies that could be made; None where it falls on one without interval."""
    known = np.sort(widths[~np.isnan(widths)])
    if not len(known):
        return None
    value = float(known[math.ceil(share * len(known)) - 1])
    return value if math.isfinite(value) else None


def _enough(widths: Iterable[tuple[int, float | None]], wanted: float) -> int | None:
    """The smallest number from which on no width is above the wanted one."""
    enough = None
    for interviews, wide in reversed(list(widths)):
        if wide is None or wide > wanted:
            break
        enough = interviews
    return enough


def _assumptions(
    names: Sequence[str], noun: str, pool: _Pool, seen: int, *, floored: bool
) -> tuple[str, ...]:
    """What has to hold for the plan to come true, each in a sentence."""
    told = [
        f"The same people code ({', '.join(names)}), under the same codebook; a clearer codebook "
        "makes the interval narrower than planned.",
    ]
    if pool.length == 1:
        told += [
            f"The interviews to come are like the {seen} planned from: as long, with the codes as "
            "often, and as hard to code.",
            f"Drawn from {seen} interviews, studies look too even; the widths are widened by "
            f"√({seen}/{seen - 1}) for it.",
        ]
        if seen < FEW:
            told.append(
                f"How much agreement differs between interviews was seen in only {seen} of them, "
                "which is itself uncertain; plan anew when more are coded twice."
            )
        if floored:
            told.append(
                "So few may be alike by chance: no width is below that of interviews drawn from "
                "their turns, which differ by chance alone."
            )
    else:
        told.append(
            f"Only one transcript was coded twice: its {pool.count} turns were drawn into "
            "interviews of that length, as if interviews did not differ from each other. Real "
            "ones do, so more will be needed; a second transcript makes a better plan."
        )
    told += [
        f"The interval is that of the agreement page: overall alpha on code sets per {noun}, 95 %, "
        "interviews resampled, expanded percentile.",
        "It covers other interviews of this kind, not other coders.",
    ]
    return tuple(told)
