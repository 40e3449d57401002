"""All figures of an agreement in one place: transcripts and codings in, plain values out.

The supplement and the command line say the same because both take them from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

from qualcode.agreement import (
    Agreement,
    LayerAgreement,
    by_interview,
    by_round,
    by_segment,
    by_theme,
    by_version,
    compare_coders,
    compare_layers,
    costs_of_differences,
    side_by_side,
)
from qualcode.agreement.report import after
from qualcode.agreement.units import Unit
from qualcode.model import Code, CodingSet, Decision, Difference, Round, Transcript
from qualcode.reconciliation import (
    Passage,
    confusions,
    consensus,
    counts,
    counts_by_code,
    find_differences,
    find_passages,
    progress,
)

TOP = 3


def agreement_figures(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    *,
    unit: Unit = "turn",
    coders: Sequence[str] | None = None,
    codebook: Iterable[Code] = (),
    round: Round | None = None,
    rounds: Iterable[tuple[Round, CodingSet]] = (),
    layers: Iterable[tuple[str, CodingSet]] = (),
) -> dict[str, Any]:
    """The figures of `compare_coders` and what belongs beside them.

    Every sentence names the round, where it is not the main one. ``rounds`` are all rounds with
    their codings, for one line of overall figures each under ``rounds``. ``layers`` are codebook
    versions with what the coders' layers are under each, for the figures under ``recoded``.

    Added to ``Agreement.to_dict()`` are: ``summary``, ``unit_noun``, ``verdicts``, ``differences``
    by class, ``differences_by_code``, ``confusions``, ``costs``, ``themes``, ``drift``,
    ``codebook_versions``, ``recoded`` and ``sentences``. Of more than two coders the differences
    are those of every pair.
    """
    texts = tuple(transcripts)
    codes = tuple({code.id: code for code in (*codings.codes, *codebook)}.values())
    agreed = compare_coders(texts, codings, unit=unit, coders=coders, codebook=codes, round=round)
    found = differences_of_pairs(agreed, texts, codings, codes)
    names = agreed.coders
    costs = costs_of_differences(texts, codings, found, unit=unit, coders=names, codebook=codes)
    drift = by_interview(texts, codings, unit=unit, coders=names)
    versions = by_version(texts, codings, unit=unit, coders=names)
    themes = by_theme(texts, codings, unit=unit, coders=names, codebook=codes, round=round)
    recoded = side_by_side(texts, layers, unit=unit, coders=names, round=round)
    where = agreed.where
    segments = by_segment(texts, codings, coders=names)
    return {
        **agreed.to_dict(),
        "summary": str(agreed),
        "unit_noun": agreed.unit_noun,
        "verdicts": agreed.verdicts,
        "differences": counts(found),
        "differences_by_code": counts_by_code(found),
        "confusions": confusion_rows(found, codes),
        "costs": costs.to_dict()
        | {
            "costliest": {
                row.kind: [cost.code for cost in costs.costliest(row.kind, TOP)]
                for row in costs.classes
            }
        },
        "themes": [asdict(row) | {"marked": list(row.marked)} for row in themes],
        "drift": drift.to_dict(),
        "codebook_versions": versions.to_dict(),
        "recoded": recoded.to_dict(),
        "segments": [row.to_dict() for row in segments],
        "rounds": by_round(texts, rounds, unit=unit).to_dict(),
        "sentences": {
            "coverage": agreed.coverage_sentence,
            "overall": agreed.overall_sentence,
            "verdicts": agreed.verdict_sentence,
            "costs": after(where, costs.sentence),
            "drift": after(where, drift.sentence),
            "codebook_versions": after(where, versions.sentence),
            "recoded": after(where, recoded.sentence) if recoded.lines else "",
            "methods": agreed.methods_sentence,
        },
    }


def differences_of_pairs(
    agreed: Agreement,
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    codes: Iterable[Code] | None = None,
) -> tuple[Difference, ...]:
    """Where every two of the coders part in what was compared, in the order of the pairs."""
    counted = set(agreed.coverage.counted)
    ids = [text.id for text in transcripts if text.id in counted]
    book = None if codes is None else tuple(codes)
    return tuple(
        difference
        for pair in combinations(agreed.coders, 2)
        for difference in find_differences(codings, pair, transcripts=ids, codes=book)
    )


def settled_transcripts(
    transcripts: Iterable[Transcript], codings: CodingSet, decisions: Iterable[Decision]
) -> tuple[tuple[Transcript, ...], tuple[Transcript, ...]]:
    """Transcripts that several submitted: those where all is settled, and the others."""
    kept = tuple(decisions)
    settled: list[Transcript] = []
    waiting: list[Transcript] = []
    places = Counter(transcript for _, transcript in codings.sealed)
    found: dict[str, list[Passage]] = {}
    for passage in find_passages(codings, transcripts=places):
        found.setdefault(passage.transcript, []).append(passage)
    for text in transcripts:
        if places[text.id] > 1:
            done, total = progress(found.get(text.id, ()), kept)
            (settled if done == total else waiting).append(text)
    return tuple(settled), tuple(waiting)


def against_consensus(
    transcripts: Iterable[Transcript],
    codings: CodingSet,
    decisions: Iterable[Decision],
    coder: str,
    *,
    label: str = "",
    unit: Unit = "turn",
) -> tuple[LayerAgreement | None, tuple[Transcript, ...]]:
    """One coder against what was settled, where nothing is left to settle.

    The figures, None as long as no transcript of this coder is settled, and the transcripts that do
    not count because differences are open.
    """
    kept = tuple(decisions)
    settled, waiting = settled_transcripts(transcripts, codings, kept)
    both = [text.id for text in settled if (coder, text.id) in codings.sealed]
    if not both:
        return None, waiting
    found = compare_layers(
        [text for text in settled if text.id in both],
        [coding for coding in codings if coding.coder == coder],
        consensus(codings, kept),
        (label or coder, "the consensus"),
        both=both,
        codebook=codings.codes,
        codes=[code.id for code in codings.codes if code.codable],
        unit=unit,
    )
    return found, waiting


def confusion_rows(
    differences: Iterable[Difference], codes: Iterable[Code]
) -> list[dict[str, Any]]:
    """Pairs of codes that were chosen one for the other, most often first.

    ``sibling`` pairs stand under one parent: their two definitions need a clearer border.
    """
    tree = {code.id: code for code in codes}

    def name(code: str) -> str:
        return tree[code].name if code in tree else code

    def parent(code: str) -> str | None:
        return tree[code].parent if code in tree else None

    return [
        {
            "code": one,
            "name": name(one),
            "other_code": other,
            "other_name": name(other),
            "count": count,
            "sibling": parent(one) is not None and parent(one) == parent(other),
        }
        for (one, other), count in confusions(differences)
    ]
