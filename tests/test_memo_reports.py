"""Memos in print: the document of memos, and what researchers say of themselves (COREQ 8)."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from qualcode.memos import Memo
from qualcode.reports.facts import gather
from qualcode.reports.memos import memo_report
from qualcode.reports.reflexivity import statements
from qualcode.spans import Span

from .report_study import FakeStudy

TEAM = (
    {"initials": "AD", "name": "Ana Duarte", "reflexivity": ""},
    {"initials": "BW", "name": "Ben Whitlock", "reflexivity": "Has never worked in a hospital."},
)


def own(author: str, text: str, **more: Any) -> Memo:
    return Memo(text, kind="reflexivity", author=author, shared=True, may_be_reported=True, **more)


def test_a_memo_that_may_be_reported_answers_for_its_author() -> None:
    study = FakeStudy(
        researchers=TEAM,
        noted=(
            own("ana", "I am a nurse."),
            own("ana", "I like mentoring"),
            own("ben", "Not this: the team page stands before it."),
            Memo("PRIVATE", kind="reflexivity", author="ana"),
        ),
    )
    found = statements(gather(study))
    assert found.status == "reported"
    assert found.sentence == (
        "AD: I am a nurse. I like mentoring. BW: Has never worked in a hospital."
    )


def test_a_person_without_a_statement_is_named() -> None:
    found = statements(gather(FakeStudy(researchers=TEAM)))
    assert found.status == "open"
    assert found.needs == "a statement for readers of AD"
    assert found.sentence == "BW: Has never worked in a hospital."
    nobody = statements(gather(FakeStudy()))
    assert nobody.status == "open"
    assert "as a reflexivity memo" in nobody.needs


def test_without_a_team_page_the_memos_speak() -> None:
    found = statements(gather(FakeStudy(noted=(own("ana", "I am a nurse"),))))
    assert found.sentence == "Ana: I am a nurse."


def test_a_statement_from_after_coding_had_begun_is_noted() -> None:
    class Coded(FakeStudy):
        def history(self) -> list[dict[str, Any]]:
            return [{"act": "code_add", "who": "ana", "at": "2026-02-01"}]

    memo = own("ana", "I am a nurse.", made_at="2026-03-01")
    (note,) = statements(gather(Coded(noted=(memo,)))).notes
    assert note == "The statement of Ana was written after coding had begun."
    early = own("ana", "I am a nurse.", made_at="2026-01-01")
    assert statements(gather(Coded(noted=(early,)))).notes == ()


def test_memos_are_written_down_with_their_threads_and_no_formula() -> None:
    memo = Memo(
        "=1+1", "passage", "", "t", Span(0, 3), "How", author="ana", round="main", in_layer=True,
        made_at="2026-01-02T03:04:05Z", id="m",
    )  # fmt: skip
    answer = Memo("No <b>formula</b>", "reply", "m", "t", author="ben", shared=True, id="r")
    report = memo_report(
        "Nurses",
        [memo, answer],
        places={"m": "P01 · passage"},
        names={"ana": "Ana", "ben": "Ben"},
        date=date(2026, 1, 3),
    )
    text = report.to_bytes("md").decode("utf-8")
    assert text.index("P01 · passage") < text.index("1+1") < text.index("formula")
    assert "Ana, 2026-01-02 · note · noted while coding" in text
    rows = list(csv.DictReader(io.StringIO(report.to_bytes("csv").decode("utf-8-sig"))))
    assert [row["author"] for row in rows] == ["Ana", "Ben"]
    assert not rows[0]["memo"].startswith("=")
    assert b"<b>formula" not in report.to_bytes("html")
    assert report.to_bytes("docx")[:2] == b"PK"
