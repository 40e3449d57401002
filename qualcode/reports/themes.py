"""The theme summary: what each theme says, in how many people, and in whose words."""

from __future__ import annotations

from datetime import date as Date

from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Table,
    Value,
    counted,
    row,
)
from qualcode.reports.facts import StudyFacts, StudyLike, gather
from qualcode.reports.findings import Finding, Findings, findings

COLUMNS = (
    *("theme", "definition", "codes", "participants", "of", "groups"),
    *("quotation", "participant", "attribution", "quotation_codes", "transcript", "start", "end"),
)
SPREAD = (
    "Counts are of participants, from the consensus codings; they show how widely a theme was "
    "voiced, not how important it is. Passages are turns of participants."
)


def theme_summary(study: StudyLike, *, date: Date | None = None) -> Report:
    """Each theme with its definition, codes, people and two to four quotations, word for word."""
    facts = gather(study)
    found = findings(facts)
    day = date or Date.today()
    return Report(
        kind="themes",
        title="Theme summary",
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}. "
            f"Codebook version {facts.codebook.version}.",
        ),
        blocks=_blocks(facts, found),
        date=day,
        columns=COLUMNS,
        records=_records(facts, found),
        data={
            "study": facts.title,
            "snapshot": facts.snapshot,
            "accepted": found.accepted,
            "participants": len(found.participants),
            "quotations": len(found.quotations),
            "quoted": list(found.quoted),
            "themes": [_data(theme) for theme in found.themes],
        },
    )


def _blocks(facts: StudyFacts, found: Findings) -> tuple[Block, ...]:
    if not found.themes:
        why = "There are no themes to show yet: no finished transcript has a coding under a theme."
        if facts.coding_is_open:
            why += " Themes open when everybody has submitted."
        return (Paragraph(why),)
    return (
        *(Paragraph(line) for line in _opening(facts, found)),
        _overview(found),
        Paragraph(SPREAD, small=True),
        *(block for theme in found.themes for block in _theme(facts, found, theme)),
        *_elsewhere(found),
        *_how_chosen(facts),
    )


def _opening(facts: StudyFacts, found: Findings) -> list[str]:
    total = counted(len(found.participants), "participant")
    lines = [
        f"{counted(len(found.themes), 'theme')}, from the interviews of {total}; "
        f"{counted(len(found.quotations), 'quotation')} of {len(found.quoted)} of them."
    ]
    if not found.accepted:
        lines.append(
            "No theme has been accepted in this study yet. The groups of the codebook stand here "
            "in their place; they were set up for coding and are not findings."
        )
    if facts.coding_is_open:
        lines.append(
            f"Coding is not finished: {len(facts.closed)} of "
            f"{counted(len(facts.transcripts), 'transcript')} count here."
        )
    if facts.undecided:
        lines.append(
            f"{counted(facts.undecided, 'difference')} between the coders not settled yet; the "
            "passages concerned are not counted."
        )
    placeholders = 2 * len(found.themes)
    lines.append(f"{placeholders} places, marked “To write”, wait for the authors’ words.")
    return lines


def _overview(found: Findings) -> Table:
    groups = list(found.themes[0].groups)
    of = len(found.participants)
    return Table(
        caption="Themes and the participants who voiced them",
        columns=(
            Column("Theme", 5.4),
            Column(f"Participants (of {of})", 3.2, numeric=True),
            *(Column(f"{group} (of {found.themes[0].groups[group][1]})", 3, numeric=True)
              for group in groups),
            Column("Passages", 2.6, numeric=True),
        ),
        rows=tuple(
            row(
                theme.name,
                str(len(theme.participants)),
                *(str(theme.groups[group][0]) for group in groups),
                str(theme.passages),
            )
            for theme in found.themes
        ),
    )  # fmt: skip


def _theme(facts: StudyFacts, found: Findings, theme: Finding) -> list[Block]:
    of = len(found.participants)
    spread = f"{len(theme.participants)} of {counted(of, 'participant')}"
    spread += f" ({_groups(theme)})" if theme.groups else ""
    blocks: list[Block] = [Heading(theme.name)]
    if theme.definition.strip():
        blocks.append(Paragraph(theme.definition.strip()))
    else:
        blocks.append(Placeholder("a sentence that defines the theme: what it includes and not"))
    blocks.append(Paragraph(f"Voiced by {spread}."))
    if theme.origin == "machine_suggested":
        blocks.append(
            Paragraph("It began as a cluster proposed by software after coding.", small=True)
        )
    blocks.append(Placeholder("the claim that these words illustrate"))
    blocks += [Quote(quote.shown, quote.attribution) for quote in theme.quotations]
    if not theme.quotations:
        blocks.append(
            Paragraph("No passage can be quoted: see below how quotations are chosen.", small=True)
        )
    blocks.append(Placeholder("what follows from this, and who said otherwise"))
    if theme.codes:
        blocks.append(_codes(theme, of))
    return blocks


def _groups(theme: Finding) -> str:
    return ", ".join(f"{group} {n} of {total}" for group, (n, total) in theme.groups.items())


def _codes(theme: Finding, of: int) -> Table:
    return Table(
        caption=f"Codes in “{theme.name}”",
        columns=(
            Column("Code", 4),
            Column("Definition", 7),
            Column(f"Participants (of {of})", 3.2, numeric=True),
            Column("Passages", 2.5, numeric=True),
        ),
        rows=tuple(
            row(
                Cell(found.code.name),
                found.code.brief_definition,
                str(len(found.participants)),
                str(found.passages),
            )
            for found in theme.codes
        ),
    )


def _elsewhere(found: Findings) -> list[Block]:
    """Codes of one participant, and codes of none: where diverse cases and gaps are to be seen."""
    single = [
        f"{line.code.name} ({line.participants[0]})"
        for theme in found.themes
        for line in theme.codes
        if len(line.participants) == 1
    ]
    blocks: list[Block] = []
    if single or found.unused:
        blocks.append(Heading("Rare and unused codes"))
    if single:
        blocks.append(Paragraph(f"Found in one participant only: {'; '.join(single)}."))
    if found.unused:
        names = "; ".join(code.name for code in found.unused)
        blocks.append(Paragraph(f"In the codebook and never used: {names}."))
    return blocks


def _how_chosen(facts: StudyFacts) -> list[Block]:
    silent = sum(person.quote_consent == "no" for person in facts.participants)
    lines = [
        "Quotations stand word for word as in the transcripts; [...] marks what was left out. "
        "Each carries, in the consensus, a code of its theme, has 8 to 100 words of one person’s "
        "turn, and comes from another person than the others of the theme. A group is named only "
        "with consent and where three or more people share it. Passages that look as if they held "
        "a name, a number or a date are passed over; read each quotation once more and ask "
        "whether a colleague would know the speaker."
    ]
    if silent:
        lines.append(
            f"{counted(silent, 'participant')} did not agree to be quoted, and "
            f"{'is' if silent == 1 else 'are'} counted in the figures without a quotation."
        )
    return [Heading("How quotations were chosen"), *(Paragraph(line) for line in lines)]


def _records(facts: StudyFacts, found: Findings) -> tuple[dict[str, Value], ...]:
    records: list[dict[str, Value]] = []
    for theme in found.themes:
        head: dict[str, Value] = {
            "theme": theme.name,
            "definition": theme.definition,
            "codes": "; ".join(line.code.name for line in theme.codes),
            "participants": len(theme.participants),
            "of": len(found.participants),
            "groups": _groups(theme),
        }
        records += [
            head
            | {
                "quotation": quote.shown,
                "participant": quote.participant,
                "attribution": quote.attribution,
                "quotation_codes": "; ".join(quote.codes),
                "transcript": facts.transcript[quote.transcript].title,
                "start": quote.span.start,
                "end": quote.span.end,
            }
            for quote in theme.quotations
        ] or [head]
    return tuple(records)


def _data(theme: Finding) -> dict[str, object]:
    return {
        "name": theme.name,
        "definition": theme.definition,
        "origin": theme.origin,
        "participants": list(theme.participants),
        "groups": {group: {"n": n, "of": of} for group, (n, of) in theme.groups.items()},
        "passages": theme.passages,
        "codes": [
            {
                "code": line.code.id,
                "name": line.code.name,
                "participants": len(line.participants),
                "passages": line.passages,
            }
            for line in theme.codes
        ],
        "quotations": [
            {"text": quote.text, "shown": quote.shown, "participant": quote.participant}
            for quote in theme.quotations
        ],
    }
