"""Letting a picture out: the figure of a report alone, and its row in the register of exports."""

from __future__ import annotations

import hashlib
from typing import cast

from qualcode.errors import BadCommand
from qualcode.reports.across.pictures import Bars, Curves, Ending, Heat
from qualcode.reports.document import Figure, Report
from qualcode.reports.facts import gather
from qualcode.reports.gate import DRAFT, people_in
from qualcode.reports.release import Recording, file_name
from qualcode.store.exports import Export

ENDINGS: tuple[Ending, ...] = ("png", "svg")


def let_out_picture(study: Recording, report: Report, ending: Ending) -> bytes:
    """The report's figure as a PNG or SVG, marked as a draft, kept in the register.

    Raises
    ------
    BadCommand
        The report has no figure, or there is no such format.
    """
    if ending not in ENDINGS:
        raise BadCommand(f"A picture cannot be written as “{ending}”: choose png or svg.")
    drawings = [block.drawing for block in report.blocks if isinstance(block, Figure)]
    if not drawings:
        raise BadCommand("There is nothing to draw here yet.")
    drawing = cast("Bars | Heat | Curves", drawings[0])
    content = drawing.bytes(ending, DRAFT)
    facts = gather(study)
    study.record_export(
        Export(
            kind=report.kind,
            format=ending,
            name=file_name(study.title, report.kind, ending, report.date),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            snapshot=facts.snapshot,
            codebook_version=facts.codebook.version,
            participants=people_in(study, report.kind),
        )
    )
    return content
