"""Codes in the coding surface: proposed in vivo, exchanged by drag or key; 40 acts by keyboard."""
# ruff: noqa: F811

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from .test_coder_component import APP, PAINTED, Desk, desk, server, state, states  # noqa: F401

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")


def proposals(desk: Desk) -> list[dict[str, Any]]:
    if not desk.state.exists():
        return []
    return list(json.loads(desk.state.read_text("utf-8")).get("proposals", {}).values())


def centre(locator: Any) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_a_code_is_proposed_from_the_words_and_taken_back(desk: Desk) -> None:
    desk.open()
    desk.select("the charts do not write themselves.", 1)
    desk.press("v")
    name = desk.page.get_by_role("textbox", name="Name")
    assert name.input_value() == "the charts do not write themselves"
    desk.page.get_by_role("textbox", name="What it means").fill(
        "Paper work falls to whoever stays."
    )
    desk.page.get_by_role("button", name="Propose").click()
    desk.said("proposed to the lead")
    desk.saved()
    (made,) = proposals(desk)
    assert made["name"] == "the charts do not write themselves"
    assert made["definition"] == "Paper work falls to whoever stays."
    assert desk.codings == [], "a proposal is no coding"
    desk.press("c")
    row = desk.page.get_by_role("region", name="Codes you proposed")
    row.get_by_text("waits for the lead").wait_for()
    desk.press("Escape", "Control+z")
    desk.said("Undone: a proposed code")
    desk.saved()
    assert proposals(desk) == []
    desk.press("Control+Shift+z")
    desk.saved()
    assert [one["id"] for one in proposals(desk)] == [made["id"]]
    desk.open()
    desk.page.get_by_role("region", name="Codes you proposed").wait_for()
    desk.page.get_by_role("button", name="Take back").click()
    desk.saved()
    assert proposals(desk) == []


def test_a_name_that_no_code_has_is_proposed_from_the_palette(desk: Desk) -> None:
    desk.open()
    desk.select("Nobody asks", 1)
    desk.press("Enter")
    desk.palette.fill("Unasked work")
    desk.page.get_by_text("Enter proposes it as a new code.").wait_for()
    desk.press("Enter")
    assert desk.page.get_by_role("textbox", name="Name").input_value() == "Unasked work"
    desk.press("Enter")
    desk.saved()
    assert [one["name"] for one in proposals(desk)] == ["Unasked work"]
    # What waits for its code is not uncoded: N goes past it.
    desk.press("Escape", "n")
    desk.said("without a code")
    assert "I stay late" not in desk.page.evaluate("getSelection().toString()")


def test_a_bar_dragged_onto_a_code_is_recoded(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    page = desk.page
    desk.press("c")
    row = page.get_by_role("treeitem", name="Saying no")
    drag(page, centre(page.locator(".qc-bar")), centre(row))
    desk.said("“Staying late” is “Saying no” now.")
    desk.saved()
    assert desk.pairs == [("C5", "I stay late")]
    assert page.get_by_role("dialog").count() == 0, "a drag is no click"
    page.get_by_role("region", name="Transcript").focus()
    desk.press("Control+z")
    desk.saved()
    assert desk.pairs == [("C3", "I stay late")]
    # Onto a theme, or beside the tree, nothing happens.
    theme = page.get_by_role("treeitem", name="Work load")
    drag(page, centre(page.locator(".qc-bar")), centre(theme))
    drag(page, centre(page.locator(".qc-bar")), centre(desk.words(3)))
    page.wait_for_timeout(300)
    assert desk.pairs == [("C3", "I stay late")]
    assert page.locator(".qc-ghost").count() == 0


def test_a_code_dragged_from_the_tree_lands_on_words(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    page = desk.page
    desk.press("c")
    box = desk.words(1).bounding_box()
    assert box is not None
    on_words = (box["x"] + 20, box["y"] + 13)
    drag(page, centre(page.get_by_role("treeitem", name="Lack of time")), on_words)
    desk.saved()
    assert desk.pairs == [("C4", "I stay late")]
    desk.select("Nobody asks me to", 1)
    box = page.evaluate(
        "(() => { const b = getSelection().getRangeAt(0).getClientRects()[0];"
        " return [b.x + b.width / 2, b.y + b.height / 2] })()"
    )
    drag(page, centre(page.get_by_role("treeitem", name="Saying no")), (box[0], box[1]))
    desk.saved()
    assert sorted(desk.pairs) == [("C4", "I stay late"), ("C5", "Nobody asks me to")]


def test_the_code_of_a_coding_is_exchanged_by_key(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    desk.press("Escape", "]", "?")
    desk.press("x")
    desk.palette.fill("trust")
    desk.press("Enter")
    desk.said("“Staying late” is “Trust in the mentor” now.")
    desk.saved()
    assert desk.pairs == [("C1", "I stay late")]
    assert desk.codings[0]["uncertain"] is True, "the doubt goes with it"
    desk.page.wait_for_function("document.activeElement.classList.contains('qc-bar')")


ROUND = (
    ("n", "s", "Enter", "type:late", "Enter"),  # the next uncoded turn, a code by its name
    ("ArrowRight", "s", "r"),
    ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "2"),
    ("t", "3"),
    ("]", "Shift+ArrowLeft"),
    ("]", "x", "type:very long name", "Enter"),
    ("]", "?"),
    ("Delete",),
    ("Control+z",),
    ("Control+Shift+z",),
)
"""Ten acts as a coder makes them; each changes what the study holds."""
EDITS, CODINGS = 12, 3
"""What ten acts send (another end or code is two edits), and the codings they leave."""


def test_forty_acts_by_keyboard_alone(serve: Any, tmp_path: Path, page: Any, capsys: Any) -> None:
    said = "I stay late most days, and nobody asks me to. My mentor noticed it. " * 3
    turns = [
        ("Interviewer", "interviewer", f"Question {number}?")
        if number % 2 == 0
        else ("Ana", "participant", f"Answer {number}. {said}".strip())
        for number in range(60)
    ]
    texts = tmp_path / "turns.json"
    texts.write_text(json.dumps(turns), "utf-8")
    state = tmp_path / "state.json"
    server = serve(APP, env={"CODER_APP_STATE": str(state), "CODER_APP_TEXTS": str(texts)})
    desk = Desk(page, server.url, state).open(transcript="long")
    page.evaluate("addEventListener('pointerdown', () => (globalThis.touched = true), true)")
    page.get_by_role("region", name="Transcript").focus()
    began = time.monotonic()
    acts = 0
    for _ in range(4):
        for keys in ROUND:
            for key in keys:
                if key.startswith("type:"):
                    page.keyboard.type(key.removeprefix("type:"))
                else:
                    page.keyboard.press(key)
            acts += 1
    seconds = time.monotonic() - began
    desk.saved()
    assert acts == 40
    assert page.evaluate("globalThis.touched") is None, "no mouse"
    kept = json.loads(desk.state.read_text("utf-8"))
    assert len(kept["done"]) - kept["seen_acts"] == 4 * EDITS, "every act is in the study, once"
    assert len(kept["codings"]) == 4 * CODINGS
    with capsys.disabled():
        print(f"\n40 acts by keyboard in {seconds:.1f} s: {40 / seconds * 60:.0f} acts a minute")


def test_fingers_select_on_a_tablet_and_the_page_moves_without_animation(
    server: Any,
    state: Path,
    browser: Any,
) -> None:
    context = browser.new_context(
        viewport={"width": 820, "height": 1180}, has_touch=True, reduced_motion="reduce"
    )
    tablet = Desk(context.new_page(), server.url, state).open()
    box = tablet.words(3).bounding_box()
    assert box is not None
    tablet.page.touchscreen.tap(box["x"] + 30, box["y"] + 13)
    tablet.select("Mostly about saying no.", 3)
    tablet.page.get_by_role("button", name="Code the selection").tap()
    tablet.palette.fill("saying")
    tablet.page.get_by_role("option", name="Saying no").tap()
    tablet.saved()
    assert tablet.pairs == [("C5", "Mostly about saying no.")]
    tablet.page.locator(".qc-bar").tap()
    tablet.page.get_by_role("dialog").get_by_text("Setting limits.").wait_for()
    moving = tablet.page.evaluate(
        "document.getAnimations().filter(a => a.effect?.target?.closest?.('.qc-root')).length"
    )
    assert moving == 0
    context.close()


def test_the_window_about_a_lost_server_does_not_stop_the_coder(
    desk: Desk,
    server: Any,
) -> None:
    desk.open()
    page = desk.page
    page.evaluate(
        """() => {
            globalThis.shown = 0;
            setInterval(() => {
                const window = document.querySelector('[data-testid=stDialog]');
                if (window?.checkVisibility({ visibilityProperty: true })) globalThis.shown += 1;
            }, 16);
        }"""
    )
    page.get_by_role("region", name="Transcript").focus()
    server.kill()
    try:
        page.get_by_text("The server does not answer.").first.wait_for(timeout=60_000)
        page.wait_for_timeout(2_000)
        desk.press("n", "1", "n", "2")
        desk.status("Offline, 2 kept")
        assert len(page.evaluate(PAINTED)) == 2
        assert page.evaluate("globalThis.shown") == 0
        assert page.evaluate("document.querySelector('#root').inert") is False
    finally:
        server.start()
    page.locator(".qc-status", has_text="All saved").wait_for(timeout=60_000)
    assert len(desk.codings) == 2
    page.wait_for_function(
        "[...document.querySelectorAll('.qc-notice')].every((notice) => notice.hidden)"
    )
