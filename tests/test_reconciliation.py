"""Settling differences: each kind is found, each decision makes its consensus."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import BadCommand
from qualcode.model import CONSENSUS, Code, Coding, CodingSet
from qualcode.reconciliation import (
    agreed,
    confusions,
    consensus,
    counts,
    counts_by_code,
    decide,
    find_differences,
    find_passages,
    progress,
    united,
)
from qualcode.spans import Span
from tests.sample_key import codings, transcripts

ANA_BEN = ("ana", "ben")
TEXT = "".join(chr(97 + number % 26) for number in range(1000))
TEXTS = transcripts()
BOTH = codings(TEXTS)
CODES = (Code("1", "one"), Code("1.1", "a", "1"), Code("1.2", "b", "1"), Code("2", "two"))


def coding(coder, code, start, end, *, transcript="T", id=None):
    return Coding(
        transcript,
        coder,
        code,
        Span(start, end),
        TEXT[start:end],
        id=id or f"{coder}-{transcript}-{code}-{start}-{end}",
    )


def two(*made):
    """Codings as (coder, code, start, end), both coders sealed."""
    return CodingSet(
        tuple(coding(*one) for one in made),
        frozenset({("ana", "T"), ("ben", "T")}),
        codes=CODES,
    )


def only(found):
    assert len(found) == 1
    return found[0]


def said(codings):
    return [(c.code, c.span.start, c.span.end) for c in codings]


# --- kinds of difference --------------------------------------------------------------------


def test_the_sample_holds_its_sixteen_planted_differences():
    """Two codes chosen one for the other are one choice; an extra code is an omission."""
    found = find_differences(BOTH, ANA_BEN)
    assert counts(found) == {"boundary": 1, "choice": 6, "omission": 9}
    assert sum(d.b is None for d in found) == 6, "left out by ben: 09 twice, 15 three times, 19"
    assert sum(d.kind == "omission" and d.a is None for d in found) == 3, "by ana: 01, 08, 23"
    assert len(agreed(BOTH, ANA_BEN)) == 60
    boundary = only([d for d in found if d.kind == "boundary"])
    assert (boundary.transcript, boundary.a.code) == ("P03", "MEN-10")
    assert boundary.a.span.length < boundary.b.span.length


def test_the_sample_shows_which_definitions_meet():
    found = find_differences(BOTH, ANA_BEN)
    assert confusions(found) == (
        (("MEN-19", "MEN-23"), 3),
        (("MEN-08", "MEN-14"), 2),
        (("MEN-18", "MEN-24"), 1),
    )
    assert counts_by_code(found)["MEN-19"] == {"boundary": 0, "choice": 3, "omission": 1}
    assert not any(d.sibling for d in found), "all three pairs stand under different themes"


def test_differences_come_in_the_order_of_transcripts_and_text():
    found = find_differences(BOTH, ANA_BEN, transcripts=["P06", "P01"])
    assert [d.transcript for d in found] == ["P06"] * 2 + ["P01"] * 3
    assert [d.span for d in found[:2]] == sorted(d.span for d in found[:2])


def test_nearly_the_same_span_is_agreement_and_less_is_a_boundary():
    near = two(("ana", "2", 0, 100), ("ben", "2", 0, 90))
    far = two(("ana", "2", 0, 100), ("ben", "2", 0, 89))
    assert len(agreed(near, ANA_BEN)) == 1
    assert find_differences(near, ANA_BEN) == ()
    assert only(find_differences(far, ANA_BEN)).kind == "boundary"
    assert find_differences(far, ANA_BEN, same=0.8) == ()


def test_a_split_passage_is_one_boundary_a_piece():
    found = find_differences(
        two(("ana", "2", 0, 100), ("ben", "2", 0, 60), ("ben", "2", 65, 100)), ANA_BEN
    )
    assert [d.kind for d in found] == ["boundary", "boundary"]
    assert {d.a.span for d in found} == {Span(0, 100)}
    assert {d.b.span for d in found} == {Span(0, 60), Span(65, 100)}
    assert len({d.id for d in found}) == 2


def test_different_codes_on_one_passage_are_a_choice_near_or_far():
    near = only(find_differences(two(("ana", "1.1", 0, 50), ("ben", "1.2", 10, 60)), ANA_BEN))
    far = only(find_differences(two(("ana", "1.1", 0, 50), ("ben", "2", 10, 60)), ANA_BEN))
    roots = only(find_differences(two(("ana", "1", 0, 50), ("ben", "2", 0, 50)), ANA_BEN))
    assert (near.kind, near.sibling) == ("choice", True)
    assert (far.kind, far.sibling) == ("choice", False)
    assert (roots.kind, roots.sibling) == ("choice", False), "two roots have no parent"


def test_codes_that_share_too_little_are_two_omissions():
    found = find_differences(two(("ana", "1.1", 0, 50), ("ben", "2", 26, 80)), ANA_BEN)
    assert [(d.kind, d.a is None) for d in found] == [("omission", False), ("omission", True)]


def test_a_code_that_both_used_is_no_choice_against_an_extra_one():
    found = find_differences(
        two(("ana", "2", 0, 50), ("ben", "2", 0, 50), ("ben", "1.1", 0, 50)), ANA_BEN
    )
    difference = only(found)
    assert (difference.kind, difference.a, difference.b.code) == ("omission", None, "1.1")


def test_overlapping_codings_of_one_coder_are_one_passage_and_touching_ones_two():
    made = [coding("ana", "2", 0, 30), coding("ana", "2", 20, 60), coding("ana", "2", 60, 70)]
    first, second = united(made)
    assert first.span == Span(0, 60)
    assert first.quote == TEXT[0:60]
    assert first.id == made[0].id
    assert first.came_from == (made[0].id, made[1].id)
    assert second == made[2]


def test_a_transcript_that_one_coder_has_open_is_not_compared():
    made = replace(
        two(("ana", "2", 0, 50)), sealed=frozenset({("ana", "T")}), open=frozenset({("ben", "T")})
    )
    assert find_differences(made, ANA_BEN) == ()
    assert consensus(made) == ()


@pytest.mark.parametrize("coders", [("ana",), ("ana", "ana"), "ana", ("ana", "ben", "cem")])
def test_differences_are_between_two(coders):
    with pytest.raises(BadCommand, match="exactly two"):
        find_differences(BOTH, coders)


# --- decisions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        ("a", [("2", 0, 100)]),
        ("b", [("2", 50, 160)]),
        ("both", [("2", 0, 160)]),
        ("neither", []),
    ],
)
def test_a_boundary_is_settled_by_one_span_or_their_union(outcome, kept):
    made = two(("ana", "2", 0, 100), ("ben", "2", 50, 160))
    decision = decide(only(find_differences(made, ANA_BEN)), outcome, decided_by="lee")
    assert said(decision.result) == kept
    assert all(c.quote == TEXT[c.span.slice] for c in decision.result)


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        ("a", [("1.1", 0, 50)]),
        ("b", [("1.2", 10, 60)]),
        ("both", [("1.1", 0, 50), ("1.2", 10, 60)]),
        ("neither", []),
    ],
)
def test_a_choice_keeps_one_code_both_or_none(outcome, kept):
    made = two(("ana", "1.1", 0, 50), ("ben", "1.2", 10, 60))
    decision = decide(only(find_differences(made, ANA_BEN)), outcome, decided_by="lee")
    assert said(decision.result) == kept


@pytest.mark.parametrize(("outcome", "kept"), [("a", 0), ("b", 1), ("both", 1), ("neither", 0)])
def test_an_omission_goes_with_the_coder_who_has_it_or_the_one_who_has_not(outcome, kept):
    made = two(("ben", "2", 10, 60))
    decision = decide(only(find_differences(made, ANA_BEN)), outcome, decided_by="lee")
    assert len(decision.result) == kept


def test_a_new_coding_may_settle_a_difference():
    difference = only(find_differences(two(("ana", "1.1", 0, 50), ("ben", "1.2", 0, 50)), ANA_BEN))
    decision = decide(
        difference, "new", new=(Span(5, 40), "2", TEXT[5:40]), reason="both", decided_by="lee"
    )
    made = only(decision.result)
    assert (made.coder, made.code, made.span) == (CONSENSUS, "2", Span(5, 40))
    assert decision.settles == (difference.a.id, difference.b.id)
    assert set(made.came_from) == set(decision.settles)
    assert (decision.reason, decision.decided_by) == ("both", "lee")


@pytest.mark.parametrize(("outcome", "new"), [("new", None), ("a", (Span(0, 1), "2", "a"))])
def test_a_new_coding_and_its_outcome_go_together(outcome, new):
    difference = only(find_differences(two(("ana", "2", 0, 50)), ANA_BEN))
    with pytest.raises(BadCommand, match="new coding"):
        decide(difference, outcome, new=new, decided_by="lee")


def test_an_unknown_outcome_is_refused():
    difference = only(find_differences(two(("ana", "2", 0, 50)), ANA_BEN))
    with pytest.raises(BadCommand, match="not an outcome"):
        decide(difference, "later", decided_by="lee")


# --- consensus ------------------------------------------------------------------------------


def test_the_sample_settled_as_its_key_says_gives_the_gold_counts():
    """Gold is what the key's gold column holds: 10, 13, 19, 16 and 8 codings in five themes."""
    from tests.sample_key import rows

    gold = {
        row["segment"]: set(filter(None, row["gold"].split(";"))) for row in rows("answer_key.csv")
    }
    segment = {c.id: c.id.split("-", 1)[1].rsplit("-MEN", 1)[0] for c in BOTH}
    decisions = []
    for difference in find_differences(BOTH, ANA_BEN):
        a, b = difference.a, difference.b
        wanted = gold[segment[(a or b).id]]
        if difference.kind == "boundary":
            outcome = "b"
        else:
            outcome = {
                (True, True): "both",
                (True, False): "a",
                (False, True): "b",
                (False, False): "neither",
            }[bool(a and a.code in wanted), bool(b and b.code in wanted)]
        decisions.append(decide(difference, outcome, decided_by="lee"))
    found = consensus(BOTH, decisions)
    by_segment = {name: set() for name in gold}
    for settled in found:
        for source in settled.came_from:
            by_segment[segment[source]].add(settled.code)
    assert by_segment == gold
    assert len(found) == sum(len(codes) for codes in gold.values())


def test_progress_counts_what_is_settled():
    found = find_differences(BOTH, ANA_BEN)
    decisions = [decide(difference, "both", decided_by="lee") for difference in found[:5]]
    assert progress(found, [*decisions, decisions[0]]) == (5, 16)
    assert len(consensus(BOTH)) == 60
    assert len(consensus(BOTH, decisions)) > 60


def test_of_several_decisions_the_latest_holds():
    made = two(("ana", "2", 0, 50))
    difference = only(find_differences(made, ANA_BEN))
    yes, no = (decide(difference, outcome, decided_by="lee") for outcome in ("a", "neither"))
    assert said(consensus(made, [no, yes])) == [("2", 0, 50)]
    assert consensus(made, [yes, no]) == ()


def test_the_same_codings_and_decisions_make_the_same_consensus():
    first = [decide(d, "both", decided_by="lee") for d in find_differences(BOTH, ANA_BEN)]
    second = [decide(d, "both", decided_by="kim") for d in find_differences(BOTH, ANA_BEN)]
    assert consensus(BOTH, first) == consensus(BOTH, second)
    turned = replace(BOTH, codings=tuple(reversed(BOTH.codings)))
    order = [transcript.id for transcript in TEXTS]
    assert consensus(turned, first, transcripts=order) == consensus(
        BOTH, first, ("ben", "ana"), transcripts=order
    )


def test_an_agreed_pair_becomes_one_coding_over_both():
    made = two(("ana", "2", 0, 98), ("ben", "2", 2, 100))
    settled = only(consensus(made))
    assert (settled.coder, settled.span, settled.quote) == (CONSENSUS, Span(0, 100), TEXT[0:100])
    assert set(settled.came_from) == {c.id for c in made}


def test_the_pieces_of_a_split_passage_become_one_where_they_overlap():
    made = two(("ana", "2", 0, 100), ("ben", "2", 0, 60), ("ben", "2", 65, 100))
    first, second = find_differences(made, ANA_BEN)
    whole = consensus(
        made, [decide(first, "a", decided_by="l"), decide(second, "b", decided_by="l")]
    )
    assert said(whole) == [("2", 0, 100)]
    assert set(whole[0].came_from) == {"ana-T-2-0-100", "ben-T-2-65-100"}
    parts = consensus(made, [decide(d, "b", decided_by="l") for d in (first, second)])
    assert said(parts) == [("2", 0, 60), ("2", 65, 100)]


def test_a_transcript_of_one_coder_keeps_that_coders_codings():
    alone = CodingSet((coding("ana", "2", 0, 50),), frozenset({("ana", "T")}))
    settled = only(consensus(alone))
    assert (settled.coder, settled.came_from) == (CONSENSUS, ("ana-T-2-0-50",))
    assert consensus(alone, coders=ANA_BEN) == (settled,)


def test_each_transcript_may_have_its_own_two_coders():
    made = CodingSet(
        tuple(
            coding(coder, "2", 0, 50, transcript=name)
            for coder, name in (("ana", "T"), ("ben", "T"), ("ben", "U"), ("cem", "U"))
        ),
        frozenset({("ana", "T"), ("ben", "T"), ("ben", "U"), ("cem", "U")}),
    )
    assert [c.transcript for c in consensus(made)] == ["T", "U"]
    crowded = replace(made, sealed=made.sealed | {("cem", "T")})
    assert [c.transcript for c in consensus(crowded)] == ["U"], "cem left out what two have"
    assert [p.coders for p in find_passages(crowded)] == [("ana", "ben", "cem")]
    assert len(consensus(crowded, coders=ANA_BEN)) == 2


def test_a_decision_about_codings_no_longer_there_does_not_count():
    made = two(("ana", "2", 0, 50))
    decision = decide(only(find_differences(made, ANA_BEN)), "a", decided_by="lee")
    assert consensus(replace(made, codings=()), [decision]) == ()


def test_a_coding_that_was_carried_over_is_still_its_own_source():
    carried = replace(coding("ana", "2", 0, 50), came_from=("an older one",))
    made = CodingSet((carried,), frozenset({("ana", "T"), ("ben", "T")}))
    decision = decide(only(find_differences(made, ANA_BEN)), "a", decided_by="lee")
    assert decision.settles == (carried.id,)
    assert said(consensus(made, [decision])) == [("2", 0, 50)]


# --- laws -----------------------------------------------------------------------------------

drawn = st.lists(
    st.tuples(
        st.sampled_from(ANA_BEN),
        st.sampled_from(["1.1", "1.2", "2"]),
        st.integers(0, 200),
        st.integers(1, 60),
    ),
    max_size=20,
    unique=True,
).map(lambda rows: two(*[(coder, code, start, start + n) for coder, code, start, n in rows]))


@settings(deadline=None)
@given(drawn)
def test_every_coding_is_agreed_or_in_a_difference(made):
    found = find_differences(made, ANA_BEN)
    pairs = agreed(made, ANA_BEN)
    seen = {c.id for pair in pairs for c in pair}
    seen |= {c.id for d in found for c in (d.a, d.b) if c is not None}
    passages = {c.id for coder in ANA_BEN for c in united(x for x in made if x.coder == coder)}
    assert seen == passages
    assert len({d.id for d in found}) == len(found)
    for difference in found:
        if difference.kind == "omission":
            assert (difference.a is None) != (difference.b is None)
        else:
            assert difference.a.span.overlap(difference.b.span)
            assert (difference.a.code == difference.b.code) == (difference.kind == "boundary")


@settings(deadline=None)
@given(drawn, st.sampled_from(["a", "b", "both"]))
def test_a_consensus_quotes_its_text_and_carries_a_code_once(made, outcome):
    before = tuple(made)
    decisions = [decide(d, outcome, decided_by="lee") for d in find_differences(made, ANA_BEN)]
    settled = consensus(made, decisions)
    assert tuple(made) == before
    assert len({c.id for c in settled}) == len(settled)
    for c in settled:
        assert c.coder == CONSENSUS
        assert c.quote == TEXT[c.span.slice]
    for one in settled:
        assert not any(
            one is not other and one.code == other.code and one.span.overlap(other.span)
            for other in settled
        )
    if outcome == "both":
        covered = {(c.code, at) for c in settled for at in range(c.span.start, c.span.end)}
        assert covered == {(c.code, at) for c in made for at in range(c.span.start, c.span.end)}
