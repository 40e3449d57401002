"""Which codings are looked across: the consensus, or one coder’s, as the seat may see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from qualcode.codebook import Codebook
from qualcode.errors import BadCommand, StillBlind
from qualcode.model import (
    CONSENSUS,
    MAIN,
    Assignment,
    Attribute,
    CodingSet,
    Decision,
    Participant,
    Seat,
    Theme,
    Transcript,
)
from qualcode.queries import Corpus
from qualcode.reconciliation import consensus, find_passages, progress
from qualcode.reports.document import counted
from qualcode.store.access import READERS_OF_CODINGS, READERS_OF_WORDS, Blindness

WORDS_ALONE = "words"
"""The layer without codings: what was said, and by whom."""
CLOSED = "Looking across opens when the coding is submitted."
Kind = Literal["consensus", "coder", "own", "words"]


class StudyAcross(Protocol):
    """What looking across asks of a study."""

    @property
    def seat(self) -> Seat | None: ...
    @property
    def who(self) -> str: ...
    def sight(self, *, round: str = MAIN) -> Blindness: ...
    def transcripts(self) -> tuple[Transcript, ...]: ...
    def participants(self) -> tuple[Participant, ...]: ...
    def attributes(self) -> tuple[Attribute, ...]: ...
    def assignments(self, *, round: str | None = MAIN) -> tuple[Assignment, ...]: ...
    def coders(self) -> tuple[str, ...]: ...
    def codings(self, *, round: str = MAIN) -> CodingSet: ...
    def codebook(self) -> Codebook: ...
    def current_codings(self) -> CodingSet: ...
    def current_decisions(self) -> tuple[Decision, ...]: ...
    def themes(self) -> tuple[Theme, ...]: ...


@dataclass(frozen=True)
class Layer:
    """A layer by its id (``consensus``, a coder's name, ``words``), and what to know of it."""

    id: str
    kind: Kind
    note: str = ""


def layers(study: StudyAcross) -> tuple[Layer, ...]:
    """The layers that this seat may look across, the one to begin with first.

    The consensus where anything is settled and the seat codes no more; then its own codings, those
    of each coder where they are open to it, and the words alone.
    """
    sight, seat = study.sight(), study.seat
    found = []
    if sight.closed and not sight.own_open:
        found.append(Layer(CONSENSUS, "consensus"))
    if seat is not None and seat.is_coder:
        found.append(Layer(seat.name, "own"))
    if seat is None or seat.roles & READERS_OF_CODINGS:
        given = {a.coder for a in study.assignments() if a.transcript in sight.closed}
        own = seat.name if seat is not None and seat.is_coder else ""
        found += [Layer(c, "coder") for c in study.coders() if c in given and c != own]
    if seat is None or seat.roles & READERS_OF_WORDS:
        found.append(Layer(WORDS_ALONE, "words"))
    return tuple(found)


def corpus_of(study: StudyAcross, layer: str = "") -> tuple[Corpus, Layer]:
    """The interviews with the codings of a layer, by default the first there is.

    Of the consensus only interviews are here whose coding is submitted by everybody; of a coder's
    layer those that were given to them, or submitted by them.

    Raises
    ------
    BadCommand
        There is no such layer for this seat.
    StillBlind
        There is none at all yet.
    """
    there = layers(study)
    if not there:
        raise StillBlind(f"{CLOSED} {study.sight().sentence}")
    chosen = next((each for each in there if each.id == (layer or there[0].id)), None)
    if chosen is None:
        raise BadCommand(
            f"There is no layer “{layer[:60]}” to look across now; there is "
            f"{', '.join(each.id for each in there)}."
        )
    people = study.participants()
    gone = {person.id for person in people if person.status == "withdrew"}
    whole = Corpus(
        tuple(t for t in study.transcripts() if t.participant not in gone),
        themes=study.themes(),
        participants=people,
        attributes=study.attributes(),
    )
    if chosen.kind == "words":
        return replace(whole, codes=study.codebook().codes), chosen
    if chosen.kind == "consensus":
        return _settled(study, whole, chosen)
    codings = study.codings()
    if chosen.kind == "own":
        given = {a.transcript for a in study.assignments() if a.coder == chosen.id}
    else:
        given = {t for c, t in codings.sealed if c == chosen.id}
    return (
        replace(
            whole,
            transcripts=tuple(t for t in whole.transcripts if t.id in given),
            codings=tuple(c for c in codings if c.coder == chosen.id and c.transcript in given),
            codes=codings.codes,
        ),
        chosen,
    )


def _settled(study: StudyAcross, whole: Corpus, layer: Layer) -> tuple[Corpus, Layer]:
    """The consensus of what is closed; where one coder coded alone, that coder's codings."""
    current = study.current_codings()
    sealed = {t for _, t in current.sealed} - {t for _, t in current.open}
    texts = tuple(t for t in whole.transcripts if t.id in sealed)
    ids = [t.id for t in texts]
    usable = {code.id for code in current.codes if code.usable}
    closed = replace(
        current,
        codings=tuple(c for c in current if (c.coder, c.transcript) in current.sealed),
        sealed=frozenset(pair for pair in current.sealed if pair[1] in sealed),
        open=frozenset(),
        codes=tuple(code for code in current.codes if code.id in usable),
    )
    own = {coder for coder, _ in current.sealed}
    decisions = study.current_decisions()
    if own == {CONSENSUS}:  # an author reads the locked consensus as one layer
        settled = tuple(c for c in closed if c.transcript in ids)
        waiting = 0
    else:
        settled = consensus(closed, decisions, transcripts=ids)
        done, total = progress(
            find_passages(closed, study.coders(), transcripts=ids, codes=current.codes), decisions
        )
        waiting = total - done
    note = (
        f"{counted(waiting, 'difference')} {'is' if waiting == 1 else 'are'} not settled yet; the "
        "passages concerned are not counted."
        if waiting
        else ""
    )
    behind = len(whole.transcripts) - len(texts)
    if behind:
        note = f"{counted(behind, 'interview')} not submitted by everybody, and left out. {note}"
    made = replace(whole, transcripts=texts, codings=settled, codes=current.codes)
    return made, replace(layer, note=note.strip())
