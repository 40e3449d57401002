"""What a study asks of each participant and each interview: attributes with their kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.errors import BadCommand
from qualcode.model import Attribute
from qualcode.store import rows
from qualcode.store.access import require

if TYPE_CHECKING:
    from qualcode.store.study import Study

MOST = 100


class Attributes:
    """The typed attributes of one study; what is not defined here is text."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._db = study._db

    def defined(self) -> tuple[Attribute, ...]:
        return tuple(
            Attribute(row["name"], row["kind"], tuple(json.loads(row["allowed"])), row["held_by"])
            for row in self._db.query("SELECT * FROM attributes ORDER BY position")
        )

    def define(self, attributes: Sequence[Attribute]) -> None:
        """Keep these attributes in this order; what is known already has to fit them."""
        require(self._study.seat, "define attributes")
        names = [attribute.name.casefold() for attribute in attributes]
        if len(set(names)) < len(names):
            raise BadCommand("Two attributes have one name; nothing was changed.")
        if len(names) > MOST:
            raise BadCommand(f"A study has at most {MOST} attributes; nothing was changed.")
        with self._study._writing():
            before = self.defined()
            if tuple(attributes) == before:
                return
            self._refuse_misfits(attributes)
            with self._study._change("attributes_change") as details:
                gone = {known.name for known in before} - {known.name for known in attributes}
                for name in sorted(gone):
                    self._db.execute("DELETE FROM attributes WHERE name = ?", [name])
                for position, attribute in enumerate(attributes, start=1):
                    self._db.table("attributes").upsert(
                        {
                            "name": attribute.name,
                            "position": position,
                            "kind": attribute.kind,
                            "allowed": rows.to_json(list(attribute.values)),
                            "held_by": attribute.of,
                        },
                        pk="name",
                    )
                details["attributes"] = [attribute.name for attribute in attributes]

    def refuse(self, whose: str, values: Mapping[str, str], of: str) -> None:
        """Raise :class:`BadCommand` where a value does not fit its attribute."""
        _refuse(self.defined(), whose, values, of)

    def _refuse_misfits(self, attributes: Sequence[Attribute]) -> None:
        for person in self._study._shelf.participants():
            if person.status != "withdrew":
                _refuse(attributes, person.id, person.attributes, "participant")
        for transcript in self._study._shelf.transcripts(held_back=True):
            _refuse(attributes, transcript.title, transcript.facts, "transcript")


def _refuse(
    attributes: Sequence[Attribute], whose: str, values: Mapping[str, str], of: str
) -> None:
    for attribute in attributes:
        if attribute.of == of and (problem := attribute.problem(values.get(attribute.name, ""))):
            raise BadCommand(
                f"{whose}: “{values[attribute.name][:60]}” under {attribute.name} {problem}; "
                "nothing was changed."
            )


def of_template(asked: Mapping[str, Sequence[str]]) -> tuple[Attribute, ...]:
    """The attributes that a study template asks for; a wave belongs to the interview."""
    return tuple(
        Attribute(
            name,
            ("band" if name.endswith("_band") else "choice") if values else "text",
            tuple(values),
            "transcript" if name == "wave" else "participant",
        )
        for name, values in asked.items()
    )
