"""Comparing coders: transcripts and codings in, an `Agreement` out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import numpy as np

from qualcode.agreement import cells as of
from qualcode.agreement.cells import Cells
from qualcode.agreement.coefficients import Floats
from qualcode.agreement.given import Given, Tables, line, take
from qualcode.agreement.intervals import NO_INTERVAL, Interval, draws, expanded_interval
from qualcode.agreement.report import (
    MAIN_ROUND,
    Agreement,
    CodeAgreement,
    Coverage,
    Lacking,
    Overall,
    Reason,
    band,
    verdict,
)
from qualcode.agreement.sets import set_sums
from qualcode.agreement.summaries import (
    NOTHING,
    Summed,
    defined,
    mean,
    per_pair,
    per_transcript,
    pooled,
)
from qualcode.agreement.sums import (
    alpha_sums,
    cells,
    occasions,
    overlap_where_both,
)
from qualcode.agreement.units import (
    Ints,
    Mask,
    Unit,
    UnitTable,
)
from qualcode.errors import BadCommand
from qualcode.model import MAIN, Code, Coding, CodingSet, Round, Transcript


def compare_coders(
    transcripts: Iterable[Transcript],
    codings: CodingSet | Iterable[Coding],
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    codes: Iterable[str | Code] | None = None,
    codebook: Iterable[Code] | None = None,
    mask: Mask = "interviewer",
    level: int | None = None,
    rollup: bool = False,
    read_to: Mapping[tuple[str, str], int] | None = None,
    round: Round | None = None,
    seed: int = 1,
    resamples: int = 1000,
) -> Agreement:
    """How far coders agree on the transcripts that they have completed.

    A transcript that was not coded blind (``not_blind`` of the coding set) does not count, nor one
    whose codings were made under codebook versions that may differ in what they mean; the coverage
    says so.

    Parameters
    ----------
    transcripts
        The transcripts to compare on; codings of others are left aside.
    codings
        A `CodingSet`, whose ``sealed`` pairs say what is complete; or any codings, and then a coder
        counts as complete on each transcript where they made at least one.
    unit
        "turn", "sentence", "paragraph", "character" or "document".
    coders
        Two or more names; without them, everyone who sealed or coded, in alphabetical order.
    codes
        Codes to compare, by id; without them, those of the coding set and all that were used.
    codebook
        The whole tree with its themes, for names and for ``level`` and ``rollup``.
    mask
        "interviewer" leaves the interviewer's turns out, "none" compares all text. Turns of others
        than the participants and the interviewer stay in: what was coded there is not dropped.
    level
        Compare at this level of the tree: 0 are its roots. A code below counts for its ancestor.
    rollup
        Show each code with everything below it. The overall and pooled values stay those of the
        codes themselves, so that nothing is counted twice.
    read_to
        How far a coder read a transcript: (coder, transcript id) to a position. Text after it is
        missing for that coder.
    round
        The round that the codings are of, by which every sentence and export names it; without it
        they have to be those of the main round.
    seed, resamples
        Of the intervals; 0 resamples give none.

    References
    ----------
    Krippendorff, K. (2018). Content analysis, 4th ed., ch. 12; Passonneau, R. (2006) for the
    distance between sets of codes.
    """
    given = take(
        transcripts,
        codings,
        unit=unit,
        coders=coders,
        codes=codes,
        codebook=codebook,
        mask=mask,
        level=level,
        read_to=read_to,
    )
    of_round = named_round(given, round)
    names, place, tree = given.coders, given.place, given.tree
    plain = given.plain()
    shown, rolled = given.listed, plain
    if rollup:
        if codes is None:
            shown = tuple(dict.fromkeys(part for code in shown for part in line(code, tree)))
        rolled = given.tables(shown, rolled=True)

    sample = _Sample.of(plain.units, seed, resamples)
    summed = Summed.of(plain.units, place)
    shown_sums = summed if rolled is plain else Summed.of(rolled.units, place)
    return Agreement(
        unit=unit,
        coders=names,
        n_units=int(plain.units.weight.sum()),
        n_transcripts=len(np.unique(plain.units.cluster)),
        mask=mask,
        seed=seed,
        resamples=resamples,
        resampled=sample.what,
        version=_version(),
        overall=_overall(plain.units, sample),
        pooled=pooled(summed),
        codes=_codes(rolled, shown_sums, shown, tree, sample, unit, names),
        coverage=_coverage(given, plain.units, of_round),
        transcripts=per_transcript(summed),
        pairs=per_pair(summed, names),
        level=level,
        rollup=rollup,
        participants_only=given.participants_only,
        round=of_round,
    )


def named_round(given: Given, round: Round | None) -> Round:
    """The round that was named, if the codings are of it."""
    if round is None and given.round == MAIN:
        return MAIN_ROUND
    if round is None:
        raise BadCommand(
            f"These codings are of the round {given.round}, not of the main round; say so with "
            "round=…, one of study.rounds(), so that the figures carry its name."
        )
    if given.codings and given.round != round.id:
        raise BadCommand(
            f"These codings are of the round {given.round}, not of {round.id}; "
            f"take study.codings(round={round.id!r})."
        )
    return round


@dataclass(frozen=True, eq=False)
class _Sample:
    """The resamples: what was drawn, and how often in each."""

    what: Literal["transcripts", "turns"] | None
    count: int
    weights: Floats | None

    @classmethod
    def of(cls, table: UnitTable, seed: int, resamples: int) -> _Sample:
        """Transcripts are drawn; of a single transcript, its turns."""
        what: Literal["transcripts", "turns"] = "transcripts"
        count = len(np.unique(table.cluster))
        if count == 1:
            what, count = "turns", len(np.unique(table.turn))
        if count < 2 or not resamples:
            return cls(None, 1, None)
        return cls(what, count, draws(count, resamples, seed))

    def clusters(self, table: UnitTable) -> Ints:
        """Each row's cluster, from 0; the same for every table over the same turns."""
        if self.what is None:
            return np.zeros(len(table.cluster), dtype=np.int64)
        key = table.turn if self.what == "turns" else table.cluster
        return np.unique(key, return_inverse=True)[1]

    def interval(self, values: Floats | None) -> Interval:
        return NO_INTERVAL if values is None else expanded_interval(values, self.count)


def _overall(table: UnitTable, sample: _Sample) -> Overall:
    """Alpha on the sets of codes per unit, with MASI distance."""
    sums = set_sums(table, sample.clusters(table), sample.count)
    value = defined(sums.alpha()[0])
    found = NO_INTERVAL
    if value is not None and sample.weights is not None:
        found = sample.interval(sums.alpha(sample.weights))
    reason: Reason | None = None
    if value is None:
        reason = "no_variation" if len(table.weight) else "no_pairable_text"
    return Overall(value, found.low, found.high, found.q_667, found.q_800, reason, found.undefined)


def _codes(
    tables: Tables,
    summed: Summed,
    shown: Sequence[str],
    tree: Mapping[str, Code],
    sample: _Sample,
    unit: Unit,
    names: Sequence[str],
) -> tuple[CodeAgreement, ...]:
    table = tables.units
    sums = alpha_sums(table, sample.clusters(table), sample.count)
    alphas = sums.alpha()[0]
    resampled = None if sample.weights is None else sums.alpha(sample.weights)
    per_pair = [counts.sum(axis=0) for counts in summed.pairs]
    marked = np.einsum("crk,r->ck", table.marks, table.weight)
    anywhere = occasions(table, by_turn=unit == "character")
    overlap = overlap_where_both(table, tables.characters, whole_documents=unit == "document")
    rows: list[CodeAgreement] = []
    for number, code in enumerate(shown):
        by_pair = [cells(counts[number]) for counts in per_pair]
        alpha = defined(alphas[number])
        found = NO_INTERVAL
        if alpha is not None and resampled is not None:
            found = sample.interval(resampled[:, number])
        units = int(anywhere[number])
        known = tree.get(code)
        rows.append(
            CodeAgreement(
                code=code,
                name=known.name if known else code,
                n1=int(marked[0, number]),
                n2=int(marked[1, number]),
                both=int(by_pair[0].both),
                only_a=int(by_pair[0].only_a),
                only_b=int(by_pair[0].only_b),
                neither=int(by_pair[0].neither),
                marked=tuple(int(count) for count in marked[:, number]),
                units_marked=units,
                alpha=alpha,
                low=found.low,
                high=found.high,
                q_667=found.q_667,
                q_800=found.q_800,
                undefined_resamples=found.undefined,
                **_coefficients(by_pair),
                passage_overlap=overlap[number],
                reason=_reason(alpha, units, len(table.weight), number in tables.used),
                verdict=verdict(alpha, units),
                uncertain=_uncertain(alpha, found),
                note=_note(marked[:, number], names),
            )
        )
    return tuple(rows)


def _coefficients(by_pair: Sequence[Cells]) -> dict[str, float | None]:
    """Kappa as the mean over pairs of coders (Light), the rest from the pairs added up."""
    total = sum(by_pair, NOTHING)
    return {
        "kappa": mean([of.kappa(cells) for cells in by_pair]),
        "pi": of.pi(total),
        "f1": of.f1(total),
        "iou": of.iou(total),
        "ac1": of.ac1(total),
        "pabak": of.pabak(total),
        "percent": of.percent(total),
        "prevalence": of.prevalence(total),
    }


def _reason(alpha: float | None, marked: int, rows: int, used: bool) -> Reason | None:
    if alpha is not None:
        return None
    if not rows:
        return "no_pairable_text"
    if not marked:
        return "only_in_masked_text" if used else "code_not_used"
    return "no_variation"


def _uncertain(alpha: float | None, found: Interval) -> bool:
    """Whether the interval crosses the line of the verdict."""
    if alpha is None or found.low is None or found.high is None:
        return False
    return len({band(value) for value in (found.low, alpha, found.high)}) > 1


def _note(marked: Ints, names: Sequence[str]) -> str:
    """Says so when a single coder used a code, which no coefficient tells."""
    users = np.flatnonzero(marked)
    if len(users) != 1:
        return ""
    return f"only {names[users[0]]} used this code ({int(marked[users[0]])})"


def _coverage(given: Given, table: UnitTable, round: Round) -> Coverage:
    texts, place = given.texts, given.place
    compared = {place.transcripts[number].id for number in np.unique(table.cluster)}
    not_counted, partly, single = [], [], []
    for text in texts:
        missing = tuple(
            (name, "not finished" if (name, text.id) in given.pending else "not coded")
            for name in given.coders
            if (name, text.id) not in given.complete
        )
        reason = given.left_out.get(text.id, "")
        lacking = Lacking(text.id, text.title, () if reason else missing, reason)
        given_to = None if given.given_to is None else len(given.given_to.get(text.id, ()))
        if text.id in compared:
            partly += [lacking] if missing else []
        elif given_to == 0 and round.kind != "main":
            continue  # a pilot is held on a few transcripts; the others are none of its business
        elif given_to == 1:
            single.append((text.id, text.title))
        else:
            not_counted.append(lacking)
    counted = tuple(text.id for text in texts if text.id in compared)
    return Coverage(counted, tuple(not_counted), tuple(partly), tuple(single))


def _version() -> str:
    try:
        return version("qualcode")
    except PackageNotFoundError:
        return "unknown"
