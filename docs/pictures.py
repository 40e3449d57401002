"""Makes the pictures of the README and of docs from the app itself: ``python -m docs.pictures``.

``python -m docs.pictures coding`` makes those of the coding page alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from qualcode.model import Participant, Transcript, Turn
from qualcode.sample import build_sample
from qualcode.spans import Span
from tests.browser.conftest import CHROMIUM, QUIET, start_server

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 760}
COLORS = 256
"""A picture of a page needs no more; the files stay small."""
LEFT_OPEN = ("P01", "P02", "P03")
ARABIC = (
    ("الباحثة", "interviewer", "كيف كانت الأسابيع الأولى في القسم؟"),
    (
        "م٢١",
        "participant",
        "أبقى متأخرة معظم الأيام. لا أحد يطلب مني ذلك، لكن الملفات لا تكتب نفسها. "
        "لاحظت مرشدتي الأمر في الأسبوع الثاني وجلست معي.",
    ),
    ("الباحثة", "interviewer", "عمّ تحدثتما؟"),
    (
        "م٢١",
        "participant",
        "عن قول «لا» في الغالب. قالت لي: «يحق لك أن تكوني جديدة.» بقيت هذه الجملة معي، "
        "ورسمنا خطة للشهر التالي.",
    ),
)


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studies = Path(folder) / "studies"
        prepare(studies / ".sample" / "sample.qualcode", open_=LEFT_OPEN if names else ())
        server = start_server(
            HERE.parent / "app.py",
            env={**os.environ, "QUALCODE_FOLDER": str(studies)},
            log=Path(folder) / "log",
        )
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            if "coding" in names:
                coding(browser, server.url)
            else:
                pages(browser, server.url)
        finally:
            browser.close()
            server.stop()


def prepare(path: Path, *, open_: tuple[str, ...]) -> None:
    """The sample study, with some transcripts left to be coded and one in Arabic."""
    path.parent.mkdir(parents=True, mode=0o700)
    path.parent.parent.chmod(0o700)
    with build_sample(path, uncoded=open_) as study:
        if open_:
            study.add(Participant("P21"), arabic())


def arabic() -> Transcript:
    text, turns = "", []
    for speaker, role, words in ARABIC:
        turns.append(Turn(speaker, role, Span(len(text), len(text) + len(words))))  # type: ignore[arg-type]
        text += words + "\n"
    return Transcript("P21", text.rstrip("\n"), tuple(turns), participant="P21")


def pages(browser: Browser, url: str) -> None:
    """One picture of each main page."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.goto(url)
    page.get_by_role("button", name="Open the sample study").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    take(page, "Ana · coder", "Code", "code.png", turn=14)
    take(page, "Lea · lead", "Agreement", "agreement.png")
    take(page, "Lea · lead", "Reconcile", "reconcile.png")


def take(page: Page, seat: str, name: str, picture: str, *, turn: int = 0) -> None:
    page.get_by_role("radio", name=seat).click()
    page.wait_for_timeout(2500)
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_timeout(4000)
    if turn:
        page.locator(".qc-turn").nth(turn).evaluate(
            "t => { const s = t.closest('.qc-scroller');"
            " s.scrollTop += t.getBoundingClientRect().top - s.getBoundingClientRect().top - 12; }"
        )
        page.wait_for_timeout(800)
    page.screenshot(path=HERE / picture)


# -- the coding page in eleven states ------------------------------------------------------------


def coding(browser: Browser, url: str) -> None:
    desk = Desk(browser, url)
    with desk.page() as page:
        keep(page, "coding-empty.png")
        desk.keys("n", "s", "Enter")
        page.keyboard.type("unclear")
        page.wait_for_timeout(400)
        keep(page, "coding-palette.png")
        page.keyboard.press("Escape")
        busy(desk)
        keep(page, "coding-busy.png")
        overlapping(desk)
        keep(page, "coding-overlapping.png")
        desk.keys("Escape", "]", "?", "Enter")
        page.locator("textarea.qc-memo").first.fill(
            "Says it twice, and laughs the second time: not sure it is meant."
        )
        page.wait_for_timeout(400)
        keep(page, "coding-memo.png")
        page.keyboard.press("Escape")
        page.locator(".qc-status", has_text="All saved").wait_for()
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_timeout(500)
        keep(page, "coding-print.png")
    with Desk(browser, url, color_scheme="dark").page() as page:
        keep(page, "coding-dark.png")
    narrow = {"width": 390, "height": 760}
    with Desk(browser, url, viewport=narrow).page() as page:
        keep(page, "coding-narrow.png")
    with Desk(browser, url, viewport={"width": 820, "height": 1180}, has_touch=True).page() as page:
        page.locator(".qc-words").nth(3).tap(position={"x": 80, "y": 14})
        page.get_by_role("button", name="End one word back").tap()
        page.wait_for_timeout(400)
        keep(page, "coding-tablet.png")
    desk = Desk(browser, url, viewport={"width": 1024, "height": 768})
    with desk.page() as page:
        desk.keys("c", "Escape", "z", "+", "]")
        page.wait_for_timeout(5_000)
        keep(page, "coding-projector.png")
    desk = Desk(browser, url)
    with desk.page(transcript="P21") as page:
        desk.keys("n", "s", "1", "n", "t", "2", "Control+ArrowUp", "ArrowLeft", "Shift+ArrowLeft")
        page.wait_for_timeout(400)
        keep(page, "coding-arabic.png")


class Desk:
    """A coder's page in the sample."""

    def __init__(self, browser: Browser, url: str, **context: object) -> None:
        self.url = url
        self.context = browser.new_context(**({"viewport": SIZE} | context))  # type: ignore[arg-type]

    @contextmanager
    def page(self, *, transcript: str = "") -> Iterator[Page]:
        self.at = self.context.new_page()
        self.at.goto(f"{self.url}/code?study=sample&seat=ana")
        self.at.locator(".qc-turn").first.wait_for(timeout=60_000)
        if transcript:
            self.at.get_by_role("combobox", name="Transcript").click()
            self.at.get_by_role("option", name=transcript).click()
            self.at.locator(".qc-title", has_text=transcript).wait_for()
        self.at.wait_for_timeout(2_000)
        self.at.locator(".qc-scroller").focus()
        yield self.at
        self.context.close()

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.at.keyboard.press(key)
            self.at.wait_for_timeout(30)


def busy(desk: Desk) -> None:
    """A transcript well on its way, with the code tree beside it."""
    desk.keys("Escape", "Escape")
    for number, act in enumerate(("s", "t", "s", "s", "t", "s")):
        desk.keys("n", act, str(1 + number), "ArrowRight", "s", str(9 - number))
    desk.keys("Escape", "c", "Escape")
    desk.at.locator(".qc-scroller").evaluate("s => (s.scrollTop = 60)")
    desk.at.wait_for_timeout(5_000)  # until the line that goes by has gone


def overlapping(desk: Desk) -> None:
    """Several codes on one passage, and some on parts of it."""
    desk.keys("c", "Escape", "Control+ArrowUp", "t", "1", "2", "s", "3", "4")
    desk.keys("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "5")
    desk.keys("ArrowRight", "s", "6", "7")
    desk.at.wait_for_timeout(5_000)


def keep(page: Page, name: str) -> None:
    """A small PNG: a palette of colours does for a page."""
    path = HERE / name
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
