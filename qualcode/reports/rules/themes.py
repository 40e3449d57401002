"""T1 to T3: is each theme said in a sentence, apart from the others, and carried by its codes?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from qualcode.reports.document import listed
from qualcode.reports.rules.base import Checked, Found, Rule

ON_THEMES = "/themes"
FEWEST_WORDS = 4
"""A statement says something about something: fewer words than these are a topic."""


def unsaid(checked: Checked) -> Iterator[Found]:
    """T1: a theme has a definition and codes, and its name is a statement."""
    if not checked.shown.accepted:
        return
    for theme in checked.shown.themes:
        missing = []
        if not theme.definition.strip():
            missing.append("no definition")
        if not theme.codes:
            missing.append("no code")
        if len(theme.name.split()) < FEWEST_WORDS:
            missing.append("a topic for a name, and no statement")
        if missing:
            yield Found(f"The theme “{theme.name}” has {listed(missing)}.", ON_THEMES)


def overlapping(checked: Checked) -> Iterator[Found]:
    """T2: two themes share more than half of the turns that either has."""
    for one, other in combinations(checked.shown.themes, 2):
        if other.parent == one.name or one.parent == other.name:
            continue
        both, either = one.places & other.places, one.places | other.places
        if either and len(both) / len(either) > checked.limits.theme_overlap:
            yield Found(
                f"“{one.name}” and “{other.name}” rest on the same passages: {len(both)} of "
                f"{len(either)}. Merge them, or say what parts them.",
                ON_THEMES,
            )


def rare_codes(checked: Checked) -> Iterator[Found]:
    """T3: codes of one participant only, and codes of nobody."""
    single = dict.fromkeys(
        f"{line.code.name} ({line.participants[0]})"
        for theme in checked.shown.themes
        for line in theme.codes
        if len(line.participants) == 1
    )
    if single:
        yield Found(f"Found in one participant only: {'; '.join(single)}.", ON_THEMES)
    if checked.shown.unused:
        names = "; ".join(code.name for code in checked.shown.unused)
        yield Found(f"In the codebook and never used: {names}.", "/codebook")


RULES = (
    Rule("T1", "W", "a theme without definition or code, or with a topic for a name", unsaid),
    Rule("T2", "W", "two themes rest on the same passages", overlapping),
    Rule("T3", "I", "a code of one participant only, or of nobody", rare_codes),
)
