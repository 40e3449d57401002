"""Coding away from the team: a package taken, coded in, and brought back."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from qualcode.codebook import Codebook
from qualcode.errors import BadCommand, DamagedStudy, NotAllowed, NotInStudy, QualcodeError, Sealed
from qualcode.model import Code, Seat, new_id
from qualcode.store import Study, open_study
from qualcode.store.packages import bring_back, call_back, is_package, look_into, take_away

from .conftest import ANA, BEN, LEA, WORDS, add, coded


@pytest.fixture
def package(two_coders: Study, tmp_path: Path) -> Path:
    """Ana's package, taken after one coding here."""
    coded(two_coders, ANA, "P01", 0, 3)
    coded(two_coders, BEN, "P01", 4, 9)
    target = tmp_path / "ana.qualcode"
    assert take_away(two_coders.seated(ANA), target, coder="ana") == tuple(WORDS)
    return target


def away(package: Path, title: str, *acts: dict[str, Any]) -> None:
    with open_study(package, seat=ANA) as study:
        assert study.apply(title, list(acts)).rejected == ()


def mine(study: Study) -> dict[str, tuple[str, int, int, str]]:
    return {
        c.id: (c.code, c.span.start, c.span.end, c.memo)
        for c in study.seated(ANA).codings(coders=["ana"])
    }


def test_a_package_holds_the_coder_s_own_work_and_nothing_of_others(
    two_coders: Study, package: Path
) -> None:
    others = [c.id for c in two_coders.seated(BEN).codings()]
    bytes_of = package.read_bytes()
    assert not any(id.encode() in bytes_of for id in others)
    assert b"ben" not in bytes_of
    assert b"Ben" not in bytes_of
    with open_study(package, seat=ANA) as study:
        assert is_package(study) == "ana"
        assert study.check() == []
        assert mine(study) == mine(two_coders)
        assert [t.text for t in study.transcripts()] == [t.text for t in two_coders.transcripts()]
        assert study.codebook().codes == two_coders.codebook().codes
        assert [m.name for m in study.members()] == ["ana"]
    assert is_package(two_coders) == ""


def test_what_is_away_is_closed_here_and_the_round_is_held(
    two_coders: Study, package: Path
) -> None:
    with pytest.raises(Sealed, match="package"):
        coded(two_coders, ANA, "P01", 4, 9)
    with pytest.raises(Sealed, match="package"):
        two_coders.seated(ANA).submit("P01")
    assert two_coders.round("main").version == "0.1"
    with pytest.raises(NotInStudy):
        take_away(two_coders, package.with_name("again.qualcode"), coder="ana")
    assert not package.with_name("again.qualcode").exists()
    coded(two_coders, BEN, "P02", 0, 3)


def test_work_comes_back_and_is_submitted(two_coders: Study, package: Path) -> None:
    (first,) = mine(two_coders)
    new = add(two_coders.transcript("P02"), 11, 22, "C2", memo="Later")
    new["coding"]["uncertain"] = True
    away(package, "P01", {"op": "remove", "op_id": new_id(), "id": first})
    away(package, "P02", new, {"op": "seen", "op_id": new_id(), "turns": [1]})
    with open_study(package, seat=ANA) as study:
        (made,) = [c for c in study.codings() if c.id == new["coding"]["id"]]
        study.submit("P02", discussed=True)
    returning = look_into(two_coders.seated(ANA), package)
    assert dict(returning.acts) == {"P01": 1, "P02": 1}
    assert (returning.conflicts, returning.submitted) == ((), ("P02",))
    assert list(mine(two_coders)) == [first], "a look changes nothing"
    bring_back(two_coders.seated(ANA), package)
    assert list(mine(two_coders)) == [new["coding"]["id"]]
    (kept,) = two_coders.seated(ANA).codings(coders=["ana"])
    assert (kept.made_at, kept.codebook_version, kept.uncertain) == (made.made_at, "0.1", True)
    assert kept.memo == "Later"
    states = {a.transcript: a for a in two_coders.assignments() if a.coder == "ana"}
    assert states[kept.transcript].state == "submitted"
    assert not any(a.offline for a in states.values())
    assert two_coders.codings().not_blind == {kept.transcript: "discussed before submitting"}
    assert two_coders.check() == []
    coded(two_coders, ANA, "P03", 0, 3)


def test_the_same_package_twice_changes_nothing_more(two_coders: Study, package: Path) -> None:
    away(package, "P02", add(two_coders.transcript("P02"), 11, 22))
    bring_back(two_coders.seated(ANA), package)
    before = mine(two_coders)
    assert dict(bring_back(two_coders.seated(ANA), package).acts) == {}
    assert mine(two_coders) == before


def test_what_was_changed_on_both_sides_is_shown_and_chosen(
    two_coders: Study, package: Path
) -> None:
    (first,) = mine(two_coders)
    call_back(two_coders.seated(ANA), "ana")
    memo = {"op": "memo", "op_id": new_id(), "id": first, "memo": "here"}
    two_coders.seated(ANA).apply("P01", [memo])
    away(package, "P01", {**memo, "memo": "there"}, add(two_coders.transcript("P01"), 4, 9))
    same = add(two_coders.transcript("P03"), 0, 3, memo="twice")
    two_coders.seated(ANA).apply("P03", [same])
    other = add(two_coders.transcript("P03"), 0, 3, memo="once")
    away(package, "P03", other)
    ana = two_coders.seated(ANA)
    found = look_into(ana, package).conflicts
    assert {c.sentence for c in found} == {"Changed here and in the package."}
    assert {(c.here.memo, c.there.memo) for c in found if c.here and c.there} == {
        ("here", "there"),
        ("twice", "once"),
    }
    before = mine(two_coders)
    with pytest.raises(NotAllowed, match="choose"):
        bring_back(ana, package)
    assert mine(two_coders) == before
    bring_back(ana, package, choices={first: "package", other["coding"]["id"]: "study"})
    after = mine(two_coders)
    assert after[first][3] == "there"
    assert after[same["coding"]["id"]][3] == "twice"
    assert len(after) == 3
    assert two_coders.check() == []


@pytest.mark.parametrize("choice", ["study", "package"])
def test_a_removal_on_one_side_and_a_change_on_the_other(
    two_coders: Study, package: Path, choice: Any
) -> None:
    (first,) = mine(two_coders)
    call_back(two_coders, "ana")
    two_coders.seated(ANA).apply("P01", [{"op": "remove", "op_id": new_id(), "id": first}])
    away(package, "P01", {"op": "memo", "op_id": new_id(), "id": first, "memo": "there"})
    (conflict,) = look_into(two_coders.seated(ANA), package).conflicts
    assert conflict.sentence == "Removed here, changed in the package."
    bring_back(two_coders.seated(ANA), package, choices={first: choice})
    assert (first in mine(two_coders)) == (choice == "package")


def test_what_was_submitted_here_meanwhile_stays(two_coders: Study, package: Path) -> None:
    call_back(two_coders, "ana")
    two_coders.seated(ANA).submit("P01")
    away(package, "P01", add(two_coders.transcript("P01"), 4, 9))
    away(package, "P02", add(two_coders.transcript("P02"), 4, 9))
    returning = bring_back(two_coders.seated(ANA), package)
    (conflict,) = returning.conflicts
    assert conflict.sealed
    assert "submitted here" in conflict.sentence
    assert len(mine(two_coders)) == 2


def rewrite(package: Path, *statements: str) -> None:
    with sqlite3.connect(package) as db:
        for (trigger,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE settings SET value = 'another' WHERE key = 'id'", "another study"),
        ("UPDATE transcripts SET text = text || '!', sha256 = 'x' || id", "has changed since"),
        ("UPDATE participants SET status = 'withdrew' WHERE id = 'P02'", "not in the study any"),
        ("UPDATE codes SET fields = replace(fields, 'Trust', 'Faith')", "another codebook"),
    ],
)
def test_a_package_that_does_not_fit_is_refused(
    two_coders: Study, package: Path, change: str, words: str
) -> None:
    before = mine(two_coders)
    rewrite(two_coders.path, change)
    with pytest.raises(NotAllowed, match=words) as error:
        bring_back(two_coders.seated(ANA), package)
    assert str(error.value).count("\n") == 0
    assert len(mine(two_coders)) == len(before)


def test_a_package_that_was_tampered_with_is_refused(two_coders: Study, package: Path) -> None:
    away(package, "P01", add(two_coders.transcript("P01"), 4, 9))
    rewrite(package, "UPDATE codings SET code = 'C2'")
    with pytest.raises(DamagedStudy, match="cannot be taken in"):
        bring_back(two_coders.seated(ANA), package)


def test_a_study_or_a_letter_is_no_package(two_coders: Study, tmp_path: Path) -> None:
    with open_study(tmp_path / "other.qualcode", create=True, title="Other"):
        pass
    letter = tmp_path / "letter.qualcode"
    letter.write_text("Dear colleague")
    for path, kind in ((tmp_path / "other.qualcode", BadCommand), (letter, DamagedStudy)):
        with pytest.raises(kind):
            bring_back(two_coders.seated(ANA), path)
    with pytest.raises(NotInStudy):
        bring_back(two_coders.seated(ANA), tmp_path / "nowhere.qualcode")


def test_only_its_coder_brings_a_package_back(two_coders: Study, package: Path) -> None:
    for seat in (LEA, BEN, Seat("eve", frozenset({"coder"}))):
        with pytest.raises(NotAllowed):
            look_into(two_coders.seated(seat), package)
    with pytest.raises(NotAllowed):
        take_away(two_coders.seated(BEN), package.with_name("b.qualcode"), coder="ana")


def test_what_was_taken_back_meanwhile_does_not_come_in(two_coders: Study, package: Path) -> None:
    away(package, "P01", add(two_coders.transcript("P01"), 4, 9))
    two_coders.seated(LEA).take_back("P01", "ana", reason="On leave")
    with pytest.raises(NotAllowed, match="taken back"):
        bring_back(two_coders.seated(ANA), package)


def test_a_codebook_that_went_on_does_not_keep_a_package_out(
    two_coders: Study, package: Path
) -> None:
    away(package, "P01", add(two_coders.transcript("P01"), 4, 9))
    two_coders.set_codebook(Codebook((*two_coders.codebook().codes, Code("C4", "Humour"))))
    two_coders.hold_round("main", "1.0")
    bring_back(two_coders.seated(ANA), package)
    assert {c.codebook_version for c in two_coders.seated(ANA).codings()} == {"0.1"}


def test_a_package_cannot_be_written_twice_to_one_place(two_coders: Study, tmp_path: Path) -> None:
    target = tmp_path / "there.qualcode"
    target.write_text("mine")
    with pytest.raises(QualcodeError):
        take_away(two_coders.seated(ANA), target, coder="ana")
    assert target.read_text() == "mine"
    coded(two_coders, ANA, "P01", 0, 3)
