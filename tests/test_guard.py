"""The guard of the suite itself: what would leave this machine is refused, and is told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import attempts_to_leave

ELSEWHERE = ("192.0.2.1", 9)  # an address that belongs to nobody


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_test_reaches_no_other_machine(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as reaching:
        with pytest.raises(PermissionError, match="nothing leaves"):
            reaching.connect(ELSEWHERE)
        with pytest.raises(PermissionError, match="nothing leaves"):
            reaching.sendto(b"x", ELSEWHERE)
    assert len(attempts_to_leave()) == 2


@pytest.mark.parametrize("name", ["evil.example", "example.org", "team.local"])
def test_a_test_asks_for_no_name(name: str) -> None:
    for ask in (
        lambda: socket.getaddrinfo(name, 80),
        lambda: socket.gethostbyname(name),
        lambda: socket.create_connection((name, 80)),
    ):
        with pytest.raises(PermissionError, match="nothing leaves"):
            ask()
    assert socket.getfqdn(name) == name, "its error is swallowed, and told all the same"
    assert len(attempts_to_leave()) == 4


def test_this_machine_may_speak_with_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    assert attempts_to_leave() == []


def test_a_program_that_a_test_starts_is_held_back_too(tmp_path: Path) -> None:
    report = tmp_path / "report"
    program = f"import socket; socket.create_connection({ELSEWHERE!r})"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"QUALCODE_WATCH": str(report)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "nothing leaves this machine" in ended.stderr
    assert "192.0.2.1" in report.read_text(encoding="utf-8")
