"""Gaps in the codebook and more like this: what they find, what they refuse, and that they hold."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from qualcode.errors import BadCommand, StillBlind
from qualcode.model import Coding, CodingSet
from qualcode.themes import find_gaps, more_like_this, space_of
from tests.test_themes import ROOT, TALK, sealed, study


def coded(texts, *matters: str, coder: str = "ana") -> list[Coding]:
    """Every participant's turn of these matters, coded with the matter's name."""
    turns = [(matter, n) for matter in TALK for n in range(3)]
    return [
        Coding(text.id, coder, matter, turn.span, text.text[turn.span.slice])
        for text in texts
        for (matter, _), turn in zip(turns, text.participant_turns, strict=True)
        if matter in matters
    ]


def of_matter(texts, matter: str) -> set[tuple[str, object]]:
    return {(c.transcript, c.span) for c in coded(texts, matter)}


@pytest.mark.parametrize("hidden", list(TALK))
def test_the_matter_that_no_code_covers_is_the_first_gap(hidden):
    texts = study()
    found = find_gaps(texts, sealed(texts, *coded(texts, *(set(TALK) - {hidden}))))
    assert found.uncoded == 12
    assert found.passages == 36
    first = found[0].candidate
    assert set(first.passages) <= of_matter(texts, hidden)
    assert first.codes == ()
    assert found[0].novelty > 0
    assert [gap.novelty for gap in found] == sorted((g.novelty for g in found), reverse=True)


def test_without_any_coding_everything_is_a_gap():
    texts = study()
    found = find_gaps(texts, sealed(texts))
    assert found.uncoded == found.passages == 36
    assert len(found) >= 2


def test_where_all_is_coded_the_sentence_says_so():
    texts = study()
    with pytest.raises(BadCommand, match="Only 0 of 36 passages carry no code"):
        find_gaps(texts, sealed(texts, *coded(texts, *TALK)))


def test_gaps_stay_closed_until_everybody_has_submitted():
    texts = study()
    codings = CodingSet((), frozenset({("ana", texts[0].id)}))
    with pytest.raises(StillBlind):
        find_gaps(texts, codings)


def test_gaps_are_the_same_for_the_same_seed_in_any_order():
    texts = study()
    codings = sealed(texts, *coded(texts, "TIME"))
    assert find_gaps(texts, codings) == find_gaps(texts[::-1], codings)


@pytest.mark.parametrize("matter", list(TALK))
def test_more_like_this_finds_the_other_passages_of_the_matter_first(matter):
    texts = study()
    examples = coded(texts, matter)[:4]
    found = more_like_this(texts, examples, matter, limit=8)
    wanted = of_matter(texts, matter)
    hits = [(like.passage.transcript, like.passage.span) in wanted for like in found]
    assert sum(hits) >= 7, hits
    assert found.examples == 4
    assert not {(c.transcript, c.span) for c in examples} & {
        (like.passage.transcript, like.passage.span) for like in found
    }


def test_rejected_passages_do_not_come_back_and_push_their_like_down():
    texts = study()
    examples = [*coded(texts, "MENTOR")[:2], *coded(texts, "TIME")[:2]]
    both = [replace(c, code="X") for c in examples]
    time = sorted(of_matter(texts, "TIME") - {(c.transcript, c.span) for c in both}, key=str)
    rejected, left = time[:5], time[5:]
    before = more_like_this(texts, both, "X", limit=99)
    after = more_like_this(texts, both, "X", rejected=rejected, limit=99)

    def places(found) -> list[tuple[str, object]]:
        return [(like.passage.transcript, like.passage.span) for like in found]

    def share_above(found) -> float:
        """How much of the rest stands above the passages of the rejected matter."""
        order = [place for place in places(found) if place not in rejected]
        return sum(order.index(place) for place in left) / len(order)

    assert not set(rejected) & set(places(after))
    assert share_above(after) > share_above(before)
    assert after.parameters["rejected"] == 5


def test_one_example_is_too_few_and_the_sentence_says_what_to_do():
    texts = study()
    with pytest.raises(BadCommand, match="code at least 2 passages with it first"):
        more_like_this(texts, coded(texts, "TIME")[:1], "TIME", name="Time")


def test_neither_the_hash_seed_nor_the_number_of_threads_changes_what_is_found():
    script = (
        "from tests.test_theme_lenses import *; from qualcode.themes import *; texts = study()\n"
        "ana, ben = coded(texts, 'TIME'), coded(texts[:2], 'SHARE', coder='ben')\n"
        "codings = sealed(texts, *ana, *ben); titles = {t.id: t.title for t in texts}\n"
        "at = lambda p: (titles[p.transcript], p.span.start)\n"
        "print([(g.candidate.label, g.novelty, g.sentence) for g in find_gaps(texts, codings)])\n"
        "print([(at(s.passage), s.score) for s in more_like_this(texts, ana[:4], 'TIME')])\n"
        "print([(at(t.one), at(t.other), t.similarity) for t in near_duplicates(texts, codings)])\n"
        "print([(at(c.left), at(c.put), c.near) for c in contradictions(texts, codings)])"
    )
    answers = set()
    for seed, threads in (("1", "1"), ("77", "4")):
        settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
        run = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, **settings, "PYTHONHASHSEED": seed}, check=True,
        )  # fmt: skip
        answers.add(run.stdout)
    assert len(answers) == 1
    assert all(line != "[]" for line in answers.pop().splitlines())


def test_only_the_codings_that_are_handed_over_are_learned_from():
    """What a coder may see is decided before; another's layer plays no part."""
    texts = study()
    own = coded(texts, "SHARE")[:4]
    assert more_like_this(texts, own, "SHARE") == more_like_this(texts, tuple(own), "SHARE")
    examples = {(c.transcript, c.span) for c in own}
    others = {
        unit for unit in space_of(texts).units if (unit.transcript, unit.span) not in examples
    }
    found = more_like_this(texts, own, "SHARE", limit=99)
    assert {like.passage for like in found} == others
