"""Fourteen interviews of 9,000 words: read as txt and as docx, and stored, beside plain references.

The references find no speakers and report nothing: they split a text into lines, list the
paragraphs of a Word file with python-docx, and put the texts into one table of SQLite.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docx

from benchmarks.interviews import INTERVIEWER, PARTICIPANT, interview
from benchmarks.results import Comparison, in_turn, require, timed
from qualcode.model import Transcript
from qualcode.store import open_study
from qualcode.transcripts import read_transcript

INTERVIEWS, WORDS = 14, 9_000
GOAL = 5_000.0
"""Milliseconds that importing one interview of an hour may take."""
TIMES = 3


def run() -> Iterator[Comparison]:
    made = [interview(f"B{n:02d}", seed=n, words=WORDS) for n in range(1, INTERVIEWS + 1)]
    words = sum(transcript.words for transcript in made)
    as_txt = {f"{t.title}.txt": _lines(t).encode() for t in made}
    as_docx = {f"{t.title}.docx": _word(t) for t in made}
    for ending, files, reference in (
        ("txt", as_txt, _split),
        ("docx", as_docx, _paragraphs),
    ):

        def read(files: dict[str, bytes] = files) -> list[Transcript]:
            return [read_transcript(name, data) for name, data in files.items()]

        def plain(files: dict[str, bytes] = files, reference=reference) -> int:  # type: ignore[no-untyped-def]
            return sum(reference(data) for data in files.values())

        read()
        (found, ours), (_, theirs) = in_turn(read, plain, times=TIMES)
        require(sum(t.words for t in found) == words, f"words were lost in {ending}")
        require({len(t.turns) for t in found} == {len(t.turns) for t in made}, "turns were lost")
        a_second = words / ours.p50 * 1000
        what = f"reading {INTERVIEWS} {ending}, {words:,} words ({a_second:,.0f} words/s)"
        beside = "str.splitlines" if ending == "txt" else "python-docx paragraphs"
        yield Comparison(what, ours, beside, theirs, goal=GOAL * INTERVIEWS)
    transcripts = [read_transcript(name, data) for name, data in as_txt.items()]
    with tempfile.TemporaryDirectory() as folder:
        _, ours = timed(lambda: _store(Path(folder), transcripts))
        _, theirs = timed(lambda: _table(Path(folder), transcripts))
    what = f"storing {INTERVIEWS} of them ({words / ours.p50 * 1000:,.0f} words/s)"
    yield Comparison(what, ours, "one INSERT each, sqlite3", theirs, goal=GOAL * INTERVIEWS)


def _lines(transcript: Transcript) -> str:
    return "\n".join(
        f"{INTERVIEWER if turn.role == 'interviewer' else PARTICIPANT}: "
        f"{transcript.text[turn.span.slice]}"
        for turn in transcript.turns
    )


def _word(transcript: Transcript) -> bytes:
    document = docx.Document()
    for line in _lines(transcript).split("\n"):
        label, _, speech = line.partition(":")
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{label}:").bold = True
        paragraph.add_run(speech)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _split(data: bytes) -> int:
    return len(data.decode().splitlines())


def _paragraphs(data: bytes) -> int:
    return len([paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs])


def _store(folder: Path, transcripts: list[Transcript]) -> None:
    with open_study(folder / "b.qualcode", create=True, title="Benchmark") as study:
        study.add(*transcripts)


def _table(folder: Path, transcripts: list[Transcript]) -> None:
    with sqlite3.connect(folder / "plain.db") as db:
        db.execute("CREATE TABLE texts (title TEXT, text TEXT)")
        db.executemany("INSERT INTO texts VALUES (?, ?)", [(t.title, t.text) for t in transcripts])
    db.close()
