"""The second layer: patterns for the eighteen kinds; a text in, every match out.

Each rule gives its kind, its expression, a check where a number can be checked, and the word that
would stand in its place. Numbers with a check digit are proved by python-stdnum. What is hit is
the group ``hit`` of an expression, or the whole match.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from qualcode.model import Transcript
from qualcode.privacy.hits import Hit, Rules, not_names
from qualcode.privacy.names import subject_of
from qualcode.privacy.number_patterns import NUMBERS
from qualcode.privacy.shapes import CAP, SPACE, YEAR, Pattern
from qualcode.privacy.word_patterns import WORDS
from qualcode.spans import Span

PATTERNS: tuple[Pattern, ...] = (*WORDS, *NUMBERS)


def matched(transcript: Transcript, rules: Rules) -> Iterator[Hit]:
    """Every match of a wanted pattern."""
    text = transcript.text
    for pattern in PATTERNS:
        if not rules.wants(pattern.rule, by_default=pattern.by_default):
            continue
        for match in pattern.expression.finditer(text):
            start, end = _place(match)
            found = text[start:end]
            if pattern.check and not pattern.check(found):
                continue
            if pattern.near and not pattern.near.search(text, max(0, start - 40), start):
                continue
            if pattern.kind == "A" or pattern.rule in ("institution", "general hospital"):
                start = _without_lead(text, start, end)
                end = _without_possessive(text, start, end)
                found = text[start:end]
                if not found.strip() or (pattern.check and not pattern.check(found)):
                    continue
            yield Hit(
                transcript=transcript.id,
                span=Span(start, end),
                kind=pattern.kind,
                layer="pattern",
                text=found,
                suggestion=_suggestion(pattern, found),
                reason=pattern.reason,
                confidence=pattern.confidence,
                rule=pattern.rule,
                subject=_subject(pattern, found),
            )


def _place(match: regex.Match[str]) -> tuple[int, int]:
    if "hit" in match.re.groupindex and match.group("hit") is not None:
        start, end = match.span("hit")
        return start, end
    return match.start(), match.end()


def _without_lead(text: str, start: int, end: int) -> int:
    """Words at the front that only begin a sentence are no part of a name: “And Helen Okafor”."""
    while (word := regex.match(rf"({CAP}){SPACE}(?=\p{{Lu}})", text, pos=start, endpos=end)) and (
        word.group(1).casefold().replace("’", "'") in _LEADS
    ):
        start = word.end()
    return start


_LEADS = not_names() - {
    "dr",
    "mr",
    "mrs",
    "ms",
    "prof",
    "new",
    "old",
    "central",
    "regional",
    "general",
}


def _without_possessive(text: str, start: int, end: int) -> int:
    ending = regex.search(r"['’]s$", text[start:end])
    return end - 2 if ending else end


_HOUSE_WORDS = {
    "hospital": (
        r"Hospital|Infirmary|General|[Ss]pital|Krankenhaus|Hôpital|hospitalier|CHU|Ospedale"
        r"|Ziekenhuis|Klinikum|Policlinico"
    ),
    "university": r"Universi",
    "clinic": r"Clini|Klinik|Clíni|Surgery",
    "college": r"College|Hochschule|Academy",
    "school": r"School",
    "centre": r"Cent",
}  # fmt: skip


def _suggestion(pattern: Pattern, found: str) -> str:
    if pattern.suggestion == "institution":
        for word, forms in _HOUSE_WORDS.items():
            if regex.search(forms, found):
                return word
    if pattern.suggestion == "date" and (year := regex.search(YEAR, found)):
        return f"date in {year.group()}"
    return pattern.suggestion


def _subject(pattern: Pattern, found: str) -> str:
    """Who or what is meant; numbers and dates are replaced by their kind alone."""
    if pattern.kind not in ("A", "B") or pattern.suggestion == "postal code":
        return ""
    return subject_of(found, pattern.kind)
