"""The codebook of a study: its versions, what changed with each, and what a change would touch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qualcode.changes import (
    LOOK_AGAIN,
    CodeChange,
    Effect,
    carried,
    changes_between,
    effect_of,
)
from qualcode.codebook import Codebook
from qualcode.errors import AlreadyInStudy, BadCodebook, NotInStudy
from qualcode.store import history, rows
from qualcode.store.access import may_read_codings, require
from qualcode.store.opened import Opened

if TYPE_CHECKING:
    from qualcode.store.ledger import Ledger
    from qualcode.store.rounds import Rounds
    from qualcode.store.settings import Settings

LONGEST_NOTE = 2_000
Layer = tuple[str, str, str]
"""A round, a transcript, and the coder who coded it there."""


@dataclass(frozen=True)
class VersionChange:
    """A change, the version that brought it, and what it did to codings made before."""

    version: str
    change: CodeChange
    effect: Effect

    @property
    def asks(self) -> bool:
        """Whether codings that carry the code are to be looked at by those who made them."""
        return self.effect in ("confirm", "choose") or self.change.kind == "broaden"


@dataclass(frozen=True)
class Effected:
    """What a change touches, as far as this seat may see: codings that count as its code.

    ``transcripts`` are ids, ``coders`` who would have to look at them (after a new or a broader
    code, all that was coded), ``themes`` the names of themes that hold the code. ``unseen`` counts
    the transcripts that are still being coded, round by round: what is on them is not in it.
    Pilots are left out, since nobody recodes them.
    """

    change: CodeChange
    effect: Effect
    codings: int
    transcripts: tuple[str, ...]
    coders: tuple[str, ...]
    themes: tuple[str, ...]
    unseen: int = 0

    @property
    def sentence(self) -> str:
        """What becomes of the codings, with their numbers."""
        codings = _counted(self.codings, "coding")
        where = f"of {_counted(len(self.coders), 'coder')} on " + _counted(
            len(self.transcripts), "transcript"
        )
        again = f"{_counted(len(self.transcripts), 'transcript')} of " + _counted(
            len(self.coders), "coder"
        )
        if self.change.kind in LOOK_AGAIN and self.effect != "none":
            stand = {"confirm": "to be confirmed or removed", "look_again": "that may stand"}
            here = f"{codings} {stand[self.effect]}; " if self.codings else ""
            if not self.transcripts:
                return "Nothing is coded yet that would be looked at again."
            return f"{here}{again} to be looked at again for this code."
        if not self.codings:
            return "No coding carries it."
        words = {
            "none": f"{codings} {where}: as before.",
            "confirm": f"{codings} {where}: to be confirmed or removed.",
            "choose": f"{codings} {where}: the coder of each chooses which new codes fit.",
            "moved": f"{codings} {where}: counted as the new code from now on.",
            "kept_out": f"{codings} {where}: kept in the record, no longer counted.",
        }
        return words[self.effect]


class Codebooks(Opened):
    """What a study can do with its codebook."""

    _rounds: Rounds
    _ledger: Ledger
    settings: Settings

    def codebook(self, version: str | None = None) -> Codebook:
        """The codebook at this version, without one at its newest; empty before there is one."""
        row = self._db.execute(
            "SELECT version FROM codebook_versions WHERE version = ifnull(?, version) "
            "ORDER BY position DESC LIMIT 1",
            [version],
        ).fetchone()
        if row is None and version:
            raise NotInStudy(
                f"There is no codebook version {str(version)[:20]} in {self.settings.get('title')}."
            )
        if row is None:
            return Codebook()
        kept = self._db.execute(
            "SELECT fields FROM codes WHERE version = ? ORDER BY position", [row[0]]
        ).fetchall()
        return _read_codebook(tuple(fields for (fields,) in kept), str(row[0]))

    def versions(self) -> tuple[dict[str, str], ...]:
        """The versions of the codebook, oldest first: version, made_by, made_at, note, and state
        (draft until a round is held to it, then frozen; superseded when no round follows it).
        """
        held = {r.version for r in self._rounds.rounds()}
        going_on = {r.version for r in self._rounds.rounds() if not r.is_closed}
        found = list(self._db.query("SELECT * FROM codebook_versions ORDER BY position"))
        return tuple(
            {key: row[key] for key in ("version", "made_by", "made_at", "note")}
            | {"state": _version_state(row, found[-1], held, going_on)}
            for row in found
        )

    def codebook_changes(self, version: str | None = None) -> tuple[VersionChange, ...]:
        """The changes made with this version, or with each, oldest first.

        Of a version kept before changes were told, they are what a comparison with the version
        before it tells.
        """
        kept: dict[str, list[CodeChange]] = {}
        for row in self._db.query("SELECT * FROM codebook_changes ORDER BY version, number"):
            kept.setdefault(row["version"], []).append(_change(row))
        names = [row["version"] for row in self.versions()]
        if version is not None and version not in names:
            raise NotInStudy(f"There is no codebook version {version[:20]} in this study.")
        found: list[VersionChange] = []
        for earlier, name in zip(["", *names], names, strict=False):
            if not earlier or version not in (None, name):
                continue
            before, after = self.codebook(earlier), self.codebook(name)
            for change in kept.get(name) or changes_between(before, after):
                found.append(VersionChange(name, change, effect_of(change, before, after)))
        return tuple(found)

    def effects(
        self, codebook: Codebook, changes: Iterable[CodeChange] = ()
    ) -> tuple[Effected, ...]:
        """What would be touched if this codebook were the next version, change by change.

        ``changes`` is what a person says of it, as for :meth:`set_codebook`. Only what is open to
        this seat is counted.
        """
        require(self.seat, "change the codebook")
        before = self.codebook()
        found = changes_between(before, codebook, changes)
        visible, unseen = self._visible()
        carriers = self._carriers(visible)
        themes = [(theme.name, theme.codes) for theme in self._ledger.themes()]
        told = []
        for change in found:
            own = carriers.get(change.code, {})
            effect = effect_of(change, before, codebook)
            again = change.kind in LOOK_AGAIN and effect != "none"
            layers = visible if again else own.keys()
            told.append(
                Effected(
                    change,
                    effect,
                    codings=sum(own.values()),
                    transcripts=tuple(sorted({place for _, place, _ in layers})),
                    coders=tuple(sorted({coder for _, _, coder in layers})),
                    themes=tuple(name for name, codes in themes if change.code in codes),
                    unseen=unseen,
                )
            )
        return tuple(told)

    def set_codebook(
        self,
        codebook: Codebook,
        *,
        note: str = "",
        changes: Iterable[CodeChange] = (),
        on: str = "",
        despite_themes: bool = False,
    ) -> Codebook:
        """Keep this codebook as a new version; once coding has begun no code may leave it.

        Parameters
        ----------
        changes
            What a comparison cannot tell: codes merged or split, definitions narrowed, broadened or
            only reworded.
        on
            The version that was changed: if another has become the newest, nothing is kept.
        despite_themes
            True where it is meant that codes are retired, or split, which a theme holds.

        Returns
        -------
        Codebook
            The codebook as kept, with its version number.

        Raises
        ------
        BadCodebook
            A code would leave, or what was said does not fit, or a theme holds a code that goes.
        AlreadyInStudy
            Somebody has kept another version meanwhile.
        """
        require(self.seat, "change the codebook")
        with self._writing():
            before = self.codebook()
            if on and before.version != on:
                raise AlreadyInStudy(
                    f"Version {before.version} was kept meanwhile; look at it, and make the "
                    "changes on it."
                )
            if codebook.codes == before.codes and len(before):
                return before
            if self._rounds.begun():
                _refuse_leaving(before, codebook)
            made = changes_between(before, codebook, changes)
            if not despite_themes:
                self._refuse_leaving_themes(before, made)
            return self._keep(before, codebook, note, made)

    def _keep(
        self, before: Codebook, codebook: Codebook, note: str, made: Sequence[CodeChange]
    ) -> Codebook:
        with self._change("codebook_change") as details:
            position = self._next("codebook_versions")
            kept = replace(codebook, version=self._next_version(before, codebook, made, position))
            self._db.table("codebook_versions").insert(
                {
                    "version": kept.version,
                    "position": position,
                    "made_by": self.who,
                    "made_at": history.now(),
                    "note": note,
                }
            )
            self._db.table("codes").insert_all(
                rows.code_row(code, version=kept.version, position=number)
                for number, code in enumerate(kept.codes)
            )
            self._db.table("codebook_changes").insert_all(
                _change_row(change, kept.version, number)
                for number, change in enumerate(made, start=1)
            )
            details |= {"version": kept.version, "codes": len(kept.codable)}
            if made:
                details["changes"] = [[c.kind, c.code, *c.into] for c in made]
        return kept

    def _next_version(
        self, before: Codebook, codebook: Codebook, made: Iterable[CodeChange], position: int
    ) -> str:
        """0.1, 0.2 … while it is a draft. Once a round is held to one: a first number more for what
        can change what is coded, a last number more for wording, colour, place or order.
        """
        if not any(held.version for held in self._rounds.rounds()):
            return f"0.{position}"
        numbers = [int(part) for part in before.version.split(".")]
        if any(effect_of(change, before, codebook) != "none" for change in made):
            return f"{numbers[0] + 1}.0"
        if numbers[0] == 0:  # held while it was a draft: 0.3 is reworded as 0.3.1
            return f"0.{numbers[1]}.{(numbers[2] if len(numbers) > 2 else 0) + 1}"
        return f"{numbers[0]}.{numbers[1] + 1}"

    def _refuse_leaving_themes(self, before: Codebook, made: Iterable[CodeChange]) -> None:
        # Themes rest on what everybody has submitted: of those closed to the seat nothing is told.
        for change in made:
            if change.kind not in ("retire", "split") or change.code not in before:
                continue
            for theme in self._ledger.themes():
                if change.code in theme.codes:
                    raise BadCodebook(
                        f"The theme “{theme.name}” holds “{before[change.code].name}”, which would "
                        "no longer be counted; say that this is meant, or leave the code in use. "
                        "Nothing was changed."
                    )

    # -- what is touched -----------------------------------------------------------------------

    def _visible(self) -> tuple[set[Layer], int]:
        """The layers of the main and the repeat rounds that are open to this seat, and how many
        transcripts are not.
        """
        sights = self._rounds.sights()
        counted = {held.id for held in self._rounds.rounds() if held.kind != "pilot"}
        visible: set[Layer] = set()
        unseen: set[tuple[str, str]] = set()
        for a in self._rounds.all_assignments():
            if a.round not in counted or a.state == "withdrawn":
                continue
            sight = sights[a.round]
            if may_read_codings(
                self.seat, coder=a.coder, round_=a.round, transcript=a.transcript, sight=sight
            ):
                visible.add((a.round, a.transcript, a.coder))
            if a.transcript not in sight.closed:
                unseen.add((a.round, a.transcript))
        return visible, len(unseen)

    def _carriers(self, visible: set[Layer]) -> dict[str, dict[Layer, int]]:
        """Code → the layers with codings that count as it now, and how many each has."""
        since = self._since()
        found: dict[str, dict[Layer, int]] = {}
        for *layer, code, version, n in self._db.execute(
            "SELECT round, transcript, coder, code, codebook_version, count(*) FROM codings "
            "GROUP BY round, transcript, coder, code, codebook_version"
        ):
            place: Layer = (layer[0], layer[1], layer[2])
            if place in visible:
                past = [told.change for told in since.get(version, ())]
                for now in carried(code, past):
                    counts = found.setdefault(now, {})
                    counts[place] = counts.get(place, 0) + n
        return found

    def _since(self) -> dict[str, tuple[VersionChange, ...]]:
        """Version → the changes of all later versions."""
        told = self.codebook_changes()
        names = [row["version"] for row in self.versions()]
        return {
            name: tuple(one for one in told if one.version in names[place + 1 :])
            for place, name in enumerate(names)
        }

    def _merged_since(self) -> Callable[[tuple[str, ...], str], tuple[str, ...]]:
        """Codes named at some moment → the codes they have become by merging since."""
        at = {row["version"]: row["made_at"] for row in self.versions()}
        told = [one for one in self.codebook_changes() if one.change.kind == "merge"]

        def now(codes: tuple[str, ...], moment: str) -> tuple[str, ...]:
            later = [one.change for one in told if at[one.version] > moment]
            return tuple(dict.fromkeys(c for code in codes for c in carried(code, later)))

        return now


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _change(row: Mapping[str, Any]) -> CodeChange:
    return CodeChange(row["kind"], row["code"], tuple(json.loads(row["into_codes"])), row["note"])


def _change_row(change: CodeChange, version: str, number: int) -> dict[str, Any]:
    if len(change.note) > LONGEST_NOTE:
        raise BadCodebook(
            f"A note on a change has at most {LONGEST_NOTE:,} characters; shorten it."
        )
    return {
        "version": version,
        "number": number,
        "kind": change.kind,
        "code": change.code,
        "into_codes": rows.to_json(list(change.into)),
        "note": change.note,
    }


@lru_cache(maxsize=32)
def _read_codebook(kept: tuple[str, ...], version: str) -> Codebook:
    """The codebook of these rows; a version never changes, and every act of a coder asks for it."""
    return Codebook(tuple(rows.code({"fields": fields}) for fields in kept), version=version)


def _refuse_leaving(before: Codebook, after: Codebook) -> None:
    """Once coding has begun, a code that could be put on text goes on being one, or is retired."""
    for code in before.codes:
        if code.id not in after or (code.codable and not after[code.id].codable):
            raise BadCodebook(
                f"Coding has begun, so “{code.name}” has to stay a code of the codebook; "
                "retire it instead, which keeps it for what was coded. Nothing was changed."
            )


def _version_state(
    row: Mapping[str, Any], newest: Mapping[str, Any], held: set[str], going_on: set[str]
) -> str:
    version = row["version"]
    if version in going_on:
        return "frozen"
    return "draft" if version == newest["version"] and version not in held else "superseded"
