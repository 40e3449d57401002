"""Studies to try things on: an empty one, a small one with two coders, the sample."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from qualcode.codebook import Codebook
from qualcode.model import Code, Member, Seat, Transcript, Turn, new_id
from qualcode.spans import Span
from qualcode.store import Study, open_study
from tests.guard.network_watch import watch

# Nothing leaves this machine, from the tests as little as from qualcode: not from this process,
# nor from any Python that it starts (tests/guard/sitecustomize.py); for Chromium see browser/.
GUARD = Path(__file__).with_name("guard")
REPORT = Path(tempfile.mkstemp(prefix="qualcode-watch-")[1])
ATTEMPTS: list[str] = []
os.environ["QUALCODE_WATCH"] = str(REPORT)
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])]
)
watch(ATTEMPTS.append)

settings.register_profile("qualcode", deadline=None)  # a busy machine is not a wrong answer
settings.load_profile("qualcode")

ANA = Seat("ana", frozenset({"coder"}))
BEN = Seat("ben", frozenset({"coder"}))
LEA = Seat("lea", frozenset({"lead"}))
CODES = (
    Code("T1", "Mentoring", kind="theme", codable=False, color="#4E79A7", order=10),
    Code("C1", "Trust", parent="T1", color="#4E79A7", order=20),
    Code("C2", "Regular meetings", parent="T1", color="#4E79A7", order=30),
    Code("T2", "Work load", kind="theme", codable=False, color="#59A14F", order=40),
    Code("C3", "Staying late", parent="T2", color="#59A14F", order=50),
)
WORDS = {
    "P01": "I stay late most days. 👩🏽‍⚕️ My mentor noticed it, and we meet every Friday.",
    "P02": "Nobody has ten minutes. I would trust her with something that matters.",
    "P03": "We met in the café — naïve of me — and then never again.",
}


def interview(title: str, answer: str = "", question: str = "How is it?") -> Transcript:
    """An interview of one question and one answer, made in place."""
    answer = answer or WORDS[title]
    turns = (
        Turn("I", "interviewer", Span(0, len(question))),
        Turn(title, "participant", Span(len(question) + 1, len(question) + 1 + len(answer))),
    )
    return Transcript(title, f"{question}\n{answer}", turns)


def add(transcript: Transcript, start: int, end: int, code: str = "C1", **more: Any) -> Any:
    """The operation of a browser that puts a code on a passage."""
    return {
        "op": "add",
        "op_id": more.get("op_id", new_id()),
        "quote": transcript.text[start:end],
        "coding": {
            "id": more.get("id", new_id()),
            "start": start,
            "end": end,
            "code": code,
            "memo": more.get("memo", ""),
        },
    }


def coded(study: Study, seat: Seat, title: str, start: int, end: int, code: str = "C1") -> str:
    """One coding by this seat; its id."""
    operation = add(study.transcript(title), start, end, code)
    applied = study.seated(seat).apply(title, [operation])
    assert applied.rejected == ()
    return str(operation["coding"]["id"])


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """A new study with nothing in it."""
    with open_study(tmp_path / "nurses.qualcode", create=True, title="Nurses") as study:
        yield study


@pytest.fixture
def two_coders(study: Study) -> Study:
    """Three interviews given to Ana and Ben, with Lea as lead; nothing coded yet."""
    for seat in (LEA, ANA, BEN):
        study.add_member(Member(seat.name, seat.roles, seat.name.title()))
    study.set_codebook(Codebook(CODES))
    study.add(*[interview(title) for title in WORDS])
    return study


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study, built once."""
    from qualcode.sample import build_sample

    path = tmp_path_factory.mktemp("sample") / "sample.qualcode"
    build_sample(path).close()
    return path


@pytest.fixture
def sample(sample_file: Path, tmp_path: Path) -> Path:
    """The path of the sample study, a copy for each test."""
    return Path(shutil.copy(sample_file, tmp_path / "sample.qualcode"))


@pytest.fixture(scope="session")
def finished_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study at its end, built once."""
    from qualcode.sample import build_sample

    path = tmp_path_factory.mktemp("finished") / "finished.qualcode"
    build_sample(path, finished=True).close()
    return path


@pytest.fixture
def finished(finished_file: Path, tmp_path: Path) -> Iterator[Study]:
    """The finished sample, a copy for each test."""
    path = Path(shutil.copy(finished_file, tmp_path / "finished.qualcode"))
    with open_study(path) as study:
        yield study


def attempts_to_leave() -> list[str]:
    """What was tried since the last look, by this process and by those it started."""
    found = [*ATTEMPTS, *REPORT.read_text(encoding="utf-8").splitlines()]
    ATTEMPTS.clear()
    if found:
        os.truncate(REPORT, 0)
    return found


@pytest.fixture(autouse=True)
def _stays_home() -> Iterator[None]:
    """Every test fails that tried to reach another machine or to ask for one by name."""
    yield
    if ATTEMPTS or REPORT.stat().st_size:
        pytest.fail(f"tried to leave this machine: {attempts_to_leave()}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What the last servers did while they ended counts as well, and so does any doctest."""
    found = attempts_to_leave()
    REPORT.unlink(missing_ok=True)
    if found:
        print(f"\ntried to leave this machine: {found}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first: what drives a browser comes last."""
    items.sort(key=lambda item: "browser" in item.path.parts)
