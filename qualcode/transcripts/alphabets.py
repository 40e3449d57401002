"""One-byte encodings of languages in Latin letters, told apart by the letters they would give.

The same byte is “ę” in Windows-1250, “ê” in Windows-1252 and “Í” in Mac Roman: the encoding is
taken whose special letters belong to one language and whose signs stand where signs stand.
"""

from __future__ import annotations

import re
from itertools import islice

SAMPLE = 20_000
"""So many special characters are looked at to tell encodings apart."""
PLAUSIBLE = 0.8
"""The share of special characters that must stand in a sensible place."""
CERTAIN = 0.96
"""The share that must also belong to one language before a rarer encoding is taken."""
FEWEST = 5
"""So many special letters are needed for a rarer encoding."""

ALPHABETS = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüßéèà",  # German
    "áéíñóúü",  # Spanish
    "áâãàçéêíóôõúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "àçéèëêïíóöôü",  # Dutch, Catalan
    "åäöéæøü",  # Swedish, Danish, Norwegian, Finnish
    "áðéíóúýþæö",  # Icelandic
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovenian, Bosnian
    "ăâîșțşţ",  # Romanian
    "çğıİöşüâîû",  # Turkish
    "ąčęėįšųūž",  # Lithuanian
    "āčēģīķļņōŗšūž",  # Latvian
    "äõöüšž",  # Estonian
)
WESTERN = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
RARER = {
    "cp1250": "Windows-1250",
    "iso8859_2": "ISO-8859-2",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "iso8859_15": "ISO-8859-15",
    "mac_latin2": "Mac Central European",
    "mac_turkish": "Mac Turkish",
    "cp850": "DOS 850",
    "cp852": "DOS 852",
}

_HIGH = re.compile(rb"[\x80-\xff]")
_ALONE = frozenset("àÀáÁéÉèÈêíÍóÓòôúÚöÖåÅøØæ")
# The bytes of these are Turkish letters in another encoding: they prove nothing.
_DOUBTFUL = frozenset("ðÐþÞýÝ")
_ANYWHERE = frozenset("\u00a0\u00ad–—…•·")
_OPENING = frozenset("“‘«‹„‚¿¡")
_CLOSING = frozenset("”’»›")
_SIGNS = frozenset("°£€©®™§½¼¾±²³×÷µ¢¥†‡‰ªº¶")


def latin_encoding(data: bytes) -> tuple[str, str] | None:
    """The text and the name of its encoding, or None if no language in Latin letters fits.

    >>> latin_encoding("Zostaję długo, późną nocą, żeby skończyć.".encode("cp1250"))[1]
    'Windows-1250'
    """
    places = [match.start() for match in islice(_HIGH.finditer(data), SAMPLE)]
    western = max((_belonging(data, codec, places), codec) for codec in WESTERN)[0]
    rarer = max((_belonging(data, codec, places), -n) for n, codec in enumerate(RARER))
    codec = list(RARER)[-rarer[1]]
    if rarer[0] >= CERTAIN and rarer[0] > western and len(places) >= FEWEST:
        return data.decode(codec), RARER[codec]
    windows = _plausible(data, "cp1252", places)
    mac = _plausible(data, "mac_roman", places)
    if max(windows, mac) < PLAUSIBLE:
        return None
    # Only old Macintosh programs end lines with a return alone.
    returns_only = b"\r" in data and b"\n" not in data
    if mac > windows or (mac == windows and returns_only):
        return data.decode("mac_roman"), "Mac Roman"
    return data.decode("cp1252", errors="replace"), "Windows-1252"


def _belonging(data: bytes, codec: str, places: list[int]) -> float:
    """The share of special characters that are letters of one language, or signs in their place."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    if not places or any("\x80" <= sign <= "\x9f" for sign in text):
        return 0.0
    letters: dict[str, int] = {}
    signs = 0
    for place in places:
        sign = text[place]
        if sign.isalpha():
            # A capital inside a word of small letters is a letter read in the wrong encoding.
            if sign.isupper() and text[place - 1 : place].islower():
                continue
            letters[sign.lower()] = letters.get(sign.lower(), 0) + 1
        else:
            signs += _fits(sign, text[place - 1 : place], text[place + 1 : place + 2])
    known = max(sum(letters.get(sign, 0) for sign in alphabet) for alphabet in ALPHABETS)
    return (known + signs) / len(places)


def _plausible(data: bytes, codec: str, places: list[int]) -> float:
    """The share of special characters that stand where a Western language puts them."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0.0
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
