"""Accounts: passwords, sessions, invitations, and what the file gives away."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    DamagedStudy,
    NotAllowed,
    NotInStudy,
    QualcodeError,
)
from qualcode.store import accounts as module
from qualcode.store.accounts import (
    INVITATION_SECONDS,
    LOCK_AFTER,
    LOCKED,
    SESSION_SECONDS,
    WRONG,
    Accounts,
    open_accounts,
)
from qualcode.store.attempts import LOCK_SECONDS

PASSWORD = "four plain words here"


class Clock:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule of the hash is argon2's own affair; a cheap one keeps these tests short."""
    cheap = module.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(module, "_hasher", lambda: cheap)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts(tmp_path / "accounts.db", clock=clock)


@pytest.fixture
def ana(accounts: Accounts) -> str:
    accounts.add_user("ana", PASSWORD, "Ana Silva")
    return "ana"


def test_the_right_password_opens_a_session(accounts: Accounts, ana: str) -> None:
    assert accounts.who(accounts.sign_in(ana, PASSWORD)) == ana


def test_a_session_ends_by_itself_after_twelve_hours(
    accounts: Accounts, clock: Clock, ana: str
) -> None:
    token = accounts.sign_in(ana, PASSWORD)
    clock.now += SESSION_SECONDS - 1
    assert accounts.who(token) == ana
    clock.now += 1
    assert accounts.who(token) is None


def test_a_session_that_was_signed_out_is_worth_nothing(accounts: Accounts, ana: str) -> None:
    here, there = accounts.sign_in(ana, PASSWORD), accounts.sign_in(ana, PASSWORD)
    accounts.sign_out(here)
    assert (accounts.who(here), accounts.who(there)) == (None, ana)
    accounts.sign_out_everywhere(ana)
    assert accounts.who(there) is None


@pytest.mark.parametrize("token", [None, "", "x", "é\ud800", "a" * 10_000])
def test_a_token_that_was_never_given_names_nobody(
    accounts: Accounts, ana: str, token: str | None
) -> None:
    assert accounts.who(token) is None
    accounts.sign_out(token)


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(
    accounts: Accounts, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add_user("ben", PASSWORD)
    accounts.deactivate("ben")
    checked: list[str] = []
    fits = module._fits
    monkeypatch.setattr(
        module, "_fits", lambda kept, word: checked.append(word) or fits(kept, word)
    )
    for name in (ana, "nobody", "ben", "\ud800", "x" * 1000):
        with pytest.raises(NotAllowed, match=f"^{WRONG}$"):
            accounts.sign_in(name, "wrong " + PASSWORD)
    assert len(checked) == 5, "a password is checked each time, also for a name nobody has"


def test_five_failures_lock_a_name_for_five_minutes(
    accounts: Accounts, clock: Clock, ana: str
) -> None:
    for name in (ana, "nobody"):
        for _ in range(LOCK_AFTER):
            with pytest.raises(NotAllowed, match=WRONG):
                accounts.sign_in(name, "not the password")
        with pytest.raises(NotAllowed, match=LOCKED):
            accounts.sign_in(name.upper(), PASSWORD)
    clock.now += LOCK_SECONDS + 1
    assert accounts.sign_in(ana, PASSWORD)


def test_a_success_forgets_the_failures_before_it(accounts: Accounts, ana: str) -> None:
    for _ in range(2):
        for _ in range(LOCK_AFTER - 1):
            with pytest.raises(NotAllowed):
                accounts.sign_in(ana, "not the password")
        accounts.sign_in(ana, PASSWORD)


def test_a_name_is_the_same_in_capitals(accounts: Accounts, ana: str) -> None:
    assert accounts.who(accounts.sign_in(" Ana ", PASSWORD)) == ana
    with pytest.raises(AlreadyInStudy, match="“ana”"):
        accounts.add_user("ANA", PASSWORD)


def test_a_password_is_the_same_however_its_accents_are_composed(accounts: Accounts) -> None:
    accounts.add_user("zoé", "caf\u00e9 caf\u00e9 caf\u00e9")
    assert accounts.sign_in("zoe\u0301", "cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("ana", "short", "at least 10"),
        ("ana", "x" * 501, "at most 500"),
        ("ana", "xxxxxxxxxxxx", "too easy"),
        ("ana.silva.2026", "Ana.Silva.2026", "too easy"),
        ("", PASSWORD, "is needed"),
        ("ana silva", PASSWORD, "cannot be a sign-in name"),
        ("<b>", PASSWORD, "cannot be a sign-in name"),
        ("consensus", PASSWORD, "cannot be a sign-in name"),
        ("Owner", PASSWORD, "taken by the program"),
        ("x" * 61, PASSWORD, "cannot be a sign-in name"),
    ],
)
def test_a_name_or_password_against_the_rules_is_refused_in_words(
    accounts: Accounts, name: str, password: str, words: str
) -> None:
    with pytest.raises(BadCommand, match=words):
        accounts.add_user(name, password)
    assert accounts.users() == []


def test_an_invitation_is_good_for_one_account(accounts: Accounts, ana: str) -> None:
    token = accounts.invite("ben", "Ben")
    session = accounts.accept_invitation(token, PASSWORD, name="somebody.else")
    assert accounts.who(session) == "ben", "the invitation's name counts, not the one sent"
    with pytest.raises(NotAllowed, match="has been used"):
        accounts.accept_invitation(token, PASSWORD)
    assert [user.display for user in accounts.users()] == ["Ana Silva", "Ben"]


def test_an_invitation_runs_out_after_a_week(accounts: Accounts, clock: Clock, ana: str) -> None:
    token = accounts.invite("ben")
    assert [open_.name for open_ in accounts.invitations()] == ["ben"]
    clock.now += INVITATION_SECONDS
    assert accounts.invitation(token) is None
    assert accounts.invitations() == []
    with pytest.raises(NotAllowed):
        accounts.accept_invitation(token, PASSWORD)


def test_a_second_invitation_voids_the_first(accounts: Accounts, ana: str) -> None:
    first, second = accounts.invite("ben"), accounts.invite("ben")
    assert accounts.invitation(first) is None
    accounts.withdraw_invitation("ben")
    assert accounts.invitation(second) is None


def test_a_refused_password_leaves_the_invitation_open(accounts: Accounts, ana: str) -> None:
    token = accounts.invite("ben")
    with pytest.raises(BadCommand):
        accounts.accept_invitation(token, "short")
    assert accounts.accept_invitation(token, PASSWORD)


def test_somebody_with_an_account_is_not_invited_again(accounts: Accounts, ana: str) -> None:
    with pytest.raises(AlreadyInStudy):
        accounts.invite("Ana")


def test_the_first_account_is_made_once_with_the_latest_link(accounts: Accounts) -> None:
    assert not accounts.has_users()
    old, new = accounts.first_token(), accounts.first_token()
    assert old
    assert new
    assert accounts.invitation(old) is None
    assert accounts.who(accounts.accept_invitation(new, PASSWORD, "ana", "Ana")) == "ana"
    assert accounts.first_token() is None
    with pytest.raises(NotAllowed):
        accounts.accept_invitation(new, PASSWORD, "eve")


def test_the_link_for_the_first_account_is_void_once_there_is_one(accounts: Accounts) -> None:
    token = accounts.first_token()
    accounts.add_user("ana", PASSWORD)
    assert token
    assert accounts.invitation(token) is None
    with pytest.raises(NotAllowed):
        accounts.accept_invitation(token, PASSWORD, "eve")


def test_two_people_with_one_link_make_one_account(accounts: Accounts) -> None:
    token = accounts.first_token() or ""
    outcomes: list[str] = []

    def accept(name: str) -> None:
        try:
            accounts.accept_invitation(token, PASSWORD, name)
            outcomes.append("in")
        except QualcodeError:
            outcomes.append("refused")

    threads = [threading.Thread(target=accept, args=(f"p{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 5
    assert len(accounts.users()) == 1


def test_a_closed_account_is_out_at_once_and_can_be_invited_again(
    accounts: Accounts, ana: str
) -> None:
    accounts.add_user("ben", PASSWORD)
    token = accounts.sign_in("ben", PASSWORD)
    accounts.deactivate("ben")
    assert accounts.who(token) is None
    with pytest.raises(NotAllowed, match=WRONG):
        accounts.sign_in("ben", PASSWORD)
    session = accounts.accept_invitation(accounts.invite("ben"), "another good password")
    assert accounts.who(session) == "ben"
    assert accounts.who(token) is None


def test_the_last_open_account_is_not_closed(accounts: Accounts, ana: str) -> None:
    with pytest.raises(NotAllowed, match="last open account"):
        accounts.deactivate(ana)
    with pytest.raises(NotInStudy):
        accounts.deactivate("nobody")


def test_a_new_password_ends_all_sessions(accounts: Accounts, ana: str) -> None:
    token = accounts.sign_in(ana, PASSWORD)
    accounts.set_password(ana, "another good password")
    assert accounts.who(token) is None
    assert accounts.sign_in(ana, "another good password")


def test_the_file_holds_no_password_and_no_token(
    accounts: Accounts, ana: str, tmp_path: Path
) -> None:
    secrets = [PASSWORD, accounts.sign_in(ana, PASSWORD), accounts.invite("ben")]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [secret for secret in secrets if secret.encode() in kept]
    assert b"$argon2id$" in kept


def test_only_its_owner_reads_the_file(accounts: Accounts) -> None:
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600


def test_what_was_kept_is_there_when_opened_again(accounts: Accounts, ana: str) -> None:
    assert [user.name for user in open_accounts(accounts.path).users()] == [ana]


def test_another_database_or_a_broken_file_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(DamagedStudy, match="not an accounts file"):
        open_accounts(tmp_path / "other.db")
    (tmp_path / "broken.db").write_bytes(b"not a database at all, in no way" * 100)
    with pytest.raises(DamagedStudy, match="cannot be used"):
        open_accounts(tmp_path / "broken.db")


def test_only_who_invited_somebody_gets_a_new_link(accounts: Accounts) -> None:
    first = accounts.invite("ben", by="lea")
    second = accounts.invite("ben", by="lea")
    assert accounts.invitation(first) is None
    with pytest.raises(NotAllowed, match="invited by somebody else"):
        accounts.invite("ben", by="mallory")
    assert accounts.invitation(second) is not None
