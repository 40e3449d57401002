"""The request by which a coder's edits come into the study, as browsers send it, and others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qualcode.codebook import Codebook
from qualcode.model import Member, Seat, new_id
from qualcode.sample import build_sample
from qualcode.store import open_study
from qualcode.ui import places
from qualcode.ui.coder.edits import EDITS
from qualcode.ui.server import edits
from qualcode.ui.server.cookies import SESSION
from tests.conftest import ANA, BEN, CODES, LEA, interview
from tests.test_server import OWN, PASSWORD, app, browser

__all__ = ["app", "browser"]

NURSES = f"{EDITS}?study=nurses&seat="


@pytest.fixture
def nurses(browser: TestClient) -> Path:
    """A study of Lea's with one interview, which Ana and Ben code; all have accounts."""
    for name in ("lea", "ana", "ben", "zoe"):
        places.accounts().add_user(name, PASSWORD)
    path = places.studies_folder() / "nurses.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles, seat.name.title()))
        study.set_codebook(Codebook(CODES))
        study.add(interview("P01"))
    return path


def signed_in(browser: TestClient, name: str) -> None:
    browser.cookies.set(SESSION, places.accounts().sign_in(name, PASSWORD))


def work(path: Path, coder: str = "ana") -> dict[str, Any]:
    """One coding of the coder's, ready to be sent."""
    with open_study(path) as study:
        (text, *_) = study.transcripts()
    coding = {"id": new_id(), "start": 14, "end": 25, "code": CODES[1].id, "memo": ""}
    act = {"op": "add", "op_id": new_id(), "quote": text.text[14:25], "coding": coding}
    return {"coder": coder, "transcript": text.id, "sha": text.sha256, "ops": [act]}


def sent(browser: TestClient, payload: object, address: str = NURSES) -> dict[str, Any]:
    answer = browser.post(address, json=payload, headers=OWN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


def kept(path: Path, seat: Seat = ANA) -> int:
    with open_study(path, seat=seat) as study:
        assert study.check() == []
        return len(study.codings(coders=[seat.name]))


def test_an_edit_is_kept_once_however_often_it_comes(browser: TestClient, nurses: Path) -> None:
    signed_in(browser, "ana")
    payload = work(nurses)
    for _ in range(2):
        told = sent(browser, payload)
        assert told["ack"] == [payload["ops"][0]["op_id"]]
        assert (told["rejected"], told["trouble"], told["stale"]) == ([], "", False)
    assert kept(nurses) == 1


def test_the_reason_of_a_refusal_comes_back(browser: TestClient, nurses: Path) -> None:
    signed_in(browser, "ana")
    payload = work(nurses)
    payload["ops"][0]["quote"] = "other words"
    told = sent(browser, payload)
    assert (told["ack"], told["stale"]) == ([], True)
    (refused,) = told["rejected"]
    assert refused["op_id"] == payload["ops"][0]["op_id"]
    assert "differs from the text of P01" in refused["reason"]
    assert kept(nurses) == 0


def test_edits_wait_for_whoever_is_signed_out(browser: TestClient, nurses: Path) -> None:
    payload = work(nurses)
    for cookie in ("", "no such session"):
        browser.cookies.set(SESSION, cookie)
        told = sent(browser, payload)
        assert (told["ack"], told["rejected"]) == ([], [])
        assert told["trouble"] == "You are signed out; sign in to go on."
    assert kept(nurses) == 0
    signed_in(browser, "ana")
    assert sent(browser, payload)["ack"]


def test_what_ana_did_is_never_bens_though_he_signed_in_beside_her_page(
    browser: TestClient, nurses: Path
) -> None:
    signed_in(browser, "ben")
    told = sent(browser, work(nurses, "ana"))
    assert (told["ack"], told["rejected"]) == ([], [])
    assert "sign in again as ana" in told["trouble"]
    for odd in (None, 3, [], "", "lea"):
        assert sent(browser, work(nurses) | {"coder": odd})["ack"] == []
    assert (kept(nurses), kept(nurses, BEN)) == (0, 0)


@pytest.mark.parametrize("name", ["lea", "zoe"])
def test_who_does_not_code_here_codes_nothing(browser: TestClient, nurses: Path, name: str) -> None:
    signed_in(browser, name)
    told = sent(browser, work(nurses, name))
    assert told["ack"] == []
    assert told["rejected"]
    assert (kept(nurses), kept(nurses, BEN)) == (0, 0)


@pytest.mark.parametrize(
    "study", ["", "nowhere", "../nurses", "nurses/../nurses", "%00", "package", "sample"]
)
def test_a_study_that_is_not_here_takes_nothing(
    browser: TestClient, nurses: Path, study: str
) -> None:
    signed_in(browser, "ana")
    assert sent(browser, work(nurses), f"{EDITS}?study={study}")["ack"] == []
    assert kept(nurses) == 0


def test_in_the_sample_one_codes_from_the_seat_one_has_taken(
    browser: TestClient, nurses: Path
) -> None:
    path = places.sample_path()
    build_sample(path, uncoded=["P06"]).close()
    with open_study(path) as study:
        text = study.transcripts()[-1]
        code = next(code for code in study.codebook().codes if code.codable)
        turn = text.participant_turns[0].span
    coding = {"id": new_id(), "start": turn.start, "end": turn.end, "code": code.id, "memo": ""}
    act = {"op": "add", "op_id": new_id(), "quote": text.text[turn.slice], "coding": coding}
    payload = {"coder": "ana", "transcript": text.id, "ops": [act]}
    assert sent(browser, payload, f"{EDITS}?study=sample&seat=ben")["ack"] == []
    assert sent(browser, payload, f"{EDITS}?study=sample&seat=ana")["ack"] == [act["op_id"]]


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.example", "http://127.0.0.1:8502", "https://127.0.0.1"]
)
def test_another_sites_page_changes_nothing(browser: TestClient, nurses: Path, origin: str) -> None:
    signed_in(browser, "ana")
    answer = browser.post(NURSES, json=work(nurses), headers={"origin": origin} if origin else {})
    assert answer.status_code == 403
    assert kept(nurses) == 0


def test_what_a_form_can_send_is_no_edit(browser: TestClient, nurses: Path) -> None:
    signed_in(browser, "ana")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = browser.post(
            NURSES, content=json.dumps(work(nurses)), headers={"content-type": kind, **OWN}
        )
        assert answer.status_code == 415
    assert kept(nurses) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[" * 100_000, b"\xff\xfe", b"{'a': 1}"],
    ids=["nothing", "words", "deep", "bytes", "quotes"],
)
def test_what_is_no_json_is_refused_in_a_sentence(
    browser: TestClient, nurses: Path, body: bytes
) -> None:
    signed_in(browser, "ana")
    answer = browser.post(NURSES, content=body, headers={"content-type": "application/json"} | OWN)
    assert answer.status_code == 400
    assert answer.text == "This is no JSON that qualcode can read.\n"


def test_more_than_a_page_sends_at_once_is_not_read(
    browser: TestClient, nurses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "get_max_widget_state_size_bytes", lambda: 1_000)
    signed_in(browser, "ana")
    payload = work(nurses) | {"more": "x" * 2_000}
    answer = browser.post(NURSES, json=payload, headers=OWN)
    assert answer.status_code == 413
    assert kept(nurses) == 0
