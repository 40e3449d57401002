"""Reading interview files: who speaks, where each turn stands, and what was left out."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.model import Transcript
from qualcode.transcripts import FORMATS, READERS, account, preview, read_transcript

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "transcripts"
SAMPLE = HERE.parent / "transcripts_sample"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def read(text: str, name: str = "P01.txt", encoding: str = "utf-8", **options) -> Transcript:
    return read_transcript(name, text.encode(encoding), **options)


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.text[turn.span.slice]) for turn in transcript.turns]


def left_out(transcript: Transcript, reason: str) -> list[str]:
    return [removal.text for removal in transcript.removals if removal.reason == reason]


def packed(body: str, **parts: str) -> bytes:
    """A Word file of our own making, with the body and further parts as given."""
    kinds = {"document": "document.main", **{part: part.rstrip("0123456789") for part in parts}}
    types = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{CONTENT}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    package = "http://schemas.openxmlformats.org/package/2006/content-types"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}">{types}</Types>')
        inner = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", inner)
        for part, xml in parts.items():
            archive.writestr(f"word/{part}.xml", xml)
    return file.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


# Golden files -------------------------------------------------------------------------------


def found(transcript: Transcript) -> dict[str, object]:
    return {
        "turns": [
            {
                "speaker": turn.speaker,
                "role": turn.role,
                "text": transcript.text[turn.span.slice],
                **({"at": turn.at} if turn.at else {}),
            }
            for turn in transcript.turns
        ],
        "left_out": {reason: list(texts) for reason, texts in preview(transcript).left_out.items()},
        "facts": dict(transcript.facts),
    }


@pytest.mark.parametrize(
    "path",
    sorted(path for path in GOLDEN.iterdir() if path.suffix[1:] in READERS),
    ids=lambda path: path.name,
)
def test_an_odd_file_reads_as_the_expectation_beside_it_says(path: Path) -> None:
    expected = path.with_name(path.name + ".json")
    result = found(read_transcript(path))
    assert expected.exists(), f"Write {expected.name}: {json.dumps(result, ensure_ascii=False)}"
    assert result == json.loads(expected.read_text("utf-8"))


# Speakers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I:", "P:"),
        ("I :", "P03:"),
        ("Interviewer 1:", "Participant 12:"),
        ("INT1:", "P-03:"),
        ("Interviewer (AB):", "P03 (nurse):"),
        ("Q:", "A:"),
        ("MODERATOR:", "JANE DOE:"),
        ("Ana Ruiz:", "Dr. Maria de la Cruz:"),
        ("Roy Neal:", "Julie A. Kramer-White:"),
        ("**Interviewer:**", "**P03**:"),
        ("Project Manager:", "Site Lead:"),
        ("問：", "唐鳳："),
        ("مراسل:", "سلمى:"),
        ("- Interviewer:", "- Ana:"),
        ("[P1]", "[P2]"),
        ("[00:01:02] I:", "[00:01:09] P:"),
        ("00:01:02 Speaker 1:", "00:01:09 Speaker 2:"),
        ("0:03 I:", "1:09 P:"),
        ("Speaker 1 (00:03):", "Speaker 2 (00:09):"),
        ("I: [00:01:02]", "P: [00:01:09]"),
        ("I [00:01:02]:", "P [00:01:09]:"),
        ("[00:01:02 - 00:01:08] I:", "[00:01:09 - 00:01:20] P:"),
        ("00:01:02\nI:", "00:01:09\nP:"),
        ("I:\n", "P:\n"),
        ("I\t", "P\t"),
        ("INTERVIEWER\n", "JANE DOE 2\n"),
        ("Ana Ruiz  0:03\n", "Ben Okri  0:09\n"),
    ],
)
def test_a_label_of_this_kind_begins_a_turn(first: str, second: str) -> None:
    source = f"{first} Why do you stay?\n{second} I stay late.\n" * 2
    transcript = read(source)
    texts = [text for _, text in spoken(transcript)]
    assert texts == ["Why do you stay?", "I stay late."] * 2
    assert len({turn.speaker for turn in transcript.turns}) == 2
    assert not any(":" in turn.speaker or "[" in turn.speaker for turn in transcript.turns)
    assert not account(source, transcript)


@pytest.mark.parametrize(
    "line",
    [
        "Note: this was hard.",
        "One thing: the rota.",
        "So: I stayed.",
        "(Interviewer: Mm-hm.) And then I left.",
        "[Interviewer: Mm-hm.] And then I left.",
        "10:30 was fine for me.",
        "See https://example.org/rota for it.",
        "Really? I: no, I never did.",
        "The point is this: time.",
        "[laughs] Yes.",
        "Ratio 3:1 at night.",
    ],
)
def test_a_colon_inside_speech_is_not_a_speaker(line: str) -> None:
    transcript = read(f"I: Why?\nP: I stay.\n{line}\nI: And then?\nP: Home.\n{line}\n")
    assert spoken(transcript) == [
        ("I", "Why?"),
        ("P", f"I stay.\n{line}"),
        ("I", "And then?"),
        ("P", f"Home.\n{line}"),
    ]


def test_a_label_in_small_letters_counts_when_it_comes_back_often() -> None:
    transcript = read("Nurse manager: Why?\nstudent: I stay.\n" * 4)
    assert {turn.speaker for turn in transcript.turns} == {"Nurse manager", "student"}


def test_two_speakers_in_one_line_are_one_turn() -> None:
    transcript = read("I: Why? P: Because.\nP: I said so.\n")
    assert spoken(transcript) == [("I", "Why? P: Because."), ("P", "I said so.")]


def test_a_line_without_a_label_goes_on_with_the_turn_before_it() -> None:
    assert spoken(read("I: Why?\n\nP: I stay.\n\nAnd I go.\n")) == [
        ("I", "Why?"),
        ("P", "I stay.\nAnd I go."),
    ]


def test_turns_of_one_speaker_that_follow_each_other_are_one_turn() -> None:
    assert spoken(read("I: Why?\nP: I stay.\np.: And I go.\nI: Ah.\n")) == [
        ("I", "Why?"),
        ("P", "I stay.\nAnd I go."),
        ("I", "Ah."),
    ]


def test_turns_are_one_newline_apart_and_hold_no_label() -> None:
    transcript = read("\n\n  I:   Why?  \n\n\n P:  I stay.\t\n\n")
    assert transcript.text == "Why?\nI stay."
    assert [turn.span.slice for turn in transcript.turns] == [slice(0, 4), slice(5, 12)]


def test_a_name_that_stands_once_in_capitals_stays_text_and_is_pointed_out() -> None:
    transcript = read(
        "Ann Lee: Why?\nBo Ek: I stay.\nVOICE OFF CAMERA: Tape.\nso.\nAnn Lee: A.\nBo Ek: B.\n"
    )
    assert ("Bo Ek", "I stay.\nVOICE OFF CAMERA: Tape.\nso.") in spoken(transcript)
    assert any("VOICE OFF CAMERA" in note for note in preview(transcript).notes)


def test_a_label_named_by_a_person_counts_even_if_it_stands_once() -> None:
    source = (
        "Ann Lee: Why?\nBo Ek: I stay.\nVOICE OFF CAMERA: Tape.\nAnn Lee: A.\nBo Ek: B.\nm.\nm.\n"
    )
    transcript = read(source, roles={"VOICE OFF CAMERA": "other", "Bo Ek": "participant"})
    assert ("VOICE OFF CAMERA", "Tape.") in spoken(transcript)


def test_lines_about_the_interview_are_no_turns() -> None:
    top = "Interview 1\nInterviewer: Ana Ruiz\nParticipant: P01\nDate: 4 March 2025\nSite: B"
    transcript = read(f"{top}\n\nInterviewer: Why?\nParticipant: I stay.\nInterviewer: Ah.\n")
    assert left_out(transcript, "before the first speaker") == [top]
    assert [turn.speaker for turn in transcript.turns] == [
        "Interviewer",
        "Participant",
        "Interviewer",
    ]


def test_without_labels_each_paragraph_is_a_participants_turn() -> None:
    transcript = read("I stay late.\nOften.\n\nThen I go.\n")
    assert spoken(transcript) == [("", "I stay late.\nOften."), ("", "Then I go.")]
    assert {turn.role for turn in transcript.turns} == {"participant"}
    assert "no speakers" in preview(transcript).notes[0]


def test_one_word_with_a_colon_late_in_a_text_does_not_empty_it() -> None:
    source = "I stay late most of the days.\n" * 20 + "Researcher: that was me.\n"
    transcript = read(source)
    assert len(transcript.turns) == 21
    assert not account(source, transcript)


def test_lines_broken_to_a_width_are_joined_into_paragraphs() -> None:
    words = " ".join(["and then we went on with the rota for the ward"] * 12)
    rows, row = [], ""
    for word in words.split():
        if len(row) + len(word) + 1 > 60:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    transcript = read("I: Why?\nP: " + "\n".join([*rows, row]) + "\n\nNew one.\n")
    assert spoken(transcript)[1] == ("P", f"{words}\nNew one.")


# Roles --------------------------------------------------------------------------------------


def roles_of(transcript: Transcript) -> dict[str, str]:
    return {turn.speaker: turn.role for turn in transcript.turns}


@pytest.mark.parametrize(
    ("asks", "answers"),
    [("I", "P"), ("INT1", "P01"), ("Q", "A"), ("Moderator", "P2"), ("R", "P1"), ("I", "R")],
)
def test_the_word_of_a_label_proposes_who_interviews(asks: str, answers: str) -> None:
    transcript = read(f"{asks}: Well.\n{answers}: Why?\n{asks}: So.\n{answers}: No?\n")
    assert roles_of(transcript) == {asks: "interviewer", answers: "participant"}


def test_of_two_names_the_one_who_asks_is_proposed_as_interviewer() -> None:
    turn = "Ann Lee: Why?\nBo Ek: I stay late, and I go home by the bus in the dark.\n"
    assert roles_of(read(turn * 4)) == {"Ann Lee": "interviewer", "Bo Ek": "participant"}


def test_the_lines_at_the_top_can_say_who_interviews() -> None:
    turns = "Ann Lee: I see.\nBo Ek: I stay?\n" * 3
    transcript = read(f"P06, by video. Interviewed by Ann Lee.\n\n{turns}")
    assert roles_of(transcript) == {"Ann Lee": "interviewer", "Bo Ek": "participant"}


def test_where_nothing_tells_who_interviews_everybody_is_a_participant() -> None:
    transcript = read("Ann Lee: I stay late.\nBo Ek: I go home.\n" * 3)
    assert set(roles_of(transcript).values()) == {"participant"}
    assert any("not clear" in note for note in preview(transcript).notes)


def test_a_person_can_correct_the_roles() -> None:
    transcript = read(
        "I: Why?\nP: I stay.\nI: Ah.\nP: Yes.\n", roles={"i:": "participant", "P": "other"}
    )
    assert roles_of(transcript) == {"I": "participant", "P": "other"}


def test_a_role_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadCommand, match="a role is participant, interviewer, other"):
        read("I: Why?\nP: So.\n", roles={"I": "boss"})


# Times --------------------------------------------------------------------------------------


def test_the_time_of_a_turn_is_kept_apart_from_its_text() -> None:
    transcript = read("[1:02] I: Why?\n[00:01:05.250] P: At 10:30, [inaudible 00:12:03] I stay.\n")
    assert [turn.at for turn in transcript.turns] == ["00:01:02", "00:01:05"]
    assert "[inaudible 00:12:03]" in transcript.text
    assert left_out(transcript, "time stamps") == ["[1:02]\n[00:01:05.250]"]


def test_a_time_that_closes_a_paragraph_is_where_the_next_begins() -> None:
    transcript = read("I: Why? #00:00:09-5#\nP: I stay. #00:00:21-0#\nI: Ah. #00:00:30-1#\n")
    assert spoken(transcript)[1] == ("P", "I stay.")
    assert [turn.at for turn in transcript.turns] == [None, "00:00:09", "00:00:21"]


# Encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with byte-order mark"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Mac Roman"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_encoding_is_recognised_and_named(encoding: str, said: str, end: str) -> None:
    lines = ["I: That’s “right”, isn’t it?", "P: I’m at the café – voilà, Hélène said…", "É", ""]
    if encoding == "cp1252" and end == "\r":
        pytest.skip("returns alone were only written where Mac Roman was")
    transcript = read(end.join(lines), encoding=encoding)
    assert transcript.facts["encoding"] == said
    assert transcript.text == "That’s “right”, isn’t it?\nI’m at the café – voilà, Hélène said…\nÉ"


def test_a_text_whose_encoding_cannot_be_told_is_refused_with_the_place() -> None:
    data = b"I: " + bytes(range(128, 256)) + b"\nP: " + bytes(range(255, 127, -1))
    with pytest.raises(UnreadableFile, match=r"byte 4\b.*UTF-8"):
        read_transcript("P01.txt", data)


def test_a_damaged_byte_in_utf8_is_refused_with_the_place() -> None:
    with pytest.raises(UnreadableFile, match=r"byte 10 is damaged"):
        read_transcript("P01.txt", "P: é à ".encode() + b"\xff" + "ü ñ ç".encode())


def test_control_characters_are_taken_out_and_reported() -> None:
    transcript = read("I: Why\x07?\nP: I \ufeffstay.\n")
    assert transcript.text == "Why?\nI stay."
    assert left_out(transcript, "control characters") == ["U+0007 × 1, U+FEFF × 1"]


def test_every_kind_of_line_end_becomes_one_newline() -> None:
    transcript = read("I: Why?\u2028P: I stay.\u2029I: Ah.\x0cP: Yes.\x85I: So.\r")
    assert len(transcript.turns) == 5


# Captions -----------------------------------------------------------------------------------


def test_cues_of_one_speaker_are_joined_by_one_space() -> None:
    source = (
        "WEBVTT\n\nNOTE\nmade by hand\n\n1\n00:00:01.000 --> 00:00:02.000 align:start\n<v Ana>Why\n"
        "is that?\n\n00:00:02.000 --> 00:00:03.000\n<v Ben>I <i>stay</i> &amp;\n\n"
        "00:00:03.000 --> 00:00:04.500\nI go.</v>\n<v Ana>Ah.\n"
    )
    transcript = read(source, "P01.vtt")
    assert spoken(transcript) == [
        ("Ana", "Why is that?"),
        ("Ben", "I stay & I go."),
        ("Ana", "Ah."),
    ]
    assert [turn.at for turn in transcript.turns] == ["00:00:01", "00:00:02", "00:00:03"]
    assert left_out(transcript, "caption header") == ["WEBVTT"]
    assert left_out(transcript, "caption note") == ["NOTE\nmade by hand"]
    assert left_out(transcript, "cue numbers") == ["1"]
    assert not account(source.replace("&amp;", "&"), transcript)


def test_a_caption_names_its_speaker_only_where_a_turn_begins() -> None:
    source = (
        "1\n00:00:01,000 --> 00:00:02,000\nTravis: When you\nstart\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\nyou make mistakes.\n\n"
        "3\n00:00:03,000 --> 00:00:04,000\nSarah: Yes.\n\n"
        "4\n00:00:05,000 --> 00:00:06,000\nTravis: So.\n"
    )
    assert spoken(read(source, "P01.srt")) == [
        ("Travis", "When you start you make mistakes."),
        ("Sarah", "Yes."),
        ("Travis", "So."),
    ]


def test_captions_without_speakers_are_cut_at_pauses() -> None:
    source = (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nI stay\n\n"
        "00:00:02.100 --> 00:00:03.000\nlate.\n\n"
        "00:00:09.000 --> 00:00:10.000\nThen I go.\n"
    )
    assert spoken(read(source, "P01.vtt")) == [("", "I stay late."), ("", "Then I go.")]


def test_the_length_of_an_interview_comes_from_its_captions_if_it_can_be_one() -> None:
    cues = "WEBVTT\n\n00:00:30.000 --> 00:00:40.000\nI: Why?\n\n{}:00.000 --> {}:30.000\nP: So.\n"
    assert read(cues.format("00:42", "00:42"), "a.vtt").duration_minutes == 42.0
    assert read(cues.format("00:02", "00:02"), "a.vtt").duration_minutes is None
    assert read(cues.format("09:02", "09:02"), "a.vtt").duration_minutes is None


def test_automatic_captions_that_repeat_each_line_are_read_once() -> None:
    source = (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nI<00:00:01.500><c> stay</c>\n\n"
        "00:00:02.000 --> 00:00:02.010\nI stay\n\n"
        "00:00:02.010 --> 00:00:04.000\nI stay\nlate<00:00:03.000><c> now</c>\n"
    )
    transcript = read(source, "P01.vtt")
    assert transcript.text == "I stay late now"
    assert left_out(transcript, "repeated caption line") == ["I stay", "I stay"]


# Word ---------------------------------------------------------------------------------------


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_word_file_gives_its_paragraphs_line_breaks_and_tables_in_reading_order() -> None:
    document = docx.Document()
    document.add_heading("Interview 3", 1)
    document.add_paragraph("I: Why?")
    document.add_paragraph("P: I stay.\nI go.\tLate.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells],
        ["I:", "And?", "P:", "Home."],
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("By bus.", style="List Bullet")
    transcript = read_transcript("P03.docx", saved(document))
    assert spoken(transcript) == [
        ("I", "Why?"),
        ("P", "I stay.\nI go. Late."),
        ("I", "And?"),
        ("P", "Home.\nBy bus."),
    ]
    assert left_out(transcript, "before the first speaker") == ["Interview 3"]


def test_bold_words_without_a_colon_can_be_the_label() -> None:
    document = docx.Document()
    for name, text in [("Ana Ruiz", " Why?"), ("Ben Okri", " I stay."), ("Ana Ruiz", " Ah.")] * 2:
        added = document.add_paragraph()
        added.add_run(name).bold = True
        added.add_run(text)
        document.add_paragraph("Mm.")
    transcript = read_transcript("P03.docx", saved(document))
    assert spoken(transcript)[:2] == [("Ana Ruiz", "Why?\nMm."), ("Ben Okri", "I stay.\nMm.")]


def test_names_with_times_above_the_words_of_a_meeting_are_labels() -> None:
    document = docx.Document()
    for name, time, text in [("Ana Ruiz", "0:03", "Why?"), ("Ben Okri", "0:09", "I stay.")] * 2:
        added = document.add_paragraph()
        added.add_run(name).bold = True
        added.add_run(f"   {time}\n{text}")
    transcript = read_transcript("P03.docx", saved(document))
    assert spoken(transcript)[:2] == [("Ana Ruiz", "Why?"), ("Ben Okri", "I stay.")]
    assert transcript.turns[1].at == "00:00:09"


def test_a_table_of_times_speakers_and_words_is_read_row_by_row() -> None:
    document = docx.Document()
    rows = [("Time", "Speaker", "Words"), ("0:03", "Ana", "Why?"), ("0:09", "Ben", "I stay.")]
    rows += [("0:12", "Ana", "Ah."), ("0:15", "Ben", "Yes.")]
    table = document.add_table(rows=0, cols=3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    transcript = read_transcript("P03.docx", saved(document))
    assert spoken(transcript)[:2] == [("Ana", "Why?"), ("Ben", "I stay.")]
    assert transcript.turns[1].at == "00:00:09"


def test_inserted_words_are_taken_and_deleted_ones_reported() -> None:
    body = (
        paragraph("I: Why?")
        + "<w:p><w:r><w:t>P: I </w:t></w:r><w:ins><w:r><w:t>often </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>never </w:delText></w:r></w:del><w:r><w:t>stay</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>I go </w:t></w:r></w:p>'
        + paragraph("home.")
    )
    transcript = read_transcript("P03.docx", packed(body))
    assert spoken(transcript)[1] == ("P", "I often stay\nI go home.")
    assert left_out(transcript, "deleted in tracked changes") == ["never"]
    assert any("tracked changes" in note for note in preview(transcript).notes)


def test_what_stands_beside_the_text_of_a_word_file_is_reported() -> None:
    story = f'<w:{{0}} xmlns:w="{WORD}">{{1}}</w:{{0}}>'
    inner = f"<w:txbxContent>{paragraph('in a box')}</w:txbxContent>"
    box = f"<w:p><w:r><w:pict>{inner}</w:pict></w:r></w:p>"
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
    field = "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    control = f"<w:sdt><w:sdtContent>{paragraph('P: I stay.')}</w:sdtContent></w:sdt>"
    link = "<w:p><w:hyperlink><w:r><w:t>I go.</w:t></w:r></w:hyperlink></w:p>"
    data = packed(
        paragraph("I: Why?") + control + link + box + hidden + field,
        header1=story.format("hdr", paragraph("Ward 6")),
        footer1=story.format("ftr", paragraph("page 1")),
        comments=story.format("comments", f"<w:comment>{paragraph('check this')}</w:comment>"),
        footnotes=story.format("footnotes", f"<w:footnote>{paragraph('a note')}</w:footnote>"),
    )
    transcript = read_transcript("P03.docx", data)
    assert spoken(transcript) == [("I", "Why?"), ("P", "I stay.\nI go.")]
    assert {r.reason: r.text for r in transcript.removals} == {
        "text box": "in a box",
        "hidden text": "hidden",
        "page header": "Ward 6",
        "page footer": "page 1",
        "footnote": "a note",
        "comment": "check this",
        "field codes": "PAGE",
        "speaker labels": "I:\nP:",
    }


# The whole ----------------------------------------------------------------------------------


def test_a_transcript_carries_its_source() -> None:
    transcript = read("I: Why?\nP: So.\n", "../data/P03 second.TXT", participant="P03")
    assert transcript.title == "P03 second"
    assert transcript.source_name == "P03 second.TXT"
    assert transcript.source_format == "txt"
    assert transcript.participant == "P03"
    assert len(transcript.source_sha256) == 64
    assert read("I: Why?\nP: So.\n", title="Third").title == "Third"


def test_a_preview_counts_turns_and_words_by_speaker() -> None:
    shown = preview(read("Interview 3\n\nI: Why?\nP: I stay late.\nI: Ah.\nP: Yes.\n"))
    assert [(s.label, s.role, s.turns, s.words) for s in shown.speakers] == [
        ("I", "interviewer", 2, 2),
        ("P", "participant", 2, 4),
    ]
    assert (shown.turns, shown.participant_turns, shown.words, shown.participant_words) == (
        4,
        2,
        6,
        4,
    )
    assert shown.left_out["before the first speaker"] == ("Interview 3",)


def test_every_format_is_named_where_another_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_transcript("x.wpd", b"I: Why?")
    assert all(name in str(refused.value) for name in FORMATS)


@pytest.mark.parametrize("name", ["P01", "P02", "P03", "P04", "P05", "P06"])
def test_each_sample_interview_has_twelve_answers(name: str) -> None:
    files = [path for path in sorted(SAMPLE.glob(f"{name}.*")) if path.suffix[1:] in READERS]
    if not files:
        pytest.skip(f"the sample study holds no {name} yet")
    shown = preview(read_transcript(files[0]))
    assert shown.participant_turns == 12
    assert {speaker.role for speaker in shown.speakers} == {"interviewer", "participant"}


# Laws ---------------------------------------------------------------------------------------

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",)) | st.sampled_from("I:P[] 0\n\t#*"),
    max_size=30,
)
LABELS = st.sampled_from(
    [
        "I: ",
        "P: ",
        "P03:",
        "Ana Ruiz: ",
        "Interviewer:\n",
        "[00:01:02] I: ",
        "0:03 P: ",
        "### 唐鳳：\n",
        "",
        "",
        "Note: ",
        "00:00:01\n",
        "NAME: ",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\u2028"])
SOURCES = st.lists(st.tuples(LABELS, WORDS, ENDS), min_size=1, max_size=25).map(
    lambda rows: "".join(label + words + end for label, words, end in rows)
)


@settings(deadline=None, max_examples=300)
@given(SOURCES, st.sampled_from(["P01.txt", "P01.md"]))
def test_turns_and_removals_hold_every_character_of_the_file(source: str, name: str) -> None:
    try:
        transcript = read(source, name)
    except UnreadableFile:
        return
    assert account(source, transcript) == {}


@settings(deadline=None, max_examples=300)
@given(SOURCES)
def test_turns_lie_one_newline_apart_and_cover_the_text(source: str) -> None:
    try:
        transcript = read(source)
    except UnreadableFile:
        return
    pieces = [transcript.text[turn.span.slice] for turn in transcript.turns]
    assert "\n".join(pieces) == transcript.text
    assert all(piece == piece.strip() and piece for piece in pieces)
    words = iter(sign for sign in source if not sign.isspace())
    assert all(sign in words for sign in transcript.text if not sign.isspace())


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["<v Ana>", "Ana: ", "", "<i>"]), WORDS), max_size=12))
def test_captions_hold_every_character_too(cues: list[tuple[str, str]]) -> None:
    source = "WEBVTT\n\n" + "".join(
        f"{n}\n00:00:{n:02d}.000 --> 00:00:{n + 1:02d}.000\n{label}{words.replace('&', '')}\n\n"
        for n, (label, words) in enumerate(cues)
    )
    try:
        transcript = read(source, "P01.vtt")
    except UnreadableFile:
        return
    assert account(source, transcript) == {}


@settings(deadline=None, max_examples=50)
@given(st.lists(WORDS.map(lambda text: re.sub(r"[^\w\s:#\[\]]|[\x00-\x1f]", "", text)), max_size=8))
def test_word_files_hold_every_character_too(paragraphs: list[str]) -> None:
    document = docx.Document()
    lines = ["I: Why?", "P: I stay.", *paragraphs]
    for line in lines:
        document.add_paragraph(line)
    transcript = read_transcript("P01.docx", saved(document))
    assert account("\n".join(lines), transcript) == {}


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes, ending: str) -> None:
    try:
        transcript = read_transcript(f"P01.{ending}", data)
    except UnreadableFile as refused:
        sentence = str(refused)
    else:
        sentence = f"P01.{ending} has {len(transcript.turns)} turns."
    assert re.fullmatch(rf"P01\.{ending} .*\.", sentence)
    assert " 0 turns" not in sentence
