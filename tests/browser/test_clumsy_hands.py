"""What people do besides the main job: addresses typed, two tabs, files taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qualcode.sample import build_sample
from tests.browser.conftest import Serve, Server

APP = Path(__file__).parents[2] / "app.py"
INTERVIEW = "Interviewer: How is it?\n\nAnna: I stay late most days, and nobody minds it.\n"


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("studies")
    (folder / ".sample").mkdir()
    build_sample(folder / ".sample" / "sample.qualcode", uncoded=["P06"]).close()
    return serve(APP, env={"QUALCODE_FOLDER": str(folder)})


def settled(page: Any) -> None:
    page.wait_for_timeout(250)
    page.locator("[data-test-script-state=notRunning]").wait_for()


def test_every_address_leads_somewhere(server: Server, page: Page) -> None:
    """The first of them reaches a server that has shown no page yet."""
    for address, heading in (
        ("/codebook?study=sample", "Codebook"),
        ("/study?study=sample", "Study"),
        ("/code", "Two people code the same interviews, blind. Then they compare."),
        ("/study", "Two people code the same interviews, blind. Then they compare."),
    ):
        page.goto(server.url + address)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        settled(page)
        expect(page.get_by_role("link", name="Report", exact=True)).to_have_count(
            1 if "sample" in address else 0
        )
        expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_second_tab_is_told_that_the_first_has_submitted(server: Server, page: Page) -> None:
    first, second = page, page.context.new_page()
    for tab in (first, second):
        tab.goto(f"{server.url}/code?study=sample&seat=ana")
        tab.get_by_role("button", name="Submit…").click()
        tab.get_by_role("button", name="Submit and seal").wait_for()
        settled(tab)
    first.get_by_role("button", name="Submit and seal").click()
    first.locator(".qc-status", has_text="Read only").wait_for()
    second.get_by_role("button", name="Submit and seal").click()
    expect(second.get_by_role("dialog").get_by_text("You have submitted P06")).to_be_visible()
    expect(second.get_by_test_id("stException")).to_have_count(0)


def test_what_was_typed_stays_with_its_file_when_another_is_taken_back(
    server: Server, page: Page, tmp_path: Path
) -> None:
    files = [tmp_path / "first.txt", tmp_path / "second.txt"]
    for number, file in enumerate(files):
        file.write_text(INTERVIEW + f"\nInterviewer: And {number}?\n", encoding="utf-8")
    page.goto(f"{server.url}/transcripts?study=sample&seat=lea")
    page.locator("input[type=file][multiple]").set_input_files([str(file) for file in files])
    title = page.get_by_role("textbox", name="Title")
    expect(title).to_have_count(2)
    title.nth(1).fill("The second one")
    title.nth(1).press("Enter")
    settled(page)
    page.get_by_role("button", name="Remove first.txt").click()
    expect(title).to_have_count(1)
    settled(page)
    expect(title).to_have_value("The second one")
