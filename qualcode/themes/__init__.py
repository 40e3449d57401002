"""Theme candidates: what participants say, grouped by machine for a person to judge.

Language by spaCy, grouping by scikit-learn, both loaded when first needed. Nothing leaves the
machine, nothing is fetched, and nothing opens before coding is sealed.
"""

from __future__ import annotations

from qualcode.themes.comments import GroupCount, group_counts, suggest_from_comments
from qualcode.themes.gaps import Gap, Gaps, find_gaps
from qualcode.themes.lenses import Contradiction, Lens, Twins, contradictions, near_duplicates
from qualcode.themes.lights import LIGHTS, Light, light_of
from qualcode.themes.passages import LeftOut, Passage
from qualcode.themes.similar import Likeness, Similar, more_like_this
from qualcode.themes.space import Space, space_of, still_closed
from qualcode.themes.spread import Count, Spread, spread
from qualcode.themes.suggestions import ThemeSuggestions, View, one_voice, suggest_themes
from qualcode.themes.work import STEPS

__all__ = [
    "LIGHTS",
    "STEPS",
    "Contradiction",
    "Count",
    "Gap",
    "Gaps",
    "GroupCount",
    "LeftOut",
    "Lens",
    "Light",
    "Likeness",
    "Passage",
    "Similar",
    "Space",
    "Spread",
    "ThemeSuggestions",
    "Twins",
    "View",
    "contradictions",
    "find_gaps",
    "group_counts",
    "light_of",
    "more_like_this",
    "near_duplicates",
    "one_voice",
    "space_of",
    "spread",
    "still_closed",
    "suggest_from_comments",
    "suggest_themes",
]
