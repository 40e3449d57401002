"""Settling 5,000 differences: what the Reconcile page computes on every run, and one decision.

Beside stands what cannot be less: reading the same rows with sqlite3, or writing one row durably.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.agreement import Size, filed, workload
from benchmarks.results import Comparison, in_turn, require
from qualcode.model import Member, Seat
from qualcode.reconciliation import find_issues, find_passages, in_order, progress, settle
from qualcode.store import Study, open_study
from qualcode.ui import reconcile_views

PASSAGES, LEAST, DECIDED, TIMES = 440, 5_000, 2_500, 9
OPENING, SAVING = 1000.0, 150.0
"""Goals: milliseconds for what the page computes, and for keeping a decision."""
LEAD = Seat("lea", frozenset({"lead"}))


def run() -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        path = prepared(Path(folder))
        with open_study(path, seat=LEAD) as study:
            yield from opening(study)
            yield from saving(study, Path(folder))


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
