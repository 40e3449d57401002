"""What a rule is: one thing that is looked at before a report goes out, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from qualcode.checklists import Checklist
from qualcode.reports.answered import Answer
from qualcode.reports.document import Report
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import Findings
from qualcode.reports.rules.thresholds import Thresholds, thresholds

Severity = Literal["E", "W", "I"]
SEVERITIES: Mapping[Severity, str] = {"E": "blocks", "W": "warns", "I": "informs"}


class Found(NamedTuple):
    """What a rule found: a full sentence, and the page or item where it is put right."""

    sentence: str
    where: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing found by the rule ``id``.

    ``severity`` is ``E`` (keeps a report from being final), ``W`` (a warning) or ``I`` (to know);
    ``where`` is the address of a page, as ``/people``, or an item, as ``COREQ-12``.
    """

    id: str
    severity: Severity
    sentence: str
    where: str = ""
    acceptable: bool = True

    @property
    def blocks(self) -> bool:
        return self.severity == "E"


@dataclass(frozen=True)
class Checked:
    """What the rules look at: a study, what a report says of it, and the file as written.

    ``answers`` are the filled items of ``checklist``; ``report`` is the document as it will be
    written, ``written`` its bytes by the name of the file, ``scanned`` whether the text of that
    file was scanned for identifiers. A rule that needs what is not there finds nothing.
    """

    facts: StudyFacts
    shown: Findings
    checklist: Checklist | None = None
    answers: tuple[Answer, ...] = ()
    report: Report | None = None
    written: Mapping[str, bytes] = field(default_factory=dict)
    scanned: bool = False
    limits: Thresholds = field(default_factory=thresholds)


Look = Callable[[Checked], Iterable[Found]]


@dataclass(frozen=True)
class Rule:
    """One rule: its id in the list of rules, its severity, what it says, and how it looks.

    ``acceptable`` tells whether somebody may let an ``E`` stand by name and with a reason.
    """

    id: str
    severity: Severity
    says: str
    look: Look
    acceptable: bool = True

    def check(self, checked: Checked) -> Iterator[Finding]:
        for sentence, where in self.look(checked):
            yield Finding(self.id, self.severity, sentence, where, self.acceptable)
