"""Every page through AppTest: on an empty study, on the sample, in each seat."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.codebook import read_codebook
from qualcode.model import Member, Seat
from qualcode.store import open_study
from qualcode.transcripts import read_transcript
from qualcode.ui import parts, places

MAIN = Path(__file__).parents[1] / "qualcode" / "ui" / "main.py"
PAGES = (
    "study", "transcripts", "people", "identifiers", "codebook", "rounds", "code", "recode",
    "agreement", "reconcile", "memos", "themes", "explore", "report", "record",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUALCODE_FOLDER", str(tmp_path))
    return tmp_path


def signed_in(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    monkeypatch.setattr("qualcode.ui.who.signed_in", lambda: name)


def app(study: str | None = None, seat: str | None = None) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=120)
    at.session_state["study"] = study
    at.session_state["seat"] = seat
    return at.run()


def sound(at: AppTest) -> None:
    assert [error.stack_trace for error in at.exception] == []
    assert [error.value for error in at.error] == []


@pytest.fixture
def sample(folder: Path, sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    signed_in(monkeypatch, None)
    path = folder / ".sample" / "sample.qualcode"
    path.parent.mkdir()
    path.write_bytes(sample_file.read_bytes())
    return path


@pytest.fixture
def empty_study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    signed_in(monkeypatch, "lea")
    path = folder / "nurses.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        study.add_member(Member("lea", frozenset({"lead"}), "Lea"))
    return path


def test_the_first_screen_offers_two_ways_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, None)
    at = app()
    sound(at)
    assert [button.label for button in at.button] == ["Open the sample study", "See it finished"]
    assert "Start a study" in [heading.value for heading in at.subheader]


def test_the_sample_opens_without_an_account(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, None)
    at = app()
    at.button(key="welcome.sample").click().run()
    sound(at)
    assert at.session_state["study"] == "sample"
    opened = app("sample")
    sound(opened)
    assert opened.title[0].value == "Study"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_study(page: str, empty_study: Path) -> None:
    at = app("nurses")
    at.switch_page(f"pages/{page}.py").run()
    sound(at)
    assert at.title[0].value


@pytest.mark.parametrize("seat", ["ana", "ben", "lea"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_the_sample_in_every_seat(page: str, seat: str, sample: Path) -> None:
    at = app("sample", seat)
    at.switch_page(f"pages/{page}.py").run()
    sound(at)


def test_a_study_of_others_stays_closed(empty_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, "mallory")
    at = app("nurses")
    assert "do not belong" in at.error[0].value
    assert "Nurses" not in str(at)


def test_a_study_needs_a_sign_in(empty_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, None)
    at = app("nurses")
    assert "signed out" in at.error[0].value


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "..", "", "nurses\x00", "sample/../x"]
)
def test_the_address_never_leads_out_of_the_folder(
    name: str, empty_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_study.parent.parent / "secret.qualcode").write_bytes(empty_study.read_bytes())
    at = app(name)
    assert [error.stack_trace for error in at.exception] == []
    assert not at.title


def test_the_seat_switch_is_for_the_sample_only(empty_study: Path, sample: Path) -> None:
    with_switch = app("sample", "ana")
    assert len(with_switch.get("button_group")) == 1
    with pytest.MonkeyPatch.context() as patch:
        signed_in(patch, "lea")
        at = app("nurses", "ana")
    sound(at)
    assert at.get("button_group") == []


def test_a_study_called_sample_in_the_folder_has_no_switch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch hangs on what the file says of itself, not on its name alone."""
    signed_in(monkeypatch, None)
    path = folder / ".sample" / "sample.qualcode"
    path.parent.mkdir()
    with open_study(path, create=True, title="Real") as study:
        study.add_member(Member("lea", frozenset({"lead"})))
    at = app("sample", "lea")
    assert "signed out" in at.error[0].value


def test_the_figures_of_the_sample_are_on_the_page(sample: Path) -> None:
    at = app("sample", "lea")
    at.switch_page("pages/agreement.py").run()
    sound(at)
    assert {metric.label: metric.value for metric in at.metric}["Pooled κ"] == "0.8468"


def test_names_and_titles_are_shown_as_they_stand(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "lea")
    nasty = "![x](http://example.org/a.png) <script>alert(1)</script> :red[no]"
    with open_study(folder / "n.qualcode", create=True, title=nasty) as study:
        study.add_member(Member("lea", frozenset({"lead"}), nasty[:60]))
        study.set_codebook(read_codebook("c.csv", f'code_id,name\nA,"{nasty[:50]}"\n'.encode()))
    for page in PAGES:
        at = app("n")
        at.switch_page(f"pages/{page}.py").run()
        sound(at)
        shown = " ".join(element.value for element in at.markdown)
        assert "![x](" not in shown
        assert "<script>" not in shown.replace("\\<script\\>", "")


def test_facts_about_an_interview_are_typed_where_it_stands(sample: Path) -> None:
    at = app("sample", "lea")
    at.switch_page("pages/transcripts.py").run()
    minutes = next(field for field in at.text_input if field.label == "Minutes")
    minutes.set_value("43")
    next(button for button in at.button if button.label == "Save").click()
    at.run()
    sound(at)
    with open_study(sample) as study:
        assert study.transcript("P01").facts["duration_min"] == "43"
        assert study.transcript("P01").facts["mode"] == "video", "the others stay"
        assert study.check() == []


def test_one_interview_of_the_sample_can_be_coded_anew_and_put_back(sample: Path) -> None:
    at = app("sample", "lea")
    at.button(key="study.practice").click().run()
    with open_study(sample) as study:
        waiting = {study.titles()[t] for _, t in study.codings().open}
    assert waiting == {"P06"}
    code = app("sample", "ana")
    code.switch_page("pages/code.py").run()
    sound(code)
    assert "Submit…" in [button.label for button in code.button]
    seen = app("sample", "ana")
    seen.switch_page("pages/agreement.py").run()
    assert not seen.metric, "who still codes compares nothing"
    back = app("sample", "lea")
    back.button(key="study.practice").click().run()
    with open_study(sample) as study:
        assert not study.codings().open


def test_two_people_of_one_name_are_told_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, "lea")
    with open_study(folder / "n.qualcode", create=True, title="Namesakes") as study:
        study.add_member(Member("lea", frozenset({"lead"}), "Both"))
        study.set_codebook(read_codebook("c.csv", b"code_id,name\nT,Time\nU,Use\n"))
        study.add(read_transcript("P01.txt", b"I: So?\n\nP: Well.\n\nI: And?\n\nP: That is all.\n"))
        for name, display in (("a1", "Both"), ("a2", "An *Other*"), ("a3", "An *Other*")):
            study.add_member(Member(name, frozenset({"coder"}), display))
        for name in ("a1", "a2", "a3"):
            study.seated(Seat(name, frozenset({"coder"}))).submit("P01")
    for page in PAGES:
        at = app("n")
        at.switch_page(f"pages/{page}.py").run()
        sound(at)


def test_an_address_in_a_title_is_no_link() -> None:
    for address in (
        "http://example.org/a.png",
        "https://example.org",
        "www.example.org",
        "a@b.org",
    ):
        shown = parts.plain(f"See {address}")
        assert address not in shown.replace("\\", "")
        assert address in shown.replace("\\", "").replace("\N{WORD JOINER}", "")


def test_a_lost_invitation_is_made_anew(empty_study: Path) -> None:
    with open_study(empty_study) as study:
        study.add_member(Member("ana", frozenset({"coder"}), "Ana"))
    at = app("nurses")
    at.button(key="study.link.ana").click().run()
    sound(at)
    assert "/join?token=" in at.code[0].value
    token = at.code[0].value.split("token=")[1]
    places.accounts().accept_invitation(token, "four plain words here")
    at = app("nurses")
    sound(at)
    assert "study.link.ana" not in [button.key for button in at.button], "she has come"


def test_what_was_typed_stays_when_it_is_refused(sample: Path, empty_study: Path) -> None:
    at = app("sample", "lea")
    at.switch_page("pages/themes.py").run()
    next(area for area in at.text_area if area.label == "Definition").set_value("Long thought over")
    next(button for button in at.button if button.label == "Keep the theme").click().run()
    assert "name" in at.error[0].value
    definition = next(area for area in at.text_area if area.label == "Definition")
    assert definition.value == "Long thought over"

    at = app("nurses")
    next(field for field in at.text_input if field.label == "Sign-in name").set_value("ben ito")
    next(button for button in at.button if button.label == "Add to the study").click().run()
    assert "cannot be a sign" in at.error[0].value
    name = next(field for field in at.text_input if field.label == "Sign-in name")
    assert name.value == "ben ito"


def test_a_code_that_stands_alone_is_not_called_a_theme(empty_study: Path) -> None:
    with open_study(empty_study) as study:
        study.set_codebook(read_codebook("c.csv", b"code_id,name\nA,Trust\n"))
    at = app("nurses")
    at.switch_page("pages/codebook.py").run()
    sound(at)
    shown = " ".join(element.proto.body for element in at.get("html"))
    assert "0 themes, 1 code." in shown
    assert "A theme: it groups codes." not in shown


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [("Minutes", "an hour", "number"), ("Date (2025-03-04)", "31.02.2025", "is not a day")],
)
def test_a_fact_that_no_report_could_read_is_refused(
    label: str, value: str, told: str, sample: Path
) -> None:
    at = app("sample", "lea")
    at.switch_page("pages/transcripts.py").run()
    next(field for field in at.text_input if field.label == label).set_value(value)
    next(button for button in at.button if button.label == "Save").click().run()
    assert told in at.error[0].value
    with open_study(sample) as study:
        assert value not in study.transcript("P01").facts.values()


def test_a_lead_who_codes_sees_of_another_only_what_is_submitted(empty_study: Path) -> None:
    with open_study(empty_study) as study:
        study.add_member(Member("ben", frozenset({"coder"}), "Ben"))
        study.add_member(Member("mia", frozenset({"lead", "coder"}), "Mia"))
        study.add(read_transcript("P01.txt", b"I: So?\n\nP: Well.\n\nI: And?\n\nP: That is all.\n"))
    with pytest.MonkeyPatch.context() as patch:
        signed_in(patch, "mia")
        at = app("nurses")
        at.switch_page("pages/rounds.py").run()
    sound(at)
    (row,) = at.dataframe[0].value.to_dict("records")
    assert row == {
        "Transcript": "P01",
        "Ben": "not submitted",
        "Mia": "not begun",
        "Comparison": "waiting",
    }


def test_the_lead_takes_out_a_name_typed_wrong(empty_study: Path) -> None:
    with open_study(empty_study) as study:
        study.add_member(Member("bne", frozenset({"coder"}), "Ben"))
    at = app("nurses")
    at.button(key="study.remove.bne").click().run()
    sound(at)
    with open_study(empty_study) as study:
        assert [member.name for member in study.members()] == ["lea"]


def test_the_lead_gives_out_a_share_and_plans_a_pilot(empty_study: Path) -> None:
    with open_study(empty_study) as study:
        for name in ("ana", "ben"):
            study.add_member(Member(name, frozenset({"coder"}), name.title()))
        for title in ("P01", "P02", "P03", "P04"):
            study.add(read_transcript(f"{title}.txt", f"I: So?\n\nP: {title} says.\n".encode()))
    at = app("nurses")
    at.switch_page("pages/rounds.py").run()
    at.segmented_control(key="rounds.plan.main.by").set_value("A share").run()
    at.number_input(key="rounds.plan.main.share").set_value(50).run()
    at.number_input(key="rounds.plan.main.seed").set_value(9).run()
    sound(at)
    at.button(key="rounds.plan.main.do").click().run()
    sound(at)
    with open_study(empty_study) as study:
        held = [sum(a.transcript == t for a in study.assignments()) for t in study.titles()]
        assert sorted(held) == [1, 1, 2, 2]
        assert study.history("assign")[0]["details"]["seed"] == 9
    at.text_input[-1].set_value("Pilot 1")
    next(b for b in at.button if b.label == "Plan this round").click().run()
    sound(at)
    with open_study(empty_study) as study:
        assert [(held.name, held.kind) for held in study.rounds()][1:] == [("Pilot 1", "pilot")]


@pytest.mark.parametrize("role", ["author", "steward", "auditor"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_those_who_neither_lead_nor_code(
    page: str, role: str, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_study(sample) as study:
        study.add_member(Member("pam", frozenset({role}), "Pam"))  # type: ignore[arg-type]
        lead = study.seated(Seat("lea", frozenset({"lead"})))
        lead.lock_consensus({place: [] for place in list(lead.titles())[:1]})
    at = app("sample", "pam")
    if page != "study":
        at.switch_page(f"pages/{page}.py").run()
    sound(at)
