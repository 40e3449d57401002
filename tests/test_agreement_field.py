"""Agreement that others published on real codings, from their own data.

The files are in the folder that ``QUALCODE_FIELD_DATA`` names, and are no part of qualcode.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from qualcode.agreement import Cells
from qualcode.agreement import cells as of
from qualcode.agreement.coefficients import cohen_kappa, krippendorff_alpha, percent_agreement
from qualcode.agreement.sets import set_alpha

pytestmark = pytest.mark.field

FOLDER = Path(os.environ.get("QUALCODE_FIELD_DATA") or "/nonexistent") / "multicoder"
if not FOLDER.is_dir():
    pytest.skip(
        "QUALCODE_FIELD_DATA names no folder with codings of several coders",
        allow_module_level=True,
    )

SIGHT = FOLDER / "sight"
ABSTRACTS = FOLDER / "qabstracts" / "qabstracts_initial_final_dev.json"


def file(path: Path) -> str:
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the real files here")
    return path.read_text(encoding="utf-8")


def published() -> dict[str, float]:
    """Kappa of the two people by code, as the authors' own script printed it."""
    found = re.findall(r"Label: (\w+)\nH1-H2: ([\d.]+)", file(SIGHT / "published_kshot_IRR.txt"))
    return {code: float(value) for code, value in found}


def marks(code: str) -> tuple[list[str | None], list[str | None]]:
    """Both people's yes or no to one code, comment by comment; None where one is missing."""
    rows = list(csv.DictReader(file(SIGHT / "sample_dataset.csv").splitlines(keepends=True)))
    first, second = (
        [row[f"annotator_{coder}_{code}"] or None for row in rows] for coder in ("H1", "H2")
    )
    return first, second


CODES = (
    *("general", "confusion", "pedagogy", "setup", "gratitude", "personal_experience"),
    *("clarification", "non_english", "na"),
)
YES_YES, YES_NO, NO_YES, NO_NO = ((a, b) for a in ("1.0", "0.0") for b in ("1.0", "0.0"))


@pytest.mark.parametrize("code", CODES)
def test_kappa_of_comments_on_lectures_is_that_of_wang_and_others_2023(code: str) -> None:
    first, second = marks(code)
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    assert len(both) == (289 if code == "general" else 286)
    found = cohen_kappa(first, second)
    assert found.value == pytest.approx(published()[code], abs=1e-12)
    cells = Cells(*(both.count(pair) for pair in (YES_YES, YES_NO, NO_YES, NO_NO)))
    assert cells.n == len(both)
    assert of.kappa(cells) == pytest.approx(published()[code], abs=1e-12)
    assert of.kappa_se(cells) == pytest.approx(found.se)
    assert of.kappa_maximum(cells) == pytest.approx(found.maximum)


def test_every_published_code_is_looked_at() -> None:
    assert sorted(published()) == sorted(CODES)


def code_sets(state: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Both coders' codes for each sentence, without the counts after the colon."""
    abstracts: list[dict[str, Any]] = json.loads(file(ABSTRACTS))
    for abstract in abstracts:
        for sentence in abstract["sentences"]:
            first, second = (
                frozenset(code.split(":")[0] for code in sentence[f"{coder}_{state}"])
                for coder in ("A", "B")
            )
            yield first, second


@pytest.mark.parametrize(("state", "whole"), [("initial", 0.892), ("final", 0.987)])
def test_sets_of_codes_agree_as_often_as_in_all_abstracts_of_that_study(
    state: str, whole: float
) -> None:
    """The file holds a part of the abstracts, so the share lies near that of the whole."""
    pairs = list(code_sets(state))
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    same = percent_agreement([first, second])
    assert same is not None
    assert abs(same.value - whole) < 2 * math.sqrt(whole * (1 - whole) / len(pairs))
    alpha = krippendorff_alpha([first, second])
    assert alpha is not None
    assert 0.667 < alpha < same.value


def test_discussing_raises_alpha_on_sets_of_codes() -> None:
    before, after = (
        set_alpha(list(zip(*islice(code_sets(state), 400), strict=True)))
        for state in ("initial", "final")
    )
    assert before is not None
    assert after is not None
    assert 0.667 < before < after
