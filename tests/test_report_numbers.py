"""Every number in a report equals the query it names, counted again from the tables of the file."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode import __version__
from qualcode.reports import Report, full_report, profile_names
from qualcode.reports.document import Quote
from qualcode.reports.full.fields import NUMBERS, Draft
from qualcode.reports.full.material import material
from qualcode.reports.full.outline import PARTS
from qualcode.reports.full.profiles import load_profile
from qualcode.sample import build_sample
from qualcode.store import open_study
from tests.report_study import DAY

PROFILES = profile_names()
WORDS = {word: number for number, word in enumerate(NUMBERS)}
# What is typed, cited or named, and holds no count of the study.
TOLD = ("form", "answer", "cite", "aim", "theme.name", "theme.definition", "need", "group")
TOLD += ("guideline", "guideline.citation", "guest", "contributions", "coders.names", "approach")
TOLD += ("guide.pilot", "interviews.kinds", "recruitment.channels", "study.title")
BASE, RUN, THRESHOLD, SMALLEST = 4, 2, 5, 3


class Raw:
    """The tables of a study file, counted without the package."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path)

    def rows(self, sql: str) -> list[Any]:
        return self.db.execute(sql).fetchall()

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        return {
            id: {"attributes": json.loads(attributes), "consent": consent}
            for id, attributes, consent in self.rows(
                "SELECT id, attributes, quote_consent FROM participants WHERE status != 'withdrew' "
                "AND id IN (SELECT participant FROM transcripts)"
            )
        }

    @cached_property
    def texts(self) -> dict[str, dict[str, Any]]:
        """Transcripts in the order of the interviews."""
        found = [
            (json.loads(facts), id, person)
            for id, person, facts in self.rows("SELECT id, participant, facts FROM transcripts")
            if person in self.people
        ]
        found.sort(key=lambda row: row[0]["interview_date"])
        return {id: {"facts": facts, "person": person} for facts, id, person in found}

    @cached_property
    def book(self) -> dict[str, dict[str, Any]]:
        (version,) = self.rows("SELECT version FROM codebook_versions ORDER BY position DESC")[0]
        return {
            id: json.loads(fields)
            for id, fields in self.rows(
                f"SELECT id, fields FROM codes WHERE version = '{version}' ORDER BY position"
            )
        }

    @cached_property
    def codes(self) -> list[str]:
        return [id for id, fields in self.book.items() if fields["codable"]]

    @cached_property
    def blind(self) -> dict[str, list[tuple[str, str, int, int]]]:
        found: dict[str, list[tuple[str, str, int, int]]] = {"ana": [], "ben": []}
        for coder, *coding in self.rows(
            "SELECT coder, transcript, code, start, \"end\" FROM codings WHERE round = 'main'"
        ):
            if coding[0] in self.texts:
                found[coder].append(tuple(coding))
        return found

    @cached_property
    def consensus(self) -> set[tuple[str, str, int, int]]:
        """What both did alike, and what the decisions put in the place of the rest."""
        decided = self.rows('SELECT transcript, code, start, "end" FROM consensus_codings')
        disputed = {id for (ids,) in self.rows("SELECT settles FROM decisions")
                    for id in json.loads(ids)}  # fmt: skip
        kept: dict[str, list[Any]] = {"ana": [], "ben": []}
        for id, coder, *coding in self.rows(
            "SELECT id, coder, transcript, code, start, \"end\" FROM codings WHERE round = 'main'"
        ):
            if id not in disputed and coding[0] in self.texts:
                kept[coder].append(tuple(coding))
        both = {
            a
            for a in kept["ana"]
            for b in kept["ben"]
            if a[:2] == b[:2] and min(a[3], b[3]) > max(a[2], b[2])
        }
        return both | {row for row in decided if row[0] in self.texts}

    @cached_property
    def turns(self) -> list[tuple[str, int, int]]:
        return [
            row
            for row in self.rows(
                "SELECT transcript, start, \"end\" FROM turns WHERE role = 'participant'"
            )
            if row[0] in self.texts
        ]

    def used(self, transcript: str) -> set[str]:
        return {code for t, code, _, _ in self.consensus if t == transcript}

    def voices(self, codes: set[str]) -> set[str]:
        return {self.texts[t]["person"] for t, code, _, _ in self.consensus if code in codes}

    @cached_property
    def themes(self) -> list[set[str]]:
        return [
            set(json.loads(codes))
            for (codes,) in self.rows(
                "SELECT codes FROM themes WHERE dropped_reason IS NULL ORDER BY position"
            )
        ]

    @cached_property
    def theme_codes(self) -> dict[str, set[str]]:
        return {
            id: set(json.loads(codes)) for id, codes in self.rows("SELECT id, codes FROM themes")
        }

    @cached_property
    def groups(self) -> list[str]:
        sizes = Counter(p["attributes"]["group"] for p in self.people.values())
        return sorted(group for group, size in sizes.items() if size >= SMALLEST)

    def of_group(self, group: str, people: set[str]) -> int:
        return sum(self.people[person]["attributes"]["group"] == group for person in people)

    @cached_property
    def needs(self) -> list[dict[str, Any]]:
        found = [
            {
                # The codes that a need names tell more than the themes it is tied to.
                "codes": set(json.loads(codes))
                or set().union(*(self.theme_codes[t] for t in json.loads(themes))),
                "tied": codes != "[]" or themes != "[]",
                "importance": importance or 0,
                "feasibility": feasibility or 0,
            }
            for codes, themes, importance, feasibility in self.rows(
                "SELECT codes, themes, importance, feasibility FROM needs "
                "WHERE dropped_reason IS NULL ORDER BY need"
            )
        ]
        found.sort(key=lambda n: (-n["importance"] * n["feasibility"], -n["importance"]))
        return found

    @cached_property
    def table(self) -> dict[str, Counter[str]]:
        """For each code its turns marked by both, by one, by nobody; a turn counts from half."""
        found: dict[str, Counter[str]] = {}
        marked = {coder: self._marked(coder) for coder in self.blind}
        for code in self.codes:
            cells: Counter[str] = Counter()
            for turn in self.turns:
                a, b = (code, turn) in marked["ana"], (code, turn) in marked["ben"]
                cells["both" if a and b else "a" if a else "b" if b else "neither"] += 1
            found[code] = cells
        return found

    def _marked(self, coder: str) -> set[tuple[str, tuple[str, int, int]]]:
        return {
            (code, turn)
            for t, code, start, end in self.blind[coder]
            for turn in self.turns
            if turn[0] == t
            and 2 * (min(end, turn[2]) - max(start, turn[1])) >= min(end - start, turn[2] - turn[1])
        }

    @cached_property
    def new_codes(self) -> list[int]:
        seen: set[str] = set()
        found = []
        for transcript in self.texts:
            found.append(len(self.used(transcript) - seen))
            seen |= self.used(transcript)
        return found

    def fact(self, name: str) -> Counter[str]:
        return Counter(text["facts"].get(name, "") for text in self.texts.values())

    @property
    def guide(self) -> tuple[str, str]:
        version, questions = self.rows(
            "SELECT version, questions FROM guides ORDER BY position DESC"
        )[0]
        return version, questions

    @property
    def asked_back(self) -> list[tuple[str, str]]:
        return [
            (replied, changed)
            for person, replied, changed in self.rows(
                "SELECT participant, replied, changed FROM member_checks"
            )
            if person in self.people
        ]

    def setting(self, key: str) -> str:
        found = self.rows(f"SELECT value FROM settings WHERE key = '{key}'")
        return str(found[0][0]) if found else ""

    def outcomes(self, *names: str) -> int:
        listed = ", ".join(f"'{name}'" for name in names)
        return int(self.rows(f"SELECT count(*) FROM recruitment WHERE outcome IN ({listed})")[0][0])


def kappa(cells: Counter[str]) -> float | None:
    n = sum(cells.values())
    a, b = cells["both"] + cells["a"], cells["both"] + cells["b"]
    observed = (cells["both"] + cells["neither"]) / n
    expected = (a * b + (n - a) * (n - b)) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def pooled(raw: Raw) -> Counter[str]:
    return sum(raw.table.values(), Counter())


def minutes(raw: Raw) -> list[float]:
    return sorted(float(text["facts"]["duration_min"]) for text in raw.texts.values())


def kappas(raw: Raw) -> list[float]:
    return [value for cells in raw.table.values() if (value := kappa(cells)) is not None]


AGAIN: dict[str, Callable[[Raw, str], Any]] = {
    "sample.participants": lambda r, a: len(r.people),
    "sample.coded": lambda r, a: len(r.people),
    "sample.interviews": lambda r, a: len(r.texts),
    "sample.sites": lambda r, a: len({p["attributes"]["site"] for p in r.people.values()}),
    "sample.quotable": lambda r, a: sum(p["consent"] != "no" for p in r.people.values()),
    "dates.first": lambda r, a: "March 2025",
    "dates.last": lambda r, a: "March 2025",
    "coders": lambda r, a: sum(bool(codings) for codings in r.blind.values()),
    "themes": lambda r, a: len(r.themes),
    "themes.divergent": lambda r, a: len(
        [t for (t,) in r.rows("SELECT transcript FROM theme_excerpts WHERE role = 'divergent'")
         if t in r.texts]
    ),
    "theme.participants": lambda r, a: len(r.voices(r.themes[int(a) - 1])),
    "theme.group": lambda r, a: r.of_group(
        r.groups[int(a.split(",")[1]) - 1], r.voices(r.themes[int(a.split(",")[0]) - 1])
    ),
    "group.size": lambda r, a: r.of_group(r.groups[int(a) - 1], set(r.people)),
    "interviews.by": lambda r, a: r.fact("interviewer")[a],
    "interviews.mode": lambda r, a: r.fact("mode")[a],
    "interviews.alone": lambda r, a: r.fact("others_present")["no"],
    "interviews.field_notes": lambda r, a: r.fact("field_notes")["yes"],
    "interviews.known_before": lambda r, a: len(r.texts) - r.fact("prior_relationship")["none"],
    "interviews.returned": lambda r, a: sum(
        n for v, n in r.fact("returned").items() if not v.startswith(("no", "refused"))
    ),
    "interviews.corrected": lambda r, a: sum(
        n for v, n in r.fact("returned").items() if v.endswith("corrected")
    ),
    "interviews.recording": lambda r, a: r.fact("recording")[a.removesuffix("-recorded")],
    "interviews.repeated": lambda r, a: 0,
    "recruitment.approached": lambda r, a: r.rows("SELECT count(*) FROM recruitment")[0][0],
    "recruitment.declined": lambda r, a: r.outcomes("declined"),
    "recruitment.no_reply": lambda r, a: r.outcomes("no_reply"),
    "recruitment.interviewed": lambda r, a: r.outcomes("completed", "withdrew_after"),
    "recruitment.withdrew": lambda r, a: r.outcomes("withdrew_after"),
    "recruitment.analysed": lambda r, a: len(r.people),
    "guide.version": lambda r, a: r.guide[0],
    "guide.questions": lambda r, a: len(r.guide[1].splitlines()),
    "duration.median": lambda r, a: median(minutes(r)),
    "duration.shortest": lambda r, a: minutes(r)[0],
    "duration.longest": lambda r, a: minutes(r)[-1],
    "duration.total": lambda r, a: sum(minutes(r)),
    "duration.known": lambda r, a: len(minutes(r)),
    "transcripts": lambda r, a: len(r.texts),
    "transcripts.twice": lambda r, a: len(
        {t for t, *_ in r.blind["ana"]} & {t for t, *_ in r.blind["ben"]}
    ),
    "codebook.version": lambda r, a: r.rows(
        "SELECT version FROM codebook_versions ORDER BY position DESC"
    )[0][0],
    "codebook.codes": lambda r, a: len(r.codes),
    "codebook.levels": lambda r, a: 2,
    "codebook.origin": lambda r, a: sum(r.book[code]["origin"] == a for code in r.codes),
    "agreement.percent": lambda r, a: 100
    * (pooled(r)["both"] + pooled(r)["neither"]) / pooled(r).total(),
    "agreement.decisions": lambda r, a: len(r.codes) * len(r.turns),
    "agreement.codes": lambda r, a: len(r.codes),
    "agreement.units": lambda r, a: len(r.turns),
    "agreement.both": lambda r, a: pooled(r)["both"],
    "agreement.one": lambda r, a: pooled(r)["a"] + pooled(r)["b"],
    "agreement.kappa": lambda r, a: kappa(pooled(r)),
    "agreement.lowest": lambda r, a: min(kappas(r)),
    "agreement.highest": lambda r, a: max(kappas(r)),
    "differences": lambda r, a: len(
        [t for (t,) in r.rows("SELECT transcript FROM decisions") if t in r.texts]
    ),
    "decisions": lambda r, a: AGAIN["differences"](r, a),
    "saturation.base": lambda r, a: BASE,
    "saturation.run": lambda r, a: RUN,
    "saturation.threshold": lambda r, a: THRESHOLD,
    "saturation.first": lambda r, a: BASE + 1,
    "saturation.last": lambda r, a: BASE + RUN,
    "saturation.codes": lambda r, a: sum(r.new_codes[:BASE]),
    "saturation.new": lambda r, a: sum(r.new_codes[BASE : BASE + RUN]),
    "saturation.percent": lambda r, a: 100
    * sum(r.new_codes[BASE : BASE + RUN]) / sum(r.new_codes[:BASE]),
    "member_check.sent": lambda r, a: len(r.asked_back),
    "member_check.replied": lambda r, a: sum(replied == "yes" for replied, _ in r.asked_back),
    "member_check.changes": lambda r, a: sum(bool(changed) for _, changed in r.asked_back),
    "software.version": lambda r, a: __version__,
    "needs": lambda r, a: len(r.needs),
    "needs.first": lambda r, a: sum(
        n["importance"] > 3 and n["feasibility"] > 3 for n in r.needs
    ),
    "needs.judgement": lambda r, a: sum(not n["tied"] for n in r.needs),
    "need.participants": lambda r, a: len(r.voices(r.needs[int(a) - 1]["codes"])),
}  # fmt: skip


def check(path: Path, profile: str) -> tuple[int, Report]:
    """Compare every number of a report with the tables; how many there were, and the report."""
    raw = Raw(path)
    with open_study(path) as study:
        report = full_report(study, profile, date=DAY)
    counted = 0
    for record in report.records:
        query = str(record["query"])
        name, _, argument = query.rstrip(")").partition("(")
        if name in TOLD:
            continue
        assert name in AGAIN, f"{query} is not counted again"
        wanted = AGAIN[name](raw, argument)
        assert record["value"] == (
            pytest.approx(wanted) if isinstance(wanted, float) else wanted
        ), query
        assert says(str(record["printed"]), wanted), f"{query}: {record['printed']} for {wanted}"
        counted += 1
    return counted, report


def says(printed: str, value: Any) -> bool:
    """Whether what is printed is this value, in digits, rounded, or in words."""
    if isinstance(value, str):
        return printed == value
    found = re.search(r"−?\d[\d,]*(?:\.\d+)?", printed)
    if found is None:
        return WORDS.get(printed.split()[0].lower(), value) == value
    digits = found.group().replace(",", "").replace("−", "-")
    places = len(digits.partition(".")[2])
    return float(digits) == round(float(value), places)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("numbers") / "sample.qualcode"
    build_sample(path, finished=True).close()
    return path


@pytest.mark.parametrize("profile", PROFILES)
def test_every_number_equals_the_query_it_names(finished: Path, profile: str) -> None:
    assert check(finished, profile)[0] > 30


@given(st.sets(st.sampled_from(["P01", "P02", "P03", "P04", "P05", "P06"]), min_size=1, max_size=2))
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_numbers_follow_when_people_withdraw(
    finished: Path, tmp_path_factory: pytest.TempPathFactory, gone: set[str]
) -> None:
    path = tmp_path_factory.mktemp("gone") / "study.qualcode"
    shutil.copy(finished, path)
    with open_study(path) as study:
        for person in sorted(gone):
            study.withdraw(person, reason="asked by letter")
    counted, report = check(path, "journal")
    assert counted > 20
    quoted = [block.attribution for block in report.blocks if isinstance(block, Quote)]
    assert not any(f"({person}" in line for line in quoted for person in gone)


def test_no_number_stands_in_a_draft_that_is_no_field(finished: Path) -> None:
    with open_study(finished) as study:
        m = material(study, load_profile("journal"))
        drafts = [item for part in PARTS.values() for item in part(m) if isinstance(item, Draft)]
    assert len(drafts) > 30
    for one in drafts:
        literal = " ".join(piece for piece in one.pieces if isinstance(piece, str))
        assert not re.search(r"\d", literal), f"{one.id}: {literal}"


def test_the_tables_count_what_the_tables_of_the_file_hold(finished: Path) -> None:
    raw = Raw(finished)
    with open_study(finished) as study:
        report = full_report(study, "journal", date=DAY)
    spread = next(t for t in report.tables if t.label == "Table 3")
    rows = iter(spread.rows)
    names = {fields["name"]: id for id, fields in raw.book.items()}
    for codes in raw.themes:
        assert numbers_of(next(rows)) == expected(raw, codes)
        for _ in sorted(codes):
            line = next(rows)
            assert numbers_of(line) == expected(raw, {names[line.cells[0].text.strip()]})
    assert next(rows, None) is None


def numbers_of(line: Any) -> list[int]:
    return [int(cell.text) for cell in line.cells[1:]]


def expected(raw: Raw, codes: set[str]) -> list[int]:
    people = raw.voices(codes)
    return [len(people), *(raw.of_group(group, people) for group in raw.groups)]


def test_the_planted_facts_of_the_sample_stand_in_the_report(finished: Path) -> None:
    with open_study(finished) as study:
        text = full_report(study, "journal", date=DAY).to_bytes("md").decode()
    for words in (
        "Of 10 people approached, 2 declined, 1 did not reply and 7 were interviewed; 1 withdrew",
        "and 6 were analysed (Figure 1)",
        "Median duration was 43 minutes (range 35 to 51), 257 minutes in all",
        "Two researchers (AD and BW) coded 6 of 6 transcripts independently",
        "both applied the code in 61 and one alone in 21 (pooled Cohen’s kappa 0.85",
        "added 1 (4.5 %), not above the threshold of 5 %",
        "(version 0.1; Supplement 3) holds 24 codes on 2 levels",
    ):
        assert words in text, words
