"""Choosing quotations: consensus passages in, a few words of different people out, verbatim.

A quotation is a span of a transcript. It is offered only if its speaker agreed to be quoted, has
8 to 100 words of one participant's turn, and shows nothing that looks like an identifier. What
people chose stands in place of what would be offered, with their display edits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualcode.claims import CUT, ChosenQuotation, DisplayEdit, printed
from qualcode.model import Coding, Transcript
from qualcode.reports.facts import StudyFacts
from qualcode.spans import Span

FEWEST_WORDS, MOST_WORDS = 8, 100
SHORTENED_TO = 70
A_THEME = 3
SMALLEST_GROUP = 3
LARGEST_SHARE = 0.25
SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[”’\"')\]]*(?=\s|$)|$)", re.DOTALL)
TITLES = "Dr|Mr|Mrs|Ms|Prof|Professor|Nurse|Sister"
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
# A first look only, so that no name slips into a draft: a person still reads every quotation.
IDENTIFYING = re.compile(
    rf"""[\w.+-]+@[\w-]+\.\w+ | https?:// | \bwww\.
    | \d{{5,}} | \d{{3}}[-. ]\d{{3,4}}\b
    | \b(?:{TITLES})\b\.?\s+[A-Z]\w+
    | \b(?:St\.?|Saint)\s+[A-Z]\w+ | \b[A-Z]\w+(?:’s|'s)?\s+(?:Hospital|General|Clinic)\b
    | \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})[a-z]*\b
    | \b(?:{MONTHS})[a-z]*\s+\d{{1,2}}\b
    | \b\d+\s+[A-Z]\w+\s+(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive)\b
    | \b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b | \bis\s+9\d\b | \baged?\s+9\d\b""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Quotation:
    """Somebody's words as they stand in the transcript, and how they may be attributed.

    One that a person ``chose`` has an id, and may have display edits, the sentence before it and
    what follows from it.
    """

    transcript: str
    participant: str
    span: Span
    text: str
    cut_before: bool
    cut_after: bool
    codes: tuple[str, ...]
    attribution: str
    score: int = 0
    id: str = ""
    edits: tuple[DisplayEdit, ...] = ()
    claim: str = ""
    introduction: str = ""
    sense: str = ""
    look_again: bool = False

    @property
    def chosen(self) -> bool:
        """Whether a person chose it."""
        return bool(self.id)

    @property
    def shown(self) -> str:
        """The words in quotation marks; what was left out of the passage is marked."""
        before, after = f"{CUT} " * self.cut_before, f" {CUT}" * self.cut_after
        return f"“{before}{printed(self.text, self.edits)}{after}”"


@dataclass(frozen=True)
class Passage:
    """A coded stretch from which a quotation may be taken."""

    transcript: str
    span: Span
    codes: tuple[str, ...]


def choose_quotations(
    facts: StudyFacts,
    themes: Sequence[Sequence[Passage]],
    *,
    a_theme: int = A_THEME,
    chosen: Sequence[Sequence[Quotation]] = (),
) -> tuple[tuple[Quotation, ...], ...]:
    """For each theme up to ``a_theme`` quotations from different people, the same every time.

    A theme for which people have ``chosen`` keeps theirs. Those who were quoted least so far come
    first, then groups and codes not heard yet in the theme, then the passage nearest to the wording
    of its codes. Nobody has more than a quarter.
    """
    taken = [quote for quotes in chosen for quote in quotes]
    said = Counter(quote.participant for quote in taken)
    used = [(quote.transcript, quote.span) for quote in taken]
    most = max(3, int(LARGEST_SHARE * a_theme * len(themes)))
    found = []
    for place, passages in enumerate(themes):
        if chosen and chosen[place]:
            found.append(tuple(chosen[place]))
            continue
        offered = [q for passage in passages for q in quotations_of(facts, passage)]
        kept: list[Quotation] = []
        while len(kept) < a_theme:
            speakers = {quote.participant for quote in kept}
            groups = Counter(facts.group_of(quote.participant) for quote in kept)
            heard = {code for quote in kept for code in quote.codes}
            free = [
                quote
                for quote in offered
                if quote.participant not in speakers
                and said[quote.participant] < most
                and not any(t == quote.transcript and s.overlap(quote.span) for t, s in used)
            ]
            if not free:
                break
            best = min(
                free,
                key=lambda q: (
                    said[q.participant],
                    groups[facts.group_of(q.participant)],
                    bool(heard & set(q.codes)),
                    -q.score,
                    q.participant,
                    q.span,
                ),
            )
            kept.append(best)
            said[best.participant] += 1
            used.append((best.transcript, best.span))
        found.append(tuple(kept))
    return tuple(found)


def candidates(
    facts: StudyFacts, passages: Iterable[Passage], chosen: Sequence[Quotation] = ()
) -> tuple[Quotation, ...]:
    """All that may be quoted for a theme, the best of each passage, in an order of spread.

    First those who speak least among the quotations ``chosen`` for all themes and those already in
    the list; then groups and codes not heard yet; then the nearest to the wording of the codes.
    Words that overlap a chosen quotation are left out.
    """
    used = [(quote.transcript, quote.span) for quote in chosen]
    said = Counter(quote.participant for quote in chosen)
    groups = Counter(facts.group_of(quote.participant) for quote in chosen)
    heard: Counter[str] = Counter(code for quote in chosen for code in quote.codes)
    free = []
    for passage in passages:
        offered = [
            quote
            for quote in quotations_of(facts, passage)
            if not any(t == quote.transcript and s.overlap(quote.span) for t, s in used)
        ]
        if offered:
            free.append(min(offered, key=lambda quote: (-quote.score, quote.span)))
            used.append((free[-1].transcript, free[-1].span))
    ordered = []
    while free:
        best = min(
            free,
            key=lambda q: (
                said[q.participant],
                groups[facts.group_of(q.participant)],
                min((heard[code] for code in q.codes), default=0),
                -q.score,
                q.participant,
                q.span,
            ),
        )
        free.remove(best)
        ordered.append(best)
        said[best.participant] += 1
        groups[facts.group_of(best.participant)] += 1
        heard.update(best.codes)
    return tuple(ordered)


def may_be_quoted(facts: StudyFacts, person: str | None) -> bool:
    """Whether this participant agreed to be quoted word for word and is still in the study."""
    known = facts.participant.get(person or "")
    return known is not None and known.quote_consent != "no" and known.status != "withdrew"


def chosen_quotation(
    facts: StudyFacts, kept: ChosenQuotation, codings: Iterable[Coding]
) -> Quotation | None:
    """A quotation that a person chose, or None if it may not be printed (any more).

    ``codings`` are the consensus codings of its theme; the quotation has the codes of those it
    shares words with.
    """
    transcript = facts.transcript.get(kept.transcript)
    if transcript is None or not may_be_quoted(facts, transcript.participant):
        return None
    text = transcript.text[kept.span.slice]
    return Quotation(
        transcript=transcript.id,
        participant=transcript.participant or "",
        span=kept.span,
        text=text,
        cut_before=False,
        cut_after=False,
        codes=tuple(
            sorted(
                {
                    coding.code
                    for coding in codings
                    if coding.transcript == transcript.id and coding.span.overlap(kept.span)
                }
            )
        ),
        attribution=attribution(facts, transcript.participant or ""),
        id=kept.id,
        edits=kept.edits if text == kept.quote else (),
        claim=kept.claim,
        introduction=kept.introduction,
        sense=kept.sense,
        look_again=kept.look_again,
    )


def quotations_of(facts: StudyFacts, passage: Passage) -> list[Quotation]:
    """The quotations that a passage allows; none if its speaker did not agree to be quoted."""
    transcript = facts.transcript[passage.transcript]
    person = facts.participant.get(transcript.participant or "")
    if person is None or not may_be_quoted(facts, person.id):
        return []
    codes = [code for code in facts.codebook.codes if code.id in passage.codes]
    wanted = _stems(" ".join(f"{c.name} {c.brief_definition} {c.when_to_use}" for c in codes))
    made = []
    for whole in _own_words(transcript, passage.span):
        for span in _windows(transcript.text, whole):
            text = transcript.text[span.slice]
            if may_identify(text):
                continue
            made.append(
                Quotation(
                    transcript=transcript.id,
                    participant=person.id,
                    span=span,
                    text=text,
                    cut_before=span.start > whole.start,
                    cut_after=span.end < whole.end,
                    codes=passage.codes,
                    attribution=attribution(facts, person.id),
                    score=len(wanted & _stems(text)) - 3 * text.count("[inaudible"),
                )
            )
    return made


def attribution(facts: StudyFacts, person: str) -> str:
    """How a speaker is named: the group only with consent, and only if three people share it."""
    known = facts.participant[person]
    group = facts.group_of(person)
    shared = sum(facts.group_of(other.id) == group for other in facts.participants)
    if known.quote_consent == "yes" and group and shared >= SMALLEST_GROUP:
        return f"({person}, {group})"
    return f"({person})"


def identity(facts: StudyFacts, quote: Quotation) -> tuple[tuple[str, str], ...]:
    """What an attribution tells of a person beside the id: (attribute, value) pairs."""
    told = quote.attribution.strip("()").removeprefix(quote.participant).strip(" ,")
    known = facts.participant.get(quote.participant)
    if not told or known is None:
        return ()
    values = {value.strip(): key for key, value in known.attributes.items()}
    if told in values:
        return ((values[told], told),)
    return tuple((values.get(part.strip(), ""), part.strip()) for part in told.split(","))


def shared_by(facts: StudyFacts, told: Iterable[tuple[str, str]]) -> int:
    """How many participants have all of these attributes."""
    wanted = list(told)
    return sum(
        all(person.attributes.get(key, "").strip() == value for key, value in wanted)
        for person in facts.participants
    )


def may_identify(text: str) -> bool:
    """Whether a text holds something that looks like a name, an address, a number or a date.

    >>> may_identify("Ask Dr. Okafor."), may_identify("We do Plan-Do-Study-Act in May.")
    (True, False)
    """
    return IDENTIFYING.search(text) is not None


def _own_words(transcript: Transcript, span: Span) -> Iterable[Span]:
    """The parts of a span that a participant said; all of it where no turns are known."""
    turns = transcript.participant_turns if transcript.turns else ()
    parts = [
        Span(max(span.start, turn.span.start), min(span.end, turn.span.end))
        for turn in turns
        if turn.span.overlap(span)
    ]
    for part in parts if transcript.turns else [span]:
        text = transcript.text[part.slice]
        start = part.start + len(text) - len(text.lstrip())
        end = part.end - (len(text) - len(text.rstrip()))
        if start < end:
            yield Span(start, end)


def _windows(text: str, whole: Span) -> Iterable[Span]:
    """The whole stretch if it can be printed, else runs of its sentences that can."""
    if len(text[whole.slice].split()) <= MOST_WORDS and not may_identify(text[whole.slice]):
        if len(text[whole.slice].split()) >= FEWEST_WORDS:
            yield whole
        return
    sentences = [
        Span(whole.start + found.start(), whole.start + found.end())
        for found in SENTENCE.finditer(text[whole.slice])
    ]
    for place, first in enumerate(sentences):
        best: Span | None = None
        for last in sentences[place:]:
            run = Span(first.start, last.end)
            words = len(text[run.slice].split())
            if words > SHORTENED_TO or may_identify(text[last.slice]):
                break
            best = run if words >= FEWEST_WORDS else best
        if best is not None:
            yield best


def _stems(text: str) -> set[str]:
    # Five letters bring “mentor”, “mentors” and “mentoring” together, and need no model.
    return {word[:5] for word in re.findall(r"[a-zà-ÿ]{4,}", text.casefold())}
