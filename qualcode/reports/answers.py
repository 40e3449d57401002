"""An item's answer as the study gives it: figures, a sentence, and where both come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qualcode.reports.facts import StudyFacts

Source = Literal["data", "form"]


@dataclass(frozen=True)
class Evidence:
    """What the study can say about one item.

    ``value`` holds the figures in the sentence; ``needs`` says what an open item waits for;
    ``notes`` are points that a careful author looks at before the checklist goes out.
    """

    value: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    status: Literal["reported", "open"] = "reported"
    source: Source = "data"
    needs: str = ""
    notes: tuple[str, ...] = ()
    location: str = ""


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
