"""The server half of the coding surface, without Streamlit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from qualcode.errors import DamagedStudy, QualcodeError, Sealed, SignedOut
from qualcode.memos import Memo
from qualcode.model import Code, Coding, Transcript, Turn
from qualcode.spans import Span
from qualcode.ui.coder.edits import carried_out
from qualcode.ui.coder.session import Exchange

TEXT = "How was it?\nI stay late 😀."
TRANSCRIPT = Transcript(
    title="P01",
    text=TEXT,
    turns=(
        Turn("Interviewer", "interviewer", Span(0, 11)),
        Turn("Ana", "participant", Span(12, 26), at="00:00:10"),
    ),
    id="p01",
)
CODES = (
    Code("T1", "Mentoring", codable=False),
    Code("C1", "Trust", parent="T1", color="#2f6fb0", brief_definition="Relying."),
)


@dataclass
class Applied:
    acknowledged: tuple[str, ...] = ()
    rejected: tuple[dict[str, str], ...] = ()


@dataclass
class Study:
    fails: QualcodeError | None = None
    refused: dict[str, str] = field(default_factory=dict)
    applied: list[tuple[str, list[str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def transcript(self, transcript: str, /) -> Transcript:
        self.asked.append("transcript")
        return TRANSCRIPT

    def codings(self, *, transcript: str, coders: list[str]) -> list[Coding]:
        self.asked.append(f"codings of {coders}")
        span = Span(12, 18)
        return [Coding(transcript, coders[0], "C1", span, "I stay", "why", id="k1", uncertain=True)]

    def proposals(self, transcript: str, /) -> list[dict[str, Any]]:
        return [{"id": "p1", "start": 12, "end": 18, "name": "I stay", "state": "open"}]

    def seen(self, transcript: str, /) -> list[int]:
        return [1]

    def noted(self, transcript: str, /) -> list[Memo]:
        span = Span(12, 18)
        return [
            Memo("Hm", "passage", "", transcript, span, "I stay", id="n1"),
            Memo("Trust", "code", "C1", id="n2"),
            Memo("All", "transcript", "", transcript, id="n3"),
        ]

    def apply(self, transcript: str, operations: list[dict[str, Any]], /) -> Applied:
        if self.fails:
            raise self.fails
        ids = [operation["op_id"] for operation in operations]
        self.applied.append((transcript, ids))
        return Applied(
            tuple(op_id for op_id in ids if op_id not in self.refused),
            tuple({"op_id": o, "reason": self.refused[o]} for o in ids if o in self.refused),
        )

    @contextmanager
    def open(self) -> Iterator[Study]:
        yield self


@pytest.fixture
def study() -> Study:
    return Study()


@pytest.fixture
def exchange(study: Study) -> Exchange:
    exchange = Exchange()
    exchange.turn_to("p01")
    return exchange


def answer(exchange: Exchange, study: Study, **options: Any) -> dict[str, Any]:
    return exchange.answer(study.open, coder="ana", edits="/edits", codes=CODES, **options)


def sent(*op_ids: str) -> dict[str, Any]:
    ops = [{"op_id": op_id, "op": "remove", "id": "k1"} for op_id in op_ids]
    return {"transcript": "p01", "sha": TRANSCRIPT.sha256, "ops": ops}


def test_a_run_of_the_page_brings_text_turns_and_codings(exchange: Exchange, study: Study) -> None:
    data = answer(exchange, study)
    assert data["doc"]["text"] == TEXT
    assert data["doc"]["turns"][1] == {
        "start": 12,
        "end": 26,
        "speaker": "Ana",
        "role": "participant",
        "at": "00:00:10",
    }
    assert data["doc"]["seen"] == [1]
    assert data["notes"] == [
        {"id": "n1", "about": "passage", "text": "Hm", "start": 12, "end": 18},
        {"id": "n2", "about": "code", "text": "Trust", "code": "C1"},
        {"id": "n3", "about": "transcript", "text": "All"},
    ]
    assert data["codings"] == [
        {
            "id": "k1",
            "start": 12,
            "end": 18,
            "code": "C1",
            "memo": "why",
            "uncertain": True,
            "search": "",
        }
    ]
    assert data["codes"][1]["path"] == "Mentoring"
    assert study.asked == ["codings of ['ana']", "transcript"], "nobody else's codings are read"


def test_a_list_of_codings_is_stamped_with_a_time_before_it_was_read(
    exchange: Exchange, study: Study
) -> None:
    """An edit that was kept meanwhile is then known to be missing from it."""
    before = answer(exchange, study)["as_of"]
    kept = carried_out(study.open, sent("o1"))["kept"]
    assert "as_of" not in answer(exchange, study)
    exchange.asked({"text": False})
    after = answer(exchange, study)["as_of"]
    assert before["run"] == kept["run"] == after["run"]
    assert before["at"] < kept["at"] < after["at"]


# -- edits ---------------------------------------------------------------------------------------


def test_an_edit_is_answered_with_its_id_and_nothing_heavy(study: Study) -> None:
    told = carried_out(study.open, sent("o1", "o2"))
    assert study.applied == [("p01", ["o1", "o2"])]
    assert told.pop("kept")
    assert told == {"ack": ["o1", "o2"], "rejected": [], "trouble": "", "stale": False}
    assert study.asked == []


def test_a_refusal_comes_back_with_its_reason_and_says_that_the_codings_may_be_old(
    study: Study,
) -> None:
    study.refused["o2"] = "No such code."
    told = carried_out(study.open, sent("o1", "o2"))
    assert told["ack"] == ["o1"]
    assert told["rejected"] == [{"op_id": "o2", "reason": "No such code."}]
    assert told["stale"] is True


def test_a_refusal_of_what_was_read_does_not_bring_the_codings_anew(study: Study) -> None:
    study.refused = {"o1": "Not known here."}
    operation = {"op_id": "o1", "op": "seen", "turns": [1]}
    told = carried_out(study.open, {"transcript": "p01", "ops": [operation]})
    assert told["rejected"] == [{"op_id": "o1", "reason": "Not known here."}]
    assert told["stale"] is False


def test_a_sealed_transcript_refuses_every_edit(study: Study) -> None:
    study.fails = Sealed("You have submitted P01.")
    refused = carried_out(study.open, sent("o1", "o2"))["rejected"]
    assert [one["op_id"] for one in refused] == ["o1", "o2"]
    assert refused[0]["reason"] == "You have submitted P01."


@pytest.mark.parametrize(
    "error",
    [DamagedStudy("The disk is full; make room."), SignedOut("You are signed out; sign in.")],
)
def test_a_study_that_cannot_be_written_keeps_the_edits_waiting(
    study: Study, error: QualcodeError
) -> None:
    study.fails = error
    told = carried_out(study.open, sent("o1"))
    assert (told["ack"], told["rejected"], told["trouble"]) == ([], [], str(error))
    study.fails = None
    told = carried_out(study.open, sent("o1"))
    assert (told["ack"], told["trouble"]) == (["o1"], "")


@pytest.mark.parametrize(
    "payload",
    [
        None, [], "ops", 3, {}, {"ops": None}, {"ops": "o1"},
        {"ops": [1, {"op": "add"}, {"op_id": 3}]},
    ],
)  # fmt: skip
def test_what_is_not_an_edit_is_not_passed_on(study: Study, payload: object) -> None:
    told = carried_out(study.open, payload)
    assert (told["ack"], told["rejected"], told["trouble"]) == ([], [], "")
    assert study.applied == []


# -- what is asked for ---------------------------------------------------------------------------


def test_the_browser_gets_what_it_asks_for(exchange: Exchange, study: Study) -> None:
    answer(exchange, study)
    exchange.asked({"text": False})
    data = answer(exchange, study)
    assert "codings" in data
    assert "text" not in data["doc"]
    exchange.asked({"text": True})
    assert "text" in answer(exchange, study)["doc"]


def test_two_answers_are_never_equal(exchange: Exchange, study: Study) -> None:
    """Streamlit does not deliver data that is equal to the last."""
    assert answer(exchange, study) != answer(exchange, study)


def test_a_closed_transcript_says_why(exchange: Exchange, study: Study) -> None:
    data = answer(exchange, study, readonly_reason="You submitted it on 3 May.")
    assert (data["readonly"], data["readonly_reason"]) == (True, "You submitted it on 3 May.")


def test_codes_that_stand_under_one_another_do_not_hang_the_page(
    exchange: Exchange, study: Study
) -> None:
    loop = (Code("A", "A", parent="B"), Code("B", "B", parent="A"))
    data = exchange.answer(study.open, coder="ana", edits="/edits", codes=loop)
    assert [card["path"] for card in data["codes"]] == ["B", "A"]
