"""A reporting checklist filled from a study: its 32 rows always, gaps shown as gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

from qualcode.checklists import Checklist, checklist_names, load_checklist
from qualcode.reports.answered import (
    FROM_STUDY,
    OUT_OF_DATE,
    SOURCES,
    Answer,
    checklist_answers,
    crossing,
)
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Page,
    Paragraph,
    Report,
    Row,
    Table,
    counted,
)
from qualcode.reports.facts import StudyFacts, StudyLike, gather

COLUMNS = (
    *("number", "domain", "section", "topic", "guide_question"),
    *("status", "location", "response", "source"),
)


def coreq_report(
    study: StudyLike, *, form: Mapping[str, str] | None = None, date: Date | None = None
) -> Report:
    """The COREQ checklist of a study, to be handed in with the manuscript.

    Parameters
    ----------
    study
        The study, seen through its seat: nothing of open coding is in the report.
    form
        Answers by the keys of ``FORM_FIELDS``; they stand before those kept in the study.
    date
        The date on the report, today without it.
    """
    return checklist_report(study, "coreq", form=form, date=date)


def checklist_report(
    study: StudyLike,
    name: str,
    *,
    form: Mapping[str, str] | None = None,
    date: Date | None = None,
) -> Report:
    """Any checklist of :mod:`qualcode.checklists`, filled from a study."""
    checklist = load_checklist(name)
    facts = gather(study, form)
    answers = filled(study, facts, checklist)
    return answers_report(facts, checklist, answers, date or Date.today())


def filled(study: StudyLike, facts: StudyFacts, checklist: Checklist) -> tuple[Answer, ...]:
    """The items of a checklist with their answers; other lists answer by their crosswalk."""
    known = [load_checklist(name) for name in checklist_names()]
    others = [
        answer
        for other in crossing(checklist, known)
        for answer in checklist_answers(facts, other, study.answers(other.id))
    ]
    return checklist_answers(facts, checklist, study.answers(checklist.id), others)


def answers_report(
    facts: StudyFacts, checklist: Checklist, answers: tuple[Answer, ...], day: Date
) -> Report:
    """The document of a filled checklist."""
    open_items = [answer.item.number for answer in answers if answer.is_open]
    summary = f"{len(answers) - len(open_items)} of {counted(len(answers), 'item')} answered"
    if open_items:
        summary += f"; {len(open_items)} open: {', '.join(open_items)}"
    return Report(
        kind=checklist.id,
        title=checklist.title,
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}.",
            f"{checklist.citation}",
        ),
        blocks=(
            Page(landscape=True),
            Paragraph(f"{summary}."),
            _table(checklist, answers),
            Paragraph(
                f"Answers marked “{FROM_STUDY}” were computed from the study’s records on the "
                "date above; the others were typed by the authors. A location is the authors’ own, "
                "else a heading of the study’s report; “Supplement” names another report of it.",
                small=True,
            ),
            *_to_check(answers),
        ),
        date=day,
        columns=COLUMNS,
        records=tuple(_record(answer) for answer in answers),
        data={
            "study": facts.title,
            "snapshot": facts.snapshot,
            "citation": checklist.citation,
            "summary": summary,
            "answered": len(answers) - len(open_items),
            "open": open_items,
            "evidence": {a.item.id: dict(a.evidence.value) for a in answers if a.evidence.value},
            "records": {
                a.item.id: [link.address for link in a.evidence.links]
                for a in answers
                if a.evidence.links
            },
            "out_of_date": [a.item.number for a in answers if a.out_of_date],
            "to_check": {a.item.id: list(a.evidence.notes) for a in answers if a.evidence.notes},
        },
    )


def _record(answer: Answer) -> dict[str, str]:
    item = answer.item
    return {
        "number": item.number,
        "domain": item.domain,
        "section": item.section,
        "topic": item.topic,
        "guide_question": item.guide_question,
        "status": answer.status,
        "location": answer.location,
        "response": answer.text,
        "source": SOURCES.get(answer.source, answer.source),
    }


def _table(checklist: Checklist, answers: tuple[Answer, ...]) -> Table:
    rows: list[Row] = []
    domain = section = ""
    for answer in answers:
        item = answer.item
        if item.domain != domain:
            domain, section = item.domain, ""
            rows.append(Row((Cell(domain),), "domain"))
        if item.section not in (section, domain):
            section = item.section
            rows.append(Row((Cell(section),), "section"))
        rows.append(
            Row(
                (
                    Cell(item.number),
                    Cell(item.topic),
                    Cell(item.guide_question),
                    Cell(answer.location),
                    Cell(
                        answer.response,
                        note=FROM_STUDY if answer.source == "data" else "",
                        ask=_to_deal_with(answer),
                    ),
                )
            )
        )
    return Table(
        caption=f"{checklist.id.upper()} {checklist.version}: {len(answers)} items",
        columns=(
            Column("No.", 1.1),
            Column("Topic", 3.4),
            Column("Guide question", 5.6),
            Column("Reported on page / section", 3.0),
            Column("Response", 11.0),
        ),
        rows=tuple(rows),
    )


def _to_deal_with(answer: Answer) -> str:
    """What the authors see marked under a response."""
    late = f"{OUT_OF_DATE[:1].upper()}{OUT_OF_DATE[1:]}." if answer.out_of_date else ""
    return " ".join(filter(None, (answer.ask, late)))


def _to_check(answers: tuple[Answer, ...]) -> tuple[Block, ...]:
    """What a careful author looks at first; nothing where there is nothing to look at."""
    notes = [
        Paragraph(f"Item {answer.item.number}. {note}")
        for answer in answers
        if answer.source in ("data", "form")
        for note in answer.evidence.notes
    ]
    if not notes:
        return ()
    return (
        Heading("To check before submission"),
        Paragraph("For the authors; delete this section when it is dealt with.", small=True),
        *notes,
    )
