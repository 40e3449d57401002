"""W1 to W3: length, words for numbers, and who made the themes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qualcode.reports.document import Heading, Paragraph, Quote, Report, counted
from qualcode.reports.rules.base import Checked, Found, Rule
from qualcode.reports.texts import printed

PEOPLE = r"(?:participants?|people|interviewees|respondents|clinicians|managers|staff|of them)"
VERBAL = re.compile(
    rf"\b(nearly all|almost all|most|many|several|some|a few|few)\s+(?:of\s+the\s+)?(?:\w+\s+)?"
    rf"{PEOPLE}\b",
    re.IGNORECASE,
)
KEY = re.compile(r"\bmost\b[”\"’')]*\W*(?:=|:|is|means?|for|stands? for)?\W*more than half", re.I)
"""The line in Methods that says how many “most” are."""
EMERGED = re.compile(r"\bthemes?\b[^.;]{0,60}\bemerg(?:e|ed|es|ing)\b", re.IGNORECASE)
ABSTRACT = frozenset({"abstract"})
AFTER_THE_TEXT = re.compile(
    r"declarations|references|supplement|appendix|acknowledg|placeholders", re.IGNORECASE
)


def length(checked: Checked) -> Iterator[Found]:
    """W1: more words or tables than the journal takes."""
    if checked.report is None:
        return
    limits, told = checked.limits, lengths(checked.report)
    own = checked.report.data.get("limits", {})  # of the profile that the report was made for
    for what, most, noun in (
        ("abstract", own.get("abstract") or limits.abstract_words, "word"),
        ("main", own.get("main") or limits.main_words, "word"),
        ("tables", own.get("tables") or limits.tables, "table"),
    ):
        if most and told[what] > most:
            part = {"abstract": "The abstract has", "main": "The main text has"}.get(what, "It has")
            yield Found(
                f"{part} {counted(told[what], noun)}; the journal takes {most:,}.", "/report"
            )


def lengths(report: Report) -> dict[str, int]:
    """Words of the abstract, words of the main text, and tables of a report."""
    if counted_words := report.data.get("words"):
        own = [table for table in report.tables if not table.label.startswith("Table S")]
        return {**counted_words, "tables": len(own)}
    words = {"abstract": 0, "main": 0}
    part = ""
    for block in report.blocks:
        if isinstance(block, Heading) and block.level == 1:
            title = block.text.casefold().strip()
            part = "abstract" if title in ABSTRACT else "main"
            if AFTER_THE_TEXT.search(title):
                part = ""
        elif isinstance(block, Paragraph | Quote) and part:
            words[part] += len(block.text.split())
    return {**words, "tables": len(report.tables)}


def verbal_counts(checked: Checked) -> Iterator[Found]:
    """W2: “most”, “some” of the participants, without the key in Methods."""
    texts = list(printed(checked.report, checked.answers))
    if any(KEY.search(text) for text in texts):
        return
    used = {m.group(1).casefold() for text in texts for m in VERBAL.finditer(text)}
    if used:
        words = ", ".join(f"“{word}”" for word in sorted(used))
        yield Found(
            f"Words stand for numbers of people ({words}) and Methods does not say how many each "
            "is; add the key, or write n of N.",
            "/report",
        )


def emerged(checked: Checked) -> Iterator[Found]:
    """W3: themes do not emerge; people make them."""
    for text in printed(checked.report, checked.answers):
        if found := EMERGED.search(text):
            yield Found(
                f"“{found.group(0)}”: themes are made by people; write “we identified” or “we "
                "developed”.",
                "/report",
            )


RULES = (
    Rule("W1", "W", "longer than the journal takes", length),
    Rule("W2", "W", "words for numbers without their key", verbal_counts),
    Rule("W3", "I", "themes that “emerged”", emerged),
)
