"""A whole study, coded, settled and themed, with the same hostile words in every text of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qualcode.changes import CodeChange, merged
from qualcode.codebook import Codebook
from qualcode.model import Code, Member, Participant, Removal, Theme, Transcript, Turn
from qualcode.reconciliation import decide, find_differences
from qualcode.reports import FORM_FIELDS
from qualcode.spans import Span
from qualcode.store import open_study

from .conftest import ANA, BEN, LEA, add

MARKUP = (
    "<img src=x onerror=alert(1)><script>alert(2)</script><b class=evil>E</b>"
    "[e](javascript:alert(3)) ![e](http://evil.example/e.png) **e** :red[e] $e$ `e` <https://evil.example>"
)
SQL = "'); DELETE FROM codings; DROP TABLE history; --\" OR '1'='1"
FORMULA = '=HYPERLINK("http://evil.example","e")'
CODE_NAME = 60
TITLES = ("P1", "P2")


def hostile_study(path: Path, words: str) -> None:
    """Lea leads, Ana and Ben have coded and submitted; each text field holds ``words``."""
    short = words[:CODE_NAME]
    codes = (
        Code("T1", f"1 {short}"[:CODE_NAME], kind="theme", codable=False, brief_definition=words),
        *(
            Code(
                f"C{n}",
                f"{n} {short}"[:CODE_NAME],
                parent="T1",
                brief_definition=words,
                full_definition=words,
                when_to_use=words,
                when_not_to_use=words,
                example=words,
                source_note=words,
                facets=words,
                order=n,
            )
            for n in (2, 3)
        ),
    )
    with open_study(path, create=True, title=words[:120]) as study:
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles, f"{seat.name} {short}"))
        study.set_codebook(Codebook(codes), note=words)
        for number, title in enumerate(TITLES):
            study.add(Participant(title, {"Ward": words, words: "yes"}))
            study.add(interview(f"{title} {words}"[:200], title, words))
            first = study.transcripts()[number]
            study.set_facts(first.id, {"setting": words})
            whole = first.participant_turns[0].span
            for seat, code in ((ANA, "C2"), (BEN, "C3")):
                operation = add(first, whole.start, whole.end, code, memo=words)
                refused = study.seated(seat).apply(first.id, [operation]).rejected
                assert refused == ()
        for seat in (ANA, BEN):
            study.seated(seat).submit(*study.titles())
        difference, *_ = find_differences(study.codings(), ("ana", "ben"))
        study.seated(LEA).decide(decide(difference, "a", reason=words, decided_by="lea"))
        span = (difference.transcript, study.transcripts()[0].participant_turns[0].span)
        theme = Theme(words[:200], words, ("C2",), (span,))
        study.seated(LEA).add_theme(theme)
        dropped = study.seated(LEA).add_theme(replace(theme, id="dropped", name="Another"))
        study.seated(LEA).drop_theme(dropped.id, reason=words)
        book = study.codebook()
        after, said = merged(
            book.with_code(replace(book["C2"], brief_definition="Before")), ["C3"], "C2"
        )
        study.set_codebook(
            after, note=words, changes=(*said, CodeChange("narrow", "C2", note=words))
        )
        study.settings.change(dict.fromkeys(FORM_FIELDS, words) | {"guide.text": words})
        study.settings.set_team([{"name": words, "credentials": words}])
        study.settings.answer("coreq", "1", response=words, location=words)


def interview(title: str, participant: str, words: str) -> Transcript:
    question, answer = f"Why {words}?", f"Because {participant}: {words}."
    return Transcript(
        title,
        f"{question}\n{answer}",
        (
            Turn(f"I {words}"[:60], "interviewer", Span(0, len(question))),
            Turn(
                participant,
                "participant",
                Span(len(question) + 1, len(question) + 1 + len(answer)),
            ),
        ),
        source_name=f"../../{words}.txt",
        source_format="txt",
        participant=participant,
        removals=(Removal(words, words),),
    )
