"""Asking for passages: a query and a corpus in; the passages that fit it out, with why they do.

Every term is true or false of each passage, so AND, OR and NOT are those of logic. Words, codes and
themes also stand at places inside a passage: these are what NEAR compares, and what is marked.
"""

from __future__ import annotations

import difflib
import fnmatch
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qualcode.errors import BadQuery
from qualcode.languages import word_starts
from qualcode.model import Attribute, Coding
from qualcode.queries.corpus import OWN_FIELDS, Corpus, Flags, Passage
from qualcode.queries.language import (
    And,
    Field,
    Near,
    Not,
    Or,
    Term,
    Within,
    Words,
    has_place,
    parse,
)
from qualcode.searching import Search, places
from qualcode.spans import Span

MOST_REMEMBERED = 20_000
"""So many answers about words are kept with a corpus before it forgets them."""
Places = Mapping[int, tuple[Span, ...]]
"""Number of a passage → where in the text of its interview something stands, in order."""


@dataclass(frozen=True)
class Found:
    """A passage that fits a query: where what was asked for stands in it, and its codings."""

    passage: Passage
    marks: tuple[Span, ...]
    codings: tuple[Coding, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that it carries, each once."""
        return tuple(dict.fromkeys(coding.code for coding in self.codings))


@dataclass(frozen=True)
class Retrieved:
    """What a query finds in a corpus; ``numbers`` are those of the passages, in order."""

    query: str
    numbers: tuple[int, ...]
    corpus: Corpus
    marks: Places

    def __len__(self) -> int:
        return len(self.numbers)

    def found(self, numbers: Iterable[int] | None = None) -> tuple[Found, ...]:
        """The passages, all of them or those of these numbers."""
        corpus = self.corpus
        return tuple(
            Found(corpus.passages[n], self.marks.get(n, ()), corpus.codings_on.get(n, ()))
            for n in (self.numbers if numbers is None else numbers)
        )

    @cached_property
    def participants(self) -> tuple[str, ...]:
        """Who said them, each once, in the order of the interviews."""
        return tuple(dict.fromkeys(self.corpus.passages[n].participant for n in self.numbers))

    @cached_property
    def by_participant(self) -> dict[str, int]:
        """Participant → how many of the passages; who has none stands there with 0."""
        counts = Counter(self.corpus.passages[n].participant for n in self.numbers)
        return {person: counts[person] for person in self.corpus.people}

    @property
    def sentence(self) -> str:
        """How much it is, in words."""
        n, people, everybody = len(self), len(self.participants), len(self.corpus.people)
        interviews = len({self.corpus.passages[k].transcript for k in self.numbers})
        if not n:
            return f"No passage fits, of {len(self.corpus.passages):,}."
        return (
            f"{n:,} {'passage' if n == 1 else 'passages'} of {people} of {everybody} "
            f"{'participant' if everybody == 1 else 'participants'}, in {interviews} "
            f"{'interview' if interviews == 1 else 'interviews'}."
        )


def retrieve(corpus: Corpus, query: str | Term) -> Retrieved:
    """The passages that fit a query (see :mod:`qualcode.queries.language`), in order.

    Raises
    ------
    BadQuery
        The query cannot be read, or names a code, theme or attribute that is not there.
    """
    term = parse(query) if isinstance(query, str) else query
    asked = _Asked(corpus)
    fits = asked.flags(term)
    numbers = tuple(np.flatnonzero(fits).tolist())
    marks: dict[int, list[Span]] = {}
    for part in _wanted(term):
        for number, spans in asked.places(part).items():
            if fits[number]:
                marks.setdefault(number, []).extend(spans)
    return Retrieved(
        query if isinstance(query, str) else str(term),
        numbers,
        corpus,
        {number: _innermost(spans) for number, spans in marks.items()},
    )


def _wanted(term: Term) -> Iterable[Term]:
    """The terms of a query whose places are marked: those that are wanted, not those ruled out."""
    match term:
        case And(left=left, right=right):
            yield from _wanted(left)
            yield from _wanted(right)
        case Not():
            return
        case _ if has_place(term):
            yield term
        case Or(left=left, right=right):
            yield from _wanted(left)
            yield from _wanted(right)


def _innermost(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Stretches in order without those that hold another: of a word in a coding, the word."""
    found: list[Span] = []
    for span in sorted(set(spans), key=lambda s: (s.start, -s.end)):
        while found and span.end <= found[-1].end:
            found.pop()
        found.append(span)
    return tuple(found)


class _Asked:
    """A corpus being asked: which passages a term is true of, and where in them it stands."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._placed: dict[Term, Places] = {}

    def flags(self, term: Term) -> Flags:
        match term:
            case And(left=left, right=right):
                return self.flags(left) & self.flags(right)
            case Or(left=left, right=right):
                return self.flags(left) | self.flags(right)
            case Not(term=inner):
                return ~self.flags(inner)
            case Field() if term.name.casefold() == "code":
                return self._corpus.with_any(self._codes(term))
            case Field() if term.name.casefold() == "theme":
                return self._corpus.with_any(self._codes_of_theme(term))
            case Field():
                return self._of_people(term)
            case Words() | Near():
                found = np.zeros(len(self._corpus.passages), dtype=np.bool_)
                found[list(self.places(term))] = True
                return found

    def places(self, term: Term) -> Places:
        """Where a term stands, worked out once for whether it is there and for what to mark."""
        if term not in self._placed:
            self._placed[term] = self._places(term)
        return self._placed[term]

    def _places(self, term: Term) -> Places:
        match term:
            case Words():
                return self._words(term)
            case Near():
                return self._near(term)
            case Or(left=left, right=right):
                both: dict[int, list[Span]] = {}
                for part in (left, right):
                    for number, spans in self.places(part).items():
                        both.setdefault(number, []).extend(spans)
                return {number: tuple(sorted(set(spans))) for number, spans in both.items()}
            case Field() if term.name.casefold() == "theme":
                return self._coded(self._codes_of_theme(term))
            case Field():
                return self._coded(self._codes(term))
        return {}

    # -- words ---------------------------------------------------------------------------------

    def _words(self, term: Words) -> Places:
        kept = self._corpus.memory
        key: object = ("words", term.text.casefold(), term.start)
        found = kept.get(key)
        if found is None:
            if len(kept) > MOST_REMEMBERED:
                kept.clear()
            found = kept[key] = dict(self._looked_for(term))
        return found  # type: ignore[return-value]

    def _looked_for(self, term: Words) -> Iterable[tuple[int, tuple[Span, ...]]]:
        texts = self._corpus.words
        search = Search(term.text, "inside" if term.start else "words")
        for number, (text, found) in enumerate(zip(texts, places(search, texts), strict=True)):
            if term.start:
                found = _words_that_begin(text, found)
            if found:
                start = self._corpus.passages[number].span.start
                yield number, tuple(Span(start + s.start, start + s.end) for s in found)

    def _word_starts(self, number: int) -> list[int]:
        """Where each word of a passage begins, in the text of its interview."""
        kept = self._corpus.memory
        key: object = ("starts", number)
        found = kept.get(key)
        if found is None:
            start = self._corpus.passages[number].span.start
            found = [start + at for at in word_starts(self._corpus.words[number])]
            kept[key] = found
        return found  # type: ignore[return-value]

    # -- codes and themes ----------------------------------------------------------------------

    def _codes(self, term: Field) -> frozenset[str]:
        corpus = self._corpus
        if term.value == "*":
            return frozenset(corpus.carried)
        names = {code.id: code.name for code in corpus.codes}
        found = _named(term.value, names)
        if not found:
            raise BadQuery(_unknown("code", term.value, names.values(), "Codebook"), term.at)
        return frozenset(code for top in found for code in corpus.under(top))

    def _codes_of_theme(self, term: Field) -> frozenset[str]:
        groups = {group.id: group for group in self._corpus.theme_groups}
        if term.value == "*":
            return frozenset(code for group in groups.values() for code in group.codes)
        found = _named(term.value, {id_: group.name for id_, group in groups.items()})
        if not found:
            known = [group.name for group in groups.values()]
            raise BadQuery(_unknown("theme", term.value, known, "Themes"), term.at)
        return frozenset(code for id_ in found for code in groups[id_].codes)

    def _coded(self, codes: frozenset[str]) -> Places:
        corpus = self._corpus
        found: dict[int, set[Span]] = {}
        for coding, numbers in zip(corpus.codings, corpus.places_of, strict=True):
            if coding.code in codes:
                for number in numbers:
                    passage = corpus.passages[number].span
                    start = max(coding.span.start, passage.start)
                    end = min(coding.span.end, passage.end)
                    if start < end:
                        found.setdefault(number, set()).add(Span(start, end))
        return {number: tuple(sorted(spans)) for number, spans in found.items()}

    # -- people and interviews -----------------------------------------------------------------

    def _of_people(self, term: Field) -> Flags:
        corpus, name = self._corpus, _plain(term.name)
        if name == "participant":
            held = {t.id: t.person for t in corpus.transcripts}
            self._refuse_nobody(term, held.values(), "participant")
        elif name == "interview":
            held = {t.id: t.title for t in corpus.transcripts}
            self._refuse_nobody(term, held.values(), "interview")
        else:
            attributes = [a for a in corpus.fields if _plain(a.name) == name]
            if not attributes:
                raise BadQuery(self._no_field(term), max(1, term.at - len(term.name) - 1))
            return self._with_value(term, attributes)
        wanted = {id_ for id_, value in held.items() if _fits(term.value, value)}
        return self._in_interviews(wanted)

    def _with_value(self, term: Field, attributes: list[Attribute]) -> Flags:
        corpus = self._corpus
        known = {value for a in attributes for value in corpus.values(a)}
        if term.value and not any(_fits(term.value, value) for value in known):
            what = f"value of {term.name}"
            raise BadQuery(_unknown(what, term.value, known, "People"), term.at)
        return self._in_interviews(
            {
                t.id
                for t in corpus.transcripts
                if any(_fits(term.value, corpus.value(a, t)) for a in attributes)
            }
        )

    def _refuse_nobody(self, term: Field, known: Iterable[str], what: str) -> None:
        values = list(known)
        if not any(_fits(term.value, value) for value in values):
            raise BadQuery(_unknown(what, term.value, values, "Transcripts"), term.at)

    def _no_field(self, term: Field) -> str:
        names = [*OWN_FIELDS, *(a.name for a in self._corpus.fields)]
        near = difflib.get_close_matches(term.name.casefold(), names, n=1, cutoff=0.6)
        meant = f"did you mean {near[0]}? " if near else ""
        shown = ", ".join(dict.fromkeys(names[:14])) + (" …" if len(names) > 14 else "")
        return f"there is no attribute “{term.name[:60]}”; {meant}There are {shown}"

    def _in_interviews(self, wanted: set[str]) -> Flags:
        found = np.zeros(len(self._corpus.passages), dtype=np.bool_)
        for id_ in wanted:
            found[list(self._corpus.passages_of[id_])] = True
        return found

    # -- near ----------------------------------------------------------------------------------

    def _near(self, term: Near) -> Places:
        left, right = self.places(term.left), self.places(term.right)
        found = {}
        for number in left.keys() & right.keys():
            spans = self._pairs(number, left[number], right[number], term.within)
            if spans:
                found[number] = spans
        return found

    def _pairs(
        self, number: int, left: tuple[Span, ...], right: tuple[Span, ...], within: Within
    ) -> tuple[Span, ...]:
        """The places of both sides that are near to one of the other side."""
        if within == "turn":
            return tuple(sorted({*left, *right}))
        room = -1  # on the same words: what only touches is not near
        one, other = ([(s.start, s.end) for s in side] for side in (left, right))
        if isinstance(within, int):
            words = self._word_starts(number)
            one, other = (
                [(bisect_left(words, start), bisect_left(words, end)) for start, end in side]
                for side in (one, other)
            )
            room = within
        found = {span for span, near in zip(left, _meets(one, other, room), strict=True) if near}
        found |= {span for span, near in zip(right, _meets(other, one, room), strict=True) if near}
        return tuple(sorted(found))


def _meets(
    ones: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]], room: int
) -> Iterable[bool]:
    """For each stretch whether one of the others is at most ``room`` from it.

    Of the others, those that begin too far behind it and those that end too far before it are two
    sets without a member in common: near is whoever is left.
    """
    starts, ends = sorted(start for start, _ in others), sorted(end for _, end in others)
    for start, end in ones:
        yield bisect_right(starts, end + room) > bisect_left(ends, start - room)


def _words_that_begin(text: str, inside: Iterable[Span]) -> tuple[Span, ...]:
    """Of places inside words those at a word's beginning, each to the end of its word."""
    found = []
    for span in inside:
        end = span.end
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        if span.start == 0 or not (text[span.start - 1].isalnum() or text[span.start - 1] == "_"):
            found.append(Span(span.start, end))
    return tuple(found)


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _fits(wanted: str, value: str) -> bool:
    """Whether a value is the one wanted, whatever its case; “*” stands for anything.

    >>> _fits("clin*", "Clinical"), _fits("", ""), _fits("", "x"), _fits("0-4", "0-4")
    (True, True, False, True)
    """
    if not wanted or "*" not in wanted:
        return _plain(wanted) == _plain(value)
    pattern = _plain(wanted).replace("[", "[[]").replace("?", "[?]")
    return bool(value) and fnmatch.fnmatchcase(_plain(value), pattern)


def _named(wanted: str, names: Mapping[str, str]) -> list[str]:
    """The ids that are meant by an id, or by a name in which “*” stands for anything."""
    if wanted in names:
        return [wanted]
    return [id_ for id_, name in names.items() if _fits(wanted, name) or _fits(wanted, id_)]


def _unknown(what: str, value: str, known: Iterable[str], page: str) -> str:
    """That there is no such thing, and what there is instead."""
    names = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(value.casefold(), folded, n=1, cutoff=0.55)
    if near:
        instead = f"did you mean “{folded[near[0]]}”?"
    elif 0 < len(names) <= 8:
        instead = f"there is {', '.join(f'“{name[:60]}”' for name in names)}"
    else:
        instead = f"they stand on the page {page}"
    return f"there is no {what} “{value[:60]}”; {instead}".removesuffix(".")
