"""Many languages: direction, counts, sentences and words, without a trained model."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.agreement.units import pieces
from qualcode.languages import count, direction, proposed_language, sentences, words
from qualcode.themes.passages import passages
from tests.conftest import interview


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met.", "ltr"),
        ("מה שלומך", "rtl"),
        ("«هل» he asked", "rtl"),
        ("3. 我們", "ltr"),
        ("\u2068شكرا\u2069 said Ann", "ltr"),  # what is isolated does not count
        ("123 …", "ltr"),
    ],
)
def test_the_first_letter_with_a_direction_decides(text: str, expected: str) -> None:
    assert direction(text) == expected


@pytest.mark.parametrize(
    ("text", "words_", "characters"),
    [
        ("I don’t know — really.", 5, 0),
        ("我們開會。", 0, 4),
        ("きょうはZoomで話した", 1, 8),
        ("สวัสดี", 0, 4),
        ("저는 학생입니다", 2, 0),
        ("", 0, 0),
    ],
)
def test_what_has_no_spaces_is_counted_in_characters(
    text: str, words_: int, characters: int
) -> None:
    counted = count(text)
    assert (counted.words, counted.characters) == (words_, characters)
    assert counted.total == words_ + characters


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Dr. Lee came at 8 a.m. on Friday. Why? “No.”",
         ["Dr. Lee came at 8 a.m. on Friday.", "Why?", "“No.”"]),
        ("de", "Das war z. B. gut. Oder?", ["Das war z. B. gut.", "Oder?"]),
        ("fr-CA", "M. Roy est parti. C’est tout !", ["M. Roy est parti.", "C’est tout !"]),
        ("ar", "هل أنت بخير؟ نعم.", ["هل أنت بخير؟", "نعم."]),
        ("he", "מה שלומך? טוב.", ["מה שלומך?", "טוב."]),
        ("zh", "你好。「走吧！」他說。", ["你好。", "「走吧！」", "他說。"]),
        ("ja", "そうですね。はい", ["そうですね。", "はい"]),
        ("th", "ผมชื่อเล็ก ทำงาน 3 ปี", ["ผมชื่อเล็ก", "ทำงาน 3 ปี"]),
        ("tlh", "nuqneH. jIlo'.\nQapla'", ["nuqneH.", "jIlo'.", "Qapla'"]),
    ],
)  # fmt: skip
def test_sentences_end_where_their_language_ends_them(
    language: str, text: str, expected: list[str]
) -> None:
    assert [text[sentence.slice] for sentence in sentences(text, language)] == expected


@given(st.text(max_size=80), st.sampled_from(["en", "de", "ar", "zh", "th", "xx"]))
def test_sentences_cover_all_that_is_said_once_and_in_order(text: str, language: str) -> None:
    found = sentences(text, language)
    assert all(a.end <= b.start for a, b in pairwise(found))
    left = list(text)
    for sentence in found:
        left[sentence.slice] = [" "] * sentence.length
        assert text[sentence.slice].strip() == text[sentence.slice]
    assert not "".join(left).strip()


@given(st.text(max_size=80))
def test_words_joined_again_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.parametrize("whole", ["👩‍👩‍👧", "👍🏽", "🇨🇦", "1️⃣", "é", "می‌خواهم", "उत्तर"])
def test_no_character_that_a_reader_sees_as_one_is_cut(whole: str) -> None:
    assert words(f"a {whole} b") == ["a", " ", whole, " ", "b"]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "I stay late most days, and then we talk about what was hard for me."),
        ("de", "Ich bleibe oft länger, und dann reden wir über das, was mir schwer war."),
        ("fr", "Je reste souvent tard, et puis nous parlons de ce qui a été dur pour moi."),
        ("es", "Me quedo hasta tarde, y luego hablamos de lo que fue difícil para mí."),
        ("zh", "我每天都待到很晚，然後我們聊一聊。"),
        ("ja", "毎日遅くまで残って、それから話します。"),
        ("he", "אני נשאר עד מאוחר כמעט כל יום"),
        ("ar", "أبقى حتى وقت متأخر معظم الأيام"),
        ("fa", "من هر روز تا دیر وقت می‌مانم و بعد گپ می‌زنیم چون سخت است"),
        ("ru", "Я почти каждый день остаюсь допоздна, и потом мы об этом говорим."),
        ("", "Mhm. OK."),
        ("", "12:04 – 13:15"),
    ],
)
def test_the_language_of_a_text_is_proposed_or_left_open(tag: str, text: str) -> None:
    assert proposed_language(text) == tag


def test_a_sentence_of_another_language_is_a_unit_by_its_own_rules() -> None:
    text = interview("P01", "Er kam um acht bzw. neun. Warum? Keine Ahnung.")
    plain = [text.text[p.span.slice] for p in pieces(text, "sentence") if not p.masked]
    said = replace(text, facts={"language": "de"})
    german = [said.text[p.span.slice] for p in pieces(said, "sentence") if not p.masked]
    assert german == ["Er kam um acht bzw. neun.", "Warum?", "Keine Ahnung."]
    assert plain == ["Er kam um acht bzw.", "neun.", "Warum?", "Keine Ahnung."]
    chinese = replace(interview("P02", "我們開會。很好！" * 80), facts={"language": "zh"})
    found = passages([chinese])
    assert len(found) > 1
    assert all(passage.text.endswith(("。", "！")) for passage in found)
    assert all(len(passage.text) <= 220 for passage in found)
