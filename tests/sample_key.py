"""The answer key of the sample study as values: six short stand-in transcripts, two coders."""

from __future__ import annotations

import csv
from pathlib import Path

from qualcode.model import Code, Coding, CodingSet, Transcript, Turn
from qualcode.spans import Span

FOLDER = Path(__file__).parent / "golden" / "sample"
LAST = " And that is all."
THEMES = {"T1": range(1, 5), "T2": range(5, 10), "T3": range(10, 16), "T4": range(16, 23)}
THEMES |= {"T5": range(23, 25)}
CODES = tuple(
    Code(f"MEN-{number:02}", f"code {number}", theme)
    for theme, numbers in THEMES.items()
    for number in numbers
)
TREE = (*(Code(theme, theme, kind="theme", codable=False) for theme in THEMES), *CODES)


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected_agreement():
    return {row["code"]: row for row in rows("expected_agreement.csv")}


def transcripts():
    """One transcript a participant: a question and an answer for every row of the key."""
    found = []
    key = rows("answer_key.csv")
    for participant in dict.fromkeys(row["transcript"] for row in key):
        text, turns = "", []
        for row in key:
            if row["transcript"] == participant:
                for speaker, words in (
                    ("INT", f"Question {row['question']}?"),
                    ("P", words_of(row)),
                ):
                    span = Span(len(text), len(text) + len(words))
                    role = "interviewer" if speaker == "INT" else "participant"
                    turns.append(Turn(speaker, role, span))
                    text += words + "\n"
        found.append(Transcript(participant, text[:-1], tuple(turns), id=participant))
    return tuple(found)


def words_of(row):
    return f"{row['gist']}.{LAST}"


def codings(texts=None):
    """What the two coders coded: whole turns, but for the one planted difference of extent."""
    made = []
    by_id = {transcript.id: transcript for transcript in texts or transcripts()}
    places = {name: iter(transcript.participant_turns) for name, transcript in by_id.items()}
    for row in rows("answer_key.csv"):
        turn = next(places[row["transcript"]]).span
        for coder, column in (("ana", "coder_a"), ("ben", "coder_b")):
            for code in filter(None, row[column].split(";")):
                span = turn
                if row["disagreement"] == "boundary" and coder == "ana":
                    span = Span(turn.end - len(LAST) + 1, turn.end)
                quote = by_id[row["transcript"]].text[span.slice]
                id = f"{coder}-{row['segment']}-{code}"
                made.append(Coding(row["transcript"], coder, code, span, quote, id=id))
    sealed = frozenset((coder, name) for coder in ("ana", "ben") for name in by_id)
    return CodingSet(tuple(made), sealed, frozenset(), CODES)
