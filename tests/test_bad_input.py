"""Bad input: each answered in one sentence, and the study is as it was."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qualcode import open_study, read_codebook, read_transcript
from qualcode.errors import QualcodeError
from qualcode.model import Member, Seat, new_id
from qualcode.store import Study

TEXT = b"Interviewer: How was the week?\n\nP01: Long. I stayed late, again.\n"
CYCLE = b"code_id,parent_id,name\nA,B,Trust\nB,A,Time\n"
WHOLE = re.compile(r"^[\w“].{10,400}[.!?…”]$", re.DOTALL)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = open_study(tmp_path / "s.qualcode", create=True, title="Weeks")
    study.add_member(Member("ana", frozenset({"coder"})))
    study.set_codebook(read_codebook("c.csv", b"code_id,name\nT,Time\n"))
    study.add(read_transcript("P01.txt", TEXT))
    return study


def digest(study: Study) -> str:
    """Everything that is in the file, as one figure."""
    return hashlib.sha256("\n".join(study._db.conn.iterdump()).encode()).hexdigest()


def add_file(name: str, data: bytes) -> Callable[[Study], Any]:
    return lambda study: study.add(read_transcript(name, data))


BAD: dict[str, Callable[[Study], Any]] = {
    "an empty file": add_file("P02.txt", b""),
    "white space only": add_file("P02.txt", b" \n\t\n "),
    "a docx that is not one": add_file("P02.docx", b"PK\x03\x04 not really"),
    "a text named docx": add_file("P02.docx", TEXT),
    "a text of 200 MB": add_file("P02.txt", b"P01: again and again. " * 9_600_000),
    "invalid UTF-8": add_file("P02.txt", b"P01: caf\xc3\x28 \x81\x8d\x8f\x90\n" * 3),
    "a null character": add_file("P02.txt", b"P01: \x00\n"),
    "a PDF named txt": add_file("P02.txt", b"%PDF-1.7\n1 0 obj\n"),
    "two uploads of one file": add_file("again.txt", TEXT),
    "the same words in another file": add_file("P02.txt", TEXT.replace(b"\n", b"\r\n")),
    "a codebook with a cycle": lambda s: s.set_codebook(read_codebook("c.csv", CYCLE)),
    "a codebook without codes": lambda s: s.set_codebook(read_codebook("c.csv", b"\n")),
    "a batch with one bad file": lambda s: s.add(
        read_transcript("P02.txt", b"P02: Short.\nP02: Shorter.\n"), read_transcript("P1.txt", TEXT)
    ),
}


@pytest.mark.parametrize("act", BAD.values(), ids=BAD)
def test_bad_input_is_answered_in_one_sentence_and_nothing_is_lost(
    act: Callable[[Study], Any], study: Study
) -> None:
    before = digest(study)
    with pytest.raises(QualcodeError) as told:
        act(study)
    sentence = str(told.value)
    assert WHOLE.match(sentence), sentence
    assert "Traceback" not in sentence
    assert digest(study) == before
    assert study.check() == []


def test_a_cycle_names_its_line_and_column() -> None:
    with pytest.raises(QualcodeError, match=r"Line 2, column parent_id: .*stands under itself"):
        read_codebook("c.csv", CYCLE)


@pytest.mark.parametrize(
    ("start", "end", "quote", "said"),
    [
        (37, 9_000, "Long.", "not inside P01"),
        (30, 35, "Wrong", "quotation differs"),
        (35, 30, "Long.", "not inside P01"),
    ],
    ids=["past the end of the text", "a quotation that does not match", "end before start"],
)
def test_a_coding_that_does_not_fit_is_refused_in_one_sentence(
    start: int, end: int, quote: str, said: str, study: Study
) -> None:
    ana = study.seated(Seat("ana", frozenset({"coder"})))
    before = digest(study)
    applied = ana.apply(
        "P01",
        [
            {
                "op": "add",
                "op_id": new_id(),
                "quote": quote,
                "coding": {"id": new_id(), "start": start, "end": end, "code": "T", "memo": ""},
            }
        ],
    )
    assert applied.acknowledged == ()
    assert said in applied.rejected[0]["reason"]
    assert WHOLE.match(applied.rejected[0]["reason"])
    assert digest(study) == before
