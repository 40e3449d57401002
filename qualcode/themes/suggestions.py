"""Theme candidates: transcripts and sealed codings in; suggestions for a person to judge out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, overload

import numpy as np

from qualcode.errors import BadCommand
from qualcode.model import CodingSet, ThemeCandidate, Transcript
from qualcode.themes import labels as naming
from qualcode.themes.clusters import SHARE, Together, one_thread, stabilities, usual_number
from qualcode.themes.codes import codes_of_passages, shares
from qualcode.themes.graph import Labels
from qualcode.themes.language import Word, noun_phrases, read
from qualcode.themes.passages import LONGEST, SHORTEST, LeftOut, Passage, in_order
from qualcode.themes.skimming import LightWords
from qualcode.themes.space import (
    ENOUGH,
    Space,
    listed,
    require_sealed,
    require_seed,
    space_of,
)
from qualcode.themes.tongues import ENGLISH
from qualcode.themes.work import Cancelled, Progress, Work, work

RESAMPLES = 60
View = Literal["coarse", "medium", "fine"]
EDGE = 2
"""How many passages of a candidate's edge are shown."""
SMALLEST = 3
"""Fewer passages than this do not make a candidate."""
NAMED_BY = 3000
"""With very many passages the groups are named by so many of their typical ones, in all."""
PARSED = 6
"""Of how many passages of each fine group noun phrases are looked up."""


@dataclass(frozen=True)
class ThemeSuggestions(Sequence[ThemeCandidate]):
    """Candidates for a person to judge, and how they came about.

    ``candidates`` is the medium view; each stands whole inside one of ``coarse``, and holds some
    of ``fine`` (``within`` names the candidate that holds it). They stand with those of most
    people first; the passages of each, the most typical first.
    ``units`` are all passages compared, ``left_out`` those in no candidate. ``language`` and
    ``vectors`` name what ran, ``parameters`` is what the run can be repeated from, ``warning``
    what a reader must know before trusting it (empty when nothing), ``where`` on what it was
    computed, which makes no difference to the rest.
    """

    candidates: tuple[ThemeCandidate, ...]
    units: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...]
    language: str
    vectors: str
    parameters: Mapping[str, str | int | float | None]
    warning: str = ""
    coarse: tuple[ThemeCandidate, ...] = ()
    fine: tuple[ThemeCandidate, ...] = ()
    where: str = field(default="this machine", compare=False)

    def view(self, name: View) -> tuple[ThemeCandidate, ...]:
        """The candidates of the coarse, the medium or the fine view."""
        return {"coarse": self.coarse, "medium": self.candidates, "fine": self.fine}[name]

    @overload
    def __getitem__(self, index: int) -> ThemeCandidate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ThemeCandidate, ...]: ...
    def __getitem__(self, index: int | slice) -> ThemeCandidate | tuple[ThemeCandidate, ...]:
        return self.candidates[index]

    def __len__(self) -> int:
        return len(self.candidates)

    @property
    def sentence(self) -> str:
        """How the candidates were made, for the methods section of a report."""
        p = self.parameters
        near = f"passages in {p['bundles']} bundles" if p["bundles"] else "passages"
        return (
            f"Theme candidates were suggested by machine from {p['passages']} passages of "
            f"{p['participants']} participants ({len(self.left_out)} left out): {self.vectors}, "
            f"a graph of near {near} cut on {p['resamples']} random draws of {SHARE:.0%} of "
            f"them, and cut again by how often neighbours fell together (seed {p['seed']}); "
            f"{len(self)} candidates were proposed for people to judge."
        )

    @property
    def people(self) -> tuple[str, ...]:
        """All whose passages were compared: the N of whom a candidate has n."""
        return tuple(sorted({unit.participant for unit in self.units}))

    def __str__(self) -> str:
        rows = [f"{c.number}. {c.label} ({_counted(c)})" for c in self]
        return "\n".join([*rows, *([self.warning] if self.warning else [])])


def suggest_themes(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    *,
    clusters: int | None = None,
    seed: int = 1,
    resamples: int = RESAMPLES,
    dask: str | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ThemeSuggestions:
    """Group the participants' passages into theme candidates; nothing is written anywhere.

    Parameters
    ----------
    transcripts
        The interviews to look through; their order makes no difference.
    codings
        The study's codings with their seals, as ``study.codings()`` gives them.
    clusters
        How many candidates to look for; without it half the root of the number of passages.
    seed
        The same seed gives the same answer.
    resamples
        How many random draws of the passages are grouped.
    dask
        The address of a running Dask cluster that does the heavy steps, as
        ``tcp://127.0.0.1:8786``; without it the environment variable ``QUALCODE_DASK`` names one,
        or this machine does them. The answer is the same. Participants' words go to its workers.
    folder
        Where to keep finished parts of the work, so that a run that was stopped goes on from
        them; they hold words of the texts. Without it nothing is written.
    progress
        Called with the name of a step (a key of ``qualcode.themes.STEPS``), how many of its parts
        are done, and of how many.
    cancelled
        Asked between parts; where it answers True the search ends with ``Stopped``.

    Raises
    ------
    StillBlind
        A transcript is not submitted by everybody who codes it, or by nobody at all.
    BadCommand
        There is too little text, or a number makes no sense.
    NoCluster
        The Dask cluster cannot be reached, is gone, or would give another answer.
    Stopped
        ``cancelled`` answered True.
    """
    texts = in_order(transcripts)
    require_sealed(texts, codings)
    require_seed(seed)
    require_resamples(resamples)
    with (
        one_thread(),
        work(dask=dask, folder=folder, progress=progress, cancelled=cancelled) as at,
    ):
        space = space_of(texts, seed=seed, work=at)
        carried = codes_of_passages(space.units, codings)
        return suggested(
            space,
            carried,
            clusters=clusters,
            seed=seed,
            resamples=resamples,
            work=at,
            transcripts=texts,
        )


def suggested(
    space: Space,
    carried: Sequence[frozenset[str]],
    *,
    clusters: int | None,
    seed: int,
    resamples: int,
    work: Work,
    transcripts: Sequence[Transcript] = (),
) -> ThemeSuggestions:
    """The candidates of passages whose vectors stand; ``carried`` are the codes on each.

    ``transcripts`` are those the passages are from; rows of a table are from none.
    """
    wanted = _checked(clusters, space)
    together = Together(space.rows, wanted, seed=seed, resamples=resamples, work=work)
    work.check()
    medium = together.groups(wanted)
    coarse = together.coarser(medium, max(2, round(wanted / 2)))
    fine = together.finer(medium, min(2 * wanted, len(space.units)))
    work.check()
    named_by = _named_by(space, together, fine, work)
    wording = wording_of(transcripts, space, fine, work=work)
    views: dict[View, _Seen] = {}
    cuts: dict[View, Labels] = {"coarse": coarse, "medium": medium, "fine": fine}
    for view, groups in cuts.items():
        work.check()
        above = next(reversed(views.values()), None)
        views[view] = _view(space, carried, together, groups, above, named_by, wording)
    return ThemeSuggestions(
        candidates=views["medium"].candidates,
        coarse=views["coarse"].candidates,
        fine=views["fine"].candidates,
        units=space.units,
        left_out=space.left_out + _alone(space.units, medium, views["medium"].kept),
        language=space.language,
        vectors=space.vectors,
        parameters={
            "method": "sparse consensus",
            "clusters": wanted,
            "seed": seed,
            "resamples": resamples,
            "share": SHARE,
            "vectors": space.vectors,
            "language": space.language,
            "shortest": SHORTEST,
            "longest": LONGEST,
            "passages": len(space.units),
            "participants": len(set(space.people)),
            "bundles": len(together.weights) if together.bundled else None,
        },
        warning=_warning(transcripts, space),
        where=work.where,
    )


def _named_by(space: Space, together: Together, fine: Labels, work: Work) -> _Named:
    """By what all views are named: all passages, or of very many some of the more typical half of
    each fine group, read whole."""
    if not space.many:
        return _Named(range(len(space.units)), space.words)
    belonging = together.of_passages(fine)
    groups = belonging.shape[1]
    each = max(EDGE, NAMED_BY // groups)
    numbers: list[int] = []
    for group in range(groups):
        ordered = naming.typical_first(space.rows, belonging, fine, group)
        half = ordered[: max(each, -(-len(ordered) // 2))]
        # Evenly over that half: the very most typical are often one sentence again and again.
        places = np.linspace(0, len(half) - 1, min(each, len(half))).round().astype(int)
        numbers += [half[place] for place in places.tolist()]
    numbers.sort()
    if not isinstance(space.words, LightWords):
        return _Named(numbers, [space.words[number] for number in numbers])
    return _Named(numbers, read([space.texts[number] for number in numbers], work, "naming"))


@dataclass(frozen=True)
class _Named:
    """Passages by their numbers, and their content words."""

    numbers: Sequence[int]
    words: Sequence[Sequence[Word]]


@dataclass(frozen=True)
class _Seen:
    """A view: its candidates, the groups that became one, in their order, and all groups."""

    candidates: tuple[ThemeCandidate, ...]
    kept: Sequence[int]
    groups: Labels


def _view(
    found: Space,
    carried: Sequence[frozenset[str]],
    together: Together,
    groups: Labels,
    above: _Seen | None,
    named_by: _Named,
    wording: naming.Wording,
) -> _Seen:
    """The groups as candidates, those of most people first; too small ones are none."""
    people = found.people
    belonging = together.of_passages(groups)
    stable = stabilities(belonging, groups)
    ordered = [
        naming.typical_first(found.rows, belonging, groups, group) for group in range(len(stable))
    ]
    kept = [group for group in range(len(stable)) if len(ordered[group]) >= SMALLEST]
    kept.sort(
        key=lambda g: (-len({people[n] for n in ordered[g]}), -len(ordered[g]), min(ordered[g]))
    )
    own = [people[number] for number in named_by.numbers]
    inside = groups[np.asarray(named_by.numbers)]
    names = naming.names_of_groups(named_by.words, own, inside, wording, kept)

    def holder(group: int) -> int:
        if above is None:
            return 0
        inside = int(above.groups[ordered[group][0]])
        return above.kept.index(inside) + 1 if inside in above.kept else 0

    candidates = tuple(
        candidate_of(
            number, found, carried, ordered[group], names[group], stable[group], holder(group)
        )
        for number, group in enumerate(kept, start=1)
    )
    return _Seen(candidates, kept, groups)


def one_voice(candidate: ThemeCandidate) -> bool:
    """True where all passages are one person's: a case rather than a theme."""
    return len(candidate.participants) == 1


def _checked(clusters: int | None, space: Space) -> int:
    """How many groups to look for, or the sentence that says why none can be."""
    passages, most = len(space.units), space.different
    if clusters is None:
        return min(usual_number(passages), most)
    if isinstance(clusters, bool) or not isinstance(clusters, int) or clusters < 2:
        raise BadCommand(f"“{clusters}” is not a number of candidates: ask for two or more.")
    if clusters > min(passages // SMALLEST, most):
        raise BadCommand(
            f"{clusters} candidates are too many for {passages} passages: ask for at most "
            f"{max(2, min(passages // SMALLEST, most))}."
        )
    return clusters


def require_resamples(resamples: object) -> None:
    if isinstance(resamples, bool) or not isinstance(resamples, int) or not 10 <= resamples <= 2000:
        raise BadCommand("The number of random draws is between 10 and 2000.")


def candidate_of(
    number: int,
    space: Space,
    carried: Sequence[frozenset[str]],
    ordered: Sequence[int],
    name: naming.Name,
    stability: float,
    within: int = 0,
) -> ThemeCandidate:
    """A candidate from the numbers of its passages, the most typical first."""
    people, texts = space.people, space.texts
    typical = naming.quotes(ordered, people, texts)
    rest = [n for n in reversed(ordered) if n not in typical]
    return ThemeCandidate(
        number=number,
        label=name.label,
        terms=name.terms,
        passages=space.places(ordered),
        quotes=space.places(typical),
        participants=tuple(sorted({people[n] for n in ordered})),
        codes=shares(ordered, carried),
        stability=round(stability, 4),
        edge=space.places(naming.quotes(rest, people, texts, EDGE)),
        within=within,
        why=name.why,
    )


def wording_of(
    transcripts: Sequence[Transcript], space: Space, groups: Labels, *, work: Work | None = None
) -> naming.Wording:
    """What may name a candidate: noun phrases of the groups' passages, nobody's name, no title."""
    middle = [
        number
        for group in range(int(groups.max()) + 1)
        for number in naming.central(space.rows, np.flatnonzero(groups == group))[:PARSED]
    ]
    private: set[str] = set()
    for transcript in transcripts:
        speakers = {turn.speaker for turn in transcript.turns}
        for name in {transcript.title, transcript.person, *speakers} - {""}:
            told = " ".join(name.casefold().split())
            private |= {told, *told.split(), *re.findall(r"[^\W\d_]{2,}", told)}
    said = [space.texts[n] for n in middle if space.units[n].language == ENGLISH]
    found = noun_phrases(said, work or Work())
    counted = "typical passages" if space.many else "passages"
    return naming.Wording(found, private, counted)


def _alone(units: Sequence[Passage], groups: Labels, kept: Collection[int]) -> tuple[LeftOut, ...]:
    reason = f"falls together with fewer than {SMALLEST - 1} other passages"
    kept = frozenset(kept)
    return tuple(
        LeftOut(unit.transcript, unit.span, reason)
        for unit, group in zip(units, groups.tolist(), strict=True)
        if group not in kept
    )


def _warning(transcripts: Sequence[Transcript], space: Space) -> str:
    """What a reader must know before trusting the candidates."""
    units, short = space.units, len(space.left_out)
    said: list[str] = [space.warning] if space.warning else []
    if 3 * short >= len(units) + short:
        said.append(
            f"{short} of {len(units) + short} passages say too little to be compared; they are "
            "listed, and in no candidate."
        )
    if len(units) < ENOUGH:
        said.append(
            f"These candidates rest on {len(units)} passages; with fewer than about {ENOUGH} they "
            "are a hint and no more."
        )
    if len({unit.participant for unit in units}) == 1:
        said.append("All passages are one participant's, so every candidate is one voice.")
    heard = {unit.transcript for unit in units}
    silent = [t.title for t in transcripts if t.id not in heard]
    if silent:
        said.append(f"No passage of a participant was long enough in {listed(silent)}.")
    return " ".join(said)


def _counted(candidate: ThemeCandidate) -> str:
    who = "one voice" if one_voice(candidate) else f"{len(candidate.participants)} participants"
    return f"{len(candidate.passages)} passages, {who}, stability {candidate.stability:.2f}"
