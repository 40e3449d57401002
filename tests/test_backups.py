"""Copies of a study: when they are made, which are kept, and that one brings everything back."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qualcode.cli import main
from qualcode.errors import BadCommand, DamagedStudy, NotAllowed, NotInStudy, QualcodeError
from qualcode.model import Member
from qualcode.store import Study, backups, checks, history, open_study, restore
from qualcode.store.backups import Copy

from .conftest import ANA, BEN, LEA, WORDS, coded, interview

BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def words(self) -> str:
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(backups, "clock", clock)
    monkeypatch.setattr(history, "now", clock.words)
    return clock


@pytest.fixture(autouse=True)
def nothing_failed_before() -> Iterator[None]:
    backups._failed.clear()
    yield
    backups._failed.clear()


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


# -- the rule ----------------------------------------------------------------------------------


def copy_of(at: datetime, kind: str = "daily") -> Copy:
    return Copy(Path(f"{at.strftime(backups.STAMP)}.qualcode"), at, kind)


def years_of_work(days: set[int], until: int) -> Iterator[tuple[datetime, set[Copy]]]:
    """The copies there are after each of these days of work, the rule applied each time."""
    there: set[Copy] = set()
    for day in range(until):
        if day in days:
            now = BEGIN + day * DAY + timedelta(minutes=day % 300)
            there.add(copy_of(now))
            there = backups.to_keep(there, now)
            yield now, there


@pytest.mark.parametrize("share", [1.0, 0.7, 0.1])
def test_over_years_of_work_the_promised_copies_are_there(share: float) -> None:
    until = 1200
    chance = random.Random(7)
    days = {day for day in range(until) if chance.random() < share}
    worked: list[datetime] = []
    for now, there in years_of_work(days, until):
        worked.append(now)
        kept = {copy.at for copy in there}
        recent = {at for at in worked if now - at <= 14 * DAY}
        assert recent <= kept
        assert set(worked[-3:]) <= kept
        for span, name in ((timedelta(weeks=7), "%G-%V"), (timedelta(days=330), "%Y-%m")):
            wanted = {at.strftime(name) for at in worked if now - at <= span}
            assert wanted <= {at.strftime(name) for at in kept}
        assert len(there) <= 15 + 9 + 12
    assert max(now for now in worked) - min(kept) <= timedelta(days=366)


def test_applied_again_the_rule_takes_nothing_more_away() -> None:
    there = {copy_of(BEGIN + day * DAY) for day in range(500)}
    now = BEGIN + 500 * DAY
    kept = backups.to_keep(there, now)
    assert backups.to_keep(kept, now) == kept


def test_copies_before_an_upgrade_or_a_restore_stay_a_year() -> None:
    special = [copy_of(BEGIN, "before-step-4"), copy_of(BEGIN + DAY, "before-restore")]
    daily = [copy_of(BEGIN + day * DAY) for day in range(2, 402)]
    for day in range(2, 365):
        now = BEGIN + day * DAY
        assert set(special) <= backups.to_keep(special + daily[: day - 1], now)
    assert not set(special) & backups.to_keep(special + daily, BEGIN + 402 * DAY)


def test_the_last_copies_stay_however_old_and_those_of_a_wrong_clock_too() -> None:
    old = [copy_of(BEGIN + day * DAY) for day in range(5)]
    assert backups.to_keep(old, BEGIN + 4000 * DAY) == set(old[-3:])
    future = [copy_of(BEGIN + 900 * DAY), copy_of(BEGIN + 901 * DAY)]
    assert set(future) <= backups.to_keep([*old, *future], BEGIN + 5 * DAY)


@pytest.mark.parametrize(
    ("ages", "begun", "due"),
    [
        ([], 0.5, False),
        ([], 1.5, True),
        ([23], 900, False),
        ([25], 900, True),
        ([40, 3], 900, False),
        ([-0.5], 900, False),
        ([-500], 900, True),  # a clock that was wrong once holds nothing up
        ([-500, 2], 900, False),
    ],
)
def test_a_copy_is_due_a_day_after_the_last(ages: list[float], begun: float, due: bool) -> None:
    now = BEGIN + 100 * DAY
    found = [copy_of(now - timedelta(hours=age)) for age in ages]
    assert backups.is_due(found, now - timedelta(hours=begun), now) is due


def test_the_copy_before_an_upgrade_is_not_the_copy_of_the_day() -> None:
    now = BEGIN + DAY
    assert backups.is_due([copy_of(now, "before-step-4")], BEGIN, now)


# -- while in use ------------------------------------------------------------------------------


def test_a_copy_is_made_before_the_first_change_of_a_day(two_coders: Study, clock: Clock) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    assert backups.copies(two_coders.path) == []  # the first hour
    clock.now += timedelta(minutes=61)
    before = dump(two_coders.path)
    coded(two_coders, ANA, "P01", 4, 7)
    coded(two_coders, ANA, "P01", 8, 11)
    (copy,) = backups.copies(two_coders.path)
    assert dump(copy.path) == before
    assert copy.path.parent == two_coders.path.parent / ".backups" / two_coders.path.name
    clock.now += timedelta(hours=23)
    coded(two_coders, BEN, "P01", 4, 7)
    assert len(backups.copies(two_coders.path)) == 1
    clock.now += timedelta(hours=2)
    two_coders.settings.change({"aims": "To know."})
    assert len(backups.copies(two_coders.path)) == 2
    two_coders.codings(), two_coders.history(), two_coders.check()
    clock.now += 3 * DAY
    two_coders.codings()
    assert len(backups.copies(two_coders.path)) == 2  # reading makes none
    assert two_coders.check() == []
    assert two_coders.warnings() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_nobody_else_may_read_the_copies(two_coders: Study) -> None:
    copy = backups.make(two_coders.path)
    for path in (copy.path, copy.path.parent, copy.path.parent.parent):
        assert path.stat().st_mode & 0o077 == 0


def test_a_year_of_work_leaves_what_the_rule_keeps(two_coders: Study, clock: Clock) -> None:
    for day in range(400):
        clock.now += DAY + timedelta(minutes=1)
        two_coders.settings.change({"aims": str(day)})
    there = backups.copies(two_coders.path)
    assert set(there) == backups.to_keep(there, clock.now)
    assert 20 <= len(there) <= 36
    assert len(list(there[0].path.parent.iterdir())) == len(there)
    assert two_coders.check() == []


def test_two_who_write_at_once_make_one_copy(two_coders: Study, clock: Clock) -> None:
    clock.now += 2 * DAY
    two_coders.close()
    failures: list[BaseException] = []
    gate = threading.Barrier(4)

    def work(number: int) -> None:
        try:
            with open_study(two_coders.path) as study:
                gate.wait()
                study.settings.change({f"aims{number}": "x"})
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(backups.copies(two_coders.path)) == 1


def test_a_copy_that_fails_does_not_fail_the_change_and_is_told(
    two_coders: Study,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (two_coders.path.parent / ".backups").write_text("in the way")
    clock.now += 2 * DAY
    two_coders.settings.change({"aims": "To know."})
    assert two_coders.setting("aims") == "To know."
    (told,) = two_coders.warnings()
    assert "failed" in told
    assert told.endswith(".")
    assert main(["check", str(two_coders.path)]) == 0
    assert "Warning: The copy of" in capsys.readouterr().err
    # Mended, it is tried again after a while, and all is well.
    (two_coders.path.parent / ".backups").unlink()
    two_coders.settings.change({"aims": "More."})
    assert backups.copies(two_coders.path) == []
    monkeypatch.setattr(backups, "AGAIN_SECONDS", 0)
    two_coders.settings.change({"aims": "Still more."})
    assert len(backups.copies(two_coders.path)) == 1
    assert two_coders.warnings() == []


def test_a_failed_copy_is_known_to_another_process(two_coders: Study, clock: Clock) -> None:
    backups.make(two_coders.path)
    folder = backups.folder_of(two_coders.path)
    clock.now += 3 * DAY
    backups._failed[two_coders.path] = (time.monotonic(), "")  # so that none is tried
    two_coders.settings.change({"aims": "x"})
    backups._failed.clear()
    (told,) = two_coders.warnings()
    assert "its last copy is of" in told
    (folder / "failed.txt").write_text("The copy of 2026 failed. The disk is full.")
    assert "The disk is full." in two_coders.warnings()[0]


def test_a_copy_that_broke_off_does_not_count(two_coders: Study, clock: Clock) -> None:
    folder = backups.place_for(two_coders.path).parent
    left = folder / "2026-01-01T000000Z.qualcode.part-1-2"
    left.write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    (folder / "2026-99-99T000000Z.qualcode").write_text("no day")
    assert backups.copies(two_coders.path) == []
    os.utime(left, (0, 0))
    backups.make(two_coders.path)
    assert not left.exists()
    assert (folder / "notes.txt").exists()


def test_asking_whether_a_copy_is_due_costs_next_to_nothing(two_coders: Study) -> None:
    for number in range(36):
        at = backups.clock() - number * DAY
        name = f"{at.strftime(backups.STAMP)}.qualcode"
        (backups.place_for(two_coders.path).parent / name).touch()
    begin = time.perf_counter()
    for _ in range(100):
        backups.before_a_change(two_coders._db, two_coders.path)
    assert (time.perf_counter() - begin) / 100 < 0.02  # milliseconds; a commit takes longer


# -- putting a copy back -----------------------------------------------------------------------


def damage(path: Path) -> None:
    """Random bytes over the middle of the file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(random.Random(5).randbytes(size // 2))


def test_the_drill(two_coders: Study, capsys: pytest.CaptureFixture[str]) -> None:
    """Work, a copy, more work, a damaged file, one command: all up to the copy is there."""
    path = two_coders.path
    first = coded(two_coders, ANA, "P01", 0, 3)
    two_coders.seated(BEN).submit("P01")
    copy = backups.make(path)
    kept = dump(path)
    coded(two_coders, ANA, "P01", 4, 7)
    two_coders.close()
    damage(path)
    assert main(["check", str(path)]) == 1
    assert main(["restore", str(path)]) == 0
    assert copy.name in capsys.readouterr().out
    assert main(["restore", str(path), copy.name]) == 0
    assert "is kept as" in capsys.readouterr().out
    with open_study(path, seat=ANA) as study:
        assert study.check() == []
        assert [coding.id for coding in study.codings()] == [first]
        restored = study.seated(LEA).history("restore")[-1]
        assert restored["details"]["copy"] == copy.name
        assert restored["who"] == "owner"
    now = dump(path)
    assert [row for row in kept if row not in now and "history.last" not in row] == []
    assert main(["check", str(path)]) == 0
    (aside,) = [c for c in backups.copies(path) if c.kind == "before-restore"]
    assert aside.path.exists()
    with open_study(path, seat=ANA) as study:  # and work goes on
        coded(study, ANA, "P02", 0, 3)
        assert study.check() == []


@pytest.mark.parametrize("seed", range(6))
def test_wherever_the_file_is_damaged_the_copy_comes_back(two_coders: Study, seed: int) -> None:
    path = two_coders.path
    coded(two_coders, ANA, "P01", 0, 3)
    copy = backups.make(path)
    two_coders.close()
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(20):
        start = chance.randrange(0 if seed % 2 else 4096, len(data) - 600)
        data[start : start + 600] = chance.randbytes(600)
    path.write_bytes(data[: len(data) // 2] if seed == 5 else data)
    restore.restore(path, restore.find(path, "newest"))
    with open_study(path, seat=ANA) as study:
        assert study.check() == []
        assert len(study.codings()) == 1
    assert copy.path.exists()


def test_a_damaged_file_is_put_aside_with_its_companions(two_coders: Study) -> None:
    path = two_coders.path
    backups.make(path)
    two_coders.close()
    damage(path)
    damaged = path.read_bytes()
    for companion in backups.beside(path):
        companion.write_bytes(b"left behind")
    found = restore.restore(path, restore.find(path, "newest"))
    assert found.aside is not None
    assert found.aside.read_bytes() == damaged
    assert backups.beside(found.aside)[0].read_bytes() == b"left behind"
    with open_study(path) as study:
        assert study.check() == []


def test_a_study_that_was_deleted_comes_back(two_coders: Study) -> None:
    path = two_coders.path
    backups.make(path)
    two_coders.close()
    path.unlink()
    assert main(["restore", str(path), "newest"]) == 0
    with open_study(path) as study:
        assert study.check() == []
        assert list(study.titles().values()) == list(WORDS)


def test_who_has_the_study_open_sees_the_old_or_the_new(two_coders: Study) -> None:
    path = two_coders.path
    coded(two_coders, ANA, "P01", 0, 3)
    copy = backups.make(path)
    for start in range(5, 25):
        coded(two_coders, ANA, "P01", start, start + 2)
    seen: set[int] = set()
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            with open_study(path, seat=ANA) as reader:
                while not stop.is_set():
                    seen.add(len(reader.codings()))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    with open_study(path, seat=LEA) as reader:
        reader._db.execute("BEGIN")
        (before,) = reader._db.execute("SELECT count(*) FROM codings").fetchone()
        two_coders.seated(LEA).restore(copy.name)
        assert reader._db.execute("SELECT count(*) FROM codings").fetchone() == (before,) == (21,)
        reader._db.execute("COMMIT")
        assert reader._db.execute("SELECT count(*) FROM codings").fetchone() == (1,)
    stop.set()
    thread.join()
    assert failures == []
    assert seen <= {1, 21}
    assert len(two_coders.seated(ANA).codings()) == 1
    assert two_coders.check() == []
    (line,) = two_coders.history("restore")
    assert (line["who"], line["role"]) == ("lea", "lead")


def test_a_restore_tells_whose_sealed_work_is_open_again(two_coders: Study) -> None:
    copy = backups.make(two_coders.path)
    two_coders.seated(ANA).submit("P01", "P02")
    two_coders.seated(LEA).restore(copy.name)
    (line,) = two_coders.history("restore")
    assert line["details"]["unsealed"] == [["ana", "P01"], ["ana", "P02"]]


def test_a_restore_can_be_undone(two_coders: Study) -> None:
    first = backups.make(two_coders.path)
    coding = coded(two_coders, ANA, "P01", 0, 3)
    lead = two_coders.seated(LEA)
    lead.restore(first.name)
    assert len(two_coders.seated(ANA).codings()) == 0
    (aside,) = [copy for copy in lead.copies() if copy.kind == "before-restore"]
    lead.restore(aside.name)
    assert [c.id for c in two_coders.seated(ANA).codings()] == [coding]
    assert two_coders.check() == []


def test_a_change_that_meets_a_restore_waits_outside(two_coders: Study) -> None:
    before = dump(two_coders.path)
    with backups.restoring(two_coders.path):
        with pytest.raises(DamagedStudy, match="being restored"):
            two_coders.settings.change({"aims": "lost?"})
        with pytest.raises(BadCommand, match="already"), backups.restoring(two_coders.path):
            pass
    assert dump(two_coders.path) == before
    two_coders.settings.change({"aims": "kept"})
    marker = backups.folder_of(two_coders.path) / "restoring"
    marker.touch()  # as a restore that was killed leaves it
    os.utime(marker, (0, 0))
    two_coders.settings.change({"aims": "kept too"})


WRITER = """
import sys
from qualcode.errors import QualcodeError
from qualcode.model import Seat, new_id
from qualcode.store import open_study

seat = Seat("ana", frozenset({"coder"}))
print("ready", flush=True)
for number in range(400):
    start, length = number % 40, 1 + number // 40
    coding = new_id()
    try:
        with open_study(sys.argv[1], seat=seat) as study:
            text = study.transcript("P01").text
            act = {
                "op": "add", "op_id": new_id(), "quote": text[start:start + length],
                "coding": {"id": coding, "start": start, "end": start + length, "code": "C1"},
            }
            if study.apply("P01", [act]).acknowledged:
                print(coding, flush=True)
    except QualcodeError as error:
        print("refused", error, file=sys.stderr, flush=True)
"""


def test_nothing_acknowledged_is_lost_between_the_aside_and_the_switch(two_coders: Study) -> None:
    """A coder writes while a copy is put back: each coding is in the new file or in the aside."""
    path = two_coders.path
    copy = backups.make(path)
    coder = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert coder.stdout is not None
    for _ in range(20):
        coder.stdout.readline()
    for _ in range(3):
        restore.restore(path, copy)
    acknowledged = {line.strip() for line in coder.stdout if line.strip()}
    coder.wait()
    coder.stdout.close()
    there: set[str] = set()
    asides = [c.path for c in backups.copies(path) if c.kind == "before-restore"]
    assert len(asides) == 3
    for file in (path, *asides):
        connection = sqlite3.connect(file)
        there |= {row[0] for row in connection.execute("SELECT id FROM codings")}
        connection.close()
    assert acknowledged <= there
    assert two_coders.check() == []


def test_a_copy_that_is_not_sound_is_refused(two_coders: Study) -> None:
    copy = backups.make(two_coders.path)
    damage(copy.path)
    before = dump(two_coders.path)
    lead = two_coders.seated(LEA)
    with pytest.raises(DamagedStudy, match="not sound"):
        lead.restore(copy.name)
    assert dump(two_coders.path) == before
    (listed,) = lead.copies()
    assert not listed.readable
    assert [c.kind for c in backups.copies(two_coders.path)] == ["daily"]


def test_a_copy_of_another_study_is_refused(two_coders: Study, tmp_path: Path) -> None:
    with open_study(tmp_path / "other.qualcode", create=True, title="Other") as other:
        other.backup(tmp_path / "other copy.qualcode")
    before = dump(two_coders.path)
    for name in ("other copy.qualcode", "nothing"):
        with pytest.raises((DamagedStudy, NotInStudy)) as error:
            restore.restore(two_coders.path, restore.find(two_coders.path, str(tmp_path / name)))
        assert str(error.value).rstrip().endswith((".", "qualcode"))
    backups.make(two_coders.path)
    two_coders.close()
    damage(two_coders.path)  # its own id cannot be read: the copies tell
    with pytest.raises(DamagedStudy, match="another study"):
        restore.restore(
            two_coders.path,
            restore.find(two_coders.path, str(tmp_path / "other copy.qualcode")),
        )
    assert before


def test_a_copy_from_elsewhere_of_this_study_is_restored(two_coders: Study, tmp_path: Path) -> None:
    two_coders.backup(tmp_path / "usb.qualcode")
    coded(two_coders, ANA, "P01", 0, 3)
    assert main(["restore", str(two_coders.path), str(tmp_path / "usb.qualcode")]) == 0
    assert len(two_coders.seated(ANA).codings()) == 0
    with pytest.raises(NotInStudy):  # the page puts back what is in the list, no path
        two_coders.seated(LEA).restore(str(tmp_path / "usb.qualcode"))


def test_a_file_copied_with_its_log_is_read_with_it(two_coders: Study, tmp_path: Path) -> None:
    """A file manager copies a study in use: its newest work is in the log beside it."""
    coding = coded(two_coders, ANA, "P01", 0, 3)
    by_hand = tmp_path / "usb" / "by hand.qualcode"
    by_hand.parent.mkdir()
    for source, target in zip(
        (two_coders.path, backups.beside(two_coders.path)[0]),
        (by_hand, backups.beside(by_hand)[0]),
        strict=True,
    ):
        shutil.copy(source, target)
    assert backups.beside(by_hand)[0].stat().st_size > 0
    two_coders.seated(ANA).apply("P01", [{"op": "remove", "op_id": "1", "id": coding}])
    restore.restore(two_coders.path, restore.find(two_coders.path, str(by_hand)))
    assert [c.id for c in two_coders.seated(ANA).codings()] == [coding]
    assert two_coders.check() == []


def test_the_newest_is_one_that_can_be_read(two_coders: Study, clock: Clock) -> None:
    first = backups.make(two_coders.path)
    clock.now += DAY
    damage(backups.make(two_coders.path).path)
    clock.now += DAY
    restore.restore(two_coders.path, first)
    assert restore.find(two_coders.path, "newest") == first


def test_only_a_lead_or_the_owner_restores(two_coders: Study) -> None:
    copy = backups.make(two_coders.path)
    for seat in (ANA, BEN):
        for call in (
            lambda seat=seat: two_coders.seated(seat).restore(copy.name),
            lambda seat=seat: two_coders.seated(seat).copies(),
        ):
            with pytest.raises(NotAllowed):
                call()
    assert two_coders.history("restore") == []
    two_coders.restore(copy.name)
    assert two_coders.check() == []
    with pytest.raises(BadCommand):
        two_coders.log("restore", {})


def test_the_beginning_of_a_name_is_enough_when_it_is_one_copy(
    two_coders: Study, clock: Clock
) -> None:
    first = backups.make(two_coders.path)
    clock.now += 40 * DAY
    second = backups.make(two_coders.path)
    assert restore.find(two_coders.path, second.name[:10]) == second
    assert restore.find(two_coders.path, f"{first.name}.qualcode") == first
    assert restore.find(two_coders.path, "newest") == second
    with pytest.raises(BadCommand, match="2 copies"):
        restore.find(two_coders.path, "2")
    for name in ("", "../../etc/passwd", "9999"):
        with pytest.raises(NotInStudy):
            restore.find(two_coders.path, name, paths=False)


def test_a_copy_of_an_earlier_version_is_brought_forward(
    two_coders: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qualcode.store.migrations import study_file

    copy = backups.make(two_coders.path)
    two_coders.close()
    step = type(study_file)._Migration(
        "m999_colour", lambda db: db.execute("ALTER TABLE members ADD COLUMN colour TEXT")
    )
    monkeypatch.setattr(study_file, "_migrations", [*study_file._migrations, step])
    with open_study(two_coders.path, seat=LEA) as study:
        assert study.check() == []
        study.restore(copy.name)
        assert study.check() == []
        assert "colour" in study._db.table("members").columns_dict
    assert not list(two_coders.path.parent.glob(".backups/.backups*"))
    kinds = sorted(c.kind for c in backups.copies(two_coders.path))
    assert kinds == ["before-restore", f"before-step-{len(study_file._migrations)}", "daily"]


def test_an_upgrade_that_fails_again_and_again_makes_one_copy(
    two_coders: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qualcode.store.migrations import study_file

    def m998_broken(db: object) -> None:
        raise sqlite3.OperationalError("no such table")

    two_coders.close()
    step = type(study_file)._Migration("m998_broken", m998_broken)
    monkeypatch.setattr(study_file, "_migrations", [*study_file._migrations, step])
    for _ in range(3):
        with pytest.raises(QualcodeError):
            open_study(two_coders.path)
    assert len(backups.copies(two_coders.path)) == 1


def test_a_study_cut_back_by_hand_is_known_by_its_copies(two_coders: Study) -> None:
    """Somebody puts an older file in place, whole and sound in itself."""
    old = two_coders.path.with_name("old copy")
    two_coders.backup(old)
    two_coders.settings.change({"aims": "To know."})
    backups.make(two_coders.path)
    two_coders.close()
    os.replace(old, two_coders.path)
    with open_study(two_coders.path) as study:
        assert checks.faults(study._db) == []
        (fault,) = study.check()
        assert "not that of the copy of" in fault
        study.add(interview("P09", "Work goes on."))
        assert len(study.check()) == 1


def test_the_list_of_copies_does_not_tell_what_is_closed(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    two_coders.add_member(Member("max", frozenset({"lead", "coder"})))
    coded(two_coders, ANA, "P01", 4, 7)
    backups.make(two_coders.path)
    (copy,) = two_coders.seated(LEA).copies()
    assert copy.last is not None
    assert copy.last["act"] == "member_add"
    assert copy.bytes == 1_000_000
