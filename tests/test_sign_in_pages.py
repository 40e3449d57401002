"""One's account, the limit of an address, and the way over an institution, as a browser asks."""

from __future__ import annotations

import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.testclient import TestClient

from qualcode.store.accounts import WRONG, WRONG_OLD
from qualcode.store.attempts import LOCK_ADDRESS_AFTER, LOCK_AFTER, LOCKED, LOCKED_ADDRESS
from qualcode.store.identity import Identity
from qualcode.ui import places
from qualcode.ui.server import clients, institution
from qualcode.ui.server.cookies import BROWSER, SESSION
from tests.test_server import HERE, OWN, PASSWORD, alert, ana, app, browser, form_token, send

__all__ = ["ana", "app", "browser"]

NEW = "another good password"
FJORD = institution.Institution("uni", "Fjord & Sons")


@pytest.fixture
def signed_in(browser: TestClient, ana: str) -> TestClient:
    send(browser, "/login", name=ana, password=PASSWORD)
    return browser


@pytest.fixture
def fjord(monkeypatch: pytest.MonkeyPatch) -> None:
    """An institution is set up, for people at uni.example."""
    monkeypatch.setattr(institution, "institutions", lambda: (FJORD,))
    monkeypatch.setenv(institution.DOMAINS, "uni.example, @hospital.example")


@pytest.fixture
def lea(browser: TestClient) -> TestClient:
    """Somebody who came by their institution."""
    person = Identity("https://login.uni.example", "1", "lea@uni.example", "Lea")
    browser.cookies.set(SESSION, places.accounts().arrive(person))
    return browser


# -- one's own account ---------------------------------------------------------------------------


def test_a_password_is_changed_by_who_knows_the_old_one(signed_in: TestClient) -> None:
    elsewhere = places.accounts().sign_in("ana", PASSWORD)
    answer = send(signed_in, "/password", old=PASSWORD, password=NEW, again=NEW)
    assert "Your password is changed" in answer.text
    assert places.accounts().who(signed_in.cookies[SESSION]) == "ana"
    assert places.accounts().who(elsewhere) is None
    assert places.accounts().sign_in("ana", NEW)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"old": "not the password"}, WRONG_OLD),
        ({"again": "something else"}, "differ"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"password": "", "again": ""}, "at least 10"),
    ],
)
def test_a_password_that_cannot_be_changed_is_told_why(
    signed_in: TestClient, fields: dict[str, str], words: str
) -> None:
    answer = send(
        signed_in, "/password", **{"old": PASSWORD, "password": NEW, "again": NEW, **fields}
    )
    assert answer.status_code == 400
    assert words in alert(answer.text)
    assert not [word for word in (PASSWORD, NEW) if word in answer.text]
    assert places.accounts().sign_in("ana", PASSWORD)


def test_a_form_for_a_new_password_must_be_ours(signed_in: TestClient) -> None:
    fields = {"old": PASSWORD, "password": NEW, "again": NEW}
    answer = signed_in.post("/password", data={"form": "x" * 32, **fields}, headers=OWN)
    assert answer.status_code == 403
    answer = signed_in.post("/password", data=fields, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert places.accounts().sign_in("ana", PASSWORD)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ones_account_needs_a_sign_in(browser: TestClient, ana: str, method: str) -> None:
    answer = browser.request(method, "/password", headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/password")


def test_who_comes_from_an_institution_has_no_password_to_change(lea: TestClient) -> None:
    page = lea.get("/password").text
    assert "change your password there" in page
    assert 'name="old"' not in page
    assert 'name="everywhere"' in page


def test_signing_out_everywhere_needs_our_form(signed_in: TestClient) -> None:
    elsewhere = places.accounts().sign_in("ana", PASSWORD)
    here = signed_in.cookies[SESSION]
    token = form_token(signed_in.get("/password").text)
    signed_in.post("/logout", data={"everywhere": "1", "form": "x"}, headers=OWN)
    assert [places.accounts().who(session) for session in (here, elsewhere)] == [None, "ana"]
    send(signed_in, "/login", name="ana", password=PASSWORD)
    answer = signed_in.post("/logout", data={"everywhere": "1", "form": token}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert places.accounts().who(elsewhere) is None


def test_who_signs_out_is_told_that_the_institution_may_not_know(lea: TestClient) -> None:
    session = lea.cookies[SESSION]
    answer = lea.post("/logout", headers=OWN)
    assert "may still be signed in with your institution" in answer.text
    assert places.accounts().who(session) is None


# -- many names from one address -----------------------------------------------------------------


def guess(browser: TestClient, name: str, password: str = "not it, surely", **headers: str) -> str:
    token = form_token(browser.get("/login").text)
    fields = {"form": token, "name": name, "password": password}
    return alert(browser.post("/login", data=fields, headers={**OWN, **headers}).text)


def test_many_names_from_one_browser_are_refused(browser: TestClient, ana: str) -> None:
    told = [guess(browser, f"name{n}") for n in range(LOCK_ADDRESS_AFTER)]
    assert set(told) == {WRONG}
    assert guess(browser, ana, PASSWORD) == LOCKED_ADDRESS
    assert guess(browser, "nobody") == LOCKED_ADDRESS


def test_an_address_that_one_writes_oneself_is_no_way_round(browser: TestClient, ana: str) -> None:
    told = [
        guess(browser, f"name{n}", **{"x-forwarded-for": f"192.0.2.{n}"})
        for n in range(LOCK_ADDRESS_AFTER)
    ]
    assert set(told) == {WRONG}
    assert guess(browser, ana, PASSWORD, **{"x-forwarded-for": "192.0.2.99"}) == LOCKED_ADDRESS


def test_who_has_signed_in_here_before_is_not_locked_out_by_others(
    app: Starlette, signed_in: TestClient
) -> None:
    assert BROWSER in signed_in.cookies
    signed_in.post("/logout", headers=OWN)
    with TestClient(app, base_url=HERE, follow_redirects=False) as stranger:
        for _ in range(LOCK_AFTER):
            guess(stranger, "ana")
        assert guess(stranger, "ana", PASSWORD) == LOCKED
    assert guess(signed_in, "ana", PASSWORD) == ""
    assert places.accounts().who(signed_in.cookies[SESSION]) == "ana"


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_an_address_is_what_one_customer_has(peer: str | None, counted: str) -> None:
    scope = {"type": "http", "headers": [], "client": (peer, 1) if peer else None}
    assert clients.address(Request(scope)) == counted


def test_behind_a_declared_proxy_its_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = [(b"x-forwarded-for", b"198.51.100.1")]
    request = Request({"type": "http", "headers": headers, "client": ("198.51.100.1", 0)})
    assert clients.address(request) == clients.UNDECLARED
    monkeypatch.setenv(clients.TRUST, "1")
    assert clients.address(request) == "198.51.100.1"


# -- with an institution -------------------------------------------------------------------------


def test_the_sign_in_page_offers_the_institution_first(browser: TestClient, fjord: None) -> None:
    page = browser.get("/login?next=/code?study=nurses").text
    link = 'href="/login/institution?with=uni&amp;next=%2Fcode%3Fstudy%3Dnurses"'
    assert page.index(link) < page.index("<form")
    assert "Sign in with Fjord &amp; Sons" in page


def test_without_an_institution_nothing_of_it_is_shown(browser: TestClient, ana: str) -> None:
    assert "institution" not in browser.get("/login").text
    answer = browser.get("/login/institution?with=uni")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_an_institution_that_does_not_answer_is_told_in_words(
    browser: TestClient, fjord: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_request: Request) -> Response:
        return Response("Authentication error", 400)

    monkeypatch.setattr(institution, "_streamlit", lambda path: silent)
    monkeypatch.setattr(institution.auth_util, "encode_provider_token", lambda key: key)
    answer = browser.get("/login/institution?with=uni")
    assert answer.status_code == 502
    assert "Fjord & Sons does not answer" in alert(answer.text)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, fjord: None) -> dict[str, object]:
    """What Streamlit would keep of the person who comes back, signed with this server's secret."""
    from streamlit.web.server.starlette import starlette_auth_routes as routes

    monkeypatch.setattr(routes, "get_cookie_secret", lambda: "x" * 32)
    monkeypatch.setattr(institution, "get_cookie_secret", lambda: "x" * 32)
    claims: dict[str, object] = {
        "iss": "https://login.uni.example",
        "sub": "1",
        "email": "lea@uni.example",
        "email_verified": True,
        "provider": "uni",
        "is_logged_in": True,
    }

    async def back(_request: Request) -> Response:
        response = RedirectResponse("/", 302)
        await routes._set_auth_cookie(response, claims, {"id_token": "secret"})
        return response

    monkeypatch.setattr(institution, "_streamlit", lambda path: back)
    return claims


@pytest.mark.parametrize("length", [10, 10_000], ids=["one cookie", "split cookies"])
def test_what_the_institution_said_becomes_a_session_and_stays_here(
    browser: TestClient, said: dict[str, object], length: int
) -> None:
    said["groups"] = "g" * length
    answer = browser.get(institution.BACK)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert places.accounts().who(browser.cookies[SESSION]) == "lea@uni.example"
    assert "_streamlit_user" not in str(answer.headers)
    assert "secret" not in str(answer.headers)


@pytest.mark.parametrize("change", [{"provider": "other"}, {"is_logged_in": False}])
def test_what_another_provider_said_opens_nothing(
    browser: TestClient, said: dict[str, object], change: dict[str, object]
) -> None:
    said.update(change)
    answer = browser.get(institution.BACK)
    assert answer.status_code == 403
    assert SESSION not in browser.cookies
    assert places.accounts().users() == []


def test_a_cookie_of_streamlits_own_is_worth_nothing(
    browser: TestClient, said: dict[str, object]
) -> None:
    """Not even a right one, kept from before: nobody reads it."""
    from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

    signed = create_signed_value("x" * 32, "_streamlit_user", json.dumps(said)).decode()
    browser.cookies.set("_streamlit_user", signed)
    assert browser.get("/password").status_code == 303
    assert browser.get("/login").status_code == 200


def test_an_institutions_mail_is_not_given_away_by_an_invitation(
    browser: TestClient, ana: str, fjord: None
) -> None:
    token = places.accounts().invite("dean@uni.example", by=ana)
    answer = send(browser, "/join", token=token, password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 400
    assert "its person signs in there" in alert(answer.text)
    assert places.accounts().user("dean@uni.example") is None


@pytest.mark.parametrize(
    ("name", "owned"),
    [
        ("ana", False),
        ("Ana@Uni.example", True),
        ("ana@hospital.example", True),
        ("ana@uni.example.org", False),
    ],
)
def test_which_names_are_the_institutions(fjord: None, name: str, owned: bool) -> None:
    assert institution.owns(name) is owned


def test_a_setting_that_is_not_whole_is_told_and_not_offered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from streamlit.runtime.secrets import AttrDict, secrets_singleton

    auth = {
        "redirect_uri": "https://q.example/oauth2callback",
        "cookie_secret": "x" * 32,
        "uni": {
            "client_id": "a",
            "client_secret": "b",
            "server_metadata_url": "https://u.example",
            "label": "Uni",
            "trust_email": True,
        },
        "half": {"client_id": "a"},
    }
    monkeypatch.setattr(secrets_singleton, "load_if_toml_exists", lambda: True)
    monkeypatch.setattr(
        type(secrets_singleton), "get", lambda self, key, other=None: AttrDict(auth)
    )
    institution._complain.cache_clear()
    assert institution.institutions() == (institution.Institution("uni", "Uni", True),)
    institution.institutions()
    assert caplog.text.count("client_secret") == 1, "the terminal is told once what is missing"
    assert institution.is_https()
