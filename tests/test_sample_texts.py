"""The sample study holds what was planned for it: texts, oddities, identifiers, codings, counts.

Every check of a text runs twice: over a reading made here with the least that is needed, and over
``qualcode.read_transcript``.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import docx
import pytest

import qualcode

SAMPLE = Path(__file__).parents[1] / "transcripts_sample"
GOLDEN = Path(__file__).parent / "golden" / "sample"
FILES = {
    "P01": "P01.docx",
    "P02": "P02.txt",
    "P03": "P03.vtt",
    "P04": "P04.txt",
    "P05": "P05.srt",
    "P06": "P06.txt",
}
ENCODINGS = {"P04": "cp1252", "P06": "utf-8-sig"}
FICTIONAL = "Fictional interview, written as sample material for qualcode."
CODES = 24


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KEY = {row["segment"]: row for row in rows(GOLDEN / "answer_key.csv")}
EXPECTED = {row["code"]: row for row in rows(GOLDEN / "expected_agreement.csv")}
CODINGS = rows(SAMPLE / "codings.csv")
STUDY = tomllib.loads((SAMPLE / "study.toml").read_text(encoding="utf-8"))
MARKS = {entry["participant"]: entry["marks"] for entry in STUDY["transcripts"]}


@dataclass(frozen=True)
class Interview:
    """The questions and answers of one file, without labels."""

    questions: list[str]
    answers: list[str]

    @property
    def text(self) -> str:
        return "\n".join(turn for pair in self.pairs for turn in pair)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.questions, self.answers, strict=True))


# ------------------------------------------------------------------ the least that reads the files
def lines_of_document(path: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


def lines_of_text(path: Path, encoding: str) -> list[str]:
    return path.read_bytes().decode(encoding).splitlines()


def lines_of_captions(path: Path) -> list[str]:
    """One line a cue; a voice tag becomes the label, as it stands in the other files."""
    cues = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        head, arrow, speech = block.partition(" --> ")
        if arrow:
            assert head.splitlines()[-1].count(":") == 2
            cue = " ".join(speech.splitlines()[1:])
            cues.append(re.sub(r"^<v ([^>]+)>", r"\1: ", cue))
    return cues


def own_reading(name: str) -> Interview:
    path = SAMPLE / FILES[name]
    if path.suffix == ".docx":
        lines = lines_of_document(path)
    elif path.suffix == ".txt":
        lines = lines_of_text(path, ENCODINGS.get(name, "utf-8"))
    else:
        lines = lines_of_captions(path)
    asks, answers = (f"{MARKS[name][role]}: " for role in ("interviewer", "participant"))
    turns: list[tuple[str, str]] = []
    for line in lines:
        mark = next((mark for mark in (asks, answers) if line.startswith(mark)), "")
        speech = line.removeprefix(mark)
        if mark and (not turns or turns[-1][0] != mark):
            turns.append((mark, speech))
        elif turns and speech:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {speech}")
    assert [mark for mark, _ in turns] == [asks, answers] * (len(turns) // 2)
    return Interview(
        [text for mark, text in turns if mark == asks],
        [text for mark, text in turns if mark == answers],
    )


def reading_of_qualcode(name: str) -> Interview:
    transcript = qualcode.read_transcript(SAMPLE / FILES[name])
    asks, answers = MARKS[name]["interviewer"], MARKS[name]["participant"]
    said: dict[str, list[str]] = {"interviewer": [], "participant": []}
    for turn in transcript.turns:
        assert turn.speaker == (asks if turn.role == "interviewer" else answers)
        said[turn.role].append(transcript.text[turn.span.start : turn.span.end])
    assert [turn.role for turn in transcript.turns] == ["interviewer", "participant"] * 12
    return Interview(said["interviewer"], said["participant"])


READINGS = {"own": own_reading, "qualcode": reading_of_qualcode}


@pytest.fixture(scope="module", params=list(READINGS))
def interviews(request: pytest.FixtureRequest) -> dict[str, Interview]:
    return {name: READINGS[request.param](name) for name in FILES}


def answer(interviews: dict[str, Interview], segment: str) -> str:
    name, _, number = segment.partition("-S")
    return interviews[name].answers[int(number) - 1]


# ------------------------------------------------------------------ texts
def test_each_interview_has_twelve_questions_and_twelve_answers(interviews):
    for interview in interviews.values():
        assert len(interview.questions) == len(interview.answers) == 12
    assert len(KEY) == 72


def test_interviews_have_between_1300_and_2000_words(interviews):
    for name, interview in interviews.items():
        assert 1300 <= len(interview.text.split()) <= 2000, name


def test_answers_have_90_to_190_words_but_for_one_of_three_hundred(interviews):
    lengths = {segment: len(answer(interviews, segment).split()) for segment in KEY}
    assert 290 <= lengths.pop("P05-S06") <= 320
    assert min(lengths.values()) >= 90
    assert max(lengths.values()) <= 190


def test_both_readings_give_the_same_words():
    for name in FILES:
        assert reading_of_qualcode(name) == own_reading(name)


def test_no_two_participants_speak_the_same_seven_words(interviews):
    def runs(name: str) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for text in interviews[name].answers:
            words = re.findall(r"[\w'’]+", text.lower())
            found.update(zip(*(words[start:] for start in range(7)), strict=False))
        return found

    said = {name: runs(name) for name in FILES}
    for one, other in combinations(FILES, 2):
        assert not said[one] & said[other]


# ------------------------------------------------------------------ oddities of the files
def test_files_that_can_hold_a_remark_say_first_that_they_are_fictional():
    assert lines_of_document(SAMPLE / "P01.docx")[0].startswith(FICTIONAL)
    for name in ("P02", "P04", "P06"):
        encoding = ENCODINGS.get(name, "utf-8")
        assert lines_of_text(SAMPLE / FILES[name], encoding)[0].startswith(FICTIONAL)
    assert f"\nNOTE\n{FICTIONAL}" in (SAMPLE / "P03.vtt").read_text(encoding="utf-8")


def test_the_word_file_names_no_author_and_sets_its_speakers_in_bold():
    document = docx.Document(str(SAMPLE / "P01.docx"))
    properties = document.core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.title == "Fictional interview P01"
    bold = Counter(
        run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold
    )
    assert bold == {"Interviewer:": 12, "P01:": 12}


def test_the_text_files_differ_in_encoding_and_line_ends():
    p02, p04, p06 = (SAMPLE.joinpath(FILES[name]).read_bytes() for name in ("P02", "P04", "P06"))
    assert not p02.startswith(b"\xef\xbb\xbf")
    assert not p02.decode("utf-8").isascii()
    with pytest.raises(UnicodeDecodeError):
        p04.decode("utf-8")
    assert all(sign in p04.decode("cp1252") for sign in "“”‘’–")
    assert p06.startswith(b"\xef\xbb\xbf")
    assert p06.count(b"\r\n") == p06.count(b"\n")


@pytest.mark.parametrize(("name", "minutes"), [("P03", 51), ("P05", 47)])
def test_captions_follow_each_other_and_fill_the_interview(name: str, minutes: int):
    stamps = re.findall(
        r"^(\d\d):(\d\d):(\d\d)[.,](\d{3}) --> (\d\d):(\d\d):(\d\d)[.,](\d{3})$",
        SAMPLE.joinpath(FILES[name]).read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    times = []
    for hours, mins, secs, parts, *end in stamps:
        times.append(int(hours) * 3600 + int(mins) * 60 + int(secs) + int(parts) / 1000)
        times.append(int(end[0]) * 3600 + int(end[1]) * 60 + int(end[2]) + int(end[3]) / 1000)
    assert times == sorted(times)
    assert max(end - start for start, end in zip(times[::2], times[1::2], strict=True)) < 15
    assert math.ceil(times[-1] / 60) == minutes


def test_cues_have_at_most_four_lines_and_subtitles_name_speakers_once_a_turn():
    text = (SAMPLE / "P05.srt").read_text(encoding="utf-8")
    assert len(re.findall(r"^(?:Interviewer|P05): ", text, re.MULTILINE)) == 24
    assert not re.search(r"^(?!\d|Interviewer: |P05: )[^\n]*:", text, re.MULTILINE)
    for name in ("P03", "P05"):
        blocks = SAMPLE.joinpath(FILES[name]).read_text(encoding="utf-8").split("\n\n")
        speech = [block.partition(" --> ")[2].splitlines()[1:] for block in blocks]
        assert max(len(lines) for lines in speech) <= 4
        assert sum(len(lines) > 1 for lines in speech) > 0.8 * len(speech)


def test_odd_turns_are_where_they_were_planned(interviews):
    assert "(I: Mm-hm.)" in answer(interviews, "P02-S04")
    assert "[inaudible 00:12:03]" in answer(interviews, "P06-S04")
    assert "Benoît Lévesque" in answer(interviews, "P04-S06")
    assert [q for i in interviews.values() for q in i.questions if len(q.split()) == 1] == [
        "Always?"
    ]
    assert interviews["P04"].questions[9] == "Always?"
    assert KEY["P01-S08"]["gold"] == "MEN-16;MEN-17"


# ------------------------------------------------------------------ identifiers
PLANTED = {
    "Dr. Helen Okafor": "P01-S04",
    "St. Brendan's Hospital": "P01-S04",
    "j.mori@example.org": "P02-S05",
    "416-555-0134": "P02-S05",
    "14 March 2021": "P03-S01",
    "Lakeshore General": "P03-S01",
    "MRN 00482913": "P04-S04",
    "https://intranet.example.org/qi": "P04-S04",
    "my own mentor is 91 now": "P05-S01",
    "licence 84211": "P06-S01",
    "120 Harbour Street": "P06-S01",
    "M5V 0A1": "P06-S01",
    # for a person to notice
    "the only geriatric psychiatrist who runs the Tuesday list": "P01-S01",
    "my poster won last year's award": "P02-S01",
    # to be left alone
    "Plan-Do-Study-Act": "P06-S02",
    "in May": "P05-S04",
    "Will you": "P01-S05",
    "mark the date": "P03-S12",
    "the Joint Commission": "P04-S02",
}


def test_planted_phrases_stand_once_and_in_their_segment(interviews):
    for phrase, segment in PLANTED.items():
        found = [other for other in KEY if phrase in answer(interviews, other)]
        assert found == [segment], phrase
        assert sum(interview.text.count(phrase) for interview in interviews.values()) == 1


def test_no_address_number_or_link_was_planted_by_accident(interviews):
    for segment in KEY:
        text = answer(interviews, segment)
        for phrase in PLANTED:
            text = text.replace(phrase, "")
        text = text.replace("[inaudible 00:12:03]", "")
        assert not re.search(r"\d|@|://|www\.|\b(?:Dr|Mr|Mrs|Ms|Prof)\b", text), segment


# ------------------------------------------------------------------ codings
def test_each_quote_stands_once_in_its_transcript_and_inside_its_turn(interviews):
    for coding in CODINGS:
        turns = interviews[coding["transcript"]]
        quote = coding["quote"]
        assert quote.strip() == quote != ""
        assert sum(turn.count(quote) for pair in turns.pairs for turn in pair) == 1
        assert quote in answer(interviews, coding["segment"])


def test_each_coder_put_the_codes_of_the_key():
    for coder, column in (("ana", "coder_a"), ("ben", "coder_b")):
        for segment, row in KEY.items():
            put = [
                coding["code"]
                for coding in CODINGS
                if (coding["segment"], coding["coder"]) == (segment, coder)
            ]
            assert sorted(put) == sorted(filter(None, row[column].split(";"))), segment
    assert {coding["coder"] for coding in CODINGS} == {"ana", "ben"}
    assert all(coding["segment"].startswith(coding["transcript"] + "-S") for coding in CODINGS)


def quote_of(segment: str, coder: str, code: str) -> str:
    (quote,) = (
        coding["quote"]
        for coding in CODINGS
        if (coding["segment"], coding["coder"], coding["code"]) == (segment, coder, code)
    )
    return quote


def overlap(text: str, one: str, other: str) -> int:
    start = max(text.index(one), text.index(other))
    return max(0, min(text.index(one) + len(one), text.index(other) + len(other)) - start)


def codes_of(segment: str) -> tuple[set[str], set[str]]:
    ana, ben = (set(filter(None, KEY[segment][who].split(";"))) for who in ("coder_a", "coder_b"))
    return ana, ben


def test_counts_and_coefficients_are_those_expected():
    put = {
        coder: {(c["segment"], c["code"]) for c in CODINGS if c["coder"] == coder}
        for coder in ("ana", "ben")
    }
    totals = Counter()
    for code in (code for code in EXPECTED if code != "POOLED"):
        cells = Counter(
            ((segment, code) in put["ana"], (segment, code) in put["ben"]) for segment in KEY
        )
        totals.update(cells)
        compare(code, cells)
    compare("POOLED", totals)
    assert totals.total() == CODES * 72


def compare(code: str, cells: Counter[tuple[bool, bool]]) -> None:
    """The four cells, observed agreement, kappa and positive agreement against the golden row."""
    both, a, b, neither = (
        cells[pair] for pair in ((True, True), (True, False), (False, True), (False, False))
    )
    row = EXPECTED[code]
    expected_cells = [int(row[column]) for column in ("both", "a_only", "b_only", "neither")]
    assert [both, a, b, neither] == expected_cells, code
    n = both + a + b + neither
    observed = (both + neither) / n
    chance = ((both + a) * (both + b) + (neither + a) * (neither + b)) / n**2
    assert round(observed, 4) == float(row["observed_agreement"])
    if chance == 1:
        assert row["cohen_kappa"] == row["positive_agreement"] == ""
    else:
        assert round((observed - chance) / (1 - chance), 4) == float(row["cohen_kappa"])
        assert round(2 * both / (2 * both + a + b), 4) == float(row["positive_agreement"])


def test_agreed_codings_share_their_text_but_for_the_one_planted_boundary(interviews):
    parted = []
    identical = 0
    for segment in KEY:
        ana, ben = codes_of(segment)
        for code in ana & ben:
            one, other = (quote_of(segment, coder, code) for coder in ("ana", "ben"))
            shared = overlap(answer(interviews, segment), one, other)
            identical += one == other
            if shared / (len(one) + len(other) - shared) < 0.9:
                parted.append((segment, code))
    assert parted == [("P03-S09", "MEN-10")]
    assert identical > 61 / 2
    turn = answer(interviews, "P03-S09")
    last = quote_of("P03-S09", "ana", "MEN-10")
    assert quote_of("P03-S09", "ben", "MEN-10") == turn
    assert turn.endswith(last)
    assert re.fullmatch(r"[^.?!]+\.", last), "the last sentence alone"


CHOICES = {
    "P01-S10": ("MEN-14", "MEN-08"),
    "P01-S11": ("MEN-19", "MEN-23"),
    "P02-S11": ("MEN-19", "MEN-23"),
    "P03-S07": ("MEN-24", "MEN-18"),
    "P04-S06": ("MEN-19", "MEN-23"),
    "P06-S05": ("MEN-14", "MEN-08"),
}


def test_where_the_coders_chose_different_codes_they_meant_the_same_passage(interviews):
    for segment in KEY:
        ana, ben = codes_of(segment)
        assert bool(ana - ben and ben - ana) == (segment in CHOICES)
    for segment, (one, other) in CHOICES.items():
        spans = quote_of(segment, "ana", one), quote_of(segment, "ben", other)
        shared = overlap(answer(interviews, segment), *spans)
        assert shared >= min(map(len, spans)) / 2, segment


FIELDS = {
    "T1": "definition audit research credits credentials accreditation learn(?:ed|ing)?",
    "T2": "shar(?:e|ed|ing) rounds networks? posters? colleagues? silos?",
    "T3": "times? clinics? load chiefs? budgets? data promot(?:e|ion) courses?",
    "T4": "mentor(?:s|ing)? trust(?:ed)? coffee match(?:es|ing)? scars? call(?:ed)?",
}
LAST = {"T1": "MEN-04", "T2": "MEN-09", "T3": "MEN-15", "T4": "MEN-22", "T5": "MEN-24"}


def theme(code: str) -> str:
    return next(name for name, last in LAST.items() if code <= last)


def test_coded_answers_hold_three_words_of_the_field_of_their_theme(interviews):
    units = Counter()
    for segment, row in KEY.items():
        themes = {theme(code) for code in filter(None, row["gold"].split(";"))}
        units.update(themes)
        for name in themes - {"T5"}:
            words = [rf"\b{word}\b" for word in FIELDS[name].split()]
            text = answer(interviews, segment)
            found = [word for word in words if re.search(word, text, re.IGNORECASE)]
            assert len(found) >= 3, (segment, name)
    assert units == {"T1": 10, "T2": 13, "T3": 19, "T4": 16, "T5": 8}


# ------------------------------------------------------------------ the study around the texts
def test_the_tables_and_the_study_file_tell_the_same_story():
    people = {row["id"]: row for row in rows(SAMPLE / "participants.csv")}
    assert list(people) == [f"P0{number}" for number in range(1, 8)]
    analysed = [row for row in people.values() if row["status"] == "included"]
    assert [row["id"] for row in analysed] == list(FILES)
    minutes = sorted(int(row["duration_min"]) for row in analysed)
    assert (minutes[0], minutes[-1], sum(minutes)) == (35, 51, 257)
    assert (minutes[2] + minutes[3]) / 2 == 43
    assert Counter(row["group"] for row in analysed) == {"clinical": 3, "managerial": 3}
    assert {row["site"] for row in analysed} == {"A", "B", "C"}
    assert sum(row["field_notes"] == "yes" for row in analysed) == 4
    assert {row["id"] for row in analysed if row["transcript_returned"] == "no"} == {"P03"}
    assert {row["id"] for row in analysed if row["prior_relationship"] == "colleague"} == {"P02"}
    assert [row["quote_consent"] for row in analysed] == ["yes"] * 3 + ["no", "yes", "id_only"]
    assert {row["interviewer"] for row in people.values()} == set(STUDY["interviewers"])
    assert STUDY["transcripts_returned"]["sent"] == 5

    approached = rows(SAMPLE / "recruitment.csv")
    outcomes = Counter(row["outcome"] for row in approached)
    assert outcomes == {"completed": 6, "declined": 2, "no_reply": 1, "withdrew_after": 1}
    said = STUDY["recruitment"]
    assert said["approached"] == len(approached) == 10
    assert said["declined"] == outcomes["declined"]
    assert said["interviewed"] == outcomes["completed"] + outcomes["withdrew_after"] == 7
    assert said["analysed"] == outcomes["completed"] == len(analysed)
    assert {row["id"] for row in approached} >= set(people)
    team = {person["id"] for person in STUDY["team"]}
    assert team == {"ana", "ben", "lea"}
    assert {coder["id"] for coder in STUDY["coders"]} | {STUDY["lead"]} == team
    assert set(STUDY["interviewers"].values()) <= team
    assert len(STUDY["guide"]["questions"]) == 10
    assert [entry["file"] for entry in STUDY["transcripts"]] == list(FILES.values())


def test_new_codes_come_as_planned():
    seen: set[str] = set()
    new = []
    for name in FILES:
        gold = {c for s, row in KEY.items() if s.startswith(name) for c in row["gold"].split(";")}
        new.append(len(gold - seen - {""}))
        seen |= gold
    assert new == [12, 6, 4, 0, 1, 0]
