"""Themes as the study holds them: for each its codes, people, passages and quotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualcode.model import Code, Coding, Theme
from qualcode.reports.facts import StudyFacts
from qualcode.reports.quotes import Passage, Quotation, choose_quotations
from qualcode.spans import Span


@dataclass(frozen=True)
class CodeFinding:
    """A code within a theme: in how many people and passages it was found."""

    code: Code
    participants: tuple[str, ...]
    passages: int


@dataclass(frozen=True)
class Finding:
    """A theme and what stands behind it; ``groups`` maps a group to (n, N) of its people."""

    name: str
    definition: str
    codes: tuple[CodeFinding, ...]
    participants: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]
    passages: int
    quotations: tuple[Quotation, ...]
    origin: str = "from_codes"


@dataclass(frozen=True)
class Findings:
    """All themes of a study. ``accepted`` is false when the codebook's groups stand in for them.

    ``participants`` are the N of every “n of N”: people whose interview is coded.
    """

    themes: tuple[Finding, ...]
    accepted: bool
    participants: tuple[str, ...]
    unused: tuple[Code, ...]

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        return tuple(quote for theme in self.themes for quote in theme.quotations)

    @property
    def quoted(self) -> tuple[str, ...]:
        """Participants with a quotation, each once."""
        return tuple(sorted({quote.participant for quote in self.quotations}))


def findings(facts: StudyFacts) -> Findings:
    """The study's themes with their evidence, from consensus codings of finished transcripts."""
    people = _people(facts, [t.id for t in facts.closed])
    themes: Sequence[Theme] = facts.themes
    accepted = bool(themes)
    if not accepted:
        themes = _groups_of_the_codebook(facts)
    codings = [_codings(facts, theme) for theme in themes]
    passages = [_passages(facts, theme, own) for theme, own in zip(themes, codings, strict=True)]
    quotations = choose_quotations(facts, passages)
    used = {coding.code for coding in facts.settled}
    return Findings(
        themes=tuple(
            _finding(facts, *parts)
            for parts in zip(themes, codings, passages, quotations, strict=True)
        ),
        accepted=accepted,
        participants=people,
        unused=tuple(c for c in facts.codebook.codable if c.id not in used) if people else (),
    )


def _groups_of_the_codebook(facts: StudyFacts) -> list[Theme]:
    used = {coding.code for coding in facts.settled}
    made = []
    for code in facts.codebook.codes:
        if code.kind == "theme":
            under = tuple(c.id for c in facts.codes_under(code.id))
            if used & set(under):
                made.append(Theme(code.name, code.brief_definition, under, id=code.id))
    return made


def _codings(facts: StudyFacts, theme: Theme) -> tuple[Coding, ...]:
    codes = {code.id for chosen in theme.codes for code in facts.codes_under(chosen)}
    return tuple(coding for coding in facts.settled if coding.code in codes)


def _passages(facts: StudyFacts, theme: Theme, codings: Sequence[Coding]) -> tuple[Passage, ...]:
    """The stretches a quotation may come from: those with a code of the theme, if it has codes."""
    if theme.codes:
        together: dict[tuple[str, Span], list[str]] = {}
        for coding in codings:
            together.setdefault((coding.transcript, coding.span), []).append(coding.code)
        return tuple(Passage(t, s, tuple(sorted(codes))) for (t, s), codes in together.items())
    closed = {transcript.id for transcript in facts.closed}
    return tuple(Passage(t, span, ()) for t, span in theme.excerpts if t in closed)


def _finding(
    facts: StudyFacts,
    theme: Theme,
    codings: tuple[Coding, ...],
    passages: tuple[Passage, ...],
    quotations: tuple[Quotation, ...],
) -> Finding:
    codes = dict.fromkeys(code for chosen in theme.codes for code in facts.codes_under(chosen))
    people = _people(facts, [passage.transcript for passage in passages])
    everybody = _people(facts, [t.id for t in facts.closed])
    groups = sorted({facts.group_of(person) for person in everybody} - {""})
    return Finding(
        name=theme.name,
        definition=theme.definition,
        codes=tuple(
            CodeFinding(
                code,
                _people(facts, [c.transcript for c in codings if c.code == code.id]),
                _places(facts, ((c.transcript, c.span) for c in codings if c.code == code.id)),
            )
            for code in codes
        ),
        participants=people,
        groups={
            group: (
                sum(facts.group_of(person) == group for person in people),
                sum(facts.group_of(person) == group for person in everybody),
            )
            for group in groups
        },
        passages=_places(facts, ((p.transcript, p.span) for p in passages)),
        quotations=quotations,
        origin=theme.origin,
    )


def _people(facts: StudyFacts, transcripts: Iterable[str]) -> tuple[str, ...]:
    """The participants of these transcripts: two interviews with one person are one person."""
    found = {facts.transcript[t].participant for t in transcripts if t in facts.transcript}
    return tuple(sorted(person for person in found if person))


def _places(facts: StudyFacts, stretches: Iterable[tuple[str, Span]]) -> int:
    """In how many participant turns the stretches lie; outside turns each counts itself.

    As with agreement, a turn counts when half of it or half of the stretch is covered.
    """
    places: set[tuple[str, Span]] = set()
    for transcript, span in stretches:
        turns = [
            turn.span
            for turn in facts.transcript[transcript].participant_turns
            if 2 * turn.span.overlap(span) >= min(turn.span.length, span.length)
        ]
        places.update((transcript, turn) for turn in turns or [span])
    return len(places)
