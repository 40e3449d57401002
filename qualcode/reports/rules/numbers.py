"""N1 to N3: do the numbers of a report say one thing, and say it as they should?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qualcode.reports.answers import Evidence
from qualcode.reports.document import Paragraph, Quote, Report, counted, listed
from qualcode.reports.rules.base import Checked, Found, Rule
from qualcode.reports.sample import recruitment_flow, sample_size, table1

PERCENT = re.compile(r"\d(?:[.,]\d+)?\s?(?:%|per\s?cent\b)")
OF_CODING = re.compile(
    r"agree|decision|interval|threshold|base\b|confidence|alpha|kappa|codes?\b", re.IGNORECASE
)
"""Percentages of units, codes and intervals, which are no shares of participants."""


def participants(checked: Checked) -> Iterator[Found]:
    """N1: item 12, table 1, the flow and the theme table count the same people."""
    facts, shown = checked.facts, checked.shown
    said: dict[str, int] = {}
    size, sample, flow = sample_size(facts), table1(facts), recruitment_flow(facts)
    if "participants" in size.value:
        said["the sample size"] = int(size.value["participants"])
    if "participants" in sample.value:
        said["the table of participants"] = int(sample.value["participants"])
    if "analysed" in flow.value:
        said["the flow"] = _by_the_flow(flow)
    if shown.themes and not facts.coding_is_open:
        said["the theme table"] = len(shown.participants)
    if len(set(said.values())) > 1:
        counts = listed([f"{what} has {n}" for what, n in said.items()])
        yield Found(
            f"The number of participants differs: {counts}. Look at the recruitment log and at "
            "whose interviews are there.",
            "/people",
        )


def _by_the_flow(flow: Evidence) -> int:
    """Whom the flow leaves in the analysis: those interviewed less those who withdrew."""
    return int(flow.value["interviewed"]) - int(flow.value["withdrew"])


def prevalence(checked: Checked) -> Iterator[Found]:
    """N2: no theme has more people than there are, and all rest on settled codings."""
    facts, shown = checked.facts, checked.shown
    total = len(shown.participants)
    for theme in shown.themes:
        people = set(theme.participants)
        if len(people) > total or not people <= set(shown.participants):
            yield Found(
                f"The theme “{theme.name}” is counted in {len(people)} of "
                f"{counted(total, 'participant')}.",
                "/themes",
            )
    if shown.themes and facts.undecided:
        yield Found(
            f"{counted(facts.undecided, 'difference')} between the coders "
            f"{'is' if facts.undecided == 1 else 'are'} not settled, so the counts of themes do "
            "not rest on the whole consensus. Settle them first.",
            "/reconcile",
        )


def percentages(checked: Checked) -> Iterator[Found]:
    """N3: under twenty participants, n of N and no percentages."""
    total = len(checked.facts.participants)
    if not total or total >= checked.limits.percent_from:
        return
    for answer in checked.answers:
        if _is_of_people(answer.response):
            yield Found(
                f"Item {answer.item.number} gives a percentage of {total} participants; "
                "write n of N.",
                answer.item.id,
            )
    if checked.report is not None:
        for words in _running(checked.report):
            if _is_of_people(words):
                yield Found(
                    f"A percentage of {total} participants: “{words[:80]}”. Write n of N.",
                    "/report",
                )


def _is_of_people(words: str) -> bool:
    return any(
        PERCENT.search(sentence) and not OF_CODING.search(sentence)
        for sentence in re.split(r"(?<=[.!?])\s+", words)
    )


def _running(report: Report) -> Iterator[str]:
    """The report’s own sentences: neither tables nor what participants said."""
    for block in report.blocks:
        if isinstance(block, Paragraph) and not isinstance(block, Quote):
            yield block.text


RULES = (
    Rule("N1", "E", "the number of participants differs between places", participants),
    Rule("N2", "E", "a theme counts more people than there are, or no consensus", prevalence),
    Rule("N3", "W", "percentages of few people", percentages),
)
