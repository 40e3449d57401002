"""What the coding surface is tried on: texts, codes, and a study that is a JSON file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from qualcode.memos import Memo
from qualcode.model import Code, Coding, Transcript, Turn
from qualcode.spans import Span

STATE = Path(os.environ["CODER_APP_STATE"])
TEXTS = Path(os.environ["CODER_APP_TEXTS"]) if "CODER_APP_TEXTS" in os.environ else None

INTERVIEW = [
    ("Interviewer", "interviewer", "How did the first weeks on the ward go?"),
    (
        "Ana",
        "participant",
        "I stay late most days. Nobody asks me to, but the charts do not write themselves. "
        "My mentor noticed it in the second week and sat down with me.",
    ),
    ("Interviewer", "interviewer", "What did you talk about?"),
    (
        "Ana",
        "participant",
        "Mostly about saying no. 👩🏽‍⚕️ She said: “You are allowed to be new.” That stayed with me. "
        "In the café afterwards we drew a plan for the next month.",
    ),
    ("Ana", "participant", "And she kept to it. Every Friday, ten minutes, no excuses."),
    ("Interviewer", "interviewer", "Was there anything <b>missing</b>?"),
    (
        "Ben",
        "participant",
        '<img src=x onerror="globalThis.injected = true"> Time, mostly. '
        "<script>globalThis.injected = true</script> I would have liked a second person to ask.",
    ),
    ("ליאת", "participant", "אני נשארת עד מאוחר ברוב הימים. אף אחד לא מבקש ממני."),
    ("Ana", "participant", "So. That is all I have to say about it."),
]

SCRIPTS = [
    ("Interviewer", "interviewer", "Wie war das? 👍"),
    ("李", "participant", "我常常加班到很晚。没有人要求我这样做。"),
    ("ليلى", "participant", "أبقى متأخرة معظم الأيام. لا أحد يطلب مني ذلك."),
    ("Zoë", "participant", "Ein cafe\u0301 👨‍👩‍👧‍👦 mit der Familie, dann 🇩🇪 heim."),
    ("Interviewer", "interviewer", "Danke."),
]

CODES = [
    Code("T1", "Mentoring", kind="theme", codable=False, color="#2f6fb0"),
    Code(
        "C1",
        "Trust in the mentor",
        parent="T1",
        color="#2f6fb0",
        brief_definition="Relying on the mentor with something that matters.",
        when_to_use="The speaker risks something.",
        when_not_to_use="Mere politeness.",
    ),
    Code("C2", "Regular meetings", parent="T1", color="#2b8a6e", brief_definition="Fixed times."),
    Code("T2", "Work load", kind="theme", codable=False, color="#b3541e"),
    Code("C3", "Staying late", parent="T2", color="#b3541e", brief_definition="Unpaid hours."),
    Code("C4", "Lack of time", parent="T2", color="#8a5a00", brief_definition="Too little time."),
    Code("C5", "Saying no", parent="T2", color="#8e3f8a", brief_definition="Setting limits."),
    Code(
        "C6",
        "A code with a very long name that goes on and on <i>until</i> no margin can hold it",
        parent="T2",
        color="javascript:alert(1)",
    ),
]

MANY = [
    Code(f"M{theme}", f"Theme {theme}", kind="theme", codable=False, color=color)
    for theme, color in enumerate(("#4e79a7", "#59a14f", "#f28e2b"))
] + [
    Code(
        f"M{theme}-{number}",
        f"Code {theme}-{number}",
        parent=f"M{theme}",
        color=color,
        full_definition=f"Includes case {theme}{number}.",
    )
    for theme, color in enumerate(("#4e79a7", "#59a14f", "#f28e2b"))
    for number in range(8)
]
"""A book of three themes with eight codes each; a theme's codes have its colour."""


def build(title: str, turns: list[tuple[str, str, str]]) -> Transcript:
    text, built = "", []
    for number, (speaker, role, words) in enumerate(turns):
        start = len(text)
        text += words + "\n"
        at = f"00:{number:02d}:10"
        built.append(Turn(speaker, role, Span(start, start + len(words)), at))  # type: ignore[arg-type]
    return Transcript(title=title, text=text, turns=tuple(built), id=title.lower().split()[0])


@cache
def transcripts() -> dict[str, Transcript]:
    found = {"p01": build("P01 First weeks", INTERVIEW), "p02": build("P02 Short", INTERVIEW[-3:])}
    found["p03"] = build("P03 Same words", INTERVIEW[-3:])
    found["p04"] = build("P04 Many scripts", SCRIPTS)
    if TEXTS is not None:
        found["long"] = build("Long interview", json.loads(TEXTS.read_text("utf-8")))
    return found


@dataclass
class Applied:
    acknowledged: list[str] = field(default_factory=list)
    rejected: list[dict[str, str]] = field(default_factory=list)


@dataclass
class FileStudy:
    """Obeys the contract of a study as far as coding asks for it; one coder at a time."""

    coder: str
    refused_code: str
    kept: Path

    def transcript(self, transcript: str, /) -> Transcript:
        return transcripts()[transcript]

    def codings(self, *, transcript: str, coders: list[str]) -> list[Coding]:
        rows = self._read()["codings"].values()
        text = self.transcript(transcript).text
        return [
            Coding(
                transcript=transcript,
                coder=row["coder"],
                code=row["code"],
                span=Span(row["start"], row["end"]),
                quote=text[row["start"] : row["end"]],
                memo=row["memo"],
                uncertain=row.get("uncertain", False),
                id=row["id"],
            )
            for row in rows
            if row["transcript"] == transcript and row["coder"] in coders
        ]

    def proposals(self, transcript: str, /) -> list[dict[str, Any]]:
        rows = self._read().get("proposals", {}).values()
        return [row for row in rows if row["transcript"] == transcript]

    def seen(self, transcript: str, /) -> list[int]:
        numbers: list[int] = self._read()["seen"].get(f"{self.coder} {transcript}", [])
        return numbers

    def noted(self, transcript: str, /) -> list[Memo]:
        text = self.transcript(transcript).text
        found = []
        for row in self._read()["notes"].values():
            if row["about"] != "code" and row["transcript"] != transcript:
                continue
            span = Span(row["start"], row["end"]) if row["about"] == "passage" else None
            found.append(
                Memo(
                    row["text"],
                    row["about"],
                    row.get("code", ""),
                    transcript,
                    span,
                    text[span.slice] if span else "",
                    id=row["id"],
                )
            )
        return found

    def apply(self, transcript: str, operations: list[dict[str, Any]], /) -> Applied:
        state, applied = self._read(), Applied()
        text = self.transcript(transcript).text
        for operation in operations:
            op_id = operation["op_id"]
            coding = operation.get("coding", {})
            if op_id in state["done"]:
                applied.acknowledged.append(op_id)
                continue
            if operation["op"] == "add":
                if text[coding["start"] : coding["end"]] != operation["quote"]:
                    reason = "The quotation differs from the text."
                elif coding["code"] == self.refused_code:
                    reason = "This code was retired an hour ago."
                else:
                    reason = ""
                if reason:
                    applied.rejected.append({"op_id": op_id, "reason": reason})
                    continue
                row = {**coding, "transcript": transcript, "coder": self.coder}
                state["codings"][coding["id"]] = row
            elif operation["op"] == "remove":
                state["codings"].pop(operation["id"], None)
            elif operation["op"] == "note":
                note = operation["note"]
                if note["about"] == "passage":
                    assert text[note["start"] : note["end"]] == operation["quote"]
                state["notes"][note["id"]] = {**note, "transcript": transcript}
            elif operation["op"] == "note_text":
                state["notes"][operation["id"]]["text"] = operation["text"]
            elif operation["op"] == "unnote":
                state["notes"].pop(operation["id"], None)
            elif operation["op"] == "memo":
                state["codings"][operation["id"]]["memo"] = operation["memo"]
            elif operation["op"] == "doubt":
                state["codings"][operation["id"]]["uncertain"] = operation["uncertain"]
            elif operation["op"] == "propose":
                row = {**operation["proposal"], "state": "open", "answer": ""}
                assert text[row["start"] : row["end"]] == operation["quote"]
                state.setdefault("proposals", {})[row["id"]] = row | {"transcript": transcript}
            elif operation["op"] == "unpropose":
                state["proposals"].pop(operation["id"])
            elif operation["op"] == "seen":
                turns = self.transcript(transcript).turns
                assert all(turns[number].role == "participant" for number in operation["turns"])
                before = state["seen"].get(f"{self.coder} {transcript}", [])
                now = sorted({*before, *operation["turns"]})
                state["seen"][f"{self.coder} {transcript}"] = now
                state["seen_acts"] += 1
            state["done"].append(op_id)
            applied.acknowledged.append(op_id)
        # Whole or not at all: the test reads while the next edit is being written.
        beside = self.kept.with_name(f"{uuid4()}.tmp")
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self.kept)
        return applied

    def _read(self) -> dict[str, Any]:
        if self.kept.exists():
            state: dict[str, Any] = json.loads(self.kept.read_text("utf-8"))
            return {"notes": {}} | state
        return {"codings": {}, "notes": {}, "done": [], "seen": {}, "seen_acts": 0}


def coder_of(asked: Mapping[str, str]) -> str:
    return asked.get("coder", "ana")


@contextmanager
def study_of(asked: Mapping[str, str]) -> Iterator[FileStudy]:
    """The study that the address of a page, or of its edits, asks for."""
    kept = STATE.with_name(f"{Path(asked.get('run', STATE.stem)).name}.json")
    yield FileStudy(coder_of(asked), asked.get("refuse", ""), kept)
