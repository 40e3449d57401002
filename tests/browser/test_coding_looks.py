"""How the coding surface looks: words read on every tint, the focus seen, sizes, narrow screens."""
# ruff: noqa: F811

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from .test_coder_component import (  # noqa: F401
    Desk,
    desk,
    long_desk,
    server,
    state,
    states,
)

AA = 4.5
WORDS = "Nobody asks me to, but the charts"


def luminance(colour: tuple[int, ...]) -> float:
    parts = [one / 255 for one in colour[:3]]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    dark, light = sorted((one, other))
    return (light + 0.05) / (dark + 0.05)


def seen_contrast(page: Any, text: str, turn: int) -> float:
    """The contrast of words with what is under them, measured in a picture of them.

    The ground is the commonest colour there, the ink the colour farthest from it: the antialiased
    edges of letters and the lines under them lie between.
    """
    box = page.evaluate(
        """([text, turn]) => {
            const node = document.querySelectorAll('.qc-words')[turn].firstChild;
            const range = document.createRange();
            const from = node.data.indexOf(text);
            range.setStart(node, from);
            range.setEnd(node, from + text.length);
            const { x, y, width, height } = range.getClientRects()[0];
            return { x: x + 1, y: y + 3, width: width - 2, height: height - 6 };
        }""",
        [text, turn],
    )
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    pixels = Counter(picture.get_flattened_data())
    ground = luminance(pixels.most_common(1)[0][0])
    return max(contrast(luminance(colour), ground) for colour in pixels)


@pytest.fixture(params=["light", "dark"])
def themed(server: Any, state: Any, browser: Any, request: Any) -> Iterator[Desk]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=request.param, device_scale_factor=2
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield Desk(page, server.url, state)
    context.close()


def test_words_can_be_read_on_codes_over_one_another_and_on_every_mark(themed: Desk) -> None:
    page = themed.open().page
    plain = seen_contrast(page, WORDS, 1)
    for number in range(1, 7):
        themed.select(WORDS, 1)
        themed.press(str(number))
    for more in ("late most days. " + WORDS, WORDS + " do not", "most days. " + WORDS + " do"):
        themed.select(more, 1)
        themed.press("1", "2", "3")
    themed.saved()
    assert len(themed.codings) == 15
    themed.press("Escape")
    page.evaluate("getSelection().removeAllRanges()")
    page.mouse.move(5, 5)
    page.wait_for_timeout(300)
    found = {"plain": plain, "fifteen codes": seen_contrast(page, WORDS, 1)}
    themed.select(WORDS, 1)
    found["selected"] = seen_contrast(page, WORDS, 1)
    themed.press("Enter")
    themed.palette.wait_for()
    found["while a code is chosen"] = seen_contrast(page, "Nobody asks", 1)
    themed.press("Escape")
    page.evaluate("getSelection().removeAllRanges()")
    page.get_by_role("region", name="Transcript").focus()
    themed.press("]", "]")
    page.wait_for_timeout(200)
    found["looked at"] = seen_contrast(page, "asks me to", 1)
    themed.press("Escape", "/")
    field = page.get_by_role("textbox", name="Search this transcript")
    field.fill("asks me to")
    page.wait_for_timeout(200)
    found["place found"] = seen_contrast(page, "asks me to", 1)
    field.fill("e")
    page.wait_for_timeout(200)
    found["places found"] = seen_contrast(page, "the", 1)
    assert {what: one for what, one in found.items() if one < AA} == {}, found


def test_every_stop_of_the_tab_key_shows_that_it_has_the_focus(themed: Desk) -> None:
    page = themed.open().page
    themed.code("I stay late", 1, find="late")
    themed.press("c", "Escape")
    page.locator(".qc-scroller").focus()
    seen, unseen = set(), []
    for _ in range(24):
        themed.press("Tab")
        page.wait_for_timeout(30)
        stop = page.evaluate(
            """() => {
                const { activeElement: it } = document;
                if (!it.closest('.qc-root')) return null;
                const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it);
                const shows = (outlineStyle !== 'none' && outlineWidth !== '0px')
                    || boxShadow !== 'none';
                return [it.className || it.tagName, shows];
            }"""
        )
        if stop:
            seen.add(stop[0])
            if not stop[1]:
                unseen.append(stop[0])
    assert len(seen) >= 6
    assert unseen == []


def test_words_grow_by_key_and_stay_so(desk: Desk) -> None:
    page = desk.open().page
    size = "parseFloat(getComputedStyle(document.querySelector('.qc-words')).fontSize)"
    before = page.evaluate(size)
    desk.code("I stay late", 1, find="late")
    height = page.locator(".qc-bar").bounding_box()
    page.get_by_role("region", name="Transcript").focus()
    desk.press("+", "+")
    desk.said("Size of the words: 132 %.")
    assert page.evaluate(size) == pytest.approx(1.32 * before)
    page.wait_for_function(
        "was => document.querySelector('.qc-bar').getBoundingClientRect().height > was + 3",
        arg=height["height"] if height else 0,
    )
    desk.open()
    assert page.evaluate(size) == pytest.approx(1.32 * before)
    page.get_by_role("region", name="Transcript").focus()
    desk.press("-", "-")
    page.get_by_role("button", name="Size of the words").click()
    desk.said("Size of the words: 115 %.")
    page.evaluate("localStorage.clear()")


def test_the_text_alone_fills_the_window_and_gives_the_page_back(desk: Desk) -> None:
    page = desk.open().page
    page.get_by_role("region", name="Transcript").focus()
    desk.press("z")
    box = page.locator(".qc-root").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1440, "height": 900}
    assert page.evaluate("document.elementFromPoint(700, 5).closest('.qc-root') !== null")
    desk.press("n", "s", "1")
    desk.saved()
    assert len(desk.codings) == 1
    page.get_by_role("button", name="The text alone").click()
    smaller = page.locator(".qc-root").bounding_box()
    assert smaller is not None
    assert smaller["y"] > 0


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 800), (1024, 768)])
def test_beside_the_code_tree_the_words_keep_their_room(
    desk: Desk, width: int, height: int
) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": height})
    desk.open().code("I stay late", 1, find="late")
    desk.press("c")
    page.get_by_role("tree").wait_for()
    tree, words = page.locator(".qc-panel").bounding_box(), desk.words(1).bounding_box()
    assert tree is not None
    assert words is not None
    assert words["x"] + words["width"] <= tree["x"], "the tree covers no words"
    assert words["width"] >= 480
    assert page.locator(".qc-scroller").evaluate("it => it.scrollWidth <= it.clientWidth")
    page.evaluate("localStorage.clear()")


def test_turns_without_a_code_are_marked_beside_the_words(desk: Desk) -> None:
    page = desk.open().page
    marked = "[...document.querySelectorAll('.qc-uncoded')].map(it => Number(it.dataset.turn))"
    assert page.evaluate(marked) == [1, 3, 4, 6, 7, 8]
    desk.code("kept to it", 4, find="late")
    assert page.evaluate(marked) == [1, 3, 6, 7, 8]
    desk.press("Control+z")
    page.wait_for_function("document.querySelectorAll('.qc-uncoded').length === 6")


def test_codes_of_one_theme_have_its_hue_and_a_lightness_of_their_own(desk: Desk) -> None:
    page = desk.open(book="many").page
    page.get_by_role("region", name="Transcript").focus()
    desk.press("c")
    colours = page.eval_on_selector_all(
        ".qc-tree-row:not(.qc-tree-theme) .qc-swatch",
        "all => all.map(it => it.style.getPropertyValue('--qc-code'))",
    )
    assert len(colours) == len(set(colours)) == 24
    page.evaluate("localStorage.clear()")


def test_the_number_keys_stand_below_the_text_and_stay_where_they_are(desk: Desk) -> None:
    page = desk.open(book="many").page
    names = "[...document.querySelectorAll('.qc-quick')].map(it => it.textContent)"
    before = page.evaluate(names)
    assert before[:2] == ["1Code 0-0", "2Code 0-1"]
    assert len(before) == 9
    for text, number in (("I stay", "3"), ("late", "2"), ("most days", "3")):
        desk.select(text, 1)
        desk.press(number)
    desk.saved()
    assert [code for code, _ in desk.pairs] == ["M0-2", "M0-1", "M0-2"]
    assert page.evaluate(names) == before, "using codes moves no key"
    desk.code("Nobody asks", 1, find="case 27")  # by its full definition
    assert desk.pairs[-1] == ("M2-7", "Nobody asks")
    assert page.evaluate(names)[8] == "9Code 2-7", "in the place of one not used for longest"
    page.locator(".qc-quick", has_text="Code 0-1").hover()
    page.get_by_role("tooltip").get_by_text("Includes case 01.").wait_for()
    desk.drag((3, 1), (3, 150))
    desk.palette.wait_for()
    page.locator(".qc-quick", has_text="Code 0-1").click()
    desk.saved()
    assert desk.pairs[-1][0] == "M0-1"
    assert page.locator(".qc-popup").count() == 0
    desk.press("q")
    assert not page.locator(".qc-quickbar").is_visible()
    desk.open(book="many")
    assert not page.locator(".qc-quickbar").is_visible()
    page.get_by_role("region", name="Transcript").focus()
    desk.press("q")
    assert page.evaluate(names)[8] == "9Code 2-7", "the keys outlive a reload"
    page.evaluate("localStorage.clear()")


def test_paper_is_white_and_words_on_it_are_read_in_both_themes(themed: Desk) -> None:
    page = themed.open().page
    for number in range(1, 7):
        themed.select(WORDS, 1)
        themed.press(str(number))
    themed.saved()
    themed.press("Escape")
    page.evaluate("getSelection().removeAllRanges()")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    assert Counter(shot.get_flattened_data()).most_common(1)[0][0] == (255, 255, 255)
    assert seen_contrast(page, "I stay late", 1) >= 7
    assert seen_contrast(page, "Nobody asks me", 1) >= AA


FIRST_LINE = """(() => {
    const box = document.querySelector('.qc-scroller').getBoundingClientRect();
    const words = document.elementsFromPoint(box.left + box.width / 3, box.top + 30)
        .find(it => it.closest('.qc-turn'));
    return Number(words.closest('.qc-turn').dataset.turn);
})()"""


def test_the_place_of_reading_is_kept_while_words_move_and_in_a_new_tab(
    long_desk: tuple[str, Any], page: Any
) -> None:
    desk = Desk(page, *long_desk).open(transcript="long")
    page.locator(".qc-scroller").evaluate("it => (it.scrollTop = it.scrollHeight / 2)")
    page.wait_for_timeout(300)
    reading = page.evaluate(FIRST_LINE)
    assert 80 < reading < 160
    page.get_by_role("region", name="Transcript").focus()
    for keys in (("+", "+", "+"), ("c", "Escape"), ("z",), ("-",), ("z",)):
        desk.press(*keys)
        page.wait_for_timeout(300)
        assert abs(page.evaluate(FIRST_LINE) - reading) <= 1, keys
    page.set_viewport_size({"width": 800, "height": 700})
    page.wait_for_timeout(300)
    assert abs(page.evaluate(FIRST_LINE) - reading) <= 1
    page.wait_for_timeout(300)
    tomorrow = Desk(page.context.new_page(), *long_desk).open(transcript="long")
    tomorrow.page.wait_for_function(f"Math.abs({FIRST_LINE} - {reading}) <= 1")
    page.evaluate("localStorage.clear()")
