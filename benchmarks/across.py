"""Looking across 60 interviews, 100 codes and 10,000 codings, beside pandas on the same data.

Each view is made anew from the values, passages laid out and all; the reference has its frame made
already and gives the numbers alone, without the passages behind a cell.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.results import Comparison, in_turn, require, timed
from qualcode.codebook import Codebook
from qualcode.model import (
    Attribute,
    Code,
    Coding,
    Member,
    Participant,
    Seat,
    Transcript,
    Turn,
    new_id,
)
from qualcode.queries import (
    Corpus,
    by_date,
    codes_of,
    cooccurrence,
    frequencies,
    matrix,
    read_words,
    retrieve,
    saturation,
    spread,
)
from qualcode.queries.words import as_said
from qualcode.reports.across import corpus_of
from qualcode.spans import Span
from qualcode.store import Study, open_study

INTERVIEWS, CODES, CODINGS, TURNS = 60, 100, 10_000, 120
GOAL = 1_000.0
GROUP = Attribute("group")
WORDS = (
    *("time", "clinic", "mentor", "trust", "meeting", "data", "leader", "night", "patient"),
    *("ward", "promise", "budget", "course", "friday", "nobody", "always", "maybe", "because"),
    *("people", "year", "week", "change", "project", "chart", "story", "team", "chief", "letter"),
)
QUERY = 'code:"Code 7" OR code:"Code 8" AND time NEAR/10 clinic NOT group:"group 1"'


def made() -> Corpus:
    """Interviews of 6,000 words, coded at random, in three groups."""
    random_ = random.Random(1)
    codes = [Code(f"T{n}", f"Theme {n}", kind="theme", codable=False) for n in range(1, 11)] + [
        Code(f"C{n}", f"Code {n}", parent=f"T{n % 10 + 1}") for n in range(1, CODES + 1)
    ]
    texts = [_interview(n, random_) for n in range(1, INTERVIEWS + 1)]
    codings = []
    for number in range(CODINGS):
        text = texts[number % INTERVIEWS]
        turn = random_.choice(text.participant_turns).span
        start = random_.randrange(turn.start, turn.end - 20)
        span = Span(start, random_.randrange(start + 10, turn.end))
        code = f"C{random_.randint(1, CODES)}"
        codings.append(Coding(text.id, "ana", code, span, text.text[span.slice]))
    people = [
        Participant(t.person, {"group": f"group {n % 3}"} if n % 10 else {})
        for n, t in enumerate(texts)
    ]
    return Corpus(tuple(texts), tuple(codings), tuple(codes), participants=tuple(people))


def _interview(number: int, random_: random.Random) -> Transcript:
    text, turns = "", []
    for place in range(TURNS):
        role, many = ("participant", 90) if place % 2 else ("interviewer", 10)
        words = " ".join(random_.choice(WORDS) for _ in range(many)) + "."
        text += "\n" if text else ""
        turns.append(Turn("A", role, Span(len(text), len(text) + len(words))))  # type: ignore[arg-type]
        text += words
    return Transcript(f"P{number:02}", text, tuple(turns), participant=f"P{number:02}")


def run() -> Iterator[Comparison]:
    corpus = made()
    frame = _frame(corpus)
    yield from _tables(corpus, frame)
    yield from _words(corpus)
    yield from _curve(corpus)
    yield from _read(corpus)


def _frame(corpus: Corpus) -> pd.DataFrame:
    """One row a coding on a passage, as somebody would export it."""
    rows = []
    for coding, places in zip(corpus.codings, corpus.places_of, strict=True):
        text = corpus.transcript[coding.transcript]
        for place in places:
            group = corpus.value(GROUP, text) or "missing"
            rows.append((coding.code, place, text.person, group))
    return pd.DataFrame(rows, columns=["code", "passage", "person", "group"])


def _tables(corpus: Corpus, frame: pd.DataFrame) -> Iterator[Comparison]:
    people = frame.drop_duplicates(["code", "person", "group"])
    units = frame.drop_duplicates(["code", "passage"])

    def crosstab() -> pd.DataFrame:
        return pd.crosstab(people["code"], people["group"])

    (table, ours), (other, theirs) = in_turn(
        lambda: spread(replace(corpus, memory={}), GROUP), crosstab, times=7
    )
    counts = {row.group.id: [c.n for c in row.cells] for row in table.rows}
    require(
        all(
            counts[code] == [int(other.loc[code].get(label, 0)) for label in table.labels]
            for code in other.index
        ),
        "the counts by group are not those of pandas",
    )
    yield Comparison(
        "100 codes by a group, participants", ours, "pandas.crosstab", theirs, goal=GOAL
    )

    def square() -> np.ndarray:  # type: ignore[type-arg]
        wide = pd.crosstab(units["passage"], units["code"]).to_numpy()
        return wide.T @ wide

    (met, ours), (product, theirs) = in_turn(
        lambda: cooccurrence(replace(corpus, memory={})), square, times=5
    )
    require(int(met.passages.sum()) == int(product.sum()), "the square is not that of pandas")
    yield Comparison(
        "100 codes by 100, in one turn", ours, "crosstab and product", theirs, goal=GOAL
    )

    def cells() -> pd.DataFrame:
        return pd.crosstab(units["person"], units["code"])

    (_, ours), (_, theirs) = in_turn(
        lambda: matrix(replace(corpus, memory={}), corpus.code_groups), cells, times=7
    )
    yield Comparison(
        "a matrix of 60 people by 100 codes", ours, "pandas.crosstab", theirs, goal=GOAL
    )


def _words(corpus: Corpus) -> Iterator[Comparison]:
    texts = list(corpus.words)
    near = re.compile(
        r"\btime\b(?:\W+\w+){0,10}?\W+\bclinic\b|\bclinic\b(?:\W+\w+){0,10}?\W+\btime\b"
    )

    def scanned() -> int:
        return sum(near.search(text) is not None for text in texts)

    fresh = replace(corpus, memory={})
    (found, ours), (seen, theirs) = in_turn(
        lambda: retrieve(replace(corpus, memory={}), QUERY), scanned, times=5
    )
    require(len(found) > 0 and seen > 0, "the query should find something")
    require(
        len(retrieve(fresh, "time NEAR/10 clinic")) == seen,
        "NEAR does not find what the pattern finds",
    )
    yield Comparison(
        "a query with two codes, NEAR and a group, the first time",
        ours, "one regular expression for NEAR alone", theirs, goal=GOAL,
    )  # fmt: skip
    spoken = read_words(corpus, as_said({"because", "always"}))

    def counted() -> Counter[str]:
        return Counter(word for text in texts for word in re.findall(r"\w+", text))

    (_, ours), (_, theirs) = in_turn(
        lambda: frequencies(spoken, attribute=GROUP, key="group 1"), counted, times=5
    )
    many = sum(len(text.split()) for text in texts)
    yield Comparison(
        f"{many:,} words by group, with keyness", ours, "Counter of all", theirs, goal=GOAL
    )


def _curve(corpus: Corpus) -> Iterator[Comparison]:
    interviews = codes_of(corpus, by_date(corpus))

    def plain() -> int:
        random_, total = random.Random(1), 0
        for _ in range(500):
            seen: set[str] = set()
            for codes in random_.sample(interviews, len(interviews)):
                seen |= codes
                total += len(seen)
        return total

    (_, ours), (_, theirs) = in_turn(lambda: saturation(interviews), plain, times=5)
    yield Comparison(
        "a saturation curve with 500 random orders", ours, "sets of Python", theirs, goal=GOAL
    )


def _read(corpus: Corpus) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as folder, _study(Path(folder), corpus) as study:
        (found, ours), (_, theirs) = in_turn(
            lambda: corpus_of(study)[0], lambda: study.codings(), times=5
        )
        require(len(found.codings) > 0.9 * CODINGS, "codings were lost on the way")
        yield Comparison(
            "the settled layer read from the file", ours, "its codings as they stand", theirs,
            goal=GOAL,
        )  # fmt: skip
        _, first = timed(lambda: retrieve(corpus_of(study)[0], QUERY))
        _, plain = timed(lambda: study.codings())
        yield Comparison(
            "read, laid out and asked, all in one", first, "its codings as they stand", plain,
            goal=GOAL,
        )  # fmt: skip


def _study(folder: Path, corpus: Corpus) -> Study:
    """The same in a study file, coded by one coder and submitted."""
    study = open_study(folder / "across.qualcode", create=True, title="Across")
    ana = Seat("ana", frozenset({"coder"}))
    study.add_member(Member("ana", ana.roles))
    study.set_codebook(Codebook(corpus.codes))
    study.add(*corpus.participants, *corpus.transcripts)
    seated = study.seated(ana)
    for text in corpus.transcripts:
        acts = [
            {
                "op": "add",
                "op_id": new_id(),
                "quote": coding.quote,
                "coding": {
                    "id": coding.id, "start": coding.span.start, "end": coding.span.end,
                    "code": coding.code, "memo": "",
                },
            }
            for coding in corpus.codings
            if coding.transcript == text.id
        ]  # fmt: skip
        seated.apply(text.id, acts)
        seated.submit(text.id)
    return study
