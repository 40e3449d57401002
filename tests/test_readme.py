"""The README keeps its word: its notebook lines run, and every command is in it."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document

from qualcode.cli import make_parser
from qualcode.reports import REPORTS
from qualcode.transcripts import FORMATS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    (choices,) = (
        action.choices
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return list(choices)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"qualcode {command} " in README or f"qualcode {command}`" in README


def test_every_format_and_report_is_in_the_readme() -> None:
    for name in [*(ending.lstrip(".") for ending in FORMATS), *REPORTS]:
        assert re.search(rf"\b{name}\b", README), name


def test_the_notebook_lines_run_as_they_stand(tmp_path: Path) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    subprocess.run(
        [sys.executable, "-m", "qualcode", "sample", "sample.qualcode"], cwd=tmp_path, check=True
    )
    ran = subprocess.run(
        [sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("α = 0.81")
    assert "72 participant turns, 6 transcripts, 2 coders" in ran.stdout
    table = max(Document(str(tmp_path / "coreq.docx")).tables, key=lambda t: len(t.rows))
    assert sum(row.cells[0].text.isdigit() for row in table.rows) == 32


def test_the_picture_of_the_readme_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000


def test_the_report_command_gives_the_same_rows(tmp_path: Path) -> None:
    for arguments in (["sample", "s.qualcode"], ["report", "s.qualcode", "coreq", "coreq.csv"]):
        subprocess.run([sys.executable, "-m", "qualcode", *arguments], cwd=tmp_path, check=True)
    rows = (tmp_path / "coreq.csv").read_text(encoding="utf-8-sig")
    assert len(re.findall(r"^\d+,", rows, flags=re.MULTILINE)) == 32
