"""Recoding one study: what each coder is asked after a change of the codebook, and their answers.

First codings stay as they were submitted; answers are a layer of their own, and what a layer is
under a version is worked out from both (``qualcode.recoding``). Where the round says so, nobody
sees what another has answered before everybody has handed in; the lead sees how far each one is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import AlreadyInStudy, BadCoding, BadCommand, NotAllowed, NotInStudy
from qualcode.model import (
    MAIN,
    Assignment,
    Code,
    Coding,
    CodingSet,
    Decision,
    Round,
    new_id,
)
from qualcode.recoding import (
    OF_THE_LEAD,
    LayerOf,
    Recoded,
    Recoding,
    Step,
    Task,
    recode,
    standing,
    to_check,
)
from qualcode.spans import Span
from qualcode.store import history
from qualcode.store.access import READERS_OF_CODINGS, may_read_codings, require
from qualcode.store.answers import recoding, recoding_row
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.model import AgreedRule
    from qualcode.store.layers import Layers
    from qualcode.store.ledger import Ledger
    from qualcode.store.rounds import Rounds
    from qualcode.store.shelf import Shelf

IN_SIGHT = "recoded in sight of each other"


@dataclass(frozen=True)
class RecodeProgress:
    """How far a coder is with what a version asks; ``done`` is None where it is not told."""

    coder: str
    total: int
    done: int | None
    handed_in: bool


@dataclass(frozen=True)
class _Whole:
    """Every submitted layer of a round under one version, whoever may see it."""

    recoded: Recoded
    bases: Mapping[LayerOf, str]
    answers: tuple[Recoding, ...]
    finished: Mapping[str, bool]
    """Coders who are asked something → whether they have answered all and handed it in."""

    @property
    def is_open(self) -> bool:
        """Whether all who were asked have handed in."""
        return all(self.finished.values())


class Recodings(Opened):
    """What a study can do about recoding."""

    _rounds: Rounds
    _layers: Layers
    _ledger: Ledger
    _shelf: Shelf

    if TYPE_CHECKING:

        def _hidden(self) -> frozenset[str]: ...

    # -- what is asked -------------------------------------------------------------------------

    def recode_tasks(self, *, round: str = MAIN) -> tuple[Task, ...]:
        """What the newest version asks of the coder in this seat, answered or not, in the order of
        the texts; of everybody, for who may read results that are open.
        """
        held = self._rounds.round(round)
        whole = self._whole(held, self._rounds.newest())
        if whole is None:
            return ()
        opened = self._results_open(held, whole)
        order = {place: number for number, place in enumerate(self._shelf.titles())}
        return tuple(
            sorted(
                (
                    task
                    for task in whole.recoded.tasks
                    if task.coder == self._own_name()
                    or (opened and self._reads(held, task.coder, task.transcript))
                    if self._reads(held, task.coder, task.transcript)
                ),
                key=lambda t: (
                    order.get(t.transcript, -1),
                    t.kind == "look",
                    t.coding.span if t.coding else Span(0, 1),
                    t.code,
                ),
            )
        )

    def recode_progress(self, *, round: str = MAIN) -> tuple[RecodeProgress, ...]:
        """How far each coder is: for the lead who does not code in numbers, for a coder in numbers
        for themselves and of others whether they have handed in.
        """
        held = self._rounds.round(round)
        whole = self._whole(held, self._rounds.newest())
        if whole is None or not self._may_follow():
            return ()
        seat = self.seat
        sees_all = seat is None or (seat.is_lead and not seat.is_coder)
        closed = self._rounds.sight(held).closed
        found = []
        order = [
            row["name"] for row in self._db.query("SELECT name FROM members ORDER BY position")
        ]
        for coder in sorted(whole.finished, key=order.index):
            mine = coder == self._own_name()
            tasks = [
                task
                for task in whole.recoded.tasks
                if task.coder == coder and (mine or task.transcript in closed)
            ]
            if tasks:
                done = sum(not task.is_open for task in tasks) if sees_all or mine else None
                found.append(RecodeProgress(coder, len(tasks), done, whole.finished[coder]))
        return tuple(found)

    def stale(self, *, round: str = MAIN) -> dict[str, int]:
        """Transcripts that are not current, of those open to this seat: id → how many of its tasks
        have no answer that this seat may know of.
        """
        held = self._rounds.round(round)
        whole = self._whole(held, self._rounds.newest())
        if whole is None:
            return {}
        closed = self._rounds.sight(held).closed
        opened = self._results_open(held, whole)
        found: dict[str, int] = {}
        for task in whole.recoded.tasks:
            mine = task.coder == self._own_name()
            if task.transcript not in closed and not mine:
                continue
            pending = task.is_open or not whole.finished[task.coder]
            told = task.is_open if mine or opened else True
            if pending or not whole.is_open:
                found[task.transcript] = found.get(task.transcript, 0) + told
        return found

    def recodings(self, *, round: str = MAIN) -> tuple[Recoding, ...]:
        """What was answered, oldest first: one's own, and everybody's where results are open."""
        held = self._rounds.round(round)
        opened = self._open_versions(held)
        return tuple(
            said
            for said in self._answers(held.id)
            if (said.made_by == self.who or said.version in opened)
            and (not said.transcript or self._reads(held, said.coder, said.transcript))
            and (said.transcript or said.made_by == self.who or self._may_follow())
        )

    # -- layers --------------------------------------------------------------------------------

    def codings_at(self, version: str = "", *, round: str = MAIN) -> CodingSet:
        """The codings of a round as they stand under a version, the newest without one.

        A layer is ``sealed`` in it when nothing that the version asks of it is open and its coder
        has handed in; another's layer with open results is not in it. What was answered in sight
        of others' answers is told in ``not_blind``.
        """
        held = self._rounds.round(round)
        version = version or self._rounds.newest()
        whole = self._whole(held, version, always=True)
        if whole is None:
            return CodingSet(rule=self._rule())
        opened = self._results_open(held, whole)
        asked = {(task.coder, task.transcript) for task in whole.recoded.tasks}
        waiting = {(task.coder, task.transcript) for task in whole.recoded.open}
        visible = {
            layer
            for layer in whole.bases
            if self._reads(held, *layer)
            and (layer not in asked or opened or layer[0] == self._own_name())
        }
        sealed = frozenset(
            layer
            for layer in visible
            if layer not in waiting and (layer not in asked or whole.finished[layer[0]])
        )
        marks = {a.transcript: a.not_blind for a in self._given(held) if a.not_blind}
        for said in standing(whole.answers):
            if not said.blind and said.transcript and said.outcome not in OF_THE_LEAD:
                marks.setdefault(said.transcript, IN_SIGHT)
        allocated = {
            made for said in whole.answers if said.outcome == "allocate" for made in [said.coding]
        }
        return CodingSet(
            codings=tuple(
                coding
                for coding in self._ordered(whole.recoded.codings)
                if (coding.coder, coding.transcript) in visible
                and not allocated & {*coding.came_from}
            ),
            sealed=sealed,
            open=frozenset(layer for layer in whole.bases if self._reads(held, *layer)) - sealed,
            codes=self._book(version),
            not_blind=marks,
            rule=self._rule(),
        )

    def codings_by_version(self, *, round: str = MAIN) -> tuple[tuple[str, CodingSet], ...]:
        """The layers of a round under each version that asked anything of them, and under the
        first one that anything was coded under; oldest first, none where nothing was asked.
        """
        held = self._rounds.round(round)
        names = [row["version"] for row in self._versions()]
        if not names or not self._asks(held, names[-1], names):
            return ()
        coded = {coding.codebook_version for coding in self._layers.codings(None, None, held.id)}
        first = min((names.index(name) for name in coded if name in names), default=len(names))
        asking = {
            names.index(step.version)
            for step in self.codebook_changes()  # type: ignore[attr-defined]
            if step.effect != "none"
        }
        wanted = [n for n in range(first, len(names)) if n == first or n in asking]
        return tuple((names[n], self.codings_at(names[n], round=held.id)) for n in wanted)

    def current_codings(self) -> CodingSet:
        """The main round as it is settled: under the newest version where a transcript is current,
        and as it was first coded where it is not yet.
        """
        first = self._layers.codings(None, None, MAIN)
        held, newest = self._rounds.round(MAIN), self._rounds.newest()
        names = [row["version"] for row in self._versions()]
        reads_only = self.seat is not None and self.seat.reads_only_results
        if reads_only:
            return first
        first = replace(first, codes=self._book(newest)) if newest else first
        if not self._asks(held, newest, names):
            return first
        now = self.codings_at(newest)
        behind = {place for _, place in first.sealed - now.sealed}
        current = {place for _, place in first.sealed} - behind
        kept = [c for c in first if c.transcript not in current]
        return replace(
            first,
            codings=tuple(self._ordered([*kept, *(c for c in now if c.transcript in current)])),
        )

    def current_decisions(self) -> tuple[Decision, ...]:
        """The decisions as they hold for :meth:`current_codings`: a merged code is the one it went
        into; what was decided for a code that has changed since, and that no coder has confirmed
        there, counts as open again.
        """
        decisions = self._ledger.decisions()
        held, newest = self._rounds.round(MAIN), self._rounds.newest()
        names = [row["version"] for row in self._versions()]
        if not decisions or not self._asks(held, newest, names):
            return decisions
        codings = self.current_codings()
        waiting = self.stale()
        there = {(id, c.code) for c in codings for id in (c.id, *c.came_from)}
        steps = [s for s in self.codebook_changes() if s.effect != "none"]  # type: ignore[attr-defined]
        return tuple(
            decision
            if decision.transcript in waiting
            else _carried_decision(
                decision,
                [s for s in steps if names.index(s.version) > names.index(decision.version)]
                if decision.version in names
                else steps,
                there,
            )
            for decision in decisions
        )

    def to_check(self, *, round: str = MAIN) -> tuple[tuple[Coding, ...], tuple[Coding, ...]]:
        """For the lead, once results are open: the part of the codings moved by a merge that is
        looked at, and those kept out with a retired code; both as they were made.
        """
        require(self.seat, "check what was merged")
        held = self._rounds.round(round)
        whole = self._whole(held, self._rounds.newest())
        if whole is None or not self._results_open(held, whole):
            return (), ()

        def seen(codings: Iterable[Coding]) -> tuple[Coding, ...]:
            return tuple(c for c in codings if self._reads(held, c.coder, c.transcript))

        return to_check(seen(whole.recoded.moved)), seen(self._ordered(whole.recoded.kept_out))

    # -- answers -------------------------------------------------------------------------------

    def set_recode_blind(self, blind: bool, *, round: str = MAIN) -> None:
        """Whether coders are kept from each other's answers until all have handed in."""
        require(self.seat, "say how a round is recoded")
        with self._writing():
            held = self._rounds.round(round)
            if held.recode_blind == blind:
                return
            begun = any(said.version == self._rounds.newest() for said in self._answers(held.id))
            if blind and begun:
                raise NotAllowed(
                    "Recoding has begun in sight of each other; from the next codebook version on "
                    "it can be blind again."
                )
            with self._change("recode_blind", held.id) as details:
                self._db.execute(
                    "UPDATE rounds SET recode_blind = ? WHERE id = ?", [int(blind), held.id]
                )
                details |= {"round": held.id, "blind": blind}

    def recode(self, *answers: Recoding) -> None:
        """Keep answers to open tasks of the coder in this seat, all of them or none."""
        coder = self._layers._coder()
        with self._writing():
            for answer in answers:
                held = self._rounds.round(answer.round)
                task = self._task(held, coder, answer)
                self._append(
                    replace(
                        answer,
                        coder=coder,
                        transcript=task.transcript,
                        version=task.version,
                        blind=held.recode_blind,
                    )
                )

    def undo_recoding(self, answer: str, *, round: str = MAIN) -> None:
        """Take an answer of one's own back, until it is handed in."""
        with self._writing():
            held = self._rounds.round(round)
            said = {r.id: r for r in standing(self._answers(held.id))}.get(answer)
            if said is None or said.made_by != self.who or said.outcome == "submit":
                raise NotInStudy("This answer of yours does not stand; look at the queue again.")
            if said.version != self._rounds.newest():
                raise NotAllowed(
                    "The codebook has moved on since; say under its new version what is right now."
                )
            self._append(
                replace(said, outcome="undone", undoes=said.id, id=new_id(), quote="", span=None)
            )

    def submit_recoding(self, *, round: str = MAIN) -> None:
        """Hand in one's answers to the newest version: from here on they stay."""
        coder = self._layers._coder()
        with self._writing():
            held = self._rounds.round(round)
            whole = self._whole(held, self._rounds.newest())
            tasks = [t for t in whole.recoded.tasks if t.coder == coder] if whole else []
            if not tasks or whole is None:
                raise BadCommand("Nothing is asked of you under this codebook version.")
            if left := sum(task.is_open for task in tasks):
                raise BadCommand(
                    f"{left} of your {len(tasks)} tasks {'is' if left == 1 else 'are'} open; "
                    "answer them first."
                )
            if whole.finished[coder]:
                raise AlreadyInStudy("You have handed this in already.")
            self._append(
                Recoding("submit", tasks[0].version, coder, round=held.id, blind=held.recode_blind),
                act="recode_submit",
            )

    def check_recoding(self, *answers: Recoding) -> None:
        """The lead's word on codings that a merge moved (fits, misfits) or that a retired code
        kept out (allocate: to another code).
        """
        require(self.seat, "check what was merged")
        with self._writing():
            for answer in answers:
                held = self._rounds.round(answer.round)
                moved, kept_out = self.to_check(round=held.id)
                among = kept_out if answer.outcome == "allocate" else moved
                coding = next((c for c in among if c.id == answer.coding), None)
                if answer.outcome not in OF_THE_LEAD or coding is None:
                    raise NotInStudy("This coding is not among those to be checked.")
                usable = {code.id for code in self._book(self._rounds.newest()) if code.usable}
                if answer.outcome == "allocate" and not (
                    len(answer.codes) == 1 and usable.issuperset(answer.codes)
                ):
                    raise BadCommand("Choose one code that is in use.")
                self._append(
                    replace(
                        answer,
                        coder=coding.coder,
                        transcript=coding.transcript,
                        version=self._rounds.newest(),
                        blind=False,
                    )
                )

    # -- inside --------------------------------------------------------------------------------

    def _task(self, held: Round, coder: str, answer: Recoding) -> Task:
        """The open task that an answer is to; a refusal says why there is none."""
        whole = self._whole(held, self._rounds.newest())
        own = [t for t in whole.recoded.tasks if t.coder == coder] if whole else []
        if answer.version and answer.version != self._rounds.newest():
            raise AlreadyInStudy("The codebook has moved on meanwhile; look at the queue again.")
        if answer.outcome in ("add", "looked"):
            found = [t for t in own if t.kind == "look" and (t.transcript, t.code) == (
                answer.transcript, *answer.codes[:1])]  # fmt: skip
        else:
            found = [t for t in own if t.coding is not None and t.coding.id == answer.coding]
        task = next((t for t in found if t.is_open), None)
        if task is None or not self._reads(held, coder, task.transcript):
            if found and task is None:
                raise AlreadyInStudy("This is answered already; take the answer back first.")
            raise NotInStudy("This is not asked of you; look at the queue again.")
        fits = {
            "confirm": answer.outcome in ("keep", "remove"),
            "choose": answer.outcome == "choose" and set(answer.codes) <= set(task.options),
            "look": answer.outcome in ("add", "looked") and len(answer.codes) == 1,
        }
        if not fits[task.kind]:
            raise BadCommand("This answer does not belong to what is asked; answer it again.")
        if answer.outcome == "add":
            self._refuse_passage(held, coder, task, answer)
        return task

    def _refuse_passage(self, held: Round, coder: str, task: Task, answer: Recoding) -> None:
        text = self._shelf.transcript(task.transcript)
        span = answer.span
        if span is None or span.end > len(text.text) or text.text[span.slice] != answer.quote:
            raise BadCoding("The passage does not stand where its words are; select it again.")
        if not answer.quote.strip():
            raise BadCoding("A passage needs words; select it again.")
        whole = self._whole(held, self._rounds.newest())
        for coding in whole.recoded.codings if whole else ():
            if (coding.coder, coding.transcript, coding.code) == (
                coder, task.transcript, task.code
            ) and coding.span.overlap(span):  # fmt: skip
                raise AlreadyInStudy("You have this code on these words already.")

    def _append(self, said: Recoding, act: str = "recode") -> None:
        with self._change(act, said.coding or said.transcript or said.version) as details:
            kept = replace(said, made_by=self.who, made_at=history.now())
            self._db.table("recodings").insert(recoding_row(kept, self._next("recodings")))
            details |= {"round": kept.round, "version": kept.version, "recoding": kept.id}
            if kept.transcript:
                details |= {"transcript": kept.transcript, "outcome": kept.outcome}
            if kept.codes:
                details["codes"] = list(kept.codes)
            if kept.undoes:
                details["undoes"] = kept.undoes
            if kept.coder != self.who:
                details["coder"] = kept.coder

    def _whole(self, held: Round, version: str, always: bool = False) -> _Whole | None:
        """All layers of a round under a version; None where the version asks nothing at all.

        Transcripts held back from the seat are not there, and nothing is asked about them.
        """
        names = [row["version"] for row in self._versions()]
        if version not in names:
            if always and version:
                raise NotInStudy(f"There is no codebook version {version[:20]} in this study.")
            return None
        if not always and not self._asks(held, version, names):
            return None
        submitted = {(a.coder, a.transcript) for a in self._given(held) if a.state == "submitted"}
        codings = [
            coding
            for coding in self._layers._read(held.id, None)
            if (coding.coder, coding.transcript) in submitted
        ]
        bases = self._bases(held, codings, submitted, names)
        at = names.index(version)
        bases = {layer: base for layer, base in bases.items() if names.index(base) <= at}
        codings = [c for c in codings if (c.coder, c.transcript) in bases]
        answers = tuple(self._answers(held.id))
        steps = self.codebook_changes()  # type: ignore[attr-defined]
        recoded = recode(codings, bases, names, steps, answers, version)
        return _Whole(recoded, bases, answers, _finished(recoded, answers, version))

    def _asks(self, held: Round, version: str, names: list[str]) -> bool:
        """Whether anything was coded before a version that changes what is coded."""
        hidden = self._hidden()
        used = [
            names.index(row[0])
            for row in self._db.execute(
                "SELECT DISTINCT codebook_version, transcript FROM codings WHERE round = ?",
                [held.id],
            )
            if row[0] in names and row[1] not in hidden
        ]
        least = min(used, default=0)
        return any(
            step.effect != "none" and least < names.index(step.version) <= names.index(version)
            for step in self.codebook_changes()  # type: ignore[attr-defined]
        )

    def _bases(
        self,
        held: Round,
        codings: Iterable[Coding],
        submitted: Iterable[LayerOf],
        names: list[str],
    ) -> dict[LayerOf, str]:
        """The version under which each layer was coded: the earliest of its codings; where there
        are none, of the others' on the transcript.
        """
        place = {name: number for number, name in enumerate(names)}
        own: dict[LayerOf, int] = {}
        there: dict[str, int] = {}
        for coding in codings:
            at = place.get(coding.codebook_version, 0)
            layer = (coding.coder, coding.transcript)
            own[layer] = min(own.get(layer, at), at)
            there[coding.transcript] = min(there.get(coding.transcript, at), at)
        first = min([*there.values(), place.get(held.version, 0)])
        return {
            layer: names[own.get(layer, there.get(layer[1], first))] for layer in sorted(submitted)
        }

    def _answers(self, round_: str) -> list[Recoding]:
        titles = self._shelf.titles()
        return [
            recoding(row)
            for row in self._db.query(
                "SELECT * FROM recodings WHERE round = ? ORDER BY position", [round_]
            )
            if not row["transcript"] or row["transcript"] in titles
        ]

    def _results_open(self, held: Round, whole: _Whole) -> bool:
        """Whether others' answers may be shown to who may read their codings."""
        return whole.is_open or not held.recode_blind

    def _open_versions(self, held: Round) -> frozenset[str]:
        """Versions whose answers are open: all have handed in, under it or a later one."""
        names = [row["version"] for row in self._versions()]
        given = {said.version for said in self._answers(held.id)}
        if not held.recode_blind:
            return frozenset(given)
        last = -1
        for number, name in enumerate(names):
            if number >= min((names.index(v) for v in given), default=len(names)):
                whole = self._whole(held, name)
                if whole is not None and whole.is_open:
                    last = number
        return frozenset(v for v in given if names.index(v) <= last)

    def _open_answers(self) -> frozenset[tuple[str, str]]:
        """The (round, version) pairs whose answers are open."""
        return frozenset(
            (held.id, version)
            for held in self._rounds.rounds()
            for version in self._open_versions(held)
        )

    def _reads(self, held: Round, coder: str, transcript: str) -> bool:
        return may_read_codings(
            self.seat,
            coder=coder,
            round_=held.id,
            transcript=transcript,
            sight=self._rounds.sight(held),
        )

    def _given(self, held: Round) -> tuple[Assignment, ...]:
        hidden = self._hidden()
        return tuple(
            a
            for a in self._rounds.all_assignments(held.id)
            if a.state != "withdrawn" and a.transcript not in hidden
        )

    def _may_follow(self) -> bool:
        return self.seat is None or bool(self.seat.roles & READERS_OF_CODINGS)

    def _own_name(self) -> str:
        return self.seat.name if self.seat is not None and self.seat.is_coder else ""

    def _ordered(self, codings: Iterable[Coding]) -> list[Coding]:
        order = {place: number for number, place in enumerate(self._shelf.titles())}
        return sorted(
            codings, key=lambda c: (order.get(c.transcript, -1), c.span, c.code, c.coder, c.id)
        )

    def _versions(self) -> list[dict[str, Any]]:
        return list(self._db.query("SELECT version FROM codebook_versions ORDER BY position"))

    def _book(self, version: str) -> tuple[Code, ...]:
        return tuple(self.codebook(version).codes)  # type: ignore[attr-defined]

    def _rule(self) -> AgreedRule:
        return self.agreed_rule()  # type: ignore[attr-defined,no-any-return]


def _carried_decision(
    decision: Decision, steps: Iterable[Step], there: Collection[tuple[str, str]]
) -> Decision:
    """A decision after these changes; undone where its result has to be looked at again."""
    results = []
    changes = list(steps)
    for coding in decision.result:
        code, out = coding.code, False
        for step in changes:
            if step.change.code != code:
                continue
            if step.effect == "moved":
                code = step.change.into[0]
            elif step.effect in ("confirm", "choose"):
                asks = step.effect == "choose" or not any(
                    (id, code) in there for id in coding.came_from
                )
                if asks:
                    return replace(decision, outcome="undone", result=())
            else:
                out = step.effect == "kept_out" or (out and step.change.kind != "restore")
        if not out:
            results.append(coding if code == coding.code else replace(coding, code=code))
    return replace(decision, result=tuple(results))


def _finished(recoded: Recoded, answers: Iterable[Recoding], version: str) -> dict[str, bool]:
    """Coders who are asked something → whether all is answered and handed in."""
    said = [a for a in answers if a.version == version and a.outcome not in OF_THE_LEAD]
    last = {a.coder: a.outcome for a in said if a.coder == a.made_by}
    waiting = {task.coder for task in recoded.open}
    return {
        coder: coder not in waiting and last.get(coder) == "submit"
        for coder in dict.fromkeys(task.coder for task in recoded.tasks)
    }
