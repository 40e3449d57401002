"""The study's file on disk: opened, recognised, brought forward; its errors told in words."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeGuard

from sqlite_utils import Database

from qualcode.errors import AlreadyInStudy, DamagedStudy, NotInStudy, UnreadableFile
from qualcode.model import OWNER
from qualcode.store import backups, history, seals
from qualcode.store.backups import ENDING, copy_database
from qualcode.store.migrations import APPLICATION_ID, study_file

BUSY_SECONDS = 10
__all__ = ["ENDING", "copy_database", "immediate", "open_database", "remove_study", "translated"]


def open_database(path: Path, *, create: bool, keep: bool = True) -> Database:
    """Open the file at ``path`` as a study's database at the present version.

    A file of an earlier version is copied before it is brought forward, if ``keep``.

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
            _bring_forward(db, path, new=create, keep=keep)
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
    connection.execute("PRAGMA temp_store = MEMORY")
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


def _bring_forward(db: Database, path: Path, *, new: bool, keep: bool) -> None:
    if _missing_steps(db, path) == 0:
        return
    # Two programs opening one old study bring it forward once.
    with immediate(db, watched=False):
        if _missing_steps(db, path) == 0:
            return
        applied = {step.name for step in study_file.applied(db)}
        if keep and not new:
            _copy_before_step(db, path, len(applied) + 1)
        study_file.apply(db)
        if not new:
            steps = [s.name for s in study_file.applied(db) if s.name not in applied]
            history.write_whole(db, OWNER, "bring_forward", "", {"steps": steps})


def _copy_before_step(db: Database, path: Path, number: int) -> None:
    """The file as it was, kept a year; one copy, however often the step is tried."""
    kind = f"before-step-{number}"
    for copy in backups.copies(path):
        if copy.kind == kind:
            with suppress(sqlite3.Error), backups.reading(copy.path) as other:
                if history.last_line(other) == history.last_line(db):
                    return
    backups.make(path, kind)


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
def immediate(
    db: Database, *, watched: bool = True, only: Iterable[str] | None = None
) -> Iterator[None]:
    """One transaction that holds the right to write from its beginning.

    ``Database.atomic`` begins deferred: two coders who read first and write then would not wait
    for each other but fail. Inside this block ``atomic`` nests as a savepoint. ``watched`` notes
    the rows that change, for the line of history that seals them; ``only`` of these tables, where
    no other can change.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    if watched:
        seals.watch(db, only)
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


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
    words, name = str(error).lower(), str(getattr(error, "sqlite_errorname", ""))
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
        return DamagedStudy(
            f"The disk of {path.name} is full ({_free(path)}); make room and try again. "
            "Nothing was changed."
        )
    if name.startswith("SQLITE_IOERR") or "disk i/o error" in words:
        return DamagedStudy(
            f"{path.name} could not be read or written ({error}; {_free(path)}): check the disk "
            "and how large a file may be. Nothing was changed."
        )
    return DamagedStudy(
        f"{path.name} is not a sound study file ({error}); "
        f"see its copies with: qualcode restore {path}"
    )


def _free(path: Path) -> str:
    try:
        return f"{shutil.disk_usage(path.parent).free // 1_000_000} MB free"
    except OSError:
        return "its folder cannot be asked"
