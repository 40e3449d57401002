"""Rows of the study file ↔ values of the model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from qualcode.model import (
    Assignment,
    Code,
    CodebookIssue,
    Coding,
    Decision,
    Member,
    Participant,
    Removal,
    Round,
    Theme,
    Transcript,
    Turn,
    as_role,
)
from qualcode.spans import Span

Row = Mapping[str, Any]


def whole(db: Database, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """All rows of a SELECT of text and whole numbers, in its order, read in one step.

    SQLite lets other threads in at every row that it gives: of an interview of a thousand turns,
    read while others are at work, each row would wait for its turn.
    """
    named = db.execute(f"SELECT * FROM ({query}) LIMIT 0", values).description
    names = [str(column[0]) for column in named]
    listed = ", ".join(f'"{name}"' for name in names)
    (found,) = db.execute(
        f"SELECT json_group_array(json_array({listed})) FROM ({query})", values
    ).fetchone()
    return [dict(zip(names, row, strict=True)) for row in json.loads(found)]


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def transcript_row(transcript: Transcript, *, position: int, at: str) -> dict[str, Any]:
    return {
        "id": transcript.id,
        "title": transcript.title,
        "text": transcript.text,
        "sha256": transcript.sha256,
        "source_name": transcript.source_name,
        "source_format": transcript.source_format,
        "source_sha256": transcript.source_sha256,
        "participant": transcript.participant,
        "removals": to_json([[removal.text, removal.reason] for removal in transcript.removals]),
        "facts": to_json(dict(transcript.facts)),
        "position": position,
        "added_at": at,
    }


def turn_rows(transcript: Transcript) -> list[dict[str, Any]]:
    return [
        {
            "transcript": transcript.id,
            "number": number,
            "speaker": turn.speaker,
            "role": turn.role,
            "start": turn.span.start,
            "end": turn.span.end,
            "at": turn.at,
        }
        for number, turn in enumerate(transcript.turns)
    ]


def transcript(row: Row, turns: Iterable[Row]) -> Transcript:
    return Transcript(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        turns=tuple(
            Turn(turn["speaker"], turn["role"], Span(turn["start"], turn["end"]), turn["at"])
            for turn in turns
        ),
        source_name=row["source_name"],
        source_format=row["source_format"],
        source_sha256=row["source_sha256"],
        participant=row["participant"],
        removals=tuple(Removal(text, reason) for text, reason in json.loads(row["removals"])),
        facts=json.loads(row["facts"]),
    )


def participant_row(participant: Participant, *, position: int) -> dict[str, Any]:
    return {
        "id": participant.id,
        "attributes": to_json(dict(participant.attributes)),
        "quote_consent": participant.quote_consent,
        "status": participant.status,
        "position": position,
    }


def participant(row: Row) -> Participant:
    return Participant(
        id=row["id"],
        attributes=json.loads(row["attributes"]),
        quote_consent=row["quote_consent"],
        status=row["status"],
    )


def member(row: Row) -> Member:
    return Member(
        row["name"], frozenset(as_role(role) for role in json.loads(row["roles"])), row["display"]
    )


def code_row(code: Code, *, version: str, position: int) -> dict[str, Any]:
    said = asdict(code)
    if code.status == "active":  # as rows were written before codes had a status
        del said["status"]
    return {
        "version": version,
        "id": code.id,
        "position": position,
        "fields": to_json(said),
    }


def code(row: Row) -> Code:
    return Code(**json.loads(row["fields"]))


def coding(row: Row) -> Coding:
    return Coding(
        id=row["id"],
        transcript=row["transcript"],
        coder=row["coder"],
        code=row["code"],
        span=Span(row["start"], row["end"]),
        quote=row["quote"],
        memo=row["memo"],
        codebook_version=row["codebook_version"],
        made_at=row["made_at"],
        came_from=tuple(row.get("came_from", ())),
        round=row["round"],
        uncertain=bool(row["uncertain"]),
        search=row.get("search", ""),
    )


def coding_row(coding: Coding) -> dict[str, Any]:
    """The coding as the file keeps it, and as a copy of it is kept in JSON."""
    return {
        "id": coding.id,
        "transcript": coding.transcript,
        "coder": coding.coder,
        "code": coding.code,
        "start": coding.span.start,
        "end": coding.span.end,
        "quote": coding.quote,
        "memo": coding.memo,
        "codebook_version": coding.codebook_version,
        "made_at": coding.made_at,
        "came_from": list(coding.came_from),
        "round": coding.round,
        "uncertain": coding.uncertain,
        "search": coding.search,
    }


def round_(row: Row) -> Round:
    return Round(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        version=row["version"],
        gives_all=bool(row["gives_all"]),
        closed_note=row["closed_note"],
        made_at=row["made_at"],
        recode_blind=bool(row["recode_blind"]),
        autocoding=bool(row["autocoding"]),
    )


def round_row(held: Round, *, position: int, by: str) -> dict[str, Any]:
    return {
        "id": held.id,
        "position": position,
        "name": held.name,
        "kind": held.kind,
        "version": held.version,
        "gives_all": int(held.gives_all),
        "closed_note": held.closed_note,
        "made_by": by,
        "made_at": held.made_at,
        "recode_blind": int(held.recode_blind),
        "autocoding": int(held.autocoding),
    }


def assignment(row: Row) -> Assignment:
    return Assignment(
        transcript=row["transcript"],
        coder=row["coder"],
        state=row["state"],
        submitted_at=row["submitted_at"],
        round=row["round"],
        position=row["position"],
        seen=len(json.loads(row["seen"])),
        turns=row["turns"],
        not_blind=row["not_blind"],
        offline=row["offline"],
    )


def decision_row(decision: Decision, *, position: int) -> dict[str, Any]:
    return {
        "id": decision.id,
        "position": position,
        "difference": decision.difference,
        "transcript": decision.transcript,
        "kind": decision.kind,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "settles": to_json(list(decision.settles)),
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
        "also": to_json(list(decision.also)),
        "coders": to_json(list(decision.coders)),
        "blind": int(decision.blind),
        "version": decision.version,
    }


def consensus_rows(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "id": coding.id,
            "decision": decision.id,
            "transcript": coding.transcript,
            "code": coding.code,
            "start": coding.span.start,
            "end": coding.span.end,
            "quote": coding.quote,
            "came_from": to_json(list(coding.came_from)),
        }
        for coding in decision.result
    ]


def decision(row: Row, result: Iterable[Row], consensus: str) -> Decision:
    return Decision(
        id=row["id"],
        difference=row["difference"],
        transcript=row["transcript"],
        kind=row["kind"],
        outcome=row["outcome"],
        reason=row["reason"],
        settles=tuple(json.loads(row["settles"])),
        result=tuple(
            Coding(
                id=coding["id"],
                transcript=coding["transcript"],
                coder=consensus,
                code=coding["code"],
                span=Span(coding["start"], coding["end"]),
                quote=coding["quote"],
                made_at=row["decided_at"],
                came_from=tuple(json.loads(coding["came_from"])),
            )
            for coding in result
        ),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        also=tuple(json.loads(row["also"])),
        coders=tuple(json.loads(row["coders"])),
        blind=bool(row["blind"]),
        version=row["version"],
    )


def issue_row(issue: CodebookIssue, *, position: int) -> dict[str, Any]:
    return {
        "id": issue.id,
        "position": position,
        "codes": to_json(list(issue.codes)),
        "decision": issue.decision,
        "wording": issue.wording,
        "differences": issue.differences,
        "decided_by": issue.decided_by,
        "decided_at": issue.decided_at,
        "version": issue.version,
    }


def issue(row: Row) -> CodebookIssue:
    return CodebookIssue(
        id=row["id"],
        codes=tuple(json.loads(row["codes"])),
        decision=row["decision"],
        wording=row["wording"],
        differences=row["differences"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        version=row["version"],
    )


def theme_row(theme: Theme, *, position: int) -> dict[str, Any]:
    return {
        "id": theme.id,
        "position": position,
        "name": theme.name,
        "definition": theme.definition,
        "codes": to_json(list(theme.codes)),
        "excerpts": to_json([[t, span.start, span.end] for t, span in theme.excerpts]),
        "origin": theme.origin,
        "made_by": theme.made_by,
        "made_at": theme.made_at,
        "dropped_reason": None,
        "scope_in": theme.scope_in,
        "scope_out": theme.scope_out,
        "kind": theme.kind,
        "state": theme.state,
        "parent": theme.parent,
        "relations": theme.relations,
        "version": theme.version,
        "changed_by": theme.changed_by,
        "changed_at": theme.changed_at,
        "agreed": to_json(list(theme.agreed)),
    }


def theme(row: Row) -> Theme:
    return Theme(
        id=row["id"],
        name=row["name"],
        definition=row["definition"],
        codes=tuple(json.loads(row["codes"])),
        excerpts=tuple((t, Span(start, end)) for t, start, end in json.loads(row["excerpts"])),
        origin=row["origin"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        scope_in=row["scope_in"],
        scope_out=row["scope_out"],
        kind=row["kind"],
        state=row["state"],
        parent=row["parent"],
        relations=row["relations"],
        version=row["version"],
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
        agreed=tuple(json.loads(row["agreed"])),
    )
