"""Studies of our own making: a seed in; interviews, a codebook and codings out, the same each time.

The words mean nothing; lengths, turns, emoji and overlaps are like those of a long interview.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qualcode.codebook import Codebook
from qualcode.model import Code, Coding, Transcript, Turn
from qualcode.spans import Span

VOCABULARY = (
    "we the ward mentor shift because every week I a team asked charts late after of nobody time "
    "plan to and it stayed nurse checklist trust meeting question was said in first month then "
    "what they did not know how with my colleague review night board patients learned slowly from "
    "mistakes before anyone noticed that somebody should really help out when things became loud "
    "again which nearly always happened around discharge or handover so people began writing "
    "everything down twice although there were only few chairs left near the window café naïve"
)
WORDS = VOCABULARY.split()
EMOJI = ("🙂", "👩🏽‍⚕️", "🎉", "🤷", "☕")
"""Some of one code point, some of several: browsers and Python count them differently."""
THEMES = ("Trust", "Time", "Learning", "Leading", "Meeting", "Writing", "Helping", "Leaving")
CODES_PER_THEME = 5
PARTICIPANT, INTERVIEWER = "P", "Interviewer"


def codebook() -> Codebook:
    """Eight themes with five codes each: forty codes that can be put on text."""
    codes: list[Code] = []
    for number, theme in enumerate(THEMES, start=1):
        codes.append(Code(f"T{number}", theme, kind="theme", codable=False))
        for letter in "abcde"[:CODES_PER_THEME]:
            name = f"{theme} {letter}{number}"
            rule = f"The speaker tells of {theme.lower()}, case {letter}."
            codes.append(Code(f"C{number}{letter}", name, f"T{number}", brief_definition=rule))
    return Codebook(tuple(codes))


def interview(title: str, *, seed: int, words: int = 0, characters: int = 0) -> Transcript:
    """An interview of at least so many words and characters; questions and long answers in turn."""
    chance = random.Random(seed)
    text, counted = "", 0
    turns: list[Turn] = []
    while counted < words or len(text) < characters:
        for speaker, role, fewest, most in (
            (INTERVIEWER, "interviewer", 1, 2),
            (PARTICIPANT, "participant", 3, 16),
        ):
            said = " ".join(_sentence(chance) for _ in range(chance.randint(fewest, most)))
            span = Span(len(text), len(text) + len(said))
            turns.append(Turn(speaker, role, span))  # type: ignore[arg-type]
            text += said + "\n"
            counted += len(said.split())
    return Transcript(title, text, tuple(turns), id=f"benchmark-{seed}")


def _sentence(chance: random.Random) -> str:
    said = " ".join(chance.choices(WORDS, k=chance.randint(5, 20)))
    emoji = f" {chance.choice(EMOJI)}" if chance.random() < 0.02 else ""
    return said[0].upper() + said[1:] + emoji + chance.choice((".", ".", ".", "?"))


def codings(
    transcript: Transcript, codes: Sequence[Code], *, coder: str, count: int, seed: int
) -> tuple[Coding, ...]:
    """So many codings of 3 to 60 words, overlapping as chance has it, none twice.

    Each lies in one participant's turn and begins after that turn's first word, so that a whole
    sentence at the beginning of a turn is still free.
    """
    chance = random.Random(seed)
    found: dict[tuple[Span, str], Coding] = {}
    while len(found) < count:
        turn = chance.choice(transcript.participant_turns)
        words = list(_words(transcript.text, turn.span))
        first = chance.randrange(1, len(words) - 3)
        last = min(first + chance.randint(2, 59), len(words) - 1)
        made = _coding(transcript, coder, chance, codes, words[first].start, words[last].end)
        found[made.span, made.code] = made
    return tuple(found.values())


def second_opinion(
    first: Sequence[Coding],
    transcript: Transcript,
    codes: Sequence[Code],
    *,
    coder: str,
    seed: int,
) -> tuple[Coding, ...]:
    """Another coder's codings: like the first's, other ends, here and there another code."""
    chance = random.Random(seed)
    found: dict[tuple[Span, str], Coding] = {}
    for coding in first:
        turn = transcript.turn_at(coding.span.start)
        assert turn is not None
        start = max(turn.span.start, coding.span.start + chance.randint(-40, 40))
        end = min(turn.span.end, coding.span.end + chance.randint(-40, 40))
        if end - start < 8:
            start, end = coding.span.start, coding.span.end
        made = _coding(transcript, coder, chance, codes, start, end)
        if chance.random() < 0.7:
            made = replace(made, code=coding.code)
        found[made.span, made.code] = made
    return tuple(found.values())


def overlapping(found: Sequence[Coding]) -> int:
    """How many codings share a character with another one."""
    spans = [coding.span for coding in found]
    return sum(any(a is not b and a.overlap(b) for b in spans) for a in spans)


def _coding(
    transcript: Transcript,
    coder: str,
    chance: random.Random,
    codes: Sequence[Code],
    start: int,
    end: int,
) -> Coding:
    span = Span(start, end)
    return Coding(
        transcript.id,
        coder,
        chance.choice(codes).id,
        span,
        transcript.text[span.slice],
        id=_uuid(chance),
    )


def _words(text: str, span: Span) -> Iterator[Span]:
    for match in re.finditer(r"\S+", text[span.slice]):
        yield Span(span.start + match.start(), span.start + match.end())


def _uuid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def operation(coding: Coding) -> dict[str, object]:
    """The act by which a coder makes this coding, as the browser would send it."""
    return {
        "op_id": coding.id,
        "op": "add",
        "quote": coding.quote,
        "coding": {
            "id": coding.id,
            "start": coding.span.start,
            "end": coding.span.end,
            "code": coding.code,
            "memo": "",
        },
    }
