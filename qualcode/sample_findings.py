"""The end of the sample study: its differences settled, themes, quotations and needs; plain files.

``decisions.csv`` and ``findings.toml`` stand beside the sample's interviews. Everything is written
through the study as its people would write it: Lea settles and makes themes, all three agree.
"""

from __future__ import annotations

import csv
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qualcode.claims import ChosenQuotation, Claim, Excerpt, Need
from qualcode.errors import BadCommand
from qualcode.model import THEME_STATES, Outcome, Seat, Theme, Transcript
from qualcode.reconciliation import Passage, consensus, find_passages, settle
from qualcode.spans import Span
from qualcode.store import Study

LEAD = Seat("lea", frozenset({"lead"}))
CODERS = (Seat("ana", frozenset({"coder"})), Seat("ben", frozenset({"coder"})))
NAMES = tuple(seat.name for seat in CODERS)


def finish_sample(study: Study, folder: Path) -> None:
    """Settle the sample's differences by its key and add what its files say of the themes."""
    lead = study.seated(LEAD)
    kept = tomllib.loads((folder / "findings.toml").read_text(encoding="utf-8"))
    answers = _answers(study, _rows(folder / "codings.csv"))
    study.settings.change(kept["settings"])
    _settle(lead, {row["segment"]: row for row in _rows(folder / "decisions.csv")})
    for theme in kept["themes"]:
        _theme(lead, theme, answers)
    for need in kept["needs"]:
        _need(lead, need, kept["themes"])
    for theme in lead.themes():
        for state in THEME_STATES[1:]:
            lead.set_theme_state(theme.id, state)
        for seat in (LEAD, *CODERS):
            study.seated(seat).agree_to_theme(theme.id)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _answers(study: Study, codings: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, Span]]:
    """Answer → its transcript and the longest stretch of it that anybody coded."""
    longest: dict[str, Mapping[str, str]] = {}
    for row in codings:
        before = longest.get(row["segment"])
        if before is None or len(row["quote"]) > len(before["quote"]):
            longest[row["segment"]] = row
    return {
        segment: _stretch(study.transcript(row["transcript"]), row["quote"])
        for segment, row in longest.items()
    }


def _stretch(transcript: Transcript, words: str) -> tuple[str, Span]:
    if transcript.text.count(words) != 1:
        raise BadCommand(
            f"The sample’s files quote words that do not stand once in {transcript.title}: "
            f"“{words[:60]}”."
        )
    start = transcript.text.index(words)
    return transcript.id, Span(start, start + len(words))


def _settle(lead: Study, decisions: Mapping[str, Mapping[str, str]]) -> None:
    codings = lead.codings()
    book = lead.codebook()
    texts = {transcript.id: transcript for transcript in lead.transcripts()}
    passages = find_passages(codings, NAMES, transcripts=list(texts), codes=book.codes)
    made = []
    for passage in passages:
        decision = decisions[_answer_of(passage, texts[passage.transcript])]
        outcome: Outcome = "a" if passage.coders.index(decision["keeps"]) == 0 else "b"
        made.append(settle(passage, outcome, reason=decision["reason"], decided_by=LEAD.name))
    lead.decide(*made)
    settled = consensus(codings, lead.decisions(), NAMES)
    lead.lock_consensus({id_: [c for c in settled if c.transcript == id_] for id_ in texts})


def _answer_of(passage: Passage, transcript: Transcript) -> str:
    for number, turn in enumerate(transcript.participant_turns, start=1):
        if any(turn.span.overlap(coding.span) for coding in passage.codings):
            return f"{transcript.title}-S{number:02}"
    raise BadCommand(f"The sample’s coders part outside the answers of {transcript.title}.")


def _theme(lead: Study, kept: Mapping[str, Any], answers: Mapping[str, tuple[str, Span]]) -> None:
    fields = ("name", "definition", "scope_in", "scope_out", "kind", "relations")
    theme = lead.add_theme(
        Theme(
            **{name: kept[name] for name in fields},
            codes=tuple(kept["codes"]),
            id=_id("theme", kept["id"]),
        )
    )
    claims = []
    for number, claim in enumerate(kept["claims"], start=1):
        made = lead.keep_claim(
            Claim(theme.id, claim["sentence"], id=_id("claim", f"{kept['id']}-{number}"))
        )
        claims.append(made)
        for role in ("supports", "contrary"):
            for segment in claim.get("excerpts" if role == "supports" else role, ()):
                lead.link_excerpt(
                    Excerpt(
                        theme.id,
                        *answers[segment],
                        role=role,
                        claim=made.id,
                        id=_id("excerpt", f"{made.id}-{segment}"),
                    )
                )
    for divergent in kept.get("divergent", ()):
        lead.link_excerpt(
            Excerpt(
                theme.id,
                *answers[divergent["excerpt"]],
                role="divergent",
                note=divergent["note"],
                id=_id("excerpt", f"{kept['id']}-{divergent['excerpt']}"),
            )
        )
    for quotation in kept["quotations"]:
        transcript = lead.transcript(answers[quotation["excerpt"]][0])
        place, span = _stretch(transcript, quotation["words"])
        lead.choose_quotation(
            ChosenQuotation(
                theme.id,
                place,
                span,
                claim=claims[quotation["claim"] - 1].id,
                introduction=quotation["introduction"],
                sense=quotation["sense"],
                id=_id("quotation", f"{kept['id']}-{quotation['excerpt']}"),
            ),
            shown=quotation.get("shown", ""),
        )


def _need(lead: Study, kept: Mapping[str, Any], themes: Iterable[Mapping[str, Any]]) -> None:
    given = {key: value for key, value in kept.items() if key not in ("themes", "quotations")}
    wanted = set(kept.get("quotations", ()))
    quotations = [
        _id("quotation", f"{theme['id']}-{quotation['excerpt']}")
        for theme in themes
        for quotation in theme["quotations"]
        if quotation["excerpt"] in wanted and theme["id"] in kept.get("themes", ())
    ]
    lead.keep_need(
        Need(
            **given
            | {
                "id": _id("need", kept["id"]),
                "codes": tuple(kept.get("codes", ())),
                "themes": tuple(_id("theme", theme) for theme in kept.get("themes", ())),
                "quotations": tuple(quotations),
            }
        )
    )


def _id(kind: str, name: str) -> str:
    """The same id in every sample study, as in ``sample``."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"qualcode:sample:{kind}:{name}"))
