"""What a candidate shows: why it belongs together, its light, who says it, and pairs to look at."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from qualcode.errors import BadCommand, StillBlind
from qualcode.model import Attribute, Coding, CodingSet, Participant
from qualcode.themes import contradictions, light_of, near_duplicates, space_of, spread
from qualcode.themes.labels import Wording, names_of_groups
from qualcode.themes.language import language
from qualcode.themes.lights import LIGHTS
from tests.test_theme_lenses import coded
from tests.test_themes import TALK, interview, sealed, study, suggested


def test_the_sentence_of_why_counts_the_passages_that_hold_one_of_its_words():
    texts = study()
    by_id = {t.id: t.text for t in texts}
    for view in ("coarse", "medium", "fine"):
        for candidate in suggested(texts).view(view):
            [(holding, of)] = re.findall(r"(\d+) of (\d+) passages hold", candidate.why)
            assert int(of) == len(candidate.passages)
            terms = [term for term, _ in candidate.terms[:4]]
            assert all(f"“{term}” (" in candidate.why for term in terms)
            said = [by_id[t][span.slice].casefold() for t, span in candidate.passages]
            # A passage may hold another form of the word, never fewer than hold the word itself.
            assert int(holding) >= sum(
                any(term.casefold() in text for term in terms) for text in said
            )


def test_no_two_labels_of_a_view_are_alike():
    said = ["The clinic load is full.", "The mentor listens well.", "The poster hangs there."]
    words = language().words([*said * 4])
    for labels in ([0, 1, 2] * 4, list(range(12))):
        names = names_of_groups(words, ["A", "B"] * 6, np.asarray(labels))
        told = [name.label for name in names]
        assert len(set(told)) == len(told) == len(set(labels))


def test_a_label_says_no_name_of_a_person_and_no_title_of_a_file():
    said = [f"{line} Maria Quist helps, Maria Quist and the Budget Talk." for line in TALK["TIME"]]
    texts = [interview("Budget Talk", *said, *TALK["MENTOR"], participant="Maria Quist"), *study()]
    found = suggested(texts)
    for view in (found.coarse, found.candidates, found.fine):
        for candidate in view:
            told = " ".join([candidate.label, candidate.why]).casefold()
            assert not {"maria", "quist"} & set(re.findall(r"\w+", told))
            assert "budget talk" not in told


def test_words_of_several_phrases_make_no_phrase():
    said = ["We asked for protected time when the clinic chief visited."] * 3
    phrases = language().noun_phrases(said)
    if not phrases:
        pytest.skip("no model that parses is installed")
    assert phrases["protect", "time"] or phrases["protected", "time"]
    assert phrases["clinic", "chief"]
    assert not phrases["chief", "visit"]
    words = language().words([*said, "The mentor listens.", "A mentor talks.", "My mentor came."])
    [name, _] = names_of_groups(words, list("ABCABC"), np.repeat([0, 1], 3), Wording(phrases))
    assert "protected time" in dict(name.terms)


def test_a_light_shines_from_its_threshold_up_and_says_what_it_was_worth():
    assert [light_of(light.least) for light in LIGHTS] == list(LIGHTS)
    assert light_of(1.0).name == LIGHTS[0].name
    assert light_of(-1.0) == LIGHTS[-1]
    assert [light.purity for light in LIGHTS] == sorted((x.purity for x in LIGHTS), reverse=True)
    for light in LIGHTS:
        assert f"{light.purity:.0%}" in light.sentence


def test_people_are_counted_of_all_and_by_group_with_those_not_known_apart():
    [candidate, *_] = suggested(study(), clusters=3)
    band = Attribute("years", "band", ("0-4", "5-9", "10+"))
    people = [
        Participant("P01", {"years": "5-9"}),
        Participant("P02", {"years": "0-4"}),
        Participant("P03", {"years": ""}),
        Participant("P04", {"years": "5-9"}),
        Participant("P05", {"years": "5-9"}),
        Participant("P06", {"years": "0-4"}, status="withdrew"),
    ]
    found = spread(candidate, people, band)
    assert (found.n, found.of) == (4, 5)
    assert [(g.value, g.n, g.of) for g in found.groups] == [
        ("0-4", 1, 1),
        ("5-9", 2, 3),
        ("10+", 0, 0),
        ("", 1, 1),
    ]
    assert sum(g.of for g in found.groups) == found.of
    assert str(spread(candidate, ["P01", "P09"])) == "4 of 5 participants"
    assert [g.value for g in spread(candidate, people, "years").groups] == ["0-4", "5-9", ""]


def test_quotations_come_from_two_people_even_where_they_say_the_same():
    same = [interview(p, *[TALK["TIME"][0], TALK["SHARE"][0]] * 5) for p in ("P01", "P02")]
    for candidate in suggested(same, clusters=2):
        assert {t for t, _ in candidate.quotes} == {t.id for t in same}


def test_nearly_the_same_words_of_two_people_are_shown_as_a_pair():
    texts = study()
    found = near_duplicates(texts, sealed(texts), least=0.9)
    assert found.total == len(found) > 0
    for twins in found:
        assert twins.one.participant != twins.other.participant
        assert 0.9 <= twins.similarity <= 1
    values = [twins.similarity for twins in found]
    assert values == sorted(values, reverse=True)
    assert len(near_duplicates(texts, sealed(texts), least=0.9, limit=2)) == 2
    alone = [interview("P01", *[TALK["TIME"][0]] * 6, *TALK["SHARE"])]
    assert near_duplicates(alone, sealed(alone)).total == 0


def test_a_passage_that_one_coder_left_without_the_code_of_the_other_is_shown():
    texts = study()
    ana, ben = coded(texts, "TIME"), coded(texts, "TIME", coder="ben")
    missed = ben.pop(4)
    found = contradictions(texts, sealed(texts, *ana, *ben))
    assert [(c.code, c.put_by, c.left_by, c.same_passage) for c in found] == [
        ("TIME", "ana", "ben", True)
    ]
    assert (found[0].left.transcript, found[0].left.span) == (missed.transcript, missed.span)
    assert found[0].near > 0.7
    own = {(c.transcript, c.span) for c in ben}
    assert (found[0].precedent.transcript, found[0].precedent.span) in own
    assert contradictions(texts, sealed(texts, *ana, *ben), code="SHARE").total == 0


def test_passages_that_only_one_coder_read_are_compared_with_very_similar_ones():
    texts = study()
    ana = [c for c in coded(texts, "TIME") if c.transcript in {texts[0].id, texts[1].id}]
    pairs = frozenset(("ana" if n < 2 else "ben", t.id) for n, t in enumerate(texts))
    found = contradictions(texts, CodingSet(tuple(ana), pairs), least=0.8)
    assert len(found) > 0
    for pair in found:
        assert (pair.put_by, pair.left_by, pair.same_passage) == ("ana", "ben", False)
        assert pair.similarity == pair.near >= 0.8


def test_settled_codings_are_nobody_s_in_a_contradiction():
    texts = study()
    settled = [replace(c, coder="consensus") for c in coded(texts, "TIME")]
    assert contradictions(texts, sealed(texts, *settled)).total == 0


def test_lenses_stay_closed_until_everybody_has_submitted():
    texts = study()
    half = CodingSet((), frozenset({("ana", texts[0].id)}))
    for lens in (near_duplicates, contradictions):
        with pytest.raises(StillBlind):
            lens(texts, half)


def test_numbers_of_a_lens_that_make_no_sense_are_refused_in_words():
    texts = study()
    alone = CodingSet((), frozenset(("ana", t.id) for t in texts))
    with pytest.raises(BadCommand, match="at least two must have submitted"):
        contradictions(texts, alone)
    for options in ({"least": 0.1}, {"least": float("nan")}, {"limit": 0}, {"limit": True}):
        with pytest.raises(BadCommand):
            near_duplicates(texts, sealed(texts), **options)


def test_lenses_are_the_same_in_whatever_order_the_transcripts_come():
    texts = study()
    codings = sealed(texts, *coded(texts, "TIME"), *coded(texts[:2], "SHARE", coder="ben"))
    for lens in (near_duplicates, contradictions):
        assert lens(texts, codings) == lens(texts[::-1], codings)
    assert space_of(texts).warning == ""


def test_a_code_is_a_coding_of_one_coder_and_not_of_the_other_with_the_same_name():
    texts = study()
    other = [Coding(c.transcript, "ben", "OTHER", c.span, c.quote) for c in coded(texts, "TIME")]
    found = contradictions(texts, sealed(texts, *coded(texts, "TIME"), *other), limit=100)
    assert {(c.code, c.put_by) for c in found} == {("TIME", "ana"), ("OTHER", "ben")}
    assert found.total == 24
