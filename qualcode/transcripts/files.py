"""What comes to the door: the name of a file, its bytes, and what they really are."""

from __future__ import annotations

import re
from pathlib import Path

from qualcode.errors import UnreadableFile
from qualcode.transcripts.source import CONTROLS, MAX_FILE_BYTES

MEGABYTE = 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
# A password-protected Word file is an OLE file that holds a stream of this name.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "Save it as docx or txt from the program it was written in"),
    (OLE, "an old Word file (.doc)", "Open it in Word or LibreOffice and save it as docx"),
    (b"{\\rtf", "rich text (.rtf)", "Open it in Word or LibreOffice and save it as docx"),
    (ZIP, "a Word or other packed file", "Give it its own ending, such as docx"),
    (b"\x89PNG", "a picture", "Type or recognise its text and save that as txt"),
    (b"\xff\xd8\xff", "a picture", "Type or recognise its text and save that as txt"),
    (b"ID3\x03", "a sound file", "Transcribe it first and save the text as txt or docx"),
    (b"ID3\x04", "a sound file", "Transcribe it first and save the text as txt or docx"),
    (b"OggS", "a sound file", "Transcribe it first and save the text as txt or docx"),
    (b"\x1f\x8b", "a packed file", "Unpack it first"),
)

_WORD = "Open it in Word or LibreOffice and save it as docx."
_LISTEN = "It is a recording: transcribe it first, and save the text as docx, txt or vtt."
_TABLE = "Save the text as docx or txt, one paragraph a turn."
NEXT_STEPS: dict[str, str] = {
    "pdf": "Save it as docx or txt from the program it was written in.",
    "doc": _WORD,
    "rtf": _WORD,
    "odt": _WORD,
    "pages": "Export it from Pages as Word (docx).",
    "dotx": _WORD,
    "docm": "It may hold macros: open it in Word and save it as docx, without macros.",
    "dotm": "It may hold macros: open it in Word and save it as docx, without macros.",
    "htm": "Open it in a browser, copy the text into Word and save it as docx.",
    "html": "Open it in a browser, copy the text into Word and save it as docx.",
    "csv": _TABLE,
    "tsv": _TABLE,
    "xls": _TABLE,
    "xlsx": _TABLE,
    "ods": _TABLE,
    "json": _TABLE,
    "sbv": "Save the captions as vtt or srt.",
    "ttml": "Save the captions as vtt or srt.",
    "zip": "Unpack it and add the files in it.",
    **dict.fromkeys(("mp3", "m4a", "wav", "ogg", "wma", "aac", "flac"), _LISTEN),
    **dict.fromkeys(("mp4", "mov", "avi", "webm", "mkv"), _LISTEN),
}


def plain_name(source: str | Path) -> str:
    """The last component of a path of any system, without anything invisible.

    >>> plain_name("../../etc/P01.txt"), plain_name("C:\\\\data\\\\P02.docx")
    ('P01.txt', 'P02.docx')
    """
    last = re.split(r"[\\/]", str(source).rstrip("\\/"))[-1]
    shown = "".join(sign for sign in CONTROLS.sub("", last) if sign.isprintable()).strip()
    return shown if shown.strip(". ") else "the file"


def shown_name(name: str) -> str:
    """The name as an error shows it: never more than a line."""
    return name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}"


def stem_and_ending(name: str) -> tuple[str, str]:
    """The name without its ending, and the ending in small letters.

    >>> stem_and_ending("P03 second.DOCX")
    ('P03 second', 'docx')
    """
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name, ""
    return stem.strip() or "transcript", ending.strip().casefold()


def unknown_format(name: str, ending: str, data: bytes, known: list[str]) -> UnreadableFile:
    """What to do with a file of a format that has no reader."""
    formats = f"{', '.join(known[:-1])} and {known[-1]}"
    step = NEXT_STEPS.get(ending, "Save it as docx or txt.")
    if ending == "doc":
        if data.startswith(b"{\\rtf"):
            step = f"It is rich text under a Word name. {step}"
        elif ENCRYPTED in data:
            step = "It is protected by a password: open it, take the password off, save as docx."
        elif data.startswith(OLE):
            step = f"It is an old Word file. {step}"
        elif data.startswith(ZIP):
            step = "It is a newer file under an old ending: name it docx and try again."
    return UnreadableFile(
        f"{shown_name(name)} cannot be read yet: the formats known here are {formats}. {step}"
    )


def too_large(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"{shown_name(name)} is larger than {MAX_FILE_BYTES // MEGABYTE} MB, more than an "
        "interview's text can be. Check that it is the right file, or split it."
    )


def file_bytes(path: Path, name: str) -> bytes:
    """The bytes of a file on disk, never more than are allowed."""
    shown = shown_name(name)
    try:
        if path.is_dir():
            raise UnreadableFile(f"{shown} is a folder. Name the files in it.")
        if not path.exists():
            raise UnreadableFile(f"There is no file {shown}. Check its name and its folder.")
        if not path.is_file():
            raise UnreadableFile(f"{shown} is not an ordinary file. Save its text as txt or docx.")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{shown} cannot be opened. Check its name and whether you may read it."
        ) from error


def check_plain(data: bytes, name: str) -> None:
    """Refuse bytes that are something else under the name of a text."""
    for magic, kind, step in MAGIC:
        if data.startswith(magic):
            raise UnreadableFile(f"{name} is {kind}, not plain text. {step}.")
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise UnreadableFile(
            f"{name} holds HTML or XML, not plain text. "
            "Open it in a browser, copy the text into Word and save it as docx."
        )
