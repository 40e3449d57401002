"""Memos at the text in a real browser: by mouse and keyboard, offline, over reloads and crashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from .test_coder_component import APP, Desk  # noqa: E402


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("memos") / "state.json"


@pytest.fixture(scope="module")
def server(serve: Any, state: Path) -> Any:
    return serve(APP, env={"CODER_APP_STATE": str(state)})


@pytest.fixture
def desk(server: Any, state: Path, page: sync_api.Page) -> Desk:
    state.unlink(missing_ok=True)
    return Desk(page, server.url, state)


def notes(desk: Desk) -> list[tuple[str, str]]:
    """(what it is on, its words) as the study has them, in order of the words."""
    if not desk.state.exists():
        return []
    rows = json.loads(desk.state.read_text("utf-8"))["notes"].values()
    return sorted((row["about"], row["text"]) for row in rows)


def write(desk: Desk, text: str) -> None:
    desk.page.locator(".qc-note textarea").wait_for()
    desk.page.keyboard.type(text)
    desk.press("Control+Enter")
    desk.page.locator(".qc-note").wait_for(state="detached")


def test_by_keyboard_alone_on_words_interview_code_and_coding(desk: Desk) -> None:
    desk.open().select("I stay late", 1)
    desk.press("w")
    assert desk.page.locator(".qc-note .qc-quote").inner_text() == "I stay late"
    write(desk, "Pride?")
    assert desk.page.evaluate("String(getSelection())") == "I stay late"
    desk.press("Escape", "w")
    write(desk, "A calm talk.")
    desk.press("c", "ArrowDown", "ArrowDown", "w")
    write(desk, "Wide?")
    desk.press("Escape")
    desk.code("Nobody", 1, find="late")
    desk.press("]", "w")
    desk.page.keyboard.type("on the coding")
    desk.press("Escape")
    desk.saved()
    assert notes(desk) == [
        ("code", "Wide?"), ("passage", "Pride?"), ("transcript", "A calm talk.")
    ]  # fmt: skip
    assert [row["memo"] for row in desk.codings] == ["on the coding"]
    desk.press("Escape", "Control+Home", "m")
    focused = "document.activeElement.getAttribute('aria-label')"
    first = desk.page.evaluate(focused)
    desk.press("m")
    second = desk.page.evaluate(focused)
    assert {first, second} == {"Memo: Pride?", "Staying late, with a memo: Nobody"}
    desk.press("m")
    assert desk.page.evaluate(focused) == first


def test_the_list_leads_to_each_and_is_walked_by_arrows(desk: Desk) -> None:
    desk.open()
    desk.page.locator(".qc-scroller").focus()
    desk.press("l")
    desk.page.get_by_text("No memos yet").wait_for()
    desk.press("Escape")
    desk.select("kept to it", 4)
    desk.press("w")
    write(desk, "At last")
    desk.select("I stay late", 1)
    desk.press("w")
    write(desk, "Pride?")
    desk.press("l", "l")
    panel = desk.page.get_by_role("complementary", name="Memos")
    assert panel.locator(".qc-memos-item .qc-memos-words").all_inner_texts() == [
        "Pride?",
        "At last",
    ]
    desk.press("ArrowDown", "ArrowDown", "Enter")
    label = desk.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label == "Memo: At last"
    desk.press("Enter")
    field = desk.page.locator(".qc-note textarea")
    assert field.input_value() == "At last"
    field.fill("At long last")
    desk.press("Escape")
    desk.saved()
    assert ("passage", "At long last") in notes(desk)


def test_what_is_removed_or_emptied_comes_back_with_undo(desk: Desk) -> None:
    desk.open().select("I stay late", 1)
    desk.press("w")
    write(desk, "Pride?")
    desk.press("m", "Delete")
    desk.said("Memo removed.")
    desk.saved()
    assert notes(desk) == []
    desk.press("Control+z")
    desk.saved()
    assert notes(desk) == [("passage", "Pride?")]
    desk.press("m", "Enter")
    desk.page.locator(".qc-note textarea").fill("")
    desk.press("Escape")
    desk.saved()
    assert notes(desk) == []
    desk.page.reload()
    desk.page.locator(".qc-status[data-kind]").wait_for()
    desk.page.locator(".qc-scroller").focus()
    desk.press("Control+z")
    desk.page.wait_for_function("document.querySelectorAll('.qc-note-mark').length === 1")
    desk.saved()
    assert notes(desk) == [("passage", "Pride?")]


def test_a_click_on_the_words_or_the_mark_opens_the_memo(desk: Desk) -> None:
    desk.open().drag((4, 1), (4, 90))
    desk.page.get_by_role("button", name="Write a memo on these words instead").click()
    write(desk, "A promise")
    desk.saved()
    mark = desk.page.locator(".qc-note-mark")
    assert mark.get_attribute("title") == "A promise"
    mark.click()
    assert desk.page.locator(".qc-note textarea").input_value() == "A promise"
    desk.press("Escape")
    desk.page.mouse.move(5, 5)
    desk.words(4).click(position={"x": 20, "y": 13})
    desk.page.locator(".qc-note textarea").wait_for()
    desk.page.get_by_role("button", name="Remove this memo").click()
    desk.saved()
    assert notes(desk) == []
    assert mark.count() == 0


def test_hostile_words_stay_words(desk: Desk) -> None:
    desk.open().select("I stay late", 1)
    desk.press("w")
    write(desk, '<img src=x onerror="globalThis.injected = true">')
    desk.press("l")
    desk.page.locator(".qc-memos-item").wait_for()
    assert desk.page.evaluate("globalThis.injected") is None


def test_memos_written_while_the_server_is_away_arrive_once(
    serve: Any, tmp_path: Path, page: sync_api.Page
) -> None:
    kept = tmp_path / "state.json"
    server = serve(APP, env={"CODER_APP_STATE": str(kept)})
    desk = Desk(page, server.url, kept).open()
    desk.select("I stay late", 1)
    desk.press("w")
    write(desk, "before")
    desk.saved()
    server.kill()
    desk.select("kept to it", 4)
    desk.press("w")
    write(desk, "while it was away")
    desk.press("m", "Enter")
    desk.page.locator(".qc-note textarea").fill("before, said anew")
    desk.press("Escape")
    desk.status("kept")
    assert notes(desk) == [("passage", "before")]
    server.start()
    desk.page.locator(".qc-status", has_text="All saved").wait_for(timeout=60_000)
    words = [words for _, words in notes(desk)]
    assert len(words) == 2
    assert "before, said anew" in words
    desk.open()
    assert desk.page.locator(".qc-note-mark").count() == 2


def test_what_was_submitted_is_read_only(desk: Desk, state: Path) -> None:
    desk.open().select("I stay late", 1)
    desk.press("w")
    write(desk, "Pride?")
    desk.saved()
    desk.open(readonly="You have submitted this.")
    desk.page.locator(".qc-scroller").focus()
    desk.press("m", "Enter")
    assert desk.page.locator(".qc-note textarea").get_attribute("readonly") is not None
    assert desk.page.locator(".qc-note .qc-remove").count() == 0
    desk.press("Escape", "Delete", "w")
    assert notes(desk) == [("passage", "Pride?")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(server: Any, state: Path, browser: Any, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    state.unlink(missing_ok=True)
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    desk = Desk(context.new_page(), server.url, state).open()

    def clean(where: str) -> None:
        response = axe.run(desk.page, context=".qc-root").response
        assert len(response["passes"]) > 10, "axe has looked"
        said = [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in response["violations"]
            for node in one["nodes"]
        ]
        assert said == [], where

    desk.page.locator(".qc-scroller").focus()
    desk.press("l")
    clean("an empty list")
    desk.press("l")
    desk.select("I stay late", 1)
    desk.press("w")
    clean("the window of a new memo")
    write(desk, "Pride?")
    desk.press("Escape", "w")
    write(desk, "A calm talk.")
    desk.press("c", "ArrowDown", "ArrowDown", "w")
    write(desk, "Wide?")
    clean("a code with a memo")
    desk.press("Escape", "l")
    desk.page.locator(".qc-memos-item").first.wait_for()
    clean("the list")
    desk.press("Escape", "m")
    clean("a mark in focus")
    context.close()
