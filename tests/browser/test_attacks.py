"""Script, HTML, Markdown and links in every text of a study: the browser shows words, does nothing.

The study of ``tests/hostile_study.py`` holds the same words in each field; every page is opened by
each of its people, and what could have come alive is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from qualcode.store.accounts import open_accounts
from qualcode.ui.server.cookies import SESSION
from tests.browser.conftest import Serve, Server, watched
from tests.hostile_study import MARKUP, hostile_study

APP = Path(__file__).parents[2] / "app.py"
PASSWORD = "four plain words here"
PAGES = (
    "", "transcripts", "people", "identifiers", "codebook", "rounds", "code", "recode", "agreement",
    "reconcile", "memos", "themes", "explore", "report", "record",
)  # fmt: skip
PEOPLE = ("lea", "ana")
ALIVE = """() => [...document.querySelectorAll(
    'b.evil, img[src="x"], img[src*="evil"], script:not([src]), a[href^="javascript"], '
    + 'a[href*="evil"], iframe, object, embed, [onerror], [onload], [onclick], .katex'
  )].filter(node => node.closest('body')).map(node => node.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def hostile(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    hostile_study(folder / "nurses.qualcode", MARKUP)
    (folder / ".accounts").mkdir()
    accounts = open_accounts(folder / ".accounts" / "accounts.db")
    for name in PEOPLE:
        accounts.add_user(name, PASSWORD, f"{name} {MARKUP}"[:100])
    return serve(APP, env={"QUALCODE_FOLDER": str(folder)}), accounts


@pytest.fixture
def visit(page: Page, hostile: tuple[Server, Any]) -> Iterator[Page]:
    """A page that remembers every dialog and every complaint about our policies."""
    page.alerts = []  # type: ignore[attr-defined]
    page.on("dialog", lambda dialog: (page.alerts.append(dialog.message), dialog.dismiss()))  # type: ignore[attr-defined]
    page.on(
        "console",
        lambda said: page.alerts.append(said.text) if "Content Security" in said.text else None,  # type: ignore[attr-defined]
    )
    yield page
    assert page.alerts == []  # type: ignore[attr-defined]


def sign_in(context: BrowserContext, hostile: tuple[Server, Any], name: str) -> str:
    server, accounts = hostile
    token = accounts.sign_in(name, PASSWORD)
    context.add_cookies([{"name": SESSION, "value": token, "url": server.url}])
    return server.url


def settled(page: Page) -> None:
    page.locator("[data-testid=stMainBlockContainer] h1, .qc-status").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(400)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("where", PAGES)
def test_words_stay_words_on_every_page(
    visit: Page, hostile: tuple[Server, Any], where: str, name: str
) -> None:
    url = sign_in(visit.context, hostile, name)
    visit.goto(f"{url}/{where}?study=nurses")
    settled(visit)
    assert visit.evaluate(ALIVE) == []
    shown = visit.locator("body").inner_text()
    assert "img src=x" in shown, "the words are there to be read"
    for tab in visit.get_by_role("tab").all():
        tab.click()
        settled(visit)
        assert visit.evaluate(ALIVE) == []


@pytest.mark.parametrize("view", ["Changes", "Versions", "Issues"])
def test_words_stay_words_in_every_view_of_the_codebook(
    visit: Page, hostile: tuple[Server, Any], view: str
) -> None:
    url = sign_in(visit.context, hostile, "lea")
    visit.goto(f"{url}/codebook?study=nurses")
    settled(visit)
    visit.get_by_test_id("stButtonGroup").get_by_text(view).click()
    settled(visit)
    assert visit.evaluate(ALIVE) == []
    assert "img src=x" in visit.locator("body").inner_text(), "the title at least is read there"


def test_words_stay_words_on_the_first_page_and_the_sign_in_pages(
    visit: Page, hostile: tuple[Server, Any]
) -> None:
    url = sign_in(visit.context, hostile, "lea")
    visit.goto(url)
    settled(visit)
    assert "img src=x" in visit.locator("body").inner_text()
    assert visit.evaluate(ALIVE) == []
    visit.context.clear_cookies()
    for address in ("/login?next=", "/join?token="):
        visit.goto(url + address + "%22%3E%3Cb%20class%3Devil%3E%3Cscript%3Ealert(1)%3C/script%3E")
        assert visit.evaluate(ALIVE) == []


def test_a_download_opened_by_itself_runs_nothing(
    visit: Page, hostile: tuple[Server, Any], tmp_path: Path
) -> None:
    """The HTML report holds the same words; it is read as a page of the disk would be."""
    url = sign_in(visit.context, hostile, "lea")
    visit.goto(f"{url}/report?study=nurses")
    settled(visit)
    with visit.expect_download() as given:
        visit.get_by_role("button", name="HTML").click()
    file = tmp_path / "report.html"
    given.value.save_as(file)
    opened = watched(visit.context.new_page())
    opened.on("dialog", lambda dialog: (visit.alerts.append(dialog.message), dialog.dismiss()))  # type: ignore[attr-defined]
    opened.set_content(file.read_text(encoding="utf-8"))
    assert "img src=x" in opened.locator("body").inner_text()
    assert opened.evaluate(ALIVE) == []


def test_anothers_download_is_refused_in_the_browser_too(
    visit: Page, hostile: tuple[Server, Any], browser: Any
) -> None:
    url = sign_in(visit.context, hostile, "ana")
    visit.goto(f"{url}/codebook?study=nurses")
    settled(visit)
    with visit.expect_download() as given:
        visit.get_by_role("button", name="Download CSV").click()
    address = given.value.url
    assert given.value.failure() is None
    other = browser.new_context()
    try:
        sign_in(other, hostile, "lea")
        answer = other.request.get(address)
        assert answer.status == 403
        assert "another browser" in answer.text()
    finally:
        other.close()
