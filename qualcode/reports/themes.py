"""The theme summary: one page a theme, with its claims, people, words and divergent cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

from qualcode.errors import NotInStudy
from qualcode.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Layout,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Sheet,
    Table,
    Value,
    counted,
    listed,
    row,
)
from qualcode.reports.facts import StudyFacts, StudyLike, gather
from qualcode.reports.findings import ExcerptFinding, Finding, Findings, findings

COLUMNS = (
    *("theme", "part_of", "kind", "state", "version", "definition", "includes", "leaves_out"),
    *("codes", "participants", "of", "groups", "relations"),
    *("quotation", "participant", "attribution", "quotation_codes", "transcript", "start", "end"),
)
STATES = {
    "candidate": "candidate",
    "reviewed": "reviewed",
    "defined": "defined",
    "in_report": "in the report",
}
SPREAD = (
    "Counts are of participants, from the consensus codings; they show how widely a theme was "
    "voiced, not how important it is. Passages are turns of participants."
)

CLOSE_SET = Layout(spacing=1.0, letters=10, margin=20)
"""A theme of usual length fits one page."""


def theme_summary(study: StudyLike, *, date: Date | None = None, theme: str = "") -> Report:
    """Each theme on a page of its own; with ``theme``, the id of one, that theme alone.

    Raises
    ------
    NotInStudy
        There is no theme of this id.
    """
    facts = gather(study)
    found = findings(facts, every=bool(theme))
    if theme:
        found = _alone(found, theme)
    day = date or Date.today()
    return Report(
        kind="themes",
        title="Theme summary",
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}. "
            f"Codebook version {facts.codebook.version}.",
        ),
        blocks=_blocks(facts, found, alone=bool(theme)),
        date=day,
        layout=CLOSE_SET,
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
        sheets=_sheets(facts, found),
    )


def _alone(found: Findings, theme: str) -> Findings:
    one = tuple(finding for finding in found.themes if finding.id == theme)
    if not one:
        raise NotInStudy("This theme is not in the study any more; choose another.")
    return replace(found, themes=one, needs=one[0].needs, unused=())


def _blocks(facts: StudyFacts, found: Findings, *, alone: bool) -> tuple[Block, ...]:
    if not found.themes:
        why = "There are no themes to show yet: no finished transcript has a coding under a theme."
        if facts.coding_is_open:
            why += " Themes open when everybody has submitted."
        return (Paragraph(why),)
    pages = [_theme(facts, found, theme) for theme in found.themes]
    if alone:
        return (*pages[0], *_how_chosen(facts))
    last = [*_elsewhere(found), *_how_chosen(facts)]
    return (
        *(Paragraph(line) for line in _opening(facts, found, pages)),
        _overview(found),
        Paragraph(SPREAD, small=True),
        *(block for page in pages for block in (Page(), *page)),
        Page(),
        *last,
    )


def _opening(facts: StudyFacts, found: Findings, pages: list[list[Block]]) -> list[str]:
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
    if found.left_out:
        names = "; ".join(found.left_out)
        lines.append(f"Kept in the study and not marked for the report: {names}.")
    placeholders = sum(isinstance(block, Placeholder) for page in pages for block in page)
    if placeholders:
        lines.append(
            f"{counted(placeholders, 'place')}, marked “To write”, "
            f"{'waits' if placeholders == 1 else 'wait'} for the authors’ words."
        )
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
    blocks: list[Block] = [Heading(theme.name)]
    if theme.definition.strip():
        blocks.append(Paragraph(theme.definition.strip()))
    else:
        blocks.append(Placeholder("a sentence that defines the theme: what it includes and not"))
    blocks.append(_card(facts, theme, of))
    if theme.origin == "machine_suggested":
        blocks.append(
            Paragraph("It began as a cluster proposed by software after coding.", small=True)
        )
    if theme.claims:
        blocks.append(_claims(theme))
    blocks += [Heading("In participants’ words", 2), *_words(theme)]
    if theme.divergent or theme.claims:
        blocks += [Heading("Variation and divergent cases", 2), *_divergent(theme)]
    return blocks


def _card(facts: StudyFacts, theme: Finding, of: int) -> Table:
    """What a theme is, in the fewest lines."""
    spread = f"{len(theme.participants)} of {counted(of, 'participant')}"
    spread += f" ({_groups(theme)})" if theme.groups else ""
    scope = [
        ("Includes", theme.scope_in),
        ("Leaves out", theme.scope_out),
        ("Part of", theme.parent),
        ("Codes", _codes(theme, of)),
        ("Voiced by", f"{spread}, in {counted(theme.passages, 'passage')}."),
        ("Relation to other themes", theme.relations),
        ("Needs that follow", "; ".join(need.need.need for need in theme.needs)),
        ("Status", _status(facts, theme)),
    ]
    return Table(
        caption="The theme at a glance",
        columns=(Column("Point", 3), Column("In this theme", 13)),
        rows=tuple(row(Cell(name, strong=True), words) for name, words in scope if words.strip()),
    )


def _status(facts: StudyFacts, theme: Finding) -> str:
    if not theme.id or not theme.changed_at:
        return ""
    day = Date.fromisoformat(theme.changed_at[:10])
    who = listed([facts.label(name) for name in theme.agreed])
    agreed = f"agreed by {who}" if who else "nobody has agreed to this version yet"
    return (
        f"{theme.kind.capitalize()} theme, {STATES.get(theme.state, theme.state)}. "
        f"Version {theme.version} of {day.day} {day:%B %Y}; {agreed}."
    )


def _claims(theme: Finding) -> Table:
    return Table(
        caption="Claims and the passages they rest on",
        columns=(
            Column("Claim", 7),
            Column("Participants", 2.4, numeric=True),
            Column("Rests on", 5.2),
            Column("Against it", 2.6),
        ),
        rows=tuple(
            row(
                claim.sentence,
                str(len(claim.participants)),
                "; ".join(excerpt.place for excerpt in claim.excerpts) or "no excerpt linked",
                "; ".join(excerpt.place for excerpt in claim.contrary) or "none marked",
            )
            for claim in theme.claims
        ),
    )


def _words(theme: Finding) -> list[Block]:
    """The quotations, each between the claim it illustrates and what follows from it."""
    blocks: list[Block] = []
    if not any(quote.chosen for quote in theme.quotations):
        blocks.append(Placeholder("the claim that these words illustrate"))
        blocks += [Quote(quote.shown, quote.attribution) for quote in theme.quotations]
        if not theme.quotations:
            blocks.append(
                Paragraph(
                    "No passage can be quoted: see how quotations were chosen.",
                    small=True,
                )
            )
        blocks.append(Placeholder("what follows from this, and who said otherwise"))
        return blocks
    for quote in theme.quotations:
        if not quote.introduction:
            blocks.append(Placeholder("the claim that these words illustrate"))
        elif blocks and isinstance(blocks[-1], Paragraph):
            blocks[-1] = Paragraph(f"{blocks[-1].text} {quote.introduction}")
        else:
            blocks.append(Paragraph(quote.introduction))
        blocks += [
            Quote(quote.shown, quote.attribution),
            Paragraph(quote.sense) if quote.sense else Placeholder("what follows from this"),
        ]
    return blocks


def _divergent(theme: Finding) -> list[Block]:
    if not theme.divergent:
        return [Paragraph("No divergent case has been marked.")]
    return [
        Paragraph(f"{case.place}: {case.note or 'marked without a note.'}")
        for case in theme.divergent
    ]


def _groups(theme: Finding) -> str:
    return ", ".join(f"{group} {n} of {total}" for group, (n, total) in theme.groups.items())


def _codes(theme: Finding, of: int) -> str:
    """Its codes in one line, each with the people who spoke of it."""
    return "; ".join(f"{line.code.name} ({len(line.participants)} of {of})" for line in theme.codes)


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
        "Quotations stand word for word as in the transcripts; [...] marks what was left out and "
        "[word] what was put in. Those that people chose for a theme stand as they chose them. "
        "Where nobody chose, each carries, in the consensus, a code of its theme, has 8 to 100 "
        "words of one person’s turn, and comes from another person than the others of the theme. "
        "A group is named only with consent and where three or more people share it. Passages "
        "that look as if they held a name, a number or a date are passed over; read each quotation "
        "once more and ask whether a colleague would know the speaker."
    ]
    if silent:
        lines.append(
            f"{counted(silent, 'participant')} did not agree to be quoted, and "
            f"{'is' if silent == 1 else 'are'} counted in the figures without a quotation."
        )
    return [Heading("How quotations were chosen"), *(Paragraph(line) for line in lines)]


def _heads(found: Findings) -> list[dict[str, Value]]:
    """What every record of a theme begins with."""
    return [
        {
            "theme": theme.name,
            "part_of": theme.parent,
            "kind": theme.kind,
            "state": theme.state,
            "version": theme.version,
            "definition": theme.definition,
            "includes": theme.scope_in,
            "leaves_out": theme.scope_out,
            "relations": theme.relations,
            "codes": "; ".join(line.code.name for line in theme.codes),
            "participants": len(theme.participants),
            "of": len(found.participants),
            "groups": _groups(theme),
        }
        for theme in found.themes
    ]


def _records(facts: StudyFacts, found: Findings) -> tuple[dict[str, Value], ...]:
    records: list[dict[str, Value]] = []
    for theme, head in zip(found.themes, _heads(found), strict=True):
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


def _sheets(facts: StudyFacts, found: Findings) -> tuple[Sheet, ...]:
    """The same as records: themes, codes, claims, quotations, divergent cases."""
    of = len(found.participants)
    head = ("theme", "part_of", "kind", "state", "version", "definition", "includes", "leaves_out")
    themes: list[dict[str, Value]] = []
    codes: list[dict[str, Value]] = []
    bearing: list[dict[str, Value]] = []
    for theme, record in zip(found.themes, _heads(found), strict=True):
        themes.append(
            record
            | {
                "passages": theme.passages,
                "needs": "; ".join(need.need.need for need in theme.needs),
                "agreed": ", ".join(facts.label(name) for name in theme.agreed),
            }
        )
        codes += [
            {
                "theme": theme.name,
                "code": line.code.name,
                "definition": line.code.brief_definition,
                "participants": len(line.participants),
                "of": of,
                "passages": line.passages,
            }
            for line in theme.codes
        ]
        for claim in theme.claims:
            for role, excerpts in (("for", claim.excerpts), ("against", claim.contrary)):
                bearing += [_bearing(facts, theme, claim.sentence, role, e) for e in excerpts]
        bearing += [_bearing(facts, theme, "", "divergent", e) for e in theme.divergent]
    more = ("codes", "participants", "of", "groups", "relations", "passages", "needs", "agreed")
    places = (
        "theme",
        "claim",
        "bears",
        "participant",
        "transcript",
        "turn",
        "start",
        "end",
        "note",
    )
    return (
        Sheet("Themes", (*head, *more), tuple(themes)),
        Sheet("Quotations", COLUMNS, _records(facts, found)),
        Sheet("Claims and cases", places, tuple(bearing)),
        Sheet(
            "Codes",
            ("theme", "code", "definition", "participants", "of", "passages"),
            tuple(codes),
        ),
    )


def _bearing(
    facts: StudyFacts, theme: Finding, claim: str, role: str, excerpt: ExcerptFinding
) -> dict[str, Value]:
    return {
        "theme": theme.name,
        "claim": claim,
        "bears": role,
        "participant": excerpt.participant,
        "transcript": facts.transcript[excerpt.transcript].title,
        "turn": excerpt.turn or None,
        "start": excerpt.span.start,
        "end": excerpt.span.end,
        "note": excerpt.note,
    }


def _data(theme: Finding) -> dict[str, object]:
    return {
        "name": theme.name,
        "id": theme.id,
        "definition": theme.definition,
        "includes": theme.scope_in,
        "leaves_out": theme.scope_out,
        "kind": theme.kind,
        "state": theme.state,
        "version": theme.version,
        "part_of": theme.parent,
        "relations": theme.relations,
        "agreed": list(theme.agreed),
        "claims": [
            {
                "sentence": claim.sentence,
                "participants": list(claim.participants),
                "excerpts": [_place(excerpt) for excerpt in claim.excerpts],
                "contrary": [_place(excerpt) for excerpt in claim.contrary],
            }
            for claim in theme.claims
        ],
        "divergent": [{**_place(case), "note": case.note} for case in theme.divergent],
        "needs": [need.need.need for need in theme.needs],
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


def _place(excerpt: ExcerptFinding) -> dict[str, object]:
    """An excerpt by its place alone: words stand in a report as quotations only."""
    return {
        "participant": excerpt.participant,
        "turn": excerpt.turn,
        "start": excerpt.span.start,
        "end": excerpt.span.end,
    }
