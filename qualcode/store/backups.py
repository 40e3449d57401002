"""Copies of a study: made while it is in use, kept by one rule, in a hidden folder beside it.

``<folder>/.backups/<file name>/2026-11-22T010203Z.qualcode`` is a daily copy;
``….before-step-2.qualcode`` was made before the file was brought forward, and
``….before-restore.qualcode`` is the file that a restore put aside. A copy is written under another
name and renamed when it is whole; nobody else on the machine may read it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from qualcode.errors import AlreadyInStudy, BadCommand, DamagedStudy, UnreadableFile
from qualcode.store import history

FOLDER = ".backups"
ENDING = ".qualcode"
DAILY = "daily"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAYS, WEEKS, MONTHS, ALWAYS = 14, 8, 12, 3
YEAR = timedelta(days=366)
RULE = (
    "A copy is made before the first change of a day's work. Kept are all copies of the last "
    f"{DAYS} days, one a week for {WEEKS} weeks, one a month for {MONTHS} months, those made "
    f"before an upgrade or a restore for a year, and always the newest {ALWAYS}."
)
AGAIN_SECONDS = 600
"""How long a process waits after a copy that failed before it tries again."""
RESTORING = "restoring"
RESTORING_SECONDS = 120
"""How long changes wait for a restore; one that was killed holds nobody up for longer."""
NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}Z)(?:-\d+)?(?:\.([a-z0-9-]+))?\.qualcode")
STAMP = "%Y-%m-%dT%H%M%SZ"

_failed: dict[Path, tuple[float, str]] = {}


@dataclass(frozen=True)
class Copy:
    """One copy of a study; ``kind`` is ``daily`` or why else it was made."""

    path: Path
    at: datetime
    kind: str

    @property
    def name(self) -> str:
        """By which ``qualcode restore`` knows it."""
        return self.path.name.removesuffix(ENDING)

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


def clock() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def _is_fresh(study: Path, now: datetime) -> bool:
    """Whether a name in the folder tells of a copy of the last day; asked before every change."""
    first, last = (now - DAY).strftime(STAMP), now.strftime(STAMP)
    try:
        names = os.listdir(folder_of(study))
    except OSError:
        return False
    whole = len(last) + len(ENDING)  # the name of a daily copy
    return any(len(name) == whole and first < name[: len(last)] <= last for name in names)


@lru_cache(maxsize=256)
def folder_of(study: Path) -> Path:
    """Where the copies of the study at this path are."""
    whole = study.resolve()
    return whole.parent / FOLDER / whole.name


def copies(study: Path) -> list[Copy]:
    """The copies there are, newest first."""
    found = []
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder_of(study)) as entries:
        for entry in entries:
            known = NAME.fullmatch(entry.name)
            if known:
                with suppress(ValueError):  # 2026-13-45 is no day
                    at = datetime.strptime(known[1], STAMP).replace(tzinfo=UTC)
                    found.append(Copy(Path(entry.path), at, known[2] or DAILY))
    return sorted(found, key=lambda copy: (copy.at, copy.name), reverse=True)


# -- the rule ----------------------------------------------------------------------------------


def to_keep(found: Iterable[Copy], now: datetime) -> set[Copy]:
    """Which copies stay: the rule in :data:`RULE`, and nothing else.

    Weeks and months are those of the calendar, and the newest copy of each stays, so that the
    answer is the same however often the rule is applied. A copy dated in the future, by a clock
    that was wrong, is never taken away.
    """
    found = sorted(found, key=lambda copy: (copy.at, copy.name))
    kept = set(found[-ALWAYS:])
    weeks: dict[tuple[int, int], Copy] = {}
    months: dict[tuple[int, int], Copy] = {}
    for copy in found:
        age = now - copy.at
        if age <= timedelta(days=DAYS) or (copy.kind != DAILY and age <= YEAR):
            kept.add(copy)
        if copy.kind == DAILY and age <= timedelta(weeks=WEEKS):
            weeks[copy.at.isocalendar()[:2]] = copy
        if copy.kind == DAILY and age <= YEAR:
            months[copy.at.year, copy.at.month] = copy
    latest = sorted(months)[-MONTHS:]
    return kept | set(weeks.values()) | {months[month] for month in latest}


def is_due(found: Iterable[Copy], begun: datetime | None, now: datetime) -> bool:
    """True when a change made now has a copy made before it.

    ``begun`` is when the study was made: its first hour needs no copy. Copies dated in the future
    do not count.
    """
    past = [copy.at for copy in found if copy.kind == DAILY and copy.at <= now + HOUR]
    if past:
        return now - max(past) > DAY
    return begun is not None and now - begun > HOUR


# -- making ------------------------------------------------------------------------------------


def before_a_change(db: Database, study: Path) -> None:
    """Make the copy of the day if it is due; called inside the change's transaction.

    Whoever is here holds the right to write, so no two processes copy at once, and the copy is the
    study before this change. A copy that fails does not fail the change: see :func:`trouble`.

    Raises
    ------
    DamagedStudy
        The study is being restored at this moment, and the change would be lost.
    """
    if str(study) == ":memory:":
        return
    _refuse_while_restoring(study)
    failed = _failed.get(study)
    if failed and time.monotonic() - failed[0] < AGAIN_SECONDS:
        return
    try:
        now = clock()
        if not _is_fresh(study, now) and is_due(copies(study), _begun(db), now):
            make(study)
            _failed.pop(study, None)
            (folder_of(study) / "failed.txt").unlink(missing_ok=True)
    except (UnreadableFile, OSError, sqlite3.Error) as error:
        _remember(study, str(error))


def make(study: Path, kind: str = DAILY) -> Copy:
    """Copy the study as it stands committed, and take away what the rule does not keep."""
    target = place_for(study, kind)
    with closing(sqlite3.connect(study, timeout=10, isolation_level=None)) as reader:
        copy_database(Database(reader), target)
    copy = next(copy for copy in copies(study) if copy.path == target)
    prune(study)
    return copy


def place_for(study: Path, kind: str = DAILY) -> Path:
    """A free name for a copy made now, in a folder that is there."""
    folder = folder_of(study)
    try:
        for part in (folder.parent, folder):
            part.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UnreadableFile(
            f"The folder of copies {folder} cannot be made ({error.strerror}); "
            "check the folder of the study and its permissions."
        ) from error
    end = "" if kind == DAILY else f".{kind}"
    stamp = clock().strftime(STAMP)
    for number in range(1, 1000):
        again = "" if number == 1 else f"-{number}"
        target = folder / f"{stamp}{again}{end}{ENDING}"
        if not target.exists():
            return target
    raise UnreadableFile(f"The folder of copies {folder} is full of copies of one second.")


def prune(study: Path) -> None:
    """Take away the copies that the rule does not keep, and what a broken copying left."""
    found = copies(study)
    for copy in set(found) - to_keep(found, clock()):
        for path in (copy.path, *beside(copy.path)):
            with suppress(OSError):  # one that cannot go now goes another day
                path.unlink(missing_ok=True)
    for left in folder_of(study).glob("*.part*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > DAY.total_seconds():
                left.unlink()


def copy_database(db: Database, target: Path) -> None:
    """A sound copy while others read and write, by SQLite's own backup."""
    if target.exists():
        raise AlreadyInStudy(f"There is a file at {target} already; choose another name.")
    part = target.with_name(f"{target.name}.part-{os.getpid()}-{time.monotonic_ns()}")
    try:
        part.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(part)) as copy:
            db.conn.backup(copy)
        os.replace(part, target)
    except (sqlite3.Error, OSError) as error:
        raise UnreadableFile(
            f"The copy {target} cannot be written ({error}); check the folder and its permissions."
        ) from error
    finally:
        for path in (part, *beside(part), part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def beside(path: Path) -> tuple[Path, Path]:
    """The two files that SQLite keeps beside a study in use."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


# -- reading -----------------------------------------------------------------------------------


@contextmanager
def reading(copy: Path) -> Iterator[Database]:
    """A copy, opened so that nothing is written beside it, if it is one whole file."""
    log = beside(copy)[0]
    alone = not log.exists() or log.stat().st_size == 0
    address = copy.absolute().as_uri() + "?mode=ro" + ("&immutable=1" if alone else "")
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield Database(connection)


def identity(db: Database) -> str:
    """The id of the study in this file, made once when it was started."""
    row = db.execute("SELECT value FROM settings WHERE key = 'id'").fetchone()
    return str(row[0]) if row else ""


def lines_of(copy: Path) -> list[dict[str, Any]]:
    """The history of a copy, newest first; empty for a copy that cannot be read."""
    try:
        with reading(copy) as db:
            return list(history.read(db))[::-1]
    except (sqlite3.Error, ValueError):
        return []


def unlike_copies(db: Database, study: Path) -> list[str]:
    """Whether the newest copy tells a history that this file does not hold any more."""
    restored = [line["at"] for line in history.read(db, "restore")]
    since = _moment(restored[-1]) if restored else None
    for copy in copies(study):
        if copy.kind != DAILY or (since is not None and copy.at <= since):
            continue
        try:
            with reading(copy.path) as other:
                number, digest = history.last_line(other)
                same = identity(other) == identity(db)
        except sqlite3.Error:
            continue
        if same:
            if history.holds(db, number, digest):
                return []
            return [
                f"The history is not that of the copy of {told(copy.at)}: "
                "lines that it tells were altered or taken out."
            ]
    return []


# -- what went wrong ---------------------------------------------------------------------------


def trouble(db: Database, study: Path) -> str:
    """A sentence if the copy of the last day of work failed; empty if all is well.

    It is told from the file itself: a change later than a day after the newest copy had none made
    before it. The reason is what this process, or another in the folder's ``failed.txt``, wrote.
    """
    found = [copy.at for copy in copies(study) if copy.kind == DAILY]
    last = db.execute("SELECT at FROM history ORDER BY id DESC LIMIT 1").fetchone()
    reason = _reason(study)
    if found and last and _moment(last[0]) - max(found) > DAY + HOUR:
        return f"The study was changed since, but its last copy is of {told(max(found))}. " + (
            reason or "Copy it with: qualcode backup"
        )
    return reason


def told(at: datetime) -> str:
    """A moment as the lists show it: 2026-11-22 01:02 UTC."""
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _remember(study: Path, words: str) -> None:
    sentence = f"The copy of {told(clock())} failed. {words}"
    _failed[study] = (time.monotonic(), sentence)
    with suppress(OSError):
        (folder_of(study) / "failed.txt").write_text(sentence, encoding="utf-8")


def _reason(study: Path) -> str:
    if study in _failed:
        return _failed[study][1]
    with suppress(OSError, UnicodeDecodeError):
        return (folder_of(study) / "failed.txt").read_text(encoding="utf-8")[:1000]
    return ""


def _begun(db: Database) -> datetime | None:
    row = db.execute("SELECT at FROM history ORDER BY id LIMIT 1").fetchone()
    return _moment(row[0]) if row else None


def _moment(words: str) -> datetime:
    try:
        found = datetime.fromisoformat(words)
    except ValueError:  # a line that was altered; the check names it
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# -- while a study is restored -----------------------------------------------------------------


@contextmanager
def restoring(study: Path) -> Iterator[None]:
    """Changes of other processes wait outside while a study is being restored."""
    place_for(study)
    marker = folder_of(study) / RESTORING
    if _is_restoring(study):
        raise BadCommand(f"{study.name} is being restored already; wait until that is done.")
    marker.unlink(missing_ok=True)
    try:
        marker.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise BadCommand(
            f"{study.name} is being restored already; wait until that is done."
        ) from error
    except OSError as error:
        raise UnreadableFile(
            f"The folder of copies {marker.parent} cannot be written ({error.strerror}); "
            "check its permissions. Nothing was changed."
        ) from error
    try:
        yield
    finally:
        marker.unlink(missing_ok=True)


def go_on_restoring(study: Path) -> None:
    """Changes wait anew from now: the next step of the restore begins."""
    (folder_of(study) / RESTORING).touch(mode=0o600)


def _is_restoring(study: Path) -> bool:
    try:
        written = (folder_of(study) / RESTORING).stat().st_mtime
    except OSError:
        return False
    return time.time() - written < RESTORING_SECONDS


def _refuse_while_restoring(study: Path) -> None:
    if _is_restoring(study):
        raise DamagedStudy(
            f"{study.name} is being restored from a copy; try again in a moment. "
            "Nothing was changed."
        )


def known_id(study: Path) -> set[str]:
    """The ids of the studies in the readable copies of this place."""
    found = set()
    for copy in copies(study):
        with suppress(sqlite3.Error), reading(copy.path) as db:
            found.add(identity(db))
    return found
