"""Real files made by others: each is read, or refused in a sentence, and nothing of it is lost.

They are in the folder that ``QUALCODE_FIELD_DATA`` names, and are no part of qualcode.
"""

from __future__ import annotations

import html
import os
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import lxml.html
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from pypdf import PdfReader

from qualcode.errors import UnreadableFile
from qualcode.transcripts import READERS, account, preview, read_transcript, read_transcripts
from qualcode.transcripts.decoding import decode

pytestmark = pytest.mark.field

FOLDER = Path(os.environ.get("QUALCODE_FIELD_DATA") or "/nonexistent")
ENDINGS = {*READERS, "doc", "htm"}
FILES = (
    sorted(path for path in FOLDER.rglob("*") if path.suffix.casefold()[1:] in ENDINGS)
    if FOLDER.is_dir()
    else []
)
if not FILES:
    pytest.skip("QUALCODE_FIELD_DATA names no folder of real files", allow_module_level=True)


def field(name: str) -> Path:
    for path in FILES:
        if path.name == name:
            return path
    pytest.skip(f"{name} is not among the real files here")


def words_of(path: Path) -> str | None:
    """The characters of a file, taken from it in another way than the readers do.

    None where there is no other way that is sure.
    """
    ending = path.suffix.casefold()
    if ending in (".docx", ".odt"):
        texts: list[str] = []
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                if part.startswith("word/") and part.endswith(".xml") and "theme" not in part:
                    for element in ElementTree.fromstring(package.read(part)).iter():
                        if element.tag.endswith(("}t", "}delText", "}instrText")):
                            texts.append(element.text or "")
                elif part == "content.xml":
                    texts += ElementTree.fromstring(package.read(part)).itertext()
        return "".join(texts)
    if ending == ".pdf":
        return "".join(page.extract_text() for page in PdfReader(path).pages)
    if ending == ".xlsx":
        sheets = load_workbook(path).worksheets
        cells = [str(c.value) for row in sheets[0].iter_rows() for c in row if c.value is not None]
        return "".join(cells) if len(sheets) == 1 else None
    if ending == ".rtf":
        text = re.sub(r"(?m)^\{\\rtf.*$", "", path.read_bytes().decode("cp1252"))
        return re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", text)
    if ending in (".html", ".htm"):
        return "".join(lxml.html.fromstring(path.read_bytes()).itertext())
    if ending == ".csv":
        return None
    text = decode(path.read_bytes(), path.name)[0]
    return html.unescape(text) if ending == ".vtt" else text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_is_read_whole_or_refused_in_a_sentence(path: Path) -> None:
    try:
        batch = read_transcripts(path)
    except UnreadableFile as refused:
        sentence = str(refused)
        assert path.suffix in (".doc", ".csv", ".xlsx", ".pdf"), sentence
        assert sentence.endswith(".")
        assert "docx" in sentence or "column" in sentence
        assert "transcripts" not in path.parts or path.suffix == ".doc", sentence
        return
    for transcript in batch.transcripts:
        turns = [transcript.text[turn.span.slice] for turn in transcript.turns]
        assert all(turn.strip() for turn in turns)
        assert "\n".join(turns) == transcript.text
        assert preview(transcript).words > 0
    source = words_of(path)
    if len(batch.transcripts) == 1 and source is not None:
        assert account(source, batch.transcripts[0]) == {}


@pytest.mark.parametrize(
    ("name", "turns", "words", "interviewer"),
    [
        ("jsc-oral-history-00382_GlynnSLunney.txt", 233, 26_319, {"Roy Neal"}),
        ("jsc-oral-history-00303_FrancisEHughes.txt", 29, 11_335, {"Rebecca Wright"}),
        (
            "jsc-oral-history-00311_DorothyBLee.txt",
            154,
            15_518,
            {"Rebecca Wright", "Sandra Johnson"},
        ),
        ("jsc-oral-history-00649_JulieAKramerWhite.txt", 56, 10_651, {"Jennifer Ross-Nazzal"}),
        ("jsc-oral-history-00929_CathleenSLewis.txt", 42, 6_897, {"Rebecca Wright"}),
        ("jsc-oral-history-00961_JoDibella.txt", 179, 9_040, {"Jennifer Ross-Nazzal"}),
        ("nprc-oral-histories-00008_MickeyMcGuire.txt", 136, 5_700, {"Alyssa Moore"}),
        ("returned-peace-corps-volunteers-00014_ScottZoromski.txt", 668, 10_175, {"Phyllis Noble"}),
        ("returned-peace-corps-volunteers-00226_CherylNenn.txt", 89, 12_264, {"Paul Kinsley"}),
        ("jsc-00929_Lewis.docx", 42, 6_897, {"Rebecca Wright"}),
        ("nprc-00008_McGuire.odt", 136, 5_700, {"ALYSSA MOORE"}),
        ("rpcv-00014_Zoromski.rtf", 668, 10_173, {"Phyllis Noble"}),
        ("P1.pdf", 92, 2_934, {"Dan"}),
        ("P2.pdf", 159, 4_685, {"Dan"}),
        ("P3.pdf", 121, 3_939, {"Dan"}),
        ("ritchie.htm", 89, 8_437, {"MSM"}),
        ("P1_GMT20211118.odt", 207, 4_244, {"MODERATOR"}),
    ],
)
def test_an_oral_history_has_the_turns_and_words_its_keepers_count(
    name: str, turns: int, words: int, interviewer: set[str]
) -> None:
    transcript = read_transcript(field(name))
    assert len(transcript.turns) == turns
    assert transcript.words == words
    asking = {turn.speaker for turn in transcript.turns if turn.role == "interviewer"}
    assert asking == interviewer


def test_a_meeting_recorded_by_zoom_gives_its_speakers_and_length() -> None:
    transcript = read_transcript(field("zoom_meeting001_excerpt.vtt"))
    assert {turn.speaker for turn in transcript.turns} == {
        "Andrew Knight",
        "George Harrison",
        "John Lennon",
        "Paul McCartney",
        "Ringo Starr",
    }
    assert transcript.turns[0].at == "00:00:04"
    assert transcript.duration_minutes == pytest.approx(24.2)


def test_a_file_of_an_old_macintosh_has_its_apostrophes() -> None:
    transcript = read_transcript(field("transcript_interview_3.txt"))
    assert transcript.facts["encoding"] == "Mac Roman"
    assert "That’s also something to" in transcript.text
    assert "it´s a different thing" in transcript.text
    assert {turn.speaker: turn.role for turn in transcript.turns} == {
        "Q": "interviewer",
        "A": "participant",
    }


def test_full_width_colons_after_headings_are_speakers() -> None:
    transcript = read_transcript(field("2016-07-02-vTaiwan及Join平台之分析訪談-唐鳳.md"))
    assert len(transcript.turns) == 84
    assert {turn.speaker for turn in transcript.turns} == {"唐鳳", "問"}
