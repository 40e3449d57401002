"""The ledger as an audit appendix: every decision with what, by whom, when, why and from what.

All of them are listed, those that were replaced or undone too: nothing of the ledger is left out.
The words of somebody who did not agree to be quoted, and words that look like an identifier, are
not printed; the place and the ids lead back to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date

from qualcode.claims import CUT
from qualcode.model import (
    LETTERS,
    TRUE_DIFFERENCE,
    CodebookIssue,
    Coding,
    CodingSet,
    Decision,
)
from qualcode.reconciliation import (
    Passage,
    find_issues,
    find_passages,
    latest,
    progress,
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
    Sheet,
    Table,
    Value,
    counted,
    listed,
)
from qualcode.reports.facts import StudyLike
from qualcode.reports.quotes import may_identify

SHOWN = 60
OUTCOMES = {
    "both": "All readings kept",
    "neither": "Nothing is coded here",
    "new": "A new passage",
    "other": "Another code",
    "code_needed": "A new code is needed",
    "defer": "Put off",
    "undone": "An earlier decision was undone",
}
KINDS = {"boundary": "boundary", "choice": "choice between codes", "omission": "omission"}
COLUMNS = (
    *("number", "decided_at", "decided_by", "transcript", "kind", "outcome", "kept_of"),
    *("reason", "memo", "from_codings", "result", "coders", "who_was_hidden"),
    *("codebook_version", "holds", "id", "differences", "coding_ids"),
)
ISSUE_COLUMNS = (
    *("codes", "differences", "decision", "wording", "decided_by", "decided_at"),
    *("codebook_version", "id"),
)


@dataclass(frozen=True)
class _Ledger:
    """What the appendix tells from: the decisions and what they point to."""

    decisions: tuple[Decision, ...]
    issues: tuple[CodebookIssue, ...]
    codings: CodingSet
    titles: Mapping[str, str]
    names: Mapping[str, str]
    labels: Mapping[str, str]
    passages: tuple[Passage, ...]
    silent: frozenset[str]
    """Transcripts of people who are not quoted."""


def audit_report(study: StudyLike, *, date: Date | None = None) -> Report:
    """Every decision of the study, in the order in which they were taken."""
    day = date or Date.today()
    codings = study.codings()
    quoted = {
        person.id
        for person in study.participants()
        if person.quote_consent != "no" and person.status != "withdrew"
    }
    texts = study.transcripts()
    ledger = _Ledger(
        decisions=study.decisions(),
        issues=study.codebook_issues(),
        codings=codings,
        titles={t.id: t.title for t in texts},
        names={code.id: code.name for code in study.codebook().codes},
        labels={member.name: member.label for member in study.members()},
        passages=find_passages(codings, study.coders()),
        silent=frozenset(t.id for t in texts if t.participant not in quoted),
    )
    records = _records(ledger)
    issues = _issue_records(ledger)
    return Report(
        kind="audit",
        title="Decisions on differences",
        subtitle=(f"Study: {study.title}", f"{day.day} {day:%B %Y}."),
        blocks=_blocks(ledger, records, issues),
        date=day,
        columns=COLUMNS,
        records=records,
        data={"study": study.title, "decisions": len(records), "codebook_decisions": list(issues)},
        sheets=(
            Sheet("Decisions", COLUMNS, records),
            Sheet("Codebook", ISSUE_COLUMNS, issues),
        ),
    )


def _records(ledger: _Ledger) -> tuple[Mapping[str, Value], ...]:
    """One record a decision, complete; quotations are given with their place."""
    codings = {coding.id: coding for coding in ledger.codings}
    holding = {decision.id for decision in latest(ledger.decisions).values()}
    return tuple(
        {
            "number": number,
            "decided_at": decision.decided_at,
            "decided_by": ledger.labels.get(decision.decided_by, decision.decided_by),
            "transcript": ledger.titles.get(decision.transcript, decision.transcript),
            "kind": KINDS[decision.kind],
            "outcome": decision.outcome,
            "kept_of": _kept_of(ledger, decision, codings),
            "reason": decision.reason_kind,
            "memo": decision.memo,
            "from_codings": "\n".join(
                _told(ledger, codings[id], with_coder=True) if id in codings else id
                for id in decision.settles
            ),
            "result": "\n".join(_told(ledger, c, with_coder=False) for c in decision.result),
            "coders": ", ".join(ledger.labels.get(c, c) for c in decision.coders),
            "who_was_hidden": "yes" if decision.blind else "no",
            "codebook_version": decision.version,
            "holds": "yes" if decision.id in holding else "no",
            "id": decision.id,
            "differences": ", ".join(decision.covers),
            "coding_ids": ", ".join(decision.settles),
        }
        for number, decision in enumerate(ledger.decisions, start=1)
    )


def _kept_of(ledger: _Ledger, decision: Decision, codings: Mapping[str, Coding]) -> str:
    """Whose reading was kept, where it is one person's."""
    if decision.outcome not in LETTERS:
        return ""
    at = LETTERS.index(decision.outcome)
    if at < len(decision.coders):
        return ledger.labels.get(decision.coders[at], decision.coders[at])
    # A decision of before the coders were kept: its result names its sources.
    sources = {codings[id].coder for c in decision.result for id in c.came_from if id in codings}
    return ", ".join(sorted(ledger.labels.get(name, name) for name in sources))


def _told(ledger: _Ledger, coding: Coding, *, with_coder: bool) -> str:
    who = f"{ledger.labels.get(coding.coder, coding.coder)}: " if with_coder else ""
    code = ledger.names.get(coding.code, coding.code)
    version = f", version {coding.codebook_version}" if with_coder else ""
    hidden = coding.transcript in ledger.silent or may_identify(coding.quote)
    words = "words not shown" if hidden else f"“{_short(coding.quote)}”"
    return f"{who}{code} ({coding.span.start}–{coding.span.end}{version}) {words}"


def _short(quote: str) -> str:
    """The first and the last words of a long passage."""
    if len(quote) <= 2 * SHOWN:
        return quote
    return f"{quote[:SHOWN].rsplit(None, 1)[0]} {CUT} {quote[-SHOWN:].split(None, 1)[-1]}"


def _issue_records(ledger: _Ledger) -> tuple[Mapping[str, Value], ...]:
    return tuple(
        {
            "codes": listed([ledger.names.get(code, code) for code in issue.codes]),
            "differences": issue.differences,
            "decision": issue.decision,
            "wording": issue.wording,
            "decided_by": ledger.labels.get(issue.decided_by, issue.decided_by),
            "decided_at": issue.decided_at,
            "codebook_version": issue.version,
            "id": issue.id,
        }
        for issue in ledger.issues
    )


def _blocks(
    ledger: _Ledger,
    records: tuple[Mapping[str, Value], ...],
    issues: tuple[Mapping[str, Value], ...],
) -> tuple[Block, ...]:
    blocks: tuple[Block, ...] = (Page(landscape=True), Paragraph(_summary(ledger)))
    if records:
        blocks += (
            Table(
                caption="All decisions, in the order in which they were taken",
                columns=(
                    Column("No.", 1, numeric=True),
                    Column("When and who", 3),
                    Column("Where", 2),
                    Column("From", 8),
                    Column("Decision", 7),
                    Column("Why", 5),
                ),
                rows=tuple(_row(record) for record in records),
            ),
        )
    findings = [r for r in records if r["reason"] == TRUE_DIFFERENCE and r["holds"] == "yes"]
    if findings:
        blocks += (Heading("True differences of reading"),)
        blocks += tuple(Paragraph(f"{r['transcript']}: {r['memo']}") for r in findings)
    open_ = find_issues(ledger.passages, ledger.decisions, ledger.issues)
    if open_ or issues:
        blocks += (Heading("Codebook issues"),)
        blocks += tuple(
            Paragraph(
                f"{listed([ledger.names.get(code, code) for code in issue.codes])}: "
                f"{counted(len(issue.passages), 'difference')} for reasons of definition"
                f"{', open.' if issue.is_open else ', decided.'}"
            )
            for issue in open_
        )
        blocks += tuple(
            Paragraph(
                f"{str(r['decided_at'])[:10]}, {r['decided_by']}, on {r['codes']} "
                f"(version {r['codebook_version']}): {r['decision']}"
                + (f" Proposed wording: {r['wording']}" if r["wording"] else "")
            )
            for r in issues
        )
    return blocks


def _summary(ledger: _Ledger) -> str:
    if not ledger.decisions:
        return "There is no decision to show."
    done, total = progress(ledger.passages, ledger.decisions)
    standing = {d.id: d for d in latest(ledger.decisions).values()}.values()
    reasons = Counter(d.reason_kind for d in standing if d.reason_kind)
    told = [f"{reason} {count}" for reason, count in reasons.most_common()]
    return (
        f"{counted(len(ledger.decisions), 'decision')} were taken; {done} of "
        f"{counted(total, 'difference')} stand settled."
        + (f" Reasons: {listed(told)}." if told else "")
        + " The coders’ own codings were not changed by any of them."
    )


def _row(record: Mapping[str, Value]) -> Row:
    outcome = str(record["outcome"])
    what = OUTCOMES.get(outcome, f"As {record['kept_of'] or outcome} coded it")
    if outcome in LETTERS and not record["result"]:
        what += ": nothing"
    notes = "Decided without being told who coded what" if record["who_was_hidden"] == "yes" else ""
    replaced = "" if record["holds"] == "yes" else "Holds no more"
    result = f"\n{record['result']}" if record["result"] else ""
    why = ": ".join(filter(None, (str(record["reason"]), str(record["memo"]))))
    when = str(record["decided_at"])[:16].replace("T", " ")
    version = f"Codebook {record['codebook_version']}" if record["codebook_version"] else ""
    return Row(
        (
            Cell(str(record["number"])),
            Cell(f"{when}\n{record['decided_by']}", note=version),
            Cell(f"{record['transcript']}\n{record['kind']}"),
            Cell(str(record["from_codings"])),
            Cell(f"{what}{result}", note="; ".join(filter(None, (notes, replaced)))),
            Cell(why),
        )
    )
