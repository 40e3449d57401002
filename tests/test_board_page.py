"""The rooms Board and Map of the page Themes, and the server half of the board."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from qualcode.model import Seat, Theme, ThemeCandidate
from qualcode.reports.facts import gather
from qualcode.reports.findings import findings
from qualcode.store import Study, open_study
from qualcode.store.theme_acts import SHARED_CODES
from qualcode.ui.board.cards import Cards, cards_of
from qualcode.ui.board.session import AFTER_A_REFUSAL, Exchange
from qualcode.ui.board.undoing import Step, Undoing

from .conftest import LEA
from .hostile_study import hostile_study
from .test_pages import folder, signed_in, sound  # noqa: F401
from .test_themes_page import MARKUP, kept, room, said, themes  # noqa: F401

CODE = "MEN-01"


# -- in the app --------------------------------------------------------------------------------


def data(at: AppTest) -> dict[str, Any]:
    """What the board was told last."""
    told: dict[str, Any] = json.loads(at.get_by_key("themes.board").proto.json)
    return told


def fire(at: AppTest, event: str, payload: dict[str, Any]) -> AppTest:
    """What the browser sends, by Streamlit's private way."""
    element = at.get_by_key("themes.board")
    states = at._tree.get_widget_states()
    states.widgets.append(
        WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{element.proto.id}__events",
            json_trigger_value=json.dumps([{"event": event, "value": payload}]),
        )
    )
    at._run(states)
    sound(at)
    return at


def place(op_id: str, source: str, target: str, **seen: int) -> dict[str, Any]:
    return {
        "op_id": op_id, "op": "place", "code": CODE, "source": source, "target": target,
        "beside": False, "seen": seen,
    }  # fmt: skip


def test_a_code_dropped_on_a_theme_is_kept_and_taken_back(kept: Path) -> None:  # noqa: F811
    at = room(themes(), "Board")
    told = data(at)
    first, second = told["themes"][:2]
    assert CODE in first["codes"]
    assert told["people"] == 6
    assert not told["readonly"]
    seen = {first["id"]: 1, second["id"]: 1}
    at = fire(at, "ops", {"ops": [place("one", first["id"], second["id"], **seen)]})
    told = data(at)
    assert (told["ack"], told["rejected"], told["trouble"]) == (["one"], [], "")
    assert CODE in told["themes"][1]["codes"]
    assert told["undo"].endswith("was moved")
    at = fire(at, "ops", {"ops": [{"op_id": "two", "op": "undo"}]})
    assert CODE in data(at)["themes"][0]["codes"]
    assert data(at)["said"].startswith("Taken back:")
    with open_study(kept) as study:
        assert [theme.version for theme in study.themes()][:2] == [3, 3]
        assert study.check() == []


def test_the_windows_open_with_what_the_theme_holds(kept: Path) -> None:  # noqa: F811
    """What they do is seen in the browser: there a press in a window runs the window alone."""
    at = room(themes(), "Board")
    theme, other = data(at)["themes"][:2]
    at = fire(at, "wish", {"what": "merge", "theme": theme["id"]})
    assert other["name"] in at.selectbox[-1].options
    assert theme["name"] not in at.selectbox[-1].options
    at = fire(at, "wish", {"what": "split", "theme": theme["id"]})
    shown = {choice.label: choice.options for choice in at.multiselect}
    assert len(shown["Codes"]) == len(theme["codes"])
    assert len(shown["Claims"]) == theme["claims"]
    assert len(shown["Divergent cases"]) == theme["divergent"]
    at = fire(at, "wish", {"what": "drop", "theme": theme["id"]})
    assert at.text_input[-1].label == "Reason"
    for nothing in ({"what": "drop", "theme": "gone"}, {"what": "burn", "theme": theme["id"]}):
        at = fire(at, "wish", nothing)
        assert not at.text_input
    with open_study(kept) as study:
        study.seated(LEA).drop_theme(theme["id"], reason="Too thin")
    at = room(themes(), "Board")
    at.button(key="board.dropped").click().run()
    assert "Too thin" in said(at)


def test_the_board_leads_to_the_page_of_a_theme(kept: Path) -> None:  # noqa: F811
    at = room(themes(), "Board")
    theme = data(at)["themes"][2]
    at = fire(at, "wish", {"what": "open", "theme": theme["id"]})
    assert {metric.label for metric in at.metric} >= {"Participants", "Passages"}
    assert at.subheader[0].value == theme["name"]


def test_the_lead_says_whether_a_code_may_stand_in_several_themes(
    kept: Path,  # noqa: F811
) -> None:
    at = room(themes(), "Board")
    assert not data(at)["shared"]
    next(t for t in at.toggle if "several themes" in t.label).set_value(True).run()
    sound(at)
    assert data(at)["shared"]
    with open_study(kept) as study:
        assert study.setting(SHARED_CODES) == "yes"


def test_a_coder_reads_the_board_and_changes_nothing(kept: Path) -> None:  # noqa: F811
    at = room(themes("ana"), "Board")
    told = data(at)
    assert told["readonly"]
    assert not at.toggle
    first, second = (theme["id"] for theme in told["themes"][:2])
    at = fire(at, "ops", {"ops": [place("one", first, second)]})
    assert "lead" in data(at)["rejected"][0]["reason"]
    at = fire(at, "wish", {"what": "drop", "theme": first})
    assert not at.text_input
    with open_study(kept) as study:
        assert all(theme.version == 1 for theme in study.themes())


def test_without_a_theme_there_is_a_board_to_begin_on(
    folder: Path,  # noqa: F811
    sample_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, None)
    path = folder / ".sample" / "sample.qualcode"
    path.parent.mkdir()
    path.write_bytes(sample_file.read_bytes())
    at = room(themes(study="sample"), "Board")
    told = data(at)
    assert told["themes"] == []
    assert len(told["codes"]) > 20
    new = {"op_id": "one", "op": "new", "id": "a" * 32, "name": "Time is given by rank"}
    at = fire(at, "ops", {"ops": [{**new, "parent": ""}, place("two", "", "a" * 32)]})
    assert data(at)["themes"][0]["codes"] == [CODE]


def board_with_a_candidate() -> None:
    """A page of its own: the board, handed a candidate of the first words of two interviews."""
    from qualcode.model import ThemeCandidate
    from qualcode.reports.facts import gather
    from qualcode.reports.findings import findings
    from qualcode.ui import state, theme_board

    with state.current_study() as study:
        facts = gather(study)
        passages = tuple((t.id, t.participant_turns[0].span) for t in facts.transcripts[:2])
        candidate = ThemeCandidate(
            2, "trust, time", (("trust", 1.0),), passages, passages, ("P01", "P02"),
            (("MEN-01", 0.5), ("gone", 0.4)), 0.9,
        )  # fmt: skip
        theme_board.room(study, facts, findings(facts, every=True), [candidate])


def test_a_candidate_dropped_on_a_theme_asks_which_codes_go_with_it(
    kept: Path,  # noqa: F811
) -> None:
    at = AppTest.from_function(board_with_a_candidate, default_timeout=120)
    at.session_state["study"] = "sample-finished"
    at.session_state["seat"] = "lea"
    at.run()
    sound(at)
    assert data(at)["candidates"][0]["label"] == "trust, time"
    theme = data(at)["themes"][1]
    at = fire(at, "wish", {"what": "candidate", "candidate": 2, "theme": theme["id"]})
    (codes,) = at.multiselect
    assert [option.split(" (")[1] for option in codes.options] == ["50%)"]
    assert codes.value == [], "it stands in another theme, and is not taken from it unasked"
    assert "(P01)" in said(at)
    at.session_state["seat"] = "ana"
    at.run()
    assert data(at)["candidates"] == [], "who may not take one in is not shown any"


def test_the_map_is_shown_and_taken_as_a_file(kept: Path) -> None:  # noqa: F811
    at = room(themes(), "Map")
    shown = next(e.proto.body for e in at.get("html") if "ui-map" in e.proto.body)
    assert 'src="data:image/svg+xml;base64,' in shown
    assert "Map of 5 themes and 24 codes" in shown
    from qualcode.ui.theme_map import _file

    for ending, begins in (("svg", b"<svg "), ("png", b"\x89PNG")):
        assert _file(kept, LEA, ending, True).startswith(begins)  # type: ignore[arg-type]
    with open_study(kept) as study:
        assert [(e.kind, e.format, e.final) for e in study.exports()][-2:] == [
            ("theme-map", "svg", False),
            ("theme-map", "png", False),
        ]
        assert len(study.exports()[-1].participants) == 6
        assert study.exports()[-1].name.startswith("DRAFT_theme-map_")


def test_markup_in_names_stays_words_on_the_board_and_the_map(
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, "lea")
    hostile_study(folder / "nurses.qualcode", MARKUP)
    at = room(themes("lea", "nurses"), "Board")
    theme = data(at)["themes"][0]
    for what in ("merge", "split", "drop"):
        at = fire(at, "wish", {"what": what, "theme": theme["id"]})
        assert re.search(r"(?<!\\)<img src=x", said(at)) is None
    at = room(themes("lea", "nurses"), "Map")
    assert "<img src=x" not in said(at)


# -- the server half ---------------------------------------------------------------------------


class Desk:
    """A person at the board of a study, without a browser."""

    def __init__(self, study: Study, seat: Seat = LEA) -> None:
        self.study = study.seated(seat)
        self.told = Exchange()
        facts = gather(study)
        self.cards = cards_of(facts, findings(facts, every=True).participants)
        self.number = 0

    def do(self, *acts: dict[str, Any]) -> dict[str, Any]:
        @contextmanager
        def opened() -> Any:
            yield self.study

        sent = []
        for act in acts:
            self.number += 1
            sent.append({"op_id": f"{id(self)}-{self.number}", **act})
        self.told.take(opened, {"ops": sent})
        return self.told.answer(self.study, self.cards, readonly=False)

    def undo(self) -> dict[str, Any]:
        return self.do({"op": "undo"})


def stand(study: Study) -> list[tuple[str, str, set[str], str]]:
    return [(theme.id, theme.name, set(theme.codes), theme.parent) for theme in study.themes()]


def test_all_kinds_of_acts_are_taken_back_in_turn(finished: Study) -> None:
    desk = Desk(finished)
    before = stand(finished)
    first, second, third = (theme.id for theme in finished.themes()[:3])
    desk.do(place("", first, second) | {"op_id": "a"})
    desk.do({"op": "rename", "theme": second, "name": "Another name for this one", "seen": {}})
    desk.do({"op": "order", "theme": third, "parent": first, "before": "", "seen": {}})
    desk.do({"op": "order", "theme": second, "parent": None, "before": first, "seen": {}})
    desk.do({"op": "new", "id": "b" * 32, "name": "Made on the board", "parent": second})
    assert len(finished.themes()) == 6
    assert finished.themes()[0].id == second
    said = [desk.undo()["said"] for _ in range(5)]
    assert all(words.startswith("Taken back: “") for words in said)
    assert stand(finished) == before
    assert desk.undo()["rejected"][0]["reason"] == "There is nothing to take back."
    assert finished.check() == []


def test_what_another_changed_since_is_not_taken_back(finished: Study) -> None:
    desk, other = Desk(finished), finished.seated(Seat("max", LEA.roles))
    first, second = (theme.id for theme in finished.themes()[:2])
    desk.do(place("a", first, second))
    other.put_back_themes({second: 1})
    desk.do(place("b", first, second))
    assert CODE not in finished.themes()[0].codes
    answer = desk.undo()
    assert "was changed since; take it back by hand" in answer["rejected"][0]["reason"]
    assert answer["undo"] == ""


def test_after_a_refusal_nothing_that_followed_is_done(finished: Study) -> None:
    desk = Desk(finished)
    first, second, third = (theme.id for theme in finished.themes()[:3])
    lead = finished.seated(LEA)
    lead.place_code("MEN-02", source=first, target=third)
    answer = desk.do(
        place("a", first, second, **{first: 1, second: 1}),
        {"op": "rename", "theme": second, "name": "Never kept under this name", "seen": {}},
    )
    reasons = [one["reason"] for one in answer["rejected"]]
    assert "was changed in the meantime by lea" in reasons[0]
    assert reasons[1] == AFTER_A_REFUSAL
    assert answer["ack"] == []
    assert finished.themes()[1].version == 1


def test_an_act_sent_twice_is_done_once(finished: Study) -> None:
    desk = Desk(finished)
    first, second = (theme.id for theme in finished.themes()[:2])
    for _ in range(2):
        answer = desk.do(place("once", first, second))
    assert (answer["ack"], answer["rejected"]) == (["once"], [])
    assert finished.themes()[0].version == 2


@pytest.mark.parametrize(
    "act",
    [
        {"op": "erase"},
        {"op": "place", "code": 7, "source": "", "target": ""},
        {"op": "rename", "theme": ["x"], "name": "y"},
        {"op": "new", "id": "../x", "name": "A name that says something", "parent": ""},
        {"op": "order", "theme": "x", "parent": {}, "before": ""},
    ],
)
def test_nonsense_from_the_browser_is_told_in_a_sentence(
    finished: Study, act: dict[str, Any]
) -> None:
    before = stand(finished)
    assert "load it again" in Desk(finished).do(act)["rejected"][0]["reason"]
    assert stand(finished) == before


def test_a_theme_of_passages_alone_and_a_candidate_have_their_counts(finished: Study) -> None:
    text = finished.transcripts()[0]
    span = text.participant_turns[0].span
    finished.seated(LEA).add_theme(
        Theme("Passages without a code speak too", excerpts=((text.id, span),), id="own")
    )
    candidate = ThemeCandidate(
        3,
        "trust, time",
        (("trust", 1.0),),
        ((text.id, span),),
        ((text.id, span),),
        ("P01",),
        (),
        0.9,
    )
    facts = gather(finished)
    cards: Cards = cards_of(facts, ("P01", "P02"), [candidate])
    assert cards.excerpts["own"] == ([0], [cards.excerpts["own"][1][0]])
    assert cards.candidates == ({"number": 3, "label": "trust, time", "people": 1, "passages": 1},)
    code = next(code for code in cards.codes if code["id"] == CODE)
    assert code["codings"] >= len(code["places"]) > 0
    assert code["groups"], "its group of the codebook"


def test_undo_of_a_candidate_taken_in_opens_the_candidate_again(finished: Study) -> None:
    lead = finished.seated(LEA)
    run = lead.keep_run("candidates", {"seed": 1}, found=3, versions={"qualcode": "0"})
    theme, *_ = before = lead.themes()
    text = finished.transcripts()[0]
    place = (text.id, text.participant_turns[3].span)
    assert place not in theme.excerpts
    lead.take_into_theme(theme.id, [place], codes=[], seen={theme.id: theme.version})
    lead.take_suggestion(run.id, 2, theme.id)
    after = next(one for one in lead.themes() if one.id == theme.id)
    undoing = Undoing()
    undoing.did(
        Step(
            "versions",
            "candidate 2 was taken in",
            theme.id,
            then={theme.id: theme.version},
            now={theme.id: after.version},
            passages=((place[0], place[1].start, place[1].end),),
            suggestion=(run.id, 2),
        )
    )
    assert len(lead.machine_help().answers) == 1
    assert undoing.undo(lead) == "candidate 2 was taken in"
    assert lead.machine_help().answers == ()
    assert [one.excerpts for one in lead.themes()] == [one.excerpts for one in before]
    assert lead.check() == []
