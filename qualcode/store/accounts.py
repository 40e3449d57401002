"""Accounts of one server: who may sign in, kept in a small file of their own beside the studies.

Passwords are kept as argon2 hashes, tokens as SHA-256 digests: the file gives nobody a way in.
Which study a person may open is no matter of this module; a study's own members say it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database, Migrations

from qualcode.errors import AlreadyInStudy, BadCommand, DamagedStudy, NotAllowed, NotInStudy
from qualcode.model import Member
from qualcode.store.file import BUSY_SECONDS, immediate

APPLICATION_ID = 0x51434143  # "QCAC": by this the file is known as an accounts file
HOUR = 3600
SESSION_SECONDS = 12 * HOUR
INVITATION_SECONDS = 7 * 24 * HOUR
LOCK_AFTER = 5
LOCK_SECONDS = 5 * 60
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 500
LONGEST_DISPLAY = 100

WRONG = "The name or the password is wrong."
LOCKED = "There were too many failed attempts with this name; wait five minutes and try again."
NO_INVITATION = "This link has been used or has run out; ask for a new one."

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


@dataclass(frozen=True)
class User:
    """Somebody with an account: ``name`` signs in, ``display`` is what the screen shows."""

    name: str
    display: str
    active: bool


@dataclass(frozen=True)
class Invitation:
    """An open invitation; without a name it is the link for the first account."""

    name: str
    display: str
    expires: float

    @property
    def is_first(self) -> bool:
        return not self.name


def open_accounts(path: str | Path) -> Accounts:
    """The accounts kept at ``path``; a new file is started where there is none."""
    return Accounts(Path(path))


class Accounts:
    """The accounts file; each call opens it and closes it again, so threads may share this."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._prepare()

    # -- signing in and out ------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> str:
        """A new session's token for the right name and password.

        Raises
        ------
        NotAllowed
            In the same words, and after the same work, for a wrong password, an unknown name and
            an account that was closed; in other words after too many attempts with one name.
        """
        folded = _folded(name[:LONGEST_PASSWORD])
        with self._database() as db:
            if self._is_locked(db, folded):
                raise NotAllowed(LOCKED)
            user = next(db.query("SELECT * FROM users WHERE folded = ? AND active", [folded]), None)
        fits = _fits(user["hash"] if user else _nobody(), password)
        if user is None or not fits:
            self._note_failure(folded)
            raise NotAllowed(WRONG)
        renewed = _hashed(password) if _hasher().check_needs_rehash(user["hash"]) else None
        with self._change() as db:
            if renewed:
                db.execute("UPDATE users SET hash = ? WHERE name = ?", [renewed, user["name"]])
            db.execute("DELETE FROM failures WHERE digest = ?", [_digest(folded)])
            return self._new_session(db, user["name"])

    def who(self, token: str | None) -> str | None:
        """The name behind a session's token, or None: unknown, over, ended or account closed."""
        if not token:
            return None
        with self._database() as db:
            row = db.execute(
                "SELECT users.name FROM sessions JOIN users ON users.name = sessions.name "
                "WHERE digest = ? AND expires > ? AND active",
                [_digest(token), self._clock()],
            ).fetchone()
        return str(row[0]) if row else None

    def sign_out(self, token: str | None) -> None:
        """End this session; the token is worth nothing afterwards."""
        if token:
            with self._change() as db:
                db.execute("DELETE FROM sessions WHERE digest = ?", [_digest(token)])

    def sign_out_everywhere(self, name: str) -> None:
        """End all sessions of this person."""
        with self._change() as db:
            db.execute("DELETE FROM sessions WHERE name = ?", [name])

    # -- invitations -------------------------------------------------------------------------

    def invite(self, name: str, display: str = "", *, by: str = "") -> str:
        """A one-time token by which this person sets a password; an older one is void then.

        Raises
        ------
        NotAllowed
            Somebody else than ``by`` has invited them: a second link would open their account to
            whoever asks for it.
        """
        name, display = _checked_name(name), _checked_display(display)
        with self._change() as db:
            self._refuse_taken(db, name)
            row = db.execute(
                "SELECT invited_by FROM invitations WHERE name = ? AND expires > ?",
                [name, self._clock()],
            ).fetchone()
            if row is not None and row[0] != by:
                raise NotAllowed(
                    f"{name} has been invited by somebody else; the link comes from them."
                )
            db.execute("DELETE FROM invitations WHERE name = ?", [name])
            return self._new_invitation(db, name, display, by)

    def first_token(self) -> str | None:
        """A one-time token for the first account, or None once there is one.

        A new token voids the one before: what an earlier start of the server printed is void.
        """
        with self._change() as db:
            db.execute("DELETE FROM invitations WHERE name = ''")
            return None if self._any_user(db) else self._new_invitation(db, "", "")

    def invitation(self, token: str) -> Invitation | None:
        """The open invitation behind this token, or None."""
        with self._database() as db:
            return self._open_invitation(db, token)

    def invitations(self) -> list[Invitation]:
        """Who is invited and has not come yet."""
        with self._database() as db:
            rows = db.query(
                "SELECT name, display, expires FROM invitations "
                "WHERE name != '' AND expires > ? ORDER BY name",
                [self._clock()],
            )
            return [Invitation(**row) for row in rows]

    def withdraw_invitation(self, name: str) -> None:
        """Make the invitation of this person void."""
        with self._change() as db:
            db.execute("DELETE FROM invitations WHERE name = ? AND name != ''", [name])

    def accept_invitation(
        self, token: str, password: str, name: str | None = None, display: str | None = None
    ) -> str:
        """Open the account that the token invites to and sign in: a session's token.

        ``name`` counts only where the invitation leaves it open, that is for the first account.

        Raises
        ------
        NotAllowed
            The token is unknown, used or has run out.
        BadCommand
            The name or the password breaks its rule; the invitation stays open.
        """
        invitation = self.invitation(token)
        if invitation is None:
            raise NotAllowed(NO_INVITATION)
        name = _checked_name(name or "") if invitation.is_first else invitation.name
        display = _checked_display(invitation.display if display is None else display)
        kept = _hashed(_checked_password(password, name))
        with self._change() as db:
            if self._open_invitation(db, token) is None:  # somebody was faster
                raise NotAllowed(NO_INVITATION)
            self._add(db, name, display, kept)
            db.execute("DELETE FROM invitations WHERE digest = ?", [_digest(token)])
            return self._new_session(db, name)

    # -- people ------------------------------------------------------------------------------

    def add_user(self, name: str, password: str, display: str = "") -> User:
        """Open an account from the command line; one that was closed opens again."""
        name, display = _checked_name(name), _checked_display(display)
        kept = _hashed(_checked_password(password, name))
        with self._change() as db:
            self._add(db, name, display, kept)
            db.execute("DELETE FROM invitations WHERE name IN (?, '')", [name])
        return User(name, display, active=True)

    def users(self) -> list[User]:
        """Everybody with an account, closed ones too, by name."""
        with self._database() as db:
            rows = db.query("SELECT name, display, active FROM users ORDER BY folded")
            return [User(row["name"], row["display"], bool(row["active"])) for row in rows]

    def has_users(self) -> bool:
        """False until the first account is made."""
        with self._database() as db:
            return self._any_user(db)

    def user(self, name: str) -> User | None:
        """The account of this name, or None."""
        return next((user for user in self.users() if user.name == name), None)

    def set_password(self, name: str, password: str) -> None:
        """A new password; all sessions of this person end."""
        kept = _hashed(_checked_password(password, name))
        with self._change() as db:
            self._require(db, name)
            db.execute("UPDATE users SET hash = ? WHERE name = ?", [kept, name])
            db.execute("DELETE FROM sessions WHERE name = ?", [name])
            db.execute("DELETE FROM failures WHERE digest = ?", [_digest(_folded(name))])

    def deactivate(self, name: str) -> None:
        """Close an account: its sessions end at once; what the person coded stays in the studies.

        Raises
        ------
        NotAllowed
            It is the last account that is open.
        """
        with self._change() as db:
            self._require(db, name)
            others = db.execute("SELECT 1 FROM users WHERE active AND name != ?", [name]).fetchone()
            if others is None:
                raise NotAllowed(f"“{name}” is the last open account and cannot be closed.")
            db.execute("UPDATE users SET active = 0 WHERE name = ?", [name])
            db.execute("DELETE FROM sessions WHERE name = ?", [name])

    # -- inside a transaction ----------------------------------------------------------------

    def _add(self, db: Database, name: str, display: str, kept: str) -> None:
        self._refuse_taken(db, name)
        db.execute(
            "INSERT INTO users (name, folded, display, hash, active) VALUES (?, ?, ?, ?, 1) "
            "ON CONFLICT (name) DO UPDATE SET display = excluded.display, "
            "hash = excluded.hash, active = 1",
            [name, _folded(name), display, kept],
        )

    def _refuse_taken(self, db: Database, name: str) -> None:
        row = db.execute(
            "SELECT name, active FROM users WHERE folded = ?", [_folded(name)]
        ).fetchone()
        if row and (row[1] or row[0] != name):
            raise AlreadyInStudy(f"There is an account “{row[0]}” already; choose another name.")

    def _require(self, db: Database, name: str) -> None:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            raise NotInStudy(f"There is no account “{name}”.")

    def _any_user(self, db: Database) -> bool:
        return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    def _new_session(self, db: Database, name: str) -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        db.execute("DELETE FROM sessions WHERE expires <= ?", [now])
        db.execute(
            "INSERT INTO sessions (digest, name, expires) VALUES (?, ?, ?)",
            [_digest(token), name, now + SESSION_SECONDS],
        )
        return token

    def _new_invitation(self, db: Database, name: str, display: str, by: str = "") -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        db.execute("DELETE FROM invitations WHERE expires <= ?", [now])
        db.execute(
            "INSERT INTO invitations (digest, name, display, invited_by, expires) "
            "VALUES (?, ?, ?, ?, ?)",
            [_digest(token), name, display, by, now + INVITATION_SECONDS],
        )
        return token

    def _open_invitation(self, db: Database, token: str) -> Invitation | None:
        row = next(
            db.query(
                "SELECT name, display, expires FROM invitations WHERE digest = ? AND expires > ?",
                [_digest(token), self._clock()],
            ),
            None,
        )
        if row is None or (not row["name"] and self._any_user(db)):
            return None
        return Invitation(**row)

    def _is_locked(self, db: Database, folded: str) -> bool:
        (failures,) = db.execute(
            "SELECT count(*) FROM failures WHERE digest = ? AND at > ?",
            [_digest(folded), self._clock() - LOCK_SECONDS],
        ).fetchone()
        return int(failures) >= LOCK_AFTER

    def _note_failure(self, folded: str) -> None:
        now = self._clock()
        with self._change() as db:
            db.execute("DELETE FROM failures WHERE at <= ?", [now - LOCK_SECONDS])
            db.execute("INSERT INTO failures (digest, at) VALUES (?, ?)", [_digest(folded), now])

    # -- the file ----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Start the file, readable by its owner only, or bring an older one forward."""
        if not self.path.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        with self._database() as db:
            (found,) = db.execute("PRAGMA application_id").fetchone()
            empty = not db.table_names()
            if found != APPLICATION_ID and not empty:
                raise DamagedStudy(f"{self.path} is not an accounts file; move it elsewhere.")
            applied = {step.name for step in accounts_file.applied(db)}
            known = {step.name for step in accounts_file._migrations}
            if applied - known:
                raise DamagedStudy(
                    f"{self.path} was written by a later version of qualcode; install that version."
                )
            if applied != known:
                db.execute("PRAGMA journal_mode = WAL")
                with immediate(db):
                    accounts_file.apply(db)

    @contextmanager
    def _database(self) -> Iterator[Database]:
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
    def _change(self) -> Iterator[Database]:
        with self._database() as db, immediate(db):
            yield db


# -- names, passwords, tokens ----------------------------------------------------------------


def _checked_name(name: str) -> str:
    """The name as it is kept, by the rule of a study's members."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise BadCommand("A sign-in name is needed.")
    Member(name=name, roles=frozenset({"coder"}))
    return name


def _checked_display(display: str) -> str:
    display = " ".join(unicodedata.normalize("NFC", display).split())
    if len(display) > LONGEST_DISPLAY or not display.isprintable():
        raise BadCommand(f"A displayed name has at most {LONGEST_DISPLAY} ordinary characters.")
    return display


def _checked_password(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise BadCommand(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise BadCommand(f"A password has at most {LONGEST_PASSWORD} characters.")
    if len(set(password)) == 1 or _folded(password) == _folded(name):
        raise BadCommand("This password is too easy to guess; choose another.")
    return password


def _folded(name: str) -> str:
    """What two spellings of one name share: “Ana” and “ana” are the same person."""
    whole = name.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", whole.strip()).casefold()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def _secret(password: str) -> bytes:
    """A password as bytes; the same on keyboards that compose accents differently."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _hashed(password: str) -> str:
    return _hasher().hash(_secret(password))


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher().verify(kept, _secret(password[: LONGEST_PASSWORD + 1]))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password fits, so that an unknown name costs the same time."""
    return _hashed(secrets.token_urlsafe(32))
