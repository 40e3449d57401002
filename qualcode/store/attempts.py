"""Failed sign-ins of the last minutes: how many are too many, and who is not made to suffer.

Three counts, each of the last five minutes: five failures with one name, thirty from one address,
five from one browser. The count for a name stops who tries many passwords, that for an address who
tries many names. Both could be filled by somebody else, to keep a colleague out: colleagues share
an address behind one router, and everybody can type a name. So a browser from which a person has
signed in before holds a token that says so, and for that person it has a count of its own, which
nobody else can fill: they come in while the others wait. Everybody else waits five minutes at
most, and whoever is signed in notices nothing.

Names, addresses and tokens are kept as digests, an address for five minutes.

References
----------
OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlite_utils import Database

from qualcode.errors import NotAllowed

LOCK_AFTER = 5
LOCK_ADDRESS_AFTER = 30
LOCK_SECONDS = 5 * 60
KNOWN_SECONDS = 90 * 24 * 3600
"""How long a browser stays known after the last sign-in there."""

LOCKED = "There were too many failed attempts with this name; wait five minutes and try again."
LOCKED_ADDRESS = (
    "There were too many failed attempts from this address; wait five minutes and try again."
)


def digest(text: str) -> str:
    """What is kept instead of a token or a name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Count:
    """A count of failures: what it is kept under, how many are too many, and what is said then."""

    key: str
    limit: int
    sentence: str


def counts(
    db: Database, name: str, *, address: str = "", browser: str | None = None, now: float
) -> tuple[Count, ...]:
    """The counts that an attempt with this (folded) name falls under, its own count first."""
    known = (
        browser
        and db.execute(
            "SELECT 1 FROM browsers JOIN users ON users.name = browsers.name "
            "WHERE digest = ? AND folded = ? AND expires > ?",
            [digest(browser), name, now],
        ).fetchone()
    )
    if known:
        return (Count(digest(f"browser {browser}"), LOCK_AFTER, LOCKED),)
    own = Count(digest(name), LOCK_AFTER, LOCKED)
    if not address:
        return (own,)
    return (own, Count(digest(f"address {address}"), LOCK_ADDRESS_AFTER, LOCKED_ADDRESS))


def refuse_too_many(db: Database, counts: tuple[Count, ...], now: float) -> None:
    """Raise NotAllowed where one of these counts is full."""
    for count in counts:
        (failures,) = db.execute(
            "SELECT count(*) FROM failures WHERE digest = ? AND at > ?",
            [count.key, now - LOCK_SECONDS],
        ).fetchone()
        if int(failures) >= count.limit:
            raise NotAllowed(count.sentence)


def note(db: Database, counts: tuple[Count, ...], now: float) -> None:
    """One more failure; what is older than five minutes is forgotten."""
    db.execute("DELETE FROM failures WHERE at <= ?", [now - LOCK_SECONDS])
    for count in counts:
        db.execute("INSERT INTO failures (digest, at) VALUES (?, ?)", [count.key, now])


def forgive(db: Database, counts: tuple[Count, ...]) -> None:
    """A success empties the attempt's own count, not that of the address.

    Otherwise whoever has an account could empty it between guesses at the names of others.
    """
    db.execute("DELETE FROM failures WHERE digest = ?", [counts[0].key])
