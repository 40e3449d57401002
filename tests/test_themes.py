"""Theme candidates: closed until sealed, the same for the same seed, and true to the text."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qualcode.errors import BadCommand, StillBlind
from qualcode.model import CONSENSUS, Coding, CodingSet, Transcript, Turn
from qualcode.spans import Span
from qualcode.themes import language as words_of
from qualcode.themes import minilm, one_voice, still_closed, suggest_themes
from qualcode.themes import vectors as vectors_of
from qualcode.themes.clusters import Together, usual_number
from qualcode.themes.labels import terms_of_groups
from qualcode.themes.passages import LONGEST, passages
from tests.sample_key import rows

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "transcripts_sample"
PEOPLE = ("P01", "P02", "P03", "P04")
TALK = {
    "MENTOR": (
        "My mentor and I met for coffee and I could trust her with a failed project.",
        "She was a good match, my mentor, and when I called she always picked up the phone.",
        "Um, you know, I trust my mentor because she listens, we talk over coffee every month.",
        "The mentor they gave me was no match at all, we had no trust and nothing to talk about.",
    ),
    "TIME": (
        "There is no protected time, the clinic load is full and the chief will not cut it.",
        "The budget was cut, so the clinic load grew and nobody has time for improvement work.",
        "We asked the chief for half a day of protected time and the budget did not allow it.",
        "With this clinic load I work on it in the evening, the chief never gave me any time.",
    ),
    "SHARE": (
        "We share small changes at rounds and colleagues from other sites bring a poster.",
        "A network would help us share posters, now every unit sits in its own silo.",
        "Colleagues never hear of our project, we need a network where the sites share their work.",
        "At grand rounds we share the poster and colleagues from the network ask about it.",
    ),
}


def interview(title: str, *answers: str, participant: str | None = None) -> Transcript:
    """A question before each answer; the title stands for the person when none is named."""
    text, turns = "", []
    for answer in answers:
        for speaker, said in (("I", "Could you tell me more about that?"), ("P", answer)):
            role = "interviewer" if speaker == "I" else "participant"
            turns.append(Turn(speaker, role, Span(len(text), len(text) + len(said))))
            text += said + "\n"
    return Transcript(title, text[:-1] if text else "", tuple(turns), participant=participant)


def study(people=PEOPLE) -> tuple[Transcript, ...]:
    """Each person says something of each matter, nobody in just the words of another."""
    ends = ("", " That is how it was.", " Well, that is my view.", " And so it goes on here.")
    return tuple(
        interview(
            person, *(said[(n + turn) % 4] + ends[n] for said in TALK.values() for turn in range(3))
        )
        for n, person in enumerate(people)
    )


def sealed(transcripts, *codings: Coding) -> CodingSet:
    pairs = frozenset((coder, t.id) for coder in ("ana", "ben") for t in transcripts)
    return CodingSet(tuple(codings), pairs)


def suggested(transcripts, **options):
    return suggest_themes(transcripts, sealed(transcripts), **options)


def in_words(found, transcripts):
    """A run without the identifiers that differ from one reading of the files to the next."""
    titles = {t.id: t.title for t in transcripts}

    def places(found):
        return [(titles[t], span.start, span.end) for t, span in found]

    return [
        (
            c.number,
            c.label,
            c.terms,
            c.participants,
            c.stability,
            places(c.passages),
            places(c.quotes),
        )
        for c in found
    ]


# -- the answer ------------------------------------------------------------------------------


def test_three_matters_become_three_candidates_that_are_named_by_their_words():
    texts = study()
    found = suggested(texts, clusters=3)
    assert len(found) == 3
    said = {
        frozenset(
            matter
            for t, span in candidate.passages
            for matter, lines in TALK.items()
            if next(x for x in texts if x.id == t).text[span.slice].startswith(lines)
        )
        for candidate in found
    }
    assert said == {frozenset({matter}) for matter in TALK}
    named = " ".join(term for candidate in found for term, _ in candidate.terms[:3])
    assert all(word in named for word in ("mentor", "clinic load", "colleagues"))
    assert all(1 <= len(candidate.label.split(", ")) <= 3 for candidate in found)


def test_the_same_seed_gives_the_same_answer_in_whatever_order_the_transcripts_come():
    texts = study()
    first = suggested(texts, seed=5)
    assert suggested(texts, seed=5) == first
    shuffled = list(texts)
    random.Random(3).shuffle(shuffled)
    assert suggested(shuffled, seed=5) == first
    again = study()  # read anew, with new identifiers
    assert in_words(suggested(again[::-1], seed=5), again) == in_words(first, texts)


def test_neither_the_hash_seed_nor_the_number_of_threads_changes_the_answer():
    script = (
        "from tests.test_themes import *; texts = study(); import json; "
        "print(json.dumps(in_words(suggested(texts), texts)))"
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
    texts = study()
    assert json.loads(answers.pop()) == json.loads(json.dumps(in_words(suggested(texts), texts)))


def test_the_first_answer_of_a_process_is_counted_in_one_thread_as_every_later_one():
    script = (
        "from qualcode.themes.clusters import one_thread\n"
        "from threadpoolctl import threadpool_info\n"
        "with one_thread():\n"
        "    import sklearn.neighbors, sklearn.decomposition, scipy.sparse.linalg, sknetwork\n"
        "    print({pool['num_threads'] for pool in threadpool_info()}, len(threadpool_info()))"
    )
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "4")
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **settings}, check=True,
    )  # fmt: skip
    threads, pools = run.stdout.strip().rsplit(" ", 1)
    assert threads == "{1}"
    assert int(pools) >= 2


def test_quotations_come_from_different_people_and_are_passages_of_the_candidate():
    texts = study()
    by_id = {t.id: t for t in texts}
    for candidate in suggested(texts):
        assert set(candidate.quotes) <= set(candidate.passages)
        people = [by_id[t].title for t, _ in candidate.quotes]
        assert len(people) == 4
        assert people[0] != people[1]
        half = candidate.passages[: max(4, len(candidate.passages) // 2)]
        assert {by_id[t].title for t, _ in half} <= set(people)


def test_every_passage_is_a_stretch_of_its_text_and_stands_in_one_place():
    texts = study()
    long = interview("P09", " ".join(f"{TALK['TIME'][n % 4]}" for n in range(40)), "Okay.")
    everything = (*texts, long)
    found = suggested(everything)
    by_id = {t.id: t for t in everything}
    for unit in found.units:
        assert by_id[unit.transcript].text[unit.span.slice] == unit.text == unit.text.strip()
        assert len(unit.text.split()) <= LONGEST
        turn = by_id[unit.transcript].turn_at(unit.span.start)
        assert turn.role == "participant"
        assert turn.span.contains(unit.span)
    placed = Counter(passage for candidate in found for passage in candidate.passages)
    alone = [(out.transcript, out.span) for out in found.left_out]
    assert set(placed.values()) == {1}
    assert {(unit.transcript, unit.span) for unit in found.units} <= set(placed) | set(alone)
    assert [by_id[t].text[span.slice] for t, span in alone] == ["Okay."]
    assert found.left_out[0].reason == "fewer than 4 content words"


def test_a_long_turn_is_cut_at_the_ends_of_sentences_and_nothing_is_lost():
    said = " ".join(f"Sentence number {n} has exactly eight words here." for n in range(60))
    without_stops = "\n".join("word" for _ in range(450))
    for answer, whole in ((said, True), (without_stops, False)):
        pieces = passages([interview("P01", answer)])
        assert len(pieces) == 3
        assert " ".join(" ".join(p.text.split()) for p in pieces) == " ".join(answer.split())
        assert all(piece.text.endswith(".") == whole for piece in pieces)
        assert max(len(p.text.split()) for p in pieces) <= LONGEST


def test_a_candidate_tells_which_share_of_its_passages_carries_a_code():
    texts = study()
    codings = []
    for t in texts:
        for turn in t.participant_turns:
            quote = t.text[turn.span.slice]
            if quote.startswith(TALK["MENTOR"]):
                # One coder marks the whole turn, the other a word; a third spills into it.
                codings.append(Coding(t.id, "ana", "TRUST", turn.span, quote))
                word = Span(turn.span.start, turn.span.start + 6)
                codings.append(Coding(t.id, "ben", "FIT", word, t.text[word.slice]))
                over = Span(turn.span.start - 30, turn.span.start + 3)
                codings.append(Coding(t.id, "ben", "SPILL", over, t.text[over.slice]))
    found = suggest_themes(texts, sealed(texts, *codings), clusters=3)
    [mentor] = [c for c in found if c.codes]
    assert mentor.codes == (("FIT", 1.0), ("TRUST", 1.0))
    settled = [
        replace(c, coder=CONSENSUS, code="SETTLED") for c in codings if c.code == "TRUST"
    ]  # fmt: skip
    found = suggest_themes(texts, sealed(texts, *codings, *settled), clusters=3)
    assert [c.codes for c in found if c.codes] == [(("SETTLED", 1.0),)]


def test_what_ran_is_named_and_the_run_can_be_repeated_from_its_parameters():
    texts = study()
    found = suggested(texts, seed=9, resamples=20)
    assert json.loads(json.dumps(found.parameters)) == found.parameters
    assert found.parameters["seed"] == 9
    assert found.parameters["passages"] == len(found.units) == 36
    assert found.vectors == "MiniLM sentence vectors and TF-IDF LSA"
    assert found.language in (*words_of.MODELS, words_of.BLANK)
    assert "seed 9" in found.sentence
    assert "20 random draws" in found.sentence
    assert f"{len(found)} candidates" in found.sentence
    wanted = {name: found.parameters[name] for name in ("clusters", "seed", "resamples")}
    assert suggested(texts, **wanted) == found


# -- closed until sealed ---------------------------------------------------------------------


def test_nothing_opens_while_somebody_still_codes_and_the_sentence_says_what_is_open():
    texts = study()
    closed = sealed(texts)
    still = (("ben", texts[1].id), ("ana", texts[2].id))
    codings = replace(closed, sealed=closed.sealed - set(still), open=frozenset(still))
    with pytest.raises(StillBlind, match=r"Still to be submitted .*: P02 and P03\.") as refusal:
        suggest_themes(texts, codings)
    assert "ben" not in str(refusal.value)
    assert [t.title for t in still_closed(texts, codings)] == ["P02", "P03"]
    suggest_themes([t for t in texts if t.title in {"P01", "P04"}], codings)


def test_a_transcript_that_nobody_has_submitted_is_closed_too():
    texts = study()
    with pytest.raises(StillBlind, match="P04"):
        suggest_themes(texts, sealed(texts[:3]))


def test_codings_without_their_seals_are_refused():
    with pytest.raises(StillBlind, match=r"study\.codings\(\)"):
        suggest_themes(study(), [])


# -- little text, odd text -------------------------------------------------------------------


def test_too_little_text_is_said_and_a_little_more_gives_candidates_with_a_warning():
    with pytest.raises(BadCommand, match=r"too little text for themes: 6 passages"):
        suggested([interview(p, TALK["TIME"][n], TALK["SHARE"][n]) for n, p in enumerate("ABC")])
    few = suggested(study(PEOPLE[:2]))
    assert len(few.units) == 18
    assert "18 passages" in few.warning
    assert suggested(study()).warning == ""


def test_identical_answers_are_a_sentence_and_not_a_crash():
    same = [interview(p, *[TALK["TIME"][0]] * 5) for p in PEOPLE]
    with pytest.raises(BadCommand, match="same words"):
        suggested(same)
    two = [interview(p, *[TALK["TIME"][0], TALK["SHARE"][0]] * 5) for p in PEOPLE]
    found = suggested(two, clusters=2)
    assert [len(c.passages) for c in found] == [20, 20]
    assert all(c.stability == pytest.approx(1.0) for c in found)


def test_one_participant_gives_candidates_of_one_voice_and_says_so():
    found = suggested([interview("P01", *(line for said in TALK.values() for line in said))])
    assert "one participant's" in found.warning
    assert all(one_voice(candidate) for candidate in found)
    assert not any(one_voice(candidate) for candidate in suggested(study()))


def test_two_interviews_with_one_person_are_one_voice():
    texts = [
        interview(
            f"P01 {time}", *(line for said in TALK.values() for line in said), participant="P01"
        )
        for time in ("before", "after")
    ]
    assert {c.participants for c in suggested(texts)} == {("P01",)}


def test_speakers_of_a_group_are_people_of_their_own():
    alone = interview("Group", *(line for said in TALK.values() for line in said))
    turns = [
        replace(turn, speaker=f"F{n % 4}") if turn.role == "participant" else turn
        for n, turn in enumerate(alone.turns)
    ]
    group = replace(alone, turns=tuple(turns))
    assert {unit.participant for unit in suggested([group]).units} == {"Group: F1", "Group: F3"}


def test_a_transcript_without_participant_turns_is_named_or_refused():
    silent = Transcript("Field note", "Nobody speaks here.", ())
    blank = Transcript("Empty", "", ())
    with pytest.raises(BadCommand, match="no participant's turn"):
        suggested([silent, blank])
    assert "Empty and Field note" in suggested((*study(), silent, blank)).warning
    with pytest.raises(BadCommand, match="no participant's turn"):
        suggested([])


@pytest.mark.parametrize(
    "options",
    [{"clusters": 1}, {"clusters": 13}, {"clusters": True}, {"seed": -1}, {"resamples": 1}],
)
def test_numbers_that_make_no_sense_are_refused_in_words(options):
    with pytest.raises(BadCommand):
        suggested(study(), **options)


def test_text_that_is_not_english_words_does_not_crash():
    odd = [
        "😀 " * 20,
        "一二三四五。" * 9,
        "12 34 56 78",
        "[inaudible 00:12:03]",
        "Ja, und dann? " * 6,
    ]
    found = suggested((*study(), interview("P09", *odd)))
    assert len(found) >= 2


# -- the parts -------------------------------------------------------------------------------


def test_fillers_and_transcribers_remarks_are_no_words():
    said = (
        "Um, so, you know, I mean, my mentor [laughs] was, like, kind of (inaudible) XXXX helpful."
    )
    [found] = words_of.language().words([said])
    assert [word.lemma for word in found] == ["mentor", "helpful"]


def test_without_a_model_words_stand_for_themselves_and_the_name_says_so(monkeypatch):
    monkeypatch.setattr(words_of, "MODELS", ("no_such_model",))
    words_of.language.cache_clear()
    try:
        found = suggested(study(), clusters=3)
        assert found.language == words_of.BLANK
        assert len(found) == 3
    finally:
        words_of.language.cache_clear()


def test_a_damaged_vector_table_is_not_used_and_the_lemmas_carry_on(monkeypatch):
    monkeypatch.setattr(vectors_of, "STATIC_SHA256", "0" * 64)
    monkeypatch.setattr(minilm, "MODEL_SHA256", "0" * 64)
    vectors_of._static_table.cache_clear()
    minilm._loaded.cache_clear()
    try:
        found = suggested(study(), clusters=3)
        assert found.vectors == "TF-IDF LSA"
        assert len(found) == 3
    finally:
        minilm._loaded.cache_clear()
        vectors_of._static_table.cache_clear()


def test_bundled_passages_give_the_groups_that_single_ones_give(monkeypatch):
    rows_of = vectors_of.unit(
        np.vstack([np.eye(6)[n % 3] for n in range(90)])
        + np.random.default_rng(0).normal(scale=0.15, size=(90, 6))
    )
    single = Together(rows_of, 3, seed=1, resamples=20).groups(3)
    monkeypatch.setattr("qualcode.themes.clusters.AT_ONCE", 50)
    monkeypatch.setattr("qualcode.themes.clusters.BUNDLES", 20)
    bundled = Together(rows_of, 3, seed=1, resamples=20)
    groups = bundled.groups(3)
    assert len(bundled.weights) <= 20
    assert bundled.weights.sum() == 90
    for labels in (single, groups):
        assert len(set(labels)) == 3
        assert all(len(set(labels[n::3])) == 1 for n in range(3))
    assert bundled.of_passages(groups).shape == (90, 3)


def test_the_pet_word_of_one_person_does_not_name_what_many_say():
    lines = [f"{line} Pharmacy, pharmacy, pharmacy." if n == 0 else line
             for n, line in enumerate(TALK["SHARE"])]  # fmt: skip
    words = words_of.language().words([*lines, *TALK["TIME"]])
    [first, _] = terms_of_groups(words, ["A", "B", "C", "D"] * 2, np.repeat([0, 1], 4))
    assert "pharmacy" not in dict(first)
    assert first[0][0] in {"share", "colleagues", "network", "poster"}


def test_the_package_is_cheap_to_import():
    script = "import sys, qualcode.themes; print({'spacy', 'sklearn', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_the_usual_number_grows_with_the_text_and_stays_readable():
    numbers = [usual_number(n) for n in range(8, 20_000)]
    assert numbers[0] == 2
    assert numbers == sorted(numbers)
    assert max(numbers) == 60


# -- the sample study ------------------------------------------------------------------------


def sample() -> tuple[Transcript, ...]:
    from qualcode import read_transcript

    files = sorted(path for path in SAMPLE.glob("P0*.*"))
    if len(files) != 6:
        pytest.skip("the six interviews of the sample study are not here yet")
    return tuple(read_transcript(path) for path in files)


def planted(texts) -> dict[tuple[str, Span], set[str]]:
    """The themes of each participant's turn by the answer key."""
    tree = {
        f"MEN-{n:02}": theme
        for theme, numbers in {
            "T1": range(1, 5), "T2": range(5, 10), "T3": range(10, 16), "T4": range(16, 23),
            "T5": range(23, 25),
        }.items()
        for n in numbers
    }  # fmt: skip
    turns = {t.title: iter(t.participant_turns) for t in texts}
    ids = {t.title: t.id for t in texts}
    return {
        (ids[row["transcript"]], next(turns[row["transcript"]]).span): {
            tree[code] for code in row["gold"].split(";") if code
        }
        for row in rows("answer_key.csv")
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_most_of_the_planted_themes_of_the_sample_study_are_found_again(seed):
    texts = sample()
    key = planted(texts)
    found = suggested(texts, seed=seed)

    def themes(passage):
        return next(
            themes
            for (t, span), themes in key.items()
            if t == passage[0] and span.contains(passage[1])
        )

    recovered: Counter[str] = Counter()
    for candidate in found:
        counts = Counter(theme for p in candidate.passages for theme in themes(p))
        coded = sum(1 for p in candidate.passages if themes(p))
        recovered.update({theme: n for theme, n in counts.items() if 2 * n > coded})
    total = Counter(t for u in found.units for t in themes((u.transcript, u.span)))
    shares = {theme: recovered[theme] / total[theme] for theme in ("T2", "T3", "T4")}
    assert min(shares.values()) >= 0.6, shares
    assert sum(shares.values()) / 3 >= 0.75, shares


def test_a_model_with_other_weights_is_not_used() -> None:
    from qualcode.languages import weights_are_known
    from qualcode.themes import language

    name = language.MODELS[0]
    assert weights_are_known(name, language.WEIGHTS[name])
    assert not weights_are_known(name, {"tok2vec/model": "0" * 64})
    assert weights_are_known("a_model_of_ones_own", language.WEIGHTS.get("a_model_of_ones_own"))


# -- nested views ------------------------------------------------------------------------------


def test_each_view_lies_whole_inside_the_coarser_one():
    texts = sample()
    found = suggested(texts)
    assert len(found.coarse) < len(found) < len(found.fine)
    for above, below in ((found.coarse, found.candidates), (found.candidates, found.fine)):
        for candidate in below:
            if candidate.within:
                holder = above[candidate.within - 1]
                assert set(candidate.passages) <= set(holder.passages)
    assert {c.within for c in found.coarse} == {0}
    assert sum(1 for c in found.candidates if c.within) >= len(found) - 1


def test_passages_at_the_edge_are_of_the_candidate_and_not_among_the_typical():
    for candidate in suggested(sample()):
        assert set(candidate.edge) <= set(candidate.passages) - set(candidate.quotes)
        assert len(candidate.edge) <= 2
