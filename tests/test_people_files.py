"""Typed attributes, and tables of participants: told by row and column, kept all or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from qualcode.cli import main
from qualcode.errors import BadCommand, NotAllowed, UnreadableFile
from qualcode.model import Attribute, Participant
from qualcode.store import Study, open_study
from qualcode.store.attributes import of_template
from qualcode.store.people_files import keep, look_into, people_csv
from qualcode.templates import load_template, template_names

from .conftest import ANA, LEA

SITE = Attribute("site", "choice", ("A", "B"))
YEARS = Attribute("years", "number")
GOOD = "id,quote_consent,site,years,ward\nP01,yes,A,12,north\nP09,id_only,B,,\n"


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        (SITE, "A", "a"),
        (Attribute("years_band", "band", ("0-4", "5-9")), "5-9", "7"),
        (YEARS, "-1.5", "many"),
        (YEARS, "3", "nan"),
        (Attribute("begun", "date"), "2025-03-04", "4.3.2025"),
    ],
)
def test_a_value_fits_its_kind(study: Study, attribute: Attribute, good: str, bad: str) -> None:
    study.set_attributes(attribute)
    study.add(Participant("P01", {attribute.name: good}))
    with pytest.raises(BadCommand, match=r"P02.*nothing was changed"):
        study.add(Participant("P02", {attribute.name: bad}))
    assert [person.id for person in study.participants()] == ["P01"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Attribute(""),
        lambda: Attribute("site", "choice"),
        lambda: Attribute("site", "choice", ("A", "a")),
        lambda: Attribute("site", "number", ("1",)),
        lambda: Attribute("site", "colour"),  # type: ignore[arg-type]
    ],
)
def test_an_attribute_refuses_nonsense(make: Callable[[], Attribute]) -> None:
    with pytest.raises(BadCommand):
        make()


def test_attributes_are_kept_in_order_and_have_to_fit_what_is_known(study: Study) -> None:
    study.add(Participant("P01", {"site": "C"}))
    with pytest.raises(BadCommand, match="P01: “C” under site is none of A, B"):
        study.set_attributes(SITE)
    with pytest.raises(BadCommand, match="one name"):
        study.set_attributes(YEARS, Attribute("Years"))
    assert study.attributes() == ()
    study.set_attributes(YEARS, Attribute("site"))
    study.set_attributes(Attribute("site"), YEARS)
    assert study.attributes() == (Attribute("site"), YEARS)
    assert study.history("attributes_change")[-1]["details"] == {"attributes": ["site", "years"]}
    study.set_attributes(YEARS)
    assert study.attributes() == (YEARS,)
    assert study.participants()[0].attributes == {"site": "C"}
    assert study.check() == []


def test_an_attribute_of_the_interview_is_a_fact_of_the_transcript(two_coders: Study) -> None:
    two_coders.set_attributes(Attribute("wave", "choice", ("baseline", "post"), "transcript"))
    two_coders.set_facts("P01", {"wave": "post"})
    with pytest.raises(BadCommand, match="P02: “later” under wave"):
        two_coders.set_facts("P02", {"wave": "later"})
    assert two_coders.transcript("P01").facts["wave"] == "post"


@pytest.mark.parametrize("name", template_names())
def test_every_template_gives_its_attributes(study: Study, name: str) -> None:
    asked = load_template(name).attributes
    study.set_attributes(*of_template(asked))
    kept = study.attributes()
    assert {attribute.name: attribute.values for attribute in kept} == dict(asked)
    assert all(attribute.of == "transcript" for attribute in kept if attribute.name == "wave")


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("people.csv", GOOD.encode("utf-8-sig")),
        ("people.csv", GOOD.replace(",", ";").replace("\n", "\r\n").encode("cp1252")),
        ("people.tsv", GOOD.replace(",", "\t").encode()),
        (
            "people.xlsx",
            xlsx(
                [
                    ["id", "quote_consent", "site", "years", "ward"],
                    ["P01", "yes", "A", 12.0, "north"],
                    ["P09", "id_only", "B", None, None],
                ]
            ),
        ),
    ],
)
def test_a_table_is_looked_over_and_kept(two_coders: Study, name: str, data: bytes) -> None:
    two_coders.set_attributes(SITE, YEARS)
    before = two_coders.last_hash()
    looked = look_into(two_coders.seated(LEA), name, data)
    assert two_coders.last_hash() == before
    assert (looked.added, looked.changed, looked.problems) == (("P09",), ("P01",), ())
    assert looked.new_attributes == (Attribute("ward"),)
    keep(two_coders.seated(LEA), looked)
    assert two_coders.attributes() == (SITE, YEARS, Attribute("ward"))
    people = {person.id: person for person in two_coders.participants()}
    assert people["P01"].attributes == {"site": "A", "years": "12", "ward": "north"}
    assert (people["P09"].attributes, people["P09"].quote_consent) == ({"site": "B"}, "id_only")
    assert two_coders.check() == []
    again = look_into(two_coders, "people.csv", people_csv(two_coders).encode())
    assert (again.added, again.changed, again.problems) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,quote_consent,site\nP01,yes,C\n", "Row 2, column site: “C” is none of A, B."),
        ("id,quote_consent\nP01,yes\n\nP01,no\n", "Row 4, column id: P01 stands on row 2 already"),
        ("Participant,quote consent\nJane Smith,yes\n", "Row 2, column Participant: this looks"),
        ("id,quote_consent\nj.smith@ward.org,yes\n", "Row 2, column id: this looks like a real"),
        ("id,quote_consent\nP01,\n", "Row 2, column quote_consent: whether P01 may be quoted is"),
        ("id,quote_consent\nP01,perhaps\n", "“perhaps” is not yes, no or id_only."),
        ("id,site\nP01,A\n", "Row 1: there is no column quote_consent; add it"),
        ("quote_consent\nyes\n", "Row 1: there is no column id; add it"),
        ("id,quote_consent,site,site\nP01,yes,A,B\n", "“site” is there twice"),
        ("id,quote_consent,years\nP01,yes,12 years\n", "column years: “12 years” is no number."),
        ("id,quote_consent\n,yes\n", "Row 2, column id: there is no id"),
        ("id,quote_consent,status\nP01,yes,gone\n", "“gone” is not included or withdrew"),
        ("id,quote_consent,status\nP01,no,withdrew\n", "withdraw them on the page of people"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(two_coders: Study, text: str, words: str) -> None:
    two_coders.set_attributes(SITE, YEARS)
    before = two_coders.last_hash()
    looked = look_into(two_coders, "people.csv", text.encode())
    assert any(words in problem for problem in looked.problems), looked.problems
    with pytest.raises(BadCommand):
        keep(two_coders, looked)
    assert two_coders.last_hash() == before


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("people.csv", b""),
        ("people.csv", b"id,quote_consent\n"),
        ("people.csv", b'id,quote_consent\n"P01,yes\n'),
        ("people.csv", b"id\x00"),
        ("people.csv", b"x" * 5_000_001),
        ("people.csv", b"id,quote_consent\n" + b"P,yes\n" * 6000),
        ("people.xlsx", b"PK\x03\x04 no book"),
        ("people.ods", b"PK"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(study: Study, name: str, data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="people"):
        look_into(study, name, data)


def test_a_cell_that_a_spreadsheet_would_run_comes_out_as_words(study: Study) -> None:
    study.add(Participant("P01", {"ward": "=1+1"}, "no"))
    assert "'=1+1" in people_csv(study)
    looked = look_into(study, "people.csv", people_csv(study).encode())
    assert (looked.changed, looked.problems) == ((), ())


def test_only_the_lead_and_the_steward_bring_people_in(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    for act in (
        lambda: look_into(ana, "people.csv", GOOD.encode()),
        lambda: ana.set_attributes(SITE),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_study_begun_from_a_template_asks_for_its_sites_and_waves(tmp_path: Path) -> None:
    path = tmp_path / "new.qualcode"
    words = ["new", str(path), "--title", "Sites", "--template", "mentored_qi_programme"]
    assert main(words) == 0
    with open_study(path) as study:
        asked = {attribute.name: attribute for attribute in study.attributes()}
        assert asked["site"].values == ("A", "B", "C")
        assert asked["wave"].of == "transcript"
        assert study.check() == []
