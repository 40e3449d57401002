"""Kill -9 at a random moment while several coders write, again and again.

On the server: ``qualcode serve`` is killed with its whole process group and started again on the
same port with the same folder; the tabs connect again with the same cookie and send what has no
answer. On the store: processes that open the study and keep what they are handed are killed.

After each kill the study file, read without qualcode before anything has opened it again, must hold
every acknowledged coding as it was told, each edit done at most once, nothing that nobody made, and
pass qualcode's own check. Then every edit that was waiting must be answered.

``python -m benchmarks.killing --server 200 --store 200`` runs it with other numbers.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.client import PATIENCE, LiveServer, Outbox, Tab, act_of, after
from benchmarks.crowd import (
    STUDY,
    Found,
    Hand,
    Team,
    found_in,
    gather,
    require_kept,
    require_quiet,
    require_sound,
)
from benchmarks.results import Comparison, Times, require, table
from qualcode.model import Seat
from qualcode.store import open_study

SERVER_ROUNDS, STORE_ROUNDS = 200, 200
CODERS, TRANSCRIPTS, WORDS = 4, 3, 1_000
LONGEST = 1.5  # seconds of writing before the kill
RETRY = 0.3  # seconds; a browser waits ten times as long
HASTY = 0.1  # the share of rounds that kill a server before everybody is back


@dataclass
class Toll:
    """What the kills met: edits without an answer, and how many of those were in the file."""

    rounds: int = 0
    acknowledged: int = 0
    waiting: int = 0
    kept_unanswered: int = 0
    recoveries: list[float] = field(default_factory=list)  # seconds from the start to the answers
    starts: list[float] = field(default_factory=list)  # seconds until the new server answers

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills, {self.acknowledged} edits acknowledged, none lost or doubled; "
            f"{self.waiting} were without an answer at a kill, {self.kept_unanswered} of them "
            "already in the file"
        )


# -- after a kill --------------------------------------------------------------------------------


def require_survived(path: Path, boxes: dict[str, Outbox], toll: Toll) -> None:
    """Every acknowledged edit is in the file, no edit twice; a waiting one may be in it or not."""
    found = found_in(path)
    for name, outbox in boxes.items():
        toll.waiting += len(outbox.waiting)
        toll.kept_unanswered += _survived(name, found, outbox)
    with open_study(path) as study:
        require(not study.check(), f"the check says: {study.check()[:2]}")
    toll.rounds += 1
    if toll.rounds % 20 == 0:
        print(f"… {toll.rounds} kills", file=sys.stderr, flush=True)


def _survived(name: str, found: Found, outbox: Outbox) -> int:
    """How many edits are in the file without having been acknowledged; the history tells which."""
    there, acts = found.codings.get(name, {}), found.acts.get(name, {})
    expected, counted, done = dict(outbox.told), dict(outbox.acts), 0
    for transcript, operation in outbox.waiting.values():
        act = act_of(operation)
        if acts.get(act, 0) > counted.get(act, 0):
            after(expected, transcript, operation)
            counted[act] = counted.get(act, 0) + 1
            done += 1
    lost = [coding for coding, kept in expected.items() if there.get(coding) != kept]
    require(not lost, f"{len(lost)} codings of {name} are lost or changed by the kill")
    require(set(there) <= set(expected), f"codings of {name} that nobody made are in the file")
    require(acts == counted, f"an edit of {name} was done twice")
    return done


# -- the server ----------------------------------------------------------------------------------


async def kill_servers(team: Team, server: LiveServer, *, rounds: int, seed: int) -> Toll:
    """Kill the running server so many times while all coders of the team write."""
    chance, toll = random.Random(seed), Toll()
    async with AsyncExitStack() as stack:
        tabs: dict[str, Tab] = {}
        for name, token in team.tokens.items():
            tab = Tab(server.port, study=STUDY, token=token, retry=RETRY)
            tabs[name] = await stack.enter_async_context(tab)
        for tab in tabs.values():
            await tab.open()
        writers = [
            asyncio.create_task(_write(team, tab, Hand(team, f"{name} {seed}")))
            for name, tab in tabs.items()
        ]
        boxes = {name: tab.outbox for name, tab in tabs.items()}
        try:
            for _ in range(rounds):
                await _one_kill(team, server, tabs, toll, chance)
                for writer in writers:
                    if writer.done():
                        writer.result()
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
        for name, tab in tabs.items():
            await tab.settled()
            require(not tab.faults, f"{name} was shown an error: {tab.faults[:1]}")
            require(not tab.outbox.rejected, f"{name} was refused: {tab.outbox.rejected[:1]}")
            require(tab.connections > 1, f"{name} never connected again")
        toll.acknowledged = sum(sum(box.acts.values()) for box in boxes.values())
        require_kept(found_in(team.study), boxes)
    require_quiet(server)
    require_sound(team.study)
    return toll


async def _one_kill(
    team: Team, server: LiveServer, tabs: dict[str, Tab], toll: Toll, chance: random.Random
) -> None:
    """A while of writing, the kill, the look at the file, the start, and everybody back."""
    await asyncio.sleep(chance.uniform(0, LONGEST))
    server.kill()
    await asyncio.sleep(0)  # answers that were on their way before the kill are read first
    await _until(lambda: all(tab.is_offline for tab in tabs.values()))
    require_survived(team.study, {name: tab.outbox for name, tab in tabs.items()}, toll)
    waiting = {name: set(tab.outbox.waiting) for name, tab in tabs.items()}
    began = time.perf_counter()
    server.launch()
    await _until(server.answers)
    toll.starts.append(time.perf_counter() - began)
    if chance.random() < HASTY:
        return  # the next kill meets them on their way back
    for name, tab in tabs.items():
        await tab.until(
            lambda tab=tab, before=waiting[name]: before.isdisjoint(tab.outbox.waiting),
            f"the edits of {name} from before the kill to be answered",
        )
    toll.recoveries.append(time.perf_counter() - began)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


async def _write(team: Team, tab: Tab, hand: Hand) -> None:
    """Code without end, next to the answers or a few edits ahead of them."""
    for number in range(10**9):
        transcript = team.transcripts[number // 40 % len(team.transcripts)]
        tab.edit(transcript.id, hand.coding(transcript))
        for place, operation in hand.afterthoughts():
            tab.edit(place, operation)
        if not hand.bursts():
            await tab.until(lambda: len(tab.outbox.waiting) < 3, "answers")
        await asyncio.sleep(0)


# -- the store -----------------------------------------------------------------------------------


def kill_writers(team: Team, *, rounds: int, seed: int) -> Toll:
    """Kill processes that write into the study, one a coder, so many times."""
    chance, toll = random.Random(seed), Toll()
    boxes = {name: Outbox() for name in team.tokens}
    hands = {name: Hand(team, f"{name} {seed}") for name in team.tokens}
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    processes = get_context(method)
    processes.set_forkserver_preload(["benchmarks.crowd"])  # so that a new writer is there at once
    for _ in range(rounds):
        writers = []
        for name in team.tokens:
            ours, theirs = processes.Pipe()
            writer = processes.Process(target=write, args=(str(team.study), name, theirs))
            writer.start()
            theirs.close()
            writers.append((writer, ours, name))
        try:
            _feed(team, writers, boxes, hands, chance.uniform(0, LONGEST / 3))
        finally:
            for writer, _, _ in writers:
                writer.kill()
            for writer, ours, name in writers:
                writer.join()
                _drain(ours, boxes[name])
        require_survived(team.study, boxes, toll)
    for name, box in boxes.items():
        with open_study(team.study, seat=_seat(name)) as study:
            while parcel := box.parcel():
                applied = study.apply(*parcel)
                box.settle(list(applied.acknowledged), list(applied.rejected))
        require(not box.rejected, f"{name} was refused: {box.rejected[:1]}")
    toll.acknowledged = sum(sum(box.acts.values()) for box in boxes.values())
    require_kept(found_in(team.study), boxes)
    require_sound(team.study)
    return toll


def _feed(
    team: Team,
    writers: Sequence[tuple[BaseProcess, Connection, str]],
    boxes: dict[str, Outbox],
    hands: dict[str, Hand],
    seconds: float,
) -> None:
    """Hand the writers new edits with all that wait, until so long after all have answered."""
    names = {ours: name for _, ours, name in writers}
    silent, until = set(names), time.monotonic() + PATIENCE
    for ours, name in names.items():
        _hand(team, ours, boxes[name], hands[name])
    while (left := until - time.monotonic()) > 0:
        for ours in wait(list(names), timeout=left):
            assert isinstance(ours, Connection)
            boxes[names[ours]].settle(*ours.recv())
            _hand(team, ours, boxes[names[ours]], hands[names[ours]])
            if ours in silent:
                silent.remove(ours)
                if not silent:
                    until = time.monotonic() + seconds
    require(not silent, "a writer did not answer")


def _hand(team: Team, ours: Connection, outbox: Outbox, hand: Hand) -> None:
    for transcript in team.transcripts:
        outbox.add(transcript.id, hand.coding(transcript))
        for place, operation in hand.afterthoughts():
            outbox.add(place, operation)
    ours.send(outbox.parcel())


def _drain(ours: Connection, outbox: Outbox) -> None:
    """What a writer said before its end counts as given."""
    with suppress(EOFError, OSError):
        while True:
            outbox.settle(*ours.recv())


def write(path: str, name: str, theirs: Connection) -> None:
    """The writer's own side: edits in, what became of them out, until it is killed."""
    while True:
        transcript, operations = theirs.recv()
        with open_study(path, seat=_seat(name)) as study:
            applied = study.apply(transcript, operations)
        theirs.send((list(applied.acknowledged), list(applied.rejected)))


def _seat(name: str) -> Seat:
    return Seat(name, frozenset({"coder"}))


# -- the benchmark -------------------------------------------------------------------------------


def run(
    *, server_rounds: int = SERVER_ROUNDS, store_rounds: int = STORE_ROUNDS, seed: int = 1
) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if server_rounds:
            team = gather(folder / "s", coders=CODERS, transcripts=TRANSCRIPTS, words=WORDS)
            with LiveServer(team.folder, log=folder / "server.log") as server:
                toll = asyncio.run(kill_servers(team, server, rounds=server_rounds, seed=seed))
            print(f"server: {toll}", file=sys.stderr, flush=True)
            yield Comparison(
                f"server killed {toll.rounds} times: from its new start to the answers for "
                f"everything that waited, retry after {RETRY:g} s",
                Times(tuple(1000 * seconds for seconds in toll.recoveries)),
                "the start of the server alone",
                Times(tuple(1000 * seconds for seconds in toll.starts)),
            )
        if store_rounds:
            team = gather(folder / "w", coders=CODERS, transcripts=TRANSCRIPTS, words=WORDS)
            toll = kill_writers(team, rounds=store_rounds, seed=seed)
            print(f"store: {toll}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killing")
    parser.add_argument("--server", type=int, default=SERVER_ROUNDS, help="kills of the server")
    parser.add_argument("--store", type=int, default=STORE_ROUNDS, help="kills of writers")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rows = list(run(server_rounds=given.server, store_rounds=given.store, seed=given.seed))
    print(table(rows))


if __name__ == "__main__":
    main()
