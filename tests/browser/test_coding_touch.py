"""Coding with fingers on a tablet: real touches, no keyboard, targets wide enough to hit."""
# ruff: noqa: F811

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .test_coder_component import Desk, server, state, states  # noqa: F401

SMALL = """() => [...document.querySelectorAll(
        '.qc-root :is(button, input, .qc-option, .qc-tree-row, .qc-handle, summary)')]
    .filter(it => it.checkVisibility({ visibilityProperty: true }) && !it.matches('.qc-bar'))
    .map(it => [it.className, it.getBoundingClientRect()])
    .filter(([, box]) => box.width < 40 || box.height < (box.width > 100 ? 40 : 24))
    .map(([name, { width, height }]) => `${name} ${width} x ${height}`)"""


class Fingers:
    """Touches as a screen sends them."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.screen = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def tap(self, x: float, y: float) -> None:
        self.send("touchStart", (x, y))
        self.send("touchEnd")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.send("touchStart", start)
        for step in range(1, 7):
            part = step / 6
            at = (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]))
            self.send("touchMove", at)
        self.send("touchEnd")


@pytest.fixture
def tablet(server: Any, state: Any, browser: Any) -> Iterator[Desk]:
    context = browser.new_context(
        viewport={"width": 820, "height": 1180}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield Desk(page, server.url, state)
    context.close()


def place(desk: Desk, text: str, turn: int) -> tuple[float, float]:
    """The middle of these words on the screen."""
    x, y = desk.page.evaluate(
        """([text, turn]) => {
            const node = document.querySelectorAll('.qc-words')[turn].firstChild;
            const range = document.createRange();
            const from = node.data.indexOf(text);
            range.setStart(node, from);
            range.setEnd(node, from + text.length);
            const { x, y, width, height } = range.getClientRects()[0];
            return [x + width / 2, y + height / 2];
        }""",
        [text, turn],
    )
    return x, y


def chosen(desk: Desk) -> str:
    return str(desk.page.evaluate("getSelection().toString()"))


def act(desk: Desk, name: str) -> None:
    desk.page.get_by_role("button", name=name, exact=True).tap()


def test_a_tap_takes_the_sentence_and_the_bar_makes_it_fit(tablet: Desk) -> None:
    page = tablet.open().page
    fingers = Fingers(page)
    fingers.tap(*place(tablet, "noticed", 1))
    page.get_by_role("toolbar", name="Selection").wait_for()
    sentence = "My mentor noticed it in the second week and sat down with me."
    assert chosen(tablet) == sentence
    act(tablet, "Word")
    assert chosen(tablet) == "noticed"
    act(tablet, "Turn")
    assert chosen(tablet).endswith(sentence)
    assert chosen(tablet).startswith("I stay late")
    act(tablet, "Sentence")
    assert chosen(tablet) == sentence
    for _ in range(4):  # first the full stop
        act(tablet, "End one word back")
    act(tablet, "Beginning one word on")
    assert chosen(tablet) == "mentor noticed it in the second week and sat"
    assert page.evaluate(SMALL) == []
    act(tablet, "Code the selection")
    page.get_by_role("option", name="Trust in the mentor").wait_for()
    assert page.evaluate(SMALL) == []
    page.get_by_role("option", name="Trust in the mentor").tap()
    tablet.saved()
    assert tablet.pairs == [("C1", "mentor noticed it in the second week and sat")]


def test_once_more_on_sentence_takes_the_next_one_too(tablet: Desk) -> None:
    page = tablet.open().page
    Fingers(page).tap(*place(tablet, "stay", 1))
    page.get_by_role("toolbar", name="Selection").wait_for()
    assert chosen(tablet) == "I stay late most days."
    act(tablet, "Sentence")
    assert chosen(tablet).endswith("do not write themselves.")
    page.locator(".qc-quick", has_text="Saying no").tap()
    tablet.saved()
    [(code, words)] = tablet.pairs
    assert code == "C5"
    assert words.startswith("I stay late most days. Nobody asks me to")


def test_codings_are_opened_changed_and_removed_by_fingers(tablet: Desk) -> None:
    page = tablet.open().page
    fingers = Fingers(page)
    tablet.code("I stay late", 1, find="late")
    fingers.tap(*place(tablet, "stay", 1))
    act(tablet, "1 coding")
    dialog = page.get_by_role("dialog", name="Coding")
    dialog.get_by_text("Unpaid hours.").wait_for()
    assert page.evaluate(SMALL) == []
    dialog.get_by_role("button", name="Remove Staying late").tap()
    tablet.saved()
    assert tablet.codings == []
    act(tablet, "Undo")
    page.locator(".qc-bar").wait_for()
    tablet.saved()
    assert tablet.pairs == [("C3", "I stay late")]


def test_an_end_is_dragged_with_a_finger(tablet: Desk) -> None:
    page = tablet.open().page
    tablet.code("I stay late", 1, find="late")
    tablet.press("Escape", "]")
    box = page.locator(".qc-handle[data-edge=to]").bounding_box()
    assert box is not None
    assert box["width"] >= 40
    x, y = place(tablet, "days", 1)
    Fingers(page).drag((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (x, y))
    tablet.saved()
    [(_, words)] = tablet.pairs
    assert words.startswith("I stay late most d")


def test_the_interviewers_words_and_the_empty_page_select_nothing(tablet: Desk) -> None:
    page = tablet.open().page
    fingers = Fingers(page)
    fingers.tap(*place(tablet, "noticed", 1))
    bar = page.get_by_role("toolbar", name="Selection")
    bar.wait_for()
    fingers.tap(*place(tablet, "first weeks", 0))
    bar.wait_for(state="hidden")
    assert chosen(tablet) == ""


def test_a_closed_transcript_is_looked_at_with_a_finger(tablet: Desk) -> None:
    tablet.open().code("I stay late", 1, find="late")
    page = tablet.open(readonly="You submitted this transcript on 3 May.").page
    Fingers(page).tap(*place(tablet, "stay", 1))
    page.get_by_role("dialog").get_by_text("Unpaid hours.").wait_for()
    assert page.get_by_role("toolbar", name="Selection").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820])
def test_axe_finds_nothing_in_what_fingers_get(
    server: Any, state: Any, browser: Any, scheme: str, width: int
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    context = browser.new_context(
        viewport={"width": width, "height": 1000},
        has_touch=True,
        is_mobile=width < 500,
        color_scheme=scheme,
    )
    desk = Desk(context.new_page(), server.url, state).open()
    desk.code("I stay late", 1, find="late")
    Fingers(desk.page).tap(*place(desk, "stay", 1))
    bar = desk.page.get_by_role("toolbar", name="Selection")
    bar.wait_for()
    response = axe.run(desk.page, context=".qc-root").response
    assert len(response["passes"]) > 10, "axe has looked"
    found = [(one["id"], node["target"]) for one in response["violations"] for node in one["nodes"]]
    assert found == []
    box = bar.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    context.close()
