"""The Recode page through AppTest: each kind of question, taking back, and the lead's part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.changes import CodeChange, merged, split
from qualcode.model import Code, Seat
from qualcode.recoding import Recoding
from qualcode.store import Study, open_study
from tests.test_pages import app, folder, sample, signed_in, sound  # noqa: F401

LEA = Seat("lea", frozenset({"lead"}))


@pytest.fixture
def study(sample: Path) -> Iterator[Study]:  # noqa: F811
    """The sample with one code of each fate: narrowed, split, merged, added, retired."""
    with open_study(sample, seat=LEA) as study:
        book = study.codebook()
        top = book["MEN-10"].parent
        new = book.with_code(
            replace(book["MEN-19"], when_not_to_use="Only hoped for."),
            Code("MEN-25", "Laughter", top, brief_definition="Laughing about the work."),
            replace(book["MEN-15"], status="retired"),
        )
        parts = [Code("MEN-10A", "Time given", top), Code("MEN-10B", "No time", top)]
        new, one = split(new, "MEN-10", parts)
        new, two = merged(new, ["MEN-14"], "MEN-08")
        study.set_codebook(new, changes=[CodeChange("narrow", "MEN-19"), *one, *two])
        yield study


def page(seat: str) -> AppTest:
    opened = app("sample", seat)
    opened.switch_page("pages/recode.py").run()
    sound(opened)
    return opened


def press(at: AppTest, *keys: str) -> AppTest:
    for key in keys:
        at.button(key=key).click().run()
        sound(at)
    return at


def words(at: AppTest) -> str:
    """All that the page says."""
    return " ".join(str(getattr(element, "proto", "")) for element in at.main)


def test_each_kind_of_question_is_answered_by_its_keys(study: Study) -> None:
    at = page("ana")
    ana = study.seated(Seat("ana", frozenset({"coder"})))
    for _ in range(60):
        (open_, *_rest) = [t for t in ana.recode_tasks() if t.is_open] or [None]
        if open_ is None:
            break
        before = sum(t.is_open for t in ana.recode_tasks())
        if open_.kind == "look":
            press(at, "recode.looked")
        else:
            press(at, "recode.answer.1")
        assert sum(t.is_open for t in ana.recode_tasks()) == before - 1
    kinds = {t.kind: t.answer.outcome for t in ana.recode_tasks() if t.answer}
    assert kinds == {"confirm": "keep", "choose": "choose", "look": "looked"}
    chosen = {t.answer.codes for t in ana.recode_tasks() if t.answer and t.kind == "choose"}
    assert chosen == {("MEN-10A",)}
    press(at, "recode.undo")
    assert sum(t.is_open for t in ana.recode_tasks()) == 1
    press(at, "recode.looked", "recode.submit")
    assert "Agreement opens when Ben has too." in words(at)
    assert study.check() == []


def test_a_place_is_suggested_trimmed_and_added(study: Study) -> None:
    ana = study.seated(Seat("ana", frozenset({"coder"})))
    task = next(t for t in ana.recode_tasks() if t.kind == "look")
    opened = app("sample", "ana")
    opened.session_state["recode.at"] = task.id
    opened.switch_page("pages/recode.py").run()
    at = press(opened, "recode.near.1")
    (box,) = at.text_area
    kept = box.value.split(".")[0]
    box.input(kept).run()
    press(at, "recode.add")
    (added,) = [r for r in ana.recodings() if r.outcome == "add"]
    assert (added.quote, added.codes) == (kept, ("MEN-25",))
    assert ana.transcript(task.transcript).text[added.span.slice] == kept  # type: ignore[union-attr]
    press(at, f"recode.out.{added.id}")
    assert kept not in {c.quote for c in ana.codings_at() if c.code == "MEN-25"}


def test_the_lead_sees_how_far_and_then_checks_the_merge(study: Study) -> None:
    at = page("lea")
    assert list(at.dataframe[0].value["Answered"]) == [0, 0]
    assert "Spot check" not in " ".join(h.value for h in at.subheader)
    for name in ("ana", "ben"):
        coder = study.seated(Seat(name, frozenset({"coder"})))
        for task in coder.recode_tasks():
            if task.coder != name:
                continue
            outcome = {"look": "looked", "choose": "choose", "confirm": "keep"}[task.kind]
            coder.recode(
                Recoding(
                    outcome,  # type: ignore[arg-type]
                    task.version,
                    name,
                    task.transcript,
                    task.coding.id if task.coding else "",
                    (task.code,) if task.kind == "look" else task.options[:1],
                )
            )
        coder.submit_recoding()
    at = page("lea")
    assert "Every transcript is current" in words(at)
    press(at, "recode.check.fits")
    assert [r.outcome for r in study.recodings() if r.made_by == "lea"] == ["fits"]
    assert study.check() == []


def test_a_study_without_a_change_says_so(sample: Path) -> None:  # noqa: F811
    for seat in ("ana", "lea"):
        assert "No change of the codebook asks anything here" in words(page(seat))
