"""Reports as PDF: the word file set in pages by LibreOffice, where there is one on this machine."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from qualcode.errors import BadCommand
from qualcode.reports.document import Report
from qualcode.reports.word import word_document

PROGRAMS = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
LONGEST = 180
# With the structure of the text, by which a screen reader finds headings and tables.
EXPORT = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
NONE = (
    "A PDF is set by LibreOffice, and there is none on this machine. Install LibreOffice, or take "
    "the Word file and save it as PDF in your word processor."
)


def libreoffice() -> str | None:
    """The program that sets pages, or None; ``QUALCODE_LIBREOFFICE`` names another."""
    given = os.environ.get("QUALCODE_LIBREOFFICE")
    for name in (given, *PROGRAMS) if given else PROGRAMS:
        if found := shutil.which(name):
            return found
    return None


def pdf_document(report: Report) -> bytes:
    """The report as PDF, with nothing about who made it.

    Raises
    ------
    BadCommand
        LibreOffice is not there, or could not set the pages.
    """
    program = libreoffice()
    if program is None:
        raise BadCommand(NONE)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "report.docx"
        source.write_bytes(word_document(report))
        command = [
            program,
            # A profile of its own: one that is open already would take the order and end at once.
            f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}",
            *("--headless", "--norestore", "--convert-to", EXPORT, "--outdir", folder, str(source)),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)
            content = source.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise BadCommand(
                "LibreOffice could not set the pages of this report; take the Word file and save "
                "it as PDF in your word processor."
            ) from error
    return _dated(content, report)


def _dated(content: bytes, report: Report) -> bytes:
    """The pages with the report's own date, title and language in the place of the program's."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    day = f"D:{report.date:%Y%m%d}000000Z"
    writer.metadata = {
        "/Title": report.title,
        "/Creator": "qualcode",
        "/Producer": "qualcode",
        "/CreationDate": day,
        "/ModDate": day,
    }
    writer.root_object.pop(NameObject("/Metadata"), None)
    writer._ID = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
