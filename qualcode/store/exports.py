"""The register of exports: each file that left the study, what of it, to whom, and who was in it.

A line of history goes with each. The register is never changed; a withdrawal asks it which files
hold the person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import BadCommand
from qualcode.model import new_id
from qualcode.store import history, rows
from qualcode.store.access import require
from qualcode.store.opened import Opened

Purpose = Literal["team", "publication", "repository", "audit"]
PURPOSES: tuple[Purpose, ...] = ("team", "publication", "repository", "audit")
LONGEST = 500


@dataclass(frozen=True)
class Accepted:
    """A finding that somebody let stand: the rule, how many it found, and why."""

    rule: str
    count: int
    reason: str


@dataclass(frozen=True)
class Export:
    """A file that left the study.

    ``kind`` is the report, ``sha256`` the digest of the file as it was written; ``participants``
    are who is in it, by pseudonym, if only in its counts; ``final`` is false for a draft.
    ``released_by`` is the name of the person who lets it out, ``made_by`` the seat.
    """

    kind: str
    format: str
    name: str
    sha256: str
    size: int
    snapshot: str
    codebook_version: str = ""
    final: bool = False
    purpose: Purpose = "publication"
    recipient: str = ""
    released_by: str = ""
    participants: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    made_by: str = ""
    at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise BadCommand(
                f"“{self.purpose}” is no kind of export; choose one of {', '.join(PURPOSES)}."
            )
        if max(len(self.recipient), len(self.released_by), len(self.name)) > LONGEST:
            raise BadCommand(f"A name has at most {LONGEST} characters; shorten it.")
        if self.final and not (self.released_by.strip() and self.recipient.strip()):
            raise BadCommand("A final file names who releases it and whom it goes to.")
        if any(not accepted.reason.strip() for accepted in self.accepted):
            raise BadCommand("What is let stand needs a reason; it is recorded.")
        if any(len(accepted.reason) > LONGEST for accepted in self.accepted):
            raise BadCommand(f"A reason has at most {LONGEST} characters; shorten it.")


class Exports(Opened):
    """What left one study."""

    if TYPE_CHECKING:

        def _people_held_back(self) -> frozenset[str]: ...

    def exports(self, participant: str | None = None) -> tuple[Export, ...]:
        """The register, oldest first; with ``participant`` the files that hold them.

        Whoever still codes reads none of it: what left tells what was submitted and settled.
        """
        if self.seat is not None and self._still_codes():
            return ()
        waiting = self._people_held_back()
        found = tuple(
            replace(kept, participants=tuple(p for p in kept.participants if p not in waiting))
            for row in self._db.query("SELECT * FROM exports ORDER BY position")
            for kept in [_export(row)]
        )
        if participant is None:
            return found
        return tuple(export for export in found if participant in export.participants)

    def record_export(self, export: Export) -> Export:
        """Keep that this file left the study, with its line of history; the same with who and when.

        A draft may be taken by whoever may read the report; a final file is released by a lead or
        an author.
        """
        if export.final:
            require(self.seat, "release a report")
        kept = Export(**{**_fields(export), "made_by": self.who, "at": history.now()})
        with self._change("export", kept.id) as details:
            self._db.table("exports").insert(
                {
                    **asdict(kept),
                    "position": self._next("exports"),
                    "final": int(kept.final),
                    "participants": rows.to_json(list(kept.participants)),
                    "accepted": rows.to_json([asdict(each) for each in kept.accepted]),
                }
            )
            details |= {
                "report": kept.kind,
                "format": kept.format,
                "final": kept.final,
                "sha256": kept.sha256,
                "participants": list(kept.participants),
                "accepted": [each.rule for each in kept.accepted],
            }
        return kept

    def _still_codes(self) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM assignments WHERE coder = ? "
            "AND state IN ('assigned', 'in_progress', 'reopened') LIMIT 1",
            [self.who],
        ).fetchone()
        return row is not None


def put_out_reasons(db: Any, person: str) -> None:
    """Empty why something about this person was let stand; called inside a withdrawal."""
    for id, held, accepted in db.execute(
        "SELECT id, participants, accepted FROM exports"
    ).fetchall():
        if accepted != "[]" and person in json.loads(held):
            db.execute("UPDATE exports SET accepted = '[]' WHERE id = ?", [id])


def _fields(export: Export) -> dict[str, Any]:
    return {name: getattr(export, name) for name in export.__dataclass_fields__}


def _export(row: Mapping[str, Any]) -> Export:
    kept = {key: value for key, value in row.items() if key != "position"}
    return Export(
        **{
            **kept,
            "final": bool(row["final"]),
            "participants": tuple(json.loads(row["participants"])),
            "accepted": tuple(Accepted(**each) for each in json.loads(row["accepted"])),
        }
    )
