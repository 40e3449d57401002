"""The way in and out in a real browser, in front of the real app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.store.accounts import open_accounts

APP = Path(__file__).parents[2] / "app.py"
PASSWORD = "four plain words here"
SIGN_OUT = 'form[action="/logout"] button'


@pytest.fixture(scope="module")
def server(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return serve(APP, env={"QUALCODE_FOLDER": str(tmp_path_factory.mktemp("studies"))})


@pytest.fixture
def complaints(page: Any) -> Iterator[list[str]]:
    """What the browser says of our policies; nothing, when the test is over."""
    said: list[str] = []
    page.context.on(
        "console",
        lambda message: said.append(message.text) if "Content Security" in message.text else None,
    )
    yield said
    assert said == []


def started(page: Any) -> None:
    """Wait until the app has drawn its page."""
    page.wait_for_selector("[data-testid=stMainBlockContainer] h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def sign_in(page: Any, password: str = PASSWORD) -> None:
    page.get_by_label("Name", exact=True).fill("ana")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_first_account_is_made_signed_in_and_signed_out(
    server: Any, page: Any, complaints: list[str]
) -> None:
    page.goto(server.url)
    started(page)
    assert page.locator(SIGN_OUT).count() == 0

    (link,) = re.findall(r"http://127\.0\.0\.1:\d+/join\?token=\S+", server.log.read_text())
    assert link.startswith(server.url)
    page.goto(link)
    page.get_by_label("Sign-in name").fill("ana")
    page.get_by_label("Your name as others see it").fill("Ana Silva")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD + " no")
    page.get_by_role("button", name="Make the account").click()
    assert "differ" in page.get_by_role("alert").inner_text()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    started(page)
    page.wait_for_selector(SIGN_OUT)
    assert "qc_session" not in page.evaluate("document.cookie"), "no script can read the session"

    other = page.context.new_page()
    other.goto(server.url)
    other.wait_for_selector(SIGN_OUT)
    page.click(SIGN_OUT)
    started(page)
    assert page.locator(SIGN_OUT).count() == 0
    other.keyboard.press("r")  # Streamlit's key to run the page anew, in the tab left open
    other.wait_for_selector(SIGN_OUT, state="detached")
    other.close()

    assert page.goto(link).status == 410, "the link is good for one account"
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "not the password")
    assert page.get_by_role("alert").inner_text() == "The name or the password is wrong."
    sign_in(page)
    started(page)
    page.wait_for_selector(SIGN_OUT)


def test_a_password_is_changed_and_other_browsers_are_signed_out(
    serve: Any, page: Any, browser: Any, complaints: list[str], tmp_path: Path
) -> None:
    open_accounts(tmp_path / ".accounts" / "accounts.db").add_user("ana", PASSWORD)
    server = serve(APP, env={"QUALCODE_FOLDER": str(tmp_path)})
    elsewhere = browser.new_context().new_page()
    for here in (page, elsewhere):
        here.goto(f"{server.url}/login")
        sign_in(here)
        started(here)
        here.wait_for_selector(SIGN_OUT)
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another good password")
    page.get_by_label("New password again").fill("another good password")
    page.get_by_role("button", name="Change the password").click()
    assert "is changed" in page.get_by_role("status").inner_text()
    page.goto(server.url)
    page.wait_for_selector(SIGN_OUT)
    elsewhere.keyboard.press("r")
    elsewhere.wait_for_selector(SIGN_OUT, state="detached")
    elsewhere.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_fits_a_phone_and_follows_the_system(
    server: Any, browser: Any, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server.url}/login")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3]) / 3
    assert (lightness < 60) if scheme == "dark" else (lightness > 200)
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    context.close()


def test_a_page_of_another_origin_gets_no_socket(server: Any, page: Any) -> None:
    """Another program's page on this machine has our cookies, and still may not speak for us."""
    page.goto(f"{server.url}/login")  # its policy allows no connection; the next page's does
    outcome = """url => new Promise(done => {
        const socket = new WebSocket(url.replace("http", "ws") + "/_stcore/stream", "streamlit");
        socket.onopen = () => done("open"); socket.onclose = () => done("closed");
    })"""
    page.goto(server.url)
    started(page)
    assert page.evaluate(outcome, server.url) == "open"
    page.goto("about:blank")  # its origin is "null"
    assert page.evaluate(outcome, server.url) == "closed"
