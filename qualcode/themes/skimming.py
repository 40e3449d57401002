"""Reading very many passages: texts in; their vectors and content words, at little cost, out.

A model reads a draw of the passages whole. From it a table is learned of what each written word
mostly is, and which words make up the study's own vocabulary; with it the others are read, tens of
times faster. A word that is not in the table stands for itself, or for its singular.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.language import Word, language, read, spoken
from qualcode.themes.vectors import LSA_DIMENSIONS, LSA_WEIGHT, Meaning, StaticTable, unit
from qualcode.themes.work import Arrays, Work

LEARNED = 3000
LEARNED_WORDS = 80_000
"""So many passages are drawn to learn from, or fewer where they hold so many words."""
A_PART = 2000
"""Passages read in one go."""
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_ENDING = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")

Known = Mapping[str, tuple[str, str] | None]
"""For a word in small letters its lemma and part of speech; None where it is no content word."""


@dataclass(frozen=True)
class Learned:
    """What a draw of the passages taught, as plain values that travel.

    ``words`` are (word, lemma, part of speech), the last two empty for what is no content word;
    ``vocabulary``, ``rarity`` and ``axes`` are the latent semantic analysis of the draw, ``middle``
    the mean of its vectors of ``meaning``, a tier's name, or none.
    """

    words: tuple[tuple[str, str, str], ...]
    vocabulary: tuple[str, ...]
    rarity: NDArray[np.float64]
    axes: NDArray[np.float64]
    meaning: str
    middle: NDArray[np.float64]

    @property
    def plain(self) -> tuple[Any, ...]:
        return tuple(vars(self).values())


class LightWords(Sequence[tuple[Word, ...]]):
    """The content words of each text, read anew each time one is asked for: none is held."""

    def __init__(self, texts: Sequence[str], words: Sequence[tuple[str, str, str]]) -> None:
        self._texts = texts
        self._known = _table(words)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> tuple[Word, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Word, ...], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[Any, ...]:
        if isinstance(index, slice):
            return tuple(tuple(_words(text, self._known)) for text in self._texts[index])
        return tuple(_words(self._texts[index], self._known))


def learn(texts: Sequence[str], *, seed: int, work: Work, tier: Meaning | None) -> Learned:
    """Read a draw of the texts whole, and keep what the others can be read with."""
    drawn = _draw(texts, seed)
    rows = read(drawn, work, "reading")
    work.check()
    known = _mostly(drawn, rows)
    as_read = [[w.lemma for w in _words(text, known)] for text in drawn]
    vocabulary, rarity, axes = _axes(as_read, seed)
    meaning = tier([spoken(text) for text in drawn]) if tier is not None else None
    return Learned(
        words=tuple((word, *(found or ("", ""))) for word, found in sorted(known.items())),
        vocabulary=vocabulary,
        rarity=rarity,
        axes=axes,
        meaning=tier.name if tier is not None and meaning is not None else "",
        middle=unit(meaning).mean(axis=0) if meaning is not None else np.zeros(0),
    )


def light_part(shared: Sequence[Any], part: Sequence[str]) -> Arrays:
    """For each text how many content words it has, a number that stands for them, and its row."""
    learned = Learned(*shared)
    known = _table(learned.words)
    places = {lemma: place for place, lemma in enumerate(learned.vocabulary)}
    counts = np.zeros(len(part), np.int32)
    same = np.zeros(len(part), np.uint64)
    own = np.zeros((len(part), len(learned.axes)))
    for row, text in enumerate(part):
        lemmas = [word.lemma for word in _words(text, known)]
        counts[row] = len(lemmas)
        digest = hashlib.blake2b("\n".join(lemmas).encode("utf-8", "replace"), digest_size=8)
        same[row] = int.from_bytes(digest.digest(), "little")
        used = Counter(place for lemma in lemmas if (place := places.get(lemma)) is not None)
        if used:
            at = np.fromiter(used, np.int64, len(used))
            weights = 1 + np.log(np.fromiter(used.values(), np.float64, len(used)))
            weights *= learned.rarity[at]
            own[row] = learned.axes[:, at] @ (weights / np.linalg.norm(weights))
    rows = unit(own)
    if learned.meaning:
        meaning = StaticTable()([spoken(text) for text in part])
        assert meaning is not None, "the table that was there is gone"
        rows = unit(np.hstack([unit(unit(meaning) - learned.middle), LSA_WEIGHT * rows]))
    return counts, same, rows.astype(np.float32)


def _draw(texts: Sequence[str], seed: int) -> list[str]:
    """Texts drawn by the seed, in their order, until there are enough of them or of their words."""
    chosen: list[int] = []
    words = 0
    for number in np.random.default_rng(seed).permutation(len(texts)).tolist():
        chosen.append(number)
        words += len(texts[number].split())
        if len(chosen) == LEARNED or words >= LEARNED_WORDS:
            break
    return [texts[number] for number in sorted(chosen)]


def _mostly(texts: Sequence[str], rows: Sequence[Sequence[Word]]) -> Known:
    """What each written word of the texts mostly is, by how it was read in them."""
    written = Counter(word for text in texts for word, _ in _runs(text))
    used: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in rows:
        for read_as in row:
            used[read_as.surface.lower().replace("’", "'")][read_as.lemma, read_as.part] += 1
    found: dict[str, tuple[str, str] | None] = {}
    for word, times in written.items():
        uses = used.get(word)
        if uses is None or 2 * uses.total() < times:
            found[word] = None
        else:
            found[word] = min(uses, key=lambda use: (-uses[use], use))
    return found


def _table(words: Sequence[tuple[str, str, str]]) -> Known:
    return {word: (lemma, part) if lemma else None for word, lemma, part in words}


def _words(text: str, known: Known) -> Iterator[Word]:
    stops = language().stops
    for place, (word, written) in enumerate(_runs(text)):
        if not written:
            continue
        if word in known:
            found = known[word]
            if found is not None:
                lemma, part = found
                yield _word(lemma, written if part == "PROPN" else word, place, part)
        elif len(word) > 1 and word not in stops:
            # A plural that was not met is known by its singular.
            lemma, part = (known.get(word.removesuffix("s")) if word[-1] == "s" else None) or (
                word, "",
            )  # fmt: skip
            yield _word(lemma, word, place, part)


@lru_cache(maxsize=200_000)
def _word(lemma: str, surface: str, place: int, part: str) -> Word:
    return Word(lemma, surface, place, part)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Each word in small letters and as written; set phrases, numbers and signs as empty ones."""
    for match in _tokens().finditer(spoken(text)):
        if match.lastgroup == "word":
            written = _ENDING.sub("", match.group())
            yield written.lower().replace("’", "'"), written
        else:
            yield "", ""


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    sayings = sorted((" ".join(saying) for saying in language().sayings), key=len, reverse=True)
    phrases = "|".join(re.escape(saying).replace(r"\ ", r"\s+") for saying in sayings)
    return re.compile(rf"\b(?:{phrases})\b|(?P<word>{_WORD})|\d+|[^\w\s]", re.IGNORECASE)


def _axes(
    lemmas: Sequence[Sequence[str]], seed: int
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Latent semantic analysis of the draw: its vocabulary, how rare each word is, the axes."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    weighing = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=2, max_df=0.5)
    try:
        weights = weighing.fit_transform(lemmas)
    except ValueError:  # no word stands in two passages
        return (), np.zeros(0), np.zeros((1, 0))
    vocabulary = tuple(weighing.get_feature_names_out().tolist())
    dimensions = min(LSA_DIMENSIONS, *(size - 1 for size in weights.shape))
    if dimensions < 2:
        return vocabulary, weighing.idf_, np.eye(len(vocabulary))
    found = TruncatedSVD(dimensions, n_iter=7, random_state=seed).fit(weights)
    return vocabulary, weighing.idf_, found.components_
