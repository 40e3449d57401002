"""Each item of a checklist with its answer: what the author typed, else what the study can say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qualcode.checklists import Checklist, ChecklistItem
from qualcode.reports.answers import Evidence
from qualcode.reports.document import listed
from qualcode.reports.evidence import evidence_for
from qualcode.reports.facts import StudyFacts

FROM_STUDY = "from the study"
OUT_OF_DATE = "out of date: the records have changed since these words were typed"
SOURCES = {"data": FROM_STUDY, "form": "study form", "author": "author", "": ""}
NOT_APPLIED = {"not_applicable": "Not applicable", "not_done": "Not done"}
REASON_WORDS = 5


@dataclass(frozen=True)
class Answer:
    """One item as it is printed: what the author typed, else what the study can say.

    ``claim`` and ``words`` are the status and the words as the author typed them;
    ``out_of_date`` is true where the records moved on after that. ``suggestions`` are what items
    of another checklist say of it: (item, words).
    """

    item: ChecklistItem
    status: str
    location: str
    response: str
    source: str
    needs: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    claim: str = ""
    words: str = ""
    out_of_date: bool = False
    suggestions: tuple[tuple[str, str], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status == "missing"

    @property
    def label(self) -> str:
        """The item as another list names it.

        >>> from qualcode.checklists import load_checklist
        >>> item = load_checklist("coreq").item("COREQ-24")
        >>> Answer(item, "missing", "", "", "").label
        'COREQ 24'
        """
        name = self.item.id.partition("-")[0]
        return f"{name} {self.item.number}" if name != self.item.number else name

    @property
    def ask(self) -> str:
        """What is still needed, in a sentence; "" for an answered item."""
        return f"Open: {self.needs}." if self.is_open else ""

    @property
    def text(self) -> str:
        """The response column: what is known, then what is still needed."""
        return " ".join(filter(None, (self.response, self.ask)))


def checklist_answers(
    facts: StudyFacts,
    checklist: Checklist,
    authors: Mapping[str, Mapping[str, str]],
    others: Sequence[Answer] = (),
) -> tuple[Answer, ...]:
    """An answer for each item in the checklist's order; the authors' words win over drafts.

    ``others`` are the answers of another checklist: where their items name one of this list
    (the crosswalk), what an author typed once there answers here as well.
    """
    crossed: dict[str, list[Answer]] = {}
    for answer in others:
        for name in answer.item.crosswalk.get(checklist.id, ()):
            crossed.setdefault(name, []).append(answer)
    return tuple(
        _answer(item, evidence_for(facts, item), authors.get(item.id, {}), crossed.get(item.id, []))
        for item in checklist.items
    )


def crossing(checklist: Checklist, known: Iterable[Checklist]) -> tuple[Checklist, ...]:
    """The checklists whose answers fill this one, by the crosswalk of their items."""
    return tuple(
        other
        for other in known
        if other.id != checklist.id and any(checklist.id in item.crosswalk for item in other.items)
    )


def _answer(
    item: ChecklistItem, evidence: Evidence, own: Mapping[str, str], crossed: Sequence[Answer]
) -> Answer:
    claim = own.get("status", "").strip()
    location, words = own.get("location", "").strip(), own.get("response", "").strip()
    told = tuple(a for a in crossed if a.response and not a.is_open)
    base = Answer(item, "missing", location, "", "", evidence=evidence, claim=claim, words=words,
                  suggestions=tuple((a.label, a.response) for a in told))  # fmt: skip
    if claim in NOT_APPLIED:
        text = f"{NOT_APPLIED[claim]}: {words}" if words else f"{NOT_APPLIED[claim]}."
        if len(words.split()) < REASON_WORDS:
            needs = f"the reason, in {REASON_WORDS} words or more"
            return replace(base, response=text, source="author", needs=needs)
        return replace(base, status=claim, response=text, source="author")
    if words:
        known = evidence.location if evidence.status == "reported" else ""
        return replace(
            base,
            status="reported",
            location=location or known,
            response=words,
            source="author",
            out_of_date=evidence.moved_on(_basis(own.get("based_on", ""))),
        )
    if any(a.source == "author" for a in told):
        return _taken_over(base, told, [a.label for a in crossed if a.is_open])
    if evidence.status == "reported":
        return replace(
            base,
            status="reported",
            location=location or evidence.location,
            response=evidence.sentence,
            source=evidence.source,
        )
    if location:
        # A page alone is an answer that journals take; what is known stands beside it.
        return replace(base, status="reported", response=evidence.sentence, source="author")
    return replace(base, response=evidence.sentence, needs=evidence.needs)


def _taken_over(base: Answer, told: Sequence[Answer], gaps: list[str]) -> Answer:
    """The answer that another checklist gives: its author's words, and what the study drafts."""
    places = [part for a in told for part in a.location.split("; ") if part]
    return replace(
        base,
        status="missing" if gaps else "reported",
        needs=f"an answer to {listed(gaps)}, or words of your own" if gaps else "",
        location=base.location or "; ".join(dict.fromkeys(places)),
        response=" ".join(dict.fromkeys(a.response for a in told)),
        source="from " + listed([a.label for a in told]),
        out_of_date=any(a.out_of_date for a in told),
    )


def _basis(kept: str) -> Mapping[str, Any]:
    try:
        basis = json.loads(kept) if kept else {}
    except ValueError:
        return {}
    return basis if isinstance(basis, dict) else {}
