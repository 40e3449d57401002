"""Text into the word pieces of BERT: a string in, numbers of the vocabulary out.

The uncased WordPiece of Devlin et al. (2019), written out here because the usual library for it
brings a network client with it, and nothing in qualcode may have one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_LONGEST_WORD = 100
_BLANKS = re.compile(r"[ \t\r\n]+")


class WordPieces:
    """The vocabulary, and which pieces each run between blanks met so far is made of."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._known: dict[str, tuple[int, ...]] = {}

    def __call__(self, text: str) -> list[int]:
        """The pieces of the text in order; words with unknown characters are left out.

        >>> WordPieces(["chart", "##s", "run"])("Run-charts!")
        [2, 0, 1]
        """
        # What stands between blanks is read the same wherever it stands, and mostly comes back.
        return [number for run in _BLANKS.split(text) for number in self._pieces(run)]

    def _pieces(self, run: str) -> tuple[int, ...]:
        found = self._known.get(run)
        if found is None:
            if len(self._known) > 200_000:
                self._known.clear()
            found = tuple(number for word in _words(run) for number in self._greedy(word))
            if len(run) <= _LONGEST_WORD:
                self._known[run] = found
        return found

    def _greedy(self, word: str) -> tuple[int, ...]:
        pieces: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            for end in range(len(word), start, -1):
                number = self._numbers.get(("##" if start else "") + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return ()
        return tuple(pieces)


def _words(text: str) -> Iterator[str]:
    """Lower-case words without accents; every punctuation mark and ideograph by itself."""
    word: list[str] = []
    for character in unicodedata.normalize("NFD", _without_controls(text)).lower():
        category = unicodedata.category(character)
        if category == "Mn":
            continue
        if character.isspace():
            if word:
                yield "".join(word)
                word = []
        elif _stands_alone(character, category):
            if word:
                yield "".join(word)
                word = []
            yield character
        else:
            word.append(character)
    if word:
        yield "".join(word)


def _without_controls(text: str) -> str:
    return "".join(
        " " if c in "\t\n\r" else c
        for c in text
        if c in "\t\n\r" or (c != "�" and unicodedata.category(c)[0] != "C")
    )


def _stands_alone(character: str, category: str) -> bool:
    code = ord(character)
    if code < 128:
        return not character.isalnum()
    ideograph = 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF
    return (
        category[0] == "P" or ideograph or 0x20000 <= code <= 0x2CEAF or 0x2F800 <= code <= 0x2FA1F
    )
