"""Words in a drawing: how wide they are, about, and where their lines break."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MOST_LINES = 10
NARROW = {**dict.fromkeys("ijl|'’`.,:;!", 0.33), **dict.fromkeys('ftr()[]-/ “”"', 0.43)}
WIDE = {**dict.fromkeys("mM", 0.98), **dict.fromkeys("wWO QGD@%&—…", 0.88)}


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide the words are in print, rather more than less.

    >>> width_of("ill", 10) < width_of("mow", 10) < width_of("質的研", 10)
    True
    """
    total = 0.0
    for character in text:
        if unicodedata.combining(character):
            continue
        if unicodedata.east_asian_width(character) in "WF":
            total += 1.02
        elif character in NARROW:
            total += NARROW[character]
        elif character in WIDE:
            total += WIDE[character]
        else:
            total += 0.74 if character.isupper() else 0.635
    return total * size * (1.12 if bold else 1.0)


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """A name in lines that fit the width; a word that is longer than a line is broken.

    >>> wrapped("Time is given by rank", 90, 12)
    ('Time is given', 'by rank')
    """
    clean = "".join(c if c.isprintable() else " " for c in text)
    lines = [""]
    for word in clean.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        pieces = list(_pieces(word, width, size, bold=bold))
        lines += pieces if lines[-1] else []
        if not lines[0]:
            lines = pieces
    if len(lines) > MOST_LINES:
        return (*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][:-1]}…")
    return tuple(lines)


def _pieces(word: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and width_of(piece + character, size, bold=bold) > width:
            yield piece
            piece = ""
        piece += character
    yield piece
