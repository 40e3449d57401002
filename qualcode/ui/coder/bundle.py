"""The component's modules and styles as one file, put together when the server starts.

The browser would fetch some thirty small files, each after the one that names it. Here every module
becomes a function in the order of the imports, and the styles a sheet that is adopted before the
first module runs; names and lines stay as they were written, so that a fault in the browser's
console is found again in ``frontend/``.

Of JavaScript this understands what the modules use and refuses the rest: imports by name from the
same folder, and ``export`` before a class, a function or a constant.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

IMPORT = re.compile(r"^import \{([^}]*)\} from \"\./([\w-]+)\.js\";$", re.MULTILINE)
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
    parts += [_module(folder, name) for name in modules]
    parts.append(_body(folder, last)[0])
    return "\n".join(parts)


def named(text: str, stem: str) -> str:
    """A file's name that tells one version from another.

    >>> named("", "coder")
    'coder-e3b0c44298fc.js'
    """
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"


def in_order(folder: Path, entry: str) -> list[str]:
    """The modules by name, each after those it imports."""
    order: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        if name in open_:
            raise NotOneFile(f"{' imports '.join([*open_, name])}: that is a circle.")
        open_.append(name)
        for found in IMPORT.finditer(_source(folder, name)):
            visit(found[2])
        open_.pop()
        order.append(name)

    visit(entry)
    return order


def stylesheet(folder: Path, name: str) -> str:
    """A stylesheet with those it imports in their places."""
    source = (folder / name).read_text(encoding="utf-8")
    return STYLES.sub(lambda found: stylesheet(folder, found[1]), source)


def _source(folder: Path, name: str) -> str:
    return (folder / f"{name}.js").read_text(encoding="utf-8")


def _module(folder: Path, name: str) -> str:
    body, exports = _body(folder, name)
    return (
        f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();"
    )


def _body(folder: Path, name: str) -> tuple[str, list[str]]:
    """A module's source without imports and exports, and the names it exports."""
    source = _source(folder, name)
    exports = [found[1] for found in EXPORT.finditer(source)]
    body = EXPORT.sub("", IMPORT.sub(_destructured, source))
    if other := OTHER.search(body):
        raise NotOneFile(f"{name}.js: “{other[0]}” is a form that is not put together here.")
    return f"// {name}.js\n{body.rstrip()}", exports


def _destructured(found: re.Match[str]) -> str:
    names = re.sub(r"(\w+) as (\w+)", r"\1: \2", found[1])
    return f"const {{{names}}} = {_variable(found[2])};"


def _variable(name: str) -> str:
    return f"module_{name.replace('-', '_')}"
