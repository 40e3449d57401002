"""The attack list, against the real server: each attempt refused, and the server goes on.

What needs the eyes of a browser (script in text fields) is in ``browser/test_attacks.py``; who may
read what inside a study is in ``test_blindness.py``.
"""

from __future__ import annotations

import csv
import io
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import pytest
from starlette.routing import Route
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

import qualcode.ui
from benchmarks.raw_socket import RawSocket
from qualcode.codebook import Codebook, read_codebook
from qualcode.errors import NotAllowed, QualcodeError
from qualcode.model import Member
from qualcode.reports import FORM_FIELDS
from qualcode.sample import build_sample
from qualcode.store import accounts as store
from qualcode.store import open_study
from qualcode.transcripts import read_transcript
from qualcode.ui.coder.edits import EDITS
from qualcode.ui.server.cookies import FORM, SESSION
from qualcode.ui.server.frames import judge
from qualcode.ui.server.routes import ROUTES
from qualcode.ui.server.visitors import BROWSER

from .browser.conftest import Server, start_server
from .conftest import ANA, BEN, CODES, LEA, coded, interview
from .hostile_study import FORMULA, MARKUP, SQL, TITLES, hostile_study

APP = Path(__file__).parents[1] / "app.py"
PASSWORD = "four plain words here"
SECRET = "a memo that only Ben may read"
HIDDEN = "an interview of another study"
ALPHA, BETA = "a" * 32, "b" * 32
MEGABYTE = 2**20


class Team:
    """A running server with the sample, ``nurses`` (Lea, Ana, Ben) and ``others`` (Zoe)."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder, self.url = server, folder, server.url
        self.accounts = store.open_accounts(folder / ".accounts" / "accounts.db")
        self.nurses = folder / "nurses.qualcode"
        self.may_log = False

    def cookies(self, name: str = "", browser: str = ALPHA) -> dict[str, str]:
        """What a browser carries: its own mark, and a new session of this person."""
        session = {SESSION: self.accounts.sign_in(name, PASSWORD)} if name else {}
        return {BROWSER: browser} | session

    def get(self, path: str, cookies: dict[str, str], **more: Any) -> httpx2.Response:
        return httpx2.request(
            more.pop("method", "GET"), self.url + path, headers=header(cookies) | more
        )


def header(cookies: dict[str, str]) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / ".sample").mkdir()
    build_sample(folder / ".sample" / "sample.qualcode", uncoded=["P06"]).close()
    with open_study(folder / "nurses.qualcode", create=True, title="Nurses") as study:
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles, seat.name.title()))
        study.set_codebook(Codebook(CODES))
        study.add(interview("P01"), interview("P02"))
        first = study.transcripts()[0]
        coded(study, ANA, first.id, 12, 20)
        operation = {
            "op": "add",
            "op_id": "o" * 12,
            "quote": first.text[14:25],
            "coding": {"id": BENS, "start": 14, "end": 25, "code": "C2", "memo": SECRET},
        }
        assert study.seated(BEN).apply(first.id, [operation]).rejected == ()
    with open_study(folder / "others.qualcode", create=True, title="Others") as study:
        study.add_member(Member("zoe", LEA.roles, "Zoe"))
        study.add(interview("P09", HIDDEN))
    (folder / ".accounts").mkdir(exist_ok=True)
    accounts = store.open_accounts(folder / ".accounts" / "accounts.db")
    for name in ("lea", "ana", "ben", "zoe"):
        accounts.add_user(name, PASSWORD)
    log = tmp_path_factory.mktemp("server") / "server.log"
    server = start_server(APP, env={"QUALCODE_FOLDER": str(folder)}, log=log)
    yield Team(server, folder)
    server.stop()


OWN = "7e2f3f0e-5a2c-4a0b-9b0e-3f0f5d9c7a22"
BENS = "6d1f3f0e-5a2c-4a0b-9b0e-3f0f5d9c7a11"


@pytest.fixture(autouse=True)
def _the_server_goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every attack the server answers as before, and no traceback is in its log."""
    if "team" not in request.fixturenames:
        yield
    else:
        team: Team = request.getfixturevalue("team")
        said = team.server.log.stat().st_size
        yield
        assert httpx2.get(team.url + "/_stcore/health").text == "ok"
        with RawSocket(team.url, {BROWSER: "c" * 32}) as visitor:
            visitor.run()
            assert "Open the sample study" in visitor.words
        log = team.server.log.read_bytes()[said:].decode()
        assert team.may_log or "Traceback" not in log, log
        team.may_log = False


# -- downloads -----------------------------------------------------------------------------------


def codebook_address(visitor: RawSocket, query: str) -> str:
    visitor.run("codebook", query)
    (button,) = visitor.elements("download_button")
    return str(button.url)


def test_a_download_is_for_the_browser_and_person_it_was_made_for(team: Team) -> None:
    ana = team.cookies("ana")
    with RawSocket(team.url, ana) as visitor:
        address = codebook_address(visitor, "study=nurses")
        assert team.get(address, ana).status_code == 200
        others = {
            "nobody": {},
            "no browser": {SESSION: ana[SESSION]},
            "another browser with the stolen session": ana | {BROWSER: BETA},
            "another person at this browser": team.cookies("zoe"),
            "this browser, nobody signed in": {BROWSER: ALPHA},
            "a forged browser": ana | {BROWSER: "../" + ALPHA},
        }
        for who, cookies in others.items():
            for method in ("GET", "HEAD"):
                answer = team.get(address, cookies, method=method)
                assert answer.status_code == 403, who
                assert "C1" not in answer.text
        part = team.get(address, team.cookies("zoe"), range="bytes=0-9")
        assert part.status_code == 403
        stem = address.rsplit(".", 1)[0]
        for written in (stem, stem + ".txt", address + "?a=b", address.replace("/m", "/%6d")):
            assert team.get(written, team.cookies("zoe", BETA)).status_code == 403


def test_a_download_ends_with_the_session_it_was_made_in(team: Team) -> None:
    ana = team.cookies("ana")
    with RawSocket(team.url, ana) as visitor:
        address = codebook_address(visitor, "study=nurses")
        team.accounts.sign_out(ana[SESSION])
        assert team.get(address, ana).status_code == 403
        assert team.get(address, team.cookies("ana")).status_code == 200, "the same person again"


def test_the_sample_needs_no_account_and_is_still_for_one_browser(team: Team) -> None:
    with RawSocket(team.url, {BROWSER: ALPHA}) as visitor:
        address = codebook_address(visitor, "study=sample&seat=lea")
        answer = team.get(address, {BROWSER: ALPHA})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("sandbox")
        assert team.get(address, {BROWSER: BETA}).status_code == 403
        assert team.get(address, team.cookies("ana")).status_code == 200, "signed in since"


def ordered(visitor: RawSocket, key: str) -> BackMsg:
    message = BackMsg()
    order = message.backend_operation_request
    order.request_id, order.session_id, order.deferred_file.file_id = "1", visitor.session, key
    return message


def test_a_report_written_on_demand_is_written_for_its_own_visitor(team: Team) -> None:
    lea, zoe = team.cookies("lea"), team.cookies("zoe", BETA)
    with RawSocket(team.url, lea) as visitor, RawSocket(team.url, zoe) as thief:
        visitor.run("report", "study=nurses")
        key = visitor.elements("download_button")[0].deferred_file_id
        thief.run()
        thief.say(ordered(thief, key))
        thief.run()
        answers = {message.WhichOneof("type") for message in thief.seen}
        assert "backend_operation_response" not in answers
        visitor.say(ordered(visitor, key))
        answer = visitor.read("backend_operation_response")[-1].backend_operation_response
        address = answer.deferred_file.url
        assert team.get(address, lea).status_code == 200
        assert team.get(address, zoe).status_code == 403
        assert team.get(address, {}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/media/../app.py",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/media//etc/passwd",
        "/media/..%5c..%5cx",
        "/_stcore/bidi-components/qualcode.transcript_coder/../../../../store/study.py",
        "/_stcore/bidi-components/qualcode.transcript_coder/%2e%2e/%2e%2e/session.py",
        "/_stcore/bidi-components/qualcode.transcript_coder//etc/passwd",
        "/component/../app.py",
        "/static/../../runtime/runtime.py",
        "/static/%2e%2e/%2e%2e/config.py",
        "/app/static/config.toml",
        "/.streamlit/config.toml",
        "/.accounts/accounts.db",
        "/nurses.qualcode",
    ],
)
def test_no_address_leads_into_the_folders(team: Team, path: str) -> None:
    with httpx2.Client() as client:  # the address goes out as it is written
        raw = httpx2.URL(team.url).copy_with(raw_path=path.encode())
        answer = client.request("GET", raw, headers=header({BROWSER: ALPHA}))
    if answer.status_code == 200:  # Streamlit's own page, which says nothing
        assert answer.text == httpx2.get(team.url).text
    for word in ("root:", "def ", "SQLite", "[server]"):
        assert word not in answer.text


# -- sessions ------------------------------------------------------------------------------------


def test_a_session_is_not_taken_over_by_its_id(team: Team) -> None:
    with RawSocket(team.url, team.cookies("ana")) as ana:
        ana.run("code", "study=nurses")
        thieves = {
            "another browser": {BROWSER: BETA},
            "another person": team.cookies("zoe"),
            "nobody at this browser": {BROWSER: ALPHA},
            "no browser": {},
        }
        for who, cookies in thieves.items():
            for said in ({}, {"X-Qualcode-Visitor": "x"}):
                with RawSocket(team.url, cookies, resume=ana.session, **said) as thief:
                    thief.run()
                    assert thief.session != ana.session, who
                    assert "mentor noticed" not in thief.words
        ana.run("code")
        assert "mentor noticed" in ana.words


def test_a_lost_session_comes_back_to_its_own_visitor_only(team: Team) -> None:
    cookies = team.cookies("ana")
    with RawSocket(team.url, cookies) as ana:
        ana.run("code", "study=nurses")
    with RawSocket(team.url, team.cookies("zoe"), resume=ana.session) as thief:
        thief.run()
        assert thief.session != ana.session
    with RawSocket(team.url, cookies, resume=ana.session) as again:
        again.run("code")
        assert again.session == ana.session
        assert "mentor noticed" in again.words


def test_forged_cookies_open_nothing(team: Team) -> None:
    kept = team.cookies("ana")[SESSION]
    digests = sqlite3.connect(team.accounts.path)
    stolen = digests.execute("SELECT digest FROM sessions LIMIT 1").fetchone()[0]
    digests.close()
    for forged in ("", "x", kept[:-1], kept + "A", kept.swapcase(), stolen, "ana", "' OR 1=1 --"):
        with RawSocket(team.url, {BROWSER: ALPHA, SESSION: f'"{forged}"'}) as visitor:
            visitor.run("code", "study=nurses")
            assert "You are signed out" in visitor.words
            assert "mentor noticed" not in visitor.words


def test_a_cookie_is_no_use_after_the_sign_out(team: Team) -> None:
    cookies = team.cookies("ana")
    with RawSocket(team.url, cookies) as open_tab:
        open_tab.run("code", "study=nurses")
        assert "mentor noticed" in open_tab.words
        answer = httpx2.post(team.url + "/logout", headers=header(cookies) | {"origin": team.url})
        assert answer.status_code == 303
        open_tab.run("code")
        assert "You are signed out" in open_tab.words
        assert "mentor noticed" not in open_tab.words
    with RawSocket(team.url, cookies) as replayed:
        replayed.run("code", "study=nurses")
        assert "You are signed out" in replayed.words


def test_a_session_planted_before_signing_in_is_not_the_one_after(team: Team) -> None:
    planted = "p" * 43
    with httpx2.Client(base_url=team.url, headers={"origin": team.url}) as browser:
        browser.cookies.set(SESSION, planted)
        page = browser.get("/login").text
        token = re.search(r'name="form" value="([^"]+)"', page)
        assert token
        answer = browser.post(
            "/login", data={"form": token[1], "name": "ana", "password": PASSWORD}
        )
        assert answer.status_code == 303
        given = re.search(rf"{SESSION}=([^;]+)", answer.headers["set-cookie"])
    assert given
    assert given[1] != planted
    assert team.accounts.who(planted) is None
    assert team.accounts.who(given[1]) == "ana"


# -- from other places ---------------------------------------------------------------------------

FOREIGN = ("https://evil.example", "http://127.0.0.1:9", "http://localhost:{port}", "null", None)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_socket_from_another_origin_is_refused(team: Team, origin: str | None) -> None:
    said = origin.format(port=team.server.port) if origin else None
    with pytest.raises(InvalidStatus) as refused:
        RawSocket(team.url, team.cookies("ana"), origin=said)
    assert refused.value.response.status_code == 403


def test_a_name_that_was_pointed_here_gets_nothing(team: Team) -> None:
    """DNS rebinding: the page's origin and host agree, and neither is ours."""
    rebound = f"evil.example:{team.server.port}"
    cookies = header(team.cookies("ana"))
    for path in ("/", "/login", "/_stcore/host-config", "/media/x"):
        answer = httpx2.get(team.url + path, headers=cookies | {"host": rebound})
        assert answer.status_code == 421
    with pytest.raises(InvalidStatus) as refused:
        RawSocket(team.url, team.cookies("ana"), origin=f"http://{rebound}", host=rebound)
    assert refused.value.response.status_code == 403


FORMS = [
    route.path for route in ROUTES if isinstance(route, Route) and "POST" in (route.methods or ())
]
"""Edits too are refused from elsewhere, but are no form: see ``tests/test_edits.py``."""


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", FOREIGN)
def test_no_form_is_taken_from_elsewhere(team: Team, path: str, origin: str | None) -> None:
    cookies = team.cookies("ana")
    said = {"origin": origin.format(port=team.server.port)} if origin else {}
    answer = httpx2.post(
        team.url + path,
        headers=header(cookies | {FORM: "f" * 32}) | said,
        data={"form": "f" * 32, "name": "ana", "password": PASSWORD},
    )
    assert answer.status_code == 403
    assert team.accounts.who(cookies[SESSION]) == "ana"


@pytest.mark.parametrize("path", [path for path in FORMS if path not in ("/logout", EDITS)])
def test_no_form_is_taken_without_its_token(team: Team, path: str) -> None:
    """Signing out has none: from our own page it does no harm, and from another it is refused."""
    token = team.accounts.invite("newcomer", "", by="")
    own = {SESSION: team.accounts.sign_in("ana", PASSWORD)} if path == "/password" else {}
    for sent, kept in (("", ""), ("f" * 32, ""), ("", "f" * 32), ("f" * 32, "g" * 32)):
        answer = httpx2.post(
            team.url + path,
            headers=header(own | ({FORM: kept} if kept else {})) | {"origin": team.url},
            data={"form": sent, "token": token, "name": "ana", "password": PASSWORD},
        )
        assert answer.status_code == 403, path
        assert SESSION not in answer.headers.get("set-cookie", "")


def test_programs_get_no_handle_on_the_server(team: Team) -> None:
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"):
        assert httpx2.get(team.url + path).status_code == 404


# -- studies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../nurses",
        "others/../nurses",
        ".sample/sample",
        ".accounts/accounts.db",
        "/etc/passwd",
        "nurses.qualcode",
        "nurses\x00",
        "*",
        "n*",
        "..",
        "~/nurses",
        "\\\\server\\share\\x",
        "nurses' OR '1'='1",
        "x" * 5000,
    ],
)
def test_no_study_is_found_beside_the_folder(team: Team, name: str) -> None:
    with RawSocket(team.url, team.cookies("ana")) as visitor:
        visitor.run("code", str(httpx2.QueryParams({"study": name})))
        assert "not here any more" in visitor.words
        assert "mentor noticed" not in visitor.words


@pytest.mark.parametrize("page", ["", "transcripts", "codebook", "code", "themes", "report"])
def test_a_study_one_does_not_belong_to_stays_closed(team: Team, page: str) -> None:
    with RawSocket(team.url, team.cookies("ana")) as visitor:
        for query in ("study=others", "study=others&seat=zoe", "study=others&study=nurses"):
            visitor.run(page, query)
            assert HIDDEN not in visitor.words
            assert "Others" not in visitor.words
        assert "do not belong" in visitor.words


def test_a_seat_in_the_address_is_nobodys_seat(team: Team) -> None:
    with RawSocket(team.url, team.cookies("ana")) as visitor:
        for seat in ("ben", "lea", "zoe", "", "ana' --"):
            visitor.run("code", str(httpx2.QueryParams({"study": "nurses", "seat": seat})))
            said = "".join(surface.json for surface in visitor.elements("bidi_component"))
            assert re.findall(r'"me": ?"(\w+)"', said) == ["ana"]
            assert SECRET not in visitor.words


# -- straight to the server ----------------------------------------------------------------------


def bens_coding(team: Team) -> dict[str, Any]:
    with sqlite3.connect(team.nurses) as db:
        db.row_factory = sqlite3.Row
        return dict(db.execute("SELECT * FROM codings WHERE id = ?", [BENS]).fetchone())


def surface_of(visitor: RawSocket, query: str = "") -> dict[str, Any]:
    visitor.run("code", query)
    return next(
        {"id": m.delta.new_element.bidi_component.id, "fragment": m.delta.fragment_id}
        for m in visitor.seen
        if m.WhichOneof("type") == "delta"
        and m.delta.new_element.WhichOneof("type") == "bidi_component"
        and '"codings"' in m.delta.new_element.bidi_component.json
    )


def edited(team: Team, name: str, payload: object) -> httpx2.Response:
    """What the server says to edits from this person's browser."""
    return httpx2.post(
        f"{team.url}{EDITS}?study=nurses&seat=ben",
        json=payload,
        headers=header(team.cookies(name)) | {"origin": team.url},
    )


def test_no_widget_state_leads_a_coder_to_anothers_codings(team: Team) -> None:
    """What the browser keeps may say anything: other transcripts, other people, other codings."""
    before = bens_coding(team)
    with open_study(team.nurses) as study:
        first, second = study.titles()
        quote = study.transcript(first).text[14:25]
    span = {"start": 14, "end": 25, "code": "C1", "memo": "mine now", "id": BENS}
    with RawSocket(team.url, team.cookies("ana")) as ana:
        surface = surface_of(ana, "study=nurses")
        operations = [
            {"op": "remove", "op_id": "r" * 12, "id": BENS},
            {"op": "remove", "op_id": "s" * 12, "coding": {"id": BENS}},
            {"op": "add", "op_id": "t" * 12, "quote": quote, "coding": span},
            {"op": "change", "op_id": "u" * 12, "quote": quote, "coding": span},
            {"op": "update", "op_id": "v" * 12, "id": BENS, "coding": span, "coder": "ben"},
            {"op": "add", "op_id": "w" * 12, "coder": "ben", "coding": span | {"coder": "ben"}},
        ]
        for transcript in (first, second, "", "no such", None, 3):
            for payload in (
                {"transcript": transcript, "ops": operations, "coder": "ben"},
                {"transcript": transcript, "ops": operations, "coder": "ana"},
                {"transcript": transcript, "text": True, "coder": "ana"},
                operations,
                None,
            ):
                told = edited(team, "ana", payload)
                assert SECRET not in told.text
                assert BENS not in told.text
            for event, value in (
                ("ops", {"transcript": transcript, "ops": operations, "coder": "ben"}),
                ("need_snapshot", {"transcript": transcript, "text": True, "coder": "ben"}),
                ("ask", {"transcript": transcript, "text": True, "coder": "ben", "me": "ben"}),
                ("nonsense", {"coder": "ben"}),
            ):
                for fragment in ("", surface["fragment"]):
                    ana.run("code", fragment=fragment, **{surface["id"]: [send(event, value)]})
                    assert SECRET not in ana.words
                    assert BENS not in ana.words.replace("r" * 12, "")
        shown = [m.delta.new_element for m in ana.seen if m.WhichOneof("type") == "delta"]
        assert shown, "the page still answers"
        own = {"op": "add", "op_id": "own-coding-1", "quote": quote, "coding": span | {"id": OWN}}
        told = edited(team, "ana", {"coder": "ana", "transcript": first, "ops": [own]}).json()
        assert told["ack"] == ["own-coding-1"], "her own coding is taken on the same way"
    assert bens_coding(team) == before
    with sqlite3.connect(team.nurses) as db:
        assert db.execute("SELECT coder FROM codings WHERE id = ?", [OWN]).fetchall() == [("ana",)]


def test_no_widget_says_a_name_that_opens_anothers_codings(team: Team) -> None:
    """Each widget of each page is given Ben, Lea, a transcript, and Ben's coding as its value."""
    before = bens_coding(team)
    team.may_log = True  # a value of the wrong kind is the end of that run, told in the log alone
    with open_study(team.nurses) as study:
        first, *_ = study.titles()
    with RawSocket(team.url, team.cookies("ana")) as ana:
        ana.run("code", "study=nurses")
        for page in (
            "",
            "code",
            "recode",
            "agreement",
            "reconcile",
            "memos",
            "themes",
            "explore",
            "report",
            "codebook",
        ):
            for name in ("ben", "lea", first, BENS):
                ana.run(page, **dict.fromkeys(KEYS, name))
                assert SECRET not in ana.words
                assert "Traceback" not in ana.words
                assert "site-packages" not in ana.words
        for key in KEYS:  # one by one: none hides behind the fault of another
            page = key.split(".")[0]
            ana.run("" if page in ("study", "welcome") else page, **{key: "ben"})
            assert SECRET not in ana.words
    assert bens_coding(team) == before


PAGES = Path(qualcode.ui.__file__).with_name("pages")
KEYS = sorted(
    {
        key
        for path in PAGES.glob("*.py")
        for key in re.findall(r'key="([a-z]+\.[a-z.]+)"', path.read_text(encoding="utf-8"))
    }
)


def send(event: str, value: object) -> dict[str, object]:
    return {"event": event, "value": value}


@pytest.mark.parametrize("size", [8 * MEGABYTE + 1, 33 * MEGABYTE], ids=["page", "message"])
def test_an_oversized_frame_ends_its_own_connection_only(team: Team, size: int) -> None:
    message = BackMsg()
    widget = message.rerun_script.widget_states.widgets.add()
    widget.id, widget.bytes_value = "x", b"0" * size
    with RawSocket(team.url, {BROWSER: BETA}) as other:
        with RawSocket(team.url, {BROWSER: ALPHA}) as visitor:
            with suppress(ConnectionClosed):  # cut off while it was still on its way
                visitor.say(message)
            with pytest.raises(ConnectionClosed):
                visitor.read()
            # 1006: it was cut off before it had all arrived, and so before it could be answered.
            assert visitor.socket.close_code in (1009, 1006)
        other.run()
        assert "Open the sample study" in other.words


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xff" * 64, 1002),
        (os.urandom(4096), 1002),
        (b"\x0a" + b"\xff" * 9 + b"\x01", 1002),
        ("{}", 1003),
        ("<script>", 1003),
    ],
    ids=["ones", "random", "length", "json", "markup"],
)
def test_a_frame_that_is_no_message_ends_its_connection(
    team: Team, frame: bytes | str, code: int
) -> None:
    if isinstance(frame, bytes) and judge(frame, "") != code:
        pytest.skip("these random bytes happen to be a message")
    with RawSocket(team.url, {BROWSER: ALPHA}) as visitor:
        visitor.socket.send(frame)
        with pytest.raises(ConnectionClosed):
            visitor.read()
        assert visitor.socket.close_code == code
        assert "Traceback" not in visitor.words


def test_messages_that_are_none_of_ours_are_passed_over(team: Team) -> None:
    with RawSocket(team.url, {BROWSER: ALPHA}) as visitor:
        visitor.run()
        for field in ("clear_cache", "set_run_on_save", "load_git_info", "debug_shutdown_runtime"):
            message = BackMsg(**{field: True})
            assert judge(message.SerializeToString(), "") is False
            visitor.say(message)
        for order in ("install_skills", "dismiss_skills_nudge"):
            message = BackMsg()
            getattr(message.backend_operation_request, order).SetInParent()
            assert judge(message.SerializeToString(), "") is False
            visitor.say(message)
        visitor.run()
        assert "Open the sample study" in visitor.words
        kinds = {message.WhichOneof("type") for message in visitor.seen}
        assert "backend_operation_response" not in kinds


@pytest.mark.parametrize(
    "said",
    [
        "null",
        "{}",
        '{"event": "need_snapshot"}',
        '[{"event": {}, "value": []}]',
        '[{"event": "need_snapshot", "value": {"transcript": 1e400, "text": []}}]',
        '"\\ud800"',
        '[{"event": "need_snapshot", "value": 1}]',
    ],
)
def test_what_a_widget_never_says_is_answered_without_a_traceback(team: Team, said: str) -> None:
    with RawSocket(team.url, team.cookies("ana")) as visitor:
        surface = surface_of(visitor, "study=nurses")
        message = visitor.asking("code")
        state = message.rerun_script.widget_states.widgets.add()
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{surface['id']}__events"
        state.json_trigger_value = said
        visitor.say(message)
        visitor.seen = visitor.read()
        for word in ("Traceback", 'File "', '.py", line', "site-packages"):
            assert word not in visitor.words
        visitor.run("code")
        assert "mentor noticed" in visitor.words


@pytest.mark.parametrize("said", ["not json", "[" * 100_000, "[1", "{'a': 1}"])
def test_malformed_json_in_a_widget_ends_the_connection(team: Team, said: str) -> None:
    with RawSocket(team.url, team.cookies("ana")) as visitor:
        surface = surface_of(visitor, "study=nurses")
        message = visitor.asking("code")
        state = message.rerun_script.widget_states.widgets.add()
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{surface['id']}__events"
        state.json_trigger_value = said
        visitor.say(message)
        with pytest.raises(ConnectionClosed):
            visitor.read()
        assert visitor.socket.close_code == 1002


# -- uploads -------------------------------------------------------------------------------------


class Uploader:
    """A visitor on the page that takes files, with the token that Streamlit asks for."""

    def __init__(self, team: Team, cookies: dict[str, str], query: str) -> None:
        self.team, self.cookies = team, dict(cookies)
        answer = httpx2.get(team.url + "/_stcore/health")
        self.token = answer.cookies["_streamlit_xsrf"]
        self.cookies["_streamlit_xsrf"] = self.token
        self.visitor = RawSocket(team.url, cookies)
        self.visitor.run("transcripts", query)

    def put(self, session: str, content: Any, name: str = "a.txt", **said: str) -> httpx2.Response:
        if isinstance(content, bytes):
            content = {"files": {"file": (name, content)}}
        return httpx2.request(
            said.pop("method", "PUT"),
            f"{self.team.url}/_stcore/upload_file/{session}/f1",
            headers={
                **header(self.cookies),
                "origin": self.team.url,
                "x-xsrftoken": self.token,
                **said,
            },
            timeout=60,
            **content,
        )


@pytest.fixture
def uploader(team: Team) -> Iterator[Uploader]:
    uploader = Uploader(team, team.cookies("lea"), "study=nurses")
    with uploader.visitor:
        yield uploader


def test_an_upload_goes_into_ones_own_session_only(team: Team, uploader: Uploader) -> None:
    own = uploader.visitor.session
    assert uploader.put(own, b"text").status_code == 204
    with RawSocket(team.url, team.cookies("zoe", BETA)) as other:
        other.run()
        assert uploader.put(other.session, b"text").status_code == 403
        assert uploader.put(other.session, {}, method="DELETE").status_code == 403
        uploader.cookies = team.cookies("zoe", BETA) | {"_streamlit_xsrf": uploader.token}
        assert uploader.put(own, b"planted").status_code == 403
        assert uploader.put(own, {}, method="DELETE").status_code == 403
    assert uploader.put("no-such-session", b"text").status_code == 403
    assert uploader.put("..%2f..", b"text").status_code in (403, 404)


@pytest.mark.parametrize(
    "said", [{"origin": "https://evil.example"}, {"x-xsrftoken": ""}, {"x-xsrftoken": "2|a|b|1"}]
)
def test_an_upload_from_elsewhere_is_refused(uploader: Uploader, said: dict[str, str]) -> None:
    assert uploader.put(uploader.visitor.session, b"text", **said).status_code == 403


def test_an_oversized_upload_is_refused_before_it_is_read(team: Team, uploader: Uploader) -> None:
    own = uploader.visitor.session
    announced = b"0" * (51 * MEGABYTE)
    assert uploader.put(own, announced).status_code == 413

    def unannounced() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n'
        for _ in range(60):
            yield b"0" * MEGABYTE

    said = {"content-type": "multipart/form-data; boundary=x"}
    with suppress(httpx2.TransportError):  # or the server hangs up while we are still sending
        assert uploader.put(own, {"content": unannounced()}, **said).status_code == 413
    files = [message for message in uploader.visitor.seen if "upload" in str(message)]
    assert files, "the page of the other files stands as it was"


def test_a_session_cannot_fill_the_memory_with_uploads(team: Team, uploader: Uploader) -> None:
    own = uploader.visitor.session
    for number in range(6):
        path = f"{team.url}/_stcore/upload_file/{own}/big{number}"
        answer = httpx2.put(
            path,
            headers={
                **header(uploader.cookies),
                "origin": team.url,
                "x-xsrftoken": uploader.token,
            },
            files={"file": ("a.txt", b"0" * (48 * MEGABYTE))},
            timeout=60,
        )
        assert answer.status_code == (204 if number < 4 else 413), number


@pytest.mark.parametrize(
    "name",
    [
        "../../.accounts/accounts.db",
        "/etc/passwd.txt",
        "..\\..\\nurses.qualcode.txt",
        "C:\\x\\P09.txt",
        "\x00.txt",
        "a\r\nset-cookie: a=b.txt",
        MARKUP + ".txt",
        SQL + ".txt",
        "x" * 5000 + ".txt",
    ],
)
def test_a_path_in_a_file_name_is_a_name(team: Team, name: str, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in team.folder.rglob("*") if "accounts" not in p.name}
    text = "Interviewer: How is it?\n\nP09: I stay late.\n"
    try:
        transcript = read_transcript(name, text.encode())
    except QualcodeError as error:
        refused = str(error)
        transcript = None
    if transcript is None:
        assert len(refused.splitlines()) == 1
    else:
        assert not re.search(r"[/\\\x00\r\n]", transcript.title), transcript.title
        with open_study(tmp_path / "s.qualcode", create=True, title="S") as study:
            study.add(transcript)
            assert study.check() == []
    after = {p: p.stat().st_mtime_ns for p in team.folder.rglob("*") if "accounts" not in p.name}
    assert after == before


# -- words in every field ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [SQL, MARKUP, FORMULA], ids=["sql", "markup", "formula"])
def test_words_in_every_text_field_are_kept_as_words(words: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.qualcode"
    hostile_study(path, words)
    with open_study(path) as study:
        assert study.check() == []
        assert study.title == words[:120]
        book = study.codebook()
        assert [book[code].full_definition for code in ("C2", "C3")] == [words, words]
        assert [c.memo for c in study.codings()] == [words] * (2 * len(TITLES))
        assert [d.reason for d in study.decisions()] == [words]
        assert [(t.name, t.definition) for t in study.themes()] == [(words[:200].strip(), words)]
        assert {study.setting(key) for key in FORM_FIELDS} == {words}
        assert study.answers("coreq")["1"]["response"] == words
        assert study.team() == [{"name": words, "credentials": words}]
        assert all(p.attributes["Ward"] == words for p in study.participants())
        assert all(f"Because {t.participant}: {words}." in t.text for t in study.transcripts())
    again = read_codebook("again.csv", book.to_csv().encode())
    assert [c.full_definition for c in again.codes] == [c.full_definition for c in book.codes]


def cells_of(table: str) -> list[str]:
    return list(chain.from_iterable(csv.reader(io.StringIO(table))))


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path) -> None:
    from qualcode.reports import FORMATS, REPORTS

    path = tmp_path / "hostile.qualcode"
    hostile_study(path, FORMULA)
    cells: list[str] = []
    with open_study(path) as study:
        cells += cells_of(study.codebook().to_csv())
        for make in REPORTS.values():
            report = make(study.seated(LEA))
            for ending in {"csv", "xlsx"} & set(FORMATS):
                content = report.to_bytes(ending)
                if ending == "csv":
                    cells += cells_of(content.decode("utf-8-sig"))
                else:
                    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
                        for cell in (c for row in sheet.iter_rows() for c in row):
                            assert cell.data_type != "f"
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if re.match(r"[=+@\t\r]|-\D", cell)] == []


# -- guessing ------------------------------------------------------------------------------------


class Counting:
    """A hasher that costs nothing and counts what a real one would have cost."""

    def __init__(self) -> None:
        self.inner = store.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        self.hashed = self.verified = 0
        self.lock = threading.Lock()

    def hash(self, password: str) -> str:
        with self.lock:
            self.hashed += 1
        return self.inner.hash(password)

    def verify(self, kept: str, password: str) -> bool:
        with self.lock:
            self.verified += 1
        return self.inner.verify(kept, password)

    def check_needs_rehash(self, kept: str) -> bool:
        return self.inner.check_needs_rehash(kept)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(store, "_hasher", lambda: counting)
    return counting


def test_a_name_is_not_found_out_by_the_time_an_answer_takes(
    counting: Counting, tmp_path: Path
) -> None:
    """Argon2 is what takes time; each refusal does it exactly once, or, when locked, never."""
    accounts = store.open_accounts(tmp_path / "accounts.db")
    accounts.add_user("ana", PASSWORD)
    accounts.add_user("gone", PASSWORD)
    accounts.deactivate("gone")
    with pytest.raises(NotAllowed):  # makes what is compared with where there is nobody
        accounts.sign_in("nobody", "x")
    costs: dict[str, list[tuple[int, int, str]]] = {}
    for name in ("ana", "gone", "nobody-else"):
        for _ in range(store.LOCK_AFTER + 2):
            before = counting.hashed, counting.verified
            with pytest.raises(NotAllowed) as refused:
                accounts.sign_in(name, "not the password")
            cost = counting.hashed - before[0], counting.verified - before[1], str(refused.value)
            costs.setdefault(name, []).append(cost)
    known, closed, unknown = costs.values()
    assert known == closed == unknown
    assert known[0][:2] == (0, 1)
    assert known[-1] == (0, 0, store.LOCKED)


def test_guessing_at_many_doors_at_once_gains_little(counting: Counting, tmp_path: Path) -> None:
    accounts = store.open_accounts(tmp_path / "accounts.db")
    accounts.add_user("ana", PASSWORD)
    refusals: list[str] = []

    def guess(number: int) -> None:
        try:
            accounts.sign_in("ana", f"guess {number}")
        except NotAllowed as error:
            refusals.append(str(error))

    rounds = 10
    for _ in range(rounds):
        threads = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(refusals) == 8 * rounds
    # Those under way together when the last free attempt fails are still looked at, none after.
    assert counting.verified <= store.LOCK_AFTER + 8
    with pytest.raises(NotAllowed, match="too many"):
        accounts.sign_in("ana", PASSWORD)


# -- behind a proxy ------------------------------------------------------------------------------


def test_behind_a_proxy_that_ends_https_the_name_is_served_and_cookies_are_secure(
    tmp_path: Path,
) -> None:
    """The start of docs/serving.md, and what its proxies send."""
    name = "team.example.org"
    server = Server(APP, env={}, log=tmp_path / "server.log")
    start = ["--folder", tmp_path / "studies", "--port", server.port, "--host", name]
    with server.log.open("wb") as log:
        server.process = subprocess.Popen(
            [sys.executable, "-m", "qualcode", "serve", *map(str, start), "--no-browser"],
            stdout=log,
            stderr=log,
        )
    try:
        server.wait()
        proxied = {"host": name, "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
        for path in ("/", "/login", "/_stcore/health"):
            answer = httpx2.get(server.url + path, headers=proxied)
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            given = answer.headers.get_list("set-cookie")
            assert given
            assert all(cookie.endswith("Secure") for cookie in given), given
        with RawSocket(
            server.url,
            {BROWSER: ALPHA},
            origin=f"https://{name}",
            host=name,
            **{"X-Forwarded-Proto": "https"},
        ) as visitor:
            visitor.run()
            assert "Open the sample study" in visitor.words
        for other in ("team.example.org.evil.example", "evil.example"):
            answer = httpx2.get(server.url, headers=proxied | {"host": other})
            assert answer.status_code == 421
        said = server.log.read_text(encoding="utf-8")
        assert f"A proxy on this machine may serve it as {name}." in said
    finally:
        server.stop()
