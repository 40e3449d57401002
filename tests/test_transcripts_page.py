"""The upload on the transcripts page: shown first, corrected, and added all together."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Member
from qualcode.store import open_study
from qualcode.transcripts import read_transcript
from tests.hostile import packed

MAIN = Path(__file__).parents[1] / "qualcode" / "ui" / "main.py"
TALK = b"Ana: Why do you stay?\nBen: I stay late.\nAna: And?\nBen: Yes.\n"
SURVEY = b"id,role,Why do you stay?\nS1,nurse,Because of them all.\nS2,doctor,For the work of it.\n"


def talk(number: int) -> bytes:
    return TALK + b"Ana: And %d?\nBen: So.\n" % number


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUALCODE_FOLDER", str(tmp_path))
    monkeypatch.setattr("qualcode.ui.who.signed_in", lambda: "lea")
    path = tmp_path / "nurses.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        study.add_member(Member("lea", frozenset({"lead"}), "Lea"))
        study.add(read_transcript("P00.txt", TALK))
    return path


def uploaded(*files: tuple[str, bytes]) -> AppTest:
    """The page after these files were dropped on it."""
    at = AppTest.from_file(str(MAIN), default_timeout=120)
    at.session_state["study"] = "nurses"
    at.session_state["seat"] = None
    at.run()
    at.switch_page("pages/transcripts.py").run()
    found = [(name, data, "application/octet-stream") for name, data in files]
    at.file_uploader[0].set_value(found).run()
    assert not at.exception
    return at


def added(at: AppTest) -> AppTest:
    at.button(key="transcripts.add").click().run()
    assert not at.exception
    return at


def test_many_files_are_listed_corrected_and_added_together(path: Path) -> None:
    at = uploaded(*[(f"P{n:02d}.txt", talk(n)) for n in range(1, 6)])
    table = at.dataframe[0].value
    assert list(table["Title"]) == ["P01", "P02", "P03", "P04", "P05"]
    assert set(table["Interviewer"]) == {"Ana"}
    roles = [box for box in at.selectbox if box.label.startswith("Ben")]
    roles[1].set_value("other").run()
    titles = [box for box in at.text_input if box.label == "Title"]
    titles[0].set_value("The first").run()
    added(at)
    with open_study(path) as study:
        assert list(study.titles().values())[1:] == ["The first", "P02", "P03", "P04", "P05"]
        assert {turn.role for turn in study.transcript("P02").turns} == {"interviewer", "other"}
        assert {person.quote_consent for person in study.participants()} == {"no"}
        assert study.check() == []


def test_what_is_in_the_study_or_comes_twice_is_said_before_anything_is_added(path: Path) -> None:
    at = uploaded(("again.txt", TALK), ("P01.txt", talk(1)), ("copy.txt", talk(1)))
    assert "In the study already" in at.info[0].value
    assert "again" in at.info[0].value
    assert "holds the same as P01" in at.error[0].value
    assert at.button(key="transcripts.add").label == "Add 1 transcript to the study"


def test_one_bad_file_is_answered_in_words_and_leaves_the_others(path: Path) -> None:
    files = packed({"P01.txt": talk(1), "scan.png": b"\x89PNG\r\n", ".DS_Store": b"x"})
    at = uploaded(("all.zip", files), ("paper.txt", b"%PDF-1.4 x"))
    sentences = " ".join(error.value for error in at.error)
    assert "picture" in sentences
    assert "Name it paper" in sentences
    added(at)
    with open_study(path) as study:
        assert list(study.titles().values()) == ["P00", "P01"]


def test_the_columns_of_a_sheet_can_be_set_otherwise(path: Path) -> None:
    at = uploaded(("survey.csv", SURVEY))
    columns = {box.label: box for box in at.selectbox if box.value in ("attribute", "answer")}
    assert columns["role"].value == "attribute"
    columns["role"].set_value("left out").run()
    added(at)
    with open_study(path) as study:
        assert list(study.titles().values()) == ["P00", "survey S1", "survey S2"]
        people = {person.id: person for person in study.participants()}
        assert people["S1"].attributes == {}


def test_hundreds_of_respondents_are_a_table_and_not_hundreds_of_forms(path: Path) -> None:
    rows = b"".join(b"S%d,nurse,Because of them all %d.\n" % (n, n) for n in range(200))
    at = uploaded(("survey.csv", b"id,role,Why do you stay?\n" + rows))
    assert len(at.dataframe[0].value) == 200
    assert len([box for box in at.text_input if box.label == "Title"]) == 0
    added(at)
    with open_study(path) as study:
        assert len(study.transcripts()) == 201
        assert study.participants()[-1].attributes == {"role": "nurse"}
