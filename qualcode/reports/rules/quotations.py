"""Q1 to Q10: is each quotation somebody's, word for word, allowed, and one of a fair choice?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from qualcode.claims import is_verbatim
from qualcode.reports.document import counted, listed
from qualcode.reports.findings import Finding as ThemeFinding
from qualcode.reports.quotes import Quotation, identity, may_be_quoted, may_identify, shared_by
from qualcode.reports.rules.base import Checked, Found, Rule

ON_THEMES = "/themes"


def without_participant(checked: Checked) -> Iterator[Found]:
    """Q1: every quotation names a participant of the study by id, and prints it."""
    for theme, quote in _all(checked):
        if not quote.participant or quote.participant not in quote.attribution:
            yield Found(
                f"{_named(theme, quote)} has no participant’s id behind it.",
                ON_THEMES,
            )


def not_verbatim(checked: Checked) -> Iterator[Found]:
    """Q2: with its display edits undone, a quotation is what stands in the transcript."""
    facts = checked.facts
    for theme, quote in _all(checked):
        transcript = facts.transcript.get(quote.transcript)
        source = transcript.text[quote.span.slice] if transcript else ""
        if quote.text != source or not is_verbatim(source, quote.shown[1:-1]):
            yield Found(
                f"{_named(theme, quote)} is not word for word what stands in the transcript; "
                "choose it again.",
                ON_THEMES,
            )
    for kept in facts.work.quotations:
        transcript = facts.transcript.get(kept.transcript)
        if transcript is None:
            continue
        source = transcript.text[kept.span.slice]
        if kept.quote != source or not is_verbatim(source, kept.printed):
            yield Found(
                f"A quotation chosen from {transcript.title} (“{kept.quote[:40]}…”) does not "
                "stand so in the transcript any more; choose it again.",
                ON_THEMES,
            )


def not_allowed(checked: Checked) -> Iterator[Found]:
    """Q3: nobody is quoted who has not agreed to it, or has withdrawn."""
    facts = checked.facts
    for theme, quote in _all(checked):
        if not may_be_quoted(facts, quote.participant):
            yield Found(
                f"{quote.participant or 'Somebody'} is quoted under “{theme.name}” and has not "
                "agreed to be quoted word for word; take the quotation out.",
                ON_THEMES,
            )
    for kept in facts.work.quotations:
        transcript = facts.transcript.get(kept.transcript)
        if transcript is not None and not may_be_quoted(facts, transcript.participant):
            yield Found(
                f"A quotation of {transcript.participant} is chosen, who does not agree (any "
                "more) to be quoted word for word. It is left out of the report; take it out.",
                ON_THEMES,
            )


def identifying(checked: Checked) -> Iterator[Found]:
    """Q4: nothing in a quotation looks like a name, an address, a number or a date."""
    for theme, quote in _all(checked):
        if may_identify(quote.shown):
            yield Found(
                f"{_named(theme, quote)} holds what looks like a name, a number or a date; put "
                "[word] in its place or choose other words.",
                ON_THEMES,
            )


def too_few(checked: Checked) -> Iterator[Found]:
    """Q5: a major theme has two quotations of two people, a minor one has one."""
    limits = checked.limits
    for theme in checked.shown.themes:
        people = {quote.participant for quote in theme.quotations}
        if theme.kind == "minor" and len(theme.quotations) < limits.quotes_minor:
            yield Found(f"The minor theme “{theme.name}” has no quotation.", ON_THEMES)
        if theme.kind != "minor" and (
            len(theme.quotations) < limits.quotes_major or len(people) < limits.quotes_major_people
        ):
            yield Found(
                f"The major theme “{theme.name}” has {counted(len(theme.quotations), 'quotation')} "
                f"of {counted(len(people), 'participant')}; choose at least "
                f"{limits.quotes_major} of {limits.quotes_major_people}.",
                ON_THEMES,
            )


def one_voice(checked: Checked) -> Iterator[Found]:
    """Q6: nobody gives more than a quarter of the quotations (and more than three)."""
    quotations = checked.shown.quotations
    for person, n in sorted(Counter(quote.participant for quote in quotations).items()):
        if n > checked.limits.quotes_share_from and n > checked.limits.quotes_share * len(
            quotations
        ):
            yield Found(
                f"{person} gives {n} of {len(quotations)} quotations, more than "
                f"{checked.limits.quotes_share:.0%}; choose others’ words for some.",
                ON_THEMES,
            )


def unheard(checked: Checked) -> Iterator[Found]:
    """Q7: most participants are quoted, and each group is."""
    facts, quoted = checked.facts, set(checked.shown.quoted)
    people = [person.id for person in facts.participants]
    if not checked.shown.quotations:
        return
    share = checked.limits.quoted_share
    if len(quoted) < share * len(people):
        yield Found(
            f"{len(quoted)} of {counted(len(people), 'participant')} are quoted, fewer than "
            f"{share:.0%} of them; look for words of {listed(sorted(set(people) - quoted))}.",
            ON_THEMES,
        )
    groups = {facts.group_of(person) for person in people} - {""}
    for group in sorted(groups - {facts.group_of(person) for person in quoted}):
        yield Found(f"Nobody of the group “{group}” is quoted.", ON_THEMES)


def length_and_repeats(checked: Checked) -> Iterator[Found]:
    """Q8: a quotation has 8 to 100 words, and the same words stand once."""
    fewest, most = checked.limits.quote_shortest, checked.limits.quote_longest
    seen: list[tuple[ThemeFinding, Quotation]] = []
    for theme, quote in _all(checked):
        words = len(quote.shown.split())
        if not fewest <= words <= most:
            yield Found(
                f"{_named(theme, quote)} has {counted(words, 'word')}; {fewest} to {most} can be "
                "read as evidence.",
                ON_THEMES,
            )
        for other, before in seen:
            if before.transcript == quote.transcript and before.span.overlap(quote.span):
                yield Found(
                    f"{_named(theme, quote)} repeats words quoted under “{other.name}”.", ON_THEMES
                )
                break
        seen.append((theme, quote))


def interviewers_words(checked: Checked) -> Iterator[Found]:
    """Q9: the words are the participant's; the interviewer's are cut out with a mark."""
    for theme, quote in _all(checked):
        transcript = checked.facts.transcript.get(quote.transcript)
        if transcript is None:
            continue
        cut = [(quote.span.start + edit.start, quote.span.start + edit.end) for edit in quote.edits]
        for turn in transcript.turns:
            start = max(turn.span.start, quote.span.start)
            end = min(turn.span.end, quote.span.end)
            heard = start < end and not any(a <= start and end <= b for a, b in cut)
            if turn.role == "interviewer" and heard:
                yield Found(
                    f"{_named(theme, quote)} holds words of the interviewer; cut them with [...].",
                    ON_THEMES,
                )
                break


def small_group(checked: Checked) -> Iterator[Found]:
    """Q10: what stands behind a quotation fits at least three people."""
    least = checked.limits.group_in_quotes
    for theme, quote in _all(checked):
        told = identity(checked.facts, quote)
        if told and shared_by(checked.facts, told) < least:
            yield Found(
                f"{_named(theme, quote)} is attributed as {quote.attribution}, which fits fewer "
                f"than {least} people; give the id only.",
                ON_THEMES,
            )


def _all(checked: Checked) -> Iterator[tuple[ThemeFinding, Quotation]]:
    for theme in checked.shown.themes:
        for quote in theme.quotations:
            yield theme, quote


def _named(theme: ThemeFinding, quote: Quotation) -> str:
    words = " ".join(quote.text.split()[:6])
    return f"The quotation “{words} …” under “{theme.name}”"


RULES = (
    Rule("Q1", "E", "a quotation without a participant’s id", without_participant),
    Rule("Q2", "E", "a quotation that differs from its source", not_verbatim, acceptable=False),
    Rule("Q3", "E", "a quotation of somebody who has not agreed", not_allowed, acceptable=False),
    Rule("Q4", "E", "something identifying in a quotation", identifying),
    Rule("Q5", "W", "a theme with too few quotations, or of too few people", too_few),
    Rule("Q6", "W", "one participant gives too many of the quotations", one_voice),
    Rule("Q7", "W", "too few participants are quoted, or a group is not", unheard),
    Rule("Q8", "W", "a quotation too short or too long, or used twice", length_and_repeats),
    Rule("Q9", "W", "the interviewer’s words in a quotation", interviewers_words),
    Rule("Q10", "W", "an attribution that fits fewer than three people", small_group),
)
