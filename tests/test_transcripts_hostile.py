"""Files that are broken, too large, or made to do harm: each refused in a sentence, and quickly."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from qualcode.errors import UnreadableFile
from qualcode.transcripts import MAX_FILE_BYTES, READERS, package, read_transcript
from tests.fuzzing import fuzz

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD_STREAM = b"rest" + "WordDocument".encode("utf-16-le")
SPEECH = "<w:p><w:r><w:t>I: Why?</w:t></w:r></w:p><w:p><w:r><w:t>P: I stay.</w:t></w:r></w:p>"
SECONDS = 10


def packed(
    body: str = SPEECH, *, xml: str | None = None, kind: str = MAIN, **parts: bytes
) -> bytes:
    """A Word file; names of further parts have two underscores for a slash."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    )
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", xml if xml is not None else document)
        for part, content in parts.items():
            archive.writestr(part.replace("__", "/"), content)
    return file.getvalue()


def refused(name: str, data: bytes) -> str:
    """The sentence with which a file is refused."""
    began = time.process_time()
    with pytest.raises(UnreadableFile) as error:
        read_transcript(name, data)
    assert time.process_time() - began < SECONDS
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


DOCTYPE = '<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("empty.docx", b"", "is empty"),
        ("white.txt", b" \n\t\r\n ", "is empty"),
        ("white16.txt", " \n ".encode("utf-16"), "no words that were spoken"),
        ("only.txt", b"I:\nP:\n", "no words that were spoken"),
        ("null.txt", b"I: Why\x00?\nP: So.\n", "null character at byte 7"),
        ("null16.txt", "I: Why\x00?".encode("utf-16"), "null character"),
        ("half16.txt", b"\xff\xfeI\x00:", "begins as UTF-16, but byte"),
        ("paper.txt", b"%PDF-1.7\nI: Why?", "is a PDF"),
        ("paper.docx", b"%PDF-1.7\nI: Why?", "Name it paper.pdf"),
        ("old.txt", OLE + WORD_STREAM, "old Word file"),
        ("rich.txt", b"{\\rtf1 I: Why?}", "rich text"),
        ("rich.docx", b"{\\rtf1 I: Why?}", "Name it rich.rtf"),
        ("word.txt", packed(), "Name it word.docx"),
        ("page.md", b"<!DOCTYPE html><p>I: Why?", "holds HTML"),
        ("picture.srt", b"\x89PNG\r\n", "is a picture"),
        ("words.vtt", b"I: Why?\nP: So.\n", "has no cue times"),
        ("nozip.docx", b"I: Why?", "is not a docx file inside"),
        ("cut.docx", packed()[:200], "is a damaged Word file"),
        ("old.docx", OLE + WORD_STREAM, "is an old Word file"),
        ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("old.doc", OLE + WORD_STREAM, "save it as docx"),
        ("rich.doc", b"{\\rtf1 I: Why?}", "Name it rich.rtf"),
        ("locked.doc", OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("new.doc", packed(), "Name it new.docx"),
        ("macros.docm", packed(), "without macros"),
        ("macros.docx", packed(word__vbaProject=b"x", **{"word__vbaProject.bin": b"x"}), "macros"),
        ("renamed.docx", packed(kind=MACROS), "holds macros"),
        ("sheet.docx", packed(kind="application/sheet+xml"), "not one of Word"),
        ("climb.docx", packed(**{"..__..__evil.xml": b"x"}), "leads out of the file"),
        ("root.docx", packed(**{"__etc__evil.xml": b"x"}), "leads out of the file"),
        ("drive.docx", packed(**{"C:\\evil.xml": b"x"}), "leads out of the file"),
        ("laughs.docx", packed(xml=DOCTYPE), "declares XML entities"),
        ("outside.docx", packed(xml=OUTSIDE), "declares XML entities"),
        ("broken.docx", packed(xml="<w:document"), "is a damaged Word file"),
        ("deep.docx", packed("<w:p>" * 50_000 + "</w:p>" * 50_000), "deeper or wider"),
        ("wide.docx", packed("<w:p/>" * 1_100_000), "deeper or wider"),
        ("bomb.docx", packed(word__media=b"0" * 30_000_000), "more than 250 times its size"),
        ("no_ending", b"I: Why?", "cannot be read yet"),
        ("talk.mp3", b"ID3\x03", "It is a recording"),
        ("..", b"I: Why?", "cannot be read yet"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    name: str, data: bytes, says: str
) -> None:
    assert says in refused(name, data)


def test_a_file_of_two_hundred_megabytes_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = bytes(200 * 1024 * 1024)
    tracemalloc.start()
    sentence = refused("large.txt", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "50 MB" in sentence
    assert peak < 10_000_000
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UnreadableFile, match="50 MB"):
        read_transcript(path)


def test_more_text_or_lines_than_an_interview_has_are_refused() -> None:
    assert "20 million characters" in refused("long.txt", b"word " * 4_100_000)
    assert "60,000 lines" in refused("lines.txt", b"I: a\n" * 60_001)


def test_a_part_that_says_less_than_it_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_PART_BYTES", 1_000)
    assert "unpacks to more than" in refused("lies.docx", packed(SPEECH * 20))
    data = bytearray(packed(SPEECH * 20))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"PK\x01\x02") + 1)
    data[at + 24 : at + 28] = (50).to_bytes(4, "little")
    assert "damaged" in refused("lies.docx", bytes(data))


def test_two_parts_of_one_name_are_refused() -> None:
    file = io.BytesIO(packed())
    with (
        zipfile.ZipFile(file, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("word/document.xml", "<other/>")
    assert "two parts of one name" in refused("twice.docx", file.getvalue())


def test_links_to_the_outside_are_never_followed() -> None:
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="attachedTemplate" TargetMode="External" '
        b'Target="http://127.0.0.1:9/template.dotm"/></Relationships>'
    )
    data = packed(**{"word___rels__document.xml.rels": relations})
    assert len(read_transcript("P01.docx", data).turns) == 2


def test_one_line_of_two_megabytes_is_read_quickly() -> None:
    for line in (b"word " * 400_000, b"a" + b" " * 2_000_000 + b"b", b"I: " + b"a" * 2_000_000):
        began = time.process_time()
        assert len(read_transcript("P01.txt", line).turns) == 1
        assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("label", ["Speaker", "Interviewer", "P"])
def test_a_hundred_thousand_speakers_are_not_one_interview(label: str) -> None:
    lines = [f"{label} {number}: Why do you stay?" for number in range(100_000)]
    assert "60,000 lines" in refused("P01.txt", "\n".join(lines).encode())
    assert "50,000 different speakers" in refused("P01.txt", "\n".join(lines[:50_000]).encode())


def test_sixty_thousand_turns_are_read_in_bounded_time() -> None:
    began = time.process_time()
    transcript = read_transcript("P01.txt", b"I: Why do you stay?\nP: I stay late.\n" * 30_000)
    assert time.process_time() - began < 2 * SECONDS
    assert len(transcript.turns) == 60_000


def test_a_name_from_a_browser_never_becomes_a_path(tmp_path: Path) -> None:
    for name in ("../../etc/P01.txt", "C:\\secret\\P01.txt", "/etc/P01.txt", "a\x00b/P01.txt"):
        transcript = read_transcript(name, b"I: Why?\nP: So.\n")
        assert transcript.source_name == "P01.txt"
        assert transcript.title == "P01"
    assert read_transcript("\u202eP01\u0007.txt", b"I: Why?\nP: So.\n").title == "P01"


def test_a_very_long_name_is_cut_in_title_and_sentence() -> None:
    name = "long " * 300 + ".txt"
    assert len(read_transcript(name, b"I: Why?\nP: So.\n").title) <= 200
    assert len(refused(name, b"")) < 200


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"There is no file P01\.txt"):
        read_transcript(tmp_path / "P01.txt")
    folder = tmp_path / "P02.txt"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="is a folder"):
        read_transcript(folder)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "P03.txt")
        with pytest.raises(UnreadableFile, match="not an ordinary file"):
            read_transcript(tmp_path / "P03.txt")


def test_text_from_right_to_left_keeps_its_order_and_marks() -> None:
    source = "\u200fمراسل: \u2067لماذا\u2069 بقيت؟\n\u200fسلمى: أبقى متأخرة.\n" * 2
    transcript = read_transcript("P01.txt", source.encode())
    assert [turn.speaker for turn in transcript.turns] == ["مراسل", "سلمى"] * 2
    assert "\u2067لماذا\u2069" in transcript.text


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured by Linux alone")
def test_files_made_to_do_harm_cost_neither_time_nor_memory() -> None:
    """Each within 150 MB and none without end, in one sentence if refused.

    How long each takes is told by ``python -m tests.hostile``: two seconds of the processor.
    """
    found = subprocess.run(
        [sys.executable, "-m", "tests.hostile"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    costs = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(costs) > 60
    too_much = [cost for cost in costs if cost["seconds"] > 20 or cost["megabytes"] > 150]
    assert too_much == []
    for cost in costs:
        answer = cost["answer"]
        assert answer.startswith("read, ") or re.fullmatch(r"[^\n]{20,300}\.", answer), cost


def test_broken_files_are_read_or_refused_and_never_a_crash() -> None:
    """A short run; ``python -m tests.fuzzing`` is the long one."""
    counts, wrong = fuzz(600, seed=3)
    assert wrong == []
    assert counts.total() == 600
    assert {key.split()[0] for key in counts} >= {*READERS} - {"tsv"}
