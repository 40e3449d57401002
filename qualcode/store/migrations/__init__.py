"""The steps that bring a study file forward, in order; a released step is never edited."""

from qualcode.store.migrations import (
    m001_study,
    m002_rounds,
    m003_people,
    m004_texts,
    m005_settling,
    m006_releases,
    m007_changes,
    m008_recoding,
    m009_memos,
    m010_exports,
    m011_findings,
    m012_machine_coding,
    m013_suggestions,
    m014_framework,
)
from qualcode.store.migrations.steps import APPLICATION_ID, study_file

__all__ = [
    "APPLICATION_ID",
    "m001_study",
    "m002_rounds",
    "m003_people",
    "m004_texts",
    "m005_settling",
    "m006_releases",
    "m007_changes",
    "m008_recoding",
    "m009_memos",
    "m010_exports",
    "m011_findings",
    "m012_machine_coding",
    "m013_suggestions",
    "m014_framework",
    "study_file",
]
