"""Where two coders part: codings in, typed differences out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.errors import BadCommand
from qualcode.model import (
    CONSENSUS,
    AgreedRule,
    Code,
    Coding,
    CodingSet,
    Difference,
    DifferenceKind,
)
from qualcode.reconciliation.settled import joined, pieces_of

Coders = tuple[str, str]
Teams = tuple[dict[str, set[str]], dict[str, set[str]]]
Shelf = dict[tuple[str, str], list[Coding]]
KINDS: tuple[DifferenceKind, ...] = ("boundary", "choice", "omission")


def find_differences(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str],
    *,
    transcripts: Iterable[str] | None = None,
    codes: Iterable[Code] | None = None,
    same: float | None = None,
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
    same
        The part of their union that agreed spans share; without it, that of the coding set's rule.
    """
    pair = pair_of(coders)
    found = _compared(codings, pair, transcripts, same)
    parents = parents_of(codings, codes)
    return tuple(
        difference
        for comparison in found
        for difference in typed_differences(comparison, pair, parents)
    )


def agreed(
    codings: CodingSet | Iterable[Coding],
    coders: Sequence[str],
    *,
    transcripts: Iterable[str] | None = None,
    same: float | None = None,
) -> tuple[tuple[Coding, Coding], ...]:
    """The pairs of codings that count as agreement: the same code on the same span, or nearly."""
    found = _compared(codings, pair_of(coders), transcripts, same)
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


@dataclass(frozen=True)
class Comparison:
    """One transcript: agreed pairs, boundary pairs, and what is left of each coder."""

    transcript: str
    agreed: tuple[tuple[Coding, Coding], ...]
    boundary: tuple[tuple[Coding, Coding], ...]
    left: tuple[tuple[Coding, ...], tuple[Coding, ...]]


def pair_of(coders: Sequence[str]) -> Coders:
    if isinstance(coders, str) or len(coders) != 2 or coders[0] == coders[1]:
        raise BadCommand("Differences are between two coders; name exactly two.")
    return coders[0], coders[1]


def order_of(given: Sequence[Coding], transcripts: Iterable[str] | None) -> list[str]:
    """Transcript ids in the order asked for; without one, as the codings bring them."""
    return list(
        dict.fromkeys(
            (coding.transcript for coding in given) if transcripts is None else transcripts
        )
    )


def teams_of(codings: object, shelf: Shelf) -> Teams:
    if isinstance(codings, CodingSet):
        return _by_transcript(codings.sealed), _by_transcript(codings.open)
    return _by_transcript((coder, transcript) for transcript, coder in shelf), {}


def _by_transcript(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    teams: dict[str, set[str]] = {}
    for coder, transcript in pairs:
        teams.setdefault(transcript, set()).add(coder)
    return teams


def team_of(teams: Teams, transcript: str, pair: Coders | None) -> tuple[str, ...]:
    """Who has completed this transcript: several to compare, one alone, or nobody yet.

    One coder stands alone only where no other has the transcript open.
    """
    done, waiting = (team.get(transcript, set()) - {CONSENSUS} for team in teams)
    if pair is not None:
        done, waiting = done & set(pair), waiting & set(pair)
    if len(done) == 1 and waiting:
        return ()
    return pair if pair is not None and len(done) == 2 else tuple(sorted(done))


def _compared(
    codings: CodingSet | Iterable[Coding],
    pair: Coders,
    transcripts: Iterable[str] | None,
    same: float | None,
) -> list[Comparison]:
    given = tuple(codings)
    same = rule_of(codings, same).same
    shelf = shelf_of(given)
    teams = teams_of(codings, shelf)
    return [
        compare(transcript, shelf, pair, same)
        for transcript in order_of(given, transcripts)
        if len(team_of(teams, transcript, pair)) == 2
    ]


def rule_of(codings: object, same: float | None = None) -> AgreedRule:
    """The rule of a coding set, or the usual one; ``same`` takes the place of its share."""
    rule = codings.rule if isinstance(codings, CodingSet) else AgreedRule()
    return rule if same is None else replace(rule, same=same)


def shelf_of(given: Iterable[Coding]) -> Shelf:
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
            span, quote = joined(before, coding)
            pieces = (*pieces_of(before), coding.id)
            result[at] = replace(before, span=span, quote=quote, came_from=pieces)
        else:
            last[coding.code] = len(result)
            result.append(coding)
    return result


def compare(transcript: str, shelf: Shelf, pair: Coders, same: float) -> Comparison:
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
    return Comparison(
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


def typed_differences(
    comparison: Comparison, pair: Coders, parents: Mapping[str, str | None]
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


def parents_of(codings: object, codes: Iterable[Code] | None) -> dict[str, str | None]:
    if codes is None:
        codes = codings.codes if isinstance(codings, CodingSet) else ()
    return {code.id: code.parent for code in codes}
