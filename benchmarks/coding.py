"""The coding page in a real browser: an interview of usual length, and a very long one.

Opening it, Enter to highlight, Enter to saved and the frames while one scrolls, each in turn with
its reference, so that both meet the same machine.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState

from benchmarks import interviews
from benchmarks.browser import Server, chromium, serving, settled, visitor
from benchmarks.results import BenchmarkFailed, Comparison, Times, require
from qualcode.model import Code, Member, Seat, Transcript
from qualcode.store import open_study

CODES, WARM_UP = 40, 4
HIGHLIGHT, SAVED = 70, 150  # ms: what the 95th percentiles may be
PAINTED, DROPPED = 1_500, 1_000  # ms: from the data to the paint; a second that no frame fills
SCROLLED, STEP = 120, 120  # frames, and px from one to the next
ROOT = Path(__file__).parents[1]
BARE = Path(__file__).with_name("bare.py")
TITLE, CODER, PASSWORD = "Benchmark", "ana", "correct horse battery"
SEAT = Seat(CODER, frozenset({"coder"}))
ALL_SAVED = "bench.textChanged('.qc-status', (text) => text === 'All saved')"
ANSWERED = "bench.textChanged('[data-testid=stText]', (text) => text.endsWith(' clicks'))"
EMPTY_PAGE = "<!doctype html><title>Empty</title>"
SCROLL = """([selector, frames, step]) => new Promise((resolve) => {
    const scroller = document.querySelector(selector);
    const times = [];
    let last = performance.now();
    const frame = (now) => {
        times.push(now - last);
        last = now;
        scroller.scrollTop += step;
        if (times.length < frames) requestAnimationFrame(frame);
        else resolve(times.slice(1));
    };
    requestAnimationFrame(frame);
})"""
BY_ADDRESS = "globalThis.opened = bench.inTime(bench.frameWith(isThere));"
ARRIVED = """() => {
    const [shown] = (globalThis.__qc_metrics ?? []).filter((one) => one.k === "initial");
    return shown.at - shown.ms;
}"""
"""When the data had come to the coding surface, on the clock of the page."""


@dataclass(frozen=True)
class Size:
    """How much there is to code, and how often it is measured."""

    name: str
    words: int
    characters: int
    codings: int
    openings: int
    edits: int


SIZES = (
    Size("20,000 words", words=20_000, characters=0, codings=500, openings=5, edits=48),
    Size("300,000 characters", words=0, characters=300_000, codings=1_500, openings=3, edits=24),
)


@dataclass(frozen=True)
class Workload:
    """The study that is coded, and where it lies."""

    size: Size
    folder: Path
    study: Path
    transcript: Transcript
    codes: tuple[Code, ...]


@dataclass(frozen=True)
class Side:
    """One of the two apps: its start page, the page to open, and when that page is there."""

    url: str
    start: str
    page: str
    is_there: str
    query: str = ""
    signed_in: StorageState | None = None


def run() -> Iterator[Comparison]:
    for size in SIZES:
        yield from one_size(size)


def one_size(size: Size) -> Iterator[Comparison]:
    with ExitStack() as stack:
        work = workload(size, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        text = work.folder / "text.txt"
        text.write_text(work.transcript.text, encoding="utf-8")
        ours = stack.enter_context(
            serving(
                ROOT / "app.py",
                log=work.folder / "ours.log",
                env={"QUALCODE_FOLDER": str(work.study.parent)},
            )
        )
        bare = stack.enter_context(
            serving(BARE, log=work.folder / "bare.log", env={"BENCHMARK_TEXT": str(text)})
        )
        browser = stack.enter_context(chromium())
        coding = coding_page(ours, work, sign_in(browser, first_link(ours)))
        plain = plain_page(bare, work)
        yield from openings(browser, size, coding, plain)
        yield from edits(browser, work, coding, plain)
        yield scrolling(browser, size, coding, plain)


# -- the study -----------------------------------------------------------------------------------


def workload(size: Size, folder: Path) -> Workload:
    """One long interview, forty codes, and Ana with codings that overlap."""
    studies = folder / "studies"
    studies.mkdir(mode=0o700)
    length = {"words": size.words, "characters": size.characters}
    transcript = interviews.interview("Long interview", seed=1, **length)
    codebook = interviews.codebook()
    count = size.codings
    codings = interviews.codings(transcript, codebook.codable, coder=CODER, count=count, seed=2)
    is_long = transcript.words >= size.words and len(transcript.text) >= size.characters
    require(is_long, "the interview is too short")
    require(len(codebook.codable) == CODES, f"the codebook should have {CODES} codes")
    require(interviews.overlapping(codings) > count // 2, "the codings should overlap")
    with open_study(studies / "benchmark.qualcode", create=True, title=TITLE) as study:
        study.add_member(Member(CODER, frozenset({"coder"}), "Ana"))
        study.add_member(Member("lea", frozenset({"lead"}), "Lea"))
        study.set_codebook(codebook)
        study.add(transcript)
        operations = [interviews.operation(coding) for coding in codings]
        applied = study.seated(SEAT).apply(transcript.id, operations)
        require(not applied.rejected, f"the study refused codings: {applied.rejected[:1]}")
        return Workload(size, folder, study.path, transcript, codebook.codable)


def kept(work: Workload) -> dict[str, str]:
    """Ana's codings in the study file: id → code."""
    with open_study(work.study, seat=SEAT) as study:
        return {coding.id: coding.code for coding in study.codings(coders=[CODER])}


# -- the two apps --------------------------------------------------------------------------------


def coding_page(server: Server, work: Workload, signed_in: StorageState) -> Side:
    """There when all codings are counted and those on the screen have their bar and highlight."""
    return Side(
        server.url,
        start="Study",
        page="Code",
        is_there=(
            "() => document.querySelector('.qc-counts')"
            f"?.textContent.startsWith('{work.size.codings} codings')"
            " && document.querySelector('.qc-bar') && bench.highlighted() > 0"
        ),
        query=f"?study={work.study.stem}",
        signed_in=signed_in,
    )


def plain_page(server: Server, work: Workload) -> Side:
    """There when the text is, whose length JavaScript counts in UTF-16."""
    length = len(work.transcript.text.strip().encode("utf-16-le")) // 2
    text = "document.querySelector('[data-testid=stText]')?.textContent"
    return Side(
        server.url, start="Start", page="Text", is_there=f"() => {text}?.length >= {length}"
    )


def first_link(server: Server) -> str:
    """The one-time link for the first account, as the terminal shows it."""
    link = re.search(r"http://\S+/join\?token=\S+", server.log.read_text(encoding="utf-8"))
    if link is None:
        raise BenchmarkFailed("the server gave no link for the first account")
    return link.group()


def sign_in(browser: Browser, link: str) -> StorageState:
    """Make the first account by its one-time link and sign in with it, as a person would."""
    with visitor(browser) as page:
        page.goto(link)
        page.get_by_label("Sign-in name").fill(CODER)
        passwords = page.locator("input[type=password]")
        passwords.nth(0).fill(PASSWORD)
        passwords.nth(1).fill(PASSWORD)
        page.locator("form button").first.click()
        page.get_by_role("button", name=f"Open {TITLE}").click()
        page.get_by_role("heading", name="Study", exact=True).wait_for()
        return page.context.storage_state()


# -- opening the page ----------------------------------------------------------------------------


def openings(browser: Browser, size: Size, coding: Side, plain: Side) -> Iterator[Comparison]:
    """The page by its address and by a click, with an empty cache and again."""
    sides: tuple[dict[str, list[float]], ...] = ({}, {})
    arrived: list[float] = []
    for _ in range(size.openings):
        for side, times in zip((coding, plain), sides, strict=True):
            by_address(browser, side, times, arrived if side is coding else None)
            by_click(browser, side, times)
    for how in sides[0]:
        yield Comparison(
            f"{size.name}, opened {how}: {size.codings:,} codings painted",
            Times(tuple(sides[0][how])),
            f"bare page opened {how}: the same text by st.text",
            Times(tuple(sides[1][how])),
        )
    yield Comparison(
        f"{size.name}, from the data’s arrival to {size.codings:,} codings painted",
        Times(tuple(arrived)),
        "bare page opened by address, warm",
        Times(tuple(sides[1]["by address, warm"])),
        goal=PAINTED,
        goal_of="p95",
    )


def by_address(
    browser: Browser, side: Side, times: dict[str, list[float]], arrived: list[float] | None
) -> None:
    """Typed into a browser that was never here, then loaded again."""
    script = f"globalThis.isThere = {side.is_there}; {BY_ADDRESS}"
    with visitor(browser, signed_in=side.signed_in, script=script) as page:
        page.goto(f"{side.url}/{side.page.lower()}{side.query}")
        for how in ("by address, cold", "by address, warm"):
            opened = page.evaluate("opened")
            times.setdefault(how, []).append(opened)
            settled(page)
            if arrived is not None:
                arrived.append(opened - page.evaluate(ARRIVED))
            if how == "by address, cold":
                page.reload()


def by_click(browser: Browser, side: Side, times: dict[str, list[float]]) -> None:
    """From the start page, for the first time and after coming back to it."""
    script = f"globalThis.isThere = {side.is_there};"
    with visitor(browser, signed_in=side.signed_in, script=script) as page:
        page.goto(f"{side.url}/{side.query}")
        for how in ("by click, cold", "by click, warm"):
            page.get_by_role("heading", name=side.start, exact=True).wait_for()
            settled(page)
            began = "bench.from('click', () => bench.frameWith(isThere))"
            page.evaluate(f"() => {{ globalThis.opened = {began}; }}")
            page.get_by_role("link", name=side.page, exact=True).first.click()
            times.setdefault(how, []).append(page.evaluate("opened"))
            settled(page)
            page.get_by_role("link", name=side.start, exact=True).first.click()


# -- one coding after the other ------------------------------------------------------------------


def edits(browser: Browser, work: Workload, coding: Side, plain: Side) -> Iterator[Comparison]:
    """Sentence, Enter, code, Enter: to the highlight and to “All saved”."""
    highlight: list[float] = []
    saved: list[float] = []
    frame: list[float] = []
    answer: list[float] = []
    before = kept(work)
    chosen: list[str] = []
    with (
        visitor(browser, signed_in=coding.signed_in) as coder,
        visitor(browser) as empty,
        visitor(browser) as button,
    ):
        coder.goto(f"{coding.url}/code{coding.query}")
        coder.locator(".qc-status", has_text="All saved").wait_for()
        settled(coder)
        coder.locator(".qc-scroller").focus()
        empty.set_content(EMPTY_PAGE)
        button.goto(f"{plain.url}/counter")
        button.get_by_text("0 clicks").wait_for()
        for number in range(WARM_UP + work.size.edits):
            code = work.codes[number % len(work.codes)]
            chosen.append(code.id)
            times = one_coding(coder, code.name)
            reference = empty_frame(empty), round_trip(button)
            if number < WARM_UP:
                continue
            highlight.append(times[0])
            saved.append(times[1])
            frame.append(reference[0])
            answer.append(reference[1])
        after = kept(work)
    made = [code for coding_id, code in after.items() if coding_id not in before]
    require(
        sorted(made) == sorted(chosen) and before.items() <= after.items(),
        f"of {len(chosen)} codings that were shown as saved, the study file has {len(made)}",
    )
    yield Comparison(
        f"{work.size.name}, Enter to the highlight, in the next frame",
        Times(tuple(highlight)),
        "empty page: Enter to the next frame",
        Times(tuple(frame)),
        goal=HIGHLIGHT,
        goal_of="p95",
    )
    yield Comparison(
        f"{work.size.name}, Enter to “All saved”",
        Times(tuple(saved)),
        "bare st.button in a fragment: click to changed text",
        Times(tuple(answer)),
        goal=SAVED,
        goal_of="p95",
    )


def one_coding(page: Page, code: str) -> tuple[float, float]:
    """Code the first sentence of the next turn; milliseconds to highlight and to saved."""
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Find a code").fill(code)
    page.evaluate("bench.atRest()")
    outcome = f"() => Promise.all([bench.highlightInNextFrame(), {ALL_SAVED}])"
    page.evaluate(f"() => {{ globalThis.coded = bench.from('keydown', {outcome}, 'Enter'); }}")
    page.keyboard.press("Enter")
    highlight, saved = page.evaluate("coded")
    page.wait_for_timeout(50)
    return highlight, saved


def empty_frame(page: Page) -> float:
    """Milliseconds from a key to the next frame of a page that has nothing to do."""
    began = "bench.from('keydown', () => bench.nextFrame(), 'Enter')"
    page.evaluate(f"() => {{ globalThis.framed = {began}; }}")
    page.keyboard.press("Enter")
    return float(page.evaluate("framed"))


def round_trip(page: Page) -> float:
    """Milliseconds from a click to Streamlit's answer in the page."""
    page.evaluate(f"() => {{ globalThis.answered = bench.from('click', () => {ANSWERED}); }}")
    page.get_by_role("button", name="Once more").click()
    found = float(page.evaluate("answered"))
    page.wait_for_timeout(50)
    return found


# -- scrolling -----------------------------------------------------------------------------------


def scrolling(browser: Browser, size: Size, coding: Side, plain: Side) -> Comparison:
    """From frame to frame while the text moves on by some lines in each."""
    with visitor(browser, signed_in=coding.signed_in) as coder, visitor(browser) as bare:
        coder.goto(f"{coding.url}/code{coding.query}")
        coder.locator(".qc-status", has_text="All saved").wait_for()
        settled(coder)
        bare.goto(f"{plain.url}/{plain.page.lower()}")
        bare.wait_for_function(plain.is_there)
        settled(bare)
        ours = coder.evaluate(SCROLL, [".qc-scroller", SCROLLED, STEP])
        reference = bare.evaluate(SCROLL, ["[data-testid=stMain]", SCROLLED, STEP])
    return Comparison(
        f"{size.name}, a frame while scrolling",
        Times(tuple(ours)),
        "bare page with the same text: a frame while scrolling",
        Times(tuple(reference)),
        goal=DROPPED,
        goal_of="longest",
    )
