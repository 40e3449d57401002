"""A server that is killed while somebody codes in a real browser, and started again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect

from benchmarks.client import LiveServer
from benchmarks.crowd import STUDY, Team, found_in, gather, require_quiet, require_sound

PATIENCE = 90_000  # ms, for a busy machine
CODE = "Trust a1"


def code_next_sentence(page: Page, bars: int) -> None:
    """The next turn, its first sentence, and a code by its name; then there are so many bars."""
    for _ in range(6):
        page.locator(".qc-scroller").focus()
        for key in ("Control+ArrowDown", "s", "Enter"):
            page.keyboard.press(key)
        try:
            page.get_by_role("combobox", name="Find a code").fill(CODE, timeout=5_000)
            page.keyboard.press("Enter")
            drawn(page, bars, 5_000)
            return
        except (TimeoutError, AssertionError):
            continue
    drawn(page, bars)


def status(page: Page, words: str) -> None:
    page.locator(".qc-status", has_text=words).wait_for(timeout=PATIENCE)


def drawn(page: Page, codings: int, patience: float = PATIENCE) -> None:
    expect(page.locator(".qc-bar")).to_have_count(codings, timeout=patience)


def kept(team: Team) -> int:
    return len(found_in(team.study).codings.get("coder01", {}))


def test_codings_made_while_the_server_is_dead_are_sent_by_themselves(
    page: Any, tmp_path: Path
) -> None:
    team = gather(tmp_path / "studies", coders=1, transcripts=2, words=1_000)
    with LiveServer(team.folder, log=tmp_path / "server.log") as server:
        url = f"http://127.0.0.1:{server.port}"
        page.set_default_timeout(PATIENCE)
        page.context.add_cookies(
            [{"name": "qc_session", "value": team.tokens["coder01"], "url": url}]
        )
        page.goto(f"{url}/code?study={STUDY}")
        status(page, "All saved")
        code_next_sentence(page, 1)
        status(page, "All saved")
        assert kept(team) == 1
        page.evaluate("globalThis.neverLeft = true")

        code_next_sentence(page, 2)  # perhaps kept, perhaps not: nobody waits for the answer
        server.kill()
        before = kept(team)
        assert before in (1, 2)
        code_next_sentence(page, 3)
        code_next_sentence(page, 4)
        status(page, "Offline, ")
        assert kept(team) == before, "a dead server keeps nothing"

        server.start()
        status(page, "All saved")
        drawn(page, 4)
        assert page.evaluate("globalThis.neverLeft") is True, "the page was not loaded anew"
        assert page.evaluate("sessionStorage.getItem('qc-outbox:coder01')") is None
        assert kept(team) == 4
        acts = found_in(team.study).acts["coder01"]
        assert [times for (act, _), times in acts.items() if act == "code_add"] == [1] * 4

        code_next_sentence(page, 5)  # and work goes on
        status(page, "All saved")
        assert kept(team) == 5
        require_quiet(server)
    require_sound(team.study)


def test_twenty_unsent_acts_outlive_the_server_once_each(page: Any, tmp_path: Path) -> None:
    team = gather(tmp_path / "studies", coders=1, transcripts=1, words=6_000)
    with LiveServer(team.folder, log=tmp_path / "server.log") as server:
        url = f"http://127.0.0.1:{server.port}"
        page.set_default_timeout(PATIENCE)
        page.context.add_cookies(
            [{"name": "qc_session", "value": team.tokens["coder01"], "url": url}]
        )
        page.goto(f"{url}/code?study={STUDY}")
        status(page, "All saved")
        page.wait_for_timeout(1_000)
        page.locator(".qc-scroller").focus()
        server.kill()
        for number in range(20):
            for key in ("Control+ArrowDown", "s", str(1 + number % 9)):
                page.keyboard.press(key)
        status(page, "Offline, 20 kept")
        assert kept(team) == 0

        server.start()
        status(page, "All saved")
        assert kept(team) == 20
        acts = found_in(team.study).acts["coder01"]
        assert [times for (act, _), times in acts.items() if act == "code_add"] == [1] * 20
        require_quiet(server)
    require_sound(team.study)
