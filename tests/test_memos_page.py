"""The Memos page, the prompts for reflexivity and the threads, through AppTest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.memos import Memo
from qualcode.model import Seat
from qualcode.store import Study, open_study
from tests.test_pages import app, folder, sample, signed_in, sound  # noqa: F401
from tests.test_reconcile_page import page as reconcile
from tests.test_reconcile_page import passages, press, words

LEA = Seat("lea", frozenset({"lead"}))
ANA = Seat("ana", frozenset({"coder"}))
SECRET = "Nobody else’s business"


@pytest.fixture
def study(sample: Path) -> Iterator[Study]:  # noqa: F811
    with open_study(sample, seat=LEA) as study:
        yield study


def page(seat: str = "ana", name: str = "memos") -> AppTest:
    opened = app("sample", seat)
    opened.switch_page(f"pages/{name}.py").run()
    sound(opened)
    return opened


def said(at: AppTest) -> str:
    return words(at) + " ".join(str(element.proto) for element in at.get("html"))


def texts(study: Study, seat: Seat) -> list[str]:
    return [memo.text for memo in study.seated(seat).memos()]


def area(at: AppTest, label: str) -> Any:
    return next(area for area in at.text_area if area.label == label)


def keep(at: AppTest, opener: str) -> AppTest:
    """Press “Keep” in the dialog that this button has opened: here it opens in the same run."""
    next(button for button in at.button if button.label == "Keep").click()
    at.button(key=opener).click().run()
    return at


def test_a_memo_is_written_shared_edited_deleted_and_brought_back(study: Study) -> None:
    at = press(page(), "memos.new")
    area(at, "Memo").set_value(SECRET)
    sound(keep(at, "memos.new"))
    memo = next(m for m in study.seated(ANA).memos() if m.text == SECRET)
    assert (memo.about, memo.shared, memo.author) == ("study", False, "ana")
    assert SECRET in said(page("ana"))
    for seat in ("ben", "lea"):
        assert SECRET not in said(page(seat))
    at = press(page(), f"memos.delete.{memo.id}")
    sound(at)
    assert SECRET not in texts(study, ANA)
    sound(press(at, "memos.undo"))
    assert SECRET in texts(study, ANA)
    at = press(at, f"memos.edit.{memo.id}")
    area(at, "Memo").set_value("Said differently")
    sound(keep(at, f"memos.edit.{memo.id}"))
    sound(press(at, f"memos.share.{memo.id}"))
    assert "Said differently" in texts(study, LEA)
    assert "Said differently" in said(page("lea"))
    assert study.check() == []


def test_a_memo_without_words_is_refused_in_a_sentence(study: Study) -> None:
    before = texts(study, ANA)
    at = keep(press(page(), "memos.new"), "memos.new")
    assert [error.value for error in at.error] == ["A memo needs words; write it again\\."]
    assert texts(study, ANA) == before


def test_filters_find_by_words_kind_and_author(study: Study) -> None:
    study.seated(ANA).write_memo(Memo("A zebra in the corridor", kind="method"))
    at = page()
    at.text_input(key="memos.search").set_value("zebra corridor").run()
    sound(at)
    assert "zebra" in said(at)
    assert "laughs at herself" not in said(at)
    at.text_input(key="memos.search").set_value("no such words").run()
    assert "No memo fits these filters" in said(at)
    at.text_input(key="memos.search").set_value("").run()
    at.selectbox(key="memos.author").set_value("ben").run()
    sound(at)
    assert "zebra" not in said(at)
    assert "Manners" in said(at)
    at.selectbox(key="memos.whose").set_value("own").run()
    assert "No memo fits these filters" in said(at)


def test_what_was_noted_while_coding_is_answered_here(study: Study) -> None:
    memo = next(m for m in study.memos() if m.text.startswith("Manners"))
    at = page("ana")
    area = next(a for a in at.text_area if memo.id in (a.form_id or ""))
    area.set_value("I read it as fear.")
    button = next(b for b in at.button if b.form_id == area.form_id)
    button.click().run()
    sound(at)
    assert "I read it as fear." in texts(study, LEA)
    assert "I read it as fear." in said(page("ben"))


def test_being_asked_can_be_declined_and_is_not_asked_again(study: Study) -> None:
    at = page("lea", "themes")
    assert "Which story do you hope" in words(at)
    sound(press(at, "themes.reflexivity.decline"))
    assert "Which story do you hope" not in words(at)
    assert study.declined() == {"lea": ("themes",)}
    at = press(page("ben"), "memos.reflexivity.write")
    area(at, "Before themes").set_value("That it works, and I hear that it does not.")
    next(box for box in at.checkbox if box.label == "May be reported").check()
    sound(keep(at, "memos.reflexivity.write"))
    (memo,) = [m for m in study.memos() if m.moment == "themes"]
    assert (memo.author, memo.kind, memo.may_be_reported) == ("ben", "reflexivity", True)


def test_a_thread_stands_around_its_difference(study: Study) -> None:
    first, second, *_ = passages(study)
    at = reconcile("ana", first)
    area = next(a for a in at.text_area if first.id in (a.form_id or ""))
    area.set_value("Where does the network end?")
    next(b for b in at.button if b.form_id == area.form_id).click().run()
    sound(at)
    (memo,) = study.memos(kind="difference")
    assert (memo.subject, memo.author, memo.shared) == (first.id, "ana", True)
    assert "Where does the network end?" in said(reconcile("lea", first))
    assert "Where does the network end?" not in said(reconcile("lea", second))
    at = press(page("ana"), f"memos.go.{memo.id}")
    assert at.session_state["reconcile.position"] == first.id


def test_in_blind_mode_a_thread_calls_coders_by_their_reading(study: Study) -> None:
    from qualcode.ui.reconcile_views import BLIND

    first, *_ = passages(study)
    study.settings.change({BLIND: "yes"})
    text = study.transcript(first.transcript)
    quote = text.text[first.span.slice]
    study.seated(ANA).write_memo(
        Memo("Hm.", "difference", first.id, text.id, first.span, quote, kind="difference")
    )
    shown = said(reconcile("lea", first))
    assert "Hm." in shown
    assert "<b>Reading " in shown
    assert "<b>Ana</b>" not in shown


def test_from_a_memo_to_its_place_at_the_text(study: Study) -> None:
    memo = next(m for m in study.seated(ANA).memos() if m.about == "passage")
    at = press(page("ana"), f"memos.go.{memo.id}")
    sound(at)
    assert at.session_state["code.assignment"] == f"main.{memo.transcript}"
