"""The coding page in company: a real browser beside 19 coders at the same server, and an export.

The coder in the browser works on a long interview that is coded already, alone and then with the
others, who each make a coding a second; then somebody exports the whole of a finished study at the
same server, again and again, and the longest wait of the coder meanwhile is what counts.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks import crowd, interviews
from benchmarks.browser import chromium, settled, visitor
from benchmarks.client import LiveServer
from benchmarks.coding import SIZES, Size, one_coding
from benchmarks.results import Comparison, Times, require
from qualcode.model import Code, Member, Seat, Transcript
from qualcode.store import open_study
from qualcode.store.accounts import open_accounts

OTHERS, RATE = 19, 1.0
HIGHLIGHT, SAVED_IN_COMPANY, LONGEST = 70, 250, 120  # ms
FINISHED, LEAD = "finished", "lea"


def run() -> Iterator[Comparison]:
    for size in SIZES:
        yield from one_size(replace(size, edits=max(size.edits, 40)))


def one_size(size: Size) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        team = crowd.gather(folder / "studies", coders=OTHERS + 1)
        first, *others = team.tokens
        text, codes = long_work(team, size, first)
        finished(team.folder / f"{FINISHED}.qualcode")
        with (
            LiveServer(team.folder, log=folder / "server.log") as server,
            chromium() as browser,
            desk(browser, server, team.tokens[first], text) as coder,
        ):
            before = server.megabytes() or 0
            alone = edits(coder, codes, size.edits)
            busy = Company(team, server.port, others, seconds=size.edits * 1.5 + 10)
            together = edits(coder, codes, size.edits)
            page = heap(coder)
            busy.end()
            with exporting(browser, server, lead_token(team.folder)) as done:
                meanwhile = edits(coder, codes, size.edits)
            require(done[0] > 0, "nothing was exported")
            after = server.megabytes(peak=True) or 0
            crowd.require_quiet(server)
        crowd.require_sound(team.study)
        yield compared(f"{size.name}, Enter to the highlight", 0, together, alone, HIGHLIGHT)
        yield compared(f"{size.name}, Enter to “All saved”", 1, together, alone, SAVED_IN_COMPANY)
        saved = [times[1] for times in meanwhile]
        yield Comparison(
            f"{size.name}, longest wait for “All saved”; {done[0]} exports meanwhile",
            Times((max(saved),)),
            "its median alone",
            Times((Times(tuple(times[1] for times in alone)).p50,)),
            goal=LONGEST,
        )
        yield Comparison(
            f"{size.name}, memory of the server with {OTHERS + 1} coders, at its peak",
            Times((after,)),
            "memory of the page (JavaScript)",
            Times((page,)),
            unit="MB",
        )
        require(before > 0, "the server's memory is not known")


def compared(
    what: str,
    at: int,
    together: list[tuple[float, float]],
    alone: list[tuple[float, float]],
    goal: float,
) -> Comparison:
    return Comparison(
        f"{what}, {OTHERS} others at work (p95 at most {goal:,.0f} ms)",
        Times(tuple(times[at] for times in together)),
        "alone at the same server",
        Times(tuple(times[at] for times in alone)),
    )


# -- the work ------------------------------------------------------------------------------------


def long_work(team: crowd.Team, size: Size, coder: str) -> tuple[Transcript, tuple[Code, ...]]:
    """A long interview in the team's study, given to this coder and coded by them already."""
    text = interviews.interview(
        "Long interview", seed=99, words=size.words, characters=size.characters
    )
    with open_study(team.study) as study:
        codes = study.codebook().codable
        study.add(text)
        made = interviews.codings(text, codes, coder=coder, count=size.codings, seed=2)
        seated = study.seated(Seat(coder, frozenset({"coder"})))
        applied = seated.apply(text.id, [interviews.operation(coding) for coding in made])
        require(not applied.rejected, "the study refused codings")
    return text, codes


def finished(path: Path) -> None:
    """A study that two coders have submitted: six interviews, 500 codings each."""
    with open_study(path, create=True, title="Finished") as study:
        book = interviews.codebook()
        study.add_member(Member(LEAD, frozenset({"lead"}), "Lea"))
        for name in ("coder01", "coder02"):
            study.add_member(Member(name, frozenset({"coder"})))
        study.set_codebook(book)
        texts = [interviews.interview(f"F{n}", seed=50 + n, words=3_000) for n in range(6)]
        study.add(*texts)
        for seed, name in enumerate(("coder01", "coder02")):
            seated = study.seated(Seat(name, frozenset({"coder"})))
            for text in texts:
                made = interviews.codings(text, book.codable, coder=name, count=500, seed=seed)
                seated.apply(text.id, [interviews.operation(coding) for coding in made])
            seated.submit(*[text.id for text in texts])


def lead_token(folder: Path) -> str:
    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    if LEAD not in {user.name for user in accounts.users()}:
        accounts.add_user(LEAD, crowd.PASSWORD)
    return accounts.sign_in(LEAD, crowd.PASSWORD)


class desk:
    """A coder's page on the long interview, in a browser of their own."""

    def __init__(self, browser: Browser, server: LiveServer, token: str, text: Transcript) -> None:
        self._visitor = visitor(browser)
        self._url = f"http://127.0.0.1:{server.port}"
        self._token, self._text = token, text

    def __enter__(self) -> Page:
        page = self._visitor.__enter__()
        page.context.add_cookies([{"name": "qc_session", "value": self._token, "url": self._url}])
        page.goto(f"{self._url}/code?study={crowd.STUDY}")
        page.locator(".qc-status", has_text="All saved").wait_for()
        if page.locator(".qc-title").inner_text() != self._text.title:
            page.get_by_role("combobox", name="Transcript").click()
            page.get_by_role("option", name=self._text.title).click()
            page.locator(".qc-title", has_text=self._text.title).wait_for()
        settled(page)
        page.locator(".qc-scroller").focus()
        return page

    def __exit__(self, *error: object) -> None:
        self._visitor.__exit__(None, None, None)


def edits(page: Page, codes: tuple[Code, ...], count: int) -> list[tuple[float, float]]:
    """So many codings one after the other: milliseconds to the highlight and to “All saved”."""
    for number in range(3):
        one_coding(page, codes[number].name)
    return [one_coding(page, codes[number % len(codes)].name) for number in range(count)]


def heap(page: Page) -> float:
    """Megabytes of JavaScript that the page holds, after what is not needed was let go."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


class Company:
    """Other coders at work in the background, each a coding a second."""

    def __init__(self, team: crowd.Team, port: int, coders: list[str], *, seconds: float) -> None:
        self._fault: BaseException | None = None
        self._thread = threading.Thread(
            target=self._work, args=(team, port, coders, round(seconds * RATE))
        )
        self._thread.start()

    def _work(self, team: crowd.Team, port: int, coders: list[str], codings: int) -> None:
        try:
            asyncio.run(crowd.work(team, port, coders=coders, codings=codings, rate=RATE))
        except BaseException as error:
            self._fault = error

    def end(self) -> None:
        self._thread.join()
        require(self._fault is None, f"the others were not served: {self._fault!r}")


class exporting:
    """The lead of the finished study makes its reports in the server, one after the other."""

    def __init__(self, browser: Browser, server: LiveServer, token: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{server.port}", token
        self._ended = threading.Event()
        self.done = [0]

    def __enter__(self) -> list[int]:
        self._thread = threading.Thread(target=self._export)
        self._thread.start()
        return self.done

    def _export(self) -> None:
        with chromium() as browser, visitor(browser) as page:
            page.context.add_cookies(
                [{"name": "qc_session", "value": self._token, "url": self._url}]
            )
            page.goto(f"{self._url}/report?study={FINISHED}")
            while not self._ended.is_set() and self.done[0] < 100:
                for kind in ("Agreement", "COREQ"):
                    page.get_by_role("radio", name=kind).or_(
                        page.get_by_role("button", name=kind)
                    ).first.click()
                    settled(page)
                with page.expect_download():  # it begins when the server has made the file
                    page.get_by_role("button", name="Word").first.click()
                self.done[0] += 1

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
