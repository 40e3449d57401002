"""In which order interviews are taken for a saturation curve, and which codes each of them has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date

from qualcode.errors import BadCommand
from qualcode.model import Transcript
from qualcode.queries.corpus import Corpus
from qualcode.queries.saturation import Interview


def by_date(corpus: Corpus) -> tuple[Transcript, ...]:
    """The interviews by their day; those without one keep their place at the end."""
    return tuple(sorted(corpus.transcripts, key=lambda t: t.interview_date or Date.max))


def stated(corpus: Corpus, titles: str | Sequence[str]) -> tuple[Transcript, ...]:
    """The interviews in an order that somebody states: their titles, or a line each.

    Raises
    ------
    BadCommand
        A title is not there, is there twice, or one is left out.
    """
    names = titles.splitlines() if isinstance(titles, str) else list(titles)
    wanted = [" ".join(name.split()) for name in names if name.strip()]
    there = {" ".join(t.title.split()): t for t in corpus.transcripts}
    for name in wanted:
        if name not in there:
            raise BadCommand(
                f"There is no interview “{name[:60]}” to put in order; write its title."
            )
    if twice := [name for name in there if wanted.count(name) > 1]:
        raise BadCommand(f"{twice[0]} stands in the order twice; leave it once.")
    if left := [name for name in there if name not in wanted]:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        raise BadCommand(f"{left[0]}{more} is not in the order; every interview has its place.")
    return tuple(there[name] for name in wanted)


def codes_of(corpus: Corpus, order: Sequence[Transcript]) -> tuple[Interview, ...]:
    """For each interview, in order, the codes it has: leaves of the codebook, which can be put on
    text.
    """
    leaves = {code.id for code in corpus.leaves}
    held: dict[str, set[str]] = {t.id: set() for t in order}
    for coding in corpus.codings:
        if coding.code in leaves and coding.transcript in held:
            held[coding.transcript].add(coding.code)
    return tuple(frozenset(held[t.id]) for t in order)
