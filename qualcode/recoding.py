"""Recoding: first codings, what changed in the codebook since, and what their coders said of it in;
the tasks that are open, and each coder's layer as it stands under a version, out.

First codings are never altered. A layer under a later version is worked out from them: what the
changes carry by themselves (a merge), and what the coder said of the rest (narrowed: keep or
remove; split: which of the new codes; added or broadened: looked again, and what was found).
"""

from __future__ import annotations

import hashlib
import math
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from qualcode.changes import LOOK_AGAIN, CodeChange, Effect, carried
from qualcode.languages import words
from qualcode.model import MAIN, Code, Coding, Transcript, new_id
from qualcode.spans import Span

_WORD_START = re.compile(r"\b\w{1,5}")
TaskKind = Literal["confirm", "choose", "look"]
RecodingOutcome = Literal[
    "keep", "remove", "choose", "add", "looked", "submit", "undone", "allocate", "fits", "misfits"
]
RECODING_OUTCOMES: tuple[RecodingOutcome, ...] = (
    *("keep", "remove", "choose", "add", "looked", "submit", "undone"),
    *("allocate", "fits", "misfits"),
)
OF_THE_LEAD: frozenset[RecodingOutcome] = frozenset({"allocate", "fits", "misfits"})
"""What the lead says: where codings of a retired code go, and whether a merge fits."""
CHECKED = 0.1
"""The part of the codings moved by a merge that the lead looks at."""
PLACES = 6
"""So many places are suggested at most where a transcript is looked at again."""
LayerOf = tuple[str, str]
"""A coder and the id of a transcript."""


class Step(Protocol):
    """One change with the version that brought it and what it does to earlier codings."""

    @property
    def version(self) -> str: ...
    @property
    def change(self) -> CodeChange: ...
    @property
    def effect(self) -> Effect: ...


@dataclass(frozen=True)
class Recoding:
    """What somebody said of earlier work under a later version; never altered, at most undone.

    ``coding`` is what it is about, "" where it is about a transcript or a whole layer; ``codes``
    what was chosen or looked for; ``span`` and ``quote`` a passage that was added; ``blind``
    whether the others' answers were hidden; ``undoes`` the id of an earlier answer taken back.
    """

    outcome: RecodingOutcome
    version: str
    coder: str
    transcript: str = ""
    coding: str = ""
    codes: tuple[str, ...] = ()
    span: Span | None = None
    quote: str = ""
    round: str = MAIN
    made_by: str = ""
    made_at: str = ""
    blind: bool = True
    undoes: str = ""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Task:
    """Something that a coder is asked because of what changed.

    ``coding`` is the coding as it stands before the answer, None where a transcript is looked at
    again for ``code``; ``base`` the version under which it was made or last confirmed, ``version``
    the one asked about; ``options`` the codes to choose from.
    """

    kind: TaskKind
    coder: str
    transcript: str
    code: str
    base: str
    version: str
    changes: tuple[CodeChange, ...]
    coding: Coding | None = None
    options: tuple[str, ...] = ()
    answer: Recoding | None = None

    @property
    def id(self) -> str:
        """The same on every run: the coding, or the transcript and the code."""
        return self.coding.id if self.coding else f"{self.transcript} {self.code}"

    @property
    def is_open(self) -> bool:
        return self.answer is None


@dataclass(frozen=True)
class Recoded:
    """Layers under one version: ``codings`` that count, ``tasks`` answered and not, ``moved`` by a
    merge and ``kept_out`` with a retired code, as they were made.
    """

    codings: tuple[Coding, ...]
    tasks: tuple[Task, ...]
    moved: tuple[Coding, ...]
    kept_out: tuple[Coding, ...]

    @property
    def open(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.is_open)


def standing(recodings: Iterable[Recoding]) -> tuple[Recoding, ...]:
    """Those that were not taken back, oldest first."""
    given = tuple(recodings)
    undone = {recoding.undoes for recoding in given}
    return tuple(r for r in given if r.id not in undone and r.outcome != "undone")


def recode(
    codings: Iterable[Coding],
    bases: Mapping[LayerOf, str],
    versions: Sequence[str],
    steps: Iterable[Step],
    recodings: Iterable[Recoding],
    version: str,
) -> Recoded:
    """The layers as they stand under ``version``, and what is asked to bring them there.

    Parameters
    ----------
    codings
        First codings of submitted layers.
    bases
        Every submitted layer with the version under which it was coded.
    versions
        All versions, oldest first; what came after ``version`` does not count.
    steps
        What changed with each version, in order.
    recodings
        What was said so far, oldest first.
    """
    return _Recode(versions, tuple(steps), recodings, version).of(tuple(codings), bases)


@dataclass(frozen=True)
class _Walk:
    """A code carried over some changes: what it is now, and what is asked on the way."""

    code: str
    out: bool
    moved: bool
    asks: tuple[CodeChange, ...]
    options: tuple[str, ...] = ()


class _Recode:
    def __init__(
        self,
        versions: Sequence[str],
        steps: tuple[Step, ...],
        recodings: Iterable[Recoding],
        version: str,
    ) -> None:
        self.place = {name: number for number, name in enumerate(versions)}
        self.version, self.target = version, self.place[version]
        self.steps = [step for step in steps if self.place[step.version] <= self.target]
        self.answers: dict[str, list[Recoding]] = {}
        self.looked: dict[tuple[str, str, str], Recoding] = {}
        self.added: list[Recoding] = []
        for said in sorted(standing(recodings), key=lambda r: self.place.get(r.version, -1)):
            if not 0 <= self.place.get(said.version, -1) <= self.target:
                continue
            if said.outcome == "looked":
                self.looked[said.coder, said.transcript, said.codes[0]] = said
            elif said.outcome == "add":
                self.added.append(said)
            elif said.outcome in ("keep", "remove", "choose", "allocate"):
                self.answers.setdefault(said.coding, []).append(said)
        self.kept: list[Coding] = []
        self.tasks: list[Task] = []
        self.moved: list[Coding] = []
        self.out: list[Coding] = []

    def of(self, codings: tuple[Coding, ...], bases: Mapping[LayerOf, str]) -> Recoded:
        for coding in codings:
            self._piece(coding, self.place.get(coding.codebook_version, 0))
        for said in self.added:
            if said.span is not None and (said.coder, said.transcript) in bases:
                self._piece(_added(said), self.place[said.version])
        for (coder, transcript), base in bases.items():
            self._look(coder, transcript, self.place.get(base, 0))
        return Recoded(tuple(self.kept), tuple(self.tasks), tuple(self.moved), tuple(self.out))

    def _piece(self, coding: Coding, base: int) -> None:
        """Bring one coding to the version asked for, answer by answer."""
        first = coding
        for said in self.answers.get(coding.id, ()):
            at = self.place[said.version]
            if at <= base:
                continue
            walk = self._walk(coding.code, base, at)
            if said.outcome != "allocate":
                self._asked(coding, base, walk, said)
            if said.outcome == "remove" or (said.outcome == "keep" and walk.out):
                return
            if said.outcome in ("choose", "allocate"):
                if said.outcome == "allocate":
                    self.out.append(first)
                for code in said.codes:
                    made = replace(
                        coding,
                        id=derived(coding.id, code),
                        code=code,
                        codebook_version=said.version,
                        came_from=(coding.id,),
                    )
                    self._piece(made, at)
                return
            coding, base = replace(coding, code=walk.code, codebook_version=said.version), at
        walk = self._walk(coding.code, base, self.target)
        if walk.out:
            self.out.append(first)
            return
        if walk.asks:
            self._asked(coding, base, walk, None)
        if walk.moved:
            self.moved.append(first)
        if not walk.options:
            self.kept.append(replace(coding, code=walk.code, codebook_version=self.version))

    def _asked(self, coding: Coding, base: int, walk: _Walk, said: Recoding | None) -> None:
        if said is not None and said.version != self.version:
            return
        versions = list(self.place)
        self.tasks.append(
            Task(
                kind="choose" if walk.options else "confirm",
                coder=coding.coder,
                transcript=coding.transcript,
                code=walk.code,
                base=versions[base],
                version=self.version,
                changes=walk.asks,
                coding=coding,
                options=walk.options,
                answer=said,
            )
        )

    def _between(self, base: int, at: int) -> Iterator[Step]:
        return (step for step in self.steps if base < self.place[step.version] <= at)

    def _walk(self, code: str, base: int, at: int) -> _Walk:
        out, moved, asks = False, False, []
        steps = list(self._between(base, at))
        for number, step in enumerate(steps):
            if step.change.code != code:
                continue
            if step.effect == "moved":
                code, moved = step.change.into[0], True
            elif step.effect == "kept_out":
                out = True
            elif step.change.kind in ("restore", "add"):
                out = False
            elif step.effect == "confirm":
                asks.append(step.change)
            elif step.effect == "choose":
                later = [one.change for one in steps[number + 1 :]]
                options = [now for part in step.change.into for now in carried(part, later)]
                return _Walk(code, out, moved, (*asks, step.change), tuple(dict.fromkeys(options)))
        return _Walk(code, out, moved, () if out else tuple(asks))

    def _look(self, coder: str, transcript: str, base: int) -> None:
        """What a transcript is to be looked at again for."""
        wanted: dict[str, list[Step]] = {}
        for step in self._between(base, self.target):
            if step.change.kind in LOOK_AGAIN and step.effect != "none":
                wanted.setdefault(step.change.code, []).append(step)
        for code, steps in wanted.items():
            said = self.looked.get((coder, transcript, code))
            done = self.place[said.version] if said else base
            last = max(self.place[step.version] for step in steps)
            later = [one.change for one in self._between(last, self.target)]
            if last <= done and not (said and done == self.target):
                continue
            if carried(code, later) != (code,):
                continue  # retired, merged or split since: there is nothing to look for
            since = [s for s in steps if self.place[s.version] > done] or steps
            versions = list(self.place)
            self.tasks.append(
                Task(
                    kind="look",
                    coder=coder,
                    transcript=transcript,
                    code=code,
                    base=versions[base if done == self.target else done],
                    version=self.version,
                    changes=tuple(step.change for step in since),
                    answer=said if said and said.version == self.version else None,
                )
            )


def derived(coding: str, code: str) -> str:
    """The id of what a coding became with another code: the same on every machine."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"qualcode:recoding:{coding}:{code}"))


def _added(said: Recoding) -> Coding:
    assert said.span is not None
    return Coding(
        transcript=said.transcript,
        coder=said.coder,
        code=said.codes[0],
        span=said.span,
        quote=said.quote,
        codebook_version=said.version,
        made_at=said.made_at,
        id=said.id,
        round=said.round,
    )


def to_check(moved: Iterable[Coding], share: float = CHECKED) -> tuple[Coding, ...]:
    """The codings moved by a merge that the lead looks at: a part drawn by their ids, one at least.

    >>> to_check([])
    ()
    """
    given = sorted(moved, key=lambda c: hashlib.sha256(c.id.encode()).hexdigest())
    return tuple(given[: math.ceil(share * len(given))])


# -- where to look ------------------------------------------------------------------------------


def places_to_look(
    transcript: Transcript,
    code: Code,
    own: Iterable[Coding],
    *,
    most: int = PLACES,
) -> tuple[Span, ...]:
    """Participant turns where a code may belong: those that share most words with its name, its
    definitions and the coder's own passages of it. What carries the code already is left out.

    Rare words count for more (the logarithm of how many turns there are for each with the word).
    """
    mine = [coding for coding in own if coding.code == code.id]
    turns = [turn.span for turn in transcript.participant_turns if turn.span.length]
    taken = [c.span for c in mine if c.transcript == transcript.id]
    said = [_stems(transcript.text[span.slice]) for span in turns]
    in_turns = Counter(stem for stems in said for stem in stems)
    weight = {stem: math.log(1 + len(turns) / number) for stem, number in in_turns.items()}
    asked = Counter(
        {
            **dict.fromkeys(_stems(" ".join(c.quote for c in mine)), 0.5),
            **dict.fromkeys(
                _stems(f"{code.brief_definition} {code.full_definition} {code.when_to_use}"), 1.0
            ),
            **dict.fromkeys(_stems(code.name), 3.0),
        }
    )
    scored = [
        (
            sum(asked[stem] * weight[stem] for stem in stems if stem in asked) / (4 + len(stems)),
            span,
        )
        for stems, span in zip(said, turns, strict=True)
        if not any(span.overlap(other) for other in taken)
    ]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))
    return tuple(span for _, span in best[:most])


def _stems(text: str) -> set[str]:
    """Words of four letters and more by their first five: mentoring and mentors are one."""
    return {
        word.casefold()[:5] for word in words(text) if len(word) > 3 and word.isalpha()
    } - _COMMON


_COMMON = frozenset(
    _WORD_START.findall(
        "about after again also another because been before being between code codes coded could "
        "does from have having into more most much only other others over people person says "
        "should some someone something speaker speaks such talk than that their them then there "
        "these they thing things think this those very what when where which while whom with "
        "within without would your describes described mention mentions used using"
    )
)
"""Words that say nothing of what a code is about, by their first five letters."""
