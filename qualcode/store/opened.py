"""An open study file: who sits before it, its transactions, and its line of history for each.

What a study can do stands in mixins over `Opened`, one a subject; `store.study.Study` joins them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, Sealed
from qualcode.model import OWNER, Seat
from qualcode.store import backups, file, history


class Opened:
    """One study file, opened. Close it, or use it in a ``with`` block."""

    def __init__(self, db: Any, path: Path, seat: Seat | None = None) -> None:
        self._db = db
        self.path = path
        self.seat = seat

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if file.is_trouble(error):
            raise file.translated(error, self.path) from error

    def close(self) -> None:
        self._db.conn.close()

    def seated(self, seat: Seat | None) -> Self:
        """The same open file through the eyes of another seat."""
        return type(self)(self._db, self.path, seat)

    @property
    def who(self) -> str:
        return self.seat.name if self.seat is not None else OWNER

    @contextmanager
    def _writing(self, *, only: Iterable[str] | None = None) -> Iterator[None]:
        """One transaction; what SQLite refuses is told in words and leaves nothing behind.

        ``only`` names the tables that can change in it, where that is known.
        """
        try:
            with file.immediate(self._db, only=only):
                backups.before_a_change(self._db, self.path)
                yield
        except sqlite3.IntegrityError as error:
            if "sealed" in str(error):
                raise Sealed(
                    "This transcript is submitted; its codings stay as they are."
                ) from error
            if "not given" in str(error):
                raise NotAllowed(
                    "This transcript was not given to this coder; ask the study lead."
                ) from error
            if "UNIQUE" in str(error) or "append only" in str(error):
                raise AlreadyInStudy(
                    "Something with this id is in the study already; nothing was changed."
                ) from error
            raise
        except UnicodeEncodeError as error:
            raise BadCommand(
                "The text holds half a character, which cannot be kept; type it again."
            ) from error
        except sqlite3.DatabaseError as error:
            if file.is_trouble(error):
                raise file.translated(error, self.path) from error
            raise

    @contextmanager
    def _change(self, act: str, subject: str = "") -> Iterator[dict[str, Any]]:
        """One transaction with its line of history; the block fills in the details."""
        details: dict[str, Any] = {}
        with self._writing():
            yield details
            history.write(self._db, self.who, act, subject, details)

    def _next(self, table: str) -> int:
        (last,) = self._db.execute(f"SELECT max(position) FROM {table}").fetchone()
        return int(last or 0) + 1
