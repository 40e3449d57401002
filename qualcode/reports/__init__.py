"""Reports: a study in, a Report out, which writes itself as DOCX, HTML, XLSX, CSV and others.

>>> sorted(REPORTS)
['agreement', 'audit', 'codebook', 'coreq', 'needs', 'srqr', 'themes']
"""

from __future__ import annotations

from collections.abc import Callable

from qualcode.reports.agreement import agreement_report
from qualcode.reports.audit import audit_report
from qualcode.reports.codebook import codebook_report
from qualcode.reports.coreq import checklist_report, coreq_report
from qualcode.reports.document import FORMATS, Report
from qualcode.reports.facts import StudyLike
from qualcode.reports.form import FORM_FIELDS, TEAM_FIELDS
from qualcode.reports.needs import needs_report
from qualcode.reports.themes import theme_summary


def srqr_report(study: StudyLike) -> Report:
    """The SRQR checklist of a study, for data that are more than interviews."""
    return checklist_report(study, "srqr")


REPORTS: dict[str, Callable[[StudyLike], Report]] = {
    "coreq": coreq_report,
    "srqr": srqr_report,
    "themes": theme_summary,
    "needs": needs_report,
    "codebook": codebook_report,
    "agreement": agreement_report,
    "audit": audit_report,
}

__all__ = [
    "FORMATS",
    "FORM_FIELDS",
    "REPORTS",
    "TEAM_FIELDS",
    "Report",
    "agreement_report",
    "audit_report",
    "checklist_report",
    "codebook_report",
    "coreq_report",
    "needs_report",
    "theme_summary",
]
