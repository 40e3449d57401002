"""Forty acts by keyboard alone in the app, over emoji, joined emoji, combining marks, Arabic,
Hebrew, Chinese and more: what the study keeps is what was selected, in its own offsets.
"""
# ruff: noqa: F811

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from qualcode.model import Transcript, Turn
from qualcode.spans import Span
from qualcode.store import open_study

from ..conftest import ANA
from .test_rounds_page import folder, path, seat, server  # noqa: F401

ANSWERS = (
    "I stay late 😴 most days. Nobody 👩🏽‍⚕️ asks me to 🇩🇪 do it! Then I go home.",
    "Mit der 👨‍👩‍👧‍👦 Familie war es gut. Die Kollegin sagte 👍🏿 nichts. So blieb es.",
    "Une nai\u0308ve ide\u0301e du cafe\u0301. Elle a note\u0301 tout c\u0327a. Fini.",
    "أبقى متأخرة معظم الأيام. لا أحد يطلب مني ذلك. 🙂 هكذا هو العمل.",
    "אני נשארת עד מאוחר ברוב הימים. אף אחד לא מבקש ממני. ככה זה 🤷‍♀️ אצלנו.",
    "我常常加班到很晚。没有人要求我这样做。👍 我的导师注意到了。",
    "𝒯𝒽𝑒 𝓌𝒶𝓇𝒹 was 𐐷𐐲𐑊 quiet. 💤 I slept. Then the bell rang 🔔 twice.",
    "फ़िर मैंने कहा कि नहीं। क्षमा कीजिए। वह मान गई। 🙏🏾 बस।",
)
"""Eight answers of three sentences at least; with each round of them they begin with its number."""
ROUNDS = 5
WAYS = (
    ("s",),
    ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"),
    ("t",),
    ("s", "Shift+S"),
    ("s", "ArrowRight", "ArrowRight", "Shift+ArrowRight"),
)
FLIPPED = {"ArrowRight": "ArrowLeft", "Shift+ArrowRight": "Shift+ArrowLeft"}
SELECTED = """() => {
    const { startContainer, startOffset, endContainer, endOffset } = getSelection().getRangeAt(0);
    const turn = startContainer.parentElement.closest('.qc-turn');
    if (startContainer !== endContainer) throw new Error('over two turns');
    return [Number(turn.dataset.turn), startOffset, endOffset];
}"""


def many_scripts() -> Transcript:
    turns, text = [Turn("I", "interviewer", Span(0, 2))], "👋?"
    for number in range(ROUNDS):
        for answer in ANSWERS:
            text += "\n"
            start = len(text)
            text += f"{number + 1}. {answer}"
            turns.append(Turn("P09", "participant", Span(start, len(text))))
    return Transcript("P09", text, tuple(turns))


def units(text: str, at: int) -> int:
    """A position counted in the browser's UTF-16 units, in characters."""
    return len(text.encode("utf-16-le")[: 2 * at].decode("utf-16-le"))


def test_forty_acts_by_keyboard_keep_the_words_selected_in_every_script(
    seat: Any, page: Any, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    transcript = many_scripts()
    with open_study(path) as study:
        study.add(transcript)
    seat("ana", "code", path)
    page.get_by_role("combobox", name="Transcript").click()
    page.get_by_role("option", name="P09").click()
    page.locator(".qc-title", has_text="P09").wait_for()
    page.locator(".qc-status", has_text="All saved").wait_for()
    page.evaluate("addEventListener('pointerdown', () => (globalThis.touched = true), true)")
    page.locator(".qc-scroller").focus()
    selected: list[tuple[str, int, int, str]] = []
    looking = 0.0
    began = time.monotonic()
    for act in range(ROUNDS * len(ANSWERS)):
        answer, way = act % len(ANSWERS), WAYS[(act // len(ANSWERS) + act) % len(WAYS)]
        flip = FLIPPED if answer in (3, 4) else {}
        if act:
            page.keyboard.press("Control+ArrowDown")
        for key in way:
            page.keyboard.press(flip.get(key, key))
        paused = time.monotonic()
        index, *ends = page.evaluate(SELECTED)
        turn = transcript.turns[index]
        said = transcript.text[turn.span.slice]
        start, end = (turn.span.start + units(said, one) for one in ends)
        selected.append((f"C{1 + act % 3}", start, end, transcript.text[start:end]))
        looking += time.monotonic() - paused
        page.keyboard.press(str(1 + act % 3))
        words = page.locator("[aria-live=polite]").last.text_content()
        assert str(words).startswith("Coded “"), "a screen reader is told"
    seconds = time.monotonic() - began - looking
    page.locator(".qc-status", has_text="All saved").wait_for()
    assert page.evaluate("globalThis.touched") is None, "no mouse"
    with open_study(path, seat=ANA) as study:
        kept = study.codings(coders=["ana"], transcript=transcript.id)
        assert study.check() == []
    assert sorted((c.code, c.span.start, c.span.end, c.quote) for c in kept) == sorted(selected)
    assert len({one[1:3] for one in selected}) == 40
    words = " ".join(quote for *_, quote in selected)
    for wanted in ("👩🏽‍⚕️", "👨‍👩‍👧‍👦", "cafe\u0301", "متأخرة", "נשארת", "加班", "𐐷𐐲𐑊", "क्षमा"):
        assert wanted in words
    with capsys.disabled():
        print(f"\n40 acts over eight scripts in {seconds:.1f} s: {2400 / seconds:.0f} a minute")


def test_an_emoji_is_a_word_for_the_keyboard(seat: Any, page: Any, path: Path) -> None:
    seat("ana", "code", path)
    page.locator(".qc-status", has_text="All saved").wait_for()
    page.locator(".qc-scroller").focus()
    for key in ["ArrowRight"] * 6 + ["1"]:
        page.keyboard.press(key)
    page.locator(".qc-status", has_text="All saved").wait_for()
    page.locator(".qc-bar").wait_for()
    with open_study(path, seat=ANA) as study:
        assert [coding.quote for coding in study.codings(coders=["ana"])] == ["👩🏽‍⚕️"]
