"""Many languages in one study: text in; its direction, its counts, its sentences and words out.

Everything here comes from Unicode's own properties and from rules; spaCy gives the tokenizers of
its blank pipelines, which know abbreviations and were trained on nothing. No model is needed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import regex

from qualcode.spans import Span

Direction = Literal["ltr", "rtl"]

# Scripts that put no space between words: their words cannot be told without a dictionary.
_UNSPACED = (
    r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}"
    r"\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}"
)
_JOINED = r"[\p{M}\p{Grapheme_Extend}\u200c\u200d]*"
_WORD = regex.compile(rf"(?V1)(?:[[\p{{L}}\p{{N}}_]--[{_UNSPACED}]]{_JOINED})+|\X")
_UNSPACED_CHARACTER = regex.compile(rf"(?V1)[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]{_JOINED}")

# How spaCy names the languages whose blank pipeline needs nothing that is not installed.
_TOKENIZED = frozenset(
    ("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
     "hr", "hu", "hy", "id", "is", "it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl",
     "sq", "sr", "sv", "ta", "te", "tr", "ur")
)  # fmt: skip
# Languages told by their letters alone; the first that has any is taken.
_BY_LETTERS = (
    ("ko", r"\p{Script=Hangul}"), ("ja", r"\p{Script=Hiragana}\p{Script=Katakana}"),
    ("zh", r"\p{Script=Han}"), ("th", r"\p{Script=Thai}"), ("lo", r"\p{Script=Lao}"),
    ("km", r"\p{Script=Khmer}"), ("my", r"\p{Script=Myanmar}"), ("he", r"\p{Script=Hebrew}"),
    ("ur", "ٹڈڑںے"), ("fa", "پچژگ"), ("ar", r"\p{Script=Arabic}"), ("el", r"\p{Script=Greek}"),
    ("hi", r"\p{Script=Devanagari}"), ("bn", r"\p{Script=Bengali}"), ("ta", r"\p{Script=Tamil}"),
    ("hy", r"\p{Script=Armenian}"),
)  # fmt: skip
_BY_WORDS = {
    "latin": ("en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu",
              "ro", "tr", "ca", "hr", "et", "lt", "lv", "sk", "sl", "id"),
    "cyrillic": ("ru", "uk", "bg", "sr"),
}  # fmt: skip
NAMES: dict[str, str] = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "km": "Khmer", "ko": "Korean",
    "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "my": "Burmese", "nb": "Norwegian",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip
"""The languages that a transcript may be said to be in, by their tags."""
_CLOSING = "\"'”’»›)]}」』）】》〉"
_END = regex.compile(
    rf"[.!?…‼⁇⁈⁉؟۔।॥։።፧။]+[{regex.escape(_CLOSING)}]*(?=\s|$)"
    rf"|[。！？｡．]+[{regex.escape(_CLOSING)}]*|\n"
)
_OPENING = regex.compile(r"\s[\"'“‘«(\[„‚¿¡]+$")
_THAI_GAP = regex.compile(r"(?<=[\p{Script=Thai}\p{M}]) +(?=\p{Script=Thai})")


def direction(text: str) -> Direction:
    """The way a text is written: that of its first letter with a direction (Unicode rule P2).

    >>> direction("— «שלום» he said"), direction("12. Hello"), direction("")
    ('rtl', 'ltr', 'ltr')
    """
    isolated = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            isolated += 1
        elif kind == "PDI":
            isolated = max(0, isolated - 1)
        elif not isolated and kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


@dataclass(frozen=True)
class Count:
    """How long a text is: words where spaces part them, characters where nothing does.

    Chinese, Japanese, Thai, Lao, Khmer and Burmese are counted in characters as a reader sees
    them; a number of words would be a guess.
    """

    words: int
    characters: int

    @property
    def total(self) -> int:
        """Words and characters together, as word processors count East Asian text."""
        return self.words + self.characters

    def __str__(self) -> str:
        words = f"{self.words:,} word{'' if self.words == 1 else 's'}"
        characters = f"{self.characters:,} character{'' if self.characters == 1 else 's'}"
        if not self.characters:
            return words
        return f"{words} and {characters}" if self.words else characters


def count(text: str) -> Count:
    """Words and unspaced characters of a text.

    >>> str(count("Well, I don't know."))
    '4 words'
    >>> str(count("我們用 Zoom 開會。"))
    '1 word and 5 characters'
    """
    spaced, characters = _UNSPACED_CHARACTER.subn(" ", text)
    # What is left of a run of such characters may be its comma alone, which is no word.
    words = sum(
        any(character.isalnum() for character in word) or not characters for word in spaced.split()
    )
    return Count(words, characters)


_COUNTED = regex.compile(
    rf"(?V1)[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]{_JOINED}"
    rf"|[\S--[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]]+"
)


def counted(text: str) -> Iterator[Span]:
    """Where each word stands, and each character of a script without spaces.

    >>> text = "我們用 Zoom"
    >>> [text[place.slice] for place in counted(text)]
    ['我', '們', '用', 'Zoom']
    """
    for match in _COUNTED.finditer(text):
        yield Span(match.start(), match.end())


def word_starts(text: str) -> list[int]:
    """Where each word begins, and each character of a script without spaces.

    >>> word_starts("我們用 Zoom")
    [0, 1, 2, 4]
    """
    return [match.start() for match in _COUNTED.finditer(text)]


def proposed_language(text: str) -> str:
    """The language that a text seems to be in, or "" where that is not clear.

    It is told by its letters, and among languages that share them by their small words, of which
    spaCy has lists. A person says what it is.

    >>> proposed_language("I stay late most days, and then we talk about it on the way home.")
    'en'
    >>> proposed_language("Ich bleibe meistens länger, und dann reden wir darüber auf dem Weg.")
    'de'
    >>> proposed_language("我們每個星期五開會。"), proposed_language("OK.")
    ('zh', '')
    """
    sample = text[:_LOOKED_AT]
    letters = regex.findall(r"\p{L}", sample)
    if len(letters) < 5:
        return ""
    for tag, script in _BY_LETTERS:
        share = len(regex.findall(f"[{script}]", sample)) / len(letters)
        # A few letters tell Japanese from Chinese and Persian from Arabic, but not a loan word.
        if share > (0.02 if tag in ("ja", "ur", "fa") else 0.3):
            return tag
    cyrillic = len(regex.findall(r"\p{Script=Cyrillic}", sample)) / len(letters) > 0.5
    spoken = regex.findall(r"\p{L}+", sample.casefold())
    if len(spoken) < _FEWEST_WORDS:
        return ""
    shares = sorted(
        (
            (sum(word in _small_words(tag) for word in spoken) / len(spoken), tag)
            for tag in _BY_WORDS["cyrillic" if cyrillic else "latin"]
        ),
        reverse=True,
    )
    (best, tag), (second, _) = shares[:2]
    return tag if best > 0.2 and best - second > 0.03 else ""


_LOOKED_AT = 20_000
_FEWEST_WORDS = 8


@lru_cache(maxsize=40)
def _small_words(tag: str) -> frozenset[str]:
    from importlib import import_module

    found = import_module(f"spacy.lang.{tag}.stop_words").STOP_WORDS
    return frozenset(word for word in found if len(word) <= 5)


def words(text: str) -> list[str]:
    """The text cut into words and single characters; joined again they are the text.

    No grapheme is cut: an emoji of several code points and a letter with its accents stay whole.
    Characters of scripts without spaces stand alone.

    >>> words("It’s 李明!")
    ['It', '’', 's', ' ', '李', '明', '!']
    """
    return [match.group() for match in _WORD.finditer(text)]


def sentences(text: str, language: str = "en") -> tuple[Span, ...]:
    """Where each sentence of a text stands, the white space around it left out.

    ``language`` is a language tag as “de” or “pt-BR”. Where spaCy has a tokenizer for it, that
    tells the full stop of an abbreviation from the end of a sentence. Otherwise a sentence ends
    at the marks of its script; Thai, which has none, is cut at its spaces. A line's end always
    ends a sentence.

    >>> text = "Frau Dr. Weiß kam z. B. um acht. Warum?"
    >>> [text[sentence.slice] for sentence in sentences(text, "de")]
    ['Frau Dr. Weiß kam z. B. um acht.', 'Warum?']
    """
    tag = language.casefold().replace("_", "-").split("-")[0]
    ends = _tokenized_ends(text, tag) if tag in _TOKENIZED else _ruled_ends(text, tag)
    return tuple(_stretches(text, ends))


def _ruled_ends(text: str, tag: str) -> list[int]:
    ends = [match.end() for match in _END.finditer(text)]
    if tag == "th":
        ends += [match.end() for match in _THAI_GAP.finditer(text)]
    return sorted(ends)


def _tokenized_ends(text: str, tag: str) -> list[int]:
    ends = []
    start = 0
    for line in text.splitlines(keepends=True):
        for sentence in _splitter(tag)(line).sents:
            # The sentencizer gives an opening quotation mark to the sentence before it.
            opening = _OPENING.search(sentence.text)
            ends.append(start + sentence.end_char - (len(opening.group()) if opening else 0))
        start += len(line)
        ends.append(start)
    return ends


@lru_cache(maxsize=8)
def _splitter(tag: str) -> Any:
    import spacy
    from spacy.pipeline import Sentencizer

    pipeline = spacy.blank(tag)
    marks = [*Sentencizer.default_punct_chars, "…"]
    pipeline.add_pipe("sentencizer", config={"punct_chars": marks})
    pipeline.max_length = 10_000_000  # a line without a break; nothing here needs much memory
    return pipeline


def _stretches(text: str, ends: list[int]) -> Iterator[Span]:
    start = 0
    for end in [*ends, len(text)]:
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, start + len(piece.rstrip()))
        start = max(start, end)


def weights_are_known(name: str, expected: Mapping[str, str] | None) -> bool:
    """Whether an installed model's files are those expected (file name → SHA-256).

    Without an expectation it is a person's own model, which is theirs to trust.
    """
    if expected is None:
        return True
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return False
    folder = Path(spec.origin).parent
    return all(
        any(sha256(file.read_bytes()).hexdigest() == digest for file in folder.glob(f"*/{part}"))
        for part, digest in expected.items()
    )
