"""The tables and the plot of the agreement page; values in, elements on the page out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from qualcode.agreement import COEFFICIENTS, Agreement, Costs, Drift, Versions
from qualcode.model import Code, Difference, Transcript
from qualcode.ui import parts

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
KINDS = {"boundary": "Boundary", "choice": "Code choice", "omission": "Omission"}
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
    "note": "Note",
}
LINES = (0.667, 0.8)
EXPLAINED = ("alpha_masi", "alpha", "kappa", "f1", "percent", "interval", "q_667", "q_800")
_THREE = st.column_config.NumberColumn(format="%.3f")


def per_code(differences: Sequence[Difference]) -> Counter[str]:
    """How many differences each code has part in."""
    return Counter(
        code for d in differences for code in {c.code for c in (d.a, d.b) if c is not None}
    )


def code_rows(agreed: Agreement, differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """One row a code, those with most differences first."""
    parting = per_code(differences)
    rows = []
    for code in agreed.to_dict()["codes"]:
        low, high = code["low"], code["high"]
        rows.append(
            {
                "code": code["code"],
                "name": code["name"],
                "verdict": VERDICTS[code["verdict"] or code["reason"]],
                "alpha": code["alpha"],
                "low": low,
                "high": high,
                "interval": f"{low:.2f} to {high:.2f}" if low is not None else "",
                "kappa": code["kappa"],
                "f1": code["f1"],
                "percent": None if code["percent"] is None else 100 * code["percent"],
                "n1": code["n1"],
                "n2": code["n2"],
                "both": code["both"],
                "differences": parting[code["code"]],
                "note": code["note"],
            }
        )
    rows.sort(key=lambda row: (-row["differences"], row["alpha"] is None, row["alpha"] or 0))
    return rows


def code_table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str | None:
    """The table of codes; the code of the row that is chosen."""
    labels = {**COLUMNS, "n1": names[0], "n2": names[1]}
    event = st.dataframe(
        pd.DataFrame(rows)[list(COLUMNS)].rename(columns=labels),
        hide_index=True,
        height=min(520, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Code": st.column_config.TextColumn(width="medium"),
            "α": _THREE,
            "κ": _THREE,
            "F1": st.column_config.NumberColumn(format="%.2f"),
            "Percent": st.column_config.NumberColumn(format="%.1f %%"),
        },
        key="agreement.codes",
        alt="Agreement for each code; choosing a row shows its differences",
    )
    chosen = event.selection.rows
    return str(rows[chosen[0]]["code"]) if chosen and chosen[0] < len(rows) else None


def code_plot(rows: Sequence[Mapping[str, Any]]) -> None:
    """α of each code with its interval, against the two lines; rare codes are hollow."""
    shown = pd.DataFrame([row for row in rows if row["alpha"] is not None])
    if shown.empty:
        parts.note("No code has a defined value.")
        return
    order = shown.sort_values("alpha")["name"].tolist()
    shown["Judged"] = shown["verdict"].map(
        lambda verdict: "too rare to judge" if verdict == VERDICTS["too_rare"] else "judged"
    )
    place = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    low = float(min(0.0, shown["alpha"].min(), shown["low"].min(skipna=True)))
    scale = alt.Scale(domain=[low, 1.0])
    base = alt.Chart(shown)
    lines = (
        alt.Chart(pd.DataFrame({"at": LINES}))
        .mark_rule(strokeDash=[4, 4], color="#8a94a3")
        .encode(x="at:Q")
    )
    intervals = base.mark_rule(strokeWidth=2, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, title="Krippendorff’s α (95 % interval)"),
        x2="high:Q",
        y=place,
    )
    points = base.mark_point(size=70, strokeWidth=2).encode(
        x=alt.X("alpha:Q", scale=scale),
        y=place,
        fillOpacity=alt.condition(alt.datum.Judged == "judged", alt.value(1), alt.value(0)),
        tooltip=[
            alt.Tooltip("name:N", title="Code"),
            alt.Tooltip("alpha:Q", title="α", format=".3f"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("verdict:N", title="Verdict"),
        ],
    )
    st.altair_chart(
        (lines + intervals + points).properties(height=24 * len(shown) + 20), key="agreement.plot"
    )
    st.caption("Hollow: too rare to judge. Dashed: the conventions .667 and .800.")


def code_passages(
    code: Code,
    differences: Sequence[Difference],
    texts: Mapping[str, Transcript],
    names: Sequence[str],
    go: str | None,
) -> str | None:
    """The differences of one code with their words; the id of the one to settle, if pressed."""
    st.html(parts.chip(code))
    parts.note(code.brief_definition)
    mine = [d for d in differences if code.id in {c.code for c in (d.a, d.b) if c is not None}]
    if not mine:
        parts.note("The coders do not part on this code.")
    for difference in mine:
        text = texts[difference.transcript]
        who = [
            name if coding is not None and coding.code == code.id else ""
            for name, coding in zip(names, (difference.a, difference.b), strict=True)
        ]
        said = " and ".join(name for name in who if name)
        parts.quotation(
            text.text[difference.span.slice],
            f"{text.title} · {KINDS[difference.kind]} · coded so by {said}",
            code.color,
        )
        if go and st.button(go, key=f"agreement.go.{difference.id}"):
            return difference.id
    return None


def class_table(costs: Costs) -> None:
    """How the coders part, by class: what it costs, and the codes that would gain most."""
    rows = [
        {
            "Class": KINDS[row.kind],
            "Count": row.cases,
            "Costs α": row.gain,
            "Costliest codes": ", ".join(
                f"{code.name} ({code.gain:+.2f})" for code in costs.costliest(row.kind)
            ),
        }
        for row in costs.classes
        if row.cases
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        column_config={"Costs α": _THREE},
        key="agreement.classes",
        alt="Classes of difference and what they cost",
    )


def drift_table(drift: Drift) -> None:
    """Agreement interview by interview, and over all up to each."""
    parts.note(drift.sentence)
    figures_table(
        [
            {
                "Interview": point.title,
                "Date": point.date.isoformat() if point.date else None,
                "Units": point.here.n_units,
                "α": point.here.alpha,
                "α so far": point.so_far.alpha,
            }
            for point in drift.points
        ],
        "agreement.drift",
        "Agreement in the order of the interviews",
    )


def version_table(versions: Versions) -> None:
    """Agreement split by the codebook version under which the coders worked."""
    parts.note(versions.sentence)
    figures_table(
        [
            {
                "Codebook version": line.version,
                "Transcripts": ", ".join(line.titles),
                "Units": line.figures.n_units,
                "α": line.figures.alpha,
            }
            for line in versions.lines
        ],
        "agreement.versions",
        "Agreement for each codebook version",
    )


def explanations(agreed: Agreement, unit: str) -> None:
    """What each number on the page means, how it is computed, and where that is written."""
    with st.expander("What these numbers mean"):
        parts.note(
            f"Unit: {unit.lower()}. Coders: {', '.join(agreed.coders)}. Masked: {agreed.mask}. "
            f"Seed {agreed.seed}, {agreed.resamples:,} resamples. qualcode {agreed.version}."
        )
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Number": coefficient.label,
                        "Meaning": coefficient.meaning,
                        "Formula": coefficient.formula,
                        "Source": coefficient.source,
                    }
                    for coefficient in (COEFFICIENTS[name] for name in EXPLAINED)
                ]
            ),
            hide_index=True,
            row_height=56,
            key="agreement.explained",
            alt="The coefficients with meaning, formula and source",
        )


def figures_table(rows: Sequence[Mapping[str, Any]], key: str, alt_text: str) -> None:
    """Rows whose α and κ are shown to three decimals and – where they are undefined."""
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        column_config={"α": _THREE, "κ": _THREE, "α so far": _THREE},
        key=key,
        alt=alt_text,
    )
