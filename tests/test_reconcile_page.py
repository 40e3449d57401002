"""The Reconcile page through AppTest: blind mode, the rest of a kind, conflicts, issues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Seat
from qualcode.reconciliation import Passage, alike, find_passages, latest, settle
from qualcode.store import Study, open_study
from tests.test_pages import app, folder, sample, signed_in, sound  # noqa: F401

LEA = Seat("lea", frozenset({"lead"}))


@pytest.fixture
def study(sample: Path) -> Iterator[Study]:  # noqa: F811
    with open_study(sample, seat=LEA) as study:
        yield study


def passages(study: Study) -> tuple[Passage, ...]:
    return find_passages(study.codings(), study.coders(), transcripts=study.titles())


def page(seat: str = "lea", at: Passage | None = None) -> AppTest:
    opened = app("sample", seat)
    if at is not None:
        opened.session_state["reconcile.position"] = at.id
    opened.switch_page("pages/reconcile.py").run()
    sound(opened)
    return opened


def press(at: AppTest, *keys: str) -> AppTest:
    for key in keys:
        at.button(key=key).click().run()
    return at


def words(at: AppTest) -> str:
    """All that the page says."""
    return " ".join(str(getattr(element, "proto", "")) for element in at.main)


def test_two_presses_decide_and_go_on(study: Study) -> None:
    at = press(page(), "reconcile.outcome.a", "reconcile.reason.1")
    sound(at)
    (decision,) = study.decisions()
    first, second, *_ = passages(study)
    assert (decision.difference, decision.outcome, decision.reason) == (first.id, "a", "slip")
    assert decision.decided_by == "lea"
    assert at.session_state["reconcile.position"] == second.id
    press(at, "reconcile.undo")
    sound(at)
    assert [d.outcome for d in study.decisions()] == ["a", "undone"]


def test_the_rest_of_a_kind_is_shown_before_it_is_decided(study: Study) -> None:
    first = next(p for p in passages(study) if alike(p, passages(study)))
    others = alike(first, passages(study))
    at = press(page(at=first), "reconcile.outcome.neither", "reconcile.same")
    assert len(at.dataframe[0].value) == len(others)
    assert study.decisions() == ()
    press(at, "reconcile.reason.2")
    sound(at)
    assert {d.difference for d in study.decisions()} == {first.id, *(p.id for p in others)}
    press(at, "reconcile.undo")
    assert all(d.outcome == "undone" for d in latest(study.decisions()).values())


def test_what_another_has_decided_meanwhile_is_told(study: Study) -> None:
    at = press(page(), "reconcile.outcome.a")
    study.decide(settle(passages(study)[0], "b", reason="slip", decided_by=""))
    press(at, "reconcile.reason.1")
    assert at.exception or at.error, "the sentence itself is seen in tests/browser"
    assert [d.outcome for d in study.decisions()] == ["b"]
    at.run()
    sound(at)
    assert "Lea, " in words(at)
    assert ": Ben. Reason: slip" in words(at), "that decision is on the screen"
    press(at, "reconcile.outcome.a", "reconcile.reason.2")
    sound(at)
    assert [d.outcome for d in study.decisions()] == ["b", "a"]


def test_a_true_difference_is_kept_only_with_its_words(study: Study) -> None:
    at = press(page(), "reconcile.outcome.a", "reconcile.reason.5")
    sound(at)
    assert study.decisions() == ()
    at.text_input(key=f"reconcile.words.{passages(study)[0].id}").input("Both are there").run()
    press(at, "reconcile.reason.5")
    assert [d.memo for d in study.decisions()] == ["Both are there"]


def test_a_new_code_that_is_asked_for_is_listed_for_the_lead(study: Study) -> None:
    first = passages(study)[0]
    at = press(page(), "reconcile.outcome.code_needed")
    at.text_input(key=f"reconcile.words.{first.id}").input("Being overheard").run()
    ask = next(button for button in at.button if button.label == "Ask for this code")
    ask.click().run()
    sound(at)
    at.segmented_control(key="reconcile.view").set_value("asked").run()
    assert "asks for: Being overheard" in words(at)
    press(at, f"reconcile.go.asked.{first.id}")
    assert at.session_state["reconcile.position"] == first.id
    assert "0 of 16 settled" in words(at), "it waits for the code"


def test_another_code_on_the_same_words(study: Study) -> None:
    first = passages(study)[0]
    at = press(page(), "reconcile.outcome.other")
    code = next(c.id for c in study.codebook().codable if c.id not in first.codes)
    at.selectbox(key=f"reconcile.other.{first.id}").set_value(code).run()
    press(at, "reconcile.reason.3")
    sound(at)
    (decision,) = study.decisions()
    assert decision.outcome == "other"
    assert [(c.code, c.span) for c in decision.result] == [(code, first.span)]


def test_blind_mode_hides_who_coded_what_and_is_recorded(study: Study) -> None:
    at = page()
    assert "Ana" in words(at)
    at.toggle(key="reconcile.blind.switch").set_value(True).run()
    sound(at)
    for number in range(4):
        told = words(at)
        shown = [b.label for b in at.button if str(b.key).startswith("reconcile.outcome.")]
        assert not {"Ana", "Ben"} & set(shown)
        assert "not coded by" not in told
        assert {"Reading A", "Reading B"} <= set(shown)
        first = at.button(key="reconcile.outcome.a").label, passages(study)[number]
        press(at, "reconcile.outcome.a", "reconcile.reason.1")
        decision = study.decisions()[-1]
        assert (decision.blind, decision.outcome) == (True, "a"), first
        kept = first[1].of("ana")
        assert [c.span for c in decision.result] == [c.span for c in kept]


def test_an_issue_opens_and_leads_to_its_differences_and_back(study: Study) -> None:
    pair = [p for p in passages(study) if len(p.codes) == 2][:6]
    worst = [p for p in pair if p.codes == max((q.codes for q in pair), key=[
        q.codes for q in pair].count)]  # fmt: skip
    assert len(worst) == 3
    for passage in worst:
        study.decide(settle(passage, "a", reason="definitions overlap", decided_by=""))
    at = page()
    at.segmented_control(key="reconcile.view").set_value("issues").run()
    sound(at)
    key = ".".join(worst[0].codes)
    press(at, f"reconcile.go.issue.{key}.{worst[1].id}")
    sound(at)
    assert at.session_state["reconcile.position"] == worst[1].id
    press(at, f"reconcile.toissue.{key}")
    assert at.session_state["reconcile.view"] == "issues"
    what = next(field for field in at.text_input if field.label == "What is done")
    what.input("Sharpen both")
    next(b for b in at.button if b.label == "Keep this decision").click().run()
    sound(at)
    (kept,) = study.codebook_issues()
    assert (kept.codes, kept.differences) == (worst[0].codes, 3)
    assert "Sharpen both" in words(at)


@pytest.mark.parametrize("order", ["cost", "type"])
def test_the_queue_has_its_orders(study: Study, order: str) -> None:
    at = page()
    at.selectbox(key="reconcile.order").set_value(order).run()
    sound(at)
    press(at, "reconcile.outcome.a", "reconcile.reason.1")
    (decision,) = study.decisions()
    kinds = {p.id: p.types[0] for p in passages(study)}
    assert kinds[decision.difference] in (("distant",) if order == "cost" else ("boundary",))


def test_a_coder_reads_and_does_not_decide(study: Study) -> None:
    at = page("ana")
    assert "The study lead settles differences" in words(at)
    assert not [b for b in at.button if str(b.key).startswith("reconcile.outcome.")]


def test_of_words_that_stand_there_twice_the_place_is_chosen(study: Study) -> None:
    first = passages(study)[0]
    at = press(page(), "reconcile.outcome.new")
    at.text_area(key=f"reconcile.new.{first.id}").input("the bus number").run()
    code = first.codes[0]
    at.selectbox(key=f"reconcile.newcode.{first.id}").set_value(code).run()
    press(at, "reconcile.reason.1")
    assert study.decisions() == (), "which of the two is not said yet"
    at.run()
    which = at.selectbox(key=f"reconcile.newplace.{first.id}.14")
    which.select_index(1).run()
    press(at, "reconcile.reason.1")
    sound(at)
    text = study.transcript(first.transcript).text
    (coding,) = study.decisions()[0].result
    assert text[coding.span.slice] == "the bus number"
    assert coding.span.start > text.index("the bus number")


def test_an_agreed_item_is_read_and_decided_otherwise(study: Study) -> None:
    at = page()
    at.segmented_control(key="reconcile.view").set_value("agreed").run()
    sound(at)
    assert "60 items came over as consensus" in words(at)
    assert len(at.dataframe[0].value) == 60
    at.selectbox(key="agreed.same").set_value(1.0)
    at.selectbox(key="agreed.keep").set_value("shared").run()
    press(at, "agreed.use")
    sound(at)
    assert (study.agreed_rule().same, study.agreed_rule().keep) == (1.0, "shared")


def test_a_coder_whom_the_lead_named_decides_what_they_did_not_code(
    study: Study,
    sample: Path,  # noqa: F811
) -> None:
    at = page()
    at.multiselect(key="reconcile.deciders").set_value(["ana"]).run()
    sound(at)
    assert study.deciders() == ("ana",)
    assert "You have coded this transcript" in words(page("ana"))
