"""The floors of the building: a module imports from below its own; neighbours are strangers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "qualcode"
FLOORS = (
    ("errors", "spans"),
    ("languages",),
    ("model",),
    ("codebook", "checklists", "templates", "revision", "claims"),
    ("transcripts", "privacy", "store"),
    ("queries", "planning", "agreement", "reconciliation", "themes", "comparisons"),
    ("reports", "exchange", "sample", "sample_findings"),
    ("ui",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# Rooms that lean on one neighbour, with the reason.
ALLOWED = {
    ("templates", "codebook"): "a template holds a codebook",
    ("sample", "sample_findings"): "the finished sample goes on from the sample",
    ("spans", "errors"): "a span that cannot be is an error",
}
STREAMLIT_ROOM = "ui"


def room_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_floors_below_it(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no floor"
    for name in imports(path):
        if not name.startswith("qualcode."):
            continue
        other = name.split(".")[1]
        if other == room or other not in LEVEL or (room, other) in ALLOWED:
            continue  # qualcode.__version__ and the like stand on no floor
        assert LEVEL[other] < LEVEL[room], f"{path.name} imports {name} from its own floor or above"


def test_streamlit_lives_in_the_app_only() -> None:
    outside = [
        path.name
        for path in MODULES
        if room_of(path) != STREAMLIT_ROOM
        and any(name.split(".")[0] == "streamlit" for name in imports(path))
    ]
    assert outside == []


def test_no_module_starts_with_a_relative_import_from_above() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
