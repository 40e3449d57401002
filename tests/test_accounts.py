"""Accounts: passwords, sessions, invitations, and what the file gives away."""

from __future__ import annotations

import shutil
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
    IDLE_SECONDS,
    INVITATION_SECONDS,
    SEEN_SECONDS,
    SESSION_SECONDS,
    WRONG,
    WRONG_OLD,
    Accounts,
    User,
    open_accounts,
)
from qualcode.store.attempts import (
    KNOWN_SECONDS,
    LOCK_ADDRESS_AFTER,
    LOCK_AFTER,
    LOCK_SECONDS,
    LOCKED,
    LOCKED_ADDRESS,
)
from qualcode.store.identity import Identity, identity_of

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
    for _ in range(4):
        assert accounts.who(token) == ana
        clock.now += SESSION_SECONDS / 4 - 1
    assert accounts.who(token) == ana
    clock.now += 4
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


# -- the end of a session ------------------------------------------------------------------------


def test_a_session_that_nobody_uses_ends(accounts: Accounts, clock: Clock, ana: str) -> None:
    unused, used = accounts.sign_in(ana, PASSWORD), accounts.sign_in(ana, PASSWORD)
    for _ in range(3):
        clock.now += IDLE_SECONDS - 1
        assert accounts.who(used) == ana
    assert accounts.who(unused) is None
    clock.now += IDLE_SECONDS
    assert accounts.who(used) is None


def test_use_is_written_down_once_a_minute_at_most(
    accounts: Accounts, clock: Clock, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.sign_in(ana, PASSWORD)
    writes: list[None] = []
    changing = accounts._file.changing
    monkeypatch.setattr(accounts._file, "changing", lambda: writes.append(None) or changing())
    for _ in range(10):
        clock.now += SEEN_SECONDS / 5
        accounts.who(token)
    assert len(writes) == 1


def test_a_new_password_of_ones_own_ends_the_other_sessions(accounts: Accounts, ana: str) -> None:
    here, there = accounts.sign_in(ana, PASSWORD), accounts.sign_in(ana, PASSWORD)
    with pytest.raises(BadCommand, match="at least 10"):
        accounts.change_password(ana, PASSWORD, "short", session=here)
    accounts.change_password(ana, PASSWORD, "another good password", session=here)
    assert (accounts.who(here), accounts.who(there)) == (ana, None)
    with pytest.raises(NotAllowed, match=WRONG):
        accounts.sign_in(ana, PASSWORD)


def test_the_old_password_is_not_to_be_guessed_at_a_browser_left_open(
    accounts: Accounts, ana: str
) -> None:
    session = accounts.sign_in(ana, PASSWORD)
    for _ in range(LOCK_AFTER):
        with pytest.raises(NotAllowed, match=WRONG_OLD):
            accounts.change_password(ana, "not the password", "another good one", session=session)
    with pytest.raises(NotAllowed, match=LOCKED):
        accounts.change_password(ana, PASSWORD, "another good one", session=session)
    assert accounts.sign_in(ana, PASSWORD), "its person can still sign in"


# -- brute force ---------------------------------------------------------------------------------


def test_many_names_from_one_address_are_refused(
    accounts: Accounts, clock: Clock, ana: str
) -> None:
    for n in range(LOCK_ADDRESS_AFTER):
        with pytest.raises(NotAllowed, match=WRONG):
            accounts.sign_in(f"name{n}", "not the password", address="192.0.2.7")
    for name in (ana, "nobody"):
        with pytest.raises(NotAllowed, match=LOCKED_ADDRESS):
            accounts.sign_in(name, PASSWORD, address="192.0.2.7")
    assert accounts.sign_in(ana, PASSWORD, address="192.0.2.8")
    clock.now += LOCK_SECONDS + 1
    assert accounts.sign_in(ana, PASSWORD, address="192.0.2.7")


def test_ones_own_success_does_not_pay_for_guesses_at_others(accounts: Accounts, ana: str) -> None:
    accounts.add_user("mallory", PASSWORD)
    for n in range(LOCK_ADDRESS_AFTER):
        with pytest.raises(NotAllowed, match=WRONG):
            accounts.sign_in(f"name{n}", "not the password", address="192.0.2.7")
        if n < LOCK_ADDRESS_AFTER - 1:
            accounts.sign_in("mallory", PASSWORD, address="192.0.2.7")
    with pytest.raises(NotAllowed, match=LOCKED_ADDRESS):
        accounts.sign_in(ana, PASSWORD, address="192.0.2.7")


def test_nobody_locks_out_a_colleague_whose_browser_is_known(accounts: Accounts, ana: str) -> None:
    """By her name, or from the address that the whole house shares."""
    browser = accounts.know_browser(ana)
    for n in range(LOCK_ADDRESS_AFTER):
        with pytest.raises(NotAllowed):
            accounts.sign_in(
                ana if n < LOCK_AFTER else f"n{n}", "not the password", address="192.0.2.7"
            )
    with pytest.raises(NotAllowed, match=LOCKED):
        accounts.sign_in(ana, PASSWORD, address="192.0.2.7")
    assert accounts.sign_in(ana, PASSWORD, address="192.0.2.7", browser=browser)


def test_a_known_browser_lets_nobody_guess_for_longer(
    accounts: Accounts, clock: Clock, ana: str
) -> None:
    browser = accounts.know_browser(ana)
    assert accounts.know_browser(ana, browser) == browser
    for _ in range(LOCK_AFTER):
        with pytest.raises(NotAllowed, match=WRONG):
            accounts.sign_in(ana, "not the password", browser=browser)
    with pytest.raises(NotAllowed, match=LOCKED):
        accounts.sign_in(ana, PASSWORD, browser=browser)
    accounts.add_user("ben", PASSWORD)
    assert accounts.know_browser("ben", browser) != browser
    for _ in range(LOCK_AFTER):
        with pytest.raises(NotAllowed, match=WRONG):
            accounts.sign_in("ben", "not the password", browser=browser)
    with pytest.raises(NotAllowed, match=LOCKED):
        accounts.sign_in("ben", PASSWORD)
    clock.now += KNOWN_SECONDS
    for _ in range(LOCK_AFTER):
        with pytest.raises(NotAllowed):
            accounts.sign_in(ana, "not the password")
    with pytest.raises(NotAllowed, match=LOCKED):
        accounts.sign_in(ana, PASSWORD, browser=browser)


# -- from an institution -------------------------------------------------------------------------

CLAIMS = {
    "iss": "https://login.uni.example",
    "sub": "248289761001",
    "email": "Ana.Silva@Uni.Example",
    "email_verified": True,
    "name": "Ana  Silva\u202e",
}


def test_claims_become_a_person_known_by_their_verified_mail() -> None:
    person = identity_of(CLAIMS, domains=("uni.example",))
    assert person == Identity(
        "https://login.uni.example", "248289761001", "ana.silva@uni.example", "Ana Silva"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": None}, "did not give your e-mail"),
        ({"email": ["ana@uni.example"]}, "did not give your e-mail"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": None}, "has not verified"),
        ({"email_verified": 1.5}, "has not verified"),
        ({"sub": ""}, "did not say who you are"),
        ({"iss": None}, "did not say who you are"),
        ({"email": "ana"}, "cannot be a sign-in name"),
        ({"email": "@uni.example"}, "cannot be a sign-in name"),
        ({"email": "o'brien@uni.example"}, "cannot be a sign-in name"),
        ({"email": "\u0430na@uni.example"}, "cannot be a sign-in name"),
        ({"email": "ana@uni.example@uni.example"}, "cannot be a sign-in name"),
        ({"email": "a" * 60 + "@uni.example"}, "cannot be a sign-in name"),
        ({"email": "ana@evil.example"}, "at evil.example are not let in"),
        ({"email": "ana@not.uni.example"}, "at not.uni.example are not let in"),
    ],
)
def test_claims_that_do_not_do_are_refused_in_words(change: dict[str, object], words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        identity_of({**CLAIMS, **change}, domains=("@Uni.example",))


def test_an_institution_whose_mails_are_trusted_may_be_silent_but_not_deny() -> None:
    silent = {key: value for key, value in CLAIMS.items() if key != "email_verified"}
    assert identity_of(silent, trusts_email=True).name == "ana.silva@uni.example"
    with pytest.raises(NotAllowed, match="has not verified"):
        identity_of({**CLAIMS, "email_verified": False}, trusts_email=True)


ARRIVED = Identity("https://login.uni.example", "1", "ana@uni.example", "Ana Silva")


def test_a_first_arrival_makes_the_account_and_the_next_finds_it(accounts: Accounts) -> None:
    invitation = accounts.invite("ana@uni.example", by="lea")
    first = accounts.first_token() or ""
    here = accounts.arrive(ARRIVED)
    assert accounts.who(here) == "ana@uni.example"
    assert accounts.users() == [User("ana@uni.example", "Ana Silva", True, has_password=False)]
    assert accounts.invitation(invitation) is None
    assert accounts.invitation(first) is None
    renamed = Identity(ARRIVED.issuer, ARRIVED.subject, "ana.new@uni.example", "Ana")
    there = accounts.arrive(renamed)
    assert accounts.who(there) == "ana@uni.example", "the identity counts, not the e-mail"
    accounts.sign_out_everywhere("ana@uni.example")
    assert (accounts.who(here), accounts.who(there)) == (None, None)


@pytest.mark.parametrize("active", [True, False])
def test_an_account_with_a_password_is_never_taken_over(accounts: Accounts, active: bool) -> None:
    accounts.add_user("root", PASSWORD)
    accounts.add_user("Ana@uni.example", PASSWORD)
    if not active:
        accounts.deactivate("Ana@uni.example")
    with pytest.raises(NotAllowed, match="has a password; sign in with that"):
        accounts.arrive(ARRIVED)
    assert [user.has_password for user in accounts.users()] == [True, True]


def test_another_identity_with_the_same_mail_is_not_the_same_person(accounts: Accounts) -> None:
    accounts.arrive(ARRIVED)
    for other in (
        Identity(ARRIVED.issuer, "2", ARRIVED.name),
        Identity("https://evil.example", ARRIVED.subject, ARRIVED.name),
    ):
        with pytest.raises(NotAllowed, match="under another identity"):
            accounts.arrive(other)


def test_an_account_that_was_closed_stays_closed_for_its_institution(accounts: Accounts) -> None:
    accounts.add_user("root", PASSWORD)
    token = accounts.arrive(ARRIVED)
    accounts.deactivate(ARRIVED.name)
    assert accounts.who(token) is None
    with pytest.raises(NotAllowed, match="was closed"):
        accounts.arrive(ARRIVED)
    with pytest.raises(AlreadyInStudy):
        accounts.invite(ARRIVED.name)  # an invitation would open it to whoever holds the link
    with pytest.raises(AlreadyInStudy):
        accounts.add_user(ARRIVED.name, PASSWORD)
    accounts.reopen(ARRIVED.name)
    assert accounts.who(token) is None
    assert accounts.who(accounts.arrive(ARRIVED)) == ARRIVED.name


def test_an_account_without_a_password_has_none_to_guess_or_set(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.arrive(ARRIVED)
    checked: list[str] = []
    fits = module._fits
    monkeypatch.setattr(
        module, "_fits", lambda kept, word: checked.append(kept) or fits(kept, word)
    )
    for password in ("", PASSWORD):
        with pytest.raises(NotAllowed, match=f"^{WRONG}$"):
            accounts.sign_in(ARRIVED.name, password)
    assert all(kept.startswith("$argon2") for kept in checked), "the work of a real check"
    with pytest.raises(NotAllowed, match="has no password here"):
        accounts.set_password(ARRIVED.name, PASSWORD)
    with pytest.raises(NotAllowed):
        accounts.change_password(ARRIVED.name, "", PASSWORD, session=token)


# -- study files, and files of before ------------------------------------------------------------


def test_who_belonged_to_a_study_file_is_remembered(accounts: Accounts) -> None:
    accounts.remember_members("nurses", ["ana", "ben"])
    accounts.remember_members("wards", ["ana"])
    accounts.remember_members("nurses", ["ben", "zoe"])
    assert [accounts.files_of(name) for name in ("ana", "ben", "zoe", "eve")] == [
        {"wards"},
        {"nurses"},
        {"nurses"},
        set(),
    ]


def test_a_file_of_the_first_version_is_brought_forward(tmp_path: Path) -> None:
    """Made by version 0.1.0: Ana, signed in at second 4·10⁹; Ben, closed; Zoe, invited."""
    golden = Path(__file__).parent / "golden" / "accounts" / "v0.1.0.db"
    path = Path(shutil.copy(golden, tmp_path / "accounts.db"))
    clock = Clock()
    clock.now = 4_000_000_000.0 + SESSION_SECONDS - 1
    accounts = Accounts(path, clock=clock)
    assert accounts.users() == [User("ana", "Ana Silva", True), User("ben", "", False)]
    assert accounts.who("session-of-ana") == "ana", "who was at work stays signed in"
    assert accounts.invitation("invitation-of-zoe")
    assert accounts.who(accounts.sign_in("ana", PASSWORD)) == "ana"
    assert accounts.arrive(ARRIVED)
    clock.now += 1
    assert accounts.who("session-of-ana") is None

    aside = tmp_path / "accounts.db.before-step-2"
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    with sqlite3.connect(aside) as before:
        tables = {row[0] for row in before.execute("SELECT name FROM sqlite_master")}
    before.close()
    assert "users" in tables
    assert "identities" not in tables
    assert not list(accounts.path.parent.glob("*.before-step-1"))


def test_a_file_of_a_later_version_is_refused(accounts: Accounts) -> None:
    with accounts._file.changing() as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('qualcode.accounts', 'm999_later', '2030')"
        )
    with pytest.raises(DamagedStudy, match="later version"):
        open_accounts(accounts.path)
