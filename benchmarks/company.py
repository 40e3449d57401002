"""The coding page in company: a real browser beside 19 coders at the same server, and an export.

The coder in the browser opens a long interview that is coded already, codes and scrolls, alone and
then with the others, who each make a coding a second; then the lead of a finished study exports
its reports at the same server, again and again, and the longest wait meanwhile is what counts: of
the coder in the browser, and of one without a screen. The others and the lead have no screen here:
theirs are on machines of their own. At the end the study file is held against what everybody was
told.

``python -m benchmarks.company 1`` runs the second of the two sizes alone.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page

from benchmarks import crowd, interviews
from benchmarks.browser import chromium, settled, visitor
from benchmarks.client import LiveServer, Outbox
from benchmarks.coding import (
    ARRIVED,
    BY_ADDRESS,
    DROPPED,
    HIGHLIGHT,
    PAINTED,
    SAVED,
    SCROLL,
    SCROLLED,
    SIZES,
    STEP,
    Size,
    one_coding,
)
from benchmarks.raw_socket import RawSocket
from benchmarks.results import Comparison, Times, require, table
from benchmarks.run import load, load_sentence
from qualcode.model import Code, Member, Seat, Transcript
from qualcode.store import open_study
from qualcode.store.accounts import open_accounts
from qualcode.ui.server.visitors import BROWSER

OTHERS, RATE = 19, 1.0
ANSWERED, ANSWERED_RATE = 60, 4.0
EDITS, OPENINGS, WARM_UP = 40, 5, 3
SECONDS = 150  # the others work for so long at most, which is longer than the coder needs
SAVED_IN_COMPANY, LONGEST = 250, 120  # ms
FINISHED, LEAD = "finished", "lea"
REPORTS = {"agreement": "Agreement supplement", "coreq": "COREQ checklist"}


@dataclass(frozen=True)
class Work:
    """What a coder met: opening the page, coding, scrolling."""

    opened: tuple[float, ...]
    painted: tuple[float, ...]
    highlight: tuple[float, ...]
    saved: tuple[float, ...]
    frames: tuple[float, ...]


def run() -> Iterator[Comparison]:
    for size in SIZES:
        yield from one_size(replace(size, edits=EDITS, openings=OPENINGS))


def one_size(size: Size) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        team = crowd.gather(folder / "studies", coders=OTHERS + 3)
        first, quiet, beside_export, *others = team.tokens
        text, codes = long_work(team, size, first)
        finished(team.folder / f"{FINISHED}.qualcode")
        with (
            LiveServer(team.folder, log=folder / "server.log") as server,
            chromium() as browser,
            desk(browser, server, team.tokens[first], text) as coder,
        ):
            alone = work(coder, codes, size)
            company = Company(team, server.port, others)
            together = work(coder, codes, size)
            require(company.is_at_work, "the others had ended before the coder had")
            page = heap(coder)
            told = company.end()
            told |= answered(team, server.port, quiet)
            with exporting(server, lead_token(team.folder)) as done:
                meanwhile = edits(coder, codes, size.edits)
                told |= answered(team, server.port, beside_export)
            require(done[0] > 0, "nothing was exported")
            memory = server.megabytes(peak=True) or 0
            helpers = server.megabytes_of_helpers(peak=True)
            crowd.require_quiet(server)
        own = size.codings + 2 * (WARM_UP + size.edits) + WARM_UP + size.edits
        require_kept(team.study, told, first, own)
        crowd.require_sound(team.study)
    edited = sum(len(outbox.waits) for outbox in told.values())
    coded = own - size.codings
    print(
        f"{size.name}: {edited:,} edits of {len(told)} others, {coded} in the browser, "
        "every one in the study file once; no error was shown or logged.",
        file=sys.stderr,
    )
    yield from compared(size, alone, together)
    yield from exported(size, meanwhile, alone, done[0])
    yield Comparison(
        f"{size.name}, an edit to the server’s answer while a study is exported",
        Times(tuple(1000 * wait for wait in told[beside_export].waits)),
        "one alone at the same server",
        Times(tuple(1000 * wait for wait in told[quiet].waits)),
        goal=LONGEST,
        goal_of="longest",
    )
    yield Comparison(
        f"{size.name}, memory of the server with {OTHERS + 1} coders, at its peak",
        Times((memory,)),
        "the process beside it that makes reports, at its peak",
        Times((helpers,)),
        unit="MB",
    )
    yield Comparison(
        f"{size.name}, memory of the page (JavaScript)",
        Times((page,)),
        "the text of the interview in it",
        Times((len(text.text.encode("utf-16-le")) / 2**20,)),
        unit="MB",
    )


def compared(size: Size, alone: Work, together: Work) -> Iterator[Comparison]:
    """Each act alone and in company, each held to its goal."""
    Of = Literal["p50", "p95", "longest"]
    rows: tuple[tuple[str, str, float | None, float | None, Of], ...] = (
        ("opened by address, warm", "opened", None, None, "p95"),
        ("from the data’s arrival to the paint", "painted", PAINTED, PAINTED, "p95"),
        ("Enter to the highlight", "highlight", HIGHLIGHT, HIGHLIGHT, "p95"),
        ("Enter to “All saved”", "saved", SAVED, SAVED_IN_COMPANY, "p95"),
        ("a frame while scrolling", "frames", DROPPED, DROPPED, "longest"),
    )
    for what, name, goal, goal_in_company, of in rows:
        by_oneself, beside = Times(getattr(alone, name)), Times(getattr(together, name))
        yield Comparison(
            f"{size.name}, {what}, alone",
            by_oneself,
            f"{OTHERS} others at work",
            beside,
            goal=goal,
            goal_of=of,
        )
        yield Comparison(
            f"{size.name}, {what}, {OTHERS} others at work",
            beside,
            "alone at the same server",
            by_oneself,
            goal=goal_in_company,
            goal_of=of,
        )


def exported(
    size: Size, meanwhile: list[tuple[float, float]], alone: Work, files: int
) -> Iterator[Comparison]:
    """The coder's waits while somebody exports a whole study."""
    yield Comparison(
        f"{size.name}, Enter to the highlight while a study is exported",
        Times(tuple(times[0] for times in meanwhile)),
        "alone",
        Times(alone.highlight),
        goal=LONGEST,
        goal_of="longest",
    )
    yield Comparison(
        f"{size.name}, Enter to “All saved” while a study is exported ({files} files)",
        Times(tuple(times[1] for times in meanwhile)),
        "alone",
        Times(alone.saved),
        goal=LONGEST,
        goal_of="longest",
    )


# -- the study -----------------------------------------------------------------------------------


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


def require_kept(study: Path, told: dict[str, Outbox], coder: str, own: int) -> None:
    """In the file is what everybody was told, and as many codings of the coder as were saved."""
    found = crowd.found_in(study)
    codings, acts = dict(found.codings), dict(found.acts)
    kept = len(codings.pop(coder))
    acts.pop(coder)
    require(kept == own, f"of {own} codings shown as saved, the study file has {kept}")
    crowd.require_kept(crowd.Found(codings, acts), told)


# -- the coder in the browser --------------------------------------------------------------------


@contextmanager
def desk(browser: Browser, server: LiveServer, token: str, text: Transcript) -> Iterator[Page]:
    """A coder's page on the long interview, which is what they have begun."""
    url = f"http://127.0.0.1:{server.port}"
    script = (
        f"globalThis.isThere = () => document.querySelector('.qc-title')?.textContent === "
        f"'{text.title}' && document.querySelector('.qc-bar') && bench.highlighted() > 0; "
        f"{BY_ADDRESS}"
    )
    with visitor(browser, script=script) as page:
        page.context.add_cookies([{"name": "qc_session", "value": token, "url": url}])
        page.goto(f"{url}/code?study={crowd.STUDY}")
        page.evaluate("opened")
        settled(page)
        yield page


def work(page: Page, codes: tuple[Code, ...], size: Size) -> Work:
    """Open the page, code, scroll."""
    opened, painted = [], []
    for _ in range(size.openings):
        page.reload()
        at = page.evaluate("opened")
        settled(page)
        opened.append(at)
        painted.append(at - page.evaluate(ARRIVED))
    coded = edits(page, codes, size.edits)
    before = page.locator(".qc-scroller").evaluate("scroller => scroller.scrollTop")
    frames = page.evaluate(SCROLL, [".qc-scroller", SCROLLED, STEP])
    page.locator(".qc-scroller").evaluate("(scroller, at) => { scroller.scrollTop = at; }", before)
    settled(page)
    highlight, saved = zip(*coded, strict=True)
    return Work(tuple(opened), tuple(painted), highlight, saved, tuple(frames))


def edits(page: Page, codes: tuple[Code, ...], count: int) -> list[tuple[float, float]]:
    """So many codings one after the other: milliseconds to the highlight and to “All saved”."""
    page.locator(".qc-scroller").focus()
    for number in range(WARM_UP):
        one_coding(page, codes[-1 - number].name)
    return [one_coding(page, codes[number % len(codes)].name) for number in range(count)]


def heap(page: Page) -> float:
    """Megabytes of JavaScript that the page holds, after what is not needed was let go."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


# -- the others ----------------------------------------------------------------------------------


def answered(team: crowd.Team, port: int, coder: str) -> dict[str, Outbox]:
    """What a coder without a screen was told: the waits are the server's and the way's alone."""

    def work() -> dict[str, Outbox]:
        return asyncio.run(
            crowd.work(team, port, coders=[coder], codings=ANSWERED, rate=ANSWERED_RATE)
        )

    with ThreadPoolExecutor(1) as aside:  # this thread has the browser's loop
        return aside.submit(work).result()


class Company:
    """Other coders at work in the background, each a coding a second."""

    def __init__(self, team: crowd.Team, port: int, coders: list[str]) -> None:
        self._fault: BaseException | None = None
        self._told: dict[str, Outbox] = {}
        self._begun, self._enough = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, args=(team, port, coders))
        self._thread.start()
        self._begun.wait()

    def _work(self, team: crowd.Team, port: int, coders: list[str]) -> None:
        codings = round(SECONDS * RATE)
        try:
            self._told = asyncio.run(
                crowd.work(
                    team,
                    port,
                    coders=coders,
                    codings=codings,
                    rate=RATE,
                    begun=self._begun.set,
                    enough=self._enough.is_set,
                )
            )
        except BaseException as error:
            self._fault = error
        finally:
            self._begun.set()

    @property
    def is_at_work(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> dict[str, Outbox]:
        """Let them end what they are at; what each of them was told."""
        self._enough.set()
        self._thread.join()
        require(self._fault is None, f"the others were not served: {self._fault!r}")
        return self._told


class exporting:
    """The lead of the finished study makes its reports in the server, one after the other."""

    def __init__(self, server: LiveServer, token: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{server.port}", token
        self._ended = threading.Event()
        self._begun = threading.Event()
        self._fault: BaseException | None = None
        self.done = [0]

    def __enter__(self) -> list[int]:
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        self._begun.wait()
        return self.done

    def _work(self) -> None:
        try:
            self._export()
        except BaseException as error:
            self._fault = error
        finally:
            self._begun.set()

    def _export(self) -> None:
        cookies = {"qc_session": self._token, BROWSER: "b" * 32}
        with RawSocket(self._url, cookies) as lead, httpx.Client(base_url=self._url) as files:
            lead.run("report", f"study={FINISHED}")
            self._begun.set()
            while not self._ended.is_set():
                for kind, name in (
                    ("agreement", "Agreement supplement"),
                    ("coreq", "COREQ checklist"),
                ):
                    lead.run("report", f"study={FINISHED}", **{"report.kind": (name,)})
                    (button,) = (
                        one
                        for one in lead.elements("download_button")
                        if one.id.endswith(f"-report.file.{kind}.docx")
                    )
                    file = files.get(lead.ordered(button.deferred_file_id), cookies=cookies)
                    require(file.content[:2] == b"PK", "the export is no Word file")
                    self.done[0] += 1

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        require(self._fault is None, f"the export failed: {self._fault!r}")


def main() -> None:
    chosen = [SIZES[int(number)] for number in sys.argv[1:]] or list(SIZES)
    before = load()
    for size in chosen:
        print(table(one_size(replace(size, edits=EDITS, openings=OPENINGS))))
    print(load_sentence(before, load()))


if __name__ == "__main__":
    main()
