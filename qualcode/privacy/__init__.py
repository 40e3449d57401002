"""Identifiers found, pseudonyms put in, and the key that stands apart: values in, values out."""

from __future__ import annotations

from qualcode.privacy.elsewhere import Elsewhere, names_elsewhere
from qualcode.privacy.entities import said
from qualcode.privacy.hits import KINDS, Hit, Kind, Rules
from qualcode.privacy.identifiers import find_identifiers, labelled, mentions
from qualcode.privacy.keyfile import Entry, Kept, KeyFile
from qualcode.privacy.names import KnownName, names_from
from qualcode.privacy.patterns import PATTERNS
from qualcode.privacy.pseudonyms import Decision, Style, assigned, log, pseudonymise

__all__ = [
    "KINDS",
    "PATTERNS",
    "Decision",
    "Elsewhere",
    "Entry",
    "Hit",
    "Kept",
    "KeyFile",
    "Kind",
    "KnownName",
    "Rules",
    "Style",
    "assigned",
    "find_identifiers",
    "labelled",
    "log",
    "mentions",
    "names_elsewhere",
    "names_from",
    "pseudonymise",
    "said",
]
