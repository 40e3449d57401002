"""Many interviews at once: sheets, folders and zips; what comes twice, and what is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.store import open_study
from qualcode.transcripts import preview, read_transcript, read_transcripts, sheet_columns
from tests.hostile import packed

TALK = b"I: Why do you stay?\nP: I stay late.\nI: Ah.\nP: Yes.\n"
SURVEY = (
    "Response ID,IP Address,Role,Age,Why do you stay?,What would you change?\n"
    "R1,10.0.0.1,nurse,33,Because of the people here.,The rota; it is too late every week.\n"
    "R2,10.0.0.2,nurse,41,For them.,\n"
    "R3,10.0.0.3,doctor,,,\n"
    'R4,10.0.0.4,doctor,52,"I like it.\nMostly.",Nothing at all comes to mind.\n'
)


def other(number: int) -> bytes:
    return TALK + b"I: And %d?\nP: So.\n" % number


# Sheets -------------------------------------------------------------------------------------


def test_one_row_a_respondent_gives_a_transcript_and_a_participant_each() -> None:
    batch = read_transcripts("survey.csv", SURVEY.encode())
    assert [transcript.title for transcript in batch.transcripts] == [
        "survey R1",
        "survey R2",
        "survey R4",
    ]
    first, second, fourth = batch.transcripts
    assert first.text.split("\n") == [
        "Why do you stay?",
        "Because of the people here.",
        "What would you change?",
        "The rota; it is too late every week.",
    ]
    assert [turn.role for turn in first.turns] == ["interviewer", "participant"] * 2
    assert second.text == "Why do you stay?\nFor them."
    assert fourth.participant_turns[0].span.slice == slice(17, 35)
    people = {person.id: person for person in batch.participants}
    assert people["R1"].attributes == {"Role": "nurse", "Age": "33"}
    assert {person.quote_consent for person in batch.participants} == {"no"}
    reasons = {removal.reason: removal.text for removal in second.removals}
    assert reasons["question without an answer"] == "What would you change?"
    assert reasons["column “IP Address”"] == "10.0.0.2"
    assert any("one row a respondent" in note for note in preview(first).notes)


def test_what_a_column_holds_can_be_set_otherwise() -> None:
    found = {column.name: column.part for column in sheet_columns(SURVEY.encode(), "s.csv")}
    assert found == {
        "Response ID": "participant",
        "IP Address": "left out",
        "Role": "attribute",
        "Age": "attribute",
        "Why do you stay?": "answer",
        "What would you change?": "answer",
    }
    batch = read_transcripts(
        "s.csv", SURVEY.encode(), columns={"Role": "left out", "Why do you stay?": "attribute"}
    )
    assert batch.participants[0].attributes.keys() == {"Age", "Why do you stay?"}
    with pytest.raises(BadCommand, match="There is no column “Rolle”"):
        read_transcripts("s.csv", SURVEY.encode(), columns={"Rolle": "answer"})
    with pytest.raises(BadCommand, match="A column cannot hold “gold”"):
        read_transcripts("s.csv", SURVEY.encode(), columns={"Role": "gold"})  # type: ignore[dict-item]


def test_several_interviews_in_one_sheet_are_told_apart() -> None:
    rows = "Interview;Speaker;Text\nP01;I;Why?\nP01;P;I stay.\nP02;I;Why?\nP02;P;For them.\n"
    batch = read_transcripts("talks.csv", rows.encode())
    assert [(t.title, t.text) for t in batch.transcripts] == [
        ("talks P01", "Why?\nI stay."),
        ("talks P02", "Why?\nFor them."),
    ]
    with pytest.raises(UnreadableFile, match="holds 2 interviews"):
        read_transcript("talks.csv", rows.encode())


def test_a_sheet_without_a_header_or_a_speaker_is_read_too() -> None:
    rows = "00:01,Ana,Why do you stay here at all?\n00:05,Ben,I stay for the people on the ward.\n"
    with pytest.raises(UnreadableFile, match="no column that can be told"):
        read_transcripts("t.csv", b"1,2\n3,4\n")
    names = [column.name for column in sheet_columns((rows * 3).encode(), "t.csv")]
    assert names == ["Column 1", "Column 2", "Column 3"]
    batch = read_transcripts(
        "t.csv",
        (rows * 3).encode(),
        columns={"Column 1": "time", "Column 2": "speaker", "Column 3": "text"},
    )
    assert [turn.at for turn in batch.transcripts[0].turns][:2] == ["00:00:01", "00:00:05"]
    comments = "Comment\n" + "It never opens for me.\n" * 2
    assert len(read_transcripts("c.csv", comments.encode()).transcripts[0].turns) == 2


def test_the_same_respondents_are_known_again_when_the_sheet_has_grown(tmp_path: Path) -> None:
    grown = SURVEY + "R5,10.0.0.5,nurse,20,Because I learn something every week.,More of it.\n"
    first = read_transcripts("survey.csv", SURVEY.encode()).transcripts
    later = read_transcripts("survey.csv", grown.encode()).transcripts
    assert {t.source_sha256 for t in first} < {t.source_sha256 for t in later}
    with open_study(tmp_path / "s.qualcode", create=True, title="S") as study:
        batch = read_transcripts("survey.csv", SURVEY.encode())
        study.add(*batch.participants, *batch.transcripts)
        assert len(study.transcripts()) == 3
        assert study.check() == []


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(["I", "P", "Ana Ruiz", ""]), CELLS), min_size=1))
def test_every_cell_of_a_sheet_is_in_the_text_or_reported(rows: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([("Speaker", "Text"), ("I", "Why?"), *rows])
    (transcript,) = read_transcripts("t.csv", file.getvalue().encode()).transcripts
    held = transcript.text + "".join(removal.text for removal in transcript.removals)
    for row in rows:
        for cell in row:
            for word in cell.replace("\ufeff", "").split():
                assert word in held


# Folders and zips ---------------------------------------------------------------------------


def test_a_folder_is_read_whole_and_what_cannot_be_read_is_listed(tmp_path: Path) -> None:
    (tmp_path / "wave 2").mkdir()
    (tmp_path / "P01.txt").write_bytes(TALK)
    (tmp_path / "copy.txt").write_bytes(TALK)
    (tmp_path / "wave 2" / "P01.txt").write_bytes(other(2))
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "~$P01.docx").write_bytes(b"x")
    (tmp_path / "more.zip").write_bytes(packed({"P07.txt": other(7)}))
    seen: list[str] = []
    batch = read_transcripts(tmp_path, told=lambda number, count, name: seen.append(name))
    assert [t.title for t in batch.transcripts] == ["P01", "P07", "wave 2 P01"]
    assert {refusal.name for refusal in batch.refused} == {"copy.txt", "old.doc"}
    assert all(refusal.sentence.endswith(".") for refusal in batch.refused)
    assert batch.passed_over == (".DS_Store", "~$P01.docx")
    assert seen == ["P01.txt", "copy.txt", "more.zip", "old.doc", "wave 2/P01.txt"]


def test_a_zip_is_read_like_a_folder_and_never_unpacked_to_disk(tmp_path: Path) -> None:
    data = packed(
        {
            "site A/P01.txt": TALK,
            "site B/P01.txt": other(1),
            "__MACOSX/site A/._P01.txt": b"x",
            "site B/inner.zip": packed({"P09.txt": other(9)}),
            "survey.csv": SURVEY,
        }
    )
    batch = read_transcripts("all.zip", data)
    titles = [t.title for t in batch.transcripts]
    assert titles == ["P01", "site B P01", "survey R1", "survey R2", "survey R4"]
    assert "zip inside a zip" in batch.refused[0].sentence
    assert len(batch.participants) == 3
    assert list(tmp_path.iterdir()) == []


def test_names_in_a_zip_of_a_macintosh_come_out_right() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Großmann é.txt", TALK)
    # Those zips hold the same bytes without the mark that says what they are.
    unmarked = bytearray(file.getvalue())
    for sign, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        unmarked[unmarked.find(sign) + place] &= ~0x08
    (transcript,) = read_transcripts("all.zip", bytes(unmarked)).transcripts
    assert transcript.title == "Großmann é"


@pytest.mark.parametrize(
    ("data", "says"),
    [(packed({}), "holds no files"), (b"PK\x03\x04cut", "damaged"), (TALK, "is not a zip file")],
)
def test_a_zip_that_holds_nothing_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_transcripts("all.zip", data)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds no files"):
        read_transcripts(tmp_path)


def test_a_file_alone_is_a_batch_of_one() -> None:
    batch = read_transcripts("P01.txt", TALK, roles={"P": "other"})
    assert [turn.role for turn in batch.transcripts[0].turns][:2] == ["interviewer", "other"]
    assert batch.participants == batch.refused == batch.passed_over == ()
    with pytest.raises(UnreadableFile, match="is empty"):
        read_transcripts("P01.csv", b" \n")
