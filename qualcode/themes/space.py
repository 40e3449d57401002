"""The passages of a study side by side: transcripts in; passages, words and vectors out.

Everything that compares passages starts here: candidates, gaps in the codebook, more like this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualcode.errors import BadCommand, StillBlind
from qualcode.model import CONSENSUS, CodingSet, Transcript
from qualcode.spans import Span
from qualcode.themes.graph import Rows
from qualcode.themes.language import Word, language, spoken
from qualcode.themes.passages import SHORTEST, LeftOut, Passage, in_order, passages, split_short
from qualcode.themes.tongues import ENGLISH, Plain, mostly_english, warning_of
from qualcode.themes.vectors import MEANINGS, passage_vectors

FEWEST = 8
"""With fewer passages than this there is nothing to compare; below ``ENOUGH`` it is said."""
ENOUGH = 30


@dataclass(frozen=True)
class Space:
    """``units`` and, for each, its content words, its row of length one for grouping (mean taken
    off, the study's own vocabulary beside the meaning, what is one person's voice taken off) and
    its row of ``meaning`` alone. ``vectors`` and ``language`` name what made them, ``warning`` what
    they cannot do for these texts.
    """

    units: tuple[Passage, ...]
    words: tuple[tuple[Word, ...], ...]
    rows: Rows
    meaning: Rows
    left_out: tuple[LeftOut, ...]
    vectors: str
    language: str
    warning: str = ""

    @property
    def people(self) -> list[str]:
        return [unit.participant for unit in self.units]

    def places(self, numbers: Iterable[int]) -> tuple[tuple[str, Span], ...]:
        return tuple((self.units[n].transcript, self.units[n].span) for n in numbers)


def space_of(transcripts: Iterable[Transcript], *, seed: int = 1) -> Space:
    """The participants' passages that say enough to be compared.

    Raises
    ------
    BadCommand
        No participant speaks, or there are too few passages, or all say the same.
    """
    found = passages(in_order(transcripts))
    if not found:
        raise BadCommand(
            "There is no participant's turn in these transcripts, so there is nothing to group. "
            "Check that the speakers are marked as participants."
        )
    words, read = _read(found)
    numbers, left_out = split_short(found, words)
    units = tuple(found[number] for number in numbers)
    kept = tuple(words[number] for number in numbers)
    if len(units) < FEWEST:
        raise BadCommand(
            f"There is too little text for themes: {len(units)} passages of participants with at "
            f"least {SHORTEST} content words. {FEWEST} are the fewest; about {ENOUGH} are needed "
            "before they can be trusted."
        )
    if different(kept) < 2:
        raise BadCommand("All passages say the same words, so there is nothing to group.")
    tags = Counter(unit.language for unit in units)
    vectors = passage_vectors(
        [spoken(unit.text) for unit in units],
        [[w.lemma for w in row] for row in kept],
        [unit.participant for unit in units],
        seed=seed,
        meanings=MEANINGS if mostly_english(tags) else (),
    )
    warning = warning_of(tags)
    rows, meaning = vectors.rows, vectors.meaning
    return Space(units, kept, rows, meaning, left_out, vectors.name, read, warning)


def _read(found: Sequence[Passage]) -> tuple[list[tuple[Word, ...]], str]:
    """The content words of each passage, read by its language, and the name of what read them."""
    words: list[tuple[Word, ...]] = [()] * len(found)
    names = []
    for tag, _ in Counter(passage.language for passage in found).most_common():
        reader = language() if tag == ENGLISH else Plain(tag)
        names.append(reader.name)
        own = [number for number, passage in enumerate(found) if passage.language == tag]
        read = reader.words([found[number].text for number in own])
        for number, row in zip(own, read, strict=True):
            words[number] = row
    return words, "; ".join(names)


def different(words: Iterable[Sequence[Word]]) -> int:
    """How many passages differ in their words."""
    return len({tuple(word.lemma for word in row) for row in words})


def still_closed(transcripts: Iterable[Transcript], codings: CodingSet) -> tuple[Transcript, ...]:
    """The transcripts whose themes nobody may see yet: being coded, or never submitted."""
    being_coded = {transcript for _, transcript in codings.open}
    submitted = {transcript for _, transcript in codings.sealed}
    # Settled codings exist only where everybody has submitted.
    submitted |= {coding.transcript for coding in codings if coding.coder == CONSENSUS}
    return tuple(t for t in transcripts if t.id in being_coded or t.id not in submitted)


def require_sealed(transcripts: Sequence[Transcript], codings: object) -> None:
    """Refuse, in words, what would open before coding is sealed."""
    if not isinstance(codings, CodingSet):
        raise StillBlind(
            "Codings in a plain list carry no seals, so nobody can tell whether coding is "
            "finished. Hand over study.codings() as it is."
        )
    closed = still_closed(transcripts, codings)
    if closed:
        raise StillBlind(
            "Theme suggestions open when coding is sealed. Still to be submitted by everybody who "
            f"codes it: {listed([t.title for t in closed])}."
        )


def require_seed(seed: object) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise BadCommand("A seed is a whole number from 0 to 4294967295.")


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them, the first eight of many.

    >>> listed(["P01", "P03", "P05"])
    'P01, P03 and P05'
    """
    named = list(names) if len(names) <= 8 else [*names[:8], f"{len(names) - 8} more"]
    return " and ".join([*([", ".join(named[:-1])] if named[:-1] else []), named[-1]])
