"""More like this, asked again after every few answers: one reading of the texts, many rankings."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from qualcode.errors import BadCommand
from qualcode.model import Coding, Transcript
from qualcode.themes.clusters import one_thread
from qualcode.themes.codes import codes_of_passages
from qualcode.themes.passages import in_order
from qualcode.themes.similar import FEWEST_EXAMPLES, Likeness, Place, Ranking
from qualcode.themes.space import space_of
from qualcode.themes.work import Cancelled, Progress, Work


class Learner:
    """The passages of some transcripts, ready to be ranked for any code and any answers."""

    def __init__(
        self,
        transcripts: Iterable[Transcript],
        *,
        seed: int = 1,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> None:
        with one_thread():
            at = Work(progress=progress, cancelled=cancelled)
            self.space = space_of(in_order(transcripts), seed=seed, work=at)
            self._ranking = Ranking(self.space)
        self._seed = seed

    def ranked(
        self,
        codings: Iterable[Coding],
        code: str,
        *,
        name: str = "",
        rejected: Collection[Place] = (),
        within: Collection[str],
    ) -> tuple[Likeness, ...]:
        """Passages of the transcripts ``within`` that lack the code, the most alike first.

        Raises
        ------
        BadCommand
            The code has fewer than two passages to learn from.
        """
        space = self.space
        carried = codes_of_passages(space.units, codings)
        examples = [number for number, codes in enumerate(carried) if code in codes]
        if len(examples) < FEWEST_EXAMPLES:
            raise BadCommand(
                f"“{name or code}” stands on too few passages to learn from: code at least "
                f"{FEWEST_EXAMPLES} passages with it first."
            )
        refused = set(rejected)
        against = [n for n, u in enumerate(space.units) if (u.transcript, u.span) in refused]
        with one_thread():
            order = self._ranking.scores(examples, against, name=name, seed=self._seed)
        taken, open_ = {*examples, *against}, set(within)
        numbers = sorted(
            (n for n, u in enumerate(space.units) if n not in taken and u.transcript in open_),
            key=lambda n: (-round(float(order[n]), 9), n),
        )
        alike = np.round(space.meaning @ space.meaning[examples].T, 4)
        found = []
        for number in numbers:
            nearest = space.units[examples[int(alike[number].argmax())]]
            found.append(
                Likeness(
                    space.units[number],
                    round(float(order[number]), 4),
                    (nearest.transcript, nearest.span),
                    float(alike[number].max()),
                )
            )
        return tuple(found)
