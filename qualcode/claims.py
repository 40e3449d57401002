"""What people say of their themes and on whose words it rests: claims, excerpts, quotations, needs.

An excerpt and a quotation are pointers: a transcript, a span, the version of its text. The words
stand beside the place, as with a coding, so that a pointer that slipped is found. A quotation is
printed with display edits only: ``[...]`` where something was left out, ``[word]`` where something
was put in or in the place of something else. Everything outside square brackets is word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from qualcode.errors import BadCommand
from qualcode.model import new_id
from qualcode.spans import Span

ExcerptRole = Literal["supports", "contrary", "divergent"]
EXCERPT_ROLES: tuple[ExcerptRole, ...] = get_args(ExcerptRole)
CUT = "[...]"
LONGEST_SENTENCE = 600
LONGEST_NOTE = 1_000
LONGEST_CELL = 1_000
LONGEST_QUOTATION = 4_000
SCALE = range(1, 6)
_MARK = re.compile(r"(\[[^\[\]]*\])")
_BRACKETED = re.compile(r"\s?(?:\[[^\[\]\n]{1,80}\]\s?)+")


@dataclass(frozen=True)
class Claim:
    """A sentence that a theme asserts; its excerpts point to it."""

    theme: str
    sentence: str
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _within("A claim", self.sentence, LONGEST_SENTENCE, needed=True)


@dataclass(frozen=True)
class Excerpt:
    """Words that bear on a theme: for a claim of it, against one, or apart from the rest."""

    theme: str
    transcript: str
    span: Span
    quote: str = ""
    role: ExcerptRole = "supports"
    claim: str = ""
    note: str = ""
    text_version: int = 1
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.role not in EXCERPT_ROLES:
            raise BadCommand(
                f"“{self.role}” is not what an excerpt can be; choose one of "
                f"{', '.join(EXCERPT_ROLES)}."
            )
        if self.role != "divergent" and not self.claim:
            raise BadCommand("An excerpt for or against needs the claim that it bears on.")
        _within("A note on an excerpt", self.note, LONGEST_NOTE)


@dataclass(frozen=True)
class DisplayEdit:
    """In print, the characters ``start`` to ``end`` of the quoted words read ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class ChosenQuotation:
    """A quotation that a person chose for a theme, with the claim it illustrates.

    ``introduction`` is the sentence before it in print and ``sense`` what follows from it;
    ``look_again`` is true where the text under it was corrected since it was chosen.
    """

    theme: str
    transcript: str
    span: Span
    quote: str = ""
    edits: tuple[DisplayEdit, ...] = ()
    claim: str = ""
    introduction: str = ""
    sense: str = ""
    look_again: bool = False
    text_version: int = 1
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _within("A sentence about a quotation", self.introduction, LONGEST_SENTENCE)
        _within("A sentence about a quotation", self.sense, LONGEST_SENTENCE)
        if self.span.length > LONGEST_QUOTATION:
            raise BadCommand(
                f"A quotation has at most {LONGEST_QUOTATION:,} characters; choose fewer words."
            )

    @property
    def printed(self) -> str:
        """The words as they are printed, without quotation marks."""
        return printed(self.quote, self.edits)


@dataclass(frozen=True)
class Need:
    """A row of the needs register; importance and feasibility from 1 to 5, None where not rated.

    It rests on themes or codes, or is marked as the team's own judgement.
    """

    need: str
    present: str = ""
    wished: str = ""
    gap: str = ""
    themes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    judgement: bool = False
    quotations: tuple[str, ...] = ()
    importance: int | None = None
    importance_by: str = ""
    feasibility: int | None = None
    owner: str = ""
    first_step: str = ""
    by_when: str = ""
    changed_by: str = ""
    changed_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _within("A need", self.need, LONGEST_SENTENCE, needed=True)
        for value in (self.present, self.wished, self.gap, self.first_step):
            _within("A field of the needs register", value, LONGEST_CELL)
        for value in (self.importance_by, self.owner, self.by_when):
            _within("A short field of the needs register", value, 200)
        if not (self.themes or self.codes or self.judgement):
            raise BadCommand(
                "A need rests on a theme or a code; choose one, or mark it as team judgement."
            )
        for name, rated in (("importance", self.importance), ("feasibility", self.feasibility)):
            if rated is not None and rated not in SCALE:
                raise BadCommand(f"The {name} of a need is a number from 1 to 5, or left open.")
        if self.importance is not None and not self.importance_by.strip():
            raise BadCommand("Say who rated the importance of this need.")


@dataclass(frozen=True)
class ThemeVersion:
    """A theme as it stood: ``fields`` are its words and codes by name."""

    theme: str
    number: int
    made_by: str
    made_at: str
    fields: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class DroppedTheme:
    """A theme that was taken out, why, by whom and when; ``into`` is the one it was merged into."""

    theme: str
    name: str
    reason: str
    by: str = ""
    at: str = ""
    into: str = ""


@dataclass(frozen=True)
class ThemeWork:
    """Everything that stands around the themes of a study, as one seat may read it."""

    claims: tuple[Claim, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    quotations: tuple[ChosenQuotation, ...] = ()
    needs: tuple[Need, ...] = ()


# -- display edits -----------------------------------------------------------------------------


def printed(quote: str, edits: Iterable[DisplayEdit]) -> str:
    """The quoted words with their display edits.

    >>> printed("I stay late most days.", [DisplayEdit(11, 21, " [...]")])
    'I stay late [...].'
    """
    pieces, end = [], 0
    for edit in edits:
        if not (end <= edit.start <= edit.end <= len(quote)) or not _BRACKETED.fullmatch(edit.text):
            raise BadCommand(
                "A quotation is changed in square brackets only, and inside its words."
            )
        pieces += [quote[end : edit.start], edit.text]
        end = edit.end
    return "".join([*pieces, quote[end:]])


def display_edits(quote: str, typed: str) -> tuple[DisplayEdit, ...]:
    """How the quoted words became the text that was typed for print.

    What stands outside square brackets has to stand in the quotation, word for word and in this
    order, from its first word to its last. A bracket of the transcript's own stays what it is.

    Raises
    ------
    BadCommand
        Something outside the brackets differs; the sentence names the first such words.

    >>> display_edits("I stay late most days.", "I stay late [...] days.")
    (DisplayEdit(start=11, end=17, text=' [...] '),)
    """
    parts = _parts(typed.strip().replace("[…]", CUT), quote)
    first, last = 0, len(parts) - 1
    edits: list[DisplayEdit] = []
    end = len(quote) - len(quote.lstrip())
    mark = ""
    for number, (is_mark, words) in enumerate(parts):
        if is_mark:
            mark = words
            continue
        found = _place(quote, words, end, at_once=number == first, to_the_end=number == last)
        if found is None:
            raise BadCommand(
                f"“{' '.join(words.split())[:80]}” does not stand so in the transcript, at this "
                "place of the passage. Outside [...] and [word] a quotation is word for word."
            )
        if mark:
            edits.append(DisplayEdit(end if edits or number > 1 else 0, found.start(), mark))
        mark, end = "", found.end()
    if mark:
        edits.append(DisplayEdit(end, len(quote.rstrip()), mark))
    if not any(not is_mark for is_mark, _ in parts):
        raise BadCommand("A quotation needs words of the participant outside the brackets.")
    return tuple(edits)


def is_verbatim(source: str, shown: str) -> bool:
    """Whether a printed text differs from its source in square brackets only.

    >>> is_verbatim("We meet on Friday.", "We meet [weekly]."), is_verbatim("We meet.", "I meet.")
    (True, False)
    """
    try:
        display_edits(source, shown)
    except BadCommand:
        return False
    return True


def _parts(typed: str, quote: str) -> list[tuple[bool, str]]:
    """The typed text as words and marks in turn; a mark keeps the space it was typed with."""
    parts: list[tuple[bool, str]] = []
    for piece in filter(None, _MARK.split(typed)):
        is_mark = _MARK.fullmatch(piece) is not None and (piece == CUT or piece not in quote)
        if is_mark and len(piece) < 3:
            raise BadCommand("There is nothing in a pair of brackets; write [...] or [word].")
        if is_mark and not _BRACKETED.fullmatch(piece):
            raise BadCommand("What is put in brackets has at most 80 characters on one line.")
        if parts and parts[-1][0] == is_mark:
            parts[-1] = (is_mark, parts[-1][1] + piece)
        elif parts and is_mark and not parts[-1][1].strip():
            parts.pop()  # two marks with a space between them are one change
            parts[-1] = (True, f"{parts[-1][1]} {piece}")
        else:
            parts.append((is_mark, piece))
    if parts and not parts[-1][0] and not parts[-1][1].strip():
        parts.pop()
    spaced = []
    for number, (is_mark, words) in enumerate(parts):
        if is_mark:
            before = number > 0 and parts[number - 1][1][-1].isspace()
            after = number + 1 < len(parts) and parts[number + 1][1][0].isspace()
            words = f"{' ' * before}{words}{' ' * after}"
        spaced.append((is_mark, words))
    return spaced


def _place(
    quote: str, words: str, begin: int, *, at_once: bool, to_the_end: bool
) -> re.Match[str] | None:
    """Where these words stand, from ``begin`` on, with whatever white space between them."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    # A mark set off by a space stands between words; “[T]hey” may stand for “they”.
    if words[0].isspace() or at_once:
        pattern = rf"(?<!\w){pattern}"
    if words[-1].isspace() or to_the_end:
        pattern = rf"{pattern}(?!\w)"
    if to_the_end:
        pattern = rf"{pattern}(?=\s*\Z)"
    compiled = re.compile(pattern)
    return compiled.match(quote, begin) if at_once else compiled.search(quote, begin)


def _within(what: str, text: str, most: int, *, needed: bool = False) -> None:
    if needed and not text.strip():
        raise BadCommand(f"{what} needs words.")
    if len(text) > most:
        raise BadCommand(f"{what} has at most {most:,} characters; shorten it.")
