"""The passages of a study side by side: transcripts in; passages, words and vectors out.

Everything that compares passages starts here: candidates, gaps in the codebook, more like this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qualcode.errors import BadCommand, StillBlind
from qualcode.model import CONSENSUS, CodingSet, Transcript
from qualcode.spans import Span
from qualcode.themes.graph import Rows
from qualcode.themes.language import Word, language, read, spoken
from qualcode.themes.passages import SHORTEST, LeftOut, Passage, in_order, passages, split_short
from qualcode.themes.skimming import A_PART as A_LIGHT_PART
from qualcode.themes.skimming import LEARNED, LightWords, learn, light_part
from qualcode.themes.tongues import ENGLISH, Plain, mostly_english, warning_of
from qualcode.themes.vectors import MEANINGS, StaticTable, passage_vectors, without_voice
from qualcode.themes.work import Work

MANY = 5000
"""With more passages than this the sentence model and the full reading of every word would take
hours for a survey, so that the table of word vectors and a learned table of words do it."""
FEWEST = 8
"""With fewer passages than this there is nothing to compare; below ``ENOUGH`` it is said."""
ENOUGH = 30


@dataclass(frozen=True)
class Space:
    """``units`` and, for each, its content words, its row of length one for grouping (mean taken
    off, the study's own vocabulary beside the meaning, what is one person's voice taken off) and
    its row of ``meaning`` alone.

    ``vectors`` and ``language`` name what made rows and words, ``warning`` what they cannot do for
    these texts; ``many`` tells that there were too many for a model to read each, ``counted`` how
    many differ in their words, where that is known beforehand.
    """

    units: tuple[Passage, ...]
    words: Sequence[Sequence[Word]]
    rows: Rows
    meaning: Rows
    left_out: tuple[LeftOut, ...]
    vectors: str
    language: str
    warning: str = ""
    many: bool = False
    counted: int = 0

    @cached_property
    def different(self) -> int:
        """How many passages differ in their words."""
        return self.counted or different(self.words)

    @cached_property
    def people(self) -> list[str]:
        return [unit.participant for unit in self.units]

    @cached_property
    def texts(self) -> list[str]:
        return [unit.text for unit in self.units]

    def places(self, numbers: Iterable[int]) -> tuple[tuple[str, Span], ...]:
        return tuple((self.units[n].transcript, self.units[n].span) for n in numbers)


def space_of(
    transcripts: Iterable[Transcript], *, seed: int = 1, work: Work | None = None
) -> Space:
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
    return space_of_passages(found, seed=seed, work=work)


def space_of_passages(
    found: Sequence[Passage], *, seed: int = 1, work: Work | None = None
) -> Space:  # fmt: skip
    """Those of the passages that say enough to be compared; the others are told with the reason."""
    work = work or Work()
    # Other languages are read by rules, which cost little: then every passage can be.
    light = len(found) > MANY and mostly_english(Counter(unit.language for unit in found))
    return (_light if light else _whole)(found, seed, work)


def _whole(found: Sequence[Passage], seed: int, work: Work) -> Space:
    """Every passage read by the language model, and its vector by the best tier there is."""
    words, reader = _read(found, work)
    numbers, left_out = split_short(found, map(len, words))
    units = tuple(found[number] for number in numbers)
    kept = tuple(words[number] for number in numbers)
    _require_enough(len(units), varied := different(kept))
    tags = Counter(unit.language for unit in units)
    vectors = passage_vectors(
        [spoken(unit.text) for unit in units],
        [[w.lemma for w in row] for row in kept],
        [unit.participant for unit in units],
        seed=seed,
        meanings=MEANINGS if mostly_english(tags) else (),
        work=work,
    )
    return Space(
        units=units,
        words=kept,
        rows=vectors.rows,
        meaning=vectors.meaning,
        left_out=left_out,
        vectors=vectors.name,
        language=reader,
        counted=varied,
        many=len(found) > MANY,
        warning=warning_of(tags),
    )


def _light(found: Sequence[Passage], seed: int, work: Work) -> Space:
    """A draw of the passages read by the language model, all of them by what that taught."""
    texts = [passage.text for passage in found]
    table = StaticTable()
    learned = learn(texts, seed=seed, work=work, tier=table if table([]) is not None else None)
    parts = [
        tuple(texts[first : first + A_LIGHT_PART]) for first in range(0, len(texts), A_LIGHT_PART)
    ]
    given = work.each("vectors", light_part, parts, learned.plain)
    counts, same, rows = (np.concatenate(column) for column in zip(*given, strict=True))
    del given
    numbers, left_out = split_short(found, counts.tolist())
    units = tuple(found[number] for number in numbers)
    _require_enough(len(units), varied := len(np.unique(same[numbers])))
    rows = rows[numbers]
    ran = f"{learned.meaning} and TF-IDF LSA" if learned.meaning else "TF-IDF LSA"
    drawn = min(LEARNED, len(found))
    return Space(
        units=units,
        words=LightWords([unit.text for unit in units], learned.words),
        rows=without_voice(rows, [unit.participant for unit in units]),
        meaning=rows,
        left_out=left_out,
        vectors=f"{ran} (more than {MANY:,} passages: too many for the sentence model)",
        language=f"{language().name} for up to {drawn:,} passages, what it taught for the others",
        counted=varied,
        many=True,
        warning=warning_of(Counter(unit.language for unit in units)),
    )


def _require_enough(passages: int, varied: int) -> None:
    if passages < FEWEST:
        raise BadCommand(
            f"There is too little text for themes: {passages} passages of participants with at "
            f"least {SHORTEST} content words. {FEWEST} are the fewest; about {ENOUGH} are needed "
            "before they can be trusted."
        )
    if varied < 2:
        raise BadCommand("All passages say the same words, so there is nothing to group.")


def _read(found: Sequence[Passage], work: Work) -> tuple[list[tuple[Word, ...]], str]:
    """The content words of each passage, read by its language, and the name of what read them."""
    words: list[tuple[Word, ...]] = [()] * len(found)
    names = []
    for tag, _ in Counter(passage.language for passage in found).most_common():
        own = [number for number, passage in enumerate(found) if passage.language == tag]
        texts = [found[number].text for number in own]
        work.check()
        by_rules = None if tag == ENGLISH else Plain(tag)
        names.append(by_rules.name if by_rules else language().name)
        rows = by_rules.words(texts) if by_rules else read(texts, work)
        for number, row in zip(own, rows, strict=True):
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
