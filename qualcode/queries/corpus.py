"""What a query is asked of: interviews with a layer of codings in, passages and people out.

A passage is a participant's turn. It carries a code when half of the turn or half of the coding is
covered, as agreement and reports count it; a coding outside every such turn is a passage of its
own. Participants are counted before passages: two interviews with one person are one person.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qualcode.model import Attribute, Code, Coding, Participant, Theme, Transcript
from qualcode.spans import Span

Flags = NDArray[np.bool_]
OWN_FIELDS = ("code", "theme", "participant", "interview")
"""What can be asked for beside attributes."""


@dataclass(frozen=True)
class Passage:
    """A place that a query may find: ``turn`` counts all turns from 1, 0 outside of turns."""

    transcript: str
    span: Span
    turn: int
    participant: str


@dataclass(frozen=True)
class Group:
    """What is counted by: a code, or a theme with the codes that stand in it."""

    id: str
    name: str
    codes: frozenset[str]
    color: str = "#6b7280"
    kind: str = "code"


@dataclass(frozen=True)
class Corpus:
    """Interviews with one layer of codings, and what is known of them.

    ``codings`` are of one layer: the consensus, or one coder's own. ``attributes`` are those the
    study defines, in order; what is known of people beside them can be asked for as well.
    """

    transcripts: tuple[Transcript, ...]
    codings: tuple[Coding, ...] = ()
    codes: tuple[Code, ...] = ()
    themes: tuple[Theme, ...] = ()
    participants: tuple[Participant, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    memory: dict[object, object] = field(
        default_factory=dict, hash=False, compare=False, repr=False
    )
    """What one question has worked out and the next may need again, as where a word stands."""

    # -- people --------------------------------------------------------------------------------

    @cached_property
    def transcript(self) -> Mapping[str, Transcript]:
        return {transcript.id: transcript for transcript in self.transcripts}

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The participants whose interviews are here, each once: the N of every “n of N”."""
        return tuple(dict.fromkeys(transcript.person for transcript in self.transcripts))

    @cached_property
    def known(self) -> Mapping[str, Participant]:
        return {person.id: person for person in self.participants}

    @cached_property
    def fields(self) -> tuple[Attribute, ...]:
        """The attributes of participants and interviews: those defined, then what is known."""
        found = {(a.of, a.name): a for a in self.attributes}
        for person in self.people:
            for name in self.known[person].attributes if person in self.known else ():
                found.setdefault(("participant", name), Attribute(name))
        for transcript in self.transcripts:
            for name, value in transcript.facts.items():
                if value.strip():
                    found.setdefault(("transcript", name), Attribute(name, of="transcript"))
        return tuple(found.values())

    def value(self, attribute: Attribute, transcript: Transcript) -> str:
        """What is known of an interview or its participant, or ""."""
        if attribute.of == "transcript":
            return transcript.facts.get(attribute.name, "").strip()
        person = self.known.get(transcript.person)
        return person.attributes.get(attribute.name, "").strip() if person else ""

    def values(self, attribute: Attribute) -> tuple[str, ...]:
        """The values there are, in the order that the study gives them; "" is not among them."""
        found = {self.value(attribute, transcript) for transcript in self.transcripts} - {""}
        defined = [value for value in attribute.values if value in found]
        return (*defined, *sorted(found.difference(defined), key=natural))

    # -- passages ------------------------------------------------------------------------------

    @cached_property
    def _laid_out(self) -> tuple[tuple[Passage, ...], dict[str, list[int]], list[list[int]]]:
        """Passages in order; transcript → the places of its turns; coding → its passages."""
        turns: dict[str, list[tuple[int, Span]]] = {
            t.id: [(n, u.span) for n, u in enumerate(t.turns, start=1) if u.role == "participant"]
            for t in self.transcripts
        }
        starts = {id_: [span.start for _, span in own] for id_, own in turns.items()}
        held: list[list[tuple[str, int, Span]]] = []
        outside: defaultdict[str, set[Span]] = defaultdict(set)
        for coding in self.codings:
            own = turns.get(coding.transcript)
            if own is None:
                held.append([])
                continue
            place = max(0, bisect_left(starts[coding.transcript], coding.span.start + 1) - 1)
            found = []
            while place < len(own) and own[place][1].start < coding.span.end:
                number, span = own[place]
                if 2 * span.overlap(coding.span) >= min(span.length, coding.span.length) > 0:
                    found.append((coding.transcript, number, span))
                place += 1
            if not found:
                outside[coding.transcript].add(coding.span)
                found.append((coding.transcript, 0, coding.span))
            held.append(found)
        passages: list[Passage] = []
        at: dict[tuple[str, int, Span], int] = {}
        of: dict[str, list[int]] = {}
        for t in self.transcripts:
            places = [*turns[t.id], *((0, span) for span in outside[t.id])]
            of[t.id] = []
            for number, span in sorted(places, key=lambda p: (p[1], -p[0])):
                at[t.id, number, span] = len(passages)
                of[t.id].append(len(passages))
                passages.append(Passage(t.id, span, number, t.person))
        return tuple(passages), of, [[at[key] for key in found] for found in held]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every participant's turn, and the codings that stand in none, in order."""
        return self._laid_out[0]

    @property
    def passages_of(self) -> Mapping[str, Sequence[int]]:
        """Transcript → the numbers of its passages."""
        return self._laid_out[1]

    @property
    def places_of(self) -> Sequence[Sequence[int]]:
        """For each coding the numbers of the passages that carry it."""
        return self._laid_out[2]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The text of each passage."""
        return tuple(self.transcript[p.transcript].text[p.span.slice] for p in self.passages)

    @cached_property
    def carried(self) -> Mapping[str, tuple[int, ...]]:
        """Code → the numbers of the passages that carry it, in order."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for coding, places in zip(self.codings, self.places_of, strict=True):
            found[coding.code].update(places)
        return {code: tuple(sorted(places)) for code, places in found.items()}

    @cached_property
    def codings_on(self) -> Mapping[int, tuple[Coding, ...]]:
        """Number of a passage → the codings that it carries, in order."""
        found: defaultdict[int, list[Coding]] = defaultdict(list)
        for coding, places in zip(self.codings, self.places_of, strict=True):
            for place in places:
                found[place].append(coding)
        return {place: tuple(sorted(own, key=lambda c: c.span)) for place, own in found.items()}

    @cached_property
    def person_of(self) -> NDArray[np.int64]:
        """For each passage the number of its participant."""
        number = {person: n for n, person in enumerate(self.people)}
        return np.array([number[p.participant] for p in self.passages], dtype=np.int64)

    def with_any(self, codes: Iterable[str]) -> Flags:
        """For each passage whether it carries one of these codes."""
        found = np.zeros(len(self.passages), dtype=np.bool_)
        for code in codes:
            found[list(self.carried.get(code, ()))] = True
        return found

    def people_in(self, passages: Flags) -> tuple[str, ...]:
        """Who said these passages, each once."""
        return tuple(self.people[n] for n in np.unique(self.person_of[passages]).tolist())

    # -- codes and themes ----------------------------------------------------------------------

    @cached_property
    def _children(self) -> Mapping[str | None, tuple[Code, ...]]:
        found: defaultdict[str | None, list[Code]] = defaultdict(list)
        for code in self.codes:
            found[code.parent].append(code)
        return {parent: tuple(own) for parent, own in found.items()}

    def under(self, code: str) -> frozenset[str]:
        """The ids of a code and of all that stand below it."""
        found, waiting = {code}, [code]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child.id not in found:
                    found.add(child.id)
                    waiting.append(child.id)
        return frozenset(found)

    @cached_property
    def leaves(self) -> tuple[Code, ...]:
        """The codes that can be put on text and have none below them that can."""
        return tuple(
            code
            for code in self.codes
            if code.usable
            and not any(c.usable for c in self.codes if c.id in self.under(code.id) - {code.id})
        )

    @cached_property
    def code_groups(self) -> tuple[Group, ...]:
        """Each code in use, or used, on its own."""
        return tuple(
            Group(code.id, code.name, frozenset({code.id}), code.color)
            for code in self.codes
            if code.usable or code.id in self.carried
        )

    @cached_property
    def theme_groups(self) -> tuple[Group, ...]:
        """The themes that people made, with the codes of their parts; else the codebook's own."""
        if not self.themes:
            return tuple(
                Group(code.id, code.name, self.under(code.id), code.color, "theme")
                for code in self.codes
                if code.kind == "theme" and code.status != "retired"
            )
        hue = {code.id: code.color for code in self.codes}
        found = []
        for theme in self.themes:
            parts = [part for part in self.themes if part.parent and part.parent == theme.id]
            own = [*theme.codes, *(code for part in parts for code in part.codes)]
            held = frozenset(code for top in own for code in self.under(top))
            color = hue.get(own[0], "#6b7280") if own else "#6b7280"
            found.append(Group(theme.id, theme.name, held, color, "theme"))
        return tuple(found)

    def groups(self, kind: str) -> tuple[Group, ...]:
        """Rows to count by: ``code`` or ``theme``."""
        return self.theme_groups if kind == "theme" else self.code_groups


def natural(value: str) -> tuple[tuple[int, float, str], ...]:
    """A key that sorts “9” before “10” and “5-9” before “10-19”.

    >>> sorted(["10-19", "0-4", "5-9", "20+"], key=natural)
    ['0-4', '5-9', '10-19', '20+']
    """
    found: list[tuple[int, float, str]] = []
    digits = ""
    for character in [*value.casefold(), ""]:
        if character.isdecimal() and len(digits) < 15:
            digits += character
            continue
        if digits:
            found.append((0, float(digits), ""))
            digits = ""
        if character:
            found.append((1, 0.0, character))
    return tuple(found)
