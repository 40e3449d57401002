"""What an agreement says: figures in, their table, sentences and JSON out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qualcode.agreement.units import Mask, Unit
from qualcode.model import MAIN, Round

Reason = Literal["no_variation", "code_not_used", "only_in_masked_text", "no_pairable_text"]
Verdict = Literal["reliable", "tentative", "not_reliable", "worse_than_chance", "too_rare"]

REASONS: dict[str, str] = {
    "no_variation": "nothing varies: every unit has the same marks, so chance cannot be told apart",
    "code_not_used": "no coder used this code",
    "only_in_masked_text": "used only in text that is not compared",
    "no_pairable_text": "no text was completed by two coders",
}
VERDICTS: dict[str, str] = {
    "reliable": "reliable enough to rely on",
    "tentative": "tentative conclusions only",
    "not_reliable": "not reliable: revise the definition or drop it",
    "worse_than_chance": "worse than chance: systematic disagreement",
    "too_rare": "too rare to judge: fewer than 10 units marked by anyone",
}
CONVENTION = (
    "The lines .667 and .800 are conventions (Krippendorff); how much agreement is enough depends "
    "on what an error would cost."
)
REFLEXIVE = (
    "Agreement is a tool for talking about the codebook; reflexive thematic analysis does not ask "
    "for it (O'Connor & Joffe 2020)."
)
RARE = 10
NAMED = 3
"""So many single-coded transcripts are named; of more, only their number is said."""
MAIN_ROUND = Round(MAIN, "Main round", "main")
_UNITS: dict[str, tuple[str, str]] = {
    "turn": ("turn", "turns"),
    "sentence": ("sentence", "sentences"),
    "paragraph": ("paragraph", "paragraphs"),
    "character": ("character", "characters"),
    "document": ("document", "documents"),
}
_RULES: dict[str, str] = {
    "character": "each character inside a coded passage counts",
    "document": "a code counts once where it occurs at all",
}
_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def verdict(alpha: float | None, marked: int) -> Verdict | None:
    """The verdict on a code from its point value; None where alpha is undefined.

    >>> verdict(0.71, 40), verdict(0.71, 9), verdict(None, 0)
    ('tentative', 'too_rare', None)
    """
    if alpha is None:
        return None
    return "too_rare" if marked < RARE else band(alpha)


def band(alpha: float) -> Verdict:
    """Where a value stands between the lines, however rare the code."""
    if alpha >= 0.8:
        return "reliable"
    if alpha >= 0.667:
        return "tentative"
    return "not_reliable" if alpha >= 0 else "worse_than_chance"


def number(value: float | None) -> str:
    """A coefficient as it is printed: two decimals, or a dash where it is undefined."""
    return "–" if value is None else f"{value:.2f}"


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "transcript"), counted(1480, "participant turn")
    ('1 transcript', '1,480 participant turns')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unit_noun(unit: Unit, participants_only: bool) -> str:
    """What one unit is called: "participant turn" where only participants' turns count."""
    noun = _UNITS[unit][0]
    return f"participant {noun}" if unit == "turn" and participants_only else noun


@dataclass(frozen=True)
class Overall:
    """One value for the whole codebook: alpha on the sets of codes per unit, MASI distance."""

    value: float | None
    low: float | None
    high: float | None
    q_667: float | None
    q_800: float | None
    reason: Reason | None = None
    undefined_resamples: float | None = None
    measure: str = "alpha_masi"


@dataclass(frozen=True)
class Pooled:
    """All codes times all units in one table, and two summaries over the codes.

    ``kappa_de_vries`` works on the means of observed and expected agreement over the codes that
    were used; ``mean_kappa`` is the plain mean over ``codes_in_mean`` codes with a kappa.
    """

    kappa: float | None
    alpha: float | None
    kappa_de_vries: float | None
    mean_kappa: float | None
    codes_in_mean: int


@dataclass(frozen=True)
class CodeAgreement:
    """One code's figures.

    ``n1``, ``n2``, ``both``, ``only_a``, ``only_b`` and ``neither`` are of the first two coders;
    ``marked`` counts each coder's units. Of more than two coders alpha takes all at once, kappa is
    the mean over pairs, and the rest adds the pairs up. ``units_marked`` is the number of units
    that anyone marked (of characters: turns).
    """

    code: str
    name: str
    n1: int
    n2: int
    both: int
    only_a: int
    only_b: int
    neither: int
    marked: tuple[int, ...]
    units_marked: int
    alpha: float | None
    low: float | None
    high: float | None
    q_667: float | None
    q_800: float | None
    undefined_resamples: float | None
    kappa: float | None
    pi: float | None
    f1: float | None
    iou: float | None
    ac1: float | None
    pabak: float | None
    percent: float | None
    prevalence: float | None
    passage_overlap: float | None
    reason: Reason | None
    verdict: Verdict | None
    uncertain: bool
    note: str = ""


@dataclass(frozen=True)
class TranscriptAgreement:
    """One transcript's figures over all codes in one table."""

    transcript: str
    title: str
    n_units: int
    both: int
    only_a: int
    only_b: int
    neither: int
    percent: float | None
    kappa: float | None
    alpha: float | None


@dataclass(frozen=True)
class PairAgreement:
    """Two of the coders over all codes in one table."""

    coders: tuple[str, str]
    n_units: int
    percent: float | None
    kappa: float | None
    alpha: float | None


@dataclass(frozen=True)
class Lacking:
    """A transcript with who is missing: (coder, "not finished" or "not coded").

    ``reason`` says why it does not count though it was submitted: it was not coded blind, or not
    under one codebook version. Without either, the transcript has no text to compare.
    """

    transcript: str
    title: str
    missing: tuple[tuple[str, str], ...]
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{self.title} ({self.reason})"
        if not self.missing:
            return f"{self.title} (no text to compare)"
        return f"{self.title} ({', '.join(f'{coder} {state}' for coder, state in self.missing)})"


@dataclass(frozen=True)
class Coverage:
    """Which transcripts count, which do not, and which count without one of many coders.

    ``single`` are those that only one coder was given: (id, title).
    """

    counted: tuple[str, ...]
    not_counted: tuple[Lacking, ...]
    partly: tuple[Lacking, ...] = ()
    single: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        return len(self.counted) + len(self.not_counted) + len(self.single)

    @property
    def left_out(self) -> tuple[Lacking, ...]:
        """Those that were submitted and do not count all the same."""
        return tuple(row for row in self.not_counted if row.reason)

    @property
    def exceptions(self) -> str:
        """What does not count, and why, as the end of a sentence; "" where everything does."""
        parts = []
        if self.single:
            parts.append(counted(len(self.single), "single-coded transcript"))
            if len(self.single) <= NAMED:
                parts = [f"{title} (single-coded)" for _, title in self.single]
        parts += map(str, self.not_counted)
        return f"; {', '.join(parts)} not counted" if parts else ""


@dataclass(frozen=True)
class Agreement:
    """How far coders agree, with everything needed to say it honestly."""

    unit: Unit
    coders: tuple[str, ...]
    n_units: int
    n_transcripts: int
    mask: Mask
    seed: int
    resamples: int
    resampled: Literal["transcripts", "turns"] | None
    version: str
    overall: Overall
    pooled: Pooled
    codes: tuple[CodeAgreement, ...]
    coverage: Coverage
    transcripts: tuple[TranscriptAgreement, ...] = ()
    pairs: tuple[PairAgreement, ...] = ()
    level: int | None = None
    rollup: bool = False
    participants_only: bool = True
    round: Round = MAIN_ROUND

    def code(self, code: str) -> CodeAgreement:
        """The figures of the code with this id."""
        return next(row for row in self.codes if row.code == code)

    def to_dict(self) -> dict[str, Any]:
        """All figures as plain values for JSON; what is undefined is None with its reason."""
        return {
            "unit": self.unit,
            "coders": list(self.coders),
            "n_units": self.n_units,
            "n_transcripts": self.n_transcripts,
            "mask": self.mask,
            "rule": self.rule,
            "level": self.level,
            "rollup": self.rollup,
            "seed": self.seed,
            "resamples": self.resamples,
            "resampled": self.resampled,
            "version": self.version,
            "round": self.round.id,
            "round_name": self.round.name,
            "round_kind": self.round.kind,
            "overall": asdict(self.overall),
            "pooled": asdict(self.pooled),
            "codes": [asdict(row) | {"marked": list(row.marked)} for row in self.codes],
            "transcripts": [asdict(row) for row in self.transcripts],
            "pairs": [asdict(row) | {"coders": list(row.coders)} for row in self.pairs],
            "coverage": {
                "counted": list(self.coverage.counted),
                "not_counted": [_lacking(row) for row in self.coverage.not_counted],
                "partly": [_lacking(row) for row in self.coverage.partly],
                "single": [id for id, _ in self.coverage.single],
                "sentence": self.coverage_sentence,
            },
            "methods": self.methods_sentence,
        }

    def __str__(self) -> str:
        value = f"α = {number(self.overall.value)}"
        if self.overall.value is None:
            value = f"α undefined ({REASONS[self.overall.reason or 'no_variation']})"
        elif self.overall.low is None:
            value += " (no interval)"
        else:
            value += f" (95 % {number(self.overall.low)}–{number(self.overall.high)})"
        return (
            f"{self.where}{value}, {self.units_counted}, "
            f"{counted(self.n_transcripts, 'transcript')}, "
            f"{counted(len(self.coders), 'coder')}"
        )

    @property
    def where(self) -> str:
        """Which round this is, before every sentence; "" for the main round."""
        return round_label(self.round)

    @property
    def unit_noun(self) -> str:
        return unit_noun(self.unit, self.participants_only)

    @property
    def units_counted(self) -> str:
        return counted(self.n_units, self.unit_noun)

    @property
    def rule(self) -> str:
        """When a unit counts as marked."""
        return _RULES.get(
            self.unit,
            "a code counts when at least half of the passage or of the "
            f"{_UNITS[self.unit][0]} is covered",
        )

    @property
    def coverage_sentence(self) -> str:
        """Which transcripts count: the first line of every report."""
        who = "both" if len(self.coders) == 2 else f"at least two of {len(self.coders)} coders"
        total = counted(self.coverage.total, "transcript")
        line = f"{self.where}{self.n_transcripts} of {total} coded by {who}"
        line += self.coverage.exceptions
        if self.coverage.partly:
            line += f"; without some coders: {', '.join(map(str, self.coverage.partly))}"
        return f"{line}. {self.units_counted}."

    @property
    def overall_sentence(self) -> str:
        """The headline: value, interval and how often resamples fall below the lines."""
        found = self.overall
        if found.value is None:
            why = REASONS[found.reason or "no_variation"]
            return after(self.where, f"Overall alpha is undefined: {why}.")
        line = after(self.where, f"Overall alpha {point(found.value)}")
        if found.low is None or found.high is None:
            return f"{line}; no interval can be given{self._why_no_interval()}."
        line += f" (95 % interval {point(found.low)} to {point(found.high)})"
        line += (
            f"; below .667 in {_percent(found.q_667)} of resamples, "
            f"below .80 in {_percent(found.q_800)}."
        )
        if self.resampled == "turns":
            line += " Only one transcript: its turns were resampled instead."
        elif self.n_transcripts < 6:
            line += f" Only {self.n_transcripts} transcripts: take the interval as a rough one."
        return line

    def _why_no_interval(self) -> str:
        if self.resampled is None:
            return ": there is only one unit to resample" if self.resamples else ""
        return ": half of the resamples or more have no value"

    @property
    def verdicts(self) -> dict[str, int]:
        """How many codes have each verdict or, where alpha is undefined, each reason."""
        counts: dict[str, int] = {}
        for row in self.codes:
            key = row.verdict or row.reason or "no_variation"
            counts[key] = counts.get(key, 0) + 1
        return counts

    @property
    def verdict_sentence(self) -> str:
        """How many codes are reliable, and how many cannot be judged.

        Uncertain are those whose interval crosses the line of their verdict.
        """
        words = {
            "reliable": "reliable",
            "tentative": "tentative",
            "not_reliable": "not reliable",
            "worse_than_chance": "worse than chance",
            "too_rare": "too rare to judge",
            "no_variation": "without variation",
            "only_in_masked_text": "used only in text not compared",
            "code_not_used": "not used",
            "no_pairable_text": "without text to compare",
        }
        found = self.verdicts
        crossed = Counter(row.verdict for row in self.codes if row.uncertain)
        unsure = {
            key: f" ({crossed[key]} of them uncertain)"
            for key in ("reliable", "tentative", "not_reliable", "worse_than_chance")
            if crossed[key]
        }
        listed = [
            f"{found[key]} {word}{unsure.get(key, '')}"
            for key, word in words.items()
            if key in found
        ]
        of = f"Of {counted(len(self.codes), 'code')}: {', '.join(listed) or 'none'}."
        return after(self.where, of)

    @property
    def methods_sentence(self) -> str:
        """How the figures were made, ready for a methods section."""
        many = len(self.coders)
        coders = _WORDS[many] if many < len(_WORDS) else str(many)
        total = self.coverage.total
        masked = "" if self.mask == "none" else "; the interviewer's turns do not count"
        interval = (
            f" Intervals: 95 %, {self.resamples:,} resamples of {self.resampled} "
            f"(expanded percentile, seed {self.seed})."
            if self.resampled
            else ""
        )
        return (
            f"{after(self.where, f'{coders} coders independently coded')} {self.n_transcripts} of "
            f"{counted(total, 'interview')}.{self._left_out()} "
            f"Agreement was computed per {self.unit_noun} "
            f"({self.rule}{masked}) as Krippendorff's alpha (nominal); overall agreement on code "
            f"sets used the MASI distance.{interval} Computed with qualcode {self.version}."
            f"{self._of_which_round()}"
        )

    def _left_out(self) -> str:
        """What was submitted and does not count, for the methods."""
        rows = self.coverage.left_out
        if not rows:
            return ""
        was = "was" if len(rows) == 1 else "were"
        named = ", ".join(map(str, rows))
        return f" {counted(len(rows), 'interview')} {was} left out: {named}."

    def _of_which_round(self) -> str:
        if self.round.kind == "main":
            return ""
        return f" These are figures of a {self.round.kind} round, not of the main study."


def round_label(round: Round) -> str:
    """What stands before the figures of a round, so that none passes for the main round's.

    >>> round_label(Round("r1", "Trying out", "pilot")), round_label(MAIN_ROUND)
    ('Pilot round “Trying out”: ', '')
    """
    if round.id == MAIN:
        return ""
    kind = "Round" if round.kind == "main" else f"{round.kind.capitalize()} round"
    return f"{kind} “{round.name}”: "


def after(label: str, sentence: str) -> str:
    """The sentence behind its label; a label takes its capital away."""
    return f"{label}{sentence[0].lower()}{sentence[1:]}" if label and sentence else sentence


def _lacking(row: Lacking) -> dict[str, Any]:
    return {
        "transcript": row.transcript,
        "title": row.title,
        "missing": [{"coder": coder, "state": state} for coder, state in row.missing],
        "reason": row.reason,
    }


def point(value: float) -> str:
    """A coefficient without its leading zero, as journals print it.

    >>> point(0.742), point(-0.05), point(1.0)
    ('.74', '-.05', '1.00')
    """
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"


def _percent(share: float | None) -> str:
    if share is None:
        return "an unknown share"
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"
