"""A component's modules and styles as one file, put together when the server starts.

The browser would fetch some thirty small files, each after the one that names it. Here every module
becomes a function in the order of the imports, and the styles a sheet that is adopted before the
first module runs; names and lines stay as they were written, so that a fault in the browser's
console is found again in ``frontend/``.

Of JavaScript this understands what the modules use and refuses the rest: imports by name from the
same folder or from that of another component, and ``export`` before a class, a function or a
constant.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

IMPORT = re.compile(
    r"^import \{([^}]*)\} from \"(\./|(?:\.\./)+(?:[\w-]+/)+)([\w-]+)\.js\";$", re.MULTILINE
)
EXPORT = re.compile(r"^export (?=(?:class|(?:async )?function|const) ([\w$]+))", re.MULTILINE)
OTHER = re.compile(r"^(?:import\b|export (?!default ).*)", re.MULTILINE)
STYLES = re.compile(r"^@import url\(\"\./([\w-]+\.css)\"\);$", re.MULTILINE)


class NotOneFile(Exception):
    """A module uses a form of import or export that is not put together here."""


def bundle(folder: Path, entry: str, styles: str | None = None) -> str:
    """The module ``entry`` of a folder with all it imports and a stylesheet, as one module."""
    parts = []
    if styles is not None:
        sheet = json.dumps(stylesheet(folder, styles), ensure_ascii=False)
        parts += [
            "const styles = new CSSStyleSheet();",
            f"styles.replaceSync({sheet});",
            "document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];",
        ]
    *modules, last = in_order(folder, entry.removesuffix(".js"))
    parts += [_module(path) for path in modules]
    parts.append(_body(last)[0])
    return "\n".join(parts)


def named(text: str, stem: str) -> str:
    """A file's name that tells one version from another.

    >>> named("", "coder")
    'coder-e3b0c44298fc.js'
    """
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"


def in_order(folder: Path, entry: str) -> list[Path]:
    """The modules, each after those it imports."""
    order: list[Path] = []
    open_: list[Path] = []

    def visit(path: Path) -> None:
        if path in order:
            return
        if path in open_:
            names = " imports ".join(each.stem for each in (*open_, path))
            raise NotOneFile(f"{names}: that is a circle.")
        if any(path.stem == other.stem for other in order):
            raise NotOneFile(f"Two modules are called {path.name}; give one another name.")
        open_.append(path)
        for found in IMPORT.finditer(_source(path)):
            visit((path.parent / found[2] / f"{found[3]}.js").resolve())
        open_.pop()
        order.append(path)

    visit((folder / f"{entry}.js").resolve())
    return order


def stylesheet(folder: Path, name: str) -> str:
    """A stylesheet with those it imports in their places."""
    source = (folder / name).read_text(encoding="utf-8")
    return STYLES.sub(lambda found: stylesheet(folder, found[1]), source)


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _module(path: Path) -> str:
    body, exports = _body(path)
    return (
        f"const {_variable(path.stem)} = (() => {{\n{body}\n"
        f"return {{ {', '.join(exports)} }};\n}})();"
    )


def _body(path: Path) -> tuple[str, list[str]]:
    """A module's source without imports and exports, and the names it exports."""
    source = _source(path)
    exports = [found[1] for found in EXPORT.finditer(source)]
    body = EXPORT.sub("", IMPORT.sub(_destructured, source))
    if other := OTHER.search(body):
        raise NotOneFile(f"{path.name}: “{other[0]}” is a form that is not put together here.")
    return f"// {path.name}\n{body.rstrip()}", exports


def _destructured(found: re.Match[str]) -> str:
    names = re.sub(r"(\w+) as (\w+)", r"\1: \2", found[1])
    return f"const {{{names}}} = {_variable(found[3])};"


def _variable(name: str) -> str:
    return f"module_{name.replace('-', '_')}"
