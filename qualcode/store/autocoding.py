"""Searching the study, and coding what a search has found: one act, of machine origin.

A coder searches the transcripts of their own open work and accepts hits; the codings know the
search they came from, the history and the reports count them. A round may forbid it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from qualcode.errors import BadCodebook, BadCommand, NotAllowed, Sealed
from qualcode.model import MAIN, Coding, Round, Transcript, new_id
from qualcode.searching import Hits, Search, find
from qualcode.spans import Span
from qualcode.store import searches
from qualcode.store.access import READERS_OF_WORDS, may_read_codings, require
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.store.study import Study

FORBIDDEN = (
    "{} is coded by hand: its lead has closed the coding of what a search finds. "
    "The search still leads to each place."
)


@dataclass(frozen=True)
class Autocoded:
    """What one accepted search did: its id, codings put, hits that carried the code already."""

    search: str
    codings: int
    there: int


@dataclass(frozen=True)
class Accepted:
    """A search whose hits were accepted: what was looked for, and how many codings of it stand.

    ``found`` and ``codings`` are summed over the ``transcripts`` (ids) it coded; ``words`` is
    empty where a participant withdrew whose words it hit.
    """

    id: str
    round: str
    coder: str
    code: str
    words: str
    kind: str
    snap: str
    made_at: str
    transcripts: tuple[str, ...]
    found: int
    codings: int


class Autocoding(Opened):
    """Searching and coding by search in one study."""

    def find(self, search: Search, *, transcripts: Iterable[str] | None = None) -> Hits:
        """Every place of a search in these transcripts (ids or titles) or in all, whoever speaks.

        Raises
        ------
        NotAllowed
            This seat does not read the words of the interviews.
        BadCommand
            The search takes too long.
        """
        study = cast("Study", self)
        if study.seat is not None and not study.seat.roles & READERS_OF_WORDS:
            raise NotAllowed("Searching the interviews is for those who may read them.")
        return find(search, study._searched(transcripts), everybody=True)

    def autocode(
        self,
        search: Search,
        code: str,
        *,
        transcripts: Iterable[str],
        accepted: Iterable[tuple[str, Span]] | None = None,
        round: str = MAIN,
    ) -> Autocoded:
        """Put a code on the hits of a search in one's own open transcripts, in one act.

        Parameters
        ----------
        accepted
            The (transcript id, span) pairs of the hits that are coded; all without it.

        Raises
        ------
        NotAllowed
            The round is coded by hand, or a transcript was not given to this coder.
        Sealed
            A transcript is submitted, closed or away.
        BadCommand
            What was accepted is not found by this search (any more).
        """
        study = cast("Study", self)
        coder = study._layers._coder()
        texts = study._searched(transcripts)
        hits = find(search, texts).hits
        wanted = {(hit.transcript, hit.span) for hit in hits}
        if accepted is not None:
            chosen = set(accepted)
            if not chosen <= wanted:
                raise BadCommand("A place you chose is not found any more; search again.")
            wanted = chosen
        if not wanted:
            raise BadCommand("Nothing is found to be coded; search for other words.")
        id_, put, there = new_id(), 0, 0
        with study._writing():
            held = study.round(round)
            if not held.autocoding:
                raise NotAllowed(FORBIDDEN.format(held.name))
            book = study.codebook(held.version or None)
            if code not in {each.id for each in book.codable}:
                raise BadCodebook("This code is not in the codebook, or may not be put on text.")
            for text in texts:
                mine = sorted(span for place, span in wanted if place == text.id)
                if not mine:
                    continue
                study._refuse_closed(coder, text, held)
                standing = {
                    c.span for c in study._layers._read(held.id, text.id, coder) if c.code == code
                }
                spans = {new_id(): span for span in mine if span not in standing}
                there += len(mine) - len(spans)
                put += len(spans)
                if not spans:
                    continue
                searches.keep(
                    study._db,
                    search,
                    id=id_,
                    transcript=text,
                    round_=held.id,
                    coder=coder,
                    code=code,
                    version=book.version,
                    found=sum(hit.transcript == text.id for hit in hits),
                    spans=spans,
                )
                study._layers._begun(held.id, text.id, coder)
        return Autocoded(id_ if put else "", put, there)

    def undo_search(self, search: str, *, round: str = MAIN, again: bool = False) -> None:
        """Take back every coding of one's own search that is still open, or put them ``again``."""
        study = cast("Study", self)
        coder = study._layers._coder()
        with study._writing():
            searches.switch(study._db, coder, study.round(round).id, search, on=again)

    def searches(self, *, round: str = MAIN) -> tuple[Accepted, ...]:
        """The accepted searches of a round that this seat may see, oldest first.

        They show where and with which code somebody coded, so they are as closed as codings.
        """
        study = cast("Study", self)
        standing = by_search(study.codings(round=round))
        held = study.round(round)
        sight = study._rounds.sight(held)
        found: dict[str, Accepted] = {}
        for row in study._db.query(
            "SELECT * FROM searches WHERE round = ? ORDER BY rowid",
            [held.id],
        ):
            if not may_read_codings(
                study.seat,
                coder=row["coder"],
                round_=held.id,
                transcript=row["transcript"],
                sight=sight,
            ):
                continue
            before = found.get(row["id"])
            found[row["id"]] = Accepted(
                id=row["id"],
                round=row["round"],
                coder=row["coder"],
                code=row["code"],
                words=(before.words if before else "") or row["words"],
                kind=row["kind"],
                snap=row["snap"],
                made_at=row["made_at"],
                transcripts=((before.transcripts if before else ()) + (row["transcript"],)),
                found=row["found"] + (before.found if before else 0),
                codings=standing.get(row["id"], 0),
            )
        return tuple(found.values())

    def allow_autocoding(self, round: str, allowed: bool) -> None:
        """Let the coders of a round code what a search finds, or not; codings there are stay."""
        study = cast("Study", self)
        require(study.seat, "choose how a round is coded")
        with study._writing():
            held = study.round(round)
            if held.autocoding == allowed:
                return
            if held.is_closed:
                raise NotAllowed(f"{held.name} is closed; nothing about it changes any more.")
            with study._change("round_autocoding", held.id) as details:
                study._db.execute(
                    "UPDATE rounds SET autocoding = ? WHERE id = ?", [int(allowed), held.id]
                )
                details["allowed"] = allowed

    def _searched(self, transcripts: Iterable[str] | None) -> tuple[Transcript, ...]:
        study = cast("Study", self)
        if transcripts is None:
            return study.transcripts()
        return tuple(study.transcript(each) for each in dict.fromkeys(transcripts))

    def _refuse_closed(self, coder: str, text: Transcript, held: Round) -> None:
        study = cast("Study", self)
        if closed := study._layers._why_closed(coder, text, held):
            raise Sealed(closed)


def by_search(codings: Iterable[Coding]) -> Mapping[str, int]:
    """How many of these codings each search has put; those marked by hand are not counted."""
    counts: dict[str, int] = {}
    for coding in codings:
        if coding.search:
            counts[coding.search] = counts.get(coding.search, 0) + 1
    return counts
