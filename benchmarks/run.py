"""The command: ``python -m benchmarks.run [NAME…]`` runs benchmarks and prints their figures.

A new benchmark is one module with a function ``run`` that gives Comparisons, and one line in
``BENCHMARKS``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import NoReturn

from benchmarks.results import BenchmarkFailed, Comparison, table

BENCHMARKS = {
    "coding": "opening the coding page, Enter to highlight, Enter to saved",
    "agreement": "the table of codes with its intervals, and the whole report",
    "importing": "fourteen interviews of 9,000 words read as txt and docx, and stored",
    "themes": "theme candidates of the sample study",
    "scaling": "theme candidates of 1,000 to 100,000 survey comments, and on a Dask cluster",
    "settling": "5,000 differences: the page and a decision",
    "crowd": "20 coders at once, 500 codings each",
    "company": "the coding page beside 19 others, and while a study is exported; memory",
    "killing": "the server and its writers killed 200 times each",
}
ONLY_BY_NAME = {"crowd", "company", "killing", "scaling"}
"""These take up to a quarter of an hour each and run only when they are named."""


def main(arguments: Sequence[str] | None = None) -> int:
    names, as_json = _asked(arguments)
    signal.signal(signal.SIGTERM, _end)  # an end from outside, too, stops the servers
    before = load()
    found: dict[str, list[Comparison]] = {}
    failed = False
    for name in names:
        print(f"{name}: {BENCHMARKS[name]} …", file=sys.stderr, flush=True)
        run: Callable[[], Iterable[Comparison]] = import_module(f"benchmarks.{name}").run
        try:
            found[name] = list(run())
        except BenchmarkFailed as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
    after = load()
    if as_json:
        figures = {name: [one.to_dict() for one in rows] for name, rows in found.items()}
        answer = {"cores": os.cpu_count(), "load": [before, after], "benchmarks": figures}
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        for name, rows in found.items():
            print(f"{name}: {BENCHMARKS[name]}\n\n{table(rows)}\n")
        print(load_sentence(before, after))
    return 1 if failed else 0


def _asked(arguments: Sequence[str] | None) -> tuple[list[str], bool]:
    listed = "\n".join(f"  {name:<12}{words}" for name, words in BENCHMARKS.items())
    named = ", ".join(name for name in BENCHMARKS if name in ONLY_BY_NAME)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Run benchmarks; each figure stands beside a reference of the same run.",
        epilog=f"benchmarks:\n{listed}\nwithout a name: all but {named}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run")
    parser.add_argument("--json", action="store_true", help="print JSON with every single time")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark “{unknown[0]}”; choose from {', '.join(BENCHMARKS)}")
    short = [name for name in BENCHMARKS if name not in ONLY_BY_NAME]
    return given.names or short, given.json


def load() -> float | None:
    """How many processes wanted a core on average over the last minute; None on Windows."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def load_sentence(before: float | None, after: float | None) -> str:
    """How busy the machine was, which every figure above depends on.

    >>> load_sentence(0.5, 1.25).split(": ")[1]
    '0.50 before and 1.25 after.'
    """
    cores = f"This machine has {os.cpu_count()} cores"
    if before is None or after is None:
        return f"{cores}; its load is not known."
    return (
        f"{cores}; processes that wanted one, on average over a minute: "
        f"{before:.2f} before and {after:.2f} after."
    )


def _end(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(143)


if __name__ == "__main__":
    sys.exit(main())
