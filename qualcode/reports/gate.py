"""The gate before an export: the file as it would leave is read, and what is found is told.

Eight looks: identifiers, consent to be quoted, small groups, third parties, what the file tells
beside its text, formulas, what is in it, and who lets it out and to whom. The rules of the report
are checked with them. A draft leaves with a mark; a final file leaves when nothing blocks it, or
when somebody has let what blocks stand, by name and with a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.checklists import Checklist, checklist_names, load_checklist
from qualcode.model import Transcript
from qualcode.privacy import KINDS, Hit, KnownName, Rules, find_identifiers
from qualcode.reports.answered import Answer
from qualcode.reports.coreq import filled
from qualcode.reports.document import Paragraph, Quote, Report, counted, listed
from qualcode.reports.facts import StudyFacts, StudyLike, gather
from qualcode.reports.findings import findings
from qualcode.reports.rules import RULES, Checked, Finding, Thresholds, check, thresholds
from qualcode.reports.sample import table1
from qualcode.reports.written import formulas, words_of

GUESSED = "two capitals"
"""The pattern that takes any two words with capitals for a name: a doubt, and no more."""
DRAFT = "DRAFT, not released."
AROUND = 30  # characters of context on either side of a hit
WORDS_OF_A_QUOTATION = 6
"""So many words in a row, as somebody said them, are a quotation and no chance."""
HELD_TO: Mapping[str, str] = {
    "coreq": "CNOWP",
    "srqr": "CNOWP",
    "themes": "NQTOWP",
    "agreement": "AOP",
    "codebook": "P",
    "audit": "P",
    "needs": "NQTWP",
    **dict.fromkeys(
        ("across-passages", "across-groups", "across-codes", "across-matrix", "across-words"), "P"
    ),
    "across-saturation": "P",
}
"""Report → the letters of the rules that it is held to; any other is held to all."""
ALL = "CNQTAOWP"
STEPS: Mapping[str, str] = {
    "G1": "Identifiers",
    "G2": "Consent to be quoted",
    "G3": "Small groups",
    "G4": "Third parties",
    "G5": "Beside the text",
    "G6": "Formulas",
}
"""The looks of the gate by the id of what they find; P1 belongs to G5."""
NOT_NAMES = (
    *("Cohen", "Krippendorff", "Guest", "Tong", "Sainsbury", "Craig", "O'Brien", "qualcode"),
)
"""Names of methods and of whoever published them, which a report has to name."""


@dataclass(frozen=True)
class Contents:
    """What is in an export: the people by pseudonym, those quoted, and what else of them."""

    participants: tuple[str, ...]
    quoted: tuple[str, ...]
    quotations: int
    tables: int
    words: int

    @property
    def sentences(self) -> tuple[str, ...]:
        quoted = (
            f"{counted(self.quotations, 'quotation')} of {listed(self.quoted)}"
            if self.quotations
            else "no quotation"
        )
        people = (
            f"what {counted(len(self.participants), 'participant')} said or were asked, counted "
            f"({', '.join(self.participants)})"
            if self.participants
            else "nothing of any participant"
        )
        return (f"In it: {people}; {quoted}; {counted(self.tables, 'table')}.",)


@dataclass(frozen=True)
class Gate:
    """What was found in a report before it leaves, and what is in it."""

    findings: tuple[Finding, ...]
    contents: Contents
    snapshot: str
    codebook_version: str

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocks)

    def left(self, accepted: Mapping[str, str]) -> tuple[Finding, ...]:
        """What still keeps it from being final when these rules are let stand, each for a reason.

        What may not be let stand stays, whatever reason is given.
        """
        return tuple(
            finding
            for finding in self.blocking
            if not (finding.acceptable and accepted.get(finding.id, "").strip())
        )


def look_over(
    study: StudyLike,
    report: Report,
    name: str,
    *,
    names: Iterable[KnownName] = (),
    allow: Iterable[str] = (),
    limits: Thresholds | None = None,
) -> Gate:
    """Everything the gate finds in a report that would be written under this file name.

    Parameters
    ----------
    names
        Names that must not be in it; those of the team page are looked for anyway.
    allow
        Words and phrases that somebody has looked at and that tell nobody.
    """
    facts = gather(study)
    content = report.to_bytes(name.rpartition(".")[2])
    # The authors stand on the title page, and nowhere else.
    byline = " ".join(str(report.data.get("byline", "")).split())
    lines = [line for line in words_of(name, content) if not byline or line != byline]
    checklist, answers = _answers(study, facts, report)
    checked = Checked(
        facts,
        findings(facts),
        checklist,
        answers,
        report,
        written={name: content},
        scanned=bool(lines),
        limits=limits or thresholds(),
    )
    # By when something is to be done tells of nobody.
    planned = [found.need.by_when for found in checked.shown.needs if found.need.by_when]
    letters = HELD_TO.get(report.kind, ALL)
    ruled = check(checked, [id for id in RULES if id[0] in letters])
    own = [
        *_identifiers(
            facts, report, lines, [*names, *team_names(facts)], [*allow, *NOT_NAMES, *planned]
        ),
        *_consent(facts, lines),
        *_small_groups(facts, lines, checked.limits),
        *_formulas(name, content),
    ]
    order = {"E": 0, "W": 1, "I": 2}
    found = sorted([*own, *ruled], key=lambda finding: order[finding.severity])
    return Gate(
        tuple(found),
        contents(study, report, lines),
        facts.snapshot,
        facts.codebook.version,
    )


def as_draft(report: Report, gate: Gate) -> Report:
    """The report with the mark of a draft where everybody sees it."""
    many = len(gate.blocking)
    why = (
        f"{counted(many, 'point')} {'keeps' if many == 1 else 'keep'} it from being final."
        if many
        else "Nothing keeps it from being final; it is released from the report page."
    )
    return replace(
        report,
        title=f"[DRAFT] {report.title}",
        subtitle=(f"{DRAFT} {why}", *report.subtitle),
        columns=(*report.columns, "state") if report.columns else (),
        records=tuple({**record, "state": "draft"} for record in report.records),
        sheets=tuple(
            replace(
                sheet,
                columns=(*sheet.columns, "state"),
                records=tuple({**record, "state": "draft"} for record in sheet.records),
            )
            for sheet in report.sheets
        ),
        data={**report.data, "state": "draft"},
        layout=replace(report.layout, short_title=_marked(report.layout.short_title)),
    )


def _marked(short_title: str) -> str:
    """The head of each page with the mark; without one the title stands there, marked already."""
    return f"DRAFT, not released. {short_title}" if short_title else ""


def people_in(study: StudyLike, kind: str) -> tuple[str, ...]:
    """Who is in a report of this kind, by pseudonym: everybody interviewed, if only as a count.

    A codebook holds nobody's words.
    """
    if kind == "codebook":
        return ()
    present = {transcript.participant for transcript in study.transcripts()}
    return tuple(person.id for person in study.participants() if person.id in present)


def contents(study: StudyLike, report: Report, lines: Sequence[str]) -> Contents:
    """What is in a report, for whoever decides whether it may leave."""
    quotes = [block for block in report.blocks if isinstance(block, Quote)]
    said = " ".join(quote.attribution for quote in quotes)
    known = [person.id for person in study.participants()]
    return Contents(
        participants=people_in(study, report.kind),
        quoted=tuple(id for id in known if re.search(rf"(?<!\w){re.escape(id)}(?!\w)", said)),
        quotations=len(quotes),
        tables=len(report.tables),
        words=sum(len(line.split()) for line in lines),
    )


def team_names(facts: StudyFacts) -> list[KnownName]:
    """The researchers by the names on the team page, which no report prints."""
    names = [person.get("name", "").strip() for person in facts.team]
    return [KnownName(name, label="researcher") for name in names if re.search(r"[^\W\d_]", name)]


# -- the looks -----------------------------------------------------------------------------------


def _answers(
    study: StudyLike, facts: StudyFacts, report: Report
) -> tuple[Checklist | None, tuple[Answer, ...]]:
    if report.kind not in checklist_names():
        return None, ()
    checklist = load_checklist(report.kind)
    return checklist, filled(study, facts, checklist)


def _identifiers(
    facts: StudyFacts,
    report: Report,
    lines: Sequence[str],
    names: Sequence[KnownName],
    allow: Sequence[str],
) -> Iterator[Finding]:
    """G1 and G4: what may tell who somebody is, in the file as it would leave."""
    day = report.date
    # A report has to say in which months the interviews took place (COREQ 16), and its own date.
    months = {f"{t.interview_date:%B %Y}" for t in facts.transcripts if t.interview_date}
    dates = {f"{day.day} {day:%B %Y}", day.isoformat(), *months}
    printed = (*sorted(dates), facts.snapshot, report.title, *_cited(report))
    text = Transcript("the file", "\n".join(lines), (), id="file")
    # A reader of entities is at home in running speech; forms and tables would only make noise.
    hits = find_identifiers(
        text, names=names, allow=(*allow, *printed), rules=Rules(entities=False)
    )
    quoted = _quoted(report)
    said = find_identifiers(quoted, names=names, allow=allow) if quoted.text else ()
    in_quotes = {hit.text for hit in said}
    doubtful = [hit for hit in hits if hit.rule == GUESSED and hit.text not in in_quotes]
    sure = [(hit, text) for hit in hits if hit not in doubtful]
    known = {hit.text for hit, _ in sure}
    sure += [(hit, quoted) for hit in said if hit.text not in known and hit.kind in ("A", "B")]
    yield from _told(sure)
    if doubtful:
        words = listed([f"“{word}”" for word in dict.fromkeys(hit.text for hit in doubtful)])
        yield Finding(
            "G4",
            "W",
            f"Words with capitals side by side may name somebody: {words}. Look whether they do.",
            "/report",
        )


def _told(hits: Iterable[tuple[Hit, Transcript]]) -> Iterator[Finding]:
    told: set[str] = set()
    for hit, text in hits:
        if hit.text.casefold() in told:
            continue
        told.add(hit.text.casefold())
        person = hit.kind == "A"
        what = "names somebody" if person else f"holds a {KINDS[hit.kind]}"
        yield Finding(
            "G4" if person else "G1",
            "E",
            f"The file {what}: {_context(text.text, hit)}. Take it out of the text it stands in, "
            "or let it stand with the reason why it tells nobody.",
            "/transcripts",
        )


def _context(text: str, hit: Hit) -> str:
    before = text[max(0, hit.span.start - AROUND) : hit.span.start].rpartition("\n")[2]
    after = text[hit.span.end : hit.span.end + AROUND].partition("\n")[0]
    return f"“… {before.lstrip()}[{hit.text}]{after.rstrip()} …”"


def _quoted(report: Report) -> Transcript:
    words = [block.text for block in report.blocks if isinstance(block, Quote)]
    return Transcript("the quotations", "\n".join(words), (), id="quotations")


def _cited(report: Report) -> list[str]:
    """What the report cites, and the questions of a printed checklist."""
    told = report.data.get("citation") or ()
    cited = [told] if isinstance(told, str) else [str(each) for each in told]
    cited += [str(record.get("guide_question", "")) for record in report.records]
    notes = [b.text for b in report.blocks if isinstance(b, Paragraph) and b.small]
    return [text for text in (*cited, *notes) if text]


def _consent(facts: StudyFacts, lines: Sequence[str]) -> Iterator[Finding]:
    """G2: nobody's words who did not agree, and no role of who agreed to the id alone."""
    text = _plain(" ".join(lines))
    for transcript in facts.transcripts:
        person = facts.participant.get(transcript.participant or "")
        if person is None or person.quote_consent != "no":
            continue
        for said in _runs(transcript):
            if said in text:
                yield Finding(
                    "G2",
                    "E",
                    f"The file quotes {person.id}, who did not agree to be quoted: "
                    f"“{said[:60]} …”. Take the words out.",
                    f"/people?record={person.id}",
                    acceptable=False,
                )
                break
    for person in facts.participants:
        if person.quote_consent == "id_only":
            more = re.search(
                rf"\({re.escape(person.id)}[,;:] [^)]+\)", " ".join(lines), re.IGNORECASE
            )
            if more:
                yield Finding(
                    "G2",
                    "E",
                    f"{person.id} agreed to be quoted by id alone, and the file says "
                    f"“{more.group(0)}”.",
                    f"/people?record={person.id}",
                    acceptable=False,
                )


def _runs(transcript: Transcript) -> Iterator[str]:
    """Stretches of a participant's words that are long enough to be a quotation."""
    for turn in transcript.participant_turns:
        words = _plain(transcript.text[turn.span.slice]).split()
        for start in range(len(words) - WORDS_OF_A_QUOTATION + 1):
            yield " ".join(words[start : start + WORDS_OF_A_QUOTATION])


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()


def _small_groups(facts: StudyFacts, lines: Sequence[str], limits: Thresholds) -> Iterator[Finding]:
    """G3: values of an attribute that few people share, printed with their number."""
    least = limits.group_in_tables
    text = "\n".join(lines).casefold()
    for name, row in table1(facts).value.get("attributes", {}).items():
        counts: Counter[str] = Counter(
            person.attributes.get(name, "").strip() for person in facts.participants
        )
        small = [
            value
            for value, n in sorted(counts.items())
            if value and n < least and _is_counted(value, n, text)
        ]
        if small and row.get("counts") is not None:
            yield Finding(
                "G3",
                "W",
                f"{name.replace('_', ' ').capitalize()}: {listed(small)} "
                f"{'is a group' if len(small) == 1 else 'are groups'} of fewer than {least} "
                "people. Put them together, leave the attribute out, or look whether a colleague "
                "would know who they are.",
                "/people",
            )


def _is_counted(value: str, n: int, text: str) -> bool:
    """True where the value stands in the text with its number."""
    return bool(re.search(rf"(?<!\w){re.escape(value.casefold())}\W{{1,3}}{n}\b", text))


def _formulas(name: str, content: bytes) -> Iterator[Finding]:
    """G6: cells that a spreadsheet would work out."""
    for where, what in formulas(name, content):
        yield Finding(
            "G6",
            "E",
            f"The cell {where} would be taken for a formula: “{what[:60]}”.",
            "/report",
            acceptable=False,
        )


__all__ = ["STEPS", "Contents", "Gate", "as_draft", "look_over", "people_in"]
