"""Rounds, passes and groups: what is compared with what, and that each figure says so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from qualcode.agreement import (
    by_interview,
    by_round,
    by_theme,
    compare_coders,
    compare_groups,
    compare_with_oneself,
    costs_of_differences,
    plan_interviews,
)
from qualcode.cli import main
from qualcode.errors import BadCommand
from qualcode.model import Round, Seat, new_id
from qualcode.reconciliation import find_differences
from qualcode.reports.agreement import agreement_report
from qualcode.reports.document import Paragraph
from qualcode.reports.figures import agreement_figures
from qualcode.store import open_study
from tests.report_study import settled_sample
from tests.sample_key import TREE, codings, transcripts

TEXTS = transcripts()
BOTH = codings(TEXTS)
MAIN = Round("main", "Main round", "main")
PILOT = Round("r1", "Trying out", "pilot", version="0.1")
REPEAT = Round("r2", "A month later", "repeat")


def of_round(codings, round, transcripts=None, **changes):
    """The codings as made in another round, on some of the transcripts."""
    wanted = {text.id for text in TEXTS} if transcripts is None else set(transcripts)
    return replace(
        codings,
        codings=tuple(
            replace(c, round=round, id=f"{round}-{c.id}", **changes)
            for c in codings
            if c.transcript in wanted
        ),
        sealed=frozenset(pair for pair in codings.sealed if pair[1] in wanted),
    )


# --- not blind ------------------------------------------------------------------------------

DISCUSSED = replace(BOTH, not_blind={"P05": "discussed before submitting"})


def test_a_transcript_that_was_not_coded_blind_is_in_no_figure():
    others = [text for text in TEXTS if text.id != "P05"]
    found, without = compare_coders(TEXTS, DISCUSSED), compare_coders(others, BOTH)
    for part in ("overall", "pooled", "codes", "transcripts", "pairs", "n_units"):
        assert getattr(found, part) == getattr(without, part)
    assert found.coverage_sentence == (
        "5 of 6 transcripts coded by both; P05 (discussed before submitting) not counted. "
        "60 participant turns."
    )
    assert "1 interview was left out: P05 (discussed" in found.methods_sentence


def test_nothing_built_on_the_figures_counts_it_either():
    assert [point.title for point in by_interview(TEXTS, DISCUSSED).points] == [
        *("P01", "P02", "P03", "P04", "P06")
    ]
    others = [text for text in TEXTS if text.id != "P05"]
    assert by_theme(TEXTS, DISCUSSED, codebook=TREE) == by_theme(others, BOTH, codebook=TREE)
    figures = agreement_figures(TEXTS, DISCUSSED, codebook=TREE)
    plain = agreement_figures(others, BOTH, codebook=TREE)
    for part in ("differences", "differences_by_code", "confusions", "costs", "themes"):
        assert figures[part] == plain[part]
    assert figures["coverage"]["not_counted"] == [
        {
            "transcript": "P05",
            "title": "P05",
            "missing": [],
            "reason": "discussed before submitting",
        }
    ]
    assert "P05 (discussed before submitting)" in figures["sentences"]["coverage"]


def test_when_no_transcript_was_coded_blind_there_is_no_value():
    nothing = replace(BOTH, not_blind={text.id: "compared before" for text in TEXTS})
    found = compare_coders(TEXTS, nothing)
    assert (found.overall.value, found.overall.reason) == (None, "no_pairable_text")


# --- single-coded ---------------------------------------------------------------------------


def test_many_single_coded_transcripts_are_counted_and_few_are_named():
    def given_to_ana_alone(*titles):
        gone = {("ben", title) for title in titles}
        return compare_coders(TEXTS, replace(BOTH, sealed=BOTH.sealed - gone), resamples=0)

    few, many = given_to_ana_alone("P03"), given_to_ana_alone("P02", "P03", "P04", "P05")
    assert few.coverage_sentence.startswith("5 of 6 transcripts coded by both; P03 (single-coded)")
    assert many.coverage_sentence == (
        "2 of 6 transcripts coded by both; 4 single-coded transcripts not counted. "
        "24 participant turns."
    )
    assert many.to_dict()["coverage"]["single"] == ["P02", "P03", "P04", "P05"]
    assert "coded 2 of 6 interviews" in many.methods_sentence


# --- rounds ---------------------------------------------------------------------------------


def test_figures_of_a_pilot_round_say_so_in_every_sentence():
    pilot = of_round(BOTH, "r1", ["P01", "P02"])
    found = compare_coders(TEXTS, pilot, round=PILOT)
    label = "Pilot round “Trying out”: "
    for sentence in (
        *(str(found), found.coverage_sentence, found.overall_sentence, found.verdict_sentence),
        found.methods_sentence,
    ):
        assert sentence.startswith(label)
    assert found.coverage_sentence == f"{label}2 of 2 transcripts coded by both. {24} " + (
        "participant turns."
    )
    assert found.methods_sentence.endswith(
        "These are figures of a pilot round, not of the main study."
    )
    told = found.to_dict()
    assert (told["round"], told["round_kind"], told["round_name"]) == ("r1", "pilot", "Trying out")
    assert found.overall == compare_coders(TEXTS[:2], BOTH).overall


def test_the_main_round_needs_no_label():
    plain = compare_coders(TEXTS, BOTH)
    assert compare_coders(TEXTS, BOTH, round=MAIN) == plain
    assert plain.to_dict()["round"] == "main"
    assert "ound" not in f"{plain} {plain.coverage_sentence} {plain.overall_sentence}"


def test_figures_of_a_round_that_is_not_named_are_refused():
    pilot = of_round(BOTH, "r1")
    with pytest.raises(BadCommand, match="of the round r1, not of the main round"):
        compare_coders(TEXTS, pilot)
    with pytest.raises(BadCommand, match="of the round r1, not of r2"):
        compare_coders(TEXTS, pilot, round=REPEAT)
    mixed = replace(BOTH, codings=(*BOTH, *pilot))
    for function in (compare_coders, by_interview, by_theme):
        with pytest.raises(BadCommand, match="different rounds"):
            function(TEXTS, mixed)


def test_each_round_has_a_line_and_none_is_taken_with_another():
    pilot, repeat = of_round(BOTH, "r1", ["P01"]), of_round(BOTH, "r2", ["P01", "P02"])
    alone = replace(repeat, sealed=frozenset({("ana", "P01")}))
    found = by_round(TEXTS, [(PILOT, pilot), (MAIN, BOTH), (REPEAT, repeat)])
    assert [line.name for line in found.lines] == [
        *("Trying out (pilot round)", "Main round", "A month later (repeat round)")
    ]
    assert found.lines[0].titles == ("P01",)
    assert found.lines[1].overall == compare_coders(TEXTS, BOTH).overall
    assert found.lines[2].overall == compare_coders(TEXTS[:2], BOTH).overall
    assert "not the main study’s" in found.sentence
    assert [line["kind"] for line in found.to_dict()["lines"]] == ["pilot", "main", "repeat"]
    json.dumps(found.to_dict())
    assert [line.round for line in by_round(TEXTS, [(MAIN, BOTH), (REPEAT, alone)]).lines] == [MAIN]


def test_every_figure_beside_the_value_carries_its_round():
    pilot = of_round(BOTH, "r1", ["P01", "P02", "P03"])
    found = agreement_figures(TEXTS, pilot, round=PILOT)
    assert (found["round"], found["round_kind"]) == ("r1", "pilot")
    recoded = found["sentences"].pop("recoded")  # a pilot asks nothing of anybody again
    assert recoded == ""
    assert all(
        said.startswith("Pilot round “Trying out”: ") for said in found["sentences"].values()
    )
    assert found["summary"].startswith("Pilot round")


# --- one coder, two passes ------------------------------------------------------------------


def passes():
    first = of_round(BOTH, "main", made_at="2025-03-01T09:00:00", codebook_version="1.0")
    again = of_round(
        replace(BOTH, codings=tuple(c for c in BOTH if c.code != "MEN-10" or c.coder != "ana")),
        "r2",
        ["P01", "P02", "P03"],
        made_at="2025-03-29T10:00:00",
        codebook_version="1.0",
    )
    return first, again


def test_a_coder_is_compared_with_their_own_second_pass():
    first, again = passes()
    found = compare_with_oneself(TEXTS, first, again, coder="ana", label="Ana")
    assert found.coders == ("Ana, first pass", "Ana, second pass")
    assert found.n_transcripts == 3
    assert found.overall.value < 1
    assert found.code("MEN-10").note.startswith("only Ana, first pass used this code")
    assert found.days == (("P01", 28), ("P02", 28), ("P03", 28))
    assert found.sentence.startswith("Within one coder. Ana, first pass against Ana, second pass.")
    assert "28 days lie between the two passes." in found.sentence
    assert "not a measure of intercoder reliability" in found.methods_sentence
    assert "independently" not in found.methods_sentence
    assert compare_with_oneself(TEXTS, first, again, coder="ben").overall.value == 1.0
    told = found.to_dict()
    assert (told["compared"], told["coder"]) == ("within coder", "Ana")
    json.dumps(told)


def test_the_value_equals_that_of_two_coders_who_coded_so():
    first, again = passes()
    found = compare_with_oneself(TEXTS, first, again, coder="ana")
    made = [replace(c, coder="a") for c in first if c.coder == "ana"]
    made += [replace(c, coder="b", round="main") for c in again if c.coder == "ana"]
    sealed = {("a", text.id) for text in TEXTS[:3]} | {("b", text.id) for text in TEXTS[:3]}
    plain = compare_coders(TEXTS[:3], replace(BOTH, codings=tuple(made), sealed=frozenset(sealed)))
    assert found.overall == plain.overall
    assert [row.alpha for row in found.codes] == [row.alpha for row in plain.codes]


def test_passes_at_different_times_and_versions_say_so():
    first, again = passes()
    later = tuple(
        replace(
            c,
            codebook_version="2.0",
            made_at={"P01": "2025-03-15T09:00:00", "P02": "2025-04-05T09:00:00"}.get(
                c.transcript, ""
            ),
        )
        for c in again
    )
    found = compare_with_oneself(TEXTS, first, replace(again, codings=later), coder="ana")
    assert "Between the two passes lie 14 to 35 days (median 24.5)." in found.sentence
    assert "first pass was made under codebook version 1.0, the second under 2.0" in found.sentence
    undated = replace(again, codings=tuple(replace(c, made_at="") for c in again))
    assert "is not recorded" in compare_with_oneself(TEXTS, first, undated, coder="ana").sentence


def test_a_pass_that_was_not_blind_does_not_count_and_one_pass_is_refused():
    first, again = passes()
    told = replace(again, not_blind={"P02": "discussed before submitting"})
    found = compare_with_oneself(TEXTS, first, told, coder="ana")
    assert found.n_transcripts == 2
    assert "P02 (discussed before submitting) not counted" in found.coverage_sentence
    with pytest.raises(BadCommand, match="zoe has submitted nothing in the first"):
        compare_with_oneself(TEXTS, first, again, coder="zoe")
    gone = replace(again, sealed=frozenset(p for p in again.sealed if p[0] != "ana"))
    with pytest.raises(BadCommand, match="ana has submitted nothing in the second"):
        compare_with_oneself(TEXTS, first, gone, coder="ana")


# --- groups ---------------------------------------------------------------------------------


def three():
    third = [replace(c, coder="cem", id=f"cem-{c.id}") for c in BOTH if c.coder == "ben"]
    sealed = BOTH.sealed | {("cem", text.id) for text in TEXTS}
    return replace(BOTH, codings=(*BOTH, *third), sealed=frozenset(sealed))


def test_a_group_has_what_any_of_its_members_coded():
    labels = {"ana": "Ana", "ben": "Ben", "cem": "Cem"}
    found = compare_groups(TEXTS, three(), ["ana"], ["ben", "cem"], labels=labels)
    assert found.coders == ("Ana", "Ben and Cem")
    assert found.overall == compare_coders(TEXTS, BOTH).overall
    assert "where any of its members coded it" in found.methods_sentence
    assert "not a measure of intercoder" not in found.methods_sentence
    assert found.to_dict()["compared"] == "groups"
    united = compare_groups(TEXTS, three(), ["cem"], ["ana", "ben"])
    row = united.code("MEN-15")
    assert row.n2 > row.n1


def test_groups_hold_to_blindness_and_versions_like_coders():
    told = replace(three(), not_blind={"P05": "discussed before submitting"})
    found = compare_groups(TEXTS, told, ["ana"], ["ben", "cem"])
    assert "P05 (discussed before submitting) not counted" in found.coverage_sentence


def test_groups_need_different_people_who_coded():
    for first, second, why in (
        ([], ["ben"], "at least one coder"),
        (["ana"], ["ana", "ben"], "ana is in both groups"),
        (["ana"], ["zoe"], "zoe has coded nothing here"),
    ):
        with pytest.raises(BadCommand, match=why):
            compare_groups(TEXTS, three(), first, second)


# --- differences of a pair ------------------------------------------------------------------


def test_what_differences_cost_leaves_out_what_was_not_blind():
    found = find_differences(DISCUSSED, ("ana", "ben"))
    costs = costs_of_differences(TEXTS, DISCUSSED, found)
    assert sum(row.cases for row in costs.classes) == len(
        [d for d in found if d.transcript != "P05"]
    )


# --- the supplement and the command line ----------------------------------------------------


@pytest.fixture
def with_repeat(sample):
    coded_again(sample)
    return sample


def coded_again(path):
    """Give the sample study a repeat round: two transcripts coded as in the main round."""
    with open_study(path) as study:
        lead = study.seated(Seat("lea", frozenset({"lead"})))
        held = lead.add_round("Trying out", kind="repeat")
        first = [c for c in study.codings() if study.titles()[c.transcript] in ("P01", "P02")]
        places = list(dict.fromkeys(c.transcript for c in first))
        lead.give({"ana": places, "ben": places}, round=held.id)
        for name in ("ana", "ben"):
            coder = study.seated(Seat(name, frozenset({"coder"})))
            for place in places:
                acts = [
                    {
                        "op": "add",
                        "op_id": new_id(),
                        "quote": c.quote,
                        "coding": {
                            "id": new_id(), "start": c.span.start, "end": c.span.end,
                            "code": c.code, "memo": "",
                        },
                    }
                    for c in first
                    if (c.coder, c.transcript) == (name, place)
                ]  # fmt: skip
                assert coder.apply(place, acts, round=held.id).rejected == ()
            coder.submit(*places, round=held.id)


def printed(capsys, *arguments, status=0):
    assert main([str(argument) for argument in arguments]) == status
    told = capsys.readouterr()
    return told.out if status == 0 else told.err


def test_the_command_line_tells_each_round_apart(with_repeat, capsys):
    plain = printed(capsys, "agreement", with_repeat)
    assert plain.startswith("α = 0.81")
    told = printed(capsys, "agreement", with_repeat, "--round", "Trying out")
    assert told.startswith("Repeat round “Trying out”: α = 0.")
    assert "2 transcripts" in told.splitlines()[0]
    _, head, *rows = printed(capsys, "agreement", with_repeat, "--by", "round").splitlines()
    assert [row.split("  ")[0] for row in rows] == ["Main round", "Trying out"]
    assert "kind" in head
    found = json.loads(printed(capsys, "agreement", with_repeat, "--json", "--round", "Trying out"))
    assert (found["round_kind"], len(found["rounds"]["lines"])) == ("repeat", 2)
    assert "no round" in printed(capsys, "agreement", with_repeat, "--round", "x", status=1).lower()


def test_the_command_line_compares_a_coder_with_themselves(with_repeat, capsys):
    told = printed(capsys, "agreement", with_repeat, "--self", "ana")
    assert told.startswith("Within one coder. ana, first pass against ana, second pass. Overall")
    found = json.loads(printed(capsys, "agreement", with_repeat, "--self", "ana", "--json"))
    assert (found["compared"], found["overall"]["value"]) == ("within coder", 1.0)
    assert len(found["days"]) == 2
    assert "in a repeat round" in printed(
        capsys, "agreement", with_repeat, "--self", "zoe", status=1
    )
    two = printed(capsys, "agreement", with_repeat, "--self", "ana", "--group", "ana", status=1)
    assert "at a time" in two


def test_the_command_line_compares_groups(sample, capsys):
    told = printed(capsys, "agreement", sample, "--group", "ana", "--group", "ben")
    assert told.startswith("ana against ben: α = 0.81")
    assert "Name two groups" in printed(capsys, "agreement", sample, "--group", "ana", status=1)


def test_the_command_line_plans(sample, capsys):
    told = printed(capsys, "plan", sample, "--width", "0.2").splitlines()
    assert "interviews coded twice give a 95 % interval" in told[0]
    assert told[1].split() == ["interviews", "expected", "pessimistic"]
    assert "This takes for granted:" in told
    found = json.loads(printed(capsys, "plan", sample, "--width", "0.2", "--json"))
    assert found["interviews"] == plan_interviews(TEXTS, BOTH, width=0.2).interviews
    assert "such as 0.1" in printed(capsys, "plan", sample, "--width", "7", status=1)


def test_the_supplement_is_of_the_main_round_and_lists_the_others(with_repeat):
    with open_study(with_repeat) as study:
        report = agreement_report(study)
    assert {row["round"] for row in report.records} == {"main"}
    assert len({row["n_transcripts"] for row in report.records} & {6}) == 1
    (table,) = [t for t in report.tables if t.caption.startswith("Agreement by round")]
    assert [row.cells[0].text for row in table.rows] == ["Main round", "Trying out"]
    assert table.rows[1].cells[0].note == "repeat round"
    sheets = {sheet.name: sheet for sheet in report.sheets}
    assert [row["kind"] for row in sheets["Rounds"].records] == ["main", "repeat"]


def test_the_supplement_says_what_was_not_blind(sample):
    with open_study(sample) as study:
        kept = settled_sample(study)
    fifth = next(text.id for text in kept.texts if text.title == "P05")
    told = replace(kept.coded, not_blind={fifth: "discussed before submitting"})
    report = agreement_report(replace(kept, coded=told))
    opening = next(block.text for block in report.blocks if isinstance(block, Paragraph))
    assert opening == (
        "5 of 6 transcripts coded by both; not counted: P05 (discussed before submitting). "
        "60 participant turns."
    )
