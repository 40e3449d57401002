"""Settling differences: the coders' codings in; passages, decisions and a consensus out.

Nothing here alters a coder's codings: a decision makes codings of its own in the consensus layer.

``find_differences`` compares two coders, ``find_passages`` all who coded a transcript, so that one
passage is one decision; ``settle`` decides one, ``undo`` takes a decision back, ``consensus`` is
what stands, ``find_issues`` what the reasons say of the codebook.
"""

from qualcode.model import SAME
from qualcode.reconciliation.agreed import agreed_passages, kept_of, overlap_of
from qualcode.reconciliation.consensus import consensus
from qualcode.reconciliation.decisions import (
    decide,
    latest,
    progress,
    settle,
    settled,
    standing,
    undo,
)
from qualcode.reconciliation.differences import (
    agreed,
    confusions,
    counts,
    counts_by_code,
    find_differences,
    united,
)
from qualcode.reconciliation.issues import Issue, find_issues
from qualcode.reconciliation.passages import (
    ORDERS,
    TYPES,
    Passage,
    PassageType,
    alike,
    find_passages,
    in_order,
)

__all__ = [
    "ORDERS",
    "SAME",
    "TYPES",
    "Issue",
    "Passage",
    "PassageType",
    "agreed",
    "agreed_passages",
    "alike",
    "confusions",
    "consensus",
    "counts",
    "counts_by_code",
    "decide",
    "find_differences",
    "find_issues",
    "find_passages",
    "in_order",
    "kept_of",
    "latest",
    "overlap_of",
    "progress",
    "settle",
    "settled",
    "standing",
    "undo",
    "united",
]
