"""Many studies on one server: each person's own, also when a file does not open."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Member
from qualcode.store import open_study
from qualcode.ui import places, seats, who
from qualcode.ui.server import institution
from tests.test_pages import MAIN, app, folder, signed_in, sound

__all__ = ["folder"]


@pytest.fixture
def studies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two studies: nurses with Ana and Ben, wards with Ana."""
    monkeypatch.setattr(seats, "_remembered", {})
    for name, people in (("nurses", ("ana", "ben")), ("wards", ("ana",))):
        with open_study(folder / f"{name}.qualcode", create=True, title=name.title()) as study:
            for person in people:
                study.add_member(Member(person, frozenset({"coder", "lead"})))
    return folder


def listed(monkeypatch: pytest.MonkeyPatch, person: str) -> tuple[list[str], list[str]]:
    """What the start page offers this person, and what it warns of."""
    signed_in(monkeypatch, person)
    at = app()
    sound(at)
    opens = [b.label for b in at.button if b.label.startswith("Open ") and "sample" not in b.label]
    return opens, [warning.value for warning in at.warning]


def test_everybody_finds_their_own_studies(studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listed(monkeypatch, "ana") == (["Open Nurses", "Open Wards"], [])
    assert listed(monkeypatch, "ben") == (["Open Nurses"], [])
    assert listed(monkeypatch, "eve") == ([], [])


@pytest.mark.parametrize("fault", ["no database", "cut short", "another database"])
def test_a_broken_study_is_told_to_its_members_and_to_nobody_else(
    studies: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    listed(monkeypatch, "eve")  # any visit to the start page looks at every study
    file = studies / "nurses.qualcode"
    whole = file.read_bytes()
    if fault == "no database":
        file.write_bytes(b"not a database at all, in no way" * 100)
    elif fault == "cut short":
        file.write_bytes(whole[: len(whole) // 3])
    else:
        file.write_bytes(places.accounts().path.read_bytes())
    for person, others in (("ana", ["Open Wards"]), ("ben", [])):
        opens, warnings = listed(monkeypatch, person)
        assert opens == others, "one study's fault does not touch another"
        assert len(warnings) == 1
        assert "nurses\\.qualcode cannot be opened" in warnings[0]
        assert "qualcode check" in warnings[0]
    assert listed(monkeypatch, "eve") == ([], [])
    file.write_bytes(whole)
    assert listed(monkeypatch, "ben") == (["Open Nurses"], [])


def test_who_was_taken_out_hears_no_more_of_a_study(
    studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, "ana")
    with open_study(studies / "nurses.qualcode") as study:
        study.remove_member("ben")
    listed(monkeypatch, "ana")
    (studies / "nurses.qualcode").write_bytes(b"x")
    assert listed(monkeypatch, "ben") == ([], [])


def test_a_study_opened_by_its_address_is_remembered_too(
    studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "ben")
    sound(app("nurses"))
    assert places.accounts().files_of("ana") == {"nurses"}
    signed_in(monkeypatch, "eve")
    app("wards")
    assert places.accounts().files_of("ana") == {"nurses"}, "not by who may not open it"


def test_the_start_page_offers_the_institution(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, None)
    way = institution.Institution("uni", "Fjord & Sons")
    monkeypatch.setattr(institution, "institutions", lambda: (way,))
    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    sound(at)
    shown = " ".join(str(element.proto.body) for element in at.get("html"))
    assert "Sign in with Fjord &amp; Sons" in shown
    assert "with=uni&amp;next=%2F" in shown
    assert "one-time link" not in shown


def test_a_lead_adds_people_of_an_institution_without_a_link(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "lea")
    assert who.needs_link("ana@uni.example")
    way = institution.Institution("uni", "Fjord")
    monkeypatch.setattr(institution, "institutions", lambda: (way,))
    monkeypatch.setenv(institution.DOMAINS, "uni.example")
    assert who.sign_in_name(" Ana@Uni.Example ") == "ana@uni.example"
    assert who.sign_in_name("Ana@elsewhere.example") == "Ana@elsewhere.example"
    assert who.invite("ana@uni.example", "Ana") is None
    assert not who.needs_link("ana@uni.example")
    assert who.needs_link("ben")
    assert "/join?token=" in (who.invite("ben", "Ben") or "")
    assert [invitation.name for invitation in places.accounts().invitations()] == ["ben"]
