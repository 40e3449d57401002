"""Each item of a checklist with its answer: what the author typed, else what the study can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qualcode.checklists import Checklist, ChecklistItem
from qualcode.reports.answers import Evidence
from qualcode.reports.evidence import evidence_for
from qualcode.reports.facts import StudyFacts

FROM_STUDY = "from the study"
SOURCES = {"data": FROM_STUDY, "form": "study form", "author": "author", "": ""}
NOT_APPLIED = {"not_applicable": "Not applicable", "not_done": "Not done"}
REASON_WORDS = 5


@dataclass(frozen=True)
class Answer:
    """One item as it is printed: what the author typed, else what the study can say.

    ``claim`` and ``words`` are the status and the words as the author typed them;
    ``out_of_date`` is true where the records moved on after that.
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

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def ask(self) -> str:
        """What is still needed, in a sentence; "" for an answered item."""
        return f"Open: {self.needs}." if self.is_open else ""

    @property
    def text(self) -> str:
        """The response column: what is known, then what is still needed."""
        return " ".join(filter(None, (self.response, self.ask)))


def checklist_answers(
    facts: StudyFacts, checklist: Checklist, authors: Mapping[str, Mapping[str, str]]
) -> tuple[Answer, ...]:
    """An answer for each item in the checklist's order; the authors' words win over drafts."""
    return tuple(
        _answer(item, evidence_for(facts, item), authors.get(item.id, {}))
        for item in checklist.items
    )


def _answer(item: ChecklistItem, evidence: Evidence, own: Mapping[str, str]) -> Answer:
    status = own.get("status", "").strip()
    location, words = own.get("location", "").strip(), own.get("response", "").strip()
    if status in NOT_APPLIED:
        text = f"{NOT_APPLIED[status]}: {words}" if words else f"{NOT_APPLIED[status]}."
        if len(words.split()) < REASON_WORDS:
            needs = f"the reason, in {REASON_WORDS} words or more"
            return Answer(item, "open", location, text, "author", needs, evidence)
        return Answer(item, status, location, text, "author", evidence=evidence)
    if words:
        return Answer(item, "reported", location, words, "author", evidence=evidence)
    place = location or (evidence.location if evidence.status == "reported" else "")
    if evidence.status == "reported":
        return Answer(
            item, "reported", place, evidence.sentence, evidence.source, evidence=evidence
        )
    if location:
        # A page alone is an answer that journals take; what is known stands beside it.
        return Answer(item, "reported", location, evidence.sentence, "author", evidence=evidence)
    return Answer(item, "open", "", evidence.sentence, "", evidence.needs, evidence)
