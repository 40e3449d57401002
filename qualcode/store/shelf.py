"""The interviews of a study: transcripts and participants in, and out again in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.model import Participant, Transcript
from qualcode.store import history, rows
from qualcode.store.access import require

if TYPE_CHECKING:
    from qualcode.store.study import Study

LONGEST_FACT = 500
SHEETS = ("csv", "tsv", "xlsx")


class Shelf:
    """The texts and the people of one study; who withdrew is still listed, their text is not."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    def add(self, items: Iterable[object]) -> None:
        """Add transcripts and participants, all of them or none."""
        require(self._study.seat, "add transcripts")
        items = tuple(items)
        for item in items:
            if not isinstance(item, Transcript | Participant):
                raise BadCommand(f"A {type(item).__name__} cannot be added to a study.")
        if not items:
            return
        people = [item for item in items if isinstance(item, Participant)]
        transcripts = [item for item in items if isinstance(item, Transcript)]
        with self._study._change("import") as details:
            for person in people:
                self._put_participant(person)
            for transcript in transcripts:
                self._put_transcript(transcript)
            self._study._rounds.give_new(transcripts=[transcript.id for transcript in transcripts])
            details["participants"] = len(people)
            details["withdrew"] = sum(person.status == "withdrew" for person in people)
            details["transcripts"] = [
                {"id": t.id, "sha256": t.sha256, "source_sha256": t.source_sha256}
                for t in transcripts
            ]

    def _put_participant(self, person: Participant) -> None:
        self._study._people.refuse_return(person)
        self._study._attributes.refuse(person.id, person.attributes, "participant")
        known = self._db.execute(
            "SELECT position FROM participants WHERE id = ?", [person.id]
        ).fetchone()
        position = known[0] if known else self._study._next("participants")
        self._db.table("participants").upsert(
            rows.participant_row(person, position=position), pk="id"
        )

    def _put_transcript(self, transcript: Transcript) -> None:
        self._refuse_again(transcript)
        person = transcript.person
        known = self._db.execute(
            "SELECT status FROM participants WHERE id = ?", [person]
        ).fetchone()
        if known is None:
            # Nobody is quoted before somebody has said that they may be.
            self._put_participant(Participant(person, quote_consent="no"))
        elif known[0] == "withdrew":
            raise NotAllowed(
                f"{person} has withdrawn, so {transcript.title} stays out of the study; "
                "nothing was added."
            )
        self._db.table("transcripts").insert(
            rows.transcript_row(
                replace(transcript, participant=person),
                position=self._study._next("transcripts"),
                at=history.now(),
            )
        )
        self._db.table("turns").insert_all(rows.turn_rows(transcript))

    def set_facts(self, transcript: str, facts: Mapping[str, str]) -> None:
        """Keep what is known about the interview beside its text; an empty value takes it out."""
        require(self._study.seat, "describe the interviews")
        with self._study._writing():  # what somebody else types meanwhile is laid over, not lost
            place = self.place(transcript)
            before = dict(self.transcript(place).facts)
            after = {k: v.strip() for k, v in {**before, **facts}.items() if v.strip()}
            if any(len(value) > LONGEST_FACT for value in after.values()):
                raise BadCommand(
                    f"A fact about an interview has at most {LONGEST_FACT} characters."
                )
            if after == before:
                return
            self._study._attributes.refuse(self.titles()[place], after, "transcript")
            with self._study._change("settings_change", place) as details:
                self._db.table("transcripts").update(place, {"facts": rows.to_json(after)})
                changed = {k for k in {*before, *after} if before.get(k) != after.get(k)}
                details["keys"] = sorted(changed)

    def _refuse_again(self, transcript: Transcript) -> None:
        # Two respondents of a survey may say the same; two interviews are one added twice.
        words = "" if transcript.source_format in SHEETS else transcript.sha256
        same = self._db.execute(
            "SELECT title FROM transcripts "
            "WHERE id = ? OR sha256 = ? OR (source_sha256 = ? AND ? <> '')",
            [transcript.id, words, *[transcript.source_sha256] * 2],
        ).fetchone()
        earlier = self._db.execute(
            "SELECT t.title FROM revisions r JOIN transcripts t ON t.id = r.transcript "
            "WHERE r.before_sha256 = ? OR (r.before_source = ? AND ? <> '')",
            [words, *[transcript.source_sha256] * 2],
        ).fetchone()
        if same := same or earlier:
            raise AlreadyInStudy(
                f"{transcript.source_name or transcript.title} is in the study already, "
                f"as {same[0]}; nothing was added."
            )
        if self._db.execute(
            "SELECT 1 FROM transcripts WHERE title = ?", [transcript.title]
        ).fetchone():
            raise AlreadyInStudy(
                f"A transcript called {transcript.title} is in the study already; "
                "give this one another title. Nothing was added."
            )

    def participants(self) -> tuple[Participant, ...]:
        return tuple(
            rows.participant(row)
            for row in self._db.query("SELECT * FROM participants ORDER BY position")
        )

    def transcripts(self, *, held_back: bool = False) -> tuple[Transcript, ...]:
        """The transcripts that this seat may know of; with ``held_back`` those waiting too."""
        hidden = frozenset() if held_back else self._study._hidden()
        turns: dict[str, list[Any]] = {}
        for turn in rows.whole(self._db, "SELECT * FROM turns ORDER BY transcript, number"):
            turns.setdefault(turn["transcript"], []).append(turn)
        return tuple(
            rows.transcript(row, turns.get(row["id"], []))
            for row in self._db.query(
                "SELECT t.* FROM transcripts t JOIN participants p ON p.id = t.participant "
                "WHERE p.status <> 'withdrew' ORDER BY t.position"
            )
            if row["id"] not in hidden
        )

    def titles(self, *, held_back: bool = False) -> dict[str, str]:
        hidden = frozenset() if held_back else self._study._hidden()
        return {
            row["id"]: row["title"]
            for row in self._db.query(
                "SELECT t.id, t.title FROM transcripts t JOIN participants p "
                "ON p.id = t.participant WHERE p.status <> 'withdrew' ORDER BY t.position"
            )
            if row["id"] not in hidden
        }

    def transcript(self, transcript: str) -> Transcript:
        place = self.place(transcript)
        (row,) = self._db.query("SELECT * FROM transcripts WHERE id = ?", [place])
        turns = rows.whole(
            self._db,
            'SELECT speaker, role, start, "end", at FROM turns WHERE transcript = ? '
            "ORDER BY number",
            [place],
        )
        return rows.transcript(row, turns)

    def place(self, transcript: str) -> str:
        """The id of the transcript of this id or title."""
        titles = self.titles()
        if transcript in titles:
            return transcript
        for place, title in titles.items():
            if title == transcript:
                return place
        # Whether it waits or was never there is not told apart: a title may be a name.
        waiting = ", or it is not released yet" if self._study._hidden() else ""
        raise NotInStudy(
            f"There is no transcript “{str(transcript)[:60]}” in {self._study.title}{waiting}."
        )
