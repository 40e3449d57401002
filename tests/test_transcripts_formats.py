"""Formats beyond plain text and Word: what each gives, and what it leaves out and says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from qualcode.errors import UnreadableFile
from qualcode.model import Transcript
from qualcode.transcripts import preview, read_transcript
from tests.pdf_maker import pdf_of

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.text[turn.span.slice]) for turn in transcript.turns]


def left_out(transcript: Transcript) -> dict[str, str]:
    return {removal.reason: removal.text for removal in transcript.removals}


# Encodings ----------------------------------------------------------------------------------

SPEECH = {
    "Russian": "И: Почему вы остались?\nП: Потому что это моя работа. Я задерживаюсь допоздна.\n",
    "Polish": "I: Dlaczego pani została?\nP: Zostaję długo, czasem późną nocą, źle się czuję.\n",
    "Czech": "I: Proč jste zůstala?\nP: Protože často zůstávám dlouho do noci, příliš dlouho.\n",
    "Hungarian": "K: Miért maradt ott?\nV: Gyakran későig maradok, és fáradtan, őszintén űzve.\n",
    "Greek": "Ε: Γιατί μείνατε;\nΑ: Γιατί είναι η δουλειά μου. Μένω μέχρι αργά το βράδυ.\n",
    "Turkish": "G: Neden kaldınız?\nK: Geç saatlere kadar çalışıyorum, ışıklar sönmüş oluyor.\n",
    "Hebrew": "ש: למה נשארת?\nת: כי זו העבודה שלי. אני נשארת עד מאוחר בלילה.\n",
    "Arabic": "س: لماذا بقيت؟\nج: لأن هذا عملي. أبقى حتى وقت متأخر من الليل.\n",
    "Japanese": "問：なぜ残っているのですか。\n答：仕事ですから。夜遅くまで残ります。\n",
    "Chinese": "问：你为什么留下来？\n答：因为这是我的工作。我常常留到很晚。\n",
    "Taiwanese": "問：你為什麼留下來？\n答：因為這是我的工作。我常常留到很晚。\n",
    "Korean": "문: 왜 남아 있었습니까?\n답: 제 일이기 때문입니다. 밤늦게까지 남아 있습니다.\n",
    "German": "I: Warum sind Sie geblieben?\nP: Ich bleibe oft spät, müde, möchte heim. Größe.\n",
}


@pytest.mark.parametrize(
    ("language", "encoding", "said"),
    [
        ("Russian", "cp1251", "Windows-1251"),
        ("Russian", "koi8-r", "KOI8-R"),
        ("Russian", "iso8859_5", "ISO-8859-5"),
        ("Russian", "cp866", "DOS 866"),
        ("Russian", "mac_cyrillic", "Mac Cyrillic"),
        ("Polish", "cp1250", "Windows-1250"),
        ("Polish", "iso8859_2", "ISO-8859-2"),
        ("Polish", "mac_latin2", "Mac Central European"),
        ("Czech", "cp1250", "Windows-1250"),
        ("Czech", "iso8859_2", "ISO-8859-2"),
        ("Hungarian", "cp1250", "Windows-1250"),
        ("Greek", "cp1253", "Windows-1253"),
        ("Turkish", "cp1254", "Windows-1254"),
        ("Hebrew", "cp1255", "Windows-1255"),
        ("Arabic", "cp1256", "Windows-1256"),
        ("Arabic", "iso8859_6", "ISO-8859-6"),
        ("Japanese", "shift_jis", "Shift-JIS"),
        ("Japanese", "euc_jp", "EUC-JP"),
        ("Japanese", "iso2022_jp", "ISO-2022-JP"),
        ("Chinese", "gb18030", "GB18030"),
        ("Taiwanese", "big5", "Big5"),
        ("Korean", "euc_kr", "EUC-KR"),
        ("German", "cp850", "DOS 850"),
        ("German", "utf_16_le", "UTF-16 without byte-order mark"),
        ("Russian", "utf_16_be", "UTF-16 without byte-order mark"),
        ("Chinese", "utf-16", "UTF-16"),
        ("German", "utf-32", "UTF-32"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_texts_in_older_encodings_come_out_letter_by_letter(
    language: str, encoding: str, said: str, end: str
) -> None:
    speech = SPEECH[language] * 3
    transcript = read_transcript("P01.txt", speech.replace("\n", end).encode(encoding))
    assert transcript.facts["encoding"] == said
    texts = [
        line.partition("：" if "：" in line else ":")[2].strip() for line in speech.split("\n")
    ]
    assert transcript.text.split("\n") == [text for text in texts if text]
    assert len(transcript.turns) == 6
    asked = any("was assumed" in note for note in preview(transcript).notes)
    assert asked == (not said.startswith("UTF") or "without" in said)


# OpenDocument -------------------------------------------------------------------------------


def odt(body: str, *, styles: str = "", automatic: str = "", manifest: str = "") -> bytes:
    """An odt of our own making, with the body and styles as given."""
    names = " ".join(
        f'xmlns:{short}="{OFFICE}:{long}:1.0"'
        for short, long in [
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("draw", "drawing"),
            ("fo", "xsl-fo-compatible"),
        ]
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
        archive.writestr(
            "styles.xml", f"<office:document-styles {names}>{styles}</office:document-styles>"
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return file.getvalue()


def test_an_opendocument_text_gives_paragraphs_breaks_lists_and_tables() -> None:
    body = (
        "<text:h>Interview 3</text:h><text:p>I: <text:s text:c='3'/>Why?</text:p>"
        "<text:p>P: I <text:span>stay.</text:span><text:line-break/>I go.<text:tab/>Late.</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>I:</text:p></table:table-cell>"
        "<table:table-cell><text:p>And?</text:p></table:table-cell></table:table-row></table:table>"
        "<text:list><text:list-item><text:p>P: Home.</text:p></text:list-item></text:list>"
    )
    transcript = read_transcript("P03.odt", odt(body))
    assert spoken(transcript) == [
        ("I", "Why?"),
        ("P", "I stay.\nI go. Late."),
        ("I", "And?"),
        ("P", "Home."),
    ]
    assert transcript.facts["encoding"] == "OpenDocument (odt)"


def test_what_stands_beside_the_text_of_an_opendocument_text_is_reported() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>never</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>I: Why?<office:annotation><text:p>check this</text:p></office:annotation></text:p>"
        "<text:p>P: I stay.<text:note text:note-class='footnote'><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note>"
        "<draw:frame><draw:text-box><text:p>in a box</text:p></draw:text-box></draw:frame>"
        "<text:span text:style-name='T9'>hidden</text:span></text:p>"
    )
    automatic = (
        "<style:style style:name='T9'><style:text-properties text:display='none'/></style:style>"
    )
    styles = "<style:header><text:p>Ward 6</text:p></style:header>"
    transcript = read_transcript("P03.odt", odt(body, styles=styles, automatic=automatic))
    assert spoken(transcript) == [("I", "Why?"), ("P", "I stay.")]
    assert left_out(transcript) == {
        "deleted in tracked changes": "never",
        "comment": "check this",
        "footnote": "a note",
        "text box": "in a box",
        "hidden text": "hidden",
        "page header": "Ward 6",
        "speaker labels": "I:\nP:",
    }
    assert any("tracked changes" in note for note in preview(transcript).notes)


def test_bold_names_in_an_opendocument_text_are_labels() -> None:
    automatic = (
        "<style:style style:name='B'><style:text-properties fo:font-weight='bold'/></style:style>"
    )
    body = "".join(
        f"<text:p><text:span text:style-name='B'>{name}</text:span> {text}</text:p>"
        for name, text in [("Ana Ruiz", "Why?"), ("Ben Okri", "I stay.")] * 2
    )
    transcript = read_transcript("P03.odt", odt(body, automatic=automatic))
    assert spoken(transcript) == [("Ana Ruiz", "Why?"), ("Ben Okri", "I stay.")] * 2


def test_an_opendocument_text_with_a_password_is_refused() -> None:
    data = odt("<text:p>I: Why?</text:p>", manifest="<encryption-data/>")
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read_transcript("P03.odt", data)


# Rich text ----------------------------------------------------------------------------------


def test_rich_text_gives_its_words_in_every_way_of_writing_them() -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}"
        rb"{\f2\fcharset128 Mincho;}}{\colortbl;\red0;}{\stylesheet{\s1 heading 1;}}"
        b"\r\n\\pard {\\b I:} Why\\rquote s th\\'e9 late?\\par\r\n"
        rb"{\b P:} \u8222?{\f1 \'cf\'f0\'e8\'e2\'e5\'f2} {\f2 \'93\'fa\'96\'7b}\line "
        rb"so \emdash\~ I go\_on \{x\}\tab end.\par"
        rb"\uc2 \u-10179??\u-8704?? smile\par}"
    )
    transcript = read_transcript("P03.rtf", data)
    assert spoken(transcript) == [
        ("I", "Why’s thé late?"),
        ("P", "„Привет 日本\nso —\u00a0 I go-on {x} end.\n😀 smile"),
    ]


def test_what_stands_beside_the_text_of_rich_text_is_reported() -> None:
    data = (
        rb"{\rtf1\ansi{\header Ward 6\par}{\footer page 1\par}{\info{\author Lea}}"
        rb"I: Why?{\footnote a note}\par P: I {\deleted never }{\revised often }stay."
        rb"{\*\annotation check this}{\v hidden}{\field{\*\fldinst PAGE}{\fldrslt  3}}\par"
        rb"{\shp{\*\shpinst{\shptxt in a box\par}}}{\pict\pngblip 89504e47}"
        rb"{\listtext 1.\tab}Home.\par}"
    )
    transcript = read_transcript("P03.rtf", data)
    assert spoken(transcript) == [("I", "Why?"), ("P", "I often stay. 3\nHome.")]
    found = left_out(transcript)
    assert found.pop("speaker labels") == "I:\nP:"
    assert found == {
        "page header": "Ward 6",
        "page footer": "page 1",
        "footnote": "a note",
        "deleted in tracked changes": "never",
        "comment": "check this",
        "hidden text": "hidden",
        "field codes": "PAGE",
        "text box": "in a box",
        "picture or shape": "without a description",
        "list number": "1.",
    }


def test_a_table_in_rich_text_is_read_row_by_row() -> None:
    row = rb"\trowd\pard\intbl %s\cell %s\cell\row"
    data = (
        rb"{\rtf1\ansi Top\par" + row % (b"I:", b"Why?") + row % (b"P:", rb"I stay.\par Late.")
        + rb"\pard I: So.\par}"
    )  # fmt: skip
    assert spoken(read_transcript("P03.rtf", data)) == [
        ("I", "Why?"),
        ("P", "I stay.\nLate."),
        ("I", "So."),
    ]


# Web pages ----------------------------------------------------------------------------------


def test_a_web_page_gives_its_blocks_and_says_what_it_leaves_out() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>Interview 3</title><style>p{}</style>"
        "<meta charset=iso-8859-1><script src='http://127.0.0.1:9/x.js'>load()</script></head>"
        "<body><nav>Home</nav><!-- check --><p><b>Ana:</b> Why\n th\u00e9 &amp; caf\u00e9?</p>"
        "<div>Ben: I <del>never </del><ins>often </ins>stay.<br>Late.</div>"
        "<img src='http://127.0.0.1:9/p.png' alt='a ward'>"
        "<table><tr><td>Ana:</td><td>And?</td></tr><tr><td>Ben:</td><td>Home.</td></tr></table>"
        "<p hidden>gone</p></body></html>"
    )
    transcript = read_transcript("P03.html", page.encode("cp1252"))
    assert spoken(transcript) == [
        ("Ana", "Why thé & café?"),
        ("Ben", "I often stay.\nLate."),
        ("Ana", "And?"),
        ("Ben", "Home."),
    ]
    assert transcript.facts["encoding"] == "Windows-1252 (declared)"
    assert left_out(transcript) == {
        "title of the page": "Interview 3",
        "script or style": "load()",
        "menu of the page": "Home",
        "comment in the page": "check",
        "deleted in tracked changes": "never",
        "picture or shape": "a ward",
        "hidden text": "gone",
        "speaker labels": "Ana:\nBen:\nAna:\nBen:",
    }


# PDF ----------------------------------------------------------------------------------------

PAGES = [
    [
        "Ward study",
        "",
        "I: Why do you stay?",
        "",
        "P: I stay because of the inter-",
        "views we do,",
    ],
    ["Ward study", "", "every well-known evening, and", "for well-", "known people.", "", "I: Ah."],
    ["Ward study", "", "P: Then I go home by bus.", "", "I: Thank you."],
]


def test_a_pdf_gives_its_turns_without_headers_numbers_and_broken_words() -> None:
    data = pdf_of([[*lines, "", f"Page {n} of 3"] for n, lines in enumerate(PAGES, start=1)])
    transcript = read_transcript("P03.pdf", data)
    assert spoken(transcript) == [
        ("I", "Why do you stay?"),
        (
            "P",
            "I stay because of the interviews we do, every well-known evening, and for well-known "
            "people.",
        ),
        ("I", "Ah."),
        ("P", "Then I go home by bus."),
        ("I", "Thank you."),
    ]
    found = left_out(transcript)
    assert found["running header"] == "Ward study"
    assert found["page number"] == "Page 1 of 3\nPage 2 of 3\nPage 3 of 3"
    assert found["hyphens at the end of a line"] == "-"
    assert any("interviews" in note for note in preview(transcript).notes)


def test_numbers_in_the_margin_of_a_pdf_are_taken_out() -> None:
    lines = ["I: Why?", "P: I stay", "until late.", "I: Ah.", "P: Yes.", "I: So.", "P: No."]
    data = pdf_of([lines], margin=[str(n) for n in range(1, 8)])
    transcript = read_transcript("P03.pdf", data)
    assert spoken(transcript)[1] == ("P", "I stay until late.")
    assert left_out(transcript)["line numbers"] == "1\n2\n3\n4\n5\n6\n7"


def test_a_scan_is_told_from_a_text() -> None:
    with pytest.raises(UnreadableFile, match="is a scan: it holds pictures of pages and no text"):
        read_transcript("P03.pdf", pdf_of([[]], picture=True))
    with pytest.raises(UnreadableFile, match="holds no text"):
        read_transcript("P03.pdf", pdf_of([[]]))


def test_a_pdf_with_a_password_is_refused() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of(PAGES))))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read_transcript("P03.pdf", file.getvalue())


@pytest.mark.parametrize("start", ["WEBVTT\r\n\r\n", "1\r\n", "\ufeff1\n"])
def test_captions_under_the_name_of_a_text_are_read_as_captions(start: str) -> None:
    cues = "00:00:01.000 --> 00:00:02.000\nI: Why?\n\n2\n00:00:03.000 --> 00:00:04.000\nP: So.\n"
    transcript = read_transcript("P01.txt", (start + cues).encode())
    assert spoken(transcript) == [("I", "Why?"), ("P", "So.")]
    assert [turn.at for turn in transcript.turns] == ["00:00:01", "00:00:03"]
    assert transcript.facts["lines"] == "read as captions"


# What is something else --------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def stream(name: str) -> bytes:
    return OLE + bytes(500) + name.encode("utf-16-le")


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("P01.doc", stream("WordDocument"), "an old Word file .* save it as docx"),
        ("P01.doc", b"{\\rtf1 I: Why?}", "rich text under another ending. Name it P01.rtf"),
        ("P01.doc", stream("EncryptedPackage"), "protected by a password"),
        ("P01.xlsx", stream("EncryptedPackage"), "protected by a password"),
        ("P01.xls", stream("Workbook"), "an old Excel file .* save it as xlsx"),
        ("P01.msg", stream("__substg1.0_"), "an Outlook message"),
        ("P01.pages", zipped("Index/Document.iwa"), "Export it from Pages as Word"),
        ("P01.docx", zipped("Index/Document.iwa"), "a Pages document"),
        ("P01.docx", zipped("[Content_Types].xml", "xl/workbook.xml"), "Name it P01.xlsx"),
        ("P01.docx", zipped("mimetype", "content.xml"), "Name it P01.odt"),
        ("P01.odt", zipped("[Content_Types].xml", "word/document.xml"), "Name it P01.docx"),
        ("P01.txt", zipped("P02.txt"), "Name it P01.zip"),
        ("P01.epub", zipped("META-INF/container.xml"), "an electronic book"),
        ("P01.txt", b"\x89PNG\r\n", "is a picture"),
        ("P01.jpg", b"\xff\xd8\xff\xe0", "It is a picture: type its text"),
        ("P01.heic", bytes(4) + b"ftypheic", "It is a picture"),
        ("P01.txt", b"RIFF\x00\x00\x00\x00WAVE", "is a sound file. Transcribe it first"),
        ("P01.m4a", bytes(4) + b"ftypM4A ", "It is a recording: transcribe it first"),
        ("P01.vtt", bytes(4) + b"ftypisom", "is a video"),
        ("P01.docx", b"\x1f\x8b\x08", "is a packed file. Unpack it first"),
        ("P01.md", b"<?xml version='1.0'?><a/>", "holds XML"),
        ("P01.txt", b"<!DOCTYPE html><p>I: Why?", "Name it P01.html"),
        ("P01.txt", b"SQLite format 3\x00", "a database"),
        ("P01.pdf", b"I: Why?", "is not a pdf file inside"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(name: str, data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refused:
        read_transcript(name, data)
    assert str(refused.value).endswith(".")


# Speakers -----------------------------------------------------------------------------------


def test_names_before_a_dash_are_labels_where_most_lines_have_one() -> None:
    talk = "Ana Ruiz – Why do you stay?\nBen Okri – I stay – late.\n" * 3
    assert spoken(read_transcript("P01.txt", talk.encode()))[:2] == [
        ("Ana Ruiz", "Why do you stay?"),
        ("Ben Okri", "I stay – late."),
    ]
    speech = "I: Why?\nP: I stay.\nWell – I go.\nI: Ah.\nP: Yes.\nWell – so.\n"
    assert ("P", "I stay.\nWell – I go.") in spoken(read_transcript("P01.txt", speech.encode()))


def test_where_only_the_interviewer_is_labelled_the_other_paragraphs_are_the_participants() -> None:
    talk = "I stay late.\nI: Why?\nBecause of them.\nAnd the rota.\nI: Ah.\nYes.\nSo it is.\n"
    transcript = read_transcript("P01.txt", talk.encode())
    assert [(turn.speaker, turn.role) for turn in transcript.turns] == [
        ("", "participant"),
        ("I", "interviewer"),
        ("", "participant"),
        ("", "participant"),
        ("I", "interviewer"),
        ("", "participant"),
        ("", "participant"),
    ]
    assert any("only the interviewer" in note for note in preview(transcript).notes)


# Laws ---------------------------------------------------------------------------------------

PLAIN = st.text(
    st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="<>&{}\\\u00ad"), max_size=40
)
TALK = st.lists(st.tuples(st.sampled_from(["I: ", "P: ", "", "Ana Ruiz: "]), PLAIN), max_size=12)


def written(lines: list[str]) -> dict[str, bytes]:
    """The same lines as each format would hold them."""
    workbook = Workbook()
    for line in lines:
        workbook.active.append([line])
    sheet = io.BytesIO()
    workbook.save(sheet)
    coded = "".join(
        "".join(f"\\u{unit if unit < 32768 else unit - 65536}?" for unit in units(line)) + "\\par "
        for line in lines
    )
    return {
        "odt": odt("".join(f"<text:p>{line}</text:p>" for line in lines)),
        "rtf": f"{{\\rtf1\\ansi {coded}}}".encode(),
        "html": "".join(f"<p>{line}</p>" for line in lines).encode(),
    }


def units(text: str) -> list[int]:
    data = text.encode("utf-16-le")
    return [int.from_bytes(data[n : n + 2], "little") for n in range(0, len(data), 2)]


@settings(deadline=None, max_examples=60)
@given(TALK)
def test_every_format_gives_the_same_turns_as_the_plain_text(talk: list[tuple[str, str]]) -> None:
    lines = ["I: Why?", "P: I stay.", *(label + text for label, text in talk)]
    lines = [" ".join(line.split()) for line in lines if line.strip()]
    expected = spoken(read_transcript("P01.txt", "\n".join(lines).encode()))
    for ending, data in written(lines).items():
        found = spoken(read_transcript(f"P01.{ending}", data))
        assert found == expected, ending


def test_every_format_is_in_the_golden_folder() -> None:
    golden = Path(__file__).parent / "golden" / "transcripts"
    endings = {path.suffix[1:] for path in golden.iterdir()} - {"json"}
    assert {
        "txt",
        "md",
        "docx",
        "odt",
        "rtf",
        "pdf",
        "html",
        "csv",
        "xlsx",
        "vtt",
        "srt",
    } <= endings
