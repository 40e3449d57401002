"""Blind means blind: nothing that a seat can read depends on codings that are closed to it.

The property test builds two studies that differ only in codings that one seat may not know of
(which codes, where, how many, which memos and doubts, in which round, and what was settled from
them). Through every reading method, and through every refusal, the two must look the same to that
seat.
"""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qualcode.changes import CodeChange, merged
from qualcode.claims import ChosenQuotation, Claim, Excerpt, Need, ThemeWork
from qualcode.codebook import Codebook
from qualcode.errors import QualcodeError, StillBlind
from qualcode.memos import Memo
from qualcode.model import (
    Assignment,
    Code,
    CodebookIssue,
    Decision,
    Member,
    Participant,
    Role,
    Seat,
    Theme,
    Transcript,
    difference_id,
    new_id,
)
from qualcode.reconciliation import decide, find_differences
from qualcode.revision import Edit, Revision, revise
from qualcode.searching import Search
from qualcode.spans import Span
from qualcode.store import (
    Study,
    autocoding,
    backups,
    history,
    likenesses,
    open_study,
    rounds,
)
from qualcode.store.framework import Summary

from .conftest import ANA, BEN, CODES, LEA, WORDS, add, coded, interview

Place = tuple[str, str, str]
"""A round ("main" or the plan's other one), a coder, the title of a transcript."""
CODERS = ("ana", "ben", "cleo")


# -- the property ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One coding: where, which code, with which memo, and whether it is taken out again."""

    start: int
    length: int
    code: str
    memo: str
    removed: bool
    uncertain: bool


@dataclass(frozen=True)
class Plan:
    """A random study: who is in it, what each coder does, twice over, and what is submitted.

    ``other`` is the kind of a second round, or "", and ``again`` the titles coded in it.
    """

    roles: Mapping[str, frozenset[Role]]
    titles: tuple[str, ...]
    other: str
    again: tuple[str, ...]
    acts: Mapping[Place, tuple[tuple[Act, ...], tuple[Act, ...]]]
    submitted: frozenset[Place]
    viewer: Seat | None

    @property
    def coders(self) -> list[str]:
        return [name for name, roles in self.roles.items() if "coder" in roles]

    @property
    def rounds(self) -> list[str]:
        return ["main", *([self.other] if self.other else [])]

    @property
    def places(self) -> list[Place]:
        """Who codes what in which round; a pilot's transcripts leave the main round."""
        main = [t for t in self.titles if not (self.other == "pilot" and t in self.again)]
        given = list(itertools.product(["main"], self.coders, main))
        if self.other:
            given += itertools.product([self.other], self.coders, self.again)
        return given

    def own_open(self) -> list[Place]:
        seat = self.viewer
        return [
            place
            for place in self.places
            if seat is not None and place[1] == seat.name and place not in self.submitted
        ]

    def is_open_to(self, round_: str, title: str) -> bool:
        """Whether what was made of this transcript may reach the viewer; said anew here."""
        everybody = all(
            place in self.submitted
            for place in self.places
            if (place[0], place[2]) == (round_, title)
        )
        hindering = [
            place
            for place in self.own_open()
            if round_ != "pilot" or place[0] == "pilot" or place[2] == title
        ]
        return everybody and not hindering

    def may_see(self, place: Place) -> bool:
        """Whether the viewer may read this coder's codings of this transcript in this round."""
        round_, coder, title = place
        seat = self.viewer
        if seat is not None and seat.name == coder and "coder" in seat.roles:
            return not any(r != round_ and t == title for r, _, t in self.own_open())
        reader = seat is None or bool(seat.roles & {"lead", "coder", "auditor"})
        return reader and self.is_open_to(round_, title)

    def may_know(self, place: Place) -> bool:
        """As above; an author reads themes, which rest on what everybody has submitted."""
        return self.may_see(place) or (
            self.is_open_to(place[0], place[2])
            and not (self.viewer is not None and self.viewer.name == place[1])
        )


acts = st.builds(
    Act,
    start=st.integers(0, 20),
    length=st.integers(1, 20),
    code=st.sampled_from(["C1", "C2", "C3"]),
    memo=st.sampled_from(["", "a memo", "another memo"]),
    removed=st.booleans(),
    uncertain=st.booleans(),
)
doings = st.lists(acts, max_size=4, unique_by=lambda act: (act.start, act.length, act.code))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    coders = CODERS[: draw(st.sampled_from([1, 2, 2, 3]))]
    leading = draw(st.sampled_from([None, *coders]))
    roles: dict[str, frozenset[Role]] = {"lea": frozenset({"lead"})}
    for name in coders:
        roles[name] = frozenset({"coder", "lead"} if name == leading else {"coder"})
    titles = tuple(WORDS)[: draw(st.sampled_from([1, 2, 3, 3]))]
    other = draw(st.sampled_from(["", "", "pilot", "repeat", "repeat"]))
    again = titles[: draw(st.integers(1, len(titles)))] if other else ()
    few_open = draw(st.sampled_from([True, True, False]))
    seats: list[Seat | None] = [
        None,
        Seat("paul", frozenset({"author"})),
        Seat("sue", frozenset({"steward", "auditor"})),
        Seat("zoe", frozenset({"coder"})),
        *(Seat(name, found) for name, found in roles.items()),
    ]
    plan = Plan(
        roles=roles,
        titles=titles,
        other=other,
        again=again,
        acts={},
        submitted=frozenset(),
        viewer=draw(st.sampled_from([*seats, *seats[-len(coders) :] * 3])),
    )
    places = plan.places
    # Two transcripts closed and a third open is where most can leak: few are left open.
    left = set(draw(st.lists(st.sampled_from(places), max_size=2))) if places else set()
    return replace(
        plan,
        acts={place: (tuple(draw(doings)), tuple(draw(doings))) for place in places},
        submitted=frozenset(
            place
            for place in places
            # What is coded once more had been submitted the first time.
            if (other == "repeat" and place[0] == "main" and place[2] in again)
            or (place not in left if few_open else draw(st.booleans()))
        ),
    )


def made_id(*parts: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, ":".join(map(str, parts))))


@contextmanager
def built(plan: Plan, *, hidden: int) -> Iterator[Study]:
    """The study of a plan; codings closed to the viewer are those of the variant ``hidden``."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(history, "now", lambda: "2026-01-01T00:00:00.000Z"),
        patch.object(backups, "clock", lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for name, roles in plan.roles.items():
            study.add_member(Member(name, roles))
        study.set_codebook(Codebook(CODES))
        study.add(*[replace(interview(title), id=made_id(title)) for title in plan.titles])
        for round_ in plan.rounds:
            if round_ != "main":
                with patch.object(rounds, "new_id", lambda: plan.other):
                    study.add_round("Another", kind=plan.other)  # type: ignore[arg-type]
                study.give(dict.fromkeys(plan.coders, plan.again), round=round_)
            for place in plan.places:
                if place[0] != round_:
                    continue
                variant = 0 if plan.may_know(place) else hidden
                code(study, place, plan.acts[place][variant], variant)
                if place in plan.submitted:
                    seated = study.seated(Seat(place[1], frozenset({"coder"})))
                    seated.submit(place[2], round=round_)
        for coder in plan.coders:
            # Nobody else's business in any state of the rounds.
            private = 0 if plan.viewer and plan.viewer.name == coder else hidden
            seated = study.seated(Seat(coder, frozenset({"coder"})))
            for number in range(1 + private):
                memo = Memo(f"{private}", "code", "C1", id=made_id("code", coder, private, number))
                seated.write_memo(memo)
        settle(study)
        for title in plan.titles[:2]:
            correct(study.seated(LEA), title)
        backups.make(study.path)
        yield study


def code(study: Study, place: Place, doings: tuple[Act, ...], variant: int) -> None:
    round_, coder, title = place
    seated = study.seated(Seat(coder, frozenset({"coder"})))
    text = study.transcript(title)
    share(study, place, variant, doings)
    for number, act in enumerate(doings):
        coding = made_id(*place, variant, number)
        one = add(text, act.start, act.start + act.length, act.code, id=coding, memo=act.memo)
        one["coding"]["uncertain"] = act.uncertain
        operations = [
            one,
            {"op": "memo", "op_id": new_id(), "id": coding, "memo": act.memo + "."},
            {"op": "doubt", "op_id": new_id(), "id": coding, "uncertain": not act.uncertain},
        ]
        operations += memos_of(place, variant, number, text, act)
        if act.removed:
            operations.append({"op": "remove", "op_id": new_id(), "id": coding})
        assert seated.apply(title, operations, round=round_).rejected == ()
    if doings and doings[0].uncertain:  # and what a search finds
        numbers = itertools.count()
        with patch.object(
            autocoding, "new_id", lambda: made_id(*place, variant, "search", next(numbers))
        ):
            search = Search("e", "inside", "sentence" if variant else "turn")
            seated.autocode(search, doings[0].code, transcripts=[title], round=round_)
        like(seated, place, variant, doings[0])


def like(seated: Study, place: Place, variant: int, act: Act) -> None:
    """Passages that a machine found alike: one taken, one not."""
    round_, _, title = place
    numbers = itertools.count()
    with patch.object(likenesses, "new_id", lambda: made_id(*place, variant, next(numbers), "l")):
        for start, accept in ((41 + variant, True), (43 + variant, False)):
            seated.answer_likeness(
                act.code, title, Span(start, start + 1 + act.length),
                accept=accept, act=made_id(*place, variant, "sitting"), round=round_,
            )  # fmt: skip


def memos_of(place: Place, variant: int, number: int, text: Transcript, act: Act) -> list[Any]:
    """Memos on the passage and on the transcript; whether there are any hangs on the act."""
    if not act.memo:
        return []
    start, end = act.start, act.start + act.length
    found: list[Any] = []
    for about in ("passage", "transcript"):
        note = {
            "id": made_id("memo", about, *place, variant, number),
            "about": about,
            "start": start,
            "end": end,
            "text": f"{act.memo} {about} {act.code}",
        }
        found.append({"op": "note", "op_id": new_id(), "note": note, "quote": text.text[start:end]})
    found.append(
        {"op": "note_text", "op_id": new_id(), "id": found[0]["note"]["id"], "text": "again"}
    )
    if act.removed:
        found.append({"op": "unnote", "op_id": new_id(), "id": found[1]["note"]["id"]})
    return found


def share(study: Study, place: Place, variant: int, doings: tuple[Act, ...]) -> None:
    """A shared memo on the transcript, and private ones on a code and on the study: the first
    opens with the round, the others never to anybody else.
    """
    _, coder, title = place
    seated = study.seated(Seat(coder, frozenset({"coder"})))
    words = " ".join(act.code + act.memo for act in doings) or "nothing"
    memo = Memo(words, "transcript", "", study.transcript(title).id, shared=True)
    seated.write_memo(replace(memo, id=made_id("shared", *place)))


def settle(study: Study) -> None:
    """What the lead makes of the closed transcripts: decisions, a run, a theme, a report."""
    lead = study.seated(LEA)
    found = lead.codings()
    sight = lead.sight()
    if sight.closed and sight.coders > 1:
        for difference in find_differences(found, study.coders()[:2]):
            decision = decide(difference, "a", reason="agreed", decided_by="")
            lead.decide(replace(decision, id=made_id("decision", difference.id)))
        codes = tuple(sorted({coding.code for coding in found}))
        suggest(lead, len(found))
        lead.add_theme(
            Theme(
                f"Theme of {len(found)} codings",
                codes=codes,
                excerpts=tuple((coding.transcript, coding.span) for coding in found),
                id=made_id("theme"),
            )
        )
        issue = CodebookIssue(codes[:1], f"{len(found)} codings", differences=len(found))
        lead.decide_issue(replace(issue, id=made_id("issue")))
        for title in study.titles().values():
            if study.transcript(title).id in sight.closed:
                words = f"{len(found)} codings" if len(found) else "None"
                summary = Summary(title, "code", "C1", words, id=made_id("summary", title))
                lead.keep_summary(summary)
        lead.log("export", {"report": "agreement", "codings": len(found)})
        lead.publish("agreement", f"{len(found)} codings")
        for memo in lead.memos():
            if memo.about != "reply":
                reply = made_id("answer", memo.id)
                answer = told(lambda memo=memo: lead.answer_memo(memo.id, "To this", id=reply))  # type: ignore[misc]  # noqa: B023
                assert isinstance(answer, Memo) or answer[0] == "NotAllowed", answer  # type: ignore[index]


def suggest(lead: Study, codings: int) -> None:
    """A run of the machine and what the lead makes of it, where all is submitted."""
    versions = {"qualcode": "0"}
    run = lead.keep_run("candidates", {"seed": codings}, found=codings, versions=versions)
    try:
        lead.reject_suggestion(run.id, 1, reason=f"{codings} codings")
    except StillBlind:
        return  # some are not submitted
    theme = Theme(f"Candidate of {codings} codings", id=made_id("candidate"))
    lead.accept_suggestion(run.id, 2, theme)


def narrowed(book: Codebook) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """A codebook in which each code changed: one narrowed, one retired, one merged, one added."""
    after, said = merged(book, ["C3"], "C1")
    after = after.with_code(
        replace(after["C1"], brief_definition="Narrower"),
        replace(after["C2"], status="retired"),
        Code("C4", "Humour", "T1"),
    )
    return after, (CodeChange("narrow", "C1"), *said)


def correction(study: Study, title: str) -> Revision:
    """A revision of this text that changes words here and there, and takes some out."""
    text = study.transcript(title)
    half = len(text.text) // 2
    return revise(text, [Edit(14, 16, "Then we"), Edit(half, half + 9, "")])


def correct(study: Study, title: str) -> None:
    """The lead corrects a text and says yes to all they are asked."""
    revision = correction(study, title)
    asked = {each.coding.id: each.where for each in study.touched(revision)}
    study.revise(revision, reason="Heard again", confirmed=asked)


def told(call: Callable[[], object]) -> object:
    """What a call gives back, or the kind and the words of its refusal."""
    try:
        return call()
    except QualcodeError as error:
        return type(error).__name__, str(error)


READINGS = {
    "title", "is_sample", "setting", "answers", "team", "members", "member", "coders",
    "participants", "transcripts", "titles", "transcript", "codebook", "assignments", "sight",
    "codings", "decisions", "themes", "history", "check", "who", "seat", "path", "settings",
    "rounds", "round", "pairs", "versions", "unfinished", "seen", "published",
    "copies", "last_hash", "warnings", "codebook_issues", "withdrawal", "attributes",
    "shows_people", "consents", "recruitment",
    "text_versions", "earlier_text", "touched", "unconfirmed",
    "agreed_rule", "deciders", "may_decide", "marks",
    "codebook_changes", "effects",
    "recode_tasks", "recode_progress", "stale", "recodings", "codings_at", "to_check",
    "codings_by_version", "current_codings", "current_decisions",
    "theme_work", "theme_versions", "dropped_themes", "summaries", "summary_versions",
    "exports", "guides", "member_checks",
    "holds_texts_back", "reads_names", "releases", "kept_back", "unreleased",
    "memos", "noted", "moments_due", "declined",
    "find", "searches", "proposals",
    "sealed_work", "machine_help", "own_work", "likenesses",
}  # fmt: skip
CHANGES = {
    "close", "seated", "add", "add_member", "set_codebook", "apply", "submit", "decide",
    "add_theme", "drop_theme", "log", "backup", "restore", "set_facts", "remove_member",
    "set_roles", "add_round", "close_round", "hold_round", "give", "take_back", "reopen",
    "compared", "lock_consensus", "unlock_consensus", "publish", "decide_issue", "withdraw",
    "set_attributes", "set_consent", "set_recruitment",
    "revise", "confirm", "set_agreed_rule", "set_deciders", "require_decider",
    "set_recode_blind", "recode", "undo_recoding", "submit_recoding", "check_recoding",
    "change_theme", "set_theme_state", "agree_to_theme", "keep_claim",
    "place_code", "place_theme", "merge_themes", "split_theme", "bring_back_theme",
    "put_back_themes", "take_into_theme",
    "drop_claim", "link_excerpt", "unlink_excerpt", "choose_quotation", "drop_quotation",
    "keep_need", "drop_need", "keep_summary", "record_export", "set_guides", "set_member_checks",
    "hold_texts_back", "release", "delete_copies", "make_copy",
    "write_memo", "change_memo", "share_memo", "delete_memo", "answer_memo", "decline_memo",
    "autocode", "undo_search", "allow_autocoding", "accept_proposal", "decline_proposal",
    "keep_run", "accept_suggestion", "take_suggestion", "reject_suggestion",
    "reopen_suggestion", "code_from_gap",
    "answer_likeness", "take_back_likeness",
}  # fmt: skip


def test_every_public_method_of_a_study_is_tried_here() -> None:
    """A new way to read a study has to be added to ``seen`` before this passes again."""
    public = {name for name in dir(Study) if not name.startswith("_")}
    assert public | {"path", "seat", "settings"} == READINGS | CHANGES


def seen(study: Study, titles: tuple[str, ...]) -> dict[str, object]:
    """Everything that can be read of a study through its seat."""
    sight = study.sight()
    names = (*study.coders(), "consensus", "zoe")
    places = tuple(study.titles())
    found: dict[str, object] = {
        "title": study.title,
        "is_sample": study.is_sample,
        "setting": [study.setting(key) for key in ("title", "approach", "aims")],
        "answers": study.answers("coreq"),
        "team": study.team(),
        "members": study.members(),
        "member": [study.member(name) for name in names],
        "coders": study.coders(),
        "participants": study.participants(),
        "attributes": study.attributes(),
        "consents": study.consents(),
        "recruitment": study.recruitment(),
        "shows people": study.shows_people,
        "transcripts": study.transcripts(),
        "titles": study.titles(),
        "transcript": [study.transcript(title) for title in titles],
        "codebook": study.codebook(),
        "assignments": study.assignments(),
        "sight": (sight, sight.sentence, told(lambda: sight.require("This"))),
        "decisions": study.decisions(),
        "codebook_issues": study.codebook_issues(),
        "themes": study.themes(),
        "theme_work": study.theme_work(),
        "theme_versions": [
            study.theme_versions(theme)
            for theme in (made_id("theme"), *(theme.id for theme in study.themes()))
        ],
        "summaries": study.summaries(),
        "summary_versions": [
            study.summary_versions(summary)
            for summary in (*(made_id("summary", t) for t in titles), made_id("theme"))
        ],
        "history": study.history(),
        "check": study.check(),
        "published": study.published("agreement"),
        "rounds": study.rounds(),
        "round": study.round("main"),
        "pairs": study.pairs(),
        "versions": study.versions(),
        "unfinished": [told(lambda title=title: study.unfinished(title)) for title in titles],  # type: ignore[misc]
        "seen": [told(lambda title=title: study.seen(title)) for title in titles],  # type: ignore[misc]
        "all assignments": study.assignments(round=None),
        "warnings": study.warnings(),
        "text_versions": [study.text_versions(title) for title in titles],
        "earlier_text": [
            told(lambda title=title: study.earlier_text(title, 1)) for title in titles
        ],  # type: ignore[misc]
        "touched": [
            told(lambda title=title: study.touched(correction(study, title)))  # type: ignore[misc]
            for title in titles
        ],
        "unconfirmed": study.unconfirmed(),
        "recode_tasks": study.recode_tasks(),
        "recode_progress": study.recode_progress(),
        "stale": study.stale(),
        "recodings": study.recodings(),
        "codings_at": told(study.codings_at),
        "to_check": told(study.to_check),
        "codings_by_version": told(study.codings_by_version),
        "current_codings": study.current_codings(),
        "current_decisions": study.current_decisions(),
        "agreed_rule": study.agreed_rule(),
        "deciders": study.deciders(),
        "may_decide": [study.may_decide(place) for place in places],
        "marks": study.marks(),
        "dropped_themes": study.dropped_themes(),
        "exports": study.exports(),
        "guides": study.guides(),
        "member_checks": study.member_checks(),
        "releases": (study.releases(), study.kept_back(), study.unreleased()),
        "holds back": (study.holds_texts_back, study.reads_names),
        "memos": study.memos(),
        "noted": [
            told(lambda title=title, r=held.id: study.noted(title, round=r))  # type: ignore[misc]
            for title in titles
            for held in study.rounds()
        ],
        "moments_due": study.moments_due(),
        "declined": study.declined(),
        "find": told(lambda: study.find(Search("a", "inside"))),
        "proposals": study.proposals(),
        "sealed work": told(study.sealed_work),
        "machine help": study.machine_help(),
        "copies": told(study.copies),
        "codebook_changes": study.codebook_changes(),
        "effects": told(lambda: study.effects(*narrowed(study.codebook()))),
        "withdrawal": [
            told(lambda person=person: study.withdrawal(person.id))  # type: ignore[misc]
            for person in study.participants()
        ],
    }
    for act in (
        "code_add",
        "code_remove",
        "memo",
        "memo_write",
        "memo_answer",
        "submit",
        "resolve",
        "theme_change",
        "export",
        *("code_add", "code_remove", "autocode", "memo", "submit", "like_reject"),
        *("suggestion_run", "suggestion_accept", "suggestion_reject"),
        *("resolve", "theme_change", "export"),
    ):
        found[f"history {act}"] = study.history(act)
    for held in study.rounds():
        found |= {
            f"assignments {held.id}": study.assignments(round=held.id),
            f"sight {held.id}": study.sight(round=held.id),
            f"pairs {held.id}": study.pairs(round=held.id),
            f"searches {held.id}": study.searches(round=held.id),
            f"proposals {held.id}": study.proposals(round=held.id),
            f"own work {held.id}": told(lambda r=held.id: study.own_work(round=r)),  # type: ignore[misc]
            f"likenesses {held.id}": study.likenesses(round=held.id),
            f"left {held.id}": [
                told(lambda title=title, r=held.id: study.unfinished(title, round=r))  # type: ignore[misc]
                for title in titles
            ],
        }
        for coder, place in itertools.product((None, *names), (None, *titles, *places)):
            found[f"codings {held.id} {coder} {place}"] = told(
                lambda coder=coder, place=place, r=held.id: study.codings(  # type: ignore[misc]
                    coders=None if coder is None else [coder], transcript=place, round=r
                )
            )
    return found


def probed(study: Study, plan: Plan) -> dict[str, object]:
    """What a seat learns from acts that are refused, or that tell more than they should."""
    found: dict[str, object] = {}
    for hidden, variant in itertools.product(plan.places, (0, 1)):
        if plan.may_know(hidden):
            continue
        title = hidden[2]
        for number in range(len(plan.acts[hidden][variant])):
            coding = made_id(*hidden, variant, number)
            place = study.transcript(title).id
            decision = Decision(
                difference_id([coding]), place, "omission", "neither", "", (coding,), ()
            )
            acts = [
                {"op": "remove", "op_id": f"r{coding[:50]}", "id": coding},
                {"op": "memo", "op_id": f"m{coding[:50]}", "id": coding, "memo": "mine"},
            ]
            if study.seat is None or study.seat.name != hidden[1]:
                found[f"apply {coding}"] = told(lambda: study.apply(title, acts))  # noqa: B023
            found[f"decide {coding}"] = told(lambda: study.decide(decision))  # noqa: B023
            found[f"confirm {coding}"] = told(lambda: study.confirm(coding))  # noqa: B023
            memo = made_id("memo", "passage", *hidden, variant, number)
            found[f"answer {coding}"] = told(lambda: study.answer_memo(memo, "x"))  # noqa: B023
            found[f"share {coding}"] = told(lambda: study.share_memo(memo))  # noqa: B023
            found[f"delete {coding}"] = told(lambda: study.delete_memo(memo))  # noqa: B023
            found[f"change {coding}"] = told(lambda: study.change_memo(memo, text="x"))  # noqa: B023
            found[f"drop {coding}"] = told(lambda: study.drop_theme(coding, reason="x"))  # noqa: B023
    found["drop"] = told(lambda: study.drop_theme(made_id("theme"), reason="x"))
    found["theme"] = told(lambda: study.add_theme(Theme("Mine", id=made_id("mine"))))
    for act, done in {
        "place code": lambda: study.place_code("C1", target=made_id("theme")),
        "place theme": lambda: study.place_theme(made_id("theme"), parent=made_id("mine")),
        "merge": lambda: study.merge_themes(made_id("mine"), made_id("theme")),
        "split": lambda: study.split_theme(made_id("theme"), "Other", codes=["C1"]),
        "bring back": lambda: study.bring_back_theme(made_id("theme")),
        "put back": lambda: study.put_back_themes({made_id("theme"): 1}),
        "take in": lambda: study.take_into_theme(made_id("theme"), [], codes=["C2"]),
    }.items():
        found[act] = told(done)
    found["claim"] = told(lambda: study.keep_claim(Claim(made_id("theme"), "x", id="claim")))
    for title in plan.titles:
        summary = Summary(title, "code", "C1", "x", id=made_id("mine", title))
        found[f"summary {title}"] = told(lambda: study.keep_summary(summary))  # noqa: B023
    found["run"] = told(
        lambda: study.keep_run("candidates", {"seed": 0}, found=0, versions={"qualcode": "0"})
    )
    found["need"] = told(lambda: study.keep_need(Need("x", judgement=True, id="need")))
    found["agree"] = told(lambda: study.agree_to_theme(made_id("theme")))
    if study.seat is not None and not study.seat.is_lead:
        found["backup"] = told(lambda: study.backup("copy.qualcode"))
        found["restore"] = told(lambda: study.restore("newest"))  # refused: it would undo the rest
        found["last hash"] = told(study.last_hash)
        found["codebook"] = told(lambda: study.set_codebook(Codebook(CODES[:1])))
    for title in plan.titles:
        act = add(study.transcript(title), 3, 9, id=made_id("mine", title), op_id=f"a{title}")
        found[f"add {title}"] = told(lambda: study.apply(title, [act]))  # noqa: B023
    return found


def but_progress(found: dict[str, object], seat: Seat | None) -> dict[str, object]:
    """The owner, and a lead who does not code, may know who has begun; only that is set aside."""
    if seat is not None and ("coder" in seat.roles or "lead" not in seat.roles):
        return found
    rest = dict(found)
    for key in [key for key in found if "assignments" in key]:
        shown: Any = found[key]
        rest[key] = [replace(a, state="assigned") if a.state == "in_progress" else a for a in shown]
    return rest


@settings(
    max_examples=100,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(plans())
def test_what_a_seat_reads_does_not_depend_on_what_is_closed_to_it(plan: Plan) -> None:
    views = []
    for hidden in (0, 1):
        with built(plan, hidden=hidden) as whole:
            study = whole.seated(plan.viewer)
            for round_ in plan.rounds:
                here = [place for place in plan.places if place[0] == round_]
                visible = {(c, made_id(t)) for _, c, t in here if plan.may_see((round_, c, t))}
                kept = {
                    made_id(*place, 0, number)
                    for place in here
                    if plan.may_see(place)
                    for number, act in enumerate(plan.acts[place][0])
                    if not act.removed
                }
                if plan.viewer is None or plan.viewer.roles != {"author"}:
                    found = study.codings(round=round_)
                    assert {coding.id for coding in found if not coding.search} == kept
                assert study.codings(round=round_).sealed <= visible
            before = seen(study, plan.titles)
            found = probed(study, plan)
            after = seen(study, plan.titles)
            views.append(
                (but_progress(before, plan.viewer), found, but_progress(after, plan.viewer))
            )
            assert whole.check() == []
    for one, other in zip(*views, strict=True):
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert value == other[key], key


# -- one leak at a time ------------------------------------------------------------------------


def words_of(study: Study) -> str:
    return str(seen(study, ()))


@pytest.mark.parametrize(
    "seat", [None, LEA, BEN, Seat("max", frozenset({"lead", "coder"})), Seat("p", frozenset())]
)
def test_nobody_reads_a_coding_before_both_have_submitted(
    two_coders: Study, seat: Seat | None
) -> None:
    if seat and seat.name == "max":
        two_coders.add_member(Member("max", seat.roles))
    ana = two_coders.seated(ANA)
    operation = add(ana.transcript("P01"), 11, 22, "C3", memo="SECRET")
    ana.apply("P01", [operation])
    ana.submit("P01")
    coded(two_coders, BEN, "P01", 0, 3)
    found = words_of(two_coders.seated(seat))
    for secret in ("SECRET", operation["coding"]["id"], operation["op_id"]):
        assert secret not in found
    assert two_coders.seated(seat).codings(coders=["ana"]).codings == ()
    assert two_coders.seated(seat).history("submit") == []


def test_everybody_who_compares_reads_all_when_all_have_submitted(two_coders: Study) -> None:
    coding = coded(two_coders, ANA, "P01", 11, 22)
    for title in WORDS:
        two_coders.seated(ANA).submit(title)
        two_coders.seated(BEN).submit(title)
    for seat in (None, LEA, ANA, BEN):
        study = two_coders.seated(seat)
        assert [c.id for c in study.codings()] == [coding]
        assert len(study.codings().sealed) == 6
        assert [line["subject"] for line in study.history("code_add")] == [coding]
        assert study.sight().sentence == "Everybody has submitted."
    assert two_coders.seated(Seat("paul", frozenset({"author"}))).codings().codings == ()


def test_a_lead_who_codes_is_a_coder(two_coders: Study) -> None:
    max_ = Seat("max", frozenset({"lead", "coder"}))
    two_coders.add_member(Member("max", max_.roles))
    coded(two_coders, ANA, "P01", 0, 3)
    for seat in (ANA, BEN, max_):
        two_coders.seated(seat).submit("P01")
    study = two_coders.seated(max_)
    assert study.codings(coders=["ana"]).codings == ()
    assert two_coders.seated(LEA).codings(coders=["ana"]).codings != ()
    assert {a.state for a in study.assignments() if a.coder == "ana"} == {"submitted", "assigned"}
    with pytest.raises(StillBlind):
        study.add_theme(Theme("Early"))


def test_the_numbers_of_the_history_do_not_count_what_is_held_back(two_coders: Study) -> None:
    ana, ben = two_coders.seated(ANA), two_coders.seated(BEN)
    before = [line["id"] for line in ben.history()]
    for start in range(5):
        coded(two_coders, ANA, "P01", start, start + 3)
    assert [line["id"] for line in ben.history()] == before
    coded(two_coders, BEN, "P01", 0, 3)
    assert [line["id"] for line in ben.history()] == list(range(1, len(before) + 2))
    assert len(ana.history()) == len(before) + 5


def work_on_theme(lead: Study, place: str) -> None:
    (theme,) = lead.themes()
    lead.add(Participant("P01"))
    claim = lead.keep_claim(Claim(theme.id, "SECRET claim"))
    lead.link_excerpt(Excerpt(theme.id, place, Span(11, 22), claim=claim.id, note="SECRET"))
    lead.choose_quotation(ChosenQuotation(theme.id, place, Span(11, 22), sense="SECRET"))
    lead.keep_need(Need("SECRET need", themes=(theme.id,)))
    lead.keep_summary(Summary("P01", "theme", theme.id, "SECRET summary"))


def test_what_was_settled_is_closed_to_a_coder_who_still_codes(two_coders: Study) -> None:
    first = coded(two_coders, ANA, "P01", 11, 22)
    second = coded(two_coders, BEN, "P01", 11, 22, "C3")
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01")
    lead = two_coders.seated(LEA)
    for difference in find_differences(lead.codings(), ("ana", "ben")):
        lead.decide(decide(difference, "a", reason="SECRET", decided_by=""))
    excerpt = (two_coders.transcript("P01").id, Span(11, 22))
    lead.add_theme(Theme("SECRET theme", codes=("C3",), excerpts=(excerpt,)))
    lead.keep_run("candidates", {"label": "SECRET label"}, found=1, versions={"SECRET": "1"})
    work_on_theme(lead, excerpt[0])
    for seat, other in ((ANA, second), (BEN, first)):
        study = two_coders.seated(seat)
        found = words_of(study)
        assert "SECRET" not in found
        assert other not in found
        assert study.decisions() == study.themes() == ()
        assert study.theme_work() == ThemeWork()
        assert study.summaries() == ()
        for act in (
            "claim_change",
            "excerpt_link",
            "quotation_choose",
            "need_change",
            "summary_change",
        ):
            assert study.history(act) == []
        assert study.history("resolve") == study.history("suggestion_run") == []
        assert study.machine_help().runs == ()
    two_coders.seated(ANA).submit("P02", "P03")
    assert len(two_coders.seated(ANA).themes()) == 1
    assert len(two_coders.seated(ANA).theme_work().quotations) == 1
    assert len(two_coders.seated(ANA).decisions()) == 1


def test_a_new_transcript_closes_the_comparison_for_coders_again(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    assert len(two_coders.seated(BEN).codings()) == 1
    two_coders.add(interview("P04", "More words."))
    assert len(two_coders.seated(BEN).codings()) == 0
    assert len(two_coders.seated(LEA).codings()) == 1


def test_a_third_coder_who_joins_late_sees_nothing_and_is_not_seen(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit(*WORDS)
    cleo = Seat("cleo", frozenset({"coder"}))
    two_coders.add_member(Member("cleo", cleo.roles))
    assert not [a for a in two_coders.assignments() if a.coder == "cleo"], "all is compared"
    two_coders.seated(LEA).give({"cleo": list(WORDS)})
    mine = coded(two_coders, cleo, "P01", 4, 7)
    assert [c.id for c in two_coders.seated(cleo).codings()] == [mine]
    for seat in (None, LEA, ANA, BEN):
        assert mine not in words_of(two_coders.seated(seat))
    for title in WORDS:
        two_coders.seated(cleo).submit(title)
    assert len(two_coders.seated(ANA).codings()) == 2


def test_another_s_coding_answers_like_one_that_never_was(two_coders: Study) -> None:
    """A refusal tells nobody whether an id is somebody's."""
    coding = coded(two_coders, ANA, "P01", 0, 3)
    ben = two_coders.seated(BEN)
    for op in ("remove", "memo"):
        answers = [
            ben.apply("P01", [{"op": op, "op_id": "1", "id": id, "memo": "x"}]).rejected
            for id in (coding, new_id())
        ]
        assert answers[0] == answers[1] != ()
    assert ben.history("memo") == []


def test_a_coder_sees_of_another_only_what_is_submitted(two_coders: Study) -> None:
    coded(two_coders, ANA, "P01", 0, 3)
    two_coders.seated(ANA).submit("P02")
    states: Callable[[Study], list[Assignment]] = lambda study: [  # noqa: E731
        a for a in study.assignments() if a.coder == "ana"
    ]
    assert [a.state for a in states(two_coders.seated(BEN))] == [
        "assigned",
        "submitted",
        "assigned",
    ]
    assert [a.state for a in states(two_coders.seated(LEA))] == [
        "in_progress",
        "submitted",
        "assigned",
    ]


def test_what_may_not_leave_the_codebook_does_not_tell_what_was_used(two_coders: Study) -> None:
    """Any code has to stay once anybody has begun, whether it was used or not."""
    coded(two_coders, ANA, "P01", 0, 3, "C1")
    book = two_coders.codebook()
    refusals = set()
    for gone in ("C1", "C2", "C3"):
        fewer = Codebook(tuple(c for c in book.codes if c.id != gone))
        answer: Any = told(lambda fewer=fewer: two_coders.set_codebook(fewer))  # type: ignore[misc]
        refusals.add((answer[0], answer[1].replace(book[gone].name, "…")))
    assert len(refusals) == 1
