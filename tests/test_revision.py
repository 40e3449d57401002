"""Laws of a changed text: codings keep exactly their words, or are listed; nothing else moves."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import BadCoding, BadCommand
from qualcode.languages import words
from qualcode.model import Coding, Transcript, Turn
from qualcode.revision import Edit, Revision, carry, compared, composed, edited, revise
from qualcode.spans import Span

PIECES = st.sampled_from(
    ["we", "went", "home", "unhappy", "naïve", "cafe\u0301", "I", "no", "12", " ", " ", " ", ".",
     ", ", "\n", "’", "👩‍👩‍👧", "👍🏽", "🇨🇦", "1️⃣",
     "e", "\u0301", "\u200d", "שלום", "مرحبا", "می‌خواهم",
     "我們", "走", "。", "きょう", "สวัสดี", "한국어", "उत्तर", "\u200f", "\ufe0f"]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join)
PATCHES = st.lists(PIECES, max_size=5).map("".join)


@st.composite
def edits_of(draw, text):
    """Random edits of a text, in order and apart, at any code point."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return [Edit(start, end, draw(PATCHES)) for start, end in pairs]


@st.composite
def spans_of(draw, text):
    ends = draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True))
    return Span(*sorted(ends))


@st.composite
def changed(draw):
    text = draw(TEXTS)
    return transcript(text), draw(edits_of(text)), draw(st.lists(spans_of(text), max_size=12))


def transcript(text: str) -> Transcript:
    return Transcript("P01", text, (), id="t")


def coding(text: Transcript, span: Span) -> Coding:
    return Coding(text.id, "ana", "TRUST", span, text.text[span.slice])


def place_after(edits, position: int) -> int:
    """Where a character outside every edit stands, counted the slow way."""
    gain = sum(len(e.text) - (e.end - e.start) for e in edits if e.end <= position)
    return position + gain


@given(changed())
def test_codings_away_from_the_edits_move_by_exactly_the_known_number(case) -> None:
    before, edits, spans = case
    revision = revise(before, edits)
    assert revision.after.text == edited(before.text, edits)
    carried = carry([coding(before, span) for span in spans], revision)
    for moved in carried.moved:
        assert revision.after.text[moved.span.slice] == moved.quote
    old, new = borders_of(before.text), borders_of(revision.after.text)
    apart = [e for e in edits if e.text != before.text[e.start : e.end]]
    for span in spans:
        left = max(place for place in old if place <= span.start)
        right = min(place for place in old if place >= span.end)
        gain = place_after(apart, left) - left
        # No edit in the coding's words, and none that makes its first or last word longer.
        whole = all(e.end <= left or e.start >= right for e in apart)
        if whole and {left + gain, right + gain} <= new:
            assert revision.moved(span) == Span(span.start + gain, span.end + gain)


def borders_of(text: str) -> set[int]:
    found, end = {0}, 0
    for word in words(text):
        end += len(word)
        found.add(end)
    return found


@given(changed())
def test_every_edit_is_of_whole_words_in_both_texts(case) -> None:
    before, edits, _ = case
    revision = revise(before, edits)
    old, new = borders_of(before.text), borders_of(revision.after.text)
    gain = 0
    for edit in revision.edits:
        assert {edit.start, edit.end} <= old
        assert {edit.start + gain, edit.start + gain + len(edit.text)} <= new
        gain += len(edit.text) - (edit.end - edit.start)


@given(changed())
def test_a_coding_is_touched_where_and_only_where_a_word_of_it_changed(case) -> None:
    before, edits, spans = case
    revision = revise(before, edits)
    carried = carry([coding(before, span) for span in spans], revision)
    assert len(carried.moved) + len(carried.touched) == len(spans)
    for each in carried.touched:
        assert revision.within(each.coding.span)
        assert each.old_words == each.coding.quote
        assert each.new_words == (revision.after.text[each.where.slice] if each.where else "")
    asked = [e for e in edits if e.text != before.text[e.start : e.end]]
    for span in spans:
        if any(e.start < span.end and e.end > span.start for e in asked):
            assert revision.moved(span) is None


@given(TEXTS, TEXTS, st.data())
def test_a_corrected_text_of_any_kind_is_compared_and_no_coding_changes_its_words(
    old, new, data
) -> None:
    before = transcript(old)
    revision = compared(before, Transcript("P01, corrected", new, ()))
    assert revision.after.id == "t"
    spans = data.draw(st.lists(spans_of(old), max_size=8))
    carried = carry([coding(before, span) for span in spans], revision)
    assert len(carried.moved) + len(carried.touched) == len(spans)
    for moved in carried.moved:
        assert new[moved.span.slice] == moved.quote
    order = sorted((revision.moved(s), s) for s in spans if revision.moved(s))
    assert [s for _, s in order] == sorted(s for _, s in order)


@given(changed(), st.data())
def test_two_revisions_in_a_row_are_one(case, data) -> None:
    before, edits, spans = case
    first = revise(before, edits)
    second = revise(first.after, data.draw(edits_of(first.after.text)))
    both = composed(first, second)
    assert (both.before, both.after) == (before, second.after)
    for span in spans:
        step = first.moved(span)
        if step and (there := second.moved(step)):
            assert both.moved(span) == there


def two_turns() -> Transcript:
    text = "How was it?\nAnn was late, and Ann was sorry."
    return Transcript(
        "P01",
        text,
        (Turn("I", "interviewer", Span(0, 11)), Turn("P", "participant", Span(12, len(text)))),
        id="t",
    )


def test_turns_and_codings_follow_a_replaced_name() -> None:
    before = two_turns()
    revision = revise(before, [Edit(12, 15, "[colleague 1]"), Edit(30, 33, "[colleague 1]")])
    assert [revision.after.text[turn.span.slice] for turn in revision.after.turns] == [
        "How was it?",
        "[colleague 1] was late, and [colleague 1] was sorry.",
    ]
    carried = carry(
        [coding(before, Span(16, 24)), coding(before, Span(12, 24)), coding(before, Span(34, 44))],
        revision,
    )
    assert [c.quote for c in carried.moved] == ["was late", "was sorry."]
    (touched,) = carried.touched
    assert (touched.old_words, touched.new_words) == ("Ann was late", "[colleague 1] was late")


def test_a_longer_word_is_another_word() -> None:
    before = transcript("the cat sat")
    (touched,) = carry([coding(before, Span(4, 7))], revise(before, [Edit(7, 7, "s")])).touched
    assert (touched.old_words, touched.new_words) == ("cat", "cats")
    accent = carry([coding(before, Span(4, 7))], revise(before, [Edit(7, 7, "\u0301")]))
    assert accent.touched[0].new_words == "cat\u0301"


def test_words_that_are_gone_are_said_to_be_gone_and_found_again_if_they_stand_elsewhere() -> None:
    before = transcript("One thing. Another thing. The end.")
    gone = carry([coding(before, Span(11, 25))], revise(before, [Edit(10, 25, "")]))
    assert (gone.touched[0].where, gone.touched[0].new_words) == (None, "")
    swapped = compared(before, transcript("Another thing. One thing. The end."))
    found = carry([coding(before, Span(0, 10)), coding(before, Span(11, 25))], swapped)
    places = [found.touched[0].where, *[c.span for c in found.moved]]
    assert sorted(places) == [Span(0, 14), Span(15, 25)]
    assert found.touched[0].elsewhere


def test_a_corrected_file_keeps_what_the_study_knows_and_brings_its_own_turns() -> None:
    before = replace(two_turns(), facts={"mode": "video"}, participant="P01")
    text = "How was it?\nAnna was late."
    turns = (Turn("I", "interviewer", Span(0, 11)), Turn("P", "participant", Span(12, len(text))))
    corrected = Transcript("P01 corrected", text, turns, facts={"encoding": "UTF-8"})
    after = compared(before, corrected).after
    assert (after.id, after.title, after.participant) == ("t", "P01", "P01")
    assert after.facts == {"mode": "video", "encoding": "UTF-8"}
    assert after.turns == turns


def test_an_edit_over_two_turns_or_of_a_whole_turn_is_refused() -> None:
    with pytest.raises(BadCommand, match="from one speaker’s turn into another"):
        revise(two_turns(), [Edit(5, 15, "x")])
    with pytest.raises(BadCommand, match="no words left"):
        revise(two_turns(), [Edit(0, 11, "")])
    with pytest.raises(BadCommand, match="overlap"):
        revise(two_turns(), [Edit(0, 5, "x"), Edit(3, 6, "y")])
    with pytest.raises(BadCommand, match="do not make"):
        Revision(two_turns(), transcript("other"), ())


def test_a_coding_that_does_not_quote_the_old_text_is_refused() -> None:
    before = two_turns()
    with pytest.raises(BadCoding, match="does not quote"):
        carry([Coding("t", "ana", "X", Span(0, 3), "Why")], revise(before, []))


def test_three_hundred_thousand_characters_are_compared_in_seconds() -> None:
    line = "We met {0} times and talked about plan {0}, and then the chief said: no. Well {0}."
    old = "\n".join(line.format(n) for n in range(4000))
    new = "\n".join(
        line.format(n).replace("chief", "head") if n % 9 == 0 else line.format(n)
        for n in range(4000)
        if n % 50
    )
    before = transcript(old)
    start = time.perf_counter()
    revision = compared(before, transcript(new))
    assert time.perf_counter() - start < 10
    kept = old.index("We met 7 times")
    assert new[revision.moved(Span(kept, kept + 14)).slice] == "We met 7 times"


def test_of_a_sentence_that_changed_only_the_changed_words_do() -> None:
    before = transcript("Long. I stayed late again. A mentor called.")
    after = transcript("Long. I stayed very late again. A mentor rang.")
    revision = compared(before, after)
    assert [(before.text[e.start : e.end], e.text) for e in revision.edits] == [
        ("", "very "),
        ("called", "rang"),
    ]
    assert revision.moved(Span(6, 15)) == Span(6, 15)  # “I stayed ”
    assert revision.moved(Span(20, 25)) == Span(25, 30)  # “again”
