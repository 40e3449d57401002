"""The study file: nothing lost, nothing doubled, nothing changed that must stay."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qualcode.claims import Claim, Excerpt, Need
from qualcode.codebook import Codebook
from qualcode.errors import (
    AlreadyInStudy,
    BadCodebook,
    BadCoding,
    BadCommand,
    DamagedStudy,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    Sealed,
    StillBlind,
    UnreadableFile,
)
from qualcode.model import (
    Code,
    Coding,
    Decision,
    Member,
    Participant,
    Seat,
    Theme,
    Transcript,
    Turn,
    difference_id,
    new_id,
)
from qualcode.reconciliation import decide, find_differences
from qualcode.spans import Span
from qualcode.store import Study, backups, file, open_study
from qualcode.store.migrations import study_file

from .conftest import ANA, BEN, CODES, LEA, WORDS, add, coded, interview


def raw(study: Study) -> sqlite3.Connection:
    """The file as another program would open it."""
    return sqlite3.connect(study.path, isolation_level=None)


def everything(study: Study) -> list[str]:
    """All rows of the file."""
    with raw(study) as other:
        return list(other.iterdump())


def one_sentence(error: pytest.ExceptionInfo[QualcodeError]) -> str:
    words = str(error.value)
    assert "\n" not in words
    assert words.endswith(".") or "qualcode new" in words
    return words


def sealed_by_both(study: Study, *titles: str) -> None:
    for title in titles or WORDS:
        for seat in (ANA, BEN):
            study.seated(seat).submit(title)


# -- opening -----------------------------------------------------------------------------------


def test_what_is_put_in_is_there_when_the_study_is_opened_again(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 11, 22)
    transcripts, codebook = two_coders.transcripts(), two_coders.codebook()
    two_coders.close()
    with open_study(two_coders.path, seat=ANA) as again:
        assert again.title == "Nurses"
        assert again.transcripts() == transcripts
        assert again.codebook() == codebook
        assert [c.id for c in again.codings()] == [coding]
        assert again.codings()[0].quote == "I stay late"
        assert again.check() == []


def test_a_study_cannot_be_started_where_a_file_is(study: Study) -> None:
    with pytest.raises(AlreadyInStudy) as error:
        open_study(study.path, create=True, title="Other")
    assert "choose another name" in one_sentence(error)
    assert study.title == "Nurses"


@pytest.mark.parametrize("title", ["", "  \n", "x" * 201])
def test_a_study_without_a_proper_title_is_not_started(tmp_path: Path, title: str) -> None:
    with pytest.raises(BadCommand):
        open_study(tmp_path / "a.qualcode", create=True, title=title)
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_cannot_be_begun_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadCommand):
        open_study(tmp_path / "a.qualcode", create=True, title="half \ud800")
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotInStudy) as error:
        open_study(tmp_path / "none.qualcode")
    assert "qualcode new" in one_sentence(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"Dear diary, today I coded.\n" * 99, b"PK\x03\x04" + bytes(4000)]
)
def test_a_file_that_is_no_study_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.qualcode"
    path.write_bytes(content)
    with pytest.raises(DamagedStudy) as error:
        open_study(path)
    assert "is not a qualcode study" in one_sentence(error)
    assert path.read_bytes() == content


def test_another_sqlite_file_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE cats (name)")
    with pytest.raises(DamagedStudy) as error:
        open_study(tmp_path / "other.db")
    assert "is not a qualcode study" in one_sentence(error)


def test_a_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(QualcodeError) as error:
        open_study(tmp_path)
    one_sentence(error)


def test_a_new_study_in_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as error:
        open_study(tmp_path / "none" / "a.qualcode", create=True, title="A")
    assert "cannot be made" in one_sentence(error)


NOBODY = """
import os, sys, tempfile
from qualcode.errors import QualcodeError
from qualcode.store import open_study

with tempfile.TemporaryDirectory() as own:  # what Python loads late is loaded now
    open_study(own + "/own", create=True, title="Own").close()
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
for folder in sys.argv[1:]:
    for call in (
        lambda: open_study(folder + "/nurses.qualcode").settings.change({"title": "B"}),
        lambda: open_study(folder + "/new.qualcode", create=True, title="A"),
    ):
        try:
            call()
        except QualcodeError as error:
            print(error)
"""


@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="rights of POSIX systems")
def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(study: Study) -> None:
    study.close()
    modes = {"read only": 0o555, "shut": 0o000}
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, folder) for folder in modes]
        for folder, mode in zip(folders, modes.values(), strict=True):
            folder.mkdir()
            shutil.copy(study.path, folder)
            (folder / study.path.name).chmod(0o444)
            folder.chmod(mode)
        Path(name).chmod(0o755)
        told = subprocess.run(
            [sys.executable, "-c", NOBODY, *map(str, folders)],
            capture_output=True,
            text=True,
            check=False,
        )
        for folder in folders:
            folder.chmod(0o755)
    lines = told.stdout.splitlines()
    assert len(lines) == 4, told.stderr
    assert all("permissions" in line for line in lines), lines


def test_a_file_held_by_another_program_is_told_in_one_sentence(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.close()
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    with sqlite3.connect(study.path, isolation_level=None) as other:
        with open_study(study.path) as mine:
            other.execute("BEGIN IMMEDIATE")
            assert mine.title == "Nurses"  # reading goes on
            with pytest.raises(DamagedStudy) as error:
                mine.settings.change({"title": "Doctors"})
            assert "held by another program" in one_sentence(error)
            other.execute("ROLLBACK")
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DamagedStudy) as error:
            open_study(study.path)
        assert "held by another program" in one_sentence(error)
        other.execute("ROLLBACK")
    other.close()
    with open_study(study.path) as again:
        assert again.title == "Nurses"


def test_a_file_with_a_damaged_middle_is_told_in_sentences(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    two_coders.close()
    whole = two_coders.path.read_bytes()
    told = set()
    for page in range(1, len(whole) // 4096):
        damaged = bytearray(whole)
        damaged[4096 * page : 4096 * (page + 1)] = b"\xa5" * 4096
        two_coders.path.write_bytes(damaged)
        for ask in (Study.check, Study.codings, Study.transcripts, Study.codebook, Study.history):
            with suppress(QualcodeError), open_study(two_coders.path, seat=ANA) as study:
                found = ask(study)
                if ask is Study.check:
                    told |= {fault.split(":")[0] for fault in found}
    assert "SQLite reports" in told


# -- versions of the file ----------------------------------------------------------------------


def test_the_steps_of_the_file_are_these() -> None:
    """A released step is never taken out, renamed or moved; new ones come last."""
    assert [step.name for step in study_file._migrations] == [
        "m001_study",
        "m002_rounds",
        "m003_people",
        "m004_texts",
        "m005_settling",
        "m006_releases",
        "m007_changes",
        "m008_recoding",
        "m009_memos",
        "m010_exports",
        "m011_findings",
        "m012_machine_coding",
        "m013_suggestions",
        "m014_framework",
    ]


def test_bringing_a_file_forward_again_changes_nothing(study: Study) -> None:
    before = everything(study)
    study_file.apply(study._db)
    study.close()
    open_study(study.path).close()
    with open_study(study.path) as again:
        assert everything(again) == before
    assert backups.copies(study.path) == []


@pytest.fixture
def later_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of the next version of the program."""

    def m999_colour(db: Any) -> None:
        db.execute("ALTER TABLE members ADD COLUMN colour TEXT")

    step = type(study_file)._Migration("m999_colour", m999_colour)
    monkeypatch.setattr(study_file, "_migrations", [*study_file._migrations, step])


def test_an_old_file_is_copied_aside_before_it_is_brought_forward(
    two_coders: Study, request: pytest.FixtureRequest
) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    before = everything(two_coders)
    two_coders.close()
    request.getfixturevalue("later_step")
    with open_study(two_coders.path, seat=ANA) as study:
        assert [c.id for c in study.codings()] == [coding]
        assert study.check() == []
        assert "colour" in study._db.table("members").columns_dict
    (kept,) = backups.copies(two_coders.path)
    aside = kept.path
    assert kept.kind == f"before-step-{len(study_file._migrations)}"
    assert aside.parent == two_coders.path.parent / ".backups" / "nurses.qualcode"
    assert list(two_coders.path.parent.glob("*.qualcode")) == [two_coders.path]
    with sqlite3.connect(aside) as copy:
        assert list(copy.iterdump()) == before
    copy.close()
    written = aside.stat().st_mtime_ns
    open_study(two_coders.path).close()
    assert aside.stat().st_mtime_ns == written


def test_a_step_that_fails_leaves_the_old_file(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m998_broken(db: Any) -> None:
        db.execute("DROP TABLE settings")
        db.execute("SELECT * FROM nowhere")

    before = everything(study)
    study.close()
    step = type(study_file)._Migration("m998_broken", m998_broken)
    with monkeypatch.context() as patch:
        patch.setattr(study_file, "_migrations", [*study_file._migrations, step])
        with pytest.raises(DamagedStudy):
            open_study(study.path)
    with open_study(study.path) as again:
        assert again.title == "Nurses"
        assert everything(again) == before


def test_a_file_of_a_later_version_is_refused(study: Study) -> None:
    study._db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('qualcode.study', 'm777_future', '')"
    )
    before = everything(study)
    study.close()
    with pytest.raises(DamagedStudy) as error:
        open_study(study.path)
    assert "later version" in one_sentence(error)
    assert everything(study) == before


# -- text in -----------------------------------------------------------------------------------


def with_source(transcript: Transcript, digest: str) -> Transcript:
    return replace(transcript, source_name="P09.txt", source_sha256=digest)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(lambda: interview("P01", "Other words."), id="the same title"),
        pytest.param(lambda: interview("P08", WORDS["P01"]), id="the same words"),
        pytest.param(
            lambda: with_source(interview("P09", "Other words."), "f" * 64), id="the same file"
        ),
        pytest.param(lambda: replace(interview("P10", "Words."), id="t1"), id="the same id"),
        pytest.param(
            lambda: replace(interview("P11", "Words."), participant="W1"), id="one who withdrew"
        ),
        pytest.param(lambda: "P12.txt", id="something else"),
    ],
)
def test_a_refused_batch_leaves_the_study_as_it_was(study: Study, bad: Callable[[], Any]) -> None:
    first = replace(with_source(interview("P01"), "f" * 64), id="t1")
    study.add(first, Participant("W1", status="withdrew"))
    before = everything(study)
    with pytest.raises(QualcodeError) as error:
        study.add(interview("P02"), Participant("P03", {"site": "A"}), bad(), interview("P03"))
    one_sentence(error)
    assert everything(study) == before


def test_two_of_one_kind_in_one_batch_are_refused_together(study: Study) -> None:
    before = everything(study)
    with pytest.raises(AlreadyInStudy):
        study.add(interview("P01"), replace(interview("P02"), title="P01"))
    with pytest.raises(AlreadyInStudy):
        study.add(interview("P01"), interview("P01 again", WORDS["P01"]))
    assert everything(study) == before


def test_adding_nothing_writes_nothing(study: Study) -> None:
    before = everything(study)
    study.add()
    assert everything(study) == before


def test_a_transcript_comes_back_as_it_was(study: Study) -> None:
    given = Transcript(
        "Café 👩🏽‍⚕️ אני",
        "אני נשארת 👍\u0301 late\u2028\ttoo",
        (Turn("ליאת", "participant", Span(0, 10), "00:01:02"), Turn("", "other", Span(11, 18))),
        source_name="a b.txt",
        source_format="txt",
        source_sha256="0" * 64,
        participant="P01",
        facts={"duration_min": "42", "mode": "video"},
    )
    study.add(given)
    assert study.transcripts() == (given,)
    assert study.transcript(given.title) == study.transcript(given.id) == given
    assert study.transcripts()[0].facts == given.facts


def test_a_transcript_without_a_participant_makes_one(study: Study) -> None:
    study.add(interview("P01"), interview("P02"))
    assert [person.id for person in study.participants()] == ["P01", "P02"]


def test_long_titles_that_begin_alike_are_two_people(study: Study) -> None:
    title = "Interview on the ward with a nurse of many years, part "
    study.add(interview(title + "A", "One."), interview(title + "B", "Two."))
    assert len({t.participant for t in study.transcripts()}) == 2


def test_facts_are_laid_over_those_known_and_the_text_stays(study: Study) -> None:
    study.add(replace(interview("P01"), facts={"mode": "video", "site": "A"}))
    text = study.transcript("P01").text
    study.set_facts("P01", {"duration_min": " 42 ", "site": ""})
    assert study.transcript("P01").facts == {"mode": "video", "duration_min": "42"}
    assert study.transcript("P01").duration_minutes == 42
    assert study.transcript("P01").text == text
    assert study.history("settings_change")[-1]["details"]["keys"] == ["duration_min", "site"]
    before = everything(study)
    study.set_facts("P01", {"duration_min": "42"})
    with pytest.raises(BadCommand):
        study.set_facts("P01", {"mode": "x" * 501})
    with pytest.raises(NotInStudy):
        study.set_facts("P99", {"mode": "phone"})
    assert everything(study) == before


def test_a_participant_added_again_is_changed_in_place(study: Study) -> None:
    study.add(Participant("P01", {"site": "A"}), Participant("P02"))
    study.add(Participant("P01", {"site": "B"}, quote_consent="id_only"))
    first, second = study.participants()
    assert (first.attributes, first.quote_consent, second.id) == ({"site": "B"}, "id_only", "P02")


def test_who_withdraws_is_nowhere_but_in_the_list_of_participants(two_coders: Study) -> None:
    coded(two_coders, ANA, "P02", 0, 3)
    coded(two_coders, BEN, "P02", 0, 7)
    sealed_by_both(two_coders)
    place = two_coders.transcript("P02").id
    settle(two_coders)
    theme = Theme("Trust", excerpts=((place, Span(0, 3)),))
    two_coders.add_theme(theme)
    two_coders.add(Participant("P02", status="withdrew"))
    assert [person.status for person in two_coders.participants()].count("withdrew") == 1
    assert list(two_coders.titles().values()) == ["P01", "P03"]
    assert [t.title for t in two_coders.transcripts()] == ["P01", "P03"]
    assert place not in {a.transcript for a in two_coders.assignments()}
    assert len(two_coders.codings()) == 0
    assert two_coders.decisions() == ()
    assert two_coders.themes()[0].excerpts == ()
    for name in (place, "P02"):
        with pytest.raises(NotInStudy):
            two_coders.transcript(name)
        with pytest.raises(NotInStudy):
            two_coders.codings(transcript=name)
        with pytest.raises(NotInStudy):
            two_coders.seated(ANA).apply(name, [])
    assert two_coders.history("import")[-1]["details"]["withdrew"] == 1
    assert two_coders.check() == []


def test_only_the_lead_puts_in(two_coders: Study) -> None:
    before = everything(two_coders)
    ana = two_coders.seated(ANA)
    attempts: list[Callable[[], object]] = [
        lambda: ana.add(interview("P09", "Words.")),
        lambda: ana.set_facts("P01", {"mode": "video"}),
        lambda: ana.add_member(Member("eve", frozenset({"lead"}))),
        lambda: ana.set_codebook(Codebook(CODES[:2])),
        lambda: ana.settings.change({"title": "Mine"}),
        lambda: ana.settings.set_team([{"name": "Ana"}]),
        lambda: ana.settings.answer("coreq", "1", response="Ana"),
        lambda: ana.require_decider(two_coders.transcript("P01").id),
        lambda: ana.add_theme(Theme("Mine")),
        lambda: ana.drop_theme("x", reason="mine"),
        lambda: ana.backup(two_coders.path.with_name("copy.qualcode")),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed) as error:
            attempt()
        one_sentence(error)
    assert everything(two_coders) == before


def test_nobody_joins_twice_or_under_a_name_of_the_program(two_coders: Study) -> None:
    for name in ("ana", "ANA"):
        with pytest.raises(AlreadyInStudy):
            two_coders.add_member(Member(name, frozenset({"coder"})))
    for name in ("owner", "Consensus", "", "a b", "<b>", "x" * 61):
        with pytest.raises(BadCommand):
            Member(name, frozenset({"coder"}))
    assert two_coders.coders() == ("ana", "ben")


def test_a_coder_is_given_what_is_there_and_what_comes(two_coders: Study) -> None:
    two_coders.add_member(Member("cleo", frozenset({"coder"})))
    two_coders.add(interview("P04", "More words."))
    given = [(a.coder, a.transcript) for a in two_coders.assignments()]
    assert len(given) == len(set(given)) == 3 * 4


# -- codebook ----------------------------------------------------------------------------------


def test_versions_of_the_codebook_stay_as_they_were(two_coders: Study) -> None:
    first = two_coders.codebook()
    second = two_coders.set_codebook(
        first.with_code(replace(first["C1"], name="Trusting")), note="reworded"
    )
    assert (first.version, second.version) == ("0.1", "0.2")
    assert two_coders.codebook() == second
    other = raw(two_coders)
    for act in (
        "UPDATE codes SET fields = '{}'",
        "DELETE FROM codes",
        "UPDATE codebook_versions SET note = 'x'",
        "DELETE FROM codebook_versions",
        "INSERT OR REPLACE INTO codes SELECT version, id, position, '{}' FROM codes",
        "INSERT OR REPLACE INTO codebook_versions SELECT version, position, 'eve', made_at, note "
        "FROM codebook_versions",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(act)
    other.close()
    names = two_coders._db.execute(
        "SELECT version, json_extract(fields, '$.name') FROM codes WHERE id = 'C1' ORDER BY 1"
    ).fetchall()
    assert names == [("0.1", "Trust"), ("0.2", "Trusting")]


def test_the_same_codebook_again_makes_no_version(two_coders: Study) -> None:
    before = everything(two_coders)
    assert two_coders.set_codebook(Codebook(CODES)).version == "0.1"
    assert everything(two_coders) == before


def test_once_coding_has_begun_no_code_leaves(two_coders: Study) -> None:
    book = two_coders.codebook()
    fewer = Codebook(tuple(code for code in book.codes if code.id != "C3"))
    closed = book.with_code(replace(book["C3"], codable=False))
    assert two_coders.set_codebook(fewer).version == "0.2"
    two_coders.set_codebook(book)
    coding = coded(two_coders, ANA, "P01", 0, 3)
    before = everything(two_coders)
    for change in (fewer, closed):
        with pytest.raises(BadCodebook) as error:
            two_coders.set_codebook(change)
        assert "“Staying late” has to stay" in one_sentence(error)
    assert everything(two_coders) == before
    grown = two_coders.set_codebook(book.with_code(Code("C4", "Humour", parent="T1")))
    assert grown.version == "0.4"
    later = coded(two_coders, ANA, "P01", 4, 7, "C4")
    versions = {c.id: c.codebook_version for c in two_coders.seated(ANA).codings()}
    assert versions == {coding: "0.3", later: "0.4"}


# -- operations --------------------------------------------------------------------------------


def bad_operations(text: Transcript, there: dict[str, Any]) -> dict[str, Any]:
    """Acts that must be refused; ``there`` is a coding of Ana's own and one of Ben's."""

    def but(**changes: Any) -> dict[str, Any]:
        operation = add(text, 0, 3)
        for key, value in changes.items():
            (operation["coding"] if key in operation["coding"] else operation)[key] = value
        return operation

    n = len(text.text)
    memo = {"op": "memo", "op_id": new_id(), "id": there["own"]}
    return {
        "past the end": but(start=n - 3, end=n + 1, quote=text.text[n - 3 :]),
        "wholly past the end": but(start=n + 5, end=n + 9, quote=""),
        "empty": but(start=4, end=4, quote=""),
        "backwards": but(start=7, end=4, quote=""),
        "negative": but(start=-3, end=3, quote=text.text[-3:3]),
        "negative end": but(start=0, end=-1, quote=text.text[0:-1]),
        "enormous": but(start=0, end=2**62),
        "more than enormous": but(start=10**5000, end=10**5001),
        "text for a number": but(start="0", end="3"),
        "no number": but(start=None, end=None),
        "half a character": but(start=0.5, end=3),
        "not a number": but(start=math.nan, end=3),
        "infinite": but(start=0, end=math.inf),
        "true": but(start=False, end=True, quote=text.text[0:1]),
        "a list": but(start=[0], end=[3]),
        "other words": but(quote="xyz"),
        "no words": but(quote=None),
        "words as bytes": but(quote=text.text[0:3].encode()),
        "unknown code": but(code="C99"),
        "a theme that only groups": but(code="T1"),
        "no code": but(code=None),
        "a code that is a list": but(code=["C1"]),
        "the same passage and code": add(text, *there["span"]),
        "an id of one's own again": but(id=there["own"]),
        "an id of another's": but(id=there["other"]),
        "a short id": but(id="1"),
        "a very long id": but(id="x" * 10_000),
        "an id that is a number": but(id=7),
        "no id": but(id=None),
        "no coding": {"op": "add", "op_id": new_id(), "quote": "How"},
        "a coding that is a list": {"op": "add", "op_id": new_id(), "coding": [], "quote": "How"},
        "a memo that is no text": but(memo=7),
        "a memo too long": but(memo="x" * 20_001),
        "a memo of half a character": but(memo="\ud83d"),
        "an act not known": but(op="destroy"),
        "an act that is a dict": but(op={}),
        "no act id": but(op_id=None),
        "an empty act id": but(op_id=""),
        "an act id too long": but(op_id="x" * 65),
        "an act id with a null": but(op_id="a\x00"),
        "no mapping": "remove",
        "nothing": None,
        "a number": 7,
        "remove another's": {"op": "remove", "op_id": new_id(), "id": there["other"]},
        "remove what never was": {"op": "remove", "op_id": new_id(), "id": new_id()},
        "remove one's own of another transcript": {
            "op": "remove",
            "op_id": new_id(),
            "id": there["elsewhere"],
        },
        "remove a list": {"op": "remove", "op_id": new_id(), "id": ["x"]},
        "memo on another's": {**memo, "id": there["other"], "memo": "mine"},
        "memo on nothing": {**memo, "id": new_id(), "memo": "mine"},
        "memo that is no text": {**memo, "memo": None},
        "memo too long": {**memo, "memo": "x" * 20_001},
    }


BAD = tuple(
    bad_operations(interview("P01"), {"own": "", "other": "", "elsewhere": "", "span": (0, 3)})
)


@pytest.mark.parametrize("name", BAD)
def test_an_act_that_does_not_fit_is_refused_and_the_others_are_kept(
    two_coders: Study, name: str
) -> None:
    there = {
        "own": coded(two_coders, ANA, "P01", 20, 25),
        "other": coded(two_coders, BEN, "P01", 30, 35),
        "elsewhere": coded(two_coders, ANA, "P02", 0, 3),
        "span": (20, 25),
    }
    text = two_coders.transcript("P01")
    bad = bad_operations(text, there)[name]
    before = everything(two_coders)
    ana = two_coders.seated(ANA)
    applied = ana.apply("P01", [bad])
    assert applied.acknowledged == ()
    (refused,) = applied.rejected
    assert refused["reason"].endswith(".")
    assert "\n" not in refused["reason"]
    assert len(refused["reason"]) < 300
    assert everything(two_coders) == before
    first, last = add(text, 1, 5), add(text, 2, 6)
    applied = ana.apply("P01", [first, bad, last])
    assert applied.acknowledged == (first["op_id"], last["op_id"])
    assert len(applied.rejected) == 1
    assert {c.span for c in ana.codings(transcript="P01")} == {Span(20, 25), Span(1, 5), Span(2, 6)}
    assert two_coders.check() == []


@pytest.mark.parametrize("operations", [None, "add", b"add", {"op": "add"}, 7])
def test_a_parcel_that_is_no_list_is_refused(two_coders: Study, operations: Any) -> None:
    before = everything(two_coders)
    with pytest.raises(BadCoding) as error:
        two_coders.seated(ANA).apply("P01", operations)
    one_sentence(error)
    assert everything(two_coders) == before


def test_whole_numbers_come_from_the_browser_as_floats_too(two_coders: Study) -> None:
    operation = add(two_coders.transcript("P01"), 0, 3)
    operation["coding"] |= {"start": 0.0, "end": 3.0}
    assert two_coders.seated(ANA).apply("P01", [operation]).rejected == ()
    assert two_coders.seated(ANA).codings()[0].span == Span(0, 3)


def test_an_act_sent_again_is_done_once_and_acknowledged_again(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    text = ana.transcript("P01")
    put = add(text, 0, 3)
    take = {"op": "remove", "op_id": new_id(), "id": put["coding"]["id"]}
    note = {"op": "memo", "op_id": new_id(), "id": put["coding"]["id"], "memo": "why"}
    ana.apply("P01", [put, note, put])
    assert [c.memo for c in ana.codings()] == ["why"]
    ana.apply("P01", [take])
    before = everything(two_coders)
    for parcel in ([put], [put, note, take], [take, take]):
        applied = ana.apply("P01", parcel)
        assert applied.acknowledged == tuple(o["op_id"] for o in parcel)
        assert everything(two_coders) == before
    assert len(ana.codings()) == 0


def test_the_act_ids_of_two_coders_do_not_meet(two_coders: Study) -> None:
    text = two_coders.transcript("P01")
    for seat in (ANA, BEN):
        applied = two_coders.seated(seat).apply("P01", [add(text, 0, 3, op_id="1")])
        assert applied.acknowledged == ("1",)
        assert len(two_coders.seated(seat).codings()) == 1


def test_a_coding_removed_in_two_windows_is_gone_without_complaint(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    for _ in range(2):
        act = {"op": "remove", "op_id": new_id(), "id": coding}
        assert two_coders.seated(ANA).apply("P01", [act]).rejected == ()
    assert len(two_coders.history("code_remove")) == 0  # the lead sees none before it is closed
    assert len(two_coders.seated(ANA).history("code_remove")) == 1


def test_a_memo_is_kept_changed_and_emptied(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    ana = two_coders.seated(ANA)
    for sent, kept in (("a\r\nb\rc\x00", "a\nb\nc"), ("naïve 👍", "naïve 👍"), ("", "")):
        act = {"op": "memo", "op_id": new_id(), "id": coding, "memo": sent}
        assert ana.apply("P01", [act]).rejected == ()
        assert ana.codings()[0].memo == kept


def test_coding_needs_a_coder_who_was_given_the_transcript(two_coders: Study) -> None:
    text = two_coders.transcript("P01")
    before = everything(two_coders)
    for seat in (None, LEA, Seat("zoe", frozenset({"coder"})), Seat("ana", frozenset({"author"}))):
        for attempt in (
            lambda study: study.apply("P01", [add(text, 0, 3)]),
            lambda study: study.submit("P01"),
        ):
            with pytest.raises(NotAllowed) as error:
                attempt(two_coders.seated(seat))
            one_sentence(error)
    assert everything(two_coders) == before


def test_nothing_can_be_coded_without_a_codebook(study: Study) -> None:
    study.add_member(Member("ana", frozenset({"coder"})))
    study.add(interview("P01"))
    applied = study.seated(ANA).apply("P01", [add(study.transcript("P01"), 0, 3)])
    assert "not in the codebook" in applied.rejected[0]["reason"]


# -- submitting --------------------------------------------------------------------------------


def test_what_is_submitted_stays(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    ana = two_coders.seated(ANA)
    put = add(ana.transcript("P01"), 4, 7)
    ana.apply("P01", [put])
    ana.submit("P01")
    before = everything(two_coders)
    new = add(ana.transcript("P01"), 8, 9)
    for act in (
        new,
        {"op": "remove", "op_id": new_id(), "id": coding},
        {"op": "memo", "op_id": new_id(), "id": coding, "memo": "late"},
    ):
        with pytest.raises(Sealed) as error:
            ana.apply("P01", [act])
        assert "submitted P01" in one_sentence(error)
    with pytest.raises(Sealed):
        ana.submit("P01")
    # A browser that never heard its answer sends again: what was done is acknowledged.
    applied = ana.apply("P01", [put, new])
    assert applied.acknowledged == (put["op_id"],)
    assert [refused["op_id"] for refused in applied.rejected] == [new["op_id"]]
    assert everything(two_coders) == before
    assert coded(two_coders, BEN, "P01", 0, 3)


def test_several_are_submitted_together_or_not_at_all(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    ana.submit("P02")
    before = everything(two_coders)
    with pytest.raises(Sealed):
        ana.submit("P01", "P02")
    with pytest.raises(NotInStudy):
        ana.submit("P01", "P99")
    assert everything(two_coders) == before
    ana.submit("P01", "P03")
    assert {a.state for a in ana.assignments() if a.coder == "ana"} == {"submitted"}
    assert {a.state for a in ana.assignments() if a.coder == "ben"} == {"assigned"}


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE codings SET code = 'C2' WHERE id = :mine",
        "UPDATE codings SET memo = 'x' WHERE id = :mine",
        "UPDATE codings SET transcript = :open WHERE id = :mine",
        "UPDATE codings SET transcript = :sealed WHERE id = :other",
        "DELETE FROM codings WHERE id = :mine",
        "DELETE FROM codings",
        "INSERT INTO codings SELECT 'new', transcript, coder, 'C2', start, \"end\", quote, memo, "
        "codebook_version, made_at, round, uncertain, search FROM codings WHERE id = :mine",
        "INSERT OR REPLACE INTO codings SELECT id, :open, coder, 'C2', start, \"end\", quote, "
        "memo, codebook_version, made_at, round, uncertain, search FROM codings WHERE id = :mine",
        "UPDATE OR REPLACE codings SET id = :mine, transcript = :sealed WHERE id = :other",
        "UPDATE assignments SET state = 'in_progress' WHERE state = 'submitted'",
        "DELETE FROM assignments WHERE state = 'submitted'",
        "INSERT OR REPLACE INTO assignments SELECT round, transcript, coder, 'assigned', "
        "NULL, 0, '[]', NULL FROM assignments",
        "UPDATE transcripts SET text = 'I leave early.'",
        "UPDATE transcripts SET sha256 = ''",
        "INSERT OR REPLACE INTO transcripts SELECT id, title, 'other', 'x', source_name, "
        "source_format, source_sha256, participant, removals, facts, position, added_at "
        "FROM transcripts",
        "UPDATE history SET who = 'eve'",
        "DELETE FROM history",
        "INSERT OR REPLACE INTO history "
        "SELECT id, at, 'eve', act, subject, details, previous, hash FROM history",
    ],
)
def test_another_program_cannot_change_what_is_sealed(two_coders: Study, act: str) -> None:
    names = {
        "mine": coded(two_coders, ANA, "P01", 0, 3),
        "other": coded(two_coders, ANA, "P02", 0, 3),
        "sealed": two_coders.transcript("P01").id,
        "open": two_coders.transcript("P03").id,
    }
    two_coders.seated(ANA).submit("P01")
    before = everything(two_coders)
    other = raw(two_coders)
    with pytest.raises(sqlite3.IntegrityError, match=r"sealed|append only"):
        other.execute(act, names)
    other.close()
    assert everything(two_coders) == before


def test_the_database_says_sealed_in_a_sentence_too(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    two_coders.seated(ANA).submit("P01")
    with pytest.raises(Sealed) as error, two_coders._change("code_remove", coding):
        two_coders._db.execute("DELETE FROM codings WHERE id = ?", [coding])
    one_sentence(error)
    assert len(two_coders.seated(ANA).codings()) == 1


# -- settling ----------------------------------------------------------------------------------


def settle(study: Study, outcome: Any = "a", reason: str = "Lea: it is trust.", **more: Any) -> Any:
    """Settle the first difference; the decision as it was given."""
    difference = find_differences(study.codings(), ("ana", "ben"))[0]
    decision = decide(difference, outcome, reason=reason, decided_by="")
    study.decide(decision, **more)
    return decision


@pytest.fixture
def closed(two_coders: Study) -> Study:
    """Both have submitted P01, on which they part twice; P02 and P03 are open."""
    coded(two_coders, ANA, "P01", 11, 22)
    coded(two_coders, BEN, "P01", 11, 22, "C3")
    coded(two_coders, ANA, "P01", 30, 40, "C2")
    sealed_by_both(two_coders, "P01")
    return two_coders


def test_a_decision_is_kept_with_who_and_when(closed: Study) -> None:
    lead = closed.seated(LEA)
    given = settle(lead)
    (kept,) = lead.decisions()
    assert (kept.outcome, kept.decided_by, kept.reason) == ("a", "lea", "Lea: it is trust.")
    assert kept.decided_at.endswith("Z")
    assert [(c.code, c.coder, c.quote) for c in kept.result] == [("C1", "consensus", "I stay late")]
    assert kept.settles == given.settles
    assert len(closed.codings()) == 3  # the coders' own stay
    assert closed.check() == []


def test_who_decides_second_learns_of_the_first(closed: Study) -> None:
    other = closed.seated(Seat("max", frozenset({"lead"})))
    first = settle(closed.seated(LEA))
    before = everything(closed)
    with pytest.raises(AlreadyInStudy) as error:
        settle(other, "b")
    assert "lea has settled" in one_sentence(error)
    with pytest.raises(AlreadyInStudy):
        settle(other, "b", replacing=new_id())
    assert everything(closed) == before
    second = settle(other, "b", replacing=first.id)
    assert [d.outcome for d in closed.decisions()] == ["a", "b"]
    assert closed.history("resolve")[-1]["details"]["replaces"] == first.id
    with pytest.raises(AlreadyInStudy):
        closed.decide(second, replacing=second.id)  # the very same decision again


def test_several_decisions_are_kept_together_or_not_at_all(closed: Study) -> None:
    first, second = (
        decide(difference, "a", reason="agreed", decided_by="")
        for difference in find_differences(closed.codings(), ("ana", "ben"))
    )
    before = everything(closed)
    with pytest.raises(BadCommand):
        closed.decide(first, replace(second, outcome="maybe"))  # type: ignore[arg-type]
    assert everything(closed) == before
    closed.decide(first, second)
    assert len(closed.decisions()) == 2


def test_only_what_everybody_has_submitted_is_settled(closed: Study) -> None:
    coding = coded(closed, ANA, "P02", 0, 3)
    place = closed.transcript("P02").id
    decision = Decision(difference_id([coding]), place, "omission", "neither", "why", (coding,), ())
    before = everything(closed)
    for seat in (None, LEA):
        with pytest.raises(StillBlind) as error:
            closed.seated(seat).decide(decision)
        one_sentence(error)
    assert everything(closed) == before


def test_a_decision_that_does_not_fit_is_refused(closed: Study) -> None:
    good = decide(
        find_differences(closed.codings(), ("ana", "ben"))[0], "a", reason="", decided_by=""
    )
    (result,) = good.result
    elsewhere = closed.transcript("P02").id
    bad = [
        replace(good, result=(replace(result, quote="x" * len(result.quote)),)),
        replace(good, result=(replace(result, code="C99"),)),
        replace(good, result=(replace(result, code="T1"),)),
        replace(good, result=(replace(result, transcript=elsewhere),)),
        replace(good, settles=(new_id(),)),
        replace(good, reason="x" * 20_001),
        replace(good, outcome="c"),  # type: ignore[arg-type]
        replace(good, transcript="nowhere"),
    ]
    before = everything(closed)
    for decision in bad:
        with pytest.raises(QualcodeError) as error:
            closed.decide(decision)
        one_sentence(error)
    assert everything(closed) == before


def test_decisions_are_never_rewritten(closed: Study) -> None:
    settle(closed)
    other = raw(closed)
    for table in ("decisions", "consensus_codings"):
        for act in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET transcript = 'x'",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(act)
    other.close()


def test_a_theme_is_made_once_and_dropped_with_a_reason(closed: Study) -> None:
    theme = closed.add_theme(Theme("  Being met ", "…", codes=("C1", "C2")))
    assert closed.themes() == (theme,)
    assert theme.name == "Being met"
    with pytest.raises(AlreadyInStudy):
        closed.add_theme(Theme("being MET"))
    for reason in ("", " \n", "x" * 20_001):
        with pytest.raises(BadCommand):
            closed.drop_theme(theme.id, reason=reason)
    closed.drop_theme(theme.id, reason="merged")
    assert closed.themes() == ()
    with pytest.raises(NotInStudy):
        closed.drop_theme(theme.id, reason="again")
    with pytest.raises(AlreadyInStudy):
        closed.add_theme(replace(theme, name="Another name, the same id"))
    closed.add_theme(Theme("Being met"))
    assert closed.check() == []


def test_a_theme_that_does_not_fit_is_refused(closed: Study) -> None:
    place = closed.transcript("P01").id
    before = everything(closed)
    for theme in (
        Theme("A", codes=("C99",)),
        Theme("A", excerpts=((place, Span(0, 9999)),)),
        Theme("A", excerpts=(("P01", Span(0, 3)),)),
        Theme("A", excerpts=((new_id(), Span(0, 3)),)),
    ):
        with pytest.raises(QualcodeError) as error:
            closed.add_theme(theme)
        one_sentence(error)
    assert everything(closed) == before


def test_themes_wait_until_something_is_submitted_by_both(two_coders: Study) -> None:
    with pytest.raises(StillBlind):
        two_coders.add_theme(Theme("Early"))


# -- history -----------------------------------------------------------------------------------


def test_every_change_has_its_line(closed: Study) -> None:
    lead = closed.seated(LEA)
    seen = len(history_lines(closed))
    changes: dict[str, Callable[[], object]] = {
        "member_add": lambda: lead.add_member(Member("max", frozenset({"lead"}))),
        "codebook_change": lambda: lead.set_codebook(
            lead.codebook().with_code(Code("C9", "New", parent="T1"))
        ),
        "settings_change": lambda: lead.settings.change({"aims": "To know."}),
        "checklist_edit": lambda: lead.settings.answer("coreq", "1", response="Ana asked."),
        "resolve": lambda: settle(lead),
        "theme_change": lambda: lead.add_theme(Theme("Trust")),
        "theme_agree": lambda: lead.agree_to_theme(lead.themes()[0].id),
        "claim_change": lambda: lead.keep_claim(Claim(lead.themes()[0].id, "x", id="claim")),
        "claim_drop": lambda: lead.drop_claim("claim"),
        "excerpt_link": lambda: lead.link_excerpt(
            Excerpt(lead.themes()[0].id, "P01", Span(0, 3), role="divergent", id="excerpt")
        ),
        "excerpt_unlink": lambda: lead.unlink_excerpt("excerpt"),
        "need_change": lambda: lead.keep_need(Need("Time", judgement=True, id="need")),
        "need_drop": lambda: lead.drop_need("need", reason="said twice"),
        "theme_drop": lambda: lead.drop_theme(lead.themes()[0].id, reason="merged"),
        "theme_back": lambda: lead.bring_back_theme(lead.dropped_themes()[0].theme),
        "code_add": lambda: coded(closed, ANA, "P02", 0, 3),
        "submit": lambda: closed.seated(ANA).submit("P02"),
        "import": lambda: lead.add(Participant("P01", {"site": "A"})),
        "export": lambda: lead.log("export", {"report": "coreq"}),
    }
    for act, change in changes.items():
        change()
        lines = history_lines(closed)
        assert [line["act"] for line in lines[seen:]] == [act]
        assert lines[-1]["who"] == ("ana" if act in ("code_add", "submit") else "lea")
        seen = len(lines)
    assert closed.check() == []


def test_a_line_without_its_change_is_not_written(closed: Study) -> None:
    before = everything(closed)
    for act in ("code_add", "submit", "resolve", "theme_drop", "import"):
        with pytest.raises(BadCommand) as error:
            closed.log(act, {}, "x")
        one_sentence(error)
    assert everything(closed) == before


def history_lines(study: Study) -> list[dict[str, Any]]:
    return list(study._db.query("SELECT * FROM history ORDER BY id"))


def test_the_history_holds_no_words_of_the_interviews(closed: Study) -> None:
    text = closed.transcript("P01")
    ana = closed.seated(ANA)
    coding = add(closed.transcript("P02"), 0, 20, memo="SECRET MEMO")
    ana.apply("P02", [coding])
    act = {"op": "memo", "op_id": new_id(), "id": coding["coding"]["id"], "memo": "OTHER SECRET"}
    ana.apply("P02", [act])
    settle(closed, reason="SECRET REASON")
    closed.add_theme(Theme("Trust", "SECRET DEFINITION", excerpts=((text.id, Span(0, 30)),)))
    closed.settings.change({"aims": "SECRET AIM"})
    closed.settings.set_team([{"name": "SECRET NAME"}])
    closed.settings.answer("coreq", "1", response="SECRET ANSWER")
    closed.add(Participant("P09", {"role": "SECRET ROLE"}))
    lines = json.dumps(history_lines(closed), ensure_ascii=False)
    assert "SECRET" not in lines
    for transcript in closed.transcripts():
        words = transcript.text.split()
        for two in pairwise(words):
            assert " ".join(two) not in lines


@pytest.mark.parametrize(
    ("act", "line"),
    [
        ("UPDATE history SET who = 'eve' WHERE id = 3", 3),
        ("UPDATE history SET at = '2020' WHERE id = 3", 3),
        ("UPDATE history SET details = '{}' WHERE id = 3", 3),
        ("UPDATE history SET details = 'not json' WHERE id = 3", 3),
        ("DELETE FROM history WHERE id = 3", 4),
        ("UPDATE history SET id = id + 100 WHERE id > 3", 104),
        ("DELETE FROM history WHERE id = 1", 2),
    ],
)
def test_a_line_that_was_altered_is_named(closed: Study, act: str, line: int) -> None:
    other = raw(closed)
    for (trigger,) in other.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        other.execute(f"DROP TRIGGER {trigger}")
    other.execute(act)
    other.close()
    assert f"Line {line} of the history was altered." in closed.check()


@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM codings WHERE start = 30",
        "UPDATE codings SET code = 'C2' WHERE start = 11",
        "UPDATE codings SET coder = 'ben' WHERE start = 30",
        "INSERT INTO codings SELECT 'x', transcript, coder, 'C3', start, \"end\", quote, memo, "
        "codebook_version, made_at, round, uncertain, search FROM codings WHERE start = 30",
    ],
)
def test_codings_that_the_history_does_not_tell_of_are_named(closed: Study, act: str) -> None:
    other = raw(closed)
    for (trigger,) in other.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        other.execute(f"DROP TRIGGER {trigger}")
    other.execute(act)
    other.close()
    assert closed.check() == ["The codings on P01 are not those that the history tells of."]


def test_a_coding_that_lost_its_words_is_named_by_its_transcript_only(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 0, 3)
    two_coders._db.execute("UPDATE codings SET quote = 'xyz'")
    faults = two_coders.check()
    assert faults[0] == "A coding on P01 does not stand where its words are."
    assert coding not in str(faults)


# -- working together --------------------------------------------------------------------------


def test_a_backup_is_whole_while_somebody_writes(two_coders: Study, tmp_path: Path) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    copy = tmp_path / "copy.qualcode"
    with open_study(two_coders.path, seat=BEN) as other:
        coded(other, BEN, "P01", 0, 3)
        two_coders.backup(copy)
        coded(other, BEN, "P01", 4, 7)
    with open_study(copy) as backup:
        assert backup.check() == []
        assert backup.transcripts() == two_coders.transcripts()
        assert len(backup.seated(ANA).codings()) == 1
        assert len(backup.seated(BEN).codings()) == 1
    with pytest.raises(AlreadyInStudy):
        two_coders.backup(copy)
    with pytest.raises(UnreadableFile) as error:
        two_coders.backup(tmp_path / "none" / "copy.qualcode")
    one_sentence(error)


def test_two_coders_at_once_lose_nothing_and_double_nothing(two_coders: Study) -> None:
    text = two_coders.transcript("P01")
    two_coders.close()
    n = 200
    plans = {
        seat.name: [add(text, start, start + 1 + turn, code) for start, turn, code in spans]
        for seat in (ANA, BEN)
        for spans in [[(i % 40, i // 40, ("C1", "C2", "C3")[i % 3]) for i in range(n)]]
    }
    failures: list[BaseException] = []

    def work(seat: Seat) -> None:
        try:
            with open_study(two_coders.path, seat=seat) as mine:
                for begin in range(0, n, 4):
                    parcel = plans[seat.name][begin : begin + 4]
                    for _ in range(2):  # each parcel is sent again, as a browser does
                        assert mine.apply("P01", parcel).rejected == ()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[seat]) for seat in (ANA, BEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with open_study(two_coders.path) as study:
        for seat in (ANA, BEN):
            mine = study.seated(seat).codings()
            assert sorted(c.id for c in mine) == sorted(o["coding"]["id"] for o in plans[seat.name])
            assert len(study.seated(seat).history("code_add")) == n
        assert study.check() == []


def test_two_who_open_an_old_file_at_once_bring_it_forward_once(
    two_coders: Study, later_step: None
) -> None:
    two_coders.close()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            open_study(two_coders.path).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with open_study(two_coders.path) as study:
        assert study.check() == []


CODER = """
import sys
from qualcode.model import Seat, new_id
from qualcode.store import open_study

with open_study(sys.argv[1], seat=Seat("ana", frozenset({"coder"}))) as study:
    text = study.transcript("P01")
    number = 0
    while True:
        number += 1
        start, length = divmod(number, 20)
        start, end = start % 40, start % 40 + 1 + length
        coding = new_id()
        operation = {
            "op": "add", "op_id": new_id(), "quote": text.text[start:end],
            "coding": {"id": coding, "start": start, "end": end, "code": "C1", "memo": ""},
        }
        if study.apply("P01", [operation]).acknowledged:
            print(coding, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_what_was_acknowledged_outlives_a_killed_process(two_coders: Study) -> None:
    acknowledged: list[str] = []
    for wanted in (7, 23, 2):
        coder = subprocess.Popen(
            [sys.executable, "-c", CODER, str(two_coders.path)], stdout=subprocess.PIPE, text=True
        )
        assert coder.stdout is not None
        for _ in range(wanted):
            acknowledged.append(coder.stdout.readline().strip())
        coder.kill()
        rest = coder.stdout.read().split("\n")
        acknowledged += [line for line in rest if len(line) == 36]
        coder.wait()
        coder.stdout.close()
        with open_study(two_coders.path, seat=ANA) as study:
            there = {coding.id for coding in study.codings()}
            assert set(acknowledged) <= there
            assert len(there) <= len(acknowledged) + 3  # at most one a round was not heard of
            assert study.check() == []
        for text in two_coders.transcripts():
            assert text.text
        _clear(two_coders)
        acknowledged.clear()


def _clear(study: Study) -> None:
    """Take Ana's codings out again, so that the next round finds its places free."""
    ana = study.seated(ANA)
    ana.apply(
        "P01", [{"op": "remove", "op_id": new_id(), "id": coding.id} for coding in ana.codings()]
    )


def test_the_small_values_refuse_nonsense() -> None:
    for make in (
        lambda: Participant("P01", quote_consent="perhaps"),  # type: ignore[arg-type]
        lambda: Participant("P01", status="gone"),  # type: ignore[arg-type]
        lambda: Participant(" "),
        lambda: Transcript("P01", "a\rb", ()),
        lambda: Transcript("P01", "a\ud800b", ()),
        lambda: Transcript("", "text", ()),
        lambda: Transcript("P01", "abc", (Turn("I", "narrator", Span(0, 3)),)),  # type: ignore[arg-type]
        lambda: Transcript("P01", "abc", (Turn("I", "other", Span(0, 4)),)),
        lambda: Member("ana", frozenset()),
        lambda: Member("ana", frozenset({"coder"}), "x" * 101),
        lambda: Coding("t", "ana", "C1", Span(0, 3), "four"),
        lambda: Theme(" "),
    ):
        with pytest.raises(QualcodeError) as error:
            make()
        one_sentence(error)


@pytest.mark.parametrize("minutes", ["", "long", "nan", "inf", "-3"])
def test_a_duration_that_is_none_is_not_guessed(minutes: str) -> None:
    assert replace(interview("P01"), facts={"duration_min": minutes}).duration_minutes is None


# -- taking somebody out -----------------------------------------------------------------------


def test_somebody_who_has_not_begun_can_be_taken_out(two_coders: Study) -> None:
    two_coders.add_member(Member("bne", frozenset({"coder"}), "A slip of the pen"))
    assert "bne" in two_coders.coders()
    two_coders.remove_member("bne")
    assert "bne" not in two_coders.coders()
    assert two_coders.check() == []
    assert [line["subject"] for line in two_coders.history("member_remove")] == ["bne"]


def test_who_has_coded_stays_with_their_work(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    before = two_coders.members()
    with pytest.raises(NotAllowed, match="has begun to code"):
        two_coders.remove_member("ana")
    with pytest.raises(NotAllowed, match="Only the study lead"):
        two_coders.seated(ANA).remove_member("ben")
    assert two_coders.members() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_nobody_else_on_the_machine_may_read_a_study(study: Study, tmp_path: Path) -> None:
    study.backup(tmp_path / "copy.qualcode")
    for path in (study.path, tmp_path / "copy.qualcode"):
        assert path.stat().st_mode & 0o077 == 0
