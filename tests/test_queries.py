"""Looking across: the language of queries, tables of participants, codes that meet, words."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import BadCommand, BadQuery
from qualcode.model import Attribute, Code, Coding, Participant, Theme, Transcript, Turn
from qualcode.queries import (
    Corpus,
    by_date,
    codes_of,
    concordance,
    cooccurrence,
    frequencies,
    masked,
    matrix,
    parse,
    read_words,
    retrieve,
    saturation,
    spread,
    stated,
)
from qualcode.queries.language import And, Field, Near, Not, Or, Term, Words
from qualcode.queries.spread import PERCENT_FROM
from qualcode.queries.words import as_said
from qualcode.reports.across import View, corpus_of, layers, spread_report
from qualcode.reports.facts import gather
from qualcode.spans import Span
from qualcode.store import open_study

from .sample_key import rows

CODES = (
    Code("T1", "Mentoring", kind="theme", codable=False),
    Code("C1", "Trust", parent="T1"),
    Code("C2", "Regular meetings", parent="T1"),
    Code("T2", "Work load", kind="theme", codable=False),
    Code("C3", "Staying late", parent="T2"),
    Code("C4", "Protected time", parent="T2"),
)
SAID = {
    "P01": ("I stay late at the clinic most days.", "My mentor noticed it; time is short."),
    "P02": ("Nobody has protected time in this clinic.", "I would trust her. Time, time, time."),
    "P03": ("We met in the café, naïve of me, and then never again.",),
}


def interview(title: str, *answers: str, participant: str = "", **facts: str) -> Transcript:
    """An interview of questions and answers in turn."""
    text, turns = "", []
    for answer in answers:
        for speaker, role, words in (("I", "interviewer", "Time for you?"), (title, "participant",
                                                                            answer)):  # fmt: skip
            text += "\n" if text else ""
            span = Span(len(text), len(text) + len(words))
            turns.append(Turn(speaker, role, span))  # type: ignore[arg-type]
            text += words
    person = participant or title
    return Transcript(title, text, tuple(turns), participant=person, facts=facts, id=f"id-{title}")


def coding(text: Transcript, phrase: str, code: str, number: int = 0) -> Coding:
    start = text.text.index(phrase)
    span = Span(start, start + len(phrase))
    return Coding(text.id, "consensus", code, span, phrase, id=f"{text.id}-{code}-{start}-{number}")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    texts = tuple(interview(title, *answers) for title, answers in SAID.items())
    one, two, three = texts
    return Corpus(
        texts,
        (
            coding(one, SAID["P01"][0], "C3"),
            coding(one, "My mentor noticed it", "C1"),
            coding(one, "mentor noticed", "C2"),
            coding(two, SAID["P02"][0], "C4"),
            coding(two, "I would trust her.", "C1"),
            coding(two, "Time, time, time.", "C4"),
            coding(three, SAID["P03"][0], "C2"),
        ),
        CODES,
        participants=(
            Participant("P01", {"group": "clinical", "years_band": "5-9"}),
            Participant("P02", {"group": "managerial"}, quote_consent="no"),
            Participant("P03", {"group": "clinical", "years_band": "10-19"}),
        ),
        attributes=(Attribute("group", "choice", ("managerial", "clinical")),),
    )


def places(corpus: Corpus, query: str | Term) -> list[tuple[str, int]]:
    return [(f.passage.participant, f.passage.turn) for f in retrieve(corpus, query).found()]


# -- the language ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("time", "time"),
        ("a b OR c d", "((a AND b) OR (c AND d))"),
        ("a OR b AND NOT c", "(a OR (b AND (NOT c)))"),
        ("NOT a NEAR/3 b", "(NOT (a NEAR/3 b))"),
        ("a NEAR b NEAR/turn c", "((a NEAR/10 b) NEAR/turn c)"),
        ("(a OR code:x) NEAR/overlap b", "((a OR code:x) NEAR/overlap b)"),
        ('code:"Protected  time"', 'code:"Protected time"'),
        ("“protected time” clinic*", '("protected time" AND clinic*)'),
        ('code:"a \\"b\\" c"', 'code:"a \\"b\\" c"'),
        ('"AND" ANDY', '("AND" AND ANDY)'),
        ('"years band":"5-9"', '"years band":5-9'),
        ('group:""', 'group:""'),
        ("code:*", "code:*"),
        ("a NOT b", "(a AND (NOT b))"),
        ("NOT NOT a", "(NOT (NOT a))"),
    ],
)
def test_a_query_is_read_as_it_is_meant(query: str, tree: str) -> None:
    term = parse(query)
    assert str(term) == tree
    assert parse(str(term)) == term


@pytest.mark.parametrize(
    ("query", "at", "words"),
    [
        ("", 1, "nothing to look for"),
        ("a AND", 6, "ends where a word"),
        ("a AND OR b", 7, "“OR” stands where"),
        ("(a OR b", 1, "never closed"),
        ("a)", 2, "closes nothing"),
        ("a ()", 3, "nothing between these brackets"),
        ('a "b', 3, "never closed"),
        ("a”", 2, "never began"),
        ("group:", 7, "a value is wanted after “group:”"),
        ("group: clinical", 8, "no space before it"),
        (":x", 1, "a colon stands between"),
        ("a:b:c", 3, "has a colon in it"),
        ("a NEAR/x b", 3, "write NEAR/turn"),
        ("a NEAR/ b", 3, "stands a number of words"),
        ("a NEAR/99999 b", 3, "up to 1,000"),
        ("a AND/3 b", 3, "only NEAR takes a number"),
        ("a NEAR group:x", 8, "NEAR joins words, codes and themes"),
        ("group:x NEAR a", 1, "NEAR joins words, codes and themes"),
        ("a NEAR NOT b", 8, "NEAR joins words"),
        ("a NEAR (b AND c)", 8, "NEAR joins words"),
        ("cl*nic", 1, "at the end of a word only"),
        ("a …", 3, "there is no word here"),
        ("x" * 2_001, 2_000, "at most 2,000 characters"),
        ("(" * 60 + "a", 51, "nested too deep"),
        ("NOT " * 60 + "a", 201, "nested too deep"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(query: str, at: int, words: str) -> None:
    with pytest.raises(BadQuery, match=words) as told:
        parse(query)
    assert told.value.at == at
    assert str(told.value).startswith(f"At character {at}: ")
    assert str(told.value).count("\n") == 0


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_whatever_is_typed_is_read_or_refused_in_words(query: str) -> None:
    term: Term | None
    at = 0
    try:
        term = parse(query)
    except BadQuery as error:
        at = error.at
        term = None
    if term is None:
        assert 1 <= at <= len(query) + 1
    else:
        assert parse(str(term)) == term


# -- what is found -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("time", [("P01", 4), ("P02", 2), ("P02", 4)]),  # not the interviewer's
        ('"protected time"', [("P02", 2)]),
        ("CAFE NAIVE", [("P03", 2)]),
        ("mento*", [("P01", 4)]),
        ("ento*", []),
        ("code:Trust", [("P01", 4), ("P02", 4)]),
        ("code:C1", [("P01", 4), ("P02", 4)]),
        ('code:"work load"', [("P01", 2), ("P02", 2), ("P02", 4)]),  # the codes below it
        ('theme:Mentoring NOT code:"Regular*"', [("P02", 4)]),
        ("code:* clinic", [("P01", 2), ("P02", 2)]),
        ("NOT code:*", []),
        ("group:clinical", [("P01", 2), ("P01", 4), ("P03", 2)]),
        ("GROUP:Clin*", [("P01", 2), ("P01", 4), ("P03", 2)]),
        ('years_band:""', [("P02", 2), ("P02", 4)]),
        ('"years band":5-9', [("P01", 2), ("P01", 4)]),
        ("participant:P03 OR interview:P02 time", [("P02", 2), ("P02", 4), ("P03", 2)]),
        ("late NEAR/3 clinic", [("P01", 2)]),
        ("late NEAR/1 clinic", []),
        ("clinic NEAR/2 late", [("P01", 2)]),
        ("mentor NEAR/overlap code:C1", [("P01", 4)]),
        ("time NEAR/overlap code:C1", []),
        ("time NEAR/turn code:C1", [("P01", 4), ("P02", 4)]),
        ("code:C1 NEAR/0 code:C4", [("P02", 4)]),
        ("code:C1 NEAR/overlap code:C2", [("P01", 4)]),
        ("(mentor OR trust) NEAR/5 time", [("P01", 4), ("P02", 4)]),
    ],
)
def test_a_query_finds_the_passages_it_means(
    corpus: Corpus, query: str, found: list[tuple[str, int]]
) -> None:
    assert places(corpus, query) == found


def test_the_words_that_were_asked_for_are_marked(corpus: Corpus) -> None:
    found = retrieve(corpus, "code:C4 AND time NOT trust OR late NEAR/3 clinic")
    text = corpus.transcript
    marked = [
        [text[f.passage.transcript].text[mark.slice] for mark in f.marks] for f in found.found()
    ]
    assert marked == [["late", "clinic"], ["time"]]
    whole = retrieve(corpus, "code:C1").found()[0]
    assert [text[whole.passage.transcript].text[m.slice] for m in whole.marks] == [
        "My mentor noticed it"
    ]
    assert whole.codes == ("C1", "C2")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("code:Trst", "At character 6: there is no code “Trst”; did you mean “Trust”?"),
        ("theme:Mentorin", "did you mean “Mentoring”?"),
        ("group:clinicl", "At character 7: there is no value of group “clinicl”; did you mean"),
        ("grop:clinical", "At character 1: there is no attribute “grop”; did you mean group?"),
        ("time participant:P09", "there is no participant “P09”; did you mean “P0"),
        ("interview:x", "there is no interview “x”; there is “P01”, “P02”, “P03”"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(corpus: Corpus, query: str, words: str) -> None:
    with pytest.raises(BadQuery) as told:
        retrieve(corpus, query)
    assert words in str(told.value)


def test_names_with_quotation_marks_and_brackets_can_be_asked_for() -> None:
    text = interview("P01", "Words.")
    name = 'A “so-called” "best" (old) [x?] code'
    one = Corpus((text,), (coding(text, "Words.", "C9"),), (Code("C9", name),))
    assert places(one, Field("code", name)) == [("P01", 2)]
    assert places(one, str(Field("code", name))) == [("P01", 2)]
    assert places(one, 'code:"*[x?]*"') == [("P01", 2)]


# -- laws --------------------------------------------------------------------------------------


LEAVES = st.sampled_from(
    [
        Words("time"), Words("clinic"), Words("mento", start=True), Words("never"),
        Field("code", "C1"), Field("code", "C2"), Field("code", "T2"), Field("theme", "T1"),
        Field("group", "clinical"), Field("years_band", ""), Field("participant", "P02"),
        Near(Words("late"), Words("clinic"), 3), Near(Words("time"), Field("code", "C1"), "turn"),
    ]
)  # fmt: skip
TERMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, inner, inner), st.builds(Or, inner, inner), st.builds(Not, inner)
    ),
    max_leaves=6,
)
PLACED = st.sampled_from(
    [Words("time"), Words("clinic"), Words("late"), Field("code", "C1"), Field("code", "C4"),
     Or(Words("mentor"), Words("trust"))]
)  # fmt: skip
WITHINS = st.one_of(st.integers(0, 12), st.sampled_from(["turn", "overlap"]))


def numbers(corpus: Corpus, term: Term) -> set[int]:
    return set(retrieve(corpus, term).numbers)


@given(TERMS, TERMS, TERMS)
@settings(max_examples=150)
def test_and_or_and_not_are_those_of_logic(corpus: Corpus, a: Term, b: Term, c: Term) -> None:
    def same(one: Term, other: Term) -> None:
        assert numbers(corpus, one) == numbers(corpus, other)

    same(Not(And(a, b)), Or(Not(a), Not(b)))  # De Morgan
    same(Not(Or(a, b)), And(Not(a), Not(b)))
    same(And(a, b), And(b, a))
    same(Or(a, b), Or(b, a))
    same(And(a, And(b, c)), And(And(a, b), c))
    same(And(a, Or(b, c)), Or(And(a, b), And(a, c)))
    same(Not(Not(a)), a)
    same(And(a, Or(a, b)), a)
    everything = set(range(len(corpus.passages)))
    assert numbers(corpus, Or(a, Not(a))) == everything
    assert numbers(corpus, And(a, Not(a))) == set()


@given(TERMS)
@settings(max_examples=150)
def test_a_query_written_out_finds_the_same(corpus: Corpus, term: Term) -> None:
    assert retrieve(corpus, str(term)).numbers == retrieve(corpus, term).numbers


@given(PLACED, PLACED, st.integers(0, 12), st.integers(0, 12), WITHINS)
def test_near_goes_both_ways_and_wider_finds_more(
    corpus: Corpus, a: Term, b: Term, n: int, m: int, within: int | str
) -> None:
    assert numbers(corpus, Near(a, b, within)) == numbers(corpus, Near(b, a, within))  # type: ignore[arg-type]
    near, far = sorted((n, m))
    assert numbers(corpus, Near(a, b, near)) <= numbers(corpus, Near(a, b, far))
    assert numbers(corpus, Near(a, b, far)) <= numbers(corpus, Near(a, b, "turn"))
    assert numbers(corpus, Near(a, b, "overlap")) <= numbers(corpus, Near(a, b, 0))
    assert numbers(corpus, Near(a, b, "turn")) == numbers(corpus, And(a, b))


# -- passages ----------------------------------------------------------------------------------


def test_a_coding_counts_where_half_of_it_or_of_the_turn_is_covered() -> None:
    text = interview("P01", "A short one.", "A much longer answer than the one before it was.")
    spill = Coding(text.id, "a", "C1", Span(22, 60), text.text[22:60])
    asked = coding(text, "Time for you?", "C2")  # on the interviewer's words: a place of its own
    one = Corpus((text,), (spill, asked), CODES)
    assert [(p.turn, p.span) for p in one.passages] == [
        (0, Span(0, 13)), (2, text.turns[1].span), (4, text.turns[3].span),
    ]  # fmt: skip
    assert places(one, "code:C1") == [("P01", 4)]
    assert places(one, "code:C2") == [("P01", 0)]


def test_two_interviews_with_one_person_are_one_person() -> None:
    texts = (
        interview("First", "Late.", participant="P01", mode="video"),
        interview("Second", "Late again.", participant="P01", mode="in person"),
        interview("Third", "Never late.", participant="P02", mode="video"),
    )
    codings = tuple(coding(t, t.text[14:], "C3") for t in texts)
    one = Corpus(texts, codings, CODES)
    assert one.people == ("P01", "P02")
    table = spread(one, Attribute("mode", of="transcript"))
    (row,) = [row for row in table.rows if row.group.id == "C3"]
    assert (table.values, table.sizes, table.total) == (("in person", "video"), (1, 2), 2)
    assert ([cell.n for cell in row.cells], row.total.n, row.total.passages) == ([1, 2], 2, 3)
    assert table.shared == ("P01",)


# -- groups ------------------------------------------------------------------------------------


def test_cells_count_participants_and_who_has_no_value_has_a_column(corpus: Corpus) -> None:
    table = spread(corpus, Attribute("years_band"))
    assert (table.values, table.labels) == (("5-9", "10-19", ""), ("5-9", "10-19", "missing"))
    assert (table.sizes, table.total) == ((1, 1, 1), 3)
    counts = {row.group.id: [cell.n for cell in row.cells] for row in table.rows}
    assert counts == {"C1": [1, 0, 1], "C2": [1, 1, 0], "C3": [1, 0, 0], "C4": [0, 0, 1]}
    by_group = spread(corpus, corpus.attributes[0], corpus.theme_groups)
    assert by_group.values == ("managerial", "clinical"), "in the order that the study gives"
    assert {r.group.name: [c.n for c in r.cells] for r in by_group.rows} == {
        "Mentoring": [1, 2],
        "Work load": [1, 1],
    }


def test_an_attribute_of_a_hundred_values_is_no_table(corpus: Corpus) -> None:
    people = tuple(Participant(f"P{n}", {"age": str(n)}) for n in range(40))
    texts = tuple(interview(person.id, "Yes.") for person in people)
    with pytest.raises(BadCommand, match="age has 40 different values"):
        spread(Corpus(texts, (), CODES, participants=people), Attribute("age"))


@st.composite
def groups_of(draw: st.DrawFn) -> Corpus:
    """Participants with a value or none, one or two interviews each, and codings here and there."""
    values = draw(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=40))
    texts, codings = [], []
    for n, _ in enumerate(values):
        for again in range(draw(st.integers(1, 2))):
            text = interview(f"P{n}.{again}", "Yes, that is so.", participant=f"P{n}")
            texts.append(text)
            for code in draw(st.sets(st.sampled_from(["C1", "C2", "C3"]))):
                codings.append(coding(text, "Yes, that is so.", code))
    people = tuple(
        Participant(f"P{n}", {"site": value} if value else {}) for n, value in enumerate(values)
    )
    return Corpus(tuple(texts), tuple(codings), CODES, participants=people)


@given(groups_of())
@settings(max_examples=80)
def test_totals_are_participants(corpus: Corpus) -> None:
    table = spread(corpus, Attribute("site"))
    assert sum(table.sizes) == table.total == len(corpus.people)
    for row in table.rows:
        assert sum(cell.n for cell in row.cells) == row.total.n
        assert all(cell.n <= size for cell, size in zip(row.cells, table.sizes, strict=True))
        assert sum(cell.passages for cell in row.cells) == row.total.passages


@given(groups_of())
@settings(max_examples=40)
def test_counts_are_those_of_pandas(corpus: Corpus) -> None:
    coded = [
        {
            "code": c.code,
            "person": corpus.transcript[c.transcript].person,
            "site": corpus.value(Attribute("site"), corpus.transcript[c.transcript]) or "missing",
        }
        for c in corpus.codings
    ]
    table = spread(corpus, Attribute("site"))
    if not coded:
        assert not table.numbers.any()
        return
    unique = pd.DataFrame(coded).drop_duplicates()
    other = pd.crosstab(unique["code"], unique["site"])
    for row in table.rows:
        for label, cell in zip(table.labels, row.cells, strict=True):
            there = row.group.id in other.index and label in other.columns
            assert cell.n == (other.loc[row.group.id, label] if there else 0)


@given(groups_of(), st.integers(2, 8))
@settings(max_examples=120)
def test_no_masked_cell_can_be_worked_out_from_its_row(corpus: Corpus, least: int) -> None:
    table = spread(corpus, Attribute("site"))
    for row, hidden in zip(table.rows, masked(table, least), strict=True):
        cells, total = hidden[:-1], hidden[-1]
        for cell, size, is_masked in zip(row.cells, table.sizes, cells, strict=True):
            if size < least or 0 < cell.n < least:
                assert is_masked
        assert total or not 0 < row.total.n < least
        if sum(cells) == 1 and not total:  # what is left of the total would be it
            (left,) = [c.n for c, is_masked in zip(row.cells, cells, strict=True) if is_masked]
            assert left == 0


def test_there_are_shares_from_twenty_people_on() -> None:
    for many in (PERCENT_FROM - 1, PERCENT_FROM):
        texts = tuple(interview(f"P{n}", "Yes.") for n in range(many))
        people = tuple(Participant(f"P{n}", {"site": "A"}) for n in range(many))
        one = Corpus(texts, (coding(texts[0], "Yes.", "C1"),), CODES, participants=people)
        table = spread(one, Attribute("site"))
        share = table.share(table.rows[0].cells[0], table.sizes[0])
        assert share == (1 / 20 if many == PERCENT_FROM else None)


# -- codes that meet ---------------------------------------------------------------------------


def test_codes_meet_in_a_turn_or_on_the_same_words(corpus: Corpus) -> None:
    def met(by: str) -> dict[tuple[str, str], tuple[int, int, float | None]]:
        found = cooccurrence(corpus, by=by)  # type: ignore[arg-type]
        return {(p.one.id, p.other.id): (p.both, p.participants, p.jaccard) for p in found.pairs}

    assert met("turn") == {("C1", "C2"): (1, 1, 1 / 3), ("C1", "C4"): (1, 1, 1 / 3)}
    assert met("overlap") == {("C1", "C2"): (1, 1, 1 / 3)}
    square = cooccurrence(corpus)
    assert (square.passages == square.passages.T).all()
    assert np.diag(square.passages).tolist() == [2, 2, 1, 2]
    place = square.places[0, 1][0]
    assert corpus.passages[place].participant == "P01"


@given(groups_of())
@settings(max_examples=40)
def test_the_square_of_codes_is_the_product_of_the_table(corpus: Corpus) -> None:
    groups = corpus.code_groups
    flags = np.array([corpus.with_any(group.codes) for group in groups], dtype=int)
    assert (cooccurrence(corpus).passages == flags @ flags.T).all()
    overlap = cooccurrence(corpus, by="overlap")
    assert (overlap.passages <= cooccurrence(corpus).passages).all()


# -- the framework matrix ----------------------------------------------------------------------


def test_a_matrix_knows_the_passages_of_each_cell(corpus: Corpus) -> None:
    people = matrix(corpus, corpus.theme_groups)
    turns = {
        row.label: [[corpus.passages[n].turn for n in cell] for cell in row.passages]
        for row in people.rows
    }
    assert turns == {"P01": [[4], [2]], "P02": [[4], [2, 4]], "P03": [[2], []]}
    texts = matrix(corpus, corpus.theme_groups, by="interview")
    assert (texts.rows[0].transcript, texts.rows[0].participant) == ("id-P01", "P01")


def test_themes_hold_the_codes_of_their_parts(corpus: Corpus) -> None:
    themes = (Theme("Whole", codes=("C3",), id="a"), Theme("Part", codes=("T1",), id="b",
                                                           parent="a"))  # fmt: skip
    made = Corpus(corpus.transcripts, corpus.codings, CODES, themes)
    assert [sorted(g.codes) for g in made.theme_groups] == [
        ["C1", "C2", "C3", "T1"],
        ["C1", "C2", "T1"],
    ]
    assert len(places(made, "theme:Whole")) == 4


# -- words -------------------------------------------------------------------------------------


def test_words_are_counted_without_stop_words_and_interviewers(corpus: Corpus) -> None:
    spoken = read_words(corpus, as_said({"i", "the", "it", "is", "in", "of", "my", "me"}))
    found = frequencies(spoken, attribute=corpus.attributes[0], key="managerial")
    first = found.words[0]
    assert (first.word, first.count, first.passages, first.participants) == ("time", 5, 3, 2)
    assert found.values == ("managerial", "clinical")
    assert first.groups == (4, 1)
    assert first.keyness is not None
    assert first.keyness > 0
    assert "you" not in {word.word for word in found.words}
    assert found.total == sum(word.count for word in found.words) == sum(found.sizes)


def test_each_place_of_a_word_is_told_with_what_is_around_it(corpus: Corpus) -> None:
    spoken = read_words(corpus, as_said(()))
    lines = concordance(spoken, "time", around=12)
    assert [(line.passage.participant, line.left, line.word, line.right) for line in lines][:2] == [
        ("P01", "… it; ", "time", " is short."),
        ("P02", "… protected ", "time", " in this …"),
    ]
    for line in lines:
        assert corpus.transcript[line.passage.transcript].text[line.span.slice] == line.word


# -- saturation --------------------------------------------------------------------------------


def test_an_order_may_be_stated() -> None:
    texts = (
        interview("P01", "x", interview_date="2025-03-09"), interview("P02", "x"),
        interview("P03", "x", interview_date="2025-03-02"),
    )  # fmt: skip
    one = Corpus(texts, (), CODES)
    assert [t.title for t in by_date(one)] == ["P03", "P01", "P02"]
    assert [t.title for t in stated(one, "P02\n\n P03 \nP01")] == ["P02", "P03", "P01"]
    for words, told in (("P02\nP03", "P01 is not in the order"), ("P01\nP01\nP02\nP03", "twice"),
                        ("P04", "no interview “P04”")):  # fmt: skip
        with pytest.raises(BadCommand, match=told):
            stated(one, words)


def test_only_leaves_that_can_be_put_on_text_count_for_saturation() -> None:
    codes = (*CODES, Code("C5", "Kind of trust", parent="C1"))
    text = interview("P01", "One. Two. Three.")
    held = [("One", "C1"), ("Two", "C5"), ("Three", "C3")]
    one = Corpus((text,), tuple(coding(text, words, code) for words, code in held), codes)
    assert codes_of(one, one.transcripts) == (frozenset({"C5", "C3"}),)


SETS = st.lists(st.frozensets(st.integers(0, 12).map(str), max_size=6), min_size=1, max_size=12)


@given(SETS, st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**20))
@settings(max_examples=100)
def test_the_curve_keeps_its_laws(
    interviews: list[frozenset[str]], base: int, run: int, seed: int
) -> None:
    found = saturation(interviews, base=base, run=run, orders=40, seed=seed)
    everything = frozenset().union(*interviews)
    assert found.distinct[-1] == sum(found.new) == len(everything)
    assert list(found.distinct) == sorted(found.distinct)
    if everything:
        assert found.low[-1] == found.high[-1] == found.middle[-1] == len(everything)
        assert found.chao2 is not None
        assert found.chao2 >= len(everything)
        assert found.coverage is None or 0 <= found.coverage <= 1
        again = saturation(interviews, base=base, run=run, orders=40, seed=seed)
        assert again == found, "the same seed, the same band"
    for step in found.steps:
        assert step.ratio == step.new / found.base_codes
        assert step.last - step.first + 1 == run
    assert len(found.steps) == (max(0, len(interviews) - base - run + 1) if found.base_codes else 0)
    assert "saturation was reached" not in found.sentence.casefold()


def test_nonsense_of_a_rule_is_refused() -> None:
    for wrong in ({"base": 0}, {"run": 0}, {"threshold": 1.5}, {"orders": 20_000}):
        with pytest.raises(BadCommand, match="at least one interview"):
            saturation([frozenset("a")], **wrong)  # type: ignore[arg-type]


# -- the sample study --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(finished_file: Path) -> Corpus:
    with open_study(finished_file) as study:
        found, layer = corpus_of(study)
        assert layer.kind == "consensus"
        assert sorted(c.id for c in found.codings) == sorted(c.id for c in gather(study).settled)
        return found


def test_the_sample_has_its_units_by_theme(finished: Corpus) -> None:
    of_codebook = Corpus(
        finished.transcripts, finished.codings, finished.codes, participants=finished.participants
    )
    table = spread(of_codebook, Attribute("group"), of_codebook.theme_groups)
    assert [row.total.passages for row in table.rows] == [10, 13, 19, 16, 8]
    assert [row.total.n for row in table.rows] == [6] * 5
    assert len(finished.passages) == 72


def test_the_sample_has_its_participants_by_code(finished: Corpus) -> None:
    table = spread(finished, Attribute("group"))
    assert (table.values, table.sizes, table.total) == (("clinical", "managerial"), (3, 3), 6)
    found = {row.group.id.removeprefix("MEN-"): row for row in table.rows}
    assert len(found) == 24
    spread_most = {id_: row.total.n for id_, row in found.items()}
    assert {id_ for id_, n in spread_most.items() if n == 6} == {"23"}
    assert {id_ for id_, n in spread_most.items() if n == 5} == {"10"}
    assert {id_ for id_, n in spread_most.items() if n == 4} == {"01", "06", "09"}
    assert {id_ for id_, row in found.items() if row.total.passages == 1} == {"04"}
    assert found["04"].total.participants == ("P05",)
    assert {id_ for id_, row in found.items() if not row.total.passages} == {"22"}
    of_groups = {id_: tuple(cell.n for cell in row.cells) for id_, row in found.items()}
    wanted = {"10": (3, 2), "01": (2, 2), "06": (2, 2), "11": (1, 2), "13": (2, 1), "04": (0, 1)}
    assert {id_: of_groups[id_] for id_ in wanted} == wanted


def test_every_count_of_the_sample_is_that_of_its_answer_key(finished: Corpus) -> None:
    people: dict[str, set[str]] = {}
    units: Counter[str] = Counter()
    for row in rows("answer_key.csv"):
        for code in filter(None, row["gold"].split(";")):
            people.setdefault(code, set()).add(row["transcript"])
            units[code] += 1
    table = spread(finished, Attribute("group"))
    assert {r.group.id: set(r.total.participants) for r in table.rows if r.total.n} == people
    assert {r.group.id: r.total.passages for r in table.rows if r.total.n} == units


def test_the_sample_reaches_4_2_at_5_percent_and_not_at_0(finished: Corpus) -> None:
    interviews = codes_of(finished, by_date(finished))
    found = saturation(interviews)
    assert found.distinct == (12, 18, 22, 22, 23, 23)
    assert found.new == (12, 6, 4, 0, 1, 0)
    (step,) = found.steps
    assert (step.first, step.last, step.new, found.base_codes) == (5, 6, 1, 22)
    assert f"{100 * step.ratio:.1f}" == "4.5"
    assert (found.notation, found.reached) == ("4+2 at 5 %", step)
    assert "“4+2 at 5 %” is reached at interview 6" in found.sentence
    strict = saturation(interviews, threshold=0)
    assert (strict.notation, strict.reached) == ("4+2 at 0 %", None)
    assert "“4+2 at 0 %” is not reached in 6 interviews" in strict.sentence
    assert (found.once, found.twice) == (1, 6)
    assert found.chao2 == 23.0
    assert found.coverage == pytest.approx(1 - 1 / 69 * 5 / (5 + 12))


def test_small_cells_of_the_sample_leave_masked_and_are_whole_on_the_screen(
    finished_file: Path, finished: Corpus
) -> None:
    from datetime import date

    with open_study(finished_file) as study:
        (layer, *_) = layers(study)
    view = View(finished, layer, "Sample", "Consensus", "1.0", date(2025, 4, 1))
    table = spread(finished, Attribute("group"))
    assert table.rows[9].cells[0].n == 3
    told = spread_report(view, table).to_bytes("csv").decode("utf-8-sig")
    lines = list(csv.DictReader(told.splitlines()))
    assert {row["clinical"] for row in lines} == {row["managerial"] for row in lines} == {""}
    assert {row["all"] for row in lines} == {"", "0", "5", "6"}
    printed = spread_report(view, table).to_bytes("md").decode()
    assert "masked" in printed
    assert "3 of 3" not in printed
    assert "N = <5" in printed.replace("&lt;", "<").replace("\\", "")


# -- what is too little, too much, or in another language --------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        (),
        (Transcript("Empty", "", ()),),
        (interview("P01", "Yes."),),
        tuple(interview(f"P{n}", "The same.") for n in range(5)),
        (interview("P01", "我們每個星期五開會。", language="zh"),),
        (Transcript("Notes", "No turns at all here.", ()),),
    ],
    ids=["none", "empty", "one", "alike", "chinese", "no turns"],
)
def test_little_text_is_looked_across_without_a_fault(texts: tuple[Transcript, ...]) -> None:
    from qualcode.reports.across.readers import spoken_words

    one = Corpus(texts, (), CODES)
    assert retrieve(one, "time NEAR/3 clinic OR code:*").numbers == ()
    assert spread(one, Attribute("group")).total == len(texts)
    assert cooccurrence(one).pairs == ()
    assert len(matrix(one, one.theme_groups).rows) == len(texts)
    spoken, told = spoken_words(one, lemmas=False)
    assert told
    assert frequencies(spoken).total >= 0
    found = saturation(codes_of(one, by_date(one)))
    assert found.reached is None
    assert found.chao2 is None
    assert "need 6 interviews" in found.sentence
    assert "Too few" in found.beside


def test_chinese_is_asked_for_and_counted_by_its_characters() -> None:
    one = Corpus((interview("P01", "我們每個星期五開會。", language="zh"),), (), CODES)
    assert places(one, "開會") == [("P01", 2)]
    assert places(one, "我們 NEAR/5 開會") == [("P01", 2)]
    assert places(one, "我們 NEAR/4 開會") == []


def test_a_turn_of_fifty_thousand_words_is_asked_in_a_moment() -> None:
    text = interview("P01", "late clinic and then some " * 10_000)
    one = Corpus((text,), (), CODES)
    found = retrieve(one, "late NEAR/1 clinic NOT nowhere")
    assert len(found) == 1
    assert len(found.marks[0]) == 20_000
