"""How a pattern is written: its parts as expressions, and one rule as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import regex

from qualcode.privacy.hits import Kind

SPACE = r"[ \t\u00a0\u202f]{1,2}"  # a space inside one line
CAP = r"\p{Lu}[\p{L}\p{M}]{1,40}(?:['’\-]\p{L}[\p{L}\p{M}]{0,40}){0,3}"
START = r"(?<![\p{L}\p{M}\p{N}\-'’])"  # where a word begins, a part behind a hyphen not being one
INITIAL = r"\p{Lu}\."
PARTICLE = r"(?:de|del|della|der|den|di|da|du|la|le|van|von|zu|al|el|bin|ibn|y|e)"
NAME = rf"(?:(?:{INITIAL}|{CAP}|{PARTICLE}){SPACE}){{0,3}}(?:[dD]['’])?{CAP}"
TITLE = (
    r"(?:Drs?|Profs?|Professor|Doctor|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Lady|Lord|Sister|Nurse|Father"
    r"|Rev|Reverend|Rabbi|Imam|Pastor|Judge|Captain|Sergeant|Colonel|Aunt|Auntie|Uncle|Herrn?|Frau"
    r"|Mme|Mlle|Monsieur|Madame|Docteur|Señora?|Sra?|Dra|Don|Doña|Dott|Dottor(?:essa)?|Signora?)"
)
YEAR = r"(?:1[89]|20)\d\d"


@dataclass(frozen=True)
class Pattern:
    """One rule; ``near`` must stand shortly before the match, ``check`` must agree."""

    rule: str
    kind: Kind
    expression: regex.Pattern[str]
    suggestion: str
    reason: str
    confidence: float
    check: Callable[[str], bool] | None = None
    near: regex.Pattern[str] | None = None
    by_default: bool = True


def pattern(
    rule: str,
    kind: Kind,
    expression: str,
    suggestion: str,
    confidence: float,
    reason: str = "",
    *,
    check: Callable[[str], bool] | None = None,
    near: str = "",
    any_case: bool = False,
    by_default: bool = True,
) -> Pattern:
    return Pattern(
        rule,
        kind,
        regex.compile(expression, regex.IGNORECASE if any_case else 0),
        suggestion,
        reason or rule,
        confidence,
        check,
        regex.compile(rf"(?:{near})[^\n]{{0,25}}$", regex.IGNORECASE) if near else None,
        by_default,
    )
