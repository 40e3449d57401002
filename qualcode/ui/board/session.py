"""The server half of the board: what the browser did in, what stands now out. No Streamlit here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    StillBlind,
)
from qualcode.model import Theme
from qualcode.reports.rules.themes import FEWEST_WORDS
from qualcode.store import Study
from qualcode.store.theme_acts import SHARED_CODES
from qualcode.ui.board.cards import Cards, theme_cards
from qualcode.ui.board.undoing import Step, Undoing, versions_before

PROTOCOL = 1
"""Raised together with ``PROTOCOL`` in room.js when the two halves must be of one version."""
REMEMBERED = 200
REFUSALS = (AlreadyInStudy, BadCommand, NotAllowed, NotInStudy, StillBlind)
"""These will not change by trying again; after any other error the browser sends the acts again."""
AFTER_A_REFUSAL = "Not done, since what was done before it was refused."
WISHES = ("open", "merge", "split", "drop", "back", "candidate")
ID = re.compile(r"[0-9a-f-]{8,64}")
OpenStudy = Callable[[], AbstractContextManager[Study]]


@dataclass
class Exchange:
    """One person's conversation with the browser about the board: ids, versions, titles."""

    undoing: Undoing = field(default_factory=Undoing)
    acknowledged: list[str] = field(default_factory=list)
    rejected: list[dict[str, str]] = field(default_factory=list)
    trouble: str = ""
    said: str = ""
    answers: int = 0
    wish: dict[str, Any] | None = None
    needs_page: bool = False
    """Something changed that only a run of the whole page shows, such as a theme brought back."""
    is_page_run: bool = False

    def take(self, open_study: OpenStudy, payload: Mapping[str, Any]) -> None:
        """Carry out what the browser sent, in its order; what follows a refusal is not done."""
        acts = payload.get("ops")
        if not isinstance(acts, list):
            return
        self.rejected, refused = [], False
        try:
            with open_study() as study:
                for act in acts:
                    if not isinstance(act, dict) or not isinstance(act.get("op_id"), str):
                        continue
                    if act["op_id"] in self.acknowledged:
                        continue
                    if refused:
                        self._reject(act, AFTER_A_REFUSAL)
                        continue
                    try:
                        self._do(study, act)
                    except REFUSALS as error:
                        self._reject(act, str(error))
                        refused = True
                    else:
                        self.acknowledged = [*self.acknowledged, act["op_id"]][-REMEMBERED:]
        except QualcodeError as error:
            self.trouble = str(error)

    def _reject(self, act: Mapping[str, Any], reason: str) -> None:
        self.rejected.append({"op_id": act["op_id"], "reason": reason})

    def wished(self, payload: Mapping[str, Any]) -> None:
        """A window of the page is asked for."""
        if payload.get("what") in WISHES:
            self.wish = dict(payload)

    def _do(self, study: Study, act: Mapping[str, Any]) -> None:
        seen = {
            str(theme): number
            for theme, number in dict(act.get("seen") or {}).items()
            if isinstance(number, int)
        }
        match act.get("op"):
            case "place":
                self._place(study, act, seen)
            case "order":
                self._order(study, act, seen)
            case "rename":
                self._rename(study, _text(act, "theme"), _text(act, "name"), seen)
            case "new":
                self._new(study, act)
            case "undo":
                step = self.undoing.steps[-1] if self.undoing.steps else None
                self.said = f"Taken back: {self.undoing.undo(study)}."
                if step and (step.kind not in ("order", "versions", "add") or step.passages):
                    self.needs_page = True
            case _:
                raise BadCommand("This page is of another version of qualcode; load it again.")

    def _place(self, study: Study, act: Mapping[str, Any], seen: Mapping[str, int]) -> None:
        code, source, target = (_text(act, name) for name in ("code", "source", "target"))
        before = study.themes()
        changed = study.place_code(
            code, source=source, target=target, beside=act.get("beside") is True, seen=seen
        )
        name = study.codebook()[code].name
        self.undoing.did(_step("versions", f"“{name}” was moved", before, changed))

    def _order(self, study: Study, act: Mapping[str, Any], seen: Mapping[str, int]) -> None:
        theme, before = _text(act, "theme"), _text(act, "before")
        parent = None if act.get("parent") is None else _text(act, "parent")
        was = study.themes()
        order = [one.id for one in was]
        kept = study.place_theme(theme, parent=parent, before=before, seen=seen)
        place = order.index(theme) + 1
        step = _step("order", f"“{kept.name}” was moved", was, (kept,))
        followed = order[place] if place < len(order) else ""
        self.undoing.did(replace(step, theme=theme, other=followed))

    def _rename(self, study: Study, theme: str, name: str, seen: Mapping[str, int]) -> None:
        before = study.themes()
        now = next((one for one in before if one.id == theme), None)
        if now is None:
            raise NotInStudy("This theme is not in the study any more; load the page again.")
        kept = study.change_theme(replace(now, name=name, version=seen.get(theme, now.version)))
        self.undoing.did(_step("versions", f"“{now.name}” was renamed", before, (kept,)))

    def _new(self, study: Study, act: Mapping[str, Any]) -> None:
        id_, parent = _text(act, "id"), _text(act, "parent")
        if not ID.fullmatch(id_):
            raise BadCommand("This page is of another version of qualcode; load it again.")
        if parent and parent not in {one.id for one in study.themes() if not one.parent}:
            raise NotInStudy("The theme above this one is not in the study; choose another.")
        kept = study.add_theme(Theme(name=_text(act, "name"), id=id_, parent=parent))
        self.undoing.did(Step("add", f"“{kept.name}” was made", kept.id))

    def answer(self, study: Study, cards: Cards, *, readonly: bool) -> dict[str, Any]:
        """The data for the browser."""
        rejected, trouble, said = self.rejected, self.trouble, self.said
        self.rejected, self.trouble, self.said = [], "", ""
        self.is_page_run = False
        self.answers += 1
        return {
            "protocol": PROTOCOL,
            "answer": self.answers,
            "people": cards.people,
            "topic_words": FEWEST_WORDS,
            "shared": study.setting(SHARED_CODES) == "yes",
            "readonly": readonly,
            "codes": list(cards.codes),
            "themes": theme_cards(study.themes(), study.theme_work(), cards),
            "candidates": list(cards.candidates),
            "ack": self.acknowledged,
            "rejected": rejected,
            "undo": self.undoing.next,
            "said": said,
            "trouble": trouble,
        }


def _step(kind: Any, words: str, before: tuple[Theme, ...], changed: tuple[Theme, ...]) -> Step:
    """What became of these themes; one whose version stayed is left out."""
    then = versions_before(before, *(theme.id for theme in changed))
    now = {theme.id: theme.version for theme in changed if theme.version != then[theme.id]}
    return Step(kind, words, then={id_: then[id_] for id_ in now}, now=now)


def _text(act: Mapping[str, Any], name: str) -> str:
    value = act.get(name, "")
    if not isinstance(value, str):
        raise BadCommand("This page is of another version of qualcode; load it again.")
    return value
