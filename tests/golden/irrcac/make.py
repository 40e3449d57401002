"""Coefficients of random ratings by irrCAC, kept beside this file as ``irrcac.json``.

irrCAC asks for a SciPy older than the one qualcode runs with, so it cannot be asked in the tests.
To make the file anew, in an environment of its own:

    python3.11 -m venv irrcac
    irrcac/bin/python -m pip install irrCAC==0.4.4
    irrcac/bin/python tests/golden/irrcac/make.py
"""

from __future__ import annotations

import json
import platform
import random
from importlib.metadata import version
from pathlib import Path

SEED, TABLES = 20, 60
SCALES = ([1, 2], [1, 2, 3, 4])
WEIGHTS = ("identity", "linear", "quadratic")


def ratings(chance: random.Random, scale: list[int]) -> list[list[int | None]]:
    """One row a unit: coders who agree more or less often, on a scale used evenly or not."""
    coders, units = chance.randint(2, 4), chance.randint(6, 40)
    agreeing, missing = chance.random(), chance.choice((0.0, 0.1, 0.3))
    usual = [chance.random() ** 2 + 0.05 for _ in scale]
    rows: list[list[int | None]] = []
    while len(rows) < units:
        (true,) = chance.choices(scale, usual)
        row: list[int | None] = []
        for _ in range(coders):
            own = true if chance.random() < agreeing else chance.choices(scale, usual)[0]
            row.append(None if chance.random() < missing else own)
        if any(value is not None for value in row):
            rows.append(row)
    return rows


def usable(rows: list[list[int | None]]) -> bool:
    """Two values occur, and two units can be compared: what irrCAC needs."""
    given = [[value for value in row if value is not None] for row in rows]
    varied = len({value for row in given for value in row}) > 1
    return varied and sum(len(row) >= 2 for row in given) >= 2


def main() -> None:
    import pandas as pd
    from irrCAC.raw import CAC

    chance = random.Random(SEED)
    tables = []
    while len(tables) < TABLES:
        scale = SCALES[len(tables) % 2]
        rows = ratings(chance, scale)
        if not usable(rows):
            continue
        frame = pd.DataFrame(rows, dtype=float)
        found = {}
        for weights in WEIGHTS:
            asked = CAC(frame, weights=weights, categories=scale, digits=12)
            found[weights] = {
                name: {
                    "value": float(answer["est"]["coefficient_value"]),
                    "se": float(answer["est"]["se"]),
                }
                for name, answer in (
                    ("gwet", asked.gwet()),
                    ("brennan_prediger", asked.bp()),
                    ("fleiss", asked.fleiss()),
                )
            }
        tables.append({"scale": scale, "ratings": rows, "expected": found})
    made_with = {name: version(name) for name in ("irrCAC", "numpy", "pandas", "scipy")}
    made_with["python"] = platform.python_version()
    lines = ",\n".join(json.dumps(table) for table in tables)
    Path(__file__).with_name("irrcac.json").write_text(
        f'{{"made_with": {json.dumps(made_with)},\n"seed": {SEED},\n"tables": [\n{lines}\n]}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
