"""The page Themes: a theme reviewed, quotations chosen under the rules, needs written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.claims import ChosenQuotation, Claim, Excerpt, Need
from qualcode.model import Participant
from qualcode.store import Study, open_study
from qualcode.ui.theme_review import SECTIONS

from .conftest import LEA
from .hostile_study import hostile_study
from .test_pages import app, folder, signed_in, sound  # noqa: F401

MARKUP = '<img src=x onerror="alert(1)"> **bold** [link](https://example.org) $x$ :red[y]'


@pytest.fixture
def kept(
    folder: Path,  # noqa: F811
    finished_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    signed_in(monkeypatch, None)
    path = folder / ".sample" / "sample-finished.qualcode"
    path.parent.mkdir()
    path.write_bytes(finished_file.read_bytes())
    return path


def themes(seat: str = "lea", study: str = "sample-finished") -> AppTest:
    at = app(study, seat)
    at.switch_page("pages/themes.py").run()
    sound(at)
    return at


def theme_of(path: Path, place: int = 2) -> str:
    with open_study(path) as study:
        return study.themes()[place].id


def room(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="themes.room").set_value(name).run()
    sound(at)
    return at


def section(at: AppTest, theme: str, name: str) -> AppTest:
    at.segmented_control(key=f"review.section.{theme}").set_value(name).run()
    sound(at)
    return at


def opened(path: Path, seat: str = "lea") -> tuple[AppTest, str]:
    theme = theme_of(path)
    at = themes(seat)
    at.button(key=f"themes.review.{theme}").click().run()
    sound(at)
    return at, theme


def said(at: AppTest) -> str:
    return "\n".join(
        [element.value for element in [*at.markdown, *at.caption, *at.subheader]]
        + [str(element.proto.body) for element in at.get("html")]
    )


def button(at: AppTest, label: str, place: int = 0) -> AppTest:
    [b for b in at.button if b.label == label][place].click().run()
    return at


def test_the_themes_of_the_finished_sample_stand_there_with_their_counts(kept: Path) -> None:
    at = themes()
    shown = said(at).replace("\u00a0", " ")
    assert "5 themes, 5 of them in the report." in shown
    for passages in (10, 13, 19, 16, 8):
        assert f"6 of 6 participants · clinical 3 of 3 · managerial 3 of 3 · {passages}" in shown


def test_every_section_of_a_theme_opens(kept: Path) -> None:
    at, theme = opened(kept)
    assert {m.label: m.value for m in at.metric}["Passages"] == "19"
    for name in SECTIONS:
        section(at, theme, name)
    assert "in the report" in said(at)
    at.button(key="themes.back").click().run()
    sound(at)
    assert at.segmented_control(key="themes.room").value == "Themes"


def test_a_claim_is_written_and_a_passage_linked_to_it(kept: Path) -> None:
    at, theme = opened(kept)
    section(at, theme, "Claims")
    at.text_input[0].set_value("Participants described notices on walls.")
    button(at, "Add the claim")
    sound(at)
    section(at, theme, "Passages")
    chosen = at.selectbox[2]
    assert chosen.label == "These words are"
    assert any(option.startswith("For claim 5") for option in chosen.options)
    chosen.set_value(_value(kept, "for"))
    button(at, "Link them")
    sound(at)
    with open_study(kept) as study:
        claim = study.theme_work().claims[-1]
        assert claim.sentence == "Participants described notices on walls."
        assert [e.role for e in study.theme_work().excerpts if e.claim == claim.id] == ["supports"]


def _value(path: Path, word: str) -> str:
    with open_study(path) as study:
        return f"{word} {study.theme_work().claims[-1].id}"


def test_an_excerpt_is_marked_as_divergent_and_unmarked(kept: Path) -> None:
    at, theme = opened(kept)
    with open_study(kept) as study:
        before = len(study.theme_work().excerpts)
    at.selectbox[2].set_value("divergent")
    next(t for t in at.text_input if t.label == "Note").set_value("He stopped asking.")
    button(at, "Link them")
    sound(at)
    assert "He stopped asking." in said(at)
    button(at, "Take out “divergent”")
    sound(at)
    with open_study(kept) as study:
        assert len(study.theme_work().excerpts) == before
    assert theme


def test_a_theme_gets_a_new_version_and_its_state(kept: Path) -> None:
    at, theme = opened(kept)
    section(at, theme, "Wording")
    next(t for t in at.text_area if t.label == "It includes").set_value("All that is promised.")
    button(at, "Keep this version")
    sound(at)
    state = next(c for c in at.segmented_control if c.label == "State")
    state.set_value("reviewed").run()
    sound(at)
    button(at, "I agree to this version")
    sound(at)
    with open_study(kept) as study:
        now = next(t for t in study.themes() if t.id == theme)
        assert (now.version, now.scope_in, now.state) == (2, "All that is promised.", "reviewed")
        assert now.agreed == ("lea",)
        assert study.check() == []


def test_an_earlier_version_of_a_theme_is_kept_again(kept: Path) -> None:
    with open_study(kept) as study:
        study.seated(LEA).place_code("MEN-01", source=theme_of(kept, 0), target=theme_of(kept))
    at, theme = opened(kept)
    section(at, theme, "Versions")
    version = next(s for s in at.selectbox if s.label == "Version")
    assert version.options == ["1"]
    button(at, "Go back to it")
    sound(at)
    assert "went back to version 1: codes" in said(at)
    with open_study(kept) as study:
        now = next(one for one in study.themes() if one.id == theme)
        assert now.version == 3
        assert "MEN-01" not in now.codes
        assert study.check() == []


def test_a_code_moves_from_one_theme_to_another_and_the_counts_follow(kept: Path) -> None:
    at = themes()
    next(s for s in at.selectbox if s.label == "Code").set_value("MEN-15")
    next(s for s in at.selectbox if s.label == "Into").set_value(theme_of(kept, 0))
    button(at, "Move it")
    sound(at)
    shown = said(at).replace("\u00a0", " ")
    assert "managerial 3 of 3 · 13 passages" in shown
    assert "managerial 3 of 3 · 16 passages" in shown


def test_quotations_are_chosen_edited_and_held_to_the_rules(kept: Path) -> None:
    at = room(themes(), "Quotations")
    assert "All ten rules hold." in said(at)
    assert "P04 has not agreed" in said(at)
    first = next(b for b in at.button if b.label == "Choose")
    first.click().run()
    sound(at)
    with open_study(kept) as study:
        chosen = study.theme_work().quotations[-1]
        assert study.transcript(chosen.transcript).participant != "P04"
    printed_ = [t for t in at.text_area if t.label == "As printed"][-1]
    printed_.set_value("Other words.")
    button(at, "Keep", -1)
    assert "word for word" in at.error[0].value
    words = chosen.quote.split(".")[0]
    printed_ = [t for t in at.text_area if t.label == "As printed"][-1]
    printed_.set_value(f"{words}. [...]")
    button(at, "Keep", -1)
    sound(at)
    with open_study(kept) as study:
        assert study.theme_work().quotations[-1].printed == f"{words}. [...]"
    button(at, "Take out", 3)
    sound(at)
    with open_study(kept) as study:
        assert len(study.theme_work().quotations) == 17


def test_a_quotation_of_somebody_who_says_no_is_shown_as_what_it_is(kept: Path) -> None:
    with open_study(kept) as study:
        study.seated(LEA).add(Participant("P02", {"group": "clinical"}, quote_consent="no"))
    at = room(themes(), "Quotations")
    assert "A quotation of P02 is kept here and not printed" in said(at)
    assert "Everybody says it" not in said(at)
    assert "**Q3**" in said(at)


def test_a_need_rests_on_something(kept: Path) -> None:
    at = room(themes(), "Needs")
    next(t for t in at.text_input if t.label == "Need").set_value("A room with a door")
    button(at, "Keep the need")
    assert "A need rests on a theme or a code" in at.error[0].value
    next(c for c in at.checkbox if c.label == "Team judgement").check()
    button(at, "Keep the need")
    sound(at)
    assert "A room with a door" in said(at)
    assert "Not rated yet: 6." in said(at)
    with open_study(kept) as study:
        assert [need.need for need in study.theme_work().needs][-1] == "A room with a door"


def test_a_coder_reads_and_agrees_and_changes_nothing(kept: Path) -> None:
    at, _ = opened(kept, "ana")
    labels = {b.label for b in at.button}
    assert "Take my agreement back" in labels
    assert not labels & {"Link them", "Drop the theme", "Add the claim"}
    at = room(themes("ana"), "Quotations")
    assert "Choose" not in {b.label for b in at.button}
    at = room(themes("ana"), "Needs")
    assert "Keep the need" not in {b.label for b in at.button}


def test_words_with_markup_stay_words(
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, "lea")
    path = folder / "nurses.qualcode"
    hostile_study(path, MARKUP)
    with open_study(path) as study:
        theme = _worked(study)
    at = themes("lea", "nurses")
    for name in ("Themes", "Quotations", "Needs"):
        room(at, name)
        assert re.search(r"(?<!\\)<img", said(at)) is None
    room(at, "Themes")
    at.button(key=f"themes.review.{theme}").click().run()
    for name in SECTIONS:
        section(at, theme, name)
        assert re.search(r"(?<!\\)<img", said(at)) is None


def _worked(study: Study) -> str:
    (theme,) = study.themes()
    place, span = theme.excerpts[0]
    person = study.transcripts()[0].participant or ""
    study.add(Participant(person))
    claim = study.keep_claim(Claim(theme.id, MARKUP))
    study.link_excerpt(Excerpt(theme.id, place, span, claim=claim.id, note=MARKUP))
    study.link_excerpt(Excerpt(theme.id, place, span, role="divergent", note=MARKUP))
    quotation = ChosenQuotation(theme.id, place, span, introduction=MARKUP, sense=MARKUP)
    study.choose_quotation(quotation)
    study.keep_need(Need(*[MARKUP] * 4, themes=(theme.id,), owner=MARKUP, first_step=MARKUP))
    return theme.id
