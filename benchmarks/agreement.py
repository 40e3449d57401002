"""Agreement on a large study: fourteen interviews of 60,000 characters, forty codes, two coders.

All of it on one thread, with about 3,700 codings and with about 24,500. The reference computes one
coefficient of one code, once, from marks that are laid out already. It is extrapolated to what
qualcode did: all codes, and for alpha each resample of the interval too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import numpy.typing as npt
from sklearn.metrics import cohen_kappa_score
from threadpoolctl import threadpool_limits

from benchmarks import interviews
from benchmarks.results import BenchmarkFailed, Comparison, Times, in_turn, require
from qualcode.agreement import Agreement, Unit, compare_coders
from qualcode.model import Coding, CodingSet, Member, Seat, Transcript
from qualcode.reports import agreement_report
from qualcode.reports.figures import agreement_figures
from qualcode.store import Study, open_study

TRANSCRIPTS, CHARACTERS, RESAMPLES = 14, 60_000, 1000
CODERS = ("ana", "ben")
REST: tuple[Unit, ...] = ("sentence", "paragraph", "document")
SAME = 1e-9
TABLE, CHANGE_OF_UNIT, MEMORY = 100.0, 300.0, 300.0
"""Goals: milliseconds for the table of codes and for another unit, megabytes for a process."""

Marks = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Size:
    """How much a coder put on one interview, how often it is timed, and what it may take."""

    name: str
    passages: int
    times: int
    report: float
    memory: float | None = None


SIZES = (Size("usual", 132, 15, 500, MEMORY), Size("heavy", 875, 7, 3000))


@dataclass(frozen=True)
class Workload:
    """The interviews and what both coders put on them, all of it submitted."""

    size: Size
    transcripts: tuple[Transcript, ...]
    codings: CodingSet

    def __str__(self) -> str:
        return f"{len(self.codings.codings):,} codings"

    @property
    def codes(self) -> int:
        return sum(code.codable for code in self.codings.codes)

    @property
    def every_resample(self) -> int:
        """How many alphas of one code the intervals of all codes take."""
        return self.codes * (RESAMPLES + 1)

    @property
    def usual_code(self) -> str:
        """The code that was used most: the dearest for a reference that looks at one code."""
        used = [coding.code for coding in self.codings]
        return max(sorted(set(used)), key=used.count)

    def compared(self, unit: Unit) -> Agreement:
        return compare_coders(self.transcripts, self.codings, unit=unit, resamples=RESAMPLES)

    def report(self) -> dict[str, Any]:
        """Every figure of the report: codes, themes, pairs, differences and what they cost."""
        codes = self.codings.codes
        return agreement_figures(self.transcripts, self.codings, codebook=codes)


def run() -> Iterator[Comparison]:
    with threadpool_limits(limits=1):
        for size in SIZES:
            work = workload(size)
            yield from table(work)
            yield from other_units(work)
            yield from report(work)
            yield from memory(work)
        yield from word(workload(SIZES[0]))


def table(work: Workload) -> Iterator[Comparison]:
    """The table of codes by turns beside alpha and kappa of others on one code."""
    what = f"{work}: {work.codes} codes by participant turns, {RESAMPLES:,} resamples"
    yield from beside_others(work, "turn", what, TABLE)


def other_units(work: Workload) -> Iterator[Comparison]:
    """The same by another unit, computed anew."""
    what = f"{work}: the same by characters"
    yield from beside_others(work, "character", what, CHANGE_OF_UNIT)
    for unit in REST:
        act = partial(work.compared, unit)
        yield from beside_alpha(work, f"{work}: the same by {unit}s", act, CHANGE_OF_UNIT)


def beside_others(work: Workload, unit: Unit, what: str, goal: float) -> Iterator[Comparison]:
    """One unit beside krippendorff and scikit-learn on the one code that was used most."""
    code = work.usual_code
    laid_out = marks(work, code, unit)
    (agreed, ours), (alpha, alpha_times), (kappa, kappa_times) = in_turn(
        lambda: work.compared(unit),
        lambda: reference_alpha(laid_out),
        lambda: reference_kappa(laid_out),
        times=work.size.times,
    )
    row = agreed.code(code)
    require(row.alpha is not None and abs(row.alpha - alpha) < SAME, "alpha differs on one code")
    require(row.kappa is not None and abs(row.kappa - kappa) < SAME, "kappa differs on one code")
    words = f"one code by {'participant turns' if unit == 'turn' else f'{unit}s'}"
    alpha_words = f"krippendorff.alpha, {words}"
    kappa_words = f"cohen_kappa_score of scikit-learn, {words}"
    yield Comparison(what, ours, alpha_words, alpha_times, work.every_resample, goal)
    yield Comparison(what, ours, kappa_words, kappa_times, work.codes)


def beside_alpha(
    work: Workload, what: str, act: Callable[[], Any], goal: float | None
) -> Iterator[Comparison]:
    """What qualcode does beside krippendorff on one code by characters."""
    laid_out = marks(work, work.usual_code, "character")
    (_, ours), (_, reference) = in_turn(
        act, lambda: reference_alpha(laid_out), times=work.size.times
    )
    words = "krippendorff.alpha, one code by characters"
    yield Comparison(what, ours, words, reference, work.every_resample, goal)


def report(work: Workload) -> Iterator[Comparison]:
    """All figures of the report by turn: the agreement page, the supplement and the exports."""
    what = f"{work}: the whole report by participant turns"
    yield from beside_alpha(work, what, work.report, work.size.report)


def word(work: Workload) -> Iterator[Comparison]:
    """From a study file to a Word document."""
    with tempfile.TemporaryDirectory() as folder, filed(work, Path(folder)) as study:
        written = agreement_report(study).to_bytes("docx")
        require(len(written) > 10_000, "the report is empty")
        what = f"{work}: that report from study file to Word"
        yield from beside_alpha(
            work, what, lambda: agreement_report(study).to_bytes("docx"), goal=None
        )


# -- memory --------------------------------------------------------------------------------------


def memory(work: Workload) -> Iterator[Comparison]:
    """The most memory of a process that makes the whole report, beside one that makes one alpha."""
    ours, reference = (in_a_process(act, work.size) for act in ("report", "krippendorff"))
    if ours is None or reference is None:
        return
    yield Comparison(
        f"{work}: memory of a process that makes the whole report, at its peak",
        Times((ours,)),
        "a process that calls krippendorff.alpha on one code by characters",
        Times((reference,)),
        goal=work.size.memory,
        unit="MB",
    )


def in_a_process(act: str, size: Size) -> float | None:
    """Megabytes of a new process that makes the study and acts on it; None where not known."""
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.agreement", act, size.name],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | one_thread,
    )
    if ended.returncode:
        raise BenchmarkFailed(f"memory was not measured: {ended.stderr.strip()[-200:]}")
    return float(ended.stdout) if ended.stdout.strip() else None


def peak() -> float | None:
    """The most memory this process has had, in megabytes; None on Windows."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage counts what the process that started this one held, too.
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def act_once(act: str, name: str) -> None:
    """Do one thing on a study of this size and print the memory it took."""
    work = workload(next(size for size in SIZES if size.name == name))
    if act == "report":
        work.report()
    else:
        reference_alpha(marks(work, work.usual_code, "character"))
    found = peak()
    print("" if found is None else found)


# -- the study -----------------------------------------------------------------------------------


def workload(size: Size) -> Workload:
    codebook = interviews.codebook()
    transcripts = tuple(
        interviews.interview(f"Interview {n}", seed=100 + n, characters=CHARACTERS)
        for n in range(TRANSCRIPTS)
    )
    first, second = CODERS
    codings: list[Coding] = []
    for n, transcript in enumerate(transcripts):
        codes = codebook.codable
        own = interviews.codings(transcript, codes, coder=first, count=size.passages, seed=n)
        codings += own
        codings += interviews.second_opinion(own, transcript, codes, coder=second, seed=50 + n)
    sealed = frozenset((coder, transcript.id) for coder in CODERS for transcript in transcripts)
    coded = CodingSet(tuple(codings), sealed, codes=codebook.codes)
    return Workload(size, transcripts, coded)


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


if __name__ == "__main__":
    act_once(*sys.argv[1:])
