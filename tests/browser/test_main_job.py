"""The main job in real browsers: two blind coders, the lead, one long interview, one report."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, BrowserContext, Page, expect

from qualcode.model import Seat
from qualcode.store import open_study
from tests.browser.conftest import Serve, Server, watched

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
LONG = "jsc-oral-history-00382_GlynnSLunney.txt"
TITLE = "Flight controllers"
CODINGS = 10


def interview(folder: Path) -> Path:
    """A public-domain oral history of 26,000 words; a stand-in of our own where it is absent."""
    field = Path(os.environ.get("QUALCODE_FIELD_DATA", "absent"))
    real = field / "transcripts" / "us_oral_history_pd" / LONG
    target = folder / "interview.txt"
    if real.exists():
        target.write_bytes(real.read_bytes())
    else:
        target.write_text(stand_in(), encoding="utf-8")
    return target


def stand_in() -> str:
    topics = ("the night shift", "the checklist", "a mentor", "the review board", "the simulator")
    turns = []
    for n in range(60):
        topic = topics[n % len(topics)]
        turns.append(f"Interviewer: What do you remember of {topic}, number {n}?")
        turns.append(
            f"Speaker: Well, {topic} was what taught us most in year {n}. We met around it, "
            f"we argued about it, and somebody always asked for more time. I would say {topic} "
            f"made the team, and the team made the rest of the work possible, every week."
        )
    return "\n\n".join(turns)


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("studies")
    return serve(ROOT / "app.py", env={"QUALCODE_FOLDER": str(folder)})


@pytest.fixture
def people(browser: Browser) -> Iterator[dict[str, Page]]:
    """Three browsers that share nothing: Lea leads, Ana and Ben code."""
    contexts: list[BrowserContext] = []
    pages: dict[str, Page] = {}
    for name in ("lea", "ana", "ben"):
        context = browser.new_context(
            viewport={"width": 1366, "height": 800}, accept_downloads=True
        )
        contexts.append(context)
        pages[name] = watched(context.new_page())
        pages[name].set_default_timeout(30_000)
    yield pages
    if shots := os.environ.get("QUALCODE_SHOTS"):
        for name, page in pages.items():
            page.screenshot(path=f"{shots}/{name}.png")
    faults = [(p.errors, p.foreign) for p in pages.values()]  # type: ignore[attr-defined]
    for context in contexts:
        context.close()
    assert faults == [([], [])] * 3


def join(page: Page, link: str, *, name: str = "", display: str = "") -> None:
    page.goto(link)
    for label, value in (("Sign-in name", name), ("Name on screen", display)):
        field = page.get_by_label(label, exact=False)
        if value and field.count() and field.first.is_editable():
            field.first.fill(value)
    passwords = page.locator("input[type=password]")
    passwords.nth(0).fill(PASSWORD)
    passwords.nth(1).fill(PASSWORD)
    page.locator("button[type=submit], form button").first.click()
    page.get_by_role("heading", name="Your studies").wait_for()


def visit(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    if name != "Code":
        page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
    settled(page)


def settled(page: Page) -> None:
    """Until Streamlit has drawn what was asked for."""
    page.wait_for_timeout(250)
    page.locator("[data-test-script-state=notRunning]").wait_for()


def start_study(lea: Page, server: Server, file: Path) -> dict[str, str]:
    """Lea's first quarter of an hour: account, study, two invitations, one interview."""
    link = re.search(r"http://\S+/join\?token=\S+", server.log.read_text())
    assert link, server.log.read_text()
    join(lea, link.group(), name="lea", display="Lea Brandt")
    lea.get_by_label("Title").fill(TITLE)
    lea.get_by_text("Coders read a text when it is released").click()
    lea.get_by_role("button", name="Start the study").click()
    lea.get_by_role("heading", name="Study", exact=True).wait_for()
    invitations = {}
    for name in ("ana", "ben"):
        lea.get_by_label("Sign-in name").fill(name)
        lea.get_by_label("Name on screen").fill(name.title())
        lea.get_by_role("button", name="Add to the study").click()
        code = lea.get_by_test_id("stCode").filter(has_text="/join?token=")
        expect(lea.get_by_text(f"{name.title()} · coder")).to_be_visible()
        settled(lea)
        invitations[name] = code.inner_text().strip()
    visit(lea, "Transcripts")
    lea.locator("input[type=file][multiple]").set_input_files(str(file))
    lea.get_by_role("button", name="Add 1 transcript to the study").click()
    expect(lea.get_by_text("1 transcript added")).to_be_visible()
    return invitations


def open_study_as(page: Page, link: str) -> None:
    join(page, link)
    page.get_by_role("button", name=f"Open {TITLE}").click()
    page.get_by_role("heading", name="Study", exact=True).wait_for()
    visit(page, "Code")
    page.locator(".qc-status", has_text="All saved").wait_for()


def saved(page: Page) -> None:
    page.locator(".qc-status", has_text="All saved").wait_for()


def participant_turns(page: Page) -> list[int]:
    """Numbers of the turns that may be coded and are long enough to be dragged over."""
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll('.qc-words')]
            .map((body, n) => [n, body])
            .filter(([, b]) => b.textContent.length > 160 && !b.closest('.qc-interviewer'))
            .map(([n]) => n)"""
    )
    return found


def by_drag(page: Page, turn: int, code: str) -> None:
    body = page.locator(".qc-words").nth(turn)
    body.evaluate(
        "b => { const s = b.closest('.qc-scroller');"
        " s.scrollTop += b.getBoundingClientRect().top - s.getBoundingClientRect().top - 80; }"
    )
    page.wait_for_timeout(200)
    box = body.bounding_box()
    assert box
    page.mouse.move(box["x"] + 3, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 14, steps=4)
    page.mouse.move(box["x"] + min(360, box["width"] - 20), box["y"] + 14, steps=4)
    page.mouse.up()
    palette = page.get_by_role("combobox", name="Find a code")
    palette.fill(code)
    page.keyboard.press("Enter")
    saved(page)


def by_keyboard(page: Page, code: str) -> None:
    """Next uncoded turn, its sentence, the palette, the code: no hand leaves the keys."""
    page.keyboard.press("n")
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Find a code").wait_for()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    saved(page)


def code_ten(page: Page, codes: list[str]) -> None:
    turns = participant_turns(page)
    for number, code in enumerate(codes[: CODINGS // 2]):
        by_drag(page, turns[2 * number], code)
    page.locator(".qc-scroller").focus()
    for code in codes[CODINGS // 2 :]:
        by_keyboard(page, code)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit…").click()
    page.get_by_role("button", name="Submit and seal").click()
    page.locator(".qc-status", has_text="Read only").wait_for()


def coding_ids(folder: Path, coder: str) -> list[str]:
    """Read through the coder's own seat, as only they may."""
    (path,) = folder.glob("*.qualcode")
    with open_study(path, seat=Seat(coder, frozenset({"coder"}))) as study:
        return [coding.id for coding in study.codings(coders=[coder])]


def overheard(page: Page) -> list[bytes]:
    """Every websocket frame that this page receives from here on."""
    frames: list[bytes] = []

    def keep(payload: str | bytes) -> None:
        frames.append(payload if isinstance(payload, bytes) else payload.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    return frames


BOTH = ["Protected time", "Formal ment", "Leadership", "Silos"]
ANA = ["Trust", *BOTH, *["Training", "Visibility"] * 3]
BEN = ["Informal", *BOTH, *["Training", "Culture"] * 3]


def test_two_blind_coders_agree_settle_and_report(
    server: Server, people: dict[str, Page], tmp_path: Path
) -> None:
    lea, ana, ben = people["lea"], people["ana"], people["ben"]
    folder = Path(server.env["QUALCODE_FOLDER"])
    frames = {name: overheard(page) for name, page in people.items()}
    links = start_study(lea, server, interview(tmp_path))
    open_study_as(ana, links["ana"])
    open_study_as(ben, links["ben"])
    code_ten(ana, ANA[:CODINGS])
    code_ten(ben, BEN[:CODINGS])

    for coder in (ana, ben):  # the whole page anew: its snapshot brings one's own codings back
        visit(coder, "Study")
        visit(coder, "Code")
        coder.locator(".qc-status", has_text="All saved").wait_for()
    ids = {name: coding_ids(folder, name) for name in ("ana", "ben")}
    assert {name: len(found) for name, found in ids.items()} == {"ana": CODINGS, "ben": CODINGS}
    for reader, writer in (("ana", "ben"), ("ben", "ana"), ("lea", "ana"), ("lea", "ben")):
        seen = b"".join(frames[reader])
        assert not [i for i in ids[writer] if i.encode() in seen], f"{reader} was sent {writer}'s"
        assert not [i for i in ids[writer] if i in people[reader].content()]
    assert all(i.encode() in b"".join(frames["ana"]) for i in ids["ana"][:1]), "the check can see"

    visit(lea, "Agreement")
    expect(lea.get_by_text("opens when both coders have submitted")).to_be_visible()
    submit(ana)
    visit(ben, "Agreement")
    expect(ben.get_by_text("opens when both coders have submitted")).to_be_visible()
    visit(ben, "Code")
    ben.locator(".qc-words").first.wait_for()
    submit(ben)

    visit(lea, "Study")
    visit(lea, "Agreement")
    expect(lea.get_by_text("Pooled κ")).to_be_visible()
    settle_everything(lea)
    accept_a_theme(lea)
    document = Document(io.BytesIO(download_coreq(lea, tmp_path)))
    table = max(document.tables, key=lambda table: len(table.rows))
    numbers = [row.cells[0].text for row in table.rows if row.cells[0].text.isdigit()]
    assert numbers == [str(n) for n in range(1, 33)]

    after = {name: coding_ids(folder, name) for name in ("ana", "ben")}
    assert after == ids, "settling left the coders' own codings as they were"
    with open_study(next(folder.glob("*.qualcode"))) as study:
        assert study.check() == []
        assert len(study.themes()) == 1


def settle_everything(lea: Page) -> None:
    visit(lea, "Reconcile")
    for _ in range(2 * CODINGS):
        if lea.get_by_text("Nothing is open here.").is_visible():
            break
        before = lea.get_by_text(re.compile(r"^\d+ of \d+ settled$")).inner_text()
        lea.keyboard.press("a")
        words = lea.get_by_role("textbox", name="In your words")
        words.fill("agreed after reading the rule again")
        words.press("Enter")
        settled(lea)
        lea.get_by_role("button", name="Context needed").click()
        expect(lea.get_by_text(before, exact=True)).to_have_count(0)
        settled(lea)
    expect(lea.get_by_text("Nothing is open here.")).to_be_visible()


def accept_a_theme(lea: Page) -> None:
    visit(lea, "Themes")
    lea.get_by_role("button", name="Look for candidates").click()
    lea.get_by_role("button", name="Make a theme of it").first.click(timeout=120_000)
    lea.get_by_role("textbox", name="Name").fill("Controllers learned from one another")
    lea.get_by_role("button", name="Keep the theme").click()
    expect(lea.get_by_text("Controllers learned from one another").first).to_be_visible(
        timeout=30_000
    )


def download_coreq(lea: Page, folder: Path) -> bytes:
    visit(lea, "Report")
    with lea.expect_download(timeout=60_000) as download:
        lea.get_by_role("button", name="Word").click()
    assert download.value.suggested_filename.endswith(".docx")
    target = folder / "coreq.docx"
    download.value.save_as(target)
    return target.read_bytes()
