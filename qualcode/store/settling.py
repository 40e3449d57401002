"""Settling one study: who may decide, and by which rule codings count as agreed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qualcode.errors import BadCommand, NotAllowed, NotInStudy
from qualcode.model import MAIN, AgreedRule, Kept
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.model import Member
    from qualcode.store.rounds import Rounds
    from qualcode.store.settings import Settings

SAME, KEEP, DECIDERS = "reconcile.same", "reconcile.keep", "reconcile.deciders"


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


class Settling(Opened):
    """What the lead says about settling, kept among the settings."""

    settings: Settings
    _rounds: Rounds

    def agreed_rule(self) -> AgreedRule:
        """When codings of several coders come over as consensus by themselves, and which span."""
        usual = AgreedRule()
        with suppress(ValueError, BadCommand):  # what a hand wrote into the file counts as unsaid
            return AgreedRule(
                float(self.settings.get(SAME, str(usual.same))),
                self.settings.get(KEEP, usual.keep),  # type: ignore[arg-type]
            )
        return usual

    def set_agreed_rule(self, *, same: float | None = None, keep: Kept | None = None) -> AgreedRule:
        """Change the rule; decisions hold as they were, and a locked consensus stays locked."""
        before = self.agreed_rule()
        rule = AgreedRule(before.same if same is None else same, keep or before.keep)
        self.settings.change({SAME: f"{rule.same:g}", KEEP: rule.keep})
        return rule

    def marks(self) -> tuple[str, str]:
        """Two digests for who keeps what they have read: the first changes with any coding open to
        this seat or how they are compared, the second with any decision open to it.
        """
        sight = self._rounds.sight()
        texts = {
            row["id"]: (row["title"], row["sha256"], row["position"])
            for row in self._db.query("SELECT id, title, sha256, position FROM transcripts")
            if row["id"] in sight.closed
        }
        given = sorted(
            (a.transcript, a.coder, a.state, a.submitted_at or "", a.not_blind)
            for a in self._rounds.all_assignments(MAIN)
            if a.transcript in sight.closed
        )
        seat = (self.seat.name, sorted(self.seat.roles)) if self.seat else ()
        names = [member.name for member in self._members()]
        blind = self._rounds.round(MAIN).recode_blind
        said = self._db.execute(
            "SELECT count(*) FROM recodings WHERE (outcome = 'submit' OR made_by = ? OR NOT ?) "
            "AND transcript NOT IN (SELECT value FROM json_each(?))",
            [self.who, blind, json.dumps(sorted(sight.held_back))],
        ).fetchone()
        told = [seat, sorted(texts.items()), given, names, self._rounds.newest(), said[0], blind]
        codings = _digest([*told, vars(self.agreed_rule())])
        made = [
            tuple(row)
            for row in self._db.execute(
                "SELECT transcript, count(*), max(position) FROM decisions GROUP BY transcript"
            )
            if row[0] in sight.closed
        ]
        return codings, _digest([codings, sorted(made)])

    def deciders(self) -> tuple[str, ...]:
        """Coders who may settle differences on what they have not coded, beside the lead."""
        try:
            kept = json.loads(self.settings.get(DECIDERS, "[]"))
        except ValueError:
            return ()
        there = {member.name for member in self._members() if "coder" in member.roles}
        return tuple(name for name in kept if name in there) if isinstance(kept, list) else ()

    def set_deciders(self, names: Iterable[str]) -> None:
        """Let these coders, and no others, settle differences on what they have not coded."""
        wanted = list(dict.fromkeys(names))
        coders = {member.name for member in self._members() if "coder" in member.roles}
        for name in wanted:
            if name not in coders:
                raise NotInStudy(f"{name} is not a coder of this study; choose a coder.")
        self.settings.change({DECIDERS: json.dumps(wanted)})

    def may_decide(self, transcript: str) -> bool:
        """True where this seat may settle the differences of this transcript (by its id)."""
        if self.seat is None or self.seat.is_lead:
            return True
        return self.seat.name in self.deciders() and not self._has_coded(transcript)

    def require_decider(self, transcript: str) -> None:
        """Raise :class:`NotAllowed` unless this seat may settle the differences there."""
        if self.may_decide(transcript):
            return
        if self.seat is not None and self.seat.name in self.deciders():
            raise NotAllowed(
                "You have coded this transcript yourself; the lead or another decider settles it."
            )
        raise NotAllowed("Only the study lead can settle differences; ask them to do it.")

    def _has_coded(self, transcript: str) -> bool:
        return any(
            a.transcript == transcript
            and a.round == MAIN
            and a.coder == self.who
            and a.state != "withdrawn"
            for a in self._rounds.all_assignments(MAIN)
        )

    def _members(self) -> tuple[Member, ...]:
        members: Any = self
        return tuple(members.members())
