"""``qualcode explore``: passages by query, tables of participants, words and saturation as rows."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from qualcode.cli.tables import as_json, show
from qualcode.errors import BadCommand
from qualcode.model import Attribute
from qualcode.queries import (
    Corpus,
    by_date,
    codes_of,
    concordance,
    cooccurrence,
    frequencies,
    retrieve,
    saturation,
    spread,
    stated,
)
from qualcode.queries.saturation import BASE, ORDERS, RUN, THRESHOLD
from qualcode.reports import Report
from qualcode.reports.across import (
    View,
    cautions,
    cooccurrence_report,
    corpus_of,
    passages_report,
    saturation_report,
    spread_report,
    words_report,
)
from qualcode.reports.across.readers import spoken_words
from qualcode.reports.facts import GROUP, REFLEXIVE
from qualcode.reports.release import let_out
from qualcode.store import Study, open_study

Arguments = argparse.Namespace
Rows = list[dict[str, Any]]
Answer = tuple[Rows, Sequence[str], Report]
"""Rows, what is said with them on a terminal, and the report for a file."""


def options_of_explore(parser: argparse.ArgumentParser) -> None:
    """What can be asked, and how."""
    parser.add_argument("what", choices=list(ASKED), metavar="WHAT", help=", ".join(ASKED))
    parser.add_argument(
        "asked", nargs="?", metavar="QUERY", help="a query, or a word whose places are wanted"
    )
    parser.add_argument(
        "--layer", default="", help="consensus, the name of a coder, or words; else what is there"
    )
    parser.add_argument("--by", metavar="ATTRIBUTE", help="the attribute to tell people apart by")
    parser.add_argument("--themes", action="store_true", help="count themes in place of codes")
    parser.add_argument(
        "--overlap", action="store_true", help="codes on the same words, not only in one turn"
    )
    parser.add_argument("--key", metavar="VALUE", help="words that set this group apart first")
    parser.add_argument("--as-said", action="store_true", help="words as said, no base forms")
    parser.add_argument("--most", type=int, metavar="N", help="so many rows at most")
    parser.add_argument("--base", type=int, default=BASE, metavar="N", help="interviews of a base")
    parser.add_argument("--run", type=int, default=RUN, metavar="N", dest="run_length",
                        help="interviews of a run")  # fmt: skip
    parser.add_argument(
        "--threshold", type=float, default=THRESHOLD, metavar="SHARE", help="0.05, or 0"
    )
    parser.add_argument("--order", metavar="TITLES", help="a stated order: titles with commas")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the random orders")
    parser.add_argument(
        "--file", metavar="FILE", help="write a draft with its picture: docx, xlsx, html, md, csv"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--csv", action="store_true", help="as CSV")


def explore(options: Arguments) -> None:
    """Print what is asked, or write it as a draft, which is kept in the register of exports."""
    with open_study(options.study) as study:
        corpus, layer = corpus_of(study, options.layer)
        labels = {"consensus": "Consensus", "words": "Words alone"}
        view = View(
            corpus, layer, study.title, labels.get(layer.kind, f"Codings of {layer.id}"),
            study.codebook().version, date.today(),
            study.setting("report.group_attribute") or GROUP,
        )  # fmt: skip
        rows, said, report = ASKED[options.what](study, view, options)
        if options.file:
            ending = options.file.rpartition(".")[2]
            content = let_out(study, report, ending, name=_name(options.file)).content
            try:
                with open(options.file, "wb") as out:
                    out.write(content)
            except OSError as error:
                raise BadCommand(
                    f"{options.file} cannot be written there ({error.strerror})."
                ) from error
            print(f"A draft is in {options.file}; it is kept in the register of exports.")
            return
    if options.most is not None:
        rows = rows[: max(0, options.most)]
    if options.json:
        as_json({"layer": layer.id, "note": layer.note, "said": list(said), "rows": rows})
        return
    show(options, rows)
    if not options.csv:
        for line in (layer.note, *said):
            print(line) if line else None


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _passages(study: Study, view: View, options: Arguments) -> Answer:
    if not options.asked:
        raise BadCommand("Say what to look for, as: explore STUDY passages 'code:\"Trust\"'")
    found = retrieve(view.corpus, options.asked)
    names = {code.id: code.name for code in view.corpus.codes}
    rows = [
        {
            "participant": each.passage.participant,
            "interview": view.corpus.transcript[each.passage.transcript].title,
            "turn": each.passage.turn or None,
            "start": each.passage.span.start,
            "end": each.passage.span.end,
            "codes": "; ".join(names.get(code, code) for code in each.codes),
            "words": view.corpus.words[number],
        }
        for number, each in zip(found.numbers, found.found(), strict=True)
    ]
    return rows, [found.sentence], passages_report(view, found)


def _groups(study: Study, view: View, options: Arguments) -> Answer:
    attribute = _attribute(view.corpus, options.by or view.group)
    what = "theme" if options.themes else "code"
    found = spread(view.corpus, attribute, view.corpus.groups(what))
    rows = [
        {
            what: row.group.name,
            **{label: cell.n for label, cell in zip(found.labels, row.cells, strict=True)},
            "all": row.total.n,
            "of": found.total,
            "passages": row.total.passages,
        }
        for row in found.rows
    ]
    sizes = ", ".join(f"{label} {n}" for label, n in zip(found.labels, found.sizes, strict=True))
    said = [f"Participants by {attribute.name}: {sizes}; {found.total} in all."]
    return rows, said, spread_report(view, found, what)


def _codes(study: Study, view: View, options: Arguments) -> Answer:
    found = cooccurrence(view.corpus, by="overlap" if options.overlap else "turn")
    rows = [
        {
            "code": pair.one.name,
            "meets": pair.other.name,
            "passages": pair.both,
            "participants": pair.participants,
            "jaccard": pair.jaccard,
        }
        for pair in found.pairs
    ]
    return rows, [], cooccurrence_report(view, found)


def _words(study: Study, view: View, options: Arguments) -> Answer:
    attribute = _attribute(view.corpus, options.by) if options.by else None
    if options.key is not None and attribute is None:
        raise BadCommand("--key is a value of the attribute that --by names; give both.")
    if attribute is not None and options.key not in (None, *view.corpus.values(attribute)):
        known = ", ".join(view.corpus.values(attribute))
        raise BadCommand(f"{attribute.name} is never “{options.key}”; there is {known}.")
    spoken, told = spoken_words(view.corpus, lemmas=not options.as_said)
    found = frequencies(spoken, attribute=attribute, key=options.key)
    report = words_report(view, found, told)
    if options.asked:
        rows: Rows = [
            {
                "participant": line.passage.participant,
                "interview": view.corpus.transcript[line.passage.transcript].title,
                "turn": line.passage.turn or None,
                "left": line.left,
                "word": line.word,
                "right": line.right,
            }
            for line in concordance(spoken, options.asked.casefold())
        ]
        return rows, [told], report
    words = list(found.words)
    if options.key is not None:
        words.sort(key=lambda word: -(word.keyness or 0.0))
    rows = [
        {
            "word": word.word,
            "count": word.count,
            "passages": word.passages,
            "participants": word.participants,
            **{v or "missing": n for v, n in zip(found.values, word.groups, strict=True)},
            **({"keyness": word.keyness} if options.key is not None else {}),
        }
        for word in words[: 200 if options.most is None else None]
    ]
    return rows, [f"{found.total:,} words; {told}."], report


def _saturation(study: Study, view: View, options: Arguments) -> Answer:
    corpus = view.corpus
    if options.order:
        order, told = stated(corpus, options.order.split(",")), "stated"
    else:
        order, told = by_date(corpus), "interview date"
        if undated := sum(t.interview_date is None for t in order):
            told = f"interview date; {undated} without one taken last"
    asked = {"base": options.base, "run": options.run_length, "threshold": options.threshold}
    found = saturation(codes_of(corpus, order), orders=ORDERS, seed=options.seed, **asked)
    groups = []
    if options.by:
        attribute = _attribute(corpus, options.by)
        for value in corpus.values(attribute):
            own = [t for t in order if corpus.value(attribute, t) == value]
            each = saturation(codes_of(corpus, own), orders=ORDERS, seed=options.seed, **asked)
            groups.append((value, each))
    reflexive = REFLEXIVE in study.setting("approach").casefold()
    steps = {step.last: step for step in found.steps}
    rows = [
        {
            "interview": text.title,
            "new_codes": new,
            "codes_so_far": distinct,
            "new_in_run": steps[n].new if n in steps else None,
            "ratio": steps[n].ratio if n in steps else None,
            "random_low": found.low[n - 1] if found.low else None,
            "random_high": found.high[n - 1] if found.high else None,
        }
        for n, (text, new, distinct) in enumerate(
            zip(order, found.new, found.distinct, strict=True), start=1
        )
    ]
    said = [
        found.sentence,
        found.beside,
        *(f"{name}: {each.sentence} {each.beside}" for name, each in groups),
        f"Order: {told}. Band of {found.orders} random orders, seed {found.seed}.",
        *cautions(view, reflexive=reflexive),
    ]
    report = saturation_report(
        view, found, [t.title for t in order], told, groups=groups,
        judgement=study.setting("saturation.position").strip(), reflexive=reflexive,
    )  # fmt: skip
    return rows, said, report


def _attribute(corpus: Corpus, name: str) -> Attribute:
    for attribute in corpus.fields:
        if attribute.name.casefold() == name.casefold() and corpus.values(attribute):
            return attribute
    known = ", ".join(a.name for a in corpus.fields if corpus.values(a)) or "none yet"
    raise BadCommand(f"There is no attribute “{name[:60]}” with a value; there is {known}.")


ASKED: dict[str, Callable[[Study, View, Arguments], Answer]] = {
    "passages": _passages,
    "groups": _groups,
    "codes": _codes,
    "words": _words,
    "saturation": _saturation,
}
