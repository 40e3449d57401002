"""Settling 5,000 differences: what the Reconcile page computes, the page itself, and a decision.

Beside stands what cannot be less: reading the same rows with sqlite3, or writing one row durably.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from re import compile
from time import perf_counter, sleep

from playwright.sync_api import Page

from benchmarks.agreement import Size, filed, workload
from benchmarks.browser import Server, chromium, serving, settled, visitor
from benchmarks.results import Comparison, Times, in_turn, require
from qualcode.model import Member, Seat
from qualcode.reconciliation import find_issues, find_passages, in_order, progress, settle
from qualcode.store import Study, open_study
from qualcode.ui import reconcile_views

PASSAGES, LEAST, DECIDED, TIMES = 440, 5_000, 2_500, 9
OPENING, SAVING = 1000.0, 150.0
"""Goals: milliseconds for opening the page, and for keeping a decision."""
ROOT = Path(__file__).parents[1]
SETTLED = compile(r"^[\d,]+ of [\d,]+ settled$")
LEAD = Seat("lea", frozenset({"lead"}))


def run() -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        path = prepared(Path(folder))
        with open_study(path, seat=LEAD) as study:
            yield from opening(study)
            yield from saving(study, Path(folder))
        yield from in_a_browser(path, Path(folder))


def prepared(folder: Path) -> Path:
    """A study with 5,000 differences, half of them decided."""
    with filed(workload(Size("settling", PASSAGES, TIMES, 0)), folder) as study:
        study.add_member(Member(LEAD.name, LEAD.roles))
        lead = study.seated(LEAD)
        found = find_passages(lead.codings(), lead.coders())
        require(len(found) >= LEAST, f"there are only {len(found):,} differences")
        lead.decide(
            *[settle(p, "a", reason="definition unclear", decided_by="") for p in found[:DECIDED]]
        )
        return study.path


def opening(study: Study) -> Iterator[Comparison]:
    """Everything the page works out before it draws, as on every press of a key."""

    def computed() -> int:
        desk = reconcile_views.read(study)
        progress(desk.passages, desk.decisions)
        find_issues(desk.passages, desk.decisions, study.codebook_issues())
        return len(in_order(desk.passages, "type"))

    def read() -> int:
        with sqlite3.connect(study.path) as db:
            rows = [
                db.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("codings", "decisions", "consensus_codings")
            ]
        db.close()
        return len(rows)

    (number, ours), (_, reference) = in_turn(computed, read, times=TIMES)
    what = f"{number:,} differences: what the page computes on every run"
    yield Comparison(what, ours, "sqlite3 reading the same rows", reference, goal=OPENING)


def saving(study: Study, folder: Path) -> Iterator[Comparison]:
    """One decision with its line of history, on the disk."""
    desk = reconcile_views.read(study)
    waiting = iter([p for p in desk.passages if not desk.is_settled(p)])
    plain = sqlite3.connect(Path(shutil.copy(study.path, folder / "plain.db")))
    numbers = count(1)
    plain.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, words TEXT)")

    def keep() -> None:
        study.decide(settle(next(waiting), "b", reason="slip", decided_by=""))

    def write() -> None:
        with plain:
            plain.execute("INSERT INTO one VALUES (?, ?)", [next(numbers), "b"])

    (_, ours), (_, reference) = in_turn(keep, write, times=TIMES)
    plain.close()
    what = f"{len(desk.passages):,} differences: a decision is kept"
    yield Comparison(what, ours, "sqlite3 writing one row", reference, goal=SAVING)


def in_a_browser(path: Path, folder: Path) -> Iterator[Comparison]:
    """The whole page as somebody meets it, and a decision from the key to the file and the screen.

    Beside stands a page of the same study that shows no difference.
    """
    kept = folder / "studies" / ".sample" / "sample.qualcode"
    kept.parent.mkdir(parents=True)
    shutil.copy(path, kept)
    with open_study(kept) as study:
        study.settings.change({"sample": "yes"})  # opens without an account
    env = {"QUALCODE_FOLDER": str(folder / "studies")}
    with (
        serving(ROOT / "app.py", log=folder / "server.log", env=env) as server,
        chromium() as browser,
        visitor(browser) as page,
    ):
        yield opened(page, server)
        yield from decided(page, kept)


def opened(page: Page, server: Server) -> Comparison:
    page.goto(f"{server.url}/codebook?study=sample&seat=lea")
    settled(page)
    pages = {"reconcile": ".ui-passage mark", "codebook": ".ui-chip"}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(TIMES + 1):
        for name, there in pages.items():
            page.locator(f'a[href*="/{name}"]').first.hover()
            before = perf_counter()
            page.locator(f'a[href*="/{name}"]').first.click()
            page.wait_for_function(
                "([name, there]) => location.pathname.endsWith(name) && "
                "document.querySelector(there) !== null",
                arg=[name, there],
                polling="raf",
            )
            times[name].append(1000 * (perf_counter() - before))
            settled(page)
    ours, beside = (Times(tuple(times[name][1:])) for name in pages)  # the first warms the server
    what = f"{LEAST:,} differences: the page opens in the browser"
    return Comparison(what, ours, "the Codebook page of this study", beside, goal=OPENING)


def decided(page: Page, path: Path) -> Iterator[Comparison]:
    page.locator('a[href*="/reconcile"]').first.click()
    settled(page)
    db = sqlite3.connect(path)
    saved, drawn, idle = [], [], []
    for _ in range(TIMES):
        page.keyboard.press("a")
        page.get_by_role("button", name="Slip").wait_for()
        settled(page)
        (n,) = db.execute("SELECT count(*) FROM decisions").fetchone()
        told = page.get_by_text(SETTLED).first.inner_text()
        before = perf_counter()
        page.keyboard.press("1")
        while db.execute("SELECT count(*) FROM decisions").fetchone()[0] == n:
            sleep(0.002)  # the server needs the core
            require(perf_counter() < before + 60, "a decision was not kept within a minute")
        saved.append(1000 * (perf_counter() - before))
        page.wait_for_function(
            "told => ![...document.querySelectorAll('p')].some(p => p.innerText === told)",
            arg=told,
            polling="raf",
        )
        drawn.append(1000 * (perf_counter() - before))
        settled(page)
        before = perf_counter()
        page.keyboard.press("ArrowRight")
        page.locator("[data-test-script-state=running]").wait_for(state="attached", timeout=5_000)
        page.locator("[data-test-script-state=notRunning]").wait_for()
        idle.append(1000 * (perf_counter() - before))
        settled(page)
    db.close()
    beside = Times(tuple(idle))
    yield Comparison(
        f"{LEAST:,} differences: from the key to the decision in the file",
        Times(tuple(saved)),
        "going to the next difference, drawn",
        beside,
        goal=SAVING,
    )
    yield Comparison(
        f"{LEAST:,} differences: from the key to the next difference, drawn",
        Times(tuple(drawn)),
        "going to the next difference, drawn",
        beside,
    )
