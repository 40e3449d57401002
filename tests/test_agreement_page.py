"""The agreement page: a round at a time, each named; other comparisons on request; files."""

from __future__ import annotations

import json

import pytest

from qualcode.agreement import compare_coders
from qualcode.codebook import read_codebook
from qualcode.model import Member, Seat
from qualcode.reconciliation import find_differences
from qualcode.store import open_study
from qualcode.transcripts import read_transcript
from qualcode.ui import agreement_views as views
from tests.conftest import add
from tests.sample_key import TREE, codings, transcripts
from tests.test_agreement_rounds import coded_again
from tests.test_pages import app, folder, sample, signed_in, sound

__all__ = ["folder", "sample"]  # fixtures of the pages

TEXTS = transcripts()
BOTH = codings(TEXTS)


@pytest.fixture
def repeated(sample):
    coded_again(sample)
    return sample


def opened(name="lea"):
    at = app("sample", name)
    at.switch_page("pages/agreement.py").run()
    sound(at)
    return at


def notes(at):
    return " ".join(element.proto.body for element in at.get("html"))


def metrics(at):
    return {metric.label: metric.value for metric in at.metric}


def chosen(at, key, value):
    next(box for box in at.selectbox if box.key == key).set_value(value)
    at.run()
    sound(at)
    return at


def test_with_the_main_round_alone_no_round_is_asked_for(sample):
    at = opened()
    assert "agreement.round" not in [box.key for box in at.selectbox]
    assert "By round" not in [tab.label for tab in at.tabs]
    assert metrics(at)["Overall α"] == "0.813"
    assert "6 of 6 transcripts coded by both" in notes(at)


def test_figures_of_another_round_are_labelled_wherever_they_stand(repeated):
    at = opened()
    assert "By round" in [tab.label for tab in at.tabs]
    assert metrics(at)["Pooled κ"] == "0.8468", "the main round is what opens"
    with open_study(repeated) as study:
        other = study.rounds()[-1].id
    chosen(at, "agreement.round", other)
    shown = metrics(at)
    assert "Overall α, repeat round" in shown
    assert "Overall α" not in shown
    assert "Repeat round “Trying out”: 2 of 2 transcripts coded by both" in notes(at)
    assert any("not of the main study" in block.value for block in at.code)


def test_a_coder_is_compared_with_themselves_on_request(repeated):
    at = opened()
    button = next(group for group in at.get("button_group") if "Against" in str(group.options))
    button.set_value("One coder, two passes")
    at.run()
    sound(at)
    assert "Within one coder. Ana, first pass against Ana, second pass." in notes(at)
    assert any("not a measure of intercoder reliability" in block.value for block in at.code)


def test_against_the_consensus_waits_until_something_is_settled(sample):
    assert "No transcript of Ana is settled yet." in notes(opened())


def test_every_number_says_what_it_is(sample):
    helped = {metric.label: metric.proto.help for metric in opened().metric}
    for label, words in (
        ("Overall α", ("MASI", "Passonneau", "72 participant turns", "ana, ben", "qualcode")),
        ("95 % interval", ("1,000 resamples of transcripts", "Hesterberg")),
        ("Pooled κ", ("Cohen", "24 codes")),
        ("Units", ("at least half of the passage",)),
    ):
        said = helped[label].replace("\\", "")
        assert all(word in said for word in words), said


def test_a_file_of_another_round_says_so(repeated):
    from qualcode.reports import agreement_report

    with open_study(repeated) as study:
        report = agreement_report(study, round=study.rounds()[-1], unit="sentence")
    assert report.title == "Repeat round “Trying out”: agreement by code"
    assert {row["round_kind"] for row in report.records} == {"repeat"}
    assert {row["unit"] for row in report.records} == {"sentence"}
    figures = json.loads(report.to_bytes("json"))["agreement"]
    assert figures["round_name"] == "Trying out"
    for ending in ("docx", "xlsx", "csv", "md", "html"):
        assert report.to_bytes(ending)
    text = report.to_bytes("md").decode().replace("\\", "")
    assert "Repeat round “Trying out”: 2 of 2 transcripts coded by both" in text
    assert "main round, by" not in text


def test_a_row_of_any_table_opens_its_passages(repeated, monkeypatch):
    closed = notes(opened()).count("<blockquote")
    assert closed == 0
    # A table draws itself on a canvas, so that its first row is chosen here for the reader.
    monkeypatch.setattr(
        "qualcode.ui.agreement_views._chosen", lambda event, count: 0 if count else None
    )
    at = opened()
    shown = notes(at)
    settle = [button.key for button in at.button if button.label == "Settle this"]
    for place in ("classes", "codes.", "themes", "transcripts", "drift", "versions"):
        assert any(key.startswith(f"agreement.go.{place}") for key in settle), place
    assert shown.count("<blockquote") == len(settle)
    assert "Omission · Ana: " in shown
    assert "Ben: " in shown
    unread = opened("ana")
    assert "<blockquote" in notes(unread)
    assert "Settle this" not in [button.label for button in unread.button]


def test_of_three_coders_each_pair_has_its_row_and_groups_can_be_compared(folder, monkeypatch):
    signed_in(monkeypatch, "lea")
    with open_study(folder / "n.qualcode", create=True, title="Three") as study:
        study.add_member(Member("lea", frozenset({"lead"}), "Lea"))
        study.set_codebook(read_codebook("c.csv", b"code_id,name\nT,Time\nU,Use\n"))
        text = b"I: So?\n\nP: Well.\n\nI: And?\n\nP: That is all.\n"
        study.add(read_transcript("P01.txt", text))
        for name in ("ana", "ben", "cem"):
            study.add_member(Member(name, frozenset({"coder"}), name.title()))
        for name in ("ana", "ben", "cem"):
            coder = study.seated(Seat(name, frozenset({"coder"})))
            kept = study.transcript("P01")
            span = kept.participant_turns[name == "cem"].span
            act = add(kept, span.start, span.end, code="T")
            assert coder.apply("P01", [act]).rejected == ()
            coder.submit("P01")
    at = app("n")
    at.switch_page("pages/agreement.py").run()
    sound(at)
    assert "By pair" in [tab.label for tab in at.tabs]
    button = next(group for group in at.get("button_group") if "Groups" in str(group.options))
    button.set_value("Groups of coders")
    at.run()
    sound(at)
    assert "Ana against Ben and Cem: 1 of 1 transcript in both" in notes(at)


def test_codes_that_are_not_reliable_stand_first_and_say_when_that_is_uncertain():
    agreed = compare_coders(TEXTS, BOTH, unit="character")
    found = find_differences(BOTH, ("ana", "ben"))
    rows = views.code_rows(agreed, found)
    places = [row["place"] for row in rows]
    assert places == sorted(places)
    assert len(set(places)) > 1
    for row in rows:
        code = agreed.code(row["code"])
        judged = code.verdict not in (None, "too_rare")
        assert row["verdict"].endswith(", uncertain") == (judged and code.uncertain)
        same = [r["differences"] for r in rows if r["place"] == row["place"]]
        assert same == sorted(same, reverse=True)


def test_a_code_can_be_counted_with_what_stands_below_it(sample):
    at = opened()
    toggle = next(each for each in at.toggle if each.key == "agreement.rollup")
    before = len(at.dataframe[2].value)
    toggle.set_value(True).run()
    sound(at)
    table = at.dataframe[2].value
    assert len(table) > before
    assert metrics(at)["Overall α"] == "0.813"
    agreed = compare_coders(TEXTS, BOTH, rollup=True, codebook=TREE)
    found = find_differences(BOTH, ("ana", "ben"))
    rows = {row["code"]: row for row in views.code_rows(agreed, found, TREE)}
    below = {"T2"} | {code.id for code in TREE if code.parent == "T2"}
    assert rows["T2"]["differences"] == sum(bool(views.codes_of(d) & below) for d in found)
    assert rows["T2"]["differences"] > 0
