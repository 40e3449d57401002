"""Results drafted from the findings, and what is asked of the authors around them."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.queries.saturation import THRESHOLD
from qualcode.reports.document import Block, Heading, Paragraph, Quote
from qualcode.reports.findings import ExcerptFinding, Finding
from qualcode.reports.full.fields import Draft
from qualcode.reports.full.material import Material, group_columns
from qualcode.reports.full.methods import _joined, suggestions
from qualcode.reports.full.profiles import Ask
from qualcode.reports.quotes import FEWEST_WORDS, MOST_WORDS, Quotation, may_identify

Item = Draft | Ask | Block
CODING_WAITS = "the findings; they open when coding is finished and differences are settled"


def participants(m: Material) -> Sequence[Item]:
    told = []
    if m.has("recruitment.approached"):
        parts = ["{recruitment.declined} declined", "{recruitment.no_reply} did not reply"]
        if m.ask("recruitment.ineligible"):
            parts.append("{recruitment.ineligible} {recruitment.ineligible|=was/were} not eligible")
        if m.ask("recruitment.withdrew_before"):
            parts.append("{recruitment.withdrew_before} withdrew before the interview")
        parts.append("{recruitment.interviewed} {recruitment.interviewed|=was/were} interviewed")
        told.append(
            f"Of {{recruitment.approached|person/people}} approached, {_joined(parts)}; "
            "{recruitment.withdrew} withdrew after the interview, and {recruitment.analysed} "
            f"{{recruitment.analysed|=was/were}} analysed{m.see('figure.flow')}."
        )
    if m.has("sample.interviews"):
        sites = " at {sample.sites|site}" if m.ask("sample.sites") else ""
        told.append(
            "{sample.participants|Participant} took part in {sample.interviews|interview}"
            f"{sites}{m.see('table.participants')}."
        )
    if not told:
        return [Ask("results.participants", "who took part; the study has no transcript yet")]
    return [m.draft("results.participants", *told)]


def overview(m: Material) -> Sequence[Item]:
    if not m.found.themes:
        return [Ask("results.overview", CODING_WAITS)]
    if not m.found.accepted:
        return [
            Ask("results.accepted", "the study’s own themes: the groups of the codebook stand in"),
            m.draft("results.overview", f"{_named(m)}{m.see('table.themes', 'figure.tree')}."),
        ]
    opening = (
        f"From the interviews of {{sample.coded|participant}} we {m.made} {{themes|theme}}"
        f"{m.see('table.themes', 'figure.tree')}:"
    )
    return [m.draft("results.overview", opening, f"{_named(m)}.")]


def _named(m: Material) -> str:
    """The themes by name with their counts."""
    return "; ".join(
        f"{{theme.name({n})}} ({{theme.participants({n})}} of {{sample.coded}})"
        for n in range(1, len(m.found.themes) + 1)
    )


def themes(m: Material) -> Sequence[Item]:
    """A section for each theme."""
    items: list[Item] = []
    for place, theme in enumerate(m.found.themes, start=1):
        items += _theme(m, place, theme)
    return items


def _theme(m: Material, place: int, theme: Finding) -> list[Item]:
    key = f"theme.{theme.id}"
    items: list[Item] = [Heading(theme.name)]
    definition = f"{{theme.definition({place})}}" if theme.definition.strip() else ""
    if not definition:
        items.append(Ask(f"{key}.definition", "a sentence that defines the theme"))
    items.append(m.draft(f"{key}.spread", definition, _spread(m, place)))
    used: set[str] = set()
    for claim in theme.claims:
        own = [quote for quote in theme.quotations if quote.claim == claim.id]
        used |= {quote.id for quote in own}
        against = "; ".join(dict.fromkeys(excerpt.place for excerpt in claim.contrary))
        contrary = f"Against this speaks what stands in {against}." if against else ""
        items += _quoted(own, claim.sentence.strip(), contrary)
    if not theme.claims:
        items.append(Ask(f"{key}.claim", "the claim that these words illustrate"))
    rest = [quote for quote in theme.quotations if not quote.id or quote.id not in used]
    items += _quoted(rest)
    if not theme.quotations:
        items.append(Paragraph("No passage of this theme can be quoted.", small=True))
    if theme.relations.strip():
        items.append(Paragraph(theme.relations.strip()))
    if not any(quote.sense.strip() for quote in theme.quotations):
        items.append(Ask(f"{key}.sense", "what follows from this, and who said otherwise"))
    return items


def _quoted(quotes: Sequence[Quotation], before: str = "", after: str = "") -> list[Item]:
    """Quotations with the words before each and what follows from it, as far as written."""
    items: list[Item] = []
    words = before
    for quote in quotes:
        words = f"{words} {quote.introduction.strip()}".strip()
        items += [Paragraph(words)] if words else []
        items.append(Quote(quote.shown, quote.attribution))
        words = quote.sense.strip()
    words = f"{words} {after}".strip()
    return [*items, Paragraph(words)] if words else items


def _spread(m: Material, place: int) -> str:
    groups = [
        f"{{group({n})}} {{theme.group({place},{n})}} of {{group.size({n})}}"
        for n in range(1, len(group_columns(m)) + 1)
    ]
    by = f" ({', '.join(groups)})" if len(groups) > 1 else ""
    word = ""
    if m.profile.number_words and m.of >= 10:
        word = f"{{theme.verbal({place})|Capital}} voiced it: "
    start = f"{word}{{theme.participants({place})|Words}} of {{sample.coded|participant}}"
    return f"{start} voiced this theme{by}." if not word else f"{start}{by}."


def divergent(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    if m.ask("themes.divergent"):
        items.append(
            m.draft(
                "results.divergent_cases",
                "{themes.divergent|Passage} {themes.divergent|=stands/stand} apart from "
                "what the others said.",
            )
        )
    for theme in m.found.themes:
        for case in theme.divergent:
            note = f" {case.note.strip()}" if case.note.strip() else ""
            items.append(Paragraph(f"{theme.name.strip().rstrip('.')}: {case.place}.{note}"))
            if may_stand(case):
                items.append(Quote(f"“{case.text.strip()}”", f"({case.participant})"))
    if m.typed("themes.minor"):
        items.append(m.draft("results.minor", "{form(themes.minor)|ended}"))
    single = [
        f"{line.code.name} ({line.participants[0]})"
        for theme in m.found.themes
        for line in theme.codes
        if len(line.participants) == 1
    ]
    if single:
        items.append(Paragraph(f"Codes found with one participant only: {'; '.join(single)}."))
    if not m.typed("themes.minor") and not m.ask("themes.divergent"):
        items.append(Ask("results.divergent", "who saw it otherwise, or that nobody did"))
    return items


def may_stand(case: ExcerptFinding) -> bool:
    """Whether words that nobody chose as a quotation may be printed as one."""
    words = len(case.text.split())
    return FEWEST_WORDS <= words <= MOST_WORDS and not may_identify(case.text)


def needs(m: Material) -> Sequence[Item]:
    if not m.needs:
        return [Ask("results.needs", "the needs that follow from the themes; none is recorded")]
    told = [f"{{needs|Need}} {{needs|=was/were}} recorded{m.see('table.needs', 'figure.needs')}."]
    if m.ask("needs.first"):
        told.append(
            "{needs.first|Words} of them {needs.first|=stands/stand} above the middle in "
            "importance and feasibility."
        )
    if m.ask("needs.judgement"):
        told.append(
            "{needs.judgement|Words} {needs.judgement|=rests/rest} on the team’s judgement alone."
        )
    return [m.draft("results.needs", *told)]


def saturation(m: Material) -> Sequence[Item]:
    if m.curve is None:
        return []
    side = "not above" if m.curve["ratio"] <= THRESHOLD else "above"
    told = [
        "In the order of the interviews, the first {saturation.base} held "
        "{saturation.codes|different code} and interviews {saturation.first} to "
        "{saturation.last} added {saturation.new} ({saturation.percent|%.1f} %), "
        f"{side} the threshold of {{saturation.threshold|%.0f}} %{m.see('figure.saturation')}."
    ]
    codes = m.facts.codebook.codable
    if codes and all(code.origin == "a_priori" for code in codes):
        told.append("As the codes were set in advance, this shows their first use, not discovery.")
    return [m.draft("results.saturation", *told)]


def groups(m: Material) -> Sequence[Item]:
    if not m.found.themes:
        return []
    columns = group_columns(m)
    if len(columns) < 2:
        said = "The counts stand in {cite(table.prevalence)}." if m.see(
            "table.prevalence"
        ) else ""  # fmt: skip
        return [m.draft("results.groups", said)] if said else []
    sizes = _joined([f"{{group({n})}} ({{group.size({n})}})" for n in range(1, len(columns) + 1)])
    where = m.see("table.prevalence", "figure.prevalence")
    told = [f"Groups were compared by participants: {sizes}{where}."]
    apart = [
        f"{{theme.name({n})}} ("
        + ", ".join(f"{{group({g})}} {{theme.group({n},{g})}}" for g in range(1, len(columns) + 1))
        + ")"
        for n, theme in enumerate(m.found.themes, start=1)
        if len({theme.groups[name][0] / size for name, size in columns}) > 1
    ]
    told.append(
        f"The groups differ in: {'; '.join(apart)}."
        if apart
        else "Each theme was voiced to the same extent in every group."
    )
    told.append("Counts show how widely a theme was voiced, not how important it is.")
    return [m.draft("results.groups", *told)]


def main_findings(m: Material) -> Sequence[Item]:
    if not m.found.themes:
        return [Ask("discussion.findings", CODING_WAITS)]
    return [
        m.draft(
            "discussion.findings",
            f"From the interviews of {{sample.coded|participant}} we {m.made} {{themes|theme}}.",
        )
    ]


def strengths(m: Material) -> Sequence[Item]:
    told = []
    if len(m.coders) > 1 and m.ask("transcripts.twice"):
        told.append(
            "{transcripts.twice|Words} of {transcripts|transcript} "
            "{transcripts.twice|=was/were} coded by {coders|words} researchers blind to each other"
            + (", and every decision on a difference is on record." if m.ask("decisions") else ".")
        )
    if m.ask("member_check.replied"):
        told.append("{member_check.replied|Participant} commented on the findings.")
    if m.typed("report.limitations"):
        told.append("{form(report.limitations)|ended}")
    return [m.draft("discussion.strengths", *told)] if told else []


def aims(m: Material) -> Sequence[Item]:
    lines = [line.strip() for line in m.typed("study.aims").splitlines() if line.strip()]
    if not lines:
        return [Ask("introduction.aims", "the aims of the study, one a line", bullets=True)]
    places = range(1, len(lines) + 1)
    return [
        Paragraph("The aims were:" if len(lines) > 1 else "The aim was:"),
        m.draft("introduction.aims", *(f"{{aim({n})}}" for n in places), bullets=True),
    ]


def abstract_methods(m: Material) -> Sequence[Item]:
    told = ["Interview study with {sample.participants|participant}."]
    if m.has("dates.first"):
        told = [f"Interviews with {{sample.participants|participant}} ({_when(m)})."]
    if len(m.coders) > 1 and m.ask("transcripts.twice"):
        told.append("{coders|Words} researchers coded the transcripts blind to each other.")
    if m.has("answer", "study.methodology"):
        told.append("{answer(study.methodology)}")
    return [m.draft("abstract.methods", *told)]


def _when(m: Material) -> str:
    same = m.ask("dates.first") == m.ask("dates.last")
    return "{dates.first}" if same else "{dates.first} to {dates.last}"


def abstract_results(m: Material) -> Sequence[Item]:
    if not m.found.themes:
        return [Ask("abstract.results", CODING_WAITS)]
    return [m.draft("abstract.results", f"We {m.made} {{themes|theme}}:", f"{_named(m)}.")]


def references(m: Material) -> Sequence[Item]:
    """What the report itself cites; the authors add theirs."""
    told = ["{guideline.citation}"] if m.has("guideline.citation") else []
    if m.curve is not None:
        told.append("{guest}")
    style = m.profile.reference_style
    items: list[Item] = [
        Paragraph(f"Reference style: {style[:1].lower()}{style[1:]}.", small=True)
    ] if style else []  # fmt: skip
    items += [m.draft("references", *told, bullets=True)] if told else []
    items.append(Ask("references.own", "the references, one a line", bullets=True))
    return items


def declarations(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    for id, title, keys, wanted in (
        ("ethics", "Ethics", ("ethics.approval", "ethics.consent"), "ethics approval and consent"),
        ("data", "Data availability", (), "whether and where the data can be asked for"),
        ("funding", "Funding", ("study.funding",), "funding and the funder’s part, or “None”"),
        ("interests", "Interests", ("study.conflicts",), "conflicts of interest, or “None”"),
    ):
        known = [f"{{form({key})|ended}}" for key in keys if m.typed(key)]
        if known:
            items.append(m.draft(f"declarations.{id}", f"{title}:", *known))
        else:
            items.append(Ask(f"declarations.{id}", f"{title.lower()}: {wanted}"))
    roles = [p for p in m.facts.team if p.get("role", "").strip()]
    if roles:
        items.append(m.draft("declarations.contributions", "Contributions: {contributions}."))
    else:
        items.append(Ask("declarations.contributions", "who did what"))
    items.append(m.draft("declarations.software", "Software and machine help:", *software(m)))
    return items


def software(m: Material) -> list[str]:
    """What was kept and computed by software, and what of the analysis a machine proposed."""
    told = [
        "Transcripts, codings, agreement and themes were kept and computed in qualcode "
        "{software.version}."
    ]
    if machine_helped(m):
        told.append(
            "Text clustering was used after independent coding to propose groupings; "
            "{themes.suggested} of {themes|theme} and {codebook.origin(machine_suggested)} of "
            "{codebook.codes|code} began as such a proposal; all codes and themes were decided by "
            "the researchers."
        )
    else:
        told.append("No machine suggestion was used for codes or themes.")
    told += suggestions(m)
    if m.typed("analysis.machine_help").casefold().rstrip(".") not in ("", "no", "none"):
        told.append("Other help: {form(analysis.machine_help)|ended}")
    return told


def machine_helped(m: Material) -> bool:
    return bool(
        m.evidence("software").value.get("suggestion_runs")
        or m.ask("themes.suggested")
        or m.ask("codebook.origin", "machine_suggested")
    )
