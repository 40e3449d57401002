"""Bytes of a plain-text file in, its characters and the name of its encoding out.

Only what can be decided is decided: byte-order marks, UTF-8, and two one-byte encodings of
Western Europe when nearly every special character stands where its language puts it. All else is
refused with the place of the first byte in doubt.
"""

from __future__ import annotations

import re
from itertools import islice

from qualcode.errors import UnreadableFile
from qualcode.transcripts.files import check_plain

SAVE_AGAIN = "Open it in the program it was written in and save it as plain text in UTF-8"
SAMPLE = 20_000
"""So many special characters are looked at to tell two encodings apart."""
PLAUSIBLE = 0.8
"""The share of special characters that must stand in a sensible place."""

_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_ALONE = frozenset("àÀáÁéÉèÈêíÍóÓòôúÚöÖåÅøØæ")
# The bytes of these are Turkish letters in another encoding: they prove nothing.
_DOUBTFUL = frozenset("ðÐþÞýÝ")
_ANYWHERE = frozenset("\u00a0\u00ad–—…•·")
_OPENING = frozenset("“‘«‹„‚¿¡")
_CLOSING = frozenset("”’»›")
_SIGNS = frozenset("°£€©®™§½¼¾±²³×÷µ¢¥†‡‰ªº¶")


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The characters of a text file and the encoding they were in.

    >>> decode(b"It\\x92s late.", "P01.txt")
    ('It’s late.', 'Windows-1252')
    """
    check_plain(data, name)
    for mark, codec, label in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with byte-order mark"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return _strict(data, codec, label, name), label
    null = data.find(b"\x00")
    if null >= 0:
        raise UnreadableFile(
            f"{name} holds a null character at byte {null + 1}, which no plain text "
            f"has. {SAVE_AGAIN}."
        )
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        return _one_byte(data, error.start, name)


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


def _one_byte(data: bytes, first: int, name: str) -> tuple[str, str]:
    """Windows-1252 or Mac Roman, whichever puts its special characters in sensible places."""
    mixed = data.decode("utf-8", errors="surrogateescape")
    broken = len(data) - len(mixed.encode("utf-8", errors="ignore"))
    # A special character has two bytes or more in UTF-8: most of them read well.
    if len(data.translate(None, delete=_ASCII)) > 3 * broken:
        raise UnreadableFile(f"{name} is in UTF-8, but byte {first + 1} is damaged. {SAVE_AGAIN}.")
    returns_only = b"\r" in data and b"\n" not in data
    windows = _plausible(data, "cp1252")
    mac = _plausible(data, "mac_roman")
    if max(windows, mac) < PLAUSIBLE:
        raise UnreadableFile(
            f"{name} is in an encoding that cannot be told for sure (the first doubt is byte "
            f"{first + 1}). {SAVE_AGAIN}."
        )
    # Only old Macintosh programs end lines with a return alone.
    if mac > windows or (mac == windows and returns_only):
        return data.decode("mac_roman"), "Mac Roman"
    return data.decode("cp1252", errors="replace"), "Windows-1252"


def _plausible(data: bytes, codec: str) -> float:
    """The share of special characters that stand where a Western language puts them."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    places = [match.start() for match in islice(_HIGH.finditer(data), SAMPLE)]
    fitting = sum(
        _fits(text[place], text[place - 1 : place], text[place + 1 : place + 2]) for place in places
    )
    return fitting / len(places) if places else 0.0


def _fits(sign: str, before: str, after: str) -> bool:
    """Whether this character can stand between these two."""
    left, right = before.isalpha(), after.isalpha()
    if sign in _ANYWHERE:
        return True
    if sign in _CLOSING or sign == "´":
        return left or right or not before.isspace()
    if sign in _OPENING:
        return not left
    if sign in _SIGNS:
        return not (left and right)
    if not sign.isalpha() or sign in _DOUBTFUL:
        return False
    plain = (left and before.isascii()) or (right and after.isascii())
    if not plain:
        return sign in _ALONE and (not before or before.isspace()) and not right
    # A capital inside a word of small letters is an apostrophe read in the wrong encoding.
    return not (sign.isupper() and before.islower())
