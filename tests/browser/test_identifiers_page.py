"""Identifiers in a real browser: decided by keys alone, written, signed, and read by a coder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.store import open_study
from tests.browser.conftest import Serve, Server

ROOT = Path(__file__).parents[2]
PASSPHRASE = "four walnuts under a blue hat"
PLANTED = (b"Okafor", b"Brendan", b"j.mori", b"416-555-0134", b"00482913", b"Harbour Street")


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("studies")
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})
    server.env["folder"] = str(folder)
    return server


def drawn(page: Page) -> None:
    page.wait_for_timeout(200)
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=60_000)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        drawn(page)


def open_page(page: Page, server: Server) -> Path:
    page.goto(server.url)
    page.get_by_role("button", name="Open the sample study").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    visit(page, server, "lea")
    return Path(server.env["folder"]) / ".sample" / "sample.qualcode"


def visit(page: Page, server: Server, seat: str) -> None:
    page.goto(f"{server.url}/identifiers?study=sample&seat={seat}")
    page.get_by_role("heading", name="Identifiers", exact=True).wait_for()
    drawn(page)


def unlock(page: Page) -> None:
    """The passphrase, typed and sent by the keyboard; the first time the key is made."""
    boxes = page.locator("[data-testid=stMain] input[type=password]")
    boxes.first.wait_for()
    for box in boxes.all():
        box.fill(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"\d+ of \d+ decided"))).to_be_visible(timeout=60_000)
    drawn(page)


def done(page: Page) -> tuple[int, int]:
    words = page.get_by_text(re.compile(r"\d+ of \d+ decided")).inner_text().split()
    return int(words[0]), int(words[2])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(page: Page, server: Server, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    unlock(page)
    for context in (".st-key-identifiers_outcomes", ".ui-passage"):
        response = axe.run(page, context=context).response
        assert response["passes"], "axe has looked"
        assert response["violations"] == []


def test_from_the_first_hit_to_a_released_text_by_keyboard(page: Page, server: Server) -> None:
    path = open_page(page, server)
    unlock(page)
    decided, total = done(page)
    assert (decided, total >= 15) == (0, True)

    press(page, "ArrowRight")
    expect(page.get_by_text(f"2 of {total}", exact=True)).to_be_visible()
    press(page, "ArrowLeft")
    expect(page.get_by_text(f"1 of {total}", exact=True)).to_be_visible()
    press(page, "k")
    expect(page.get_by_text(f"1 of {total} decided")).to_be_visible()
    press(page, "u")
    expect(page.get_by_text(f"0 of {total} decided")).to_be_visible()
    press(page, "o")
    box = page.get_by_role("textbox", name="What stands there instead")
    box.fill("[a rare specialist]")
    press(page, "Control+Enter")
    expect(page.get_by_text(f"1 of {total} decided")).to_be_visible()

    # A reload forgets nothing but the passphrase.
    visit(page, server, "lea")
    unlock(page)
    assert done(page) == (1, total)
    for n in range(2, total + 1):
        press(page, "p")
        expect(page.get_by_text(f"{n} of {total} decided")).to_be_visible()

    page.get_by_role("radio", name="Write and release").focus()
    press(page, "Space")
    expect(page.get_by_text("P06: names beside the text")).to_be_visible()
    page.get_by_role("button", name=re.compile("Write into")).focus()
    press(page, "Enter")
    expect(page.get_by_text("Everything that was decided stands in the texts.")).to_be_visible(
        timeout=60_000
    )
    hold = page.get_by_role("switch", name="Coders read released texts only")
    hold.focus()
    press(page, "Space")
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Lea Brandt")
    page.get_by_role("button", name="Sign and release").focus()
    press(page, "Enter")
    expect(page.get_by_text("All transcripts are released as they stand.")).to_be_visible()

    with open_study(path) as study:
        assert {r.signed for r in study.releases().values()} == {"Lea Brandt"}
        assert "[a rare specialist] who runs" in study.transcript("P01").text
        assert study.check() == []
    for file in (path, *path.parent.glob("sample.qualcode-*")):
        assert not [name for name in PLANTED if name in file.read_bytes()], file.name
    page.goto(f"{server.url}/transcripts?study=sample&seat=ana")
    expect(page.get_by_text("[hospital 1]", exact=False).first).to_be_visible()
    visit(page, server, "ana")
    expect(page.get_by_text("looked after by the data steward", exact=False)).to_be_visible()
