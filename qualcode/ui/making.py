"""What a helper makes: a study's path and a seat in, a report, a file or an answer out.

Pages call these through :func:`qualcode.ui.aside.made`. Nothing of Streamlit here: a helper has no
page. Each opens the study anew, so that it is read as it stands when the helper comes to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qualcode.agreement import Plan, Unit, plan_interviews
from qualcode.checklists import load_checklist
from qualcode.errors import NotAllowed
from qualcode.model import CodingSet, Round, Seat, Transcript
from qualcode.privacy import KnownName
from qualcode.reports import REPORTS, Report, agreement_report, theme_summary
from qualcode.reports.answered import Answer
from qualcode.reports.coreq import filled
from qualcode.reports.facts import gather
from qualcode.reports.gate import Gate, look_over
from qualcode.reports.release import let_out
from qualcode.sample import build_sample
from qualcode.store import open_study
from qualcode.themes import (
    Contradiction,
    Gaps,
    Lens,
    ThemeSuggestions,
    Twins,
    contradictions,
    find_gaps,
    near_duplicates,
    suggest_themes,
)
from qualcode.themes.learning import Learner
from qualcode.transcripts import Batch, read_transcripts
from qualcode.ui.aside import Cancelled, Progress


def report(path: Path, seat: Seat | None, kind: str) -> Report:
    """A report of ``REPORTS``."""
    with open_study(path, seat=seat) as study:
        return REPORTS[kind](study)


def report_to_read(path: Path, seat: Seat | None, kind: str) -> tuple[Report, str]:
    """A report, and the page that it is."""
    found = report(path, seat, kind)
    return found, written(found, "html").decode("utf-8")


def written(found: Report, ending: str) -> bytes:
    """A report as a file."""
    return found.to_bytes(ending)


def let_go(path: Path, seat: Seat | None, found: Report, ending: str, **how: Any) -> bytes:
    """A report as a file that leaves, with its row in the register: see ``reports.release``."""
    with open_study(path, seat=seat) as study:
        return let_out(study, found, ending, **how).content


def looked_over(
    path: Path, seat: Seat | None, found: Report, name: str, names: tuple[KnownName, ...]
) -> Gate:
    """What the gate finds in a report that would leave under this name."""
    with open_study(path, seat=seat) as study:
        return look_over(study, found, name, names=names)


def answers(path: Path, seat: Seat | None, kind: str) -> tuple[tuple[Answer, ...], str]:
    """A checklist with its answers and the records behind them, and which state it tells of."""
    with open_study(path, seat=seat) as study:
        known = gather(study)
        return filled(study, known, load_checklist(kind)), known.snapshot


def agreement(path: Path, seat: Seat | None, unit: Unit, held: Round | None = None) -> Report:
    """The agreement supplement of a round."""
    with open_study(path, seat=seat) as study:
        return agreement_report(study, unit=unit, round=held)


def agreement_file(path: Path, seat: Seat | None, held: Round, unit: Unit, ending: str) -> bytes:
    """The agreement supplement as a file, made after the run has ended: for who is still in it."""
    with open_study(path) as study:
        if seat is not None:
            member = study.member(seat.name)
            if member is None:
                raise NotAllowed("You do not belong to this study; ask its lead to add you.")
            seat = Seat(member.name, member.roles)
        return agreement_report(study.seated(seat), unit=unit, round=held).to_bytes(ending)


def theme_file(path: Path, seat: Seat | None, theme: str, ending: str) -> bytes:
    """One theme alone as a file."""
    with open_study(path, seat=seat) as study:
        return theme_summary(study, theme=theme).to_bytes(ending)


def candidates(
    texts: tuple[Transcript, ...],
    codings: CodingSet,
    clusters: int | None,
    seed: int,
    *,
    progress: Progress,
    cancelled: Cancelled,
) -> ThemeSuggestions:
    """Theme candidates of texts that the store has handed over."""
    return suggest_themes(
        texts, codings, clusters=clusters, seed=seed, progress=progress, cancelled=cancelled
    )


def gaps(
    texts: tuple[Transcript, ...], codings: CodingSet, *, progress: Progress, cancelled: Cancelled
) -> Gaps:
    """What the codebook does not cover yet, in texts that the store has handed over."""
    return find_gaps(texts, codings, progress=progress, cancelled=cancelled)


def contradictory(
    texts: tuple[Transcript, ...], codings: CodingSet, *, progress: Progress, cancelled: Cancelled
) -> Lens[Contradiction]:
    """What the lens of contradictions shows of texts that the store has handed over."""
    return contradictions(texts, codings, progress=progress, cancelled=cancelled)


def alike(
    texts: tuple[Transcript, ...], codings: CodingSet, *, progress: Progress, cancelled: Cancelled
) -> Lens[Twins]:
    """What the lens of near-duplicates shows of texts that the store has handed over."""
    return near_duplicates(texts, codings, progress=progress, cancelled=cancelled)


def learner(
    texts: tuple[Transcript, ...], *, progress: Progress, cancelled: Cancelled
) -> Learner:  # fmt: skip
    """The passages of these texts, ready to be ranked again and again."""
    return Learner(texts, progress=progress, cancelled=cancelled)


def sample(path: Path, **how: Any) -> None:
    """A sample study at this place: see ``qualcode.sample``."""
    build_sample(path, **how).close()


def interviews(name: str, data: bytes, columns: dict[str, str]) -> Batch:
    """What a file of interviews holds."""
    return read_transcripts(name, data, columns=columns)


def plan(path: Path, seat: Seat | None, chosen: str, width: float, labels: dict[str, str]) -> Plan:
    """How many interviews two coders should both code, judged by this round."""
    with open_study(path, seat=seat) as study:
        return plan_interviews(
            study.transcripts(),
            study.codings(round=chosen),
            width=width,
            round=study.round(chosen),
            labels=labels,
        )


def faults(path: Path, seat: Seat | None) -> list[str]:
    """What is wrong with the study's file."""
    with open_study(path, seat=seat) as study:
        return study.check()
