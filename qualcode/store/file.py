"""The study's file on disk: opened, recognised, brought forward, backed up, checked."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeGuard

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
    if create:
        _claim(path)
    else:
        _find(path)
    try:
        db = _connect(path)
        try:
            _recognise(db, path, new=create)
            _bring_forward(db, path, new=create)
        except BaseException:
            db.conn.close()
            raise
    except BaseException as error:
        if create:
            remove_study(path)
        if isinstance(error, sqlite3.DatabaseError):
            raise translated(error, path) from error
        raise
    return db


def _find(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise NotInStudy(
            f"There is no study at {path}. Start one with: qualcode new {path}"
        ) from error
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be opened ({error.strerror}): check the folder and its permissions."
        ) from error


def _claim(path: Path) -> None:
    """Make the empty file of a new study; of two who start one at a place, one does."""
    try:
        path.touch(mode=0o600, exist_ok=False)  # interviews are nobody else's to read
    except FileExistsError as error:
        raise AlreadyInStudy(f"There is a file at {path} already; choose another name.") from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{path} cannot be made ({getattr(error, 'strerror', None) or error}): "
            "check the folder and its permissions."
        ) from error


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
    if _missing_steps(db, path) == 0:
        return
    with immediate(db):  # two programs opening one old study bring it forward once
        if _missing_steps(db, path) == 0:
            return
        if not new:
            number = len(study_file.applied(db)) + 1
            # Not another study by its ending: a folder of studies would list and open it.
            aside = path.with_name(f"{path.name}.before-step-{number}")
            if not aside.exists():
                with closing(_connect(path).conn) as reader:
                    copy_database(Database(reader), aside)
        study_file.apply(db)


def _missing_steps(db: Database, path: Path) -> int:
    """How many steps this file lacks; a file with steps not known here is refused."""
    known = {step.name for step in study_file._migrations}
    applied = {step.name for step in study_file.applied(db)}
    if applied - known:
        raise DamagedStudy(
            f"{path.name} was written by a later version of qualcode; "
            "install that version to open it."
        )
    return len(known - applied)


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
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


def copy_database(db: Database, target: Path) -> None:
    """A sound copy while others read and write, by SQLite's own backup."""
    if target.exists():
        raise AlreadyInStudy(f"There is a file at {target} already; choose another name.")
    try:
        target.touch(mode=0o600)
        with closing(sqlite3.connect(target)) as copy:
            db.conn.backup(copy)
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise UnreadableFile(
            f"The copy {target} cannot be written ({error}); check the folder and its permissions."
        ) from error


def faults(db: Database) -> list[str]:
    """What is wrong with the file, each in a sentence; empty for a sound study."""
    try:
        found = [f"SQLite reports: {row[0]}" for row in db.execute("PRAGMA integrity_check")]
        if found != ["SQLite reports: ok"]:
            return found
        found = [
            f"A row of {row[0]} points to something that is not there."
            for row in db.execute("PRAGMA foreign_key_check")
        ]
        return found + _unanchored(db) + _unlike_history(db)
    except sqlite3.DatabaseError as error:
        return [f"SQLite reports: {error}"]


def _unanchored(db: Database) -> list[str]:
    # Titles, not the codings' ids: who runs the check may still be blind to them.
    anchors = db.execute(
        'SELECT t.title, t.text, c.start, c."end", c.quote FROM codings c '
        "JOIN transcripts t ON t.id = c.transcript ORDER BY t.position"
    )
    titles = dict.fromkeys(
        title for title, text, start, end, quote in anchors if text[start:end] != quote
    )
    return [f"A coding on {title} does not stand where its words are." for title in titles]


def _unlike_history(db: Database) -> list[str]:
    broken = history.broken_lines(db)
    if broken:
        return [f"Line {line} of the history was altered." for line in broken]
    told = history.codings_told(db)
    there = {
        row[0]: tuple(row[1:])
        for row in db.execute('SELECT id, transcript, coder, code, start, "end" FROM codings')
    }
    wrong = {coding[0] for _, coding in told.items() ^ there.items()}
    return [
        f"The codings on {title} are not those that the history tells of."
        for place, title in db.execute("SELECT id, title FROM transcripts ORDER BY position")
        if place in wrong
    ]


def remove_study(path: Path) -> None:
    """Delete a study file with the files SQLite keeps beside it (for the sample study)."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


def is_trouble(error: BaseException | None) -> TypeGuard[sqlite3.DatabaseError]:
    """True for an error of the file or the disk, not of a call that breaks a rule of the file."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError
    )


def translated(error: sqlite3.Error, path: Path) -> Exception:
    """SQLite's words as a sentence for the researcher."""
    words = str(error).lower()
    if "not a database" in words:
        return DamagedStudy(
            f"{path.name} is not a qualcode study; open a file that ends in {ENDING}."
        )
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
