"""Theme candidates: what participants say, grouped by machine for a person to judge.

Language by spaCy, grouping by scikit-learn, both loaded when first needed. Nothing leaves the
machine, nothing is fetched, and nothing opens before coding is sealed.
"""

from __future__ import annotations

from qualcode.themes.passages import LeftOut, Passage
from qualcode.themes.suggestions import (
    ThemeSuggestions,
    one_voice,
    still_closed,
    suggest_themes,
)

__all__ = [
    "LeftOut",
    "Passage",
    "ThemeSuggestions",
    "one_voice",
    "still_closed",
    "suggest_themes",
]
