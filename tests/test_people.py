"""The people of a study: withdrawal takes everything of theirs out, in one step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.errors import BadCommand, NotAllowed, NotInStudy, QualcodeError
from qualcode.model import (
    Attribute,
    Coding,
    Decision,
    Member,
    Participant,
    Seat,
    Theme,
    difference_id,
)
from qualcode.reports import coreq_report
from qualcode.reports.record import export_details
from qualcode.spans import Span
from qualcode.store import Study, backups, open_study

from .conftest import ANA, BEN, LEA, WORDS, coded, interview

MAIN = Path(__file__).parents[1] / "qualcode" / "ui" / "main.py"
SUE = Seat("sue", frozenset({"steward"}))
SECRETS = ("Nobody has ten minutes", "trust her with something", "MEMO-OF-P02", "REASON-OF-P02")


@pytest.fixture
def told(two_coders: Study) -> Study:
    """Everything that can be made of P02: coded, reopened, settled, locked, themed, published."""
    study, lead = two_coders, two_coders.seated(LEA)
    study.add_member(Member("sue", SUE.roles))
    study.add(Participant("P02", {"role": "SECRET-ROLE"}, "yes"))
    study.set_facts("P02", {"interviewer": "SECRET-INTERVIEWER"})
    text = study.transcript("P02")
    ids = [coded(study, ANA, "P02", 11, 33), coded(study, BEN, "P02", 11, 33, "C2")]
    note = {"op": "memo", "op_id": "m1", "id": ids[0], "memo": "MEMO-OF-P02"}
    study.seated(ANA).apply("P02", [note])
    study.seated(ANA).submit("P02")
    lead.reopen("P02", "ana", reason="A turn was left out")
    coded(study, ANA, "P01", 11, 22)
    for seat in (ANA, BEN):
        study.seated(seat).submit(*WORDS)
    settled = Coding(
        text.id, "consensus", "C1", Span(11, 33), text.text[11:33], came_from=(ids[0],)
    )
    lead.decide(
        Decision(
            difference_id(ids), text.id, "choice", "a", "REASON-OF-P02", tuple(ids), (settled,)
        )
    )
    lead.add_theme(Theme("Time", codes=("C1",), excerpts=((text.id, Span(11, 33)),)))
    lead.lock_consensus({text.id: [settled]})
    lead.publish("agreement", "A table of three transcripts")
    return study


def test_a_withdrawal_takes_everything_of_the_person_out(told: Study) -> None:
    place = told.transcript("P02").id
    told.seated(SUE).withdraw("P02", reason="asked by e-mail")
    assert [p.status for p in told.participants()] == ["included", "withdrew", "included"]
    assert list(told.titles().values()) == ["P01", "P03"]
    assert place not in {a.transcript for a in told.assignments(round=None)}
    assert {c.transcript for c in told.codings()} == {told.transcript("P01").id}
    assert place not in {t for _, t in told.codings().sealed}
    assert told.decisions() == ()
    assert [theme.excerpts for theme in told.themes()] == [()]
    assert place not in {pair.transcript for pair in told.pairs()}
    author = told.seated(Seat("zoe", frozenset({"author"})))
    assert len(author.codings()) == 0
    assert author.published("agreement") == ""
    evidence = coreq_report(told).data["evidence"]
    assert evidence["COREQ-12"]["participants"] == evidence["COREQ-12"]["interviews"] == 2
    assert told.check() == []


def test_no_word_of_the_person_is_left_in_the_file(told: Study) -> None:
    def there(path: Path) -> list[str]:
        files = [p for p in path.parent.iterdir() if p.name.startswith(path.name)]
        found = b"".join(p.read_bytes() for p in files if p.is_file())
        return [words for words in (*SECRETS, "SECRET-") if words.encode() in found]

    assert there(told.path) == [*SECRETS, "SECRET-"]
    told.withdraw("P02", reason="asked by e-mail")
    assert there(told.path) == []
    told.close()
    assert there(told.path) == []
    with open_study(told.path) as again:
        assert again.check() == []


def test_the_log_keeps_that_it_happened(told: Study) -> None:
    place = told.transcript("P02").id
    told.seated(LEA).withdraw("P02", reason=" asked by e-mail ")
    (line,) = told.history("withdraw")
    assert (line["who"], line["subject"]) == ("lea", "P02")
    assert line["details"] == {"reason": "asked by e-mail", "transcripts": [place]}
    words = str(told.history())
    assert not any(secret in words for secret in (*SECRETS, "SECRET-"))


def test_others_words_still_cannot_be_put_out(told: Study) -> None:
    told.withdraw("P02", reason="asked")
    other = sqlite3.connect(told.path)
    gone = "(SELECT id FROM transcripts WHERE participant = 'P02')"
    for act in (
        "UPDATE transcripts SET text = '···' WHERE participant = 'P01'",
        "UPDATE codings SET memo = '' WHERE transcript NOT IN " + gone,
        "UPDATE codings SET code = 'C3' WHERE transcript IN " + gone,
        "UPDATE codings SET quote = 'words' WHERE transcript IN " + gone,
        "UPDATE transcripts SET text = 'words' WHERE participant = 'P02'",
        "UPDATE decisions SET outcome = 'b'",
        "UPDATE submissions SET coder = 'ben'",
        "UPDATE consensus_codings SET code = 'C3'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(act)
    other.close()


@pytest.mark.parametrize(
    "seat", [ANA, Seat("zoe", frozenset({"author"})), Seat("eve", frozenset({"auditor"}))]
)
def test_only_the_lead_and_the_steward_withdraw(told: Study, seat: Seat) -> None:
    for act in (
        lambda: told.seated(seat).withdraw("P02", reason="asked"),
        lambda: told.seated(seat).withdrawal("P02"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert len(told.titles()) == 3


def test_a_withdrawal_that_is_refused_changes_nothing(told: Study) -> None:
    before = told.last_hash()
    for person, reason in (("P02", "  "), ("P02", "x" * 501), ("P77", "asked")):
        with pytest.raises((BadCommand, NotInStudy)):
            told.withdraw(person, reason=reason)
    assert told.last_hash() == before
    told.withdraw("P02", reason="asked")
    for again in (
        lambda: told.withdraw("P02", reason="asked"),
        lambda: told.add(Participant("P02", {"role": "manager"})),
        lambda: told.add(interview("P02", "New words.")),
    ):
        with pytest.raises(QualcodeError, match="withdrawn"):
            again()


def test_one_marked_as_withdrawn_before_is_put_out_as_well(told: Study) -> None:
    told.add(Participant("P02", status="withdrew"))
    assert not told.withdrawal("P02").done
    told.withdraw("P02", reason="asked")
    assert told.withdrawal("P02").done
    assert told.check() == []


def test_past_exports_copies_and_packages_are_listed(told: Study) -> None:
    backups.make(told.path)
    told.log("export", {"report": "coreq", "format": "docx"})
    told.log("export", {"report": "themes", "format": "docx", "participants": ["P01", "P02"]})
    told.log("export", {"report": "themes", "format": "csv", "participants": ["P01"]})
    first = told.withdrawal("P02")
    assert not first.done
    assert (first.transcripts, first.themes) == (("P02",), ("Time",))
    assert [(e.report, e.format, e.certain) for e in first.exports] == [
        ("coreq", "docx", False),
        ("themes", "docx", True),
    ]
    done = told.withdraw("P02", reason="asked")
    assert done.done
    assert done.exports == first.exports
    assert done.transcripts == ("P02",)
    assert len(done.copies) > 0
    told.log("export", {"report": "coreq", "format": "md"})
    after = told.withdrawal("P02")
    assert after.done
    assert after.exports == first.exports
    assert after.copies == done.copies


def test_withdrawing_one_who_was_never_interviewed(told: Study) -> None:
    told.add(Participant("P09", {"role": "nurse"}))
    told.log("export", {"report": "coreq", "format": "docx"})
    result = told.withdraw("P09", reason="asked")
    assert (result.transcripts, result.exports) == ((), ())
    assert told.seated(LEA).published("agreement") != ""
    assert told.check() == []


def test_a_report_that_leaves_is_recorded_with_who_was_in_it(told: Study) -> None:
    told.add(Participant("P09"))
    told.withdraw("P02", reason="asked")
    assert export_details(told, "coreq", "docx") == {
        "report": "coreq",
        "format": "docx",
        "participants": ["P01", "P03"],
    }
    assert export_details(told, "codebook", "csv")["participants"] == []


# -- the page ------------------------------------------------------------------------------------


@pytest.fixture
def page(told: Study, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """``page("sue")`` opens the people of the study in this seat."""
    monkeypatch.setenv("QUALCODE_FOLDER", str(told.path.parent))

    def opened(who: str) -> AppTest:
        monkeypatch.setattr("qualcode.ui.who.signed_in", lambda: who)
        at = AppTest.from_file(str(MAIN), default_timeout=120)
        at.session_state["study"] = told.path.stem
        at.session_state["seat"] = None
        at.run().switch_page("pages/people.py").run()
        assert [e.value for e in at.error] + [e.message for e in at.exception] == []
        return at

    return opened


def test_the_page_says_what_a_withdrawal_changes_before_it_happens(
    told: Study, page: Callable[..., AppTest]
) -> None:
    told.log("export", export_details(told, "themes", "docx"))
    at = page("sue")
    at.session_state["people.table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    at.run()
    at.button(key="people.withdraw.P02").click().run()
    assert any("leave the study" in m.value and "“Time”" in m.value for m in at.markdown)
    assert list(at.dataframe[-1].value["Holds the person"]) == ["yes"]
    assert len(told.titles()) == 3  # nothing happens before the last word


def test_the_page_lists_what_is_elsewhere_of_one_who_has_withdrawn(
    told: Study, page: Callable[..., AppTest]
) -> None:
    told.log("export", export_details(told, "themes", "docx"))
    told.withdraw("P02", reason="asked")
    at = page("lea")
    at.session_state["people.table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    at.run()
    assert any("P02 has withdrawn" in m.value for m in at.markdown)
    assert list(at.dataframe[1].value["Report"]) == ["theme summary (docx)"]
    assert not [b for b in at.button if b.key and b.key.startswith("people.withdraw")]


def test_the_page_tells_a_coder_of_the_people_and_offers_nothing(
    page: Callable[..., AppTest],
) -> None:
    at = page("ana")
    assert list(at.dataframe[0].value["Participant"]) == ["P01", "P02", "P03"]
    assert not [b for b in at.button if b.key and b.key.startswith("people.")]


def pseudonym(at: AppTest) -> Any:
    return next(field for field in at.text_input if field.label == "Pseudonym")


def test_the_page_edits_what_is_known_of_a_person(
    told: Study, page: Callable[..., AppTest]
) -> None:
    told.set_attributes(Attribute("site", "choice", ("A", "B")))
    at = page("lea")
    at.selectbox[0].set_value("B")
    at.button(key="FormSubmitter:people.about.P01-Save").click().run()
    assert [e.value for e in at.error] == []
    assert told.participants()[0].attributes == {"site": "B"}
    pseudonym(at).set_value("Jane Smith")
    at.button(key="FormSubmitter:people.add.0-Add").click().run()
    assert "looks like a real name" in at.error[0].value
    pseudonym(at).set_value("P08")
    at.button(key="FormSubmitter:people.add.0-Add").click().run()
    assert [e.value for e in at.error] == []
    assert (told.participants()[-1].id, told.participants()[-1].quote_consent) == ("P08", "no")


def test_what_is_kept_from_who_codes_is_not_lost_by_a_form(
    told: Study, page: Callable[..., AppTest]
) -> None:
    told.set_roles("lea", {"lead", "coder"})
    told.add(Participant("P01", {"role": "nurse"}, "yes"), interview("P04", "More words."))
    told.settings.change({"coding.hide_attributes": "yes"})
    at = page("lea")
    assert not told.seated(Seat("lea", frozenset({"lead", "coder"}))).shows_people
    assert not [b for b in at.button if b.key and b.key.startswith("FormSubmitter:people")]
    assert told.participants()[0].attributes == {"role": "nurse"}
