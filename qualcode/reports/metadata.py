"""What a written file tells beside its text: names, paths, comments, changes still marked."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser

from defusedxml.ElementTree import fromstring

PATH = re.compile(
    r"(?:[A-Za-z]:\\|\\\\)[^\s\"'<>|]{2,}|(?<![\w/:.])/(?:home|Users|tmp|var|root|mnt|work)/[^\s\"'<>]+"
)
"""A place in somebody’s file system, which mostly has a user’s name in it."""
PERSONAL = {
    "creator": "the author",
    "lastModifiedBy": "the last author",
    "Company": "the company",
    "Manager": "the manager",
    "HyperlinkBase": "a path",
    "Template": "a template",
}
PROGRAMS = frozenset({"", "Normal.dotm", "Normal", "openpyxl", "python-docx"})
"""Values that name no person; the name of a library is not one."""
MARKED = {"ins": "a tracked insertion", "del": "a tracked deletion", "moveFrom": "a tracked move"}


def told_beside(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """(what, value) for each thing that a file of this name tells of people or machines."""
    ending = name.rpartition(".")[2].lower()
    if ending in ("docx", "xlsx"):
        yield from _of_office(content)
    elif ending == "html":
        yield from _of_web(content.decode("utf-8", errors="replace"))
    elif ending == "pdf":
        yield from _of_pdf(content)
    else:
        yield from _paths(content.decode("utf-8-sig", errors="replace"))


def _paths(text: str) -> Iterator[tuple[str, str]]:
    for found in sorted({match.group(0) for match in PATH.finditer(text)}):
        yield "a path", found


def _of_office(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            if part.startswith("docProps/") and part.endswith(".xml"):
                yield from _properties(part, package.read(part))
            elif part.endswith("comments.xml") or "/comments/" in part:
                yield "a comment in", part
            elif part.startswith("word/") and part.endswith(".xml"):
                yield from _tracked(package.read(part))
            elif part.endswith(".rels"):
                text = package.read(part).decode("utf-8", errors="replace")
                yield from (("a path", p) for p in re.findall(r'Target="(file:[^"]+)"', text))


def _properties(part: str, content: bytes) -> Iterator[tuple[str, str]]:
    for element in fromstring(content).iter():
        name = element.tag.rpartition("}")[2]
        value = (element.text or "").strip()
        if name in PERSONAL and value not in PROGRAMS:
            yield PERSONAL[name], value
        elif part.endswith("custom.xml") and value:
            yield "a property of its own", value
        elif found := PATH.search(value):
            yield "a path", found.group(0)


def _tracked(content: bytes) -> Iterator[tuple[str, str]]:
    for element in fromstring(content).iter():
        name = element.tag.rpartition("}")[2]
        author = next((v for k, v in element.attrib.items() if k.endswith("}author")), "")
        if name in MARKED and author:
            yield MARKED[name] + " of", author


class _Heads(HTMLParser):
    """Names in the head of a web page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        if tag == "meta" and told.get("name", "").lower() in ("author", "creator", "publisher"):
            self.found.append(("the author", told.get("content", "")))
        for key in ("src", "href"):
            if told.get(key, "").startswith("file:"):
                self.found.append(("a path", told[key]))

    def handle_comment(self, data: str) -> None:
        if PATH.search(data):
            self.found.append(("a path", data.strip()))


def _of_web(text: str) -> Iterator[tuple[str, str]]:
    heads = _Heads()
    heads.feed(text)
    yield from heads.found
    yield from _paths(re.sub(r"<[^>]*>", " ", text))


def _of_pdf(content: bytes) -> Iterator[tuple[str, str]]:
    from pypdf import PdfReader

    told = PdfReader(io.BytesIO(content)).metadata
    for key, value in told.items() if told else ():
        words = str(value).strip()
        if key in ("/Author", "/Company", "/Manager") and words:
            yield "the author", words
        elif PATH.search(words):
            yield "a path", words
