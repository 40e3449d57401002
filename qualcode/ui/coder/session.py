"""What the coding surface is shown: the text, the codings, the codes, and what it asked for.

Edits go another way (``edits.py``). No Streamlit here; ``docs/coding-protocol.md`` describes the
exchange.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from qualcode.memos import Memo
from qualcode.model import Code, Coding, Transcript

PROTOCOL = 4
"""Raised together with ``PROTOCOL`` in workbench.js when the two halves must be of one version."""

Wish = Literal["text", "codings"]


class Applied(Protocol):
    """What became of a batch of operations."""

    @property
    def acknowledged(self) -> Sequence[str]: ...
    @property
    def rejected(self) -> Sequence[Mapping[str, str]]: ...


class CodingStudy(Protocol):
    """The part of a study that coding needs; it knows who is coding and what that coder may do."""

    def transcript(self, transcript: str, /) -> Transcript: ...
    def codings(self, *, transcript: str, coders: list[str]) -> Iterable[Coding]: ...
    def apply(self, transcript: str, operations: list[dict[str, Any]], /) -> Applied: ...
    def seen(self, transcript: str, /) -> Iterable[int]: ...
    def noted(self, transcript: str, /) -> Iterable[Memo]: ...
    def proposals(self, transcript: str, /) -> Iterable[Mapping[str, Any]]: ...


_RUN = secrets.token_hex(4)
OpenStudy = Callable[[], AbstractContextManager[CodingStudy]]


def stamp() -> dict[str, Any]:
    """Now, by this server's clock: what was read after one stamp knows what was kept by an earlier.

    ``at`` are microseconds, ``run`` is another in each process.
    """
    return {"run": _RUN, "at": time.monotonic_ns() // 1000}


@dataclass
class Exchange:
    """One coder's conversation with the browser about one transcript: ids and titles, no text.

    ``wish`` says what the next answer must bring: everything, the codings, or neither.
    ``arrivals`` are ``goto`` ({id, start, end}) and ``searched`` ({id, codings}), repeated until
    the next run.
    """

    transcript: str = ""
    doc: dict[str, Any] = field(default_factory=dict)
    wish: Wish | None = "text"
    is_page_run: bool = False
    arrivals: Mapping[str, Any] = field(default_factory=dict)
    answers: int = 0
    look: str = ""

    def turn_to(
        self, transcript: str, look: str = "", arrivals: Mapping[str, Any] | None = None
    ) -> None:
        """A run of the whole page: the browser is given everything anew."""
        self.transcript = transcript
        self.look = look
        self.arrivals = arrivals or {}
        self.wish = "text"
        self.is_page_run = True

    def asked(self, payload: Mapping[str, Any]) -> None:
        """The browser lacks something, or its codings may be old."""
        if self.wish != "text":
            self.wish = "text" if payload.get("text") else "codings"

    def answer(
        self,
        open_study: OpenStudy,
        *,
        coder: str,
        codes: Sequence[Code],
        edits: str,
        readonly_reason: str | None = None,
        code_interviewer: bool = False,
        propose: str = "proposal",
    ) -> dict[str, Any]:
        """The data for the browser: as little as it needs to know."""
        wish = self.wish
        self.is_page_run = False
        data: dict[str, Any] = {}
        if wish is not None:
            data["as_of"] = stamp()
            with open_study() as study:
                mine = study.codings(transcript=self.transcript, coders=[coder])
                data["codings"] = [coding_card(coding) for coding in mine]
                data["notes"] = [note_card(memo) for memo in study.noted(self.transcript)]
                data["proposals"] = list(study.proposals(self.transcript))
                if wish == "text":
                    transcript = study.transcript(self.transcript)
                    self.doc = doc_card(transcript, code_interviewer=code_interviewer)
                    seen = sorted(study.seen(self.transcript))
                    data["doc"] = self.doc | text_of(transcript) | {"seen": seen}
        if self.look:
            data["look"] = self.look
        self.wish, self.look = None, ""
        self.answers += 1
        return {
            "protocol": PROTOCOL,
            "answer": self.answers,
            "me": coder,
            "doc": self.doc,
            "codes": code_cards(codes),
            "edits": edits,
            "readonly": readonly_reason is not None,
            "readonly_reason": readonly_reason or "",
            "propose": propose,
            **self.arrivals,
        } | data


def doc_card(transcript: Transcript, *, code_interviewer: bool = False) -> dict[str, Any]:
    """What names a transcript and its text."""
    return {
        "id": transcript.id,
        "sha": transcript.sha256,
        "title": transcript.title,
        "code_interviewer": code_interviewer,
    }


def text_of(transcript: Transcript) -> dict[str, Any]:
    """The text and its turns, in code points."""
    turns = [
        {
            "start": turn.span.start,
            "end": turn.span.end,
            "speaker": turn.speaker,
            "role": turn.role,
            "at": turn.at,
        }
        for turn in transcript.turns
    ]
    return {"text": transcript.text, "turns": turns}


def coding_card(coding: Coding) -> dict[str, Any]:
    """A coding without its words: the browser has them."""
    return {
        "id": coding.id,
        "start": coding.span.start,
        "end": coding.span.end,
        "code": coding.code,
        "memo": coding.memo,
        "uncertain": coding.uncertain,
        "search": coding.search,
    }


def note_card(memo: Memo) -> dict[str, Any]:
    """A memo of the coder's own on a passage, on the transcript or on a code."""
    card = {"id": memo.id, "about": memo.about, "text": memo.text}
    if memo.span is not None:
        return card | {"start": memo.span.start, "end": memo.span.end}
    return card | ({"code": memo.subject} if memo.about == "code" else {})


def code_cards(codes: Sequence[Code]) -> list[dict[str, Any]]:
    """The codes with the path of their parents, in the order given.

    >>> care, trust = Code("1", "Care"), Code("2", "Trust", parent="1")
    >>> [card["path"] for card in code_cards([care, trust])]
    ['', 'Care']
    """
    by_id = {code.id: code for code in codes}
    return [
        {
            "id": code.id,
            "name": code.name,
            "path": _path(code, by_id),
            "color": code.color,
            "brief": code.brief_definition,
            "full": code.full_definition,
            "when_to_use": code.when_to_use,
            "when_not_to_use": code.when_not_to_use,
            "codable": code.usable,
            "retired": code.status == "retired",
        }
        for code in codes
    ]


def _path(code: Code, by_id: Mapping[str, Code]) -> str:
    names: list[str] = []
    seen = {code.id}
    parent = by_id.get(code.parent or "")
    while parent is not None and parent.id not in seen:
        seen.add(parent.id)
        names.insert(0, parent.name)
        parent = by_id.get(parent.parent or "")
    return " › ".join(names)
