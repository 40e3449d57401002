"""Accounts of one server: who may sign in, kept in a small file of their own beside the studies.

Passwords are kept as argon2 hashes, tokens as SHA-256 digests: the file gives nobody a way in.
Which study a person may open is no matter of this module; a study's own members say it. Only to
tell people of a study file that does not open does it remember who belonged to it.

A session is a row here, however its person signed in, and every run asks for it: an account that
is closed, a sign-out in another tab or everywhere, and the end of its time count at once.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.model import Member
from qualcode.store import attempts
from qualcode.store.accounts_file import AccountsFile
from qualcode.store.attempts import KNOWN_SECONDS, LOCK_AFTER, LOCKED, Count, digest
from qualcode.store.identity import LONGEST_DISPLAY, Identity

HOUR = 3600
SESSION_SECONDS = 12 * HOUR
"""A session ends after this time, used or not: a working day."""
IDLE_SECONDS = 3 * HOUR
"""A session that is not used for this long ends. Any run of a page is use; reading alone is none,
and 20,000 words, a long interview, take about two hours to read."""
SEEN_SECONDS = 60
"""How exactly the last use is kept: a page that runs often does not write each time."""
INVITATION_SECONDS = 7 * 24 * HOUR
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 500

WRONG = "The name or the password is wrong."
WRONG_OLD = "The present password is wrong."
NO_INVITATION = "This link has been used or has run out; ask for a new one."
CLOSED = "Your account here was closed; ask whoever runs this server to open it again."
NO_PASSWORD = "“{name}” signs in with an institution and has no password here."


@dataclass(frozen=True)
class User:
    """Somebody with an account: ``name`` signs in, ``display`` is what the screen shows.

    Without a password they come from their institution.
    """

    name: str
    display: str
    active: bool
    has_password: bool = True


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
        self._file = AccountsFile(path)

    # -- signing in and out ------------------------------------------------------------------

    def sign_in(
        self, name: str, password: str, *, address: str = "", browser: str | None = None
    ) -> str:
        """A new session's token for the right name and password.

        Parameters
        ----------
        address
            Where the attempt comes from; attempts of one address are counted together.
        browser
            What :meth:`know_browser` gave to this browser before.

        Raises
        ------
        NotAllowed
            In the same words, and after the same work, for a wrong password, an unknown name,
            an account that was closed and one without a password; in other words after too many
            attempts (see :mod:`qualcode.store.attempts`).
        """
        folded, now = _folded(name[:LONGEST_PASSWORD]), self._clock()
        with self._file.reading() as db:
            counts = attempts.counts(db, folded, address=address, browser=browser, now=now)
            attempts.refuse_too_many(db, counts, now)
            user = next(db.query("SELECT * FROM users WHERE folded = ? AND active", [folded]), None)
        fits = _fits(user["hash"] if user and user["hash"] else _nobody(), password)
        if user is None or not fits:
            self._note_failure(counts)
            raise NotAllowed(WRONG)
        renewed = _hashed(password) if _hasher().check_needs_rehash(user["hash"]) else None
        with self._file.changing() as db:
            if renewed:
                db.execute("UPDATE users SET hash = ? WHERE name = ?", [renewed, user["name"]])
            attempts.forgive(db, counts)
            return self._new_session(db, user["name"])

    def arrive(self, person: Identity) -> str:
        """A new session's token for somebody whom their institution has signed in.

        Whoever comes for the first time gets an account under their e-mail address.

        Raises
        ------
        NotAllowed
            The account was closed, or the first arrival meets an account of that name that
            belongs to somebody else or has a password: it is never taken over.
        """
        with self._file.changing() as db:
            row = db.execute(
                "SELECT users.name, active FROM identities "
                "JOIN users ON users.name = identities.name WHERE issuer = ? AND subject = ?",
                [person.issuer, person.subject],
            ).fetchone()
            if row is None:
                self._add_arrived(db, person)
            elif not row[1]:
                raise NotAllowed(CLOSED)
            return self._new_session(db, str(row[0]) if row else person.name)

    def who(self, token: str | None) -> str | None:
        """The name behind a session's token, or None: unknown, over, ended or account closed."""
        if not token:
            return None
        now = self._clock()
        with self._file.reading() as db:
            row = db.execute(
                "SELECT users.name, seen FROM sessions JOIN users ON users.name = sessions.name "
                "WHERE digest = ? AND expires > ? AND seen > ? AND active",
                [digest(token), now, now - IDLE_SECONDS],
            ).fetchone()
        if row is None:
            return None
        if now - row[1] > SEEN_SECONDS:
            with self._file.changing() as db:
                db.execute("UPDATE sessions SET seen = ? WHERE digest = ?", [now, digest(token)])
        return str(row[0])

    def sign_out(self, token: str | None) -> None:
        """End this session; the token is worth nothing afterwards."""
        if token:
            with self._file.changing() as db:
                db.execute("DELETE FROM sessions WHERE digest = ?", [digest(token)])

    def sign_out_everywhere(self, name: str) -> None:
        """End all sessions of this person."""
        with self._file.changing() as db:
            db.execute("DELETE FROM sessions WHERE name = ?", [name])

    def know_browser(self, name: str, browser: str | None = None) -> str:
        """A token by which a browser shows that this person has signed in there.

        It lets nobody in: it only keeps others from locking its person out. ``browser`` is the
        token of before, which is kept and counts for longer.
        """
        now = self._clock()
        with self._file.changing() as db:
            db.execute("DELETE FROM browsers WHERE expires <= ?", [now])
            kept = browser and db.execute(
                "UPDATE browsers SET expires = ? WHERE digest = ? AND name = ?",
                [now + KNOWN_SECONDS, digest(browser), name],
            )
            if browser and kept and kept.rowcount:
                return browser
            token = secrets.token_urlsafe(32)
            db.execute(
                "INSERT INTO browsers (digest, name, expires) VALUES (?, ?, ?)",
                [digest(token), name, now + KNOWN_SECONDS],
            )
        return token

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
        with self._file.changing() as db:
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
        with self._file.changing() as db:
            db.execute("DELETE FROM invitations WHERE name = ''")
            return None if self._any_user(db) else self._new_invitation(db, "", "")

    def invitation(self, token: str) -> Invitation | None:
        """The open invitation behind this token, or None."""
        with self._file.reading() as db:
            return self._open_invitation(db, token)

    def invitations(self) -> list[Invitation]:
        """Who is invited and has not come yet."""
        with self._file.reading() as db:
            rows = db.query(
                "SELECT name, display, expires FROM invitations "
                "WHERE name != '' AND expires > ? ORDER BY name",
                [self._clock()],
            )
            return [Invitation(**row) for row in rows]

    def withdraw_invitation(self, name: str) -> None:
        """Make the invitation of this person void."""
        with self._file.changing() as db:
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
        with self._file.changing() as db:
            if self._open_invitation(db, token) is None:  # somebody was faster
                raise NotAllowed(NO_INVITATION)
            self._add(db, name, display, kept)
            db.execute("DELETE FROM invitations WHERE digest = ?", [digest(token)])
            return self._new_session(db, name)

    # -- people ------------------------------------------------------------------------------

    def add_user(self, name: str, password: str, display: str = "") -> User:
        """Open an account from the command line; one that was closed opens again."""
        name, display = _checked_name(name), _checked_display(display)
        kept = _hashed(_checked_password(password, name))
        with self._file.changing() as db:
            self._add(db, name, display, kept)
            db.execute("DELETE FROM invitations WHERE name IN (?, '')", [name])
        return User(name, display, active=True)

    def users(self) -> list[User]:
        """Everybody with an account, closed ones too, by name."""
        with self._file.reading() as db:
            rows = db.query(
                "SELECT name, display, active, hash != '' AS has FROM users ORDER BY folded"
            )
            return [
                User(row["name"], row["display"], bool(row["active"]), bool(row["has"]))
                for row in rows
            ]

    def has_users(self) -> bool:
        """False until the first account is made."""
        with self._file.reading() as db:
            return self._any_user(db)

    def user(self, name: str) -> User | None:
        """The account of this name, or None."""
        return next((user for user in self.users() if user.name == name), None)

    def set_password(self, name: str, password: str) -> None:
        """A new password; all sessions of this person end.

        Raises
        ------
        NotAllowed
            This person signs in with an institution and has no password here.
        """
        kept = _hashed(_checked_password(password, name))
        with self._file.changing() as db:
            self._require(db, name)
            self._keep_password(db, name, kept)

    def change_password(self, name: str, old: str, new: str, *, session: str) -> None:
        """A new password for who knows the old one; all their sessions but this one end.

        Raises
        ------
        NotAllowed
            The old password is wrong, or was wrong too often; or there is none.
        """
        now = self._clock()
        # A count of its own: who sits at a browser left open cannot lock its person out.
        counts = (Count(digest(f"old password {name}"), LOCK_AFTER, LOCKED),)
        with self._file.reading() as db:
            attempts.refuse_too_many(db, counts, now)
            user = next(db.query("SELECT * FROM users WHERE name = ? AND active", [name]), None)
        if user is None or not _fits(user["hash"] or _nobody(), old):
            self._note_failure(counts)
            raise NotAllowed(WRONG_OLD)
        kept = _hashed(_checked_password(new, name))
        with self._file.changing() as db:
            attempts.forgive(db, counts)
            self._keep_password(db, name, kept, but=digest(session))

    def deactivate(self, name: str) -> None:
        """Close an account: its sessions end at once; what the person coded stays in the studies.

        Raises
        ------
        NotAllowed
            It is the last account that is open.
        """
        with self._file.changing() as db:
            self._require(db, name)
            others = db.execute("SELECT 1 FROM users WHERE active AND name != ?", [name]).fetchone()
            if others is None:
                raise NotAllowed(f"“{name}” is the last open account and cannot be closed.")
            db.execute("UPDATE users SET active = 0 WHERE name = ?", [name])
            db.execute("DELETE FROM sessions WHERE name = ?", [name])

    def reopen(self, name: str) -> None:
        """Open an account that was closed, with the password or the institution of before."""
        with self._file.changing() as db:
            self._require(db, name)
            db.execute("UPDATE users SET active = 1 WHERE name = ?", [name])

    # -- study files -------------------------------------------------------------------------

    def remember_members(self, file: str, names: Iterable[str]) -> None:
        """Keep who belongs to a study file; refreshed whenever it opens well."""
        names = set(names)
        with self._file.reading() as db:
            kept = {
                row[0] for row in db.execute("SELECT name FROM belonging WHERE file = ?", [file])
            }
        if kept != names:
            with self._file.changing() as db:
                db.execute("DELETE FROM belonging WHERE file = ?", [file])
                for name in sorted(names):
                    db.execute("INSERT INTO belonging (file, name) VALUES (?, ?)", [file, name])

    def files_of(self, name: str) -> set[str]:
        """The study files to which this person belonged when they last opened well."""
        with self._file.reading() as db:
            rows = db.execute("SELECT file FROM belonging WHERE name = ?", [name])
            return {str(row[0]) for row in rows}

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
            "SELECT name, active, hash FROM users WHERE folded = ?", [_folded(name)]
        ).fetchone()
        # A closed account opens again by a new password, but never one of an institution.
        if row and (row[1] or row[0] != name or not row[2]):
            raise AlreadyInStudy(f"There is an account “{row[0]}” already; choose another name.")

    def _add_arrived(self, db: Database, person: Identity) -> None:
        row = db.execute(
            "SELECT name, hash FROM users WHERE folded = ?", [_folded(person.name)]
        ).fetchone()
        if row and row[1]:
            raise NotAllowed(
                f"There is an account “{row[0]}” here that has a password; sign in with that, or "
                "ask whoever runs this server."
            )
        if row:
            raise NotAllowed(
                f"The account “{row[0]}” belongs to somebody whom your institution knew under "
                "another identity; ask whoever runs this server."
            )
        db.execute(
            "INSERT INTO users (name, folded, display, hash, active) VALUES (?, ?, ?, '', 1)",
            [person.name, _folded(person.name), person.display],
        )
        db.execute(
            "INSERT INTO identities (issuer, subject, name) VALUES (?, ?, ?)",
            [person.issuer, person.subject, person.name],
        )
        db.execute("DELETE FROM invitations WHERE name IN (?, '')", [person.name])

    def _keep_password(self, db: Database, name: str, kept: str, *, but: str = "") -> None:
        found = db.execute("UPDATE users SET hash = ? WHERE name = ? AND hash != ''", [kept, name])
        if not found.rowcount:
            raise NotAllowed(NO_PASSWORD.format(name=name))
        db.execute("DELETE FROM sessions WHERE name = ? AND digest != ?", [name, but])
        db.execute("DELETE FROM browsers WHERE name = ?", [name])
        db.execute("DELETE FROM failures WHERE digest = ?", [digest(_folded(name))])

    def _note_failure(self, counts: tuple[Count, ...]) -> None:
        with self._file.changing() as db:
            attempts.note(db, counts, self._clock())

    def _require(self, db: Database, name: str) -> None:
        if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone() is None:
            raise NotInStudy(f"There is no account “{name}”.")

    def _any_user(self, db: Database) -> bool:
        return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    def _new_session(self, db: Database, name: str) -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        db.execute(
            "DELETE FROM sessions WHERE expires <= ? OR seen <= ?", [now, now - IDLE_SECONDS]
        )
        db.execute(
            "INSERT INTO sessions (digest, name, expires, seen) VALUES (?, ?, ?, ?)",
            [digest(token), name, now + SESSION_SECONDS, now],
        )
        return token

    def _new_invitation(self, db: Database, name: str, display: str, by: str = "") -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        db.execute("DELETE FROM invitations WHERE expires <= ?", [now])
        db.execute(
            "INSERT INTO invitations (digest, name, display, invited_by, expires) "
            "VALUES (?, ?, ?, ?, ?)",
            [digest(token), name, display, by, now + INVITATION_SECONDS],
        )
        return token

    def _open_invitation(self, db: Database, token: str) -> Invitation | None:
        row = next(
            db.query(
                "SELECT name, display, expires FROM invitations WHERE digest = ? AND expires > ?",
                [digest(token), self._clock()],
            ),
            None,
        )
        if row is None or (not row["name"] and self._any_user(db)):
            return None
        return Invitation(**row)


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
