"""Reporting checklists as data: a YAML file in, a Checklist out. Adding one needs no code.

Every ``*.yaml`` file beside this module is a checklist, known by its ``id``. Answers never stand
here; they live in the study, keyed by the item's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from qualcode.checklists.rules import ITEM_RULES
from qualcode.errors import BadCommand, UnreadableFile

Fill = Literal["auto", "semi", "form"]
FILLS: tuple[Fill, ...] = ("auto", "semi", "form")
STATUSES = ("reported", "not_applicable", "not_done", "missing")
FOLDER = Path(__file__).parent
ITEM_FIELDS = {
    *("id", "number", "domain", "section", "topic", "guide_question"),
    *("fill", "evidence", "rules", "crosswalk"),
}


@dataclass(frozen=True)
class ChecklistItem:
    """One thing a reader of the paper should find.

    ``fill`` says who answers: ``auto`` the study's records, ``semi`` the records with a person's
    word, ``form`` what the authors type. ``evidence`` names the record that answers. ``crosswalk``
    names the items of other checklists that the same answer fills: checklist → ids.
    """

    id: str
    number: str
    domain: str
    section: str
    topic: str
    guide_question: str
    fill: Fill = "form"
    evidence: str = ""
    rules: tuple[str, ...] = ()
    crosswalk: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Checklist:
    """A reporting guideline: its source and its items in their printed order."""

    id: str
    version: str
    title: str
    citation: str
    items: tuple[ChecklistItem, ...]
    instruction: str = ""
    applies_to: tuple[str, ...] = ()
    statuses: tuple[str, ...] = STATUSES

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains in order, each once."""
        return tuple(dict.fromkeys(item.domain for item in self.items))

    def item(self, item_id: str) -> ChecklistItem:
        """The item of this id, or a sentence that names the checklist."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise BadCommand(f"{self.id.upper()} has no item “{item_id}”.")


def checklist_names() -> tuple[str, ...]:
    """The names that :func:`load_checklist` takes.

    >>> checklist_names()
    ('coreq', 'srqr')
    """
    return tuple(sorted(_files()))


def load_checklist(name: str) -> Checklist:
    """The checklist of this name, in its newest version.

    >>> coreq = load_checklist("coreq")
    >>> len(coreq.items), coreq.items[23].topic
    (32, 'Number of data coders')
    """
    files = _files()
    if name not in files:
        raise BadCommand(f"There is no checklist “{name}”; there are {', '.join(sorted(files))}.")
    return read_checklist(files[name])


def read_checklist(path: Path) -> Checklist:
    """A checklist file, refused with file, item and field if anything in it is wrong."""
    try:
        content = yaml.safe_load(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UnreadableFile(
            f"The checklist {path.name} cannot be opened: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise BadCommand(f"{path.name} is not saved as UTF-8; save it so and try again.") from error
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f", line {line + 1}" if line is not None else ""
        raise BadCommand(f"{path.name}{where}: this is not valid YAML.") from error
    if not isinstance(content, dict):
        raise BadCommand(
            f"{path.name}: a checklist has id, title and items at its outermost level."
        )
    head = cast("Mapping[str, Any]", content)
    rows = head.get("items")
    if not isinstance(rows, list) or not rows:
        raise BadCommand(f"{path.name}: “items” is missing or empty.")
    items = tuple(_item(path.name, place, row) for place, row in enumerate(rows, start=1))
    for what in ("id", "number"):
        seen: set[str] = set()
        for item in items:
            value = str(getattr(item, what))
            if value in seen:
                raise BadCommand(f"{path.name}, item {item.id}: the {what} {value} stands twice.")
            seen.add(value)
    response = head.get("response", {})
    if not isinstance(response, dict):
        raise BadCommand(f"{path.name}: “response” should hold columns and statuses.")
    return Checklist(
        id=_word(path.name, "the head", head, "id"),
        version=_word(path.name, "the head", head, "version"),
        title=_word(path.name, "the head", head, "title"),
        citation=_word(path.name, "the head", head, "citation"),
        items=items,
        instruction=_word(path.name, "the head", head, "instruction", required=False),
        applies_to=_words(path.name, "the head", head, "applies_to"),
        statuses=_words(path.name, "the head", response, "statuses") or STATUSES,
    )


def _files() -> dict[str, Path]:
    # "coreq_2007.yaml" is the 2007 version of "coreq"; the newest version is last.
    return {
        path.stem.rpartition("_")[0] or path.stem: path for path in sorted(FOLDER.glob("*.yaml"))
    }


def _item(file: str, place: int, row: object) -> ChecklistItem:
    if not isinstance(row, dict):
        raise BadCommand(f"{file}, item {place}: an item holds id, topic and guide_question.")
    name = str(row.get("id") or place)
    for key in row:
        if key not in ITEM_FIELDS:
            raise BadCommand(f"{file}, item {name}: the field “{key}” is not known.")
    where = f"item {name}"
    item_id = _word(file, where, row, "id")
    fill = _word(file, where, row, "fill", required=False) or "form"
    if fill not in FILLS:
        raise BadCommand(
            f"{file}, item {name}: the field “fill” is “{fill}”, and should be {', '.join(FILLS)}."
        )
    return ChecklistItem(
        id=item_id,
        number=_word(file, where, row, "number", required=False) or item_id,
        domain=_word(file, where, row, "domain"),
        section=_word(file, where, row, "section", required=False),
        topic=_word(file, where, row, "topic"),
        guide_question=_word(file, where, row, "guide_question"),
        fill=fill,
        evidence=_word(file, where, row, "evidence", required=False),
        rules=_rules(file, where, row),
        crosswalk=_crosswalk(file, where, row),
    )


def _rules(file: str, where: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    names = _words(file, where, row, "rules")
    for name in names:
        if name not in ITEM_RULES:
            near = get_close_matches(name, ITEM_RULES, 1)
            known = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(ITEM_RULES)}."
            raise BadCommand(
                f"{file}, {where}: the field “rules” names “{name}”, which is not known; {known}"
            )
    return names


def _crosswalk(file: str, where: str, row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    held = row.get("crosswalk") or {}
    if not isinstance(held, dict):
        raise BadCommand(
            f"{file}, {where}: the field “crosswalk” should hold lists of items by checklist."
        )
    return {str(name): _words(file, f"{where}, crosswalk", held, name) for name in held}


def _word(
    file: str, where: str, row: Mapping[str, Any], name: str, *, required: bool = True
) -> str:
    value = row.get(name)
    # YAML reads `no` as false and 2007 as a number: the first is a slip, the second is meant.
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise BadCommand(f"{file}, {where}: the field “{name}” should be text.")
    text = " ".join(str(value).split()) if value is not None else ""
    if required and not text:
        raise BadCommand(f"{file}, {where}: the field “{name}” is missing or empty.")
    return text


def _words(file: str, where: str, row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadCommand(f"{file}, {where}: the field “{name}” should be a list of words.")
    return tuple(values)
