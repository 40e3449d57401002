"""O1 and O2: what a reflexive analysis reports although it does not ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qualcode.reports.rules.base import Checked, Found, Rule
from qualcode.reports.texts import printed

AGREEMENT = re.compile(
    r"\bkappa\b|\balpha\s*=|\binter-?(?:coder|rater)\b|\bcoders agreed on\b", re.IGNORECASE
)
SATURATED = re.compile(r"\bsaturat", re.IGNORECASE)
REFUSED = re.compile(
    r"\b(?:not|no|never|without|rather than|instead of)\b[^.]*\bsaturat"
    r"|\bsaturat\w*\b[^.]*\b(?:not|no criterion|rejected)\b",
    re.IGNORECASE,
)


def agreement(checked: Checked) -> Iterator[Found]:
    """O1: a reflexive analysis with a coefficient of agreement."""
    if not checked.facts.is_reflexive:
        return
    figures = bool(checked.report and checked.report.data.get("agreement"))
    if figures or any(AGREEMENT.search(text) for text in printed(checked.report, checked.answers)):
        yield Found(
            "Reflexive thematic analysis does not ask for agreement between coders; where it is "
            "reported, say in Methods what it is for.",
            "/agreement",
        )


def saturation(checked: Checked) -> Iterator[Found]:
    """O2: a reflexive analysis that claims saturation."""
    if not checked.facts.is_reflexive:
        return
    for text in printed(checked.report, checked.answers):
        if SATURATED.search(text) and not REFUSED.search(text):
            yield Found(
                "Saturation is no criterion of reflexive thematic analysis; consider “information "
                "power”, or say why the sample was enough.",
                "COREQ-22",
            )
            return


RULES = (
    Rule("O1", "I", "agreement in a reflexive analysis", agreement),
    Rule("O2", "I", "saturation in a reflexive analysis", saturation),
)
