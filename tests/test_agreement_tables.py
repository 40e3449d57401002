"""Tables beside the overall value: themes, drift, versions, costs, layers; unmoved by settling."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.agreement import (
    Cells,
    LayerAgreement,
    by_interview,
    by_segment,
    by_theme,
    by_version,
    compare_coders,
    compare_layers,
    costs_of_differences,
)
from qualcode.agreement.cells import alpha
from qualcode.agreement.drift import in_interview_order
from qualcode.agreement.unitizing import segment_f1
from qualcode.cli import main
from qualcode.errors import BadCommand
from qualcode.model import CONSENSUS, Code, Coding, CodingSet, Difference, Seat
from qualcode.reconciliation import confusions, consensus, decide, find_differences
from qualcode.reports.figures import agreement_figures, confusion_rows
from qualcode.spans import merged
from qualcode.store import open_study
from tests.sample_key import TREE, codings, transcripts

TEXTS = transcripts()
BOTH = codings(TEXTS)
BOOK = replace(BOTH, codes=TREE)
FOUND = find_differences(BOTH, ("ana", "ben"))


def only(codings, *coders, transcripts=None):
    """The codings of these coders, in these transcripts."""
    return replace(
        codings,
        codings=tuple(
            c
            for c in codings
            if c.coder in coders and (transcripts is None or c.transcript in transcripts)
        ),
        sealed=frozenset(pair for pair in codings.sealed if pair[0] in coders),
    )


def close(found, expected):
    return found is expected if expected is None else found == pytest.approx(expected, abs=1e-12)


# --- themes ---------------------------------------------------------------------------------


def test_a_theme_is_the_union_of_its_codes():
    rows = by_theme(TEXTS, BOOK, resamples=0)
    assert [row.code for row in rows] == ["T1", "T2", "T3", "T4", "T5"]
    assert {row.code: round(row.kappa, 3) for row in rows} == {
        "T1": 0.944,
        "T2": 0.758,
        "T3": 0.929,
        "T4": 0.812,
        "T5": 0.630,
    }
    assert by_theme(TEXTS, BOTH, codebook=TREE, resamples=0) == rows


def test_a_codebook_without_themes_has_no_table_of_them():
    flat = replace(BOTH, codes=tuple(replace(code, parent=None) for code in BOTH.codes))
    assert by_theme(TEXTS, flat, resamples=0) == ()


# --- drift ----------------------------------------------------------------------------------


def dated(*days):
    """The transcripts with these interview dates, in the order of the study."""
    return [
        replace(text, facts={"interview_date": day} if day else {})
        for text, day in zip(TEXTS, days, strict=True)
    ]


def test_drift_is_told_interview_by_interview_and_over_all_so_far():
    found = by_interview(TEXTS, BOTH)
    assert [point.title for point in found.points] == [text.title for text in TEXTS]
    for number, point in enumerate(found.points):
        alone = compare_coders([TEXTS[number]], BOTH, resamples=0)
        so_far = compare_coders(TEXTS[: number + 1], BOTH, resamples=0)
        assert close(point.here.alpha, alone.overall.value)
        assert close(point.so_far.alpha, so_far.overall.value)
        assert close(point.here.percent, alone.transcripts[0].percent)
        assert (point.here.n_units, point.so_far.n_units) == (alone.n_units, so_far.n_units)
    assert close(found.halves[1].alpha, compare_coders(TEXTS[3:], BOTH, resamples=0).overall.value)
    assert close(found.points[-1].so_far.percent, 1 - 21 / 1728)


def test_interviews_stand_by_their_date_then_by_their_place():
    texts = dated("2025-03-04", "", "3 March 2025", "2025-03-04", "01.02.2025", "sometime")
    found = by_interview(texts, BOTH)
    assert [point.title for point in found.points] == ["P05", "P03", "P01", "P04", "P02", "P06"]
    assert [bool(point.date) for point in found.points] == [True] * 4 + [False] * 2
    assert "2 interviews have no date and stand last" in found.sentence
    json.dumps(found.to_dict())
    assert "No interview has a date" in by_interview(TEXTS, BOTH).sentence


@pytest.mark.parametrize("typed", ["2025-03-04", "4 Mar 2025", "March 4, 2025", "4.3.2025", "no"])
def test_a_date_is_read_however_it_was_typed(typed):
    text = replace(TEXTS[0], facts={"interview_date": typed})
    assert text.interview_date == (None if typed == "no" else Date(2025, 3, 4))
    assert in_interview_order([TEXTS[1], text])[0] is (TEXTS[1] if typed == "no" else text)


def test_drift_names_the_halves_and_the_ends():
    said = by_interview(TEXTS, BOTH).sentence
    assert said.startswith("Overall alpha over the first 3 interviews .")
    assert "over the other 3 ." in said
    assert "lowest in P01 (.74), highest in P03 (.91)" in said
    alone = by_interview(TEXTS[:1], BOTH)
    assert alone.halves is None
    assert alone.sentence == "Drift needs at least two interviews that were compared."


def test_an_interview_that_nobody_coded_twice_has_no_point():
    sealed = BOTH.sealed - {("ben", "P02")}
    found = by_interview(TEXTS, replace(BOTH, sealed=sealed))
    assert [point.title for point in found.points] == ["P01", "P03", "P04", "P05", "P06"]


def test_an_interview_without_variation_is_undefined_and_not_one():
    kept = tuple(c for c in BOTH if c.transcript != "P01")
    point = by_interview(TEXTS, replace(BOTH, codings=kept)).points[0]
    assert (point.here.alpha, point.here.percent, point.here.reason) == (None, 1.0, "no_variation")
    assert str(point.here).startswith("undefined (nothing varies")


# --- codebook versions ----------------------------------------------------------------------


def under(versions):
    """The codings, each made under the version of its transcript and coder."""
    return replace(
        BOTH,
        codings=tuple(
            replace(
                c,
                codebook_version=versions.get(
                    (c.coder, c.transcript), versions.get(c.transcript, "0.2")
                ),
            )
            for c in BOTH
        ),
    )


def test_one_version_is_named_and_not_split():
    found = by_version(TEXTS, under({}))
    (line,) = found.lines
    assert (line.version, line.versions, found.differ) == ("0.2", ("0.2",), False)
    assert close(line.figures.alpha, compare_coders(TEXTS, BOTH, resamples=0).overall.value)
    assert found.sentence == "All codings were made under codebook version 0.2."
    assert "not recorded" in by_version(TEXTS, BOTH).sentence


def test_each_version_has_its_own_figures_and_what_is_of_two_has_none():
    made = under({"P05": "0.10", "P06": "0.10", ("ana", "P03"): "0.10"})
    found = by_version(TEXTS, made)
    assert [line.version for line in found.lines] == ["0.2", "0.10"]
    for line in found.lines:
        texts = [text for text in TEXTS if text.id in line.transcripts]
        alone = compare_coders(texts, made, resamples=0)
        assert close(line.figures.alpha, alone.overall.value)
        assert line.figures.n_units == alone.n_units
    assert found.differ
    assert found.sentence == (
        "The codings were made under different codebook versions: 0.2 (3 transcripts); "
        "0.10 (2 transcripts). The overall value takes them together; read the lines by version "
        "beside it. Not counted: P03 (coded under codebook versions 0.2 and 0.10)."
    )
    json.dumps(found.to_dict())


def test_two_coders_on_two_versions_of_the_codebook_are_not_compared():
    made = under({("ben", "P03"): "0.3"})
    found = compare_coders(TEXTS, made)
    assert found.coverage_sentence == (
        "5 of 6 transcripts coded by both; P03 (coded under codebook versions 0.2 and 0.3) not "
        "counted. 60 participant turns."
    )
    others = [text for text in TEXTS if text.id != "P03"]
    assert found.overall == compare_coders(others, BOTH).overall
    assert "1 interview was left out: P03 (coded under" in found.methods_sentence
    assert [row.transcript for row in found.coverage.left_out] == ["P03"]
    row = found.to_dict()["coverage"]["not_counted"][0]
    assert row["reason"] == "coded under codebook versions 0.2 and 0.3"


def test_a_new_wording_of_a_released_codebook_keeps_codings_comparable():
    """From 1.0 on, minor versions change wording, colour, order or example, not what is coded."""
    made = under({text.id: "1.2" for text in TEXTS} | {("ben", "P03"): "1.4"})
    assert compare_coders(TEXTS, made).overall == compare_coders(TEXTS, BOTH).overall
    lines = by_version(TEXTS, made).lines
    assert [(line.version, line.versions) for line in lines] == [
        ("1.2", ("1.2",)),
        ("mixed", ("1.2", "1.4")),
    ]
    assert "mixed within P03 (1.2, 1.4)" in by_version(TEXTS, made).sentence
    changed = under({text.id: "1.2" for text in TEXTS} | {("ben", "P03"): "2.0"})
    assert compare_coders(TEXTS, changed, resamples=0).n_transcripts == 5


def test_codings_without_a_recorded_version_keep_no_transcript_out():
    made = under({("ben", "P03"): ""})
    assert compare_coders(TEXTS, made, resamples=0).n_transcripts == 6


def test_a_transcript_without_codings_is_of_no_version():
    kept = tuple(c for c in under({}) if c.transcript != "P06")
    found = by_version(TEXTS, replace(BOTH, codings=kept))
    assert [(line.version, line.versions) for line in found.lines] == [
        ("0.2", ("0.2",)),
        ("no codings", ()),
    ]
    assert not found.differ
    nothing = by_version(TEXTS, replace(BOTH, codings=()))
    assert nothing.sentence.startswith("No coding is in these figures")


def test_codings_of_others_and_of_open_work_have_no_version_here():
    other = replace(BOTH[0], coder="zoe", codebook_version="9.9")
    sealed = BOTH.sealed - {("ben", "P02")}
    made = under({("ben", "P02"): "0.3"})
    found = by_version(
        TEXTS, replace(made, codings=(*made, other), sealed=sealed), coders=["ana", "ben"]
    )
    assert found.found == ("0.2",)


# --- what differences cost ------------------------------------------------------------------


def test_what_the_differences_of_the_sample_cost():
    found = costs_of_differences(TEXTS, BOTH, FOUND)
    agreed = compare_coders(TEXTS, BOTH, resamples=0)
    for row in found.codes:
        now = agreed.code(row.code)
        assert close(row.alpha, now.alpha)
        # Whole turns: each resolved case turns a unit of one coder into a unit of both.
        only_a, only_b = now.only_a, now.only_b
        gone_a = sum(
            d.kind == row.kind and d.a is not None and d.a.code == row.code for d in FOUND
        ) * (row.kind != "boundary")
        gone_b = sum(
            d.kind == row.kind and d.b is not None and d.b.code == row.code for d in FOUND
        ) * (row.kind != "boundary")
        after = Cells(now.both + gone_a + gone_b, only_a - gone_a, only_b - gone_b, now.neither)
        assert row.units == gone_a + gone_b
        assert close(row.resolved, alpha(after))
        assert row.gain >= 0
    assert {row.kind: row.cases for row in found.classes} == {
        "boundary": 1,
        "choice": 6,
        "omission": 9,
    }
    assert close(found.classes[0].alpha, agreed.overall.value)
    assert found.of("MEN-15", "omission").resolved == 1.0
    assert found.of("MEN-15", "choice") is None


def test_the_dearest_codes_come_first():
    found = costs_of_differences(TEXTS, BOTH, FOUND)
    gains = [row.gain for row in found.codes]
    assert gains == sorted(gains, reverse=True)
    assert [row.code for row in found.costliest("choice", 2)] == ["MEN-08", "MEN-19"]
    assert found.costliest("boundary") == ()
    assert "resolving 1 boundary case would leave it as it is" in found.sentence
    assert "resolving all 9 omissions would take it to .91" in found.sentence
    json.dumps(found.to_dict())


def test_a_difference_of_extent_costs_characters_and_no_turn():
    turns = costs_of_differences(TEXTS, BOTH, FOUND).of("MEN-10", "boundary")
    assert (turns.units, turns.gain) == (0, 0.0)
    characters = costs_of_differences(TEXTS, BOTH, FOUND, unit="character").of("MEN-10", "boundary")
    assert characters.units > 0
    assert characters.gain > 0


def test_with_every_class_resolved_nothing_parts_the_coders():
    coded = list(BOTH)
    for kind in ("boundary", "choice", "omission"):
        for d in FOUND:
            if d.kind == kind:
                coded += [replace(d.a, coder="ben", id=f"b{d.id}")] if d.a else []
                coded += [replace(d.b, coder="ana", id=f"a{d.id}")] if d.b else []
    assert compare_coders(TEXTS, replace(BOTH, codings=tuple(coded))).overall.value == 1.0


def test_at_the_level_of_themes_a_choice_within_one_theme_costs_nothing():
    found = costs_of_differences(TEXTS, BOOK, FOUND, level=0)
    assert {row.code for row in found.codes} == {"T1", "T2", "T3", "T4", "T5"}
    themes = {row.code: row for row in by_theme(TEXTS, BOOK, resamples=0)}
    assert all(close(row.alpha, themes[row.code].alpha) for row in found.codes)


def test_differences_of_other_transcripts_and_coders_are_left_aside():
    found = costs_of_differences(TEXTS[:1], BOTH, FOUND, overall=False)
    here = [d for d in FOUND if d.transcript == "P01"]
    assert sum(row.cases for row in found.classes) == len(here)
    assert all(row.alpha is None for row in found.classes)
    assert found.sentence == ""
    strange = [replace(d, coders=("ana", "zoe")) for d in FOUND]
    assert costs_of_differences(TEXTS, BOTH, strange).codes == ()


def test_of_three_coders_the_two_who_part_are_brought_together():
    third = tuple(replace(c, coder="cleo", id=f"c{c.id}") for c in BOTH if c.coder == "ana")
    sealed = BOTH.sealed | {("cleo", text.id) for text in TEXTS}
    three = CodingSet((*BOTH, *third), frozenset(sealed), codes=BOTH.codes)
    found = costs_of_differences(TEXTS, three, find_differences(three, ("ben", "cleo")))
    agreed = compare_coders(TEXTS, three, resamples=0)
    row = found.of("MEN-15", "omission")
    assert close(row.alpha, agreed.code("MEN-15").alpha)
    assert row.resolved == 1.0


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 11), st.integers(0, 2)), max_size=30))
def test_resolving_never_makes_agreement_worse_on_turns(made):
    text = TEXTS[0]
    spans = [turn.span for turn in text.participant_turns]
    coded = {
        (coder, turn, code): Coding(
            text.id, ("ana", "ben")[coder], f"MEN-0{code + 1}", spans[turn],
            text.text[spans[turn].slice], id=f"{coder}-{turn}-{code}",
        )
        for coder, turn, code in made
        if turn < len(spans)
    }  # fmt: skip
    given_ = CodingSet(tuple(coded.values()), BOTH.sealed, codes=BOTH.codes)
    found = find_differences(given_, ("ana", "ben"))
    costs = costs_of_differences([text], given_, found)
    for row in costs.codes:
        assert row.gain is None or row.gain >= -1e-12
        assert row.units == sum(
            side is not None and side.code == row.code
            for d in found
            if d.kind == row.kind
            for side in (d.a, d.b)
        )


# --- confusions -----------------------------------------------------------------------------


def test_codes_chosen_one_for_the_other_are_a_table():
    rows = confusion_rows(FOUND, TREE)
    assert [((row["code"], row["other_code"]), row["count"]) for row in rows] == list(
        confusions(FOUND)
    )
    assert sum(row["count"] for row in rows) == 6
    siblings = (Code("A", "a", "T"), Code("B", "b", "T"))
    one, other = (replace(BOTH[n], code=code) for n, code in enumerate("AB"))
    (row,) = confusion_rows([Difference("P01", "choice", ("ana", "ben"), one, other)], siblings)
    assert row["sibling"] is True


# --- passages -------------------------------------------------------------------------------


def test_passages_find_partners_within_their_code_and_transcript():
    (found,) = by_segment(TEXTS, BOTH)
    first, second, matched = 0, 0, 0
    for text in TEXTS:
        for code in {c.code for c in BOTH}:
            one, other = (
                [c.span for c in BOTH if (c.coder, c.transcript, c.code) == (name, text.id, code)]
                for name in ("ana", "ben")
            )
            value = segment_f1(merged(one), merged(other), threshold=0.5, rule="overlap")
            first, second = first + len(merged(one)), second + len(merged(other))
            matched += (value or 0) * (len(merged(one)) + len(merged(other))) / 2
    assert (found.first, found.second) == (first, second)
    assert found.matched == pytest.approx(matched)
    assert found.f1 == pytest.approx(2 * matched / (first + second))
    assert found.sentence.startswith(
        f"Segment F1 {f'{found.f1:.2f}'[1:]}: of {first + second} passages"
    )
    (loose,) = by_segment(TEXTS, BOTH, overlap=0.01)
    assert loose.matched == found.matched + 1, "the planted difference of extent"
    told = replace(BOTH, not_blind={"P05": "discussed"})
    assert by_segment(TEXTS, told)[0].first < found.first
    nothing = by_segment(TEXTS, replace(BOTH, codings=()))[0]
    assert (nothing.f1, nothing.matched) == (None, 0)
    assert agreement_figures(TEXTS, BOTH)["segments"] == [found.to_dict()]


# --- two layers -----------------------------------------------------------------------------


def test_a_coder_against_themselves_is_never_called_intercoder():
    again = tuple(replace(c, id=f"again-{c.id}") for c in only(BOTH, "ana"))
    found = compare_layers(TEXTS, only(BOTH, "ana"), again, ("Ana, first pass", "Ana, second pass"))
    assert found.coders == ("Ana, first pass", "Ana, second pass")
    assert found.overall.value == 1.0
    assert str(found).startswith("Ana, first pass against Ana, second pass: α = 1.00")
    assert found.coverage_sentence == (
        "Ana, first pass against Ana, second pass: 6 of 6 transcripts in both. "
        "72 participant turns."
    )
    said = " ".join(
        [str(found), found.coverage_sentence, found.overall_sentence, found.methods_sentence]
    )
    assert "independently" not in said
    assert "2 coders" not in said
    assert "not a measure of intercoder reliability" in found.methods_sentence
    assert found.to_dict()["compared"] == "layers"
    assert found.to_dict()["methods"] == found.methods_sentence
    json.dumps(found.to_dict())


def test_two_layers_have_the_figures_of_two_coders():
    found = compare_layers(TEXTS, only(BOTH, "ana"), only(BOTH, "ben"), ("A", "B"))
    agreed = compare_coders(TEXTS, BOTH)
    assert isinstance(found, LayerAgreement)
    assert found.overall == agreed.overall
    assert found.pooled == agreed.pooled
    assert [row.alpha for row in found.codes] == [row.alpha for row in agreed.codes]


def test_a_person_against_the_consensus():
    made = [decide(d, "a", decided_by="lea") for d in FOUND]
    settled = consensus(BOTH, made)
    assert {c.coder for c in settled} == {CONSENSUS}
    ana = compare_layers(TEXTS, only(BOTH, "ana"), settled, ("Ana", "the consensus"))
    assert ana.overall.value == 1.0
    ben = compare_layers(TEXTS, only(BOTH, "ben"), settled, ("Ben", "the consensus"))
    assert ben.overall.value < 1
    assert ben.code("MEN-15").note == ""
    assert {row.note for row in ben.codes if row.note} <= {"only the consensus used this code (1)"}


def test_a_group_of_coders_is_one_layer():
    third = tuple(replace(c, coder="cleo", id=f"c{c.id}") for c in BOTH if c.coder == "ben")
    group = CodingSet(
        (*only(BOTH, "ben"), *third),
        frozenset({("ben", text.id) for text in TEXTS} | {("cleo", "P01")}),
        codes=BOTH.codes,
    )
    found = compare_layers(TEXTS, only(BOTH, "ana"), group, ("doctors", "nurses"))
    assert close(found.overall.value, compare_coders(TEXTS, BOTH, resamples=0).overall.value)


def test_a_transcript_that_one_layer_leaves_empty_counts_only_where_that_is_said():
    ana, ben = ([c for c in BOTH if c.coder == name] for name in ("ana", "ben"))
    ben = [c for c in ben if c.transcript != "P06"]
    found = compare_layers(TEXTS, ana, ben, ("A", "B"), resamples=0)
    assert found.n_transcripts == 5
    assert "; P06 not counted" in found.coverage_sentence
    whole = compare_layers(TEXTS, ana, ben, ("A", "B"), both=[t.id for t in TEXTS], resamples=0)
    assert whole.n_transcripts == 6
    nothing = compare_layers(TEXTS, ana, [], ("A", "B"))
    assert nothing.overall.value is None
    assert (
        str(nothing) == "A against B: no text is complete in both, so there is nothing to compare"
    )
    assert nothing.overall_sentence == f"{nothing}."


@pytest.mark.parametrize("labels", [("Ana", "ana"), ("", "B"), ("A", " ")])
def test_layers_need_two_names(labels):
    with pytest.raises(BadCommand, match="two different labels"):
        compare_layers(TEXTS, BOTH, BOTH, labels)


# --- nothing moves by settling --------------------------------------------------------------


def settle(path: Path) -> int:
    """Settle every difference of the study in its file, each in another way."""
    with open_study(path) as study:
        found = find_differences(study.codings(), ("ana", "ben"))
        lead = study.seated(Seat("lea", frozenset({"lead"})))
        outcomes = ("a", "b", "both", "neither")
        lead.decide(
            *(
                decide(d, outcomes[number % 4], reason="talked over", decided_by="lea")
                for number, d in enumerate(found)
            )
        )
    return len(found)


@pytest.mark.parametrize("unit", ["turn", "character"])
def test_the_figures_of_the_sample_are_the_same_before_and_after_settling(sample, unit):
    def figures():
        with open_study(sample) as study:
            coded, texts = study.codings(), study.transcripts()
            assert len(study.decisions()) in (0, 16)
        return compare_coders(texts, coded, unit=unit).to_dict(), agreement_figures(
            texts, coded, unit=unit
        )

    before = figures()
    assert settle(sample) == 16
    after = figures()
    assert after == before
    if unit == "turn":
        assert round(after[0]["pooled"]["kappa"], 4) == 0.8468
        assert round(after[0]["overall"]["value"], 4) == 0.8132


# --- the command line -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "count"),
    [
        *(("theme", 5), ("transcript", 6), ("pair", 1), ("version", 1), ("difference", 13)),
        *(("confusion", 3), ("code", 24)),
    ],
)
def test_each_table_is_printed(sample, capsys, by, count):
    assert main(["agreement", str(sample), "--by", by]) == 0
    first, head, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("α = 0.81")
    assert head.split()
    assert len(rows) == count


def test_all_figures_come_as_json(sample, capsys):
    assert main(["agreement", str(sample), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"unit", "mask", "rule", "seed", "resamples", "version"} <= found.keys()
    assert {"themes", "drift", "codebook_versions", "costs", "confusions"} <= found.keys()
    assert found["differences"] == {"boundary": 1, "choice": 6, "omission": 9}


def test_a_coder_against_the_consensus_waits_for_settling(sample, capsys):
    asked = ["agreement", str(sample), "--against-consensus"]
    assert main([*asked, "ana"]) == 1
    assert "settle its differences" in capsys.readouterr().err
    settle(sample)
    assert main([*asked, "ana"]) == 0
    assert capsys.readouterr().out.startswith("ana against the consensus: α = 0.")
    assert main([*asked, "ana", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["compared"] == "layers"
    assert main([*asked, "zoe"]) == 1
    assert "zoe has submitted nothing here" in capsys.readouterr().err


def test_the_supplement_is_written_as_a_workbook(sample, tmp_path, capsys):
    path = tmp_path / "agreement.xlsx"
    assert main(["report", str(sample), "agreement", str(path)]) == 0
    assert path.read_bytes()[:2] == b"PK"
