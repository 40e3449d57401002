"""Edits in, what became of each of them out: the coder's own work on its way into the study.

No Streamlit here: edits come by a request of their own (``server/edits.py``), not by a run of the
page. ``docs/coding-protocol.md`` describes the exchange.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.errors import BadCoding, NotAllowed, NotInStudy, QualcodeError, Sealed, SignedOut
from qualcode.ui.coder.session import OpenStudy, stamp

EDITS = "/edits"
"""The address of these requests."""
REFUSALS = (BadCoding, NotAllowed, NotInStudy, Sealed)
"""These will not change by trying again; after any other error the browser keeps the edits."""

Operation = dict[str, Any]


def carried_out(open_study: OpenStudy, payload: object) -> dict[str, Any]:
    """Do the edits of a payload ({transcript, ops}) and tell the browser what became of them.

    ``ack`` are the ids of those done, by the time ``kept``; ``rejected`` are {op_id, reason};
    ``trouble`` is why the study could not be written, and the browser tries again. ``stale`` says
    that its codings may be old, since an edit was refused that it thought possible.
    """
    told = {"ack": [], "rejected": [], "trouble": "", "stale": False, "kept": stamp()}
    operations = operations_of(payload)
    if not operations or not isinstance(payload, dict):
        return told
    try:
        with open_study() as study:
            applied = study.apply(str(payload.get("transcript", "")), operations)
    except SignedOut as error:  # the browser keeps the edits until somebody signs in again
        return told | {"trouble": str(error)}
    except REFUSALS as error:
        refused = [{"op_id": each["op_id"], "reason": str(error)} for each in operations]
        return told | _refused(refused, operations)
    except QualcodeError as error:
        return told | {"trouble": str(error)}
    done = {"ack": list(applied.acknowledged), "kept": stamp()}
    return told | done | _refused(applied.rejected, operations)


def operations_of(payload: object) -> list[Operation]:
    """The edits of a payload that have an id to be answered by; the study checks the rest."""
    sent = payload.get("ops") if isinstance(payload, dict) else None
    if not isinstance(sent, list):
        return []
    return [
        operation
        for operation in sent
        if isinstance(operation, dict) and isinstance(operation.get("op_id"), str)
    ]


def _refused(
    refused: Sequence[Mapping[str, str]], operations: Sequence[Operation]
) -> dict[str, Any]:
    # What was read is by the way; after any other refusal another tab may have been at work.
    seen = {each["op_id"] for each in operations if each.get("op") == "seen"}
    return {
        "rejected": [{"op_id": str(r["op_id"]), "reason": str(r["reason"])} for r in refused],
        "stale": any(r["op_id"] not in seen for r in refused),
    }
