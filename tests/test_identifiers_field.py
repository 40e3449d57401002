"""Identifiers in real interviews made by others: how much is found there, and how fast.

They are in the folder that ``QUALCODE_FIELD_DATA`` names, and are no part of qualcode.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from qualcode.errors import UnreadableFile
from qualcode.model import Coding, Transcript
from qualcode.privacy import Decision, Rules, find_identifiers, pseudonymise
from qualcode.revision import carry, compared, composed
from qualcode.spans import Span
from qualcode.transcripts import READERS, read_transcript

pytestmark = pytest.mark.field

FOLDER = Path(os.environ.get("QUALCODE_FIELD_DATA") or "/nonexistent") / "transcripts"
FILES = (
    sorted(path for path in FOLDER.rglob("*") if path.suffix.casefold()[1:] in READERS)
    if FOLDER.is_dir()
    else []
)
if not FILES:
    pytest.skip("QUALCODE_FIELD_DATA names no folder of real files", allow_module_level=True)
ALONE = Rules(entities=False)


def read(path: Path) -> Transcript:
    try:
        return read_transcript(path)
    except UnreadableFile as refused:
        pytest.skip(str(refused))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_interview_is_scanned_and_its_names_replaced(path: Path) -> None:
    transcript = read(path)
    start = time.perf_counter()
    hits = find_identifiers(transcript, rules=ALONE)
    assert time.perf_counter() - start < 20
    sure = [hit for hit in hits if hit.confidence >= 0.8]
    revision = pseudonymise(transcript, [Decision(hit) for hit in sure])
    assert len(revision.after.turns) == len(transcript.turns)
    for turn, after in zip(transcript.turns, revision.after.turns, strict=True):
        if not revision.within(turn.span):
            assert transcript.text[turn.span.slice] == revision.after.text[after.span.slice]
    again = {hit.text for hit in find_identifiers(revision.after, rules=ALONE)}
    assert not again & {hit.text for hit in sure if hit.kind in "DFGN"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_turn_of_a_real_interview_is_found_again_after_a_correction(path: Path) -> None:
    transcript = read(path)
    codings = [
        Coding(transcript.id, "ana", "X", turn.span, transcript.text[turn.span.slice])
        for turn in transcript.turns
    ]
    hits = [hit for hit in find_identifiers(transcript, rules=ALONE) if hit.confidence >= 0.8]
    known = pseudonymise(transcript, [Decision(hit) for hit in hits])
    by_comparing = compared(transcript, known.after)
    assert composed(known, compared(known.after, transcript)).after.text == transcript.text
    for revision in (known, by_comparing):
        carried = carry(codings, revision)
        assert len(carried.moved) + len(carried.touched) == len(codings)
        touched = {each.coding.span for each in carried.touched}
        changed = {c.span for c in codings if any(c.span.overlap(hit.span) for hit in hits)}
        assert touched == changed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_title_address_and_number_that_a_plain_search_sees_is_among_the_hits(
    path: Path,
) -> None:
    transcript = read(path)
    hits = find_identifiers(transcript, rules=ALONE)
    plain = r"\b(?:Dr|Mr|Mrs|Ms)\.? [A-Z][a-z]+|https?://\w|\w@\w+\.\w|\b\d{3}-\d{3}-\d{4}\b"
    for match in re.finditer(plain, transcript.text):
        assert any(hit.span.contains(Span(match.start(), match.end())) for hit in hits), (
            match.group()
        )
