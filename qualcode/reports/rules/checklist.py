"""C1 to C6: is each item of the checklist answered, and does its answer still hold?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from qualcode.reports.answered import NOT_APPLIED, Answer
from qualcode.reports.document import Heading, counted, listed
from qualcode.reports.rules.base import Checked, Found, Rule

PLACES = re.compile(
    r"""(?:(?:pp?|pages?)\.?\s*)?\d{1,4}(?:\s*[-–]\s*\d{1,4})?
    | lines?\s+\d{1,5}(?:\s*[-–]\s*\d{1,5})?
    | title\s+page | abstract | not\s+applicable | n\s*/?\s*a
    | (?:supplement(?:ary)?(?:\s+(?:file|table|material|figure|appendix))?
      | appendix | additional\s+file | table | figure | box)\s*[0-9A-Z]{0,4}""",
    re.VERBOSE | re.IGNORECASE,
)
"""What a journal’s form takes for a place: 5, 5-6, p. 5, lines 83-84, Title page, Table 1, N/A."""
SUPPLEMENT = re.compile(r"supplement(?:ary)?\b", re.IGNORECASE)
SECTIONS = frozenset(
    {
        *("title page", "abstract", "introduction", "background", "methods", "results"),
        *("findings", "discussion", "conclusion", "conclusions", "declarations", "limitations"),
        *("acknowledgements", "references"),
    }
)
"""Headings of a manuscript that need no report of ours to be known."""


def missing(checked: Checked) -> Iterator[Found]:
    """C1: an item without location and response."""
    for answer in checked.answers:
        if not answer.location and not answer.response:
            yield _found(answer, f"is missing: {answer.needs or 'type an answer or a place'}.")


def without_reason(checked: Checked) -> Iterator[Found]:
    """C2: not applicable or not done, without saying why."""
    for answer in checked.answers:
        if answer.claim in NOT_APPLIED and len(answer.words.split()) < checked.limits.reason_words:
            yield _found(
                answer,
                f"is marked “{NOT_APPLIED[answer.claim].lower()}” without a reason of at least "
                f"{checked.limits.reason_words} words.",
            )


def nowhere(checked: Checked) -> Iterator[Found]:
    """C3: a location that is no place of a manuscript and no heading of our report."""
    headings = _headings(checked)
    for answer in checked.answers:
        for place in _places(answer.location):
            if not is_place(place, headings):
                yield _found(
                    answer,
                    f"points to “{place}”, which is no page, line, supplement or section; "
                    "write, for example, 5, lines 83-84, Methods or Table 1.",
                )


def length(checked: Checked) -> Iterator[Found]:
    """C4: a response that is a word or two, or a page."""
    limits = checked.limits
    for answer in checked.answers:
        words = len(answer.response.split())
        if words and not limits.response_shortest <= words <= limits.response_longest:
            yield _found(
                answer,
                f"has a response of {counted(words, 'word')}; between {limits.response_shortest} "
                f"and {limits.response_longest} is what a reader expects.",
            )


def out_of_date(checked: Checked) -> Iterator[Found]:
    """C5: the author’s words rest on figures that are others today."""
    for answer in checked.answers:
        if answer.out_of_date:
            yield _found(
                answer,
                "is out of date: the records have changed since the words were typed. Read them "
                "again beside what the study says today, and save them.",
            )


def completion(checked: Checked) -> Iterator[Found]:
    """C6: how many items of each domain are reported, not applicable, not done or missing."""
    if checked.checklist is None:
        return
    for domain in checked.checklist.domains:
        states = Counter(a.status for a in checked.answers if a.item.domain == domain)
        parts = [
            f"{states[state]} {words}"
            for state, words in (
                ("reported", "reported"),
                ("not_applicable", "not applicable"),
                ("not_done", "not done"),
                ("missing", "missing"),
            )
            if states[state] or state == "reported"
        ]
        yield Found(f"{domain}: {listed(parts)}.", checked.checklist.id)


def is_place(words: str, headings: frozenset[str] = frozenset()) -> bool:
    """True for what a journal takes as the place of an item.

    >>> [is_place(p) for p in ("5", "5-6", "p. 5", "lines 83-84", "Title page", "Table 1", "N/A")]
    [True, True, True, True, True, True, True]
    >>> is_place("Methods, page 5"), is_place("somewhere")
    (True, False)
    """
    words = " ".join(words.split()).strip(" .").casefold()
    if PLACES.fullmatch(words) or words in SECTIONS | headings:
        return True
    if SUPPLEMENT.match(words):
        return True
    # “Methods page 5”, “Methods, Data analysis”: a section and where in it.
    for section in sorted(SECTIONS | headings, key=len, reverse=True):
        if words.startswith(section):
            rest = words.removeprefix(section).strip(" ,:;/-–()")
            return bool(PLACES.fullmatch(rest)) or rest in SECTIONS | headings or _a_title(rest)
    return False


def _a_title(rest: str) -> bool:
    """A subsection of the author’s own: a few words."""
    return 0 < len(rest.split()) <= 8


def _places(location: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n]", location) if part.strip()]


def _headings(checked: Checked) -> frozenset[str]:
    report = checked.report
    blocks = report.blocks if report else ()
    return frozenset(b.text.casefold().strip() for b in blocks if isinstance(b, Heading))


def _found(answer: Answer, words: str) -> Found:
    return Found(f"Item {answer.item.number} ({answer.item.topic}) {words}", answer.item.id)


RULES = (
    Rule("C1", "W", "an item is missing", missing),
    Rule("C2", "E", "not applicable or not done without a reason", without_reason, False),
    Rule("C3", "W", "a location that does not exist", nowhere),
    Rule("C4", "W", "a response too short or too long", length),
    Rule("C5", "W", "the author’s words are older than the figures", out_of_date),
    Rule("C6", "I", "how complete each domain is", completion),
)
