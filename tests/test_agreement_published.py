"""Numbers printed in the literature, of reference software and of definitions, one test each.

Reads every ``*.json`` of the form of ``golden/agreement/agreement.json`` in that folder and, when
``QUALCODE_GOLDEN`` names a folder, in that one too.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from qualcode.agreement import cells as of
from qualcode.agreement import compare_coders
from qualcode.agreement.cells import Cells
from qualcode.agreement.coefficients import (
    brennan_prediger,
    cohen_kappa,
    fleiss_category,
    fleiss_kappa,
    gwet_ac,
    holsti,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    scott_pi,
)
from qualcode.agreement.gamma import disorder, gamma
from qualcode.agreement.intervals import kalpha_interval, unit_interval
from qualcode.agreement.sets import (
    jaccard_distance,
    masi_distance,
    nominal_distance,
    set_alpha,
)
from qualcode.agreement.unitizing import (
    alpha_unitizing_2004,
    segment_f1,
    u_alpha,
    unitizing_alpha,
)
from qualcode.model import Code, Coding, CodingSet, Transcript, Turn
from qualcode.reconciliation import agreed, find_differences, united
from qualcode.spans import Span

FOLDERS = [Path(__file__).parent / "golden" / "agreement"]
if os.environ.get("QUALCODE_GOLDEN"):
    FOLDERS.append(Path(os.environ["QUALCODE_GOLDEN"]))


def entries():
    """Each entry of each file once: a second folder may hold a file of the first again."""
    seen = []
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.json")):
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or "entries" not in content:
                continue
            for entry in content["entries"]:
                if entry not in seen:
                    seen.append(entry)
    return seen


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["id"])
def test_it_gives_the_published_value(entry):
    for name, expected in leaves(entry["expected"]):
        found = MEASURES[entry["format"]](entry, *name)
        agree(found, expected, entry["tolerance"], name)
    for name, precise in leaves(entry.get("precise") or {}):
        # A reference that samples at random has no digits beyond the tolerance.
        if "bootstrap" not in entry["id"] and "gamma" not in entry["id"]:
            agree(MEASURES[entry["format"]](entry, *name), precise, 1e-5, name)


def leaves(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def agree(found, expected, tolerance, name):
    label = " / ".join(name)
    if expected is None or isinstance(expected, str):
        assert found == expected, f"{label}: {found} instead of {expected}"
    else:
        assert found is not None, f"{label}: undefined instead of {expected}"
        assert found == pytest.approx(expected, abs=tolerance), label


def value(estimate):
    return None if estimate is None else estimate.value


def error(estimate):
    return None if estimate is None else estimate.se


def on_units(entry, name):
    """Coders x units: ratings with any number of values."""
    ratings = entry["data"]
    declared = entry.get("categories")
    if entry["id"].startswith("bootstrap"):
        kripp = entry.get("method", "").startswith("Kripp")
        interval = (kalpha_interval if kripp else unit_interval)(ratings, resamples=20_000)
        return {
            "lo": interval.low,
            "hi": interval.high,
            "q_0.667": interval.q_667,
            "q_0.8": interval.q_800,
            "q_0.800": interval.q_800,
        }[name]
    if name.startswith("fleiss_category:"):
        wanted = name.split(":", 1)[1]
        values = {v for row in ratings for v in row if v is not None}
        return fleiss_category(ratings, next(v for v in values if str(v) == wanted))
    if name.startswith("alpha_"):
        return krippendorff_alpha(ratings, name.removeprefix("alpha_"))
    quick = {
        "percent": lambda: value(percent_agreement(ratings)),
        "percent_se": lambda: error(percent_agreement(ratings)),
        "alpha": lambda: krippendorff_alpha(ratings),
        "light": lambda: light_kappa(ratings),
        "fleiss": lambda: value(fleiss_kappa(ratings)),
        "fleiss_se": lambda: error(fleiss_kappa(ratings)),
        "fleiss_quadratic": lambda: value(fleiss_kappa(ratings, "quadratic")),
        "bp_quadratic": lambda: value(brennan_prediger(ratings, "quadratic", declared)),
        "ac_quadratic": lambda: value(gwet_ac(ratings, "quadratic", declared)),
        "ac_se": lambda: error(gwet_ac(ratings, categories=declared)),
        "bp_se": lambda: error(brennan_prediger(ratings, categories=declared)),
    }
    for same in ("bp", "S", "pabak", "randolph", "free_marginal"):
        quick[same] = lambda: value(brennan_prediger(ratings, categories=declared))
    for same in ("ac", "ac1"):
        quick[same] = lambda: value(gwet_ac(ratings, categories=declared))
    if name in quick:
        return quick[name]()
    first, second = ratings
    kappa = cohen_kappa(first, second)
    return {
        "kappa": kappa.value,
        "kappa_po": kappa.observed,
        "kappa_pe": kappa.expected,
        "kappa_max": kappa.maximum,
        "kappa_se": kappa.se,
        "kappa_se0": kappa.se_null,
        "kappa_se_null": kappa.se_null,
        "pi": scott_pi(first, second),
    }[name]


def on_sets(entry, name):
    distance = {"masi": masi_distance, "jaccard": jaccard_distance, "nominal": nominal_distance}
    return set_alpha(entry["data"], distance[name.removeprefix("alpha_")])


def on_set_pair(entry, name):
    return {"masi": masi_distance, "jaccard": jaccard_distance}[name](*entry["data"])


def on_cells(entry, name):
    data = entry["data"]
    if "b_plus_c" in data:
        data = {**data, "b": data["b_plus_c"], "c": 0}
        assert name in ("percent", "f1", "iou", "holsti", "alpha", "pi", "pabak", "ac", "ac1", "S")
    found = Cells(data["a"], data["b"], data["c"], data["d"])
    return cell_value(found, name)


def cell_value(found, name):
    if name == "kappa_max":
        a, b, c, d = found.both, found.only_a, found.only_b, found.neither
        return cohen_kappa(
            [1] * (a + b) + [0] * (c + d), [1] * a + [0] * b + [1] * c + [0] * d
        ).maximum
    other = {"ac": of.ac1, "S": of.pabak, "bp": of.pabak, "holsti": of.f1, "dice": of.f1}
    other |= {"jaccard": of.iou, "char_f1": of.f1, "kappa_pe": of.kappa_expected}
    other |= {"prevalence": of.prevalence_index, "bias": of.bias_index}
    function = other.get(name) or of.COEFFICIENTS[name.replace("alpha_nominal", "alpha")]
    return function(found)


def on_counts(entry, name):
    data = entry["data"]
    assert name == "holsti"
    return holsti(data["agreements"], data["n1"], data["n2"])


def on_spans(entry, name):
    """Spans of one code by two or more coders."""
    data = entry["data"]
    coders = {coder: [Span(*s) for s in spans] for coder, spans in data["coders"].items()}
    if match := re.fullmatch(r"f1_(iou|overlap)_([\d.]+)", name):
        first, second = coders.values()
        return segment_f1(first, second, threshold=float(match[2]), rule=match[1])
    if name in ("u", "bu"):
        return u_alpha([(data["length"], coders)])
    if name == "alpha_unitizing_2004":
        return alpha_unitizing_2004(data["length"], list(coders.values()))
    length = data.get("length", max(span.end for spans in coders.values() for span in spans))
    row = on_characters(length, coders, dict.fromkeys(coders, "complete"))
    return row_value(row, name)


def on_edge(entry, name):
    data = entry["data"]
    coders = {coder: [Span(*s) for s in spans] for coder, spans in data["coders"].items()}
    status = {coder: data["status"].get(coder, "not_finished") for coder in coders}
    return row_value(on_characters(data["length"], coders, status), name)


def row_value(row, name):
    """A figure of one code as `compare_coders` gives it."""
    name = {"ac": "ac1", "char_f1": "f1", "holsti": "f1", "S": "pabak", "bp": "pabak"}.get(
        name, {"a": "both", "b": "only_a", "c": "only_b", "d": "neither"}.get(name, name)
    )
    if name == "n":
        return row.both + row.only_a + row.only_b + row.neither
    return getattr(row, name)


def on_characters(length, coders, status):
    """One code on the characters of one transcript, by the whole way of `compare_coders`."""
    data = {
        "documents": [{"id": "T", "length": length, "turns": []}],
        "codes": [{"id": "code", "parent": None}],
        "coders": list(coders),
        "status": {"T": status},
        "spans": [
            {"document": "T", "coder": coder, "code": "code", "start": s.start, "end": s.end}
            for coder, spans in coders.items()
            for s in spans
        ],
    }
    transcripts, codings, read_to = study(data)
    return compare_coders(
        transcripts,
        codings,
        unit="character",
        mask="none",
        coders=list(coders),
        read_to=read_to,
        resamples=0,
    ).codes[0]


def on_values(entry, name):
    """Spans with values: the alphas of unitizing."""
    data = entry["data"]
    coders = {
        coder: [(Span(start, end), value) for start, end, value in spans]
        for coder, spans in data["coders"].items()
    }
    if name == "gamma":
        return gamma(coders)
    if name == "best_alignment_disorder":
        return disorder(coders)
    found = unitizing_alpha([(data["length"], coders)])
    if ":" in name:
        kind, wanted = name.split(":", 1)
        table = found.by_value if kind == "ku" else found.coverage_by_value
        return next(number for key, number in table.items() if str(key) == wanted)
    return {"u": found.u, "bu": found.binary, "cu": found.coded, "coverage": found.coverage}[name]


def on_taxonomy(entry, name):
    data = entry["data"]
    coders = list(data["coders"])
    codings = [
        Coding("T", coder, code, Span(start, end), "x" * (end - start), id=f"{coder}-{number}")
        for coder, spans in data["coders"].items()
        for number, (start, end, code) in enumerate(spans)
    ]
    codes = [Code(code, code, parent) for code, parent in data["parents"].items()]
    found = find_differences(codings, coders, codes=codes)
    counted = {
        "agreement": len(agreed(codings, coders)),
        "boundary": sum(d.kind == "boundary" for d in found),
        "choice": sum(d.kind == "choice" and not d.sibling for d in found),
        "choice_distant": sum(d.kind == "choice" and not d.sibling for d in found),
        "choice_sibling": sum(d.kind == "choice" and d.sibling for d in found),
        "omission": sum(d.kind == "omission" for d in found),
        "omission_by_first": sum(d.kind == "omission" and d.a is None for d in found),
        "omission_by_second": sum(d.kind == "omission" and d.b is None for d in found),
    }
    return counted[name]


def study(data):
    """A golden project as our values: transcripts, codings, and how far each coder read."""
    transcripts = []
    for document in data["documents"]:
        turns = tuple(
            Turn(who, "interviewer" if who.lower().startswith("int") else "participant", Span(s, e))
            for s, e, who in document.get("turns", ())
        )
        title = document["id"]
        transcripts.append(Transcript(title, "x" * document["length"], turns, id=title))
    sealed, pending, read_to = set(), set(), {}
    for document, states in data["status"].items():
        for coder, state in states.items():
            pair = (coder, document)
            if position := reading(state):
                sealed.add(pair)
                read_to[pair] = position
            else:
                (sealed if state == "complete" else pending).add(pair)
    codings = tuple(
        Coding(
            span["document"],
            span["coder"],
            span["code"],
            Span(span["start"], span["end"]),
            "x" * (span["end"] - span["start"]),
            id=str(number),
        )
        for number, span in enumerate(data["spans"])
    )
    codes = tuple(Code(code["id"], code["id"], code.get("parent")) for code in data["codes"])
    return transcripts, CodingSet(codings, frozenset(sealed), frozenset(pending), codes), read_to


def reading(state):
    """The position in "read_to: 300" or {"read_to": 300}; nothing for other states."""
    if isinstance(state, dict):
        return state.get("read_to")
    match = re.fullmatch(r"read_to\D*(\d+)", str(state))
    return int(match[1]) if match else None


def on_project(entry, part, *path):
    """A whole small study: characters, roll-up, turns, label sets, unitizing."""
    data = entry["data"]
    transcripts, codings, read_to = study(data)
    kind = part.removesuffix("_alpha_all_coders").removesuffix("_rollup")
    if part == "u_alpha":
        pair, code = path
        return project_u(data, codings, read_to, pair.split("-"), code)
    if part == "turn_sets":
        found = compare_coders(transcripts, codings, resamples=0, read_to=read_to)
        if path == ("units",):
            return found.n_units
        if path == ("alpha_masi",):
            return found.overall.value
        if path == ("alpha_jaccard",):
            return jaccard_on_turns(transcripts, codings, read_to, data["coders"])
    coders = path[0].split("-") if len(path) == 3 else data["coders"]
    found = compare_coders(
        transcripts,
        codings,
        unit="character" if kind == "characters" else "turn",
        mask="none" if kind == "characters" else "interviewer",
        coders=coders,
        rollup=part.endswith("_rollup"),
        read_to=read_to,
        resamples=0,
    )
    if len(path) == 3:
        return row_value(found.code(path[1]), path[2])
    return found.code(path[0]).alpha


def project_u(data, codings, read_to, coders, code):
    """u-alpha of one code over the documents that both coders completed, as far as both read."""
    continua = []
    for document in data["documents"]:
        pairs = [(coder, document["id"]) for coder in coders]
        if not all(pair in codings.sealed for pair in pairs):
            continue
        length = min(read_to.get(pair, document["length"]) for pair in pairs)
        own = {
            coder: [
                Span(c.span.start, min(c.span.end, length))
                for c in united(c for c in codings if (c.coder, c.transcript) == (coder, where))
                if c.code == code and c.span.start < length
            ]
            for coder, where in pairs
        }
        continua.append((length, own))
    return u_alpha(continua)


def jaccard_on_turns(transcripts, codings, read_to, coders):
    """Jaccard alpha with each turn's sets read off one code at a time."""
    rows = {coder: [] for coder in coders}
    for transcript in transcripts:
        for turn in transcript.participant_turns:
            for coder in coders:
                pair = (coder, transcript.id)
                read = read_to.get(pair, len(transcript.text))
                if pair not in codings.sealed or read < turn.span.end:
                    rows[coder].append(None)
                    continue
                rows[coder].append(labels(transcript, turn, codings, coder))
    return set_alpha(list(rows.values()), jaccard_distance)


def labels(transcript, turn, codings, coder):
    """The codes on one turn by the rule as it is written, without arrays."""
    found = set()
    for coding in united(c for c in codings if c.coder == coder and c.transcript == transcript.id):
        shared = {t: coding.span.overlap(t.span) for t in transcript.turns}
        marked = [
            t
            for t, n in shared.items()
            if n and (2 * n >= t.span.length or 2 * n >= coding.span.length)
        ]
        if turn in (marked or [max(shared, key=shared.get)]):
            found.add(coding.code)
    return found


MEASURES = {
    "coders_x_units": on_units,
    "coders_x_unit_sets": on_sets,
    "set_pair": on_set_pair,
    "abcd": on_cells,
    "counts": on_counts,
    "spans_one_code": on_spans,
    "spans_values": on_values,
    "edge_one_code": on_edge,
    "taxonomy": on_taxonomy,
    "project": on_project,
}
