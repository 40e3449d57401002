"""How far a candidate reaches: who says it, of how many, and of which kind of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualcode.model import Attribute, Participant, ThemeCandidate


@dataclass(frozen=True)
class Count:
    """``n`` of ``of`` participants who have this ``value``; "" where nothing is known of them."""

    value: str
    n: int
    of: int


@dataclass(frozen=True)
class Spread:
    """``n`` of ``of`` participants, and the same for each value of an attribute.

    The values of a choice or a band stand in their own order, others by the alphabet; those of
    whom the attribute is not known come last, under "".
    """

    n: int
    of: int
    attribute: str = ""
    groups: tuple[Count, ...] = ()

    def __str__(self) -> str:
        parts = [f"{g.value or 'not known'} {g.n} of {g.of}" for g in self.groups]
        whole = f"{self.n} of {self.of} participants"
        return f"{whole} ({', '.join(parts)})" if parts else whole


def spread(
    candidate: ThemeCandidate,
    participants: Iterable[Participant | str],
    attribute: Attribute | str | None = None,
) -> Spread:
    """How many of the participants have a passage in the candidate, and of each group of them.

    Parameters
    ----------
    candidate
        Whose people are counted.
    participants
        Those among whom they are counted, as values or by name; somebody of the candidate who is
        not among them is counted too, with nothing known. Who withdrew is not counted.
    attribute
        By what to group them; without it only the whole is counted.
    """
    known: dict[str, str] = dict.fromkeys(candidate.participants, "")
    name = attribute.name if isinstance(attribute, Attribute) else attribute or ""
    for person in participants:
        if isinstance(person, str):
            known.setdefault(person, "")
        elif person.status == "included":
            known[person.id] = person.attributes.get(name, "").strip()
        else:
            known.pop(person.id, None)
    here = known.keys() & set(candidate.participants)
    whole = Spread(len(here), len(known))
    if not name:
        return whole
    order = attribute.values if isinstance(attribute, Attribute) else ()
    values = [*order, *sorted({*known.values()} - {*order, ""}), ""]
    groups = []
    for value in values:
        of = [person for person, its in known.items() if its == value]
        if of or value:
            groups.append(Count(value, sum(person in here for person in of), len(of)))
    return Spread(whole.n, whole.of, name, tuple(groups))
