"""Agreement: what is covered, one overall value, codes by verdict, where the coders part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from qualcode.agreement import (
    Agreement,
    Unit,
    by_interview,
    by_theme,
    by_version,
    compare_coders,
    costs_of_differences,
)
from qualcode.model import CodingSet, Difference
from qualcode.reconciliation import confusions, find_differences
from qualcode.store import Study
from qualcode.ui import agreement_views as views
from qualcode.ui import parts, state

UNITS: dict[Unit, str] = {
    "turn": "Participant turn",
    "sentence": "Sentence",
    "paragraph": "Paragraph",
    "character": "Character",
    "document": "Transcript",
}


def summary(agreed: Agreement) -> None:
    parts.note(f"{agreed.coverage_sentence} {agreed.overall_sentence}")
    overall, pooled = agreed.overall, agreed.pooled
    with st.container(horizontal=True, gap="large", key="agreement.figures"):
        st.metric(
            "Overall α (code sets, MASI)",
            "undefined" if overall.value is None else f"{overall.value:.3f}",
            width="content",
            help="Krippendorff’s alpha on the set of codes of each unit (MASI distance).",
        )
        st.metric(
            "95 % interval",
            "–" if overall.low is None else f"{overall.low:.2f} to {overall.high:.2f}",
            width="content",
            help="From 1,000 resamples of transcripts.",
        )
        for label, value in (("Pooled κ", pooled.kappa), ("Pooled α", pooled.alpha)):
            st.metric(
                label,
                "undefined" if value is None else f"{value:.4f}",
                width="content",
                help="All codes × units in one table.",
            )
        st.metric("Units", f"{agreed.n_units:,}", width="content")
    st.markdown(parts.plain(agreed.verdict_sentence))
    st.caption(
        "Reliable from α .800, tentative from .667 (Krippendorff): conventions, whose right place "
        "depends on what an error costs. Agreement is a tool for talking about the codebook."
    )


def where_they_part(
    study: Study, codings: CodingSet, differences: tuple[Difference, ...], unit: Unit
) -> None:
    st.subheader("Where the coders part", anchor=False)
    if not differences:
        parts.note("Nowhere: every coding of one coder is matched by the other’s.")
        return
    costs = costs_of_differences(study.transcripts(), codings, differences, unit=unit)
    codes = {code.id: code for code in codings.codes}
    left, right = st.columns([3, 2], gap="large")
    with left:
        views.class_table(costs)
        parts.note(costs.sentence)
    with right:
        parts.note("One code taken for the other:")
        for (one, two), count in confusions(differences)[:4]:
            st.html(
                f"{parts.chip(codes.get(one), one)} ↔ {parts.chip(codes.get(two), two)} × {count}"
            )
        if study.seat is None or study.seat.is_lead:
            st.page_link(parts.page("reconcile"), label="Settle them", icon=":material/handshake:")


def by_code(
    study: Study,
    agreed: Agreement,
    codings: CodingSet,
    differences: tuple[Difference, ...],
    names: Sequence[str],
) -> None:
    rows = views.code_rows(agreed, differences)
    chosen = views.code_table(rows, names)
    if chosen is None:
        parts.note("Choose a row to read the passages on which the coders part.")
        return
    lead = study.seat is None or study.seat.is_lead
    texts = {transcript.id: transcript for transcript in study.transcripts()}
    code = next(code for code in codings.codes if code.id == chosen)
    place = views.code_passages(code, differences, texts, names, "Settle this" if lead else None)
    if place:
        st.session_state[state.DIFFERENCE] = place
        st.switch_page(parts.page("reconcile"))


def by_transcript(agreed: Agreement, names: Sequence[str]) -> None:
    views.figures_table(
        [
            {
                "Transcript": row.title,
                "Units": row.n_units,
                "α": row.alpha,
                "κ": row.kappa,
                "Both": row.both,
                f"Only {names[0]}": row.only_a,
                f"Only {names[1]}": row.only_b,
            }
            for row in agreed.transcripts
        ],
        "agreement.transcripts",
        "Agreement for each transcript, all codes in one table",
    )


def of_themes(study: Study, codings: CodingSet, unit: Unit) -> None:
    themes = by_theme(study.transcripts(), codings, unit=unit)
    if not themes:
        parts.note("No code of the codebook stands under another.")
        return
    parts.note("A passage with any code of a theme counts for the theme.")
    views.figures_table(
        [
            {
                "Theme": row.name,
                "Verdict": views.VERDICTS[row.verdict or row.reason or "no_variation"],
                "α": row.alpha,
                "κ": row.kappa,
                "Both": row.both,
                "Only one": row.only_a + row.only_b,
            }
            for row in themes
        ],
        "agreement.themes",
        "Agreement for each theme",
    )


def by_pair(agreed: Agreement, labels: dict[str, str]) -> None:
    views.figures_table(
        [
            {
                "Coders": " and ".join(labels[name] for name in row.coders),
                "α": row.alpha,
                "κ": row.kappa,
            }
            for row in agreed.pairs
        ],
        "agreement.pairs",
        "Agreement for each pair of coders",
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
        labels = parts.coder_labels(study, taken=views.COLUMNS.values())
        pair = (agreed.coders[0], agreed.coders[1])
        names = [labels[name] for name in pair]
        differences = find_differences(codings, pair)
        summary(agreed)
        where_they_part(study, codings, differences, unit)
        transcripts = study.transcripts()
        tables: dict[str, Callable[[], None]] = {
            "By code": lambda: by_code(study, agreed, codings, differences, names),
            "As a plot": lambda: views.code_plot(views.code_rows(agreed, differences)),
            "By theme": lambda: of_themes(study, codings, unit),
            "By transcript": lambda: by_transcript(agreed, names),
            "Over the interviews": lambda: views.drift_table(
                by_interview(transcripts, codings, unit=unit)
            ),
            "By codebook version": lambda: views.version_table(
                by_version(transcripts, codings, unit=unit)
            ),
        }
        if len(agreed.coders) > 2:
            tables["By pair"] = lambda: by_pair(agreed, labels)
        for tab, table in zip(st.tabs(list(tables)), tables.values(), strict=True):
            with tab:
                table()
        views.explanations(agreed, UNITS[unit])
        st.subheader("For the methods section", anchor=False)
        st.code(agreed.methods_sentence, language=None, wrap_lines=True)
