"""The rules of a report: what is looked at before it goes out. A study in, findings out.

A rule is one small function over what is :class:`Checked`; a new one is a line in its module's
``RULES``. Which rules a kind of report is held to stands in ``HELD_TO``.
"""

from __future__ import annotations

from collections.abc import Iterable

from qualcode.errors import BadCommand
from qualcode.reports.rules import (
    agreement,
    checklist,
    files,
    numbers,
    orientation,
    quotations,
    themes,
    wording,
)
from qualcode.reports.rules.base import SEVERITIES, Checked, Finding, Found, Rule, Severity
from qualcode.reports.rules.thresholds import Thresholds, read_thresholds, thresholds

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        *checklist.RULES,
        *numbers.RULES,
        *quotations.RULES,
        *themes.RULES,
        *agreement.RULES,
        *orientation.RULES,
        *wording.RULES,
        *files.RULES,
    )
}
"""Every rule by its id, in the order in which a person reads what they found."""


def check(checked: Checked, only: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """What the rules (all of them, or those of these ids) find, what blocks first."""
    wanted = list(RULES) if only is None else list(only)
    for name in wanted:
        if name not in RULES:
            raise BadCommand(f"There is no rule “{name}”; there are {', '.join(RULES)}.")
    found = [finding for name in wanted for finding in RULES[name].check(checked)]
    order = list(SEVERITIES)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


__all__ = [
    "RULES",
    "SEVERITIES",
    "Checked",
    "Finding",
    "Found",
    "Rule",
    "Severity",
    "Thresholds",
    "check",
    "read_thresholds",
    "thresholds",
]
