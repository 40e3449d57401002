"""Suggestions in the study file: closed until all is submitted, judged by people, all on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.errors import (
    AlreadyInStudy,
    BadCodebook,
    BadCommand,
    NotAllowed,
    NotInStudy,
    Sealed,
    StillBlind,
)
from qualcode.model import Member, Seat, Theme, new_id
from qualcode.revision import Edit, revise
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.packages import bring_back, take_away
from qualcode.store.suggesting import MachineHelp, SuggestionRun

from .conftest import ANA, BEN, LEA, WORDS, coded, interview

PARAMETERS = {"method": "sparse consensus", "seed": 1, "clusters": 3, "vectors": "LSA"}
VERSIONS = {"qualcode": "0.3.0", "numpy": "2.4.6"}
PAUL = Seat("paul", frozenset({"author"}))


@pytest.fixture
def closed(two_coders: Study) -> Study:
    """Everything submitted by both; Ana has coded one passage."""
    coded(two_coders, ANA, "P01", 11, 22)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    return two_coders


def ran(study: Study, kind: str = "candidates", **more: object) -> SuggestionRun:
    parameters = {**PARAMETERS, **more}
    return study.keep_run(kind, parameters, found=3, versions=VERSIONS)  # type: ignore[arg-type]


# -- closed until sealed -----------------------------------------------------------------------


@pytest.mark.parametrize("seat", [None, LEA, ANA, BEN])
def test_nothing_is_handed_to_a_machine_before_everybody_has_submitted(
    two_coders: Study, seat: Seat | None
) -> None:
    two_coders.seated(ANA).submit(*WORDS)
    two_coders.seated(BEN).submit("P01", "P02")
    study = two_coders.seated(seat)
    with pytest.raises(StillBlind):
        study.sealed_work()
    if seat in (None, LEA):  # who waits for nobody may look at what is submitted
        texts, _ = study.sealed_work(everything=False)
        assert [text.title for text in texts] == ["P01", "P02"]
    if seat == BEN:
        with pytest.raises(StillBlind):
            study.sealed_work(everything=False)
        with pytest.raises(StillBlind):
            ran(study)
    two_coders.seated(BEN).submit("P03")
    texts, codings = study.sealed_work()
    assert [text.title for text in texts] == list(WORDS)
    assert codings.open == frozenset()
    two_coders.add(interview("P04", "More words."))
    with pytest.raises(StillBlind):
        study.sealed_work()


def test_a_transcript_that_was_given_to_nobody_keeps_it_closed(closed: Study) -> None:
    closed.seated(LEA).give({"ana": [], "ben": []}, only=True)
    closed.add(interview("P04", "More words."))
    with pytest.raises(StillBlind, match="in the main round: P04"):
        closed.sealed_work()


def test_who_still_codes_reads_no_run_and_no_answer(closed: Study) -> None:
    run = ran(closed.seated(LEA))
    closed.seated(LEA).reject_suggestion(run.id, 2, reason="SECRET")
    assert closed.seated(ANA).machine_help().answers[0].reason == "SECRET"
    closed.add(interview("P04", "More words."))
    ana = closed.seated(ANA)
    assert ana.machine_help() == MachineHelp()
    assert ana.history("suggestion_run") == ana.history("suggestion_reject") == []
    for act in (
        lambda: ran(ana),
        lambda: closed.seated(LEA).reject_suggestion(run.id, 3),
        lambda: closed.seated(LEA).reopen_suggestion(run.id, 2),
        lambda: closed.seated(LEA).accept_suggestion(run.id, 1, Theme("Early")),
        lambda: ana.code_from_gap(run.id, 1, name="x", definition="", passages=()),
    ):
        with pytest.raises(StillBlind):
            act()


def test_only_those_who_read_words_and_codings_get_suggestions(closed: Study) -> None:
    for roles in ({"author"}, {"steward"}, {"auditor"}):
        with pytest.raises(NotAllowed, match="the lead and the coders"):
            closed.seated(Seat("paul", frozenset(roles))).sealed_work()  # type: ignore[arg-type]
    run = ran(closed.seated(LEA))
    closed.seated(LEA).reject_suggestion(run.id, 1, reason="He said his own words")
    assert [a.reason for a in closed.seated(PAUL).machine_help().answers] == [""]
    with pytest.raises(NotAllowed):
        closed.seated(ANA).reject_suggestion(run.id, 2)
    with pytest.raises(NotAllowed):
        closed.seated(ANA).accept_suggestion(run.id, 2, Theme("Mine"))


# -- answers -----------------------------------------------------------------------------------


def test_the_same_run_is_known_again_and_every_look_stands_in_the_history(closed: Study) -> None:
    first = ran(closed)
    assert ran(closed).id == first.id != ran(closed, seed=2).id
    lines = closed.history("suggestion_run")
    assert [line["details"]["seed"] for line in lines] == [1, 1, 2]
    assert lines[0]["details"]["versions"] == VERSIONS
    assert closed.machine_help().looks == 3
    assert len(closed.machine_help().runs) == 2
    gaps = ran(closed, "gaps")
    closed.seated(LEA).reopen("P01", "ana", reason="again")
    coded(closed, ANA, "P01", 30, 40)
    closed.seated(ANA).submit("P01")
    assert ran(closed).id == first.id, "codings have no part in how passages fall together"
    assert ran(closed, "gaps").id != gaps.id


def test_a_candidate_is_kept_as_a_theme_in_one_step_with_its_lines(closed: Study) -> None:
    lead = closed.seated(LEA)
    run = ran(lead)
    place = closed.transcript("P01").id
    theme = lead.accept_suggestion(
        run.id, 2, Theme("Evenings are taken", codes=("C1",), excerpts=((place, Span(11, 22)),)),
        view="fine",
    )  # fmt: skip
    assert theme.origin == "machine_suggested"
    (answer,) = lead.machine_help().answers
    assert (answer.run, answer.view, answer.number, answer.theme) == (run.id, "fine", 2, theme.id)
    (line,) = lead.history("suggestion_accept")
    assert line["details"] == {"candidate": 2, "view": "fine", "theme": theme.id}
    assert line["subject"] == run.id
    before = len(lead.history())
    with pytest.raises(AlreadyInStudy):
        lead.accept_suggestion(run.id, 3, Theme("Evenings are taken"))
    assert len(lead.history()) == before
    assert closed.check() == []


def test_a_candidate_is_taken_into_a_theme_that_is_there(closed: Study) -> None:
    lead = closed.seated(LEA)
    run = ran(lead)
    theme = lead.add_theme(Theme("Evenings are taken", codes=("C1",)))
    lead.take_suggestion(run.id, 2, theme.id)
    (line,) = lead.history("suggestion_accept")
    assert line["details"] == {"candidate": 2, "view": "medium", "theme": theme.id}
    with pytest.raises(NotInStudy):
        lead.take_suggestion(run.id, 3, "nothing")
    with pytest.raises(NotAllowed):
        closed.seated(ANA).take_suggestion(run.id, 3, theme.id)


def test_a_candidate_is_set_aside_and_taken_up_again(closed: Study) -> None:
    lead = closed.seated(LEA)
    run = ran(lead)
    lead.reject_suggestion(run.id, 1, reason="Speaker tics of Mrs Miller")
    assert "Miller" not in str(lead.history()), "no words in the history"
    assert lead.machine_help().answers[0].answer == "rejected"
    lead.reopen_suggestion(run.id, 1)
    assert lead.machine_help().answers == ()
    with pytest.raises(NotInStudy):
        lead.reopen_suggestion(run.id, 1)
    acts = [line["act"] for line in lead.history() if "suggestion" in line["act"]]
    assert acts == ["suggestion_run", "suggestion_reject", "suggestion_reopen"]
    for wrong in (("nothing", 1, "medium"), (run.id, 0, "medium"), (run.id, 1, "side")):
        with pytest.raises(NotInStudy):
            lead.reject_suggestion(wrong[0], wrong[1], view=wrong[2])
    with pytest.raises(BadCommand, match="at most"):
        lead.reject_suggestion(run.id, 1, reason="x" * 30_000)
    assert closed.check() == []


def test_reasons_go_when_a_participant_withdraws(closed: Study) -> None:
    lead = closed.seated(LEA)
    run = ran(lead)
    lead.reject_suggestion(run.id, 1, reason="the mentor noticed it")
    lead.withdraw("P01", reason="by telephone")
    assert [a.reason for a in lead.machine_help().answers] == [""]
    assert b"the mentor noticed it" not in closed.path.read_bytes()
    assert ran(lead).id != run.id
    assert closed.check() == []


def test_a_gap_becomes_a_code_for_the_lead_and_a_proposal_for_a_coder(closed: Study) -> None:
    lead, ana = closed.seated(LEA), closed.seated(ANA)
    run = ran(lead, "gaps")
    place = closed.transcript("P02").id
    code = lead.code_from_gap(
        run.id, 1, name="  Ten   minutes ", definition="Short time", passages=(), parent="T2"
    )
    assert code is not None
    kept = lead.codebook()[code.id]
    assert (kept.name, kept.origin, kept.parent) == ("Ten minutes", "machine_suggested", "T2")
    with pytest.raises(BadCodebook, match="already"):
        ana.code_from_gap(run.id, 2, name="ten minutes", definition="", passages=())
    with pytest.raises(NotAllowed, match="you coded"):
        ana.code_from_gap(run.id, 2, name="Meals", definition="", passages=(("x", Span(0, 1)),))
    assert ana.code_from_gap(
        run.id, 2, name="Meals", definition="", passages=((place, Span(13, 20)),)
    ) is None  # fmt: skip
    (proposal,) = lead.proposals()
    assert (proposal.name, proposal.coder, proposal.state) == ("Meals", "ana", "open")
    made = lead.accept_proposal(proposal.id)
    assert made.origin == "machine_suggested"
    answers = lead.machine_help().answers
    assert [(a.number, bool(a.code), bool(a.proposal)) for a in answers] == [
        (1, True, False),
        (2, False, True),
    ]
    for name in ("", "x" * 61):
        with pytest.raises(BadCommand, match="name of your own"):
            lead.code_from_gap(run.id, 3, name=name, definition="", passages=())
    with pytest.raises(NotInStudy):
        lead.accept_suggestion(run.id, 3, Theme("A theme of a gap"), view="")
    assert closed.check() == []


def test_a_run_that_was_altered_outside_is_found(closed: Study) -> None:
    run = ran(closed)
    closed.seated(LEA).reject_suggestion(run.id, 1)
    closed._db.execute("UPDATE suggestion_answers SET answer = 'accepted', theme = 'none'")
    closed._db.conn.commit()
    found = closed.check()
    assert any("names what is not there" in fault for fault in found)
    assert any("altered outside" in fault for fault in found)


# -- more like this ----------------------------------------------------------------------------


def alike(study: Study, title: str, words: str, **how: object) -> str:
    text = study.transcript(title)
    start = text.text.index(words)
    span = Span(start, start + len(words))
    options = {"accept": True, "act": "sitting-1", **how}
    return study.answer_likeness("C1", text.id, span, **options).id  # type: ignore[arg-type]


def test_accepted_passages_are_own_codings_of_machine_origin_and_one_act(
    two_coders: Study,
) -> None:
    ana = two_coders.seated(ANA)
    by_hand = coded(two_coders, ANA, "P01", 11, 22)
    first = alike(ana, "P01", "My mentor noticed it")
    second = alike(ana, "P02", "I would trust her")
    third = alike(ana, "P03", "never again", accept=False)
    mine = {c.id: c for c in ana.codings()}
    assert mine.keys() == {by_hand, first, second}
    assert {mine[first].search, mine[second].search, mine[by_hand].search} == {"sitting-1", ""}
    assert mine[first].quote == "My mentor noticed it"
    assert [(g.id, g.answer) for g in ana.likenesses()] == [
        (first, "accepted"),
        (second, "accepted"),
        (third, "rejected"),
    ]
    told = [line for line in ana.history() if line["subject"] == "sitting-1"]
    assert [line["act"] for line in told] == ["autocode", "autocode", "like_reject"]
    assert "mentor" not in str(told), "no words in the history"
    ana.undo_search("sitting-1")
    assert {c.id for c in ana.codings()} == {by_hand}
    ana.undo_search("sitting-1", again=True)
    assert {c.id for c in ana.codings()} == {by_hand, first, second}
    assert two_coders.check() == []


def test_the_browser_takes_a_sitting_back_as_it_does_a_search(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    made = alike(ana, "P01", "My mentor noticed it")
    off = {"op": "search", "op_id": new_id(), "id": "sitting-1", "on": False}
    foreign = two_coders.seated(BEN).apply("P01", [{**off, "op_id": new_id()}]).rejected
    assert "cannot be changed" in foreign[0]["reason"]
    assert ana.apply("P01", [off]).rejected == ()
    assert ana.codings().codings == ()
    assert ana.apply("P01", [{**off, "op_id": new_id(), "on": True}]).rejected == ()
    assert [c.id for c in ana.codings()] == [made]
    assert two_coders.check() == []


def test_one_answer_is_taken_back_by_itself(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    first = alike(ana, "P01", "My mentor noticed it")
    second = alike(ana, "P02", "I would trust her", accept=False)
    ana.take_back_likeness(first)
    ana.take_back_likeness(second)
    assert ana.codings().codings == ()
    assert ana.likenesses() == ()
    with pytest.raises(NotInStudy):
        ana.take_back_likeness(first)
    alike(ana, "P02", "I would trust her")
    assert two_coders.check() == []


def test_a_round_coded_by_hand_a_sealed_text_and_a_foreign_seat_refuse(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    for study in (lead, two_coders.seated(None)):
        with pytest.raises(NotAllowed):
            study.own_work()
        with pytest.raises(NotAllowed):
            alike(study, "P01", "My mentor")
    made = alike(ana, "P01", "My mentor")
    with pytest.raises(AlreadyInStudy, match="carries the code"):
        alike(ana, "P01", "My mentor")
    alike(ana, "P01", "meet every", accept=False)
    with pytest.raises(AlreadyInStudy, match="rejected"):
        alike(ana, "P01", "meet every")
    with pytest.raises(BadCommand, match="taken"):
        alike(two_coders.seated(BEN), "P01", "My mentor")
    with pytest.raises(BadCommand):
        alike(ana, "P01", "noticed", act="")
    with pytest.raises(BadCommand, match="not inside"):
        ana.answer_likeness(
            "C1", ana.transcript("P01").id, Span(5, 9_999), accept=True, act="sitting-1"
        )
    with pytest.raises(BadCodebook):
        ana.answer_likeness(
            "T1", ana.transcript("P01").id, Span(5, 9), accept=True, act="sitting-1"
        )
    lead.allow_autocoding("main", False)
    for refused in (ana.own_work, lambda: alike(ana, "P02", "trust her")):
        with pytest.raises(NotAllowed, match="coded by hand"):
            refused()
    lead.allow_autocoding("main", True)
    ana.submit("P01")
    with pytest.raises(Sealed):
        alike(ana, "P01", "noticed")
    with pytest.raises(Sealed):
        ana.take_back_likeness(made)
    assert {text.title for text in ana.own_work().transcripts} == set(WORDS)
    assert ana.own_work().open == {ana.transcript(t).id for t in ("P02", "P03")}
    assert two_coders.check() == []


def test_own_work_and_answers_are_blind_to_others(two_coders: Study) -> None:
    alike(two_coders.seated(ANA), "P01", "My mentor noticed it")
    coded(two_coders, ANA, "P02", 13, 20)
    for seat in (BEN, LEA, None, PAUL):
        assert two_coders.seated(seat).likenesses() == ()
        assert two_coders.seated(seat).history("autocode") == []
    assert two_coders.seated(BEN).own_work().codings == ()
    assert len(two_coders.seated(ANA).own_work().codings) == 2
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    assert len(two_coders.seated(LEA).likenesses()) == 1


def test_likenesses_travel_in_a_package(two_coders: Study, tmp_path: Path) -> None:
    ana = two_coders.seated(ANA)
    first = alike(ana, "P01", "My mentor noticed it")
    take_away(ana, tmp_path / "ana.qualcode", coder="ana")
    with open_study(tmp_path / "ana.qualcode", seat=ANA) as away:
        second = alike(away, "P02", "I would trust her", act="sitting-2")
        rejected = alike(away, "P03", "never again", act="sitting-2", accept=False)
        assert away.check() == []
    bring_back(ana, tmp_path / "ana.qualcode")
    assert {c.id: c.search for c in ana.codings()} == {first: "sitting-1", second: "sitting-2"}
    assert {g.id for g in ana.likenesses()} == {first, second, rejected}
    assert two_coders.check() == []
    ana.undo_search("sitting-2")
    assert {c.id for c in ana.codings()} == {first}
    assert two_coders.check() == []


def test_a_corrected_text_and_a_withdrawal_take_answers_along(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    alike(ana, "P01", "My mentor noticed it")
    alike(ana, "P01", "we meet every Friday", accept=False)
    text = lead.transcript("P01")
    lead.revise(revise(text, [Edit(12, 12, " really and truly")]), reason="Heard again")
    after = ana.transcript("P01").text
    assert [after[g.span.slice] for g in ana.likenesses()] == [
        "My mentor noticed it",
        "we meet every Friday",
    ]
    with pytest.raises(AlreadyInStudy, match="rejected"):
        alike(ana, "P01", "we meet every Friday")
    ana.undo_search("sitting-1")
    assert ana.codings().codings == ()
    assert two_coders.check() == []
    lead.withdraw("P01", reason="by letter")
    assert ana.own_work().transcripts == tuple(
        text for text in ana.transcripts() if text.title != "P01"
    )
    assert two_coders.check() == []


def test_a_repeat_begins_without_the_answers_of_before(two_coders: Study) -> None:
    ana, lead = two_coders.seated(ANA), two_coders.seated(LEA)
    alike(ana, "P01", "My mentor noticed it")
    alike(ana, "P01", "meet every", accept=False)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    again = lead.add_round("Again", kind="repeat")
    lead.give({"ana": ["P01"]}, round=again.id)
    assert ana.likenesses() == ()
    assert ana.own_work(round=again.id).codings == ()
    made = ana.answer_likeness(
        "C1", ana.transcript("P01").id, Span(11, 22), accept=True, act="later", round=again.id
    )
    assert [g.id for g in ana.likenesses(round=again.id)] == [made.id]
    assert two_coders.check() == []


def test_a_new_member_without_texts_has_no_work_of_their_own(two_coders: Study) -> None:
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    two_coders.add_member(Member("cleo", frozenset({"coder"})))
    work = two_coders.seated(Seat("cleo", frozenset({"coder"}))).own_work()
    assert work.transcripts == ()
    assert work.codings == ()


# -- told in the reports -----------------------------------------------------------------------


def test_the_reports_tell_of_runs_answers_and_who_gave_them(closed: Study) -> None:
    from qualcode.reports import coreq_report
    from qualcode.reports.analysis import derivation, software
    from qualcode.reports.facts import gather

    lead = closed.seated(LEA)
    assert "No machine suggestion was used" in software(gather(lead)).sentence
    run, gaps = ran(lead), ran(lead, "gaps")
    ran(lead, seed=2)
    lead.accept_suggestion(run.id, 1, Theme("Evenings are taken", codes=("C1",)))
    lead.reject_suggestion(run.id, 2, reason="SECRET")
    lead.code_from_gap(gaps.id, 1, name="Ten minutes", definition="", passages=())
    for facts in (gather(lead), gather(closed.seated(PAUL))):
        for told in (derivation(facts).sentence, software(facts).sentence):
            assert (
                "Passages were grouped by sparse consensus (LSA; seed 1 and 2; qualcode 0.3.0, "
                "numpy 2.4.6) in 2 runs, which laid out 6 candidates: 1 kept as a theme by Lea, 1 "
                "set aside" in told
            )
            assert "in 1 run, which laid out 3 gaps: 1 became a code" in told
            assert "SECRET" not in told
    value = software(gather(lead)).value
    assert (value["suggestion_runs"], value["candidates"], value["gaps_coded"]) == (3, 6, 1)
    written = coreq_report(lead)
    assert "1 kept as a theme by Lea" in str(written)


def test_the_full_report_tells_of_them_in_its_methods(finished: Study) -> None:
    from qualcode.reports.document import Paragraph
    from qualcode.reports.full import full_report

    lead = finished.seated(LEA)
    run = lead.keep_run("candidates", PARAMETERS, found=8, versions=VERSIONS)
    lead.reject_suggestion(run.id, 2)
    told = "\n".join(
        block.text for block in full_report(lead, "journal").blocks if isinstance(block, Paragraph)
    )
    assert "(LSA; seed 1; qualcode 0.3.0, numpy 2.4.6) in 1 run, which laid out 8 cand" in told
    assert "none kept as a theme, 1 set aside" in told


def test_codings_that_were_suggested_are_counted_apart(two_coders: Study) -> None:
    from qualcode.reports.analysis import software
    from qualcode.reports.facts import gather
    from qualcode.searching import Search

    ana = two_coders.seated(ANA)
    alike(ana, "P01", "My mentor noticed it")
    alike(ana, "P02", "I would trust her")
    ana.autocode(Search("never"), "C1", transcripts=["P03"])
    coded(two_coders, BEN, "P01", 11, 22)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    told = software(gather(two_coders.seated(LEA)))
    assert (told.value["codings_by_search"], told.value["codings_by_likeness"]) == (1, 2)
    assert "2 of 4 codings were suggested by software" in told.sentence
    assert "1 of 4 codings was put by a text search" in told.sentence
    assert "marked by hand" not in told.sentence
