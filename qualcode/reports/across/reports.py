"""The tables looked across as reports: a view and what was worked out in, a Report out.

Words of who has not agreed to be quoted are left out, and cells that few people stand behind are
masked: what the team sees on its screen is more than what leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualcode.queries.cooccurrence import Cooccurrence
from qualcode.queries.framework import Matrix
from qualcode.queries.retrieval import Retrieved
from qualcode.queries.saturation import Saturation
from qualcode.queries.spread import PERCENT_FROM, Spread, SpreadCell, masked
from qualcode.queries.words import Frequencies
from qualcode.reports.across.pictures import Bars, Curves, Heat, Line
from qualcode.reports.across.view import View, table
from qualcode.reports.document import (
    Cell,
    Column,
    Quote,
    Report,
    Sheet,
    Value,
    counted,
    listed,
    number,
)
from qualcode.reports.rules import thresholds
from qualcode.store.framework import Summary

MOST_WORDS = 500
SPREAD_NOTE = (
    "Counts show how widely something was voiced, not how important it is; nothing was tested."
)
CAUTION_A_PRIORI = (
    "The codes were set before the interviews: the curve shows when each was first used, not that "
    "nothing new would be found."
)
CAUTION_REFLEXIVE = (
    "In a reflexive thematic analysis saturation is no criterion of quality: the reasoning on the "
    "sample is what counts."
)
CAUTION = "New codes are not new meaning: what saturation is claimed of stays a judgement."


# -- passages ----------------------------------------------------------------------------------


def passages_report(view: View, found: Retrieved) -> Report:
    """The passages that fit a query, each with its place and codes."""
    names = {code.id: code.name for code in view.corpus.codes}
    columns = ("participant", "interview", "turn", "codes", "words")
    records: list[dict[str, Value]] = []
    held_back = set()
    for each in found.found():
        text = view.corpus.transcript[each.passage.transcript]
        words = " ".join(text.text[each.passage.span.slice].split())
        if not view.may_be_quoted(each.passage.participant):
            held_back.add(each.passage.participant)
            words = ""
        records.append(
            {
                "participant": each.passage.participant,
                "interview": text.title,
                "turn": each.passage.turn or None,
                "codes": "; ".join(names.get(code, code) for code in each.codes),
                "words": words,
            }
        )
    people = sorted(found.by_participant.items(), key=lambda item: -item[1])
    note = (
        f"The words of {listed(sorted(held_back))} are left out: not agreed to be quoted."
        if held_back
        else ""
    )
    return view.report(
        "across-passages",
        "Passages found",
        (f"Query: {found.query}", found.sentence),
        table(
            "Passages that fit the query",
            (
                Column("Participant", 0.8), Column("Interview", 1.2),
                Column("Turn", 0.4, numeric=True), Column("Codes", 2.4),
            ),
            [
                [str(r["participant"]), str(r["interview"]), str(r["turn"] or ""), str(r["codes"])]
                for r in records
            ],
        ),
        columns,
        records,
        picture=(
            Bars(
                tuple(person for person, _ in people),
                (("Passages", tuple(float(n) for _, n in people)),),
                "Passages that fit the query",
            ),
            "Passages that fit the query, by participant.",
            _in_words(people, "passage"),
        ),
        notes=(note,),
        quotes=[Quote(str(r["words"]), f"({r['participant']})") for r in records if r["words"]],
    )  # fmt: skip


def _in_words(rows: Sequence[tuple[str, int]], one: str) -> str:
    shown = [f"{name} {counted(n, one)}" for name, n in rows[:12]]
    return "Bars: " + "; ".join(shown) + (" …" if len(rows) > 12 else ".")


# -- groups ------------------------------------------------------------------------------------


def spread_report(view: View, found: Spread, what: str = "code") -> Report:
    """Codes or themes by an attribute, n of N; cells that few people stand behind are masked."""
    least = thresholds().group_in_tables
    hidden = masked(found, least)
    under = f"<{least}"
    sizes = [under if size < least else str(size) for size in found.sizes]
    heads = [f"{label} (N = {size})" for label, size in zip(found.labels, sizes, strict=True)]
    rows: list[list[str]] = []
    records: list[dict[str, Value]] = []
    for row, marks in zip(found.rows, hidden, strict=True):
        cells = [
            "masked" if mark else _n_of(cell, size)
            for cell, size, mark in zip(row.cells, found.sizes, marks[:-1], strict=True)
        ]
        total = "masked" if marks[-1] else _n_of(row.total, found.total)
        rows.append([row.group.name, *cells, total])
        records.append(
            {
                what: row.group.name,
                **{
                    label: None if mark else cell.n
                    for label, cell, mark in zip(found.labels, row.cells, marks[:-1], strict=True)
                },
                "all": None if marks[-1] else row.total.n,
                "of": found.total,
            }
        )
    any_hidden = any(any(marks) for marks in hidden)
    name = found.attribute.name.replace("_", " ")
    kind = "Themes" if what == "theme" else "Codes"
    columns = (what, *found.labels, "all", "of")
    picture = _spread_picture(found, hidden)
    return view.report(
        "across-groups",
        f"{kind} by {name}",
        (f"Participants with at least one passage of it, by {name}; N = {found.total}.",),
        table(
            f"{kind} by {name}: participants, n of N",
            (
                Column(what.capitalize(), 2.2),
                *(Column(head) for head in heads),
                Column(f"All (N = {found.total})"),
            ),
            rows,
        ),
        columns,
        records,
        picture=(
            picture,
            f"{kind} by {name}, participants.",
            f"A grid of numbers, darker where a larger part of a group has it: {kind.lower()} by "
            f"{name}. The table holds the same numbers.",
        ),
        notes=(
            SPREAD_NOTE,
            f"Masked: fewer than {least} people in the group or in the cell, or a cell that would "
            "give such a one away."
            if any_hidden
            else "",
            f"{listed(found.shared)} stand in more than one column, as their interviews differ."
            if found.shared
            else "",
        ),
    )


def _n_of(cell: SpreadCell, size: int) -> str:
    share = f" ({100 * cell.n / size:.0f} %)" if size >= PERCENT_FROM else ""
    return f"{cell.n} of {size}{share}"


def _spread_picture(found: Spread, hidden: Sequence[Sequence[bool]]) -> Heat:
    values, labels = [], []
    for row, marks in zip(found.rows, hidden, strict=True):
        cells = [*zip(row.cells, found.sizes, strict=True), (row.total, found.total)]
        values.append(
            tuple(
                None if mark else (cell.n / size if size else 0.0)
                for (cell, size), mark in zip(cells, marks, strict=True)
            )
        )
        labels.append(
            tuple(
                "–" if mark else str(cell.n) for (cell, _), mark in zip(cells, marks, strict=True)
            )
        )
    return Heat(
        tuple(row.group.name for row in found.rows),
        (*found.labels, "all"),
        tuple(values),
        tuple(labels),
        "Participants; shading is the part of the group. A dash is a masked cell.",
    )


# -- codes together ----------------------------------------------------------------------------


def cooccurrence_report(view: View, found: Cooccurrence) -> Report:
    """Pairs of codes that meet, and the square of all."""
    where = "in one turn" if found.by == "turn" else "on the same words"
    records: list[dict[str, Value]] = [
        {
            "code": pair.one.name,
            "other_code": pair.other.name,
            "passages": pair.both,
            "participants": pair.participants,
            "with_either": pair.either,
            "jaccard": round(pair.jaccard, 4) if pair.jaccard is not None else None,
        }
        for pair in found.pairs
    ]
    met = [n for n in range(len(found.groups)) if found.passages[n, n]]
    names = [found.groups[n].name for n in met]
    square = tuple(
        {"code": found.groups[a].name}
        | {
            f"{k}. {name}": int(found.passages[a, b])
            for k, (b, name) in enumerate(zip(met, names, strict=True), start=1)
        }
        for a in met
    )
    columns = ("code", "other_code", "passages", "participants", "with_either", "jaccard")
    heat = heat_of(found)
    return view.report(
        "across-codes",
        "Codes that meet",
        (
            f"Two codes meet {where} in {counted(len(records), 'pair')} of codes. Meeting is not "
            "cause.",
        ),
        table(
            f"Pairs of codes {where}",
            (
                Column("Code", 2.0), Column("Meets", 2.0), Column("Passages", 0.8, numeric=True),
                Column("Participants", 0.9, numeric=True), Column("Jaccard", 0.7, numeric=True),
            ),
            [
                [
                    str(r["code"]), str(r["other_code"]), str(r["passages"]),
                    str(r["participants"]), number(r["jaccard"]),  # type: ignore[arg-type]
                ]
                for r in records
            ],
        ),
        columns,
        records,
        picture=(
            heat,
            f"Passages in which two codes meet {where}.",
            "A square of codes by codes, darker where more passages carry both. The table names "
            "each pair with its numbers.",
        )
        if heat.rows
        else None,
        sheets=(
            Sheet("Pairs", columns, tuple(records)),
            Sheet(
                "Passages with both",
                ("code", *(f"{k}. {name}" for k, name in enumerate(names, start=1))),
                square,
            ),
        ),
        notes=("Jaccard: passages with both over passages with either.",),
    )  # fmt: skip


def heat_of(found: Cooccurrence, most: int = 24) -> Heat:
    """The square of the codes that meet most, the diagonal left out."""
    off = found.passages.copy()
    for n in range(len(off)):
        off[n, n] = 0
    order = [n for n in (-off.sum(axis=1)).argsort(kind="stable").tolist() if off[n].any()][:most]
    order.sort()
    names = tuple(found.groups[n].name for n in order)
    return Heat(
        names,
        names,
        tuple(tuple(0.0 if a == b else float(off[a, b]) for b in order) for a in order),
        tuple(
            tuple("·" if a == b else str(off[a, b]) if off[a, b] else "" for b in order)
            for a in order
        ),
    )


# -- the framework matrix ----------------------------------------------------------------------


def matrix_report(
    view: View, found: Matrix, written: Mapping[tuple[str, str, str], Summary]
) -> Report:
    """The written summaries of people or interviews by themes or codes.

    ``written`` has them by participant, transcript and column.
    """
    heads = [group.name for group in found.columns]
    columns = ("row", *(f"{n}. {head}" for n, head in enumerate(heads, start=1)))
    rows, records = [], []
    passages = view.corpus.passages
    for line in found.rows:
        cells = []
        record: dict[str, Value] = {"row": line.label}
        for key, group, places in zip(columns[1:], found.columns, line.passages, strict=True):
            summary = written.get((line.participant, line.transcript, group.id))
            text = summary.text if summary else ""
            turns = [str(passages[n].turn) for n in places if passages[n].turn]
            told = counted(len(places), "passage")
            told += f": turns {', '.join(turns)}" if 0 < len(turns) <= 12 else ""
            cells.append(Cell(text, told if places else "no passage"))
            record[key] = text
        rows.append([Cell(line.label, strong=True), *cells])
        records.append(record)
    filled = sum(bool(summary.text) for summary in written.values())
    return view.report(
        "across-matrix",
        "Framework matrix",
        (
            f"{counted(len(found.rows), 'row')} by {counted(len(heads), 'column')}; "
            f"{counted(filled, 'cell')} summed up in writing.",
        ),
        table(
            "Summaries written from the passages of each cell",
            (Column("Participant" if found.by == "participant" else "Interview", 0.7),
             *(Column(head, 1.4) for head in heads)),
            rows,
        ),
        columns,
        records,
        picture=(
            _matrix_picture(found),
            "Passages behind each cell of the matrix.",
            "Heat map of the number of passages for each row and column of the framework matrix.",
        ),
        landscape=True,
    )  # fmt: skip


def _matrix_picture(found: Matrix) -> Heat:
    counts = [[len(places) for places in line.passages] for line in found.rows]
    return Heat(
        tuple(line.label for line in found.rows),
        tuple(group.name for group in found.columns),
        tuple(tuple(map(float, line)) for line in counts),
        tuple(tuple(str(n) if n else "" for n in line) for line in counts),
        "Passages behind each cell; the written summaries stand in the table.",
    )


# -- words -------------------------------------------------------------------------------------


def words_report(view: View, found: Frequencies, reader: str) -> Report:
    """The most frequent words, by group where an attribute was chosen."""
    words = found.words[:MOST_WORDS]
    if found.key is not None:
        words = tuple(sorted(found.words, key=lambda w: -(w.keyness or 0.0))[:MOST_WORDS])
    values = tuple(value or "missing" for value in found.values)
    columns = ("word", "count", "passages", "participants", *values)
    columns += ("keyness", "times_as_frequent") if found.key is not None else ()
    records: list[dict[str, Value]] = [
        {
            "word": word.word,
            "count": word.count,
            "passages": word.passages,
            "participants": word.participants,
            **dict(zip(values, word.groups, strict=True)),
            "keyness": round(word.keyness, 2) if word.keyness is not None else None,
            "times_as_frequent": round(word.ratio, 2) if word.ratio is not None else None,
        }
        for word in words
    ]
    shown = words[:25]
    said = [
        f"{found.total:,} words of {counted(found.people, 'participant')}, stop words and "
        f"interviewers left out; {reader}."
    ]
    if found.key is not None:
        said.append(
            f"Sorted by keyness: what sets “{found.key or 'missing'}” apart from the others "
            "(log-likelihood G²; it sorts, and tests nothing)."
        )
    return view.report(
        "across-words",
        "Words",
        said,
        table(
            "Words by how often they were said",
            (
                Column("Word", 1.6), Column("Count", 0.8, numeric=True),
                Column("Passages", 0.8, numeric=True), Column("Participants", 0.9, numeric=True),
                *(Column(value, 0.8, numeric=True) for value in values),
            ),
            [
                [
                    word.word, str(word.count), str(word.passages), str(word.participants),
                    *(str(n) for n in word.groups),
                ]
                for word in words
            ],
        ),
        columns,
        records,
        picture=(
            Bars(
                tuple(word.word for word in shown),
                (("Said", tuple(float(word.count) for word in shown)),),
                "How often it was said",
            ),
            "The words said most often.",
            _in_words([(word.word, word.count) for word in shown], "time"),
        )
        if shown
        else None,
    )  # fmt: skip


# -- saturation --------------------------------------------------------------------------------


def saturation_report(
    view: View,
    found: Saturation,
    interviews: Sequence[str],
    order: str,
    *,
    groups: Sequence[tuple[str, Saturation]] = (),
    judgement: str = "",
    reflexive: bool = False,
) -> Report:
    """The curve with all that it hangs on, beside it the estimate, and what the authors judge."""
    runs = {step.last: step for step in found.steps}
    records: list[dict[str, Value]] = []
    for place, (title, distinct, new) in enumerate(
        zip(interviews, found.distinct, found.new, strict=True), start=1
    ):
        step = runs.get(place)
        records.append(
            {
                "interview": title,
                "place": place,
                "new_codes": new,
                "codes_so_far": distinct,
                "new_in_run": step.new if step else None,
                "ratio": round(step.ratio, 4) if step else None,
                "random_low": found.low[place - 1] if found.low else None,
                "random_mean": found.middle[place - 1] if found.middle else None,
                "random_high": found.high[place - 1] if found.high else None,
            }
        )
    columns = tuple(records[0]) if records else ("interview",)
    return view.report(
        "across-saturation",
        "Saturation",
        (
            found.sentence,
            found.beside,
            f"Order: {order}. Band: {found.orders} random orders, seed {found.seed}. New codes of "
            "a run are set against those of the base (Guest et al. 2020); the estimate is Chao’s "
            "(1987), the coverage that of Chao and Jost (2012).",
            *(f"{name}: {each.sentence} {each.beside}" for name, each in groups),
            f"Judgement of the authors: {judgement}" if judgement else "",
        ),
        table(
            "New codes by interview",
            (
                Column("Interview", 1.6), Column("New codes", 0.8, numeric=True),
                Column("Codes so far", 0.9, numeric=True), Column("New in run", 0.9),
                Column("Of the base", 0.9), Column("Random orders", 1.2),
            ),
            [
                [
                    str(r["interview"]), str(r["new_codes"]), str(r["codes_so_far"]),
                    "" if r["new_in_run"] is None else str(r["new_in_run"]),
                    "" if r["ratio"] is None else f"{100 * float(r['ratio']):.1f} %",
                    "" if r["random_low"] is None
                    else f"{float(r['random_low']):.0f}–{float(r['random_high'] or 0):.0f}",
                ]
                for r in records
            ],
        ),
        columns,
        records,
        picture=(
            curves_of(found, interviews, groups),
            f"Codes met by interview; {found.notation}.",
            f"A rising curve of codes met so far, interview by interview: "
            f"{', '.join(map(str, found.distinct))}. New in each: "
            f"{', '.join(map(str, found.new))}.",
        )
        if found.distinct
        else None,
        notes=cautions(view, reflexive=reflexive),
    )  # fmt: skip


def cautions(view: View, *, reflexive: bool) -> tuple[str, ...]:
    """What has to be said beside a curve: of codes set in advance, of a reflexive analysis."""
    leaves = view.corpus.leaves
    a_priori = bool(leaves) and all(code.origin == "a_priori" for code in leaves)
    told = (CAUTION_A_PRIORI if a_priori else "", CAUTION_REFLEXIVE if reflexive else "", CAUTION)
    return tuple(sentence for sentence in told if sentence)


def curves_of(
    found: Saturation, interviews: Sequence[str], groups: Sequence[tuple[str, Saturation]] = ()
) -> Curves:
    lines = [Line("Codes so far", found.distinct, found.low, found.middle, found.high)]
    if groups:
        lines = [Line("Everybody", found.distinct)]
        lines += [Line(name, each.distinct) for name, each in groups]
    return Curves(tuple(interviews), found.new, tuple(lines), found.base, found.run)
