"""What an identifier is: its kind, where it stands, who found it and why; overlaps settled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from qualcode.errors import BadCommand
from qualcode.spans import Span

Kind = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I",
               "J", "K", "L", "M", "N", "O", "P", "Q", "R"]  # fmt: skip
# The eighteen of 45 CFR 164.514(b)(2)(i), in its order.
KINDS: dict[str, str] = {
    "A": "name",
    "B": "place below a state, or an institution that tells it",
    "C": "date other than a year, or an age over 89",
    "D": "telephone number",
    "E": "fax number",
    "F": "e-mail address",
    "G": "social security or other national number",
    "H": "medical record number",
    "I": "health plan number",
    "J": "account number",
    "K": "certificate or licence number",
    "L": "vehicle identifier or plate",
    "M": "device identifier or serial number",
    "N": "web address",
    "O": "IP address",
    "P": "biometric identifier",
    "Q": "photograph",
    "R": "other unique number, characteristic or code",
}
Layer = Literal["list", "pattern", "entity"]
LAYERS: tuple[Layer, ...] = ("list", "pattern", "entity")


@dataclass(frozen=True)
class Hit:
    """A stretch that may tell who somebody is; a person decides.

    ``subject`` is who or what is meant, the same in every transcript of the study, and empty
    where that does not matter (a telephone number). ``suggestion`` is a word for it, without
    brackets or number. ``confidence``, 0 to 1, orders the hits for review and decides nothing.
    """

    transcript: str
    span: Span
    kind: Kind
    layer: Layer
    text: str
    suggestion: str
    reason: str
    confidence: float
    rule: str
    subject: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.layer not in LAYERS:
            raise BadCommand(f"“{self.kind}, {self.layer}” is no kind of identifier.")
        if len(self.text) != self.span.length:
            raise BadCommand("A hit quotes other characters than its span holds.")

    @property
    def id(self) -> str:
        """The same stretch of the same transcript has the same id on every machine."""
        parts = (self.transcript, str(self.span.start), str(self.span.end), self.text)
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def resolved(hits: Iterable[Hit], text: str) -> tuple[Hit, ...]:
    """Hits in order, none over another; every character that any of them held is still in one.

    Of hits that overlap the longest gives the kind, and the list comes before the patterns and
    these before the entities; what the study's list knows of the person is kept. A mere turn of
    phrase gives way to all others.
    """
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: (hit.span, _order(hit))):
        if groups and hit.span.start < max(each.span.end for each in groups[-1]):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    found: list[Hit] = []
    for group in groups:
        firm = [hit for hit in group if not hit.rule.startswith("phrase")]
        if len(firm) == len(group) or not firm:
            found.append(_united(group, text))
        else:
            found += resolved(firm, text)
    return tuple(found)


def _order(hit: Hit) -> tuple[int, int, float, str]:
    return (-hit.span.length, LAYERS.index(hit.layer), -hit.confidence, hit.rule)


def _united(group: Sequence[Hit], text: str) -> Hit:
    first, *_ = sorted(group, key=_order)
    span = Span(min(hit.span.start for hit in group), max(hit.span.end for hit in group))
    known = [hit for hit in group if hit.layer == "list" and hit.kind == first.kind]
    if known:
        who = min(known, key=_order)
        first = replace(
            who, confidence=max(hit.confidence for hit in known), span=first.span, text=first.text
        )
    return replace(first, span=span, text=text[span.slice])


@dataclass(frozen=True)
class Rules:
    """What is looked for.

    ``off`` names rules that are left out, ``on`` rules that are off unless asked for
    (``month alone``, ``lone capital``). ``entities`` is whether the installed recogniser reads
    too. ``language`` is the transcript's.
    """

    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    entities: bool = True
    language: str = "en"

    def wants(self, rule: str, *, by_default: bool = True) -> bool:
        return rule not in self.off and (by_default or rule in self.on)


@lru_cache(maxsize=1)
def word_lists() -> dict[str, tuple[str, ...]]:
    """The lists of words that ship with qualcode, by section, in their order."""
    sections: dict[str, dict[str, None]] = {}
    section: dict[str, None] = {}
    text = files("qualcode.privacy").joinpath("data", "en.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif not line.startswith("#"):
            section |= {entry.strip(): None for entry in line.split(",") if entry.strip()}
    return {name: tuple(entries) for name, entries in sections.items()}


@lru_cache(maxsize=1)
def ordinary() -> frozenset[str]:
    """Words that are names and ordinary words alike, in lower case."""
    return frozenset(word_lists()["ordinary"])


@lru_cache(maxsize=1)
def not_names() -> frozenset[str]:
    """Words that are no part of a name, in lower case."""
    return frozenset(word_lists()["not names"])
