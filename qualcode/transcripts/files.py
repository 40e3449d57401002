"""What comes to the door: the name of a file, its bytes, and whether they are what it says."""

from __future__ import annotations

import re
from pathlib import Path

from qualcode.errors import UnreadableFile
from qualcode.transcripts.kinds import kind_of
from qualcode.transcripts.source import CONTROLS, MAX_FILE_BYTES

MEGABYTE = 1024 * 1024

_WORD = "Open it in Word or LibreOffice and save it as docx."
_LISTEN = "It is a recording: transcribe it first, and save the text as docx, txt or vtt."
_TABLE = "Open it in Excel or LibreOffice and save it as xlsx."
_LOOK = "It is a picture: type its text, or let a program recognise it, and save that as docx."
NEXT_STEPS: dict[str, str] = {
    "doc": _WORD,
    "pages": "Export it from Pages as Word (docx).",
    "dotx": _WORD,
    "wpd": _WORD,
    "docm": "It may hold macros: open it in Word and save it as docx, without macros.",
    "dotm": "It may hold macros: open it in Word and save it as docx, without macros.",
    "xlsm": "It may hold macros: open it in Excel and save it as xlsx, without macros.",
    "xls": _TABLE,
    "ods": _TABLE,
    "numbers": "Export it from Numbers as Excel (xlsx).",
    "json": "Save the text as docx or txt, one paragraph a turn.",
    "xml": "Save the text as docx or txt, one paragraph a turn.",
    "sbv": "Save the captions as vtt or srt.",
    "ttml": "Save the captions as vtt or srt.",
    **dict.fromkeys(("rar", "7z", "tar", "gz", "tgz"), "Unpack it and add the files in it."),
    **dict.fromkeys(("mp3", "m4a", "wav", "ogg", "wma", "aac", "flac"), _LISTEN),
    **dict.fromkeys(("mp4", "mov", "avi", "webm", "mkv"), _LISTEN),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "tif", "tiff", "heic", "webp"), _LOOK),
}
SAME_ENDING = {"htm": "html", "markdown": "md"}
"""Endings that are written in two ways."""


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
    ending = ending.strip().casefold()
    return stem.strip() or "transcript", SAME_ENDING.get(ending, ending)


def unknown_format(name: str, ending: str, data: bytes, known: list[str]) -> UnreadableFile:
    """What to do with a file of a format that has no reader."""
    kind = kind_of(data)
    if kind is not None and (ending not in NEXT_STEPS or ending in ("doc", "xls")):
        return _mistaken(name, data)
    formats = f"{', '.join(known[:-1])} and {known[-1]}"
    step = NEXT_STEPS.get(ending, "Save it as docx or txt.")
    return UnreadableFile(
        f"{shown_name(name)} cannot be read yet: the formats known here are {formats}. {step}"
    )


def check_kind(name: str, ending: str, data: bytes) -> None:
    """Refuse bytes that are something else under this ending.

    A packed file that is damaged is left to its reader, which knows what it should be.
    """
    kind = kind_of(data)
    packed = ending in ("docx", "odt", "xlsx", "zip")
    if kind is None:
        if packed or ending in ("rtf", "pdf"):
            step = "Check that it was copied whole, or save it again in the program it came from."
            raise UnreadableFile(f"{shown_name(name)} is not a {ending} file inside. {step}")
        return
    if kind.ending == ending or (packed and kind.words == "a damaged packed file"):
        return
    raise _mistaken(name, data)


def _mistaken(name: str, data: bytes) -> UnreadableFile:
    """What a file is under another ending, and what to do."""
    kind = kind_of(data)
    if kind is None or not kind.ending:
        words, step = (kind.words, kind.step) if kind else ("of an unknown format", "Save it anew")
        return UnreadableFile(f"{shown_name(name)} is {words}. {step}.")
    stem = stem_and_ending(shown_name(name))[0]
    return UnreadableFile(
        f"{shown_name(name)} is {kind.words} under another ending. "
        f"Name it {stem}.{kind.ending} and add it again."
    )


def too_large(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"{shown_name(name)} is larger than {MAX_FILE_BYTES // MEGABYTE} MB, more than an "
        "interview's text can be. Check that it is the right file, or split it."
    )


def file_bytes(path: Path, name: str, limit: int = MAX_FILE_BYTES) -> bytes:
    """The bytes of a file on disk, never more than one above the limit."""
    shown = shown_name(name)
    try:
        if path.is_dir():
            raise UnreadableFile(f"{shown} is a folder. Name the files in it.")
        if not path.exists():
            raise UnreadableFile(f"There is no file {shown}. Check its name and its folder.")
        if not path.is_file():
            raise UnreadableFile(f"{shown} is not an ordinary file. Save its text as txt or docx.")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{shown} cannot be opened. Check its name and whether you may read it."
        ) from error


def check_plain(data: bytes, name: str) -> None:
    """Refuse a page or a file for machines under the name of a plain text."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        stem = stem_and_ending(name)[0]
        raise UnreadableFile(
            f"{name} holds HTML, not plain text. Name it {stem}.html and add it again."
        )
    if start.startswith(b"<?xml"):
        raise UnreadableFile(
            f"{name} holds XML, not plain text. Export the text as docx or txt from the program "
            "it comes from."
        )
