"""Putting a copy back: checked first, the present file put aside, then switched in one step.

The copy is made ready beside (brought forward, with its line of history), and comes into the live
file by SQLite's own backup: whoever has the study open sees the old one or the new one, never a
mixture. A live file that cannot be opened is moved aside with its two companions, and the copy
takes its place by one rename.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from qualcode.errors import BadCommand, DamagedStudy, NotInStudy, UnreadableFile
from qualcode.model import OWNER
from qualcode.store import backups, checks, file, history
from qualcode.store.backups import Copy
from qualcode.store.migrations import APPLICATION_ID

BEFORE_RESTORE = "before-restore"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Listed:
    """A copy as a list shows it; ``last`` is the last line of history that the reader may see.

    ``bytes`` is rounded up to whole megabytes.
    """

    name: str
    at: datetime
    kind: str
    bytes: int
    last: Mapping[str, Any] | None
    readable: bool


@dataclass(frozen=True)
class Restored:
    """What a restore did: from which copy, and where the file is that stood there before."""

    copy: Copy
    aside: Path | None


def listed(
    study: Path,
    may_read: Callable[[Mapping[str, Any]], bool],
) -> list[Listed]:
    """The copies of a study, newest first.

    Their sizes are rounded up: what is closed to a seat, and the memos of others, are in them.
    """
    found = []
    for copy in backups.copies(study):
        lines = backups.lines_of(copy.path)
        # Without its number, which would tell how many lines are held back.
        last = next(({**line, "id": None} for line in lines if may_read(line)), None)
        size = -(-copy.bytes // MEGABYTE) * MEGABYTE
        found.append(Listed(copy.name, copy.at, copy.kind, size, last, bool(lines)))
    return found


def find(study: Path, name: str, *, paths: bool = True) -> Copy:
    """The copy of this name, or of the beginning of one, or a path where ``paths``.

    ``newest`` is the newest that can be read and was not itself put aside by a restore.
    """
    there = backups.copies(study)
    wanted = name.strip().removesuffix(backups.ENDING)
    if wanted == "newest":
        for copy in there:
            if copy.kind != BEFORE_RESTORE and backups.lines_of(copy.path):
                return copy
    exact = [copy for copy in there if copy.name == wanted]
    begun = exact or [copy for copy in there if wanted and copy.name.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise BadCommand(f"{len(begun)} copies begin with “{name}”; give more of the name.")
    path = Path(name)
    if paths and path.is_file():
        at = datetime.fromtimestamp(path.stat().st_mtime, backups.clock().tzinfo)
        return Copy(path.absolute(), at, "given")
    raise NotInStudy(
        f"There is no copy “{name[:80]}” of {study.name}; "
        f"see those there are with: qualcode restore {study}"
    )


def restore(study: Path, copy: Copy, *, who: str = OWNER) -> Restored:
    """Put this copy in place of the study at this path.

    Raises
    ------
    DamagedStudy
        The copy is not sound, or is of another study; nothing was changed.
    UnreadableFile
        There is no room, or no right, to write; nothing was changed.
    """
    study = study.resolve()
    _refuse_unsound(copy)
    with backups.restoring(study):
        ready = backups.folder_of(study) / f"{os.getpid()}.ready.part"
        file.remove_study(ready)
        try:
            with backups.reading(copy.path) as source:
                backups.copy_database(source, ready)
            backups.go_on_restoring(study)
            aside = _set_aside(study, copy, ready)
            _finish(ready, copy, aside, who)
            backups.go_on_restoring(study)
            _switch(study, ready, aside)
        except sqlite3.Error as error:
            raise file.translated(error, study) from error
        except OSError as error:
            raise UnreadableFile(
                f"{study.name} cannot be restored ({error.strerror or error}); "
                "check the folder and its permissions."
            ) from error
        finally:
            with suppress(OSError):
                file.remove_study(ready)
        if aside is not None:
            backups.prune(study)
    return Restored(copy, aside)


def _refuse_unsound(copy: Copy) -> None:
    try:
        with backups.reading(copy.path) as db:
            (known,) = db.execute("PRAGMA application_id").fetchone()
            wrong = checks.faults(db) if known == APPLICATION_ID else ["It is no study."]
    except sqlite3.Error as error:
        wrong = [str(error)]
    if wrong:
        raise DamagedStudy(
            f"The copy {copy.name} is not sound and was not restored ({wrong[0].rstrip('.')}); "
            "choose another. Nothing was changed."
        )


def _is_sound(study: Path) -> bool:
    """Whether the file can be read through SQLite from end to end; nothing is written."""
    address = study.absolute().as_uri() + "?mode=ro"
    try:
        with closing(sqlite3.connect(address, timeout=file.BUSY_SECONDS, uri=True)) as connection:
            (known,) = connection.execute("PRAGMA application_id").fetchone()
            found = connection.execute("PRAGMA integrity_check").fetchall()
            return bool(known == APPLICATION_ID and found == [("ok",)])
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise
        return False
    except sqlite3.DatabaseError:
        return False


def _set_aside(study: Path, copy: Copy, ready: Path) -> Path | None:
    """The present file under a name of its own among the copies; None where there is no file."""
    with backups.reading(ready) as db:
        own = backups.identity(db)
    if not study.exists():
        _refuse_another(own, backups.known_id(study), copy)
        return None
    aside = backups.place_for(study, BEFORE_RESTORE)
    if _is_sound(study):
        with closing(sqlite3.connect(study, timeout=file.BUSY_SECONDS)) as live:
            _refuse_another(own, {backups.identity(Database(live))}, copy)
            # Who writes at this moment is let finish; who comes later meets the marker and waits.
            live.isolation_level = None
            live.execute("BEGIN IMMEDIATE")
            live.execute("ROLLBACK")
            backups.copy_database(Database(live), aside)
        return aside
    _refuse_another(own, backups.known_id(study), copy)
    return aside


def _refuse_another(own: str, known: set[str], copy: Copy) -> None:
    if known and own not in known:
        raise DamagedStudy(
            f"The copy {copy.name} is of another study and was not restored. Nothing was changed."
        )


def _finish(ready: Path, copy: Copy, aside: Path | None, who: str) -> None:
    """Bring the copy forward and add its line of history, which seals every row."""
    details: dict[str, Any] = {"copy": copy.name, "copied_at": backups.told(copy.at)}
    if aside is not None:
        details["put_aside"] = aside.name.removesuffix(backups.ENDING)
    before = _state(aside) if aside is not None and aside.exists() else None
    db = file.open_database(ready, create=False, keep=False)
    try:
        with file.immediate(db, watched=False):
            if before is not None:
                digest, submitted = before
                details["put_aside_hash"] = digest
                # Whose sealed work is open again: they may have seen what they now code anew.
                details["unsealed"] = sorted(submitted - _submitted(db))
            history.write_whole(db, who, "restore", "", details)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.conn.close()


def _state(aside: Path) -> tuple[str, set[tuple[str, str]]]:
    with backups.reading(aside) as db:
        return history.last_line(db)[1], _submitted(db)


def _submitted(db: Database) -> set[tuple[str, str]]:
    """(coder, title) of what is submitted."""
    return {
        (coder, title)
        for coder, title in db.execute(
            "SELECT a.coder, t.title FROM assignments a JOIN transcripts t ON t.id = a.transcript "
            "WHERE a.state = 'submitted'"
        )
    }


def _switch(study: Path, ready: Path, aside: Path | None) -> None:
    if aside is not None and aside.exists():  # the live file is sound: who has it open goes on
        with (
            closing(sqlite3.connect(ready)) as source,
            closing(sqlite3.connect(study, timeout=file.BUSY_SECONDS)) as live,
        ):
            source.backup(live)
        return
    if aside is not None:
        moved = zip((study, *backups.beside(study)), (aside, *backups.beside(aside)), strict=True)
        for old, new in moved:
            if old.exists():
                os.replace(old, new)
    os.replace(ready, study)


def opens(study: Path) -> bool:
    """Whether there is a study here that can be opened and read."""
    try:
        file.open_database(study, create=False).conn.close()
        return True
    except (DamagedStudy, NotInStudy):
        return False
