"""Letting a report out: the file, and its row in the register of exports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from typing import Protocol

from qualcode.errors import NotReleased
from qualcode.privacy import KnownName
from qualcode.reports.document import Report, counted
from qualcode.reports.facts import StudyLike
from qualcode.reports.gate import Gate, as_draft, look_over
from qualcode.store.exports import Accepted, Export, Purpose


class Recording(StudyLike, Protocol):
    """A study that keeps what left it."""

    def record_export(self, export: Export) -> Export: ...


@dataclass(frozen=True)
class Released:
    """A file that left: its bytes, its row in the register, and what the gate had found."""

    content: bytes
    export: Export
    gate: Gate


def file_name(title: str, kind: str, format: str, day: Date, *, final: bool = False) -> str:
    """A name that tells the study, the day and whether it is a draft, and no person.

    >>> file_name("Nurses, 2nd wave", "coreq", "docx", Date(2025, 3, 4), final=True)
    'Supplementary_COREQ_nurses-2nd-wave_2025-03-04.docx'
    >>> file_name("Nurses", "themes", "html", Date(2025, 3, 4))
    'DRAFT_themes_nurses_2025-03-04.html'
    """
    words = re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40] or "study"
    name = f"Supplementary_{kind.upper()}" if kind in ("coreq", "srqr") else kind
    return f"{'' if final else 'DRAFT_'}{name}_{words}_{day.isoformat()}.{format}"


def let_out(
    study: Recording,
    report: Report,
    format: str,
    *,
    name: str = "",
    final: bool = False,
    recipient: str = "",
    released_by: str = "",
    purpose: Purpose = "publication",
    accepted: Mapping[str, str] | None = None,
    names: Iterable[KnownName] = (),
    allow: Iterable[str] = (),
) -> Released:
    """Write a report, as a draft or as a final file, and keep that it left.

    Parameters
    ----------
    accepted
        Rule → why what it found is let stand; only what may be let stand is.

    Raises
    ------
    NotReleased
        A final file is asked for, and something still blocks it.
    """
    named = name or file_name(study.title, report.kind, format, report.date, final=final)
    gate = look_over(study, report, named, names=names, allow=allow)
    let = {id: reason.strip() for id, reason in (accepted or {}).items() if reason.strip()}
    if final and (left := gate.left(let)):
        raise NotReleased(
            f"{counted(len(left), 'point')} {'keeps' if len(left) == 1 else 'keep'} this from "
            f"being final. {left[0].id}: {left[0].sentence}"
            + (f" And {len(left) - 1} more." if len(left) > 1 else "")
        )
    content = (report if final else as_draft(report, gate)).to_bytes(format)
    found = {finding.id for finding in gate.blocking}
    export = Export(
        kind=report.kind,
        format=format,
        name=named,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        snapshot=str(report.data.get("snapshot") or gate.snapshot),
        codebook_version=gate.codebook_version,
        final=final,
        purpose=purpose,
        recipient=recipient.strip(),
        released_by=released_by.strip(),
        participants=gate.contents.participants,
        accepted=tuple(
            Accepted(id, sum(f.id == id for f in gate.blocking), reason)
            for id, reason in sorted(let.items())
            if final and id in found
        ),
    )
    return Released(content, study.record_export(export), gate)
