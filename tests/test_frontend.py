"""The components' own modules, tested by Node where Node is on the machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from qualcode.ui.coder.bundle import NotOneFile, bundle

TESTS = Path(__file__).parent / "frontend"
UI = Path(__file__).parents[1] / "qualcode" / "ui"
FRONTEND, BOARD = (UI / name / "frontend" for name in ("coder", "board"))


def test_the_frontend_does_what_its_own_tests_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not on this machine; tests/frontend needs version 18 or newer")
    tests = sorted(str(path) for path in TESTS.glob("*.test.mjs"))
    run = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


def scripts() -> list[Path]:
    return sorted([*FRONTEND.glob("*.js"), *BOARD.glob("*.js")])


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_untrusted_text_cannot_become_markup(path: Path) -> None:
    source = path.read_text("utf-8")
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert danger not in source, f"{path.name} uses {danger}; textContent is the way here"


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_modules_are_imported_statically_from_our_folders(path: Path) -> None:
    """Then a page has all modules of one version, see docs/coding-protocol.md."""
    source = path.read_text("utf-8")
    assert not re.search(r"\bimport\s*\(", source), f"{path.name} imports while it runs"
    for imported in re.findall(r"^import .* from \"(.*)\";$", source, re.MULTILINE):
        found = (path.parent / imported).resolve()
        assert found.parent in (FRONTEND, BOARD), f"{path.name} imports {imported} from elsewhere"
        assert found.exists(), f"{path.name} imports {imported}, which is not there"


def test_both_halves_speak_the_same_protocol() -> None:
    from qualcode.ui.coder.session import PROTOCOL

    workbench = (FRONTEND / "workbench.js").read_text("utf-8")
    assert f"PROTOCOL = {PROTOCOL};" in workbench


def test_both_halves_of_the_board_speak_the_same_protocol() -> None:
    from qualcode.ui.board.session import PROTOCOL

    assert f"PROTOCOL = {PROTOCOL};" in (BOARD / "room.js").read_text("utf-8")


@pytest.mark.parametrize("name", ["transcript_coder", "kick", "theme_board"])
def test_streamlit_finds_the_files_without_an_installed_qualcode(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.components.v2.component_manager import BidiComponentManager

    from qualcode.ui.coder import serving

    manager = BidiComponentManager()  # has looked for no installed packages
    monkeypatch.setattr(serving, "get_bidi_component_manager", lambda: manager)
    file = serving.served(name)
    folder = manager.get_component_asset_root(f"qualcode.{name}")
    assert folder is not None
    assert [path.name for path in folder.iterdir()] == [file]
    shutil.rmtree(folder)
    again = serving.served(name)
    assert (manager.get_component_asset_root(f"qualcode.{name}") / again).exists()  # type: ignore[operator]


def test_all_modules_and_styles_come_in_one_file() -> None:
    text = bundle(FRONTEND, "coder.js", "coder.css")
    for path in FRONTEND.glob("*.js"):
        assert (f"// {path.name}\n" in text) == (path.name != "kick.js"), path.name
    for rule in (".qc-root {", ".qc-header {", ".qc-turn {", ".qc-palette"):
        assert rule in text
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert "@import" not in text
    assert len(re.findall(r"^export ", text, re.MULTILINE)) == 1


def test_a_component_may_take_modules_from_another(tmp_path: Path) -> None:
    text = bundle(BOARD, "board.js", "board.css")
    assert "// dom.js\n" in text
    for path in BOARD.glob("*.js"):
        assert f"// {path.name}\n" in text
    (tmp_path / "dom.js").write_text("export const one = 1;\n")
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "main.js").write_text(
        'import { one } from "./dom.js";\nimport { two } from "../'
        + tmp_path.name
        + '/other/x.js";\n'
    )
    (other / "x.js").write_text('import { a } from "./dom.js";\nexport const two = 2;\n')
    (other / "dom.js").write_text("export const a = 1;\n")
    with pytest.raises(NotOneFile, match="Two modules are called dom"):
        bundle(tmp_path, "main.js")


@pytest.mark.parametrize(
    "source",
    [
        'import * as all from "./other.js";',
        'import other from "./other.js";',
        "export let count = 0;",
        'export { count } from "./other.js";',
    ],
)
def test_a_form_that_cannot_be_put_together_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "main.js").write_text(source)
    (tmp_path / "other.js").write_text("export const count = 1;\n")
    with pytest.raises(NotOneFile):
        bundle(tmp_path, "main.js")


def test_modules_that_import_one_another_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 1;\n')
    with pytest.raises(NotOneFile, match="a imports b imports a"):
        bundle(tmp_path, "a.js")


def test_one_file_does_what_the_modules_do(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text(
        'import { twice as double } from "./sums.js";\n'
        'import {\n  ONE,\n  Adder,\n} from "./more-sums.js";\n'
        "export default function () {\n  return new Adder(ONE).add(double(20)) + ONE;\n}\n"
    )
    (tmp_path / "sums.js").write_text("export function twice(n) {\n  return 2 * n;\n}\n")
    (tmp_path / "more-sums.js").write_text(
        'import { twice } from "./sums.js";\nexport const ONE = 1;\n'
        "const hidden = twice(0);\n"
        "export class Adder {\n  constructor(by) {\n    this.by = by + hidden;\n  }\n"
        "  add(n) {\n    return n + this.by;\n  }\n}\n"
    )
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not on this machine")
    one = tmp_path / "one.mjs"
    one.write_text(bundle(tmp_path, "main.js"))
    run = subprocess.run(
        [node, "-e", f"import({json.dumps(one.as_uri())}).then((it) => console.log(it.default()))"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.strip() == "42", run.stderr
