"""Rounds: pilots and repeats, who is given what, sealing, reopening, and what was not blind."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from qualcode.codebook import Codebook
from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    Sealed,
    StillBlind,
)
from qualcode.model import Code, Coding, Member, Seat, Transcript, new_id
from qualcode.planning import plan_round
from qualcode.reconciliation import consensus, decide, find_differences
from qualcode.spans import Span
from qualcode.store import Study, open_study

from .conftest import ANA, BEN, CODES, LEA, WORDS, add, coded, interview

AUTHOR = Seat("paul", frozenset({"author"}))
AUDITOR = Seat("sue", frozenset({"auditor"}))
STEWARD = Seat("stef", frozenset({"steward"}))


@pytest.fixture
def lead(two_coders: Study) -> Study:
    return two_coders.seated(LEA)


def states(study: Study, round: str = "main") -> dict[tuple[str, str], str]:
    titles = study.titles()
    return {(a.coder, titles[a.transcript]): a.state for a in study.assignments(round=round)}


def pair_state(study: Study, title: str, round: str = "main") -> str:
    titles = study.titles()
    (found,) = [p.state for p in study.pairs(round=round) if titles[p.transcript] == title]
    return found


def submit_all(study: Study, *titles: str, round: str = "main") -> None:
    for seat in (ANA, BEN):
        study.seated(seat).submit(*titles, round=round)


# -- plans -------------------------------------------------------------------------------------


@drawn(
    sizes=st.lists(st.integers(1, 40), max_size=30),
    coders=st.sampled_from([["ana"], ["ana", "ben"], ["ana", "ben", "cleo"]]),
    share=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_every_transcript_is_given_and_the_share_to_all(
    sizes: list[int], coders: list[str], share: float, seed: int
) -> None:
    texts = [Transcript(f"P{n}", "word " * size, (), id=f"id{n}") for n, size in enumerate(sizes)]
    plan = plan_round(texts, coders, share=share, seed=seed)
    holders: dict[str, list[str]] = {text.id: [] for text in texts}
    for coder, places in plan.given.items():
        assert len(set(places)) == len(places)
        for place in places:
            holders[place].append(coder)
    whole = sum(len(found) == len(coders) for found in holders.values())
    assert all(found for found in holders.values())
    assert whole >= share * len(texts) - 1e-6
    if len(coders) > 1:
        assert {place for place, found in holders.items() if len(found) > 1} == plan.double
        assert all(len(found) in (1, len(coders)) for found in holders.values())
    assert plan == plan_round(texts, coders, share=share, seed=seed)


def test_another_seed_is_another_draw_and_another_order() -> None:
    texts = [Transcript(f"P{n}", "word", (), id=f"id{n}") for n in range(12)]
    plans = [plan_round(texts, ["ana", "ben"], share=0.25, seed=seed) for seed in (1, 2)]
    assert plans[0].double != plans[1].double
    first = plan_round(texts, ["ana", "ben"], seed=1)
    assert first.given["ana"] != first.given["ben"]
    assert sorted(first.given["ana"]) == sorted(first.given["ben"])
    straight = plan_round(texts, ["ana", "ben"], shuffled=False)
    assert list(straight.given["ana"]) == [text.id for text in texts]


def test_the_rest_is_shared_out_by_words() -> None:
    texts = [Transcript(f"P{n}", "word " * n * 100, (), id=f"id{n}") for n in range(1, 9)]
    plan = plan_round(texts, ["ana", "ben"], double=["id8"], seed=3)
    words = {text.id: text.words for text in texts}
    loads = [sum(words[place] for place in places) for places in plan.given.values()]
    assert abs(loads[0] - loads[1]) <= 100
    assert "1 of 8 listed for all coders" in plan.how
    assert plan.share_of_words == pytest.approx(8 / 36)


@pytest.mark.parametrize(
    ("coders", "more"), [([], {}), (["ana"], {"share": 1.2}), (["ana"], {"double": ["P9"]})]
)
def test_a_plan_that_cannot_be_is_refused(coders: list[str], more: dict[str, Any]) -> None:
    with pytest.raises(BadCommand):
        plan_round([Transcript("P1", "Yes.", ())], coders, **more)


def test_a_plan_is_kept_in_its_order_with_its_seed(lead: Study) -> None:
    plan = plan_round(lead.transcripts(), ["ana", "ben"], share=0.3, seed=5)
    lead.give(plan.given, only=True, seed=5, how=plan.how)
    for coder, places in plan.given.items():
        mine = sorted((a for a in lead.assignments() if a.coder == coder), key=lambda a: a.position)
        assert [a.transcript for a in mine] == list(places)
    (line,) = lead.history("assign")
    assert line["details"]["seed"] == 5
    assert not lead.round("main").gives_all
    lead.add(interview("P04", "More words."))
    assert "P04" not in {title for _, title in states(lead)}, "a planned round is left as it is"


def test_planning_anew_takes_nothing_from_who_has_begun(lead: Study) -> None:
    coded(lead, ANA, "P01", 0, 3)
    places = {title: place for place, title in lead.titles().items()}
    lead.give({"ben": [places["P02"]]}, only=True)
    assert states(lead) == {("ana", "P01"): "in_progress", ("ben", "P02"): "assigned"}


def test_only_a_lead_plans_and_only_coders_are_given_something(lead: Study) -> None:
    place = next(iter(lead.titles()))
    for act in (
        lambda s: s.give({"ana": [place]}),
        lambda s: s.add_round("Pilot", kind="pilot"),
        lambda s: s.take_back(place, "ben", reason="x"),
        lambda s: s.reopen(place, "ben", reason="x"),
        lambda s: s.close_round("main"),
        lambda s: s.hold_round("main", "0.1"),
        lambda s: s.set_roles("ana", {"lead"}),
        lambda s: s.lock_consensus({place: []}),
    ):
        for seat in (ANA, AUTHOR, AUDITOR, STEWARD):
            with pytest.raises(NotAllowed):
                act(lead.seated(seat))
    with pytest.raises(NotInStudy):
        lead.give({"lea": [place]})
    with pytest.raises(NotInStudy):
        lead.give({"ana": ["nowhere"]})


# -- pilot, main, repeat -----------------------------------------------------------------------


def test_a_pilot_is_compared_while_the_main_round_waits(lead: Study) -> None:
    pilot = lead.add_round("Pilot 1", kind="pilot")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=pilot.id)
    assert ("ana", "P01") not in states(lead), "what is discussed in a pilot leaves the main round"
    coding = add(lead.transcript("P01"), 11, 22, "C3")
    assert lead.seated(ANA).apply("P01", [coding], round=pilot.id).rejected == ()
    with pytest.raises(NotAllowed):
        lead.seated(ANA).apply("P01", [add(lead.transcript("P01"), 0, 3)])
    submit_all(lead, "P01", round=pilot.id)
    for seat in (LEA, ANA, BEN):
        found = lead.seated(seat).codings(round=pilot.id)
        assert [c.round for c in found] == [pilot.id]
        assert len(found.sealed) == 2
        assert lead.seated(seat).codings().codings == (), "never among the main figures"
    assert lead.seated(BEN).sight().own_open == 2, "the main round is still blind"
    assert pair_state(lead, "P01", pilot.id) == "both_submitted"
    lead.compared(round=pilot.id)
    assert pair_state(lead, "P01", pilot.id) == "compared"


def test_a_pilot_closes_with_a_change_or_with_a_note(lead: Study) -> None:
    pilot = lead.add_round("Pilot 1", kind="pilot")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=pilot.id)
    with pytest.raises(NotAllowed, match="not submitted"):
        lead.close_round(pilot.id)
    submit_all(lead, "P01", round=pilot.id)
    with pytest.raises(BadCommand, match="note"):
        lead.close_round(pilot.id)
    lead.set_codebook(lead.codebook().with_code(Code("C4", "Humour", parent="T1")))
    lead.close_round(pilot.id)
    assert lead.round("Pilot 1").is_closed
    for act in (
        lambda: lead.close_round(pilot.id),
        lambda: lead.give({"ana": ["P02"]}, round=pilot.id),
        lambda: lead.hold_round(pilot.id, "0.2"),
        lambda: lead.reopen("P01", "ana", reason="x", round=pilot.id),
    ):
        with pytest.raises(QualcodeError):
            act()


def test_a_transcript_of_a_pilot_is_not_blind_in_the_main_round(lead: Study) -> None:
    pilot = lead.add_round("Pilot 1", kind="pilot")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=pilot.id)
    submit_all(lead, "P01", round=pilot.id)
    lead.give({"ana": ["P01"], "ben": ["P01"]})
    place = lead.transcript("P01").id
    assert lead.codings().not_blind == {place: "coded together in the pilot"}
    assert lead.seated(ANA).codings(round=pilot.id).codings == ()


def test_a_round_is_held_to_its_codebook(lead: Study) -> None:
    assert lead.round("main").version == ""
    lead.hold_round("main", "0.1")
    lead.set_codebook(lead.codebook().with_code(Code("C4", "Humour", parent="T1")))
    assert [(v["version"], v["state"]) for v in lead.versions()] == [
        ("0.1", "frozen"),
        ("1.0", "draft"),
    ]
    new = add(lead.transcript("P01"), 0, 3, "C4")
    assert lead.seated(ANA).apply("P01", [new]).rejected != ()
    lead.hold_round("main", "1.0")
    assert lead.seated(ANA).apply("P01", [{**new, "op_id": new_id()}]).rejected == ()
    assert [v["state"] for v in lead.versions()] == ["superseded", "frozen"]
    with pytest.raises(NotInStudy):
        lead.hold_round("main", "9.9")


def test_a_version_s_number_says_whether_coding_may_change(lead: Study) -> None:
    def change(**fields: Any) -> str:
        book = lead.codebook()
        codes = tuple(replace(c, **fields) if c.id == "C1" else c for c in book.codes)
        return lead.set_codebook(Codebook(codes)).version

    assert change(when_to_use="Drafted") == "0.2"
    lead.hold_round("main", "0.2")
    assert change(name="Trusting") == "0.2.1"
    assert change(example="I trust her with things that matter a great deal to me.") == "0.2.2"
    assert change(when_to_use="Lived only") == "1.0"
    assert change(color="#E15759") == "1.1"
    assert change(when_not_to_use="Wished") == "2.0"


def test_the_first_submission_holds_the_main_round_to_its_codebook(lead: Study) -> None:
    coded(lead, ANA, "P01", 0, 3)
    assert lead.round("main").version == ""
    lead.seated(ANA).submit("P01")
    assert lead.round("main").version == "0.1"


def test_whoever_codes_again_does_not_see_what_they_made_before(lead: Study) -> None:
    first = coded(lead, ANA, "P01", 11, 22)
    submit_all(lead, *WORDS)
    again = lead.add_round("Drift", kind="repeat")
    lead.give({"ana": ["P01"]}, round=again.id)
    ana = lead.seated(ANA)
    place = lead.transcript("P01").id
    assert ana.codings().codings == ana.codings(coders=["ana"]).codings == ()
    assert first not in str(ana.history()) + str(ana.decisions())
    second = add(lead.transcript("P01"), 11, 22)
    assert ana.apply("P01", [second], round=again.id).rejected == (), "the same passage once more"
    assert [c.id for c in ana.codings(round=again.id)] == [second["coding"]["id"]]
    assert lead.codings(round=again.id).codings == ()
    assert [c.id for c in lead.codings()] == [first], "the lead had seen it before"
    ana.submit("P01", round=again.id)
    assert [c.id for c in ana.codings()] == [first]
    assert [c.id for c in lead.codings(round=again.id)] == [second["coding"]["id"]]
    assert (place, "ana") in {(c.transcript, c.coder) for c in lead.codings(round=again.id)}


def test_another_s_act_in_another_round_is_refused(lead: Study) -> None:
    mine = coded(lead, ANA, "P01", 0, 3)
    pilot = lead.add_round("Pilot", kind="pilot")
    lead.give({"ana": ["P02"]}, round=pilot.id)
    remove = {"op": "remove", "op_id": new_id(), "id": mine}
    assert lead.seated(ANA).apply("P02", [remove], round=pilot.id).rejected != ()
    with pytest.raises(NotAllowed):
        lead.seated(ANA).apply("P01", [remove], round=pilot.id)
    with pytest.raises(NotInStudy):
        lead.seated(ANA).apply("P01", [remove], round="nowhere")
    with pytest.raises(AlreadyInStudy):
        lead.add_round(" pilot ", kind="repeat")
    with pytest.raises(BadCommand):
        lead.add_round("Main 2", kind="main")


# -- before submitting -------------------------------------------------------------------------


def test_the_list_before_submitting_has_unopened_turns_and_doubts(lead: Study) -> None:
    ana = lead.seated(ANA)
    assert ana.unfinished("P01").unopened == (1,), "turn 0 is the interviewer's"
    act = add(lead.transcript("P01"), 11, 22)
    act["coding"]["uncertain"] = True
    seen = {"op": "seen", "op_id": new_id(), "turns": [0, 1]}
    applied = ana.apply("P01", [act, seen])
    assert applied.rejected == ()
    left = ana.unfinished("P01")
    assert left.unopened == ()
    assert [c.id for c in left.doubts] == [act["coding"]["id"]]
    doubt = {"op": "doubt", "op_id": new_id(), "id": act["coding"]["id"], "uncertain": False}
    assert ana.apply("P01", [doubt]).rejected == ()
    assert ana.unfinished("P01").doubts == ()
    (mine,) = [a for a in ana.assignments() if a.coder == "ana" and a.seen]
    assert (mine.seen, mine.turns) == (1, 1)
    assert [a.seen for a in lead.assignments() if a.coder == "ana"] == [1, 0, 0]
    assert not any(a.seen for a in lead.seated(BEN).assignments())


@pytest.mark.parametrize(
    "act",
    [
        {"op": "seen", "turns": "all"},
        {"op": "seen", "turns": [-1]},
        {"op": "seen", "turns": ["1"]},
        {"op": "seen", "turns": [None]},
        {"op": "seen"},
        {"op": "doubt", "id": "x", "uncertain": True},
        {"op": "doubt", "uncertain": True},
        {"op": "doubt", "id": new_id(), "uncertain": "yes"},
    ],
)
def test_a_malformed_mark_is_refused(lead: Study, act: dict[str, Any]) -> None:
    ana = lead.seated(ANA)
    coded(lead, ANA, "P01", 0, 3)
    assert len(ana.apply("P01", [{"op_id": new_id(), **act}]).rejected) == 1
    assert ana.unfinished("P01").unopened == (1,)


def test_reading_alone_is_no_beginning(lead: Study) -> None:
    seen = {"op": "seen", "op_id": new_id(), "turns": [1, 99]}
    lead.seated(ANA).apply("P01", [seen])
    assert states(lead)["ana", "P01"] == "assigned"
    lead.seated(ANA).apply("P01", [{**seen, "turns": [1]}])
    lead.seated(ANA).apply("P01", [{**seen, "turns": [1]}])
    assert len(lead.seated(ANA).history("open_transcript")) == 1
    assert lead.history("open_transcript") == []
    assert states(lead)["ana", "P01"] == "assigned"


def test_what_was_discussed_is_marked(lead: Study) -> None:
    lead.seated(ANA).submit("P01", discussed=True)
    place = lead.transcript("P01").id
    assert lead.codings().not_blind == {place: "discussed before submitting"}
    lead.seated(BEN).submit("P01", discussed=True)
    assert lead.codings().not_blind == {place: "discussed before submitting"}
    assert {p.not_blind for p in lead.pairs() if p.transcript == place} == {
        "discussed before submitting"
    }


# -- reopening ---------------------------------------------------------------------------------


def test_reopened_before_anything_was_seen_stays_blind(lead: Study) -> None:
    mine = coded(lead, ANA, "P01", 0, 3)
    ana = lead.seated(ANA)
    ana.submit("P01")
    lead.reopen("P01", "ana", reason="Left off half way")
    assert states(lead)["ana", "P01"] == "reopened"
    assert lead.codings().not_blind == {}
    remove = {"op": "remove", "op_id": new_id(), "id": mine}
    assert ana.apply("P01", [remove]).rejected == ()
    ana.submit("P01")
    (line,) = lead.history("reopen")
    assert line["details"]["blind"] is True


def test_reopened_after_the_comparison_was_open_is_not_blind(lead: Study) -> None:
    coded(lead, ANA, "P01", 0, 3)
    submit_all(lead, "P01")
    lead.reopen("P01", "ana", reason="Wrong code throughout")
    place = lead.transcript("P01").id
    assert lead.codings().not_blind[place] == "reopened after the comparison was open"
    assert pair_state(lead, "P01") == "waiting"
    assert lead.seated(BEN).codings(coders=["ana"]).codings == ()


def test_a_coder_who_saw_other_comparisons_is_not_blind_any_more(lead: Study) -> None:
    lead.give({"ana": ["P01", "P02"], "ben": ["P01", "P02", "P03"]}, only=True)
    lead.seated(ANA).submit("P01", "P02")
    lead.seated(BEN).submit("P01")
    assert lead.seated(ANA).sight().closed == {lead.transcript("P01").id}
    lead.reopen("P02", "ana", reason="One turn was left out")
    assert lead.codings().not_blind == {
        lead.transcript("P02").id: "reopened after other comparisons were open to the coder"
    }


def test_what_was_submitted_is_kept_when_it_is_reopened(lead: Study) -> None:
    mine = coded(lead, ANA, "P01", 0, 3)
    lead.seated(ANA).submit("P01")
    lead.reopen("P01", "ana", reason="x")
    (kept,) = lead._db.query("SELECT * FROM submissions")
    assert mine in kept["codings"]
    for act in ("DELETE FROM submissions", "UPDATE submissions SET codings = '[]'"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            lead._db.execute(act)


def test_a_seal_is_not_broken_without_keeping_what_it_held(lead: Study) -> None:
    lead.seated(ANA).submit("P01")
    with pytest.raises(sqlite3.IntegrityError, match="sealed"):
        lead._db.execute("UPDATE assignments SET state = 'reopened' WHERE state = 'submitted'")
    with pytest.raises(sqlite3.IntegrityError, match="not given"):
        lead._db.execute(
            "INSERT INTO codings SELECT 'n', t.id, 'lea', 'C1', 0, 3, 'How', '', '0.1', '', "
            "'main', 0, '' FROM transcripts t"
        )


@pytest.mark.parametrize("reason", ["", "   "])
def test_reopening_needs_a_reason_and_a_seal(lead: Study, reason: str) -> None:
    lead.seated(ANA).submit("P01")
    with pytest.raises(BadCommand):
        lead.reopen("P01", "ana", reason=reason)
    with pytest.raises(BadCommand):
        lead.reopen("P01", "ben", reason="not submitted")
    with pytest.raises(NotAllowed):
        lead.reopen("P01", "lea", reason="not given")


# -- taking back, roles ------------------------------------------------------------------------


def test_what_is_taken_back_is_kept_and_never_counted(lead: Study) -> None:
    coded(lead, ANA, "P01", 0, 3)
    lead.seated(BEN).submit("P01")
    lead.take_back("P01", "ana", reason="On leave")
    assert states(lead)["ana", "P01"] == "withdrawn"
    found = lead.codings(transcript="P01")
    assert (found.codings, {coder for coder, _ in found.sealed | found.open}) == ((), {"ben"})
    assert len(list(lead._db.query("SELECT 1 FROM codings"))) == 1
    with pytest.raises(QualcodeError):
        coded(lead, ANA, "P01", 4, 7)
    with pytest.raises(Sealed):
        lead.take_back("P01", "ben", reason="x")
    with pytest.raises(NotInStudy):
        lead.take_back("P01", "ana", reason="x")
    lead.give({"ana": ["P01"]})
    assert states(lead)["ana", "P01"] == "assigned"
    assert lead.check() == []


def test_roles_change_and_a_study_keeps_a_lead(lead: Study) -> None:
    with pytest.raises(BadCommand, match="only lead"):
        lead.set_roles("lea", {"coder"})
    lead.set_roles("ben", {"coder", "lead"})
    lead.set_roles("lea", {"auditor"})
    assert lead.member("lea") == Member("lea", frozenset({"auditor"}), "Lea")
    (last, _) = lead.history("member_roles")
    assert last["details"] == {"before": ["coder"], "roles": ["coder", "lead"]}


def test_who_codes_no_more_gives_open_work_back_and_keeps_what_is_sealed(lead: Study) -> None:
    coded(lead, ANA, "P01", 0, 3)
    coded(lead, ANA, "P02", 0, 3)
    lead.seated(ANA).submit("P01")
    lead.set_roles("ana", {"author"})
    assert {key: state for key, state in states(lead).items() if key[0] == "ana"} == {
        ("ana", "P01"): "submitted",
        ("ana", "P02"): "withdrawn",
    }
    assert lead.coders() == ("ana", "ben")
    lead.seated(BEN).submit("P01")
    assert len(lead.codings()) == 1
    lead.set_roles("ana", {"coder"})
    assert states(lead)["ana", "P03"] == "assigned"


# -- what each role reads ----------------------------------------------------------------------


@pytest.fixture
def settled(lead: Study) -> Study:
    for seat in (ANA, BEN):
        coded(lead, seat, "P01", 15, 28, "C3")
    coded(lead, ANA, "P02", 11, 22)
    submit_all(lead, *WORDS)
    for difference in find_differences(lead.codings(), ("ana", "ben")):
        lead.decide(decide(difference, "a", reason="agreed", decided_by=""))
    return lead


def lock(study: Study, *titles: str) -> None:
    found = consensus(study.codings(), study.decisions())
    places = [study.transcript(title).id for title in titles]
    study.lock_consensus({p: [c for c in found if c.transcript == p] for p in places})


def test_an_author_reads_the_locked_consensus_and_its_words_only(settled: Study) -> None:
    author = settled.seated(AUTHOR)
    assert author.codings().codings == ()
    assert not any(letter.isalpha() for text in author.transcripts() for letter in text.text)
    lock(settled, "P01")
    (one,) = author.codings()
    assert (one.coder, one.quote) == ("consensus", settled.transcript("P01").text[15:28])
    text, whole = author.transcript("P01"), settled.transcript("P01")
    assert text.text[15:28] == whole.text[15:28]
    assert not any(letter.isalpha() for letter in text.text[:15] + text.text[28:])
    assert (len(text.text), text.turns, text.words) == (len(whole.text), whole.turns, whole.words)
    assert author.decisions() == ()
    author.settings.answer("coreq", "COREQ-2", response="PhD")
    for act in (
        lambda: author.set_codebook(Codebook(CODES)),
        lambda: author.add(interview("P09", "x")),
        lambda: author.decide(settled.decisions()[0]),
        lambda: author.submit("P01"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_auditor_follows_codings_without_words(settled: Study) -> None:
    auditor = settled.seated(AUDITOR)
    found = auditor.codings()
    assert [c.id for c in found] == [c.id for c in settled.codings()]
    assert not any(letter.isalpha() for c in found for letter in c.quote + c.memo)
    assert not any(letter.isalpha() for text in auditor.transcripts() for letter in text.text)
    assert len(auditor.decisions()) == 1
    assert len(auditor.history()) == len(settled.history())
    with pytest.raises(NotAllowed):
        auditor.settings.answer("coreq", "COREQ-2", response="PhD")


def test_a_steward_reads_texts_and_people_but_no_codings(settled: Study) -> None:
    steward = settled.seated(STEWARD)
    assert steward.transcripts() == settled.transcripts()
    assert steward.codings().codings == steward.decisions() == ()
    steward.add(interview("P09", "New words."))
    steward.set_facts("P09", {"mode": "video"})
    with pytest.raises(NotAllowed):
        steward.settings.change({"title": "Mine"})


def test_attributes_are_kept_from_who_still_codes_where_the_study_says_so(lead: Study) -> None:
    person = replace(lead.participants()[0], attributes={"role": "manager"})
    lead.add(person)
    assert lead.seated(ANA).participants()[0].attributes == {"role": "manager"}
    lead.settings.change({"coding.hide_attributes": "yes"})
    assert lead.seated(ANA).participants()[0].attributes == {}
    assert lead.participants()[0].attributes == {"role": "manager"}
    submit_all(lead, *WORDS)
    assert lead.seated(ANA).participants()[0].attributes == {"role": "manager"}
    assert lead.seated(AUDITOR).participants()[0].attributes == {}


# -- from waiting to locked --------------------------------------------------------------------


def test_the_states_of_a_pair(lead: Study) -> None:
    coded(lead, ANA, "P01", 11, 22)
    assert pair_state(lead, "P01") == "waiting"
    submit_all(lead, "P01")
    assert pair_state(lead, "P01") == "both_submitted"
    assert pair_state(lead.seated(ANA), "P01") == "waiting", "who still codes is not told"
    assert [line["subject"] for line in lead.history("unblind")] == [lead.transcript("P01").id]
    lead.compared()
    lead.compared()
    assert len(lead.history("compare")) == 1
    assert pair_state(lead, "P01") == "compared"
    (difference,) = find_differences(lead.codings(), ("ana", "ben"))
    lead.decide(decide(difference, "a", reason="agreed", decided_by=""))
    assert pair_state(lead, "P01") == "reconciling"
    lock(lead, "P01")
    assert pair_state(lead, "P01") == "consensus_locked"
    other = decide(difference, "neither", reason="no", decided_by="")
    with pytest.raises(Sealed, match="locked"):
        lead.decide(other, replacing=lead.decisions()[0].id)
    with pytest.raises(Sealed, match="locked"):
        lead.reopen("P01", "ana", reason="x")
    with pytest.raises(AlreadyInStudy):
        lock(lead, "P01")
    with pytest.raises(BadCommand):
        lead.unlock_consensus("P01", reason=" ")
    book = lead.codebook()
    lead.set_codebook(
        Codebook(
            tuple(
                replace(code, when_to_use="Only lived trust") if code.id == "C1" else code
                for code in book.codes
            )
        )
    )
    assert pair_state(lead, "P01") == "stale"
    again = lead.add_round("Recode trust", kind="repeat")
    lead.give({"ana": ["P01"], "ben": ["P01"]}, round=again.id)
    assert pair_state(lead, "P01") == "recoding"
    submit_all(lead, "P01", round=again.id)
    lead.unlock_consensus("P01", reason="The definition changed")
    with pytest.raises(BadCommand):
        lead.unlock_consensus("P01", reason="again")
    lead.decide(other, replacing=lead.decisions()[0].id)


def test_what_is_not_submitted_by_both_is_not_locked(lead: Study) -> None:
    lead.seated(ANA).submit("P01")
    with pytest.raises(NotAllowed):
        lead.lock_consensus({lead.transcript("P01").id: []})
    with pytest.raises(StillBlind):
        lead.sight().require("Comparing")


# -- the file ----------------------------------------------------------------------------------


def test_a_sealed_study_of_the_first_version_goes_on_in_rounds(two_coders: Study) -> None:
    """The golden file of 0.1.0 has submitted codings: bringing it forward breaks no seal."""
    import shutil
    from pathlib import Path

    golden = Path(__file__).parent / "golden" / "studies" / "v0.1.0.qualcode"
    copy = shutil.copy(golden, two_coders.path.with_name("old.qualcode"))
    with open_study(copy) as study:
        (main,) = study.rounds()
        assert (main.id, main.kind, main.gives_all) == ("main", "main", True)
        assert {c.round for c in study.codings()} == {"main"}
        with pytest.raises(sqlite3.IntegrityError, match="sealed"):
            study._db.execute("DELETE FROM codings")
        study.reopen("P01", "ana", reason="Look again")
        assert study.codings().not_blind
        assert study.check() == []


def test_a_coding_says_its_round() -> None:
    coding = Coding("t", "ana", "C1", Span(0, 1), "a")
    assert (coding.round, coding.uncertain) == ("main", False)
