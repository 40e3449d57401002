"""The coding component's own modules, tested by Node where Node is on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "frontend"
FRONTEND = Path(__file__).parents[1] / "qualcode" / "ui" / "coder" / "frontend"


def test_the_frontend_does_what_its_own_tests_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not on this machine; tests/frontend needs version 18 or newer")
    tests = sorted(str(path) for path in TESTS.glob("*.test.mjs"))
    run = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


def scripts() -> list[Path]:
    return sorted(FRONTEND.glob("*.js"))


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_untrusted_text_cannot_become_markup(path: Path) -> None:
    source = path.read_text("utf-8")
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert danger not in source, f"{path.name} uses {danger}; textContent is the way here"


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_modules_are_imported_statically_from_this_folder(path: Path) -> None:
    """Then a page has all modules of one version, see docs/coding-protocol.md."""
    source = path.read_text("utf-8")
    assert not re.search(r"\bimport\s*\(", source), f"{path.name} imports while it runs"
    for imported in re.findall(r"^import .* from \"(.*)\";$", source, re.MULTILINE):
        assert imported.startswith("./"), f"{path.name} imports {imported} from elsewhere"
        assert (FRONTEND / imported).exists(), f"{path.name} imports {imported}, which is not there"


def test_both_halves_speak_the_same_protocol() -> None:
    from qualcode.ui.coder.session import PROTOCOL

    workbench = (FRONTEND / "workbench.js").read_text("utf-8")
    assert f"PROTOCOL = {PROTOCOL};" in workbench


@pytest.mark.parametrize("name", ["transcript_coder", "kick"])
def test_streamlit_finds_the_files_without_an_installed_qualcode(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.components.v2.component_manager import BidiComponentManager

    from qualcode.ui import coder

    manager = BidiComponentManager()  # has looked for no installed packages
    monkeypatch.setattr(coder, "get_bidi_component_manager", lambda: manager)
    coder._point_to_files()
    assert manager.get_component_asset_root(f"qualcode.{name}") == FRONTEND
