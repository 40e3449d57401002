"""The page Explore: every room in every seat, what each shows, and the way to files."""

# ruff: noqa: F811

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from qualcode.model import Participant
from qualcode.reports.across import KINDS
from qualcode.store import open_study
from qualcode.store.framework import Summary
from qualcode.ui import explore_files, explore_view

from .conftest import ANA, BEN, LEA, coded
from .hostile_study import hostile_study
from .test_pages import app, empty_study, folder, sample, signed_in, sound  # noqa: F401

ROOMS = ("Passages", "By group", "Codes together", "Matrix", "Words", "Saturation")
MARKUP = '<img src=x onerror="alert(1)"> **bold** [link](https://example.org) $x$ :red[y]'


@pytest.fixture
def kept(
    folder: Path,
    finished_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    signed_in(monkeypatch, None)
    path = folder / ".sample" / "sample-finished.qualcode"
    path.parent.mkdir()
    path.write_bytes(finished_file.read_bytes())
    return path


def explore(seat: str = "lea", study: str = "sample-finished", room: str = "") -> AppTest:
    at = app(study, seat)
    at.switch_page("pages/explore.py").run()
    sound(at)
    if room:
        at.segmented_control(key="explore.room").set_value(room).run()
        sound(at)
    return at


def shown(at: AppTest) -> str:
    """Everything that the page says."""
    said = [m.value for m in at.markdown] + [h.value for h in at.subheader]
    said += [str(element.proto.body) for element in at.get("html")]
    return "\n".join(said)


def rows(at: AppTest) -> list[dict[str, object]]:
    return at.dataframe[0].value.to_dict("records")


@pytest.mark.parametrize("seat", ["ana", "ben", "lea"])
@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_in_every_seat(kept: Path, room: str, seat: str) -> None:
    explore(seat, room=room)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_before_anything_is_settled(sample: Path, room: str) -> None:
    at = explore("lea", "sample", room)
    at.selectbox(key="explore.layer").set_value("ana").run()
    sound(at)
    at.selectbox(key="explore.layer").set_value("words").run()
    sound(at)


def test_an_empty_study_says_what_is_missing(empty_study: Path) -> None:
    at = explore("lea", "nurses")
    assert "no interview to look across yet" in shown(at)


def test_a_typed_query_finds_passages_and_a_mistake_is_told_with_its_place(kept: Path) -> None:
    at = explore()
    at.segmented_control(key="explore.how").set_value("Type a query").run()
    query = at.text_input(key="explore.query")
    query.set_value('code:"Protected time" AND group:managerial AND clinic NEAR/10 time').run()
    sound(at)
    assert "1 passage of 1 of 6 participants" in shown(at)
    assert "P04, turn 20" in shown(at)
    assert '<mark class="ui-a">clinic</mark>' in shown(at)
    query = at.text_input(key="explore.query")
    query.set_value('code:"Protected tme"').run()
    assert "At character 6" in at.error[0].value
    assert "did you mean “Protected time”?" in at.error[0].value
    assert at.code[0].value == 'code:⟦"⟧Protected tme"'


def test_a_query_is_put_together_from_boxes_and_shown_as_it_would_be_typed(kept: Path) -> None:
    at = explore()
    at.selectbox(key="explore.value.0.code").set_value("MEN-10").run()
    assert "5 passages of 5 of 6 participants" in shown(at)
    at.button(key="explore.more").click().run()
    at.selectbox(key="explore.join.1").set_value("NOT").run()
    (group,) = [
        value
        for value in at.selectbox(key="explore.about.1").options
        if value.casefold() == "group"
    ]
    at.selectbox(key="explore.about.1").select(group).run()
    value = next(b for b in at.selectbox if str(b.key).startswith("explore.value.1."))
    value.set_value("clinical").run()
    sound(at)
    assert "2 passages of 2 of 6 participants" in shown(at)
    assert at.code[0].value == "code:MEN-10 AND (NOT group:clinical)"
    at.selectbox(key="explore.join.1").set_value("NEAR").run()
    assert "near joins words, codes and themes" in at.error[0].value.casefold()


def test_a_box_of_words_takes_a_beginning_and_nearness(kept: Path) -> None:
    at = explore()
    at.selectbox(key="explore.about.0").select("Words").run()
    at.text_input(key="explore.value.0.words").set_value("clinic*").run()
    at.button(key="explore.more").click().run()
    at.selectbox(key="explore.join.1").set_value("NEAR").run()
    at.selectbox(key="explore.about.1").select("Words").run()
    at.text_input(key="explore.value.1.words").set_value("time").run()
    sound(at)
    assert at.code[0].value == "clinic* NEAR/10 time"
    assert "of 6 participants" in shown(at)


def test_the_table_by_group_says_n_of_n(kept: Path) -> None:
    at = explore(room="By group")
    at.segmented_control(key="explore.groups.what").set_value("code").run()
    sound(at)
    found = {row["Code"]: row for row in rows(at)}
    assert found["Protected time"] == {
        "Code": "Protected time", "clinical (N = 3)": "3 of 3", "managerial (N = 3)": "2 of 3",
        "All (N = 6)": "5 of 6",
    }  # fmt: skip
    assert "Peer and two-way mentoring" not in found


def test_who_has_no_value_stands_in_a_column(kept: Path) -> None:
    with open_study(kept) as study:
        study.add(Participant("P06", {"role": "quality lead"}, quote_consent="id_only"))
    at = explore(room="By group")
    assert "missing (N = 1)" in rows(at)[0]


def test_without_attributes_the_page_leads_to_the_people(kept: Path) -> None:
    with open_study(kept) as study:
        study.set_attributes()
        for person in study.participants():
            if person.status != "withdrew":
                study.add(Participant(person.id, quote_consent=person.quote_consent))
        for title in study.titles().values():
            study.set_facts(title, dict.fromkeys(study.transcript(title).facts, ""))
    at = explore(room="By group")
    assert "Nothing is known yet" in shown(at)
    for room in ("Words", "Saturation", "Passages"):
        explore(room=room)


def test_codes_that_meet_stand_with_their_numbers(kept: Path) -> None:
    at = explore(room="Codes together")
    assert {
        "Code": "Protected time", "Meets": "Leadership endorsement", "Passages": 1,
        "Participants": 1, "Jaccard": pytest.approx(1 / 7),
    } in rows(at)  # fmt: skip


def test_the_matrix_shows_what_was_written(kept: Path) -> None:
    with open_study(kept) as study:
        theme = study.themes()[2]
        study.keep_summary(Summary("P01", "theme", theme.id, f"Works at night. {MARKUP}"))
    at = explore(room="Matrix")
    assert str(rows(at)[0][theme.name]).startswith("Works at night.")
    assert rows(at)[1][theme.name] == "2 passages"
    at.segmented_control(key="explore.matrix.by").set_value("interview").run()
    at.segmented_control(key="explore.matrix.kind").set_value("code").run()
    sound(at)
    assert "Interview" in rows(at)[0]
    at.segmented_control(key="explore.matrix.look").set_value("Heat map").run()
    sound(at)
    assert not at.dataframe
    assert "Passages behind each cell" in str(at.get("vega_lite_chart")[0].proto)


def test_words_are_base_forms_or_as_they_were_said(kept: Path) -> None:
    at = explore(room="Words")
    base = {row["Word"]: row["Count"] for row in rows(at)}
    at.segmented_control(key="explore.words.how").set_value("As said").run()
    sound(at)
    said = {row["Word"]: row["Count"] for row in rows(at)}
    assert base["mentor"] == 33
    assert said["mentor"] < base["mentor"]
    at.selectbox(key="explore.words.by").select("group").run()
    key = next(b for b in at.selectbox if str(b.key).startswith("explore.words.key"))
    key.set_value("managerial").run()
    sound(at)
    assert {"clinical", "managerial", "Keyness"} <= set(rows(at)[0])
    at.text_input(key="explore.words.wanted").set_value("zzz").run()
    assert "No word is like this" in shown(at)


def test_saturation_says_everything_it_hangs_on(kept: Path) -> None:
    at = explore(room="Saturation")
    plain = shown(at).replace("\\", "")
    assert "interviews 5 to 6 added 1 (4.5 %): “4+2 at 5 %” is reached at interview 6" in plain
    assert "Chao2 estimates 23.0" in plain
    assert "shows when each was first used" in plain
    assert [row["Codes so far"] for row in rows(at)] == [12, 18, 22, 22, 23, 23]
    at.number_input(key="explore.saturation.threshold").set_value(0.0).run()
    assert "“4+2 at 0 %” is not reached in 6 interviews" in shown(at).replace("\\", "")
    at.selectbox(key="explore.saturation.by").select("group").run()
    sound(at)
    assert "managerial (3 interviews)" in shown(at).replace("\\", "")
    at.selectbox(key="explore.saturation.order").set_value("as I say").run()
    at.text_area(key="explore.saturation.titles").set_value("P01\nP02").run()
    assert "is not in the order" in at.error[0].value


def test_the_judgement_is_the_field_of_coreq_22(kept: Path) -> None:
    at = explore(room="Saturation")
    area = next(a for a in at.text_area if "conclude about saturation" in a.label)
    area.set_value("Six were enough for what we claim.")
    next(b for b in at.button if b.label == "Keep it for COREQ 22").click().run()
    sound(at)
    with open_study(kept) as study:
        assert study.setting("saturation.position") == "Six were enough for what we claim."
    assert not [b for b in explore("ana", room="Saturation").button if "COREQ" in b.label]


def test_a_reflexive_study_is_asked_for_its_reasons_first(kept: Path) -> None:
    with open_study(kept) as study:
        study.settings.change({"approach": "reflexive"})
    at = explore(room="Saturation")
    assert "saturation is no criterion" in shown(at)
    assert not at.dataframe
    at.toggle(key="explore.saturation.all_the_same").set_value(True).run()
    sound(at)
    assert at.dataframe


# -- what is closed stays closed ---------------------------------------------------------------


def test_a_coder_at_work_sees_their_own_codings_alone(
    two_coders: object,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = two_coders
    coded(study, ANA, "P01", 13, 34, "C1")  # type: ignore[arg-type]
    coded(study, BEN, "P01", 13, 34, "C3")  # type: ignore[arg-type]
    study.close()  # type: ignore[attr-defined]
    assert study.path.parent == folder  # type: ignore[attr-defined]
    signed_in(monkeypatch, "ana")
    at = explore("ana", "nurses")
    assert at.selectbox(key="explore.layer").options == [
        "My own codings", "Words alone, no codings",
    ]  # fmt: skip
    at.segmented_control(key="explore.how").set_value("Type a query").run()
    at.text_input(key="explore.query").set_value("code:*").run()
    sound(at)
    assert "Trust" in shown(at)
    assert "Staying late" not in shown(at)
    signed_in(monkeypatch, "lea")
    at = explore("lea", "nurses")
    assert at.selectbox(key="explore.layer").options == ["Words alone, no codings"]


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_that_people_typed_becomes_markup(
    room: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = folder / "nurses.qualcode"
    hostile_study(path, MARKUP)
    signed_in(monkeypatch, "lea")
    at = explore("lea", "nurses", room)
    for element in at.get("html"):
        assert "<img" not in str(element.proto.body)
        assert "<script" not in str(element.proto.body)
    for element in at.markdown:
        assert not re.search(r"(?<!\\)<(img|script)", element.value)


# -- out of the page ---------------------------------------------------------------------------


def made(path: Path, kind: str):  # type: ignore[no-untyped-def]
    """The report of a room, as the page makes it."""
    from datetime import date

    from qualcode.model import Attribute
    from qualcode.queries import (
        by_date,
        codes_of,
        cooccurrence,
        frequencies,
        matrix,
        retrieve,
        saturation,
        spread,
    )
    from qualcode.reports import across

    with open_study(path) as study:
        corpus, layer = across.corpus_of(study)
        view = across.View(corpus, layer, study.title, "Consensus", "1.0", date(2025, 4, 1))
        written = {(s.participant, s.transcript, s.target): s for s in study.summaries()}
    spoken, told = explore_view.spoken_words(corpus, lemmas=False)
    order = by_date(corpus)
    titles = [text.title for text in order]
    return {
        "across-passages": lambda: across.passages_report(view, retrieve(corpus, "time")),
        "across-groups": lambda: across.spread_report(
            view, spread(corpus, Attribute("group"), corpus.theme_groups), "theme"
        ),
        "across-codes": lambda: across.cooccurrence_report(view, cooccurrence(corpus)),
        "across-matrix": lambda: across.matrix_report(
            view, matrix(corpus, corpus.theme_groups), written
        ),
        "across-words": lambda: across.words_report(view, frequencies(spoken), told),
        "across-saturation": lambda: across.saturation_report(
            view, saturation(codes_of(corpus, order)), titles, "interview date"
        ),
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_leaves_through_the_register(kept: Path, kind: str) -> None:
    report = made(kept, kind)
    for ending in explore_files.TABLES:
        content = explore_files._table(kept, LEA, report, ending)
        assert len(content) > 100
    for ending in explore_files.PICTURES:
        content = explore_files._picture(kept, LEA, report, ending)
        assert content == explore_files._picture(kept, LEA, report, ending), "the same bytes"
        assert content.startswith(b"\x89PNG" if ending == "png" else b"<?xml")
        if ending == "svg":
            assert b"<script" not in content
            assert b"<text" not in content
    with open_study(kept) as study:
        left = [export for export in study.exports() if export.kind == kind]
        assert [e.format for e in left][:4] == list(explore_files.TABLES)
        assert len(left) == len(explore_files.TABLES) + 2 * len(explore_files.PICTURES)
        assert all(not e.final and "P04" in e.participants for e in left)
        assert study.check() == []


def test_words_of_who_refused_do_not_leave_and_formulas_are_disarmed(kept: Path) -> None:
    with open_study(kept) as study:
        (said,) = [t for t in study.transcripts() if t.participant == "P04"]
        theme = study.themes()[0]
        study.keep_summary(Summary("P01", "theme", theme.id, "=HYPERLINK(1)"))
    content = explore_files._table(kept, LEA, made(kept, "across-passages"), "csv").decode()
    assert "P04" in content
    for turn in said.participant_turns:
        assert " ".join(said.text[turn.span.slice].split())[:40] not in content
    csv = explore_files._table(kept, LEA, made(kept, "across-matrix"), "csv").decode()
    assert ",=HYPERLINK" not in csv
    path = kept.with_suffix(".xlsx")
    path.write_bytes(explore_files._table(kept, LEA, made(kept, "across-matrix"), "xlsx"))
    for sheet in openpyxl.load_workbook(path):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
