"""The reports of a study: every row there, every number its query, nothing invented."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from qualcode.model import (
    Seat,
)
from qualcode.reports import (
    FORM_FIELDS,
    FORMATS,
    REPORTS,
    checklist_report,
    coreq_report,
    theme_summary,
)
from qualcode.reports.agreement import agreement_report
from qualcode.reports.codebook import codebook_report
from qualcode.reports.document import Report
from qualcode.reports.facts import gather
from qualcode.reports.findings import findings
from qualcode.reports.quotes import may_identify
from qualcode.reports.records import PLACES
from qualcode.sample import build_sample
from qualcode.store import Study, open_study
from tests.report_study import (
    DAY,
    FakeStudy,
    item,
    rows_of,
    sample_with_themes,
    settled_sample,
    words_of_docx,
    words_of_pdf,
    words_of_xlsx,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """The sample study as a file: both coders sealed, nothing settled, no theme accepted."""
    with build_sample(tmp_path_factory.mktemp("reports") / "sample.qualcode") as study:
        yield study


@pytest.fixture(scope="module")
def sample(kept: Study) -> FakeStudy:
    return settled_sample(kept)


@pytest.fixture(scope="module")
def with_themes(sample: FakeStudy) -> FakeStudy:
    return sample_with_themes(sample)


# -- the checklist --------------------------------------------------------------------------------


@pytest.mark.parametrize("study", ["empty", "sample"])
def test_coreq_has_32_rows_in_every_format(study: str, request: pytest.FixtureRequest) -> None:
    given = FakeStudy() if study == "empty" else request.getfixturevalue("sample")
    report = coreq_report(given, date=DAY)
    numbers = [str(n) for n in range(1, 33)]
    (table,) = docx.Document(io.BytesIO(report.to_bytes("docx"))).tables
    assert [t for line in table.rows if (t := line.cells[0].text).isdigit()] == numbers
    assert len(table.columns) == 5
    assert len(table.rows) == 1 + 32 + 3 + 8
    html = report.to_bytes("html").decode()
    assert re.findall(r'<th scope="row">(\d+)</th>', html) == numbers
    assert re.findall(r"^\| (\d+) \|", report.to_bytes("md").decode(), re.MULTILINE) == numbers
    assert [line["number"] for line in rows_of(report)] == numbers
    assert [line["number"] for line in json.loads(report.to_bytes("json"))["rows"]] == numbers


def test_the_csv_has_the_columns_that_a_journal_form_has(sample: FakeStudy) -> None:
    header = coreq_report(sample, date=DAY).to_bytes("csv").decode("utf-8-sig").splitlines()[0]
    assert header == "number,domain,section,topic,guide_question,status,location,response,source"


def test_an_empty_study_answers_only_what_is_known_of_it() -> None:
    report = coreq_report(FakeStudy(), date=DAY)
    answered = [line["number"] for line in rows_of(report) if line["status"] != "missing"]
    assert answered == ["27"]
    assert report.data["summary"].startswith("1 of 32 items answered; 31 open: 1, 2, 3,")
    assert all(
        line["response"].startswith("Open: ") for line in rows_of(report) if line["number"] != "27"
    )


def test_the_sample_answers_all_but_the_themes_and_what_nobody_typed(sample: FakeStudy) -> None:
    report = coreq_report(sample, date=DAY)
    open_items = [line["number"] for line in rows_of(report) if line["status"] == "missing"]
    assert open_items == ["30", "31", "32"]
    assert report.data["summary"] == "29 of 32 items answered; 3 open: 30, 31, 32"
    assert f"{report.data['summary']}." in words_of_docx(report.to_bytes("docx"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "AD (n = 4) and LB (n = 2)"),
        (6, "1 of 6 participants was known to the interviewer before the study (colleague)"),
        (9, "We used codebook thematic analysis within a pragmatic needs assessment"),
        (11, "10 people were approached by e-mail"),
        (12, "6 participants took part in 6 interviews at 3 sites."),
        (
            13,
            "Of 10 people approached, 2 declined (workload 1, no reason given 1), 1 did not reply "
            "and 7 were interviewed; 1 withdrew after the interview, and 6 were analysed.",
        ),
        (14, "4 interviews took place by video and 2 in person (participant's office)."),
        (15, "No one else was present in 6 of 6 interviews"),
        (16, "Group: clinical 3, managerial 3"),
        (16, "in March 2025"),
        (17, "version 1.1, 10 questions"),
        (18, "No repeat interviews"),
        (19, "All 6 interviews were audio-recorded. Transcription: verbatim."),
        (20, "Field notes were made for 4 of 6 interviews"),
        (21, "Median duration was 43 minutes (range 35–51), 257 minutes (4 h 17 min) in all"),
        (23, "Transcripts were returned to 5 of 6 participants; 1 made corrections"),
        (24, "Two researchers (AD and BW)"),
        (24, "All 16 differences were settled by discussion and recorded with their reasons."),
        (24, "coded 6 of 6 transcripts independently, blind to each other"),
        (24, "pooled Cohen’s kappa 0.85"),
        (24, "both applied the code in 61 and only one in 21"),
        (25, "5 themes and 24 codes on 2 levels"),
        (26, "All 24 codes were set in advance"),
        (27, "qualcode "),
        (28, "sent to 5 participants; 3 replied, and 1 change was made"),
        (29, "quotations from 5 of 6 participants"),
    ],
)  # fmt: skip
def test_a_draft_says_what_the_records_hold(sample: FakeStudy, number: int, words: str) -> None:
    answer = item(coreq_report(sample, date=DAY), number)
    assert answer["status"] == "reported"
    assert words.casefold() in answer["response"].casefold()


def test_items_from_the_records_are_marked_and_typed_ones_are_not(sample: FakeStudy) -> None:
    report = coreq_report(sample, date=DAY)
    assert item(report, 12)["source"] == "from the study"
    assert item(report, 2)["source"] == "study form"


def test_every_number_of_the_drafts_is_the_number_of_its_query(sample: FakeStudy) -> None:
    value = coreq_report(sample, date=DAY).data["evidence"]
    facts = gather(sample)
    figures = facts.agreement
    assert figures is not None
    minutes = [t.duration_minutes or 0 for t in sample.texts]
    assert value["COREQ-21"]["total"] == sum(minutes)
    assert value["COREQ-12"]["participants"] == len({t.participant for t in sample.texts})
    assert value["COREQ-24"]["pooled_kappa"] == figures["pooled"]["kappa"]
    assert round(figures["pooled"]["kappa"], 4) == 0.8468
    assert value["COREQ-29"]["quotations"] == len(findings(facts).quotations)


def test_saturation_follows_the_interviews_with_its_parameters(sample: FakeStudy) -> None:
    answer = item(coreq_report(sample, date=DAY), 22)["response"]
    assert "base 4, run 2" in answer
    assert "saturation was reached" not in answer


def test_a_typed_answer_wins_over_the_draft(sample: FakeStudy) -> None:
    study = replace(
        sample,
        typed={
            "COREQ-12": {"status": "reported", "location": "p. 5", "response": "Six people."},
            "COREQ-21": {"status": "", "location": "p. 6", "response": ""},
            "COREQ-28": {"status": "not_done", "location": "", "response": "Too late"},
            "COREQ-23": {
                "status": "not_applicable",
                "location": "",
                "response": "Participants had asked us not to send anything.",
            },
        },
    )
    report = coreq_report(study, date=DAY)
    assert [item(report, 12)[key] for key in ("location", "response", "source")] == [
        "p. 5",
        "Six people.",
        "author",
    ]
    assert item(report, 21)["location"] == "p. 6"
    assert "Median duration was 43" in item(report, 21)["response"]
    assert item(report, 28)["status"] == "missing"
    assert "the reason" in item(report, 28)["response"]
    assert item(report, 23)["response"].startswith("Not applicable: Participants had asked")


def test_no_page_number_is_ever_invented(sample: FakeStudy) -> None:
    locations = {line["location"] for line in rows_of(coreq_report(sample, date=DAY))}
    titles = {f"Supplement: {REPORTS[kind](sample).title}" for kind in REPORTS}
    parts = {part for location in locations for part in location.split("; ")}
    assert parts <= titles | set(PLACES.values()) | {""}
    assert not any(letter.isdigit() for part in parts for letter in part)


def test_form_answers_given_with_the_call_stand_before_kept_ones(sample: FakeStudy) -> None:
    report = coreq_report(sample, form={"themes.minor": "None, because all were shared"}, date=DAY)
    assert item(report, 32)["response"] == "None, because all were shared."


def test_srqr_has_its_21_rows(sample: FakeStudy) -> None:
    report = checklist_report(sample, "srqr", date=DAY)
    assert [line["number"] for line in rows_of(report)] == [f"S{n}" for n in range(1, 22)]
    assert "6 participants took part" in item_named(report, "S12")["response"]


def item_named(report: Report, number: str) -> dict[str, str]:
    return next(line for line in rows_of(report) if line["number"] == number)


def test_every_field_of_the_form_says_which_items_it_answers() -> None:
    known = {f"COREQ-{n:02}" for n in range(1, 33)} | {f"S{n}" for n in range(1, 22)}
    assert all(entry.label and set(entry.items) <= known for entry in FORM_FIELDS.values())


def test_while_coding_is_open_nothing_of_it_is_told(sample: FakeStudy) -> None:
    half = replace(sample.coded, sealed=frozenset(p for p in sample.coded.sealed if p[0] == "ana"),
                   open=frozenset(p for p in sample.coded.sealed if p[0] == "ben"))  # fmt: skip
    study = replace(sample, coded=half, settled=())
    report = coreq_report(study, date=DAY)
    assert [item(report, n)["status"] for n in (24, 29, 30)] == ["missing"] * 3
    assert "threshold" not in item(report, 22)["response"]
    assert "kappa" not in words_of_docx(report.to_bytes("docx"))
    assert theme_summary(study, date=DAY).records == ()
    assert agreement_report(study, date=DAY).records == ()


def test_a_reflexive_analysis_reports_neither_agreement_nor_saturation(sample: FakeStudy) -> None:
    report = coreq_report(sample, form={"study.approach": "reflexive"}, date=DAY)
    assert "kappa" not in item(report, 24)["response"]
    assert "threshold" not in item(report, 22)["response"]


def test_a_value_that_one_person_holds_is_not_named(sample: FakeStudy) -> None:
    answer = item(coreq_report(sample, date=DAY), 16)["response"]
    assert "psychiatrist" not in answer
    assert "are not broken down, as fewer than 3 people share any value" in answer


def test_a_recruitment_that_does_not_add_up_is_said(sample: FakeStudy) -> None:
    typed = replace(sample, asked=())
    report = coreq_report(typed, form={"recruitment.approached": "12"}, date=DAY)
    assert "do not add up" in " ".join(report.data["to_check"]["COREQ-13"])


def test_a_study_file_gives_every_report_in_every_format(kept: Study) -> None:
    for kind in REPORTS:
        for format in FORMATS:
            assert REPORTS[kind](kept).to_bytes(format)
    report = coreq_report(kept, date=DAY)
    assert report.data["summary"] == "29 of 32 items answered; 3 open: 30, 31, 32"
    assert "16 differences not settled yet" in " ".join(report.data["to_check"]["COREQ-24"])


def test_a_new_study_file_gives_every_report(tmp_path: Path) -> None:
    with open_study(tmp_path / "new.qualcode", create=True, title="New") as study:
        for kind in REPORTS:
            assert REPORTS[kind](study).to_bytes("docx")
        open_items = coreq_report(study).data["open"]
    assert len(open_items) == 30
    assert not {"9", "27"} & set(open_items)


def test_a_coder_with_open_work_reads_nothing_of_the_other_in_a_report(tmp_path: Path) -> None:
    with build_sample(tmp_path / "practice.qualcode", uncoded=["P06"]) as study:
        ana = study.seated(Seat("ana", frozenset({"coder"})))
        for kind in ("themes", "agreement"):
            assert REPORTS[kind](ana).records == ()
        assert coreq_report(ana).data["evidence"]["COREQ-24"] == {"finished": 0, "transcripts": 6}
        owner = theme_summary(study)
    assert owner.data["participants"] == 5
    assert "Coding is not finished: 5 of 6 transcripts count here." in str(owner.blocks)


# -- themes ---------------------------------------------------------------------------------------


def test_themes_have_the_counts_that_the_sample_was_planned_with(with_themes: FakeStudy) -> None:
    found = findings(gather(with_themes))
    assert [theme.passages for theme in found.themes] == [10, 13, 19, 16, 8]
    assert [len(theme.participants) for theme in found.themes] == [6] * 5
    assert all(theme.groups == {"clinical": (3, 3), "managerial": (3, 3)} for theme in found.themes)


def test_quotations_are_word_for_word_and_of_people_who_agreed(with_themes: FakeStudy) -> None:
    found = findings(gather(with_themes))
    assert {quote.participant for quote in found.quotations} == {"P01", "P02", "P03", "P05", "P06"}
    for quote in found.quotations:
        text = next(t.text for t in with_themes.texts if t.id == quote.transcript)
        assert text[quote.span.slice] == quote.text
        assert 8 <= len(quote.text.split()) <= 100
        assert not may_identify(quote.text)
    for theme in found.themes:
        people = [quote.participant for quote in theme.quotations]
        assert 2 <= len(people) <= 4
        assert len(set(people)) == len(people)
        codes = {line.code.id for line in theme.codes}
        assert all(codes & set(quote.codes) for quote in theme.quotations)


def test_attribution_keeps_to_what_was_consented(with_themes: FakeStudy) -> None:
    said = {q.participant: q.attribution for q in findings(gather(with_themes)).quotations}
    assert said["P01"] == "(P01, clinical)"
    assert said["P06"] == "(P06)"
    fewer = replace(with_themes, people=with_themes.people[1:], texts=with_themes.texts[1:])
    said = {q.participant: q.attribution for q in findings(gather(fewer)).quotations}
    assert said["P02"] == "(P02)"


@pytest.mark.parametrize("format", FORMATS)
def test_whoever_did_not_agree_is_quoted_in_no_format(with_themes: FakeStudy, format: str) -> None:
    content = theme_summary(with_themes, date=DAY).to_bytes(format)
    own_way = {"docx": words_of_docx, "xlsx": words_of_xlsx, "pdf": words_of_pdf}
    text = own_way.get(format, bytes.decode)(content)
    assert "P01" in text
    said = next(t for t in with_themes.texts if t.participant == "P04")
    for turn in said.participant_turns:
        for sentence in re.split(r"(?<=[.?!])\s", said.text[turn.span.slice]):
            assert len(sentence) < 25 or sentence not in text


def test_without_accepted_themes_the_groups_of_the_codebook_say_so(sample: FakeStudy) -> None:
    report = theme_summary(sample, date=DAY)
    assert not report.data["accepted"]
    assert "No theme has been accepted" in report.to_bytes("md").decode()


def test_the_checklist_answers_the_theme_items_once_there_are_themes(
    with_themes: FakeStudy,
) -> None:
    report = coreq_report(with_themes, date=DAY)
    assert [item(report, n)["status"] for n in (29, 30, 31, 32)] == ["reported"] * 3 + ["missing"]


# -- codebook and agreement -----------------------------------------------------------------------


def test_the_codebook_appendix_has_every_code(sample: FakeStudy) -> None:
    report = codebook_report(sample, date=DAY)
    assert len(report.records) == 29
    text = words_of_docx(report.to_bytes("docx"))
    assert all(code.name in text for code in sample.book.codes)


def test_undefined_agreement_is_never_shown_as_a_number(sample: FakeStudy) -> None:
    report = agreement_report(sample, date=DAY)
    assert len(report.records) == 24
    unused = next(line for line in rows_of(report) if line["code"] == "MEN-22")
    assert (unused["kappa"], unused["alpha"], unused["undefined_because"]) == ("", "", "not used")
    assert "undefined (not used)" in words_of_docx(report.to_bytes("docx"))
    sums = [
        sum(int(line[k]) for line in rows_of(report))
        for k in ("both", "a_only", "b_only", "neither")
    ]
    assert sums == [61, 12, 9, 1646]


def test_an_author_reports_from_what_is_locked_and_published(tmp_path: Path) -> None:
    """Consensus and final table only: the same checklist and table as the lead's."""
    from qualcode.model import Seat
    from qualcode.reconciliation import consensus, decide, find_differences
    from qualcode.reports.published import publish

    with build_sample(tmp_path / "sample.qualcode") as study:
        lead = study.seated(Seat("lea", frozenset({"lead"})))
        author = study.seated(Seat("pam", frozenset({"author"})))
        for difference in find_differences(lead.codings(), ("ana", "ben")):
            outcome: Any = "a" if difference.a else "b"
            lead.decide(decide(difference, outcome, reason="agreed", decided_by=""))
        settled = consensus(lead.codings(), lead.decisions())
        lead.lock_consensus(
            {place: [c for c in settled if c.transcript == place] for place in lead.titles()}
        )

        def item_24(seated: Any) -> str:
            report = REPORTS["coreq"](seated)
            return str(next(r for r in report.records if r["number"] == "24")["response"])

        assert "publishes the agreement table" in json.dumps(
            [dict(r) for r in REPORTS["coreq"](author).records], ensure_ascii=False
        )
        assert "not published" in REPORTS["agreement"](author).to_bytes("md").decode()
        publish(lead, REPORTS["agreement"](lead))
        assert item_24(author) == item_24(lead) != ""
        for ending in ("md", "csv", "html"):
            one, other = (REPORTS["agreement"](s).to_bytes(ending) for s in (author, lead))
            assert one == other
        themes = [
            REPORTS["themes"](s).to_bytes("md").decode().split("Codebook")[1]
            for s in (author, lead)
        ]
        assert themes[0] == themes[1]
        assert lead.check() == []
