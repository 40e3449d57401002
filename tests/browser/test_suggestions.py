"""What the machine suggests, in a real browser: candidates and gaps judged and told in the report;
more of a code found by keys alone, and taken back.
"""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from docx import Document

from qualcode.model import Member, new_id
from qualcode.sample import build_sample
from qualcode.store import open_study

from ..conftest import ANA, BEN, LEA
from .test_rounds_page import (  # noqa: F401
    button,
    folder,
    read,
    seat,
    server,
    settled,
)

PATIENCE = 240_000
"""The first look reads a language model, on a machine that may be busy."""


@pytest.fixture
def path(folder: Path) -> Path:
    """The interviews of the sample, all submitted by two coders who gave codes to a few turns."""
    path = folder / f"s{new_id()}.qualcode"
    model = path.with_suffix(".sample")
    with build_sample(model) as sample, open_study(path, create=True, title="Nurses") as study:
        for name, roles in (("lea", LEA.roles), ("ana", ANA.roles), ("ben", BEN.roles)):
            study.add_member(Member(name, roles, name.title()))
        study.set_codebook(sample.codebook())
        study.add(*sample.transcripts())
        for coder in (ANA, BEN):
            own = study.seated(coder)
            for text in study.transcripts():
                codings = sample.codings(coders=[coder.name], transcript=text.title)
                few = [c for c in codings if c.code.startswith("MEN-1")]
                acts = [
                    {"op": "add", "op_id": new_id(), "quote": c.quote,
                     "coding": {"id": new_id(), "start": c.span.start, "end": c.span.end,
                                "code": c.code, "memo": ""}}
                    for c in few
                ]  # fmt: skip
                assert own.apply(text.title, acts).rejected == ()
    model.unlink()
    return path


def test_candidates_and_gaps_are_judged_and_the_report_tells_of_it(
    seat: Any, page: Any, path: Path, tmp_path: Path
) -> None:
    for coder in (ANA, BEN):
        with open_study(path, seat=coder) as study:
            study.submit(*[text.title for text in study.transcripts()])
    seat("lea", "themes", path)
    button(page, "Look for candidates").click()
    page.get_by_text("of the passages carried one and the same human code").wait_for(
        timeout=PATIENCE
    )
    page.get_by_role("radio", name="Fine").or_(page.get_by_text("Fine (")).first.click()
    settled(page)
    card = page.locator("[class*=st-key-themes_card_fine_1]").first
    light = card.locator(".ui-light")
    assert light.inner_text().split()[-1] in ("steady", "fair", "shaky")
    assert "the commonest human code held" in light.get_attribute("aria-label")
    light.focus()  # what it means is reached by the keyboard too
    button(card, "Make a theme of it").click()
    page.get_by_role("textbox", name="Name").fill("Improving happens after hours")
    button(page, "Keep the theme").click()
    card.get_by_text("kept as “Improving happens after hours”").wait_for()
    second = page.locator(".st-key-themes_card_fine_2")
    button(second, "Set aside").click()
    page.get_by_role("textbox", name="Reason").fill("One phrase of the guide")
    button(page, "Set it aside").click()
    page.get_by_text("Set aside (1)").wait_for()

    page.get_by_text("Gaps", exact=True).click()
    settled(page)
    button(page, "Look for gaps").click()
    gap = page.locator(".st-key-themes_gap_1")
    gap.wait_for(timeout=PATIENCE)
    button(gap, "Propose a code").click()
    page.get_by_role("textbox", name="Name").fill("Data that nobody opens")
    button(page, "Take it into the codebook").click()
    gap.get_by_text("became the code “Data that nobody opens”").wait_for()

    seat("lea", "report", path)
    with page.expect_download() as got:
        button(page, "Word").click()
    got.value.save_as(tmp_path / "coreq.docx")
    document = Document(str(tmp_path / "coreq.docx"))
    words = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    told = "1 kept as a theme by Lea, 1 set aside"
    assert any(told in cell and "became a code" in cell for cell in words)
    with read(path) as study:
        assert [t.origin for t in study.themes()] == ["machine_suggested"]
        assert [a.answer for a in study.machine_help().answers] == [
            "accepted", "rejected", "accepted",
        ]  # fmt: skip
        assert study.check() == []


def test_more_of_a_code_is_found_by_keys_alone_and_taken_back(
    seat: Any, page: Any, path: Path
) -> None:
    def mine() -> list[str]:
        with open_study(path, seat=ANA) as study:
            assert study.check() == []
            return [c.search for c in study.codings(coders=["ana"]) if c.search]

    seat("ana", "code", path)
    page.locator(".qc-status", has_text="All saved").wait_for()
    page.keyboard.press("Alt+l")
    page.get_by_role("dialog").get_by_role("combobox").wait_for()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.getAttribute('role')") != "combobox":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    shown = page.get_by_role("dialog").locator(".ui-around")
    shown.wait_for(timeout=PATIENCE)
    settled(page)
    seen = []
    for key in ("a", "x", "a", "a"):
        seen.append(shown.inner_text())
        page.keyboard.press(key)
        page.wait_for_function(
            "before => document.querySelector('.ui-around')?.innerText !== before", arg=seen[-1]
        )
        settled(page)
    assert len(set(seen)) == 4
    page.get_by_text("3 passages taken, 1 not").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("2 passages taken, 1 not").wait_for()
    settled(page)
    assert shown.inner_text() == seen[-1], "the last one is asked about again"
    assert len(mine()) == 2
    assert len(set(mine())) == 1, "one act"

    page.keyboard.press("Escape")
    page.get_by_text("2 passages are coded.").first.wait_for()
    page.locator(".qc-scroller").focus()
    page.keyboard.press("Control+z")
    page.get_by_text("Undone: the codings of “more like this”").first.wait_for()
    page.locator(".qc-status", has_text="All saved").wait_for()
    assert mine() == []
    with open_study(path, seat=ANA) as study:
        assert sum(given.answer == "rejected" for given in study.likenesses()) == 1
