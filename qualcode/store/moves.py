"""Where everything on a text goes when the text changes; and back, from what a revision kept.

What stands on unchanged words moves by the edits alone. What has a changed word in it goes where a
person said, or to the nearest place: its words as they are now, the same words elsewhere, or the
word beside the gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from qualcode.errors import QualcodeError
from qualcode.languages import words
from qualcode.model import Coding
from qualcode.revision import Revision, Touched
from qualcode.spans import Span
from qualcode.store import rows

PLACEHOLDER = "·"


class Moves:
    """Where each place of the old text goes, and the list of it that the revision keeps."""

    def __init__(
        self, revision: Revision, listed: Iterable[Touched], confirmed: Mapping[str, Span | None]
    ) -> None:
        self._revision = revision
        self._text = revision.after.text
        self._words = _word_spans(self._text)
        self._confirmed = confirmed
        # What stood exactly where a confirmed coding did goes with it, if all went one way.
        self._answers: dict[tuple[str, Span], set[Span | None]] = {}
        for each in listed:
            for code in (each.coding.code, ""):
                key = (code, each.coding.span)
                self._answers.setdefault(key, set()).add(confirmed[each.coding.id])
        self.places: list[list[Any]] = []
        self.taken: list[dict[str, Any]] = []
        self.touched: set[str] = set()
        self.crowded: set[str] = set()
        """Codings that could not go where a person said, because their like stands there."""

    def words(self, span: Span) -> str:
        return self._text[span.slice]

    def tell(self, what: str, id_: str, before: Span, after: Span) -> None:
        if before != after or not self._stands(before):
            self.places.append([what, id_, before.start, before.end, after.start, after.end])

    def _stands(self, span: Span) -> bool:
        return self._revision.moved(span) == span

    def take_out(self, row: Mapping[str, Any]) -> None:
        self.taken.append({key: row[key] for key in row if key != "row"})

    def of_layers(self, codings: Iterable[Coding]) -> dict[str, Span | None]:
        """Coding id → where it goes, None if it is taken out; no two of one code at one place."""
        found: dict[str, Span | None] = {}
        held: set[tuple[str, str, str, Span]] = set()
        rest = []
        for coding in codings:
            span = self._revision.moved(coding.span)
            if span is None:
                self.touched.add(coding.id)
                rest.append(coding)
            else:
                found[coding.id] = span
                held.add((coding.round, coding.coder, coding.code, span))
        rest.sort(key=lambda coding: coding.id not in self._confirmed)
        for coding in rest:
            layer = (coding.round, coding.coder, coding.code)
            if coding.id in self._confirmed:
                span = self._confirmed[coding.id]
                if span is not None and (*layer, span) in held:
                    # Both stay: taking one out is a person's word, and its memo would go with it.
                    self.crowded.add(coding.id)
                    span = next((s for s in self._around(span) if (*layer, s) not in held), None)
            else:
                guesses = self._guesses(coding.quote, coding.span)
                span = next((s for s in guesses if (*layer, s) not in held), None)
            if span is not None:
                held.add((*layer, span))
            found[coding.id] = span
        return found

    def of(self, code: str, span: Span, *, may_go: bool = True) -> Span | None:
        """Where something goes that is no layer's: with a coding confirmed there, or nearest."""
        moved = self._revision.moved(span)
        if moved is not None:
            return moved
        answers = self._answers.get((code, span), set())
        if len(answers) == 1:
            (answer,) = answers
            if answer is not None or may_go:
                return answer
        return next(self._guesses(self._revision.before.text[span.slice], span))

    def copy(self, what: str, kept: str, *, may_go: bool) -> str:
        """Codings kept as JSON, on their new places."""
        after = []
        for row in json.loads(kept):
            before = Span(row["start"], row["end"])
            span = self.of(row["code"], before, may_go=may_go)
            if span is None:
                self.take_out({**row, "kept": what})
                continue
            self.tell(what, row["id"], before, span)
            row |= {"start": span.start, "end": span.end, "quote": self.words(span)}
            after.append(row)
        return rows.to_json(after)

    def _guesses(self, quote: str, span: Span) -> Iterator[Span]:
        """Places for a stretch with changed words, the best first; there is always one."""
        if (proposed := self._revision.proposed(span)) is not None:
            first = proposed
        elif self._text.count(quote) == 1:
            start = self._text.index(quote)
            first = Span(start, start + len(quote))
        else:
            first = self._nearest(span)
        yield from self._around(first)

    def _around(self, first: Span) -> Iterator[Span]:
        """This place, then it and more and more words after it, then before it."""
        yield first
        yield from (Span(first.start, w.end) for w in self._words if w.end > first.end)
        yield from (
            Span(w.start, first.end) for w in reversed(self._words) if w.start < first.start
        )

    def _nearest(self, span: Span) -> Span:
        """The word of the new text nearest to where a stretch was."""
        before = [e for e in self._revision.edits if e.end <= span.start]
        at = span.start + sum(len(e.text) - (e.end - e.start) for e in before)
        return min(self._words, key=lambda w: (max(w.start - at, at - w.end, 0), w.start))


def without_words(taken: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "quote": PLACEHOLDER * (row["end"] - row["start"])} for row in taken]


def _word_spans(text: str) -> list[Span]:
    """Where the words of a text stand; marks alone only where there is nothing else."""
    found, marks, end = [], [], 0
    for word in words(text):
        span = Span(end, end + len(word))
        end = span.end
        if any(character.isalnum() for character in word):
            found.append(span)
        elif not word.isspace():
            marks.append(span)
    return found or marks


def places(row: Mapping[str, Any]) -> list[tuple[str, str, Span, Span]]:
    """What a row of ``revisions`` moved: what it is, its id, its place before and after.

    A row that another program altered has fewer; that it was altered its seal tells.
    """
    found = []
    for each in _listed(row["places"]):
        match each:
            case [str(what), str(id_), int(a), int(b), int(c), int(d)] if 0 <= a < b and 0 <= c < d:
                found.append((what, id_, Span(a, b), Span(c, d)))
    return found


def taken_out(row: Mapping[str, Any]) -> list[Coding]:
    """The codings of coders' layers that this row of ``revisions`` took out, as they stood."""
    found = []
    for each in _listed(row["taken"]):
        if isinstance(each, dict) and "round" in each and "kept" not in each:
            with suppress(KeyError, TypeError, QualcodeError):
                found.append(rows.coding(each))
    return found


def undone(row: Mapping[str, Any], codings: Iterable[Coding]) -> list[Coding]:
    """The codings of one coder's layer as they stood before this row of ``revisions``.

    Their words are not kept here, and put out; ids, codes, places and memos are as they were.
    """
    back = {id_: before for what, id_, before, _ in places(row) if what == "coding"}
    return [
        replace(c, span=span, quote=PLACEHOLDER * span.length)
        for c in codings
        for span in [back.get(c.id, c.span)]
    ]


def _listed(words: str) -> list[Any]:
    try:
        found = json.loads(words)
    except ValueError:
        return []
    return found if isinstance(found, list) else []
