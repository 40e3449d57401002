"""Bytes of a plain-text file in, its characters and the name of its encoding out.

A byte-order mark and UTF-8 decide for themselves. Older encodings do not say what they are: they
are told from the letters they would give, by the tables in ``alphabets`` and, for other scripts,
by charset-normalizer. What stays in doubt is refused with the place of the first doubtful byte.
"""

from __future__ import annotations

import codecs
import unicodedata

from charset_normalizer import from_bytes

from qualcode.errors import UnreadableFile
from qualcode.transcripts.alphabets import RARER, WESTERN, latin_encoding

SAVE_AGAIN = "Open it in the program it was written in and save it as plain text in UTF-8"
SAMPLE = 60_000
"""So many bytes are looked at to tell one script's encodings apart."""
MOST_CHAOS = 10.0
"""Per cent of disorder that charset-normalizer may find in a text that is taken."""
LEAST_KANA = 0.25
"""The share of syllables among the characters of a Japanese text, at the least."""

_ASCII = bytes(range(128))
_BLANKS = " \n\r\t:"
OTHER_SCRIPTS: dict[str, str] = {
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "iso8859_5": "ISO-8859-5",
    "cp866": "DOS 866",
    "mac_cyrillic": "Mac Cyrillic",
    "cp1253": "Windows-1253",
    "iso8859_7": "ISO-8859-7",
    "cp1255": "Windows-1255",
    "iso8859_8": "ISO-8859-8",
    "cp1256": "Windows-1256",
    "iso8859_6": "ISO-8859-6",
    "cp874": "Windows-874",
    "gb18030": "GB18030",
    "big5": "Big5",
    "big5hkscs": "Big5-HKSCS",
    "cp949": "EUC-KR",
}
"""What charset-normalizer may choose from; the others are hardly ever found in interviews."""
JAPANESE = {"iso2022_jp": "ISO-2022-JP", "cp932": "Shift-JIS", "euc_jp": "EUC-JP"}
ASSUMED = frozenset(
    {
        *OTHER_SCRIPTS.values(),
        *JAPANESE.values(),
        *WESTERN.values(),
        *RARER.values(),
        "UTF-16 without byte-order mark",
    }
)
"""Encodings that a file does not show by itself, so that a person should look."""


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The characters of a text file and the encoding they were in.

    >>> decode(b"It\\x92s late.", "P01.txt")
    ('It’s late.', 'Windows-1252')
    """
    for mark, codec, label in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with byte-order mark"),
        (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
        (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return _strict(data, codec, label, name), label
    null = data.find(b"\x00")
    if null >= 0:
        wide = _unmarked_utf16(data)
        if wide is not None:
            return wide
        raise UnreadableFile(
            f"{name} holds a null character at byte {null + 1}, which no plain text "
            f"has. {SAVE_AGAIN}."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _older(data, error.start, name)
    # This Japanese encoding is written in bytes of ASCII alone.
    if b"\x1b$" in data and (found := _japanese(data)):
        return found
    return text, "UTF-8"


def decode_declared(data: bytes, encoding: str, name: str) -> tuple[str, str]:
    """The characters of a file that names its encoding, which is believed if it fits.

    >>> decode_declared(b"It\\x92s late.", "iso-8859-1", "P01.html")
    ('It’s late.', 'Windows-1252 (declared)')
    """
    label = encoding.strip().casefold().replace("_", "-")
    # What calls itself Latin-1 or ASCII is Windows-1252 in practice; so do the browsers.
    label = "cp1252" if label in ("iso-8859-1", "latin1", "us-ascii", "ascii") else label
    try:
        codec = codecs.lookup(label)
        text = data.decode(codec.name)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return decode(data, name)
    if "\x00" in text:
        return decode(data, name)
    shown = {"cp1252": "Windows-1252", "utf-8": "UTF-8", **OTHER_SCRIPTS, **JAPANESE}
    return text, f"{shown.get(codec.name, encoding)} (declared)"


def _strict(data: bytes, codec: str, label: str, name: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{name} begins as {label}, but byte {error.start + 1} does not fit. {SAVE_AGAIN}."
        ) from error
    if "\x00" in text:
        raise UnreadableFile(
            f"{name} holds a null character, which no plain text has. {SAVE_AGAIN}."
        )
    return text


def _unmarked_utf16(data: bytes) -> tuple[str, str] | None:
    """UTF-16 without its mark, told by the blanks and colons that either order of bytes gives."""
    best: tuple[int, str] | None = None
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        sample = text[:SAMPLE]
        blanks = sum(sample.count(sign) for sign in _BLANKS)
        odd = sum(unicodedata.category(sign) in ("Cn", "Co", "Cs") for sign in sample)
        fits = "\x00" not in text and 50 * blanks >= len(sample) and 100 * odd <= len(sample)
        if fits and (best is None or blanks > best[0]):
            best = blanks, text
    return None if best is None else (best[1], "UTF-16 without byte-order mark")


def _older(data: bytes, first: int, name: str) -> tuple[str, str]:
    """One of the encodings of before UTF-8, or a refusal that names the first byte in doubt."""
    mixed = data.decode("utf-8", errors="surrogateescape")
    broken = len(data) - len(mixed.encode("utf-8", errors="ignore"))
    # A special character has two bytes or more in UTF-8: most of them read well.
    if len(data.translate(None, delete=_ASCII)) > 3 * broken:
        raise UnreadableFile(f"{name} is in UTF-8, but byte {first + 1} is damaged. {SAVE_AGAIN}.")
    found = _japanese(data) or latin_encoding(data) or _other_script(data)
    if found is None:
        raise UnreadableFile(
            f"{name} is in an encoding that cannot be told for sure (the first doubt is byte "
            f"{first + 1}). {SAVE_AGAIN}."
        )
    return found


def _japanese(data: bytes) -> tuple[str, str] | None:
    """A Japanese encoding, if a good part of the characters it gives are syllables."""
    for codec, label in JAPANESE.items():
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        special = [sign for sign in text[:SAMPLE] if ord(sign) > 127]
        kana = sum("\u3041" <= sign <= "\u30ff" for sign in special)
        if special and kana >= LEAST_KANA * len(special):
            return text, label
    return None


def _other_script(data: bytes) -> tuple[str, str] | None:
    """The encoding that charset-normalizer finds likeliest, if it is one in common use."""
    # A cut inside a character would make a good encoding look broken: cut at a line end.
    end = len(data) if len(data) <= SAMPLE else data.rfind(b"\n", 0, SAMPLE) + 1 or SAMPLE
    found = from_bytes(data[:end], cp_isolation=list(OTHER_SCRIPTS)).best()
    if found is None or found.percent_chaos > MOST_CHAOS or found.encoding not in OTHER_SCRIPTS:
        return None
    try:
        return data.decode(found.encoding), OTHER_SCRIPTS[found.encoding]
    except UnicodeDecodeError:
        return None
