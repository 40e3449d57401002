"""The coding surface in a real browser, over a study that is a JSON file (coder_app.py)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

APP = Path(__file__).with_name("coder_app.py")
PAINTED = """
    [...CSS.highlights]
        .filter(([name]) => name.includes('-code-'))
        .flatMap(([, marks]) => [...marks])
        .map(mark => mark.startContainer.data.slice(mark.startOffset, mark.endOffset))
"""


class Desk:
    """A coder at the page: what she does and what the study then holds."""

    def __init__(self, page: sync_api.Page, url: str, state: Path) -> None:
        self.page = page
        self.url = url
        self.state = state

    def open(self, **asked: str) -> Desk:
        self.page.goto(f"{self.url}/?{urlencode({'run': self.state.stem} | asked)}")
        self.page.locator(".qc-status[data-kind]").wait_for()
        # Streamlit's fonts and the component's stylesheet arrive after the text.
        self.page.wait_for_function(
            "getComputedStyle(document.querySelector('.qc-root')).display === 'flex'"
        )
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self

    @property
    def codings(self) -> list[dict[str, Any]]:
        if not self.state.exists():
            return []
        rows = json.loads(self.state.read_text("utf-8"))["codings"].values()
        return sorted(rows, key=lambda row: (row["start"], row["end"], row["code"]))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(code, words) as kept by the study."""
        text = "\n".join(self.page.locator(".qc-words").all_text_contents())
        return [(row["code"], text[row["start"] : row["end"]]) for row in self.codings]

    def saved(self) -> None:
        self.status("All saved")

    def status(self, text: str) -> None:
        self.page.locator(".qc-status", has_text=text).wait_for()

    def words(self, turn: int) -> sync_api.Locator:
        return self.page.locator(".qc-words").nth(turn)

    def select(self, text: str, turn: int) -> None:
        """As a reader would have selected it, without the mouse."""
        self.page.evaluate(
            """([text, turn]) => {
                const node = document.querySelectorAll('.qc-words')[turn].firstChild;
                const from = node.data.indexOf(text);
                document.querySelector('.qc-scroller').focus({ preventScroll: true });
                document.getSelection().setBaseAndExtent(node, from, node, from + text.length);
            }""",
            [text, turn],
        )

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """From (turn, x) to (turn, x), x in pixels from the left of the turn's first line."""
        boxes = []
        for turn, x in (start, end):
            box = self.words(turn).bounding_box()
            assert box is not None
            boxes.append((box["x"] + x, box["y"] + 13))
        self.page.mouse.move(*boxes[0])
        self.page.mouse.down()
        self.page.mouse.move(*boxes[1], steps=6)
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def palette(self) -> sync_api.Locator:
        return self.page.get_by_role("combobox", name="Find a code")

    def code(self, text: str, turn: int, *, find: str) -> None:
        self.select(text, turn)
        self.press("Enter")
        self.palette.fill(find)
        self.press("Enter")
        self.saved()

    def said(self, text: str) -> None:
        self.page.locator(".qc-passing", has_text=text).wait_for()


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coder")


@pytest.fixture
def state(states: Path) -> Path:
    """What the study of one test holds; another test's page, not yet gone, cannot reach it."""
    return states / f"{uuid4()}.json"


@pytest.fixture(scope="module")
def server(serve: Any, states: Path) -> Any:
    return serve(APP, env={"CODER_APP_STATE": str(states / "state.json")})


@pytest.fixture
def desk(server: Any, state: Path, page: sync_api.Page) -> Desk:
    return Desk(page, server.url, state)


def test_words_dragged_over_are_coded_with_enter(desk: Desk) -> None:
    desk.open().drag((1, 1), (1, 150))
    desk.palette.fill("late")
    assert desk.page.locator(".qc-rule").inner_text() == "Unpaid hours."
    desk.press("Enter")
    desk.saved()
    [(code, words)] = desk.pairs
    assert (code, words[:12]) == ("C3", "I stay late ")
    assert desk.page.evaluate(PAINTED) == [words]
    assert desk.page.locator(".qc-name-text").inner_text() == "Staying late"


def test_a_double_click_takes_the_word(desk: Desk) -> None:
    desk.open()
    desk.words(4).dblclick(position={"x": 10, "y": 13})
    desk.palette.wait_for()
    assert desk.page.locator(".qc-quote").inner_text() == "And"
    desk.press("Escape")
    assert desk.page.locator(".qc-popup").count() == 0
    assert desk.codings == []


def test_a_coder_can_work_with_the_keyboard_alone(desk: Desk) -> None:
    desk.open().page.get_by_role("region", name="Transcript").focus()
    desk.press("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter")
    desk.page.keyboard.type("trust")
    desk.press("Enter")
    desk.saved()
    assert desk.pairs == [("C1", "I stay late")]
    desk.press("ArrowRight", "s", "2")
    desk.saved()
    assert desk.pairs[1:] == [("C2", "I stay late most days.")]
    desk.press("Control+ArrowDown", "t", "3")
    desk.saved()
    last = desk.codings[-1]
    assert last["end"] - last["start"] == len(desk.words(3).inner_text())


def test_lines_are_walked_up_and_down(desk: Desk) -> None:
    desk.open().page.get_by_role("region", name="Transcript").focus()
    desk.press("ArrowRight", "ArrowDown")
    first = desk.page.evaluate("document.getSelection().toString()")
    desk.press("ArrowDown")
    assert desk.page.evaluate("document.getSelection().anchorNode.data").startswith("Mostly")
    desk.press("ArrowUp")
    assert desk.page.evaluate("document.getSelection().toString()") == first


def test_several_codes_go_on_one_passage(desk: Desk) -> None:
    desk.open().select("Every Friday, ten minutes", 4)
    desk.press("Enter")
    for find in ("regular", "trust"):
        desk.palette.fill(find)
        desk.press("Shift+Enter")
    assert desk.page.locator(".qc-option", has_text="Regular").locator(".qc-applied").count() == 1
    desk.press("Escape")
    desk.select("Every Friday, ten minutes", 4)
    desk.press("3")
    desk.saved()
    assert [code for code, _ in desk.pairs] == ["C1", "C2", "C3"]
    assert {words for _, words in desk.pairs} == {"Every Friday, ten minutes"}
    assert len(desk.page.evaluate(PAINTED)) == 3


def test_codings_may_overlap_the_same_code_too(desk: Desk) -> None:
    desk.open().code("Nobody asks me to", 1, find="late")
    desk.code("asks me to, but the charts", 1, find="late")
    desk.code("me to", 1, find="saying")
    assert len(desk.codings) == 3
    lanes = desk.page.eval_on_selector_all(
        ".qc-bar", "bars => bars.map(bar => bar.style.insetInlineStart)"
    )
    assert len(set(lanes)) == 3


def test_the_same_code_on_the_same_words_is_refused_in_words(desk: Desk) -> None:
    desk.open().code("Nobody asks me to", 1, find="late")
    desk.select(" Nobody asks me to", 1)
    desk.press("r")
    desk.said("“Staying late” is already on exactly these words.")
    assert len(desk.codings) == 1


def test_a_coding_is_looked_at_given_a_memo_and_removed(desk: Desk) -> None:
    page = desk.open().page
    desk.code("sat down with me", 1, find="trust")
    page.locator(".qc-name-beside").click()
    dialog = page.get_by_role("dialog", name="Coding")
    assert "Relying on the mentor" in dialog.inner_text()
    dialog.get_by_role("textbox", name="Memo").fill("First risk she takes.")
    desk.press("Escape")
    desk.saved()
    assert desk.codings[0]["memo"] == "First risk she takes."
    desk.page.locator(".qc-bar").click()
    page.get_by_role("button", name="Remove Trust in the mentor").click()
    desk.saved()
    assert desk.codings == []
    assert page.locator(".qc-bar").count() == 0
    assert desk.page.evaluate(PAINTED) == []


def test_a_click_on_coded_words_lists_all_codings_there(desk: Desk) -> None:
    page = desk.open().page
    desk.code("And she kept to it", 4, find="trust")
    desk.code("she kept", 4, find="regular")
    desk.words(4).click(position={"x": 60, "y": 13})
    page.get_by_role("dialog", name="2 codings on this passage").wait_for()
    page.get_by_role("button", name="Add code to the words of Regular meetings").click()
    desk.palette.fill("saying")
    desk.press("Enter")
    desk.saved()
    assert ("C5", "she kept") in desk.pairs


def test_brackets_step_through_codings_and_delete_removes(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    desk.code("kept to it", 4, find="trust")
    desk.press("Escape", "]", "]")
    assert "Trust" in str(desk.page.evaluate("document.activeElement.ariaLabel"))
    desk.press("[")
    assert "Staying" in str(desk.page.evaluate("document.activeElement.ariaLabel"))
    desk.press("Delete")
    desk.saved()
    assert [code for code, _ in desk.pairs] == ["C1"]


def test_undo_and_redo_reach_the_study(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    before = desk.codings
    desk.press("Control+z")
    desk.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 0")
    desk.saved()
    assert desk.codings == []
    desk.press("Control+Shift+z")
    desk.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 1")
    desk.saved()
    assert desk.codings == before
    desk.press("]", "Delete", "Control+z")
    desk.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 1")
    desk.saved()
    assert desk.codings == before


def test_fast_number_keys_are_all_saved(desk: Desk) -> None:
    desk.open()
    for text in ("I stay late", "most days", "Nobody asks", "the charts", "do not", "themselves"):
        desk.select(text, 1)
        desk.press("1", "2", "3")
    desk.saved()
    assert len(desk.codings) == 18


def test_a_drag_over_the_interviewer_keeps_the_participants_words(desk: Desk) -> None:
    desk.open().drag((1, 300), (3, 200))
    desk.said("Kept to Ana’s words")
    desk.palette.fill("late")
    desk.press("Enter")
    desk.saved()
    [(_, words)] = desk.pairs
    assert words.endswith("sat down with me.")


def test_the_interviewers_words_alone_are_not_coded(desk: Desk) -> None:
    desk.open().select("What did you", 2)
    desk.press("Enter")
    desk.said("The interviewer’s words are not coded.")
    assert desk.page.locator(".qc-popup").count() == 0


def test_the_next_uncoded_turn_is_found(desk: Desk) -> None:
    desk.open().page.get_by_role("region", name="Transcript").focus()
    desk.press("n", "1", "n")
    desk.said("5 turns without a code")
    assert desk.page.evaluate("document.getSelection().toString()").startswith("Mostly about")
    assert desk.page.locator(".qc-counts").inner_text() == "1 coding · 1 of 6 turns"


def test_a_refused_edit_is_taken_back_with_its_reason(desk: Desk) -> None:
    page = desk.open(refuse="C2").page
    desk.select("Every Friday", 4)
    desk.press("2")
    desk.status("Not saved: This code was retired an hour ago.")
    assert "“Regular meetings” on “Every Friday”" in page.get_by_role("alert").inner_text()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 0")
    assert desk.page.evaluate(PAINTED) == []
    desk.press("1")
    desk.saved()
    assert [code for code, _ in desk.pairs] == ["C1"]
    page.get_by_role("button", name="Dismiss").click()
    assert page.get_by_role("alert").count() == 0


def test_a_closed_transcript_can_be_looked_at_only(desk: Desk) -> None:
    desk.open().code("I stay late", 1, find="late")
    page = desk.open(readonly="You submitted this transcript on 3 May.").page
    assert "submitted this transcript on 3 May" in page.get_by_role("note").inner_text()
    desk.select("Nobody asks", 1)
    desk.press("1", "Enter", "]", "Delete", "Control+z")
    desk.said("You submitted this transcript on 3 May.")
    desk.press("]", "Enter")
    assert "Unpaid hours." in page.get_by_role("dialog").inner_text()
    assert page.get_by_role("button", name="Remove").count() == 0
    assert page.get_by_role("textbox", name="Memo").get_attribute("readonly") is not None
    assert [code for code, _ in desk.pairs] == ["C3"]


def test_work_survives_a_server_that_dies(desk: Desk, server: Any) -> None:
    desk.open().code("I stay late", 1, find="late")
    server.kill()
    try:
        words = desk.words(3).inner_text().split()[:20]
        for number, word in enumerate(words):
            desk.select(word, 3)
            desk.press(str(1 + number % 5))
        desk.status("Offline, 20 kept")
        assert len(desk.page.evaluate(PAINTED)) == 21
    finally:
        server.start()
    desk.page.locator(".qc-status", has_text="All saved").wait_for(timeout=40_000)
    assert len(desk.codings) == 21
    assert len({row["id"] for row in desk.codings}) == 21
    assert len({(row["start"], row["end"], row["code"]) for row in desk.codings}) == 21


def test_unsaved_work_survives_a_reload(desk: Desk, server: Any) -> None:
    desk.open()
    desk.page.evaluate("() => { globalThis.fetch = () => new Promise(() => {}); }")  # no answer
    desk.select("Nobody asks", 1)
    desk.press("1")
    desk.status("Saving 1")
    assert desk.codings == []
    desk.open()
    desk.saved()
    assert [words for _, words in desk.pairs] == ["Nobody asks"]


def test_a_tab_that_is_left_in_the_moment_of_a_key_loses_nothing(desk: Desk) -> None:
    desk.open()
    desk.select("Nobody asks", 1)
    desk.page.evaluate(
        """() => {
            const key = { key: "1", code: "Digit1", bubbles: true, cancelable: true };
            document.querySelector(".qc-scroller").dispatchEvent(new KeyboardEvent("keydown", key));
            sessionStorage.clear();
            location.replace("about:blank");
        }"""
    )
    desk.page.wait_for_url("about:blank")
    until = time.monotonic() + 15
    while not desk.codings and time.monotonic() < until:
        time.sleep(0.05)
    desk.open()
    assert [words for _, words in desk.pairs] == ["Nobody asks"]


def test_a_second_tab_of_the_same_coder_catches_up_on_focus(desk: Desk) -> None:
    desk.open()
    desk.page.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    second = desk.page.context.new_page()
    second.add_init_script("BroadcastChannel.prototype.postMessage = () => {}")
    other = Desk(second, desk.url, desk.state).open()
    other.code("I stay late", 1, find="late")
    assert desk.page.locator(".qc-bar").count() == 0
    desk.page.wait_for_timeout(1600)
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    desk.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 1")


def test_another_transcript_has_codings_of_its_own(desk: Desk) -> None:
    desk.open(transcript="p02").code("all I have to say", 2, find="saying")
    desk.open(transcript="p01")
    assert desk.page.locator(".qc-bar").count() == 0
    assert [row["transcript"] for row in desk.codings] == ["p02"]


def test_choosing_another_transcript_turns_the_page_to_it(desk: Desk) -> None:
    page = desk.open(transcript="p02").page
    desk.code("all I have to say", 2, find="saying")
    page.locator("label", has_text="p03").click()  # the same words in another transcript
    page.locator(".qc-title", has_text="P03").wait_for()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 0")
    desk.press("Control+z")
    desk.code("That is all", 2, find="trust")
    page.locator("label", has_text="p02").click()
    page.locator(".qc-title", has_text="P02").wait_for()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 1")
    kept = [(row["transcript"], row["code"]) for row in desk.codings]
    assert sorted(kept) == [("p02", "C5"), ("p03", "C1")]


def test_markup_in_a_transcript_stays_text(desk: Desk) -> None:
    page = desk.open().page
    assert desk.words(6).inner_text().startswith("<img src=x onerror=")
    desk.code("<script>globalThis.injected", 6, find="very long")
    page.locator(".qc-bar").click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate("globalThis.injected") is None
    root = ".qc-root"
    assert (
        page.locator(f"{root} img, {root} script, {root} b:not(.qc-rule b), {root} i").count() == 0
    )
    color = page.locator(".qc-bar").evaluate("bar => bar.style.getPropertyValue('--qc-code')")
    assert color == "#6b7280"


def test_a_joined_emoji_is_coded_whole(desk: Desk) -> None:
    desk.open()
    desk.page.evaluate(
        """() => {
            const node = document.querySelectorAll('.qc-words')[3].firstChild;
            const at = node.data.indexOf('👩');
            document.querySelector('.qc-scroller').focus();
            document.getSelection().setBaseAndExtent(node, at + 2, node, at + 4);
        }"""
    )
    desk.press("1")
    desk.saved()
    [(_, words)] = desk.pairs
    assert words == "👩🏽‍⚕️"


def test_right_to_left_turns_are_read_and_coded_in_their_direction(desk: Desk) -> None:
    desk.open()
    assert desk.words(7).evaluate("turn => getComputedStyle(turn).direction") == "rtl"
    desk.select("אני", 7)
    desk.press("ArrowLeft", "Shift+ArrowLeft", "1")
    desk.saved()
    [(_, words)] = desk.pairs
    assert words == "נשארת עד"


@pytest.mark.parametrize("width", [390, 820])
def test_narrow_pages_show_everything(desk: Desk, width: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": 780})
    desk.open().code("I stay late", 1, find="late")
    desk.code("I stay late most days", 1, find="very long")
    scroller = page.locator(".qc-scroller")
    assert scroller.evaluate("it => it.scrollWidth <= it.clientWidth")
    page.locator(".qc-bar").first.click()
    for popup in (page.get_by_role("dialog"), page.locator(".qc-palette")):
        popup.wait_for()
        box = popup.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 780
        desk.press("Escape")
        desk.words(8).scroll_into_view_if_needed()
        desk.select("So.", 8)
        desk.press("Enter")


def test_a_finger_selects_and_a_button_opens_the_palette(
    server: Any, state: Path, browser: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True
    )
    desk = Desk(context.new_page(), server.url, state).open()
    desk.words(1).tap()
    desk.page.get_by_role("toolbar", name="Selection").wait_for()
    desk.select("Nobody asks", 1)  # as a long press and its handles do
    desk.page.get_by_role("button", name="Code the selection").tap()
    desk.palette.fill("late")
    desk.press("Enter")
    desk.saved()
    assert desk.pairs == [("C3", "Nobody asks")]
    context.close()


def test_help_lists_the_keys_and_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open().page
    page.get_by_role("region", name="Transcript").focus()
    desk.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    assert "next or previous turn without a code" in dialog.inner_text()
    desk.press("Escape")
    assert dialog.count() == 0
    assert page.evaluate("document.activeElement.className") == "qc-scroller"


def test_streamlits_own_keys_do_not_fire(desk: Desk) -> None:
    page = desk.open().page
    page.evaluate(
        "document.addEventListener('keydown', it => (globalThis.heard ??= []).push(it.key))"
    )
    page.get_by_role("region", name="Transcript").focus()
    desk.press("c", "r", "F2")
    desk.select("I stay", 1)
    desk.press("Enter", "r", "c")
    assert page.evaluate("globalThis.heard") == ["F2"]


def test_a_doubt_is_marked_seen_found_again_and_undone(desk: Desk) -> None:
    page = desk.open().page
    desk.code("I stay late", 1, find="late")
    desk.code("kept to it", 4, find="trust")
    desk.press("Escape", "]", "]", "?")
    desk.saved()
    assert [row["uncertain"] for row in desk.codings] == [False, True]
    bar = page.locator(".qc-bar.qc-doubt")
    assert "repeating-linear-gradient" in bar.evaluate("it => getComputedStyle(it).backgroundImage")
    assert page.locator(".qc-name-doubt", has_text="?").count() == 1
    assert "in doubt" in str(bar.get_attribute("aria-label"))
    assert "is marked as in doubt" in page.locator("[aria-live]").inner_text()
    assert "1 in doubt" in page.locator(".qc-counts").inner_text()
    desk.press("Escape", "Control+Home", "d")
    assert "Trust" in str(page.evaluate("document.activeElement.ariaLabel"))
    desk.press("Control+z")
    page.wait_for_function("document.querySelectorAll('.qc-bar.qc-doubt').length === 0")
    desk.saved()
    assert [row["uncertain"] for row in desk.codings] == [False, False]
    desk.press("d")
    desk.said("No coding is in doubt.")


def test_a_doubt_is_marked_in_the_window_of_the_coding(desk: Desk) -> None:
    page = desk.open().page
    desk.code("I stay late", 1, find="late")
    page.locator(".qc-bar").click()
    mark = page.get_by_role("button", name="In doubt about Staying late")
    assert mark.get_attribute("aria-pressed") == "false"
    mark.click()
    assert mark.get_attribute("aria-pressed") == "true"
    desk.press("Escape")
    desk.saved()
    assert desk.codings[0]["uncertain"] is True
    desk.open()
    page.locator(".qc-bar.qc-doubt").wait_for()
    desk.press("]", "Delete", "Control+z")
    page.locator(".qc-bar.qc-doubt").wait_for()
    desk.saved()
    assert desk.codings[0]["uncertain"] is True


def seen(desk: Desk) -> list[int]:
    if not desk.state.exists():
        return []
    found: list[int] = json.loads(desk.state.read_text("utf-8"))["seen"].get("ana p01", [])
    return found


def test_what_was_on_the_screen_for_a_second_is_told_once(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 420})
    desk.open()
    page.wait_for_timeout(1800)
    assert desk.page.locator(".qc-status").inner_text() == "All saved"
    desk.code("I stay late", 1, find="late")  # an edit takes along what was read
    first = seen(desk)
    assert first
    assert 8 not in first
    desk.words(8).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.locator(".qc-scroller").evaluate("it => (it.scrollTop = 0)")
    page.wait_for_timeout(6000)
    assert 8 not in seen(desk), "a glance is not reading"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".qc-scroller").evaluate("it => (it.scrollTop = it.scrollHeight)")
    page.wait_for_timeout(6000)
    assert seen(desk) == [1, 3, 4, 6, 7, 8]
    acts = json.loads(desk.state.read_text("utf-8"))["seen_acts"]
    desk.open()
    page.wait_for_timeout(6000)
    assert json.loads(desk.state.read_text("utf-8"))["seen_acts"] == acts


def test_looking_at_a_closed_transcript_tells_nothing(desk: Desk) -> None:
    desk.open(readonly="You submitted this transcript on 3 May.")
    desk.page.wait_for_timeout(6500)
    assert seen(desk) == []


def test_undo_and_redo_go_on_after_a_reload(desk: Desk) -> None:
    page = desk.open().page
    desk.code("I stay late", 1, find="late")
    desk.code("kept to it", 4, find="trust")
    page.locator(".qc-bar").first.click()
    page.get_by_role("textbox", name="Memo").fill("Unpaid.")
    desk.press("Escape")
    desk.saved()
    before = desk.codings
    desk.open()
    page.get_by_role("region", name="Transcript").focus()
    for _ in range(3):
        desk.press("Control+z")
    desk.saved()
    assert desk.codings == []
    desk.open()
    page.get_by_role("region", name="Transcript").focus()
    for _ in range(3):
        desk.press("Control+Shift+z")
    desk.saved()
    assert desk.codings == before
    stored = page.evaluate("JSON.stringify({...sessionStorage})")
    assert "stay late" not in stored


def test_memos_are_stepped_through(desk: Desk) -> None:
    page = desk.open().page
    for text, turn in (("I stay late", 1), ("Mostly", 3), ("kept to it", 4)):
        desk.code(text, turn, find="trust")
    for number in (0, 2):
        page.locator(".qc-bar").nth(number).click()
        page.get_by_role("textbox", name="Memo").fill("why")
        desk.press("Escape")
    desk.press("Escape", "m")
    first = str(page.evaluate("document.activeElement.ariaLabel"))
    desk.press("m")
    second = str(page.evaluate("document.activeElement.ariaLabel"))
    assert {first.split(": ")[1], second.split(": ")[1]} == {"I stay late", "kept to it"}
    assert "with a memo" in first
    assert "with a memo" in second
    assert first != second
    desk.press("Shift+M")
    assert page.evaluate("document.activeElement.ariaLabel") == first


def test_the_last_code_goes_on_the_next_passage_with_one_key(desk: Desk) -> None:
    desk.open().select("I stay", 1)
    desk.press("r")
    desk.said("No code has been used yet.")
    desk.code("I stay late", 1, find="saying")
    desk.select("kept to it", 4)
    desk.press("r")
    desk.saved()
    assert desk.pairs == [("C5", "I stay late"), ("C5", "kept to it")]


def test_the_ends_of_a_coding_are_moved_by_words(desk: Desk) -> None:
    page = desk.open().page
    desk.code("stay late", 1, find="late")
    page.locator(".qc-bar").click()
    page.get_by_role("textbox", name="Memo").fill("why")
    desk.press("Escape", "]", "?", "Shift+ArrowRight", "Shift+ArrowRight")
    desk.press("Control+Shift+ArrowLeft")
    desk.saved()
    assert desk.pairs == [("C3", "I stay late most days")]
    [row] = desk.codings
    assert (row["memo"], row["uncertain"]) == ("why", True)
    assert desk.page.evaluate(PAINTED) == ["I stay late most days"]
    desk.press(*["Shift+ArrowLeft"] * 5)
    desk.said("it keeps a word")
    desk.saved()
    assert desk.pairs == [("C3", "I")]
    for _ in range(5):
        desk.press("Control+z")
    desk.saved()
    assert desk.pairs == [("C3", "stay late most days")]


def test_an_end_of_a_coding_is_dragged(desk: Desk) -> None:
    page = desk.open().page
    desk.code("I stay late", 1, find="late")
    desk.press("Escape", "]")
    handle = page.locator(".qc-handle[data-edge=to]").bounding_box()
    line = desk.words(1).bounding_box()
    assert handle is not None
    assert line is not None
    page.mouse.move(handle["x"] + 7, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(line["x"] + 300, line["y"] + 14, steps=5)
    assert desk.pairs == [("C3", "I stay late")], "nothing is kept while one drags"
    page.mouse.up()
    desk.saved()
    [(code, words)] = desk.pairs
    assert code == "C3"
    assert words.startswith("I stay late most days. Nobody")
    page.mouse.move(0, 0)
    desk.press("Control+z")
    desk.saved()
    assert desk.pairs == [("C3", "I stay late")]


def test_a_search_leads_from_place_to_place_and_its_words_can_be_coded(desk: Desk) -> None:
    page = desk.open().page
    page.get_by_role("region", name="Transcript").focus()
    desk.press("/")
    field = page.get_by_role("textbox", name="Search this transcript")
    field.fill("CAFE")
    assert page.locator(".qc-search-count").inner_text() == "1 of 1"
    field.fill("the ")
    assert page.locator(".qc-search-count").inner_text() == "3 of 8"
    desk.press("Enter", "Enter")
    assert page.locator(".qc-search-count").inner_text() == "5 of 8"
    marked = page.evaluate("[...CSS.highlights].find(([name]) => name.endsWith('-hit'))[1].size")
    assert marked == 8
    desk.press("Escape")
    assert page.evaluate("document.getSelection().toString().trim()") == "the"
    desk.press("g")
    before = page.evaluate("document.getSelection().anchorOffset")
    desk.press("Shift+G")
    assert page.evaluate("document.getSelection().anchorOffset") != before
    desk.press("1")
    desk.saved()
    assert [words for _, words in desk.pairs] == ["the"]
    desk.press("/")
    field.fill("nowhere")
    assert page.locator(".qc-search-count").inner_text() == "none"


def test_the_map_shows_codings_and_leads_to_a_place(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 420})
    desk.open().code("I stay late", 1, find="late")
    painted = """() => {
        const canvas = document.querySelector('.qc-minimap canvas');
        const data = canvas.getContext('2d')
            .getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set();
        for (let at = 0; at < data.length; at += 4)
            if (data[at + 3] === 255) colours.add([...data.slice(at, at + 3)].join());
        return [...colours];
    }"""
    page.wait_for_function(f"({painted})().includes('179,84,30')")
    strip = page.locator(".qc-minimap")
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": 10, "y": box["height"] - 4})
    assert page.locator(".qc-scroller").evaluate("it => it.scrollTop") > 100
    desk.press("Control+z")
    page.wait_for_function(f"!({painted})().includes('179,84,30')")


def test_the_code_tree_counts_codes_and_shows_some_alone(desk: Desk) -> None:
    page = desk.open().page
    for text, turn, find in (("I stay late", 1, "late"), ("kept to it", 4, "trust")):
        desk.code(text, turn, find=find)
    desk.code("Every Friday", 4, find="trust")
    desk.press("c")
    field = page.get_by_role("textbox", name="Find in the code tree")
    field.wait_for()
    tree = page.get_by_role("tree", name="Code tree")
    trust = tree.get_by_role("treeitem", name="Trust in the mentor")
    assert trust.get_attribute("aria-label") == "Trust in the mentor, 2 codings, key 1"
    desk.press("ArrowDown", "ArrowDown", " ")
    assert trust.get_attribute("aria-selected") == "true"
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 2")
    assert sorted(desk.page.evaluate(PAINTED)) == ["Every Friday", "kept to it"]
    desk.select("Nobody asks", 1)
    desk.press("Enter")
    desk.palette.fill("saying")
    desk.press("Enter")
    desk.saved()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 3")
    page.get_by_role("button", name="Only 2 codes shown").click()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 4")
    field.fill("fixed times")
    assert tree.get_by_role("treeitem").count() == 1
    desk.select("the charts", 1)
    tree.get_by_role("treeitem", name="Regular meetings").click()
    desk.saved()
    assert ("C2", "the charts") in desk.pairs
    field.fill("")
    tree.get_by_role("treeitem", name="Work load").click()
    page.wait_for_function("document.querySelectorAll('.qc-bar').length === 2")
    desk.open()
    assert field.is_visible(), "the tree stays open where it was open"
    page.get_by_role("button", name="Codes", exact=True).click()
    assert field.count() == 0


def test_a_code_keeps_the_number_key_it_was_given(desk: Desk) -> None:
    page = desk.open().page
    page.get_by_role("region", name="Transcript").focus()
    desk.press("c")
    page.get_by_role("textbox", name="Find in the code tree").fill("saying")
    desk.press("ArrowDown", "4")
    desk.said("“Saying no” is on key 4 now.")
    desk.select("the charts", 1)
    row = page.get_by_role("treeitem", name="Saying no")
    row.focus()
    desk.press("Enter")
    desk.saved()
    assert desk.pairs == [("C5", "the charts")]
    assert row.get_attribute("aria-label") == "Saying no, 1 coding, key 4"
    assert row.evaluate("it => it === document.activeElement"), "the keys stay in the tree"
    desk.press("Control+z")
    desk.saved()
    assert desk.codings == []
    desk.press("Escape")
    for text in ("I stay late", "most days"):
        desk.select(text, 1)
        desk.press("1", "2")
    desk.open()
    desk.select("Nobody asks", 1)
    desk.press("4")
    desk.saved()
    assert ("C5", "Nobody asks") in desk.pairs
    page.evaluate("localStorage.clear()")


def test_the_palette_learns_what_is_used(desk: Desk) -> None:
    page = desk.open().page
    for text in ("I stay late", "most days", "the charts"):
        desk.code(text, 1, find="time")
    desk.code("Nobody asks", 1, find="saying")
    desk.open()
    desk.select("themselves", 1)
    desk.press("Enter")
    first = page.locator(".qc-option .qc-code-name").first
    assert first.inner_text() == "Saying no"
    desk.palette.fill("work load")
    assert first.inner_text() == "Lack of time"
    desk.press("Escape")


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        (1, "加班"),
        (1, "没有人要求我这样做"),
        (2, "متأخرة معظم"),
        (3, "cafe\u0301"),
        (3, "👨‍👩‍👧‍👦 mit"),
        (3, "🇩🇪"),
    ],
)
def test_the_words_kept_are_those_selected_in_any_script(desk: Desk, turn: int, text: str) -> None:
    desk.open(transcript="p04").select(text, turn)
    desk.press("1")
    desk.saved()
    [row] = desk.codings
    stored = json.loads((desk.state.parent / "texts.json").read_text("utf-8"))["p04"]
    assert stored[row["start"] : row["end"]] == text
    assert desk.page.evaluate(PAINTED) == [text]


def test_chinese_is_walked_and_extended_by_words(desk: Desk) -> None:
    desk.open(transcript="p04").page.get_by_role("region", name="Transcript").focus()
    desk.press("ArrowRight", "ArrowRight")
    word = desk.page.evaluate("document.getSelection().toString()")
    assert 1 <= len(word) <= 3
    desk.press("1")
    desk.saved()
    desk.press("]", "Shift+ArrowRight")
    desk.saved()
    [row] = desk.codings
    assert row["end"] - row["start"] > len(word)


def test_an_end_in_a_right_to_left_turn_goes_the_way_of_the_key(desk: Desk) -> None:
    desk.open(transcript="p04").code("متأخرة", 2, find="late")
    desk.press("Escape", "]", "Shift+ArrowLeft")
    desk.saved()
    assert [words for _, words in desk.pairs] == ["متأخرة معظم"]
    desk.press("Shift+ArrowRight")
    desk.saved()
    assert [words for _, words in desk.pairs] == ["متأخرة"]


def test_another_tab_in_sight_follows_at_once(desk: Desk) -> None:
    desk.open()
    other = Desk(desk.page.context.new_page(), desk.url, desk.state).open()
    other.code("I stay late", 1, find="late")
    desk.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 1", timeout=5000)
    desk.page.get_by_role("region", name="Transcript").focus()
    desk.press("]", "Delete")
    other.page.wait_for_function("document.querySelectorAll('.qc-bar').length === 0", timeout=5000)
    other.page.get_by_role("region", name="Transcript").focus()
    other.press("Control+z")
    other.said("That coding is no longer there.")


def test_on_paper_the_codes_stand_beside_their_turns(desk: Desk) -> None:
    page = desk.open().page
    desk.code("I stay late", 1, find="late")
    desk.press("Escape", "]", "?")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    beside = page.locator(".qc-turn").nth(1).locator(".qc-print-codes")
    assert beside.inner_text().strip() == "Staying late ?"
    assert page.locator(".qc-print-title").inner_text() == "P01 First weeks"
    for gone in (".qc-header", ".qc-margin", ".qc-minimap", ".qc-handles"):
        assert not page.locator(gone).is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".qc-print-codes").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(server: Any, state: Path, browser: Any, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    desk = Desk(context.new_page(), server.url, state).open()
    page = desk.page

    def clean(where: str) -> None:
        response = axe.run(page, context=".qc-root").response
        assert len(response["passes"]) > 10, "axe has looked"
        found = response["violations"]
        said = [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found
            for node in one["nodes"]
        ]
        assert said == [], where

    clean("empty")
    desk.code("I stay late", 1, find="late")
    desk.code("stay late most days", 1, find="trust")
    desk.press("Escape", "]", "?")
    clean("codings, one in doubt")
    desk.press("Enter")
    clean("a coding's window")
    desk.press("Escape", "c")
    page.get_by_role("tree").wait_for()
    clean("code tree")
    page.locator(".qc-panel .qc-swatch").nth(1).click()
    clean("one code alone")
    desk.press("Escape", "/")
    page.get_by_role("textbox", name="Search this transcript").fill("the")
    clean("search")
    desk.press("Escape")
    desk.select("Nobody asks", 1)
    desk.press("Enter")
    desk.palette.wait_for()
    clean("palette")
    desk.press("Escape")
    desk.select("Nobody asks", 1)
    desk.press("v")
    page.get_by_role("textbox", name="What it means").wait_for()
    clean("a code in the words themselves")
    desk.press("Enter")
    desk.saved()
    page.get_by_role("region", name="Codes you proposed").wait_for()
    clean("a proposed code")
    desk.press("Escape", "]")
    page.get_by_role("tooltip").wait_for()
    clean("what a code means")
    desk.press("Escape", "Escape")
    page.get_by_role("button", name="Keyboard help").click()
    clean("help")
    desk.press("Escape")
    desk.open(readonly="You submitted this transcript on 3 May.")
    clean("closed")
    context.close()


@pytest.fixture(scope="module")
def long_desk(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A server with an interview of 240 turns, each participant's coded twice by ana."""
    folder = tmp_path_factory.mktemp("long")
    said = "I stay late most days, and nobody asks me to. " * 6
    turns = [
        ("Interviewer", "interviewer", f"Question {number}?")
        if number % 2 == 0
        else ("Ana", "participant", f"Answer {number}. {said}".strip())
        for number in range(240)
    ]
    (folder / "turns.json").write_text(json.dumps(turns), "utf-8")
    codings: dict[str, Any] = {}
    start = 0
    for number, (_, role, words) in enumerate(turns):
        for part in (0, 1) if role == "participant" else ():
            row = {"id": f"{number}-{part}", "code": f"C{1 + part}", "memo": ""}
            place = {"start": start + 20 * part, "end": start + 20 * part + 30}
            owner = {"transcript": "long", "coder": "ana", "uncertain": False}
            codings[row["id"]] = row | place | owner
        start += len(words) + 1
    state = folder / "state.json"
    kept = {"codings": codings, "done": [], "seen": {}, "seen_acts": 0}
    state.write_text(json.dumps(kept), "utf-8")
    texts = folder / "turns.json"
    server = serve(APP, env={"CODER_APP_STATE": str(state), "CODER_APP_TEXTS": str(texts)})
    return server.url, state


def test_of_a_long_interview_only_what_is_near_has_an_element(
    long_desk: tuple[str, Path], page: sync_api.Page
) -> None:
    desk = Desk(page, *long_desk).open(transcript="long")
    page.locator(".qc-counts", has_text="240 codings · 120 of 120 turns").wait_for()
    page.locator(".qc-bar").first.wait_for()
    bars = page.locator(".qc-bar")
    assert 0 < bars.count() < 80
    assert len(page.evaluate(PAINTED)) < 80
    page.get_by_role("region", name="Transcript").focus()
    desk.press("[")
    assert page.evaluate("document.activeElement.dataset.codings") == "239-1"
    assert page.locator(".qc-bar[data-codings='1-0']").count() == 0
    page.locator(".qc-bar[data-codings='239-0']").wait_for()
    assert bars.count() < 80
    desk.press("Shift+ArrowRight")
    desk.saved()
    assert len(desk.codings) == 240
    page.locator(".qc-minimap").click(position={"x": 10, "y": 2})
    page.locator(".qc-bar[data-codings='1-0']").wait_for()
    assert bars.count() < 80
