"""What is typed once for a study: settings, the team as the report names it, checklist answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qualcode.errors import BadCommand
from qualcode.store import history, rows
from qualcode.store.access import READERS_OF_RESULTS, require
from qualcode.store.releases import HOLDS_BACK

if TYPE_CHECKING:
    from qualcode.store.study import Study

LONGEST = 20_000
LONGEST_BASIS = 200_000
REPORT = "report"
"""Where the authors' words in the report are kept; they tell of results."""
LONGEST_PUBLISHED = 5_000_000
PUBLISHED = "published."
SETTLING = "reconcile."
"""How settings begin that say who settles what, and by which rule: they are the lead's."""
STATUSES = ("", "reported", "not_applicable", "not_done")


class Settings:
    """The typed answers of one study."""

    def __init__(self, study: Study) -> None:
        self._study = study

    def get(self, key: str, default: str = "") -> str:
        return default if key.startswith(PUBLISHED) else self._kept(key, default)

    def _kept(self, key: str, default: str = "") -> str:
        row = self._study._db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
        return str(row[0]) if row else default

    def publish(self, key: str, text: str) -> None:
        """Keep what the lead publishes for the authors; an earlier one is replaced."""
        require(self._study.seat, "publish for the authors")
        self._study.sight().require("Publishing")
        if len(text) > LONGEST_PUBLISHED:
            raise BadCommand("This is too long to be published; publish fewer tables.")
        with self._study._change("publish", key) as details:
            self._study._db.table("settings").upsert(
                {"key": PUBLISHED + key, "value": text}, pk="key"
            )
            details["characters"] = len(text)

    def published(self, key: str) -> str:
        """What was published, or ""; it rests on codings, so not for whoever still codes."""
        return "" if self._study.sight().own_open else self._kept(PUBLISHED + key)

    def put(self, values: Mapping[str, str]) -> None:
        """Keep these values; called inside a change."""
        for key, value in values.items():
            if len(value) > LONGEST:
                raise BadCommand(f"“{key}” has {len(value):,} characters; {LONGEST:,} is the most.")
            self._study._db.table("settings").upsert({"key": key, "value": value}, pk="key")

    def change(self, values: Mapping[str, str]) -> None:
        """Keep what the lead typed; the history names the keys that changed."""
        require(self._study.seat, "change the study's settings")
        if HOLDS_BACK in values:
            raise BadCommand("Whether texts are held back is said by a steward, on its own.")
        changed = {key: value for key, value in values.items() if self.get(key) != value}
        if any(key.startswith(SETTLING) for key in changed):
            require(self._study.seat, "say how differences are settled")
        if "title" in changed and not changed["title"].strip():
            raise BadCommand("A study needs a title.")
        if changed:
            with self._study._change("settings_change") as details:
                self.put(changed)
                details["keys"] = sorted(changed)

    def team(self) -> list[dict[str, str]]:
        return [
            json.loads(row["facts"])
            for row in self._study._db.query("SELECT facts FROM team ORDER BY position")
        ]

    def set_team(self, team: Iterable[Mapping[str, str]]) -> None:
        require(self._study.seat, "change the team page")
        people = [dict(person) for person in team if any(str(v).strip() for v in person.values())]
        if people == self.team():
            return
        with self._study._change("settings_change") as details:
            self._study._db.execute("DELETE FROM team")
            self._study._db.table("team").insert_all(
                {"position": n, "facts": rows.to_json(person)} for n, person in enumerate(people)
            )
            details["keys"] = ["team"]

    def answers(self, checklist: str) -> dict[str, dict[str, str]]:
        if checklist == REPORT and not self._may_read_results():
            return {}
        kept = ["status", "location", "response", "edited_by", "edited_at"]
        if self._may_read_results():
            kept.append("based_on")
        return {
            row["item"]: {key: row[key] for key in kept}
            for row in self._study._db.query(
                "SELECT * FROM answers WHERE checklist = ?", [checklist]
            )
        }

    def _may_read_results(self) -> bool:
        """What words were based on tells figures of the coding: not for whoever still codes."""
        seat = self._study.seat
        if seat is not None and not seat.roles & READERS_OF_RESULTS:
            return False
        return not self._study.sight().own_open

    def answer(
        self,
        checklist: str,
        item: str,
        *,
        status: str = "",
        location: str = "",
        response: str = "",
        based_on: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the author's own words on one item; they win over what the study drafts.

        ``based_on`` is what the study said of the item when they were typed (value, sentence,
        query, snapshot, time), by which it is seen later that the records moved on.
        """
        require(self._study.seat, "answer the checklist")
        if status not in STATUSES:
            raise BadCommand(f"“{status}” is not a status of a checklist item.")
        if max(len(location), len(response)) > LONGEST:
            raise BadCommand("The answer is longer than a checklist can hold; shorten it.")
        new = {"status": status, "location": location.strip(), "response": response.strip()}
        basis = rows.to_json(dict(based_on)) if based_on is not None else ""
        if len(basis) > LONGEST_BASIS:
            raise BadCommand("What the answer is based on is too long to be kept.")
        before = self.answers(checklist).get(item, {})
        if {key: before.get(key, "") for key in new} == new and _same(
            before.get("based_on", ""), basis
        ):
            return
        with self._study._change("checklist_edit", item) as details:
            self._study._db.table("answers").upsert(
                {
                    "checklist": checklist,
                    "item": item,
                    **new,
                    "based_on": basis,
                    "edited_by": self._study.who,
                    "edited_at": history.now(),
                },
                pk=("checklist", "item"),
            )
            details["status"] = status


def _same(before: str, after: str) -> bool:
    """True where both rest on the same figures, whenever they were computed."""

    def told(words: str) -> tuple[Any, Any]:
        basis = json.loads(words) if words else {}
        return basis.get("value"), basis.get("sentence")

    return told(before) == told(after)
