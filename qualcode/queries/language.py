"""The language of queries: a line of text in, a tree of terms out, or a sentence on what is wrong.

    code:"Protected time" AND group:managerial NOT theme:"Meaning" AND "clinic" NEAR/10 time

=============================  ====================================================================
``time``, ``"protected time"``  the words stand in the passage, whatever their case and accents
``clinic*``                     a word that begins so
``code:"Protected time"``       the code, or one below it, by its name or id; ``code:*`` is any code
``theme:"A sentence"``          a code of the theme
``participant:P01``             who speaks; ``interview:"P01"`` is the title of the interview
``group:managerial``            an attribute of the participant or of the interview; ``group:""`` is
                                nothing known
``AND``, ``OR``, ``NOT``        as written, in capitals; two terms side by side are both wanted
``NEAR/10``                     both in one turn, with at most ten words between them
``NEAR/turn``                   both in one turn
``NEAR/overlap``                both on some of the same words
``( )``                         together
=============================  ====================================================================

NEAR binds closest, then NOT, then AND, then OR. In quotation marks a backslash stands before a
quotation mark that is meant itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from qualcode.errors import BadQuery

LONGEST = 2_000
DEEPEST = 50
WITHIN = 10
"""So many words lie between at most where NEAR says nothing else."""
MOST_WITHIN = 1_000
Within = int | Literal["turn", "overlap"]


@dataclass(frozen=True)
class Words:
    """Words in a row; ``start`` is true for “clinic*”."""

    text: str
    start: bool = False

    def __str__(self) -> str:
        return _quoted(self.text) + "*" * self.start


@dataclass(frozen=True)
class Field:
    """A code, a theme, somebody, an interview or an attribute: its name and the value wanted.

    ``at`` is where the value stands in the query, from 1, and 0 for a term made without one.
    """

    name: str
    value: str
    at: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and (self.name, self.value) == (other.name, other.value)

    def __hash__(self) -> int:
        return hash((self.name, self.value))

    def __str__(self) -> str:
        return f"{_quoted(self.name)}:{_quoted(self.value, any_='*')}"


@dataclass(frozen=True)
class Near:
    """Two terms close to each other in one turn."""

    left: Term
    right: Term
    within: Within = WITHIN

    def __str__(self) -> str:
        return f"({self.left} NEAR/{self.within} {self.right})"


@dataclass(frozen=True)
class Not:
    term: Term

    def __str__(self) -> str:
        return f"(NOT {self.term})"


@dataclass(frozen=True)
class And:
    left: Term
    right: Term

    def __str__(self) -> str:
        return f"({self.left} AND {self.right})"


@dataclass(frozen=True)
class Or:
    left: Term
    right: Term

    def __str__(self) -> str:
        return f"({self.left} OR {self.right})"


Term = Words | Field | Near | Not | And | Or
PLACELESS = (
    "NEAR joins words, codes and themes, which stand at a place; put NOT, AND and attributes "
    "outside of it"
)
PLACED = ("code", "theme")
"""The fields that stand at a place in the text, so that something can be near them."""

_OPERATOR = re.compile(r"(AND|OR|NOT|NEAR)(?![\w:*])(?:/([^\s()\"]*))?")
_CLOSED_BY = {'"': '"', "“": "”", "„": "“”", "«": "»", "‹": "›"}
"""What ends a quotation, by the mark that begins it."""
_BARE = re.compile(r"[^\s()\":“”„«»‹›]+")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    """Where it begins, from 1."""
    glued: bool = False
    """True where nothing stands between it and the one before."""


def parse(query: str) -> Term:
    """The tree of a query.

    Raises
    ------
    BadQuery
        The query cannot be read; the sentence says where and what to do.

    Examples
    --------
    >>> print(parse('code:"Protected time" AND NOT clinic NEAR/5 time'))
    (code:"Protected time" AND (NOT (clinic NEAR/5 time)))
    >>> print(parse('a b OR c'))
    ((a AND b) OR c)
    >>> parse('(time OR')
    Traceback (most recent call last):
    ...
    qualcode.errors.BadQuery: At character 9: the query ends where a word or a field is wanted; go \
on, or cut it.
    """
    if len(query) > LONGEST:
        raise BadQuery(f"a query has at most {LONGEST:,} characters; shorten it", LONGEST)
    tokens = list(_tokens(query))
    if not tokens:
        raise BadQuery('there is nothing to look for; type a word, or code:"a name"', 1)
    return _Parser(tokens, len(query) + 1).whole()


def _tokens(query: str) -> Iterator[_Token]:
    place, end = 0, 0
    while place < len(query):
        character = query[place]
        if character.isspace():
            place += 1
            continue
        at, glued = place + 1, place == end
        if character in "():":
            place += 1
            yield _Token(character, character, at, glued)
        elif character in _CLOSED_BY:
            text, place = _quotation(query, place)
            if place < len(query) and query[place] == "*":
                place += 1
                yield _Token("start", text, at, glued)
            else:
                yield _Token("phrase", text, at, glued)
        elif match := _OPERATOR.match(query, place):
            place = match.end()
            yield _Token(match.group(1), match.group(2) or "", at, glued)
            if match.group(2) is not None and match.group(1) != "NEAR":
                raise BadQuery(
                    f"only NEAR takes a number, as NEAR/10; {match.group(1)} has none", at
                )
            if match.group(2) == "":
                raise BadQuery("after NEAR/ stands a number of words, turn or overlap", at)
        else:
            bare = _BARE.match(query, place)
            if bare is None:
                raise BadQuery("this mark ends a quotation that never began; take it out", at)
            place = bare.end()
            yield _Token("word", bare.group(), at, glued)
        end = place


def _quotation(query: str, place: int) -> tuple[str, int]:
    """The words of the quotation that begins here, and where what follows it begins."""
    closing = _CLOSED_BY[query[place]]
    found: list[str] = []
    here = place + 1
    while here < len(query):
        character = query[here]
        if character in closing:
            return " ".join("".join(found).split()), here + 1
        if character == "\\" and query[here + 1 : here + 2]:
            here += 1
            character = query[here]
        found.append(character)
        here += 1
    raise BadQuery("the quotation mark is never closed; put one at its end", place + 1)


class _Parser:
    """Reads tokens from left to right, one function a level of binding."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._place = 0
        self._end = _Token("end", "", end)
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def whole(self) -> Term:
        found = self._or()
        if self._next.kind == ")":
            raise BadQuery("this bracket closes nothing; take it out", self._next.at)
        if self._next.kind != "end":
            self._lost(self._next)
        return found

    def _or(self) -> Term:
        found = self._and()
        while self._next.kind == "OR":
            self._take()
            found = Or(found, self._and())
        return found

    def _and(self) -> Term:
        found = self._not()
        while self._next.kind in ("AND", "NOT", "(", "phrase", "start", "word"):
            if self._next.kind == "AND":
                self._take()
            found = And(found, self._not())
        return found

    def _near(self) -> Term:
        at = self._next.at
        found = self._primary()
        while self._next.kind == "NEAR":
            token = self._take()
            within = _within(token)
            if not has_place(found):
                raise BadQuery(PLACELESS, at)
            at = self._next.at
            right = None if self._next.kind == "NOT" else self._primary()
            if right is None or not has_place(right):
                raise BadQuery(PLACELESS, at)
            found = Near(found, right, within)
        return found

    def _not(self) -> Term:
        if self._next.kind != "NOT":
            return self._near()
        token = self._take()
        self._deeper(token)
        found = Not(self._not())
        self._depth -= 1
        return found

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadQuery("the query is nested too deep; make it simpler", token.at)

    def _primary(self) -> Term:
        token = self._take()
        if token.kind == "(":
            self._deeper(token)
            if self._next.kind == ")":
                raise BadQuery(
                    "there is nothing between these brackets; fill or drop them", token.at
                )
            found = self._or()
            if self._take().kind != ")":
                raise BadQuery("the bracket is never closed; put “)” where it ends", token.at)
            self._depth -= 1
            return found
        if token.kind in ("word", "phrase", "start"):
            if self._next.kind == ":" and self._next.glued and token.kind != "start":
                return self._field(token)
            return _words(token)
        self._lost(token)

    def _field(self, name: _Token) -> Term:
        self._take()
        if not name.text:
            raise BadQuery("a name is wanted before the colon, as code: or group:", name.at)
        value = self._next
        if value.kind not in ("word", "phrase") or not value.glued:
            raise BadQuery(
                f"a value is wanted after “{name.text}:”, with no space before it, as "
                f'{name.text}:"a value"',
                value.at,
            )
        self._take()
        if self._next.kind == ":" and self._next.glued:
            raise BadQuery(
                'this value has a colon in it; put it in quotation marks, as field:"a:b"', value.at
            )
        return Field(name.text, value.text, value.at)

    def _lost(self, token: _Token) -> NoReturn:
        if token.kind == "end":
            raise BadQuery(
                "the query ends where a word or a field is wanted; go on, or cut it", token.at
            )
        if token.kind == ":":
            raise BadQuery(
                "a colon stands between a name and its value, as group:clinical", token.at
            )
        shown = token.kind if token.kind in ("AND", "OR", "NOT", "NEAR", ")") else token.text
        raise BadQuery(
            f"“{shown}” stands where a word or a field is wanted; a word that is meant itself goes "
            "in quotation marks",
            token.at,
        )


def _words(token: _Token) -> Words:
    text, start = token.text, token.kind == "start"
    if token.kind == "word" and text.endswith("*"):
        text, start = text[:-1], True
    if not any(character.isalnum() for character in text):
        raise BadQuery("there is no word here; type one", token.at)
    if "*" in text:
        raise BadQuery("“*” stands at the end of a word only, as clinic*", token.at)
    if len(text) > 300:
        raise BadQuery("words to look for have at most 300 characters; shorten them", token.at)
    return Words(text, start)


def _within(token: _Token) -> Within:
    if token.text in ("turn", "overlap"):
        return token.text  # type: ignore[return-value]
    if not token.text:
        return WITHIN
    if not (token.text.isascii() and token.text.isdecimal()) or int(token.text) > MOST_WITHIN:
        raise BadQuery(
            f"“NEAR/{token.text[:20]}” cannot be read; write NEAR/turn, NEAR/overlap, or a number "
            f"of words up to {MOST_WITHIN:,}",
            token.at,
        )
    return int(token.text)


def has_place(term: Term) -> bool:
    """True for what stands at a place: words, codes, themes, and any of several such."""
    match term:
        case Words() | Near():
            return True
        case Field(name=name):
            return name.casefold() in PLACED
        case Or(left=left, right=right):
            return has_place(left) and has_place(right)
    return False


def _quoted(text: str, any_: str = "") -> str:
    plain = _BARE.fullmatch(text) and "*" not in text and not _OPERATOR.match(text)
    if (plain and "\\" not in text) or (any_ and text == any_):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
