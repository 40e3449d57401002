"""Agreement: what is covered, one overall value, codes by verdict, where the coders part."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from qualcode.agreement import Agreement, compare_coders
from qualcode.model import CodingSet, Difference
from qualcode.reconciliation import find_differences
from qualcode.store import Study
from qualcode.ui import parts, state

UNITS = {
    "turn": "Participant turn",
    "sentence": "Sentence",
    "paragraph": "Paragraph",
    "character": "Character",
    "document": "Transcript",
}
VERDICTS = {
    "reliable": "Reliable",
    "tentative": "Tentative",
    "not_reliable": "Not reliable",
    "worse_than_chance": "Worse than chance",
    "too_rare": "Too rare to judge",
    "code_not_used": "Not used",
    "no_variation": "Undefined: no variation",
    "only_in_masked_text": "Only in text not compared",
    "no_pairable_text": "Undefined: no text in common",
}
KINDS = {
    "boundary": "Boundary: same code, other extent",
    "choice": "Code choice: one passage, two codes",
    "omission": "Omission: one coder coded it",
}
COLUMNS = {
    "name": "Code",
    "verdict": "Verdict",
    "alpha": "α",
    "interval": "95 % interval",
    "kappa": "κ",
    "f1": "F1",
    "percent": "Percent",
    "n1": "",
    "n2": "",
    "both": "Both",
    "differences": "Differences",
    "reason": "Note",
}


def code_table(agreed: Agreement, differences: tuple[Difference, ...], names: list[str]) -> None:
    parts_of = Counter(
        code for d in differences for code in {c.code for c in (d.a, d.b) if c is not None}
    )
    rows = []
    for code in agreed.to_dict()["codes"]:
        low, high = code["low"], code["high"]
        rows.append(
            {
                "name": code["name"],
                "verdict": VERDICTS[code["verdict"] or code["reason"]],
                "alpha": code["alpha"],
                "interval": f"{low:.2f} to {high:.2f}" if low is not None else "",
                "kappa": code["kappa"],
                "f1": code["f1"],
                "percent": None if code["percent"] is None else 100 * code["percent"],
                "n1": code["n1"],
                "n2": code["n2"],
                "both": code["both"],
                "differences": parts_of[code["code"]],
                "reason": code["note"],
            }
        )
    rows.sort(key=lambda row: (-row["differences"], row["alpha"] is None, row["alpha"] or 0))
    labels = {**COLUMNS, "n1": names[0], "n2": names[1]}
    st.dataframe(
        pd.DataFrame(rows).rename(columns=labels),
        hide_index=True,
        height=min(620, 38 + 35 * len(rows)),
        column_config={
            "Code": st.column_config.TextColumn(width="medium", pinned=True),
            "α": st.column_config.NumberColumn(format="%.3f"),
            "κ": st.column_config.NumberColumn(format="%.3f"),
            "F1": st.column_config.NumberColumn(format="%.2f"),
            "Percent": st.column_config.NumberColumn(format="%.1f %%"),
        },
        key="agreement.codes",
        alt="Agreement for each code",
    )


def where_they_part(
    study: Study, codings: CodingSet, differences: tuple[Difference, ...], names: list[str]
) -> None:
    st.subheader("Where the coders part", anchor=False)
    if not differences:
        parts.note("Nowhere: every coding of one coder is matched by the other’s.")
        return
    kinds = Counter(difference.kind for difference in differences)
    for kind, words in KINDS.items():
        if kinds[kind]:
            st.markdown(f"**{kinds[kind]}** {words}")
    codes = {code.id: code for code in codings.codes}
    pairs = Counter(
        frozenset((d.a.code, d.b.code)) for d in differences if d.kind == "choice" and d.a and d.b
    )
    for pair, count in pairs.most_common(3):
        one, two = sorted(pair, key=lambda code: codes[code].order if code in codes else 0)
        st.html(f"{parts.chip(codes.get(one), one)} ↔ {parts.chip(codes.get(two), two)} × {count}")
    if study.seat is None or study.seat.is_lead:
        st.page_link(
            parts.page("reconcile"), label="Settle the differences", icon=":material/handshake:"
        )


def transcript_table(agreed: Agreement, titles: dict[str, str], names: list[str]) -> None:
    table = agreed.to_dict().get("transcripts") or []
    if not table:
        return
    st.subheader("By transcript", anchor=False)
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Transcript": titles.get(row["transcript"], row["transcript"]),
                    "Units": row["n_units"],
                    "α": row["alpha"],
                    "κ": row["kappa"],
                    "Only " + names[0]: row["only_a"],
                    "Only " + names[1]: row["only_b"],
                }
                for row in table
            ]
        ).dropna(axis="columns", how="all"),
        hide_index=True,
        column_config={
            "α": st.column_config.NumberColumn(format="%.3f"),
            "κ": st.column_config.NumberColumn(format="%.3f"),
        },
        alt="Agreement for each transcript",
    )


def summary(agreed: Agreement) -> None:
    found = agreed.to_dict()
    parts.note(f"{agreed.coverage_sentence} {agreed.overall_sentence}")
    overall, pooled = found["overall"], found["pooled"]
    with st.container(horizontal=True, gap="large", key="agreement.figures"):
        value = overall["value"]
        st.metric(
            "Overall α (code sets, MASI)",
            "undefined" if value is None else f"{value:.3f}",
            width="content",
            help="Krippendorff’s alpha on the set of codes of each unit.",
        )
        st.metric(
            "95 % interval",
            "–" if overall["low"] is None else f"{overall['low']:.2f} to {overall['high']:.2f}",
            width="content",
            help="From 1,000 resamples of transcripts.",
        )
        for label, key in (("Pooled κ", "kappa"), ("Pooled α", "alpha")):
            value = pooled[key]
            st.metric(
                label,
                "undefined" if value is None else f"{value:.4f}",
                width="content",
                help="All codes × units in one table.",
            )
        st.metric("Units", f"{found['n_units']:,}", width="content")
    st.markdown(parts.plain(agreed.verdict_sentence))
    st.caption(
        "Reliable from α .800, tentative from .667 (Krippendorff): conventions, whose right place "
        "depends on what an error costs. Agreement is a tool for talking about the codebook."
    )


with state.current_study() as study:
    parts.head("Agreement", "How far the coders agree, from submitted codings only.")
    if parts.comparable(study, "Agreement opens when both coders have submitted."):
        unit = st.segmented_control(
            "Compared per",
            list(UNITS),
            format_func=UNITS.get,
            default="turn",
            required=True,
            key="agreement.unit",
        )
        codings = study.codings()
        agreed = compare_coders(study.transcripts(), codings, unit=unit)
        labels = parts.coder_labels(study, taken=COLUMNS.values())
        pair = (agreed.coders[0], agreed.coders[1])
        names = [labels[name] for name in pair]
        differences = find_differences(codings, pair)
        summary(agreed)
        code_table(agreed, differences, names)
        left, right = st.columns(2, gap="large")
        with left:
            where_they_part(study, codings, differences, names)
        with right:
            transcript_table(agreed, study.titles(), names)
        st.subheader("For the methods section", anchor=False)
        st.code(agreed.methods_sentence, language=None, wrap_lines=True)
