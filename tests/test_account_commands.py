"""``qualcode user``: accounts from the command line of the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qualcode.store import accounts as store
from qualcode.store.identity import Identity
from qualcode.ui import places
from tests.test_cli import run

PASSWORD = "four plain words here"
Out = pytest.CaptureFixture[str]


@pytest.fixture
def user(tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``user("close", "ana")`` runs that command in a folder with Ana and Ben."""
    cheap = store.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(store, "_hasher", lambda: cheap)
    monkeypatch.setenv("QUALCODE_FOLDER", str(tmp_path))
    monkeypatch.setenv("QUALCODE_PASSWORD", PASSWORD)

    def user(*arguments: str, status: int = 0) -> str:
        return str(run(capsys, "user", *arguments, "--folder", tmp_path, status=status))

    user("add", "ana", "--display", "Ana Silva")
    user("add", "ben")
    return user


def test_the_accounts_are_listed(user: Any) -> None:
    person = Identity("https://login.uni.example", "1", "lea@uni.example", "Lea")
    places.accounts().arrive(person)
    user("close", "ben")
    lines = [line.split("  ") for line in user("list").splitlines()]
    assert [[cell.strip() for cell in line if cell.strip()] for line in lines] == [
        ["name", "shown as", "signs in with", "account"],
        ["ana", "Ana Silva", "a password", "open"],
        ["ben", "ben", "a password", "closed"],
        ["lea@uni.example", "Lea", "the institution", "open"],
    ]
    assert '"shown as": "Lea"' in user("list", "--json")


def test_an_account_is_closed_and_opened_again(user: Any) -> None:
    session = places.accounts().sign_in("ben", PASSWORD)
    assert "cannot sign in any more" in user("close", "ben")
    assert places.accounts().who(session) is None
    assert "last open account" in user("close", "ana", status=1)
    assert "can sign in again" in user("open", "ben")
    assert places.accounts().sign_in("ben", PASSWORD)


def test_a_forgotten_password_is_replaced(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = places.accounts().sign_in("ana", PASSWORD)
    monkeypatch.setenv("QUALCODE_PASSWORD", "another good password")
    assert "has a new password" in user("password", "ana")
    assert places.accounts().who(session) is None
    assert places.accounts().sign_in("ana", "another good password")


@pytest.mark.parametrize("act", ["add", "close", "open", "password"])
def test_a_command_that_lacks_its_name_says_so(user: Any, act: str) -> None:
    assert f"qualcode user {act} NAME" in user(act, status=1)


@pytest.mark.parametrize("act", ["close", "open", "password"])
def test_an_account_that_is_not_there_is_told(user: Any, act: str) -> None:
    assert "no account “zoe”" in user(act, "zoe", status=1)
