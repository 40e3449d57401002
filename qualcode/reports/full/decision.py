"""What stands first for those who decide: messages, and the summary of three pages."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.reports.document import Heading, Quote
from qualcode.reports.full.material import Material
from qualcode.reports.full.profiles import Ask
from qualcode.reports.full.results import CODING_WAITS, Item


def question(m: Material) -> Sequence[Item]:
    lines = [line for line in m.typed("study.aims").splitlines() if line.strip()]
    if not lines:
        return [Ask("decision.question", "the question that the study answers")]
    return [m.draft("decision.question", *(f"{{aim({n})}}" for n in range(1, len(lines) + 1)))]


def messages(m: Material) -> Sequence[Item]:
    """One line a theme: what was said, and by how many."""
    if not m.found.themes:
        return [Ask("decision.messages", CODING_WAITS, bullets=True)]
    verbal = m.profile.number_words and m.of >= 10
    lines = [
        f"{{theme.name({n})}} "
        + (f"– {{theme.verbal({n})}} of those we asked " if verbal else "")
        + f"({{theme.participants({n})}} of {{sample.coded}})."
        for n in range(1, len(m.found.themes) + 1)
    ]
    return [m.draft("decision.messages", *lines, bullets=True)]


def base(m: Material) -> Sequence[Item]:
    told = ["These messages rest on interviews with {sample.participants|participant}"]
    if m.has("dates.first"):
        same = m.ask("dates.first") == m.ask("dates.last")
        told = [
            f"{told[0]} in {{dates.first}}" if same
            else f"{told[0]} from {{dates.first}} to {{dates.last}}"
        ]  # fmt: skip
    return [
        m.draft(
            "decision.base",
            f"{told[0]}.",
            "They tell what was said and by how many of those asked; they cannot tell how many "
            "others would say the same.",
        )
    ]


def how(m: Material) -> Sequence[Item]:
    told = []
    if m.has("sample.interviews"):
        sites = " at {sample.sites|site}" if m.ask("sample.sites") else ""
        told.append(
            f"We interviewed {{sample.participants|participant}}{sites}"
            + (" ({duration.total} minutes in all)." if m.has("duration.total") else ".")
        )
    if len(m.coders) > 1 and m.ask("transcripts.twice"):
        told.append(
            "{coders|Words} researchers marked the same passages without seeing each other’s "
            "work, then settled their differences."
        )
    if m.found.accepted:
        told.append(f"From what was settled we {m.made} {{themes|theme}}.")
    return [m.draft("decision.how", *told)] if told else [Ask("decision.how", "what was done")]


def themes(m: Material) -> Sequence[Item]:
    """A few lines a theme, with one quotation."""
    items: list[Item] = []
    for place, theme in enumerate(m.found.themes, start=1):
        items.append(Heading(theme.name))
        definition = (
            f"{{theme.definition({place})}}" if m.has("theme.definition", str(place)) else ""
        )
        items.append(
            m.draft(
                f"decision.theme.{theme.id}",
                definition,
                f"{{theme.participants({place})|Words}} of {{sample.coded|participant}} voiced it.",
            )
        )
        items += [Quote(quote.shown, quote.attribution) for quote in theme.quotations[:1]]
    return items or [Ask("decision.themes", CODING_WAITS)]


def needs(m: Material) -> Sequence[Item]:
    """The needs, the most important first, with how many people stand behind each."""
    if not m.needs:
        return [Ask("decision.needs", "what is needed; the register of needs is empty")]
    lines = [
        f"{{need({n})}} "
        + (
            f"({{need.participants({n})}} of {{sample.coded}})."
            if found.evidence
            else "(the team’s judgement)."
        )
        for n, found in enumerate(m.needs, start=1)
    ]
    return [m.draft("decision.needs", *lines, bullets=True)]


def sure(m: Material) -> Sequence[Item]:
    told = []
    if m.ask("member_check.replied"):
        told.append("{member_check.replied|Participant} read a summary and answered.")
    if m.facts.undecided:
        told.append(
            "Not every difference between the coders is settled yet "
            "({differences.settled} of {differences})."
        )
    told.append("The people asked were chosen for what they know; the counts are of them alone.")
    if m.typed("report.limitations"):
        told.append("{form(report.limitations)|ended}")
    return [m.draft("decision.sure", *told)]
