"""A full disk, a shut folder, a held file, a corrupt page: one sentence, and no damage."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qualcode.errors import DamagedStudy, QualcodeError
from qualcode.store import Study, backups, file, open_study, restore

from .conftest import ANA, coded, interview


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def one_sentence(error: BaseException) -> str:
    words = str(error)
    assert "\n" not in words
    assert "Traceback" not in words
    return words


def large(number: int) -> str:
    """Words that no page of the file holds already."""
    chance = random.Random(number)
    return " ".join(f"{chance.getrandbits(60):x}" for _ in range(15_000))


# -- the disk is full --------------------------------------------------------------------------


def test_a_file_that_may_not_grow_refuses_in_a_sentence(two_coders: Study) -> None:
    (pages,) = two_coders._db.execute("PRAGMA page_count").fetchone()
    two_coders._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    before = dump(two_coders.path)
    with pytest.raises(DamagedStudy, match=r"is full .* make room") as error:
        two_coders.add(interview("P10", large(1)))
    assert "Nothing was changed." in one_sentence(error.value)
    assert dump(two_coders.path) == before
    two_coders._db.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    two_coders.add(interview("P10", large(1)))
    assert two_coders.check() == []


LIMITED = """
import resource, sys
from qualcode.errors import QualcodeError
from qualcode.model import Transcript, Turn
from qualcode.spans import Span
from qualcode.store import open_study

path, limit, words = sys.argv[1], int(sys.argv[2]), sys.stdin.read()
with open_study(path) as study:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for number in range(8):
        text = f"{number} {words}"
        turn = Turn("P", "participant", Span(0, len(text)))
        try:
            study.add(Transcript(f"L{number}", text, (turn,)))
            print("added", number)
        except QualcodeError as error:
            print("refused:", error)
            break
    print("titles:", len(study.titles()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit on Windows")
@pytest.mark.parametrize("room", [0, 100_000, 600_000, 1_500_000])
def test_a_limit_of_the_system_refuses_in_a_sentence_and_keeps_what_was(
    two_coders: Study, room: int
) -> None:
    two_coders.close()
    before = dump(two_coders.path)
    limit = two_coders.path.stat().st_size + room
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(two_coders.path), str(limit)],
        input=large(2), capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = told.stdout.splitlines()
    assert "Traceback" not in told.stderr, told.stderr
    (refusal,) = [line for line in lines if line.startswith("refused:")]
    assert refusal.endswith("Nothing was changed.")
    assert "check the disk" in refusal or "make room" in refusal
    added = sum(line.startswith("added") for line in lines)
    assert lines[-1] == f"titles: {3 + added}"
    with open_study(two_coders.path) as study:
        assert study.check() == []
        assert len(study.titles()) == 3 + added
    if not added:
        assert dump(two_coders.path) == before


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A real file system of two megabytes, where the tests may make one."""
    folder = Path(tempfile.mkdtemp())
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    ) if shutil.which("mount") else None  # fmt: skip
    if made is None or made.returncode:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here, so none was filled")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_real_full_disk_loses_nothing(small_disk: Path) -> None:
    path = small_disk / "nurses.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        added, refused = 0, None
        while refused is None and added < 50:
            try:
                study.add(interview(f"P{added}", large(added)))
                added += 1
            except DamagedStudy as error:
                refused = error
        assert refused is not None
        assert "make room" in one_sentence(refused)
        assert len(study.titles()) == added
        # The copy of the day has no room either: that is told, and fails no change.
        with pytest.raises(QualcodeError):
            backups.make(path)
        assert backups.copies(path) == []
    with open_study(path) as study:
        assert study.check() == []
        assert len(study.titles()) == added


def test_a_copy_that_finds_no_room_leaves_nothing_behind(
    two_coders: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(two_coders.path)
    folder = backups.place_for(two_coders.path).parent

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "replace", full)
    with pytest.raises(QualcodeError, match="No space left"):
        backups.make(two_coders.path)
    assert list(folder.iterdir()) == []
    assert dump(two_coders.path) == before


# -- a folder that cannot be written -----------------------------------------------------------

AS_NOBODY = """
import os, sys
from qualcode.errors import QualcodeError
from qualcode.model import Seat, Transcript, Turn, new_id
from qualcode.spans import Span
from qualcode.store import backups, open_study, restore

path = sys.argv[1]
open_study(path + "-own", create=True, title="Own").close() if os.access(path, os.W_OK) else None
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
calls = {
    "setting": lambda study: study.settings.change({"aims": "x"}),
    "transcript": lambda study: study.add(
        Transcript("N", "Words.", (Turn("P", "participant", Span(0, 6)),))
    ),
    "restore": lambda study: study.restore("newest"),
}
for name, call in calls.items():
    try:
        with open_study(path) as study:
            call(study)
        print(name, "done")
    except QualcodeError as error:
        print(name, "refused:", error)
"""


@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="rights of POSIX systems")
def test_a_folder_that_may_only_be_read_is_told_and_left_alone(two_coders: Study) -> None:
    backups.make(two_coders.path)
    two_coders.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "shut")
        shutil.copytree(two_coders.path.parent, folder)
        path = folder / two_coders.path.name
        before = dump(path)
        for inside, _, names in os.walk(folder):
            for found in names:
                Path(inside, found).chmod(0o444)
            Path(inside).chmod(0o555)
        Path(name).chmod(0o755)
        told = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        for inside, _, _ in os.walk(folder):
            Path(inside).chmod(0o755)
        lines = told.stdout.splitlines()
        assert len(lines) == 3, told.stderr
        for line in lines:
            assert "refused:" in line, lines
            assert "permissions" in line, lines
        assert dump(path) == before


# -- held by another program -------------------------------------------------------------------

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("UPDATE settings SET value = 'theirs' WHERE key = 'title'")
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_file_that_another_process_holds_is_told_and_left_alone(
    two_coders: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backups.make(two_coders.path)
    two_coders.close()
    before = dump(two_coders.path)
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(two_coders.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    calls: tuple[Callable[[], object], ...] = (
        lambda: open_study(two_coders.path),
        lambda: restore.restore(two_coders.path, copy),
    )
    try:
        for call in calls:
            with pytest.raises(QualcodeError) as error:
                call()
            words = one_sentence(error.value)
            assert "held by another program" in words
            assert words.endswith("Nothing was changed.")
    finally:
        holder.kill()
        holder.communicate()
    assert dump(two_coders.path) == before
    assert [c.kind for c in backups.copies(two_coders.path)] == ["daily"]
    with open_study(two_coders.path) as study:
        assert study.check() == []
        study.settings.change({"aims": "It goes on."})


# -- corrupt pages -----------------------------------------------------------------------------


def test_every_page_that_is_overwritten_is_found_or_told(two_coders: Study) -> None:
    """A page of noise anywhere: opening or the check says so, and the copy comes back."""
    path = two_coders.path
    coded(two_coders, ANA, "P01", 0, 3)
    copy = backups.make(path)
    (page_size,) = two_coders._db.execute("PRAGMA page_size").fetchone()
    two_coders._db.execute("VACUUM")  # noise on a page that holds nothing is no fault
    two_coders.close()
    whole = path.read_bytes()
    kept = dump(copy.path)
    for number in range(len(whole) // page_size):
        damaged = bytearray(whole)
        damaged[number * page_size : (number + 1) * page_size] = random.Random(number).randbytes(
            page_size
        )
        path.write_bytes(damaged)
        found: list[str] = []
        try:
            with open_study(path) as study:
                found = study.check()
        except QualcodeError as error:
            found = [one_sentence(error)]
        assert found, f"page {number}"
        for name in backups.beside(path):
            name.unlink(missing_ok=True)
        if number % 8 == 0:
            restore.restore(path, copy)
            with open_study(path) as study:
                assert study.check() == []
            assert [r for r in kept if r not in dump(path) and "history.last" not in r] == []


def test_a_write_to_a_corrupt_file_is_refused_in_a_sentence(two_coders: Study) -> None:
    two_coders.close()
    whole = bytearray(two_coders.path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    two_coders.path.write_bytes(whole)
    with pytest.raises(DamagedStudy) as error, open_study(two_coders.path) as study:
        study.settings.change({"aims": "x"})
    assert "qualcode restore" in one_sentence(error.value)


def test_words_of_sqlite_never_reach_the_researcher_alone(tmp_path: Path) -> None:
    for words in ("database is locked", "attempt to write a readonly database", "disk I/O error",
                  "database or disk is full", "file is not a database", "malformed"):  # fmt: skip
        told = file.translated(sqlite3.OperationalError(words), tmp_path / "n.qualcode")
        assert isinstance(told, DamagedStudy)
        assert "n.qualcode" in one_sentence(told)
