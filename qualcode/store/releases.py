"""Texts held back until somebody releases them: a steward signs, and the coders read from then on.

A study that holds texts back (`Releases.holds_texts_back`) gives a text to nobody but a data
steward, or the lead of a study that has no steward, before a version of it is released. To
everybody else the transcript is not there yet, as that of somebody who withdrew is not there any
more: no title, no words, no codings with their quotations; and it is not coded, taken away in a
package or submitted by anybody. A release is of one version of the text. A version in which names
were replaced takes the release of the one before it with it; any other correction waits to be
released again, because it may have brought names in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.store import backups, history
from qualcode.store.access import may_read_names, require
from qualcode.store.opened import Opened

HOLDS_BACK = "release.required"
"""The setting by which coders read released texts only ("yes")."""
LONGEST_NAME = 120
_NEWEST = "(SELECT ifnull(max(number), 1) FROM revisions WHERE transcript = t.id)"
_WAITS = f"NOT EXISTS (SELECT 1 FROM releases WHERE transcript = t.id AND number = {_NEWEST})"


@dataclass(frozen=True)
class Release:
    """One version of a text, signed for the coders by somebody.

    ``found`` is how many identifiers had been found and decided on; ``carried`` is true where
    names were replaced since and the signature of the version before holds on.
    """

    transcript: str
    number: int
    signed: str
    released_by: str
    released_at: str
    found: int
    carried: bool


class Releases(Opened):
    """What a study holds back from its coders, and who let it go."""

    @property
    def holds_texts_back(self) -> bool:
        """True where coders read released texts only."""
        row = self._db.execute("SELECT value FROM settings WHERE key = ?", [HOLDS_BACK]).fetchone()
        return row is not None and row[0] == "yes"

    @property
    def reads_names(self) -> bool:
        """True where this seat may read texts as they came, with the names in them."""
        (stewards,) = self._db.execute(
            "SELECT count(*) FROM members WHERE EXISTS "
            "(SELECT 1 FROM json_each(members.roles) WHERE value = 'steward')"
        ).fetchone()
        return may_read_names(self.seat, stewards=stewards)

    def hold_texts_back(self, hold: bool) -> None:
        """Let coders read released texts only, or all of them."""
        self._refuse_strangers("decide whether texts are held back")
        if hold == self.holds_texts_back:
            return
        with self._change("settings_change") as details:
            self._db.table("settings").upsert(
                {"key": HOLDS_BACK, "value": "yes" if hold else "no"}, pk="key"
            )
            details["keys"] = [HOLDS_BACK]

    def releases(self) -> dict[str, Release]:
        """Transcript → the release of its newest version, of the texts that this seat may see."""
        hidden = self._hidden()
        found = self._db.query(
            "SELECT r.* FROM releases r JOIN transcripts t ON t.id = r.transcript "
            "JOIN participants p ON p.id = t.participant "
            f"WHERE p.status <> 'withdrew' AND r.number = {_NEWEST} ORDER BY t.position"
        )
        return {
            row["transcript"]: _release(row) for row in found if row["transcript"] not in hidden
        }

    def kept_back(self) -> int:
        """How many transcripts this seat will see when they are released, and not before."""
        return len(self._hidden())

    def release(self, transcript: str, *, signed: str, found: int, undecided: int = 0) -> int:
        """Let the coders read this text as it stands now; the number of its version.

        Parameters
        ----------
        signed
            The name of the person who answers for it; it is kept with the release and stands
            neither in the history nor in a report.
        found, undecided
            How many identifiers the scan has found in it, and how many nobody has decided on.

        Raises
        ------
        NotAllowed
            The seat is neither a steward's nor that of a lead without one, or hits are undecided.
        """
        self._refuse_strangers("release texts")
        signed = " ".join(signed.split())
        if not 0 < len(signed) <= LONGEST_NAME:
            raise BadCommand(
                f"A release is signed with the name of who answers for it, of at most "
                f"{LONGEST_NAME} characters."
            )
        with self._writing():
            place, title, newest = self._text(transcript)
            if undecided:
                raise NotAllowed(
                    f"{title} has {undecided} "
                    f"{'identifier' if undecided == 1 else 'identifiers'} that nobody has decided "
                    "on; decide on each before the text is released."
                )
            if place not in self.unreleased():
                raise AlreadyInStudy(f"{title} is released as it stands; there is nothing to do.")
            with self._change("release", place) as details:
                self._put(place, newest, signed, found, carried=False)
                details |= {"number": newest, "found": found}
        return newest

    def delete_copies(self, *names: str) -> None:
        """Delete copies of the study that still hold the names, for good.

        The newest copy stays unless a newer one was made: call ``backup`` or make one first.
        """
        self._refuse_strangers("delete copies of the study")
        there = {copy.name: copy for copy in backups.copies(self.path)}
        if unknown := set(names) - there.keys():
            raise NotInStudy(f"There is no copy {sorted(unknown)[0]} of this study any more.")
        if not names:
            return
        with self._change("copies_delete") as details:
            for name in names:
                for path in (there[name].path, *backups.beside(there[name].path)):
                    path.unlink(missing_ok=True)
            details["copies"] = sorted(names)

    def make_copy(self) -> str:
        """Copy the study as it stands into its folder of copies now; the copy's name."""
        require(self.seat, "see the copies of the study")
        return backups.make(self.path, "without-names").name

    # -- for the other rooms of the store ------------------------------------------------------

    def unreleased(self) -> frozenset[str]:
        """Transcripts that wait to be released, whoever asks; none where nothing is held back."""
        if not self.holds_texts_back:
            return frozenset()
        found = self._db.execute(f"SELECT t.id FROM transcripts t WHERE {_WAITS}")
        return frozenset(place for (place,) in found.fetchall())

    def _hidden(self) -> frozenset[str]:
        """Transcripts that are not there yet for this seat."""
        if not self.holds_texts_back or self.reads_names:
            return frozenset()
        return self.unreleased()

    def _people_held_back(self) -> frozenset[str]:
        """Participants of whom a seat without a hand in the interviews may not know yet.

        Their ids may have been made of titles that nobody has looked at.
        """
        hidden = self._hidden()
        if not hidden or (self.seat is not None and self.seat.is_lead):
            return frozenset()
        of = self._db.execute("SELECT id, participant FROM transcripts").fetchall()
        shown = {person for place, person in of if place not in hidden}
        return frozenset(person for place, person in of if place in hidden) - shown

    def _carry_release(self, place: str, number: int) -> bool:
        """A version in which names were replaced is released as the one before was; called inside
        the change that makes it.
        """
        row = next(
            self._db.query(
                "SELECT * FROM releases WHERE transcript = ? AND number = ?", [place, number - 1]
            ),
            None,
        )
        if row is not None:
            self._put(place, number, row["signed"], row["found"], carried=True)
        return row is not None

    def _put(self, place: str, number: int, signed: str, found: int, *, carried: bool) -> None:
        self._db.table("releases").insert(
            {
                "transcript": place,
                "number": number,
                "signed": signed,
                "released_by": self.who,
                "released_at": history.now(),
                "found": found,
                "carried": int(carried),
            }
        )

    def _text(self, transcript: str) -> tuple[str, str, int]:
        row = self._db.execute(
            f"SELECT t.id, t.title, {_NEWEST} FROM transcripts t "
            "JOIN participants p ON p.id = t.participant WHERE p.status <> 'withdrew' "
            "AND ? IN (t.id, t.title) ORDER BY t.id = ? DESC LIMIT 1",
            [transcript, transcript],
        ).fetchone()
        if row is None:
            raise NotInStudy(f"There is no transcript “{str(transcript)[:60]}” in the study.")
        return str(row[0]), str(row[1]), int(row[2])

    def _refuse_strangers(self, what: str) -> None:
        if not self.reads_names:
            raise NotAllowed(f"Only a data steward of the study can {what}; ask them to do it.")


def _release(row: Any) -> Release:
    return Release(**{**dict(row), "carried": bool(row["carried"])})
