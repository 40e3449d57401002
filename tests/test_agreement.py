"""Agreement: what counts, what is undefined, and that the figures equal independent ones."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from qualcode.agreement import compare_coders
from qualcode.agreement.coefficients import (
    krippendorff_alpha,
    light_kappa,
)
from qualcode.agreement.units import paragraphs, sentences
from qualcode.errors import BadCoding, BadCommand
from qualcode.model import Code, Coding, CodingSet, Transcript, Turn
from qualcode.spans import Span
from tests.sample_key import CODES, LAST, TREE, codings, expected_agreement, transcripts

TEXTS = transcripts()
BOTH = codings(TEXTS)


def rounded(value):
    return "" if value is None else str(round(value, 4))


@pytest.fixture(scope="module")
def agreed():
    return compare_coders(TEXTS, BOTH)


# --- the sample study -----------------------------------------------------------------------


@pytest.mark.parametrize("code", [code.id for code in CODES])
def test_each_code_of_the_sample_has_the_expected_figures(agreed, code):
    row, expected = agreed.code(code), expected_agreement()[code]
    assert [row.both, row.only_a, row.only_b, row.neither] == [
        int(expected[name]) for name in ("both", "a_only", "b_only", "neither")
    ]
    assert rounded(row.percent) == expected["observed_agreement"]
    assert rounded(row.kappa) == expected["cohen_kappa"]
    assert rounded(row.alpha) == expected["krippendorff_alpha_binary"]
    assert rounded(row.f1) == expected["positive_agreement"]


def test_the_sample_pooled_over_codes_and_units(agreed):
    assert agreed.n_units == 72
    assert agreed.n_transcripts == 6
    assert round(agreed.pooled.kappa, 4) == 0.8468
    assert round(agreed.pooled.alpha, 4) == 0.8469
    assert round(agreed.pooled.mean_kappa, 4) == 0.8631
    assert agreed.pooled.codes_in_mean == 23


def test_a_code_nobody_used_is_listed_without_a_value(agreed):
    row = agreed.code("MEN-22")
    assert (row.alpha, row.kappa, row.f1, row.low, row.verdict) == (None,) * 5
    assert row.reason == "code_not_used"
    assert row.percent == 1.0


def test_themes_that_only_group_are_not_listed_as_unused_codes(agreed):
    found = compare_coders(TEXTS, replace(BOTH, codes=TREE))
    assert found.codes == agreed.codes
    assert found.pooled == agreed.pooled


def test_themes_of_the_sample_by_level():
    found = compare_coders(TEXTS, BOTH, codebook=TREE, level=0, resamples=0)
    assert {row.code: round(row.kappa, 3) for row in found.codes} == {
        "T1": 0.944,
        "T2": 0.758,
        "T3": 0.929,
        "T4": 0.812,
        "T5": 0.630,
    }


def test_a_rolled_up_code_counts_everything_below_it_and_the_overall_value_stays():
    plain = compare_coders(TEXTS, BOTH, resamples=0)
    with_themes = replace(BOTH, codes=TREE)
    found = compare_coders(TEXTS, with_themes, rollup=True, resamples=0)
    assert [row.code for row in found.codes][:3] == ["T1", "MEN-01", "MEN-02"]
    assert round(found.code("T2").kappa, 3) == 0.758
    assert found.code("MEN-19").kappa == plain.code("MEN-19").kappa
    assert found.overall == plain.overall
    assert found.pooled == plain.pooled


def test_a_difference_of_extent_leaves_the_turn_and_shows_in_the_overlap(agreed):
    row = agreed.code("MEN-10")
    assert row.kappa == 1.0
    assert row.passage_overlap < 1.0
    assert agreed.code("MEN-12").passage_overlap == 1.0


def test_the_sentence_of_a_printed_agreement(agreed):
    found = agreed.overall
    assert str(agreed) == (
        f"α = {found.value:.2f} (95 % {found.low:.2f}–{found.high:.2f}), "
        "72 participant turns, 6 transcripts, 2 coders"
    )
    assert agreed.coverage_sentence == ("6 of 6 transcripts coded by both. 72 participant turns.")
    assert agreed.methods_sentence.startswith(
        "Two coders independently coded 6 of 6 interviews. Agreement was computed per participant "
        "turn (a code counts when at least half of the passage or of the turn is covered"
    )
    assert agreed.verdict_sentence == "Of 24 codes: 23 too rare to judge, 1 not used."


def test_the_json_has_the_agreed_names(agreed):
    found = json.loads(json.dumps(agreed.to_dict(), allow_nan=False))
    assert {
        "unit",
        "coders",
        "n_units",
        "n_transcripts",
        "mask",
        "seed",
        "resamples",
        "version",
        "overall",
        "pooled",
        "codes",
    } <= set(found)
    assert {"measure", "value", "low", "high", "q_667", "q_800"} <= set(found["overall"])
    row = found["codes"][0]
    assert {"code", "name", "n1", "n2", "both", "percent", "reason", "verdict"} <= set(row)
    assert {"alpha", "low", "high", "kappa", "f1", "ac1"} <= set(row)
    assert [row["code"] for row in found["codes"]] == [code.id for code in CODES]


def test_the_same_seed_gives_the_same_interval_and_another_seed_another(agreed):
    assert compare_coders(TEXTS, BOTH).to_dict() == agreed.to_dict()
    assert compare_coders(TEXTS, BOTH, seed=2).overall.value == agreed.overall.value
    assert compare_coders(TEXTS, BOTH, seed=2).overall != agreed.overall


def test_the_order_of_coders_turns_the_table_over(agreed):
    turned = compare_coders(TEXTS, BOTH, coders=["ben", "ana"])
    assert turned.coders == ("ben", "ana")
    assert turned.code("MEN-19").only_b == agreed.code("MEN-19").only_a
    assert turned.code("MEN-19").alpha == agreed.code("MEN-19").alpha
    assert turned.overall == agreed.overall


# --- what counts ----------------------------------------------------------------------------


def test_only_transcripts_that_both_sealed_count_and_the_others_say_who_is_missing():
    sealed = BOTH.sealed - {("ben", "P02"), ("ana", "P03"), ("ana", "P04"), ("ben", "P04")}
    some = replace(BOTH, sealed=sealed, open=frozenset({("ben", "P02")}))
    found = compare_coders(TEXTS, some, resamples=0)
    assert found.coverage.counted == ("P01", "P05", "P06")
    assert found.n_units == 36
    assert found.coverage_sentence == (
        "3 of 6 transcripts coded by both; P03 (single-coded), P02 (ben not finished), "
        "P04 (ana not coded, ben not coded) not counted. 36 participant turns."
    )


def test_a_coder_who_sealed_without_a_coding_says_no_to_everything():
    alone = replace(BOTH, codings=tuple(c for c in BOTH if c.coder == "ana"))
    row = compare_coders(TEXTS, alone, resamples=0).code("MEN-10")
    assert (row.n1, row.n2, row.neither) == (5, 0, 67)
    assert row.kappa == 0.0
    assert row.alpha < 0
    assert row.note == "only ana used this code (5)"


def test_plain_codings_count_where_both_coded_something():
    kept = [c for c in BOTH if (c.coder, c.transcript) != ("ben", "P06")]
    found = compare_coders(TEXTS, kept, resamples=0)
    assert found.coverage.counted == ("P01", "P02", "P03", "P04", "P05")
    assert "MEN-22" not in [row.code for row in found.codes]


def test_without_a_common_transcript_nothing_has_a_value():
    apart = replace(
        BOTH,
        sealed=frozenset({("ana", "P01"), ("ben", "P02")}),
        open=frozenset({("ben", "P01")}),
    )
    found = compare_coders(TEXTS, apart)
    assert found.overall.value is None
    assert found.overall.reason == "no_pairable_text"
    assert {row.reason for row in found.codes} == {"no_pairable_text"}
    assert {row.percent for row in found.codes} == {None}
    assert str(found) == (
        "α undefined (no text was completed by two coders), 0 participant turns, 0 transcripts, "
        "2 coders"
    )
    json.dumps(found.to_dict(), allow_nan=False)


def test_one_coder_is_too_few():
    with pytest.raises(BadCommand, match="needs two coders; here is only ana"):
        compare_coders(TEXTS, [c for c in BOTH if c.coder == "ana"])
    with pytest.raises(BadCommand, match="nobody has coded"):
        compare_coders(TEXTS, CodingSet())


@pytest.mark.parametrize(("name", "wrong"), [("unit", "line"), ("mask", "all")])
def test_an_unknown_unit_or_mask_is_answered_with_those_known(name, wrong):
    with pytest.raises(BadCommand, match="choose one of"):
        compare_coders(TEXTS, BOTH, **{name: wrong})


def test_chosen_codes_alone_are_compared_and_an_unknown_one_is_refused():
    found = compare_coders(TEXTS, BOTH, codes=["MEN-19", CODES[22]], resamples=0)
    assert [row.code for row in found.codes] == ["MEN-19", "MEN-23"]
    assert found.code("MEN-19").name == "code 19"
    with pytest.raises(BadCommand, match="“MEN-99” is not a code"):
        compare_coders(TEXTS, BOTH, codes=["MEN-99"])


def test_a_coding_beyond_the_text_is_refused():
    beyond = Coding("P01", "ana", "MEN-01", Span(0, 99_999), "x" * 99_999)
    with pytest.raises(BadCoding, match="run qualcode check"):
        compare_coders(TEXTS, [*BOTH, beyond])


# --- units ----------------------------------------------------------------------------------


def small(*spans, text="Who are you?\nI share a lot. Nobody asks.\nWhy?\nNo time."):
    """Two turns of the interviewer, two of the participant; codings (coder, start, end)."""
    turns, start = [], 0
    for number, line in enumerate(text.split("\n")):
        role = ("interviewer", "participant")[number % 2]
        turns.append(Turn(role, role, Span(start, start + len(line))))
        start += len(line) + 1
    transcript = Transcript("T", text, tuple(turns), id="T")
    made = tuple(
        Coding("T", coder, "code", Span(start, end), text[start:end]) for coder, start, end in spans
    )
    sealed = frozenset({("ana", "T"), ("ben", "T")})
    return [transcript], CodingSet(made, sealed, codes=(Code("code", "a code"),))


def test_a_passage_that_leaks_into_the_next_turn_does_not_mark_it():
    texts, made = small(("ana", 13, 49), ("ben", 13, 40))
    row = compare_coders(texts, made, resamples=0).code("code")
    assert (row.both, row.only_a, row.neither) == (1, 0, 1)
    row = compare_coders(texts, made, mask="none", resamples=0).code("code")
    assert (row.both, row.only_a, row.neither) == (1, 1, 2), "the short question is covered"


def test_a_few_words_inside_a_long_turn_mark_it():
    texts, made = small(("ana", 15, 20), ("ben", 13, 40))
    row = compare_coders(texts, made, resamples=0).code("code")
    assert row.both == 1
    assert row.passage_overlap == pytest.approx(5 / 27)


def test_a_code_only_on_masked_text_says_so():
    texts, made = small(("ana", 0, 12))
    row = compare_coders(texts, made, resamples=0).code("code")
    assert (row.n1, row.alpha, row.reason) == (0, None, "only_in_masked_text")
    assert compare_coders(texts, made, mask="none", resamples=0).code("code").n1 == 1


def test_sentences_paragraphs_characters_and_documents_are_units_too():
    texts, made = small(("ana", 13, 27), ("ben", 13, 40))
    unit = {
        u: compare_coders(texts, made, unit=u, resamples=0)
        for u in ("turn", "sentence", "paragraph", "character", "document")
    }
    assert {name: found.n_units for name, found in unit.items()} == {
        "turn": 2,
        "sentence": 3,
        "paragraph": 2,
        "character": 35,
        "document": 1,
    }
    cells = {n: (f.codes[0].both, f.codes[0].only_b) for n, f in unit.items()}
    assert cells == {
        "turn": (1, 0),
        "sentence": (1, 1),
        "paragraph": (1, 0),
        "character": (14, 13),
        "document": (1, 0),
    }
    assert compare_coders(texts, made, unit="character", mask="none", resamples=0).n_units == 54


def test_a_transcript_without_speakers_has_no_turns_but_other_units():
    texts, made = small(("ana", 13, 27), ("ben", 13, 40))
    texts = [replace(texts[0], turns=())]
    assert compare_coders(texts, made, unit="paragraph", resamples=0).n_units == 4
    found = compare_coders(texts, made, resamples=0)
    assert found.n_transcripts == 0
    assert found.coverage_sentence.startswith(
        "0 of 1 transcript coded by both; T (no text to compare) not counted."
    )


def test_what_a_coder_has_not_read_is_missing():
    texts, made = small(("ana", 13, 27), ("ben", 13, 40), ("ana", 46, 54))
    found = compare_coders(texts, made, read_to={("ben", "T"): 45}, resamples=0)
    assert (found.n_units, found.code("code").only_a) == (1, 0)
    found = compare_coders(
        texts, made, unit="character", mask="none", read_to={("ben", "T"): 30}, resamples=0
    )
    assert (found.n_units, found.code("code").neither) == (30, 13)


def test_an_empty_transcript_is_not_compared():
    texts = [Transcript("T", "", (), id="T")]
    made = CodingSet((), frozenset({("ana", "T"), ("ben", "T")}), codes=(Code("c", "c"),))
    for unit in ("turn", "sentence", "paragraph", "character", "document"):
        found = compare_coders(texts, made, unit=unit)
        assert found.code("c").reason == "no_pairable_text"
        assert found.n_units == 0


def test_one_transcript_has_its_turns_resampled_and_says_so():
    found = compare_coders(TEXTS[:1], BOTH)
    assert found.resampled == "turns"
    assert "turns were resampled" in found.overall_sentence
    assert "resamples of turns" in found.methods_sentence
    single = compare_coders(TEXTS[:1], BOTH, unit="document")
    assert single.resampled is None
    assert single.overall.low is None


def test_few_transcripts_are_named_beside_the_interval():
    found = compare_coders(TEXTS[:3], BOTH)
    assert "Only 3 transcripts" in found.overall_sentence


def test_sentences_end_where_people_end_them():
    text = "Well… “I tried.” Dr. Mori (b. 1960) said no! Did he? Yes\nNext line 3.5 times."
    assert [text[span.slice] for span in sentences(text)] == [
        "Well…",
        "“I tried.”",
        "Dr. Mori (b. 1960) said no!",
        "Did he?",
        "Yes",
        "Next line 3.5 times.",
    ]
    assert paragraphs("\n \n") == ()


# --- more than two coders -------------------------------------------------------------------


def test_of_three_coders_alpha_takes_all_and_kappa_is_the_mean_of_pairs():
    third = [replace(c, coder="cem", id=f"cem-{c.id}") for c in BOTH if c.coder == "ana"]
    made = replace(
        BOTH,
        codings=(*BOTH, *third),
        sealed=BOTH.sealed | {("cem", t.id) for t in TEXTS[:5]},
        open=frozenset({("cem", "P06")}),
    )
    found = compare_coders(TEXTS, made, resamples=100)
    assert found.coders == ("ana", "ben", "cem")
    assert [pair.coders for pair in found.pairs] == [
        ("ana", "ben"),
        ("ana", "cem"),
        ("ben", "cem"),
    ]
    assert found.pairs[1].kappa == 1.0
    assert found.pairs[1].n_units == 60
    assert str(found.coverage.partly[0]) == "P06 (cem not finished)"
    ratings = marks_by_turn(made, found.coders, "MEN-19")
    row = found.code("MEN-19")
    assert row.alpha == pytest.approx(krippendorff_alpha(ratings))
    assert row.kappa == pytest.approx(light_kappa(ratings))
    assert row.marked == tuple(sum(m or 0 for m in ratings_of) for ratings_of in ratings)


def marks_by_turn(made, coders, code):
    return [
        [
            None
            if (coder, text.id) not in made.sealed
            else int(
                any(
                    (c.coder, c.transcript, c.code) == (coder, text.id, code)
                    and turn.span.overlap(c.span)
                    for c in made
                )
            )
            for text in TEXTS
            for turn in text.participant_turns
        ]
        for coder in coders
    ]


def test_the_stand_in_holds_the_planted_difference_of_extent():
    spans = [c.span.length for c in BOTH if c.id == "ana-P03-S09-MEN-10"]
    assert spans == [len(LAST) - 1]
