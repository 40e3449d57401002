"""Texts held back after they were coded: nothing made of them is there before the release."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from qualcode.changes import CodeChange
from qualcode.claims import ChosenQuotation, Claim, Excerpt
from qualcode.codebook import Codebook
from qualcode.errors import BadCoding, NotInStudy, QualcodeError
from qualcode.memos import Memo
from qualcode.model import Consent, Member, Participant, Seat, Theme, new_id
from qualcode.recoding import Recoding
from qualcode.reconciliation import decide, find_differences
from qualcode.searching import Search
from qualcode.spans import Span
from qualcode.store import Study, autocoding, backups, history, open_study
from qualcode.store.collecting import MemberCheck
from qualcode.store.exports import Export

from .conftest import ANA, BEN, CODES, LEA, add, interview
from .test_blindness import READINGS, made_id, seen
from .test_releases import AUDITOR, PAUL, SUE, refusals

TITLES = ("P01", "two")
SAID = "I stay late, and late again, and late once more."


@contextmanager
def built(words: str, many: int) -> Iterator[Study]:
    """A study coded, settled and themed whole; then the text “two” is held back.

    ``words`` begin that text, and ``many`` is how much was made of it.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(history, "now", lambda: "2026-01-01T00:00:00.000Z"),
        patch.object(backups, "clock", lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        open_study(Path(folder, "a.qualcode"), create=True, title="A") as study,
    ):
        for seat in (LEA, ANA, BEN, SUE, PAUL, AUDITOR):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        said = f"{words} {'late ' * many}{SAID}"
        study.add(
            replace(interview("P01", SAID), id="one"),
            replace(interview("P02", said), id="two", participant="person of two"),
        )
        for seat in (ANA, BEN):
            for place, number in (("one", 1), ("two", many)):
                code(study.seated(seat), place, number)
            study.seated(seat).submit("one", "two")
        settle(study.seated(LEA), many)
        change_codebook(study, many)
        study.hold_texts_back(True)
        study.release("one", signed="Sue", found=0)
        yield study


def code(study: Study, place: str, many: int) -> None:
    """Codings, memos, proposals and the hits of a search by this coder."""
    who, text = study.who, study.transcript(place)
    acts: list[dict[str, Any]] = []
    for n in range(many):
        start, end = 12 + n, 18 + n
        at = {"start": start, "end": end}
        quote = text.text[start:end]
        made = made_id(who, place, n)
        acts.append(add(text, start, end, "C1" if who == "ana" else "C2", id=made, memo=f"SAY {n}"))
        for about in ("passage", "transcript"):
            note = {"id": made_id(made, about), "about": about, "text": f"NOTE {n}", **at}
            acts.append({"op": "note", "op_id": new_id(), "note": note, "quote": quote})
        name = {"id": made_id(made, "code"), "name": f"New {place} {n}", "definition": "As said."}
        told = {"proposal": name | at, "quote": quote}
        acts.append({"op": "propose", "op_id": new_id(), **told})
    assert study.apply(place, acts).rejected == ()
    numbers = itertools.count()
    with patch.object(autocoding, "new_id", lambda: made_id(who, place, "search", next(numbers))):
        study.autocode(Search("late", "inside"), "C3", transcripts=[place])
    shared = Memo(f"SHARED {many}", "transcript", "", place, shared=True)
    study.write_memo(replace(shared, id=made_id(who, place, "shared")))


def settle(lead: Study, many: int) -> None:
    """Decisions, a theme with what it rests on, answers to memos, a file that left."""
    ids = {"one": 1, "two": many}
    for difference in find_differences(lead.codings(), ("ana", "ben")):
        made = decide(difference, "a", reason="agreed", decided_by="")
        lead.decide(replace(made, id=made_id("decision", difference.id)))
    lead.add(Participant("P01"), Participant("person of two"))
    theme, claim = made_id("theme"), made_id("claim")
    lead.add_theme(
        Theme("Late", codes=("C1",), id=theme, excerpts=tuple((p, Span(12, 18)) for p in ids))
    )
    lead.keep_claim(Claim(theme, "They stay late.", id=claim))
    for place, number in ids.items():
        for n in range(number):
            at = Span(12 + n, 18 + n)
            kept = Excerpt(theme, place, at, claim=claim, note=f"NOTE {n}")
            lead.link_excerpt(replace(kept, id=made_id("link", place, n)))
            quoted = ChosenQuotation(theme, place, at, sense=f"SENSE {n}")
            lead.choose_quotation(replace(quoted, id=made_id("quotation", place, n)))
        lead.answer_memo(made_id("ana", place, "shared"), "ANSWER", id=made_id("answer", place))
    lead.record_export(
        Export(
            *("codings", "csv", "codings.csv", "0" * 64, 10, "s"),
            participants=("P01", "person of two"),
            id=made_id("export"),
        )
    )
    for person in ("P01", "person of two"):
        lead.set_member_checks(MemberCheck(person, id=made_id("check", person)))
        lead.set_consent(Consent(person, form="first"))


def change_codebook(study: Study, many: int) -> None:
    """A narrowed code; Ana has answered for what she coded with it, in sight of others."""
    lead, ana = study.seated(LEA), study.seated(ANA)
    lead.set_recode_blind(False)
    book = lead.codebook()
    after = book.with_code(replace(book["C1"], when_not_to_use="Hoped for only."))
    version = lead.set_codebook(after, changes=[CodeChange("narrow", "C1")]).version
    for number, task in enumerate(ana.recode_tasks()):
        assert task.coding is not None
        if task.transcript == "one" or number % 2:
            made = Recoding("keep", version, "ana", task.transcript, task.coding.id)
            ana.recode(replace(made, id=made_id("answer to", task.coding.id)))


@settings(max_examples=10, phases=[Phase.generate])
@given(
    st.sampled_from([ANA, BEN, LEA, PAUL, AUDITOR]),
    st.text("abc ", min_size=5, max_size=30),
    st.integers(1, 4),
)
def test_what_was_made_of_a_text_held_back_since_changes_nothing_that_is_read(
    seat: Seat, words: str, many: int
) -> None:
    views = []
    for start, number in (("Helen Okafor came.", 2), (f"{words}x.", many)):
        with built(start, number) as whole:
            study = whole.seated(seat)
            found = seen(study, ("P01",)) | refusals(study)
            found["subject"] = [study.history(subject=each) for each in ("one", "P02", "C1")]
            found["acts"] = probed(study)
            assert whole.check() == []
            views.append(found)
    for reading in views[0]:
        if reading in ("last_hash", "copies"):
            continue
        one, other = (but_digests(view[reading], reading) for view in views)
        assert one == other, reading
    assert {"memos", "recode_tasks", "searches", "proposals", "theme_work"} <= READINGS


def but_digests(value: Any, reading: str) -> Any:
    """A text is told of by its digest when it is added; its lines have nothing else of it."""
    if not reading.startswith(("history", "subject")):
        return value
    lines = itertools.chain.from_iterable(
        each if isinstance(each, list) else [each] for each in value
    )
    return [line if line["act"] != "import" else line["act"] for line in lines]


def probed(study: Study) -> dict[str, object]:
    """What acts on what was made of the text say to this seat."""
    made = made_id("ana", "two", 0)
    found: dict[str, object] = {}
    for name, act in {
        "delete": lambda: study.delete_memo(made_id(made, "transcript")),
        "share": lambda: study.share_memo(made_id("ana", "two", "shared")),
        "answer": lambda: study.answer_memo(made_id("ben", "two", "shared"), "x"),
        "undo": lambda: study.undo_search(made_id("ana", "two", "search", 0)),
        "decline": lambda: study.decline_proposal(made_id(made, "code"), reason="No."),
        "recode": lambda: study.recode(Recoding("keep", "1.0", study.who, "two", made)),
        "confirm": lambda: study.confirm(made),
        "find": lambda: study.find(Search("late", "inside"), transcripts=["two"]),
        "noted": lambda: study.noted("two"),
    }.items():
        with pytest.raises(QualcodeError) as refused:
            act()
        found[name] = str(refused.value)
    return found


def test_a_release_brings_back_all_that_was_made_of_the_text() -> None:
    with built("Helen came.", 2) as whole:
        ana, lead = whole.seated(ANA), whole.seated(LEA)
        before = len(ana.memos()), len(ana.proposals()), len(ana.recode_tasks())
        assert {memo.transcript for memo in ana.memos()} <= {"", "one"}
        assert "two" not in json.dumps(lead.history("code_add"))
        assert lead.exports()[0].participants == ("P01", "person of two")
        assert ana.exports()[0].participants == ("P01",)
        assert {q.transcript for q in lead.theme_work().quotations} == {"one"}
        whole.seated(SUE).release("two", signed="Sue", found=0)
        after = len(ana.memos()), len(ana.proposals()), len(ana.recode_tasks())
        assert all(more > less for less, more in zip(before, after, strict=True))
        assert {q.transcript for q in lead.theme_work().quotations} == {"one", "two"}
        assert ana.exports()[0].participants == ("P01", "person of two")
        assert len(ana.searches()) == 4


def test_the_search_of_a_text_held_back_is_not_taken_back(two_coders: Study) -> None:
    ana = two_coders.seated(ANA)
    put = ana.autocode(Search("met", "inside"), "C1", transcripts=["P03"])
    two_coders.hold_texts_back(True)
    with pytest.raises(BadCoding, match="cannot be changed any more"):
        ana.undo_search(put.search)
    with pytest.raises(NotInStudy):
        ana.noted("P03")
    two_coders.release("P03", signed="Lea", found=0)
    ana.undo_search(put.search)
    assert list(ana.codings(coders=["ana"])) == []
    assert two_coders.check() == []
