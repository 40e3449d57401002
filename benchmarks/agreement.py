"""Agreement on a large study: fourteen interviews of 60,000 characters, forty codes, two coders.

The reference computes one coefficient of one code, once, from marks that are laid out already. It
is extrapolated to what qualcode did: all codes, and for alpha each resample of the interval too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import krippendorff
import numpy as np
import numpy.typing as npt
from sklearn.metrics import cohen_kappa_score

from benchmarks import interviews
from benchmarks.results import Comparison, in_turn, require
from qualcode.agreement import Agreement, Unit, compare_coders
from qualcode.model import Coding, CodingSet, Member, Seat, Transcript
from qualcode.reports import agreement_report
from qualcode.store import Study, open_study

TRANSCRIPTS, CHARACTERS, PASSAGES, RESAMPLES = 14, 60_000, 132, 1000
CODERS = ("ana", "ben")
SAME = 1e-9
UNITS: tuple[tuple[Unit, str], ...] = (("turn", "participant turns"), ("character", "characters"))

Marks = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Workload:
    """The interviews and what both coders put on them, all of it submitted."""

    transcripts: tuple[Transcript, ...]
    codings: CodingSet

    @property
    def codes(self) -> int:
        return sum(code.codable for code in self.codings.codes)

    @property
    def usual_code(self) -> str:
        """The code that was used most: the dearest for a reference that looks at one code."""
        used = [coding.code for coding in self.codings]
        return max(sorted(set(used)), key=used.count)


def run() -> Iterator[Comparison]:
    work = workload()
    for unit, words in UNITS:
        yield from tables(work, unit, words)
    yield from report(work)


def tables(work: Workload, unit: Unit, words: str) -> Iterator[Comparison]:
    """The table of codes beside alpha and kappa of others on one code."""
    code = work.usual_code
    laid_out = marks(work, code, unit)

    def compare() -> Agreement:
        return compare_coders(work.transcripts, work.codings, unit=unit, resamples=RESAMPLES)

    (agreed, ours), (alpha, alpha_times), (kappa, kappa_times) = in_turn(
        compare, lambda: reference_alpha(laid_out), lambda: reference_kappa(laid_out)
    )
    row = agreed.code(code)
    require(row.alpha is not None and abs(row.alpha - alpha) < SAME, "alpha differs on one code")
    require(row.kappa is not None and abs(row.kappa - kappa) < SAME, "kappa differs on one code")
    what = f"{work.codes} codes by {words}, {RESAMPLES:,} resamples"
    every_resample = work.codes * (RESAMPLES + 1)
    alpha_words = f"krippendorff.alpha, one code by {words}"
    kappa_words = f"cohen_kappa_score of scikit-learn, one code by {words}"
    yield Comparison(what, ours, alpha_words, alpha_times, every_resample)
    yield Comparison(what, ours, kappa_words, kappa_times, work.codes)


def report(work: Workload) -> Iterator[Comparison]:
    """From the study file to a Word document."""
    laid_out = marks(work, work.usual_code, "turn")
    with tempfile.TemporaryDirectory() as folder, filed(work, Path(folder)) as study:
        (written, ours), (_, reference) = in_turn(
            lambda: agreement_report(study).to_bytes("docx"), lambda: reference_alpha(laid_out)
        )
    require(len(written) > 10_000, "the report is empty")
    yield Comparison(
        "the same by turn as a report, from study file to Word",
        ours,
        "krippendorff.alpha, one code by participant turns",
        reference,
        work.codes * (RESAMPLES + 1),
    )


# -- the study -----------------------------------------------------------------------------------


def workload() -> Workload:
    codebook = interviews.codebook()
    transcripts = tuple(
        interviews.interview(f"Interview {n}", seed=100 + n, characters=CHARACTERS)
        for n in range(TRANSCRIPTS)
    )
    first, second = CODERS
    codings: list[Coding] = []
    for n, transcript in enumerate(transcripts):
        codes = codebook.codable
        own = interviews.codings(transcript, codes, coder=first, count=PASSAGES, seed=n)
        codings += own
        codings += interviews.second_opinion(own, transcript, codes, coder=second, seed=50 + n)
    sealed = frozenset((coder, transcript.id) for coder in CODERS for transcript in transcripts)
    return Workload(transcripts, CodingSet(tuple(codings), sealed, codes=codebook.codes))


def filed(work: Workload, folder: Path) -> Study:
    """The same study as a file, submitted by both coders; open."""
    study = open_study(folder / "benchmark.qualcode", create=True, title="Benchmark")
    for coder in CODERS:
        study.add_member(Member(coder, frozenset({"coder"})))
    study.set_codebook(interviews.codebook())
    study.add(*work.transcripts)
    for coder in CODERS:
        seated = study.seated(Seat(coder, frozenset({"coder"})))
        for transcript in work.transcripts:
            mine = [c for c in work.codings if (c.coder, c.transcript) == (coder, transcript.id)]
            applied = seated.apply(transcript.id, [interviews.operation(c) for c in mine])
            require(not applied.rejected, f"the study refused codings: {applied.rejected[:1]}")
            seated.submit(transcript.id)
    return study


# -- the reference -------------------------------------------------------------------------------


def marks(work: Workload, code: str, unit: Unit) -> Marks:
    """One row a coder, one column a unit of the participants: whether it carries the code."""
    rows: list[Marks] = []
    for coder in CODERS:
        columns: list[Marks] = []
        for transcript in work.transcripts:
            carried = np.zeros(len(transcript.text), dtype=np.int8)
            for coding in work.codings:
                if (coding.coder, coding.transcript, coding.code) == (coder, transcript.id, code):
                    carried[coding.span.slice] = 1
            turns = [carried[turn.span.slice] for turn in transcript.participant_turns]
            # Each passage lies in one turn, so the whole of it is there: it counts.
            columns += turns if unit == "character" else [turn.max(keepdims=True) for turn in turns]
        rows.append(np.concatenate(columns))
    return np.stack(rows)


def reference_alpha(laid_out: Marks) -> float:
    found = krippendorff.alpha(reliability_data=laid_out, level_of_measurement="nominal")
    return float(found)


def reference_kappa(laid_out: Marks) -> float:
    return float(cohen_kappa_score(*laid_out))
