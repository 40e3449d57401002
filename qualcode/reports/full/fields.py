"""Drafted prose whose numbers are fields: a template and the study in, sentences out.

Each number in a draft names the query it came from, so that it can be traced, comes out anew when
the data change, and can be checked by a test. What the authors typed stands in fields of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from qualcode.reports.answers import ended
from qualcode.reports.document import counted, number
from qualcode.reports.rules.wording import VERBAL

FIELD = re.compile(r"\{([a-z_0-9.]+)(?:\(([^)}]*)\))?(?:\|([^}]*))?\}")
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
Value = str | int | float
Ask = Callable[[str, str], Value | None]


@dataclass(frozen=True)
class Field:
    """A value in the text: the query it answers, the value, and how it is printed."""

    query: str
    value: Value
    shown: str


@dataclass(frozen=True)
class Draft:
    """A paragraph as the study drafts it; ``id`` is where the authors' own words are kept."""

    id: str
    pieces: tuple[str | Field, ...]
    bullets: bool = False

    @property
    def text(self) -> str:
        return "".join(p if isinstance(p, str) else p.shown for p in self.pieces).strip()

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Field))

    @property
    def basis(self) -> Mapping[str, str]:
        """What the words rest on: query → value, as it is kept with the authors' own words."""
        return {field.query: str(field.value) for field in self.fields}


def draft(id: str, ask: Ask, *sentences: str, bullets: bool = False) -> Draft:
    """A paragraph from templates; a field is ``{query}``, ``{query(argument)|format}``.

    With ``bullets`` each sentence is a line of its own.

    The format is a noun (“interview”, “person/people”) to be counted, “%.1f” for digits behind the
    point, “words” or “Words” for a number in words; a noun with a capital begins a sentence;
    “=was/were” prints the word that goes with the number.

    >>> draft("x", lambda query, argument: 2, "{coders|Words} coders; {sample|interview}.").text
    'Two coders; 2 interviews.'
    """
    pieces: list[str | Field] = []
    for sentence in filter(None, sentences):
        if pieces:
            pieces.append("\n" if bullets else " ")
        last = 0
        for found in FIELD.finditer(sentence):
            pieces.append(sentence[last : found.start()])
            pieces.append(_field(ask, *found.groups()))
            last = found.end()
        pieces.append(sentence[last:])
    return Draft(id, tuple(piece for piece in pieces if piece), bullets)


def _field(ask: Ask, query: str, argument: str | None, form: str | None) -> Field:
    name = f"{query}({argument})" if argument else query
    value = ask(query, argument or "")
    if value is None:
        raise KeyError(f"{name} has no value; ask before it is written")
    return Field(name, value, shown(value, form or ""))


def shown(value: Value, form: str = "") -> str:
    """A value as it is printed.

    >>> shown(1234), shown(0.84678, "%.2f"), shown(6, "participant"), shown(2, "Words")
    ('1,234', '0.85', '6 participants', 'Two')
    >>> shown(6, "Participant"), shown(14, "Person/People")
    ('Six participants', '14 people')
    >>> shown(1, "=was/were"), shown(2, "=was/were")
    ('was', 'were')
    """
    if isinstance(value, str):
        if form == "ended":
            return ended(value)
        return f"{value[:1].upper()}{value[1:]}" if form == "Capital" else value
    if form.startswith("%."):
        return number(float(value), int(form[2]))
    if form in ("words", "Words"):
        words = in_words(int(value))
        return words if form == "words" else words[:1].upper() + words[1:]
    if form.startswith("="):
        one, _, many = form[1:].partition("/")
        return one if value == 1 else many
    if form:
        one, _, many = form.partition("/")
        if one[0].isupper():
            # A sentence begins with a word, not with a digit.
            noun = counted(int(value), one.lower(), many.lower()).partition(" ")[2]
            words = in_words(int(value))
            return f"{words[:1].upper()}{words[1:]} {noun}"
        return counted(int(value), one, many)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def in_words(count: int) -> str:
    """Small numbers in words, the others in digits.

    >>> in_words(2), in_words(14)
    ('two', '14')
    """
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else f"{count:,}"


def verbal(count: int, total: int) -> str:
    """How many of how many, in a word; the key is :data:`KEY`.

    >>> [verbal(n, 14) for n in (1, 3, 5, 7, 9, 13, 14)]
    ['one', 'a few', 'some', 'about half', 'most', 'nearly all', 'all']
    """
    if count == total:
        return "all"
    if count <= 1:
        return ("none", "one")[count]
    if total - count <= 2 and 2 * count > total:
        return "nearly all"
    if abs(2 * count - total) <= 1:
        return "about half"
    if 2 * count > total:
        return "most"
    return "a few" if count <= 3 else "some"


KEY = (
    "Number words stand for counts of participants: a few, two or three; some, up to under half; "
    "about half; most, more than half; nearly all, all but one or two."
)


def uses_number_words(text: str) -> bool:
    """Whether a text counts participants in words.

    >>> uses_number_words("Most participants agreed."), uses_number_words("Most days were long.")
    (True, False)
    """
    return VERBAL.search(text) is not None


def spelled(text: str, words: Mapping[str, str]) -> str:
    """Text with the spelling of the profile; the case of the first letter stays.

    >>> spelled("Analysed, and analysed.", {"analysed": "analyzed"})
    'Analyzed, and analyzed.'
    """
    if not words:
        return text

    def other(found: re.Match[str]) -> str:
        word = found.group(0)
        new = words[word.lower()]
        return new[:1].upper() + new[1:] if word[0].isupper() else new

    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    return pattern.sub(other, text)


def respelled(one: Draft, words: Mapping[str, str]) -> Draft:
    """The draft in another spelling; fields stay as they are."""
    if not words:
        return one
    pieces = tuple(spelled(p, words) if isinstance(p, str) else p for p in one.pieces)
    return replace(one, pieces=pieces)
