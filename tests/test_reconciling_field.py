"""A real double-coded set settled in qualcode: abstracts of software engineering, two of four
coders a sentence, with what each had at first and after they had talked.

The file is in the folder that ``QUALCODE_FIELD_DATA`` names, and is no part of qualcode.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qualcode.agreement import compare_coders
from qualcode.agreement.coefficients import percent_agreement
from qualcode.codebook import Codebook
from qualcode.model import Code, Coding, Member, Seat, Transcript, Turn, new_id
from qualcode.reconciliation import (
    agreed_passages,
    consensus,
    find_passages,
    progress,
    settle,
)
from qualcode.reconciliation.decisions import New
from qualcode.spans import Span
from qualcode.store import Study, open_study

pytestmark = pytest.mark.field

FOLDER = Path(os.environ.get("QUALCODE_FIELD_DATA") or "/nonexistent") / "multicoder" / "qabstracts"
DATA = FOLDER / "qabstracts_initial_final_dev.json"
if not DATA.is_file():
    pytest.skip(
        "QUALCODE_FIELD_DATA names no folder with the double-coded abstracts",
        allow_module_level=True,
    )

LEA = Seat("lea", frozenset({"lead"}))
WHOLE, WHOLE_AFTER = 0.892, 0.987
"""Identical sets of codes over all abstracts of that study, before and after, as the collection's
manifest gives them; the file here holds a part of the abstracts and tells them apart by more."""
Sets = dict[tuple[str, int], frozenset[str]]


@dataclass(frozen=True)
class Abstracts:
    """The study with the initial codings, its sentences, and what each coder had in the end."""

    study: Study
    sentences: tuple[tuple[str, int], ...]
    first: Mapping[str, Sets]
    final: Mapping[str, Sets]
    spans: Mapping[tuple[str, int], Span]
    ids: Mapping[str, str]


def codes_of(marks: Iterable[str]) -> frozenset[str]:
    """The codes without the counts after the colon; slips of the pen are codes of their own."""
    names = (re.sub(r"[^A-Za-z-]", "", mark.split(":")[0]) for mark in marks)
    return frozenset(name for name in names if name and not name.startswith("-"))


def declared() -> set[str]:
    """The codes that their codebook declares, as their own script finds them there."""
    text = (FOLDER / "codebook.md").read_text(encoding="utf-8")
    return {found.split(":")[0].strip() for found in re.findall(r"code `([a-z]+[^`]*)`", text)}


@pytest.fixture(scope="module")
def abstracts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abstracts]:
    """Each abstract a transcript, each sentence a turn; first coder A, second coder B."""
    data: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
    first: dict[str, Sets] = {"a": {}, "b": {}}
    final: dict[str, Sets] = {"a": {}, "b": {}}
    spans: dict[tuple[str, int], Span] = {}
    texts = []
    for abstract in data:
        turns, text = [], ""
        for number, sentence in enumerate(abstract["sentences"]):
            start = len(text)
            text += " ".join(sentence["text"].split())
            place = (abstract["citekey"], number)
            spans[place] = Span(start, len(text))
            turns.append(Turn("Author", "participant", spans[place]))
            text += "\n"
            for coder in ("a", "b"):
                first[coder][place] = codes_of(sentence[f"{coder.upper()}_initial"])
                final[coder][place] = codes_of(sentence[f"{coder.upper()}_final"])
        texts.append(Transcript(abstract["citekey"], text.removesuffix("\n"), tuple(turns)))
    used = set().union(*(s for sets in (*first.values(), *final.values()) for s in sets.values()))
    folder = tmp_path_factory.mktemp("abstracts")
    with open_study(folder / "abstracts.qualcode", create=True, title="Abstracts") as study:
        study.add_member(Member("lea", LEA.roles))
        for coder in ("a", "b"):
            study.add_member(Member(coder, frozenset({"coder"}), coder.upper()))
        study.set_codebook(Codebook(tuple(Code(name, name) for name in sorted(declared() | used))))
        study.add(*texts)
        ids = {text.title: text.id for text in texts}
        for coder in ("a", "b"):
            seated = study.seated(Seat(coder, frozenset({"coder"})))
            for text in texts:
                acts = [
                    {
                        "op": "add",
                        "op_id": new_id(),
                        "quote": text.text[spans[place].slice],
                        "coding": {
                            "id": new_id(),
                            "start": spans[place].start,
                            "end": spans[place].end,
                            "code": code,
                            "memo": "",
                        },
                    }
                    for place, codes in first[coder].items()
                    if place[0] == text.title
                    for code in sorted(codes)
                ]
                assert seated.apply(text.id, acts).rejected == ()
            seated.submit(*ids.values())
        yield Abstracts(study, tuple(spans), first, final, spans, ids)


def sets_in(codings: Iterable[Coding], abstracts: Abstracts) -> Sets:
    """For each sentence the codes that stand on it."""
    found: dict[tuple[str, int], set[str]] = {}
    by_start = {
        (abstracts.ids[place[0]], span.start): place for place, span in abstracts.spans.items()
    }
    for coding in codings:
        place = by_start[coding.transcript, coding.span.start]
        assert coding.span == abstracts.spans[place]
        found.setdefault(place, set()).add(coding.code)
    return {place: frozenset(found.get(place, ())) for place in abstracts.sentences}


def identical(one: Sets, other: Sets, places: Iterable[tuple[str, int]]) -> float:
    given = list(places)
    found = percent_agreement([[one[p] for p in given], [other[p] for p in given]])
    assert found is not None
    return found.value


def test_the_initial_codings_come_in_whole(abstracts: Abstracts) -> None:
    lead = abstracts.study.seated(LEA)
    codings = lead.codings()
    for coder in ("a", "b"):
        own = sets_in([c for c in codings if c.coder == coder], abstracts)
        assert own == abstracts.first[coder]
    assert len(abstracts.sentences) == 1216
    assert {"background", "objective", "method", "result", "conclusion", "gap"} <= declared()
    assert declared() <= {code.id for code in lead.codebook().codes}


def test_initial_agreement_on_identical_code_sets_is_that_of_the_manifest(
    abstracts: Abstracts,
) -> None:
    lead = abstracts.study.seated(LEA)
    codings = lead.codings()
    a, b = (sets_in([c for c in codings if c.coder == coder], abstracts) for coder in ("a", "b"))
    same = identical(a, b, abstracts.sentences)
    # Two standard errors of a share of this size among so many sentences.
    assert abs(same - WHOLE) < 2 * (WHOLE * (1 - WHOLE) / len(abstracts.sentences)) ** 0.5
    agreed = compare_coders(lead.transcripts(), codings, unit="turn", resamples=0)
    assert agreed.n_units == len(abstracts.sentences)
    assert 0.667 < (agreed.overall.value or 0) < same


def test_every_sentence_on_which_they_part_is_in_the_queue_and_no_other(
    abstracts: Abstracts,
) -> None:
    lead = abstracts.study.seated(LEA)
    by_start = {
        (abstracts.ids[place[0]], span.start): place for place, span in abstracts.spans.items()
    }
    queued = {
        by_start[p.transcript, p.span.start] for p in find_passages(lead.codings(), ("a", "b"))
    }
    parted = {
        place
        for place in abstracts.sentences
        if abstracts.first["a"][place] != abstracts.first["b"][place]
    }
    assert queued == parted


def test_their_final_codings_are_reached_by_decisions(abstracts: Abstracts) -> None:
    """Where the two had one set of codes in the end, decisions lead to it: on differences, and in
    place of the rule where talking changed what they had agreed on.
    """
    study, lead = abstracts.study, abstracts.study.seated(LEA)
    with sqlite3.connect(study.path) as db:
        before = db.execute("SELECT * FROM codings ORDER BY id").fetchall()
    wanted = {
        place: abstracts.final["a"][place]
        for place in abstracts.sentences
        if abstracts.final["a"][place] == abstracts.final["b"][place]
    }
    assert len(wanted) / len(abstracts.sentences) > 0.9, f"{WHOLE_AFTER:.1%} of all abstracts"
    codings = lead.codings()
    by_start = {
        (abstracts.ids[place[0]], span.start): place for place, span in abstracts.spans.items()
    }
    texts = {text.id: text.text for text in lead.transcripts()}
    made, missing = [], {place: set(codes) for place, codes in wanted.items()}
    everything = [*find_passages(codings, ("a", "b")), *agreed_passages(codings, ("a", "b"))]
    for passage in everything:
        place = by_start[passage.transcript, passage.span.start]
        if place not in wanted:
            if passage.types != ("agreed",):
                made.append(settle(passage, "defer", decided_by=""))
            continue
        sides = [{c.code for c in side} & wanted[place] for side in passage.sides]
        missing[place] -= sides[0] | sides[1]
        if passage.types == ("agreed",) and sides[0]:
            continue  # agreed, and so it stayed
        whole = [{c.code for c in side} for side in passage.sides]
        if sides[0] == whole[0] and sides[1] == whole[1]:
            outcome = "both" if all(whole) else "a" if whole[0] else "b"
        elif sides[0] or sides[1]:
            outcome = "a" if sides[0] else "b"
        else:
            outcome = "neither"
        made.append(settle(passage, outcome, reason="slip", decided_by=""))  # type: ignore[arg-type]
    # A code that neither had at first is another code on the words of a passage decided there.
    for number, decision in enumerate(list(made)):
        passage = next(p for p in everything if p.id == decision.difference)
        place = by_start[passage.transcript, passage.span.start]
        if decision.outcome == "neither" and missing.get(place):
            span = passage.span
            new: New = (span, missing[place].pop(), texts[passage.transcript][span.slice])
            made[number] = settle(passage, "other", reason="slip", new=new, decided_by="")
    lead.decide(*made)
    stands = sets_in(consensus(codings, lead.decisions()), abstracts)
    reached = [place for place, codes in wanted.items() if stands[place] == codes]
    assert len(reached) >= len(wanted) - sum(bool(codes) for codes in missing.values())
    assert len(reached) / len(wanted) > 0.99, "only codes that joined what both had are left"
    left_open = {by_start[p.transcript, p.span.start] for p in everything} - set(wanted)
    done, total = progress(find_passages(codings, ("a", "b")), lead.decisions())
    assert total - done <= sum(1 for p in everything if by_start[p.transcript, p.span.start] in
                               left_open)  # fmt: skip
    with sqlite3.connect(study.path) as db:
        assert db.execute("SELECT * FROM codings ORDER BY id").fetchall() == before
    assert study.check() == []
