"""Settling differences: two coders' codings in, typed differences, decisions and consensus out.

Nothing here alters a coder's codings: a decision makes codings of its own in the consensus layer.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.errors import BadCommand
from qualcode.model import (
    CONSENSUS,
    OUTCOMES,
    Code,
    Coding,
    CodingSet,
    Decision,
    Difference,
    DifferenceKind,
    Outcome,
    difference_id,
)
from qualcode.spans import Span

SAME = 0.9
"""Two spans of one code agree when they share at least this part of their union."""

Coders = tuple[str, str]
_Teams = tuple[dict[str, set[str]], dict[str, set[str]]]
Shelf = dict[tuple[str, str], list[Coding]]
KINDS: tuple[DifferenceKind, ...] = ("boundary", "choice", "omission")


def find_differences(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str],
    *,
    transcripts: Iterable[str] | None = None,
    codes: Iterable[Code] | None = None,
    same: float = SAME,
) -> tuple[Difference, ...]:
    """Every place where two coders part, in the order of the transcripts and of their text.

    Only transcripts that both coders have sealed are compared; given plain codings, those in which
    both coded something. Spans of one code by one coder that overlap are united first. Then, in
    each transcript:

    - spans of the same code are matched one to one by falling overlap; a match below ``same`` is a
      *boundary*, and so is an unmatched span that overlaps a span of that code (split or merged);
    - unmatched spans of different codes that share at least half of the shorter are a *choice*,
      sibling when the two codes have one parent;
    - every other unmatched span is an *omission* by the other coder.

    Parameters
    ----------
    codings
        Codings of the two coders; others are left aside.
    coders
        The first and the second coder: ``a`` and ``b`` of each difference.
    transcripts
        Ids in the order wanted; without them, in the order of the codings.
    codes
        The codebook, for siblings; without it, the codes of the coding set.
    """
    pair = _pair(coders)
    found = _compared(codings, pair, transcripts, same)
    parents = _parents(codings, codes)
    return tuple(
        difference for comparison in found for difference in _typed(comparison, pair, parents)
    )


def agreed(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str],
    *,
    transcripts: Iterable[str] | None = None,
    same: float = SAME,
) -> tuple[tuple[Coding, Coding], ...]:
    """The pairs of codings that count as agreement: the same code on the same span, or nearly."""
    found = _compared(codings, _pair(coders), transcripts, same)
    return tuple(match for comparison in found for match in comparison.agreed)


def counts(differences: Iterable[Difference]) -> dict[str, int]:
    """How many differences there are of each kind.

    >>> counts([])
    {'boundary': 0, 'choice': 0, 'omission': 0}
    """
    found = Counter(difference.kind for difference in differences)
    return {kind: found[kind] for kind in KINDS}


def counts_by_code(differences: Iterable[Difference]) -> dict[str, dict[str, int]]:
    """How many differences of each kind touch each code; a choice touches two codes."""
    found: dict[str, dict[str, int]] = {}
    for difference in differences:
        for code in {coding.code for coding in (difference.a, difference.b) if coding}:
            found.setdefault(code, dict.fromkeys(KINDS, 0))[difference.kind] += 1
    return found


def confusions(differences: Iterable[Difference]) -> tuple[tuple[tuple[str, str], int], ...]:
    """Pairs of codes chosen one for the other, most often first: where two definitions meet."""
    found = Counter(
        (min(d.a.code, d.b.code), max(d.a.code, d.b.code))
        for d in differences
        if d.kind == "choice" and d.a is not None and d.b is not None
    )
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def decide(
    difference: Difference,
    outcome: Outcome,
    *,
    reason: str = "",
    new: tuple[Span, str, str] | None = None,
    decided_by: str,
    decided_at: str = "",
) -> Decision:
    """Settle one difference; the decision holds the consensus codings that follow from it.

    "a" keeps what the first coder has there and "b" what the second has: for an omission that is
    the coding, or nothing. "both" keeps both codings; of a boundary, one coding from the first
    character to the last; of an omission, the coding there is. "neither" keeps none. "new" takes
    the (span, code, quotation) given as ``new``.
    """
    if outcome not in OUTCOMES:
        raise BadCommand(f"“{outcome}” is not an outcome; choose one of {', '.join(OUTCOMES)}.")
    if (outcome == "new") != (new is not None):
        raise BadCommand("A new coding needs its span, code and quotation, and outcome “new”.")
    sides = [coding for coding in (difference.a, difference.b) if coding is not None]
    kept: list[Coding]
    if new is not None:
        span, code, quote = new
        kept = [_settled(difference.transcript, code, span, quote, sides)]
    elif outcome == "both" and difference.kind == "boundary":
        kept = [_union(sides)]
    else:
        chosen: dict[str, list[Coding | None]] = {
            "a": [difference.a],
            "b": [difference.b],
            "both": [*sides],
            "neither": [],
        }
        kept = [_union([coding]) for coding in chosen[outcome] if coding is not None]
    return Decision(
        difference=difference.id,
        transcript=difference.transcript,
        kind=difference.kind,
        outcome=outcome,
        reason=reason,
        settles=_sources(sides),
        result=tuple(kept),
        decided_by=decided_by,
        decided_at=decided_at,
    )


def standing(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The decision that holds for each difference: of several, the latest in order."""
    return {decision.difference: decision for decision in decisions}


def progress(differences: Iterable[Difference], decisions: Iterable[Decision]) -> tuple[int, int]:
    """How many of these differences are settled, and how many there are."""
    ids = [difference.id for difference in differences]
    held = standing(decisions)
    return sum(id in held for id in ids), len(ids)


def consensus(
    codings: CodingSet | Iterable[Coding],
    decisions: Iterable[Decision] = (),
    coders: Sequence[str] | None = None,
    *,
    transcripts: Iterable[str] | None = None,
    same: float = SAME,
) -> tuple[Coding, ...]:
    """The settled codings: what both coders agree on, and what was decided where they parted.

    An agreed pair becomes one coding from its first character to its last, so that it does not
    matter who is named first. Of several decisions on one difference the latest holds; a decision
    about codings that are no longer there does not count. A difference that nobody has settled
    gives nothing yet. Codings of one code that overlap become one. A transcript that was given to
    one coder only, and sealed, keeps that coder's codings.

    The ids follow from the content: the same codings and decisions make the same consensus.
    Without ``coders`` each transcript takes the two who coded it.
    """
    pair = None if coders is None else _pair(coders)
    given = tuple(c for c in codings if c.coder != CONSENSUS and (not pair or c.coder in pair))
    order = _order(given, transcripts)
    shelf = _shelf(given)
    teams = _teams(codings, shelf)
    there = {coding.id for coding in given}
    held = {
        id: decision
        for id, decision in standing(decisions).items()
        if there.issuperset(decision.settles) and decision.transcript in order
    }
    kept = [coding for decision in held.values() for coding in decision.result]
    for transcript in order:
        team = _team(teams, transcript, pair)
        if len(team) == 1:
            kept += [_union([own]) for own in united(shelf.get((transcript, team[0]), ()))]
        elif len(team) == 2:
            comparison = _compare(transcript, shelf, (team[0], team[1]), same)
            kept += [
                _union(match)
                for match in comparison.agreed
                if difference_id(coding.id for coding in match) not in held
            ]
    place = {transcript: number for number, transcript in enumerate(order)}
    return tuple(
        sorted(
            _merged(kept),
            key=lambda coding: (place[coding.transcript], coding.span, coding.code),
        )
    )


@dataclass(frozen=True)
class _Comparison:
    """One transcript: agreed pairs, boundary pairs, and what is left of each coder."""

    transcript: str
    agreed: tuple[tuple[Coding, Coding], ...]
    boundary: tuple[tuple[Coding, Coding], ...]
    left: tuple[tuple[Coding, ...], tuple[Coding, ...]]


def _pair(coders: Sequence[str]) -> Coders:
    if isinstance(coders, str) or len(coders) != 2 or coders[0] == coders[1]:
        raise BadCommand("Differences are between two coders; name exactly two.")
    return coders[0], coders[1]


def _order(given: Sequence[Coding], transcripts: Iterable[str] | None) -> list[str]:
    """Transcript ids in the order asked for; without one, as the codings bring them."""
    return list(
        dict.fromkeys(
            (coding.transcript for coding in given) if transcripts is None else transcripts
        )
    )


def _teams(codings: object, shelf: Shelf) -> _Teams:
    if isinstance(codings, CodingSet):
        return _by_transcript(codings.sealed), _by_transcript(codings.open)
    return _by_transcript((coder, transcript) for transcript, coder in shelf), {}


def _by_transcript(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    teams: dict[str, set[str]] = {}
    for coder, transcript in pairs:
        teams.setdefault(transcript, set()).add(coder)
    return teams


def _team(teams: _Teams, transcript: str, pair: Coders | None) -> tuple[str, ...]:
    """Who has completed this transcript: two to compare, one alone, or nobody yet.

    One coder stands alone only where no other has the transcript open.
    """
    done, waiting = (team.get(transcript, set()) - {CONSENSUS} for team in teams)
    if pair is not None:
        done, waiting = done & set(pair), waiting & set(pair)
    if len(done) > 2:
        raise BadCommand(
            f"More than two coders have coded one transcript ({', '.join(sorted(done))}); "
            "name the two whose consensus is wanted."
        )
    if len(done) == 1 and waiting:
        return ()
    return pair if pair is not None and len(done) == 2 else tuple(sorted(done))


def _compared(
    codings: CodingSet | Iterable[Coding],
    pair: Coders,
    transcripts: Iterable[str] | None,
    same: float,
) -> list[_Comparison]:
    given = tuple(codings)
    shelf = _shelf(given)
    teams = _teams(codings, shelf)
    return [
        _compare(transcript, shelf, pair, same)
        for transcript in _order(given, transcripts)
        if len(_team(teams, transcript, pair)) == 2
    ]


def _shelf(given: Iterable[Coding]) -> Shelf:
    """Codings by transcript and coder, found without looking through all of them again."""
    shelf: Shelf = {}
    for coding in given:
        shelf.setdefault((coding.transcript, coding.coder), []).append(coding)
    return shelf


def united(codings: Iterable[Coding]) -> list[Coding]:
    """Codings of one coder in one transcript, with overlapping spans of one code made one.

    The united coding keeps the id of its first piece and names all pieces in ``came_from``; codings
    that only touch stay two.
    """
    result: list[Coding] = []
    last: dict[str, int] = {}
    for coding in sorted(codings, key=lambda c: (c.span, c.code, c.id)):
        at = last.get(coding.code)
        if at is not None and coding.span.start < result[at].span.end:
            before = result[at]
            span, quote = _joined(before, coding)
            pieces = (*_pieces(before), coding.id)
            result[at] = replace(before, span=span, quote=quote, came_from=pieces)
        else:
            last[coding.code] = len(result)
            result.append(coding)
    return result


def _joined(first: Coding, second: Coding) -> tuple[Span, str]:
    """Two overlapping codings' span and words; the first starts first."""
    if second.span.end <= first.span.end:
        return first.span, first.quote
    quote = first.quote + second.quote[first.span.end - second.span.start :]
    return Span(first.span.start, second.span.end), quote


def _compare(transcript: str, shelf: Shelf, pair: Coders, same: float) -> _Comparison:
    a, b = (united(shelf.get((transcript, coder), ())) for coder in pair)
    close = [
        (x, y, a[x].span.iou(b[y].span)) for x, y in _overlapping(a, b) if a[x].code == b[y].code
    ]
    matches = _matched(a, b, close)
    agreed_pairs = [(a[x], b[y]) for x, y, iou in matches if iou >= same]
    boundary = [(a[x], b[y]) for x, y, iou in matches if iou < same]
    taken_a = {x for x, _, _ in matches}
    taken_b = {y for _, y, _ in matches}
    # A piece of a split or merged passage goes to the span it shares most with.
    shared = [(-a[x].span.overlap(b[y].span), x, y) for x, y, _ in close]
    for _, x, y in sorted(shared):
        if x not in taken_a or y not in taken_b:
            boundary.append((a[x], b[y]))
            taken_a.add(x)
            taken_b.add(y)
    return _Comparison(
        transcript,
        tuple(agreed_pairs),
        tuple(boundary),
        (
            tuple(coding for number, coding in enumerate(a) if number not in taken_a),
            tuple(coding for number, coding in enumerate(b) if number not in taken_b),
        ),
    )


def _overlapping(a: Sequence[Coding], b: Sequence[Coding]) -> Iterator[tuple[int, int]]:
    """Places of codings that share a character; both lists are in order of their spans."""
    starts = [coding.span.start for coding in b]
    longest = max((coding.span.length for coding in b), default=0)
    for x, coding in enumerate(a):
        first = bisect_right(starts, coding.span.start - longest)
        for y in range(first, bisect_left(starts, coding.span.end)):
            if b[y].span.end > coding.span.start:
                yield x, y


def _matched(
    a: Sequence[Coding], b: Sequence[Coding], close: Iterable[tuple[int, int, float]]
) -> list[tuple[int, int, float]]:
    """One-to-one pairs by falling closeness; ties go to the earlier passage."""
    ordered = sorted(
        close, key=lambda pair: (-pair[2], a[pair[0]].span.start, b[pair[1]].span.start, *pair[:2])
    )
    used_a: set[int] = set()
    used_b: set[int] = set()
    matches = []
    for x, y, closeness in ordered:
        if x not in used_a and y not in used_b:
            used_a.add(x)
            used_b.add(y)
            matches.append((x, y, closeness))
    return matches


def _choices(a: Sequence[Coding], b: Sequence[Coding]) -> list[tuple[int, int, float]]:
    """Unmatched codings of different codes that share at least half of the shorter."""
    close = []
    for x, y in _overlapping(a, b):
        shared = a[x].span.overlap(b[y].span)
        if a[x].code != b[y].code and 2 * shared >= min(a[x].span.length, b[y].span.length):
            close.append((x, y, float(shared)))
    return _matched(a, b, close)


def _typed(
    comparison: _Comparison, pair: Coders, parents: Mapping[str, str | None]
) -> list[Difference]:
    """The differences of one transcript in the order of its text."""

    def typed(
        kind: DifferenceKind, a: Coding | None, b: Coding | None, sibling: bool = False
    ) -> Difference:
        return Difference(comparison.transcript, kind, pair, a, b, sibling)

    found = [typed("boundary", x, y) for x, y in comparison.boundary]
    a, b = comparison.left
    chosen = _choices(a, b)
    for x, y, _ in chosen:
        above = parents.get(a[x].code)
        sibling = above is not None and above == parents.get(b[y].code)
        found.append(typed("choice", a[x], b[y], sibling))
    taken_a = {x for x, _, _ in chosen}
    taken_b = {y for _, y, _ in chosen}
    found += [typed("omission", x, None) for n, x in enumerate(a) if n not in taken_a]
    found += [typed("omission", None, y) for n, y in enumerate(b) if n not in taken_b]
    return sorted(found, key=lambda d: (d.span, KINDS.index(d.kind), d.id))


def _parents(codings: object, codes: Iterable[Code] | None) -> dict[str, str | None]:
    if codes is None:
        codes = codings.codes if isinstance(codings, CodingSet) else ()
    return {code.id: code.parent for code in codes}


def _pieces(coding: Coding) -> tuple[str, ...]:
    """Ids of the coders' own codings behind this one."""
    made_of_others = coding.coder == CONSENSUS or coding.id in coding.came_from
    return coding.came_from if made_of_others else (coding.id,)


def _sources(codings: Iterable[Coding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for coding in codings for id in _pieces(coding)))


def _settled(
    transcript: str, code: str, span: Span, quote: str, sources: Sequence[Coding]
) -> Coding:
    """A consensus coding whose id follows from what it says and where it came from."""
    came_from = tuple(sorted(_sources(sources)))
    content = (transcript, code, str(span.start), str(span.end), *came_from)
    versions = {coding.codebook_version for coding in sources}
    return Coding(
        transcript=transcript,
        coder=CONSENSUS,
        code=code,
        span=span,
        quote=quote,
        codebook_version=versions.pop() if len(versions) == 1 else "",
        came_from=came_from,
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, "qualcode:consensus:" + ",".join(content))),
    )


def _union(codings: Sequence[Coding]) -> Coding:
    """One consensus coding over overlapping codings of one code."""
    ordered = sorted(codings, key=lambda coding: coding.span)
    whole = ordered[0]
    for coding in ordered[1:]:
        span, quote = _joined(whole, coding)
        whole = replace(whole, span=span, quote=quote)
    return _settled(whole.transcript, whole.code, whole.span, whole.quote, codings)


def _merged(kept: Iterable[Coding]) -> list[Coding]:
    """Consensus codings with overlapping ones of one code in one transcript made one."""
    by_transcript: dict[str, dict[str, Coding]] = {}
    for coding in kept:
        by_transcript.setdefault(coding.transcript, {})[coding.id] = coding
    result = []
    for own in by_transcript.values():
        groups: list[list[Coding]] = []
        last: dict[str, tuple[list[Coding], int]] = {}
        for coding in sorted(own.values(), key=lambda c: (c.span, c.code, c.id)):
            group, end = last.get(coding.code, ([], 0))
            if not group or coding.span.start >= end:
                group, end = [], 0
                groups.append(group)
            group.append(coding)
            last[coding.code] = (group, max(end, coding.span.end))
        result += [group[0] if len(group) == 1 else _union(group) for group in groups]
    return result
