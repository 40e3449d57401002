"""Many coders at one study at once, through real websockets against ``qualcode serve``.

Each has an account of their own, opens the Code page, puts codes on several transcripts, writes
memos and takes codings back. At the end the study file is read without qualcode and held against
what each browser was told: nothing lost, nothing doubled, and ``qualcode check`` has nothing to
say. The reference is one coder alone at the same server just before.

``python -m benchmarks.crowd --coders 20 --codings 500 --rate 1`` runs it with other numbers; a rate
is in codings a second for each coder, 0 is as fast as the answers come.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import interviews
from benchmarks.client import ROOT, Kept, LiveServer, Operation, Outbox, Tab
from benchmarks.results import Comparison, Times, require, table
from qualcode.model import Member, Transcript, new_id
from qualcode.store import open_study
from qualcode.store.accounts import open_accounts

CODERS, CODINGS, TRANSCRIPTS, WORDS = 20, 500, 6, 3_000
ALONE = 60
PASSWORD = "four plain words here"
STUDY = "crowd"
WITH_MEMO, MEMO_LATER, REMOVED, BURST = 0.2, 0.1, 0.1, 0.04


# -- the study and its people --------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    """A folder with one study; ``tokens`` are the sessions of its coders, by name."""

    folder: Path
    study: Path
    transcripts: tuple[Transcript, ...]
    codes: tuple[str, ...]
    tokens: dict[str, str]


def gather(
    folder: Path, *, coders: int, transcripts: int = TRANSCRIPTS, words: int = WORDS
) -> Team:
    """A study with so many coders, each signed in, and nothing coded yet."""
    folder.mkdir(mode=0o700, exist_ok=True)
    codebook = interviews.codebook()
    texts = [
        interviews.interview(f"Interview {number}", seed=number, words=words)
        for number in range(1, transcripts + 1)
    ]
    names = [f"coder{number:02}" for number in range(1, coders + 1)]
    path = folder / f"{STUDY}.qualcode"
    with open_study(path, create=True, title="A crowd") as study:
        study.add_member(Member("lea", frozenset({"lead"}), "Lea"))
        for name in names:
            study.add_member(Member(name, frozenset({"coder"}), name.title()))
        study.set_codebook(codebook)
        study.add(*texts)
    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    for name in names:
        accounts.add_user(name, PASSWORD)
    tokens = {name: accounts.sign_in(name, PASSWORD) for name in names}
    return Team(folder, path, tuple(texts), tuple(code.id for code in codebook.codable), tokens)


class Hand:
    """What one coder does next, drawn by chance; never the same code on the same words twice."""

    def __init__(self, team: Team, seed: str) -> None:
        self._chance = random.Random(seed)
        self._codes = team.codes
        self._used: set[tuple[str, str, int, int]] = set()
        self._mine: list[tuple[str, str]] = []

    def coding(self, transcript: Transcript) -> Operation:
        """A code on a passage, sometimes with a memo."""
        chance, text = self._chance, transcript.text
        while True:
            start = chance.randrange(len(text) - 200)
            end, code = start + chance.randint(8, 200), chance.choice(self._codes)
            if (transcript.id, code, start, end) not in self._used:
                break
        self._used.add((transcript.id, code, start, end))
        made = new_id()
        self._mine.append((transcript.id, made))
        memo = f"Why {code}: {chance.random()}" if chance.random() < WITH_MEMO else ""
        return {
            "op_id": new_id(),
            "op": "add",
            "quote": text[start:end],
            "coding": {"id": made, "start": start, "end": end, "code": code, "memo": memo},
        }

    def afterthoughts(self) -> Iterator[tuple[str, Operation]]:
        """Now and then a memo on an earlier coding, or an earlier coding taken back."""
        for act, share in (("memo", MEMO_LATER), ("remove", REMOVED)):
            if self._chance.random() > share or not self._mine:
                continue
            place, coding = self._mine[self._chance.randrange(len(self._mine))]
            operation: Operation = {"op_id": new_id(), "op": act, "id": coding}
            if act == "memo":
                operation["memo"] = f"On second thoughts {self._chance.random()}"
            else:
                self._mine.remove((place, coding))
            yield place, operation

    def bursts(self) -> bool:
        """Whether the next edits follow one another without waiting for an answer."""
        return self._chance.random() < BURST

    def pause(self, rate: float) -> float:
        return self._chance.uniform(0.5, 1.5) / rate


# -- coding --------------------------------------------------------------------------------------


async def work(
    team: Team,
    port: int,
    *,
    coders: Sequence[str],
    codings: int,
    rate: float,
    begun: Callable[[], object] = lambda: None,
    enough: Callable[[], bool] = lambda: False,
) -> dict[str, Outbox]:
    """Let these coders code at once, so many codings each; what each browser was told.

    ``begun`` is called when everybody has the page open; with ``enough`` they end before time.
    """
    async with AsyncExitStack() as stack:
        tabs = {name: Tab(port, study=STUDY, token=team.tokens[name]) for name in coders}
        for tab in tabs.values():
            await stack.enter_async_context(tab)
        for tab in tabs.values():
            await tab.open()
        begun()
        hands = {name: Hand(team, f"{name} of {len(coders)}") for name in coders}
        await asyncio.gather(
            *(_code(team, tabs[name], hands[name], codings, rate, enough) for name in coders)
        )
        for name, tab in tabs.items():
            require(not tab.faults, f"{name} was shown an error: {tab.faults[:1]}")
            require(not tab.alerts, f"{name} was told: {tab.alerts[:1]}")
            require(tab.data["me"] == name, f"{name} sits in the seat of {tab.data['me']}")
            require(not tab.outbox.rejected, f"{name} was refused: {tab.outbox.rejected[:1]}")
        return {name: tab.outbox for name, tab in tabs.items()}


async def _code(
    team: Team, tab: Tab, hand: Hand, codings: int, rate: float, enough: Callable[[], bool]
) -> None:
    """One coder: transcript by transcript, an even share of the codings on each."""
    places = len(team.transcripts)
    if rate:
        await asyncio.sleep(hand.pause(rate))
    for number, transcript in enumerate(team.transcripts):
        if enough():
            break
        if tab.doc["title"] != transcript.title:
            await tab.choose(transcript.title)
        share = codings * (number + 1) // places - codings * number // places
        for _ in range(share):
            if enough():
                break
            tab.edit(transcript.id, hand.coding(transcript))
            for place, operation in hand.afterthoughts():
                tab.edit(place, operation)
            if rate:
                await asyncio.sleep(hand.pause(rate))
            elif not hand.bursts():
                await tab.settled()
    await tab.settled()


# -- the study file against what the browsers were told ------------------------------------------


@dataclass(frozen=True)
class Found:
    """A study file as any SQLite reader sees it: codings by coder, acts of the history counted."""

    codings: dict[str, dict[str, Kept]]
    acts: dict[str, dict[tuple[str, str], int]]


def found_in(path: Path) -> Found:
    """Read the file without qualcode."""
    codings: dict[str, dict[str, Kept]] = {}
    acts: dict[str, dict[tuple[str, str], int]] = {}
    with closing(sqlite3.connect(path, timeout=30)) as db:
        for coder, name, *kept in db.execute(
            'SELECT coder, id, transcript, code, start, "end", quote, memo FROM codings'
        ):
            codings.setdefault(coder, {})[name] = Kept(*kept)
        for who, act, subject, times in db.execute(
            "SELECT who, act, subject, count(*) FROM history "
            "WHERE act IN ('code_add', 'code_remove', 'memo') GROUP BY who, act, subject"
        ):
            acts.setdefault(who, {})[act, subject] = times
    return Found(codings, acts)


def require_kept(found: Found, told: dict[str, Outbox]) -> None:
    """Exactly what the browsers were told is there, each edit done once."""
    require(set(found.codings) <= set(told), "there are codings of somebody who did not code")
    for name, outbox in told.items():
        there = found.codings.get(name, {})
        lost = [coding for coding, kept in outbox.told.items() if there.get(coding) != kept]
        extra = set(there) - set(outbox.told)
        require(not lost, f"{len(lost)} codings of {name} are lost or changed")
        require(not extra, f"{len(extra)} codings of {name} were never acknowledged")
        require(found.acts.get(name, {}) == outbox.acts, f"an edit of {name} was done twice")


def require_sound(path: Path) -> None:
    """``qualcode check`` finds nothing."""
    command = [sys.executable, "-m", "qualcode", "check", str(path)]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    require(check.returncode == 0, f"qualcode check says: {check.stdout}{check.stderr}")


def require_quiet(server: LiveServer) -> None:
    """The server's own output holds no traceback."""
    require("Traceback" not in server.said(), f"the server said:\n{server.said()[-3000:]}")


# -- the benchmark -------------------------------------------------------------------------------


def run(*, coders: int = CODERS, codings: int = CODINGS, rate: float = 0) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        team = gather(folder / "studies", coders=coders + 1)
        first, *others = team.tokens
        with LiveServer(team.folder, log=folder / "server.log") as server:
            alone = asyncio.run(work(team, server.port, coders=[first], codings=ALONE, rate=0))
            before, busy = server.megabytes(), server.processor_seconds()
            began = time.perf_counter()
            crowd = asyncio.run(work(team, server.port, coders=others, codings=codings, rate=rate))
            seconds = time.perf_counter() - began
            peak, worked = server.megabytes(peak=True), server.processor_seconds()
            require_quiet(server)
        require_kept(found_in(team.study), alone | crowd)
        require_sound(team.study)
    waits = Times(tuple(1000 * wait for outbox in crowd.values() for wait in outbox.waits))
    pace = f"{rate:g} codings/s each" if rate else "as fast as answers come"
    yield Comparison(
        f"{coders} coders × {codings} codings, {pace} ({len(waits) / seconds:.0f} edits/s): "
        "from edit to answer",
        waits,
        "one coder alone",
        Times(tuple(1000 * wait for wait in alone[first].waits)),
    )
    if busy is not None and worked is not None:
        used = 1000 * (worked - busy) / len(waits)
        p99 = waits.percentile(99)
        print(f"server: {used:.1f} ms of processor an edit; p99 {p99:,.0f} ms", file=sys.stderr)
    if before and peak:
        yield Comparison(
            f"memory of the server with {coders} coders, at its peak",
            Times((peak,)),
            "after one coder",
            Times((before,)),
            unit="MB",
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd")
    parser.add_argument("--coders", type=int, default=CODERS)
    parser.add_argument("--codings", type=int, default=CODINGS)
    parser.add_argument("--rate", type=float, default=0.0)
    given = parser.parse_args()
    print(table(run(coders=given.coders, codings=given.codings, rate=given.rate)))


if __name__ == "__main__":
    main()
