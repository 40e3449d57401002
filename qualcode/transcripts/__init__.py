"""Reading interview files: bytes in, a Transcript out; many at once: a Batch.

A new format is one small module that gives a ``Source``, and one line in ``READERS``.
"""

from __future__ import annotations

from qualcode.transcripts.batches import Batch, Refusal, read_transcripts
from qualcode.transcripts.comments import Comment, Comments, read_comments
from qualcode.transcripts.previews import Preview, SpeakerPreview, preview
from qualcode.transcripts.readers import FORMATS, READERS, account, read_transcript, with_roles
from qualcode.transcripts.sheets import PARTS, Part, SheetColumn, sheet_columns
from qualcode.transcripts.source import MAX_FILE_BYTES

__all__ = [
    "FORMATS",
    "MAX_FILE_BYTES",
    "PARTS",
    "READERS",
    "Batch",
    "Comment",
    "Comments",
    "Part",
    "Preview",
    "Refusal",
    "SheetColumn",
    "SpeakerPreview",
    "account",
    "preview",
    "read_comments",
    "read_transcript",
    "read_transcripts",
    "sheet_columns",
    "with_roles",
]
