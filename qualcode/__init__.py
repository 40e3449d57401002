"""qualcode: two people code the same interviews blind; agreement, decisions, themes, report.

>>> import qualcode as qc
>>> study = qc.open_study("nurses.qualcode", create=True, title="Nurses")  # doctest: +SKIP
>>> study.add(qc.read_transcript("P01.docx"))                              # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.agreement import compare_coders
    from qualcode.codebook import read_codebook
    from qualcode.errors import QualcodeError
    from qualcode.reports import coreq_report
    from qualcode.store import open_study
    from qualcode.themes import suggest_themes
    from qualcode.transcripts import read_transcript

__version__ = "0.4.0"

_HOMES = {
    "QualcodeError": "qualcode.errors",
    "compare_coders": "qualcode.agreement",
    "coreq_report": "qualcode.reports",
    "open_study": "qualcode.store",
    "read_codebook": "qualcode.codebook",
    "read_transcript": "qualcode.transcripts",
    "suggest_themes": "qualcode.themes",
}
__all__ = [
    "QualcodeError",
    "compare_coders",
    "coreq_report",
    "open_study",
    "read_codebook",
    "read_transcript",
    "suggest_themes",
]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: spaCy and pandas take a second that `import qualcode` need not.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'qualcode' has no attribute {name!r}")
