"""A study whose researchers are told by initials, or, for anonymous review, as R1, R2 …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from qualcode.model import Member, Transcript
from qualcode.reports.facts import StudyLike


class _Nameless:
    """The same study, with numbers in the place of the researchers' names."""

    def __init__(self, study: StudyLike) -> None:
        self._study = study
        self._team = [dict(person) for person in study.team()]
        self._numbers: dict[str, str] = {}
        for number, person in enumerate(self._team, start=1):
            for key in ("initials", "name"):
                if name := person.get(key, "").strip():
                    self._numbers[name.casefold()] = f"R{number}"
        self._last = len(self._team)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)

    @property
    def title(self) -> str:
        return self._study.title

    def team(self) -> Sequence[dict[str, str]]:
        return [
            {**person, "initials": f"R{number}", "name": ""}
            for number, person in enumerate(self._team, start=1)
        ]

    def members(self) -> tuple[Member, ...]:
        return tuple(
            replace(member, display=self._number(member)) for member in self._study.members()
        )

    def transcripts(self) -> tuple[Transcript, ...]:
        return tuple(
            replace(t, facts={**t.facts, "interviewer": self._interviewer(t)})
            for t in self._study.transcripts()
        )

    def _number(self, member: Member) -> str:
        wanted = {member.name.casefold(), member.label.casefold()}
        for number, person in enumerate(self._team, start=1):
            known = {person.get("initials", ""), person.get("name", "")}
            known |= set(person.get("name", "").split()[:1])
            if wanted & {name.casefold() for name in known if name}:
                return f"R{number}"
        return f"R{self._last + 1 + self._others().index(member.name)}"

    def _others(self) -> list[str]:
        return [member.name for member in self._study.members()]

    def _interviewer(self, transcript: Transcript) -> str:
        name = transcript.facts.get("interviewer", "").strip()
        return self._numbers.get(name.casefold(), "an interviewer" if name else "")


class _Initials:
    """The same study; members are called as the report calls them, by their initials."""

    def __init__(self, study: StudyLike, label: Callable[[str], str]) -> None:
        self._study, self._label = study, label

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)

    @property
    def title(self) -> str:
        return self._study.title

    def members(self) -> tuple[Member, ...]:
        return tuple(
            replace(member, display=self._label(member.name)) for member in self._study.members()
        )


def with_initials(study: StudyLike, label: Callable[[str], str]) -> StudyLike:
    """The study as its supplements see it: no sign-in name, no first name."""
    return _Initials(study, label)


def without_names(study: StudyLike) -> StudyLike:
    """The study as reviewers may see it. What the authors typed is theirs to read again."""
    return _Nameless(study)
