"""The report that is handed in: two profiles of one study, its exhibits, its gaps, its words."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pytest
import yaml
from docx.oxml.ns import qn

from qualcode.errors import UnreadableFile
from qualcode.model import Seat
from qualcode.reports import REPORTS, full_report, profile_names
from qualcode.reports.document import Figure, Heading, Page, Paragraph, Placeholder, Quote, Table
from qualcode.reports.full import SHELF, based_on, drawings, load_profile, places
from qualcode.reports.full.outline import KNOWN
from qualcode.reports.full.profiles import FOLDER, Section, read_profile
from qualcode.sample import build_sample
from qualcode.store import Study
from tests.report_study import DAY, FakeStudy, sample_with_themes, settled_sample, words_of_docx

PROFILES = profile_names()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    with build_sample(tmp_path_factory.mktemp("full") / "sample.qualcode") as study:
        yield study


@pytest.fixture(scope="module")
def sample(kept: Study) -> FakeStudy:
    return sample_with_themes(settled_sample(kept))


def text_of(study: FakeStudy, profile: str = "journal") -> str:
    report = full_report(study, profile, date=DAY)
    return "\n".join(b.text for b in report.blocks if isinstance(b, Paragraph))


# -- profiles -------------------------------------------------------------------------------------


def test_two_profiles_are_there_and_each_is_a_report() -> None:
    assert PROFILES[:2] == ("journal", "decision")
    assert set(PROFILES) <= REPORTS.keys()


@pytest.mark.parametrize("name", PROFILES)
def test_every_part_that_a_profile_shows_is_known(name: str) -> None:
    def shown(sections: tuple[Section, ...]) -> Iterator[str]:
        for section in sections:
            yield from (one for one in section.show if isinstance(one, str))
            yield from shown(section.sections)

    assert set(shown(load_profile(name).sections)) <= set(KNOWN)


def changed(tmp_path: Path, **fields: object) -> Path:
    content = yaml.safe_load((FOLDER / "journal.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(content | fields), encoding="utf-8")
    return path


def test_a_profile_of_another_journal_is_a_file_and_no_code(
    tmp_path: Path, sample: FakeStudy
) -> None:
    own = read_profile(
        changed(
            tmp_path, id="own", paper="Letter", spelling="US", line_numbers=True, spacing=2,
            anonymous=True, abstract_words=10, main_words=100_000,
        )
    )  # fmt: skip
    report = full_report(sample, own, date=DAY)
    words = words_of_docx(report.to_bytes("docx"))
    assert "abstract 73 of at most 10 (too many)" in words
    assert "organization" in words
    assert "Need for organisational support" in words, "the authors’ own words stay as they are"
    assert not re.search(r"\bAna\b|\bBen\b|Duarte|Whitlock|\bAD\b|\bBW\b", words)
    assert "R1 and R2" in words
    document = docx.Document(io.BytesIO(report.to_bytes("docx")))
    for section in document.sections:
        assert section._sectPr.find(qn("w:lnNumType")) is not None
    assert document.sections[0].page_width.inches == pytest.approx(8.5)
    assert document.styles["Normal"].paragraph_format.line_spacing == 2
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "en-US"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("paper", "A5", "“paper” must be A4 or Letter"),
        ("anonymous", "perhaps", "“anonymous” must be yes or no"),
        ("abstract_words", "many", "“abstract_words” must be a whole number"),
        ("spacing", 9, "“spacing” must be a number from 1 to 3"),
        ("colour", "red", "a field “colour” that no profile has"),
        ("sections", [], "“sections” must be a list"),
        ("sections", [{"show": [{"write": "x"}]}], r"“sections\[1\].show\[1\]” must be"),
        ("sections", [{"title": "x"}], r"a field “sections\[1\].title” that no profile has"),
    ],
)
def test_a_fault_in_a_profile_names_file_and_field(
    tmp_path: Path, field: str, value: object, named: str
) -> None:
    with pytest.raises(UnreadableFile, match=named) as refused:
        read_profile(changed(tmp_path, **{field: value}))
    assert "own.yaml" in str(refused.value)


def test_a_part_that_no_report_knows_is_named(tmp_path: Path, sample: FakeStudy) -> None:
    own = read_profile(changed(tmp_path, id="own", sections=[{"show": ["figure.moon"]}]))
    with pytest.raises(UnreadableFile, match=r"own\.yaml shows “figure\.moon”"):
        full_report(sample, own)


# -- exhibits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
def test_captions_are_consecutive_and_every_exhibit_is_cited(sample: FakeStudy, name: str) -> None:
    report = full_report(sample, name, date=DAY)
    for kind in ("Figure", "Table", "Table S"):
        found = [
            int(match.group(1))
            for block in report.blocks
            if isinstance(block, Figure | Table)
            and (match := re.fullmatch(rf"{kind} ?(\d+)", block.label))
        ]
        assert found == list(range(1, len(found) + 1)), kind
    text = "\n".join(b.text for b in report.blocks if isinstance(b, Paragraph))
    for label in report.labels:
        if not label.startswith("Table S"):
            assert re.search(rf"{label}\b", text), f"{label} is not cited"


@pytest.mark.parametrize("name", PROFILES)
def test_no_heading_stands_empty_and_none_skips_a_level(sample: FakeStudy, name: str) -> None:
    blocks = [b for b in full_report(sample, name, date=DAY).blocks if not isinstance(b, Page)]
    level = 0
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, Heading):
            assert block.level <= level + 1, block.text
            level = block.level
            assert following is not None, block.text
            if isinstance(following, Heading):
                assert following.level > block.level, f"nothing stands under “{block.text}”"


def test_every_figure_says_in_words_what_it_shows(sample: FakeStudy) -> None:
    report = full_report(sample, "journal", date=DAY)
    figures = [block for block in report.blocks if isinstance(block, Figure)]
    assert len(figures) >= 4
    assert "approached 10, declined 2, no reply 1; interviewed 7" in figures[0].alt
    document = docx.Document(io.BytesIO(report.to_bytes("docx")))
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert told == [figure.alt for figure in figures]
    html = report.to_bytes("html").decode()
    assert html.count("<img alt=") == len(figures)
    assert not re.search(r"(src|href)=[\"'](?!data:image/png;base64,|#)", html)


def test_figures_are_grey_and_drawn_the_same_every_time() -> None:
    from PIL import Image

    flow = drawings.Flow((drawings.FlowStep("Approached", 10, (("Declined: $5 $6", 2),)),))
    first = flow.png()
    drawings._flow.cache_clear()
    assert flow.png() == first
    pixels = Image.open(io.BytesIO(first)).convert("RGB").getcolors(1 << 24)
    assert all(max(color) - min(color) < 3 for _, color in pixels)
    assert b"matplotlib" not in first


def test_the_first_table_masks_small_cells_and_has_no_percentages(sample: FakeStudy) -> None:
    report = full_report(sample, "journal", date=DAY)
    first = next(t for t in report.tables if t.label == "Table 1")
    counts = [int(line.cells[1].text) for line in first.rows if line.kind == "row"]
    assert min(counts) >= 3
    assert not any("%" in cell.text for line in first.rows for cell in line.cells)
    assert "allied" not in str(first)


def test_no_saturation_and_no_agreement_in_a_reflexive_study(sample: FakeStudy) -> None:
    study = replace(sample, form={**sample.form, "approach": "reflexive"})
    report = full_report(study, "journal", date=DAY)
    text = "\n".join(b.text for b in report.blocks if isinstance(b, Paragraph))
    assert not any(
        f.caption.startswith("New codes") for f in report.blocks if isinstance(f, Figure)
    )
    assert "kappa" not in text
    assert "generated 5 themes" in text
    assert not any("Agreement by code" in h.text for h in report.headings)


# -- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
def test_nobody_is_quoted_who_did_not_agree(sample: FakeStudy, name: str) -> None:
    report = full_report(sample, name, date=DAY)
    quotes = [block for block in report.blocks if isinstance(block, Quote)]
    assert quotes
    assert not any("P04" in quote.attribution for quote in quotes)
    assert {q.attribution for q in quotes if "P06" in q.attribution} == {"(P06)"}
    texts = {t.participant: " ".join(t.text.split()) for t in sample.texts}
    everything = " ".join(words_of_docx(report.to_bytes("docx")).split())
    (silent,) = (t for t in sample.texts if t.participant == "P04")
    words = " ".join(silent.text[turn.span.slice] for turn in silent.participant_turns).split()
    runs = [" ".join(words[n : n + 12]) for n in range(len(words) - 12)]
    assert not any(run in everything for run in runs)
    for quote in quotes:
        who = re.match(r"\((P\d+)", quote.attribution)
        assert who is not None
        for part in quote.text.strip("“”").split("[...]"):
            assert " ".join(part.split()) in texts[who.group(1)]


# -- the authors' words ---------------------------------------------------------------------------


def test_the_authors_words_stand_until_they_go_back_to_the_draft(sample: FakeStudy) -> None:
    place = next(p for p in places(sample, "journal") if p.id == "methods.codebook")
    assert place.state == "from data"
    own = {place.id: {"response": "Our own words.", "based_on": json.dumps(based_on(place))}}
    written = replace(sample, typed=own)
    assert "Our own words." in text_of(written)
    assert place.draft not in text_of(written)
    (kept,) = (p for p in places(written, "journal") if p.id == place.id)
    assert (kept.state, kept.draft) == ("edited", place.draft)
    assert place.draft in text_of(sample)


def test_words_are_marked_out_of_date_when_the_data_move_on(sample: FakeStudy) -> None:
    place = next(p for p in places(sample, "journal") if p.id == "results.overview")
    own = {
        place.id: {"response": "Six people, five themes.", "based_on": json.dumps(based_on(place))}
    }
    moved = replace(sample, typed=own, made=sample.made[:4])
    (kept,) = (p for p in places(moved, "journal") if p.id == place.id)
    assert kept.state == "out of date"
    assert "themes: 5, now 4" in kept.changed
    report = full_report(moved, "journal", date=DAY)
    assert "Six people, five themes." in text_of(moved), "never written over"
    assert any(isinstance(b, Placeholder) and b.verb == "To check" for b in report.blocks)
    assert "1 paragraph out of date" in report.subtitle[-1]


def test_places_to_write_are_marked_counted_and_listed_last(sample: FakeStudy) -> None:
    report = full_report(sample, "journal", date=DAY)
    marked = [b for b in report.blocks if isinstance(b, Placeholder)]
    waiting = report.data["to_write"]
    assert len(marked) == len(waiting) > 10
    assert f"{len(waiting)} places to write" in report.subtitle[-1]
    assert report.headings[-1].text == "Still to write"
    assert len(report.blocks[-1].items) == len(waiting)
    done = {one["place"]: {"response": "Written."} for one in waiting}
    finished = full_report(replace(sample, typed=done), "journal", date=DAY)
    assert not [b for b in finished.blocks if isinstance(b, Placeholder)]
    assert "Nothing is left to write" in text_of(replace(sample, typed=done))


def test_number_words_come_with_their_key(sample: FakeStudy) -> None:
    assert "Number words stand for" not in text_of(sample)
    own = {"discussion.next": {"response": "Most participants asked for time."}}
    assert "Number words stand for" in text_of(replace(sample, typed=own))


@pytest.mark.parametrize("name", PROFILES)
def test_drafts_keep_to_the_wording_of_the_field(sample: FakeStudy, name: str) -> None:
    report = full_report(sample, name, date=DAY)
    for place in places(sample, name):
        assert "emerged" not in place.draft
        assert "significant" not in place.draft
    assert "emerged" not in str([b for b in report.blocks if isinstance(b, Paragraph)])


def test_an_empty_study_gives_a_report_of_places_to_write() -> None:
    for name in PROFILES:
        report = full_report(FakeStudy(title="Empty"), name, date=DAY)
        assert len(report.data["to_write"]) > 10
        for format in ("docx", "html", "md", "xlsx", "json", "csv"):
            assert report.to_bytes(format)


def test_words_on_results_are_kept_from_whoever_still_codes(tmp_path: Path) -> None:
    lea, ana = (Seat(name, frozenset({role})) for name, role in (("lea", "lead"), ("ana", "coder")))
    for name, uncoded in (("done", ()), ("open", ("P06",))):
        with build_sample(tmp_path / f"{name}.qualcode", uncoded=uncoded) as study:
            study.seated(lea).settings.answer(SHELF, "results.overview", response="Time is short.")
            seen = study.seated(ana).answers(SHELF)
            assert bool(seen) is (name == "done")
            report = full_report(study.seated(ana), "journal", date=DAY)
            told = any(isinstance(b, Paragraph) and "Time is" in b.text for b in report.blocks)
            assert told is (name == "done")
