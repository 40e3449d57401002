"""Work aside: what a helper makes is what would be made here, and no helper outlives its server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from benchmarks.client import LiveServer
from qualcode.errors import BadCodebook, CutShort, NotInStudy, StillBlind, Stopped
from qualcode.model import Seat
from qualcode.sample import build_sample
from qualcode.store import open_study
from qualcode.themes import suggest_themes
from qualcode.ui import aside, making

LEAD = Seat("lea", frozenset({"lead"}))
SECONDS = 30
"""So long a process may take to end on a machine that does other things; it takes an instant."""


@pytest.fixture(scope="module")
def helpers() -> Iterator[aside.Helpers]:
    made = aside.Helpers(1)
    yield made
    made.end()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studies") / "sample.qualcode"
    build_sample(path, finished=True).close()
    return path


def wait_for(process: psutil.Process) -> None:
    """Until the process has ended."""
    until = time.monotonic() + SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, f"{process} is still there"
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["coreq", "agreement", "journal", "themes"])
def test_a_report_made_aside_is_the_one_made_here_byte_for_byte(
    helpers: aside.Helpers, sample: Path, kind: str
) -> None:
    report, page = helpers.made(making.report_to_read, sample, LEAD, kind)
    here, page_here = making.report_to_read(sample, LEAD, kind)
    assert (report, page) == (here, page_here)
    for ending in ("docx", "xlsx", "csv"):
        assert helpers.made(making.written, report, ending) == here.to_bytes(ending)


def test_a_file_that_a_helper_lets_out_stands_in_the_register_of_exports(
    helpers: aside.Helpers, sample: Path
) -> None:
    with open_study(sample, seat=LEAD) as study:
        before = len(study.exports())
    report = helpers.made(making.report, sample, LEAD, "coreq")
    content = helpers.made(making.let_go, sample, LEAD, report, "docx")
    with open_study(sample, seat=LEAD) as study:
        left = study.exports()
        assert study.check() == []
    assert len(left) == before + 1
    assert (left[-1].size, left[-1].made_by) == (len(content), "lea")


def test_a_problem_comes_back_as_its_own_sentence(helpers: aside.Helpers, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.qualcode"
    with pytest.raises(NotInStudy, match="There is no study at"):
        helpers.made(making.report, nowhere, LEAD, "coreq")
    with pytest.raises(BadCodebook, match=r"^Line 14: a code") as caught:
        helpers.made(stand_under_itself, 14)
    assert caught.value.line == 14


def test_a_bug_comes_back_with_the_place_where_it_is(helpers: aside.Helpers, sample: Path) -> None:
    with pytest.raises(RuntimeError, match=r"KeyError(.|\n)*making\.py"):
        helpers.made(making.report, sample, LEAD, "no such report")
    assert helpers.made(abs, -1) == 1, "the helper goes on"


def test_what_a_library_prints_is_no_answer(helpers: aside.Helpers) -> None:
    assert helpers.made(print, "hello") is None
    assert helpers.made(os.system, "echo hello") == 0


def test_a_helper_killed_at_work_is_told_in_a_sentence_and_another_takes_its_place(
    tmp_path: Path,
) -> None:
    helpers = aside.Helpers(1)
    try:
        (process,) = helpers.processes()
        with ThreadPoolExecutor() as threads:
            working = threads.submit(helpers.made, begin_something_long, tmp_path / "begun")
            while not (tmp_path / "begun").exists():
                assert not working.done()
                time.sleep(0.01)
            os.kill(process, signal.SIGTERM)
            with pytest.raises(CutShort, match="was ended from outside"):
                working.result(SECONDS)
        assert helpers.made(abs, -2) == 2
        assert helpers.processes() != [process]
    finally:
        helpers.end()


def test_a_helper_killed_while_it_rests_is_replaced_unseen(helpers: aside.Helpers) -> None:
    helpers.made(abs, -1)
    (process,) = helpers.processes()
    os.kill(process, signal.SIGTERM)
    wait_for(psutil.Process(process))
    assert helpers.made(abs, -3) == 3


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no such thing on this system")
def test_a_helper_steps_back_behind_the_server(helpers: aside.Helpers) -> None:
    helpers.made(abs, -1)
    (process,) = helpers.processes()
    assert psutil.Process(process).nice() > psutil.Process().nice()


def test_the_helpers_end_with_their_owner_even_in_the_middle_of_work() -> None:
    helpers = aside.Helpers(2)
    processes = [psutil.Process(pid) for pid in helpers.processes()]
    assert helpers.made(abs, -1) == 1
    helpers.end()
    for process in processes:
        wait_for(process)


BUSY_OWNER = """
import sys, threading, time
from qualcode.ui import aside
helpers = aside.Helpers(1)
helpers.made(abs, -1)
threading.Thread(target=helpers.made, args=(time.sleep, 600), daemon=True).start()
time.sleep(0.2)
print(helpers.processes()[0], flush=True)
sys.stdin.read()
"""


def test_a_helper_at_work_ends_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", BUSY_OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    helper = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    wait_for(helper)
    owner.stdin.close()
    owner.stdout.close()


@pytest.mark.parametrize("ended", ["SIGKILL", "SIGTERM", "SIGINT"])
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signals on this system")
def test_the_server_starts_a_helper_and_leaves_none_behind(tmp_path: Path, ended: str) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    with LiveServer(folder, log=tmp_path / "server.log") as server:
        assert server.process is not None
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        os.kill(server.process.pid, getattr(signal, ended))  # the server alone, not its group
        for child in children:
            wait_for(child)
        server.process.wait(SECONDS)
    assert "Traceback" not in server.said()


def test_without_a_server_the_work_is_done_on_the_spot() -> None:
    assert aside.made(os.getpid) == os.getpid()


def begin_something_long(sign: Path) -> None:
    sign.touch()
    time.sleep(600)


def stand_under_itself(line: int) -> None:
    raise BadCodebook("a code stands under itself", line=line)


# -- looks that are watched ----------------------------------------------------------------------


def count_to(
    number: int, *, progress: aside.Progress, cancelled: aside.Cancelled
) -> tuple[int, int]:
    for done in range(number):
        progress("counting", done, number)
    return number, os.getpid()


def go_on_for_ever(
    mark: Path, *, progress: aside.Progress, cancelled: aside.Cancelled
) -> None:  # fmt: skip
    mark.write_text(str(os.getpid()))
    progress("at it", 0, 1)
    while True:
        time.sleep(0.05)


def test_a_look_tells_how_far_it_is_and_runs_in_a_process_of_its_own(
    helpers: aside.Helpers,
) -> None:
    told: list[tuple[str, int, int]] = []
    number, process = helpers.watched(
        count_to, 3, progress=lambda *so_far: told.append(so_far), cancelled=bool
    )
    assert number == 3
    assert told == [("counting", 0, 3), ("counting", 1, 3), ("counting", 2, 3)]
    assert process not in (os.getpid(), *helpers.processes())
    _, again = helpers.watched(count_to, 1, progress=lambda *so_far: None, cancelled=bool)
    assert again == process, "what it has read it need not read again"


def test_a_look_that_is_stopped_is_gone_and_files_are_made_meanwhile(
    helpers: aside.Helpers, tmp_path: Path
) -> None:
    stop = threading.Event()
    mark = tmp_path / "begun"
    with ThreadPoolExecutor() as threads:
        working = threads.submit(
            helpers.watched,
            go_on_for_ever,
            mark,
            progress=lambda *so_far: None,
            cancelled=stop.is_set,
        )
        while not (mark.exists() and mark.read_text()):
            assert not working.done()
            time.sleep(0.01)
        assert helpers.made(abs, -3) == 3, "a look keeps nobody from a file"
        stop.set()
        with pytest.raises(Stopped, match="nothing was kept"):
            working.result(SECONDS)
    assert not psutil.pid_exists(int(mark.read_text()))
    number, _ = helpers.watched(count_to, 1, progress=lambda *so_far: None, cancelled=bool)
    assert number == 1, "the next look begins"


def test_the_process_of_looks_ends_with_the_others_or_when_it_has_rested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(*so_far: object) -> None: ...

    helpers = aside.Helpers(1)
    try:
        _, first = helpers.watched(count_to, 1, progress=nothing, cancelled=bool)
        monkeypatch.setattr(aside, "RESTS", 0.01)
        _, same = helpers.watched(count_to, 1, progress=nothing, cancelled=bool)
        until = time.monotonic() + SECONDS
        while psutil.pid_exists(first):
            assert time.monotonic() < until, "it rests for ever"
            time.sleep(0.02)
        monkeypatch.setattr(aside, "RESTS", 300.0)
        _, second = helpers.watched(count_to, 1, progress=nothing, cancelled=bool)
        assert first == same != second
        os.kill(second, signal.SIGKILL)
        wait_for(psutil.Process(second))
        _, third = helpers.watched(count_to, 1, progress=nothing, cancelled=bool)
    finally:
        helpers.end()
    assert not psutil.pid_exists(third)


def test_a_problem_of_a_look_comes_back_as_its_own_sentence(helpers: aside.Helpers) -> None:
    with pytest.raises(StillBlind, match="carry no seals"):
        helpers.watched(
            making.gaps, (), [], progress=lambda *so_far: None, cancelled=bool
        )  # fmt: skip


def test_candidates_looked_for_aside_are_those_found_here(
    helpers: aside.Helpers, sample: Path
) -> None:
    with open_study(sample, seat=LEAD) as study:
        texts, codings = study.sealed_work()
    told: list[str] = []
    found = helpers.watched(
        making.candidates,
        texts,
        codings,
        None,
        1,
        progress=lambda step, done, of: told.append(step),
        cancelled=bool,
    )
    here = suggest_themes(texts, codings, seed=1)
    assert [c.label for c in found] == [c.label for c in here]
    assert found.candidates == here.candidates
    assert "draws" in told
