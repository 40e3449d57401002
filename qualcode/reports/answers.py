"""An item's answer as the study gives it: figures, a sentence, and where both come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qualcode.reports.facts import StudyFacts
from qualcode.reports.records import Link

Source = Literal["data", "form"]


@dataclass(frozen=True)
class Evidence:
    """What the study can say about one item.

    ``value`` holds the figures in the sentence; ``needs`` says what an open item waits for;
    ``notes`` are points that a careful author looks at before the checklist goes out. ``query`` is
    the key of the registry that computed it, ``links`` the records it comes from.
    """

    value: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    status: Literal["reported", "open"] = "reported"
    source: Source = "data"
    needs: str = ""
    notes: tuple[str, ...] = ()
    location: str = ""
    query: str = ""
    links: tuple[Link, ...] = ()

    def basis(self, snapshot: str, at: str) -> dict[str, Any]:
        """What an author's own words on the item rest on, to be kept with them."""
        return {
            "value": dict(self.value),
            "sentence": self.sentence,
            "query_id": self.query,
            "snapshot_id": snapshot,
            "computed_at": at,
        }

    def moved_on(self, basis: Mapping[str, Any]) -> bool:
        """True where the records say something else today than this basis."""
        if not basis:
            return False
        return (_plain(basis.get("value")), basis.get("sentence")) != (
            _plain(self.value),
            self.sentence,
        )


def _plain(value: Any) -> Any:
    """A value as JSON keeps it: a tuple is a list, and the order of keys tells nothing."""
    return json.loads(json.dumps(value or {}, sort_keys=True, default=str))


def found(
    sentence: str, *, notes: tuple[str, ...] = (), location: str = "", **value: Any
) -> Evidence:
    """An answer computed from the study's records."""
    return Evidence(value, sentence, notes=tuple(filter(None, notes)), location=location)


def typed(sentence: str, *, notes: tuple[str, ...] = (), **value: Any) -> Evidence:
    """An answer that the authors typed in the study's form."""
    sentence = ended(sentence[:1].upper() + sentence[1:])
    return Evidence(value, sentence, source="form", notes=tuple(filter(None, notes)))


def waiting(needs: str, *, draft: str = "", source: Source = "form", **value: Any) -> Evidence:
    """No answer yet: what is needed, and what is known so far."""
    return Evidence(value, draft, status="open", source=source, needs=needs)


def from_form(facts: StudyFacts, key: str, needs: str) -> Evidence:
    """A field of the form, as typed."""
    text = facts.form.get(key, "")
    return typed(text, text=text) if text else waiting(needs)


def whole(facts: StudyFacts, key: str) -> int | None:
    """A whole number of the form, or None where there is none: missing is not zero."""
    text = facts.form.get(key, "")
    return int(text) if text.isascii() and text.isdigit() else None


def ended(text: str) -> str:
    """A sentence that ends.

    >>> ended("purposive"), ended("Purposive."), ended("")
    ('purposive.', 'Purposive.', '')
    """
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."
