"""How words are read for counting: as lemmas where the language has a model, else as they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from qualcode.languages import NAMES, proposed_language
from qualcode.model import Transcript
from qualcode.queries import Corpus, read_words
from qualcode.queries.words import Spoken, Token, as_said
from qualcode.themes.language import BLANK, language

KEPT_TEXTS = 256
Read = tuple[tuple[Token, ...], ...]
Reading = Callable[[tuple[str, ...], str, bool], Read]
"""Passages of one interview, the tag of its language, whether lemmas are wanted; their words."""


def read_texts(texts: tuple[str, ...], tag: str, lemmas: bool) -> Read:
    """The words of each text: lemmas where they are wanted and the language has a model."""
    if lemmas and tag == "en" and language().name != BLANK:
        return tuple(language().lemmas(texts))
    return tuple(tuple(tokens) for tokens in as_said(stop_words(tag))(texts))


_kept = lru_cache(maxsize=KEPT_TEXTS)(read_texts)


def spoken_words(
    corpus: Corpus, *, lemmas: bool = True, reading: Reading = _kept
) -> tuple[Spoken, str]:
    """The words of a corpus, and in words how they were read, interview by interview.

    Of English texts with ``lemmas`` these, without stop words, fillers and set phrases of speech;
    of other languages, or without, the words as they stand, without the language's stop words.
    """
    tags = {t.id: _language(t) for t in corpus.transcripts}
    wanted: dict[str, list[int]] = {}
    for number, passage in enumerate(corpus.passages):
        if passage.turn:
            wanted.setdefault(passage.transcript, []).append(number)

    def read(texts: Sequence[str]) -> list[tuple[Token, ...]]:
        found: list[tuple[Token, ...]] = [()] * len(texts)
        for place, numbers in wanted.items():
            own = reading(tuple(texts[n] for n in numbers), tags[place], lemmas)
            for number, tokens in zip(numbers, own, strict=True):
                found[number] = tokens
        return found

    return read_words(corpus, read), _told(set(tags.values()), lemmas=lemmas)


def _language(transcript: Transcript) -> str:
    tag = transcript.language.casefold().replace("_", "-").split("-")[0]
    return tag or proposed_language(transcript.text) or "en"


@lru_cache(maxsize=40)
def stop_words(tag: str) -> frozenset[str]:
    """The stop words of a language; none where there is no list of them."""
    name = f"spacy.lang.{tag}.stop_words"
    try:
        known = tag in NAMES and find_spec(name) is not None
    except ModuleNotFoundError:
        known = False
    return frozenset(import_module(name).STOP_WORDS) if known else frozenset()


def _told(tags: set[str], *, lemmas: bool) -> str:
    reads_lemmas = lemmas and "en" in tags and language().name != BLANK
    others = sorted(tags - {"en"} if reads_lemmas else tags)
    bare = [NAMES.get(tag, tag) for tag in others if not stop_words(tag)]
    told = ["English words as their base forms"] if reads_lemmas else []
    if others:
        told.append("words as they were said" if not reads_lemmas else "others as they were said")
    if bare:
        told.append(f"no list of stop words for {', '.join(bare)}")
    return "; ".join(told) or "nothing to read"
