"""Consensus codings: what the coders made in, one coding out that knows where it came from."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qualcode.model import CONSENSUS, Coding
from qualcode.spans import Span


def joined(first: Coding, second: Coding) -> tuple[Span, str]:
    """Two overlapping codings' span and words; the first starts first."""
    if second.span.end <= first.span.end:
        return first.span, first.quote
    quote = first.quote + second.quote[first.span.end - second.span.start :]
    return Span(first.span.start, second.span.end), quote


def pieces_of(coding: Coding) -> tuple[str, ...]:
    """Ids of the coders' own codings behind this one."""
    made_of_others = coding.coder == CONSENSUS or coding.id in coding.came_from
    return coding.came_from if made_of_others else (coding.id,)


def sources_of(codings: Iterable[Coding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for coding in codings for id in pieces_of(coding)))


def settled_coding(
    transcript: str, code: str, span: Span, quote: str, sources: Sequence[Coding]
) -> Coding:
    """A consensus coding whose id follows from what it says and where it came from."""
    came_from = tuple(sorted(sources_of(sources)))
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


def union(codings: Sequence[Coding]) -> Coding:
    """One consensus coding over overlapping codings of one code."""
    ordered = sorted(codings, key=lambda coding: coding.span)
    whole = ordered[0]
    for coding in ordered[1:]:
        span, quote = joined(whole, coding)
        whole = replace(whole, span=span, quote=quote)
    return settled_coding(whole.transcript, whole.code, whole.span, whole.quote, codings)


def merged(kept: Iterable[Coding]) -> list[Coding]:
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
        result += [group[0] if len(group) == 1 else union(group) for group in groups]
    return result
