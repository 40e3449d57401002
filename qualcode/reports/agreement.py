"""Agreement as a supplement: coverage first, one value, codes, themes, where coders part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date as Date
from typing import Any

from qualcode.agreement import CONVENTION
from qualcode.agreement.report import after, round_label
from qualcode.agreement.units import Unit
from qualcode.model import CodingSet, Round
from qualcode.reports import agreement_tables as tables
from qualcode.reports.agreement_tables import FEW, PROVENANCE, REASONS, provenance, rounded
from qualcode.reports.analysis import agreement_sentence
from qualcode.reports.document import Block, Page, Paragraph, Report, Value, counted, listed
from qualcode.reports.facts import StudyFacts, StudyLike, gather
from qualcode.reports.figures import agreement_figures
from qualcode.reports.published import published_report

COLUMNS = (
    *("code", "name", "units", "both", "a_only", "b_only", "neither", "observed", "kappa"),
    *("alpha", "alpha_low", "alpha_high", "positive_agreement", "undefined_because"),
    *("marked", "q_667", "q_800", "pi", "iou", "ac1", "pabak", "prevalence", "passage_overlap"),
    *("verdict", "uncertain", "note", "boundary", "choice", "omission"),
    *PROVENANCE,
)


def agreement_report(
    study: StudyLike,
    *,
    date: Date | None = None,
    unit: Unit = "turn",
    round: Round | None = None,
) -> Report:
    """The agreement supplement: one row a code, and every other table of the comparison.

    It is of the main round, or of the one given; what the others gave stands in a table of its own.
    """
    facts = gather(study)
    if facts.is_consensus_only and (kept := published_report(study)) is not None:
        return kept
    if round is not None:
        facts = replace(facts, codings=study.codings(round=round.id))
    rounds = [(held, study.codings(round=held.id)) for held in study.rounds()]
    figures = supplement_figures(facts, rounds, unit=unit, round=round)
    day = date or Date.today()
    labels = {coder: facts.label(coder) for coder in figures["coders"]} if figures else {}
    records = tuple(_records(figures, list(labels.values()))) if figures else ()
    return Report(
        kind="agreement",
        title=after(round_label(round), "Agreement by code") if round else "Agreement by code",
        subtitle=(
            f"Study: {facts.title}",
            f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}. "
            f"Codebook version {facts.codebook.version}.",
        ),
        blocks=(
            Page(landscape=True),
            *(_blocks(facts, figures, labels) if figures else _closed(facts)),
        ),
        date=day,
        columns=COLUMNS,
        records=records,
        data={"study": facts.title, "snapshot": facts.snapshot, "agreement": figures},
        sheets=tables.sheets(figures, labels, COLUMNS, records) if figures else (),
    )


def supplement_figures(
    facts: StudyFacts,
    rounds: Sequence[tuple[Round, CodingSet]] = (),
    *,
    unit: Unit = "turn",
    round: Round | None = None,
) -> dict[str, Any] | None:
    """All figures of the transcripts that were coded twice and are closed; None without any."""
    if not facts.twice:
        return None
    figures = agreement_figures(
        facts.twice,
        facts.codings_of(facts.twice),
        unit=unit,
        codebook=facts.codebook.codes,
        round=round,
        rounds=rounds if len(rounds) > 1 else (),
    )
    for row in figures["drift"]["interviews"]:
        del row["date"]  # the order is enough; a day may tell who was interviewed
    return figures


def _closed(facts: StudyFacts) -> tuple[Block, ...]:
    if facts.codings.open:
        return (Paragraph("Agreement opens when everybody has submitted."),)
    if facts.is_consensus_only:
        return (Paragraph("The lead has not published the agreement table for authors yet."),)
    return (Paragraph("No transcript was coded by two people, so there is nothing to compare."),)


def _blocks(
    facts: StudyFacts, figures: Mapping[str, Any], labels: Mapping[str, str]
) -> tuple[Block, ...]:
    names = list(labels.values())
    said = figures["sentences"]
    opening = [
        _coverage(facts, figures),
        f"Blind codings before discussion, {_named(figures)}, by {listed(names)}. "
        f"{said['codebook_versions']}",
        said["overall"],
        f"{said['verdicts']} {CONVENTION}",
        after(_label(figures), agreement_sentence(figures)),
    ]
    if facts.is_reflexive:
        opening.append(
            "Reflexive thematic analysis does not ask for agreement; if these figures are "
            "reported, say what they are for."
        )
    notes = [
        "Observed: share of units on which the coders did the same. Positive agreement: twice the "
        "units both marked, divided by all marks; it does not count the units that nobody marked. "
        f"† Fewer than {FEW} units marked by both: read the counts rather than the coefficient. "
        "“Undefined” is neither 0 nor 1: the coefficient cannot be computed. “Uncertain”: the "
        "interval crosses the line of the verdict. “Too rare to judge”: fewer than 10 units marked "
        "by anyone.",
    ]
    blocks: list[Block] = [Paragraph(line) for line in opening if line]
    blocks += [tables.code_table(figures, names), *(Paragraph(n, small=True) for n in notes)]
    if figures["themes"]:
        blocks.append(tables.theme_table(figures, names))
    blocks += [tables.transcript_table(figures), Paragraph(said["drift"], small=True)]
    if len(names) > 2:
        blocks.append(tables.pair_table(figures, labels))
    if len(figures["codebook_versions"]["lines"]) > 1:
        blocks.append(tables.version_table(figures))
    if len(figures["rounds"]["lines"]) > 1:
        everybody = {member.name: facts.label(member.name) for member in facts.members}
        blocks.append(tables.round_table(figures, everybody))
        blocks.append(Paragraph(figures["rounds"]["sentence"], small=True))
    blocks += [tables.class_table(figures), Paragraph(_cost_note(figures), small=True)]
    if figures["confusions"]:
        blocks.append(tables.confusion_table(figures))
    return (*blocks, Paragraph(said["methods"]), Paragraph(_made(figures, names), small=True))


def _coverage(facts: StudyFacts, figures: Mapping[str, Any]) -> str:
    """The first line: what counts, what does not, and why."""
    who = "both" if len(figures["coders"]) == 2 else "at least two"
    given = {transcript for _, transcript in (*facts.codings.sealed, *facts.codings.open)}
    texts = facts.transcripts
    if figures["round_kind"] != "main":
        texts = tuple(text for text in texts if text.id in given)
    total = counted(len(texts), "transcript")
    line = f"{_label(figures)}{figures['n_transcripts']} of {total} coded by {who}"
    counts = set(figures["coverage"]["counted"])
    reasons = {row["transcript"]: row["reason"] for row in figures["coverage"]["not_counted"]}
    left_out = []
    for transcript in texts:
        if transcript.id not in counts:
            why = reasons.get(transcript.id) or "no text to compare"
            if transcript.id not in given:
                why = "not in the main round"
            elif transcript not in facts.twice:
                why = "coded by one person" if transcript in facts.closed else "coding not finished"
            left_out.append(f"{transcript.title} ({why})")
    if left_out:
        line += f"; not counted: {', '.join(left_out)}"
    line += f". {counted(figures['n_units'], figures['unit_noun'])}."
    if facts.codings.open:
        line += f" Coding is not finished: {len(facts.closed)} of {total} count here."
    return line


def _label(figures: Mapping[str, Any]) -> str:
    """What stands before sentences of another round than the main one."""
    return round_label(Round(figures["round"], figures["round_name"], figures["round_kind"]))


def _named(figures: Mapping[str, Any]) -> str:
    """The round as it stands in a sentence."""
    if figures["round_kind"] == "main":
        return "main round"
    return f"{figures['round_kind']} round “{figures['round_name']}”"


def _cost_note(figures: Mapping[str, Any]) -> str:
    note = (
        "Resolved: what one coder has there, the other has too. A difference of extent within one "
        "unit changes no unit, so it costs nothing here."
    )
    return f"{figures['sentences']['costs']} {note}".strip()


def _made(figures: Mapping[str, Any], names: list[str]) -> str:
    """How the figures were made, in one line under them."""
    told = provenance(figures, names)
    mask = "participants’ and others’ turns" if told["mask"] == "interviewer" else "all text"
    intervals = "no intervals"
    if figures["resampled"]:
        intervals = f"{told['resamples']:,} resamples of {told['resampled']}, seed {told['seed']}"
    return (
        f"{figures['round_name']}. Unit: {figures['unit_noun']}. Text compared: {mask}. "
        f"Rule: {told['rule']}. "
        f"Intervals: {intervals}. "
        f"Codebook versions: {told['codebook_versions'] or 'none'}. qualcode {told['version']}."
    )


def _records(figures: Mapping[str, Any], names: list[str]) -> list[dict[str, Value]]:
    made = provenance(figures, names)
    return [_record(code, figures, names) | made for code in figures["codes"]]


def _record(
    code: Mapping[str, Any], figures: Mapping[str, Any], names: list[str]
) -> dict[str, Value]:
    users = [name for name, count in zip(names, code["marked"], strict=True) if count]
    parts = figures["differences_by_code"].get(code["code"], {})
    same = ("q_667", "q_800", "pi", "iou", "ac1", "pabak", "prevalence", "passage_overlap")
    return {
        "code": code["code"],
        "name": code["name"],
        "units": tables.units(code),
        "both": code["both"],
        "a_only": code["only_a"],
        "b_only": code["only_b"],
        "neither": code["neither"],
        "observed": rounded(code["percent"]),
        "kappa": rounded(code["kappa"]),
        "alpha": rounded(code["alpha"]),
        "alpha_low": rounded(code["low"]),
        "alpha_high": rounded(code["high"]),
        "positive_agreement": rounded(code["f1"]),
        "undefined_because": REASONS.get(code["reason"] or "", code["reason"] or ""),
        "marked": "; ".join(str(count) for count in code["marked"]),
        **{name: rounded(code[name]) for name in same},
        "verdict": tables.VERDICTS.get(code["verdict"] or "", ""),
        "uncertain": rounded(code["uncertain"]),
        "note": f"only {users[0]} used this code" if len(users) == 1 else "",
        **{kind: parts.get(kind, 0) for kind in tables.CLASSES},
    }
