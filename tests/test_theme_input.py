"""Odd input to candidates, gaps and lenses: a sentence or a sensible answer, never a crash."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from qualcode.errors import BadCommand
from qualcode.model import Transcript, Turn
from qualcode.spans import Span
from qualcode.themes import (
    contradictions,
    find_gaps,
    more_like_this,
    near_duplicates,
    space_of,
    suggest_themes,
)
from qualcode.themes.language import language
from qualcode.themes.tongues import Plain, languages_of
from tests.test_theme_lenses import coded
from tests.test_themes import PEOPLE, TALK, interview, sealed, study, suggested

FINNISH = {
    "MENTOR": (
        "Mentorini kuunteli minua ja luotin mentoriin täysin, tapasimme usein kahvilla.",
        "Luottamus mentoriin syntyi hitaasti, mentorin kanssa juotiin kahvia joka viikko.",
        "Mentori vastasi puhelimeen aina, luottamus oli vahva ja kahvilla puhuttiin kaikesta.",
    ),
    "AIKA": (
        "Klinikan kiire vie kaiken työajan, esimies ei anna suojattua työaikaa kehittämiseen.",
        "Suojattua työaikaa ei ole, klinikan kuorma kasvaa ja esimies leikkaa budjettia.",
        "Budjetti leikattiin, klinikan kuorma kasvoi eikä esimies antanut työaikaa projektille.",
    ),
}
CHINESE = {
    "師": (
        "我的導師每週和我喝咖啡，我非常信任導師的意見。",
        "導師願意聽我說話，喝咖啡的時候我們談論失敗的計畫，我信任導師。",
        "和導師建立信任需要很多次喝咖啡的談話。",
    ),
    "間": (
        "診所的工作量太大，主管不給保護時間做改善計畫。",
        "預算被削減，診所工作量增加，沒有保護時間。",
        "主管說沒有預算，所以診所的人沒有保護時間。",
    ),
}
UNKNOWN = {
    "A": (
        "Zarga blimu tekkan vorash ulim dessa kroth zarga mindel arba tekkan.",
        "Tekkan zarga ulim pelloth vorash arba kroth blimu sando zarga.",
        "Arba vorash blimu zarga tekkan kroth ulim gandri dessa mosk.",
    ),
    "B": (
        "Hopra sindel qual yeffo branda ulim xorro hopra vintra arba qual.",
        "Yeffo branda hopra xorro ulim qual sindel vintra arba losk.",
        "Xorro hopra vintra arba yeffo sindel ulim branda qual trem.",
    ),
}


@pytest.mark.parametrize(
    ("said", "tag", "name"),
    [
        (FINNISH, "fi", "Finnish"),
        (CHINESE, "zh", "Chinese"),
        (CHINESE, "", "Chinese"),
        (UNKNOWN, "", "a language that is not known"),
        (UNKNOWN, "tlh", "“tlh”"),
    ],
)
def test_other_languages_are_grouped_by_their_words_and_a_warning_says_so(said, tag, name):
    texts = [
        replace(
            interview(p, *(f"{line} {line}" if n % 2 else line for line in lines)),
            facts={"language": tag} if tag else {},
        )
        for n, p in enumerate(PEOPLE)
        for lines in [[line for lines in said.values() for line in lines]]
    ]
    found = suggested(texts, clusters=2)
    assert name in found.warning
    assert "passages are in" in found.warning
    assert found.vectors == "TF-IDF LSA"
    assert name in found.language
    by_id = {t.id: t.text for t in texts}
    for candidate in found:
        counts = Counter(
            m for t, s in candidate.passages for m, lines in said.items()
            if by_id[t][s.slice].startswith(lines)
        )  # fmt: skip
        assert len(counts) == 1, counts
        assert candidate.label
        assert "hold" in candidate.why


def test_small_words_of_another_language_and_its_endings_do_not_stand_in_the_way():
    [first, second] = Plain("fi").words(["Ja mentorini oli hyvä.", "Mentorilla on aikaa!"])
    assert [w.surface for w in first] == ["mentorini"]
    assert first[0].lemma == second[0].lemma == "mento"
    [row] = Plain("zh").words(["我的導師信任我。"])
    surfaces = [w.surface for w in row]
    assert {"導師", "信任"} <= set(surfaces)
    assert "我的" not in surfaces
    assert "任我" not in surfaces
    assert Plain("xx").words(["..., 12 !!"]) == [()]
    assert Plain("not a tag").words(["abc def"])


def test_english_is_known_as_english_however_short_and_whatever_is_said_wins():
    texts = study()
    assert set(languages_of(texts).values()) == {"en"}
    short = interview("P01", "Too loud.", "No car park.")
    assert languages_of([short]) == {short.id: "en"}
    said = replace(texts[0], facts={"language": "pt-BR"})
    assert languages_of([said]) == {said.id: "pt"}


def test_a_study_in_two_languages_is_read_by_both_rules_and_says_so():
    finnish = interview("P09", *FINNISH["MENTOR"], *FINNISH["AIKA"])
    texts = (*study(), replace(finnish, facts={"language": "fi"}))
    found = suggested(texts)
    assert "6 of 42 passages are in Finnish" in found.warning
    assert found.vectors.startswith("MiniLM")
    assert "Finnish" in found.language


@pytest.mark.parametrize("lens", [suggest_themes, find_gaps, near_duplicates, contradictions])
@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([interview("P01", *TALK["TIME"], TALK["SHARE"][0])], "too little text"),
        ([interview(p, *[TALK["TIME"][0]] * 5) for p in PEOPLE], "same words"),
        ([Transcript("Empty", "", ())], "no participant's turn"),
        ([interview("P01", " ", "\n\n")], "no participant's turn"),
        ([interview("P01", *["…", "--", "?!", "12 34", "[laughs]"] * 4)], "too little text"),
        ([], "no participant's turn"),
    ],
    ids=["five units", "identical", "empty text", "blank turns", "no words", "nothing"],
)
def test_what_cannot_be_compared_is_a_sentence(lens, texts, sentence):
    with pytest.raises(BadCommand, match=sentence):
        lens(texts, sealed(texts))


def test_more_like_this_says_in_words_what_it_cannot_do():
    texts = study()
    own = coded(texts, "TIME")
    for options in ({"limit": 0}, {"limit": 2000}, {"limit": True}, {"seed": -1}):
        with pytest.raises(BadCommand):
            more_like_this(texts, own, "TIME", **options)
    with pytest.raises(BadCommand, match="too few passages to learn from"):
        more_like_this(texts, own, "NO SUCH CODE")
    few = [interview("P01", *TALK["TIME"])]
    with pytest.raises(BadCommand, match="too little text"):
        more_like_this(few, own, "TIME")


def test_one_participant_is_one_voice_in_every_view_and_its_gaps():
    texts = [interview("P01", *(line for said in TALK.values() for line in said * 2))]
    found = suggested(texts)
    assert "one participant's" in found.warning
    gaps = find_gaps(texts, sealed(texts))
    for candidate in (*found, *found.fine, *(gap.candidate for gap in gaps)):
        assert candidate.participants == ("P01",)
        assert candidate.quotes


def test_a_turn_of_fifty_thousand_words_is_cut_and_nothing_of_it_is_lost():
    lines = [line for said in TALK.values() for line in said]
    said = " ".join(f"{line} Part {n}." for n in range(3300) for line in [lines[n % 12]])
    assert len(said.split()) > 50_000
    [text] = [interview("P01", said)]
    units = space_of([text]).units
    assert len(units) > 250
    assert " ".join(" ".join(unit.text.split()) for unit in units) == " ".join(said.split())


def test_a_turn_of_fifty_thousand_words_without_a_full_stop_or_a_space_does_not_crash():
    stops = " ".join(["clinic mentor poster budget"] * 12_500)
    texts = [interview("P01", stops), interview("P02", "x" * 300_000), *study()]
    found = suggested(texts)
    assert len(found) >= 2
    assert "P02" in found.warning


def test_a_paragraph_that_ends_near_the_middle_is_where_a_long_turn_is_cut():
    from qualcode.themes.passages import passages

    one = " ".join(["A line of six plain words."] * 22)
    two = " ".join(["Another line of six other words."] * 14)
    text = f"{one}\n{two}"
    whole = Transcript("P01", text, (Turn("P", "participant", Span(0, len(text))),))
    assert [p.text for p in passages([whole])] == [one, two]


def test_a_model_that_is_missing_leaves_labels_to_parts_that_are_there(monkeypatch):
    from qualcode.themes import language as words_of

    monkeypatch.setattr(words_of, "MODELS", ("no_such_model",))
    words_of.language.cache_clear()
    try:
        assert language().noun_phrases(["The clinic load is full."]) == {}
        found = suggested(study(), clusters=3)
        assert all(candidate.label and candidate.why for candidate in found)
    finally:
        words_of.language.cache_clear()
