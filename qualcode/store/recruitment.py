"""Who was asked to take part, what came of it, and what those who took part permitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from qualcode.errors import BadCommand, NotInStudy
from qualcode.model import Approach, Consent
from qualcode.store.access import require

if TYPE_CHECKING:
    from qualcode.store.study import Study

MOST = 5_000


class Recruitment:
    """The recruitment log and the consents of one study, through its seat."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    # -- consent -------------------------------------------------------------------------------

    def consents(self) -> dict[str, Consent]:
        if not self._study.shows_people:
            return {}
        waiting = self._study._people_held_back()
        return {
            row["participant"]: Consent(**row)
            for row in self._db.query(
                "SELECT c.* FROM consents c JOIN participants p ON p.id = c.participant "
                "ORDER BY p.position"
            )
            if row["participant"] not in waiting
        }

    def set_consent(self, consent: Consent) -> None:
        """Keep what one participant permitted; the history names what changed, not the answer."""
        require(self._study.seat, "record consent")
        with self._study._writing():
            row = self._db.execute(
                "SELECT status FROM participants WHERE id = ?", [consent.participant]
            ).fetchone()
            if row is None:
                raise NotInStudy(
                    f"There is no participant “{consent.participant[:40]}” in {self._study.title}."
                )
            if row[0] == "withdrew":
                raise BadCommand(f"{consent.participant} has withdrawn; nothing was changed.")
            found = next(
                self._db.query(
                    "SELECT * FROM consents WHERE participant = ?", [consent.participant]
                ),
                None,
            )
            before = Consent(**found) if found else Consent(consent.participant)
            if consent == before:
                return
            with self._study._change("consent_change", consent.participant) as details:
                self._db.table("consents").upsert(asdict(consent), pk="participant")
                details["keys"] = sorted(
                    name
                    for name, value in asdict(consent).items()
                    if value != getattr(before, name)
                )

    # -- the log -------------------------------------------------------------------------------

    def approaches(self) -> tuple[Approach, ...]:
        if not self._study.shows_people:
            return ()
        return tuple(
            Approach(**{key: value for key, value in row.items() if key != "position"})
            for row in self._db.query("SELECT * FROM recruitment ORDER BY position")
        )

    def keep(self, approaches: Sequence[Approach], without: Iterable[str]) -> None:
        """Add these to the log or put them in place of those of the same id; take others out."""
        require(self._study.seat, "keep the recruitment log")
        with self._study._writing():
            known = {
                row["id"]: (row["position"], dict(row))
                for row in self._db.query("SELECT * FROM recruitment")
            }
            gone = sorted(set(without) & known.keys())
            new = [
                a
                for a in approaches
                if a.id not in known or known[a.id][1] != asdict(a) | {"position": known[a.id][0]}
            ]
            if not gone and not new:
                return
            if len(known) + len(new) > MOST:
                raise BadCommand(f"The recruitment log has at most {MOST:,} rows.")
            with self._study._change("recruitment_change") as details:
                for id in gone:
                    self._db.execute("DELETE FROM recruitment WHERE id = ?", [id])
                for approach in new:
                    place = known.get(approach.id)
                    position = place[0] if place else self._study._next("recruitment")
                    self._db.table("recruitment").upsert(
                        asdict(approach) | {"position": position}, pk="id"
                    )
                details |= {"kept": len(new), "taken_out": len(gone)}

    def withdrawn(self, person: str) -> None:
        """Carry a withdrawal into the log and the consents; called inside a change."""
        self._db.execute(
            "UPDATE recruitment SET outcome = 'withdrew_after' "
            "WHERE participant = ? AND outcome = 'completed'",
            [person],
        )
        self._db.execute(
            "UPDATE consents SET record = 'no', share = 'no', recontact = 'no' "
            "WHERE participant = ?",
            [person],
        )
