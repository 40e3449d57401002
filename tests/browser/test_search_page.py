"""Search over the study in a real browser: to a place, to codings in one act, and undone; a code
proposed by a coder and taken in by the lead.
"""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path
from typing import Any

from qualcode.store import open_study

from ..conftest import ANA
from .test_rounds_page import (  # noqa: F401
    button,
    choose_row,
    folder,
    path,
    read,
    seat,
    server,
    settled,
)


def mine(path: Path) -> list[tuple[str, str, str]]:
    """(title, code, words) of what ana has coded."""
    with open_study(path, seat=ANA) as study:
        titles = study.titles()
        return [(titles[c.transcript], c.code, c.quote) for c in study.codings(coders=["ana"])]


def saved(page: Any) -> None:
    page.locator(".qc-status", has_text="All saved").wait_for()


def look_for(page: Any, words: str) -> None:
    page.locator(".qc-scroller").focus()
    page.keyboard.press("f")
    page.get_by_role("textbox", name="Search for").fill(words)
    page.keyboard.press("Enter")
    settled(page)


def test_what_a_search_finds_is_coded_in_one_act_and_undone_in_one(
    seat: Any, page: Any, path: Path
) -> None:
    seat("ana", "code", path)
    saved(page)
    look_for(page, "we")
    page.get_by_text("2 places in 2 transcripts.").wait_for()
    page.get_by_role("combobox", name="Put a code on them").click()
    page.get_by_role("option", name="Regular meetings").click()
    settled(page)
    button(page, "Code all 2").click()
    page.get_by_text("2 passages are coded.").first.wait_for()
    assert sorted(mine(path)) == [("P01", "C2", "we"), ("P03", "C2", "We")]
    with read(path) as study:
        assert study.codings().codings == (), "blind as ever"
        assert study.check() == []

    page.locator(".qc-scroller").focus()
    page.keyboard.press("Control+z")
    page.get_by_text("Undone: the codings of a search").first.wait_for()
    saved(page)
    assert mine(path) == []
    page.keyboard.press("Control+Shift+z")
    saved(page)
    assert len(mine(path)) == 2
    page.reload()
    saved(page)
    page.locator(".qc-scroller").focus()
    page.keyboard.press("Control+z")
    page.get_by_text("Undone: the codings of a search").first.wait_for()
    saved(page)
    assert mine(path) == []


def test_a_search_leads_to_a_place_in_another_transcript(seat: Any, page: Any, path: Path) -> None:
    seat("ana", "code", path)
    saved(page)
    for words, title in (("café", "P03"), ("mentor noticed", "P01")):
        look_for(page, words)
        choose_row(page, 0)
        button(page, f"Go to this place in {title}").click()
        page.locator(".qc-title", has_text=title).wait_for()
        page.wait_for_function(f"getSelection().toString() === {words!r}")
    page.keyboard.press("1")
    saved(page)
    assert [words for _, _, words in mine(path)] == ["mentor noticed"]


def test_a_window_stands_through_a_run_of_the_page_until_it_is_closed(
    seat: Any, page: Any, path: Path
) -> None:
    seat("ana", "code", path)
    window = page.get_by_role("dialog")
    for name in ("Search…", "More like this…", "Submit…"):
        saved(page)
        page.get_by_role("button", name=name).click()
        window.wait_for()
        settled(page)
        page.evaluate("globalThis.__qc_kick()")  # as where the server was slow to answer
        settled(page)
        assert window.is_visible(), name
        page.keyboard.press("Escape")
        window.wait_for(state="detached")
        settled(page)
        page.evaluate("globalThis.__qc_kick()")
        settled(page)
        assert window.count() == 0, name
    saved(page)
    page.get_by_role("button", name="Search…").click()
    window.wait_for()
    settled(page)
    # From below the window, as by the browser's way back.
    link = page.get_by_test_id("stTopNavLink").filter(has_text="Memos")
    link.evaluate("link => link.click()")
    page.locator("h1", has_text="Memos").wait_for()
    settled(page)
    page.get_by_role("link", name="Code", exact=True).click()
    saved(page)
    settled(page)
    assert window.count() == 0, "a page is opened without its windows"


def test_a_pattern_that_cannot_be_read_is_told_and_a_round_may_forbid_coding(
    seat: Any, page: Any, path: Path
) -> None:
    seat("lea", "rounds", path)
    page.get_by_text("Coders may code what a search finds").click()
    settled(page)
    with read(path) as study:
        assert not study.round("main").autocoding
    seat("ana", "code", path)
    saved(page)
    look_for(page, "we")
    page.get_by_text("is coded by hand").wait_for()
    assert page.get_by_role("combobox", name="Put a code on them").count() == 0
    page.get_by_role("radio", name="Pattern").or_(button(page, "Pattern")).first.click()
    page.get_by_role("textbox", name="Search for").fill("(we")
    page.keyboard.press("Enter")
    page.get_by_text("The pattern cannot be read").wait_for()


def test_a_proposed_code_is_taken_in_by_the_lead(seat: Any, page: Any, path: Path) -> None:
    seat("ana", "code", path)
    saved(page)
    page.locator(".qc-scroller").focus()
    page.keyboard.press("n")
    page.keyboard.press("s")
    page.keyboard.press("v")
    page.get_by_role("textbox", name="Name").fill("Ten minutes")
    page.keyboard.press("Enter")
    saved(page)
    seat("lea", "codebook", path)
    page.get_by_text("Proposed codes (1 waiting)").wait_for()
    button(page, "Take in…").click()
    button(page, "Take it in").click()
    page.get_by_text("“Ten minutes” is in the codebook.").first.wait_for()
    with read(path) as study:
        assert "Ten minutes" in {code.name for code in study.codebook().codes}
    seat("ana", "code", path)
    saved(page)
    page.locator(".qc-scroller").focus()
    page.keyboard.press("c")
    page.get_by_role("region", name="Codes you proposed").get_by_text("accepted").wait_for()
