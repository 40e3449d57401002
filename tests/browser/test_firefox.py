"""The main flow of coding in Firefox, where it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .firefox import firefox, installed
from .test_coder_component import APP

SAVED = "document.querySelector('.qc-status')?.textContent === 'All saved'"
FOCUSED = "document.querySelector('.qc-scroller').focus() ?? true"
CODES = "[...document.querySelectorAll('.qc-bar')].map(bar => bar.ariaLabel.split(':')[0])"
PAINTED = "[...CSS.highlights].filter(([name]) => name.includes('-code-')).length"
LINE = (
    "(turn => { const range = document.createRange();"
    " range.selectNodeContents(document.querySelectorAll('.qc-words')[turn]);"
    " const { x, y, height } = range.getClientRects()[0]; return [x, y + height / 2]; })"
)


def test_a_coder_does_the_main_things_in_firefox(serve: Any, tmp_path: Path) -> None:
    program = installed()
    if program is None:
        pytest.skip("Firefox is not installed")
    state = tmp_path / "state.json"
    server = serve(APP, env={"CODER_APP_STATE": str(state)})

    def pairs() -> list[tuple[str, str]]:
        text = json.loads((tmp_path / "texts.json").read_text("utf-8"))["p01"]
        rows = json.loads(state.read_text("utf-8"))["codings"].values()
        return sorted((row["code"], text[row["start"] : row["end"]]) for row in rows)

    with firefox(program, tmp_path / "profile") as page:
        page.open(server.url)
        page.until(SAVED)
        page.until("document.querySelectorAll('.qc-turn').length > 5")
        page.evaluate("document.fonts.ready.then(() => true)")

        page.evaluate(FOCUSED)  # by keyboard
        page.press("n", "s", "Enter")
        page.until("document.activeElement.role === 'combobox'")
        page.type("late")
        page.press("Enter")
        page.until(SAVED)
        assert pairs() == [("C3", "I stay late most days.")]
        assert page.evaluate(PAINTED) == 1

        x, y = page.evaluate(f"{LINE}(3)")  # by mouse
        page.drag((x + 2, y), (x + 150, y))
        page.until("document.activeElement.role === 'combobox'")
        page.type("saying")
        page.press("Enter")
        page.until(f"{SAVED} && {CODES}.length === 2")
        (dragged,) = [words for code, words in pairs() if code == "C5"]
        assert "Mostly about saying no.".startswith(dragged.rstrip(".")[:12])

        page.press("Control+z")  # undo and redo
        page.until(f"{SAVED} && {CODES}.length === 1")
        page.press("Control+Shift+z")
        page.until(f"{SAVED} && {CODES}.length === 2")

        page.press("[", "x")  # another code by key
        page.until("document.activeElement.role === 'combobox'")
        page.type("trust")
        page.press("Enter")
        page.until(f"{SAVED} && {CODES}.includes('Trust in the mentor')")

        page.evaluate(FOCUSED)  # and all of it is there after a reload
        page.open(server.url)
        page.until(f"{SAVED} && {CODES}.length === 2")
        assert len(pairs()) == 2
