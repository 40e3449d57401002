"""What the researchers say of themselves: COREQ item 8 from the team page and from their memos."""

from __future__ import annotations

from collections.abc import Mapping

from qualcode.reports.answers import Evidence, ended, typed, waiting
from qualcode.reports.document import listed
from qualcode.reports.facts import StudyFacts
from qualcode.reports.researchers import UNKNOWN

WORDS = "a statement for readers"


def statements(facts: StudyFacts) -> Evidence:
    """One statement for each researcher, interviewer and coder, joined for the authors to edit.

    What stands on the team page comes first: it is what an author made of it. Without it, a
    person's reflexivity memos that may be reported, in the order they were written.
    """
    from_memos = _from_memos(facts)
    people = [
        (person.get("initials", "").strip() or f"Researcher {place}", person.get("reflexivity", ""))
        for place, person in enumerate(facts.team, start=1)
    ]
    named = {who for who, _ in people}
    others = [*(facts.label(coder) for coder in facts.coders), *_interviewers(facts), *from_memos]
    people += [(who, "") for who in dict.fromkeys(others) if who not in named]
    told = [
        (who, " ".join((text.strip() or from_memos.get(who, "")).split())) for who, text in people
    ]
    given = {who: text for who, text in told if text}
    blank = [who for who, text in told if not text]
    between = ". " if any(";" in text or "." in text for text in given.values()) else "; "
    sentence = ended(between.join(f"{who}: {text.rstrip('.')}" for who, text in given.items()))
    if not given:
        return waiting(f"{WORDS} of each researcher, on the team page or as a reflexivity memo")
    if blank:
        return waiting(f"{WORDS} of {listed(blank)}", draft=sentence, given=given)
    return typed(sentence, notes=_late(facts), given=given)


def _from_memos(facts: StudyFacts) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for memo in facts.memos:
        if memo.kind == "reflexivity":
            found.setdefault(facts.label(memo.author), []).append(ended(memo.text.strip()))
    return {who: " ".join(texts) for who, texts in found.items()}


def _interviewers(facts: StudyFacts) -> list[str]:
    named = dict.fromkeys(t.facts.get("interviewer", "").strip() for t in facts.in_order)
    return [name for name in named if name.casefold() not in UNKNOWN]


def _late(facts: StudyFacts) -> tuple[str, ...]:
    """Who wrote about themselves only after they had begun to code."""
    begun: dict[str, str] = {}
    for line in facts.history:
        if line["act"] == "code_add":
            begun.setdefault(line["who"], line["at"])
    written: dict[str, str] = {}
    for memo in facts.memos:
        if memo.kind == "reflexivity":
            written[memo.author] = min(memo.made_at, written.get(memo.author, memo.made_at))
    late = [facts.label(who) for who, at in written.items() if who in begun and at > begun[who]]
    if not late:
        return ()
    return (f"The statement of {listed(late)} was written after coding had begun.",)
