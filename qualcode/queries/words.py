"""Words of the participants: how often each stands in the passages, of whom, and where.

Which words there are is told by a reader of the language: lemmas, without stop words. Turns of the
interviewer are no passages, so nothing of theirs is counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import regex

from qualcode.model import Attribute, Transcript
from qualcode.queries.corpus import Corpus, Passage
from qualcode.spans import Span

Token = tuple[str, Span]
"""The word that is counted, and where it stands in its text."""
Reader = Callable[[Sequence[str]], Sequence[Sequence[Token]]]
AROUND = 60
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-][\p{L}\p{M}]+)*")


@dataclass(frozen=True)
class WordCount:
    """A word: how often it stands there, in how many passages and of how many participants.

    ``groups`` are the counts by the values of an attribute; ``keyness`` sets one of them against
    the rest (see :func:`keyness`), None where it was not asked for.
    """

    word: str
    count: int
    passages: int
    participants: int
    groups: tuple[int, ...] = ()
    keyness: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Frequencies:
    """The words of a corpus, the most frequent first; ``sizes`` are all words by group."""

    words: tuple[WordCount, ...]
    total: int
    people: int
    values: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    key: str | None = None


@dataclass(frozen=True)
class Line:
    """A line of a concordance: the word with what stands to both sides of it."""

    passage: Passage
    span: Span
    left: str
    word: str
    right: str


@dataclass(frozen=True)
class Spoken:
    """A corpus with its words: for each passage the words, with their places in the interview."""

    corpus: Corpus
    tokens: tuple[tuple[Token, ...], ...]


def read_words(corpus: Corpus, reader: Reader) -> Spoken:
    """The words of every passage that is a participant's turn, by a reader of the language."""
    texts = [
        text if passage.turn else ""
        for passage, text in zip(corpus.passages, corpus.words, strict=True)
    ]
    found = reader(texts)
    return Spoken(
        corpus,
        tuple(
            tuple(
                (word, Span(passage.span.start + at.start, passage.span.start + at.end))
                for word, at in tokens
            )
            for passage, tokens in zip(corpus.passages, found, strict=True)
        ),
    )


def as_said(stops: Iterable[str]) -> Reader:
    """A reader that takes words as they stand, in small letters, and leaves out stop words.

    >>> as_said({"the", "is"})(["The café’s light is on; LIGHT!"])
    [[('café’s', Span(start=4, end=10)), ('light', Span(start=11, end=16)), \
('on', Span(start=20, end=22)), ('light', Span(start=24, end=29))]]
    """
    left_out = frozenset(word.casefold().replace("’", "'") for word in stops)

    def read(texts: Sequence[str]) -> list[list[Token]]:
        return [
            [
                (match.group().casefold(), Span(match.start(), match.end()))
                for match in _WORD.finditer(text)
                if match.group().casefold().replace("’", "'") not in left_out
                and match.end() - match.start() > 1
            ]
            for text in texts
        ]

    return read


def frequencies(
    spoken: Spoken, *, attribute: Attribute | None = None, key: str | None = None
) -> Frequencies:
    """How often each word stands there; by an attribute, and one value of it against the rest."""
    corpus = spoken.corpus
    value_of = _values(corpus, attribute)
    values = _order(corpus, attribute, value_of)
    place = {value: n for n, value in enumerate(values)}
    counts: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    people: dict[str, set[str]] = {}
    by_group: list[Counter[str]] = [Counter() for _ in values]
    for passage, tokens in zip(corpus.passages, spoken.tokens, strict=True):
        own = Counter(word for word, _ in tokens)
        counts.update(own)
        passages.update(own.keys())
        for word in own:
            people.setdefault(word, set()).add(passage.participant)
        if attribute is not None:
            by_group[place[value_of[passage.transcript]]].update(own)
    sizes = tuple(group.total() for group in by_group)
    chosen = place.get(key) if key is not None else None
    words = []
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        groups = tuple(group[word] for group in by_group)
        one = two = None
        if chosen is not None:
            here, size = groups[chosen], sizes[chosen]
            rest, others = count - here, sum(sizes) - size
            one, two = keyness(here, size, rest, others), _ratio(here, size, rest, others)
        words.append(WordCount(word, count, passages[word], len(people[word]), groups, one, two))
    return Frequencies(
        tuple(words), counts.total(), len(corpus.people), values, sizes, key if words else None
    )


def keyness(here: int, size: int, there: int, others: int) -> float | None:
    """How far a word's frequency in one text departs from that in others: the log-likelihood G².

    Positive where the word is more frequent here, negative where less; it sorts words by what sets
    a group apart. People say a word often once they have said it, so it is no test.

    Parameters
    ----------
    here, size
        How often the word stands in the one, and how many words that has.
    there, others
        The same of the rest.

    References
    ----------
    Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence.
    Computational Linguistics 19(1), 61-74, in the form of Rayson, P., Garside, R. (2000).
    Comparing corpora using frequency profiling.

    Examples
    --------
    >>> round(keyness(30, 1000, 10, 1000), 2), round(keyness(10, 1000, 30, 1000), 2)
    (10.46, -10.46)
    >>> keyness(5, 100, 5, 100), keyness(0, 0, 3, 10)
    (0.0, None)
    """
    if not size or not others:
        return None
    rate = (here + there) / (size + others)
    found = 0.0
    for seen, n in ((here, size), (there, others)):
        if seen:
            found += seen * math.log(seen / (n * rate))
    return round(2 * found, 10) * (1 if here / size >= there / others else -1) + 0.0


def _ratio(here: int, size: int, there: int, others: int) -> float | None:
    """How many times as frequent here as in the rest; None where it is not in the rest."""
    if not size or not others or not there:
        return None
    return (here / size) / (there / others)


def concordance(spoken: Spoken, word: str, *, around: int = AROUND) -> tuple[Line, ...]:
    """Every place of a word with what stands around it, within its turn."""
    found = []
    for passage, tokens in zip(spoken.corpus.passages, spoken.tokens, strict=True):
        text = spoken.corpus.transcript[passage.transcript]
        for held, span in tokens:
            if held == word:
                found.append(_line(text, passage, span, around))
    return tuple(found)


def _line(transcript: Transcript, passage: Passage, span: Span, around: int) -> Line:
    before = transcript.text[max(passage.span.start, span.start - around) : span.start]
    after = transcript.text[span.end : min(passage.span.end, span.end + around)]
    if span.start - around > passage.span.start and " " in before:
        before = "… " + before.partition(" ")[2]
    if span.end + around < passage.span.end and " " in after:
        after = after.rpartition(" ")[0] + " …"
    return Line(passage, span, _flat(before), transcript.text[span.slice], _flat(after))


def _flat(text: str) -> str:
    return text.replace("\n", " ")


def _values(corpus: Corpus, attribute: Attribute | None) -> dict[str, str]:
    if attribute is None:
        return {}
    return {t.id: corpus.value(attribute, t) for t in corpus.transcripts}


def _order(
    corpus: Corpus, attribute: Attribute | None, value_of: dict[str, str]
) -> tuple[str, ...]:
    if attribute is None:
        return ()
    found = corpus.values(attribute)
    return (*found, "") if "" in value_of.values() else found
