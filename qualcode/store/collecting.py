"""How the data were collected and checked: versions of the interview guide, and member checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date as Date
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import BadCommand, NotInStudy
from qualcode.model import new_id
from qualcode.store.access import may_read_people, require
from qualcode.store.opened import Opened

LONGEST = 10_000
MOST_GUIDES, MOST_CHECKS = 100, 5_000
Piloted = Literal["", "yes", "no"]
Replied = Literal["", "yes", "no"]


@dataclass(frozen=True)
class Guide:
    """One version of the interview guide.

    ``questions`` are its text, one question a line; ``piloted`` whether it was tried, ``pilot``
    with whom and what came of it (or why not); ``note`` what changed against the version before.
    """

    version: str
    questions: str = ""
    used_from: str = ""
    piloted: Piloted = ""
    pilot: str = ""
    note: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if not self.version.strip() or len(self.version) > 40:
            raise BadCommand("A version of the guide has a name of at most 40 characters.")
        if self.piloted not in ("", "yes", "no"):
            raise BadCommand("Whether the guide was piloted is yes, no, or left empty.")
        if max(len(self.questions), len(self.pilot), len(self.note)) > LONGEST:
            raise BadCommand(f"A part of the guide has at most {LONGEST:,} characters; shorten it.")
        _day(self.used_from, f"version {self.version} of the guide")

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions, without empty lines; what is indented is a prompt of the one above."""
        lines = [line for line in self.questions.splitlines() if line.strip()]
        return tuple(line.strip() for line in lines if not line[:1].isspace())


@dataclass(frozen=True)
class MemberCheck:
    """A summary of the findings sent to one participant: when, whether they replied, what changed.

    ``comment`` is what they said in the researcher's words; ``changed`` what was altered for it,
    or "" where nothing was.
    """

    participant: str
    sent_on: str = ""
    replied: Replied = ""
    comment: str = ""
    changed: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if not self.participant.strip():
            raise BadCommand("A member check names its participant.")
        if self.replied not in ("", "yes", "no"):
            raise BadCommand("Whether somebody replied is yes, no, or left empty.")
        if max(len(self.comment), len(self.changed)) > 2_000:
            raise BadCommand("A comment has at most 2,000 characters; shorten it.")
        _day(self.sent_on, f"the member check of {self.participant}")


class Collecting(Opened):
    """The guide and the member checks of one study."""

    if TYPE_CHECKING:

        def _people_held_back(self) -> frozenset[str]: ...

    def guides(self) -> tuple[Guide, ...]:
        """The versions of the interview guide, oldest first."""
        return tuple(
            Guide(**{key: value for key, value in row.items() if key != "position"})
            for row in self._db.query("SELECT * FROM guides ORDER BY position")
        )

    def set_guides(self, *guides: Guide, without: Iterable[str] = ()) -> None:
        """Keep these versions, in place of those of the same id; take out those of ``without``.

        Raises
        ------
        BadCommand
            Two versions would have one name.
        """
        require(self.seat, "keep the interview guide")
        with self._writing():
            known = {guide.id: guide for guide in self.guides()}
            gone = set(without)
            after = {id: guide for id, guide in known.items() if id not in gone}
            after |= {guide.id: guide for guide in guides}
            names = [guide.version.strip().casefold() for guide in after.values()]
            if len(set(names)) < len(names):
                raise BadCommand("Two versions of the guide have one name; nothing was changed.")
            if len(after) > MOST_GUIDES:
                raise BadCommand(f"A study has at most {MOST_GUIDES} versions of its guide.")
            new = [guide for guide in guides if known.get(guide.id) != guide]
            self._keep_rows("guides", "guide_change", new, sorted(gone & known.keys()))

    def member_checks(self) -> tuple[MemberCheck, ...]:
        """To whom the findings were sent, and what came back."""
        if not may_read_people(self.seat):
            return ()
        waiting = self._people_held_back()
        return tuple(
            MemberCheck(**{key: value for key, value in row.items() if key != "position"})
            for row in self._db.query("SELECT * FROM member_checks ORDER BY position")
            if row["participant"] not in waiting
        )

    def set_member_checks(self, *checks: MemberCheck, without: Iterable[str] = ()) -> None:
        """Keep these, in place of those of the same id; take out those of the ids ``without``.

        Raises
        ------
        NotInStudy
            There is no such participant.
        BadCommand
            They have withdrawn.
        """
        require(self.seat, "keep the member checks")
        with self._writing():
            known = {check.id: check for check in self.member_checks()}
            states = dict(self._db.execute("SELECT id, status FROM participants").fetchall())
            new = [check for check in checks if known.get(check.id) != check]
            for check in new:
                if check.participant not in states:
                    raise NotInStudy(f"There is no participant “{check.participant[:40]}”.")
                if states[check.participant] == "withdrew":
                    raise BadCommand(f"{check.participant} has withdrawn; nothing was changed.")
            if len(known) + len(new) > MOST_CHECKS:
                raise BadCommand(f"The list of member checks has at most {MOST_CHECKS:,} rows.")
            gone = sorted(set(without) & known.keys())
            self._keep_rows("member_checks", "member_check_change", new, gone)

    def _keep_rows(
        self, table: str, act: str, new: Sequence[Guide | MemberCheck], gone: Sequence[str]
    ) -> None:
        """Write these rows; the history tells how many, not what they say."""
        if not new and not gone:
            return
        with self._change(act) as details:
            for id in gone:
                self._db.execute(f"DELETE FROM {table} WHERE id = ?", [id])
            for each in new:
                row = self._db.execute(
                    f"SELECT position FROM {table} WHERE id = ?", [each.id]
                ).fetchone()
                position = row[0] if row else self._next(table)
                self._db.table(table).upsert(asdict(each) | {"position": position}, pk="id")
            details |= {"kept": len(new), "taken_out": len(gone)}


def take_out_checks(db: Any, person: str) -> None:
    """The member checks of who withdraws go; called inside the withdrawal."""
    db.execute("DELETE FROM member_checks WHERE participant = ?", [person])


def _day(words: str, where: str) -> None:
    try:
        if words:
            Date.fromisoformat(words)
    except ValueError as error:
        raise BadCommand(
            f"“{words[:40]}” in {where} is not a day; write it as 2025-03-04."
        ) from error
