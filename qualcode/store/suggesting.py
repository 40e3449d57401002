"""What a machine proposed of a study that is coded to its end, and what people made of it.

Closed until everybody has submitted everything, for whoever asks: the texts and codings that
proposals are made from are handed out here (`sealed_work`) and nowhere else. A run is known by
what went into it, so the same run made again finds the answers that were given to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from qualcode.codebook import PALETTE
from qualcode.errors import BadCodebook, BadCommand, NotAllowed, NotInStudy, StillBlind
from qualcode.model import MAIN, Code, CodingSet, Theme, Transcript, new_id
from qualcode.spans import Span
from qualcode.store import history, rows
from qualcode.store.access import require
from qualcode.store.opened import Opened
from qualcode.store.proposals import LONGEST_NAME, propose
from qualcode.store.settings import LONGEST

if TYPE_CHECKING:
    from qualcode.store.study import Study

RunKind = Literal["candidates", "gaps", "contradictions", "near duplicates"]
SuggestionAnswer = Literal["accepted", "rejected"]
JUDGE = "judge what the machine suggests"
READERS = frozenset({"lead", "coder"})
CLOSED = (
    "What a machine suggests opens when everybody has submitted every transcript, so that it "
    "colours nobody's coding. {}"
)
FROM_A_GAP = "proposed by software among passages without a code, named by a researcher"


@dataclass(frozen=True)
class SuggestionRun:
    """A look of the machine: its ``parameters``, the ``versions`` that made it, what it found."""

    id: str
    kind: RunKind
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    found: int
    made_by: str
    made_at: str


@dataclass(frozen=True)
class Answered:
    """What a person made of one candidate: its run, view and number, and what it became.

    ``theme``, ``code`` and ``proposal`` are ids of what was kept; ``reason`` is why not.
    """

    run: str
    view: str
    number: int
    answer: SuggestionAnswer
    reason: str = ""
    theme: str = ""
    code: str = ""
    proposal: str = ""
    made_by: str = ""
    made_at: str = ""


@dataclass(frozen=True)
class MachineHelp:
    """What a report tells of suggestions: every run that was made, and the answers that stand.

    ``looks`` are the lines of history of the runs: one kept run may have been looked at often.
    """

    runs: tuple[SuggestionRun, ...] = ()
    answers: tuple[Answered, ...] = ()
    looks: int = 0


class Suggesting(Opened):
    """Suggestions of a machine in one study."""

    def sealed_work(
        self, *, everything: bool = True
    ) -> tuple[tuple[Transcript, ...], CodingSet]:  # fmt: skip
        """The texts and codings of the main round, for a machine to group: of all transcripts, or
        of those that everybody has submitted.

        Raises
        ------
        NotAllowed
            This seat does not read both the interviews and the codings.
        StillBlind
            A transcript (all of them, without ``everything``) is not submitted by everybody, or
            this seat still codes.
        """
        study = cast("Study", self)
        if study.seat is not None and not study.seat.roles & READERS:
            raise NotAllowed(
                "Suggestions quote the interviews and name codes; they are for the lead and the "
                "coders."
            )
        if everything:
            study._require_all_sealed()
        sight = study.sight()
        if sight.coders < 2 or sight.own_open or not sight.closed:
            raise StillBlind(CLOSED.format(sight.sentence))
        closed = tuple(text for text in study.transcripts() if text.id in sight.closed)
        return closed, study.codings()

    def keep_run(
        self,
        kind: RunKind,
        parameters: Mapping[str, Any],
        *,
        found: int,
        versions: Mapping[str, str],
        where: str = "",
    ) -> SuggestionRun:
        """Keep that the machine was asked, with all that the run can be repeated from; ``where``
        it was computed makes it no other run.

        Raises
        ------
        StillBlind, NotAllowed
            As for ``sealed_work`` of what is submitted.
        """
        study = cast("Study", self)
        texts, codings = study.sealed_work(everything=False)
        id_ = _run_id(kind, parameters, versions, texts, codings)
        with study._change("suggestion_run", id_) as details:
            if id_ not in {run.id for run in study._suggestion_runs()}:
                study._db.table("suggestion_runs").insert(
                    {
                        "id": id_,
                        "kind": kind,
                        "parameters": rows.to_json(dict(parameters)),
                        "versions": rows.to_json(dict(versions)),
                        "found": found,
                        "made_by": study.who,
                        "made_at": history.now(),
                    }
                )
            details |= {
                **parameters, "kind": kind, "candidates": found, "versions": dict(versions)
            } | ({"computed_on": where} if where else {})  # fmt: skip
        return next(run for run in study._suggestion_runs() if run.id == id_)

    def machine_help(self) -> MachineHelp:
        """The runs, and the answers to what they proposed; nothing for whoever still codes."""
        study = cast("Study", self)
        if study.sight().own_open:
            return MachineHelp()
        reads = study.seat is None or bool(study.seat.roles & READERS)
        return MachineHelp(
            runs=tuple(study._suggestion_runs()),
            answers=tuple(
                each if reads else replace(each, reason="") for each in study._suggestion_answers()
            ),
            looks=len(study.history("suggestion_run")),
        )

    def accept_suggestion(
        self, run: str, number: int, theme: Theme, *, view: str = "medium"
    ) -> Theme:
        """Keep a theme that a person made of a candidate, with the line that says of which.

        Raises
        ------
        NotInStudy
            There is no such candidate.
        AlreadyInStudy
            Another theme has this name.
        """
        study = cast("Study", self)
        require(study.seat, JUDGE)
        study._require_all_sealed()
        with study._writing():
            study._candidate(run, number, view, "candidates")
            kept = study.add_theme(replace(theme, origin="machine_suggested"))
            study._answer_suggestion(Answered(run, view, number, "accepted", theme=kept.id))
        return kept

    def take_suggestion(
        self, run: str, number: int, theme: str, *, view: str = "medium"
    ) -> None:  # fmt: skip
        """Keep that a candidate was taken into a theme that there was already."""
        study = cast("Study", self)
        require(study.seat, JUDGE)
        study._require_all_sealed()
        with study._writing():
            study._candidate(run, number, view, "candidates")
            if theme not in {kept.id for kept in study.themes()}:
                raise NotInStudy("This theme is not in the study any more; load the page again.")
            study._answer_suggestion(Answered(run, view, number, "accepted", theme=theme))

    def reject_suggestion(
        self, run: str, number: int, *, view: str = "medium", reason: str = ""
    ) -> None:
        """Set a candidate aside; why is for the team to read, if somebody says it."""
        study = cast("Study", self)
        require(study.seat, JUDGE)
        study._require_all_sealed()
        reason = reason.strip()
        if len(reason) > LONGEST:
            raise BadCommand(f"A reason has at most {LONGEST:,} characters; shorten it.")
        with study._writing():
            study._candidate(run, number, view)
            study._answer_suggestion(Answered(run, view, number, "rejected", reason=reason))

    def reopen_suggestion(self, run: str, number: int, *, view: str = "medium") -> None:
        """Take the answer to a candidate back; a theme or code made of it stays."""
        study = cast("Study", self)
        require(study.seat, JUDGE)
        study._require_all_sealed()
        key = [run, view, number]
        where = "WHERE run = ? AND view = ? AND number = ?"
        with study._change("suggestion_reopen", run) as details:
            held = study._db.execute(f"SELECT answer FROM suggestion_answers {where}", key)
            row = held.fetchone()
            if row is None:
                raise NotInStudy("This candidate has no answer that could be taken back.")
            study._db.execute(f"DELETE FROM suggestion_answers {where}", key)
            details |= {"candidate": number, "view": view, "was": row[0]}

    def code_from_gap(
        self,
        run: str,
        number: int,
        *,
        name: str,
        definition: str,
        passages: Sequence[tuple[str, Span]],
        parent: str | None = None,
    ) -> Code | None:
        """Take a code that a gap asked for into the next version of the codebook, if the seat may;
        a coder's becomes a proposal for the lead, and None is given back.

        ``passages`` are those of the gap, the most typical first: a proposal stands at the first
        of them that its coder was given.

        Raises
        ------
        BadCodebook
            The codebook has a code of this name.
        """
        study = cast("Study", self)
        texts, _ = study.sealed_work()
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise BadCommand(
                f"Give the code a name of your own, of at most {LONGEST_NAME} characters."
            )
        with study._writing():
            study._candidate(run, number, "", "gaps")
            book = study.codebook()
            if name.casefold() in {code.name.casefold() for code in book.codes}:
                raise BadCodebook(f"The codebook has a code “{name}” already; choose another name.")
            if study.seat is None or study.seat.is_lead:
                above = book[parent] if parent else None
                code = Code(
                    id=new_id()[:8],
                    name=name,
                    parent=parent,
                    brief_definition=definition.strip(),
                    origin="machine_suggested",
                    source_note=FROM_A_GAP,
                    color=above.color if above else PALETTE[len(book.themes) % len(PALETTE)],
                    order=max((each.order for each in book.codes), default=0) + 10,
                )
                study.set_codebook(book.with_code(code), note=f"from a gap: {code.id}")
                study._answer_suggestion(Answered(run, "", number, "accepted", code=code.id))
                return code
            given = {
                a.transcript for a in study.assignments() if a.coder == study.who
            } & {text.id for text in texts}  # fmt: skip
            place, span = next((p for p in passages if p[0] in given), ("", Span(0, 1)))
            if not place:
                raise NotAllowed(
                    "None of these passages is in a transcript you coded; tell the lead of the "
                    "code you miss."
                )
            text = study.transcript(place)
            told = {"id": new_id(), "name": name, "definition": definition}
            propose(study._db, study.who, MAIN, text, told, span)
            study._answer_suggestion(Answered(run, "", number, "accepted", proposal=told["id"]))
        return None

    def _require_all_sealed(self) -> None:
        """Raise StillBlind unless everybody has submitted everything, and this seat too."""
        study = cast("Study", self)
        sight = study.sight()
        if sight.coders < 2 or sight.own_open or sight.waiting:
            raise StillBlind(CLOSED.format(sight.sentence))
        titles = study.titles()
        never = [titles[place] for place in titles if place not in sight.closed]
        if never:
            named = ", ".join(never[:8]) + (f" and {len(never) - 8} more" if never[8:] else "")
            raise StillBlind(CLOSED.format(f"Nobody has submitted, in the main round: {named}."))

    def _suggestion_runs(self) -> list[SuggestionRun]:
        return [
            SuggestionRun(
                **{
                    **row,
                    "parameters": json.loads(row["parameters"]),
                    "versions": json.loads(row["versions"]),
                }
            )
            for row in self._db.query("SELECT * FROM suggestion_runs ORDER BY rowid")
        ]

    def _suggestion_answers(self) -> list[Answered]:
        return [
            Answered(**row)
            for row in self._db.query("SELECT * FROM suggestion_answers ORDER BY made_at, rowid")
        ]

    def _candidate(self, run: str, number: int, view: str, kind: str = "") -> None:
        found = next(
            (each for each in cast("Study", self)._suggestion_runs() if each.id == run), None
        )
        if found is None or number < 1 or (kind and found.kind != kind):
            raise NotInStudy("This candidate is of no run of this study; look for them again.")
        if (view in ("coarse", "medium", "fine")) != (found.kind == "candidates"):
            raise NotInStudy(f"“{view}” is no view of this run; choose coarse, medium or fine.")

    def _answer_suggestion(self, given: Answered) -> None:
        act = "suggestion_accept" if given.answer == "accepted" else "suggestion_reject"
        with self._change(act, given.run) as details:
            kept = replace(given, made_by=self.who, made_at=history.now())
            self._db.table("suggestion_answers").upsert(
                dict(vars(kept)), pk=("run", "view", "number")
            )
            details |= {"candidate": given.number, "view": given.view}
            details |= {
                what: value
                for what in ("theme", "code", "proposal")
                if (value := getattr(given, what))
            }


def put_out(db: Any) -> None:
    """Keep no reasons that may quote somebody, when a text's words go."""
    db.execute("UPDATE suggestion_answers SET reason = '' WHERE reason <> ''")


def _run_id(
    kind: str,
    parameters: Mapping[str, Any],
    versions: Mapping[str, str],
    texts: tuple[Transcript, ...],
    codings: CodingSet,
) -> str:
    """The same for the same texts and wishes; all but candidates hang on what is coded too."""
    went_in: list[Any] = [
        kind,
        dict(parameters),
        dict(versions),
        sorted((t.id, t.sha256) for t in texts),
    ]
    if kind != "candidates":
        went_in.append(sorted((c.transcript, c.span.start, c.span.end, c.code) for c in codings))
    return hashlib.sha256(rows.to_json(went_in).encode()).hexdigest()[:32]
