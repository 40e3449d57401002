"""What a file really is, told from its first bytes and the names of its parts, and what to do."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
LARGEST_DIRECTORY = 1024 * 1024
"""Bytes of a packed file's list of parts; a list of 5,000 parts takes about 400,000."""


@dataclass(frozen=True)
class Kind:
    """What a file is, in words; the ending such a file has, or what to do with it instead."""

    words: str
    ending: str = ""
    step: str = ""


_RESAVE = "Open it in Word or LibreOffice and save it as docx"
_PASSWORD = Kind(
    "protected by a password",
    step="Open it in the program it was written in, take the password off, and save it as docx "
    "or xlsx",
)
_PICTURE = Kind(
    "a picture", step="Type its text, or let a program recognise it, and save that as docx or txt"
)
_SOUND = Kind("a sound file", step="Transcribe it first and save the text as docx, txt or vtt")
_VIDEO = Kind("a video", step="Transcribe it first and save the text as docx, txt or vtt")
_PACKED = Kind("a packed file", step="Unpack it first, and add the files in it or a zip of them")
_PAGES = Kind("a Pages document", step="Export it from Pages as Word (docx)")
_DAMAGED = Kind("a damaged packed file", step="Save it again in the program it was written in")

_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"{\\rtf", Kind("rich text", "rtf")),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF87a", _PICTURE),
    (b"GIF89a", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"ID3\x02", _SOUND),
    (b"ID3\x03", _SOUND),
    (b"ID3\x04", _SOUND),
    (b"\xff\xfb", _SOUND),
    (b"\xff\xf3", _SOUND),
    (b"OggS", _SOUND),
    (b"fLaC", _SOUND),
    (b"#!AMR", _SOUND),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"\x1f\x8b", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"Rar!\x1a\x07", _PACKED),
    (b"\xfd7zXZ", _PACKED),
    (b"SQLite format 3\x00", Kind("a database", step="Export the text from the program it is of")),
)
_RIFF = {b"WAVE": _SOUND, b"WEBP": _PICTURE, b"AVI ": _VIDEO}


def kind_of(data: bytes) -> Kind | None:
    """What these bytes are, or None for plain text and for what is not known.

    >>> kind_of(b"%PDF-1.7 ...")
    Kind(words='a PDF', ending='pdf', step='')
    """
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return Kind("a PDF", "pdf")
    if data.startswith(OLE):
        return _old_office(data)
    if data.startswith((ZIP, _ZIP_END)):
        return _packed(data)
    if data[4:8] == b"ftyp":
        return _SOUND if data[8:11] == b"M4A" else _PICTURE if data[8:11] == b"hei" else _VIDEO
    if data.startswith(b"RIFF") and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    return next((kind for start, kind in _STARTS if data.startswith(start)), None)


def _old_office(data: bytes) -> Kind:
    """Office files before 2007, and newer ones with a password, are small file systems."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return _PASSWORD
    if holds("WordDocument"):
        return Kind("an old Word file (.doc)", step=_RESAVE)
    if holds("Workbook") or holds("Book\x00"):
        return Kind("an old Excel file (.xls)", step="Open it in Excel and save it as xlsx")
    if holds("__substg1.0_"):
        return Kind("an Outlook message", step="Save its text as docx or txt")
    return Kind("an old Office file", step=_RESAVE)


def _packed(data: bytes) -> Kind:
    """Word, OpenDocument, Excel and Pages files are packed: their parts tell which."""
    names = part_names(data)
    if names is None:
        return _DAMAGED
    if "[Content_Types].xml" in names:
        if any(name.startswith("xl/") for name in names):
            return Kind("an Excel file", "xlsx")
        if any(name.startswith("ppt/") for name in names):
            return Kind("a PowerPoint file", step="Copy its text into Word and save it as docx")
        return Kind("a Word file", "docx")
    if "mimetype" in names and "content.xml" in names:
        if data[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"):
            return Kind(
                "an OpenDocument spreadsheet", step="Open it in LibreOffice and save it as xlsx"
            )
        return Kind("an OpenDocument text", "odt")
    if "META-INF/container.xml" in names:
        return Kind("an electronic book", step="Copy its text into Word and save it as docx")
    if any(name.endswith((".iwa", "Index.zip", "index.xml.gz")) for name in names):
        return _PAGES
    return Kind("a zip of files", "zip")


def directory_is_long(data: bytes) -> bool:
    """Whether a packed file lists so many parts that the list alone would take all the memory."""
    end = data.rfind(_ZIP_END)
    return end >= 0 and int.from_bytes(data[end + 12 : end + 16], "little") > LARGEST_DIRECTORY


def part_names(data: bytes) -> frozenset[str] | None:
    """The names of the parts of a packed file, or None if they cannot be told."""
    if directory_is_long(data):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return None
