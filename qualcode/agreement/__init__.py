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

from qualcode.agreement.cells import COEFFICIENTS, Cells
from qualcode.agreement.compare import compare_coders
from qualcode.agreement.report import (
    CONVENTION,
    REASONS,
    REFLEXIVE,
    VERDICTS,
    Agreement,
    CodeAgreement,
    Coverage,
)
from qualcode.agreement.units import UNITS, Unit

__all__ = [
    "COEFFICIENTS",
    "CONVENTION",
    "REASONS",
    "REFLEXIVE",
    "UNITS",
    "VERDICTS",
    "Agreement",
    "Cells",
    "CodeAgreement",
    "Coverage",
    "Unit",
    "compare_coders",
]
