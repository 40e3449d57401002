"""What people settled: decisions about differences, and themes; nothing in it is ever rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import AlreadyInStudy, BadCommand, NotInStudy, StillBlind
from qualcode.model import (
    CONSENSUS,
    LETTERS,
    MAIN,
    OUTCOMES,
    TRUE_DIFFERENCE,
    CodebookIssue,
    Decision,
    Theme,
)
from qualcode.spans import Span
from qualcode.store import history, rows, theme_rows
from qualcode.store.access import may_read_decisions, require
from qualcode.store.answers import made_by_answers
from qualcode.store.settings import LONGEST

if TYPE_CHECKING:
    from qualcode.codebook import Codebook
    from qualcode.store.study import Study


class Ledger:
    """The decisions and themes of one study, through the seat of the study it is asked of."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- decisions -----------------------------------------------------------------------------

    def decisions(self) -> tuple[Decision, ...]:
        if not may_read_decisions(self._study.seat):
            return ()
        closed = self._study.sight().closed
        results: dict[str, list[Any]] = {}
        for row in self._db.query("SELECT * FROM consensus_codings ORDER BY rowid"):
            results.setdefault(row["decision"], []).append(row)
        return tuple(
            rows.decision(row, results.get(row["id"], []), CONSENSUS)
            for row in self._db.query("SELECT * FROM decisions ORDER BY position")
            if row["transcript"] in closed
        )

    def decide(self, decisions: Iterable[Decision], replacing: Iterable[str]) -> None:
        """Keep these decisions, all of them or none."""
        known = set(replacing)
        if self._study.who not in self._study.deciders():
            require(self._study.seat, "settle differences")
        with self._study._writing():
            book = self._study.codebook()
            for decision in decisions:
                self._study.require_decider(decision.transcript)
                self._decide(decision, known, book)
                known.add(decision.id)

    def _decide(self, decision: Decision, known: set[str], book: Codebook) -> None:
        with self._study._change("resolve", decision.difference) as details:
            self._refuse_nonsense(decision, book)
            before = self._latest(decision.covers)
            for id, who in before.items():
                if id not in known:
                    raise AlreadyInStudy(
                        f"{who} has settled this difference in the meantime; "
                        "look at that decision before you change it."
                    )
            kept = replace(
                decision,
                decided_by=self._study.who,
                decided_at=history.now(),
                version=book.version,
            )
            self._db.table("decisions").insert(
                rows.decision_row(kept, position=self._study._next("decisions"))
            )
            self._db.table("consensus_codings").insert_all(rows.consensus_rows(kept))
            details |= {
                "transcript": kept.transcript,
                "decision": kept.id,
                "outcome": kept.outcome,
                "settles": list(kept.settles),
                "replaces": next(iter(before), None),
            }
            if len(before) > 1:
                details["replaces_all"] = list(before)
            if kept.also:
                details["differences"] = list(kept.covers)
            if kept.blind:
                details["blind"] = True

    def _latest(self, differences: Iterable[str]) -> dict[str, str]:
        """The last decision about each of these differences: its id → who made it."""
        found: dict[str, str] = {}
        for difference in differences:
            row = self._db.execute(
                "SELECT id, decided_by FROM ("
                "SELECT id, decided_by, position FROM decisions WHERE difference = ? UNION ALL "
                "SELECT id, decided_by, position FROM decisions "
                "WHERE also <> '[]' AND instr(also, ?)) ORDER BY position DESC LIMIT 1",
                [difference, rows.to_json(difference)],
            ).fetchone()
            if row:
                found[row[0]] = row[1]
        return found

    def _refuse_nonsense(self, decision: Decision, book: Codebook) -> None:
        sight = self._study.sight()
        if decision.transcript not in sight.closed:
            raise StillBlind(
                f"This transcript is not open for comparing. {sight.sentence} Nothing was kept."
            )
        shelf = self._study._shelf
        self._study._rounds.refuse_locked(
            MAIN, decision.transcript, shelf.titles().get(decision.transcript, "")
        )
        if decision.outcome not in OUTCOMES:
            raise BadCommand(
                f"“{decision.outcome}” is not an outcome; choose one of {', '.join(OUTCOMES)}."
            )
        if decision.outcome in LETTERS[max(2, len(decision.coders)) :]:
            raise BadCommand(
                f"There is no coder “{decision.outcome}” of this passage; decide it again."
            )
        if len(decision.reason) > LONGEST:
            raise BadCommand(f"A reason has at most {LONGEST:,} characters; shorten it.")
        if decision.reason_kind == TRUE_DIFFERENCE and not decision.memo:
            raise BadCommand("A true difference of reading needs a few words of what it is.")
        if decision.outcome == "code_needed" and not decision.memo:
            raise BadCommand("Say in a few words which code is needed.")
        if decision.result and not decision.is_settling:
            raise BadCommand("What stays open makes no consensus coding.")
        text = shelf.transcript(decision.transcript).text
        codes = {code.id for code in book.codes if code.codable}  # retired since, some of them
        for coding in decision.result:
            if (
                coding.transcript != decision.transcript
                or text[coding.span.slice] != coding.quote
                or coding.code not in codes
            ):
                raise BadCommand("The consensus coding does not fit the text or the codebook.")
        for coding_id in decision.settles:
            if (
                not self._db.execute(
                    "SELECT 1 FROM codings WHERE id = ? AND transcript = ? AND round = ?",
                    [coding_id, decision.transcript, MAIN],
                ).fetchone()
                and made_by_answers(self._db).get(coding_id) != decision.transcript
            ):
                raise NotInStudy("The codings of this difference are not in the study.")

    # -- codebook issues -----------------------------------------------------------------------

    def issues(self) -> tuple[CodebookIssue, ...]:
        if not may_read_decisions(self._study.seat) or self._study.sight().own_open:
            return ()
        return tuple(
            rows.issue(row)
            for row in self._db.query("SELECT * FROM codebook_issues ORDER BY position")
        )

    def decide_issue(self, issue: CodebookIssue) -> None:
        require(self._study.seat, "decide about the codebook")
        self._study.sight().require("Deciding about the codebook")
        if not issue.decision.strip():
            raise BadCommand("Say what is done about these definitions.")
        if max(len(issue.decision), len(issue.wording)) > LONGEST:
            raise BadCommand(f"A decision has at most {LONGEST:,} characters; shorten it.")
        book = self._study.codebook()
        for code in issue.codes:
            if code not in book:
                raise NotInStudy(f"The codebook has no code “{code}”; choose the issue again.")
        with self._study._change("issue_decide", issue.id) as details:
            kept = replace(
                issue,
                codes=tuple(sorted(issue.codes)),
                decision=issue.decision.strip(),
                wording=issue.wording.strip(),
                decided_by=self._study.who,
                decided_at=history.now(),
                version=book.version,
            )
            self._db.table("codebook_issues").insert(
                rows.issue_row(kept, position=self._study._next("codebook_issues"))
            )
            details |= {"codes": list(kept.codes), "differences": kept.differences}

    # -- themes --------------------------------------------------------------------------------

    def themes(self) -> tuple[Theme, ...]:
        # A theme rests on submitted codings: whoever still codes does not see it.
        return () if self._study.sight().own_open else self._kept()

    def _kept(self) -> tuple[Theme, ...]:
        there = self._study.titles()  # without the transcripts of people who withdrew
        now = self._study._merged_since()
        themes = (
            rows.theme(row)
            for row in self._db.query(
                "SELECT * FROM themes WHERE dropped_reason IS NULL ORDER BY position"
            )
        )
        return tuple(
            replace(
                theme,
                codes=now(theme.codes, theme.made_at),
                excerpts=tuple(e for e in theme.excerpts if e[0] in there),
            )
            for theme in themes
        )

    def quotable(self, transcript: str) -> list[Span]:
        """The passages that may stand in print: of the locked consensus and of themes."""
        rounds = self._study._rounds
        locked = rounds.locked_consensus(rounds.round(MAIN))
        spans = [coding.span for coding in locked if coding.transcript == transcript]
        themes = self._kept()
        spans += [span for theme in themes for place, span in theme.excerpts if place == transcript]
        kept = {theme.id for theme in themes}
        for table in ("theme_excerpts", "theme_quotations"):
            held = self._db.execute(
                f'SELECT theme, start, "end" FROM {table} WHERE transcript = ?', [transcript]
            )
            spans += [Span(start, end) for theme, start, end in held.fetchall() if theme in kept]
        return spans

    def add_theme(self, theme: Theme) -> Theme:
        require(self._study.seat, "make themes")
        self._study.sight().require("Making themes")
        with self._study._change("theme_change", theme.id) as details:
            name = theme.name.strip()
            if name.casefold() in {known.name.casefold() for known in self._kept()}:
                raise AlreadyInStudy(f"There is a theme “{name}” already; choose another name.")
            self.refuse_strangers(theme)
            kept = replace(
                theme,
                name=name,
                made_by=self._study.who,
                made_at=history.now(),
                version=1,
                agreed=(),
            )
            self._db.table("themes").insert(
                rows.theme_row(kept, position=self._study._next("themes"))
            )
            theme_rows.put_version(self._db, kept)
            details |= {"name": name, "origin": kept.origin, "codes": list(kept.codes)}
        return kept

    def refuse_strangers(self, theme: Theme) -> None:
        """Codes and passages of a theme are of this study."""
        codebook = self._study.codebook()
        for code in theme.codes:
            if code not in codebook:
                raise NotInStudy(f"The codebook has no code “{code}”; choose the codes again.")
        for transcript, span in theme.excerpts:
            text = self._study.transcript(transcript)
            if text.id != transcript or span.end > len(text.text):
                raise BadCommand(f"A passage of this theme is not inside {text.title}.")

    def drop_theme(self, theme: str, reason: str) -> None:
        require(self._study.seat, "drop themes")
        if not reason.strip():
            raise BadCommand("Dropping a theme needs a reason.")
        if len(reason) > LONGEST:
            raise BadCommand(f"A reason has at most {LONGEST:,} characters; shorten it.")
        with self._study._change("theme_drop", theme) as details:
            if theme not in {known.id for known in self._kept()}:
                raise NotInStudy("This theme is not in the study any more.")
            self._db.table("themes").update(theme, {"dropped_reason": reason.strip()})
            details["reason"] = reason.strip()
