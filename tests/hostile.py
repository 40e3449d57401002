"""Files made to do harm, and what reading each costs: ``python -m tests.hostile`` prints it.

Each is read in a process of its own, forked from one that has loaded the readers: the seconds are
the processor's, the megabytes the most memory above what the process held before.
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook  # type: ignore[import-untyped]

from qualcode.errors import QualcodeError
from qualcode.transcripts import read_transcripts
from tests.pdf_maker import assembled, pdf_of

MEGABYTE = 1024 * 1024
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
)
LAUGHS = "<!DOCTYPE d [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
)
OUTSIDE = "<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
SPEECH = "<w:p><w:r><w:t>I: Why?</w:t></w:r></w:p><w:p><w:r><w:t>P: I stay.</w:t></w:r></w:p>"


def packed(parts: dict[str, bytes | str], *, level: int = 9) -> bytes:
    """A packed file of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def word(body: str = SPEECH, prolog: str = "", **more: bytes | str) -> bytes:
    document = f'{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return packed({"[Content_Types].xml": TYPES, "word/document.xml": document, **more})


def odt(body: str, prolog: str = "", **more: bytes | str) -> bytes:
    content = f"{prolog}<d xmlns:o='office'><o:text>{body}</o:text></d>"
    return packed(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **more}
    )


def declared(data: bytes, part: str, size: int) -> bytes:
    """The packed file, one part of which says that it is so large."""
    changed = bytearray(data)
    at = changed.rfind(part.encode())
    entry = changed.rfind(b"PK\x01\x02", 0, at)
    changed[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def sheet(change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook of ours with the text of one part changed."""
    book, file = Workbook(), io.BytesIO()
    for row in [("Speaker", "Text"), ("I", "Why?"), ("P", "I stay."), ("I", "Ah.")]:
        book.active.append(row)
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(archive_text(parts[part]))
    return packed(parts)


def more_rows(row: str, numbers: range = range(1)) -> Callable[[str], str]:
    """A change that puts a row, once for each number, below those of a sheet."""
    return lambda xml: xml.replace(
        "</sheetData>",
        "".join(row.format(n, NOISE.randbytes(150).hex()) for n in numbers) + "</sheetData>",
    )


def archive_text(content: bytes | str) -> str:
    return content.decode() if isinstance(content, bytes) else content


def drawn(content: bytes, *, count: int = 1, extra: bytes = b"") -> bytes:
    """A PDF whose one page draws this."""
    stream = b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream"
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b"3 0 R " * count),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 5 0 R/Resources<</Font<</F 4 0 R"
            b">>/XObject<</X 6 0 R>>>>>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            stream % (len(content), b"", content),
            stream % (len(content), extra, content),
        ]
    )


def calling(depth: int) -> bytes:
    """A PDF whose forms each draw the next ten times."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
    ]
    body = b"/X Do " * 10
    for number in range(depth):
        objects.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
            b"/Length %d>>stream\n%s\nendstream" % (min(number + 6, depth + 4), len(body), body)
        )
    return assembled(objects)


def nested(levels: int) -> bytes:
    data = packed({"P01.txt": b"I: Why?\nP: I stay.\n"})
    for level in range(levels):
        data = packed({f"inner{level}.zip": data})
    return data


NOISE = random.Random(1)
TALK = b"I: Why do you stay?\nP: I stay late.\n"
FILES: dict[str, Callable[[], bytes]] = {
    "bomb.docx": lambda: word("<w:p/>" + " " * (64 * MEGABYTE)),
    "bomb_text.docx": lambda: word(
        "<w:p><w:r><w:t>" + "a" * (64 * MEGABYTE) + "</w:t></w:r></w:p>"
    ),
    "bomb_elements.docx": lambda: word("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 600_000),
    "dense.docx": lambda: word(
        "".join(
            f"<w:p><w:r><w:t>{NOISE.getrandbits(64):x}</w:t></w:r></w:p>" for _ in range(95_000)
        )
    ),
    "dense_text.docx": lambda: word(
        f"<w:p><w:r><w:t>{NOISE.randbytes(9_000_000).hex()}</w:t></w:r></w:p>"
    ),
    "dense.odt": lambda: odt(
        "".join(f"<p>P: {NOISE.getrandbits(64):x}</p>" for _ in range(280_000))
    ),
    "bomb_media.docx": lambda: word(**{"word/media/a.bmp": bytes(40 * MEGABYTE)}),
    "gigabyte.docx": lambda: declared(word(), "word/document.xml", 1024 * MEGABYTE),
    "liar.docx": lambda: declared(word("<w:p/>" + " " * (60 * MEGABYTE)), "word/document.xml", 900),
    "laughs.docx": lambda: word("&a9;", LAUGHS + "]>"),
    "outside.docx": lambda: word("&a;", OUTSIDE),
    "macros.docx": lambda: word(**{"word/vbaProject.bin": b"x"}),
    "climbs.docx": lambda: word(**{"../../evil.txt": b"x"}),
    "deep.docx": lambda: word("<w:p>" * 100_000 + "</w:p>" * 100_000),
    "many_parts.docx": lambda: packed(dict.fromkeys(map(str, range(60_000)), b""), level=0),
    "null.docx": lambda: word("<w:p><w:r><w:t>I: a\x00b</w:t></w:r></w:p>"),
    "bomb.odt": lambda: odt("<p>" + "a" * (64 * MEGABYTE) + "</p>"),
    "spaces.odt": lambda: odt("<p>a<s c='999999999'/></p>" * 20_000),
    "laughs.odt": lambda: odt("&a9;", LAUGHS + "]>"),
    "outside.odt": lambda: odt("&a;", OUTSIDE),
    "liar.odt": lambda: declared(odt("<p>a</p>"), "content.xml", 1024 * MEGABYTE),
    "bomb.xlsx": lambda: sheet(more_rows(" " * 40_000_000)),
    "far_cell.xlsx": lambda: sheet(
        more_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    ),
    "wide.xlsx": lambda: sheet(
        more_rows('<row r="{0}"><c r="XFD{0}"><v>1</v></c></row>', range(9, 60_000))
    ),
    "many_cells.xlsx": lambda: sheet(
        more_rows(
            '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>a</t></is></c></row>', range(9, 90_000)
        )
    ),
    "styles.xlsx": lambda: sheet(
        lambda xml: xml.replace("</cellXfs>", '<xf numFmtId="0"/>' * 90_000 + "</cellXfs>"),
        "xl/styles.xml",
    ),
    "laughs.xlsx": lambda: sheet(lambda xml: LAUGHS + "]>" + xml.partition("?>")[2]),
    "outside.xlsx": lambda: sheet(lambda xml: OUTSIDE + xml.partition("?>")[2]),
    "dense.xlsx": lambda: sheet(
        more_rows(
            '<row r="{0}"><c r="B{0}" t="inlineStr"><is><t>{1}</t></is></c></row>',
            range(9, 19_000),
        )
    ),
    "formulas.xlsx": lambda: sheet(
        lambda xml: xml.replace("<v>", '<f>HYPERLINK("http://127.0.0.1:9")</f><v>')
    ),
    "formulas.csv": lambda: (
        b'Speaker,Text\nI,"=cmd|\'/c calc\'!A1"\nP,"=HYPERLINK(""http://127.0.0.1"")"\nI,@SUM(1)\n'
    ),
    "wide.csv": lambda: b"a," * 1_000_000,
    "quotes.csv": lambda: b'Speaker,Text\nI,"' + b"word " * 400_000,
    "rows.csv": lambda: b"Speaker,Text\n" + b"I,a\nP,b\n" * 200_000,
    "deep.rtf": lambda: b"{\\rtf1 " + b"{" * 1_000_000,
    "wide.rtf": lambda: b"{\\rtf1 " + b"\\b1\\b0 " * 2_000_000 + b"}",
    "bin.rtf": lambda: b"{\\rtf1 I: a\\par P: b\\bin999999999 x}",
    "words.rtf": lambda: b"{\\rtf1 I: a\\par P: " + b"word " * 400_000 + b"}",
    "deep.html": lambda: b"<html>" + b"<div>" * 300_000 + b"I: a",
    "wide.html": lambda: b"<html><body>" + b"<b>a" * 300_000,
    "comment.html": lambda: b"<html><body>I: a<p>P: b" + b"<!--" * 500_000,
    "entity.html": lambda: (
        b"<!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>I: &a;<p>P: b"
    ),
    "bomb.pdf": lambda: drawn(zlib.compress(b" " * (200 * MEGABYTE), 9)),
    "bomb_twice.pdf": lambda: drawn(zlib.compress(zlib.compress(bytes(400 * MEGABYTE), 9), 9)),
    "words.pdf": lambda: drawn(zlib.compress(b"BT /F 9 Tf (word) Tj ET " * 300_000)),
    "array.pdf": lambda: drawn(zlib.compress(b"BT /F 9 Tf [" + b"(a) " * 900_000 + b"] TJ ET")),
    "pages.pdf": lambda: drawn(zlib.compress(b"BT /F 9 Tf (a) Tj ET"), count=200_000),
    "calling.pdf": lambda: calling(40),
    "itself.pdf": lambda: calling(1),
    "nested.pdf": lambda: pdf_of([["I: a"]]).replace(b"/Kids[", b"/Kids[" + b"[" * 100_000),
    "no_table.pdf": lambda: b"%PDF-1.4\n" + b"1 0 obj\n<<>>\nendobj\n" * 150_000,
    "startxref.pdf": lambda: b"%PDF-1.4\n" + b"startxref\n9\n" * 100_000 + b"%%EOF",
    "speakers.txt": lambda: b"".join(b"Speaker %d: Why?\n" % n for n in range(100_000)),
    "line.txt": lambda: b"I: " + b"word " * 400_000,
    "blanks.txt": lambda: b"a" + b" " * 2_000_000 + b"b",
    "colons.txt": lambda: b"a:" * 1_000_000,
    "null.txt": lambda: b"I: a\x00b\nP: c\n",
    "noise.txt": lambda: NOISE.randbytes(2_000_000),
    "high.txt": lambda: bytes(128 + n % 128 for n in range(2_000_000)),
    "turns.txt": lambda: TALK * 25_000,
    "times.vtt": lambda: b"WEBVTT\n\n" + b"00:00:01.000 --> 00:00:02.000\na\n\n" * 40_000,
    "tags.vtt": lambda: b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n" + b"<v A" * 500_000,
    "bomb.zip": lambda: packed({"P01.txt": b"I: a\n" + b" " * (60 * MEGABYTE)}),
    "texts.zip": lambda: packed({f"{n}.txt": b"%d " % n + b"word " * 1_500_000 for n in range(24)}),
    "many.zip": lambda: packed(dict.fromkeys((f"{n}.txt" for n in range(4_900)), b"")),
    "nested.zip": lambda: nested(5),
    "climbs.zip": lambda: packed({"../../P01.txt": TALK}),
    "root.zip": lambda: packed({"/etc/P01.txt": TALK}),
    "liar.zip": lambda: declared(packed({"P01.txt": b" " * (60 * MEGABYTE)}), "P01.txt", 100),
    "gigabyte.zip": lambda: declared(packed({"P01.txt": TALK}), "P01.txt", 1024 * MEGABYTE),
}


def cost(name: str, data: bytes) -> dict[str, object]:
    """What reading a file answers, in a process forked for it."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        before, began = memory(), time.process_time()
        try:
            batch = read_transcripts(name, data)
            sentences = [refusal.sentence for refusal in batch.refused]
            words = sum(len(transcript.text) for transcript in batch.transcripts)
            answer = " ".join(sentences[:1]) or f"read, {words:,} characters"
        except QualcodeError as error:
            answer = str(error)
        except BaseException as error:
            answer = f"CRASH {type(error).__name__}: {error}"[:300]
        found = {
            "file": name,
            "bytes": len(data),
            "seconds": round(time.process_time() - began, 2),
            "megabytes": round(memory() - before, 1),
            "answer": answer,
        }
        os.write(write_end, json.dumps(found).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        written = pipe.read()
    os.waitpid(child, 0)
    lost = {"file": name, "seconds": 0.0, "megabytes": 0.0, "answer": "CRASH the process ended"}
    found = json.loads(written) if written else lost
    return dict(found)


def memory() -> float:
    """The most memory that this process has held, in megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Read the files that are named, or all; print a line of JSON for each."""
    read_transcripts("warm.txt", TALK)
    for name in sys.argv[1:] or FILES:
        print(json.dumps(cost(name, FILES[name]()), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
