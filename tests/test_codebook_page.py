"""The Codebook page through AppTest: changes gathered, previewed, taken back, saved; versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.changes import CodeChange
from qualcode.codebook import Codebook
from qualcode.model import Code, CodebookIssue, Seat, Theme
from qualcode.reconciliation import find_passages, settle
from qualcode.sample import second_version
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.ui.codebook_changes import Draft, moved
from qualcode.ui.codebook_issues import Wanted
from tests.conftest import CODES
from tests.test_pages import app, empty_study, folder, sample, signed_in, sound  # noqa: F401
from tests.test_reconcile_page import words

LEA = Seat("lea", frozenset({"lead"}))
VIEW = "codebook.view"


@pytest.fixture
def study(sample: Path) -> Iterator[Study]:  # noqa: F811
    with open_study(sample, seat=LEA) as study:
        yield study


def page(seat: str = "lea", **session: object) -> AppTest:
    at = app("sample", seat)
    for key, value in session.items():
        at.session_state[key.replace("__", ".")] = value
    at.switch_page("pages/codebook.py").run()
    sound(at)
    return at


def dialog(name: str, code: Code, draft: Draft | None = None, **more: object) -> AppTest:
    """What stands in a dialog, as a page of its own: AppTest draws no fragment a second time."""

    def script(name: str, code: object, more: dict[str, object]) -> None:
        from qualcode.ui import codebook_changes

        getattr(codebook_changes, name).__wrapped__(code, **more)

    at = AppTest.from_function(
        script, kwargs={"name": name, "code": code, "more": more}, default_timeout=60
    )
    at.session_state["study"], at.session_state["seat"] = "sample", "lea"
    if draft is not None:
        at.session_state["codebook.draft"] = draft
    at.run()
    sound(at)
    return at


def noted(at: AppTest) -> Draft:
    """The changes that a dialog has noted; it closes then, which is not seen here."""
    assert [error.stack_trace for error in at.exception] == []
    found = at.session_state["codebook.draft"]
    assert isinstance(found, Draft)
    return found


def labelled(elements: object, label: str) -> Any:
    return next(element for element in elements if element.label == label)  # type: ignore[attr-defined]


def draft(study: Study, book: Codebook, *said: CodeChange) -> Draft:
    return Draft(str(study.path), study.codebook().version, book, said)


def look(at: AppTest, view: str) -> AppTest:
    at.segmented_control(key=VIEW).set_value(view).run()
    sound(at)
    return at


def test_an_edited_definition_is_saved_when_it_is_said_what_became_of_it(study: Study) -> None:
    at = dialog("edit", study.codebook()["MEN-01"])
    labelled(at.text_area, "In brief").set_value("Not sure at all what counts as QI")
    labelled(at.button, "Note this change").click().run()
    at = page(codebook__draft=noted(at))
    assert "1 change is not saved" in words(at)
    assert [row["version"] for row in study.versions()] == ["0.1"]
    at.button(key="codebook.look").click().run()
    sound(at)
    assert at.button(key="codebook.save").disabled, "nobody has said what became of it"
    assert "<del>" in words(at)
    assert "<ins>" in words(at)
    at.selectbox(key="codebook.means.MEN-01.redefine").set_value("broaden").run()
    sound(at)
    assert "is broadened" in words(at)
    at.button(key="codebook.save").click().run()
    sound(at)
    (change,) = study.codebook_changes()
    assert (change.version, change.change.kind, change.effect) == ("1.0", "broaden", "look_again")
    assert "not saved" not in words(at)
    assert study.check() == []


def test_the_table_shows_what_each_change_touches_and_takes_one_back(study: Study) -> None:
    book, said = second_version(study.codebook())
    at = page(codebook__draft=draft(study, book, *said), codebook__show="changes")
    codings = list(study.codings())
    for code in ("MEN-19", "MEN-23"):
        n = sum(coding.code == code for coding in codings)
        assert f"{n} codings of 2 coders on" in words(at)
    at.button(key="codebook.back.0").click().run()
    sound(at)
    assert "“Formal mentorship” is narrowed" not in words(at)
    at.text_input(key="codebook.note").set_value("lived or wished").run()
    at.button(key="codebook.save").click().run()
    sound(at)
    assert [c.change.code for c in study.codebook_changes()] == ["MEN-23"]
    assert study.versions()[-1]["note"] == "lived or wished"
    at.segmented_control(key=VIEW).set_value("changes").run()
    assert "Nothing is changed" in words(at)


def test_two_versions_stand_side_by_side(study: Study) -> None:
    book, said = second_version(study.codebook())
    study.set_codebook(book, changes=said)
    study.set_codebook(book.with_code(replace(book["MEN-19"], name="Formal mentoring")))
    at = look(page(), "versions")
    assert list(at.dataframe[0].value["Version"]) == ["1.1", "1.0", "0.1"]
    assert list(at.dataframe[0].value["State"])[-1].startswith("Frozen")
    assert "is renamed" in words(at)
    assert "Lived only" not in words(at)
    at.selectbox(key="codebook.from").set_value("0.1").run()
    sound(at)
    assert "Version 1.0: “Formal mentorship” is narrowed." in words(at)
    assert "<ins> Lived only" in words(at)
    coder = look(page("ana"), "versions")
    assert "codebook.change" not in [button.key for button in coder.button]


def save(*made: Draft) -> AppTest:
    """Look at what was noted, and save it."""
    at = page(codebook__draft=made[-1], codebook__show="changes")
    at.button(key="codebook.save").click().run()
    sound(at)
    return at


def test_merging_shows_what_moves_before_it_is_noted(study: Study) -> None:
    at = dialog("merge", study.codebook()["MEN-01"])
    at.multiselect(key="codebook.merge.codes").set_value(["MEN-01", "MEN-02"]).run()
    at.text_input(key="codebook.merge.name").set_value("Words are unclear").run()
    sound(at)
    assert "is merged into “Words are unclear”" in words(at)
    assert "counted as the new code from now on" in words(at)
    at.button(key="codebook.merge.do").click().run()
    at = save(noted(at))
    assert [c.change.kind for c in study.codebook_changes()] == ["merge", "merge"]
    assert len(study.codebook().codable) == 23
    assert "Show 2 retired codes" in words(look(at, "codes"))


def test_a_code_is_not_merged_into_itself(study: Study) -> None:
    at = dialog("merge", study.codebook()["MEN-01"])
    at.selectbox(key="codebook.merge.into").set_value("MEN-01").run()
    assert "into itself" in at.error[0].value


def test_splitting_needs_two_codes(study: Study) -> None:
    at = dialog("divide", study.codebook()["MEN-01"])
    at.text_area(key="codebook.split.new").set_value("One part").run()
    assert "needs two codes or more" in at.error[0].value
    at.text_area(key="codebook.split.new").set_value("One part\n\n The other  part").run()
    sound(at)
    at.button(key="codebook.split.do").click().run()
    save(noted(at))
    (split,) = study.codebook_changes()
    assert (split.change.kind, split.effect) == ("split", "choose")
    names = {study.codebook()[code].name for code in split.change.into}
    assert names == {"One part", "The other part"}


def test_a_retired_code_is_brought_back_and_a_theme_is_asked_about(study: Study) -> None:
    text = study.transcript("P01")
    study.add_theme(Theme("Unclear", codes=("MEN-01",), excerpts=((text.id, Span(0, 20)),)))
    at = dialog("retire", study.codebook()["MEN-01"])
    assert "codebook.retire.out" not in [button.key for button in at.button], "it was coded with"
    at.button(key="codebook.retire.do").click().run()
    at = page(codebook__draft=noted(at), codebook__show="changes")
    assert "Used by the theme “Unclear”." in words(at)
    assert at.button(key="codebook.save").disabled
    at.checkbox(key="codebook.despite").check().run()
    at.button(key="codebook.save").click().run()
    sound(at)
    assert study.codebook()["MEN-01"].status == "retired"
    at = page(codebook__retired=True)
    assert "(retired)" in " ".join(at.dataframe[0].value["Code"])
    at.button(key="codebook.restore").click().run()
    sound(at)
    at.button(key="codebook.look").click().run()
    assert "is brought back" in words(at)
    assert study.check() == []


def test_what_was_only_noted_leaves_no_trace_when_it_is_retired(study: Study) -> None:
    book = study.codebook()
    new = Code("X", "Humour", "MEN-T1")
    at = dialog("retire", new, draft(study, book.with_code(new)))
    at.button(key="codebook.retire.do").click().run()
    assert noted(at).book.codes == book.codes


def test_a_code_is_moved(study: Study) -> None:
    at = dialog("move", study.codebook()["MEN-01"])
    at.selectbox(key="codebook.move.parent").set_value("MEN-T2").run()
    at.selectbox(key="codebook.move.place.MEN-T2").set_value(0).run()
    at.button(key="codebook.move.do").click().run()
    save(noted(at))
    assert study.codebook().children("MEN-T2")[0].id == "MEN-01"
    assert [(c.change.kind, c.version) for c in study.codebook_changes()] == [("move", "0.1.1")]


def test_a_changed_file_is_a_draft_with_its_differences(study: Study) -> None:
    book = study.codebook()
    fewer = Codebook(tuple(c for c in book.codes if c.id != "MEN-05"))
    changed = fewer.with_code(replace(fewer["MEN-02"], name="CPD is unclear"))
    at = page()
    at.file_uploader[0].upload("book.csv", changed.to_csv().encode(), "text/csv").run()
    sound(at)
    assert "1 code is not in the file" in words(at)
    at.button(key="codebook.import").click().run()
    sound(at)
    assert "is retired" in words(at)
    assert "is renamed “CPD is unclear”" in words(at)
    at.button(key="codebook.save").click().run()
    sound(at)
    kept = study.codebook()
    assert (kept["MEN-05"].status, kept["MEN-02"].name) == ("retired", "CPD is unclear")
    assert study.versions()[-1]["note"] == "read from book.csv"


def test_changes_on_a_version_that_is_no_longer_the_newest_are_not_saved(study: Study) -> None:
    book, said = second_version(study.codebook())
    begun = draft(study, book, *said)
    study.set_codebook(book.with_code(Code("X", "Another", "MEN-T1")))
    at = page(codebook__draft=begun, codebook__show="changes")
    assert "was kept meanwhile" in at.warning[0].value
    at.button(key="codebook.save").click().run()
    assert "was kept meanwhile" in at.error[0].value
    at.button(key="codebook.drop").click().run()
    sound(at)
    assert "Nothing is changed" in words(at)


def test_the_first_codes_of_a_study_are_saved_together(empty_study: Path) -> None:  # noqa: F811
    at = app("nurses")
    book = Codebook((Code("A", "Trust"), Code("B", "Time")))
    at.session_state["codebook.draft"] = Draft(str(empty_study), "", book)
    at.session_state["codebook.show"] = "changes"
    at.switch_page("pages/codebook.py").run()
    sound(at)
    assert "The first version: 0 themes, 2 codes." in words(at)
    at.button(key="codebook.save").click().run()
    sound(at)
    with open_study(empty_study) as study:
        assert {code.name for code in study.codebook().codes} == {"Trust", "Time"}
        assert study.codebook().version == "0.1"


def test_an_issue_leads_to_its_differences_and_to_the_change(study: Study) -> None:
    pair = ("MEN-19", "MEN-23")
    for passage in find_passages(study.codings(), study.coders(), transcripts=study.titles()):
        if set(pair) <= set(passage.codes):
            study.decide(settle(passage, "a", reason="definition unclear", decided_by=""))
    study.decide_issue(CodebookIssue(pair, "Sharpen both", "Lived only.", 3))
    at = look(page(), "issues")
    assert "Proposed wording: Lived only." in words(at)
    at.button(key="codebook.issue.MEN-19.MEN-23").click().run()
    sound(at)
    assert at.title[0].value == "Reconcile"
    assert at.session_state["reconcile.view"] == "issues"
    at.button(key="reconcile.change.MEN-19.MEN-23.MEN-19").click().run()
    sound(at)
    assert at.title[0].value == "Codebook"
    wanted = Wanted("MEN-19", "Lived only.", "Codebook issue on the two.")
    at = dialog("edit", study.codebook()["MEN-19"], wanted=wanted)
    assert "Lived only." in words(at)
    labelled(at.text_area, "In brief").set_value("Lived mentoring")
    labelled(at.button, "Note this change").click().run()
    at = page(codebook__draft=noted(at), codebook__show="changes")
    assert "Codebook issue on the two." in words(at)
    at.selectbox(key="codebook.means.MEN-19.redefine").set_value("narrow").run()
    at.button(key="codebook.save").click().run()
    sound(at)
    (change,) = study.codebook_changes()
    assert change.change.note == "Codebook issue on the two."
    assert "Version 1.0: “Formal mentorship” is narrowed." in words(look(at, "issues"))


def test_a_code_that_was_asked_for_is_added_from_where_it_was_asked(study: Study) -> None:
    at = dialog("edit", Code("X", "", "MEN-T1"), wanted=Wanted("", why="Lea asks: Being overheard"))
    assert "Being overheard" in words(at)
    labelled(at.text_input, "Name").set_value("Being overheard")
    labelled(at.button, "Note this change").click().run()
    assert noted(at).book["X"].name == "Being overheard"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("spread", [10, 1, 0])
def test_a_moved_code_stands_where_it_was_put(place: int, spread: int) -> None:
    book = Codebook(tuple(replace(c, order=n * spread) for n, c in enumerate(CODES)))
    after = moved(book, book["C3"], "T1", place)
    expected = ["C1", "C2"]
    expected.insert(place, "C3")
    assert [code.id for code in after.children("T1")] == expected
