"""Taking back what was done on the board, the last first, as long as nobody has worked on since.

Kept in the session: ids and version numbers. Taking back is a change like any other and stands in
the history; the study refuses what would undo another's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from qualcode.errors import AlreadyInStudy, BadCommand, NotInStudy
from qualcode.model import Theme
from qualcode.spans import Span
from qualcode.store import Study

MOST = 50
Kind = Literal["versions", "order", "add", "drop", "merge", "split"]


@dataclass(frozen=True)
class Step:
    """One act: ``then`` are the versions of the themes before it, ``now`` those after.

    ``theme`` is what it was about: the theme moved, added, dropped, merged away or split off, and
    ``other`` the one before which it stood, or which it was split from. ``passages`` came with it;
    ``suggestion`` is the run and the number of the candidate that they came from.
    """

    kind: Kind
    words: str
    theme: str = ""
    other: str = ""
    then: Mapping[str, int] = field(default_factory=dict)
    now: Mapping[str, int] = field(default_factory=dict)
    passages: tuple[tuple[str, int, int], ...] = ()
    suggestion: tuple[str, int] | None = None


class Undoing:
    """The acts of one person on one board that can be taken back."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._same: dict[tuple[str, int], int] = {}  # a version that says what an earlier one said

    @property
    def next(self) -> str:
        """What would be taken back, in words; "" where nothing is left."""
        return self.steps[-1].words if self.steps else ""

    def did(self, step: Step) -> None:
        self.steps = [*self.steps, step][-MOST:]

    def undo(self, study: Study) -> str:
        """Take the last act back; what was taken back, in words."""
        if not self.steps:
            raise BadCommand("There is nothing to take back.")
        step = self.steps.pop()
        themes = {theme.id: theme for theme in study.themes()}
        untouched = {
            theme: number
            for theme, number in step.now.items()
            if theme in themes and self._says(themes[theme]) == self._of(theme, number)
        }
        self._do(study, step, themes, untouched)
        for theme in study.themes():
            if theme.id in untouched or (theme.id in step.then and theme.id not in themes):
                self._same[theme.id, theme.version] = self._of(theme.id, step.then[theme.id])
        return step.words

    def _do(
        self, study: Study, step: Step, themes: Mapping[str, Theme], untouched: Mapping[str, int]
    ) -> None:
        match step.kind:
            case "add":
                study.drop_theme(step.theme, reason="taken back on the board")
            case "drop" | "merge":
                study.bring_back_theme(step.theme)
            case "split":
                study.merge_themes(step.theme, step.other, reason="the splitting was taken back")
            case "order":
                self._refuse_changed(step, themes, untouched)
                before = step.other if step.other in themes else ""
                parent = None
                if step.then:
                    number = step.then[step.theme]
                    versions = {one.number: one for one in study.theme_versions(step.theme)}
                    parent = str(versions[number].fields.get("parent", ""))
                study.place_theme(step.theme, parent=parent, before=before)
            case "versions":
                self._refuse_changed(step, themes, untouched)
                out: dict[str, list[tuple[str, Span]]] = {}
                for place, start, end in step.passages:
                    out.setdefault(step.theme, []).append((place, Span(start, end)))
                study.put_back_themes(step.then, without=out)
                if step.suggestion is not None:
                    with suppress(NotInStudy):  # somebody has opened it again already
                        study.reopen_suggestion(*step.suggestion)

    def _refuse_changed(
        self, step: Step, themes: Mapping[str, Theme], untouched: Mapping[str, int]
    ) -> None:
        for theme in step.now:
            if theme not in untouched:
                name = f"“{themes[theme].name}”" if theme in themes else "A theme of it"
                raise AlreadyInStudy(
                    f"{name} was changed since; take it back by hand. Nothing was kept."
                )

    def _says(self, theme: Theme) -> int:
        return self._of(theme.id, theme.version)

    def _of(self, theme: str, number: int) -> int:
        return self._same.get((theme, number), number)


def versions_before(themes: Iterable[Theme], *which: str) -> dict[str, int]:
    """The versions of these themes, as a step keeps them."""
    return {theme.id: theme.version for theme in themes if theme.id in which}
