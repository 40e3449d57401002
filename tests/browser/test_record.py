"""The record in a real browser: a copy is put back from the page, and the history downloaded."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qualcode.sample import build_sample
from qualcode.store import backups, open_study
from tests.browser.conftest import Serve
from tests.conftest import LEA

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("studies")
    sample = folder / ".sample" / "sample.qualcode"
    sample.parent.mkdir()
    build_sample(sample).close()
    backups.make(sample)
    with open_study(sample, seat=LEA) as study:
        study.settings.change({"aims": "changed since"})
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})
    return server.url, sample


def test_a_copy_is_put_back_from_the_page(address: tuple[str, Path], page: Page) -> None:
    url, sample = address
    page.set_default_timeout(30_000)
    page.goto(f"{url}/record?study=sample&seat=lea")
    page.get_by_role("button", name="Restore the copy of").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("leaves the study")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text("The study is as it was at")).to_be_visible(timeout=30_000)
    with open_study(sample, seat=LEA) as study:
        assert study.setting("aims") != "changed since"
        assert study.history("restore")[-1]["who"] == "lea"
        assert study.check() == []
    page.get_by_role("button", name="Check this study").click()
    expect(page.get_by_text("Sound: every coding")).to_be_visible(timeout=30_000)


def test_the_history_comes_as_a_table(address: tuple[str, Path], page: Page) -> None:
    page.set_default_timeout(30_000)
    page.goto(f"{address[0]}/record?study=sample&seat=ana")
    with page.expect_download() as download:
        page.locator("[data-testid=stDownloadButton] button").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) > 100
    assert {row["who"] for row in rows} >= {"ana", "ben"}
