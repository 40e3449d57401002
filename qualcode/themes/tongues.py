"""Texts in other languages than English: transcripts in; what each is in, and its words, out.

No model is used: a word stands for itself, its first letters for its lemma, and lists tell small
words. Where no space parts words, pairs of neighbouring characters take their place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

import regex

from qualcode.languages import NAMES, count, proposed_language, words
from qualcode.model import Transcript
from qualcode.themes.language import Word, spoken

ENGLISH, UNKNOWN = "en", ""
STEM = 5
"""Letters of a word that stand for its lemma (truncation, as in McNamee & Mayfield, 2004)."""
SHORT = 200
"""Texts of fewer characters are taken to be in the language of all short ones together."""
FEW = 30
"""Fewer words than this tell no language: they are taken as English."""
ENGLISH_SHARE = 0.15
COMMON = 0.5
"""Where no list of small words is known, words in more of the passages than this are small."""
_UNSPACED = regex.compile(
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Bopomofo}]"
)
_LETTERS = regex.compile(r"\p{L}[\p{L}\p{M}\p{Pd}'’\u200c\u200d]*")


def languages_of(transcripts: Sequence[Transcript]) -> dict[str, str]:
    """The language of each transcript by its id: the one said, else the one its people speak."""
    found: dict[str, str] = {}
    short: dict[str, str] = {}
    for transcript in transcripts:
        said = transcript.language.casefold().replace("_", "-").split("-")[0]
        if said:
            found[transcript.id] = said
            continue
        told = "\n".join(transcript.text[turn.span.slice] for turn in transcript.participant_turns)
        if len(told) < SHORT:
            short[transcript.id] = told
        else:
            found[transcript.id] = _seems(told)
    together = _seems("\n".join(list(short.values())[:500]))
    return found | dict.fromkeys(short, together)


def language_of_table(texts: Sequence[str]) -> str:
    """The language most of a table's texts are in, by some from all over it."""
    return _seems("\n".join(texts[:: max(1, len(texts) // 500)]))


def _seems(text: str) -> str:
    proposed = proposed_language(text)
    if proposed:
        return proposed
    spoken_words = [word.casefold() for word in _LETTERS.findall(text[:20_000])]
    if count(text).total < FEW or not spoken_words:
        return ENGLISH
    small = _small_words(ENGLISH)
    share = sum(word in small for word in spoken_words) / len(spoken_words)
    return ENGLISH if share >= ENGLISH_SHARE else UNKNOWN


class Plain:
    """Reads one language by rules alone."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._small = _small_words(tag)
        told = NAMES.get(tag, f"“{tag}”" if tag else "a language that is not known")
        self.name = f"{told} (words as they stand, no model)"

    def words(self, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """The content words of each text, in order."""
        rows = [tuple(self._content(spoken(text))) for text in texts]
        if self._small or len(rows) < 8:
            return rows
        common = Counter(lemma for row in rows for lemma in {word.lemma for word in row})
        small = {lemma for lemma, n in common.items() if n > COMMON * len(rows)}
        return [tuple(word for word in row if word.lemma not in small) for row in rows]

    def _content(self, text: str) -> Iterator[Word]:
        before = ""
        for place, piece in enumerate(words(text)):
            if _UNSPACED.match(piece):
                pair = before + piece
                # Their places lie apart, so that no phrase says a character twice.
                small = pair in self._small or {before, piece} <= self._small
                if before and not small:
                    yield Word(pair, pair, 2 * place, "")
                before = piece
                continue
            before = ""
            low = piece.casefold()
            if len(low) > 1 and _LETTERS.fullmatch(low) and low not in self._small:
                yield Word(low[:STEM], low, 2 * place, "")


@lru_cache(maxsize=40)
def _small_words(tag: str) -> frozenset[str]:
    """spaCy's list of stop words of a language; empty where it has none."""
    name = f"spacy.lang.{tag}"
    if not regex.fullmatch(r"[a-z]{2,3}", tag) or find_spec(name) is None:
        return frozenset()
    try:
        found = import_module(f"{name}.stop_words").STOP_WORDS
    except ImportError:
        return frozenset()
    return frozenset(word.casefold() for word in found)


def mostly_english(tags: Mapping[str, int]) -> bool:
    """Whether the meaning of words, known for English only, helps to compare the passages."""
    return 2 * tags.get(ENGLISH, 0) >= sum(tags.values())


def warning_of(tags: Mapping[str, int]) -> str:
    """What must be known where passages (so many of each language) are not in English."""
    others = {tag: n for tag, n in tags.items() if tag != ENGLISH}
    if not others:
        return ""
    named = [NAMES.get(tag, f"“{tag}”" if tag else "a language that is not known") for tag in
             sorted(others, key=lambda tag: (-others[tag], tag))]  # fmt: skip
    said = f"{sum(others.values())} of {sum(tags.values())} passages are in {' or '.join(named)}: "
    if not mostly_english(tags):
        said += (
            "the meaning of words is known for English only, so passages are compared by the "
            "words they share and by nothing else."
        )
    else:
        said += "they are read without a model, and groups may follow the language."
    unlisted = [NAMES.get(tag, tag or "it") for tag in others if not _small_words(tag)]
    if unlisted:
        said += " No list of small words is known there, so the commonest words were left out."
    return said
