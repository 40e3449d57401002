"""The theme board with a real hand: by drag, by keyboard alone, merged, split, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qualcode.store import Study, open_study
from tests.browser.conftest import Serve
from tests.browser.test_main_job import settled

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path, finished_file: Path) -> Path:
    path = tmp_path / "studies" / ".sample" / "sample-finished.qualcode"
    path.parent.mkdir(parents=True)
    path.write_bytes(finished_file.read_bytes())
    return path


@pytest.fixture
def board(serve: Serve, page: Page, path: Path) -> Iterator[Page]:
    server = serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(path.parents[1])})
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/themes?study=sample-finished&seat=lea")
    page.get_by_text("Board", exact=True).first.click()
    page.locator(".qb-lane").nth(5).wait_for()
    settled(page)
    yield page
    server.stop()


def lane(page: Page, place: int) -> Locator:
    """The lane of a theme, counted from 0."""
    return page.locator(".qb-lane:not(.qb-tray)").nth(place)


def card(page: Page, name: str) -> Locator:
    return page.locator(".qb-card", has_text=name).first


def kept(page: Page, path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """The themes of the file once the board has no act on its way."""
    settled(page)
    page.wait_for_function(
        "!document.querySelector('.qb-root button.qb-button:nth-child(2)').disabled"
    )
    with open_study(path) as study:
        assert study.check() == []
        return [(theme.name, theme.codes) for theme in study.themes()]


def drag(page: Page, what: Locator, where: Locator, *, at: float = 0.5) -> None:
    page.locator(".qb-lanes").evaluate("lanes => lanes.scrollTo(0, 0)")
    start, end = what.bounding_box(), where.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 60, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] * at, end["y"] + 150, steps=8)
    page.mouse.up()


def history(path: Path) -> list[str]:
    with open_study(path) as study:
        return [line["act"] for line in study.history() if line["act"].startswith("theme_")]


def test_codes_are_dragged_moved_by_keys_and_taken_back(board: Page, path: Path) -> None:
    before = kept_at_first(path)
    code = "MEN-01"
    with open_study(path) as study:
        name = study.codebook()[code].name
    assert code in before[0][1]
    drag(board, card(board, name), lane(board, 1))
    expect(lane(board, 1).locator(".qb-card", has_text=name)).to_be_visible()
    assert "7 of" not in lane(board, 0).locator(".qb-counts").first.inner_text()
    themes = kept(board, path)
    assert code in themes[1][1]
    assert code not in themes[0][1]

    card(board, name).focus()  # from here on by keys alone
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight", "Enter"):
        board.keyboard.press(key)
    expect(lane(board, 3).locator(".qb-card", has_text=name)).to_be_focused()
    themes = kept(board, path)
    assert code in themes[3][1]
    board.keyboard.press("Space")
    expect(board.locator("[aria-live=assertive]")).to_contain_text("Picked up")
    board.keyboard.press("ArrowRight")
    board.keyboard.press("Escape")
    expect(board.locator("[aria-live=assertive]")).to_contain_text("stays where it was")

    for _ in range(2):
        board.get_by_role("button", name="Undo").click()
        settled(board)
    expect(lane(board, 0).locator(".qb-card", has_text=name)).to_be_visible()
    expect(board.get_by_role("button", name="Undo")).to_be_disabled()
    with open_study(path) as study:
        assert [(t.name, set(t.codes)) for t in study.themes()] == [
            (name, set(codes)) for name, codes in before
        ]
        assert study.check() == []
    assert history(path)[-8:] == ["theme_change"] * 8


def kept_at_first(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    with open_study(path) as study:
        return [(theme.name, theme.codes) for theme in study.themes()]


def test_a_theme_is_made_renamed_ordered_merged_split_and_dropped(board: Page, path: Path) -> None:
    before = kept_at_first(path)
    board.get_by_role("button", name="New theme").click()
    board.keyboard.type("Trust")
    expect(board.locator(".qb-form .qb-gentle")).to_contain_text("A topic so far")
    board.keyboard.press("Enter")
    title = board.locator(".qb-title", has_text="Trust")
    expect(title).to_be_focused()
    board.keyboard.press("F2")
    board.keyboard.type("Trust is <b>slow</b> to come")
    board.keyboard.press("Enter")
    expect(board.locator(".qb-title", has_text="Trust is <b>slow</b> to come")).to_be_focused()
    board.keyboard.press("Space")  # as a part of the theme before it: one level, by keys
    for key in ("ArrowLeft", "Enter"):
        board.keyboard.press(key)
    expect(board.locator(".qb-part .qb-title")).to_have_text("Trust is <b>slow</b> to come")
    kept(board, path)
    with open_study(path) as study:
        new = study.themes()[-1]
        assert (new.name, study.themes()[-2].id) == ("Trust is <b>slow</b> to come", new.parent)

    drag(board, lane(board, 1).locator(".qb-title"), lane(board, 0), at=0.1)
    themes = kept(board, path)
    assert [name for name, _ in themes][:2] == [before[1][0], before[0][0]]

    act(board, 0, "Merge into another …")
    board.get_by_role("dialog").get_by_role("combobox").click()
    board.get_by_role("option", name=before[2][0]).click()
    board.get_by_role("button", name="Merge them").click()
    board.get_by_text(f"was merged into “{before[2][0]}”").wait_for()
    themes = kept(board, path)
    assert set(before[1][1]) <= set(dict(themes)[before[2][0]])

    act(board, 1, "Split …")
    dialog = board.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name of the new theme").fill(
        "Time is promised and not kept"
    )
    with open_study(path) as study:
        name = study.codebook()[before[2][1][0]].name
    dialog.get_by_role("combobox").first.click()
    board.get_by_role("option", name=name).click()
    board.keyboard.press("Escape")
    board.get_by_role("button", name="Split it").click()
    board.get_by_text("is a theme of its own now").wait_for()
    themes = kept(board, path)
    assert dict(themes)["Time is promised and not kept"] == before[2][1][:1]
    assert history(path)[-4:] == ["theme_drop", "theme_merge", "theme_change", "theme_split"]

    for _ in range(2):
        settled(board)
        board.get_by_role("button", name="Undo").click()
        settled(board)
    expect(board.locator(".qb-title", has_text=before[1][0])).to_be_visible()
    themes = kept(board, path)
    assert {name: set(codes) for name, codes in before}.items() <= {
        name: set(codes) for name, codes in themes
    }.items()


def test_a_dropped_theme_is_brought_back_and_a_theme_opens(board: Page, path: Path) -> None:
    before = kept_at_first(path)
    act(board, 0, "Drop …")
    board.get_by_role("button", name="Drop the theme").click()
    board.get_by_text("Dropping a theme needs a reason.").wait_for()
    board.get_by_role("dialog").get_by_role("textbox", name="Reason").fill("Too thin")
    board.get_by_role("button", name="Drop the theme").click()
    board.get_by_text(f"“{before[0][0]}” was dropped.").wait_for()
    expect(board.locator(".qb-tray .qb-card")).to_have_count(len(before[0][1]))
    settled(board)
    board.get_by_role("button", name="1 dropped theme").click()
    board.get_by_role("button", name="Bring it back").click()
    board.get_by_text(f"“{before[0][0]}” is back.").wait_for()
    expect(board.locator(".qb-tray .qb-card")).to_have_count(0)
    assert [name for name, _ in kept_at_first(path)] == [name for name, _ in before]
    settled(board)
    lane(board, 2).locator(".qb-title").click()
    board.get_by_text("Against a claim", exact=True).wait_for()
    board.get_by_text("Versions", exact=True).click()
    board.get_by_text("reviewed → defined").wait_for()


def act(page: Page, place: int, words: str) -> None:
    settled(page)
    lane(page, place).locator(".qb-more").first.click()
    page.get_by_role("menuitem", name=words).click()


def test_who_changed_a_theme_meanwhile_is_told_and_nothing_is_lost(board: Page, path: Path) -> None:
    with open_study(path) as study:
        lead = seated(study)
        theme = lead.themes()[1]
        lead.change_theme(theme.__class__(**{**theme.__dict__, "relations": "Beside the first."}))
        name = study.codebook()["MEN-01"].name
    drag(board, card(board, name), lane(board, 1))
    expect(board.locator(".qb-told")).to_contain_text("was changed in the meantime by lea")
    expect(lane(board, 0).locator(".qb-card", has_text=name)).to_be_visible()
    drag(board, card(board, name), lane(board, 1))  # seen as it stands now
    expect(lane(board, 1).locator(".qb-card", has_text=name)).to_be_visible()
    assert "MEN-01" in kept(board, path)[1][1]


def seated(study: Study) -> Study:
    from qualcode.model import Seat

    return study.seated(Seat("lea", frozenset({"lead"})))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_board(board: Page, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    board.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    settled(board)
    lane(board, 0).locator(".qb-more").click()
    for where in ("the menu", "a name written", "the map"):
        if where == "a name written":
            board.keyboard.press("Escape")
            board.get_by_role("button", name="New theme").click()
        if where == "the map":
            board.get_by_text("Map", exact=True).first.click()
            board.locator(".ui-map img").wait_for()
        context = ".ui-map" if where == "the map" else ".qb-root"
        response = axe.run(board, context=context).response
        assert response["passes"], "axe has looked"
        said = [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in response["violations"]
            for node in one["nodes"]
        ]
        assert said == [], where
