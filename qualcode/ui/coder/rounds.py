"""A study as the coding surface sees it: a transcript in a round goes by one name.

The browser keeps what is not yet saved under that name, so that edits made in one round never
arrive in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from qualcode.memos import Memo
from qualcode.model import MAIN, CodingSet, Transcript
from qualcode.store import Applied, Study


def name_of(round_: str, transcript: str) -> str:
    """The name of a transcript in a round; in the main round it is the transcript's id.

    >>> name_of("main", "t1"), name_of("r2", "t1")
    ('t1', 'r2/t1')
    """
    return transcript if round_ == MAIN else f"{round_}/{transcript}"


def _apart(name: str) -> tuple[str, str]:
    round_, slash, transcript = name.rpartition("/")
    return (round_, transcript) if slash else (MAIN, name)


@dataclass(frozen=True)
class InRounds:
    """What coding needs of a study, by the names of :func:`name_of`."""

    study: Study

    def transcript(self, name: str, /) -> Transcript:
        return replace(self.study.transcript(_apart(name)[1]), id=name)

    def codings(self, *, transcript: str, coders: list[str]) -> CodingSet:
        round_, place = _apart(transcript)
        return self.study.codings(transcript=place, coders=coders, round=round_)

    def apply(self, name: str, operations: Sequence[Any], /) -> Applied:
        round_, place = _apart(name)
        return self.study.apply(place, operations, round=round_)

    def proposals(self, name: str, /) -> list[dict[str, Any]]:
        round_, place = _apart(name)
        seat = self.study.seat
        return [
            {
                "id": each.id,
                "start": each.span.start,
                "end": each.span.end,
                "name": each.name,
                "definition": each.definition,
                "state": each.state,
                "answer": each.answer,
            }
            for each in self.study.proposals(round=round_)
            if each.transcript == place and seat is not None and each.coder == seat.name
        ]

    def seen(self, name: str, /) -> tuple[int, ...]:
        round_, place = _apart(name)
        return self.study.seen(place, round=round_)

    def noted(self, name: str, /) -> tuple[Memo, ...]:
        round_, place = _apart(name)
        return self.study.noted(place, round=round_)


def in_rounds(
    open_study: Callable[[], AbstractContextManager[Study]],
) -> Callable[[], AbstractContextManager[InRounds]]:
    """``open_study`` for the coding surface."""

    @contextmanager
    def opened() -> Iterator[InRounds]:
        with open_study() as study:
            yield InRounds(study)

    return opened
