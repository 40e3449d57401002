"""Packed files (docx, odt, xlsx, zip): their parts, unpacked within limits, without outside help.

Nothing is written to disk, no link is followed, and a part that declares entities or a document
type is refused before anything of it is used.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from qualcode.errors import UnreadableFile
from qualcode.transcripts.files import MEGABYTE
from qualcode.transcripts.kinds import directory_is_long

MAX_PART_BYTES = 24 * MEGABYTE
"""The largest part that is unpacked, such as the text itself."""
MAX_UNPACKED_BYTES = 512 * MEGABYTE
"""What all parts together, pictures too, may say they hold."""
MAX_RATIO = 250
"""How much larger a part above ``RATIO_FROM`` may be than it is packed."""
RATIO_FROM = 8 * MEGABYTE
MAX_PARTS = 5_000
MAX_DEPTH = 150
"""How deep the elements of a part may stand in each other."""
MAX_ELEMENTS = 250_000

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)
"""What the library says of a packed file that is broken or written in an unknown way."""


@dataclass(frozen=True)
class Archive:
    """A packed file whose parts were looked at before any of them is unpacked.

    ``what`` is the kind of file in words; ``save`` the sentence on how to make a good one of it.
    """

    name: str
    what: str
    save: str
    zip: zipfile.ZipFile

    @property
    def parts(self) -> frozenset[str]:
        return frozenset(info.filename for info in self.zip.infolist())

    def read(self, part: str, limit: int | None = None) -> bytes:
        """The bytes of one part, never more than the limit whatever it says of itself."""
        limit = MAX_PART_BYTES if limit is None else limit
        try:
            with self.zip.open(part) as file:
                data = file.read(limit + 1)
        except DAMAGED as error:
            raise self.damaged() from error
        except (RuntimeError, KeyError) as error:
            raise UnreadableFile(f"{self.name} cannot be unpacked. {self.save}.") from error
        if len(data) > limit:
            raise UnreadableFile(
                f"{self.name} unpacks to more than {limit // MEGABYTE} MB of text, more than an "
                "interview can hold. Check that it is the right file, or split it."
            )
        return data

    def tree(self, part: str) -> Element:
        """One part as a tree: read within the limit, entities and document types refused."""
        data = self.read(part)
        try:
            return _tree(data, self)
        except DefusedXmlException as error:
            raise self.distrusted() from error
        except (ParseError, ValueError, LookupError) as error:
            raise self.damaged() from error

    def check(self, part: str) -> None:
        """Refuse a part that declares entities or is built too deep, for a library to read it."""
        data = self.read(part)
        try:
            _tree(data, self, keep=False)
        except DefusedXmlException as error:
            raise self.distrusted() from error
        except (ParseError, ValueError, LookupError) as error:
            raise self.damaged() from error

    def distrusted(self) -> UnreadableFile:
        return UnreadableFile(
            f"{self.name} declares XML entities or a document type, which no {self.what} "
            f"holds. Do not trust it; {self.save[0].lower()}{self.save[1:]}."
        )

    def damaged(self) -> UnreadableFile:
        return UnreadableFile(f"{self.name} is a damaged {self.what}. {self.save}.")


@dataclass(frozen=True)
class Package:
    """The parts of a docx by kind: ``document``, ``header``, ``comments`` and so on."""

    archive: Archive
    kinds: dict[str, list[str]]

    def roots(self, kind: str) -> list[Element]:
        """The parsed parts of one kind, in the order of their names."""
        return [self.archive.tree(part) for part in self.kinds.get(kind, [])]


def open_archive(data: bytes, name: str, what: str, save: str) -> Archive:
    """A packed file, refused in a sentence if unpacking it could do harm."""
    if directory_is_long(data):
        raise UnreadableFile(f"{name} holds more than {MAX_PARTS:,} parts. {save}.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        raise UnreadableFile(f"{name} is a damaged {what}. {save}.") from error
    opened = Archive(name, what, save, archive)
    _check_parts(opened)
    return opened


def open_package(data: bytes, name: str) -> Package:
    """The parts of a docx, refused in a sentence if they could do harm or are no Word text."""
    archive = open_archive(
        data, name, "Word file", "Open it in Word or LibreOffice and save it again as docx"
    )
    names = archive.parts
    if any(part.casefold().endswith("vbaproject.bin") for part in names):
        raise UnreadableFile(f"{name} holds macros. Save it in Word as docx, without macros.")
    if "[Content_Types].xml" not in names:
        raise archive.damaged()
    return Package(archive, _kinds(archive.tree("[Content_Types].xml"), names, name))


def _check_parts(archive: Archive) -> None:
    """Look at what the parts say of themselves, before any is unpacked."""
    name, infos = archive.name, archive.zip.infolist()
    if len(infos) > MAX_PARTS:
        raise UnreadableFile(f"{name} holds more than {MAX_PARTS:,} parts. {archive.save}.")
    seen: set[str] = set()
    for info in infos:
        part = info.filename
        if part.startswith(("/", "\\")) or "\\" in part or ".." in part.split("/") or ":" in part:
            raise UnreadableFile(
                f"{name} holds a part whose name leads out of the file, which no {archive.what} "
                f"does. Do not trust it; {archive.save[0].lower()}{archive.save[1:]}."
            )
        if part in seen:
            raise UnreadableFile(f"{name} holds two parts of one name. {archive.save}.")
        seen.add(part)
        if info.flag_bits & 0x1:
            raise UnreadableFile(f"{name} is protected by a password. Take it off and save again.")
        packed = max(info.compress_size, 1)
        if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * packed:
            raise UnreadableFile(
                f"{name} unpacks to more than {MAX_RATIO} times its size, as no interview does. "
                "Do not trust it."
            )
    if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise UnreadableFile(
            f"{name} unpacks to more than {MAX_UNPACKED_BYTES // MEGABYTE} MB. "
            "Save its text alone as docx or txt."
        )


def _kinds(types: Element, names: frozenset[str], name: str) -> dict[str, list[str]]:
    """The parts that hold words, by the last word of their content type."""
    kinds: dict[str, list[str]] = {}
    for entry in types:
        content = entry.get("ContentType", "")
        if "macroEnabled" in content:
            raise UnreadableFile(f"{name} holds macros. Save it in Word as docx, without macros.")
        part = entry.get("PartName", "").lstrip("/")
        if "wordprocessingml" in content and part in names:
            kind = content.rpartition("wordprocessingml.")[2].removesuffix("+xml")
            kind = "document" if kind in ("document.main", "template.main") else kind
            kinds.setdefault(kind, []).append(part)
    if "document" not in kinds:
        raise UnreadableFile(f"{name} is an Office file, but not one of Word. Save it as docx.")
    return {kind: sorted(set(parts)) for kind, parts in kinds.items()}


def _tree(data: bytes, archive: Archive, *, keep: bool = True) -> Element:
    depth = count = 0
    root: Element | None = None
    parts = iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
    for event, element in parts:
        if event == "end":
            depth -= 1
            if not keep:
                element.clear()
                if depth == 1 and root is not None:
                    root.clear()
            continue
        root = element if root is None else root
        depth += 1
        count += 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise UnreadableFile(
                f"{archive.name} is built deeper or wider than any interview. {archive.save}."
            )
    if root is None:
        raise archive.damaged()
    return root
