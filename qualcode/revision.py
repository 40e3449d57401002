"""A changed text: two versions of a transcript in; where each coding stands now, or what it lost.

A revision is a list of edits of whole words, so that a place outside every edit moves by a known
number of characters and the words there are the same. A coding with a changed word in it is never
moved in silence: it is listed with its old and new words for a person to confirm.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, groupby
from typing import Literal

import regex
from rapidfuzz.distance import Indel, Levenshtein

from qualcode.errors import BadCoding, BadCommand
from qualcode.languages import words
from qualcode.model import Coding, Transcript, Turn
from qualcode.spans import Span

# Cells of a comparison: the fine way keeps a bit for each in memory, the plain way a column only.
FINE_LIMIT = 200_000_000
PLAIN_LIMIT = 10_000_000_000
_SENTENCE = regex.compile(r"[^\n.!?。！？…]*(?:[\n.!?。！？…]+\s*|$)")


@dataclass(frozen=True)
class Edit:
    """The characters from ``start`` to ``end`` (excluded) of the old text became ``text``.

    ``start == end`` puts something in; an empty ``text`` takes something out.
    """

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise BadCommand(f"An edit cannot run from {self.start} to {self.end}.")


@dataclass(frozen=True)
class Revision:
    """Two versions of one transcript and the edits between them, in order and apart.

    Each edit begins and ends where a word does, in the old text and in the new one. Made by
    `revise` (the edits are known), `compared` (a corrected text is handed in) or `composed`.
    """

    before: Transcript
    after: Transcript
    edits: tuple[Edit, ...]

    def __post_init__(self) -> None:
        if edited(self.before.text, self.edits) != self.after.text:
            raise BadCommand(f"These edits do not make the new text of {self.before.title}.")

    @cached_property
    def _gains(self) -> list[int]:
        """How many characters the text has grown by before each edit, and after the last."""
        return list(
            accumulate((len(e.text) - (e.end - e.start) for e in self.edits), initial=0)
        )  # fmt: skip

    @cached_property
    def _starts(self) -> list[int]:
        return [edit.start for edit in self.edits]

    @cached_property
    def _ends(self) -> list[int]:
        return [edit.end for edit in self.edits]

    @cached_property
    def _new_places(self) -> tuple[list[int], list[int]]:
        """Where each edit's text begins and ends in the new text."""
        starts = [start + gain for start, gain in zip(self._starts, self._gains, strict=False)]
        return starts, [
            start + len(edit.text) for start, edit in zip(starts, self.edits, strict=True)
        ]

    def within(self, span: Span) -> tuple[Edit, ...]:
        """The edits that change characters of this stretch of the old text or stand inside it."""
        first = bisect_right(self._ends, span.start)
        last = bisect_left(self._starts, span.end)
        return self.edits[first:last]

    def moved(self, span: Span) -> Span | None:
        """Where exactly these words stand in the new text; None if any of them changed."""
        if self.within(span):
            return None
        gain = self._gains[bisect_right(self._ends, span.start)]
        return Span(span.start + gain, span.end + gain)

    def proposed(self, span: Span) -> Span | None:
        """Where a stretch would go with its changed words; None if nothing of it is left.

        An edit that reaches over the stretch's border is taken in whole.
        """
        first = bisect_right(self._ends, span.start)
        last = bisect_left(self._starts, span.end)
        start = min([span.start, *self._starts[first : first + 1]]) + self._gains[first]
        end = max([span.end, *self._ends[last - 1 : last]]) + self._gains[last]
        return Span(start, end) if start < end else None


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after its edits.

    >>> edited("We meet on Friday.", [Edit(0, 2, "They"), Edit(10, 17, "")])
    'They meet on.'
    """
    pieces: list[str] = []
    end = 0
    for edit in edits:
        if edit.start < end or edit.end > len(text):
            raise BadCommand("Two edits overlap, or one leaves the text.")
        pieces += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*pieces, text[end:]])


def revise(before: Transcript, edits: Iterable[Edit]) -> Revision:
    """A transcript after known edits, each inside one turn; its id and its speakers stay.

    >>> text = Transcript("P01", "I met Ann.", (), id="t")
    >>> revise(text, [Edit(6, 9, "[colleague 1]")]).after.text
    'I met [colleague 1].'
    """
    changes = (edit for edit in edits if before.text[edit.start : edit.end] != edit.text)
    asked = tuple(sorted(changes, key=lambda edit: (edit.start, edit.end)))
    text = edited(before.text, asked)
    after = replace(before, text=text, turns=tuple(_turns_after(before, asked)))
    return Revision(before, after, _whole_words(before.text, text, asked))


def compared(before: Transcript, corrected: Transcript) -> Revision:
    """A transcript and its corrected version, as read from a file; the old id and title stay.

    Turns and speakers are those of the corrected file.

    Sentences are matched first and words inside the sentences that changed, so that time grows
    with what changed. A place with more changes than can be compared counts as changed.
    """
    after = replace(
        corrected,
        id=before.id,
        title=before.title,
        participant=corrected.participant or before.participant,
        facts={**before.facts, **corrected.facts},
    )
    edits = _difference(before.text, after.text)
    return Revision(before, after, _whole_words(before.text, after.text, edits))


def composed(first: Revision, second: Revision) -> Revision:
    """Two revisions in a row as one: from the oldest text to the newest."""
    if first.after.text != second.before.text:
        raise BadCommand(
            f"The second revision of {second.before.title} does not begin where the first ended."
        )
    groups: list[list[int]] = []  # stretches of the middle text that either revision touches
    for start, end in sorted(
        [*zip(*first._new_places, strict=True), *((e.start, e.end) for e in second.edits)]
    ):
        if groups and start <= groups[-1][1]:
            groups[-1][1] = max(groups[-1][1], end)
        else:
            groups.append([start, end])
    edits = []
    for start, end in groups:
        old = [_old_place(first, start, "before"), _old_place(first, end, "after")]
        new = [_new_place(second, start, "before"), _new_place(second, end, "after")]
        edits.append(Edit(old[0], old[1], second.after.text[new[0] : new[1]]))
    kept = [edit for edit in edits if first.before.text[edit.start : edit.end] != edit.text]
    return Revision(
        first.before,
        second.after,
        _whole_words(first.before.text, second.after.text, kept),
    )


@dataclass(frozen=True)
class Touched:
    """A coding whose own words changed; a person says what becomes of it.

    ``where`` is where it would go and ``new_words`` what stands there; ``where`` is None if its
    words are gone. ``elsewhere`` is true if they were found again at another place.
    """

    coding: Coding
    old_words: str
    new_words: str
    where: Span | None
    elsewhere: bool = False


@dataclass(frozen=True)
class Carried:
    """Codings on the new text: those that stand on exactly the same words, and those to confirm."""

    moved: tuple[Coding, ...] = ()
    touched: tuple[Touched, ...] = ()


def carry(codings: Iterable[Coding], revision: Revision) -> Carried:
    """Take codings from the old text to the new one; not one of them changes its words.

    Raises
    ------
    BadCoding
        A coding is of another transcript, or does not quote the old text.
    """
    moved: list[Coding] = []
    touched: list[Touched] = []
    old, new = revision.before, revision.after
    for coding in codings:
        if coding.transcript != old.id or old.text[coding.span.slice] != coding.quote:
            raise BadCoding(
                f"A coding of {coding.coder} does not quote the old text of {old.title}; "
                "run qualcode check."
            )
        if (span := revision.moved(coding.span)) is not None:
            moved.append(replace(coding, span=span))
            continue
        where = revision.proposed(coding.span)
        elsewhere = where is None and new.text.count(coding.quote) == 1
        if elsewhere:
            start = new.text.index(coding.quote)
            where = Span(start, start + len(coding.quote))
        words_now = new.text[where.slice] if where else ""
        touched.append(Touched(coding, coding.quote, words_now, where, elsewhere))
    return Carried(tuple(moved), tuple(touched))


def _turns_after(before: Transcript, edits: Sequence[Edit]) -> Iterator[Turn]:
    """The turns with their new places; an edit belongs to the turn that holds it."""
    at = gain = 0
    for turn in before.turns:
        while at < len(edits) and edits[at].end < turn.span.start:
            gain += len(edits[at].text) - (edits[at].end - edits[at].start)
            at += 1
        start = turn.span.start + gain
        while at < len(edits) and edits[at].start <= turn.span.end:
            if edits[at].start < turn.span.start or edits[at].end > turn.span.end:
                raise BadCommand(
                    f"A change in {before.title} reaches from one speaker’s turn into another; "
                    "change each turn for itself."
                )
            gain += len(edits[at].text) - (edits[at].end - edits[at].start)
            at += 1
        if turn.span.end + gain <= start:
            raise BadCommand(
                f"A turn of {turn.speaker} in {before.title} would have no words left; "
                "leave […] in its place."
            )
        yield replace(turn, span=Span(start, turn.span.end + gain))


def _difference(old: str, new: str) -> list[Edit]:
    """The edits from one text to the other: sentences first, then the words of what changed."""
    edits: list[Edit] = []
    for o, n in _unequal(old, new, _SENTENCE.findall(old), _SENTENCE.findall(new)):
        before, after = old[o.start : o.stop], new[n.start : n.stop]
        for part, other in _unequal(before, after, words(before), words(after)):
            edits.append(
                Edit(o.start + part.start, o.start + part.stop, after[other.start : other.stop])
            )
    return edits


def _unequal(
    old: str, new: str, old_parts: Sequence[str], new_parts: Sequence[str]
) -> Iterator[tuple[range, range]]:
    """The stretches where two texts, cut into parts, differ: places in the old and in the new."""
    old_ends = list(accumulate(map(len, old_parts), initial=0))
    new_ends = list(accumulate(map(len, new_parts), initial=0))
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(part, len(numbers)) for part in old_parts]
    b = [numbers.setdefault(part, len(numbers)) for part in new_parts]
    cells = len(a) * len(b)
    if cells > PLAIN_LIMIT:
        yield range(len(old)), range(len(new))
        return
    opcodes = (Indel if cells <= FINE_LIMIT else Levenshtein).opcodes(a, b)
    # What was taken out and what was put in at one place are one change.
    for unequal, group in groupby(opcodes, key=lambda code: code.tag != "equal"):
        if unequal:
            codes = list(group)
            yield (
                range(old_ends[codes[0].src_start], old_ends[codes[-1].src_end]),
                range(new_ends[codes[0].dest_start], new_ends[codes[-1].dest_end]),
            )


def _whole_words(old: str, new: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The same change in edits that begin and end between words of both texts."""
    if not edits:
        return ()
    borders_old, borders_new = _borders(old), _borders(new)
    grown: list[tuple[int, int, int, int]] = []
    gain = 0
    for number, edit in enumerate(edits):
        start, end = edit.start, edit.end
        while not (start in borders_old and start + gain in borders_new):
            start -= 1
            if grown and start < grown[-1][1]:
                break
        gain += len(edit.text) - (edit.end - edit.start)
        limit = edits[number + 1].start if number + 1 < len(edits) else len(old)
        while end < limit and not (end in borders_old and end + gain in borders_new):
            end += 1
        begun = start + _gain_before(grown)
        if grown and start < grown[-1][1]:
            start, begun = grown[-1][0], grown[-1][2]
            grown.pop()
        grown.append((start, end, begun, end + gain))
    return tuple(Edit(start, end, new[begun:ended]) for start, end, begun, ended in grown)


def _gain_before(grown: Sequence[tuple[int, int, int, int]]) -> int:
    return grown[-1][3] - grown[-1][1] if grown else 0


def _borders(text: str) -> frozenset[int]:
    return frozenset(accumulate(map(len, words(text)), initial=0))


def _new_place(revision: Revision, position: int, side: Literal["before", "after"]) -> int:
    """A place outside every edit in the new text; at an edit's border, before or after it."""
    if side == "before":
        return position + revision._gains[bisect_left(revision._ends, position)]
    return position + revision._gains[bisect_right(revision._starts, position)]


def _old_place(revision: Revision, position: int, side: Literal["before", "after"]) -> int:
    """The way back: a place of the new text outside every edit, in the old text."""
    starts, ends = revision._new_places
    at = bisect_left(ends, position) if side == "before" else bisect_right(starts, position)
    return position - revision._gains[at]
