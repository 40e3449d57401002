"""Our own components as Streamlit serves them: a name in, what mounts it out."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from qualcode.ui.coder.bundle import bundle, named

PROJECT = "qualcode"
FRONTEND = Path(__file__).with_name("frontend")
BOARD = Path(__file__).parents[1] / "board" / "frontend"
COMPONENTS = {
    "transcript_coder": (FRONTEND, "coder.js", "coder.css"),
    "kick": (FRONTEND, "kick.js", None),
    "theme_board": (BOARD, "board.js", "board.css"),
}
"""Name → the folder of its modules, the module that it begins with, its stylesheet."""
_putting_together = threading.Lock()


def component(name: str) -> Callable[..., Any]:
    """What mounts the component of this name of :data:`COMPONENTS`."""
    file = served(name)
    # Without a shadow root: inside one, Chromium does not tell which words are selected.
    return st.components.v2.component(f"{PROJECT}.{name}", js=file, isolate_styles=False)


def served(name: str) -> str:
    """The name of a component's file, which lies where Streamlit serves it.

    It is looked for at each run: what cleans a machine's temporary files may take it from a server
    that runs for weeks.
    """
    file, text = _put_together(name)
    manager = get_bidi_component_manager()
    with _putting_together:
        folder = manager.get_component_asset_root(f"{PROJECT}.{name}")
        if folder is None or not (folder / file).exists():
            folder = Path(tempfile.mkdtemp(prefix="qualcode-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            (folder / file).write_text(text, encoding="utf-8")
            config = ComponentConfig(name=name, asset_dir=folder.name)
            manifest = ComponentManifest(name=PROJECT, version="0", components=[config])
            manager.register_from_manifest(manifest, folder.parent)
    return file


@cache
def _put_together(name: str) -> tuple[str, str]:
    folder, entry, styles = COMPONENTS[name]
    text = bundle(folder, entry, styles)
    return named(text, name), text
