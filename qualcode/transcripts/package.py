"""The packed file behind a docx: its parts, unpacked within limits and without outside help.

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
from qualcode.transcripts.files import ENCRYPTED, MEGABYTE, OLE, ZIP

MAX_PART_BYTES = 64 * MEGABYTE
"""The largest part that is unpacked, such as the text itself."""
MAX_UNPACKED_BYTES = 512 * MEGABYTE
"""What all parts together, pictures too, may say they hold."""
MAX_RATIO = 250
"""How much larger a part above ``RATIO_FROM`` may be than it is packed."""
RATIO_FROM = 8 * MEGABYTE
MAX_PARTS = 5_000
MAX_DEPTH = 150
"""How deep the elements of a part may stand in each other."""
MAX_ELEMENTS = 1_000_000

SAVE_AGAIN = "Open it in Word or LibreOffice and save it again as docx"


@dataclass(frozen=True)
class Package:
    """The parts of a docx by kind: ``document``, ``header``, ``comments`` and so on."""

    name: str
    archive: zipfile.ZipFile
    kinds: dict[str, list[str]]

    def roots(self, kind: str) -> list[Element]:
        """The parsed parts of one kind, in the order of their names."""
        return [_parsed(self.archive, part, self.name) for part in self.kinds.get(kind, [])]


def open_package(data: bytes, name: str) -> Package:
    """The parts of a docx, refused in a sentence if they could do harm or are no Word text."""
    _check_magic(data, name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableFile(f"{name} is a damaged Word file. {SAVE_AGAIN}.") from error
    _check_parts(archive, name)
    names = {info.filename for info in archive.infolist()}
    if any(part.casefold().endswith("vbaproject.bin") for part in names):
        raise UnreadableFile(f"{name} holds macros. Save it in Word as docx, without macros.")
    if "[Content_Types].xml" not in names:
        what = "an OpenDocument file" if "mimetype" in names else "a packed file, but no Word file"
        raise UnreadableFile(f"{name} is {what}. {SAVE_AGAIN}.")
    kinds = _kinds(_parsed(archive, "[Content_Types].xml", name), names, name)
    return Package(name, archive, kinds)


def _check_magic(data: bytes, name: str) -> None:
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise UnreadableFile(
                f"{name} is protected by a password. Open it in Word, take the password off, "
                "and save it as docx."
            )
        raise UnreadableFile(f"{name} is an old Word file under a new ending. {SAVE_AGAIN}.")
    if data.startswith(b"{\\rtf"):
        raise UnreadableFile(f"{name} is rich text under a Word ending. {SAVE_AGAIN}.")
    if data.startswith(b"%PDF"):
        raise UnreadableFile(f"{name} is a PDF under a Word ending. Save the text as docx or txt.")
    if not data.startswith(ZIP):
        raise UnreadableFile(f"{name} is not a Word file, whatever its ending. {SAVE_AGAIN}.")


def _check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Look at what the parts say of themselves, before any is unpacked."""
    infos = archive.infolist()
    if len(infos) > MAX_PARTS:
        raise UnreadableFile(f"{name} holds more than {MAX_PARTS:,} parts. {SAVE_AGAIN}.")
    seen: set[str] = set()
    for info in infos:
        part = info.filename
        if part.startswith(("/", "\\")) or "\\" in part or ".." in part.split("/") or ":" in part:
            raise UnreadableFile(
                f"{name} holds a part whose name leads out of the file, which Word never writes. "
                f"Do not trust it; {SAVE_AGAIN[0].lower()}{SAVE_AGAIN[1:]}."
            )
        if part in seen:
            raise UnreadableFile(f"{name} holds two parts of one name. {SAVE_AGAIN}.")
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


def _kinds(types: Element, names: set[str], name: str) -> dict[str, list[str]]:
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


def _parsed(archive: zipfile.ZipFile, part: str, name: str) -> Element:
    """One part as a tree: read within the limit, entities and document types refused."""
    try:
        with archive.open(part) as file:
            data = file.read(MAX_PART_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise UnreadableFile(f"{name} is a damaged Word file. {SAVE_AGAIN}.") from error
    except (RuntimeError, KeyError) as error:
        raise UnreadableFile(f"{name} cannot be unpacked. {SAVE_AGAIN}.") from error
    if len(data) > MAX_PART_BYTES:
        raise UnreadableFile(
            f"{name} unpacks to more than {MAX_PART_BYTES // MEGABYTE} MB of text, more than an "
            "interview can hold. Check that it is the right file, or split it."
        )
    try:
        return _tree(data, name)
    except DefusedXmlException as error:
        raise UnreadableFile(
            f"{name} declares XML entities or a document type, which Word never writes. "
            f"Do not trust it; {SAVE_AGAIN[0].lower()}{SAVE_AGAIN[1:]}."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(f"{name} is a damaged Word file. {SAVE_AGAIN}.") from error


def _tree(data: bytes, name: str) -> Element:
    depth = count = 0
    root: Element | None = None
    parts = iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
    for event, element in parts:
        if event == "end":
            depth -= 1
            continue
        root = element if root is None else root
        depth += 1
        count += 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise UnreadableFile(
                f"{name} is built deeper or wider than any Word text. {SAVE_AGAIN}."
            )
    if root is None:
        raise UnreadableFile(f"{name} is a damaged Word file. {SAVE_AGAIN}.")
    return root
