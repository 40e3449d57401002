"""The tables and the plot of the agreement page; values in, elements on the page out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from qualcode.agreement import (
    COEFFICIENTS,
    CONVENTION,
    Agreement,
    Costs,
    Drift,
    LayerAgreement,
    Rounds,
    SideBySide,
    Versions,
)
from qualcode.model import Code, Difference, DifferenceKind, Transcript
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
ORDER = ("worse_than_chance", "not_reliable", "tentative", "reliable", "too_rare")
"""Verdicts as the table lists them."""
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
MOST = 25
"""So many passages are shown at once."""
_SHORT = {
    "α": COEFFICIENTS["alpha"],
    "κ": COEFFICIENTS["kappa"],
    "Overall α": COEFFICIENTS["alpha_masi"],
    "Overall α so far": COEFFICIENTS["alpha_masi"],
}


def per_code(differences: Sequence[Difference]) -> Counter[str]:
    """How many differences each code has part in."""
    return Counter(
        code for d in differences for code in {c.code for c in (d.a, d.b) if c is not None}
    )


def code_rows(
    agreed: Agreement, differences: Sequence[Difference], codes: Sequence[Code] = ()
) -> list[dict[str, Any]]:
    """One row a code: those that are not reliable first, then by their differences.

    With ``codes``, the tree, the differences of a code are also those of what stands below it.
    """
    parting = per_code(differences)
    if codes:
        for row in agreed.codes:
            below = codes_below(row.code, codes)
            parting[row.code] = sum(bool(codes_of(d) & below) for d in differences)
    rows = []
    for code in agreed.to_dict()["codes"]:
        low, high = code["low"], code["high"]
        rows.append(
            {
                "code": code["code"],
                "name": code["name"],
                "verdict": VERDICTS[code["verdict"] or code["reason"]]
                + (", uncertain" if code["uncertain"] and code["verdict"] != "too_rare" else ""),
                "place": ORDER.index(code["verdict"]) if code["verdict"] in ORDER else len(ORDER),
                "alpha": code["alpha"],
                "low": low,
                "high": high,
                "interval": _interval(low, high),
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
    rows.sort(
        key=lambda row: (
            *(row["place"], -row["differences"], row["alpha"] is None, row["alpha"] or 0),
        )
    )
    return rows


def explained(agreed: Agreement, name: str, denominator: str = "") -> str:
    """What a number is, on demand: meaning, formula, source, unit, denominator, who, version."""
    known = COEFFICIENTS[name]
    of = denominator or (
        f"Of {agreed.units_counted} in {parts.count(agreed.n_transcripts, 'transcript')}"
    )
    return parts.plain(
        f"{known.label}. {known.meaning} Formula: {known.formula}. Source: {known.source}. "
        f"{of}. Coders: {', '.join(agreed.coders)}. qualcode {agreed.version}."
    )


def resampled(agreed: Agreement) -> str:
    """What the interval rests on."""
    if not agreed.resampled:
        return "Nothing could be resampled"
    return (
        f"From {agreed.resamples:,} resamples of {agreed.resampled}, seed {agreed.seed}; "
        f"{agreed.units_counted} in {parts.count(agreed.n_transcripts, 'transcript')}"
    )


def codes_below(code: str, codes: Sequence[Code]) -> set[str]:
    """The ids of a code and of all that stand below it."""
    found = {code}
    while more := {c.id for c in codes if c.parent in found} - found:
        found |= more
    return found


def code_table(
    agreed: Agreement,
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    key: str = "agreement.codes",
) -> str | None:
    """The table of codes; the code of the row that is chosen."""
    labels = {**COLUMNS, "n1": names[0], "n2": names[1]}
    shown = pd.DataFrame(rows)[list(COLUMNS)].rename(columns=labels)
    event = st.dataframe(
        shown.style.apply(_grey, axis=1),
        hide_index=True,
        height=min(520, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Code": st.column_config.TextColumn(width="medium"),
            "Verdict": st.column_config.TextColumn(help=parts.plain(CONVENTION)),
            "α": _number(agreed, "alpha"),
            "95 % interval": st.column_config.TextColumn(help=explained(agreed, "interval")),
            "κ": _number(agreed, "kappa"),
            "F1": _number(agreed, "f1", "%.2f"),
            "Percent": _number(agreed, "percent", "%.1f %%"),
            labels["n1"]: st.column_config.NumberColumn(help=_marked(agreed, names[0])),
            labels["n2"]: st.column_config.NumberColumn(help=_marked(agreed, names[1])),
            "Both": st.column_config.NumberColumn(help=_marked(agreed, "both")),
        },
        key=key,
        alt="Agreement for each code; choosing a row shows its differences",
    )
    chosen = _chosen(event, len(rows))
    return None if chosen is None else str(rows[chosen]["code"])


def _grey(row: pd.Series[Any]) -> list[str]:
    """A code too rare to judge stands back: its value is no verdict."""
    grey = "#98a2b3" if st.context.theme.type == "dark" else "#667085"
    return [f"color: {grey}" if row["Verdict"] == VERDICTS["too_rare"] else ""] * len(row)


def _number(agreed: Agreement, name: str, form: str = "%.3f") -> Any:
    return st.column_config.NumberColumn(format=form, help=explained(agreed, name))


def _marked(agreed: Agreement, who: str) -> str:
    return parts.plain(
        f"{agreed.unit_noun}s that {who} marked, of {agreed.units_counted}".capitalize()
    )


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
    labels: Mapping[str, str],
    codes: Mapping[str, Code],
    go: str | None,
) -> str | None:
    """The differences of a code and of those below it; the id of the one to settle, if pressed."""
    st.html(parts.chip(code))
    parts.note(code.brief_definition)
    below = codes_below(code.id, list(codes.values()))
    mine = [d for d in differences if codes_of(d) & below]
    return passages(mine, texts, labels, codes, go, f"codes.{code.id}")


def codes_of(difference: Difference) -> set[str]:
    """The codes that a difference is about."""
    return {coding.code for coding in (difference.a, difference.b) if coding is not None}


def passages(
    shown: Sequence[Difference],
    texts: Mapping[str, Transcript],
    labels: Mapping[str, str],
    codes: Mapping[str, Code],
    go: str | None,
    place: str,
) -> str | None:
    """Differences with their words and who coded what; the id of the one to settle, if pressed."""
    if not shown:
        parts.note("The coders do not part here.")
    for difference in shown[:MOST]:
        text = texts[difference.transcript]
        said = [
            f"{labels[name]}: {codes[coding.code].name if coding.code in codes else coding.code}"
            for name, coding in zip(difference.coders, (difference.a, difference.b), strict=True)
            if coding is not None
        ]
        hue = next((codes[c].color for c in sorted(codes_of(difference)) if c in codes), "")
        parts.quotation(
            text.text[difference.span.slice],
            f"{text.title} · {KINDS[difference.kind]} · {'; '.join(said)}",
            hue,
        )
        if go and st.button(go, key=f"agreement.go.{place}.{difference.id}"):
            return difference.id
    if len(shown) > MOST:
        parts.note(f"And {len(shown) - MOST:,} more; Reconcile lists them all.")
    return None


def class_table(costs: Costs) -> DifferenceKind | None:
    """How the coders part, by class: what it costs, and the codes that would gain most.

    The class of the row that is chosen.
    """
    shown = [row for row in costs.classes if row.cases]
    rows = [
        {
            "Class": KINDS[row.kind],
            "Count": row.cases,
            "Costs α": row.gain,
            "Costliest codes": ", ".join(
                f"{code.name} ({code.gain:+.2f})" for code in costs.costliest(row.kind)
            ),
        }
        for row in shown
    ]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Costs α": st.column_config.NumberColumn(
                format="%.3f",
                help="How much overall alpha would rise if all of this class were resolved in "
                "favour of the code.",
            )
        },
        key="agreement.classes",
        alt="Classes of difference and what they cost; choosing a row shows its passages",
    )
    return shown[chosen].kind if (chosen := _chosen(event, len(shown))) is not None else None


def confusion_table(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """Codes chosen one for the other; the two of the row that is chosen."""
    event = st.dataframe(
        pd.DataFrame(
            [
                {
                    "×": row["count"],
                    "Code": row["name"],
                    "Other code": row["other_name"],
                    "Stand": "under one theme" if row["sibling"] else "apart",
                }
                for row in rows
            ]
        ),
        hide_index=True,
        height=min(215, 40 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={"×": st.column_config.NumberColumn(width=40, help="How many times")},
        key="agreement.confusions",
        alt="Codes taken one for the other; choosing a row shows the passages",
    )
    chosen = _chosen(event, len(rows))
    return None if chosen is None else (rows[chosen]["code"], rows[chosen]["other_code"])


def _chosen(event: Any, count: int) -> int | None:
    """The row that is chosen, if it is still there."""
    rows = event.selection.rows
    return rows[0] if rows and rows[0] < count else None


def drift_table(drift: Drift) -> str | None:
    """Agreement interview by interview, and over all up to each; the interview chosen."""
    parts.note(drift.sentence)
    chosen = figures_table(
        [
            {
                "Interview": point.title,
                "Date": point.date.isoformat() if point.date else None,
                "Units": point.here.n_units,
                "Overall α": point.here.alpha,
                "Overall α so far": point.so_far.alpha,
            }
            for point in drift.points
        ],
        "agreement.drift",
        "Agreement in the order of the interviews",
    )
    return None if chosen is None else drift.points[chosen].transcript


def version_table(versions: Versions) -> tuple[str, ...] | None:
    """Agreement split by codebook version; the transcripts of the row that is chosen."""
    parts.note(versions.sentence)
    chosen = figures_table(
        [
            {
                "Codebook version": line.version,
                "Transcripts": ", ".join(line.titles),
                "Units": line.figures.n_units,
                "Overall α": line.figures.alpha,
            }
            for line in versions.lines
        ],
        "agreement.versions",
        "Agreement for each codebook version",
    )
    return None if chosen is None else versions.lines[chosen].transcripts


def recoded_tables(
    recoded: SideBySide, codes: Mapping[str, Code], labels: Mapping[str, str]
) -> None:
    """Each version's figures in a line, and beside one another the codes that changed."""
    parts.note(recoded.sentence)
    figures_table(
        [
            {
                "Codebook version": line.version,
                "Transcripts": line.agreement.n_transcripts,
                "Units": line.agreement.n_units,
                "Overall α": line.agreement.overall.value,
                "95 % interval": _interval(line.agreement.overall.low, line.agreement.overall.high),
                "Pooled κ": line.agreement.pooled.kappa,
            }
            for line in recoded.lines
        ],
        "agreement.recoded",
        "Agreement under each codebook version",
        select=False,
    )
    rows = []
    for code in recoded.changed:
        row: dict[str, object] = {"Code": codes[code].name if code in codes else code}
        for line in recoded.lines:
            found = next((c for c in line.agreement.codes if c.code == code), None)
            for number, coder in enumerate(line.agreement.coders[:2]):
                row[f"{labels.get(coder, coder)}, {line.version}"] = (
                    found.marked[number] if found else None
                )
            kappa = found.kappa if found else None
            row[f"κ, {line.version}"] = "–" if kappa is None else f"{kappa:.3f}"
        rows.append(row)
    if rows:
        parts.note("Codes that are not what they were:")
        figures_table(
            rows, "agreement.recoded.codes", "Codes under each codebook version", select=False
        )


def round_table(rounds: Rounds, labels: Mapping[str, str]) -> None:
    """One line a round; a pilot's says so."""
    parts.note(rounds.sentence)
    figures_table(
        [
            {
                "Round": line.name,
                "Coders": " and ".join(labels.get(name, name) for name in line.coders),
                "Transcripts": ", ".join(line.titles),
                "Units": line.n_units,
                "Overall α": line.overall.value,
                "95 % interval": _interval(line.overall.low, line.overall.high),
                "κ": line.pooled.kappa,
            }
            for line in rounds.lines
        ],
        "agreement.rounds",
        "Agreement for each round",
        select=False,
    )


def layer_figures(found: LayerAgreement, sentence: str, key: str) -> None:
    """Two layers that are no independent coders: what they are, the codes, the methods."""
    parts.note(f"{found.coverage_sentence} {sentence}")
    rows = code_rows(found, ())
    st.dataframe(
        pd.DataFrame(rows)[["name", "alpha", "interval", "f1", "n1", "n2", "both", "note"]].rename(
            columns={
                **COLUMNS,
                "n1": found.coders[0],
                "n2": found.coders[1],
                "interval": "95 % interval",
            }
        ),
        hide_index=True,
        placeholder="–",
        height=min(300, 38 + 35 * len(rows)),
        column_config={"α": _number(found, "alpha"), "F1": _number(found, "f1", "%.2f")},
        key=f"{key}.codes",
        alt=f"{found.compared}, code by code",
    )
    st.code(found.methods_sentence, language=None, wrap_lines=True)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def explanations(agreed: Agreement, unit: str) -> None:
    """What each number on the page means, how it is computed, and where that is written."""
    with st.expander("What these numbers mean"):
        parts.note(
            f"{agreed.round.name}. Unit: {unit.lower()}; {agreed.rule}. Coders: "
            f"{', '.join(agreed.coders)}. Masked: {agreed.mask}. {resampled(agreed)}. "
            f"qualcode {agreed.version}."
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


def figures_table(
    rows: Sequence[Mapping[str, Any]], key: str, alt_text: str, *, select: bool = True
) -> int | None:
    """Rows whose α and κ have three decimals and – where they are undefined; the one chosen."""
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        on_select="rerun" if select else "ignore",
        selection_mode="single-row",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f", help=parts.plain(str(known)))
            for name, known in _SHORT.items()
        },
        key=key,
        alt=f"{alt_text}; choosing a row shows its passages" if select else alt_text,
    )
    return _chosen(event, len(rows)) if select else None
