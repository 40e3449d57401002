"""Themes as the study holds them: for each its codes, people, passages, claims and quotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qualcode.claims import Need
from qualcode.model import Code, Coding, Theme, Transcript
from qualcode.reports.facts import StudyFacts
from qualcode.reports.quotes import (
    Passage,
    Quotation,
    choose_quotations,
    chosen_quotation,
    may_be_quoted,
)
from qualcode.spans import Span


@dataclass(frozen=True)
class CodeFinding:
    """A code within a theme: in how many people and passages it was found."""

    code: Code
    participants: tuple[str, ...]
    passages: int


@dataclass(frozen=True)
class Spread:
    """Where a code or a theme was found: in whom, in which turns, in how many codings."""

    participants: tuple[str, ...]
    places: frozenset[tuple[str, Span]]
    codings: int = 0


@dataclass(frozen=True)
class ExcerptFinding:
    """Words that bear on a theme, by their place; ``turn`` counts from 1, 0 outside turns.

    ``text`` is empty where the speaker has not agreed to be quoted.
    """

    participant: str
    transcript: str
    span: Span
    turn: int
    text: str
    note: str = ""
    id: str = ""

    @property
    def place(self) -> str:
        """As it is printed: “P01, turn 8”."""
        return f"{self.participant}, turn {self.turn}" if self.turn else self.participant


@dataclass(frozen=True)
class ClaimFinding:
    """A sentence that a theme asserts, the excerpts for it and those against it."""

    sentence: str
    excerpts: tuple[ExcerptFinding, ...] = ()
    contrary: tuple[ExcerptFinding, ...] = ()
    id: str = ""

    @property
    def participants(self) -> tuple[str, ...]:
        """Whose words are linked to it, each once."""
        return tuple(sorted({excerpt.participant for excerpt in self.excerpts}))


@dataclass(frozen=True)
class EvidenceLine:
    """A theme or a code on which a need rests, and who has a passage of it."""

    name: str
    kind: Literal["theme", "code"]
    participants: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class NeedFinding:
    """A need of the register with the evidence computed.

    ``participants`` have a passage with one of its codes or, where it names no code, of its
    themes; ``groups`` maps a group to (n, N) of them. ``evidence`` tells each theme and code apart.
    """

    need: Need
    themes: tuple[str, ...]
    codes: tuple[Code, ...]
    participants: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]
    quotations: tuple[Quotation, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()

    @property
    def priority(self) -> int | None:
        """Importance times feasibility; None while one of them is open."""
        if self.need.importance is None or self.need.feasibility is None:
            return None
        return self.need.importance * self.need.feasibility


@dataclass(frozen=True)
class Finding:
    """A theme and what stands behind it; ``groups`` maps a group to (n, N) of its people.

    ``parent`` is the name of the theme it is a part of, ``places`` the turns that ``passages``
    counts, ``codes`` its own and those of its parts.
    """

    name: str
    definition: str
    codes: tuple[CodeFinding, ...]
    participants: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]
    passages: int
    quotations: tuple[Quotation, ...]
    origin: str = "from_codes"
    id: str = ""
    scope_in: str = ""
    scope_out: str = ""
    kind: str = "major"
    state: str = "candidate"
    parent: str = ""
    relations: str = ""
    claims: tuple[ClaimFinding, ...] = ()
    divergent: tuple[ExcerptFinding, ...] = ()
    needs: tuple[NeedFinding, ...] = ()
    version: int = 1
    changed_at: str = ""
    agreed: tuple[str, ...] = ()
    places: frozenset[tuple[str, Span]] = frozenset()


@dataclass(frozen=True)
class Findings:
    """All themes of a study. ``accepted`` is false when the codebook's groups stand in for them.

    ``participants`` are the N of every “n of N”: people whose interview is coded. Once a theme is
    marked as in the report, only those that are stand here; ``left_out`` names the others.
    """

    themes: tuple[Finding, ...]
    accepted: bool
    participants: tuple[str, ...]
    unused: tuple[Code, ...]
    needs: tuple[NeedFinding, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        return tuple(quote for theme in self.themes for quote in theme.quotations)

    @property
    def quoted(self) -> tuple[str, ...]:
        """Participants with a quotation, each once."""
        return tuple(sorted({quote.participant for quote in self.quotations}))


def findings(facts: StudyFacts, *, every: bool = False) -> Findings:
    """The study's themes with their evidence, from consensus codings of finished transcripts.

    With ``every`` those that are not marked for the report stand here as well.
    """
    people = _people(facts, [t.id for t in facts.closed])
    accepted = bool(facts.themes)
    themes, left_out = _in_the_report(facts.themes, every=every)
    if not accepted:
        themes = _groups_of_the_codebook(facts)
    codes = [_codes(facts, theme) for theme in themes]
    codings = [tuple(c for c in facts.settled if c.code in {o.id for o in own}) for own in codes]
    passages = [passages_of(facts, theme) for theme in themes]
    chosen = [_chosen(facts, theme.id, own) for theme, own in zip(themes, codings, strict=True)]
    quotations = choose_quotations(facts, passages, chosen=chosen)
    used = {coding.code for coding in facts.settled}
    found = [
        _finding(facts, *parts)
        for parts in zip(themes, codes, codings, passages, quotations, strict=True)
    ]
    needs = tuple(_need(facts, need, themes, found) for need in facts.work.needs)
    return Findings(
        themes=tuple(
            replace(theme, needs=tuple(need for need in needs if theme.id in need.need.themes))
            for theme in found
        ),
        accepted=accepted,
        participants=people,
        unused=tuple(c for c in facts.codebook.codable if c.id not in used) if people else (),
        needs=needs,
        left_out=left_out,
    )


def passages_of(facts: StudyFacts, theme: Theme) -> tuple[Passage, ...]:
    """The stretches a quotation may come from: those with a code of the theme, if it has codes."""
    codes = {code.id for code in _codes(facts, theme)}
    if codes:
        together: dict[tuple[str, Span], list[str]] = {}
        for coding in facts.settled:
            if coding.code in codes:
                together.setdefault((coding.transcript, coding.span), []).append(coding.code)
        return tuple(Passage(t, s, tuple(sorted(held))) for (t, s), held in together.items())
    closed = {transcript.id for transcript in facts.closed}
    return tuple(Passage(t, span, ()) for t, span in theme.excerpts if t in closed)


def spread_of(facts: StudyFacts, codings: Sequence[Coding]) -> Spread:
    """In whom and in which turns these consensus codings lie."""
    return Spread(
        _people(facts, [coding.transcript for coding in codings]),
        _places(facts, ((coding.transcript, coding.span) for coding in codings)),
        len(codings),
    )


def spread_of_excerpts(facts: StudyFacts, theme: Theme) -> Spread:
    """In whom and in which turns the passages lie that a candidate brought to a theme."""
    closed = {transcript.id for transcript in facts.closed}
    held = [(place, span) for place, span in theme.excerpts if place in closed]
    return Spread(_people(facts, [place for place, _ in held]), _places(facts, held))


def _in_the_report(
    themes: Sequence[Theme], *, every: bool
) -> tuple[Sequence[Theme], tuple[str, ...]]:
    """Those marked so, if any is; a theme before its parts."""
    marked = [theme for theme in themes if theme.state == "in_report" and not every]
    marked = marked or list(themes)
    kept = {theme.id for theme in marked}
    ordered = []
    for theme in marked:
        if theme.parent not in kept:
            ordered += [theme, *(part for part in marked if part.parent == theme.id)]
    return ordered, tuple(theme.name for theme in themes if theme.id not in kept)


def _codes(facts: StudyFacts, theme: Theme) -> tuple[Code, ...]:
    """The codes of a theme and of its parts."""
    parts = [part for part in facts.themes if part.parent and part.parent == theme.id]
    chosen = [*theme.codes, *(code for part in parts for code in part.codes)]
    return tuple(dict.fromkeys(code for held in chosen for code in facts.codes_under(held)))


def _chosen(facts: StudyFacts, theme: str, codings: Sequence[Coding]) -> tuple[Quotation, ...]:
    """What people chose for a theme, as far as it may be printed now."""
    return tuple(
        quotation
        for kept in facts.work.quotations
        if kept.theme == theme and (quotation := chosen_quotation(facts, kept, codings)) is not None
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


def _finding(
    facts: StudyFacts,
    theme: Theme,
    codes: tuple[Code, ...],
    codings: tuple[Coding, ...],
    passages: tuple[Passage, ...],
    quotations: tuple[Quotation, ...],
) -> Finding:
    people = _people(facts, [passage.transcript for passage in passages])
    places = _places(facts, ((p.transcript, p.span) for p in passages))
    names = {other.id: other.name for other in facts.themes}
    return Finding(
        name=theme.name,
        definition=theme.definition,
        codes=tuple(
            CodeFinding(
                code,
                _people(facts, [c.transcript for c in codings if c.code == code.id]),
                len(_places(facts, ((c.transcript, c.span) for c in codings if c.code == code.id))),
            )
            for code in codes
        ),
        participants=people,
        groups=_by_group(facts, people),
        passages=len(places),
        quotations=quotations,
        origin=theme.origin,
        id=theme.id,
        scope_in=theme.scope_in,
        scope_out=theme.scope_out,
        kind=theme.kind,
        state=theme.state,
        parent=names.get(theme.parent, ""),
        relations=theme.relations,
        claims=tuple(
            ClaimFinding(
                claim.sentence,
                _excerpts(facts, theme.id, "supports", claim.id),
                _excerpts(facts, theme.id, "contrary", claim.id),
                claim.id,
            )
            for claim in facts.work.claims
            if claim.theme == theme.id
        ),
        divergent=_excerpts(facts, theme.id, "divergent"),
        version=theme.version,
        changed_at=theme.changed_at or theme.made_at,
        agreed=theme.agreed,
        places=places,
    )


def _by_group(facts: StudyFacts, people: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Group → (how many of these people, how many of all) are of it."""
    everybody = _people(facts, [t.id for t in facts.closed])
    groups = sorted({facts.group_of(person) for person in everybody} - {""})
    return {
        group: (
            sum(facts.group_of(person) == group for person in people),
            sum(facts.group_of(person) == group for person in everybody),
        )
        for group in groups
    }


def _excerpts(
    facts: StudyFacts, theme: str, role: str, claim: str | None = None
) -> tuple[ExcerptFinding, ...]:
    found = []
    for kept in facts.work.excerpts:
        if (kept.theme, kept.role) != (theme, role) or (claim is not None and kept.claim != claim):
            continue
        transcript = facts.transcript.get(kept.transcript)
        if transcript is None:
            continue
        quotable = may_be_quoted(facts, transcript.participant)
        found.append(
            ExcerptFinding(
                participant=transcript.participant or transcript.title,
                transcript=transcript.id,
                span=kept.span,
                turn=turn_of(transcript, kept.span),
                text=transcript.text[kept.span.slice] if quotable else "",
                note=kept.note,
                id=kept.id,
            )
        )
    return tuple(found)


def turn_of(transcript: Transcript, span: Span) -> int:
    """The number of the turn in which a stretch begins, counted from 1; 0 outside turns."""
    for number, turn in enumerate(transcript.turns, start=1):
        if turn.span.start <= span.start < turn.span.end:
            return number
    return 0


def _need(
    facts: StudyFacts, need: Need, themes: Sequence[Theme], found: Sequence[Finding]
) -> NeedFinding:
    """A need with the people whose passages carry a code of it, or of its themes."""
    lines = [
        EvidenceLine(theme.name, "theme", finding.participants, finding.groups)
        for theme, finding in zip(themes, found, strict=True)
        if theme.id in need.themes
    ]
    codes = tuple(facts.codebook[code] for code in need.codes if code in facts.codebook)
    for code in codes:
        own = {held.id for held in facts.codes_under(code.id)}
        people = _people(facts, [c.transcript for c in facts.settled if c.code in own])
        lines.append(EvidenceLine(code.name, "code", people, _by_group(facts, people)))
    nearest = [line for line in lines if line.kind == "code"] or lines
    together = tuple(sorted({person for line in nearest for person in line.participants}))
    return NeedFinding(
        need=need,
        themes=tuple(theme.name for theme in facts.themes if theme.id in need.themes),
        codes=codes,
        participants=together,
        groups=_by_group(facts, together),
        quotations=tuple(
            quote for theme in found for quote in theme.quotations if quote.id in need.quotations
        ),
        evidence=tuple(lines),
    )


def _people(facts: StudyFacts, transcripts: Iterable[str]) -> tuple[str, ...]:
    """The participants of these transcripts: two interviews with one person are one person."""
    found = {facts.transcript[t].participant for t in transcripts if t in facts.transcript}
    return tuple(sorted(person for person in found if person))


def _places(
    facts: StudyFacts, stretches: Iterable[tuple[str, Span]]
) -> frozenset[tuple[str, Span]]:
    """The participant turns in which the stretches lie; outside turns each counts itself.

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
    return frozenset(places)
