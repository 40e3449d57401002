"""Summaries of a framework matrix: what a person wrote of a cell, and the passages it rests on.

Closed like the themes: whoever still codes reads none of it. Each change is a version, with who
made it and when. What points into a text moves with its revisions (`moved`), and a participant who
withdraws takes the row along (`put_out`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import AlreadyInStudy, BadCommand, NotInStudy, StillBlind
from qualcode.model import new_id
from qualcode.spans import Span
from qualcode.store import history
from qualcode.store.access import READERS_OF_RESULTS, READERS_OF_WORDS, require
from qualcode.store.layers import veiled
from qualcode.store.moves import Moves
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.codebook import Codebook
    from qualcode.store.access import Blindness
    from qualcode.store.ledger import Ledger
    from qualcode.store.shelf import Shelf

SUMMARISE = "write summaries"
LONGEST_SUMMARY = 4_000
MOST_LINKS = 100
SummaryKind = Literal["theme", "code"]
KINDS: tuple[SummaryKind, ...] = ("theme", "code")


@dataclass(frozen=True)
class SummaryLink:
    """A passage that a summary rests on, with its words."""

    transcript: str
    span: Span
    quote: str = ""
    text_version: int = 1
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Summary:
    """What was written of one cell: of a participant (``transcript`` is ""), or of one interview.

    ``kind`` and ``target`` are the column, a theme or a code. ``version`` is 0 for one that is not
    kept yet; an empty ``text`` has been taken out again.
    """

    participant: str
    kind: SummaryKind
    target: str
    text: str = ""
    transcript: str = ""
    links: tuple[SummaryLink, ...] = ()
    version: int = 0
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadCommand("A summary is of a theme or of a code; choose one.")
        if len(self.text) > LONGEST_SUMMARY:
            raise BadCommand(
                f"A summary has at most {LONGEST_SUMMARY:,} characters; this one has "
                f"{len(self.text):,}."
            )
        if len(self.links) > MOST_LINKS:
            raise BadCommand(f"A summary rests on at most {MOST_LINKS} passages; choose the best.")

    @property
    def cell(self) -> tuple[str, str, str, str]:
        """What it is of: participant, transcript, kind, target."""
        return (self.participant, self.transcript, self.kind, self.target)


@dataclass(frozen=True)
class SummaryVersion:
    """How a summary stood: its words, on how many passages it rested, who wrote it and when."""

    number: int
    text: str
    links: int
    made_by: str
    made_at: str


class Framework(Opened):
    """The summaries of one study."""

    if TYPE_CHECKING:  # what the study has beside this
        _ledger: Ledger
        _shelf: Shelf

        def sight(self) -> Blindness: ...
        def codebook(self) -> Codebook: ...
        def _hidden(self) -> frozenset[str]: ...

    # -- reading -------------------------------------------------------------------------------

    def summaries(self) -> tuple[Summary, ...]:
        """What was written of the cells of a framework matrix; nothing for whoever still codes.

        An author reads the words of a summary and not of its passages, an auditor that there is
        one.
        """
        if not self._reads_summaries():
            return ()
        roles = self.seat.roles if self.seat is not None else READERS_OF_WORDS
        reads, quotes = bool(roles & (READERS_OF_WORDS | {"author"})), roles & READERS_OF_WORDS
        links: dict[str, list[SummaryLink]] = {}
        for row in self._db.query("SELECT * FROM framework_links ORDER BY position"):
            link = _link(row)
            shown = link if quotes else replace(link, quote=veiled(link.quote))
            links.setdefault(row["summary"], []).append(shown)
        return tuple(
            _summary(row, tuple(links.get(row["id"], ())), reads=reads)
            for row in self._db.query("SELECT * FROM framework_summaries ORDER BY position")
            if self._summary_is_there(row)
        )

    def summary_versions(self, summary: str) -> tuple[SummaryVersion, ...]:
        """How a summary stood, oldest first; the last is as it stands."""
        if summary not in {kept.id for kept in self.summaries()}:
            return ()
        roles = self.seat.roles if self.seat is not None else READERS_OF_WORDS
        reads = bool(roles & (READERS_OF_WORDS | {"author"}))
        return tuple(
            SummaryVersion(
                row["number"],
                row["text"] if reads else veiled(row["text"]),
                row["links"],
                row["made_by"],
                row["made_at"],
            )
            for row in self._db.query(
                "SELECT * FROM framework_versions WHERE summary = ? ORDER BY number", [summary]
            )
        )

    def _reads_summaries(self) -> bool:
        if self.seat is not None and not self.seat.roles & READERS_OF_RESULTS:
            return False
        return not self.sight().own_open

    def _summary_is_there(self, row: Mapping[str, Any]) -> bool:
        """False while a text that it may rest on is not there for this seat."""
        hidden = self._hidden()
        return not hidden or hidden.isdisjoint(self._texts_of(row["participant"]))

    def _texts_of(self, participant: str) -> tuple[str, ...]:
        return tuple(
            id_
            for (id_,) in self._db.execute(
                "SELECT id FROM transcripts WHERE participant = ?", [participant]
            ).fetchall()
        )

    # -- writing -------------------------------------------------------------------------------

    def keep_summary(self, summary: Summary) -> Summary:
        """Keep what was written of a cell, with the passages it rests on, as its next version.

        An empty text takes the summary out; how it stood before is kept.

        Raises
        ------
        AlreadyInStudy
            Somebody has changed it in the meantime.
        NotInStudy
            The participant, the interview, the theme or the code is not there.
        StillBlind
            Coding is not submitted.
        """
        require(self.seat, SUMMARISE)
        self._refuse_while_coded()
        with self._change("summary_change", summary.id) as details:
            self._refuse_no_cell(summary)
            before = self._summary_standing(summary)
            text = summary.text.strip()
            links = self._words_linked(summary) if text else ()
            kept = replace(
                summary,
                text=text,
                links=links,
                version=before.version + 1 if before else 1,
                made_by=self.who,
                made_at=history.now(),
                id=before.id if before else summary.id,
            )
            self._refuse_same_summary(kept, before)
            self._put_summary(kept, new=before is None)
            details |= {
                "kind": kept.kind,
                "target": kept.target,
                "version": kept.version,
                "links": len(links),
                "empty": not text,
            }
            if kept.transcript:
                details["transcript"] = kept.transcript
        return kept

    def _refuse_while_coded(self) -> None:
        sight = self.sight()
        if sight.own_open or not sight.closed:
            why = sight.sentence if sight.coders > 1 else "Nobody has submitted any coding yet."
            raise StillBlind(f"Summaries are written once coding is submitted. {why}")

    def _refuse_no_cell(self, summary: Summary) -> None:
        person = self._db.execute(
            "SELECT status FROM participants WHERE id = ?", [summary.participant]
        ).fetchone()
        texts = self._texts_of(summary.participant)
        if (
            person is None
            or person[0] == "withdrew"
            or not self._summary_is_there(_row_of(summary))
        ):
            raise NotInStudy("This participant is not in the study; load the page again.")
        if summary.transcript and summary.transcript not in texts:
            raise NotInStudy("This interview is not one of the participant’s; load the page again.")
        if self.sight().closed.isdisjoint([summary.transcript] if summary.transcript else texts):
            raise StillBlind(
                "The coding of this interview is not submitted by everybody; its summary waits."
            )
        codes = {code.id for code in self.codebook().codes}
        themes = {theme.id for theme in self._ledger.themes()}
        if summary.target not in (codes | themes if summary.kind == "theme" else codes):
            raise NotInStudy(f"This {summary.kind} is not in the study; load the page again.")

    def _summary_standing(self, summary: Summary) -> Summary | None:
        row = next(
            self._db.query(
                "SELECT * FROM framework_summaries WHERE participant = ? AND transcript = ? "
                "AND kind = ? AND target = ?",
                list(summary.cell),
            ),
            None,
        )
        held = row["version"] if row else 0
        if held != summary.version:
            by = f" by {row['made_by']}" if row else ""
            raise AlreadyInStudy(
                f"This summary was changed in the meantime{by}; look at it as it stands now. "
                "Nothing was kept."
            )
        if row is None:
            return None
        found = self._db.query(
            "SELECT * FROM framework_links WHERE summary = ? ORDER BY position", [row["id"]]
        )
        return _summary(row, tuple(_link(each) for each in found), reads=True)

    def _words_linked(self, summary: Summary) -> tuple[SummaryLink, ...]:
        """The links with the words of their passages, each once."""
        closed, own = self.sight().closed, self._texts_of(summary.participant)
        found: dict[tuple[str, Span], SummaryLink] = {}
        for link in summary.links:
            text = self._shelf.transcript(link.transcript)
            quote = text.text[link.span.slice]
            if text.id not in own or (summary.transcript and text.id != summary.transcript):
                raise BadCommand("A summary rests on words of its own row; choose them again.")
            if text.id not in closed:
                raise StillBlind(f"The coding of {text.title} is not submitted by everybody.")
            if link.span.end > len(text.text) or not quote.strip():
                raise BadCommand(f"This passage is not inside {text.title}; choose it again.")
            (number,) = self._db.execute(
                "SELECT max(number) FROM revisions WHERE transcript = ?", [text.id]
            ).fetchone()
            found[text.id, link.span] = replace(
                link, transcript=text.id, quote=quote, text_version=int(number or 1)
            )
        return tuple(found.values())

    def _refuse_same_summary(self, kept: Summary, before: Summary | None) -> None:
        was = before.text if before else ""
        places = {(link.transcript, link.span) for link in kept.links}
        held = {(link.transcript, link.span) for link in before.links} if before else set()
        if kept.text == was and places == held:
            raise BadCommand(
                "Nothing of this summary would change." if was else "Write what was said first."
            )

    def _put_summary(self, kept: Summary, *, new: bool) -> None:
        row = {
            **_row_of(kept),
            "text": kept.text,
            "version": kept.version,
            "made_by": kept.made_by,
            "made_at": kept.made_at,
        }
        table = self._db.table("framework_summaries")
        if new:
            table.insert({**row, "position": self._next("framework_summaries")})
        else:
            table.update(kept.id, {k: v for k, v in row.items() if k != "id"})
        self._db.table("framework_versions").insert(
            {
                "summary": kept.id,
                "number": kept.version,
                "participant": kept.participant,
                "text": kept.text,
                "links": len(kept.links),
                "made_by": kept.made_by,
                "made_at": kept.made_at,
            }
        )
        self._db.execute("DELETE FROM framework_links WHERE summary = ?", [kept.id])
        first = self._next("framework_links")
        self._db.table("framework_links").insert_all(
            {
                "id": link.id,
                "position": first + n,
                "summary": kept.id,
                "transcript": link.transcript,
                "start": link.span.start,
                "end": link.span.end,
                "text_version": link.text_version,
                "quote": link.quote,
                "made_by": kept.made_by,
                "made_at": kept.made_at,
            }
            for n, link in enumerate(kept.links)
        )


def _row_of(summary: Summary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "participant": summary.participant,
        "transcript": summary.transcript,
        "kind": summary.kind,
        "target": summary.target,
    }


def _summary(row: Mapping[str, Any], links: tuple[SummaryLink, ...], *, reads: bool) -> Summary:
    return Summary(
        participant=row["participant"],
        kind=row["kind"],
        target=row["target"],
        text=row["text"] if reads else veiled(row["text"]),
        transcript=row["transcript"],
        links=links,
        version=row["version"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        id=row["id"],
    )


def _link(row: Mapping[str, Any]) -> SummaryLink:
    span = Span(row["start"], row["end"])
    return SummaryLink(row["transcript"], span, row["quote"], row["text_version"], row["id"])


# -- what a changed text and a withdrawal do to them -------------------------------------------


def moved(db: Any, place: str, number: int, moves: Moves) -> None:
    """Carry the links into a text to its new version; one whose words are gone is taken out."""
    for row in list(db.query("SELECT * FROM framework_links WHERE transcript = ?", [place])):
        before = Span(row["start"], row["end"])
        span = moves.of("", before)
        if span is None:
            moves.take_out({"summary": row["id"], "start": before.start, "end": before.end})
            db.execute("DELETE FROM framework_links WHERE id = ?", [row["id"]])
            continue
        moves.tell("summary", row["id"], before, span)
        db.table("framework_links").update(
            row["id"],
            {
                "start": span.start,
                "end": span.end,
                "quote": moves.words(span),
                "text_version": number,
            },
        )


def put_out(db: Any, participant: str) -> None:
    """Take out everything written of a participant who withdraws."""
    db.execute(
        "DELETE FROM framework_links WHERE summary IN "
        "(SELECT id FROM framework_summaries WHERE participant = ?)",
        [participant],
    )
    for table in ("framework_versions", "framework_summaries"):
        db.execute(f"DELETE FROM {table} WHERE participant = ?", [participant])
