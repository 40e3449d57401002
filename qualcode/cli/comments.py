"""``qualcode themes TABLE --column NAME``: a table of survey comments in; candidates printed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qualcode.cli.tables import as_csv, as_json, short
from qualcode.errors import BadCommand
from qualcode.model import ThemeCandidate
from qualcode.themes import STEPS, ThemeSuggestions
from qualcode.themes.comments import group_counts, group_sizes, rows_of, suggest_from_comments
from qualcode.themes.lights import light_of
from qualcode.themes.work import Progress
from qualcode.transcripts.comments import TABLES, Comments, read_comments

Arguments = argparse.Namespace
_EVERY = 0.2  # seconds between two lines of progress
_CELL = 300  # characters of a quotation in a table's cell


def options_of_work(parser: argparse.ArgumentParser) -> None:
    """What says where candidates are computed, and from which table."""
    parser.add_argument(
        "--column", metavar="NAME", help="STUDY is a table of comments; they are in this column"
    )
    parser.add_argument("--group", metavar="NAME", help="count the comments by this column")
    parser.add_argument("--csv", action="store_true", help="as CSV; for a table of comments")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="a running Dask cluster you trust, as tcp://127.0.0.1:8786; it gets the texts",
    )
    parser.add_argument(
        "--work",
        metavar="FOLDER",
        help="keep finished parts here, to go on from after a stop; they hold words of the texts, "
        "so delete the folder when the candidates are there",
    )


def is_table(options: Arguments) -> bool:
    """Whether the command is about a table of comments; a table without its column is refused."""
    ending = Path(options.study).suffix.lstrip(".").casefold()
    if options.column is None and ending in TABLES:
        raise BadCommand(
            f"{Path(options.study).name} is a table, not a study: say which column holds the "
            f"comments, as in: qualcode themes {Path(options.study).name} --column comment"
        )
    if options.column is None and (options.group or options.csv):
        raise BadCommand("--group and --csv go with a table of comments and its --column.")
    return options.column is not None


@contextmanager
def shown(options: Arguments) -> Iterator[dict[str, Any]]:
    """The options of a run, with a line of progress on a terminal that is gone when it ends."""
    line = _line if sys.stderr.isatty() else None
    try:
        yield {
            "dask": options.dask,
            "folder": options.work,
            "progress": None if line is None else line(),
        }
    except KeyboardInterrupt:
        kept = " Finished parts are kept; the same command goes on from them." * bool(options.work)
        print(f"{_CLEAR * bool(line)}Stopped; no candidates were made.{kept}", file=sys.stderr)
        raise
    finally:
        if line is not None:
            print(_CLEAR, end="", file=sys.stderr, flush=True)


_CLEAR = "\r\x1b[K"


def _line() -> Progress:
    told = [0.0]

    def progress(step: str, done: int, of: int) -> None:
        if done == of or time.monotonic() - told[0] >= _EVERY:
            told[0] = time.monotonic()
            words = STEPS.get(step, step)
            print(f"{_CLEAR}{words}: {done} of {of}", end="", file=sys.stderr, flush=True)

    return progress


def themes_of_table(options: Arguments) -> None:
    table = read_comments(options.study, options.column, group=options.group)
    with shown(options) as how:
        found = suggest_from_comments(
            table.comments, clusters=options.clusters, seed=options.seed, **how
        )
    sizes = group_sizes(table.comments)
    texts = {comment.row: comment.text for comment in table.comments}
    told = [_told(candidate, table, texts, sizes if options.group else {}) for candidate in found]
    if options.json:
        as_json(_whole(found, table, told, sizes, options))
    elif options.csv:
        as_csv([_flat(row) for row in told], sys.stdout)
    else:
        _printed(found, table, told)


def _told(
    candidate: ThemeCandidate, table: Comments, texts: dict[int, str], sizes: dict[str, int]
) -> dict[str, Any]:
    rows = rows_of(candidate)
    return {
        "number": candidate.number,
        "label": candidate.label,
        "why": candidate.why,
        "comments": len(rows),
        "of": len(table.comments),
        "share": round(len(rows) / len(table.comments), 4),
        "stability": round(candidate.stability, 3),
        "light": light_of(candidate.stability).name,
        "groups": [
            {"group": count.group, "n": count.n, "of": count.of}
            for count in group_counts(candidate, table.comments, of=sizes)
        ]
        if sizes
        else [],
        "terms": [{"term": term, "weight": round(w, 4)} for term, w in candidate.terms],
        "quotes": [
            {"row": int(row), "quote": texts[int(row)][span.slice]}
            for row, span in candidate.quotes
        ],
        "edge": [
            {"row": int(row), "quote": texts[int(row)][span.slice]} for row, span in candidate.edge
        ],
        "rows": rows,
    }


def _whole(
    found: ThemeSuggestions,
    table: Comments,
    told: list[dict[str, Any]],
    sizes: dict[str, int],
    options: Arguments,
) -> dict[str, Any]:
    return {
        "table": table.name,
        "column": options.column,
        "group": options.group,
        "comments": len(table.comments),
        "empty": table.empty,
        "groups": sizes if options.group else {},
        "parameters": dict(found.parameters),
        "method": found.sentence,
        "computed_on": found.where,
        "warning": found.warning,
        "candidates": told,
        "left_out": [{"row": int(out.transcript), "reason": out.reason} for out in found.left_out],
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A candidate as the cells of one row."""
    groups = {f"{g['group'] or 'no group'} (of {g['of']})": g["n"] for g in row["groups"]}
    first = {
        f"quotation {n}": f"row {quote['row']}: {short(quote['quote'], _CELL)}"
        for n, quote in enumerate([*row["quotes"], *[{"row": "–", "quote": ""}] * 2][:2], start=1)
    }
    kept = {name: row[name] for name in ("number", "label", "comments", "share", "stability")}
    return {**kept, "light": row["light"], **groups, **first}


def _printed(found: ThemeSuggestions, table: Comments, told: list[dict[str, Any]]) -> None:
    empty = f", {table.empty:,} rows without one" if table.empty else ""
    print(f"{table.name}: {len(table.comments):,} comments{empty}. {found.vectors}.\n")
    for row in told:
        print(
            f"{row['number']:>3}  {row['label']}  ({row['comments']:,} comments, "
            f"{row['share']:.1%}; stability {row['stability']:.2f}, {row['light']})"
        )
        if row["groups"]:
            parts = (f"{g['group'] or 'no group'} {g['n']} of {g['of']}" for g in row["groups"])
            print(f"     {', '.join(parts)}")
        for quote in row["quotes"][:2]:
            print(f"     row {quote['row']}: “{short(quote['quote'], 160)}”")
    left = len({out.transcript for out in found.left_out})
    if left:
        print(f"\n{left:,} comments are in no candidate, most of them too short to compare.")
    if found.warning:
        print(f"\n{found.warning}")
    print("\nCandidates are suggestions: read the comments before you believe them.")
