"""The record as people read it: filters, CSV, the command line and the page."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qualcode import __version__
from qualcode.cli import main
from qualcode.errors import BadCommand, NotAllowed
from qualcode.model import Member, Seat, Theme, new_id
from qualcode.reconciliation import decide, find_differences
from qualcode.reports.record import history_csv, history_rows
from qualcode.spans import Span
from qualcode.store import Study, backups, history, open_study

from .conftest import ANA, BEN, LEA, add, coded

MAIN = Path(__file__).parents[1] / "qualcode" / "ui" / "main.py"
Out = pytest.CaptureFixture[str]


# -- the lines ---------------------------------------------------------------------------------


def test_a_line_tells_the_role_and_the_version(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    two_coders.add_member(Member("max", frozenset({"lead", "coder"})))
    two_coders.seated(Seat("max", frozenset({"lead", "coder"}))).settings.change({"aims": "x"})
    lines = two_coders.seated(ANA).history()
    assert {line["version"] for line in lines} == {__version__}
    roles = {(line["who"], line["role"]) for line in lines}
    assert roles == {("owner", "owner"), ("ana", "coder"), ("max", "coder, lead")}


def test_the_role_is_that_of_the_day_not_of_today(two_coders: Study) -> None:
    two_coders.seated(LEA).settings.change({"aims": "x"})
    with two_coders._change("member_change", "lea"):
        two_coders._db.execute("UPDATE members SET roles = '[\"author\"]' WHERE name = 'lea'")
    (line,) = two_coders.history("settings_change")
    assert line["role"] == "lead"
    assert two_coders.check() == []


def test_the_history_is_filtered(two_coders: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter(f"2026-03-0{day}T23:30:00.000Z" for day in (1, 2, 3, 4))
    monkeypatch.setattr(history, "now", lambda: next(days))
    lead = two_coders.seated(LEA)
    lead.settings.change({"aims": "a"})
    lead.set_facts("P02", {"mode": "video"})
    two_coders.settings.change({"aims": "b"})
    lead.log("export", {"report": "coreq"})
    monkeypatch.undo()
    ask = two_coders.history
    acts = lambda lines: [(line["who"], line["act"]) for line in lines]  # noqa: E731
    since = "2026-03-02"
    end = "2026-03-03"
    assert acts(ask(since=since, until=end)) == [("lea", "settings_change")] * 1 + [
        ("owner", "settings_change")
    ]
    assert acts(ask(who="lea", act="export")) == [("lea", "export")]
    assert acts(ask(subject="P02")) == [("lea", "settings_change")]
    assert ask(subject="P02") == ask(subject=two_coders.transcript("P02").id)
    assert ask(since="2026-03-02T23:30:00+00:00", until="2026-03-02T23:30Z")
    assert ask(who="eve") == ask(act="code_add") == []
    whole = {line["id"]: line for line in ask()}
    assert all(whole[line["id"]] == line for line in ask(who="lea"))
    for bad in ("yesterday", "2026-13-01", "0001-01-01T00:00+14:00", "x" * 500):
        with pytest.raises(BadCommand, match="is not a day") as error:
            ask(since=bad)
        assert str(error.value).endswith(".")


def test_a_filter_does_not_open_what_is_closed(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    for seat in (None, LEA, BEN):
        study = two_coders.seated(seat)
        assert study.history(who="ana") == study.history(subject="P01") == []
    assert len(two_coders.seated(ANA).history(subject="P01")) == 1


def test_the_last_hash_is_the_lead_s(two_coders: Study) -> None:
    with pytest.raises(NotAllowed):
        two_coders.seated(BEN).last_hash()
    assert re.fullmatch("[0-9a-f]{64}", two_coders.seated(LEA).last_hash())


def words_of(text: str, many: int) -> set[str]:
    """Every run of this many words."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + many]) for i in range(len(words) - many + 1)}


def test_the_history_of_a_full_walk_holds_no_word_of_interviews_or_memos(sample: Path) -> None:
    """The sample and every act upon it; then its lines are searched, the raw ones of the file."""
    memos = {"zebra": "quagga okapi zebra", "heron": "egret heron bittern"}
    with open_study(sample, seat=LEA) as lead:
        differences = find_differences(lead.codings(), ("ana", "ben"))
        for difference, outcome in zip(differences[:4], ("a", "b", "both", "neither"), strict=True):
            lead.decide(decide(difference, outcome, reason=memos["zebra"], decided_by=""))  # type: ignore[arg-type]
        text = lead.transcript("P01")
        theme = Theme("A name", memos["heron"], excerpts=((text.id, Span(0, 80)),))
        kept = lead.add_theme(theme)
        lead.set_facts("P01", {"field_notes": memos["zebra"]})
        lead.settings.change({"aims": memos["heron"]})
        lead.settings.set_team([{"name": "Quokka Wombat"}])
        lead.settings.answer("coreq", "1", response=memos["zebra"])
        lead.set_codebook(lead.codebook(), note=memos["heron"])
        lead.add_member(Member("zoe", frozenset({"coder"}), "Quokka Wombat"))
        lead.give({"zoe": ["P01"]})  # what two have compared is not given to a newcomer by itself
        zoe = lead.seated(Seat("zoe", frozenset({"coder"})))
        act = add(text, 0, 60, "MEN-01", memo=memos["zebra"])
        assert zoe.apply("P01", [act]).acknowledged
        again = {"op": "memo", "op_id": new_id(), "id": act["coding"]["id"], "memo": "heron"}
        zoe.apply("P01", [again])
        zoe.apply("P01", [{"op": "remove", "op_id": new_id(), "id": act["coding"]["id"]}])
        zoe.submit("P01")
        lead.log("export", {"report": "coreq", "format": "docx"})
        copy = backups.make(sample)
        lead.restore(copy.name)
        lead.drop_theme(kept.id, reason="merged")
        assert lead.check() == []
        acts = {line["act"] for line in lead.history()}
        assert {"resolve", "theme_change", "restore", "export", "import"} <= acts
        raw = " ".join(" ".join(map(str, row)) for row in lead._db.execute("SELECT * FROM history"))
        assert len(raw) > 10_000
        told = words_of(raw, 3)
        for transcript in lead.transcripts():
            assert not words_of(transcript.text, 3) & told
        for hidden in ("zebra", "okapi", "heron", "egret", "Quokka", "Wombat"):
            assert hidden not in raw
        codings = lead.codings()
        assert codings
        for coding in codings:
            assert coding.quote not in raw
            assert not coding.memo or coding.memo not in raw
            words = coding.quote.split()
            assert all(" ".join(two) not in raw for two in pairwise(words) if len(two[0]) > 3)


# -- CSV and the command line ------------------------------------------------------------------


def test_no_cell_of_the_csv_is_a_formula(two_coders: Study) -> None:
    two_coders.log("export", {"report": '=HYPERLINK("http://x")'}, "@SUM(1)")
    two_coders.log("=cmd|' /C calc'!A0", {"a": 1}, "+1")
    text = history_csv(history_rows(two_coders.history(), two_coders.titles()))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(two_coders.history())
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[-1]["act"] == "'=cmd|' /C calc'!A0"


def test_the_command_filters_and_prints(sample: Path, capsys: Out) -> None:
    assert main(["history", str(sample), "--who", "ana", "--act", "submit", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert len(lines) == 6
    assert {line["who"] for line in lines} == {"ana"}
    assert main(["history", str(sample), "--subject", "P01", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["about"] for row in rows} == {"P01"}
    assert main(["history", str(sample), "--since", "2100-01-01"]) == 0
    assert capsys.readouterr().out == "None.\n"
    assert main(["history", str(sample), "--since", "someday"]) == 1
    assert "is not a day" in capsys.readouterr().err


def test_the_copies_are_listed_and_one_put_back(sample: Path, capsys: Out) -> None:
    assert main(["restore", str(sample)]) == 0
    assert "There are no copies" in capsys.readouterr().out
    copy = backups.make(sample)
    assert main(["restore", str(sample), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["copy"] == copy.name
    assert row["last line"].endswith("ben unblind")
    assert main(["restore", str(sample)]) == 0
    assert f"qualcode restore {sample} {copy.name}" in capsys.readouterr().out
    assert main(["restore", str(sample), "nonsense"]) == 1
    assert "There is no copy" in capsys.readouterr().err


def test_a_synced_folder_is_told_where_studies_begin(tmp_path: Path, capsys: Out) -> None:
    folder = tmp_path / "Dropbox"
    folder.mkdir()
    path = folder / "nurses.qualcode"
    assert main(["new", str(path), "--title", "Nurses"]) == 0
    assert "that Dropbox syncs" in capsys.readouterr().err
    assert main(["check", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sound"]
    assert "that Dropbox syncs" in found["warnings"][0]


# -- the page ----------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path, sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUALCODE_FOLDER", str(tmp_path))
    monkeypatch.setattr("qualcode.ui.who.signed_in", lambda: None)
    path = tmp_path / ".sample" / "sample.qualcode"
    path.parent.mkdir()
    path.write_bytes(sample_file.read_bytes())
    return path


def page(seat: str) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=120)
    at.session_state["study"] = "sample"
    at.session_state["seat"] = seat
    at.run()
    return at.switch_page(str(MAIN.parent / "pages" / "record.py")).run()


def sound(at: AppTest) -> None:
    assert [error.stack_trace for error in at.exception] == []
    assert [error.value for error in at.error] == []


def test_the_page_filters_the_history(served: Path) -> None:
    at = page("lea")
    sound(at)
    assert at.title[0].value == "Record"
    whole = len(at.dataframe[0].value)
    at.selectbox(key="record.who").set_value("ana").run()
    sound(at)
    assert set(at.dataframe[0].value["Who"]) == {"ana"}
    assert len(at.dataframe[0].value) < whole
    at.date_input(key="record.since").set_value(datetime.now(UTC).date() + timedelta(days=2)).run()
    sound(at)
    assert len(at.dataframe) == 0


def test_the_page_checks_and_names_a_tampered_row(served: Path) -> None:
    at = page("ben")
    at.button(key="record.check").click().run()
    sound(at)
    assert "Sound" in at.success[0].value
    with open_study(served) as study:
        study._db.execute("UPDATE settings SET value = 'x' WHERE key = 'approach'")
    at.button(key="record.check").click().run()
    assert "The setting “approach”" in at.error[0].value.replace("\\", "")


def test_the_page_offers_the_copies_to_the_lead_only(served: Path) -> None:
    copy = backups.make(served)
    for seat in ("ana", "ben"):
        at = page(seat)
        sound(at)
        assert "record.restore" not in {button.key for button in at.button}
        assert len(at.dataframe) == 1
    at = page("lea")
    sound(at)
    assert list(at.dataframe[1].value["Made"]) == [backups.told(copy.at)]
    at.button(key="record.restore").click().run()
    sound(at)
    assert at.button(key="record.restore.yes").label == "Restore"


def test_the_page_warns_of_a_copy_that_failed(served: Path) -> None:
    folder = backups.place_for(served).parent
    (folder / "failed.txt").write_text("The copy of 2026 failed. No room.", encoding="utf-8")
    at = page("lea")
    sound(at)
    assert any("No room" in warning.value for warning in at.warning)
