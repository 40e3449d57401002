"""Sign-in with an institution in a real browser, with a real OpenID provider on this machine."""

from __future__ import annotations

import re
import secrets
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.serving import make_server

from qualcode.model import Member
from qualcode.store import open_study
from qualcode.store.accounts import IDLE_SECONDS, open_accounts
from tests.browser.test_sign_in import APP, PASSWORD, SIGN_OUT, complaints, started

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock as provider_mock

__all__ = ["complaints"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own affair

WITH = "Sign in with Fjord University"
PLAIN = "<!doctype html><title>Provider</title>{% block content %}{% endblock %}"
"""Around the provider's pages; its own frame would fetch a style sheet from the internet."""
PEOPLE = {
    "sub-ana": {"email": "Ana.Silva@uni.example", "email_verified": True, "name": "Ana Silva"},
    "sub-lea": {"email": "lea@uni.example", "email_verified": True, "name": "Lea"},
    "sub-eve": {"email": "eve@uni.example", "email_verified": False},
    "sub-nil": {"name": "No mail"},
    "sub-out": {"email": "out@elsewhere.example", "email_verified": True},
    "sub-taken": {"email": "taken@uni.example", "email_verified": True},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows PEOPLE; there one signs in by a button."""
    users = [provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        app = provider_mock.app(user_claims=users)
        app.jinja_loader = ChoiceLoader([DictLoader({"_base.html": PLAIN}), app.jinja_loader])
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies")
    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    accounts.add_user("root", PASSWORD)
    accounts.add_user("taken@uni.example", PASSWORD)
    with open_study(folder / "nurses.qualcode", create=True, title="Nurses") as study:
        study.add_member(Member("lea@uni.example", frozenset({"lead"}), "Lea"))
        study.add_member(Member("ana.silva@uni.example", frozenset({"coder"}), "Ana"))
    return folder


@pytest.fixture(scope="module")
def server(
    serve: Any, provider: str, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The app with ``[auth]``; its way back has its port, which Streamlit puts in."""
    kept = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    kept.write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
[auth.uni]
label = "Fjord University"
client_id = "qualcode"
client_secret = "{secrets.token_hex(8)}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )
    return serve(
        APP,
        env={
            "QUALCODE_FOLDER": str(folder),
            "QUALCODE_SIGNIN_DOMAINS": "uni.example",
            "STREAMLIT_SECRETS_FILES": str(kept),
        },
    )


Arrive = Callable[[str], None]


@pytest.fixture
def arrive(server: Any, page: Any) -> Arrive:
    def arrive(subject: str) -> None:
        page.goto(f"{server.url}/login")
        page.get_by_role("link", name=WITH).click()
        page.get_by_role("button", name=subject).click()
        page.wait_for_url(f"{server.url}/**")

    return arrive


def session_cookies(page: Any) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def test_the_start_page_leads_to_the_institution_and_back(
    server: Any, page: Any, complaints: list[str], folder: Path
) -> None:
    page.goto(server.url)
    started(page)
    page.get_by_role("link", name=WITH).click()
    page.get_by_role("button", name="sub-lea").click()
    started(page)
    page.wait_for_selector(SIGN_OUT)
    page.get_by_role("button", name="Open Nurses").wait_for()
    assert "Signed in as Lea" in page.locator("[data-testid=stMainBlockContainer]").inner_text()


def test_a_first_arrival_makes_an_account_that_belongs_to_its_study(
    server: Any, page: Any, arrive: Arrive, folder: Path, complaints: list[str]
) -> None:
    arrive("sub-ana")
    started(page)
    user = open_accounts(folder / ".accounts" / "accounts.db").user("ana.silva@uni.example")
    assert user is not None
    assert (user.display, user.active, user.has_password) == ("Ana Silva", True, False)
    page.get_by_role("button", name="Open Nurses").click()
    page.locator(".st-key-bar").get_by_text("Ana Silva").first.wait_for()

    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert not [name for name in kept if name.startswith("_streamlit_user")], "no claims are kept"
    assert kept["qc_session"]["httpOnly"]
    assert kept["qc_session"]["sameSite"] == "Lax"

    page.click(SIGN_OUT)
    page.get_by_role("heading", name="You are signed out").wait_for()
    assert "your institution" in page.locator("main").inner_text()
    page.goto(server.url)
    started(page)
    assert page.locator(SIGN_OUT).count() == 0


@pytest.mark.parametrize("how", ["closed", "signed out everywhere", "idle"])
def test_what_ends_a_session_ends_it_on_the_next_click(
    server: Any, page: Any, arrive: Arrive, folder: Path, how: str
) -> None:
    arrive("sub-ana")
    started(page)
    page.get_by_role("button", name="Open Nurses").click()
    page.get_by_role("link", name="Codebook").first.wait_for()
    accounts, name = open_accounts(folder / ".accounts" / "accounts.db"), "ana.silva@uni.example"
    if how == "closed":
        accounts.deactivate(name)
    elif how == "idle":
        with accounts._file.changing() as db:
            db.execute("UPDATE sessions SET seen = seen - ?", [IDLE_SECONDS])
    else:
        accounts.sign_out_everywhere(name)
    page.get_by_role("link", name="Codebook").first.click()
    page.get_by_text("You are signed out; sign in to go on.").wait_for()
    page.goto(server.url)
    started(page)
    assert page.locator(SIGN_OUT).count() == 0
    if how == "closed":
        arrive("sub-ana")
        assert "closed" in page.get_by_role("alert").inner_text()
        accounts.reopen(name)
        arrive("sub-ana")
        started(page)
        page.wait_for_selector(SIGN_OUT)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("sub-eve", "has not verified the e-mail address eve@uni.example"),
        ("sub-nil", "did not give your e-mail address"),
        ("sub-out", "at elsewhere.example are not let in here"),
        ("sub-taken", "“taken@uni.example” here that has a password"),
    ],
)
def test_who_may_not_come_in_is_told_why(
    server: Any, page: Any, arrive: Arrive, folder: Path, subject: str, words: str
) -> None:
    before = open_accounts(folder / ".accounts" / "accounts.db").users()
    arrive(subject)
    assert words in page.get_by_role("alert").inner_text()
    assert "qc_session" not in session_cookies(page)
    page.goto(server.url)
    started(page)
    assert page.locator(SIGN_OUT).count() == 0
    assert open_accounts(folder / ".accounts" / "accounts.db").users() == before


def test_who_turns_back_at_the_institution_is_not_signed_in(server: Any, page: Any) -> None:
    page.goto(f"{server.url}/login")
    page.get_by_role("link", name=WITH).click()
    page.get_by_role("button", name="Deny").click()
    assert "not signed in with your institution" in page.get_by_role("alert").inner_text()


def test_a_way_back_that_is_gone_twice_signs_nobody_in(
    server: Any, page: Any, browser: Any
) -> None:
    """The address with the code, taken from a history or a log, opens no door a second time."""
    back: list[str] = []
    page.on("request", lambda r: back.append(r.url) if "/oauth2callback" in r.url else None)
    page.goto(f"{server.url}/login?next=/")
    page.get_by_role("link", name=WITH).click()
    page.get_by_role("button", name="sub-lea").click()
    started(page)
    (address,) = back
    assert urlsplit(address).query
    thief = browser.new_context()
    stolen = thief.new_page()
    stolen.goto(address)
    assert "not signed in" in stolen.get_by_role("alert").inner_text()
    assert "qc_session" not in {cookie["name"] for cookie in thief.cookies()}
    thief.close()
    page.context.clear_cookies(name="qc_session")
    page.goto(address)
    assert "not signed in" in page.get_by_role("alert").inner_text()
    assert "qc_session" not in session_cookies(page)


def test_one_comes_back_to_the_page_one_wanted(server: Any, page: Any) -> None:
    page.goto(f"{server.url}/?study=nurses")
    page.get_by_text("You are signed out; sign in to go on.").wait_for()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name=WITH).click()
    page.get_by_role("button", name="sub-lea").click()
    page.wait_for_url(re.compile(r"\?study=nurses$"))
    page.get_by_role("heading", name="Study", exact=True).wait_for()


def test_the_institutions_people_change_their_password_there(
    server: Any, page: Any, arrive: Arrive
) -> None:
    arrive("sub-lea")
    started(page)
    page.get_by_role("link", name="Account").click()
    page.get_by_text("change your password there").wait_for()
    assert page.get_by_label("New password").count() == 0
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
