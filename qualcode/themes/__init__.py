"""Theme candidates: what participants say, grouped by machine for a person to judge.

Language by spaCy, grouping by scikit-learn, both loaded when first needed. Nothing leaves the
machine, nothing is fetched, and nothing opens before coding is sealed.
"""

from __future__ import annotations

from qualcode.themes.gaps import Gap, Gaps, find_gaps
from qualcode.themes.passages import LeftOut, Passage
from qualcode.themes.similar import Likeness, Similar, more_like_this
from qualcode.themes.space import Space, space_of, still_closed
from qualcode.themes.suggestions import ThemeSuggestions, View, one_voice, suggest_themes
from qualcode.themes.work import STEPS

__all__ = [
    "STEPS",
    "Gap",
    "Gaps",
    "LeftOut",
    "Likeness",
    "Passage",
    "Similar",
    "Space",
    "ThemeSuggestions",
    "View",
    "find_gaps",
    "more_like_this",
    "one_voice",
    "space_of",
    "still_closed",
    "suggest_themes",
]
