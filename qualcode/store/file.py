"""The study's file on disk: opened, recognised, brought forward, backed up, checked."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from qualcode.errors import AlreadyInStudy, DamagedStudy, NotInStudy, UnreadableFile
from qualcode.store import history
from qualcode.store.migrations import APPLICATION_ID, study_file

ENDING = ".qualcode"
BUSY_SECONDS = 10


def open_database(path: Path, *, create: bool) -> Database:
    """Open the file at ``path`` as a study's database at the present version.

    Raises
    ------
    NotInStudy
        There is no file and ``create`` is false.
    AlreadyInStudy
        ``create`` is true and something is there already.
    DamagedStudy
        The file is not a study, or comes from a later version.
    """
    if create and path.exists():
        raise AlreadyInStudy(f"There is a file at {path} already; choose another name.")
    if not create and not path.exists():
        raise NotInStudy(f"There is no study at {path}. Start one with: qualcode new {path}")
    try:
        db = _connect(path)
        try:
            _recognise(db, path, new=create)
            _bring_forward(db, path, new=create)
        except BaseException:
            db.conn.close()
            raise
    except sqlite3.DatabaseError as error:
        raise translated(error, path) from error
    return db


def _connect(path: Path) -> Database:
    # A page of the app opens the study for one run; threads never share the connection.
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    db = Database(connection, recursive_triggers=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return db


def _recognise(db: Database, path: Path, *, new: bool) -> None:
    if new:
        db.execute("PRAGMA journal_mode = WAL")
    else:
        (found,) = db.execute("PRAGMA application_id").fetchone()
        if found != APPLICATION_ID:
            raise DamagedStudy(
                f"{path.name} is not a qualcode study; open a file that ends in {ENDING}."
            )
    # With WAL a commit that returned survives a killed process; NORMAL may lose the last
    # commits when the power fails, so a study, which is small, is written in full.
    db.execute("PRAGMA synchronous = FULL")


def _bring_forward(db: Database, path: Path, *, new: bool) -> None:
    known = {step.name for step in study_file._migrations}
    applied = {step.name for step in study_file.applied(db)}
    if applied - known:
        raise DamagedStudy(
            f"{path.name} was written by a later version of qualcode; "
            "install that version to open it."
        )
    if applied == known:
        return
    if not new:
        aside = path.with_name(f"{path.stem}.before-step-{len(applied) + 1}{path.suffix}")
        if not aside.exists():
            copy_database(db, aside)
    with immediate(db):  # two programs opening one old study bring it forward once
        study_file.apply(db)


@contextmanager
def immediate(db: Database) -> Iterator[None]:
    """One transaction that holds the right to write from its beginning.

    ``Database.atomic`` begins deferred: two coders who read first and write then would not wait
    for each other but fail. Inside this block ``atomic`` nests as a savepoint.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def copy_database(db: Database, target: Path) -> None:
    """A sound copy while others read and write, by SQLite's own backup."""
    if target.exists():
        raise AlreadyInStudy(f"There is a file at {target} already; choose another name.")
    try:
        with closing(sqlite3.connect(target)) as copy:
            db.conn.backup(copy)
    except (sqlite3.Error, OSError) as error:
        raise UnreadableFile(f"The copy {target} cannot be written: {error}.") from error


def faults(db: Database) -> list[str]:
    """What is wrong with the file, each in a sentence; empty for a sound study."""
    found = [
        f"SQLite reports: {row[0]}"
        for row in db.execute("PRAGMA integrity_check")
        if row[0] != "ok"
    ]
    found += [
        f"A row of {row[0]} points to something that is not there."
        for row in db.execute("PRAGMA foreign_key_check")
    ]
    anchors = db.execute(
        'SELECT c.id, t.title, c.start, c."end", c.quote, t.text FROM codings c '
        "JOIN transcripts t ON t.id = c.transcript"
    )
    found += [
        f"The coding {row[0]} on {row[1]} does not stand where its words are."
        for row in anchors
        if row[5][row[2] : row[3]] != row[4]
    ]
    found += [f"Line {line} of the history was altered." for line in history.broken_lines(db)]
    return found


def remove_study(path: Path) -> None:
    """Delete a study file with the files SQLite keeps beside it (for the sample study)."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


def translated(error: sqlite3.Error, path: Path) -> Exception:
    """SQLite's words as a sentence for the researcher."""
    words = str(error).lower()
    if "locked" in words or "busy" in words:
        return DamagedStudy(
            f"{path.name} is held by another program; close it there and try again. "
            "Nothing was changed."
        )
    if "readonly" in words or "unable to open" in words:
        return DamagedStudy(
            f"{path.name} cannot be written: check the folder and its permissions. "
            "Nothing was changed."
        )
    if "full" in words:
        free = shutil.disk_usage(path.parent).free // 1_000_000
        return DamagedStudy(
            f"The disk of {path.name} is full ({free} MB free); make room and try again. "
            "Nothing was changed."
        )
    return DamagedStudy(
        f"{path.name} is not a sound study file ({error}); restore it from a backup."
    )
