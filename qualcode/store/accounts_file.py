"""The accounts' file on disk: its tables, made and brought forward, opened for one use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from qualcode.errors import DamagedStudy
from qualcode.store.file import BUSY_SECONDS, copy_database, immediate

APPLICATION_ID = 0x51434143  # "QCAC": by this the file is known as an accounts file

accounts_file = Migrations("qualcode.accounts")


@accounts_file()
def m001_accounts(db: Database) -> None:
    """Users, their sessions, open invitations, and the failed attempts of the last minutes."""
    db.table("users").create(
        {"name": str, "folded": str, "display": str, "hash": str, "active": int},
        pk="name",
        not_null={"folded", "display", "hash", "active"},
        strict=True,
    )
    db.table("users").create_index(["folded"], unique=True)
    db.table("sessions").create(
        {"digest": str, "name": str, "expires": float},
        pk="digest",
        not_null={"name", "expires"},
        foreign_keys=[("name", "users", "name")],
        strict=True,
    )
    # A name of "" is left to the person who accepts: the link for the first account.
    db.table("invitations").create(
        {"digest": str, "name": str, "display": str, "invited_by": str, "expires": float},
        pk="digest",
        not_null={"name", "display", "invited_by", "expires"},
        strict=True,
    )
    # A digest of the name: some people type their password where the name goes.
    db.table("failures").create(
        {"id": int, "digest": str, "at": float}, pk="id", not_null={"digest", "at"}, strict=True
    )
    db.table("failures").create_index(["digest", "at"])
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@accounts_file()
def m002_institution(db: Database) -> None:
    """Who comes from an institution, when a session was last used, known browsers, study files."""
    # A session of before counts as used until its end: only its twelve hours end it.
    db.execute("ALTER TABLE sessions ADD COLUMN seen REAL NOT NULL DEFAULT 0")
    db.execute("UPDATE sessions SET seen = expires")
    # An account whose hash is "" has no password: its person comes by the identity kept here.
    db.table("identities").create(
        {"issuer": str, "subject": str, "name": str},
        pk=("issuer", "subject"),
        not_null={"name"},
        foreign_keys=[("name", "users", "name")],
        strict=True,
    )
    db.table("identities").create_index(["name"], unique=True)
    db.table("browsers").create(
        {"digest": str, "name": str, "expires": float},
        pk="digest",
        not_null={"name", "expires"},
        foreign_keys=[("name", "users", "name")],
        strict=True,
    )
    # Sign-in names, not accounts: a member may be added before they first sign in.
    db.table("belonging").create({"file": str, "name": str}, pk=("file", "name"), strict=True)


class AccountsFile:
    """The file at ``path``: started, readable by its owner only, or brought forward."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        with self.reading() as db:
            self._recognise(db)
            if self._missing_steps(db):
                db.execute("PRAGMA journal_mode = WAL")
                with immediate(db):  # two programs that open an old file bring it forward once
                    self._bring_forward(db)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The file, open for one use: no connection is kept, so threads may share this."""
        try:
            with closing(
                sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                yield Database(connection, recursive_triggers=False)
        except sqlite3.Error as error:
            raise DamagedStudy(
                f"The accounts in {self.path} cannot be used ({error}); "
                "check the folder, its permissions and its disk."
            ) from error

    @contextmanager
    def changing(self) -> Iterator[Database]:
        """The file, open for one transaction."""
        with self.reading() as db, immediate(db):
            yield db

    def _recognise(self, db: Database) -> None:
        (found,) = db.execute("PRAGMA application_id").fetchone()
        if found != APPLICATION_ID and db.table_names():
            raise DamagedStudy(f"{self.path} is not an accounts file; move it elsewhere.")
        known = {step.name for step in accounts_file._migrations}
        if {step.name for step in accounts_file.applied(db)} - known:
            raise DamagedStudy(
                f"{self.path} was written by a later version of qualcode; install that version."
            )

    def _missing_steps(self, db: Database) -> int:
        return len(accounts_file._migrations) - len(accounts_file.applied(db))

    def _bring_forward(self, db: Database) -> None:
        done = len(accounts_file.applied(db))
        if not self._missing_steps(db):
            return
        aside = self.path.with_name(f"{self.path.name}.before-step-{done + 1}")
        if done and not aside.exists():
            with self.reading() as reader:
                copy_database(reader, aside)
        accounts_file.apply(db)
