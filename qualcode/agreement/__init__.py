"""Agreement: transcripts and codings in, coefficients with intervals and honest gaps out.

>>> from qualcode.model import Coding, Transcript, Turn
>>> from qualcode.spans import Span
>>> text = "We share.\\nNobody asks.\\nI stay late."
>>> spans = [Span(0, 9), Span(10, 22), Span(23, 35)]
>>> turns = tuple(Turn("P01", "participant", span) for span in spans)
>>> transcript = Transcript("P01", text, turns, id="P01")
>>> def coding(coder, code, span):
...     return Coding("P01", coder, code, span, text[span.slice])
>>> agreed = compare_coders(
...     [transcript],
...     [
...         coding("ana", "sharing", spans[0]),
...         coding("ana", "time", spans[2]),
...         coding("ben", "sharing", spans[0]),
...     ],
...     resamples=0,
... )
>>> print(agreed)
α = 0.55 (no interval), 3 participant turns, 1 transcript, 2 coders
"""

from __future__ import annotations

from qualcode.agreement.catalogue import COEFFICIENTS, DATA, Coefficient
from qualcode.agreement.cells import Cells
from qualcode.agreement.compare import compare_coders
from qualcode.agreement.costs import ClassCost, CodeCost, Costs, costs_of_differences
from qualcode.agreement.drift import Drift, DriftPoint, by_interview
from qualcode.agreement.groups import GroupFigures
from qualcode.agreement.layers import LayerAgreement, compare_layers
from qualcode.agreement.planner import Plan, PlannedWidth, plan_interviews
from qualcode.agreement.recoded import RecodedLine, SideBySide, side_by_side
from qualcode.agreement.report import (
    CONVENTION,
    REASONS,
    REFLEXIVE,
    VERDICTS,
    Agreement,
    CodeAgreement,
    Coverage,
)
from qualcode.agreement.rounds import RoundAgreement, Rounds, by_round
from qualcode.agreement.segments import SegmentAgreement, by_segment
from qualcode.agreement.tables import by_theme
from qualcode.agreement.teams import GroupAgreement, compare_groups
from qualcode.agreement.units import UNITS, Unit
from qualcode.agreement.versions import VersionAgreement, Versions, by_version
from qualcode.agreement.within import SelfAgreement, compare_with_oneself

__all__ = [
    "COEFFICIENTS",
    "CONVENTION",
    "DATA",
    "REASONS",
    "REFLEXIVE",
    "UNITS",
    "VERDICTS",
    "Agreement",
    "Cells",
    "ClassCost",
    "CodeAgreement",
    "CodeCost",
    "Coefficient",
    "Costs",
    "Coverage",
    "Drift",
    "DriftPoint",
    "GroupAgreement",
    "GroupFigures",
    "LayerAgreement",
    "Plan",
    "PlannedWidth",
    "RecodedLine",
    "RoundAgreement",
    "Rounds",
    "SegmentAgreement",
    "SelfAgreement",
    "SideBySide",
    "Unit",
    "VersionAgreement",
    "Versions",
    "by_interview",
    "by_round",
    "by_segment",
    "by_theme",
    "by_version",
    "compare_coders",
    "compare_groups",
    "compare_layers",
    "compare_with_oneself",
    "costs_of_differences",
    "plan_interviews",
    "side_by_side",
]
